//! A case as JSON, with exactly the keys of INTERFACE.md: the summary of `case list`, the whole of `case show`. Pure: everything
//! that is needed was read before.

use serde_json::{Map, Value, json};

use crate::calendar::{Moment, TimeZone};
use crate::domain::Case;
use crate::domain::approval::{Ask, Decided};
use crate::domain::contact::{Call, Callee};
use crate::domain::deadline::Deadline;
use crate::domain::state::{Satisfaction, Stage};
use crate::mail::form;
use crate::store::events::EventRow;
use crate::store::messages::{Direction, MessageRow};

/// One object of `case list`.
pub(super) fn summary(case: &Case, zone: &TimeZone) -> Map<String, Value> {
    let at = |moment: Option<Moment>| moment.map(|m| m.rfc3339(zone));
    let value = json!({
        "number": case.number,
        "state": case.state.name(),
        "outcome": case.outcome.map(|o| o.name()),
        "grade": case.grade,
        "major": case.major,
        "confidential": case.confidential,
        "unit": case.unit.as_ref().map(|u| u.as_str()),
        "co_units": case.co_units.iter().map(|u| u.as_str()).collect::<Vec<_>>(),
        "categories": case.categories,
        "channel": case.channel,
        "subject": case.subject.reveal(),
        "complainant": {
            "name": case.complainant.name.reveal(),
            "address": case.complainant.address.as_ref().map(|a| a.reveal()),
        },
        "round": case.round,
        "opened_at": at(Some(case.opened_at)),
        "due_at": at(case.due_at()),
        "answered_at": at(case.answered_at),
        "closed_at": at(case.closed_at),
        "extensions": case.extensions,
        "escalations": case.escalations,
        "closing_way": case.closing_way.map(|w| w.name()),
    });
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// The object of `case show`.
pub(super) fn whole(case: &Case, messages: &[MessageRow], trail: &[EventRow], missing_fields: &[String], zone: &TimeZone) -> Value {
    let mut map = summary(case, zone);
    // Letters to the complainant that did not arrive, by kind.
    map.insert("undelivered".to_owned(), case.undelivered.iter().map(String::as_str).collect());
    map.insert("passed_on".to_owned(), passed_on(case, zone));
    map.insert("messages".to_owned(), messages.iter().map(|m| message(m, zone)).collect());
    let seen = as_of(case, trail);
    let deadlines = case.deadlines.iter().map(|d| {
        json!({
            "kind": d.kind.name(),
            "due_at": d.due_at.map(|m| m.rfc3339(zone)),
            "met_at": d.met_at.map(|m| m.rfc3339(zone)),
            "missed": missed(case, d, seen),
            "round": d.round,
            "standard_at": d.standard_at.map(|m| m.rfc3339(zone)),
            "promised_at": d.promised_at.map(|m| m.rfc3339(zone)),
        })
    });
    map.insert("deadlines".to_owned(), deadlines.collect());
    map.insert("approvals".to_owned(), asked(case).map(|a| approval(a, zone)).collect());
    map.insert("handling".to_owned(), handling(case, missing_fields, zone));
    let holding = case.holding.iter().map(|h| {
        let until = h.to.unwrap_or(seen).unix().max(h.from.unix());
        json!({
            "unit": h.unit.as_str(),
            "from": h.from.rfc3339(zone),
            "to": h.to.map(|m| m.rfc3339(zone)),
            "hours": until.saturating_sub(h.from.unix()) / 3600,
        })
    });
    map.insert("holding".to_owned(), holding.collect());
    let surveys = case.surveys.iter().map(|s| {
        let answers: Map<String, Value> = s.answers.iter().map(|(id, words)| (id.clone(), Value::from(words.reveal().as_str()))).collect();
        json!({
            "round": s.round,
            "answers": answers,
            "at": s.at.rfc3339(zone),
            "satisfaction": satisfaction(s.satisfaction),
            "source": s.source,
        })
    });
    map.insert("surveys".to_owned(), surveys.collect());
    map.insert("calls".to_owned(), case.calls.iter().map(|c| called(c, zone)).collect());
    let grading = case.grading.iter().map(|s| {
        json!({
            "grade": s.grade,
            "criteria": s.criteria,
            "reason": s.reason.internal(),
            "person": s.by.as_ref().map(|p| p.as_str()),
            "at": s.at.rfc3339(zone),
        })
    });
    map.insert("grading".to_owned(), grading.collect());
    let events = trail.iter().map(|e| json!({"at": e.at.rfc3339(zone), "event": e.kind, "actor": e.actor, "hash": e.hash, "seq": e.seq}));
    map.insert("trail".to_owned(), events.collect());
    Value::Object(map)
}

/// Who passed the complaint on, with his number and date (R59); null where nobody did.
fn passed_on(case: &Case, zone: &TimeZone) -> Value {
    let Some(passed) = &case.passed_on else { return Value::Null };
    json!({
        "by": passed.by.name(),
        "name": passed.name.reveal(),
        "address": passed.address.reveal(),
        "reference": passed.reference,
        "due_at": passed.due_at.map(|m| m.rfc3339(zone)),
        "tell": passed.tell,
        "told_at": passed.told_at.map(|m| m.rfc3339(zone)),
        "person": passed.person.as_ref().map(|p| json!({
            "name": p.name.reveal(),
            "address": p.address.as_ref().map(|a| a.reveal()),
        })),
    })
}

/// The handling record: the form's fields, its dated steps, what it lacks, and every note in its order.
fn handling(case: &Case, missing: &[String], zone: &TimeZone) -> Value {
    let fields: Map<String, Value> = case.handling_fields.iter().map(|(id, t)| (id.clone(), Value::from(t.internal()))).collect();
    let steps = case.handling_fields.get("steps").map(|t| form::steps(t.internal())).unwrap_or_default();
    let notes = case
        .handling
        .iter()
        .map(|n| json!({"at": n.at.rfc3339(zone), "person": n.by.as_str(), "round": n.round, "text": n.text.internal()}));
    json!({
        "handler": case.handler.as_ref().map(|p| p.as_str()),
        "fields": fields,
        "steps": steps.iter().map(|s| json!({"date": s.date, "text": s.text})).collect::<Vec<_>>(),
        "missing": missing,
        "notes": notes.collect::<Vec<_>>(),
    })
}

fn message(message: &MessageRow, zone: &TimeZone) -> Value {
    json!({
        "direction": match message.direction { Direction::In => "in", Direction::Out => "out" },
        "kind": message.kind,
        "from": message.from,
        "to": message.to,
        "subject": message.subject,
        "message_id": message.message_id,
        "at": message.at.rfc3339(zone),
        "text": message.text,
        "delivery": message.state.map(|s| s.as_str()),
    })
}

/// The steps that somebody was asked for and that were not overtaken before he decided.
pub(super) fn asked(case: &Case) -> impl Iterator<Item = &Ask> {
    case.asks.iter().filter(|a| a.decision.is_some() || !a.superseded)
}

fn approval(ask: &Ask, zone: &TimeZone) -> Value {
    let decided = ask.decision.as_ref();
    let person = decided.map(|d| &d.by).or_else(|| ask.candidates.first());
    json!({
        "stage": stage(ask.stage),
        "preliminary": ask.stage == Stage::Preliminary,
        "step": ask.step,
        "person": person.map(|p| p.person.as_str()),
        "decision": decided.map(|d| decision(d.kind)),
        "at": decided.map(|d| d.at.rfc3339(zone)),
        "comment": decided.map(|d| d.comment.internal()),
        "title": ask.title,
        "round": ask.round,
        "deputises": person.and_then(|p| p.deputises.as_ref()).map(|p| p.as_str()),
        "asked_at": ask.asked_at.rfc3339(zone),
        "draft_sha256": ask.sha256,
        "proof": decided.map(|d| d.proof.as_str()),
    })
}

fn called(call: &Call, zone: &TimeZone) -> Value {
    let callee = match &call.callee {
        Callee::Complainant => "complainant".to_owned(),
        Callee::People { people } => people.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(","),
        Callee::Other { name } => name.internal().to_owned(),
    };
    json!({
        "at": call.at.rfc3339(zone),
        "person": call.by.as_str(),
        "with": callee,
        "result": call.result.name(),
        "text": call.text.internal(),
        "round": call.round,
    })
}

/// `answer`, `closing`.
pub(super) const fn stage(stage: Stage) -> &'static str {
    match stage {
        // A preliminary answer is one that goes to the complainant, by the same approvals; `preliminary` tells them apart.
        Stage::Answer | Stage::Preliminary => "answer",
        Stage::Closing => "closing",
    }
}

/// `approved`, `returned`, `edited`.
pub(super) const fn decision(kind: Decided) -> &'static str {
    match kind {
        Decided::Approved => "approved",
        Decided::Returned => "returned",
        Decided::Edited => "edited",
    }
}

/// `satisfied`, `neutral`, `dissatisfied`.
pub(super) const fn satisfaction(verdict: Satisfaction) -> &'static str {
    match verdict {
        Satisfaction::Satisfied => "satisfied",
        Satisfaction::Neutral => "neutral",
        Satisfaction::Dissatisfied => "dissatisfied",
    }
}

/// Until when the trail tells the case's story. A deadline that passes unmet leaves an event of the clock, so the trail knows of
/// every missed one, also in a rehearsal whose moments are not the computer's.
pub(super) fn as_of(case: &Case, trail: &[EventRow]) -> Moment {
    trail.iter().map(|e| e.at).max().unwrap_or(case.opened_at)
}

/// Whether a deadline was missed. A clock that never was met stops when its round ends: at the next round, or at the closing.
pub(super) fn missed(case: &Case, deadline: &Deadline, as_of: Moment) -> bool {
    let next_round = case.deadlines.iter().filter(|d| d.round > deadline.round).map(|d| d.started_at).min();
    let end = [next_round, case.closed_at].into_iter().flatten().min();
    deadline.missed(end.map_or(as_of, |end| end.min(as_of)))
}
