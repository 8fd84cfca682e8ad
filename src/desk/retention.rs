//! The end of keeping (R38): what is due, what a hold keeps, what is taken out and what stays; all that is held on one person, given
//! out or taken out. Called by cli. Every erasure is one transaction with its record in the trail.

use serde_json::{Value, json};

use super::carry_out::as_value;
use super::{Desk, Error, patch};
use crate::calendar::Moment;
use crate::domain::state::State;
use crate::domain::{Case, Pii};
use crate::store::events::{NewEvent, PURGED};
use crate::store::purge::{self, Erased};
use crate::store::{cases, inbox, messages};

/// A closed case whose time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The case.
    pub case: Case,
    /// The day on which it became due.
    pub since: String,
    /// Why it stays nevertheless.
    pub hold: Option<String>,
}

/// What an erasure did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Cases.
    pub cases: u64,
    /// What went with them.
    pub erased: Erased,
    /// Mails that belonged to no case.
    pub strays: u64,
}

impl Desk {
    /// Cases whose contents are due to go, oldest first; those on hold are named with the reason.
    ///
    /// # Errors
    /// As the store says.
    pub async fn purge_due(&self) -> Result<Vec<Due>, Error> {
        let holds = purge::holds(&self.store).await?;
        let today = self.office.day(self.now());
        let mut due = Vec::new();
        for row in cases::list(&self.store, false).await? {
            let case = super::rows::case(&row)?;
            let Some(closed) = case.closed_at.filter(|_| case.state == State::Closed && !case.is_erased()) else { continue };
            let Some(until) = self.office.procedure.kept_until(self.office.day(closed)) else { continue };
            if until < today {
                let hold = holds.iter().find(|(n, _)| *n == case.number).map(|(_, why)| why.clone());
                due.push(Due { since: until.to_string(), hold, case });
            }
        }
        Ok(due)
    }

    /// Mails of no case that are due to go.
    ///
    /// # Errors
    /// As the store says.
    pub async fn strays_due(&self) -> Result<Vec<String>, Error> {
        let Some(years) = self.office.procedure.retention_years() else { return Ok(Vec::new()) };
        let before = self.now().plus_seconds(-i64::from(years) * 366 * 86_400);
        Ok(purge::strays(&self.store, before).await?)
    }

    /// Takes out all that is due and not on hold.
    ///
    /// # Errors
    /// As the store says; what was done before stays done.
    pub async fn purge(&self) -> Result<Purged, Error> {
        self.purge_what(|_| true, |_| true, "retention").await
    }

    /// Takes out what is due, not on hold and wanted, by number and by mail.
    pub(super) async fn purge_what(&self, case: impl Fn(&str) -> bool, stray: impl Fn(&str) -> bool, why: &str) -> Result<Purged, Error> {
        let mut done = Purged::default();
        for due in self.purge_due().await?.into_iter().filter(|d| d.hold.is_none() && case(&d.case.number)) {
            let erased = self.erase(&due.case, why).await?;
            done.cases += 1;
            done.erased.events += erased.events;
            done.erased.mails += erased.mails;
            done.erased.letters += erased.letters;
        }
        for id in self.strays_due().await?.into_iter().filter(|id| stray(id)) {
            let mut tx = self.store.begin().await?;
            purge::erase_mail(&mut tx, &id).await?;
            self.note_of(&mut tx, "mail_purged", json!({ "inbox": id })).await?;
            tx.commit().await?;
            done.strays += 1;
        }
        Ok(done)
    }

    /// Takes one case's contents out, with the record of it. `why`: `retention` (and who agreed) or `subject`.
    ///
    /// # Errors
    /// As the store says.
    pub async fn erase(&self, case: &Case, why: &str) -> Result<Erased, Error> {
        let at = self.now();
        let blank = case.erased(at);
        let body = as_value(&blank)?;
        let rule = &self.office.procedure;
        let proof = NewEvent {
            case_id: Some(case.id.as_str().to_owned()),
            at,
            kind: PURGED.to_owned(),
            actor: "operator".to_owned(),
            source: None,
            payload: json!({ "why": why, "rule": format!("{} {} {}", rule.id, rule.version, rule.retention), "method": "overwritten" })
                .to_string(),
            // From nothing to what remains, so that replaying the trail gives the row.
            change: patch::diff(&Value::Null, &body).to_string(),
        };
        let mut tx = self.store.begin().await?;
        let erased = purge::erase_case(&mut tx, case.id.as_str(), &body.to_string(), at, proof).await?;
        tx.commit().await?;
        Ok(erased)
    }

    async fn note_of(&self, tx: &mut crate::store::Tx, kind: &str, payload: Value) -> Result<(), Error> {
        let event = NewEvent {
            case_id: None,
            at: self.now(),
            kind: kind.to_owned(),
            actor: "operator".to_owned(),
            source: None,
            payload: payload.to_string(),
            change: "{}".to_owned(),
        };
        crate::store::events::append(tx, event).await?;
        Ok(())
    }

    /// Sets or lifts a legal hold; false when there was none to lift.
    ///
    /// # Errors
    /// As the store says.
    pub async fn legal_hold(&self, number: &str, why: Option<&str>) -> Result<bool, Error> {
        let mut tx = self.store.begin().await?;
        let (kind, done) = match why {
            Some(why) => {
                purge::hold(&mut tx, number, why).await?;
                ("hold_set", true)
            }
            None => ("hold_lifted", purge::lift(&mut tx, number).await?),
        };
        if done {
            self.note_of(&mut tx, kind, json!({ "case": number, "why": why })).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Cases of a person: those he brought, and those to which he wrote.
    ///
    /// # Errors
    /// As the store says.
    pub async fn cases_of(&self, address: &str) -> Result<Vec<Case>, Error> {
        let mut found = Vec::new();
        for row in cases::list(&self.store, false).await? {
            let case = super::rows::case(&row)?;
            let recorded = case.record.get("email").map(Pii::reveal).is_some_and(|e| e.eq_ignore_ascii_case(address));
            let wrote = messages::for_case(&self.store, case.id.as_str())
                .await?
                .iter()
                .any(|m| m.direction == messages::Direction::In && m.kind != "staff" && m.from.eq_ignore_ascii_case(address));
            if case.is_complainant(address) || recorded || wrote {
                found.push(case);
            }
        }
        Ok(found)
    }

    /// Mails of a person that belong to no case and still have their bytes: id, when, bytes.
    ///
    /// # Errors
    /// As the store says.
    pub async fn strays_of(&self, address: &str) -> Result<Vec<(String, Moment, Vec<u8>)>, Error> {
        let mut found = Vec::new();
        for row in inbox::all(&self.store).await?.into_iter().filter(|r| r.case_id.is_none()) {
            let raw = inbox::raw(&self.store, &row.id).await?;
            let headers = crate::mail::headers::RawHeaders::parse(&raw);
            let from = headers.value("From").unwrap_or_default().to_lowercase();
            if !raw.is_empty() && from.contains(&address.to_lowercase()) {
                found.push((row.id, row.internal_at, raw));
            }
        }
        Ok(found)
    }

    /// Takes a mail of no case out, with its record.
    ///
    /// # Errors
    /// As the store says.
    pub async fn erase_stray(&self, id: &str) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        purge::erase_mail(&mut tx, id).await?;
        self.note_of(&mut tx, "mail_purged", json!({ "inbox": id, "why": "subject" })).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The reason of a case's legal hold.
    ///
    /// # Errors
    /// As the store says.
    pub async fn held_by(&self, number: &str) -> Result<Option<String>, Error> {
        Ok(purge::holds(&self.store).await?.into_iter().find(|(n, _)| n == number).map(|(_, why)| why))
    }
}
