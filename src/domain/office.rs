//! What a decision is made with: the procedure, the calendar and the directory of the day. Read only.

use std::ops::Deref;
use std::sync::OnceLock;

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

/// The office in force. A new directory takes effect at once, in every part of the running program, while whoever reads the old one
/// reads it to the end: versions are added and never taken away, a few a year.
#[derive(Debug)]
pub struct InForce {
    office: Office,
    next: OnceLock<Box<InForce>>,
}

impl InForce {
    /// The first one.
    #[must_use]
    pub const fn new(office: Office) -> Self {
        Self { office, next: OnceLock::new() }
    }

    /// From now on `directory` counts.
    pub fn replace(&self, directory: Directory) {
        let mut newer = Box::new(Self::new(Office { directory, ..Office::clone(self) }));
        let mut at = self;
        // Somebody else may be adding one as well: then ours comes after it.
        while let Err(mine) = at.next.set(newer) {
            newer = mine;
            match at.next.get() {
                Some(next) => at = next,
                None => return,
            }
        }
    }
}

impl Deref for InForce {
    type Target = Office;

    fn deref(&self) -> &Office {
        let mut at = self;
        while let Some(next) = at.next.get() {
            at = next;
        }
        &at.office
    }
}
