//! Side stories of the university's procedure: handled by the office itself, major half-way, nothing said, older cases, parts of a unit,
//! an English office, taken up again by the office. `tests/stories/kmu.md` says which clause each one shows.

use redress::domain::approval::Decided;
use redress::domain::state::State;

use super::scenes::{ANSWER, CHEN, FIRST, HUA, LIN, WANG, about, answered, complaint, forwarded, holds, in_triage, proposed, reply, seen};
use super::stage::sound;
use crate::support::world::{Letter, Mail, World, only, to};

/// Whoever is asked for an approval agrees, until nobody is asked any more; gives the last pass's letters and who was asked.
async fn agreed_by_all(world: &mut World, mut letters: Vec<Letter>) -> (Vec<Letter>, Vec<String>) {
    let mut asked = Vec::new();
    for _ in 0..12 {
        let Some(request) = letters.iter().find(|l| l.button("核准").is_some()).cloned() else { break };
        let name = request.to.split('@').next().unwrap_or_default().to_owned();
        asked.push(name.clone());
        letters = reply(world, &request, &format!("核示人 <{}>", request.to), "同意").await;
    }
    (letters, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_handles_a_case_itself() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    let triage = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &triage, WANG, "#自辦").await;
    let forward = to(&letters, "wang@kmu.example").into_iter().next().expect("she gets the form").clone();
    holds(&forward.text, &["【回覆表】", FIRST]);
    let letters = reply(&mut world, &forward, WANG, "處理紀錄：已洽圖書館\n擬答覆：\n同學您好：四月起週末開放至九點。").await;
    let (letters, asked) = agreed_by_all(&mut world, letters).await;
    assert_eq!(asked.last().map(String::as_str), Some("lee"), "the chief secretary decides: {asked:?}");
    assert!(!asked.contains(&"wang".to_owned()), "nobody approves his own text: {asked:?}");
    holds(&only(&letters, HUA).text, &["週末開放至九點"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.self_handled, case.unit.is_none()), (State::Answered, true, true));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn made_major_while_the_chain_runs_it_goes_up_to_the_president() {
    let mut world = World::new().await;
    let request = proposed(&mut world, ANSWER).await;
    let letters = reply(&mut world, &request, LIN, "如擬").await;
    let request = only(&letters, "wang@kmu.example").clone();
    let letters = reply(&mut world, &request, WANG, "#重大").await;
    let (letters, asked) = agreed_by_all(&mut world, letters).await;
    // Who has agreed to the same words need not agree again; the president or his vice president comes last.
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked.last().is_some_and(|who| who == "hsu" || who == "tsai"), "{asked:?}");
    holds(&only(&letters, HUA).text, &["人工加選完成"]);
    let case = world.case(FIRST).await;
    let last = case.asks.iter().rev().find_map(|a| a.decision.as_ref().map(|d| (a.title.clone(), d.kind)));
    assert_eq!(last, Some(("校長或副校長核准".to_owned(), Decided::Approved)));
    assert!(case.major && case.state == State::Answered);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_says_nothing_is_first_supplemented() {
    let mut world = World::new().await;
    // The subject names a unit's word; the text only greets: nobody is sent it before somebody knows what it is about.
    world.arrives(&complaint("選課", "您好：\n\n謝謝！"));
    let letters = world.pass().await;
    assert!(to(&letters, "academic@kmu.example").is_empty(), "{:?}", seen(&letters));
    let triage = only(&letters, "wang@kmu.example").clone();
    holds(&triage.text, &["來信內容不完整"]);
    let letters = reply(&mut world, &triage, WANG, "#補正 請說明選課遇到的問題、發生時間與學號。").await;
    let question = only(&letters, HUA).clone();
    holds(&question.text, &["請說明選課遇到的問題"]);
    let letters = reply(&mut world, &question, super::scenes::STUDENT, "三月二日中午系統當機，我沒有選到必修課。").await;
    let told = only(&letters, "wang@kmu.example").clone();
    holds(&told.text, &["沒有選到必修課"]);
    let letters = reply(&mut world, &triage, WANG, "#分派 教務處").await;
    holds(&only(&letters, "academic@kmu.example").text, &["沒有選到必修課"]);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forward_names_similar_older_cases_and_nobodys_name() {
    let mut world = World::new().await;
    answered(&mut world).await;
    world.later(86_400);
    world.arrives(&Mail {
        from: "林大明 <ming@mail.example>".into(),
        subject: "選課系統當機".into(),
        text: "加退選時系統當機，請處理。".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    let forward = only(&letters, "academic@kmu.example").clone();
    holds(&forward.text, &["相似的前案", FIRST, "選課系統一直出錯", "已於下午三時恢復"]);
    let from = forward.text.find("相似的前案").expect("the section");
    for name in ["陳小華", "陳同學", HUA] {
        assert!(!forward.text[from..].contains(name), "{name} in:\n{}", &forward.text[from..]);
    }
    // What shares no word is not named, but the same complainant's own cases are.
    world.later(3600);
    world.arrives(&complaint("成績登錄錯誤", "統計學成績登錄錯誤，請更正。"));
    let letters = world.pass().await;
    let forward = only(&letters, "academic@kmu.example");
    holds(&forward.text, &["相似的前案", FIRST]);
    assert!(!forward.text.contains("115-0002"), "{}", forward.text);
    sound(&world).await;
}

const PARTS: &str = r#"
[[people]]
id = "kuo"
name = "郭組長"
email = "kuo@kmu.example"
title = "住宿組組長"
[[people]]
id = "sun"
name = "孫組員"
email = "sun@kmu.example"
[[units]]
id = "housing"
name = "總務處住宿組"
inbox = "housing@kmu.example"
head = "kuo"
handlers = ["sun"]
keywords = ["宿舍冷氣", "床位"]
phone = "07-312-1101 分機 2300"
parent = "general"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_unit_has_its_own_head_and_the_head_above_sees_its_digest() {
    let mut world = World::with(PARTS).await;
    // 宿舍 and 冷氣 are words of the whole, 宿舍冷氣 of its part: the part gets it.
    world.arrives(&complaint("宿舍冷氣故障", "三樓宿舍冷氣故障一週了。"));
    let letters = world.pass().await;
    assert!(to(&letters, "general@kmu.example").is_empty(), "{:?}", seen(&letters));
    let forward = only(&letters, "housing@kmu.example").clone();
    holds(&only(&letters, HUA).text, &["總務處住宿組（電話 07-312-1101 分機 2300）"]);
    // On the day when it is due the handler, his head and the head above are told by digest; a head of another unit is not.
    world.at("2026-03-12T08:31:00+08:00");
    let letters = world.pass().await;
    for who in ["sun@kmu.example", "kuo@kmu.example", "wu@kmu.example"] {
        let digest = about(&letters, who, "摘要");
        holds(&digest.text, &[FIRST, "今日到期"]);
        assert!(!digest.text.contains("軌跡校驗碼"), "{}", digest.text);
    }
    for who in ["lin@kmu.example", "chen@kmu.example", "lee@kmu.example"] {
        assert!(to(&letters, who).is_empty(), "{who}: {:?}", seen(&letters));
    }
    // Its own head approves.
    let letters = reply(&mut world, &forward, "孫組員 <sun@kmu.example>", "擬答覆：\n同學您好：冷氣已修復，謹致歉意。").await;
    only(&letters, "kuo@kmu.example");
    assert!(to(&letters, "wu@kmu.example").is_empty(), "{:?}", seen(&letters));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_english_office_writes_english_to_its_staff() {
    let mut world = World::changed(&[("locale = \"zh-TW\"", "locale = \"en\"")], "").await;
    let letters = forwarded(&mut world).await;
    // The complainant wrote Chinese and is answered in Chinese.
    holds(&only(&letters, HUA).text, &["教務處", FIRST]);
    let forward = only(&letters, "academic@kmu.example").clone();
    holds(
        &forward.text,
        &["Please handle this case and draft an answer", "Reply form", "(end of the reply form)", "Please reply above this line"],
    );
    for chinese in ["請處理並擬具答覆", "直接回覆本信", "回覆表到此為止", "收件單號："] {
        let own = forward.text.split("The message").next().unwrap_or_default();
        assert!(!own.contains(chinese), "{chinese} in:\n{own}");
    }
    let text =
        "Cause: too many connections\nProposed answer:\n陳同學您好：已完成加選，謹致歉意。\n\nOn Tue, Mar 3, 2026 Office wrote:\n> quoted";
    let letters = reply(&mut world, &forward, CHEN, text).await;
    let request = only(&letters, "lin@kmu.example").clone();
    holds(&request.text, &["too many connections"]);
    assert!(request.button("核准").is_some(), "{}", request.html);
    let letters = reply(&mut world, &request, LIN, "#aprove").await;
    holds(&only(&letters, "lin@kmu.example").text, &["Your instruction was not carried out", "Did you mean “#approve”?", "Possible now"]);
    let letters = reply(&mut world, &request, LIN, "Approved, thanks.").await;
    only(&letters, "wang@kmu.example");
    assert_eq!(world.case(FIRST).await.handling_fields.get("cause").map(|t| t.internal()), Some("too many connections"));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_takes_an_answered_case_up_again() {
    let mut world = World::new().await;
    answered(&mut world).await;
    world.later(86_400);
    world.arrives(&Mail {
        from: WANG.into(),
        subject: format!("[{FIRST}] 續辦"),
        text: "#續辦 來信人來電表示仍未加選，請再查。".into(),
        authentic: true,
        ..Mail::default()
    });
    let letters = world.pass().await;
    let resumed = only(&letters, "chen@kmu.example").clone();
    holds(&resumed.text, &["來信人來電表示仍未加選", "前次答覆", "人工加選完成"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::InProgress, 2));
    let letters = reply(&mut world, &resumed, CHEN, "擬答覆：\n陳同學您好：已於今日補登加選。").await;
    let (letters, asked) = agreed_by_all(&mut world, letters).await;
    assert_eq!(asked, ["lin", "wang", "lee"]);
    holds(&only(&letters, HUA).text, &["今日補登加選"]);
    sound(&world).await;
}
