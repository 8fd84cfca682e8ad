//! After a restore (F28): what the lost store did since the backup is lived through once more, on a clock that follows the mails and the
//! timers, before the office opens. Same mails in the same order give the same cases, numbers and states. Letters that fell due in that
//! time left then, as far as anybody can know, and are not sent again; the secretariat is told how many. Called before each start.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use super::House;
use crate::calendar::Moment;
use crate::clock::Clock;
use crate::intake;
use crate::store::backup::RESTORED;
use crate::store::{Store, events, meta, notes, outbox, timers};

/// Mails that came in so long (s) before the newest event of the backup may have been read after it.
pub(super) const MARGIN: i64 = 2 * 86_400;

/// What was lived through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Mails taken from the folders of handled mail.
    pub mails: u64,
    /// Letters that were not sent again.
    pub letters: u64,
    /// Until when the lost store is taken to have worked.
    pub until: Option<Moment>,
}

/// Lives through the time since the backup, if this store was put back; None if it was not.
///
/// # Errors
/// A server that does not answer, the store's trouble: nothing was sent; the next start goes on.
pub async fn rebuild(house: &House) -> Result<Option<Rebuilt>> {
    let store = &house.desk.store;
    house.desk.release_if_not_asked().await?;
    super::behind::notice(house).await?;
    if !is_marked(store).await? {
        return Ok(None);
    }
    // Of several nodes one lives through it; the others wait, and find it done.
    let turn = loop {
        match store.turn().await? {
            Some(turn) => break turn,
            None => tokio::time::sleep(Duration::from_secs(2)).await,
        }
    };
    let rebuilt = Box::pin(catch_up(house)).await;
    drop(turn);
    rebuilt
}

async fn is_marked(store: &Store) -> Result<bool> {
    Ok(meta::get(store, RESTORED).await?.is_some_and(|told| !told.is_empty()))
}

async fn catch_up(house: &House) -> Result<Option<Rebuilt>> {
    let store = &house.desk.store;
    let Some(told) = meta::get(store, RESTORED).await?.filter(|v| !v.is_empty()) else { return Ok(None) };
    let told = told.parse::<i64>().ok().filter(|at| *at > 0).map(Moment::from_unix);
    let now = house.desk.clock.now();
    let newest_event = events::newest(store).await?;
    let since = newest_event.map(|at| at.plus_seconds(-MARGIN));
    let mut rebuilt = Rebuilt::default();
    let mut newest = None;
    for settings in &house.intake {
        let found = intake::recover(settings, since, store.clone(), house.desk.clock.clone(), house.desk.chance.clone())
            .await
            .with_context(|| format!("after the restore, {} could not be read; nothing was sent", settings.address))?;
        rebuilt.mails += found.taken;
        newest = newest.max(found.newest);
    }
    let Some(until) = told.max(newest).or(newest_event).map(|at| at.min(now)) else {
        clear(house, &rebuilt).await?;
        return Ok(Some(rebuilt));
    };
    rebuilt.until = Some(until);
    let began = newest_event.unwrap_or(until).min(until);
    let past = Box::pin(House::open(house.config.clone(), Clock::settable(began), house.desk.chance.clone())).await?;
    rebuilt.letters = Box::pin(live_through(&past, until)).await?;
    past.desk.store.close().await;
    clear(house, &rebuilt).await?;
    Ok(Some(rebuilt))
}

/// Mails and timers in the order of their moments.
async fn live_through(past: &House, until: Moment) -> Result<u64> {
    let desk = &past.desk;
    let mut letters = 0;
    loop {
        let mail = desk.first_waiting().await?.map(|row| row.internal_at).filter(|at| *at <= until);
        let timer = timers::next(&desk.store).await?.filter(|at| *at <= until);
        let (at, is_mail) = match (mail, timer) {
            (Some(mail), Some(timer)) if timer < mail => (timer, false),
            (Some(mail), _) => (mail, true),
            (None, Some(timer)) => (timer, false),
            (None, None) => break,
        };
        desk.clock.set(desk.clock.now().max(at));
        if is_mail {
            Box::pin(desk.receive_first(until)).await?;
            Box::pin(desk.hand_on()).await?;
        } else {
            desk.tick().await?;
        }
        letters += outbox::presume_sent(&desk.store, desk.clock.now(), desk.clock.now()).await?;
    }
    desk.clock.set(desk.clock.now().max(until));
    desk.tick().await?;
    desk.digest_if_due().await?;
    letters += outbox::presume_sent(&desk.store, until, desk.clock.now()).await?;
    Ok(letters)
}

async fn clear(house: &House, rebuilt: &Rebuilt) -> Result<()> {
    // Before the mark goes: a start that dies in between asks anew.
    house.desk.ask_release(rebuilt.mails, rebuilt.letters).await?;
    let store = &house.desk.store;
    let mut tx = store.begin().await?;
    meta::set(&mut tx, RESTORED, "").await?;
    let text = json!({ "mails": rebuilt.mails, "letters": rebuilt.letters, "until": rebuilt.until.map(Moment::unix) });
    notes::tell(&mut tx, house.desk.clock.now(), "restored", None, &text.to_string()).await?;
    tx.commit().await?;
    tracing::warn!(
        mails = rebuilt.mails,
        letters = rebuilt.letters,
        "the time since the backup was lived through; its letters are not sent again"
    );
    Ok(())
}
