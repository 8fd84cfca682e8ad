//! The mailbox of a simulated life: an IMAP server in memory that keeps its folders through every crash of the daemon and
//! misbehaves by its dice. What it did to whom is in its books for the oracle.

mod talk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use redress::calendar::Moment;
use tokio::io::DuplexStream;
use tokio::sync::Notify;

use self::talk::Talk;
use super::dice::Dice;
use super::line;

/// What may go wrong, in thousandths for each command.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// The connection ends after any byte of the answer.
    pub cut: usize,
    /// NO or BAD, after some of the answer or none of it.
    pub refuse: usize,
    /// No answer any more on this connection.
    pub silent: usize,
    /// The answer takes its time.
    pub slow: usize,
    /// OK, although some of what was asked for is not there.
    pub gaps: usize,
    /// Lines that nobody asked for, doubled lines, other mails' bodies.
    pub noise: usize,
    /// Sizes, dates and counts that are not true; mails that are not there.
    pub lies: usize,
    /// Nobody answers the call.
    pub away: usize,
    /// The folder is made anew, before a command.
    pub renumber: usize,
}

impl Faults {
    /// None of them.
    pub const NONE: Self = Self { cut: 0, refuse: 0, silent: 0, slow: 0, gaps: 0, noise: 0, lies: 0, away: 0, renumber: 0 };
}

/// Where copies of what was sent are kept, if they are.
pub const SENT: &str = "Sent";

/// A mail in a folder.
#[derive(Debug, Clone)]
struct Kept {
    raw: Arc<Vec<u8>>,
    at: Moment,
}

#[derive(Debug)]
struct Books {
    folders: BTreeMap<String, BTreeMap<u32, Kept>>,
    next: BTreeMap<String, u32>,
    uidvalidity: u32,
    /// What is done to a mail that its owner deletes before anybody took it.
    vanished: BTreeSet<Vec<u8>>,
    dice: Dice,
    faults: Faults,
    capabilities: String,
    /// Commands that must never come.
    sins: Vec<String>,
}

/// The server; clones are the same one.
#[derive(Debug, Clone)]
pub struct Imap {
    books: Arc<Mutex<Books>>,
    changed: Arc<Notify>,
}

impl Imap {
    /// An empty mailbox of a server with these habits.
    pub fn new(mut dice: Dice, faults: Faults) -> Self {
        let mut capabilities = "IMAP4rev1".to_owned();
        for (word, chance) in [("IDLE", 800), ("MOVE", 700), ("UIDPLUS", 800), ("AUTH=PLAIN", 500)] {
            if dice.permille(chance) {
                capabilities.push_str(&format!(" {word}"));
            }
        }
        let books = Books {
            folders: BTreeMap::from([("INBOX".to_owned(), BTreeMap::new())]),
            next: BTreeMap::new(),
            uidvalidity: 1_000_000,
            vanished: BTreeSet::new(),
            dice,
            faults,
            capabilities,
            sins: Vec::new(),
        };
        Self { books: Arc::new(Mutex::new(books)), changed: Arc::new(Notify::new()) }
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().expect("books")
    }

    /// From now on these faults.
    pub fn behave(&self, faults: Faults) {
        self.books().faults = faults;
    }

    /// The faults it has.
    pub fn faults(&self) -> Faults {
        self.books().faults
    }

    /// A mail arrives.
    pub fn deliver(&self, raw: Vec<u8>, at: Moment) {
        self.books().put("INBOX", Kept { raw: Arc::new(raw), at });
        self.changed.notify_waiters();
    }

    /// The server keeps a copy of what was sent from this account.
    pub fn keep_sent(&self, raw: Vec<u8>, at: Moment) {
        self.books().put(SENT, Kept { raw: Arc::new(raw), at });
    }

    /// Its owner deletes a mail that lies in the inbox, if one does.
    pub fn delete_one(&self) {
        let mut books = self.books();
        let uids: Vec<u32> = books.folders["INBOX"].keys().copied().collect();
        if !uids.is_empty() {
            let uid = *books.dice.one(&uids);
            if let Some(kept) = books.folders.get_mut("INBOX").and_then(|f| f.remove(&uid)) {
                books.vanished.insert(kept.raw.to_vec());
            }
        }
    }

    /// The mailbox was moved to another server: other UIDs, another order, and what was put aside lies in the inbox again.
    pub fn migrate(&self, everything: bool) {
        self.books().renumber(everything);
        self.changed.notify_waiters();
    }

    /// Mails that were deleted before or after they were taken.
    pub fn vanished(&self) -> BTreeSet<Vec<u8>> {
        self.books().vanished.clone()
    }

    /// What must never have been said to a mail server.
    pub fn sins(&self) -> Vec<String> {
        self.books().sins.clone()
    }

    /// Answers a call, or does not.
    pub fn call(&self) -> Option<DuplexStream> {
        let away = {
            let mut books = self.books();
            let chance = books.faults.away;
            books.dice.permille(chance)
        };
        let server = self.clone();
        line::call(away, |io| async move { Talk::new(server, io).run().await })
    }
}

impl Books {
    fn put(&mut self, folder: &str, kept: Kept) {
        let next = self.next.entry(folder.to_owned()).or_insert(1);
        let uid = *next;
        *next += 1;
        self.folders.entry(folder.to_owned()).or_default().insert(uid, kept);
    }

    fn renumber(&mut self, everything: bool) {
        self.uidvalidity += 1;
        let folders = std::mem::take(&mut self.folders);
        self.next.clear();
        self.folders.insert("INBOX".to_owned(), BTreeMap::new());
        for (name, mails) in folders {
            let name = if everything && name != SENT { "INBOX".to_owned() } else { name };
            let mut mails: Vec<Kept> = mails.into_values().collect();
            while !mails.is_empty() {
                let which = self.dice.below(mails.len());
                let kept = mails.swap_remove(which);
                self.put(&name, kept);
            }
        }
    }
}
