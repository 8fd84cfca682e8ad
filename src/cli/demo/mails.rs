//! Mails of the demo: what people write (bytes, sent by SMTP to the private server) and what the server kept, read back as its
//! reader sees it. No story here, and no page. Called by `play`, `page` and `live`.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64;

use crate::calendar::Moment;
use crate::mail::headers::RawHeaders;
use crate::mail::{self, parts};

/// A mail that somebody writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    /// `陳小華 <hua@mail.example>`.
    pub from: String,
    /// An address.
    pub to: String,
    /// As typed.
    pub subject: String,
    /// As typed.
    pub text: String,
    /// The Message-ID that it answers, without brackets.
    pub answers: Option<String>,
}

impl Written {
    /// Its bytes; `number` makes its Message-ID.
    pub(super) fn bytes(&self, at: Moment, zone: &jiff::tz::TimeZone, number: usize) -> Vec<u8> {
        let address = address_of(&self.from);
        let name = self.from.split('<').next().unwrap_or_default().trim().trim_matches('"');
        let name = if name == address { String::new() } else { encoded(name) };
        let domain = address.rsplit('@').next().unwrap_or_default();
        let date = at.zoned(zone).strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
        let id = format!("{}.{number}@{domain}", at.unix());
        let mut out = format!("From: {name} <{address}>\r\nTo: <{}>\r\n", one_line(&self.to));
        out.push_str(&format!("Subject: {}\r\nDate: {date}\r\nMessage-ID: <{id}>\r\n", encoded(&self.subject)));
        if let Some(answered) = &self.answers {
            out.push_str(&format!("In-Reply-To: <{answered}>\r\nReferences: <{answered}>\r\n"));
        }
        out.push_str("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        let body = BASE64.encode(self.text.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes());
        for line in body.as_bytes().chunks(76) {
            out.push_str(&String::from_utf8_lossy(line));
            out.push_str("\r\n");
        }
        out.into_bytes()
    }
}

/// `hua@mail.example` of `陳小華 <hua@mail.example>`, fit for a command of SMTP.
pub(super) fn address_of(mailbox: &str) -> String {
    let inner = mailbox.rsplit('<').next().unwrap_or_default();
    one_line(inner.split('>').next().unwrap_or_default()).trim().to_owned()
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !"<>".contains(*c)).collect()
}

/// RFC 2047 where it is needed: words of at most 36 octets, so that no line is too long.
fn encoded(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.is_ascii() && !text.contains(['"', '<', '(']) && text.len() < 60 {
        return text;
    }
    let mut words = vec![String::new()];
    for c in text.chars() {
        if words.last().is_some_and(|w| w.len() + c.len_utf8() > 36) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let words: Vec<String> = words.iter().map(|w| format!("=?UTF-8?B?{}?=", BASE64.encode(w.as_bytes()))).collect();
    words.join("\r\n ")
}

/// Gives a mail to the private server (RFC 5321).
///
/// # Errors
/// What the server says.
pub(super) fn send(port: u16, from: &str, to: &str, raw: &[u8]) -> Result<()> {
    let stream = TcpStream::connect(("127.0.0.1", port)).context("the demo's mail server does not answer")?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut talk = BufReader::new(stream);
    expect(&mut talk, "", '2')?;
    expect(&mut talk, "EHLO localhost\r\n", '2')?;
    expect(&mut talk, &format!("MAIL FROM:<{}>\r\n", address_of(from)), '2')?;
    expect(&mut talk, &format!("RCPT TO:<{}>\r\n", address_of(to)), '2')?;
    expect(&mut talk, "DATA\r\n", '3')?;
    let mut content = Vec::with_capacity(raw.len() + 8);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        if line.first() == Some(&b'.') {
            content.push(b'.');
        }
        content.extend_from_slice(line);
    }
    if !content.ends_with(b"\r\n") {
        content.extend_from_slice(b"\r\n");
    }
    talk.get_mut().write_all(&content)?;
    expect(&mut talk, ".\r\n", '2')?;
    expect(&mut talk, "QUIT\r\n", '2')
}

fn expect(talk: &mut BufReader<TcpStream>, command: &str, class: char) -> Result<()> {
    talk.get_mut().write_all(command.as_bytes())?;
    loop {
        let mut line = String::new();
        ensure!(talk.read_line(&mut line)? > 0, "the mail server hung up");
        if line.as_bytes().get(3) != Some(&b'-') {
            ensure!(line.starts_with(class), "the mail server says to {}: {}", command.trim(), line.trim());
            return Ok(());
        }
    }
}

/// A mail that the server kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Its place in the order of arrival, from 1.
    pub number: usize,
    /// Whether it came to the office; else the office sent it.
    pub incoming: bool,
    /// RCPT TO.
    pub to: String,
    /// As read.
    pub mail: mail::Inbound,
    /// The HTML part; empty where there is none.
    pub html: String,
}

impl Kept {
    /// Who wrote it: name and address.
    pub(super) fn from(&self) -> (String, String) {
        self.mail.from.as_ref().map(|f| (f.name.clone(), f.address.clone())).unwrap_or_default()
    }

    /// Where a reply goes.
    pub(super) fn reply_to(&self) -> String {
        self.mail.reply_to.first().map_or_else(|| self.from().1, |r| r.address.clone())
    }

    /// The target of the button whose label holds this word.
    pub(super) fn button(&self, word: &str) -> Option<String> {
        self.html.split("<a ").skip(1).find_map(|rest| {
            let (link, _) = rest.split_once("</a>")?;
            let (tag, label) = link.split_once('>')?;
            let href = tag.split("href=\"").nth(1)?.split('"').next()?;
            label.contains(word).then(|| href.replace("&amp;", "&"))
        })
    }

    /// The mail that pressing a button writes.
    pub(super) fn press(&self, word: &str, from: &str) -> Option<Written> {
        let href = self.button(word)?;
        let (to, query) = href.strip_prefix("mailto:")?.split_once('?')?;
        let get = |name: &str| query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('=')).map(percent).unwrap_or_default();
        Some(Written { from: from.to_owned(), to: percent(to), subject: get("subject"), text: get("body"), answers: None })
    }

    /// A reply as a mail program writes it: threaded, with what it answers quoted below.
    pub(super) fn reply(&self, from: &str, text: &str, office: &str) -> Written {
        let (_, address) = self.from();
        let quoted: String = self.mail.text.lines().take(24).map(|line| format!("> {line}\n")).collect();
        let date = self.mail.date.clone().unwrap_or_default();
        Written {
            from: from.to_owned(),
            to: self.reply_to(),
            subject: format!("Re: {}", self.mail.subject),
            text: format!("{}\n\nOn {date}, {office} <{address}> wrote:\n\n{quoted}", text.trim_end()),
            answers: self.mail.message_id.clone(),
        }
    }
}

/// What came after the first `seen` mails.
///
/// # Errors
/// The spool cannot be read.
pub(super) fn kept_after(spool: &Path, seen: usize) -> Result<Vec<Kept>> {
    let mut found = Vec::new();
    for number in seen + 1.. {
        let path = spool.join(format!("{number:05}.eml"));
        let Ok(raw) = std::fs::read(&path) else { break };
        let envelope: serde_json::Value = serde_json::from_slice(&std::fs::read(path.with_extension("json"))?)?;
        let to = envelope.get("to").and_then(|t| t.get(0)).and_then(|t| t.as_str()).unwrap_or_default().to_owned();
        let incoming = envelope.get("incoming").and_then(serde_json::Value::as_bool).unwrap_or_default();
        found.push(Kept { number, incoming, to, mail: mail::read(&raw), html: html(&raw) });
    }
    Ok(found)
}

fn html(raw: &[u8]) -> String {
    let headers = RawHeaders::parse(raw);
    let tree = parts::take_apart(&headers, raw.get(headers.body_at()..).unwrap_or_default());
    let part = tree.leaves.iter().find(|p| p.content_type.value == "text/html" && p.disposition.value != "attachment");
    part.map(|p| String::from_utf8_lossy(&p.decoded()).into_owned()).unwrap_or_default()
}

/// Undoes `%E6…`.
fn percent(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let code = more.get(..2).filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        out.push(code.unwrap_or(*first));
        rest = if code.is_some() { more.get(2..).unwrap_or_default() } else { more };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read_as_written() {
        let written = Written {
            from: "陳小華 <hua@mail.example>".into(),
            to: "service@kmu.example".into(),
            subject: "選課系統一直出錯，而且這個主旨很長很長很長很長很長很長".into(),
            text: ".起頭有點\n第二行".into(),
            answers: Some("x@y.example".into()),
        };
        let read = mail::read(&written.bytes(Moment::from_unix(1_790_000_000), &jiff::tz::TimeZone::UTC, 1));
        assert_eq!(read.subject, written.subject);
        assert_eq!(read.text.trim(), written.text);
        assert_eq!(read.strict_from.as_deref(), Some("hua@mail.example"));
        assert_eq!(read.from.map(|f| f.name).as_deref(), Some("陳小華"));
        assert_eq!(read.in_reply_to, ["x@y.example"]);
    }

    #[test]
    fn nothing_typed_becomes_a_header_of_its_own() {
        let written = Written {
            from: "a\r\nBcc: <x@y>\r\n <a@b.example>".into(),
            to: "t@b>\r\nX: 1".into(),
            subject: "s\r\nX: 2".into(),
            ..Written::default()
        };
        let raw = String::from_utf8(written.bytes(Moment::from_unix(0), &jiff::tz::TimeZone::UTC, 1)).expect("ASCII");
        assert!(!raw.contains("\nX:") && !raw.contains("\nBcc:"), "{raw}");
        assert_eq!(percent("%E6%A0%B8%E5%87%86%0D%0A100%"), "核准\r\n100%");
    }
}
