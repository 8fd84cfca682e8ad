//! What we are built from and where we run, held against deny.toml and the systemd unit, without a network: licences and sources
//! of every crate, no crate that deny.toml bans, no unsafe code but the mapped font and the call that gives memory back, and a unit that shuts the process in. Known
//! vulnerabilities need a list from the network: `make deny`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Whether a licence expression (SPDX, with the older `/`) can be met by licences of the list.
fn met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at, allowed) && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut found = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        found |= both(words, at, allowed);
    }
    found
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut found = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        found &= one(words, at, allowed);
    }
    found
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let found = either(words, at, allowed);
        *at += 1;
        return found;
    }
    let mut name = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words.get(*at + 1).copied().unwrap_or_default());
        *at += 2;
        // A licence with an exception allows more than the licence.
        return allowed.contains(&name) || allowed.contains(*word);
    }
    allowed.contains(&name)
}

#[test]
fn licence_expressions_are_understood() {
    let allowed: BTreeSet<String> = ["MIT", "ISC"].map(str::to_owned).into();
    for (expression, wanted) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("MIT/GPL-3.0", true),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("GPL-3.0", false),
        ("(GPL-3.0 OR AGPL-3.0) AND MIT", false),
        ("MIT WITH something", true),
        ("", false),
    ] {
        assert_eq!(met(expression, &allowed), wanted, "{expression}");
    }
}

#[test]
fn every_crate_is_from_the_registry_under_a_licence_that_deny_toml_allows() {
    let deny: toml::Value = file("deny.toml").parse::<toml::Table>().expect("deny.toml").into();
    let list = |value: &toml::Value| {
        value.as_array().expect("a list").iter().map(|v| v.as_str().expect("text").to_owned()).collect::<BTreeSet<_>>()
    };
    let allowed = list(&deny["licenses"]["allow"]);
    let banned: BTreeSet<String> =
        deny["bans"]["deny"].as_array().expect("a list").iter().map(|b| b["name"].as_str().expect("name").to_owned()).collect();
    let clarified: BTreeSet<String> = deny["licenses"]
        .get("clarify")
        .and_then(|c| c.as_array())
        .into_iter()
        .flatten()
        .map(|c| c["crate"].as_str().expect("crate").to_owned())
        .collect();
    let ran = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    let used: BTreeSet<&str> = told["resolve"]["nodes"].as_array().expect("nodes").iter().map(|n| n["id"].as_str().expect("id")).collect();
    let mut wrong = Vec::new();
    for package in told["packages"].as_array().expect("packages").iter().filter(|p| used.contains(p["id"].as_str().unwrap_or_default())) {
        let name = package["name"].as_str().expect("name");
        let licence = package["license"].as_str().unwrap_or_default();
        if !met(licence, &allowed) && !clarified.contains(name) {
            wrong.push(format!("{name}: {licence}"));
        }
        if banned.contains(name) {
            wrong.push(format!("{name} is banned"));
        }
        if package["source"].as_str().is_some_and(|source| !source.starts_with("registry+")) {
            wrong.push(format!("{name} is not from the registry"));
        }
    }
    assert!(used.len() > 100, "{}", used.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn unsafe_code_stands_in_two_places_alone() {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("folder").map(|e| e.expect("entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(&entry).expect("source");
            let many = text.lines().filter(|l| l.contains("unsafe {") || l.contains("unsafe fn") || l.contains("unsafe impl")).count();
            if many > 0 {
                found.push((entry.strip_prefix(root()).expect("inside").display().to_string(), many));
            }
        }
    }
    assert!(
        found.iter().all(|(name, many)| ["src/render/paper.rs", "src/daemon/memory.rs"].contains(&name.as_str()) && *many <= 2),
        "{found:?}"
    );
    assert!(file("Cargo.toml").contains("unsafe_code = \"deny\""));
}

#[test]
fn the_unit_shuts_the_process_in() {
    let unit = root().join("deploy/systemd/redress.service");
    let text = std::fs::read_to_string(&unit).expect("the unit");
    for line in [
        "LimitCORE=0",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "MemoryDenyWriteExecute=yes",
        "UMask=0077",
        "StateDirectoryMode=0700",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}");
    }
    assert!(!text.contains("CoredumpReceive=yes"));
    let Ok(ran) = Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager", "--threshold=15"]).arg(&unit).output()
    else {
        eprintln!("systemd-analyze is not here: how far the unit is exposed was not measured");
        return;
    };
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let overall =
        said.lines().find(|l| l.contains("Overall exposure")).unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&ran.stderr)));
    assert!(ran.status.success(), "exposed by more than 1.5: {overall}");
}

#[test]
fn what_continuous_integration_runs_is_there() {
    assert!(Path::new(&root().join("Cargo.lock")).exists());
    let make = file("Makefile");
    assert!(make.contains("\ndeny:") && make.contains("--locked"));
    let (ci, deny) = (file(".ci/run"), file("scripts/deny"));
    assert!(ci.contains("make test") && ci.contains("scripts/deny"), "known vulnerabilities are looked up wherever the tool is");
    assert!(deny.contains("check bans licenses sources || exit 1") && deny.contains("exec cargo deny --locked check advisories"));
}
