//! Letters that do not arrive (R6, F17–F19): reports of mail servers, refusals while we speak to them, delays.

use redress::domain::state::State;
use redress::store::outbox;

use super::stage::{WANG, answered, complaint, essence, forwarded, last_mail, sound};
use crate::support::world::{Letter, Mail, World, only, to};

/// A report as Postfix writes it.
fn postfix(letter: &Letter, failed: &str, action: &str, status: &str) -> Vec<u8> {
    let original = String::from_utf8_lossy(&letter.raw);
    let headers = original.split("\r\n\r\n").next().unwrap_or_default();
    format!(
        "Return-Path: <>\r\nReceived: by mx.kmu.example (Postfix) id 4F; Tue, 3 Mar 2026 09:20:00 +0800\r\nFrom: MAILER-DAEMON@mx.kmu.example (Mail Delivery System)\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"B1\"\r\nMessage-Id: <{id}.4F@mx.kmu.example>\r\nDate: Tue, 3 Mar 2026 09:20:00 +0800\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n--B1\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is the mail system at host mx.kmu.example.\r\n\r\n<{failed}>: host mail said: {status} (in reply to RCPT TO command)\r\n\r\n--B1\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.kmu.example\r\nArrival-Date: Tue, 3 Mar 2026 09:19:58 +0800\r\n\r\nFinal-Recipient: rfc822; {failed}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {status}\r\n\r\n--B1\r\nContent-Description: Undelivered Message Headers\r\nContent-Type: text/rfc822-headers\r\n\r\n{headers}\r\n\r\n--B1--\r\n",
        to = letter.envelope_from,
        id = status,
    )
    .into_bytes()
}

/// A report as Exchange writes it: HTML in the first part, the whole mail in the last.
fn exchange(letter: &Letter, failed: &str) -> Vec<u8> {
    let original = String::from_utf8_lossy(&letter.raw);
    format!(
        "Received: from EX1.kmu.example by mx.kmu.example; Tue, 3 Mar 2026 09:20:00 +0800\r\nFrom: <postmaster@kmu.example>\r\nTo: <{to}>\r\nDate: Tue, 3 Mar 2026 09:20:00 +0800\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"E1\"\r\nContent-Language: zh-TW\r\nMessage-ID: <ex1@EX1.kmu.example>\r\nIn-Reply-To: <{id}>\r\nReferences: <{id}>\r\nSubject: =?utf-8?b?54Sh5rOV6YCB6YGUOg==?= x\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\r\n--E1\r\nContent-Type: text/html; charset=\"utf-8\"\r\n\r\n<html><body><p>您傳送給 {failed} 的郵件無法傳遞。</p></body></html>\r\n--E1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;EX1.kmu.example\r\n\r\nFinal-recipient: RFC822;{failed}\r\nAction: failed\r\nStatus: 5.1.10\r\nDiagnostic-code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found\r\nX-Display-Name: x\r\n\r\n--E1\r\nContent-Type: message/rfc822\r\n\r\n{original}\r\n--E1--\r\n",
        to = letter.envelope_from,
        id = letter.message_id,
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forward_that_comes_back_is_told_at_once() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    for report in [postfix(&forward, "academic@kmu.example", "failed", "5.1.1"), exchange(&forward, "academic@kmu.example")] {
        world.later(60);
        world.arrives_raw(&report);
        let letters = world.pass().await;
        assert_eq!(letters.len(), 1, "{:?}", letters.iter().map(|l| (&l.to, &l.subject)).collect::<Vec<_>>());
        let told = only(&letters, "wang@kmu.example");
        assert!(told.text.contains("academic@kmu.example"), "who did not get it: {}", told.text);
        assert!(told.subject.contains("115-0001") || told.text.contains("115-0001"));
        assert_eq!(essence(&world.case("115-0001").await), before);
    }
    assert_eq!(world.cases().await.len(), 1, "a report opens no case");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_back_is_not_met_by_silence() {
    let mut world = World::new().await;
    let answer = answered(&mut world).await;
    world.later(60);
    world.arrives_raw(&postfix(&answer, "hua@mail.example", "failed", "5.2.2"));
    let letters = world.pass().await;
    assert!(only(&letters, "wang@kmu.example").text.contains("hua@mail.example"));
    assert_eq!(world.case("115-0001").await.undelivered, ["answer"]);
    for day in ["10", "20", "30"] {
        world.at(&format!("2026-03-{day}T10:00:00+08:00"));
        let letters = world.pass().await;
        assert!(to(&letters, "lee@kmu.example").is_empty(), "nobody is asked to close it");
    }
    assert_eq!(world.case("115-0001").await.state, State::Answered);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delay_is_noted_and_a_report_of_nothing_of_ours_is_ignored() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    world.arrives_raw(&postfix(&forward, "academic@kmu.example", "delayed", "4.4.1"));
    assert!(world.pass().await.is_empty());
    assert_eq!(essence(&world.case("115-0001").await), before);
    let foreign = Letter {
        raw: b"Message-ID: <foreign@elsewhere.example>\r\nSubject: Re: lunch\r\n\r\nx".to_vec(),
        message_id: "foreign@elsewhere.example".into(),
        envelope_from: "service@kmu.example".into(),
        ..forward
    };
    world.arrives_raw(&postfix(&foreign, "friend@elsewhere.example", "failed", "5.1.1"));
    assert!(world.pass().await.is_empty());
    let (state, reason) = last_mail(&world).await;
    assert_eq!((state, reason.as_str()), (redress::store::inbox::State::Ignored, "bounce of nothing of ours"));
    assert_eq!(world.cases().await.len(), 1);
    // Both stand in the next digest.
    world.at("2026-03-04T08:31:00+08:00");
    let letters = world.pass().await;
    let digest = only(&letters, "wang@kmu.example");
    assert!(digest.text.contains("遞送延遲") && digest.text.contains("無法對應的退信"), "{}", digest.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_server_refuses_is_told_in_the_same_pass() {
    let mut world = World::changed(&[("inbox = \"academic@kmu.example\"", "inbox = \"permerror-academic@kmu.example\"")], "").await;
    world.arrives(&Mail { from: "陳小華 <permerror-hua@mail.example>".into(), ..complaint() });
    let letters = world.pass().await;
    let told: Vec<_> = to(&letters, "wang@kmu.example").into_iter().filter(|l| l.subject.contains("未送達")).collect();
    assert_eq!(told.len(), 2, "{:?}", letters.iter().map(|l| (&l.to, &l.subject)).collect::<Vec<_>>());
    assert!(told.iter().any(|l| l.text.contains("permerror-academic@kmu.example")));
    assert_eq!(world.case("115-0001").await.undelivered, ["acknowledgement"]);
    assert!(world.pass().await.is_empty(), "told once");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_about_a_lost_notice_does_not_go_round_for_ever() {
    let changes = [
        ("email = \"wang@kmu.example\"", "email = \"permerror-wang@kmu.example\""),
        ("inbox = \"academic@kmu.example\"", "inbox = \"permerror-academic@kmu.example\""),
    ];
    let mut world = World::changed(&changes, "").await;
    world.arrives(&complaint());
    let letters = world.pass().await;
    assert_eq!(letters.len(), 1, "the receipt alone arrives");
    let counts = outbox::count_by_state(&world.house.desk.store).await.expect("store");
    let refused = counts.get(&outbox::State::Never).copied().unwrap_or(0);
    assert!((2..=4).contains(&refused), "{counts:?}");
    world.pass().await;
    assert_eq!(outbox::count_by_state(&world.house.desk.store).await.expect("store"), counts);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_off_is_tried_by_later_passes_and_given_up_after_days() {
    let mut world = World::changed(&[("inbox = \"academic@kmu.example\"", "inbox = \"temperror-academic@kmu.example\"")], "").await;
    world.arrives(&complaint());
    let (passed, letters) = world.pass_counted().await;
    assert_eq!((passed.waiting, passed.unreachable), (1, false));
    assert_eq!(to(&letters, "hua@mail.example").len(), 1, "one that is put off holds up no other");
    let case = world.case("115-0001").await;
    let waiting = |rows: Vec<outbox::OutboxRow>| rows.into_iter().find(|r| r.recipient.starts_with("temperror")).expect("the forward");
    for times in 2..4 {
        world.later(30);
        assert_eq!(world.pass_counted().await.0.waiting, 1);
        let row = waiting(outbox::list_for_case(&world.house.desk.store, case.id.as_str()).await.expect("store"));
        assert_eq!((row.state, row.attempts), (outbox::State::Later, times), "each pass tries it once");
    }
    world.at("2026-03-08T10:00:00+08:00");
    let letters = world.pass().await;
    assert!(to(&letters, "wang@kmu.example").iter().any(|l| l.text.contains("temperror-academic@kmu.example")), "given up, and told");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_too_large_leaves_again_without_its_files_and_says_so() {
    let mut world = World::changed(&[("inbox = \"academic@kmu.example\"", "inbox = \"toobig-academic@kmu.example\"")], "").await;
    let filler = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==\n".repeat(500);
    world.arrives(&Mail { text: format!("{}\n\n{filler}", complaint().text), ..complaint() });
    let letters = world.pass().await;
    assert!(to(&letters, "toobig-academic@kmu.example").is_empty(), "its very words are too long: a person is told");
    let told = to(&letters, "wang@kmu.example").into_iter().find(|l| l.subject.contains("未送達")).expect("told");
    assert!(told.text.contains("toobig-academic@kmu.example"));

    let mut world = World::changed(&[("inbox = \"academic@kmu.example\"", "inbox = \"toobig-academic@kmu.example\"")], "").await;
    let boundary = format!(
        "--b\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        filler.replace('\n', "\r\n")
    );
    let raw = format!(
        "Received: from out.mail.example by mx.kmu.example; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: hua@mail.example\r\nTo: service@kmu.example\r\nSubject: =?utf-8?b?6YG46Kqy?=\r\nMessage-ID: <big@mail.example>\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n選課截圖如附檔。\r\n{boundary}"
    );
    world.arrives_raw(raw.as_bytes());
    let letters = world.pass().await;
    let forward = only(&letters, "toobig-academic@kmu.example").clone();
    assert!(forward.files.is_empty() && forward.text.contains("附件因收件端的郵件大小限制未能附上"), "{}", forward.text);
    assert!(forward.html.contains("附件因收件端") && forward.text.contains("選課截圖如附檔"));
    assert!(to(&letters, "wang@kmu.example").iter().all(|l| !l.subject.contains("未送達")), "it arrived, so nobody is alarmed");
    assert!(world.case("115-0001").await.undelivered.is_empty());
    assert!(world.pass().await.is_empty(), "once");
    // It is answered like any forward.
    world.arrives(&forward.reply(super::stage::CHEN, "擬答覆：\n已處理。"));
    only(&world.pass().await, "lin@kmu.example");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_closed_on_an_answer_that_nobody_has() {
    let mut world = World::new().await;
    let answer = answered(&mut world).await;
    world.later(3600);
    world.arrives_raw(&postfix(&answer, "hua@mail.example", "failed", "5.1.1"));
    let told = only(&world.pass().await, "wang@kmu.example").clone();
    assert!(told.text.contains("電話或書面"), "a task: {}", told.text);
    world.arrives(&told.reply(WANG, "#結案 陳同學未再來信"));
    let letters = world.pass().await;
    assert!(only(&letters, "wang@kmu.example").text.contains("答覆尚未送達來信人，不能結案"));
    world.arrives(&told.reply(WANG, "電話無人接聽，明日再試。"));
    world.pass().await;
    let case = world.case("115-0001").await;
    assert_eq!((case.state, case.answer_lost()), (State::Answered, true), "a call that failed tells nobody anything");
    world.arrives(&told.reply(WANG, "3月3日下午已電話告知陳同學，她沒有其他意見。"));
    assert!(to(&world.pass().await, "wang@kmu.example").iter().all(|l| !l.text.contains("不能結案")));
    let case = world.case("115-0001").await;
    assert!(!case.answer_lost() && case.handling.iter().any(|n| n.text.internal().contains("電話告知")));
    world.arrives(&told.reply(WANG, "#結案 已電話告知"));
    world.pass().await;
    assert_eq!(world.case("115-0001").await.state, State::Closing);
    sound(&world).await;
}
