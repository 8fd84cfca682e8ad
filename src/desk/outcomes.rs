//! What became of our letters: refused by a server, returned by a report, answered by a machine. A report is matched to its letter
//! by Message-ID, by the envelope address, by the address it names; it never opens a case and is never answered (R6, F18, F19).

use super::carry_out::{Carried, Job};
use super::outgoing::{LOOP_HEADER, bare};
use super::sent::LETTER_HEADER;
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::directory::Person;
use crate::domain::{Actor, Case, Event, EventKind, PersonId, Pii, transition};
use crate::mail::Inbound;
use crate::mail::smaller::{Anew, without_files};
use crate::store::inbox::InboxRow;
use crate::store::outbox::{self, NewLetter, OutboxRow};
use crate::trust::{self, Sources};

/// A letter that a server refused for good, as delivery reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The letter's id in the outbox.
    pub letter_id: String,
    /// What the server said.
    pub status: String,
}

/// How delivery's reason begins where a letter was too large for the server.
const TOO_BIG: &str = "too-big";
/// How the key of a letter begins that leaves once more without its files.
const SMALLER: &str = "smaller:";
/// Header fields of a letter that its smaller copy has too.
const KEPT: [&str; 3] = ["Auto-Submitted", "X-Auto-Response-Suppress", LOOP_HEADER];

/// Tries before a conflicting transaction is left to the next pass.
const TRIES: usize = 8;

impl Desk {
    /// A delivery report.
    pub(super) async fn bounced(&self, row: &InboxRow, mail: &Inbound) -> Result<Job, Error> {
        let Some(bounce) = &mail.bounce else { return Ok(Job::ignored(row, mail, mail.reason)) };
        let Some((case, letter)) = self.returned_letter(mail).await? else {
            let mut job = Job::ignored(row, mail, "bounce of nothing of ours");
            job.told.push(("foreign_bounce".to_owned(), None, row.id.clone()));
            return Ok(job);
        };
        let at = row.internal_at.min(self.now());
        let mut events = Vec::new();
        for recipient in &bounce.recipients {
            events.push(failed(&letter, at, &recipient.address, recipient.status.clone().unwrap_or_default(), recipient.permanent));
        }
        if events.is_empty() {
            events.push(failed(&letter, at, &letter.recipient, String::new(), true));
        }
        if bounce.recipients.iter().any(|r| r.permanent && r.status.as_deref().is_some_and(is_too_large))
            && let Some(smaller) = self.smaller(&letter).await?
        {
            let event = failed(&letter, at, &letter.recipient, "too-big".to_owned(), false);
            let mut job = self.job_of(row, mail, &case, vec![event], "bounce").await;
            job.told.push(("resent_smaller".to_owned(), letter.case_id.clone(), letter.kind.clone()));
            job.frozen.push(smaller);
            return Ok(job);
        }
        // A report about several addresses is about one letter of one recipient: ours.
        let ours = events.iter().position(
            |e| matches!(&e.kind, EventKind::Undelivered { recipient, .. } if recipient.reveal().eq_ignore_ascii_case(&letter.recipient)),
        );
        let event = events.swap_remove(ours.unwrap_or(0));
        Ok(self.job_of(row, mail, &case, vec![event], "bounce").await)
    }

    /// The letter that a report is about.
    async fn returned_letter(&self, mail: &Inbound) -> Result<Option<(Case, OutboxRow)>, Error> {
        let original = mail.bounce.as_ref().and_then(|b| b.original_message_id.clone());
        for id in original.iter().chain(&mail.in_reply_to).chain(&mail.references) {
            if let Some(letter) = outbox::find_by_message_id(&self.store, id).await?
                && let Some(case_id) = &letter.case_id
                && let Some(case) = self.case_by_id(case_id).await?
            {
                return Ok(Some((case, letter)));
            }
        }
        let Some(found) = self.findings(mail).best() else { return Ok(None) };
        let Some(case) = self.case_by_serial(found.token.case_serial).await? else { return Ok(None) };
        let named: Vec<String> = mail.bounce.iter().flat_map(|b| b.recipients.iter().map(|r| r.address.to_lowercase())).collect();
        let letters = outbox::list_for_case(&self.store, case.id.as_str()).await?;
        let found = letters.into_iter().rev().find(|l| named.is_empty() || named.contains(&l.recipient.to_lowercase()));
        Ok(found.map(|letter| (case, letter)))
    }

    /// Somebody's mail system answered by itself: noted, and nothing else.
    pub(super) async fn auto_replied(&self, row: &InboxRow, mail: &Inbound) -> Result<Job, Error> {
        let Some(belongs) = self.belongs(mail, row).await? else { return Ok(Job::ignored(row, mail, mail.reason)) };
        let from = mail.from.as_ref().map(|m| m.address.clone()).unwrap_or_default();
        let at = row.internal_at.min(self.now());
        let person = self.office.directory.by_email(&from).map(|p| p.id.clone());
        let deputy = person.as_ref().and_then(|p| self.deputy_of(p, at, mail));
        let event = Event { at, actor: Actor::Robot, kind: EventKind::AutoReplied { person, deputy } };
        Ok(self.job_of(row, mail, &belongs.case, vec![event], "auto_reply").await)
    }

    /// Who stands in for somebody who is away: whom the directory names for the day, else the one person of the directory whom his
    /// automatic reply names.
    fn deputy_of(&self, person: &PersonId, at: Moment, mail: &Inbound) -> Option<PersonId> {
        let directory = &self.office.directory;
        let standing = directory.standing(person, self.office.day(at));
        if &standing.person != person {
            return Some(standing.person);
        }
        // Quoted below stands our own letter, which names others.
        let text = if mail.reply_text.trim().is_empty() { &mail.text } else { &mail.reply_text };
        let lower = text.to_lowercase();
        let named = |p: &&Person| {
            &p.id != person && (lower.contains(&p.email.to_lowercase()) || (p.name.chars().count() > 1 && text.contains(&p.name)))
        };
        let mut found = directory.people.values().filter(named);
        let one = found.next()?.id.clone();
        found.next().is_none().then_some(one)
    }

    /// Letters that a server refused for good while we spoke to it. Told once each, whoever asks how often.
    ///
    /// # Errors
    /// As the store says.
    pub async fn refused(&self, delivered: &Delivered) -> Result<(), Error> {
        let Some(letter) = outbox::get(&self.store, &delivered.letter_id).await? else { return Ok(()) };
        for _ in 0..TRIES {
            let case = match &letter.case_id {
                Some(id) => self.case_by_id(id).await?,
                None => None,
            };
            let smaller = if delivered.status.starts_with(TOO_BIG) { self.smaller(&letter).await? } else { None };
            if let Carried::Done(_) = self.carry_out(self.refused_job(&letter, case, &delivered.status, smaller)).await? {
                return Ok(());
            }
            if !outbox::untold(&self.store).await?.iter().any(|l| l.id == letter.id) {
                return Ok(());
            }
        }
        Err(Error::Contended { number: letter.id })
    }

    /// A letter about no case (a digest, a notice) has nobody who could be written about it: the next digest tells.
    fn refused_job(&self, letter: &OutboxRow, case: Option<Case>, status: &str, smaller: Option<NewLetter>) -> Job {
        let mut job = Job { key: format!("refused:{}", letter.id), told_letter: Some(letter.id.clone()), ..Job::default() };
        let event = failed(letter, self.now(), &letter.recipient, status.to_owned(), smaller.is_none());
        if let Some(smaller) = smaller {
            job.told.push(("resent_smaller".to_owned(), letter.case_id.clone(), letter.kind.clone()));
            job.frozen.push(smaller);
        }
        match case.as_ref().map(|case| transition(case, &event, &self.office)) {
            Some(Ok(step)) => {
                job.effects = step.effects;
                job.steps.push((event, step.case));
                job.before = case;
            }
            Some(Err(_)) | None => job.told.push(("undelivered".to_owned(), letter.case_id.clone(), letter.kind.clone())),
        }
        job
    }

    /// A letter that was too large, once more without its files; none where it has none, or was made smaller already.
    async fn smaller(&self, letter: &OutboxRow) -> Result<Option<NewLetter>, Error> {
        if letter.effect_key.starts_with(SMALLER) {
            return Ok(None);
        }
        let raw = outbox::raw(&self.store, &letter.id).await?;
        let id = self.chance.ulid(self.now());
        let old = format!("<{}>", letter.message_id);
        let found = trust::find(&self.keyring, &Sources { references: &[&old], ..Sources::default() }).best();
        let message_id = match found {
            Some(found) => bare(&trust::message_id(&self.keyring, &found.token, &id, &self.settings.domain, false)),
            None => format!("{}@{}", id.to_lowercase(), self.settings.domain),
        };
        let note = self.word("ui.smaller");
        let zone = self.office.calendar.zone().clone();
        let own = vec![(LETTER_HEADER, self.letter_mark(&message_id, &letter.recipient))];
        let anew = Anew { message_id: message_id.clone(), note: &note, date: self.now(), zone, keep: &KEPT, own };
        let Some(written) = without_files(&raw, &anew) else { return Ok(None) };
        let (raw, text) = written?;
        Ok(Some(NewLetter {
            case_id: letter.case_id.clone(),
            kind: letter.kind.clone(),
            effect_key: format!("{SMALLER}{}", letter.id),
            envelope_from: letter.envelope_from.clone(),
            recipient: letter.recipient.clone(),
            subject: letter.subject.clone(),
            message_id,
            raw: raw.into(),
            text,
            not_before: self.now(),
            automatic: letter.automatic,
            world: letter.world.clone(),
        }))
    }

    /// Tells what was refused and never told, because the process ended between the two; says how many.
    ///
    /// # Errors
    /// As the store says.
    pub async fn tell_untold(&self) -> Result<usize, Error> {
        let letters = outbox::untold(&self.store).await?;
        for letter in &letters {
            let status = letter.why.clone().unwrap_or_default();
            self.refused(&Delivered { letter_id: letter.id.clone(), status }).await?;
        }
        Ok(letters.len())
    }
}

/// RFC 3463: "message too big for system" and "message length exceeds administrative limit".
fn is_too_large(status: &str) -> bool {
    matches!(status, "5.3.4" | "5.2.3")
}

fn failed(letter: &OutboxRow, at: Moment, address: &str, status: String, permanent: bool) -> Event {
    Event {
        at,
        actor: Actor::Robot,
        kind: EventKind::Undelivered {
            letter: letter.kind.clone(),
            to_complainant: letter.world == "public",
            recipient: Pii::new(address.to_owned()),
            status,
            permanent,
        },
    }
}
