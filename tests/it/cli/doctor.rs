//! `doctor` with everything up, and with one thing down at a time.

use std::io::{Read as _, Write as _};

use crate::support::dovecot::{Dovecot, PASSWORD, free_port};
use crate::support::smtp_server::SmtpServer;

use super::{Ran, plain_config, redress_with};

/// The line about `name`.
fn line<'a>(ran: &'a Ran, name: &str) -> &'a str {
    let starts = [format!("ok {name}"), format!("FAIL {name}")];
    ran.out.lines().find(|l| starts.iter().any(|s| l.starts_with(s.as_str()))).unwrap_or_else(|| panic!("no line about {name}: {ran:?}"))
}

#[test]
fn all_is_well_then_one_thing_after_the_other_is_not() {
    let folder = tempfile::tempdir().expect("folder");
    let path = plain_config(folder.path());
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let smtp = SmtpServer::start().expect("python3-aiosmtpd is installed");
    let (imap_port, smtp_port) = (dovecot.port.to_string(), smtp.port.to_string());
    let env = [("REDRESS__MAILBOXES__0__IMAP__PORT", imap_port.as_str()), ("REDRESS__SMTP__PORT", smtp_port.as_str())];
    let with = |further: &[(&str, &str)]| {
        let mut all = env.to_vec();
        all.extend_from_slice(&[("REDRESS__MAILBOXES__0__IMAP__PASSWORD", PASSWORD)]);
        all.extend_from_slice(further);
        redress_with(&path, &all, &["doctor"])
    };

    let ran = with(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for name in ["store", "imap service@kmu.example", "smtp", "survey", "fonts", "clock", "calendar", "evidence service@kmu.example"] {
        assert!(line(&ran, name).starts_with("ok "), "{}", ran.out);
    }
    assert!(line(&ran, "fonts").contains("kmu/record"), "{}", ran.out);
    assert!(line(&ran, "evidence").contains("mx.kmu.example") && line(&ran, "evidence").contains("service+"), "{}", ran.out);
    assert!(!folder.path().join("redress.db").exists(), "doctor makes no store");

    // A store that is there.
    assert_eq!(redress_with(&path, &env, &["case", "list"]).code, 0);
    assert!(line(&with(&[]), "store").starts_with("ok store: ") && folder.path().join("redress.db").exists());

    // SMTP down.
    let nobody = free_port().to_string();
    let ran = with(&[("REDRESS__SMTP__PORT", &nobody)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(line(&ran, "smtp").starts_with("FAIL ") && line(&ran, "smtp").contains(&nobody), "{}", ran.out);
    assert!(line(&ran, "imap").starts_with("ok "), "the rest is examined all the same: {}", ran.out);

    // A wrong password, which is not shown.
    let ran = with(&[("REDRESS__MAILBOXES__0__IMAP__PASSWORD", "not-the-password")]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(line(&ran, "imap").starts_with("FAIL ") && line(&ran, "imap").contains("password"), "{}", ran.out);
    assert!(!ran.out.contains("not-the-password") && !ran.err.contains("not-the-password"));

    // A folder that is not there.
    let ran = with(&[("REDRESS__MAILBOXES__0__FOLDER", "Nowhere")]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(line(&ran, "imap").contains("Nowhere"), "{}", ran.out);

    // The folder of sent mails is not there; then it is.
    let sent = [("REDRESS__MAILBOXES__0__SENT_FOLDER", "Sent")];
    let ran = with(&sent);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(line(&ran, "sent").starts_with("FAIL ") && line(&ran, "sent").contains("no folder Sent"), "{}", ran.out);
    dovecot.talk("service@kmu.example").command("CREATE \"Sent\"");
    assert!(line(&with(&sent), "sent").starts_with("ok "));

    // Mails to itself are asked for, and none was written yet.
    let ran = with(&[("REDRESS__PROBE__EVERY", "1h")]);
    assert!(line(&ran, "arrival service@kmu.example").contains("no mail to itself yet"), "{}", ran.out);

    // A file that is no font.
    std::fs::write(folder.path().join("not.ttf"), "no font").expect("file");
    let text = std::fs::read_to_string(&path).expect("config");
    std::fs::write(&path, format!("{text}\n[forms]\nfonts = [\"not.ttf\"]\n")).expect("config");
    let ran = with(&[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(line(&ran, "fonts").starts_with("FAIL ") && line(&ran, "fonts").contains("not.ttf"), "{}", ran.out);
    std::fs::write(&path, text).expect("config");

    // IMAP down.
    drop(dovecot);
    let ran = with(&[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(line(&ran, "imap").starts_with("FAIL ") && line(&ran, "smtp").starts_with("ok "), "{}", ran.out);
}

#[test]
fn a_stranger_on_the_survey_address_is_told_from_redress() {
    let folder = tempfile::tempdir().expect("folder");
    let path = plain_config(folder.path());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("port");
    let address = listener.local_addr().expect("address").to_string();
    let answers: [&'static [u8]; 2] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nReferrer-Policy: no-referrer\r\nContent-Length: 0\r\n\r\n",
    ];
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("somebody asks");
            let mut asked = [0; 512];
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(answer);
        }
    });
    let env = [("REDRESS__SURVEY__LISTEN", address.as_str())];
    let ran = redress_with(&path, &env, &["doctor"]);
    assert_eq!(ran.code, 1);
    assert!(line(&ran, "survey").starts_with("FAIL ") && line(&ran, "survey").contains(&address), "{}", ran.out);
    let ran = redress_with(&path, &env, &["doctor"]);
    assert!(line(&ran, "survey").starts_with("ok "), "{}", ran.out);
}

/// The mail server between: what doctor sends arrives in the mailbox below these lines; `fit` may change or drop it.
fn relay(dovecot: &Dovecot, smtp: &SmtpServer, running: &std::sync::atomic::AtomicBool, fit: impl Fn(&str, String) -> Option<String>) {
    let mut seen = 0;
    while running.load(std::sync::atomic::Ordering::Relaxed) {
        for mail in smtp.mails().into_iter().skip(seen) {
            seen += 1;
            let to = mail.to.first().cloned().unwrap_or_default();
            if let Some(raw) = fit(&to, String::from_utf8(mail.raw).expect("text")) {
                dovecot.append("service@kmu.example", "INBOX", raw.as_bytes(), None);
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn a_mail_to_itself_tells_what_the_server_allows_and_proves() {
    const BORDER: &str = "Received: from kmu by mx.kmu.example with ESMTPSA; Tue, 3 Mar 2026 09:00:00 +0800\r\n";
    const PASS: &str = "Authentication-Results: mx.kmu.example; dmarc=pass header.from=kmu.example\r\n";
    let folder = tempfile::tempdir().expect("folder");
    let path = plain_config(folder.path());
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let smtp = SmtpServer::start().expect("python3-aiosmtpd is installed");
    let (imap_port, smtp_port) = (dovecot.port.to_string(), smtp.port.to_string());
    let ask = |fit: &(dyn Fn(&str, String) -> Option<String> + Sync)| {
        let env = [
            ("REDRESS__MAILBOXES__0__IMAP__PORT", imap_port.as_str()),
            ("REDRESS__SMTP__PORT", smtp_port.as_str()),
            ("REDRESS__MAILBOXES__0__IMAP__PASSWORD", PASSWORD),
            ("REDRESS__TRUST__RESOLVER", "127.0.0.1:9"),
        ];
        let running = std::sync::atomic::AtomicBool::new(true);
        std::thread::scope(|scope| {
            scope.spawn(|| relay(&dovecot, &smtp, &running, fit));
            let ran = redress_with(&path, &env, &["doctor", "--probe"]);
            running.store(false, std::sync::atomic::Ordering::Relaxed);
            ran
        })
    };
    // A border that works and removes what was forged; those who log in are told apart.
    let clean = |raw: String| raw.split_once("\r\n").expect("a forged line on top").1.to_owned();
    let ran = ask(&|_, raw| Some(format!("{PASS}{BORDER}{}", clean(raw))));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(line(&ran, "addresses service@kmu.example").contains("plus addresses arrive"), "{}", ran.out);
    let proof = line(&ran, "proof service@kmu.example");
    assert!(proof.contains("dmarc, internal") && proof.contains("evidence = \"dmarc\"") && !proof.contains("forged"), "{proof}");

    // A border without a verdict that leaves the forged line in: not fooled, and said so.
    let ran = ask(&|_, raw| Some(format!("{}{raw}", BORDER.replace("ESMTPSA", "ESMTPS"))));
    let proof = line(&ran, "proof service@kmu.example");
    assert!(
        proof.starts_with("ok ") && proof.contains("\"confirm\" is the strongest") && proof.contains("left a forged verdict"),
        "{proof}"
    );

    // A border that puts its line below what it was given, and a server that drops plus addresses.
    let ran = ask(&|to, raw| {
        let (forged, rest) = raw.split_once("\r\n").expect("a line");
        (!to.contains('+')).then(|| format!("{forged}\r\n{BORDER}{rest}"))
    });
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(line(&ran, "proof").starts_with("FAIL ") && line(&ran, "proof").contains("lets a forged verdict"), "{}", ran.out);
    assert!(line(&ran, "addresses").starts_with("FAIL ") && line(&ran, "addresses").contains("plus_addressing = false"), "{}", ran.out);
}
