//! Cases: numbers without holes, and nobody overwrites what he has not seen.

use redress::store::{Error, cases};

use super::{World, at, case, on_both};

async fn insert(world: &World, rows: &[cases::CaseRow]) {
    let mut tx = world.store.begin().await.expect("begin");
    for row in rows {
        cases::insert(&mut tx, row).await.expect("inserted");
    }
    tx.commit().await.expect("commit");
}

#[tokio::test]
async fn a_case_comes_back_as_it_was_stored() {
    on_both(|world| async move {
        let mut row = case("01A", 1);
        row.subject = "申\0訴".into();
        insert(&world, &[row.clone()]).await;
        row.subject = "申訴".into();
        assert_eq!(cases::by_id(&world.store, "01A").await.expect("get").as_ref(), Some(&row));
        assert_eq!(cases::by_number(&world.store, "115-001").await.expect("get").as_ref(), Some(&row));
        assert_eq!(cases::by_serial(&world.store, 1).await.expect("get").as_ref(), Some(&row));
        assert_eq!(cases::by_number(&world.store, "115-002").await.expect("get"), None);
        let mut tx = world.store.begin().await.expect("begin");
        assert!(matches!(cases::insert(&mut tx, &case("01B", 1)).await, Err(Error::Sql(_))));
        tx.rollback().await;
    })
    .await;
}

#[tokio::test]
async fn of_two_writers_who_saw_the_same_version_one_must_look_again() {
    on_both(|world| async move {
        insert(&world, &[case("01A", 1)]).await;
        let write = |state: &'static str| {
            let world = world.clone();
            async move {
                let mut row = cases::by_id(&world.store, "01A").await.expect("get").expect("there");
                row.version = 2;
                row.state = state.into();
                let mut tx = world.store.begin().await.expect("begin");
                let written = cases::update(&mut tx, &row, 1).await.expect("updated");
                tx.commit().await.expect("commit");
                written
            }
        };
        let (a, b) = tokio::join!(write("answered"), write("closing"));
        assert!(a != b, "exactly one");
        let row = cases::by_id(&world.store, "01A").await.expect("get").expect("there");
        assert_eq!((row.version, row.state.as_str()), (2, if a { "answered" } else { "closing" }));
    })
    .await;
}

#[tokio::test]
async fn numbers_have_no_holes_although_every_third_transaction_is_undone() {
    on_both(|world| async move {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let world = world.clone();
                tokio::spawn(async move {
                    let mut kept = Vec::new();
                    for round in 0..12 {
                        let mut tx = world.store.begin().await.expect("begin");
                        let number = cases::draw_number(&mut tx, "number:115").await.expect("drawn");
                        tokio::task::yield_now().await;
                        match (task + round) % 3 {
                            0 => tx.rollback().await,
                            1 if round % 2 == 0 => drop(tx),
                            _ => {
                                tx.commit().await.expect("commit");
                                kept.push(number);
                            }
                        }
                    }
                    kept
                })
            })
            .collect();
        let mut kept = Vec::new();
        for task in tasks {
            kept.extend(task.await.expect("task"));
        }
        kept.sort_unstable();
        let count = i64::try_from(kept.len()).expect("few");
        assert_eq!(kept, (1..=count).collect::<Vec<_>>());
        assert_eq!(cases::peek_number(&world.store, "number:115").await.expect("peek"), count);
        assert_eq!(cases::peek_number(&world.store, "number:116").await.expect("peek"), 0);
    })
    .await;
}

#[tokio::test]
async fn lists_find_what_they_are_asked_for() {
    on_both(|world| async move {
        let mut closed = case("01C", 3);
        closed.closed_at = Some(at(50));
        closed.answered_at = Some(at(40));
        closed.complainant_key = Some(format!("{}@example.org", "x".repeat(5000)));
        closed.text_hash = None;
        insert(&world, &[case("01B", 2), case("01A", 1), closed.clone()]).await;
        let ids = |rows: Vec<cases::CaseRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
        let store = &world.store;
        assert_eq!(ids(cases::page(store, 0, 10).await.expect("list")), ["01A", "01B", "01C"]);
        assert_eq!(ids(cases::open(store).await.expect("list")), ["01A", "01B"]);
        assert_eq!(ids(cases::page(store, 1, 1).await.expect("page")), ["01B"]);
        assert_eq!(ids(cases::closed_page(store, at(51), 0, 10).await.expect("page")), ["01C"]);
        assert!(cases::closed_page(store, at(50), 0, 10).await.expect("page").is_empty(), "closed at that moment, not before");
        assert!(cases::closed_page(store, at(51), 3, 10).await.expect("page").is_empty(), "seen already");
        let numbers = cases::numbers(store).await.expect("numbers");
        assert_eq!((numbers.len(), numbers["01B"].as_str()), (3, "115-002"));
        assert_eq!(ids(cases::open_due_before(store, at(1002)).await.expect("due")), ["01A"]);
        assert_eq!(ids(cases::opened_between(store, at(2), at(3)).await.expect("opened")), ["01B"]);
        assert_eq!(ids(cases::answered_between(store, at(40), at(41)).await.expect("answered")), ["01C"]);
        assert_eq!(ids(cases::closed_between(store, at(0), at(99)).await.expect("closed")), ["01C"]);
        assert_eq!(ids(cases::list_by_complainant(store, "wang@example.org", at(2)).await.expect("list")), ["01B"]);
        let long = format!("{}@example.org", "x".repeat(5000));
        assert_eq!(ids(cases::list_by_complainant(store, &long, at(0)).await.expect("list")), ["01C"]);
        assert_eq!(ids(cases::list_by_text(store, "abc", at(0)).await.expect("list")), ["01A", "01B"]);
    })
    .await;
}
