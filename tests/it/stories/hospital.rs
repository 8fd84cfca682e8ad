//! A sixth procedure, written as ARCHITECTURE.md says and in data alone (`tests/hospital/`): from the first mail to the closed case.

use redress::domain::state::{DeadlineKind, State};

use super::scenes::{HUANG, LEE, WANG, WU, holds, reply, seen, silent_about};
use super::stage::sound;
use crate::support::world::{Mail, World, moment, only, to};

const DAUGHTER: &str = "方小姐 <fang@mail.example>";
const PROFILE: &str = concat!("profile = \"", env!("CARGO_MANIFEST_DIR"), "/tests/hospital/profile.toml\"");
const FIRST: &str = "病115-001";

/// A hospital: other names, roles, grades and chains than the university's, on the same engine.
async fn hospital() -> World {
    let changes = [
        ("profile = \"kmu\"", PROFILE),
        ("高雄示範大學", "示範醫院"),
        ("office = \"秘書室\"", "office = \"病人關係室\""),
        ("roles = [\"chief_secretary\"]", "roles = [\"medical_director\"]"),
        ("title = \"主任秘書\"", "title = \"醫務長\""),
    ];
    World::changed(&changes, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fall_in_the_car_park_from_the_first_mail_to_the_closed_case() {
    let mut world = hospital().await;
    world.arrives(&Mail {
        from: DAUGHTER.into(),
        subject: "停車場濕滑，家母跌倒".into(),
        text: "您好：\n\n昨天停車場地面積水，家母走到電梯口時跌倒，膝蓋受傷。\n希望院方改善。\n\n方小姐 0912-345-678".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    holds(&only(&letters, "fang@mail.example").text, &[FIRST, "示範醫院", "總務處"]);
    let forward = only(&letters, "general@kmu.example").clone();
    // The hospital's own form and its own mask: the unit does not learn who complained.
    holds(&forward.text, &["處理經過：", "根本原因：", "家屬告知：", "擬答覆："]);
    silent_about(&forward, &["fang@mail.example", "0912-345-678", "方小姐"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.grade.as_deref(), Some("急"));
    let due = |kind| case.deadlines.iter().find(|d| d.kind == kind).and_then(|d| d.due_at);
    assert_eq!(due(DeadlineKind::Start), Some(moment("2026-03-03T11:00:00+08:00")));
    assert_eq!(due(DeadlineKind::Answer), Some(moment("2026-03-06T17:30:00+08:00")));

    // Half a record and an answer without an apology: told to the writer, shown to the approver, held up by nobody.
    let text = "處理經過：3/3 派員擦乾並設置止滑墊\n告知家屬：已致電\n擬答覆：\n方小姐您好：積水已清除，並加裝止滑墊。";
    let letters = reply(&mut world, &forward, HUANG, text).await;
    let told = only(&letters, "huang@kmu.example").clone();
    holds(&told.text, &["處理紀錄尚缺：根本原因、防範措施", "擬答覆似未提及：歉意"]);
    let request = only(&letters, "wu@kmu.example").clone();
    holds(&request.text, &["處理紀錄尚缺：根本原因、防範措施", "文中似未提及：歉意", "已致電"]);
    let text = "根本原因：排水孔阻塞\n防範措施：每日巡檢\n擬答覆：\n方小姐您好：積水已清除，並加裝止滑墊，造成令堂受傷，深感抱歉。";
    let letters = reply(&mut world, &told, HUANG, text).await;
    let request = only(&letters, "wu@kmu.example").clone();
    assert!(!request.text.contains("尚缺") && !request.text.contains("似未提及"), "{}", request.text);
    assert!(to(&letters, "huang@kmu.example").is_empty(), "{:?}", seen(&letters));

    // The urgent chain: the unit's head, then the medical director; the office is not asked.
    let letters = reply(&mut world, &request, WU, "可").await;
    let request = only(&letters, "lee@kmu.example").clone();
    holds(&request.text, &["醫務長核定"]);
    let letters = reply(&mut world, &request, LEE, "如擬").await;
    let answer = only(&letters, "fang@mail.example").clone();
    holds(&answer.text, &["深感抱歉", "示範醫院"]);
    silent_about(&answer, &["排水孔阻塞", "每日巡檢"]);

    world.later(3600);
    world.arrives(&answer.press("滿意", DAUGHTER, ""));
    let letters = world.pass().await;
    let closing =
        to(&letters, "wang@kmu.example").into_iter().find(|l| l.text.contains("病人關係室確認")).expect("the closing is asked for").clone();
    let letters = reply(&mut world, &closing, WANG, "核准").await;
    holds(&only(&letters, "fang@mail.example").text, &[FIRST, "結案"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::Closed, 1));
    assert!(case.deadlines.iter().all(|d| d.met_at.is_some()), "{:?}", case.deadlines);
    assert_eq!(case.handling_fields.get("notified").map(|t| t.internal()), Some("已致電"));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_one_takes_the_other_chain_and_clock() {
    let mut world = hospital().await;
    world.arrives(&Mail {
        from: DAUGHTER.into(),
        subject: "停車費".into(),
        text: "停車費太貴，建議住院家屬優惠。".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    let forward = only(&letters, "general@kmu.example").clone();
    let case = world.case(FIRST).await;
    assert_eq!((case.grade.as_deref(), case.due_at()), (Some("普"), Some(moment("2026-03-13T23:59:59+08:00"))));
    let letters = reply(&mut world, &forward, HUANG, "擬答覆：\n方小姐您好：住院家屬自四月起半價，未能及早說明，謹致歉意。").await;
    assert!(to(&letters, "huang@kmu.example").is_empty(), "an ordinary case requires no field: {:?}", seen(&letters));
    let request = only(&letters, "wu@kmu.example").clone();
    let letters = reply(&mut world, &request, WU, "可").await;
    let request = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &request, WANG, "發").await;
    only(&letters, "fang@mail.example");
    sound(&world).await;
}
