//! Mailboxes out of address fields. `list` is for display and matching and forgives everything; `strict` decides and forgives nothing.
//! Called by `parse`; `strict` is what evidence of a sender rests on.

use super::encoded_word;
use super::headers::RawHeaders;

/// Most mailboxes taken from one field.
const MAX_MAILBOXES: usize = 500;

/// One mailbox: what it is called and where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name, decoded; empty when there is none.
    pub name: String,
    /// The address as written.
    pub address: String,
}

/// The mailboxes of an unfolded address field, groups opened, damage forgiven.
#[must_use]
pub fn list(value: &[u8], fallback: Option<&str>) -> Vec<Mailbox> {
    let mut out = Vec::new();
    for piece in split(value) {
        if out.len() >= MAX_MAILBOXES {
            break;
        }
        if let Some(m) = one(piece, fallback) {
            out.push(m);
        }
    }
    if out.iter().all(|m: &Mailbox| !m.address.contains('@')) && value.windows(2).any(|w| w == b"=?") {
        // Some writers encode the whole field, angle brackets included.
        let text = encoded_word::decode(value, fallback).text;
        let again: Vec<Mailbox> = split(text.as_bytes()).into_iter().filter_map(|p| one(p, Some("utf-8"))).collect();
        if again.iter().any(|m| m.address.contains('@')) {
            return again;
        }
    }
    out
}

/// Splits at commas and semicolons outside quotes, comments and angle brackets; `group:` is dropped.
fn split(value: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let (mut start, mut quoted, mut angle, mut comment, mut escaped) = (0usize, false, false, 0usize, false);
    let mut word_end = 0usize;
    for (i, &b) in value.iter().enumerate() {
        if i < word_end {
            continue;
        }
        if b == b'=' && !quoted {
            word_end = i + word_length(value.get(i..).unwrap_or_default());
            if word_end > i {
                continue;
            }
        }
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if comment == 0 => quoted = !quoted,
            _ if quoted => {}
            b'(' => comment += 1,
            b')' => comment = comment.saturating_sub(1),
            _ if comment > 0 => {}
            b'<' => angle = true,
            b'>' => angle = false,
            b',' | b';' if !angle => {
                out.push(value.get(start..i).unwrap_or_default());
                start = i + 1;
            }
            b':' if !angle && !value.get(start..i).unwrap_or_default().contains(&b'@') => start = i + 1,
            _ => {}
        }
    }
    out.push(value.get(start..).unwrap_or_default());
    out
}

/// Length of the encoded word at the start, 0 when there is none: a comma inside it parts nothing.
fn word_length(s: &[u8]) -> usize {
    if !s.starts_with(b"=?") {
        return 0;
    }
    let limit = s.get(..300).unwrap_or(s);
    let mut marks = limit.iter().enumerate().skip(2).filter(|(_, b)| **b == b'?').map(|(i, _)| i);
    let (Some(_), Some(second)) = (marks.next(), marks.next()) else { return 0 };
    let end = limit.get(second + 1..).unwrap_or_default().windows(2).position(|w| w == b"?=");
    end.map_or(0, |e| second + 1 + e + 2)
}

fn one(piece: &[u8], fallback: Option<&str>) -> Option<Mailbox> {
    let piece = piece.trim_ascii();
    if piece.is_empty() {
        return None;
    }
    if let Some(open) = last_outside_quotes(piece, b'<') {
        let inner = piece.get(open + 1..).unwrap_or_default();
        let end = inner.iter().position(|b| *b == b'>').unwrap_or(inner.len());
        let address = plain_address(inner.get(..end).unwrap_or_default());
        let name = piece.get(..open).unwrap_or_default();
        let tail = inner.get(end + 1..).unwrap_or_default();
        let name = display(if name.trim_ascii().is_empty() { tail } else { name }, fallback);
        if address.is_empty() && name.is_empty() {
            return None;
        }
        return Some(Mailbox { name, address });
    }
    if let Some(open) = last_outside_quotes(piece, b'(') {
        let comment = piece.get(open + 1..).unwrap_or_default();
        let comment = comment.strip_suffix(b")").unwrap_or(comment);
        return Some(Mailbox { name: display(comment, fallback), address: plain_address(piece.get(..open).unwrap_or_default()) });
    }
    if piece.starts_with(b"\"") && closing_quote(piece).is_some_and(|q| piece.get(q + 1) == Some(&b'@')) {
        return Some(Mailbox { name: String::new(), address: plain_address(piece) });
    }
    if piece.contains(&b'@') {
        // `Name a@b` without brackets: the word with the @ is the address.
        let words: Vec<&[u8]> = piece.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).collect();
        if let Some(at) = words.iter().position(|w| w.contains(&b'@') && !w.starts_with(b"=?") && !w.starts_with(b"\"")) {
            let name: Vec<u8> = words.get(..at).unwrap_or_default().join(&b' ');
            return Some(Mailbox { name: display(&name, fallback), address: plain_address(words.get(at).copied().unwrap_or_default()) });
        }
    }
    Some(Mailbox { name: display(piece, fallback), address: String::new() })
}

/// Where the quoted string at the start ends.
fn closing_quote(s: &[u8]) -> Option<usize> {
    let mut escaped = false;
    s.iter().enumerate().skip(1).find_map(|(i, b)| match b {
        _ if escaped => {
            escaped = false;
            None
        }
        b'\\' => {
            escaped = true;
            None
        }
        b'"' => Some(i),
        _ => None,
    })
}

fn plain_address(s: &[u8]) -> String {
    let text = encoded_word::clean(&String::from_utf8_lossy(s));
    // `"Chen Ming"@x.example`: its blanks are the address's own (RFC 5322 §3.4.1).
    if closing_quote(text.as_bytes()).is_some_and(|q| text.starts_with('"') && text.get(q + 1..).is_some_and(|r| r.starts_with('@'))) {
        return text.trim_end_matches(['>', ',', ';']).to_owned();
    }
    let text = without_comments(&text);
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.trim_matches(['<', '>', '"', '\'', ',', ';']);
    text.strip_prefix("mailto:").unwrap_or(text).to_owned()
}

/// A phrase: quotes and their escapes undone, then decoded.
fn display(s: &[u8], fallback: Option<&str>) -> String {
    let mut bare = Vec::with_capacity(s.len());
    let mut escaped = false;
    let ascii = s.is_ascii();
    for &b in s {
        match b {
            _ if escaped => {
                escaped = false;
                bare.push(b);
            }
            b'\\' if ascii => escaped = true,
            b'"' => {}
            _ => bare.push(b),
        }
    }
    encoded_word::decode(bare.trim_ascii(), fallback).text
}

/// `chen(a)@(b)x.example` without its comments; as it was where nothing of an address would be left.
fn without_comments(text: &str) -> String {
    if !text.contains('(') {
        return text.to_owned();
    }
    let mut depth = 0usize;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    if out.contains('@') { out } else { text.to_owned() }
}

fn last_outside_quotes(s: &[u8], what: u8) -> Option<usize> {
    let (mut quoted, mut escaped, mut found) = (false, false, None);
    for (i, &b) in s.iter().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if !quoted && b == what => found = Some(i),
            _ => {}
        }
    }
    found
}

/// The one address that may decide: exactly one `From`, one mailbox, an ASCII addr-spec without comments, groups, routes or encoded words in it.
/// Lower case. Anything else is None: such a mail proves nobody, however its display name reads.
#[must_use]
pub fn strict_from(headers: &RawHeaders) -> Option<String> {
    if headers.truncated {
        return None;
    }
    let mut fields = headers.all("From");
    let field = fields.next()?;
    if fields.next().is_some() {
        return None;
    }
    let value = field.bytes();
    if value.iter().any(|b| b.is_ascii_control() && *b != b'\t') {
        return None;
    }
    let text = std::str::from_utf8(&value).ok().map_or_else(|| String::from_utf8_lossy(&value).into_owned(), str::to_owned);
    let addr = match text.split_once('<') {
        None => text.trim(),
        Some(_) => angle_address(&text)?,
    };
    is_addr_spec(addr).then(|| addr.to_ascii_lowercase())
}

/// The address of `phrase <addr>` where the phrase is a quoted string, encoded words or plain words, and nothing follows.
fn angle_address(text: &str) -> Option<&str> {
    let open = last_outside_quotes(text.as_bytes(), b'<')?;
    let phrase = text.get(..open)?.trim();
    let inner = text.get(open + 1..)?.trim_end().strip_suffix('>')?;
    if inner.contains(['<', '>']) {
        return None;
    }
    let mut quoted = false;
    let mut escaped = false;
    for c in phrase.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            ',' | ';' | ':' | '<' | '>' | '(' | ')' | '@' => return None,
            _ => {}
        }
    }
    if quoted { None } else { Some(inner) }
}

/// A dot-atom at a domain of at least two labels, or of one (intranet); ASCII throughout (RFC 5322 §3.4.1).
#[must_use]
pub fn is_addr_spec(addr: &str) -> bool {
    let Some((local, domain)) = addr.split_once('@') else { return false };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let dotted = |s: &str| !s.is_empty() && s.split('.').all(|p| !p.is_empty() && p.chars().all(atom));
    let label =
        |p: &str| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !p.starts_with('-') && !p.ends_with('-');
    addr.len() <= 254 && local.len() <= 64 && dotted(local) && !local.contains("=?") && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addrs(s: &str) -> Vec<(String, String)> {
        list(s.as_bytes(), None).into_iter().map(|m| (m.name, m.address)).collect()
    }

    fn strict(s: &str) -> Option<String> {
        strict_from(&RawHeaders::parse(s.as_bytes()))
    }

    #[test]
    fn forgiving_list() {
        assert_eq!(addrs("\"Chen, A\" <a@b.c>, d@e.f (Dee)"), [("Chen, A".into(), "a@b.c".into()), ("Dee".into(), "d@e.f".into())]);
        assert_eq!(addrs("=?utf-8?B?6Zmz?= <a@b.c>"), [("陳".into(), "a@b.c".into())]);
        assert_eq!(addrs("Friends: a@b.c, d@e.f;"), [(String::new(), "a@b.c".into()), (String::new(), "d@e.f".into())]);
        assert_eq!(addrs("undisclosed-recipients:;"), []);
        assert_eq!(addrs("Bare Name bare@x.y"), [("Bare Name".into(), "bare@x.y".into())]);
        assert_eq!(addrs("\"A B\"@x.y"), [(String::new(), "\"A B\"@x.y".into())]);
        assert_eq!(addrs("N <\"A B\"@x.y>"), [("N".into(), "\"A B\"@x.y".into())]);
        assert_eq!(addrs("N <a(c)@(d)x.y>"), [("N".into(), "a@x.y".into())]);
    }

    #[test]
    fn strict_accepts_the_plain_forms() {
        assert_eq!(strict("From: Boss@X.example\n\n").as_deref(), Some("boss@x.example"));
        assert_eq!(strict("From: =?utf-8?B?6Zmz?= <a@b.c>\n\n").as_deref(), Some("a@b.c"));
        assert_eq!(strict("From: \"boss@x.example\" <evil@e.example>\n\n").as_deref(), Some("evil@e.example"));
    }

    #[test]
    fn strict_refuses_tricks() {
        for bad in [
            "From: a@b.c\nFrom: d@e.f\n\n",
            "From: a@b.c, d@e.f\n\n",
            "From: G: a@b.c;\n\n",
            "From: a@b.c <d@e.f>\n\n",
            "From: <a@b.c> <d@e.f>\n\n",
            "From: a@b.c (x)\n\n",
            "From: <=?utf-8?Q?a?=@b.c>\n\n",
            "From: <a@b\u{441}.c>\n\n",
            "From: <@r.example:a@b.c>\n\n",
            "From: \"x <a@b.c>\n\n",
            "From: x <a@b.c> y\n\n",
            "From: a\u{0}@b.c\n\n",
            "Subject: none\n\n",
        ] {
            assert_eq!(strict(bad), None, "{bad:?}");
        }
    }
}
