//! Whatever happens in whatever order: people of every role do every act at odd moments, complainants write, timers fire late.
//! After each step the case is one that an office could explain, and the same events make the same case again.

use std::collections::BTreeMap;

use proptest::prelude::*;
use redress::calendar::Moment;
use redress::domain::approval::Progress;
use redress::domain::state::{Stage, State};
use redress::domain::timer::TimerKey;
use redress::domain::{Act, Actor, Case, Effect, Event, EventKind, Letter, Office, Step, Verdict, transition};

use crate::support::office::{act, complaint, hour, kmu, opened};
use crate::transitions::{acts, events};

const EVERYBODY: [&str; 8] = ["wang", "chen", "lin", "wu", "huang", "lee", "hsu", "tsai"];

/// One thing that happens.
#[derive(Debug, Clone)]
enum Move {
    /// Somebody does the n-th act.
    Deed { who: usize, which: usize },
    /// Whoever is asked decides: approves, returns or edits.
    Decide { verdict: u8 },
    /// The n-th event without anybody of the house.
    Event { which: usize },
    /// The next timer fires.
    Timer,
}

fn moves() -> impl Strategy<Value = Vec<(Move, i64)>> {
    let one = prop_oneof![
        4 => (0..EVERYBODY.len(), 0..64_usize).prop_map(|(who, which)| Move::Deed { who, which }),
        3 => (0..6_u8).prop_map(|verdict| Move::Decide { verdict }),
        2 => (0..64_usize).prop_map(|which| Move::Event { which }),
        2 => Just(Move::Timer),
    ];
    proptest::collection::vec((one, 0..30_i64), 1..40)
}

/// A case with what is armed for it.
struct Walk {
    case: Case,
    armed: BTreeMap<String, Moment>,
    at: Moment,
}

impl Walk {
    fn begin(units: &[&str], office: &Office) -> (Self, Event) {
        let event = complaint(hour(0), units);
        let step = opened(&event, office);
        let mut walk = Self { case: step.case.clone(), armed: BTreeMap::new(), at: hour(0) };
        walk.keep(step);
        (walk, event)
    }

    /// Carries a step's timers out as the desk does: in order.
    fn keep(&mut self, step: Step) {
        self.case = step.case;
        for effect in &step.effects {
            match effect {
                Effect::Arm(key, at) => {
                    self.armed.insert(key.to_string(), *at);
                }
                Effect::Disarm(prefix) => self.armed.retain(|key, _| !key.starts_with(prefix.as_str())),
                Effect::Send { .. }
                | Effect::Withhold { .. }
                | Effect::OpenSurvey
                | Effect::Tell(_)
                | Effect::Hold(_)
                | Effect::Sms { .. } => {}
            }
        }
    }

    /// The event of a move, if it makes one.
    fn event(&mut self, what: &Move) -> Option<Event> {
        match what {
            Move::Deed { who, which } => {
                let all = acts(&self.case);
                let (_, deed) = all.into_iter().cycle().nth(*which)?;
                Some(act(self.at, EVERYBODY[*who], deed))
            }
            Move::Decide { verdict } => {
                let ask = self.case.open_asks().next()?;
                let who = ask.candidates.first()?.person.as_str().to_owned();
                let verdict = match verdict {
                    0 => Verdict::Return { reason: crate::support::office::said("請補充") },
                    1 => Verdict::Edit { text: crate::support::office::said("修正稿。"), comment: crate::support::office::said("") },
                    _ => Verdict::Approve,
                };
                Some(act(self.at, &who, Act::Decide { ask: Some(ask.ask), verdict }))
            }
            Move::Event { which } => {
                let (_, event) = events(&self.case).into_iter().cycle().nth(*which)?;
                Some(Event { at: self.at, ..event })
            }
            Move::Timer => {
                let (key, due) = self.armed.iter().min_by_key(|(_, due)| **due).map(|(key, due)| (key.clone(), *due))?;
                self.armed.remove(&key);
                self.at = self.at.max(due);
                let key: TimerKey = key.parse().expect("our own key");
                Some(Event { at: self.at, actor: Actor::System, kind: EventKind::TimerDue { key } })
            }
        }
    }
}

/// What must hold of any case.
fn sound(walk: &Walk) -> Result<(), TestCaseError> {
    let case = &walk.case;
    let open: Vec<_> = case.open_asks().collect();
    prop_assert!(open.len() <= 1, "one step is asked at a time: {open:?}");
    for ask in &open {
        let chain = case.chain.as_ref().ok_or_else(|| TestCaseError::fail("an open ask without a chain"))?;
        prop_assert!(chain.steps.iter().any(|s| s.progress == Progress::Open(ask.ask)), "the ask is a step of the chain");
        prop_assert_eq!((ask.stage, ask.draft, ask.round), (chain.stage, chain.draft, case.round));
        prop_assert!(!ask.candidates.is_empty(), "somebody can decide");
    }
    let stage = case.running_stage().filter(|_| !open.is_empty());
    let approved = matches!(stage, Some(Stage::Answer | Stage::Preliminary));
    prop_assert_eq!(approved, case.state == State::AwaitingApproval, "{:?}", case.state);
    prop_assert_eq!(stage == Some(Stage::Closing), case.state == State::Closing, "{:?}", case.state);
    prop_assert_eq!(case.closed_at.is_some(), case.state == State::Closed);
    prop_assert_eq!(case.outcome.is_some(), matches!(case.state, State::Closing | State::Closed));
    let held: Vec<_> = case.holding.iter().filter(|h| h.to.is_none()).collect();
    prop_assert!(held.len() <= 1, "one unit holds it: {held:?}");
    if case.state != State::Closed {
        prop_assert_eq!(held.first().map(|h| &h.unit), case.unit.as_ref(), "{:?}", case.state);
    }
    if matches!(case.state, State::Assigned | State::InProgress | State::AwaitingApproval | State::Answered) {
        prop_assert!(case.unit.is_some() || case.self_handled, "{:?}: nobody works on it", case.state);
    }
    prop_assert!(case.state != State::Triage || case.unit.is_none(), "a case in triage belongs to nobody");
    prop_assert!(case.unit.as_ref().is_none_or(|u| !case.co_units.contains(u)), "the leading unit co-handles itself");
    deadlines(walk)?;
    let json = serde_json::to_value(case).expect("json");
    prop_assert_eq!(&serde_json::from_value::<Case>(json).expect("a case"), case);
    Ok(())
}

fn deadlines(walk: &Walk) -> Result<(), TestCaseError> {
    let case = &walk.case;
    for deadline in &case.deadlines {
        let same = case.deadlines.iter().filter(|d| d.kind == deadline.kind && d.round == deadline.round).count();
        prop_assert_eq!(same, 1, "one deadline of a kind and round");
        let running = deadline.round == case.round && deadline.met_at.is_none();
        if case.state == State::Closed {
            prop_assert!(!running, "nothing is due of a closed case");
        }
        if running && deadline.due_at.is_some_and(|due| due > walk.at) {
            let key = TimerKey::Passed { kind: deadline.kind }.to_string();
            prop_assert!(walk.armed.contains_key(&key), "{key} is not armed in {:?}", case.state);
        }
    }
    if case.state == State::Closed {
        prop_assert!(walk.armed.is_empty(), "a closed case has timers: {:?}", walk.armed);
    }
    Ok(())
}

/// What must hold of a step.
fn fair(before: &Case, step: &Step) -> Result<(), TestCaseError> {
    prop_assert_eq!(step.case.version, before.version + 1);
    for effect in &step.effects {
        if let Effect::Send { letter: Letter::Answer { draft }, .. } = effect {
            prop_assert!(step.case.public_text(*draft).is_some(), "an answer leaves that was not approved");
        }
    }
    let triage = |e: &Effect| matches!(e, Effect::Arm(TimerKey::Triage { .. }, _));
    if step.case.state == State::Triage && before.state != State::Triage {
        prop_assert!(step.effects.iter().any(triage), "nobody is urged to assign it");
    }
    for (number, ask) in (0..).zip(&before.asks) {
        let after = step.case.asks.get(number).ok_or_else(|| TestCaseError::fail("an ask is gone"))?;
        prop_assert!(ask.decision.is_none() || ask.decision == after.decision, "a decision was rewritten");
    }
    Ok(())
}

/// A decision on a step that is decided or superseded changes nothing, whoever sends it and however often.
fn decisions_count_once(walk: &Walk, office: &Office) -> Result<(), TestCaseError> {
    for ask in walk.case.asks.iter().filter(|a| !a.is_open()) {
        for who in EVERYBODY {
            let again = act(walk.at, who, Act::Decide { ask: Some(ask.ask), verdict: Verdict::Approve });
            prop_assert!(transition(&walk.case, &again, office).is_err(), "ask {} was decided twice", ask.ask);
        }
    }
    Ok(())
}

fn walked(first: &[&str], moves: &[(Move, i64)], office: &Office) -> Result<(), TestCaseError> {
    let (mut walk, opening) = Walk::begin(first, office);
    sound(&walk)?;
    let mut kept = Vec::new();
    for (what, hours) in moves {
        walk.at = walk.at.plus_seconds(hours * 3600);
        let Some(event) = walk.event(what) else { continue };
        let before = walk.case.clone();
        let Ok(step) = transition(&before, &event, office) else { continue };
        fair(&before, &step)?;
        prop_assert_eq!(&transition(&before, &event, office).expect("as before"), &step, "the same event gives the same step");
        walk.keep(step);
        let told = format!("after {:?}", event.kind);
        sound(&walk).map_err(|e| TestCaseError::fail(format!("{told}: {e}")))?;
        decisions_count_once(&walk, office)?;
        kept.push(event);
    }
    let mut again = opened(&opening, office).case;
    for event in &kept {
        again = transition(&again, event, office).expect("as before").case;
    }
    prop_assert_eq!(again, walk.case, "the trail makes the same case");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_case_can_be_explained(moves in moves(), first in 0..3_usize) {
        thread_local! { static OFFICE: Office = kmu(); }
        let units: &[&str] = [&["academic"][..], &[], &["academic", "general"]][first];
        OFFICE.with(|office| walked(units, &moves, office))?;
    }
}
