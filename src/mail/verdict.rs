//! What a complainant's mail after the answer says about it: satisfied or not, and whether the complaint is taken back.
//! Both are read narrowly: what is not plainly said goes to people (REQUIREMENTS R22). Called by desk through fields.rs.

use super::wording::{TRAILING, norm, salutation, unquote};

/// What a complainant says of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 滿意: consent to closing.
    Satisfied,
    /// 不滿意: the case is taken up again, or the office decides.
    Dissatisfied,
}

/// Reads the first words of a reply: 滿意, 非常滿意, 不滿意, `not satisfied` … `None` when it opens with anything else, asks,
/// limits (「滿意，但…」) or only mentions 滿意度.
#[must_use]
pub fn satisfaction(reply_text: &str) -> Option<Verdict> {
    let lines: Vec<String> = reply_text.lines().filter(|l| !unquote(l).1).map(norm).collect();
    let first = lines.iter().find(|l| !l.is_empty() && !salutation(l))?;
    let first = first.trim_start_matches(['#', '「', '【', '[', '"', '(', '■', '☑', '*', ' ']);
    // A greeting may stand in front on the same line: 「您好，我很滿意」.
    let first =
        ["您好", "你好", "hello", "hi"].iter().find_map(|g| first.strip_prefix(g)).map_or(first, |r| r.trim_start_matches(TRAILING));
    let found = english(first).or_else(|| chinese(first))?;
    // 「滿意」 on the first line and 「但廁所還在漏水」 on the next is no consent to closing.
    let later = lines.iter().skip_while(|l| !l.contains("滿意") && !l.contains("satisfied")).skip(1);
    let limited = later
        .take_while(|l| *l != "--")
        .any(|l| ["但", "不過", "可是", "只是", "然而", "惟", "but ", "however"].iter().any(|w| l.starts_with(w)));
    (found == Verdict::Dissatisfied || !limited).then_some(found)
}

/// Words before 滿意 that leave its meaning as it is.
const PLAIN: &[&str] = &[
    "仍然",
    "仍",
    "依然",
    "還是",
    "有點",
    "有些",
    "令人",
    "讓人",
    "基本上",
    "非常",
    "很",
    "十分",
    "相當",
    "極為",
    "極其",
    "極",
    "大致",
    "尚",
    "還算",
    "還",
    "完全",
    "都",
    "蠻",
    "滿",
    "挺",
    "真的",
    "確實",
    "實在",
    "感到",
    "覺得",
    "表示",
    "是",
    "算",
    "也",
    "已",
    "已經",
    "太",
    "超",
    "超級",
    "最",
    "算是",
    "到",
    "比較",
    "普遍",
    "原則上",
    "深感",
];
/// Words before 滿意 that turn it round.
const DENYING: &[&str] = &[
    "不",
    "無法",
    "沒有",
    "沒",
    "未",
    "未能",
    "尚未",
    "難以",
    "難",
    "不能",
    "並不",
    "並非",
    "非",
    "毫不",
    "絕不",
    "無",
    "一點也不",
    "一點都不",
    "哪裡",
    "怎麼",
    "怎",
    "不會",
    "不可能",
    "談不上",
    "稱不上",
    "說不上",
    "甚",
    "怎麼樣",
    "夠",
    "怎麼會",
];
/// Who or what is satisfied; may open the sentence.
const SUBJECTS: &[&str] = &[
    "我們",
    "我",
    "本人",
    "對此",
    "對於此次",
    "對於這次",
    "對這次",
    "對於本次",
    "對本次",
    "對於貴校",
    "對貴校",
    "對於",
    "對",
    "此次",
    "這次",
    "本次",
    "的",
    "處理結果",
    "處理情形",
    "處理方式",
    "處理",
    "結果",
    "回覆內容",
    "回覆",
    "答覆內容",
    "答覆",
    "內容",
    "你們",
    "您們",
    "貴單位",
    "貴校",
    "感到",
    "心裡",
    "個人",
    "這個",
    "這樣的",
    "校方",
    "貴公司",
    "貴會",
    "貴府",
    "整體",
    "整體來說",
    "整體而言",
    "大體上",
    "總體來說",
];

/// What stands after 滿意 where it is no verdict: 滿意度, 滿意嗎, 滿意個頭.
#[rustfmt::skip]
const NOT_A_VERDICT: &[&str] = &[
    "度", "嗎", "與否", "程度", "調查", "?", "不滿意", "或", "/", "、不", "才", "的話", "之前", "、", "问", "問卷", "的部分", "的是", "個", "什麼", "甚麼", "啥",
];

fn chinese(line: &str) -> Option<Verdict> {
    let mut rest = line;
    loop {
        let before = rest.len();
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(shorter) = SUBJECTS.iter().filter_map(|w| rest.strip_prefix(w)).min_by_key(|r| r.len()) {
            rest = shorter;
        }
        if rest.len() == before {
            break;
        }
    }
    let (before, after) = rest.split_once("滿意").or_else(|| rest.split_once("不滿").map(|(b, _)| (b, "不滿")))?;
    let turned = after == "不滿";
    let after = if turned { rest.split_once("不滿").map_or("", |(_, a)| a) } else { after };
    let mut denials = usize::from(turned);
    let mut left = before.replace(' ', "");
    while !left.is_empty() {
        let denied = DENYING.iter().filter_map(|w| left.strip_prefix(w)).min_by_key(|r| r.len());
        let plain = PLAIN.iter().filter_map(|w| left.strip_prefix(w)).min_by_key(|r| r.len());
        left = match (denied, plain) {
            (Some(d), p) if p.is_none_or(|p| d.len() <= p.len()) => {
                denials += 1;
                d.to_owned()
            }
            (_, Some(p)) => p.to_owned(),
            _ => return None,
        };
    }
    let sentence = after.split(['。', '!', ';']).next().unwrap_or_default();
    if NOT_A_VERDICT.iter().any(|w| after.starts_with(w)) || sentence.contains(['?', '嗎']) {
        return None;
    }
    // 甚 and 夠 deny only together with 不 (不甚滿意 is one denial).
    let together = usize::from(before.contains("不甚"))
        + usize::from(before.contains("不夠"))
        + usize::from(before.contains("並不") && before.contains("不是"));
    let denials = denials.saturating_sub(together);
    match denials {
        0 if limits(after) => None,
        0 => Some(Verdict::Satisfied),
        1 => Some(Verdict::Dissatisfied),
        _ => None,
    }
}

fn limits(after: &str) -> bool {
    ["但", "不過", "可是", "只是", "然而", "惟", "除了", "however", "but ", "although"].iter().any(|w| after.contains(w))
        || after.contains("不滿意")
}

fn english(line: &str) -> Option<Verdict> {
    let mut rest = line;
    for opening in ["i'm ", "i am ", "we are ", "we're ", "i feel ", "i was "] {
        rest = rest.strip_prefix(opening).unwrap_or(rest);
    }
    const NO: &[&str] = &[
        "not satisfied",
        "not at all satisfied",
        "not very satisfied",
        "not really satisfied",
        "not fully satisfied",
        "not happy",
        "dissatisfied",
        "unsatisfied",
        "very dissatisfied",
        "very unsatisfied",
        "extremely dissatisfied",
    ];
    const YES: &[&str] =
        &["satisfied", "very satisfied", "fully satisfied", "completely satisfied", "quite satisfied", "extremely satisfied"];
    let whole = |word: &str| rest.strip_prefix(word).is_some_and(|r| r.chars().next().is_none_or(|c| !c.is_alphanumeric()));
    if rest.contains('?') {
        return None;
    }
    if NO.iter().any(|w| whole(w)) {
        return Some(Verdict::Dissatisfied);
    }
    (YES.iter().any(|w| whole(w)) && !limits(rest) && !rest.contains(" or ")).then_some(Verdict::Satisfied)
}

/// Words that take a complaint back.
const BACK: &[&str] = &[
    "撤回申訴",
    "撤回陳情",
    "撤回投訴",
    "撤回客訴",
    "撤回抱怨",
    "撤回本案",
    "撤回此案",
    "撤回這件",
    "撤回案件",
    "撤銷申訴",
    "撤銷陳情",
    "撤銷投訴",
    "撤銷客訴",
    "撤案",
    "取消申訴",
    "取消陳情",
    "取消投訴",
    "取消客訴",
    "不追究",
    "不再追究",
    "不予追究",
    "不想追究",
    "申訴撤回",
    "陳情撤回",
    "不用處理了",
    "不必處理了",
    "不需要處理了",
    "withdraw my complaint",
    "withdraw the complaint",
    "withdraw this complaint",
    "cancel my complaint",
];

/// Words beside them that show it is not plainly taken back.
const NOT_BACK: &[&str] = &[
    "不撤",
    "不會撤",
    "不想撤",
    "不願撤",
    "不要撤",
    "沒有撤",
    "沒撤",
    "未撤",
    "拒絕撤",
    "絕不",
    "不能撤",
    "不是要撤",
    "要我撤",
    "叫我撤",
    "逼",
    "勸我",
    "希望我",
    "威脅",
    "如果",
    "若",
    "除非",
    "假如",
    "否則",
    "才",
    "?",
    "嗎",
    "可以",
    "可否",
    "能否",
    "如何",
    "怎麼",
    "不可能",
    "難道",
    "別以為",
    "為什麼",
    "為何",
    "要求我",
    "不同意撤",
    "憑什麼",
    "竟然",
    "不可不",
    "你們不",
    "學校不",
    "校方不",
    "貴校不",
    "不得不追",
    "是否",
    "會不會",
    "不應該不",
    "not withdraw",
    "never withdraw",
    "won't",
    "will not",
    "don't",
    "if ",
    "unless",
    "can i",
    "how ",
    "被撤",
    "朋友",
    "同學",
    "室友",
    "別人",
    "有人",
    "對方",
    "擅自",
    "遭",
];

/// Whether the writer plainly takes the complaint back. A condition, a question, a denial or somebody else's wish is none.
#[must_use]
pub fn withdrawal(text: &str) -> bool {
    let flat: Vec<String> = text.lines().filter(|l| !unquote(l).1).map(norm).collect();
    flat.iter()
        .flat_map(|l| l.split_inclusive(['。', '!', ';', '?']))
        .take(12)
        .any(|sentence| BACK.iter().any(|w| sentence.contains(w)) && !NOT_BACK.iter().any(|w| sentence.contains(w)))
}

/// Whether the writer plainly takes it back in the very word (撤案, 撤回, withdraw). What merely sounds like it goes to people.
#[must_use]
pub fn withdraws(text: &str) -> bool {
    let lower = text.to_lowercase();
    (lower.contains('撤') || lower.contains("withdraw")) && withdrawal(text)
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
