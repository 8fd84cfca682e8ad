//! The secrets of reply addresses: keys change and letters on their way are answered all the same, for their time; who guesses is
//! held up after twenty tries an hour and nobody else is.

use redress::domain::state::State;
use redress::store::inbox;

use super::stage::{LEE, all_mails, before_the_chief, essence, sound};
use crate::support::world::{Mail, World, only, to};

const NEW_KEY: &str = "key = \"0123456789abcdef0123456789abcdef0123456789abcdef\"\nkey_id = 1";

/// The config gets a further `[trust]`, and redress is started anew.
async fn with_trust(world: &mut World, trust: &str) {
    let path = world.dir.path().join("redress.toml");
    let text = std::fs::read_to_string(&path).expect("config");
    let kept = text.split("\n[trust]").next().expect("the config").to_owned();
    std::fs::write(&path, format!("{kept}\n[trust]\n{trust}\n")).expect("config");
    world.restart().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_sent_under_the_old_key_is_answered_under_the_new_one() {
    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    with_trust(&mut world, NEW_KEY).await;
    world.arrives(&request.reply(LEE, "核准"));
    let letters = world.pass().await;
    let answer = only(&letters, "hua@mail.example");
    assert_eq!(world.case("115-0001").await.state, State::Answered);
    assert_ne!(answer.reply_to.split('.').nth(1), request.reply_to.split('.').nth(1), "what is sent now is sealed with the new key");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_key_is_read_for_its_time_and_then_asks() {
    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    with_trust(&mut world, NEW_KEY).await;
    let before = essence(&world.case("115-0001").await);
    // Thirteen months on, nobody remembers that key.
    world.at("2027-04-20T10:00:00+08:00");
    world.pass().await;
    let button = request.press("核准", LEE, "");
    world.arrives(&button);
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    assert!(to(&letters, "hua@mail.example").is_empty());
    assert_eq!(letters.iter().filter(|l| l.to == "lee@kmu.example").count(), 1, "he is asked, or told that it does not count");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_reply_addresses_is_held_up_and_nobody_else() {
    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    let guess = |n: usize| Mail {
        from: "路人 <evil@mail.example>".into(),
        to: format!("service+a.{:0>14}.{:0>26}@kmu.example", n, n * 7919),
        subject: format!("回覆 {n}"),
        text: format!("核准 {n}"),
        ..Mail::default()
    };
    for n in 0..30 {
        world.arrives(&guess(n));
    }
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    let held: Vec<_> = all_mails(&world).await.into_iter().filter(|row| row.state == inbox::State::Held).collect();
    assert_eq!(held.len(), 10, "beyond twenty an hour");
    assert!(held.iter().all(|row| row.reason.as_deref() == Some("bad_tokens")));
    assert_eq!(to(&letters, "wang@kmu.example").iter().filter(|l| l.text.contains("錯誤的回信代碼")).count(), 1, "told once");

    // The genuine reply is not touched by it, nor is the guesser's next plain mail.
    world.arrives(&request.reply(LEE, "核准"));
    only(&world.pass().await, "hua@mail.example");
    world.arrives(&Mail { to: String::new(), ..guess(99) });
    world.pass().await;
    assert_eq!(all_mails(&world).await.iter().filter(|row| row.state == inbox::State::Held).count(), 10);

    // An hour later he begins anew.
    world.later(3_700);
    world.arrives(&guess(100));
    world.pass().await;
    assert_eq!(all_mails(&world).await.iter().filter(|row| row.state == inbox::State::Held).count(), 10);
    sound(&world).await;
}
