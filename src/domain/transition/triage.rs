//! What the secretariat decides: to whom a complaint goes, that it is none, how urgent it is, what stands on its form (R11, R12, R57).

use std::collections::BTreeMap;

use super::super::approval;
use super::super::case::{Acceptance, HandlingNote};
use super::super::contact::GradeSheet;
use super::super::deadline;
use super::super::directory::SECRETARIAT;
use super::super::effect::{Effect, Letter, Note, Recipient};
use super::super::ids::{PersonId, RoleId, UnitId};
use super::super::personal::Pii;
use super::super::procedure::Secrecy;
use super::super::procedure::StartEvent;
use super::super::refusal::Refusal;
use super::super::state::{DeadlineKind, Outcome, Stage, State};
use super::super::text::{InternalText, PublicText};
use super::notices;
use super::work::Work;

/// The field that names who is complained about, in every profile.
const ACCUSED: &str = "accused";

/// 受理, 追認: confirms the unit that the words named.
pub(super) fn accept(work: &mut Work<'_>) -> Result<(), Refusal> {
    let by = work.actor()?;
    match &work.case.acceptance {
        Acceptance::Preliminary { .. } => {}
        Acceptance::Confirmed { .. } => return Err(Refusal::Unchanged),
        Acceptance::Open => return Err(Refusal::UnitMissing),
    }
    work.confirm_acceptance(by);
    Ok(())
}

/// 分派 and 改分: the case goes to `unit`, and the complainant hears it (R60). `words`: what the office says to the unit, and to nobody else.
pub(super) fn assign(work: &mut Work<'_>, unit: &UnitId, words: &InternalText) -> Result<(), Refusal> {
    let by = work.actor()?;
    if !work.office.directory.units.contains_key(unit) {
        return Err(Refusal::Unknown { what: "unit", name: unit.0.clone() });
    }
    let words = Some(words.internal().trim()).filter(|w| !w.is_empty()).map(InternalText::new);
    if work.case.unit.as_ref() == Some(unit) {
        let accepted = accept(work);
        // It has the case already: the words go there, and are more than the same said once more.
        let (Some(words), Ok(()) | Err(Refusal::Unchanged)) = (words, &accepted) else { return accepted };
        work.case.instruction = Some(words);
        work.to_handler(Letter::Forward);
        return Ok(());
    }
    if let Some(former) = work.case.unit.clone() {
        work.send(Recipient::Unit(former), Letter::TakenAway);
    }
    work.confirm_acceptance(by);
    work.hand_to(unit);
    work.case.instruction = words;
    work.to_complainant(Letter::Transfer);
    Ok(())
}

/// 協辦: further units answer beside the leading one.
pub(super) fn co_assign(work: &mut Work<'_>, units: &[UnitId]) -> Result<(), Refusal> {
    if let Some(unknown) = units.iter().find(|u| !work.office.directory.units.contains_key(u)) {
        return Err(Refusal::Unknown { what: "unit", name: unknown.0.clone() });
    }
    if work.case.sealed {
        return Err(Refusal::Sealed);
    }
    let (before, leading) = (work.case.co_units.len(), work.case.unit.clone());
    for unit in units {
        if leading.as_ref() != Some(unit) && !work.case.co_units.contains(unit) {
            work.case.co_units.push(unit.clone());
            work.send(Recipient::Unit(unit.clone()), Letter::Forward);
        }
    }
    if work.case.co_units.len() == before { Err(Refusal::Unchanged) } else { Ok(()) }
}

/// 承辦: one person works on it; the forward goes to him.
pub(super) fn name_handler(work: &mut Work<'_>, person: &PersonId) -> Result<(), Refusal> {
    if !work.office.directory.people.contains_key(person) {
        return Err(Refusal::Unknown { what: "person", name: person.0.clone() });
    }
    if work.case.accuses(person) {
        return Err(Refusal::Accused);
    }
    // The unit names one of its own; to whom else a case goes is the secretariat's to say.
    let own = work.case.unit.as_ref().and_then(|u| work.office.directory.units.get(u)).is_some_and(|u| u.belongs(person));
    if !own && !work.is_secretariat() {
        return Err(Refusal::NotAllowed { needs: RoleId(SECRETARIAT.to_owned()) });
    }
    if work.case.handler.as_ref() == Some(person) {
        return Err(Refusal::Unchanged);
    }
    work.case.handler = Some(person.clone());
    work.case.unconfirmed = None;
    let standing = work.office.directory.standing(person, work.office.day(work.at));
    work.send(Recipient::Person(standing), Letter::Forward);
    Ok(())
}

/// 自辦: the secretariat handles it itself (K 附件一).
pub(super) fn self_handle(work: &mut Work<'_>) -> Result<(), Refusal> {
    let by = work.actor()?;
    if let Some(former) = work.case.unit.clone() {
        work.send(Recipient::Unit(former), Letter::TakenAway);
    }
    approval::supersede(&mut work.case, &mut work.effects);
    work.release_unit();
    work.confirm_acceptance(by);
    work.case.self_handled = true;
    work.case.handler = Some(by.clone());
    // The office has given the case to itself: what starts at 分文 starts.
    deadline::start(&mut work.case, StartEvent::Assigned, work.at, work.office, &mut work.effects);
    deadline::meet(&mut work.case, DeadlineKind::Start, work.at, &mut work.effects);
    deadline::freeze_promise(&mut work.case, work.at);
    work.enter(State::InProgress);
    let standing = work.office.directory.standing(by, work.office.day(work.at));
    work.send(Recipient::Person(standing), Letter::Forward);
    Ok(())
}

/// 不受理: facts differ; answered in the same thread at once, then sent for closing (K 5.1.2.3).
pub(super) fn reject(work: &mut Work<'_>, text: &str) -> Result<(), Refusal> {
    let text = needed(text)?;
    record(work, text)?;
    leave_unit(work);
    work.to_complainant(Letter::Refusal { text: PublicText::by_the_secretariat(text) });
    work.case.answered_at = Some(work.at);
    work.begin_closing(Outcome::NotAccepted);
    Ok(())
}

/// 轉介: somebody else is competent; the complainant hears who and how (行政程序法 §172).
pub(super) fn refer(work: &mut Work<'_>, agency: &str, contact: &str, text: &str) -> Result<(), Refusal> {
    let agency = agency.trim();
    if agency.is_empty() {
        return Err(Refusal::TextMissing);
    }
    record(work, &format!("{agency}\n{text}"))?;
    leave_unit(work);
    work.to_complainant(Letter::Referral {
        agency: agency.to_owned(),
        contact: contact.to_owned(),
        text: PublicText::by_the_secretariat(text),
    });
    work.case.answered_at = Some(work.at);
    work.begin_closing(Outcome::Referred);
    Ok(())
}

/// 存查: registered and filed on one of the statutory grounds; a named approver agrees (行政程序法 §173).
pub(super) fn no_action(work: &mut Work<'_>, ground: &str) -> Result<(), Refusal> {
    let ground = needed(ground)?;
    record(work, ground)?;
    leave_unit(work);
    work.begin_closing(Outcome::NoAction);
    Ok(())
}

/// 併案: it goes on under another number, and the complainant hears it.
pub(super) fn merge(work: &mut Work<'_>, into: &str) -> Result<(), Refusal> {
    if into == work.case.number {
        return Err(Refusal::Unknown { what: "case", name: into.to_owned() });
    }
    leave_unit(work);
    work.case.links.retain(|l| l != into);
    work.case.links.insert(0, into.to_owned());
    work.case.outcome = Some(Outcome::Merged);
    work.to_complainant(Letter::Merged { into: into.to_owned() });
    work.close();
    Ok(())
}

/// 關聯: two cases know of each other.
pub(super) fn link(work: &mut Work<'_>, number: &str) -> Result<(), Refusal> {
    if number == work.case.number || work.case.links.iter().any(|l| l == number) {
        return Err(Refusal::Unchanged);
    }
    work.case.links.push(number.to_owned());
    Ok(())
}

/// 垃圾: no complaint; closed without a word.
pub(super) fn spam(work: &mut Work<'_>) -> Result<(), Refusal> {
    leave_unit(work);
    work.case.outcome = Some(Outcome::Spam);
    work.close();
    Ok(())
}

/// 撤案: the complainant has taken it back; the closing is approved as any other.
pub(super) fn withdraw(work: &mut Work<'_>, reason: &str) -> Result<(), Refusal> {
    record(work, reason)?;
    leave_unit(work);
    work.begin_closing(Outcome::Withdrawn);
    Ok(())
}

/// 等級: decided on a sheet; the deadlines are computed anew from their start events, the older sheet is kept (R76).
pub(super) fn grade(work: &mut Work<'_>, grade: &str, criteria: &[u32], reason: &InternalText) -> Result<(), Refusal> {
    let Some(found) = work.office.procedure.grade_named(grade) else {
        return Err(Refusal::Unknown { what: "grade", name: grade.to_owned() });
    };
    let mut ticked = Vec::new();
    for number in criteria {
        let place = usize::try_from(*number).ok().and_then(|n| n.checked_sub(1));
        match place.and_then(|n| found.criteria.get(n)) {
            Some(words) => ticked.push(words.clone()),
            None => return Err(Refusal::Unknown { what: "criterion", name: number.to_string() }),
        }
    }
    let same = work.case.grade.as_deref() == Some(found.id.as_str());
    // A person who names the grade that the words gave confirms it; one who adds criteria or a reason fills a new sheet.
    let decided = work.case.grading.last().is_some_and(|s| s.by.is_some() && s.criteria == ticked);
    if same && decided && reason.internal().trim().is_empty() {
        return Err(Refusal::Unchanged);
    }
    let rank = |id: &str| work.office.procedure.grades.iter().position(|g| g.id == id);
    let more_urgent = work.case.grade.as_deref().and_then(rank).is_none_or(|was| rank(&found.id).is_some_and(|is| is < was));
    let by = work.actor()?.clone();
    let reason = InternalText::new(reason.internal().trim());
    work.case.grading.push(GradeSheet { grade: found.id.clone(), criteria: ticked, reason, by: Some(by), at: work.at });
    let before = work.case.grade.replace(found.id.clone()).unwrap_or_default();
    if !same {
        deadline::regrade(&mut work.case, work.office, &mut work.effects);
        work.effects.push(Effect::Tell(Note { kind: "regraded".to_owned(), detail: format!("{before} → {}", found.id) }));
        chain_anew(work);
    }
    if same || more_urgent {
        notices::notify(work);
    }
    Ok(())
}

/// Who approves depends on grade and weight: a chain that runs begins anew.
fn chain_anew(work: &mut Work<'_>) {
    if let Some(chain) = work.case.chain.clone().filter(|c| c.stage != Stage::Closing) {
        let run = approval::begin_again(&mut work.case, chain.stage, chain.draft, work.at, work.office, &mut work.effects);
        super::deciding::go_on(work, run);
    }
}

/// 類別.
pub(super) fn categorise(work: &mut Work<'_>, categories: &[String]) -> Result<(), Refusal> {
    let known = &work.office.procedure.categories;
    if let Some(unknown) = categories.iter().find(|c| !known.is_empty() && !known.contains(c)) {
        return Err(Refusal::Unknown { what: "category", name: unknown.clone() });
    }
    for category in categories {
        if !work.case.categories.contains(category) {
            work.case.categories.push(category.clone());
        }
    }
    Ok(())
}

/// 重大: the chain that is asked is the one for major cases; one that runs begins anew.
pub(super) fn major(work: &mut Work<'_>, on: bool) -> Result<(), Refusal> {
    if work.case.major == on {
        return Err(Refusal::Unchanged);
    }
    work.case.major = on;
    chain_anew(work);
    Ok(())
}

/// 保密.
pub(super) fn confidential(work: &mut Work<'_>, on: bool) -> Result<(), Refusal> {
    if work.case.confidential == on {
        return Err(Refusal::Unchanged);
    }
    work.case.confidential = on;
    if !on {
        work.case.sealed = false;
    } else if work.office.procedure.secrecy == Secrecy::Sealed {
        work.case.sealed = true;
    }
    let kind = if on { "confidential" } else { "secrecy_lifted" };
    work.effects.push(Effect::Tell(Note { kind: kind.to_owned(), detail: String::new() }));
    Ok(())
}

/// 補登: a field of the record form.
pub(super) fn set_field(work: &mut Work<'_>, field: &str, value: &Pii<String>) -> Result<(), Refusal> {
    if field == ACCUSED {
        return super::discretion::set_accused(work, value.reveal());
    }
    // The office says that the person inside a mail that was passed on is the complainant (R59).
    let inside = work.case.passed_on.clone().filter(|p| work.office.procedure.is_address_field(field) && p.names(value.reveal()));
    if let Some(passed) = inside.filter(|_| work.is_secretariat()) {
        super::passed_on::adopt(work, &passed);
        return Ok(());
    }
    let Some(found) = work.office.procedure.fields.iter().find(|f| f.id == field || f.label == field) else {
        if work.office.procedure.is_address_field(field) {
            return set_address(work, value.reveal());
        }
        return Err(Refusal::Unknown { what: "field", name: field.to_owned() });
    };
    match found.id.as_str() {
        "name" => work.case.complainant.name = value.clone(),
        "email" => set_address(work, value.reveal())?,
        _ => {}
    }
    work.case.record.insert(found.id.clone(), value.clone());
    Ok(())
}

/// Where the complainant is written to. Where he wrote from an address of his own, another one is the office's to order (T13).
fn set_address(work: &mut Work<'_>, written: &str) -> Result<(), Refusal> {
    let address = written.trim().to_lowercase();
    let known = work.case.complainant.address.as_ref().map(|a| a.reveal().to_lowercase());
    if known.as_ref() == Some(&address) {
        return Ok(());
    }
    if known.is_some() && !work.is_secretariat() {
        return Err(Refusal::NotAllowed { needs: RoleId(SECRETARIAT.to_owned()) });
    }
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>(),;:\\\"@".contains(&b));
    if !address.split_once('@').is_some_and(|(local, domain)| plain(local) && plain(domain)) {
        return Err(Refusal::Unknown { what: "address", name: written.trim().to_owned() });
    }
    if known.is_some() {
        work.effects.push(Effect::Tell(Note { kind: "address_changed".to_owned(), detail: String::new() }));
    }
    work.case.complainant.address = Some(Pii::new(address));
    Ok(())
}

/// 結案: the secretariat asks for the closing, with its reason.
pub(super) fn close(work: &mut Work<'_>, reason: &InternalText) -> Result<(), Refusal> {
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    // An answer that nobody has is no end (R49); a complaint that nobody answers any more may still be closed.
    if work.case.answer_lost() {
        return Err(Refusal::AnswerUndelivered);
    }
    record(work, reason.internal())?;
    work.begin_closing(Outcome::Resolved);
    Ok(())
}

/// The complainant was told by phone or on paper what the mail did not bring him: it counts as delivered from now on.
pub(super) fn told_otherwise(work: &mut Work<'_>, how: &InternalText) -> Result<(), Refusal> {
    if how.internal().trim().is_empty() {
        return Err(Refusal::TextMissing);
    }
    if !work.case.answer_lost() {
        return Err(Refusal::Unchanged);
    }
    record(work, how.internal())?;
    work.case.answer_arrived();
    if work.case.state == State::Answered {
        super::deciding::await_verdict(work);
    }
    Ok(())
}

fn needed(text: &str) -> Result<&str, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::ReasonMissing) } else { Ok(text) }
}

/// Keeps what the secretariat decided and why in the handling record.
fn record(work: &mut Work<'_>, text: &str) -> Result<(), Refusal> {
    let by = work.actor()?.clone();
    if !matches!(work.case.acceptance, Acceptance::Confirmed { .. }) {
        work.confirm_acceptance(&by);
    }
    let round = work.case.round;
    work.case.handling.push(HandlingNote { at: work.at, by, text: InternalText::new(text.trim()), round });
    Ok(())
}

/// The unit hears that the case is no longer its own.
pub(super) fn leave_unit(work: &mut Work<'_>) {
    approval::supersede(&mut work.case, &mut work.effects);
    if let Some(unit) = work.case.unit.clone() {
        work.send(Recipient::Unit(unit), Letter::TakenAway);
        work.release_unit();
    }
    for unit in work.case.co_units.clone() {
        work.send(Recipient::Unit(unit), Letter::TakenAway);
    }
    work.disarm("triage:");
    work.disarm("confirm:");
}

/// Fields that a mail brought, for the caller who opens a case.
pub(super) type Fields = BTreeMap<String, InternalText>;
