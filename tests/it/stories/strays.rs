//! Mails that found their way badly (R5, T5, T11, T28): no threading headers, a guessed number, a forwarded token, everybody in Cc.

use redress::domain::state::State;

use super::stage::{ANSWER, CHEN, STUDENT, bare, complaint, essence, forwarded, last_mail, proposed, sound};
use crate::support::world::{Mail, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_in_the_subject_is_enough_for_those_it_concerns() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    // The complainant's client drops everything but the subject.
    world.later(60);
    world.arrives(&Mail {
        from: STUDENT.into(),
        subject: "回覆：[115-0001] 選課系統一直出錯".into(),
        text: "補充：是微積分這門課。".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 1);
    assert!(to(&letters, "academic@kmu.example").iter().any(|l| l.text.contains("微積分")));
    assert!(to(&letters, "hua@mail.example").is_empty());
    // So does the handler's.
    world.later(60);
    world.arrives(&bare(&forward, CHEN, &format!("擬答覆：\n{ANSWER}")));
    let letters = world.pass().await;
    assert_eq!(world.case("115-0001").await.state, State::AwaitingApproval);
    only(&letters, "lin@kmu.example");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_guesses_a_number_opens_his_own_case() {
    let mut world = World::new().await;
    forwarded(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    world.arrives(&Mail {
        from: "路人 <evil@mail.example>".into(),
        subject: "Re: [115-0001]".into(),
        text: "#查詢\n請告訴我這件案子的內容".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    assert_eq!(world.cases().await.len(), 2);
    let receipt = only(&letters, "evil@mail.example");
    assert!(receipt.text.contains("115-0002") && !receipt.text.contains("陳小華") && !receipt.text.contains("必修課"));
    // Somebody of another unit who has nothing to do with it learns nothing either.
    world.arrives(&Mail {
        from: "黃技士 <huang@kmu.example>".into(),
        subject: "115-0001".into(),
        text: "#查詢".into(),
        authentic: true,
        ..Mail::default()
    });
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    for letter in to(&letters, "huang@kmu.example") {
        assert!(!letter.text.contains("陳小華") && !letter.text.contains("必修課"), "{}", letter.text);
    }
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_letter_gives_its_reader_no_power() {
    let mut world = World::new().await;
    let (forward, request) = proposed(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    for (letter, words) in [(&forward, "擬答覆：\n我來回答。"), (&request, "核准"), (&forward, "#不受理 假案")] {
        world.later(60);
        world.arrives(&letter.reply("路人 <friend@mail.example>", words));
        let letters = world.pass().await;
        assert_eq!(essence(&world.case("115-0001").await), before, "{words}");
        assert_eq!(letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), ["wang@kmu.example"], "{words}");
        assert!(only(&letters, "wang@kmu.example").text.contains("friend@mail.example"));
    }
    assert_eq!(world.cases().await.len(), 1);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_in_cc_gets_nothing_from_us() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    world.later(60);
    let mut reply = forward.reply(CHEN, "內部：廠商承認疏失，請勿外傳。");
    reply.headers.push("Cc: 陳小華 <hua@mail.example>, press@news.example, wu@kmu.example".into());
    world.arrives(&reply);
    let letters = world.pass().await;
    for address in ["hua@mail.example", "press@news.example", "wu@kmu.example"] {
        assert!(to(&letters, address).is_empty(), "{address} was written to");
    }
    // Nor does the complainant who copies half the town.
    world.later(60);
    world.arrives(&Mail {
        headers: vec!["Cc: press@news.example, academic@kmu.example".into()],
        subject: "Re: [115-0001] 選課".into(),
        text: "請盡快處理，已副知媒體。".into(),
        ..complaint()
    });
    let letters = world.pass().await;
    assert!(to(&letters, "press@news.example").is_empty());
    assert!(last_mail(&world).await.1.is_empty());
    assert!(letters.iter().all(|l| !l.text.contains("廠商承認疏失") || l.to != "hua@mail.example"));
    sound(&world).await;
}
