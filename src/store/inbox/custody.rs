//! The taking half of the inbox: bytes into custody, durably and once, and which of them still lie on the server.
//! Called by intake only.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

use crate::calendar::Moment;
use crate::clock::Chance;
use crate::failpoint;
use crate::store::long::{self, Of};
use crate::store::sql::{self, Sql, hex};
use crate::store::{Error, Result, Store, Tx};

/// A mail as it was fetched, not yet understood.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// The mailbox's address, as configured.
    pub mailbox: String,
    /// The folder it lay in.
    pub folder: String,
    /// The folder's UIDVALIDITY (RFC 9051 §2.3.1.1).
    pub uidvalidity: i64,
    /// Its UID in the folder.
    pub uid: i64,
    /// INTERNALDATE: when the server received it.
    pub internal_at: Moment,
    /// Its bytes, as the server gave them.
    pub raw: Vec<u8>,
    /// Its real size in bytes, when `raw` is only the beginning.
    pub truncated_size: Option<i64>,
}

/// Whether a mail was taken now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// In custody from now on; its inbox id.
    Fresh(String),
    /// In custody already; its inbox id.
    Known(String),
}

impl Taken {
    /// The inbox id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Fresh(id) | Self::Known(id) => id,
        }
    }
}

/// Takes a batch into custody in one transaction; when it returns, all of it is on disk. A mail is known by
/// (mailbox, folder, uidvalidity, uid). Answers are in the batch's order.
///
/// # Errors
/// [`Error::Full`]: leave the mails on the server and try later; others as [`Store::begin`].
pub async fn take_in(store: &Store, chance: &Chance, now: Moment, mails: Vec<NewMail>) -> Result<Vec<Taken>> {
    // A large batch takes milliseconds to hash: not on the thread that others wait for, nor inside the transaction.
    let hashed =
        tokio::task::spawn_blocking(move || mails.into_iter().map(|mail| (hex(&Sha256::digest(&mail.raw)), mail)).collect::<Vec<_>>());
    let hashed = hashed.await.map_err(|_| Error::Unreachable(sqlx::Error::WorkerCrashed))?;
    failpoint::here("I4");
    let mut tx = store.begin().await?;
    let mut taken = Vec::with_capacity(hashed.len());
    for (sha256, mail) in hashed {
        taken.push(take_one(&mut tx, chance.ulid(now), now, &sha256, mail).await?);
    }
    failpoint::here("I6");
    tx.commit().await?;
    failpoint::here("I7");
    Ok(taken)
}

async fn take_one(tx: &mut Tx, id: String, now: Moment, sha256: &str, mail: NewMail) -> Result<Taken> {
    let fresh = Sql::new(
        "INSERT INTO inbox (id, mailbox, folder, uidvalidity, uid, internal_at, taken_at, state, attempts, sha256, size, truncated_size, filed, moved)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'new', 0, $8, $9, $10, 0, 0)
         ON CONFLICT (mailbox, folder, uidvalidity, uid) DO NOTHING",
    )
    .text(&id)
    .text(&mail.mailbox)
    .text(&mail.folder)
    .int(mail.uidvalidity)
    .int(mail.uid)
    .at(mail.internal_at)
    .at(now)
    .text(sha256)
    .int(i64::try_from(mail.raw.len()).unwrap_or(i64::MAX))
    .maybe_int(mail.truncated_size)
    .run(tx.conn())
    .await?;
    if fresh == 1 {
        long::put(tx, Of::Inbox, &id, &mail.raw.into(), "").await?;
        failpoint::here("I5");
        return Ok(Taken::Fresh(id));
    }
    let known = Sql::new("SELECT id FROM inbox WHERE mailbox = $1 AND folder = $2 AND uidvalidity = $3 AND uid = $4")
        .text(&mail.mailbox)
        .text(&mail.folder)
        .int(mail.uidvalidity)
        .int(mail.uid)
        .first(tx.conn())
        .await?;
    match known {
        Some(row) => Ok(Taken::Known(sql::text(&row, "id")?)),
        None => Err(Error::Stale { what: "inbox", id, why: "was there and is gone" }),
    }
}

/// The UIDs of a folder that are in custody. Grows with the folder's whole history: to ask about the mails that lie
/// there now, use [`known_among`].
///
/// # Errors
/// As the database says.
pub async fn known_uids(store: &Store, mailbox: &str, folder: &str, uidvalidity: i64) -> Result<BTreeSet<u32>> {
    known_between(store, mailbox, folder, uidvalidity, 0, i64::from(u32::MAX)).await
}

/// Which of `uids` are in custody. Costs what the span from the lowest to the highest of them holds.
///
/// # Errors
/// As the database says.
pub async fn known_among(store: &Store, mailbox: &str, folder: &str, uidvalidity: i64, uids: &BTreeSet<u32>) -> Result<BTreeSet<u32>> {
    let (Some(first), Some(last)) = (uids.first(), uids.last()) else {
        return Ok(BTreeSet::new());
    };
    let known = known_between(store, mailbox, folder, uidvalidity, i64::from(*first), i64::from(*last)).await?;
    Ok(known.intersection(uids).copied().collect())
}

async fn known_between(store: &Store, mailbox: &str, folder: &str, uidvalidity: i64, first: i64, last: i64) -> Result<BTreeSet<u32>> {
    let rows = Sql::new("SELECT uid FROM inbox WHERE mailbox = $1 AND folder = $2 AND uidvalidity = $3 AND uid >= $4 AND uid <= $5")
        .text(mailbox)
        .text(folder)
        .int(uidvalidity)
        .int(first)
        .int(last)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(uid).collect()
}

fn uid(row: &AnyRow) -> Result<u32> {
    let uid = sql::int(row, "uid")?;
    u32::try_from(uid).map_err(|_| sql::damaged("inbox", "uid", &uid.to_string()))
}

/// Of a mailbox's mails that came in at `since` or later: how many there are of each (INTERNALDATE, real size in bytes).
///
/// # Errors
/// As the database says.
pub async fn taken_since(store: &Store, mailbox: &str, since: Option<Moment>) -> Result<BTreeMap<(Moment, i64), usize>> {
    let rows = Sql::new("SELECT internal_at, COALESCE(truncated_size, size) AS size FROM inbox WHERE mailbox = $1 AND internal_at >= $2")
        .text(mailbox)
        .at(since.unwrap_or(Moment::from_unix(0)))
        .all(&mut *store.reader().await?)
        .await?;
    let mut taken = BTreeMap::new();
    for row in &rows {
        *taken.entry((sql::at(row, "internal_at")?, sql::int(row, "size")?)).or_insert(0) += 1;
    }
    Ok(taken)
}

/// Whether a mail of these bytes was ever taken into custody.
///
/// # Errors
/// As the database says.
pub async fn has_bytes(store: &Store, raw: &[u8]) -> Result<bool> {
    let sha256 = hex(&Sha256::digest(raw));
    let row = Sql::new("SELECT id FROM inbox WHERE sha256 = $1 LIMIT 1").text(&sha256).first(&mut *store.reader().await?).await?;
    Ok(row.is_some())
}

/// Held mails that still lie in the processed folder: id and Message-ID. One without a Message-ID cannot be found there again
/// and stays.
///
/// # Errors
/// As the database says.
pub async fn to_quarantine(store: &Store, mailbox: &str) -> Result<Vec<(String, String)>> {
    let rows = Sql::new("SELECT id, message_id FROM inbox WHERE state = 'held' AND mailbox = $1 AND moved = 1 AND message_id IS NOT NULL")
        .text(mailbox)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(|row| Ok((sql::text(row, "id")?, sql::text(row, "message_id")?))).collect()
}

/// Notes that these mails lie in the quarantine folder, or that the processed folder does not have them.
///
/// # Errors
/// As the database says.
pub async fn set_quarantined(store: &Store, ids: &[String]) -> Result<()> {
    let mut tx = store.begin().await?;
    for id in ids {
        Sql::new("UPDATE inbox SET moved = 2 WHERE id = $1").text(id).run(tx.conn()).await?;
    }
    tx.commit().await
}

/// Notes that the server has moved these mails out of the folder (or that they are gone from it).
///
/// # Errors
/// As the database says.
pub async fn set_moved(store: &Store, ids: &[String]) -> Result<()> {
    let mut tx = store.begin().await?;
    for id in ids {
        Sql::new("UPDATE inbox SET moved = 1 WHERE id = $1").text(id).run(tx.conn()).await?;
    }
    tx.commit().await
}

/// Mails of a folder that are in custody and still lie there: (inbox id, uid), by uid.
///
/// # Errors
/// As the database says.
pub async fn unmoved(store: &Store, mailbox: &str, folder: &str, uidvalidity: i64) -> Result<Vec<(String, u32)>> {
    let rows = Sql::new("SELECT id, uid FROM inbox WHERE mailbox = $1 AND folder = $2 AND uidvalidity = $3 AND moved = 0 ORDER BY uid")
        .text(mailbox)
        .text(folder)
        .int(uidvalidity)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(|row| Ok((sql::text(row, "id")?, uid(row)?))).collect()
}
