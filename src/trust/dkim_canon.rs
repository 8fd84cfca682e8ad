//! A mail's bytes as DKIM signs them (RFC 6376 §3.4, §3.7): fields as they stand, both canonical forms of header and body, and the
//! signature's own field without its value. Works on the raw bytes alone; a bare CR or LF in the header makes it no mail.

use super::dkim_tags::Signature;

/// One field as it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawField<'a> {
    /// Its name.
    pub name: &'a str,
    /// What follows the colon, folds included, without the last line end.
    pub value: &'a str,
    /// Name, colon and value.
    whole: &'a str,
}

impl RawField<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.trim_end().eq_ignore_ascii_case(name)
    }
}

/// Header fields, topmost first, and the body.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub fields: Vec<RawField<'a>>,
    pub body: &'a [u8],
}

/// Longest header that is looked at, in bytes.
const LONGEST_HEADER: usize = 256 * 1024;

impl<'a> Message<'a> {
    /// `None` where the header is no sequence of fields in ASCII or UTF-8 with CRLF.
    pub(super) fn split(raw: &'a [u8]) -> Option<Self> {
        let end = memchr::memmem::find(raw.get(..raw.len().min(LONGEST_HEADER))?, b"\r\n\r\n")?;
        let header = std::str::from_utf8(raw.get(..end)?).ok()?;
        let mut fields: Vec<RawField<'a>> = Vec::new();
        let mut start = 0;
        let mut lines = header.split("\r\n").peekable();
        let mut at = 0;
        while let Some(line) = lines.next() {
            if line.contains(['\r', '\n', '\0']) {
                return None;
            }
            at += line.len();
            let folded = lines.peek().is_some_and(|next| next.starts_with([' ', '\t']));
            if !folded {
                let whole = header.get(start..at)?;
                let (name, value) = whole.split_once(':')?;
                let plain = |c: char| c.is_ascii_graphic() && c != ':';
                if name.trim_end().is_empty() || !name.trim_end().chars().all(plain) {
                    return None;
                }
                fields.push(RawField { name, value, whole });
                start = at + 2;
            }
            at += 2;
        }
        Some(Self { fields, body: raw.get(end + 4..)? })
    }

    pub(super) fn count(&self, name: &str) -> usize {
        self.fields.iter().filter(|f| f.is(name)).count()
    }
}

/// The header as signed: the named fields, each name taking the lowest one left, then the signature's own field.
pub(super) fn header(message: &Message<'_>, place: usize, signature: &Signature) -> Vec<u8> {
    let mut used = vec![false; message.fields.len()];
    let mut out = String::new();
    for name in &signature.fields {
        let found = message.fields.iter().enumerate().rev().find(|(at, f)| f.is(name) && used.get(*at) == Some(&false));
        if let Some((at, field)) = found {
            if let Some(mark) = used.get_mut(at) {
                *mark = true;
            }
            out.push_str(&one(field.name, field.value, field.whole, signature.relaxed_header));
            out.push_str("\r\n");
        }
    }
    if let Some(own) = message.fields.get(place) {
        let emptied = without_value(own.value);
        let whole = format!("{}:{emptied}", own.name);
        out.push_str(&one(own.name, &emptied, &whole, signature.relaxed_header));
    }
    out.into_bytes()
}

fn one(name: &str, value: &str, whole: &str, relaxed: bool) -> String {
    if !relaxed {
        return whole.to_owned();
    }
    let unfolded = value.replace("\r\n", "");
    let words: Vec<&str> = unfolded.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
    format!("{}:{}", name.trim_end().to_ascii_lowercase(), words.join(" "))
}

/// The field without the value of its tag `b`.
fn without_value(value: &str) -> String {
    let tags = value.split(';').map(|tag| match tag.split_once('=') {
        Some((name, _)) if name.trim() == "b" => format!("{name}="),
        Some(_) | None => tag.to_owned(),
    });
    tags.collect::<Vec<_>>().join(";")
}

/// The body as signed.
pub(super) fn body(body: &[u8], relaxed: bool) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(body.len() + 2);
    let mut rest = body;
    while !rest.is_empty() {
        let (line, after) = match memchr::memmem::find(rest, b"\r\n") {
            Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 2..).unwrap_or_default()),
            None => (rest, &[][..]),
        };
        if relaxed {
            relaxed_line(line, &mut out);
        } else {
            out.extend_from_slice(line);
        }
        out.extend_from_slice(b"\r\n");
        rest = after;
    }
    while out.ends_with(b"\r\n\r\n") {
        out.truncate(out.len() - 2);
    }
    if out == b"\r\n" || out.is_empty() {
        return if relaxed { Vec::new() } else { b"\r\n".to_vec() };
    }
    out
}

fn relaxed_line(line: &[u8], out: &mut Vec<u8>) {
    let mut blank = false;
    for &byte in line {
        if byte == b' ' || byte == b'\t' {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) {
            out.push(b' ');
        }
        out.push(byte);
    }
}
