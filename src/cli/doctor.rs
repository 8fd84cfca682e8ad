//! `redress doctor`: reaches everything that the service needs, a line each, `ok name: detail` or `FAIL name: detail`. Changes
//! nothing, sends nothing but with `--probe`, makes no store, shows no secret.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::output::{one_line, show};
use super::setup::{self, FAILED, missing_file, runtime};
use crate::calendar::{Calendar, Moment};
use crate::clock::Clock;
use crate::config::{self, Config, Evidence};
use crate::daemon;
use crate::render::Press;
use crate::store::{self, Store};
use crate::{delivery, intake};

/// No server is waited for longer.
const PATIENCE: Duration = Duration::from_secs(25);
/// For so many days the calendar must reach, for deadlines that begin now.
const AHEAD_DAYS: i64 = 60;
/// A key that signs longer than this is due for a change.
const KEY_DAYS: i64 = 400;
/// Moments outside of these are a clock that is wrong: 2025 and 2100.
const PLAUSIBLE: (i64, i64) = (1_735_689_600, 4_102_444_800);

type Line = (bool, String, String);

pub(super) fn run(path: &Path, probe: bool) -> ExitCode {
    let config = match setup::config(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let examined = runtime().and_then(|runtime| {
        let lines = runtime.block_on(examine(&config, probe));
        let text: String =
            lines.iter().map(|(ok, name, detail)| format!("{} {name}: {}\n", if *ok { "ok" } else { "FAIL" }, one_line(detail))).collect();
        show(&text)?;
        Ok(lines.iter().all(|(ok, _, _)| *ok))
    });
    match examined {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => {
            eprintln!("redress: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

async fn examine(config: &Config, probe: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let line = |name: &str, found: Result<String, String>| match found {
        Ok(detail) => (true, name.to_owned(), detail),
        Err(detail) => (false, name.to_owned(), detail),
    };
    let (store, found) = open_store(config).await;
    lines.push(line("store", found));
    for mailbox in &config.mailboxes {
        lines.push(line(&format!("imap {}", mailbox.address), imap(mailbox, store.as_ref()).await));
    }
    lines.push(line("smtp", smtp(config).await));
    lines.push(line("survey", survey(config).await));
    lines.push(line("fonts", fonts(config)));
    let now = Clock::system().now();
    let calendar = known_days(config, store.as_ref()).await;
    lines.push(line("clock", clock(now, &calendar)));
    lines.push(line("calendar", known_time(now, &calendar)));
    if let Some(store) = &store {
        lines.push(line("keys", keys(config, store, now, &calendar).await));
    }
    for person in config.people.iter().filter(|p| p.certificate.is_some()) {
        lines.push(line(&format!("certificate {}", person.id), certificate(config, person, now, &calendar)));
    }
    for mailbox in &config.mailboxes {
        lines.push(line(&format!("evidence {}", mailbox.address), Ok(evidence(mailbox))));
    }
    for mailbox in &config.mailboxes {
        if mailbox.sent_folder.is_some() {
            lines.push(line(&format!("sent {}", mailbox.address), sent_folder(mailbox).await));
        }
        if let Some((wanted, store)) = config.probe.zip(store.as_ref()) {
            lines.push(line(&format!("arrival {}", mailbox.address), arrival(mailbox, wanted, store, now, &calendar).await));
        }
    }
    let ring = match &store {
        Some(store) => daemon::signing_ring(config, store, &calendar).await.ok().flatten(),
        None => None,
    };
    for mailbox in config.mailboxes.iter().filter(|_| probe) {
        for (what, found) in super::doctor_probe::probe(config, mailbox, ring.as_ref()).await {
            lines.push(line(&format!("{what} {}", mailbox.address), found));
        }
    }
    if let Some(store) = store {
        store.close().await;
    }
    lines
}

/// Until when a person's certificate is valid; a failure where it is not.
fn certificate(config: &Config, person: &config::Person, now: Moment, calendar: &Calendar) -> Result<String, String> {
    let Some(found) = &person.certificate else { return Ok(String::new()) };
    let until = Moment::from_unix(found.not_after).zoned(calendar.zone()).date();
    let fault = config.check_certificates(now.unix()).into_iter().find(|m| m.what.contains(&format!(" {} ", person.id)));
    match fault {
        Some(fault) if !found.is_valid_at(now.unix()) => Err(fault.to_string()),
        Some(fault) => Ok(format!("valid until {until}; {}", fault.hint)),
        None => Ok(format!("valid until {until}, {}, sha256 {}", found.subject, found.fingerprint)),
    }
}

async fn open_store(config: &Config) -> (Option<Store>, Result<String, String>) {
    if let Some(file) = missing_file(config) {
        let folder = file.parent().unwrap_or(Path::new("/"));
        let found = if folder.is_dir() {
            Ok(format!("{} is not there yet; the first `redress run` makes it", file.display()))
        } else {
            Err(format!("the folder {} does not exist; create it, owned by the service's user", folder.display()))
        };
        return (None, found);
    }
    let store = match Store::open(config.store.url.expose_secret()).await {
        Ok(store) => store,
        Err(error) => return (None, Err(error.to_string())),
    };
    let found = match (store.ping().await, store::events::head(&store).await) {
        (Ok(()), Ok(head)) => Ok(match store.path() {
            Some(path) => format!("{}, events {}", path.display(), head.seq),
            None => format!("PostgreSQL, events {}", head.seq),
        }),
        (Err(error), _) | (_, Err(error)) => Err(error.to_string()),
    };
    (Some(store), found)
}

async fn imap(mailbox: &config::Mailbox, store: Option<&Store>) -> Result<String, String> {
    let mut settings = daemon::intake_settings(mailbox).map_err(|e| format!("{e:#}"))?;
    settings.quiet = PATIENCE;
    settings.longest = PATIENCE;
    let place = format!("{}:{}", mailbox.imap.host, mailbox.imap.port);
    let report = match tokio::time::timeout(PATIENCE, intake::probe(&settings)).await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => return Err(format!("{place}, folder {}: {error}: {}", mailbox.folder, imap_hint(&error))),
        Err(_) => return Err(format!("{place}: no answer in {} s: check host, port and firewall", PATIENCE.as_secs())),
    };
    let mut said = vec![place, format!("logged in, folder {} with {} mails", mailbox.folder, report.mails)];
    said.push(if report.encrypted { "encrypted" } else { "not encrypted (loopback)" }.to_owned());
    said.push(match (mailbox.idle, report.idle) {
        (true, true) => "tells of new mail by itself (IDLE)".to_owned(),
        (true, false) | (false, _) => format!("is asked every {} s", mailbox.poll_interval),
    });
    if !report.moves {
        said.push(format!("cannot move mail: it stays in {}", mailbox.folder));
    }
    if let Some(store) = store {
        let older = crate::store::older::get(store, &mailbox.address, &mailbox.folder).await.map_err(|e| e.to_string())?;
        if let Some(older) = older.filter(|o| o.not_before.is_some() && !o.decided && o.waiting > 0) {
            said.push(format!("{} older mails wait for `redress old-mail accept {}`", older.waiting, mailbox.address));
        }
    }
    Ok(said.join(", "))
}

/// Whether the folder of sent mails is there.
async fn sent_folder(mailbox: &config::Mailbox) -> Result<String, String> {
    let mut settings = daemon::intake_settings(mailbox).map_err(|e| format!("{e:#}"))?;
    settings.quiet = PATIENCE;
    settings.longest = PATIENCE;
    let name = mailbox.sent_folder.clone().unwrap_or_default();
    // As the first look of all: what lies there is not read.
    match tokio::time::timeout(PATIENCE, intake::look_at_sent(&settings, None, false, Clock::system().now())).await {
        Ok(Ok(Some(found))) if found.absent => Err(format!(
            "there is no folder {name}: name the one into which the server puts what is sent, or let it put copies there (deploy/runbook.md)"
        )),
        Ok(Ok(_)) => Ok(format!("folder {name}: letters in doubt are looked for there, and what is not ours is told")),
        Ok(Err(error)) => Err(format!("folder {name}: {error}: {}", imap_hint(&error))),
        Err(_) => Err(format!("folder {name}: no answer in {} s", PATIENCE.as_secs())),
    }
}

/// How the mailbox's last mail to itself came in.
async fn arrival(
    mailbox: &config::Mailbox,
    wanted: config::Probe,
    store: &Store,
    now: Moment,
    calendar: &Calendar,
) -> Result<String, String> {
    let Some(last) = crate::desk::probed(store, &mailbox.address).await.map_err(|e| e.to_string())? else {
        return Ok("no mail to itself yet; the next `redress run` writes one".to_owned());
    };
    let at = |moment: Moment| moment.rfc3339(calendar.zone());
    match (last.came_at, last.seconds) {
        (Some(came), Some(seconds)) => Ok(format!("the last mail to itself came in at {}, after {seconds} s", at(came))),
        (Some(_), None) | (None, _) if now.unix() - last.sent_at.unix() < wanted.late_after => {
            Ok(format!("a mail to itself is on its way since {}", at(last.sent_at)))
        }
        (Some(_), None) | (None, _) => Err(format!(
            "the mail to itself of {} has not come in: send one from outside, and look at the mail server's log",
            at(last.sent_at)
        )),
    }
}

fn imap_hint(error: &intake::Error) -> &'static str {
    match error {
        intake::Error::Wire(_) => "check host, port, tls and whether the server runs",
        intake::Error::Login(_) => "check username and password",
        intake::Error::Refused { .. } => "check that the folder exists and may be opened",
        intake::Error::Lost(_) | intake::Error::TooBig(_) | intake::Error::Store(_) => "try again",
    }
}

async fn smtp(config: &Config) -> Result<String, String> {
    let settings = daemon::delivery_settings(config).map_err(|e| format!("{e:#}"))?;
    let place = format!("{}:{}", config.smtp.server.host, config.smtp.server.port);
    let report = match tokio::time::timeout(PATIENCE, delivery::probe(&settings)).await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => {
            let hint = match &error {
                delivery::Error::Wire(_) => "check host, port, tls and whether the server runs",
                delivery::Error::Login { .. } => "check username and password",
                delivery::Error::Server { .. } | delivery::Error::Store(_) => "ask who runs the server",
            };
            return Err(format!("{place}: {error}: {hint}"));
        }
        Err(_) => return Err(format!("{place}: no answer in {} s: check host, port and firewall", PATIENCE.as_secs())),
    };
    let mut said = vec![place, if report.encrypted { "encrypted" } else { "not encrypted (loopback)" }.to_owned()];
    said.push(if report.logged_in { "logged in" } else { "no login asked for" }.to_owned());
    if let Some(limit) = report.size_limit.filter(|l| *l > 0) {
        said.push(format!("mails up to {} MiB", limit / (1024 * 1024)));
    }
    if !report.eight_bit {
        said.push("takes no 8-bit mail: forwards that carry a foreign mail as it is may be refused".to_owned());
    }
    Ok(said.join(", "))
}

async fn survey(config: &Config) -> Result<String, String> {
    let Some(survey) = &config.survey else { return Ok("off: answers carry no survey link".to_owned()) };
    let (listen, public) = (survey.listen, survey.public_url.as_str());
    if !public.starts_with("https://") && !public.starts_with("http://") {
        return Err(format!("survey.public_url {public} is no web address: write it as https://…"));
    }
    match TcpListener::bind(listen).await {
        Ok(_) => Ok(format!("{listen} is free for `redress run`; complainants come by {public}")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => match answers_as_survey(listen).await {
            Ok(true) => Ok(format!("the survey page answers on {listen}; complainants come by {public}")),
            Ok(false) => Err(format!("something else than redress answers on {listen}: choose another survey.listen, or stop it")),
            Err(error) => {
                Err(format!("{listen} is taken by something that does not answer ({error}): choose another survey.listen, or stop it"))
            }
        },
        Err(error) => Err(format!("{listen}: {error}: choose an address of this machine and a port above 1023")),
    }
}

/// Asks for a link that nobody has: redress answers 404 with the headers of INTERFACE.md.
async fn answers_as_survey(listen: SocketAddr) -> std::io::Result<bool> {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let ask = async {
        let mut stream = TcpStream::connect((ip, listen.port())).await?;
        stream.write_all(b"GET /s/doctor HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.take(16 * 1024).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).to_lowercase())
    };
    let answer =
        tokio::time::timeout(Duration::from_secs(5), ask).await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
    Ok(answer.starts_with("http/1.1 404") && answer.contains("referrer-policy: no-referrer"))
}

/// Opens the fonts and prints the profile's empty forms with them.
fn fonts(config: &Config) -> Result<String, String> {
    let mut press = Press::open(&config.forms.fonts).map_err(|e| e.to_string())?;
    if let Some(folder) = config.templates.overlay.as_deref() {
        press = press.with_overlay(folder).map_err(|e| e.to_string())?;
    }
    let profile = daemon::profile(config).map_err(|e| format!("{e:#}"))?;
    let prefix = format!("{}/", profile.procedure.forms_folder());
    let mut printed = Vec::new();
    for name in press.forms().filter(|name| name.starts_with(&prefix)) {
        let form = press.form(name).map_err(|e| e.to_string())?;
        press.sheet(name, &form.to_json()).map_err(|e| e.to_string())?;
        printed.push(name.to_owned());
    }
    Ok(if printed.is_empty() {
        format!("found; the profile {} has no form of its own", profile.procedure.id)
    } else {
        format!("forms printed: {}", printed.join(", "))
    })
}

async fn known_days(config: &Config, store: Option<&Store>) -> Calendar {
    let imported = match store {
        Some(store) => daemon::imported(store).await.unwrap_or_default(),
        None => Vec::new(),
    };
    config.working_time().with_days(imported)
}

fn clock(now: Moment, calendar: &Calendar) -> Result<String, String> {
    let shown = now.rfc3339(calendar.zone());
    if (PLAUSIBLE.0..PLAUSIBLE.1).contains(&now.unix()) {
        Ok(format!("{shown} ({})", calendar.zone().iana_name().unwrap_or_default()))
    } else {
        Err(format!("{shown} cannot be: set the computer's clock, best by NTP"))
    }
}

fn known_time(now: Moment, calendar: &Calendar) -> Result<String, String> {
    let (today, ahead) = (calendar.date_of(now), calendar.date_of(now.plus_seconds(AHEAD_DAYS * 86_400)));
    let missing: Vec<String> =
        [today.year(), ahead.year()].into_iter().filter(|y| !calendar.knows_year(*y)).map(|y| y.to_string()).collect();
    match missing.first() {
        Some(year) => {
            Err(format!("no working days of {year}: `redress calendar import FILE.csv` with the government's office calendar of that year"))
        }
        None => Ok(format!("working days known until {}", calendar.known_until().map(|d| d.to_string()).unwrap_or_default())),
    }
}

/// The keys of reply addresses and their ages.
async fn keys(config: &Config, store: &Store, now: Moment, calendar: &Calendar) -> Result<String, String> {
    let zone = calendar.zone();
    let day = |at: Moment| at.rfc3339(zone).chars().take(10).collect::<String>();
    let mut said = Vec::new();
    for key in daemon::key_ages(config, store, calendar).await.map_err(|e| e.to_string())? {
        let id = key.id;
        if key.changed {
            said.push(format!(
                "key {id} took another secret's place: letters sent under that one are not known by their address any more; where that was not meant, give the new key an id of its own and name the old one in trust.old_keys"
            ));
        }
        let since = key.since.map_or_else(
            || "not used yet".to_owned(),
            |at| format!("since {} ({} days)", day(at), (now.unix() - at.unix()).max(0) / 86_400),
        );
        let old = key.since.is_some_and(|at| now.unix() - at.unix() > KEY_DAYS * 86_400);
        said.push(match (key.signs, key.until) {
            (true, _) if old => format!("key {id} signs {since}: change it, as deploy/runbook.md tells"),
            (true, _) => format!("key {id} signs {since}"),
            (false, Some(until)) if until <= now => format!("key {id} is old and no longer read since {}: take it out", day(until)),
            (false, Some(until)) => format!("key {id} is old, read until {}", day(until)),
            (false, None) => format!("key {id} is old, {since}"),
        });
    }
    Ok(if said.is_empty() { "none yet; the first `redress run` makes one".to_owned() } else { said.join("; ") })
}

/// What proves an internal reply here, and how its case is found.
fn evidence(mailbox: &config::Mailbox) -> String {
    let proof = match (mailbox.evidence, &mailbox.trusted_authserv_id) {
        (Evidence::Dmarc, Some(id)) => format!("an internal reply needs dmarc=pass in the Authentication-Results of {id}"),
        (Evidence::Dkim, Some(id)) => {
            format!(
                "an internal reply needs dkim=pass for its From domain in the Authentication-Results of {id}, or a signature that redress finds right itself"
            )
        }
        (Evidence::Internal, Some(id)) => format!("an internal reply needs the word of {id} that its sender had logged in"),
        (Evidence::Dkim, None) => "an internal reply needs a DKIM signature of its From domain, which redress checks itself".to_owned(),
        (Evidence::Dmarc | Evidence::Internal, None) => "no trusted_authserv_id: no reply can prove its sender".to_owned(),
        (Evidence::Confirm, _) => "each internal act is confirmed by a second mail".to_owned(),
        (Evidence::Token, _) => "the secret of the answered letter alone proves its sender: for closed networks only".to_owned(),
    };
    let (local, domain) = mailbox.address.split_once('@').unwrap_or((&mailbox.address, ""));
    let plus = if mailbox.plus_addressing {
        format!(
            "replies go to {local}+token@{domain}: `redress doctor --probe` tries whether they arrive; else set plus_addressing = false"
        )
    } else {
        "plus addressing off: replies are known by their thread and their subject's mark".to_owned()
    };
    format!("{proof}; {plus}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(text).expect("moment")
    }

    #[test]
    fn a_clock_at_the_epoch_and_an_unknown_year_fail() {
        let calendar = Calendar::shipped(crate::calendar::TimeZone::get("Asia/Taipei").expect("zone"));
        assert!(clock(Moment::from_unix(0), &calendar).is_err());
        assert!(clock(at("2026-06-01T09:00:00+08:00"), &calendar).is_ok());
        assert!(known_time(at("2026-06-01T09:00:00+08:00"), &calendar).is_ok());
        let last = calendar.known_until().expect("a shipped year").year();
        let december = at(&format!("{last}-12-20T09:00:00+08:00"));
        let said = known_time(december, &calendar).expect_err("the next year is not shipped");
        assert!(said.contains(&(last + 1).to_string()), "{said}");
    }
}
