//! Reads the government's yearly office calendar (政府行政機關辦公日曆表, data.gov.tw dataset 14718):
//! `西元日期,星期,是否放假,備註`, one row a day, 0 = working, 2 = off, UTF-8 with BOM or Big5, CRLF or LF.
//! Lists every mistake with its line and takes only whole years. Called by `calendar import` and for the shipped years.

use std::collections::BTreeMap;

use encoding_rs::BIG5;
use jiff::civil::Weekday;

use super::{Date, Day};

/// A mistake in an official table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Mistake {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: Wrong,
}

/// What can be wrong in an official table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Neither UTF-8 nor Big5.
    #[error("neither UTF-8 nor Big5: save it as UTF-8")]
    Encoding,
    /// The first line is not the official header.
    #[error("the header is not 西元日期,星期,是否放假,備註")]
    Header,
    /// Not four columns.
    #[error("{0} columns instead of 4")]
    Columns(usize),
    /// The first column is no date such as 20260101.
    #[error("`{0}` is no date such as 20260101")]
    NoDate(String),
    /// The weekday does not belong to the date.
    #[error("{date} is no 星期{written} but 星期{right}")]
    Weekday {
        /// The row's date.
        date: Date,
        /// The weekday in the row.
        written: String,
        /// The weekday of that date.
        right: char,
    },
    /// The flag is neither 0 nor 2.
    #[error("是否放假 is `{0}` instead of 0 (working) or 2 (off)")]
    Flag(String),
    /// A date stands twice.
    #[error("{date} stands twice, first in line {first}")]
    Twice {
        /// The date.
        date: Date,
        /// Where it stood first.
        first: usize,
    },
    /// A year is not whole.
    #[error("the year {year} has {rows} of {of} days; the first missing one is {missing}")]
    Incomplete {
        /// The year.
        year: i16,
        /// How many of its days are there.
        rows: usize,
        /// How many it has.
        of: usize,
        /// The first day that is missing.
        missing: Date,
    },
    /// There is no row at all.
    #[error("no day in it")]
    Empty,
}

/// Reads a table; `source` is kept with each day (a file's name).
///
/// # Errors
/// Every mistake in the file, in the order of its lines.
pub fn read(bytes: &[u8], source: &str) -> Result<BTreeMap<Date, Day>, Vec<Mistake>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match BIG5.decode(bytes) {
            (text, _, false) => text.into_owned(),
            (_, _, true) => return Err(vec![Mistake { line: 1, what: Wrong::Encoding }]),
        },
    };
    let mut table = Table { source, days: BTreeMap::new(), mistakes: Vec::new() };
    let mut last = 1;
    for (index, row) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = index + 1;
        let outcome = if line == 1 { header(row) } else { table.row(line, row) };
        if let Err(what) = outcome {
            table.mistakes.push(Mistake { line, what });
        }
        last = line;
    }
    table.whole_years(last);
    if table.mistakes.is_empty() { Ok(table.days.into_iter().map(|(date, (_, day))| (date, day)).collect()) } else { Err(table.mistakes) }
}

struct Table<'a> {
    source: &'a str,
    days: BTreeMap<Date, (usize, Day)>,
    mistakes: Vec<Mistake>,
}

impl Table<'_> {
    fn row(&mut self, line: usize, row: &str) -> Result<(), Wrong> {
        if row.trim().trim_matches(',').is_empty() {
            return Ok(());
        }
        let columns: Vec<&str> = row.splitn(4, ',').map(|column| column.trim().trim_matches('"').trim()).collect();
        let [date, weekday, flag, note] = columns.as_slice() else { return Err(Wrong::Columns(columns.len())) };
        let date = day_of(date)?;
        let right = character(date.weekday());
        if !weekday.trim_start_matches("星期").chars().eq([right]) {
            return Err(Wrong::Weekday { date, written: (*weekday).to_owned(), right });
        }
        let working = match *flag {
            "0" => true,
            "2" => false,
            other => return Err(Wrong::Flag(other.to_owned())),
        };
        if let Some((first, _)) = self.days.get(&date) {
            return Err(Wrong::Twice { date, first: *first });
        }
        self.days.insert(date, (line, Day { working, note: (*note).to_owned(), source: self.source.to_owned() }));
        Ok(())
    }

    /// A year with a hole is refused; said once a year, and only when its rows themselves are right.
    fn whole_years(&mut self, last: usize) {
        if !self.mistakes.is_empty() {
            return;
        }
        let mut years: BTreeMap<i16, usize> = BTreeMap::new();
        for date in self.days.keys() {
            *years.entry(date.year()).or_default() += 1;
        }
        if years.is_empty() {
            self.mistakes.push(Mistake { line: last, what: Wrong::Empty });
        }
        for (year, rows) in years {
            let Ok(first) = Date::new(year, 1, 1) else { continue };
            let mut all = first.series(jiff::Span::new().days(1)).take_while(|date| date.year() == year);
            if let Some(missing) = all.find(|date| !self.days.contains_key(date)) {
                let of = usize::try_from(first.days_in_year()).unwrap_or_default();
                self.mistakes.push(Mistake { line: last, what: Wrong::Incomplete { year, rows, of, missing } });
            }
        }
    }
}

fn header(row: &str) -> Result<(), Wrong> {
    let columns = row.split(',').map(|column| column.trim().trim_matches('"'));
    if columns.eq(["西元日期", "星期", "是否放假", "備註"]) { Ok(()) } else { Err(Wrong::Header) }
}

fn day_of(text: &str) -> Result<Date, Wrong> {
    let no_date = || Wrong::NoDate(text.to_owned());
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) { super::roc::parse(text).ok_or_else(no_date) } else { Err(no_date()) }
}

fn character(weekday: Weekday) -> char {
    match weekday {
        Weekday::Monday => '一',
        Weekday::Tuesday => '二',
        Weekday::Wednesday => '三',
        Weekday::Thursday => '四',
        Weekday::Friday => '五',
        Weekday::Saturday => '六',
        Weekday::Sunday => '日',
    }
}
