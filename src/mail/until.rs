//! Days and dates as people write them in a reply: 「3日」, 「三個工作天」, `115/12/31`, 「12月31日」.
//! Reads words into a value; which working day that is, is the calendar's business. Called by directive.rs and form.rs.

use super::wording::norm;

/// Until when somebody asks for time or promises something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// So many calendar days more.
    Days(u32),
    /// So many working days more.
    WorkingDays(u32),
    /// A date: `YYYY-MM-DD`, or `--MM-DD` (ISO 8601) where the writer left the year out.
    Date(String),
    /// No length and no date could be read; holds what stood there, perhaps nothing.
    Unclear(String),
}

/// Reads the length or date that opens `text`; the second value is what follows it, as typed.
/// `None` when `text` opens with neither. A real date only: 2 月 30 日 is none.
#[must_use]
pub fn leading(text: &str) -> Option<(Until, String)> {
    let text = text.trim_start();
    // No length or date is longer; whoever asks at every place of a long line must not pay for all of it each time.
    let flat: Vec<char> = text.chars().take(80).map(|c| norm(&c.to_string()).chars().next().unwrap_or(' ')).collect();
    let skip = PREFIXES.iter().filter(|p| starts(&flat, 0, p)).map(|p| p.chars().count()).max().unwrap_or(0);
    let start = flat.iter().skip(skip).position(|c| *c != ' ' && *c != ':').map_or(skip, |n| n + skip);
    let (until, end) = date(&flat, start).or_else(|| length(&flat, start))?;
    let rest = text.char_indices().nth(end).and_then(|(at, _)| text.get(at..)).unwrap_or_default();
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "，,。、：:；;止前".contains(c));
    Some((until, rest.to_owned()))
}

const PREFIXES: &[&str] = &[
    "展延至",
    "展延到",
    "延至",
    "延到",
    "至",
    "到",
    "改至",
    "改為",
    "民國",
    "期限",
    "再",
    "再延",
    "展延",
    "延",
    "延長",
    "請准延",
    "請准展延",
    "until",
    "to",
    "by",
];

fn starts(flat: &[char], at: usize, word: &str) -> bool {
    let mut rest = flat.iter().skip(at);
    word.chars().all(|c| rest.next() == Some(&c))
}

fn number(flat: &[char], at: usize) -> Option<(u32, usize)> {
    let digits: String = flat.iter().skip(at).take_while(|c| c.is_ascii_digit()).take(8).collect();
    if !digits.is_empty() {
        return Some((digits.parse().ok()?, at + digits.len()));
    }
    let run: Vec<char> = flat.iter().skip(at).copied().take_while(|c| "〇零一二兩三四五六七八九十廿卅".contains(*c)).take(3).collect();
    if run.is_empty() { None } else { Some((chinese(&run)?, at + run.len())) }
}

fn chinese(run: &[char]) -> Option<u32> {
    let one = |c: char| {
        "〇零一二兩三四五六七八九".chars().position(|d| d == c).and_then(|n| [0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9].get(n).copied())
    };
    match run {
        ['十'] => Some(10),
        ['廿'] => Some(20),
        ['卅'] => Some(30),
        [a] => one(*a),
        ['十', b] => Some(10 + one(*b)?),
        ['廿', b] => Some(20 + one(*b)?),
        ['卅', b] => Some(30 + one(*b)?),
        [a, '十'] => Some(one(*a)? * 10),
        [a, '十', b] => Some(one(*a)? * 10 + one(*b)?),
        _ => None,
    }
}

fn length(flat: &[char], at: usize) -> Option<(Until, usize)> {
    let (count, mut end) = number(flat, at)?;
    if count == 0 || count > 999 {
        return None;
    }
    while flat.get(end) == Some(&' ') {
        end += 1;
    }
    const UNITS: &[(&str, bool, u32)] = &[
        ("個工作天", true, 1),
        ("個工作日", true, 1),
        ("工作天", true, 1),
        ("工作日", true, 1),
        ("個上班日", true, 1),
        ("個上班天", true, 1),
        ("working days", true, 1),
        ("working day", true, 1),
        ("business days", true, 1),
        ("wd", true, 1),
        ("個星期", false, 7),
        ("個禮拜", false, 7),
        ("星期", false, 7),
        ("禮拜", false, 7),
        ("週", false, 7),
        ("周", false, 7),
        ("weeks", false, 7),
        ("week", false, 7),
        ("個月", false, 30),
        ("日曆天", false, 1),
        ("日", false, 1),
        ("天", false, 1),
        ("days", false, 1),
        ("day", false, 1),
        ("d", false, 1),
    ];
    if let Some((word, working, times)) = UNITS.iter().find(|(word, _, _)| starts(flat, end, word)) {
        let after = end + word.chars().count();
        let ascii_goes_on = word.is_ascii() && flat.get(after).is_some_and(char::is_ascii_alphanumeric);
        if !ascii_goes_on {
            let days = count.checked_mul(*times)?;
            return Some((if *working { Until::WorkingDays(days) } else { Until::Days(days) }, after));
        }
    }
    let bare_number = flat.get(end).is_none_or(|c| *c == ',' || *c == '。') || flat.get(end.wrapping_sub(1)) == Some(&' ');
    bare_number.then_some((Until::Days(count), end))
}

fn date(flat: &[char], at: usize) -> Option<(Until, usize)> {
    let (first, after) = number(flat, at)?;
    let digits = after - at;
    if digits == 7 || digits == 8 {
        let year = first / 10_000;
        return full(if digits == 7 { year + 1911 } else { year }, first / 100 % 100, first % 100, after);
    }
    let (sep, second_at) = separator(flat, after)?;
    let (second, after_second) = number(flat, second_at)?;
    if sep == '月' {
        let end = after_second + usize::from(matches!(flat.get(after_second), Some('日' | '號')));
        return part(first, second, end);
    }
    let third =
        separator(flat, after_second).filter(|(s, _)| if sep == '年' { *s == '月' } else { *s == sep }).and_then(|(_, n)| number(flat, n));
    match third {
        Some((day, end)) => {
            let end = end + usize::from(matches!(flat.get(end), Some('日' | '號')));
            full(if first < 1000 { first + 1911 } else { first }, second, day, end)
        }
        None if sep == '/' || (sep == '-' && digits <= 2) => part(first, second, after_second),
        None => None,
    }
}

fn separator(flat: &[char], at: usize) -> Option<(char, usize)> {
    let skipped = flat.iter().skip(at).take_while(|c| **c == ' ').count();
    let found = flat.get(at + skipped).copied().filter(|c| matches!(c, '年' | '月') || (skipped == 0 && matches!(c, '/' | '-' | '.')))?;
    let after = at + skipped + 1;
    let spaces = flat.iter().skip(after).take_while(|c| **c == ' ').count();
    Some((found, if matches!(found, '年' | '月') { after + spaces } else { after }))
}

fn full(year: u32, month: u32, day: u32, end: usize) -> Option<(Until, usize)> {
    let (y, m, d) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    if !(1912..=2200).contains(&y) {
        return None;
    }
    let date = jiff::civil::Date::new(y, m, d).ok()?;
    Some((Until::Date(date.to_string()), end))
}

fn part(month: u32, day: u32, end: usize) -> Option<(Until, usize)> {
    let (m, d) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    jiff::civil::Date::new(2024, m, d).ok()?;
    Some((Until::Date(format!("--{month:02}-{day:02}")), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_dates_of_every_habit() {
        let d = |s: &str| Until::Date(s.to_owned());
        for (text, until, rest) in [
            ("3日 廠商缺料", Until::Days(3), "廠商缺料"),
            ("３日　廠商缺料", Until::Days(3), "廠商缺料"),
            ("三天，等料", Until::Days(3), "等料"),
            ("十二日", Until::Days(12), ""),
            ("5個工作天 需會勘", Until::WorkingDays(5), "需會勘"),
            ("兩個工作日", Until::WorkingDays(2), ""),
            ("3wd parts", Until::WorkingDays(3), "parts"),
            ("3 working days parts missing", Until::WorkingDays(3), "parts missing"),
            ("一週", Until::Days(7), ""),
            ("2 days", Until::Days(2), ""),
            ("3", Until::Days(3), ""),
            ("115/12/31 等料", d("2026-12-31"), "等料"),
            ("１１５／１２／３１", d("2026-12-31"), ""),
            ("115年12月31日止 會勘", d("2026-12-31"), "會勘"),
            ("民國115年1月5日", d("2026-01-05"), ""),
            ("至 2026-12-31 因為", d("2026-12-31"), "因為"),
            ("2026.12.31", d("2026-12-31"), ""),
            ("1151231", d("2026-12-31"), ""),
            ("20261231", d("2026-12-31"), ""),
            ("12/31 等料", d("--12-31"), "等料"),
            ("12月31日 等料", d("--12-31"), "等料"),
            ("延至12/5前", d("--12-05"), ""),
        ] {
            assert_eq!(leading(text), Some((until, rest.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_is_left_alone() {
        for text in ["廠商缺料", "", "115/13/31", "2/30", "13月1日", "0日", "3樓漏水", "下週", "1150231", "99999999"] {
            assert!(!matches!(leading(text), Some((Until::Date(_), _))), "{text}: {:?}", leading(text));
        }
        assert_eq!(leading("3樓漏水"), None);
        assert_eq!(leading("廠商缺料"), None);
        assert_eq!(leading("2/30"), None);
    }

    /// A line of 22,000 characters once took seconds: every digit of it was asked for a date, and each time the whole rest was copied.
    #[test]
    fn a_long_line_is_read_once() {
        let line = "在115樓3日12月".repeat(6_000);
        let began = std::time::Instant::now();
        let found = crate::mail::fields::from_text(&line);
        assert_eq!(found.values.get("occurred_at"), None);
        for text in [
            &"擬答覆：".repeat(8_000),
            &"請 核准 ".repeat(8_000),
            &line,
            &"1".repeat(60_000),
            &"一".repeat(60_000),
            &"展延至 ".repeat(20_000),
        ] {
            let _ = leading(text);
            let _ = crate::mail::fields::from_text(text);
            let _ = crate::mail::passed_on::cover(text);
            let _ = crate::mail::fields::thanks(text);
            drop(crate::mail::directive::split(text));
            drop(crate::mail::decision::decide(text));
            drop(crate::mail::decision::button(text, text));
            let _ = crate::mail::fields::satisfaction(text);
        }
        assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    }
}
