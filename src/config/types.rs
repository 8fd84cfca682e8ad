//! Every key of the config, documented where it stands. Made by `read.rs` out of checked values only, so that nobody after it
//! has to look again; handed to `daemon`, which gives each room its part. Times are kept as the calendar room's types,
//! intervals as seconds.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use secrecy::SecretString;

use super::mistake::{Mistake, Place};
use crate::calendar::{Calendar, Date, Hour, OfficeHours, TimeZone};

/// The whole config. Loaded with [`super::load`].
#[derive(Debug, Clone)]
pub struct Config {
    /// `[organisation]`: whose complaints these are.
    pub organisation: Organisation,
    /// `[[mailboxes]]`: at least one, each with its own address.
    pub mailboxes: Vec<Mailbox>,
    /// `[smtp]`: through which server letters leave.
    pub smtp: Server,
    /// `[store]`: where cases are kept.
    pub store: Store,
    /// `[survey]`: the page for complainants' answers; without it answers carry no link.
    pub survey: Option<Survey>,
    /// `[digest]`: the daily overview.
    pub digest: Digest,
    /// `[intake]`: what happens with a new complaint.
    pub intake: Intake,
    /// `[answer]`: how an approved answer leaves.
    pub answer: Answer,
    /// `[[people]]`: the directory.
    pub people: Vec<Person>,
    /// `[[units]]`: who handles what.
    pub units: Vec<Unit>,
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

/// `[[mailboxes]]`
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// `address`: the address that complaints are written to.
    pub address: String,
    /// `folder`: the folder that is watched; default `INBOX`.
    pub folder: String,
    /// `processed_folder`: where mail goes that was taken in; made when missing; default `Processed`.
    pub processed_folder: String,
    /// `quarantine_folder`: where mail goes that could not be read; made when missing; default `Quarantine`.
    pub quarantine_folder: String,
    /// `idle`: be told of new mail at once where the server can; default true.
    pub idle: bool,
    /// `poll_interval`: how often to look where IDLE is off or fails, in seconds; default `60s`.
    pub poll_interval: i64,
    /// `plus_addressing`: whether `service+token@` reaches the mailbox `service@`; default true.
    pub plus_addressing: bool,
    /// `trusted_authserv_id`: whose Authentication-Results header fields count: the border server's own name.
    pub trusted_authserv_id: Option<String>,
    /// `take_since`: mail older than this at the first start is listed and waits, in seconds; default: all mail is taken.
    pub take_since: Option<i64>,
    /// `evidence`: what proves an internal sender here; default `trust.evidence`, else `dmarc` where
    /// `trusted_authserv_id` is set, else `confirm`.
    pub evidence: Evidence,
    /// `[mailboxes.imap]`: its server.
    pub imap: Server,
}

/// What proves that an internal mail is from whom it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The border server's verdict `dmarc=pass` for the domain of From.
    Dmarc,
    /// The sender confirms each act by answering a mail sent to his address in the directory.
    Confirm,
}

/// `[mailboxes.imap]` or `[smtp]`: a mail server and how to log in.
#[derive(Debug, Clone)]
pub struct Server {
    /// `host`: name or address.
    pub host: String,
    /// `port`: default IMAP 993 or 143, SMTP 465 (implicit), 587 (starttls) or 25 (none).
    pub port: u16,
    /// `tls`: `implicit` (default), `starttls`, or `none`, which is for loopback only.
    pub tls: Tls,
    /// `ca_file`: an own certificate authority in PEM, beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// How to log in; IMAP always does, SMTP where `username` or `oauth2` is set.
    pub login: Option<Login>,
}

/// When the connection becomes secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// After STARTTLS, which must succeed.
    StartTls,
    /// Never; on loopback only.
    None,
}

/// How to log in to a server.
#[derive(Debug, Clone)]
pub struct Login {
    /// `username`: default for IMAP: the mailbox's address.
    pub username: String,
    /// What proves it.
    pub secret: Secret,
}

/// The proof of a login.
#[derive(Debug, Clone)]
pub enum Secret {
    /// From `password`, `password_file` (relative to the file that names it; one newline at the end is cut) or
    /// `credential` (a systemd credential's name; default `imap` and `smtp` where systemd hands them over).
    Password(SecretString),
    /// `oauth2 = { … }`: XOAUTH2 for Gmail and Microsoft 365.
    OAuth2(OAuth2),
}

/// `oauth2 = { … }`
#[derive(Debug, Clone)]
pub struct OAuth2 {
    /// `client_id`: the registered application.
    pub client_id: String,
    /// `client_secret` or `client_secret_file`; absent for public clients.
    pub client_secret: Option<SecretString>,
    /// `token_url`: https address that gives access tokens.
    pub token_url: String,
    /// `refresh_token_file`: holds the refresh token and is written when the server gives a new one; without it
    /// the client's own credentials are used (Microsoft 365 application access).
    pub refresh_token_file: Option<PathBuf>,
    /// `scope`: asked for with the token, e.g. `https://outlook.office365.com/.default`.
    pub scope: Option<String>,
}

/// `[store]`
#[derive(Debug, Clone)]
pub struct Store {
    /// `url`: `sqlite:redress.db` (relative to this file; here absolute) or `postgres://…`. May hold a password: do not print.
    pub url: SecretString,
}

/// `[survey]`
#[derive(Debug, Clone)]
pub struct Survey {
    /// `listen`: address and port; default `127.0.0.1:8080`, to stand behind a reverse proxy.
    pub listen: SocketAddr,
    /// `public_url`: how complainants reach it, without a slash at the end; https, or http on loopback.
    pub public_url: String,
    /// `trusted_proxies`: whose X-Forwarded-For is believed; default `127.0.0.1` and `::1`.
    pub trusted_proxies: Vec<IpAddr>,
}

/// `[digest]`
#[derive(Debug, Clone)]
pub struct Digest {
    /// `at`: the hour on working days; default `08:30`.
    pub at: Hour,
}

/// `[intake]`
#[derive(Debug, Clone)]
pub struct Intake {
    /// `dispatch`: `auto` or `review`; default: the profile's.
    pub dispatch: Option<Dispatch>,
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
    pub key: Option<SecretString>,
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
