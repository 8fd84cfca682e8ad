//! Deadlines worked out by hand on the real calendars of 2025 to 2027 (the days off between are named beside them),
//! and what the official table's reader accepts and refuses.

use jiff::civil::date;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("zone")
}

fn taipei() -> Calendar {
    Calendar::shipped(zone("Asia/Taipei"))
}

fn at(text: &str) -> Moment {
    let full = if text.contains('T') { text.to_owned() } else { format!("{}+08:00", text.replace(' ', "T")) };
    Moment::parse_rfc3339(&full).unwrap_or_else(|| panic!("{text}"))
}

/// start, length, cut-off (or ""), due.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn hold(calendar: &Calendar, cases: &[Case]) {
    for (start, length, cut_off, due) in cases {
        let cut_off = (!cut_off.is_empty()).then(|| cut_off.parse().expect("cut-off"));
        let found = calendar.due(at(start), &length.parse().expect("length"), cut_off).map(|m| m.rfc3339(calendar.zone()));
        assert_eq!(found, Ok(at(due).rfc3339(calendar.zone())), "{start} {length} {cut_off:?}");
    }
}

#[test]
fn working_days_of_2025_to_2027() {
    let cases: &[Case] = &[
        ("2025-01-01 10:00:00", "7wd", "", "2025-01-10 17:30:00"), // received on 開國紀念日
        ("2025-01-02 09:00:00", "7wd", "", "2025-01-13 17:30:00"),
        ("2025-01-24 16:00:00", "1wd", "", "2025-02-03 17:30:00"), // 春節 01-25 … 02-02
        ("2025-01-24 16:00:00", "6wd", "", "2025-02-08 17:30:00"), // 補班 Saturday is the sixth
        ("2025-01-24 16:00:00", "7wd", "", "2025-02-10 17:30:00"),
        ("2025-01-29 00:00:00", "5wd", "", "2025-02-07 17:30:00"), // received on 初一
        ("2025-02-01 12:00:00", "1wd", "", "2025-02-03 17:30:00"),
        ("2025-02-07 23:59:59", "1wd", "", "2025-02-08 17:30:00"), // Friday night before a 補班 Saturday
        ("2025-02-08 09:00:00", "1wd", "", "2025-02-10 17:30:00"), // received on the 補班 Saturday
        ("2025-02-27 09:00:00", "1wd", "", "2025-03-03 17:30:00"), // 02-28 Friday off
        ("2025-04-02 09:00:00", "3wd", "", "2025-04-09 17:30:00"), // 04-03, 04-04 off
        ("2025-04-30 09:00:00", "1wd", "", "2025-05-01 17:30:00"), // 05-01 was still worked in 2025
        ("2025-05-29 09:00:00", "2wd", "", "2025-06-03 17:30:00"), // 05-30 off
        ("2025-09-26 23:59:00", "1wd", "", "2025-09-30 17:30:00"), // 09-29 Monday off
        ("2025-10-03 08:00:00", "5wd", "", "2025-10-14 17:30:00"), // 10-06, 10-10 off
        ("2025-10-23 08:00:00", "1wd", "", "2025-10-27 17:30:00"), // 10-24 off
        ("2025-12-24 08:00:00", "7wd", "", "2026-01-06 17:30:00"), // 12-25, 01-01 off; 01-02 worked
        ("2026-01-02 08:00:00", "7wd", "", "2026-01-13 17:30:00"),
        ("2026-02-12 08:00:00", "2wd", "", "2026-02-23 17:30:00"), // 春節 02-14 … 02-22
        ("2026-02-13 23:59:00", "1wd", "", "2026-02-23 17:30:00"), // Friday 23:59 before 春節
        ("2026-02-13 08:00:00", "7wd", "", "2026-03-04 17:30:00"), // and 02-27 off
        ("2026-02-14 08:00:00", "1wd", "", "2026-02-23 17:30:00"),
        ("2026-02-17 08:00:00", "3wd", "", "2026-02-25 17:30:00"),
        ("2026-02-17 08:00:00", "0wd", "", "2026-02-23 17:30:00"),
        ("2026-03-02 08:00:00", "0wd", "", "2026-03-02 17:30:00"),
        ("2026-03-06 23:59:59", "1wd", "", "2026-03-09 17:30:00"), // an ordinary Friday night
        ("2026-04-02 08:00:00", "1wd", "", "2026-04-07 17:30:00"), // 04-03, 04-06 off
        ("2026-04-30 08:00:00", "1wd", "", "2026-05-04 17:30:00"), // 05-01 off since 2026
        ("2026-06-18 08:00:00", "1wd", "", "2026-06-22 17:30:00"), // 06-19 off
        ("2026-09-24 08:00:00", "3wd", "", "2026-10-01 17:30:00"), // 09-25, 09-28 off
        ("2026-10-08 08:00:00", "2wd", "", "2026-10-13 17:30:00"), // 10-09 off
        ("2026-10-23 08:00:00", "1wd", "", "2026-10-27 17:30:00"), // 10-26 off
        ("2026-12-21 23:00:00", "7wd", "", "2026-12-31 17:30:00"), // 12-25 off
        ("2026-12-22 00:00:00", "7wd", "", "2027-01-04 17:30:00"), // 12-25, 01-01 off
        ("2027-02-03 08:00:00", "1wd", "", "2027-02-11 17:30:00"), // 春節 02-04 … 02-10
        ("2027-02-03 08:00:00", "7wd", "", "2027-02-19 17:30:00"),
        ("2027-02-26 08:00:00", "1wd", "", "2027-03-02 17:30:00"), // 03-01 off
        ("2027-04-02 08:00:00", "2wd", "", "2027-04-08 17:30:00"), // 04-05, 04-06 off
        ("2027-04-29 08:00:00", "1wd", "", "2027-05-03 17:30:00"), // 04-30 off
        ("2027-06-08 08:00:00", "1wd", "", "2027-06-10 17:30:00"), // 06-09 off
        ("2027-09-14 08:00:00", "1wd", "", "2027-09-16 17:30:00"),
        ("2027-09-27 08:00:00", "1wd", "", "2027-09-29 17:30:00"),
        ("2027-12-23 08:00:00", "4wd", "", "2027-12-30 17:30:00"),  // 12-24 off
        ("2024-12-31 08:00:00", "1wd", "", "2025-01-02 17:30:00"),  // the year of receipt itself is not asked for
        ("2026-03-02T23:30:00Z", "1wd", "", "2026-03-04 17:30:00"), // already Tuesday in Taipei
    ];
    hold(&taipei(), cases);
}

#[test]
fn clocks_calendar_days_words_and_working_hours() {
    let cases: &[Case] = &[
        ("2026-02-13 23:59:00", "24h", "", "2026-02-14 23:59:00"),
        ("2026-02-13 16:00:00", "48h", "", "2026-02-15 16:00:00"),
        ("2026-01-01 00:30:00", "1h", "", "2026-01-01 01:30:00"),
        ("2026-12-31 23:00:00", "90m", "", "2027-01-01 00:30:00"),
        ("2030-05-05 12:00:00", "60s", "", "2030-05-05 12:01:00"), // clock time needs no calendar
        ("2026-02-13 09:00:00", "7d", "", "2026-02-20 23:59:59"),  // ends in 春節 and stays there
        ("2026-12-28 23:59:59", "7d", "", "2027-01-04 23:59:59"),
        ("2024-02-22 00:00:00", "7d", "", "2024-02-29 23:59:59"), // leap day; needs no calendar
        ("2027-12-30 09:00:00", "30d", "", "2028-01-29 23:59:59"),
        ("2026-12-31 10:00:00", "today", "", "2026-12-31 23:59:59"),
        ("2026-12-31 10:00:00", "next_day", "", "2027-01-01 23:59:59"),
        ("2026-12-31 10:00:00", "next_noon", "", "2027-01-01 12:00:00"),
        ("2026-03-02 07:00:00", "1wh", "", "2026-03-02 09:00:00"), // before the office opens
        ("2026-03-02 08:00:00", "19wh", "", "2026-03-03 17:30:00"), // two days of nine and a half
        ("2026-03-02 09:15:20", "3wh", "", "2026-03-02 12:15:20"),
        ("2026-12-31 14:30:00", "3wh", "", "2026-12-31 17:30:00"), // due at closing, not at the next opening
        ("2026-12-31 16:30:00", "3wh", "", "2027-01-04 10:00:00"),
        ("2026-02-13 17:30:00", "1wh", "", "2026-02-23 09:00:00"),
        ("2026-02-17 03:00:00", "1wh", "", "2026-02-23 09:00:00"),
        ("2025-02-07 17:00:00", "1wh", "", "2025-02-08 08:30:00"), // into the 補班 Saturday
        ("2026-02-17 03:00:00", "0wh", "", "2026-02-23 08:00:00"),
    ];
    hold(&taipei(), cases);
}

#[test]
fn a_cut_off_moves_the_start_to_the_next_working_day() {
    let cases: &[Case] = &[
        ("2026-03-02 15:59:59", "1wd", "16:00", "2026-03-03 17:30:00"),
        ("2026-03-02 16:00:00", "1wd", "16:00", "2026-03-04 17:30:00"),
        ("2026-03-06 16:30:00", "1wd", "16:00", "2026-03-10 17:30:00"),
        ("2026-03-07 10:00:00", "1wd", "16:00", "2026-03-10 17:30:00"), // never earlier than Friday evening's
        ("2026-03-02 16:30:00", "4h", "16:00", "2026-03-03 12:00:00"),  // 下午4時後通報，翌日中午前完成
        ("2026-03-02 15:30:00", "4h", "16:00", "2026-03-02 19:30:00"),
        ("2026-02-13 16:00:00", "4h", "16:00", "2026-02-23 12:00:00"),
        ("2026-03-02 17:00:00", "today", "16:00", "2026-03-03 23:59:59"),
        ("2025-02-07 18:00:00", "3d", "16:00", "2025-02-11 23:59:59"), // counts from the 補班 Saturday
        ("2026-03-02 18:00:00", "2wh", "16:00", "2026-03-03 10:00:00"),
    ];
    hold(&taipei(), cases);
    let four = "16:00".parse().expect("hour");
    assert_eq!(taipei().past_cut_off(at("2026-03-02 15:59:59"), four), Ok(false));
    assert_eq!(taipei().past_cut_off(at("2026-03-02 16:00:00"), four), Ok(true));
    assert_eq!(taipei().past_cut_off(at("2026-03-07 09:00:00"), four), Ok(true));
}

#[test]
fn a_lunch_break_stops_working_hours() {
    let hours = OfficeHours::parse(&["08:00-12:00", "13:00-17:00"]).expect("hours");
    let cases: &[Case] = &[
        ("2026-03-02 11:00:00", "3wh", "", "2026-03-02 15:00:00"),
        ("2026-03-02 12:30:00", "1wh", "", "2026-03-02 14:00:00"),
        ("2026-03-02 16:30:00", "1wh", "", "2026-03-03 08:30:00"),
        ("2026-03-02 08:00:00", "4wh", "", "2026-03-02 12:00:00"),
        ("2026-03-02 12:30:00", "1wd", "", "2026-03-03 17:00:00"),
    ];
    let calendar = taipei().with_office_hours(hours);
    hold(&calendar, cases);
    assert_eq!(calendar.next_working_moment(at("2026-03-02 12:00:00")), Ok(at("2026-03-02 13:00:00")));
    assert_eq!(calendar.next_working_moment(at("2026-03-02 11:59:59")), Ok(at("2026-03-02 11:59:59")));
    assert_eq!(calendar.next_working_moment(at("2026-03-06 17:00:00")), Ok(at("2026-03-09 08:00:00")));
}

#[test]
fn summer_time_bends_civil_days_but_no_clock_hours() {
    let cases: &[Case] = &[
        ("2026-03-28T12:00:00+01:00", "24h", "", "2026-03-29T13:00:00+02:00"),
        ("2026-10-24T12:00:00+02:00", "24h", "", "2026-10-25T11:00:00+01:00"),
        ("2026-03-29T01:30:00+01:00", "1h", "", "2026-03-29T03:30:00+02:00"),
        ("2026-03-22T10:00:00+01:00", "7d", "", "2026-03-29T23:59:59+02:00"),
        ("2026-10-18T10:00:00+02:00", "7d", "", "2026-10-25T23:59:59+01:00"),
        ("2026-03-27T10:00:00+01:00", "1wd", "", "2026-03-30T17:30:00+02:00"),
        ("2026-03-27T17:00:00+01:00", "1wh", "", "2026-03-30T08:30:00+02:00"),
        ("2026-10-23T10:00:00+02:00", "1wd", "", "2026-10-27T17:30:00+01:00"),
        ("2026-10-24T23:30:00+02:00", "next_noon", "", "2026-10-25T12:00:00+01:00"),
    ];
    let berlin = Calendar::shipped(zone("Europe/Berlin"));
    hold(&berlin, cases);
    let half_past_two = "02:30".parse().expect("hour");
    assert_eq!(berlin.at_hour(date(2026, 3, 29), half_past_two), at("2026-03-29T03:30:00+02:00"));
    assert_eq!(berlin.at_hour(date(2026, 10, 25), half_past_two), at("2026-10-25T02:30:00+02:00"));
    assert_eq!(berlin.at_hour(date(2026, 10, 25), "24:00".parse().expect("hour")), at("2026-10-26T00:00:00+01:00"));
}

#[test]
fn a_missing_year_is_an_error_never_weekends_only() {
    let calendar = taipei();
    let due = |start: &str, length: &str| calendar.due(at(start), &length.parse().expect("length"), None);
    assert_eq!(due("2027-12-23 08:00:00", "5wd"), Err(MissingYear(2028)));
    assert_eq!(due("2027-12-30 17:00:00", "1wh"), Err(MissingYear(2028)));
    assert_eq!(due("2024-12-30 08:00:00", "1wd"), Err(MissingYear(2024)));
    assert_eq!(calendar.is_working_day(date(2028, 1, 3)), Err(MissingYear(2028)));
    assert_eq!(calendar.working_days_between(date(2027, 12, 27), date(2028, 1, 3)), Err(MissingYear(2028)));
    assert_eq!(Calendar::empty(zone("UTC")).working_day_after(date(2026, 1, 1)), Err(MissingYear(2026)));
    assert!(calendar.knows_year(2026) && !calendar.knows_year(2028));
    assert_eq!(calendar.known_until(), Some(date(2027, 12, 31)));
    assert_eq!(Error::from(MissingYear(2028)), Error::MissingYear(MissingYear(2028)));
}

#[test]
fn imported_days_win_over_shipped_ones_and_own_days_over_both() {
    let off = Day { working: false, note: "停止上班".into(), source: "amended.csv".into() };
    let friday = date(2026, 3, 6);
    let amended = taipei().with_days([(friday, off)]);
    hold(&amended, &[("2026-03-05 08:00:00", "1wd", "", "2026-03-09 17:30:00")]);
    assert_eq!(amended.day(friday).map(|d| d.source.as_str()), Ok("amended.csv"));
    hold(&taipei(), &[("2026-03-05 08:00:00", "1wd", "", "2026-03-06 17:30:00")]);

    let own = taipei().with_closures([(date(2026, 3, 9), "校慶補假".into())]).with_openings([(date(2026, 3, 7), "校慶".into())]);
    hold(&own, &[("2026-03-06 08:00:00", "1wd", "", "2026-03-07 17:30:00"), ("2026-03-06 08:00:00", "2wd", "", "2026-03-10 17:30:00")]);
    let day = own.day(date(2026, 3, 9)).expect("day");
    assert_eq!((day.working, day.note.as_str(), day.source.as_str()), (false, "校慶補假", "own"));
    assert_eq!(
        own.with_days([(date(2026, 3, 9), Day { working: true, note: String::new(), source: String::new() })])
            .is_working_day(date(2026, 3, 9)),
        Ok(false)
    );
}

#[test]
fn days_between_and_moments_ahead_of_a_deadline() {
    let calendar = taipei();
    for (from, to, days) in [
        (date(2026, 3, 6), date(2026, 3, 9), 1),
        (date(2026, 3, 6), date(2026, 3, 6), 0),
        (date(2026, 3, 9), date(2026, 3, 6), -1),
        (date(2026, 2, 13), date(2026, 3, 4), 7),
        (date(2025, 1, 24), date(2025, 2, 10), 7),
        (date(2025, 2, 7), date(2025, 2, 9), 1),
    ] {
        assert_eq!(calendar.working_days_between(from, to), Ok(days), "{from} {to}");
    }
    for (moment, length, before) in [
        ("2026-02-23 17:30:00", "1wd", "2026-02-13 17:30:00"),
        ("2025-02-10 17:30:00", "2wd", "2025-02-07 17:30:00"),
        ("2026-03-09 17:30:00", "1d", "2026-03-08 17:30:00"),
        ("2026-03-09 08:30:00", "2h", "2026-03-09 06:30:00"),
        ("2026-03-09 08:30:00", "1wh", "2026-03-06 17:00:00"),
        ("2026-03-08 12:00:00", "1wh", "2026-03-06 16:30:00"),
        ("2026-03-09 08:30:00", "next_day", "2026-03-08 08:30:00"),
    ] {
        assert_eq!(calendar.before(at(moment), &length.parse().expect("length")), Ok(at(before)), "{moment} {length}");
    }
    assert_eq!(calendar.working_day_before(date(2025, 2, 10)), Ok(date(2025, 2, 8)));
    assert_eq!(calendar.working_day_from(date(2025, 2, 8)), Ok(date(2025, 2, 8)));
    assert_eq!(calendar.date_of(at("2026-03-02T16:00:00Z")), date(2026, 3, 3));
}

#[test]
fn the_shipped_years_hold_what_the_government_published() {
    let calendar = taipei();
    // 261 weekdays each, less 15, 16 and 17 days off among them, and in 2025 the one 補班 Saturday.
    for (year, working) in [(2025, 247), (2026, 245), (2027, 244)] {
        assert!(calendar.knows_year(year), "{year}");
        let found = calendar.working_days_between(date(year, 1, 1), date(year, 12, 31));
        assert_eq!(found, Ok(working), "{year}"); // 1 January is off in each
    }
    assert_eq!(calendar.day(date(2025, 2, 8)).map(|d| d.note.as_str()), Ok("補行上班"));
    assert_eq!(calendar.day(date(2027, 2, 4)).map(|d| (d.working, d.note.as_str())), Ok((false, "農曆除夕")));
}

/// A right table of one year with its rows changed.
fn table(year: i16, change: impl Fn(usize, &str) -> Option<String>) -> String {
    let first = date(year, 1, 1);
    let mut text = String::from("\u{feff}西元日期,星期,是否放假,備註\r\n");
    for (index, day) in first.series(jiff::Span::new().days(1)).take_while(|day| day.year() == year).enumerate() {
        let name = "一二三四五六日".chars().nth(usize::try_from(day.weekday().to_monday_zero_offset()).expect("0 to 6")).expect("weekday");
        let row = format!("{},{name},{},", day.strftime("%Y%m%d"), if day.weekday().to_monday_zero_offset() > 4 { 2 } else { 0 });
        if let Some(row) = change(index + 2, &row) {
            text.push_str(&row);
            text.push_str("\r\n");
        }
    }
    text
}

#[test]
fn a_whole_year_is_read_in_utf8_and_big5() {
    let text =
        table(2028, |line, row| Some(if line == 2 { format!("20280101,六,2,\"開國紀念日, 週六\"{}", "") } else { row.to_owned() }));
    let days = official::read(text.as_bytes(), "calendar-2028.csv").expect("a right table");
    assert_eq!(days.len(), 366);
    assert_eq!(days.get(&date(2028, 1, 1)).map(|d| d.note.as_str()), Some("開國紀念日, 週六"));
    let (big5, _, lossy) = encoding_rs::BIG5.encode(text.trim_start_matches('\u{feff}'));
    assert!(!lossy);
    assert_eq!(official::read(&big5, "calendar-2028.csv").as_ref(), Ok(&days));
    hold(&taipei().with_days(days), &[("2027-12-30 08:00:00", "1wd", "", "2028-01-03 17:30:00")]);
}

#[test]
fn every_mistake_of_a_table_is_named_with_its_line() {
    let broken = table(2026, |line, row| {
        Some(match line {
            3 => row.replace(",五,", ",六,"),
            10 => "20260109;五;0;".to_owned(),
            20 => row.replace(",0,", ",1,"),
            30 => "20260230,一,0,".to_owned(),
            40 => "20260101,四,2,".to_owned(),
            _ => row.to_owned(),
        })
    });
    let mistakes = official::read(broken.as_bytes(), "x").expect_err("mistakes");
    let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "line 3: 2026-01-02 is no 星期六 but 星期五",
            "line 10: 1 columns instead of 4",
            "line 20: 是否放假 is `1` instead of 0 (working) or 2 (off)",
            "line 30: `20260230` is no date such as 20260101",
            "line 40: 2026-01-01 stands twice, first in line 2",
        ]
    );
}

#[test]
fn half_years_and_other_files_are_refused() {
    let said = |bytes: &[u8]| official::read(bytes, "x").expect_err("mistakes").iter().map(ToString::to_string).collect::<Vec<_>>();
    let hole = table(2026, |line, row| (line != 100).then(|| row.to_owned()));
    assert_eq!(said(hole.as_bytes()), ["line 365: the year 2026 has 364 of 365 days; the first missing one is 2026-04-09"]);
    assert_eq!(said("西元日期,星期,是否放假,備註\r\n".as_bytes()), ["line 1: no day in it"]);
    assert_eq!(said("date,weekday,off,note\n".as_bytes()), ["line 1: the header is not 西元日期,星期,是否放假,備註"]);
    assert_eq!(said(b"\xff\xfe\x00\x01\xff"), ["line 1: neither UTF-8 nor Big5: save it as UTF-8"]);
}
