//! Public keys of DKIM signatures as DNS gave them, and when. Written by intake, which asks; read by desk, which judges.

use super::sql::{self, Sql};
use super::{Result, Store};
use crate::calendar::Moment;

/// What DNS said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// The TXT record; empty: there is none.
    pub record: String,
    /// When it was heard.
    pub at: Moment,
}

/// The record of a name, if it was ever asked for.
///
/// # Errors
/// As the database says.
pub async fn get(store: &Store, name: &str) -> Result<Option<KeyRow>> {
    let row = Sql::new("SELECT record, at FROM dkim_keys WHERE name = $1").text(name).first(&mut *store.reader().await?).await?;
    row.as_ref().map(|row| Ok(KeyRow { record: sql::text(row, "record")?, at: sql::at(row, "at")? })).transpose()
}

/// Keeps what DNS said.
///
/// # Errors
/// As the database says.
pub async fn keep(store: &Store, name: &str, record: &str, at: Moment) -> Result<()> {
    let mut tx = store.begin().await?;
    Sql::new(
        "INSERT INTO dkim_keys (name, record, at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET record = excluded.record, at = excluded.at",
    )
    .text(name)
    .text(record)
    .at(at)
    .run(tx.conn())
    .await?;
    tx.commit().await
}
