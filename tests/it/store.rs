//! The store, on SQLite and on PostgreSQL: every test is one function over `Store`, called twice.

use std::future::Future;
use std::sync::OnceLock;

use redress::calendar::Moment;
use redress::clock::Chance;
use redress::store::{Dialect, Store};

use crate::support::postgres::Postgres;

mod inbox;
mod outbox;

/// A moment, in seconds.
fn at(seconds: i64) -> Moment {
    Moment::from_unix(1_790_000_000 + seconds)
}

/// Runs a test on a fresh store of each kind.
async fn on_both<F: Future<Output = ()>>(test: impl Fn(Store, Chance) -> F) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&format!("sqlite:{}", folder.path().join("申訴 store.db").display())).await.expect("SQLite opens");
    test(store.clone(), Chance::seeded(7)).await;
    store.close().await;
    let store = Store::open(&postgres().database()).await.expect("PostgreSQL opens");
    assert_eq!(store.dialect(), Dialect::Postgres);
    test(store.clone(), Chance::seeded(7)).await;
    store.close().await;
}

/// One server for all tests of this process; it ends with the process.
fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start().expect("install postgresql (Debian: apt-get install postgresql)"))
}
