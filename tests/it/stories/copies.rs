//! One complaint, one number (R3, F10, T12): the same mail twice, the same words twice, and a Message-ID that was taken before.

use redress::store::inbox::State as Custody;

use super::stage::{complaint, last_mail, sound};
use crate::support::world::{Mail, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mail_twice_is_one_case() {
    let mut world = World::new().await;
    let raw = world.bytes(&complaint());
    world.arrives_raw(&raw);
    world.arrives_raw(&raw);
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 1);
    assert_eq!((to(&letters, "hua@mail.example").len(), to(&letters, "academic@kmu.example").len()), (1, 1));
    // By another way, in another pass: other lines of transit on top, another spelling of the line ends' tail.
    world.later(3600);
    let other = [
        b"Received: from alias.kmu.example by mx.kmu.example; Tue, 3 Mar 2026 10:00:00 +0800\r\nDelivered-To: service@kmu.example\r\n"
            .as_slice(),
        &raw,
        b"\r\n",
    ]
    .concat();
    world.arrives_raw(&other);
    assert!(world.pass().await.is_empty());
    let (state, reason) = last_mail(&world).await;
    assert!(state == Custody::Ignored && reason.starts_with("copy of "), "{reason}");
    assert_eq!(world.cases().await.len(), 1);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_are_one_complaint_of_one_sender_and_two_of_two() {
    let mut world = World::new().await;
    world.arrives(&complaint());
    world.pass().await;
    world.later(86_400);
    world.arrives(&complaint());
    let letters = world.pass().await;
    assert!(to(&letters, "hua@mail.example").is_empty() && to(&letters, "academic@kmu.example").is_empty());
    assert_eq!(world.cases().await.len(), 1);
    assert_eq!(last_mail(&world).await, (Custody::Ignored, "repeats 115-0001".to_owned()));
    // Somebody else with the same words has his own case, number and receipt.
    world.arrives(&Mail { from: "林大明 <ming@mail.example>".into(), ..complaint() });
    let letters = world.pass().await;
    assert!(only(&letters, "ming@mail.example").text.contains("115-0002"));
    assert_eq!(world.cases().await.len(), 2);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_id_that_was_taken_before_hides_nothing() {
    let mut world = World::new().await;
    let real = world.bytes(&complaint());
    let id = String::from_utf8_lossy(&real).lines().find(|l| l.starts_with("Message-ID:")).expect("an id").to_owned();
    // Somebody has used it first, for something else.
    let squatter = world.bytes(&Mail {
        from: "路人 <evil@mail.example>".into(),
        subject: "停車".into(),
        text: "停車場太小。".into(),
        ..Mail::default()
    });
    let squatter = String::from_utf8_lossy(&squatter)
        .lines()
        .map(|l| if l.starts_with("Message-ID:") { id.clone() } else { l.to_owned() })
        .collect::<Vec<_>>()
        .join("\r\n");
    world.arrives_raw(squatter.as_bytes());
    world.pass().await;
    world.arrives_raw(&real);
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 2);
    only(&letters, "hua@mail.example");

    // And the id of a genuine reply, taken by a forged copy of it beforehand: the genuine one still counts.
    let request = {
        let mut fresh = World::new().await;
        std::mem::swap(&mut fresh, &mut world);
        super::stage::before_the_chief(&mut world).await
    };
    let genuine = world.bytes(&request.reply("李主任秘書 <lee@kmu.example>", "可"));
    let text = String::from_utf8(genuine.clone()).expect("utf-8");
    let forged = text.split_once("header.from=kmu.example\r\n").expect("the verdict stands on top").1;
    world.arrives_raw(forged.as_bytes());
    let letters = world.pass().await;
    assert_eq!(letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), ["lee@kmu.example"]);
    world.arrives_raw(&genuine);
    let letters = world.pass().await;
    only(&letters, "hua@mail.example");
    sound(&world).await;
}
