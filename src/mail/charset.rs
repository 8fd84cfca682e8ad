//! Octets to characters, whatever the label says: declared label where it fits the octets, else UTF-8, Big5, GB18030, else a guess.
//!
//! Heeds measured facts: labels of Taiwanese mail are often absent or wrong (cp950, us-ascii or gb2312 over UTF-8 or Big5), and no decoder
//! tells. Called for bodies by `textparts`, for headers by `encoded_word` and `params`.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Text, and whether the label had to be overruled or octets were lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The characters.
    pub text: String,
    /// The label was absent or wrong for these octets, or some could not be read.
    pub repaired: bool,
}

impl Decoded {
    fn sure(text: String) -> Self {
        Self { text, repaired: false }
    }

    fn repaired(text: String) -> Self {
        Self { text, repaired: true }
    }
}

/// What a label stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Known(&'static Encoding),
    Utf7,
    Hz,
    Unknown,
}

fn label_of(name: &str) -> Label {
    let name = name.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    let name = name.split(['*', ';', ' ']).next().unwrap_or_default();
    let alias = match name {
        "cp950" | "ms950" | "x-windows-950" | "windows-950" | "big5-eten" | "big5eten" | "x-big5" | "x-x-big5" | "big-5" | "big5-2003"
        | "big5_hkscs" | "big5hk" | "cp951" | "zh_tw-big5" | "chinesebig5" => "big5",
        "cp936" | "ms936" | "windows-936" | "x-gbk" | "gb" | "gb2312-80" | "euc-cn" | "gb_18030" => "gb18030",
        "cp932" | "ms932" | "windows-932" | "x-ms-cp932" => "shift_jis",
        "cp949" | "ms949" | "ks_c_5601" | "ksc5601" | "windows-949" => "euc-kr",
        "iso-2022-jp-1" | "iso-2022-jp-2" | "iso-2022-jp-3" | "iso-2022-jp-ms" | "cp50220" | "cp50221" => "iso-2022-jp",
        "utf8" | "utf-8n" | "utf_8" | "unicode-1-1-utf-8" | "utf8mb4" | "cp65001" | "x-utf-8" => "utf-8",
        "utf-7" | "utf7" | "unicode-1-1-utf-7" | "x-unicode-1-1-utf-7" => return Label::Utf7,
        "hz-gb-2312" | "hz" => return Label::Hz,
        "iso-8559-1" | "iso8859_1" | "iso-8859-1-windows-3.1-latin-1" | "8859-1" | "latin-1" | "iso-8859" | "ansi" => "windows-1252",
        other => other,
    };
    match Encoding::for_label(alias.as_bytes()) {
        Some(e) if e == encoding_rs::REPLACEMENT => Label::Unknown,
        Some(e) => Label::Known(e),
        None => {
            let windows = alias.strip_prefix("cp").or_else(|| alias.strip_prefix("win-")).map(|n| format!("windows-{n}"));
            windows.and_then(|w| Encoding::for_label(w.as_bytes())).map_or(Label::Unknown, Label::Known)
        }
    }
}

/// Decodes `bytes` by `label` when that fits, else by what they look like. Never fails.
#[must_use]
pub fn decode(bytes: &[u8], label: Option<&str>) -> Decoded {
    let label = label.map_or(Label::Unknown, label_of);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match label {
        Label::Utf7 => return Decoded::sure(utf7(bytes)),
        Label::Hz => return Decoded::sure(hz(bytes)),
        Label::Known(e) if e == UTF_16LE || e == UTF_16BE => return utf16(bytes, e),
        Label::Known(_) | Label::Unknown => {}
    }
    if bytes.is_ascii() && !bytes.contains(&0x1b) {
        return Decoded::sure(String::from_utf8_lossy(bytes).into_owned());
    }
    match label {
        Label::Known(e) if e == UTF_8 => declared_utf8(bytes),
        Label::Known(e) if e.is_single_byte() => declared_single(bytes, e),
        Label::Known(e) => declared_multi(bytes, e),
        Label::Unknown | Label::Utf7 | Label::Hz => guess(bytes),
    }
}

fn declared_utf8(bytes: &[u8]) -> Decoded {
    if let Ok(s) = std::str::from_utf8(bytes) {
        return Decoded::sure(s.to_owned());
    }
    let lossy = String::from_utf8_lossy(bytes).into_owned();
    let bad = lossy.matches('\u{fffd}').count();
    let good = lossy.chars().filter(|c| !c.is_ascii()).count().saturating_sub(bad);
    // A cut or a few broken octets inside real UTF-8: keep the label.
    if good > bad * 2 {
        return Decoded::repaired(lossy);
    }
    guess(bytes)
}

fn declared_single(bytes: &[u8], e: &'static Encoding) -> Decoded {
    if let Some(s) = valid_utf8(bytes) {
        return Decoded::repaired(s.to_owned());
    }
    if bytes.contains(&0x1b)
        && let Some(s) = iso_2022_jp(bytes)
    {
        return Decoded::repaired(s);
    }
    // Latin labels are what mailers write when they do not know; Cyrillic and the like are meant.
    if e == WINDOWS_1252
        && let Some(s) = chinese(bytes)
    {
        return Decoded::repaired(s);
    }
    let (text, had_errors) = e.decode_without_bom_handling(bytes);
    Decoded { text: text.into_owned(), repaired: had_errors }
}

fn declared_multi(bytes: &[u8], e: &'static Encoding) -> Decoded {
    if let Some(s) = valid_utf8(bytes).filter(|s| s.chars().any(|c| c as u32 >= 0x800)) {
        return Decoded::repaired(s.to_owned());
    }
    if e == ISO_2022_JP
        && bytes.iter().any(|b| *b >= 0x80)
        && let Some(s) = strict(bytes, SHIFT_JIS).or_else(|| strict(bytes, EUC_JP))
    {
        return Decoded::repaired(s);
    }
    let (text, had_errors) = e.decode_without_bom_handling(bytes);
    if e == EUC_KR || e == EUC_JP || e == SHIFT_JIS || e == ISO_2022_JP {
        return Decoded { text: text.into_owned(), repaired: had_errors };
    }
    let (mine, other, swap) =
        if e == BIG5 { (big5_score(bytes), gb_score(bytes), GB18030) } else { (gb_score(bytes), big5_score(bytes), BIG5) };
    let (mine, other) = (mine.unwrap_or_default(), other.unwrap_or_default());
    let wrong_label = other.pairs >= 4 && other.common > 0.92 && (had_errors || mine.common < 0.6);
    if wrong_label && let Some(s) = strict(bytes, swap) {
        return Decoded::repaired(s);
    }
    Decoded { text: text.into_owned(), repaired: had_errors }
}

/// No usable label: strict UTF-8, ISO-2022-JP by its escapes, Chinese by its frequent rows, else the detector.
fn guess(bytes: &[u8]) -> Decoded {
    if let Ok(s) = std::str::from_utf8(bytes)
        && !bytes.contains(&0x1b)
    {
        return Decoded::repaired(s.to_owned());
    }
    if bytes.contains(&0x1b)
        && let Some(s) = iso_2022_jp(bytes)
    {
        return Decoded::repaired(s);
    }
    if let Some(s) = chinese(bytes) {
        return Decoded::repaired(s);
    }
    let (text, _) = detected(bytes).decode_without_bom_handling(bytes);
    Decoded::repaired(text.into_owned())
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..64 * 1024).unwrap_or(bytes), true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

/// UTF-8 with at least one character beyond ASCII.
fn valid_utf8(bytes: &[u8]) -> Option<&str> {
    // Text that already holds U+FFFD was destroyed before; it proves no label wrong.
    std::str::from_utf8(bytes).ok().filter(|s| !s.is_ascii() && !s.contains('\u{fffd}'))
}

fn strict(bytes: &[u8], e: &'static Encoding) -> Option<String> {
    e.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

fn iso_2022_jp(bytes: &[u8]) -> Option<String> {
    let shifts = [&b"\x1b$B"[..], b"\x1b$@", b"\x1b(J"];
    let found = shifts.iter().any(|s| bytes.windows(s.len()).any(|w| w == *s));
    if found { strict(bytes, ISO_2022_JP) } else { None }
}

/// Big5 or GB18030 when the octets can only sensibly be one of them.
fn chinese(bytes: &[u8]) -> Option<String> {
    let big5 = big5_score(bytes).filter(|s| s.common >= 0.85).and_then(|s| Some((s, strict(bytes, BIG5)?)));
    let gb = gb_score(bytes).filter(|s| s.common >= 0.85).and_then(|s| Some((s, strict(bytes, GB18030)?)));
    match (big5, gb) {
        (Some((b, text)), None) if b.pairs >= 2 => Some(text),
        (None, Some((g, text))) if g.pairs >= 2 => match detected(bytes) {
            // Korean and Japanese EUC fill the same rows.
            e if e == EUC_KR || e == EUC_JP || e == SHIFT_JIS => strict(bytes, e),
            _ => Some(text),
        },
        (Some((b, big5_text)), Some((g, gb_text))) => {
            if b.pairs < 3 || b.low_trails > 0 {
                return Some(big5_text);
            }
            match detected(bytes) {
                e if e == BIG5 => Some(big5_text),
                e if e == EUC_KR || e == EUC_JP || e == SHIFT_JIS => strict(bytes, e),
                _ => Some(if g.common >= b.common { gb_text } else { big5_text }),
            }
        }
        _ => None,
    }
}

/// How much octets look like a double-byte set: pairs found, share of them in the rows that running text uses.
#[derive(Default, Clone, Copy)]
struct Score {
    pairs: usize,
    common: f32,
    /// Second octets below 0xA1, which GB2312 never has.
    low_trails: usize,
}

/// Counts the pairs of a double-byte set; None where an octet cannot stand.
fn pairs(bytes: &[u8], trail_ok: impl Fn(u8) -> bool, common: impl Fn(u8, u8) -> bool) -> Option<Score> {
    let (mut total, mut usual, mut low) = (0usize, 0usize, 0usize);
    let mut it = bytes.iter().take(64 * 1024);
    while let Some(&lead) = it.next() {
        if lead < 0x80 {
            continue;
        }
        let Some(&trail) = it.next() else { break };
        if !(0x81..=0xfe).contains(&lead) || !trail_ok(trail) {
            return None;
        }
        total += 1;
        usual += usize::from(common(lead, trail));
        low += usize::from(trail < 0xa1);
    }
    #[expect(clippy::cast_precision_loss, reason = "a share of at most 32768 pairs")]
    let share = if total == 0 { 0.0 } else { usual as f32 / total as f32 };
    Some(Score { pairs: total, common: share, low_trails: low })
}

fn big5_score(bytes: &[u8]) -> Option<Score> {
    let trail = |t: u8| (0x40..=0x7e).contains(&t) || (0xa1..=0xfe).contains(&t);
    pairs(bytes, trail, |lead, _| (0xa1..=0xc6).contains(&lead))
}

fn gb_score(bytes: &[u8]) -> Option<Score> {
    let trail = |t: u8| (0x40..=0xfe).contains(&t) && t != 0x7f;
    pairs(bytes, trail, |lead, t| (lead == 0xa1 || lead == 0xa3 || (0xb0..=0xd7).contains(&lead)) && t >= 0xa1)
}

fn utf16(bytes: &[u8], e: &'static Encoding) -> Decoded {
    // A mail whose body is plain octets under this label is mislabelled: no UTF-16 text is without NULs and valid UTF-8.
    if !bytes.contains(&0)
        && let Ok(s) = std::str::from_utf8(bytes)
    {
        return Decoded::repaired(s.to_owned());
    }
    let (text, _, had_errors) = e.decode(bytes);
    Decoded { text: text.into_owned(), repaired: had_errors }
}

/// UTF-7 (RFC 2152): `+` opens modified base64 of UTF-16, `-` or any other character closes it.
fn utf7(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        if b != b'+' {
            out.push(char::from(b));
            continue;
        }
        let run = tail.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'+' || **b == b'/').count();
        let (coded, after) = tail.split_at(run);
        if coded.is_empty() {
            out.push('+');
        } else {
            let units: Vec<u16> =
                super::transfer::base64(coded).chunks_exact(2).map(|c| c.iter().fold(0u16, |a, b| (a << 8) | u16::from(*b))).collect();
            out.push_str(&String::from_utf16_lossy(&units));
        }
        rest = after.strip_prefix(b"-").unwrap_or(after);
    }
    out
}

/// HZ (RFC 1843): `~{` opens GB2312 in seven bits, `~}` closes it.
fn hz(bytes: &[u8]) -> String {
    let mut eight = Vec::with_capacity(bytes.len());
    let mut gb = false;
    let mut rest = bytes;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        match (b, tail.first()) {
            (b'~', Some(b'{')) => gb = true,
            (b'~', Some(b'}')) => gb = false,
            (b'~', Some(b'~')) => eight.push(b'~'),
            (b'~', Some(b'\n')) => {}
            _ => {
                eight.push(if gb && b > 0x20 { b | 0x80 } else { b });
                continue;
            }
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    GB18030.decode_without_bom_handling(&eight).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str = "您好，我要申訴停車場收費有誤，請於七個工作天內回覆。";

    fn big5(s: &str) -> Vec<u8> {
        BIG5.encode(s).0.into_owned()
    }

    fn gb(s: &str) -> Vec<u8> {
        GB18030.encode(s).0.into_owned()
    }

    #[test]
    fn big5_under_every_label() {
        for label in
            [Some("big5"), Some("cp950"), Some("us-ascii"), Some("iso-8859-1"), Some("gb2312"), Some("utf-8"), Some("x-unknown"), None]
        {
            assert_eq!(decode(&big5(SENTENCE), label).text, SENTENCE, "{label:?}");
        }
        assert!(!decode(&big5(SENTENCE), Some("BIG5")).repaired);
        assert!(decode(&big5(SENTENCE), Some("us-ascii")).repaired);
    }

    #[test]
    fn utf8_under_every_label() {
        for label in [Some("big5"), Some("gb2312"), Some("iso-8859-1"), Some("us-ascii"), Some("shift_jis"), None] {
            assert_eq!(decode(SENTENCE.as_bytes(), label).text, SENTENCE, "{label:?}");
        }
    }

    #[test]
    fn gb_under_every_label() {
        let simple = "您好，我要投诉停车场收费有误，请于七个工作日内回复。";
        for label in [Some("gb2312"), Some("gbk"), Some("big5"), Some("us-ascii"), None] {
            assert_eq!(decode(&gb(simple), label).text, simple, "{label:?}");
        }
    }

    #[test]
    fn latin_text_stays_latin() {
        let text = "Très bien, l'été à la plage: «ça va»";
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c as u32).unwrap()).collect();
        assert_eq!(decode(&latin, Some("iso-8859-1")).text, text);
        assert_eq!(decode(&latin, None).text, text);
    }

    #[test]
    fn seven_bit_sets() {
        assert_eq!(decode(b"\x1b$B$3$s$K$A$O\x1b(B", Some("ISO-2022-JP")).text, "こんにちは");
        assert_eq!(decode(b"\x1b$B$3$s$K$A$O\x1b(B", None).text, "こんにちは");
        assert_eq!(decode(b"Hi +ZeVnLIqe- 1 +- 2", Some("utf-7")).text, "Hi 日本語 1 + 2");
        assert_eq!(decode(b"~{VPND~} ok~~", Some("hz-gb-2312")).text, "中文 ok~");
    }
}
