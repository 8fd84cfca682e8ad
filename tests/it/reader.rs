//! The mails of `tests/corpus/tables`, written from what is known of mail programs, each with what a careful clerk reads in it.
//!
//! A case begins with `#### name`; lines with `%` at its top set the frame: `%raw` (a whole mail, `\\xNN` is an octet), `%html`, `%charset` (the body
//! is written in it), `%encode qp`, `%type`, `%subject`, `%from`, `%head Name: value`. Each `====> key` asks for something: `reply` (the lines
//! below it, white space apart), `reply_has`, `reply_lacks`, `text`, `lacks`, `subject`, `from`, `from_name`, `attachment`, `class`.

use redress::mail::{Inbound, inspect};
use serde_json::Value;
use std::fmt::Write as _;

fn folded(s: &str) -> String {
    s.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One case of a table.
struct Case {
    name: String,
    raw: Vec<u8>,
    asks: Vec<String>,
}

fn cases(table: &str) -> Vec<Case> {
    table.split("\n#### ").skip(1).map(case).collect()
}

fn case(block: &str) -> Case {
    let mut parts = block.split("\n====> ");
    let mut lines = parts.next().unwrap_or_default().split('\n').peekable();
    let name = lines.next().unwrap_or_default().to_owned();
    let mut frame = Frame::default();
    while let Some(line) = lines.next_if(|l| l.starts_with('%')) {
        frame.set(line.trim_start_matches('%'));
    }
    let body = lines.collect::<Vec<_>>().join("\n") + "\n";
    Case { name, raw: frame.mail(&body), asks: parts.map(str::to_owned).collect() }
}

/// What stands around the body.
#[derive(Default)]
struct Frame {
    raw: bool,
    html: bool,
    quoted_printable: bool,
    charset: Option<String>,
    content_type: Option<String>,
    subject: Option<String>,
    from: Option<String>,
    head: Vec<String>,
}

impl Frame {
    fn set(&mut self, line: &str) {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let value = value.to_owned();
        match key {
            "raw" => self.raw = true,
            "html" => self.html = true,
            "encode" => self.quoted_printable = value == "qp",
            "charset" => self.charset = Some(value),
            "type" => self.content_type = Some(value),
            "subject" => self.subject = Some(value),
            "from" => self.from = Some(value),
            "head" => self.head.push(value),
            other => panic!("unknown frame {other}"),
        }
    }

    fn mail(&self, body: &str) -> Vec<u8> {
        if self.raw {
            return octets(body);
        }
        let charset = self.charset.as_deref().unwrap_or("utf-8");
        let encoding = encoding_rs::Encoding::for_label(charset.as_bytes()).unwrap_or_else(|| panic!("{charset}"));
        let (body, _, lost) = encoding.encode(body);
        assert!(!lost, "{charset} cannot hold the body");
        let kind = if self.html { "text/html; charset=utf-8" } else { "text/plain; charset=utf-8" };
        let mut out = format!(
            "From: {}\nTo: office@campus.example\nSubject: {}\nDate: Thu, 12 Mar 2026 10:15:03 +0800\nMessage-ID: <u1@home.example>\n",
            self.from.as_deref().unwrap_or("Chen <chen@home.example>"),
            self.subject.as_deref().unwrap_or("Re: [115-014]"),
        );
        for line in &self.head {
            let _ = writeln!(out, "{line}");
        }
        let coding = if self.quoted_printable { "quoted-printable" } else { "8bit" };
        let kind = self.content_type.as_deref().unwrap_or(kind);
        let _ = write!(out, "MIME-Version: 1.0\nContent-Type: {kind}\nContent-Transfer-Encoding: {coding}\n\n");
        let mut out = out.into_bytes();
        if self.quoted_printable {
            for b in body.iter() {
                if *b == b'\n' {
                    out.push(b'\n');
                } else {
                    out.extend(format!("={b:02X}").bytes());
                }
            }
        } else {
            out.extend_from_slice(&body);
        }
        out
    }
}

/// `\\xB0` becomes that octet.
fn octets(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        out.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(b) => {
                out.push(b);
                rest = &after[2..];
            }
            None => {
                out.extend_from_slice(b"\\x");
                rest = after;
            }
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// Whether the mail was read as asked.
fn holds(ask: &str, mail: &Inbound, json: &Value) -> bool {
    let (line, below) = ask.split_once('\n').unwrap_or((ask, ""));
    let (key, value) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let has = |text: &str| folded(text).contains(&folded(value));
    match key {
        "reply" => folded(&mail.reply_text) == folded(below),
        "reply_has" => has(&mail.reply_text),
        "reply_lacks" => !has(&mail.reply_text),
        "text" => has(&mail.text),
        "lacks" => !has(&mail.text),
        "subject" => value.split('|').any(|s| folded(s) == folded(&mail.subject)),
        "from" => mail.from.as_ref().is_some_and(|f| f.address == value),
        "from_name" => mail.from.as_ref().is_some_and(|f| f.name == value),
        "attachment" => json["attachments"].as_array().is_some_and(|rows| rows.iter().any(|a| value.split('|').any(|n| a["name"] == n))),
        "class" => class_holds(value, mail),
        other => panic!("unknown ask {other}"),
    }
}

/// `bounce a@b permanent`: one of the classes, and for a bounce the address that it names and whether it failed for good.
fn class_holds(value: &str, mail: &Inbound) -> bool {
    let mut words = value.split(' ');
    if !words.next().is_some_and(|classes| classes.split('|').any(|c| c == mail.class.name())) {
        return false;
    }
    let (Some(address), Some(bounce)) = (words.next(), &mail.bounce) else { return true };
    let row = bounce.recipients.iter().find(|r| r.address == address);
    row.is_some_and(|r| words.next().is_none_or(|w| r.permanent == (w == "permanent")))
}

fn wrong(table: &str, least: usize) -> String {
    let cases = cases(table);
    assert!(cases.len() >= least, "{} cases", cases.len());
    let mut out = String::new();
    for case in cases {
        assert!(!case.asks.is_empty(), "{} asks for nothing", case.name);
        let mail = redress::mail::read(&case.raw);
        let json = inspect::to_json("", &mail);
        for ask in case.asks.iter().filter(|a| !holds(a, &mail, &json)) {
            let _ = writeln!(out, "{}: want {ask:?}\n  got {json}", case.name);
        }
    }
    out
}

#[test]
fn replies_of_programs_in_many_languages() {
    let wrong =
        wrong(include_str!("../corpus/tables/reply_languages.txt"), 90) + &wrong(include_str!("../corpus/tables/reply_more.txt"), 60);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn replies_of_programs_in_taiwan() {
    let wrong = wrong(include_str!("../corpus/tables/reply_clients.txt"), 70)
        + &wrong(include_str!("../corpus/tables/reply_html.txt"), 30)
        + &wrong(include_str!("../corpus/tables/reply_odd.txt"), 55);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn words_that_only_look_like_a_quotation() {
    let wrong = wrong(include_str!("../corpus/tables/reply_traps.txt"), 38);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn people_and_machines() {
    let wrong = wrong(include_str!("../corpus/tables/class.txt"), 100)
        + &wrong(include_str!("../corpus/tables/class_reports.txt"), 60)
        + &wrong(include_str!("../corpus/tables/class_more.txt"), 40);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn odd_headers_encodings_and_structures() {
    let wrong = wrong(include_str!("../corpus/tables/parse.txt"), 80) + &wrong(include_str!("../corpus/tables/parse_more.txt"), 90);
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the short words of a reply were taken for.
fn meant(kind: &str, words: &str) -> &'static str {
    use redress::mail::decision::{Decision, decide};
    use redress::mail::verdict::{Verdict, satisfaction, withdraws};
    match kind {
        "verdict" => match satisfaction(words) {
            Some(Verdict::Satisfied) => "yes",
            Some(Verdict::Dissatisfied) => "no",
            None => "open",
        },
        "decide" => match decide(words) {
            Decision::Approve => "approve",
            Decision::Return { .. } => "return",
            Decision::ChangeAsked { .. } => "change",
            Decision::Edited { .. } => "edited",
            Decision::Seen => "seen",
            Decision::Unclear => "unclear",
            Decision::Empty => "empty",
        },
        "withdraw" if withdraws(words) => "yes",
        "withdraw" => "no",
        other => panic!("unknown kind {other}"),
    }
}

#[test]
fn short_words_of_replies() {
    let mut wrong = String::new();
    let mut count = 0;
    for row in include_str!("../corpus/tables/words.txt").lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [kind, right, words] = cells[..] else { panic!("{row}") };
        // As they come in: a mail of these words alone.
        let mail =
            format!("From: a@home.example\nSubject: Re: x\nContent-Type: text/plain; charset=utf-8\n\n{}\n", words.replace("\\n", "\n"));
        let is = meant(kind, &redress::mail::read(mail.as_bytes()).reply_text);
        if !right.split('|').any(|r| r == is) {
            let _ = writeln!(wrong, "{kind} {words}: want {right}, is {is}");
        }
        count += 1;
    }
    assert!(count >= 60, "{count}");
    assert!(wrong.is_empty(), "{wrong}");
}
