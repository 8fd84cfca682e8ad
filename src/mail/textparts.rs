//! Which leaves are the mail's words, and those words as lines: plain before HTML inside an alternative, text beside attachments joined.
//! Called by `parse`; charsets come from `charset`, HTML from `html`.

mod uu;

pub use uu::Embedded;

use super::attachments;
use super::charset;
use super::html::{self, Line};
use super::parts::{Part, Tree};
use std::collections::BTreeMap;

/// Most text that is read of one mail, in octets after decoding; more stays in the raw mail only.
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Most lines of text that are read of one mail.
const MAX_LINES: usize = 50_000;

/// The words of a mail.
#[derive(Debug, Default)]
pub struct Words {
    /// In reading order, quotes marked.
    pub lines: Vec<Line>,
    /// The first declared charset, a hint for raw octets in headers.
    pub charset: Option<String>,
    /// A label had to be overruled.
    pub repaired: bool,
    /// Indices of the leaves that are text and so no attachments.
    pub used: Vec<usize>,
    /// Files written into the text.
    pub embedded: Vec<Embedded>,
    /// What was odd.
    pub warnings: Vec<String>,
}

impl Words {
    /// The whole readable text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for l in &self.lines {
            out.push_str(&l.text);
            out.push('\n');
        }
        out.trim_matches(['\n', ' ', '\t']).to_owned()
    }
}

struct Candidate {
    leaf: usize,
    html: bool,
    alternative: Option<usize>,
    lines: Vec<Line>,
}

/// Gathers the words of a mail.
#[must_use]
pub fn gather(tree: &Tree<'_>) -> Words {
    let mut words = Words::default();
    let mut found: Vec<Candidate> = Vec::new();
    let mut budget = MAX_TEXT;
    let has_plain_text = tree.leaves.iter().any(|p| is_text(p) && !is_file(p));
    for (i, part) in tree.leaves.iter().enumerate() {
        if !is_text(part) || (is_file(part) && (has_plain_text || part.disposition.value == "attachment")) {
            continue;
        }
        let octets = part.decoded();
        if octets.len() > budget {
            words.warnings.push("text longer than 4 MiB is cut".to_owned());
        }
        let octets = octets.get(..budget).unwrap_or(&octets);
        budget = budget.saturating_sub(octets.len());
        let label = part.content_type.get("charset").filter(|c| !c.trim().is_empty());
        if words.charset.is_none() {
            words.charset = label.map(str::to_owned);
        }
        found.push(candidate(i, part, octets, label, &mut words));
    }
    choose(found, &mut words);
    words
}

fn candidate(leaf: usize, part: &Part<'_>, octets: &[u8], label: Option<&str>, words: &mut Words) -> Candidate {
    let declared_html = matches!(part.content_type.value.as_str(), "text/html" | "text/xhtml" | "application/xhtml+xml");
    let meta = if declared_html && label.is_none() { meta_charset(octets) } else { None };
    let d = charset::decode(octets, label.or(meta.as_deref()));
    let plain_utf8 = label.is_none() && meta.is_none() && std::str::from_utf8(octets).is_ok();
    words.repaired |= d.repaired && !plain_utf8;
    let start = d.text.trim_start().get(..15).unwrap_or_default().to_ascii_lowercase();
    let html = declared_html || start.starts_with("<!doctype html") || start.starts_with("<html>") || start.starts_with("<html ");
    let lines = match part.content_type.value.as_str() {
        _ if html => html::lines(&d.text),
        "text/enriched" | "text/richtext" => plain_lines(&enriched(&d.text)),
        _ => {
            let is = |key: &str, value: &str| part.content_type.get(key).is_some_and(|f| f.eq_ignore_ascii_case(value));
            let (text, files) = uu::take_out(&d.text);
            words.embedded.extend(files);
            if is("format", "flowed") { plain_lines(&unflow(&text, is("delsp", "yes"))) } else { plain_lines(&text) }
        }
    };
    let alternative = part.around.iter().rev().find(|(k, _)| k == "multipart/alternative").map(|(_, n)| *n);
    Candidate { leaf, html, alternative, lines }
}

fn choose(found: Vec<Candidate>, words: &mut Words) {
    let size = |c: &Candidate| c.lines.iter().map(|l| l.text.trim().chars().count()).sum::<usize>();
    let sizes: Vec<usize> = found.iter().map(size).collect();
    // alternative container → characters of its HTML
    let mut rich: BTreeMap<usize, usize> = BTreeMap::new();
    for (c, size) in found.iter().zip(&sizes) {
        if let (true, Some(n)) = (c.html, c.alternative) {
            *rich.entry(n).or_default() += size;
        }
    }
    let html_of = |n: usize| rich.get(&n).copied().unwrap_or_default();
    // alternative container → whether its plain text is used
    let mut plain: BTreeMap<usize, bool> = BTreeMap::new();
    for (c, size) in found.iter().zip(&sizes) {
        if let Some(n) = c.alternative {
            *plain.entry(n).or_default() |= !c.html && *size > 0 && !is_stub(c, html_of(n));
        }
    }
    let keep = |c: &Candidate| match c.alternative {
        None => true,
        Some(n) => plain.get(&n).copied().unwrap_or_default() != c.html || (!c.html && html_of(n) == 0),
    };
    let keep: Vec<bool> = found.iter().zip(&sizes).map(|(c, size)| *size > 0 && keep(c)).collect();
    for (c, keep) in found.into_iter().zip(keep) {
        words.used.push(c.leaf);
        if !keep || words.lines.len() >= MAX_LINES {
            continue;
        }
        if !words.lines.is_empty() {
            words.lines.push(Line { text: String::new(), quoted: false, cut: false });
        }
        words.lines.extend(c.lines);
    }
    if words.lines.len() > MAX_LINES {
        words.lines.truncate(MAX_LINES);
        words.warnings.push("text of more than 50000 lines is cut".to_owned());
    }
}

/// A plain part that only says "use a program that shows HTML".
fn is_stub(c: &Candidate, rich: usize) -> bool {
    let text: String = c.lines.iter().take(40).map(|l| l.text.to_lowercase()).collect::<Vec<_>>().join(" ");
    let len = text.chars().count();
    let shows =
        ["view", "support", "client", "read", "see ", "display", "檢視", "支援", "顯示", "支持", "查看"].iter().any(|w| text.contains(w));
    rich > len.saturating_mul(2) && len < 400 && text.contains("html") && shows
}

fn is_text(part: &Part<'_>) -> bool {
    let t = part.content_type.value.as_str();
    matches!(
        t,
        "text/plain"
            | "text/html"
            | "text/enriched"
            | "text/richtext"
            | "text/markdown"
            | "text/x-markdown"
            | "text/x-plain"
            | "text/unknown"
            | "application/xhtml+xml"
    ) || (t.starts_with("text/")
        && part.disposition.value.is_empty()
        && !matches!(
            t,
            "text/calendar"
                | "text/rfc822-headers"
                | "text/vcard"
                | "text/x-vcard"
                | "text/directory"
                | "text/csv"
                | "text/css"
                | "text/x-amp-html"
                | "text/watch-html"
        ))
}

/// Handed over as a file: said so, or named.
fn is_file(part: &Part<'_>) -> bool {
    part.disposition.value == "attachment" || attachments::given_name(&part.headers, None).is_some()
}

/// The charset that a `<meta>` near the top names.
fn meta_charset(octets: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(octets.get(..2048).unwrap_or(octets)).to_ascii_lowercase();
    let at = head.find("charset=")?;
    let value = head.get(at + 8..)?.trim_start_matches(['"', '\'', ' ']);
    let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    (!name.is_empty()).then_some(name)
}

/// Lines of plain text, line ends of every kind.
#[must_use]
pub fn plain_lines(text: &str) -> Vec<Line> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    text.split('\n').take(MAX_LINES + 1).map(|l| Line { text: l.trim_end().to_owned(), quoted: false, cut: false }).collect()
}

/// Joins flowed lines (RFC 3676 §4): a blank at the end of a line means that the next one goes on, at the same quote depth.
fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let depth = line.chars().take_while(|c| *c == '>').count();
        let body = line.get(depth..).unwrap_or_default();
        let body = body.strip_prefix(' ').unwrap_or(body);
        match open {
            Some(d) if d == depth && body != "-- " => {}
            Some(_) => {
                out.push('\n');
                start_line(&mut out, depth);
            }
            None => start_line(&mut out, depth),
        }
        let flows = body.ends_with(' ') && body != "-- " && !body.trim().is_empty();
        out.push_str(if flows && delsp { body.strip_suffix(' ').unwrap_or(body) } else { body });
        open = flows.then_some(depth);
        if !flows {
            out.push('\n');
        }
    }
    out
}

fn start_line(out: &mut String, depth: usize) {
    for _ in 0..depth.min(40) {
        out.push('>');
    }
    if depth > 0 {
        out.push(' ');
    }
}

/// `text/enriched` (RFC 1896) without its commands.
fn enriched(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(p) = rest.find('<') {
        let (before, from) = rest.split_at(p);
        out.push_str(before);
        if let Some(r) = from.strip_prefix("<<") {
            out.push('<');
            rest = r;
        } else {
            rest = from.find('>').and_then(|e| from.get(e + 1..)).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_are_joined_and_signature_marks_kept() {
        assert_eq!(unflow("one \r\ntwo\r\n> a \r\n> b\r\n-- \r\nsig", false), "one two\n> a b\n-- \nsig\n");
        assert_eq!(unflow("停車 \n場", true), "停車場\n");
    }

    #[test]
    fn meta_names_the_charset() {
        assert_eq!(meta_charset(b"<meta content=\"text/html; charset=big5\">").as_deref(), Some("big5"));
        assert_eq!(meta_charset(b"<meta charset='utf-8'>").as_deref(), Some("utf-8"));
    }
}
