//! The words of a structured header field (RFC 5322 §3.2, RFC 8601 §2.2): comments dropped, quoted strings kept whole, as
//! strictly as a decision needs. What is not well-formed is refused, never repaired. Used by `evidence`.

/// One piece of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Characters up to white space, a comment, `;` or `=`. Quoted parts stand in it without their quotes.
    Word {
        /// The text.
        text: String,
        /// Whether any part of it was quoted.
        quoted: bool,
        /// Whether it follows the piece before it without white space or comment.
        joined: bool,
    },
    /// `;`
    Semicolon,
    /// `=`
    Equals {
        /// Whether it follows the piece before it without white space or comment.
        joined: bool,
    },
}

/// Cuts `value` into pieces; `None` when a comment or a quoted string does not end, a bracket closes what none opened, or a
/// control character stands in it.
pub(super) fn pieces(value: &str) -> Option<Vec<Piece>> {
    let mut out: Vec<Piece> = Vec::new();
    let mut chars = value.chars().peekable();
    let mut joined = false;
    while let Some(&c) = chars.peek() {
        match c {
            ' ' | '\t' | '\r' | '\n' => {
                chars.next();
                joined = false;
            }
            '(' => {
                chars.next();
                skip_comment(&mut chars)?;
                joined = false;
            }
            ';' | '=' => {
                chars.next();
                out.push(if c == ';' { Piece::Semicolon } else { Piece::Equals { joined } });
                joined = true;
            }
            _ => {
                let (text, quoted) = word(&mut chars)?;
                out.push(Piece::Word { text, quoted, joined });
                joined = true;
            }
        }
    }
    Some(out)
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_comment(chars: &mut Chars<'_>) -> Option<()> {
    let mut depth = 1usize;
    loop {
        match chars.next()? {
            '\\' => drop(chars.next()?),
            '(' => depth += 1,
            ')' if depth == 1 => return Some(()),
            ')' => depth -= 1,
            _ => {}
        }
    }
}

fn word(chars: &mut Chars<'_>) -> Option<(String, bool)> {
    let (mut text, mut any_quoted) = (String::new(), false);
    while let Some(&c) = chars.peek() {
        match c {
            ' ' | '\t' | '\r' | '\n' | '(' | ';' | '=' => break,
            '"' => {
                chars.next();
                any_quoted = true;
                quoted(chars, &mut text)?;
            }
            ')' => return None,
            c if c.is_control() => return None,
            c => {
                chars.next();
                text.push(c);
            }
        }
    }
    Some((text, any_quoted))
}

fn quoted(chars: &mut Chars<'_>, text: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => text.push(chars.next()?),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(value: &str) -> Option<Vec<String>> {
        Some(
            pieces(value)?
                .into_iter()
                .map(|p| match p {
                    Piece::Word { text, .. } => text,
                    Piece::Semicolon => ";".into(),
                    Piece::Equals { .. } => "=".into(),
                })
                .collect(),
        )
    }

    #[test]
    fn comments_fall_and_quotes_hold() {
        assert_eq!(words("a(b(c)\\)d)e \"f;g=h (i)\" ;j=k").expect("well-formed"), ["a", "e", "f;g=h (i)", ";", "j", "=", "k"]);
        assert_eq!(words("\"x y\"@z").expect("well-formed"), ["x y@z"]);
        assert_eq!(words("").expect("well-formed"), [""; 0]);
    }

    #[test]
    fn what_does_not_end_is_refused() {
        for bad in ["a (b", "a (b\\)", "\"a", "a)b", "\"a\\", "a\0b", "((x)"] {
            assert_eq!(pieces(bad), None, "{bad:?}");
        }
    }
}
