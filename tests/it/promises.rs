//! RELIABILITY.md, tests/stories/threats.md and tests/stories/peers.md against the source: every proof that they name is a test that is there and runs.

use std::path::Path;

/// `file::test` in backticks, wherever the page names one.
fn proofs(page: &str) -> Vec<(String, String)> {
    let quoted = page.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| text.split_once(".rs::").map(|(file, test)| (format!("{file}.rs"), test.to_owned()))).collect()
}

#[test]
fn every_proof_that_is_named_exists_and_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("RELIABILITY.md")).expect("the page");
    let threats = std::fs::read_to_string(root.join("tests/stories/threats.md")).expect("the threats");
    for row in 1..=33 {
        let line = threats.lines().find(|l| l.starts_with(&format!("| T{row} |"))).unwrap_or_else(|| panic!("T{row} has no row"));
        assert!(line.contains(".rs::"), "T{row} names no test");
    }
    let peers = std::fs::read_to_string(root.join("tests/stories/peers.md")).expect("the peers' rows");
    for row in 1..=25 {
        let line = peers.lines().find(|l| l.starts_with(&format!("| P{row} |"))).unwrap_or_else(|| panic!("P{row} has no row"));
        assert!(line.contains(".rs::"), "P{row} names no test");
    }
    let clauses: String = ["shugu", "cpc"]
        .iter()
        .map(|p| std::fs::read_to_string(root.join(format!("tests/stories/{p}.md"))).expect("the clauses of a paper"))
        .collect();
    let proofs = proofs(&format!("{page}\n{threats}\n{peers}\n{clauses}"));
    assert!(proofs.len() > 20, "the page names only {} proofs", proofs.len());
    let mut missing = Vec::new();
    for (file, test) in proofs {
        let source = std::fs::read_to_string(root.join(&file)).unwrap_or_default();
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        let name = test.rsplit("::").next().unwrap_or(&test);
        let at = lines.iter().position(|line| line.contains(&format!("fn {name}(")));
        let attributes = at.map(|at| lines[..at].iter().rev().take_while(|line| line.starts_with('#')).copied().collect::<Vec<_>>());
        // Within `proptest!` the attribute stands there as well.
        if !attributes.is_some_and(|a| a.iter().any(|l| l.contains("test")) && !a.iter().any(|l| l.contains("ignore"))) {
            missing.push(format!("{file}::{test}"));
        }
    }
    assert!(missing.is_empty(), "a page names tests that are not there or do not run: {missing:#?}");
}
