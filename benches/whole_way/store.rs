//! What the store costs, empty and full, on SQLite and on PostgreSQL: mails taken in, cases' transactions, letters. Called by `main`.

use std::time::Instant;

use redress::clock::Chance;
use redress::store::messages::{self, NewMessage};
use redress::store::outbox::{self, NewLetter};
use redress::store::{Store, Tx, cases, events, inbox, notes, threads, timers};
use tokio::runtime::Runtime;

use super::line;
use super::support::postgres;
use super::support::rows::{at, case, letter, mail};

struct World {
    store: Store,
    chance: Chance,
}

/// Both databases.
pub fn both(runtime: &Runtime) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    runtime.block_on(measure(&format!("sqlite:{}", folder.path().join("s.db").display()), "SQLite", 100_000));
    runtime.block_on(measure(&postgres::shared().database(), "PostgreSQL", 20_000));
}

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
        let new =
            NewLetter { raw: vec![b'x'; size].into(), recipient: format!("{kind}@example.org"), ..letter(&format!("{id}/{kind}"), &id) };
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
        outbox::automatic_times(&world.store, "wang@example.org", at(0)).await.expect("times");
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
        outbox::mark_in_doubt(&world.store, &ids, "w", at(9_000_000)).await.expect("doubt");
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

async fn measure(url: &str, name: &str, full: usize) {
    let world = World { store: Store::open(url).await.expect("the store opens"), chance: Chance::seeded(7) };
    let world = &world;
    let mut whole = Vec::new();
    let mut uid = 1;
    for step in [0, full] {
        if step > 0 {
            sending(world).await;
            fill(world, step).await;
            sending(world).await;
        }
        let rate = taking_in(world, uid, 20).await;
        uid += 1000;
        casing(world, 100).await;
        let (tx, all) = casing(world, 400).await;
        let letter = sending(world).await;
        line(&format!("{name}, {step} cases before: mails/s taken in"), &format!("{rate:.0}"), "-");
        line("  a case: ms in its transaction (in all)", &format!("{tx:.2} ({all:.2})"), "-");
        line("  a letter claimed, in doubt, sent (ms)", &format!("{letter:.2}"), "-");
        whole.push(all);
    }
    let begun = Instant::now();
    events::verify(&world.store).await.expect("verified");
    line("  the whole trail verified (s)", &format!("{:.1}", begun.elapsed().as_secs_f64()), "-");
    if let [empty, full] = whole.as_slice() {
        line("  a case in the full store, times that in the empty one", &format!("{:.2}", full / empty), "< 1.3");
    }
    world.store.close().await;
}
