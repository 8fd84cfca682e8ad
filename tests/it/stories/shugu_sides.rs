//! 樹谷, beside the straight way: 轉介 with the authority's telephone, 存查 on the four grounds, 分文 and 改分 inside and between units,
//! 撤案, 保密, 逾七日.

use redress::domain::state::{Outcome, State};

use super::parks::*;
use super::scenes::*;
use crate::support::world::{World, only, to};

const NUMBER: &str = "115-001";

fn smell() -> crate::support::world::Mail {
    mail(FACTORY, "半夜異味", "姓名：周大同\n電話：06-598-1234\n\n連續三天半夜有刺鼻異味，請派員稽查。\n\n周大同 敬上")
}

/// The first case waits for 分文: the triage mail.
async fn waiting(world: &mut World, complaint: &crate::support::world::Mail) -> crate::support::world::Letter {
    world.arrives(complaint);
    let letters = world.pass().await;
    only(&letters, "wang@kmu.example").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn not_our_business_the_complainant_hears_the_authority_and_its_telephone() {
    let mut world = shugu().await;
    let triage = waiting(&mut world, &mail(FACTORY, "停電", "園區外住家昨晚停電三小時，請處理。周大同")).await;
    holds(&triage.text, &["台灣電力公司", "1911"]);
    let letters = reply(&mut world, &triage, DESK, "#轉介 台電 住家用電非本中心業務，歉難逕行處理。").await;
    let referral = only(&letters, CHOU);
    holds(&referral.text, &["台灣電力公司", "1911", "歉難逕行處理", NUMBER]);
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Referred)));
    assert!(to(&letters, "lee@kmu.example").is_empty(), "the paper asks nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn filed_on_a_statutory_ground_after_it_was_read_above() {
    let mut world = shugu().await;
    let triage = waiting(&mut world, &mail("x <x@mail.example>", "建議", "很爛")).await;
    // 註記(一)：未具姓名住址、無具體內容，提示於分文信；先補正的按鈕也在。
    holds(&triage.text, &["第 1 款", "無具體內容、未具姓名或住址者", "聯絡地址", "具體內容"]);
    assert!(triage.button("詢問來信人").is_some());
    let letters = reply(&mut world, &triage, DESK, "#存查 第九款").await;
    holds(&only(&letters, "wang@kmu.example").text, &["款次 9"]);
    assert_eq!(world.case(NUMBER).await.state, State::Triage);
    let letters = reply(&mut world, &triage, DESK, "#存查 第一款").await;
    assert!(to(&letters, "x@mail.example").is_empty());
    let request = only(&letters, "lee@kmu.example").clone();
    holds(&request.text, &["登記存查", "第 1 款", "無具體內容、未具姓名或住址者", "簽陳閱"]);
    assert!(request.button("同意").is_some());
    // 簽陳閱：閱即可。
    reply(&mut world, &request, DIRECTOR, "閱").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::NoAction)));
    let by = case.asks.last().and_then(|a| a.decision.as_ref()).map(|d| d.by.person.0.clone());
    assert_eq!(by.as_deref(), Some("lee"), "named in the record");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_merely_read_approves_no_answer() {
    let mut world = shugu().await;
    let letters = assigned(&mut world, &smell(), "環安組").await;
    let forward = only(&letters, "general@kmu.example").clone();
    let letters = reply(&mut world, &forward, CLERK3, "擬答覆：\n周廠長您好：已於三月四日夜間稽查，依規定告發。").await;
    let head = only(&letters, "wu@kmu.example").clone();
    let letters = reply(&mut world, &head, HEAD2, "閱").await;
    holds(&only(&letters, "wu@kmu.example").subject, &["請再示下"]);
    assert_eq!(world.case(NUMBER).await.state, State::AwaitingApproval);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registrar_gives_it_to_a_handler_and_the_wrong_unit_passes_it_on_once() {
    let mut world = shugu().await;
    let letters = assigned(&mut world, &smell(), "工務組").await;
    let forward = only(&letters, "academic@kmu.example").clone();
    // 總收發以一鍵分文。
    let letters = press(&mut world, &forward, "分文　高技佐", REGISTRAR, "").await;
    let own = only(&letters, "kao@kmu.example").clone();
    assert_eq!(world.case(NUMBER).await.handler.map(|h| h.0), Some("kao".to_owned()));
    // 改分：承辦說明非本組業務，逕改分環安組；總收文與客訴人都得知，期限不重新起算。
    let due = world.case(NUMBER).await.due_at();
    world.at("2026-03-04T10:00:00+08:00");
    let letters = reply(&mut world, &own, CLERK2, "#分派 環安組").await;
    holds(&only(&letters, "kao@kmu.example").text, &["尚缺理由"]);
    let letters = reply(&mut world, &own, CLERK2, "#分派 環安組 異味稽查屬環安組業務").await;
    let other = only(&letters, "general@kmu.example").clone();
    holds(&other.text, &["異味稽查屬環安組業務", "半夜有刺鼻異味"]);
    holds(&about(&letters, "wang@kmu.example", "改分").text, &["工務組", "環安組", "異味稽查屬環安組業務"]);
    holds(&only(&letters, CHOU).text, &["環安組"]);
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.unit.as_ref().map(|u| u.0.as_str()), case.due_at()), (State::Assigned, Some("general"), due));
    assert_eq!((case.holding.len(), case.returns), (2, 1));
    assert!(case.holding[0].to.is_some(), "how long each unit had it is kept");
    // 再次改分由總收文決定。
    let letters = reply(&mut world, &other, CLERK3, "#分派 工務組 異味來自下水道").await;
    let back = about(&letters, "wang@kmu.example", "改分").clone();
    holds(&back.text, &["異味來自下水道", "工務組"]);
    assert!(to(&letters, "academic@kmu.example").is_empty());
    assert_eq!(world.case(NUMBER).await.state, State::Triage);
    let letters = reply(&mut world, &back, DESK, "#分派 環安組").await;
    only(&letters, "general@kmu.example");
    assert_eq!(world.case(NUMBER).await.due_at(), due);
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_back_by_the_complainants_own_mail() {
    let mut world = shugu().await;
    let letters = assigned(&mut world, &smell(), "環安組").await;
    let told = only(&letters, CHOU).clone();
    // 聽起來像、但沒有明說的，交由人判斷。
    let letters = reply(&mut world, &told, FACTORY, "味道好像沒了，再觀察看看。").await;
    only(&letters, "general@kmu.example");
    assert_eq!(world.case(NUMBER).await.state, State::Assigned);
    let letters = reply(&mut world, &told, FACTORY, "異味已經消失，本案我要撤案，謝謝。").await;
    only(&letters, "general@kmu.example");
    holds(&only(&letters, "wang@kmu.example").text, &["我要撤案"]);
    let request = only(&letters, "lee@kmu.example").clone();
    holds(&request.text, &["我要撤案", "批准結案"]);
    reply(&mut world, &request, DIRECTOR, "可").await;
    let case = world.case(NUMBER).await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Withdrawn)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_for_secrecy_ticks_its_box_and_the_unit_hears_no_name() {
    let mut world = shugu().await;
    let letters =
        assigned(&mut world, &mail(FACTORY, "異味", "姓名：周大同\n電話：06-598-1234\n\n隔壁廠排放異味，請保密我的身分。"), "環安組").await;
    // 以密件方式辦理：寄給具名的人，不寄共用信箱。
    assert!(to(&letters, "general@kmu.example").is_empty());
    let forward = only(&letters, "wu@kmu.example");
    holds(&forward.text, &["請保密（如客訴人要求保密，請以密件方式辦理。）：■"]);
    silent_about(forward, &["周大同", "598-1234", "chou@factory.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_answered_within_seven_days_is_seen_by_all_above() {
    let mut world = shugu().await;
    assigned(&mut world, &smell(), "環安組").await;
    world.at("2026-03-12T09:00:00+08:00");
    let letters = world.pass().await;
    for who in ["wang@kmu.example", "wu@kmu.example"] {
        about(&letters, who, "逾期提醒");
    }
    assert_eq!(world.case(NUMBER).await.escalations, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn earlier_answers_and_other_authorities_are_shown_beside_their_grounds() {
    let mut world = shugu().await;
    let letters = assigned(&mut world, &smell(), "環安組").await;
    let forward = only(&letters, "general@kmu.example").clone();
    let letters = reply(&mut world, &forward, CLERK3, "擬答覆：\n周廠長您好：已於三月四日夜間稽查，依規定告發。").await;
    let head = only(&letters, "wu@kmu.example").clone();
    let letters = reply(&mut world, &head, HEAD2, "如擬").await;
    let director = only(&letters, "lee@kmu.example").clone();
    reply(&mut world, &director, DIRECTOR, "可").await;
    world.later(3600);
    let mut again = mail(FACTORY, "還是有異味", "姓名：周大同\n聯絡地址：台南市新市區紫楝路88號\n\n昨晚又有刺鼻異味，請再派員稽查。");
    again.to = "service@kmu.example, epb@tainan.example".into();
    world.arrives(&again);
    let letters = world.pass().await;
    let triage = about(&letters, "wang@kmu.example", "請分派");
    holds(&triage.text, &["第 2 款", NUMBER, "第 4 款", "epb@tainan.example"]);
    assert!(!triage.text.contains("第 1 款"), "{}", triage.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_of_the_config_goes_before_those_of_the_profile() {
    let extra = "[[authorities]]\nname = \"台灣電力公司新市服務所\"\naliases = [\"台電\"]\ncontact = \"電話 06-599-0000\"\n";
    let mut world = shugu_with(extra).await;
    let triage = waiting(&mut world, &mail(FACTORY, "停電", "園區外住家昨晚停電三小時，請處理。周大同")).await;
    let letters = reply(&mut world, &triage, DESK, "#轉介 台電").await;
    holds(&only(&letters, CHOU).text, &["台灣電力公司新市服務所", "06-599-0000"]);
}
