//! How words in mail are made comparable: one width, one kind of space, no invisible characters, no ornaments.
//! Only for matching. What people are shown keeps the characters that its writer typed.
//! Used by the files of this room that read Chinese; holds no meaning of its own.

use unicode_normalization::UnicodeNormalization;

use super::people::{TITLES, name_or_office};

/// The line as it is compared: NFKC, colon look-alikes as `:`, invisible characters gone, lower-case ASCII, trimmed.
#[must_use]
pub fn norm(line: &str) -> String {
    let mapped = line.chars().filter(|c| !invisible(*c)).map(|c| match c {
        '\u{FE30}' | '\u{2236}' | '\u{FE13}' | '\u{A789}' => ':',
        '\u{00A0}' | '\u{3000}' | '\t' => ' ',
        '\u{FE5F}' => '#',
        other => other,
    });
    let text: String = mapped.nfkc().collect();
    text.trim().to_ascii_lowercase()
}

/// `norm` with every space taken out, for labels such as 「承 辦 人」.
#[must_use]
pub fn squeeze(line: &str) -> String {
    norm(line).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Characters that show nothing: zero-width, byte-order mark, bidi controls, soft hyphen.
#[must_use]
pub const fn invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}' | '\u{061C}' | '\u{FE0E}' | '\u{FE0F}')
}

/// Whether the character is a Han ideograph.
#[must_use]
pub const fn han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '〇' | '○')
}

/// The line without quote marks (`> `) at its start, and whether it had any.
#[must_use]
pub fn unquote(line: &str) -> (&str, bool) {
    let mut rest = line;
    let mut quoted = false;
    loop {
        let trimmed = rest.trim_start();
        match trimmed.strip_prefix(['>', '＞']) {
            Some(after) => {
                rest = after;
                quoted = true;
            }
            None => return (if quoted { trimmed } else { line }, quoted),
        }
    }
}

/// Full stops, commas and other marks that may trail a word without changing it.
pub const TRAILING: &[char] = &['。', '.', '!', '~', '～', ',', '、', ';', '．', '…', '｡', ' ', '^', '_'];

const SALUTED: &[&str] = &["您好", "你好", "鈞鑒", "釣鑒", "鈞啟", "惠鑒", "敬啟者", "早安", "午安", "大家好", "鈞安"];

/// Whether a normalised line only greets somebody: 「王秘書您好」, `Dear Sir,`, 「主秘：」.
#[must_use]
pub fn salutation(line: &str) -> bool {
    let bare = line.trim_end_matches(TRAILING).trim_end_matches([':', '-']).trim_end_matches(TRAILING);
    let count = bare.chars().count();
    if count == 0 || count > 24 {
        return false;
    }
    if SALUTED.iter().any(|s| bare.ends_with(s) || bare.starts_with("您好") && count <= 4) {
        return !bare.contains(['?', '#']) && !bare.contains('。');
    }
    if matches!(bare, "hi" | "hello" | "dear all" | "hi all") {
        return true;
    }
    if let Some(name) = ["dear ", "hi ", "hello "].iter().find_map(|s| bare.strip_prefix(s)) {
        return name.split_whitespace().count() <= 4 && name.split_whitespace().all(name_or_office);
    }
    if bare.strip_suffix('好').is_some_and(|r| TITLES.iter().any(|t| r.ends_with(t)) && !changes(r)) {
        return true;
    }
    let addressed = line.trim_end().ends_with(':') && count <= 10;
    addressed && TITLES.iter().any(|t| bare.ends_with(t))
        || bare.strip_prefix("敬愛的").is_some_and(|r| TITLES.iter().any(|t| r.ends_with(t)))
}

/// Whether a normalised clause only thanks.
#[must_use]
pub fn courtesy(clause: &str) -> bool {
    let bare = clause.trim_matches(|c: char| TRAILING.contains(&c) || c == ':' || c == ')' || c == '(');
    const FIRST: &[&str] = &[
        "謝謝", "感謝", "多謝", "感恩", "辛苦", "thanks", "thank", "thx", "best", "regards", "kind", "順頌", "敬祝", "祝", "此致", "敬請",
    ];
    const WHOLE: &[&str] =
        &["謝", "謝了", "3q", "tks", "tk", "敬頌", "時綏", "勛安", "勳安", "近安", "平安", "順心", "公安", "教安", "研安"];
    let words = bare.chars().count();
    if bare.is_empty() || WHOLE.contains(&bare) {
        return true;
    }
    if bare.contains(['?', '但', '惟', '請']) && !bare.starts_with("敬請") {
        return false;
    }
    FIRST.iter().any(|f| bare.starts_with(f)) && words <= if bare.is_ascii() { 40 } else { 14 } && !changes(bare)
}

/// Words that ask for something, limit or deny.
const CHANGES: &[&str] = &[
    "惟",
    "但",
    "請",
    "修正",
    "修改",
    "更正",
    "改為",
    "改成",
    "刪",
    "補充",
    "補件",
    "不可",
    "不同意",
    "不准",
    "不要",
    "不能",
    "不得",
    "不予",
    "不發",
    "不妥",
    "不宜",
    "退回",
    "再議",
    "再陳",
    "再送",
    "再簽",
    "暫",
    "緩",
    "勿",
    "先不",
    "別發",
    "除外",
    "除了",
    "如果",
    "倘",
    "若",
    "須",
    "需",
    "應",
    "另",
    "重擬",
    "重寫",
    "重簽",
    "保留",
    "收回",
    "撤回",
    "不對",
    "等等",
    "等一下",
    "先別",
    "且慢",
    "有誤",
    "錯誤",
    "先等",
    "別急",
    "改期",
    "緩",
    "not ",
    "don't",
    "do not",
    "except",
    "but ",
    "unless",
    "however",
    "please",
    "hold",
    "wait",
    "change",
    "revise",
    "remove",
    "after",
    "嗎",
    "?",
];

/// Whether a normalised clause holds a word that asks for something, limits or denies: such a clause is never brushed aside.
#[must_use]
pub fn changes(clause: &str) -> bool {
    CHANGES.iter().any(|w| clause.contains(w))
}

/// How somebody may be told beside mail.
const WAYS: &[&str] = &[
    "電話",
    "電聯",
    "致電",
    "去電",
    "書面",
    "紙本",
    "掛號",
    "郵寄",
    "當面",
    "面告",
    "面交",
    "親自",
    "簡訊",
    "phone",
    "called",
    "by post",
    "letter",
    "in person",
];

/// That he was told.
const DONE: &[&str] = &[
    "告知",
    "通知",
    "聯繫",
    "聯絡",
    "說明",
    "答覆",
    "回覆",
    "送達",
    "寄出",
    "寄送",
    "寄達",
    "寄發",
    "交付",
    "轉達",
    "知悉",
    "told",
    "informed",
    "explained",
    "answered",
    "sent",
    "called",
];

/// That it did not reach him, or has yet to be done.
const NOT: &[&str] = &[
    "未接",
    "無人接",
    "沒人接",
    "沒有接",
    "沒接",
    "聯絡不上",
    "聯繫不上",
    "空號",
    "未能",
    "無法",
    "失敗",
    "尚未",
    "將",
    "請問",
    "擬",
    "not ",
    "no answer",
    "could not",
    "failed",
    "will ",
];

/// Whether the words report that somebody was told something by phone or on paper, and that it reached him.
#[must_use]
pub fn told_otherwise(text: &str) -> bool {
    let flat: String = text.lines().filter(|l| !unquote(l).1).map(norm).collect::<Vec<_>>().join("\n");
    let any = |words: &[&str]| words.iter().any(|w| flat.contains(w));
    any(WAYS) && any(DONE) && !any(NOT)
}

/// Whether a short reply says yes to a question: 確認, 追認, 是, 對, yes. The first line that says anything, as a whole.
#[must_use]
pub fn confirms(reply_text: &str) -> bool {
    const YES: &[&str] = &[
        "確認",
        "追認",
        "同意追認",
        "受理",
        "是",
        "是的",
        "是我",
        "對",
        "對的",
        "沒錯",
        "正確",
        "採用",
        "確認採用",
        "yes",
        "confirm",
        "confirmed",
        "correct",
    ];
    let lines = reply_text.lines().filter(|l| !unquote(l).1).map(norm);
    let first = lines.into_iter().find(|l| !l.is_empty() && !salutation(l)).unwrap_or_default();
    YES.contains(&first.trim_matches(TRAILING))
}
/// Whether a text says nothing at all: it is empty, or greets and thanks and no more (R46: its writer is asked to supplement it).
#[must_use]
pub fn says_nothing(text: &str) -> bool {
    let clauses = text.lines().map(norm).filter(|l| !l.is_empty()).flat_map(|line| {
        let greets = salutation(&line);
        let parts: Vec<String> =
            if greets { Vec::new() } else { line.split(['。', '!', ',', '、', ';', '，']).map(str::to_owned).collect() };
        parts
    });
    clauses
        .map(|c| c.trim_matches(TRAILING).to_owned())
        .filter(|c| !c.is_empty())
        .all(|c| courtesy(&c) || !c.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_and_thanks_say_nothing() {
        for text in ["", "您好：\n", "您好\n謝謝", "您好！\n\n謝謝您。", "……", "敬啟者：\n謝謝！！"] {
            assert!(says_nothing(text), "{text}");
        }
        for text in ["如題", "冷氣壞了。", "您好：\n冷氣壞了", "help", "王小明"] {
            assert!(!says_nothing(text), "{text}");
        }
    }
}
