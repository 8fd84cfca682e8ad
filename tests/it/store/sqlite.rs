//! What only a file can do wrong: its place, its mode, its second daemon, its settings.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use redress::clock::Chance;
use redress::store::{Error, Store, inbox, meta};
use sqlx::{Connection, Row};

use super::{World, at, mail, on_both, postgres};

/// Another process holds the database: whoever writes waits for his turn, and where it does not come in time nothing is half done.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_is_waited_for_and_given_up_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let world = World::open(&format!("sqlite:{}", folder.path().join("s.db").display())).await;
    for (held, comes) in [(2, true), (12, false)] {
        let mut other = world.behind().await;
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.expect("locked");
        let unlocked = tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_secs(held)).await;
            sqlx::raw_sql("COMMIT").execute(&mut other).await.expect("unlocked");
        });
        let uid = i64::try_from(held).expect("small");
        let taken = inbox::take_in(&world.store, &world.chance, at(0), vec![mail(uid, b"x")]).await;
        assert_eq!(taken.is_ok(), comes, "{held} s: {taken:?}");
        assert!(comes || matches!(taken, Err(Error::Busy(_))), "{taken:?}");
        unlocked.await.expect("ended");
        let there = inbox::known_uids(&world.store, "service@kmu.example", "INBOX", 3).await.expect("known");
        assert_eq!(there.contains(&u32::try_from(uid).expect("small")), comes);
        // And the next one succeeds.
        inbox::take_in(&world.store, &world.chance, at(0), vec![mail(uid + 100, b"y")]).await.expect("taken");
    }
}

#[tokio::test]
async fn a_wrong_address_is_named() {
    for url in ["", "redress.db", "mysql://localhost/x", "sqlite:", "sqlite::memory:"] {
        assert!(matches!(Store::open(url).await, Err(Error::Url(_))), "{url}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = folder.path().join("not/there");
    match Store::open(&format!("sqlite:{}/store.db", missing.display())).await {
        Err(Error::NoFolder(named)) => assert_eq!(named, missing),
        other => panic!("{other:?}"),
    }
    // A folder in the file's place, and a file that is no database.
    assert!(matches!(Store::open(&format!("sqlite:{}", folder.path().display())).await, Err(Error::File { .. })));
    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, "親愛的先生：".repeat(1000)).expect("written");
    match Store::open(&format!("sqlite:{}", letter.display())).await {
        Err(Error::Damaged(_)) => {}
        other => panic!("{other:?}"),
    }
    match Store::open("postgres://redress@localhost/x?host=/nowhere").await {
        Err(Error::Unreachable(_)) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_file_and_those_beside_it_are_its_owners_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("申訴 100% #1.db");
    let store = Store::open(&format!("sqlite:{}", path.display())).await.expect("opens");
    inbox::take_in(&store, &Chance::seeded(1), at(0), vec![mail(1, b"x")]).await.expect("taken");
    let _lock = store.lock_instance().expect("locked");
    let files: Vec<_> = std::fs::read_dir(folder.path()).expect("folder").map(|file| file.expect("file")).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        let mode = file.metadata().expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file:?}");
        assert!(file.file_name().to_string_lossy().starts_with("申訴 100% #1.db"), "{file:?}");
    }
}

#[tokio::test]
async fn a_second_daemon_is_refused_while_others_may_read_and_write() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    let first = Store::open(&url).await.expect("opens");
    let lock = first.lock_instance().expect("locked");
    assert!(lock.is_exclusive());
    let second = Store::open(&url).await.expect("a command may open it");
    assert_eq!(meta::get_or_set(&second, "a", "b").await.expect("and write"), "b");
    match second.lock_instance() {
        Err(error @ Error::InUse { .. }) => assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}"),
        other => panic!("{other:?}"),
    }
    drop(lock);
    assert!(second.lock_instance().is_ok());
    let shared = Store::open(&postgres().database()).await.expect("opens");
    let (a, b) = (shared.lock_instance().expect("a node"), shared.lock_instance().expect("another node"));
    assert!(!a.is_exclusive() && !b.is_exclusive());
}

#[tokio::test]
async fn a_file_that_lies_in_another_mode_is_put_right() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store.db");
    let world = World::open(&format!("sqlite:{}", path.display())).await;
    let mut conn = world.behind().await;
    let row = sqlx::query("PRAGMA journal_mode").fetch_one(&mut conn).await.expect("pragma");
    assert_eq!(row.try_get::<String, _>(0).expect("mode"), "wal");
    let row = sqlx::query("PRAGMA page_size").fetch_one(&mut conn).await.expect("pragma");
    assert_eq!(row.try_get::<i64, _>(0).expect("size"), 8192);
    world.store.close().await;
    sqlx::raw_sql("PRAGMA journal_mode = DELETE").execute(&mut conn).await.expect("pragma");
    conn.close().await.expect("closes");
    let again = World::open(&world.url).await;
    let mut conn = again.behind().await;
    let row = sqlx::query("PRAGMA journal_mode").fetch_one(&mut conn).await.expect("pragma");
    assert_eq!(row.try_get::<String, _>(0).expect("mode"), "wal");
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_no_transaction_behind() {
    on_both(|world| async move {
        for round in 0..30u64 {
            let holder = world.store.begin().await.expect("begin");
            let giving_up = tokio::time::timeout(Duration::from_micros(round * 50), world.store.begin()).await;
            drop(giving_up);
            drop(holder);
        }
        for n in 0..10 {
            let mut tx = world.store.begin().await.expect("begin");
            meta::set(&mut tx, "n", &n.to_string()).await.expect("set");
            tx.commit().await.expect("commit");
        }
        assert_eq!(meta::get(&world.store, "n").await.expect("get").as_deref(), Some("9"));
    })
    .await;
}

#[tokio::test]
async fn the_log_does_not_grow_without_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store.db");
    let store = Store::open(&format!("sqlite:{}", path.display())).await.expect("opens");
    let chance = Chance::seeded(1);
    let body = vec![b'x'; 30_000];
    for batch in 0..60 {
        let mails = (0..50).map(|n| mail(batch * 50 + n, &body)).collect();
        inbox::take_in(&store, &chance, at(0), mails).await.expect("taken");
    }
    let log = std::fs::metadata(folder.path().join("store.db-wal")).expect("log").len();
    assert!(log < 70 << 20, "{log} bytes after 90 MB");
}
