//! Folder names on the wire: the modified UTF-7 of RFC 3501 §5.1.3, so that 已處理 can be a folder. Pure.

use data_encoding::{BASE64_NOPAD, Encoding, Specification};

use super::session::quoted;

/// `name` as a quoted string in modified UTF-7.
pub(super) fn on_the_wire(name: &str) -> String {
    quoted(&encode(name))
}

fn encode(name: &str) -> String {
    let alphabet = modified();
    let mut out = String::new();
    let mut wide: Vec<u8> = Vec::new();
    for letter in name.chars() {
        let plain = (' '..='~').contains(&letter);
        if plain && !wide.is_empty() {
            close(&mut out, &mut wide, &alphabet);
        }
        match letter {
            '&' => out.push_str("&-"),
            _ if plain => out.push(letter),
            _ => {
                let mut units = [0_u16; 2];
                wide.extend(letter.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
            }
        }
    }
    if !wide.is_empty() {
        close(&mut out, &mut wide, &alphabet);
    }
    out
}

fn close(out: &mut String, wide: &mut Vec<u8>, alphabet: &Encoding) {
    out.push('&');
    out.push_str(&alphabet.encode(wide));
    out.push('-');
    wide.clear();
}

/// Base64 with `,` in place of `/` and without padding.
fn modified() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
    specification.encoding().unwrap_or(BASE64_NOPAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_the_rfc_writes_them() {
        assert_eq!(encode("Processed"), "Processed");
        assert_eq!(encode("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        assert_eq!(encode("R&D"), "R&-D");
        assert_eq!(on_the_wire("a\"b"), "\"a\\\"b\"");
    }
}
