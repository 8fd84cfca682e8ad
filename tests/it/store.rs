//! The store, on SQLite and on PostgreSQL: nearly every test is one function over `World`, called twice.

use std::future::Future;

use redress::calendar::Moment;
use redress::clock::Chance;
use redress::store::cases::CaseRow;
use redress::store::inbox::NewMail;
use redress::store::outbox::NewLetter;
use redress::store::{Dialect, Store};
use sqlx::{AnyConnection, Connection};

use crate::support::postgres::shared as postgres;

mod cases;
mod events;
mod inbox;
mod outbox;
mod rest;
mod schema;
mod sqlite;

/// What a test works with. Cheap to clone, for tests of several tasks.
#[derive(Clone)]
struct World {
    store: Store,
    chance: Chance,
    /// Where the database is, for those who write past the store.
    url: String,
}

impl World {
    async fn open(url: &str) -> Self {
        let store = Store::open(url).await.expect("the store opens");
        Self { store, chance: Chance::seeded(7), url: url.to_owned() }
    }

    /// A connection past the store, for tampering.
    async fn behind(&self) -> AnyConnection {
        AnyConnection::connect(&self.url).await.expect("a second connection")
    }

    /// Writes past the store and past the guards of the trail, as who owns the database can.
    async fn tamper(&self, statement: &'static str) {
        let mut conn = self.behind().await;
        sqlx::raw_sql(match self.store.dialect() {
            Dialect::Sqlite => {
                "DROP TRIGGER IF EXISTS events_stay; DROP TRIGGER IF EXISTS events_as_written; DROP TRIGGER IF EXISTS events_in_order;
                 DROP TRIGGER IF EXISTS events_head_stays; DROP TRIGGER IF EXISTS events_head_grows"
            }
            Dialect::Postgres => "ALTER TABLE events DISABLE TRIGGER USER; ALTER TABLE events_head DISABLE TRIGGER USER",
        })
        .execute(&mut conn)
        .await
        .expect("guards");
        sqlx::raw_sql(statement).execute(&mut conn).await.expect(statement);
        conn.close().await.expect("closes");
    }
}

/// A moment, in seconds.
fn at(seconds: i64) -> Moment {
    Moment::from_unix(1_790_000_000 + seconds)
}

/// Runs a test on a fresh store of each kind.
async fn on_both<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let world = World::open(&format!("sqlite:{}", folder.path().join("store.db").display())).await;
    assert_eq!(world.store.dialect(), Dialect::Sqlite);
    test(world.clone()).await;
    world.store.close().await;
    let world = World::open(&postgres().database()).await;
    assert_eq!(world.store.dialect(), Dialect::Postgres);
    test(world.clone()).await;
    world.store.close().await;
}

fn mail(uid: i64, raw: &[u8]) -> NewMail {
    NewMail {
        mailbox: "service@kmu.example".into(),
        folder: "INBOX".into(),
        uidvalidity: 3,
        uid,
        internal_at: at(uid),
        raw: raw.to_vec(),
        truncated_size: None,
    }
}

fn letter(effect: &str, case_id: &str) -> NewLetter {
    NewLetter {
        case_id: Some(case_id.into()),
        kind: "acknowledgement".into(),
        effect_key: effect.into(),
        envelope_from: String::new(),
        recipient: "Wang@Example.org".into(),
        subject: "已收到您的來信".into(),
        message_id: format!("<{effect}@kmu.example>"),
        raw: format!("Subject: {effect}\r\n\r\n您好\0").into_bytes(),
        text: "您好".into(),
        not_before: at(0),
        automatic: true,
        world: "public".into(),
    }
}

fn case(id: &str, serial: i64) -> CaseRow {
    CaseRow {
        id: id.into(),
        serial,
        number: format!("115-{serial:03}"),
        version: 1,
        state: "assigned".into(),
        outcome: None,
        grade: Some("特急".into()),
        major: false,
        confidential: true,
        unit: Some("academic".into()),
        channel: "mail".into(),
        subject: "選課系統無法登入".into(),
        complainant_key: Some("wang@example.org".into()),
        text_hash: Some("abc".into()),
        round: 1,
        opened_at: at(serial),
        due_at: Some(at(serial + 1000)),
        answered_at: None,
        closed_at: None,
        updated_at: at(serial),
        body: "{\"姓名\":\"王小明\"}".into(),
    }
}
