//! The outbox: one letter an effect, one worker a letter, and no doubt forgotten.

use std::collections::{BTreeMap, BTreeSet};

use redress::store::outbox::{self, Claimed, State};

use super::{World, at, letter, on_both};

async fn queue(world: &World, effects: &[&str]) -> Vec<Option<String>> {
    let mut tx = world.store.begin().await.expect("begin");
    let mut ids = Vec::new();
    for effect in effects {
        ids.push(outbox::queue(&mut tx, &world.chance, at(0), letter(effect, "case")).await.expect("queued"));
    }
    tx.commit().await.expect("commit");
    ids
}

async fn claim(world: &World, worker: &str, now: i64) -> Vec<Claimed> {
    outbox::claim(&world.store, worker, at(now), 60, 10).await.expect("claimed")
}

async fn state(world: &World, id: &str) -> State {
    outbox::get(&world.store, id).await.expect("get").expect("there").state
}

#[tokio::test]
async fn an_effect_is_queued_once_and_a_rolled_back_letter_never_was() {
    on_both(|world| async move {
        let ids = queue(&world, &["a", "b", "a"]).await;
        assert_eq!(ids.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
        let mut tx = world.store.begin().await.expect("begin");
        outbox::queue(&mut tx, &world.chance, at(0), letter("c", "case")).await.expect("queued").expect("fresh");
        tx.rollback().await;
        let mut tx = world.store.begin().await.expect("begin");
        outbox::queue(&mut tx, &world.chance, at(0), letter("d", "case")).await.expect("queued").expect("fresh");
        drop(tx);
        assert_eq!(outbox::list_for_case(&world.store, "case").await.expect("list").len(), 2);
        assert_eq!(queue(&world, &["c"]).await.iter().flatten().count(), 1);
    })
    .await;
}

#[tokio::test]
async fn eight_workers_never_hold_the_same_letter() {
    on_both(|world| async move {
        let effects: Vec<String> = (0..200).map(|n| format!("effect {n}")).collect();
        queue(&world, &effects.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let tasks: Vec<_> = (0..8)
            .map(|worker| {
                let world = world.clone();
                tokio::spawn(async move {
                    let mut ids = Vec::new();
                    let mut empty = 0;
                    while empty < 3 {
                        match outbox::claim(&world.store, &format!("worker {worker}"), at(1), 600, 7).await {
                            Ok(claimed) if claimed.is_empty() => empty += 1,
                            Ok(claimed) => ids.extend(claimed.into_iter().map(|letter| letter.id)),
                            Err(redress::store::Error::Busy(_)) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                    ids
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("task"));
        }
        assert_eq!(all.len(), 200);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 200);
    })
    .await;
}

#[tokio::test]
async fn bytes_leave_as_they_were_frozen() {
    on_both(|world| async move {
        queue(&world, &["a"]).await;
        let claimed = claim(&world, "w", 1).await;
        let first = claimed.first().expect("one");
        assert_eq!(first.raw, "Subject: a\r\n\r\n您好\0".as_bytes());
        assert_eq!((first.attempts, first.was_in_doubt, first.envelope_from.as_str()), (1, false, ""));
        assert_eq!((first.recipient.as_str(), first.message_id.as_str()), ("Wang@Example.org", "<a@kmu.example>"));
        assert_eq!((first.queued_at, first.kind.as_str(), first.case_id.as_deref()), (at(0), "acknowledgement", Some("case")));
        assert!(claim(&world, "other", 2).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_dead_workers_letter_is_taken_over_with_its_doubt() {
    on_both(|world| async move {
        queue(&world, &["a", "b"]).await;
        let ids: Vec<String> = claim(&world, "dead", 1).await.into_iter().map(|letter| letter.id).collect();
        let doubted = ids.get(..1).expect("one");
        assert_eq!(outbox::mark_in_doubt(&world.store, doubted, "dead").await.expect("marked"), doubted);
        assert!(claim(&world, "heir", 60).await.is_empty(), "the lease still runs");
        let taken: BTreeMap<String, Claimed> =
            claim(&world, "heir", 61).await.into_iter().map(|letter| (letter.id.clone(), letter)).collect();
        assert_eq!(taken.len(), 2);
        for (id, letter) in &taken {
            assert_eq!((letter.was_in_doubt, letter.attempts), (doubted.contains(id), 2));
        }
        // The dead one wakes: it may not finish what it no longer holds.
        assert!(outbox::mark_in_doubt(&world.store, &ids, "dead").await.expect("marked").is_empty());
        assert_eq!(outbox::mark_in_doubt(&world.store, &ids, "heir").await.expect("marked"), ids);
        assert_eq!(outbox::take_over_dead_claims(&world.store, at(62)).await.expect("freed"), 2);
        assert_eq!(claim(&world, "third", 62).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn every_end_is_kept() {
    on_both(|world| async move {
        let ids: Vec<String> = queue(&world, &["a", "b", "c", "d", "e"]).await.into_iter().flatten().collect();
        let [a, b, c, d, e] = ids.as_slice() else { panic!("five") };
        assert_eq!(outbox::next_due(&world.store).await.expect("due"), Some(at(0)));
        let mut tx = world.store.begin().await.expect("begin");
        assert!(outbox::withdraw(&mut tx, "e").await.expect("withdrawn"));
        assert!(!outbox::withdraw(&mut tx, "e").await.expect("not twice"));
        tx.commit().await.expect("commit");
        assert_eq!(claim(&world, "w", 1).await.len(), 4);
        let mut tx = world.store.begin().await.expect("begin");
        assert!(!outbox::withdraw(&mut tx, "a").await.expect("too late"));
        tx.commit().await.expect("commit");
        outbox::mark_in_doubt(&world.store, &ids, "w").await.expect("marked");
        outbox::mark_sent(&world.store, &[(a.clone(), "250 2.0.0 Ok".into())], at(2)).await.expect("sent");
        outbox::mark_later(&world.store, (b, "w"), at(500), "451 稍後再試", at(2)).await.expect("later");
        outbox::mark_never(&world.store, c, "550 no such user", at(2)).await.expect("never");
        outbox::keep_in_doubt(&world.store, (d, "w"), at(900), "silence after the dot").await.expect("kept");
        outbox::mark_later(&world.store, (a, "w"), at(3), "late words", at(3)).await.expect("ignored");
        for (id, expected) in [(a, State::Sent), (b, State::Later), (c, State::Never), (d, State::InDoubt), (e, State::Withdrawn)] {
            assert_eq!(state(&world, id).await, expected);
        }
        let sent = outbox::get(&world.store, a).await.expect("get").expect("there");
        assert_eq!((sent.reply.as_deref(), sent.changed_at, sent.doubt), (Some("250 2.0.0 Ok"), Some(at(2)), false));
        assert_eq!(outbox::next_due(&world.store).await.expect("due"), Some(at(500)));
        assert!(claim(&world, "w", 499).await.is_empty());
        assert_eq!(outbox::make_all_due(&world.store, at(499)).await.expect("due"), 1);
        let retried = claim(&world, "w", 499).await;
        assert_eq!(retried.iter().map(|letter| (&letter.id, letter.was_in_doubt, letter.attempts)).collect::<Vec<_>>(), [(b, false, 2)]);
        let doubtful = claim(&world, "w", 900).await;
        assert!(doubtful.iter().any(|letter| letter.id == *d && letter.was_in_doubt));
        let counts = outbox::count_by_state(&world.store).await.expect("counts");
        assert_eq!(counts.get(&State::Sent), Some(&1));
        assert_eq!(outbox::given_up(&world.store, at(2), at(3)).await.expect("never").len(), 1);
        assert_eq!(queue(&world, &["e"]).await.iter().flatten().count(), 1, "a withdrawn effect may be queued anew");
    })
    .await;
}

#[tokio::test]
async fn a_recall_window_holds_a_letter_back_even_from_run_once() {
    on_both(|world| async move {
        let mut tx = world.store.begin().await.expect("begin");
        let mut held_back = letter("answer", "case");
        held_back.not_before = at(600);
        outbox::queue(&mut tx, &world.chance, at(0), held_back).await.expect("queued").expect("fresh");
        tx.commit().await.expect("commit");
        outbox::make_all_due(&world.store, at(10)).await.expect("due");
        assert!(claim(&world, "w", 599).await.is_empty());
        assert_eq!(claim(&world, "w", 600).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn automatic_answers_are_counted_by_address_whatever_its_case() {
    on_both(|world| async move {
        queue(&world, &["a", "b"]).await;
        assert_eq!(outbox::automatic_times(&world.store, "wang@example.ORG", at(0)).await.expect("times").len(), 2);
        assert_eq!(outbox::automatic_times(&world.store, "wang@example.org", at(1)).await.expect("times").len(), 0);
        assert_eq!(outbox::automatic_times(&world.store, "lee@example.org", at(0)).await.expect("times").len(), 0);
        let found = outbox::find_by_message_id(&world.store, "<b@kmu.example>").await.expect("find").expect("there");
        assert_eq!((found.effect_key.as_str(), found.subject.as_str()), ("b", "已收到您的來信"));
        assert!(outbox::find_by_message_id(&world.store, "<z@kmu.example>").await.expect("find").is_none());
    })
    .await;
}
