//! 樹谷園區服務中心－處理客訴案件作業說明, from first mail to closed case in the paper's order: 總收文登入、分文、七天內簽核函復、
//! 併附調查表、總表結案；不滿意則續辦. Side stories are in `shugu_*.rs`.

use redress::domain::state::{Outcome, State};

use super::parks::*;
use super::scenes::*;
use crate::support::world::{Letter, World, only, to};

const NUMBER: &str = "115-001";
const REPLY: &str =
    "周廠長您好：\n\n經查園區東二路路燈係因線路進水跳脫，本組已於三月五日更換開關並完成測試，\n現已恢復照明。造成不便，謹致歉意。";

fn complaint() -> crate::support::world::Mail {
    mail(
        FACTORY,
        "東二路路燈不亮",
        "服務中心您好：\n\n姓名：周大同\n電話：06-598-1234\n傳真：06-598-4321\n聯絡地址：台南市新市區紫楝路88號\n\n東二路從上週起路燈全部不亮，夜班同仁騎車進出很危險，請儘速派員修復。\n\n周大同 敬上",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_paper_from_first_mail_to_closed_case_and_on_when_somebody_is_not_satisfied() {
    let mut world = shugu().await;
    // 三(1) 總收文先將案件登入總表：編號、回條；分文之前不起算期限。
    world.arrives(&complaint());
    let letters = world.pass().await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.due_at()), (State::Triage, None));
    let receipt = only(&letters, CHOU);
    holds(&receipt.text, &[NUMBER]);
    let triage = only(&letters, "wang@kmu.example").clone();
    holds(&triage.text, &["請分派", "案件編號", "傳真", "06-598-4321", "工務組"]);

    // 分送各承辦組室：三月三日（星期二）分文，七個日曆天，始日不計，至三月十日終了。
    let letters = press(&mut world, &triage, "工務組", DESK, "").await;
    let case = world.case(NUMBER).await;
    assert_eq!(case.state, State::Assigned);
    assert_eq!(case.due_at().expect("a date").rfc3339(world.house.desk.office.calendar.zone()), "2026-03-10T23:59:59+08:00");
    holds(&only(&letters, CHOU).text, &["工務組", "3月10日"]);
    let forward = only(&letters, "academic@kmu.example").clone();
    for words in [&forward.text, &forward.html] {
        holds(
            words,
            &["案件編號", NUMBER, "客訴方式", "■E-mail", "□到中心", "客訴內容摘要", "預定結案日期", "□行政法令之查詢", "東二路從上週起"],
        );
    }
    assert!(forward.files.iter().any(|(name, kind, _)| kind == "application/pdf" && name.contains("受理客訴案件單")));

    // 六(1) 由承辦組室簽核後函復：承辦、主管、批准。
    let letters = reply(&mut world, &forward, CLERK, &format!("三月五日會同台電檢修，更換無熔絲開關。\n\n擬答覆：\n{REPLY}")).await;
    assert_eq!(world.case(NUMBER).await.state, State::AwaitingApproval);
    let head = only(&letters, "lin@kmu.example").clone();
    holds(&head.text, &["現已恢復照明", "更換無熔絲開關"]);
    let letters = reply(&mut world, &head, HEAD, "如擬").await;
    let director = only(&letters, "lee@kmu.example").clone();
    assert!(director.button("批准（同意）").is_some(), "{}", director.html);
    world.at("2026-03-06T15:00:00+08:00");
    let letters = reply(&mut world, &director, DIRECTOR, "可").await;

    // 函復同時併附調查表；總表結案。
    let answer = only(&letters, CHOU).clone();
    holds(&answer.text, &["現已恢復照明", "/s/"]);
    silent_about(&answer, &["無熔絲開關", "邱技佐"]);
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Resolved)));
    assert_eq!(case.answered_at, case.closed_at);
    assert!(case.deadlines.iter().all(|d| d.met_at.is_some()));

    // 處理情形若廠商民眾不滿意則續辦：已結案者抽回，七天自續辦起算。
    world.at("2026-03-09T09:00:00+08:00");
    let letters = complainant_presses(&mut world, &answer, "不滿意", FACTORY, "只修好一半，靠近二號門那一段還是不亮。").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.round, case.outcome), (State::InProgress, 2, None));
    holds(&about(&letters, "wang@kmu.example", "不滿意，本案續辦").text, &["二號門"]);
    let again = only(&letters, "chen@kmu.example").clone();
    holds(&again.text, &["二號門"]);
    let letters = reply(&mut world, &again, CLERK, "擬答覆：\n周廠長您好：二號門段線路亦已更新，今晚起恢復照明。").await;
    let letters = agree(&mut world, letters).await;
    let answer = only(&letters, CHOU).clone();
    assert_eq!(world.case(NUMBER).await.state, State::Closed);
    let letters = complainant_presses(&mut world, &answer, "滿意", FACTORY, "").await;
    assert!(to(&letters, CHOU).is_empty());
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.round), (State::Closed, 2));
    assert!(world.house.desk.replay(&case).await.expect("replay").same);
    assert!(world.pass().await.is_empty());
}

/// 主管 and 批准 agree; gives the letters of the last.
async fn agree(world: &mut World, letters: Vec<Letter>) -> Vec<Letter> {
    let head = only(&letters, "lin@kmu.example").clone();
    let letters = reply(world, &head, HEAD, "如擬").await;
    let director = only(&letters, "lee@kmu.example").clone();
    reply(world, &director, DIRECTOR, "可").await
}
