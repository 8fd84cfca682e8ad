//! The line (or up to four) that says who wrote what is quoted: Gmail, Apple Mail and iOS, Thunderbird, Yahoo, Samsung, NetEase, in many languages.

use unicode_normalization::UnicodeNormalization as _;

/// Longest citation in characters, joined.
const MAX_CHARS: usize = 360;

/// Words that say "wrote", at the end of a citation, lower case.
#[rustfmt::skip]
const WROTE: &[&str] = &[
    "wrote", "writes", "has written", "schrieb", "geschrieben", "a écrit", "écrit", "escribió", "escribio", "ha scritto", "scritto",
    "escreveu", "napisał", "napisał(a)", "napisała", "pisze", "skrev", "skrifaði", "kirjoitti", "schreef", "geschreven", "написал",
    "написал(а)", "написала", "пишет", "пише", "писал", "napsal", "napsal(a)", "napísal", "írta", "yazdı", "şunu yazdı", "đã viết",
    "viết", "menulis", "เขียนว่า", "寫道", "写道", "撰寫", "撰写", "來信", "来信", "來信表示", "寫到", "写到", "寫", "写", "書きました",
    "のメール", "님이 작성", "작성", "쓴 글", "a scris", "έγραψε", "כתב", "написа", "je napisao", "va escriure", "skrev följande", "følgende",
    "kirjutas", "rakstīja", "rašė", "napisao/la", "napísala", "napsala", "je oseba", "님이 작성한 메시지", "tarihinde yazdı", "şunları yazdı", "pisze tak", "schreef het volgende", "het volgende geschreven", "scrisse", "geschreben", "さんは書きました", "さんが書きました", "ha escrito", "tulis", "wrote as follows",
];

/// Words a citation begins with in the languages whose verb stands early.
#[rustfmt::skip]
const OPENERS: &[&str] = &[
    "on ", "am ", "le ", "el ", "il giorno ", "il ", "em ", "op ", "den ", "på ", "w dniu ", "dnia ", "vào ", "pada ", "a(z) ",
    "le\u{a0}", "at ", "ma ", "dne ", "de ", "în ",
    "no dia ", "pe ", "dana ", "dňa ", "ngày ", "στις ", "tarih ", "ob ", "man. ", "a ",
];

/// How many lines from the first one are a citation; None when it is none. `plain` tells for each line whether it is unquoted text,
/// `fresh` whether the first one begins a paragraph.
pub fn length(lines: &[&str], plain: impl Iterator<Item = bool>, fresh: bool) -> Option<usize> {
    let first = lines.first()?.trim();
    let may_open = opens(first) || (fresh && dated_head(first));
    let mut joined = String::new();
    for (n, (line, plain)) in lines.iter().zip(plain).take(4).enumerate() {
        if !plain || (n > 0 && !may_open) || line.len() > MAX_CHARS * 4 {
            return None;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line.trim());
        if joined.chars().count() > MAX_CHARS {
            return None;
        }
        if is_citation(&joined) {
            // Prose above may open like a citation; the one that starts nearest to the verb is meant.
            // (Chinese names stand before 於: a line that ends with an address is no prose.)
            let nearer = !first.ends_with(['>', '<', '於', '于', '在'])
                && (1..=n).any(|k| lines.get(k..=n).is_some_and(|rest| starts_citation(&rest.join(" "))));
            return if nearer { None } else { Some(n + 1) };
        }
    }
    None
}

/// Opens with a word and a day of its own, and is a whole citation.
fn starts_citation(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let head: String = lower.chars().take(12).collect();
    let clock = head.chars().take(3).any(|c| c == ':');
    let day = lower.chars().next().is_some_and(|c| c.is_ascii_digit()) && !clock && has_date(&head);
    let opener = OPENERS.iter().any(|o| lower.starts_with(o)) || lower.starts_with(['於', '在']) || day;
    opener && is_citation(text) && has_date(&lower)
}

/// A short line with a whole day in it that no sentence ends: `pon., 23 lis 2026 o 09:00`.
fn dated_head(text: &str) -> bool {
    let lower = text.to_lowercase();
    let numbers = || lower.split(|c: char| !c.is_ascii_digit());
    let year = numbers().any(|n| n.len() == 4 && (n.starts_with("19") || n.starts_with("20")));
    let day = has_date(&lower) || numbers().any(|n| matches!(n.len(), 1 | 2));
    year && day && lower.chars().count() <= 70 && !lower.ends_with(['。', '！', '？', '!', '?', ':', '：'])
}

/// A citation that a program broke at blank lines around the address (Polymail) or before its verb (each line a paragraph of HTML);
/// the number of lines, blank ones included.
#[must_use]
pub fn broken_by_blanks(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim().to_lowercase();
    if !OPENERS.iter().any(|o| first.starts_with(o)) || !has_date(&first) || first.ends_with([':', '：']) {
        return None;
    }
    let mut joined = first;
    for (n, line) in lines.iter().enumerate().skip(1).take(7) {
        let t = line.trim();
        if t.is_empty() {
            continue;
        }
        let quote = t.starts_with('>') && t.contains('@');
        let verb = t.ends_with([':', '：']) && t.split_whitespace().count() <= 3;
        if quote || !(verb || t.contains(['<', '>', '@'])) || t.len() > MAX_CHARS {
            return None;
        }
        joined.push(' ');
        joined.push_str(t);
        if t.ends_with([':', '：']) && joined.contains('@') && is_citation(&joined) {
            return Some(n + 1);
        }
    }
    None
}

/// Whether a short paragraph right above quoted lines introduces them: it ends with a colon and names a day, and a time or an address.
#[must_use]
pub fn introduces_together(lines: &[&str]) -> bool {
    let joined = lines.iter().map(|l| l.trim()).collect::<Vec<_>>().join(" ");
    let lower = joined.to_lowercase();
    // Prose above does not belong to it: the first line already names the day or the person, and no later line does all alone.
    let first = lines.first().map(|l| l.to_lowercase()).unwrap_or_default();
    let begins = has_day(&first) || first.contains('@');
    let alone = lines.iter().skip(1).any(|l| has_day(&l.to_lowercase()) && (is_citation(l) || introduces(l)));
    begins
        && !alone
        && joined.chars().count() <= 200
        && joined.ends_with([':', '：'])
        && has_date(&lower)
        && (has_time(&lower) || (lower.contains('@') && lower.contains('<')))
}

/// Whether the text may be the first half of a citation that is broken over lines.
fn opens(text: &str) -> bool {
    let head: String = text.trim_start_matches(['-', '*', '_', ' ']).chars().take(24).collect();
    let lower = head.to_lowercase();
    let dated = lower.chars().next().is_some_and(|c| c.is_ascii_digit());
    dated
        || OPENERS.iter().any(|o| lower.starts_with(o))
        || lower.starts_with('於')
        || lower.starts_with('在')
        || lower.starts_with('"')
        || text.contains('<')
}

/// Whether a line right above quoted ones introduces them: any "… wrote:", Horde's `Quoting …:` and `引述 …:`, mutt's `* … [date]:`.
#[must_use]
pub fn introduces(line: &str) -> bool {
    let line = line.trim();
    if line.len() > MAX_CHARS * 4 {
        return false;
    }
    let Some(body) = line.strip_suffix([':', '：']) else { return false };
    let lower = body.trim_end().to_lowercase();
    let quoting = ["quoting ", "zitat von ", "citando ", "quoting:", "citat ", "引述", "引用"].iter().any(|q| lower.starts_with(q));
    let wrote = lower.chars().count() <= 120 && WROTE.iter().any(|w| lower.ends_with(w) && (w.chars().count() > 1 || has_date(&lower)));
    let listed = lower.starts_with("* ") && has_date(&lower);
    // Whatever the language: an address or a time, and a colon right above the quote.
    let told = lower.chars().count() <= 200 && (has_time(&lower) || (lower.contains('@') && lower.contains('<')));
    // `Toimisto kirjoitti 12.3.2026 klo 10.15:`, the verb in the middle.
    let early = lower.chars().count() <= 120 && has_date(&lower) && WROTE.iter().any(|w| w.chars().count() > 1 && has_word(&lower, w));
    quoting || wrote || listed || told || early
}

/// Whether one (joined) line says who wrote.
#[must_use]
pub fn is_citation(line: &str) -> bool {
    // Most lines are prose: no day and no address, or no end that a citation has.
    if line.len() > MAX_CHARS * 4 || !line.bytes().any(|b| b.is_ascii_digit() || b == b'@') {
        return false;
    }
    let bidi = |c: &char| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = |c: char| match c {
        c if c.is_whitespace() => ' ',
        // Arabic programs write their own figures.
        '\u{660}'..='\u{669}' => char::from_digit(c as u32 - 0x660, 10).unwrap_or(c),
        '\u{6f0}'..='\u{6f9}' => char::from_digit(c as u32 - 0x6f0, 10).unwrap_or(c),
        c => c,
    };
    let line: String = line.nfc().filter(bidi).map(plain).collect();
    let line = line.trim().trim_matches(['-', '*', '_', ' ', '[', ']']).trim();
    if line.len() < 8 || line.chars().count() > MAX_CHARS {
        return false;
    }
    let (body, colon) = match line.strip_suffix([':', '：']) {
        Some(b) => (b.trim_end(), true),
        None => (line, false),
    };
    let lower = body.to_lowercase();
    let has_mail = body.contains('@');
    // Outlook Express and the news readers of its time.
    let news = [" wrote in message ", " schrieb im newsbeitrag ", " a écrit dans le message ", " escribió en el mensaje "];
    if has_mail && news.iter().any(|n| lower.contains(n)) {
        return true;
    }
    if colon && reads_as_prose(&lower) {
        return false;
    }
    let dated = has_date(&lower);
    let opener = OPENERS.iter().any(|o| lower.starts_with(o));
    let verb_last = WROTE.iter().any(|w| lower.ends_with(w)) || (opener && colon && lower.ends_with(" sent"));
    // Programs that write Chinese name a time or an address; 「老師於三月十日在公告中寫道：」 is a sentence.
    let chinese = lower.ends_with(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c));
    if verb_last && chinese && !has_mail && !has_time(&lower) && !lower.contains(['時', '时', '點', '点']) {
        return false;
    }
    if verb_last && (dated || (has_mail && colon)) {
        return colon || has_mail || lower.ends_with("寫道") || lower.ends_with("写道") || (opener && has_time(&lower));
    }
    // A day without a year and nothing else (`Le 12 mars, votre agent a écrit sur la facture :`) is a sentence.
    let told = has_mail || has_time(&lower) || has_year(&lower) || numeric_day(&lower);
    if colon && dated && opener && told && WROTE.iter().any(|w| has_word(&lower, w)) {
        return true;
    }
    // `A B <a@b.c> schrieb am Fr., 28. Apr. 2017 um 11:53 Uhr:`
    if colon && dated && has_mail && WROTE.iter().any(|w| has_word(&lower, w)) {
        return true;
    }
    // `Stelle schrieb am 12.03.2026 um 10:15:`, name, verb and nothing but the moment.
    if colon && dated && lower.ends_with(|c: char| c.is_ascii_digit()) && moment_after_verb(&lower) {
        return true;
    }
    // Whatever the language: a time, an address in brackets and a colon at the end.
    if colon && has_time(&lower) && has_mail && body.contains('<') && body.contains('>') {
        return true;
    }
    // `2026-11-23 9:00 GMT+08:00 陳 <a@b>:` and `2013/3/1 Name <a@b>` of older Gmail.
    let starts_with_date = lower.chars().take(4).all(|c| c.is_ascii_digit()) && dated;
    let ends_with_mail = body.ends_with('>') && has_mail;
    let day_first = lower.chars().next().is_some_and(|c| c.is_ascii_digit())
        && dated
        && colon
        && lower.chars().take(12).filter(|c| matches!(c, '.' | '/' | '-')).count() >= 2;
    let zoned = starts_with_date && lower.contains(" gmt") && lower.contains(':');
    (starts_with_date || day_first) && ends_with_mail || zoned
}

/// A sentence ends and another one begins before the verb: no program writes so.
fn reads_as_prose(lower: &str) -> bool {
    const NEXT: &[&str] =
        &[". the ", ". he ", ". she ", ". they ", ". it ", ". we ", ". my ", ". your ", ". but ", ". then ", ". this ", " who wrote", "。"];
    NEXT.iter().any(|n| lower.contains(n))
}

/// Within a few words after the verb stand a whole day in figures and a time, and they end the line.
fn moment_after_verb(lower: &str) -> bool {
    WROTE.iter().filter(|w| w.chars().count() > 2).any(|w| {
        let Some((_, tail)) = lower.split_once(w) else { return false };
        let figures = tail.chars().filter(char::is_ascii_digit).count();
        let words = tail.split_whitespace().count();
        tail.starts_with(' ') && words <= 6 && figures >= 7 && numeric_day(tail) && has_word(lower, w)
    })
}

fn has_year(lower: &str) -> bool {
    lower.split(|c: char| !c.is_ascii_digit()).any(|n| n.len() == 4 && (n.starts_with("19") || n.starts_with("20")))
}

/// `12.03.`, `12/3/26`: a day in figures.
fn numeric_day(lower: &str) -> bool {
    lower.as_bytes().windows(3).any(|w| matches!(w, [a, b'/' | b'-' | b'.', c] if a.is_ascii_digit() && c.is_ascii_digit()))
}

fn has_word(text: &str, word: &str) -> bool {
    text.find(word).is_some_and(|p| {
        let before = text.get(..p).and_then(|s| s.chars().next_back()).is_none_or(|c| !c.is_alphabetic());
        let after = text.get(p + word.len()..).and_then(|s| s.chars().next()).is_none_or(|c| !c.is_alphabetic());
        (before && after) || !word.is_ascii()
    })
}

/// A day is named, not only a time.
fn has_day(lower: &str) -> bool {
    has_date(&lower.replace(':', " "))
}

/// `9:00` or `09.00` stands in the text.
fn has_time(text: &str) -> bool {
    text.as_bytes().windows(4).any(|w| matches!(w, [a, b':', c, d] if a.is_ascii_digit() && c.is_ascii_digit() && d.is_ascii_digit()))
}

/// A day is named: a year, `23/11`, `11-23`, `9:00`, `11月23日`, or a month's name beside a number.
pub(super) fn has_date(lower: &str) -> bool {
    let digits = |c: char| c.is_ascii_digit();
    if !lower.contains(digits) {
        return false;
    }
    let bytes = lower.as_bytes();
    let joined = bytes.windows(3).any(|w| matches!(w, [a, b'/' | b'-' | b':' | b'.', c] if a.is_ascii_digit() && c.is_ascii_digit()));
    joined || lower.contains('月') || lower.contains('日') || lower.contains("년") || MONTHS.iter().any(|m| lower.contains(m))
}

#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai", "okt", "dez", "ene", "abr", "ago", "dic",
    "janv", "févr", "juin", "juil", "août", "déc", "fev", "gen", "mag", "giu", "lug", "set", "ott", "maj", "lip", "sie", "wrz", "paź",
    "lis", "gru", "sty", "lut", "kwi", "cze", "янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек", "січ",
    "лют", "бер", "лип", "серп", "квіт", "трав", "черв", "верес", "жовт", "лист", "груд", "ιαν", "φεβ", "απρ", "ιουν", "ιουλ", "αυγ",
    "σεπ", "οκτ", "νοε", "δεκ", "kasım", "aralık", "ocak", "şubat", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim",
    "thg", "tháng", "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.", "월",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_many_programs() {
        for l in [
            "On Mon, Nov 23, 2026 at 9:00 AM 意見信箱 <service@kmu.example> wrote:",
            "意見信箱 <service@kmu.example> 於 2026年11月23日 週一 上午9:00寫道：",
            "意見信箱 於 2026/11/23 上午 09:00 寫道:",
            "在 2026-11-23 09:00:00，\"意見信箱\" <service@kmu.example> 写道：",
            "Le lun. 23 nov. 2026 à 09:00, Bureau <a@b.c> a écrit :",
            "Am 23.11.2026 um 09:00 schrieb Büro:",
            "2026-11-23 9:00 GMT+08:00 意見信箱 <a@b.c>:",
            "El 23 nov 2026, a las 9:00, A B <a@b.c> escribió:",
        ] {
            assert!(is_citation(l), "{l}");
        }
    }

    #[test]
    fn sentences_are_none() {
        for l in [
            "He wrote:",
            "我於 11 月 3 日寫道歉信給他",
            "I saw what you wrote.",
            "時間: 2026/11/23",
            "陳小姐在電話中說：",
            "請於 2026/12/02 前回覆：",
            "林老師於 2026年3月10日 在公告中寫道：",
            "Le 12 mars, votre agent a écrit sur ma facture :",
            "I asked on March 3. The clerk (lin@campus.example) wrote:",
        ] {
            assert!(!is_citation(l), "{l}");
        }
    }

    #[test]
    fn broken_over_lines() {
        let l = ["On Mon, Nov 23, 2026 at 9:00 AM", "Office <a@b.c>", "wrote:", "", "> x"];
        assert_eq!(length(&l, [true, true, true, false, false].into_iter(), true), Some(3));
    }
}
