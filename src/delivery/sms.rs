//! Short messages to the organisation's webhook: one POST of JSON each, tried again with growing pauses, given up when it is refused.
//! Holds up no letter. Called by `daemon`.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::outbox::State;
use crate::store::sms::{self, SmsRow};
use crate::store::{self, Store};
use crate::wire::{self, Endpoint, Stream, Tls};

/// How long a webhook may take, in all.
const LIMIT: Duration = Duration::from_secs(20);
/// Pauses between tries, in seconds; after the last one it is given up.
const PAUSES: [i64; 6] = [60, 300, 900, 3600, 3 * 3600, 6 * 3600];
/// A claimed try is nobody else's for so long, in seconds.
const CLAIM: i64 = 120;
/// Of an answer no more than this is read.
const ANSWER: usize = 4096;
/// How often to look for new ones, in seconds: an urgent notice waits no longer.
const LOOK: i64 = 5;

/// The webhook.
#[derive(Debug, Clone)]
pub struct SmsSettings {
    /// Where it is.
    pub endpoint: Endpoint,
    /// From the path on.
    pub target: String,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<SecretString>,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SmsCount {
    /// Taken by the webhook.
    pub sent: u64,
    /// To be tried again.
    pub later: u64,
    /// Given up.
    pub refused: u64,
}

/// Tries every message that is due; `all`: whatever its pause.
///
/// # Errors
/// The store's trouble.
pub async fn send_due(settings: &SmsSettings, store: &Store, clock: &Clock, all: bool) -> Result<SmsCount, store::Error> {
    let mut count = SmsCount::default();
    for row in sms::due(store, clock.now(), all).await? {
        let now = clock.now();
        if !sms::claim(store, &row, now.plus_seconds(CLAIM)).await? {
            continue;
        }
        let answer = tokio::time::timeout(LIMIT, post(settings, &row)).await.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let pause = usize::try_from(row.attempts).ok().and_then(|n| PAUSES.get(n));
        let (state, next, why) = match (answer, pause) {
            (Ok(status), _) if (200..300).contains(&status) => (State::Sent, now, format!("HTTP {status}")),
            // 408, 425 and 429 ask for patience; other 4xx refuse this very message (RFC 9110 §15.5).
            (Ok(status), _) if (400..500).contains(&status) && !matches!(status, 408 | 425 | 429) => {
                (State::Never, now, format!("HTTP {status}"))
            }
            (Ok(status), Some(pause)) => (State::Later, now.plus_seconds(*pause), format!("HTTP {status}")),
            (Err(why), Some(pause)) => (State::Later, now.plus_seconds(*pause), why),
            (Ok(status), None) => (State::Never, now, format!("HTTP {status}")),
            (Err(why), None) => (State::Never, now, why),
        };
        match state {
            State::Sent => count.sent += 1,
            State::Never => count.refused += 1,
            State::Queued | State::Claimed | State::InDoubt | State::Later | State::Withdrawn => count.later += 1,
        }
        tracing::info!(sms = row.id, state = state.as_str(), "a short message was tried");
        sms::book(store, &row.id, state, next, now, &why).await?;
    }
    Ok(count)
}

/// Sends as messages fall due, until it is stopped; `told` is woken when one was given up.
pub async fn run_sms(settings: SmsSettings, store: Store, clock: Clock, told: Arc<Notify>, stop: CancellationToken) {
    loop {
        match send_due(&settings, &store, &clock, false).await {
            Ok(count) if count.refused > 0 => told.notify_one(),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "short messages wait for the store"),
        }
        let look = clock.now().plus_seconds(LOOK);
        let next = sms::next_due(&store).await.ok().flatten().map_or(look, |at| at.min(look).max(clock.now().plus_seconds(1)));
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep_until(next) => {}
        }
    }
}

/// Posts one message; the status that came back.
async fn post(settings: &SmsSettings, row: &SmsRow) -> Result<u16, String> {
    let told = |e: wire::Error| e.to_string();
    let line = wire::connect(&settings.endpoint, LIMIT).await.map_err(told)?;
    let mut stream = match settings.endpoint.tls {
        Tls::Implicit | Tls::StartTls => wire::encrypt(line, &settings.endpoint, LIMIT).await.map_err(told)?,
        Tls::None => Stream::Plain(line),
    };
    let body = serde_json::json!({ "id": row.id, "to": row.phone, "text": row.text }).to_string();
    let token = settings.token.as_ref().map_or_else(String::new, |t| format!("Authorization: Bearer {}\r\n", t.expose_secret()));
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: redress\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\
         Idempotency-Key: {}\r\n{token}Connection: close\r\n\r\n",
        settings.target,
        settings.endpoint.host,
        body.len(),
        row.id
    );
    stream.write_all(head.as_bytes()).await.map_err(|e| e.to_string())?;
    stream.write_all(body.as_bytes()).await.map_err(|e| e.to_string())?;
    stream.flush().await.map_err(|e| e.to_string())?;
    status(&mut stream).await
}

/// The status line's number (RFC 9112 §4).
async fn status(stream: &mut Stream) -> Result<u16, String> {
    let mut read = Vec::new();
    let mut piece = [0_u8; 512];
    while !read.contains(&b'\n') && read.len() < ANSWER {
        match stream.read(&mut piece).await {
            Ok(0) => break,
            Ok(n) => read.extend(piece.iter().take(n)),
            Err(error) => return Err(error.to_string()),
        }
    }
    let line = String::from_utf8_lossy(&read).lines().next().unwrap_or_default().to_owned();
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).and_then(|code| code.parse().ok());
    status.ok_or_else(|| "no HTTP answer".to_owned())
}
