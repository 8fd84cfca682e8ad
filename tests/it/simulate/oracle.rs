//! What must hold after every simulated life, whatever happened in it (RELIABILITY, section 0): every mail in one place, every
//! letter once, numbers without holes, a trail that proves itself and folds into the rows.

use std::collections::{BTreeMap, BTreeSet};

use redress::calendar::Moment;
use redress::desk::Desk;
use redress::store::{Store, events, inbox, notes, outbox, surveys};
use redress::trust::SurveyLink;

use super::life::Life;
use super::secrecy;

/// Letters in a state.
pub async fn in_state(store: &Store, state: outbox::State) -> Vec<String> {
    letters(store).await.into_iter().filter(|l| l.state == state).map(|l| l.id).collect()
}

/// Every letter, of cases and of none.
async fn letters(store: &Store) -> Vec<outbox::OutboxRow> {
    outbox::all(store).await.expect("the outbox can be read")
}

/// Whether nothing waits any more.
pub async fn settled(store: &Store) -> bool {
    let mails = inbox::all(store).await.expect("inbox");
    mails.iter().all(|m| m.state != inbox::State::New)
        && letters(store).await.iter().all(|l| matches!(l.state, outbox::State::Sent | outbox::State::Never | outbox::State::Withdrawn))
}

/// Mails that a running daemon should have dealt with and has not: never taken, or taken and not read. What came in a moment ago
/// does not count.
pub async fn not_taken(store: &Store, life: &Life) -> Vec<String> {
    let (written, vanished) = (life.people.lock().expect("people").written.clone(), life.imap.vanished());
    let late = life.clock.now().plus_seconds(-660);
    let mut taken = BTreeSet::new();
    for row in inbox::all(store).await.expect("inbox") {
        if row.state != inbox::State::New {
            taken.insert(inbox::raw(store, &row.id).await.expect("bytes"));
        }
    }
    let left = written.iter().filter(|w| w.at < late && !taken.contains(&w.raw) && !vanished.contains(&w.raw));
    left.map(|w| beginning(&w.raw)).collect()
}

/// Everything that is wrong.
pub async fn look(desk: &Desk, life: &Life) -> Vec<String> {
    let mut wrong: Vec<String> = life.imap.sins().into_iter().map(|s| format!("said to the IMAP server: {s}")).collect();
    mails(desk, life, &mut wrong).await;
    cases(desk, &mut wrong).await;
    outgoing(desk, life, &mut wrong).await;
    secrecy::look(life, &mut wrong);
    let thanked = life.visits.lock().expect("visits").thanked.clone();
    for (link, form) in &thanked {
        let hash = link.rsplit('/').next().and_then(SurveyLink::parse).map(|l| l.hash()).unwrap_or_default();
        let row = surveys::by_token_hash(&desk.store, &hash).await.expect("surveys");
        if row.is_none_or(|r| r.answers.is_none()) {
            wrong.push(format!("a visitor was thanked and nothing was kept: {form}"));
        }
    }
    wrong
}

async fn mails(desk: &Desk, life: &Life, wrong: &mut Vec<String>) {
    let rows = inbox::all(&desk.store).await.expect("inbox");
    let mut by_bytes: BTreeMap<Vec<u8>, Vec<inbox::InboxRow>> = BTreeMap::new();
    for row in rows {
        let raw = inbox::raw(&desk.store, &row.id).await.expect("bytes");
        by_bytes.entry(raw).or_default().push(row);
    }
    let trail = events::after(&desk.store, 0, 1_000_000).await.expect("trail");
    let (written, vanished) = (life.people.lock().expect("people").written.clone(), life.imap.vanished());
    let known: BTreeSet<&[u8]> = written.iter().map(|w| w.raw.as_slice()).collect();
    for (raw, rows) in &by_bytes {
        if !known.contains(raw.as_slice()) {
            wrong.push(format!("in custody and written by nobody: {}", beginning(raw)));
        }
        for row in rows {
            place(row, &trail, wrong);
        }
        let counted = rows.iter().filter(|r| r.state != inbox::State::Ignored).count();
        if counted > 1 {
            wrong.push(format!("the same bytes count {counted} times: {}", beginning(raw)));
        }
    }
    for mail in &written {
        if !by_bytes.contains_key(&mail.raw) && !vanished.contains(&mail.raw) {
            wrong.push(format!("never taken: {}", beginning(&mail.raw)));
        }
    }
    for (key, copies) in life.people.lock().expect("people").complaints() {
        let rows: Vec<&inbox::InboxRow> = copies.iter().filter_map(|raw| by_bytes.get(raw)).flatten().collect();
        let opened = trail.iter().filter(|e| e.kind == "opened" && rows.iter().any(|r| Some(&r.id) == e.source.as_ref())).count();
        let held = rows.iter().filter(|r| r.state == inbox::State::Held).count();
        if opened > 1 {
            wrong.push(format!("complaint {key} opened {opened} cases"));
        }
        if !rows.is_empty() && opened + held == 0 {
            wrong.push(format!("complaint {key} opened no case: {rows:?}"));
        }
    }
}

/// A mail is in exactly one place.
fn place(row: &inbox::InboxRow, trail: &[events::EventRow], wrong: &mut Vec<String>) {
    let cases: BTreeSet<&str> =
        trail.iter().filter(|e| e.source.as_deref() == Some(&row.id)).filter_map(|e| e.case_id.as_deref()).collect();
    let fine = match row.state {
        inbox::State::New => false,
        inbox::State::Held | inbox::State::Ignored => row.reason.is_some() && cases.is_empty(),
        inbox::State::Done => cases.len() <= 1 && cases.iter().all(|c| row.case_id.as_deref() == Some(c)),
    };
    if !fine {
        wrong.push(format!("in no one place: {row:?}, events of {cases:?}"));
    }
}

async fn cases(desk: &Desk, wrong: &mut Vec<String>) {
    let cases = desk.cases().await.expect("cases");
    // The running number is the last group of digits; what stands before it is the year's or the month's.
    let mut series: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for case in &cases {
        let before = case.number.trim_end_matches(|c: char| c.is_ascii_digit());
        series.entry(before.to_owned()).or_default().insert(case.number[before.len()..].parse().expect("digits"));
    }
    let holes = series.values().any(|numbers| numbers.iter().copied().ne(1..=numbers.len()));
    if holes || series.values().map(BTreeSet::len).sum::<usize>() != cases.len() {
        wrong.push(format!("numbers with holes or given twice: {series:?}"));
    }
    match events::verify(&desk.store).await.expect("verify") {
        events::Verdict::Ok { .. } => {}
        broken @ events::Verdict::Broken { .. } => wrong.push(format!("the trail: {broken:?}")),
    }
    for case in cases {
        match desk.replay(&case).await {
            Ok(replayed) if replayed.same => {}
            other => wrong.push(format!("{} is not what its trail says: {:?}", case.number, other.map(|r| r.events))),
        }
    }
}

async fn outgoing(desk: &Desk, life: &Life, wrong: &mut Vec<String>) {
    let mut arrived: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for kept in life.smtp.kept() {
        *arrived.entry(kept.raw).or_default() += 1;
    }
    let mut ours = BTreeSet::new();
    for letter in letters(&desk.store).await {
        let raw = outbox::raw(&desk.store, &letter.id).await.expect("bytes");
        let copies = arrived.get(&raw).copied().unwrap_or(0);
        let doubts = life.smtp.doubts(&raw) + life.cut_short.get(&raw).copied().unwrap_or(0);
        let what = format!("{} to {} ({:?}, {:?})", letter.kind, letter.recipient, letter.state, letter.why);
        match letter.state {
            outbox::State::Sent if copies == 0 => wrong.push(format!("sent and never arrived: {what}")),
            outbox::State::Sent => {}
            outbox::State::Never if life.smtp.refused(&raw, &letter.recipient) || doubts + life.smtp.broken(&letter.recipient) > 0 => {}
            outbox::State::Never => wrong.push(format!("given up, although nobody refused it: {what}")),
            outbox::State::Withdrawn if copies == 0 => {}
            outbox::State::Withdrawn => wrong.push(format!("called back and sent: {what}")),
            outbox::State::Queued | outbox::State::Claimed | outbox::State::InDoubt | outbox::State::Later => {
                wrong.push(format!("still not sent: {what}"));
            }
        }
        if copies > 1 + doubts {
            wrong.push(format!("left {copies} times with {doubts} doubts: {what}"));
        }
        if copies > 1 && life.keeps_sent {
            wrong.push(format!("left {copies} times, although its copy lay among the sent mails: {what}"));
        }
        if copies > 2 {
            wrong.push(format!("left {copies} times, {doubts} doubts: {what}"));
        }
        ours.insert(raw);
    }
    let told = notes::since(&desk.store, Moment::from_unix(0), desk.clock.now().plus_seconds(1)).await.expect("notes");
    wrong.extend(told.iter().filter(|n| n.kind == "sent_foreign").map(|n| format!("our own letter is told as not ours: {}", n.text)));
    for raw in arrived.keys().filter(|raw| !ours.contains(*raw)) {
        wrong.push(format!("arrived and not in the outbox: {}", beginning(raw)));
    }
}

fn beginning(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let subject = text.lines().find(|l| l.starts_with("Subject:")).unwrap_or_default();
    format!("{} bytes, {subject:?}, {:?}", raw.len(), text.chars().take(60).collect::<String>())
}
