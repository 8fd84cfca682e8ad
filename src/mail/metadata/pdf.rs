//! A PDF without its information dictionary, XMP packets, names of who annotated it and EXIF of its pictures (ISO 32000-1 14.3, 12.5.6).
//! Bytes are overwritten in place, so that no offset moves. Encrypted and signed files, and those that hold such things packed away, are withheld.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::picture;

/// Unpacked octets of object streams at most: a bomb is withheld.
const MOST: u64 = 32 << 20;
/// What an object tells that names people, where it lies packed in an object stream.
const PACKED: &[&[u8]] =
    &[b"/Author", b"/Creator", b"/Producer", b"/Metadata", b"/EmbeddedFile", b"/Filespec", b"/Sig", b"/ByteRange", b"/Encrypt"];
/// Kinds of annotations that carry the name of who made them (12.5.6.2).
const MARKUP: &[&[u8]] = &[
    b"/Text",
    b"/FreeText",
    b"/Line",
    b"/Square",
    b"/Circle",
    b"/Polygon",
    b"/PolyLine",
    b"/Highlight",
    b"/Underline",
    b"/Squiggly",
    b"/StrikeOut",
    b"/Stamp",
    b"/Caret",
    b"/Ink",
    b"/Popup",
    b"/FileAttachment",
    b"/Sound",
    b"/Redact",
];

/// The file with its information blanked; none where that cannot be done for certain.
pub(super) fn clean(data: &[u8]) -> Option<Vec<u8>> {
    let holds = |word: &[u8]| memmem::find(data, word).is_some();
    // A signature names its signer by his certificate; a name may be written with #xx (7.3.5) and hide from what is looked for below.
    if [&b"/Encrypt"[..], b"/EmbeddedFile", b"/ByteRange", b"/FileAttachment"].into_iter().any(holds) || escaped_names(data) {
        return None;
    }
    if packed_pictures(data) || !object_streams_are_clean(data) {
        return None;
    }
    let mut out = data.to_vec();
    blank_annotations(data, &mut out)?;
    picture::blank_inner_jpegs(data, &mut out)?;
    for at in memmem::find_iter(data, b"/Info") {
        let Some((object, generation)) = reference(data.get(at + 5..)?) else { continue };
        blank_object(data, &mut out, object, generation)?;
    }
    let packets = blank_packets(data, &mut out)?;
    let metadata = count(data, b"Metadata", b"/Type");
    (metadata <= packets).then_some(out)
}

/// A telling name that is written with an escape, e.g. `/A#75thor`.
fn escaped_names(data: &[u8]) -> bool {
    const TELLING: &[&str] = &["/Author", "/Creator", "/Info", "/Metadata", "/EmbeddedFile", "/Encrypt", "/ObjStm", "/Subtype", "/T"];
    memmem::find_iter(data, b"#").any(|at| {
        let from = data.get(..at).and_then(|b| b.iter().rposition(|c| *c == b'/')).unwrap_or(at);
        let name = data.get(from..(from + 40).min(data.len())).unwrap_or_default();
        let end = name.iter().skip(1).position(|c| c.is_ascii_whitespace() || b"/()<>[]{}%".contains(c)).map_or(name.len(), |n| n + 1);
        let Ok(name) = std::str::from_utf8(name.get(..end).unwrap_or_default()) else { return false };
        at - from < 40 && name.contains('#') && TELLING.contains(&unescaped(name).as_str())
    })
}

fn unescaped(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('#') {
        out.push_str(before);
        match after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(char::from(byte));
                rest = after.get(2..).unwrap_or_default();
            }
            None => rest = after,
        }
    }
    out.push_str(rest);
    out
}

/// Photographs that are packed once more: their EXIF cannot be blanked where it stands.
fn packed_pictures(data: &[u8]) -> bool {
    memmem::find_iter(data, b"/DCTDecode").any(|at| {
        let before = data.get(at.saturating_sub(60)..at).unwrap_or_default();
        let open = before.iter().rposition(|b| *b == b'[' || *b == b'<');
        let array = open.and_then(|o| before.get(o..)).unwrap_or_default();
        array.first() == Some(&b'[') && memmem::find(array, b"Decode").is_some()
    })
}

/// Whether every object stream (7.5.7) can be looked into and tells nothing of people.
fn object_streams_are_clean(data: &[u8]) -> bool {
    let mut room = MOST;
    memmem::find_iter(data, b"/ObjStm").all(|at| {
        let Some(opened) = unpacked(data, at, room) else { return false };
        room = room.saturating_sub(opened.len() as u64);
        let tells = PACKED.iter().any(|word| memmem::find(&opened, word).is_some());
        let annotated = MARKUP.iter().any(|kind| memmem::find_iter(&opened, kind).any(|p| ends_name(&opened, p + kind.len())))
            && memmem::find_iter(&opened, b"/T").any(|p| string_at(&opened, p + 2).is_some());
        !tells && !annotated
    })
}

/// The stream of the object around `at`; none where it is packed otherwise than by Flate alone.
fn unpacked(data: &[u8], at: usize, room: u64) -> Option<Vec<u8>> {
    let begin = memmem::rfind(data.get(..at)?, b"obj")?;
    let head_end = at + memmem::find(data.get(at..)?, b"stream")?;
    let head = data.get(begin..head_end)?;
    let flate = memmem::find_iter(head, b"Decode").count() == 1 && memmem::find(head, b"/FlateDecode").is_some();
    let predicted = memmem::find(head, b"/Predictor").is_some();
    if !flate || predicted {
        return None;
    }
    let body = data.get(head_end + 6..)?;
    let body = body.strip_prefix(b"\r\n").or_else(|| body.strip_prefix(b"\n")).unwrap_or(body);
    let mut out = Vec::new();
    ZlibDecoder::new(body).take(room.checked_add(1)?).read_to_end(&mut out).ok()?;
    (out.len() as u64 <= room).then_some(out)
}

fn ends_name(data: &[u8], at: usize) -> bool {
    data.get(at).is_none_or(|b| b.is_ascii_whitespace() || b"/()<>[]{}%".contains(b))
}

/// Where a string begins that follows a key.
fn string_at(data: &[u8], after: usize) -> Option<usize> {
    let rest = data.get(after..)?;
    let gap = rest.iter().take(40).take_while(|b| b.is_ascii_whitespace()).count();
    let hex = rest.get(gap) == Some(&b'<') && rest.get(gap + 1) != Some(&b'<');
    (rest.get(gap) == Some(&b'(') || hex).then_some(after + gap)
}

/// Blanks the names of who annotated, in objects that are annotations with such a name.
fn blank_annotations(data: &[u8], out: &mut [u8]) -> Option<()> {
    for at in memmem::find_iter(data, b"/T").filter(|at| string_at(data, at + 2).is_some()) {
        let begin = memmem::rfind(data.get(..at)?, b" obj").unwrap_or(0);
        let end = at + memmem::find(data.get(at..)?, b"endobj").unwrap_or(data.len() - at);
        let object = data.get(begin..end)?;
        let made = MARKUP.iter().any(|kind| memmem::find_iter(object, kind).any(|p| ends_name(object, p + kind.len())));
        if made {
            let from = string_at(data, at + 2)?;
            let length = string_length(data.get(from..end)?);
            blank_strings(out.get_mut(from..from + length)?);
        }
    }
    Some(())
}

/// Octets of the string that opens `data`, brackets and all.
fn string_length(data: &[u8]) -> usize {
    if data.first() == Some(&b'<') {
        return memchr::memchr(b'>', data).map_or(data.len(), |n| n + 1);
    }
    let (mut depth, mut escaped) = (0_u32, false);
    for (at, byte) in data.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    data.len()
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
