//! Which days are worked and when: the calendar of one organisation in one zone. Official days, imported days that win
//! over shipped ones, and the office's own closures and openings that win over both. What is due when is `due.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;

use super::{Date, Hour, MissingYear, Moment, OfficeHours, TimeZone, official};

/// The tables compiled into the binary; see templates/calendar/README.md.
const SHIPPED: [(&str, &[u8]); 3] = [
    ("calendar-2025.csv", include_bytes!("../../templates/calendar/calendar-2025.csv")),
    ("calendar-2026.csv", include_bytes!("../../templates/calendar/calendar-2026.csv")),
    ("calendar-2027.csv", include_bytes!("../../templates/calendar/calendar-2027.csv")),
];

/// What is known of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Whether the office works that day.
    pub working: bool,
    /// The official remark, e.g. 春節 or 補行上班; may be empty.
    pub note: String,
    /// Where it is known from: a file's name, or the config.
    pub source: String,
}

/// Working time of one organisation. Cheap to clone; changed only by making another.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    hours: OfficeHours,
    days: Arc<BTreeMap<Date, Day>>,
    own: Arc<BTreeMap<Date, Day>>,
}

impl Calendar {
    /// A calendar that knows no year: every question about working days is a `MissingYear`.
    #[must_use]
    pub fn empty(zone: TimeZone) -> Self {
        Self { zone, hours: OfficeHours::default(), days: Arc::default(), own: Arc::default() }
    }

    /// The Taiwanese government's days of 2025 to 2027 as shipped, with office hours 08:00–17:30.
    #[must_use]
    pub fn shipped(zone: TimeZone) -> Self {
        // A test holds that the shipped tables are right; a wrong one would leave its year missing, never guessed.
        let days = SHIPPED.into_iter().flat_map(|(name, bytes)| official::read(bytes, name).unwrap_or_default()).collect();
        Self { days: Arc::new(days), ..Self::empty(zone) }
    }

    /// The same with `days` laid over what was known: imported days win.
    #[must_use]
    pub fn with_days(mut self, days: impl IntoIterator<Item = (Date, Day)>) -> Self {
        Arc::make_mut(&mut self.days).extend(days);
        self
    }

    /// The same with other office hours.
    #[must_use]
    pub fn with_office_hours(mut self, hours: OfficeHours) -> Self {
        self.hours = hours;
        self
    }

    /// The same with the office's own days off (校慶補假, 颱風停班); they win over official and imported days.
    #[must_use]
    pub fn with_closures(self, days: impl IntoIterator<Item = (Date, String)>) -> Self {
        self.with_own(false, days)
    }

    /// The same with days on which this office works although others do not; they win like closures, the later call wins.
    #[must_use]
    pub fn with_openings(self, days: impl IntoIterator<Item = (Date, String)>) -> Self {
        self.with_own(true, days)
    }

    fn with_own(mut self, working: bool, days: impl IntoIterator<Item = (Date, String)>) -> Self {
        let own = days.into_iter().map(|(date, note)| (date, Day { working, note, source: "own".to_owned() }));
        Arc::make_mut(&mut self.own).extend(own);
        self
    }

    /// The organisation's zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The office's hours on a working day.
    #[must_use]
    pub fn office_hours(&self) -> &OfficeHours {
        &self.hours
    }

    /// The civil day of `at` in the organisation's zone.
    #[must_use]
    pub fn date_of(&self, at: Moment) -> Date {
        at.zoned(&self.zone).date()
    }

    /// The moment of `hour` on `date` in the organisation's zone. An hour that a clock change skips is read as the same
    /// time after it, one that it repeats as the first; dates past the end of time stay at it.
    #[must_use]
    pub fn at_hour(&self, date: Date, hour: Hour) -> Moment {
        let minutes = hour.minutes();
        let (date, minutes) = if minutes < 1440 { (date, minutes) } else { (date.saturating_add(1.day()), 0) };
        let (hour, minute) = (i8::try_from(minutes / 60).unwrap_or_default(), i8::try_from(minutes % 60).unwrap_or_default());
        self.moment(date.at(hour, minute, 0, 0))
    }

    /// The last second of `date` in the organisation's zone.
    #[must_use]
    pub fn end_of_day(&self, date: Date) -> Moment {
        self.moment(date.at(23, 59, 59, 0))
    }

    /// When the office closes on `date`, if it works that day.
    #[must_use]
    pub fn end_of_office(&self, date: Date) -> Moment {
        self.at_hour(date, self.hours.end())
    }

    pub(super) fn moment(&self, at: jiff::civil::DateTime) -> Moment {
        // Only the last days of the year 9999 do not convert.
        at.to_zoned(self.zone.clone()).map_or(Moment::from_unix(253_402_207_200), Moment::from)
    }

    /// What is known of `date`.
    ///
    /// # Errors
    /// `MissingYear` when no table holds that day.
    pub fn day(&self, date: Date) -> Result<&Day, MissingYear> {
        self.own.get(&date).or_else(|| self.days.get(&date)).ok_or(MissingYear(date.year()))
    }

    /// Whether the office works on `date`.
    ///
    /// # Errors
    /// `MissingYear` when no table holds that day.
    pub fn is_working_day(&self, date: Date) -> Result<bool, MissingYear> {
        self.day(date).map(|day| day.working)
    }

    /// The first working day later than `date`.
    ///
    /// # Errors
    /// `MissingYear` when the search reaches a day that no table holds.
    pub fn working_day_after(&self, date: Date) -> Result<Date, MissingYear> {
        self.next_where(date, 1)
    }

    /// The last working day earlier than `date`.
    ///
    /// # Errors
    /// `MissingYear` when the search reaches a day that no table holds.
    pub fn working_day_before(&self, date: Date) -> Result<Date, MissingYear> {
        self.next_where(date, -1)
    }

    /// `date` itself when it is worked, else the first working day after it.
    ///
    /// # Errors
    /// `MissingYear` when the search reaches a day that no table holds.
    pub fn working_day_from(&self, date: Date) -> Result<Date, MissingYear> {
        if self.is_working_day(date)? { Ok(date) } else { self.working_day_after(date) }
    }

    fn next_where(&self, date: Date, step: i64) -> Result<Date, MissingYear> {
        let mut date = date;
        loop {
            // Ends: every step must find a day in a finite table.
            date = date.checked_add(step.days()).map_err(|_| MissingYear(date.year()))?;
            if self.is_working_day(date)? {
                return Ok(date);
            }
        }
    }

    /// `at` itself within office hours, else when the office next opens. The closing minute is no longer within.
    ///
    /// # Errors
    /// `MissingYear` when the search reaches a day that no table holds.
    pub fn next_working_moment(&self, at: Moment) -> Result<Moment, MissingYear> {
        let mut date = self.working_day_from(self.date_of(at))?;
        loop {
            for (from, to) in self.spans_on(date) {
                if at < to {
                    return Ok(at.max(from));
                }
            }
            date = self.working_day_after(date)?;
        }
    }

    /// The office's spans on a day that is worked, as moments.
    pub(super) fn spans_on(&self, date: Date) -> impl DoubleEndedIterator<Item = (Moment, Moment)> + '_ {
        self.hours.spans().iter().map(move |&(from, to)| (self.at_hour(date, from), self.at_hour(date, to)))
    }

    /// How many working days lie after `from` up to and including `to`: 1 from Friday to Monday, 0 on the same day,
    /// negative when `to` is earlier.
    ///
    /// # Errors
    /// `MissingYear` when a day between is in no table.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<i64, MissingYear> {
        let (first, last, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let mut count = 0;
        let mut date = first;
        while date < last {
            date = date.saturating_add(1.day());
            count += i64::from(self.is_working_day(date)?);
        }
        Ok(sign * count)
    }

    /// Whether every day of the western `year` is known. Asked by doctor and by the digest in December.
    #[must_use]
    pub fn knows_year(&self, year: i16) -> bool {
        let Ok(first) = Date::new(year, 1, 1) else { return false };
        first.series(1.day()).take_while(|date| date.year() == year).all(|date| self.day(date).is_ok())
    }

    /// The last day that a table holds; `None` when none does.
    #[must_use]
    pub fn known_until(&self) -> Option<Date> {
        self.days.keys().next_back().copied()
    }
}
