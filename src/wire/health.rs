//! How an edge tells that it lives and how it fares. Written by the edges' loops, read by the watchdog and by `doctor`.
//! "Alive" means that the loop turns, also while it waits for a server that is away; "good" means that the server answered.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use crate::calendar::Moment;

/// The state of one edge. Cheap to clone; all clones show the same.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    alive_at: AtomicI64,
    good_at: AtomicI64,
    failures: AtomicU64,
    trouble: Mutex<Option<String>>,
}

/// What an edge last said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReport {
    /// When the loop last turned; `None` before its first turn.
    pub alive_at: Option<Moment>,
    /// When the server last answered as it should.
    pub good_at: Option<Moment>,
    /// Failures since then.
    pub failures: u64,
    /// What failed last, without personal data; `None` while all is well.
    pub trouble: Option<String>,
}

impl Health {
    /// An edge that has not started yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The loop turned.
    pub fn alive(&self, now: Moment) {
        self.0.alive_at.store(now.unix(), Ordering::Relaxed);
    }

    /// The server answered as it should.
    pub fn good(&self, now: Moment) {
        self.alive(now);
        self.0.good_at.store(now.unix(), Ordering::Relaxed);
        self.0.failures.store(0, Ordering::Relaxed);
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The server could not be reached or refused us; `why` holds no personal data.
    pub fn bad(&self, now: Moment, why: &str) {
        self.alive(now);
        self.0.failures.fetch_add(1, Ordering::Relaxed);
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_owned());
    }

    /// What stands now.
    #[must_use]
    pub fn report(&self) -> HealthReport {
        let moment = |seconds: &AtomicI64| match seconds.load(Ordering::Relaxed) {
            0 => None,
            at => Some(Moment::from_unix(at)),
        };
        HealthReport {
            alive_at: moment(&self.0.alive_at),
            good_at: moment(&self.0.good_at),
            failures: self.0.failures.load(Ordering::Relaxed),
            trouble: self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted_and_forgotten_on_success() {
        let health = Health::new();
        assert_eq!(health.report().alive_at, None);
        health.bad(Moment::from_unix(5), "refused");
        health.bad(Moment::from_unix(6), "refused again");
        let bad = health.report();
        assert_eq!((bad.failures, bad.trouble.as_deref(), bad.alive_at), (2, Some("refused again"), Some(Moment::from_unix(6))));
        assert_eq!(bad.good_at, None);
        health.good(Moment::from_unix(7));
        assert_eq!((health.report().failures, health.report().trouble), (0, None));
    }
}
