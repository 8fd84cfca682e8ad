//! The whole procedure on one page: every state × everything that can happen, for people of each role, as a golden file.
//! `UPDATE_GOLDEN=1` writes it anew; a change of it is a change of the procedure and is read as such.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use redress::calendar::Moment;
use redress::domain::contact::{CallResult, Callee};
use redress::domain::deadline::Deadline;
use redress::domain::state::{DeadlineKind, Satisfaction, State};
use redress::domain::timer::TimerKey;
use redress::domain::{Act, Actor, Case, Effect, Event, EventKind, Office, PersonId, Pii, Step, UnitId, Verdict, transition};

use crate::support::office::{act, case_in, complaint, hour, in_short, kmu, proposal, said, wrote};

/// Secretariat, handler, head, co-handling unit, chief secretary, president.
pub const PEOPLE: [&str; 6] = ["wang", "chen", "lin", "huang", "lee", "hsu"];

/// When everything of the page happens: the day after.
fn now() -> Moment {
    hour(24)
}

/// Every act, with arguments as people give them.
pub fn acts(case: &Case) -> Vec<(&'static str, Act)> {
    let text = String::from;
    let until = hour(24 * 20);
    let decide = |verdict| Act::Decide { ask: None, verdict };
    let called = |result| Act::Call { at: hour(23), callee: Callee::Complainant, result, text: said("已說明處理方式") };
    let mut acts = vec![
        ("受理", Act::Accept),
        ("分派 academic", Act::Assign { unit: UnitId(text("academic")), words: said("") }),
        ("分派 general", Act::Assign { unit: UnitId(text("general")), words: said("") }),
        ("分派 nowhere", Act::Assign { unit: UnitId(text("nowhere")), words: said("") }),
        ("分派 academic with words", Act::Assign { unit: UnitId(text("academic")), words: said("請併查前案") }),
        ("協辦 general", Act::CoAssign { units: vec![UnitId(text("general"))] }),
        ("承辦 chen", Act::Handler { person: PersonId(text("chen")) }),
        ("承辦 huang", Act::Handler { person: PersonId(text("huang")) }),
        ("自辦", Act::SelfHandle),
        ("不受理", Act::Reject { text: text("與事實不符。") }),
        ("不受理 without words", Act::Reject { text: text(" ") }),
        ("轉介", Act::Refer { agency: text("交通局"), contact: text("1999"), text: text("屬市區道路管理事項。") }),
        ("存查", Act::NoAction { ground: text("無具體內容") }),
        ("併案", Act::Merge { into: text("115-0009") }),
        ("併案 into itself", Act::Merge { into: case.number.clone() }),
        ("關聯", Act::Link { number: text("115-0009") }),
        ("垃圾", Act::Spam),
        ("撤案", Act::Withdraw { reason: text("來電撤回") }),
        ("等級 A", Act::Grade { grade: text("A"), criteria: vec![3, 5], reason: said("") }),
        ("類別", Act::Category { categories: vec![text("教學")] }),
        ("重大", Act::Major { on: true }),
        ("保密", Act::Confidential { on: true }),
        ("密件", Act::Sealed { on: true }),
        ("放行", Act::ReleaseFiles),
        ("保全", Act::Hold { reason: said("訴訟") }),
        ("保全 without a reason", Act::Hold { reason: said(" ") }),
        ("解除保全", Act::Unhold { reason: said("") }),
        ("調閱個資", Act::AskIdentity { reason: said("核對學籍") }),
        ("准予調閱", Act::GrantIdentity),
        ("補登 客訴對象", Act::Set { field: text("accused"), value: Pii::new(text("chen")) }),
        ("補登", Act::Set { field: text("phone"), value: Pii::new(text("0912345678")) }),
        ("收案", Act::Start),
        ("承諾", Act::Promise { until: hour(24 * 6) }),
        ("承諾 beyond the standard", Act::Promise { until }),
        ("初覆", Act::Preliminary { text: said("陳同學您好：已請廠商調閱。") }),
        ("電聯 未接", called(CallResult::Failed)),
        ("電聯 接通", called(CallResult::Reached)),
        ("電聯 已答覆", called(CallResult::Answered)),
        ("電聯 滿意", called(CallResult::Consented)),
        ("電聯 不滿意", called(CallResult::Dissatisfied)),
        ("退回 (unit)", Act::GiveBack { reason: text("非本處業務") }),
        ("進度", Act::Note { text: said("已聯絡廠商"), fields: BTreeMap::new(), reads_like_answer: false }),
        ("進度 like an answer", Act::Note { text: said("同學您好：已加選。"), fields: BTreeMap::new(), reads_like_answer: true }),
        ("擬答覆", proposal("陳同學您好：第二稿。")),
        ("確認擬答覆", Act::ConfirmDraft),
        ("詢問", Act::AskComplainant { text: text("請問學號？") }),
        ("展延", Act::Extend { until, reason: said("待廠商回覆") }),
        ("展延 to yesterday", Act::Extend { until: hour(0), reason: said("待廠商回覆") }),
        ("不同意展延", Act::RefuseExtension { reason: said("請先答覆") }),
        ("稽催", Act::Urge),
        ("撤銷", Act::Recall),
        ("結案", Act::Close { reason: said("電話確認") }),
        ("電話告知", Act::TellOtherwise { how: said("已電話告知") }),
        ("續辦", Act::Continue { reason: said("尚有未竟事項"), units: Vec::new() }),
        ("續辦 by another unit", Act::Continue { reason: said("請總務處協同"), units: vec![UnitId(text("general"))] }),
        ("補充", Act::Supplement { ask: None, text: said("請補附現場照片") }),
        ("副知", Act::Copy { units: vec![UnitId(text("general"))], words: said("請參考") }),
        ("維持結案", Act::LetStand { reason: said("已充分說明") }),
        ("改分 by the unit", Act::PassOn { unit: UnitId(text("general")), reason: text("屬總務處業務") }),
        ("核准", decide(Verdict::Approve)),
        ("退回 (approver)", decide(Verdict::Return { reason: said("請補充") })),
        ("退回 (approver) without a reason", decide(Verdict::Return { reason: said("") })),
        ("修正後發", decide(Verdict::Edit { text: said("陳同學您好：修正稿。"), comment: said("") })),
    ];
    let first = case.asks.first().filter(|a| !a.is_open()).map(|a| a.ask);
    acts.extend(first.map(|ask| ("核准 of the first step, again", Act::Decide { ask: Some(ask), verdict: Verdict::Approve })));
    if let Some(ask) = case.open_asks().next() {
        let signer = ask.candidates[0].person.clone();
        let entered = |on, scan| Act::EnterPaper { ask: ask.ask, signer: signer.clone(), on, scan: text(scan) };
        acts.push(("代登核准", entered(jiff::civil::date(2026, 3, 3), "f00")));
        acts.push(("代登核准 without a scan", entered(jiff::civil::date(2026, 3, 3), "")));
        acts.push(("代登核准 signed tomorrow", entered(jiff::civil::date(2026, 3, 5), "f00")));
        acts.push(("確認 of a paper that nobody entered", Act::ConfirmPaper { ask: ask.ask }));
    }
    acts
}

/// Everything that happens without anybody of the house.
pub fn events(case: &Case) -> Vec<(String, Event)> {
    let judged = |round: u32, satisfaction| EventKind::SurveyAnswered {
        round,
        satisfaction,
        answers: BTreeMap::from([("comment".to_owned(), Pii::new("謝謝".to_owned()))]),
    };
    let undelivered = |to_complainant, permanent| EventKind::Undelivered {
        letter: if to_complainant { "answer" } else { "forward" }.to_owned(),
        to_complainant,
        recipient: Pii::new("somebody@mail.example".to_owned()),
        status: "5.1.1".to_owned(),
        permanent,
    };
    let by = |actor: Actor, kind| Event { at: now(), actor, kind };
    let mut out = vec![
        ("complainant writes".to_owned(), wrote(now(), "補充：尚有一門課。", None)),
        ("complainant takes it back".to_owned(), wrote(now(), "撤案，謝謝。", None)),
        ("complainant writes 滿意".to_owned(), wrote(now(), "滿意", Some(Satisfaction::Satisfied))),
        ("complainant writes 普通".to_owned(), wrote(now(), "普通", Some(Satisfaction::Neutral))),
        ("complainant writes 不滿意".to_owned(), wrote(now(), "不滿意", Some(Satisfaction::Dissatisfied))),
    ];
    for satisfaction in [Satisfaction::Satisfied, Satisfaction::Neutral, Satisfaction::Dissatisfied] {
        out.push((format!("survey {satisfaction:?}").to_lowercase(), by(Actor::Complainant, judged(case.round, satisfaction))));
    }
    out.push(("survey of an earlier round".to_owned(), by(Actor::Complainant, judged(case.round - 1, Satisfaction::Dissatisfied))));
    for (name, kind) in [
        ("answer undelivered", undelivered(true, true)),
        ("answer delayed", undelivered(true, false)),
        ("forward undelivered", undelivered(false, true)),
        ("complainant's auto reply", EventKind::AutoReplied { person: None, deputy: None }),
        ("chen's auto reply", EventKind::AutoReplied { person: Some(PersonId("chen".to_owned())), deputy: None }),
    ] {
        out.push((name.to_owned(), by(Actor::Robot, kind)));
    }
    let stranger = EventKind::StrangerWrote { from: Pii::new("who@mail.example".to_owned()), text: Pii::new("請問".to_owned()) };
    out.push(("a stranger writes".to_owned(), by(Actor::Stranger, stranger)));
    out.push((
        "an act was refused".to_owned(),
        by(Actor::Stranger, EventKind::Refused { act: "approved".to_owned(), why: "unproved".to_owned() }),
    ));
    out.push(("a complaint opens it again".to_owned(), complaint(now(), &["academic"])));
    for key in timers(case) {
        out.push((format!("timer {key}"), by(Actor::System, EventKind::TimerDue { key })));
    }
    out
}

fn timers(case: &Case) -> Vec<TimerKey> {
    let ask = case.asks.last().map_or(1, |a| a.ask);
    let mut keys: Vec<TimerKey> = (0..4).map(|rule| TimerKey::Reminder { kind: DeadlineKind::Answer, rule }).collect();
    keys.extend([
        TimerKey::Passed { kind: DeadlineKind::Answer },
        TimerKey::Approval { ask, times: 0 },
        TimerKey::Approval { ask, times: 2 },
        TimerKey::Triage { times: 0 },
        TimerKey::Triage { times: 2 },
        TimerKey::Confirm { times: 0 },
        TimerKey::Silence,
        TimerKey::Call { task: 1, times: 0 },
        TimerKey::Escalation { times: 0 },
        TimerKey::Delay,
    ]);
    keys
}

/// What a step changed in the case, in a few words.
fn changes(before: &Case, after: &Case) -> Vec<String> {
    let mut out = Vec::new();
    let mut note = |name: &str, old: String, new: String| {
        if old != new {
            out.push(format!("{name} {new}"));
        }
    };
    let or_none = |text: Option<&str>| text.unwrap_or("none").to_owned();
    let ending = |case: &Case| case.outcome.map_or("none", |o| o.name()).to_owned();
    note("outcome", ending(before), ending(after));
    note("major", before.major.to_string(), after.major.to_string());
    note("confidential", before.confidential.to_string(), after.confidential.to_string());
    note("categories", before.categories.len().to_string(), after.categories.len().to_string());
    note("links", before.links.len().to_string(), after.links.len().to_string());
    note("record", before.record.len().to_string(), after.record.len().to_string());
    note("extensions", before.extensions.to_string(), after.extensions.to_string());
    note("unit", or_none(before.unit.as_ref().map(UnitId::as_str)), or_none(after.unit.as_ref().map(UnitId::as_str)));
    note("handler", or_none(before.handler.as_ref().map(PersonId::as_str)), or_none(after.handler.as_ref().map(PersonId::as_str)));
    note("co-units", before.co_units.len().to_string(), after.co_units.len().to_string());
    note("self-handled", before.self_handled.to_string(), after.self_handled.to_string());
    note("acceptance", accepted(before), accepted(after));
    note("round", before.round.to_string(), after.round.to_string());
    note("drafts", before.drafts.len().to_string(), after.drafts.len().to_string());
    note("notes", before.handling.len().to_string(), after.handling.len().to_string());
    note("surveys", before.surveys.len().to_string(), after.surveys.len().to_string());
    note("open asks", before.open_asks().count().to_string(), after.open_asks().count().to_string());
    note("unconfirmed", before.unconfirmed.is_some().to_string(), after.unconfirmed.is_some().to_string());
    note("extension asked", before.extension_asked.is_some().to_string(), after.extension_asked.is_some().to_string());
    note("calls", before.calls.len().to_string(), after.calls.len().to_string());
    note("started", before.started_at.is_some().to_string(), after.started_at.is_some().to_string());
    note("escalations", before.escalations.to_string(), after.escalations.to_string());
    note("undelivered", before.undelivered.len().to_string(), after.undelivered.len().to_string());
    note("answer", deadline(before), deadline(after));
    out
}

fn accepted(case: &Case) -> String {
    crate::support::office::variant(&case.acceptance)
}

fn deadline(case: &Case) -> String {
    let of = |d: &Deadline| {
        if d.met_at.is_some() {
            "met".to_owned()
        } else {
            format!("due {}", d.due_at.map_or(0, |at| (at.unix() - hour(0).unix()) / 86_400))
        }
    };
    case.deadlines.iter().rev().find(|d| d.kind == DeadlineKind::Answer).map_or_else(|| "none".to_owned(), of)
}

fn told(case: &Case, outcome: &Result<Step, redress::domain::Refusal>, office: &Office) -> String {
    let step = match outcome {
        Err(refusal) => return format!("✗ {}", refusal.name()),
        Ok(step) => step,
    };
    let mut parts = Vec::new();
    parts.push(if step.case.state == case.state { "=".to_owned() } else { format!("→ {}", step.case.state.name()) });
    parts.extend(changes(case, &step.case));
    let armed = |e: &&Effect| !matches!(e, Effect::Disarm(_));
    parts.extend(step.effects.iter().filter(armed).map(|e| in_short(e, office)));
    let mut off: Vec<String> = step.effects.iter().filter(|e| !armed(e)).map(|e| in_short(e, office)).collect();
    off.dedup();
    parts.extend(off);
    parts.join("; ")
}

fn page() -> String {
    let office = kmu();
    let mut out = String::from(
        "# Every state × everything that can happen. `=` the state stays; ✗ refused; after it: what changed, letters, timers.\n\
         # wang: secretariat, chen: handler, lin: his head, huang: of a co-handling unit, lee: chief secretary, hsu: president\n",
    );
    for state in State::ALL {
        let case = case_in(state, &office);
        let _ = writeln!(out, "\n══ {} ══", state.name());
        for (name, deed) in acts(&case) {
            let mut same: Vec<(String, Vec<&str>)> = Vec::new();
            for who in PEOPLE {
                let said = told(&case, &transition(&case, &act(now(), who, deed.clone()), &office), &office);
                match same.iter_mut().find(|(words, _)| *words == said) {
                    Some((_, people)) => people.push(who),
                    None => same.push((said, vec![who])),
                }
            }
            let _ = writeln!(out, "{name}");
            for (words, people) in same {
                let _ = writeln!(out, "    {}: {words}", people.join(" "));
            }
        }
        for (name, event) in events(&case) {
            let _ = writeln!(out, "{name}\n    {}", told(&case, &transition(&case, &event, &office), &office));
        }
    }
    out
}

#[test]
fn the_procedure_is_as_the_page_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/transitions.txt");
    let page = page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).expect("the golden file");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let differs: Vec<String> = golden
        .lines()
        .zip(page.lines())
        .enumerate()
        .filter(|(_, (a, b))| a != b)
        .take(10)
        .map(|(n, (a, b))| format!("line {}:\n- {a}\n+ {b}", n + 1))
        .collect();
    assert!(golden == page, "the procedure has changed; read it, then UPDATE_GOLDEN=1:\n{}", differs.join("\n"));
}

#[test]
fn what_is_said_to_be_possible_is_not_refused_for_its_state() {
    let office = kmu();
    for state in State::ALL {
        let case = case_in(state, &office);
        for who in PEOPLE {
            let asked = act(now(), who, Act::Start);
            for name in redress::domain::possible(&case, &asked, &office) {
                let tried = acts(&case).into_iter().filter(|(_, deed)| deed.name() == name);
                let refused: Vec<_> = tried.map(|(_, deed)| transition(&case, &act(now(), who, deed), &office).err()).collect();
                let in_vain = refused.iter().all(|r| r.as_ref().is_some_and(|r| matches!(r.name(), "not_possible" | "not_allowed")));
                assert!(!in_vain, "{who} is told that he may do {name} in {}", state.name());
            }
        }
    }
}
