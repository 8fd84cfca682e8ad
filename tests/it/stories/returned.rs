//! KMU 5.1.2.6, R19, R72: an approver sends the text back, wishes a change, asks, or changes it himself; deputies sign as 代.

use redress::domain::approval::Decided;
use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{Letter, Mail, World, only, to};

/// Sent back at each step in turn: the handler hears who and why, proposes anew, and the chain begins with the first step.
#[tokio::test(flavor = "multi_thread")]
async fn sent_back_at_each_step_and_proposed_anew() {
    let mut world = World::new().await;
    let mut request = proposed(&mut world, "第 0 稿：已恢復。").await;
    let backs = [
        ("退回 語氣請緩和些", "語氣請緩和些", "教務長"),
        ("退回\n請補上處理時間", "請補上處理時間", "組員"),
        ("不可，未說明原因", "未說明原因", "主任秘書"),
    ];
    for (step, (words, reason, title)) in backs.iter().enumerate() {
        for (n, (who, _)) in CHAIN.iter().enumerate().take(step) {
            let letters = reply(&mut world, &request, who, "如擬").await;
            request = only(&letters, CHAIN[n + 1].1).clone();
        }
        let letters = reply(&mut world, &request, CHAIN[step].0, words).await;
        assert_eq!(world.case(FIRST).await.state, State::InProgress);
        assert!(to(&letters, HUA).is_empty());
        let returned = only(&letters, "chen@kmu.example").clone();
        holds(&returned.text, &[reason, title, &format!("第 {step} 稿")]);
        let letters = reply(&mut world, &returned, CHEN, &format!("擬答覆：\n第 {} 稿：已恢復，造成不便，謹致歉意。", step + 1)).await;
        assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
        request = only(&letters, "lin@kmu.example").clone();
        holds(&request.text, &[&format!("第 {} 稿", step + 1)]);
    }
    let letters = all_agree(&mut world, &request, CHAIN).await;
    holds(&only(&letters, HUA).text, &["第 3 稿"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.asks.iter().filter(|a| a.decision.as_ref().is_some_and(|d| d.kind == Decided::Returned)).count(), 3);
    // The prepared mail of an old request decides nothing any more.
    assert_eq!(case.state, State::Answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn agreed_but_for_a_change_is_sent_back() {
    for words in ["如擬，惟第二段請刪除", "可，但請補上日期", "修正後發", "同意\n\n請將「下午三時」改為「下午四時」後再發"]
    {
        let mut world = World::new().await;
        let request = proposed(&mut world, ANSWER).await;
        let letters = reply(&mut world, &request, LIN, words).await;
        assert_eq!(world.case(FIRST).await.state, State::InProgress, "{words}");
        holds(&only(&letters, "chen@kmu.example").text, &[words.lines().last().expect("words")]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_with_a_condition_below_and_the_directive_with_one_are_no_approval() {
    let mut world = World::new().await;
    let request = proposed(&mut world, ANSWER).await;
    world.arrives(&request.press("核准", LIN, "但請先刪除最後一句"));
    let letters = world.pass().await;
    holds(&only(&letters, "chen@kmu.example").text, &["但請先刪除最後一句"]);
    let returned = only(&letters, "chen@kmu.example").clone();
    let letters = reply(&mut world, &returned, CHEN, &format!("擬答覆：\n{ANSWER}\n（二）")).await;
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = reply(&mut world, &request, LIN, "#核准\n日期請改為三月二日").await;
    holds(&only(&letters, "chen@kmu.example").text, &["日期請改為三月二日"]);
    assert_eq!(world.case(FIRST).await.state, State::InProgress);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_asked_back_once_and_changes_nothing() {
    let mut world = World::new().await;
    let request = proposed(&mut world, ANSWER).await;
    let before = world.case(FIRST).await;
    for words in ["可否先與承辦人討論？", "再議", "", "林教務長\n分機 3100"] {
        let letters = reply(&mut world, &request, LIN, words).await;
        assert_eq!(letters.len(), 1, "{words}: {:?}", seen(&letters));
        let asked = only(&letters, "lin@kmu.example");
        holds(&asked.text, &["核准"]);
        let now = world.case(FIRST).await;
        assert_eq!((now.state, now.asks.len(), now.chain.clone()), (before.state, before.asks.len(), before.chain.clone()), "{words}");
    }
    // The reply to that question decides.
    let letters = reply(&mut world, &request, LIN, "再看看").await;
    let asked = only(&letters, "lin@kmu.example").clone();
    let letters = reply(&mut world, &asked, LIN, "可").await;
    only(&letters, "wang@kmu.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_by_the_chief_secretary_the_steps_below_see_it_and_exactly_it_leaves() {
    let mut world = World::new().await;
    let request = proposed(&mut world, ANSWER).await;
    let mut letters = reply(&mut world, &request, LIN, "如擬").await;
    letters = reply(&mut world, only(&letters, "wang@kmu.example"), WANG, "如擬").await;
    let new = "陳同學您好：\n\n選課系統當日中斷三小時，是本校準備不足。\n您的課已加選完成，日後選課將分時段開放。";
    let letters = reply(&mut world, only(&letters, "lee@kmu.example"), LEE, &format!("修正如下：\n\n擬答覆：\n{new}")).await;
    assert!(to(&letters, HUA).is_empty(), "a changed text needs approval again");
    let again = only(&letters, "lin@kmu.example").clone();
    holds(&again.text, &["是本校準備不足", "分時段開放"]);
    // The old request decides nothing about the new text.
    let stale = reply(&mut world, &request, LIN, "核准").await;
    holds(&only(&stale, "lin@kmu.example").text, &["已有決定"]);
    let letters = reply(&mut world, &again, LIN, "可").await;
    let letters = reply(&mut world, only(&letters, "wang@kmu.example"), WANG, "可").await;
    let sent = only(&letters, HUA);
    let plain: String = new.split_whitespace().collect();
    assert!(sent.text.split_whitespace().collect::<String>().contains(&plain), "{}", sent.text);
    assert!(!sent.text.contains("流量過大"));
    assert!(to(&letters, "lee@kmu.example").is_empty(), "nobody approves his own text");
    assert_eq!(world.case(FIRST).await.state, State::Answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_his_own_text() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, LIN, &format!("擬答覆：\n{ANSWER}")).await;
    assert!(to(&letters, "lin@kmu.example").is_empty());
    let request = only(&letters, "wang@kmu.example");
    let letters = reply(&mut world, request, WANG, "可").await;
    let letters = reply(&mut world, only(&letters, "lee@kmu.example"), LEE, "可").await;
    only(&letters, HUA);
    let case = world.case(FIRST).await;
    assert!(case.asks.iter().all(|a| a.decision.as_ref().is_none_or(|d| d.by.person.as_str() != "lin")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deputy_is_asked_and_signs_as_deputy() {
    let away = "title = \"教務長\"\naway = [{ from = \"2026-03-02\", to = \"2026-03-06\", deputy = \"huang\" }]";
    let mut world = World::changed(&[("title = \"教務長\"", away)], "").await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    assert!(to(&letters, "lin@kmu.example").is_empty());
    let request = only(&letters, "huang@kmu.example").clone();
    let letters = reply(&mut world, &request, HUANG, "同意").await;
    let next = only(&letters, "wang@kmu.example");
    holds(&next.text, &["黃技士代"]);
    let case = world.case(FIRST).await;
    let by = case.asks[0].decision.as_ref().map(|d| d.by.clone()).expect("decided");
    assert_eq!((by.person.as_str(), by.deputises.as_ref().map(|p| p.as_str())), ("huang", Some("lin")));
    // The one who is away reads his mail all the same: his word would have counted, and now comes late.
    let late = Letter { to: "lin@kmu.example".into(), ..request };
    let letters = reply(&mut world, &late, LIN, "退回 再查").await;
    holds(&only(&letters, "lin@kmu.example").text, &["已有決定"]);
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_who_is_away_may_still_answer_what_went_to_his_deputy() {
    let away = "title = \"教務長\"\naway = [{ from = \"2026-03-02\", to = \"2026-03-06\", deputy = \"huang\" }]";
    let mut world = World::changed(&[("title = \"教務長\"", away)], "").await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    let request = only(&letters, "huang@kmu.example").clone();
    world.later(60);
    world.arrives(&Mail { from: LIN.into(), ..request.reply(LIN, "可") });
    let letters = world.pass().await;
    only(&letters, "wang@kmu.example");
    let case = world.case(FIRST).await;
    let by = case.asks[0].decision.as_ref().map(|d| d.by.clone()).expect("decided");
    assert_eq!((by.person.as_str(), by.deputises), ("lin", None));
}
