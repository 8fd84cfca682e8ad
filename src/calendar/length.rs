//! A length of time as procedures write it: `7wd`, `3wh`, `30d`, `24h`, `90m`, `60s`, 當日, 次日, 翌日中午前.
//! What it means from a given start is `Calendar::due`; this file only reads and writes it. Used by profiles and config.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Error;

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;

/// A length of time. Written and serialised as in a profile, e.g. `"7wd"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Length {
    /// `24h`, `90m`, `60s`: seconds that run on through nights and holidays.
    Clock(u32),
    /// `3wh`: hours within office hours.
    WorkingHours(u32),
    /// `7wd`: working days, the day of receipt not counted, to the end of office hours.
    WorkingDays(u32),
    /// `30d`: calendar days, the day of receipt not counted, to the end of that day.
    CalendarDays(u32),
    /// `today` (當日): to the end of the starting day.
    Today,
    /// `next_day` (次日): to the end of the calendar day after.
    NextDay,
    /// `next_noon` (翌日中午前): to noon of the calendar day after.
    NextNoon,
}

impl Length {
    /// The length in seconds where it is the same at any start: clock time, and calendar days as 24 hours each.
    /// `None` for working time and the words. For intervals of the config (`"60s"`, `"7d"`).
    #[must_use]
    pub fn seconds(&self) -> Option<i64> {
        match self {
            Length::Clock(seconds) => Some(i64::from(*seconds)),
            Length::CalendarDays(days) => Some(i64::from(*days) * i64::from(DAY)),
            Length::WorkingHours(_) | Length::WorkingDays(_) | Length::Today | Length::NextDay | Length::NextNoon => None,
        }
    }
}

impl FromStr for Length {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::BadLength(text.to_owned());
        let trimmed = text.trim();
        match trimmed {
            "today" | "當日" => return Ok(Length::Today),
            "next_day" | "次日" => return Ok(Length::NextDay),
            "next_noon" | "翌日中午前" => return Ok(Length::NextNoon),
            _ => {}
        }
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = trimmed.split_at_checked(digits).ok_or_else(bad)?;
        let number: u32 = number.parse().map_err(|_| bad())?;
        let clock = |unit: u32| number.checked_mul(unit).map(Length::Clock).ok_or_else(bad);
        match unit.trim_start() {
            "wd" => Ok(Length::WorkingDays(number)),
            "wh" => Ok(Length::WorkingHours(number)),
            "d" => Ok(Length::CalendarDays(number)),
            "h" => clock(HOUR),
            "m" => clock(MINUTE),
            "s" => clock(1),
            _ => Err(bad()),
        }
        .and_then(|length| if length.is_sane() { Ok(length) } else { Err(bad()) })
    }
}

impl Length {
    /// At most a hundred years of anything: a slip of the keyboard is no deadline.
    fn is_sane(self) -> bool {
        match self {
            Length::Clock(seconds) => seconds <= 36_500 * DAY,
            Length::WorkingHours(hours) => hours <= 36_500 * 24,
            Length::WorkingDays(days) | Length::CalendarDays(days) => days <= 36_500,
            Length::Today | Length::NextDay | Length::NextNoon => true,
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Length::Clock(0) => write!(f, "0s"),
            Length::Clock(seconds) if seconds % HOUR == 0 => write!(f, "{}h", seconds / HOUR),
            Length::Clock(seconds) if seconds % MINUTE == 0 => write!(f, "{}m", seconds / MINUTE),
            Length::Clock(seconds) => write!(f, "{seconds}s"),
            Length::WorkingHours(hours) => write!(f, "{hours}wh"),
            Length::WorkingDays(days) => write!(f, "{days}wd"),
            Length::CalendarDays(days) => write!(f, "{days}d"),
            Length::Today => write!(f, "today"),
            Length::NextDay => write!(f, "next_day"),
            Length::NextNoon => write!(f, "next_noon"),
        }
    }
}

impl TryFrom<String> for Length {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Length> for String {
    fn from(length: Length) -> Self {
        length.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written_alike() {
        for text in ["7wd", "3wh", "30d", "24h", "90m", "61s", "0s", "today", "next_day", "next_noon"] {
            assert_eq!(text.parse::<Length>().expect(text).to_string(), text);
        }
        assert_eq!("60s".parse(), Ok(Length::Clock(60)));
        assert_eq!("60m".parse::<Length>().map(|l| l.to_string()), Ok("1h".into()));
        assert_eq!("當日".parse(), Ok(Length::Today));
        assert_eq!("次日".parse(), Ok(Length::NextDay));
        assert_eq!(" 翌日中午前 ".parse(), Ok(Length::NextNoon));
        assert_eq!("7 wd".parse(), Ok(Length::WorkingDays(7)));
    }

    #[test]
    fn what_is_no_length_is_refused() {
        for text in ["", "7", "wd", "-7wd", "7.5h", "7wd ", "７wd", "7wdx", "7 w d", "99999999999d", "40000wd", "2000000h", "7D", "1y"] {
            let read = text.parse::<Length>();
            match text {
                "7wd " => assert_eq!(read, Ok(Length::WorkingDays(7))),
                _ => assert_eq!(read, Err(Error::BadLength(text.into())), "{text}"),
            }
        }
    }

    #[test]
    fn seconds_only_where_every_start_gives_the_same() {
        assert_eq!("7d".parse::<Length>().map(|l| l.seconds()), Ok(Some(604_800)));
        assert_eq!("10m".parse::<Length>().map(|l| l.seconds()), Ok(Some(600)));
        assert_eq!("1wd".parse::<Length>().map(|l| l.seconds()), Ok(None));
    }

    #[test]
    fn serialised_as_written() {
        let length: Length = serde_json::from_str("\"7wd\"").expect("length");
        assert_eq!(serde_json::to_string(&length).expect("json"), "\"7wd\"");
        assert!(serde_json::from_str::<Length>("\"soon\"").is_err());
    }
}
