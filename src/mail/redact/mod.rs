//! Finds in free text what tells who somebody is: names, telephones, national and resident identity numbers, addresses, student
//! numbers, cards, plates, mail addresses; and blanks it (R37, RELIABILITY T27). Pure; the words that give a name away stand in
//! `names`, numbers in `numbers`, postal addresses in `places`. Called by desk for readers without the right to see more.
//! Free text can identify by what it tells; no pattern finds that, and SECURITY.md says so.

mod names;
mod numbers;
mod places;

use std::ops::Range;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A person's name.
    Name,
    /// A telephone or fax number.
    Phone,
    /// 國民身分證統一編號, its check digit right (or so labelled).
    NationalId,
    /// 居留證統一證號, new (`A800000014`) or old (`FA12345689`).
    Resident,
    /// A postal address with a house number.
    Address,
    /// 學號.
    Student,
    /// A payment card's number (Luhn).
    Card,
    /// A vehicle's plate.
    Plate,
    /// A mail address.
    Mail,
}

/// Whose names are to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// The writer's: what he is known by, introduces himself with, signs with. Whom he complains about stays, or nobody could handle it.
    Writer,
    /// Everybody's.
    All,
}

/// One find, in characters of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub span: Range<usize>,
    /// What.
    pub kind: Kind,
}

/// What stands in place of a find.
const BLANK: &str = "○○○";

/// A text as its finders read it: one folded character for each of its own.
pub(super) struct Text {
    chars: Vec<char>,
}

impl Text {
    fn new(text: &str) -> Self {
        Self { chars: text.chars().map(fold).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.chars.len()
    }

    /// The character there; NUL outside.
    pub(super) fn at(&self, place: usize) -> char {
        self.chars.get(place).copied().unwrap_or('\0')
    }

    /// The character before; NUL at the beginning.
    pub(super) fn before(&self, place: usize) -> char {
        place.checked_sub(1).map_or('\0', |p| self.at(p))
    }

    pub(super) fn slice(&self, span: Range<usize>) -> String {
        self.chars.get(span).unwrap_or_default().iter().collect()
    }

    /// Up to `count` characters before `place`, of the same line.
    pub(super) fn lead(&self, place: usize, count: usize) -> String {
        let words = self.slice(place.saturating_sub(count)..place);
        words.rsplit('\n').next().unwrap_or_default().to_owned()
    }

    /// Whether `word` stands there.
    pub(super) fn has(&self, place: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(n, c)| self.at(place + n) == c)
    }
}

/// Half width for full width, one for one, so that places stay the same.
fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' | '\t' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '﹣' => '-',
        '\r' => '\n',
        _ => c,
    }
}

/// All finds, in their order, none within another. `known`: what the writer is known by (his name, his address, his numbers).
#[must_use]
pub fn find(text: &str, known: &[&str], whose: Names) -> Vec<Found> {
    let text = Text::new(text);
    let mut all = Vec::new();
    mails(&text, &mut all);
    numbers::find(&text, &mut all);
    places::find(&text, &mut all);
    names::known(&text, known, &mut all);
    names::find(&text, whose, &mut all);
    settle(all)
}

/// The text without what the writer is known by, and nothing else changed.
#[must_use]
pub fn without(text: &str, known: &[&str]) -> String {
    let mut found = Vec::new();
    names::known(&Text::new(text), known, &mut found);
    rewrite(text, &settle(found), |_, _| BLANK.to_owned())
}

/// The text with each find blanked.
#[must_use]
pub fn blank(text: &str, known: &[&str], whose: Names) -> String {
    rewrite(text, &find(text, known, whose), |_, _| BLANK.to_owned())
}

/// The text with each find as `mask` shows it (a name's first letter, a number's last digits).
#[must_use]
pub fn rewrite(text: &str, found: &[Found], mask: impl Fn(Kind, &str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut finds = found.iter().peekable();
    let mut word = String::new();
    for (place, c) in text.chars().enumerate() {
        let Some(next) = finds.peek() else {
            out.push(c);
            continue;
        };
        if place < next.span.start {
            out.push(c);
            continue;
        }
        word.push(c);
        if place + 1 >= next.span.end {
            out.push_str(&mask(next.kind, &word));
            word.clear();
            finds.next();
        }
    }
    out
}

/// The longer of two finds that overlap stays, grown over both.
fn settle(mut all: Vec<Found>) -> Vec<Found> {
    all.retain(|f| f.span.start < f.span.end);
    all.sort_by_key(|f| (f.span.start, std::cmp::Reverse(f.span.end)));
    let mut out: Vec<Found> = Vec::new();
    for found in all {
        match out.last_mut() {
            Some(last) if found.span.start < last.span.end => {
                if found.span.len() > last.span.len() {
                    last.kind = found.kind;
                }
                last.span.end = last.span.end.max(found.span.end);
            }
            _ => out.push(found),
        }
    }
    out
}

fn local(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._%+-'".contains(c)
}

fn domain(c: char) -> bool {
    c.is_ascii_alphanumeric() || ".-".contains(c)
}

/// `w.wang@mail.example`, `w.wang (at) mail.example`, with spaces around the sign.
fn mails(text: &Text, out: &mut Vec<Found>) {
    const SIGNS: &[&str] = &["@", "(at)", "[at]", "{at}", "<at>", "(AT)", "[AT]"];
    for place in 0..text.len() {
        let Some(sign) = SIGNS.iter().find(|s| text.has(place, s)) else { continue };
        let mut start = place;
        while text.before(start) == ' ' && place - start < 2 {
            start -= 1;
        }
        let word = start;
        while local(text.before(start)) {
            start -= 1;
        }
        let mut end = place + sign.chars().count();
        while text.at(end) == ' ' && end < place + sign.len() + 2 {
            end += 1;
        }
        let host = end;
        while domain(text.at(end)) {
            end += 1;
        }
        while end > host && ".-".contains(text.before(end)) {
            end -= 1;
        }
        let spaced = word != place || host != place + sign.chars().count() || sign.chars().count() > 1;
        let dotted = text.slice(host..end).contains('.');
        if start < word && host < end && (dotted || !spaced) {
            out.push(Found { span: start..end, kind: Kind::Mail });
        }
    }
}

#[cfg(test)]
mod tests;
