//! Keys that tie a mail to its thread: Message-IDs out of `In-Reply-To` and `References`, and the subject without its `Re:`.
//! Which case they lead to is decided in `desk`.

/// Most ids taken from one mail.
const MAX_IDS: usize = 200;

/// The Message-IDs in a value, without brackets, each once, in their order (RFC 5322 §3.6.4). Blanks and phrases between them are ignored.
#[must_use]
pub fn ids(value: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        let inner = rest.get(open + 1..).unwrap_or_default();
        let Some(close) = inner.find('>') else { break };
        let id: String = inner.get(..close).unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
        let id = id.rsplit('<').next().unwrap_or_default().to_owned();
        if !id.is_empty() && !out.contains(&id) && out.len() < MAX_IDS {
            out.push(id);
        }
        rest = inner.get(close + 1..).unwrap_or_default();
    }
    if out.is_empty() {
        out.extend(value.split_whitespace().filter(|w| w.contains('@')).take(MAX_IDS).map(|w| w.trim_matches(['"', ',', ';']).to_owned()));
    }
    out
}

/// Words before a subject that say reply or forward, in lower case, without their colon.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "re", "aw", "sv", "vs", "antw", "ref", "res", "rv", "odp", "回覆", "回复", "答覆", "答复", "回信", "回應", "返信", "fw", "fwd", "wg",
    "tr", "轉寄", "轉發", "转发", "轉信", "轉呈", "転送",
];

/// The subject without reply and forward marks (`Re:`, `RE[2]:`, `回覆：`, `轉寄:`) at its front.
#[must_use]
pub fn base_subject(subject: &str) -> &str {
    let mut s = subject.trim();
    while let Some(rest) = strip_one(s) {
        s = rest;
    }
    s
}

/// Whether the subject carries a reply mark.
#[must_use]
pub fn is_reply_subject(subject: &str) -> bool {
    base_subject(subject) != subject.trim()
}

fn strip_one(s: &str) -> Option<&str> {
    let colon = s.char_indices().take(12).find(|(_, c)| matches!(c, ':' | '：'))?;
    let head = s.get(..colon.0)?.trim().to_lowercase();
    let head = head.split(['[', '(', '^']).next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit()).trim();
    PREFIXES.contains(&head).then(|| s.get(colon.0 + colon.1.len_utf8()..).unwrap_or_default().trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_untidy_fields() {
        assert_eq!(ids("<a@b> <c\r\n @d>\t<a@b>"), ["a@b", "c@d"]);
        assert_eq!(ids("Your message of Monday <x@y>"), ["x@y"]);
        assert_eq!(ids("a@b"), ["a@b"]);
        assert!(ids("<>").is_empty());
    }

    #[test]
    fn subjects() {
        assert_eq!(base_subject("Re: RE[2]: 回覆：轉寄: 漏水"), "漏水");
        assert_eq!(base_subject("答复: 漏水: 三樓"), "漏水: 三樓");
        assert!(!is_reply_subject("Result: ok"));
    }
}
