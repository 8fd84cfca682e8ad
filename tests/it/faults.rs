//! Faults inside: a clerk who panics over a mail, dates that no calendar knows. Those of servers are in `imap_edge` and `smtp_edge`,
//! those of the whole process in `crash`.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use redress::store::{cases, inbox};
use tokio_util::sync::CancellationToken;

use crate::stories::stage::{complaint, sound};
use crate::support::world::{Mail, World, only};

/// The service goes on when a mail makes the clerk panic: that mail is tried again alone, is held when it does so once more, and the
/// others are not held up (F31).
#[tokio::test]
async fn a_mail_that_makes_the_clerk_panic_twice_is_held_and_the_service_goes_on() {
    let mut world = World::new().await;
    for n in 0..3 {
        world.arrives(&Mail {
            from: format!("one{n}@mail.example"), text: format!("選課第 {n} 次失敗，請處理。"), ..complaint()
        });
    }
    let house = world.another_house().await;
    let (desk, stop) = (house.desk.clone(), CancellationToken::new());
    let panics = Rc::new(Cell::new(0));
    let seen = Rc::clone(&panics);
    redress::failpoint::watch(Some(Rc::new(move |point| {
        if point == "I9" && seen.get() < 2 {
            seen.set(seen.get() + 1);
            panic!("a mail that stops its reader");
        }
    })));
    let running = redress::daemon::run(house, true, stop.clone());
    let watching = async {
        let patience = Instant::now() + Duration::from_secs(60);
        while cases::page(&desk.store, 0, i64::MAX).await.expect("cases").len() < 2 {
            assert!(Instant::now() < patience, "the mails were not dealt with");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(running, watching);
    redress::failpoint::watch(None);
    ended.expect("the service did not end by itself");
    assert_eq!(panics.get(), 2);
    let held = inbox::held(&desk.store).await.expect("held");
    assert!(held.len() == 1 && held.iter().all(|row| row.reason.as_deref() == Some("failed")), "{held:?}");
}

/// A case whose timer makes the clerk panic is put off for an hour; the others' timers speak at their time (F31).
#[tokio::test]
async fn a_timer_that_makes_the_clerk_panic_is_put_off_and_holds_up_no_other() {
    let mut world = World::new().await;
    for n in 1..=2 {
        world.arrives(&Mail {
            from: format!("one{n}@mail.example"), text: format!("選課第 {n} 次失敗，請處理。"), ..complaint()
        });
    }
    world.pass().await;
    let left = Rc::new(Cell::new(1));
    redress::failpoint::watch(Some(Rc::new(move |point| {
        if point == "T1" && left.get() > 0 {
            left.set(left.get() - 1);
            panic!("a timer that stops the clerk");
        }
    })));
    let numbers = |letters: &[crate::support::world::Letter]| {
        ["115-0001", "115-0002"].map(|number| letters.iter().filter(|l| l.subject.contains(number)).count() > 0)
    };
    world.later(9 * 86_400);
    let spoken = numbers(&world.pass().await);
    redress::failpoint::watch(None);
    assert_eq!(spoken.iter().filter(|s| **s).count(), 1, "one is put off, the other speaks: {spoken:?}");
    world.later(3_600);
    let late = numbers(&world.pass().await);
    assert!(spoken.iter().zip(late).all(|(first, then)| *first || then), "and the one that was put off speaks an hour later: {late:?}");
    sound(&world).await;
}

/// `Date:` says what it likes; the day of receipt is the server's, and never later than now (F23).
#[tokio::test(flavor = "multi_thread")]
async fn a_date_in_2050_or_1970_or_none_moves_no_clock() {
    let mut world = World::new().await;
    let mut due = Vec::new();
    for (n, date) in ["Date: Tue, 1 Jan 2050 00:00:00 +0000", "Date: Thu, 1 Jan 1970 00:00:00 +0000", "Date: yesterday", "X-No-Date: 1"]
        .iter()
        .enumerate()
    {
        let raw = String::from_utf8(world.bytes(&Mail {
            from: format!("date{n}@mail.example"),
            text: format!("選課第 {n} 種日期。"),
            ..complaint()
        }))
        .expect("text");
        world.arrives_raw(raw.replace("Date: Tue, 3 Mar 2026 09:00:00 +0800", date).as_bytes());
        only(&world.pass().await, &format!("date{n}@mail.example"));
        let case = world.case(&format!("115-{:04}", n + 1)).await;
        assert_eq!(case.opened_at, world.clock.now(), "{date}");
        due.push(case.due_at());
    }
    due.dedup();
    assert_eq!(due.len(), 1, "{due:?}");
    sound(&world).await;
}
