//! Presidents sign paper (R78): the office enters who signed, on which day, with the scan; a second person confirms; the sheet says 紙本核定.

use redress::domain::state::State;
use redress::domain::{Act, Effect, Letter as Kind, PersonId, Recipient, Refusal, transition};

use super::directory::SECOND;
use super::scenes::{ANSWER, CHAIN, CHEN, FIRST, HUA, LEE, WANG, about, all_agree, forwarded, holds, proposed, reply, seen};
use super::stage::sound;
use crate::support::office::{act, case_in, hour, kmu, proposal, said};
use crate::support::world::{Letter, Mail, World, only, to};

const MEI: &str = "梅秘書 <mei@kmu.example>";
const SCAN: &[u8] = b"%PDF-1.4 signed by hand";

/// A reply with a file.
fn with_scan(world: &mut World, letter: &Letter, from: &str, text: &str) -> Vec<u8> {
    let mail = letter.reply(from, text);
    let plain = String::from_utf8(world.bytes(&mail)).expect("text");
    let (head, body) = plain.split_once("\r\n\r\n").expect("a header");
    let head = head.replace(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit",
        "Content-Type: multipart/mixed; boundary=scan",
    );
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
    Box::pin(world.pass()).await;
    // Without the scan, signed tomorrow or before he was asked, at a step that was not reached or is behind: nothing.
    let letters = Box::pin(reply(&mut world, &mine, WANG, "#代登核准 李主任秘書 115/3/4")).await;
    holds(&only(&letters, "wang@kmu.example").text, &["掃描檔"]);
    let refused =
        [("李主任秘書 115/3/9", "日期"), ("李主任秘書 115/3/1", "日期"), ("許校長 115/3/4", "許校長"), ("王秘書 115/3/4", "王秘書")];
    for (words, why) in refused {
        let letters = Box::pin(enters(&mut world, &mine, WANG, &format!("#代登核准 {words}"))).await;
        assert!(to(&letters, "mei@kmu.example").is_empty(), "{words}: {:?}", seen(&letters));
        holds(&only(&letters, "wang@kmu.example").text, &["未能辦理", why]);
    }
    assert!(world.case(FIRST).await.asks.iter().all(|a| a.paper.is_none()));
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
    let cells = world.house.desk.signatures(&case);
    assert_eq!(cells["stamp_approve"], "李主任秘書\n主任秘書\n紙本核定 115年3月4日", "{cells:?}");
    assert!(!cells["stamp_office"].contains("紙本核定"), "{cells:?}");
    assert!(world.house.desk.print(&case, "handling").expect("the form is printed").1.starts_with(b"%PDF"));
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
    Box::pin(sound(&world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_presidents_paper_on_a_major_case_takes_a_second_person_and_two_proofs_where_the_office_wants_them() {
    let mut world = World::with(&format!("[trust]\nconfirm_major = true\n{SECOND}")).await;
    let letters = Box::pin(forwarded(&mut world)).await;
    let (mine, forward) = (only(&letters, "wang@kmu.example").clone(), only(&letters, "academic@kmu.example").clone());
    Box::pin(reply(&mut world, &mine, WANG, "#追認 #重大")).await;
    let letters = Box::pin(reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}"))).await;
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = Box::pin(all_agree(&mut world, &request, CHAIN)).await;
    assert!(only(&letters, "hsu@kmu.example").button("核准").is_some());
    // Entered by one, laid before another: nothing leaves.
    let letters = Box::pin(enters(&mut world, &mine, WANG, "#代登核准 許校長 115/3/3")).await;
    let paper = only(&letters, "mei@kmu.example").clone();
    assert!(to(&letters, HUA).is_empty());
    // Forged, and confirmed by mistake at her own address: one proof, and it takes two.
    world.later(600);
    world.arrives(&Mail { authentic: false, ..paper.press("確認紙本核定", MEI, "") });
    let question = only(&Box::pin(world.pass()).await, "mei@kmu.example").clone();
    let letters = Box::pin(reply(&mut world, &question, MEI, "是")).await;
    holds(&only(&letters, "mei@kmu.example").text, &["兩種證明"]);
    // Her own mail is proved and asked about; until she says that it was she, the president has approved nothing.
    world.later(600);
    world.arrives(&paper.press("確認紙本核定", MEI, ""));
    let letters = Box::pin(world.pass()).await;
    let question = only(&letters, "mei@kmu.example").clone();
    assert!(to(&letters, HUA).is_empty() && world.case(FIRST).await.state == State::AwaitingApproval);
    // Who entered it cannot answer for her.
    Box::pin(reply(&mut world, &question, WANG, "是")).await;
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    let letters = Box::pin(reply(&mut world, &question, MEI, "是")).await;
    holds(&only(&letters, HUA).text, &["必修課已為您人工加選完成"]);
    let case = world.case(FIRST).await;
    let decision = case.asks.iter().filter_map(|a| a.decision.as_ref()).next_back().expect("decided");
    let signed = decision.paper.as_ref().expect("on paper");
    assert_eq!([&decision.by.person, &signed.entered_by, &signed.confirmed_by].map(|p| p.0.as_str()), ["hsu", "wang", "mei"]);
    assert!(decision.proof.contains("dmarc=pass") && decision.proof.contains("confirmed"), "{}", decision.proof);
    Box::pin(sound(&world)).await;
}

#[test]
fn a_paper_decision_is_neither_confirmed_by_who_entered_or_signed_it_nor_outlives_its_text() {
    let office = kmu();
    let case = case_in(State::AwaitingApproval, &office);
    let ask = case.open_asks().next().expect("the head is asked").ask;
    let day = office.day(hour(3));
    let enter = |signer: &str, on, scan: &str| Act::EnterPaper { ask, signer: PersonId(signer.to_owned()), on, scan: scan.to_owned() };
    let tried = |case, who: &str, deed: Act| transition(case, &act(hour(5), who, deed), &office);
    let refused = |case, who: &str, deed: Act| tried(case, who, deed).expect_err("refused");
    // Only the office enters; with a scan; who was asked, not the author of the text; on a day that has been.
    assert!(matches!(refused(&case, "chen", enter("lin", day, "f00")), Refusal::NotAllowed { .. }));
    assert_eq!(refused(&case, "wang", enter("lin", day, "")), Refusal::ScanMissing);
    assert!(matches!(refused(&case, "wang", enter("chen", day, "f00")), Refusal::NothingToDecide | Refusal::OwnText));
    assert_eq!(refused(&case, "wang", enter("lin", office.day(hour(30)), "f00")), Refusal::DateNotPossible);
    assert_eq!(refused(&case, "wang", Act::ConfirmPaper { ask }), Refusal::NothingToDecide);
    // The office has one secretary: the rung above is asked.
    let entered = tried(&case, "wang", enter("lin", day, "f00")).expect("entered");
    let asked: Vec<&str> = entered.effects.iter().filter_map(laid_before).collect();
    assert_eq!(asked, ["lee"]);
    assert!(entered.case.asks.iter().all(|a| a.decision.is_none()));
    for who in ["wang", "lin"] {
        assert_eq!(refused(&entered.case, who, Act::ConfirmPaper { ask }), Refusal::OwnEntry, "{who}");
    }
    for who in ["chen", "hsu"] {
        assert!(matches!(refused(&entered.case, who, Act::ConfirmPaper { ask }), Refusal::NotAllowed { .. }), "{who}");
    }
    assert_eq!(refused(&entered.case, "lee", Act::RefusePaper { ask, reason: said(" ") }), Refusal::ReasonMissing);
    // Another text took its place, or another text stands under the same step.
    let changed = tried(&entered.case, "chen", proposal("改寫過的答覆。")).expect("a new text").case;
    assert_eq!(refused(&changed, "lee", Act::ConfirmPaper { ask }), Refusal::AlreadyDecided);
    let mut other = entered.case.clone();
    other.asks.iter_mut().filter(|a| a.ask == ask).for_each(|a| a.sha256 = Some("0".repeat(64)));
    assert_eq!(refused(&other, "lee", Act::ConfirmPaper { ask }), Refusal::AlreadyDecided);
    let after = tried(&entered.case, "lee", Act::ConfirmPaper { ask }).expect("confirmed").case;
    let decision = after.asks.iter().find(|a| a.ask == ask).and_then(|a| a.decision.as_ref()).expect("decided");
    let paper = decision.paper.as_ref().expect("on paper");
    assert_eq!([&decision.by.person, &paper.entered_by, &paper.confirmed_by].map(|p| p.0.as_str()), ["lin", "wang", "lee"]);
    // Once it is decided nothing is decided again.
    assert_eq!(refused(&after, "lee", Act::ConfirmPaper { ask }), Refusal::AlreadyDecided);
}

/// Before whom a paper decision is laid.
fn laid_before(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::Send { to: Recipient::Person(standing), letter: Kind::PaperEntered { .. }, .. } => Some(standing.person.as_str()),
        _ => None,
    }
}
