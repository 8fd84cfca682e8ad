//! A typeset form as PDF, written by ourselves: what forms consist of (upright text, lines, boxes) and nothing else. Much faster than
//! the general exporter, which squeezes every font subset hard. A page that holds anything else is left to that exporter.
//! Called by `paper`. Fonts are embedded in `pdf_font`.

#![expect(clippy::cast_possible_truncation, reason = "PDF measures in f32")]

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use sha2::{Digest, Sha256};
use typst::layout::{Abs, Em, Frame, FrameItem, GroupItem, Point, Transform};
use typst::model::Document as _;
use typst::text::TextItem;
use typst::visualize::{Color, Curve, CurveItem, FillRule, FixedStroke, Geometry, LineCap, LineJoin, Paint, Shape};
use typst_layout::PagedDocument;

use super::pdf_font::{Fonts, Ready};

/// What a page of ours may not hold; the general exporter takes over.
pub(super) struct Foreign;

/// The fonts of a blank form, as far as it goes, for [`write`] to build on: most glyphs of a filled one are the form's own, and
/// cutting and squeezing them is half of what a sheet costs. Empty where the form holds what is foreign to us.
pub(super) fn base(blank: &PagedDocument) -> Vec<Ready> {
    let mut fonts = Fonts::new(&[]);
    let shown = blank.pages().iter().try_for_each(|page| frame(&mut Content::new(), &mut fonts, &page.frame));
    shown.and_then(|()| fonts.ready()).unwrap_or_default()
}

/// Writes the document; `ident` stands for the form in the file's id, `creator` in its properties, `base` is that of its blank form.
pub(super) fn write(document: &PagedDocument, ident: &str, creator: &str, base: &[Ready]) -> Result<Vec<u8>, Foreign> {
    let mut fonts = Fonts::new(base);
    let mut pages = Vec::new();
    for page in document.pages() {
        let size = page.frame.size();
        let mut content = Content::new();
        // Typst counts downwards from the top, PDF upwards from the bottom.
        content.transform([1.0, 0.0, 0.0, -1.0, 0.0, points(size.y)]);
        frame(&mut content, &mut fonts, &page.frame)?;
        pages.push((points(size.x), points(size.y), squeezed(&content.finish(), LIGHTLY)));
    }
    let mut next = 1;
    let mut fresh = move || {
        let id = Ref::new(next);
        next += 1;
        id
    };
    let (catalog, tree, info, resources) = (fresh(), fresh(), fresh(), fresh());
    let title = document.info().title.clone().unwrap_or_default();
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr("zh-TW"));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.document_info(info).title(TextStr(&title)).creator(TextStr(creator));
    let ids: Vec<Ref> = pages.iter().map(|_| fresh()).collect();
    pdf.pages(tree).kids(ids.iter().copied()).count(i32::try_from(ids.len()).unwrap_or(i32::MAX));
    for ((width, height, content), id) in pages.iter().zip(&ids) {
        let stream = fresh();
        let mut page = pdf.page(*id);
        page.parent(tree).media_box(Rect::new(0.0, 0.0, *width, *height)).contents(stream);
        page.pair(Name(b"Resources"), resources);
        page.finish();
        pdf.stream(stream, content).filter(pdf_writer::Filter::FlateDecode);
    }
    let embedded = fonts.embed(&mut pdf, &mut fresh)?;
    let mut used = pdf.indirect(resources).start::<pdf_writer::writers::Resources<'_>>();
    let mut names = used.fonts();
    for (name, id) in &embedded {
        names.pair(Name(name.as_bytes()), *id);
    }
    names.finish();
    used.finish();
    let id = Sha256::digest(ident.as_bytes()).iter().take(16).copied().collect::<Vec<u8>>();
    pdf.set_file_id((id.clone(), id));
    Ok(pdf.finish())
}

/// How hard the contents of one sheet are squeezed: glyphs, nearly all of it, get little smaller by trying harder, and it takes thrice the time.
pub(super) const LIGHTLY: u32 = 1;
/// The same for what is kept for all sheets.
pub(super) const HARD: u32 = 9;

/// Deflate.
pub(super) fn squeezed(bytes: &[u8], how: u32) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::new(how));
    // Writing into memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn frame(content: &mut Content, fonts: &mut Fonts<'_>, frame: &Frame) -> Result<(), Foreign> {
    for (at, item) in frame.items() {
        match item {
            FrameItem::Group(group) => self::group(content, fonts, *at, group)?,
            FrameItem::Text(item) => text(content, fonts, *at, item)?,
            FrameItem::Shape(item, _) => shape(content, *at, item)?,
            FrameItem::Tag(_) => {}
            FrameItem::Image(..) | FrameItem::Link(..) => return Err(Foreign),
        }
    }
    Ok(())
}

fn group(content: &mut Content, fonts: &mut Fonts<'_>, at: Point, group: &GroupItem) -> Result<(), Foreign> {
    content.save_state();
    let t = Transform::translate(at.x, at.y).pre_concat(group.transform);
    content.transform([t.sx.get() as f32, t.ky.get() as f32, t.kx.get() as f32, t.sy.get() as f32, points(t.tx), points(t.ty)]);
    if let Some(clip) = &group.clip {
        path(content, Point::zero(), clip);
        content.clip_nonzero().end_path();
    }
    frame(content, fonts, &group.frame)?;
    content.restore_state();
    Ok(())
}

/// Shows a run of glyphs of one font where the pen stands.
fn show(content: &mut Content, font: Option<usize>, size: Abs, run: &[(f32, u16)]) {
    let Some(font) = font else { return };
    content.set_font(Name(Fonts::name(font).as_bytes()), points(size));
    let mut show = content.show_positioned();
    let mut line = show.items();
    let mut bytes: Vec<u8> = Vec::new();
    for (owed, number) in run {
        if owed.abs() > 0.01 {
            if !bytes.is_empty() {
                line.show(Str(&std::mem::take(&mut bytes)));
            }
            line.adjust(-owed);
        }
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    if !bytes.is_empty() {
        line.show(Str(&bytes));
    }
}

fn text(content: &mut Content, fonts: &mut Fonts<'_>, at: Point, item: &TextItem) -> Result<(), Foreign> {
    if item.stroke.is_some() {
        return Err(Foreign);
    }
    let [r, g, b] = solid(&item.fill)?;
    content.set_fill_rgb(r, g, b).begin_text();
    content.set_text_matrix([1.0, 0.0, 0.0, -1.0, points(at.x), points(at.y)]);
    // Glyphs that follow each other in one font: (what the pen still owes before it, its number).
    let (mut run, mut of): (Vec<(f32, u16)>, Option<usize>) = (Vec::new(), None);
    // In thousandths of the size.
    let mut owed = 0.0;
    for glyph in &item.glyphs {
        if glyph.y_offset != Em::zero() || glyph.y_advance != Em::zero() {
            return Err(Foreign);
        }
        let said = item.text.get(glyph.range()).ok_or(Foreign)?;
        let shown = fonts.glyph(&item.font, glyph.id, said)?;
        if of != Some(shown.font) {
            show(content, of, item.size, &run);
            (run, of) = (Vec::new(), Some(shown.font));
        }
        let offset = glyph.x_offset.get() * 1000.0;
        run.push(((owed + offset) as f32, shown.number));
        owed = glyph.x_advance.get() * 1000.0 - shown.width - offset;
    }
    show(content, of, item.size, &run);
    content.end_text();
    Ok(())
}

fn shape(content: &mut Content, at: Point, shape: &Shape) -> Result<(), Foreign> {
    let stroke = shape.stroke.as_ref().filter(|stroke| stroke.thickness.to_pt() > 0.0);
    let fill = shape.fill.as_ref().filter(|_| !matches!(shape.geometry, Geometry::Line(_)));
    if let Some(paint) = fill {
        let [r, g, b] = solid(paint)?;
        content.set_fill_rgb(r, g, b);
    }
    if let Some(stroke) = stroke {
        pen(content, stroke)?;
    }
    match &shape.geometry {
        Geometry::Line(to) => {
            content.move_to(points(at.x), points(at.y)).line_to(points(at.x + to.x), points(at.y + to.y));
        }
        Geometry::Rect(size) => {
            content.rect(points(at.x), points(at.y), points(size.x), points(size.y));
        }
        Geometry::Curve(curve) => path(content, at, curve),
    }
    match (fill, stroke, shape.fill_rule) {
        (Some(_), Some(_), FillRule::NonZero) => content.fill_nonzero_and_stroke(),
        (Some(_), Some(_), FillRule::EvenOdd) => content.fill_even_odd_and_stroke(),
        (Some(_), None, FillRule::NonZero) => content.fill_nonzero(),
        (Some(_), None, FillRule::EvenOdd) => content.fill_even_odd(),
        (None, Some(_), _) => content.stroke(),
        (None, None, _) => content.end_path(),
    };
    Ok(())
}

fn pen(content: &mut Content, stroke: &FixedStroke) -> Result<(), Foreign> {
    let [r, g, b] = solid(&stroke.paint)?;
    content.set_stroke_rgb(r, g, b).set_line_width(points(stroke.thickness)).set_miter_limit(stroke.miter_limit.get() as f32);
    content.set_line_cap(match stroke.cap {
        LineCap::Butt => LineCapStyle::ButtCap,
        LineCap::Round => LineCapStyle::RoundCap,
        LineCap::Square => LineCapStyle::ProjectingSquareCap,
    });
    content.set_line_join(match stroke.join {
        LineJoin::Miter => LineJoinStyle::MiterJoin,
        LineJoin::Round => LineJoinStyle::RoundJoin,
        LineJoin::Bevel => LineJoinStyle::BevelJoin,
    });
    match &stroke.dash {
        Some(dash) => content.set_dash_pattern(dash.array.iter().map(|length| points(*length)), points(dash.phase)),
        None => content.set_dash_pattern([], 0.0),
    };
    Ok(())
}

fn path(content: &mut Content, at: Point, curve: &Curve) {
    let p = |point: &Point| (points(at.x + point.x), points(at.y + point.y));
    for item in &curve.0 {
        match item {
            CurveItem::Move(to) => {
                let (x, y) = p(to);
                content.move_to(x, y);
            }
            CurveItem::Line(to) => {
                let (x, y) = p(to);
                content.line_to(x, y);
            }
            CurveItem::Cubic(a, b, to) => {
                let ((ax, ay), (bx, by), (x, y)) = (p(a), p(b), p(to));
                content.cubic_to(ax, ay, bx, by, x, y);
            }
            CurveItem::Close => {
                content.close_path();
            }
        }
    }
}

/// Red, green and blue of an opaque paint.
fn solid(paint: &Paint) -> Result<[f32; 3], Foreign> {
    let Paint::Solid(color @ Color::Process(_)) = paint else { return Err(Foreign) };
    if color.alpha().is_some_and(|alpha| alpha < 1.0) {
        return Err(Foreign);
    }
    let [r, g, b, _] = Color::from(color.to_rgb()).to_vec4();
    Ok([r, g, b])
}

fn points(length: Abs) -> f32 {
    length.to_pt() as f32
}
