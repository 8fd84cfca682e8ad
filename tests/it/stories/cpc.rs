//! 客服後送案件: 立案、送件、主辦單位處理說明、確認結案、問卷, from first mail to closed case in the paper's order. Side stories are in `cpc_*.rs`.

use redress::domain::state::{Outcome, State};

use super::parks::*;
use super::scenes::*;
use crate::support::world::{only, to};

const REPLY: &str = "周先生您好：\n\n造成您的不便，本公司謹致歉意。經查當日係新進人員操作自助加油機未依程序，\n本處已重新教育訓練，並將溢收之款項退還至您的信用卡。";

#[tokio::test(flavor = "multi_thread")]
async fn the_paper_from_first_mail_to_closed_case() {
    let mut world = cpc().await;
    // 程序(1) 意見信箱自動連結本系統，由客戶服務室補充資料完成立案；未列等級者為一般件六個工作日。
    world.arrives(&mail(
        "周先生 <chou@factory.example>",
        "嘉義站加油溢收",
        "姓名：周大同\n電話：05-234-5678\n發生時間：3月1日下午3時\n發生地點：嘉義縣民雄站\n客訴對象：民雄站\n\n自助加油後信用卡被刷了兩次，站內人員不理會，請查明退款。",
    ));
    let letters = world.pass().await;
    let case = world.cases().await.pop().expect("a case");
    let number = case.number.clone();
    assert_eq!((case.state, case.grade.as_deref()), (State::Triage, Some("一般")));
    let zone = world.house.desk.office.calendar.zone().clone();
    assert_eq!(case.due_at().expect("a date").rfc3339(&zone), "2026-03-11T17:30:00+08:00");
    let triage = only(&letters, "wang@kmu.example").clone();
    holds(&triage.text, &["客訴對象", "民雄站", "發生地點", "□特急件（1日）", "■一般件（6日）"]);

    // 依客戶需求設定急件（三日），送件給被客訴單位；補登一併寫。
    let letters = reply(&mut world, &triage, DESK, "#等級 急件\n#類別 付款與發票\n#補登 希望回覆方式=電子郵件\n#分派 嘉義營業處").await;
    let case = world.case(&number).await;
    assert_eq!((case.state, case.grade.as_deref()), (State::Assigned, Some("急")));
    assert_eq!(case.due_at().expect("a date").rfc3339(&zone), "2026-03-06T17:30:00+08:00");
    let forward = only(&letters, "academic@kmu.example").clone();
    holds(&forward.text, &["■急件（3日）", "民雄站", "電子郵件"]);
    assert!(forward.files.iter().any(|(name, kind, _)| kind == "application/pdf" && name.contains("客服後送單")));

    // 程序(2) 主辦部門處理說明，送回客戶服務室確認能否結案。
    let letters =
        reply(&mut world, &forward, CLERK, &format!("調閱三月一日監視畫面，確有重複刷卡，已聯繫銀行退款。\n\n擬答覆：\n{REPLY}")).await;
    let request = only(&letters, "wang@kmu.example").clone();
    assert!(to(&letters, "lin@kmu.example").is_empty(), "確認結案 is the office's alone");
    holds(&request.text, &["確認結案", "重複刷卡"]);

    // 程序(3)3 點下「確認結案」；(4)2 系統自動發信回覆客戶，同時請填問卷。
    let letters = press(&mut world, &request, "確認結案（同意）", DESK, "").await;
    let answer = only(&letters, CHOU).clone();
    holds(&answer.text, &["退還至您的信用卡", "/s/"]);
    silent_about(&answer, &["監視畫面", "邱站長"]);
    let case = world.case(&number).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Resolved)));

    // 調查(1) 完成問卷後通知客戶服務室。
    let letters = complainant_presses(&mut world, &answer, "滿意", "周先生 <chou@factory.example>", "").await;
    only(&letters, "wang@kmu.example");
    let case = world.case(&number).await;
    assert_eq!((case.state, case.round), (State::Closed, 1));
    assert!(world.house.desk.replay(&case).await.expect("replay").same);
}
