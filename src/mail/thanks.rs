//! Whether a mail after the answer only thanks (謝謝, 收到): it asks for nothing and reopens nothing. Read narrowly, as `verdict` is.
//! Called by desk through fields.rs.

use super::people::{closing_name, disclaimer, signature};
use super::wording::{TRAILING, norm, salutation, unquote};

/// Whether a mail only thanks or says that it was received (謝謝, 感謝, 收到, `thank you`), alone or signed. What asks, limits, doubts or tells
/// anything beside is no mere thanks: it goes to people.
#[must_use]
pub fn thanks(reply_text: &str) -> bool {
    let lines: Vec<String> = reply_text.lines().filter(|l| !unquote(l).1).map(norm).filter(|l| !l.is_empty()).collect();
    if lines.iter().map(|l| l.chars().count()).sum::<usize>() > 200 {
        return false;
    }
    let mut said = false;
    for line in &lines {
        if line.starts_with("--") || line.starts_with("__") || said && (signature(line) && !thanking(line) || disclaimer(line)) {
            continue;
        }
        if !said && salutation(line) || said && closing_name(line).is_some() {
            continue;
        }
        let mut clauses = line
            .split(['。', '!', ',', '、', ';', '~', '^', '…'])
            .map(|c| c.trim_matches(TRAILING).trim_matches([')', '(', ':', '-', '👍', '🙏', '😊']).trim())
            .filter(|c| !c.is_empty());
        if !clauses.all(|clause| salutation(clause) || thanking(clause)) {
            return false;
        }
        said |= line.chars().any(char::is_alphanumeric) && !salutation(line);
    }
    said
}

/// A clause that thanks or says that it was received, and nothing else.
fn thanking(clause: &str) -> bool {
    const WHOLE: &[&str] = &[
        "收到",
        "已收到",
        "收到了",
        "我收到了",
        "已經收到",
        "收悉",
        "了解",
        "瞭解",
        "了解了",
        "知道了",
        "我知道了",
        "知悉",
        "好的",
        "好",
        "ok",
        "okay",
        "received",
        "noted",
        "got it",
        "辛苦了",
        "你們辛苦了",
        "您辛苦了",
        "大家辛苦了",
        "感恩",
        "3q",
        "thx",
        "thanks",
        "ty",
        "tks",
        "祝好",
        "順心",
        "平安",
        "敬祝",
        "此致",
        "敬上",
        "敬啟",
        "best regards",
        "kind regards",
        "regards",
        "best",
        "best wishes",
        "sincerely",
        "yours sincerely",
        "warm regards",
        "cheers",
        "多謝",
        "謝",
        "謝了",
    ];
    const FIRST: &[&str] = &[
        "謝謝",
        "感謝",
        "非常感謝",
        "十分感謝",
        "多謝",
        "萬分感謝",
        "很感謝",
        "真的很感謝",
        "衷心感謝",
        "感激",
        "收到謝謝",
        "收到,謝謝",
        "已收到",
        "收到您",
        "收到你",
        "收到回覆",
        "好的謝謝",
        "thank you",
        "thanks",
        "many thanks",
        "thank u",
        "祝 ",
        "祝您",
        "祝你",
        "敬祝",
        "順頌",
        "well received",
    ];
    /// What a thanks does not hold: it asks, denies, doubts, or goes on.
    const MORE: &[&str] = &[
        "但",
        "可是",
        "不過",
        "然而",
        "只是",
        "還",
        "又",
        "再",
        "沒",
        "不",
        "未",
        "無",
        "別",
        "請",
        "嗎",
        "?",
        "怎",
        "為什麼",
        "為何",
        "何時",
        "什麼",
        "哪",
        "如果",
        "若",
        "另",
        "希望",
        "問題是",
        "其實",
        "結果",
        "居然",
        "竟",
        "才",
        "壞",
        "爛",
        "慢",
        "錯",
        "but",
        "however",
        "not",
        "n't",
        "please",
        "still",
        "again",
        "when",
        "why",
        "how",
        "nothing",
        "for nothing",
        "no ",
        "yet",
        "?",
        "more",
        "another",
        "also",
        "however",
    ];
    if WHOLE.contains(&clause) {
        return true;
    }
    let long = clause.chars().count() > if clause.is_ascii() { 60 } else { 18 };
    // 「不好意思」, 「不客氣」 and 「沒問題」 deny nothing.
    let harmless = ["不好意思", "不吝", "沒問題", "無比"].iter().fold(clause.to_owned(), |c, w| c.replace(w, ""));
    !long && FIRST.iter().any(|w| clause.starts_with(w)) && !MORE.iter().any(|w| harmless.contains(w))
}
