//! Deadlines of a case: started by an event, met or missed, started anew by a round or another grade (R25, R26, R67).
//! Arithmetic is the calendar's; lengths are the profile's.

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::effect::{Effect, Note};
use super::office::Office;
use super::procedure::{DeadlineRule, StartEvent};
use super::state::DeadlineKind;
use super::timer::TimerKey;
use crate::calendar::Moment;

/// One clock of one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// What is due.
    pub kind: DeadlineKind,
    /// In which round.
    pub round: u32,
    /// When it started.
    pub started_at: Moment,
    /// When it is due; none while the calendar has no data for the year.
    pub due_at: Option<Moment>,
    /// When it was due before any extension.
    pub standard_at: Option<Moment>,
    /// The first promise: fixed when work starts, never changed after it (R28).
    #[serde(default)]
    pub promised_at: Option<Moment>,
    /// When it was met.
    pub met_at: Option<Moment>,
}

impl Deadline {
    /// Whether it was or is missed, as seen at `now`.
    #[must_use]
    pub fn missed(&self, now: Moment) -> bool {
        self.due_at.is_some_and(|due| self.met_at.unwrap_or(now) > due)
    }
}

/// Starts every clock of the profile (and grade) that `start` starts, in the present round.
pub(super) fn start(case: &mut Case, start: StartEvent, at: Moment, office: &Office, effects: &mut Vec<Effect>) {
    let rules: Vec<DeadlineRule> = office.procedure.deadlines_for(case.grade.as_deref()).filter(|r| r.start == start).cloned().collect();
    for rule in rules {
        set(case, &rule, at, office, effects);
    }
}

/// Another grade: every clock that ran is computed anew from its own start event.
pub(super) fn regrade(case: &mut Case, office: &Office, effects: &mut Vec<Effect>) {
    let rules: Vec<DeadlineRule> = office.procedure.deadlines_for(case.grade.as_deref()).cloned().collect();
    let started: Vec<(DeadlineKind, Moment)> =
        case.deadlines.iter().filter(|d| d.round == case.round).map(|d| (d.kind, d.started_at)).collect();
    let promised: Vec<(DeadlineKind, Moment)> =
        case.deadlines.iter().filter(|d| d.round == case.round).filter_map(|d| Some((d.kind, d.promised_at?))).collect();
    let round = case.round;
    case.deadlines.retain(|d| d.round != round || d.met_at.is_some());
    for kind in [DeadlineKind::Start, DeadlineKind::FirstResponse, DeadlineKind::Preliminary, DeadlineKind::Answer, DeadlineKind::Closing] {
        disarm(kind, effects);
    }
    for rule in rules {
        let begun = started.iter().find(|(kind, _)| *kind == rule.kind).map(|(_, at)| *at);
        let from = match rule.start {
            StartEvent::Received => Some(begun.unwrap_or(case.round_at)),
            StartEvent::Accepted | StartEvent::Assigned => begun.or_else(|| case.holding.last().map(|h| h.from)),
        };
        if let Some(from) = from {
            set(case, &rule, from, office, effects);
        }
    }
    // Work has started: what was promised first stays what was promised first.
    for (kind, at) in promised.into_iter().filter(|_| case.started_at.is_some()) {
        if let Some(deadline) = case.deadlines.iter_mut().find(|d| d.round == round && d.kind == kind) {
            deadline.promised_at = Some(at);
        }
    }
}

fn set(case: &mut Case, rule: &DeadlineRule, at: Moment, office: &Office, effects: &mut Vec<Effect>) {
    if case.deadlines.iter().any(|d| d.kind == rule.kind && d.round == case.round) {
        return;
    }
    let reckoned = match (rule.cut_off, &rule.late) {
        (Some(hour), Some(late)) => match office.calendar.past_cut_off(at, hour) {
            Ok(true) => office.calendar.due(at, late, None),
            Ok(false) => office.calendar.due(at, &rule.length, None),
            Err(missing) => Err(missing),
        },
        (cut_off, _) => office.calendar.due(at, &rule.length, cut_off),
    };
    let due_at = match reckoned {
        Ok(due) => Some(due),
        Err(missing) => {
            effects.push(Effect::Tell(Note { kind: "calendar_missing".to_owned(), detail: missing.to_string() }));
            None
        }
    };
    let due_at = due_at.map(|due| passed_on_earlier(case, rule.kind, due, office));
    case.deadlines.push(Deadline {
        kind: rule.kind,
        round: case.round,
        started_at: at,
        due_at,
        standard_at: due_at,
        promised_at: None,
        met_at: None,
    });
    if let Some(due) = due_at {
        arm(rule.kind, due, office, effects);
    }
}

/// Who passed the complaint on set a date of his own (限辦日期): of the two by which the case is to be done the earlier one governs (R59).
/// A date that had passed when the mail came is shown and moves nothing.
fn passed_on_earlier(case: &Case, kind: DeadlineKind, due: Moment, office: &Office) -> Moment {
    let limit = case.passed_on.as_ref().filter(|_| case.round == 1).and_then(|p| p.due_at).filter(|at| *at > case.opened_at);
    let answers = office.procedure.deadlines_for(case.grade.as_deref()).any(|r| r.kind == DeadlineKind::Answer);
    let done_by = if answers { DeadlineKind::Answer } else { DeadlineKind::Closing };
    match limit {
        Some(limit) if kind == done_by => limit.min(due),
        Some(_) | None => due,
    }
}

/// Sets a new date for a running deadline (an extension).
pub(super) fn extend(case: &mut Case, kind: DeadlineKind, until: Moment, office: &Office, effects: &mut Vec<Effect>) {
    let round = case.round;
    if let Some(deadline) = case.deadlines.iter_mut().find(|d| d.kind == kind && d.round == round) {
        deadline.due_at = Some(until);
        disarm(kind, effects);
        arm(kind, until, office, effects);
    }
}

/// Work starts: the first promise of this round is the date that now holds, and stays it (R28).
pub(super) fn freeze_promise(case: &mut Case, at: Moment) {
    if case.started_at.is_some() {
        return;
    }
    case.started_at = Some(at);
    let round = case.round;
    for deadline in case.deadlines.iter_mut().filter(|d| d.round == round) {
        deadline.promised_at = deadline.promised_at.or(deadline.due_at);
    }
}

/// Another first promise, before work starts.
pub(super) fn promise(case: &mut Case, kind: DeadlineKind, until: Moment, office: &Office, effects: &mut Vec<Effect>) {
    let round = case.round;
    if let Some(deadline) = case.deadlines.iter_mut().find(|d| d.kind == kind && d.round == round) {
        deadline.promised_at = Some(until);
    }
    extend(case, kind, until, office, effects);
}

/// Marks a deadline of this round as met, once.
pub(super) fn meet(case: &mut Case, kind: DeadlineKind, at: Moment, effects: &mut Vec<Effect>) {
    let round = case.round;
    if let Some(deadline) = case.deadlines.iter_mut().find(|d| d.kind == kind && d.round == round && d.met_at.is_none()) {
        deadline.met_at = Some(at);
        disarm(kind, effects);
    }
}

/// What an answer meets: everything but the closing.
const BEFORE_CLOSING: [DeadlineKind; 4] =
    [DeadlineKind::Start, DeadlineKind::FirstResponse, DeadlineKind::Preliminary, DeadlineKind::Answer];

/// Marks every deadline of this round but the closing's as met.
pub(super) fn meet_all(case: &mut Case, at: Moment, effects: &mut Vec<Effect>) {
    for kind in BEFORE_CLOSING {
        meet(case, kind, at, effects);
    }
}

/// What was met at `met` is not met after all (an answer called back, a closing sent back): it runs on, with the reminders
/// that are still to come.
pub(super) fn reopen(case: &mut Case, met: Moment, at: Moment, office: &Office, effects: &mut Vec<Effect>) {
    let round = case.round;
    let mut running = Vec::new();
    for deadline in case.deadlines.iter_mut().filter(|d| d.round == round && d.met_at == Some(met) && d.kind != DeadlineKind::Start) {
        deadline.met_at = None;
        running.extend(deadline.due_at.map(|due| (deadline.kind, due)));
    }
    for (kind, due) in running {
        let mut arms = Vec::new();
        arm(kind, due, office, &mut arms);
        effects.extend(arms.into_iter().filter(|e| matches!(e, Effect::Arm(_, when) if *when > at)));
    }
}

/// The deadline of this round that is still to be met.
pub(super) fn running(case: &Case, kind: DeadlineKind) -> Option<&Deadline> {
    case.deadlines.iter().find(|d| d.kind == kind && d.round == case.round && d.met_at.is_none())
}

fn arm(kind: DeadlineKind, due: Moment, office: &Office, effects: &mut Vec<Effect>) {
    for (rule, reminder) in (0_u32..).zip(&office.procedure.reminders).filter(|(_, r)| r.deadline == kind) {
        let at = match (&reminder.before, &reminder.after) {
            (Some(before), _) => office.calendar.before(due, before),
            (None, Some(after)) => office.calendar.due(due, after, None),
            (None, None) => Ok(due),
        };
        if let Ok(at) = at {
            effects.push(Effect::Arm(TimerKey::Reminder { kind, rule }, at));
        }
    }
    effects.push(Effect::Arm(TimerKey::Passed { kind }, due.plus_seconds(1)));
}

fn disarm(kind: DeadlineKind, effects: &mut Vec<Effect>) {
    effects.push(Effect::Disarm(format!("reminder:{}:", kind.name())));
    effects.push(Effect::Disarm(format!("passed:{}", kind.name())));
}
