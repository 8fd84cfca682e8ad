//! Every letter × sample × language: written, frozen as a mail and read back as its reader gets it. And the labels: every key
//! that the program asks for has words, for every value that it can have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use redress::calendar::Moment;
use redress::domain::state::{DeadlineKind, Outcome, State};
use redress::domain::{Language, Refusal, RoleId};
use redress::mail::compose::{self, Address, Draft};
use redress::render::{Body, Letter, LetterKind, Words, Written};

use crate::support::office::{act, case_in, hour, kmu};
use crate::transitions::{PEOPLE, acts};

fn words() -> Words {
    Words::load(None).expect("the built-in templates")
}

/// Every sample as written in every language.
fn written() -> Vec<(Language, Letter, Written)> {
    let words = words();
    let mut out = Vec::new();
    for language in Language::ALL {
        for letter in Body::samples() {
            let written = words.letter(language, &letter).unwrap_or_else(|e| panic!("{:?} {language:?}: {e}", letter.body.kind()));
            out.push((language, letter, written));
        }
    }
    out
}

fn draft(written: &Written) -> Draft {
    let office = Address { name: "高雄示範大學 秘書室".to_owned(), email: "service@kmu.example".to_owned() };
    Draft {
        from: office.clone(),
        to: Address { name: "王小明".to_owned(), email: "student@mail.example".to_owned() },
        reply_to: Some(Address { email: "service+0123456789abcdef@kmu.example".to_owned(), ..office }),
        subject: written.subject.clone(),
        message_id: "01jndb.abc@kmu.example".to_owned(),
        date: Moment::parse_rfc3339("2026-03-03T09:00:00+08:00").expect("a moment"),
        zone: jiff::tz::TimeZone::get("Asia/Taipei").expect("the zone"),
        in_reply_to: Some("m1@mail.example".to_owned()),
        references: vec!["m0@mail.example".to_owned()],
        headers: vec![("Auto-Submitted", "auto-generated".to_owned())],
        text: written.text.clone(),
        html: Some(written.html.clone()),
        attachments: Vec::new(),
        originals: Vec::new(),
    }
}

#[test]
fn the_templates_check_themselves() {
    if let Err(errors) = words().check() {
        panic!("{errors:?}");
    }
}

#[test]
fn every_letter_arrives_as_it_was_written() {
    let mut kinds = BTreeSet::new();
    for (language, letter, written) in written() {
        let kind = letter.body.kind();
        kinds.insert((language, kind.folder()));
        let raw = compose::freeze(&draft(&written)).unwrap_or_else(|e| panic!("{} {language:?}: {e}", kind.folder()));
        let longest = raw.split(|b| *b == b'\n').map(<[u8]>::len).max().unwrap_or(0);
        assert!(longest <= 79, "{} {language:?}: a line of {longest} bytes", kind.folder());
        let mail = mail_parser::MessageParser::default().parse(&raw).expect("a mail");
        let what = format!("{} {language:?}", kind.folder());
        assert_eq!(mail.subject(), Some(written.subject.as_str()), "{what}");
        let unix = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
        assert_eq!(unix(&mail.body_text(0).expect("a text part")), unix(&written.text), "{what}");
        assert_eq!(unix(&mail.body_html(0).expect("an HTML part")), unix(&written.html), "{what}");
        // Our own reader takes it for what it is: a machine's mail.
        let read = redress::mail::read(&raw);
        assert_eq!(read.subject, written.subject, "{what}");
    }
    let all: BTreeSet<(Language, &str)> =
        Language::ALL.into_iter().flat_map(|l| LetterKind::ALL.into_iter().map(move |k| (l, k.folder()))).collect();
    assert_eq!(kinds, all, "every kind has a sample");
}

/// Words of the office's own doings.
const INTERNAL: &[&str] = &[
    "擬答覆",
    "擬稿",
    "陳核",
    "核准",
    "核示",
    "追認",
    "稽催",
    "處理紀錄",
    "主任秘書",
    "單位主管",
    "改分",
    "存查",
    "如擬",
    "會辦",
    "承辦人：",
    "#",
    "approv",
    "draft",
    "chief secretary",
    "handler",
    "internal",
];

#[test]
fn nothing_internal_stands_in_a_public_letter() {
    let mut faults = Vec::new();
    for (language, letter, written) in written().into_iter().filter(|(_, l, _)| l.body.kind().is_public()) {
        // What the data brings is not the template's fault.
        let data = serde_json::to_string(&letter).expect("json");
        let visible = without_looks(&written.html);
        for part in [&written.subject, &written.text, &visible] {
            let lower = part.to_lowercase();
            for word in INTERNAL.iter().filter(|w| lower.contains(**w) && !data.to_lowercase().contains(**w)) {
                faults.push(format!("{} {language:?}: {word}", letter.body.kind().folder()));
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// An HTML part's words: no tags, no style sheets, no numeric marks.
fn without_looks(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        out.push(' ');
        let style = rest[at..].starts_with("<style");
        let end = if style { rest[at..].find("</style>").map(|e| e + 8) } else { rest[at..].find('>').map(|e| e + 1) };
        rest = end.map_or("", |end| &rest[at + end..]);
    }
    out.push_str(rest);
    out.replace("&#", "&")
}

#[test]
fn an_english_letter_to_a_complainant_is_english() {
    let mut faults = Vec::new();
    for (_, letter, written) in written().into_iter().filter(|(l, letter, _)| *l == Language::En && letter.body.kind().is_public()) {
        let data = serde_json::to_string(&letter).expect("json");
        for part in [&written.subject, &written.text, &without_looks(&written.html)] {
            for run in part.split(|c: char| !('\u{3400}'..='\u{9fff}').contains(&c)).filter(|run| !run.is_empty()) {
                if !data.contains(run) {
                    faults.push(format!("{}: {run}", letter.body.kind().folder()));
                }
            }
        }
        // Dates of the Republic are for Chinese letters.
        for day in data.split("\"roc\":\"").skip(1).filter_map(|rest| rest.split('"').next()).filter(|day| !day.is_empty()) {
            assert!(!written.text.contains(day), "{}: {day}\n{}", letter.body.kind().folder(), written.text);
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let words = words();
    for key in ["prompt.why", "act.satisfied", "act.dissatisfied", "hint.satisfied", "hint.dissatisfied", "marker", "ui.reply_how"] {
        let label = words.label(Language::En, key);
        assert!(label != key && label.is_ascii() || label.chars().all(|c| !('\u{3400}'..='\u{9fff}').contains(&c)), "{key}: {label}");
    }
}

// ── labels ──

/// The keys of `templates/zh-TW/labels.toml`.
fn labels() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("templates/zh-TW/labels.toml")).expect("labels");
    let table: toml::Table = text.parse().expect("toml");
    let mut keys = BTreeSet::new();
    for (name, value) in &table {
        match value {
            toml::Value::Table(below) => keys.extend(below.keys().map(|key| format!("{name}.{key}"))),
            _ => {
                keys.insert(name.clone());
            }
        }
    }
    keys
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every refusal; the match reminds whoever adds one.
fn refusals() -> Vec<&'static str> {
    let name = String::new;
    let all = [
        Refusal::NotAllowed { needs: RoleId(name()) },
        Refusal::NotPossible { state: State::Triage },
        Refusal::AlreadyDecided,
        Refusal::NothingToDecide,
        Refusal::OwnText,
        Refusal::ReasonMissing,
        Refusal::TextMissing,
        Refusal::UnitMissing,
        Refusal::Unknown { what: "unit", name: name() },
        Refusal::Unchanged,
        Refusal::UrgedToday,
        Refusal::CallFirst,
        Refusal::Reachable,
        Refusal::DateNotPossible,
        Refusal::TooLate,
        Refusal::Sealed,
        Refusal::Accused,
        Refusal::PromiseStands,
        Refusal::AnswerUndelivered,
        Refusal::ScanMissing,
        Refusal::NoSecondPerson,
        Refusal::OwnEntry,
    ];
    for refusal in &all {
        match refusal {
            Refusal::NotAllowed { .. }
            | Refusal::NotPossible { .. }
            | Refusal::AlreadyDecided
            | Refusal::NothingToDecide
            | Refusal::OwnText
            | Refusal::ReasonMissing
            | Refusal::TextMissing
            | Refusal::UnitMissing
            | Refusal::Unknown { .. }
            | Refusal::Unchanged
            | Refusal::UrgedToday
            | Refusal::CallFirst
            | Refusal::Reachable
            | Refusal::DateNotPossible
            | Refusal::TooLate
            | Refusal::Sealed
            | Refusal::Accused
            | Refusal::PromiseStands
            | Refusal::AnswerUndelivered
            | Refusal::ScanMissing
            | Refusal::NoSecondPerson
            | Refusal::OwnEntry => {}
        }
    }
    all.iter().map(Refusal::name).collect()
}

/// What can stand behind a prefix that the program puts a value to.
fn values() -> BTreeMap<&'static str, Vec<String>> {
    let office = kmu();
    let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let deeds: BTreeSet<String> = acts(&case_in(State::Answered, &office)).iter().map(|(_, deed)| deed.name().to_owned()).collect();
    let mut possible = BTreeSet::new();
    for state in State::ALL {
        let case = case_in(state, &office);
        for who in PEOPLE {
            let asked = act(hour(24), who, redress::domain::Act::Start);
            possible.extend(redress::domain::possible(&case, &asked, &office).into_iter().map(str::to_owned));
        }
    }
    let outcomes =
        [Outcome::Resolved, Outcome::NotAccepted, Outcome::Referred, Outcome::NoAction, Outcome::Merged, Outcome::Spam, Outcome::Withdrawn];
    let kinds = [DeadlineKind::Start, DeadlineKind::FirstResponse, DeadlineKind::Preliminary, DeadlineKind::Answer, DeadlineKind::Closing];
    let folders: Vec<String> = LetterKind::ALL.iter().map(|k| k.folder().to_owned()).collect();
    let possible: Vec<String> = possible.into_iter().collect();
    BTreeMap::from([
        ("state", State::ALL.iter().map(|s| s.name().to_owned()).collect()),
        ("outcome", outcomes.iter().map(|o| o.name().to_owned()).collect()),
        ("deadline", kinds.iter().map(|k| k.name().to_owned()).collect()),
        ("refused", refusals().into_iter().map(str::to_owned).collect()),
        ("done", deeds.into_iter().collect()),
        ("directive", possible.clone()),
        ("directive_help", possible),
        ("letter", folders),
        ("weekday", (1..=7).map(|n| n.to_string()).collect()),
        ("stage", owned(&["answer", "closing", "refusal", "referral", "preliminary", "extension", "no_action"])),
        ("decision", owned(&["approved", "returned", "edited", "asked", "open", "skipped"])),
        ("thing", owned(&["unit", "person", "grade", "field", "case", "category", "address"])),
        ("waiting", owned(&["approval", "triage", "confirm", "handling", "complainant", "nobody"])),
        ("health", vec![redress::desk::IMAP_DOWN.to_owned(), redress::desk::SMTP_DOWN.to_owned()]),
        ("ledger", owned(&["seen", "cased", "threaded", "held", "ignored", "waiting"])),
    ])
}

#[test]
fn every_value_has_its_words() {
    let labels = labels();
    let missing: Vec<String> = values()
        .into_iter()
        .flat_map(|(table, names)| names.into_iter().map(move |name| format!("{table}.{name}")))
        .filter(|key| !labels.contains(key))
        .collect();
    assert!(missing.is_empty(), "templates/zh-TW/labels.toml lacks {missing:?}");
}

/// All that stands in double quotes.
fn literals(code: &str) -> Vec<&str> {
    code.split('"').skip(1).step_by(2).collect()
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.push((path.strip_prefix(root()).expect("below").display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_key_that_is_asked_for_exists() {
    let labels = labels();
    let tables: BTreeSet<&str> = labels.iter().filter_map(|k| k.split_once('.').map(|(table, _)| table)).collect();
    let mut missing = BTreeSet::new();
    let mut asked = 0_usize;
    for folder in ["src/desk", "src/render", "src/report", "src/survey", "templates"] {
        for (file, text) in
            sources(folder).into_iter().filter(|(f, _)| !f.contains("tests") && Path::new(f).extension().is_none_or(|e| e != "toml"))
        {
            for literal in text.lines().flat_map(literals) {
                let Some((_, name)) = literal.split_once('.').filter(|(table, _)| tables.contains(table)) else { continue };
                let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                // File names of templates, and the store's note of the last digest, look alike.
                if plain && !matches!(name, "txt" | "html" | "toml" | "css") && literal != "digest.last" {
                    asked += 1;
                    if !labels.contains(literal) {
                        missing.insert(format!("{file}: {literal}"));
                    }
                }
            }
        }
    }
    assert!(asked > 40, "only {asked} keys were seen; the reader of keys is broken");
    assert!(missing.is_empty(), "{missing:?}");
}

/// What is told in a digest: a note's kind is a label.
#[test]
fn every_note_has_its_words() {
    let labels = labels();
    let mut kinds = BTreeSet::new();
    for (_, text) in sources("src/domain").into_iter().chain(sources("src/desk")).chain(sources("src/intake")) {
        for (mark, skip) in [("Note { kind: \"", 0), ("told.push((\"", 0), ("told: vec![(\"", 0), ("notes::tell(", 1)] {
            for (at, _) in text.match_indices(mark) {
                let rest = text[at + mark.len()..].lines().next().unwrap_or_default();
                let kind = if skip == 0 { rest.split('"').next() } else { rest.split('"').nth(1) };
                kinds.extend(kind.map(str::to_owned));
            }
        }
    }
    assert!(kinds.len() > 10, "{kinds:?}");
    let missing: Vec<&String> = kinds.iter().filter(|k| !labels.contains(&format!("note.{k}"))).collect();
    assert!(missing.is_empty(), "note. lacks {missing:?}");
}

/// Why a complaint is laid before the secretariat, and why a mail is held.
#[test]
fn every_reason_to_hold_has_its_words() {
    let labels = labels();
    let mut missing = BTreeSet::new();
    for reason in ["no_unit", "several_units", "review", "secrecy", "report", "names_people", "incomplete", "linked"] {
        missing.extend(Some(format!("hold.{reason}")).filter(|k| !labels.contains(k)));
    }
    for (file, text) in sources("src/desk") {
        for (mark, table) in [("hold = Some(\"", "hold"), (".then(|| \"", "hold"), ("self.hold(", "held"), ("self.held_job(", "held")] {
            for (at, _) in text.match_indices(mark) {
                let rest = text[at + mark.len()..].lines().next().unwrap_or_default();
                let name = if table == "hold" { rest.split('"').next() } else { rest.split('"').nth(1) };
                let Some(name) = name.filter(|n| !n.is_empty() && !n.contains(char::is_whitespace)) else { continue };
                missing.extend(Some(format!("{table}.{name}")).filter(|k| !labels.contains(k)).map(|k| format!("{file}: {k}")));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_button_and_hint_has_its_words() {
    let labels = labels();
    let code = std::fs::read_to_string(root().join("src/desk/buttons.rs")).expect("buttons.rs");
    let mut buttons = BTreeSet::new();
    for (at, _) in code.match_indices("b(Verb::") {
        buttons.extend(code[at..].split('"').nth(1).map(str::to_owned));
    }
    assert!(buttons.len() > 10, "{buttons:?}");
    let missing: Vec<String> =
        buttons.iter().flat_map(|b| [format!("act.{b}"), format!("hint.{b}")]).filter(|key| !labels.contains(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
