//! R22: a mere thanks asks for nothing. After closing it is filed and shown, and nothing is taken up again; anything else is.

use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{World, only, to};

const THANKS: &[&str] = &[
    "謝謝",
    "收到，謝謝您！\n\n陳小華\n0912-345-678",
    "Thank you very much.\n\nBest regards,\nHua",
    "非常感謝你們的協助。\n\n從我的 iPhone 傳送",
];

/// The case is answered and closed, as kmu closes: satisfied, and the chain agrees.
async fn closed(world: &mut World) -> crate::support::world::Letter {
    let answer = answered(world).await;
    let letters = reply(world, &answer, STUDENT, "滿意").await;
    reply(world, only(&letters, "lee@kmu.example"), LEE, "可").await;
    assert_eq!(world.case(FIRST).await.state, State::Closed);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thanks_after_closing_reopens_nothing() {
    let mut world = World::new().await;
    let answer = closed(&mut world).await;
    for (n, words) in THANKS.iter().enumerate() {
        let letters = reply(&mut world, &answer, STUDENT, words).await;
        assert_eq!(world.case(FIRST).await.state, State::Closed, "{words}");
        assert!(letters.is_empty(), "{words}: {:?}", seen(&letters));
        let kept = redress::store::messages::for_case(&world.house.desk.store, world.case(FIRST).await.id.as_str()).await.expect("store");
        assert_eq!(kept.iter().filter(|m| m.kind == "complainant").count(), 2 + n, "filed");
    }
    // Years later it is one as well; and it opens no linked case.
    world.later(200 * 86_400);
    reply(&mut world, &answer, STUDENT, "謝謝").await;
    assert_eq!(world.cases().await.len(), 1);
    assert_eq!(world.case(FIRST).await.state, State::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn thanks_and_a_word_more_are_no_mere_thanks() {
    for words in ["謝謝，但是又壞了", "收到，請問何時恢復？", "Thank you for nothing"] {
        let mut world = World::new().await;
        let answer = closed(&mut world).await;
        reply(&mut world, &answer, STUDENT, words).await;
        let case = world.case(FIRST).await;
        assert_eq!((case.state, case.round), (State::InProgress, 2), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thanks_before_closing_goes_to_people_and_stops_the_clock() {
    let mut world = World::new().await;
    let answer = answered(&mut world).await;
    let letters = reply(&mut world, &answer, STUDENT, "謝謝").await;
    assert_eq!(world.case(FIRST).await.state, State::Answered, "no verdict");
    assert_eq!(to(&letters, "wang@kmu.example").len(), 1);
    assert_eq!(to(&letters, "chen@kmu.example").len(), 1);
    world.later(60 * 86_400);
    world.pass().await;
    assert_eq!(world.case(FIRST).await.state, State::Answered, "silence means nothing after he has written");
}
