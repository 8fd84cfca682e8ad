//! The round trip at the directory address (RELIABILITY E1): for the mail that could not prove itself, for mailboxes that prove
//! nothing, and for servers that drop what stands after the plus.

use redress::domain::state::State;

use super::stage::{ANSWER, CHEN, LEE, LIN, STUDENT, WANG, before_the_chief, complaint, essence, last_mail, sound};
use crate::support::world::{Letter, Mail, World, only};

/// Writes a mail that cannot prove itself, and answers the question that comes back; gives what then leaves.
async fn by_round_trip(world: &mut World, mail: &Mail, address: &str) -> Vec<Letter> {
    world.later(60);
    world.arrives(mail);
    let letters = world.pass().await;
    let question = only(&letters, address).clone();
    assert_eq!(letters.len(), 1, "{:?}", letters.iter().map(|l| (&l.to, &l.subject)).collect::<Vec<_>>());
    world.later(60);
    world.arrives(&Mail { authentic: false, ..question.press("href", &mail.from, "") });
    world.pass().await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_was_he_after_all() {
    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    let unproved = Mail { authentic: false, ..request.reply(LEE, "核准") };
    let letters = by_round_trip(&mut world, &unproved, "lee@kmu.example").await;
    assert_eq!(world.case("115-0001").await.state, State::Answered);
    only(&letters, "hua@mail.example");
    // The question is answered once.
    assert!(world.pass().await.is_empty());
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_was_not_he() {
    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    world.arrives(&Mail { authentic: false, ..request.reply(LEE, "核准") });
    let question = only(&world.pass().await, "lee@kmu.example").clone();
    world.arrives(&question.reply(LEE, "這不是我寫的"));
    assert!(world.pass().await.is_empty());
    assert_eq!(last_mail(&world).await.1, "not_confirmed");
    // What was denied cannot be confirmed any more.
    world.arrives(&question.press("href", LEE, ""));
    world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    world.at("2026-03-04T08:31:00+08:00");
    assert!(only(&world.pass().await, "wang@kmu.example").text.contains("本人否認"));
}

/// As people read 「直接回覆本信」: no button, one word above the quotation.
async fn by_plain_reply(world: &mut World, mail: &Mail, address: &str) -> Vec<Letter> {
    world.later(60);
    world.arrives(mail);
    let question = only(&world.pass().await, address).clone();
    world.later(60);
    world.arrives(&Mail { authentic: false, ..question.reply(&mail.from, "確認") });
    world.pass().await
}

/// From the complaint to the answer where every act needs the round trip.
async fn whole_way_confirmed(mut world: World) {
    world.arrives(&complaint());
    let forward = only(&world.pass().await, "academic@kmu.example").clone();
    let proposal = forward.reply(CHEN, &format!("擬答覆：\n{ANSWER}"));
    let letters = by_round_trip(&mut world, &proposal, "chen@kmu.example").await;
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = by_plain_reply(&mut world, &request.reply(LIN, "如擬"), "lin@kmu.example").await;
    let request = only(&letters, "wang@kmu.example").clone();
    let letters = by_round_trip(&mut world, &request.press("核准", WANG, ""), "wang@kmu.example").await;
    let request = only(&letters, "lee@kmu.example").clone();
    let letters = by_round_trip(&mut world, &request.reply(LEE, "可"), "lee@kmu.example").await;
    assert!(only(&letters, "hua@mail.example").text.contains("人工加選完成"));
    assert_eq!(world.case("115-0001").await.state, State::Answered);
    let told = crate::cli::beside(&world, &["case", "explain", "115-0001"]).out;
    assert_eq!(told.matches("憑據：經名單上的地址確認").count(), 3, "{told}");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_without_any_verdict_works_by_round_trips() {
    let world = World::changed(&[("trusted_authserv_id = \"mx.kmu.example\"", "evidence = \"confirm\"")], "").await;
    whole_way_confirmed(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_verdict_nor_plus_addresses() {
    let world =
        World::changed(&[("trusted_authserv_id = \"mx.kmu.example\"", "evidence = \"confirm\"\nplus_addressing = false")], "").await;
    whole_way_confirmed(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_plus_addresses_buttons_carry_a_code_and_replies_are_confirmed() {
    let changes = [("trusted_authserv_id = \"mx.kmu.example\"", "trusted_authserv_id = \"mx.kmu.example\"\nplus_addressing = false")];
    let mut world = World::changed(&changes, "").await;
    world.arrives(&complaint());
    let forward = only(&world.pass().await, "academic@kmu.example").clone();
    assert_eq!(forward.reply_to, "service@kmu.example");
    // A handler's reply is led to its case by its References.
    world.later(60);
    world.arrives(&forward.reply(CHEN, &format!("擬答覆：\n{ANSWER}")));
    let request = only(&world.pass().await, "lin@kmu.example").clone();
    // The button carries the code.
    world.later(60);
    world.arrives(&request.press("核准", LIN, ""));
    let request = only(&world.pass().await, "wang@kmu.example").clone();
    // Another's code is worth nothing.
    let before = essence(&world.case("115-0001").await);
    world.arrives(&request.press("核准", LIN, ""));
    world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    // A plain reply is found by its References and asked about.
    let letters = by_round_trip(&mut world, &request.reply(WANG, "同意"), "wang@kmu.example").await;
    let request = only(&letters, "lee@kmu.example").clone();
    world.later(60);
    world.arrives(&request.press("核准", LEE, ""));
    let answer = only(&world.pass().await, "hua@mail.example").clone();
    // The complainant's button too.
    world.later(86_400);
    world.arrives(&Mail { authentic: false, ..answer.press("不滿意", STUDENT, "我還是沒有選到。") });
    world.pass().await;
    assert_eq!(world.case("115-0001").await.round, 2);
    sound(&world).await;
}
