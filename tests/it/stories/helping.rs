//! What cannot be done is answered with the reason and what is possible, and changes nothing; help and the state of a case.

use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{Mail, World, only};

#[tokio::test(flavor = "multi_thread")]
async fn help_and_status() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let shown = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &forward, CHEN, "#說明").await;
    let help = only(&letters, "chen@kmu.example");
    holds(&help.text, &["#進度", "#詢問", "#展延", "#退回", "擬答覆："]);
    assert!(!help.text.contains("#不受理"), "only what he may do: {}", help.text);
    let letters = reply(&mut world, &shown, WANG, "＃查詢").await;
    let status = only(&letters, "wang@kmu.example");
    holds(&status.text, &[FIRST, "已轉請承辦單位", "教務處", "115年3月12日"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.state, State::Assigned);
    assert!(case.handling.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn misspelt_unknown_and_not_allowed() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let shown = only(&letters, "wang@kmu.example").clone();
    let before = world.case(FIRST).await;
    for (letter, who, words, told) in [
        (&shown, WANG, "#受裡", vec!["無法辨識", "受理", "#受裡"]),
        (&shown, WANG, "#天氣 晴", vec!["無法辨識", "#天氣 晴"]),
        (&shown, WANG, "#分派 學務處", vec!["查無", "單位 學務處"]),
        (&shown, WANG, "#承辦 張三", vec!["查無", "人員 張三"]),
        (&shown, WANG, "#類別 天氣", vec!["查無", "類別 天氣"]),
        (&shown, WANG, "#補登 星座=雙魚", vec!["查無", "欄位 星座"]),
        (&shown, WANG, "#核准", vec!["目前"]),
        (&shown, WANG, "#結案 已解決", vec!["目前的狀態", "已轉請承辦單位"]),
        (&forward, CHEN, "#不受理 不實", vec!["權責", "秘書室"]),
        (&forward, CHEN, "#分派 總務處", vec!["權責", "秘書室"]),
        (&forward, CHEN, "#重大", vec!["權責"]),
        (&forward, CHEN, "#擬答覆", vec!["尚缺內容"]),
        // All or nothing: what could be done is not done beside what cannot.
        (&shown, WANG, "#重大\n#分派 學務處", vec!["查無", "單位 學務處"]),
        (&shown, WANG, "#分派 總務處\n#等級 特急", vec!["查無", "等級 特急"]),
        (&shown, WANG, "#保密 #核準", vec!["核准"]),
    ] {
        let address = who.split(['<', '>']).nth(1).expect("an address").to_owned();
        let letters = reply(&mut world, letter, who, words).await;
        assert_eq!(letters.len(), 1, "{words}: {:?}", seen(&letters));
        let answer = only(&letters, &address);
        for word in &told {
            assert!(answer.text.contains(word), "{words}: 「{word}」 in\n{}", answer.text);
        }
        let now = world.case(FIRST).await;
        assert_eq!(
            (now.state, now.unit.clone(), now.major, now.confidential, now.drafts.len()),
            (before.state, before.unit.clone(), before.major, before.confidential, 0),
            "{words}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lacks_proof_is_asked_about_at_the_directory_address_only() {
    let mut world = World::new().await;
    let request = proposed(&mut world, ANSWER).await;
    world.later(60);
    world.arrives(&Mail { authentic: false, ..request.reply(LIN, "核准") });
    let letters = world.pass().await;
    assert_eq!(letters.len(), 1, "{:?}", seen(&letters));
    let asked = only(&letters, "lin@kmu.example").clone();
    silent_about(&asked, &["人工加選完成", "陳小華", HUA, "我沒有選到必修課"]);
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    // The genuine one counts all the same.
    let letters = reply(&mut world, &request, LIN, "核准").await;
    about(&letters, "wang@kmu.example", "請核示");
}
