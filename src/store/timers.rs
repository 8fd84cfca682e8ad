//! Alarms: one a case and key, armed anew as often as needed, fired once. The organisation's own alarms (the digest's
//! hour) have the case id `""`. What an alarm means is the payload's. Called by desk and daemon.

use sqlx::any::AnyRow;

use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

/// An armed alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerRow {
    /// Its id; another one after it was armed for another moment.
    pub id: String,
    /// The case, or `""`.
    pub case_id: String,
    /// Its name within the case.
    pub key: String,
    /// When it is due.
    pub due_at: Moment,
    /// What to do then, as JSON.
    pub payload: String,
}

/// Arms an alarm; an earlier one of the same case and key, armed or fired, is replaced.
///
/// # Errors
/// As the database says.
pub async fn arm(tx: &mut Tx, case_id: &str, key: &str, due_at: Moment, payload: &str) -> Result<()> {
    Sql::new(
        "INSERT INTO timers (case_id, key, id, due_at, payload, state) VALUES ($1, $2, $3, $4, $5, 'armed')
         ON CONFLICT (case_id, key) DO UPDATE SET id = excluded.id, due_at = excluded.due_at, payload = excluded.payload, state = 'armed'",
    )
    .text(case_id)
    .text(key)
    .text(&format!("{case_id}/{key}@{}", due_at.unix()))
    .at(due_at)
    .text(payload)
    .run(tx.conn())
    .await
    .map(|_| ())
}

/// Disarms all armed alarms of a case whose key begins with `key_prefix` (all of them for `""`); how many.
///
/// # Errors
/// As the database says.
pub async fn disarm(tx: &mut Tx, case_id: &str, key_prefix: &str) -> Result<u64> {
    // No key begins with the last character of Unicode: everything between the two begins with the prefix.
    Sql::new("DELETE FROM timers WHERE case_id = $1 AND key >= $2 AND key < $3 AND state = 'armed'")
        .text(case_id)
        .text(key_prefix)
        .text(&format!("{key_prefix}{}", char::MAX))
        .run(tx.conn())
        .await
}

/// Alarms that are due, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn due(store: &Store, now: Moment, limit: i64) -> Result<Vec<TimerRow>> {
    let rows = Sql::new("SELECT * FROM timers WHERE state = 'armed' AND due_at <= $1 ORDER BY due_at, id LIMIT $2")
        .at(now)
        .int(limit)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// When the next alarm is due.
///
/// # Errors
/// As the database says.
pub async fn next(store: &Store) -> Result<Option<Moment>> {
    let row =
        Sql::new("SELECT due_at FROM timers WHERE state = 'armed' ORDER BY due_at, id LIMIT 1").first(&mut *store.reader().await?).await?;
    row.as_ref().map(|row| sql::at(row, "due_at")).transpose()
}

/// A case's armed alarms, by their moment.
///
/// # Errors
/// As the database says.
pub async fn for_case(store: &Store, case_id: &str) -> Result<Vec<TimerRow>> {
    let rows = Sql::new("SELECT * FROM timers WHERE case_id = $1 AND state = 'armed' ORDER BY key")
        .text(case_id)
        .all(&mut *store.reader().await?)
        .await?;
    let mut timers = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    timers.sort_by_key(|timer| timer.due_at);
    Ok(timers)
}

/// Fires an alarm, in the transaction of what it causes; `false` when it was fired, disarmed or armed for another
/// moment meanwhile: then do nothing.
///
/// # Errors
/// As the database says.
pub async fn fire(tx: &mut Tx, id: &str) -> Result<bool> {
    Ok(Sql::new("UPDATE timers SET state = 'fired' WHERE id = $1 AND state = 'armed'").text(id).run(tx.conn()).await? == 1)
}

/// Puts alarms off that could not be dealt with, so that they hold up no other.
///
/// # Errors
/// As the database says.
pub async fn put_off(tx: &mut Tx, ids: &[String], until: Moment) -> Result<()> {
    for id in ids {
        Sql::new("UPDATE timers SET due_at = $2 WHERE id = $1 AND state = 'armed'").text(id).at(until).run(tx.conn()).await?;
    }
    Ok(())
}

fn read(row: &AnyRow) -> Result<TimerRow> {
    Ok(TimerRow {
        id: sql::text(row, "id")?,
        case_id: sql::text(row, "case_id")?,
        key: sql::text(row, "key")?,
        due_at: sql::at(row, "due_at")?,
        payload: sql::text(row, "payload")?,
    })
}
