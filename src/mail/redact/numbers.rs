//! Numbers that belong to somebody: identity cards with their check digit, telephones, cards with Luhn's, student numbers, plates.
//! A number of a thing (an order, a document, an amount, a date) is told by its check digit, its label or its shape.

use super::{Found, Kind, Text};

/// Labels before a number that is a thing's and nobody's.
const THINGS: &[&str] = &[
    "訂單",
    "單號",
    "編號",
    "案號",
    "案件",
    "發票",
    "文號",
    "字第",
    "型號",
    "序號",
    "批號",
    "統編",
    "統一編號",
    "課號",
    "代碼",
    "票號",
    "料號",
    "金額",
    "流水號",
    "房號",
    "班次",
    "航班",
    "isbn",
    "no.",
    "nt$",
    "元",
    "收據",
    "條碼",
    "財產",
    "選課代號",
    "掛號",
];

/// Adds what is found.
pub(super) fn find(text: &Text, out: &mut Vec<Found>) {
    let mut place = 0;
    while place < text.len() {
        let begins =
            (text.at(place).is_ascii_alphanumeric() || "+(".contains(text.at(place))) && !text.before(place).is_ascii_alphanumeric();
        if !begins {
            place += 1;
            continue;
        }
        let found = identity(text, place)
            .or_else(|| plate(text, place))
            .or_else(|| student(text, place))
            .or_else(|| card(text, place))
            .or_else(|| phone(text, place));
        match found {
            Some(found) => {
                place = found.span.end.max(place + 1);
                out.push(found);
            }
            None => place += 1,
        }
    }
    spoken(text, out);
}

fn labelled(text: &Text, place: usize, reach: usize, words: &[&str]) -> bool {
    let lead = text.lead(place, reach).to_lowercase();
    words.iter().any(|w| lead.contains(w))
}

/// Whether the label right before the number says that it is a thing's: the nearest label counts, across no comma.
fn of_a_thing(text: &Text, place: usize) -> bool {
    let lead = text.lead(place, 10).to_lowercase();
    let lead = lead.rsplit(['，', ',', '。', '、', ';', '；']).next().unwrap_or_default();
    THINGS.iter().any(|w| lead.contains(w)) && !["身", "證號", "學號", "電話", "手機", "聯絡"].iter().any(|w| lead.contains(w))
}

/// A letter, then nine characters: 國民身分證 (1, 2), 居留證 new (8, 9) or old (A–D). Signs and spaces may stand between.
fn identity(text: &Text, place: usize) -> Option<Found> {
    if !text.at(place).is_ascii_alphabetic() {
        return None;
    }
    let mut read: Vec<char> = Vec::new();
    let mut end = place;
    while read.len() < 10 {
        let c = text.at(end);
        if c.is_ascii_alphanumeric() {
            read.push(c.to_ascii_uppercase());
        } else if !("- ".contains(c) && !read.is_empty() && end - place < 13) {
            return None;
        }
        end += 1;
    }
    if text.at(end).is_ascii_alphanumeric() {
        return None;
    }
    let second = read.get(1).copied().unwrap_or('\0');
    if !read.get(2..)?.iter().all(char::is_ascii_digit) {
        return None;
    }
    let kind = match second {
        '1' | '2' => Kind::NationalId,
        '8' | '9' | 'A'..='D' => Kind::Resident,
        _ => return None,
    };
    let said = labelled(text, place, 12, &["身分證", "身份證", "證號", "居留", "統一證號", "id no", "id number", "arc"]);
    (checks(&read) || said).then_some(Found { span: place..end, kind })
}

/// The letters' numbers of 國民身分證統一編號 (A 10 … Z 33).
fn letter(c: char) -> Option<u32> {
    const ORDER: &str = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
    ORDER.chars().position(|o| o == c).and_then(|at| u32::try_from(at).ok()).map(|at| at + 10)
}

/// The check digit: weights 1, 9, 8 … 1, 1; of an old resident number's second letter the unit counts.
fn checks(read: &[char]) -> bool {
    let Some(first) = read.first().copied().and_then(letter) else { return false };
    let mut sum = first / 10 + (first % 10) * 9;
    for (n, c) in read.iter().enumerate().skip(1) {
        let Some(value) = c.to_digit(10).or_else(|| letter(*c).map(|v| v % 10)) else { return false };
        let weight = if n >= 9 { 1 } else { u32::try_from(9 - n).unwrap_or(1) };
        sum += value * weight;
    }
    sum % 10 == 0
}

/// Digits with signs between, from `place` on: the digits and where they end.
fn digits(text: &Text, place: usize, signs: &str) -> (String, usize) {
    let (mut read, mut end, mut last) = (String::new(), place, place);
    loop {
        let c = text.at(end);
        if c.is_ascii_digit() {
            read.push(c);
            end += 1;
            last = end;
        } else if c != '\0' && signs.contains(c) && end - last < 2 {
            end += 1;
        } else {
            return (read, last);
        }
    }
}

/// Thirteen to nineteen digits that satisfy Luhn, in one piece or in groups.
fn card(text: &Text, place: usize) -> Option<Found> {
    if !text.at(place).is_ascii_digit() {
        return None;
    }
    let (read, end) = digits(text, place, "- ");
    let fits = (13..=19).contains(&read.len()) && !text.at(end).is_ascii_alphanumeric();
    let said = labelled(text, place, 8, &["卡號", "信用卡", "金融卡", "card"]);
    (fits && luhn(&read) && (said || !of_a_thing(text, place))).then_some(Found { span: place..end, kind: Kind::Card })
}

fn luhn(read: &str) -> bool {
    let mut sum = 0;
    for (n, value) in read.chars().rev().filter_map(|c| c.to_digit(10)).enumerate() {
        let doubled = value * 2;
        sum += if n % 2 == 0 { value } else { doubled / 10 + doubled % 10 };
    }
    sum % 10 == 0 && read.chars().any(|c| c != '0')
}

/// Mobile, landline, with country code, bracketed area; without area code only where a label says so.
fn phone(text: &Text, place: usize) -> Option<Found> {
    let opens = text.at(place);
    if !(opens.is_ascii_digit() || "+(".contains(opens)) {
        return None;
    }
    let first = if opens.is_ascii_digit() { place } else { place + 1 };
    let begins = text.at(first).is_ascii_digit() || opens == '(' && text.at(first) == '+';
    if !begins {
        return None;
    }
    let first = if text.at(first) == '+' { first + 1 } else { first };
    let (read, end) = digits(text, first, "- .()");
    if text.at(end).is_ascii_alphabetic() || "年月日:%元".contains(text.at(end)) {
        return None;
    }
    let international = text.at(first.saturating_sub(1)) == '+' || read.starts_with("886") && (11..=12).contains(&read.len());
    let count = read.len();
    let fits = if international {
        (8..=15).contains(&count)
    } else if ["09", "0800", "0809"].iter().any(|mobile_or_free| read.starts_with(mobile_or_free)) {
        count == 10
    } else if read.starts_with('0') && !read.starts_with("00") {
        (9..=10).contains(&count)
    } else {
        (6..=8).contains(&count)
            && labelled(text, place, 8, &["電話", "手機", "市話", "傳真", "tel", "phone", "fax", "撥打", "專線", "來電", "致電"])
            && !dated(&read, text, first, end)
    };
    if !fits || (of_a_thing(text, place) && !read.starts_with("09")) {
        return None;
    }
    Some(Found { span: place..extension(text, end), kind: Kind::Phone })
}

/// `2026-03-05`, `20260305`: a day.
fn dated(read: &str, text: &Text, from: usize, end: usize) -> bool {
    let year = read.starts_with("19") || read.starts_with("20");
    year && (read.len() == 8 || text.slice(from..end).matches('-').count() == 2)
}

/// 轉 2101, 分機2101, #2101, ext. 2101 belong to the number before them.
fn extension(text: &Text, end: usize) -> usize {
    let mut at = end;
    while text.at(at) == ' ' {
        at += 1;
    }
    let Some(word) = ["轉分機", "轉", "分機", "#", "ext.", "ext", "Ext.", "x"].iter().find(|w| text.has(at, w)) else { return end };
    at += word.chars().count();
    while " :".contains(text.at(at)) && text.at(at) != '\0' {
        at += 1;
    }
    let (read, stop) = digits(text, at, "");
    if (1..=6).contains(&read.len()) { stop } else { end }
}

/// After the label, or a letter with eight digits that no thing's label claims.
fn student(text: &Text, place: usize) -> Option<Found> {
    let mut end = place;
    while text.at(end).is_ascii_alphanumeric() {
        end += 1;
    }
    let word = text.slice(place..end);
    let numeric = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.len() - numeric;
    let said = labelled(text, place, 8, &["學號", "student id", "student no", "學籍"]);
    let leads = word.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let fits = if said {
        (5..=12).contains(&word.len()) && numeric >= 5
    } else {
        leads && letters == 1 && numeric == 8 && !of_a_thing(text, place)
    };
    fits.then_some(Found { span: place..end, kind: Kind::Student })
}

/// `ABC-1234`, `1234-AB` where the sentence speaks of a vehicle.
fn plate(text: &Text, place: usize) -> Option<Found> {
    const VEHICLE: &[&str] = &["車", "牌照", "騎", "違停", "停放", "停在", "轎", "休旅", "載", "駕", "plate", "license"];
    let piece = |from: usize| {
        let mut end = from;
        while text.at(end).is_ascii_alphanumeric() && end - from < 8 {
            end += 1;
        }
        end
    };
    let first = piece(place);
    let spaced = "- ".contains(text.at(first)) && text.at(first) != '\0';
    let (a, b, end) = if spaced {
        let end = piece(first + 1);
        (text.slice(place..first), text.slice(first + 1..end), end)
    } else {
        let cut = (place..first).find(|p| text.at(*p).is_ascii_digit() != text.at(place).is_ascii_digit())?;
        (text.slice(place..cut), text.slice(cut..first), first)
    };
    if text.at(end).is_ascii_alphanumeric() || text.at(end) == '-' || text.before(place) == '-' {
        return None;
    }
    let letters = |w: &str| {
        (2..=3).contains(&w.len())
            && w.chars().all(|c| c.is_ascii_alphabetic() || c.is_ascii_digit())
            && w.chars().any(|c| c.is_ascii_alphabetic())
    };
    let figures = |w: &str| (3..=4).contains(&w.len()) && w.chars().all(|c| c.is_ascii_digit());
    if !(letters(&a) && figures(&b) || figures(&a) && letters(&b)) {
        return None;
    }
    let makers = ["ISO", "RTX", "GTX", "QP", "PT", "CNS", "USB", "PM", "AM"];
    if makers.iter().any(|m| a.eq_ignore_ascii_case(m) || b.eq_ignore_ascii_case(m)) {
        return None;
    }
    let from =
        (place.saturating_sub(24)..place).rev().find(|p| "。！？!?\n".contains(text.at(*p))).map_or(place.saturating_sub(24), |p| p + 1);
    let around =
        format!("{}{}", text.slice(from..place), text.slice(end..(end + 8).min(text.len())).split(['。', '\n']).next().unwrap_or_default());
    let around = around.to_lowercase();
    VEHICLE.iter().any(|w| around.contains(w)).then_some(Found { span: place..end, kind: Kind::Plate })
}

/// 零九一二三四五六七八: a telephone number spelt out.
fn spoken(text: &Text, out: &mut Vec<Found>) {
    let figure = |c: char| "〇○零一二三四五六七八九".contains(c);
    let mut place = 0;
    while place < text.len() {
        let mut end = place;
        let mut count = 0;
        while figure(text.at(end)) || (count > 0 && "- ".contains(text.at(end)) && figure(text.at(end + 1))) {
            count += usize::from(figure(text.at(end)));
            end += 1;
        }
        if (9..=10).contains(&count) && "〇○零".contains(text.at(place)) {
            out.push(Found { span: place..end, kind: Kind::Phone });
        }
        place = end.max(place + 1);
    }
}
