//! WORKING TIME. Moments, working days and hours, make-up days (補班), closures, ROC dates, lengths such as `7wd`.
//! Pure: no clock, no I/O. Everybody may use it; it uses nobody.
//! `due` is the one function that turns a length into a deadline; `official` reads the government's yearly table.

mod due;
mod hours;
mod length;
mod moment;
pub mod official;
pub mod roc;
mod working;

pub use hours::{Hour, OfficeHours};
pub use jiff::civil::Date;
pub use jiff::tz::TimeZone;
pub use length::Length;
pub use moment::Moment;
pub use working::{Calendar, Day};

/// No calendar is known for this western year: import the official table (`redress calendar import`), then ask again.
/// Deadlines are never reckoned on weekends alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("no calendar for the year {0}: import its official table with `redress calendar import`")]
pub struct MissingYear(pub i16);

/// What can be wrong with working time that somebody wrote down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A deadline touches a year without a calendar: tell the operator, keep the case without that deadline.
    #[error(transparent)]
    MissingYear(#[from] MissingYear),
    /// Not a length: correct the profile or the config.
    #[error("`{0}` is no length of time: write 7wd, 3wh, 30d, 24h, 90m, 60s, today, next_day or next_noon")]
    BadLength(String),
    /// Not an hour of the day: correct the profile or the config.
    #[error("`{0}` is no hour of the day: write 08:30")]
    BadHour(String),
    /// Not office hours: correct the config.
    #[error("`{0}` are no office hours: write 08:00-17:30, or 08:00-12:00 and 13:00-17:00, in order")]
    BadOfficeHours(String),
}

#[cfg(test)]
mod tests;
