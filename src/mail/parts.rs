//! A mail taken apart into its leaves, with a work list instead of recursion: depth and number cannot hurt the stack or the clock.
//!
//! Multiparts are walked, `message/rfc822` is a leaf (its inner mail is read one level deep by `parse`). No characters here, only octets.

use super::headers::{RawHeaders, line_at};
use super::params::Params;
use super::transfer;

/// Most leaves and containers of one mail; the rest is left in place and warned about.
pub const MAX_PARTS: usize = 1000;
/// Deepest multipart in multipart.
pub const MAX_DEPTH: usize = 20;

/// One leaf of the MIME tree.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// The header of the part itself; for a mail without MIME parts, that of the mail.
    pub headers: RawHeaders,
    /// `Content-Type`, `text/plain` where none is given.
    pub content_type: Params,
    /// `Content-Disposition`, its value empty where none is given.
    pub disposition: Params,
    /// The body as transferred.
    pub body: &'a [u8],
    /// Kinds and ordinals of the multiparts around it, outermost first: (`multipart/alternative`, container number).
    pub around: Vec<(String, usize)>,
}

impl Part<'_> {
    /// The body with its transfer encoding undone.
    #[must_use]
    pub fn decoded(&self) -> Vec<u8> {
        match self.encoding() {
            Encoding::Base64 => transfer::base64(self.body),
            Encoding::QuotedPrintable => transfer::quoted_printable(self.body),
            Encoding::Uuencode => transfer::uuencode(self.body),
            Encoding::None => self.body.to_vec(),
        }
    }

    /// How many octets [`Part::decoded`] gives; those that are long are not held for it.
    #[must_use]
    pub fn decoded_len(&self) -> usize {
        match self.encoding() {
            Encoding::Base64 => transfer::base64_len(self.body),
            Encoding::QuotedPrintable | Encoding::Uuencode => self.decoded().len(),
            Encoding::None => self.body.len(),
        }
    }

    fn encoding(&self) -> Encoding {
        let cte = self.headers.value("Content-Transfer-Encoding").unwrap_or_default().to_ascii_lowercase();
        match cte.split([';', ' ', '(']).next().unwrap_or_default().trim_matches('"') {
            "base64" | "b" if self.content_type.value.starts_with("text/") && transfer::never_base64(self.body) => Encoding::None,
            "base64" | "b" => Encoding::Base64,
            "quoted-printable" | "quoted_printable" | "qp" | "q" => Encoding::QuotedPrintable,
            "uuencode" | "x-uuencode" | "x-uue" | "uue" => Encoding::Uuencode,
            _ => Encoding::None,
        }
    }

    /// `Content-ID` without its brackets.
    #[must_use]
    pub fn content_id(&self) -> Option<String> {
        let v = self.headers.value("Content-ID")?;
        let v = v.trim().trim_matches(['<', '>', ' ']).to_owned();
        (!v.is_empty()).then_some(v)
    }

    /// Whether a multipart of that kind is around this part.
    #[must_use]
    pub fn within(&self, kind: &str) -> bool {
        self.around.iter().any(|(k, _)| k == kind)
    }
}

/// How a body is wrapped for its way; `None` for every other word.
enum Encoding {
    Base64,
    QuotedPrintable,
    Uuencode,
    None,
}

/// The leaves in reading order, and what was wrong.
#[derive(Debug, Default)]
pub struct Tree<'a> {
    /// Leaves in the order in which they stand.
    pub leaves: Vec<Part<'a>>,
    /// Kinds of all multiparts met, in order, with their `report-type` or `protocol`.
    pub containers: Vec<Params>,
    /// Sentences for the log and for `inspect`.
    pub warnings: Vec<String>,
}

struct Todo<'a> {
    headers: RawHeaders,
    body: &'a [u8],
    around: Vec<(String, usize)>,
    in_digest: bool,
}

/// Takes a mail apart whose header has been read already.
#[must_use]
pub fn take_apart<'a>(headers: &RawHeaders, body: &'a [u8]) -> Tree<'a> {
    let mut tree = Tree::default();
    let mut todo = vec![Todo { headers: headers.clone(), body, around: Vec::new(), in_digest: false }];
    let mut seen = 0usize;
    while let Some(item) = todo.pop() {
        seen += 1;
        if seen > MAX_PARTS {
            tree.warnings.push(format!("more than {MAX_PARTS} parts"));
            break;
        }
        let fallback = if item.in_digest { "message/rfc822" } else { "text/plain" };
        let content_type = content_type(&item.headers, fallback);
        if !content_type.value.starts_with("multipart/") {
            leaf(&mut tree, item, content_type);
            continue;
        }
        if item.around.len() >= MAX_DEPTH {
            tree.warnings.push(format!("parts nested deeper than {MAX_DEPTH}"));
            leaf(&mut tree, item, content_type);
            continue;
        }
        open_multipart(&mut tree, &mut todo, item, content_type);
    }
    tree
}

fn content_type(headers: &RawHeaders, fallback: &str) -> Params {
    let mut p = headers.all("Content-Type").map(|f| Params::parse(&f.bytes(), None)).find(|p| !p.value.is_empty()).unwrap_or_default();
    p.value = match p.value.as_str() {
        "" => fallback.to_owned(),
        "text" | "plain" | "text/text" | "mail" => "text/plain".to_owned(),
        "html" => "text/html".to_owned(),
        other => other.split_whitespace().next().unwrap_or(other).to_owned(),
    };
    p
}

fn leaf<'a>(tree: &mut Tree<'a>, item: Todo<'a>, content_type: Params) {
    let disposition = item.headers.first("Content-Disposition").map(|f| Params::parse(&f.bytes(), None)).unwrap_or_default();
    tree.leaves.push(Part { headers: item.headers, content_type, disposition, body: item.body, around: item.around });
}

fn open_multipart<'a>(tree: &mut Tree<'a>, todo: &mut Vec<Todo<'a>>, item: Todo<'a>, content_type: Params) {
    let declared = content_type.get("boundary").map(|b| b.trim_end().as_bytes().to_vec()).filter(|b| !b.is_empty());
    let mut bodies = declared.as_deref().map(|b| split(item.body, b)).unwrap_or_default();
    if bodies.is_empty()
        && let Some(b) = first_boundary(item.body)
    {
        bodies = split(item.body, &b);
        if !bodies.is_empty() {
            tree.warnings.push("boundary missing or wrong; the one in the text is used".to_owned());
        }
    }
    let kind = content_type.value.clone();
    if bodies.is_empty() {
        tree.warnings.push("multipart without parts".to_owned());
        leaf(tree, item, Params::plain("text/plain"));
        return;
    }
    let number = tree.containers.len();
    tree.containers.push(content_type);
    let mut around = item.around;
    around.push((kind.clone(), number));
    for body in bodies.into_iter().rev().take(MAX_PARTS * 2) {
        let headers = part_headers(body);
        let inner = body.get(headers.body_at()..).unwrap_or_default();
        todo.push(Todo { headers, body: inner, around: around.clone(), in_digest: kind == "multipart/digest" });
    }
}

/// The header of a part; a part that starts with text at once has none.
fn part_headers(body: &[u8]) -> RawHeaders {
    let headers = RawHeaders::parse(body);
    let mime = headers.iter().any(|f| f.name.get(..8).is_some_and(|n| n.eq_ignore_ascii_case("content-")));
    let blank_first = line_at(body, 0).is_none_or(|(l, _)| l.is_empty());
    if mime || headers.is_empty() || blank_first {
        return headers;
    }
    headers
}

/// The bodies between the delimiter lines (RFC 2046 §5.1.1). A missing closing line is forgiven; nothing is found without an opening one.
pub(super) fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0usize;
    // Mails of very old systems end their lines with CR alone.
    let next_line = if memchr::memchr(b'\n', body).is_some() { lf_line } else { line_at };
    while let Some((line, next)) = next_line(body, at) {
        if let Some(closing) = delimiter(line, boundary) {
            if let Some(start) = open.take() {
                out.push(trim_last_line_end(body.get(start..at).unwrap_or_default()));
            }
            if closing {
                return out;
            }
            open = Some(next);
            if out.len() > MAX_PARTS {
                return out;
            }
        }
        at = next;
    }
    if let Some(start) = open {
        out.push(body.get(start..).unwrap_or_default());
    }
    out
}

/// The line at `at` without its LF, by the fastest search there is: every level of nesting goes through the whole body once.
fn lf_line(body: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = body.get(at..).filter(|r| !r.is_empty())?;
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    Some((rest.get(..end).unwrap_or_default(), (at + end + 1).min(body.len())))
}

/// Some(true) for the closing delimiter, Some(false) for another one.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    match rest.trim_ascii_end() {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

fn trim_last_line_end(body: &[u8]) -> &[u8] {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body)
}

/// What looks like a delimiter among the first lines: `--x` followed by a `Content-` field.
fn first_boundary(body: &[u8]) -> Option<Vec<u8>> {
    let mut at = 0usize;
    for _ in 0..50 {
        let (line, next) = line_at(body, at)?;
        if let Some(b) = line.strip_prefix(b"--").map(<[u8]>::trim_ascii_end)
            && (1..=100).contains(&b.len())
            && !b.iter().all(|c| *c == b'-')
            && line_at(body, next).is_some_and(|(l, _)| l.get(..8).is_some_and(|n| n.eq_ignore_ascii_case(b"content-")))
        {
            return Some(b.to_vec());
        }
        at = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(raw: &str) -> Vec<String> {
        let h = RawHeaders::parse(raw.as_bytes());
        let body = raw.as_bytes().get(h.body_at()..).unwrap().to_vec();
        take_apart(&h, &body)
            .leaves
            .iter()
            .map(|l| format!("{}={}", l.content_type.value, String::from_utf8_lossy(&l.decoded()).trim()))
            .collect()
    }

    #[test]
    fn leaves_in_order() {
        let raw = "Content-Type: multipart/mixed; boundary=\"A\"\n\npre\n--A\nContent-Type: multipart/alternative; boundary=AA\n\n--AA\n\none\n--AA\nContent-Type: text/html\n\n<p>one\n--AA--\n--A\nContent-Type: image/png\n\nx\n--A--\nafter";
        assert_eq!(kinds(raw), ["text/plain=one", "text/html=<p>one", "image/png=x"]);
    }

    #[test]
    fn wrong_boundary_and_missing_end() {
        let raw = "Content-Type: multipart/mixed; boundary=wrong\n\n--real\nContent-Type: text/plain\n\none\n--real\nContent-Type: text/html\n\ntwo";
        assert_eq!(kinds(raw), ["text/plain=one", "text/html=two"]);
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let mut deep = String::from("Content-Type: multipart/mixed; boundary=b0\n\n");
        for i in 0..2000 {
            deep.push_str(&format!("--b{i}\nContent-Type: multipart/mixed; boundary=b{}\n\n", i + 1));
        }
        let h = RawHeaders::parse(deep.as_bytes());
        let tree = take_apart(&h, deep.as_bytes().get(h.body_at()..).unwrap());
        assert!(tree.warnings.iter().any(|w| w.contains("deeper")));
        let wide = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(5000));
        let h = RawHeaders::parse(wide.as_bytes());
        let tree = take_apart(&h, wide.as_bytes().get(h.body_at()..).unwrap());
        assert!(tree.leaves.len() <= MAX_PARTS);
        assert!(tree.warnings.iter().any(|w| w.contains("more than")));
    }
}
