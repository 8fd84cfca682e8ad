//! Makes mailboxes, servers and logins: hosts, TLS, passwords from files or systemd credentials, `OAuth2`. Secrets are read here,
//! go into `SecretString` and into no message. Called by `read.rs`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;

use super::mail_types::{Evidence, Login, Mailbox, OAuth2, OAuth2Client, Secret, Server, Smtp, Tls};
use super::mistake::Place;
use super::read::EVIDENCE;
use super::section::Section;

/// `[[mailboxes]]`
pub(super) fn mailboxes(root: &mut Section<'_>, common: Option<Evidence>, env: &BTreeMap<String, String>) -> Vec<Mailbox> {
    if !root.has("mailboxes") {
        root.missing("mailboxes", "[[mailboxes]] with address and [mailboxes.imap]");
    }
    root.sections("mailboxes").into_iter().map(|table| mailbox(table, common, env)).collect()
}

fn mailbox(mut table: Section<'_>, common: Option<Evidence>, env: &BTreeMap<String, String>) -> Mailbox {
    let address = address(&mut table, "address", "address = \"service@kmu.example\"");
    let mut folder = |name, default: &str| table.text(name).unwrap_or_else(|| default.to_owned());
    let (folder, processed_folder, quarantine_folder) =
        (folder("folder", "INBOX"), folder("processed_folder", "Processed"), folder("quarantine_folder", "Quarantine"));
    if folder == processed_folder || folder == quarantine_folder {
        table.mistake(
            "folder",
            format!("`{folder}` is also where mail is moved to"),
            "give processed_folder and quarantine_folder names of their own",
        );
    }
    let sent_folder = sent_folder(&mut table, &[&folder, &processed_folder, &quarantine_folder]);
    let trusted_authserv_id = table.text("trusted_authserv_id");
    if let Some(id) = trusted_authserv_id.as_ref().filter(|id| id.contains(|c: char| c.is_whitespace() || c == ';')) {
        table.mistake(
            "trusted_authserv_id",
            format!("`{id}` is no server's name"),
            "copy the first word of an Authentication-Results field of your own server",
        );
    }
    let own = table.word("evidence", &EVIDENCE);
    let evidence = own.or(common).unwrap_or(if trusted_authserv_id.is_some() { Evidence::Dmarc } else { Evidence::Confirm });
    match evidence {
        Evidence::Dmarc | Evidence::Internal if trusted_authserv_id.is_none() => {
            table.mistake(
                "evidence",
                "proves nothing without trusted_authserv_id",
                "name the border server, or write evidence = \"confirm\"",
            );
        }
        Evidence::Token => {
            let hint = "whoever is forwarded a letter can act with it and a forged From: write confirm, or dmarc with trusted_authserv_id";
            table.sheet.warning(&table.key("evidence"), "token alone proves little", hint);
        }
        Evidence::Dmarc | Evidence::Dkim | Evidence::Internal | Evidence::Confirm => {}
    }
    let size_limit_mib = table.number("size_limit_mib", 1..=500).and_then(|size| u64::try_from(size).ok()).unwrap_or(25);
    let idle = table.flag("idle", true);
    let poll_interval = table.seconds("poll_interval", 1..=86_400).unwrap_or(60);
    let plus_addressing = table.flag("plus_addressing", true);
    let take_since = table.seconds("take_since", 0..=3_650 * 86_400);
    let imap = imap(table.section("imap"), &address, env);
    table.done();
    Mailbox {
        address,
        folder,
        processed_folder,
        quarantine_folder,
        sent_folder,
        idle,
        poll_interval,
        plus_addressing,
        trusted_authserv_id,
        take_since,
        size_limit_mib,
        evidence,
        imap,
    }
}

/// The folder of sent mails; not one of those that hold mail that comes in.
fn sent_folder(table: &mut Section<'_>, others: &[&String]) -> Option<String> {
    let name = table.text("sent_folder")?;
    if others.contains(&&name) {
        let hint = "name the folder into which the mail server puts what is sent, such as \"Sent\", or leave the key out";
        table.mistake("sent_folder", format!("`{name}` holds mail that comes in"), hint);
    }
    Some(name)
}

fn imap(mut table: Section<'_>, address: &str, env: &BTreeMap<String, String>) -> Server {
    let (host, port, tls) = endpoint(&mut table, [993, 143, 143]);
    let username = table.text("username").unwrap_or_else(|| address.to_owned());
    let secret = login(&mut table, "imap", env);
    if secret.is_none() && !has_secret(&table) {
        table.missing("password_file", "password_file = \"imap.password\", credential = \"imap\" or oauth2 = { … }");
    }
    let ca_file = ca_file(&mut table);
    table.done();
    Server { host, port, tls, ca_file, login: secret.map(|secret| Login { username, secret }) }
}

/// `[smtp]`
pub(super) fn smtp(mut table: Section<'_>, domain: &str, env: &BTreeMap<String, String>) -> Smtp {
    let (host, port, tls) = endpoint(&mut table, [465, 587, 25]);
    let username = table.text("username");
    let secret = login(&mut table, "smtp", env);
    if secret.is_none() && !has_secret(&table) && username.is_some() {
        table.missing("password_file", "password_file = \"smtp.password\" beside username, or leave username out");
    }
    if (has_secret(&table) || secret.is_some()) && username.is_none() {
        table.missing("username", "username = \"service@kmu.example\" beside the password");
    }
    let ca_file = ca_file(&mut table);
    let hello = table.text("hello").unwrap_or_else(|| domain.to_owned());
    let literal = hello.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some();
    if !hello.is_empty() && !literal && !is_host_name(&hello) && table.has("hello") {
        table.mistake("hello", format!("`{hello}` is no host name"), "write hello = \"mail.kmu.example\"");
    }
    let connections = table.number("connections", 1..=20).and_then(|number| usize::try_from(number).ok()).unwrap_or(3);
    table.done();
    let server = Server { host, port, tls, ca_file, login: username.zip(secret).map(|(username, secret)| Login { username, secret }) };
    Smtp { server, hello, connections }
}

/// Host, port and TLS; `ports` are the defaults for implicit, starttls and none.
fn endpoint(table: &mut Section<'_>, ports: [u16; 3]) -> (String, u16, Tls) {
    let host = table.needed("host", "host = \"mail.kmu.example\"");
    if !host.is_empty() && !is_host_name(&host) && host.parse::<IpAddr>().is_err() {
        table.mistake("host", format!("`{host}` is no host"), "write a name or an IP address; the port stands in port");
    }
    let tls = table.word("tls", &[("implicit", Tls::Implicit), ("starttls", Tls::StartTls), ("none", Tls::None)]).unwrap_or(Tls::Implicit);
    if tls == Tls::None && !is_loopback(&host) {
        table.mistake(
            "tls",
            "none would send passwords and complaints in the clear",
            "write implicit or starttls; none is for loopback only",
        );
    }
    let [implicit, starttls, none] = ports;
    let default = match tls {
        Tls::Implicit => implicit,
        Tls::StartTls => starttls,
        Tls::None => none,
    };
    let port = table.number("port", 1..=65_535).and_then(|port| u16::try_from(port).ok()).unwrap_or(default);
    (host, port, tls)
}

pub(super) fn ca_file(table: &mut Section<'_>) -> Option<std::path::PathBuf> {
    let path = table.path("ca_file")?;
    if !path.is_file() {
        table.mistake("ca_file", format!("{} is no file", path.display()), "name a PEM file, relative to this file");
    }
    Some(path)
}

const SECRETS: [&str; 4] = ["password", "password_file", "credential", "oauth2"];

fn has_secret(table: &Section<'_>) -> bool {
    SECRETS.iter().any(|name| table.has(name))
}

/// The proof of a login; `credential` is the systemd credential that is taken when nothing is written.
fn login(table: &mut Section<'_>, credential: &str, env: &BTreeMap<String, String>) -> Option<Secret> {
    let written: Vec<&str> = SECRETS.into_iter().filter(|name| table.has(name)).collect();
    if let [_, second, ..] = written.as_slice() {
        table.mistake(
            second,
            format!("stands beside {}", written.first().copied().unwrap_or_default()),
            "decide for one of password, password_file, credential and oauth2",
        );
    }
    let password = secret(table, "password", "password_file");
    let named = table.text("credential");
    let oauth2 = oauth2(table.section("oauth2"));
    if let Some(named) = named {
        let Some(folder) = env.get("CREDENTIALS_DIRECTORY") else {
            table.mistake("credential", "systemd hands over no credentials here", "add LoadCredential= to the unit, or use password_file");
            return None;
        };
        return read_secret(table, "credential", &Path::new(folder).join(named), false).map(Secret::Password);
    }
    if written.is_empty() {
        let path = env.get("CREDENTIALS_DIRECTORY").map(|folder| Path::new(folder).join(credential)).filter(|path| path.is_file())?;
        // The shipped unit sets an empty one where the file is not there: then nothing was handed over.
        let handed_over = std::fs::metadata(&path).is_ok_and(|meta| meta.len() > 1);
        return if handed_over { read_secret(table, "credential", &path, false).map(Secret::Password) } else { None };
    }
    password.map(Secret::Password).or(oauth2.map(Secret::OAuth2))
}

fn oauth2(mut table: Section<'_>) -> Option<OAuth2> {
    let token_file = table.path("access_token_file");
    let wanted = table.exists() && !table.has("access_token_file");
    let mut needed = |name, example: &str| if wanted { table.needed(name, example) } else { table.text(name).unwrap_or_default() };
    let client_id = needed("client_id", "client_id = \"…\", or access_token_file");
    let token_url = needed("token_url", "token_url = \"https://oauth2.googleapis.com/token\"");
    match Url::parse(&token_url) {
        Some(url) if url.scheme == "https" || is_loopback(url.host) => {}
        Some(_) | None if token_url.is_empty() => {}
        Some(_) | None => table.mistake("token_url", format!("`{token_url}` is no https address"), "write token_url = \"https://…\""),
    }
    let client_secret = secret(&mut table, "client_secret", "client_secret_file");
    let refresh_token_file = table.path("refresh_token_file");
    if wanted && refresh_token_file.is_none() && !table.has("client_secret") && !table.has("client_secret_file") {
        table.missing("refresh_token_file", "refresh_token_file (Gmail), or client_secret_file (Microsoft 365 application)");
    }
    for (name, path) in [("refresh_token_file", &refresh_token_file), ("access_token_file", &token_file)] {
        if let Some(path) = path.as_ref().filter(|path| !path.is_file()) {
            table.mistake(
                name,
                format!("{} is no file", path.display()),
                "write the first token into it, readable and writable for the service",
            );
        }
    }
    let scope = table.text("scope");
    let exists = table.exists();
    table.done();
    match token_file {
        Some(file) => Some(OAuth2::TokenFile(file)),
        None if exists => Some(OAuth2::Client(OAuth2Client { client_id, client_secret, token_url, refresh_token_file, scope })),
        None => None,
    }
}

/// A secret that stands in the config (`name`) or in a file (`file`).
pub(super) fn secret(table: &mut Section<'_>, name: &'static str, file: &'static str) -> Option<SecretString> {
    let (here, path) = (table.secret_text(name), table.path(file));
    if here.is_some() {
        let key = table.key(name);
        match table.sheet.place(&key) {
            Place::Env(_) => table.sheet.warning(&key, "a secret in the environment can be read by other processes", format!("use {file}")),
            Place::File { file: config, .. } if mode(Path::new(&config)) & 0o007 != 0 => {
                table.sheet.warning(&key, "a secret in a file that everybody can read", format!("chmod 640 {config}, or use {file}"));
            }
            Place::File { .. } => {}
        }
        return here;
    }
    read_secret(table, file, &path?, true)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).map_or(0, |meta| meta.permissions().mode())
}

/// Reads a secret; one newline at its end is cut. A file that others can read is warned about.
pub(super) fn read_secret(table: &Section<'_>, name: &str, path: &Path, mode_matters: bool) -> Option<SecretString> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            table.mistake(
                name,
                format!("{} cannot be read ({})", path.display(), error.kind()),
                "make the file, readable for the service alone",
            );
            return None;
        }
    };
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() {
        table.mistake(name, format!("{} is empty", path.display()), "write the secret into it, on one line");
        return None;
    }
    if mode_matters && mode(path) & 0o077 != 0 {
        table.sheet.warning(&table.key(name), format!("{} can be read by others", path.display()), "chmod 600 it");
    }
    Some(SecretString::from(text))
}

/// A mail address that must be there.
pub(super) fn address(table: &mut Section<'_>, name: &'static str, example: &str) -> String {
    let written = table.needed(name, example);
    if !written.is_empty() && !is_address(&written) {
        table.mistake(name, format!("`{written}` is no mail address"), format!("write {example}"));
    }
    written
}

/// Whether `text` is one plain mail address, without a name around it.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    !local.is_empty() && local.len() <= 64 && local.chars().all(plain) && is_host_name(domain)
}

/// Whether `text` is a host's or domain's name: labels of letters, digits and hyphens.
pub(super) fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// Whether `host` is this machine itself.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().map_or_else(|_| bare == "localhost" || bare.ends_with(".localhost"), |address| address.is_loopback())
}

/// A web address taken apart as far as the config needs it.
pub(super) struct Url<'a> {
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The host without its port.
    pub host: &'a str,
    /// From the path on.
    pub rest: &'a str,
}

impl<'a> Url<'a> {
    /// `None` when `text` is no http or https address with a host.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, after) = text.split_once("://")?;
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at_checked(end)?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            Some(_) | None => (authority, None),
        };
        let host_ok =
            is_host_name(host) || host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).is_some_and(|h| h.parse::<IpAddr>().is_ok());
        let ok = matches!(scheme, "http" | "https")
            && host_ok
            && port.is_none_or(|port| port.parse::<u16>().is_ok())
            && !text.contains(char::is_whitespace);
        ok.then_some(Self { scheme, host, rest })
    }
}
