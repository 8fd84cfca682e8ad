//! The small corpus in `tests/corpus`: a folder a family of mail programs, a mail and what must be read out of it, with LF and with CRLF.

use super::inspect;
use super::parse::Inbound;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn mails() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut out: Vec<PathBuf> = Vec::new();
    for family in std::fs::read_dir(root).unwrap().flatten().filter(|e| e.path().is_dir()) {
        out.extend(
            std::fs::read_dir(family.path()).unwrap().flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "eml")),
        );
    }
    out.sort();
    out
}

fn lf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for (i, b) in raw.iter().enumerate() {
        if *b != b'\r' || raw.get(i + 1) != Some(&b'\n') {
            out.push(*b);
        }
    }
    out
}

fn crlf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 40);
    for b in lf(raw) {
        if b == b'\n' {
            out.push(b'\r');
        }
        out.push(b);
    }
    out
}

/// A handler's reply to the forward of a complaint whose own words hold lines like a form's, as desk reads it.
fn form_of(got: &Inbound) -> Value {
    let sent = super::form_placed::Sent {
        titles: vec!["回覆表".to_owned(), "Reply form".to_owned()],
        ends: vec!["（回覆表到此為止）".to_owned(), "(end of the reply form)".to_owned()],
        labels: super::form::Labels::new([("downtime".to_owned(), "停機時數".to_owned())]),
        complaint: "三樓教室冷氣漏水，原因：不明。\n擬答覆：請總務長道歉".to_owned(),
        ..Default::default()
    };
    let read = super::form_placed::handling(got, &sent);
    serde_json::json!({"fields": read.fields, "answer": read.proposed, "blank": read.blank})
}

/// What of `want` the mail does not fulfil; empty when all is well.
fn differences(want: &Value, got: &Inbound) -> Vec<String> {
    let json = inspect::to_json("", got);
    let mut out = Vec::new();
    for (key, value) in want.as_object().unwrap() {
        let texts = || value.as_array().into_iter().flatten().filter_map(Value::as_str);
        let fine = match key.as_str() {
            "class" | "reason" | "subject" | "strict_from" | "reply_text" | "charset_repaired" | "from" => json.get(key) == Some(value),
            "reply_lacks" => texts().all(|t| !got.reply_text.contains(t)),
            "reply_contains" => texts().all(|t| got.reply_text.contains(t)),
            "text_contains" => texts().all(|t| got.text.contains(t)),
            "warns" => got.warnings.iter().any(|w| w.contains(value.as_str().unwrap())),
            "original_message_id" => got.bounce.as_ref().and_then(|b| b.original_message_id.as_deref()) == value.as_str(),
            "recipients" => json.pointer("/bounce/recipients") == Some(value),
            "attachments" => value.as_array().unwrap().iter().all(|a| {
                let rows = json.get("attachments").and_then(Value::as_array).unwrap();
                rows.iter().any(|r| a.as_object().unwrap().iter().all(|(k, v)| r.get(k) == Some(v)))
            }),
            "form" => form_of(got) == *value,
            other => panic!("unknown key {other}"),
        };
        if !fine {
            out.push(format!("{key}: want {value}, got {json}"));
        }
    }
    out
}

#[test]
fn corpus_with_both_line_ends() {
    let mails = mails();
    assert!(mails.len() >= 80, "{} mails", mails.len());
    let mut wrong = Vec::new();
    for path in mails {
        let raw = std::fs::read(&path).unwrap();
        let want: Value = serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap();
        for (ends, bytes) in [("LF", lf(&raw)), ("CRLF", crlf(&raw))] {
            let got = super::read(&bytes);
            wrong.extend(differences(&want, &got).into_iter().map(|d| format!("{} ({ends}): {d}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn cut_mails_never_panic() {
    for path in mails() {
        let raw = std::fs::read(&path).unwrap();
        for at in (0..raw.len()).step_by(17) {
            let m = super::read(raw.get(..at).unwrap());
            assert!(m.text.len() <= raw.len() * 4);
        }
    }
}

#[test]
fn nested_mails_do_not_overflow() {
    let deep = "Content-Type: message/rfc822\n\n".repeat(60_000);
    let started = std::time::Instant::now();
    let m = super::read(deep.as_bytes());
    assert_eq!(m.class, super::classify::Class::Human);
    assert!(started.elapsed().as_secs() < 2);
}

#[test]
fn thirty_kilobytes_take_well_under_a_millisecond() {
    let line = "第二宿舍三樓的熱水自上週起停供，向管理員反映多次皆無下文，請協助處理。\n";
    let mut raw = String::from(
        "From: a@b.c\nTo: o@c.d\nSubject: =?utf-8?B?5YGc6LuK5aC0?=\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n",
    );
    while raw.len() < 15_000 {
        raw.push_str(line);
    }
    raw.push_str("\n意見信箱 <o@c.d> 於 2026年11月23日 週一 上午9:00寫道：\n\n");
    while raw.len() < 30_000 {
        raw.push_str("> ");
        raw.push_str(line);
    }
    let best = (0..50)
        .map(|_| {
            let t = std::time::Instant::now();
            assert!(super::read(raw.as_bytes()).reply_text.len() > 10_000);
            t.elapsed()
        })
        .min()
        .unwrap();
    // About 0.3 ms in the release profile; the limit allows for a busy machine and an unoptimised build.
    assert!(best.as_millis() < 8, "{best:?}");
}

proptest::proptest! {
    #[test]
    fn any_octets_are_read(raw in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000)) {
        let m = super::read(&raw);
        proptest::prop_assert!(!m.subject.contains('\n'));
    }

    #[test]
    fn any_structure_is_read(lines in proptest::collection::vec("(From: a@b|Subject: =\\?big5\\?B\\?[a-zA-Z]{0,6}\\?=|Content-Type: (multipart/mixed; boundary=x|text/html|message/rfc822|text/plain; charset=[a-z0-9-]{0,8})|--x(--)?|On 1/1/20 9:00, a@b wrote:|[<>&;=?\"a-z 於寫道：]{0,30}|)", 0..60)) {
        let raw = lines.join("\n");
        let m = super::read(raw.as_bytes());
        proptest::prop_assert!(m.attachments.iter().all(|a| !a.name.contains('/')));
    }
}

#[test]
fn a_mail_reads_the_same_where_the_octets_of_its_files_are_not_wanted() {
    let made = b"From: a@b.example\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nwords\r\n\
        --B\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: inner\r\n\r\ninner words\r\n\
        --B\r\nContent-Type: application/octet-stream; name=\"kept.EML\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        RnJvbTogZUBmLmV4YW1wbGUKU3ViamVjdDogawoKa2VwdCB3b3Jkcwo=\r\n\
        --B\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nRnJvbTogZ0BoLmV4YW1wbGUKCmNvZGVkIHdvcmRzCg==\r\n\
        --B\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n\
        --B\r\nContent-Type: application/octet-stream\r\nContent-Location: http://x.example/kept.eml\r\n\r\nFrom: i@j.example\r\nSubject: l\r\n\r\nplaced\r\n\
        --B\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\n\r\n--B--\r\n";
    let corpus = mails().into_iter().map(|path| std::fs::read(path).unwrap());
    let (mut files, mut nested) = (0, 0);
    for raw in corpus.chain([made.to_vec()]) {
        let mut whole = super::read(&raw);
        files += whole.attachments.iter().filter(|a| !a.data.is_empty()).count();
        nested += whole.nested.len();
        for a in &mut whole.attachments {
            a.data = Vec::new();
        }
        let lean = super::read_without_files(&raw);
        assert_eq!(format!("{whole:?}"), format!("{lean:?}"), "{}", String::from_utf8_lossy(&raw));
    }
    assert!(files > 5 && nested > 3, "{files} files, {nested} mails attached");
}
