//! Service requests (程曦) from the first mail to the closed case, in the paper's words: levels and their notice matrix, first promise,
//! first response by phone, extension and escalation, the closing review, consent by mail or phone.

use redress::domain::contact::{CallReason, CallResult};
use redress::domain::state::DeadlineKind::{Closing, FirstResponse, Preliminary};
use redress::domain::state::{Outcome, State};

use super::parks::{complainant_presses, press};
use super::scenes::{about, holds, reply, seen, silent_about};
use super::service::{CLERK, CLIENT, DESK, HEAD, MAN, agreed, at, chainsea, decided, due, kinds, mail, met};
use crate::support::world::{Letter, Mail, World, only, to};

const NUMBER: &str = "202603-001";
const KNOWLEDGE: &str = "廖知識 <know@kmu.example>";
const ANSWER: &str = "何小姐您好：\n\n經查外撥時話機螢幕無顯示，係韌體版本不符，我們已更新韌體並測試正常。造成不便，謹致歉意。";

fn request() -> Mail {
    mail("話機螢幕無畫面", "您好：\n\n外撥時話機螢幕無顯示畫面，請協助處理。\n電話 0988-777-666\n\n何曼")
}

fn handled() -> String {
    format!("詳述問題：外撥時話機無畫面\n處理過程：3/3 連線檢查，3/4 更新韌體\n處理方法：更新韌體\n\n擬答覆：\n{ANSWER}")
}

/// A request of level 4 that the technical group has; gives the letter to the group.
async fn given(world: &mut World, lines: &str) -> (Vec<Letter>, Letter) {
    let letters = decided(world, &request(), lines).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    (letters, forward)
}

async fn answered(world: &mut World, forward: &Letter) -> Letter {
    let letters = reply(world, forward, CLERK, &handled()).await;
    let all = agreed(world, &letters).await;
    all.iter().find(|l| l.to == MAN).expect("an answer").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_told_promised_answered_reviewed_and_closed_by_consent() {
    let mut world = chainsea().await;
    world.arrives(&request());
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    holds(&triage.text, &["Level 4（目前等級）", "□2. 客戶抱怨或特別強調緊急處理之問題", NUMBER]);

    // 客戶報修等級區分: Level 3, told by phone to the project manager, by mail to sales and technical lead.
    let letters = reply(&mut world, &triage, DESK, "#等級 Level 3 1\n#分派 技服組").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.grade.as_deref(), kinds(&case)), (Some("3"), vec!["first_response", "closing"]));
    assert_eq!((due(&case, FirstResponse).as_str(), due(&case, Closing).as_str()), ("2026-03-03T12:00", "2026-03-17T17:30"));
    for (who, word) in [("sales@kmu.example", "請相關業務至電關懷"), ("tech@kmu.example", "Level 3")] {
        let notice = about(&letters, who, "等級通報");
        holds(&notice.text, &[word, NUMBER, "何曼", "話機螢幕無顯示畫面", "技服組"]);
    }
    assert!(to(&letters, "hsu@kmu.example").is_empty() && to(&letters, "pm@kmu.example").is_empty());
    let task = about(&letters, "wang@kmu.example", "請電話通報").clone();
    holds(&task.text, &["孫專案", "0911-222-333", NUMBER]);
    press(&mut world, &task, "電話", DESK, "時間：09:20\n對象：孫專案\n結果：接通\n內容：已通報").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.open_calls().count(), met(&case, FirstResponse)), (0, None), "the house was called, not the customer");

    // 預計完成時間由執行者與客戶確認：收案前另行承諾，收案後不再變更。
    let forward = about(&letters, "academic@kmu.example", "請於").clone();
    let letters = press(&mut world, &forward, "承諾", CLERK, "3月12日").await;
    holds(&only(&letters, MAN).text, &["3月12日"]);
    press(&mut world, &forward, "收案", CLERK, "").await;
    let letters = reply(&mut world, &forward, CLERK, "#承諾 3/20").await;
    holds(&only(&letters, "chen@kmu.example").text, &["首次承諾不再變更", "#展延"]);
    let closing = world.case(NUMBER).await.promise().cloned().expect("a promise");
    assert_eq!((closing.standard_at, closing.promised_at), (Some(at("2026-03-17T17:30")), Some(at("2026-03-12T23:59").plus_seconds(59))));
    assert_eq!(closing.due_at, closing.promised_at);

    // 首次回應：於 3 小時先回覆預計處理方式與安排，以電話為之。
    world.at("2026-03-03T11:00:00+08:00");
    reply(&mut world, &forward, CLERK, "#電聯 10:50 客戶 接通 已說明明日上午連線處理").await;
    let case = world.case(NUMBER).await;
    assert_eq!((met(&case, FirstResponse).as_deref(), case.state), (Some("2026-03-03T10:50"), State::InProgress));

    // The result, reviewed by the head, goes out with the buttons.
    let answer = answered(&mut world, &forward).await;
    holds(&answer.text, &["已更新韌體並測試正常"]);
    silent_about(&answer, &["已說明明日上午", "孫專案"]);
    assert_eq!(world.case(NUMBER).await.state, State::Answered);

    // 客戶結案確認：滿意即同意；送審 → 知識審查 → 主管結案審查。
    let letters = complainant_presses(&mut world, &answer, "滿意", CLIENT, "").await;
    assert_eq!(world.case(NUMBER).await.state, State::Closing);
    let review = about(&letters, "chen@kmu.example", "核示").clone();
    assert!(review.button("送審（同意結案）").is_some(), "{}", review.text);
    let letters = press(&mut world, &review, "送審", CLERK, "").await;
    let letters = reply(&mut world, about(&letters, "know@kmu.example", "核示"), KNOWLEDGE, "退回\n請補充避免方式").await;
    assert_eq!(world.case(NUMBER).await.state, State::Answered, "描述不清楚則返回修改");
    let back = about(&letters, "wang@kmu.example", "退回").clone();
    reply(&mut world, &forward, CLERK, "避免方式：列入每季韌體檢查").await;
    let letters = press(&mut world, &back, "陳核結案", DESK, "已補充").await;
    agreed(&mut world, &letters).await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.outcome, case.extensions, case.escalations), (State::Closed, Some(Outcome::Resolved), 0, 0));
    let signed: Vec<&str> = case.asks.iter().filter(|a| a.decision.is_some()).map(|a| a.title.as_str()).collect();
    assert_eq!(signed, ["主管審查", "結案送審", "知識審查", "結案送審", "知識審查", "主管結案審查"]);
    let (title, _) = world.house.desk.print(&case, "record").expect("服務請求單");
    assert_eq!(title, "服務請求單");
    assert!(world.house.desk.replay(&case).await.expect("replay").same);
    assert!(world.pass().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_level_has_its_clocks() {
    let mut world = chainsea().await;
    // Friday, 16:30; hours run on through the night, days for the closing are working days.
    world.at("2026-03-06T16:30:00+08:00");
    world.arrives(&request());
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    for (level, first, second, closing) in [
        ("Level 5", "2026-03-07T23:59", "none", "2026-04-08T17:30"),
        ("４", "2026-03-06T23:59", "none", "2026-03-26T17:30"),
        ("Level 3", "2026-03-06T19:30", "none", "2026-03-20T17:30"),
        ("2", "2026-03-06T17:30", "2026-03-07T23:59", "2026-03-13T17:30"),
        ("Level 1", "2026-03-06T17:30", "2026-03-06T23:59", "2026-03-11T17:30"),
    ] {
        world.later(1);
        world.arrives(&triage.reply(DESK, &format!("#等級 {level}")));
        world.pass().await;
        let case = world.case(NUMBER).await;
        assert_eq!(
            (due(&case, FirstResponse).as_str(), due(&case, Preliminary).as_str(), due(&case, Closing).as_str()),
            (first, second, closing),
            "{level}"
        );
    }
    // 講義畫面：8/3（五）受理、Level 4 者 14 個工作天為 8/23；此處 3/6（五）起 14 個工作天為 3/26（四）。
    assert_eq!(world.case(NUMBER).await.grading.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_or_an_urgent_word_is_level_one_before_anybody_looks() {
    let mut world = chainsea().await;
    world.arrives(&mail("錄音系統全面中斷", "我們的客服線路全部無法使用，請緊急處理！\n\n何曼"));
    let letters = world.pass().await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.grade.as_deref(), case.state), (Some("1"), State::Triage));
    assert_eq!(case.grading[0].by, None);
    assert_eq!((due(&case, FirstResponse).as_str(), due(&case, Preliminary).as_str()), ("2026-03-03T10:00", "2026-03-03T23:59"));
    let task = about(&letters, "wang@kmu.example", "請電話通報").clone();
    for name in ["孫專案", "魯業務", "仲技服", "許校長"] {
        assert!(task.text.contains(name), "{name}");
    }
    // One by one; whoever was not reached is called again, and it is urged.
    reply(&mut world, &task, DESK, "#電聯 09:12 孫專案、魯業務 接通").await;
    reply(&mut world, &task, DESK, "#電聯 09:15 許校長 未接").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.open_calls().count(), case.calls.len()), (1, 2));
    world.at("2026-03-03T10:00:30+08:00");
    let letters = world.pass().await;
    let again = to(&letters, "wang@kmu.example").into_iter().find(|l| l.subject.contains("請電話通報")).expect("urged").clone();
    assert!(again.text.contains("許校長") && !again.text.contains("孫專案"), "{}", again.text);
    reply(&mut world, &again, DESK, "#電聯 全部 已通知").await;
    assert_eq!(world.case(NUMBER).await.open_calls().count(), 0);
    // 排除或達到客戶同意之備援處理：初覆 meets it, the case goes on.
    let triage = seen(&letters);
    assert!(!triage.is_empty());
    let case = world.case(NUMBER).await;
    assert!(met(&case, FirstResponse).is_none() && case.deadlines.iter().any(|d| d.missed(world.clock.now())), "the hour has passed");
    assert_eq!(case.escalations, 0, "what is promised is the closing");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_date_it_is_an_extension_after_it_an_escalation() {
    let mut world = chainsea().await;
    let (_, forward) = given(&mut world, "#等級 1 2\n#分派 技服組").await;
    press(&mut world, &forward, "收案", CLERK, "").await;
    assert_eq!(due(&world.case(NUMBER).await, Closing), "2026-03-06T17:30");

    // 延時：到期前修改時間，主管審核，並通知客戶。
    let letters = press(&mut world, &forward, "展延", CLERK, "3月10日 原廠沒有庫存料號").await;
    let asked = about(&letters, "lin@kmu.example", "展延").clone();
    let letters = reply(&mut world, &asked, HEAD, "可").await;
    holds(&only(&letters, MAN).text, &["原廠沒有庫存料號", "3月10日"]);
    let case = world.case(NUMBER).await;
    assert_eq!((case.extensions, case.escalations, due(&case, Closing).as_str()), (1, 0, "2026-03-10T23:59"));

    // 升級：承諾時間內毀約；主管介入，即提升級申請；不停止答覆。
    world.at("2026-03-11T00:00:30+08:00");
    let letters = world.pass().await;
    for who in ["chen@kmu.example", "lin@kmu.example", "tech@kmu.example"] {
        holds(&about(&letters, who, "升級申請").text, &["第1次", "新的完成日期與原因", "主管"]);
    }
    let demand = about(&letters, "chen@kmu.example", "升級申請").clone();
    let case = world.case(NUMBER).await;
    assert_eq!((case.extensions, case.escalations, case.escalation_open), (1, 1, true));
    // Nobody asks: it is demanded again after a working day.
    world.at("2026-03-12T17:31:00+08:00");
    let letters = world.pass().await;
    about(&letters, "chen@kmu.example", "升級申請");
    let letters = press(&mut world, &demand, "升級申請", CLERK, "3月16日 原廠料件周五到貨").await;
    let letters = reply(&mut world, about(&letters, "lin@kmu.example", "展延"), HEAD, "同意").await;
    holds(&only(&letters, MAN).text, &["原廠料件周五到貨"]);
    let case = world.case(NUMBER).await;
    assert_eq!((case.extensions, case.escalations, case.escalation_open, due(&case, Closing).as_str()), (1, 1, false, "2026-03-16T23:59"));
    assert_eq!(case.promise().and_then(|d| d.standard_at), Some(at("2026-03-06T17:30")));
    // Broken once more: counted each time; answer and closing go on all the same.
    world.at("2026-03-17T08:00:00+08:00");
    world.pass().await;
    assert_eq!(world.case(NUMBER).await.escalations, 2);
    let answer = answered(&mut world, &forward).await;
    let letters = complainant_presses(&mut world, &answer, "滿意", CLIENT, "").await;
    agreed(&mut world, &letters).await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.extensions, case.escalations), (State::Closed, 1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_given_on_the_phone_is_reviewed_and_consent_on_the_phone_closes() {
    let mut world = chainsea().await;
    let (_, forward) = given(&mut world, "#等級 3 1\n#分派 技服組").await;
    world.at("2026-03-03T11:00:00+08:00");
    let letters = reply(&mut world, &forward, CLERK, "#電聯 10:45 客戶 已答覆 韌體已更新，請重新開機即可").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, met(&case, FirstResponse).as_deref()), (State::AwaitingApproval, Some("2026-03-03T10:45")));
    let asked = about(&letters, "lin@kmu.example", "核示").clone();
    holds(&asked.text, &["請重新開機即可"]);
    let letters = press(&mut world, &asked, "核准", HEAD, "").await;
    assert!(to(&letters, MAN).is_empty(), "it was said on the phone: no letter leaves");
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.answered_at), (State::Answered, Some(at("2026-03-03T10:45"))));

    // Two days of silence: the 報修專員 calls; the customer agrees.
    world.at("2026-03-06T08:00:00+08:00");
    let letters = world.pass().await;
    let task = about(&letters, "wang@kmu.example", "請電話確認").clone();
    let letters = press(&mut world, &task, "電話", DESK, "時間：08:30\n對象：客戶\n結果：滿意\n內容：同意結案").await;
    let case = world.case(NUMBER).await;
    let follow_ups = case.open_calls().filter(|t| t.reason == CallReason::FollowUp).count();
    assert_eq!((case.state, follow_ups), (State::Closing, 0));
    assert_eq!(case.surveys.last().map(|s| s.source.as_str()), Some("phone"));
    agreed(&mut world, &letters).await;
    assert_eq!(world.case(NUMBER).await.state, State::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn dissatisfied_on_the_phone_it_is_taken_up_again_and_the_technical_lead_agrees_too() {
    let mut world = chainsea().await;
    let (_, forward) = given(&mut world, "#等級 3 1\n#分派 技服組").await;
    answered(&mut world, &forward).await;
    world.at("2026-03-06T08:00:00+08:00");
    let letters = world.pass().await;
    let task = about(&letters, "wang@kmu.example", "請電話確認").clone();
    let letters = reply(&mut world, &task, DESK, "#電聯 08:40 何小姐 不滿意 畫面仍會閃爍").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.round, case.state), (2, State::InProgress));
    assert_eq!(case.calls.last().map(|c| c.result), Some(CallResult::Dissatisfied));
    let again = about(&letters, "chen@kmu.example", "再行處理").clone();
    holds(&again.text, &["畫面仍會閃爍"]);
    let letters = reply(&mut world, &again, CLERK, &handled()).await;
    agreed(&mut world, &letters).await;
    let second: Vec<String> = world.case(NUMBER).await.asks.iter().filter(|a| a.round == 2).map(|a| a.title.clone()).collect();
    assert_eq!(second, ["主管審查", "技服主管核定"]);
    assert_eq!(world.case(NUMBER).await.state, State::Answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_record_is_asked_for_where_a_visit_was_opened_and_holds_nothing_up() {
    let mut world = chainsea().await;
    let (_, forward) = given(&mut world, "#等級 3 1\n#分派 技服組").await;
    reply(&mut world, &forward, CLERK, "#補登 預約處理時間=3/4 上午").await;
    let answer = answered(&mut world, &forward).await;
    let letters = complainant_presses(&mut world, &answer, "滿意", CLIENT, "").await;
    let told = about(&letters, "chen@kmu.example", "尚缺");
    holds(&told.text, &["服務記錄單"]);
    let review = about(&letters, "chen@kmu.example", "核示").clone();
    holds(&review.text, &["服務記錄單"]);
    agreed(&mut world, &letters).await;
    assert_eq!(world.case(NUMBER).await.state, State::Closed, "it holds up neither chain nor closing");
}
