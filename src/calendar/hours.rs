//! Hours of the day and the office's hours (`08:00-12:00`, `13:00-17:00`). Which days are worked is `working.rs`.
//! Used by profiles (cut-off hours), config (digest at) and the calendar itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Error;

/// An hour of the day to the minute, `00:00` to `24:00` (the end of the day).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hour(u16);

impl Hour {
    /// Noon.
    pub const NOON: Hour = Hour(12 * 60);

    /// Hour and minute; `None` past `24:00`.
    #[must_use]
    pub const fn new(hour: u16, minute: u16) -> Option<Self> {
        if minute < 60 && (hour < 24 || (hour == 24 && minute == 0)) { Some(Self(hour * 60 + minute)) } else { None }
    }

    /// Minutes since midnight, 0 to 1440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for Hour {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::BadHour(text.to_owned());
        let (hour, minute) = text.trim().split_once([':', '：']).ok_or_else(bad)?;
        let number = |part: &str| match part.len() {
            1 | 2 if part.bytes().all(|b| b.is_ascii_digit()) => part.parse::<u16>().map_err(|_| bad()),
            _ => Err(bad()),
        };
        if minute.len() != 2 {
            return Err(bad());
        }
        Hour::new(number(hour)?, number(minute)?).ok_or_else(bad)
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for Hour {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Hour> for String {
    fn from(hour: Hour) -> Self {
        hour.to_string()
    }
}

/// The hours of a working day: one span or several in order, e.g. morning and afternoon with the lunch break between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeHours {
    spans: Vec<(Hour, Hour)>,
    end: Hour,
}

impl OfficeHours {
    /// From spans in order that do not touch the next one's time; each ends after it begins.
    ///
    /// # Errors
    /// `BadOfficeHours` when there is no span, one is empty, or two overlap.
    pub fn new(spans: Vec<(Hour, Hour)>) -> Result<Self, Error> {
        let written = || spans.iter().map(|(from, to)| format!("{from}-{to}")).collect::<Vec<_>>().join(", ");
        let in_order =
            spans.iter().all(|(from, to)| from < to) && spans.iter().zip(spans.iter().skip(1)).all(|((_, to), (from, _))| to <= from);
        match spans.last() {
            Some(&(_, end)) if in_order => Ok(Self { spans, end }),
            Some(_) | None => Err(Error::BadOfficeHours(written())),
        }
    }

    /// Reads spans such as `08:00-12:00`; `–` and `~` are understood too.
    ///
    /// # Errors
    /// `BadOfficeHours` when a text is no span, or as for [`OfficeHours::new`].
    pub fn parse<S: AsRef<str>>(spans: &[S]) -> Result<Self, Error> {
        let span = |text: &S| {
            let bad = || Error::BadOfficeHours(text.as_ref().to_owned());
            let (from, to) = text.as_ref().split_once(['-', '–', '~', '～']).ok_or_else(bad)?;
            Ok((from.parse().map_err(|_| bad())?, to.parse().map_err(|_| bad())?))
        };
        Self::new(spans.iter().map(span).collect::<Result<_, Error>>()?)
    }

    /// The spans, in order.
    #[must_use]
    pub fn spans(&self) -> &[(Hour, Hour)] {
        &self.spans
    }

    /// When the office closes.
    #[must_use]
    pub fn end(&self) -> Hour {
        self.end
    }
}

impl Default for OfficeHours {
    /// 08:00–17:30 without a break.
    fn default() -> Self {
        let (start, end) = (Hour(8 * 60), Hour(17 * 60 + 30));
        Self { spans: vec![(start, end)], end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_to_the_minute() {
        assert_eq!("08:30".parse::<Hour>().map(Hour::minutes), Ok(510));
        assert_eq!("8:30".parse::<Hour>().map(|h| h.to_string()), Ok("08:30".into()));
        assert_eq!("24:00".parse::<Hour>().map(Hour::minutes), Ok(1440));
        for bad in ["", "8", "24:01", "25:00", "08:60", "08:5", "-1:00", "+8:00", "8:30am", "08:30:00"] {
            assert_eq!(bad.parse::<Hour>(), Err(Error::BadHour(bad.into())), "{bad}");
        }
    }

    #[test]
    fn office_hours_must_be_in_order() {
        assert_eq!(OfficeHours::parse(&["08:00-12:00", "13:00–17:00"]).map(|h| h.end().to_string()), Ok("17:00".into()));
        assert_eq!(OfficeHours::default(), OfficeHours::parse(&["08:00-17:30"]).expect("default"));
        let none: [&str; 0] = [];
        assert!(OfficeHours::parse(&none).is_err());
        for bad in [
            vec!["17:00-08:00"],
            vec!["08:00-12:00", "11:00-17:00"],
            vec!["13:00-17:00", "08:00-12:00"],
            vec!["08:00"],
            vec!["08:00-08:00"],
        ] {
            assert!(OfficeHours::parse(&bad).is_err(), "{bad:?}");
        }
    }
}
