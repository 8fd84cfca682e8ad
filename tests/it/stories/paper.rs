//! Presidents sign paper (R78): the office enters who signed, on which day, with the scan; a second person confirms; the sheet says 紙本核定.

use redress::domain::state::State;

use super::directory::SECOND;
use super::scenes::{ANSWER, CHAIN, FIRST, HUA, LEE, LIN, WANG, about, all_agree, answered, holds, only, proposed, reply, seen, to};
use super::stage::sound;
use crate::support::world::{Letter, World};

const MEI: &str = "梅秘書 <mei@kmu.example>";
const SCAN: &[u8] = b"%PDF-1.4 signed by hand";

/// A reply with a file.
fn with_scan(world: &mut World, letter: &Letter, from: &str, text: &str) -> Vec<u8> {
    let mail = letter.reply(from, text);
    let plain = String::from_utf8(world.bytes(&mail)).expect("text");
    let (head, body) = plain.split_once("\r\n\r\n").expect("a header");
    let head = head.replace("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit", "Content-Type: multipart/mixed; boundary=scan");
    let file = data_encoding::BASE64.encode(SCAN);
    format!(
        "{head}\r\n\r\n--scan\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n--scan\r\n\
         Content-Type: application/pdf; name=scan.pdf\r\nContent-Disposition: attachment; filename=scan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {file}\r\n--scan--\r\n"
    )
    .into_bytes()
}

/// The chief secretary is asked; gives a letter of the secretary's to reply to.
async fn before_the_chief(world: &mut World) -> Letter {
    let request = Box::pin(proposed(world, ANSWER)).await;
    let letters = Box::pin(all_agree(world, &request, &CHAIN[..1])).await;
    let mine = only(&letters, "wang@kmu.example").clone();
    let letters = Box::pin(reply(world, &mine, WANG, "同意")).await;
    assert!(only(&letters, "lee@kmu.example").button("核准").is_some());
    mine
}

async fn enters(world: &mut World, letter: &Letter, from: &str, text: &str) -> Vec<Letter> {
    world.later(600);
    let raw = with_scan(world, letter, from, text);
    world.arrives_raw(&raw);
    Box::pin(world.pass()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_on_paper_counts_once_a_second_person_has_confirmed_it() {
    let mut world = World::with(SECOND).await;
    let mine = Box::pin(before_the_chief(&mut world)).await;
    world.later(86_400);
    // Without the scan, with tomorrow's date, for somebody who was not asked: nothing.
    for (text, why) in [("#代登核准 李主任秘書 115/3/4", "掃描檔")] {
        let letters = Box::pin(reply(&mut world, &mine, WANG, text)).await;
        holds(&only(&letters, "wang@kmu.example").text, &[why]);
    }
    for text in ["#代登核准 李主任秘書 115/3/9", "#代登核准 許校長 115/3/4", "#代登核准 王秘書 115/3/4"] {
        let letters = Box::pin(enters(&mut world, &mine, WANG, text)).await;
        assert!(to(&letters, "mei@kmu.example").is_empty() && to(&letters, "wang@kmu.example").len() == 1, "{text}: {:?}", seen(&letters));
    }
    let letters = Box::pin(enters(&mut world, &mine, WANG, "#代登核准 主任秘書 115/3/4")).await;
    let request = only(&letters, "mei@kmu.example").clone();
    holds(&request.text, &["王秘書", "李主任秘書", "115年3月4日", "必修課已為您人工加選完成"]);
    assert!(request.files.iter().any(|(name, _, bytes)| name == "scan.pdf" && bytes == SCAN), "{:?}", request.files.len());
    assert!(request.button("核准").is_none() && request.button("同意").is_none());
    // He who entered it confirms nothing, not even with her letter; nor does he who signed.
    for who in [WANG, LEE] {
        world.later(60);
        world.arrives(&request.press("確認紙本核定", who, ""));
        Box::pin(world.pass()).await;
    }
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    world.later(600);
    world.arrives(&request.press("確認紙本核定", MEI, ""));
    let letters = Box::pin(world.pass()).await;
    holds(&only(&letters, HUA).text, &["必修課已為您人工加選完成"]);
    let case = world.case(FIRST).await;
    let decision = case.asks.iter().filter_map(|a| a.decision.as_ref()).next_back().expect("decided");
    let paper = decision.paper.as_ref().expect("on paper");
    assert_eq!((decision.by.person.0.as_str(), paper.entered_by.0.as_str(), paper.confirmed_by.0.as_str()), ("lee", "wang", "mei"));
    assert_eq!((paper.on.to_string().as_str(), paper.scan.as_str()), ("2026-03-04", redress::domain::text::fingerprint_of(SCAN).as_str()));
    // The sheet and the explanation say so.
    let sheet = world.house.desk.sheet_rows(&case, "handling");
    assert!(sheet.iter().any(|row| row.value.contains("李主任秘書") && row.value.contains("紙本核定 115年3月4日")), "{sheet:?}");
    Box::pin(sound(&world)).await;
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_redress"));
    command.arg("--config").arg(world.dir.path().join("redress.toml")).args(["case", "explain", FIRST]).current_dir(world.dir.path());
    let said = String::from_utf8_lossy(&command.output().expect("runs").stdout).into_owned();
    holds(&said, &["紙本核定", "2026-03-04", "王秘書", "梅秘書", &paper.scan]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_from_the_paper_is_sent_back_and_a_new_text_needs_a_new_signature() {
    let mut world = World::with(SECOND).await;
    let mine = Box::pin(before_the_chief(&mut world)).await;
    let letters = Box::pin(enters(&mut world, &mine, WANG, "#代登核准 李主任秘書 115/3/3")).await;
    let request = only(&letters, "mei@kmu.example").clone();
    let letters = Box::pin(reply(&mut world, &request, MEI, "退回：簽名不是主秘的")).await;
    holds(&about(&letters, "wang@kmu.example", "未獲確認").text, &["簽名不是主秘的"]);
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    // Entered anew; before it is confirmed the chief changes the text himself.
    let letters = Box::pin(enters(&mut world, &mine, WANG, "#代登核准 李主任秘書 115/3/3")).await;
    let request = only(&letters, "mei@kmu.example").clone();
    let asked = world.sent_to("lee@kmu.example").into_iter().find(|l| l.button("核准").is_some()).expect("his request");
    Box::pin(reply(&mut world, &asked, LEE, "退回：語氣再委婉些")).await;
    let letters = Box::pin(reply(&mut world, &request, MEI, "確認")).await;
    assert!(to(&letters, HUA).is_empty() && world.case(FIRST).await.answered_at.is_none(), "{:?}", seen(&letters));
    let _ = (LIN, answered);
    Box::pin(sound(&world)).await;
}
