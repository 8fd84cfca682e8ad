//! Who works when: the service's dispatcher, the single pass of `run --once`, and the probe. A letter that hangs after the final
//! dot holds up one connection; the dispatcher goes on with others.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{Count, Delivered, Error, ProbeReport, Room, Settings, batch::Worker, connection::Connection, outcome::Attempt};
use crate::{
    clock::{Chance, Clock},
    store::{Store, outbox},
    wire::{Backoff, Health, Tls},
};

/// The dispatcher looks at the outbox at least so often.
const TURN: Duration = Duration::from_secs(20);

/// Sends letters as they fall due, until `stop`; `wake` says that something was queued. Every outcome goes to `outcomes`, which
/// somebody must read. A server that is away is tried again for ever: after 1 s at first, after 5 min at most; 15 min after a
/// refused login.
#[allow(clippy::too_many_arguments)]
pub async fn run(
    settings: Settings,
    store: Store,
    clock: Clock,
    chance: Chance,
    wake: Arc<Notify>,
    outcomes: mpsc::Sender<Delivered>,
    health: Health,
    stop: CancellationToken,
) {
    let most = settings.connections.max(1);
    let room = Room { settings, store, clock, outcomes, health };
    let mut workers = JoinSet::new();
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(300));
    let mut login_backoff = Backoff::new(Duration::from_secs(30), Duration::from_secs(900));
    let more = Arc::new(Notify::new());
    while !stop.is_cancelled() {
        room.health.alive(room.clock.now());
        if workers.len() < most && is_due(&room).await {
            workers.spawn(one_worker(room.clone(), worker_name(&chance, &room), stop.clone(), Arc::clone(&more)));
        }
        let pause = until_due(&room, workers.len() >= most).await;
        tokio::select! {
            () = stop.cancelled() => break,
            () = wake.notified() => {}
            () = more.notified() => {}
            Some(done) = workers.join_next(), if !workers.is_empty() => {
                match done {
                    Ok((_, Ok(()))) => {
                        backoff.reset();
                        login_backoff.reset();
                    }
                    Ok((_, Err(error))) => {
                        let backoff = if matches!(error, Error::Login { .. }) { &mut login_backoff } else { &mut backoff };
                        let pause = backoff.next(&chance);
                        tracing::warn!(error = %error, seconds = pause.as_secs(), "delivery waits");
                        room.health.bad(room.clock.now(), &error.to_string());
                        rest(&room, pause, &stop).await;
                    }
                    Err(_) => {
                        tracing::error!("a delivery worker broke off");
                        rest(&room, backoff.next(&chance), &stop).await;
                    }
                }
            }
            () = tokio::time::sleep(pause) => {}
        }
    }
    // What is on the wire is finished and booked; no new letter is begun.
    while workers.join_next().await.is_some() {}
}

async fn rest(room: &Room, pause: Duration, stop: &CancellationToken) {
    let mut left = pause;
    while !left.is_zero() && !stop.is_cancelled() {
        room.health.alive(room.clock.now());
        let slice = left.min(TURN);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(slice) => {}
        }
        left = left.saturating_sub(slice);
    }
}

async fn one_worker(room: Room, name: String, stop: CancellationToken, more: Arc<Notify>) -> (Count, Result<(), Error>) {
    let mut worker = Worker::new(room.clone(), name.clone());
    // A panic outside of any one letter: what was claimed and not begun falls free at once.
    let worked = AssertUnwindSafe(worker.work(&stop, || more.notify_one())).catch_unwind().await;
    let result = match worked {
        Ok(result) => result,
        Err(_) => {
            tracing::error!("a delivery worker broke off");
            let freed = outbox::give_back(&room.store, &name, room.clock.now()).await;
            freed.map_err(Error::from).and(Err(Error::Server { step: "delivery", code: None }))
        }
    };
    (worker.count, result)
}

fn worker_name(chance: &Chance, room: &Room) -> String {
    let own = chance.ulid(room.clock.now());
    if room.settings.process.is_empty() { own } else { format!("{}.{own}", room.settings.process) }
}

async fn is_due(room: &Room) -> bool {
    match outbox::next_due(&room.store).await {
        Ok(next) => next.is_some_and(|at| at <= room.clock.now()),
        Err(error) => {
            tracing::warn!(error = %error, "the outbox cannot be read");
            false
        }
    }
}

/// How long nothing falls due, at most a turn.
async fn until_due(room: &Room, all_busy: bool) -> Duration {
    if all_busy {
        return TURN;
    }
    match outbox::next_due(&room.store).await {
        Ok(Some(at)) => {
            let seconds = at.unix().saturating_sub(room.clock.now().unix()).max(1);
            Duration::from_secs(u64::try_from(seconds).unwrap_or(1)).min(TURN)
        }
        Ok(None) | Err(_) => TURN,
    }
}

/// One pass for `run --once`: claims of a dead process are taken over, every letter that waits is tried once whatever its
/// back-off, letters in doubt are sent again at once. `first`: this is the pass's first round; in later ones only what is new
/// leaves, and what was put off a moment ago is left alone.
///
/// # Errors
/// When the server or the store could not be reached; what was sent until then is booked.
pub async fn send_all_due(
    settings: Settings,
    first: bool,
    store: Store,
    clock: Clock,
    chance: Chance,
    outcomes: mpsc::Sender<Delivered>,
) -> Result<Count, Error> {
    let now = clock.now();
    if first {
        outbox::take_over_dead_claims(&store, now).await?;
        outbox::make_all_due(&store, now).await?;
    }
    let most = settings.connections.max(1);
    let room = Room { settings, store, clock, outcomes, health: Health::new() };
    let stop = CancellationToken::new();
    let more = Arc::new(Notify::new());
    let mut workers = JoinSet::new();
    let mut count = Count::default();
    let mut failed = None;
    if is_due(&room).await {
        workers.spawn(one_worker(room.clone(), worker_name(&chance, &room), stop.clone(), Arc::clone(&more)));
    }
    while !workers.is_empty() {
        tokio::select! {
            Some(done) = workers.join_next() => match done {
                Ok((did, result)) => {
                    count.add(did);
                    if let Err(error) = result {
                        failed.get_or_insert(error);
                        stop.cancel();
                    }
                }
                Err(_) => {
                    failed.get_or_insert(Error::Server { step: "delivery", code: None });
                    stop.cancel();
                }
            },
            () = more.notified(), if workers.len() < most => {
                workers.spawn(one_worker(room.clone(), worker_name(&chance, &room), stop.clone(), Arc::clone(&more)));
            }
        }
    }
    failed.map_or(Ok(count), Err)
}

/// Connects, logs in and asks what the server can do; sends nothing.
///
/// # Errors
/// As the first letter would meet them.
pub async fn probe(settings: &Settings) -> Result<ProbeReport, Error> {
    let connection = Connection::open(settings).await?;
    let features = connection.features();
    connection.quit().await;
    Ok(ProbeReport {
        encrypted: settings.endpoint.tls != Tls::None,
        logged_in: settings.login.is_some(),
        eight_bit: features.eight_bit,
        utf8: features.utf8,
        size_limit: features.size,
    })
}

/// Hands one mail to the server, outside of the outbox: for `doctor`, which writes to itself. `Some` is why it was not taken.
///
/// # Errors
/// As [`probe`].
pub async fn say(settings: &Settings, from: &str, to: &str, raw: &[u8]) -> Result<Option<String>, Error> {
    let mut connection = Connection::open(settings).await?;
    let attempt = match connection.begin(from, to, raw).await {
        Ok(()) => connection.content(raw).await,
        Err(attempt) => attempt,
    };
    connection.quit().await;
    Ok(match attempt {
        Attempt::Accepted(_) => None,
        Attempt::Refused { code, text } => Some(format!("{code} {text}")),
        Attempt::Unfit(why) => Some(why.to_string()),
        Attempt::Broken(what) => Some(what.to_owned()),
        Attempt::InDoubt => Some("the server did not say whether it took the mail".to_owned()),
    })
}
