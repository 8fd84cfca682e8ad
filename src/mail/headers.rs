//! The strict layer over raw header lines, in their order, for anything that decides: evidence, loop marks, tokens, classes.
//!
//! No decoding of encoded words happens here (see `encoded_word`), and nothing picks "the" field for the caller:
//! a name that occurs twice is handed out twice. Called by `parse`, `parts`, `classify` and the room `trust`.

/// Most header octets that are looked at; what lies beyond is skipped and marked (`RawHeaders::truncated`).
pub const MAX_HEADER_BYTES: usize = 256 * 1024;

/// One header field as it stood in the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name as written, without the colon and blanks before it.
    pub name: String,
    /// The value as written, folds included, without the last line end.
    pub raw: Vec<u8>,
}

impl Field {
    /// The value with its folds undone (RFC 5322 §2.2.3), blanks at both ends cut.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out: Vec<u8> = Vec::with_capacity(self.raw.len());
        for &b in &self.raw {
            match b {
                b'\r' | b'\n' => {}
                _ => out.push(b),
            }
        }
        out.trim_ascii().to_vec()
    }

    /// As [`Field::bytes`], as text; octets that are no UTF-8 become U+FFFD.
    #[must_use]
    pub fn value(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// Whether this is the field `name`, letter case apart.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// All header fields of a mail or of a part, topmost first.
#[derive(Debug, Clone, Default)]
pub struct RawHeaders {
    fields: Vec<Field>,
    body_at: usize,
    /// True when the block was longer than [`MAX_HEADER_BYTES`] and was not read to its end.
    pub truncated: bool,
    /// Lines in the block that were neither a field nor a fold.
    pub odd_lines: usize,
}

impl RawHeaders {
    /// Reads the header block at the start of `raw`. Never fails: no fields at all is an answer.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Self {
        let mut me = Self::default();
        let mut at = skip_front(raw);
        let start = at;
        loop {
            let Some((line, next)) = line_at(raw, at) else {
                me.body_at = raw.len();
                return me;
            };
            if line.is_empty() {
                me.body_at = next;
                return me;
            }
            if at - start > MAX_HEADER_BYTES {
                me.truncated = true;
                me.body_at = after_blank_line(raw, at);
                return me;
            }
            if !me.take_line(line, at == start) {
                if !header_goes_on(raw, next, me.fields.is_empty()) {
                    me.body_at = at;
                    return me;
                }
                me.odd_lines += 1;
            }
            at = next;
        }
    }

    /// Takes a field or a fold; false for anything else.
    fn take_line(&mut self, line: &[u8], first: bool) -> bool {
        if matches!(line.first(), Some(b' ' | b'\t')) {
            if let Some(last) = self.fields.last_mut() {
                if !line.trim_ascii().is_empty() {
                    last.raw.extend_from_slice(b"\n");
                    last.raw.extend_from_slice(line);
                }
                return true;
            }
            return first;
        }
        let Some(len) = field_name(line) else { return false };
        let (name, rest) = line.split_at(len);
        let value = rest.iter().position(|b| *b == b':').and_then(|p| rest.get(p + 1..)).unwrap_or_default();
        self.fields.push(Field { name: String::from_utf8_lossy(name).into_owned(), raw: value.to_vec() });
        true
    }

    /// Every field, topmost first.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter()
    }

    /// Every field of that name, topmost first.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |f| f.is(name))
    }

    /// The topmost field of that name: the one written last on the mail's way, for trace fields the one nearest to us.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.is(name))
    }

    /// The topmost value of that name, unfolded.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        self.first(name).map(Field::value)
    }

    /// Whether a field of that name is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// The fields that stand above the `n`-th `Received` (1 = the topmost): what the last `n` hosts added. All of them when there are fewer.
    #[must_use]
    pub fn above_received(&self, n: usize) -> &[Field] {
        let at = self.fields.iter().enumerate().filter(|(_, f)| f.is("Received")).nth(n.saturating_sub(1)).map(|(i, _)| i);
        at.and_then(|i| self.fields.get(..i)).unwrap_or(&self.fields)
    }

    /// Offset of the body in the bytes that were parsed.
    #[must_use]
    pub fn body_at(&self) -> usize {
        self.body_at
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// No field at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// Byte order mark, blank lines and the mbox line `From …` before the first field.
fn skip_front(raw: &[u8]) -> usize {
    let mut at = if raw.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while let Some((line, next)) = line_at(raw, at) {
        // `From : a@b` is a field with the obsolete blank before its colon.
        let envelope = |l: &[u8]| l.strip_prefix(b"From ").is_some_and(|rest| !rest.trim_ascii_start().starts_with(b":"));
        let mbox = envelope(line) || line.strip_prefix(b">").is_some_and(envelope);
        let blank = line.trim_ascii().is_empty() && at < 64;
        if !mbox && !blank {
            break;
        }
        at = next;
    }
    at
}

/// The line at `at` without its end, and where the next one starts. A bare CR ends a line too, as very old mailers wrote.
pub(crate) fn line_at(raw: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = raw.get(at..).filter(|r| !r.is_empty())?;
    let end = rest.iter().position(|b| *b == b'\n' || *b == b'\r');
    let Some(end) = end else { return Some((rest, raw.len())) };
    let mut next = at + end + 1;
    if rest.get(end) == Some(&b'\r') {
        // CR CR LF is written by broken relays; it is one line end.
        let crs = rest.get(end..).unwrap_or_default().iter().take_while(|b| **b == b'\r').count();
        if rest.get(end + crs) == Some(&b'\n') {
            next = at + end + crs + 1;
        }
    }
    Some((rest.get(..end).unwrap_or_default(), next))
}

/// Whether, after a line that is no field, the header still goes on: before the next blank line stand fields that every mail has.
/// Relays that break folded lines apart and tools that put a line on top make such headers.
fn header_goes_on(raw: &[u8], from: usize, at_the_top: bool) -> bool {
    const KNOWN: &[&[u8]] =
        &[b"from", b"to", b"subject", b"date", b"received", b"message-id", b"return-path", b"mime-version", b"content-type"];
    let mut known = 0usize;
    let mut at = from;
    for _ in 0..80 {
        let Some((line, next)) = line_at(raw, at) else { break };
        if line.is_empty() {
            break;
        }
        let name = field_name(line).and_then(|n| line.get(..n)).unwrap_or_default().to_ascii_lowercase();
        known += usize::from(KNOWN.contains(&name.as_slice()));
        at = next;
    }
    // A text may hold "To:" or "Subject:"; three of them under a first line are a header.
    known >= if at_the_top { 3 } else { 1 }
}

/// Length of the field name when the line is a field (RFC 5322 §3.6.8, with the obsolete blank before the colon).
fn field_name(line: &[u8]) -> Option<usize> {
    let colon = line.iter().take(16 * 1024).position(|b| *b == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    let good = !name.is_empty() && name.iter().all(|b| (33..=126).contains(b));
    good.then_some(name.len())
}

fn after_blank_line(raw: &[u8], from: usize) -> usize {
    let rest = raw.get(from..).unwrap_or_default();
    let lf = rest.windows(2).position(|w| w == b"\n\n").map(|p| p + 2);
    let crlf = rest.windows(4).position(|w| w == b"\r\n\r\n").map(|p| p + 4);
    let first = match (lf, crlf) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    first.map_or(raw.len(), |p| from + p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_repetition() {
        let h = RawHeaders::parse(b"Received: a\r\nFrom: x@a\r\nReceived: b\r\n\tfolded\r\nFrom : y@b\r\n\r\nbody");
        let names: Vec<&str> = h.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["Received", "From", "Received", "From"]);
        assert_eq!(h.all("from").map(Field::value).collect::<Vec<_>>(), ["x@a", "y@b"]);
        assert_eq!(h.all("received").last().map(Field::value).as_deref(), Some("b\tfolded"));
        assert_eq!(h.above_received(2).len(), 2);
        assert_eq!(h.above_received(1).len(), 0);
        assert_eq!(h.above_received(9).len(), 4);
    }

    #[test]
    fn the_first_field_may_have_a_blank_before_its_colon() {
        assert_eq!(RawHeaders::parse(b"From : a@b\nSubject : x\n\nbody").value("From").as_deref(), Some("a@b"));
        assert!(!RawHeaders::parse(b"From a@b Thu Mar 12 10:15:03 2026\nSubject: x\n\nbody").has("From"));
    }

    #[test]
    fn body_starts_after_the_blank_line_or_at_the_first_line_that_is_no_field() {
        let raw = b"From: a@b\n\nhello";
        assert_eq!(raw.get(RawHeaders::parse(raw).body_at()..), Some(&b"hello"[..]));
        let raw = b"Dear sir,\nthis is no mail";
        let h = RawHeaders::parse(raw);
        assert!(h.is_empty());
        assert_eq!(h.body_at(), 0);
    }

    #[test]
    fn a_huge_block_is_cut_and_said_so() {
        let mut raw = Vec::new();
        for i in 0..40_000 {
            raw.extend_from_slice(format!("X-{i}: aaaaaaaaaa\r\n").as_bytes());
        }
        raw.extend_from_slice(b"\r\nbody");
        let h = RawHeaders::parse(&raw);
        assert!(h.truncated);
        assert_eq!(raw.get(h.body_at()..), Some(&b"body"[..]));
    }
}
