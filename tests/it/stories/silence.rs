//! R22, R55, R63: nobody says anything after the answer; a word that is neither 滿意 nor 不滿意; a mail after closing, early and late.

use redress::domain::state::{Outcome, State};

use super::scenes::*;
use crate::support::world::{Mail, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn silent_for_the_profiles_days_it_is_laid_before_the_chief_secretary() {
    let mut world = World::new().await;
    answered(&mut world).await;
    world.at("2026-03-17T09:00:00+08:00");
    let letters = world.pass().await;
    assert!(to(&letters, "lee@kmu.example").is_empty());
    assert_eq!(world.case(FIRST).await.state, State::Answered);
    world.at("2026-03-18T09:00:00+08:00");
    let letters = world.pass().await;
    let closing = only(&letters, "lee@kmu.example").clone();
    assert!(closing.button("核准").or(closing.button("同意")).is_some());
    assert!(to(&letters, HUA).is_empty());
    assert_eq!(world.case(FIRST).await.state, State::Closing);
    reply(&mut world, &closing, LEE, "如擬").await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Resolved)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_neither_stops_the_clock_and_goes_to_people() {
    let mut world = World::new().await;
    let answer = answered(&mut world).await;
    world.at("2026-03-06T09:00:00+08:00");
    world.arrives(&Mail { authentic: false, ..answer.reply(STUDENT, "請問加選的學分費何時繳交？") });
    let letters = world.pass().await;
    assert_eq!(world.case(FIRST).await.state, State::Answered);
    let office = about(&letters, "wang@kmu.example", "補充說明").clone();
    holds(&office.text, &["學分費何時繳交"]);
    holds(&only(&letters, "chen@kmu.example").text, &["學分費何時繳交"]);
    assert!(to(&letters, HUA).is_empty());
    assert!(office.button("續辦").is_some() && office.button("結案").is_some(), "{}", office.text);
    world.at("2026-04-20T09:00:00+08:00");
    let letters = world.pass().await;
    assert!(to(&letters, "lee@kmu.example").is_empty(), "no silence: he has spoken");
    assert_eq!(world.case(FIRST).await.state, State::Answered);
    // The office has it taken up again.
    world.arrives(&office.press("續辦", WANG, "請說明繳費時間"));
    let letters = world.pass().await;
    holds(&only(&letters, "chen@kmu.example").text, &["請說明繳費時間"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::InProgress, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_closing_within_thirty_days_it_is_taken_up_again_later_a_linked_case_opens() {
    let mut world = World::new().await;
    let answer = answered(&mut world).await;
    world.later(3_600);
    world.arrives(&Mail { authentic: false, ..answer.press("滿意", STUDENT, "") });
    let letters = world.pass().await;
    reply(&mut world, only(&letters, "lee@kmu.example"), LEE, "可").await;
    assert_eq!(world.case(FIRST).await.state, State::Closed);
    world.at("2026-03-30T10:00:00+08:00");
    world.arrives(&Mail { authentic: false, ..answer.reply(STUDENT, "同樣的課今天又被系統退掉了。") });
    let letters = world.pass().await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::InProgress, 2));
    let resumed = only(&letters, "chen@kmu.example").clone();
    holds(&resumed.text, &["又被系統退掉"]);
    assert_eq!(world.cases().await.len(), 1);
    let letters = reply(&mut world, &resumed, CHEN, "擬答覆：\n已再次加選並鎖定。").await;
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = all_agree(&mut world, &request, CHAIN).await;
    let second = only(&letters, HUA).clone();
    world.arrives(&Mail { authentic: false, ..second.press("滿意", STUDENT, "") });
    let letters = world.pass().await;
    reply(&mut world, only(&letters, "lee@kmu.example"), LEE, "可").await;
    world.at("2026-06-01T10:00:00+08:00");
    world.arrives(&Mail { authentic: false, ..second.reply(STUDENT, "這學期的選課又出錯了，請協助。") });
    let letters = world.pass().await;
    assert_eq!(world.case(FIRST).await.state, State::Closed);
    let new = world.case("115-0002").await;
    assert!(new.links.contains(&FIRST.to_owned()));
    assert_eq!(new.state, State::Assigned);
    holds(&only(&letters, HUA).text, &["115-0002"]);
    holds(&only(&letters, "academic@kmu.example").text, &["115-0002", "這學期的選課又出錯了"]);
}
