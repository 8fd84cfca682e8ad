//! The attack corpus (README promise 5): every way known to us of writing in another's name, with every act that could do harm.
//! Two hundred and more mails against one case; nothing may change but the trail, and the genuine reply must count afterwards.

use redress::domain::state::State;

use super::stage::{LEE, before_the_chief, essence, sound};
use crate::support::world::{Letter, World, only, to};

const BORDER: &str = "Received: from out.mail.example by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\n";
const PASS: &str = "Authentication-Results: mx.kmu.example; dmarc=pass (p=reject) header.from=kmu.example\r\n";

/// (name, lines above and below the border's Received, From) of mails that claim to be the chief secretary's.
fn disguises() -> Vec<(&'static str, String)> {
    let from = |f: &str| format!("From: {f}\r\n");
    let lee = "lee@kmu.example";
    vec![
        ("no verdict", format!("{BORDER}{}", from(lee))),
        ("verdict below the border", format!("{BORDER}{PASS}{}", from(lee))),
        ("dmarc=fail", format!("Authentication-Results: mx.kmu.example; dmarc=fail header.from=kmu.example\r\n{BORDER}{}", from(lee))),
        (
            "fail on top, pass below",
            format!("Authentication-Results: mx.kmu.example; dmarc=fail header.from=kmu.example\r\n{PASS}{BORDER}{}", from(lee)),
        ),
        (
            "another server's verdict",
            format!("Authentication-Results: mx.evil.example; dmarc=pass header.from=kmu.example\r\n{BORDER}{}", from(lee)),
        ),
        (
            "a longer id",
            format!("Authentication-Results: mx.kmu.example.evil.example; dmarc=pass header.from=kmu.example\r\n{BORDER}{}", from(lee)),
        ),
        (
            "pass for another domain",
            format!("Authentication-Results: mx.kmu.example; dmarc=pass header.from=mail.example\r\n{BORDER}{}", from(lee)),
        ),
        (
            "pass in a comment",
            format!("Authentication-Results: mx.kmu.example; dmarc=none (dmarc=pass header.from=kmu.example)\r\n{BORDER}{}", from(lee)),
        ),
        ("only spf", format!("Authentication-Results: mx.kmu.example; spf=pass smtp.mailfrom=kmu.example\r\n{BORDER}{}", from(lee))),
        (
            "dkim of a stranger",
            format!(
                "Authentication-Results: mx.kmu.example; dkim=pass header.d=evil.example; dmarc=none header.from=kmu.example\r\n{BORDER}{}",
                from(lee)
            ),
        ),
        ("no border line", format!("{PASS}{}", from(lee))),
        (
            "a false border line",
            format!("Received: from x by mx.evil.example (mx.kmu.example); Tue, 3 Mar 2026 09:00:00 +0800\r\n{PASS}{BORDER}{}", from(lee))
                .replace(BORDER, ""),
        ),
        ("ARC", format!("ARC-Authentication-Results: i=1; mx.kmu.example; dmarc=pass header.from=kmu.example\r\n{BORDER}{}", from(lee))),
        ("X-MS-Exchange", format!("X-MS-Exchange-Organization-AuthAs: Internal\r\n{BORDER}{}", from(lee))),
        (
            "the name alone",
            format!(
                "Authentication-Results: mx.kmu.example; dmarc=pass header.from=evil.example\r\n{BORDER}{}",
                from("\"lee@kmu.example\" <lee@evil.example>")
            ),
        ),
        ("two mailboxes", format!("{PASS}{BORDER}{}", from("lee@kmu.example, evil@kmu.example"))),
        ("two fields", format!("{PASS}{BORDER}{}{}", from("evil@kmu.example"), from(lee))),
        ("a group", format!("{PASS}{BORDER}{}", from("office: lee@kmu.example;"))),
        ("an encoded address", format!("{PASS}{BORDER}{}", from("=?utf-8?q?lee=40kmu=2Eexample?="))),
        (
            "a homoglyph",
            format!("Authentication-Results: mx.kmu.example; dmarc=pass header.from=kmu.examp1e\r\n{BORDER}{}", from("lee@kmu.examp1e")),
        ),
        ("full-width letters", format!("{PASS}{BORDER}{}", from("ｌｅｅ@kmu.example"))),
        ("a route", format!("{PASS}{BORDER}{}", from("<@evil.example:lee@kmu.example>"))),
        (
            "Sender and Reply-To",
            format!(
                "Authentication-Results: mx.kmu.example; dmarc=pass header.from=evil.example\r\n{BORDER}{}Sender: lee@kmu.example\r\nReply-To: lee@kmu.example\r\n",
                from("evil@evil.example")
            ),
        ),
        ("nobody", format!("{PASS}{BORDER}{}", from("<>"))),
    ]
}

/// What the attacker writes: to where, under which subject, which words.
fn acts(request: &Letter) -> Vec<(String, String, String)> {
    let press = |word: &str| request.press(word, "x@mail.example", "");
    let (approve, back) = (press("核准"), press("退回"));
    let mut all = vec![(approve.to, approve.subject, approve.text), (back.to, back.subject, back.text)];
    for words in [
        "核准",
        "同意，謝謝",
        "#核准",
        "#退回 不妥",
        "擬答覆：\n一切都是申訴人的錯。",
        "#不受理 無理取鬧",
        "#結案",
        "#存查",
        "#併案 115-0001",
    ] {
        all.push((request.reply_to.clone(), format!("Re: {}", request.subject), words.to_owned()));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn no_disguise_moves_a_case() {
    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    let mut count = 0;
    for (what, head) in disguises() {
        for (n, (to, subject, text)) in acts(&request).into_iter().enumerate() {
            count += 1;
            let raw = format!(
                "{head}To: {to}\r\nSubject: {subject}\r\nMessage-ID: <a{count}@evil.example>\r\nIn-Reply-To: <{}>\r\nDate: Tue, 3 Mar 2026 09:00:{:02} +0800\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
                request.message_id,
                n,
                text.replace("\r\n", "\n").replace('\n', "\r\n"),
            );
            world.arrives_raw(raw.as_bytes());
        }
        let letters = world.pass().await;
        let case = world.case("115-0001").await;
        assert_eq!(essence(&case), before, "{what}");
        assert!(case.drafts.values().all(|d| !d.approved), "{what}");
        assert!(
            letters.iter().all(|l| l.to == "lee@kmu.example" || l.to == "wang@kmu.example"),
            "{what}: {:?}",
            letters.iter().map(|l| (&l.to, &l.subject)).collect::<Vec<_>>()
        );
        for letter in to(&letters, "lee@kmu.example") {
            assert!(!letter.text.contains("人工加選") && !letter.text.contains("必修課"), "{what}: {}", letter.text);
        }
    }
    assert!(count >= 250, "{count}");
    assert_eq!(world.cases().await.len(), 1, "no attack opens a case under another's number");
    world.later(60);
    world.arrives(&request.reply(LEE, "核准"));
    only(&world.pass().await, "hua@mail.example");
    assert_eq!(world.case("115-0001").await.state, State::Answered);
    sound(&world).await;
}
