//! KMU 5.1.2.3 and the other ends that the secretariat decides: 不受理, 轉介, 存查, 併案, 垃圾, 撤案.

use redress::domain::state::{Outcome, State};

use super::scenes::*;
use crate::support::world::{World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn refused_at_triage_answered_at_once_and_laid_before_the_chief_secretary() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    let triage = only(&letters, "wang@kmu.example").clone();
    // A reason is needed.
    let letters = reply(&mut world, &triage, WANG, "#不受理").await;
    holds(&only(&letters, "wang@kmu.example").text, &["尚缺理由"]);
    // 退回 is a word among colleagues: what stands behind it goes to no complainant.
    let letters = reply(&mut world, &triage, WANG, "退回：這位先生每月都來信，先請圖書館說明").await;
    holds(&only(&letters, "wang@kmu.example").text, &["#不受理"]);
    assert_eq!(world.case(FIRST).await.state, State::Triage);
    let letters = reply(&mut world, &triage, WANG, "#不受理 經查圖書館自 114 年起週末均開放至晚間十時，\n並無五點閉館之情事。").await;
    let refusal = only(&letters, HUA);
    holds(&refusal.text, &["經查圖書館自 114 年起週末均開放至晚間十時", "並無五點閉館之情事", FIRST]);
    let raw = String::from_utf8_lossy(&refusal.raw).into_owned();
    assert!(raw.contains("In-Reply-To: <m1@mail.example>"), "in the complainant's own thread");
    silent_about(refusal, &["王秘書", "wang@kmu.example", "#不受理"]);
    let closing = only(&letters, "lee@kmu.example");
    holds(&closing.text, &["不予受理", "已以下列文字回覆來信人", "並無五點閉館之情事"]);
    assert!(!closing.text.contains("第 0 稿") && !closing.text.contains("答覆期限"));
    assert!(closing.files.iter().any(|(name, _, _)| name.contains("顧客抱怨紀錄表")), "put down on the record form");
    assert!(closing.button("核准").is_some());
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Closing, Some(Outcome::NotAccepted)));
    let letters = reply(&mut world, closing, LEE, "可").await;
    assert!(to(&letters, HUA).is_empty());
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::NotAccepted)));
    assert!(case.closed_at.is_some() && case.answered_at.is_some());
    assert!(world.house.desk.replay(&case).await.expect("replay").same);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_after_the_auto_forward_the_unit_is_told_and_stands_down() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let (shown, forward) = (only(&letters, "wang@kmu.example").clone(), only(&letters, "academic@kmu.example").clone());
    world.arrives(&shown.press("不予受理", WANG, "經查當日系統正常，查無錯誤紀錄。"));
    let letters = world.pass().await;
    holds(&only(&letters, HUA).text, &["經查當日系統正常，查無錯誤紀錄。"]);
    let away = only(&letters, "academic@kmu.example");
    holds(&away.text, &[FIRST]);
    let closing = only(&letters, "lee@kmu.example").clone();
    // The unit's late answer finds no case of its own.
    let late = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    assert!(to(&late, "lin@kmu.example").is_empty() && to(&late, HUA).is_empty(), "{:?}", seen(&late));
    assert_eq!(world.case(FIRST).await.state, State::Closing);
    // The chief secretary sends it back: the office decides anew.
    let letters = reply(&mut world, &closing, LEE, "退回：請再查證當日 12:00 至 13:00 的紀錄").await;
    let returned = only(&letters, "wang@kmu.example");
    holds(&returned.text, &["未同意結案", "請再查證當日 12:00 至 13:00 的紀錄"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Triage, None));
    let letters = reply(&mut world, returned, WANG, "#分派 教務處").await;
    only(&letters, "academic@kmu.example");
    assert_eq!(world.case(FIRST).await.state, State::Assigned);
}

#[tokio::test(flavor = "multi_thread")]
async fn referred_elsewhere_the_complainant_hears_to_whom() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    let triage = only(&letters, "wang@kmu.example");
    let letters = reply(&mut world, triage, WANG, "#轉介 市立圖書館 該館為市府所屬，請逕洽該館讀者服務組。").await;
    let referral = only(&letters, HUA);
    holds(&referral.text, &["市立圖書館", "該館為市府所屬", FIRST]);
    let closing = only(&letters, "lee@kmu.example");
    holds(&closing.text, &["轉介"]);
    reply(&mut world, closing, LEE, "如擬").await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Referred)));
}

#[tokio::test(flavor = "multi_thread")]
async fn filed_without_action_needs_a_named_approver_and_says_nothing_outside() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    let triage = only(&letters, "wang@kmu.example");
    let letters = reply(&mut world, triage, WANG, "#存查 第三款 同一事由已明確答覆").await;
    assert!(to(&letters, HUA).is_empty());
    let closing = only(&letters, "lee@kmu.example");
    holds(&closing.text, &["登記存查", "第 3 款 同一事由已明確答覆"]);
    reply(&mut world, closing, LEE, "准").await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::NoAction)));
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_into_an_older_case() {
    let mut world = World::new().await;
    in_triage(&mut world).await;
    world.later(600);
    world.arrives(&complaint("圖書館真的太早關", "週末圖書館五點就關，請改善。我上次寫過信了。"));
    let letters = world.pass().await;
    let second = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &second, WANG, "#併案 115-0009").await;
    holds(&only(&letters, "wang@kmu.example").text, &["案號 115-0009"]);
    let letters = reply(&mut world, &second, WANG, "#併案 115-0001").await;
    let told = only(&letters, HUA);
    holds(&told.text, &["115-0001", "115-0002"]);
    let case = world.case("115-0002").await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Merged)));
    assert!(case.links.contains(&"115-0001".to_owned()));
    assert_eq!(world.case(FIRST).await.state, State::Triage, "the older one goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn spam_is_closed_without_a_word() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    let triage = only(&letters, "wang@kmu.example");
    world.arrives(&triage.press("垃圾", WANG, ""));
    let letters = world.pass().await;
    assert!(letters.is_empty(), "{:?}", seen(&letters));
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Spam)));
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_back_by_the_complainant() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let (receipt, shown) = (only(&letters, HUA).clone(), only(&letters, "wang@kmu.example").clone());
    let letters = reply(&mut world, &receipt, STUDENT, "我已經選到課了，這件事不用處理了，謝謝。").await;
    assert!(to(&letters, HUA).is_empty());
    holds(&only(&letters, "wang@kmu.example").text, &["不用處理了"]);
    holds(&only(&letters, "academic@kmu.example").text, &["不用處理了"]);
    assert_eq!(world.case(FIRST).await.state, State::Assigned, "his words change no state");
    let letters = reply(&mut world, &shown, WANG, "#撤案 來信人來信表示已選到課").await;
    only(&letters, "academic@kmu.example");
    let closing = only(&letters, "lee@kmu.example");
    holds(&closing.text, &["擬予結案，理由如下", "已選到課"]);
    assert!(!closing.text.contains("已答覆來信人"));
    reply(&mut world, closing, LEE, "同意").await;
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Withdrawn)));
}
