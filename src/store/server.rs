//! Which PostgreSQL server this is, and in which of its lives. A standby that is promoted, or a server that was put back to an earlier
//! moment, begins a new timeline (PostgreSQL, "Timelines"): what the old one committed last may be missing there. Called by `db`.

use sqlx::{AnyConnection, Row};
use tokio_util::sync::CancellationToken;

/// What tells one life of one server from another: the cluster's number and its timeline.
const LIFE: &str = "SELECT (SELECT CAST(system_identifier AS TEXT) FROM pg_control_system()) || '/' || \
     substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS life";

/// The life that a store was opened in; every connection made later is held against it.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    life: Option<String>,
    parted: CancellationToken,
}

impl Server {
    /// Asks the server. One that does not let us ask is taken as it is.
    pub(super) async fn of(conn: &mut AnyConnection) -> Self {
        let life = match life(conn).await {
            Ok(life) => Some(life),
            Err(error) => {
                tracing::warn!(%error, "the server does not say in which of its lives it is: a promoted standby will not be noticed");
                None
            }
        };
        Self { life, parted: CancellationToken::new() }
    }

    /// None on SQLite, and where the server did not say.
    pub(super) fn life(&self) -> Option<&str> {
        self.life.as_deref()
    }

    /// Done once a connection led to another life.
    pub(super) fn parted(&self) -> CancellationToken {
        self.parted.clone()
    }

    /// Whether a fresh connection may be used: what was decided on one history is not written into another.
    pub(super) async fn same(&self, conn: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let Some(known) = &self.life else { return Ok(()) };
        if life(conn).await? != *known {
            self.parted.cancel();
            return Err(sqlx::Error::PoolClosed);
        }
        Ok(())
    }
}

async fn life(conn: &mut AnyConnection) -> Result<String, sqlx::Error> {
    sqlx::query(LIFE).fetch_one(conn).await?.try_get("life")
}
