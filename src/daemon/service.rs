//! The service: one task a mailbox, one clerk, one dispatcher, one survey page; watched by systemd, drained on a signal.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::House;
use super::full::{Full, hold_back};
use super::jumps::Jumps;
use super::limits::enough_files;
use super::processes;
use crate::calendar::Moment;
use crate::delivery::{self, Outcome};
use crate::desk::{Delivered, Desk};
use crate::intake;
use crate::survey;
use crate::wire::{Health, HealthReport};

/// How long a drain may take.
const DRAIN: Duration = Duration::from_secs(20);
/// The clerk looks again after so many seconds, whether or not anybody wakes him.
const LOOK: i64 = 60;
/// After his work he rests so many seconds later, unless more comes.
const REST: i64 = 3;
/// While the disk is full, seconds between two looks whether there is room.
const ROOM: i64 = 10;
const DISK_FULL: &str = "the disk is full";
/// For so long a service is young.
const YOUNG: Duration = Duration::from_secs(60);
/// Letters whose refusal the clerk could not note are told to him again after so long.
const UNTOLD: Duration = Duration::from_secs(30);
/// A loop that has not turned for so long is stuck, and the watchdog is not fed.
const STUCK_SECONDS: i64 = 900;

/// Runs until `stop`. `alone`: no other process works on this store.
///
/// # Errors
/// The survey's address cannot be listened on; everything else is retried for ever.
pub async fn run(house: House, alone: bool, stop: CancellationToken) -> Result<()> {
    let desk = house.desk.clone();
    let closing = desk.clone();
    enough_files(house.intake.len())?;
    take_up(&desk, house.config.store.reserve_mib, alone).await?;
    let process = if alone { String::new() } else { processes::sign_in(&desk).await? };
    let (wake_desk, wake_delivery) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let wake_older = Arc::clone(&wake_delivery);
    let mut tasks = JoinSet::new();
    let mut healths = Vec::new();
    for settings in &house.intake {
        let health = Health::new();
        healths.push(("imap", health.clone()));
        let (desk, wake, stop) = (desk.clone(), Arc::clone(&wake_desk), stop.clone());
        let settings = settings.clone();
        tasks.spawn(
            async move { intake::run(settings, desk.store.clone(), desk.clock.clone(), desk.chance.clone(), wake, health, stop).await },
        );
    }
    let smtp = Health::new();
    healths.push(("smtp", smtp.clone()));
    let (tell, told) = mpsc::channel(256);
    {
        let (desk, wake, stop, settings) = (desk.clone(), Arc::clone(&wake_delivery), stop.clone(), house.delivery.clone());
        let settings = delivery::Settings { process: process.clone(), ..settings };
        tasks.spawn(async move {
            delivery::run(settings, desk.store.clone(), desk.clock.clone(), desk.chance.clone(), wake, tell, smtp, stop).await;
        });
    }
    if let Some(settings) = house.sms.clone() {
        let (desk, told, stop) = (desk.clone(), Arc::clone(&wake_desk), stop.clone());
        tasks.spawn(delivery::run_sms(settings, desk.store.clone(), desk.clock.clone(), told, stop));
    }
    tasks.spawn(outcomes(desk.clone(), told, Arc::clone(&wake_delivery)));
    if let Some(settings) = &house.config.survey {
        let listener =
            TcpListener::bind(settings.listen).await.with_context(|| format!("the survey page cannot listen on {}", settings.listen))?;
        let backend = survey_backend(&desk, Arc::clone(&wake_delivery));
        tasks.spawn(survey::serve(listener, backend, desk.clock.clone(), stop.clone()));
    }
    let clerk = Health::new();
    healths.push(("desk", clerk.clone()));
    tasks.spawn(super::sent::watch(house.clone(), Arc::clone(&wake_desk), Arc::clone(&wake_delivery), stop.clone()));
    tasks.spawn(clerk_loop(desk.clone(), wake_desk, wake_delivery, clerk, stop.clone()));
    tasks.spawn(super::behind::parted(desk.store.clone(), stop.clone()));
    tasks.spawn(watch(desk, healths, stop.clone()));
    tasks.spawn(older(house, Arc::clone(&wake_older), stop.clone()));
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    tracing::info!("redress is running");
    until_stopped(tasks, stop).await?;
    if !process.is_empty() {
        processes::sign_out(&closing, &process).await;
    }
    tracing::info!("redress has stopped");
    Ok(())
}

/// Waits for the end of the tasks: one that ends before its time takes the service down. systemd starts it anew, and nothing was half done.
async fn until_stopped(mut tasks: JoinSet<()>, stop: CancellationToken) -> Result<()> {
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        // The signal may come between the two looks: then it is a task that ends as it was told to.
        ended = tasks.join_next(), if !stop.is_cancelled() => if !stop.is_cancelled() {
            tracing::error!(panicked = ended.is_some_and(|e| e.is_err()), "a task ended before its time; stopping");
            stop.cancel();
            drain(tasks).await;
            anyhow::bail!("a task ended before its time");
        }
    }
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    drain(tasks).await;
    Ok(())
}

/// Takes up what an earlier process left. Whoever claimed letters before us is dead: on SQLite the lock says so; on PostgreSQL
/// others may be alive: `processes` knows of those of this machine, leases decide about the rest.
async fn take_up(desk: &Desk, reserve_mib: u64, alone: bool) -> Result<()> {
    hold_back(desk, reserve_mib);
    if let Err(error) = desk.mark_start().await {
        if !matches!(error, crate::desk::Error::Store(crate::store::Error::Full(_))) || !desk.store.let_go_of_reserve() {
            return Err(error.into());
        }
        desk.mark_start().await?;
    }
    if alone {
        crate::store::outbox::take_over_dead_claims(&desk.store, desk.clock.now()).await?;
    }
    untold(desk).await?;
    Ok(())
}

async fn drain(mut tasks: JoinSet<()>) {
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, all).await.is_err() {
        tracing::warn!("not everything ended in time; what was open is taken up at the next start");
    }
}

/// The clerk: mails as they come, timers as they fall due, the digest at its hour.
async fn clerk_loop(desk: Desk, wake: Arc<Notify>, deliver: Arc<Notify>, health: Health, stop: CancellationToken) {
    let mut rested = false;
    let mut full = Full::default();
    let mut jumps = Jumps::default();
    let began = Instant::now();
    loop {
        health.alive(desk.clock.now());
        if let Some(seconds) = jumps.look(desk.clock.now(), Instant::now(), desk.clock.is_system()) {
            tracing::error!(seconds, "the clock jumped: urging rests for ten minutes");
            if let Err(error) = desk.note("clock_jump", &seconds.to_string()).await {
                tracing::warn!(%error, "the clock's jump could not be noted");
            }
        }
        let urging = !jumps.resting(Instant::now());
        full.look(&desk, &wake).await;
        // In a task of its own, so that a mail, a timer or a letter that makes the clerk panic costs this turn and no more: what is
        // begun is counted before the try, and what stops him again and again is held.
        let (mine, letters, lives, ends) = (desk.clone(), Arc::clone(&deliver), health.clone(), stop.clone());
        let turned = tokio::spawn(async move { turn(&mine, &letters, &lives, &ends, (urging, began)).await }).await;
        let turned = turned.unwrap_or_else(|_| {
            tracing::error!("the clerk panicked and goes on");
            Err(crate::desk::Error::Reader)
        });
        match turned {
            Ok(worked) => {
                full.worked(&desk, &wake).await;
                if desk.store.is_short() {
                    health.bad(desk.clock.now(), DISK_FULL);
                } else {
                    health.good(desk.clock.now());
                }
                if worked {
                    deliver.notify_one();
                } else if !rested {
                    // Nothing to do for a while: memory that only work needs goes back.
                    rest(&desk).await;
                }
                rested = !worked;
            }
            Err(error) => {
                tracing::error!(%error, "the clerk is interrupted and tries again");
                let no_room = matches!(error, crate::desk::Error::Store(crate::store::Error::Full(_)));
                health.bad(desk.clock.now(), if no_room { DISK_FULL } else { "store" });
                if no_room && full.met(&desk) {
                    continue;
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_secs(5)) => continue,
                }
            }
        }
        // While the service is young, mails may wait for it to have lived longer.
        let rests = rested && began.elapsed() > YOUNG;
        let next = next_moment(&desk, if rests { LOOK } else { REST }).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = wake.notified() => {}
            () = desk.clock.sleep_until(next) => {}
        }
    }
}

async fn rest(desk: &Desk) {
    let press = desk.press.clone();
    let resting = move || {
        if let Some(press) = press {
            press.rest();
        }
        super::memory::give_back();
    };
    let _ = tokio::task::spawn_blocking(resting).await;
}

/// One turn; letters leave while later mails are still read, and a stop waits for no backlog.
async fn turn(
    desk: &Desk,
    deliver: &Notify,
    health: &Health,
    stop: &CancellationToken,
    (urging, began): (bool, Instant),
) -> Result<bool, crate::desk::Error> {
    if desk.store.is_short() {
        // What room there is belongs to this.
        return desk.alarm_if_any().await;
    }
    let mut read = 0;
    // Another process may have brought a newer directory.
    let mut handed = Box::pin(desk.hand_on()).await?;
    let mut waves = desk.waves().after(began.elapsed());
    while !stop.is_cancelled() {
        match waves.next().await? {
            0 => break,
            some => read += some,
        }
        deliver.notify_one();
        health.alive(desk.clock.now());
    }
    waves.finish().await?;
    handed += Box::pin(desk.hand_on()).await?;
    let fired = if urging { desk.tick().await? } else { 0 };
    let digest = desk.probe_if_due().await? | desk.alarm_if_any().await? | desk.digest_if_due().await?;
    let failed = desk.tell_sms().await?;
    Ok(read > 0 || handed > 0 || fired > 0 || digest || failed > 0)
}

/// When the clerk must look again: the next timer, the next digest, in `at_latest` seconds.
async fn next_moment(desk: &Desk, at_latest: i64) -> Moment {
    let now = desk.clock.now();
    if desk.store.is_short() {
        return now.plus_seconds(ROOM);
    }
    let timer = crate::store::timers::next(&desk.store).await.ok().flatten();
    let soon = now.plus_seconds(at_latest);
    [timer, desk.next_digest(), Some(soon)].into_iter().flatten().min().unwrap_or(soon).max(now.plus_seconds(1))
}

/// What became of letters: refusals go to the clerk, who may write more. What he could not keep is told again later.
async fn outcomes(desk: Desk, mut told: mpsc::Receiver<delivery::Delivered>, deliver: Arc<Notify>) {
    let mut owed = false;
    loop {
        let delivered = tokio::select! {
            delivered = told.recv() => delivered,
            () = tokio::time::sleep(UNTOLD), if owed => {
                match untold(&desk).await {
                    Ok(()) => {
                        owed = false;
                        deliver.notify_one();
                    }
                    Err(error) => tracing::error!(%error, "refused letters could not be noted on their cases"),
                }
                continue;
            }
        };
        let Some(delivered) = delivered else { return };
        let Outcome::Never { why } = &delivered.outcome else { continue };
        let refused = Delivered { letter_id: delivered.letter_id.clone(), status: why.to_string() };
        let mine = desk.clone();
        // In a task of its own: a letter that makes the clerk panic takes nobody down.
        match tokio::spawn(async move { mine.refused(&refused).await }).await.unwrap_or(Err(crate::desk::Error::Reader)) {
            Ok(()) => deliver.notify_one(),
            Err(error) => {
                owed |= matches!(error, crate::desk::Error::Store(_));
                tracing::error!(letter = delivered.letter_id, %error, "a refused letter could not be noted on its case");
            }
        }
    }
}

async fn untold(desk: &Desk) -> Result<(), crate::desk::Error> {
    let desk = desk.clone();
    tokio::spawn(async move { desk.tell_untold().await.map(|_| ()) }).await.unwrap_or(Ok(()))
}

/// Tells of mails from long before the first start, as soon as the first listing has found some.
async fn older(house: House, deliver: Arc<Notify>, stop: CancellationToken) {
    let mut waiting = house.intake.clone();
    while !waiting.is_empty() && !stop.is_cancelled() {
        let mut left = Vec::new();
        for settings in waiting {
            let listed = crate::store::older::get(&house.desk.store, &settings.address, &settings.folder).await.ok().flatten().is_some();
            match (listed, super::once::tell_older(&house, &settings).await) {
                (true, Ok(())) => deliver.notify_one(),
                (false, _) | (true, Err(_)) => left.push(settings),
            }
        }
        waiting = left;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(2)), if !waiting.is_empty() => {}
            () = std::future::ready(()), if waiting.is_empty() => {}
        }
    }
    // A task that ends takes the service down.
    stop.cancelled().await;
}

/// Feeds systemd's watchdog while every loop turns, and keeps for the digest which server does not answer.
async fn watch(desk: Desk, healths: Vec<(&'static str, Health)>, stop: CancellationToken) {
    let period = sd_notify::watchdog_enabled().map_or(Duration::from_secs(20), |limit| limit / 3);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(period) => {}
        }
        let now = desk.clock.now();
        let reports: Vec<HealthReport> = healths.iter().map(|(_, h)| h.report()).collect();
        let mut troubles: Vec<String> = reports.iter().filter_map(|r| r.trouble.clone()).collect();
        if desk.probe_is_late().await.unwrap_or(false) {
            troubles.push("a mail of the mailbox to itself has not come in".to_owned());
        }
        let status = if troubles.is_empty() { "ok".to_owned() } else { format!("degraded: {}", troubles.join("; ")) };
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Status(&status)]);
        if all_turn(&reports, now) {
            let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
        }
        for (name, key) in [("imap", crate::desk::IMAP_DOWN), ("smtp", crate::desk::SMTP_DOWN)] {
            let down = healths.iter().filter(|(n, _)| *n == name).any(|(_, h)| h.report().failures > 2);
            match desk.server_state(key, down).await {
                Ok(true) if down => tracing::error!(server = name, "the server does not answer; trying on"),
                Ok(true) => tracing::info!(server = name, "the server answers again"),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the state of a server could not be kept"),
            }
        }
    }
}

/// Whether every loop that has begun still turns: one that hangs must not be covered by the others.
fn all_turn(reports: &[HealthReport], now: Moment) -> bool {
    reports.iter().all(|r| r.alive_at.is_none_or(|at| now.unix() - at.unix() < STUCK_SECONDS))
}

/// Wires the survey page to the clerk; `deliver` is told when an answer caused letters.
#[must_use]
pub fn survey_backend(desk: &Desk, deliver: Arc<Notify>) -> survey::Backend {
    let (look, keep) = (desk.clone(), desk.clone());
    survey::Backend {
        lookup: Arc::new(move |hash| {
            let desk = look.clone();
            Box::pin(async move {
                let found = desk.survey(&hash).await.map_err(|e| survey::Error::Unavailable(e.to_string()))?;
                Ok(found.map(|opened| survey::Opened {
                    about: String::new(),
                    questionnaire: Arc::clone(&desk.questionnaire),
                    previous: opened.answers.as_deref().and_then(|a| serde_json::from_str(a).ok()),
                    language: opened.language,
                    expires_at: opened.expires_at,
                }))
            })
        }),
        submit: Arc::new(move |hash, answers| {
            let (desk, deliver) = (keep.clone(), Arc::clone(&deliver));
            Box::pin(async move {
                let Some(verdict) = desk.questionnaire.verdict(&answers) else { return Ok(()) };
                let spoken = desk.questionnaire.spoken(&answers, desk.settings.language);
                let stored = serde_json::to_string(&answers).map_err(|e| survey::Error::Unavailable(e.to_string()))?;
                match desk.survey_answered(&hash, &stored, spoken, verdict).await {
                    Ok(true) => {
                        deliver.notify_one();
                        Ok(())
                    }
                    Ok(false) => Err(survey::Error::Gone),
                    Err(error) => Err(survey::Error::Unavailable(error.to_string())),
                }
            })
        }),
        words: Arc::clone(&desk.words),
        organisation: desk.settings.organisation.clone(),
        office: desk.settings.office.clone(),
        zone: desk.office.calendar.zone().clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_fed_only_while_every_loop_turns() {
        let (intake, clerk) = (Health::new(), Health::new());
        let fed = |now| all_turn(&[intake.report(), clerk.report()], Moment::from_unix(now));
        assert!(fed(1_000_000), "nothing has begun yet");
        intake.alive(Moment::from_unix(1_000_000));
        clerk.alive(Moment::from_unix(1_000_000));
        assert!(fed(1_000_000 + STUCK_SECONDS - 1));
        intake.alive(Moment::from_unix(1_000_000 + STUCK_SECONDS));
        assert!(!fed(1_000_000 + STUCK_SECONDS), "the clerk hangs, however lively intake is");
    }
}
