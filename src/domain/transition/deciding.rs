//! What an approver decides, and what follows: the next step, the answer, the closing, or the way back (R19, K 5.1.2.6–7).

use super::super::approval::{self, Ask, Decided, Decision, Run, Signed};
use super::super::case::ClosingWay;
use super::super::deadline;
use super::super::directory::Standing;
use super::super::effect::{Effect, Letter, Recipient, SentBack};
use super::super::event::{Actor, Verdict};
use super::super::procedure::{CloseWhen, Silence};
use super::super::refusal::Refusal;
use super::super::state::{Outcome, Satisfaction, Stage, State};
use super::super::text::InternalText;
use super::super::timer::TimerKey;
use super::work::Work;
use super::{handling, preliminary};
use crate::calendar::Moment;

/// One decision: of one person, on one open step, for the text that was shown.
pub(super) fn decide(work: &mut Work<'_>, ask: Option<u32>, verdict: &Verdict) -> Result<(), Refusal> {
    let (ask, by) = open_ask(work, ask)?;
    let author = ask.draft.and_then(|v| work.case.drafts.get(&v)).map(|d| d.author.clone());
    if author.as_ref() == Some(&by.person) {
        return Err(Refusal::OwnText);
    }
    if ask.stage == Stage::Closing && *verdict == Verdict::Approve && work.case.answer_lost() {
        return Err(Refusal::AnswerUndelivered);
    }
    match verdict {
        Verdict::Approve => {
            record(work, &ask, &by, Decided::Approved, &InternalText::default());
            let run = approval::ask_next(&mut work.case, work.at, work.office, &mut work.effects);
            go_on(work, run);
            Ok(())
        }
        Verdict::Return { reason } => send_back(work, &ask, &by, reason),
        Verdict::Edit { text, comment } => edit(work, &ask, &by, text, comment),
    }
}

/// The step that this person may decide, and as whom.
pub(super) fn open_ask(work: &Work<'_>, number: Option<u32>) -> Result<(Ask, Standing), Refusal> {
    let person = work.actor()?;
    let found = match number {
        Some(n) => work.case.asks.iter().find(|a| a.ask == n),
        None => work.case.open_asks().find(|a| a.candidate(person).is_some()),
    };
    let Some(ask) = found else { return Err(Refusal::NothingToDecide) };
    let day = work.office.day(work.at);
    // A deputy may answer what was sent to whom he stands in for, and the principal what was sent to his deputy.
    let standing = ask.candidate(person).cloned().or_else(|| {
        let principal = |c: &&Standing| {
            let whom = c.deputises.as_ref().unwrap_or(&c.person);
            whom == person || &work.office.directory.standing(whom, day).person == person
        };
        ask.candidates.iter().find(principal).map(|c| {
            let whom = c.deputises.clone().unwrap_or_else(|| c.person.clone());
            Standing { person: person.clone(), deputises: (&whom != person).then_some(whom) }
        })
    });
    let Some(standing) = standing else { return Err(Refusal::NothingToDecide) };
    if ask.is_open() { Ok((ask.clone(), standing)) } else { Err(Refusal::AlreadyDecided) }
}

fn record(work: &mut Work<'_>, ask: &Ask, by: &Standing, kind: Decided, comment: &InternalText) {
    decided(work, ask, by, (kind, comment), None);
}

/// What was signed on paper counts as approved by who signed it.
pub(super) fn signed(work: &mut Work<'_>, ask: &Ask, by: &Standing, paper: Signed) {
    decided(work, ask, by, (Decided::Approved, &InternalText::default()), Some(paper));
}

fn decided(work: &mut Work<'_>, ask: &Ask, by: &Standing, (kind, comment): (Decided, &InternalText), paper: Option<Signed>) {
    let proof = match work.actor {
        Actor::Person { proof, .. } => proof.clone(),
        Actor::System | Actor::Complainant | Actor::Stranger | Actor::Robot => String::new(),
    };
    let directory = work.office.directory.edition.clone();
    let decision = Decision { kind, by: by.clone(), at: work.at, comment: comment.clone(), proof, directory, paper };
    approval::record(&mut work.case, ask.ask, decision, &mut work.effects);
}

/// What follows when a chain has moved on.
pub(super) fn go_on(work: &mut Work<'_>, run: Run) {
    if run == Run::Asking {
        return;
    }
    match work.case.running_stage() {
        Some(Stage::Answer) => release(work),
        Some(Stage::Closing) => work.close(),
        Some(Stage::Preliminary) => preliminary::release(work),
        None => {}
    }
}

/// Every step has agreed: the text becomes public, the answer leaves.
fn release(work: &mut Work<'_>) {
    let Some(version) = work.case.chain.as_ref().and_then(|c| c.draft) else { return };
    work.case.chain = None;
    if let Some(draft) = work.case.drafts.get_mut(&version) {
        draft.approved = true;
        // Said on the telephone already: nothing leaves.
        let (spoken, way) = (draft.spoken_at, draft.way);
        if let Some(spoken) = spoken {
            work.case.closing_way = Some(ClosingWay::Phone);
            answered(work, spoken);
            return;
        }
        // By short message, or to nobody: who confirms has seen to it.
        if way.is_some() {
            work.case.closing_way = way;
            let at = work.at;
            answered(work, at);
            return;
        }
    }
    let wait = work.office.recall_seconds;
    let leaves = work.at.plus_seconds(wait);
    if let (true, Some(address)) = (wait > 0, last_approver(work)) {
        work.send(Recipient::Person(address), Letter::DecisionNotice { until: leaves });
    }
    if work.case.complainant.address.is_some() {
        work.case.closing_way = Some(ClosingWay::Email);
        work.effects.push(Effect::OpenSurvey);
        let not_before = (wait > 0).then_some(leaves);
        work.effects.push(Effect::Send { to: Recipient::Complainant, letter: Letter::Answer { draft: version }, not_before });
    }
    let at = work.at;
    answered(work, at);
}

fn last_approver(work: &Work<'_>) -> Option<Standing> {
    work.case.asks.iter().rev().find_map(|a| a.decision.as_ref().map(|d| d.by.clone()))
}

fn answered(work: &mut Work<'_>, at: Moment) {
    work.case.answered_at = Some(at);
    work.case.undelivered.clear();
    deadline::meet_all(&mut work.case, at, &mut work.effects);
    work.enter(State::Answered);
    // To what he was told on the telephone the complainant may have agreed in the same call, or by a mail before it was approved.
    let (round, phone) = (work.case.round, work.case.closing_way == Some(ClosingWay::Phone));
    let before = |source: &str| source == "phone" || phone && source == "mail";
    let agreed = work.case.surveys.iter().any(|s| s.round == round && before(&s.source) && s.satisfaction == Satisfaction::Satisfied);
    if agreed || work.office.procedure.close.when == CloseWhen::WithAnswer {
        work.begin_closing(Outcome::Resolved);
    } else {
        await_verdict(work);
    }
}

/// Silence after an answer means something from some day on, where the profile says so.
pub(super) fn await_verdict(work: &mut Work<'_>) {
    let close = &work.office.procedure.close;
    if close.silence != Silence::Never {
        let length = close.silence_after;
        work.arm_after(TimerKey::Silence, length);
    }
}

/// 退回: back to who wrote it, or, from a closing, to the office.
fn send_back(work: &mut Work<'_>, ask: &Ask, by: &Standing, reason: &InternalText) -> Result<(), Refusal> {
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    record(work, ask, by, Decided::Returned, reason);
    approval::supersede(&mut work.case, &mut work.effects);
    let letter = Letter::Returned { by: by.clone(), reason: reason.clone(), how: SentBack::Anew };
    match ask.stage {
        Stage::Answer | Stage::Preliminary => {
            // What was said on the telephone is not the answer after all: what it met runs on.
            if let Some(spoken) = ask.draft.and_then(|v| work.case.drafts.get(&v)).and_then(|d| d.spoken_at) {
                deadline::reopen(&mut work.case, spoken, work.at, work.office, &mut work.effects);
                work.case.surveys.retain(|s| s.source != "phone" || s.at < spoken);
            }
            work.enter(State::InProgress);
            work.to_handler(letter);
        }
        Stage::Closing => {
            work.case.outcome = None;
            work.to_secretariat(&letter);
            not_closed(work, ask);
        }
    }
    Ok(())
}

/// A closing that was sent back: the case stands again where it stood before, with what was due then.
fn not_closed(work: &mut Work<'_>, ask: &Ask) {
    let answered = work.case.answered_at.is_some_and(|at| at >= work.case.round_at);
    let held = work.case.unit.is_some() || work.case.self_handled;
    if !answered {
        let same = |a: &&Ask| a.stage == Stage::Closing && a.round == ask.round;
        let begun: Vec<Moment> = work.case.asks.iter().filter(same).map(|a| a.asked_at).collect();
        for met in begun {
            deadline::reopen(&mut work.case, met, work.at, work.office, &mut work.effects);
        }
    }
    match (held, answered) {
        (true, true) => {
            work.enter(State::Answered);
            await_verdict(work);
        }
        (true, false) => work.enter(State::InProgress),
        (false, _) => work.await_triage(),
    }
}

/// 修正後發: the changed text is a new version; the steps below the editor see it anew, his own word stands for it.
fn edit(work: &mut Work<'_>, ask: &Ask, by: &Standing, text: &InternalText, comment: &InternalText) -> Result<(), Refusal> {
    if ask.stage == Stage::Closing {
        return Err(Refusal::NotPossible { state: work.case.state });
    }
    if text.internal().trim().is_empty() {
        return Err(Refusal::TextMissing);
    }
    record(work, ask, by, Decided::Edited, comment);
    let version = handling::add_draft(work, text, &by.person);
    if let Some(draft) = work.case.drafts.get_mut(&version) {
        draft.preliminary = ask.stage == Stage::Preliminary;
    }
    approval::restart_below(&mut work.case, version);
    let run = approval::ask_next(&mut work.case, work.at, work.office, &mut work.effects);
    go_on(work, run);
    Ok(())
}

/// 撤銷: the last approver calls an answer back that has not left; his step is open again.
pub(super) fn recall(work: &mut Work<'_>) -> Result<(), Refusal> {
    let person = work.actor()?;
    let last = work.case.asks.iter().rev().find(|a| a.stage == Stage::Answer && a.decision.is_some()).cloned();
    let Some(ask) = last.filter(|a| a.decision.as_ref().is_some_and(|d| &d.by.person == person)) else {
        return Err(Refusal::NothingToDecide);
    };
    let waits = |at: &Moment| work.at < at.plus_seconds(work.office.recall_seconds);
    let (Some(version), Some(answered)) = (ask.draft, work.case.answered_at.filter(waits)) else { return Err(Refusal::TooLate) };
    work.effects.push(Effect::Withhold { draft: version });
    work.case.answered_at = None;
    work.case.outcome = None;
    if let Some(closed) = work.case.closed_at.take()
        && let Some(held) = work.case.holding.last_mut().filter(|h| h.to == Some(closed))
    {
        held.to = None;
    }
    if let Some(draft) = work.case.drafts.get_mut(&version) {
        draft.approved = false;
    }
    deadline::reopen(&mut work.case, answered, work.at, work.office, &mut work.effects);
    work.disarm("silence");
    work.enter(State::AwaitingApproval);
    // The steps before him have agreed to this very text; only his own word is open again.
    let run = approval::reopen(&mut work.case, &ask, work.at, work.office, &mut work.effects);
    go_on(work, run);
    Ok(())
}
