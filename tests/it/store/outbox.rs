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
        assert_eq!(outbox::mark_in_doubt(&world.store, doubted, "dead", at(1)).await.expect("marked"), doubted);
        assert!(claim(&world, "heir", 60).await.is_empty(), "the lease still runs");
        let taken: BTreeMap<String, Claimed> =
            claim(&world, "heir", 61).await.into_iter().map(|letter| (letter.id.clone(), letter)).collect();
        assert_eq!(taken.len(), 2);
        for (id, letter) in &taken {
            assert_eq!((letter.was_in_doubt, letter.attempts), (doubted.contains(id), 2));
        }
        // The dead one wakes: it may not finish what it no longer holds.
        assert!(outbox::mark_in_doubt(&world.store, &ids, "dead", at(61)).await.expect("marked").is_empty());
        assert_eq!(outbox::mark_in_doubt(&world.store, &ids, "heir", at(61)).await.expect("marked"), ids);
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
        outbox::mark_in_doubt(&world.store, &ids, "w", at(1)).await.expect("marked");
        outbox::mark_sent(&world.store, &[(a.clone(), "250 2.0.0 Ok".into())], at(2)).await.expect("sent");
        outbox::mark_later(&world.store, (b, "w"), at(500), "451 稍後再試", at(2)).await.expect("later");
        outbox::mark_never(&world.store, (c, "w"), "550 no such user", at(2)).await.expect("never");
        outbox::keep_in_doubt(&world.store, (d, "w"), at(900), false, "silence after the dot").await.expect("kept");
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

/// A worker that was away so long that another took its letters over settles nothing any more (fencing).
#[tokio::test]
async fn who_lost_a_letter_settles_nothing() {
    on_both(|world| async move {
        let ids: Vec<String> = queue(&world, &["a", "b", "c"]).await.into_iter().flatten().collect();
        let [a, b, c] = ids.as_slice() else { panic!("three") };
        assert_eq!(claim(&world, "slow", 1).await.len(), 3);
        assert_eq!(outbox::mark_in_doubt(&world.store, &ids, "slow", at(1)).await.expect("marked").len(), 3);
        assert_eq!(claim(&world, "heir", 61).await.len(), 3, "the lease ran out");
        let store = &world.store;
        assert!(!outbox::mark_later(store, (a, "slow"), at(500), "451", at(62)).await.expect("later"));
        assert!(!outbox::mark_never(store, (b, "slow"), "550", at(62)).await.expect("never"));
        assert!(!outbox::keep_in_doubt(store, (c, "slow"), at(900), false, "silence").await.expect("doubt"));
        for id in [a, b, c] {
            let row = outbox::get(store, id).await.expect("get").expect("there");
            assert_eq!((row.state, row.doubt, row.why), (State::Claimed, true, None), "the heir has it");
        }
        assert_eq!(outbox::mark_in_doubt(store, &ids, "heir", at(62)).await.expect("marked").len(), 3);
        assert!(outbox::mark_later(store, (a, "heir"), at(500), "451", at(63)).await.expect("later"));
        assert!(outbox::mark_never(store, (b, "heir"), "550", at(63)).await.expect("never"));
        assert!(outbox::keep_in_doubt(store, (c, "heir"), at(900), true, "silence").await.expect("doubt"));
        for (id, expected) in [(a, State::Later), (b, State::Never), (c, State::InDoubt)] {
            assert_eq!(state(&world, id).await, expected);
        }
        let again = claim(&world, "third", 900).await;
        assert!(again.iter().any(|l| l.id == *c && l.twice_in_doubt), "two copies may be on their way: {again:?}");
        // That a server took it is true whoever says so.
        outbox::mark_sent(store, &[(c.clone(), "250".into())], at(901)).await.expect("sent");
        assert_eq!(state(&world, c).await, State::Sent);
    })
    .await;
}

/// A copy among the sent mails settles a letter in doubt, at once where nobody holds it, else when its worker asks.
#[tokio::test]
async fn a_copy_that_was_seen_settles_a_letter_in_doubt() {
    on_both(|world| async move {
        let ids: Vec<String> = queue(&world, &["a", "b", "c"]).await.into_iter().flatten().collect();
        let [a, b, c] = ids.as_slice() else { panic!("three") };
        claim(&world, "w", 1).await;
        outbox::mark_in_doubt(&world.store, &[a.clone(), b.clone()], "w", at(7)).await.expect("marked");
        outbox::keep_in_doubt(&world.store, (a, "w"), at(907), false, "silence").await.expect("kept");
        let open: Vec<String> = outbox::doubts(&world.store).await.expect("doubts").into_iter().map(|d| d.id).collect();
        assert_eq!(open, [a.clone(), b.clone()]);
        let mut settled = Vec::new();
        for id in [a, b, c] {
            let mut tx = world.store.begin().await.expect("begin");
            settled.push(outbox::copy_seen(&mut tx, id, at(20)).await.expect("seen"));
            tx.commit().await.expect("commit");
        }
        assert_eq!(settled, [true, false, false], "one is free, one is held, one was never in doubt");
        assert!(!outbox::settle_found(&world.store, (b, "other"), at(21)).await.expect("not theirs"));
        assert!(outbox::settle_found(&world.store, (b, "w"), at(21)).await.expect("found"));
        assert!(!outbox::settle_found(&world.store, (c, "w"), at(21)).await.expect("nothing was seen"));
        assert_eq!((state(&world, a).await, state(&world, b).await, state(&world, c).await), (State::Sent, State::Sent, State::Claimed));
        assert!(outbox::doubts(&world.store).await.expect("doubts").is_empty());
        // An old sighting says nothing of a later doubt.
        outbox::mark_later(&world.store, (c, "w"), at(30), "451", at(22)).await.expect("later");
        let later = claim(&world, "w", 30).await;
        assert_eq!(later.first().map(|l| (l.was_in_doubt, l.doubt_since)), Some((false, None)));
    })
    .await;
}

/// A letter that had been in doubt and was taken after all is told: its reader may have two.
#[tokio::test]
async fn a_second_copy_is_told_once() {
    on_both(|world| async move {
        let ids: Vec<String> = queue(&world, &["a", "b"]).await.into_iter().flatten().collect();
        claim(&world, "w", 1).await;
        outbox::mark_in_doubt(&world.store, &ids, "w", at(1)).await.expect("marked");
        outbox::keep_in_doubt(&world.store, (&ids[0], "w"), at(900), false, "silence").await.expect("kept");
        outbox::mark_sent(&world.store, &[(ids[1].clone(), "250".into())], at(2)).await.expect("sent");
        claim(&world, "w", 900).await;
        outbox::mark_in_doubt(&world.store, &ids[..1], "w", at(900)).await.expect("marked");
        for _ in 0..2 {
            outbox::mark_sent(&world.store, &[(ids[0].clone(), "250".into())], at(901)).await.expect("sent");
        }
        let told = redress::store::notes::since(&world.store, at(0), at(1000)).await.expect("notes");
        let told: Vec<(&str, Option<&str>, &str)> = told.iter().map(|n| (n.kind.as_str(), n.case_id.as_deref(), n.text.as_str())).collect();
        assert_eq!(told, [("sent_again", Some("case"), "acknowledgement")]);
    })
    .await;
}
