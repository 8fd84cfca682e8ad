//! KMU 5.1.2.6: a major case is reviewed by the chief secretary and approved by the president or a vice president, either.

use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{Mail, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn either_of_two_approves_and_the_other_comes_late() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let shown = only(&letters, "wang@kmu.example").clone();
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &shown, WANG, "#追認 #重大").await;
    assert!(letters.is_empty(), "{:?}", seen(&letters));
    assert!(world.case(FIRST).await.major);
    let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    let request = only(&letters, "lin@kmu.example").clone();
    holds(&request.text, &["重大"]);
    let letters = all_agree(&mut world, &request, CHAIN).await;
    assert!(to(&letters, HUA).is_empty(), "the chief secretary only reviews");
    let (one, other) = (only(&letters, "hsu@kmu.example").clone(), only(&letters, "tsai@kmu.example").clone());
    holds(&one.text, &["校長或副校長核准", "您的必修課已為您人工加選完成"]);
    let letters = reply(&mut world, &other, TSAI, "核准").await;
    holds(&only(&letters, HUA).text, &["您的必修課已為您人工加選完成"]);
    assert_eq!(world.case(FIRST).await.state, State::Answered);
    let letters = reply(&mut world, &one, HSU, "退回 再查").await;
    assert_eq!(letters.len(), 1, "{:?}", seen(&letters));
    holds(&only(&letters, "hsu@kmu.example").text, &["已有決定"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.state, State::Answered);
    assert_eq!(case.asks.iter().filter(|a| a.decision.is_some()).count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_office_wants_it_the_last_word_on_a_major_case_needs_two_proofs() {
    let mut world = World::with("[trust]\nconfirm_major = true\n").await;
    let letters = forwarded(&mut world).await;
    let shown = only(&letters, "wang@kmu.example").clone();
    let forward = only(&letters, "academic@kmu.example").clone();
    reply(&mut world, &shown, WANG, "#追認 #重大").await;
    let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    let request = only(&letters, "lin@kmu.example").clone();
    // The steps below the last one are as ever.
    let letters = all_agree(&mut world, &request, CHAIN).await;
    let request = only(&letters, "hsu@kmu.example").clone();

    // A forged word that he then confirms by mistake lacks the mail's own proof: it does not do, and he hears so.
    world.later(600);
    world.arrives(&Mail { authentic: false, ..request.reply(HSU, "核准") });
    let letters = world.pass().await;
    let question = only(&letters, "hsu@kmu.example").clone();
    let letters = reply(&mut world, &question, HSU, "是").await;
    assert!(to(&letters, HUA).is_empty());
    holds(&only(&letters, "hsu@kmu.example").text, &["兩種證明"]);
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);

    // His own mail is proved, and asked about; confirmed, it counts.
    let letters = reply(&mut world, &request, HSU, "核准").await;
    assert!(to(&letters, HUA).is_empty(), "{:?}", seen(&letters));
    let question = only(&letters, "hsu@kmu.example").clone();
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    let letters = reply(&mut world, &question, HSU, "是").await;
    only(&letters, HUA);
    let case = world.case(FIRST).await;
    let proof = &case.asks.last().and_then(|a| a.decision.as_ref()).expect("decided").proof;
    assert!(proof.contains("dmarc=pass") && proof.contains("confirmed"), "{proof}");
}
