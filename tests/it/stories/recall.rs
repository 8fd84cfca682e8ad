//! 撤銷: an approved answer waits for the office's minutes, and who approved it last may call it back.

use redress::domain::state::{DeadlineKind, State};

use super::scenes::*;
use crate::support::world::{Letter, World, only, to};

async fn approved(world: &mut World) -> Letter {
    let request = proposed(world, ANSWER).await;
    let letters = all_agree(world, &request, CHAIN).await;
    assert!(to(&letters, HUA).is_empty(), "it waits");
    only(&letters, "lee@kmu.example").clone()
}

async fn minutes() -> World {
    World::changed(&[("recall_window = \"0s\"", "recall_window = \"10m\"")], "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_minutes_it_leaves_and_cannot_be_called_back() {
    let mut world = minutes().await;
    let notice = approved(&mut world).await;
    holds(&notice.text, &["您的必修課已為您人工加選完成", "#撤銷"]);
    assert!(notice.button("核准").is_none());
    world.later(9 * 60);
    assert!(world.pass().await.is_empty());
    world.later(2 * 60);
    let letters = world.pass().await;
    assert_eq!(letters.len(), 1, "{:?}", seen(&letters));
    holds(&only(&letters, HUA).text, &["您的必修課已為您人工加選完成"]);
    let letters = reply(&mut world, &notice, LEE, "#撤銷").await;
    holds(&only(&letters, "lee@kmu.example").text, &["已經寄出"]);
    assert_eq!(world.case(FIRST).await.state, State::Answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn called_back_in_time_only_his_own_step_is_open_again() {
    for button in [true, false] {
        let mut world = minutes().await;
        let notice = approved(&mut world).await;
        world.later(300);
        if button {
            world.arrives(&notice.press("暫不發出", LEE, ""));
        } else {
            world.arrives(&notice.reply(LEE, "#撤銷"));
        }
        let letters = world.pass().await;
        let again = only(&letters, "lee@kmu.example").clone();
        assert_eq!(letters.len(), 1, "{:?}", seen(&letters));
        assert!(again.button("核准").is_some());
        holds(&again.text, &["林教務長：核准", "王秘書：核准"]);
        let case = world.case(FIRST).await;
        assert_eq!((case.state, case.answered_at), (State::AwaitingApproval, None));
        assert!(case.deadlines.iter().any(|d| d.kind == DeadlineKind::Answer && d.met_at.is_none()));
        world.later(3_600);
        let letters = world.pass().await;
        assert!(to(&letters, HUA).is_empty(), "it never left");
        // He agrees after all: it waits and leaves anew, once.
        reply(&mut world, &again, LEE, "核准").await;
        world.later(660);
        let letters = world.pass().await;
        only(&letters, HUA);
        let case = world.case(FIRST).await;
        assert_eq!(case.state, State::Answered);
        assert!(world.house.desk.replay(&case).await.expect("replay").same);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_calls_it_back() {
    let mut world = minutes().await;
    let request = proposed(&mut world, ANSWER).await;
    all_agree(&mut world, &request, CHAIN).await;
    let letters = reply(&mut world, &request, LIN, "#撤銷").await;
    holds(&only(&letters, "lin@kmu.example").text, &["未能辦理"]);
    assert_eq!(world.case(FIRST).await.state, State::Answered);
}
