//! A runtime on which time passes only when nothing else can happen. tokio's paused clock moves on when all tasks wait; here it
//! also waits for SQLite's threads, which tokio does not know of: before the runtime parks, they must sleep.

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

/// Names and states (`man 5 proc`) of this process's threads but for the first and this one. SQLite's are among them; a newborn
/// one does not bear its name yet.
fn others() -> Vec<(String, char)> {
    let this = std::fs::read_link("/proc/thread-self").expect("a thread");
    let (this, first) = (this.file_name().expect("its number").to_owned(), std::process::id().to_string());
    let mut found = Vec::new();
    for task in std::fs::read_dir("/proc/self/task").expect("threads").flatten() {
        if task.file_name() == this || task.file_name() == *first {
            continue;
        }
        let Ok(stat) = std::fs::read_to_string(task.path().join("stat")) else { continue };
        let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else { continue };
        found.extend(rest.trim_start().chars().next().map(|state| (name.to_owned(), state)));
    }
    found
}
