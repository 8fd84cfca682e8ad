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

/// A mail bomb: one sender's heap and a heap of look-alikes. All is taken in and counted; receipts are limited for the one; the
/// digest shows each matter as a line and stays short.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_bomb_is_all_taken_in_and_folded_for_the_office() {
    let mut world = World::changed(&[], "[intake]\ndispatch = \"review\"").await;
    let each = 250;
    for n in 0..each {
        world.arrives(&Mail {
            from: "砲手 <bomber@mail.example>".into(),
            subject: format!("校門口噪音第 {n} 次"),
            text: format!("校門口第 {n} 次施工噪音，請處理。"),
            ..Mail::default()
        });
        world.arrives(&Mail {
            from: format!("住戶 <resident{n}@mail.example>"),
            subject: "要求停工".into(),
            text: "請即刻停止夜間施工，還我們安寧。".into(),
            ..Mail::default()
        });
    }
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 2 * each, "every complaint has its number");
    assert!((1..=20).contains(&to(&letters, "bomber@mail.example").len()));
    let residents = letters.iter().filter(|l| l.to.starts_with("resident")).count();
    assert_eq!(residents, each, "who looks alike is not the same: each has a receipt");
    world.at("2026-03-04T08:31:00+08:00");
    let letters = world.pass().await;
    let digest = to(&letters, "wang@kmu.example").into_iter().find(|l| l.subject.contains("摘要")).expect("a digest");
    assert!(digest.text.contains(&format!("疑似同一事由　{}", 2 * each)), "{}", digest.text);
    assert!(
        digest.text.contains(&format!("等 {each} 件，來信人 1 位")) && digest.text.contains(&format!("等 {each} 件，來信人 {each} 位"))
    );
    assert!(digest.text.lines().count() < 200, "it folds: {} lines", digest.text.lines().count());
    assert!(!digest.text.contains("bomber@"), "an address is masked in a list");
}

/// A victim's address forged in From: he hears of it once a day, and reads nothing of the attacker's.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_forges_a_sender_makes_us_write_to_him_once() {
    let mut world = World::new().await;
    let mark = ["恭喜中獎", "lottery.example", "Prize", "PILLS", "0800-123-123"];
    for n in 0..200 {
        let mail = Mail {
            from: "Prize www.lottery.example <victim@elsewhere.example>".into(),
            subject: format!("恭喜中獎 PILLS http://lottery.example/{n}"),
            text: format!("選課 {n}：請點 http://lottery.example/{n} 領獎，電話 0800-123-123。"),
            ..Mail::default()
        };
        let raw = String::from_utf8(world.bytes(&mail)).expect("text");
        let raw =
            raw.replace("elsewhere.example by mx", "lottery.example by mx").replace(&format!("<m{}@", n + 1), &format!("<m{}@x", n + 1));
        let verdict = "Authentication-Results: mx.kmu.example;\r\n dmarc=fail (p=reject) header.from=elsewhere.example\r\n";
        world.arrives_raw(format!("{verdict}{raw}").as_bytes());
    }
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 200, "taken in all the same");
    let told = only(&letters, "victim@elsewhere.example");
    let whole = super::canaries::whole(told);
    for word in mark {
        assert!(!whole.contains(word), "{word} in what the victim gets: {}", told.text);
    }
    // The next day, once more at most.
    world.later(86_400);
    let again = Mail { from: "victim@elsewhere.example".into(), subject: "選課".into(), text: "選課。".into(), ..Mail::default() };
    let mut raw = b"Authentication-Results: mx.kmu.example;\r\n dmarc=fail header.from=elsewhere.example\r\n".to_vec();
    raw.extend(world.bytes(&again));
    world.arrives_raw(&raw);
    let letters = world.pass().await;
    assert!(to(&letters, "victim@elsewhere.example").len() <= 1);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_may_give_receipts_to_the_proved_alone() {
    for (word, unproved) in [("authenticated", 1), ("held", 0)] {
        let mut world = World::changed(&[], &format!("[intake]\nreceipt = \"{word}\"")).await;
        for n in 0..3 {
            world.arrives(&Mail { subject: format!("選課問題之 {n}"), text: format!("第 {n} 個選課問題。"), ..complaint() });
            let from = "林大明 <ming@mail.example>".into();
            world.arrives(&Mail {
                from,
                subject: format!("選課之 {n}"),
                text: format!("選課的第 {n} 個問題。"),
                authentic: true,
                ..complaint()
            });
        }
        let letters = world.pass().await;
        assert_eq!(world.cases().await.len(), 6);
        assert_eq!((to(&letters, "hua@mail.example").len(), to(&letters, "ming@mail.example").len()), (unproved, 3), "{word}");
    }
}
