//! 稽催 by condition: the secretariat urges every case that fits, by one mail on a case or on none (中油 案件稽催(2), R27).
//! Each case gets its own event; who was urged today for a step is not urged again. Called by `receive` and `refusals`.

use super::carry_out::Job;
use super::{Desk, Error};
use crate::domain::event::Act;
use crate::domain::state::{DeadlineKind, State};
use crate::domain::{Actor, Case, Effect, Event, EventKind, PersonId, Recipient, Refusal, transition};
use crate::mail::condition::Condition;
use crate::render::{Body, Row};

/// What came of it: the jobs, a line a case that was urged, and how many fit but were urged today already.
pub(super) struct Campaign {
    pub jobs: Vec<Job>,
    pub body: Body,
}

impl Desk {
    /// Urges all open cases that fit. `key` names the mail; `spared`: a case that the mail itself changes.
    pub(super) async fn campaign(
        &self,
        by: &PersonId,
        condition: Condition,
        words: &str,
        proof: &str,
        key: &str,
    ) -> Result<Campaign, Error> {
        let standing = self.standing_of(None, by, self.office.day(self.now()));
        let actor = Actor::Person { standing, proof: proof.to_owned() };
        let (mut jobs, mut told, mut already) = (Vec::new(), Vec::new(), 0_usize);
        for case in self.open_cases().await? {
            if !self.fits(&case, condition) {
                continue;
            }
            let event = Event { at: self.now(), actor: actor.clone(), kind: EventKind::Act { act: Act::Urge } };
            match transition(&case, &event, &self.office) {
                Ok(step) => {
                    told.push(Row::new(case.number.clone(), self.urged(&step.effects)));
                    jobs.push(Job {
                        key: format!("{key}:urge:{}", case.serial),
                        before: Some(case),
                        steps: vec![(event, step.case)],
                        effects: step.effects,
                        ..Job::default()
                    });
                }
                Err(Refusal::UrgedToday) => already += 1,
                Err(_) => {}
            }
        }
        Ok(Campaign { jobs, body: Body::Urged { condition: words.trim().to_owned(), rows: told, already } })
    }

    /// Who was written to, by name.
    fn urged(&self, effects: &[Effect]) -> String {
        let people: Vec<_> = effects
            .iter()
            .filter_map(|e| match e {
                Effect::Send { to: Recipient::Person(standing), .. } => Some(standing.clone()),
                Effect::Send { .. }
                | Effect::Withhold { .. }
                | Effect::Arm(..)
                | Effect::Disarm(_)
                | Effect::OpenSurvey
                | Effect::Sms { .. }
                | Effect::Hold(_)
                | Effect::Tell(_) => None,
            })
            .collect();
        self.names(&people)
    }

    fn fits(&self, case: &Case, condition: Condition) -> bool {
        let worked = matches!(case.state, State::Assigned | State::InProgress | State::AwaitingComplainant | State::AwaitingApproval);
        let running = case.deadlines.iter().find(|d| d.round == case.round && d.met_at.is_none() && d.kind == DeadlineKind::Answer);
        let due = running.and_then(|d| d.due_at);
        let now = self.now();
        match condition {
            Condition::Undistributed => case.state == State::Assigned && case.handler.is_none(),
            Condition::Unsent => case.unconfirmed.is_some() || case.state == State::AwaitingApproval,
            Condition::DueSoon(days) => worked && due.is_some_and(|due| due >= now && self.days_left(due, now) <= days),
            Condition::Overdue => worked && due.is_some_and(|due| due < now),
        }
    }
}
