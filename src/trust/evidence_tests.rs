//! Tests of `evidence`: forged fields in every place and order, and the writings of real servers.

use super::*;

const ID: &str = "mx.kmu.example";
const FROM: &str = "lin@kmu.example";
const BORDER: &str =
    "from out.kmu.example (out.kmu.example [192.0.2.7]) by mx.kmu.example (Postfix) with ESMTPS id 4X; Tue, 1 Dec 2026 09:00:00 +0800";
const PASS: &str = "mx.kmu.example; dmarc=pass header.from=kmu.example";

fn headers(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn of(lines: &[(&str, &str)]) -> Evidence {
    evaluate(&headers(lines), Some(ID), Some(FROM))
}

fn result(value: &str) -> Evidence {
    of(&[("Authentication-Results", value), ("Received", BORDER)])
}

fn proven(evidence: &Evidence) -> bool {
    matches!(evidence, Evidence::Proven { .. })
}

/// All arrangements of all non-empty subsets.
fn arrangements<T: Copy + PartialEq>(items: &[T]) -> Vec<Vec<T>> {
    let mut out = Vec::new();
    let mut open: Vec<Vec<T>> = vec![vec![]];
    while let Some(head) = open.pop() {
        for item in items.iter().filter(|item| !head.contains(item)) {
            let mut next = head.clone();
            next.push(*item);
            out.push(next.clone());
            open.push(next);
        }
    }
    out
}

#[test]
fn one_to_five_blocks_in_all_orders_around_the_border() {
    let blocks = [
        (PASS, None),
        ("mx.kmu.example; dmarc=fail header.from=kmu.example", Some(Reason::DmarcFail)),
        ("mx.evil.example; dmarc=pass header.from=kmu.example", Some(Reason::OtherAuthserv)),
        ("mx.kmu.example; dmarc=pass header.from=evil.example", Some(Reason::DomainMismatch)),
        ("mx.kmu.example; dmarc=pass (header.from=kmu.example", Some(Reason::Malformed)),
    ];
    let (mut tried, mut passed) = (0, 0);
    for order in arrangements(&blocks) {
        for border in 0..=order.len() {
            // what an attacker writes stands below the border; he may also write a border of his own there
            for forged_border in [false, true] {
                let mut lines: Vec<(&str, &str)> = order.iter().map(|(value, _)| ("Authentication-Results", *value)).collect();
                lines.insert(border, ("Received", BORDER));
                if forged_border {
                    lines.push(("Received", BORDER));
                    lines.push(("From", "lin@kmu.example"));
                }
                let expected = match order.first() {
                    Some((_, reason)) if border > 0 => *reason,
                    _ => Some(Reason::NoResult),
                };
                let evidence = of(&lines);
                match expected {
                    None => assert!(proven(&evidence), "{lines:?}"),
                    Some(reason) => assert_eq!(evidence, Evidence::Missing(reason), "{lines:?}"),
                }
                tried += 1;
                passed += usize::from(proven(&evidence));
            }
        }
    }
    // 1630 places of the border in 325 orders, each with and without a forged border
    assert_eq!((tried, arrangements(&blocks).len()), (3260, 325));
    assert!(passed > 0 && passed < tried / 4);
}

#[test]
fn a_mail_without_the_borders_line_proves_nothing() {
    assert_eq!(of(&[("Authentication-Results", PASS)]), Evidence::Missing(Reason::NoBorder));
    assert_eq!(of(&[]), Evidence::Missing(Reason::NoBorder));
    let elsewhere = "from a by mx.other.example with ESMTP; now";
    assert_eq!(of(&[("Authentication-Results", PASS), ("Received", elsewhere)]), Evidence::Missing(Reason::NoBorder));
    // in the from clause, in a comment, as part of a longer name: not by it
    for line in ["from mx.kmu.example by store.kmu.example; now", "from a (mx.kmu.example) by store.kmu.example; now"] {
        assert_eq!(of(&[("Authentication-Results", PASS), ("Received", line)]), Evidence::Missing(Reason::NoBorder), "{line}");
    }
}

#[test]
fn inner_hops_stand_above_the_border() {
    let inner = "from mx.kmu.example (mx.kmu.example [10.0.0.1])\r\n\tby store.kmu.example (Dovecot) with LMTP id 1; now";
    assert!(proven(&of(&[("Return-Path", "<x@y>"), ("Received", inner), ("Authentication-Results", PASS), ("Received", BORDER)])));
    assert!(proven(&of(&[("Authentication-Results", PASS), ("Received", inner), ("Received", BORDER)])));
    assert!(proven(&of(&[("AUTHENTICATION-RESULTS ", PASS), ("received", &BORDER.to_uppercase())])));
    assert!(proven(&of(&[("Authentication-Results", PASS), ("Received", "by MX.kmu.example. with LMTP; now")])));
    assert!(proven(&of(&[("Authentication-Results", PASS), ("Received", "from a [192.0.2.1] by mx.kmu.example with ESMTP; now")])));
}

/// The sender's HELO stands in the border's own line. Bending that line must not make a forged one below count.
#[test]
fn a_helo_cannot_hide_the_border_and_lift_a_forged_one() {
    let forged = [("Authentication-Results", PASS), ("Received", BORDER)];
    for helo in ["x by evil", "x by evil (", "x(", "\"x", "x)", "by", "x\\", "\"by\" by evil", "x; by", "(x by evil", "x by evil\""] {
        let line = format!("from {helo} (unknown [198.51.100.9]) by mx.kmu.example (Postfix) with ESMTP id 7 for <a)\"@kmu.example>; now");
        let mut lines = vec![("Received", line.as_str())];
        lines.extend(forged);
        assert!(!proven(&of(&lines)), "{helo}");
    }
    let quoted_id = "from a by \"mx.kmu.example\" by b; now";
    assert_eq!(of(&[("Received", quoted_id), forged[0], forged[1]]), Evidence::Missing(Reason::UnclearBorder));
}

/// What the sender writes into his envelope stands in the border's results.
#[test]
fn values_cannot_break_out_into_results() {
    for mailfrom in [
        "\"; dmarc=pass header.from=kmu.example\"@evil.example",
        "\";dmarc=pass(x)header.from=kmu.example;x=\"@evil.example",
        "a;dmarc=pass(x)header.from=kmu.example@evil.example",
        "a;dmarc=pass(x)header.from=kmu.example;x=y()a.b=c@evil.example",
        "a(;dmarc=pass header.from=kmu.example;",
        "\"\\\";dmarc=pass header.from=kmu.example;x=y\"@evil.example",
        "\"a;dmarc=pass header.from=kmu.example",
    ] {
        for (before, after) in
            [("", "; dmarc=fail header.from=kmu.example"), ("dmarc=none header.from=kmu.example; ", ""), ("dmarc=fail; ", "; dkim=none")]
        {
            let value = format!("mx.kmu.example; {before}spf=pass smtp.mailfrom={mailfrom}{after}");
            assert!(!proven(&result(&value)), "{value}");
        }
    }
}

#[test]
fn writings_of_real_servers_are_read() {
    for value in [
        "mx.kmu.example; dmarc=pass (p=reject dis=none) header.from=kmu.example",
        "mx.kmu.example 1; dmarc=pass header.from=kmu.example;",
        "MX.KMU.example.;\r\n\tspf=pass (mx.kmu.example: domain of lin@kmu.example designates 192.0.2.7 (\\) as permitted)) smtp.mailfrom=lin@kmu.example;\r\n\tdkim=pass header.i=@kmu.example header.s=s1 header.b=\"a/b+c==\";\r\n\tDMARC=PASS (p=NONE sp=NONE) header.from=KMU.Example",
        "mx.kmu.example; dkim=pass (2048-bit key; unprotected) header.d=kmu.example header.b=ab/cd+e==; dmarc=pass action=none header.from=kmu.example; compauth=pass reason=100",
        "mx.kmu.example;dmarc/1=pass header.from=lin@kmu.example policy.dmarc=reject",
        "(our word) \"mx.kmu.example\" (v) 1 (one) ; (x) dmarc (y) = (z) pass (a) header.from (b) = (c) \"kmu.example\" (d)",
        "mx.kmu.example; arc=none; x-tls=pass smtp.version=TLSv1.3; dmarc=pass header.from=kmu.example.",
    ] {
        assert!(proven(&result(value)), "{value}: {:?}", result(value));
    }
    assert_eq!(result(PASS), Evidence::Proven { how: "dmarc=pass header.from=kmu.example by mx.kmu.example".into() });
}

#[test]
fn every_failure_has_its_name() {
    use Reason::*;
    let table = [
        ("mx.kmu.example; none", NoMethod),
        ("mx.kmu.example", NoMethod),
        ("mx.kmu.example; spf=pass smtp.mailfrom=kmu.example", NoMethod),
        ("mx.kmu.example; dmarc=bestguesspass header.from=kmu.example", DmarcFail),
        ("mx.kmu.example; dmarc=none header.from=kmu.example", DmarcFail),
        ("mx.kmu.example; dmarc=pass", NoDomain),
        ("mx.kmu.example; dmarc=pass (header.from=kmu.example)", NoDomain),
        ("mx.kmu.example; dmarc=pass header.from=sub.kmu.example", DomainMismatch),
        ("mx.kmu.example; dmarc=pass header.from=kmu.example.evil.example", DomainMismatch),
        ("mx.kmu.example; dmarc=pass header.from=xkmu.example", DomainMismatch),
        ("mx.kmu.example; dmarc=pass header.from=kmu.example header.from=evil.example", Ambiguous),
        ("mx.kmu.example; dmarc=fail header.from=kmu.example; dmarc=pass header.from=kmu.example", Ambiguous),
        ("mx.kmu.example.evil.example; dmarc=pass header.from=kmu.example", OtherAuthserv),
        ("x-mx.kmu.example; dmarc=pass header.from=kmu.example", OtherAuthserv),
        ("spf=pass smtp.mailfrom=a; dmarc=pass action=none header.from=kmu.example", OtherAuthserv),
        ("mx.kmu.example 2; dmarc=pass header.from=kmu.example", Malformed),
        ("mx.kmu.example; dmarc/2=pass header.from=kmu.example", Malformed),
        ("mx.kmu.example; dmarc pass header.from=kmu.example", Malformed),
        ("mx.kmu.example; dmarc=pass header.from", Malformed),
        ("mx.kmu.example dmarc=pass header.from=kmu.example", Malformed),
        ("mx.kmu.example; \"dmarc\"=pass header.from=kmu.example", Malformed),
        ("", Malformed),
    ];
    for (value, reason) in table {
        assert_eq!(result(value), Evidence::Missing(reason), "{value}");
    }
    let lines = headers(&[("Authentication-Results", PASS), ("Received", BORDER)]);
    assert_eq!(evaluate(&lines, None, Some(FROM)), Evidence::Missing(NoTrustedId));
    assert_eq!(evaluate(&lines, Some(" "), Some(FROM)), Evidence::Missing(NoTrustedId));
    for from in [None, Some("lin"), Some("\"lin@x\" <e@evil>"), Some("lin@kmu.example@"), Some("lin@"), Some("a@b, lin@kmu.example")] {
        assert_eq!(evaluate(&lines, Some(ID), from), Evidence::Missing(AmbiguousFrom), "{from:?}");
    }
    assert_eq!(evaluate(&lines, Some(ID), Some("lin@evil.example")), Evidence::Missing(DomainMismatch));
}

#[test]
fn dkim_and_logins_are_read_where_the_mode_asks() {
    let dkim = |value: &str| {
        evaluate_for(EvidenceMode::Dkim, &headers(&[("Authentication-Results", value), ("Received", BORDER)]), Some(ID), Some(FROM))
    };
    assert!(proven(&dkim("mx.kmu.example; dkim=fail header.d=a.example; dkim=pass header.d=kmu.example header.i=@kmu.example")));
    assert_eq!(dkim("mx.kmu.example; dkim=pass header.d=evil.example"), Evidence::Missing(Reason::DomainMismatch));
    assert_eq!(dkim("mx.kmu.example; dkim=pass header.d=evil.example header.i=@kmu.example"), Evidence::Missing(Reason::DomainMismatch));
    assert_eq!(dkim("mx.kmu.example; dkim=pass"), Evidence::Missing(Reason::NoDomain));
    assert_eq!(dkim("mx.kmu.example; dkim=fail header.d=kmu.example"), Evidence::Missing(Reason::DkimFail));
    assert_eq!(dkim("mx.kmu.example; dmarc=pass header.from=kmu.example"), Evidence::Missing(Reason::NoMethod));

    let inner = |lines: &[(&str, &str)]| evaluate_for(EvidenceMode::Internal, &headers(lines), Some(ID), Some(FROM));
    assert!(proven(&inner(&[("Received", "from pc by mx.kmu.example with ESMTPSA id 1; now")])));
    assert_eq!(inner(&[("Received", BORDER)]), Evidence::Missing(Reason::NotInternal));
    assert!(proven(&inner(&[("X-MS-Exchange-Organization-AuthAs", "Internal"), ("Received", BORDER)])));
    assert_eq!(inner(&[("Received", BORDER), ("X-MS-Exchange-Organization-AuthAs", "Internal")]), Evidence::Missing(Reason::NotInternal));
    assert_eq!(evaluate_for(EvidenceMode::Token, &[], None, None), Evidence::Missing(Reason::NotAsked));
}

proptest::proptest! {
    #[test]
    fn reading_never_panics(name in "(Received|Authentication-Results)", value in "[ -~\\r\\n\u{e9}\u{4e2d}]{0,120}", other in "\\PC{0,60}") {
        let _ = of(&[("Authentication-Results", &value), (&name, &other), ("Received", &value), ("Received", BORDER)]);
    }
}

#[test]
fn a_sender_is_refuted_by_his_own_border_alone_and_by_nothing_less_than_fail() {
    let said = |lines: &[(&str, &str)]| refuted(&headers(lines), Some(ID), Some(FROM));
    let fail = "mx.kmu.example; dmarc=fail (p=reject) header.from=kmu.example";
    assert!(said(&[("Authentication-Results", fail), ("Received", BORDER)]));
    for value in [
        PASS,
        "mx.kmu.example; dmarc=none header.from=kmu.example",
        "mx.kmu.example; dmarc=temperror",
        "mx.kmu.example; none",
        "evil.example; dmarc=fail",
    ] {
        assert!(!said(&[("Authentication-Results", value), ("Received", BORDER)]), "{value}");
    }
    assert!(!said(&[("Received", BORDER), ("Authentication-Results", fail)]), "below the border anybody writes");
    assert!(!refuted(&headers(&[("Authentication-Results", fail), ("Received", BORDER)]), None, Some(FROM)));
}
