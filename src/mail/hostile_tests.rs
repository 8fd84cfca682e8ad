//! Mails made to hurt their reader, made here: each is read within a second and with bounded results (T31), whatever comes out of it.

use std::time::{Duration, Instant};

use super::read;

fn nested(depth: usize, kind: &str) -> Vec<u8> {
    let mut out = String::from("From: a@b.example\nSubject: deep\n");
    for n in 0..depth {
        out.push_str(&format!("Content-Type: {kind}; boundary=b{n}\n\n--b{n}\n"));
    }
    out.push_str("Content-Type: text/plain\n\nwords\n");
    out.into_bytes()
}

fn with_body(head: &str, body: &str) -> Vec<u8> {
    format!("From: a@b.example\nSubject: x\n{head}\n\n{body}").into_bytes()
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let many = |s: &str, n: usize| s.repeat(n);
    let html = |body: String| with_body("Content-Type: text/html; charset=utf-8", &body);
    vec![
        ("multiparts in multiparts", nested(20_000, "multipart/mixed")),
        ("mails in mails", many("From: a@b.example\nContent-Type: message/rfc822\n\n", 5_000).into_bytes()),
        ("many parts", with_body("Content-Type: multipart/mixed; boundary=b", &many("--b\n\nx\n", 200_000))),
        ("many mails", with_body("Content-Type: multipart/digest; boundary=b", &many("--b\n\nFrom: x@y.z\n\nw\n", 20_000))),
        ("a header of a megabyte", with_body(&format!("X-Long: {}", many("x", 1_000_000)), "words")),
        ("headers without end", with_body(&many("X-A: b\n", 200_000), "words")),
        ("folds without end", with_body(&format!("To: a@b.c{}", many(",\n a@b.c", 50_000)), "words")),
        ("encoded words", with_body(&format!("Subject: {}", many("=?utf-8?Q?=E4=B8=AD?= ", 20_000)), "words")),
        ("comments in comments", with_body(&format!("Cc: {}", many("(", 100_000)), "words")),
        (
            "parameters",
            with_body(&format!("Content-Type: text/plain{}", (0..10_000).map(|n| format!(";name*{n}=x")).collect::<String>()), "w"),
        ),
        ("references", with_body(&format!("References: {}", many("<a@b> ", 40_000)), "words")),
        ("elements", html(many("<div><blockquote><table><tr><td>", 60_000))),
        ("an attribute that never ends", html(format!("<a href=\"{}", many("x", 2_000_000)))),
        ("comments that never end", html(many("<!-- ", 300_000))),
        ("scripts that never end", html(many("<script><style>", 100_000))),
        ("entities", html(many("&#x4e2d;&amp;&", 200_000))),
        ("one line", with_body("Content-Type: text/plain; charset=utf-8", &many("word ", 800_000))),
        ("lines", with_body("Content-Type: text/plain", &many("x\n", 1_000_000))),
        ("quotes", with_body("Content-Type: text/plain", &many("> ", 500_000))),
        ("citations", with_body("Content-Type: text/plain", &many("On Mon, Nov 23, 2026 at 9:00 AM A <a@b.c>\n", 5_000))),
        ("header blocks", with_body("Content-Type: text/plain", &many("From: a\nSent: b\n", 30_000))),
        ("day by day", with_body("Content-Type: text/plain", &many("2026-11-23 09:00 A <a@b.c>:\n", 5_000))),
        ("escapes", with_body("Content-Type: text/plain; charset=iso-2022-jp", &many("\u{1b}$B\u{1b}(B", 200_000))),
        ("utf-7", with_body("Content-Type: text/plain; charset=utf-7", &many("+AGE-+", 300_000))),
        ("soft line ends", with_body("Content-Transfer-Encoding: quoted-printable", &many("=\n=", 500_000))),
        ("uuencoded files", with_body("Content-Type: text/plain", &many("begin 644 x\n#0V%T\n`\nend\n", 30_000))),
        ("calendars", with_body("Content-Type: text/calendar", &many("BEGIN:VEVENT\nRRULE:FREQ=SECONDLY\n", 50_000))),
        ("rich text", with_body("Content-Type: application/rtf", &format!("{{\\rtf1 {}", many("{\\b\\u20013?", 100_000)))),
        ("signed messages", with_body("Content-Type: text/plain", &many("-----BEGIN PGP SIGNED MESSAGE-----\n", 50_000))),
        ("reports", {
            let group = many("Final-Recipient: rfc822; a@b.c\nAction: failed\n\n", 20_000);
            with_body(
                "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
                &format!("--b\nContent-Type: message/delivery-status\n\n{group}"),
            )
        }),
    ]
}

#[test]
fn every_hostile_mail_is_read_in_time() {
    let mut slow = Vec::new();
    for (what, raw) in hostile() {
        let began = Instant::now();
        let m = read(&raw);
        let took = began.elapsed();
        // Room for a machine that does other things and for a reader that is not optimised: ten times what is promised.
        if took > Duration::from_secs(10) {
            slow.push(format!("{what}: {took:?}"));
        }
        assert!(m.attachments.len() <= 1100 && m.nested.len() <= 20 && m.warnings.len() < 100, "{what}");
        assert!(m.text.len() <= 16 * 1024 * 1024, "{what}");
    }
    assert!(slow.is_empty(), "{slow:#?}");
}

#[test]
fn every_beginning_of_a_mail_is_read() {
    let whole = with_body(
        "Content-Type: multipart/mixed; boundary=\"b\"",
        "--b\nContent-Type: text/plain; charset=big5\nContent-Transfer-Encoding: base64\n\npKSk5Q==\n--b\nContent-Type: message/rfc822\n\nFrom: =?utf-8?B?5Lit?= <c@d.example>\n\nOn Mon, Nov 23, 2026 A <a@b.c> wrote:\n> x\n--b--\n",
    );
    for cut in 0..whole.len() {
        drop(read(whole.get(..cut).unwrap()));
    }
}
