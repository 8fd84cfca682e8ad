//! The condition behind `#稽催`: 未分文, 已擬未送, 將到期, 逾期, with the days of 將到期 where they are written (`將到期 3日`).
//! Reads words only; which cases fit is the desk's.

use super::wording::squeeze;

/// Which cases are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// 未分文: a unit has it and nobody works on it.
    Undistributed,
    /// 已擬未送: a text is written and lies with somebody.
    Unsent,
    /// 將到期: due within so many days.
    DueSoon(i64),
    /// 逾期: the deadline has passed.
    Overdue,
}

/// The words of each, the first as it is shown.
pub const WORDS: [&str; 4] = ["未分文", "已擬未送", "將到期", "逾期"];

/// Days of 將到期 where none are written.
const SOON: i64 = 2;

/// Reads a condition; `None` where it is none of these.
#[must_use]
pub fn condition(text: &str) -> Option<Condition> {
    let flat = squeeze(text);
    let flat = flat.trim_matches(['。', '.', ':', '案', '件']);
    let digits: String = flat.chars().filter(char::is_ascii_digit).collect();
    let word: String = flat.chars().filter(|c| !c.is_ascii_digit()).collect();
    let word = word.trim_end_matches(['日', '天', '內', 'd', 'w']).trim_end_matches("個工作").trim_end_matches("工作");
    match word {
        "未分文" | "未分派" | "未分案" | "undistributed" => Some(Condition::Undistributed),
        "已擬未送" | "擬妥未送" | "已擬未陳" | "unsent" => Some(Condition::Unsent),
        "將到期" | "即將到期" | "快到期" | "duesoon" | "due-soon" => {
            Some(Condition::DueSoon(digits.parse::<i64>().ok().filter(|d| (0..=60).contains(d)).unwrap_or(SOON)))
        }
        "逾期" | "已逾期" | "逾期未結" | "overdue" => Some(Condition::Overdue),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_offices_write_them() {
        for (text, expected) in [
            ("未分文", Some(Condition::Undistributed)),
            (" 已擬未送 。", Some(Condition::Unsent)),
            ("將到期", Some(Condition::DueSoon(2))),
            ("將到期　３日", Some(Condition::DueSoon(3))),
            ("將到期 5 個工作日內", Some(Condition::DueSoon(5))),
            ("due soon", Some(Condition::DueSoon(2))),
            ("逾期案件", Some(Condition::Overdue)),
            ("全部", None),
            ("", None),
        ] {
            assert_eq!(condition(text), expected, "{text}");
        }
    }
}
