//! A consistent copy of a SQLite store while the daemon works on it, proved sound before it gets its name. Called by cli.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection};

use super::db::{Head, sqlite_url};
use super::sql::{self, Sql};
use super::{Error, Result, Store};

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
