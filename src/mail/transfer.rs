//! Content-Transfer-Encoding undone (RFC 2045 §6): base64, quoted-printable, uuencode. Tolerant: damage costs octets, never the part.
//! Called by `parts` for bodies and by `encoded_word` for B and Q words.

/// Undoes base64. Octets outside the alphabet are skipped; padding in the middle (parts glued together) starts a new group.
#[must_use]
pub fn base64(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len() / 4 * 3 + 3);
    base64_octets(input, |octets| out.extend_from_slice(octets));
    out
}

/// How many octets [`base64`] gives, without holding them.
#[must_use]
pub fn base64_len(input: &[u8]) -> usize {
    let mut len = 0;
    base64_octets(input, |octets| len += octets.len());
    len
}

#[inline]
fn base64_octets(input: &[u8], mut put: impl FnMut(&[u8])) {
    let mut acc: u32 = 0;
    let mut have = 0u8;
    let mut rest = input;
    loop {
        // Whole groups, which nearly all are, at once.
        if have == 0
            && let Some((group, tail)) = rest.split_first_chunk::<4>()
            && let [Some(a), Some(b), Some(c), Some(d)] = group.map(sextet)
        {
            let [_, x, y, z] = ((a << 18) | (b << 12) | (c << 6) | d).to_be_bytes();
            put(&[x, y, z]);
            rest = tail;
            continue;
        }
        let Some((&b, tail)) = rest.split_first() else { break };
        rest = tail;
        if b == b'=' {
            put(left(acc, have).as_slice());
            (acc, have) = (0, 0);
            continue;
        }
        let Some(v) = sextet(b) else { continue };
        acc = (acc << 6) | v;
        have += 1;
        if have == 4 {
            let [_, a, b, c] = acc.to_be_bytes();
            put(&[a, b, c]);
            (acc, have) = (0, 0);
        }
    }
    put(left(acc, have).as_slice());
}

/// Whether the first line is words, whatever the label says: base64 has no blanks between words and nothing of `.,;:!?<>`.
#[must_use]
pub fn never_base64(input: &[u8]) -> bool {
    let start = input.trim_ascii_start();
    let line = start.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let line = line.get(..400).unwrap_or(line).trim_ascii();
    let blanks = line.iter().filter(|b| matches!(b, b' ' | b'\t')).count();
    let foreign = line.iter().filter(|b| sextet(**b).is_none() && !matches!(b, b'=' | b' ' | b'\t')).count();
    blanks >= 2 && foreign >= 1 || foreign * 8 > line.len().max(8)
}

/// Values of octets; 64 for those outside the alphabet.
const SEXTETS: [u8; 256] = sextets();

#[expect(clippy::indexing_slicing, reason = "in a constant: an index out of bounds would not compile")]
const fn sextets() -> [u8; 256] {
    let mut table = [64; 256];
    let mut b = 0_u8;
    loop {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 64,
        };
        table[b as usize] = value;
        if b == u8::MAX {
            return table;
        }
        b += 1;
    }
}

#[inline]
fn sextet(b: u8) -> Option<u32> {
    SEXTETS.get(usize::from(b)).filter(|v| **v < 64).map(|v| u32::from(*v))
}

/// The octets of a group of fewer than four letters.
#[expect(clippy::cast_possible_truncation, reason = "the lowest eight bits are meant")]
fn left(acc: u32, have: u8) -> Vec<u8> {
    match have {
        2 => vec![(acc >> 4) as u8],
        3 => vec![(acc >> 10) as u8, (acc >> 2) as u8],
        _ => Vec::new(),
    }
}

/// Undoes quoted-printable (RFC 2045 §6.7). A `=` that starts no escape stays as it is.
#[must_use]
pub fn quoted_printable(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some((&b, tail)) = rest.split_first() {
        if b != b'=' {
            out.push(b);
            rest = tail;
            continue;
        }
        if let Some(v) = hex_pair(tail) {
            out.push(v);
            rest = tail.get(2..).unwrap_or_default();
            continue;
        }
        let blanks = tail.iter().take_while(|b| **b == b' ' || **b == b'\t').count();
        let after = tail.get(blanks..).unwrap_or_default();
        rest = if let Some(t) = after.strip_prefix(b"\r\n") {
            t
        } else if let Some(t) = after.strip_prefix(b"\n") {
            t
        } else if after.is_empty() {
            after
        } else {
            out.push(b'=');
            tail
        };
    }
    out
}

/// Undoes the Q encoding of RFC 2047 §4.2: as above, with `_` for a blank.
#[must_use]
pub fn q_word(input: &[u8]) -> Vec<u8> {
    let blanked: Vec<u8> = input.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
    quoted_printable(&blanked)
}

/// Undoes uuencode. Lines before `begin` and after `end` are ignored; without a `begin` line every line counts.
#[must_use]
pub fn uuencode(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut on = !input.windows(6).any(|w| w == b"begin ");
    for line in input.split(|b| *b == b'\n') {
        let line = line.trim_ascii_end();
        if !on {
            on = line.starts_with(b"begin ");
            continue;
        }
        if line == b"end" {
            break;
        }
        let Some((&len, data)) = line.split_first() else { continue };
        let want = usize::from(len.wrapping_sub(32) & 63);
        let mut got = Vec::with_capacity(want + 3);
        for group in data.chunks(4) {
            let acc = (0..4).fold(0u32, |a, i| (a << 6) | u32::from(group.get(i).copied().unwrap_or(32).wrapping_sub(32) & 63));
            let [_, a, b, c] = acc.to_be_bytes();
            got.extend_from_slice(&[a, b, c]);
        }
        got.truncate(want);
        out.extend_from_slice(&got);
    }
    out
}

/// Two hex digits at the start of `bytes`.
#[must_use]
pub fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let (&a, &b) = (bytes.first()?, bytes.get(1)?);
    let digit = |c: u8| char::from(c).to_digit(16);
    u8::try_from(digit(a)? * 16 + digit(b)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_survives_bad_padding_and_glue() {
        assert_eq!(base64(b"aGVsbG8"), b"hello");
        assert_eq!(base64(b"aGVs\r\nbG8="), b"hello");
        assert_eq!(base64(b"aGk=aGk="), b"hihi");
        assert_eq!(base64(b"a"), b"");
        for input in ["", "a", "aG", "aGk", "aGk=", "aGVs\r\nbG8=", "aGk=aGk=", "a=b=c", "!?aGVsbG8!"] {
            assert_eq!(base64_len(input.as_bytes()), base64(input.as_bytes()).len(), "{input}");
        }
    }

    #[test]
    fn quoted_printable_keeps_what_is_no_escape() {
        assert_eq!(quoted_printable(b"a=3Db=\r\nc= \nd=zz="), b"a=bcd=zz");
        assert_eq!(q_word(b"a_b=5F"), b"a b_");
    }

    #[test]
    fn uuencode_reads_between_begin_and_end() {
        assert_eq!(uuencode(b"begin 644 x\n%:&5L;&\\\n`\nend\n"), b"hello");
    }
}
