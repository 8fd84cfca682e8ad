//! Office files (ECMA-376, ODF 1.2: zip archives of XML) without authors, companies, comments' names and pictures' metadata.
//! Macros, embedded objects, plain archives and oversized ones are withheld.

use std::io::{Read as _, Write as _};

use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::{picture, xml};

/// Unpacked octets at most: a bomb is withheld.
const MOST: usize = 64 << 20;
const ENTRIES: usize = 4_000;

struct Entry {
    name: String,
    data: Vec<u8>,
}

/// The file anew, with its ending and media type.
pub(super) fn clean(data: &[u8]) -> Option<(Vec<u8>, &'static str, &'static str)> {
    let entries = unpack(data)?;
    let (ending, content_type) = kind(&entries)?;
    let dangerous = |n: &str| {
        n.contains("vbaproject")
            || n.contains("/embeddings/")
            || n.contains("/activex/")
            || n.contains("signatures")
            || n.starts_with("basic/")
            || n.starts_with("object ")
    };
    if entries.iter().any(|e| dangerous(&plain_name(&e.name))) {
        return None;
    }
    let cleaned = entries.into_iter().map(|e| Some(Entry { data: part(&e)?, name: e.name })).collect::<Option<Vec<Entry>>>()?;
    Some((pack(&cleaned)?, ending, content_type))
}

/// A part's name as names are compared: readers take any case and either slash (ECMA-376-2 §6.2.2).
fn plain_name(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase()
}

fn kind(entries: &[Entry]) -> Option<(&'static str, &'static str)> {
    let has = |name: &str| entries.iter().any(|e| plain_name(&e.name) == name);
    let mime = entries.iter().find(|e| plain_name(&e.name) == "mimetype").map(|e| String::from_utf8_lossy(&e.data).into_owned());
    match mime.as_deref().map(str::trim) {
        Some("application/vnd.oasis.opendocument.text") => return Some(("odt", "application/vnd.oasis.opendocument.text")),
        Some("application/vnd.oasis.opendocument.spreadsheet") => return Some(("ods", "application/vnd.oasis.opendocument.spreadsheet")),
        Some("application/vnd.oasis.opendocument.presentation") => return Some(("odp", "application/vnd.oasis.opendocument.presentation")),
        Some(_) | None => {}
    }
    if has("word/document.xml") {
        Some(("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"))
    } else if has("xl/workbook.xml") {
        Some(("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
    } else if has("ppt/presentation.xml") {
        Some(("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"))
    } else {
        None
    }
}

const CORE: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>"#;
const APP: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>"#;
const CUSTOM: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>"#;
const META: &str = r#"<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"><office:meta/></office:document-meta>"#;

/// What stands where a part told of the writer's machine or his server and of nothing else.
const NOTHING: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><removed/>"#;

/// One part as it may go on; none where it is of a kind that cannot be cleaned: then the whole file is withheld.
fn part(entry: &Entry) -> Option<Vec<u8>> {
    let name = plain_name(&entry.name);
    let ending = name.rsplit_once('.').map_or("", |(_, e)| e);
    match name.as_str() {
        "docprops/core.xml" => return Some(CORE.into()),
        "docprops/app.xml" => return Some(APP.into()),
        "docprops/custom.xml" => return Some(CUSTOM.into()),
        "meta.xml" => return Some(META.into()),
        _ if name.starts_with("customxml/item") && ending == "xml" && !name.contains("itemprops") => return Some(NOTHING.into()),
        // The name of a printer and of its computer.
        _ if name.contains("printersettings") => return Some(Vec::new()),
        _ => {}
    }
    if matches!(ending, "xml" | "rels" | "vml" | "rdf") || entry.data.trim_ascii_start().starts_with(b"<?xml") {
        // Another encoding would hide names from the eyes below.
        // (Latin letters in UTF-16 are UTF-8 too, with a NUL beside each.)
        let text = std::str::from_utf8(&entry.data).ok().filter(|t| !t.contains('\0'));
        return text.map(|text| xml::anonymous(text).into_bytes());
    }
    let known = matches!(ending, "odttf" | "fntdata" | "ttf" | "otf" | "wmf") || entry.data.is_empty();
    if known {
        return Some(entry.data.clone());
    }
    if entry.data.get(40..44) == Some(b" EMF") {
        return picture::emf(&entry.data);
    }
    // An archive in an archive may hold itself.
    if entry.data.starts_with(b"PK") || entry.data.starts_with(b"%PDF") {
        return None;
    }
    match super::clean(&entry.data) {
        super::Cleaned::Clean { bytes, .. } => Some(bytes),
        super::Cleaned::Withheld => None,
    }
}

fn u16le(data: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?])))
}

fn u32le(data: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?)).ok()
}

/// All entries of the archive, by its central directory.
fn unpack(data: &[u8]) -> Option<Vec<Entry>> {
    let end = memchr::memmem::rfind(data, b"PK\x05\x06")?;
    let (count, mut at) = (u16le(data, end + 10)?, u32le(data, end + 16)?);
    if count > ENTRIES {
        return None;
    }
    let (mut entries, mut total) = (Vec::new(), 0_usize);
    for _ in 0..count {
        if data.get(at..at + 4)? != b"PK\x01\x02" || u16le(data, at + 8)? & 1 != 0 {
            return None;
        }
        let (method, packed) = (u16le(data, at + 10)?, u32le(data, at + 20)?);
        let (name, extra, comment) = (u16le(data, at + 28)?, u16le(data, at + 30)?, u16le(data, at + 32)?);
        let local = u32le(data, at + 42)?;
        let title = String::from_utf8(data.get(at + 46..at + 46 + name)?.to_vec()).ok()?;
        at = at + 46 + name + extra + comment;
        if title.ends_with('/') {
            continue;
        }
        let from = local.checked_add(30)? + u16le(data, local + 26)? + u16le(data, local + 28)?;
        let body = data.get(from..from.checked_add(packed)?)?;
        let room = MOST.checked_sub(total)?;
        let bytes = inflate(method, body, room)?;
        total += bytes.len();
        entries.push(Entry { name: title, data: bytes });
    }
    Some(entries)
}

fn inflate(method: usize, body: &[u8], room: usize) -> Option<Vec<u8>> {
    match method {
        0 => (body.len() <= room).then(|| body.to_vec()),
        8 => {
            let mut out = Vec::new();
            let limit = u64::try_from(room).ok()?.checked_add(1)?;
            DeflateDecoder::new(body).take(limit).read_to_end(&mut out).ok()?;
            (out.len() <= room).then_some(out)
        }
        _ => None,
    }
}

/// Files by name, as [`pack`] packs them.
pub(super) fn archive(entries: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let all: Vec<Entry> = entries.iter().map(|(name, data)| Entry { name: name.clone(), data: data.clone() }).collect();
    pack(&all)
}

/// An archive without times, comments and extra fields; `mimetype` first and unpacked, as ODF asks.
fn pack(entries: &[Entry]) -> Option<Vec<u8>> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let stored = plain_name(&entry.name) == "mimetype";
        let body = if stored { entry.data.clone() } else { deflate(&entry.data)? };
        let mut crc = Crc::new();
        crc.update(&entry.data);
        let mut head = Vec::new();
        head.extend(20_u16.to_le_bytes());
        head.extend(0x0800_u16.to_le_bytes());
        head.extend(if stored { 0_u16 } else { 8_u16 }.to_le_bytes());
        // 1 January 1980, midnight.
        head.extend([0, 0, 0x21, 0]);
        head.extend(crc.sum().to_le_bytes());
        head.extend(u32::try_from(body.len()).ok()?.to_le_bytes());
        head.extend(u32::try_from(entry.data.len()).ok()?.to_le_bytes());
        head.extend(u16::try_from(entry.name.len()).ok()?.to_le_bytes());
        head.extend([0, 0]);
        let at = u32::try_from(out.len()).ok()?;
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(entry.name.as_bytes());
        out.extend(body);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0_u8; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let (count, size, at) = (u16::try_from(entries.len()).ok()?, u32::try_from(directory.len()).ok()?, u32::try_from(out.len()).ok()?);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    Some(out)
}

fn deflate(data: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).ok()?;
    encoder.finish().ok()
}

/// The entries, for tests that look inside.
#[cfg(test)]
pub(super) fn tests_unpack(data: &[u8]) -> Vec<(String, Vec<u8>)> {
    unpack(data).unwrap_or_default().into_iter().map(|e| (e.name, e.data)).collect()
}
