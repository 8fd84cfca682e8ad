//! A consistent copy of a SQLite store while the daemon works on it, proved sound before it gets its name; and the way back, which
//! touches nothing before the backup has proved itself. Called by cli; what a start does with a store put back is daemon's.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection};

use super::db::{Head, sqlite_url};
use super::sql::{self, Sql};
use super::{Error, InstanceLock, Result, Store, meta};
use crate::calendar::Moment;

/// A copy that was made and read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its size in bytes.
    pub bytes: u64,
    /// The end of the event chain in it.
    pub head: Head,
}

/// Copies the store into `target`, which must not exist: one read transaction (`VACUUM INTO`, no writer waits), then
/// `PRAGMA integrity_check` on the copy, then its name. Broken off, it leaves `target.part` and nothing else. The copy holds the
/// store's secrets and is readable by its owner alone.
///
/// # Errors
/// [`Error::Url`]: the store is PostgreSQL, which has its own tools; [`Error::File`]: `target` is there already or cannot be
/// written; [`Error::Damaged`]: the copy is not sound, so the store may not be either.
pub async fn copy(store: &Store, target: &Path) -> Result<Copied> {
    let Some(source) = store.path() else {
        return Err(Error::Url("is a PostgreSQL server: back it up with pg_dump".into()));
    };
    let target = std::path::absolute(target).map_err(file(target))?;
    if target.exists() {
        return Err(file(&target)(std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
    }
    let mut part = target.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let Some(part_name) = part.to_str() else {
        return Err(file(&target)(std::io::Error::new(std::io::ErrorKind::InvalidInput, "the path is not UTF-8")));
    };
    // An empty file of the right mode: SQLite writes into it and would else make one that others may read.
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(file(&part))?;
    let mut from = open(source).await?;
    Sql::new("VACUUM INTO $1").text(part_name).run(&mut from).await?;
    from.close().await?;
    let head = read_back(&part).await?;
    let copied = File::open(&part).and_then(|f| f.sync_all().and_then(|()| f.metadata())).map_err(file(&part))?;
    std::fs::rename(&part, &target).map_err(file(&target))?;
    if let Some(folder) = target.parent() {
        File::open(folder).and_then(|f| f.sync_all()).map_err(file(folder))?;
    }
    Ok(Copied { bytes: copied.len(), head })
}

/// A backup that was put in the store's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutBack {
    /// The end of the event chain in it.
    pub head: Head,
    /// Where the store lies that stood there; None where none stood.
    pub aside: Option<PathBuf>,
    /// The last moment at which that store is known to have worked.
    pub worked_until: Option<Moment>,
}

/// The fact that tells the next start that a backup was put back: unix seconds of the moment until which the lost store worked, or
/// `0` where nobody knows.
pub const RESTORED: &str = "restored";

/// Puts `backup` in the place of the store at `url` (SQLite). The backup is checked, and brought up to date, as a copy of its own
/// before anything is touched; what stood there is moved aside, never deleted. `until`: when the lost store is known to have worked last.
///
/// # Errors
/// [`Error::InUse`]: stop the service first; [`Error::Damaged`], [`Error::Newer`]: the backup cannot be used; [`Error::File`].
pub async fn put_back(url: &str, backup: &Path, until: Option<Moment>) -> Result<PutBack> {
    let Some(path) = url.strip_prefix("sqlite:") else {
        return Err(Error::Url(
            "is a PostgreSQL server: put its dump back with pg_restore, then run `redress restore` without a file".into(),
        ));
    };
    let database = Path::new(path.strip_prefix("//").unwrap_or(path));
    let database = std::path::absolute(database).map_err(file(database))?;
    sqlx::any::install_default_drivers();
    let lock = InstanceLock::take(&database)?;
    let mut from = File::open(backup).map_err(file(backup))?;
    let head = read_back(backup).await?;
    let part = beside(&database, ".restoring");
    for old in [part.clone(), beside(&part, "-wal"), beside(&part, "-shm")] {
        remove(&old)?;
    }
    // Made private before a byte of it is written.
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(file(&part))?;
    std::io::copy(&mut from, &mut to).and_then(|_| to.sync_all()).map_err(file(&part))?;
    let worked_until = match until {
        Some(until) => Some(until),
        None => last_work(&database).await,
    };
    let copy = Store::open(&format!("sqlite:{}", part.display())).await?;
    mark(&copy, worked_until).await?;
    copy.close().await;
    let aside = move_aside(&database)?;
    for ending in ["-wal", "-shm"] {
        let of_part = beside(&part, ending);
        if of_part.exists() {
            std::fs::rename(&of_part, beside(&database, ending)).map_err(file(&of_part))?;
        }
    }
    std::fs::rename(&part, &database).map_err(file(&part))?;
    if let Some(folder) = database.parent() {
        File::open(folder).and_then(|f| f.sync_all()).map_err(file(folder))?;
    }
    drop(lock);
    Ok(PutBack { head, aside, worked_until })
}

/// Tells the next start that this store is an older one than the mailbox.
///
/// # Errors
/// As the database says.
pub async fn mark(store: &Store, until: Option<Moment>) -> Result<()> {
    let mut tx = store.begin().await?;
    meta::set(&mut tx, RESTORED, &until.map_or(0, Moment::unix).to_string()).await?;
    tx.commit().await
}

/// The last moment at which a store is known to have worked; None where it is not there or cannot be read.
async fn last_work(database: &Path) -> Option<Moment> {
    if !database.exists() {
        return None;
    }
    let mut conn = open(database).await.ok()?;
    let event = Sql::new("SELECT at FROM events WHERE seq = (SELECT seq FROM events_head WHERE id = 1)").first(&mut conn).await.ok()?;
    let mail = Sql::new("SELECT taken_at AS at FROM inbox WHERE id = (SELECT MAX(id) FROM inbox)").first(&mut conn).await.ok()?;
    let letter = Sql::new("SELECT queued_at AS at FROM outbox WHERE id = (SELECT MAX(id) FROM outbox)").first(&mut conn).await.ok()?;
    conn.close().await.ok()?;
    [event, mail, letter].iter().flatten().filter_map(|row| sql::at(row, "at").ok()).max()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file(path)(error)),
        _ => Ok(()),
    }
}

/// Moves the store that stands there, with its log, to a free name.
fn move_aside(database: &Path) -> Result<Option<PathBuf>> {
    if !database.exists() {
        return Ok(None);
    }
    let free = (1..10_000).map(|n| beside(database, &format!(".before-restore-{n}"))).find(|p| !p.exists());
    let Some(aside) = free else { return Err(file(database)(std::io::Error::from(std::io::ErrorKind::AlreadyExists))) };
    for ending in ["-wal", "-shm", ""] {
        let from = beside(database, ending);
        if from.exists() {
            std::fs::rename(&from, beside(&aside, ending)).map_err(file(&from))?;
        }
    }
    Ok(Some(aside))
}

/// Whether the copy is sound, and where its trail ends.
async fn read_back(copy: &Path) -> Result<Head> {
    let mut conn = open(copy).await?;
    let verdict = Sql::new("PRAGMA integrity_check").first(&mut conn).await?;
    let verdict = sql::text(&sql::sure(verdict)?, "integrity_check")?;
    if verdict != "ok" {
        return Err(Error::Damaged(format!("the copy {} is not sound: {verdict}", copy.display())));
    }
    let row = sql::sure(Sql::new("SELECT seq, hash FROM events_head WHERE id = 1").first(&mut conn).await?)?;
    let head = Head { seq: sql::int(&row, "seq")?, hash: sql::text(&row, "hash")? };
    conn.close().await?;
    Ok(head)
}

/// A connection of its own that never writes to the database it opens.
async fn open(path: &Path) -> Result<AnyConnection> {
    let options = sqlite_url(path, "ro").parse::<AnyConnectOptions>()?.disable_statement_logging();
    Ok(AnyConnection::connect_with(&options).await?)
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::File { path, source }
}
