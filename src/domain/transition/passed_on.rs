//! Complaints that somebody passed on (R59): the passer-on hears the result once it is on its way, and the office may say that the person
//! inside is the complainant. Called by `work` at the end of every step, and by 補登.

use super::super::case::{ClosingWay, ThreadKeys};
use super::super::effect::{Effect, Letter, Recipient};
use super::super::passed_on::{PassedOn, Passer};
use super::super::state::{Outcome, State};
use super::work::Work;

/// 復知, once: with the letter that tells the complainant the outcome; where he was told by telephone or short message, as soon as that
/// counts as the answer; else when the case is closed. A preliminary answer is no result. An answer that is called back was not told either.
pub(super) fn tell_back(work: &mut Work<'_>) {
    if !work.case.passed_on.as_ref().is_some_and(|p| p.tell && p.person.is_none()) {
        return;
    }
    if work.effects.iter().any(|e| matches!(e, Effect::Withhold { .. })) {
        set_told(work, false);
    }
    let outcome = work.effects.iter().find_map(|e| match e {
        Effect::Send { to: Recipient::Complainant, letter: Letter::Answer { draft }, not_before } => Some((Some(*draft), *not_before)),
        Effect::Send { to: Recipient::Complainant, letter: Letter::Refusal { .. } | Letter::Referral { .. }, not_before } => {
            Some((None, *not_before))
        }
        _ => None,
    });
    let untold = work.case.passed_on.as_ref().is_some_and(|p| p.told_at.is_none());
    let ended = work.case.state == State::Closed && untold && !matches!(work.case.outcome, None | Some(Outcome::Spam | Outcome::Merged));
    let told = untold && answered_without_a_letter(work);
    let Some((draft, not_before)) = outcome.or((ended || told).then_some((None, None))) else { return };
    let to = match work.case.passed_on.as_ref().map(|p| &p.by) {
        Some(Passer::Staff { person }) => Recipient::Person(work.office.directory.standing(person, work.office.day(work.at))),
        Some(Passer::Authority | Passer::Stranger) => Recipient::PasserOn,
        None => return,
    };
    work.effects.push(Effect::Send { to, letter: Letter::ToldBack { draft }, not_before });
    set_told(work, true);
}

/// The answer of this round was given by telephone or short message: no letter is to bring it.
fn answered_without_a_letter(work: &Work<'_>) -> bool {
    let case = &work.case;
    let spoken = matches!(case.closing_way, Some(ClosingWay::Phone | ClosingWay::Sms));
    let after = matches!(case.state, State::Answered | State::Closing | State::Closed);
    // A call may have been made before it was reported, and the round begun in between.
    spoken && after && case.answered_at.is_some()
}

fn set_told(work: &mut Work<'_>, told: bool) {
    let at = work.at;
    if let Some(passed) = &mut work.case.passed_on {
        passed.told_at = told.then_some(at);
    }
}

/// The office has looked: the person inside is the complainant. He is written to from now on, and gets his receipt.
pub(super) fn adopt(work: &mut Work<'_>, passed: &PassedOn) {
    let Some(person) = passed.person.clone() else { return };
    let case = &mut work.case;
    case.record.insert("name".to_owned(), person.name.clone());
    if let Some(address) = &person.address {
        case.record.insert("email".to_owned(), address.clone());
    }
    case.own_staff = person.address.as_ref().and_then(|a| work.office.directory.by_email(a.reveal())).map(|p| p.id.clone());
    case.complainant = person;
    // His thread is another one than the passer-on's.
    case.thread = ThreadKeys { subject: case.thread.subject.clone(), ..ThreadKeys::default() };
    if let Some(passed) = &mut case.passed_on {
        passed.person = None;
    }
    work.to_complainant(Letter::Acknowledgement);
}
