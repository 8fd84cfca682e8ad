//! One daemon a SQLite store: a lock on a file beside the database, held until it is dropped or the process dies.
//! The CLI's reads and writes need no lock. On PostgreSQL several nodes share the work, `processes` knows them, and no lock is taken.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{Error, Result};

/// Held by the daemon that works on this store. The operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct InstanceLock {
    file: Option<File>,
}

impl InstanceLock {
    /// For a store that several nodes may share.
    pub(super) fn shared() -> Self {
        Self { file: None }
    }

    /// Takes `<database>.lock` or says who has it.
    pub(super) fn take(database: &Path) -> Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let fault = |source| Error::File { path: path.clone(), source };
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(fault)?;
                let holder = if holder.trim().is_empty() { "process unknown".to_owned() } else { holder.trim().to_owned() };
                return Err(Error::InUse { path, holder });
            }
            Err(TryLockError::Error(source)) => return Err(fault(source)),
        }
        file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).map_err(fault)?;
        writeln!(file, "process {}", std::process::id()).map_err(fault)?;
        Ok(Self { file: Some(file) })
    }

    /// Whether a lock is really held (SQLite) or was not needed (PostgreSQL).
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.file.is_some()
    }
}
