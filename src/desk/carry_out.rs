//! One transaction out: event, case, letters, timers, survey, notes and the end of the mail that caused them, all or nothing.
//! Letters are written and frozen before the transaction begins; a number that somebody else drew meanwhile sends us back.

use std::collections::BTreeMap;

use serde_json::Value;

use super::letters::Beside;
use super::old_mail::Decided;
use super::outgoing::Outgoing;
use super::{Desk, Error};
use crate::domain::timer::TimerKey;
use crate::domain::{Case, Effect, Event, Letter};
use crate::failpoint;
use crate::mail::Inbound;
use crate::store::inbox::InboxRow;
use crate::store::messages::NewMessage;
use crate::store::outbox::NewLetter;
use crate::store::pending::PendingAct;
use crate::store::{self, inbox};
use crate::trust::SurveyLink;

/// Everything that one cause brings about.
#[derive(Default)]
pub(super) struct Job {
    /// Names the cause, e.g. `mail:<inbox id>`; effect keys begin with it.
    pub key: String,
    /// The case as it was read; none when it is opened or when no case is concerned.
    pub before: Option<Case>,
    /// What happened, each with the case after it.
    pub steps: Vec<(Event, Case)>,
    /// What is to be done.
    pub effects: Vec<Effect>,
    /// Letters beside those of the procedure, ready but for their ids.
    pub direct: Vec<Outgoing>,
    /// Letters that are frozen already.
    pub frozen: Vec<NewLetter>,
    /// What the letters need.
    pub beside: Beside,
    /// The mail that caused it, ended.
    pub inbox: Option<InboxEnd>,
    /// The mail as a message of the case.
    pub message: Option<NewMessage>,
    /// The complainant's Message-ID, so that his next mail is known by it.
    pub thread_id: Option<String>,
    /// The sequence that the new case's number and serial were taken from.
    pub numbers: Option<Numbers>,
    /// Timers that have fired.
    pub fired: Vec<String>,
    /// A survey answer: token hash, answers.
    pub survey: Option<(String, String)>,
    /// Acts that wait for somebody's word.
    pub pending: Vec<PendingAct>,
    /// One that waited and is settled: id, state.
    pub settled: Option<(String, String)>,
    /// A letter that was given up and is told with this job.
    pub told_letter: Option<String>,
    /// A short message that was given up and is told with this job.
    pub told_sms: Option<String>,
    /// What was said about old mail.
    pub older: Option<Decided>,
    /// A list of the personnel office that is laid before the secretariat.
    pub proposed: Option<store::directory::Version>,
    /// What was decided about one.
    pub list: Option<store::directory::Decided>,
    /// Events that are about no case: kind, who, payload.
    pub house: Vec<(String, String, Value)>,
    /// Facts about the house that are kept with it: key, value.
    pub facts: Vec<(String, String)>,
    /// Jobs of other cases that the same cause brings about, in the same transaction.
    pub more: Vec<Job>,
    /// Lines for the digest that belong to no step: kind, case id, detail.
    pub told: Vec<(String, Option<String>, String)>,
}

/// How a mail ends.
pub(super) struct InboxEnd {
    pub id: String,
    pub state: inbox::State,
    pub reason: Option<String>,
    pub class: Option<String>,
    pub case_id: Option<String>,
    pub message_id: Option<String>,
}

impl Job {
    /// The mail is dealt with and belongs to no case.
    pub fn dealt_with(row: &InboxRow, mail: &Inbound, reason: &str) -> Self {
        Self::of_no_case(row, mail, inbox::State::Done, reason)
    }

    /// The mail brings nothing about.
    pub fn ignored(row: &InboxRow, mail: &Inbound, reason: &str) -> Self {
        Self::of_no_case(row, mail, inbox::State::Ignored, reason)
    }

    fn of_no_case(row: &InboxRow, mail: &Inbound, state: inbox::State, reason: &str) -> Self {
        Self {
            key: format!("mail:{}", row.id),
            inbox: Some(InboxEnd {
                id: row.id.clone(),
                state,
                reason: Some(reason.to_owned()),
                class: Some(mail.class.name().to_owned()),
                case_id: None,
                message_id: mail.message_id.clone(),
            }),
            ..Self::default()
        }
    }
}

impl InboxEnd {
    /// The mail is understood and kept with its case.
    pub fn kept(row: &InboxRow, mail: &Inbound, case_id: String) -> Self {
        Self {
            id: row.id.clone(),
            state: inbox::State::Done,
            reason: None,
            class: Some(mail.class.name().to_owned()),
            case_id: Some(case_id),
            message_id: mail.message_id.clone(),
        }
    }
}

/// What a new case's number was made from.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    pub scope: String,
    pub seq: i64,
    pub serial: i64,
}

/// The counter of serials.
pub(super) const SERIAL: &str = "serial";

/// How a transaction ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// Done; so many letters were queued.
    Done(usize),
    /// Somebody else was faster: read again, decide again.
    Conflict,
}

/// The last numbers promised to jobs that are not carried out yet, by sequence.
#[derive(Debug, Default)]
pub(super) struct Ahead(BTreeMap<String, i64>);

impl Ahead {
    /// The number after the last one drawn (`drawn`, which may already count some of those promised) and the last one promised.
    pub fn after(&self, scope: &str, drawn: i64) -> i64 {
        self.0.get(scope).copied().unwrap_or(0).max(drawn) + 1
    }

    /// Promises what a job has foreseen.
    pub fn promise(&mut self, numbers: &Numbers) {
        self.0.insert(numbers.scope.clone(), numbers.seq);
        self.0.insert(SERIAL.to_owned(), numbers.serial);
    }
}

/// A job with its letters written and frozen.
pub(super) struct Ready {
    pub job: Job,
    pub letters: Vec<NewLetter>,
    pub survey: Option<String>,
    pub more: Vec<Ready>,
}

impl Desk {
    /// Carries a job out.
    pub(super) async fn carry_out(&self, job: Job) -> Result<Carried, Error> {
        let ready = Box::pin(self.ready(job)).await?;
        self.carry_out_all(vec![ready]).await
    }

    /// Carries jobs out in their order, in one transaction: all or none.
    pub(super) async fn carry_out_all(&self, all: Vec<Ready>) -> Result<Carried, Error> {
        let lists = all.iter().any(|ready| ready.job.list.is_some());
        let mut tx = self.store.begin().await?;
        let mut queued = 0;
        let each = |mut ready: Ready| {
            let more = std::mem::take(&mut ready.more);
            std::iter::once(ready).chain(more)
        };
        for ready in all.into_iter().flat_map(each) {
            queued += ready.letters.len();
            match self.within(&mut tx, ready).await {
                Ok(true) => {}
                Ok(false) => {
                    tx.rollback().await;
                    return Ok(Carried::Conflict);
                }
                Err(error) => {
                    tx.rollback().await;
                    return Err(error);
                }
            }
        }
        failpoint::here("O1");
        tx.commit().await?;
        failpoint::here("I10");
        if lists {
            // It counts from this moment on; what it leaves behind is handed on in the same turn.
            Box::pin(self.take_up_directory()).await?;
        }
        Ok(Carried::Done(queued))
    }

    /// Draws the survey's link and writes the letters, away from the async threads.
    pub(super) async fn ready(&self, mut job: Job) -> Result<Ready, Error> {
        let others = std::mem::take(&mut job.more);
        let mut ready = self.ready_one(job).await?;
        for other in others {
            ready.more.push(self.ready_one(other).await?);
        }
        Ok(ready)
    }

    async fn ready_one(&self, mut job: Job) -> Result<Ready, Error> {
        self.spare_the_past(&mut job).await?;
        let survey = self.draw_survey(&mut job);
        let silent = job.direct.is_empty() && job.frozen.is_empty() && !job.effects.iter().any(|e| matches!(e, Effect::Send { .. }));
        if silent {
            return Ok(Ready { job, letters: Vec::new(), survey, more: Vec::new() });
        }
        let desk = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let letters = desk.write_letters(&job)?;
            job.beside.original = None;
            Ok(Ready { job, letters, survey, more: Vec::new() })
        });
        written.await.map_err(|_| Error::Reader)?
    }

    /// Alarms whose hour passed before the store's first start are not made up; who is to be urged is urged from then on.
    async fn spare_the_past(&self, job: &mut Job) -> Result<(), Error> {
        let now = self.now();
        if !job.effects.iter().any(|e| matches!(e, Effect::Arm(_, due) if *due < now)) {
            return Ok(());
        }
        let Some(first) = self.first_start().await? else { return Ok(()) };
        let urge = &self.office.procedure.urge;
        let later = |length| self.office.calendar.due(now, length, None).ok();
        job.effects.retain_mut(|effect| {
            let Effect::Arm(key, due) = effect else { return true };
            if *due >= first {
                return true;
            }
            let moved = match key {
                TimerKey::Triage { .. } => later(&urge.triage),
                TimerKey::Confirm { .. } => later(&urge.confirm),
                TimerKey::Approval { .. } => later(&urge.approval),
                TimerKey::Call { .. } => later(urge.call.as_ref().unwrap_or(&urge.approval)),
                TimerKey::Silence | TimerKey::Escalation { .. } | TimerKey::Delay => Some(now),
                TimerKey::Reminder { .. } | TimerKey::Passed { .. } => None,
            };
            *due = moved.unwrap_or(*due);
            moved.is_some()
        });
        Ok(())
    }

    /// A survey's link is drawn before the letter that holds it is written; the store keeps only its hash.
    fn draw_survey(&self, job: &mut Job) -> Option<String> {
        let base = self.settings.public_url.as_ref()?;
        if !job.effects.contains(&Effect::OpenSurvey) {
            return None;
        }
        let link = SurveyLink::new(self.chance.bytes::<16>());
        job.beside.survey_url = Some(format!("{base}/s/{}", link.text()));
        Some(link.hash())
    }

    /// Writes and freezes every letter of the job.
    fn write_letters(&self, job: &Job) -> Result<Vec<NewLetter>, Error> {
        failpoint::here("W1");
        let mut out = Vec::new();
        let mut sends = 0;
        for effect in &job.effects {
            let Effect::Send { to, letter, not_before } = effect else { continue };
            let Some((_, case)) = job.steps.last() else { continue };
            // One answer to one draft, whatever asked for it: so it can be found and withheld.
            let key = match letter {
                Letter::Answer { draft } => answer_key(case, *draft),
                Letter::ToldBack { draft: Some(draft) } => told_key(case, *draft),
                _ => format!("{}:{sends}", job.key),
            };
            sends += 1;
            if let Some(outgoing) = self.prepare(case, to, letter, *not_before, key, &job.beside)? {
                out.push(self.freeze(&outgoing)?);
            }
        }
        for outgoing in &job.direct {
            out.push(self.freeze(outgoing)?);
        }
        out.extend(job.frozen.iter().cloned());
        Ok(out)
    }
}

/// The key of an answer: the draft and the last decision that led to it, so that a recalled and again approved text leaves anew.
pub(super) fn answer_key(case: &Case, draft: u32) -> String {
    let decided = case.asks.iter().filter(|a| a.draft == Some(draft) && a.decision.is_some()).map(|a| a.ask).max().unwrap_or(0);
    format!("answer:{}:{draft}:{decided}", case.id.as_str())
}

/// The key of the copy that goes to who passed the complaint on: it stays where its answer stays.
pub(super) fn told_key(case: &Case, draft: u32) -> String {
    format!("told:{}", answer_key(case, draft))
}

pub(super) fn as_value(case: &Case) -> Result<Value, Error> {
    serde_json::to_value(case).map_err(|e| damaged(case, &e))
}

pub(super) fn damaged(case: &Case, error: &serde_json::Error) -> Error {
    Error::Damaged { number: case.number.clone(), why: error.to_string() }
}
