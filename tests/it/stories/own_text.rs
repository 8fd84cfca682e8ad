//! Nobody approves his own words (T10): a text whose every approver is its author goes to somebody above them, and where there
//! is nobody it waits and says so. Approvals given to the same text stand when the case becomes a major one.

use redress::domain::state::State;

use super::scenes::*;
use super::stage::sound;
use crate::support::world::{World, only, to};

/// Wang heads the unit, is the secretariat and the chief secretary.
const ALL_WANG: &[(&str, &str)] = &[
    ("roles = [\"secretariat\"]", "roles = [\"secretariat\", \"chief_secretary\"]"),
    ("roles = [\"chief_secretary\"]", "roles = []"),
    ("head = \"lin\"", "head = \"wang\""),
];

/// The same without a president or a vice president.
fn alone() -> Vec<(&'static str, &'static str)> {
    let mut changes = ALL_WANG.to_vec();
    changes.extend([("roles = [\"president\"]", "roles = []"), ("roles = [\"vice_president\"]", "roles = []")]);
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_whose_every_approver_wrote_it_goes_to_those_above() {
    let mut world = World::changed(ALL_WANG, "").await;
    let forward = only(&forwarded(&mut world).await, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, WANG, &format!("擬答覆：\n{ANSWER}")).await;
    assert!(to(&letters, HUA).is_empty(), "{:?}", seen(&letters));
    assert!(to(&letters, "wang@kmu.example").is_empty(), "{:?}", seen(&letters));
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    let request = only(&letters, "hsu@kmu.example").clone();
    only(&letters, "tsai@kmu.example");
    let letters = reply(&mut world, &request, WANG, "核准").await;
    assert!(to(&letters, HUA).is_empty(), "the author has no word in it");
    let letters = reply(&mut world, &request, HSU, "核准").await;
    only(&letters, HUA);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_may_approve_the_text_waits_and_says_so() {
    let mut world = World::changed(&alone(), "").await;
    let forward = only(&forwarded(&mut world).await, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, WANG, &format!("擬答覆：\n{ANSWER}")).await;
    assert!(to(&letters, HUA).is_empty(), "{:?}", seen(&letters));
    holds(&only(&letters, "wang@kmu.example").text, &["擬稿人不得核自己的稿", "增列核准人"]);
    world.at("2026-03-04T08:31:00+08:00");
    let digest = world.pass().await;
    assert!(to(&digest, "wang@kmu.example").iter().any(|l| l.text.contains("無人可核")), "{:?}", seen(&digest));
    // Asked again when the step is urged, still nobody.
    world.at("2026-03-06T18:00:00+08:00");
    let letters = world.pass().await;
    assert!(to(&letters, HUA).is_empty());
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    // Somebody joins the secretariat: he is asked.
    let path = world.dir.path().join("redress.toml");
    let text = std::fs::read_to_string(&path).expect("config").replacen("roles = []\ntitle = \"主任秘書\"", "roles = [\"secretariat\"]", 1);
    std::fs::write(&path, text).expect("config");
    world.restart().await;
    world.at("2026-03-12T18:00:00+08:00");
    let request = about(&world.pass().await, "lee@kmu.example", "請核示").clone();
    let letters = reply(&mut world, &request, LEE, "核准").await;
    holds(&only(&letters, HUA).text, &["人工加選"]);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_agreed_to_the_same_text_stands_when_the_case_becomes_major() {
    let mut world = World::new().await;
    let request = proposed(&mut world, ANSWER).await;
    let letters = reply(&mut world, &request, LIN, "可").await;
    let office = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &office, WANG, "#重大").await;
    assert!(to(&letters, "lin@kmu.example").is_empty(), "he has agreed to this very text: {:?}", seen(&letters));
    let letters = reply(&mut world, only(&letters, "wang@kmu.example"), WANG, "可").await;
    let letters = reply(&mut world, only(&letters, "lee@kmu.example"), LEE, "可").await;
    assert!(to(&letters, HUA).is_empty());
    let letters = reply(&mut world, only(&letters, "hsu@kmu.example"), HSU, "可").await;
    only(&letters, HUA);
    sound(&world).await;
}
