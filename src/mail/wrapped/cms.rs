//! S/MIME (RFC 8551): what kind of envelope a `smime.p7m` is, and the mail inside one that is only signed. Signatures are not weighed here.
//! A walk over BER (X.690) with a budget; no recursion deeper than a few levels. Called by `wrapped`.

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// Signed and readable: the MIME entity inside.
    Signed(Vec<u8>),
    /// Encrypted to somebody's key.
    Encrypted,
    /// Certificates alone, compressed, or no CMS.
    Other,
}

/// Content types, as DER (RFC 5652 §5, §6; RFC 5083).
const SIGNED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];
const ENCRYPTED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
const AUTH_ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17];

/// Most pieces that an octet string may be cut into.
const MAX_PIECES: usize = 100_000;

/// Reads an envelope.
pub(super) fn read(data: &[u8]) -> Envelope {
    open(data).unwrap_or(Envelope::Other)
}

fn open(data: &[u8]) -> Option<Envelope> {
    let (info, _) = element(data)?;
    let (kind, rest) = element(info.tagged(0x30)?)?;
    let kind = kind.tagged(0x06)?;
    if [ENVELOPED, ENCRYPTED, AUTH_ENVELOPED].contains(&kind) {
        return Some(Envelope::Encrypted);
    }
    if kind != SIGNED {
        return Some(Envelope::Other);
    }
    let (content, _) = element(rest)?;
    let (signed, _) = element(content.tagged(0xa0)?)?;
    let (_version, rest) = element(signed.tagged(0x30)?)?;
    let (_digests, rest) = element(rest)?;
    let (encapsulated, _) = element(rest)?;
    let (_kind, rest) = element(encapsulated.tagged(0x30)?)?;
    let (explicit, _) = element(rest)?;
    let mut out = Vec::new();
    let mut budget = MAX_PIECES;
    string(explicit.tagged(0xa0)?, &mut out, &mut budget, 0);
    Some(Envelope::Signed(out))
}

/// The octets of a string, whole or in pieces.
fn string(data: &[u8], out: &mut Vec<u8>, budget: &mut usize, depth: usize) {
    let mut rest = data;
    while let Some((e, after)) = element(rest) {
        *budget = budget.saturating_sub(1);
        if *budget == 0 || e.tag == 0 {
            return;
        }
        match e.tag {
            0x04 => out.extend_from_slice(e.body),
            0x24 if depth < 4 => string(e.body, out, budget, depth + 1),
            _ => {}
        }
        rest = after;
    }
}

struct Element<'a> {
    tag: u8,
    body: &'a [u8],
}

impl<'a> Element<'a> {
    fn tagged(&self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.body)
    }
}

/// The element at the start, and what follows. One of indefinite length (X.690 §8.1.3.6) reaches to the end of its surroundings:
/// whoever walks on stops at its end marker (tag 0).
fn element(data: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = data.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if first == 0x80 {
        let end = indefinite_end(rest)?;
        let (body, after) = rest.split_at_checked(end)?;
        return Some((Element { tag, body }, after.get(2..).unwrap_or_default()));
    }
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let n = usize::from(first & 0x7f);
        let (digits, rest) = rest.split_at_checked(n).filter(|_| n <= 8)?;
        (digits.iter().fold(0usize, |a, b| a.saturating_mul(256).saturating_add(usize::from(*b))), rest)
    };
    // What was cut off at the end is read as far as it goes.
    let (body, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    Some((Element { tag, body }, after))
}

/// Where the end marker of an element of indefinite length stands: inner elements are stepped over with a counter, not by recursion.
fn indefinite_end(data: &[u8]) -> Option<usize> {
    let mut at = 0usize;
    let mut open = 1usize;
    for _ in 0..MAX_PIECES {
        let head = data.get(at..)?;
        let (Some(&tag), Some(&first)) = (head.first(), head.get(1)) else { return Some(data.len()) };
        if tag == 0 && first == 0 {
            open -= 1;
            if open == 0 {
                return Some(at);
            }
            at += 2;
        } else if first == 0x80 {
            open += 1;
            at += 2;
        } else if first < 0x80 {
            at = at.checked_add(2 + usize::from(first))?;
        } else {
            let n = usize::from(first & 0x7f);
            let digits = head.get(2..2 + n).filter(|_| n <= 8)?;
            let length = digits.iter().fold(0usize, |a, b| a.saturating_mul(256).saturating_add(usize::from(*b)));
            at = at.checked_add(2 + n)?.checked_add(length)?;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::{der, signed};
    use super::*;

    #[test]
    fn signed_and_encrypted() {
        assert_eq!(read(&signed(b"Content-Type: text/plain\n\nhi")), Envelope::Signed(b"Content-Type: text/plain\n\nhi".to_vec()));
        assert_eq!(read(&der(0x30, &der(0x06, ENVELOPED))), Envelope::Encrypted);
        assert_eq!(read(b"garbage"), Envelope::Other);
        assert_eq!(read(&[0x30, 0x80, 0x06]), Envelope::Other);
    }

    #[test]
    fn pieces_of_indefinite_length() {
        let pieces = [vec![0x24, 0x80], der(0x04, b"one "), der(0x04, b"two"), vec![0, 0]].concat();
        let inner = [vec![0x30, 0x80], der(0x06, &SIGNED[..8]), vec![0xa0, 0x80], pieces, vec![0, 0, 0, 0]].concat();
        let data = [vec![0x30, 0x80], der(0x02, &[1]), der(0x31, &[]), inner, der(0x31, &[]), vec![0, 0]].concat();
        let all = [vec![0x30, 0x80], der(0x06, SIGNED), vec![0xa0, 0x80], data, vec![0, 0, 0, 0]].concat();
        assert_eq!(read(&all), Envelope::Signed(b"one two".to_vec()));
    }
}
