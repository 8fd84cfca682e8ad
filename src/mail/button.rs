//! What a mailto button's mail says: one machine line `VERB NUMBER [#code]`, and what its sender typed below.
//! A verb decides nothing by itself: token, person and evidence are looked at by trust. Called by desk through decision.rs.

use super::directive_read::unlabelled;
use super::people::device;
use super::wording::{norm, unquote};

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
    Disclose,
    Conceal,
    Handler,
}

pub(super) const VERBS: &[(&str, Verb)] = &[
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
    ("DISCLOSE", Verb::Disclose),
    ("CONCEAL", Verb::Conceal),
    ("HANDLER", Verb::Handler),
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
            flat == "--" || device(&flat)
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
