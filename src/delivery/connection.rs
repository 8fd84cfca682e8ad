//! One SMTP connection, driven step by step: lettre's whole-mail call forgets at which step it failed, aborts on a refused
//! recipient and has no read timeouts. Every step has its own timeout here; after anything but a plain answer the connection is
//! broken and must be dropped. Used by `batch` and the probe.

use std::{error::Error as _, sync::Arc, time::Duration};

use futures_util::FutureExt;

use lettre::transport::smtp::{
    Error as SmtpError,
    authentication::{Credentials, Mechanism},
    client::AsyncSmtpConnection,
    extension::ClientId,
    response::Response,
};
use secrecy::ExposeSecret;
use tokio::sync::Notify;

use super::{
    Error, Settings, Why, gate,
    outcome::{Attempt, is_about_server},
    transport::{Transport, start_tls},
};
use crate::failpoint;
use crate::wire::{self, Login, Progress, Stream, Tls};

/// Content goes out in pieces of so many bytes.
const PIECE: usize = 64 * 1024;
/// ASCII content of up to so many bytes goes out in one write; lettre's own way looks at every byte by itself.
const WHOLE: usize = 256 * 1024;

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Any step before the dot, without a byte moving.
    pub step: Duration,
    /// From the dot to its answer (RFC 5321 §4.5.3.2.6: 10 minutes).
    pub dot: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { step: Duration::from_secs(60), dot: Duration::from_secs(600) }
    }
}

/// What the server can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Features {
    pub eight_bit: bool,
    pub utf8: bool,
    /// The largest mail in bytes; `None` when it named none.
    pub size: Option<u64>,
}

/// See the file's header.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    progress: Progress,
    patience: Patience,
    features: Features,
    broken: bool,
}

/// An answer to one command.
enum Answer {
    Positive(Response),
    Negative { code: u16, text: String },
    Broken(&'static str),
}

impl Connection {
    /// Connects, encrypts as configured, greets and logs in.
    ///
    /// # Errors
    /// [`Error::Wire`] without a connection, [`Error::Login`] when refused, [`Error::Server`] when the server wants none of us.
    pub(super) async fn open(settings: &Settings) -> Result<Self, Error> {
        let (endpoint, step) = (&settings.endpoint, settings.patience.step);
        let mut line = wire::connect(endpoint, step).await?;
        let stream = match endpoint.tls {
            Tls::None => Stream::Plain(line),
            Tls::Implicit => wire::encrypt(line, endpoint, step).await?,
            Tls::StartTls => {
                start_tls(&mut line, &settings.hello, step).await?;
                wire::encrypt(line, endpoint, step).await?
            }
        };
        if settings.login.is_some() && endpoint.tls == Tls::None && !wire::is_loopback(&stream) {
            return Err(Error::Wire(wire::Error::LoginInClear));
        }
        let progress = Progress::default();
        let transport = Transport::new(stream, endpoint.tls == Tls::StartTls, progress.clone());
        let hello = ClientId::Domain(settings.hello.clone());
        let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(transport), &hello);
        let mut smtp = match tokio::time::timeout(step, greeting).await {
            Ok(Ok(smtp)) => smtp,
            Ok(Err(e)) => return Err(Error::Server { step: "greeting", code: code_of(&e) }),
            Err(_) => return Err(Error::Wire(wire::Error::Stalled)),
        };
        if let Some(login) = &settings.login {
            log_in(&mut smtp, login, step).await?;
        }
        let mut connection = Self { smtp, progress, patience: settings.patience, features: Features::default(), broken: false };
        connection.ask_features(&settings.hello).await?;
        Ok(connection)
    }

    /// lettre keeps only the features that it knows, SIZE is not among them: so EHLO is said once more.
    async fn ask_features(&mut self, hello: &str) -> Result<(), Error> {
        match self.step(&format!("EHLO {hello}\r\n")).await {
            Answer::Positive(response) => {
                for line in response.message() {
                    let mut words = line.split_ascii_whitespace();
                    match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
                        "8BITMIME" => self.features.eight_bit = true,
                        "SMTPUTF8" => self.features.utf8 = true,
                        // SIZE 0 means that there is no fixed limit (RFC 1870 §4).
                        "SIZE" => self.features.size = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0),
                        _ => {}
                    }
                }
                Ok(())
            }
            Answer::Negative { code, .. } => Err(Error::Server { step: "EHLO", code: Some(code) }),
            Answer::Broken(_) => Err(Error::Server { step: "EHLO", code: None }),
        }
    }

    /// Whether it must be dropped.
    pub(super) const fn is_broken(&self) -> bool {
        self.broken
    }

    /// What the server can do.
    pub(super) const fn features(&self) -> Features {
        self.features
    }

    /// Begins one letter to one recipient: the server waits for its content when this is `Ok`, and [`Self::content`] is next.
    pub(super) async fn begin(&mut self, from: &str, to: &str, raw: &[u8]) -> Result<(), Attempt> {
        let mail = self.envelope(from, to, raw).map_err(Attempt::Unfit)?;
        self.positive(&mail, 2).await?;
        if let Err(attempt) = self.positive(&format!("RCPT TO:<{to}>\r\n"), 2).await {
            return Err(self.reset(attempt).await);
        }
        failpoint::here("O3");
        if let Err(attempt) = self.positive("DATA\r\n", 3).await {
            return Err(self.reset(attempt).await);
        }
        Ok(())
    }

    /// Breaks off a letter that was begun: hanging up is the only way to say so.
    pub(super) const fn break_off(&mut self) {
        self.broken = true;
    }

    /// The MAIL command, or why there can be none.
    fn envelope(&self, from: &str, to: &str, raw: &[u8]) -> Result<String, Why> {
        let utf8 = gate::check_address(from, true)? | gate::check_address(to, false)?;
        let shape = gate::check_bytes(raw)?;
        if utf8 && !self.features.utf8 {
            return Err(Why::Address("the server does not know SMTPUTF8"));
        }
        if shape.eight_bit && !self.features.eight_bit {
            return Err(Why::EightBit);
        }
        let size = raw.len() as u64;
        if self.features.size.is_some_and(|limit| size > limit) {
            return Err(Why::TooBig { size, limit: self.features.size });
        }
        let mut mail = format!("MAIL FROM:<{from}>");
        if shape.eight_bit {
            mail.push_str(" BODY=8BITMIME");
        }
        if utf8 {
            mail.push_str(" SMTPUTF8");
        }
        if self.features.size.is_some() {
            mail.push_str(&format!(" SIZE={size}"));
        }
        mail.push_str("\r\n");
        Ok(mail)
    }

    /// Says `line` and wants an answer that starts with `digit`.
    async fn positive(&mut self, line: &str, digit: u16) -> Result<(), Attempt> {
        match self.step(line).await {
            Answer::Positive(response) if code(&response) / 100 == digit => Ok(()),
            Answer::Positive(_) => {
                self.broken = true;
                Err(Attempt::Broken("the server's answers are out of step"))
            }
            Answer::Negative { code, text } => {
                self.broken |= is_about_server(code);
                Err(Attempt::Refused { code, text })
            }
            Answer::Broken(what) => Err(Attempt::Broken(what)),
        }
    }

    /// Clears a transaction that was refused half-way, so that the next letter starts clean.
    async fn reset(&mut self, attempt: Attempt) -> Attempt {
        if !self.broken && !matches!(self.step("RSET\r\n").await, Answer::Positive(_)) {
            self.broken = true;
        }
        attempt
    }

    async fn step(&mut self, line: &str) -> Answer {
        let result = tokio::time::timeout(self.patience.step, self.smtp.command(line)).await;
        self.answer(result.ok())
    }

    /// `None`: it took too long.
    fn answer(&mut self, result: Option<Result<Response, SmtpError>>) -> Answer {
        match result {
            Some(Ok(response)) => Answer::Positive(response),
            Some(Err(e)) => match code_of(&e) {
                Some(code) => Answer::Negative { code, text: e.source().map(ToString::to_string).unwrap_or_default() },
                None => {
                    self.broken = true;
                    Answer::Broken("the connection broke")
                }
            },
            None => {
                self.broken = true;
                Answer::Broken("the server fell silent")
            }
        }
    }

    /// The content and the final dot. The caller has written down that the letter is in doubt before calling.
    pub(super) async fn content(&mut self, raw: &[u8]) -> Attempt {
        // A line break stands before the dot: one of ours goes, so that what arrives is what we keep.
        let body = raw.strip_suffix(b"\r\n").unwrap_or(raw);
        match stuffed(body) {
            Some(text) => self.whole(&text).await,
            None => self.pieces(body).await,
        }
    }

    /// The content and its dot in one write.
    async fn whole(&mut self, text: &str) -> Attempt {
        failpoint::here("O5");
        let end = self.progress.total() + text.len() as u64;
        // Without its last line break a dot is none; a byte less is taken for safety's sake.
        let dotted = |progress: &Progress| progress.total() + 2 >= end;
        let (patience, progress) = (self.patience, self.progress.clone());
        let result = {
            let mut sending = std::pin::pin!(self.smtp.command(text));
            loop {
                let before = progress.total();
                let limit = if dotted(&progress) { patience.dot } else { patience.step };
                match tokio::time::timeout(limit, &mut sending).await {
                    Ok(result) => break Some(result),
                    Err(_) if progress.total() == before => break None,
                    Err(_) => {}
                }
            }
        };
        self.ended(result, dotted(&progress))
    }

    /// Large or eight-bit content, piece by piece through lettre's own dot-stuffing.
    async fn pieces(&mut self, body: &[u8]) -> Attempt {
        let all_given = Arc::new(Notify::new());
        let pieces = Pieces { chunks: body.chunks(PIECE), all_given: Arc::clone(&all_given) };
        let (patience, progress) = (self.patience, self.progress.clone());
        let mut dotted = false;
        let result = {
            let mut sending = std::pin::pin!(self.smtp.message_iter(pieces));
            loop {
                let before = progress.total();
                let limit = if dotted { patience.dot } else { patience.step };
                tokio::select! {
                    // In this order: once the last piece was taken, whatever comes is told as after the dot.
                    biased;
                    () = all_given.notified(), if !dotted => {
                        dotted = true;
                        failpoint::here("O5");
                    }
                    result = &mut sending => break Some(result),
                    () = tokio::time::sleep(limit) => if progress.total() == before { break None },
                }
            }
        };
        // The last piece may have been taken in the very poll that failed.
        dotted |= all_given.notified().now_or_never().is_some();
        self.ended(result, dotted)
    }

    /// What became of a content; `dotted`: the server may have seen its end.
    fn ended(&mut self, result: Option<Result<Response, SmtpError>>, dotted: bool) -> Attempt {
        match self.answer(result) {
            Answer::Positive(response) if code(&response) / 100 == 2 => Attempt::Accepted(text_of(&response)),
            Answer::Positive(_) => {
                self.broken = true;
                Attempt::InDoubt
            }
            Answer::Negative { code, text } => {
                self.broken |= is_about_server(code);
                Attempt::Refused { code, text }
            }
            Answer::Broken(_) if dotted => Attempt::InDoubt,
            Answer::Broken(what) => Attempt::Broken(what),
        }
    }

    /// Says good-bye for at most 5 s; what comes of it does not matter.
    pub(super) async fn quit(mut self) {
        if !self.broken {
            let _ = tokio::time::timeout(Duration::from_secs(5), self.smtp.command("QUIT\r\n")).await;
        }
    }
}

/// Small ASCII content with its dots doubled at the beginning of lines (RFC 5321 §4.5.2) and its end; none for any other.
fn stuffed(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= WHOLE && text.is_ascii())?;
    let mut out = String::with_capacity(text.len() + text.len() / 64 + 8);
    if text.starts_with('.') {
        out.push('.');
    }
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"\n.") {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        out.push('.');
        rest = after;
    }
    out.push_str(rest);
    out.push_str("\r\n.\r\n");
    Some(out)
}

/// The content in pieces; tells when the last one was taken, since the next thing that lettre writes is the dot.
struct Pieces<'a> {
    chunks: std::slice::Chunks<'a, u8>,
    all_given: Arc<Notify>,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let piece = self.chunks.next();
        if piece.is_none() {
            self.all_given.notify_one();
        }
        piece
    }
}

async fn log_in(smtp: &mut AsyncSmtpConnection, login: &Login, step: Duration) -> Result<(), Error> {
    let (mechanisms, credentials): (&[Mechanism], Credentials) = match login {
        Login::Password { user, password } => {
            (&[Mechanism::Plain, Mechanism::Login], Credentials::new(user.clone(), password.expose_secret().to_owned()))
        }
        Login::OAuth2 { user, tokens } => {
            (&[Mechanism::Xoauth2], Credentials::new(user.clone(), tokens.fetch().await?.expose_secret().to_owned()))
        }
    };
    match tokio::time::timeout(step, smtp.auth(mechanisms, &credentials)).await {
        Ok(Ok(response)) if code(&response) / 100 == 2 => Ok(()),
        Ok(Ok(_)) => Err(Error::Login { code: None }),
        Ok(Err(e)) => Err(Error::Login { code: code_of(&e) }),
        Err(_) => Err(Error::Wire(wire::Error::Stalled)),
    }
}

fn code(response: &Response) -> u16 {
    u16::from(response.code())
}

fn code_of(error: &SmtpError) -> Option<u16> {
    error.status().map(u16::from)
}

fn text_of(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    format!("{} {}", code(response), text.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{WHOLE, stuffed};

    #[test]
    fn dots_at_the_beginning_of_lines_are_doubled_and_nothing_else() {
        let cases =
            [("a", "a"), (".", ".."), ("a.b\r\n.\r\n..c\r\nd.", "a.b\r\n..\r\n...c\r\nd."), (".a\r\n\r\n.b", "..a\r\n\r\n..b"), ("", "")];
        for (body, wire) in cases {
            assert_eq!(stuffed(body.as_bytes()), Some(format!("{wire}\r\n.\r\n")), "{body:?}");
        }
        assert_eq!(stuffed("é".as_bytes()), None);
        assert_eq!(stuffed(&vec![b'a'; WHOLE + 1]), None);
    }
}
