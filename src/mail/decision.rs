//! What an approver's plain reply decides (REQUIREMENTS R72, RELIABILITY T9) and what a mailto button's mail says.
//! Whole lines only: a word found somewhere in a text decides nothing, and what is not clear is asked again, never guessed.
//! Called by desk with the newly written words.

use super::decision_words::{APPROVE, BESIDE, LIMIT, LIMIT_ENDS, OPEN, REFUSE, RETURN, SEEN};
use super::directive_read::unlabelled;
use super::form;
use super::wording::{TRAILING, changes, courtesy, name_or_office, norm, salutation, signature, unquote};

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
        (Said::Approve, None) if limited(after) => Decision::ChangeAsked { text: typed() },
        (Said::Approve, None) => Decision::Approve,
        (Said::Seen, None) if limited(after) => Decision::Unclear,
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
                .is_some_and(|rest| rest.chars().next().is_none_or(|c| c.is_whitespace() || ",，。:;、.!)」』】]\"”'-(".contains(c)))
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
        let clause = clause.trim_matches(|c: char| TRAILING.contains(&c) || "「」『』【】[]\"“”'*:-".contains(c));
        if clause.is_empty() {
            continue;
        }
        if APPROVE.contains(&clause) {
            approved = true;
        } else if SEEN.contains(&clause) && !approved {
            seen = true;
        } else if conditioned(clause) {
            change = true;
        } else if LIMIT.iter().any(|w| clause.starts_with(w)) && !BESIDE.contains(&clause) || LIMIT_ENDS.iter().any(|w| clause.ends_with(w))
        {
            change = true;
        } else if !(approved || seen) || !(BESIDE.contains(&clause) || courtesy(clause) || (n > 0 && name_or_office(clause))) {
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

/// Whether the lines under a decision limit it or ask for something; a signature's, a courtesy's and a disclaimer's do not.
fn limited(lines: &[String]) -> bool {
    let mut outside = false;
    for text in lines {
        if text == "--" || text.chars().count() >= 3 && text.chars().all(|c| "-_=*".contains(c)) {
            outside = true;
        }
        if outside || text.is_empty() || signature(text) || courtesy(text) {
            continue;
        }
        let besides = text
            .split(['。', ',', '、', ';', '!'])
            .map(|c| c.trim_matches(TRAILING))
            .all(|c| c.is_empty() || BESIDE.contains(&c) || APPROVE.contains(&c) || courtesy(c));
        if !besides && changes(text) {
            return true;
        }
    }
    false
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

/// A button's verb: the one ASCII word that a mailto body opens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the word itself")]
pub enum Verb {
    Approve,
    Return,
    Accept,
    Confirm,
    Propose,
    Note,
    Start,
    Decline,
    Extend,
    Ask,
    Satisfied,
    Dissatisfied,
    SelfHandle,
    Reject,
    Close,
    Continue,
    Adopt,
    Recall,
    Phone,
    Promise,
    Preliminary,
    Supplement,
    Assign,
    Seen,
    Grant,
    Refuse,
    Withdraw,
    Release,
    Drop,
    Done,
    Spam,
    NoComment,
}

const VERBS: &[(&str, Verb)] = &[
    ("APPROVE", Verb::Approve),
    ("RETURN", Verb::Return),
    ("ACCEPT", Verb::Accept),
    ("CONFIRM", Verb::Confirm),
    ("PROPOSE", Verb::Propose),
    ("NOTE", Verb::Note),
    ("START", Verb::Start),
    ("DECLINE", Verb::Decline),
    ("EXTEND", Verb::Extend),
    ("ASK", Verb::Ask),
    ("SATISFIED", Verb::Satisfied),
    ("DISSATISFIED", Verb::Dissatisfied),
    ("SELF", Verb::SelfHandle),
    ("REJECT", Verb::Reject),
    ("CLOSE", Verb::Close),
    ("CONTINUE", Verb::Continue),
    ("ADOPT", Verb::Adopt),
    ("RECALL", Verb::Recall),
    ("PHONE", Verb::Phone),
    ("PROMISE", Verb::Promise),
    ("PRELIMINARY", Verb::Preliminary),
    ("SUPPLEMENT", Verb::Supplement),
    ("ASSIGN", Verb::Assign),
    ("SEEN", Verb::Seen),
    ("GRANT", Verb::Grant),
    ("REFUSE", Verb::Refuse),
    ("WITHDRAW", Verb::Withdraw),
    ("RELEASE", Verb::Release),
    ("DROP", Verb::Drop),
    ("DONE", Verb::Done),
    ("SPAM", Verb::Spam),
    ("NOCOMMENT", Verb::NoComment),
];

impl Verb {
    /// The word as it stands in the machine line.
    #[must_use]
    pub fn word(self) -> &'static str {
        VERBS.iter().find(|(_, verb)| *verb == self).map_or("", |(word, _)| word)
    }
}

/// What a mailto button's mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What is to be done.
    pub verb: Verb,
    /// The case number as written.
    pub number: String,
    /// The code behind `#`, lower case.
    pub code: Option<String>,
    /// What was typed below, without 「原因：」, hints in brackets and device lines.
    pub rest: String,
}

/// Reads the mail that a mailto button opened: its first line is `VERB NUMBER [#code]` and nothing else. Where the body
/// holds no such line the subject may (some clients drop the body); a `Re:` or any further word makes it no button.
#[must_use]
pub fn button(reply_text: &str, subject: &str) -> Option<Button> {
    let mut lines = reply_text.lines().skip_while(|l| l.trim().is_empty());
    let first = lines.clone().next().unwrap_or_default();
    let (verb, number, code) = match machine(first) {
        Some(found) => {
            lines.next();
            found
        }
        None => machine(subject)?,
    };
    let rest: Vec<&str> = lines.filter(|l| !hint(&norm(l)) && !unquote(l).1).collect();
    let cut = rest
        .iter()
        .position(|l| {
            let flat = norm(l);
            flat == "--"
                || flat.starts_with("從我的 iphone")
                || flat.starts_with("sent from my")
                || flat.starts_with("取得 outlook")
                || flat.starts_with("get outlook")
        })
        .unwrap_or(rest.len());
    let rest = rest.get(..cut).unwrap_or_default().join("\n");
    Some(Button { verb, number, code, rest: unlabelled(rest.trim()).trim().to_owned() })
}

fn hint(line: &str) -> bool {
    line.len() > 2 && line.starts_with('(') && line.ends_with(')')
}

fn machine(line: &str) -> Option<(Verb, String, Option<String>)> {
    let flat = norm(line);
    let mut words = flat.split_whitespace();
    let verb = words.next()?.to_ascii_uppercase();
    let (_, verb) = VERBS.iter().find(|(word, _)| *word == verb)?;
    let number = words.next().filter(|w| {
        w.chars().any(|c| c.is_ascii_digit())
            && w.chars().count() <= 40
            && !w.starts_with('#')
            && w.chars().all(|c| c.is_alphanumeric() || "-_/.".contains(c))
    })?;
    let code = match words.next() {
        Some(word) => Some(
            word.strip_prefix('#').filter(|c| !c.is_empty() && c.len() <= 64 && c.chars().all(|c| c.is_ascii_alphanumeric()))?.to_owned(),
        ),
        None => None,
    };
    words.next().is_none().then(|| (*verb, number.to_ascii_uppercase(), code))
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
