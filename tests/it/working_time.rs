//! Deadlines as people work them out: `tests/working_time/table.txt` was made by hand on the official calendars, with its reasons.

use redress::calendar::{Calendar, Date, Hour, Length, Moment, OfficeHours, TimeZone};

const TABLE: &str = include_str!("../working_time/table.txt");

fn moment(text: &str) -> Moment {
    let seconds = if text.len() == 16 { ":00" } else { "" };
    Moment::parse_rfc3339(&format!("{}{seconds}+08:00", text.replace(' ', "T"))).unwrap_or_else(|| panic!("{text}"))
}

fn plain() -> Calendar {
    Calendar::shipped(TimeZone::get("Asia/Taipei").expect("the zone"))
}

/// What a line beginning with `@` makes of the calendar.
fn changed(calendar: Calendar, line: &str) -> Calendar {
    let mut words = line.split_whitespace();
    let order = words.next().expect("an order");
    let days = |words: std::str::SplitWhitespace<'_>| words.map(|d| (d.parse::<Date>().expect("a day"), String::new())).collect::<Vec<_>>();
    match order {
        "@default" => plain(),
        "@hours" => {
            let spans: Vec<String> = words.map(str::to_owned).collect();
            plain().with_office_hours(OfficeHours::parse(&spans).expect("office hours"))
        }
        "@closed" => calendar.with_closures(days(words)),
        "@open" => calendar.with_openings(days(words)),
        other => panic!("{other}"),
    }
}

/// When the row's length ends, by the program.
fn due(calendar: &Calendar, start: &str, length: &str, cut_off: &str, late: &str) -> Moment {
    let (start, length): (Moment, Length) = (moment(start), length.parse().expect("a length"));
    let cut_off: Option<Hour> = (!cut_off.is_empty()).then(|| cut_off.parse().expect("an hour"));
    if let (false, Some(hour)) = (late.is_empty(), cut_off) {
        let late: Length = late.parse().expect("a length");
        let length = if calendar.past_cut_off(start, hour).expect("a known year") { late } else { length };
        return calendar.due(start, &length, None).expect("a known year");
    }
    calendar.due(start, &length, cut_off).expect("a known year")
}

#[test]
fn every_row_worked_out_by_hand_holds() {
    let mut calendar = plain();
    let (mut rows, mut wrong) = (0, Vec::new());
    for (number, line) in TABLE.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('@') {
            calendar = changed(calendar, line);
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [start, length, cut_off, late, wanted, why] = cells.as_slice() else { panic!("line {}: six cells: {line}", number + 1) };
        assert!(!why.is_empty(), "line {}: every row has its reason", number + 1);
        let found = due(&calendar, start, length, cut_off, late);
        if found != moment(wanted) {
            wrong.push(format!("line {}: {line}\n  the program says {}", number + 1, found.rfc3339(calendar.zone())));
        }
        rows += 1;
    }
    assert!(rows >= 150, "{rows} rows");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
