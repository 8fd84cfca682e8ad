//! What the office says behind the unit's name when it gives a case away: the unit reads it, and nobody else does.

use redress::domain::state::State;

use super::scenes::*;
use super::stage::sound;
use crate::support::world::{Mail, World, only, to};

const WORDS: &str = "請併查去年同案，三日內先電洽。";

/// Nothing that the complainant ever got holds these words.
fn never_told(world: &World, words: &[&str]) {
    for letter in world.sent_to(HUA) {
        silent_about(&letter, words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_behind_the_unit_reach_it_and_end_with_its_turn() {
    let mut world = World::new().await;
    let triage = only(&in_triage(&mut world).await, "wang@kmu.example").clone();
    let letters = reply(&mut world, &triage, WANG, &format!("#分派 總務處 {WORDS}")).await;
    holds(&only(&letters, "general@kmu.example").text, &[WORDS, "圖書館週末五點就閉館"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.instruction.as_ref().map(|w| w.internal()), Some(WORDS));
    // To whom it goes next it says something else, below the line; a signature is no word of it.
    let letters = reply(&mut world, &triage, WANG, "#分派 教務處\n\n圖書館歸教務處管，\n請回覆開放時間。\n\n王秘書\n分機 2101").await;
    let forward = only(&letters, "academic@kmu.example");
    holds(&forward.text, &["圖書館歸教務處管，", "請回覆開放時間。"]);
    silent_about(forward, &[WORDS]);
    assert_eq!(world.case(FIRST).await.instruction.as_ref().map(|w| w.internal()), Some("圖書館歸教務處管，\n請回覆開放時間。"));
    // Without words, and with a mere signature, it says nothing.
    reply(&mut world, &triage, WANG, "#分派 總務處\n\n謝謝\n王秘書").await;
    assert_eq!(world.case(FIRST).await.instruction, None);
    never_told(&world, &[WORDS, "圖書館歸教務處管", "請回覆開放時間"]);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_button_and_to_the_unit_that_has_it_already() {
    let mut world = World::new().await;
    let triage = only(&in_triage(&mut world).await, "wang@kmu.example").clone();
    world.later(60);
    world.arrives(&triage.press("總務處", WANG, WORDS));
    holds(&only(&world.pass().await, "general@kmu.example").text, &[WORDS]);
    // What was forwarded by its words alone is confirmed, and the unit hears what the office adds.
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let (shown, forward) = (only(&letters, "wang@kmu.example").clone(), only(&letters, "academic@kmu.example").clone());
    let letters = reply(&mut world, &shown, WANG, &format!("#分派 教務處，{WORDS}")).await;
    assert_eq!(letters.len(), 1, "{:?}", seen(&letters));
    holds(&only(&letters, "academic@kmu.example").text, &[WORDS]);
    assert!(matches!(world.case(FIRST).await.acceptance, redress::domain::case::Acceptance::Confirmed { .. }));
    // The same said once more without words is nothing new; with others it goes to who works on it.
    reply(&mut world, &forward, CHEN, "#收案").await;
    let letters = reply(&mut world, &shown, WANG, "#分派 教務處").await;
    holds(&only(&letters, "wang@kmu.example").text, &["無須變更"]);
    let letters = reply(&mut world, &shown, WANG, "#分派 教務處 對方是畢業班，請優先。").await;
    holds(&only(&letters, "chen@kmu.example").text, &["對方是畢業班，請優先。"]);
    assert!(to(&letters, "academic@kmu.example").is_empty() && world.case(FIRST).await.state == State::InProgress);
    never_told(&world, &[WORDS, "畢業班"]);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_who_asked_for_secrecy_the_offices_words_tell_no_name() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        from: STUDENT.into(),
        subject: "閉館時間".into(),
        text: "我是陳小華，電話 0912-345-678。圖書館太早關。請保密。".into(),
        ..Mail::default()
    });
    let triage = only(&world.pass().await, "wang@kmu.example").clone();
    let letters = reply(&mut world, &triage, WANG, "#分派 總務處 陳小華去年也反映過，請查。").await;
    let forward = only(&letters, "general@kmu.example");
    holds(&forward.text, &["去年也反映過，請查。"]);
    silent_about(forward, &["陳小華", "0912-345-678", HUA]);
}
