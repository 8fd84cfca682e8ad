//! An instant, in whole seconds of UTC, and how it is written in an organisation's zone.
//! Arithmetic in seconds only; working days live in the calendar. Used by every room.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// An instant: whole seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

impl Moment {
    /// The instant `seconds` after the Unix epoch.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// This instant moved by `seconds` (may be negative); saturates at the ends of time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Reads RFC 3339 (`2026-12-31T17:30:00+08:00`); `None` when it is not that.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.trim().parse::<Timestamp>().ok().map(|t| Self(t.as_second()))
    }

    /// The wall clock in `zone` at this instant.
    #[must_use]
    pub fn zoned(self, zone: &TimeZone) -> Zoned {
        Timestamp::from_second(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
    }

    /// RFC 3339 with the zone's offset, e.g. `2026-12-31T17:30:00+08:00`.
    #[must_use]
    pub fn rfc3339(self, zone: &TimeZone) -> String {
        self.zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

impl From<Zoned> for Moment {
    fn from(at: Zoned) -> Self {
        Self(at.timestamp().as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_in_the_zone_and_read_back() {
        let zone = TimeZone::get("Asia/Taipei").expect("zone");
        let at = Moment::parse_rfc3339("2026-12-31T17:30:00+08:00").expect("rfc3339");
        assert_eq!(at.rfc3339(&zone), "2026-12-31T17:30:00+08:00");
        assert_eq!(Moment::parse_rfc3339("2026-12-31"), None);
    }
}
