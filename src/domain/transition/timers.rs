//! What time brings about: reminders before, at and after a deadline, urging of decisions, the end of silence (R22, R27).
//! A timer that comes too late finds nothing to do and does nothing.

use super::super::approval;
use super::super::case::Acceptance;
use super::super::contact::CallReason;
use super::super::deadline;
use super::super::directory::{HANDLER, SECRETARIAT, Standing};
use super::super::effect::{Effect, Letter, Note, Recipient};
use super::super::ids::RoleId;
use super::super::procedure::Silence;
use super::super::state::{DeadlineKind, Outcome, State};
use super::super::text::PublicText;
use super::super::timer::TimerKey;
use super::urging;
use super::work::Work;
use super::{calling, notices};

/// A timer is due.
pub(super) fn due(work: &mut Work<'_>, key: &TimerKey) {
    match key {
        TimerKey::Reminder { kind, rule } => remind(work, *kind, *rule),
        TimerKey::Passed { kind } => passed(work, *kind),
        TimerKey::Approval { ask, times } => approval_waits(work, *ask, *times),
        TimerKey::Triage { times } => {
            let what = if work.case.judging.is_some() { "judging" } else { "triage" };
            if work.case.state == State::Triage || work.case.judging.is_some() {
                work.to_secretariat(&Letter::DecisionWaits { what: what.to_owned(), ask: None });
                again(work, *times, |times| TimerKey::Triage { times });
            }
        }
        TimerKey::Confirm { times } => {
            if matches!(work.case.acceptance, Acceptance::Preliminary { .. }) && work.case.state != State::Closed {
                work.to_secretariat(&Letter::DecisionWaits { what: "confirm".to_owned(), ask: None });
                again(work, *times, |times| TimerKey::Confirm { times });
            }
        }
        TimerKey::Silence => silence(work),
        TimerKey::Call { task, times } => {
            calling::waits(work, *task);
            if work.case.open_calls().any(|t| t.task == *task) {
                again(work, *times, |times| TimerKey::Call { task: *task, times });
            }
        }
        TimerKey::Escalation { times } => {
            if work.case.escalation_open && work.case.promise().is_some() {
                demand(work);
                again(work, *times, |times| TimerKey::Escalation { times });
            }
        }
        TimerKey::Delay => delayed(work),
    }
}

fn remind(work: &mut Work<'_>, kind: DeadlineKind, rule: u32) {
    let Some(due_at) = deadline::running(&work.case, kind).and_then(|d| d.due_at) else { return };
    let rules = &work.office.procedure.reminders;
    let Some(reminder) = usize::try_from(rule).ok().and_then(|i| rules.get(i)) else { return };
    let mut told = Vec::new();
    if reminder.to.iter().all(|role| work.reminded(role).is_empty()) {
        // Nobody has the case yet: the office that is to give it to somebody hears.
        work.to_secretariat(&Letter::Reminder { kind, due_at });
    }
    for role in &reminder.to {
        for standing in work.reminded(role) {
            let step = urging::worked(work);
            // Who was urged by hand today has heard it.
            let urged = reminder.after.is_none() && urging::today(work, &step, &standing.person);
            if !urged && !told.contains(&standing.person) {
                told.push(standing.person.clone());
                urging::booked(work, step, standing.person.clone());
                work.send(Recipient::Person(standing), Letter::Reminder { kind, due_at });
            }
        }
    }
}

fn passed(work: &mut Work<'_>, kind: DeadlineKind) {
    if deadline::running(&work.case, kind).is_none() {
        return;
    }
    work.effects.push(Effect::Tell(Note { kind: "overdue".to_owned(), detail: kind.name().to_owned() }));
    if work.case.promise().is_none_or(|d| d.kind != kind) {
        return;
    }
    // The promise in force is broken: that counts, each time (R64). It stops neither answer nor closing.
    work.case.escalations += 1;
    if let Some(rule) = &work.office.procedure.escalation {
        work.case.escalation_open = true;
        demand(work);
        work.arm_after(TimerKey::Escalation { times: 0 }, rule.urge);
    }
}

/// A new date with its reason is demanded of who works on it, before those who are brought in.
fn demand(work: &mut Work<'_>) {
    let Some(rule) = &work.office.procedure.escalation else { return };
    let Some((kind, due_at)) = work.case.promise().and_then(|d| Some((d.kind, d.due_at?))) else { return };
    let mut told: Vec<Standing> = Vec::new();
    for role in std::iter::once(&RoleId(HANDLER.to_owned())).chain(&rule.to) {
        for standing in work.reminded(role) {
            if !told.iter().any(|t| t.person == standing.person) {
                told.push(standing);
            }
        }
    }
    let letter = Letter::EscalationDemanded { kind, due_at };
    if told.is_empty() {
        work.to_secretariat(&letter);
    }
    for standing in told {
        work.send(Recipient::Person(standing), letter.clone());
    }
}

/// So long without a conclusion: the complainant is told why, and again after as long (R67).
fn delayed(work: &mut Work<'_>) {
    let ended = matches!(work.case.state, State::Answered | State::Closing | State::Closed);
    let Some(length) = work.office.procedure.delay_told.filter(|_| !ended) else { return };
    let reason = work.case.extended.as_ref().map(|e| PublicText::by_the_secretariat(e.reason.internal()));
    work.to_complainant(Letter::DelayReason { reason });
    work.effects.push(Effect::Tell(Note { kind: "delay_told".to_owned(), detail: String::new() }));
    work.arm_after(TimerKey::Delay, length);
}

fn approval_waits(work: &mut Work<'_>, ask: u32, times: u32) {
    let Some(open) = work.case.open_asks().find(|a| a.ask == ask).cloned() else { return };
    if open.candidates.is_empty() {
        // Nobody could be asked: looked for again for as long as it takes.
        approval::look_again(&mut work.case, ask, work.at, work.office, &mut work.effects);
        work.arm_after(TimerKey::Approval { ask, times: 0 }, work.office.procedure.urge.approval);
        return;
    }
    let day = work.office.day(work.at);
    let step = urging::asked(ask);
    for candidate in open.candidates {
        let whom = candidate.deputises.clone().unwrap_or(candidate.person);
        let standing = work.office.directory.standing(&whom, day);
        // Who was urged by hand today has heard it.
        if urging::today(work, &step, &standing.person) {
            continue;
        }
        urging::booked(work, step.clone(), standing.person.clone());
        work.send(Recipient::Person(standing), Letter::DecisionWaits { what: "approval".to_owned(), ask: Some(ask) });
    }
    again(work, times, |times| TimerKey::Approval { ask, times });
}

/// Urges again later, as often as the profile says.
fn again(work: &mut Work<'_>, times: u32, key: impl Fn(u32) -> TimerKey) {
    let urge = &work.office.procedure.urge;
    if times + 1 >= urge.times {
        return;
    }
    let key = key(times + 1);
    let length = match key {
        TimerKey::Approval { .. } => urge.approval,
        TimerKey::Triage { .. } => urge.triage,
        TimerKey::Confirm { .. } => urge.confirm,
        TimerKey::Call { .. } => urge.call.unwrap_or(urge.approval),
        TimerKey::Escalation { .. } => match &work.office.procedure.escalation {
            Some(rule) => rule.urge,
            None => return,
        },
        TimerKey::Reminder { .. } | TimerKey::Passed { .. } | TimerKey::Silence | TimerKey::Delay => return,
    };
    work.arm_after(key, length);
}

/// Nobody has said anything: the profile knows what that means. An answer that never arrived met no silence.
fn silence(work: &mut Work<'_>) {
    if work.case.state != State::Answered {
        return;
    }
    if work.case.answer_lost() {
        work.effects.push(Effect::Tell(Note { kind: "answer_undelivered".to_owned(), detail: String::new() }));
        return;
    }
    match work.office.procedure.close.silence {
        Silence::Close => work.begin_closing(Outcome::Resolved),
        Silence::Call => {
            work.effects.push(Effect::Tell(Note { kind: "call_complainant".to_owned(), detail: String::new() }));
            let office = RoleId(SECRETARIAT.to_owned());
            notices::ask_to_call(work, &office, Vec::new(), CallReason::FollowUp);
        }
        Silence::Never => {}
    }
}
