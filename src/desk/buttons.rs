//! The buttons of each letter: prepared mails whose first line a machine reads (RELIABILITY §3, mailto links).
//! Which acts a letter offers is decided here; their words are labels.

use crate::domain::Letter;
use crate::mail::compose;
use crate::mail::button::Verb;
use crate::render::{Button, Tone};

/// Where a button's mail goes and how it proves itself.
pub(super) struct Aim<'a> {
    /// The reply address, with its token.
    pub address: &'a str,
    /// The case.
    pub number: &'a str,
    /// The short code of the same token, for clients and servers that drop the address's tail.
    pub code: &'a str,
    /// Chinese prompt below the machine line, for a reason or a text.
    pub prompt: &'a dyn Fn(&str) -> String,
}

/// One button.
fn button(aim: &Aim<'_>, verb: Verb, act: &str, tone: Tone, prompt: Option<&str>) -> Button {
    let line = format!("{} {}", verb.word(), aim.number);
    let mut body = format!("{line} #{}\r\n", aim.code);
    if let Some(key) = prompt {
        body.push_str("\r\n");
        body.push_str(&(aim.prompt)(key));
        body.push_str("\r\n");
    }
    Button { act: act.to_owned(), label: None, href: compose::mailto(aim.address, &line, &body), tone, reply_hint: None }
}

/// The buttons of a letter, in the order in which they are shown.
pub(super) fn for_letter(letter: &Letter, aim: &Aim<'_>, step_label: Option<String>, confirmable: bool) -> Vec<Button> {
    let b = |verb, act: &str, tone, prompt| button(aim, verb, act, tone, prompt);
    match letter {
        Letter::Answer { .. } => vec![
            b(Verb::Satisfied, "satisfied", Tone::Primary, None),
            b(Verb::Dissatisfied, "dissatisfied", Tone::Danger, Some("prompt.why")),
        ],
        Letter::ApprovalRequest { .. } => {
            let approve = Button { label: step_label, ..b(Verb::Approve, "approve", Tone::Primary, None) };
            vec![approve, b(Verb::Return, "return", Tone::Danger, Some("prompt.reason"))]
        }
        Letter::AutoForwarded => vec![
            b(Verb::Confirm, "adopt", Tone::Primary, None),
            b(Verb::SelfHandle, "self", Tone::Neutral, None),
            b(Verb::Reject, "reject", Tone::Danger, Some("prompt.reason")),
        ],
        Letter::Triage { .. } | Letter::GivenBack { .. } => {
            let mut buttons = Vec::new();
            if confirmable {
                buttons.push(b(Verb::Accept, "accept", Tone::Primary, None));
            }
            buttons.push(b(Verb::SelfHandle, "self", Tone::Neutral, None));
            buttons.push(b(Verb::Ask, "ask", Tone::Neutral, Some("prompt.question")));
            buttons.push(b(Verb::Reject, "reject", Tone::Danger, Some("prompt.reason")));
            buttons
        }
        Letter::Forward | Letter::Resumed { .. } => vec![
            b(Verb::Propose, "propose", Tone::Primary, Some("prompt.answer")),
            b(Verb::Start, "start", Tone::Neutral, None),
            b(Verb::Note, "note", Tone::Neutral, Some("prompt.note")),
            b(Verb::Ask, "ask", Tone::Neutral, Some("prompt.question")),
            b(Verb::Extend, "extend", Tone::Neutral, Some("prompt.extend")),
            b(Verb::Decline, "decline", Tone::Danger, Some("prompt.reason")),
        ],
        Letter::Returned { .. } => vec![b(Verb::Propose, "propose", Tone::Primary, Some("prompt.answer"))],
        Letter::ConfirmDraft => vec![
            b(Verb::Confirm, "confirm", Tone::Primary, None),
            b(Verb::Propose, "propose", Tone::Neutral, Some("prompt.answer")),
        ],
        Letter::ComplainantWrote { .. } => vec![b(Verb::Propose, "propose", Tone::Neutral, Some("prompt.answer"))],
        Letter::DecisionNotice { .. } => vec![b(Verb::Recall, "recall", Tone::Danger, None)],
        Letter::ExtensionAsked => vec![
            b(Verb::Grant, "grant", Tone::Primary, None),
            b(Verb::Refuse, "deny", Tone::Danger, Some("prompt.reason")),
        ],
        Letter::Dissatisfied { .. } => vec![b(Verb::Note, "note", Tone::Neutral, Some("prompt.note"))],
        Letter::Reminder { .. } => vec![b(Verb::Note, "note", Tone::Neutral, Some("prompt.note"))],
        Letter::Acknowledgement
        | Letter::Transfer
        | Letter::Question { .. }
        | Letter::Extension { .. }
        | Letter::Refusal { .. }
        | Letter::Referral { .. }
        | Letter::Merged { .. }
        | Letter::Closing
        | Letter::DecisionWaits { .. }
        | Letter::Undelivered { .. }
        | Letter::StrangerWrote { .. }
        | Letter::SurveyReceived
        | Letter::ExtensionRefused { .. }
        | Letter::TakenAway => Vec::new(),
    }
}

/// The button of a question at somebody's directory address: it was I.
pub(super) fn adopt(aim: &Aim<'_>) -> Vec<Button> {
    vec![button(aim, Verb::Adopt, "confirm", Tone::Primary, None)]
}
