//! The handling record (R18, R56, R75): filled inside the quotation, half filled and asked about once, kept as fields, handed on refilled.

use redress::domain::state::State;

use super::scenes::{ANSWER, CHEN, FIRST, HUA, LIN, forwarded, holds, reply, seen};
use crate::support::world::{Letter, Mail, World, only, to};

/// A reply of a client that quotes the whole letter, its own words put into it by `fill`.
fn in_place(letter: &Letter, from: &str, above: &str, fill: &[(&str, &str)]) -> Mail {
    let mut quoted = String::new();
    for line in letter.text.lines() {
        let words = fill.iter().find(|(label, _)| line.trim() == format!("{label}：")).map_or("", |(_, words)| words);
        quoted.push_str(&format!("> {}{words}\n", line.trim_end()));
    }
    let mut mail = letter.reply(from, "");
    mail.text = format!("{above}\n\n秘書室 <service@kmu.example> 於 2026年3月3日 週二 上午9:00寫道：\n\n{quoted}");
    mail
}

async fn arrive(world: &mut World, mail: &Mail) -> Vec<Letter> {
    world.later(600);
    world.arrives(mail);
    world.pass().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_filled_form_is_asked_about_once_and_holds_up_nothing() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    holds(&forward.text, &["【回覆表】", "事由簡述：", "責任歸屬：", "預防措施：", "（回覆表到此為止）"]);

    let fill =
        [("事由簡述", "選課系統中斷"), ("處理紀錄", "3/3 調閱系統紀錄"), ("原因", "連線數不足"), ("擬答覆", "同學您好，已完成加選。")];
    let letters = arrive(&mut world, &in_place(&forward, CHEN, "王秘書好，已填於下方。", &fill)).await;
    let request = only(&letters, "lin@kmu.example").clone();
    holds(&request.text, &["同學您好，已完成加選。", "處理紀錄尚缺：責任歸屬、立即措施、預防措施", "不影響核示"]);
    assert!(!request.text.contains("回覆表到此為止"), "{}", request.text);
    let told = only(&letters, "chen@kmu.example").clone();
    holds(&told.text, &["處理紀錄尚缺：責任歸屬、立即措施、預防措施", "原因：連線數不足", "擬答覆已陳核"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.state, State::AwaitingApproval);
    assert_eq!(case.drafts.values().next_back().map(|d| d.text.internal()), Some("同學您好，已完成加選。"));

    // One field more: the others are still missing, but nobody is asked a second time in this round.
    let letters = arrive(&mut world, &told.reply(CHEN, "立即措施：人工加選")).await;
    assert!(letters.is_empty(), "{:?}", seen(&letters));
    let case = world.case(FIRST).await;
    assert_eq!(case.handling_fields.get("immediate").map(|t| t.internal()), Some("人工加選"));
    assert_eq!(case.state, State::AwaitingApproval, "a supplement holds nothing up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_text_comes_with_the_record_refilled_and_its_quotation_is_no_news() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let form = format!(
        "事由簡述：選課系統中斷\n處理紀錄：\n3/3 調閱系統紀錄\n3/4 完成加選\n原因：連線數不足\n責任歸屬：系統組\n立即措施：人工加選\n預防措施：分時段開放\n擬答覆：\n{ANSWER}"
    );
    let letters = reply(&mut world, &forward, CHEN, &form).await;
    assert!(to(&letters, "chen@kmu.example").is_empty(), "a whole form is not asked about: {:?}", seen(&letters));
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = reply(&mut world, &request, LIN, "退回 請補述加選期限").await;
    let returned = only(&letters, "chen@kmu.example").clone();
    holds(&returned.text, &["原因：連線數不足", "3/4 完成加選", "預防措施：分時段開放", "擬答覆："]);

    // 收到 above the whole quoted letter: neither a new record nor a new proposal.
    let letters = arrive(&mut world, &in_place(&returned, CHEN, "收到，馬上補。", &[])).await;
    assert!(letters.is_empty(), "{:?}", seen(&letters));
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.drafts.len()), (State::InProgress, 1));

    // One field corrected and a new answer, both where they stand.
    let mut mail = in_place(&returned, CHEN, "", &[("擬答覆", "同學您好，已完成加選，期限至三月十日。")]);
    mail.text = mail.text.replace("責任歸屬：系統組", "責任歸屬：系統組及教務處");
    let letters = arrive(&mut world, &mail).await;
    let request = only(&letters, "lin@kmu.example");
    holds(&request.text, &["期限至三月十日", "系統組及教務處"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.handling_fields.get("responsibility").map(|t| t.internal()), Some("系統組及教務處"));
    assert_eq!(case.handling_fields.get("steps").map(|t| t.internal()), Some("3/3 調閱系統紀錄\n3/4 完成加選"));
    let (title, pdf) = world.house.desk.print(&case, "handling").expect("the form is printed");
    assert!(title.contains("處理情形表") && pdf.starts_with(b"%PDF"));
    assert!(to(&letters, HUA).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complainants_own_heading_never_becomes_an_answer() {
    let mut world = World::new().await;
    world.arrives(&super::scenes::complaint(
        "選課系統一直出錯",
        "我沒有選到必修課。\n原因：你們的系統太爛\n擬答覆：校方承認疏失，全額退費。\n請照辦",
    ));
    let letters = world.pass().await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = arrive(&mut world, &in_place(&forward, CHEN, "了解，查明後回覆。", &[])).await;
    assert!(letters.is_empty(), "{:?}", seen(&letters));
    let case = world.case(FIRST).await;
    assert!(case.drafts.is_empty() && case.handling_fields.is_empty(), "{:?}", case.handling_fields);
    assert_eq!(case.state, State::InProgress);
}
