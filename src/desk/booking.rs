//! The rows that a job writes, within its one transaction: case, events, timers, letters, the end of the mail. Called by `carry_out`.

use serde_json::Value;

use super::carry_out::{Job, Ready, SERIAL, answer_key, as_value, damaged, told_key};
use super::{Desk, Error, patch, rows};
use crate::calendar::Moment;
use crate::domain::Effect;
use crate::store::cases;
use crate::store::events::{self, NewEvent};
use crate::store::messages;
use crate::store::outbox;
use crate::store::pending;
use crate::store::{self, Tx, inbox, notes, purge, sms, surveys, threads, timers};

impl Desk {
    /// Everything that a job writes; false where somebody else was faster, and nothing of it stays.
    pub(super) async fn within(&self, tx: &mut Tx, ready: Ready) -> Result<bool, Error> {
        let Ready { job, letters, survey, more: _ } = ready;
        let (job, now) = (&job, self.now());
        if !self.write_case(tx, job, now).await? {
            return Ok(false);
        }
        // What fired is off before the step disarms or arms anew: an end of silence disarms all silence.
        for id in &job.fired {
            if !timers::fire(tx, id).await? {
                return Ok(false);
            }
        }
        let case_id = job.steps.last().map(|(_, case)| case.id.as_str().to_owned());
        self.write_steps(tx, job).await?;
        if let Some(case_id) = &case_id {
            self.write_timers(tx, job, case_id, now).await?;
        }
        for letter in letters {
            let world = letter.world.clone();
            let (id, to_case) = (letter.message_id.clone(), letter.case_id.clone());
            if outbox::queue(tx, &self.chance, now, letter).await?.is_some()
                && let Some(case) = to_case
            {
                threads::remember(tx, &id, &case, &world, None).await?;
            }
        }
        if let (Some(hash), Some((_, case))) = (&survey, job.steps.last()) {
            let open_for = self.office.calendar.due(now, &self.office.procedure.survey.open_for, None);
            let expires = open_for.unwrap_or_else(|_| now.plus_seconds(30 * 86_400));
            surveys::open(tx, hash, case.id.as_str(), i64::from(case.round), now, expires, case.language.tag()).await?;
        }
        self.write_ends(tx, job, now).await
    }

    /// The case's row; false when somebody else has changed it or drawn its number meanwhile.
    async fn write_case(&self, tx: &mut Tx, job: &Job, now: Moment) -> Result<bool, Error> {
        let Some((_, case)) = job.steps.last() else { return Ok(true) };
        let row = rows::row(case, now)?;
        if let Some(numbers) = &job.numbers {
            let seq = cases::draw_number(tx, &numbers.scope).await?;
            let serial = cases::draw_number(tx, SERIAL).await?;
            if seq != numbers.seq || serial != numbers.serial {
                return Ok(false);
            }
            cases::insert(tx, &row).await?;
            return Ok(true);
        }
        let expected = job.before.as_ref().map_or(0, |c| c.version);
        Ok(cases::update(tx, &row, expected).await?)
    }

    async fn write_steps(&self, tx: &mut Tx, job: &Job) -> Result<(), Error> {
        let mut before = job.before.as_ref().map_or(Ok(Value::Null), as_value)?;
        for (event, case) in &job.steps {
            let after = as_value(case)?;
            let change = patch::diff(&before, &after);
            let payload = serde_json::to_string(event).map_err(|e| damaged(case, &e))?;
            let new = NewEvent {
                case_id: Some(case.id.as_str().to_owned()),
                at: event.at,
                kind: event.kind.name().to_owned(),
                actor: event.actor.label(),
                source: job.inbox.as_ref().map(|i| i.id.clone()),
                payload,
                change: change.to_string(),
            };
            events::append(tx, new).await?;
            before = after;
        }
        Ok(())
    }

    async fn write_timers(&self, tx: &mut Tx, job: &Job, case_id: &str, now: Moment) -> Result<(), Error> {
        for (place, effect) in job.effects.iter().enumerate() {
            match effect {
                Effect::Sms { to, rule } => {
                    if let Some(new) = self.new_sms(job, case_id, to, *rule, place) {
                        sms::queue(tx, &self.chance, now, &new).await?;
                    }
                }
                Effect::Arm(key, due_at) => timers::arm(tx, case_id, &key.to_string(), *due_at, "").await?,
                Effect::Disarm(prefix) => {
                    timers::disarm(tx, case_id, prefix).await?;
                }
                Effect::Withhold { draft } => {
                    if let Some((_, case)) = job.steps.last() {
                        outbox::withdraw(tx, &answer_key(case, *draft)).await?;
                        outbox::withdraw(tx, &told_key(case, *draft)).await?;
                    }
                }
                Effect::Hold(why) => {
                    if let Some((_, case)) = job.steps.last() {
                        match why {
                            Some(reason) => purge::hold(tx, &case.number, reason.internal()).await?,
                            None => {
                                purge::lift(tx, &case.number).await?;
                            }
                        }
                    }
                }
                Effect::Tell(note) => notes::tell(tx, now, &note.kind, Some(case_id), &note.detail).await?,
                Effect::Send { .. } | Effect::OpenSurvey => {}
            }
        }
        Ok(())
    }

    async fn write_ends(&self, tx: &mut Tx, job: &Job, now: Moment) -> Result<bool, Error> {
        if let Some(message) = &job.message {
            messages::record_in(tx, message).await?;
        }
        if let (Some(id), Some((_, case))) = (&job.thread_id, job.steps.last()) {
            threads::remember(tx, id, case.id.as_str(), "public", None).await?;
        }
        if let Some((hash, answers)) = &job.survey {
            surveys::answer(tx, hash, answers, now).await?;
        }
        for act in &job.pending {
            pending::put(tx, act).await?;
        }
        if let Some((id, state)) = &job.settled
            && !pending::close(tx, id, state).await?
        {
            return Ok(false);
        }
        if let Some(id) = &job.told_sms
            && !sms::set_told(tx, id).await?
        {
            return Ok(false);
        }
        if let Some(id) = &job.told_letter
            && !outbox::set_told(tx, id).await?
        {
            return Ok(false);
        }
        if let Some(decided) = &job.older {
            store::older::set(tx, &decided.mailbox, &decided.folder, &decided.older).await?;
            let payload = serde_json::json!({ "mailbox": decided.mailbox, "not_before": decided.older.not_before });
            events::append(tx, of_the_house(now, "old_mail_decided", decided.by.as_str(), job, payload)).await?;
        }
        if !self.write_list(tx, job, now).await? {
            return Ok(false);
        }
        for (kind, by, payload) in &job.house {
            events::append(tx, of_the_house(now, kind, by, job, payload.clone())).await?;
        }
        for (key, value) in &job.facts {
            store::meta::set(tx, key, value).await?;
        }
        for (kind, case_id, detail) in &job.told {
            notes::tell(tx, now, kind, case_id.as_deref(), detail).await?;
        }
        if let Some(end) = &job.inbox {
            let (reason, class) = (end.reason.as_deref(), end.class.as_deref());
            match inbox::finish(tx, &end.id, end.state, reason, class, end.case_id.as_deref(), end.message_id.as_deref()).await {
                Ok(()) => {}
                Err(store::Error::Stale { .. }) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }
    /// A list of the personnel office, new or decided. False where somebody else was faster.
    async fn write_list(&self, tx: &mut Tx, job: &Job, now: Moment) -> Result<bool, Error> {
        if let Some(new) = &job.proposed {
            if !store::directory::propose(tx, new).await? {
                return Ok(false);
            }
            let payload = serde_json::json!({ "version": new.roster.version, "file": new.file, "sha256": new.sha256 });
            events::append(tx, of_the_house(now, "directory_proposed", &new.made_by, job, payload)).await?;
        }
        if let Some(decided) = &job.list {
            if !store::directory::decide(tx, decided, now).await? {
                return Ok(false);
            }
            let kind = if decided.state == store::directory::State::Approved { "directory_approved" } else { "directory_returned" };
            let payload = serde_json::json!({ "version": decided.version, "proof": decided.proof });
            events::append(tx, of_the_house(now, kind, &decided.by, job, payload)).await?;
        }
        Ok(true)
    }
}

/// An event that is about no case.
fn of_the_house(at: Moment, kind: &str, actor: &str, job: &Job, payload: Value) -> NewEvent {
    NewEvent {
        case_id: None,
        at,
        kind: kind.to_owned(),
        actor: actor.to_owned(),
        source: job.inbox.as_ref().map(|i| i.id.clone()),
        payload: payload.to_string(),
        change: "{}".to_owned(),
    }
}
