//! How long a procedure keeps what (`retention`, `[[keep]]`): times as papers write them. Read with the profile, asked by desk's retention.

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Procedure;
use crate::domain::retention::Kept;

/// One kind of record and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepRule {
    /// Which records.
    pub what: Kept,
    /// How long: `2年`, `6個月`, `90日`.
    pub time: String,
}

/// A time as papers write it: years, months or days.
#[must_use]
pub fn time(words: &str) -> Option<Span> {
    let words = words.trim();
    let digits: String = words.chars().take_while(char::is_ascii_digit).collect();
    let number: i32 = digits.parse().ok().filter(|n| *n >= 0)?;
    let span = Span::new();
    match words.get(digits.len()..)?.trim() {
        "年" => span.try_years(number).ok(),
        "個月" | "月" => span.try_months(number).ok(),
        "日" | "天" => span.try_days(number).ok(),
        _ => None,
    }
}

impl Procedure {
    /// How long records of a kind are kept, in the profile's words: its own time, else `retention`.
    #[must_use]
    pub fn keeps(&self, what: Kept) -> &str {
        self.keep.iter().find(|rule| rule.what == what).map_or(self.retention.as_str(), |rule| rule.time.as_str())
    }

    /// The day after which what began to count on `from` goes; none where the profile's words name no time.
    #[must_use]
    pub fn kept_until(&self, what: Kept, from: Date) -> Option<Date> {
        from.checked_add(time(self.keeps(what))?).ok()
    }

    /// The day before which what was taken or written is due on `today`; none where the profile's words name no time.
    #[must_use]
    pub fn due_before(&self, what: Kept, today: Date) -> Option<Date> {
        today.checked_sub(time(self.keeps(what))?).ok()
    }

    /// How many years records are kept, where the paper says it in years (`2年`).
    #[must_use]
    pub fn retention_years(&self) -> Option<u32> {
        self.retention.strip_suffix('年')?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_papers_write_them() {
        let from: Date = "2024-02-29".parse().expect("a date");
        let until = |words: &str| time(words).and_then(|t| from.checked_add(t).ok()).map(|d| d.to_string());
        for (words, day) in [
            ("2年", "2026-02-28"),
            (" 3 年 ", "2027-02-28"),
            ("6個月", "2024-08-29"),
            ("12月", "2025-02-28"),
            ("90日", "2024-05-29"),
            ("1天", "2024-03-01"),
        ] {
            assert_eq!(until(words).as_deref(), Some(day), "{words}");
        }
        for words in ["", "年", "永久", "-1年", "2 years", "2年半"] {
            assert_eq!(until(words), None, "{words}");
        }
    }
}
