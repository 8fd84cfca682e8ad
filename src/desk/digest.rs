//! The secretariat's daily digest: what is new, what waits where, what is due, what went wrong; true to the minute it is sent (R30).
//! It counts and lists; the words are the template's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::carry_out::{Carried, Job};
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::Case;
use crate::domain::case::Acceptance;
use crate::domain::state::{DeadlineKind, State};
use crate::render::{Body, Count, DigestLine, DigestSection, mask_mail, mask_name};
use crate::store::{cases, events, inbox, meta, notes, outbox};

/// Lines listed of one section at most; the count tells the rest.
const LISTED: usize = 40;
/// From so many new cases about one matter on, they are shown as one.
const WAVE: usize = 5;
/// The meta key that remembers the last digest.
const LAST: &str = "digest.last";
/// The meta key that remembers the store's first start.
const FIRST: &str = "first_start";

/// The digest's figures at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The letter's body.
    pub body: Body,
    /// When it is true.
    pub at: Moment,
}

impl Desk {
    /// Sends the digest when its hour has come on a working day and it has not been sent today. A digest whose hour passed
    /// before the store's first start is not made up.
    ///
    /// # Errors
    /// As the store says.
    pub async fn digest_if_due(&self) -> Result<bool, Error> {
        let reviewed = Box::pin(self.people_review_if_due()).await?;
        Ok(self.daily_if_due().await? || reviewed)
    }

    async fn daily_if_due(&self) -> Result<bool, Error> {
        let Some(due) = self.digest_hour(self.now()) else { return Ok(false) };
        if due > self.now() {
            return Ok(false);
        }
        let last = self.last_digest().await?;
        if last.is_some_and(|at| at >= due) {
            return Ok(false);
        }
        let Some(last) = last else {
            // The first start: from now on.
            self.remember_digest(self.now()).await?;
            return Ok(false);
        };
        self.send_digest(last).await?;
        Ok(true)
    }

    /// Sends the digest now, whatever the hour; says to how many.
    ///
    /// # Errors
    /// As the store says.
    pub async fn digest_now(&self) -> Result<usize, Error> {
        let last = self.last_digest().await?.unwrap_or_else(|| self.now().plus_seconds(-86_400));
        self.send_digest(last).await
    }

    /// When the next digest is due, for the clock that wakes the clerk.
    #[must_use]
    pub fn next_digest(&self) -> Option<Moment> {
        let now = self.now();
        (0..14).filter_map(|day| self.digest_hour(now.plus_seconds(day * 86_400))).find(|at| *at > now)
    }

    /// Marks the store's first start, so that nothing older is made up.
    ///
    /// # Errors
    /// As the store says.
    pub async fn mark_start(&self) -> Result<(), Error> {
        if meta::get(&self.store, FIRST).await?.is_none() {
            let mut tx = self.store.begin().await?;
            meta::set(&mut tx, FIRST, &self.now().unix().to_string()).await?;
            tx.commit().await?;
        }
        if self.last_digest().await?.is_none() {
            self.remember_digest(self.now()).await?;
        }
        Box::pin(self.hand_on()).await?;
        Ok(())
    }

    /// When this store was first started: nothing that was due before is made up.
    pub(super) async fn first_start(&self) -> Result<Option<Moment>, Error> {
        let kept = meta::get(&self.store, FIRST).await?;
        Ok(kept.and_then(|t| t.parse::<i64>().ok()).map(Moment::from_unix))
    }

    /// The digest's moment on the day of `at`; none on a day off.
    fn digest_hour(&self, at: Moment) -> Option<Moment> {
        let day: Date = self.office.day(at);
        let works = self.office.calendar.is_working_day(day).unwrap_or(true);
        works.then(|| self.office.calendar.at_hour(day, self.settings.digest_at))
    }

    async fn last_digest(&self) -> Result<Option<Moment>, Error> {
        let kept = meta::get(&self.store, LAST).await?;
        Ok(kept.and_then(|t| t.parse::<i64>().ok()).map(Moment::from_unix))
    }

    async fn remember_digest(&self, at: Moment) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        meta::set(&mut tx, LAST, &at.unix().to_string()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn send_digest(&self, since: Moment) -> Result<usize, Error> {
        let now = self.now();
        let figures = self.figures(since, now).await?;
        let key = format!("digest:{}", now.unix());
        let open = self.open_cases().await?;
        let mut direct = self.to_office(&figures.body, "", &key);
        direct.extend(self.unit_digests(&open, now, &key));
        let sent = direct.len();
        match self.carry_out(Job { key: format!("digest:{}", now.unix()), direct, ..Job::default() }).await? {
            Carried::Done(_) | Carried::Conflict => {}
        }
        self.remember_digest(now).await?;
        Ok(sent)
    }

    /// All that the digest tells, as of `now`, with what happened since `since`.
    ///
    /// # Errors
    /// As the store says.
    pub async fn figures(&self, since: Moment, now: Moment) -> Result<Figures, Error> {
        let open = self.open_cases().await?;
        let until = now.plus_seconds(1);
        let new = self.those(cases::opened_between(&self.store, since, until).await?)?;
        let answered = self.those(cases::answered_between(&self.store, since, until).await?)?;
        let closed = self.those(cases::closed_between(&self.store, since, until).await?)?;
        // What is pressing stands first; the subject names the first four.
        let mut sections = self.due_sections(&open, now);
        sections.push(self.dissatisfied(&open, since, now));
        sections.extend(self.waiting_sections(&open, now));
        sections.push(self.section("new", &new, now));
        sections.push(self.alike(&new));
        sections.push(self.section("answered", &answered, now));
        sections.push(self.section("closed", &closed, now));
        sections.push(self.quarantined().await?);
        sections.push(self.noted("bounced", &["undelivered"], since, now).await?);
        sections.push(self.noted("alarms", ALARMS, since, now).await?);
        sections.retain(|s| s.count > 0);
        let counts = sections.iter().map(|s| Count { kind: s.kind.clone(), count: s.count }).collect();
        let zoned = now.zoned(self.office.calendar.zone());
        let body = Body::Digest {
            date: self.stamp(now),
            weekday: self.word(&format!("weekday.{}", zoned.weekday().to_monday_one_offset())),
            counts,
            sections,
            health: self.health().await?,
            ledger: Some(self.balance().await?),
            head: Some(events::head(&self.store).await?.hash),
        };
        Ok(Figures { body, at: now })
    }

    fn those(&self, rows: Vec<cases::CaseRow>) -> Result<Vec<Case>, Error> {
        rows.iter().map(super::rows::case).collect()
    }

    fn section(&self, kind: &str, found: &[Case], now: Moment) -> DigestSection {
        let refs: Vec<&Case> = found.iter().collect();
        self.section_of(kind, &refs, now)
    }

    pub(super) fn section_of(&self, kind: &str, found: &[&Case], now: Moment) -> DigestSection {
        let mut sorted: Vec<&&Case> = found.iter().collect();
        sorted.sort_by_key(|c| (c.due_at(), c.serial));
        let lines = sorted.iter().take(LISTED).map(|c| self.line(c, now)).collect();
        DigestSection { kind: kind.to_owned(), count: found.len() as u64, lines }
    }

    fn line(&self, case: &Case, now: Moment) -> DigestLine {
        let (waiting, names) = self.waiting(case);
        let label = |key: &str| self.word(key);
        let subject = self.for_lists(case, case.subject.reveal());
        let note = if names.is_empty() { subject } else { format!("{subject}｜{}{names}", label(&waiting)) };
        let live = !matches!(case.state, State::Answered | State::Closing | State::Closed);
        DigestLine {
            number: case.number.clone(),
            unit: case.unit.as_ref().and_then(|u| self.office.directory.units.get(u)).map(|u| u.name.clone()),
            name: (!case.confidential).then(|| mask_name(case.complainant.name.reveal())).filter(|n| !n.is_empty()),
            note,
            days_left: case.due_at().filter(|_| live).map(|due| self.days_left(due, now)),
        }
    }

    fn waiting_sections(&self, open: &[Case], now: Moment) -> Vec<DigestSection> {
        let pick = |test: &dyn Fn(&Case) -> bool| -> Vec<&Case> { open.iter().filter(|c| test(c)).collect() };
        vec![
            self.section_of("waiting_triage", &pick(&|c| c.state == State::Triage), now),
            self.section_of(
                "waiting_confirmation",
                &pick(&|c| matches!(c.acceptance, Acceptance::Preliminary { .. }) && c.state != State::Closed),
                now,
            ),
            self.section_of("waiting_unit", &pick(&|c| matches!(c.state, State::Assigned | State::InProgress)), now),
            self.section_of("waiting_approval", &pick(&|c| c.open_asks().next().is_some()), now),
        ]
    }

    pub(super) fn due_sections(&self, open: &[Case], now: Moment) -> Vec<DigestSection> {
        let running = |c: &Case| {
            c.deadlines
                .iter()
                .filter(|d| d.round == c.round && d.met_at.is_none() && d.kind == DeadlineKind::Answer)
                .find_map(|d| d.due_at)
                .filter(|_| !matches!(c.state, State::Answered | State::Closing | State::Closed))
        };
        let today = self.office.day(now);
        let mut overdue = Vec::new();
        let mut due_today = Vec::new();
        let mut soon = Vec::new();
        for case in open {
            let Some(due) = running(case) else { continue };
            if due < now {
                overdue.push(case);
            } else if self.office.day(due) == today {
                due_today.push(case);
            } else if self.days_left(due, now) <= 2 {
                soon.push(case);
            }
        }
        vec![
            self.section_of("overdue", &overdue, now),
            self.section_of("due_today", &due_today, now),
            self.section_of("due_soon", &soon, now),
        ]
    }

    /// 疑似同一事由: new cases whose subjects say the same, as one line a matter (a wave of complaints, or a mail bomb); nobody's case is
    /// changed by it.
    fn alike(&self, new: &[Case]) -> DigestSection {
        let mut matters: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
        for case in new.iter().filter(|c| !c.confidential) {
            let words: String = crate::mail::near::fold(case.subject.reveal()).chars().filter(|c| c.is_alphabetic()).collect();
            if !words.is_empty() {
                matters.entry(words).or_default().push(case);
            }
        }
        let mut waves: Vec<Vec<&Case>> = matters.into_values().filter(|cases| cases.len() >= WAVE).collect();
        waves.sort_by_key(|cases| (std::cmp::Reverse(cases.len()), cases.first().map(|c| c.serial)));
        let line = |cases: &Vec<&Case>| {
            let (first, last) = (cases.first()?, cases.last()?);
            let senders: BTreeSet<&str> =
                cases.iter().filter_map(|c| c.complainant.address.as_ref()).map(|a| a.reveal().as_str()).collect();
            let words =
                self.word("digest.alike_line").replace("{n}", &cases.len().to_string()).replace("{senders}", &senders.len().to_string());
            Some(DigestLine {
                number: first.number.clone(),
                note: format!("–{}　{words}　{}", last.number, self.for_lists(first, first.subject.reveal())),
                ..DigestLine::default()
            })
        };
        let lines = waves.iter().take(LISTED).filter_map(line).collect();
        DigestSection { kind: "alike".to_owned(), count: waves.iter().map(|w| w.len() as u64).sum(), lines }
    }

    fn dissatisfied(&self, open: &[Case], since: Moment, now: Moment) -> DigestSection {
        use crate::domain::state::Satisfaction::Dissatisfied;
        let found: Vec<&Case> = open.iter().filter(|c| c.surveys.iter().any(|s| s.satisfaction == Dissatisfied && s.at >= since)).collect();
        self.section_of("dissatisfied", &found, now)
    }

    async fn quarantined(&self) -> Result<DigestSection, Error> {
        let held = inbox::held(&self.store).await?;
        let line = |row: &inbox::InboxRow| DigestLine {
            number: row.id.clone(),
            note: self.word(&format!("held.{}", row.reason.clone().unwrap_or_default())),
            ..DigestLine::default()
        };
        Ok(DigestSection { kind: "quarantined".to_owned(), count: held.len() as u64, lines: held.iter().take(LISTED).map(line).collect() })
    }

    async fn noted(&self, kind: &str, wanted: &[&str], since: Moment, now: Moment) -> Result<DigestSection, Error> {
        let all = notes::since(&self.store, since, now.plus_seconds(1)).await?;
        let found: Vec<_> = all.into_iter().filter(|n| wanted.contains(&n.kind.as_str())).collect();
        let mut lines = Vec::new();
        for note in found.iter().take(LISTED) {
            let case = match &note.case_id {
                Some(id) => self.case_by_id(id).await?,
                None => None,
            };
            let words = self.word(&format!("note.{}", note.kind));
            // A list is read on many screens; the alarm's own letter tells the address.
            let detail = if note.text.contains('@') { mask_mail(&note.text) } else { self.particulars(&note.text) };
            lines.push(DigestLine {
                number: case.as_ref().map(|c| c.number.clone()).unwrap_or_default(),
                note: format!("{words} {detail}").trim().to_owned(),
                ..DigestLine::default()
            });
        }
        Ok(DigestSection { kind: kind.to_owned(), count: found.len() as u64, lines })
    }

    /// What ails the house; nothing when all is well.
    async fn health(&self) -> Result<Vec<String>, Error> {
        let label = |key: &str| self.word(key);
        let mut ails = Vec::new();
        if self.press.is_none() {
            ails.push(label("health.no_font"));
        }
        let states = outbox::count_by_state(&self.store).await?;
        let in_doubt = states.get(&outbox::State::InDoubt).copied().unwrap_or(0);
        let later = states.get(&outbox::State::Later).copied().unwrap_or(0);
        if in_doubt > 0 {
            ails.push(format!("{} {in_doubt}", label("health.in_doubt")));
        }
        if later > 0 {
            ails.push(format!("{} {later}", label("health.later")));
        }
        for key in [super::housekeeping::IMAP_DOWN, super::housekeeping::SMTP_DOWN] {
            if let Some(since) = meta::get(&self.store, key).await?.and_then(|t| t.parse::<i64>().ok()).filter(|t| *t > 0) {
                ails.push(format!("{} {}", label(&format!("health.{key}")), self.stamp(Moment::from_unix(since)).roc));
            }
        }
        let next = self.office.day(self.now().plus_seconds(45 * 86_400)).year();
        if !self.office.calendar.knows_year(next) {
            ails.push(format!("{} {next}", label("health.no_calendar")));
        }
        Ok(ails)
    }
}

/// Notes that stand among the alarms.
const ALARMS: &[&str] = &[
    "calendar_missing",
    "step_skipped",
    "no_approver",
    "attempts",
    "bad_tokens",
    "denied",
    "address_changed",
    "purge_refused",
    "form_failed",
    "answer_undelivered",
    "call_complainant",
    "auto_replied",
    "delayed",
    "resent_smaller",
    "repeated",
    "thanks",
    "foreign_bounce",
    "mail_unfetchable",
    "ledger_gap",
    "mail_gone",
    "breaker",
    "clock_jump",
    "directory_lost",
    "people_confirmed",
    "people_wrong",
    "store_full",
    "store_behind",
    "sent_again",
    "sent_foreign",
    "probe_late",
    "probe_back",
    "truncated",
    "timer_failed",
    "restored",
    "confidential",
    "secrecy_lifted",
    "sealed",
    "seal_lifted",
    "hold_set",
    "hold_lifted",
    "files_released",
    "identity_asked",
    "identity_granted",
    "identity_refused",
    "unit_gone",
    "handler_gone",
    "left",
    "moved",
];
