//! A complaint arrives: number and record are given, the acknowledgement leaves, and it is forwarded or laid before the secretariat.

use std::collections::{BTreeMap, BTreeSet};

use super::super::case::{Acceptance, Case};
use super::super::contact::GradeSheet;
use super::super::deadline;

use super::super::effect::Letter;
use super::super::event::{Event, Opened, Routing};
use super::super::ids::UnitId;
use super::super::office::Office;
use super::super::procedure::{Dispatch, Secrecy, StartEvent};
use super::super::state::State;
use super::super::text::InternalText;
use super::super::timer::TimerKey;
use super::Step;
use super::notices;
use super::work::Work;
use crate::calendar::Moment;

/// The case that a complaint opens, and what follows at once.
#[must_use]
pub fn open(opened: &Opened, event: &Event, office: &Office) -> Step {
    let case = blank(opened, event, office);
    let mut work = Work::new(&case, event, office);
    deadline::start(&mut work.case, StartEvent::Received, event.at, office, &mut work.effects);
    if let Some(length) = office.procedure.delay_told {
        work.arm_after(TimerKey::Delay, length);
    }
    match confident(&opened.routing, opened.secrecy, office) {
        Some((unit, matched)) => forward_at_once(&mut work, &unit, matched),
        None => to_triage(&mut work, &opened.routing, opened.secrecy),
    }
    // What the words call urgent is told before anybody has looked at it.
    if opened.grade.is_some() {
        notices::notify(&mut work);
    }
    work.done()
}

/// The grade that a case starts with: by its words, else the usual one; and the sheet that says which words they were.
fn first_grade(opened: &Opened, at: Moment, office: &Office) -> (Option<String>, Option<GradeSheet>) {
    let grade = opened.grade.clone().or_else(|| office.procedure.grades.iter().find(|g| g.default).map(|g| g.id.clone()));
    let words = office.procedure.grades.iter().find(|g| Some(&g.id) == opened.grade.as_ref()).map(|g| &g.keywords);
    let said = format!("{}\n{}", opened.subject.reveal(), opened.text.reveal());
    let matched: Vec<String> = words.into_iter().flatten().filter(|w| said.contains(w.as_str())).cloned().collect();
    let sheet =
        grade.clone().map(|grade| GradeSheet { grade, criteria: Vec::new(), reason: InternalText::new(matched.join("、")), by: None, at });
    (grade, sheet)
}

#[expect(clippy::too_many_lines, reason = "one line a field")]
fn blank(opened: &Opened, event: &Event, office: &Office) -> Case {
    let (grade, sheet) = first_grade(opened, event.at, office);
    Case {
        id: opened.id.clone(),
        serial: opened.serial,
        number: opened.number.clone(),
        version: 0,
        profile: format!("{} {}", office.procedure.id, office.procedure.version),
        state: State::Triage,
        outcome: None,
        grade,
        major: false,
        confidential: opened.secrecy || opened.routing.sealed,
        sealed: opened.routing.sealed || opened.secrecy && office.procedure.secrecy == Secrecy::Sealed,
        accused: opened.routing.accused.clone(),
        own_staff: opened.complainant.address.as_ref().and_then(|a| office.directory.by_email(a.reveal())).map(|p| p.id.clone()),
        files_released_at: None,
        disclosures: Vec::new(),
        erased_at: None,
        gone: BTreeSet::new(),
        unit: None,
        co_units: Vec::new(),
        self_handled: false,
        handler: None,
        categories: Vec::new(),
        channel: opened.channel.clone(),
        subject: opened.subject.clone(),
        text: opened.text.clone(),
        complainant: opened.complainant.clone(),
        passed_on: opened.passed_on.clone(),
        language: opened.language,
        record: opened.record.clone(),
        acceptance: Acceptance::Open,
        round: 1,
        opened_at: event.at,
        round_at: event.at,
        answered_at: None,
        closed_at: None,
        deadlines: Vec::new(),
        drafts: BTreeMap::new(),
        handling: Vec::new(),
        handling_fields: BTreeMap::new(),
        handling_blank: BTreeSet::new(),
        handling_asked: 0,
        unconfirmed: None,
        chain: None,
        asks: Vec::new(),
        surveys: Vec::new(),
        holding: Vec::new(),
        returns: 0,
        extensions: 0,
        extension_asked: None,
        extended: None,
        escalations: 0,
        escalation_open: false,
        started_at: None,
        grading: sheet.into_iter().collect(),
        calls: Vec::new(),
        call_tasks: Vec::new(),
        noticed: BTreeSet::new(),
        links: opened.links.clone(),
        undelivered: Vec::new(),
        thread: opened.thread.clone(),
        origin: opened.origin.clone(),
        judging: None,
        supplementing: false,
        instruction: None,
        withdrawal: None,
        closing_way: None,
        urged: Vec::new(),
    }
}

/// The one unit whose words occur, where nothing forbids to send it on (R11, R57).
fn confident(routing: &Routing, secrecy: bool, office: &Office) -> Option<(UnitId, Vec<String>)> {
    if office.dispatch != Dispatch::Auto || secrecy || routing.hold.is_some() {
        return None;
    }
    let mut fits = routing.fits.iter();
    match (fits.next(), fits.next()) {
        (Some((unit, words)), None) => Some((unit.clone(), words.clone())),
        _ => None,
    }
}

fn forward_at_once(work: &mut Work<'_>, unit: &UnitId, matched: Vec<String>) {
    work.case.acceptance = Acceptance::Preliminary { matched };
    work.hand_to(unit);
    // One mail tells both that it arrived and to whom it went (R60).
    work.to_complainant(Letter::Acknowledgement);
    work.to_secretariat(&Letter::AutoForwarded);
    let length = work.office.procedure.urge.confirm;
    work.arm_after(TimerKey::Confirm { times: 0 }, length);
}

fn to_triage(work: &mut Work<'_>, routing: &Routing, secrecy: bool) {
    work.to_complainant(Letter::Acknowledgement);
    let reason = match (&routing.hold, secrecy, routing.fits.len()) {
        (Some(hold), _, _) => hold.clone(),
        (None, true, _) => "secrecy".to_owned(),
        (None, false, 0) => "no_unit".to_owned(),
        (None, false, 1) => "review".to_owned(),
        (None, false, _) => "several_units".to_owned(),
    };
    work.to_secretariat(&Letter::Triage { reason });
    work.await_triage();
}
