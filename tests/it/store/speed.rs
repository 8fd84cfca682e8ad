//! What the store costs, empty and full. Ignored in ordinary runs, since it takes a minute and wants a quiet machine:
//! `cargo test --release --test it store::speed -- --ignored --nocapture --test-threads=1`.

use std::time::Instant;

use redress::store::messages::{self, NewMessage};
use redress::store::outbox::{self, NewLetter};
use redress::store::{Tx, cases, events, inbox, notes, threads, timers};

use super::{World, at, case, letter, mail};

/// A case's whole transaction, as the desk makes it, with two letters of `size` bytes.
async fn open_case(world: &World, tx: &mut Tx, inbox_id: Option<&str>, size: usize) {
    let serial = cases::draw_number(tx, "cases").await.expect("serial");
    cases::draw_number(tx, "number:115").await.expect("number");
    let id = world.chance.ulid(at(serial));
    let mut row = case(&id, serial);
    row.body = "事".repeat(700);
    row.complainant_key = Some(format!("person{serial}@example.org"));
    row.text_hash = Some(id.clone());
    cases::insert(tx, &row).await.expect("case");
    let event = events::NewEvent {
        case_id: Some(id.clone()),
        at: at(serial),
        kind: "opened".into(),
        actor: "complainant".into(),
        source: inbox_id.map(str::to_owned),
        payload: "訴".repeat(200),
        change: "訴".repeat(700),
    };
    events::append(tx, event).await.expect("event");
    for kind in ["ack", "forward"] {
        let new = NewLetter { raw: vec![b'x'; size], recipient: format!("{kind}@example.org"), ..letter(&format!("{id}/{kind}"), &id) };
        outbox::queue(tx, &world.chance, at(serial), new).await.expect("letter");
        threads::remember(tx, &format!("<{id}.{kind}@kmu.example>"), &id, "public", None).await.expect("thread");
    }
    threads::remember(tx, &format!("<{id}@example.org>"), &id, "public", None).await.expect("thread");
    for key in ["deadline/answer", "remind/answer/1", "urge/answer"] {
        timers::arm(tx, &id, key, at(600_000 + serial), "{}").await.expect("timer");
    }
    notes::tell(tx, at(serial), "opened", Some(&id), "{}").await.expect("note");
    let message = NewMessage {
        case_id: id.clone(),
        inbox_id: inbox_id.map(str::to_owned),
        kind: "complaint".into(),
        from: "wang@example.org".into(),
        to: vec!["service@kmu.example".into()],
        subject: "選課".into(),
        message_id: Some(format!("<{id}@example.org>")),
        at: at(serial),
        text: "無法登入".repeat(100),
    };
    messages::record_in(tx, &message).await.expect("message");
    if let Some(inbox_id) = inbox_id {
        inbox::finish(tx, inbox_id, inbox::State::Done, None, Some("human"), Some(&id), None).await.expect("finished");
    }
}

/// Mails taken in a second, by fifties of 30 KB.
async fn taking_in(world: &World, first: i64, batches: i64) -> f64 {
    let body: Vec<u8> = (0..30_000u32).map(|n| (n % 251) as u8).collect();
    let begun = Instant::now();
    for batch in 0..batches {
        let mails = (0..50).map(|n| mail(first + batch * 50 + n, &body)).collect();
        inbox::take_in(&world.store, &world.chance, at(0), mails).await.expect("taken");
    }
    batches as f64 * 50.0 / begun.elapsed().as_secs_f64()
}

/// Milliseconds a case: reading what waits, counting the try, its bytes, its look-ups, its transaction.
async fn casing(world: &World, count: i64) -> (f64, f64) {
    let (mut in_tx, begun) = (0.0, Instant::now());
    for row in inbox::next_new(&world.store, count).await.expect("next") {
        inbox::count_attempt(&world.store, &row.id).await.expect("counted");
        inbox::raw(&world.store, &row.id).await.expect("raw");
        inbox::earlier_copy(&world.store, &row.sha256, &row.id).await.expect("copy");
        threads::find(&world.store, &["<a@b>".into(), "<c@d>".into()]).await.expect("find");
        cases::list_by_complainant(&world.store, &format!("person{}@example.org", row.uid), at(0)).await.expect("list");
        outbox::automatic_since(&world.store, "wang@example.org", at(0)).await.expect("count");
        let tx_begun = Instant::now();
        let mut tx = world.store.begin().await.expect("begin");
        open_case(world, &mut tx, Some(&row.id), 50_000).await;
        tx.commit().await.expect("commit");
        in_tx += tx_begun.elapsed().as_secs_f64();
    }
    (in_tx * 1000.0 / count as f64, begun.elapsed().as_secs_f64() * 1000.0 / count as f64)
}

/// Milliseconds a letter, by twenties: claimed, in doubt, sent.
async fn sending(world: &World) -> f64 {
    let (mut letters, begun) = (0, Instant::now());
    loop {
        let claimed = outbox::claim(&world.store, "w", at(9_000_000), 600, 20).await.expect("claimed");
        if claimed.is_empty() {
            return begun.elapsed().as_secs_f64() * 1000.0 / f64::from(letters);
        }
        let ids: Vec<String> = claimed.into_iter().map(|letter| letter.id).collect();
        outbox::mark_in_doubt(&world.store, &ids, "w").await.expect("doubt");
        letters += i32::try_from(ids.len()).expect("few");
        let sent: Vec<_> = ids.into_iter().map(|id| (id, "250 2.0.0 Ok".to_owned())).collect();
        outbox::mark_sent(&world.store, &sent, at(9_000_001)).await.expect("sent");
    }
}

async fn fill(world: &World, cases: usize) {
    for _ in 0..cases / 500 {
        let mut tx = world.store.begin().await.expect("begin");
        for _ in 0..500 {
            open_case(world, &mut tx, None, 300).await;
        }
        tx.commit().await.expect("commit");
    }
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned()
}

async fn measure(world: &World, name: &str, full: usize) {
    let mut whole = Vec::new();
    let mut uid = 1;
    for step in [0, full] {
        if step > 0 {
            sending(world).await;
            fill(world, step).await;
            let begun = Instant::now();
            sending(world).await;
            println!("{name}: {} small letters sent in {:?}", step * 2, begun.elapsed());
        }
        let rate = taking_in(world, uid, 20).await;
        uid += 1000;
        casing(world, 100).await;
        let (tx, all) = casing(world, 400).await;
        let letter = sending(world).await;
        println!(
            "{name}: {step} cases before: {rate:.0} mails/s taken in; a case {tx:.2} ms in its transaction, {all:.2} ms in all; a letter {letter:.2} ms; {}",
            peak_memory()
        );
        whole.push(all);
    }
    let begun = Instant::now();
    let verdict = events::verify(&world.store).await.expect("verified");
    println!("{name}: verified in {:?}: {verdict:?}; {}", begun.elapsed(), peak_memory());
    let begun = Instant::now();
    let ledger = redress::store::ledger::read(&world.store).await.expect("ledger");
    println!("{name}: ledger in {:?}: {ledger:?}", begun.elapsed());
    assert!(matches!(whole.as_slice(), [empty, full] if full / empty < 1.3), "{whole:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn sqlite_full_is_as_fast_as_empty() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let world = World::open(&format!("sqlite:{}", folder.path().join("s.db").display())).await;
    measure(&world, "SQLite", 100_000).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn postgres_full_is_as_fast_as_empty() {
    let world = World::open(&super::postgres().database()).await;
    measure(&world, "PostgreSQL", 20_000).await;
}
