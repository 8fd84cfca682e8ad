//! `Content-Type` and `Content-Disposition`: a value and its parameters (RFC 2045 §5.1, RFC 2231), tolerant of every writer we met.
//! Names come out decoded: continuations joined as octets first, `charset''%xx`, encoded words inside quotes, raw 8-bit octets.

use super::{charset, encoded_word, transfer};
use std::collections::BTreeMap;

/// A field value and its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// The value before the first semicolon, in lower case.
    pub value: String,
    map: BTreeMap<String, String>,
}

impl Params {
    /// A value without parameters.
    #[must_use]
    pub fn plain(value: &str) -> Self {
        Self { value: value.to_owned(), map: BTreeMap::new() }
    }

    /// Parses an unfolded field value. `fallback`: charset for raw 8-bit octets.
    #[must_use]
    pub fn parse(field: &[u8], fallback: Option<&str>) -> Self {
        let mut pieces = split(field).into_iter();
        let value = pieces
            .next()
            .map(|p| String::from_utf8_lossy(strip_comment(p)).trim().trim_matches('"').to_ascii_lowercase())
            .unwrap_or_default();
        let mut found: BTreeMap<String, Vec<Piece>> = BTreeMap::new();
        for piece in pieces {
            let Some(eq) = piece.iter().position(|b| *b == b'=') else { continue };
            let (name, val) = piece.split_at(eq);
            let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
            let val = unquote(val.get(1..).unwrap_or_default().trim_ascii());
            let (base, index, extended) = star(&name);
            found.entry(base).or_default().push(Piece { index, extended, octets: val });
        }
        let map = found.into_iter().map(|(k, v)| (k, join(v, fallback))).collect();
        Self { value, map }
    }

    /// The decoded parameter of that (lower case) name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.map.get(name).map(String::as_str)
    }
}

struct Piece {
    index: Option<u32>,
    extended: bool,
    octets: Vec<u8>,
}

/// `name*0*` → (name, Some(0), true).
fn star(name: &str) -> (String, Option<u32>, bool) {
    let (stem, extended) = name.strip_suffix('*').map_or((name, false), |s| (s, true));
    if let Some((base, n)) = stem.rsplit_once('*')
        && let Ok(n) = n.parse::<u32>()
    {
        return (base.to_owned(), Some(n), extended);
    }
    (stem.to_owned(), None, extended)
}

fn join(mut pieces: Vec<Piece>, fallback: Option<&str>) -> String {
    // The extended form wins over the plain one beside it (RFC 6266 §4.3); the plain one is for readers that know no better.
    if pieces.iter().any(|p| p.extended || p.index.is_some()) {
        pieces.retain(|p| p.extended || p.index.is_some());
    }
    pieces.sort_by_key(|p| p.index.unwrap_or(0));
    if pieces.iter().all(|p| p.index.is_none()) {
        pieces.truncate(1);
    }
    let mut label: Option<String> = None;
    let mut octets = Vec::new();
    let any_extended = pieces.iter().any(|p| p.extended);
    for (i, p) in pieces.iter().enumerate() {
        if !p.extended {
            octets.extend_from_slice(&p.octets);
            continue;
        }
        let mut coded: &[u8] = &p.octets;
        if i == 0
            && let Some((set, rest)) = charset_prefix(coded)
        {
            label = Some(set).filter(|s| !s.is_empty());
            coded = rest;
        }
        octets.extend_from_slice(&percent(coded));
    }
    if any_extended && !octets.windows(2).any(|w| w == b"=?") {
        return charset::decode(&octets, label.as_deref().or(fallback)).text;
    }
    encoded_word::decode(&octets, label.as_deref().or(fallback)).text
}

fn charset_prefix(s: &[u8]) -> Option<(String, &[u8])> {
    let q1 = s.iter().position(|b| *b == b'\'')?;
    let after = s.get(q1 + 1..)?;
    let q2 = after.iter().position(|b| *b == b'\'')?;
    let set = std::str::from_utf8(s.get(..q1)?).ok()?;
    let token = set.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    if !token {
        return None;
    }
    Some((set.to_owned(), after.get(q2 + 1..)?))
}

fn percent(s: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    let mut rest = s;
    while let Some((&b, tail)) = rest.split_first() {
        if b == b'%'
            && let Some(v) = transfer::hex_pair(tail)
        {
            out.push(v);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            out.push(b);
            rest = tail;
        }
    }
    out
}

/// Splits at semicolons outside quotes.
fn split(field: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0usize, false, false);
    for (i, &b) in field.iter().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                out.push(field.get(start..i).unwrap_or_default());
                start = i + 1;
            }
            _ => {}
        }
    }
    out.push(field.get(start..).unwrap_or_default());
    out
}

fn unquote(s: &[u8]) -> Vec<u8> {
    let Some(inner) = s.strip_prefix(b"\"") else { return strip_comment(s).trim_ascii().to_vec() };
    let mut out = Vec::with_capacity(inner.len());
    let mut it = inner.iter().peekable();
    while let Some(&b) = it.next() {
        match b {
            // Windows programs write paths unescaped; only a quote or a backslash is taken as escaped.
            b'\\' if matches!(it.peek(), Some(b'"' | b'\\')) => out.extend(it.next()),
            b'"' => break,
            _ => out.push(b),
        }
    }
    out
}

fn strip_comment(s: &[u8]) -> &[u8] {
    match s.windows(2).position(|w| w == b" (") {
        Some(p) if s.trim_ascii_end().ends_with(b")") && !s.contains(&b'.') => s.get(..p).unwrap_or(s),
        _ => s,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(field: &str) -> String {
        Params::parse(field.as_bytes(), None).get("filename").unwrap_or_default().to_owned()
    }

    #[test]
    fn rfc_2231_in_big5_and_cut_inside_a_character() {
        assert_eq!(name("attachment; filename*=big5''%C3%BA%B6%4F%2E%70%64%66"), "繳費.pdf");
        assert_eq!(name("attachment; filename*0*=utf-8''%E5%81; filename*1*=%9C; filename*2=\".pdf\""), "停.pdf");
    }

    #[test]
    fn encoded_words_and_blanks_in_names() {
        assert_eq!(name("attachment; filename=\"=?utf-8?B?5YGc6LuK?=.pdf\""), "停車.pdf");
        assert_eq!(name("attachment; filename=my file.pdf"), "my file.pdf");
        assert_eq!(name("attachment; filename=\"a;b \\\"c\\\".txt\""), "a;b \"c\".txt");
        assert_eq!(name("attachment; filename=\"plain.txt\"; filename*=utf-8''%E5%81%9C.txt"), "停.txt");
    }

    #[test]
    fn value_in_lower_case() {
        let p = Params::parse(b"Text/PLAIN; Charset=\"BIG5\"; format=flowed", None);
        assert_eq!(p.value, "text/plain");
        assert_eq!(p.get("charset"), Some("BIG5"));
        assert_eq!(p.get("format"), Some("flowed"));
    }
}
