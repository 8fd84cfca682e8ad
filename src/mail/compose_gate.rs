//! The one way by which foreign words get into a header (`HeaderText`), how they are encoded there (RFC 2047, RFC 2231), and the
//! last gate that bytes pass before they are kept. Used by compose.rs; `gate` and `needs_8bit` also by delivery.

use data_encoding::BASE64;

use super::compose::Error;
use super::wording::invisible;

/// Text that may stand in a header: one line, no control or bidi characters, at most 200 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderText(String);

impl HeaderText {
    /// Makes any text fit for a header: breaks and tabs become a space, runs of spaces one space, controls vanish, the rest is cut at 200 characters.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut out = String::new();
        let mut count = 0;
        for c in text.chars() {
            let c = if c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
            if (c.is_control() || invisible(c) || noncharacter(c)) || (c == ' ' && (out.is_empty() || out.ends_with(' '))) {
                continue;
            }
            if count == 200 {
                break;
            }
            out.push(c);
            count += 1;
        }
        out.truncate(out.trim_end().len());
        Self(out)
    }

    /// A file name: as `new`, with path signs and shell-hostile marks as `_` and no leading dots; never empty (`fallback` stands in), its extension kept when cut.
    #[must_use]
    pub fn file_name(name: &str, fallback: &str) -> Self {
        let Self(clean) = Self::new(&name.chars().map(|c| if "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect::<String>());
        let long = name.chars().count() > 120;
        let clean = clean.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
        let clean = if long {
            let extension = name
                .rsplit_once('.')
                .map(|(_, e)| e)
                .filter(|e| e.len() <= 8 && !e.is_empty() && e.chars().all(|c| c.is_ascii_alphanumeric()));
            let head: String = clean.chars().take(100).collect();
            extension.map_or_else(|| head.clone(), |e| if head.ends_with(&format!(".{e}")) { head.clone() } else { format!("{head}.{e}") })
        } else {
            clean.to_owned()
        };
        if clean.trim().is_empty() { Self::new(fallback) } else { Self(clean) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As an unstructured header value or phrase, folded at 76 columns, for a header whose name and `: ` take `column` columns.
    /// Plain where every reader reads it back unchanged, else RFC 2047 encoded words that never split a character.
    #[must_use]
    pub fn encoded(&self, column: usize) -> String {
        if self.plain() { fold(&self.0, column) } else { encoded_words(&self.0, column) }
    }

    /// As a display name in front of an address: an atom phrase or quoted string in ASCII, else encoded words.
    #[must_use]
    pub fn phrase(&self, column: usize) -> String {
        if !self.plain() || self.0.len() > 50 {
            return encoded_words(&self.0, column);
        }
        format!("\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }

    fn plain(&self) -> bool {
        self.0.chars().all(|c| c.is_ascii_graphic() || c == ' ') && !self.0.contains("=?") && self.0.split(' ').all(|w| w.len() <= 60)
    }
}

fn noncharacter(c: char) -> bool {
    let n = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&n) || n & 0xFFFE == 0xFFFE || n >= 0xE0000 || (0xFFF9..=0xFFFB).contains(&n)
}

fn fold(text: &str, column: usize) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = column;
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            if at + 1 + word.len() > 76 {
                out.push_str("\r\n ");
                at = 1;
            } else {
                out.push(' ');
                at += 1;
            }
        }
        out.push_str(word);
        at += word.len();
    }
    out
}

/// `=?UTF-8?B?…?=` words of at most 75 columns, each whole characters, folded.
fn encoded_words(text: &str, column: usize) -> String {
    const FRAME: usize = "=?UTF-8?B??=".len();
    let mut out = String::new();
    let mut word = String::new();
    let mut room = 75_usize.saturating_sub(column).min(75);
    let flush = |word: &mut String, out: &mut String| {
        if !word.is_empty() {
            out.push_str(if out.is_empty() { "" } else { "\r\n " });
            out.push_str("=?UTF-8?B?");
            BASE64.encode_append(word.as_bytes(), out);
            out.push_str("?=");
            word.clear();
        }
    };
    for c in text.chars() {
        if FRAME + (word.len() + c.len_utf8()).div_ceil(3) * 4 > room && !word.is_empty() {
            flush(&mut word, &mut out);
            room = 74;
        }
        word.push(c);
    }
    flush(&mut word, &mut out);
    out
}

/// A parameter in RFC 2231 form (`filename*0*=UTF-8''…`), quoted plain where it is short ASCII. Begins with `;`, folds before itself.
#[must_use]
pub fn parameter(name: &str, value: &HeaderText) -> String {
    let text = value.as_str();
    let simple = text.chars().all(|c| c.is_ascii_alphanumeric() || " -_.()+,@!~".contains(c));
    if simple && text.len() <= 60 {
        return format!(";\r\n {name}=\"{text}\"");
    }
    let mut out = String::new();
    let mut section = String::from("UTF-8''");
    let mut index = 0;
    for c in text.chars() {
        let mut buffer = [0; 4];
        let mut piece = String::new();
        for byte in c.encode_utf8(&mut buffer).bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                piece.push(char::from(byte));
            } else {
                piece.push_str(&format!("%{byte:02X}"));
            }
        }
        if section.len() + piece.len() > 58 {
            out.push_str(&format!(";\r\n {name}*{index}*={section}"));
            section.clear();
            index += 1;
        }
        section.push_str(&piece);
    }
    if index == 0 { format!(";\r\n {name}*={section}") } else { format!("{out};\r\n {name}*{index}*={section}") }
}

/// The same value for readers that know only RFC 2047 in parameters (old Outlook, webmail): `name="=?UTF-8?B?…?="`.
#[must_use]
pub fn old_parameter(name: &str, value: &HeaderText) -> String {
    let simple = value.as_str().chars().all(|c| c.is_ascii_alphanumeric() || " -_.()+,@!~".contains(c)) && value.as_str().len() <= 60;
    let text = if simple { value.as_str().to_owned() } else { encoded_words(value.as_str(), name.len() + 4) };
    format!(";\r\n {name}=\"{text}\"")
}

/// Refuses what must never reach a server: a CR or LF that is not CRLF (SMTP smuggling), a line over 998 octets, a NUL, a cut last line.
///
/// # Errors
/// `Error::Gate` with the byte offset; the letter is never sent, the row is set aside and the secretariat told.
pub fn gate(bytes: &[u8]) -> Result<(), Error> {
    let refuse = |at, what| Err(Error::Gate { at, what });
    let mut start = 0_usize;
    for end in memchr::memchr_iter(b'\n', bytes) {
        let Some(content) = bytes.get(start..end).unwrap_or_default().strip_suffix(b"\r") else { return refuse(end, "LF without CR") };
        gate_line(content, start)?;
        start = end + 1;
    }
    if start < bytes.len() {
        return refuse(bytes.len(), "last line without CRLF");
    }
    if bytes.is_empty() { refuse(0, "last line without CRLF") } else { Ok(()) }
}

/// The same for one line without its end, which begins at byte `at`.
pub(super) fn gate_line(content: &[u8], at: usize) -> Result<(), Error> {
    if content.len() > 998 {
        return Err(Error::Gate { at, what: "line over 998 octets" });
    }
    match memchr::memchr2(0, b'\r', content) {
        Some(n) => Err(Error::Gate { at: at + n, what: if content.get(n) == Some(&0) { "NUL" } else { "CR without LF" } }),
        None => Ok(()),
    }
}

/// Whether the bytes hold any octet over 127, so that the server must offer 8BITMIME.
#[must_use]
pub fn needs_8bit(bytes: &[u8]) -> bool {
    !bytes.is_ascii()
}
