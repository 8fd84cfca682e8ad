//! Timers that are due become events. Of several reminders of one deadline that come due together only the last speaks:
//! nobody is urged twice for one step and day, however long the daemon slept (F22).

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::carry_out::{Carried, Job};
use super::{Desk, Error};
use crate::domain::timer::TimerKey;
use crate::domain::{Actor, Case, Event, EventKind, transition};
use crate::failpoint;
use crate::store::notes;
use crate::store::timers::{self, TimerRow};

/// Timers that failed are tried again after so many seconds.
const PUT_OFF: i64 = 3600;

impl Desk {
    /// Does all that is due by now; says how many timers fired.
    ///
    /// # Errors
    /// As the store says.
    pub async fn tick(&self) -> Result<usize, Error> {
        let mut fired = 0;
        loop {
            let due = timers::due(&self.store, self.now(), 200).await?;
            if due.is_empty() {
                return Ok(fired);
            }
            let mut cases: BTreeMap<String, Vec<TimerRow>> = BTreeMap::new();
            for row in due {
                cases.entry(row.case_id.clone()).or_default().push(row);
            }
            for (case_id, rows) in cases {
                fired += rows.len();
                let ids: Vec<String> = rows.iter().map(|r| r.id.clone()).collect();
                // A case that makes us panic is put off like one that cannot be read.
                let ticked = AssertUnwindSafe(self.tick_case(&case_id, rows)).catch_unwind().await;
                match ticked.unwrap_or(Err(Error::Reader)) {
                    Ok(()) => {}
                    Err(error @ (Error::Store(_) | Error::Contended { .. })) => return Err(error),
                    Err(error) => self.put_off(&case_id, &ids, &error).await?,
                }
            }
        }
    }

    /// One case that cannot be dealt with holds up no other: its timers come again, and the digest says so.
    async fn put_off(&self, case_id: &str, ids: &[String], error: &Error) -> Result<(), Error> {
        tracing::error!(case = case_id, %error, "timers could not be dealt with and are put off");
        let mut tx = self.store.begin().await?;
        timers::put_off(&mut tx, ids, self.now().plus_seconds(PUT_OFF)).await?;
        notes::tell(&mut tx, self.now(), "timer_failed", Some(case_id), "").await?;
        tx.commit().await?;
        Ok(())
    }

    async fn tick_case(&self, case_id: &str, rows: Vec<TimerRow>) -> Result<(), Error> {
        for _ in 0..8 {
            let Some(case) = self.case_by_id(case_id).await? else {
                return Err(Error::Damaged { number: case_id.to_owned(), why: "there is no such case".to_owned() });
            };
            let job = self.tick_job(case, &rows).await;
            match self.carry_out(job).await? {
                Carried::Done(_) => return Ok(()),
                // Somebody else fired them, or changed the case: look again at the next pass of `tick`.
                Carried::Conflict => {
                    let left = timers::due(&self.store, self.now(), 1000).await?;
                    if !rows.iter().all(|r| left.iter().any(|l| l.id == r.id)) {
                        return Ok(());
                    }
                }
            }
        }
        Err(Error::Contended { number: case_id.to_owned() })
    }

    async fn tick_job(&self, case: Case, rows: &[TimerRow]) -> Job {
        failpoint::here("T1");
        let mut job = Job { key: rows.iter().map(|r| format!("timer:{}", r.id)).next().unwrap_or_default(), ..Job::default() };
        job.key.push_str(&format!(":{}", case.version));
        job.fired = rows.iter().map(|r| r.id.clone()).collect();
        let mut now = case.clone();
        let keys = speaking(rows);
        let reminded = keys.iter().any(|k| matches!(k, TimerKey::Reminder { .. }));
        for key in keys {
            // Of one step, triage, nobody hears twice at once: the deadline's reminder says it.
            if reminded && matches!(key, TimerKey::Triage { .. }) {
                continue;
            }
            let event = Event { at: self.now(), actor: Actor::System, kind: EventKind::TimerDue { key } };
            let Ok(step) = transition(&now, &event, &self.office) else { continue };
            // A timer that found nothing to do leaves no trace.
            if step.effects.is_empty() && unchanged(&now, &step.case) {
                continue;
            }
            now = step.case.clone();
            job.effects.extend(step.effects);
            job.steps.push((event, step.case));
        }
        job.beside.original = self.original(&case, &job.effects).await;
        job.before = Some(case);
        job
    }
}

/// The keys that speak, in the order of their moments.
fn speaking(rows: &[TimerRow]) -> Vec<TimerKey> {
    let keys: Vec<TimerKey> = rows.iter().filter_map(|r| r.key.parse().ok()).collect();
    let last = |kind| keys.iter().rposition(|k| matches!(k, TimerKey::Reminder { kind: other, .. } if *other == kind));
    keys.iter()
        .enumerate()
        .filter(|(at, key)| match key {
            TimerKey::Reminder { kind, .. } => last(*kind) == Some(*at),
            TimerKey::Passed { .. }
            | TimerKey::Approval { .. }
            | TimerKey::Triage { .. }
            | TimerKey::Confirm { .. }
            | TimerKey::Silence
            | TimerKey::Call { .. }
            | TimerKey::Escalation { .. }
            | TimerKey::Delay => true,
        })
        .map(|(_, key)| key.clone())
        .collect()
}

fn unchanged(before: &Case, after: &Case) -> bool {
    let mut after = after.clone();
    after.version = before.version;
    *before == after
}
