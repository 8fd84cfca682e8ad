//! What a decision is made with: the procedure, the calendar and the directory of the day. Read only.

use jiff::civil::Date;

use super::directory::Directory;
use super::procedure::{Dispatch, Procedure};
use crate::calendar::{Calendar, Moment};

/// The office as it stands when an event is judged.
#[derive(Debug, Clone)]
pub struct Office {
    /// The profile.
    pub procedure: Procedure,
    /// Working days and hours.
    pub calendar: Calendar,
    /// People and units.
    pub directory: Directory,
    /// Overrides the profile's way of dispatching.
    pub dispatch: Dispatch,
    /// How long an approved answer waits before it leaves, in seconds.
    pub recall_seconds: i64,
    /// Whether short messages can be sent; without a way, and to who has no telephone, they become calls.
    pub sms: bool,
}

impl Office {
    /// The civil day of a moment in the office's zone.
    #[must_use]
    pub fn day(&self, at: Moment) -> Date {
        at.zoned(self.calendar.zone()).date()
    }
}
