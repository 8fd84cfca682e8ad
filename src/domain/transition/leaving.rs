//! People who left the house or their unit, lost a role or changed their address (R81): they lose their part at once, and nothing waits
//! for them. Asked by `transition`; who that is, the desk finds out by comparing two directories (`desk/leaving.rs`).

use super::super::approval;
use super::super::contact::CallReason;
use super::super::directory::Standing;
use super::super::effect::{Effect, Letter, Note, Recipient};
use super::super::ids::{PersonId, RoleId, UnitId};
use super::super::state::State;
use super::handling;
use super::work::Work;

fn tell(work: &mut Work<'_>, kind: &str, detail: &str) {
    work.effects.push(Effect::Tell(Note { kind: kind.to_owned(), detail: detail.to_owned() }));
}

/// The directory is another one.
pub(super) fn directory_changed(
    work: &mut Work<'_>,
    left: &[PersonId],
    moved: &[(PersonId, UnitId)],
    readdressed: &[PersonId],
    roles: &[RoleId],
) {
    let gone = |p: &PersonId, unit: Option<&UnitId>| left.contains(p) || moved.iter().any(|(m, u)| m == p && Some(u) == unit);
    work.case.co_units.retain(|u| work.office.directory.units.contains_key(u));
    let unit = work.case.unit.clone();
    if unit.as_ref().is_some_and(|u| !work.office.directory.units.contains_key(u)) {
        work.release_unit();
        tell(work, "unit_gone", unit.as_ref().map_or("", |u| u.as_str()));
        if matches!(work.case.state, State::Assigned | State::InProgress | State::AwaitingComplainant) {
            work.to_secretariat(&Letter::Triage { reason: "unit_gone".to_owned() });
            work.await_triage();
        }
    }
    if let Some(handler) = work.case.handler.clone().filter(|h| gone(h, unit.as_ref())) {
        work.case.handler = None;
        work.case.unconfirmed = None;
        tell(work, "handler_gone", handler.as_str());
        if work.case.self_handled {
            work.case.self_handled = false;
            work.to_secretariat(&Letter::Triage { reason: "handler_gone".to_owned() });
            work.await_triage();
        } else {
            handed_on(work);
        }
    }
    if let Some(handler) = work.case.handler.clone().filter(|h| readdressed.contains(h) && !work.case.self_handled && is_open(work)) {
        let standing = work.office.directory.standing(&handler, work.office.day(work.at));
        work.send(Recipient::Person(standing), Letter::Forward);
    }
    ask_others(work, readdressed);
    others_call(work, readdressed);
    asked_again(work, roles);
}

fn is_open(work: &Work<'_>) -> bool {
    matches!(work.case.state, State::Assigned | State::InProgress | State::AwaitingComplainant | State::AwaitingApproval)
}

/// To the head of the unit, by name: he passes it on.
fn handed_on(work: &mut Work<'_>) {
    let (Some(unit), true) = (work.case.unit.clone(), is_open(work)) else { return };
    match work.office.directory.in_charge(&unit, &work.case, work.office.day(work.at)) {
        Some(standing) => work.send(Recipient::Person(standing), Letter::Forward),
        None => work.to_secretariat(&Letter::Triage { reason: "handler_gone".to_owned() }),
    }
}

/// Asks anew every open step that waits for somebody who may no longer decide it, or waits in a mailbox that nobody reads. Who was
/// asked before and still may decide is not asked twice.
fn ask_others(work: &mut Work<'_>, readdressed: &[PersonId]) {
    let away = |c: &Standing| readdressed.contains(&c.person);
    let stale: Vec<(u32, Vec<Standing>)> = work
        .case
        .open_asks()
        .filter(|a| a.candidates.is_empty() || a.candidates.iter().any(away) || approval::outdated(&work.case, a, work.at, work.office))
        .map(|a| (a.ask, a.candidates.clone()))
        .collect();
    for (ask, before) in stale {
        let mut effects = Vec::new();
        approval::look_again(&mut work.case, ask, work.at, work.office, &mut effects);
        let asked = |e: &Effect| match e {
            Effect::Send { to: Recipient::Person(s), letter: Letter::ApprovalRequest { .. }, .. } => before.contains(s) && !away(s),
            Effect::Send { .. }
            | Effect::Arm(..)
            | Effect::Disarm(_)
            | Effect::OpenSurvey
            | Effect::Withhold { .. }
            | Effect::Tell(_)
            | Effect::Hold(_)
            | Effect::Sms { .. } => false,
        };
        work.effects.extend(effects.into_iter().filter(|e| !asked(e)));
    }
}

/// Calls that somebody who is gone was to make are made by who is in charge; nobody is called who is gone.
fn others_call(work: &mut Work<'_>, readdressed: &[PersonId]) {
    let (day, at, office) = (work.office.day(work.at), work.at, work.office);
    let there = |p: &PersonId| office.directory.people.contains_key(p);
    let head = work.case.unit.clone().and_then(|u| office.directory.in_charge(&u, &work.case, day));
    let next = head.or_else(|| office.directory.office_of(&work.case, day).into_iter().next());
    let mut asked = Vec::new();
    for task in work.case.call_tasks.iter_mut().filter(|t| t.is_open()) {
        task.people.retain(|p| there(p));
        if task.reason == CallReason::Notice && task.people.iter().all(|p| task.reached.contains(p)) {
            task.done_at = Some(at);
            continue;
        }
        let whom = task.caller.deputises.clone().unwrap_or_else(|| task.caller.person.clone());
        if !there(&whom) || !there(&task.caller.person) {
            let Some(next) = next.clone() else { continue };
            task.caller = next;
        } else if !readdressed.contains(&task.caller.person) {
            continue;
        }
        asked.push((task.caller.clone(), task.task));
    }
    for (caller, task) in asked {
        work.send(Recipient::Person(caller), Letter::CallTask { task });
    }
    let done: Vec<u32> = work.case.call_tasks.iter().filter(|t| t.done_at == Some(at)).map(|t| t.task).collect();
    for task in done {
        work.disarm(&format!("call:{task}:"));
    }
}

/// Requests that wait for a role which somebody lost are laid before who holds it now.
fn asked_again(work: &mut Work<'_>, roles: &[RoleId]) {
    if work.case.extension_asked.is_some() && roles.contains(&work.office.procedure.extension.approver) {
        for standing in handling::approvers(work) {
            work.send(Recipient::Person(standing), Letter::ExtensionAsked);
        }
    }
    let approver = work.office.procedure.disclosure.approver.clone();
    let open: Vec<_> = work.case.disclosures.iter().filter(|d| d.is_open()).map(|d| (d.by.clone(), d.reason.clone())).collect();
    if open.is_empty() || !roles.contains(&approver) {
        return;
    }
    let holders = work.office.directory.holders(&approver, &work.case, work.office.day(work.at));
    for (by, reason) in open {
        for standing in holders.iter().filter(|s| s.person != by) {
            work.send(Recipient::Person(standing.clone()), Letter::IdentityAsked { by: by.clone(), reason: reason.clone() });
        }
    }
}
