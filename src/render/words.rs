//! Templates and labels: loaded once from those built in and an overlay folder, rendered many times. Strict: an undefined name is an error.
//! One Tera a language; English falls back to Chinese file by file. Who calls it: desk, survey, cli.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult};

use super::filters;
use super::letter::{Button, Letter, Tone, Written};
use super::{Body, Error};
use crate::domain::Language;

static ZH_TW: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/zh-TW");
static EN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/en");

/// Words that make a button one of approval.
const APPROVAL: [&str; 2] = ["核准", "同意"];

type Labels = BTreeMap<String, String>;

/// All templates and labels, ready to write letters. Cheap to share behind an `Arc`; rendering needs no lock.
#[derive(Debug)]
pub struct Words {
    zh_tw: Voice,
    en: Voice,
}

#[derive(Debug)]
struct Voice {
    tera: Tera,
    labels: Arc<Labels>,
}

/// A button as the templates see it.
#[derive(Serialize)]
struct Shown<'a> {
    act: &'a str,
    label: String,
    href: &'a str,
    tone: Tone,
    hint: String,
}

impl Words {
    /// Loads the built-in templates; files below `overlay` (`zh-TW/letters/answer/body.html`, `en/labels.toml`) stand in for those of the same name,
    /// labels key by key.
    ///
    /// # Errors
    /// `Read` when the folder cannot be read, `Template` when a file is wrong.
    pub fn load(overlay: Option<&Path>) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        embedded("zh-TW", &ZH_TW, &mut files);
        embedded("en", &EN, &mut files);
        let mut labels: BTreeMap<&str, Labels> = BTreeMap::new();
        read_labels(&files, &mut labels)?;
        if let Some(folder) = overlay {
            let mut own = BTreeMap::new();
            on_disk(folder, folder, &mut own)?;
            read_labels(&own, &mut labels)?;
            files.extend(own);
        }
        let zh = labels.remove("zh-TW").unwrap_or_default();
        let mut en = zh.clone();
        en.extend(labels.remove("en").unwrap_or_default());
        Ok(Self {
            zh_tw: Voice::new(Language::ZhTw, &files, &["zh-TW/"], zh)?,
            en: Voice::new(Language::En, &files, &["en/", "zh-TW/"], en)?,
        })
    }

    fn voice(&self, language: Language) -> &Voice {
        match language {
            Language::ZhTw => &self.zh_tw,
            Language::En => &self.en,
        }
    }

    /// The words for a key such as `state.triage`; the key itself where there are none, so that a gap is seen and nothing fails.
    #[must_use]
    pub fn label(&self, language: Language, key: &str) -> String {
        self.voice(language).labels.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// The line above which a reply is read.
    #[must_use]
    pub fn marker(&self, language: Language) -> String {
        self.label(language, "marker")
    }

    /// The words of a button, with 「（核准）」 added to an approval's own label that names neither 核准 nor 同意.
    #[must_use]
    pub fn button_label(&self, language: Language, button: &Button) -> String {
        let label = button.label.clone().unwrap_or_else(|| self.label(language, &format!("act.{}", button.act)));
        if button.act == "approve" && !APPROVAL.iter().any(|word| label.contains(word)) {
            return format!("{label}（{}）", APPROVAL.first().copied().unwrap_or_default());
        }
        label
    }

    /// Writes a letter.
    ///
    /// # Errors
    /// `Template` when a template asks for what is not there; `Rule` when a button that asks for an approval stands in a letter that does not.
    pub fn letter(&self, language: Language, letter: &Letter) -> Result<Written, Error> {
        let kind = letter.body.kind();
        let voice = self.voice(language);
        let mut context = Context::new();
        context.insert("lang", language.tag());
        context.insert("kind", kind.folder());
        context.insert("public", &kind.is_public());
        context.insert("office", &letter.office);
        context.insert("case", &letter.case);
        context.insert("reader", &letter.reader);
        context.insert("letter", &letter.body);
        context.insert("marker", &letter.office.marker.clone().unwrap_or_else(|| self.marker(language)));
        let mut shown = Vec::with_capacity(letter.buttons.len());
        for button in &letter.buttons {
            let label = self.button_label(language, button);
            if !kind.asks_approval() && APPROVAL.iter().any(|word| label.contains(word)) {
                return Err(Error::Rule {
                    letter: kind.folder(),
                    language: language.tag(),
                    why: format!("the button {label:?} asks for an approval"),
                });
            }
            let hint = button.reply_hint.clone().unwrap_or_else(|| format!("hint.{}", button.act));
            shown.push(Shown { act: &button.act, label, href: &button.href, tone: button.tone, hint: self.label(language, &hint) });
        }
        context.insert("buttons", &shown);
        let folder = format!("letters/{}", kind.folder());
        let subject = filters::flat(&voice.render(&format!("{folder}/subject.txt"), &context)?, 200);
        context.insert("subject", &subject);
        let text = filters::tidy_text(&voice.render(&format!("{folder}/body.txt"), &context)?);
        let html = filters::tidy_html(&voice.render(&format!("{folder}/body.html"), &context)?);
        Ok(Written { subject, text, html })
    }

    /// Renders any other template (`survey/page.html`) with `data` as its names; `lang` is set.
    ///
    /// # Errors
    /// `Template` when there is no such template or it asks for what is not there.
    pub fn page(&self, language: Language, template: &str, data: &impl Serialize) -> Result<String, Error> {
        let mut context = Context::from_serialize(data).map_err(|error| trouble(template, &error))?;
        context.insert("lang", language.tag());
        self.voice(language).render(template, &context)
    }

    /// Writes every sample of every letter in every language and holds the result against the rules for letters.
    ///
    /// # Errors
    /// Everything that is wrong, all at once.
    pub fn check(&self) -> Result<(), Vec<Error>> {
        let mut wrong = Vec::new();
        for letter in Body::samples() {
            for language in Language::ALL {
                match self.letter(language, &letter) {
                    Ok(written) => wrong.extend(rules(&letter, &written).into_iter().map(|why| Error::Rule {
                        letter: letter.body.kind().folder(),
                        language: language.tag(),
                        why,
                    })),
                    Err(error) => wrong.push(error),
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

impl Voice {
    fn new(language: Language, files: &BTreeMap<String, String>, prefixes: &[&'static str], labels: Labels) -> Result<Self, Error> {
        let labels = Arc::new(labels);
        let mut tera = Tera::default();
        tera.set_fallback_prefixes(prefixes.iter().copied()).map_err(|error| trouble("prefixes", &error))?;
        filters::register(&mut tera, language);
        let known = Arc::clone(&labels);
        tera.register_function("label", move |args: Kwargs, _: &State| -> TeraResult<String> {
            let key = args.must_get::<&str>("key")?;
            match (known.get(key), args.get::<&str>("fallback")?) {
                (Some(words), _) => Ok(words.clone()),
                (None, Some(words)) => Ok(words.to_owned()),
                (None, None) => Err(tera::Error::message(format!("labels.toml has no {key}"))),
            }
        });
        let known = Arc::clone(&labels);
        tera.register_function("days", move |args: Kwargs, _: &State| -> TeraResult<String> {
            let n = args.must_get::<i64>("n")?;
            let which = match n.cmp(&0) {
                Ordering::Less => "over",
                Ordering::Equal => "today",
                Ordering::Greater => "left",
            };
            let key = if args.get::<bool>("short")?.unwrap_or(false) { format!("days.short_{which}") } else { format!("days.{which}") };
            Ok(known.get(&key).map_or(key, Clone::clone).replace("{n}", &n.unsigned_abs().to_string()))
        });
        let templates = files.iter().filter(|(name, _)| is_template(name) && prefixes.iter().any(|prefix| name.starts_with(prefix)));
        tera.add_raw_templates(templates.map(|(name, text)| (name.as_str(), text.as_str())))
            .map_err(|error| trouble("templates", &error))?;
        Ok(Self { tera, labels })
    }

    fn render(&self, name: &str, context: &Context) -> Result<String, Error> {
        self.tera.render(name, context).map_err(|error| trouble(name, &error))
    }
}

/// The rules that hold for every letter as written; what is broken, in words for the operator.
pub(super) fn rules(letter: &Letter, written: &Written) -> Vec<String> {
    let mut broken = Vec::new();
    if written.subject.is_empty() || written.subject.contains(['\r', '\n']) {
        broken.push("the subject is not one line".to_owned());
    }
    let survey = match &letter.body {
        Body::Answer { survey_url: Some(url), .. } => Some(url.as_str()),
        _ => None,
    };
    for href in attributes(&written.html, "href=\"") {
        let plain = href.replace("&amp;", "&");
        if !plain.starts_with("mailto:") && Some(plain.as_str()) != survey {
            broken.push(format!("the link {href:?} is neither mailto nor the survey"));
        }
    }
    if attributes(&written.html, "src=\"").next().is_some() || written.html.contains("url(") {
        broken.push("the HTML part loads something".to_owned());
    }
    if let Some(case) = &letter.case
        && !(written.text.contains(&case.number) && written.html.contains(&case.number))
    {
        broken.push("the case number is missing".to_owned());
    }
    broken
}

/// The values of one attribute in our own HTML.
fn attributes<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(name).skip(1).filter_map(|rest| rest.split('"').next())
}

fn is_template(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "txt" || kind == "html")
}

fn trouble(name: &str, error: &tera::Error) -> Error {
    let mut why = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        why.push_str(": ");
        why.push_str(&inner.to_string());
        source = inner.source();
    }
    Error::Template { name: name.to_owned(), why }
}

fn embedded(prefix: &str, folder: &Dir<'_>, into: &mut BTreeMap<String, String>) {
    for file in folder.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            into.insert(format!("{prefix}/{}", path.replace('\\', "/")), text.to_owned());
        }
    }
    for below in folder.dirs() {
        embedded(prefix, below, into);
    }
}

/// Reads the texts below `folder` (`.txt`, `.html`, `.toml`), named by their path below `root`.
fn on_disk(root: &Path, folder: &Path, into: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let read = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Read { path, source }
    };
    for entry in std::fs::read_dir(folder).map_err(read(folder))? {
        let path = entry.map_err(read(folder))?.path();
        if path.is_dir() {
            on_disk(root, &path, into)?;
            continue;
        }
        let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
        let data = Path::new(name).extension().is_some_and(|e| e == "toml" || e == "typ");
        if data || is_template(name) {
            into.insert(name.replace('\\', "/"), std::fs::read_to_string(&path).map_err(read(&path))?);
        }
    }
    Ok(())
}

/// Adds `<language>/labels.toml` of `files`, its tables flattened to `table.key`, to the labels known.
fn read_labels(files: &BTreeMap<String, String>, into: &mut BTreeMap<&'static str, Labels>) -> Result<(), Error> {
    for language in Language::ALL {
        let name = format!("{}/labels.toml", language.tag());
        let Some(text) = files.get(&name) else { continue };
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| Error::Template { name: name.clone(), why: error.to_string() })?;
        flatten("", &table, into.entry(language.tag()).or_default());
    }
    Ok(())
}

fn flatten(prefix: &str, table: &toml::Table, into: &mut Labels) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(below) => flatten(&key, below, into),
            toml::Value::String(words) => {
                into.insert(key, words.clone());
            }
            other => {
                into.insert(key, other.to_string());
            }
        }
    }
}
