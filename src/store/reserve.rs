//! Room held back beside a SQLite store: a file that is let go when the disk is full, so that what is known and the alarm still
//! find room, and made again when there is some. While it is let go no mail is taken in and none is read.
//! Called by daemon (`keep`, `make_again`) and by who meets a full disk (`let_go`). PostgreSQL has none.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;

/// No reserve is kept.
const NONE: u8 = 0;
/// The file is there.
const KEPT: u8 = 1;
/// It was let go, or there was no room for it.
const SHORT: u8 = 2;
/// Of a small disk not more than one part in so many is held back.
const PART: u64 = 10;

/// The reserve of a store.
#[derive(Debug)]
pub(super) struct Reserve {
    path: Option<PathBuf>,
    bytes: AtomicU64,
    state: AtomicU8,
}

impl Reserve {
    /// Beside `database`; none without one. Nothing is held back before [`Reserve::keep`].
    pub fn of(database: Option<&Path>) -> Self {
        let path = database.map(beside);
        Self { path, bytes: AtomicU64::new(0), state: AtomicU8::new(NONE) }
    }

    /// Holds so many bytes back from now on, fewer on a small disk; 0: none. Without room for them the disk counts as full.
    pub fn keep(&self, bytes: u64) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        if bytes == 0 {
            return match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                Ok(()) | Err(_) => Ok(()),
            };
        }
        let disk = statvfs(folder(path))?;
        let bytes = bytes.min(disk.f_blocks.saturating_mul(disk.f_frsize) / PART);
        self.bytes.store(bytes, Ordering::SeqCst);
        let made = if std::fs::metadata(path).is_ok_and(|file| file.len() == bytes) {
            Ok(())
        } else if has_room(path, bytes) {
            make(path, bytes)
        } else {
            Err(io::ErrorKind::StorageFull.into())
        };
        match made {
            Err(error) if !is_full(&error) => Err(error), // not for want of room: the office works on without
            made => {
                self.state.store(if made.is_ok() { KEPT } else { SHORT }, Ordering::SeqCst);
                Ok(())
            }
        }
    }

    /// Lets it go; whether it was there until now.
    pub fn let_go(&self) -> bool {
        let was = self.state.compare_exchange(KEPT, SHORT, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if let (true, Some(path)) = (was, &self.path) {
            let _ = std::fs::remove_file(path);
        }
        was
    }

    /// Whether it is let go: the disk is full.
    pub fn is_short(&self) -> bool {
        self.state.load(Ordering::SeqCst) == SHORT
    }

    /// Makes it again where there is room, and some more; whether it is there now.
    pub fn make_again(&self) -> bool {
        let (Some(path), bytes) = (&self.path, self.bytes.load(Ordering::SeqCst)) else { return true };
        if !self.is_short() {
            return true;
        }
        if !has_room(path, bytes) || make(path, bytes).is_err() {
            return false;
        }
        self.state.store(KEPT, Ordering::SeqCst);
        true
    }
}

/// The file beside a database.
pub(super) fn beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".reserve");
    PathBuf::from(path)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Room for so many bytes, and some more: else the reserve would come and go with every mail.
fn has_room(path: &Path, bytes: u64) -> bool {
    let free = statvfs(folder(path)).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    free >= bytes.saturating_add(bytes / 4)
}

/// All of it, or nothing is left there.
fn make(path: &Path, bytes: u64) -> io::Result<()> {
    let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).and_then(|file| fill(&file, bytes));
    if made.is_err() {
        let _ = std::fs::remove_file(path);
    }
    made
}

fn fill(file: &File, bytes: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, bytes) {
        // A file system that cannot: written out, a hole would hold nothing.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
            use std::io::Write;
            let (mut file, block) = (file, vec![0_u8; 1 << 20]);
            let mut left = bytes;
            while left > 0 {
                let now = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
                file.write_all(block.get(..now).unwrap_or_default())?;
                left -= now as u64;
            }
        }
        done => done?,
    }
    file.sync_all()
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_let_go_once_and_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("redress.db");
        let reserve = Reserve::of(Some(&database));
        assert!(!reserve.let_go() && !reserve.is_short(), "none is kept yet");
        reserve.keep(1 << 20).expect("kept");
        let file = folder.path().join("redress.db.reserve");
        assert_eq!(std::fs::metadata(&file).expect("there").len(), 1 << 20);
        assert!(reserve.let_go() && !file.exists() && reserve.is_short() && !reserve.let_go());
        assert!(reserve.make_again() && file.exists() && !reserve.is_short());
        reserve.keep(0).expect("none wanted");
        assert!(!file.exists());
        let none = Reserve::of(None);
        none.keep(1 << 20).expect("nothing to do");
        assert!(!none.let_go() && !none.is_short() && none.make_again());
    }
}
