//! Servers that are away at a pass (R10, F7, F17): the pass says so, nothing is lost, the next one completes what was begun.

use std::process::Command;
use std::time::{Duration, Instant};

use redress::store::outbox;
use redress::store::processes::{self, Process};

use super::stage::{complaint, forwarded, sound};
use crate::support::postgres;
use crate::support::world::{Mail, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn the_imap_server_is_away() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    world.arrives(&forward.reply(super::stage::CHEN, "擬答覆：\n已處理。"));
    world.dovecot.stop();
    let (passed, letters) = world.pass_counted().await;
    assert!(passed.unreachable && letters.is_empty());
    world.dovecot.start_again();
    let (passed, letters) = world.pass_counted().await;
    assert!(!passed.unreachable);
    only(&letters, "lin@kmu.example");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smtp_server_is_away() {
    let mut world = World::new().await;
    // Another port, where nobody listens.
    let right = world.house.delivery.clone();
    world.house.delivery.endpoint.port = crate::support::dovecot::free_port();
    world.arrives(&complaint());
    let (passed, letters) = world.pass_counted().await;
    assert!(passed.unreachable && letters.is_empty());
    assert_eq!((passed.taken, world.cases().await.len()), (1, 1), "the mail is taken in all the same");
    let (passed, _) = world.pass_counted().await;
    assert!(passed.unreachable);
    let waiting = outbox::count_by_state(&world.house.desk.store).await.expect("store");
    assert_eq!(waiting.get(&outbox::State::Queued), Some(&3), "no letter lost a try: {waiting:?}");
    world.house.delivery = right;
    world.restart().await;
    let (passed, letters) = world.pass_counted().await;
    assert!(!passed.unreachable);
    assert_eq!(letters.len(), 3);
    only(&letters, "hua@mail.example");
    assert!(world.pass().await.is_empty(), "a second pass at the same moment sends nothing");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_at_an_earlier_moment_is_allowed() {
    let mut world = World::new().await;
    world.at("2026-03-05T10:00:00+08:00");
    let forward = forwarded(&mut world).await;
    let due = world.case("115-0001").await.due_at();
    world.at("2026-03-04T10:00:00+08:00");
    assert!(world.pass().await.is_empty(), "no digest is made up, nothing is urged");
    world.arrives(&Mail {
        from: "早 <early@mail.example>".into(), subject: "宿舍".into(), text: "宿舍太吵。".into(), ..Mail::default()
    });
    world.arrives(&forward.reply(super::stage::CHEN, "擬答覆：\n已處理。"));
    let letters = world.pass().await;
    only(&letters, "early@mail.example");
    only(&letters, "lin@kmu.example");
    assert_eq!(world.case("115-0001").await.due_at(), due);
    world.at("2026-03-05T11:00:00+08:00");
    assert!(to(&world.pass().await, "hua@mail.example").is_empty());
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_comes_in_while_a_pass_works_is_taken_by_it_or_the_next() {
    let mut world = World::new().await;
    for n in 0..30 {
        world.arrives(&Mail { from: format!("many{n}@mail.example"), text: format!("選課第 {n} 次失敗。"), ..complaint() });
    }
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 30);
    assert_eq!(letters.iter().filter(|l| l.to.starts_with("many")).count(), 30);
    assert!(world.pass().await.is_empty());
    // The folder is made anew by an administrator: other UIDs, the same mails.
    let raws: Vec<Vec<u8>> = {
        let all = super::stage::all_mails(&world).await;
        let mut raws = Vec::new();
        for row in all {
            raws.push(redress::store::inbox::raw(&world.house.desk.store, &row.id).await.expect("bytes"));
        }
        raws
    };
    for raw in raws {
        world.arrives_raw(&raw);
    }
    assert!(world.pass().await.is_empty(), "nobody is written to twice");
    assert_eq!(world.cases().await.len(), 30);
    sound(&world).await;
}

/// On PostgreSQL others may be alive, so claims have a lease of eighteen minutes. What a service of this machine had claimed that is known to
/// be dead leaves at the next start, on the same minute; what a living one has does not.
#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_the_claims_of_a_killed_service_leave_at_the_next_start() {
    let mut world = World::on(&postgres::shared().database()).await;
    let right = world.house.delivery.clone();
    world.house.delivery.endpoint.port = crate::support::dovecot::free_port();
    world.arrives(&complaint());
    assert!(world.pass_counted().await.0.unreachable);
    let (store, now) = (world.house.desk.store.clone(), world.clock.now());
    let mut claimed = Vec::new();
    let mut others: Vec<std::process::Child> = Vec::new();
    for name in ["KILLED", "ALIVE"] {
        let other = Command::new("sleep").arg("600").spawn().expect("sleep runs");
        let mark = redress::daemon::process_mark(other.id()).expect("a mark");
        processes::sign_in(&store, &Process { name: name.into(), mark, since: now }).await.expect("signed in");
        claimed.push(outbox::claim(&store, &format!("{name}.W"), now, 1080, 1).await.expect("claimed").remove(0));
        others.push(other);
    }
    others[0].kill().and_then(|()| others[0].wait()).expect("killed");
    let mut house = world.house.clone();
    (house.delivery, house.config.survey) = (right, None);
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(redress::daemon::run(house, false, stop.clone()));
    let until = Instant::now() + Duration::from_secs(30);
    let sent = async || outbox::count_by_state(&store).await.expect("store").get(&outbox::State::Sent).copied().unwrap_or(0);
    while sent().await < 2 {
        assert!(Instant::now() < until, "what the dead one had claimed waits");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let letters = outbox::all(&store).await.expect("store");
    let state = |id: &str| letters.iter().find(|l| l.id == id).map(|l| l.state);
    assert_eq!((state(&claimed[0].id), state(&claimed[1].id)), (Some(outbox::State::Sent), Some(outbox::State::Claimed)));
    let names = processes::signed_in(&store).await.expect("asked");
    assert!(names.len() == 2 && names.iter().all(|p| p.name != "KILLED"), "{names:?}");
    stop.cancel();
    running.await.expect("no panic").expect("drained");
    let names = processes::signed_in(&store).await.expect("asked");
    assert_eq!(names.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["ALIVE"], "who ends signs out");
    others[1].kill().and_then(|()| others[1].wait()).expect("ended");
}
