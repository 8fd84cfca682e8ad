//! The notice matrix: who hears of a case of which grade, by mail, short message or a call that somebody is asked to make (R66).
//! Called when a case is graded or handed over; nobody is told twice of one grade by one means.

use super::super::contact::{CallReason, CallTask};
use super::super::directory::{HANDLER, SECRETARIAT, Standing, UNIT_HEAD};
use super::super::effect::{Effect, Letter, Recipient};
use super::super::ids::{PersonId, RoleId};
use super::super::procedure::Means;
use super::super::timer::TimerKey;
use super::work::Work;

/// Tells whom the matrix names for the case's grade and who has not been told.
pub(super) fn notify(work: &mut Work<'_>) {
    let grade = work.case.grade.clone();
    let office = work.office;
    for (rule, notice) in (0_u32..).zip(&office.procedure.notices) {
        let fits = notice.grades.is_empty() || grade.as_ref().is_some_and(|g| notice.grades.contains(g));
        if !fits {
            continue;
        }
        let mut people: Vec<Standing> = Vec::new();
        let whom: Vec<Standing> = notice.to.iter().flat_map(|role| told(work, role)).collect();
        for standing in whom {
            let key = format!("{}|{}|{}", grade.as_deref().unwrap_or_default(), notice.by.name(), standing.person.as_str());
            if work.case.noticed.insert(key) {
                people.push(standing);
            }
        }
        match notice.by {
            Means::Mail => people.into_iter().for_each(|to| work.send(Recipient::Person(to), Letter::Notice { rule })),
            Means::Sms => {
                let reached =
                    |s: &Standing| office.sms && office.directory.people.get(&s.person).is_some_and(|p| !p.phone.trim().is_empty());
                let (by_sms, by_call): (Vec<_>, Vec<_>) = people.into_iter().partition(reached);
                work.effects.extend(by_sms.into_iter().map(|to| Effect::Sms { to, rule }));
                let caller = notice.caller.clone().unwrap_or_else(|| RoleId(SECRETARIAT.to_owned()));
                ask_to_call(work, &caller, by_call.into_iter().map(|s| s.person).collect(), CallReason::Notice);
            }
            Means::Phone => {
                let caller = notice.caller.clone().unwrap_or_else(|| RoleId(SECRETARIAT.to_owned()));
                ask_to_call(work, &caller, people.into_iter().map(|s| s.person).collect(), CallReason::Notice);
            }
        }
    }
}

/// The holders of a role, deputies in their place. A role that nobody holds hears nothing: the office knows already.
fn told(work: &Work<'_>, role: &RoleId) -> Vec<Standing> {
    let held = matches!(role.as_str(), UNIT_HEAD | HANDLER) || !work.office.directory.with_role(role).is_empty();
    if held { work.office.directory.holders(role, &work.case, work.office.day(work.at)) } else { Vec::new() }
}

/// Asks the first holder of `caller` to call `people` of the house, or, for a follow-up, the complainant.
pub(super) fn ask_to_call(work: &mut Work<'_>, caller: &RoleId, mut people: Vec<PersonId>, reason: CallReason) {
    let day = work.office.day(work.at);
    let mut callers = work.office.directory.holders(caller, &work.case, day);
    if callers.is_empty() {
        callers = work.office.directory.secretariat(day);
    }
    let Some(caller) = callers.into_iter().next() else { return };
    people.retain(|p| p != &caller.person);
    if people.is_empty() && reason == CallReason::Notice {
        return;
    }
    let task = work.case.call_tasks.iter().map(|t| t.task).max().unwrap_or(0) + 1;
    work.case.call_tasks.push(CallTask {
        task,
        caller: caller.clone(),
        reason,
        people,
        reached: std::collections::BTreeSet::new(),
        asked_at: work.at,
        done_at: None,
    });
    work.send(Recipient::Person(caller), Letter::CallTask { task });
    let urge = &work.office.procedure.urge;
    let length = urge.call.unwrap_or(urge.approval);
    work.arm_after(TimerKey::Call { task, times: 0 }, length);
}
