//! The last gate before the wire: bytes and addresses that could become SMTP commands, or that RFC 5321 forbids, do not pass.
//! lettre dot-stuffs only after CRLF, so a bare LF of a stranger's mail would smuggle commands through it. Pure.

use super::Why;

/// Longest line, its line break not counted (RFC 5322 §2.1.1).
const LINE_LIMIT: usize = 998;

/// What the bytes ask of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// There is a byte above 127: the server must know 8BITMIME.
    pub eight_bit: bool,
}

/// Lets a whole mail through, or says why it can never be sent as it is.
pub(super) fn check_bytes(raw: &[u8]) -> Result<Shape, Why> {
    if raw.is_empty() {
        return Err(Why::Bytes("the letter is empty"));
    }
    let mut rest = raw;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let (line, tail) = rest.split_at(end);
        let Some(line) = line.strip_suffix(b"\r") else { return Err(Why::Bytes("an LF without CR")) };
        check_line(line)?;
        rest = tail.get(1..).unwrap_or_default();
    }
    check_line(rest)?;
    Ok(Shape { eight_bit: !raw.is_ascii() })
}

/// A line without its end.
fn check_line(line: &[u8]) -> Result<(), Why> {
    if line.len() > LINE_LIMIT {
        return Err(Why::Bytes("a line of more than 998 octets"));
    }
    match memchr::memchr2(b'\r', 0, line).and_then(|at| line.get(at)) {
        Some(0) => Err(Why::Bytes("a NUL")),
        Some(_) => Err(Why::Bytes("a CR without LF")),
        None => Ok(()),
    }
}

/// Lets an envelope address through; `may_be_empty` for the null sender. Returns whether it needs SMTPUTF8.
pub(super) fn check_address(address: &str, may_be_empty: bool) -> Result<bool, Why> {
    if address.is_empty() {
        return if may_be_empty { Ok(false) } else { Err(Why::Address("no address")) };
    }
    if address.len() > 254 {
        return Err(Why::Address("an address of more than 254 octets"));
    }
    if address.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '\\' | '"')) {
        return Err(Why::Address("a forbidden character in an address"));
    }
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(!address.is_ascii()),
        _ => Err(Why::Address("an address without local part or domain")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_line_breaks_pass() {
        assert_eq!(check_bytes(b"Subject: x\r\n\r\nhello\r\n"), Ok(Shape { eight_bit: false }));
        assert_eq!(check_bytes("Subject: x\r\n\r\n你好\r\n".as_bytes()), Ok(Shape { eight_bit: true }));
        let smuggled: [&[u8]; 7] = [b"a\n.\nMAIL FROM:<x@y>", b"a\n.\r\n", b"a\r.\r\n", b"a\r\r\n", b"a\r", b"a\0b\r\n", b""];
        for bad in smuggled {
            assert!(matches!(check_bytes(bad), Err(Why::Bytes(_))), "{bad:?}");
        }
        let mut long = vec![b'a'; 998];
        assert!(check_bytes(&long).is_ok());
        long.push(b'a');
        assert!(check_bytes(&long).is_err());
    }

    #[test]
    fn addresses_cannot_carry_commands() {
        assert_eq!(check_address("a..b@docomo.ne.jp", false), Ok(false));
        assert_eq!(check_address("", true), Ok(false));
        assert_eq!(check_address("王@example.tw", false), Ok(true));
        for bad in ["", "a@b>\r\nRCPT TO:<c@d", "a b@c", "a@", "@b", "ab", "a@b\u{7f}", "a@b>"] {
            assert!(check_address(bad, false).is_err(), "{bad:?}");
        }
    }
}
