//! KMU 5.1.2.8, R22, R55: not satisfied, by mail, by button, by survey; taken up again as often as needed; then satisfied and closed.

use std::collections::BTreeMap;

use redress::domain::state::{DeadlineKind, Outcome, Satisfaction, State};

use super::scenes::*;
use crate::support::world::{Letter, Mail, World, moment, only, to};

/// The survey page's answer, as the page hands it to the desk.
async fn survey(world: &World, answer: &Letter, overall: &str, said: Satisfaction) -> bool {
    let token = answer.text.split("/s/").nth(1).and_then(|t| t.split_whitespace().next()).expect("a survey link");
    let hash = redress::trust::SurveyLink::parse(token).expect("a link").hash();
    let answers = BTreeMap::from([("overall".to_owned(), overall.to_owned())]);
    world.house.desk.survey_answered(&hash, &format!("{{\"overall\":\"{overall}\"}}"), answers, said).await.expect("kept")
}

/// The handler answers the call to take it up again, the chain agrees; gives the next answer.
async fn answered_again(world: &mut World, resumed: &Letter, text: &str) -> Letter {
    let letters = reply(world, resumed, CHEN, &format!("擬答覆：\n{text}")).await;
    let request = only(&letters, "lin@kmu.example").clone();
    holds(&request.text, &[text]);
    let letters = all_agree(world, &request, CHAIN).await;
    only(&letters, HUA).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn thrice_not_satisfied_then_satisfied() {
    let mut world = World::new().await;
    let first = answered(&mut world).await;
    // In words.
    world.at("2026-03-05T10:00:00+08:00");
    world.arrives(&Mail { authentic: false, ..first.reply(STUDENT, "不滿意，只加選了一門，另外兩門還是沒有。") });
    let letters = world.pass().await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::InProgress, 2));
    let resumed = only(&letters, "chen@kmu.example").clone();
    holds(&resumed.text, &["另外兩門還是沒有", "人工加選完成", FIRST]);
    assert!(resumed.button("擬答覆").is_some());
    holds(&about(&letters, "wang@kmu.example", "不滿意，本案續辦").text, &["另外兩門還是沒有"]);
    let told = only(&letters, HUA);
    holds(&told.text, &["教務處"]);
    let due = case.deadlines.iter().find(|d| d.kind == DeadlineKind::Answer && d.round == 2).and_then(|d| d.due_at);
    assert_eq!(due, Some(moment("2026-03-16T17:30:00+08:00")), "seven working days from the new round");
    // By button, with words below.
    let second = answered_again(&mut world, &resumed, "另外兩門也已加選。").await;
    holds(&second.text, &["另外兩門也已加選。"]);
    world.later(86_400);
    world.arrives(&Mail { authentic: false, ..second.press("不滿意", STUDENT, "系統至今沒有道歉公告") });
    let letters = world.pass().await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::InProgress, 3));
    holds(&about(&letters, "wang@kmu.example", "不滿意，本案續辦").text, &["系統至今沒有道歉公告"]);
    let resumed = only(&letters, "chen@kmu.example").clone();
    holds(&resumed.text, &["系統至今沒有道歉公告", "另外兩門也已加選"]);
    // On the survey page.
    let third = answered_again(&mut world, &resumed, "公告已刊登於教務處首頁。").await;
    world.later(3_600);
    assert!(survey(&world, &third, "dissatisfied", Satisfaction::Dissatisfied).await);
    let letters = world.pass().await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::InProgress, 4));
    let resumed = only(&letters, "chen@kmu.example").clone();
    holds(&about(&letters, "wang@kmu.example", "不滿意，本案續辦").text, &["dissatisfied"]);
    // An old round's survey moves nothing any more.
    assert!(survey(&world, &second, "very_dissatisfied", Satisfaction::Dissatisfied).await);
    let letters = world.pass().await;
    assert_eq!(world.case(FIRST).await.round, 4);
    assert!(to(&letters, "chen@kmu.example").is_empty() && to(&letters, HUA).is_empty(), "{:?}", seen(&letters));
    // Satisfied at last, on the page.
    let fourth = answered_again(&mut world, &resumed, "已致電說明。").await;
    world.later(3_600);
    assert!(survey(&world, &fourth, "satisfied", Satisfaction::Satisfied).await);
    let letters = world.pass().await;
    assert_eq!(world.case(FIRST).await.state, State::Closing);
    let closing = only(&letters, "lee@kmu.example").clone();
    holds(&about(&letters, "wang@kmu.example", "問卷").text, &["滿意"]);
    reply(&mut world, &closing, LEE, "可").await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Resolved)));
    assert!(world.house.desk.replay(&case).await.expect("replay").same);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_satisfied_while_the_closing_is_asked_for_and_after_it() {
    let mut world = World::new().await;
    let first = answered(&mut world).await;
    world.later(3_600);
    world.arrives(&Mail { authentic: false, ..first.press("滿意", STUDENT, "") });
    let letters = world.pass().await;
    let closing = only(&letters, "lee@kmu.example").clone();
    // He thinks better of it before it is closed.
    world.arrives(&Mail { authentic: false, ..first.reply(STUDENT, "不滿意，剛剛按錯了，課又被退掉了。") });
    let letters = world.pass().await;
    assert_eq!(world.case(FIRST).await.round, 2);
    let resumed = only(&letters, "chen@kmu.example").clone();
    let letters = reply(&mut world, &closing, LEE, "核准").await;
    holds(&only(&letters, "lee@kmu.example").text, &["已有決定"]);
    assert_eq!(world.case(FIRST).await.state, State::InProgress);
    let second = answered_again(&mut world, &resumed, "已重新加選。").await;
    world.arrives(&Mail { authentic: false, ..second.press("滿意", STUDENT, "") });
    let letters = world.pass().await;
    reply(&mut world, only(&letters, "lee@kmu.example"), LEE, "可").await;
    assert_eq!(world.case(FIRST).await.state, State::Closed);
    // And after it was closed.
    world.later(86_400);
    world.arrives(&Mail { authentic: false, ..second.reply(STUDENT, "不滿意！課表上還是沒有。") });
    let letters = world.pass().await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round, case.outcome, case.closed_at), (State::InProgress, 3, None, None));
    only(&letters, "chen@kmu.example");
}
