//! The pools, the dialect, and the writing transaction. Opens, checks and migrates; knows no table.
//! On SQLite there is one writer and a few readers; begin and commit run in tasks of their own, so that a caller who
//! gives up half-way leaves no open transaction behind (sqlx 0.9 would hand such a connection to the next one).

use std::fmt;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions, Connection, Transaction};
use tokio_util::sync::CancellationToken;

use super::reserve::{self, Reserve};
use super::server::Server;
use super::sql::{self, Sql};
use super::{Error, InstanceLock, Result, schema};
use crate::failpoint;

/// Which database stands behind the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// One file, one daemon.
    Sqlite,
    /// A server that several nodes share.
    Postgres,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Pools>);

struct Pools {
    dialect: Dialect,
    read: AnyPool,
    write: AnyPool,
    /// The SQLite file.
    path: Option<PathBuf>,
    reserve: Reserve,
    server: Server,
}

/// Set on every SQLite connection. The page size counts only for a new file: 8 KiB halves the frames that a letter
/// takes in the log. The log is folded back every 16 MiB and cut to 64 MiB after a long reader. What is erased is overwritten.
/// Caches are small because the whole daemon lives in 120 MB; the operating system's cache does the rest.
const SQLITE_WRITER: &str = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 10000; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA cache_size = -12288; PRAGMA wal_autocheckpoint = 2048; \
     PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY";
const SQLITE_READER: &str = "PRAGMA query_only = ON; PRAGMA busy_timeout = 10000; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -3072; \
     PRAGMA temp_store = MEMORY";

/// How long a writer waits for its turn.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a server may take to come back before the caller hears that it cannot be reached.
const SERVER_PATIENCE: Duration = Duration::from_secs(20);

impl Store {
    /// Opens `sqlite:/path/to/file.db` (created when missing, mode 0600; its folder must exist) or `postgres://…`, checks
    /// that a commit is on disk when it returns, and brings the schema up to date.
    ///
    /// # Errors
    /// [`Error::Url`], [`Error::NoFolder`], [`Error::File`]: configuration; [`Error::Newer`], [`Error::Altered`]: wrong
    /// version; [`Error::Unsafe`]: the database would lose commits; [`Error::Unreachable`]: try again later.
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let store = if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_sqlite(path).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url).await?
        } else {
            return Err(Error::Url("must begin with sqlite: or postgres://".into()));
        };
        schema::migrate(store.begin().await?, store.dialect()).await?;
        Ok(store)
    }

    async fn open_sqlite(path: &str) -> Result<Self> {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" || path.contains('?') {
            return Err(Error::Url("sqlite: is followed by the path of a file".into()));
        }
        let path = PathBuf::from(path);
        let path = std::path::absolute(&path).map_err(|source| Error::File { path, source })?;
        create_private(&path)?;
        let options = sqlite_url(&path, "rw").parse::<AnyConnectOptions>()?.disable_statement_logging();
        match settled(&options).await {
            // A disk that was full before we began: the room that is held back is for this.
            Err(error @ Error::Full(_)) => {
                std::fs::remove_file(reserve::beside(&path)).map_err(|_| error)?;
                settled(&options).await?;
            }
            done => done?,
        }
        // Idle and lifetime limits are off: the one writer keeps its prepared statements.
        let write = pool(1, SQLITE_WRITER, Server::default()).connect_lazy_with(options);
        let options = sqlite_url(&path, "ro").parse::<AnyConnectOptions>()?.disable_statement_logging();
        let read = pool(4, SQLITE_READER, Server::default()).connect_lazy_with(options);
        Ok(Self(Arc::new(Pools {
            dialect: Dialect::Sqlite,
            read,
            write,
            reserve: Reserve::of(Some(&path)),
            path: Some(path),
            server: Server::default(),
        })))
    }

    async fn open_postgres(url: &str) -> Result<Self> {
        let options = url.parse::<AnyConnectOptions>().map_err(|_| Error::Url("is not a PostgreSQL address".into()))?;
        let options = options.disable_statement_logging();
        let mut first = first_contact(&options).await?;
        let fsync = sql::text(
            &sql::sure(Sql::new("SELECT current_setting('synchronous_commit') AS setting").first(&mut first).await?)?,
            "setting",
        )?;
        if fsync == "off" {
            return Err(Error::Unsafe("PostgreSQL runs with synchronous_commit = off: set it to on".into()));
        }
        let server = Server::of(&mut first).await;
        // Pools apart, so that a transaction's reads beside it never wait for other transactions to end.
        let write = pool(8, "", server.clone())
            .acquire_timeout(SERVER_PATIENCE)
            .max_lifetime(Duration::from_secs(1800))
            .connect_lazy_with(options.clone());
        let read =
            pool(4, "", server.clone()).acquire_timeout(SERVER_PATIENCE).max_lifetime(Duration::from_secs(1800)).connect_lazy_with(options);
        Ok(Self(Arc::new(Pools { dialect: Dialect::Postgres, read, write, path: None, reserve: Reserve::of(None), server })))
    }

    /// Begins a writing transaction. On SQLite there is one at a time; others wait for it.
    ///
    /// # Errors
    /// [`Error::Busy`]: waited a minute for the turn; [`Error::Unreachable`].
    pub async fn begin(&self) -> Result<Tx> {
        let pools = Arc::clone(&self.0);
        let task = tokio::spawn(async move {
            match pools.dialect {
                // A deferred transaction that reads before it writes fails at once when another one wrote: IMMEDIATE waits.
                Dialect::Sqlite => begin_immediate(&pools.write).await,
                Dialect::Postgres => pools.write.begin().await,
            }
        });
        let begun = task.await.map_err(|_| Error::Unreachable(sqlx::Error::WorkerCrashed))?;
        Ok(Tx { inner: begun.map_err(|error| self.no_turn(error))?, head: None })
    }

    /// A connection for reading. Does not see what an open transaction wrote.
    pub(super) async fn reader(&self) -> Result<PoolConnection<Any>> {
        self.0.read.acquire().await.map_err(|error| self.no_turn(error))
    }

    /// Out of patience: on SQLite others wrote all the time, on PostgreSQL no connection came about.
    fn no_turn(&self, error: sqlx::Error) -> Error {
        match (self.0.dialect, error) {
            (Dialect::Postgres, error @ sqlx::Error::PoolTimedOut) => Error::Unreachable(error),
            (_, error) => error.into(),
        }
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// The SQLite file; `None` on PostgreSQL.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Taken by the daemon before it works. A second daemon on the same SQLite store is refused with
    /// [`Error::InUse`]; on PostgreSQL several may work and the lock is a formality.
    ///
    /// # Errors
    /// [`Error::InUse`]; [`Error::File`] when the lock file cannot be written.
    pub fn lock_instance(&self) -> Result<InstanceLock> {
        match &self.0.path {
            Some(path) => InstanceLock::take(path),
            None => Ok(InstanceLock::shared()),
        }
    }

    /// Holds so many bytes of the disk back beside a SQLite store, at most a tenth of it; 0: none.
    ///
    /// # Errors
    /// [`Error::File`] where no such file can be made for another reason than a full disk.
    pub fn keep_reserve(&self, bytes: u64) -> Result<()> {
        let path = self.0.path.as_deref().map(reserve::beside).unwrap_or_default();
        self.0.reserve.keep(bytes).map_err(|source| Error::File { path, source })
    }

    /// Lets the reserve go because the disk is full; whether it was there until now.
    #[must_use]
    pub fn let_go_of_reserve(&self) -> bool {
        self.0.reserve.let_go()
    }

    /// Whether the reserve is let go: the disk is full, and what room there is belongs to the alarm.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.0.reserve.is_short()
    }

    /// Makes the reserve again where there is room; whether all is well.
    #[must_use]
    pub fn make_reserve_again(&self) -> bool {
        self.0.reserve.make_again()
    }

    /// Which PostgreSQL server this is and in which of its lives, as it was when the store was opened; `None` on SQLite and where
    /// the server does not say.
    #[must_use]
    pub fn life(&self) -> Option<&str> {
        self.0.server.life()
    }

    /// Done once the address leads to another server, or to another life of it (a standby was promoted): every connection to it is
    /// refused then, and the process begins anew.
    #[must_use]
    pub fn parted(&self) -> CancellationToken {
        self.0.server.parted()
    }

    /// Asks the database for a sign of life, for `doctor` and the watchdog.
    ///
    /// # Errors
    /// [`Error::Unreachable`].
    pub async fn ping(&self) -> Result<()> {
        let statement = Sql::new("SELECT version FROM schema_version ORDER BY version DESC LIMIT 1");
        sql::sure(statement.first(&mut *self.reader().await?).await?).map(|_| ())
    }

    /// Lets go of all connections; folds SQLite's log back into the file.
    pub async fn close(&self) {
        self.0.read.close().await;
        self.0.write.close().await;
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        f.debug_tuple("Store").field(&self.0.dialect).finish()
    }
}

/// A writing transaction. Dropped without [`Tx::commit`], it is rolled back.
pub struct Tx {
    inner: Transaction<'static, Any>,
    /// The end of the event chain as this transaction sees it; read (and on PostgreSQL locked) at the first event.
    pub(super) head: Option<Head>,
}

/// The last event: its place and its hash (empty before the first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last event's number; 0 before the first.
    pub seq: i64,
    /// The last event's hash in hexadecimal; empty before the first.
    pub hash: String,
}

impl Tx {
    pub(super) fn conn(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// Makes it durable. Runs to its end even when the caller gives up waiting.
    ///
    /// # Errors
    /// As the database says; after [`Error::Unreachable`] it is not known whether it was committed: look again.
    pub async fn commit(self) -> Result<()> {
        failpoint::here("commit");
        let task = tokio::spawn(async move {
            let mut inner = self.inner;
            if let Some(head) = self.head {
                Sql::new("UPDATE events_head SET seq = $1, hash = $2 WHERE id = 1").int(head.seq).text(&head.hash).run(&mut inner).await?;
            }
            Ok(inner.commit().await?)
        });
        let committed = task.await.map_err(|_| Error::Unreachable(sqlx::Error::WorkerCrashed))?;
        failpoint::here("committed");
        committed
    }

    /// Forgets all of it.
    pub async fn rollback(self) {
        // When this fails, the connection is closed, which rolls back too.
        let _ = tokio::spawn(self.inner.rollback()).await;
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

fn pool(size: u32, first_words: &'static str, server: Server) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(first_words.is_empty())
        .after_connect(move |conn, _| {
            let server = server.clone();
            Box::pin(async move {
                if !first_words.is_empty() {
                    sqlx::raw_sql(first_words).execute(&mut *conn).await?;
                }
                server.same(conn).await
            })
        })
}

/// Begins on the one writing connection. A commit that failed (a full disk) leaves sqlx's count of open transactions wrong, and that
/// connection would begin none any more until the process ends: it is let go, and a fresh one takes its place.
async fn begin_immediate(pool: &AnyPool) -> Result<Transaction<'static, Any>, sqlx::Error> {
    match pool.begin_with("BEGIN IMMEDIATE").await {
        Err(sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed) => {
            let _ = pool.acquire().await?.close().await;
            pool.begin_with("BEGIN IMMEDIATE").await
        }
        begun => begun,
    }
}

/// The settings of a SQLite file, made and read back.
async fn settled(options: &AnyConnectOptions) -> Result<()> {
    let mut first = first_contact(options).await?;
    sqlx::raw_sql(SQLITE_WRITER).execute(&mut first).await?;
    read_back(&mut first).await
}

/// A connection outside the pools: a pool tries again and again until its patience ends, and then no longer knows why.
async fn first_contact(options: &AnyConnectOptions) -> Result<AnyConnection> {
    match tokio::time::timeout(Duration::from_secs(15), AnyConnection::connect_with(options)).await {
        Ok(connected) => Ok(connected?),
        Err(_) => Err(Error::Unreachable(sqlx::Error::PoolTimedOut)),
    }
}

/// The settings that nothing lost depends on, as SQLite really has them.
async fn read_back(conn: &mut AnyConnection) -> Result<()> {
    let mode = sql::text(&sql::sure(Sql::new("PRAGMA journal_mode").first(conn).await?)?, "journal_mode")?;
    let synchronous = sql::int(&sql::sure(Sql::new("PRAGMA synchronous").first(conn).await?)?, "synchronous")?;
    if mode != "wal" || synchronous != 2 {
        return Err(Error::Unsafe(format!(
            "SQLite runs with journal_mode={mode}, synchronous={synchronous} instead of wal, 2 (is it on a network file system?)"
        )));
    }
    Ok(())
}

/// Creates the file for its owner alone; SQLite gives the same mode to the files beside it.
fn create_private(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    if !folder.is_dir() {
        return Err(Error::NoFolder(folder.to_owned()));
    }
    let made = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        // Ours to write? SQLite would say no more than that it cannot.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => OpenOptions::new().read(true).write(true).open(path),
        made => made,
    };
    made.map(|_| ()).map_err(|source| Error::File { path: path.to_owned(), source })
}

/// The path in a form that survives sqlx's reading of it as an address (spaces, Chinese, `%`, `?`).
pub(super) fn sqlite_url(path: &Path, mode: &str) -> String {
    use std::fmt::Write;
    let mut url = String::from("sqlite://");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => url.push(char::from(*byte)),
            _ => {
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url.push_str("?mode=");
    url.push_str(mode);
    url
}
