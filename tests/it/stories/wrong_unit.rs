//! R16, R48, K 5.1.2.4: the unit gives a case back that is not its own; the secretariat sends it elsewhere; the complainant hears.

use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn given_back_by_button_and_sent_to_the_right_unit() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let due = world.case(FIRST).await.due_at();
    // Without a reason nothing happens.
    world.arrives(&forward.press("非本單位業務", CHEN, ""));
    let letters = world.pass().await;
    holds(&only(&letters, "chen@kmu.example").text, &["尚缺理由"]);
    assert_eq!(world.case(FIRST).await.state, State::Assigned);
    world.later(600);
    world.arrives(&forward.press("非本單位業務", CHEN, "選課主機由總務處機房維護"));
    let letters = world.pass().await;
    assert!(to(&letters, HUA).is_empty());
    let back = only(&letters, "wang@kmu.example");
    holds(&back.text, &["教務處", "選課主機由總務處機房維護", "沒有選到必修課"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.returns, case.unit.clone()), (State::Triage, 1, None));
    let letters = reply(&mut world, back, WANG, "#改分 總務處").await;
    only(&letters, "general@kmu.example");
    let told = only(&letters, HUA);
    holds(&told.text, &["總務處", FIRST]);
    assert!(!told.text.contains("機房"), "no internal word");
    let case = world.case(FIRST).await;
    assert_eq!(case.unit.as_ref().map(|u| u.as_str()), Some("general"));
    assert_eq!(case.holding.len(), 2);
    assert!(case.holding[0].to.is_some() && case.holding[1].to.is_none());
    assert_eq!(case.due_at(), due, "the clock of the complaint goes on");
    // The first unit's late words are not those of a handler.
    let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    assert!(to(&letters, "wu@kmu.example").is_empty() && to(&letters, "lin@kmu.example").is_empty(), "{:?}", seen(&letters));
    assert_eq!(world.case(FIRST).await.state, State::Assigned);
}

#[tokio::test(flavor = "multi_thread")]
async fn given_back_in_words_and_taken_away_before_anybody_answered() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let (forward, shown) = (only(&letters, "academic@kmu.example").clone(), only(&letters, "wang@kmu.example").clone());
    // The secretariat sees the mistake first.
    let letters = reply(&mut world, &shown, WANG, "#分派 總務處").await;
    holds(&only(&letters, "academic@kmu.example").text, &[FIRST, "總務處"]);
    let second = only(&letters, "general@kmu.example").clone();
    only(&letters, HUA);
    let _ = forward;
    let letters = reply(&mut world, &second, HUANG, "#退回 本處僅維護機房電力").await;
    let back = only(&letters, "wang@kmu.example").clone();
    holds(&back.text, &["總務處", "本處僅維護機房電力"]);
    let letters = reply(&mut world, &back, WANG, "#分派 教務處").await;
    only(&letters, "academic@kmu.example");
    let case = world.case(FIRST).await;
    assert_eq!((case.returns, case.holding.len()), (1, 3));
}
