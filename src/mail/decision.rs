//! What an approver's plain reply decides (REQUIREMENTS R72, RELIABILITY T9) and what a mailto button's mail says.
//! Whole lines only: a word found somewhere in a text decides nothing, and what is not clear is asked again, never guessed.
//! Called by desk with the newly written words.

pub use super::button::{Button, Verb, button};
use super::decision_words::{APPROVE, BESIDE, LIMIT, LIMIT_ENDS, OPEN, REFUSE, RETURN, SEEN};
use super::directive_read::unlabelled;
use super::form;
use super::people::{disclaimer, name_or_office, signature, without_offices};
use super::wording::{TRAILING, changes, courtesy, norm, salutation, unquote};

/// What a reply decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// 核准, 可, 如擬 …
    Approve,
    /// Sent back; the reason may be empty, then it is asked for.
    Return {
        /// As typed, without the word itself.
        reason: String,
    },
    /// 如擬，惟… / 修正後發 without the changed text: returned for that change.
    ChangeAsked {
        /// The whole wish, as typed.
        text: String,
    },
    /// The approver wrote the changed text under 擬答覆.
    Edited {
        /// The new text, as typed.
        text: String,
    },
    /// 閱, 悉: fulfils a 陳閱 step only.
    Seen,
    /// Neither yes nor no: 可否…?, 緩, 再議, 面報, 不可 without a reason, prose.
    Unclear,
    /// Nothing was said, or there is only a signature.
    Empty,
}

/// Reads an approver's reply.
#[must_use]
pub fn decide(reply_text: &str) -> Decision {
    let lines: Vec<&str> = reply_text.lines().filter(|l| !unquote(l).1).collect();
    let flat: Vec<String> = lines.iter().map(|l| norm(l)).collect();
    let opening = flat.iter().position(|l| !l.is_empty() && !salutation(l));
    let Some(at) = opening else { return Decision::Empty };
    let first = flat.get(at).map(String::as_str).unwrap_or_default();
    let edited = form::parse(&lines.join("\n")).answer;
    let said = if form::heading(first).is_some() { Said::Nothing } else { line(first) };
    let after = flat.get(at + 1..).unwrap_or_default();
    let typed = || words(lines.get(at..).unwrap_or_default());
    match (said, edited) {
        (Said::Return(chars), _) => Decision::Return { reason: reason(&typed(), chars) },
        (Said::Refuse(chars), _) => match reason(&typed(), chars) {
            none if none.is_empty() => Decision::Unclear,
            reason => Decision::Return { reason },
        },
        (Said::Open, Some(_)) => Decision::Unclear,
        (_, Some(text)) => Decision::Edited { text },
        (Said::Open, None) => Decision::Unclear,
        (Said::Change, None) => Decision::ChangeAsked { text: typed() },
        (Said::Approve, None) if limits(after) => Decision::ChangeAsked { text: typed() },
        (Said::Approve, None) => Decision::Approve,
        (Said::Seen, None) if limits(after) => Decision::Unclear,
        (Said::Seen, None) => Decision::Seen,
        (Said::Nothing, None) if flat.iter().skip(at).all(|l| l.is_empty() || l == "--" || signature(l) || courtesy(l)) => Decision::Empty,
        (Said::Nothing, None) => Decision::Unclear,
    }
}

/// What one line says; `Return` and `Refuse` with the count of characters that the word takes.
enum Said {
    Approve,
    Seen,
    Change,
    Return(usize),
    Refuse(usize),
    Open,
    Nothing,
}

fn line(text: &str) -> Said {
    let ticked = ticked(text);
    let whole = text.chars().count();
    let text = match &ticked {
        Some(Some(one)) => one.as_str(),
        Some(None) => return Said::Open,
        None => text,
    };
    let bare = text.trim_start_matches(['#', '「', '『', '"', '“', '【', '[', '*', ' ', '\'']);
    let lost = text.chars().count() - bare.chars().count();
    if let Some(word) = opened(bare, RETURN) {
        return Said::Return(if ticked.is_some() { whole } else { word + lost });
    }
    if let Some(word) = opened(bare, REFUSE) {
        return Said::Refuse(if ticked.is_some() { whole } else { word + lost });
    }
    clauses(bare)
}

/// Characters of the longest word of `list` that opens the text and stands by itself: followed by its end, a mark or a space.
/// A question is no order.
fn opened(text: &str, list: &[&str]) -> Option<usize> {
    if text.ends_with(['?', '嗎']) {
        return None;
    }
    list.iter()
        .filter(|w| {
            text.strip_prefix(**w)
                .is_some_and(|rest| rest.chars().next().is_none_or(|c| c.is_whitespace() || ",，。:;、.!~)」』】]\"”'-(".contains(c)))
        })
        .map(|w| w.chars().count())
        .max()
}

fn clauses(text: &str) -> Said {
    let mut approved = false;
    let mut seen = false;
    let mut change = false;
    let mut unknown = false;
    let mut before = false;
    for (n, clause) in text.split(['。', ',', '、', ';', '!', '(', ')', '/', '\n', '—']).flat_map(spaced).enumerate() {
        let clause = clause.trim_matches(|c: char| TRAILING.contains(&c) || "「」『』【】[]\"“”'*:-👍🙏👌😊🙂".contains(c));
        if clause.is_empty() {
            continue;
        }
        if APPROVE.contains(&clause) {
            approved = true;
        } else if SEEN.contains(&clause) && !approved {
            seen = true;
        } else if conditioned(clause)
            || (LIMIT.iter().any(|w| clause.starts_with(w)) && !BESIDE.contains(&clause))
            || LIMIT_ENDS.iter().any(|w| clause.ends_with(w))
        {
            change = true;
        } else if !(approved || seen)
            || !(BESIDE.contains(&clause) || courtesy(clause) || (n > 0 && !text.is_ascii() && name_or_office(clause)))
        {
            let other = !(courtesy(clause) || BESIDE.contains(&clause));
            unknown |= other;
            before |= other && !approved;
        }
    }
    let open = text.contains(['?', '嗎']) || (unknown && !change && OPEN.iter().any(|w| text.contains(w)));
    match (open, change, unknown, approved, seen) {
        (true, ..) => Said::Open,
        (_, true, ..) => Said::Change,
        (_, _, true, true, _) if changes(text) && !before => Said::Change,
        (_, _, true, true, _) => Said::Open,
        (_, _, true, ..) => Said::Nothing,
        (_, _, _, true, _) => Said::Approve,
        (_, _, _, _, true) => Said::Seen,
        _ => Said::Nothing,
    }
}

/// English approvals that name a condition in the same breath: `ok after the date is corrected`.
fn conditioned(clause: &str) -> bool {
    clause.is_ascii()
        && APPROVE.iter().filter_map(|w| clause.strip_prefix(w)?.strip_prefix(' ')).any(|rest| {
            ["after ", "once ", "if ", "when ", "with ", "but ", "except ", "provided ", "subject to "].iter().any(|w| rest.starts_with(w))
        })
}

/// Chinese clauses end at spaces too (「如擬 王大明 1125」); English ones do not.
fn spaced(clause: &str) -> Vec<&str> {
    if clause.is_ascii() { clause.split(['.']).collect() } else { clause.split(['.', ' ']).collect() }
}

/// A line of tick boxes: `Some(Some(word))` with the one that is ticked, `Some(None)` when none or several are; `None` when there are no boxes.
#[expect(clippy::option_option, reason = "no boxes, and no box that is ticked, are two things")]
fn ticked(text: &str) -> Option<Option<String>> {
    const ON: &[&str] = &["■", "☑", "☒", "✓", "✔", "√", "[x]", "[v]", "(v)", "(x)", "(✓)", "[✓]", "(√)", "◉", "●"];
    const OFF: &[&str] = &["□", "☐", "[ ]", "( )", "[]", "()", "○", "◯", "◻"];
    let boxes = |list: &[&str]| list.iter().map(|b| text.matches(b).count()).sum::<usize>();
    if boxes(OFF) == 0 && boxes(ON) == 0 || !(ON.iter().chain(OFF).any(|b| text.starts_with(b))) {
        return None;
    }
    if boxes(ON) != 1 {
        return Some(None);
    }
    let on = ON.iter().find_map(|b| text.split_once(b).map(|(_, after)| after))?;
    let end = OFF.iter().filter_map(|b| on.find(b)).min().unwrap_or(on.len());
    Some(Some(on.get(..end)?.trim().to_owned()))
}

/// Whether words that stand beside an approval given otherwise (`#核准`, a button) limit it: then it is returned for that change.
#[must_use]
pub fn limited(rest: &str) -> bool {
    let lines: Vec<String> = rest.lines().filter(|l| !unquote(l).1).map(norm).collect();
    limits(&lines)
}

/// Whether the lines under a decision limit it or ask for something; a signature's, a courtesy's and a disclaimer's do not.
fn limits(lines: &[String]) -> bool {
    for text in lines {
        let rule = text.chars().count() >= 3 && text.chars().all(|c| "-_=*".contains(c));
        if text == "--" || rule || disclaimer(text) {
            return false;
        }
        if refuses(text) {
            return true;
        }
        if text.is_empty() || signature(text) || courtesy(text) {
            continue;
        }
        let harmless = |clause: &str| clause.is_empty() || BESIDE.contains(&clause) || APPROVE.contains(&clause) || courtesy(clause);
        let besides = text.split(['。', ',', '、', ';', '!']).map(|c| c.trim_matches(TRAILING)).all(harmless);
        if !besides && (changes(text) || denies(text)) {
            return true;
        }
    }
    false
}

/// Whether a line holds any sign of a no, a wait or a change: under an approval that is enough to ask again.
fn denies(text: &str) -> bool {
    without_offices(text)
        .replace("不錯", "")
        .replace("不吝", "")
        .contains(['不', '未', '勿', '別', '再', '先', '改', '修', '刪', '補', '退', '待', '緩', '暫', '撤', '免', '等', '錯', '停'])
        || REFUSE.iter().chain(RETURN).any(|w| text.starts_with(w))
}

/// Whether a line says no in English; a signature's words are looked at too, because any English word could be a name.
fn refuses(text: &str) -> bool {
    const WORDS: &[&str] = &["not", "nope", "nah", "never", "stop", "cancel", "wrong", "mistake", "sorry"];
    text == "no" || text.split(|c: char| !c.is_ascii_alphabetic()).any(|w| WORDS.contains(&w))
}

/// What somebody says beside an act, without what stands under every mail of his; empty where that is all there is.
#[must_use]
pub fn remark(rest: &str) -> String {
    let lines: Vec<&str> = rest.lines().filter(|l| !unquote(l).1).collect();
    let said = words(&lines);
    let nothing = |flat: String| flat.is_empty() || courtesy(&flat) || signature(&flat);
    if said.lines().map(norm).all(nothing) { String::new() } else { said }
}

/// The typed words without trailing signature lines and quotations.
fn words(lines: &[&str]) -> String {
    let cut = lines.iter().position(|l| norm(l) == "--").unwrap_or(lines.len());
    let mut kept: Vec<&str> = lines.get(..cut).unwrap_or_default().to_vec();
    while kept.len() > 1
        && kept.last().is_some_and(|l| {
            let flat = norm(l);
            flat.is_empty() || signature(&flat) || courtesy(&flat)
        })
    {
        kept.pop();
    }
    kept.join("\n").trim().to_owned()
}

/// What follows the deciding word (`skip` normalised characters long) in the typed words.
fn reason(typed: &str, skip: usize) -> String {
    let mut left = skip;
    let mut rest = typed;
    while left > 0 {
        let Some(c) = rest.chars().next() else { break };
        left = left.saturating_sub(norm(&format!("x{c}x")).chars().count().saturating_sub(2));
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "：:，,。.、；;！!）)」』】]-—﹕︰\"”".contains(c));
    let bare = unlabelled(rest).trim();
    let only_signature = bare.lines().map(norm).all(|flat| flat.is_empty() || courtesy(&flat) || signature(&flat));
    // Behind 「原因：」 whatever stands there is the reason.
    if only_signature && bare.len() == rest.trim().len() { String::new() } else { bare.to_owned() }
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
