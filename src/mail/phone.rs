//! `#電聯 時間 對象 結果 內容` and the prepared mail of its button: a telephone call as people report it, read into its parts (R58).
//! Who the named person is, the desk finds out. Called by desk.

use super::until::{self, Until};
use super::wording::norm;

/// A call as reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// `YYYY-MM-DD` or `--MM-DD`, where a day was written.
    pub day: Option<String>,
    /// Hour and minute, where they were written.
    pub hour: Option<(u16, u16)>,
    /// Who was called, as written; may be empty.
    pub whom: String,
    /// What came of it; `None` where no word says it.
    pub result: Option<Outcome>,
    /// What was said.
    pub text: String,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// 未接, 忙線, 空號, …
    Failed,
    /// 接通, 已聯絡, 已告知, …
    Reached,
    /// 已答覆: the answer was given in the call.
    Answered,
    /// 滿意, 同意結案.
    Consented,
    /// 不滿意.
    Dissatisfied,
}

/// Words of results; the first list that holds a part of the word wins.
const RESULTS: &[(Outcome, &[&str])] = &[
    (
        Outcome::Failed,
        &[
            "未接",
            "無人接",
            "沒人接",
            "沒接",
            "未通",
            "忙線",
            "占線",
            "佔線",
            "關機",
            "空號",
            "停話",
            "失敗",
            "聯絡不上",
            "聯繫不上",
            "無法聯",
            "未聯絡上",
            "未能聯",
            "未果",
            "語音信箱",
            "留言",
            "no answer",
            "failed",
            "busy",
            "voicemail",
        ],
    ),
    (Outcome::Dissatisfied, &["不滿意", "不同意", "不接受", "dissatisfied", "disagree", "unhappy"]),
    (Outcome::Answered, &["答覆", "回覆", "答復", "回復", "answer given", "replied"]),
    (Outcome::Consented, &["滿意", "同意", "接受", "satisfied", "agreed", "consent"]),
    (
        Outcome::Reached,
        &[
            "接通",
            "已接",
            "成功",
            "聯絡",
            "聯繫",
            "通知",
            "告知",
            "完成",
            "說明",
            "通話",
            "已通",
            "ok",
            "reached",
            "connected",
            "done",
            "informed",
        ],
    ),
];

/// Words in the report itself that make a plain 接通 a consent.
const AGREED: &[&str] = &["同意結案", "同意關閉", "同意結束", "agrees to close", "agreed to close"];

/// Words for the complainant.
const COMPLAINANT: &[&str] = &[
    "客戶",
    "顧客",
    "民眾",
    "來信人",
    "申訴人",
    "陳情人",
    "投訴人",
    "抱怨人",
    "反映人",
    "報修人",
    "當事人",
    "聯絡人",
    "本人",
    "complainant",
    "customer",
    "client",
];
/// Forms of address behind a name.
const ADDRESSES: &[&str] = &["先生", "小姐", "女士", "太太", "同學"];
/// All whom the caller was asked to call.
const ALL: &[&str] = &["全部", "全體", "皆", "各相關人員", "相關人員", "各主管", "all", "everybody"];

/// Whom a caller names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// 客戶, 來信人, or nobody named.
    Complainant,
    /// 全部: all whom the caller was asked to call.
    Everybody,
    /// 王小姐: somebody who is addressed as one addresses people outside.
    Outsider,
    /// A name or a role.
    Named,
}

/// What kind of person these words mean.
#[must_use]
pub fn who(whom: &str) -> Who {
    let flat = norm(whom);
    if flat.is_empty() || COMPLAINANT.iter().any(|w| flat.contains(w)) {
        Who::Complainant
    } else if ALL.iter().any(|w| flat == *w) {
        Who::Everybody
    } else if ADDRESSES.iter().any(|w| flat.ends_with(w)) {
        Who::Outsider
    } else {
        Who::Named
    }
}

/// The names of a list.
pub fn names(whom: &str) -> impl Iterator<Item = &str> {
    whom.split(['、', '，', ',', '/', '／', '；', ';']).map(str::trim).filter(|w| !w.is_empty())
}

/// Reads a report: labelled lines (時間：…), or the four parts in their order.
#[must_use]
pub fn read(text: &str) -> Phone {
    let mut phone = labelled(text).unwrap_or_else(|| in_order(text));
    let flat = norm(&phone.text);
    let refused = AGREED.iter().any(|w| flat.contains(&format!("不{w}")) || flat.contains(&format!("未{w}")));
    if phone.result == Some(Outcome::Reached) && !refused && AGREED.iter().any(|w| flat.contains(w)) {
        phone.result = Some(Outcome::Consented);
    }
    phone
}

fn result_of(word: &str) -> Option<Outcome> {
    let flat = norm(word);
    RESULTS.iter().find(|(_, words)| words.iter().any(|w| flat.contains(w))).map(|(outcome, _)| *outcome)
}

const LABELS: [(&str, usize); 12] = [
    ("通話時間", 0),
    ("時間", 0),
    ("通話對象", 1),
    ("對象", 1),
    ("結果", 2),
    ("通話內容", 3),
    ("內容", 3),
    ("time", 0),
    ("with", 1),
    ("whom", 1),
    ("result", 2),
    ("content", 3),
];

/// The form that the button writes: at least two labelled lines.
fn labelled(text: &str) -> Option<Phone> {
    let mut parts: [String; 4] = Default::default();
    let (mut seen, mut last) = (0, None);
    for line in text.lines() {
        let found = LABELS.iter().find_map(|(label, place)| {
            let flat = norm(line);
            let rest = flat.trim_start().strip_prefix(label)?.trim_start().strip_prefix(':')?.to_owned();
            // The rest as typed: behind the first colon of the line.
            let typed = line.split_once([':', '：', '︰', '﹕']).map_or(rest, |(_, typed)| typed.trim().to_owned());
            Some((*place, typed))
        });
        match found {
            Some((place, typed)) => {
                seen += 1;
                last = Some(place);
                if let Some(part) = parts.get_mut(place) {
                    *part = typed;
                }
            }
            None => {
                if let Some(part) = last.filter(|place| *place == 3).and_then(|place| parts.get_mut(place)) {
                    part.push('\n');
                    part.push_str(line);
                }
            }
        }
    }
    if seen < 2 {
        return None;
    }
    let [when, whom, result, content] = parts;
    let (day, hour, _) = moment(&when);
    Some(Phone { day, hour, whom: whom.trim().to_owned(), result: result_of(&unhinted(&result)), text: content.trim().to_owned() })
}

/// A part without the choices that its label offers in brackets: what is left is what was written.
fn unhinted(part: &str) -> String {
    let flat = norm(part);
    match flat.split_once('(').and_then(|(before, rest)| Some((before, rest.split_once(')')?))) {
        Some((before, (hint, after))) if hint.contains(['/', '／']) => format!("{before}{after}"),
        _ => flat,
    }
}

fn in_order(text: &str) -> Phone {
    let (day, hour, rest) = moment(text);
    let mut rest = rest.as_str();
    let mut whom = String::new();
    let (first, tail) = word(rest);
    let mut result = result_of(first);
    if result.is_none() {
        first.clone_into(&mut whom);
        let (second, after) = word(tail);
        result = result_of(second);
        rest = if result.is_some() { after } else { tail };
    } else {
        rest = tail;
    }
    Phone { day, hour, whom, result, text: rest.trim().to_owned() }
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "，,；;。：:".contains(c));
    let end = text.find(|c: char| c.is_whitespace() || "，,；;。".contains(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A day and an hour at the beginning, in either order, and what follows.
fn moment(text: &str) -> (Option<String>, Option<(u16, u16)>, String) {
    let (mut day, mut hour) = (None, None);
    let mut rest = text.trim_start().to_owned();
    for _ in 0..2 {
        if hour.is_none()
            && let Some((found, after)) = clock(&rest)
        {
            (hour, rest) = (Some(found), after.trim_start().to_owned());
            continue;
        }
        if day.is_none()
            && let Some((Until::Date(found), after)) = until::leading(&rest)
        {
            (day, rest) = (Some(found), after.trim_start().to_owned());
        }
    }
    (day, hour, rest)
}

/// `14:30`, `14時30分`, `下午2點半`, `上午 9:05`.
fn clock(text: &str) -> Option<((u16, u16), String)> {
    let text = text.trim_start();
    let flat = norm(text);
    let flat = flat.trim_start();
    let (half, bare) = [("上午", 0), ("早上", 0), ("中午", 12), ("下午", 12), ("晚上", 12), ("今日", 24), ("今天", 24)]
        .iter()
        .find_map(|(word, add)| flat.strip_prefix(word).map(|rest| (Some(*add), rest.trim_start())))
        .unwrap_or((None, flat));
    let digits: String = bare.chars().take_while(char::is_ascii_digit).take(2).collect();
    let hour: u16 = digits.parse().ok()?;
    let behind = bare.get(digits.len()..)?.trim_start();
    let (minute, after) = if let Some(rest) = behind.strip_prefix(':') {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).take(2).collect();
        (digits.parse::<u16>().ok().filter(|_| digits.len() == 2)?, rest.get(digits.len()..)?)
    } else {
        let rest = behind.strip_prefix('時').or_else(|| behind.strip_prefix('點'))?;
        if let Some(rest) = rest.strip_prefix('半') {
            (30, rest)
        } else {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).take(2).collect();
            let after = rest.get(digits.len()..)?;
            (digits.parse().unwrap_or(0), after.strip_prefix('分').unwrap_or(after))
        }
    };
    let hour = match half {
        Some(12) if hour < 12 => hour + 12,
        _ => hour,
    };
    if hour > 23 || minute > 59 {
        return None;
    }
    // What follows as typed: so many characters from the end.
    let left = after.chars().count();
    let total = text.chars().count();
    let typed: String = text.chars().skip(total.saturating_sub(left)).collect();
    Some(((hour, minute), typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_as_people_report_them() {
        use Outcome::{Answered, Consented, Dissatisfied, Failed, Reached};
        for (text, day, hour, whom, result, said) in [
            ("14:30 客戶 接通 已說明明日上午到場", None, Some((14, 30)), "客戶", Some(Reached), "已說明明日上午到場"),
            ("１４：３０　客戶　接通　已說明", None, Some((14, 30)), "客戶", Some(Reached), "已說明"),
            ("3/4 09:05 王小姐 未接 留言請回電", Some("--03-04"), Some((9, 5)), "王小姐", Some(Failed), "留言請回電"),
            ("下午2點半 陳先生 未接通", None, Some((14, 30)), "陳先生", Some(Failed), ""),
            ("115/3/4 下午3時10分 客戶 滿意 同意結案", Some("2026-03-04"), Some((15, 10)), "客戶", Some(Consented), "同意結案"),
            ("14:30 客戶 接通 客戶同意結案", None, Some((14, 30)), "客戶", Some(Consented), "客戶同意結案"),
            ("14:30 客戶 接通 客戶不同意結案", None, Some((14, 30)), "客戶", Some(Reached), "客戶不同意結案"),
            ("14:30 客戶 不滿意 畫面仍無顯示", None, Some((14, 30)), "客戶", Some(Dissatisfied), "畫面仍無顯示"),
            ("10:00 客戶 已答覆 主機板已更換，測試正常", None, Some((10, 0)), "客戶", Some(Answered), "主機板已更換，測試正常"),
            ("10:00 專案經理、業務窗口 已通知", None, Some((10, 0)), "專案經理、業務窗口", Some(Reached), ""),
            ("接通 已說明", None, None, "", Some(Reached), "已說明"),
            ("14:30 客戶", None, Some((14, 30)), "客戶", None, ""),
            ("", None, None, "", None, ""),
            (
                "時間：14:30\n對象：客戶\n結果：接通\n內容：已說明\n明日到場",
                None,
                Some((14, 30)),
                "客戶",
                Some(Reached),
                "已說明\n明日到場",
            ),
            ("時間：\n對象：\n結果：（接通／未接／已答覆／滿意／不滿意）\n內容：", None, None, "", None, ""),
            (
                "時間：10:00\n對象：客戶\n結果：（接通／未接／已答覆／滿意／不滿意）未接\n內容：",
                None,
                Some((10, 0)),
                "客戶",
                Some(Failed),
                "",
            ),
            ("時間：\n對象：客戶\n結果：忙線\n內容：", None, None, "客戶", Some(Failed), ""),
            ("14:30 customer reached explained the plan", None, Some((14, 30)), "customer", Some(Reached), "explained the plan"),
        ] {
            let expected = Phone { day: day.map(str::to_owned), hour, whom: whom.to_owned(), result, text: said.to_owned() };
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
