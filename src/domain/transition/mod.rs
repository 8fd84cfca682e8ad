//! The one place where a case changes: (case, event, office) → the case after it and what is to be done, or a refusal.
//! Total and pure. One file a kind of event; `work` holds the small moves that they share.

mod acts;
mod calling;
mod complainant;
mod deciding;
mod discretion;
mod handling;
mod leaving;
mod notices;
mod office;
mod opening;
mod paper;
mod passed_on;
mod preliminary;
mod timers;
mod triage;
mod urging;
mod work;

use super::case::Case;
use super::effect::{Effect, Letter, Note, Recipient};
use super::event::{Event, EventKind};
use super::office::Office;
use super::refusal::Refusal;
use super::text::InternalText;
use work::Work;

pub use opening::open;

/// The kind under which the outbox keeps a notice that a letter did not arrive.
const NOTICE: &str = "undelivered";

/// A case after an event, and what is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The case as it now is.
    pub case: Case,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
}

/// What `event` makes of `case`.
///
/// # Errors
/// A [`Refusal`] when the act is not allowed or not possible; then nothing has changed.
pub fn transition(case: &Case, event: &Event, office: &Office) -> Result<Step, Refusal> {
    let mut work = Work::new(case, event, office);
    match &event.kind {
        EventKind::Opened(_) => return Err(Refusal::NotPossible { state: case.state }),
        EventKind::Act { act } => acts::perform(&mut work, act)?,
        EventKind::ComplainantWrote { text, satisfaction, message_id, withdraws, thanks } => {
            complainant::wrote(&mut work, text, *satisfaction, message_id.as_deref(), (*withdraws, *thanks));
        }
        EventKind::SurveyAnswered { round, satisfaction, answers } => complainant::judged(&mut work, *round, *satisfaction, answers)?,
        EventKind::TimerDue { key } => timers::due(&mut work, key),
        EventKind::Undelivered { letter, to_complainant, recipient, status, permanent } => {
            undelivered(&mut work, letter, *to_complainant, recipient.reveal(), status, *permanent);
        }
        EventKind::AutoReplied { person, deputy } => {
            let mut detail = person.as_ref().map_or_else(|| "complainant".to_owned(), |p| p.as_str().to_owned());
            if let Some(deputy) = deputy {
                detail.push_str(&format!(" → {}", deputy.as_str()));
            }
            work.effects.push(Effect::Tell(Note { kind: "auto_replied".to_owned(), detail }));
        }
        EventKind::StrangerWrote { from, text } => {
            let words = InternalText::new(text.reveal().clone());
            work.to_secretariat(&Letter::StrangerWrote { from: from.reveal().clone(), words });
        }
        EventKind::DirectoryChanged { left, moved, readdressed, roles } => {
            leaving::directory_changed(&mut work, left, moved, readdressed, roles);
        }
        EventKind::Refused { .. } => {}
    }
    Ok(work.done())
}

/// Which acts `event`'s actor could do at its moment, by name.
#[must_use]
pub fn possible(case: &Case, event: &Event, office: &Office) -> Vec<&'static str> {
    acts::possible(&Work::new(case, event, office))
}

fn undelivered(work: &mut Work<'_>, letter: &str, to_complainant: bool, recipient: &str, status: &str, permanent: bool) {
    if !permanent {
        work.effects.push(Effect::Tell(Note { kind: "delayed".to_owned(), detail: letter.to_owned() }));
        return;
    }
    if to_complainant {
        work.case.undelivered.push(letter.to_owned());
    }
    work.effects.push(Effect::Tell(Note { kind: "undelivered".to_owned(), detail: letter.to_owned() }));
    // A notice about a lost notice would be lost the same way, and so on for ever: that one stands in the digest alone.
    if letter == NOTICE {
        return;
    }
    let notice = Letter::Undelivered { letter: letter.to_owned(), recipient: recipient.to_owned(), status: status.to_owned() };
    for standing in work.office.directory.office_of(&work.case, work.office.day(work.at)) {
        let same = work.office.directory.people.get(&standing.person).is_some_and(|p| p.email.eq_ignore_ascii_case(recipient));
        if !same {
            work.send(Recipient::Person(standing), notice.clone());
        }
    }
}
