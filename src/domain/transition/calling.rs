//! 電聯: a call that was made or tried. It closes the tasks of its caller, may be the first response, the answer itself, or the
//! complainant's consent to the closing (R58, R63, R66; 程曦 首次回應, 客戶結案確認).

use std::collections::BTreeMap;

use super::super::approval;
use super::super::case::{HandlingNote, SurveyAnswer};
use super::super::contact::{Call, CallReason, CallResult, Callee};
use super::super::deadline;
use super::super::directory::{HANDLER, UNIT_HEAD};
use super::super::effect::{Effect, Letter, Note, Recipient};
use super::super::ids::{PersonId, RoleId};
use super::super::personal::Pii;
use super::super::refusal::Refusal;
use super::super::state::{DeadlineKind, Satisfaction, Stage, State};
use super::super::text::InternalText;
use super::work::Work;
use super::{complainant, deciding, handling};
use crate::calendar::Moment;

/// A call as it is reported.
pub(super) struct Report<'a> {
    pub at: Moment,
    pub callee: &'a Callee,
    pub result: CallResult,
    pub text: &'a InternalText,
}

/// Somebody reports a call: who works on the case, the office, or whom it was asked of.
pub(super) fn called(work: &mut Work<'_>, report: &Report<'_>) -> Result<(), Refusal> {
    let by = work.actor()?.clone();
    if !(work.may_handle() || work.is_secretariat() || asked(work, &by)) {
        return Err(Refusal::NotAllowed { needs: RoleId(HANDLER.to_owned()) });
    }
    // Nobody calls before there is a case, or in the future.
    let at = report.at.max(work.case.opened_at).min(work.at);
    let round = work.case.round;
    let call = Call { at, by: by.clone(), callee: report.callee.clone(), result: report.result, text: report.text.clone(), round };
    work.case.calls.push(call);
    if !report.text.internal().trim().is_empty() {
        let text = InternalText::new(report.text.internal().trim());
        work.case.handling.push(HandlingNote { at, by: by.clone(), text, round });
    }
    match report.callee {
        Callee::Complainant => {
            // Whom somebody spoke to has heard what a mail did not bring him (R49).
            if report.result != CallResult::Failed {
                work.case.answer_arrived();
            }
            with_complainant(work, report, at)
        }
        Callee::People { people } => {
            tick(work, &by, people, report.result);
            Ok(())
        }
        Callee::Other { .. } => Ok(()),
    }
}

/// Whether this person, or whom he stands in for, is to make a call.
fn asked(work: &Work<'_>, by: &PersonId) -> bool {
    let day = work.office.day(work.at);
    work.case.open_calls().any(|t| {
        let whom = t.caller.deputises.as_ref().unwrap_or(&t.caller.person);
        &t.caller.person == by || whom == by || &work.office.directory.standing(whom, day).person == by
    })
}

/// People of the house were called: who was reached is ticked, and a task whose people all were is done.
fn tick(work: &mut Work<'_>, by: &PersonId, people: &[PersonId], result: CallResult) {
    if result == CallResult::Failed {
        return;
    }
    let (at, office) = (work.at, work.office);
    let mut done = Vec::new();
    let mine = asked(work, by) || work.is_secretariat();
    for task in work.case.call_tasks.iter_mut().filter(|t| t.is_open() && t.reason == CallReason::Notice && mine) {
        let all = people.is_empty();
        let reached = task.people.iter().filter(|p| all || people.contains(p)).cloned().collect::<Vec<_>>();
        task.reached.extend(reached);
        // Who is no longer in the directory cannot be called.
        if task.people.iter().all(|p| task.reached.contains(p) || !office.directory.people.contains_key(p)) {
            task.done_at = Some(at);
            done.push(task.task);
        }
    }
    for task in done {
        work.disarm(&format!("call:{task}:"));
    }
}

fn with_complainant(work: &mut Work<'_>, report: &Report<'_>, at: Moment) -> Result<(), Refusal> {
    if report.result == CallResult::Failed {
        return Ok(());
    }
    work.follow_ups_end();
    let handled = matches!(work.case.state, State::Assigned | State::InProgress | State::AwaitingComplainant | State::AwaitingApproval);
    let ended = matches!(work.case.state, State::Answered | State::Closing | State::Closed);
    if handled && work.may_lead() {
        handling::taken_up_at(work, at)?;
    }
    deadline::meet(&mut work.case, DeadlineKind::FirstResponse, at, &mut work.effects);
    match report.result {
        CallResult::Dissatisfied if awaits_its_word(work) => {
            judged_early(work, Satisfaction::Dissatisfied, report.text, "phone");
            Ok(())
        }
        CallResult::Answered if handled => answered_by_phone(work, report, at),
        CallResult::Consented if handled => {
            judge(work, Satisfaction::Satisfied, report.text);
            answered_by_phone(work, report, at)
        }
        CallResult::Consented if ended => {
            judge(work, Satisfaction::Satisfied, report.text);
            complainant::follow(work, Satisfaction::Satisfied, report.text);
            Ok(())
        }
        CallResult::Dissatisfied if ended => {
            judge(work, Satisfaction::Dissatisfied, report.text);
            complainant::follow(work, Satisfaction::Dissatisfied, report.text);
            Ok(())
        }
        CallResult::Answered | CallResult::Consented | CallResult::Reached | CallResult::Dissatisfied | CallResult::Failed => Ok(()),
    }
}

fn judge(work: &mut Work<'_>, satisfaction: Satisfaction, text: &InternalText) {
    judged(work, satisfaction, text, "phone");
}

fn judged(work: &mut Work<'_>, satisfaction: Satisfaction, text: &InternalText, source: &str) {
    let (round, at) = (work.case.round, work.at);
    let answers = BTreeMap::from([("words".to_owned(), Pii::new(text.internal().to_owned()))]);
    work.case.surveys.retain(|s| s.round != round || s.source != source);
    work.case.surveys.push(SurveyAnswer { round, satisfaction, answers, at, source: source.to_owned() });
}

/// Whether what was said on the telephone is being approved: the complainant has the answer already, and can judge it.
pub(super) fn awaits_its_word(work: &Work<'_>) -> bool {
    spoken(work).is_some()
}

fn spoken(work: &Work<'_>) -> Option<Moment> {
    let chain = work.case.chain.as_ref().filter(|c| c.stage == Stage::Answer && work.case.state == State::AwaitingApproval)?;
    chain.draft.and_then(|v| work.case.drafts.get(&v)).and_then(|d| d.spoken_at)
}

/// The complainant's verdict on it, before everybody has agreed. Not satisfied: it is not the answer after all, and nobody is asked to
/// approve it any more; who works on the case goes on (K 5.1.2.8), in the same round, since nothing was answered yet. Satisfied: it is kept.
pub(super) fn judged_early(work: &mut Work<'_>, verdict: Satisfaction, words: &InternalText, source: &str) {
    if verdict != Satisfaction::Dissatisfied {
        judged(work, verdict, words, source);
        complainant::relay(work, words.clone());
        return;
    }
    let Some(at) = spoken(work) else { return };
    approval::supersede(&mut work.case, &mut work.effects);
    deadline::reopen(&mut work.case, at, work.at, work.office, &mut work.effects);
    let round = work.case.round;
    // What he was taken to have agreed to.
    work.case.surveys.retain(|s| s.round != round || s.at < at);
    work.enter(State::InProgress);
    work.effects.push(Effect::Tell(Note { kind: "dissatisfied".to_owned(), detail: round.to_string() }));
    work.to_secretariat(&Letter::Dissatisfied { words: words.clone() });
    work.to_handler(Letter::Resumed { words: words.clone() });
}

/// The answer was given on the telephone: it counts from that moment, and the profile's chain approves what was said.
fn answered_by_phone(work: &mut Work<'_>, report: &Report<'_>, at: Moment) -> Result<(), Refusal> {
    if !(work.may_lead() || work.is_secretariat()) {
        return Err(Refusal::NotAllowed { needs: RoleId(HANDLER.to_owned()) });
    }
    if report.text.internal().trim().is_empty() {
        return Err(Refusal::TextMissing);
    }
    let author = work.actor()?.clone();
    let version = handling::add_draft(work, report.text, &author);
    if let Some(draft) = work.case.drafts.get_mut(&version) {
        draft.spoken_at = Some(at);
    }
    work.case.unconfirmed = None;
    deadline::meet_all(&mut work.case, at, &mut work.effects);
    work.enter(State::AwaitingApproval);
    let run = approval::begin(&mut work.case, Stage::Answer, Some(version), work.at, work.office, &mut work.effects);
    deciding::go_on(work, run);
    Ok(())
}

/// Who is to call has not reported it.
pub(super) fn waits(work: &mut Work<'_>, task: u32) {
    let Some(open) = work.case.open_calls().find(|t| t.task == task).cloned() else { return };
    let whom = open.caller.deputises.clone().unwrap_or(open.caller.person);
    let standing = work.office.directory.standing(&whom, work.office.day(work.at));
    work.send(Recipient::Person(standing.clone()), Letter::CallTask { task });
    if open.reason != CallReason::FollowUp {
        return;
    }
    // The complainant is not reached: the head of the unit, who would answer for a closing without consent, hears of it (R63).
    for head in work.reminded(&RoleId(UNIT_HEAD.to_owned())) {
        if head.person != standing.person {
            work.send(Recipient::Person(head), Letter::CallTask { task });
        }
    }
}
