//! Migrations: brings a database to the newest schema in one transaction, or says why not.
//! The files are in migrations/{sqlite,postgres}, same numbers, same names. A newer or altered schema is refused.

use sha2::{Digest, Sha256};
use sqlx::AnyConnection;

use super::sql::{self, Sql, hex};
use super::{Dialect, Error, Result, Tx};
use crate::failpoint;

/// One step of the schema; `sql` is the dialect's file.
struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "first",
        sqlite: include_str!("../../migrations/sqlite/0001_first.sql"),
        postgres: include_str!("../../migrations/postgres/0001_first.sql"),
    },
    Migration {
        version: 2,
        name: "trail",
        sqlite: include_str!("../../migrations/sqlite/0002_trail.sql"),
        postgres: include_str!("../../migrations/postgres/0002_trail.sql"),
    },
    Migration {
        version: 3,
        name: "ledger",
        sqlite: include_str!("../../migrations/sqlite/0003_ledger.sql"),
        postgres: include_str!("../../migrations/postgres/0003_ledger.sql"),
    },
    Migration {
        version: 4,
        name: "keys",
        sqlite: include_str!("../../migrations/sqlite/0004_keys.sql"),
        postgres: include_str!("../../migrations/postgres/0004_keys.sql"),
    },
    Migration {
        version: 5,
        name: "doubt",
        sqlite: include_str!("../../migrations/sqlite/0005_doubt.sql"),
        postgres: include_str!("../../migrations/postgres/0005_doubt.sql"),
    },
    Migration {
        version: 6,
        name: "sms",
        sqlite: include_str!("../../migrations/sqlite/0006_sms.sql"),
        postgres: include_str!("../../migrations/postgres/0006_sms.sql"),
    },
    Migration {
        version: 7,
        name: "notes_case",
        sqlite: include_str!("../../migrations/sqlite/0007_notes_case.sql"),
        postgres: include_str!("../../migrations/postgres/0007_notes_case.sql"),
    },
    Migration {
        version: 8,
        name: "doubts",
        sqlite: include_str!("../../migrations/sqlite/0008_doubts.sql"),
        postgres: include_str!("../../migrations/postgres/0008_doubts.sql"),
    },
    Migration {
        version: 9,
        name: "directory",
        sqlite: include_str!("../../migrations/sqlite/0009_directory.sql"),
        postgres: include_str!("../../migrations/postgres/0009_directory.sql"),
    },
    Migration {
        version: 10,
        name: "pieces",
        sqlite: include_str!("../../migrations/sqlite/0010_pieces.sql"),
        postgres: include_str!("../../migrations/postgres/0010_pieces.sql"),
    },
];

/// Two nodes that start at the same moment migrate one after the other.
const LOCK: &str = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7305810642)) AS locked";

impl Migration {
    fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

/// Applies what is missing. All or nothing: an interrupted upgrade leaves the old schema.
pub(super) async fn migrate(mut tx: Tx, dialect: Dialect) -> Result<()> {
    let conn = tx.conn();
    if dialect == Dialect::Postgres {
        Sql::new(LOCK).run(conn).await?;
    }
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)",
    )
    .execute(&mut *conn)
    .await?;
    let applied = applied(conn).await?;
    let known = MIGRATIONS.last().map_or(0, |m| m.version);
    if let Some((found, name, _)) = applied.iter().find(|(version, _, _)| *version > known) {
        return Err(Error::Newer { found: *found, name: name.clone(), known });
    }
    for migration in MIGRATIONS {
        let sha256 = hex(&Sha256::digest(migration.sql(dialect)));
        match applied.iter().find(|(version, _, _)| *version == migration.version) {
            Some((_, _, before)) if *before == sha256 => {}
            Some(_) => return Err(Error::Altered { version: migration.version }),
            None => {
                sqlx::raw_sql(migration.sql(dialect)).execute(&mut *conn).await?;
                Sql::new("INSERT INTO schema_version (version, name, sha256) VALUES ($1, $2, $3)")
                    .int(migration.version)
                    .text(migration.name)
                    .text(&sha256)
                    .run(conn)
                    .await?;
                failpoint::here("U1");
            }
        }
    }
    tx.commit().await
}

async fn applied(conn: &mut AnyConnection) -> Result<Vec<(i64, String, String)>> {
    let rows = Sql::new("SELECT version, name, sha256 FROM schema_version ORDER BY version").all(conn).await?;
    rows.iter().map(|row| Ok((sql::int(row, "version")?, sql::text(row, "name")?, sql::text(row, "sha256")?))).collect()
}
