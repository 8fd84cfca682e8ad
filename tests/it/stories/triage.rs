//! KMU 5.1.2.2–5.1.2.4, R11, R57: what no unit's words fit, or more than one's, waits for the secretariat's one reply.

use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{Mail, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn no_word_fits_and_one_reply_sends_it_on() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    assert_eq!(letters.len(), 2, "{:?}", seen(&letters));
    assert_eq!(world.case(FIRST).await.state, State::Triage);
    let receipt = only(&letters, HUA);
    holds(&receipt.text, &[FIRST]);
    assert!(!receipt.text.contains("總務處"));
    let triage = only(&letters, "wang@kmu.example");
    holds(&triage.subject, &[FIRST]);
    holds(&triage.text, &[FIRST, "圖書館週末五點就閉館", "教務處", "總務處", "陳小華", "收件單號", HUA]);
    for label in ["教務處", "總務處", "自辦", "不予受理", "轉介", "存查", "併案", "垃圾"] {
        assert!(triage.button(label).is_some(), "a button {label}");
    }
    assert!(triage.button("核准").is_none() && triage.button("同意").is_none(), "nothing is approved here");

    // One reply decides everything at once.
    let letters =
        reply(&mut world, triage, WANG, "#受理 #分派 總務處\n#承辦 黃技士\n#類別 設施\n#補登 聯絡電話=0912-000-111\n#補登 姓名=陳曉華")
            .await;
    let case = world.case(FIRST).await;
    assert_eq!(case.state, State::Assigned);
    assert_eq!(case.unit.as_ref().map(|u| u.as_str()), Some("general"));
    assert_eq!(case.categories, ["設施"]);
    assert_eq!(case.complainant.name.reveal(), "陳曉華");
    let forward = only(&letters, "general@kmu.example");
    holds(&forward.text, &[FIRST, "陳曉華", "0912-000-111", "圖書館週末五點就閉館"]);
    assert!(forward.files.iter().any(|(_, kind, _)| kind == "message/rfc822"));
    assert!(forward.files.iter().any(|(_, kind, bytes)| kind == "application/pdf" && bytes.starts_with(b"%PDF")));
    only(&letters, "huang@kmu.example");
    let notice = only(&letters, HUA);
    holds(&notice.text, &["總務處", FIRST]);
    assert!(String::from_utf8_lossy(&notice.raw).contains("In-Reply-To: <m1@mail.example>"), "in his own thread");
    assert_eq!(to(&letters, "wang@kmu.example").len(), 0, "he knows what he did");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_for_each_unit_assigns_it() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    let triage = only(&letters, "wang@kmu.example");
    world.arrives(&triage.press("總務處", WANG, ""));
    let letters = world.pass().await;
    only(&letters, "general@kmu.example");
    assert_eq!(world.case(FIRST).await.unit.as_ref().map(|u| u.as_str()), Some("general"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_units_fit_and_nobody_guesses() {
    let mut world = World::new().await;
    world.arrives(&complaint("宿舍與成績", "宿舍的冷氣壞了兩週，我因此沒睡好，期中成績也有登錄錯誤，請學校處理。"));
    let letters = world.pass().await;
    assert_eq!(world.case(FIRST).await.state, State::Triage);
    let triage = only(&letters, "wang@kmu.example");
    holds(&triage.text, &["數個單位", "宿舍、冷氣", "成績"]);
    assert!(to(&letters, "academic@kmu.example").is_empty() && to(&letters, "general@kmu.example").is_empty());
    // A leading unit and one that helps.
    let letters = reply(&mut world, triage, WANG, "#分派 總務處\n#協辦 教務處").await;
    let (lead, helps) = (only(&letters, "general@kmu.example"), only(&letters, "academic@kmu.example"));
    assert!(!lead.text.contains("會辦") && helps.text.contains("會辦"), "{}", helps.text);
    let case = world.case(FIRST).await;
    assert_eq!(case.co_units.iter().map(|u| u.as_str()).collect::<Vec<_>>(), ["academic"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_review_nothing_leaves_by_itself() {
    let mut world = World::with("[intake]\ndispatch = \"review\"\n").await;
    let letters = forwarded(&mut world).await;
    assert_eq!(world.case(FIRST).await.state, State::Triage);
    assert!(to(&letters, "academic@kmu.example").is_empty());
    let triage = only(&letters, "wang@kmu.example");
    holds(&triage.text, &["逐案分派", "教務處"]);
    // Prose that decides nothing is answered with what is possible, once, and changes nothing.
    let letters = reply(&mut world, triage, WANG, "這件請教務處看一下好嗎").await;
    let help = only(&letters, "wang@kmu.example");
    holds(&help.text, &["#分派"]);
    assert_eq!(world.case(FIRST).await.state, State::Triage);
    // 受理 names no unit here.
    let letters = reply(&mut world, triage, WANG, "#受理").await;
    holds(&only(&letters, "wang@kmu.example").text, &["尚缺單位名稱", "#分派"]);
    assert_eq!(world.case(FIRST).await.state, State::Triage);
    let letters = reply(&mut world, triage, WANG, "#受理 #分派 教務處").await;
    only(&letters, "academic@kmu.example");
    only(&letters, HUA);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_secrecy_is_hidden_from_the_unit() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        from: STUDENT.into(),
        subject: "選課不公（陳小華）".into(),
        text: "您好：\n\n我是陳小華，電話 0912-345-678，學號 B10812345，信箱 hua@mail.example。\n系辦選課時讓熟人先選。請保密，不要讓教務處知道我是誰。\n\n陳小華 敬上".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    assert_eq!(world.case(FIRST).await.state, State::Triage, "a unit's word alone does not send it on");
    let triage = only(&letters, "wang@kmu.example");
    holds(&triage.text, &["保密", "陳小華"]);
    let letters = reply(&mut world, triage, WANG, "#分派 教務處").await;
    let forward = only(&letters, "academic@kmu.example");
    holds(&forward.text, &[FIRST, "保密", "讓熟人先選"]);
    silent_about(forward, &["陳小華", "0912-345-678", "0912345678", "-678", "hua@mail.example", "@mail.example", "來信原件"]);
    assert!(!forward.files.iter().any(|(_, kind, _)| kind == "message/rfc822"), "the original would tell");
    // What he adds reaches the unit without his name too, and the unit's question reaches him through the office.
    let case = world.case(FIRST).await;
    assert!(case.confidential);
    let receipt = to(&letters, HUA);
    world.later(600);
    world.arrives(&Mail { authentic: false, ..receipt[0].reply(STUDENT, "補充：那天是 3 月 2 日。陳小華") });
    let letters = world.pass().await;
    let added = only(&letters, "academic@kmu.example");
    holds(&added.text, &["3 月 2 日"]);
    silent_about(added, &["陳小華", "hua@mail.example"]);
    let letters = reply(&mut world, forward, CHEN, "#詢問 請問是哪一門課？").await;
    let question = only(&letters, HUA);
    holds(&question.text, &["請問是哪一門課？"]);
    silent_about(question, &["chen@kmu.example", "陳承辦"]);
    assert_eq!(world.case(FIRST).await.state, State::AwaitingComplainant);
}

#[tokio::test(flavor = "multi_thread")]
async fn confidential_by_the_offices_word_and_major_before_the_chain() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    let triage = only(&letters, "wang@kmu.example");
    let letters = reply(&mut world, triage, WANG, "#保密\n#重大\n#分派 總務處").await;
    let case = world.case(FIRST).await;
    assert!(case.confidential && case.major);
    let forward = only(&letters, "general@kmu.example");
    silent_about(forward, &["陳小華", HUA]);
    holds(&forward.text, &["重大", "保密"]);
}
