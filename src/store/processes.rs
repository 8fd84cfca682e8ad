//! Which processes work on a store that several may share (PostgreSQL), each with a mark by which another one on the same machine can tell
//! that it has died. Its claims in the outbox begin with its name. Called by daemon: `processes` reads the marks.

use sqlx::any::AnyRow;

use super::sql::{self, Sql};
use super::{Result, Store};
use crate::calendar::Moment;

/// A process that works on this store, or died while it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its name, drawn at its start.
    pub name: String,
    /// What tells it apart from every other process of its machine.
    pub mark: String,
    /// Since when it works.
    pub since: Moment,
}

/// Before a process's name in the table `leases`, which holds nothing else: each lease ends with its process, not by time.
const PREFIX: &str = "process:";

/// Puts a process down as working.
///
/// # Errors
/// As the database says.
pub async fn sign_in(store: &Store, process: &Process) -> Result<()> {
    let mut tx = store.begin().await?;
    Sql::new("INSERT INTO leases (name, holder, fence, until) VALUES ($1, $2, 1, $3) ON CONFLICT (name) DO NOTHING")
        .text(&format!("{PREFIX}{}", process.name))
        .text(&process.mark)
        .at(process.since)
        .run(tx.conn())
        .await?;
    tx.commit().await
}

/// All that are put down, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn signed_in(store: &Store) -> Result<Vec<Process>> {
    let statement = Sql::new("SELECT name, holder, until FROM leases WHERE name LIKE 'process:%' ORDER BY until, name");
    let rows = statement.all(&mut *store.reader().await?).await?;
    rows.iter().map(|row| Ok(Process { name: name(row)?, mark: sql::text(row, "holder")?, since: sql::at(row, "until")? })).collect()
}

/// It works no more.
///
/// # Errors
/// As the database says.
pub async fn sign_out(store: &Store, name: &str) -> Result<()> {
    let mut tx = store.begin().await?;
    Sql::new("DELETE FROM leases WHERE name = $1").text(&format!("{PREFIX}{name}")).run(tx.conn()).await?;
    tx.commit().await
}

fn name(row: &AnyRow) -> Result<String> {
    let name = sql::text(row, "name")?;
    Ok(name.strip_prefix(PREFIX).unwrap_or(&name).to_owned())
}
