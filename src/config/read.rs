//! Makes the small sections of the config: organisation, store, survey, digest, intake, answer, trust, calendar, forms,
//! templates, log. Servers and the directory have their own files. Called by `load` alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use jiff::ToSpan;
use secrecy::{ExposeSecret, SecretString};

use super::mail_types::Evidence;
use super::section::{Section, Sheet, either};
use super::types::{
    Answer, Config, Digest, Dispatch, Forms, Intake, Locale, Log, LogFormat, LogLevel, Organisation, OwnCalendar, Probe, Profile,
    SecondPerson, Sms, SmsUrl, Store, Survey, Templates, Trust, TrustKey,
};
use super::{SHIPPED_PROFILES, directory, mistake::nearest, servers};
use crate::calendar::{Date, Hour, OfficeHours, TimeZone};
use crate::desk::{Every, IDLE_DAYS, PeopleReview, Receipt};

/// The words of `evidence`.
pub(super) const EVIDENCE: [(&str, Evidence); 5] = [
    ("dmarc", Evidence::Dmarc),
    ("dkim", Evidence::Dkim),
    ("internal", Evidence::Internal),
    ("confirm", Evidence::Confirm),
    ("token", Evidence::Token),
];

/// The words of `trust.second_person`.
const SECOND: [(&str, SecondPerson); 3] =
    [("address", SecondPerson::Address), ("purge", SecondPerson::Purge), ("release", SecondPerson::Release)];

/// Reads everything; mistakes go to the sheet, and what they leave open is filled with defaults that nobody will see.
pub(super) fn config(sheet: &Sheet, env: &BTreeMap<String, String>) -> Config {
    let mut root = sheet.root();
    let organisation = organisation(root.section("organisation"));
    let trust = trust(root.section("trust"));
    let mailboxes = servers::mailboxes(&mut root, trust.evidence, env);
    let unproved = mailboxes.iter().position(|m| matches!(m.evidence, Evidence::Confirm | Evidence::Token));
    let people = directory::people(&mut root);
    let signs = people.iter().any(|p| p.certificate.is_some());
    if let (true, Some(place), false) = (trust.confirm_major, unproved, signs) {
        let hint = "with evidence = \"confirm\" every act is confirmed already; a second proof needs dmarc, dkim or internal";
        root.mistake("trust.confirm_major", format!("mailboxes[{place}] can give no proof beside the confirmation"), hint);
    }
    let smtp = servers::smtp(root.section("smtp"), &organisation.domain, env);
    let config = Config {
        organisation,
        mailboxes,
        smtp,
        sms: sms(root.section("sms")),
        store: store(root.section("store")),
        survey: survey(root.section("survey")),
        digest: digest(root.section("digest")),
        probe: probe(root.section("probe")),
        intake: intake(root.section("intake")),
        answer: answer(root.section("answer")),
        people,
        units: directory::units(&mut root),
        authorities: directory::authorities(&mut root),
        web_forms: directory::web_forms(&mut root),
        trust,
        calendar: calendar(root.section("calendar")),
        forms: forms(root.section("forms")),
        templates: templates(root.section("templates")),
        log: log(root.section("log")),
        warnings: Vec::new(),
        places: BTreeMap::new(),
    };
    root.done();
    config
}

fn organisation(mut table: Section<'_>) -> Organisation {
    let name = table.needed("name", "name = \"高雄示範大學\"");
    let office = table.needed("office", "office = \"秘書室\"");
    let domain = table.needed("domain", "domain = \"kmu.example\"");
    if !domain.is_empty() && !servers::is_host_name(&domain) {
        table.mistake("domain", format!("`{domain}` is no domain name"), "write domain = \"kmu.example\"");
    }
    let profile = profile(&mut table);
    let zone = table.text("time_zone").unwrap_or_else(|| "Asia/Taipei".to_owned());
    let time_zone = TimeZone::get(&zone).unwrap_or_else(|_| {
        let hint = match nearest(
            &zone,
            ["Asia/Taipei", "Asia/Tokyo", "Asia/Hong_Kong", "Europe/Berlin", "Europe/London", "America/New_York", "UTC"],
        ) {
            Some(near) => format!("did you mean {near}?"),
            None => "write an IANA name such as Asia/Taipei; the system's tzdata must be installed".to_owned(),
        };
        table.mistake("time_zone", format!("`{zone}` is no time zone"), hint);
        TimeZone::UTC
    });
    let locale = table.word("locale", &[("zh-TW", Locale::ZhTw), ("en", Locale::En)]).unwrap_or(Locale::ZhTw);
    table.done();
    Organisation { name, office, domain, profile, time_zone, locale }
}

fn profile(table: &mut Section<'_>) -> Profile {
    let written = table.needed("profile", "profile = \"kmu\"");
    if SHIPPED_PROFILES.contains(&written.as_str()) || written.is_empty() {
        return Profile::Shipped(written);
    }
    let path = table.sheet.resolve(&table.key("profile"), &written);
    if !path.is_file() {
        let hint = match nearest(&written, SHIPPED_PROFILES) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("write {}, or a path relative to this file", either(&SHIPPED_PROFILES)),
        };
        table.mistake("profile", format!("`{written}` is neither a shipped profile nor a file"), hint);
    }
    Profile::File(path)
}

fn trust(mut table: Section<'_>) -> Trust {
    let evidence = table.word("evidence", &EVIDENCE);
    let id = key_id(&mut table, "key_id");
    let name = if table.has("key") { "key" } else { "key_file" };
    let key = servers::secret(&mut table, "key", "key_file").map(|secret| TrustKey { id, secret, until: None });
    key_is_long(&table, name, key.as_ref());
    let mut ids = BTreeSet::from_iter(key.as_ref().map(|key| key.id));
    let mut old_keys = Vec::new();
    for mut old in table.sections("old_keys") {
        let id = key_id(&mut old, "id");
        if !old.has("file") {
            old.missing("file", "{ id = 0, file = \"old.key\" }");
        }
        let until = old.date("until");
        let key =
            old.path("file").and_then(|path| servers::read_secret(&old, "file", &path, true)).map(|secret| TrustKey { id, secret, until });
        key_is_long(&old, "file", key.as_ref());
        if !ids.insert(id) {
            old.mistake("id", format!("{id} is another key's id"), "give each key its own, and let a key keep it");
        }
        old_keys.extend(key);
        old.done();
    }
    if !old_keys.is_empty() && key.is_none() {
        table.missing("key_file", "key_file, with which new letters are signed");
    }
    let confirm_major = table.flag("confirm_major", false);
    let resolver = table.text("resolver").and_then(|text| {
        let at = text.parse().ok().or_else(|| text.parse().ok().map(|ip| std::net::SocketAddr::new(ip, 53)));
        if at.is_none() {
            table.mistake("resolver", format!("`{text}` is no address"), "write resolver = \"127.0.0.1:53\"");
        }
        at
    });
    let second_person = second_person(&mut table);
    let require_smime = table.texts("require_smime");
    table.done();
    Trust { evidence, key, confirm_major, second_person, require_smime, resolver, old_keys }
}

fn second_person(table: &mut Section<'_>) -> BTreeSet<SecondPerson> {
    if !table.has("second_person") {
        return BTreeSet::from([SecondPerson::Address]);
    }
    let mut found = BTreeSet::new();
    for written in table.texts("second_person") {
        match SECOND.iter().find(|(word, _)| *word == written) {
            Some((_, what)) => {
                found.insert(*what);
            }
            None => {
                let words = SECOND.map(|(word, _)| word);
                let hint =
                    nearest(&written, words).map_or_else(|| format!("write {}", either(&words)), |near| format!("did you mean {near}?"));
                table.mistake("second_person", format!("`{written}` is none of what a second person can be asked about"), hint);
            }
        }
    }
    found
}

fn key_id(table: &mut Section<'_>, name: &'static str) -> u8 {
    table.number(name, 0..=31).and_then(|id| u8::try_from(id).ok()).unwrap_or(0)
}

fn key_is_long(table: &Section<'_>, name: &str, key: Option<&TrustKey>) {
    if key.is_some_and(|key| key.secret.expose_secret().len() < 32) {
        table.mistake(name, "the key is shorter than 32 characters", "make one with: head -c 48 /dev/urandom | base64 > FILE");
    }
}

fn store(mut table: Section<'_>) -> Store {
    let example = "url = \"sqlite:redress.db\" or \"postgres://redress@localhost/redress\"";
    let written = table.needed("url", example);
    let url = match written.split_once(':') {
        Some(("sqlite", path)) => {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(':') {
                table.mistake("url", "names no file", format!("write {example}"));
            }
            let path = table.sheet.resolve(&table.key("url"), path);
            format!("sqlite:{}", std::path::absolute(&path).unwrap_or(path).display())
        }
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") && rest.len() > 2 => written,
        Some(_) | None => {
            if !written.is_empty() {
                // The value itself may hold a password.
                table.mistake("url", "is neither sqlite: nor postgres://", format!("write {example}"));
            }
            String::new()
        }
    };
    let reserve_mib = table.number("reserve_mib", 0..=4096).and_then(|size| u64::try_from(size).ok()).unwrap_or(64);
    table.done();
    Store { url: SecretString::from(url), reserve_mib }
}

fn survey(mut table: Section<'_>) -> Option<Survey> {
    let wanted = table.exists();
    let listen = table.text("listen").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listen: SocketAddr = listen.parse().unwrap_or_else(|_| {
        table.mistake("listen", format!("`{listen}` is no address and port"), "write listen = \"127.0.0.1:8080\"");
        SocketAddr::from(([127, 0, 0, 1], 8080))
    });
    if wanted && !table.has("public_url") {
        table.missing("public_url", "public_url = \"https://survey.kmu.example\"");
    }
    let public_url = table.text("public_url").unwrap_or_default();
    let https = "write public_url = \"https://survey.kmu.example\"; http is for loopback only";
    match servers::Url::parse(&public_url) {
        None if public_url.is_empty() => {}
        None => table.mistake("public_url", format!("`{public_url}` is no web address"), https),
        Some(url) if url.scheme == "http" && !servers::is_loopback(url.host) => {
            table.mistake("public_url", "is http on a public host", https);
        }
        Some(url) if url.rest.contains(['?', '#']) => table.mistake("public_url", "has a query or a fragment", "end it at the path"),
        Some(_) => {}
    }
    table.done();
    wanted.then(|| Survey { listen, public_url: public_url.trim_end_matches('/').to_owned() })
}

fn sms(mut table: Section<'_>) -> Option<Sms> {
    if !table.exists() {
        return None;
    }
    let example = "url = \"https://sms.example/send\"; http is for loopback only";
    let written = table.needed("url", example);
    let url = match servers::Url::parse(&written) {
        Some(url) if url.scheme == "http" && !servers::is_loopback(url.host) => {
            table.mistake("url", "is http on a public host", format!("write {example}"));
            None
        }
        Some(url) => {
            let secure = url.scheme == "https";
            let authority = written.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
            let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(if secure { 443 } else { 80 });
            let target = if url.rest.starts_with('/') { url.rest.to_owned() } else { format!("/{}", url.rest) };
            Some(SmsUrl { secure, host: url.host.to_owned(), port, target })
        }
        None if written.is_empty() => None,
        None => {
            table.mistake("url", format!("`{written}` is no web address"), format!("write {example}"));
            None
        }
    };
    let token = servers::secret(&mut table, "token", "token_file");
    let ca_file = servers::ca_file(&mut table);
    table.done();
    Some(Sms { url: url?, token, ca_file })
}

fn digest(mut table: Section<'_>) -> Digest {
    let at = table.hour("at").or(Hour::new(8, 30)).unwrap_or(Hour::NOON);
    let often = [("quarterly", Some(Every::Quarter)), ("monthly", Some(Every::Month)), ("yearly", Some(Every::Year)), ("never", None)];
    let every = table.word("people", &often).unwrap_or(Some(Every::Quarter));
    let day = table.number("people_day", 1..=28).and_then(|d| i8::try_from(d).ok()).unwrap_or(1);
    let idle_days = table.number("people_idle_days", 1..=3650).unwrap_or(IDLE_DAYS);
    table.done();
    Digest { at, people: every.map(|every| PeopleReview { every, day, idle_days }) }
}

fn probe(mut table: Section<'_>) -> Option<Probe> {
    let every = table.seconds("every", 300..=7 * 86_400).unwrap_or(3600);
    let late_after = table.seconds("late_after", 60..=86_400).unwrap_or_else(|| 900.min(every / 2));
    if late_after >= every {
        table.mistake("late_after", "is no less than every", "write every = \"1h\" and late_after = \"15m\"");
    }
    let wanted = table.exists();
    table.done();
    wanted.then_some(Probe { every, late_after })
}

fn intake(mut table: Section<'_>) -> Intake {
    let receipts = [("always", Receipt::Always), ("authenticated", Receipt::Authenticated), ("held", Receipt::Held)];
    let receipt = table.word("receipt", &receipts).unwrap_or_default();
    let dispatch = table.word("dispatch", &[("auto", Dispatch::Auto), ("review", Dispatch::Review)]);
    table.done();
    Intake { dispatch, receipt }
}

fn answer(mut table: Section<'_>) -> Answer {
    let recall_window = table.seconds("recall_window", 0..=7 * 86_400).unwrap_or(600);
    table.done();
    Answer { recall_window }
}

fn calendar(mut table: Section<'_>) -> OwnCalendar {
    let spans = table.texts("office_hours");
    let office_hours = if spans.is_empty() { Ok(OfficeHours::default()) } else { OfficeHours::parse(&spans) };
    let office_hours = office_hours.unwrap_or_else(|_| {
        let what = format!("`{}` are no office hours", spans.join(", "));
        table.mistake("office_hours", what, "write [\"08:00-17:30\"], or [\"08:00-12:00\", \"13:00-17:00\"], in order");
        OfficeHours::default()
    });
    let (closures, openings) = (days(table.sections("closures")), days(table.sections("openings")));
    if let Some(date) = closures.keys().find(|date| openings.contains_key(date)) {
        table.mistake("openings", format!("{date} is in closures and in openings"), "decide for one");
    }
    table.done();
    OwnCalendar { office_hours, closures, openings }
}

/// `{ date, note }` or `{ from, to, note }`, each day of it.
fn days(entries: Vec<Section<'_>>) -> BTreeMap<Date, String> {
    let mut days = BTreeMap::new();
    for mut entry in entries {
        let (date, from, to) = (entry.date("date"), entry.date("from"), entry.date("to"));
        let note = entry.text("note").unwrap_or_default();
        let written = (entry.has("date"), entry.has("from"), entry.has("to"));
        let period = match written {
            (true, false, false) => date.zip(date),
            (false, true, true) => from.zip(to),
            (_, _, _) => {
                entry.mistake(
                    "date",
                    "names neither a day nor a period",
                    "write { date = \"2026-11-15\", note = \"校慶補假\" }, or from and to",
                );
                None
            }
        };
        if let Some((from, to)) = period {
            if from <= to && from.saturating_add(366.days()) >= to {
                days.extend(from.series(1.day()).take_while(|day| *day <= to).map(|day| (day, note.clone())));
            } else {
                entry.mistake("to", "does not lie within a year after from", "write from = \"2026-07-01\", to = \"2026-07-03\"");
            }
        }
        entry.done();
    }
    days
}

fn forms(mut table: Section<'_>) -> Forms {
    let written = table.texts("fonts");
    let key = table.key("fonts");
    let fonts: Vec<_> = written.iter().map(|path| table.sheet.resolve(&key, path)).collect();
    for font in fonts.iter().filter(|font| !font.is_file()) {
        table.mistake("fonts", format!("{} is no file", font.display()), "install fonts-cns11643-kai, or name font files by their path");
    }
    table.done();
    Forms { fonts }
}

fn templates(mut table: Section<'_>) -> Templates {
    let overlay = table.path("overlay");
    if let Some(folder) = overlay.as_ref().filter(|folder| !folder.is_dir()) {
        table.mistake("overlay", format!("{} is no folder", folder.display()), "make it, or leave the key out");
    }
    table.done();
    Templates { overlay }
}

fn log(mut table: Section<'_>) -> Log {
    let levels = [("error", LogLevel::Error), ("warn", LogLevel::Warn), ("info", LogLevel::Info), ("debug", LogLevel::Debug)];
    let level = table.word("level", &levels).unwrap_or(LogLevel::Info);
    let format = table.word("format", &[("text", LogFormat::Text), ("json", LogFormat::Json)]).unwrap_or(LogFormat::Text);
    table.done();
    Log { level, format }
}
