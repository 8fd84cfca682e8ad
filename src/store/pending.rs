//! Acts that wait for their sender's confirmation, found by the hash of the nonce that was mailed to him.
//! An act is closed once. Called by desk.

use sqlx::any::AnyRow;

use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

/// The state of an act that still waits.
pub const WAITING: &str = "waiting";

/// An act and where its confirmation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAct {
    /// Its id (ULID).
    pub id: String,
    /// The person asked, by id.
    pub person: String,
    /// The mail that holds the act.
    pub inbox_id: String,
    /// The hash of the nonce that confirms it.
    pub nonce_hash: String,
    /// When it was asked.
    pub at: Moment,
    /// [`WAITING`], or how it ended.
    pub state: String,
}

/// Stores an act; it begins as [`WAITING`], whatever its `state` says.
///
/// # Errors
/// As the database says; id and nonce hash are unique.
pub async fn put(tx: &mut Tx, act: &PendingAct) -> Result<()> {
    Sql::new("INSERT INTO pending (id, person, inbox_id, nonce_hash, at, state) VALUES ($1, $2, $3, $4, $5, $6)")
        .text(&act.id)
        .text(&act.person)
        .text(&act.inbox_id)
        .text(&act.nonce_hash)
        .at(act.at)
        .text(WAITING)
        .run(tx.conn())
        .await
        .map(|_| ())
}

/// The act that this nonce confirms, whatever its state.
///
/// # Errors
/// As the database says.
pub async fn by_nonce_hash(store: &Store, nonce_hash: &str) -> Result<Option<PendingAct>> {
    let row = Sql::new("SELECT * FROM pending WHERE nonce_hash = $1").text(nonce_hash).first(&mut *store.reader().await?).await?;
    row.as_ref().map(read).transpose()
}

/// Ends an act's wait, in the transaction of what it causes; `false` when it did not wait any more: do nothing.
///
/// # Errors
/// As the database says.
pub async fn close(tx: &mut Tx, id: &str, state: &str) -> Result<bool> {
    let statement = Sql::new("UPDATE pending SET state = $2 WHERE id = $1 AND state = 'waiting'");
    Ok(statement.text(id).text(state).run(tx.conn()).await? == 1)
}

/// How many acts in this person's name were not confirmed since then.
///
/// # Errors
/// As the database says.
pub async fn count_for_person_since(store: &Store, person: &str, since: Moment) -> Result<i64> {
    let row = Sql::new("SELECT COUNT(*) AS acts FROM pending WHERE person = $1 AND at >= $2 AND state <> 'confirmed'")
        .text(person)
        .at(since)
        .first(&mut *store.reader().await?)
        .await?;
    row.as_ref().map_or(Ok(0), |row| sql::int(row, "acts"))
}

/// How many of them were on this case.
///
/// # Errors
/// As the database says.
pub async fn count_on_case_since(store: &Store, person: &str, case_id: &str, since: Moment) -> Result<i64> {
    let statement = Sql::new(
        "SELECT COUNT(*) AS acts FROM pending WHERE person = $1 AND at >= $2 AND state <> 'confirmed'
         AND inbox_id IN (SELECT id FROM inbox WHERE case_id = $3)",
    );
    let row = statement.text(person).at(since).text(case_id).first(&mut *store.reader().await?).await?;
    row.as_ref().map_or(Ok(0), |row| sql::int(row, "acts"))
}

fn read(row: &AnyRow) -> Result<PendingAct> {
    Ok(PendingAct {
        id: sql::text(row, "id")?,
        person: sql::text(row, "person")?,
        inbox_id: sql::text(row, "inbox_id")?,
        nonce_hash: sql::text(row, "nonce_hash")?,
        at: sql::at(row, "at")?,
        state: sql::text(row, "state")?,
    })
}
