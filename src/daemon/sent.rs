//! The folders of sent mails, looked through now and then, and more often while a letter is in doubt: copies settle letters, mails
//! that are not ours wake the clerk, who writes to the secretariat. `run --once` looks once, before it sends. Composed of intake's
//! looking and the desk's reading; delivery is told that somebody looked.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::House;
use crate::calendar::Moment;
use crate::desk::Error;
use crate::intake::{self, Mark};

/// Between two looks, in seconds: a mail that is not ours is told within ten minutes.
const OFTEN: i64 = 300;
/// While a letter is in doubt, and after a look that failed.
const SOON: i64 = 60;
/// A mark that changed in nothing but its moment is kept so often (s).
const KEEP: i64 = 3600;

/// Whether any mailbox has such a folder.
fn watched(house: &House) -> bool {
    house.intake.iter().any(|settings| settings.sent_folder.is_some())
}

/// Looks through every folder; false where one could not be looked through, so that letters in doubt go on waiting.
///
/// # Errors
/// The store's trouble.
pub(super) async fn look(house: &House) -> Result<bool, Error> {
    if !watched(house) {
        return Ok(true);
    }
    let (desk, began) = (&house.desk, house.desk.clock.now());
    let mut whole = true;
    for settings in &house.intake {
        let mailbox = &settings.address;
        let kept: Option<Mark> = desk.sent_mark(mailbox).await?.and_then(|text| serde_json::from_str(&text).ok());
        let doubtful = desk.in_doubt().await?;
        let found = match intake::look_at_sent(settings, kept, doubtful, began).await {
            Ok(None) => continue,
            Ok(Some(found)) => found,
            Err(error) => {
                tracing::warn!(mailbox, %error, "the folder of sent mails could not be looked through");
                whole = false;
                continue;
            }
        };
        if found.absent {
            tracing::warn!(mailbox, folder = settings.sent_folder, "there is no such folder of sent mails (yet)");
        }
        let mark = serde_json::to_string(&found.mark).ok().filter(|_| worth_keeping(kept, found.mark));
        let noticed = desk.sent_mails(mailbox, mark.as_deref(), &found.mails).await?;
        if noticed.found > 0 {
            tracing::info!(letters = noticed.found, "letters in doubt lie among the sent mails");
        }
        if noticed.foreign > 0 {
            tracing::error!(mails = noticed.foreign, "mails were sent from the mailbox that redress did not write");
        }
    }
    if let Some(copies) = house.delivery.copies.as_ref().filter(|_| whole) {
        copies.looked(began);
    }
    Ok(whole)
}

fn worth_keeping(kept: Option<Mark>, now: Mark) -> bool {
    kept.is_none_or(|k| Mark { at: now.at, ..k } != now || now.at.unix().saturating_sub(k.at.unix()) >= KEEP)
}

/// Looks until `stop`; `clerk` is woken after each look, `delivery` where letters may go on.
pub(super) async fn watch(house: House, clerk: Arc<Notify>, delivery: Arc<Notify>, stop: CancellationToken) {
    while watched(&house) && !stop.is_cancelled() {
        let doubtful = house.desk.in_doubt().await.unwrap_or(false);
        let whole = tokio::select! {
            () = stop.cancelled() => break,
            looked = look(&house) => looked.unwrap_or_else(|error| {
                tracing::warn!(%error, "sent mails wait for the store");
                false
            }),
        };
        clerk.notify_one();
        if doubtful {
            delivery.notify_one();
        }
        rest(&house, if doubtful || !whole { SOON } else { OFTEN }, &stop).await;
    }
    // A task that ends takes the service down.
    stop.cancelled().await;
}

/// Until the next look is due, or sooner where a letter comes into doubt.
async fn rest(house: &House, seconds: i64, stop: &CancellationToken) {
    let clock = &house.desk.clock;
    let began = clock.now();
    let due = began.plus_seconds(seconds);
    while clock.now() < due && !stop.is_cancelled() {
        let next: Moment = clock.now().plus_seconds(SOON).min(due);
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep_until(next) => {}
            // A clock that is set by a rehearsal may stand still.
            () = tokio::time::sleep(Duration::from_secs(SOON.unsigned_abs())) => {}
        }
        if clock.now() >= began.plus_seconds(SOON) && house.desk.in_doubt().await.unwrap_or(false) {
            return;
        }
    }
}
