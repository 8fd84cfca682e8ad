//! The ledger's entries for what a sweep saw and custody does not have (R51): mails that were listed and not given, and such as
//! somebody took away meanwhile. A mail that stays out of custody is an alarm. Called by `sweep`; the balance is `store::ledger`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Error, sweep::Mailbox};
use crate::store::{
    ledger::{self, Open, Place},
    notes,
};

/// A mail that was listed so many seconds ago and is not in custody yet is an alarm.
const PATIENCE: i64 = 1800;

/// What one sweep saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// All UIDs were listed, not the newest alone.
    pub whole: bool,
    /// Listed.
    pub listed: BTreeSet<u32>,
    /// Of these: in custody, before or now.
    pub custody: BTreeSet<u32>,
    /// Of these: wait for the secretariat's word.
    pub older: BTreeSet<u32>,
    /// The sweep came to its end.
    pub ended: bool,
}

/// Books it. An idle folder costs one small write a whole listing.
pub(super) async fn book(mailbox: &mut Mailbox, seen: &Seen) -> Result<(), Error> {
    let settings = &mailbox.settings;
    let place = Place { mailbox: &settings.address, folder: &settings.folder, uidvalidity: i64::from(mailbox.uidvalidity()) };
    let now = mailbox.clock.now();
    let missing: BTreeSet<u32> = seen.listed.iter().copied().filter(|u| !seen.custody.contains(u) && !seen.older.contains(u)).collect();
    let before = if missing.is_empty() && !mailbox.open { BTreeMap::new() } else { ledger::open(&mailbox.store, place).await? };
    let fresh: BTreeSet<u32> = missing.iter().copied().filter(|uid| !before.contains_key(uid)).collect();
    let came: BTreeSet<u32> = before.keys().copied().filter(|uid| seen.custody.contains(uid)).collect();
    let gone: BTreeSet<u32> =
        before.keys().copied().filter(|uid| seen.whole && !seen.listed.contains(uid) && !seen.custody.contains(uid)).collect();
    let late: Vec<u32> =
        before.iter().filter(|(uid, since)| missing.contains(uid) && since.plus_seconds(PATIENCE) <= now).map(|(uid, _)| *uid).collect();
    let late: Vec<u32> = late.into_iter().filter(|uid| !mailbox.told.contains(uid)).collect();
    let whole = seen.whole && seen.ended;
    if !whole && fresh.is_empty() && came.is_empty() && gone.is_empty() && late.is_empty() {
        return Ok(());
    }
    let mut tx = mailbox.store.begin().await?;
    ledger::keep_open(&mut tx, place, &fresh, Open::Missing, now).await?;
    ledger::keep_open(&mut tx, place, &gone, Open::Gone, now).await?;
    ledger::came(&mut tx, place, &came).await?;
    if whole {
        ledger::swept(&mut tx, place, i64::try_from(seen.older.len()).unwrap_or(i64::MAX), now).await?;
    }
    for (kind, uids) in [("mail_gone", gone.iter().copied().collect::<Vec<_>>()), ("ledger_gap", late.clone())] {
        if !uids.is_empty() {
            tracing::error!(kind, mails = uids.len(), "the intake's ledger has a gap");
            let text = json!({ "mailbox": place.mailbox, "folder": place.folder, "uidvalidity": place.uidvalidity, "uids": uids });
            notes::tell(&mut tx, now, kind, None, &text.to_string()).await?;
        }
    }
    tx.commit().await?;
    mailbox.told.extend(late);
    mailbox.open = before.len() + fresh.len() > came.len() + gone.len();
    Ok(())
}
