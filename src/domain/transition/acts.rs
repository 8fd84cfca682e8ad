//! What people of the directory do: who may, in which state, and which file does it. The exhaustive table.

use std::collections::BTreeMap;

use super::super::case::{Acceptance, ClosingWay};
use super::super::contact::{CallResult, Callee};
use super::super::directory::{HANDLER, SECRETARIAT};
use super::super::event::{Act, Verdict};
use super::super::ids::{PersonId, RoleId, UnitId};
use super::super::refusal::Refusal;
use super::super::state::{Stage, State};
use super::super::text::InternalText;
use super::work::Work;
use super::{calling, deciding, discretion, handling, office, paper, preliminary, triage, urging};
use crate::calendar::Moment;

/// Who may do an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Right {
    Secretariat,
    /// The unit's people, or whom the case was given to.
    Handling,
    /// The leading unit's people alone: a co-handling unit adds to the record.
    Leading,
    /// The unit's people or the secretariat.
    Both,
    /// The leading unit's people or the secretariat.
    LeadingOrOffice,
    /// The secretariat or the head of the unit.
    OfficeOrHead,
    /// Judged by the act itself.
    Own,
}

const OPEN: &[State] = &[State::Triage, State::Assigned, State::InProgress, State::AwaitingComplainant, State::AwaitingApproval];
const WORKED: &[State] = &[State::Assigned, State::InProgress, State::AwaitingComplainant, State::AwaitingApproval];
const ENDED: &[State] = &[State::Answered, State::Closing, State::Closed];
const LIVE: &[State] = &[
    State::Triage,
    State::Assigned,
    State::InProgress,
    State::AwaitingComplainant,
    State::AwaitingApproval,
    State::Answered,
    State::Closing,
];

/// Before anybody is asked to close it.
const NOT_CLOSING: &[State] =
    &[State::Triage, State::Assigned, State::InProgress, State::AwaitingComplainant, State::AwaitingApproval, State::Answered];
/// Somebody's work is waited for, so he can be urged.
const WAITED_FOR: &[State] = &[State::Assigned, State::InProgress, State::AwaitingComplainant, State::AwaitingApproval, State::Closing];
/// What was done may not be enough: before the answer leaves, or after.
const CONTINUED: &[State] = &[State::AwaitingApproval, State::Answered, State::Closing, State::Closed];
/// A question makes sense: no answer is on its way yet.
const ASKABLE: &[State] = &[State::Triage, State::Assigned, State::InProgress, State::AwaitingComplainant];

/// Who may do it, and in which states.
const fn rule(act: &Act) -> (Right, &'static [State]) {
    match act {
        // A pending 追認 holds nothing up, so it may come after the answer.
        Act::Accept => (Right::Secretariat, LIVE),
        Act::Assign { .. } | Act::SelfHandle | Act::Reject { .. } | Act::Refer { .. } | Act::NoAction { .. } => (Right::Secretariat, OPEN),
        Act::Spam | Act::Merge { .. } | Act::Grade { .. } | Act::CoAssign { .. } => (Right::Secretariat, OPEN),
        Act::Major { .. } | Act::Confidential { .. } | Act::Sealed { .. } => (Right::Secretariat, LIVE),
        Act::ReleaseFiles => (Right::Secretariat, LIVE),
        Act::Hold { .. } | Act::Unhold { .. } => (Right::Secretariat, &State::ALL),
        Act::AskIdentity { .. } => (Right::Handling, &State::ALL),
        // Who allows it is the profile's.
        Act::GrantIdentity | Act::RefuseIdentity { .. } => (Right::Own, &State::ALL),
        Act::Withdraw { .. } => (Right::Secretariat, NOT_CLOSING),
        Act::Urge => (Right::Secretariat, WAITED_FOR),
        Act::Link { .. } | Act::Category { .. } => (Right::Secretariat, &State::ALL),
        Act::RefuseExtension { .. } => (Right::Own, WORKED),
        Act::Set { .. } => (Right::Both, &State::ALL),
        // Without consent it is the office or the unit's head who answers for it, with the reason (R63).
        Act::Close { .. } => (Right::OfficeOrHead, &[State::AwaitingComplainant, State::Answered]),
        Act::Continue { .. } => (Right::Secretariat, CONTINUED),
        Act::TellOtherwise { .. } => (Right::LeadingOrOffice, ENDED),
        Act::LetStand { .. } => (Right::Secretariat, &[State::Answered, State::Closed]),
        Act::CloseBy { .. } => (Right::LeadingOrOffice, WORKED),
        Act::Copy { .. } => (Right::Secretariat, &State::ALL),
        Act::PassOn { .. } => (Right::Leading, WORKED),
        Act::Supplement { .. } => (Right::Own, &[State::AwaitingApproval]),
        Act::Handler { .. } => (Right::LeadingOrOffice, WORKED),
        Act::Start | Act::Preliminary { .. } => (Right::Leading, WORKED),
        Act::Promise { .. } => (Right::LeadingOrOffice, OPEN),
        // Whoever was asked to call may report it; judged by the act itself.
        Act::Call { .. } => (Right::Own, &State::ALL),
        Act::GiveBack { .. } => (Right::Handling, WORKED),
        Act::Note { .. } => (Right::Both, LIVE),
        Act::Propose { .. } | Act::ConfirmDraft => (Right::Leading, WORKED),
        Act::AskComplainant { .. } => (Right::Both, ASKABLE),
        Act::Extend { .. } => (Right::Both, OPEN),
        Act::Decide { .. } => (Right::Own, &[State::AwaitingApproval, State::Closing]),
        Act::Recall => (Right::Own, ENDED),
        Act::EnterPaper { .. } => (Right::Secretariat, &[State::AwaitingApproval, State::Closing]),
        Act::ConfirmPaper { .. } | Act::RefusePaper { .. } => (Right::Own, &[State::AwaitingApproval, State::Closing]),
    }
}

/// Does the act, or says why not.
pub(super) fn perform(work: &mut Work<'_>, act: &Act) -> Result<(), Refusal> {
    work.actor()?;
    let (right, states) = rule(act);
    let role = |id: &str| Refusal::NotAllowed { needs: RoleId(id.to_owned()) };
    match right {
        Right::Secretariat if !work.is_secretariat() => return Err(role(SECRETARIAT)),
        Right::Handling if !work.may_handle() => return Err(role(HANDLER)),
        Right::Leading if !work.may_lead() => return Err(role(HANDLER)),
        Right::Both if !(work.may_handle() || work.is_secretariat()) => return Err(role(HANDLER)),
        Right::LeadingOrOffice if !(work.may_lead() || work.is_secretariat()) => return Err(role(HANDLER)),
        Right::OfficeOrHead if !(work.is_head() || work.is_secretariat()) => return Err(role(SECRETARIAT)),
        Right::Secretariat | Right::Handling | Right::Leading | Right::Both | Right::LeadingOrOffice | Right::OfficeOrHead | Right::Own => {
        }
    }
    if !states.contains(&work.case.state) {
        return Err(late(work, act));
    }
    done(work, act)
}

/// A decision that comes after its step has gone is told apart from one that never was asked for.
fn late(work: &Work<'_>, act: &Act) -> Refusal {
    match act {
        Act::Decide { ask: Some(_), .. } | Act::ConfirmPaper { .. } => Refusal::AlreadyDecided,
        _ => Refusal::NotPossible { state: work.case.state },
    }
}

fn done(work: &mut Work<'_>, act: &Act) -> Result<(), Refusal> {
    match act {
        Act::Accept => triage::accept(work),
        Act::Assign { unit, words } => triage::assign(work, unit, words),
        Act::CoAssign { units } => triage::co_assign(work, units),
        Act::Handler { person } => triage::name_handler(work, person),
        Act::SelfHandle => triage::self_handle(work),
        Act::Reject { text } => triage::reject(work, text),
        Act::Refer { agency, contact, text } => triage::refer(work, agency, contact, text),
        Act::NoAction { ground } => triage::no_action(work, ground),
        Act::Merge { into } => triage::merge(work, into),
        Act::Link { number } => triage::link(work, number),
        Act::Spam => triage::spam(work),
        Act::Withdraw { reason } => triage::withdraw(work, reason),
        Act::Grade { grade, criteria, reason } => triage::grade(work, grade, criteria, reason),
        Act::Category { categories } => triage::categorise(work, categories),
        Act::Major { on } => triage::major(work, *on),
        Act::Confidential { on } => triage::confidential(work, *on),
        Act::Sealed { on } => discretion::seal(work, *on),
        Act::ReleaseFiles => discretion::release_files(work),
        Act::Hold { reason } => discretion::hold(work, Some(reason)),
        Act::Unhold { .. } => discretion::hold(work, None),
        Act::AskIdentity { reason } => discretion::ask_identity(work, reason),
        Act::GrantIdentity => discretion::grant_identity(work),
        Act::RefuseIdentity { reason } => discretion::refuse_identity(work, reason),
        Act::Set { field, value } => triage::set_field(work, field, value),
        Act::Urge => urging::urge(work),
        Act::Close { reason } => triage::close(work, reason),
        Act::Continue { reason, units } => office::go_on(work, reason, units),
        Act::TellOtherwise { how } => triage::told_otherwise(work, how),
        Act::LetStand { reason } => office::let_stand(work, reason),
        Act::CloseBy { way, text } => office::close_by(work, *way, text),
        Act::Copy { units, words } => office::copy(work, units, words),
        Act::PassOn { unit, reason } => office::pass_on(work, unit, reason),
        Act::Supplement { ask, text } => office::supplement(work, *ask, text),
        Act::Start => handling::start(work),
        Act::Promise { until } => preliminary::promise(work, *until),
        Act::Preliminary { text } => preliminary::propose(work, text),
        Act::Call { at, callee, result, text } => calling::called(work, &calling::Report { at: *at, callee, result: *result, text }),
        Act::GiveBack { reason } => handling::give_back(work, reason),
        Act::Note { text, fields, reads_like_answer } => handling::note(work, text, fields, *reads_like_answer),
        Act::Propose { text, handling: record, fields } => handling::propose(work, text, record, fields),
        Act::ConfirmDraft => handling::confirm_draft(work),
        Act::AskComplainant { text } => handling::ask_complainant(work, text),
        Act::Extend { until, reason } => handling::extend(work, *until, reason),
        Act::RefuseExtension { reason } => handling::refuse_extension(work, reason),
        Act::Decide { ask, verdict } => deciding::decide(work, *ask, verdict),
        Act::Recall => deciding::recall(work),
        Act::EnterPaper { ask, signer, on, scan } => paper::enter(work, *ask, signer, *on, scan),
        Act::ConfirmPaper { ask } => paper::confirm(work, *ask),
        Act::RefusePaper { ask, reason } => paper::refuse(work, *ask, reason),
    }
}

/// Which acts this person could do now, by name, for the answer to one that was refused.
pub(super) fn possible(work: &Work<'_>) -> Vec<&'static str> {
    samples().iter().filter(|act| may(work, act)).map(Act::name).collect()
}

fn may(work: &Work<'_>, act: &Act) -> bool {
    let (right, states) = rule(act);
    let allowed = match right {
        Right::Secretariat => work.is_secretariat(),
        Right::Handling => work.may_handle(),
        Right::Leading => work.may_lead(),
        Right::Both => work.may_handle() || work.is_secretariat(),
        Right::LeadingOrOffice => work.may_lead() || work.is_secretariat(),
        Right::OfficeOrHead => work.is_head() || work.is_secretariat(),
        Right::Own if matches!(act, Act::Call { .. }) => work.may_handle() || work.is_secretariat(),
        Right::Own => work.case.open_asks().any(|a| work.person().is_some_and(|p| a.candidate(p).is_some())),
    };
    let fits = if matches!(act, Act::Accept) {
        matches!(work.case.acceptance, Acceptance::Preliminary { .. })
    } else if matches!(act, Act::AskIdentity { .. }) {
        discretion::hidden(work)
    } else if matches!(act, Act::LetStand { .. }) {
        work.case.judging.is_some()
    } else if matches!(act, Act::CloseBy { .. }) {
        work.office.procedure.closing_ways.contains(&ClosingWay::Sms)
    } else if matches!(act, Act::PassOn { .. }) {
        work.case.unit.is_some() && work.office.procedure.pass_on > 0
    } else if matches!(act, Act::Extend { .. }) {
        work.case.promise().is_some()
    } else if matches!(act, Act::Promise { .. }) {
        work.case.started_at.is_none() && work.case.promise().is_some()
    } else if matches!(act, Act::Preliminary { .. }) {
        work.case.running_stage() != Some(Stage::Answer)
    } else {
        !matches!(act, Act::GiveBack { .. }) || work.case.unit.is_some()
    };
    allowed && fits && states.contains(&work.case.state)
}

/// One of each act that people think of when they ask what they can do.
fn samples() -> Vec<Act> {
    let none = InternalText::default;
    let unit = || UnitId(String::new());
    let text = String::new;
    vec![
        Act::Accept,
        Act::Assign { unit: unit(), words: none() },
        Act::SelfHandle,
        Act::Reject { text: text() },
        Act::Refer { agency: text(), contact: text(), text: text() },
        Act::NoAction { ground: text() },
        Act::Merge { into: text() },
        Act::Spam,
        Act::Withdraw { reason: text() },
        Act::Decide { ask: None, verdict: Verdict::Approve },
        Act::Decide { ask: None, verdict: Verdict::Return { reason: none() } },
        Act::Start,
        Act::Promise { until: Moment::from_unix(0) },
        Act::Preliminary { text: none() },
        Act::Call { at: Moment::from_unix(0), callee: Callee::Complainant, result: CallResult::Reached, text: none() },
        Act::Propose { text: none(), handling: none(), fields: BTreeMap::new() },
        Act::Note { text: none(), fields: BTreeMap::new(), reads_like_answer: false },
        Act::AskComplainant { text: text() },
        Act::Extend { until: Moment::from_unix(0), reason: none() },
        Act::GiveBack { reason: text() },
        Act::AskIdentity { reason: none() },
        Act::Hold { reason: none() },
        Act::Urge,
        Act::Recall,
        Act::EnterPaper { ask: 0, signer: PersonId(String::new()), on: jiff::civil::Date::ZERO, scan: text() },
        Act::Close { reason: none() },
        Act::Continue { reason: none(), units: Vec::new() },
        Act::Supplement { ask: None, text: none() },
        Act::PassOn { unit: unit(), reason: text() },
        Act::Copy { units: Vec::new(), words: none() },
        Act::LetStand { reason: none() },
        Act::CloseBy { way: ClosingWay::Sms, text: none() },
    ]
}
