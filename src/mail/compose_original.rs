//! The mail that a letter encloses: as message/rfc822 where it may stand as it is, else as a file in base64. Called by `compose`.

use std::borrow::Cow;
use std::sync::Arc;

use lettre::message::header::ContentTransferEncoding;
use memchr::memmem;
use sha2::{Digest, Sha256};

use super::compose::{Error, Original};
use super::compose_gate::{gate, gate_line};

/// An original, ready to be a part: `encoding` as message/rfc822, or `None` as an `.eml` file in base64.
pub(super) struct Packed<'a> {
    pub name: String,
    pub bytes: Cow<'a, [u8]>,
    /// The mail as the draft holds it.
    pub whole: &'a Arc<Vec<u8>>,
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
            return Self { name, bytes: Cow::Borrowed(&original.raw), whole: &original.raw, encoding: None };
        }
        let encoding = Some(if ascii { ContentTransferEncoding::SevenBit } else { ContentTransferEncoding::EightBit });
        Self { name, bytes, whole: &original.raw, encoding }
    }

    /// Its bytes to be kept: the draft's own where nothing had to be changed.
    fn into_shared(self) -> Arc<Vec<u8>> {
        match self.bytes {
            Cow::Borrowed(_) => Arc::clone(self.whole),
            Cow::Owned(bytes) => Arc::new(bytes),
        }
    }
}

/// What stands in the place of the n-th original until it is put in: in no text of ours, since a boundary stands in none.
pub(super) fn mark(boundary: &str, n: usize) -> String {
    format!("{boundary}.original-{n}")
}

/// The letter in parts, its originals put in where they are marked, each fit for a server: the frame by the lines that stand before a
/// mark and after it, an original by its own, since a mark is a line by itself.
///
/// # Errors
/// `Error::Gate` where bytes may not be sent; `Error::Build` where a mark is not found.
pub(super) fn filled(frame: Vec<u8>, originals: Vec<Packed<'_>>, boundary: &str) -> Result<Vec<Arc<Vec<u8>>>, Error> {
    gate(&frame)?;
    if originals.iter().all(|original| original.encoding.is_none()) {
        return Ok(vec![Arc::new(frame)]);
    }
    let mut parts = Vec::new();
    let mut rest = frame.as_slice();
    for (n, original) in originals.into_iter().enumerate().filter(|(_, original)| original.encoding.is_some()) {
        let mark = mark(boundary, n + 1);
        let (before, after) = memmem::find(rest, mark.as_bytes())
            .and_then(|at| Some((rest.get(..at)?, rest.get(at + mark.len()..)?)))
            .filter(|(before, after)| before.ends_with(b"\r\n") && after.starts_with(b"\r\n"))
            .ok_or_else(|| Error::Build("an original lost its place".to_owned()))?;
        // Its last line may be open: the frame ends it.
        let (lines, last) = original.bytes.split_at(memchr::memrchr(b'\n', &original.bytes).map_or(0, |at| at + 1));
        if !lines.is_empty() {
            gate(lines)?;
        }
        gate_line(last, lines.len())?;
        parts.push(Arc::new(before.to_vec()));
        parts.push(original.into_shared());
        rest = after;
    }
    parts.push(Arc::new(rest.to_vec()));
    Ok(parts)
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
