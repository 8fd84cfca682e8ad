//! `winmail.dat` (MS-OXTNEF): the body and the files that Outlook wrapped up for its own kind. Octets in, octets and characters out.
//! Called by `wrapped`; compressed RTF goes to `rtf`.

use super::octets::{Octets, utf16};
use super::rtf;
use crate::mail::charset;

/// Most attributes and properties that are read.
const MAX_ITEMS: usize = 20_000;
/// Most files.
const MAX_FILES: usize = 500;
/// Deepest winmail.dat in a winmail.dat.
const MAX_DEPTH: usize = 3;

/// What was inside.
#[derive(Debug, Default)]
pub(super) struct Tnef {
    /// The plain body.
    pub body: Option<String>,
    /// The body as HTML.
    pub html: Option<String>,
    /// The body as RTF, decompressed.
    pub rtf: Option<Vec<u8>>,
    /// The files, in their order.
    pub files: Vec<File>,
    /// It ended too early or was damaged; what stands before the damage was read.
    pub damaged: bool,
}

/// A file of it.
#[derive(Debug, Default, Clone)]
pub(super) struct File {
    /// As given; not yet made harmless.
    pub name: String,
    /// Media type, where one is told.
    pub kind: Option<String>,
    /// `Content-ID`.
    pub content_id: Option<String>,
    /// The octets.
    pub data: Vec<u8>,
}

/// Reads a winmail.dat; None when it is none.
pub(super) fn read(data: &[u8]) -> Option<Tnef> {
    read_level(data, 0)
}

fn read_level(data: &[u8], level: usize) -> Option<Tnef> {
    let mut at = Octets(data);
    if at.u32()? != 0x223e_9f78 {
        return None;
    }
    at.u16()?;
    let mut reader = Reader { level, codepage: None, out: Tnef::default() };
    let mut items = 0usize;
    while !at.0.is_empty() {
        items += 1;
        if items > MAX_ITEMS || attribute(&mut at, &mut reader).is_none() {
            reader.out.damaged = true;
            break;
        }
    }
    let mut out = reader.out;
    out.files.retain(|f| !f.data.is_empty() || !f.name.is_empty());
    Some(out)
}

struct Reader {
    level: usize,
    /// Code page of strings that are no UTF-16.
    codepage: Option<String>,
    out: Tnef,
}

/// One attribute: level, id, length, octets, checksum (MS-OXTNEF 2.1.3). None when it does not fit in what is left.
fn attribute(at: &mut Octets<'_>, r: &mut Reader) -> Option<()> {
    at.u8()?;
    let id = at.u32()? & 0xffff;
    let length = at.len32()?;
    let data = at.take(length)?;
    // The checksum of the last one is missing in some files.
    at.take(2.min(at.0.len()))?;
    match id {
        0x9007 => r.codepage = Octets(data).u32().filter(|p| *p > 0).map(codepage),
        0x800c => r.out.body = Some(r.text(data)).filter(|b| !b.trim().is_empty()),
        0x9003 => r.message(data),
        0x9002 if r.out.files.len() < MAX_FILES => r.out.files.push(File::default()),
        0x800f => r.file().data = data.to_vec(),
        0x8010 => {
            let name = r.text(data);
            if r.file().name.is_empty() {
                r.file().name = name;
            }
        }
        0x9005 => r.attached(data),
        _ => {}
    }
    Some(())
}

fn codepage(number: u32) -> String {
    match number {
        65001 => "utf-8".to_owned(),
        950 => "big5".to_owned(),
        936 | 54936 => "gb18030".to_owned(),
        932 => "shift_jis".to_owned(),
        949 => "euc-kr".to_owned(),
        n => format!("windows-{n}"),
    }
}

impl Reader {
    fn text(&self, data: &[u8]) -> String {
        let end = data.iter().position(|b| *b == 0).unwrap_or(data.len());
        charset::decode(data.get(..end).unwrap_or_default(), self.codepage.as_deref()).text
    }

    /// The file that is being read; a first one is made where none was announced.
    fn file(&mut self) -> &mut File {
        if self.out.files.is_empty() {
            self.out.files.push(File::default());
        }
        let last = self.out.files.len().saturating_sub(1);
        // Never out of bounds: one was pushed above.
        #[expect(clippy::indexing_slicing, reason = "the vector is not empty")]
        &mut self.out.files[last]
    }

    fn message(&mut self, data: &[u8]) {
        for p in properties(data) {
            match p.id {
                0x1000 => self.out.body = Some(self.string(&p)).filter(|b| !b.trim().is_empty()).or(self.out.body.take()),
                0x1013 => self.out.html = Some(self.string(&p)).filter(|b| !b.trim().is_empty()),
                0x1009 => self.out.rtf = rtf::decompress(p.data),
                _ => {}
            }
        }
    }

    fn attached(&mut self, data: &[u8]) {
        for p in properties(data) {
            match p.id {
                0x3707 => {
                    let name = self.string(&p);
                    if !name.is_empty() {
                        self.file().name = name;
                    }
                }
                0x3704 | 0x3001 => {
                    let name = self.string(&p);
                    if self.file().name.is_empty() {
                        self.file().name = name;
                    }
                }
                0x370e => self.file().kind = Some(self.string(&p).to_ascii_lowercase()).filter(|k| k.contains('/')),
                0x3712 => self.file().content_id = Some(self.string(&p)).filter(|c| !c.is_empty()),
                0x3701 => self.object(p.data),
                _ => {}
            }
        }
    }

    /// An embedded message is again a winmail.dat after sixteen octets of interface id: its words and files come up to ours.
    fn object(&mut self, data: &[u8]) {
        let inner = data.get(16..).filter(|_| self.level + 1 < MAX_DEPTH).and_then(|d| read_level(d, self.level + 1));
        match inner {
            Some(inner) => {
                let text = inner.body.unwrap_or_default();
                let file = self.file();
                if file.data.is_empty() && !text.is_empty() {
                    file.data = text.into_bytes();
                    file.kind = Some("text/plain".to_owned());
                    file.name = format!("{}.txt", file.name);
                }
                let room = MAX_FILES.saturating_sub(self.out.files.len());
                self.out.files.extend(inner.files.into_iter().take(room));
            }
            None if self.file().data.is_empty() => self.file().data = data.to_vec(),
            None => {}
        }
    }

    fn string(&self, p: &Property<'_>) -> String {
        if p.kind == 0x1f { utf16(p.data) } else { self.text(p.data) }
    }
}

struct Property<'a> {
    id: u16,
    kind: u16,
    /// The first value.
    data: &'a [u8],
}

/// A list of MAPI properties (MS-OXTNEF 2.1.3.4), as far as it can be read.
fn properties(data: &[u8]) -> Vec<Property<'_>> {
    let mut at = Octets(data);
    let mut out = Vec::new();
    let Some(count) = at.len32() else { return out };
    for _ in 0..count.min(MAX_ITEMS) {
        let Some(p) = property(&mut at) else { break };
        out.push(p);
    }
    out
}

fn property<'a>(at: &mut Octets<'a>) -> Option<Property<'a>> {
    let (kind, id) = (at.u16()?, at.u16()?);
    if id >= 0x8000 {
        at.take(16)?;
        if at.u32()? == 0 {
            at.u32()?;
        } else {
            let n = at.len32()?;
            at.take(n)?;
            at.pad(n);
        }
    }
    let several = kind & 0x1000 != 0;
    let kind = kind & !0x1000;
    let fixed = match kind {
        0x02 | 0x03 | 0x04 | 0x0a | 0x0b => Some(4),
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(8),
        0x48 => Some(16),
        0x00 | 0x01 => Some(0),
        _ => None,
    };
    let values = if several || fixed.is_none() { at.len32()? } else { 1 };
    let mut first: &[u8] = &[];
    for n in 0..values.min(MAX_ITEMS) {
        let size = match fixed {
            Some(size) => size,
            None => at.len32()?,
        };
        let value = at.take(size)?;
        if fixed.is_none() {
            at.pad(size);
        }
        if n == 0 {
            first = value;
        }
        if size == 0 && fixed.is_some() {
            break;
        }
    }
    Some(Property { id, kind, data: first })
}
