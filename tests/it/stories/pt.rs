//! PT-P020 from the first mail to the closed case, in the paper's words, and what goes another way: grades and their sheet,
//! management for A, deadlines missed, dissatisfied again and again, silence that ends in a call.

use redress::domain::Act;
use redress::domain::state::DeadlineKind::{Answer, Preliminary, Start};
use redress::domain::state::{Outcome, State};
use redress::domain::text::InternalText;

use super::parks::{complainant_presses, press};
use super::scenes::{about, holds, reply, seen, silent_about};
use super::service::{BOARD, CLERK, CLIENT, DESK, HEAD, MAN, PRESIDENT, agreed, decided, due, happened, kinds, mail, met, pt};
use crate::support::world::{Letter, Mail, World, only, to};

const NUMBER: &str = "2026-0001";
const ANSWER: &str =
    "何女士您好：\n\n經查病房叫人鈴因線路老舊而失效，夜間未能及時回應，我們已於當日更換全部線路，並將每月測試。造成您的不安，謹致歉意。";

fn complaint() -> Mail {
    mail(
        "病房叫人鈴沒有人回應",
        "您好：\n\n我是何曼，電話 0912-345-678。\n家母昨晚跌倒，按叫人鈴二十分鐘沒有人回應。\n期望解決方式：檢查設備並說明原因。\n\n何曼",
    )
}

/// The department's filled reply (5.3.3, 5.4.1).
fn handled() -> String {
    format!(
        "投訴摘要：夜間叫人鈴無人回應\n調查結果：訪談夜班人員並查閱系統記錄，鈴聲未送達護理站\n問題根本原因：線路老舊\n責任歸屬：設備維護\n系統性改進措施：每月測試並留存紀錄\n\n擬答覆：\n{ANSWER}"
    )
}

async fn graded_a(world: &mut World) -> Vec<Letter> {
    decided(world, &complaint(), "#等級 A 1,4 家屬已受傷\n#類別 安全問題\n#分派 照護部").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grave_complaint_is_graded_started_solved_answered_and_closed() {
    let mut world = pt().await;
    // 5.1.3: recorded at once; the triage mail holds the criteria of annex 2 as ticks and the five points of 5.2.1.
    world.arrives(&complaint());
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    holds(&triage.text, &["□1. 涉及人身安全或健康風險", "問題發生的頻率與普遍性", "期望解決方式", "檢查設備並說明原因", NUMBER]);
    only(&letters, MAN);

    // 5.2: graded A on its sheet, handed to the department, reported to management at once (5.2.3).
    let letters = reply(&mut world, &triage, DESK, "#等級 A 1,4 家屬已受傷\n#類別 安全問題\n#分派 照護部").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.grade.as_deref(), case.state), (Some("A"), State::Assigned));
    let sheet = case.grading.last().expect("a sheet");
    assert_eq!(sheet.criteria, ["涉及人身安全或健康風險", "涉及大量客戶或系統性問題"]);
    assert_eq!((sheet.reason.internal(), sheet.by.as_ref().map(|p| p.as_str())), ("家屬已受傷", Some("wang")));
    assert_eq!(case.grading.len(), 2, "the grade before it is kept");
    assert_eq!(kinds(&case), ["start", "preliminary"]);
    // 3.3: within 24 hours, within three working days, from the moment it was received.
    assert_eq!((due(&case, Start).as_str(), due(&case, Preliminary).as_str()), ("2026-03-04T09:00", "2026-03-06T17:30"));
    for board in ["lee@kmu.example", "hsu@kmu.example"] {
        let notice = only(&letters, board);
        holds(&notice.text, &["A級（嚴重）", "請優先處理", NUMBER, "何曼", "叫人鈴"]);
    }
    let forward = only(&letters, "academic@kmu.example").clone();
    holds(&forward.text, &["A級（嚴重）", "檢查設備並說明原因"]);
    assert!(
        forward
            .files
            .iter()
            .any(|(name, kind, bytes)| kind == "application/pdf" && name.contains("客戶投訴接收記錄表") && bytes.starts_with(b"%PDF"))
    );

    // 5.3: the department takes it up; the 24 hours are kept.
    world.later(3600);
    press(&mut world, &forward, "收案", CLERK, "").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, met(&case, Start).as_deref()), (State::InProgress, Some("2026-03-03T10:20")));
    assert_eq!(case.started_at.map(|at| at.unix()), case.deadlines[0].met_at.map(|at| at.unix()));

    // 3.3, 5.4.2: the preliminary solution goes up to management and out; it does not end the case.
    let letters = reply(&mut world, &forward, CLERK, "#初覆 何女士您好：叫人鈴已先以無線設備替代，線路更換排定於明日。").await;
    assert_eq!(world.case(NUMBER).await.state, State::AwaitingApproval);
    let all = agreed(&mut world, &letters).await;
    let first = only(&all, MAN);
    holds(&first.text, &["無線設備替代", NUMBER, "仍在處理中"]);
    silent_about(first, &["訪談", "家屬已受傷"]);
    let case = world.case(NUMBER).await;
    assert_eq!(case.state, State::InProgress);
    assert!(met(&case, Preliminary).is_some());
    assert_eq!(
        case.asks.iter().filter(|a| a.decision.is_some()).map(|a| a.title.as_str()).collect::<Vec<_>>(),
        ["部門主管審核", "管理層批准"]
    );

    // 5.3.3–5.5: report, solution, approval by head and management, the answer with the survey.
    let letters = reply(&mut world, &forward, CLERK, &handled()).await;
    let request = only(&letters, "lin@kmu.example").clone();
    holds(&request.text, &["線路老舊", ANSWER.lines().last().expect("a line")]);
    let letters = press(&mut world, &request, "核准", HEAD, "").await;
    assert!(to(&letters, MAN).is_empty(), "management has not agreed");
    let letters = press(&mut world, &only(&letters, "lee@kmu.example").clone(), "核准", BOARD, "").await;
    let answer = only(&letters, MAN).clone();
    holds(&answer.text, &["已於當日更換全部線路", "/s/"]);

    // 5.6.2: the client accepts it, the head signs the closing, the client hears of it.
    let letters = complainant_presses(&mut world, &answer, "滿意", CLIENT, "").await;
    assert_eq!(world.case(NUMBER).await.state, State::Closing);
    let closing = about(&letters, "lin@kmu.example", "核示").clone();
    let letters = press(&mut world, &closing, "核准", HEAD, "").await;
    only(&letters, MAN);
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Resolved)));
    assert!(world.house.desk.replay(&case).await.expect("replay").same);
    // PT-F020 with everything that 5.6.1 names.
    let (title, bytes) = world.house.desk.print(&case, "handling").expect("PT-F020");
    assert_eq!(title, "客訴處理紀錄表");
    assert!(bytes.starts_with(b"%PDF"));
    assert!(world.pass().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_grade_reckons_every_clock_anew_from_the_start_event() {
    let mut world = pt().await;
    world.arrives(&complaint());
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &triage, DESK, "#等級 C\n#分派 照護部").await;
    let case = world.case(NUMBER).await;
    assert_eq!(
        (kinds(&case), due(&case, Start), due(&case, Answer)),
        (vec!["start", "answer"], "2026-03-06T17:30".into(), "2026-03-12T17:30".into())
    );
    assert!(to(&letters, "lee@kmu.example").is_empty(), "management hears of A alone");
    let forward = only(&letters, "academic@kmu.example").clone();

    // 第二天改列 B 級：由接獲起算，前一張評估表保留。
    world.at("2026-03-04T10:00:00+08:00");
    world.arrives(&triage.reply(DESK, "#等級 B級 2,5"));
    world.pass().await;
    let case = world.case(NUMBER).await;
    assert_eq!((due(&case, Start), due(&case, Answer)), ("2026-03-05T09:00".into(), "2026-03-10T17:30".into()));
    assert_eq!(case.grading.iter().map(|s| s.grade.as_str()).collect::<Vec<_>>(), ["B", "C", "B"]);
    assert!(happened(&world, NUMBER, &Act::Grade { grade: String::new(), criteria: vec![], reason: InternalText::default() }).await);

    // Raised to A after the text went up: management is asked too, the head's word stands.
    let letters = reply(&mut world, &forward, CLERK, &handled()).await;
    let letters_head = press(&mut world, &only(&letters, "lin@kmu.example").clone(), "退回", HEAD, "請補培訓計畫").await;
    assert!(seen(&letters_head).iter().any(|(who, _)| who == "chen@kmu.example"));
    reply(&mut world, &forward, CLERK, &handled()).await;
    world.arrives(&triage.reply(DESK, "#等級 A 2"));
    let letters = world.pass().await;
    assert_eq!(world.case(NUMBER).await.state, State::AwaitingApproval);
    assert!(seen(&letters).iter().any(|(who, subject)| who == "lee@kmu.example" && subject.contains("等級通報")));
    let steps = world.case(NUMBER).await.chain.expect("a chain").steps;
    assert_eq!(steps.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(), ["部門主管審核", "管理層批准"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grade_that_does_not_exist_and_a_tick_too_many_change_nothing() {
    let mut world = pt().await;
    world.arrives(&complaint());
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    for (lines, word) in [("#等級 D\n#分派 照護部", "等級 D"), ("#等級 A 9\n#分派 照護部", "評估項次 9"), ("#等級 A 1\n#分派 外科", "外科")]
    {
        let letters = reply(&mut world, &triage, DESK, lines).await;
        let refused = only(&letters, "wang@kmu.example");
        holds(&refused.text, &[word]);
        let case = world.case(NUMBER).await;
        assert_eq!((case.state, case.grade.as_deref(), case.grading.len()), (State::Triage, Some("B"), 1), "{lines}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lets_the_day_pass_is_urged_and_the_missed_start_is_kept() {
    let mut world = pt().await;
    // Friday afternoon: the 24 hours run on through the weekend.
    world.at("2026-03-06T16:00:00+08:00");
    world.arrives(&complaint());
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    // Nobody graded it: the office is urged before the 24 hours are over, on a Saturday.
    world.at("2026-03-07T12:05:00+08:00");
    let letters = world.pass().await;
    assert!(seen(&letters).iter().any(|(who, subject)| who == "wang@kmu.example" && subject.contains("尚待分派")), "{:?}", seen(&letters));
    world.arrives(&triage.reply(DESK, "#等級 A 1\n#分派 照護部"));
    let letters = world.pass().await;
    about(&letters, "chen@kmu.example", "今日到期");
    assert_eq!(due(&world.case(NUMBER).await, Start), "2026-03-07T16:00");
    world.at("2026-03-07T16:00:30+08:00");
    let letters = world.pass().await;
    let told: Vec<String> = seen(&letters).into_iter().map(|(who, _)| who).collect();
    // The handler was urged an hour after he got it, and nobody is urged twice a day for one step.
    assert_eq!(told, ["lin@kmu.example", "wang@kmu.example"]);
    world.at("2026-03-07T16:10:00+08:00");
    world.pass().await;
    let case = world.case(NUMBER).await;
    assert!(case.deadlines[0].missed(world.clock.now()));
    assert_eq!(case.escalations, 0, "the start was missed; what was promised was not broken");
    // The preliminary solution is what was promised: three working days from Friday.
    world.at("2026-03-11T17:31:00+08:00");
    world.pass().await;
    assert_eq!(world.case(NUMBER).await.escalations, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn dissatisfied_again_and_again_it_goes_to_the_next_higher() {
    let mut world = pt().await;
    let letters = decided(&mut world, &complaint(), "#等級 B\n#分派 照護部").await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CLERK, &handled()).await;
    let all = agreed(&mut world, &letters).await;
    let mut answer = only(&all, MAN).clone();
    assert_eq!(world.case(NUMBER).await.asks.len(), 1, "B: the head alone");
    for (round, last) in [(2, "管理層批准"), (3, "總院長批准")] {
        let letters = complainant_presses(&mut world, &answer, "不滿意", CLIENT, "鈴還是不響").await;
        let case = world.case(NUMBER).await;
        assert_eq!((case.state, case.round), (State::InProgress, round));
        assert!(case.started_at.is_none(), "a new round promises anew");
        let again = about(&letters, "chen@kmu.example", "再行處理").clone();
        let letters = reply(&mut world, &again, CLERK, &format!("{}第 {round} 次。", handled())).await;
        let all = agreed(&mut world, &letters).await;
        answer = all.iter().rev().find(|l| l.to == MAN).expect("an answer").clone();
        let asked: Vec<String> = world.case(NUMBER).await.asks.iter().filter(|a| a.round == round).map(|a| a.title.clone()).collect();
        assert_eq!(asked.last().map(String::as_str), Some(last), "{asked:?}");
        assert_eq!(asked.len(), usize::try_from(round).expect("small"));
    }
    assert!(seen(&world.pass().await).is_empty());
    assert!(!answer.text.contains(PRESIDENT));
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_becomes_a_call_and_without_consent_the_head_answers_for_the_closing() {
    let mut world = pt().await;
    let letters = decided(&mut world, &complaint(), "#等級 C 1\n#分派 照護部").await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CLERK, &handled()).await;
    agreed(&mut world, &letters).await;
    assert_eq!(world.case(NUMBER).await.state, State::Answered);
    // Seven days without a word: the office is to call.
    world.at("2026-03-11T08:00:00+08:00");
    let letters = world.pass().await;
    let task = about(&letters, "wang@kmu.example", "請電話確認").clone();
    holds(&task.text, &["0912-345-678", "更換全部線路"]);
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.open_calls().count()), (State::Answered, 1));
    // Nobody answers: recorded, and she is called again a working day later.
    let letters = press(&mut world, &task, "電話", DESK, "").await;
    assert!(world.case(NUMBER).await.calls.is_empty(), "an empty form is no call");
    holds(&only(&letters, "wang@kmu.example").text, &["電聯結果"]);
    reply(&mut world, &task, DESK, "#電聯 10:00 客戶 未接 響鈴無人接聽").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.calls.len(), case.open_calls().count(), case.state), (1, 1, State::Answered));
    world.at("2026-03-12T18:00:00+08:00");
    let letters = world.pass().await;
    about(&letters, "wang@kmu.example", "請電話確認");
    let told = about(&letters, "lin@kmu.example", "請電話確認").clone();
    // The head decides to close without consent and says why; whoever approves sees that consent is missing.
    let refused = reply(&mut world, &told, HEAD, "#結案").await;
    holds(&only(&refused, "lin@kmu.example").text, &["理由"]);
    let letters = press(&mut world, &told, "陳核結案", HEAD, "三次去電未接，改善已完成").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.open_calls().count()), (State::Closing, 0));
    let closing = about(&letters, "lin@kmu.example", "核示").clone();
    holds(&closing.text, &["尚未表示接受", "三次去電未接"]);
    press(&mut world, &closing, "核准", HEAD, "").await;
    assert_eq!(world.case(NUMBER).await.state, State::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_days_without_a_conclusion_are_explained() {
    let mut world = pt().await;
    let letters = graded_a(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    press(&mut world, &forward, "收案", CLERK, "").await;
    let letters = reply(&mut world, &forward, CLERK, "#展延 3/20 等候廠商檢測報告").await;
    let asked = about(&letters, "wang@kmu.example", "展延").clone();
    let letters = reply(&mut world, &asked, DESK, "可").await;
    holds(&only(&letters, MAN).text, &["等候廠商檢測報告", "3月20日"]);
    let case = world.case(NUMBER).await;
    assert_eq!((case.extensions, case.escalations, due(&case, Preliminary)), (1, 0, "2026-03-20T23:59".into()));
    assert_eq!(case.deadlines[1].standard_at, Some(super::service::at("2026-03-06T17:30")), "the standard date stays");
    assert_eq!(case.deadlines[1].promised_at, Some(super::service::at("2026-03-06T17:30")), "so does the first promise");
    world.at("2026-04-03T10:00:00+08:00");
    let letters = world.pass().await;
    let why = about(&letters, MAN, "");
    holds(&why.text, &["照護部", "等候廠商檢測報告", "尚未辦結"]);
    let case = world.case(NUMBER).await;
    assert_eq!((case.extensions, case.escalations), (1, 1), "the extended date was broken too");
}
