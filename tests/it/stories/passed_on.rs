//! R59: complaints that somebody passes on. The complainant is the person inside; who passed it on, his number, his date and whether he wants
//! to hear the result are kept. Nobody is written to because a stranger's mail names him (T18).

use redress::domain::passed_on::Passer;
use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{Letter, Mail, World, moment, only, to};

const CITY: &str = "[[authorities]]\nname = \"高雄市政府\"\ncontact = \"1999\"\npasses_on = [\"kcg.example\"]\n";
const MAYOR: &str = "市長信箱 <mayor@kcg.example>";
const WORDS: &str = "我住的宿舍三樓冷氣壞了兩週，沒有人來修，請處理。";

fn forwards(from: &str, cover: &str, inside: &str) -> Mail {
    Mail {
        from: from.into(),
        subject: "轉寄: 宿舍冷氣".into(),
        text: format!(
            "{cover}\n\n________________________________\n寄件者: {inside}\n寄件日期: 2026年3月2日 下午 09:12\n收件者: 某人\n主旨: 宿舍冷氣\n\n您好：\n\n{WORDS}\n\n林小美 敬上\n"
        ),
        authentic: true,
        ..Mail::default()
    }
}

/// The unit answers, and everybody agrees; gives what then left.
async fn answered_by_the_unit(world: &mut World, forward: &Letter) -> Vec<Letter> {
    let letters = reply(world, forward, HUANG, "擬答覆：\n林小美同學您好：\n\n冷氣已於三月四日修復，電話 07-312-1101。").await;
    let request = only(&letters, "wu@kmu.example").clone();
    all_agree(world, &request, &[(WU, "wu@kmu.example"), (WANG, "wang@kmu.example"), (LEE, "lee@kmu.example")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secretary_forwards_a_citizens_mail() {
    let mut world = World::new().await;
    world.arrives(&forwards(WANG, "請登記處理。\n\n王秘書\n分機 2101", "林小美 <mei@mail.example>"));
    let letters = Box::pin(world.pass()).await;
    let case = world.case(FIRST).await;
    assert_eq!(case.complainant.address.as_ref().map(|a| a.reveal().as_str()), Some("mei@mail.example"));
    assert_eq!(case.complainant.name.reveal(), "林小美");
    assert_eq!((case.subject.reveal().as_str(), case.state), ("宿舍冷氣", State::Assigned));
    assert!(case.text.reveal().contains(WORDS) && !case.text.reveal().contains("請登記處理"));
    assert!(case.own_staff.is_none(), "the secretary complains of nothing");
    // She is told that it arrived; the secretary, who forwarded it, gets what the office gets.
    holds(&only(&letters, "mei@mail.example").text, &[FIRST, "總務處"]);
    let forward = only(&letters, "general@kmu.example");
    holds(&forward.text, &[FIRST, WORDS, "林小美", "轉來機關：王秘書"]);
    only(&letters, "wang@kmu.example");
    // Nobody asked for the result; she alone is answered, and writes on as the complainant.
    let letters = Box::pin(answered_by_the_unit(&mut world, &forward.clone())).await;
    let answer = only(&letters, "mei@mail.example").clone();
    holds(&answer.text, &["三月四日修復"]);
    assert!(to(&letters, "wang@kmu.example").iter().all(|l| !l.subject.contains("復知")), "{:?}", seen(&letters));
    Box::pin(reply(&mut world, &answer, "林小美 <mei@mail.example>", "滿意")).await;
    assert_ne!(world.case(FIRST).await.state, State::Answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_city_halls_letter_brings_its_number_its_date_and_wants_the_result() {
    let mut world = World::with(CITY).await;
    let cover = "貴校惠鑒：\n\n民眾陳情如下，請卓處逕復陳情人並惠復本府。\n來文字號：高市府研字第1150001234號\n限辦日期：115年3月6日";
    world.arrives(&forwards(MAYOR, cover, "林小美 <mei@mail.example>"));
    let letters = Box::pin(world.pass()).await;
    let case = world.case(FIRST).await;
    let passed = case.passed_on.clone().expect("passed on");
    assert_eq!((passed.by, passed.name.reveal().as_str()), (Passer::Authority, "高雄市政府"));
    assert_eq!(passed.reference.as_deref(), Some("高市府研字第1150001234號"));
    assert!(passed.tell);
    // Seven working days would end on the 12th: the city's date is earlier and governs.
    assert_eq!(case.due_at(), Some(moment("2026-03-06T23:59:59+08:00")));
    let receipt = only(&letters, "mei@mail.example");
    holds(&receipt.text, &[FIRST, "高雄市政府"]);
    let forward = only(&letters, "general@kmu.example").clone();
    holds(&forward.text, &["轉來機關：高雄市政府", "高市府研字第1150001234號", "限辦日期", "復知"]);
    assert!(to(&letters, "mayor@kcg.example").is_empty());

    let letters = Box::pin(answered_by_the_unit(&mut world, &forward)).await;
    holds(&only(&letters, "mei@mail.example").text, &["冷氣已於三月四日修復"]);
    let told = only(&letters, "mayor@kcg.example");
    holds(&told.subject, &["高市府研字第1150001234號"]);
    holds(&told.text, &[FIRST, "已答覆來信人", "冷氣已於三月四日修復"]);
    silent_about(told, &["林小美", "mei@mail.example", "07-312-1101"]);
    assert!(String::from_utf8_lossy(&told.raw).contains("In-Reply-To: <m1@kcg.example>"), "in the city's own thread");
    // Once, whatever follows.
    let answer = only(&letters, "mei@mail.example").clone();
    Box::pin(reply(&mut world, &answer, "林小美 <mei@mail.example>", "滿意")).await;
    assert_eq!(world.sent_to("mayor@kcg.example").len(), 1);
    // What the city hall writes back is no party's word.
    let back = told.reply(MAYOR, "收悉");
    world.arrives(&back);
    let letters = Box::pin(world.pass()).await;
    assert!(to(&letters, "mei@mail.example").is_empty() && to(&letters, "mayor@kcg.example").is_empty(), "{:?}", seen(&letters));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_city_hears_of_an_answer_on_the_telephone_when_it_counts_and_of_no_preliminary_one() {
    let mut world = World::with(CITY).await;
    let cover = "貴校惠鑒：\n\n民眾陳情如下，請卓處逕復陳情人並惠復本府。\n來文字號：高市府研字第1150001234號";
    world.arrives(&forwards(MAYOR, cover, "林小美 <mei@mail.example>"));
    let forward = only(&Box::pin(world.pass()).await, "general@kmu.example").clone();
    let chain = [(WU, "wu@kmu.example"), (WANG, "wang@kmu.example"), (LEE, "lee@kmu.example")];
    let letters = reply(&mut world, &forward, HUANG, "#初覆 林同學您好：已請廠商估價，本週內修復。").await;
    let request = only(&letters, "wu@kmu.example").clone();
    let letters = Box::pin(all_agree(&mut world, &request, &chain)).await;
    holds(&only(&letters, "mei@mail.example").text, &["本週內修復"]);
    assert!(world.sent_to("mayor@kcg.example").is_empty(), "what is not the last word is no result");
    let letters = reply(&mut world, &forward, HUANG, "#電聯 10:10 客戶 已答覆 已說明冷氣今日修復，林小美表示瞭解").await;
    let request = only(&letters, "wu@kmu.example").clone();
    assert!(world.sent_to("mayor@kcg.example").is_empty(), "nobody has approved it");
    let letters = Box::pin(all_agree(&mut world, &request, &chain)).await;
    assert_eq!(world.case(FIRST).await.state, State::Answered);
    let told = only(&letters, "mayor@kcg.example");
    holds(&told.text, &[FIRST, "已以電話答覆來信人", "高市府研字第1150001234號"]);
    // What was said on the telephone was written down for the house.
    silent_about(told, &["林小美", "表示瞭解", "冷氣今日修復", "mei@mail.example"]);
    assert!(to(&letters, "mei@mail.example").is_empty());
    // Once, whatever follows.
    let receipt = world.sent_to("mei@mail.example").first().cloned().expect("her receipt");
    Box::pin(reply(&mut world, &receipt, "林小美 <mei@mail.example>", "滿意")).await;
    assert_eq!(world.sent_to("mayor@kcg.example").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secretary_forwards_the_city_halls_letter() {
    let mut world = World::with(CITY).await;
    let letter = "轉寄: 民眾陳情";
    world.arrives(&Mail {
        from: WANG.into(),
        subject: letter.into(),
        text: "請立案\n\n-----原始郵件-----\n寄件者: 市長信箱 <mayor@kcg.example>\n寄件日期: 2026年3月2日\n收件者: 王秘書\n主旨: 民眾陳情\n\n主旨：檢送民眾陳情案，請逕復並副知本府。\n來文字號：高市府研字第1150009999號\n陳情人：林小美\nE-mail：mei@mail.example\n內容：宿舍冷氣壞了兩週，請處理。\n".into(),
        authentic: true,
        ..Mail::default()
    });
    Box::pin(world.pass()).await;
    let case = world.case(FIRST).await;
    let passed = case.passed_on.clone().expect("passed on");
    assert_eq!(case.complainant.address.as_ref().map(|a| a.reveal().as_str()), Some("mei@mail.example"));
    assert_eq!((passed.by, passed.address.reveal().as_str()), (Passer::Authority, "mayor@kcg.example"));
    assert_eq!(passed.reference.as_deref(), Some("高市府研字第1150009999號"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_names_a_victim_makes_us_write_to_nobody_but_him() {
    let mut world = World::with(CITY).await;
    world.arrives(&Mail { authentic: false, ..forwards("路人 <crank@evil.example>", "請處理", "林小美 <mei@mail.example>") });
    let letters = Box::pin(world.pass()).await;
    let case = world.case(FIRST).await;
    assert_eq!(case.state, State::Triage, "a person looks first");
    only(&letters, "crank@evil.example");
    assert!(to(&letters, "mei@mail.example").is_empty());
    let triage = only(&letters, "wang@kmu.example").clone();
    holds(&triage.text, &["這封信轉來他人的來信", "林小美 <mei@mail.example>", "#補登 電子信箱=mei@mail.example", WORDS]);
    // The secretary has looked: it is her complaint, and she is written to from then on.
    let letters = Box::pin(reply(&mut world, &triage, WANG, "#補登 電子信箱=mei@mail.example\n#分派 總務處")).await;
    // Another address for answers is confirmed at the office's own, as ever (T13).
    assert!(to(&letters, "mei@mail.example").is_empty());
    let letters = Box::pin(reply(&mut world, only(&letters, "wang@kmu.example"), WANG, "確認")).await;
    holds(&only(&letters, "mei@mail.example").text, &[FIRST]);
    assert!(to(&letters, "crank@evil.example").is_empty(), "{:?}", seen(&letters));
    let case = world.case(FIRST).await;
    assert_eq!((case.complainant.name.reveal().as_str(), case.state), ("林小美", State::Assigned));
    let letters = Box::pin(answered_by_the_unit(&mut world, only(&letters, "general@kmu.example"))).await;
    assert!(to(&letters, "crank@evil.example").is_empty(), "a stranger is told nothing");
    only(&letters, "mei@mail.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_forward_in_the_secretarys_name_writes_to_nobody() {
    let mut world = World::with(CITY).await;
    for from in [WANG, MAYOR] {
        world.arrives(&Mail { authentic: false, ..forwards(from, "請處理", "林小美 <mei@mail.example>") });
        let letters = Box::pin(world.pass()).await;
        assert!(to(&letters, "mei@mail.example").is_empty(), "{:?}", seen(&letters));
        assert!(letters.iter().any(|l| l.to == "wang@kmu.example" && l.text.contains("無法證明確由其寄出")), "{:?}", seen(&letters));
        world.later(600);
    }
    assert!(world.cases().await.iter().all(|c| c.state == State::Triage));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attached_original_is_answered_in_its_own_thread() {
    let mut world = World::new().await;
    let raw = format!(
        "Authentication-Results: mx.kmu.example;\r\n dmarc=pass header.from=kmu.example\r\nReceived: from out.kmu.example by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: {WANG}\r\nTo: service@kmu.example\r\nSubject: FW\r\nMessage-ID: <f1@kmu.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n請卓處。\r\n--b\r\nContent-Type: application/octet-stream; name=\"a.eml\"\r\nContent-Disposition: attachment; filename=\"a.eml\"\r\n\r\nFrom: 林小美 <mei@mail.example>\r\nTo: wang@kmu.example\r\nSubject: 宿舍冷氣\r\nDate: Mon, 2 Mar 2026 21:12:00 +0800\r\nMessage-ID: <inner@mail.example>\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{WORDS}\r\n\r\n--b--\r\n"
    );
    world.arrives_raw(raw.as_bytes());
    let letters = Box::pin(world.pass()).await;
    let receipt = only(&letters, "mei@mail.example");
    assert!(String::from_utf8_lossy(&receipt.raw).contains("In-Reply-To: <inner@mail.example>"));
    only(&letters, "general@kmu.example");
}
