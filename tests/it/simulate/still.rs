//! A runtime on which time passes only when nothing else can happen. tokio's paused clock moves on when all tasks wait; here it
//! also waits for SQLite's threads, which tokio does not know of: before the runtime parks, they must sleep.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
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
    // Those that set pages are had at the start, and live as long as the process.
    while others().iter().any(|(name, _)| !name.starts_with("tokio") && !name.starts_with("typeset")) {
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
    /// Who was there when one looked last; it is looked at thousands of times in a life.
    static SEEN: RefCell<Seen> = const { RefCell::new(Seen { threads: 0, open: Vec::new() }) };
}

/// The other threads as they were listed last.
struct Seen {
    /// How many there were: so many folders link to the one that holds them, and two more.
    threads: u64,
    /// The status of each but the first and this one, kept open.
    open: Vec<File>,
}

/// Names and states (`man 5 proc`) of this process's threads but for the first and this one. SQLite's are among them; a newborn
/// one does not bear its name yet. They are listed anew when their number has changed or one of them is gone.
fn others() -> Vec<(String, char)> {
    SEEN.with_borrow_mut(|seen| {
        let threads = std::fs::metadata("/proc/self/task").expect("threads").nlink();
        if seen.threads == threads
            && let Some(found) = seen.open.iter().map(state).collect()
        {
            return found;
        }
        loop {
            // One that dies while they are listed must not stand for one that is born afterwards.
            let threads = std::fs::metadata("/proc/self/task").expect("threads").nlink();
            let (all, open) = listed();
            *seen = Seen { threads: all + 2, open };
            if threads == all + 2
                && let Some(found) = seen.open.iter().map(state).collect()
            {
                return found;
            }
        }
    })
}

/// How many threads there are, and the status files of the others.
fn listed() -> (u64, Vec<File>) {
    let this = std::fs::read_link("/proc/thread-self").expect("a thread");
    let (this, first) = (this.file_name().expect("its number").to_owned(), std::process::id().to_string());
    let (mut all, mut open) = (0, Vec::new());
    for task in std::fs::read_dir("/proc/self/task").expect("threads").flatten() {
        let other = task.file_name() != this && *task.file_name() != *first;
        match File::open(task.path().join("stat")) {
            Ok(file) if other => open.push(file),
            Ok(_) => {}
            Err(_) => continue,
        }
        all += 1;
    }
    (all, open)
}

/// A thread's name and state; none when it has ended.
fn state(file: &File) -> Option<(String, char)> {
    let mut stat = [0; 64];
    let length = file.read_at(&mut stat, 0).ok()?;
    let stat = String::from_utf8_lossy(&stat[..length]);
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    Some((name.to_owned(), rest.trim_start().chars().next()?))
}
