//! The trail: one chain whoever writes, and no way to touch it unnoticed.

use redress::store::Error;
use redress::store::events::{self, Fault, NewEvent, Verdict};

use super::{World, at, on_both};

fn event(case_id: &str, payload: &str) -> NewEvent {
    NewEvent {
        case_id: Some(case_id.into()),
        at: at(1),
        kind: "assigned".into(),
        actor: "wang".into(),
        source: None,
        payload: payload.into(),
        change: "{\"state\":\"assigned\"}".into(),
    }
}

async fn append(world: &World, count: i64) {
    let mut tx = world.store.begin().await.expect("begin");
    for n in 0..count {
        events::append(&mut tx, event("case", &format!("{{\"話\":\"第 {n} 件\0\"}}"))).await.expect("appended");
    }
    tx.commit().await.expect("commit");
}

async fn verdict(world: &World) -> Verdict {
    events::verify(&world.store).await.expect("verified")
}

#[tokio::test]
async fn the_chain_holds_over_transactions_and_undone_ones() {
    on_both(|world| async move {
        assert_eq!(verdict(&world).await, Verdict::Ok { events: 0, head: String::new() });
        append(&world, 3).await;
        let mut tx = world.store.begin().await.expect("begin");
        let undone = events::append(&mut tx, event("case", "{}")).await.expect("appended");
        assert_eq!(undone.seq, 4);
        tx.rollback().await;
        append(&world, 600).await;
        let rows = events::for_case(&world.store, "case").await.expect("rows");
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=603).collect::<Vec<_>>());
        assert!(rows.windows(2).all(|pair| matches!(pair, [a, b] if b.prev_hash == a.hash)));
        let head = events::head(&world.store).await.expect("head");
        assert_eq!(verdict(&world).await, Verdict::Ok { events: 603, head: head.hash });
    })
    .await;
}

#[tokio::test]
async fn eight_tasks_write_one_chain_while_it_is_verified() {
    on_both(|world| async move {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let world = world.clone();
                tokio::spawn(async move {
                    for _ in 0..15 {
                        let mut tx = world.store.begin().await.expect("begin");
                        for _ in 0..2 {
                            events::append(&mut tx, event(&format!("case {task}"), "{}")).await.expect("appended");
                        }
                        tx.commit().await.expect("commit");
                    }
                })
            })
            .collect();
        for _ in 0..10 {
            assert!(matches!(verdict(&world).await, Verdict::Ok { .. }));
        }
        for task in tasks {
            task.await.expect("task");
        }
        assert!(matches!(verdict(&world).await, Verdict::Ok { events: 240, .. }));
        assert_eq!(events::for_case(&world.store, "case 3").await.expect("rows").len(), 30);
    })
    .await;
}

#[tokio::test]
async fn the_database_itself_refuses_to_touch_the_trail() {
    const REFUSED: &[&str] = &[
        "UPDATE events SET payload = '{}' WHERE seq = 2",
        "UPDATE events SET actor = 'lee' WHERE seq = 2",
        "UPDATE events SET hash = 'x' WHERE seq = 3",
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM events",
        "INSERT INTO events (seq, case_id, at, kind, actor, source, payload, change, prev_hash, hash)
         SELECT 5, case_id, at, kind, actor, source, payload, change, hash, 'x' FROM events WHERE seq = 3",
        "INSERT INTO events (seq, case_id, at, kind, actor, source, payload, change, prev_hash, hash)
         SELECT 0, case_id, at, kind, actor, source, payload, change, '', 'x' FROM events WHERE seq = 3",
        "INSERT INTO events (seq, case_id, at, kind, actor, source, payload, change, prev_hash, hash)
         SELECT 4, case_id, at, kind, actor, source, payload, change, prev_hash, 'x' FROM events WHERE seq = 3",
        "UPDATE events_head SET seq = 2",
        "UPDATE events_head SET hash = 'x'",
        "DELETE FROM events_head",
    ];
    on_both(|world| async move {
        append(&world, 3).await;
        let mut conn = world.behind().await;
        for statement in REFUSED {
            let answer = sqlx::raw_sql(*statement).execute(&mut conn).await.expect_err(statement);
            assert!(answer.to_string().contains("append-only"), "{statement}: {answer}");
        }
        if world.store.dialect() == redress::store::Dialect::Sqlite {
            let replaced = "INSERT OR REPLACE INTO events (seq, case_id, at, kind, actor, source, payload, change, prev_hash, hash)
                 SELECT 2, case_id, at, kind, actor, source, '{}', change, prev_hash, hash FROM events WHERE seq = 2";
            assert!(sqlx::raw_sql(replaced).execute(&mut conn).await.is_err());
        } else {
            assert!(sqlx::raw_sql("TRUNCATE events").execute(&mut conn).await.is_err());
        }
        assert!(matches!(verdict(&world).await, Verdict::Ok { events: 3, .. }));
        append(&world, 1).await;
        assert!(matches!(verdict(&world).await, Verdict::Ok { events: 4, .. }));
    })
    .await;
}

#[tokio::test]
async fn a_purge_may_empty_what_an_event_said_and_nothing_else() {
    on_both(|world| async move {
        append(&world, 3).await;
        let mut conn = world.behind().await;
        let allowed = "INSERT INTO meta (key, value) VALUES ('trail.erasing', '1'); UPDATE events SET payload = '' WHERE seq = 2";
        sqlx::raw_sql(allowed).execute(&mut conn).await.expect("emptied");
        for statement in ["UPDATE events SET hash = 'x' WHERE seq = 2", "UPDATE events SET actor = '' WHERE seq = 2", "DELETE FROM events"]
        {
            assert!(sqlx::raw_sql(statement).execute(&mut conn).await.is_err(), "{statement}");
        }
        sqlx::raw_sql("DELETE FROM meta WHERE key = 'trail.erasing'").execute(&mut conn).await.expect("closed");
        assert!(sqlx::raw_sql("UPDATE events SET payload = '' WHERE seq = 3").execute(&mut conn).await.is_err());
        // Whoever does this past the store is found all the same.
        assert_eq!(verdict(&world).await, Verdict::Broken { seq: 2, why: Fault::Changed });
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_tampering_is_found_and_its_place_named() {
    let attacks: &[(&str, i64, Fault)] = &[
        ("UPDATE events SET payload = '{}' WHERE seq = 300", 300, Fault::Changed),
        ("UPDATE events SET actor = 'lee' WHERE seq = 1", 1, Fault::Changed),
        ("UPDATE events SET source = '' WHERE seq = 7", 7, Fault::Changed),
        ("UPDATE events SET at = at + 1 WHERE seq = 310", 310, Fault::Changed),
        ("UPDATE events SET case_id = NULL WHERE seq = 9", 9, Fault::Changed),
        ("DELETE FROM events WHERE seq = 5", 5, Fault::Missing),
        ("DELETE FROM events WHERE seq = 310", 310, Fault::Missing),
        ("DELETE FROM events WHERE seq > 200", 201, Fault::Missing),
        (
            "UPDATE events SET seq = -1 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 8; UPDATE events SET seq = 8 WHERE seq = -1",
            4,
            Fault::Changed,
        ),
        ("UPDATE events SET seq = seq - 1 WHERE seq = 1", 0, Fault::Inserted),
        (
            "INSERT INTO events (seq, case_id, at, kind, actor, source, payload, change, prev_hash, hash)
             SELECT 311, case_id, at, kind, actor, source, payload, change, hash, hash FROM events WHERE seq = 310",
            311,
            Fault::Inserted,
        ),
        ("UPDATE events_head SET hash = 'x'", 310, Fault::End),
        ("UPDATE events_head SET seq = 309", 309, Fault::End),
    ];
    // The first event of another store fits its own hash, but not this chain.
    for (statement, seq, why) in attacks.iter().copied() {
        on_both(|world| async move {
            append(&world, 310).await;
            world.tamper(statement).await;
            assert_eq!(verdict(&world).await, Verdict::Broken { seq, why }, "{statement}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_rehashed_event_still_does_not_fit_the_next() {
    on_both(|world| async move {
        append(&world, 3).await;
        let other = World::open(&format!("sqlite:{}", tempfile::tempdir().expect("folder").keep().join("o.db").display())).await;
        let mut tx = other.store.begin().await.expect("begin");
        events::append(&mut tx, event("case", "{\"forged\":true}")).await.expect("appended");
        let forged = events::append(&mut tx, event("case", "{\"forged\":true}")).await.expect("appended");
        tx.commit().await.expect("commit");
        world.tamper("SELECT 1").await;
        let mut conn = world.behind().await;
        sqlx::query("UPDATE events SET payload = $1, prev_hash = $2, hash = $3 WHERE seq = 2")
            .bind(forged.payload)
            .bind(forged.prev_hash)
            .bind(forged.hash)
            .execute(&mut conn)
            .await
            .expect("tampered");
        assert_eq!(verdict(&world).await, Verdict::Broken { seq: 2, why: Fault::Order });
    })
    .await;
}

#[tokio::test]
async fn writing_on_after_a_lost_end_is_refused_or_found() {
    on_both(|world| async move {
        append(&world, 3).await;
        world.tamper("UPDATE events_head SET seq = 2").await;
        let mut tx = world.store.begin().await.expect("begin");
        assert!(matches!(events::append(&mut tx, event("case", "{}")).await, Err(Error::Sql(_))));
        tx.rollback().await;
    })
    .await;
}
