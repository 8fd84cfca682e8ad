//! Alarms that wait for no digest: a mail that the server does not give, a gap in the ledger, an address that answers like a
//! machine, a clock that jumped, a disk that is full. Notes tell them; here the secretariat is written at once, once an hour at most.

use super::carry_out::Job;
use super::{Desk, Error};
use crate::domain::PersonId;
use crate::render::{Body, DigestLine};
use crate::store::meta;
use crate::store::notes::{self, NoteRow};

/// Notes that are written about at once.
const LOUD: &[&str] = &["mail_unfetchable", "ledger_gap", "mail_gone", "breaker", "clock_jump", "store_full"];
/// Seconds between two such letters: what comes meanwhile is told in the next.
const APART: i64 = 3600;
/// The meta key of the last note that was looked at.
const SEEN: &str = "alarms.seen";
/// The meta key of when the last letter was written.
const LAST: &str = "alarms.last";

impl Desk {
    /// Writes to the secretariat when something of that kind was noted since the last letter; says whether it did.
    ///
    /// # Errors
    /// As the store says.
    pub async fn alarm_if_any(&self) -> Result<bool, Error> {
        let seen = self.kept(SEEN).await?;
        let new = notes::after(&self.store, seen).await?;
        let Some(newest) = new.last().map(|n| n.id) else { return Ok(false) };
        let loud: Vec<&NoteRow> = new.iter().filter(|n| LOUD.contains(&n.kind.as_str())).collect();
        let now = self.now().unix();
        if !loud.is_empty() {
            let last = self.kept(LAST).await?;
            if last > 0 && (0..APART).contains(&(now - last)) {
                return Ok(false);
            }
            let lines = loud.iter().map(|note| self.alarm_line(note)).collect();
            let key = format!("alarm:{newest}");
            let direct = self.to_office(&Body::Alarm { lines }, "", &key);
            self.carry_out(Job { key, direct, ..Job::default() }).await?;
        }
        let mut tx = self.store.begin().await?;
        meta::set(&mut tx, SEEN, &newest.to_string()).await?;
        if !loud.is_empty() {
            meta::set(&mut tx, LAST, &now.to_string()).await?;
        }
        tx.commit().await?;
        Ok(!loud.is_empty())
    }

    async fn kept(&self, key: &str) -> Result<i64, Error> {
        Ok(meta::get(&self.store, key).await?.and_then(|t| t.parse().ok()).unwrap_or(0))
    }

    fn alarm_line(&self, note: &NoteRow) -> DigestLine {
        let what = self.word(&format!("note.{}", note.kind));
        let todo = self.word(&format!("alarm.{}", note.kind));
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
        let word = |key: &str| json.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let uids: Vec<String> =
            json.get("uids").and_then(serde_json::Value::as_array).into_iter().flatten().take(10).map(ToString::to_string).collect();
        if uids.is_empty() { text.to_owned() } else { format!("{} {} UID {}", word("mailbox"), word("folder"), uids.join(", ")) }
    }
}
