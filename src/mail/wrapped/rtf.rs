//! Rich text (RTF 1.9) to characters: plain words, or the HTML that Outlook hid in it (MS-OXRTFEX); and its compression (MS-OXRTFCP).
//! No pictures, no objects, no fields are followed. Called by `tnef` and for RTF parts by `wrapped`.

use super::octets::Octets;
use crate::mail::charset;
use std::collections::BTreeMap;

/// Longest RTF that is read, in octets after decompression.
const MAX_RTF: usize = 8 * 1024 * 1024;
/// Deepest group.
const MAX_GROUPS: usize = 200;

/// What the dictionary holds at the beginning (MS-OXRTFCP 2.1.2.1).
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Undoes the compression of `PR_RTF_COMPRESSED`; None where it is not that.
pub(super) fn decompress(data: &[u8]) -> Option<Vec<u8>> {
    let mut at = Octets(data);
    let (_, raw, magic) = (at.u32()?, at.len32()?, at.u32()?);
    at.u32()?;
    let limit = raw.min(MAX_RTF);
    match magic {
        0x414c_454d => Some(at.0.get(..limit).unwrap_or(at.0).to_vec()),
        0x7546_5a4c => Some(unpack(at, limit)),
        _ => None,
    }
}

fn unpack(mut at: Octets<'_>, limit: usize) -> Vec<u8> {
    let mut ring = vec![0_u8; 4096];
    for (slot, b) in ring.iter_mut().zip(DICTIONARY) {
        *slot = *b;
    }
    let mut write = DICTIONARY.len();
    let mut out = Vec::with_capacity(limit.min(64 * 1024));
    while let Some(control) = at.u8() {
        for bit in 0..8 {
            if out.len() >= limit {
                return out;
            }
            if control & (1 << bit) == 0 {
                let Some(b) = at.u8() else { return out };
                put(&mut ring, &mut write, &mut out, b);
                continue;
            }
            let (Some(high), Some(low)) = (at.u8(), at.u8()) else { return out };
            let word = usize::from(high) << 8 | usize::from(low);
            let (offset, length) = (word >> 4, (word & 0xf) + 2);
            if offset == write % 4096 {
                return out;
            }
            for k in 0..length {
                let b = ring.get((offset + k) % 4096).copied().unwrap_or_default();
                put(&mut ring, &mut write, &mut out, b);
            }
        }
    }
    out
}

fn put(ring: &mut [u8], write: &mut usize, out: &mut Vec<u8>, b: u8) {
    if let Some(slot) = ring.get_mut(*write % 4096) {
        *slot = b;
    }
    *write = (*write + 1) % 4096;
    out.push(b);
}

/// What an RTF text holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// The HTML that was put into it.
    Html(String),
    /// Words.
    Plain(String),
}

/// Reads RTF; None when it is none.
pub(super) fn read(data: &[u8]) -> Option<Content> {
    let data = data.get(..MAX_RTF).unwrap_or(data);
    if !data.trim_ascii_start().starts_with(b"{\\rtf") {
        return None;
    }
    let from_html = data.get(..4096).unwrap_or(data).windows(9).any(|w| w == b"\\fromhtml");
    let mut r = Reader { from_html, state: State { unicode_skip: 1, ..State::default() }, ..Reader::default() };
    r.run(data);
    r.flush();
    Some(if from_html { Content::Html(r.out) } else { Content::Plain(r.out) })
}

/// What a group inherits and takes back at its end.
#[derive(Clone, Copy, Default)]
struct State {
    /// Inside a destination that is no text.
    skip: bool,
    /// Inside the font table.
    fonts: bool,
    /// Inside `\*\htmltag`: its text is HTML.
    tag: bool,
    /// Inside `\htmlrtf`: meant for readers of RTF only.
    only_rtf: bool,
    /// Characters that stand in for one `\u`.
    unicode_skip: usize,
    font: u32,
}

#[derive(Default)]
struct Reader {
    from_html: bool,
    state: State,
    stack: Vec<State>,
    out: String,
    /// Octets of the running code page that are not yet characters.
    octets: Vec<u8>,
    codepage: Option<u32>,
    charsets: BTreeMap<u32, u32>,
    /// Characters to leave out after `\u`.
    leave: usize,
    /// The group began with `\*`.
    starred: bool,
}

impl Reader {
    fn run(&mut self, data: &[u8]) {
        let mut rest = data;
        while let Some((&b, tail)) = rest.split_first() {
            rest = match b {
                b'{' => {
                    self.flush();
                    if self.stack.len() < MAX_GROUPS {
                        self.stack.push(self.state);
                    }
                    self.starred = false;
                    tail
                }
                b'}' => {
                    self.flush();
                    self.state = self.stack.pop().unwrap_or(self.state);
                    tail
                }
                b'\\' => self.control(tail),
                b'\r' | b'\n' => tail,
                _ => {
                    self.octet(b);
                    tail
                }
            };
        }
    }

    fn octet(&mut self, b: u8) {
        if self.leave > 0 {
            self.leave -= 1;
        } else if self.shown() {
            self.octets.push(b);
        }
    }

    fn shown(&self) -> bool {
        !self.state.skip && !self.state.fonts && (self.state.tag || !self.state.only_rtf)
    }

    fn push(&mut self, s: &str) {
        self.flush();
        if self.shown() {
            self.out.push_str(s);
        }
    }

    fn flush(&mut self) {
        if !self.octets.is_empty() {
            let octets = std::mem::take(&mut self.octets);
            self.out.push_str(&charset::decode(&octets, self.label().as_deref()).text);
        }
    }

    /// The code page of the font that is on, else of the document.
    fn label(&self) -> Option<String> {
        let named = match self.charsets.get(&self.state.font) {
            Some(136) => Some("big5"),
            Some(134) => Some("gb18030"),
            Some(128) => Some("shift_jis"),
            Some(129) => Some("euc-kr"),
            Some(204) => Some("windows-1251"),
            Some(238) => Some("windows-1250"),
            _ => None,
        };
        let page = self.codepage.map(|p| match p {
            950 => "big5".to_owned(),
            936 => "gb18030".to_owned(),
            932 => "shift_jis".to_owned(),
            949 => "euc-kr".to_owned(),
            65001 => "utf-8".to_owned(),
            p => format!("windows-{p}"),
        });
        named.map(str::to_owned).or(page).or_else(|| Some("windows-1252".to_owned()))
    }

    /// Handles what follows a backslash and gives back the rest.
    fn control<'a>(&mut self, s: &'a [u8]) -> &'a [u8] {
        let Some((&first, tail)) = s.split_first() else { return s };
        if !first.is_ascii_alphabetic() {
            return self.symbol(first, tail);
        }
        let letters = s.iter().take(32).take_while(|b| b.is_ascii_alphabetic()).count();
        let (word, after) = s.split_at(letters);
        let sign = usize::from(after.first() == Some(&b'-'));
        let digits = after.get(sign..).unwrap_or_default().iter().take(10).take_while(|b| b.is_ascii_digit()).count();
        let number = after.get(..sign + digits).filter(|_| digits > 0);
        let number: Option<i64> = number.and_then(|n| std::str::from_utf8(n).ok()).and_then(|n| n.parse().ok());
        let after = if digits > 0 { after.get(sign + digits..).unwrap_or_default() } else { after };
        self.word(std::str::from_utf8(word).unwrap_or_default(), number);
        after.strip_prefix(b" ").unwrap_or(after)
    }

    fn symbol<'a>(&mut self, first: u8, tail: &'a [u8]) -> &'a [u8] {
        match first {
            b'\'' => {
                if let Some(b) = crate::mail::transfer::hex_pair(tail) {
                    self.octet(b);
                    return tail.get(2..).unwrap_or_default();
                }
            }
            b'*' => self.starred = true,
            b'~' => self.push(" "),
            b'_' => self.push("-"),
            b'\r' | b'\n' => self.push("\n"),
            b'\\' | b'{' | b'}' => self.octet(first),
            _ => {}
        }
        tail
    }

    fn word(&mut self, word: &str, number: Option<i64>) {
        let starred = std::mem::take(&mut self.starred);
        let small = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
        match word {
            "htmltag" if starred => self.state.tag = true,
            "mhtmltag" => self.state.skip = true,
            "htmlrtf" => {
                self.flush();
                self.state.only_rtf = self.from_html && number != Some(0);
            }
            "fonttbl" => self.state.fonts = true,
            "colortbl" | "stylesheet" | "info" | "pict" | "object" | "header" | "footer" | "headerl" | "headerr" | "headerf"
            | "footerl" | "footerr" | "footerf" | "listtable" | "listoverridetable" | "rsidtbl" | "generator" | "themedata"
            | "xmlnstbl" => {
                self.state.skip = true;
            }
            "ansicpg" => self.codepage = small(number).filter(|n| *n > 0),
            "f" => {
                self.flush();
                self.state.font = small(number).unwrap_or_default();
            }
            "fcharset" => {
                self.charsets.insert(self.state.font, small(number).unwrap_or_default());
            }
            "uc" => self.state.unicode_skip = small(number).and_then(|n| usize::try_from(n).ok()).unwrap_or(1).min(8),
            "u" => self.unicode(number),
            "par" | "line" | "row" | "page" | "sect" => self.push(if self.from_html { "\r\n" } else { "\n" }),
            "tab" | "cell" | "nestcell" => self.push("\t"),
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            "bullet" => self.push("•"),
            // A destination that is not known and says that it may be left out.
            _ if starred => self.state.skip = true,
            _ => {}
        }
    }

    fn unicode(&mut self, number: Option<i64>) {
        let Some(n) = number else { return };
        self.flush();
        let unit = u32::try_from(if n < 0 { n + 65536 } else { n }).unwrap_or(0xfffd);
        self.leave = self.state.unicode_skip;
        if !self.shown() {
            return;
        }
        // Halves of a pair come one after the other; the second one completes the first.
        if (0xdc00..0xe000).contains(&unit)
            && let Some(high) = self.out.chars().next_back().map(u32::from).filter(|h| (0xf_0000..0xf_0400).contains(h))
        {
            self.out.pop();
            let c = 0x1_0000 + ((high - 0xf_0000) << 10) + (unit - 0xdc00);
            self.out.push(char::from_u32(c).unwrap_or('\u{fffd}'));
        } else if (0xd800..0xdc00).contains(&unit) {
            // Kept in a plane of private use until its second half is read.
            self.out.push(char::from_u32(0xf_0000 + unit - 0xd800).unwrap_or('\u{fffd}'));
        } else {
            self.out.push(char::from_u32(unit).unwrap_or('\u{fffd}'));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(s: &[u8]) -> String {
        match read(s).unwrap() {
            Content::Plain(t) | Content::Html(t) => t,
        }
    }

    #[test]
    fn words_of_many_code_pages() {
        assert_eq!(
            plain(br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Caf\'e9\par two {\b bold} \u20013?\u25991? \{x\}}"),
            "Café\ntwo bold 中文 {x}"
        );
        assert_eq!(plain(br"{\rtf1\ansi\ansicpg950\deff0{\fonttbl{\f0\fnil\fcharset136 x;}}\f0 \'a4\'a4\'a4\'e5}"), "中文");
        assert_eq!(plain(br"{\rtf1\ansi{\*\generator Riched20;}{\info{\author A}}\uc1\u-10179?\u-8704?x}"), "\u{1f600}x");
        assert_eq!(read(b"no rtf"), None);
    }

    #[test]
    fn html_that_was_hidden() {
        let s = br"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\par}\htmlrtf0 Hi \'41{\*\htmltag84 &amp;}\htmlrtf and\htmlrtf0 {\*\htmltag72 </p>}}";
        assert_eq!(read(s), Some(Content::Html("<p>Hi A&amp;</p>".to_owned())));
    }

    #[test]
    fn compression_is_undone() {
        // The example of MS-OXRTFCP 4.1.1.
        let packed = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67,
            0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d,
            0x0a, 0x80, 0x0f, 0xa0,
        ];
        assert_eq!(decompress(&packed).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    }

    #[test]
    fn deep_and_broken_is_bounded() {
        let deep = [b"{\\rtf1 ".to_vec(), b"{".repeat(100_000), b"x".to_vec()].concat();
        assert_eq!(plain(&deep), "x");
        assert_eq!(plain(b"{\\rtf1 a\\'"), "a");
        assert_eq!(plain(b"{\\rtf1 }}}}a\\u"), "a");
    }
}
