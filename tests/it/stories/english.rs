//! R45: who writes English is answered in English, from the receipt to the answer; the house reads Chinese.

use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{Mail, World, only};

const MARY: &str = "Mary Smith <mary@mail.example>";

#[tokio::test(flavor = "multi_thread")]
async fn answered_in_english_from_end_to_end() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        from: MARY.into(),
        subject: "Library opening hours".into(),
        text: "Dear Sir or Madam,\n\nthe library closes at five on weekends and we have nowhere to study. Could you keep it open longer?\n\nBest regards,\nMary Smith".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    let receipt = only(&letters, "mary@mail.example");
    holds(&receipt.text, &[FIRST, "has reached us", "2026-03-12", "2 years"]);
    assert!(!receipt.subject.contains("收到"), "{}", receipt.subject);
    let triage = only(&letters, "wang@kmu.example").clone();
    holds(&triage.text, &["來信內容", "nowhere to study"]);
    let letters = reply(&mut world, &triage, WANG, "#assign general\n#handler huang").await;
    holds(&only(&letters, "mary@mail.example").text, &["passed to"]);
    let forward = only(&letters, "general@kmu.example").clone();
    let letters = reply(
        &mut world,
        &forward,
        HUANG,
        "擬答覆：\nDear Ms Smith,\n\nfrom April on the library will stay open until ten.\n\nGeneral Affairs",
    )
    .await;
    let request = only(&letters, "wu@kmu.example").clone();
    let letters = all_agree(&mut world, &request, &[(WU, "wu@kmu.example"), (WANG, "wang@kmu.example"), (LEE, "lee@kmu.example")]).await;
    let answer = only(&letters, "mary@mail.example").clone();
    holds(&answer.text, &["from April on the library will stay open until ten.", "/s/"]);
    let body: String = answer.text.replace("高雄示範大學", "").replace("秘書室", "");
    assert!(!body.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "no Chinese but names: {}", answer.text);
    world.later(3_600);
    world.arrives(&Mail { authentic: false, ..answer.press("Satisfied", MARY, "") });
    world.pass().await;
    assert_eq!(world.case(FIRST).await.state, State::Closing);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_satisfied_in_english() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        from: MARY.into(),
        subject: "Course registration".into(),
        text: "The registration page (選課) shows an error.\nPlease help me, I could not enrol in calculus.".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CHEN, "Proposed answer:\nDear Ms Smith,\nyou have been enrolled.").await;
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = all_agree(&mut world, &request, CHAIN).await;
    let answer = only(&letters, "mary@mail.example").clone();
    world.later(3_600);
    world.arrives(&Mail { authentic: false, ..answer.reply(MARY, "Not satisfied. I am still not on the list.") });
    let letters = world.pass().await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::InProgress, 2));
    holds(&only(&letters, "chen@kmu.example").text, &["still not on the list"]);
    holds(&only(&letters, "mary@mail.example").text, &["taken up again"]);
}
