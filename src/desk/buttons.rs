//! The buttons of each letter: prepared mails whose first line a machine reads (RELIABILITY §3, mailto links).
//! Which acts a letter offers is decided here; their words are labels.

use crate::domain::Letter;
use crate::domain::state::State;
use crate::mail::button::Verb;
use crate::mail::compose;
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

/// A button whose mail opens with a directive that its sender completes.
fn directive(aim: &Aim<'_>, act: &str) -> Button {
    let subject = format!("[{} #{}]", aim.number, aim.code);
    let body = format!("{} \r\n", (aim.prompt)(&format!("type.{act}")));
    Button { act: act.to_owned(), label: None, href: compose::mailto(aim.address, &subject, &body), tone: Tone::Neutral, reply_hint: None }
}

/// One button for each unit that a complaint may go to.
fn assign(aim: &Aim<'_>, unit: &str) -> Button {
    let line = format!("{} {}", Verb::Assign.word(), aim.number);
    let body = format!("{line} #{}\r\n{unit}\r\n", aim.code);
    let label = format!("{}　{unit}", (aim.prompt)("act.assign"));
    let hint = (aim.prompt)("hint.assign_named").replace("{unit}", unit);
    Button {
        act: "assign".to_owned(),
        label: Some(label),
        href: compose::mailto(aim.address, &line, &body),
        tone: Tone::Primary,
        reply_hint: Some(hint),
    }
}

/// The registrar's button for one of the unit's handlers (分文).
fn handler(aim: &Aim<'_>, name: &str) -> Button {
    let line = format!("{} {}", Verb::Handler.word(), aim.number);
    let body = format!("{line} #{}\r\n{name}\r\n", aim.code);
    let label = format!("{}　{name}", (aim.prompt)("act.handler"));
    let hint = (aim.prompt)("hint.handler_named").replace("{name}", name);
    Button {
        act: "handler".to_owned(),
        label: Some(label),
        href: compose::mailto(aim.address, &line, &body),
        tone: Tone::Neutral,
        reply_hint: Some(hint),
    }
}

/// What the buttons of a letter depend on beside the letter.
pub(super) struct Situation {
    /// How the case stands.
    pub state: State,
    /// The paper's own word for the step that is asked for.
    pub step_label: Option<String>,
    /// Whether a unit waits for 追認.
    pub confirmable: bool,
    /// Whether the reader belongs to the office.
    pub office: bool,
    /// The units to choose from, the fitting ones first.
    pub units: Vec<String>,
    /// To whom the unit's registrar may give the case.
    pub handlers: Vec<String>,
    /// Whether a bad survey waits for the office's decision.
    pub judging: bool,
    /// Whether the reader reviews a text for the office.
    pub reviews: bool,
    /// Whether the complainant's words take the complaint back.
    pub withdrawn: bool,
    /// The paper has grades.
    pub graded: bool,
    /// A first response or a preliminary solution is due.
    pub preliminary: bool,
    /// A first promise may still be made.
    pub promise: bool,
    /// The paper works with calls.
    pub calls: bool,
}

/// Units that get a button of their own; the others are named in the mail.
const UNIT_BUTTONS: usize = 6;

/// The buttons of a letter, in the order in which they are shown.
#[expect(clippy::too_many_lines, reason = "one arm a letter")]
pub(super) fn for_letter(letter: &Letter, aim: &Aim<'_>, now: &Situation) -> Vec<Button> {
    let b = |verb, act: &str, tone, prompt| button(aim, verb, act, tone, prompt);
    match letter {
        Letter::Answer { .. } => vec![
            b(Verb::Satisfied, "satisfied", Tone::Primary, None),
            b(Verb::Dissatisfied, "dissatisfied", Tone::Danger, Some("prompt.why")),
        ],
        Letter::ApprovalRequest { .. } => {
            let approve = Button { label: now.step_label.clone(), ..b(Verb::Approve, "approve", Tone::Primary, None) };
            let mut all = vec![approve];
            if now.reviews {
                all.push(b(Verb::Supplement, "supplement_text", Tone::Neutral, Some("prompt.supplement")));
                all.push(b(Verb::Continue, "continue", Tone::Neutral, Some("prompt.continue_unit")));
            }
            all.push(b(Verb::Return, "return", Tone::Danger, Some("prompt.reason")));
            all
        }
        Letter::AutoForwarded => vec![
            b(Verb::Confirm, "adopt", Tone::Primary, None),
            b(Verb::Assign, "reassign", Tone::Neutral, Some("prompt.unit")),
            b(Verb::SelfHandle, "self", Tone::Neutral, None),
            b(Verb::Reject, "reject", Tone::Danger, Some("prompt.reason")),
        ]
        .into_iter()
        .chain(now.graded.then(|| directive(aim, "grade")))
        .collect(),
        Letter::Triage { .. } | Letter::GivenBack { .. } => to_decide(aim, now),
        Letter::Reminder { .. } if now.office && now.state == State::Triage => to_decide(aim, now),
        Letter::Returned { .. } | Letter::ComplainantWrote { .. } | Letter::Dissatisfied { .. } if now.office => match now.state {
            State::Triage => to_decide(aim, now),
            State::Answered => vec![
                b(Verb::Continue, "continue", Tone::Primary, Some("prompt.continue")),
                b(Verb::Close, "close", Tone::Neutral, Some("prompt.reason")),
            ],
            State::InProgress if matches!(letter, Letter::Returned { .. }) => {
                vec![b(Verb::Propose, "propose", Tone::Primary, Some("prompt.answer"))]
            }
            State::AwaitingComplainant | State::Assigned | State::InProgress | State::AwaitingApproval if now.withdrawn => {
                vec![
                    b(Verb::Withdraw, "withdraw", Tone::Neutral, Some("prompt.reason")),
                    b(Verb::Note, "note", Tone::Neutral, Some("prompt.note")),
                ]
            }
            State::AwaitingComplainant | State::Assigned | State::InProgress | State::AwaitingApproval => {
                vec![b(Verb::Note, "note", Tone::Neutral, Some("prompt.note"))]
            }
            State::Closed if now.judging => vec![
                b(Verb::Continue, "continue_closed", Tone::Primary, Some("prompt.continue")),
                directive(aim, "copy"),
                b(Verb::Close, "let_stand", Tone::Neutral, Some("prompt.reason")),
            ],
            State::Closing | State::Closed => vec![b(Verb::Continue, "continue", Tone::Primary, Some("prompt.continue"))],
        },
        Letter::Forward | Letter::Resumed { .. } => {
            let mut buttons = vec![b(Verb::Propose, "propose", Tone::Primary, Some("prompt.answer"))];
            if now.state == State::Assigned {
                buttons.extend(now.handlers.iter().take(UNIT_BUTTONS).map(|name| handler(aim, name)));
            }
            buttons.push(b(Verb::Start, "start", Tone::Neutral, None));
            if now.promise {
                buttons.push(b(Verb::Promise, "promise", Tone::Neutral, Some("prompt.promise")));
            }
            if now.preliminary {
                buttons.push(b(Verb::Preliminary, "preliminary", Tone::Neutral, Some("prompt.preliminary")));
            }
            if now.calls {
                buttons.push(b(Verb::Phone, "phone", Tone::Neutral, Some("prompt.phone")));
            }
            buttons.extend([
                b(Verb::Note, "note", Tone::Neutral, Some("prompt.note")),
                b(Verb::Ask, "ask", Tone::Neutral, Some("prompt.question")),
                b(Verb::Extend, "extend", Tone::Neutral, Some("prompt.extend")),
                b(Verb::Decline, "decline", Tone::Danger, Some("prompt.reason")),
            ]);
            buttons
        }
        Letter::CallTask { .. } => std::iter::once(b(Verb::Phone, "phone", Tone::Primary, Some("prompt.phone")))
            .chain((now.state == State::Answered).then(|| b(Verb::Close, "close", Tone::Neutral, Some("prompt.reason"))))
            .collect(),
        Letter::Notice { .. } => vec![b(Verb::Note, "note", Tone::Neutral, Some("prompt.note"))],
        Letter::EscalationDemanded { .. } => vec![
            b(Verb::Extend, "escalate", Tone::Primary, Some("prompt.extend")),
            b(Verb::Propose, "propose", Tone::Neutral, Some("prompt.answer")),
        ],
        Letter::ConfirmDraft => {
            vec![b(Verb::Confirm, "confirm", Tone::Primary, None), b(Verb::Propose, "propose", Tone::Neutral, Some("prompt.answer"))]
        }
        Letter::Returned { .. } | Letter::ComplainantWrote { .. } | Letter::Reminder { .. } | Letter::Dissatisfied { .. } => {
            match now.state {
                State::Assigned | State::InProgress | State::AwaitingComplainant if !now.office => vec![
                    b(Verb::Propose, "propose", Tone::Primary, Some("prompt.answer")),
                    b(Verb::Note, "note", Tone::Neutral, Some("prompt.note")),
                    b(Verb::Extend, "extend", Tone::Neutral, Some("prompt.extend")),
                ],
                State::AwaitingApproval if !now.office => vec![b(Verb::Propose, "propose", Tone::Neutral, Some("prompt.answer"))],
                State::Closed => Vec::new(),
                State::Triage
                | State::Assigned
                | State::InProgress
                | State::AwaitingComplainant
                | State::AwaitingApproval
                | State::Answered
                | State::Closing => vec![b(Verb::Note, "note", Tone::Neutral, Some("prompt.note"))],
            }
        }
        Letter::IdentityAsked { .. } => {
            vec![b(Verb::Disclose, "disclose", Tone::Primary, None), b(Verb::Conceal, "conceal", Tone::Danger, Some("prompt.reason"))]
        }
        Letter::PaperEntered { .. } => {
            vec![
                b(Verb::Confirm, "confirm_paper", Tone::Primary, None),
                b(Verb::Return, "refuse_paper", Tone::Danger, Some("prompt.reason")),
            ]
        }
        Letter::FormIncomplete => vec![b(Verb::Note, "note", Tone::Neutral, Some("prompt.note"))],
        Letter::DecisionNotice { .. } => vec![b(Verb::Recall, "recall", Tone::Danger, None)],
        Letter::ExtensionAsked => {
            vec![b(Verb::Grant, "grant", Tone::Primary, None), b(Verb::Refuse, "deny", Tone::Danger, Some("prompt.reason"))]
        }
        Letter::DecisionWaits { what, ask: None } if what == "confirm" => vec![b(Verb::Confirm, "adopt", Tone::Primary, None)],
        // What helps is another writer or another approver: no button brings either.
        Letter::DecisionWaits { what, ask: None } if what == "no_approver" => Vec::new(),
        Letter::DecisionWaits { what, ask: None } if what == "judging" => vec![
            b(Verb::Continue, "continue_closed", Tone::Primary, Some("prompt.continue")),
            directive(aim, "copy"),
            b(Verb::Close, "let_stand", Tone::Neutral, Some("prompt.reason")),
        ],
        Letter::DecisionWaits { ask: None, .. } => to_decide(aim, now),
        Letter::Acknowledgement
        | Letter::Preliminary { .. }
        | Letter::DelayReason { .. }
        | Letter::Transfer
        | Letter::Question { .. }
        | Letter::Extension { .. }
        | Letter::Refusal { .. }
        | Letter::Referral { .. }
        | Letter::Merged { .. }
        | Letter::ToldBack { .. }
        | Letter::Closing
        | Letter::DecisionWaits { .. }
        | Letter::Undelivered { .. }
        | Letter::StrangerWrote { .. }
        | Letter::SurveyReceived
        | Letter::Copy { .. }
        | Letter::ExtensionGranted { .. }
        | Letter::ExtensionRefused { .. }
        | Letter::Files { .. }
        | Letter::IdentityShown { .. }
        | Letter::IdentityRefused { .. }
        | Letter::PaperRefused { .. }
        | Letter::WorldsMet { .. }
        | Letter::TakenAway => Vec::new(),
    }
}

/// The button that releases the complainant's files to who handles the case without knowing him.
pub(super) fn release(aim: &Aim<'_>) -> Button {
    button(aim, Verb::Release, "release_files", Tone::Neutral, None)
}

/// All that the office may decide about a complaint that nobody has yet.
fn to_decide(aim: &Aim<'_>, now: &Situation) -> Vec<Button> {
    let b = |verb, act: &str, tone, prompt| button(aim, verb, act, tone, prompt);
    let mut buttons = Vec::new();
    if now.confirmable {
        buttons.push(b(Verb::Accept, "accept", Tone::Primary, None));
    }
    buttons.extend(now.units.iter().take(UNIT_BUTTONS).map(|unit| assign(aim, unit)));
    if now.units.len() > UNIT_BUTTONS {
        buttons.push(b(Verb::Assign, "assign", Tone::Neutral, Some("prompt.unit")));
    }
    if now.graded {
        buttons.push(directive(aim, "grade"));
    }
    buttons.push(b(Verb::SelfHandle, "self", Tone::Neutral, None));
    buttons.push(b(Verb::Ask, "ask", Tone::Neutral, Some("prompt.question")));
    buttons.push(b(Verb::Reject, "reject", Tone::Danger, Some("prompt.reason")));
    buttons.extend(["refer", "no_action", "merge"].map(|act| directive(aim, act)));
    buttons.push(b(Verb::Spam, "spam", Tone::Danger, None));
    buttons
}

/// The button of a question at somebody's directory address: it was I.
pub(super) fn adopt(aim: &Aim<'_>) -> Vec<Button> {
    vec![button(aim, Verb::Adopt, "confirm", Tone::Primary, None)]
}
