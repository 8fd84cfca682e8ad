//! Crockford's base32, lower case, as tokens are written: no i, l, o, u; reading is case-insensitive and takes l and i
//! for 1 and o for 0, since people copy codes by hand and old gateways change the case of addresses. Used by `token` only.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The top `bits` bits of `bytes` (big-endian), five to a character; the last character is filled with zero bits.
pub(super) fn encode(bytes: &[u8], bits: usize) -> String {
    let bit = |n: usize| -> u8 {
        if n >= bits {
            return 0;
        }
        bytes.get(n / 8).map_or(0, |b| (b >> (7 - n % 8)) & 1)
    };
    (0..bits.div_ceil(5))
        .map(|place| {
            let value = (0..5).fold(0u8, |value, n| (value << 1) | bit(place * 5 + n));
            char::from(ALPHABET.get(usize::from(value)).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// The bytes that [`encode`] wrote for `bits` bits, padded with zero bits to whole bytes. `None` when the length is not the
/// one of `bits`, a character is foreign, or the filling bits are not zero (so that every value has one writing).
pub(super) fn decode(text: &str, bits: usize) -> Option<Vec<u8>> {
    if text.len() != bits.div_ceil(5) {
        return None;
    }
    let mut out = vec![0u8; bits.div_ceil(8)];
    for (place, letter) in text.bytes().enumerate() {
        let value = value_of(letter)?;
        for n in 0..5 {
            let set = (value >> (4 - n)) & 1;
            let at = place * 5 + n;
            if at >= bits {
                if set == 1 {
                    return None;
                }
            } else if let Some(byte) = out.get_mut(at / 8) {
                *byte |= set << (7 - at % 8);
            }
        }
    }
    Some(out)
}

/// What one character stands for; `None` for a foreign one.
pub(super) fn value_of(letter: u8) -> Option<u8> {
    let letter = match letter.to_ascii_lowercase() {
        b'i' | b'l' => b'1',
        b'o' => b'0',
        other => other,
    };
    ALPHABET.iter().position(|&a| a == letter).and_then(|p| u8::try_from(p).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_in_any_case_and_with_slips_of_the_pen() {
        let bytes = [0x00, 0x42, 0xff, 0x10, 0x08, 0x41, 0x90, 0x00, 0x04];
        let text = encode(&bytes, 70);
        assert_eq!(text.len(), 14);
        assert_eq!(decode(&text, 70), Some(bytes.to_vec()));
        assert_eq!(decode(&text.to_uppercase(), 70), Some(bytes.to_vec()));
        let slipped: String = text
            .chars()
            .map(|c| {
                if c == '1' {
                    'l'
                } else if c == '0' {
                    'O'
                } else {
                    c
                }
            })
            .collect();
        assert_ne!(slipped, text);
        assert_eq!(decode(&slipped, 70), Some(bytes.to_vec()));
    }

    #[test]
    fn every_value_has_one_writing() {
        // 128 bits fill 26 characters with two bits to spare; these must be zero
        let text = encode(&[0xff; 16], 128);
        assert_eq!(text.len(), 26);
        let mut other = text.clone();
        assert_eq!(other.pop(), Some('w'));
        other.push('x');
        assert!(decode(&text, 128).is_some());
        assert!(decode(&other, 128).is_none());
        assert!(decode("u", 5).is_none());
        assert!(decode("0", 10).is_none());
    }
}
