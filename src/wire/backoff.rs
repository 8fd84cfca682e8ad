//! How long to wait before the next try: doubling from a first pause to a cap, with chance so that many clients do not
//! come back at the same second. Used by the reconnect loops of both edges.

use std::time::Duration;

use crate::clock::Chance;

/// Doubling pauses with jitter.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// Pauses from `first`, doubling, never above `cap`.
    #[must_use]
    pub const fn new(first: Duration, cap: Duration) -> Self {
        Self { first, cap, failures: 0 }
    }

    /// Counts a failure and tells the pause: between three quarters and five quarters of the doubled one, at most the cap.
    pub fn next(&mut self, chance: &Chance) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(self.failures.min(20)).unwrap_or(u32::MAX)).min(self.cap);
        self.failures = self.failures.saturating_add(1);
        let draw = u32::from(u16::from_be_bytes(chance.bytes::<2>()));
        let jittered = doubled.saturating_mul(3) / 4 + (doubled / 2).saturating_mul(draw) / 65_536;
        jittered.min(self.cap)
    }

    /// The peer works again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_cap_and_never_above() {
        let chance = Chance::seeded(7);
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(300));
        let pauses: Vec<Duration> = (0..40).map(|_| backoff.next(&chance)).collect();
        assert!(pauses.first().is_some_and(|p| *p >= Duration::from_millis(750) && *p <= Duration::from_millis(1250)));
        assert!(pauses.iter().all(|p| *p <= Duration::from_secs(300)));
        assert!(pauses.iter().skip(12).all(|p| *p >= Duration::from_secs(225)));
        backoff.reset();
        assert!(backoff.next(&chance) < Duration::from_secs(2));
    }
}
