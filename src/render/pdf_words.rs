//! The words of a PDF that we wrote: its text runs, through the fonts' own tables, in the order in which they were set. Tells after a leak what
//! stood on a form that left (`breach-report`). Reads what `pdf` writes; of a stranger's PDF it gives what it understands.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::ZlibDecoder;

/// No stream of a form is larger when inflated.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Glyph number → characters.
type Glyphs = BTreeMap<u16, String>;

/// The words, a line a text object; empty where there are none that can be read.
#[must_use]
pub fn pdf_words(pdf: &[u8]) -> String {
    let objects = objects(pdf);
    let mut fonts: BTreeMap<String, Glyphs> = BTreeMap::new();
    for object in objects.values() {
        for (name, font) in named(&object.dictionary) {
            let map = objects.get(&font).and_then(|f| reference(&f.dictionary, "/ToUnicode")).and_then(|id| objects.get(&id));
            if let Some(map) = map {
                fonts.insert(name, glyphs(&map.stream));
            }
        }
    }
    let mut out = String::new();
    for object in objects.values().filter(|o| memchr::memmem::find(&o.stream, b" Tf").is_some()) {
        shown(&object.stream, &fonts, &mut out);
    }
    out
}

/// An object: what stands before its stream, and the stream as it is meant.
struct Object {
    dictionary: String,
    stream: Vec<u8>,
}

fn objects(pdf: &[u8]) -> BTreeMap<u32, Object> {
    let mut found = BTreeMap::new();
    let mut rest = pdf;
    while let Some(at) = memchr::memmem::find(rest, b" 0 obj") {
        let (before, after) = rest.split_at(at);
        let after = after.get(6..).unwrap_or_default();
        let digits: Vec<u8> = before.iter().rev().take_while(|b| b.is_ascii_digit()).copied().collect();
        let id = digits.iter().rev().fold(0_u32, |n, d| n.wrapping_mul(10).wrapping_add(u32::from(d - b'0')));
        let head_end = memchr::memmem::find(after, b"stream").unwrap_or(usize::MAX);
        let plain_end = memchr::memmem::find(after, b"endobj").unwrap_or(after.len());
        if head_end > plain_end {
            let dictionary = String::from_utf8_lossy(after.get(..plain_end).unwrap_or_default()).into_owned();
            found.insert(id, Object { dictionary, stream: Vec::new() });
            rest = after.get(plain_end..).unwrap_or_default();
            continue;
        }
        let dictionary = String::from_utf8_lossy(after.get(..head_end).unwrap_or_default()).into_owned();
        let body = after.get(head_end + 6..).unwrap_or_default();
        let body = body.strip_prefix(b"\r\n").or_else(|| body.strip_prefix(b"\n")).unwrap_or(body);
        let length = number_after(&dictionary, "/Length").and_then(|n| usize::try_from(n).ok()).unwrap_or(0).min(body.len());
        let (data, tail) = body.split_at(length);
        let mut stream = Vec::new();
        if dictionary.contains("/FlateDecode") {
            // What could be inflated counts.
            let _ = ZlibDecoder::new(data).take(LIMIT).read_to_end(&mut stream);
        } else {
            stream = data.to_vec();
        }
        found.insert(id, Object { dictionary, stream });
        rest = tail;
    }
    found
}

/// The number that follows a key: its value, or the object that it names.
fn number_after(dictionary: &str, key: &str) -> Option<u32> {
    let (_, rest) = dictionary.split_once(key)?;
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn reference(dictionary: &str, key: &str) -> Option<u32> {
    number_after(dictionary, key)
}

/// The names under which a dictionary of resources has its fonts, and their objects.
fn named(dictionary: &str) -> Vec<(String, u32)> {
    let Some((_, rest)) = dictionary.split_once("/Font") else { return Vec::new() };
    let Some((_, rest)) = rest.split_once("<<").filter(|(between, _)| between.trim().is_empty()) else { return Vec::new() };
    let Some((inside, _)) = rest.split_once(">>") else { return Vec::new() };
    let mut words = inside.split_ascii_whitespace();
    let mut out = Vec::new();
    while let (Some(name), Some(id)) = (words.next(), words.next()) {
        if let (Some(name), Ok(id)) = (name.strip_prefix('/'), id.parse()) {
            out.push((name.to_owned(), id));
        }
        // The generation and the R.
        let _ = (words.next(), words.next());
    }
    out
}

/// A ToUnicode table (PDF 32000-1 §9.10.3).
fn glyphs(cmap: &[u8]) -> Glyphs {
    let text = String::from_utf8_lossy(cmap);
    let mut out = Glyphs::new();
    for (kind, section) in sections(&text) {
        for line in section.lines() {
            let codes: Vec<Vec<u16>> = line.split('<').skip(1).filter_map(|w| w.split('>').next()).map(units).collect();
            let first = codes.first().and_then(|c| c.first()).copied();
            match (kind, first, codes.get(1), codes.get(2)) {
                ("char", Some(glyph), Some(words), _) => {
                    out.insert(glyph, String::from_utf16_lossy(words));
                }
                ("range", Some(from), Some(to), Some(words)) => {
                    let to = to.first().copied().unwrap_or(from);
                    for (step, glyph) in (from..=to).enumerate() {
                        let mut each = words.clone();
                        // An array gives each its own; a single value counts upwards.
                        if line.contains('[') {
                            each = codes.get(2 + step).cloned().unwrap_or_default();
                        } else if let Some(last) = each.last_mut() {
                            *last = last.wrapping_add(u16::try_from(step).unwrap_or(0));
                        }
                        out.insert(glyph, String::from_utf16_lossy(&each));
                    }
                }
                (_, _, _, _) => {}
            }
        }
    }
    out
}

fn sections(text: &str) -> Vec<(&'static str, &str)> {
    let mut out = Vec::new();
    for (kind, open, close) in [("char", "beginbfchar", "endbfchar"), ("range", "beginbfrange", "endbfrange")] {
        let parts = text.split(open).skip(1).filter_map(|p| p.split(close).next());
        out.extend(parts.map(|p| (kind, p)));
    }
    out
}

fn units(hex: &str) -> Vec<u16> {
    let digits: Vec<u16> = hex.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u16::try_from(d).ok()).collect();
    digits.chunks(4).map(|four| four.iter().fold(0, |n, d| n * 16 + d)).collect()
}

/// The text that a page's contents show.
fn shown(content: &[u8], fonts: &BTreeMap<String, Glyphs>, out: &mut String) {
    let mut font: Option<&Glyphs> = None;
    let mut name = String::new();
    let mut bytes = content.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'(' => say(&literal(&mut bytes), font, out),
            b'<' => {
                let hex: Vec<u8> = std::iter::from_fn(|| bytes.next().filter(|b| *b != b'>')).collect();
                let text = String::from_utf8_lossy(&hex).into_owned();
                let codes: Vec<u8> = units(&text).iter().flat_map(|u| u.to_be_bytes()).collect();
                say(&codes, font, out);
            }
            b'/' => {
                name.clear();
                while let Some(next) = bytes.next_if(|b| !b.is_ascii_whitespace() && !b"[]()<>/".contains(b)) {
                    name.push(char::from(next));
                }
            }
            _ if byte.is_ascii_alphabetic() => {
                let mut word = String::from(char::from(byte));
                while let Some(next) = bytes.next_if(u8::is_ascii_alphabetic) {
                    word.push(char::from(next));
                }
                match word.as_str() {
                    "Tf" => font = fonts.get(&name),
                    "ET" => out.push('\n'),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn say(codes: &[u8], font: Option<&Glyphs>, out: &mut String) {
    let Some(font) = font else { return };
    for pair in codes.chunks(2) {
        let glyph = pair.iter().fold(0_u16, |n, b| n.wrapping_shl(8) | u16::from(*b));
        if let Some(words) = font.get(&glyph) {
            out.push_str(words);
        }
    }
}

/// A literal string after its opening parenthesis (PDF 32000-1 §7.3.4.2).
fn literal(bytes: &mut std::iter::Peekable<impl Iterator<Item = u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut depth = 1;
    while let Some(byte) = bytes.next() {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            b'\\' => {
                let Some(escaped) = bytes.next() else { break };
                match escaped {
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'b' => out.push(8),
                    b'f' => out.push(12),
                    b'\n' => {}
                    b'0'..=b'7' => {
                        let mut value = u32::from(escaped - b'0');
                        for _ in 0..2 {
                            if let Some(digit) = bytes.next_if(|b| (b'0'..=b'7').contains(b)) {
                                value = value * 8 + u32::from(digit - b'0');
                            }
                        }
                        out.push(u8::try_from(value & 0xff).unwrap_or(0));
                    }
                    other => out.push(other),
                }
                continue;
            }
            _ => {}
        }
        out.push(byte);
    }
    out
}
