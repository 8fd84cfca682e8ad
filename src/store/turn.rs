//! What one process does at a time, of all that share a PostgreSQL store: an advisory lock of its own connection, so that it ends with
//! the process, however that ends. A SQLite store has one daemon (`lock`). Called by daemon.

use sqlx::AnyConnection;

use super::sql::{self, Sql};
use super::{Dialect, Result, Store};

/// Names the lock within the database; any number that nobody else takes.
const KEY: &str = "SELECT CAST(CASE WHEN pg_try_advisory_lock(7240115) THEN 1 ELSE 0 END AS BIGINT) AS held";

/// Held until it is dropped. The server lets go of the lock when the connection closes.
#[derive(Debug)]
pub struct Turn {
    _connection: Option<AnyConnection>,
}

impl Store {
    /// Takes the turn, unless another process has it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn turn(&self) -> Result<Option<Turn>> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(Some(Turn { _connection: None }));
        }
        // Not the pool's any more: a connection that goes back to it would keep the lock.
        let mut connection = self.reader().await?.detach();
        let held = sql::int(&sql::sure(Sql::new(KEY).first(&mut connection).await?)?, "held")?;
        Ok((held == 1).then_some(Turn { _connection: Some(connection) }))
    }
}
