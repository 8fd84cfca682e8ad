//! The fonts of a PDF: only the glyphs that stand in it, numbered as they come, and what each of them says, so that its text can be
//! found and copied. TrueType outlines only (the government's 楷體 is that); others are left to the general exporter.

#![expect(clippy::cast_possible_truncation, reason = "PDF measures in f32")]

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use sha2::{Digest, Sha256};
use subsetter::GlyphRemapper;
use typst::text::{FontInstance, FontVariations};

use super::pdf::{Foreign, HARD, LIGHTLY, squeezed};

/// As Adobe's Identity-H wants it.
const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The fonts of one document: those of its blank form, made ready once for all documents, then its own in the order of their first use.
pub(super) struct Fonts<'a> {
    base: &'a [Ready],
    used: Vec<(Used, String)>,
}

/// A font and what is used of it.
struct Used {
    font: FontInstance,
    glyphs: GlyphRemapper,
    /// By new number from 1: advance in thousandths.
    widths: Vec<f64>,
    said: BTreeMap<u16, String>,
    numbers: BTreeMap<u16, u16>,
}

/// A subset as it is written into a file.
#[derive(Debug)]
pub(super) struct Ready {
    font: FontInstance,
    /// By the font's glyph: number in the subset, what it says.
    glyphs: BTreeMap<u16, (u16, String)>,
    widths: Vec<f64>,
    name: String,
    cmap: Vec<u8>,
    file: Vec<u8>,
    length: i32,
}

/// A glyph as a page shows it.
pub(super) struct Glyph {
    /// Which of the document's fonts; [`Fonts::name`] names it.
    pub font: usize,
    /// Its number in the subset.
    pub number: u16,
    /// Advance in thousandths.
    pub width: f64,
}

impl<'a> Fonts<'a> {
    /// No font yet but those of the blank form.
    pub fn new(base: &'a [Ready]) -> Self {
        Self { base, used: Vec::new() }
    }

    /// A font's name in pages.
    pub fn name(font: usize) -> String {
        format!("F{font}")
    }

    /// The glyph, from the blank form's subset where it is there. `said`: the text that it stands for.
    pub fn glyph(&mut self, font: &FontInstance, id: u16, said: &str) -> Result<Glyph, Foreign> {
        for (place, ready) in self.base.iter().enumerate().filter(|(_, ready)| ready.font == *font) {
            if let Some((number, _)) = ready.glyphs.get(&id).filter(|(_, known)| known == said) {
                let width = ready.widths.get(usize::from(*number)).copied().ok_or(Foreign)?;
                return Ok(Glyph { font: place, number: *number, width });
            }
        }
        let place = match self.used.iter().position(|(used, _)| used.font == *font) {
            Some(place) => place,
            None => {
                self.used.push((Used::new(font)?, Self::name(self.base.len() + self.used.len())));
                self.used.len() - 1
            }
        };
        let (used, _) = self.used.get_mut(place).ok_or(Foreign)?;
        let (number, width) = used.glyph(id, said)?;
        Ok(Glyph { font: self.base.len() + place, number, width })
    }

    /// Embeds them all: name in pages, object.
    pub fn embed(&self, pdf: &mut Pdf, fresh: &mut impl FnMut() -> Ref) -> Result<Vec<(String, Ref)>, Foreign> {
        let base = self.base.iter().enumerate().map(|(place, ready)| Ok((Self::name(place), ready.write(pdf, fresh))));
        let mut all: Vec<(String, Ref)> = base.collect::<Result<_, Foreign>>()?;
        for (used, name) in &self.used {
            all.push((name.clone(), used.ready(LIGHTLY)?.write(pdf, fresh)));
        }
        Ok(all)
    }

    /// What was used, ready for other documents.
    pub fn ready(&self) -> Result<Vec<Ready>, Foreign> {
        self.used.iter().map(|(used, _)| used.ready(HARD)).collect()
    }
}

impl Used {
    fn new(font: &FontInstance) -> Result<Self, Foreign> {
        if font.ttf().tables().glyf.is_none() || *font.variations() != FontVariations::default() {
            return Err(Foreign);
        }
        let first = font.x_advance(0).map_or(0.0, |advance| advance.get() * 1000.0);
        let (said, numbers) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { font: font.clone(), glyphs: GlyphRemapper::new(), widths: vec![first], said, numbers })
    }

    /// The glyph's number in the subset and its advance in thousandths.
    fn glyph(&mut self, id: u16, said: &str) -> Result<(u16, f64), Foreign> {
        let number = self.glyphs.remap(id);
        self.numbers.insert(id, number);
        if usize::from(number) >= self.widths.len() {
            self.widths.push(self.font.x_advance(id).map_or(0.0, |advance| advance.get() * 1000.0));
        }
        let known = self.said.entry(number).or_insert_with(|| said.to_owned());
        // One glyph for two texts needs a finer record than a table by glyph.
        if known != said {
            return Err(Foreign);
        }
        self.widths.get(usize::from(number)).map(|width| (number, *width)).ok_or(Foreign)
    }

    /// The subset, cut and squeezed.
    fn ready(&self, how: u32) -> Result<Ready, Foreign> {
        let data = subsetter::subset(self.font.data(), self.font.index(), &self.glyphs).map_err(|_| Foreign)?;
        // Six letters before the name tell that it is a subset, and which (ISO 32000-1 §9.6.4).
        let tag: String = Sha256::digest(&data).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect();
        let name = format!("{tag}+{}", self.font.post_script_name().unwrap_or_default().replace(|c: char| !c.is_ascii_graphic(), ""));
        let mut table = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
        for (number, said) in &self.said {
            table.pair_with_multiple(*number, said.chars());
        }
        let said = |number: &u16| self.said.get(number).cloned().unwrap_or_default();
        Ok(Ready {
            font: self.font.clone(),
            glyphs: self.numbers.iter().map(|(id, number)| (*id, (*number, said(number)))).collect(),
            widths: self.widths.clone(),
            name,
            cmap: squeezed(&table.finish(), how),
            file: squeezed(&data, how),
            length: i32::try_from(data.len()).unwrap_or(i32::MAX),
        })
    }
}

impl Ready {
    fn write(&self, pdf: &mut Pdf, fresh: &mut impl FnMut() -> Ref) -> Ref {
        let (root, cid_font, descriptor, cmap, file) = (fresh(), fresh(), fresh(), fresh(), fresh());
        let name = Name(self.name.as_bytes());
        pdf.type0_font(root).base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(cid_font).to_unicode(cmap);
        let mut cid = pdf.cid_font(cid_font);
        cid.subtype(CidFontType::Type2).base_font(name).system_info(IDENTITY);
        cid.font_descriptor(descriptor).default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        cid.widths().consecutive(0, self.widths.iter().map(|width| *width as f32));
        cid.finish();
        self.describe(pdf, descriptor, file);
        pdf.cmap(cmap, &self.cmap).filter(Filter::FlateDecode);
        let mut stream = pdf.stream(file, &self.file);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Length1"), self.length);
        stream.finish();
        root
    }

    fn describe(&self, pdf: &mut Pdf, descriptor: Ref, file: Ref) {
        let ttf = self.font.ttf();
        let unit = |units: i16| (f64::from(units) * 1000.0 / self.font.units_per_em()) as f32;
        let bounds = ttf.global_bounding_box();
        let metrics = self.font.metrics();
        let mut flags = FontFlags::SYMBOLIC;
        flags.set(FontFlags::FIXED_PITCH, ttf.is_monospaced());
        pdf.font_descriptor(descriptor)
            .name(Name(self.name.as_bytes()))
            .flags(flags)
            .bbox(Rect::new(unit(bounds.x_min), unit(bounds.y_min), unit(bounds.x_max), unit(bounds.y_max)))
            .italic_angle(ttf.italic_angle())
            .ascent((metrics.ascender.get() * 1000.0) as f32)
            .descent((metrics.descender.get() * 1000.0) as f32)
            .cap_height((metrics.cap_height.get() * 1000.0) as f32)
            .stem_v(10.0 + 0.244 * (f32::from(ttf.weight().to_number()) - 50.0))
            .font_file2(file);
    }
}
