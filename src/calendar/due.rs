//! Deadlines: what a length means from a given start (R25, R67; 行政程序法 §48: the day of receipt is not counted).
//! Working units stop outside the office's hours, clock hours run on. Called by `domain` when it arms a clock.

use jiff::ToSpan;

use super::{Calendar, Date, Hour, Length, MissingYear, Moment};

impl Calendar {
    /// When `length` ends that began at `start`.
    ///
    /// - `7wd`: the end of office hours on the seventh working day after the day of receipt.
    /// - `3wh`: after that much office time from the next working moment.
    /// - `30d`: 23:59:59 of the thirtieth day after; holidays at the end do not move it.
    /// - `24h`, `90m`, `60s`: so much later by the clock, through nights, holidays and changes of summer time.
    /// - `today`, `next_day`: 23:59:59 of that day; `next_noon`: 12:00 of the day after.
    ///
    /// What comes in at `cut_off` or later, or on a day off, counts as come in when the next working day opens; without a
    /// cut-off the day of receipt is the day it came in, whatever day that is.
    ///
    /// # Errors
    /// `MissingYear` when the answer depends on a day that no table holds.
    pub fn due(&self, start: Moment, length: &Length, cut_off: Option<Hour>) -> Result<Moment, MissingYear> {
        let start = match cut_off {
            Some(hour) => self.counted_from(start, hour)?,
            None => start,
        };
        let day = self.date_of(start);
        match *length {
            Length::Clock(seconds) => Ok(start.plus_seconds(i64::from(seconds))),
            Length::WorkingHours(hours) => self.after_working_seconds(start, i64::from(hours) * 3600),
            Length::WorkingDays(days) => self.working_day_number(day, days).map(|day| self.end_of_office(day)),
            Length::CalendarDays(days) => Ok(self.end_of_day(day.saturating_add(i64::from(days).days()))),
            Length::Today => Ok(self.end_of_day(day)),
            Length::NextDay => Ok(self.end_of_day(day.saturating_add(1.day()))),
            Length::NextNoon => Ok(self.at_hour(day.saturating_add(1.day()), Hour::NOON)),
        }
    }

    /// Whether `at` lies at or past `cut_off` of its day, or on a day off: for procedures that give another length then
    /// (下午4時後通報，翌日中午前完成).
    ///
    /// # Errors
    /// `MissingYear` when that day is in no table.
    pub fn past_cut_off(&self, at: Moment, cut_off: Hour) -> Result<bool, MissingYear> {
        let day = self.date_of(at);
        Ok(!self.is_working_day(day)? || at >= self.at_hour(day, cut_off))
    }

    /// So much earlier than `at`, for reminders ahead of a deadline: days keep the hour (`1wd` before Monday 17:30 is Friday
    /// 17:30), working hours count back through office time, the words mean one day.
    ///
    /// # Errors
    /// `MissingYear` when the answer depends on a day that no table holds.
    pub fn before(&self, at: Moment, length: &Length) -> Result<Moment, MissingYear> {
        match *length {
            Length::Clock(seconds) => Ok(at.plus_seconds(-i64::from(seconds))),
            Length::WorkingHours(hours) => self.before_working_seconds(at, i64::from(hours) * 3600),
            Length::WorkingDays(days) => {
                let mut day = self.date_of(at);
                for _ in 0..days {
                    day = self.working_day_before(day)?;
                }
                Ok(self.same_hour(at, day))
            }
            Length::CalendarDays(days) => Ok(self.same_hour(at, self.date_of(at).saturating_sub(i64::from(days).days()))),
            Length::Today | Length::NextDay | Length::NextNoon => Ok(self.same_hour(at, self.date_of(at).saturating_sub(1.day()))),
        }
    }

    /// The moment from which a length counts when there is a cut-off hour.
    fn counted_from(&self, start: Moment, cut_off: Hour) -> Result<Moment, MissingYear> {
        if !self.past_cut_off(start, cut_off)? {
            return Ok(start);
        }
        let day = self.working_day_after(self.date_of(start))?;
        Ok(self.spans_on(day).next().map_or_else(|| self.end_of_office(day), |(opens, _)| opens))
    }

    /// The `number`th working day after `day`; with 0 the first working day from `day` on.
    fn working_day_number(&self, day: Date, number: u32) -> Result<Date, MissingYear> {
        if number == 0 {
            return self.working_day_from(day);
        }
        let mut day = day;
        for _ in 0..number {
            day = self.working_day_after(day)?;
        }
        Ok(day)
    }

    fn after_working_seconds(&self, start: Moment, seconds: i64) -> Result<Moment, MissingYear> {
        let start = self.next_working_moment(start)?;
        let mut left = seconds;
        let mut day = self.date_of(start);
        loop {
            for (from, to) in self.spans_on(day) {
                let from = from.max(start);
                let open = to.unix().saturating_sub(from.unix());
                // At the very end of a span it is due there, not when the office next opens.
                if open >= left && open >= 0 {
                    return Ok(from.plus_seconds(left));
                }
                left -= open.max(0);
            }
            day = self.working_day_after(day)?;
        }
    }

    fn before_working_seconds(&self, at: Moment, seconds: i64) -> Result<Moment, MissingYear> {
        let mut left = seconds;
        let mut day = self.date_of(at);
        if !self.is_working_day(day)? {
            day = self.working_day_before(day)?;
        }
        loop {
            for (from, to) in self.spans_on(day).rev() {
                let to = to.min(at);
                let open = to.unix().saturating_sub(from.unix());
                if open >= left && open >= 0 {
                    return Ok(to.plus_seconds(-left));
                }
                left -= open.max(0);
            }
            day = self.working_day_before(day)?;
        }
    }

    /// The wall-clock time of `at` on another day.
    fn same_hour(&self, at: Moment, day: Date) -> Moment {
        self.moment(day.to_datetime(at.zoned(self.zone()).time()))
    }
}
