//! The keys of `[[mailboxes]]` and `[smtp]`: servers, logins, and what a mailbox's mails can prove. The other keys are in
//! `types.rs`; made by `servers.rs`.

use std::path::PathBuf;

use secrecy::SecretString;

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
    /// `sent_folder`: where the server keeps what is sent from this account; redress looks there for copies of letters in doubt and for
    /// mails that are not its own; default: nobody looks.
    pub sent_folder: Option<String>,
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
    /// `size_limit_mib`: of longer mails only the header and the beginning are taken; 1 to 500, default 25.
    pub size_limit_mib: u64,
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
    /// The border server's verdict `dkim=pass` for exactly the domain of From.
    Dkim,
    /// The border server's word that the sender had logged in.
    Internal,
    /// The sender confirms each act by answering a mail sent to his address in the directory.
    Confirm,
    /// Nothing but the secret of the mail he answers and the right From: for closed networks; warned about.
    Token,
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

/// `[smtp]`
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The server, with the keys of [`Server`].
    pub server: Server,
    /// `hello`: our name in EHLO; default: `organisation.domain`.
    pub hello: String,
    /// `connections`: how many at the same time; 1 to 20, default 3.
    pub connections: usize,
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
pub enum OAuth2 {
    /// `access_token_file`: holds a token that something else keeps fresh; read anew at every login.
    TokenFile(PathBuf),
    /// We ask for tokens ourselves.
    Client(OAuth2Client),
}

/// `oauth2 = { client_id = "…", … }`
#[derive(Debug, Clone)]
pub struct OAuth2Client {
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
