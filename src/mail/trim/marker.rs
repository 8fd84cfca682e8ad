//! The line above which our own letters ask to be answered. Whatever program quoted it: from that line on nothing is new.

/// The rule that stands before the words, in every letter.
pub const RULE: &str = "——— ";

/// The words of the marker line, by language. A line is the marker when it holds [`RULE`] and one of these.
pub const MARKERS: &[&str] = &["請在此線以上回覆", "請於此線以上回覆", "请在此线以上回复", "Please reply above this line"];

/// Whether a line (quote signs before it included) is the marker. Programs that change blanks or shorten dashes are forgiven.
#[must_use]
pub fn is_marker(line: &str) -> bool {
    let dashes = line.contains("——") || line.contains("---") || line.contains("―――") || line.contains("───");
    dashes && MARKERS.iter().any(|m| line.contains(m))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_rule_and_words() {
        assert!(is_marker("——— 請在此線以上回覆 ———"));
        assert!(is_marker(&format!("{RULE}Please reply above this line")));
        assert!(!is_marker("信上寫「請在此線以上回覆」，我看不懂"));
        assert!(!is_marker("——— 分隔 ———"));
    }
}
