//! A PDF without its information dictionary and XMP packets (ISO 32000-1 14.3). Bytes are overwritten in place, so that no offset
//! moves. Encrypted files, and those whose information lies where it cannot be read without unpacking, are withheld.

use memchr::memmem;

/// The file with its information blanked; none where that cannot be done for certain.
pub(super) fn clean(data: &[u8]) -> Option<Vec<u8>> {
    if memmem::find(data, b"/Encrypt").is_some() || memmem::find(data, b"/EmbeddedFile").is_some() {
        return None;
    }
    let mut out = data.to_vec();
    for at in memmem::find_iter(data, b"/Info") {
        let Some((object, generation)) = reference(data.get(at + 5..)?) else { continue };
        blank_object(data, &mut out, object, generation)?;
    }
    let packets = blank_packets(data, &mut out)?;
    let metadata = count(data, b"Metadata", b"/Type");
    (metadata <= packets).then_some(out)
}

/// `12 0 R`.
fn reference(rest: &[u8]) -> Option<(u32, u32)> {
    let text = String::from_utf8_lossy(rest.get(..rest.len().min(40))?).into_owned();
    let mut words = text.split_ascii_whitespace();
    let (object, generation) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next()?.starts_with('R').then_some((object, generation))
}

/// Blanks the strings of every `n g obj … endobj` of this number; none where there is none in plain sight.
fn blank_object(data: &[u8], out: &mut [u8], object: u32, generation: u32) -> Option<()> {
    let head = format!("{object} {generation} obj");
    let mut found = false;
    for at in memmem::find_iter(data, head.as_bytes()) {
        let before = at.checked_sub(1).and_then(|p| data.get(p)).copied();
        if before.is_some_and(|b| b.is_ascii_digit()) {
            continue;
        }
        let from = at + head.len();
        let end = from + memmem::find(data.get(from..)?, b"endobj")?;
        found = true;
        blank_strings(out.get_mut(from..end)?);
    }
    found.then_some(())
}

/// Blanks what stands in round brackets and in single angle brackets.
fn blank_strings(object: &mut [u8]) {
    let mut depth = 0_u32;
    let mut hex = false;
    let mut escaped = false;
    let mut before = b' ';
    let bytes: Vec<u8> = object.to_vec();
    for (at, byte) in bytes.iter().copied().enumerate() {
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        let inside = depth > 0 || hex;
        if depth > 0 {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
        } else if hex {
            hex = byte != b'>';
        } else if byte == b'(' {
            depth = 1;
        } else if byte == b'<' && after != b'<' && before != b'<' {
            hex = true;
        }
        let still = depth > 0 || hex;
        if inside
            && still
            && let Some(place) = object.get_mut(at)
        {
            *place = if hex { b'0' } else { b' ' };
        }
        before = byte;
    }
}

/// Blanks the packets; says how many there were.
fn blank_packets(data: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut packets = 0;
    for at in memmem::find_iter(data, b"<?xpacket begin") {
        let end = at + memmem::find(data.get(at..)?, b"<?xpacket end")?;
        out.get_mut(at..end)?.fill(b' ');
        packets += 1;
    }
    Some(packets)
}

/// How often `/Type /Metadata` stands there, with any space between.
fn count(data: &[u8], word: &[u8], key: &[u8]) -> usize {
    let named = |at: usize| {
        let rest = data.get(at + key.len()..).unwrap_or_default();
        let rest = rest.trim_ascii_start();
        rest.strip_prefix(b"/").is_some_and(|r| r.starts_with(word))
    };
    memmem::find_iter(data, key).filter(|at| named(*at)).count()
}
