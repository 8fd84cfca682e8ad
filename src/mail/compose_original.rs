//! The mail that a letter encloses: as message/rfc822 where it may stand as it is, else as a file in base64. Called by `compose`.

use std::borrow::Cow;

use lettre::message::header::ContentTransferEncoding;
use memchr::memmem;
use sha2::{Digest, Sha256};

use super::compose::{Error, Original};

/// An original, ready to be a part: `encoding` as message/rfc822, or `None` as an `.eml` file in base64.
pub(super) struct Packed<'a> {
    pub name: String,
    pub bytes: Cow<'a, [u8]>,
    pub encoding: Option<ContentTransferEncoding>,
}

impl<'a> Packed<'a> {
    pub fn new(original: &'a Original, eight_bit: bool) -> Self {
        let name =
            if original.name.to_ascii_lowercase().ends_with(".eml") { original.name.clone() } else { format!("{}.eml", original.name) };
        let bytes = crlf(&original.raw);
        let long = bytes.split(|b| *b == b'\n').any(|line| line.len() > 999);
        let ascii = bytes.is_ascii();
        if long || bytes.contains(&0) || bytes.is_empty() || (!ascii && !eight_bit) {
            return Self { name, bytes: Cow::Borrowed(&original.raw), encoding: None };
        }
        Self { name, bytes, encoding: Some(if ascii { ContentTransferEncoding::SevenBit } else { ContentTransferEncoding::EightBit }) }
    }
}

/// What stands in the place of the n-th original until it is put in: in no text of ours, since a boundary stands in none.
pub(super) fn mark(boundary: &str, n: usize) -> String {
    format!("{boundary}.original-{n}")
}

/// The letter with its originals put in where they are marked.
pub(super) fn filled(frame: Vec<u8>, originals: &[Packed<'_>], boundary: &str) -> Result<Vec<u8>, Error> {
    let plain = || originals.iter().enumerate().filter(|(_, original)| original.encoding.is_some());
    if plain().next().is_none() {
        return Ok(frame);
    }
    // Room for all of it at once: growing would hold it twice.
    let mut out = Vec::with_capacity(frame.len() + plain().map(|(_, original)| original.bytes.len()).sum::<usize>() + 2);
    let mut rest = frame.as_slice();
    for (n, original) in plain() {
        let mark = mark(boundary, n + 1);
        let (before, after) = memmem::find(rest, mark.as_bytes())
            .and_then(|at| Some((rest.get(..at)?, rest.get(at + mark.len()..)?)))
            .ok_or_else(|| Error::Build("an original lost its place".to_owned()))?;
        out.extend_from_slice(before);
        out.extend_from_slice(&original.bytes);
        rest = after;
    }
    out.extend_from_slice(rest);
    Ok(out)
}

/// Every line end as CRLF: a lone CR or LF becomes one.
pub(super) fn crlf(raw: &[u8]) -> Cow<'_, [u8]> {
    let paired = |at: usize| at > 0 && raw.get(at - 1) == Some(&b'\r');
    let clean = memchr::memchr_iter(b'\n', raw).all(paired) && memchr::memchr_iter(b'\r', raw).all(|at| raw.get(at + 1) == Some(&b'\n'));
    if clean {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 16 + 2);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        let content = line.strip_suffix(b"\n").map(|c| c.strip_suffix(b"\r").unwrap_or(c));
        for (n, piece) in content.unwrap_or(line).split(|b| *b == b'\r').enumerate() {
            if n > 0 {
                out.extend_from_slice(b"\r\n");
            }
            out.extend_from_slice(piece);
        }
        if content.is_some() {
            out.extend_from_slice(b"\r\n");
        }
    }
    Cow::Owned(out)
}

/// A boundary from the Message-ID that stands in none of the originals (their writers do not know our next id, but may copy an old one).
pub(super) fn boundary(message_id: &str, level: u8, originals: &[Packed<'_>]) -> String {
    let mut salt = 0_u32;
    loop {
        let digest = Sha256::new().chain_update(message_id.as_bytes()).chain_update([level]).chain_update(salt.to_be_bytes()).finalize();
        let text: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
        let boundary = format!("=_{text}");
        let taken = originals.iter().any(|o| o.encoding.is_some() && memmem::find(&o.bytes, boundary.as_bytes()).is_some());
        if !taken || salt > 8 {
            return boundary;
        }
        salt += 1;
    }
}
