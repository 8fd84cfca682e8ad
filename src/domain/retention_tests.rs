//! A case in which every field holds something, and a canary in each string in turn: none that tells of a person stays.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::approval::{Ask, ChainRun, Decided, Decision, Paper, PlannedStep, Progress, Signed};
use super::super::case::{
    Acceptance, Case, ClosingWay, Complainant, Disclosure, Draft, ExtensionAsked, HandlingNote, Holding, SurveyAnswer, ThreadKeys,
    Unconfirmed, Urged,
};
use super::super::contact::{Call, CallReason, CallResult, CallTask, Callee, GradeSheet};
use super::super::deadline::Deadline;
use super::super::directory::Standing;
use super::super::ids::{CaseId, PersonId, RoleId, UnitId};
use super::super::language::Language;
use super::super::passed_on::{PassedOn, Passer};
use super::super::state::{DeadlineKind, Outcome, Satisfaction, Stage, State};
use super::super::text::InternalText;
use super::*;
use crate::calendar::Moment;

const AT: Moment = Moment::from_unix(1_772_500_000);

fn who() -> PersonId {
    PersonId("p".to_owned())
}

fn said() -> InternalText {
    InternalText::new("w")
}

fn personal() -> Pii<String> {
    Pii::new("w".to_owned())
}

fn standing() -> Standing {
    Standing { person: who(), deputises: Some(who()) }
}

fn asked() -> ExtensionAsked {
    ExtensionAsked { by: who(), until: AT, reason: said() }
}

/// Nothing is left out by `..`: a new field is filled here too, or this does not compile.
#[expect(clippy::too_many_lines, reason = "one line a field")]
fn full() -> Case {
    let step = PlannedStep {
        title: "w".into(),
        label: Some("w".into()),
        stamp: Some("w".into()),
        any_of: vec![RoleId("w".into())],
        seen: true,
        progress: Progress::Done,
    };
    let on = jiff::civil::date(2026, 3, 3);
    let decision = Decision {
        kind: Decided::Approved,
        by: standing(),
        at: AT,
        comment: said(),
        proof: "w".into(),
        directory: "w".into(),
        paper: Some(Signed { on, entered_by: who(), confirmed_by: who(), scan: "w".into() }),
    };
    let call = |callee| Call { at: AT, by: who(), callee, result: CallResult::Reached, text: said(), round: 1 };
    Case {
        id: CaseId("w".into()),
        serial: 1,
        number: "w".into(),
        version: 1,
        profile: "w".into(),
        state: State::Closed,
        outcome: Some(Outcome::Resolved),
        grade: Some("w".into()),
        major: true,
        confidential: true,
        sealed: true,
        accused: vec![who()],
        own_staff: Some(who()),
        files_released_at: Some(AT),
        erased_at: None,
        gone: BTreeSet::new(),
        disclosures: vec![Disclosure {
            by: who(),
            reason: said(),
            asked_at: AT,
            decided_by: Some(who()),
            decided_at: Some(AT),
            until: Some(AT),
        }],
        unit: Some(UnitId("w".into())),
        co_units: vec![UnitId("w".into())],
        self_handled: true,
        handler: Some(who()),
        categories: vec!["w".into()],
        channel: "w".into(),
        subject: personal(),
        text: personal(),
        complainant: Complainant { name: personal(), address: Some(personal()) },
        passed_on: Some(PassedOn {
            by: Passer::Authority,
            name: personal(),
            address: personal(),
            reference: Some("w".into()),
            due_at: Some(AT),
            tell: true,
            told_at: Some(AT),
            message_id: Some("w".into()),
            person: Some(Complainant { name: personal(), address: Some(personal()) }),
        }),
        language: Language::ZhTw,
        record: [("name".to_owned(), personal()), ("identity".to_owned(), personal())].into(),
        acceptance: Acceptance::Preliminary { matched: vec!["w".into()] },
        round: 1,
        opened_at: AT,
        round_at: AT,
        answered_at: Some(AT),
        closed_at: Some(AT),
        deadlines: vec![Deadline {
            kind: DeadlineKind::Answer,
            round: 1,
            started_at: AT,
            due_at: Some(AT),
            standard_at: Some(AT),
            promised_at: Some(AT),
            met_at: Some(AT),
        }],
        drafts: [(
            1,
            Draft {
                version: 1,
                round: 1,
                text: said(),
                sha256: "w".into(),
                author: who(),
                at: AT,
                approved: true,
                preliminary: true,
                spoken_at: Some(AT),
                way: Some(ClosingWay::Phone),
            },
        )]
        .into(),
        handling: vec![HandlingNote { at: AT, by: who(), text: said(), round: 1 }],
        handling_fields: [("w".to_owned(), said())].into(),
        handling_blank: ["w".to_owned()].into(),
        handling_asked: 1,
        unconfirmed: Some(Unconfirmed { by: who(), text: said() }),
        chain: Some(ChainRun { stage: Stage::Answer, draft: Some(1), steps: vec![step] }),
        asks: vec![Ask {
            ask: 1,
            stage: Stage::Answer,
            round: 1,
            draft: Some(1),
            sha256: Some("w".into()),
            step: 1,
            title: "w".into(),
            stamp: Some("w".into()),
            seen: true,
            candidates: vec![standing()],
            asked_at: AT,
            decision: Some(decision),
            superseded: true,
            paper: Some(Paper {
                signed_by: standing(),
                signed_on: on,
                entered_by: who(),
                entered_at: AT,
                scan: "w".into(),
                sha256: Some("w".into()),
            }),
        }],
        surveys: vec![SurveyAnswer {
            round: 1,
            satisfaction: Satisfaction::Satisfied,
            answers: [("w".to_owned(), personal())].into(),
            at: AT,
            source: "w".into(),
        }],
        holding: vec![Holding { unit: UnitId("w".into()), from: AT, to: Some(AT) }],
        returns: 1,
        extensions: 1,
        extension_asked: Some(asked()),
        extended: Some(asked()),
        escalations: 1,
        escalation_open: true,
        started_at: Some(AT),
        grading: vec![GradeSheet { grade: "w".into(), criteria: vec!["w".into()], reason: said(), by: Some(who()), at: AT }],
        calls: vec![call(Callee::Other { name: said() }), call(Callee::People { people: vec![who()] })],
        call_tasks: vec![CallTask {
            task: 1,
            caller: standing(),
            reason: CallReason::Notice,
            people: vec![who()],
            reached: [who()].into(),
            asked_at: AT,
            done_at: Some(AT),
        }],
        noticed: ["w".to_owned()].into(),
        links: vec!["w".into()],
        undelivered: vec!["w".into()],
        thread: ThreadKeys { last: Some("w".into()), references: vec!["w".into()], subject: personal() },
        origin: "w".into(),
        judging: Some(1),
        supplementing: true,
        instruction: Some(said()),
        withdrawal: Some(personal()),
        closing_way: Some(ClosingWay::Phone),
        urged: vec![Urged { step: "w".into(), person: who(), at: AT }],
    }
}

/// Strings that stay: names of this house's people, units, steps and kinds, numbers, hashes, and what is counted.
const STAYS: &[&str] = &[
    "/acceptance/matched/0",
    "/asks/0/candidates/0/deputises",
    "/asks/0/candidates/0/person",
    "/asks/0/decision/by/deputises",
    "/asks/0/decision/by/person",
    "/asks/0/decision/directory",
    "/asks/0/decision/paper/confirmed_by",
    "/asks/0/decision/paper/entered_by",
    "/asks/0/decision/paper/scan",
    "/asks/0/decision/proof",
    "/asks/0/paper/entered_by",
    "/asks/0/paper/scan",
    "/asks/0/paper/sha256",
    "/asks/0/paper/signed_by/deputises",
    "/asks/0/paper/signed_by/person",
    "/asks/0/sha256",
    "/asks/0/stamp",
    "/asks/0/title",
    "/call_tasks/0/caller/deputises",
    "/call_tasks/0/caller/person",
    "/call_tasks/0/people/0",
    "/call_tasks/0/reached/0",
    "/calls/0/by",
    "/calls/1/by",
    "/calls/1/callee/people/0",
    "/categories/0",
    "/chain/steps/0/any_of/0",
    "/chain/steps/0/label",
    "/chain/steps/0/stamp",
    "/chain/steps/0/title",
    "/channel",
    "/co_units/0",
    "/disclosures/0/by",
    "/disclosures/0/decided_by",
    "/grade",
    "/grading/0/by",
    "/grading/0/criteria/0",
    "/grading/0/grade",
    "/handler",
    "/holding/0/unit",
    "/id",
    "/links/0",
    "/noticed/0",
    "/number",
    "/origin",
    "/profile",
    "/record/identity",
    "/surveys/0/source",
    "/undelivered/0",
    "/unit",
    "/urged/0/person",
    "/urged/0/step",
];

/// Every string of a value, by its place.
fn strings(value: &Value, place: &str, out: &mut Vec<String>) {
    match value {
        Value::String(_) => out.push(place.to_owned()),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, v)| strings(v, &format!("{place}/{n}"), out)),
        Value::Object(members) => members.iter().for_each(|(k, v)| strings(v, &format!("{place}/{k}"), out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn no_string_that_somebody_said_or_is_stays_in_an_erased_case() {
    let value = serde_json::to_value(full()).expect("JSON");
    let members = value.as_object().expect("an object");
    let empty = |v: &Value| v.is_null() || v.as_array().is_some_and(Vec::is_empty) || v.as_object().is_some_and(serde_json::Map::is_empty);
    let unfilled: Vec<&String> = members.iter().filter(|(key, v)| empty(v) && *key != "erased_at").map(|(key, _)| key).collect();
    assert!(unfilled.is_empty(), "fill these in full(), so that they are looked at: {unfilled:?}");
    let mut places = Vec::new();
    strings(&value, "", &mut places);
    let mut stayed = Vec::new();
    for place in &places {
        let mut with = value.clone();
        *with.pointer_mut(place).expect("a place") = Value::String("CANARY".to_owned());
        // A name of a fixed list takes no other word.
        let Ok(case) = serde_json::from_value::<Case>(with) else { continue };
        if serde_json::to_string(&case.erased(AT)).expect("JSON").contains("CANARY") {
            stayed.push(place.as_str());
        }
    }
    stayed.sort_unstable();
    assert_eq!(stayed, STAYS, "what is new and stays tells of nobody, or is cleared in Case::without");
    assert!(places.len() > STAYS.len() + 20, "{}", places.len());
    // What map keys hold is ids of the profile's own forms and surveys.
    assert!(full().erased(AT).record.keys().eq(["identity"]) && full().erased(AT).handling_fields.is_empty());
}

#[test]
fn each_kind_takes_its_own_and_the_last_ends_the_case() {
    let full = full();
    let one = |what: Kept| full.without(&[what].into(), AT);
    let record = one(Kept::Record);
    assert!(record.text.reveal().is_empty() && record.complainant == Complainant::default() && !record.is_erased());
    assert!(!record.drafts.is_empty() && !record.surveys[0].answers.is_empty());
    let handling = one(Kept::Handling);
    assert!(handling.drafts.is_empty() && handling.calls[0].text.internal().is_empty() && handling.text == full.text);
    assert!(handling.asks[0].decision.as_ref().expect("decided").comment.internal().is_empty());
    assert!(one(Kept::Surveys).surveys[0].answers.is_empty() && one(Kept::Surveys).surveys[0].satisfaction == Satisfaction::Satisfied);
    let mut case = full.clone();
    for what in Kept::OF_A_CASE {
        assert!(!case.is_erased());
        case = case.without(&[what].into(), AT);
    }
    assert!(case.is_erased());
    assert_eq!(Case { version: 2, ..case }, full.erased(AT));
}
