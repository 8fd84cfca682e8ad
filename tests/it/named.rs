//! What stands on paper is there: every story that `tests/stories/*.md` names exists as a test, and no procedure's name stands in the source.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where `a::b::c` may stand: the test `c` of `tests/it/stories/a/b.rs`, `tests/it/a/b.rs` and so on.
fn stands(name: &str) -> bool {
    let parts: Vec<&str> = name.split("::").collect();
    let Some((test, path)) = parts.split_last() else { return false };
    let below = path.join("/");
    let files = [format!("tests/it/stories/{below}.rs"), format!("tests/it/{below}.rs"), format!("src/{below}.rs")];
    let declared = |text: &str| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let at = lines.iter().position(|l| l.contains(&format!("fn {test}(")));
        at.is_some_and(|at| lines[..at].iter().rev().take_while(|l| l.starts_with('#')).any(|l| l.contains("test")))
    };
    files.iter().any(|file| std::fs::read_to_string(root().join(file)).is_ok_and(|text| declared(&text)))
}

#[test]
fn every_story_that_a_table_names_exists() {
    let mut named = 0;
    let mut missing = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/stories")).expect("the tables").flatten() {
        let page = std::fs::read_to_string(entry.path()).expect("a table");
        for word in page.split('`').skip(1).step_by(2) {
            let plain = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | ':'));
            if plain && word.contains("::") {
                named += 1;
                if !stands(word.strip_prefix("stories::").unwrap_or(word)) {
                    missing.push(format!("{}: {word}", entry.file_name().to_string_lossy()));
                }
            }
        }
    }
    assert!(named >= 30, "{named} stories are named");
    assert!(missing.is_empty(), "named and not there: {missing:#?}");
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Rust decides by the data of a procedure, never by which one it is. The one list of shipped names, hints that show one, and tests may.
#[test]
fn no_procedures_name_stands_in_the_source() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let names: Vec<String> = std::fs::read_dir(root().join("templates/procedures"))
        .expect("procedures")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let mut wrong = Vec::new();
    for path in files {
        let shown = path.strip_prefix(root()).expect("below").display().to_string();
        if shown.contains("tests") || shown.contains("samples") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let bare = line.split("//").next().unwrap_or_default();
            let named = |name: &String| bare.contains(&format!("\"{name}\"")) || bare.contains(&format!("\"{name}/"));
            if names.iter().any(named) && !bare.contains("SHIPPED_PROFILES") && !bare.contains("profile = \\\"") {
                wrong.push(format!("{shown}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "a procedure's name in the source: {wrong:#?}");
}
