//! Much mail of one sender (T13, T16–T18): everything is taken in, receipts are limited, answers go where the complaint came from.

use super::stage::{complaint, sound};
use crate::support::world::{Mail, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn one_address_gets_so_many_receipts_a_day_and_no_more() {
    let mut world = World::new().await;
    for n in 0..26 {
        world.arrives(&Mail { subject: format!("選課問題之 {n}"), text: format!("第 {n} 個選課問題。"), ..complaint() });
    }
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 26, "every complaint has its number");
    assert_eq!(to(&letters, "academic@kmu.example").len(), 26, "and reaches its unit");
    let receipts = to(&letters, "hua@mail.example").len();
    assert!((4..=20).contains(&receipts), "{receipts}");
    world.later(2 * 86_400);
    world.arrives(&Mail { subject: "選課問題又來了".into(), text: "後天的選課問題。".into(), ..complaint() });
    only(&world.pass().await, "hua@mail.example");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_elsewhere_is_not_followed() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        headers: vec!["Reply-To: evil@elsewhere.example".into(), "Return-Path: <hua@mail.example>".into()],
        ..complaint()
    });
    let letters = world.pass().await;
    only(&letters, "hua@mail.example");
    assert!(to(&letters, "evil@elsewhere.example").is_empty());
    // 「我是同一人，改寄到…」 from another address is a stranger's word.
    let receipt = only(&letters, "hua@mail.example").clone();
    world.arrives(&receipt.reply("陳小華 <hua2@elsewhere.example>", "我是同一人，請改寄到這個信箱。"));
    let letters = world.pass().await;
    assert!(to(&letters, "hua2@elsewhere.example").is_empty());
    only(&letters, "wang@kmu.example");
    assert!(world.case("115-0001").await.is_complainant("hua@mail.example"));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_beyond_the_limit_is_a_case_all_the_same() {
    let mut world = World::changed(&[("trusted_authserv_id", "size_limit_mib = 1\ntrusted_authserv_id")], "").await;
    let big = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==\r\n".repeat(20_000);
    let raw = format!(
        "Received: from out.mail.example by mx.kmu.example; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: big@mail.example\r\nTo: service@kmu.example\r\nSubject: big\r\nMessage-ID: <big@mail.example>\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n選課錄影如附檔。\r\n--b\r\nContent-Type: video/mp4; name=a.mp4\r\nContent-Disposition: attachment; filename=a.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n{big}--b--\r\n"
    );
    world.arrives_raw(raw.as_bytes());
    world.arrives(&complaint());
    let letters = world.pass().await;
    assert!(only(&letters, "big@mail.example").text.contains("115-0001"));
    // A person looks at the original before anybody works with half of it.
    let triage = to(&letters, "wang@kmu.example").into_iter().find(|l| l.text.contains("選課錄影如附檔")).expect("the office is shown it");
    assert!(triage.text.contains("來信過大"), "{}", triage.text);
    only(&letters, "hua@mail.example");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_goes_wave_by_wave_and_none_is_done_twice() {
    let mut world = World::new().await;
    for n in 0..70 {
        let from = format!("學生 <student{n}@mail.example>");
        world.arrives(&Mail { from, subject: format!("選課問題之 {n}"), text: format!("第 {n} 個選課問題。"), ..complaint() });
    }
    let desk = world.house.desk.clone();
    for settings in world.house.intake.clone() {
        redress::intake::take_all(settings, desk.store.clone(), desk.clock.clone(), desk.chance.clone()).await.expect("taken in");
    }
    let mut waves = desk.waves();
    let mut read = 0;
    loop {
        match waves.next().await.expect("a wave") {
            0 => break,
            some => read += some,
        }
    }
    assert_eq!((read, waves.finish().await.expect("booked")), (70, 0), "mails read, waves that had to be done mail by mail");
    assert_eq!(world.cases().await.len(), 70);
    world.pass().await;
    sound(&world).await;
}
