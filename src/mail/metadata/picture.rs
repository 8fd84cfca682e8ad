//! Pictures without EXIF, XMP, comments and thumbnails: JPEG (ITU T.81 B), PNG (RFC 2083), GIF89a, WebP (RFC 9649).

fn u16be(data: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?])))
}

fn u32le(data: &[u8], at: usize) -> Option<usize> {
    let four = data.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

/// Keeps what the picture needs: frames, tables, scans, the JFIF head, colour (ICC, Adobe). Nothing behind its end.
pub(super) fn jpeg(data: &[u8]) -> Option<Vec<u8>> {
    let mut out = data.get(..2)?.to_vec();
    let mut at = 2;
    loop {
        if *data.get(at)? != 0xff {
            return None;
        }
        let kind = *data.get(at + 1)?;
        match kind {
            0xff => at += 1,
            0xd9 => {
                out.extend([0xff, 0xd9]);
                return Some(out);
            }
            0x01 | 0xd0..=0xd7 => {
                out.extend([0xff, kind]);
                at += 2;
            }
            _ => {
                let end = at.checked_add(2 + u16be(data, at + 2)?)?;
                let body = data.get(at..end)?;
                let told = body.get(4..).unwrap_or_default();
                let colour = kind == 0xe2 && told.starts_with(b"ICC_PROFILE") || kind == 0xee && told.starts_with(b"Adobe");
                let head = kind == 0xe0 && told.starts_with(b"JFIF\0");
                if head {
                    // Without the thumbnail that may follow.
                    out.extend([0xff, 0xe0, 0, 16]);
                    out.extend(told.get(..12)?);
                    out.extend([0, 0]);
                } else if !(0xe0..=0xef).contains(&kind) && kind != 0xfe || colour {
                    out.extend(body);
                }
                at = end;
                if kind == 0xda {
                    at = scan(data, at, &mut out)?;
                }
            }
        }
    }
}

/// Entropy-coded data up to the next marker that is none of its own.
fn scan(data: &[u8], from: usize, out: &mut Vec<u8>) -> Option<usize> {
    let mut at = from;
    loop {
        let byte = *data.get(at)?;
        if byte == 0xff {
            let next = *data.get(at + 1)?;
            if !(next == 0 || (0xd0..=0xd7).contains(&next)) {
                return Some(at);
            }
            out.extend([byte, next]);
            at += 2;
        } else {
            out.push(byte);
            at += 1;
        }
    }
}

/// Keeps the chunks that draw the picture or its animation.
pub(super) fn png(data: &[u8]) -> Option<Vec<u8>> {
    const KEPT: &[&[u8; 4]] =
        &[b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"];
    let mut out = data.get(..8)?.to_vec();
    let mut at = 8_usize;
    loop {
        let length = usize::try_from(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?)).ok()?;
        let end = at.checked_add(12)?.checked_add(length)?;
        let (kind, whole) = (data.get(at + 4..at + 8)?, data.get(at..end)?);
        if KEPT.iter().any(|k| k.as_slice() == kind) {
            out.extend(whole);
        }
        if kind == b"IEND" {
            return Some(out);
        }
        at = end;
    }
}

/// Keeps frames, and of the extensions those that time and repeat them.
pub(super) fn gif(data: &[u8]) -> Option<Vec<u8>> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3_usize << ((flags & 7) + 1) };
    let mut at = 13 + table(*data.get(10)?);
    let mut out = data.get(..at)?.to_vec();
    loop {
        let from = at;
        match *data.get(at)? {
            0x3b => {
                out.push(0x3b);
                return Some(out);
            }
            0x2c => {
                at += 10 + table(*data.get(at + 9)?) + 1;
                at = blocks(data, at)?;
                out.extend(data.get(from..at)?);
            }
            0x21 => {
                let kind = *data.get(at + 1)?;
                at = blocks(data, at + 2)?;
                let whole = data.get(from..at)?;
                let repeats = kind == 0xff && whole.get(3..14) == Some(b"NETSCAPE2.0");
                if kind == 0xf9 || repeats {
                    out.extend(whole);
                }
            }
            _ => return None,
        }
    }
}

/// Past sub-blocks up to and with the empty one.
fn blocks(data: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let size = usize::from(*data.get(at)?);
        at = at.checked_add(1 + size)?;
        if size == 0 {
            return Some(at);
        }
    }
}

/// Drops EXIF and XMP and the flags that announce them.
pub(super) fn webp(data: &[u8]) -> Option<Vec<u8>> {
    let end = u32le(data, 4)?.checked_add(8)?.min(data.len());
    let mut out = data.get(..12)?.to_vec();
    let mut at = 12;
    while at < end {
        let kind = data.get(at..at + 4)?;
        let size = u32le(data, at + 4)?;
        let next = at.checked_add(8)?.checked_add(size)?.checked_add(size % 2)?;
        let whole = data.get(at..next.min(data.len()))?;
        match kind {
            b"VP8X" => {
                let mut head = whole.to_vec();
                *head.get_mut(8)? &= !0x0c;
                out.extend(head);
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP" => out.extend(whole),
            _ => {}
        }
        at = next;
    }
    let size = u32::try_from(out.len().checked_sub(8)?).ok()?.to_le_bytes();
    out.get_mut(4..8)?.copy_from_slice(&size);
    Some(out)
}

/// Blanks the description of an enhanced metafile: the program's and the picture's name (MS-EMF 2.3.4.2).
pub(super) fn emf(data: &[u8]) -> Option<Vec<u8>> {
    let (count, from) = (u32le(data, 60)?, u32le(data, 64)?);
    let mut out = data.to_vec();
    if count > 0 && from > 0 {
        out.get_mut(from..from.checked_add(count.checked_mul(2)?)?)?.fill(0);
    }
    Some(out)
}

/// Blanks, where they stand, EXIF, XMP and IPTC of every JPEG inside another file (T.81 B.2.4.6); their lengths stay.
pub(super) fn blank_inner_jpegs(data: &[u8], out: &mut [u8]) -> Option<()> {
    const MARKS: &[&[u8]] = &[b"Exif\0", b"http://ns.adobe.com/x", b"Photoshop 3.0\0"];
    for mark in MARKS {
        for at in memchr::memmem::find_iter(data, mark) {
            let Some(head) = at.checked_sub(4).and_then(|from| data.get(from..at)) else { continue };
            if head.first() == Some(&0xff) && head.get(1).is_some_and(|m| (0xe0..=0xef).contains(m)) {
                let end = (at.checked_sub(2)?).checked_add(u16be(data, at.checked_sub(2)?)?)?;
                out.get_mut(at..end.min(data.len()))?.fill(0);
            }
        }
    }
    Some(())
}
