//! Tests of `dkim`: the published example, what a signer may do, and what an attacker would.

use super::*;
use data_encoding::BASE64;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// RFC 8463 §A.3, signed twice, with the keys of §A.2.
const PUBLISHED: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\n d=football.example.com; i=@football.example.com;\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\n subject : date : message-id : from : subject : date;\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\n Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n d=football.example.com; i=@football.example.com;\n q=dns/txt; s=test; t=1528637909; h=from : to : subject :\n date : message-id : from : subject : date;\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\n DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\n dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\nFrom: Joe SixPack <joe@football.example.com>\nTo: Suzie Q <suzie@shopping.example.net>\nSubject: Is dinner ready?\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\n\nHi.\n\nWe lost the game.  Are you hungry yet?\n\nJoe.\n";
const BRISBANE: (&str, &str) =
    ("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
const TEST: (&str, &str) = (
    "test._domainkey.football.example.com",
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
);
const NOW: i64 = 1_772_500_000;

fn keys(records: &[(&str, &str)]) -> BTreeMap<String, String> {
    records.iter().map(|(name, record)| ((*name).to_owned(), (*record).to_owned())).collect()
}

fn crlf(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

#[test]
fn the_published_example_holds_by_either_key() {
    let raw = crlf(PUBLISHED);
    let domain = "football.example.com";
    assert_eq!(key_names(&raw, domain), [BRISBANE.0, TEST.0]);
    for (key, algorithm) in [(BRISBANE, "ed25519-sha256"), (TEST, "rsa-sha256")] {
        let signed = verify(&raw, domain, NOW, &keys(&[key])).expect(algorithm);
        assert!(signed.how.contains(algorithm) && signed.recipients && signed.subject, "{signed:?}");
    }
    assert_eq!(verify(&raw, domain, NOW, &keys(&[])), Err(Reason::NoKey));
    assert_eq!(verify(&raw, "example.com", NOW, &keys(&[BRISBANE])), Err(Reason::NoMethod));
    // The other key under this name.
    assert!(verify(&raw, domain, NOW, &keys(&[(BRISBANE.0, TEST.1)])).is_err());
}

#[test]
fn nothing_that_was_signed_can_be_changed() {
    let domain = "football.example.com";
    let both = keys(&[BRISBANE, TEST]);
    for (from, to) in [
        ("We lost", "We won"),
        ("Subject: Is", "Subject: Was"),
        ("Joe SixPack", "Joe SevenPack"),
        ("suzie@", "susie@"),
        ("h=from : to", "h=from : cc"),
        ("t=1528637909", "t=1528637908"),
        ("bh=2jUS", "bh=2jUT"),
        ("d=football.example.com", "d=football.example.org"),
        ("Joe.\n", "Joe.\n\nP.S. APPROVE\n"),
        ("\n\nHi.", "\nSubject: other\n\nHi."),
        ("From: Joe", "From: eve@football.example.com\nFrom: Joe"),
        ("\n\nHi.", "\nContent-Type: text/html\nContent-Type: text/plain\n\nHi."),
    ] {
        assert!(PUBLISHED.contains(from), "{from}");
        assert!(verify(&crlf(&PUBLISHED.replace(from, to)), domain, NOW, &both).is_err(), "{from} → {to}");
    }
    // Blanks at the ends of lines and empty lines at the end are free in the relaxed form, folds of a field too.
    for (from, to) in [("Hi.\n", "Hi.  \n"), ("Joe.\n", "Joe.\n\n\n"), ("Subject: Is dinner", "Subject:  Is\n dinner"), ("To: ", "TO:\t")] {
        verify(&crlf(&PUBLISHED.replace(from, to)), domain, NOW, &both).unwrap_or_else(|why| panic!("{from} → {to}: {why:?}"));
    }
}

/// Signs with a fresh key; gives the mail and the record.
fn signed_by_us(tags: &str, fields: &str, body: &str) -> (Vec<u8>, String) {
    let pair =
        Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).expect("key").as_ref()).expect("pair");
    let relaxed = tags.contains("relaxed/relaxed");
    let hash = BASE64.encode(&Sha256::digest(dkim_canon::body(&crlf(body), relaxed)));
    let own = format!("DKIM-Signature: v=1; a=ed25519-sha256; d=kmu.example; s=k; {tags} bh={hash}; b=");
    let whole = crlf(&format!("{own}\n{fields}\n\n{body}"));
    let message = Message::split(&whole).expect("a mail");
    // Where the tags are of no valid signature, any bytes do.
    let value = match Signature::parse(message.fields[0].value) {
        Some(read) => BASE64.encode(pair.sign(&Sha256::digest(dkim_canon::header(&message, 0, &read))).as_ref()),
        None => "AAAA".to_owned(),
    };
    let record = format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(pair.public_key().as_ref()));
    (crlf(&format!("{own}{value}\n{fields}\n\n{body}")), record)
}

const FIELDS: &str = "From: lee@kmu.example\nTo: service@kmu.example\nSubject: Re: 115-0001";

fn verdict(tags: &str, record: &dyn Fn(String) -> String) -> Result<Signed, Reason> {
    let (raw, key) = signed_by_us(tags, FIELDS, "APPROVE\n");
    verify(&raw, "kmu.example", NOW, &keys(&[("k._domainkey.kmu.example", &record(key))]))
}

#[test]
fn what_a_signer_may_say_and_what_makes_it_worthless() {
    let plain = |key: String| key;
    for tags in [
        "c=simple/simple; h=from:to:subject;",
        "h=from:to:subject;",
        "c=relaxed; h=From:To:Subject:From;",
        "c=relaxed/relaxed; h=from:to:subject; i=lee@kmu.example;",
        "c=relaxed/relaxed; h=from:to:subject; i=@mail.kmu.example; x=1772500001;",
    ] {
        let found = verdict(tags, &plain).unwrap_or_else(|why| panic!("{tags}: {why:?}"));
        assert!(found.recipients && found.subject);
    }
    let half = verdict("c=relaxed/relaxed; h=from:subject;", &plain).expect("holds");
    assert!(!half.recipients && half.subject, "who it is for was not signed");
    for tags in [
        "h=to:subject;",
        "h=from:to:subject; l=3;",
        "h=from:to:subject; x=1772499999;",
        "h=from:to:subject; t=1999999999;",
        "h=from:to:subject; i=lee@evil.example;",
        "c=loose/relaxed; h=from:to:subject;",
        "h=from:to:subject; q=http;",
        "h=from:to:subject; h=from;",
    ] {
        assert!(verdict(tags, &plain).is_err(), "{tags}");
    }
}

#[test]
fn keys_that_are_revoked_for_tests_or_for_other_things_prove_nothing() {
    let tags = "c=relaxed/relaxed; h=from:to:subject;";
    let add = |what: &'static str| move |key: String| format!("{key}; {what}");
    for what in ["t=y", "h=sha1", "s=tlsrpt", "t=s:y"] {
        assert!(verdict(tags, &add(what)).is_err(), "{what}");
    }
    for what in ["t=s", "s=email", "s=*", "h=sha1:sha256", "n=a note"] {
        assert!(verdict(tags, &add(what)).is_ok(), "{what}");
    }
    assert!(verdict("h=from:to:subject; i=@mail.kmu.example;", &add("t=s")).is_err(), "t=s and an identity below the domain");
    assert!(verdict(tags, &|_| "v=DKIM1; k=ed25519; p=".to_owned()).is_err());
    assert!(verdict(tags, &|key| key.replace("DKIM1", "DKIM2")).is_err());
    assert!(verdict(tags, &|key| key.replace("ed25519", "rsa")).is_err());
    assert!(verdict(tags, &|_| "v=spf1 -all".to_owned()).is_err());
}

#[test]
fn bare_line_ends_and_rubbish_are_no_mail() {
    for raw in [
        "DKIM-Signature: v=1\nFrom: a@kmu.example\n\nx".as_bytes(),
        b"DKIM-Signature: v=1; d=kmu.example\r\nFrom: a@kmu.example\nTo: b\r\n\r\nx",
        b"no field\r\n\r\n",
        b"",
        b"\r\n\r\n",
        b": x\r\n\r\n",
    ] {
        assert!(key_names(raw, "kmu.example").is_empty());
        assert!(verify(raw, "kmu.example", NOW, &keys(&[])).is_err());
    }
}

proptest::proptest! {
    #[test]
    fn reading_never_panics(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..400), text in "[ -~\\r\\n]{0,300}") {
        let _ = verify(&raw, "kmu.example", NOW, &keys(&[("k._domainkey.kmu.example", &text)]));
        let mail = format!("DKIM-Signature: {text}\r\nFrom: a@kmu.example\r\n\r\n");
        let _ = verify(mail.as_bytes(), "kmu.example", NOW, &keys(&[("k._domainkey.kmu.example", &text)]));
        let _ = KeyRecord::parse(&text);
    }
}
