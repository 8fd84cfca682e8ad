//! What a disk may hold after the power went: rebuilt from the system calls of a process (`strace`), for the files of its store, at any
//! point. Written and synced is there; written only may be there, sector by sector; a name is there for sure once its folder was synced.
//! Beside it stands what the process had said to its servers by then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::crash::Seeded;

/// What a disk writes whole, in bytes.
const SECTOR: usize = 512;

/// The words before the program that write down its system calls. Without `-D` the one who is killed would be the writer.
pub fn watched(log: &Path) -> Vec<String> {
    let calls = "openat,pwrite64,pwritev,write,writev,sendto,sendmsg,ftruncate,fallocate,fsync,fdatasync,unlink,rename,link";
    let words = ["strace", "-D", "-f", "--seccomp-bpf", "-y", "-q", "-s", "16777216", "-e"];
    let mut words: Vec<String> = words.iter().map(ToString::to_string).collect();
    words.extend([format!("trace={calls}"), "-o".to_owned(), log.display().to_string()]);
    words
}

#[derive(Debug)]
enum Did {
    Wrote {
        file: usize,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: usize,
        to: usize,
    },
    /// All that was done to it before `upto` is on the disk.
    Synced {
        file: usize,
        upto: usize,
    },
    Made {
        name: String,
        file: usize,
    },
    Removed {
        name: String,
    },
    FolderSynced {
        upto: usize,
    },
    Said {
        socket: String,
        bytes: Vec<u8>,
    },
}

/// What somebody outside has seen by a step.
#[derive(Debug, Clone)]
pub enum Seen {
    /// A letter with this Message-ID was given away whole.
    Letter(String),
    /// Mails of the folder were told to move.
    Moved(Vec<i64>),
}

/// A process's life, as far as its store and its servers could tell.
#[derive(Debug, Default)]
pub struct Life {
    store: PathBuf,
    before: BTreeMap<String, Vec<u8>>,
    names: BTreeMap<String, usize>,
    files: usize,
    did: Vec<Did>,
    /// Per thread: a call that has not returned, and its step.
    open: BTreeMap<String, (String, usize)>,
}

/// How unkind the disk is to what was written and not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Nothing is lost: the process alone died.
    None,
    /// All of it is.
    All,
    /// Whole writes, by chance.
    Writes,
    /// Sectors, by chance.
    Sectors,
    /// All of it, on a disk to which the log of the database was never synced: what `synchronous=NORMAL` would leave.
    UnsyncedLog,
}

/// The files of a store that lie there now, by name.
pub fn files(store: &Path) -> BTreeMap<String, Vec<u8>> {
    let endings = ["", "-wal", "-journal"];
    let paths = endings.iter().map(|ending| PathBuf::from(format!("{}{ending}", store.display())));
    paths.filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), std::fs::read(&path).ok()?))).collect()
}

/// Puts files in the place of the store's.
pub fn put(store: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for ending in ["", "-wal", "-journal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", store.display()));
    }
    for (name, bytes) in files {
        std::fs::write(store.with_file_name(name), bytes).expect("a file");
    }
}

impl Life {
    /// Reads what was written down; `before`: the files as they were on the disk when it began.
    pub fn read(store: &Path, before: BTreeMap<String, Vec<u8>>, log: &str) -> Self {
        let names: BTreeMap<String, usize> = before.keys().cloned().zip(0..).collect();
        let mut life = Self { store: store.to_owned(), files: names.len(), before, names, ..Self::default() };
        for line in log.lines() {
            if let Some((thread, rest)) = line.split_once(' ') {
                life.line(thread, rest.trim_start());
            }
        }
        life
    }

    pub fn steps(&self) -> usize {
        self.did.len()
    }

    fn line(&mut self, thread: &str, rest: &str) {
        if let Some(resumed) = rest.strip_prefix("<... ") {
            if let Some((name, begun)) = self.open.remove(thread) {
                self.returned(&name, begun, resumed);
            }
        } else if let Some((name, arguments)) = rest.split_once('(') {
            let begun = self.did.len();
            match arguments.strip_suffix("<unfinished ...>") {
                Some(arguments) => {
                    self.called(name, arguments);
                    // What an `fsync` covers is fixed when it is called; that it holds, when it returns.
                    self.open.insert(thread.to_owned(), (format!("{name}({arguments}"), begun));
                }
                None => {
                    self.called(name, arguments);
                    self.returned(&format!("{name}({arguments}"), begun, arguments);
                }
            }
        }
    }

    /// The file's name within the store's folder, if it is one of the store's.
    fn own(&self, path: &str) -> Option<String> {
        let (store, name) = (self.store.display().to_string(), self.store.file_name()?.to_string_lossy().into_owned());
        match path.strip_prefix(&store)? {
            "" => Some(name),
            ending @ ("-wal" | "-journal") => Some(format!("{name}{ending}")),
            _ => None,
        }
    }

    fn file(&self, arguments: &str) -> Option<usize> {
        self.names.get(&self.own(descriptor(arguments)?)?).copied()
    }

    fn called(&mut self, name: &str, arguments: &str) {
        match name {
            "openat" if arguments.contains("O_CREAT") => {
                let Some(name) = strings(arguments).first().and_then(|path| self.own(&String::from_utf8_lossy(path))) else { return };
                if !self.names.contains_key(&name) {
                    self.names.insert(name.clone(), self.files);
                    self.did.push(Did::Made { name, file: self.files });
                    self.files += 1;
                }
            }
            "pwrite64" => {
                let Some(file) = self.file(arguments) else { return };
                let after = arguments.rsplit_once("\", ").map(|(_, after)| after).unwrap_or_default();
                let at = number(after.split(", ").nth(1).expect("an offset"));
                let bytes = strings(arguments).pop().expect("bytes");
                self.did.push(Did::Wrote { file, at, bytes });
            }
            "ftruncate" => {
                let Some(file) = self.file(arguments) else { return };
                self.did.push(Did::Cut { file, to: number(arguments.split(">, ").nth(1).expect("a length")) });
            }
            "unlink" => {
                let Some(name) = strings(arguments).first().and_then(|path| self.own(&String::from_utf8_lossy(path))) else { return };
                self.names.remove(&name);
                self.did.push(Did::Removed { name });
            }
            "write" | "writev" | "sendto" | "sendmsg" => {
                assert!(self.file(arguments).is_none(), "the store is written in a way that is not followed: {name}");
                let Some(socket) = descriptor(arguments).filter(|path| path.starts_with("socket:")) else { return };
                let socket = socket.to_owned();
                self.did.push(Did::Said { socket, bytes: strings(arguments).concat() });
            }
            "pwritev" | "fallocate" | "rename" | "link" => {
                let store = self.store.display().to_string();
                let other = arguments.contains(&format!("{store}.")) || !arguments.contains(&store);
                assert!(other, "the store is written in a way that is not followed: {name}");
            }
            _ => {}
        }
    }

    fn returned(&mut self, call: &str, begun: usize, tail: &str) {
        let Some(value) = tail.rsplit_once(" = ").map(|(_, value)| value.split(' ').next().unwrap_or_default()) else { return };
        if (call.starts_with("fsync(") || call.starts_with("fdatasync(")) && value == "0" {
            let folder = self.store.parent().expect("a folder").display().to_string();
            if descriptor(call) == Some(&folder) {
                self.did.push(Did::FolderSynced { upto: begun });
            } else if let Some(file) = self.file(call) {
                self.did.push(Did::Synced { file, upto: begun });
            }
        } else if value != "?"
            && descriptor(call).is_some_and(|path| path.starts_with("socket:"))
            && let Some(Did::Said { bytes, .. }) = self.did.get_mut(begun)
        {
            // A server's window was full: the rest is said once more. Of a call that never returned all may have gone.
            bytes.truncate(value.parse().unwrap_or(0));
        }
    }

    /// What the servers were told, each with the step after which they may have known.
    pub fn seen(&self) -> Vec<(usize, Seen)> {
        let mut seen = Vec::new();
        let mut talks: BTreeMap<&str, Talk> = BTreeMap::new();
        for (step, did) in self.did.iter().enumerate() {
            if let Did::Said { socket, bytes } = did {
                seen.extend(talks.entry(socket).or_default().hears(bytes).into_iter().map(|one| (step, one)));
            }
        }
        seen
    }

    /// What the disk holds when the power goes right after `step`.
    pub fn left(&self, step: usize, loss: Loss, chance: &mut Seeded) -> BTreeMap<String, Vec<u8>> {
        let did = &self.did[..=step.min(self.did.len().saturating_sub(1))];
        let (mut synced, mut named) = (BTreeMap::new(), 0);
        let log = format!("{}-wal", self.store.file_name().expect("a name").display());
        let of_log = |did: &&Did| matches!(did, Did::Made { name, .. } if *name == log);
        let mut logs: Vec<usize> = did.iter().filter(of_log).map(made).collect();
        logs.extend(self.before.keys().position(|name| *name == log));
        for one in did {
            match one {
                Did::Synced { file, .. } if loss == Loss::UnsyncedLog && logs.contains(file) => {}
                Did::Synced { file, upto } => _ = synced.insert(*file, *upto),
                Did::FolderSynced { upto } => named = *upto,
                _ => {}
            }
        }
        let mut names: BTreeMap<String, usize> = self.before.keys().cloned().zip(0..).collect();
        let mut contents: BTreeMap<usize, Vec<u8>> = self.before.values().cloned().enumerate().collect();
        // Of the folder's changes since it was synced, the first few are on the disk.
        let mut folder_holds = true;
        for (at, one) in did.iter().enumerate() {
            match one {
                Did::Wrote { file, at: offset, bytes } => {
                    let sure = loss == Loss::None || synced.get(file).is_some_and(|upto| at < *upto);
                    write(contents.entry(*file).or_default(), *offset, bytes, if sure { Loss::None } else { loss }, chance);
                }
                Did::Cut { file, to } => {
                    if synced.get(file).is_some_and(|upto| at < *upto) || keeps(loss, chance) {
                        contents.entry(*file).or_default().resize(*to, 0);
                    }
                }
                Did::Made { .. } | Did::Removed { .. } => {
                    folder_holds = folder_holds && (at < named || keeps(loss, chance));
                    match one {
                        Did::Made { name, file } if folder_holds => _ = names.insert(name.clone(), *file),
                        Did::Removed { name } if folder_holds => _ = names.remove(name),
                        _ => {}
                    }
                }
                Did::Synced { .. } | Did::FolderSynced { .. } | Did::Said { .. } => {}
            }
        }
        names.into_iter().map(|(name, file)| (name, contents.remove(&file).unwrap_or_default())).collect()
    }
}

fn made(did: &Did) -> usize {
    match did {
        Did::Made { file, .. } => *file,
        other => panic!("{other:?}"),
    }
}

fn keeps(loss: Loss, chance: &mut Seeded) -> bool {
    match loss {
        Loss::None => true,
        Loss::All | Loss::UnsyncedLog => false,
        Loss::Writes | Loss::Sectors => chance.below(2) == 0,
    }
}

fn write(content: &mut Vec<u8>, offset: usize, bytes: &[u8], loss: Loss, chance: &mut Seeded) {
    let whole = loss != Loss::Sectors;
    if whole && !keeps(loss, chance) {
        return;
    }
    let mut from = 0;
    while from < bytes.len() {
        let to = if whole { bytes.len() } else { ((offset + from) / SECTOR * SECTOR + SECTOR - offset).min(bytes.len()) };
        if whole || keeps(loss, chance) {
            let end = offset + to;
            if content.len() < end {
                content.resize(end, 0);
            }
            content[offset + from..end].copy_from_slice(&bytes[from..to]);
        }
        from = to;
    }
}

/// One connection, as the server hears it.
#[derive(Debug, Default)]
struct Talk {
    heard: Vec<u8>,
    in_letter: bool,
}

impl Talk {
    fn hears(&mut self, bytes: &[u8]) -> Vec<Seen> {
        self.heard.extend_from_slice(bytes);
        let mut seen = Vec::new();
        loop {
            let end: &[u8] = if self.in_letter { b"\r\n.\r\n" } else { b"\r\n" };
            let Some(at) = self.heard.windows(end.len()).position(|w| w == end) else { return seen };
            let said: Vec<u8> = self.heard.drain(..at + end.len()).collect();
            let said = String::from_utf8_lossy(&said);
            if self.in_letter {
                self.in_letter = false;
                let id = said.lines().find_map(|line| line.strip_prefix("Message-ID: ")).expect("an id");
                seen.push(Seen::Letter(id.trim_matches(['<', '>']).to_owned()));
            } else if said.eq_ignore_ascii_case("DATA\r\n") {
                self.in_letter = true;
            } else if let Some((_, rest)) = said.split_once(" UID MOVE ") {
                seen.push(Seen::Moved(uids(rest.split(' ').next().unwrap_or_default())));
            }
        }
    }
}

/// `1,3:5`.
fn uids(set: &str) -> Vec<i64> {
    let parse = |text: &str| text.parse::<i64>().expect("a UID");
    set.split(',')
        .flat_map(|part| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            parse(from)..=parse(to)
        })
        .collect()
}

fn number(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).expect("a number")
}

/// `/path` of `7</path>, …`.
fn descriptor(arguments: &str) -> Option<&str> {
    let arguments =
        arguments.split_once('(').filter(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric())).map_or(arguments, |(_, a)| a);
    let (before, rest) = arguments.split_once('<')?;
    let path = rest.split('>').next()?;
    (before.chars().all(|c| c.is_ascii_digit()) && !rest.get(path.len()..).is_some_and(|after| after.starts_with(">(deleted)")))
        .then_some(path)
}

/// Every string of the arguments, with its escapes undone.
fn strings(arguments: &str) -> Vec<Vec<u8>> {
    let (bytes, mut at, mut found) = (arguments.as_bytes(), 0, Vec::new());
    while at < bytes.len() {
        if bytes[at] == b'"' {
            let (string, end) = string(bytes, at + 1);
            assert!(!bytes[end..].starts_with(b"\"..."), "a string was cut short");
            found.push(string);
            at = end;
        }
        at += 1;
    }
    found
}

/// Up to the closing quote, and where that stands.
fn string(bytes: &[u8], mut at: usize) -> (Vec<u8>, usize) {
    let mut string = Vec::with_capacity(bytes.len() - at);
    while bytes[at] != b'"' {
        if bytes[at] != b'\\' {
            string.push(bytes[at]);
            at += 1;
            continue;
        }
        at += 1;
        let digits = bytes[at..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
        if digits > 0 {
            string.push(bytes[at..at + digits].iter().fold(0_u8, |n, digit| n.wrapping_mul(8).wrapping_add(digit - b'0')));
            at += digits;
            continue;
        }
        string.push(match bytes[at] {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'f' => 12,
            other => other,
        });
        at += 1;
    }
    (string, at)
}
