//! The end of keeping (R38): what is due, what a hold keeps, what is taken out and what stays; all that is held on one person, given
//! out or taken out. Called by cli. Every erasure is one transaction with its record in the trail.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::carry_out::as_value;
use super::{Desk, Error, patch};
use crate::calendar::Moment;
use crate::domain::retention::Kept;
use crate::domain::state::State;
use crate::domain::{Case, Pii};
use crate::store::events::{self, MAILS_PURGED, NewEvent, PURGED};
use crate::store::purge::{self, Erased};
use crate::store::{inbox, messages};

/// Seconds: the days of two zones never lie further apart.
const A_DAY: i64 = 86_400;
/// Rows of mails that are looked at at a time.
const AT_A_TIME: i64 = 500;

/// A closed case of which something's time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The case.
    pub case: Case,
    /// Which of its records.
    pub what: BTreeSet<Kept>,
    /// The day until which the first of them was kept.
    pub since: String,
    /// Why it stays nevertheless.
    pub hold: Option<String>,
}

impl Due {
    /// What is agreed to where it takes two: the number, and the kinds where not all of a case goes.
    #[must_use]
    pub fn key(&self) -> String {
        if self.what.len() == Kept::OF_A_CASE.len() {
            return self.case.number.clone();
        }
        let kinds: Vec<&str> = self.what.iter().map(|k| k.name()).collect();
        format!("{} {}", self.case.number, kinds.join(","))
    }
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
    /// Our letters about no case.
    pub notices: u64,
}

impl Desk {
    /// Cases of which something is due to go, oldest first; those on hold are named with the reason.
    ///
    /// # Errors
    /// As the store says.
    pub async fn purge_due(&self) -> Result<Vec<Due>, Error> {
        let holds = purge::holds(&self.store).await?;
        let today = self.office.day(self.now());
        let mut due = Vec::new();
        // What was closed later is due in nothing.
        let Some(before) = Kept::OF_A_CASE.into_iter().filter_map(|kind| self.due_before(kind)).max() else { return Ok(due) };
        let mut pages = self.closed_pages(before.plus_seconds(A_DAY));
        while let Some(page) = pages.next().await? {
            for case in page {
                let Some(closed) = case.closed_at.filter(|_| case.state == State::Closed && !case.is_erased()) else { continue };
                let until = |kind: &Kept| self.office.procedure.kept_until(*kind, self.office.day(closed)).filter(|day| *day < today);
                let over: BTreeMap<Kept, jiff::civil::Date> =
                    Kept::OF_A_CASE.iter().filter(|k| !case.gone.contains(k)).filter_map(|k| Some((*k, until(k)?))).collect();
                let Some(since) = over.values().min() else { continue };
                let hold = holds.iter().find(|(n, _)| *n == case.number).map(|(_, why)| why.clone());
                due.push(Due { since: since.to_string(), what: over.keys().copied().collect(), hold, case });
            }
        }
        Ok(due)
    }

    /// The moment before which records of this kind, which belong to no case, are due; none where they are kept without end.
    fn due_before(&self, kind: Kept) -> Option<Moment> {
        let day = self.office.procedure.due_before(kind, self.office.day(self.now()))?;
        let midnight = day.to_zoned(self.office.calendar.zone().clone()).ok()?;
        Some(Moment::from_unix(midnight.timestamp().as_second()))
    }

    /// Mails of no case that are due to go: set aside, or others.
    ///
    /// # Errors
    /// As the store says.
    pub async fn strays_due(&self, kind: Kept) -> Result<Vec<String>, Error> {
        let Some(before) = self.due_before(kind) else { return Ok(Vec::new()) };
        Ok(purge::strays(&self.store, kind == Kept::SetAside, before).await?)
    }

    /// How many of our letters about no case are due to go.
    ///
    /// # Errors
    /// As the store says.
    pub async fn notices_due(&self) -> Result<u64, Error> {
        let Some(before) = self.due_before(Kept::Notices) else { return Ok(0) };
        Ok(purge::notices(&self.store, before).await?)
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
        for due in self.purge_due().await?.into_iter().filter(|d| d.hold.is_none() && case(&d.key())) {
            let erased = self.erase_of(&due.case, &due.what, why).await?;
            done.cases += 1;
            done.erased.events += erased.events;
            done.erased.mails += erased.mails;
            done.erased.letters += erased.letters;
        }
        for kind in [Kept::SetAside, Kept::Others] {
            for id in self.strays_due(kind).await?.into_iter().filter(|id| stray(id)) {
                let mut tx = self.store.begin().await?;
                purge::erase_mail(&mut tx, &id).await?;
                let rule = self.rule(&[kind].into());
                self.note_of(&mut tx, "mail_purged", json!({ "inbox": id, "why": why, "rule": rule })).await?;
                tx.commit().await?;
                done.strays += 1;
            }
        }
        if let Some(before) = self.due_before(Kept::Notices)
            && stray(Kept::Notices.name())
            && self.notices_due().await? > 0
        {
            let mut tx = self.store.begin().await?;
            done.notices = purge::erase_notices(&mut tx, before).await?;
            let rule = self.rule(&[Kept::Notices].into());
            let payload = json!({ "why": "retention", "rule": rule, "before": before.unix(), "letters": done.notices });
            self.note_of(&mut tx, "notices_purged", payload).await?;
            tx.commit().await?;
        }
        Ok(done)
    }

    /// The rule by which something goes, for the record: profile, version, kinds and their times.
    fn rule(&self, what: &BTreeSet<Kept>) -> String {
        let rule = &self.office.procedure;
        let times: Vec<String> = what.iter().map(|k| format!("{} {}", k.name(), rule.keeps(*k))).collect();
        format!("{} {} {}", rule.id, rule.version, times.join(", "))
    }

    /// Takes all of one case's contents out, with the record of it. `why`: `retention` (and who agreed) or `subject`.
    ///
    /// # Errors
    /// As the store says.
    pub async fn erase(&self, case: &Case, why: &str) -> Result<Erased, Error> {
        self.erase_of(case, &Kept::OF_A_CASE.into_iter().collect(), why).await
    }

    async fn erase_of(&self, case: &Case, what: &BTreeSet<Kept>, why: &str) -> Result<Erased, Error> {
        let at = self.now();
        let (before, body) = (as_value(case)?, as_value(&case.without(what, at))?);
        // Where the trail's own words go, the record tells what remains from nothing on; replaying gives the row either way.
        let told = what.iter().any(|kind| kind.is_told_in_the_trail());
        let from = if told { &Value::Null } else { &before };
        let kinds: Vec<&str> = what.iter().map(|k| k.name()).collect();
        let earlier = self.deletions_of(case).await?;
        let payload = json!({ "why": why, "what": kinds, "rule": self.rule(what), "method": "overwritten", "earlier": earlier });
        let proof = NewEvent {
            case_id: Some(case.id.as_str().to_owned()),
            at,
            kind: if told { PURGED } else { MAILS_PURGED }.to_owned(),
            actor: "operator".to_owned(),
            source: None,
            payload: payload.to_string(),
            change: patch::diff(from, &body).to_string(),
        };
        let mut tx = self.store.begin().await?;
        let erased = purge::erase_case(&mut tx, case.id.as_str(), what, &body.to_string(), at, proof).await?;
        tx.commit().await?;
        Ok(erased)
    }

    /// The records of what was taken out of a case before: the next deletion takes their events' words too, and keeps these.
    async fn deletions_of(&self, case: &Case) -> Result<Vec<Value>, Error> {
        let mut found: BTreeMap<i64, Value> = BTreeMap::new();
        for row in events::for_case(&self.store, case.id.as_str()).await? {
            if !matches!(row.kind.as_str(), PURGED | MAILS_PURGED) || events::is_erased(&row.payload) {
                continue;
            }
            let Ok(Value::Object(mut record)) = serde_json::from_str(&row.payload) else { continue };
            for one in record.remove("earlier").and_then(|e| e.as_array().cloned()).unwrap_or_default() {
                found.insert(one.get("seq").and_then(Value::as_i64).unwrap_or(0), one);
            }
            record.insert("seq".to_owned(), json!(row.seq));
            record.insert("at".to_owned(), json!(row.at.unix()));
            found.insert(row.seq, Value::Object(record));
        }
        Ok(found.into_values().collect())
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
        let wrote: BTreeSet<String> = messages::cases_written_by(&self.store, address).await?.into_iter().collect();
        let his = |case: &Case| {
            let recorded = case.record.get("email").map(Pii::reveal).is_some_and(|e| e.eq_ignore_ascii_case(address));
            case.is_complainant(address) || recorded || wrote.contains(case.id.as_str())
        };
        let (mut pages, mut found) = (self.pages(), Vec::new());
        while let Some(page) = pages.next().await? {
            found.extend(page.into_iter().filter(his));
        }
        Ok(found)
    }

    /// Mails of a person that belong to no case and still have their bytes: id, when, bytes.
    ///
    /// # Errors
    /// As the store says.
    pub async fn strays_of(&self, address: &str) -> Result<Vec<(String, Moment, Vec<u8>)>, Error> {
        let (mut found, mut last) = (Vec::new(), String::new());
        loop {
            let page = inbox::of_no_case(&self.store, &last, AT_A_TIME).await?;
            let Some(end) = page.last() else { return Ok(found) };
            last.clone_from(&end.id);
            for row in page {
                let raw = inbox::raw(&self.store, &row.id).await?;
                let headers = crate::mail::headers::RawHeaders::parse(&raw);
                let from = headers.value("From").unwrap_or_default().to_lowercase();
                if !raw.is_empty() && from.contains(&address.to_lowercase()) {
                    found.push((row.id, row.internal_at, raw));
                }
            }
        }
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
