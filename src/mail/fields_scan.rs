//! Finds phone numbers, mail addresses, ID numbers and postal addresses in running text. Shapes and checksums only: what a
//! found thing means and how sure it is, fields.rs says. The text comes normalised (`wording::norm`, line by line).

/// The first Taiwanese phone number: a mobile as ten digits, a landline as `07-3121101`, an extension behind `#`.
pub(super) fn phone(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    (0..chars.len()).find_map(|at| phone_at(&chars, at))
}

fn phone_at(chars: &[char], at: usize) -> Option<String> {
    let first = *chars.get(at)?;
    let before = at.checked_sub(1).and_then(|n| chars.get(n)).copied().unwrap_or(' ');
    if !(first == '0' || first == '+' || first == '(') || before.is_ascii_alphanumeric() || "-/._=@".contains(before) {
        return None;
    }
    let mut digits = String::new();
    let mut marks = 0;
    let mut end = at;
    for (n, c) in chars.iter().copied().enumerate().skip(at) {
        match c {
            '0'..='9' => digits.push(c),
            '+' if n == at => digits.push(c),
            '-' | ' ' | '(' | ')' if marks < 6 && chars.get(n + 1).is_some_and(|next| next.is_ascii_digit() || "(- ".contains(*next)) => {
                marks += 1;
            }
            _ => break,
        }
        end = n + 1;
        if digits.trim_start_matches('+').len() > 13 {
            return None;
        }
    }
    if chars.get(end).is_some_and(|c| c.is_ascii_alphabetic() && *c != 'e' || "@/年月".contains(*c)) {
        return None;
    }
    let home = digits.strip_prefix("+886").map(|rest| format!("0{}", rest.trim_start_matches('0'))).unwrap_or(digits);
    let written = if home.len() == 10 && home.starts_with("09") { home } else { landline(&home, marks)? };
    Some(match extension(chars, end) {
        Some(extension) => format!("{written}#{extension}"),
        None => written,
    })
}

fn landline(digits: &str, marks: usize) -> Option<String> {
    const AREAS: &[&str] = &["0826", "0836", "037", "049", "089", "082", "02", "03", "04", "05", "06", "07", "08"];
    if !digits.chars().all(|c| c.is_ascii_digit()) || !(9..=10).contains(&digits.len()) || marks == 0 {
        return None;
    }
    let area = AREAS.iter().find(|a| digits.starts_with(**a))?;
    Some(format!("{area}-{}", digits.strip_prefix(area)?))
}

fn extension(chars: &[char], end: usize) -> Option<String> {
    let rest: String = chars.iter().skip(end).take(16).collect();
    let rest = rest.trim_start_matches([' ', '(', ',']);
    let rest = ["分機", "轉分機", "轉", "ext.", "ext", "#"].iter().find_map(|w| rest.strip_prefix(w))?;
    let digits: String = rest.trim_start_matches([' ', ':', '.']).chars().take_while(char::is_ascii_digit).collect();
    (1..=6).contains(&digits.len()).then_some(digits)
}

/// The first mail address.
pub(super) fn email(text: &str) -> Option<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "@.!#$%&'*+/=?^_`{|}~-".contains(c))).find_map(|word| {
        let word = word.trim_matches(['.', '\'', '-', '/', '=']);
        let (local, domain) = word.split_once('@')?;
        let labels: Vec<&str> = domain.split('.').collect();
        let fine = !local.is_empty()
            && local.len() <= 64
            && labels.len() >= 2
            && labels.iter().all(|l| !l.is_empty() && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        let top = labels.last().is_some_and(|l| l.len() >= 2 && l.chars().all(|c| c.is_ascii_alphabetic()) || l.starts_with("xn--"));
        (fine && top).then(|| word.to_owned())
    })
}

/// The first national ID or residence number whose checksum holds, upper case.
pub(super) fn id_number(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() == 10).map(str::to_ascii_uppercase).find(|word| valid_id(word))
}

/// Whether a ten-character number is a Taiwanese ID (A1…), a residence number of 2021 (A8…) or an older one (AB…) with a right check digit.
pub(super) fn valid_id(word: &str) -> bool {
    let value = |c: char| "ABCDEFGHJKLMNPQRSTUVXYWZIO".chars().position(|l| l == c).and_then(|n| u32::try_from(n + 10).ok());
    let mut chars = word.chars();
    let (Some(first), Some(second)) = (chars.next().and_then(value), chars.next()) else { return false };
    let second = match second {
        '1' | '2' | '8' | '9' => second.to_digit(10),
        'A'..='D' => value(second).map(|n| n % 10),
        _ => None,
    };
    let rest: Option<Vec<u32>> = chars.map(|c| c.to_digit(10)).collect();
    let (Some(second), Some(rest)) = (second, rest.filter(|r| r.len() == 8)) else { return false };
    let weighted: u32 = rest.iter().zip([7, 6, 5, 4, 3, 2, 1, 1]).map(|(digit, weight)| digit * weight).sum();
    (first / 10 + first % 10 * 9 + second * 8 + weighted).is_multiple_of(10)
}

const CITIES: &[&str] = &[
    "臺北市",
    "台北市",
    "新北市",
    "桃園市",
    "臺中市",
    "台中市",
    "臺南市",
    "台南市",
    "高雄市",
    "基隆市",
    "新竹市",
    "新竹縣",
    "嘉義市",
    "嘉義縣",
    "苗栗縣",
    "彰化縣",
    "南投縣",
    "雲林縣",
    "屏東縣",
    "宜蘭縣",
    "花蓮縣",
    "臺東縣",
    "台東縣",
    "澎湖縣",
    "金門縣",
    "連江縣",
];

/// The first postal address: from the county or city (or the postcode before it) to 號 and its floor or room.
pub(super) fn address(text: &str) -> Option<String> {
    let start = CITIES.iter().filter_map(|c| text.find(c)).min()?;
    let tail: String = text.get(start..)?.chars().take(60).collect();
    let bytes = tail
        .match_indices('號')
        .find(|(at, _)| {
            tail.get(..*at).is_some_and(|b| b.trim_end().ends_with(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c)))
        })?
        .0;
    let (road, rest) = tail.split_at_checked(bytes + '號'.len_utf8())?;
    if !["路", "街", "道", "巷", "里", "村", "段", "鄰"].iter().any(|w| road.contains(w)) || road.contains(['。', '!', '?']) {
        return None;
    }
    let floor: String =
        rest.chars().take_while(|c| c.is_ascii_digit() || "之-樓室f ".contains(*c) || "一二三四五六七八九十".contains(*c)).collect();
    let floor = if floor.contains(['樓', '室', 'f', '之']) { floor.trim_end() } else { "" };
    Some(format!("{road}{floor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_in_every_writing_and_no_dates() {
        for (text, wanted) in [
            ("請打 0912345678 給我", Some("0912345678")),
            ("0912-345-678", Some("0912345678")),
            ("手機0912 345 678。", Some("0912345678")),
            ("+886 912-345-678", Some("0912345678")),
            ("+886-7-312-1101", Some("07-3121101")),
            ("(07)312-1101 分機 2101", Some("07-3121101#2101")),
            ("07-3121101#2101", Some("07-3121101#2101")),
            ("07-3121101轉2101", Some("07-3121101#2101")),
            ("02-2345-6789", Some("02-23456789")),
            ("(049)2345678", Some("049-2345678")),
            ("2026-12-31", None),
            ("01-02-2026", None),
            ("訂單 20260912345678", None),
            ("學號 0912345678901", None),
            ("0912345", None),
            ("115-0042", None),
            ("0.912345678", None),
        ] {
            assert_eq!(phone(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn id_numbers_need_their_check_digit() {
        for good in ["A123456789", "B142610160", "A800000014", "AB12345677"] {
            let wanted = if valid_id(good) { Some(good.to_owned()) } else { None };
            assert_eq!(id_number(&format!("我的身分證是{},謝謝", good.to_ascii_lowercase())), wanted);
        }
        assert!(valid_id("A123456789") && valid_id("B142610160") && valid_id("A800000014"));
        for bad in ["A123456788", "A323456789", "1234567890", "AA23456789X", "ABCDEFGHIJ", ""] {
            assert!(!valid_id(bad), "{bad}");
        }
        // Every check digit but one is wrong.
        assert_eq!((0..10).filter(|d| valid_id(&format!("A12345678{d}"))).count(), 1);
        assert_eq!((0..10).filter(|d| valid_id(&format!("FC1234567{d}"))).count(), 1);
    }

    #[test]
    fn addresses_and_mails() {
        assert_eq!(address("我住高雄市三民區十全一路100號5樓之2,謝謝").as_deref(), Some("高雄市三民區十全一路100號5樓之2"));
        assert_eq!(address("住址是台北市大安區羅斯福路四段 1 號。").as_deref(), Some("台北市大安區羅斯福路四段 1 號"));
        assert_eq!(address("高雄市政府很遠,公車100號很慢"), None);
        assert_eq!(email("寫信到 wang.xm+a@mail.example.com.tw。").as_deref(), Some("wang.xm+a@mail.example.com.tw"));
        assert_eq!(email("a@b 或 @x.com 或 x@1.2"), None);
    }
}
