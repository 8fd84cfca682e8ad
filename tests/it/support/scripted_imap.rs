//! An IMAP server inside the test: a small honest mailbox that can be told to misbehave at any command. For the table of faults
//! that async-imap hides.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does in place of its usual answer.
#[derive(Debug, Clone)]
pub enum Act {
    /// Writes this; `{tag}` becomes the command's tag.
    Say(String),
    /// Closes the connection.
    Cut,
    /// Says nothing more on this connection.
    Silence,
    /// Answers as usual, but closes after so many bytes of it.
    UsualUpTo(usize),
}

/// Decides on a command (in upper case, without tag) of the n-th connection; `None`: the usual answer.
pub type Rule = Arc<dyn Fn(usize, &str) -> Option<Vec<Act>> + Send + Sync>;

/// The mailbox and what was done to it.
#[derive(Debug, Default)]
pub struct Model {
    pub mails: BTreeMap<u32, Vec<u8>>,
    pub uidvalidity: u32,
    pub moved: Vec<u32>,
    pub commands: Vec<String>,
    pub connections: usize,
    /// Sizes that the listing tells in place of the true ones.
    pub lies: BTreeMap<u32, u32>,
}

/// A running server; ends with the runtime it was started on.
#[derive(Clone)]
pub struct ScriptedImap {
    pub port: u16,
    pub model: Arc<Mutex<Model>>,
}

impl ScriptedImap {
    /// Starts one with `mails` as UIDs 1, 2, 3 …
    pub async fn start(mails: Vec<Vec<u8>>, rule: impl Fn(usize, &str) -> Option<Vec<Act>> + Send + Sync + 'static) -> Self {
        Self::with_capabilities(mails, "IMAP4rev1 IDLE MOVE UIDPLUS", rule).await
    }

    /// Starts one that announces these capabilities.
    pub async fn with_capabilities(
        mails: Vec<Vec<u8>>,
        capabilities: &'static str,
        rule: impl Fn(usize, &str) -> Option<Vec<Act>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("port");
        let port = listener.local_addr().expect("address").port();
        let mails = (1..).zip(mails).collect();
        let model = Arc::new(Mutex::new(Model { mails, uidvalidity: 7, ..Model::default() }));
        let (shared, rule): (_, Rule) = (Arc::clone(&model), Arc::new(rule));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = {
                    let mut model = shared.lock().expect("model");
                    model.connections += 1;
                    model.connections
                };
                let (model, rule) = (Arc::clone(&shared), Arc::clone(&rule));
                tokio::spawn(async move {
                    let _ = serve(stream, number, model, rule, capabilities).await;
                });
            }
        });
        Self { port, model }
    }

    /// How many commands of this beginning were heard (upper case).
    pub fn heard(&self, start: &str) -> usize {
        self.model.lock().expect("model").commands.iter().filter(|line| line.starts_with(start)).count()
    }
}

async fn serve(stream: TcpStream, number: usize, model: Arc<Mutex<Model>>, rule: Rule, capabilities: &str) -> std::io::Result<()> {
    let mut io = BufReader::new(stream);
    io.get_mut().write_all(b"* OK scripted\r\n").await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if io.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        // DONE and answers to challenges come without a tag.
        let (tag, command) = text.split_once(' ').unwrap_or(("", &text));
        let upper = command.to_ascii_uppercase();
        model.lock().expect("model").commands.push(upper.clone());
        let acts = rule(number, &upper);
        let usual = || usual(&model, tag, &upper, capabilities);
        let Some(acts) = acts else {
            io.get_mut().write_all(&usual()).await?;
            if upper == "IDLE" {
                idle(&mut io, &model, tag).await?;
            }
            continue;
        };
        for act in acts {
            match act {
                Act::Say(words) => io.get_mut().write_all(words.replace("{tag}", tag).as_bytes()).await?,
                Act::Cut => return Ok(()),
                Act::Silence => std::future::pending().await,
                Act::UsualUpTo(bytes) => {
                    let answer = usual();
                    io.get_mut().write_all(answer.get(..bytes.min(answer.len())).unwrap_or_default()).await?;
                    return Ok(());
                }
            }
        }
    }
}

/// Speaks of new mail as soon as there is more than at the beginning, until DONE.
async fn idle(io: &mut BufReader<TcpStream>, model: &Mutex<Model>, tag: &str) -> std::io::Result<()> {
    let before = model.lock().expect("model").mails.len();
    let mut told = false;
    let mut line = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(20), io.read_until(b'\n', &mut line)).await {
            Ok(Ok(0) | Err(_)) => return Ok(()),
            Ok(Ok(_)) => return io.get_mut().write_all(format!("{tag} OK idled\r\n").as_bytes()).await,
            Err(_) => {
                let now = model.lock().expect("model").mails.len();
                if now > before && !told {
                    told = true;
                    io.get_mut().write_all(format!("* {now} EXISTS\r\n").as_bytes()).await?;
                }
            }
        }
    }
}

fn usual(model: &Mutex<Model>, tag: &str, command: &str, capabilities: &str) -> Vec<u8> {
    let mut model = model.lock().expect("model");
    let mut out = Vec::new();
    let ok = |out: &mut Vec<u8>| out.extend(format!("{tag} OK done\r\n").bytes());
    if command.starts_with("CAPABILITY") {
        out.extend(format!("* CAPABILITY {capabilities}\r\n").bytes());
        ok(&mut out);
    } else if command.starts_with("SELECT") || command.starts_with("EXAMINE") {
        let head = format!("* FLAGS (\\Seen)\r\n* {} EXISTS\r\n* OK [UIDVALIDITY {}] ok\r\n", model.mails.len(), model.uidvalidity);
        out.extend(head.bytes());
        ok(&mut out);
    } else if let Some(rest) = command.strip_prefix("UID FETCH ") {
        let (set, what) = rest.split_once(' ').unwrap_or((rest, ""));
        let highest = model.mails.keys().last().copied().unwrap_or(0);
        let wanted = expand(set, highest);
        for (place, (uid, raw)) in model.mails.iter().enumerate().filter(|(_, (uid, _))| wanted.contains(uid)) {
            let place = place + 1;
            if what.contains("RFC822.SIZE") {
                let size = model.lies.get(uid).copied().unwrap_or(raw.len() as u32);
                let line = format!("* {place} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"17-Jul-2026 02:44:25 +0800\")\r\n");
                out.extend(line.bytes());
            } else {
                let (from, part) = part_of(what, raw);
                let origin = from.map(|from| format!("<{from}>")).unwrap_or_default();
                out.extend(format!("* {place} FETCH (UID {uid} BODY[]{origin} {{{}}}\r\n", part.len()).bytes());
                out.extend(part);
                out.extend(b")\r\n");
            }
        }
        ok(&mut out);
    } else if let Some(rest) = command.strip_prefix("UID MOVE ").or_else(|| command.strip_prefix("UID EXPUNGE ")) {
        let set = rest.split(' ').next().unwrap_or_default();
        let highest = model.mails.keys().last().copied().unwrap_or(0);
        for uid in expand(set, highest) {
            if model.mails.remove(&uid).is_some() {
                model.moved.push(uid);
            }
        }
        ok(&mut out);
    } else if command == "IDLE" {
        out.extend(b"+ idling\r\n");
    } else if command == "LOGOUT" {
        out.extend(b"* BYE\r\n");
        ok(&mut out);
    } else {
        ok(&mut out);
    }
    out
}

fn part_of<'a>(what: &str, raw: &'a [u8]) -> (Option<usize>, &'a [u8]) {
    let numbers = what.split('<').nth(1).and_then(|rest| rest.split('>').next()).and_then(|n| n.split_once('.'));
    let Some((from, length)) = numbers.and_then(|(a, b)| Some((a.parse::<usize>().ok()?, b.parse::<usize>().ok()?))) else {
        return (None, raw);
    };
    let start = from.min(raw.len());
    (Some(from), raw.get(start..(start + length).min(raw.len())).unwrap_or_default())
}

/// The UIDs that a set names.
pub fn expand(set: &str, highest: u32) -> Vec<u32> {
    let number = |text: &str| if text == "*" { highest } else { text.parse().unwrap_or(0) };
    set.split(',')
        .flat_map(|part| match part.split_once(':') {
            Some((a, b)) => {
                let (a, b) = (number(a), number(b));
                (a.min(b)..=a.max(b)).collect::<Vec<u32>>()
            }
            None => vec![number(part)],
        })
        .collect()
}
