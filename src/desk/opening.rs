//! A complaint opens a case: what the mail tells is put on the record form, the number is foreseen, the procedure decides.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::carry_out::{InboxEnd, Job, Numbers, SERIAL};
use super::letters::Beside;
use super::passed_on::Told;
use super::receive::Given;
use super::routing::language_of;
use super::{Desk, Error, rows};
use crate::calendar::Moment;
use crate::domain::case::Complainant;
use crate::domain::event::Opened;
use crate::domain::procedure::GroundHint;
use crate::domain::state::State;
use crate::domain::{Actor, CaseId, Effect, Event, EventKind, Pii, Recipient, open};
use crate::mail::Inbound;
use crate::mail::fields::FoundFields;
use crate::store::cases;
use crate::store::inbox::InboxRow;
use crate::store::messages::NewMessage;

/// 收文日期及文號, where the record form has it.
const DOCUMENT: &str = "document";
/// How long back an earlier answer tells something about a complaint.
const EARLIER_SECONDS: i64 = 2 * 366 * 86_400;
/// The same words of the same sender within this time are one complaint sent twice.
const REPEAT_SECONDS: i64 = 7 * 86_400;

impl Desk {
    /// The job that opens a case for this mail. `links`: cases that it may belong to.
    pub(super) async fn opening(&self, row: &InboxRow, mail: &Inbound, given: &Given<'_>, links: Vec<String>) -> Result<Job, Error> {
        let at = row.internal_at.min(self.now());
        let day = self.office.day(at);
        let format = &self.office.procedure.number;
        let scope = format.scope(day);
        let seq = given.ahead.after(&scope, cases::peek_number(&self.store, &scope).await?);
        let serial = given.ahead.after(SERIAL, cases::peek_number(&self.store, SERIAL).await?);
        // On the heap: what a mail that passes something on needs is not what every other reserves.
        let told = Box::pin(self.told_by(row, mail, at)).await?;
        let quiet = given.listed || told.quiet;
        let mut opened = self.opened(row, mail, told, (at, format.write(day, seq)), serial, links);
        if given.listed {
            opened.routing.hold = Some("list".to_owned());
        }
        let event = Event { at, actor: Actor::Complainant, kind: EventKind::Opened(Box::new(opened.clone())) };
        let mut step = open(&opened, &event, &self.office);
        // Who passes a complaint on writes to whom he likes: the complainant is not in that mail.
        if step.case.passed_on.is_none() {
            step.effects.extend(self.worlds_met(&step.case, mail, true));
        }
        if quiet {
            // Nobody is answered through a list by himself (RFC 3834 §2), and nobody is written to whom a mail merely names (T18): the
            // office writes when it has looked.
            step.effects.retain(|e| !matches!(e, Effect::Send { to: Recipient::Complainant, .. }));
        }
        let broken = Box::pin(self.spare_receipts(&mut step.effects, &step.case, mail, (row, at))).await?;
        let case_id = step.case.id.as_str().to_owned();
        let too_long = row.truncated_size.map(|_| ("truncated".to_owned(), Some(case_id.clone()), String::new()));
        let earlier = Box::pin(self.earlier(&step.case, &step.effects)).await?;
        let signs = self.signs(mail, &step.case).await?;
        Ok(Job {
            key: format!("mail:{}", row.id),
            effects: step.effects,
            beside: Beside {
                original: Some(Arc::clone(given.raw)),
                mailbox: row.mailbox.clone(),
                earlier,
                attachments: mail.attachments.iter().filter(|a| !a.inline).map(|a| a.name.clone()).collect(),
                signs,
                unread: unread(row, mail),
                ..Beside::default()
            },
            message: Some(message(&case_id, "complaint", row, mail, at)),
            thread_id: mail.message_id.clone(),
            numbers: Some(Numbers { scope, seq, serial }),
            inbox: Some(InboxEnd::kept(row, mail, case_id)),
            steps: vec![(event, step.case)],
            told: too_long.into_iter().chain(broken.told).collect(),
            facts: broken.fact.into_iter().collect(),
            ..Job::default()
        })
    }

    fn opened(
        &self,
        row: &InboxRow,
        mail: &Inbound,
        told: Told,
        (at, number): (Moment, String),
        serial: i64,
        links: Vec<String>,
    ) -> Opened {
        let Told { found, name, address, subject, text, thread, passed_on, hold, quiet: _ } = told;
        let mut record = self.record(&found, &name, address.as_deref(), at);
        if let (Some(reference), true) = (passed_on.as_ref().and_then(|p| p.reference.clone()), self.has_field(DOCUMENT)) {
            record.insert(DOCUMENT.to_owned(), Pii::new(format!("{}　{reference}", self.day_stamp(at).roc)));
        }
        let mut routing = self.route(&subject, &text);
        self.accuse(&mut routing, &record, address.as_deref());
        if found.report {
            routing.hold = Some("report".to_owned());
        } else if unread(row, mail) == Some("encrypted") {
            routing.hold = Some("encrypted".to_owned());
        } else if row.truncated_size.is_some() {
            routing.hold = Some("truncated".to_owned());
        } else if let Some(hold) = hold {
            routing.hold = Some(hold.to_owned());
        } else if mail.from.as_ref().is_none_or(|m| m.address.is_empty()) || crate::mail::wording::says_nothing(&text) {
            routing.hold = Some("incomplete".to_owned());
        }
        Opened {
            id: CaseId(self.chance.ulid(at)),
            serial,
            number,
            channel: "email".to_owned(),
            // The armour of an encrypted text is nobody's language.
            language: language_of(&format!("{subject}\n{}", if mail.sealed.is_some() { "" } else { &text })),
            grade: self.grade_by_words(&subject, &text),
            subject: Pii::new(subject),
            text: Pii::new(text),
            complainant: Complainant { name: Pii::new(name), address: address.map(Pii::new) },
            passed_on,
            record,
            secrecy: found.secrecy,
            routing,
            thread,
            links,
            origin: row.id.clone(),
        }
    }

    fn has_field(&self, id: &str) -> bool {
        self.office.procedure.fields.iter().any(|f| f.id == id)
    }

    /// What the mail shows of the grounds for 存查 beside its words: earlier answers to the same complainant, other authorities.
    async fn signs(&self, mail: &Inbound, case: &crate::domain::Case) -> Result<Vec<(GroundHint, String)>, Error> {
        let mut out = Vec::new();
        if self.office.procedure.grounds.is_empty() || case.state != State::Triage {
            return Ok(out);
        }
        if let Some(address) = &case.complainant.address {
            let since = self.now().plus_seconds(-EARLIER_SECONDS);
            for row in cases::list_by_complainant(&self.store, address.reveal(), since).await? {
                let earlier = rows::case(&row)?;
                if earlier.answered_at.is_some() && earlier.id != case.id {
                    out.push((GroundHint::AnsweredBefore, earlier.number));
                }
            }
        }
        let home = |address: &str| {
            self.is_own_address(address)
                || self.office.directory.by_email(address).is_some()
                || self.office.directory.unit_by_inbox(address).is_some()
        };
        let others = mail.to.iter().chain(&mail.cc).map(|m| m.address.trim().to_lowercase()).filter(|a| a.contains('@') && !home(a));
        out.extend(others.map(|a| (GroundHint::OtherAuthorities, a)));
        Ok(out)
    }

    /// The record form as far as the mail tells (K 附件一): what it does not tell stays blank.
    fn record(&self, found: &FoundFields, name: &str, address: Option<&str>, at: Moment) -> BTreeMap<String, Pii<String>> {
        let mut record: BTreeMap<String, Pii<String>> = found.values.iter().map(|(k, v)| (k.clone(), Pii::new(v.clone()))).collect();
        if !name.is_empty() {
            record.insert("name".to_owned(), Pii::new(name.to_owned()));
        }
        if let Some(address) = address {
            record.entry("email".to_owned()).or_insert_with(|| Pii::new(address.to_owned()));
        }
        let zoned = at.zoned(self.office.calendar.zone());
        record.insert("received".to_owned(), Pii::new(format!("{} {}", crate::calendar::roc::long(zoned.date()), zoned.strftime("%H:%M"))));
        record.insert("channel".to_owned(), Pii::new("email".to_owned()));
        record
    }

    /// The case that this mail says once more, word for word, if there is one.
    pub(super) async fn repeats(&self, mail: &Inbound) -> Result<Option<crate::domain::Case>, Error> {
        let Some(from) = mail.from.as_ref().map(|m| m.address.to_lowercase()) else { return Ok(None) };
        let text = if mail.reply_text.trim().is_empty() { mail.text.trim() } else { mail.reply_text.trim() };
        let Some(hash) = rows::text_hash(text) else { return Ok(None) };
        let since = self.now().plus_seconds(-REPEAT_SECONDS);
        let found = cases::list_by_text(&self.store, &hash, since).await?;
        found.iter().find(|r| r.complainant_key.as_deref() == Some(from.as_str())).map(rows::case).transpose()
    }
}

/// What of a mail could not be read; its sender is asked to send it again.
pub(super) fn unread(row: &InboxRow, mail: &Inbound) -> Option<&'static str> {
    match (mail.sealed, row.truncated_size) {
        (Some(_), _) => Some("encrypted"),
        (None, Some(_)) => Some("truncated"),
        (None, None) => None,
    }
}

/// A mail as a message of its case.
pub(super) fn message(case_id: &str, kind: &str, row: &InboxRow, mail: &Inbound, at: Moment) -> NewMessage {
    NewMessage {
        case_id: case_id.to_owned(),
        inbox_id: Some(row.id.clone()),
        kind: kind.to_owned(),
        from: mail.from.as_ref().map(|m| m.address.clone()).unwrap_or_default(),
        to: mail.to.iter().map(|m| m.address.clone()).collect(),
        subject: mail.subject.clone(),
        message_id: mail.message_id.clone(),
        at,
        text: if mail.reply_text.trim().is_empty() { mail.text.clone() } else { mail.reply_text.clone() },
    }
}
