//! What the secretariat answers to the list of old mail: take all, take none, or take what came since a date.
//! Only the first line that says anything counts; an unclear one is asked about again. Called by desk.

use jiff::civil::Date;

use super::until::{self, Until};
use super::wording::{TRAILING, squeeze};

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutoff {
    /// 全部收案.
    All,
    /// 全部不處理.
    Nothing,
    /// 自某日起收案; the day itself included.
    Since(Date),
}

const NOTHING: &[&str] = &[
    "全部不處理",
    "不處理",
    "不收",
    "不收案",
    "都不收",
    "全部不收",
    "全不收",
    "不用收",
    "不用",
    "不必",
    "略過",
    "none",
    "leave",
    "leaveall",
    "skip",
    "skipall",
];
const ALL: &[&str] = &[
    "全部收案",
    "收案",
    "收案處理",
    "全部處理",
    "全收",
    "全部收",
    "都收",
    "收全部",
    "全部",
    "takeall",
    "takeinall",
    "start",
    "all",
    "takethemall",
];

/// Reads a reply's new text; `today` completes a date without a year. None where the first line is no such answer.
#[must_use]
pub fn read(text: &str, today: Date) -> Option<Cutoff> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let flat = squeeze(line);
    let word = flat.trim_start_matches('#').trim_end_matches(TRAILING);
    if NOTHING.contains(&word) {
        return Some(Cutoff::Nothing);
    }
    if ALL.contains(&word) {
        return Some(Cutoff::All);
    }
    let dated = ["收案", "收", "自", "從", "由", "since", "from", "take", "民國", "西元"];
    let mut rest = word;
    while let Some(cut) = dated.iter().find_map(|w| rest.strip_prefix(w)) {
        rest = cut.trim_start_matches([':', ',']);
    }
    let (Until::Date(date), after) = until::leading(rest)? else { return None };
    let tail =
        ["", "起", "起收案", "之後", "以後", "後", "之後收案", "以後收案", "以後的收案", "之後的收案", "起的收案", "onward", "onwards"];
    if !tail.contains(&squeeze(&after).trim_end_matches(TRAILING)) {
        return None;
    }
    date_of(&date, today).map(Cutoff::Since)
}

/// `YYYY-MM-DD`, or `--MM-DD`: the newest such day that is not to come.
fn date_of(text: &str, today: Date) -> Option<Date> {
    match text.strip_prefix("--") {
        None => text.parse().ok(),
        Some(day) => {
            let this: Date = format!("{:04}-{day}", today.year()).parse().ok()?;
            if this <= today { Some(this) } else { format!("{:04}-{day}", today.year() - 1).parse().ok() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn answers() {
        let today = date(2026, 3, 3);
        for text in ["全部收案", "#收案", "＃收案。", "\n全收\n謝謝", "Take all", "all."] {
            assert_eq!(read(text, today), Some(Cutoff::All), "{text}");
        }
        for text in ["不收", "#不處理", "全部不處理。", "None"] {
            assert_eq!(read(text, today), Some(Cutoff::Nothing), "{text}");
        }
        for text in
            ["2026-01-01", "收 115/1/1 起", "自 2026/1/1 起收案", "1月1日以後", "115年1月1日之後", "#收案 2026-01-01", "since 2026-01-01"]
        {
            assert_eq!(read(text, today), Some(Cutoff::Since(date(2026, 1, 1))), "{text}");
        }
        assert_eq!(read("12月1日起", today), Some(Cutoff::Since(date(2025, 12, 1))));
        for text in ["", "這些信是什麼？", "不要全部收案", "2月30日", "先收 2026-01-01 到 2026-02-01 的，其他再說", "3日"]
        {
            assert_eq!(read(text, today), None, "{text}");
        }
    }
}
