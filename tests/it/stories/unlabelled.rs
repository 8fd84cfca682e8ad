//! R56, R18: only what stands under 擬答覆 becomes an answer; what merely reads like one is asked about once; forms filled in any place.

use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{World, only, to};

const LOOKS: &str = "陳同學您好：\n\n感謝您的來信。選課系統當日因流量過大而中斷，已於下午三時恢復，您的必修課已加選完成，造成您的不便，敬請見諒。\n\n教務處 敬上";

#[tokio::test(flavor = "multi_thread")]
async fn asked_once_and_confirmed_by_button() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CHEN, LOOKS).await;
    assert_eq!(letters.len(), 1, "{:?}", seen(&letters));
    let asked = only(&letters, "chen@kmu.example").clone();
    holds(&asked.text, &["您的必修課已加選完成", "確認"]);
    assert_eq!(world.case(FIRST).await.state, State::InProgress, "nothing is guessed into an answer");
    world.arrives(&asked.press("確認", CHEN, ""));
    let letters = world.pass().await;
    holds(&only(&letters, "lin@kmu.example").text, &["您的必修課已加選完成"]);
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmed_in_plain_words_or_written_anew() {
    for word in ["確認", "是", "可"] {
        let mut world = World::new().await;
        let letters = forwarded(&mut world).await;
        let forward = only(&letters, "academic@kmu.example").clone();
        let letters = reply(&mut world, &forward, CHEN, LOOKS).await;
        let asked = only(&letters, "chen@kmu.example").clone();
        let letters = reply(&mut world, &asked, CHEN, word).await;
        holds(&only(&letters, "lin@kmu.example").text, &["您的必修課已加選完成"]);
    }
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CHEN, LOOKS).await;
    let asked = only(&letters, "chen@kmu.example").clone();
    // The same words once more are not asked about once more; other words take their place.
    assert!(reply(&mut world, &forward, CHEN, LOOKS).await.is_empty());
    let letters = reply(&mut world, &asked, CHEN, "擬答覆：\n陳同學您好：已恢復並完成加選。").await;
    let request = only(&letters, "lin@kmu.example");
    holds(&request.text, &["已恢復並完成加選"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_never_answers() {
    for words in ["收到", "了解，謝謝。", "已轉系統組查明後回覆", "收到，查明後回覆。\n陳承辦"] {
        let mut world = World::new().await;
        let letters = forwarded(&mut world).await;
        let forward = only(&letters, "academic@kmu.example").clone();
        let letters = reply(&mut world, &forward, CHEN, words).await;
        assert!(letters.is_empty(), "{words}: {:?}", seen(&letters));
        let case = world.case(FIRST).await;
        assert_eq!((case.state, case.handler.as_ref().map(|h| h.as_str())), (State::InProgress, Some("chen")), "{words}");
        assert!(case.drafts.is_empty() && case.handling.len() == 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_filled_above_gives_fields_and_the_proposed_answer() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let form = "事由簡述：選課系統中斷\n處理紀錄：\n3/3 調閱系統紀錄\n3/3 完成加選\n原因：連線數不足\n責任歸屬：系統組\n立即措施：人工加選\n預防措施：分時段開放\n擬答覆：\n陳同學您好：\n已完成加選，謹致歉意。";
    let letters = reply(&mut world, &forward, CHEN, form).await;
    let request = only(&letters, "lin@kmu.example").clone();
    holds(&request.text, &["連線數不足", "系統組", "分時段開放", "已完成加選", "3/3 調閱系統紀錄"]);
    assert!(request.files.iter().any(|(name, kind, _)| kind == "application/pdf" && name.contains("處理情形表")));
    let case = world.case(FIRST).await;
    assert_eq!(case.handling_fields.get("cause").map(|t| t.internal()), Some("連線數不足"));
    let letters = all_agree(&mut world, &request, CHAIN).await;
    let sent = only(&letters, HUA);
    silent_about(sent, &["連線數不足", "系統組", "分時段開放"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_filled_inside_the_quotation_is_read_there() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let mut mail = forward.reply(CHEN, "");
    mail.text = "請見下方表格。\n\n秘書室 <service@kmu.example> 於 2026年3月3日 週二 上午9:00 寫道：\n\n> 【回覆表（複製後填寫，未用欄位可刪）】\n> 事由簡述：選課系統中斷\n> 處理紀錄：3/3 完成加選\n> 原因：連線數不足\n> 責任歸屬：\n> 立即措施：\n> 預防措施：\n> 擬答覆：陳同學您好，已完成加選，謹致歉意。\n".into();
    world.later(600);
    world.arrives(&mail);
    let letters = world.pass().await;
    let request = only(&letters, "lin@kmu.example");
    holds(&request.text, &["陳同學您好，已完成加選，謹致歉意。", "連線數不足"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.state, State::AwaitingApproval);
    assert!(!case.handling_fields.contains_key("responsibility"));
    let _ = to(&letters, HUA);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_form_without_an_answer_is_a_record_and_starts_no_chain() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CHEN, "原因：連線數不足\n立即措施：人工加選\n擬答覆：\n").await;
    assert!(letters.is_empty(), "{:?}", seen(&letters));
    let case = world.case(FIRST).await;
    assert_eq!(case.state, State::InProgress);
    assert_eq!(case.handling_fields.get("immediate").map(|t| t.internal()), Some("人工加選"));
}
