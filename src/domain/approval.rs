//! Approval chains: which steps a text must pass, who is asked, what one decision brings about (R19, R72; KMU 4.2, 5.1.2.6).
//! One decision counts once, for exactly the text that was shown; nobody approves his own words.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::directory::{SECRETARIAT, Standing, UNIT_HEAD};
use super::effect::{Effect, Letter, Note, Recipient};
use super::ids::{PersonId, RoleId};
use super::office::Office;
use super::procedure::StepRule;
use super::state::Stage;
use super::text::InternalText;
use super::timer::TimerKey;
use crate::calendar::Moment;

/// A chain that runs over one text (or over the closing).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainRun {
    /// Before the answer or before the closing.
    pub stage: Stage,
    /// The text's version; none for a closing.
    pub draft: Option<u32>,
    /// Its steps in order.
    pub steps: Vec<PlannedStep>,
}

/// A step of a running chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// What the paper calls it.
    pub title: String,
    /// Its act on the button, where the paper has its own.
    pub label: Option<String>,
    /// Which signature cell of the handling form it fills.
    pub stamp: Option<String>,
    /// Any holder of any of these decides.
    pub any_of: Vec<RoleId>,
    /// 閱 or 悉 fulfils it.
    #[serde(default)]
    pub seen: bool,
    /// How far it is.
    pub progress: Progress,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Not asked yet.
    Waiting,
    /// Asked: the number of the ask.
    Open(u32),
    /// Agreed.
    Done,
    /// Nobody but the author could have decided.
    Skipped,
}

/// A decision that somebody is or was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Numbers the asks of a case from 1; the action token carries it.
    pub ask: u32,
    /// Before the answer or before the closing.
    pub stage: Stage,
    /// The round.
    pub round: u32,
    /// The text's version.
    pub draft: Option<u32>,
    /// SHA-256 of the text that was shown.
    pub sha256: Option<String>,
    /// The step's place in its chain, from 1.
    pub step: u32,
    /// What the paper calls the step.
    pub title: String,
    /// Which signature cell of the handling form it fills.
    pub stamp: Option<String>,
    /// 閱 or 悉 fulfils it.
    #[serde(default)]
    pub seen: bool,
    /// Who may decide.
    pub candidates: Vec<Standing>,
    /// When it was asked.
    pub asked_at: Moment,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Another text or round took its place before anybody decided.
    pub superseded: bool,
    /// A decision on paper that was entered and waits for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<Paper>,
}

/// A decision that was signed on paper, as the office entered it (R78).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Who signed.
    pub signed_by: Standing,
    /// On which day.
    pub signed_on: Date,
    /// Who entered it.
    pub entered_by: PersonId,
    /// When.
    pub entered_at: Moment,
    /// SHA-256 of the scan, of each file where there are several.
    pub scan: String,
    /// SHA-256 of the text that was signed.
    pub sha256: Option<String>,
}

/// What stands behind a decision on paper (紙本核定).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The day on which it was signed.
    pub on: Date,
    /// Who entered it.
    pub entered_by: PersonId,
    /// Who confirmed it.
    pub confirmed_by: PersonId,
    /// SHA-256 of the scan.
    pub scan: String,
}

/// A decision, as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// `approved`, `returned`, `edited`.
    pub kind: Decided,
    /// Who, and for whom.
    pub by: Standing,
    /// When.
    pub at: Moment,
    /// What he said.
    pub comment: InternalText,
    /// How it was proved that it was he.
    pub proof: String,
    /// By which directory he was entitled to (`Directory::edition`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub directory: String,
    /// It was signed on paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<Signed>,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// 核准.
    Approved,
    /// 退回.
    Returned,
    /// 修正後發.
    Edited,
}

impl Ask {
    /// Whether somebody still has to decide.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.decision.is_none() && !self.superseded
    }

    /// As whom `person` may decide it.
    #[must_use]
    pub fn candidate(&self, person: &PersonId) -> Option<&Standing> {
        self.candidates.iter().find(|c| &c.person == person)
    }
}

/// What remains after a chain moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// Somebody is asked.
    Asking,
    /// Every step has agreed.
    Complete,
}

/// The note, and the reminder to the office, when nobody but the author could approve a text.
pub(super) const NO_APPROVER: &str = "no_approver";

/// Starts the profile's chain for `stage` and asks the first step.
pub(super) fn begin(case: &mut Case, stage: Stage, draft: Option<u32>, at: Moment, office: &Office, effects: &mut Vec<Effect>) -> Run {
    plan(case, stage, draft, office, effects);
    ask_next(case, at, office, effects)
}

/// Starts the chain anew because the case has become another one (重大, or no longer). What was decided on the same text
/// stands where the new chain has a step of the same roles.
pub(super) fn begin_again(
    case: &mut Case,
    stage: Stage,
    draft: Option<u32>,
    at: Moment,
    office: &Office,
    effects: &mut Vec<Effect>,
) -> Run {
    let mut agreed: Vec<Vec<RoleId>> = case
        .chain
        .iter()
        .filter(|c| c.stage == stage && c.draft == draft)
        .flat_map(|c| &c.steps)
        .filter(|s| s.progress == Progress::Done)
        .map(|s| s.any_of.clone())
        .collect();
    plan(case, stage, draft, office, effects);
    for step in case.chain.iter_mut().flat_map(|c| &mut c.steps) {
        if let Some(place) = agreed.iter().position(|roles| *roles == step.any_of) {
            agreed.remove(place);
            step.progress = Progress::Done;
        }
    }
    ask_next(case, at, office, effects)
}

/// Asks the step of `ask` once more, and those after it; the steps before it have agreed to the same text.
pub(super) fn reopen(case: &mut Case, ask: &Ask, at: Moment, office: &Office, effects: &mut Vec<Effect>) -> Run {
    plan(case, ask.stage, ask.draft, office, effects);
    let before = usize::try_from(ask.step.saturating_sub(1)).unwrap_or(0);
    for place in 0..before {
        mark(case, place, Progress::Done);
    }
    ask_next(case, at, office, effects)
}

fn plan(case: &mut Case, stage: Stage, draft: Option<u32>, office: &Office, effects: &mut Vec<Effect>) {
    supersede(case, effects);
    let rules: &[StepRule] = office.procedure.chain_of(stage, case).map_or(&[], |chain| chain.steps.as_slice());
    let planned = |rule: &StepRule| PlannedStep {
        title: rule.title.clone(),
        label: rule.label.clone(),
        stamp: rule.stamp.clone(),
        any_of: rule.any_of.clone(),
        seen: rule.seen,
        progress: Progress::Waiting,
    };
    case.chain = Some(ChainRun { stage, draft, steps: rules.iter().map(planned).collect() });
}

/// Takes back what is open: its asks count no more.
pub(super) fn supersede(case: &mut Case, effects: &mut Vec<Effect>) {
    case.chain = None;
    for ask in case.asks.iter_mut().filter(|a| a.is_open()) {
        ask.superseded = true;
    }
    effects.push(Effect::Disarm("approval:".to_owned()));
}

/// Asks the first step that has not decided; steps that nobody but the text's author could decide are passed over. A text
/// that all steps would pass over goes to somebody above them: it never leaves on its author's word alone.
pub(super) fn ask_next(case: &mut Case, at: Moment, office: &Office, effects: &mut Vec<Effect>) -> Run {
    loop {
        let Some(chain) = &case.chain else { return Run::Complete };
        let Some(place) = chain.steps.iter().position(|s| s.progress == Progress::Waiting) else {
            return if passed_over(chain) { ask_higher(case, at, office, effects) } else { Run::Complete };
        };
        let Some(step) = chain.steps.get(place) else { return Run::Complete };
        let candidates = candidates(case, step, at, office);
        let named = Named { title: step.title.clone(), stamp: step.stamp.clone(), seen: step.seen };
        if candidates.is_empty() {
            mark(case, place, Progress::Skipped);
            effects.push(Effect::Tell(Note { kind: "step_skipped".to_owned(), detail: named.title }));
            continue;
        }
        open(case, place, named, candidates, at, office, effects);
        return Run::Asking;
    }
}

/// Whether there were steps, and nobody has agreed at any of them.
fn passed_over(chain: &ChainRun) -> bool {
    !chain.steps.is_empty() && chain.steps.iter().all(|s| s.progress == Progress::Skipped)
}

/// Asks whoever stands above a chain of which nobody could decide, in the place of its last step. Where there is nobody at all,
/// the text waits: the office hears so now and each time the question is asked again ([`look_again`]).
fn ask_higher(case: &mut Case, at: Moment, office: &Office, effects: &mut Vec<Effect>) -> Run {
    let Some((place, step)) = case.chain.as_ref().and_then(|c| c.steps.iter().enumerate().next_back()) else { return Run::Complete };
    let named = Named { title: step.title.clone(), stamp: step.stamp.clone(), seen: step.seen };
    let found = higher(case, at, office);
    let nobody = found.is_empty();
    open(case, place, named, found, at, office, effects);
    if nobody {
        waits_for_nobody(case, at, office, effects);
    }
    Run::Asking
}

/// Who stands above the chain: the first holders of a step of the profile's other chains of this stage, else the office's
/// other people, else the head of the unit.
fn higher(case: &Case, at: Moment, office: &Office) -> Vec<Standing> {
    let stage = case.chain.as_ref().map_or(Stage::Answer, |c| c.stage);
    let others = office.procedure.chains.iter().filter(|c| c.stage == stage).flat_map(|c| &c.steps).map(|s| s.any_of.clone());
    let last = [SECRETARIAT, UNIT_HEAD].map(|role| vec![RoleId(role.to_owned())]);
    others.chain(last).map(|roles| may_decide(case, &roles, at, office)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Asks anew who could approve a text that waits for nobody. Gives whether somebody was found.
pub(super) fn look_again(case: &mut Case, ask: u32, at: Moment, office: &Office, effects: &mut Vec<Effect>) -> bool {
    let roles = case.chain.as_ref().and_then(|c| c.steps.iter().find(|s| s.progress == Progress::Open(ask))).map(|s| s.any_of.clone());
    let Some(roles) = roles else { return true };
    let mut found = may_decide(case, &roles, at, office);
    if found.is_empty() {
        found = higher(case, at, office);
    }
    if found.is_empty() {
        waits_for_nobody(case, at, office, effects);
        return false;
    }
    for standing in &found {
        effects.push(Effect::Send { to: Recipient::Person(standing.clone()), letter: Letter::ApprovalRequest { ask }, not_before: None });
    }
    if let Some(open) = case.asks.iter_mut().find(|a| a.ask == ask) {
        open.candidates = found;
    }
    true
}

/// Whether somebody who was asked for an open step has left, or may no longer decide it. An absence that has begun or ended since makes
/// nobody's right less.
#[must_use]
pub fn outdated(case: &Case, ask: &Ask, at: Moment, office: &Office) -> bool {
    let people = &office.directory.people;
    let principal = |s: &Standing| s.deputises.clone().unwrap_or_else(|| s.person.clone());
    if ask.candidates.iter().any(|c| !people.contains_key(&c.person) || !people.contains_key(&principal(c))) {
        return true;
    }
    let steps = case.chain.as_ref().map_or(&[][..], |c| c.steps.as_slice());
    let Some(step) = steps.iter().find(|s| s.progress == Progress::Open(ask.ask)) else { return false };
    let mut found = may_decide(case, &step.any_of, at, office);
    if found.is_empty() {
        found = higher(case, at, office);
    }
    let may: Vec<PersonId> = found.iter().map(principal).collect();
    ask.candidates.iter().any(|c| !may.contains(&principal(c)))
}

fn waits_for_nobody(case: &Case, at: Moment, office: &Office, effects: &mut Vec<Effect>) {
    effects.push(Effect::Tell(Note { kind: NO_APPROVER.to_owned(), detail: case.number.clone() }));
    for standing in office.directory.office_of(case, office.day(at)) {
        let letter = Letter::DecisionWaits { what: NO_APPROVER.to_owned(), ask: None };
        effects.push(Effect::Send { to: Recipient::Person(standing), letter, not_before: None });
    }
}

fn candidates(case: &Case, step: &PlannedStep, at: Moment, office: &Office) -> Vec<Standing> {
    may_decide(case, &step.any_of, at, office)
}

/// The holders of any of the roles who did not write the text.
fn may_decide(case: &Case, roles: &[RoleId], at: Moment, office: &Office) -> Vec<Standing> {
    let day = office.day(at);
    let author = case.chain.as_ref().and_then(|c| c.draft).and_then(|v| case.drafts.get(&v)).map(|d| &d.author);
    let mut found: Vec<Standing> = office.directory.any_holders(roles, case, day);
    found.retain(|standing| Some(&standing.person) != author);
    found.sort();
    found.dedup_by(|a, b| a.person == b.person);
    found
}

/// What the paper says of a step that is asked.
struct Named {
    title: String,
    stamp: Option<String>,
    seen: bool,
}

fn open(case: &mut Case, place: usize, named: Named, candidates: Vec<Standing>, at: Moment, office: &Office, effects: &mut Vec<Effect>) {
    let number = case.asks.iter().map(|a| a.ask).max().unwrap_or(0) + 1;
    let (stage, draft) = case.chain.as_ref().map_or((Stage::Answer, None), |c| (c.stage, c.draft));
    let sha256 = draft.and_then(|v| case.drafts.get(&v)).map(|d| d.sha256.clone());
    mark(case, place, Progress::Open(number));
    for standing in &candidates {
        effects.push(Effect::Send {
            to: Recipient::Person(standing.clone()),
            letter: Letter::ApprovalRequest { ask: number },
            not_before: None,
        });
    }
    if let Ok(when) = office.calendar.due(at, &office.procedure.urge.approval, None) {
        effects.push(Effect::Arm(TimerKey::Approval { ask: number, times: 0 }, when));
    }
    let step = u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1);
    let round = case.round;
    case.asks.push(Ask {
        ask: number,
        stage,
        round,
        draft,
        sha256,
        step,
        title: named.title,
        stamp: named.stamp,
        seen: named.seen,
        candidates,
        asked_at: at,
        decision: None,
        superseded: false,
        paper: None,
    });
}

fn mark(case: &mut Case, place: usize, progress: Progress) {
    if let Some(step) = case.chain.as_mut().and_then(|c| c.steps.get_mut(place)) {
        step.progress = progress;
    }
}

/// Writes a decision to its ask and marks the step.
pub(super) fn record(case: &mut Case, ask: u32, decision: Decision, effects: &mut Vec<Effect>) {
    let agreed = decision.kind != Decided::Returned;
    if let Some(found) = case.asks.iter_mut().find(|a| a.ask == ask) {
        found.decision = Some(decision);
    }
    let place = case.chain.as_ref().and_then(|c| c.steps.iter().position(|s| s.progress == Progress::Open(ask)));
    if let (Some(place), true) = (place, agreed) {
        mark(case, place, Progress::Done);
    }
    effects.push(Effect::Disarm(format!("approval:{ask}:")));
}

/// A changed text: the steps below the editor are asked anew, his own word stands, those above him follow.
pub(super) fn restart_below(case: &mut Case, draft: u32) {
    let Some(chain) = &mut case.chain else { return };
    chain.draft = Some(draft);
    let editor = chain.steps.iter().rposition(|s| s.progress == Progress::Done).unwrap_or(0);
    for step in chain.steps.iter_mut().take(editor) {
        step.progress = Progress::Waiting;
    }
}
