//! The university's office without servers or files: its people, its calendar, its procedure, and cases walked to any state
//! by the events that lead there. For tests of what the procedure decides.

use std::collections::BTreeMap;

use redress::calendar::Moment;
use redress::config;
use redress::daemon::{Profile, office};
use redress::domain::case::{Complainant, ThreadKeys};
use redress::domain::directory::Standing;
use redress::domain::event::{Opened, Routing};
use redress::domain::state::{Satisfaction, State};
use redress::domain::text::InternalText;
use redress::domain::{
    Act, Actor, Case, CaseId, Effect, Event, EventKind, Language, Office, PersonId, Pii, Step, UnitId, Verdict, open, transition,
};

use super::world::{moment, write_config};

/// The office of the stories.
pub fn kmu() -> Office {
    let dir = tempfile::tempdir().expect("a folder");
    let path = write_config(dir.path(), 1, 1, "");
    let config = config::load(&path, &BTreeMap::new()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let profile = Profile::shipped("kmu").expect("the profile");
    office(&config, &profile, config.working_time())
}

/// Tuesday, 3 March 2026, nine o'clock, and so many hours.
pub fn hour(hours: i64) -> Moment {
    moment("2026-03-03T09:00:00+08:00").plus_seconds(hours * 3600)
}

/// Somebody of the directory, proved.
pub fn person(id: &str) -> Actor {
    Actor::Person { standing: Standing { person: PersonId(id.to_owned()), deputises: None }, proof: "token and sender".to_owned() }
}

/// An act of somebody.
pub fn act(at: Moment, who: &str, act: Act) -> Event {
    Event { at, actor: person(who), kind: EventKind::Act { act } }
}

/// Words of the office.
pub fn said(text: &str) -> InternalText {
    InternalText::new(text)
}

/// 擬答覆.
pub fn proposal(text: &str) -> Act {
    Act::Propose { text: said(text), handling: said("已請廠商調閱紀錄。"), fields: BTreeMap::new() }
}

/// A complainant's verdict by mail.
pub fn wrote(at: Moment, text: &str, satisfaction: Option<Satisfaction>) -> Event {
    let kind = EventKind::ComplainantWrote {
        thanks: false,
        text: Pii::new(text.to_owned()),
        satisfaction,
        message_id: Some("m2@mail.example".to_owned()),
        withdraws: text.starts_with("撤案"),
    };
    Event { at, actor: Actor::Complainant, kind }
}

/// A complaint whose words name these units.
pub fn complaint(at: Moment, units: &[&str]) -> Event {
    let fits = units.iter().map(|u| (UnitId((*u).to_owned()), vec!["選課".to_owned()])).collect();
    let opened = Opened {
        passed_on: None,
        id: CaseId("01JNDB0000000000000000CASE".to_owned()),
        serial: 1,
        number: "115-0001".to_owned(),
        channel: "email".to_owned(),
        subject: Pii::new("選課系統一直出錯".to_owned()),
        text: Pii::new("選課系統一直顯示錯誤。".to_owned()),
        complainant: Complainant { name: Pii::new("陳小華".to_owned()), address: Some(Pii::new("hua@mail.example".to_owned())) },
        language: Language::ZhTw,
        record: BTreeMap::new(),
        routing: Routing { fits, ..Routing::default() },
        secrecy: false,
        thread: ThreadKeys::default(),
        links: Vec::new(),
        grade: None,
        origin: "inbox-1".to_owned(),
    };
    Event { at, actor: Actor::System, kind: EventKind::Opened(Box::new(opened)) }
}

/// The step that opens a case.
pub fn opened(event: &Event, office: &Office) -> Step {
    let EventKind::Opened(opened) = &event.kind else { panic!("not an opening") };
    open(opened, event, office)
}

/// The events that lead from a new case to `state`; the case co-handled by the general affairs office.
fn way(state: State) -> Vec<Event> {
    let answer = "陳同學您好：必修課已加選完成。";
    let approve = || Act::Decide { ask: None, verdict: Verdict::Approve };
    let steps = [
        (State::Assigned, act(hour(1), "wang", Act::CoAssign { units: vec![UnitId("general".to_owned())] })),
        (State::InProgress, act(hour(2), "chen", Act::Start)),
        (State::AwaitingApproval, act(hour(3), "chen", proposal(answer))),
        (State::Answered, act(hour(4), "lin", approve())),
        (State::Answered, act(hour(5), "wang", approve())),
        (State::Answered, act(hour(6), "lee", approve())),
        (State::Closing, wrote(hour(7), "滿意", Some(Satisfaction::Satisfied))),
        (State::Closed, act(hour(8), "lee", approve())),
    ];
    if state == State::AwaitingComplainant {
        let ask = act(hour(3), "chen", Act::AskComplainant { text: "請問您的學號？".to_owned() });
        return steps.into_iter().take(2).map(|(_, event)| event).chain([ask]).collect();
    }
    steps.into_iter().take_while(|(reached, _)| *reached <= state).map(|(_, event)| event).collect()
}

/// A case in `state`, as events have led there.
pub fn case_in(state: State, office: &Office) -> Case {
    let units: &[&str] = if state == State::Triage { &[] } else { &["academic"] };
    let mut case = opened(&complaint(hour(0), units), office).case;
    let events = if state == State::Triage { Vec::new() } else { way(state) };
    for event in events {
        case = transition(&case, &event, office).unwrap_or_else(|refusal| panic!("{event:?}: {refusal:?}")).case;
    }
    assert_eq!(case.state, state);
    case
}

/// A letter's, or another enum's, variant in snake case.
pub fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let name: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// What is to be done, in a few words.
pub fn in_short(effect: &Effect, office: &Office) -> String {
    use redress::domain::Recipient;
    match effect {
        Effect::Send { to, letter, .. } => {
            let to = match to {
                Recipient::Complainant => "complainant".to_owned(),
                Recipient::PasserOn => "passer-on".to_owned(),
                Recipient::Person(standing) => standing.person.as_str().to_owned(),
                Recipient::Unit(unit) => format!("{} unit", unit.as_str()),
            };
            format!("{}>{to}", variant(letter))
        }
        Effect::Withhold { draft } => format!("withhold answer {draft}"),
        Effect::Arm(key, at) => format!("arm {key} {}", at.zoned(office.calendar.zone()).strftime("%m-%d %H:%M")),
        Effect::Disarm(prefix) => format!("off {prefix}*"),
        Effect::OpenSurvey => "open survey".to_owned(),
        Effect::Sms { to, .. } => format!("sms>{}", to.person.as_str()),
        Effect::Hold(why) => {
            if why.is_some() {
                "hold".to_owned()
            } else {
                "hold no longer".to_owned()
            }
        }
        Effect::Tell(note) => format!("tell {}", note.kind),
    }
}
