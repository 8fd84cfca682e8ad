//! Bodies into custody, bounded in memory: whole mails in batches, long ones in parts, and of those beyond the limit the
//! beginning. While one batch is committed the next one is fetched. Called by `sweep`.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio::task::JoinHandle;

use super::{
    Error,
    commands::{self, Listed},
    heavy,
    session::Session,
    sweep::Mailbox,
};
use crate::failpoint;
use crate::store::{
    self,
    inbox::{self, NewMail, Taken},
};

/// Mails in a batch.
const BATCH_MAILS: usize = 50;
/// Bytes in a batch, as the listing tells them; a longer mail is a batch of its own and comes in parts.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes in a part.
const PART: u64 = 1024 * 1024;
/// Bytes taken of a mail beyond the limit.
pub(super) const BEGINNING: u64 = 256 * 1024;

/// What is fetched together.
#[derive(Debug, PartialEq, Eq)]
enum Batch {
    Whole(Vec<Listed>),
    InParts(Listed),
}

impl Batch {
    fn uids(&self) -> BTreeSet<u32> {
        match self {
            Self::Whole(listed) => listed.iter().map(|one| one.uid).collect(),
            Self::InParts(one) => BTreeSet::from([one.uid]),
        }
    }
}

/// What came into custody.
#[derive(Debug, Default)]
pub(super) struct Custody {
    /// UIDs in custody now.
    pub taken: BTreeSet<u32>,
    pub fresh: u64,
    pub truncated: u64,
    /// Asked for and not given, although the connection held.
    pub missing: BTreeSet<u32>,
    /// What ended it early.
    pub failed: Option<Error>,
}

type Committing = JoinHandle<Result<(Vec<u32>, Vec<Taken>), store::Error>>;

/// Takes `fresh` into custody. `suspects` are asked for one by one and last; `in_parts` in parts.
pub(super) async fn take(mailbox: &mut Mailbox, session: &mut Session, fresh: &[Listed]) -> Custody {
    let mut custody = Custody::default();
    if !fresh.is_empty() && mailbox.store.is_short() {
        // What room there is belongs to the alarm; the mails lie safe where they are.
        custody.failed = Some(Error::Store(store::Error::Short));
        return custody;
    }
    let mut committing: Option<Committing> = None;
    for batch in plan(fresh, mailbox.settings.size_limit, &mailbox.suspects(), &mailbox.in_parts) {
        if let Batch::InParts(one) = &batch {
            // Two long mails in memory at once are one too many.
            settle(mailbox, committing.take(), &mut custody).await;
            if custody.failed.is_none() {
                take_long(mailbox, session, one, &mut custody).await;
            }
            if custody.failed.is_some() {
                break;
            }
            continue;
        }
        mailbox.begun = batch.uids();
        let mails = fetch(mailbox, session, &batch, mailbox.settings.size_limit, &mut custody).await;
        mailbox.begun.clear();
        settle(mailbox, committing.take(), &mut custody).await;
        if matches!(custody.failed, Some(Error::Store(_))) {
            return custody;
        }
        if !mails.is_empty() {
            committing = Some(commit(mailbox, mails));
        }
        if custody.failed.is_some() {
            break;
        }
    }
    settle(mailbox, committing, &mut custody).await;
    custody
}

/// One long mail, alone from its first part to its commit.
async fn take_long(mailbox: &mut Mailbox, session: &mut Session, one: &Listed, custody: &mut Custody) {
    let limit = match heavy::begun(mailbox, one.uid).await {
        Ok(too_heavy) => {
            if too_heavy {
                0
            } else {
                mailbox.settings.size_limit
            }
        }
        Err(error) => {
            custody.failed = Some(Error::Store(error));
            return;
        }
    };
    mailbox.begun = BTreeSet::from([one.uid]);
    let mails = fetch(mailbox, session, &Batch::InParts(*one), limit, custody).await;
    mailbox.begun.clear();
    let committing = (!mails.is_empty()).then(|| commit(mailbox, mails));
    settle(mailbox, committing, custody).await;
    if let Err(error) = heavy::survived(mailbox, custody.failed.as_ref()).await {
        custody.failed.get_or_insert(Error::Store(error));
    }
}

fn plan(fresh: &[Listed], limit: u64, suspects: &BTreeSet<u32>, in_parts: &BTreeSet<u32>) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut last = Vec::new();
    let (mut group, mut bytes) = (Vec::new(), 0);
    for one in fresh {
        let size = u64::from(one.size);
        if size > BATCH_BYTES.min(limit) || in_parts.contains(&one.uid) {
            last.push(Batch::InParts(*one));
        } else if suspects.contains(&one.uid) {
            last.push(Batch::Whole(vec![*one]));
        } else {
            if group.len() >= BATCH_MAILS || (bytes + size > BATCH_BYTES && !group.is_empty()) {
                batches.push(Batch::Whole(std::mem::take(&mut group)));
                bytes = 0;
            }
            group.push(*one);
            bytes += size;
        }
    }
    if !group.is_empty() {
        batches.push(Batch::Whole(group));
    }
    batches.extend(last);
    batches
}

async fn fetch(mailbox: &Mailbox, session: &mut Session, batch: &Batch, limit: u64, custody: &mut Custody) -> Vec<NewMail> {
    match batch {
        Batch::Whole(listed) => {
            let uids: Vec<u32> = listed.iter().map(|one| one.uid).collect();
            let got = commands::fetch(session, &uids).await;
            failpoint::here("I3");
            let mut mails: Vec<NewMail> = Vec::with_capacity(got.mails.len());
            for (uid, raw) in got.mails {
                // A body of no bytes for a mail that has some is no body.
                if let Some(one) = listed.iter().find(|one| one.uid == uid && (one.size == 0 || !raw.is_empty())) {
                    mails.push(mailbox.new_mail(one, raw, None));
                }
            }
            let seen: BTreeSet<u32> = mails.iter().filter_map(|mail| u32::try_from(mail.uid).ok()).collect();
            let missing = uids.into_iter().filter(|uid| !seen.contains(uid));
            match &got.failed {
                // The connection may have broken at any of them; only the first one can have been the reason.
                Some(Error::Lost(_) | Error::TooBig(_)) => custody.missing.extend(missing.take(1)),
                Some(_) | None => custody.missing.extend(missing),
            }
            // NO to one batch is no reason to leave the others: the missing ones are asked for singly next time.
            custody.failed = got.failed.filter(|error| !matches!(error, Error::Refused { .. }));
            mails
        }
        Batch::InParts(one) => match in_parts(session, one, limit).await {
            Ok(Some((raw, truncated))) => {
                custody.truncated += u64::from(truncated.is_some());
                vec![mailbox.new_mail(one, raw, truncated)]
            }
            Ok(None) | Err(Error::Refused { .. }) => {
                custody.missing.insert(one.uid);
                Vec::new()
            }
            Err(error) => {
                custody.missing.insert(one.uid);
                custody.failed = Some(error);
                Vec::new()
            }
        },
    }
}

/// A long mail part by part; the second value is its real size when only the beginning is returned.
async fn in_parts(session: &mut Session, one: &Listed, limit: u64) -> Result<Option<(Vec<u8>, Option<i64>)>, Error> {
    let listed = u64::from(one.size);
    if listed > limit {
        let beginning = commands::fetch_part(session, one.uid, 0, BEGINNING).await?;
        return Ok(beginning.filter(|raw| !raw.is_empty()).map(|raw| (raw, Some(i64::from(one.size)))));
    }
    let mut raw = Vec::with_capacity(usize::try_from(listed).unwrap_or(0));
    loop {
        let Some(part) = commands::fetch_part(session, one.uid, raw.len() as u64, PART).await? else {
            return Ok(None);
        };
        raw.extend_from_slice(&part);
        failpoint::here("L1");
        let size = raw.len() as u64;
        if size > limit {
            // The listing lied about its size.
            raw.truncate(usize::try_from(BEGINNING).unwrap_or(usize::MAX));
            return Ok(Some((raw, i64::try_from(size.max(listed)).ok())));
        }
        if (part.len() as u64) < PART {
            return Ok(Some((raw, None)).filter(|(raw, _)| !raw.is_empty()));
        }
    }
}

/// Commits in a task of its own: a connection that is dropped meanwhile must not break it off half-way.
fn commit(mailbox: &Mailbox, mails: Vec<NewMail>) -> Committing {
    let (store, chance, now) = (mailbox.store.clone(), mailbox.chance.clone(), mailbox.clock.now());
    let signing = mailbox.settings.signing.clone();
    tokio::spawn(async move {
        if let Some(signing) = signing {
            // No signature keeps a mail out, whatever its check stumbles over.
            let remembered = AssertUnwindSafe(signing.remember(&store, now, &mails)).catch_unwind().await;
            remembered.unwrap_or_else(|_| {
                tracing::error!("the signatures of new mails could not be looked at");
                Ok(())
            })?;
        }
        let uids = mails.iter().filter_map(|mail| u32::try_from(mail.uid).ok()).collect();
        let taken = inbox::take_in(&store, &chance, now, mails).await?;
        Ok((uids, taken))
    })
}

async fn settle(mailbox: &Mailbox, committing: Option<Committing>, custody: &mut Custody) {
    let Some(committing) = committing else { return };
    match committing.await {
        Ok(Ok((uids, taken))) => {
            custody.taken.extend(uids);
            let fresh = taken.iter().filter(|one| matches!(one, Taken::Fresh(_))).count() as u64;
            custody.fresh += fresh;
            if fresh > 0 {
                mailbox.wake.notify_one();
            }
        }
        Ok(Err(error)) => custody.failed = Some(Error::Store(error)),
        Err(_) => custody.failed = Some(Error::Lost("custody broke off")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_bounded_and_suspects_come_last_and_alone() {
        let mail = |uid, size| Listed { uid, size, internal_at: None };
        let mut fresh: Vec<Listed> = (1..=120).map(|uid| mail(uid, 1000)).collect();
        fresh.push(mail(200, 3_000_000));
        fresh.push(mail(201, 3_000_000));
        fresh.push(mail(202, 30_000_000));
        let batches = plan(&fresh, 25_000_000, &BTreeSet::from([7]), &BTreeSet::from([8]));
        let sizes: Vec<usize> = batches
            .iter()
            .map(|batch| match batch {
                Batch::Whole(all) => all.len(),
                Batch::InParts(_) => 0,
            })
            .collect();
        assert_eq!(sizes, [50, 50, 19, 1, 1, 0, 0]);
        assert!(matches!(batches.get(4), Some(Batch::Whole(one)) if one.first().is_some_and(|m| m.uid == 7)));
        assert!(matches!(batches.get(5), Some(Batch::InParts(one)) if one.uid == 8));
        assert!(matches!(batches.last(), Some(Batch::InParts(one)) if one.uid == 202));
    }
}
