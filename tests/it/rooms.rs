//! Who may touch whom: every path into another room and every mention of a library that belongs to one room, held against
//! the table of ARCHITECTURE.md. Also the shape of files: a header, a length, no panics, no sentences in Rust.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A room, the rooms that it may name, and the libraries that it may name.
struct Room {
    name: &'static str,
    rooms: &'static [&'static str],
    libraries: &'static [&'static str],
}

/// Lowest first. `wire` is the ground that the two mail edges stand on; `clock` sleeps, so it knows tokio.
const HOUSE: &[Room] = &[
    Room { name: "calendar", rooms: &[], libraries: &[] },
    Room { name: "clock", rooms: &["calendar"], libraries: &["tokio"] },
    // Named points of the crash tests; they cost one comparison.
    Room { name: "failpoint", rooms: &[], libraries: &[] },
    Room { name: "domain", rooms: &["calendar"], libraries: &[] },
    Room { name: "mail", rooms: &["calendar", "domain"], libraries: &["lettre"] },
    Room { name: "trust", rooms: &["domain", "mail"], libraries: &[] },
    Room { name: "render", rooms: &["calendar", "domain"], libraries: &["tera"] },
    Room { name: "store", rooms: &["failpoint", "calendar", "clock", "domain"], libraries: &["sqlx", "tokio"] },
    Room { name: "report", rooms: &["calendar", "domain", "render", "store"], libraries: &[] },
    Room {
        name: "desk",
        rooms: &["failpoint", "calendar", "clock", "domain", "mail", "trust", "render", "store", "report"],
        libraries: &["tokio"],
    },
    Room { name: "wire", rooms: &["calendar", "clock"], libraries: &["tokio"] },
    Room {
        name: "intake",
        rooms: &["failpoint", "calendar", "clock", "domain", "store", "desk", "wire"],
        libraries: &["tokio", "async_imap"],
    },
    Room {
        name: "delivery",
        rooms: &["failpoint", "calendar", "clock", "domain", "store", "desk", "wire"],
        libraries: &["tokio", "lettre"],
    },
    Room { name: "survey", rooms: &["calendar", "clock", "domain", "trust", "render", "store", "desk"], libraries: &["tokio"] },
    Room { name: "config", rooms: BELOW_CONFIG, libraries: &[] },
    Room { name: "daemon", rooms: BELOW_DAEMON, libraries: &["tokio"] },
    Room { name: "cli", rooms: BELOW_CLI, libraries: &["tokio"] },
    Room { name: "lib", rooms: &[], libraries: &[] },
    Room { name: "main", rooms: &["cli"], libraries: &[] },
];
const BELOW_CONFIG: &[&str] = &[
    "failpoint",
    "calendar",
    "clock",
    "domain",
    "mail",
    "trust",
    "render",
    "store",
    "report",
    "desk",
    "wire",
    "intake",
    "delivery",
    "survey",
];
const BELOW_DAEMON: &[&str] = &[
    "failpoint",
    "calendar",
    "clock",
    "domain",
    "mail",
    "trust",
    "render",
    "store",
    "report",
    "desk",
    "wire",
    "intake",
    "delivery",
    "survey",
    "config",
];
const BELOW_CLI: &[&str] = &[
    "failpoint",
    "calendar",
    "clock",
    "domain",
    "mail",
    "trust",
    "render",
    "store",
    "report",
    "desk",
    "wire",
    "intake",
    "delivery",
    "survey",
    "config",
    "daemon",
];
/// Libraries that belong to rooms.
const LIBRARIES: &[&str] = &["sqlx", "lettre", "async_imap", "tera", "tokio"];
/// Rooms without async, I/O and waiting.
const PURE: &[&str] = &["calendar", "domain", "mail", "trust", "render", "report"];
/// A file may have this many lines.
const LINES_MOST: usize = 700;
/// Above this many it is named, for whoever works in it next.
const LINES_MANY: usize = 400;
/// Where Rust may hold Chinese words: those that are matched in mails, dates and cells, examples of what to write in a
/// config, and the people of the samples.
const WORDS_ALLOWED: &[&str] = &["mail/", "calendar/", "domain/", "config/", "render/samples", "render/mask.rs", "render/words.rs"];

/// A source file, and its lines that are part of the program (tests and comments blanked).
struct Source {
    /// Below `src/`.
    name: String,
    whole: String,
    code: String,
}

impl Source {
    fn room(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap_or_default()
    }

    /// How many `super`s lead from this file's module to the crate.
    fn depth(&self) -> usize {
        let bare = self.name.trim_end_matches(".rs").trim_end_matches("/mod");
        if matches!(bare, "lib" | "main") { 0 } else { bare.split('/').count() }
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below src").to_str().expect("a name").to_owned();
        let whole = std::fs::read_to_string(&path).expect("a source file");
        let code = if is_test(&name) { String::new() } else { program(&whole) };
        Source { name, whole, code }
    };
    let found: Vec<Source> = files.into_iter().map(read).collect();
    assert!(found.len() > 100, "the sources were not found");
    found
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn is_test(name: &str) -> bool {
    name.split(['/', '.']).any(|part| part == "tests" || part.ends_with("_tests"))
}

/// The text without its comments and without the tests at its end; lines stay where they are.
fn program(text: &str) -> String {
    let mut out = String::new();
    let mut tests = false;
    for (line, next) in text.lines().zip(text.lines().skip(1).chain([""])) {
        tests |= line == "#[cfg(test)]" && next.starts_with("mod tests {");
        let outside = |at: &usize| line.get(..*at).is_some_and(|l| l.matches('"').count() % 2 == 0);
        let code = line.match_indices("//").map(|(at, _)| at).find(outside);
        if !tests {
            out.push_str(code.map_or(line, |at| line.get(..at).unwrap_or(line)));
        }
        out.push('\n');
    }
    out
}

/// Every name that stands behind `prefix` in the code, groups in braces taken apart: (line, name, what follows).
fn behind(code: &str, prefix: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code.get(..at).and_then(|c| c.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
            continue;
        }
        let line = code.get(..at).map_or(0, |c| c.lines().count().max(1));
        let rest = code.get(at + prefix.len()..).unwrap_or_default();
        for path in if rest.starts_with('{') { group(rest) } else { vec![rest.to_owned()] } {
            let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(path.len());
            let (name, tail) = path.split_at(end);
            let tail: String = tail.chars().take(40).collect();
            found.push((line, name.to_owned(), tail));
        }
    }
    found
}

/// The members of `{a, b::{c, d}, e}`.
fn group(text: &str) -> Vec<String> {
    let (mut deep, mut out) = (0_usize, vec![String::new()]);
    for c in text.chars() {
        match c {
            '{' => deep += 1,
            '}' => deep -= 1,
            ',' if deep == 1 => out.push(String::new()),
            _ => {}
        }
        if deep == 0 {
            break;
        }
        let own = deep == 1 && matches!(c, '{' | ',');
        if let Some(last) = out.last_mut().filter(|_| !own) {
            last.push(c);
        }
    }
    out.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn house(room: &str) -> &'static Room {
    HOUSE.iter().find(|r| r.name == room).unwrap_or_else(|| panic!("src/{room}: the table names no such room; add it with its level"))
}

#[test]
fn every_path_leads_down_the_house() {
    let known: BTreeSet<&str> = HOUSE.iter().map(|r| r.name).collect();
    let (mut faults, mut paths) = (Vec::new(), 0_usize);
    for source in sources() {
        let room = house(source.room());
        let supers = "super::".repeat(source.depth());
        let mut named = behind(&source.code, "crate::");
        if !supers.is_empty() {
            named.extend(behind(&source.code, &supers).into_iter().filter(|(_, name, _)| name != "super" && known.contains(name.as_str())));
        }
        named.extend(behind(&source.code, "redress::"));
        for (line, name, tail) in named {
            paths += 1;
            let own = name == room.name || name == "self" && room.name == "lib";
            if !own && !room.rooms.contains(&name.as_str()) {
                faults.push(format!("src/{}:{line}: {} may not use {name}{tail}", source.name, room.name));
            }
            let edge = matches!(room.name, "intake" | "delivery" | "survey" | "wire");
            if edge && name == "domain" && tail.contains("transition") {
                faults.push(format!("src/{}:{line}: an edge decides nothing; hand the event to desk", source.name));
            }
            if room.name == "trust" && name == "mail" && !tail.contains("headers") {
                faults.push(format!("src/{}:{line}: trust reads strict headers alone, not mail{tail}", source.name));
            }
        }
    }
    assert!(paths > 200, "only {paths} paths were seen; the reader of paths is broken");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut faults = Vec::new();
    for source in sources() {
        let room = house(source.room());
        for (number, line) in source.code.lines().enumerate() {
            let at = format!("src/{}:{}", source.name, number + 1);
            for library in LIBRARIES.iter().filter(|l| !room.libraries.contains(l) && mentions(line, l)) {
                faults.push(format!("{at}: {} may not use {library}", room.name));
            }
            if PURE.contains(&room.name) && (line.contains("async ") || line.contains(".await;") || line.contains(".await?")) {
                faults.push(format!("{at}: {} is pure: nothing waits in it", room.name));
            }
            if matches!(room.name, "desk" | "store")
                && (line.contains("std::net") || line.contains("tokio::net") || line.contains("TcpStream"))
            {
                faults.push(format!("{at}: {} opens no socket", room.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// `word` as a path or an import, not as part of another name.
fn mentions(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|l| l.chars().next_back());
        let after = line.get(at + word.len()..).unwrap_or_default();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '"' | '.' | ':')) && after.starts_with("::")
    })
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let (mut faults, mut long) = (Vec::new(), Vec::new());
    for source in sources() {
        let lines = source.whole.lines().count();
        if lines > LINES_MOST {
            faults.push(format!("src/{}: {lines} lines; part it", source.name));
        } else if lines > LINES_MANY {
            long.push(format!("src/{}: {lines}", source.name));
        }
        if !source.whole.starts_with("//! ") && source.name != "main.rs" {
            faults.push(format!("src/{}: opens without a header (//! what lives here, what does not, who calls it)", source.name));
        }
    }
    println!("files above {LINES_MANY} lines: {long:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_panics_and_no_sentence_stands_in_rust() {
    let mut faults = Vec::new();
    for source in sources() {
        for (number, line) in source.code.lines().enumerate() {
            let at = format!("src/{}:{}", source.name, number + 1);
            for word in [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("] {
                if line.contains(word) {
                    faults.push(format!("{at}: {word} outside tests"));
                }
            }
            let free = WORDS_ALLOWED.iter().any(|allowed| source.name.starts_with(allowed));
            if !free && line.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}')) {
                faults.push(format!("{at}: Chinese words belong in templates/: {}", line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_the_clock_asks_the_time_and_draws_chance() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.name != "clock.rs") {
        for (number, line) in source.code.lines().enumerate() {
            for word in ["SystemTime::now", "Timestamp::now", "Zoned::now", "rand::", "getrandom"] {
                if line.contains(word) {
                    faults.push(format!("src/{}:{}: {word}", source.name, number + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_reader_of_paths_reads_groups_and_supers() {
    let code = "use crate::{a::b, c::{d, e}, f};\nlet x = crate::g::h();\nuse super::super::k::l;\nmycrate::no";
    let names = |prefix| behind(code, prefix).into_iter().map(|(_, name, _)| name).collect::<Vec<_>>();
    assert_eq!(names("crate::"), ["a", "c", "f", "g"]);
    assert_eq!(names("super::super::"), ["k"]);
    assert_eq!(program("let a = \"http://x\"; // b\n#[cfg(test)]\nmod tests {\n x\n"), "let a = \"http://x\"; \n\n\n\n");
}
