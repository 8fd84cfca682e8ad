//! The closing way behind `#結案` (中油 程序(4)): 簡訊 with the message, 逕行結案 with the reason; 電話 and 信箱 by name.
//! Reads words only; what each way demands is the procedure's.

use super::wording::squeeze;
use crate::domain::case::ClosingWay;

const WAYS: [(ClosingWay, &[&str]); 4] = [
    (ClosingWay::Sms, &["簡訊回覆", "簡訊", "sms"]),
    (ClosingWay::Direct, &["逕行結案", "逕行", "逕結", "direct"]),
    (ClosingWay::Phone, &["電話回覆", "電話", "phone"]),
    (ClosingWay::Email, &["意見信箱回覆", "信箱回覆", "意見信箱", "信箱", "email"]),
];

/// The way that a text opens with as a word of its own, and what stands behind it.
#[must_use]
pub fn way(text: &str) -> Option<(ClosingWay, String)> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_whitespace() || ":：︰，,".contains(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    let word = squeeze(word);
    let (way, _) = WAYS.iter().find(|(_, words)| words.contains(&word.as_str()))?;
    Some((*way, rest.trim_start_matches(|c: char| c.is_whitespace() || ":：︰，,".contains(c)).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_of_its_own_is_a_way() {
        assert_eq!(way("簡訊 款項已退還。"), Some((ClosingWay::Sms, "款項已退還。".to_owned())));
        assert_eq!(way("逕行結案：三次未接"), Some((ClosingWay::Direct, "三次未接".to_owned())));
        assert_eq!(way("ＳＭＳ\n已退款"), Some((ClosingWay::Sms, "已退款".to_owned())));
        assert_eq!(way("電話確認客戶同意"), None);
        assert_eq!(way(""), None);
    }
}
