//! One IMAP connection: how it is opened, logged in, and how a command is run. async-imap only parses; every command is written
//! here and its tagged status is read here, because the crate's typed calls take NO, BAD and a closed connection for "no mail".
//! After `Error::Lost` the session is out of step and must be dropped. Used by `commands`.

use std::{collections::BTreeSet, time::Duration};

use async_imap::{
    Client,
    imap_proto::{Capability, MailboxDatum, Response, ResponseCode, Status},
};
use data_encoding::BASE64;
use secrecy::ExposeSecret;
use tokio::io::{AsyncWriteExt, BufWriter};

use super::{
    Error,
    guard::{Guard, LiteralTooBig},
};
use crate::wire::{self, Endpoint, Line, Login, Progress, Stream, Tls, while_moving};

/// No literal is longer: longer mails are asked for in parts.
const LITERAL_LIMIT: u64 = 8 * 1024 * 1024;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Without a byte moving.
    pub quiet: Duration,
    /// For one command in all.
    pub longest: Duration,
}

type Io = Guard<BufWriter<Stream>>;

/// See the file's header.
#[derive(Debug)]
pub(super) struct Session {
    client: Client<Io>,
    progress: Progress,
    patience: Patience,
    tags: u32,
    capabilities: BTreeSet<String>,
    /// The server spoke of new mail since this was last set to false.
    pub news: bool,
}

/// How the server ended a command.
#[derive(Debug)]
pub(super) struct Reply {
    /// OK, or else NO or BAD.
    pub ok: bool,
    /// The status in words.
    pub status: &'static str,
    /// `[TRYCREATE]` came with it.
    pub try_create: bool,
}

impl Reply {
    /// Turns anything but OK into an error that names the command.
    pub(super) fn or_refused(self, command: &'static str) -> Result<(), Error> {
        if self.ok { Ok(()) } else { Err(Error::Refused { command, status: self.status }) }
    }
}

impl Session {
    /// Connects, encrypts as configured, and logs in.
    ///
    /// # Errors
    /// [`Error::Wire`] without a connection, [`Error::Login`] when refused, [`Error::Lost`] when it broke on the way.
    pub(super) async fn open(endpoint: &Endpoint, login: &Login, patience: Patience) -> Result<Self, Error> {
        let mut line = wire::connect(endpoint, patience.quiet).await?;
        let stream = match endpoint.tls {
            Tls::None => Stream::Plain(line),
            Tls::Implicit => wire::encrypt(line, endpoint, patience.quiet).await?,
            Tls::StartTls => {
                start_tls(&mut line, patience.quiet).await?;
                wire::encrypt(line, endpoint, patience.quiet).await?
            }
        };
        if endpoint.tls == Tls::None && !wire::is_loopback(&stream) {
            return Err(Error::Wire(wire::Error::LoginInClear));
        }
        let progress = Progress::default();
        let guard = Guard::new(BufWriter::new(stream), progress.clone(), LITERAL_LIMIT);
        let client = Client::new(guard);
        let mut session = Self { client, progress, patience, tags: 0, capabilities: BTreeSet::new(), news: false };
        if endpoint.tls != Tls::StartTls {
            session.greeting().await?;
        }
        session.ask_capabilities().await?;
        session.log_in(login).await?;
        session.ask_capabilities().await?;
        Ok(session)
    }

    async fn greeting(&mut self) -> Result<(), Error> {
        let (client, progress, patience) = (&mut self.client, &self.progress, self.patience);
        let read = while_moving(client.read_response(), progress, patience.quiet, patience.longest).await;
        let response = unwrap_read(read)?;
        match response.parsed() {
            Response::Data { status: Status::Ok, .. } => Ok(()),
            _ => Err(Error::Lost("the greeting is no OK")),
        }
    }

    /// Whether the server announced `name` (upper case).
    pub(super) fn can(&self, name: &str) -> bool {
        self.capabilities.contains(name)
    }

    /// All that the server announced.
    pub(super) const fn capabilities(&self) -> &BTreeSet<String> {
        &self.capabilities
    }

    async fn ask_capabilities(&mut self) -> Result<(), Error> {
        let mut found = BTreeSet::new();
        let reply = self
            .command("CAPABILITY", |response| {
                if let Response::Capabilities(all) = response {
                    found.extend(all.iter().map(|one| match one {
                        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                        Capability::Auth(how) => format!("AUTH={}", how.to_ascii_uppercase()),
                        Capability::Atom(atom) => atom.to_ascii_uppercase(),
                    }));
                }
            })
            .await?;
        reply.or_refused("CAPABILITY")?;
        self.capabilities = found;
        Ok(())
    }

    async fn log_in(&mut self, login: &Login) -> Result<(), Error> {
        let reply = match login {
            Login::Password { user, password } => {
                let simple = quotable(user) && quotable(password.expose_secret());
                if self.can("AUTH=PLAIN") && (self.can("LOGINDISABLED") || !simple) {
                    self.authenticate("PLAIN", &Login::plain(user, password)).await?
                } else if simple {
                    self.command(&format!("LOGIN {} {}", quoted(user), quoted(password.expose_secret())), |_| {}).await?
                } else {
                    return Err(Error::Login("the server knows no way to send letters outside of ASCII in a password"));
                }
            }
            Login::OAuth2 { user, tokens } => {
                let token = tokens.fetch().await?;
                self.authenticate("XOAUTH2", &Login::xoauth2(user, &token)).await?
            }
        };
        if reply.ok { Ok(()) } else { Err(Error::Login("the server refused the login")) }
    }

    async fn authenticate(&mut self, how: &str, answer: &secrecy::SecretString) -> Result<Reply, Error> {
        let answer = BASE64.encode(answer.expose_secret().as_bytes());
        let tag = self.send(&format!("AUTHENTICATE {how}")).await?;
        if let Some(reply) = self.until(&tag, true, |_| {}).await? {
            return Ok(reply);
        }
        self.write(&answer).await?;
        // A refused XOAUTH2 is explained in a second challenge, which is answered with an empty line.
        if let Some(reply) = self.until(&tag, true, |_| {}).await? {
            return Ok(reply);
        }
        self.write("").await?;
        self.until(&tag, false, |_| {}).await?.ok_or(Error::Lost("an unexpected challenge"))
    }

    /// Runs a command: `each` sees every untagged answer, the tagged one is the result.
    ///
    /// # Errors
    /// [`Error::Lost`] when the connection ends, stalls or talks nonsense before the tagged answer.
    pub(super) async fn command(&mut self, line: &str, each: impl FnMut(&Response<'_>)) -> Result<Reply, Error> {
        let tag = self.send(line).await?;
        self.until(&tag, false, each).await?.ok_or(Error::Lost("an unexpected challenge"))
    }

    /// Writes a tagged command and returns its tag.
    pub(super) async fn send(&mut self, line: &str) -> Result<String, Error> {
        self.tags = self.tags.wrapping_add(1);
        let tag = format!("R{:04}", self.tags);
        self.write(&format!("{tag} {line}")).await?;
        Ok(tag)
    }

    /// Writes a line as it is.
    pub(super) async fn write(&mut self, line: &str) -> Result<(), Error> {
        let (io, progress, patience) = (self.client.get_mut(), &self.progress, self.patience);
        let writing = async {
            io.write_all(line.as_bytes()).await?;
            io.write_all(b"\r\n").await?;
            io.flush().await
        };
        match while_moving(writing, progress, patience.quiet, patience.longest).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Error::Lost("the connection broke while writing")),
            Err(_) => Err(Error::Lost("the server takes no bytes")),
        }
    }

    /// Reads until the answer tagged `tag`; `None` when the server asks to go on and `may_continue`.
    pub(super) async fn until(
        &mut self,
        tag: &str,
        may_continue: bool,
        mut each: impl FnMut(&Response<'_>),
    ) -> Result<Option<Reply>, Error> {
        let (client, progress, patience) = (&mut self.client, &self.progress, self.patience);
        let news = &mut self.news;
        let reading = async {
            loop {
                let response = unwrap_read(while_moving(client.read_response(), progress, patience.quiet, patience.longest).await)?;
                match response.parsed() {
                    Response::Done { tag: theirs, status, outcome } if theirs.0 == tag => {
                        return reply(status, outcome.code.as_ref()).map(Some);
                    }
                    Response::Done { .. } => return Err(Error::Lost("an answer to another command")),
                    Response::Continue(_) if may_continue => return Ok(None),
                    Response::Continue(_) => return Err(Error::Lost("an unexpected challenge")),
                    Response::Data { status: Status::Bye, .. } => return Err(Error::Lost("the server said BYE")),
                    other => {
                        *news |= matches!(other, Response::MailboxData(MailboxDatum::Exists(_)));
                        each(other);
                    }
                }
            }
        };
        // No single command lasts longer, however busily the server talks.
        match tokio::time::timeout(patience.longest, reading).await {
            Ok(result) => result,
            Err(_) => Err(Error::Lost("a command took too long")),
        }
    }

    /// Waits for the next untagged answer, at most `limit`; `None` when none came.
    pub(super) async fn next_news(&mut self, limit: Duration) -> Result<Option<bool>, Error> {
        match tokio::time::timeout(limit, self.client.read_response()).await {
            Err(_) => Ok(None),
            Ok(read) => match unwrap_read(Ok(read))?.parsed() {
                Response::Data { status: Status::Bye, .. } => Err(Error::Lost("the server said BYE")),
                Response::Done { .. } => Err(Error::Lost("IDLE ended by itself")),
                Response::MailboxData(MailboxDatum::Exists(_)) => Ok(Some(true)),
                _ => Ok(Some(false)),
            },
        }
    }

    /// How long the end of IDLE may take: 15 s, since a connection that died meanwhile shows here.
    pub(super) fn patience_for_done(&self) -> Duration {
        self.patience.quiet.min(Duration::from_secs(15))
    }

    /// Says good-bye; what comes of it does not matter.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(5), self.command("LOGOUT", |_| {})).await;
    }
}

/// The reader's error text carries the mail it failed on: it goes nowhere.
fn unwrap_read<R>(read: Result<std::io::Result<Option<R>>, wire::Stalled>) -> Result<R, Error> {
    match read {
        Ok(Ok(Some(response))) => Ok(response),
        Ok(Ok(None)) => Err(Error::Lost("the server closed the connection")),
        Ok(Err(e)) => match e.get_ref().and_then(|inner| inner.downcast_ref::<LiteralTooBig>()) {
            Some(too_big) => Err(Error::TooBig(too_big.0)),
            None if e.kind() == std::io::ErrorKind::UnexpectedEof => Err(Error::Lost("the connection ended within an answer")),
            None => Err(Error::Lost("the connection broke or talked nonsense")),
        },
        Err(wire::Stalled) => Err(Error::Lost("the server fell silent")),
    }
}

fn reply(status: &Status, code: Option<&ResponseCode<'_>>) -> Result<Reply, Error> {
    let try_create = matches!(code, Some(ResponseCode::TryCreate));
    match status {
        Status::Ok => Ok(Reply { ok: true, status: "OK", try_create }),
        Status::No => Ok(Reply { ok: false, status: "NO", try_create }),
        Status::Bad => Ok(Reply { ok: false, status: "BAD", try_create }),
        Status::PreAuth | Status::Bye => Err(Error::Lost("a status that ends no command")),
    }
}

/// Greeting, STARTTLS and its answer, before anything is encrypted.
async fn start_tls(to: &mut Line, limit: Duration) -> Result<(), Error> {
    let greeting = wire::read_plain_line(to, limit).await?;
    if !greeting.to_ascii_uppercase().starts_with("* OK") {
        return Err(Error::Lost("the greeting is no OK"));
    }
    to.write_all(b"R0 STARTTLS\r\n").await.map_err(|_| Error::Lost("the connection broke while writing"))?;
    for _ in 0..10 {
        let line = wire::read_plain_line(to, limit).await?.to_ascii_uppercase();
        if line.starts_with("R0 OK") {
            return Ok(());
        }
        if line.starts_with("R0 ") {
            break;
        }
    }
    Err(Error::Refused { command: "STARTTLS", status: "NO" })
}

fn quotable(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

/// A quoted string; line breaks and NUL cannot be in one and are left out.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')) {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
    out
}
