//! Dates of the Republic (民國115年12月31日, 115/12/31) and western ones as people write them in Taiwan.
//! The western year is the year of the Republic plus 1911. Used by forms, numbers, directives and reports.

use super::Date;

/// The year of the Republic; zero or less before 1912.
#[must_use]
pub fn year(date: Date) -> i16 {
    date.year().saturating_sub(1911)
}

/// `115/12/31`; before the Republic the western `1911-10-10`.
#[must_use]
pub fn written(date: Date) -> String {
    match year(date) {
        year @ 1.. => format!("{year}/{:02}/{:02}", date.month(), date.day()),
        _ => date.to_string(),
    }
}

/// `115年12月31日`, as letters and forms print it.
#[must_use]
pub fn long(date: Date) -> String {
    format!("{}年{}月{}日", year(date), date.month(), date.day())
}

/// Reads `115/12/31`, `115.12.31`, `115-12-31`, `民國115年12月31日`, `1151231`, and the same with a western year
/// (`2026-12-31`, `20261231`); years below 1000 are of the Republic. Full-width digits count. `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<Date> {
    let text: String = text.trim().chars().map(narrow).filter(|c| !c.is_whitespace()).collect();
    let text = text.strip_prefix("中華民國").or_else(|| text.strip_prefix("民國")).unwrap_or(&text);
    let text = text.strip_suffix('日').unwrap_or(text);
    let parts: Vec<&str> = text.split(['/', '-', '.', '年', '月']).collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] => (*year, *month, *day),
        [whole] => {
            let (rest, day) = whole.split_at_checked(whole.len().checked_sub(2)?)?;
            let (year, month) = rest.split_at_checked(rest.len().checked_sub(2)?)?;
            if !matches!(whole.len(), 7 | 8) {
                return None;
            }
            (year, month, day)
        }
        _ => return None,
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !(digits(year) && digits(month) && digits(day)) {
        return None;
    }
    let year: i16 = year.parse().ok()?;
    let year = match year {
        1..1000 => year.checked_add(1911)?,
        1000.. => year,
        _ => return None,
    };
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Full-width digits and slashes as their plain forms.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' | '／' | '－' | '．' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn both_years_are_read() {
        let last = Some(date(2026, 12, 31));
        for text in [
            "115/12/31",
            "115.12.31",
            "115-12-31",
            "民國115年12月31日",
            "中華民國 115 年 12 月 31 日",
            "1151231",
            "２０２６／１２／３１",
            "2026-12-31",
            "20261231",
            "2026年12月31日",
            " 115/12/31 ",
        ] {
            assert_eq!(parse(text), last, "{text}");
        }
        assert_eq!(parse("99/1/5"), Some(date(2010, 1, 5)));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "115", "115/13/01", "115/02/29", "12/31", "0/1/1", "-5/1/1", "115//1", "明天", "115/1/1/1", "1/1", "999999", "+115/1/1"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("113/02/29"), Some(date(2024, 2, 29)));
    }

    #[test]
    fn written_as_on_the_forms() {
        assert_eq!(written(date(2026, 12, 31)), "115/12/31");
        assert_eq!(written(date(1911, 10, 10)), "1911-10-10");
        assert_eq!(year(date(2025, 1, 1)), 114);
    }
}
