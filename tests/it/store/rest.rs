//! The small tables: timers, surveys, notes, pending acts, facts, secrets, days, processes, threads, messages.

use redress::store::messages::{self, Direction, NewMessage};
use redress::store::pending::{self, PendingAct};
use redress::store::processes::{self, Process};
use redress::store::{Tx, calendar, cases, meta, notes, outbox, surveys, threads, timers};

use super::{World, at, case, letter, on_both};

async fn begin(world: &World) -> Tx {
    world.store.begin().await.expect("begin")
}

#[tokio::test]
async fn an_alarm_fires_once_and_an_old_one_never() {
    on_both(|world| async move {
        let mut tx = begin(&world).await;
        timers::arm(&mut tx, "c", "deadline/answer", at(10), "{}").await.expect("armed");
        timers::arm(&mut tx, "c", "deadline/closing", at(20), "{}").await.expect("armed");
        timers::arm(&mut tx, "c", "催", at(5), "{}").await.expect("armed");
        timers::arm(&mut tx, "", "digest", at(30), "{}").await.expect("armed");
        tx.commit().await.expect("commit");
        assert_eq!(timers::next(&world.store).await.expect("next"), Some(at(5)));
        let due = timers::due(&world.store, at(10), 9).await.expect("due");
        assert_eq!(due.iter().map(|timer| timer.key.as_str()).collect::<Vec<_>>(), ["催", "deadline/answer"]);
        let answer = due.get(1).expect("two").id.clone();
        let mut tx = begin(&world).await;
        timers::arm(&mut tx, "c", "deadline/answer", at(40), "{}").await.expect("armed anew");
        assert!(!timers::fire(&mut tx, &answer).await.expect("asked"), "it was put off meanwhile");
        let urge = due.first().expect("one").id.clone();
        assert!(timers::fire(&mut tx, &urge).await.expect("fired"));
        assert!(!timers::fire(&mut tx, &urge).await.expect("asked"));
        assert_eq!(timers::disarm(&mut tx, "c", "deadline/").await.expect("disarmed"), 2);
        assert_eq!(timers::disarm(&mut tx, "c", "").await.expect("disarmed"), 0);
        tx.commit().await.expect("commit");
        assert_eq!(timers::due(&world.store, at(99), 9).await.expect("due").len(), 1);
        assert!(timers::for_case(&world.store, "c").await.expect("list").is_empty());
    })
    .await;
}

#[tokio::test]
async fn two_workers_fire_an_alarm_once() {
    on_both(|world| async move {
        let mut tx = begin(&world).await;
        timers::arm(&mut tx, "c", "k", at(1), "{}").await.expect("armed");
        tx.commit().await.expect("commit");
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let world = world.clone();
                tokio::spawn(async move {
                    let mut tx = begin(&world).await;
                    let fired = timers::fire(&mut tx, "c/k@1790000001").await.expect("asked");
                    tx.commit().await.expect("commit");
                    fired
                })
            })
            .collect();
        let mut fired = 0;
        for task in tasks {
            fired += usize::from(task.await.expect("task"));
        }
        assert_eq!(fired, 1);
    })
    .await;
}

#[tokio::test]
async fn a_survey_keeps_its_last_answer_within_its_time() {
    on_both(|world| async move {
        let mut tx = begin(&world).await;
        surveys::open(&mut tx, "hash", "c", 1, at(0), at(100), "zh-TW").await.expect("opened");
        surveys::open(&mut tx, "hash", "other", 9, at(1), at(999), "en").await.expect("stays");
        assert!(surveys::answer(&mut tx, "hash", "{\"滿意\":1}", at(5)).await.expect("answered"));
        assert!(surveys::answer(&mut tx, "hash", "{\"滿意\":0}", at(100)).await.expect("answered"));
        assert!(!surveys::answer(&mut tx, "hash", "{}", at(101)).await.expect("too late"));
        assert!(!surveys::answer(&mut tx, "unknown", "{}", at(5)).await.expect("unknown"));
        tx.commit().await.expect("commit");
        let survey = surveys::by_token_hash(&world.store, "hash").await.expect("get").expect("there");
        assert_eq!((survey.case_id.as_str(), survey.round, survey.lang.as_str()), ("c", 1, "zh-TW"));
        assert_eq!((survey.first_answered_at, survey.answered_at), (Some(at(5)), Some(at(100))));
        assert_eq!(survey.answers.as_deref(), Some("{\"滿意\":0}"));
        assert_eq!(surveys::for_case(&world.store, "c").await.expect("list"), std::slice::from_ref(&survey));
        assert_eq!(surveys::opened_between(&world.store, at(0), at(1)).await.expect("list"), [survey]);
        assert!(surveys::by_token_hash(&world.store, "unknown").await.expect("get").is_none());
    })
    .await;
}

#[tokio::test]
async fn notes_come_in_their_order() {
    on_both(|world| async move {
        let mut tx = begin(&world).await;
        for (moment, kind) in [(2, "b"), (1, "a"), (2, "c"), (3, "d")] {
            notes::tell(&mut tx, at(moment), kind, (kind == "a").then_some("case"), "{\"字\":1}").await.expect("told");
        }
        tx.commit().await.expect("commit");
        let lines = notes::since(&world.store, at(1), at(3)).await.expect("lines");
        assert_eq!(lines.iter().map(|line| line.kind.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(lines.first().expect("one").case_id.as_deref(), Some("case"));
    })
    .await;
}

#[tokio::test]
async fn a_pending_act_is_confirmed_once() {
    on_both(|world| async move {
        let act = PendingAct {
            id: "01P".into(),
            person: "wang".into(),
            inbox_id: "01I".into(),
            nonce_hash: "n".into(),
            at: at(5),
            state: pending::WAITING.into(),
        };
        let mut tx = begin(&world).await;
        pending::put(&mut tx, &act).await.expect("put");
        tx.commit().await.expect("commit");
        assert_eq!(pending::by_nonce_hash(&world.store, "n").await.expect("get"), Some(act));
        assert_eq!(pending::count_for_person_since(&world.store, "wang", at(5)).await.expect("count"), 1);
        assert_eq!(pending::count_for_person_since(&world.store, "wang", at(6)).await.expect("count"), 0);
        let mut tx = begin(&world).await;
        assert!(pending::close(&mut tx, "01P", "confirmed").await.expect("closed"));
        assert!(!pending::close(&mut tx, "01P", "confirmed").await.expect("asked"));
        tx.commit().await.expect("commit");
        assert_eq!(pending::by_nonce_hash(&world.store, "n").await.expect("get").expect("there").state, "confirmed");
        assert_eq!(pending::count_for_person_since(&world.store, "wang", at(5)).await.expect("count"), 0);
    })
    .await;
}

#[tokio::test]
async fn facts_secrets_and_days_are_kept() {
    on_both(|world| async move {
        assert_eq!(meta::get(&world.store, "first_start").await.expect("get"), None);
        assert_eq!(meta::get_or_set(&world.store, "first_start", "1").await.expect("set"), "1");
        assert_eq!(meta::get_or_set(&world.store, "first_start", "2").await.expect("kept"), "1");
        let mut tx = begin(&world).await;
        meta::set(&mut tx, "first_start", "3").await.expect("set");
        let days = vec![
            ("2026-10-10".into(), false, "國慶日".into(), "dgpa".into()),
            ("2026-02-07".into(), true, "補班".into(), "dgpa".into()),
            ("2026-10-10".into(), false, "國慶日（補假）".into(), "own".into()),
        ];
        assert_eq!(calendar::import_days(&mut tx, days).await.expect("imported"), 3);
        tx.commit().await.expect("commit");
        assert_eq!(meta::get(&world.store, "first_start").await.expect("get").as_deref(), Some("3"));
        let days = calendar::days(&world.store).await.expect("days");
        assert_eq!(days.iter().map(|day| (day.0.as_str(), day.1)).collect::<Vec<_>>(), [("2026-02-07", true), ("2026-10-10", false)]);
        assert_eq!(days.get(1).expect("two").3, "own");
        let (a, b) = tokio::join!(meta::secret_or_set(&world.store, "hmac", b"\0one"), meta::secret_or_set(&world.store, "hmac", b"two"));
        let (a, b) = (a.expect("secret"), b.expect("secret"));
        assert_eq!(a, b);
        assert_eq!(meta::secret(&world.store, "hmac").await.expect("get"), Some(a));
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_process_claimed_is_given_back_and_nobody_elses() {
    on_both(|world| async move {
        let store = &world.store;
        let process = |name: &str| Process { name: name.to_owned(), mark: format!("here|{name}|1"), since: at(0) };
        for name in ["ONE", "TWO"] {
            processes::sign_in(store, &process(name)).await.expect("signed in");
        }
        processes::sign_in(store, &process("ONE")).await.expect("once is enough");
        assert_eq!(processes::signed_in(store).await.expect("asked"), [process("ONE"), process("TWO")]);
        for n in 1..=3 {
            let mut tx = begin(&world).await;
            outbox::queue(&mut tx, &world.chance, at(0), letter(&format!("effect {n}"), "c")).await.expect("queued");
            tx.commit().await.expect("commit");
        }
        for worker in ["ONE.A", "TWO.A", "ONEX.A"] {
            assert_eq!(outbox::claim(store, worker, at(1), 1080, 1).await.expect("claimed").len(), 1, "{worker}");
        }
        assert_eq!(outbox::take_over_claims_of(store, "ONE", at(2)).await.expect("freed"), 1);
        assert_eq!(outbox::claim(store, "TWO.B", at(3), 1080, 9).await.expect("claimed").len(), 1, "the dead one's alone");
        assert_eq!(outbox::take_over_claims_of(store, "ONE", at(4)).await.expect("freed"), 0);
        processes::sign_out(store, "ONE").await.expect("signed out");
        assert_eq!(processes::signed_in(store).await.expect("asked"), [process("TWO")]);
    })
    .await;
}

#[tokio::test]
async fn a_thread_belongs_to_who_named_it_first_however_long_its_name() {
    on_both(|world| async move {
        let long = format!("<{}@example.org>", "長".repeat(3000));
        let mut tx = begin(&world).await;
        threads::remember(&mut tx, &long, "first", "public", None).await.expect("remembered");
        threads::remember(&mut tx, &long, "second", "internal", Some("wang")).await.expect("ignored");
        threads::remember(&mut tx, "<o\0urs@kmu.example>", "second", "internal", Some("wang")).await.expect("remembered");
        tx.commit().await.expect("commit");
        let found =
            threads::find(&world.store, &["<no@where>".into(), long, "<ours@kmu.example>".into()]).await.expect("find").expect("found");
        assert_eq!((found.case_id.as_str(), found.world.as_str(), found.person), ("first", "public", None));
        let found = threads::find(&world.store, &["<ours@kmu.example>".into()]).await.expect("find").expect("found");
        assert_eq!((found.case_id.as_str(), found.person.as_deref()), ("second", Some("wang")));
        assert!(threads::find(&world.store, &[]).await.expect("find").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_case_shows_both_sides_of_its_conversation() {
    on_both(|world| async move {
        let mut tx = begin(&world).await;
        outbox::queue(&mut tx, &world.chance, at(5), letter("ack", "c")).await.expect("queued");
        outbox::queue(&mut tx, &world.chance, at(5), letter("recalled", "c")).await.expect("queued");
        outbox::withdraw(&mut tx, "recalled").await.expect("withdrawn");
        let message = NewMessage {
            case_id: "c".into(),
            inbox_id: Some("01I".into()),
            kind: "complaint".into(),
            from: "wang@example.org".into(),
            to: vec!["service@kmu.example".into(), "president@kmu.example".into()],
            subject: "選課".into(),
            message_id: Some("<1@example.org>".into()),
            at: at(5),
            text: "無法\0登入".into(),
        };
        messages::record_in(&mut tx, &message).await.expect("recorded");
        tx.commit().await.expect("commit");
        let shown = messages::for_case(&world.store, "c").await.expect("shown");
        assert_eq!(shown.iter().map(|message| message.direction).collect::<Vec<_>>(), [Direction::In, Direction::Out]);
        let (came, went) = (shown.first().expect("in"), shown.get(1).expect("out"));
        assert_eq!((came.text.as_str(), came.to.len(), came.id.as_deref()), ("無法登入", 2, Some("01I")));
        assert_eq!(
            (went.text.as_str(), went.to.as_slice(), went.state),
            ("您好", ["Wang@Example.org".to_owned()].as_slice(), Some(outbox::State::Queued))
        );
        let (store, at_once) = (&world.store, went.at);
        let mut tx = begin(&world).await;
        cases::insert(&mut tx, &case("c", 1)).await.expect("inserted");
        tx.commit().await.expect("commit");
        let told = async |from, to| messages::cases_told_between(store, from, to).await.expect("found");
        assert_eq!(told(at_once, at_once.plus_seconds(1)).await, ["c"]);
        assert!(told(at_once.plus_seconds(1), at_once.plus_seconds(9)).await.is_empty());
        assert_eq!(messages::cases_written_by(store, "Wang@Example.org").await.expect("found"), ["c"]);
        assert!(messages::cases_written_by(store, "chen@example.org").await.expect("found").is_empty());
    })
    .await;
}
