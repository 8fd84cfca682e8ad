//! What comes before the answer: the first promise (承諾) and the preliminary answer (初覆), with its own chain (R28, R58).
//! Neither ends the case.

use super::super::approval;
use super::super::deadline;
use super::super::effect::Letter;
use super::super::procedure::PromiseRule;
use super::super::refusal::Refusal;
use super::super::state::{DeadlineKind, Stage, State};
use super::super::text::InternalText;
use super::work::Work;
use super::{deciding, handling};
use crate::calendar::Moment;

/// 承諾: another date than the standard one, before work starts. The complainant hears it.
pub(super) fn promise(work: &mut Work<'_>, until: Moment) -> Result<(), Refusal> {
    if work.case.started_at.is_some() {
        return Err(Refusal::PromiseStands);
    }
    let Some(running) = work.case.promise().cloned() else { return Err(Refusal::NotPossible { state: work.case.state }) };
    let within = work.office.procedure.promise == PromiseRule::Free || running.standard_at.is_none_or(|standard| until <= standard);
    if until <= work.at || !within {
        return Err(Refusal::DateNotPossible);
    }
    deadline::promise(&mut work.case, running.kind, until, work.office, &mut work.effects);
    if work.case.unit.is_some() || work.case.self_handled {
        work.to_complainant(Letter::Transfer);
    }
    Ok(())
}

/// 初覆: proposed by whoever works on the case, approved by its own chain or the answer's.
pub(super) fn propose(work: &mut Work<'_>, text: &InternalText) -> Result<(), Refusal> {
    if text.internal().trim().is_empty() {
        return Err(Refusal::TextMissing);
    }
    if work.case.running_stage() == Some(Stage::Answer) {
        return Err(Refusal::NotPossible { state: work.case.state });
    }
    handling::taken_up(work)?;
    let author = work.actor()?.clone();
    let version = handling::add_draft(work, text, &author);
    if let Some(draft) = work.case.drafts.get_mut(&version) {
        draft.preliminary = true;
    }
    work.enter(State::AwaitingApproval);
    let run = approval::begin(&mut work.case, Stage::Preliminary, Some(version), work.at, work.office, &mut work.effects);
    deciding::go_on(work, run);
    Ok(())
}

/// Every step has agreed: it leaves, and the case goes on.
pub(super) fn release(work: &mut Work<'_>) {
    let Some(version) = work.case.chain.as_ref().and_then(|c| c.draft) else { return };
    work.case.chain = None;
    if let Some(draft) = work.case.drafts.get_mut(&version) {
        draft.approved = true;
    }
    work.to_complainant(Letter::Preliminary { draft: version });
    for kind in [DeadlineKind::Start, DeadlineKind::FirstResponse, DeadlineKind::Preliminary] {
        deadline::meet(&mut work.case, kind, work.at, &mut work.effects);
    }
    work.enter(State::InProgress);
}
