//! Who may know: sealed cases, people who are complained about, released files, 調閱個資 (R10, R79, R89).

use super::super::approval;
use super::super::case::Disclosure;
use super::super::effect::{Effect, Letter, Note, Recipient};
use super::super::ids::PersonId;
use super::super::personal::Pii;
use super::super::procedure::UnitSees;
use super::super::refusal::Refusal;
use super::super::state::State;
use super::super::text::InternalText;
use super::work::Work;

fn tell(work: &mut Work<'_>, kind: &str, detail: &str) {
    work.effects.push(Effect::Tell(Note { kind: kind.to_owned(), detail: detail.to_owned() }));
}

/// 密件, or no longer. A sealed case is confidential as well; lifting the seal keeps the name hidden.
pub(super) fn seal(work: &mut Work<'_>, on: bool) -> Result<(), Refusal> {
    if work.case.sealed == on {
        return Err(Refusal::Unchanged);
    }
    work.case.sealed = on;
    work.case.confidential |= on;
    tell(work, if on { "sealed" } else { "seal_lifted" }, "");
    Ok(())
}

/// 保全, with its reason, or no longer: what is due to go stays as long as it stands (R38).
pub(super) fn hold(work: &mut Work<'_>, why: Option<&InternalText>) -> Result<(), Refusal> {
    if why.is_some_and(|reason| reason.internal().trim().is_empty()) {
        return Err(Refusal::ReasonMissing);
    }
    work.effects.push(Effect::Hold(why.cloned()));
    tell(work, if why.is_some() { "hold_set" } else { "hold_lifted" }, "");
    Ok(())
}

/// Whether somebody who works on the case does not see who complains.
pub(super) fn hidden(work: &Work<'_>) -> bool {
    work.case.confidential || work.office.procedure.unit_sees != UnitSees::Full
}

/// 放行: the files that the complainant sent go to who handles the case, without what they tell beside their contents.
pub(super) fn release_files(work: &mut Work<'_>) -> Result<(), Refusal> {
    if !hidden(work) {
        return Err(Refusal::Unchanged);
    }
    let since = work.case.files_released_at.replace(work.at);
    // While nobody has the case they leave with its forward.
    if work.case.unit.is_some() || work.case.handler.is_some() {
        work.to_handler(Letter::Files { since });
    }
    tell(work, "files_released", "");
    Ok(())
}

/// 調閱個資: whoever allows it hears who asks and why; nobody allows his own request.
pub(super) fn ask_identity(work: &mut Work<'_>, reason: &InternalText) -> Result<(), Refusal> {
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let by = work.actor()?.clone();
    let waits = work.case.disclosures.iter().any(|d| d.is_open() && d.by == by);
    if !hidden(work) || waits || work.case.disclosed_to(&by, work.at) {
        return Err(Refusal::Unchanged);
    }
    let asked = Disclosure { by: by.clone(), reason: reason.clone(), asked_at: work.at, decided_by: None, decided_at: None, until: None };
    work.case.disclosures.push(asked);
    tell(work, "identity_asked", by.as_str());
    let day = work.office.day(work.at);
    let role = work.office.procedure.disclosure.approver.clone();
    for standing in work.office.directory.holders(&role, &work.case, day) {
        if standing.person != by {
            work.send(Recipient::Person(standing), Letter::IdentityAsked { by: by.clone(), reason: reason.clone() });
        }
    }
    Ok(())
}

/// The oldest request that waits, for one who may decide it.
fn open_request(work: &Work<'_>) -> Result<usize, Refusal> {
    let person = work.actor()?;
    let role = &work.office.procedure.disclosure.approver;
    if !work.office.directory.holders(role, &work.case, work.office.day(work.at)).iter().any(|s| &s.person == person) {
        return Err(Refusal::NotAllowed { needs: role.clone() });
    }
    let place = work.case.disclosures.iter().position(Disclosure::is_open).ok_or(Refusal::NothingToDecide)?;
    match work.case.disclosures.get(place) {
        Some(d) if &d.by == person => Err(Refusal::OwnText),
        _ => Ok(place),
    }
}

/// Granted: he sees who it is, for the profile's time.
pub(super) fn grant_identity(work: &mut Work<'_>) -> Result<(), Refusal> {
    let place = open_request(work)?;
    let until =
        work.office.calendar.due(work.at, &work.office.procedure.disclosure.open_for, None).map_err(|_| Refusal::DateNotPossible)?;
    let by = work.actor()?.clone();
    let asked = decide(work, place, &by, Some(until))?;
    tell(work, "identity_granted", asked.as_str());
    let standing = work.office.directory.standing(&asked, work.office.day(work.at));
    // To himself, not to a deputy: he asked, and he answers for it.
    let own = super::super::directory::Standing { person: asked, deputises: None };
    work.send(Recipient::Person(if standing.deputises.is_some() { own } else { standing }), Letter::IdentityShown { until });
    Ok(())
}

/// Not granted; who asked hears why.
pub(super) fn refuse_identity(work: &mut Work<'_>, reason: &InternalText) -> Result<(), Refusal> {
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let place = open_request(work)?;
    let by = work.actor()?.clone();
    let asked = decide(work, place, &by, None)?;
    tell(work, "identity_refused", asked.as_str());
    let standing = work.office.directory.standing(&asked, work.office.day(work.at));
    work.send(Recipient::Person(standing), Letter::IdentityRefused { reason: reason.clone() });
    Ok(())
}

fn decide(work: &mut Work<'_>, place: usize, by: &PersonId, until: Option<crate::calendar::Moment>) -> Result<PersonId, Refusal> {
    let at = work.at;
    let found = work.case.disclosures.get_mut(place).ok_or(Refusal::NothingToDecide)?;
    found.decided_by = Some(by.clone());
    found.decided_at = Some(at);
    found.until = until;
    Ok(found.by.clone())
}

/// 補登 客訴對象: by name, several apart by 、 or a comma; a name that is nobody's of the house is kept in the record alone.
pub(super) fn set_accused(work: &mut Work<'_>, names: &str) -> Result<(), Refusal> {
    if !work.is_secretariat() {
        return Err(Refusal::NotAllowed { needs: super::super::ids::RoleId(super::super::directory::SECRETARIAT.to_owned()) });
    }
    work.case.record.insert("accused".to_owned(), Pii::new(names.trim().to_owned()));
    let named: Vec<PersonId> = names
        .split(['、', ',', '，', ';', '；', '\n'])
        .filter_map(|n| work.office.directory.person_named(n))
        .map(|p| p.id.clone())
        .collect();
    work.case.accused = named;
    keep_off(work);
    Ok(())
}

/// Takes the case out of the hands of who is complained about: handler, open steps, the unit's shared inbox.
fn keep_off(work: &mut Work<'_>) {
    let handles = work.case.handler.clone().filter(|h| work.case.accuses(h));
    if handles.is_some() {
        work.case.handler = None;
    }
    if work.case.unconfirmed.as_ref().is_some_and(|u| work.case.accuses(&u.by)) {
        work.case.unconfirmed = None;
    }
    let held = work.case.unit.clone().is_some_and(|u| !work.office.directory.inbox_may_read(&u, &work.case));
    if (handles.is_some() || held) && matches!(work.case.state, State::Assigned | State::InProgress | State::AwaitingComplainant) {
        work.to_handler(Letter::Forward);
    }
    let accused = work.case.accused.clone();
    ask_others(work, |p| accused.contains(p));
}

/// Asks anew every open step that one of these people was asked to decide.
fn ask_others(work: &mut Work<'_>, gone: impl Fn(&PersonId) -> bool) {
    let touched: Vec<u32> = work
        .case
        .open_asks()
        .filter(|a| a.candidates.is_empty() || a.candidates.iter().any(|c| gone(&c.person) || c.deputises.as_ref().is_some_and(&gone)))
        .map(|a| a.ask)
        .collect();
    for ask in touched {
        approval::look_again(&mut work.case, ask, work.at, work.office, &mut work.effects);
    }
}
