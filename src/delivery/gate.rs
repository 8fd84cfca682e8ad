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
    let mut eight_bit = false;
    let mut length = 0_usize;
    let mut after_cr = false;
    for byte in raw {
        match (after_cr, *byte) {
            (true, b'\n') => length = 0,
            (true, _) => return Err(Why::Bytes("a CR without LF")),
            (false, b'\n') => return Err(Why::Bytes("an LF without CR")),
            (false, b'\r') => {}
            (false, 0) => return Err(Why::Bytes("a NUL")),
            (false, other) => {
                eight_bit |= other > 127;
                length += 1;
                if length > LINE_LIMIT {
                    return Err(Why::Bytes("a line of more than 998 octets"));
                }
            }
        }
        after_cr = !after_cr && *byte == b'\r';
    }
    if after_cr {
        return Err(Why::Bytes("a CR without LF"));
    }
    Ok(Shape { eight_bit })
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
