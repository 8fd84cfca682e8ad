//! What the templates do to text that others wrote: make it one line, break it into lines, quote it, take the teeth out of its addresses.
//! Pure functions with their Tera wrappers; `words` registers them. Foreign text is data: none of these ever lets markup through.

use std::fmt::Write as _;

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use crate::domain::Language;

/// Registers the filters and tests of this file.
pub(super) fn register(tera: &mut Tera, language: Language) {
    tera.register_filter("foreign", |value: &Value, _: Kwargs, _: &State| Ok::<_, Error>(foreign(text(value)?)));
    tera.register_filter("lines", |value: &Value, _: Kwargs, _: &State| Ok::<_, Error>(Value::safe_string(&html_lines(text(value)?))));
    tera.register_filter("quote", |value: &Value, _: Kwargs, _: &State| Ok::<_, Error>(quote(text(value)?)));
    tera.register_filter("hang", |value: &Value, _: Kwargs, _: &State| Ok::<_, Error>(strip(text(value)?).trim().replace('\n', "\n　　")));
    tera.register_filter("flat", |value: &Value, args: Kwargs, _: &State| -> TeraResult<String> {
        let most = args.get::<u64>("max")?.unwrap_or(u64::MAX);
        Ok(flat(text(value)?, usize::try_from(most).unwrap_or(usize::MAX)))
    });
    tera.register_filter("when", move |value: &Value, _: Kwargs, _: &State| -> TeraResult<String> {
        let reading = match language {
            Language::ZhTw => "roc",
            Language::En => "iso",
        };
        let found = value.get_from_path(reading).and_then(Value::as_str);
        found.map(str::to_owned).ok_or_else(|| Error::message("when: this is no point of time"))
    });
    tera.register_filter("has_tone", |value: &Value, args: Kwargs, _: &State| -> TeraResult<bool> {
        let tone = args.must_get::<&str>("tone")?;
        let all = value.as_array().unwrap_or_default();
        Ok(all.iter().any(|button| button.get_from_path("tone").and_then(Value::as_str) == Some(tone)))
    });
    tera.register_filter("rows_of", |value: &Value, args: Kwargs, _: &State| -> TeraResult<Vec<Vec<Value>>> {
        let n = usize::try_from(args.must_get::<u64>("n")?).unwrap_or(1).max(1);
        Ok(value.as_array().unwrap_or_default().chunks(n).map(<[Value]>::to_vec).collect())
    });
    tera.register_test("linked", |value: &Value, _: Kwargs, _: &State| -> bool {
        value.as_str().is_some_and(|text| foreign(text) != strip(text))
    });
}

/// The text of a value; that of none is empty.
fn text(value: &Value) -> TeraResult<&str> {
    match value.as_str() {
        Some(text) => Ok(text),
        None if value.is_none() => Ok(""),
        None => Err(Error::message(format!("expected a text, got {}", value.name()))),
    }
}

/// Characters that hide or reorder what is read: control characters but tab and newline, and the bidirectional overrides (UAX #9).
const fn hidden(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn strip(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| !hidden(*c)).collect()
}

/// Foreign text for showing: hidden characters dropped, every address of a page (`scheme://host`, `www.host`) rewritten so that no mail program
/// makes a link of it: `hxxps://host[.]example/path`.
pub(super) fn foreign(text: &str) -> String {
    let text = strip(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut in_host = false;
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("://") {
            disarm_scheme(&mut out);
            in_host = true;
            rest = after;
            continue;
        }
        if !in_host && starts_www(rest) && !out.ends_with(|p: char| p.is_ascii_alphanumeric()) {
            in_host = true;
        }
        if in_host && c == '.' && rest.chars().nth(1).is_some_and(char::is_alphanumeric) {
            out.push_str("[.]");
        } else {
            in_host = in_host && (c.is_alphanumeric() || matches!(c, '-' | '.' | '@' | ':'));
            out.push(c);
        }
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    out
}

fn starts_www(rest: &str) -> bool {
    rest.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www."))
}

/// Writes `hxxp://` for the `http` that `out` ends in (any case), and `name[:]//` for any other scheme.
fn disarm_scheme(out: &mut String) {
    let start = out.char_indices().rev().take_while(|(_, c)| c.is_ascii_alphanumeric()).last().map_or(out.len(), |(at, _)| at);
    let scheme = out.split_off(start);
    let web = scheme.get(scheme.len().saturating_sub(5)..).unwrap_or(&scheme).to_ascii_lowercase();
    if web.ends_with("https") || web.ends_with("http") {
        let tail = if web.ends_with("https") { 5 } else { 4 };
        out.push_str(scheme.get(..scheme.len() - tail).unwrap_or(""));
        out.push_str(if tail == 5 { "hxxps://" } else { "hxxp://" });
    } else {
        out.push_str(&scheme);
        out.push_str("[:]//");
    }
}

/// Text as HTML: escaped, line breaks as `<br>`, leading spaces kept.
pub(super) fn html_lines(text: &str) -> String {
    let text = strip(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (n, line) in text.trim_matches('\n').split('\n').enumerate() {
        if n > 0 {
            out.push_str("<br>");
        }
        let body = line.trim_start_matches([' ', '\t']);
        for c in line.chars().take_while(|c| matches!(c, ' ' | '\t')) {
            out.push_str(if c == ' ' { "&nbsp;" } else { "&nbsp;&nbsp;&nbsp;&nbsp;" });
        }
        for c in body.trim_end().chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                other => out.push(other),
            }
        }
    }
    out
}

/// Text quoted as in a mail: `> ` before every line.
pub(super) fn quote(text: &str) -> String {
    let text = strip(text);
    let mut out = String::with_capacity(text.len() + 32);
    for line in text.trim_matches('\n').split('\n') {
        let _ = writeln!(out, "> {}", line.trim_end());
    }
    out.truncate(out.trim_end_matches([' ', '\n']).len());
    out
}

/// Text as one line of at most `most` characters, blanks collapsed, an ellipsis where it was cut.
pub(super) fn flat(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for word in strip(text).split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    if let Some((cut, _)) = out.char_indices().nth(most) {
        let keep = out.char_indices().nth(most.saturating_sub(1)).map_or(cut, |(at, _)| at);
        out.truncate(keep);
        out.push('…');
    }
    out
}

/// A rendered text part tidied: no blanks at line ends, at most one empty line in a row, one newline at the end.
pub(super) fn tidy_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0_u32;
    for line in text.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 && !(out.is_empty() && line.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    out
}

/// A rendered HTML part tidied: no indentation, no empty lines. (Values hold no raw newlines: see `lines`.)
pub(super) fn tidy_html(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for line in html.lines().map(str::trim).filter(|line| !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_teeth_and_nothing_else_changes() {
        for (from, to) in [
            ("見 https://evil.example.com/a.b?c=d.e，謝謝", "見 hxxps://evil[.]example[.]com/a.b?c=d.e，謝謝"),
            ("HTTP://X.TW", "hxxp://X[.]TW"),
            ("網址www.kmu.edu.tw。", "網址www[.]kmu[.]edu[.]tw。"),
            ("file://server/share", "file[:]//server/share"),
            ("3.5 分，a.b@c.tw。第 1.2 節", "3.5 分，a.b@c.tw。第 1.2 節"),
            ("://", "[:]//"),
        ] {
            assert_eq!(foreign(from), to);
        }
    }

    #[test]
    fn hidden_characters_go() {
        assert_eq!(foreign("a\u{202e}b\u{0}c\r\nd\re"), "abc\nd\ne");
    }

    #[test]
    fn html_is_escaped_and_broken_into_lines() {
        assert_eq!(html_lines("<b>\n  x & y\n"), "&lt;b&gt;<br>&nbsp;&nbsp;x &amp; y");
    }

    #[test]
    fn quoting_and_flattening() {
        assert_eq!(quote("甲\n\n乙\n"), "> 甲\n> \n> 乙");
        assert_eq!(flat(" a\r\n\tb  c ", 99), "a b c");
        assert_eq!(flat("一二三四五", 3), "一二…");
        assert_eq!(flat("一二三", 3), "一二三");
    }

    #[test]
    fn texts_are_tidied() {
        assert_eq!(tidy_text("\n\na  \n\n\n\nb\n\n"), "a\n\nb\n");
        assert_eq!(tidy_html("  <p>\n\n   x</p>\n"), "<p>\nx</p>\n");
    }
}
