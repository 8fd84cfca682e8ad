//! Wrong configs and the exact lines that are said of them; layers, secrets and defaults of right ones.

use secrecy::ExposeSecret;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

use super::*;

mod secrets;
mod wrong;

/// A right config; the line numbers in the cases below are of this text.
const RIGHT: &str = r#"[organisation]
name = "高雄示範大學"
office = "秘書室"
domain = "kmu.example"
profile = "kmu"
time_zone = "Asia/Taipei"
locale = "zh-TW"

[[mailboxes]]
address = "service@kmu.example"
folder = "INBOX"
trusted_authserv_id = "mx.kmu.example"
take_since = "7d"
[mailboxes.imap]
host = "127.0.0.1"
port = 1143
tls = "none"
username = "service@kmu.example"
password_file = "imap.password"

[smtp]
host = "127.0.0.1"
port = 2525
tls = "none"

[store]
url = "sqlite:redress.db"

[survey]
listen = "127.0.0.1:8080"
public_url = "https://survey.kmu.example"

[digest]
at = "08:30"

[intake]
dispatch = "auto"

[answer]
recall_window = "0s"

[[people]]
id = "wang"
name = "王秘書"
email = "wang@kmu.example"
roles = ["secretariat"]
title = "組員"
away = [{ from = "2026-12-01", to = "2026-12-05", deputy = "lee" }]

[[people]]
id = "lee"
name = "李主秘"
email = "lee@kmu.example"
roles = ["chief_secretary"]

[[people]]
id = "lin"
name = "林教務長"
email = "lin@kmu.example"

[[units]]
id = "academic"
name = "教務處"
inbox = "academic@kmu.example"
head = "lin"
handlers = ["lin"]
keywords = ["選課", "成績"]

[[units]]
id = "general"
name = "總務處"
inbox = "general@kmu.example"
head = "lee"
keywords = ["停車"]
"#;

struct Bench {
    folder: TempDir,
    env: BTreeMap<String, String>,
}

impl Bench {
    fn new(text: &str) -> Self {
        let bench = Self { folder: TempDir::new().expect("folder"), env: BTreeMap::new() };
        bench.write("redress.toml", text);
        bench.write("imap.password", "0123\n");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(name), text).expect("file");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).expect("mode");
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    fn load(&self) -> Result<Config, Mistakes> {
        load(&self.path("redress.toml"), &self.env)
    }

    /// What is said of it, without the folder and the main file's name.
    fn said(&self) -> Vec<String> {
        self.lines(&self.load().expect_err("mistakes").0)
    }

    fn lines(&self, mistakes: &[Mistake]) -> Vec<String> {
        let folder = format!("{}/", self.folder.path().display());
        mistakes.iter().map(|mistake| mistake.to_string().replace(&folder, "").replace("redress.toml:", "")).collect()
    }
}

fn changed(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(RIGHT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in the right config");
        text.replacen(from, to, 1)
    })
}

#[test]
fn defaults_are_as_documented() {
    let config = Bench::new(RIGHT).load().expect("right");
    let [mailbox] = config.mailboxes.as_slice() else { panic!("one mailbox") };
    assert_eq!((mailbox.processed_folder.as_str(), mailbox.quarantine_folder.as_str()), ("Processed", "Quarantine"));
    assert!(mailbox.idle && mailbox.plus_addressing);
    assert_eq!((mailbox.poll_interval, mailbox.take_since), (60, Some(604_800)));
    assert_eq!(mailbox.evidence, Evidence::Dmarc);
    assert_eq!(config.answer.recall_window, 0);
    assert_eq!(config.digest.at.to_string(), "08:30");
    assert_eq!((mailbox.size_limit_mib, config.smtp.hello.as_str(), config.smtp.connections), (25, "kmu.example", 3));
    assert_eq!(config.warnings, []);
    assert_eq!(config.person("lee").map(|p| p.name.as_str()), Some("李主秘"));
    assert_eq!(config.person("wang").map(|p| p.away.len()), Some(1));
    assert!(config.smtp.server.login.is_none());

    let bare = changed(&[
        ("recall_window = \"0s\"\n", ""),
        ("at = \"08:30\"\n", ""),
        ("trusted_authserv_id = \"mx.kmu.example\"\n", ""),
        ("take_since = \"7d\"\n", ""),
        ("[survey]\nlisten = \"127.0.0.1:8080\"\npublic_url = \"https://survey.kmu.example\"\n", ""),
        ("dispatch = \"auto\"\n", ""),
        ("time_zone = \"Asia/Taipei\"\nlocale = \"zh-TW\"\n", ""),
        ("port = 1143\n", ""),
        ("port = 2525\n", ""),
        ("username = \"service@kmu.example\"\n", ""),
    ]);
    let config = Bench::new(&bare).load().expect("right");
    let [mailbox] = config.mailboxes.as_slice() else { panic!("one mailbox") };
    assert_eq!((mailbox.evidence, mailbox.take_since, mailbox.imap.port), (Evidence::Confirm, None, 143));
    assert_eq!(mailbox.imap.login.as_ref().map(|login| login.username.as_str()), Some("service@kmu.example"));
    assert_eq!((config.answer.recall_window, config.smtp.server.port, config.intake.dispatch), (600, 25, None));
    assert_eq!((config.digest.at.to_string(), config.organisation.locale), ("08:30".to_owned(), Locale::ZhTw));
    assert_eq!(config.organisation.time_zone.iana_name(), Some("Asia/Taipei"));
    assert!(config.survey.is_none());
    assert_eq!((mailbox.sent_folder.as_deref(), config.probe), (None, None));
    let probing = Bench::new(&changed(&[("[digest]\n", "[probe]\n\n[digest]\n")])).load().expect("right");
    assert_eq!(probing.probe, Some(Probe { every: 3600, late_after: 900 }));
    let often = Bench::new(&changed(&[("[digest]\n", "[probe]\nevery = \"10m\"\n\n[digest]\n")])).load().expect("right");
    assert_eq!(often.probe, Some(Probe { every: 600, late_after: 300 }));
}

#[test]
fn tls_gives_the_port() {
    let bench = Bench::new(&changed(&[
        ("host = \"127.0.0.1\"\nport = 1143\ntls = \"none\"\n", "host = \"imap.kmu.example\"\n"),
        ("host = \"127.0.0.1\"\nport = 2525\ntls = \"none\"", "host = \"smtp.kmu.example\"\ntls = \"starttls\""),
    ]));
    let config = bench.load().expect("right");
    assert_eq!(config.mailboxes.first().map(|m| (m.imap.port, m.imap.tls)), Some((993, Tls::Implicit)));
    assert_eq!((config.smtp.server.port, config.smtp.server.tls), (587, Tls::StartTls));
}

#[test]
fn the_store_lies_beside_the_file_that_names_it() {
    let bench = Bench::new(RIGHT);
    let url = |bench: &Bench| bench.load().expect("right").store.url.expose_secret().to_owned();
    assert_eq!(url(&bench), format!("sqlite:{}", bench.path("redress.db").display()));
    bench.write("redress.toml", &changed(&[("sqlite:redress.db", "sqlite:///var/lib/redress.db")]));
    assert_eq!(url(&bench), "sqlite:/var/lib/redress.db");
    bench.write("redress.toml", &changed(&[("sqlite:redress.db", "postgres://redress:geheim@db/redress")]));
    assert_eq!(url(&bench), "postgres://redress:geheim@db/redress");
    assert!(!format!("{:?}", bench.load()).contains("geheim"));
}

#[test]
fn the_environment_overrides_and_is_not_guessed_at() {
    let bench = Bench::new(RIGHT)
        .env("REDRESS__SMTP__PORT", "2626")
        .env("REDRESS__MAILBOXES__0__IDLE", "false")
        .env("REDRESS__MAILBOXES__0__IMAP__PASSWORD_FILE", "other.password")
        .env("REDRESS__UNITS__1__KEYWORDS", "停車, 宿舍")
        .env("REDRESS__ORGANISATION__NAME", "0123")
        .env("REDRESS_CONFIG", "/nowhere")
        .env("HOME", "/root");
    bench.write("other.password", "1e5");
    let config = bench.load().expect("right");
    assert_eq!((config.smtp.server.port, config.organisation.name.as_str()), (2626, "0123"));
    assert_eq!(config.mailboxes.first().map(|m| (m.idle, m.imap.port)), Some((false, 1143)));
    assert_eq!(config.units.get(1).map(|u| u.keywords.clone()), Some(vec!["停車".to_owned(), "宿舍".to_owned()]));
    assert_eq!(secrets::password(&bench), "1e5");

    let wrong =
        Bench::new(RIGHT).env("REDRESS__SMTP__PORT", "many").env("REDRESS__SMPT__HOST", "x").env("REDRESS__", "x").env("REDRESS__A.B", "x");
    assert_eq!(
        wrong.said(),
        [
            "$REDRESS__: names no key: write REDRESS__SMTP__PORT, or REDRESS__MAILBOXES__0__IMAP__PORT",
            "$REDRESS__A.B: names no key: write REDRESS__SMTP__PORT, or REDRESS__MAILBOXES__0__IMAP__PORT",
            "$REDRESS__SMPT__HOST: smpt: unknown key: did you mean smtp?",
            "$REDRESS__SMTP__PORT: smtp.port: is no whole number: write a number from 1 to 65535, without quotes",
        ]
    );
}

#[test]
fn included_files_add_to_the_lists_and_keep_their_lines() {
    let units = RIGHT.find("[[units]]").expect("units");
    let (main, rest) = RIGHT.split_at(units);
    let bench = Bench::new(&format!("include = [\"conf/units.toml\", \"conf/more.toml\"]\n{main}"));
    fs::create_dir(bench.path("conf")).expect("folder");
    bench.write("conf/units.toml", rest);
    bench.write("conf/more.toml", "[[units]]\nid = \"student\"\nname = \"學務處\"\ninbox = \"student@kmu.example\"\nhead = \"wang\"\n[smtp]\nport = 26\n[store]\nurl = \"sqlite:x.db\"\n");
    let config = bench.load().expect("right");
    assert_eq!(config.units.iter().map(|unit| unit.id.as_str()).collect::<Vec<_>>(), ["academic", "general", "student"]);
    assert_eq!((config.smtp.server.port, config.smtp.server.host.as_str()), (26, "127.0.0.1"));
    assert_eq!(config.store.url.expose_secret(), format!("sqlite:{}", bench.path("conf/x.db").display()));

    bench.write("conf/more.toml", "\n\n[[units]]\nid = \"student\"\nname = \"學務處\"\ninbox = \"general@kmu.example\"\nhed = \"wang\"\n");
    assert_eq!(
        bench.said(),
        [
            "conf/more.toml:3: units[2].head: missing: write head = \"lin\", a person's id",
            &format!(
                "conf/more.toml:6: units[2].inbox: `general@kmu.example` stands at {}:12 already: give each unit its own inbox",
                bench.path("conf/units.toml").display()
            )
            .replace(&format!("{}/", bench.folder.path().display()), ""),
            "conf/more.toml:7: units[2].hed: unknown key: did you mean head?",
        ]
    );
    bench.write("conf/more.toml", "include = [\"../redress.toml\"]\n");
    assert_eq!(bench.said(), ["conf/more.toml:1: include: this file is included already: include every file once"]);
}

#[test]
fn what_is_allowed_but_hardly_meant_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new(&changed(&[
        ("keywords = [\"停車\"]", "keywords = [\"停車\", \"成績\", \"停車\", \"吵\"]"),
        ("general@kmu.example", "lee@kmu.example"),
    ]));
    fs::set_permissions(bench.path("imap.password"), fs::Permissions::from_mode(0o644)).expect("mode");
    let bench = bench.env("REDRESS__SMTP__PASSWORD", "x").env("REDRESS__SMTP__USERNAME", "y");
    let config = bench.load().expect("allowed");
    assert_eq!(
        bench.lines(&config.warnings),
        [
            "19: mailboxes[0].imap.password_file: imap.password can be read by others: chmod 600 it",
            "72: units[1].inbox: `lee@kmu.example` is also the address of lee: a shared inbox proves nobody: what is written from it is filed, and does not count as that person's decision",
            "74: units[1].keywords: `成績` is also a word of 教務處: it decides for neither: leave it with one of them",
            "74: units[1].keywords: `停車` stands twice: once is enough",
            "74: units[1].keywords: `吵` is very short: it will be found in many complaints: write a longer word",
            "$REDRESS__SMTP__PASSWORD: smtp.password: a secret in the environment can be read by other processes: use password_file",
        ]
    );
}

#[test]
fn roles_are_held_against_the_profile_with_their_lines() {
    let bench = Bench::new(&changed(&[("roles = [\"chief_secretary\"]", "roles = [\"chief_secretery\", \"gardener\"]")]));
    let config = bench.load().expect("right");
    assert_eq!(
        bench.lines(&config.check_roles(&["secretariat", "chief_secretary"])),
        [
            "54: people[1].roles: the profile knows no role `chief_secretery`: did you mean chief_secretary?",
            "54: people[1].roles: the profile knows no role `gardener`: the profile knows secretariat, chief_secretary",
        ]
    );
    assert_eq!(config.check_roles(&["secretariat", "chief_secretery", "gardener"]), []);
}

#[test]
fn own_days_reach_the_calendar() {
    let bench = Bench::new(&changed(&[(
        "[digest]",
        "[calendar]\noffice_hours = [\"08:00-12:00\", \"13:00-17:00\"]\nclosures = [{ from = \"2026-03-02\", to = \"2026-03-03\", note = \"停班\" }]\nopenings = [{ date = \"115/03/07\" }]\n[digest]",
    )]));
    let calendar = bench.load().expect("right").working_time();
    let start = crate::calendar::Moment::parse_rfc3339("2026-02-26T10:00:00+08:00").expect("moment");
    let due = |days| calendar.due(start, &crate::calendar::Length::WorkingDays(days), None).map(|at| at.rfc3339(calendar.zone()));
    assert_eq!(due(1), Ok("2026-03-04T17:00:00+08:00".to_owned())); // 02-27 is off
    assert_eq!(due(4), Ok("2026-03-07T17:00:00+08:00".to_owned()));
}

/// The commented example that is shipped.
const EXAMPLE: &str = include_str!("../../deploy/redress.example.toml");

#[test]
fn the_shipped_example_is_accepted() {
    let bench = Bench::new(EXAMPLE);
    bench.write("smtp.password", "x\n");
    let config = bench.load().unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(config.warnings, []);
    assert_eq!((config.people.len(), config.units.len()), (5, 1));
}

#[test]
fn the_shipped_example_shows_every_key() {
    let bench = Bench::new(RIGHT);
    let sheet = section::Sheet::new(layers::lay(&bench.path("redress.toml"), &bench.env), &bench.path("redress.toml"));
    let _ = read::config(&sheet, &bench.env);
    let keys = sheet.asked();
    assert!(keys.len() > 70, "{keys:?}");
    // Which table a key of the example stands in: inline tables are looked for by their key alone.
    for key in &keys {
        let name = key.rsplit('.').next().expect("name");
        let shown = |prefix: &str| EXAMPLE.contains(&format!("{prefix}{name} = "));
        let section = EXAMPLE.contains(&format!("\n[{name}]"))
            || EXAMPLE.contains(&format!("\n#[{name}]"))
            || EXAMPLE.contains(&format!("\n[[{name}]]"))
            || EXAMPLE.contains(&format!("\n#[[{name}]]"))
            || EXAMPLE.contains(&format!(".{name}]"));
        assert!(shown("\n") || shown("\n#") || shown("{ ") || shown(", ") || section, "{key} is not in the example");
    }
}

#[test]
fn a_file_that_ends_or_breaks_anywhere_is_complained_about_and_nothing_more() {
    let bench = Bench::new(RIGHT);
    let places = RIGHT.char_indices().map(|(at, _)| at).step_by(5);
    for at in places {
        let (head, tail) = RIGHT.split_at(at);
        bench.write("redress.toml", head);
        if let Err(mistakes) = bench.load() {
            assert!(mistakes.0.iter().all(|mistake| !mistake.what.is_empty() && !mistake.hint.is_empty()), "{head}");
        }
        for junk in ["\"", "[", "=", "[[", "\u{0}", "'''"] {
            bench.write("redress.toml", &format!("{head}{junk}{tail}"));
            let _ = bench.load();
        }
    }
    bench.write("redress.toml", "");
    assert!(bench.said().len() > 8);
    fs::write(bench.path("redress.toml"), b"\xff\xfe").expect("file");
    assert_eq!(bench.said(), ["1: the file is not UTF-8: save it as UTF-8"]);
    fs::remove_file(bench.path("redress.toml")).expect("removed");
    assert_eq!(
        bench.said(),
        ["1: cannot be read (entity not found): name a file that the service may read, with --config, REDRESS_CONFIG or include"]
    );
}
