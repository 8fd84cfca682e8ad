//! What is left of personal data where it is only shown to tell cases apart: digests, prints, copies (R37).
//! Pure. Finding the data in free text is here only as far as masking needs it; reading fields out of mails is in `mail::fields`.

/// A person's name: the first and the last character stay (王○明), of two the first (王○), of a Latin name the first letter of each word (J○○ S○○).
#[must_use]
pub fn mask_name(name: &str) -> String {
    let name = name.trim();
    if name.is_ascii() {
        let words: Vec<String> = name.split_whitespace().filter_map(|word| word.chars().next()).map(|first| format!("{first}○○")).collect();
        return words.join(" ");
    }
    let letters: Vec<char> = name.chars().filter(|c| !c.is_whitespace()).collect();
    match letters.as_slice() {
        [] => String::new(),
        [_] => "○".to_owned(),
        [first, _] => format!("{first}○"),
        [first, middle @ .., last] => format!("{first}{}{last}", "○".repeat(middle.len())),
    }
}

/// A mail address: first letter and domain stay (`w***@kmu.example`).
#[must_use]
pub fn mask_mail(address: &str) -> String {
    match address.trim().rsplit_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().next().map(String::from).unwrap_or_default()),
        None => "***".to_owned(),
    }
}

/// A number of any kind (telephone, identity card, card): the last three characters stay, signs between stay.
#[must_use]
pub fn mask_number(number: &str) -> String {
    let count = number.chars().filter(|c| c.is_alphanumeric()).count();
    let mut seen = 0;
    number
        .trim()
        .chars()
        .map(|c| {
            if !c.is_alphanumeric() {
                return c;
            }
            seen += 1;
            if seen + 3 > count && count > 5 { c } else { '*' }
        })
        .collect()
}

/// A postal address: city and district stay, from the road on nothing does (高雄市三民區○○○).
#[must_use]
pub fn mask_address(address: &str) -> String {
    let address = address.trim();
    if address.is_empty() {
        return String::new();
    }
    let cut = address.char_indices().filter(|(_, c)| matches!(c, '區' | '鄉' | '鎮')).map(|(at, c)| at + c.len_utf8()).next();
    let cut = cut.or_else(|| address.char_indices().find(|(_, c)| matches!(c, '市' | '縣')).map(|(at, c)| at + c.len_utf8()));
    format!("{}○○○", cut.and_then(|at| address.get(..at)).unwrap_or(""))
}

/// Free text with mail addresses, identity numbers (a letter and nine digits) and long numbers (eight digits and more, also with hyphens) masked.
#[must_use]
pub fn mask_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '-' | '_' | '+') {
            word.push(c);
        } else {
            flush(&mut word, &mut out);
            out.push(c);
        }
    }
    flush(&mut word, &mut out);
    out
}

fn flush(word: &mut String, out: &mut String) {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    if word.contains('@') && word.split('@').all(|part| !part.is_empty()) {
        out.push_str(&mask_mail(word));
    } else if digits >= 8 && letters <= 1 && !is_date(word) {
        out.push_str(&mask_number(word));
    } else {
        out.push_str(word);
    }
    word.clear();
}

/// `2026-12-31` is no telephone number.
fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    matches!(parts.as_slice(), [y, m, d] if y.len() == 4 && (y.starts_with("19") || y.starts_with("20")) && m.len() <= 2 && d.len() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, masked) in [
            ("王小明", "王○明"),
            ("王明", "王○"),
            ("歐陽小明", "歐○○明"),
            ("王", "○"),
            ("John Smith", "J○○ S○○"),
            ("", ""),
            (" 林 大 華 ", "林○華"),
        ] {
            assert_eq!(mask_name(name), masked);
        }
    }

    #[test]
    fn numbers_mails_addresses() {
        assert_eq!(mask_number("0912-345-678"), "****-***-678");
        assert_eq!(mask_number("A123456789"), "*******789");
        assert_eq!(mask_number("1234"), "****");
        assert_eq!(mask_mail("wang.ming@mail.example"), "w***@mail.example");
        assert_eq!(mask_mail("none"), "***");
        assert_eq!(mask_address("高雄市三民區十全一路100號"), "高雄市三民區○○○");
        assert_eq!(mask_address("臺南市某路1號"), "臺南市○○○");
        assert_eq!(mask_address("somewhere"), "○○○");
    }

    #[test]
    fn free_text() {
        assert_eq!(mask_text("我是A123456789，電話0912-345-678或w@x.tw。"), "我是*******789，電話****-***-678或w***@x.tw。");
        assert_eq!(mask_text("2026-12-31 第115-0042號 3.5 分"), "2026-12-31 第115-0042號 3.5 分");
    }
}
