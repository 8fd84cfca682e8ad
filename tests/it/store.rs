//! The store, on SQLite and on PostgreSQL: nearly every test is one function over `World`, called twice.

use std::future::Future;

use redress::clock::Chance;
use redress::store::{Dialect, Store};
use sqlx::{AnyConnection, Connection};

use crate::support::postgres::shared as postgres;
use crate::support::rows::{at, case, letter, mail};

mod cases;
mod events;
mod inbox;
mod long;
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
