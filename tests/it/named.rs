//! What stands on paper is there: every test that RELIABILITY.md and `tests/stories/*.md` name exists and runs, and no procedure's name
//! stands in the source.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The tests that a page names in backticks: `tests/it/a/b.rs::c` in full, or `a::b::c` for a story.
fn proofs(page: &str) -> Vec<&str> {
    let quoted = page.split('`').skip(1).step_by(2).filter(|word| word.contains("::"));
    let plain = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | ':' | '/' | '.'));
    quoted.filter(plain).collect()
}

/// The files in which a named test may stand, and its bare name.
fn places(proof: &str) -> (Vec<String>, &str) {
    let name = proof.rsplit("::").next().unwrap_or(proof);
    if let Some((file, _)) = proof.split_once(".rs::") {
        return (vec![format!("{file}.rs")], name);
    }
    let below = proof.trim_end_matches(name).trim_end_matches("::").trim_start_matches("stories::").replace("::", "/");
    (["tests/it/stories/", "tests/it/", "src/"].map(|folder| format!("{folder}{below}.rs")).to_vec(), name)
}

/// Whether the source has that test, and nothing says that it is ignored. Within `proptest!` the attribute stands there as well.
fn runs(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| line.contains(&format!("fn {name}(")));
    let attributes = |at: usize| lines[..at].iter().rev().take_while(|line| line.starts_with('#'));
    at.is_some_and(|at| attributes(at).any(|l| l.contains("test")) && !attributes(at).any(|l| l.contains("ignore")))
}

#[test]
fn every_test_that_a_page_names_is_there_and_runs() {
    let tables = std::fs::read_dir(root().join("tests/stories")).expect("the tables").flatten().map(|entry| entry.path());
    let (mut named, mut missing) = (0, Vec::new());
    for path in tables.chain([root().join("RELIABILITY.md")]) {
        let page = std::fs::read_to_string(&path).expect("a page");
        for proof in proofs(&page) {
            named += 1;
            let (files, name) = places(proof);
            if !files.iter().any(|file| std::fs::read_to_string(root().join(file)).is_ok_and(|source| runs(&source, name))) {
                missing.push(format!("{}: {proof}", path.file_name().unwrap_or_default().display()));
            }
        }
    }
    assert!(named >= 300, "the pages name only {named} tests");
    assert!(missing.is_empty(), "named, and not there or not run: {missing:#?}");
}

/// Each row of a table stands on its page and names a test, or says that there is none.
#[test]
fn every_fault_threat_and_hurt_has_its_row() {
    for (page, letter, rows) in [("RELIABILITY.md", 'F', 34), ("tests/stories/threats.md", 'T', 33), ("tests/stories/peers.md", 'P', 25)] {
        let text = std::fs::read_to_string(root().join(page)).expect("a page");
        for row in 1..=rows {
            let line = text
                .lines()
                .find(|l| l.starts_with(&format!("| {letter}{row} |")))
                .unwrap_or_else(|| panic!("{page}: {letter}{row} has no row"));
            assert!(!proofs(line).is_empty() || line.contains("no proof"), "{page}: {letter}{row} names no test");
        }
    }
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
