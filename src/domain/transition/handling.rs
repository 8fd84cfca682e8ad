//! What the unit does: takes the case up, notes, proposes the answer, asks, gives back, asks for time (R18, R28, R48, R56).

use super::super::approval;
use super::super::case::{Acceptance, Case, Draft, ExtensionAsked, HandlingNote, Unconfirmed};
use super::super::deadline;
use super::super::directory::Standing;
use super::super::effect::{Effect, Letter, Note, Recipient};
use super::super::ids::{PersonId, UnitId};
use super::super::refusal::Refusal;
use super::super::reply_form;
use super::super::state::{DeadlineKind, Stage, State};
use super::super::text::{InternalText, PublicText, fingerprint};
use super::triage::Fields;
use super::work::Work;
use crate::calendar::Moment;

/// 收案: handling starts.
pub(super) fn start(work: &mut Work<'_>) -> Result<(), Refusal> {
    if work.case.state != State::Assigned && deadline::running(&work.case, DeadlineKind::Start).is_none() {
        return Err(Refusal::Unchanged);
    }
    taken_up(work)?;
    Ok(())
}

/// 進度, and what a handler writes beside the answer. The secretariat's notes do not take the case up.
pub(super) fn note(work: &mut Work<'_>, text: &InternalText, fields: &Fields, reads_like_answer: bool) -> Result<(), Refusal> {
    keep(work, text, fields)?;
    let works = work.may_lead() && matches!(work.case.state, State::Assigned | State::InProgress | State::AwaitingComplainant);
    if !works {
        return Ok(());
    }
    taken_up(work)?;
    if !work.case.handling_blank.is_empty() && !reads_like_answer {
        let by = work.actor()?.clone();
        tell_missing(work, &by);
    }
    // Each text is asked about once; a newer one takes the place of an older.
    if reads_like_answer && work.case.unconfirmed.as_ref().is_none_or(|u| &u.text != text) {
        let by = work.actor()?.clone();
        work.case.unconfirmed = Some(Unconfirmed { by: by.clone(), text: text.clone() });
        let standing = work.office.directory.standing(&by, work.office.day(work.at));
        work.send(Recipient::Person(standing), Letter::ConfirmDraft);
    }
    Ok(())
}

/// 擬答覆: the proposed answer starts the chain; a newer one takes the place of an older.
pub(super) fn propose(work: &mut Work<'_>, text: &InternalText, record: &InternalText, fields: &Fields) -> Result<(), Refusal> {
    if text.internal().trim().is_empty() {
        return Err(Refusal::TextMissing);
    }
    keep(work, record, fields)?;
    taken_up(work)?;
    let author = work.actor()?.clone();
    work.case.handler = Some(author.clone());
    work.case.unconfirmed = None;
    work.case.supplementing = false;
    let version = add_draft(work, text, &author);
    work.enter(State::AwaitingApproval);
    tell_missing(work, &author);
    let run = approval::begin(&mut work.case, Stage::Answer, Some(version), work.at, work.office, &mut work.effects);
    super::deciding::go_on(work, run);
    Ok(())
}

/// R56: the writer says that his words are the answer.
pub(super) fn confirm_draft(work: &mut Work<'_>) -> Result<(), Refusal> {
    let by = work.actor()?;
    let Some(waiting) = work.case.unconfirmed.clone().filter(|u| &u.by == by) else {
        return Err(Refusal::NothingToDecide);
    };
    propose(work, &waiting.text, &InternalText::default(), &Fields::new())
}

/// Adds a version of the text for the complainant.
pub(super) fn add_draft(work: &mut Work<'_>, text: &InternalText, author: &super::super::ids::PersonId) -> u32 {
    let version = work.case.drafts.keys().next_back().copied().unwrap_or(0) + 1;
    let words = text.internal().trim().to_owned();
    let draft = Draft {
        version,
        round: work.case.round,
        sha256: fingerprint(&words),
        text: InternalText::new(words),
        author: author.clone(),
        at: work.at,
        approved: false,
        preliminary: false,
        spoken_at: None,
        way: None,
    };
    work.case.drafts.insert(version, draft);
    version
}

/// 退回 by the unit: wrong unit, with the reason; the secretariat decides anew.
pub(super) fn give_back(work: &mut Work<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = InternalText::new(reason.trim());
    if reason.internal().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    if !work.may_lead() {
        return co_unit_gives_back(work, reason);
    }
    give_back_to_office(work, reason, None)
}

/// The unit has it no more; the secretariat decides anew. `to`: the unit that was named as the right one.
pub(super) fn give_back_to_office(work: &mut Work<'_>, reason: InternalText, to: Option<UnitId>) -> Result<(), Refusal> {
    let Some(unit) = work.case.unit.clone() else { return Err(Refusal::NotPossible { state: work.case.state }) };
    keep(work, &reason, &Fields::new())?;
    approval::supersede(&mut work.case, &mut work.effects);
    work.release_unit();
    work.case.returns += 1;
    work.case.acceptance = Acceptance::Open;
    work.disarm("confirm:");
    work.to_secretariat(&Letter::GivenBack { reason, unit, to });
    work.await_triage();
    Ok(())
}

/// A co-handling unit says that the matter is none of its own: it leaves, the case stays where it is.
fn co_unit_gives_back(work: &mut Work<'_>, reason: InternalText) -> Result<(), Refusal> {
    let (day, by) = (work.office.day(work.at), work.actor()?.clone());
    let of = |unit: &&UnitId| {
        let alone = Case { unit: Some((*unit).clone()), handler: None, co_units: Vec::new(), ..work.case.clone() };
        work.office.directory.may_lead(&by, &alone, day)
    };
    let Some(unit) = work.case.co_units.iter().find(of).cloned() else { return Err(Refusal::NotPossible { state: work.case.state }) };
    keep(work, &reason, &Fields::new())?;
    work.case.co_units.retain(|u| u != &unit);
    work.to_secretariat(&Letter::GivenBack { reason, unit, to: None });
    Ok(())
}

/// 詢問: the complainant is asked. In the handler's own name, through the office's letter.
pub(super) fn ask_complainant(work: &mut Work<'_>, text: &str) -> Result<(), Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::TextMissing);
    }
    if work.case.complainant.address.is_none() {
        return Err(Refusal::Unknown { what: "address", name: String::new() });
    }
    if work.may_lead() {
        taken_up(work)?;
    }
    keep(work, &InternalText::new(text), &Fields::new())?;
    if work.case.state != State::Triage {
        work.enter(State::AwaitingComplainant);
    }
    work.to_complainant(Letter::Question { text: PublicText::by_the_secretariat(text) });
    Ok(())
}

/// 展延: asked for by the unit, granted by the profile's approver, who writes it himself; the complainant is told (R28).
pub(super) fn extend(work: &mut Work<'_>, until: Moment, reason: &InternalText) -> Result<(), Refusal> {
    let Some(running) = work.case.promise().cloned() else {
        return Err(Refusal::NotPossible { state: work.case.state });
    };
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let rule = &work.office.procedure.extension;
    // What is asked for after the date has passed is no extension: the promise is broken already and was counted (R64).
    let broken = running.due_at.is_some_and(|due| due < work.at);
    let cap = running.standard_at.and_then(|due| work.office.calendar.due(due, &rule.at_most, None).ok());
    let possible = until > work.at && running.due_at.is_none_or(|due| until > due) && (broken || cap.is_none_or(|cap| until <= cap));
    if !possible || (!broken && work.case.extensions >= rule.times) {
        return Err(Refusal::DateNotPossible);
    }
    let by = work.actor()?.clone();
    if std::mem::take(&mut work.case.escalation_open) {
        work.disarm("escalation:");
    }
    let approvers = approvers(work);
    if !approvers.iter().any(|s| s.person == by) {
        work.case.extension_asked = Some(ExtensionAsked { by, until, reason: reason.clone() });
        for standing in approvers {
            work.send(Recipient::Person(standing), Letter::ExtensionAsked);
        }
        return Ok(());
    }
    let asked = work.case.extension_asked.take();
    work.case.extensions += u32::from(!broken);
    work.case.extended = Some(ExtensionAsked { by: by.clone(), until, reason: reason.clone() });
    deadline::extend(&mut work.case, running.kind, until, work.office, &mut work.effects);
    work.to_complainant(Letter::Extension { until, reason: PublicText::by_the_secretariat(reason.internal()) });
    granted(work, &by, asked.map(|a| a.by), until);
    work.effects.push(Effect::Tell(Note { kind: "extended".to_owned(), detail: work.office.day(until).to_string() }));
    Ok(())
}

/// Who grants time; where nobody holds the profile's role for this case, the office.
pub(super) fn approvers(work: &Work<'_>) -> Vec<Standing> {
    let day = work.office.day(work.at);
    let found = work.office.directory.holders(&work.office.procedure.extension.approver, &work.case, day);
    if found.is_empty() { work.office.directory.secretariat(day) } else { found }
}

/// Who asked for the time, and who works on it, hear the date that now holds.
fn granted(work: &mut Work<'_>, by: &PersonId, asked: Option<PersonId>, until: Moment) {
    let day = work.office.day(work.at);
    let handler = work.case.handler.clone();
    if let Some(person) = &asked {
        work.send(Recipient::Person(work.office.directory.standing(person, day)), Letter::ExtensionGranted { until });
    }
    let knows = handler.is_some() && (handler.as_ref() == Some(by) || handler == asked);
    let worked_on = work.case.unit.is_some() || handler.is_some();
    if worked_on && !knows && (asked.is_none() || handler.is_some()) {
        work.to_handler(Letter::ExtensionGranted { until });
    }
}

/// The profile's approver does not grant the time that was asked for; who asked hears why.
pub(super) fn refuse_extension(work: &mut Work<'_>, reason: &InternalText) -> Result<(), Refusal> {
    let by = work.actor()?.clone();
    let day = work.office.day(work.at);
    let approver = work.office.procedure.extension.approver.clone();
    if !approvers(work).iter().any(|s| s.person == by) {
        return Err(Refusal::NotAllowed { needs: approver });
    }
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let Some(asked) = work.case.extension_asked.take() else { return Err(Refusal::NothingToDecide) };
    let standing = work.office.directory.standing(&asked.by, day);
    work.send(Recipient::Person(standing), Letter::ExtensionRefused { reason: reason.clone() });
    Ok(())
}

/// The first act of the unit takes the case up: its start deadline is met, its first promise stands.
pub(super) fn taken_up(work: &mut Work<'_>) -> Result<(), Refusal> {
    let at = work.at;
    taken_up_at(work, at)
}

/// The same, for what was done at an earlier moment and is reported now.
pub(super) fn taken_up_at(work: &mut Work<'_>, at: Moment) -> Result<(), Refusal> {
    let by = work.actor()?.clone();
    if work.case.handler.is_none() {
        let head = work.case.unit.as_ref().and_then(|u| work.office.directory.units.get(u)).map(|u| &u.head);
        if head != Some(&by) {
            work.case.handler = Some(by);
        }
    }
    deadline::meet(&mut work.case, DeadlineKind::Start, at, &mut work.effects);
    deadline::freeze_promise(&mut work.case, at);
    if matches!(work.case.state, State::Assigned | State::AwaitingComplainant) {
        work.enter(State::InProgress);
    }
    Ok(())
}

/// Keeps words and form fields in the handling record.
pub(super) fn keep(work: &mut Work<'_>, text: &InternalText, fields: &Fields) -> Result<(), Refusal> {
    let by = work.actor()?.clone();
    if !text.internal().trim().is_empty() {
        let round = work.case.round;
        work.case.handling.push(HandlingNote { at: work.at, by, text: InternalText::new(text.internal().trim()), round });
    }
    for (field, value) in fields {
        // A section that was there and left blank comes empty: it takes nothing away.
        if !value.internal().trim().is_empty() {
            work.case.handling_blank.remove(field);
            work.case.handling_fields.insert(field.clone(), value.clone());
        } else if !work.case.handling_fields.contains_key(field) {
            work.case.handling_blank.insert(field.clone());
        }
    }
    Ok(())
}

/// A half-filled record or an answer that lacks a part is asked about once a round; it holds nothing up (R63, R75).
fn tell_missing(work: &mut Work<'_>, by: &PersonId) {
    let round = work.case.round;
    if work.case.handling_asked >= round || reply_form::lacks(&work.case, &work.office.procedure).nothing() {
        return;
    }
    work.case.handling_asked = round;
    let standing = work.office.directory.standing(by, work.office.day(work.at));
    work.send(Recipient::Person(standing), Letter::FormIncomplete);
}
