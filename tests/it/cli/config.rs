//! Arguments and config: what is wrong is said all at once and ends with 2.

use super::{plain_config, redress, redress_with};

#[test]
fn a_right_config_names_its_profile() {
    let folder = tempfile::tempdir().expect("folder");
    let ran = redress(&plain_config(folder.path()), &["check-config"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("ok ") && ran.out.contains("kmu QP-08-13-11"), "{}", ran.out);
    assert!(!folder.path().join("redress.db").exists(), "a check makes no store");
}

#[test]
fn every_mistake_is_said_at_once_with_file_and_line() {
    let folder = tempfile::tempdir().expect("folder");
    let path = plain_config(folder.path());
    let overlay = folder.path().join("own/zh-TW/letters/answer");
    std::fs::create_dir_all(&overlay).expect("folder");
    std::fs::write(overlay.join("body.txt"), "{{ letter.no_such_name }}").expect("template");
    let text = std::fs::read_to_string(&path).expect("config");
    let text = text.replace("roles = [\"secretariat\"]", "roles = [\"secretariat\", \"sekretariat\", \"pope\"]");
    let text = text
        .replace("head = \"lin\"", "head = \"lim\"")
        .replace("port = 1\ntls = \"none\"\npassword", "prot = 1\ntls = \"none\"\npassword");
    std::fs::write(&path, format!("{text}\n[templates]\noverlay = \"own\"\n")).expect("config");
    let ran = redress(&path, &["check-config"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let lines: Vec<&str> = ran.err.lines().collect();
    let line_of =
        |needle: &str| std::fs::read_to_string(&path).expect("config").lines().position(|l| l.contains(needle)).expect("there") + 1;
    for (word, needle) in [
        ("no role `sekretariat`", "sekretariat"),
        ("no role `pope`", "sekretariat"),
        ("units[0].head", "head = "),
        ("prot", "prot = "),
        ("no_such_name", "overlay = "),
    ] {
        let place = format!("{}:{}: ", path.display(), line_of(needle));
        assert!(lines.iter().any(|l| l.starts_with(&place) && l.contains(word)), "{word} at {place} in\n{}", ran.err);
    }
    assert!(ran.err.contains("did you mean secretariat?"), "{}", ran.err);
    assert!(!ran.err.contains("a-secret-word"));
    assert!(ran.out.is_empty(), "{}", ran.out);
}

#[test]
fn what_this_version_cannot_use_and_a_wrong_profile_are_mistakes() {
    let folder = tempfile::tempdir().expect("folder");
    let path = plain_config(folder.path());
    let own = folder.path().join("own.toml");
    std::fs::write(&own, "id = \"own\"\ntitle = 3\n").expect("profile");
    std::fs::write(folder.path().join("survey.toml"), "").expect("survey");
    let ran = redress_with(&path, &[("REDRESS__ORGANISATION__PROFILE", own.to_str().expect("path"))], &["check-config"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("organisation.profile") && ran.err.contains("own.toml"), "{}", ran.err);
    // One of the profile and one of its empty survey.
    assert_eq!(ran.err.lines().count(), 2, "a mistake has one line: {}", ran.err);
}

#[test]
fn a_config_that_is_not_there_is_said_by_every_command() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("none.toml");
    for args in [
        &["check-config"][..],
        &["doctor"],
        &["case", "list"],
        &["audit", "verify"],
        &["backup", "x.db"],
        &["digest"],
        &["quarantine", "list"],
        &["old-mail", "list"],
        &["run", "--once"],
    ] {
        let ran = redress(&path, args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains("none.toml"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn wrong_arguments_end_with_2() {
    let folder = tempfile::tempdir().expect("folder");
    let path = plain_config(folder.path());
    for args in [
        &[][..],
        &["nonsense"],
        &["case"],
        &["case", "show"],
        &["quarantine", "release"],
        &["form", "115-0001", "--out", "x.pdf"],
        &["run", "--now", "2026-12-01T09:00:00+08:00"],
        &["run", "--once", "--now", "tomorrow"],
        &["run", "--once", "--dry-run"],
        &["digest", "--now", "2026-12-01"],
        &["inspect"],
    ] {
        let ran = redress(&path, args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(!ran.err.is_empty(), "{args:?}");
    }
}

#[test]
fn help_lists_what_there_is() {
    let folder = tempfile::tempdir().expect("folder");
    let ran = redress(&plain_config(folder.path()), &["--help"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for command in
        ["run", "check-config", "doctor", "inspect", "case", "quarantine", "audit", "form", "digest", "calendar", "backup", "old-mail"]
    {
        assert!(ran.out.lines().any(|l| l.trim_start().starts_with(command)), "{command} in\n{}", ran.out);
    }
}

#[test]
fn certificates_and_second_persons_are_checked_where_they_were_written() {
    use crate::support::cms::Signer;
    let folder = tempfile::tempdir().expect("folder");
    let path = plain_config(folder.path());
    let plain = std::fs::read_to_string(&path).expect("config");
    let file = |name: &str, words: &str| std::fs::write(folder.path().join(name), words).expect("written");
    file("good.pem", &Signer::valid("林教務長", "2026-01-01T00:00:00Z", "2045-01-01T00:00:00Z", 0x80).pem());
    file("old.pem", &Signer::valid("林教務長", "2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z", 0x80).pem());
    file("encrypting.pem", &Signer::valid("林教務長", "2026-01-01T00:00:00Z", "2045-01-01T00:00:00Z", 0x20).pem());
    file("none.pem", "-----BEGIN PRIVATE KEY-----");
    let check = |lin: &str, trust: &str| {
        let text = plain.replace("email = \"lin@kmu.example\"", &format!("email = \"lin@kmu.example\"\n{lin}"));
        std::fs::write(&path, format!("{text}\n[trust]\n{trust}\n")).expect("config");
        let ran = redress(&path, &["check-config"]);
        (ran.code, ran.err)
    };
    for good in ["second_person = []", "second_person = [\"address\", \"purge\"]", ""] {
        let (code, said) = check("certificate_file = \"good.pem\"\nrequire = \"smime\"", good);
        assert!(code == 0 && !said.contains("certificate") && !said.contains("second_person"), "{said}");
    }
    let (code, said) = check("certificate_file = \"old.pem\"", "");
    assert!(code == 0 && said.contains("redress.toml:38: people[1].certificate_file: the certificate of lin has expired"), "{said}");
    for (lin, trust, words) in [
        ("certificate_file = \"none.pem\"", "", "38: people[1].certificate_file: "),
        ("certificate_file = \"encrypting.pem\"", "", "is not for signing mail (key usage): use the one for signatures"),
        ("certificate_file = \"gone.pem\"", "", "name the person's signing certificate"),
        ("require = \"smime\"", "", "38: people[1].require: asks for a signature that nothing can be held against: add certificate_file"),
        ("require = \"pgp\"", "", "people[1].require: `pgp` is not known"),
        ("", "require_smime = [\"president\"]", "trust.require_smime: nobody has the role `president`"),
        ("", "require_smime = [\"secretariat\"]", "trust.require_smime: `wang`, who is secretariat, has no certificate"),
        (
            "",
            "second_person = [\"adress\"]",
            "trust.second_person: `adress` is none of what a second person can be asked about: did you mean address?",
        ),
    ] {
        let (code, said) = check(lin, trust);
        assert!(code == 2 && said.contains(words), "{words} in {said}");
    }
}

#[test]
fn what_keeps_it_from_starting_is_said_once() {
    let folder = tempfile::tempdir().expect("folder");
    let config = super::plain_config(folder.path());
    std::fs::write(folder.path().join("redress.db"), "this is no database, and longer than a page's head".repeat(100)).expect("a file");
    for args in [["case", "list"].as_slice(), &["run"], &["run", "--once"], &["audit", "verify"]] {
        let ran = redress(&config, args);
        assert_eq!(ran.code, 1, "{args:?}: {ran:?}");
        let line = ran.err.lines().last().expect("a line");
        assert!(line.starts_with("redress: ") && line.contains("not a database"), "{args:?}: {line}");
        for words in ["not a database", "returned from database", "the store"] {
            assert!(line.matches(words).count() <= if words == "the store" { 2 } else { 1 }, "{args:?} says 「{words}」 again: {line}");
        }
    }
}
