//! Nobody decides in another's name (R20, T1–T8): what is forged, stolen, repeated or out of date changes nothing and uses nothing up.

use redress::domain::state::State;

use super::stage::{ANSWER, LEE, LIN, WANG, answered, bare, before_the_chief, essence, last_mail, proposed, sound};
use crate::support::world::{Letter, Mail, World, only, to};

const FORGED_VERDICT: &str = "Authentication-Results: mx.kmu.example; dmarc=pass (p=reject) header.from=kmu.example";

/// A question at the directory address tells nothing of the case.
fn is_silent(letter: &Letter) {
    for word in ["選課", "必修課", "陳小華", "hua@mail.example", "教務處", "人工加選"] {
        assert!(!letter.text.contains(word) && !letter.html.contains(word) && !letter.subject.contains(word), "{word} in\n{}", letter.text);
    }
    assert!(letter.files.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_changes_nothing_and_the_genuine_reply_counts() {
    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    let genuine = request.reply(LEE, "核准");
    let attempts: Vec<(&str, Mail)> = vec![
        ("no verdict", Mail { authentic: false, ..genuine.clone() }),
        (
            "a verdict below the border's line",
            Mail { authentic: false, headers: [genuine.headers.clone(), vec![FORGED_VERDICT.into()]].concat(), ..genuine.clone() },
        ),
        ("no token", Mail { headers: Vec::new(), to: String::new(), subject: "115-0001 核准".into(), ..bare(&request, LEE, "核准") }),
    ];
    for (n, (what, mail)) in attempts.into_iter().enumerate() {
        world.later(60);
        world.arrives(&mail);
        let letters = world.pass().await;
        assert_eq!(essence(&world.case("115-0001").await), before, "{what}");
        letters.iter().for_each(is_silent);
        only(&letters, "lee@kmu.example");
        // The third in a day is told to the secretariat at once.
        let told = to(&letters, "wang@kmu.example");
        assert_eq!((letters.len(), told.len()), if n == 2 { (2, 1) } else { (1, 0) }, "{what}: {letters:?}");
        assert!(told.iter().all(|l| l.text.contains("李主任秘書") && l.text.contains("115-0001")), "{told:?}");
        let (state, reason) = last_mail(&world).await;
        assert!(state == redress::store::inbox::State::Done && reason.starts_with("not adopted"), "{what}: {reason}");
    }

    // His token from an outside address: the secretariat gets the words, nobody decides.
    world.arrives(&request.reply("路人 <evil@mail.example>", "核准"));
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    assert_eq!(letters.len(), 1);
    assert!(only(&letters, "wang@kmu.example").text.contains("evil@mail.example"));

    // His token under a colleague's proved name: the colleague is asked whether it was he.
    world.arrives(&request.reply(WANG, "核准"));
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    assert_eq!(letters.len(), 1);
    is_silent(only(&letters, "wang@kmu.example"));

    // A fourth in his name on the same day is asked about, and the secretariat is not told again.
    world.arrives(&Mail { authentic: false, ..request.reply(LEE, "同意") });
    let letters = world.pass().await;
    assert_eq!(letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), ["lee@kmu.example"]);

    // Two authors: nobody in particular.
    for (first, second) in [(LEE, "evil@mail.example"), ("evil@mail.example", LEE)] {
        let mut mail = request.reply(first, "核准");
        mail.headers.push(format!("From: {second}"));
        world.arrives(&mail);
        let letters = world.pass().await;
        assert_eq!(essence(&world.case("115-0001").await), before, "two authors");
        assert!(to(&letters, "evil@mail.example").is_empty());
    }

    // Nothing was used up.
    world.arrives(&genuine);
    let letters = world.pass().await;
    assert_eq!(world.case("115-0001").await.state, State::Answered);
    assert!(only(&letters, "hua@mail.example").text.contains("人工加選完成"));

    // The next digest has it too.
    world.at("2026-03-04T08:31:00+08:00");
    let letters = world.pass().await;
    let digest = only(&letters, "wang@kmu.example");
    assert!(digest.text.contains("未能證明身分"), "{}", digest.text);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_case_attacked_in_three_names_alerts_the_secretariat_too() {
    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    let mut told = Vec::new();
    for person in [LEE, LIN, LEE, super::stage::CHEN] {
        world.later(60);
        world.arrives(&Mail { authentic: false, headers: Vec::new(), to: String::new(), ..bare(&request, person, "#核准") });
        let letters = world.pass().await;
        told.push(to(&letters, "wang@kmu.example").len());
    }
    assert_eq!(told, [0, 0, 1, 0]);
    assert_eq!(essence(&world.case("115-0001").await), before);
    // The next day the count begins anew.
    world.at("2026-03-05T12:00:00+08:00");
    world.pass().await;
    for person in [LEE, LIN, LEE] {
        world.later(60);
        world.arrives(&Mail { authentic: false, headers: Vec::new(), to: String::new(), ..bare(&request, person, "#核准") });
        told.push(to(&world.pass().await, "wang@kmu.example").len());
    }
    assert_eq!(told.iter().sum::<usize>(), 2);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_counts_once_and_only_for_the_text_it_was_given_to() {
    let mut world = World::new().await;
    let (forward, old) = proposed(&mut world).await;
    // The handler thinks better of it while the unit head is asked.
    world.later(600);
    world.arrives(&forward.reply(super::stage::CHEN, &format!("擬答覆：\n{ANSWER}\n並已通知任課教師。")));
    let letters = world.pass().await;
    let new = only(&letters, "lin@kmu.example").clone();
    assert!(new.text.contains("並已通知任課教師"));

    // The old request is dead, by reply and by button.
    for mail in [old.reply(LIN, "如擬"), old.press("核准", LIN, "")] {
        let before = essence(&world.case("115-0001").await);
        world.later(60);
        world.arrives(&mail);
        let letters = world.pass().await;
        assert_eq!(essence(&world.case("115-0001").await), before);
        assert_eq!(letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), ["lin@kmu.example"], "he hears that it no longer counts");
    }

    world.later(60);
    let genuine = world.bytes(&new.reply(LIN, "如擬"));
    world.arrives_raw(&genuine);
    let letters = world.pass().await;
    assert_eq!(to(&letters, "wang@kmu.example").len(), 1);

    // The same mail again by another way, then a second press of the button.
    let before = essence(&world.case("115-0001").await);
    let again = [b"Received: from relay.kmu.example by mx.kmu.example; Tue, 3 Mar 2026 12:00:00 +0800\r\n".as_slice(), &genuine].concat();
    world.arrives_raw(&again);
    assert!(world.pass().await.is_empty());
    assert!(last_mail(&world).await.1.starts_with("copy of"));
    world.arrives(&new.press("核准", LIN, ""));
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    assert!(letters.iter().all(|l| l.to == "lin@kmu.example"));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_reply_to_the_answer_under_a_staff_name_closes_nothing() {
    let mut world = World::new().await;
    let answer = answered(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    // The complainant's token is in nobody else's hands a word of his.
    world.arrives(&Mail { authentic: false, ..answer.press("滿意", "路人 <evil@mail.example>", "") });
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    assert_eq!(letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), ["wang@kmu.example"]);
    // Nor does it carry an act of the house.
    world.arrives(&answer.reply(LEE, "#結案"));
    world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    sound(&world).await;
}
