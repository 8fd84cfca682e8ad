//! Reads one table of the merged config: asks for its keys by name, so that the keys asked for are the keys that exist, and
//! notes every mistake instead of stopping at the first. The environment gives texts; here they become numbers and lists.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use config::{Map, Value, ValueKind};
use secrecy::SecretString;

use super::layers::Laid;
use super::mistake::{Mistake, Mistakes, Place, nearest};
use crate::calendar::{Date, Hour, Length, roc};

/// Everything that is known while a config is read, and what was found wrong.
pub(super) struct Sheet {
    root: Map<String, Value>,
    places: BTreeMap<String, Place>,
    folders: BTreeMap<String, PathBuf>,
    main: PathBuf,
    /// Files could not be read whole: what seems missing may stand there.
    broken: bool,
    /// Every key that was asked for, with `[]` for an index: the keys that exist.
    asked: RefCell<BTreeSet<String>>,
    mistakes: RefCell<Vec<Mistake>>,
    warnings: RefCell<Vec<Mistake>>,
}

impl Sheet {
    pub fn new(laid: Laid, main: &Path) -> Self {
        let ValueKind::Table(root) = laid.root.kind else {
            return Self::new(Laid { root: Value::new(None, ValueKind::Table(Map::new())), ..laid }, main);
        };
        Self {
            root,
            places: laid.places,
            folders: laid.folders,
            main: main.to_owned(),
            broken: laid.broken,
            asked: RefCell::default(),
            mistakes: RefCell::new(laid.mistakes),
            warnings: RefCell::default(),
        }
    }

    /// Whether everything that was written could be read, so that conclusions may be drawn from what is not there.
    pub fn is_whole(&self) -> bool {
        !self.broken
    }

    /// Where `path` was written: the nearest table around it when it was not.
    pub fn place(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return place.clone();
            }
            match path.rfind(['.', '[']) {
                Some(cut) => path = path.get(..cut).unwrap_or_default(),
                None => return Place::File { file: self.main.display().to_string(), line: 1 },
            }
        }
    }

    /// A path of a file as written beside `key`: relative to the file that names it.
    pub fn resolve(&self, key: &str, written: &str) -> PathBuf {
        let folder = self.folders.get(key).map(PathBuf::as_path).or_else(|| self.main.parent()).unwrap_or(Path::new(""));
        folder.join(written)
    }

    pub fn mistake(&self, path: &str, what: impl Into<String>, hint: impl Into<String>) {
        let place = self.place(path);
        let found = Mistake { place, key: path.to_owned(), what: what.into(), hint: hint.into() };
        // A line that is not even TOML has been complained about.
        let known = self.mistakes.borrow().iter().any(|old| old.key.is_empty() && old.place == found.place);
        if !known {
            self.mistakes.borrow_mut().push(found);
        }
    }

    /// Notes a mistake of another file.
    pub fn elsewhere(&self, mistake: Mistake) {
        self.mistakes.borrow_mut().push(mistake);
    }

    pub fn warning(&self, path: &str, what: impl Into<String>, hint: impl Into<String>) {
        self.warnings.borrow_mut().push(Mistake { place: self.place(path), key: path.to_owned(), what: what.into(), hint: hint.into() });
    }

    pub fn places(&self) -> &BTreeMap<String, Place> {
        &self.places
    }

    pub fn root(&self) -> Section<'_> {
        Section { sheet: self, path: String::new(), table: Some(&self.root), asked: Vec::new() }
    }

    /// Every key that was asked for, with `[]` for an index.
    #[cfg(test)]
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// Whether a mistake was noted for this key or for one below it.
    pub fn complains_of(&self, key: &str) -> bool {
        self.mistakes.borrow().iter().any(|m| m.key.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])))
    }

    /// The warnings, or every mistake in the order of files and lines; the main file's first.
    pub fn finish(self) -> Result<Vec<Mistake>, Mistakes> {
        let main = self.main.display().to_string();
        let order = |mistake: &Mistake| match &mistake.place {
            Place::File { file, line } => (usize::from(*file != main), file.clone(), *line, mistake.key.clone()),
            Place::Env(name) => (2, name.clone(), 0, mistake.key.clone()),
        };
        let (mut mistakes, mut warnings) = (self.mistakes.into_inner(), self.warnings.into_inner());
        mistakes.sort_by_key(order);
        mistakes.dedup();
        warnings.sort_by_key(order);
        if mistakes.is_empty() { Ok(warnings) } else { Err(Mistakes(mistakes)) }
    }
}

/// One table and the keys that were asked of it. Call [`Section::done`] when all were.
pub(super) struct Section<'a> {
    pub sheet: &'a Sheet,
    pub path: String,
    table: Option<&'a Map<String, Value>>,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The full path of a key of this table.
    pub fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub fn mistake(&self, name: &str, what: impl Into<String>, hint: impl Into<String>) {
        self.sheet.mistake(&self.key(name), what, hint);
    }

    /// Whether the table was written at all.
    pub fn exists(&self) -> bool {
        self.table.is_some()
    }

    /// Whether the key was written; does not count as asking for it.
    pub fn has(&self, name: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(name))
    }

    fn ask(&mut self, name: &'static str) -> Option<&'a ValueKind> {
        self.asked.push(name);
        self.table.and_then(|table| table.get(name)).map(|value| &value.kind)
    }

    pub fn is_environment(&self, name: &str) -> bool {
        matches!(self.sheet.places.get(&self.key(name)), Some(Place::Env(_)))
    }

    /// Notes that a key without a default is not there.
    pub fn missing(&self, name: &str, example: &str) {
        if self.sheet.is_whole() {
            self.mistake(name, "missing", format!("write {example}"));
        }
    }

    /// A table in this table; one that is not written reads as empty.
    pub fn section(&mut self, name: &'static str) -> Section<'a> {
        let table = match self.ask(name) {
            Some(ValueKind::Table(table)) => Some(table),
            Some(_) => {
                self.mistake(name, "is no table", format!("write [{}]", self.key(name)));
                None
            }
            None => None,
        };
        Section { sheet: self.sheet, path: self.key(name), table, asked: Vec::new() }
    }

    /// A list of tables; empty when it is not written.
    pub fn sections(&mut self, name: &'static str) -> Vec<Section<'a>> {
        let items = match self.ask(name) {
            Some(ValueKind::Array(items)) => items.as_slice(),
            Some(_) => {
                self.mistake(name, "is no list of tables", format!("write [[{name}]], or {name} = [{{ … }}]"));
                &[]
            }
            None => &[],
        };
        let mut sections = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}[{index}]", self.key(name));
            match &item.kind {
                ValueKind::Table(table) => sections.push(Section { sheet: self.sheet, path, table: Some(table), asked: Vec::new() }),
                _ => self.sheet.mistake(&path, "is no table", format!("write {{ … }} for each entry of {name}")),
            }
        }
        sections
    }

    /// A text that may be absent; one of blanks alone is a mistake.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        match self.ask(name)? {
            ValueKind::String(text) if text.trim().is_empty() => {
                self.mistake(name, "is empty", "write something or leave the key out");
                None
            }
            ValueKind::String(text) => Some(text.trim().to_owned()),
            ValueKind::I64(number) => {
                self.mistake(name, "is no text", format!("write {name} = \"{number}\""));
                None
            }
            _ => {
                self.mistake(name, "is no text", format!("write {name} = \"…\""));
                None
            }
        }
    }

    /// A text as it stands, blanks and all.
    pub fn secret_text(&mut self, name: &'static str) -> Option<SecretString> {
        let whole = self
            .table
            .and_then(|table| table.get(name))
            .and_then(|value| if let ValueKind::String(text) = &value.kind { Some(text) } else { None });
        self.text(name).and(whole).map(|text| SecretString::from(text.as_str()))
    }

    /// A text that must be there.
    pub fn needed(&mut self, name: &'static str, example: &str) -> String {
        if !self.has(name) {
            self.missing(name, example);
        }
        self.text(name).unwrap_or_default()
    }

    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
        let env = self.is_environment(name);
        match self.ask(name) {
            None => default,
            Some(ValueKind::Boolean(yes)) => *yes,
            Some(ValueKind::String(text)) if env && matches!(text.trim(), "true" | "false") => text.trim() == "true",
            Some(_) => {
                self.mistake(name, "is neither true nor false", format!("write {name} = true or {name} = false, without quotes"));
                default
            }
        }
    }

    /// A whole number within `range`.
    pub fn number(&mut self, name: &'static str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let env = self.is_environment(name);
        let number = match self.ask(name)? {
            ValueKind::I64(number) => Some(*number),
            ValueKind::String(text) if env => text.trim().parse().ok(),
            _ => None,
        };
        let hint = || format!("write a number from {} to {}, without quotes", range.start(), range.end());
        match number {
            None => self.mistake(name, "is no whole number", hint()),
            Some(number) if !range.contains(&number) => self.mistake(name, format!("{number} is out of range"), hint()),
            Some(number) => return Some(number),
        }
        None
    }

    /// A list of texts; the environment gives them with commas.
    pub fn texts(&mut self, name: &'static str) -> Vec<String> {
        let env = self.is_environment(name);
        let hint = format!("write {name} = [\"…\", \"…\"]");
        match self.ask(name) {
            None => Vec::new(),
            Some(ValueKind::String(text)) if env => text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect(),
            Some(ValueKind::Array(items)) => {
                let texts: Vec<String> = items
                    .iter()
                    .filter_map(|item| if let ValueKind::String(text) = &item.kind { Some(text.trim().to_owned()) } else { None })
                    .collect();
                if texts.len() != items.len() || texts.iter().any(String::is_empty) {
                    self.mistake(name, "is no list of texts", hint);
                }
                texts.into_iter().filter(|text| !text.is_empty()).collect()
            }
            Some(_) => {
                self.mistake(name, "is no list of texts", hint);
                Vec::new()
            }
        }
    }

    /// A table of texts, as typed: names of the writer's own choice, each with a text.
    pub fn pairs(&mut self, name: &'static str) -> BTreeMap<String, String> {
        let hint = || format!("write {name} = {{ \"您的大名\" = \"name\" }}");
        match self.ask(name) {
            None => BTreeMap::new(),
            Some(ValueKind::Table(table)) => {
                let mut pairs = BTreeMap::new();
                for (key, value) in table {
                    match &value.kind {
                        ValueKind::String(text) if !text.trim().is_empty() => {
                            pairs.insert(key.trim().to_owned(), text.trim().to_owned());
                        }
                        _ => self.mistake(&format!("{name}.{key}"), "is no text", hint()),
                    }
                }
                pairs
            }
            Some(_) => {
                self.mistake(name, "is no table of texts", hint());
                BTreeMap::new()
            }
        }
    }

    /// One of a few words; `None` when absent or another word.
    pub fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.mistake(name, format!("`{text}` is not known"), format!("write {}", either(&known)));
        }
        found
    }

    /// An interval that is the same at any start, in seconds, within `range`.
    pub fn seconds(&mut self, name: &'static str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        if let Some(ValueKind::I64(number)) = self.table.and_then(|table| table.get(name)).map(|value| &value.kind) {
            self.asked.push(name);
            self.mistake(name, format!("{number} has no unit"), format!("write {name} = \"{number}s\""));
            return None;
        }
        let text = self.text(name)?;
        let what = match text.parse::<Length>().ok().and_then(|length| length.seconds()) {
            Some(seconds) if range.contains(&seconds) => return Some(seconds),
            Some(_) => format!("`{text}` is out of range"),
            None => format!("`{text}` is no interval"),
        };
        let written = |seconds: i64| Length::Clock(u32::try_from(seconds).unwrap_or(u32::MAX)).to_string();
        self.mistake(name, what, format!("write 60s, 10m, 24h or 7d, from {} to {}", written(*range.start()), written(*range.end())));
        None
    }

    pub fn hour(&mut self, name: &'static str) -> Option<Hour> {
        let text = self.text(name)?;
        let hour = text.parse().ok();
        if hour.is_none() {
            self.mistake(name, format!("`{text}` is no hour of the day"), "write 08:30");
        }
        hour
    }

    pub fn date(&mut self, name: &'static str) -> Option<Date> {
        let text = self.text(name)?;
        let date = roc::parse(&text);
        if date.is_none() {
            self.mistake(name, format!("`{text}` is no date"), "write 2026-12-31 or 115/12/31");
        }
        date
    }

    /// A path relative to the file that names it.
    pub fn path(&mut self, name: &'static str) -> Option<PathBuf> {
        let text = self.text(name)?;
        Some(self.sheet.resolve(&self.key(name), &text))
    }

    /// Complains about every key that nobody asked for.
    pub fn done(self) {
        let path: String =
            self.path.split('[').map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect::<Vec<_>>().join("[");
        let known = self.asked.iter().map(|name| if path.is_empty() { (*name).to_owned() } else { format!("{path}.{name}") });
        self.sheet.asked.borrow_mut().extend(known);
        let Some(table) = self.table else { return };
        let mut unknown: Vec<&String> = table.keys().filter(|key| !self.asked.contains(&key.as_str())).collect();
        unknown.sort();
        for key in unknown {
            let hint = match nearest(key, self.asked.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("known here: {}", self.asked.join(", ")),
            };
            self.mistake(key, "unknown key", hint);
        }
    }
}

/// `a, b or c`.
pub(super) fn either(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
