//! Named points between the steps of intake and delivery at which a test may end this process at once, as a power cut would:
//! `REDRESS_TEST_KILL_AT=I7:2` ends it when it comes to I7 for the second time, `*:40` at the fortieth point of any
//! name. `REDRESS_TEST_PANIC_AT=I7:2` lets the task panic the first two times. Without these variables a point costs one comparison and does nothing. The points are those of the crash tests (tests/it/crash.rs), which say what must hold after each.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What the environment asked for when the first point was reached; read once.
static ASKED: OnceLock<[Option<Asked>; 2]> = OnceLock::new();

#[derive(Debug)]
struct Asked {
    point: String,
    left: AtomicU32,
}

/// What a simulation does at a point; it may unwind.
pub type Watcher = Rc<dyn Fn(&str)>;

thread_local! {
    static WATCHER: RefCell<Option<Watcher>> = const { RefCell::new(None) };
}

/// Lets `watcher` see every point that this thread comes to from now on; `None` ends it.
pub fn watch(watcher: Option<Watcher>) {
    WATCHER.set(watcher);
}

/// Comes to a point: ends the process here if the environment asks for it. No destructor runs, nothing is flushed.
pub fn here(point: &str) {
    let watcher = WATCHER.try_with(|w| w.borrow().clone()).ok().flatten();
    if let Some(watcher) = watcher {
        watcher(point);
    }
    let [kill, panic] =
        ASKED.get_or_init(|| ["KILL", "PANIC"].map(|how| read(std::env::var(format!("REDRESS_TEST_{how}_AT")).ok().as_deref())));
    if kill.as_ref().is_some_and(|asked| asked.is(point) && asked.left.fetch_sub(1, Ordering::SeqCst) == 1) {
        std::process::abort();
    }
    let take = |left: u32| left.checked_sub(1);
    if panic.as_ref().is_some_and(|asked| asked.is(point) && asked.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok()) {
        tracing::error!(point, "panics, as a test asks");
        std::panic::resume_unwind(Box::new("asked for"));
    }
}

impl Asked {
    fn is(&self, point: &str) -> bool {
        self.point == point || self.point == "*"
    }
}

/// `point` or `point:count`; the point `*` is any.
fn read(text: Option<&str>) -> Option<Asked> {
    let text = text.filter(|t| !t.is_empty())?;
    let (point, count) = text.split_once(':').unwrap_or((text, "1"));
    Some(Asked { point: point.to_owned(), left: AtomicU32::new(count.parse().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_for_by_default() {
        assert!(read(None).is_none() && read(Some("")).is_none() && read(Some("I7:x")).is_none());
        let asked = read(Some("I7:2")).expect("a point");
        assert_eq!((asked.point.as_str(), asked.left.load(Ordering::SeqCst)), ("I7", 2));
        here("I7");
    }
}
