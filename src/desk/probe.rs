//! A mail of each mailbox to itself, now and then (R51): through the real way out and in, to see that complaints would come in and
//! how fast. It leaves by the outbox, is known on arrival by its own header, opens nothing and answers nobody. One that does not come
//! in soon is told to the secretariat. Called by `daemon`, by `receive` on arrival, and by `cli` for the last figure.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::carry_out::Job;
use super::outgoing::LOOP_HEADER;
use super::sent::{LETTER_HEADER, recipients};
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::mail::Inbound;
use crate::mail::compose::{self, Draft};
use crate::store::inbox::InboxRow;
use crate::store::outbox::{self, NewLetter};
use crate::store::{self, Store, meta};

/// The letter's name in the outbox, and the reason for which an arrived one is set aside.
const KIND: &str = "probe";

/// How often, and how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Seconds between two.
    pub every: i64,
    /// Seconds after which one that has not come in is told.
    pub late_after: i64,
}

/// A mailbox's last mail to itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// Its Message-ID.
    pub id: String,
    /// When it was written.
    pub sent_at: Moment,
    /// When it was taken into custody; none: not yet.
    pub came_at: Option<Moment>,
    /// When the clerk had it.
    pub read_at: Option<Moment>,
    /// It was told that it is late.
    pub told: bool,
    /// Seconds from writing to custody of the last one that came.
    pub seconds: Option<i64>,
}

/// The last mail of this mailbox to itself.
///
/// # Errors
/// As the store says.
pub async fn probed(store: &Store, mailbox: &str) -> store::Result<Option<Probed>> {
    Ok(meta::get(store, &key(mailbox)).await?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn key(mailbox: &str) -> String {
    format!("probes:{}", mailbox.to_lowercase())
}

impl Desk {
    /// Writes to each mailbox whose hour has come, and tells of what is late; whether letters were queued.
    ///
    /// # Errors
    /// As the store says.
    pub async fn probe_if_due(&self) -> Result<bool, Error> {
        let Some(settings) = self.settings.probe else { return Ok(false) };
        let (now, mut queued) = (self.now(), false);
        for mailbox in &self.settings.mailboxes {
            let last = probed(&self.store, &mailbox.address).await?;
            let passed = last.as_ref().map(|l| now.unix().saturating_sub(l.sent_at.unix()));
            let open = last.as_ref().filter(|l| l.came_at.is_none() && !l.told);
            if let Some(late) = open.filter(|_| passed.is_some_and(|p| p >= settings.late_after)) {
                tracing::error!(seconds = passed, "a mail of the mailbox to itself has not come in");
                let text = json!({ "mailbox": mailbox.address, "since": self.clocked(late.sent_at) }).to_string();
                let kept = self.fact(&mailbox.address, &Probed { told: true, ..late.clone() })?;
                let told = vec![("probe_late".to_owned(), None, text)];
                Box::pin(self.carry_out(Job { key: format!("probe:{}", late.id), told, facts: vec![kept], ..Job::default() })).await?;
            }
            // A clock that was put back is no reason to wait for days.
            if passed.is_some_and(|p| (0..settings.every).contains(&p)) {
                continue;
            }
            let told = last.as_ref().is_some_and(|l| l.came_at.is_none() && (l.told || passed.is_some_and(|p| p >= settings.late_after)));
            let (letter, probe) = self.write_probe(&mailbox.address, told, last.and_then(|l| l.seconds))?;
            let kept = self.fact(&mailbox.address, &probe)?;
            Box::pin(self.carry_out(Job { key: format!("probe:{}", probe.id), frozen: vec![letter], facts: vec![kept], ..Job::default() }))
                .await?;
            queued = true;
        }
        Ok(queued)
    }

    /// Whether a mail of some mailbox to itself is overdue.
    ///
    /// # Errors
    /// As the store says.
    pub async fn probe_is_late(&self) -> Result<bool, Error> {
        for mailbox in self.settings.mailboxes.iter().filter(|_| self.settings.probe.is_some()) {
            if probed(&self.store, &mailbox.address).await?.is_some_and(|p| p.came_at.is_none() && p.told) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn write_probe(&self, mailbox: &str, told: bool, seconds: Option<i64>) -> Result<(NewLetter, Probed), Error> {
        let now = self.now();
        let message_id = format!("{}@{}", self.chance.ulid(now).to_lowercase(), self.settings.domain);
        let (subject, text) = (self.word("probe_mail.subject"), self.word("probe_mail.text"));
        let ours = compose::Address { name: String::new(), email: mailbox.to_owned() };
        let draft = Draft {
            from: ours.clone(),
            to: ours,
            reply_to: None,
            subject: subject.clone(),
            message_id: message_id.clone(),
            date: now,
            zone: self.office.calendar.zone().clone(),
            in_reply_to: None,
            references: Vec::new(),
            headers: vec![
                ("Auto-Submitted", "auto-generated".to_owned()),
                ("X-Auto-Response-Suppress", "All".to_owned()),
                (LOOP_HEADER, self.loop_mark()),
                (LETTER_HEADER, self.letter_mark(&message_id, mailbox)),
            ],
            text: text.clone(),
            html: None,
            attachments: Vec::new(),
            originals: Vec::new(),
        };
        let letter = NewLetter {
            case_id: None,
            kind: KIND.to_owned(),
            effect_key: format!("{KIND}:{message_id}"),
            envelope_from: mailbox.to_owned(),
            recipient: mailbox.to_owned(),
            subject,
            message_id: message_id.clone(),
            raw: compose::freeze(&draft)?.into(),
            text,
            not_before: now,
            automatic: false,
            world: "internal".to_owned(),
        };
        Ok((letter, Probed { id: message_id, sent_at: now, came_at: None, read_at: None, told, seconds }))
    }

    /// The end of a mail of ours that is a probe; none where it is another. Only what the outbox wrote as one is: the header proves it.
    pub(super) async fn probe_came(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Job>, Error> {
        let Some(id) = self.proven_letter(&mail.headers, &recipients(&mail.headers)) else { return Ok(None) };
        let Some(letter) = outbox::find_by_message_id(&self.store, &id).await?.filter(|l| l.kind == KIND) else { return Ok(None) };
        let mut job = Job::ignored(row, mail, KIND);
        let last = probed(&self.store, &letter.recipient).await?;
        if let Some(open) = last.filter(|l| l.id == id && l.came_at.is_none()) {
            let seconds = row.taken_at.unix().saturating_sub(open.sent_at.unix()).max(0);
            if open.told {
                let text = json!({ "mailbox": letter.recipient, "since": self.clocked(open.sent_at), "seconds": seconds });
                job.told.push(("probe_back".to_owned(), None, text.to_string()));
            }
            let came = Probed { came_at: Some(row.taken_at), read_at: Some(self.now()), told: false, seconds: Some(seconds), ..open };
            job.facts.push(self.fact(&letter.recipient, &came)?);
        }
        Ok(Some(job))
    }

    /// How fast the last ones came in, for the digest; none where nobody writes any.
    pub(super) async fn probe_figures(&self) -> Result<Option<String>, Error> {
        let mut said = Vec::new();
        for mailbox in self.settings.mailboxes.iter().filter(|_| self.settings.probe.is_some()) {
            if let Some(seconds) = probed(&self.store, &mailbox.address).await?.and_then(|p| p.seconds) {
                said.push(format!("{} {seconds} s", mailbox.address));
            }
        }
        Ok((!said.is_empty()).then(|| format!("{} {}", self.word("ledger.probe"), said.join("、"))))
    }

    /// A note's particulars on a probe, as people read them.
    pub(super) fn probe_line(&self, told: &serde_json::Value) -> Option<String> {
        let word = |key: &str| told.get(key).and_then(serde_json::Value::as_str);
        let (mailbox, since) = word("mailbox").zip(word("since"))?;
        let seconds = told.get("seconds").and_then(serde_json::Value::as_i64).map_or_else(String::new, |s| format!(" → {s} s"));
        Some(format!("{mailbox} {since}{seconds}"))
    }

    fn fact(&self, mailbox: &str, probe: &Probed) -> Result<(String, String), Error> {
        let text = serde_json::to_string(probe).map_err(|e| Error::Damaged { number: key(mailbox), why: e.to_string() })?;
        Ok((key(mailbox), text))
    }

    fn clocked(&self, at: Moment) -> String {
        at.zoned(self.office.calendar.zone()).strftime("%Y-%m-%d %H:%M").to_string()
    }
}
