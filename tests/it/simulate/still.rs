//! A runtime on which time passes only when nothing else can happen. tokio's paused clock moves on when all tasks wait; here it
//! also waits for SQLite's threads, which tokio does not know of: before the runtime parks, they must sleep.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

/// One thread, a paused clock, and the outermost future polled after every task, so that a death is seen at once.
pub fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .event_interval(1)
        .on_thread_park(wait_for_sqlite)
        .build()
        .expect("a runtime")
}

/// Waits until SQLite's threads have ended, as they do soon after their connections were dropped.
pub fn wait_for_the_end_of_sqlite() {
    let patience = Instant::now() + Duration::from_secs(20);
    while others().iter().any(|(name, _)| !name.starts_with("tokio")) {
        assert!(Instant::now() < patience, "connections to SQLite outlive their pool");
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn wait_for_sqlite() {
    let patience = Instant::now() + Duration::from_secs(60);
    // Twice: one thread may have waited for another that was looked at later.
    let mut quiet = 0;
    while quiet < 2 {
        if others().iter().all(|(_, state)| *state == 'S') {
            quiet += 1;
        } else {
            quiet = 0;
            std::thread::yield_now();
            assert!(Instant::now() < patience, "SQLite works for a minute");
        }
    }
}

thread_local! {
    /// The status of each thread, kept open: it is looked at thousands of times in a life.
    static OPEN: RefCell<BTreeMap<OsString, File>> = const { RefCell::new(BTreeMap::new()) };
}

/// Names and states (`man 5 proc`) of this process's threads but for the first and this one. SQLite's are among them; a newborn
/// one does not bear its name yet.
fn others() -> Vec<(String, char)> {
    let this = std::fs::read_link("/proc/thread-self").expect("a thread");
    let (this, first) = (this.file_name().expect("its number").to_owned(), std::process::id().to_string());
    let there: BTreeSet<OsString> = std::fs::read_dir("/proc/self/task").expect("threads").flatten().map(|task| task.file_name()).collect();
    OPEN.with_borrow_mut(|open| {
        open.retain(|task, _| there.contains(task));
        let mut found = Vec::new();
        for task in there.into_iter().filter(|task| *task != this && *task != *first) {
            let file = match open.entry(task) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let Ok(file) = File::open(Path::new("/proc/self/task").join(new.key()).join("stat")) else { continue };
                    new.insert(file)
                }
            };
            let mut stat = [0; 64];
            let Ok(length) = file.read_at(&mut stat, 0) else { continue };
            let stat = String::from_utf8_lossy(&stat[..length]);
            let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else { continue };
            found.extend(rest.trim_start().chars().next().map(|state| (name.to_owned(), state)));
        }
        found
    })
}
