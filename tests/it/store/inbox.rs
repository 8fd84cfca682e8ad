//! Custody: taken once, kept whole, balanced in the ledger.

use std::collections::BTreeSet;

use redress::store::inbox::{self, State, Taken};
use redress::store::{Error, Store};

use super::{World, at, mail, on_both};

async fn take(world: &World, uids: std::ops::Range<i64>) -> Vec<String> {
    let mails = uids.map(|uid| mail(uid, format!("mail {uid}").as_bytes())).collect();
    let taken = inbox::take_in(&world.store, &world.chance, at(100), mails).await.expect("taken");
    taken.into_iter().map(|taken| taken.id().to_owned()).collect()
}

async fn finish(store: &Store, id: &str, state: State, case_id: Option<&str>) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    inbox::finish(&mut tx, id, state, Some("因為\0"), Some("human"), case_id, Some("<a@b>")).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_mail_is_taken_once_and_kept_byte_for_byte() {
    on_both(|world| async move {
        let bytes = b"Subject: =?big5?Q?=A5=D3?=\r\n\r\n\0\xff\xfe \xe7\x94\xb3\xe8\xa8\xb4".to_vec();
        let mut cut = mail(2, b"beginning");
        cut.truncated_size = Some(90_000_000);
        let batch = vec![mail(1, &bytes), cut, mail(1, b"other bytes, same place")];
        let taken = inbox::take_in(&world.store, &world.chance, at(100), batch).await.expect("taken");
        let (Some(Taken::Fresh(first)), Some(Taken::Fresh(second)), Some(Taken::Known(again))) =
            (taken.first(), taken.get(1), taken.get(2))
        else {
            panic!("{taken:?}");
        };
        assert_eq!(first, again);
        assert_eq!(inbox::raw(&world.store, first).await.expect("raw"), bytes);
        let row = inbox::get(&world.store, second).await.expect("get").expect("there");
        assert_eq!((row.state, row.uid, row.size, row.truncated_size), (State::New, 2, 9, Some(90_000_000)));
        assert_eq!((row.internal_at, row.taken_at), (at(2), at(100)));
        // SHA-256 of "beginning", by another program.
        assert_eq!(row.sha256, "4095391c7e3e04ff12c9ad2e6c49bd63dfe77e885acaadd3b58a1d8895383044");
        let known = inbox::known_uids(&world.store, "service@kmu.example", "INBOX", 3).await.expect("known");
        assert_eq!(known, BTreeSet::from([1, 2]));
        assert!(inbox::known_uids(&world.store, "service@kmu.example", "INBOX", 4).await.expect("known").is_empty());
        let among = inbox::known_among(&world.store, "service@kmu.example", "INBOX", 3, &BTreeSet::from([2, 3, 900])).await.expect("known");
        assert_eq!(among, BTreeSet::from([2]));
        assert!(matches!(inbox::raw(&world.store, "nobody").await, Err(Error::Stale { .. })));
    })
    .await;
}

#[tokio::test]
async fn eight_tasks_take_the_same_mails_once() {
    on_both(|world| async move {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let world = world.clone();
                tokio::spawn(async move {
                    let mut fresh = 0;
                    for batch in 0..10 {
                        let first = batch * 10 + task;
                        let mails = (first..first + 10).map(|uid| mail(uid, b"x")).collect();
                        let taken = loop {
                            match inbox::take_in(&world.store, &world.chance, at(0), Vec::clone(&mails)).await {
                                Ok(taken) => break taken,
                                Err(Error::Busy(_)) => {}
                                Err(error) => panic!("{error}"),
                            }
                        };
                        fresh += taken.iter().filter(|taken| matches!(taken, Taken::Fresh(_))).count();
                    }
                    fresh
                })
            })
            .collect();
        let mut fresh = 0;
        for task in tasks {
            fresh += task.await.expect("task");
        }
        assert_eq!(fresh, 107);
        assert_eq!(inbox::known_uids(&world.store, "service@kmu.example", "INBOX", 3).await.expect("known").len(), 107);
    })
    .await;
}

#[tokio::test]
async fn the_oldest_waits_first_and_is_finished_once() {
    on_both(|world| async move {
        let ids = take(&world, 1..6).await;
        let waiting = inbox::next_new(&world.store, 3).await.expect("next");
        assert_eq!(waiting.iter().map(|row| row.uid).collect::<Vec<_>>(), [1, 2, 3]);
        let first = waiting.first().expect("first").id.clone();
        assert_eq!(inbox::count_attempt(&world.store, &first).await.expect("counted"), 1);
        assert_eq!(inbox::count_attempt(&world.store, &first).await.expect("counted"), 2);
        let counted = inbox::count_attempts(&world.store, &ids).await.expect("counted");
        assert_eq!(counted.values().copied().collect::<BTreeSet<_>>(), BTreeSet::from([1, 3]));
        finish(&world.store, &first, State::Done, Some("case")).await.expect("finished");
        assert!(matches!(finish(&world.store, &first, State::Done, Some("case")).await, Err(Error::Stale { .. })));
        assert!(matches!(inbox::count_attempt(&world.store, &first).await, Err(Error::Stale { .. })));
        let row = inbox::get(&world.store, &first).await.expect("get").expect("there");
        assert_eq!((row.state, row.reason.as_deref(), row.class.as_deref()), (State::Done, Some("因為"), Some("human")));
        assert_eq!((row.case_id.as_deref(), row.message_id.as_deref(), row.attempts), (Some("case"), Some("<a@b>"), 3));
        assert_eq!(inbox::next_new(&world.store, 9).await.expect("next").len(), 4);
    })
    .await;
}

#[tokio::test]
async fn the_ledger_balances() {
    on_both(|world| async move {
        let ids = take(&world, 1..9).await;
        let fates = [
            (State::Done, Some("a")),
            (State::Done, Some("a")),
            (State::Done, Some("b")),
            (State::Done, None),
            (State::Held, None),
            (State::Held, None),
            (State::Ignored, Some("a")),
        ];
        for (id, (state, case_id)) in ids.iter().zip(fates) {
            finish(&world.store, id, state, case_id).await.expect("finished");
        }
        let held: Vec<String> = inbox::held(&world.store).await.expect("held").into_iter().map(|row| row.id).collect();
        assert_eq!(held.len(), 2);
        let mut tx = world.store.begin().await.expect("begin");
        inbox::release(&mut tx, held.first().expect("one")).await.expect("released");
        inbox::drop(&mut tx, held.get(1).expect("two")).await.expect("dropped");
        assert!(matches!(inbox::drop(&mut tx, held.first().expect("one")).await, Err(Error::Stale { .. })));
        tx.commit().await.expect("commit");
        let ledger = redress::store::ledger::read(&world.store).await.expect("ledger");
        let line = ledger.first().expect("one line");
        assert_eq!((line.seen, line.cased, line.threaded, line.other), (8, 2, 1, 1));
        assert_eq!((line.held, line.ignored, line.waiting), (0, 2, 2));
        assert_eq!(line.seen, line.cased + line.threaded + line.other + line.held + line.ignored + line.waiting);
        let released = inbox::get(&world.store, held.first().expect("one")).await.expect("get").expect("there");
        assert_eq!((released.state, released.attempts, released.reason), (State::New, 0, None));
    })
    .await;
}

#[tokio::test]
async fn of_two_copies_exactly_one_is_the_earlier() {
    on_both(|world| async move {
        let batch = vec![mail(1, b"same"), mail(2, b"same"), mail(3, b"other")];
        let taken = inbox::take_in(&world.store, &world.chance, at(100), batch).await.expect("taken");
        let mut earlier = 0;
        for taken in &taken {
            let row = inbox::get(&world.store, taken.id()).await.expect("get").expect("there");
            earlier += usize::from(inbox::earlier_copy(&world.store, &row.sha256, &row.id).await.expect("asked").is_some());
        }
        assert_eq!(earlier, 1);
        // One that was dealt with before the other came is the earlier, although the clock was put back meanwhile.
        let first = inbox::take_in(&world.store, &world.chance, at(100), vec![mail(4, b"again")]).await.expect("taken");
        finish(&world.store, first[0].id(), State::Done, Some("C1")).await.expect("finished");
        let second = inbox::take_in(&world.store, &world.chance, at(50), vec![mail(5, b"again")]).await.expect("taken");
        let row = inbox::get(&world.store, second[0].id()).await.expect("get").expect("there");
        let earlier = inbox::earlier_copy(&world.store, &row.sha256, &row.id).await.expect("asked").expect("a copy");
        assert_eq!(earlier.id, first[0].id());
        // Released by a person, a mail is read although copies of it were set aside.
        let raw = inbox::take_in(&world.store, &world.chance, at(200), vec![mail(6, b"held"), mail(7, b"held")]).await.expect("taken");
        let (held, copy) = if raw[0].id() < raw[1].id() { (&raw[0], &raw[1]) } else { (&raw[1], &raw[0]) };
        finish(&world.store, held.id(), State::Held, None).await.expect("held");
        finish(&world.store, copy.id(), State::Ignored, None).await.expect("set aside");
        let mut tx = world.store.begin().await.expect("a transaction");
        inbox::release(&mut tx, held.id()).await.expect("released");
        tx.commit().await.expect("commit");
        let row = inbox::get(&world.store, held.id()).await.expect("get").expect("there");
        assert!(inbox::earlier_copy(&world.store, &row.sha256, &row.id).await.expect("asked").is_none());
    })
    .await;
}

#[tokio::test]
async fn what_lies_in_the_folder_still_is_known() {
    on_both(|world| async move {
        let ids = take(&world, 1..4).await;
        inbox::set_moved(&world.store, ids.get(..1).expect("one")).await.expect("moved");
        let left = inbox::unmoved(&world.store, "service@kmu.example", "INBOX", 3).await.expect("unmoved");
        assert_eq!(left.iter().map(|(_, uid)| *uid).collect::<Vec<_>>(), [2, 3]);
        assert!(inbox::unmoved(&world.store, "service@kmu.example", "INBOX", 9).await.expect("unmoved").is_empty());
    })
    .await;
}
