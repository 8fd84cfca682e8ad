//! Time and chance: the only room that asks what time it is and the only one that draws random bytes.
//! Both come as the system's and as a settable one for rehearsals and tests. Handed down from `cli`, never global.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::sync::Notify;

use crate::calendar::Moment;

/// Tells the time. Cheap to clone; all clones of a settable clock show the same time.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    System,
    /// Stands still until it is set; sleepers wake when it passes their moment.
    Settable {
        now: AtomicI64,
        moved: Notify,
    },
}

impl Clock {
    /// The computer's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Kind::System))
    }

    /// A clock that shows `at` until it is set.
    #[must_use]
    pub fn settable(at: Moment) -> Self {
        Self(Arc::new(Kind::Settable { now: AtomicI64::new(at.unix()), moved: Notify::new() }))
    }

    /// Whether it is the computer's own, which goes by itself and may jump.
    #[must_use]
    pub fn is_system(&self) -> bool {
        matches!(&*self.0, Kind::System)
    }

    /// The present moment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    pub fn now(&self) -> Moment {
        match &*self.0 {
            Kind::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                Moment::from_unix(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
            }
            Kind::Settable { now, .. } => Moment::from_unix(now.load(Ordering::SeqCst)),
        }
    }

    /// Sets a settable clock and wakes who sleeps on it; the system's clock cannot be set and stays as it is.
    pub fn set(&self, at: Moment) {
        if let Kind::Settable { now, moved } = &*self.0 {
            now.store(at.unix(), Ordering::SeqCst);
            moved.notify_waiters();
        }
    }

    /// Sleeps until `at`. On the system's clock it wakes at least once a minute, so that a clock that was put forward
    /// or a machine that slept is noticed within that time.
    pub async fn sleep_until(&self, at: Moment) {
        loop {
            let now = self.now();
            if now >= at {
                return;
            }
            match &*self.0 {
                Kind::System => {
                    let left = u64::try_from(at.unix().saturating_sub(now.unix())).unwrap_or(0).min(60);
                    tokio::time::sleep(Duration::from_secs(left)).await;
                }
                Kind::Settable { moved, .. } => {
                    let woken = moved.notified();
                    if self.now() < at {
                        woken.await;
                    }
                }
            }
        }
    }
}

/// Draws random bytes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    /// Seeded from the operating system: fit for keys and tokens.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws")]
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_rng(&mut rand::rng()))))
    }

    /// The same draws for the same seed, for tests and simulations.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut out);
        out
    }

    /// A ULID (26 characters, Crockford base32): sorts by `now`, unique by chance.
    #[must_use]
    pub fn ulid(&self, now: Moment) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let millis = u128::try_from(now.unix().max(0)).unwrap_or(0) * 1000;
        let mut value = (millis << 80) | (u128::from_be_bytes(self.bytes::<16>()) >> 48);
        let mut out = [b'0'; 26];
        for place in out.iter_mut().rev() {
            *place = ALPHABET.get((value & 31) as usize).copied().unwrap_or(b'0');
            value >>= 5;
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ulids_sort_by_time_and_differ() {
        let chance = Chance::seeded(1);
        let a = chance.ulid(Moment::from_unix(1_000));
        let b = chance.ulid(Moment::from_unix(1_000));
        let c = chance.ulid(Moment::from_unix(2_000));
        assert_eq!(a.len(), 26);
        assert!(a != b && a < c && b < c);
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_set() {
        let clock = Clock::settable(Moment::from_unix(10));
        let other = clock.clone();
        let sleeper = tokio::spawn(async move { other.sleep_until(Moment::from_unix(20)).await });
        tokio::task::yield_now().await;
        clock.set(Moment::from_unix(20));
        sleeper.await.expect("woken");
    }
}
