//! A wall clock that does not go as time does (F22): set by hand, stepped by a time server, asleep with its machine. What is due is
//! computed from stored moments and stays right; but nobody is urged in the first minutes after a jump, since it may be taken back.
//! Called by `service`.

use std::time::Duration;

use tokio::time::Instant;

use crate::calendar::Moment;

/// Seconds by which the clocks may differ between two looks.
const LEEWAY: i64 = 300;
/// Urging rests so long.
const REST: Duration = Duration::from_secs(600);

/// What was seen at the last look.
#[derive(Debug, Default)]
pub(super) struct Jumps {
    last: Option<(Moment, Instant)>,
    until: Option<Instant>,
}

impl Jumps {
    /// By how many seconds the wall clock jumped since the last look, if it did. A clock that is set by a rehearsal (`real` is
    /// false) jumps by design.
    pub(super) fn look(&mut self, wall: Moment, steady: Instant, real: bool) -> Option<i64> {
        let (before, then) = self.last.replace((wall, steady))?;
        let passed = i64::try_from(steady.saturating_duration_since(then).as_secs()).unwrap_or(i64::MAX);
        let jump = wall.unix() - before.unix() - passed;
        if !real || jump.abs() <= LEEWAY {
            return None;
        }
        self.until = steady.checked_add(REST);
        Some(jump)
    }

    /// Whether nobody is urged now.
    pub(super) fn resting(&self, steady: Instant) -> bool {
        self.until.is_some_and(|until| steady < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_a_day_either_way_rests_urging_for_ten_minutes_and_an_hour_of_work_does_not() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for day in [86_400, -86_400] {
            let mut jumps = Jumps::default();
            assert_eq!(jumps.look(Moment::from_unix(1_000_000), at(0), true), None);
            assert_eq!(jumps.look(Moment::from_unix(1_003_600), at(3600), true), None, "an hour of both");
            assert_eq!(jumps.look(Moment::from_unix(1_003_700), at(3660), true), None, "forty seconds are nothing");
            assert!(!jumps.resting(at(3660)));
            assert_eq!(jumps.look(Moment::from_unix(1_003_760 + day), at(3720), true), Some(day));
            assert!(jumps.resting(at(3721)) && jumps.resting(at(4319)) && !jumps.resting(at(4320)));
            assert_eq!(jumps.look(Moment::from_unix(1_003_820 + day), at(3780), true), None, "told once");
        }
        let mut rehearsal = Jumps::default();
        rehearsal.look(Moment::from_unix(0), at(0), false);
        assert_eq!(rehearsal.look(Moment::from_unix(86_400), at(1), false), None);
    }
}
