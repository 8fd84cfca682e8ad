//! KMU 5.1.2.1–5.1.2.8 in the order of the paper: a student complains, the unit handles it, the chain approves, he is satisfied.

use redress::domain::case::Acceptance;
use redress::domain::state::{Outcome, State};

use crate::support::postgres;
use crate::support::world::{Mail, World, only, to};

const STUDENT: &str = "陳小華 <hua@mail.example>";

fn complaint() -> Mail {
    Mail {
        from: STUDENT.into(),
        subject: "選課系統一直出錯".into(),
        text: "您好：\n\n我是資工系三年級學生陳小華，電話 0912-345-678。\n昨天選課系統在 12:00 開放後一直顯示錯誤，我沒有選到必修課。\n希望學校協助加選。\n\n陳小華 敬上".into(),
        ..Mail::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_comes_out_answered_approved_surveyed_and_closed() {
    from_end_to_end(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    let world = World::on(&postgres::shared().database()).await;
    assert_eq!(world.house.desk.store.dialect(), redress::store::Dialect::Postgres);
    from_end_to_end(world).await;
}

async fn from_end_to_end(mut world: World) {
    world.arrives(&complaint());
    let letters = world.pass().await;

    // 5.1.2.1, 5.1.2.2: taken in at once, numbered, the record form filled.
    let case = world.cases().await.pop().expect("a case");
    assert_eq!(case.number, "115-0001");
    assert_eq!(case.state, State::Assigned);
    assert_eq!(case.record.get("phone").map(|p| p.reveal().as_str()), Some("0912345678"));
    let receipt = only(&letters, "hua@mail.example");
    assert!(receipt.text.contains("115-0001") && receipt.text.contains("教務處"), "{}", receipt.text);
    assert!(String::from_utf8_lossy(&receipt.raw).contains("Auto-Submitted: auto-replied"));
    assert!(String::from_utf8_lossy(&receipt.raw).contains("In-Reply-To: <m1@mail.example>"));
    assert!(!receipt.text.contains("選課"), "a receipt quotes nothing of what it answers");

    // 5.1.2.4: the mail and the record form go to the unit; the office confirms afterwards (追認).
    let forward = only(&letters, "academic@kmu.example");
    for word in ["收件單號", "115-0001", "0912-345-678", "我沒有選到必修課", "7", "陳小華"] {
        assert!(forward.text.contains(word), "{word} in\n{}", forward.text);
        assert!(forward.html.contains(word), "{word} in the HTML part");
    }
    assert!(forward.subject.contains("115-0001"));
    assert!(
        forward
            .files
            .iter()
            .any(|(name, kind, bytes)| kind == "application/pdf" && name.contains("顧客抱怨紀錄表") && bytes.starts_with(b"%PDF"))
    );
    assert!(forward.files.iter().any(|(_, kind, _)| kind == "message/rfc822"));
    let shown = only(&letters, "wang@kmu.example");
    world.later(600);
    world.arrives(&shown.reply("王秘書 <wang@kmu.example>", "追認"));

    // 5.1.2.5: the handler finds out and proposes an answer.
    let answer = "陳同學您好：\n\n經查當日選課系統因流量過大而中斷，已於下午三時恢復，\n您的必修課已為您人工加選完成。造成不便，謹致歉意。";
    world.arrives(&forward.reply("陳承辦 <chen@kmu.example>", &format!("已請廠商調閱系統紀錄，確認為連線數不足。\n\n擬答覆：\n{answer}")));
    let letters = world.pass().await;
    let case = world.case("115-0001").await;
    assert!(matches!(case.acceptance, Acceptance::Confirmed { .. }), "{:?}", case.acceptance);
    assert_eq!(case.state, State::AwaitingApproval);
    assert!(to(&letters, "hua@mail.example").is_empty());

    // 5.1.2.6: unit head, secretariat, chief secretary.
    for (who, word) in [("lin@kmu.example", "如擬"), ("wang@kmu.example", "同意"), ("lee@kmu.example", "可")] {
        let case = world.case("115-0001").await;
        assert_eq!(case.state, State::AwaitingApproval);
        let request = if who == "lin@kmu.example" { only(&letters, who).clone() } else { world_last(&mut world, who).await };
        assert!(request.text.contains("您的必修課已為您人工加選完成"), "{}", request.text);
        assert!(request.text.contains("確認為連線數不足"), "the handling record is shown: {}", request.text);
        assert!(request.button("核准").or(request.button("同意")).is_some());
        world.later(3600);
        world.arrives(&request.reply(&format!("某人 <{who}>"), word));
    }
    let letters = world.pass().await;
    let case = world.case("115-0001").await;
    assert_eq!(case.state, State::Answered);
    let sent = only(&letters, "hua@mail.example");
    assert!(sent.text.contains("您的必修課已為您人工加選完成"));
    assert!(!sent.text.contains("連線數不足"), "nothing internal leaves");
    let link = sent.text.split("http://127.0.0.1:8080/s/").nth(1).and_then(|l| l.get(..26)).expect("a survey link");
    let link = redress::trust::SurveyLink::parse(link).expect("a link of ours");
    assert!(world.house.desk.survey(&link.hash()).await.expect("store").is_some(), "the link opens its survey");
    assert!(sent.button("不滿意").is_some());

    // 5.1.2.7: satisfied, so the closing is laid before the chief secretary.
    world.later(86_400);
    world.arrives(&Mail { authentic: false, ..sent.press("滿意", STUDENT, "") });
    let letters = world.pass().await;
    assert_eq!(world.case("115-0001").await.state, State::Closing);
    let closing = only(&letters, "lee@kmu.example");
    world.arrives(&closing.reply("李主任秘書 <lee@kmu.example>", "核准，謝謝"));
    world.pass().await;
    let case = world.case("115-0001").await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Resolved)));

    // The trail proves itself and makes the same case again.
    assert!(world.house.desk.replay(&case).await.expect("replay").same);
    let verdict = redress::store::events::verify(&world.house.desk.store).await.expect("verify");
    assert!(matches!(verdict, redress::store::events::Verdict::Ok { .. }), "{verdict:?}");
    // Nothing is left to do.
    assert!(world.pass().await.is_empty());
}

async fn world_last(world: &mut World, who: &str) -> crate::support::world::Letter {
    let letters = world.pass().await;
    only(&letters, who).clone()
}
