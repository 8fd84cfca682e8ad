//! When to look: the service's loop (IDLE, polling, reconnecting for ever), the single pass of `run --once`, and the probe.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, Notify},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{Count, Error, ProbeReport, Settings, commands, quarantine, session::Session, sweep::Mailbox};
use crate::{
    clock::{Chance, Clock},
    store::{self, Store},
    wire::{Backoff, Health, Tls},
};

/// The loop shows that it lives at least so often.
const TURN: Duration = Duration::from_secs(20);
/// Five minutes: a longer IDLE may outlive the connection without noticing.
const LONGEST_IDLE: Duration = Duration::from_secs(300);
/// Connections in a row that may break without anything taken, in a single pass.
const BREAKS: u32 = 3;

/// Listings in a single pass, for mail that comes in meanwhile and for mails that the server did not give at first.
const ROUNDS: u32 = 10;

/// Watches a mailbox until `stop` and wakes the desk through `wake` after each commit of fresh mail. A server that is away is
/// tried again for ever: after 1 s at first, after 5 min at most; 15 min after a refused login.
pub async fn run(
    settings: Settings,
    store: Store,
    clock: Clock,
    chance: Chance,
    wake: Arc<Notify>,
    health: Health,
    stop: CancellationToken,
) {
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(300));
    // A disk that has room again is noticed within a minute.
    let mut store_backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
    let mut login_backoff = Backoff::new(Duration::from_secs(30), Duration::from_secs(900));
    let (kept, told) = (store.clone(), Arc::clone(&wake));
    let mailbox = Arc::new(Mutex::new(Mailbox::new(settings, store, clock.clone(), chance.clone(), wake)));
    while !stop.is_cancelled() {
        // In a task of its own, so that a panic of the IMAP reader is a broken connection and no more.
        let serving = tokio::spawn(serve(Arc::clone(&mailbox), clock.clone(), health.clone(), stop.clone()));
        let (worked, error) = match serving.await {
            Ok((worked, Err(error))) => (worked, error),
            Ok((_, Ok(()))) => continue,
            Err(_) => (false, Error::Lost("the reader panicked")),
        };
        if worked {
            backoff.reset();
            store_backoff.reset();
            login_backoff.reset();
        }
        if matches!(error, Error::Store(store::Error::Full(_))) && kept.let_go_of_reserve() {
            told.notify_one();
        }
        let pause = match error {
            Error::Login(_) => login_backoff.next(&chance),
            Error::Store(_) => store_backoff.next(&chance),
            Error::Wire(_) | Error::Lost(_) | Error::Refused { .. } | Error::TooBig(_) => backoff.next(&chance),
        };
        tracing::warn!(error = %error, seconds = pause.as_secs_f32(), "intake connects anew");
        health.bad(clock.now(), &error.to_string());
        rest(pause, &clock, &health, &stop).await;
    }
}

async fn rest(pause: Duration, clock: &Clock, health: &Health, stop: &CancellationToken) {
    let mut left = pause;
    while !left.is_zero() && !stop.is_cancelled() {
        health.alive(clock.now());
        let slice = left.min(TURN);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(slice) => {}
        }
        left = left.saturating_sub(slice);
    }
}

/// One connection until it breaks or `stop`; tells whether a whole sweep worked on it.
async fn serve(mailbox: Arc<Mutex<Mailbox>>, clock: Clock, health: Health, stop: CancellationToken) -> (bool, Result<(), Error>) {
    let mut mailbox = mailbox.lock().await;
    let mut worked = false;
    let result = tokio::select! {
        result = watch(&mut mailbox, &clock, &health, &mut worked) => result,
        () = stop.cancelled() => Ok(()),
    };
    (worked, result)
}

async fn watch(mailbox: &mut Mailbox, clock: &Clock, health: &Health, worked: &mut bool) -> Result<(), Error> {
    let (endpoint, login) = (mailbox.settings.endpoint.clone(), mailbox.settings.login.clone());
    let mut session = Session::open(&endpoint, &login, mailbox.settings.patience()).await?;
    loop {
        mailbox.select(&mut session).await?;
        let since = Instant::now();
        loop {
            mailbox.sweep(&mut session, &mut Count::default()).await?;
            *worked = true;
            health.good(clock.now());
            let elsewhere = quarantine::tidy(mailbox, &mut session).await?;
            if elsewhere || mailbox.must_try_again() || since.elapsed() >= mailbox.settings.full_listing {
                break;
            }
            if session.news {
                // A server that speaks of new mail without end must not keep us listing without end.
                tokio::time::sleep(Duration::from_millis(200)).await;
            } else {
                wait(mailbox, &mut session, clock, health).await?;
            }
        }
    }
}

/// Until there may be news. What it was does not matter: the folder is listed afterwards in any case.
async fn wait(mailbox: &mut Mailbox, session: &mut Session, clock: &Clock, health: &Health) -> Result<(), Error> {
    let settings = &mailbox.settings;
    if settings.idle && session.can("IDLE") && !mailbox.idle_refused {
        let limit = settings.idle_renew.min(LONGEST_IDLE);
        mailbox.idle_refused = !commands::idle(session, limit, TURN, || health.alive(clock.now())).await?;
        return Ok(());
    }
    rest(settings.poll_interval, clock, health, &CancellationToken::new()).await;
    commands::noop(session).await
}

/// One pass for `run --once`: takes in all that is there. A connection that breaks is made anew a few times.
///
/// # Errors
/// When the server or the store could not be reached; what was taken until then stays taken.
pub async fn take_all(settings: Settings, store: Store, clock: Clock, chance: Chance) -> Result<Count, Error> {
    let mut mailbox = Mailbox::new(settings, store, clock, chance, Arc::new(Notify::new()));
    let mut count = Count::default();
    let mut breaks = 0;
    loop {
        let before = count.taken;
        match pass(&mut mailbox, &mut count).await {
            Ok(()) => return Ok(count),
            Err(error @ (Error::Lost(_) | Error::TooBig(_) | Error::Wire(_))) => {
                let reached = !matches!(error, Error::Wire(_));
                breaks = if count.taken > before { 0 } else { breaks + 1 };
                if breaks > BREAKS || !reached {
                    return Err(error);
                }
            }
            Err(error @ (Error::Login(_) | Error::Refused { .. } | Error::Store(_))) => return Err(error),
        }
    }
}

async fn pass(mailbox: &mut Mailbox, count: &mut Count) -> Result<(), Error> {
    let (endpoint, login) = (mailbox.settings.endpoint.clone(), mailbox.settings.login.clone());
    let mut session = Session::open(&endpoint, &login, mailbox.settings.patience()).await?;
    for _ in 0..ROUNDS {
        mailbox.select(&mut session).await?;
        mailbox.sweep(&mut session, count).await?;
        if !mailbox.must_try_again() && !session.news {
            break;
        }
    }
    quarantine::tidy(mailbox, &mut session).await?;
    session.close().await;
    Ok(())
}

/// Connects, logs in and opens the folder; changes nothing.
///
/// # Errors
/// As intake would meet them.
pub async fn probe(settings: &Settings) -> Result<ProbeReport, Error> {
    let mut session = Session::open(&settings.endpoint, &settings.login, settings.patience()).await?;
    let selected = commands::select(&mut session, &settings.folder).await?;
    let report = ProbeReport {
        encrypted: settings.endpoint.tls != Tls::None,
        idle: session.can("IDLE"),
        moves: session.can("MOVE") || session.can("UIDPLUS"),
        mails: selected.exists,
        capabilities: session.capabilities().clone(),
    };
    session.close().await;
    Ok(report)
}
