//! Drafts frozen and read back with another library. Called by cargo test only.

use mail_parser::{Message as Read, MessageParser, MimeHeaders, PartType};
use proptest::prelude::*;

use super::*;

fn draft() -> Draft {
    Draft {
        from: Address { name: "高雄示範大學 秘書室".to_owned(), email: "service@kmu.example".to_owned() },
        to: Address { name: "王小明".to_owned(), email: "wang.xm@mail.example".to_owned() },
        reply_to: Some(Address {
            name: "秘書室".to_owned(),
            email: "service+r.0123456789abcd.0123456789abcdef0123456789@kmu.example".to_owned(),
        }),
        subject: "【高雄示範大學】您反映的事項已收件，收件單號 115-0042，我們將於七個工作日內回覆您，敬請稍候".to_owned(),
        message_id: "r.0123456789abcd.1@kmu.example".to_owned(),
        date: Moment::from_unix(1_795_000_000),
        zone: TimeZone::get("Asia/Taipei").expect("zone"),
        in_reply_to: Some("orig@mail.example".to_owned()),
        references: vec!["r.key@kmu.example".to_owned(), "orig@mail.example".to_owned(), "bad id>\r\nBcc: x@y".to_owned()],
        headers: vec![("Auto-Submitted", "auto-replied".to_owned()), ("X-Redress-Loop", "abc123".to_owned())],
        text: "王先生您好：\n\n.\n我們已收到您的來信。\r\n收件單號 115-0042".to_owned(),
        html: None,
        attachments: Vec::new(),
        originals: Vec::new(),
    }
}

fn read(bytes: &[u8]) -> Read<'_> {
    MessageParser::default().parse(bytes).expect("parses")
}

fn unfolded_header_names(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    head.split("\r\n").filter(|l| !l.starts_with([' ', '\t'])).map(|l| l.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_letter_reads_back_as_it_was_written() {
    let bytes = freeze(&draft()).expect("frozen");
    assert_eq!(
        unfolded_header_names(&bytes),
        [
            "Date",
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Message-ID",
            "In-Reply-To",
            "References",
            "Auto-Submitted",
            "X-Redress-Loop",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding"
        ]
    );
    assert!(bytes.split(|b| *b == b'\n').all(|l| l.len() <= 78), "lines of at most 76 columns");
    assert!(!needs_8bit(&bytes));
    let mail = read(&bytes);
    assert_eq!(mail.subject(), Some(draft().subject.as_str()));
    assert_eq!(mail.message_id(), Some("r.0123456789abcd.1@kmu.example"));
    assert_eq!(mail.from().and_then(|a| a.first()).and_then(|a| a.name()), Some("高雄示範大學 秘書室"));
    assert_eq!(mail.to().and_then(|a| a.first()).and_then(|a| a.address()), Some("wang.xm@mail.example"));
    assert_eq!(mail.references().as_text_list().map(|l| l.len()), Some(2));
    assert_eq!(mail.date().map(|d| d.to_timestamp()), Some(1_795_000_000));
    assert!(String::from_utf8_lossy(&bytes).contains("+0800\r\n"));
    assert_eq!(mail.body_text(0).as_deref(), Some("王先生您好：\r\n\r\n.\r\n我們已收到您的來信。\r\n收件單號 115-0042"));
}

#[test]
fn the_same_draft_gives_the_same_bytes() {
    let mut full = draft();
    full.html = Some("<p>您好</p>".to_owned());
    full.attachments.push(Attach {
        name: "顧客抱怨紀錄表.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        bytes: Arc::from(vec![7_u8; 3000]),
    });
    full.originals.push(Original { name: "原信".to_owned(), raw: Arc::new(b"From: a@b\n\nhi\n".to_vec()) });
    let once = freeze(&full).expect("frozen");
    assert_eq!(once, freeze(&full).expect("again"));
    let mut other = full.clone();
    other.message_id = "r.other@kmu.example".to_owned();
    assert_ne!(once, freeze(&other).expect("other"));
}

#[test]
fn attachments_and_originals_by_name() {
    let mut full = draft();
    full.html = Some("<p>您好，請按 <a href=\"mailto:x\">核准</a></p>".to_owned());
    full.attachments = vec![
        Attach {
            name: "顧客抱怨紀錄表（收件單號 115-0042）完整版附件一.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            bytes: Arc::from(&b"%PDF-1.7 \x00\r\n.\r\n"[..]),
        },
        Attach {
            name: "../../etc/\"x\u{0}\u{202e}.txt".to_owned(),
            content_type: "text/plain; charset=big5\r\nX: y".to_owned(),
            bytes: Arc::from(&b"a\nb"[..]),
        },
        Attach { name: String::new(), content_type: "message/rfc822".to_owned(), bytes: Arc::from(&b"x"[..]) },
    ];
    let seven = "From: a@b.example\nSubject: plain\n\nhello\r\nworld\rlast";
    let eight = "From: a@b.example\nSubject: 漏水\n\n三樓漏水\n";
    let long = format!("Subject: x\n\n{}\n", "y".repeat(1200));
    for raw in [seven, eight, long.as_str(), "Subject: x\n\na\0b\n"] {
        full.originals.push(Original { name: format!("原信{}", full.originals.len()), raw: Arc::new(raw.as_bytes().to_vec()) });
    }
    let bytes = freeze(&full).expect("frozen");
    gate(&bytes).expect("passes");
    assert!(needs_8bit(&bytes));
    let mail = read(&bytes);
    let names: Vec<&str> = mail.attachments().filter_map(|a| a.attachment_name()).collect();
    assert_eq!(
        names,
        [
            "顧客抱怨紀錄表（收件單號 115-0042）完整版附件一.pdf",
            "_.._etc__x.txt",
            "attachment-3",
            "原信0.eml",
            "原信1.eml",
            "原信2.eml",
            "原信3.eml"
        ]
    );
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert_eq!(text.matches("message/rfc822").count(), 2);
    assert!(text.contains("Content-Transfer-Encoding: 8bit") && text.contains("Content-Transfer-Encoding: 7bit"));
    let nested: Vec<Option<String>> = mail
        .attachments()
        .filter_map(|a| match &a.body {
            PartType::Message(m) => Some(m.subject().map(str::to_owned)),
            _ => None,
        })
        .collect();
    assert_eq!(nested, [Some("plain".to_owned()), Some("漏水".to_owned())]);
    let contents: Vec<&[u8]> = mail.attachments().map(|a| a.contents()).collect();
    assert_eq!(contents.first().copied(), Some(&b"%PDF-1.7 \x00\r\n.\r\n"[..]));
    assert_eq!(contents.get(5).copied(), Some(long.as_bytes()), "an unfit original goes byte for byte");
    let only_ascii = freeze_7bit(&full).expect("frozen");
    assert!(!needs_8bit(&only_ascii) && String::from_utf8_lossy(&only_ascii).matches("message/rfc822").count() == 1);
    // In parts it is the same; an original that needs no change is the draft's own bytes, not a copy.
    let fit = Arc::new(b"Subject: x\r\n\r\nhello".to_vec());
    full.originals.push(Original { name: "fit".to_owned(), raw: Arc::clone(&fit) });
    let parts = freeze_in_parts(&full).expect("frozen");
    assert_eq!(parts.iter().flat_map(|part| part.iter().copied()).collect::<Vec<u8>>(), freeze(&full).expect("frozen"));
    assert!(parts.len() == 7 && parts.iter().filter(|part| Arc::ptr_eq(part, &fit)).count() == 1, "{}", parts.len());
}

#[test]
fn an_original_cannot_end_its_part() {
    let mut full = draft();
    let first = boundary(&full.message_id, 0, &[]);
    full.originals.push(Original {
        name: "x".to_owned(),
        raw: Arc::new(format!("Subject: x\n\n--{first}--\nContent-Type: text/html\n\nevil\n").into_bytes()),
    });
    let bytes = freeze(&full).expect("frozen");
    assert!(!String::from_utf8_lossy(&bytes).contains(&format!("boundary=\"{first}\"")));
    assert_eq!(read(&bytes).attachments().count(), 1);
}

#[test]
fn what_people_really_have_as_addresses() {
    for email in ["a..b@docomo.ne.jp", "a.@docomo.ne.jp", "x@sub.example.com.tw", "o'neil+tag@example.org", "u@[192.0.2.1]"] {
        let mut one = draft();
        one.to = Address { name: "王".to_owned(), email: email.to_owned() };
        let bytes = freeze(&one).expect(email);
        assert!(String::from_utf8_lossy(&bytes).contains(&format!("<{email}>\r\n")), "{email}");
    }
    for email in ["", "x", "@b", "a@", "a@b c", "a b@c", "a@b>\r\nBcc: <x@y", "a@b,c@d", "陳@例.tw", "a@b..c", "\"a b\"@c"] {
        let mut one = draft();
        one.to.email = email.to_owned();
        assert_eq!(freeze(&one), Err(Error::Address), "{email}");
    }
}

#[test]
fn a_name_with_line_breaks_neither_panics_nor_injects() {
    let mut one = draft();
    one.to.name = "x\r\nBcc: evil@example.org\u{2028}\u{202e}\u{0}y".to_owned();
    one.subject = "x\r\n\r\nbody =?utf-8?q?=0D=0ABcc:_x?=".to_owned();
    one.headers.push(("X-Redress-Case", "1\r\nBcc: evil@example.org".to_owned()));
    let bytes = freeze(&one).expect("frozen");
    assert!(!unfolded_header_names(&bytes).iter().any(|n| n.eq_ignore_ascii_case("bcc")));
    let mail = read(&bytes);
    assert_eq!(mail.subject(), Some("x body =?utf-8?q?=0D=0ABcc:_x?="));
    assert_eq!(mail.to().and_then(|a| a.first()).and_then(|a| a.name()), Some("x Bcc: evil@example.org y"));
    one.headers = vec![("Subject", "again".to_owned())];
    assert_eq!(freeze(&one), Err(Error::Header("Subject")));
    one.headers = Vec::new();
    one.message_id = "a b@c".to_owned();
    assert_eq!(freeze(&one), Err(Error::Header("Message-ID")));
}

#[test]
fn the_gate_refuses_what_smuggles() {
    assert_eq!(gate(b"a: b\r\n\r\nhello\r\n"), Ok(()));
    for (bytes, what) in [
        (&b"a\n.\nMAIL FROM:<x>\r\n"[..], "LF without CR"),
        (b"a\r\n\rb\r\n", "CR without LF"),
        (b"a\r\r\n", "CR without LF"),
        (b"a\r\n\n", "LF without CR"),
        (b"a\r.\r\n", "CR without LF"),
        (b"a\0\r\n", "NUL"),
        (b"a\r\nb", "last line without CRLF"),
        (b"a\r", "last line without CRLF"),
        (b"", "last line without CRLF"),
    ] {
        assert!(matches!(gate(bytes), Err(Error::Gate { what: found, .. }) if found == what), "{bytes:?} {:?}", gate(bytes));
    }
    let line = |n: usize| format!("{}\r\n", "x".repeat(n)).into_bytes();
    assert_eq!(gate(&line(998)), Ok(()));
    assert!(gate(&line(999)).is_err());
}

#[test]
fn every_line_end_becomes_crlf() {
    for (raw, wanted) in [
        (&b"a\nb\r\nc\rd"[..], &b"a\r\nb\r\nc\r\nd"[..]),
        (b"a\r", b"a\r\n"),
        (b"a\r\r\n", b"a\r\n\r\n"),
        (b"\n\n", b"\r\n\r\n"),
        (b"\n\r", b"\r\n\r\n"),
        (b"", b""),
    ] {
        assert_eq!(&*crate::mail::compose_original::crlf(raw), wanted, "{raw:?}");
    }
}

#[test]
fn links_are_short_and_whole() {
    let link = mailto("service+a.0123456789abcd@kmu.example", "RETURN 115-0042", "RETURN 115-0042 #k7f3q9w2\r\n原因：\n");
    assert_eq!(
        link,
        "mailto:service%2Ba.0123456789abcd@kmu.example?subject=RETURN%20115-0042&body=RETURN%20115-0042%20%23k7f3q9w2%0D%0A%E5%8E%9F%E5%9B%A0%EF%BC%9A%0D%0A"
    );
    let long = mailto("service@kmu.example", "主旨", &"請說明".repeat(500));
    assert!(long.len() <= MAILTO_LIMIT && long.len() > MAILTO_LIMIT - 10);
    assert!(
        long.ends_with("%8B") || long.ends_with("%AA") || long.ends_with("%8E"),
        "ends with a whole character: {}",
        &long[long.len() - 9..]
    );
    assert!(!link.contains(['"', '<', ' ', '+', '\'']));
}

#[test]
fn freezing_is_fast() {
    let mut full = draft();
    full.html = Some("<p>您好</p>".repeat(400));
    full.attachments.push(Attach {
        name: "表.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        bytes: Arc::from((0..60_000_u32).map(|n| (n % 251) as u8).collect::<Vec<u8>>()),
    });
    full.originals
        .push(Original {
            name: "原信.eml".to_owned(), raw: Arc::new("Subject: 漏水\n\n三樓漏水，請處理。\n".repeat(600).into_bytes())
        });
    let mut best = std::time::Duration::MAX;
    for _ in 0..60 {
        let start = std::time::Instant::now();
        freeze(&full).expect("frozen");
        best = best.min(start.elapsed());
    }
    println!("freeze: {best:?}");
    assert!(best < std::time::Duration::from_millis(4), "{best:?} (under 1 ms on an idle machine)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_anywhere_reads_back_as_one_mail(name in "\\PC{0,80}|[\\x00-\\x7f]{0,40}", subject in "\\PC{0,260}|[\\x00-\\x7f]{0,120}|[=?_ a-z]{0,80}", file in "\\PC{0,160}|[\\x00-\\x7f]{0,60}", body in "\\PC{0,80}|[\\r\\n.\\x00a-z ]{0,80}", raw in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut one = draft();
        one.to.name = name.clone();
        one.subject = subject.clone();
        one.text = body;
        one.html = Some("<p>x</p>".to_owned());
        one.attachments.push(Attach { name: file.clone(), content_type: subject.clone(), bytes: Arc::from(raw.clone()) });
        let bytes = freeze(&one).expect("frozen");
        prop_assert!(gate(&bytes).is_ok());
        prop_assert!(bytes.split(|b| *b == b'\n').all(|l| l.len() <= 78));
        prop_assert_eq!(unfolded_header_names(&bytes).len(), 12);
        let mail = read(&bytes);
        let wanted = HeaderText::new(&subject);
        prop_assert_eq!(mail.subject().unwrap_or_default(), wanted.as_str());
        let wanted = HeaderText::new(&name);
        let to = mail.to().and_then(|a| a.first()).expect("to");
        prop_assert_eq!(to.name().unwrap_or_default(), wanted.as_str());
        prop_assert_eq!(to.address(), Some("wang.xm@mail.example"));
        let files: Vec<_> = mail.attachments().collect();
        prop_assert_eq!(files.len(), 1);
        let wanted = HeaderText::file_name(&file, "attachment-1");
        let part = files.first().expect("one");
        prop_assert_eq!(part.attachment_name().unwrap_or_default(), wanted.as_str());
        prop_assert_eq!(part.contents(), &raw[..]);
    }
}
