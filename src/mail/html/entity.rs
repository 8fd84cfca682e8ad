//! Character references of HTML (`&amp;`, `&#20013;`, `&#x4E2D;`) undone. The names are those of HTML 4 that mail programs write.

use std::borrow::Cow;

/// Undoes character references; what is none stays as it is.
#[must_use]
pub fn unescape(s: &str) -> Cow<'_, str> {
    if !s.contains('&') {
        return Cow::Borrowed(s);
    }
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while let Some(p) = rest.find('&') {
        let (before, from) = rest.split_at(p);
        out.push_str(before);
        if let Some((c, len)) = reference(from) {
            out.push(c);
            rest = from.get(len..).unwrap_or_default();
        } else {
            out.push('&');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of the reference at the start of `s`, and the reference's length.
fn reference(s: &str) -> Option<(char, usize)> {
    let body = s.strip_prefix('&')?;
    if let Some(num) = body.strip_prefix('#') {
        let hex = num.strip_prefix(['x', 'X']);
        let digits = hex.unwrap_or(num);
        let radix = if hex.is_some() { 16 } else { 10 };
        let n = digits.chars().take(8).take_while(|c| c.is_digit(radix)).count();
        let code = u32::from_str_radix(digits.get(..n)?, radix).ok()?;
        let len = 2 + usize::from(hex.is_some()) + n;
        let semi = usize::from(digits.as_bytes().get(n) == Some(&b';'));
        let c = if (0x80..0xa0).contains(&code) { windows(code) } else { char::from_u32(code).unwrap_or('\u{fffd}') };
        return Some((if c == '\0' { '\u{fffd}' } else { c }, len + semi));
    }
    let n = body.chars().take(10).take_while(char::is_ascii_alphanumeric).count();
    let name = body.get(..n)?;
    let semi = body.as_bytes().get(n) == Some(&b';');
    if !semi && !matches!(name, "nbsp" | "amp" | "lt" | "gt" | "quot") {
        return None;
    }
    Some((named(name)?, 1 + n + usize::from(semi)))
}

fn windows(code: u32) -> char {
    let byte = [u8::try_from(code).unwrap_or(b'?')];
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next().unwrap_or('\u{fffd}')
}

/// The Latin-1 names in the order of their code points, from U+00A0.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest \
Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig \
agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

fn named(name: &str) -> Option<char> {
    let c = match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "ensp" | "emsp" | "thinsp" => ' ',
        "zwnj" | "zwj" => '\u{200b}',
        "lrm" | "rlm" => '\u{200b}',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "sbquo" => '‚',
        "ldquo" => '“',
        "rdquo" => '”',
        "bdquo" => '„',
        "dagger" => '†',
        "bull" => '•',
        "hellip" => '…',
        "permil" => '‰',
        "lsaquo" => '‹',
        "rsaquo" => '›',
        "euro" => '€',
        "trade" => '™',
        "larr" => '←',
        "uarr" => '↑',
        "rarr" => '→',
        "darr" => '↓',
        "harr" => '↔',
        "minus" => '−',
        "ne" => '≠',
        "le" => '≤',
        "ge" => '≥',
        "asymp" => '≈',
        "infin" => '∞',
        "radic" => '√',
        "sum" => '∑',
        "alpha" => 'α',
        "beta" => 'β',
        "pi" => 'π',
        "Omega" => 'Ω',
        "OElig" => 'Œ',
        "oelig" => 'œ',
        "Scaron" => 'Š',
        "scaron" => 'š',
        "Yuml" => 'Ÿ',
        "fnof" => 'ƒ',
        "circ" => 'ˆ',
        "tilde" => '˜',
        "spades" => '♠',
        "hearts" => '♥',
        _ => {
            let at = LATIN.split_ascii_whitespace().position(|n| n == name)?;
            char::from_u32(0xa0 + u32::try_from(at).ok()?)?
        }
    };
    Some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        assert_eq!(unescape("a &amp; b &eacute;&szlig;&yuml; &#8364; &#x4e2d; &#150; &nosuch; &"), "a & b éßÿ € 中 – &nosuch; &");
        assert_eq!(unescape("x&nbspy"), "x&nbspy");
    }
}
