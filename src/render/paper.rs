//! Forms as PDF by typst, as a library: our own little world without files, network or today's date; the same data gives the same bytes.
//! Fonts are mapped, not copied. Who calls it: desk (forms beside mails) and cli, in `spawn_blocking`, from several threads at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};
use memmap2::{Mmap, UncheckedAdvice};
use typst::diag::{FileError, FileResult, SourceDiagnostic, SourceResult};
use typst::foundations::{Array, Bytes, Datetime, Dict, Duration, Smart, Str, Value};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use super::Error;
use super::pdf::Foreign;
use super::pdf_font::Ready;
use super::sheet::Sheet;

static FORMS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/zh-TW/forms");

/// The layout for every form that brings none of its own.
const COMMON: &str = "sheet";
/// Who made the file, in its properties.
const CREATOR: &str = "redress";
/// After how many sheets cached layout is looked through, and how many times a piece of it outlives that without being used.
const EVICT: usize = 4;
const CACHE_AGE: usize = 2;

/// Characters that nearly every filled form shows.
const USUAL: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@.,:-_()/";

/// Lines of a text with which a form is surely longer than a page.
const PAGE: usize = 24;

/// After how many sheets the fonts' pages are handed back to the kernel: each sheet touches a few hundred glyphs, scattered over the whole file.
const HAND_BACK: usize = 64;

/// Families that the forms are set in, best first; those found are offered to the template in this order.
const FAMILIES: [&str; 9] = [
    "TW-Kai",
    "BiauKai",
    "DFKai-SB",
    "AR PL UKai TW",
    "TW-Kai-Ext-B",
    "TW-Kai-Plus",
    "Noto Serif CJK TC",
    "Noto Sans CJK TC",
    "DejaVu Sans",
];

/// The press: fonts and layouts, ready to print. Share it behind an `Arc`; printing needs no lock of ours.
#[derive(Debug)]
pub struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    maps: Vec<Arc<Mmap>>,
    printed: AtomicUsize,
    layouts: BTreeMap<String, Source>,
    forms: BTreeMap<String, Sheet>,
    bases: BTreeMap<String, OnceLock<Vec<Ready>>>,
    data: FileId,
}

/// A font file's bytes, mapped for as long as a font uses them. Until it is `named` it shows its file's path: typst asks a font for its
/// hash once and remembers it, and would read 65 MB into memory for what the path tells as well.
struct Mapped {
    map: Arc<Mmap>,
    path: Vec<u8>,
    named: Arc<AtomicBool>,
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        if self.named.load(Ordering::Relaxed) { &self.map } else { &self.path }
    }
}

/// One typesetting: the press and the data that is printed.
struct Job<'a> {
    press: &'a Press,
    layout: &'a Source,
    data: Bytes,
}

impl Press {
    /// Where Debian's packages `fonts-cns11643-kai` (the government's own 楷體), `fonts-arphic-ukai`, `fonts-noto-cjk` and `fonts-dejavu-core` put
    /// the fonts that forms use; only files that are there.
    #[must_use]
    pub fn default_fonts() -> Vec<PathBuf> {
        const PLACES: [&str; 8] = [
            "truetype/cns11643/TW-Kai-98_1.ttf",
            "truetype/cns11643/TW-Kai-Ext-B-98_1.ttf",
            "truetype/cns11643/TW-Kai-Plus-98_1.ttf",
            "truetype/arphic/ukai.ttc",
            "opentype/noto/NotoSerifCJK-Regular.ttc",
            "opentype/noto/NotoSansCJK-Regular.ttc",
            "truetype/noto/NotoSansCJK-Regular.ttc",
            "truetype/dejavu/DejaVuSans.ttf",
        ];
        let roots = ["/usr/share/fonts", "/usr/local/share/fonts"];
        let all = roots.iter().flat_map(|root| PLACES.iter().map(move |place| Path::new(root).join(place)));
        all.filter(|path| path.is_file()).collect()
    }

    /// Starts the threads on which pages are set. At the first page typst's library would do so, and where the system refuses them then, every
    /// page panics until the process ends: so it is done before anything else, and again does nothing.
    ///
    /// # Errors
    /// What the system says: too little memory, or too many tasks.
    pub fn threads() -> std::io::Result<()> {
        match rayon_core::ThreadPoolBuilder::new().thread_name(|n| format!("typeset-{n}")).build_global() {
            Err(error) if std::error::Error::source(&error).is_some() => Err(std::io::Error::other(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Opens the press with these font files (empty: `default_fonts`).
    ///
    /// # Errors
    /// `Read` or `NotAFont` for a file that is no good, `NoFont` when none is left, `Template` when a built-in form is wrong.
    pub fn open(fonts: &[PathBuf]) -> Result<Self, Error> {
        let paths = if fonts.is_empty() { Self::default_fonts() } else { fonts.to_vec() };
        let (mut loaded, mut maps) = (Vec::new(), Vec::new());
        for path in &paths {
            let (map, fonts) = faces(path)?;
            maps.push(map);
            loaded.extend(fonts);
        }
        if loaded.is_empty() {
            return Err(Error::NoFont(paths));
        }
        let book = FontBook::from_fonts(&loaded);
        let mut families: Vec<&str> = FAMILIES.into_iter().filter(|family| book.contains_family(&family.to_lowercase())).collect();
        for font in &loaded {
            let family = font.info().family.as_str();
            if !families.contains(&family) {
                families.push(family);
            }
        }
        let families: Array = families.into_iter().map(|family| Value::Str(Str::from(family))).collect();
        let mut inputs = Dict::new();
        inputs.insert(Str::from("fonts"), Value::Array(families));
        let library = Library::builder().with_inputs(inputs).build();
        let mut press = Self {
            library: LazyHash::new(library),
            book: LazyHash::new(book),
            fonts: loaded,
            maps,
            printed: AtomicUsize::new(0),
            layouts: BTreeMap::new(),
            forms: BTreeMap::new(),
            bases: BTreeMap::new(),
            data: file_id("data.json")?,
        };
        press.take(&FORMS)?;
        press.maps.iter().for_each(|map| hand_back(map));
        Ok(press)
    }

    /// Adds the layouts (`.typ`) and forms (`.toml`) of `<overlay>/zh-TW/forms`, in place of built-in ones of the same name.
    ///
    /// # Errors
    /// `Read` when the folder cannot be read, `Template` when a form is wrong.
    pub fn with_overlay(mut self, overlay: &Path) -> Result<Self, Error> {
        let root = overlay.join("zh-TW/forms");
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let read = |source| Error::Read { path: folder.clone(), source };
            if !folder.is_dir() {
                continue;
            }
            for entry in std::fs::read_dir(&folder).map_err(read)? {
                let path = entry.map_err(read)?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(name) = path.strip_prefix(&root).ok().and_then(Path::to_str) {
                    let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
                    self.add(name, text)?;
                }
            }
        }
        Ok(self)
    }

    fn take(&mut self, folder: &Dir<'_>) -> Result<(), Error> {
        for file in folder.files() {
            if let (Some(name), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                self.add(name, text.to_owned())?;
            }
        }
        for below in folder.dirs() {
            self.take(below)?;
        }
        Ok(())
    }

    fn add(&mut self, name: &str, text: String) -> Result<(), Error> {
        if let Some(layout) = name.strip_suffix(".typ") {
            self.layouts.insert(layout.to_owned(), Source::new(file_id(name)?, text));
        } else if let Some(form) = name.strip_suffix(".toml") {
            let sheet = toml::from_str(&text).map_err(|error| Error::Template { name: format!("forms/{name}"), why: error.to_string() })?;
            self.forms.insert(form.to_owned(), sheet);
            self.bases.insert(form.to_owned(), OnceLock::new());
        }
        Ok(())
    }

    /// Forgets cached layout and hands the fonts' pages back; for when nothing has been printed for a while.
    pub fn rest(&self) {
        comemo::evict(0);
        self.maps.iter().for_each(|map| hand_back(map));
    }

    /// Prints a blank sheet of a profile's folder, so that the next one is set as fast as any.
    pub fn warm(&self, folder: &str) {
        let first = self.forms.iter().find(|(name, _)| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
        if let Some((name, blank)) = first {
            let _ = self.sheet(name, &blank.to_json());
        }
    }

    /// A form as it is before anything is filled in (`kmu/record`); `Sheet::filled` fills it.
    ///
    /// # Errors
    /// `NoForm` when there is none of that name.
    pub fn form(&self, name: &str) -> Result<&Sheet, Error> {
        self.forms.get(name).ok_or_else(|| Error::NoForm(name.to_owned()))
    }

    /// The names of all forms.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        self.forms.keys().map(String::as_str)
    }

    /// Prints `data` (a `Sheet` as JSON) in the form's own layout, else in the common one, as PDF.
    ///
    /// # Errors
    /// `NoForm` when there is no layout, `Typeset` when typst refuses.
    pub fn sheet(&self, form: &str, data: &serde_json::Value) -> Result<Vec<u8>, Error> {
        let layout = self.layouts.get(form).or_else(|| self.layouts.get(COMMON)).ok_or_else(|| Error::NoForm(form.to_owned()))?;
        let trouble = |errors: &[SourceDiagnostic]| Error::Typeset {
            form: form.to_owned(),
            why: errors.iter().take(3).map(|error| error.message.to_string()).collect::<Vec<_>>().join("; "),
        };
        // Set as if it were one page, which most are: pages are counted, at twice the cost, only where there are more.
        let single = lines(data) < PAGE;
        let mut document = self.typeset(layout, data, single).map_err(|errors| trouble(&errors))?;
        if single && document.pages().len() > 1 {
            document = self.typeset(layout, data, false).map_err(|errors| trouble(&errors))?;
        }
        let pdf = match super::pdf::write(&document, form, CREATOR, self.base(form, layout)) {
            Ok(bytes) => Ok(bytes),
            Err(Foreign) => exported(&document, form).map_err(|errors| trouble(&errors)),
        };
        let printed = self.printed.fetch_add(1, Ordering::Relaxed);
        if printed % EVICT == EVICT - 1 {
            comemo::evict(CACHE_AGE);
        }
        if printed % HAND_BACK == HAND_BACK - 1 {
            self.maps.iter().for_each(|map| hand_back(map));
        }
        pdf
    }

    /// The fonts of the blank form with the characters that nearly every filled one adds; made at its first print.
    fn base(&self, form: &str, layout: &Source) -> &[Ready] {
        let (Some(blank), Some(base)) = (self.forms.get(form), self.bases.get(form)) else { return &[] };
        base.get_or_init(|| {
            let usual = BTreeMap::from([("number".to_owned(), USUAL.to_owned())]);
            self.typeset(layout, &blank.filled(&usual).to_json(), true).map(|document| super::pdf::base(&document)).unwrap_or_default()
        })
    }

    /// `single`: the layout may take it that there is one page.
    fn typeset(&self, layout: &Source, data: &serde_json::Value, single: bool) -> SourceResult<PagedDocument> {
        let mut data = data.clone();
        if let Some(fields) = data.as_object_mut() {
            fields.insert("single".to_owned(), single.into());
        }
        let job = Job { press: self, layout, data: Bytes::new(data.to_string().into_bytes()) };
        typst::compile::<PagedDocument>(&job).output
    }
}

impl World for Job<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.layout.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.layout.id() { Ok(self.layout.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.press.data { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// How many lines the longest text of a form takes, roughly.
fn lines(data: &serde_json::Value) -> usize {
    match data {
        serde_json::Value::String(text) => text.split('\n').map(|line| line.chars().count() / 40 + 1).sum(),
        serde_json::Value::Array(values) => values.iter().map(lines).max().unwrap_or(0),
        serde_json::Value::Object(fields) => fields.values().map(lines).max().unwrap_or(0),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => 0,
    }
}

/// Any document that typst can set, by its own exporter.
fn exported(document: &PagedDocument, form: &str) -> SourceResult<Vec<u8>> {
    let options = PdfOptions {
        ident: Smart::Custom(form.to_owned()),
        creator: Smart::Custom(Some(CREATOR.to_owned())),
        timestamp: None,
        tagged: false,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options)
}

fn file_id(name: &str) -> Result<FileId, Error> {
    let path = VirtualPath::new(name).map_err(|error| Error::Template { name: name.to_owned(), why: format!("{error:?}") })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The faces of a font file that forms use (all, when it has none of `FAMILIES`), its bytes mapped into memory.
#[expect(unsafe_code, reason = "fonts of 50 MB are mapped instead of copied; memmap2 has no safe way to map a file")]
fn faces(path: &Path) -> Result<(Arc<Mmap>, Vec<Font>), Error> {
    let read = |source| Error::Read { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(read)?;
    // SAFETY: the mapping is private and read-only, of a file that packages install and replace by renaming; nobody writes into it in place.
    let map = Arc::new(unsafe { Mmap::map(&file) }.map_err(read)?);
    let named = Arc::new(AtomicBool::new(false));
    let bytes = Bytes::new(Mapped { map: Arc::clone(&map), path: path.as_os_str().as_encoded_bytes().to_vec(), named: Arc::clone(&named) });
    // Before any font borrows the bytes: from here on they are the file's, and their hash is the path's.
    typst::utils::hash128(&bytes);
    named.store(true, Ordering::Relaxed);
    let mut fonts: Vec<Font> = Font::iter(bytes).collect();
    if fonts.is_empty() {
        return Err(Error::NotAFont(path.to_owned()));
    }
    if fonts.iter().any(wanted) {
        fonts.retain(wanted);
    }
    hand_back(&map); // at once: what was looked at here lies scattered over the file
    Ok((map, fonts))
}

/// Gives the pages of a font back to the kernel; those that are needed again are read again, mostly from its cache.
#[expect(unsafe_code, reason = "memmap2 marks this advice unsafe because it would lose what was written into a mapping")]
fn hand_back(map: &Mmap) {
    // SAFETY: the mapping is private and read-only and nothing was written into it, so what is read again is the same.
    // Refusal by the kernel costs memory, nothing else.
    drop(unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) });
}

fn wanted(font: &Font) -> bool {
    FAMILIES.contains(&font.info().family.as_str())
}
