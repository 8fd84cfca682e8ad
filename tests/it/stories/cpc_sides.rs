//! 客服後送, beside the straight way: 補充, 退件, 續辦 before the 確認結案; a bad survey that the office reads and decides; 副知 without who
//! complained; 人工稽催; 制式案件.

use redress::domain::state::{Outcome, State};

use super::parks::*;
use super::scenes::*;
use crate::support::world::{Letter, World, only, to};

const CUSTOMER: &str = "周先生 <chou@factory.example>";
const REPLY: &str = "周先生您好：溢收之款項已退還至您的信用卡，謹致歉意。";

fn complaint() -> crate::support::world::Mail {
    mail(CUSTOMER, "加油站溢收", "姓名：周大同\n電話：05-234-5678\n\n加油後信用卡被刷了兩次，請查明退款。")
}

/// The unit has proposed its answer; gives the request to the office.
async fn to_confirm(world: &mut World) -> Letter {
    let letters = assigned(world, &complaint(), "嘉義營業處").await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(world, &forward, CLERK, &format!("已聯繫銀行。\n\n擬答覆：\n{REPLY}")).await;
    only(&letters, "wang@kmu.example").clone()
}

/// Answered and closed; gives the answer as the customer got it.
async fn closed(world: &mut World) -> Letter {
    let request = to_confirm(world).await;
    let letters = press(world, &request, "確認結案", DESK, "").await;
    only(&letters, CHOU).clone()
}

async fn number(world: &World) -> String {
    world.cases().await.first().map(|c| c.number.clone()).expect("a case")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_asks_for_more_and_the_same_text_comes_back_with_it() {
    let mut world = cpc().await;
    let request = to_confirm(&mut world).await;
    let letters = press(&mut world, &request, "請補充", DESK, "請補充退款日期與金額。").await;
    let asked = only(&letters, "chen@kmu.example").clone();
    holds(&asked.subject, &["請補充"]);
    holds(&asked.text, &["請補充退款日期與金額", "補充即可"]);
    let number = number(&world).await;
    assert_eq!(world.case(&number).await.state, State::InProgress);
    // 收到 is no supplement.
    let letters = reply(&mut world, &asked, CLERK, "收到").await;
    assert!(to(&letters, "wang@kmu.example").is_empty(), "{:?}", seen(&letters));
    let letters = reply(&mut world, &asked, CLERK, "銀行於三月三日退款新臺幣 1,250 元，已電洽客戶確認入帳。").await;
    let again = only(&letters, "wang@kmu.example").clone();
    holds(&again.text, &["退還至您的信用卡", "1,250 元"]);
    press(&mut world, &again, "確認結案", DESK, "").await;
    let case = world.case(&number).await;
    assert_eq!(case.state, State::Closed);
    assert_eq!(case.asks.len(), 2, "the supplement stands as a returned step");
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_back_it_is_done_anew() {
    let mut world = cpc().await;
    let request = to_confirm(&mut world).await;
    let letters = press(&mut world, &request, "退回", DESK, "未說明人員是否檢討，請重新處理。").await;
    let returned = only(&letters, "chen@kmu.example").clone();
    holds(&returned.text, &["未說明人員是否檢討"]);
    let letters = reply(&mut world, &returned, CLERK, "擬答覆：\n周先生您好：款項已退還，並已對當班人員加強訓練。").await;
    let again = only(&letters, "wang@kmu.example").clone();
    let letters = press(&mut world, &again, "確認結案", DESK, "").await;
    holds(&only(&letters, CHOU).text, &["加強訓練"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn something_is_left_to_another_unit_before_it_is_closed() {
    let mut world = cpc().await;
    let request = to_confirm(&mut world).await;
    let letters = press(&mut world, &request, "續辦", DESK, "會員行銷組 請補發當日點數").await;
    let other = only(&letters, "general@kmu.example").clone();
    holds(&other.text, &["請補發當日點數", "信用卡被刷了兩次", "已聯繫銀行"]);
    let number = number(&world).await;
    assert_eq!(world.case(&number).await.unit.map(|u| u.0), Some("general".to_owned()));
    let letters = reply(&mut world, &other, CLERK3, "擬答覆：\n周先生您好：款項已退還，點數亦已補發。").await;
    let again = only(&letters, "wang@kmu.example").clone();
    press(&mut world, &again, "確認結案", DESK, "").await;
    assert_eq!(world.case(&number).await.state, State::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_survey_is_read_by_the_office_which_takes_it_up_again() {
    let mut world = cpc().await;
    let answer = closed(&mut world).await;
    let number = number(&world).await;
    let letters = complainant_presses(&mut world, &answer, "不滿意", CUSTOMER, "只退了一筆。").await;
    let told = about(&letters, "wang@kmu.example", "不滿意").clone();
    holds(&told.text, &["只退了一筆", "抽回續辦", "副知", "維持結案"]);
    let case = world.case(&number).await;
    assert_eq!((case.state, case.round), (State::Closed, 1), "nothing happens before the office has read it");
    let letters = press(&mut world, &told, "抽回續辦", DESK, "請再查第二筆退款。").await;
    let again = only(&letters, "chen@kmu.example").clone();
    holds(&again.text, &["請再查第二筆退款"]);
    assert_eq!((world.case(&number).await.state, world.case(&number).await.round), (State::InProgress, 2));
    let letters = reply(&mut world, &again, CLERK, "擬答覆：\n周先生您好：第二筆亦已退還。").await;
    let request = only(&letters, "wang@kmu.example").clone();
    let letters = press(&mut world, &request, "確認結案", DESK, "").await;
    holds(&only(&letters, CHOU).text, &["第二筆亦已退還"]);
    let case = world.case(&number).await;
    assert_eq!((case.state, case.outcome, case.judging), (State::Closed, Some(Outcome::Resolved), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn or_copies_it_to_the_unit_without_who_complained_or_lets_it_stand_with_a_word_why() {
    let mut world = cpc().await;
    let answer = closed(&mut world).await;
    let number = number(&world).await;
    let letters = complainant_presses(&mut world, &answer, "不滿意", CUSTOMER, "站員口氣很差，我是周大同。").await;
    let told = about(&letters, "wang@kmu.example", "不滿意").clone();
    // 維持結案 needs its word.
    let letters = press(&mut world, &told, "維持結案", DESK, "").await;
    holds(&about(&letters, "wang@kmu.example", "未").text, &["尚缺理由"]);
    // Nobody decides: the office is reminded.
    world.at("2026-03-05T09:00:00+08:00");
    let letters = world.pass().await;
    about(&letters, "wang@kmu.example", "等候決定是否續辦");
    let letters = reply(&mut world, &told, DESK, "#副知 會員行銷組 嘉義營業處 請列入服務禮儀訓練參考。").await;
    for inbox in ["academic@kmu.example", "general@kmu.example"] {
        let copy = only(&letters, inbox);
        holds(&copy.text, &["副知", "請列入服務禮儀訓練參考", "站員口氣很差", number.as_str()]);
        silent_about(copy, &["周大同", "05-234-5678", "chou@factory.example"]);
        assert!(!copy.html.contains("mailto:"), "it asks for nothing");
    }
    let case = world.case(&number).await;
    assert_eq!((case.state, case.round, case.judging), (State::Closed, 1, None));
    // Decided: nothing waits any more.
    let letters = reply(&mut world, &told, DESK, "#結案 已副知相關單位").await;
    holds(&about(&letters, "wang@kmu.example", "未").text, &["案件目前的狀態不能辦理這項指示"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn urged_by_hand_for_one_case_and_by_condition_and_nobody_twice_a_day() {
    let mut world = cpc().await;
    let letters = assigned(&mut world, &complaint(), "嘉義營業處").await;
    let forward = only(&letters, "academic@kmu.example").clone();
    world.arrives(&mail("林小姐 <lin2@mail.example>", "點數沒有入帳", "會員點數三筆沒有入帳，請補發。林小姐 0912345678"));
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    reply(&mut world, &triage, DESK, "#分派 會員行銷組").await;
    // 未分文：不屬於任何案件的一封信，催各單位總收發（無總收發者催承辦人）。
    let order = |text: &str| crate::support::world::Mail { authentic: true, ..mail(DESK, "稽催", text) };
    world.later(3600);
    world.arrives(&order("#稽催 未分文"));
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 2, "no case was opened by it");
    only(&letters, "ho@kmu.example");
    only(&letters, "huang@kmu.example");
    let told = only(&letters, "wang@kmu.example");
    holds(&told.text, &["未分文", "11503-0001", "何收發", "11503-0002"]);
    // 同一步驟同一日不重複。
    world.later(3600);
    world.arrives(&order("#稽催 未分文"));
    let letters = world.pass().await;
    assert!(to(&letters, "ho@kmu.example").is_empty() && to(&letters, "huang@kmu.example").is_empty(), "{:?}", seen(&letters));
    holds(&only(&letters, "wang@kmu.example").text, &["2 件今日已稽催過"]);
    // 已擬未送：擬妥而尚未確認者，催承辦人。
    let letters =
        reply(&mut world, &forward, CLERK, "周先生您好：\n\n溢收之款項已於今日退還至您的信用卡，造成不便，謹致歉意。\n敬祝平安").await;
    only(&letters, "chen@kmu.example");
    world.at("2026-03-04T10:00:00+08:00");
    world.pass().await;
    world.arrives(&order("#稽催 已擬未送"));
    let letters = world.pass().await;
    about(&letters, "chen@kmu.example", "11503-0001");
    assert!(to(&letters, "huang@kmu.example").is_empty());
    // 單一案件，對信回覆。
    let letters = reply(&mut world, &triage, DESK, "#稽催").await;
    about(&letters, "huang@kmu.example", "11503-0002");
    let letters = reply(&mut world, &triage, DESK, "#稽催").await;
    holds(&about(&letters, "wang@kmu.example", "未").text, &["今日已稽催過"]);
    // 將到期：等級一般，六個工作日；三月十日到期前兩日。
    world.at("2026-03-10T10:00:00+08:00");
    world.pass().await;
    world.arrives(&order("#稽催 將到期"));
    let letters = world.pass().await;
    holds(&about(&letters, "wang@kmu.example", "稽催").text, &["將到期"]);
    // 別人不能；不明的條件會列出可用的。
    world.later(600);
    world.arrives(&crate::support::world::Mail { authentic: true, ..mail(CLERK, "稽催", "#稽催 未分文") });
    let letters = world.pass().await;
    holds(&only(&letters, "chen@kmu.example").text, &["權責"]);
    world.arrives(&order("#稽催 全部"));
    let letters = world.pass().await;
    holds(&only(&letters, "wang@kmu.example").text, &["已擬未送", "將到期"]);
    // A forged order changes nothing.
    world.at("2026-03-11T10:00:00+08:00");
    world.pass().await;
    world.arrives(&mail(DESK, "稽催", "#稽催 未分文"));
    let letters = world.pass().await;
    assert!(to(&letters, "ho@kmu.example").is_empty() && to(&letters, "huang@kmu.example").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers_the_telephone_so_a_short_message_closes_it() {
    let mut world = cpc().await;
    let letters = assigned(&mut world, &complaint(), "嘉義營業處").await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let number = number(&world).await;
    // 未有未接通紀錄者，不得以簡訊結案。
    let letters = reply(&mut world, &forward, CLERK, "#結案 簡訊 溢收款項已退還，造成不便敬請見諒。").await;
    holds(&only(&letters, "chen@kmu.example").text, &["請先電話聯繫客戶"]);
    assert_eq!(world.case(&number).await.state, State::Assigned);
    reply(&mut world, &forward, CLERK, "#電聯\n時間：3月3日 11:00\n對象：客戶\n結果：未接\n內容：響鈴未接").await;
    // 有信箱可回覆者，不得逕行結案。
    let letters = reply(&mut world, &forward, CLERK, "#結案 逕行結案 三次未接").await;
    holds(&only(&letters, "chen@kmu.example").text, &["客戶仍可聯繫"]);
    let letters = reply(&mut world, &forward, CLERK, "#結案 簡訊 溢收款項已退還，造成不便敬請見諒。").await;
    let request = only(&letters, "wang@kmu.example").clone();
    holds(&request.text, &["簡訊回覆", "溢收款項已退還"]);
    let letters = press(&mut world, &request, "確認結案", DESK, "").await;
    assert!(to(&letters, CHOU).is_empty(), "the office sends the message, no mail leaves");
    let case = world.case(&number).await;
    assert_eq!((case.state, case.closing_way.map(|w| w.name())), (State::Closed, Some("sms")));
    assert!(case.drafts.values().any(|d| d.text.internal().contains("溢收款項已退還")), "the text is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simple_case_is_settled_by_the_office_itself() {
    let mut world = cpc().await;
    world.arrives(&complaint());
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    let letters = press(&mut world, &triage, "自辦", DESK, "").await;
    let own = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &own, DESK, &format!("擬答覆：\n{REPLY}")).await;
    let request = only(&letters, "lee@kmu.example").clone();
    let letters = reply(&mut world, &request, "謝主任 <lee@kmu.example>", "可").await;
    holds(&only(&letters, CHOU).text, &["退還至您的信用卡"]);
    let number = number(&world).await;
    let case = world.case(&number).await;
    assert_eq!((case.state, case.self_handled, case.closing_way.map(|w| w.name())), (State::Closed, true, Some("email")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_case_tells_the_head_to_calm_the_customer_first() {
    let mut world = cpc().await;
    world.arrives(&mail(CUSTOMER, "加油站漏油", "姓名：周大同\n電話：0912-345-678\n\n民雄加油站地面漏油，有人滑倒受傷，請立刻處理！"));
    let letters = world.pass().await;
    let number = number(&world).await;
    let case = world.case(&number).await;
    let zone = world.house.desk.office.calendar.zone().clone();
    assert_eq!(case.grade.as_deref(), Some("特急"));
    assert_eq!(case.due_at().expect("a date").rfc3339(&zone), "2026-03-04T17:30:00+08:00");
    let triage = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &triage, DESK, "#分派 嘉義營業處").await;
    let told = only(&letters, "lin@kmu.example").clone();
    holds(&told.text, &["特急件", "請先行安撫客戶情緒", number.as_str(), "滑倒受傷"]);
    // 主管安撫後登記。
    reply(&mut world, &told, "蘇經理 <lin@kmu.example>", "#電聯\n時間：3月3日 09:30\n對象：客戶\n結果：接通\n內容：已致歉並說明正在清理")
        .await;
    assert!(world.case(&number).await.calls.iter().any(|c| c.by.0 == "lin"), "the call is on record");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unit_answers_by_telephone_and_the_office_confirms() {
    let mut world = cpc().await;
    let letters = assigned(&mut world, &complaint(), "嘉義營業處").await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(
        &mut world,
        &forward,
        CLERK,
        "#電聯\n時間：3月3日 09:15\n對象：客戶\n結果：已答覆\n內容：說明溢收款項三日內退還，客戶表示瞭解",
    )
    .await;
    let request = only(&letters, "wang@kmu.example").clone();
    holds(&request.text, &["三日內退還"]);
    let letters = press(&mut world, &request, "確認結案", DESK, "").await;
    assert!(to(&letters, CHOU).is_empty(), "it was said already");
    let number = number(&world).await;
    let case = world.case(&number).await;
    assert_eq!((case.state, case.closing_way.map(|w| w.name())), (State::Closed, Some("phone")));
}
