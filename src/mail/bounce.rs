//! Delivery reports: RFC 3464 parts, and the free texts of mail systems that never wrote one. Says which address failed, with what code, for good or not.
//!
//! A report of success or delay is a bounce too, but never a permanent one. Called by `parse`; the class follows from what is found here.

mod dsn;
mod freetext;

use super::classify::View;
use super::headers::RawHeaders;
use super::thread;

/// What a delivery report says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounce {
    /// One row an address, in the report's order.
    pub recipients: Vec<Recipient>,
    /// Message-ID of the mail that was not delivered, without brackets.
    pub original_message_id: Option<String>,
    /// Its subject, decoded, where the report shows it.
    pub original_subject: Option<String>,
    /// Why this is a report: `dsn`, `failed-recipients`, `bounce-text`.
    pub reason: &'static str,
}

/// One address of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipient {
    /// In lower case.
    pub address: String,
    /// RFC 3463 code, where one is told.
    pub status: Option<String>,
    /// It failed for good (5.x.x); false for a delay or a success.
    pub permanent: bool,
}

/// Reads a delivery report; None when the mail is none.
#[must_use]
pub fn read(v: &View<'_>) -> Option<Bounce> {
    let mut bounce = dsn::read(v).or_else(|| freetext::read(v))?;
    let (id, subject) = original(v);
    bounce.original_message_id = bounce.original_message_id.or(id);
    bounce.original_subject = bounce.original_subject.or(subject);
    Some(bounce)
}

/// Message-ID and subject of the returned mail: from its part, else from the text below the report.
fn original(v: &View<'_>) -> (Option<String>, Option<String>) {
    for leaf in &v.tree.leaves {
        if matches!(
            leaf.content_type.value.as_str(),
            "message/rfc822" | "text/rfc822-headers" | "message/rfc822-headers" | "message/global" | "message/global-headers"
        ) {
            let data = leaf.decoded();
            let h = RawHeaders::parse(&data);
            let id = h.value("Message-ID").and_then(|v| thread::ids(&v).into_iter().next());
            let subject = h.first("Subject").map(|f| super::encoded_word::decode(&f.bytes(), None).text);
            if id.is_some() || subject.is_some() {
                return (id, subject);
            }
        }
    }
    let field = |name: &str| {
        v.text.lines().find_map(|l| {
            let l = l.trim_start_matches(['>', ' ', '\t', '|']);
            let (n, value) = l.split_once(':')?;
            n.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let id = field("Message-ID").and_then(|v| thread::ids(&v).into_iter().next());
    (id, field("Subject").map(|s| super::encoded_word::decode(s.as_bytes(), None).text))
}

/// The first RFC 3463 code in a text: `5.1.1`, never a part of a longer number such as an IP address.
pub(super) fn enhanced_code(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    for (i, w) in bytes.windows(5).enumerate() {
        let [c, b'.', s, b'.' | b'0'..=b'9', _] = w else { continue };
        if !matches!(c, b'2' | b'4' | b'5') || !s.is_ascii_digit() {
            continue;
        }
        let before = i.checked_sub(1).and_then(|p| bytes.get(p)).copied().unwrap_or(b' ');
        if before.is_ascii_alphanumeric() || before == b'.' || before == b'-' {
            continue;
        }
        let tail = text.get(i..).unwrap_or_default();
        let code: String = tail.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let code = code.trim_end_matches('.');
        let parts: Vec<&str> = code.split('.').collect();
        if parts.len() == 3 && parts.iter().all(|p| !p.is_empty() && p.len() <= 3) {
            return Some(code.to_owned());
        }
    }
    None
}

/// The first SMTP reply code of a failure in a text: three digits, 4xx or 5xx, alone.
pub(super) fn reply_code(text: &str) -> Option<u16> {
    let bytes = text.as_bytes();
    for (i, w) in bytes.windows(3).enumerate() {
        let [a, b, c] = w else { continue };
        if !matches!(a, b'4' | b'5') || !(b'0'..=b'7').contains(b) || !c.is_ascii_digit() {
            continue;
        }
        let alone = |x: Option<&u8>| x.is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'@' | b'/' | b'_'));
        let before = i.checked_sub(1).and_then(|p| bytes.get(p));
        let after = bytes.get(i + 3);
        if alone(before) && (alone(after) || matches!(after, Some(b'.'))) && !matches!(before, Some(b'-' | b':' | b'=')) {
            return text.get(i..i + 3)?.parse().ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert_eq!(enhanced_code("550 5.1.1 <a@b>: no"), Some("5.1.1".into()));
        assert_eq!(enhanced_code("(#5.1.10)"), Some("5.1.10".into()));
        assert_eq!(enhanced_code("host 192.5.1.1 and 5.1.1.9"), None);
        assert_eq!(reply_code("said: 550 no such user"), Some(550));
        assert_eq!(reply_code("room 4501, 10.0.0.550"), None);
    }
}
