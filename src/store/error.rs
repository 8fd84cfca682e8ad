//! What can go wrong with the store, sorted by what the caller does next.
//! Database errors are translated here, once; nobody above reads codes of SQLite or PostgreSQL.

use std::path::PathBuf;

/// Why the store could not do it. No variant's text holds data of a case.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not one of ours: correct the configuration.
    #[error("store.url: {0}")]
    Url(String),
    /// The database's folder is not there: create it, owned by the service's user.
    #[error("store.url: the folder {} does not exist; create it, owned by the service's user", .0.display())]
    NoFolder(PathBuf),
    /// The database was written by a newer version: start that one, or restore the backup taken before the upgrade.
    #[error(
        "the store has schema {found} ({name}), this version knows up to {known}: start the newer version or restore the backup taken before the upgrade"
    )]
    Newer {
        /// The schema that was found.
        found: i64,
        /// Its name.
        name: String,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// A migration that was applied differs from ours of the same number: this is another program's or a changed database.
    #[error("the store's migration {version} differs from the one in this version: the database or the program was altered")]
    Altered {
        /// The migration's number.
        version: i64,
    },
    /// Another daemon works on this store: stop it first.
    #[error("another redress works on {} ({holder}): stop it first", path.display())]
    InUse {
        /// The lock that it holds.
        path: PathBuf,
        /// What it wrote into the lock: its process number.
        holder: String,
    },
    /// The database does not promise what we rely on: do not start.
    #[error("the store is not safe: {0}")]
    Unsafe(String),
    /// Somebody else wrote at the same moment: do the whole transaction again.
    #[error("the store is busy: {0}")]
    Busy(#[source] sqlx::Error),
    /// No room left to write: pause intake, tell the operator, try again later.
    #[error("the store has no room left: {0}")]
    Full(#[source] sqlx::Error),
    /// The disk was full a moment ago and the reserve is let go: nothing is taken in until there is room for it again.
    #[error("the disk is full: nothing is taken in until there is room again")]
    Short,
    /// The database does not answer: try again later.
    #[error("the store cannot be reached: {0}")]
    Unreachable(#[source] sqlx::Error),
    /// A row that the caller relied on is gone, or not in the state that the act needs: roll back and look again.
    #[error("{what} {id}: {why}")]
    Stale {
        /// The kind of row, e.g. `inbox`.
        what: &'static str,
        /// Its id.
        id: String,
        /// What was expected of it.
        why: &'static str,
    },
    /// A stored value that cannot be one of ours: stop, and restore or repair.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A file beside the database could not be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Anything else that the database said: a fault of ours; log it and do not try again blindly.
    #[error("the store refused: {0}")]
    Sql(#[source] sqlx::Error),
}

impl Error {
    /// Whether the database had not the memory for it (SQLite NOMEM, PostgreSQL out_of_memory).
    #[must_use]
    pub fn is_out_of_memory(&self) -> bool {
        let (Self::Sql(error) | Self::Unreachable(error)) = self else { return false };
        let code = error.as_database_error().and_then(|database| database.code()).unwrap_or_default();
        matches!(code.as_ref(), "7" | "53200")
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Unreachable(error),
            sqlx::Error::PoolTimedOut => Self::Busy(error),
            sqlx::Error::Database(database) => match kind(database.code().as_deref().unwrap_or_default()) {
                Kind::Busy => Self::Busy(error),
                Kind::Full => Self::Full(error),
                Kind::Unreachable => Self::Unreachable(error),
                Kind::Damaged => Self::Damaged(error.to_string()),
                Kind::Other => Self::Sql(error),
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => Self::Damaged(error.to_string()),
            _ => Self::Sql(error),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Busy,
    Full,
    Unreachable,
    Damaged,
    Other,
}

/// SQLite's codes are numbers (extended: the low byte is the primary code), PostgreSQL's are five characters.
fn kind(code: &str) -> Kind {
    if code.len() == 5 {
        return match code {
            "40001" | "40P01" | "55P03" => Kind::Busy,
            "53100" => Kind::Full,
            "XX001" | "XX002" => Kind::Damaged,
            _ if code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") => Kind::Unreachable,
            _ => Kind::Other,
        };
    }
    // A quota, or a file that may not grow: SQLite calls both a failed write (IOERR_WRITE, IOERR_SHMSIZE).
    if matches!(code, "778" | "4874") {
        return Kind::Full;
    }
    match code.parse::<u32>().map(|n| n & 0xff) {
        Ok(5 | 6) => Kind::Busy,
        Ok(13) => Kind::Full,
        Ok(10 | 14) => Kind::Unreachable,
        Ok(11 | 26) => Kind::Damaged,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_say_what_to_do_next() {
        // SQLite: BUSY, BUSY_SNAPSHOT, FULL, IOERR_WRITE, IOERR_FSYNC, CORRUPT, NOTADB, CONSTRAINT_UNIQUE.
        let sqlite = ["5", "517", "13", "778", "1034", "11", "26", "2067"].map(kind);
        assert_eq!(sqlite, [Kind::Busy, Kind::Busy, Kind::Full, Kind::Full, Kind::Unreachable, Kind::Damaged, Kind::Damaged, Kind::Other]);
        // PostgreSQL: deadlock, serialization, disk full, admin shutdown, connection failure, too many connections, unique.
        let postgres = ["40P01", "40001", "53100", "57P01", "08006", "53300", "23505"].map(kind);
        assert_eq!(postgres, [Kind::Busy, Kind::Busy, Kind::Full, Kind::Unreachable, Kind::Unreachable, Kind::Unreachable, Kind::Other]);
    }
}
