//! A panic at every step of the real service (F31): the task is begun anew, nothing is lost and nothing is done twice. What makes it panic
//! again is set aside and told.

use futures_util::future::join_all;

use crate::crash::{Daemon, Desk, until};
use crate::support::dovecot::Dovecot;

/// One panic at `point`, which some mail or letter comes to first.
async fn once_at(dovecot: &Dovecot, point: &str) {
    let mut desk = Desk::open(dovecot, &format!("panic{}@kmu.example", point.to_lowercase()), None).await;
    for _ in 0..3 {
        desk.arrives_now();
    }
    let mut daemon = Daemon::start_with(&desk, &[("REDRESS_TEST_PANIC_AT", point)]);
    until(point, || desk.sink.count() >= 9).await;
    assert!(desk.says("panics, as a test asks"), "{point} is reached");
    assert!(daemon.0.try_wait().expect("a child").is_none(), "{point}: it lives");
    assert_eq!(daemon.terminate().await.code(), Some(0));
    desk.sound(point, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_at_any_step_costs_that_turn_and_no_more() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    for points in [["I3", "I4", "I5", "I6"], ["I7", "I8", "I9", "W1"]] {
        join_all(points.map(|point| once_at(&dovecot, point))).await;
    }
    join_all(["O1", "I10", "O2"].map(|point| once_at(&dovecot, point))).await;
}

/// Fetched thrice in vain, a mail is left on the server and told; the ones after it are taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_makes_intake_panic_again_and_again_is_told_and_holds_up_no_other() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "fetch@kmu.example", None).await;
    desk.arrives_now();
    let mut daemon = Daemon::start_with(&desk, &[("REDRESS_TEST_PANIC_AT", "I3:3")]);
    until("the alarm", || desk.sink.kept().iter().any(|k| k.to == ["wang@kmu.example"])).await;
    desk.arrives_now();
    until("the other mail is acknowledged", || desk.sink.kept().iter().any(|k| k.to == ["student2@mail.example"])).await;
    assert!(daemon.0.try_wait().expect("a child").is_none(), "it lives");
    assert_eq!(daemon.terminate().await.code(), Some(0));
}

/// A letter whose sending panics is in doubt: nobody knows how far it came. It is tried once more, then left to a person.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_makes_its_sender_panic_twice_is_given_up() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "letter@kmu.example", None).await;
    desk.arrives();
    for round in 0..2 {
        let passed = desk.pass_with(&[("REDRESS_TEST_PANIC_AT", "O3")]).await;
        assert!(passed.success() && desk.sink.count() >= 2, "{round}: the other two have left, {passed:?}");
    }
    desk.clean_pass("given up").await;
    let store = redress::store::Store::open(&desk.url).await.expect("store");
    let never = redress::store::outbox::all(&store).await.expect("outbox");
    let never: Vec<_> = never.iter().filter(|l| l.state == redress::store::outbox::State::Never).collect();
    assert!(never.len() == 1 && never.iter().all(|l| l.why.as_deref().is_some_and(|w| w.starts_with("in-doubt"))), "{never:?}");
    let left = |id: &str| desk.sink.kept().iter().any(|k| String::from_utf8_lossy(&k.raw).contains(&format!("Message-ID: <{id}>")));
    assert!(never.iter().all(|l| !left(&l.message_id)), "it is not tried a third time");
    store.close().await;
}
