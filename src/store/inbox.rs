//! Custody and its ledger: every mail that was taken, its bytes, and what became of it.
//! A row goes new → done | held | ignored, and held → new again when the operator releases it. What a mail means is
//! decided elsewhere. Called by intake (`take_in`, `known_*`, `unmoved`), desk (`next_new` … `finish`) and cli.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

use super::sql::{self, Sql, hex, index_key};
use super::{Error, Result, Store, Tx};
use crate::calendar::Moment;
use crate::clock::Chance;

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

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Waits for the clerk.
    New,
    /// Became an event, or was answered without one.
    Done,
    /// In quarantine, with its reason, until the operator decides.
    Held,
    /// Set aside, with its reason.
    Ignored,
}

impl State {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Done => "done",
            Self::Held => "held",
            Self::Ignored => "ignored",
        }
    }

    fn read(word: &str) -> Result<Self> {
        match word {
            "new" => Ok(Self::New),
            "done" => Ok(Self::Done),
            "held" => Ok(Self::Held),
            "ignored" => Ok(Self::Ignored),
            other => Err(sql::damaged("inbox", "state", other)),
        }
    }
}

/// A mail in custody, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxRow {
    /// Its id (ULID).
    pub id: String,
    /// The mailbox's address.
    pub mailbox: String,
    /// The folder it lay in.
    pub folder: String,
    /// The folder's UIDVALIDITY.
    pub uidvalidity: i64,
    /// Its UID.
    pub uid: i64,
    /// INTERNALDATE.
    pub internal_at: Moment,
    /// When we took it.
    pub taken_at: Moment,
    /// What became of it.
    pub state: State,
    /// Why it was held or ignored.
    pub reason: Option<String>,
    /// How often the clerk began with it.
    pub attempts: i64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Bytes in custody.
    pub size: i64,
    /// Its real size, when only the beginning was taken.
    pub truncated_size: Option<i64>,
    /// The case it opened or was added to.
    pub case_id: Option<String>,
    /// What kind of mail it was read as.
    pub class: Option<String>,
    /// Its Message-ID.
    pub message_id: Option<String>,
}

/// The ledger of one mailbox and UIDVALIDITY: `seen` is the sum of all the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerLine {
    /// The mailbox's address.
    pub mailbox: String,
    /// The folder's UIDVALIDITY.
    pub uidvalidity: i64,
    /// Taken into custody.
    pub seen: i64,
    /// Opened a case.
    pub cased: i64,
    /// Added to a case.
    pub threaded: i64,
    /// Done without a case (a report asked for, a calendar's change).
    pub other: i64,
    /// In quarantine.
    pub held: i64,
    /// Set aside.
    pub ignored: i64,
    /// Not yet read.
    pub new: i64,
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
    let mut tx = store.begin().await?;
    let mut taken = Vec::with_capacity(hashed.len());
    for (sha256, mail) in hashed {
        taken.push(take_one(&mut tx, chance.ulid(now), now, &sha256, mail).await?);
    }
    tx.commit().await?;
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
        Sql::new("INSERT INTO inbox_raw (id, raw) VALUES ($1, $2)").text(&id).bytes(mail.raw).run(tx.conn()).await?;
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

/// The mails that wait, in the order in which the server received them.
///
/// # Errors
/// As the database says.
pub async fn next_new(store: &Store, limit: i64) -> Result<Vec<InboxRow>> {
    let rows = Sql::new("SELECT * FROM inbox WHERE state = 'new' ORDER BY internal_at, uid, id LIMIT $1")
        .int(limit)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// One mail in custody.
///
/// # Errors
/// As the database says.
pub async fn get(store: &Store, id: &str) -> Result<Option<InboxRow>> {
    let row = Sql::new("SELECT * FROM inbox WHERE id = $1").text(id).first(&mut *store.reader().await?).await?;
    row.as_ref().map(read).transpose()
}

/// A mail's bytes.
///
/// # Errors
/// [`Error::Stale`] when there is no such mail.
pub async fn raw(store: &Store, id: &str) -> Result<Vec<u8>> {
    let row = Sql::new("SELECT raw FROM inbox_raw WHERE id = $1").text(id).first(&mut *store.reader().await?).await?;
    let row = row.ok_or_else(|| stale(id, "is not in custody"))?;
    sql::bytes(&row, "raw")
}

/// Counts the try that is about to begin, durably, and says the how-manieth it is: a mail that kills the process is
/// recognised after the restart.
///
/// # Errors
/// [`Error::Stale`] when it does not wait.
pub async fn count_attempt(store: &Store, id: &str) -> Result<i64> {
    let mut tx = store.begin().await?;
    let row = Sql::new("UPDATE inbox SET attempts = attempts + 1 WHERE id = $1 AND state = 'new' RETURNING attempts")
        .text(id)
        .first(tx.conn())
        .await?;
    let attempts = sql::int(&row.ok_or_else(|| stale(id, "does not wait to be read"))?, "attempts")?;
    tx.commit().await?;
    Ok(attempts)
}

/// [`count_attempt`] for a batch in one transaction; ids that do not wait are left out of the answer.
///
/// # Errors
/// As the database says.
pub async fn count_attempts(store: &Store, ids: &[String]) -> Result<BTreeMap<String, i64>> {
    let mut tx = store.begin().await?;
    let mut counted = BTreeMap::new();
    for id in ids {
        let statement = Sql::new("UPDATE inbox SET attempts = attempts + 1 WHERE id = $1 AND state = 'new' RETURNING attempts").text(id);
        if let Some(row) = statement.first(tx.conn()).await? {
            counted.insert(id.clone(), sql::int(&row, "attempts")?);
        }
    }
    tx.commit().await?;
    Ok(counted)
}

/// Ends a mail's wait, in the transaction of what it caused. The first mail of a case is booked as having opened it.
///
/// # Errors
/// [`Error::Stale`] when it does not wait (somebody else finished it): roll back.
pub async fn finish(
    tx: &mut Tx,
    id: &str,
    state: State,
    reason: Option<&str>,
    class: Option<&str>,
    case_id: Option<&str>,
    message_id: Option<&str>,
) -> Result<()> {
    let changed = Sql::new(
        "UPDATE inbox SET state = $2, reason = $3, class = $4, case_id = $5, message_id = $6,
         filed = CASE WHEN CAST($5 AS TEXT) IS NULL THEN 0 WHEN EXISTS (SELECT 1 FROM inbox AS earlier WHERE earlier.case_id = $5) THEN 2 ELSE 1 END
         WHERE id = $1 AND state = 'new'",
    )
    .text(id)
    .text(state.as_str())
    .maybe_text(reason)
    .maybe_text(class)
    .maybe_text(case_id)
    .maybe_text(message_id.map(index_key).as_deref())
    .run(tx.conn())
    .await?;
    if changed == 1 { Ok(()) } else { Err(stale(id, "does not wait to be read")) }
}

/// The same bytes taken earlier under another identity (a copied folder, a new UIDVALIDITY), the oldest of them. Of two
/// copies in one batch exactly one is the earlier.
///
/// # Errors
/// As the database says.
pub async fn earlier_copy(store: &Store, sha256: &str, not_id: &str) -> Result<Option<InboxRow>> {
    let row = Sql::new(
        "SELECT inbox.* FROM inbox JOIN inbox AS this ON this.id = $2
         WHERE inbox.sha256 = $1 AND (inbox.taken_at < this.taken_at OR (inbox.taken_at = this.taken_at AND inbox.id < $2))
         ORDER BY inbox.taken_at, inbox.id LIMIT 1",
    )
    .text(sha256)
    .text(not_id)
    .first(&mut *store.reader().await?)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The quarantine, oldest first.
///
/// # Errors
/// As the database says.
pub async fn held(store: &Store) -> Result<Vec<InboxRow>> {
    let rows = Sql::new("SELECT * FROM inbox WHERE state = 'held' ORDER BY internal_at, id").all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

/// Lets a held mail be read again, with its attempts forgotten.
///
/// # Errors
/// [`Error::Stale`] when it is not held.
pub async fn release(tx: &mut Tx, id: &str) -> Result<()> {
    let changed = Sql::new(
        "UPDATE inbox SET state = 'new', attempts = 0, reason = NULL, class = NULL, case_id = NULL, filed = 0 WHERE id = $1 AND state = 'held'",
    )
    .text(id)
    .run(tx.conn())
    .await?;
    if changed == 1 { Ok(()) } else { Err(stale(id, "is not held")) }
}

/// Sets a held mail aside for good, on the operator's word.
///
/// # Errors
/// [`Error::Stale`] when it is not held.
pub async fn drop(tx: &mut Tx, id: &str) -> Result<()> {
    let changed = Sql::new("UPDATE inbox SET state = 'ignored', reason = 'dropped by operator' WHERE id = $1 AND state = 'held'")
        .text(id)
        .run(tx.conn())
        .await?;
    if changed == 1 { Ok(()) } else { Err(stale(id, "is not held")) }
}

/// The balance: every mail that was ever taken, by what became of it.
///
/// # Errors
/// As the database says.
pub async fn ledger(store: &Store) -> Result<Vec<LedgerLine>> {
    let rows =
        Sql::new("SELECT mailbox, uidvalidity, state, filed, COUNT(*) AS mails FROM inbox GROUP BY mailbox, uidvalidity, state, filed")
            .all(&mut *store.reader().await?)
            .await?;
    let mut lines: BTreeMap<(String, i64), LedgerLine> = BTreeMap::new();
    for row in &rows {
        let (mailbox, uidvalidity) = (sql::text(row, "mailbox")?, sql::int(row, "uidvalidity")?);
        let mails = sql::int(row, "mails")?;
        let line =
            lines.entry((mailbox.clone(), uidvalidity)).or_insert_with(|| LedgerLine { mailbox, uidvalidity, ..LedgerLine::default() });
        line.seen += mails;
        match (State::read(&sql::text(row, "state")?)?, sql::int(row, "filed")?) {
            (State::New, _) => line.new += mails,
            (State::Held, _) => line.held += mails,
            (State::Ignored, _) => line.ignored += mails,
            (State::Done, 1) => line.cased += mails,
            (State::Done, 2) => line.threaded += mails,
            (State::Done, _) => line.other += mails,
        }
    }
    Ok(lines.into_values().collect())
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

fn stale(id: &str, why: &'static str) -> Error {
    Error::Stale { what: "inbox", id: id.to_owned(), why }
}

fn read(row: &AnyRow) -> Result<InboxRow> {
    Ok(InboxRow {
        id: sql::text(row, "id")?,
        mailbox: sql::text(row, "mailbox")?,
        folder: sql::text(row, "folder")?,
        uidvalidity: sql::int(row, "uidvalidity")?,
        uid: sql::int(row, "uid")?,
        internal_at: sql::at(row, "internal_at")?,
        taken_at: sql::at(row, "taken_at")?,
        state: State::read(&sql::text(row, "state")?)?,
        reason: sql::maybe_text(row, "reason")?,
        attempts: sql::int(row, "attempts")?,
        sha256: sql::text(row, "sha256")?,
        size: sql::int(row, "size")?,
        truncated_size: sql::maybe_int(row, "truncated_size")?,
        case_id: sql::maybe_text(row, "case_id")?,
        class: sql::maybe_text(row, "class")?,
        message_id: sql::maybe_text(row, "message_id")?,
    })
}
