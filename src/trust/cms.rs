//! SignedData (RFC 5652 §5) taken apart: a strict walk over BER (X.690), since mail programs write lengths that are not given (S/MIME of
//! Thunderbird, Apple and Outlook does). What is cut off, too deep or left over is refused. Nothing is verified here; `smime` does.

/// Deepest element in an element.
const DEEPEST: usize = 32;
/// Most elements of one structure.
const MOST: usize = 10_000;

/// `id-signedData`.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const OID: u8 = 0x06;
const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;

/// One element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    /// Its tag; only those of one octet occur.
    pub tag: u8,
    /// What it holds, end marker apart.
    pub body: &'a [u8],
    /// All of it.
    pub raw: &'a [u8],
    /// Whether its length is given, as DER asks for.
    definite: bool,
}

impl<'a> Element<'a> {
    /// What it holds, if it has this tag.
    pub fn of(&self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.body)
    }
}

/// The parts of a signature that count.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    /// The type of what is signed.
    pub content_type: &'a [u8],
    /// What is signed, where the structure holds it.
    pub content: Option<Vec<u8>>,
    /// Who signed.
    pub signers: Vec<Signer<'a>>,
}

/// One signer's part.
#[derive(Debug)]
pub(super) struct Signer<'a> {
    /// Who: issuer (whole element) and serial number (its octets), or the key's identifier.
    pub who: Who<'a>,
    /// Digest algorithm's OID.
    pub digest: &'a [u8],
    /// The signed attributes, whole element, as DER.
    pub attributes: Option<&'a [u8]>,
    /// Signature algorithm: OID and what follows it.
    pub algorithm: (&'a [u8], &'a [u8]),
    /// The signature.
    pub signature: &'a [u8],
}

/// How a signer is named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Who<'a> {
    Issuer(&'a [u8], &'a [u8]),
    Key(&'a [u8]),
}

/// Reads `ContentInfo` with `SignedData` inside; `None` for anything else.
pub(super) fn read(data: &[u8]) -> Option<Signed<'_>> {
    let info = whole(data)?;
    let mut info = children(info.of(SEQUENCE)?)?.into_iter();
    if info.next()?.of(OID)? != SIGNED_DATA {
        return None;
    }
    let signed = whole(info.next()?.of(0xa0)?)?;
    let mut parts = children(signed.of(SEQUENCE)?)?.into_iter();
    parts.next()?.of(INTEGER)?;
    parts.next()?.of(SET)?;
    let mut inner = children(parts.next()?.of(SEQUENCE)?)?.into_iter();
    let content_type = inner.next()?.of(OID)?;
    let content = match inner.next() {
        None => None,
        Some(explicit) => Some(octets(&whole(explicit.of(0xa0)?)?, 0)?),
    };
    let mut last = parts.next()?;
    // certificates, crls
    while matches!(last.tag, 0xa0 | 0xa1) {
        last = parts.next()?;
    }
    if inner.next().is_some() || parts.next().is_some() || info.next().is_some() {
        return None;
    }
    let signers = children(last.of(SET)?)?.iter().map(signer).collect::<Option<Vec<_>>>()?;
    Some(Signed { content_type, content, signers })
}

fn signer<'a>(element: &Element<'a>) -> Option<Signer<'a>> {
    let mut parts = children(element.of(SEQUENCE)?)?.into_iter();
    parts.next()?.of(INTEGER)?;
    let sid = parts.next()?;
    let who = match sid.tag {
        0x80 => Who::Key(sid.body),
        _ => match children(sid.of(SEQUENCE)?)?.as_slice() {
            [issuer, serial] => Who::Issuer(issuer.raw, serial.of(INTEGER)?),
            _ => return None,
        },
    };
    let (digest, _) = algorithm(&parts.next()?)?;
    let mut next = parts.next()?;
    let mut attributes = None;
    if next.tag == 0xa0 {
        // They are digested as DER; what has no length given is none.
        attributes = Some(next.raw).filter(|_| next.definite);
        attributes?;
        next = parts.next()?;
    }
    let algorithm = algorithm(&next)?;
    let signature = parts.next()?.of(OCTETS)?;
    Some(Signer { who, digest, attributes, algorithm, signature })
}

/// OID and parameters of an `AlgorithmIdentifier`.
pub(super) fn algorithm<'a>(element: &Element<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let body = element.of(SEQUENCE)?;
    let (oid, rest) = next(body, 0)?;
    Some((oid.of(OID)?, rest))
}

/// The one element that `data` is, nothing behind it.
pub(super) fn whole(data: &[u8]) -> Option<Element<'_>> {
    next(data, 0).filter(|(_, rest)| rest.is_empty()).map(|(element, _)| element)
}

/// The elements that stand one behind the other in `data`.
pub(super) fn children(data: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut rest = data;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (element, after) = next(rest, 0)?;
        out.push(element);
        if out.len() > MOST {
            return None;
        }
        rest = after;
    }
    Some(out)
}

/// An octet string, whole or in pieces.
fn octets(element: &Element<'_>, depth: usize) -> Option<Vec<u8>> {
    match element.tag {
        OCTETS => Some(element.body.to_vec()),
        0x24 if depth < 4 => {
            let mut out = Vec::new();
            for piece in children(element.body)? {
                out.extend(octets(&piece, depth + 1)?);
            }
            Some(out)
        }
        _ => None,
    }
}

/// The element at the start and what follows it.
fn next(data: &[u8], depth: usize) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = data.split_first()?;
    let (&first, rest) = rest.split_first()?;
    // A tag of several octets, or an end marker where none belongs.
    if tag & 0x1f == 0x1f || tag == 0 || depth > DEEPEST {
        return None;
    }
    if first == 0x80 {
        return endless(data, rest, tag, depth);
    }
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(d, _)| !d.is_empty() && d.len() <= 4)?;
        (digits.iter().fold(0usize, |a, b| a << 8 | usize::from(*b)), rest)
    };
    let (body, after) = rest.split_at_checked(length)?;
    let raw = data.get(..data.len() - after.len())?;
    Some((Element { tag, body, raw, definite: true }, after))
}

/// An element that reaches to its end marker (X.690 §8.1.3.6); only constructed ones may.
fn endless<'a>(data: &'a [u8], inside: &'a [u8], tag: u8, depth: usize) -> Option<(Element<'a>, &'a [u8])> {
    if tag & 0x20 == 0 {
        return None;
    }
    let mut rest = inside;
    for _ in 0..MOST {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            let body = inside.get(..inside.len() - rest.len())?;
            let raw = data.get(..data.len() - after.len())?;
            return Some((Element { tag, body, raw, definite: false }, after));
        }
        (_, rest) = next(rest, depth + 1)?;
    }
    None
}
