//! Header text to characters: RFC 2047 words, joined before they are decoded, and raw 8-bit octets.
//!
//! Old Taiwanese webmail cuts a Big5 or UTF-8 character between two words; so octets of neighbouring words of one charset are joined first.
//! Structured fields (addresses, parameters) come through here piece by piece. Called by `address`, `params`, `parse`.

use super::{charset, transfer};

/// Header text, and whether a charset had to be guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderText {
    /// The characters; line ends and control characters are blanks.
    pub text: String,
    /// Raw 8-bit octets or a wrong label were met.
    pub repaired: bool,
}

/// Longest encoded word that is read; the standard allows 75 octets, writers do not keep to it.
const MAX_WORD: usize = 4096;

struct Word<'a> {
    charset: &'a str,
    octets: Vec<u8>,
}

/// Decodes the unfolded value of an unstructured field. `fallback`: charset for raw 8-bit octets, where one is known.
#[must_use]
pub fn decode(value: &[u8], fallback: Option<&str>) -> HeaderText {
    let mut out = HeaderText::default();
    let mut run: Vec<Word<'_>> = Vec::new();
    let mut plain: Vec<u8> = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        if rest.starts_with(b"=?")
            && let Some((word, after)) = word_at(rest)
        {
            if !run.is_empty() && plain.iter().all(u8::is_ascii_whitespace) {
                plain.clear();
            } else {
                flush_words(&mut run, &mut out);
            }
            flush_plain(&mut plain, fallback, &mut out);
            run.push(word);
            rest = after;
            continue;
        }
        let Some((&b, tail)) = rest.split_first() else { break };
        plain.push(b);
        if !b.is_ascii_whitespace() {
            flush_words(&mut run, &mut out);
        }
        rest = tail;
    }
    flush_words(&mut run, &mut out);
    flush_plain(&mut plain, fallback, &mut out);
    out.text = clean(&out.text);
    out
}

/// Line ends, NUL and other controls become blanks; direction overrides that hide an ending are dropped.
#[must_use]
pub fn clean(text: &str) -> String {
    let keep = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let s: String = text.chars().filter(keep).map(|c| if c.is_control() { ' ' } else { c }).collect();
    s.trim().to_owned()
}

fn flush_plain(plain: &mut Vec<u8>, fallback: Option<&str>, out: &mut HeaderText) {
    if plain.is_empty() {
        return;
    }
    // Blanks between a word and text belong to the text; between two words they were cleared by the caller.
    let utf7 = fallback.is_some_and(|f| f.to_ascii_lowercase().ends_with("utf-7")) && plain.contains(&b'+');
    let label = if plain.is_ascii() && !utf7 { None } else { fallback };
    let d = charset::decode(plain, label);
    out.repaired |= !plain.is_ascii() && std::str::from_utf8(plain).is_err();
    out.text.push_str(&d.text);
    plain.clear();
}

/// Joins neighbouring words of one charset and decodes them together, unless each is whole by itself.
fn flush_words(run: &mut Vec<Word<'_>>, out: &mut HeaderText) {
    let mut words = std::mem::take(run).into_iter().peekable();
    while let Some(mut word) = words.next() {
        let stateful = word.charset.to_ascii_lowercase().starts_with("iso-2022") || word.charset.eq_ignore_ascii_case("utf-7");
        // A word in a stateful charset starts anew unless it was cut without its escape.
        let joins = |n: &Word<'_>| n.charset.eq_ignore_ascii_case(word.charset) && !(stateful && n.octets.first() == Some(&0x1b));
        let mut more: Vec<u8> = Vec::new();
        while let Some(next) = words.next_if(joins) {
            more.extend_from_slice(&next.octets);
        }
        word.octets.append(&mut more);
        let d = charset::decode(&word.octets, Some(word.charset));
        out.repaired |= d.repaired;
        out.text.push_str(&d.text);
    }
}

/// The encoded word at the start of `s`, and what follows it. Tolerates blanks inside, a language tag and a missing end.
fn word_at(s: &[u8]) -> Option<(Word<'_>, &[u8])> {
    let inner = s.strip_prefix(b"=?")?;
    let q1 = inner.iter().take(64).position(|b| *b == b'?')?;
    let charset = std::str::from_utf8(inner.get(..q1)?).ok()?;
    if charset.is_empty() || charset.contains(char::is_whitespace) {
        return None;
    }
    let kind = inner.get(q1 + 1)?.to_ascii_uppercase();
    if inner.get(q1 + 2) != Some(&b'?') {
        return None;
    }
    let body = inner.get(q1 + 3..)?;
    let near = body.get(..MAX_WORD).unwrap_or(body);
    let end = match kind {
        b'B' => {
            let end = near.windows(2).position(|w| w == b"?=");
            end.unwrap_or_else(|| near.iter().position(|b| *b == b'?' || b.is_ascii_whitespace()).unwrap_or(near.len()))
        }
        b'Q' => q_end(near)?,
        _ => return None,
    };
    let (coded, after) = (body.get(..end)?, body.get(end + 2..).unwrap_or_default());
    let octets = if kind == b'B' { transfer::base64(coded) } else { transfer::q_word(coded) };
    Some((Word { charset: charset.split('*').next().unwrap_or(charset), octets }, after))
}

/// Where a Q word ends. Writers that leave `?` unescaped make a `?=3F` inside; the end is then the next `?=` of the same run.
fn q_end(body: &[u8]) -> Option<usize> {
    let first = body.windows(2).position(|w| w == b"?=")?;
    let after = body.get(first + 2..).unwrap_or_default();
    if transfer::hex_pair(after).is_none() {
        return Some(first);
    }
    let run = after.iter().position(u8::is_ascii_whitespace).unwrap_or(after.len());
    let run = after.get(..run).unwrap_or_default();
    let next = run.windows(2).position(|w| w == b"?=" || w == b"=?").filter(|p| run.get(*p) == Some(&b'?'));
    Some(next.map_or(first, |p| first + 2 + p))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> String {
        decode(s.as_bytes(), None).text
    }

    #[test]
    fn joins_words_cut_inside_a_character() {
        assert_eq!(text("=?utf-8?B?5YGc6LuK5aC05g==?= =?utf-8?B?lLbosrvmnInoqqTnlLPoqLQ=?="), "停車場收費有誤申訴");
        assert_eq!(text("=?big5?Q?=B0?= =?big5?Q?=B1=A8=AE?="), "停車");
    }

    #[test]
    fn words_and_text_side_by_side() {
        assert_eq!(text("Re: =?utf-8?Q?caf=C3=A9?= au lait"), "Re: café au lait");
        assert_eq!(text("=?utf-8*zh-TW?B?5YGc6LuK?=x"), "停車x");
        assert_eq!(text("=?us-ascii?Q?a b?="), "a b");
        assert_eq!(text("a =?not a word"), "a =?not a word");
        assert_eq!(text("=?utf-8?Q?what=3F?="), "what?");
    }

    #[test]
    fn raw_octets_are_guessed() {
        let raw = encoding_rs::BIG5.encode("停車場收費").0.into_owned();
        let d = decode(&raw, None);
        assert_eq!(d.text, "停車場收費");
        assert!(d.repaired);
    }

    #[test]
    fn no_line_end_comes_out() {
        assert_eq!(text("=?utf-8?Q?x=0D=0ABcc:_y?="), "x  Bcc: y");
    }
}
