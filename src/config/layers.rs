//! Layers of a config: the file, the files that it includes, the environment (`REDRESS__SMTP__PORT`). The `config` crate lays
//! them over one another; beside it goes a sheet of places, so that every later complaint has its file and line.
//! Nothing is interpreted here and no value is guessed from its looks: the environment gives texts, `section.rs` reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use config::{Map, Source, Value, ValueKind};
use toml::de::{DeArray, DeTable, DeValue};

use super::mistake::{Mistake, Place};

/// Prefix of the environment variables that override keys.
const PREFIX: &str = "REDRESS__";

/// Lists that grow with each file instead of being replaced by the later one.
const LISTS: [&str; 4] = ["mailboxes", "people", "units", "web_forms"];

/// Tables whose keys are the writer's own words, in any script.
const FREE: [&str; 1] = ["labels"];

/// What came of laying the layers.
pub(super) struct Laid {
    /// The merged keys.
    pub root: Value,
    /// Where each key was written, by its path (`units[2].head`).
    pub places: BTreeMap<String, Place>,
    /// The folder of the file in which each key was written, where that is not the main file's.
    pub folders: BTreeMap<String, PathBuf>,
    /// What could not be laid.
    pub mistakes: Vec<Mistake>,
    /// A file could not be read whole: what seems missing may stand in it.
    pub broken: bool,
}

/// Reads `path`, its includes and the environment.
pub(super) fn lay(path: &Path, env: &BTreeMap<String, String>) -> Laid {
    let mut stack = Stack::default();
    stack.file(path, None);
    stack.environment(env);
    let mut builder = config::Config::builder();
    for layer in stack.layers {
        builder = builder.add_source(layer);
    }
    // `Layer` never fails to collect, which is the only thing that makes this fail.
    let root = builder.build().map_or_else(|_| Value::new(None, ValueKind::Table(Map::new())), |config| config.cache);
    Laid { root, places: stack.places, folders: stack.folders, mistakes: stack.mistakes, broken: stack.broken }
}

/// Where each key of one more file was written: a profile, a survey.
#[derive(Debug, Clone)]
pub struct Places {
    file: String,
    keys: BTreeMap<String, Place>,
}

impl Places {
    /// Of a file's text, under the name it is told by.
    #[must_use]
    pub fn of(file: &str, text: &str) -> Self {
        let mut stack = Stack::default();
        let (table, _) = DeTable::parse_recoverable(text);
        let lines = Lines::of(text);
        let (folder, layer, includes) = (Path::new(""), Layer::default(), Vec::new());
        Flat { file, folder, main: true, lines: &lines, stack: &mut stack, layer, includes }.table("", table.get_ref());
        Self { file: file.to_owned(), keys: stack.places }
    }

    /// Where `key` was written (`chains[1].steps[0].any_of`): the nearest table around it when it was not.
    #[must_use]
    pub fn place(&self, key: &str) -> Place {
        let mut key = key;
        loop {
            if let Some(place) = self.keys.get(key) {
                return place.clone();
            }
            match key.rfind(['.', '[']) {
                Some(cut) => key = key.get(..cut).unwrap_or_default(),
                None => return Place::File { file: self.file.clone(), line: 1 },
            }
        }
    }
}

#[derive(Default)]
struct Stack {
    layers: Vec<Layer>,
    places: BTreeMap<String, Place>,
    folders: BTreeMap<String, PathBuf>,
    mistakes: Vec<Mistake>,
    broken: bool,
    seen: BTreeSet<PathBuf>,
    /// How many entries of each growing list earlier files have given.
    grown: BTreeMap<String, usize>,
}

/// One file's or the environment's keys as paths that `config` understands.
#[derive(Debug, Clone, Default)]
struct Layer(Vec<(String, Value)>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.iter().cloned().collect())
    }
}

impl Stack {
    /// A file and then what it includes; `named` is where it is included, `None` for the main file.
    fn file(&mut self, path: &Path, named: Option<&Place>) {
        let file = path.display().to_string();
        if !self.seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned())) {
            let place = named.cloned().unwrap_or(Place::File { file, line: 1 });
            self.complain(place, "include", "this file is included already", "include every file once");
            return;
        }
        let text = match std::fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => return self.break_off(Place::File { file, line: 1 }, "", "the file is not UTF-8", "save it as UTF-8"),
            Err(error) => {
                let hint = "name a file that the service may read, with --config, REDRESS_CONFIG or include";
                let what = format!("cannot be read ({})", error.kind());
                let place = named.cloned().unwrap_or(Place::File { file, line: 1 });
                return self.break_off(place, if named.is_some() { "include" } else { "" }, &what, hint);
            }
        };
        let (table, errors) = DeTable::parse_recoverable(text.trim_start_matches('\u{feff}'));
        let lines = Lines::of(text.trim_start_matches('\u{feff}'));
        for error in &errors {
            let line = error.span().map_or(1, |span| lines.line(span.start));
            let what = error.message().lines().next().unwrap_or_default().to_owned();
            self.break_off(Place::File { file: file.clone(), line }, "", &what, "correct the TOML of this line; texts stand in \"quotes\"");
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut flat = Flat {
            file: &file,
            folder: &folder,
            main: named.is_none(),
            lines: &lines,
            stack: self,
            layer: Layer::default(),
            includes: Vec::new(),
        };
        flat.table("", table.get_ref());
        let (layer, includes) = (flat.layer, flat.includes);
        self.layers.push(layer);
        for (list, key) in LISTS.iter().map(|list| (*list, table.get_ref())) {
            let more = key.get(list).and_then(|value| value.get_ref().as_array()).map_or(0, |array| array.len());
            *self.grown.entry(list.to_owned()).or_default() += more;
        }
        for (name, place) in includes {
            self.file(&folder.join(name), Some(&place));
        }
    }

    fn environment(&mut self, env: &BTreeMap<String, String>) {
        let mut layer = Layer::default();
        for (name, text) in env {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let Some(path) = env_path(rest) else {
                self.complain(
                    Place::Env(name.clone()),
                    "",
                    "names no key",
                    "write REDRESS__SMTP__PORT, or REDRESS__MAILBOXES__0__IMAP__PORT",
                );
                continue;
            };
            let around = path.match_indices(['.', '[']).filter_map(|(cut, _)| path.get(..cut));
            for table in around {
                self.places.entry(table.to_owned()).or_insert_with(|| Place::Env(name.clone()));
            }
            self.places.insert(path.clone(), Place::Env(name.clone()));
            layer.0.push((path, Value::new(None, ValueKind::String(text.clone()))));
        }
        self.layers.push(layer);
    }

    /// Complains about something after which part of a file is unknown.
    fn break_off(&mut self, place: Place, key: &str, what: &str, hint: &str) {
        self.broken = true;
        self.complain(place, key, what, hint);
    }

    fn complain(&mut self, place: Place, key: &str, what: &str, hint: &str) {
        self.mistakes.push(Mistake { place, key: key.to_owned(), what: what.to_owned(), hint: hint.to_owned() });
    }
}

/// `MAILBOXES__0__IMAP__PORT` as `mailboxes[0].imap.port`; `None` when it is no key.
fn env_path(name: &str) -> Option<String> {
    let mut path = String::new();
    for part in name.to_lowercase().split("__") {
        match part.parse::<usize>() {
            // An index far past the end would be filled up to there.
            Ok(index) if index < 1000 && !path.is_empty() => path.extend(["[", &index.to_string(), "]"]),
            Ok(_) => return None,
            Err(_) if part.is_empty() || !part.bytes().all(plain) => return None,
            Err(_) => {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(part);
            }
        }
    }
    Some(path)
}

/// Bytes that the `config` crate takes in a key.
fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Flattens one file into paths.
struct Flat<'a> {
    file: &'a str,
    folder: &'a Path,
    main: bool,
    lines: &'a Lines,
    stack: &'a mut Stack,
    layer: Layer,
    includes: Vec<(String, Place)>,
}

impl Flat<'_> {
    fn place(&self, offset: usize) -> Place {
        Place::File { file: self.file.to_owned(), line: self.lines.line(offset) }
    }

    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name: &str = key.get_ref();
            let place = self.place(key.span().start);
            if !name.bytes().all(plain) || name.is_empty() {
                self.stack.complain(place, name, "unknown key", "keys are small Latin letters and _");
                continue;
            }
            if path.is_empty() && name == "include" {
                self.include(&place, value.get_ref());
                continue;
            }
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            self.value(&path, place, value.get_ref());
        }
    }

    fn value(&mut self, path: &str, place: Place, value: &DeValue<'_>) {
        let kind = match value {
            DeValue::Table(table) if FREE.iter().any(|free| path.strip_suffix(free).is_some_and(|p| p.ends_with('.'))) => {
                let mut pairs = Map::new();
                for (key, value) in table {
                    let name: &str = key.get_ref();
                    let place = self.place(key.span().start);
                    self.note(&format!("{path}.{name}"), place);
                    pairs.insert(name.to_owned(), Value::new(None, scalar(value.get_ref())));
                }
                ValueKind::Table(pairs)
            }
            DeValue::Table(table) => {
                self.stack.places.entry(path.to_owned()).or_insert(place);
                if table.is_empty() {
                    self.layer.0.push((path.to_owned(), Value::new(None, ValueKind::Table(Map::new()))));
                }
                return self.table(path, table);
            }
            DeValue::Array(array) if array.iter().any(|item| item.get_ref().is_table()) => return self.tables(path, place, array),
            DeValue::Array(array) => ValueKind::Array(array.iter().map(|item| Value::new(None, scalar(item.get_ref()))).collect()),
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => scalar(value),
        };
        self.note(path, place);
        self.layer.0.push((path.to_owned(), Value::new(None, kind)));
    }

    fn tables(&mut self, path: &str, place: Place, array: &DeArray<'_>) {
        let before = if path.contains(['.', '[']) { 0 } else { self.stack.grown.get(path).copied().unwrap_or(0) };
        if before == 0 {
            self.note(path, place);
        }
        for (index, item) in array.iter().enumerate() {
            let place = self.place(item.span().start);
            self.value(&format!("{path}[{}]", before + index), place, item.get_ref());
        }
    }

    fn include(&mut self, place: &Place, value: &DeValue<'_>) {
        let names: Option<Vec<String>> =
            value.as_array().and_then(|array| array.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect());
        match names {
            Some(names) => self.includes.extend(names.into_iter().map(|name| (name, place.clone()))),
            None => self.stack.complain(place.clone(), "include", "is no list of texts", "write include = [\"units.toml\"]"),
        }
    }

    fn note(&mut self, path: &str, place: Place) {
        self.stack.places.insert(path.to_owned(), place);
        if !self.main {
            self.stack.folders.insert(path.to_owned(), self.folder.to_owned());
        }
    }
}

fn scalar(value: &DeValue<'_>) -> ValueKind {
    match value {
        DeValue::String(text) => ValueKind::String(text.clone().into_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).map_or(ValueKind::Nil, ValueKind::I64)
        }
        DeValue::Float(number) => number.as_str().parse().map_or(ValueKind::Nil, ValueKind::Float),
        DeValue::Boolean(yes) => ValueKind::Boolean(*yes),
        // A date without quotes reads like one with.
        DeValue::Datetime(at) => ValueKind::String(at.to_string()),
        DeValue::Array(items) => ValueKind::Array(items.iter().map(|item| Value::new(None, scalar(item.get_ref()))).collect()),
        DeValue::Table(_) => ValueKind::Nil,
    }
}

/// Finds lines by byte offset.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line of `offset`, from 1.
    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}
