//! One client's connection to the simulated mailbox: what it asks for is done and answered, as the dice will.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncBufReadExt;

use super::super::dice::Dice;
use super::super::line::{Io, Line, Way, over, say};
use super::Imap;

/// One client's connection.
pub struct Talk {
    server: Imap,
    io: Line,
    folder: Option<String>,
    uidvalidity: u32,
    marked: BTreeSet<u32>,
}

impl Talk {
    /// Nothing is chosen yet.
    pub fn new(server: Imap, io: Line) -> Self {
        Self { server, io, folder: None, uidvalidity: 0, marked: BTreeSet::new() }
    }

    /// Answers until either side hangs up.
    pub async fn run(&mut self) -> Io<()> {
        self.answer(b"* OK a server of dreams\r\n".to_vec()).await?;
        loop {
            let mut line = String::new();
            if self.io.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_owned();
            let Some((tag, command)) = line.split_once(' ') else { return Err(over()) };
            let (tag, command) = (tag.to_owned(), command.to_owned());
            if self.disturbed() {
                return Err(over());
            }
            if command == "IDLE" {
                self.idle(&tag).await?;
            } else if command == "LOGOUT" {
                return self.answer(format!("* BYE\r\n{tag} OK\r\n").into_bytes()).await;
            } else {
                self.command(&tag, &command).await?;
            }
        }
    }

    /// Whether the mailbox was made anew under this connection.
    fn disturbed(&self) -> bool {
        let mut books = self.server.books();
        let chance = books.faults.renumber;
        if books.dice.permille(chance) {
            let everything = books.dice.permille(300);
            books.renumber(everything);
        }
        self.folder.is_some() && books.uidvalidity != self.uidvalidity
    }

    async fn command(&mut self, tag: &str, command: &str) -> Io<()> {
        let refused = {
            let mut books = self.server.books();
            let chance = books.faults.refuse;
            let harmless = !command.starts_with("LOGIN") && !command.starts_with("AUTHENTICATE");
            (harmless && books.dice.permille(chance))
                .then(|| (*books.dice.one(&["NO [UNAVAILABLE] later", "BAD what", "NO"]), books.dice.permille(500)))
        };
        if command.starts_with("AUTHENTICATE") {
            self.answer(b"+ \r\n".to_vec()).await?;
            let mut line = String::new();
            self.io.read_line(&mut line).await?;
        }
        let (mut lines, mut status) = (Vec::new(), "OK done".to_owned());
        match refused {
            Some((how, false)) => status = how.to_owned(),
            // Some of it comes, then the refusal; nothing is changed by a command that is refused.
            Some((how, true)) => {
                if command.starts_with("UID FETCH") {
                    lines = self.fetch(command);
                    let most = self.server.books().dice.below(lines.len() + 1);
                    lines.truncate(most);
                }
                status = how.to_owned();
            }
            None => self.obey(command, &mut lines, &mut status),
        }
        let mut out: Vec<u8> = lines.concat();
        out.extend_from_slice(format!("{tag} {status}\r\n").as_bytes());
        self.answer(out).await
    }

    fn obey(&mut self, command: &str, lines: &mut Vec<Vec<u8>>, status: &mut String) {
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["CAPABILITY"] => lines.push(format!("* CAPABILITY {}\r\n", self.server.books().capabilities).into_bytes()),
            ["SELECT" | "EXAMINE", name] => self.select(&unquoted(name), lines, status),
            ["UID", "FETCH", ..] => *lines = self.fetch(command),
            ["UID", "MOVE", set, name] => self.carry(set, &unquoted(name), true, status),
            ["UID", "COPY", set, name] => self.carry(set, &unquoted(name), false, status),
            ["UID", "STORE", set, "+FLAGS.SILENT", "(\\Deleted)"] => self.marked.extend(self.there(set)),
            ["UID", "EXPUNGE", set] => {
                let set: BTreeSet<u32> = self.there(set).into_iter().collect();
                let gone: Vec<u32> = self.marked.intersection(&set).copied().collect();
                let mut books = self.server.books();
                let folder = books.folders.entry(self.folder.clone().unwrap_or_default()).or_default();
                folder.retain(|uid, _| !gone.contains(uid));
            }
            ["UID", "SEARCH", "HEADER", "Message-ID", id] => {
                let id = unquoted(id);
                let books = self.server.books();
                let folder = books.folders.get(self.folder.as_deref().unwrap_or_default());
                let found: Vec<String> = folder
                    .into_iter()
                    .flatten()
                    .filter(|(_, kept)| String::from_utf8_lossy(&kept.raw).contains(&format!("<{id}>")))
                    .map(|(uid, _)| uid.to_string())
                    .collect();
                lines.push(format!("* SEARCH {}\r\n", found.join(" ")).into_bytes());
            }
            ["LIST", "\"\"", name] => {
                let there = self.server.books().folders.contains_key(&unquoted(name));
                lines.extend(there.then(|| format!("* LIST () \"/\" {name}\r\n").into_bytes()));
            }
            ["CREATE", name] => {
                let mut books = self.server.books();
                books.folders.entry(unquoted(name)).or_default();
            }
            ["LOGIN" | "AUTHENTICATE", ..] | ["NOOP"] => {}
            _ => {
                self.server.books().sins.push(command.to_owned());
                "BAD what is this".clone_into(status);
            }
        }
    }

    fn select(&mut self, name: &str, lines: &mut Vec<Vec<u8>>, status: &mut String) {
        let mut books = self.server.books();
        let Some(count) = books.folders.get(name).map(BTreeMap::len) else {
            "NO there is none".clone_into(status);
            return;
        };
        let lies = books.faults.lies;
        let count = if books.dice.permille(lies) { books.dice.below(1000) } else { count };
        lines.push(format!("* {count} EXISTS\r\n* FLAGS (\\Seen)\r\n* 0 RECENT\r\n").into_bytes());
        lines.push(format!("* OK [UIDVALIDITY {}] valid\r\n", books.uidvalidity).into_bytes());
        let next = if books.dice.permille(lies) { 1 } else { books.next.get(name).copied().unwrap_or(1) };
        lines.push(format!("* OK [UIDNEXT {next}]\r\n").into_bytes());
        self.folder = Some(name.to_owned());
        self.uidvalidity = books.uidvalidity;
        self.marked.clear();
    }

    /// UIDs of this folder that a set names.
    fn there(&self, set: &str) -> Vec<u32> {
        let books = self.server.books();
        let Some(folder) = self.folder.as_ref().and_then(|f| books.folders.get(f)) else { return Vec::new() };
        let last = folder.keys().next_back().copied().unwrap_or(0);
        let number = |text: &str| if text == "*" { last } else { text.parse().unwrap_or(0) };
        let mut found = BTreeSet::new();
        for part in set.split(',') {
            let (a, b) = part.split_once(':').map_or_else(|| (number(part), number(part)), |(a, b)| (number(a), number(b)));
            found.extend(folder.keys().filter(|uid| (a.min(b)..=a.max(b)).contains(uid)));
        }
        found.into_iter().collect()
    }

    fn carry(&mut self, set: &str, target: &str, away: bool, status: &mut String) {
        let uids = self.there(set);
        let mut books = self.server.books();
        if !books.folders.contains_key(target) {
            "NO [TRYCREATE] there is none".clone_into(status);
            return;
        }
        let folder = self.folder.clone().unwrap_or_default();
        for uid in uids {
            let kept =
                if away { books.folders.get_mut(&folder).and_then(|f| f.remove(&uid)) } else { books.folders[&folder].get(&uid).cloned() };
            if let Some(kept) = kept {
                books.put(target, kept);
            }
        }
    }

    fn fetch(&self, command: &str) -> Vec<Vec<u8>> {
        let words: Vec<&str> = command.split(' ').collect();
        let uids = self.there(words.get(2).copied().unwrap_or_default());
        let mut books = self.server.books();
        let listing = command.contains("RFC822.SIZE");
        let Some(folder) = self.folder.as_ref().and_then(|f| books.folders.get(f)).cloned() else { return Vec::new() };
        let (gaps, noise, lies) = (books.faults.gaps, books.faults.noise, books.faults.lies);
        let gap = books.dice.permille(gaps);
        let noisy = books.dice.permille(noise);
        let mut lines = Vec::new();
        for (place, uid) in uids.iter().enumerate() {
            let Some(kept) = folder.get(uid) else { continue };
            if gap && books.dice.permille(300) {
                continue;
            }
            let line = if listing {
                let mut size = kept.raw.len();
                if books.dice.permille(lies) {
                    size = *books.dice.one(&[0, 1, size / 2, size * 2, 5_000_000, 600_000_000]);
                }
                let date = kept.at.zoned(&jiff::tz::TimeZone::UTC).strftime("%d-%b-%Y %H:%M:%S %z").to_string();
                let date = if books.dice.permille(lies) { "never".to_owned() } else { date };
                format!("* {} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"{date}\")\r\n", place + 1).into_bytes()
            } else {
                let (what, part) = asked_part(command, &kept.raw);
                let mut line = format!("* {} FETCH (UID {uid} {what} {{{}}}\r\n", place + 1, part.len()).into_bytes();
                line.extend_from_slice(&part);
                line.extend_from_slice(b")\r\n");
                line
            };
            if noisy && books.dice.permille(200) {
                lines.push(line.clone());
            }
            lines.push(line);
            if noisy && books.dice.permille(400) {
                lines.push(noise_line(&mut books.dice));
            }
        }
        if listing && books.dice.permille(lies) {
            let ghost = books.next.get("INBOX").copied().unwrap_or(1) + 3;
            lines.push(format!("* 77 FETCH (UID {ghost} RFC822.SIZE 400 INTERNALDATE \"01-Mar-2026 00:00:00 +0000\")\r\n").into_bytes());
        }
        if noisy && listing {
            lines.reverse();
        }
        lines
    }

    async fn idle(&mut self, tag: &str) -> Io<()> {
        let (silent, refused) = {
            let mut books = self.server.books();
            let (silent, refuse) = (books.faults.silent * 3, books.faults.refuse / 3);
            (books.dice.permille(silent), books.dice.permille(refuse))
        };
        if refused {
            return self.answer(format!("{tag} BAD no idling here\r\n").into_bytes()).await;
        }
        let changed = Arc::clone(&self.server.changed);
        self.answer(b"+ idling\r\n".to_vec()).await?;
        loop {
            let news = changed.notified();
            let mut line = String::new();
            tokio::select! {
                read = self.io.read_line(&mut line) => {
                    if read? == 0 {
                        return Err(over());
                    }
                    if silent {
                        std::future::pending::<()>().await;
                    }
                    return self.answer(format!("{tag} OK idled\r\n").into_bytes()).await;
                }
                () = news => if !silent {
                    let count = self.server.books().folders["INBOX"].len();
                    self.answer(format!("* {count} EXISTS\r\n").into_bytes()).await?;
                }
            }
        }
    }

    /// Sends an answer, as the dice will.
    async fn answer(&mut self, out: Vec<u8>) -> Io<()> {
        let (way, pause) = {
            let mut books = self.server.books();
            let faults = books.faults;
            let way = if books.dice.permille(faults.cut) {
                Way::Cut(books.dice.below(out.len() + 1))
            } else if books.dice.permille(faults.silent) {
                Way::Silent
            } else {
                Way::Whole
            };
            let pause = if books.dice.permille(faults.slow) { books.dice.between(1_000, 70_000) } else { books.dice.between(1, 40) };
            (way, Duration::from_millis(pause as u64))
        };
        say(&mut self.io, pause, way, &out).await
    }
}

/// `BODY[]`, `BODY[]<0>` or `BODY[HEADER]`, and the bytes that it names.
fn asked_part(command: &str, raw: &[u8]) -> (String, Vec<u8>) {
    if command.contains("[HEADER]") {
        let end = raw.windows(4).position(|four| four == b"\r\n\r\n").map_or(raw.len(), |at| at + 4);
        return ("BODY[HEADER]".to_owned(), raw[..end].to_vec());
    }
    let Some((from, length)) = command.split_once("[]<").and_then(|(_, rest)| rest.split_once('>')?.0.split_once('.')) else {
        return ("BODY[]".to_owned(), raw.to_vec());
    };
    let (from, length) = (from.parse().unwrap_or(0_usize), length.parse().unwrap_or(0_usize));
    let part = raw.get(from..).unwrap_or_default();
    (format!("BODY[]<{from}>"), part[..part.len().min(length)].to_vec())
}

fn noise_line(dice: &mut Dice) -> Vec<u8> {
    let lines = [
        "* OK still here\r\n",
        "* 9 EXISTS\r\n",
        "* 3 EXPUNGE\r\n",
        "* 2 FETCH (FLAGS (\\Seen))\r\n",
        "* 2 FETCH (UID 999999 FLAGS (\\Seen))\r\n",
        "* 4 FETCH (UID 888888 BODY[] {6}\r\nabc\r\nd)\r\n",
        "* 5 FETCH (UID 777777 RFC822.SIZE 12 FLAGS ())\r\n",
        "* NO [ALERT] 磁碟快滿了\r\n",
        "* ESEARCH (TAG \"x\") UID\r\n",
        "* VANISHED 1:3\r\n",
    ];
    (*dice.one(&lines)).as_bytes().to_vec()
}

fn unquoted(name: &str) -> String {
    name.trim_matches('"').to_owned()
}
