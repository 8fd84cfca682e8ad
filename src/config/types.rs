//! Every key of the config, documented where it stands. Made by `read.rs` out of checked values only, so that nobody after it
//! has to look again; handed to `daemon`, which gives each room its part. Times are kept as the calendar room's types,
//! intervals as seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;

use super::mail_types::{Evidence, Mailbox, Smtp};
use super::mistake::{Mistake, Place};
use crate::calendar::{Calendar, Date, Hour, OfficeHours, TimeZone};
use crate::trust::Certificate;

/// The whole config. Loaded with [`super::load`].
#[derive(Debug, Clone)]
pub struct Config {
    /// `[organisation]`: whose complaints these are.
    pub organisation: Organisation,
    /// `[[mailboxes]]`: at least one, each with its own address.
    pub mailboxes: Vec<Mailbox>,
    /// `[smtp]`: through which server letters leave.
    pub smtp: Smtp,
    /// `[sms]`: the webhook for short messages; without it those of the profile's notices become calls.
    pub sms: Option<Sms>,
    /// `[store]`: where cases are kept.
    pub store: Store,
    /// `[survey]`: the page for complainants' answers; without it answers carry no link.
    pub survey: Option<Survey>,
    /// `[digest]`: the daily overview.
    pub digest: Digest,
    /// `[probe]`: mails of each mailbox to itself; without it none are written.
    pub probe: Option<Probe>,
    /// `[intake]`: what happens with a new complaint.
    pub intake: Intake,
    /// `[answer]`: how an approved answer leaves.
    pub answer: Answer,
    /// `[[people]]`: the directory.
    pub people: Vec<Person>,
    /// `[[units]]`: who handles what.
    pub units: Vec<Unit>,
    /// `[[authorities]]`: competent authorities for referrals, before those of the profile.
    pub authorities: Vec<Authority>,
    /// `[[web_forms]]`: forms on web pages that write to the mailbox.
    pub web_forms: Vec<WebForm>,
    /// `[trust]`: how senders prove themselves.
    pub trust: Trust,
    /// `[calendar]`: office hours and own days.
    pub calendar: OwnCalendar,
    /// `[forms]`: what the printed forms need.
    pub forms: Forms,
    /// `[templates]`: own words.
    pub templates: Templates,
    /// `[log]`: what the service says about itself.
    pub log: Log,
    /// What is allowed but probably not meant; shown by `check-config` and logged at the start.
    pub warnings: Vec<Mistake>,
    /// Where each key was written, for checks that only another room can make.
    pub(super) places: BTreeMap<String, Place>,
}

/// `[organisation]`
#[derive(Debug, Clone)]
pub struct Organisation {
    /// `name`: shown in mails and forms.
    pub name: String,
    /// `office`: the office that owns the procedure, e.g. 秘書室.
    pub office: String,
    /// `domain`: the domain of Message-IDs.
    pub domain: String,
    /// `profile`: `kmu`, `shugu`, `pt`, `cpc`, `chainsea`, or a path to a profile file (relative to this file).
    pub profile: Profile,
    /// `time_zone`: an IANA name; default `Asia/Taipei`.
    pub time_zone: TimeZone,
    /// `locale`: the language of staff letters, `zh-TW` (default) or `en`.
    pub locale: Locale,
}

/// `[[authorities]]`: who is competent for what is not ours (轉介).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// `name`: as the complainant reads it.
    pub name: String,
    /// `aliases`: other names under which people know it; optional.
    pub aliases: Vec<String>,
    /// `contact`: how to reach it, in words.
    pub contact: String,
    /// `passes_on`: addresses or domains from which it passes complaints on: the person inside is then the complainant; optional.
    pub passes_on: Vec<String>,
}

/// `[[web_forms]]`: a form on a web page whose mails are complaints of who filled it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebForm {
    /// `from`: its sender: an address, a domain, or a pattern with `*`.
    pub from: String,
    /// `subject`: what its subjects hold, or a pattern with `*`; optional.
    pub subject: Option<String>,
    /// `labels`: its labels as printed, and the field that each names; added to those that are known anyway.
    pub labels: BTreeMap<String, String>,
}

/// Which procedure is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// One of the five that come with the program, by its name.
    Shipped(String),
    /// A profile file of the organisation's own.
    File(PathBuf),
}

/// A language that letters are shipped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    /// Traditional Chinese.
    ZhTw,
    /// English.
    En,
}

impl Locale {
    /// The name as in the config and as the template folders are called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Locale::ZhTw => "zh-TW",
            Locale::En => "en",
        }
    }
}

/// `[store]`
#[derive(Debug, Clone)]
pub struct Store {
    /// `url`: `sqlite:redress.db` (relative to this file; here absolute) or `postgres://…`. May hold a password: do not print.
    pub url: SecretString,
    /// `reserve_mib`: room held back on the disk of a SQLite store, let go when the disk is full; 0: none.
    pub reserve_mib: u64,
}

/// `[survey]`
#[derive(Debug, Clone)]
pub struct Survey {
    /// `listen`: address and port; default `127.0.0.1:8080`, to stand behind a reverse proxy.
    pub listen: SocketAddr,
    /// `public_url`: how complainants reach it, without a slash at the end; https, or http on loopback.
    pub public_url: String,
}

/// `[sms]`
#[derive(Debug, Clone)]
pub struct Sms {
    /// `url`: gets a POST of `{"id", "to", "text"}` for each message; https, or http on loopback.
    pub url: SmsUrl,
    /// `token_file` or `token`: sent as `Authorization: Bearer …`.
    pub token: Option<SecretString>,
    /// `ca_file`: an own certificate authority (PEM).
    pub ca_file: Option<PathBuf>,
}

/// A webhook's address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsUrl {
    /// Whether it is https.
    pub secure: bool,
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// From the path on.
    pub target: String,
}

/// `[digest]`
#[derive(Debug, Clone)]
pub struct Digest {
    /// `at`: the hour on working days; default `08:30`.
    pub at: Hour,
    /// `people`: how often the list of people with rights is laid before the secretariat: `quarterly`, `monthly`, `yearly` or `never`;
    /// default `quarterly`. `people_day`: from which day of the month on; default 1. `people_idle_days`: who has done nothing for so long
    /// is marked; default 180.
    pub people: Option<crate::desk::PeopleReview>,
}

/// `[probe]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// `every`: seconds between two mails of a mailbox to itself; default `1h`.
    pub every: i64,
    /// `late_after`: seconds after which one that has not come in is told to the secretariat; less than `every`; default `15m`.
    pub late_after: i64,
}

/// `[intake]`
#[derive(Debug, Clone)]
pub struct Intake {
    /// `dispatch`: `auto` or `review`; default: the profile's.
    pub dispatch: Option<Dispatch>,
    /// `receipt`: `always`, `authenticated` or `held`; default `always`.
    pub receipt: crate::desk::Receipt,
}

/// Who sends a new complaint on to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatch {
    /// The program where exactly one unit's words fit, else the secretariat.
    Auto,
    /// Always the secretariat.
    Review,
}

/// `[answer]`
#[derive(Debug, Clone)]
pub struct Answer {
    /// `recall_window`: how long an approved answer waits so that its approver can call it back, in seconds; default `10m`.
    pub recall_window: i64,
}

/// `[[people]]`
#[derive(Debug, Clone)]
pub struct Person {
    /// `id`: how the config names this person; no blanks.
    pub id: String,
    /// `name`: as shown in mails and forms.
    pub name: String,
    /// `email`: where mail goes and from where this person writes.
    pub email: String,
    /// `roles`: ids of the profile's roles.
    pub roles: Vec<String>,
    /// `title`: 職稱.
    pub title: Option<String>,
    /// `extension`: 分機.
    pub extension: Option<String>,
    /// `phone`: for calls and, where the profile asks for it, SMS.
    pub phone: Option<String>,
    /// `certificate_file`: the certificate (PEM or DER) by which this person signs his mails (S/MIME).
    pub certificate: Option<Certificate>,
    /// `require = "smime"`: his approvals count with that signature alone.
    pub must_sign: bool,
    /// `away`: days on which a deputy acts.
    pub away: Vec<Away>,
}

/// `away = [{ from = "2026-12-01", to = "2026-12-05", deputy = "lee" }]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// `from`: the first day.
    pub from: Date,
    /// `to`: the last day; default: the first.
    pub to: Date,
    /// `deputy`: another person's id.
    pub deputy: String,
}

/// `[[units]]`
#[derive(Debug, Clone)]
pub struct Unit {
    /// `id`: how the config and directives name this unit; no blanks.
    pub id: String,
    /// `name`: as shown in mails and forms; directives understand it too.
    pub name: String,
    /// `inbox`: where cases are forwarded to; no person's and no mailbox's address.
    pub inbox: String,
    /// `head`: a person's id.
    pub head: String,
    /// `registrar`: the person who passes cases on to handlers (總收發).
    pub registrar: Option<String>,
    /// `handlers`: persons' ids.
    pub handlers: Vec<String>,
    /// `keywords`: a new complaint with a word of exactly one unit goes there by itself under `auto`.
    pub keywords: Vec<String>,
    /// `phone`: shown to the complainant where a letter names the unit.
    pub phone: Option<String>,
    /// `parent`: the unit above this one.
    pub parent: Option<String>,
}

/// `[trust]`
#[derive(Debug, Clone)]
pub struct Trust {
    /// `evidence`: `dmarc` or `confirm`, for mailboxes that do not say.
    pub evidence: Option<Evidence>,
    /// `key_file`: the secret under which reply tokens are made, for several nodes; default: made once and kept in the store.
    pub key: Option<TrustKey>,
    /// `confirm_major = true`: the last approval of a major case is confirmed at the directory address beside its proof; default false.
    pub confirm_major: bool,
    /// `second_person = ["address", "purge", "release"]`: what one person's word alone does not do; default `["address"]`.
    pub second_person: BTreeSet<SecondPerson>,
    /// `require_smime = ["president"]`: roles whose approvals count with an S/MIME signature alone.
    pub require_smime: Vec<String>,
    /// `resolver = "127.0.0.1:53"`: who is asked for the keys of DKIM signatures where `evidence = "dkim"`; default: the system's.
    pub resolver: Option<std::net::SocketAddr>,
    /// `old_keys = [{ id = 0, file = "old.key" }]`: keys whose letters are still answered.
    pub old_keys: Vec<TrustKey>,
}

/// What needs a second proof or a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecondPerson {
    /// `address`: the secretariat's change of a complainant's address: the mail's own proof and the confirmation, or a second person.
    Address,
    /// `purge`: `redress purge` asks the office by mail and takes out what it agreed to.
    Purge,
    /// `release`: after `redress restore` no letter leaves until the office has agreed by mail.
    Release,
}

/// A key of reply tokens.
#[derive(Debug, Clone)]
pub struct TrustKey {
    /// `key_id`, or `id` of an old one: 0 to 31, another for each key; default 0.
    pub id: u8,
    /// At least 32 characters.
    pub secret: SecretString,
    /// `until = "2027-12-31"`, of an old key: the last day on which its letters are still answered; default 13 months after it
    /// was first seen as an old one.
    pub until: Option<Date>,
}

/// `[calendar]`
#[derive(Debug, Clone)]
pub struct OwnCalendar {
    /// `office_hours`: default `["08:00-17:30"]`; with a lunch break `["08:00-12:00", "13:00-17:00"]`.
    pub office_hours: OfficeHours,
    /// `closures = [{ date = "2026-11-15", note = "校慶補假" }]`, or `from` and `to`: own days off.
    pub closures: BTreeMap<Date, String>,
    /// `openings`: own working days, written alike; win over closures.
    pub openings: BTreeMap<Date, String>,
}

/// `[forms]`
#[derive(Debug, Clone)]
pub struct Forms {
    /// `fonts`: font files in the order of preference; empty: the known places of Debian's CNS and Noto fonts.
    pub fonts: Vec<PathBuf>,
}

/// `[templates]`
#[derive(Debug, Clone)]
pub struct Templates {
    /// `overlay`: a folder whose files are taken before the shipped ones of the same name.
    pub overlay: Option<PathBuf>,
}

/// `[log]`
#[derive(Debug, Clone)]
pub struct Log {
    /// `level`: `error`, `warn`, `info` (default) or `debug`.
    pub level: LogLevel,
    /// `format`: `text` (default) or `json`.
    pub format: LogFormat,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What failed for good.
    Error,
    /// And what somebody should look at.
    Warn,
    /// And what was done.
    Info,
    /// And how.
    Debug,
}

impl LogLevel {
    /// The word as tracing knows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people and journald.
    Text,
    /// One object a line.
    Json,
}

impl Config {
    /// The shipped calendar in the organisation's zone with its office hours, closures and openings. Imported days are
    /// laid over it with [`Calendar::with_days`]; own days still win.
    #[must_use]
    pub fn working_time(&self) -> Calendar {
        Calendar::shipped(self.organisation.time_zone.clone())
            .with_office_hours(self.calendar.office_hours.clone())
            .with_closures(self.calendar.closures.clone())
            .with_openings(self.calendar.openings.clone())
    }

    /// The person with this id.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }
}
