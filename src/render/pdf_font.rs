//! The fonts of a PDF: only the glyphs that stand in it, numbered as they come, and what each of them says, so that its text can be
//! found and copied. TrueType outlines only (the government's 楷體 is that); others are left to the general exporter.

#![expect(clippy::cast_possible_truncation, reason = "PDF measures in f32")]

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use sha2::{Digest, Sha256};
use subsetter::GlyphRemapper;
use typst::text::{FontInstance, FontVariations};

use super::pdf::{Foreign, squeezed};

/// As Adobe's Identity-H wants it.
const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The fonts of one document, in the order of their first use.
#[derive(Default)]
pub(super) struct Fonts(Vec<(Used, String)>);

/// A font and what is used of it.
pub(super) struct Used {
    font: FontInstance,
    glyphs: GlyphRemapper,
    /// By new number from 1: advance in thousandths.
    widths: Vec<f64>,
    said: BTreeMap<u16, String>,
}

impl Fonts {
    /// The font and its name in pages.
    pub fn of(&mut self, font: &FontInstance) -> Result<(&mut Used, String), Foreign> {
        let place = match self.0.iter().position(|(used, _)| used.font == *font) {
            Some(place) => place,
            None => {
                if font.ttf().tables().glyf.is_none() || *font.variations() != FontVariations::default() {
                    return Err(Foreign);
                }
                let name = format!("F{}", self.0.len());
                let first = font.x_advance(0).map_or(0.0, |advance| advance.get() * 1000.0);
                self.0.push((Used { font: font.clone(), glyphs: GlyphRemapper::new(), widths: vec![first], said: BTreeMap::new() }, name));
                self.0.len() - 1
            }
        };
        self.0.get_mut(place).map(|(used, name)| (used, name.clone())).ok_or(Foreign)
    }

    /// Embeds them all: name in pages, object.
    pub fn embed(&self, pdf: &mut Pdf, fresh: &mut impl FnMut() -> Ref) -> Result<Vec<(String, Ref)>, Foreign> {
        self.0.iter().map(|(used, name)| Ok((name.clone(), used.embed(pdf, fresh)?))).collect()
    }
}

impl Used {
    /// The glyph's number in the subset and its advance in thousandths. `said`: the text that it stands for.
    pub fn glyph(&mut self, id: u16, said: &str) -> Result<(u16, f64), Foreign> {
        let cid = self.glyphs.remap(id);
        if usize::from(cid) >= self.widths.len() {
            self.widths.push(self.font.x_advance(id).map_or(0.0, |advance| advance.get() * 1000.0));
        }
        let known = self.said.entry(cid).or_insert_with(|| said.to_owned());
        // One glyph for two texts needs a finer record than a table by glyph.
        if known != said {
            return Err(Foreign);
        }
        self.widths.get(usize::from(cid)).map(|width| (cid, *width)).ok_or(Foreign)
    }

    fn embed(&self, pdf: &mut Pdf, fresh: &mut impl FnMut() -> Ref) -> Result<Ref, Foreign> {
        let (root, cid_font, descriptor, cmap, file) = (fresh(), fresh(), fresh(), fresh(), fresh());
        let data = subsetter::subset(self.font.data(), self.font.index(), &self.glyphs).map_err(|_| Foreign)?;
        // Six letters before the name tell that it is a subset, and which (ISO 32000-1 §9.6.4).
        let tag: String = Sha256::digest(&data).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect();
        let name = format!("{tag}+{}", self.font.post_script_name().unwrap_or_default().replace(|c: char| !c.is_ascii_graphic(), ""));
        pdf.type0_font(root)
            .base_font(Name(name.as_bytes()))
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid_font)
            .to_unicode(cmap);
        let mut cid = pdf.cid_font(cid_font);
        cid.subtype(CidFontType::Type2).base_font(Name(name.as_bytes())).system_info(IDENTITY);
        cid.font_descriptor(descriptor).default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        cid.widths().consecutive(0, self.widths.iter().map(|width| *width as f32));
        cid.finish();
        self.describe(pdf, descriptor, file, &name);
        let mut table = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
        for (cid, said) in &self.said {
            table.pair_with_multiple(*cid, said.chars());
        }
        pdf.cmap(cmap, &squeezed(&table.finish())).filter(Filter::FlateDecode);
        let length = i32::try_from(data.len()).unwrap_or(i32::MAX);
        let data = squeezed(&data);
        let mut stream = pdf.stream(file, &data);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Length1"), length);
        stream.finish();
        Ok(root)
    }

    fn describe(&self, pdf: &mut Pdf, descriptor: Ref, file: Ref, name: &str) {
        let ttf = self.font.ttf();
        let unit = |units: i16| (f64::from(units) * 1000.0 / self.font.units_per_em()) as f32;
        let bounds = ttf.global_bounding_box();
        let metrics = self.font.metrics();
        let mut flags = FontFlags::SYMBOLIC;
        flags.set(FontFlags::FIXED_PITCH, ttf.is_monospaced());
        pdf.font_descriptor(descriptor)
            .name(Name(name.as_bytes()))
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
