//! Somebody of the house complains himself (R89): in his case he is the complainant, in others' he works as ever.

use redress::domain::state::State;

use super::stage::{ANSWER, CHEN, LEE, LIN, WANG, sound};
use crate::support::world::{Mail, World, only, to};

const HUANG: &str = "黃技士 <huang@kmu.example>";

#[tokio::test(flavor = "multi_thread")]
async fn who_complains_of_his_own_unit_has_no_internal_view_of_it() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        from: CHEN.into(),
        subject: "成績登錄加班未給假".into(),
        text: "成績登錄加班三週，沒有補假，請協助。".into(),
        authentic: true,
        ..Mail::default()
    });
    let letters = world.pass().await;
    assert!(only(&letters, "chen@kmu.example").text.contains("115-0001"), "a receipt, as anybody gets");
    let forward = only(&letters, "academic@kmu.example").clone();
    world.later(600);
    world.arrives(&forward.reply(CHEN, &format!("擬答覆：\n{ANSWER}")));
    let letters = world.pass().await;
    assert!(world.case("115-0001").await.drafts.is_empty() && to(&letters, "chen@kmu.example").is_empty());
    world.later(600);
    world.arrives(&forward.reply(LIN, &format!("擬答覆：\n{ANSWER}")));
    world.pass().await;
    assert_eq!(world.case("115-0001").await.state, State::AwaitingApproval);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_technician_complains_about_grades() {
    let mut world = World::new().await;
    let complaint = Mail {
        from: HUANG.into(),
        subject: "進修班成績登錄有誤".into(),
        text: "我是在職進修生，成績登錄錯誤，請更正。".into(),
        authentic: true,
        ..Mail::default()
    };
    world.arrives(&complaint);
    let letters = world.pass().await;
    let receipt = only(&letters, "huang@kmu.example");
    assert!(receipt.text.contains("115-0001"));
    let forward = only(&letters, "academic@kmu.example").clone();
    // He writes more, to the receipt: it is his complaint's, not an order.
    world.later(600);
    world.arrives(&receipt.reply(HUANG, "補充：是統計學。\n#結案"));
    let letters = world.pass().await;
    assert!(to(&letters, "academic@kmu.example").iter().any(|l| l.text.contains("統計學")));
    assert_eq!(world.case("115-0001").await.state, State::Assigned);
    // He is answered like anybody, and his 滿意 counts.
    world.later(600);
    world.arrives(&forward.reply(CHEN, &format!("擬答覆：\n{ANSWER}")));
    for (who, name) in [("lin@kmu.example", LIN), ("wang@kmu.example", WANG), ("lee@kmu.example", LEE)] {
        let request = only(&world.pass().await, who).clone();
        world.later(600);
        world.arrives(&request.reply(name, "同意"));
    }
    let answer = only(&world.pass().await, "huang@kmu.example").clone();
    assert!(answer.text.contains("人工加選完成"));
    world.later(600);
    world.arrives(&answer.press("滿意", HUANG, ""));
    world.pass().await;
    assert_eq!(world.case("115-0001").await.state, State::Closing);
    // In a case of his own unit he is the handler.
    world.arrives(&Mail {
        from: "住宿生 <dorm@mail.example>".into(),
        subject: "宿舍冷氣".into(),
        text: "冷氣壞了。".into(),
        ..Mail::default()
    });
    let forward = only(&world.pass().await, "general@kmu.example").clone();
    world.later(600);
    world.arrives(&forward.reply(HUANG, "擬答覆：\n冷氣已修復，造成不便敬請見諒。"));
    only(&world.pass().await, "wu@kmu.example");
    assert_eq!(world.case("115-0002").await.state, State::AwaitingApproval);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_who_complains_to_his_own_unit_neither_answers_nor_approves_himself() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        from: CHEN.into(),
        subject: "註冊組排班".into(),
        text: "註冊組的排班不公平。".into(),
        authentic: true,
        ..Mail::default()
    });
    let letters = world.pass().await;
    let receipt = only(&letters, "chen@kmu.example").clone();
    let forward = only(&letters, "academic@kmu.example").clone();
    // By his own token he is the complainant.
    world.arrives(&receipt.reply(CHEN, "擬答覆：\n沒有問題。"));
    world.pass().await;
    assert_eq!(world.case("115-0001").await.state, State::Assigned);
    // The unit's letter makes him a handler of his own complaint at most as far as an approver.
    world.later(60);
    world.arrives(&forward.reply(LIN, "擬答覆：\n排班將重新檢討。"));
    world.pass().await;
    assert_ne!(world.case("115-0001").await.state, State::Answered);
    sound(&world).await;
}
