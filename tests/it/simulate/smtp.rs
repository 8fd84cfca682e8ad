//! Where letters arrive in a simulated life: an SMTP server in memory that keeps what it took through every crash of the daemon,
//! and misbehaves by its dice. It books every connection that died after a final dot, for the oracle.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redress::clock::Clock;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::dice::Dice;
use super::imap::Imap;
use super::line::{self, Io, Line, Way, over, say};

/// What may go wrong, in thousandths for each answer or letter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Nobody answers the call.
    pub away: usize,
    /// The connection ends after any byte of an answer.
    pub cut: usize,
    /// No answer any more on this connection.
    pub silent: usize,
    /// An answer takes its time.
    pub slow: usize,
    /// 4xx to a command or to the dot.
    pub later: usize,
    /// 5xx to the dot.
    pub never: usize,
    /// The connection ends within the content.
    pub cut_content: usize,
    /// Taken or not, there is no answer to the dot.
    pub after_dot: usize,
}

impl Faults {
    /// None of them.
    pub const NONE: Self = Self { away: 0, cut: 0, silent: 0, slow: 0, later: 0, never: 0, cut_content: 0, after_dot: 0 };
}

/// A letter that was taken.
#[derive(Debug, Clone)]
pub struct Kept {
    pub from: String,
    pub to: String,
    pub raw: Vec<u8>,
}

#[derive(Debug)]
struct Books {
    kept: Vec<Kept>,
    /// By the letter's bytes: how often its connection ended after the dot without an answer.
    doubts: BTreeMap<Vec<u8>, usize>,
    /// By the letter's bytes: a refusal for good.
    refused: BTreeMap<Vec<u8>, usize>,
    /// By recipient: how often a connection ended within the content. The client may have written all of it by then.
    broken: BTreeMap<String, usize>,
    /// Recipients that do not exist.
    unknown: Vec<String>,
    dice: Dice,
    faults: Faults,
    copies: Option<Copies>,
}

/// Where copies of what is taken are kept, and what the provider makes of their headers (F21).
#[derive(Debug)]
struct Copies {
    imap: Imap,
    clock: Clock,
    habit: Habit,
}

/// What a provider does to a mail that it keeps.
#[derive(Debug, Clone, Copy)]
pub enum Habit {
    /// Nothing.
    Honest,
    /// It gives it another Message-ID.
    Renames,
    /// It takes away fields that it does not know.
    Strips,
}

/// The server; clones are the same one.
#[derive(Debug, Clone)]
pub struct Smtp(Arc<Mutex<Books>>);

impl Smtp {
    /// A server with these habits, that knows everybody but `unknown`.
    pub fn new(dice: Dice, faults: Faults, unknown: Vec<String>) -> Self {
        Self(Arc::new(Mutex::new(Books {
            kept: Vec::new(),
            doubts: BTreeMap::new(),
            refused: BTreeMap::new(),
            broken: BTreeMap::new(),
            unknown,
            dice,
            faults,
            copies: None,
        })))
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.0.lock().expect("books")
    }

    /// From now on copies of what is taken lie in the account's folder.
    pub fn keep_copies(&self, imap: Imap, clock: Clock, habit: Habit) {
        self.books().copies = Some(Copies { imap, clock, habit });
    }

    /// From now on these faults.
    pub fn behave(&self, faults: Faults) {
        self.books().faults = faults;
    }

    /// What was taken, in order.
    pub fn kept(&self) -> Vec<Kept> {
        self.books().kept.clone()
    }

    /// How often this letter's connection died after the dot.
    pub fn doubts(&self, raw: &[u8]) -> usize {
        self.books().doubts.get(raw).copied().unwrap_or(0)
    }

    /// Whether this letter was ever refused for good.
    pub fn refused(&self, raw: &[u8], to: &str) -> bool {
        let books = self.books();
        books.refused.contains_key(raw) || books.unknown.iter().any(|u| u == to)
    }

    /// How often a letter to this recipient was broken off before its dot.
    pub fn broken(&self, to: &str) -> usize {
        self.books().broken.get(to).copied().unwrap_or(0)
    }

    /// Answers a call, or does not.
    pub fn call(&self) -> Option<DuplexStream> {
        let away = {
            let mut books = self.books();
            let chance = books.faults.away;
            books.dice.permille(chance)
        };
        let server = self.clone();
        line::call(away, |io| async move { Talk { server, io, from: String::new(), to: String::new() }.run().await })
    }
}

impl Books {
    fn take(&mut self, kept: Kept) {
        if let Some(copies) = &self.copies {
            copies.imap.keep_sent(copies.habit.done_to(&kept.raw), copies.clock.now());
        }
        self.kept.push(kept);
    }
}

impl Habit {
    fn done_to(self, raw: &[u8]) -> Vec<u8> {
        let (name, instead) = match self {
            Self::Honest => return raw.to_vec(),
            Self::Renames => ("message-id:", "Message-ID: <made.up@provider.example>\r\n"),
            Self::Strips => ("x-redress-", ""),
        };
        let end = raw.windows(4).position(|four| four == b"\r\n\r\n").map_or(raw.len(), |at| at + 2);
        let (mut out, mut skips) = (instead.as_bytes().to_vec(), false);
        for line in raw[..end].split_inclusive(|b| *b == b'\n') {
            skips = if line.starts_with(b" ") { skips } else { String::from_utf8_lossy(line).to_ascii_lowercase().starts_with(name) };
            if !skips {
                out.extend_from_slice(line);
            }
        }
        out.extend_from_slice(&raw[end..]);
        out
    }
}

struct Talk {
    server: Smtp,
    io: Line,
    from: String,
    to: String,
}

/// What becomes of a letter after its dot.
enum Dot {
    Taken,
    Refused(&'static str),
    /// Taken or not; then the connection ends, or hangs.
    Doubt {
        taken: bool,
        hangs: bool,
    },
    /// Taken, and the answer comes after minutes.
    Slow(u64),
}

impl Talk {
    async fn run(&mut self) -> Io<()> {
        self.answer("220 sink ESMTP\r\n").await?;
        loop {
            let mut line = String::new();
            if self.io.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let upper = line.to_ascii_uppercase();
            if upper.starts_with("DATA") {
                self.data().await?;
                continue;
            }
            let later = {
                let mut books = self.server.books();
                let chance = books.faults.later;
                books
                    .dice
                    .permille(chance)
                    .then(|| *books.dice.one(&["450 4.2.0 greylisted\r\n", "421 4.3.2 going down\r\n", "451 4.7.1 later\r\n"]))
            };
            if upper.starts_with("QUIT") {
                return self.answer("221 bye\r\n").await;
            } else if upper.starts_with("EHLO") {
                self.answer("250-sink\r\n250-8BITMIME\r\n250 SIZE 50000000\r\n").await?;
            } else if let Some(words) = later {
                self.answer(words).await?;
                if words.starts_with("421") {
                    return Err(over());
                }
            } else if upper.starts_with("MAIL FROM:") {
                self.from = address(&line);
                self.answer("250 ok\r\n").await?;
            } else if upper.starts_with("RCPT TO:") {
                self.to = address(&line);
                let unknown = self.server.books().unknown.contains(&self.to);
                self.answer(if unknown { "550 5.1.1 no such person\r\n" } else { "250 ok\r\n" }).await?;
            } else {
                self.answer("250 ok\r\n").await?;
            }
        }
    }

    async fn data(&mut self) -> Io<()> {
        let (cut_at, dot) = self.plan();
        self.answer("354 go\r\n").await?;
        let Some(raw) = self.content(cut_at).await? else {
            *self.server.books().broken.entry(self.to.clone()).or_default() += 1;
            return Err(over());
        };
        let kept = Kept { from: self.from.clone(), to: self.to.clone(), raw: raw.clone() };
        match dot {
            Dot::Taken => {
                self.server.books().take(kept);
                // Whether the client reads it to the end is not known here.
                *self.server.books().doubts.entry(raw.clone()).or_default() += 1;
                self.answer("250 2.0.0 taken\r\n").await?;
                *self.server.books().doubts.entry(raw).or_default() -= 1;
                Ok(())
            }
            Dot::Refused(words) => {
                if words.starts_with('5') {
                    *self.server.books().refused.entry(raw).or_default() += 1;
                }
                self.answer(words).await
            }
            Dot::Doubt { taken, hangs } => {
                {
                    let mut books = self.server.books();
                    if taken {
                        books.take(kept);
                    }
                    *books.doubts.entry(raw).or_default() += 1;
                }
                if hangs {
                    let mut rest = Vec::new();
                    let _ = self.io.read_to_end(&mut rest).await;
                }
                Err(over())
            }
            Dot::Slow(seconds) => {
                self.server.books().take(kept);
                *self.server.books().doubts.entry(raw.clone()).or_default() += 1;
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                self.io.get_mut().write_all(b"250 2.0.0 at last\r\n").await?;
                if seconds < 590 {
                    *self.server.books().doubts.entry(raw).or_default() -= 1;
                }
                Ok(())
            }
        }
    }

    fn plan(&self) -> (Option<usize>, Dot) {
        let mut books = self.server.books();
        let faults = books.faults;
        let cut_at = books.dice.permille(faults.cut_content).then(|| books.dice.below(6000));
        let dot = if books.dice.permille(faults.after_dot) {
            match books.dice.below(5) {
                0 | 1 => Dot::Doubt { taken: true, hangs: false },
                2 => Dot::Doubt { taken: true, hangs: true },
                3 => Dot::Doubt { taken: false, hangs: books.dice.permille(500) },
                _ => Dot::Slow(books.dice.between(100, 900) as u64),
            }
        } else if books.dice.permille(faults.later) {
            Dot::Refused("451 4.3.0 try again\r\n")
        } else if books.dice.permille(faults.never) {
            Dot::Refused("554 5.7.1 not this one\r\n")
        } else {
            Dot::Taken
        };
        (cut_at, dot)
    }

    /// The content up to the dot, with the dots undone; `None` when the connection is to end in it.
    async fn content(&mut self, cut_at: Option<usize>) -> Io<Option<Vec<u8>>> {
        let (mut raw, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            if self.io.read_until(b'\n', &mut line).await? == 0 {
                return Err(over());
            }
            if line == b".\r\n" {
                return Ok(Some(raw));
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if cut_at.is_some_and(|at| raw.len() > at) {
                return Ok(None);
            }
        }
    }

    /// Sends an answer, as the dice will.
    async fn answer(&mut self, words: &str) -> Io<()> {
        let (pause, way) = {
            let mut books = self.server.books();
            let faults = books.faults;
            let pause = if books.dice.permille(faults.slow) { books.dice.between(1_000, 70_000) } else { books.dice.between(1, 40) };
            let cut = books.dice.permille(faults.cut).then(|| books.dice.below(words.len()));
            let silent = books.dice.permille(faults.silent);
            let way = if let Some(at) = cut {
                Way::Cut(at)
            } else if silent {
                Way::Silent
            } else {
                Way::Whole
            };
            (Duration::from_millis(pause as u64), way)
        };
        say(&mut self.io, pause, way, words.as_bytes()).await
    }
}

fn address(line: &str) -> String {
    line.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default().to_owned()
}
