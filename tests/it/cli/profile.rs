//! `check-config` on profiles: every shipped one is right, a new office's copy is accepted, and each mistake has its file, line and hint.

use std::path::{Path, PathBuf};

use super::{plain_config, redress};

const PROCEDURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/procedures");

/// A copy of a shipped profile with words replaced, named by the config; gives the profile's path and the config's.
fn copy(folder: &Path, of: &str, changes: &[(&str, &str)]) -> (PathBuf, PathBuf) {
    let own = folder.join("own");
    std::fs::create_dir_all(&own).expect("folder");
    for file in ["profile.toml", "survey.toml"] {
        let mut text = std::fs::read_to_string(Path::new(PROCEDURES).join(of).join(file)).expect("shipped");
        for (from, to) in changes {
            text = text.replacen(from, to, 1);
        }
        std::fs::write(own.join(file), text).expect("copy");
    }
    let config = plain_config(folder);
    let text = std::fs::read_to_string(&config).expect("config").replace("profile = \"kmu\"", "profile = \"own/profile.toml\"");
    std::fs::write(&config, text).expect("config");
    (own, config)
}

#[test]
fn every_shipped_profile_is_accepted() {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(PROCEDURES).expect("profiles").flatten() {
        let name = entry.file_name().into_string().expect("a name");
        let folder = tempfile::tempdir().expect("folder");
        let config = plain_config(folder.path());
        let text = std::fs::read_to_string(&config).expect("config").replace("profile = \"kmu\"", &format!("profile = \"{name}\""));
        std::fs::write(&config, text).expect("config");
        let ran = redress(&config, &["check-config"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert!(ran.out.contains(&format!("profile {name} ")), "{}", ran.out);
        names.push(name);
    }
    assert!(names.contains(&"kmu".to_owned()), "{names:?}");
}

#[test]
fn a_new_offices_copy_changed_in_names_grades_and_chain_alone_is_accepted() {
    let folder = tempfile::tempdir().expect("folder");
    let grades = "[[grades]]\nid = \"急\"\nlabel = \"急件\"\ncriteria = [\"影響健康或安全\"]\n[[grades.deadlines]]\nkind = \"start\"\nlength = \"4wh\"\n\
                  [[grades]]\nid = \"普\"\nlabel = \"普通件\"\ndefault = true\ndeadlines = []\n\n[[deadlines]]\n";
    let changes = [
        ("id = \"kmu\"", "id = \"college\"\nforms = \"kmu\""),
        ("title = \"顧客抱怨處理程序\"", "title = \"民眾意見處理要點\""),
        ("title = \"秘書室\"", "title = \"公關室\""),
        ("title = \"主任秘書\"", "title = \"副執行長\""),
        (
            "title = \"主任秘書核定\"\nstamp = \"approve\"",
            "title = \"副執行長核定\"\nstamp = \"approve\"\n[[chains.steps]]\nany_of = [\"president\"]\ntitle = \"執行長\"",
        ),
        ("[[deadlines]]\n", grades),
    ];
    let (_, config) = copy(folder.path(), "kmu", &changes);
    let ran = redress(&config, &["check-config"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("college QP-08-13-11 民眾意見處理要點"), "{}", ran.out);
}

/// What is replaced, by what, the file, the words at whose line the mistake stands, and what is said.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const WRONG: &[Row] = &[
    (
        "any_of = [\"chief_secretary\"]",
        "any_of = [\"chief_secretry\"]",
        "profile.toml",
        "chief_secretry",
        &["chains[0].steps[2].any_of", "defines no role `chief_secretry`", "did you mean chief_secretary?"],
    ),
    ("any_of = [\"chief_secretary\"]", "any_of = [\"dean\"]", "profile.toml", "\"dean\"", &["add [[roles]] with id = \"dean\""]),
    ("any_of = [\"chief_secretary\"]", "any_of = []", "profile.toml", "any_of = []", &["`主任秘書核定` names nobody"]),
    ("id = \"secretariat\"", "id = \"office\"", "profile.toml", "[[roles]]", &["the office that owns the procedure is missing"]),
    ("id = \"president\"", "id = \"secretariat\"", "profile.toml", "", &["roles[2].id", "`secretariat` stands twice"]),
    ("length = \"7wd\"", "length = \"7xx\"", "profile.toml", "7xx", &["7xx"]),
    ("kind = \"answer\"", "kind = \"answr\"", "profile.toml", "answr", &["answr", "answer"]),
    (
        "deadline = \"answer\"",
        "deadline = \"preliminary\"",
        "profile.toml",
        "deadline = \"preliminary\"",
        &["reminders[0].deadline", "no deadline of the kind `preliminary`", "name one of answer"],
    ),
    ("to = [\"handler\"]", "to = [\"hanlder\"]", "profile.toml", "hanlder", &["reminders[0].to", "did you mean handler?"]),
    ("before = \"2wd\"", "before = \"2wd\"\nafter = \"1wd\"", "profile.toml", "", &["reminders[0]", "before and after"]),
    ("approver = \"secretariat\"", "approver = \"board\"", "profile.toml", "approver = ", &["extension.approver", "no role `board`"]),
    ("major = false", "major = true", "profile.toml", "", &["for the same cases", "tell them apart"]),
    (
        "stage = \"answer\"\nmajor = false",
        "stage = \"answer\"\nmajor = false\ngrades = [\"A\"]",
        "profile.toml",
        "grades = [\"A\"]",
        &["defines no grade `A`"],
    ),
    (
        "[[deadlines]]\nkind = \"answer\"\nlength = \"7wd\"\nstart = \"received\"",
        "[[grades]]\nid = \"A\"\nlabel = \"A級\"\ndeadlines = []",
        "profile.toml",
        "deadlines = []",
        &["grades[0].deadlines", "grade `A` has no deadline"],
    ),
    (
        "[[deadlines]]\n",
        "[[grades]]\nid = \"A\"\nlabel = \"甲\"\ndeadlines = []\n[[grades]]\nid = \"a\"\nlabel = \"乙\"\ndeadlines = []\n[[deadlines]]\n",
        "profile.toml",
        "id = \"a\"",
        &["grades[1].id", "stands twice"],
    ),
    ("id = \"answer\"\nlabel", "id = \"reply\"\nlabel", "profile.toml", "[[handling]]", &["no place for the proposed answer"]),
    ("id = \"cause\"", "id = \"summary\"", "profile.toml", "", &["handling[2].id", "`summary` stands twice"]),
    ("format = \"{roc}-{seq:04}\"", "format = \"{roc}\"", "profile.toml", "format = ", &["number.format"]),
    ("categories = [\"行政\", \"教學\"", "categories = [\"行政\", \"行政\"", "profile.toml", "categories", &["`行政` stands twice"]),
    ("retention = \"2年\"", "retention = \"2年\"\nretenton = \"3年\"", "profile.toml", "retenton", &["retenton"]),
    (
        "id = \"reasons\"\nkind = \"multiple\"",
        "id = \"reasons\"\nkind = \"multiple\"\nrequired = true",
        "survey.toml",
        "",
        &["2 questions are required"],
    ),
    ("question = \"overall\"", "question = \"overal\"", "survey.toml", "", &["questions[1]", "show_if must name an earlier question"]),
    ("id = \"speed\"", "id = \"overall\"", "survey.toml", "", &["\"overall\" is given twice"]),
    ("value = \"slow\"", "value = \"Slow!\"", "survey.toml", "", &["small letters"]),
];

#[test]
fn each_mistake_of_a_profile_is_refused_with_file_line_and_hint() {
    for (from, to, file, needle, words) in WRONG {
        let folder = tempfile::tempdir().expect("folder");
        let (own, config) = copy(folder.path(), "kmu", &[(from, to)]);
        let path = own.join(file);
        let text = std::fs::read_to_string(&path).expect("the copy");
        assert!(text.contains(to), "{from} stands in {file}");
        let ran = redress(&config, &["check-config"]);
        assert_eq!(ran.code, 2, "{to}: {}{}", ran.out, ran.err);
        let at = |line: &str| {
            line.starts_with(&format!("{}:", path.canonicalize().expect("path").display())) || line.contains(&format!("own/{file}:"))
        };
        let said: Vec<&str> = ran.err.lines().filter(|l| at(l)).collect();
        assert!(said.iter().any(|l| words.iter().all(|w| l.contains(w))), "{words:?} for {to} in:\n{}", ran.err);
        if !needle.is_empty() {
            let line = text.lines().position(|l| l.contains(needle)).expect("the words") + 1;
            assert!(said.iter().any(|l| l.contains(&format!("{file}:{line}: "))), "line {line} for {to} in:\n{}", ran.err);
        }
        assert!(said.iter().all(|l| l.matches(": ").count() >= 2), "a hint for {to} in:\n{}", ran.err);
    }
}

#[test]
fn a_directory_that_cannot_work_is_refused() {
    for (from, to, words) in [
        ("roles = [\"secretariat\"]", "roles = []", "nobody has the role secretariat"),
        (
            "roles = [\"secretariat\"]",
            "roles = [\"secretariat\"]\naway = [{ from = \"2026-12-01\", to = \"2026-12-05\", deputy = \"wang\" }]",
            "nobody is his own deputy",
        ),
    ] {
        let folder = tempfile::tempdir().expect("folder");
        let (_, config) = copy(folder.path(), "kmu", &[]);
        let text = std::fs::read_to_string(&config).expect("config");
        assert!(text.contains(from));
        std::fs::write(&config, text.replacen(from, to, 1)).expect("config");
        let ran = redress(&config, &["check-config"]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        assert!(ran.err.contains(words) && ran.err.contains("redress.toml:"), "{}", ran.err);
    }
}
