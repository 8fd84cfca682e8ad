//! What the office decides once a unit has worked, or once the complainant has judged: 補充, 續辦, 副知, 維持結案, and the
//! 改分 that units settle among themselves (中油 程序(3), 調查(1); R16, R20, R70). `triage` holds what it decides before.

use super::super::approval::{self, Decided, Decision};
use super::super::case::ClosingWay;
use super::super::contact::{Call, CallResult, Callee};
use super::super::directory::SECRETARIAT;
use super::super::effect::{Effect, Letter, Note, Recipient, SentBack};
use super::super::event::Actor;
use super::super::ids::{RoleId, UnitId};
use super::super::refusal::Refusal;
use super::super::state::{Stage, State};
use super::super::text::InternalText;
use super::work::Work;
use super::{deciding, handling};

/// 補充: the step is sent back, the text stays; what the handler adds brings it here again.
pub(super) fn supplement(work: &mut Work<'_>, ask: Option<u32>, text: &InternalText) -> Result<(), Refusal> {
    if text.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let (_, by) = deciding::open_ask(work, ask)?;
    withdraw_asks(work, ask, text)?;
    work.case.supplementing = true;
    work.enter(State::InProgress);
    work.to_handler(Letter::Returned { by, reason: text.clone(), how: SentBack::Supplement });
    Ok(())
}

/// 續辦: something is still to be done, by the unit that has it or by others, before it is answered or after.
pub(super) fn go_on(work: &mut Work<'_>, reason: &InternalText, units: &[UnitId]) -> Result<(), Refusal> {
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    if let Some(unknown) = units.iter().find(|u| !work.office.directory.units.contains_key(u)) {
        return Err(Refusal::Unknown { what: "unit", name: unknown.0.clone() });
    }
    let other = units.iter().find(|u| work.case.unit.as_ref() != Some(u)).cloned();
    work.case.judging = None;
    if work.case.state == State::AwaitingApproval {
        return before_the_answer(work, reason, other.as_ref());
    }
    if let Some(unit) = other {
        work.release_unit();
        work.case.self_handled = false;
        // It leads now, and helps itself no more.
        work.case.co_units.retain(|u| u != &unit);
        work.case.unit = Some(unit);
    }
    work.resume(reason, None);
    Ok(())
}

fn before_the_answer(work: &mut Work<'_>, reason: &InternalText, other: Option<&UnitId>) -> Result<(), Refusal> {
    let by = work.actor()?.clone();
    withdraw_asks(work, None, reason)?;
    handling::keep(work, reason, &super::triage::Fields::new())?;
    match other {
        Some(unit) => {
            work.hand_to(unit);
            work.case.instruction = Some(reason.clone());
            work.to_complainant(Letter::Transfer);
        }
        None => {
            work.enter(State::InProgress);
            let by = work.office.directory.standing(&by, work.office.day(work.at));
            work.to_handler(Letter::Returned { by, reason: reason.clone(), how: SentBack::Continue });
        }
    }
    Ok(())
}

/// The step that this person was asked for is sent back; others that are open count no more.
fn withdraw_asks(work: &mut Work<'_>, ask: Option<u32>, words: &InternalText) -> Result<(), Refusal> {
    let proof = match work.actor {
        Actor::Person { proof, .. } => proof.clone(),
        Actor::System | Actor::Complainant | Actor::Stranger | Actor::Robot => String::new(),
    };
    if let Ok((found, by)) = deciding::open_ask(work, ask) {
        let directory = work.office.directory.edition.clone();
        let decision = Decision { kind: Decided::Returned, by, at: work.at, comment: words.clone(), proof, directory, paper: None };
        approval::record(&mut work.case, found.ask, decision, &mut work.effects);
    }
    approval::supersede(&mut work.case, &mut work.effects);
    Ok(())
}

/// 副知: units read what became of the case; nobody is asked for anything, and nobody hears who complained.
pub(super) fn copy(work: &mut Work<'_>, units: &[UnitId], words: &InternalText) -> Result<(), Refusal> {
    if units.is_empty() {
        return Err(Refusal::UnitMissing);
    }
    if let Some(unknown) = units.iter().find(|u| !work.office.directory.units.contains_key(u)) {
        return Err(Refusal::Unknown { what: "unit", name: unknown.0.clone() });
    }
    for unit in units {
        work.send(Recipient::Unit(unit.clone()), Letter::Copy { words: words.clone() });
    }
    if !words.internal().trim().is_empty() {
        handling::keep(work, words, &super::triage::Fields::new())?;
    }
    settled(work, "copied");
    Ok(())
}

/// The office has read what the complainant says and leaves the case as it is, with a word why.
pub(super) fn let_stand(work: &mut Work<'_>, reason: &InternalText) -> Result<(), Refusal> {
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    if work.case.judging.is_none() {
        return Err(Refusal::Unchanged);
    }
    handling::keep(work, reason, &super::triage::Fields::new())?;
    settled(work, "let_stand");
    Ok(())
}

/// The bad survey that waited for the office waits no more.
fn settled(work: &mut Work<'_>, how: &str) {
    if let Some(round) = work.case.judging.take() {
        work.disarm("triage:");
        work.effects.push(Effect::Tell(Note { kind: format!("judged_{how}"), detail: round.to_string() }));
    }
}

/// 結案 by short message or to nobody, where calls were tried and failed: the office confirms as any answer, and sends the
/// message itself (中油 程序(4)3、4).
pub(super) fn close_by(work: &mut Work<'_>, way: ClosingWay, text: &InternalText) -> Result<(), Refusal> {
    let known = work.office.procedure.closing_ways.contains(&way);
    if !known || matches!(way, ClosingWay::Email | ClosingWay::Phone) {
        return Err(Refusal::NotPossible { state: work.case.state });
    }
    if text.internal().trim().is_empty() {
        return Err(Refusal::TextMissing);
    }
    let round = work.case.round;
    let failed = |c: &Call| c.round == round && c.callee == Callee::Complainant && c.result == CallResult::Failed;
    if !work.case.calls.iter().any(failed) {
        return Err(Refusal::CallFirst);
    }
    if way == ClosingWay::Direct && (work.case.complainant.address.is_some() || !landline(work)) {
        return Err(Refusal::Reachable);
    }
    let author = work.actor()?.clone();
    if work.may_lead() {
        handling::taken_up_at(work, work.at)?;
    }
    work.case.unconfirmed = None;
    let version = handling::add_draft(work, text, &author);
    if let Some(draft) = work.case.drafts.get_mut(&version) {
        draft.way = Some(way);
    }
    work.enter(State::AwaitingApproval);
    let run = approval::begin(&mut work.case, Stage::Answer, Some(version), work.at, work.office, &mut work.effects);
    deciding::go_on(work, run);
    Ok(())
}

/// Whether the one telephone that is known is no mobile one (市話).
fn landline(work: &Work<'_>) -> bool {
    let phone = work.case.record.get("phone").map(|p| p.reveal().chars().filter(char::is_ascii_digit).collect::<String>());
    phone.is_some_and(|digits| digits.starts_with('0') && !digits.starts_with("09"))
}

/// 改分 by the unit that has it: straight to the right one as often as the profile allows, then by way of the office.
pub(super) fn pass_on(work: &mut Work<'_>, unit: &UnitId, reason: &str) -> Result<(), Refusal> {
    // Where the paper lets no unit pass a case on, there is nothing to give a reason for.
    if work.office.procedure.pass_on == 0 {
        return Err(Refusal::NotAllowed { needs: RoleId(SECRETARIAT.to_owned()) });
    }
    let words = InternalText::new(reason.trim());
    if words.internal().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let Some(from) = work.case.unit.clone() else { return Err(Refusal::NotPossible { state: work.case.state }) };
    if !work.office.directory.units.contains_key(unit) {
        return Err(Refusal::Unknown { what: "unit", name: unit.0.clone() });
    }
    if &from == unit {
        return Err(Refusal::Unchanged);
    }
    if work.case.returns >= work.office.procedure.pass_on {
        return handling::give_back_to_office(work, words, Some(unit.clone()));
    }
    handling::keep(work, &words, &super::triage::Fields::new())?;
    work.case.returns += 1;
    work.hand_to(unit);
    work.case.instruction = Some(words.clone());
    work.to_secretariat(&Letter::GivenBack { reason: words, unit: from, to: Some(unit.clone()) });
    work.to_complainant(Letter::Transfer);
    Ok(())
}
