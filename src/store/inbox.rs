//! Custody: every mail that was taken, its bytes, and what became of it.
//! A row goes new → done | held | ignored, and held → new again when the operator releases it. What a mail means is
//! decided elsewhere. Called by intake (`take_in`, `known_*`, `unmoved`), desk (`next_new` … `finish`) and cli.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use super::long::{self, Of};
use super::sql::{self, Sql, index_key};
use super::{Error, Result, Store, Tx};
use crate::calendar::Moment;

mod custody;

pub use custody::{
    NewMail, Taken, has_bytes, known_among, known_uids, set_moved, set_quarantined, take_in, taken_since, to_quarantine, unmoved,
};

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

/// Every mail that was ever taken into custody, in that order.
///
/// # Errors
/// As the database says.
pub async fn all(store: &Store) -> Result<Vec<InboxRow>> {
    let rows =
        Sql::new("SELECT * FROM inbox ORDER BY taken_at, mailbox, folder, uidvalidity, uid").all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

/// Up to `limit` mails that belong to no case, after this id, in the order of their ids.
///
/// # Errors
/// As the database says.
pub async fn of_no_case(store: &Store, after: &str, limit: i64) -> Result<Vec<InboxRow>> {
    let statement = Sql::new("SELECT * FROM inbox WHERE case_id IS NULL AND id > $1 ORDER BY id LIMIT $2").text(after).int(limit);
    statement.all(&mut *store.reader().await?).await?.iter().map(read).collect()
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
    long::get(&mut *store.reader().await?, Of::Inbox, id).await?.ok_or_else(|| stale(id, "is not in custody"))
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

/// A mail read alone has been understood and its letters are written: whatever ends the process from here on is not its doing. It
/// goes back to one try, so that it is read alone again, and no number of unlucky restarts makes a harmless mail look like a poisoned one.
///
/// # Errors
/// As the database says.
pub async fn survived(store: &Store, id: &str) -> Result<()> {
    let mut tx = store.begin().await?;
    Sql::new("UPDATE inbox SET attempts = 1 WHERE id = $1 AND state = 'new'").text(id).run(tx.conn()).await?;
    tx.commit().await
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
/// copies that both wait exactly one is the earlier; one that was dealt with is, whatever the clock and the ids say.
///
/// # Errors
/// As the database says.
pub async fn earlier_copy(store: &Store, sha256: &str, not_id: &str) -> Result<Option<InboxRow>> {
    let row = Sql::new(
        "SELECT inbox.* FROM inbox JOIN inbox AS this ON this.id = $2
         WHERE inbox.sha256 = $1 AND inbox.id <> $2 AND (inbox.state IN ('done', 'held') OR inbox.taken_at < this.taken_at
         OR (inbox.taken_at = this.taken_at AND inbox.id < $2))
         ORDER BY inbox.taken_at, inbox.id LIMIT 1",
    )
    .text(sha256)
    .text(not_id)
    .first(&mut *store.reader().await?)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Mails that were dealt with under this Message-ID, oldest first; at most eight, since a Message-ID proves nothing by itself.
///
/// # Errors
/// As the database says.
pub async fn done_with_message_id(store: &Store, message_id: &str, not_id: &str) -> Result<Vec<InboxRow>> {
    let rows = Sql::new("SELECT * FROM inbox WHERE message_id = $1 AND id <> $2 AND state = 'done' AND reason IS NULL ORDER BY id LIMIT 8")
        .text(&index_key(message_id))
        .text(not_id)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
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
