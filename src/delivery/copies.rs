//! What delivery knows of the sent folder: when somebody last looked through it. A letter in doubt does not leave again before a look
//! that came late enough to see its copy. The looking itself is intake's and the desk's; the daemon tells of it here.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::batch::DOUBT;
use crate::calendar::Moment;

/// While no look succeeded, it is asked again after so many seconds.
const AGAIN: i64 = 60;
/// A folder that was out of reach for so long after the doubt began (two days), and to this process for its first quarter of an hour,
/// holds a letter back no longer.
const BLIND: i64 = 2 * 86_400;
/// Nobody has looked yet.
const NEVER: i64 = i64::MIN;

/// When the sent folder was last looked through. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Copies {
    last: Arc<AtomicI64>,
    /// When it was first asked for and there was none.
    asked: Arc<AtomicI64>,
    wait: i64,
}

impl Default for Copies {
    fn default() -> Self {
        Self::new()
    }
}

impl Copies {
    /// For the service: a copy may take fifteen minutes to show.
    #[must_use]
    pub fn new() -> Self {
        Self { last: Arc::new(AtomicI64::new(NEVER)), asked: Arc::new(AtomicI64::new(NEVER)), wait: DOUBT }
    }

    /// For `run --once`: one look is enough, if it began when the letter was in doubt already. What comes into doubt during a long
    /// pass is the next one's.
    #[must_use]
    pub fn at_once(&self) -> Self {
        Self { wait: 0, ..self.clone() }
    }

    /// What was seen before counts no more: a single pass looks for itself.
    pub fn forget(&self) {
        self.last.store(NEVER, Ordering::SeqCst);
        self.asked.store(NEVER, Ordering::SeqCst);
    }

    /// Everything that lay in the folder at this moment was looked at.
    pub fn looked(&self, at: Moment) {
        self.last.store(at.unix(), Ordering::SeqCst);
    }

    /// When to ask again about a letter that is in doubt since then; `None`: its copy was looked for long enough.
    pub(super) fn next_look(&self, since: Moment, now: Moment) -> Option<Moment> {
        let last = self.last.load(Ordering::SeqCst);
        let enough = since.plus_seconds(self.wait);
        if last != NEVER && last >= enough.unix() {
            return None;
        }
        let _ = self.asked.compare_exchange(NEVER, now.unix(), Ordering::SeqCst, Ordering::SeqCst);
        let tried = now.unix().saturating_sub(self.asked.load(Ordering::SeqCst)) >= DOUBT;
        if tried && now.unix().saturating_sub(since.unix()) >= BLIND {
            return None;
        }
        Some(enough.max(now.plus_seconds(AGAIN)).min(now.plus_seconds(self.wait.max(AGAIN))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_waits_for_a_look_that_came_late_enough_and_not_for_ever() {
        let (since, copies) = (Moment::from_unix(1_000_000), Copies::new());
        let at = |seconds| since.plus_seconds(seconds);
        assert_eq!(copies.next_look(since, at(0)), Some(at(DOUBT)));
        assert_eq!(copies.next_look(since, at(3600)), Some(at(3600 + AGAIN)), "nobody has looked");
        copies.looked(at(DOUBT - 1));
        assert_eq!(copies.next_look(since, at(DOUBT)), Some(at(DOUBT + AGAIN)), "too early a look");
        assert_eq!(copies.at_once().next_look(since, at(1)), None, "one look is enough for a single pass");
        assert!(copies.at_once().next_look(at(DOUBT), at(DOUBT + 1)).is_some(), "it came into doubt after the look");
        copies.looked(at(DOUBT));
        assert_eq!(copies.next_look(since, at(DOUBT)), None);
        let blind = Copies::new();
        assert_eq!(blind.at_once().next_look(since, at(10)), Some(at(10 + AGAIN)), "the look failed");
        assert!(Copies::new().next_look(since, at(BLIND)).is_some(), "not before this process has tried");
        assert_eq!(blind.next_look(since, at(BLIND)), None);
        copies.forget();
        assert!(copies.at_once().next_look(since, at(DOUBT)).is_some(), "this pass has not looked");
        // A clock that was put back keeps no letter for days.
        assert_eq!(blind.next_look(at(500_000), at(0)), Some(at(DOUBT)));
    }
}
