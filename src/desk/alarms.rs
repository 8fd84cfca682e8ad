//! Alarms that wait for no digest: a mail that the server does not give, a gap in the ledger, an address that answers like a
//! machine, a clock that jumped, a disk that is full, a database that lost its last moments, a mail sent as us and not by us. Notes tell them; here the secretariat is
//! written at once, and not again for each of a kind's mails.

use super::carry_out::Job;
use super::{Desk, Error};
use crate::domain::PersonId;
use crate::render::{Body, DigestLine};
use crate::store::meta;
use crate::store::notes::{self, NoteRow};

/// Notes that are written about at once, how far apart, and where it is kept what was written about.
struct Loud {
    kinds: &'static [&'static str],
    /// Seconds between two letters: what comes meanwhile is told in the next.
    apart: i64,
    /// Begins the key of its letters.
    name: &'static str,
    /// The meta key of the last note that was looked at.
    seen: &'static str,
    /// The meta key of when the last letter was written.
    last: &'static str,
}

/// Where a kind that is new to a store begins to look.
const SEEN: &str = "alarms.seen";

/// What may be a thief or silence waits for no other trouble's hour.
const ALL: [Loud; 2] = [
    Loud { kinds: &["sent_foreign", "probe_late"], apart: 600, name: "alarm-soon", seen: "alarms.soon_seen", last: "alarms.soon_last" },
    Loud {
        kinds: &["mail_unfetchable", "ledger_gap", "mail_gone", "breaker", "clock_jump", "store_full", "store_behind", "directory_lost"],
        apart: 3600,
        name: "alarm",
        seen: SEEN,
        last: "alarms.last",
    },
];

impl Desk {
    /// Writes to the secretariat when something of that kind was noted since the last letter; says whether it did.
    ///
    /// # Errors
    /// As the store says.
    pub async fn alarm_if_any(&self) -> Result<bool, Error> {
        let mut written = false;
        for loud in &ALL {
            written |= Box::pin(self.alarm(loud)).await?;
        }
        Ok(written)
    }

    async fn alarm(&self, loud: &Loud) -> Result<bool, Error> {
        let seen = match self.kept(loud.seen).await? {
            0 => self.kept(SEEN).await?,
            seen => seen,
        };
        let new = notes::after(&self.store, seen).await?;
        let Some(newest) = new.last().map(|n| n.id) else { return Ok(false) };
        let told: Vec<&NoteRow> = new.iter().filter(|n| loud.kinds.contains(&n.kind.as_str())).collect();
        let now = self.now().unix();
        if !told.is_empty() {
            let last = self.kept(loud.last).await?;
            if last > 0 && (0..loud.apart).contains(&(now - last)) {
                return Ok(false);
            }
            // What to do is said once for all of a kind, below the last of them.
            let last_of = |n: usize, note: &NoteRow| !told.iter().skip(n + 1).any(|other| other.kind == note.kind);
            let lines = told.iter().enumerate().map(|(n, note)| self.alarm_line(note, last_of(n, note))).collect();
            let key = format!("{}:{newest}", loud.name);
            let direct = self.to_office(&Body::Alarm { lines }, "", &key);
            self.carry_out(Job { key, direct, ..Job::default() }).await?;
        }
        let mut tx = self.store.begin().await?;
        meta::set(&mut tx, loud.seen, &newest.to_string()).await?;
        if !told.is_empty() {
            meta::set(&mut tx, loud.last, &now.to_string()).await?;
        }
        tx.commit().await?;
        Ok(!told.is_empty())
    }

    async fn kept(&self, key: &str) -> Result<i64, Error> {
        Ok(meta::get(&self.store, key).await?.and_then(|t| t.parse().ok()).unwrap_or(0))
    }

    fn alarm_line(&self, note: &NoteRow, with_todo: bool) -> DigestLine {
        let what = self.word(&format!("note.{}", note.kind));
        let todo = if with_todo { self.word(&format!("alarm.{}", note.kind)) } else { String::new() };
        let detail = self.particulars(&note.text);
        DigestLine { note: format!("{what} {detail}\n{todo}").trim().to_owned(), ..DigestLine::default() }
    }

    /// A note's particulars as people read them: the name of a letter, a folder's mails, or as they stand.
    pub(super) fn particulars(&self, text: &str) -> String {
        if let Some((person, deputy)) = text.split_once(" → ") {
            let name =
                |id: &str| self.office.directory.people.get(&PersonId(id.to_owned())).map_or_else(|| id.to_owned(), |p| p.name.clone());
            return format!("{}（{}{}）", name(person), self.word("ui.deputy"), name(deputy));
        }
        let letter = format!("letter.{text}");
        let label = self.word(&letter);
        if label != letter {
            return label;
        }
        let Ok(json) = serde_json::from_str::<serde_json::Value>(text) else { return text.to_owned() };
        if let Some(line) = self.foreign_line(&json).or_else(|| self.probe_line(&json)) {
            return line;
        }
        let word = |key: &str| json.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let uids: Vec<String> =
            json.get("uids").and_then(serde_json::Value::as_array).into_iter().flatten().take(10).map(ToString::to_string).collect();
        if uids.is_empty() { text.to_owned() } else { format!("{} {} UID {}", word("mailbox"), word("folder"), uids.join(", ")) }
    }
}
