//! Survey links and answers: a link is looked up by its hash, an answer becomes an event of its case (R35, R69).

use std::collections::BTreeMap;

use super::carry_out::{Carried, Job};
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::state::Satisfaction;
use crate::domain::{Actor, Event, EventKind, Language, Pii, transition};
use crate::store::surveys;

/// An open survey, as its page needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// In which language the complainant was answered.
    pub language: Language,
    /// What was answered before, as stored.
    pub answers: Option<String>,
    /// Until when the link works.
    pub expires_at: Moment,
}

/// Tries before a conflicting answer is refused.
const TRIES: usize = 8;

impl Desk {
    /// The survey behind a link; none where it is unknown or past.
    ///
    /// # Errors
    /// As the store says.
    pub async fn survey(&self, token_hash: &str) -> Result<Option<Opened>, Error> {
        let Some(row) = surveys::by_token_hash(&self.store, token_hash).await? else { return Ok(None) };
        if row.expires_at < self.now() {
            return Ok(None);
        }
        let language = Language::ALL.into_iter().find(|l| l.tag() == row.lang).unwrap_or_default();
        Ok(Some(Opened { language, answers: row.answers.clone(), expires_at: row.expires_at }))
    }

    /// Keeps an answer and does what follows. False: the link is unknown, past, or another round has begun and nothing followed.
    ///
    /// # Errors
    /// As the store says.
    pub async fn survey_answered(
        &self,
        token_hash: &str,
        stored: &str,
        answers: BTreeMap<String, String>,
        satisfaction: Satisfaction,
    ) -> Result<bool, Error> {
        for _ in 0..TRIES {
            let Some(row) = surveys::by_token_hash(&self.store, token_hash).await? else { return Ok(false) };
            let Some(case) = self.case_by_id(&row.case_id).await? else { return Ok(false) };
            if row.expires_at < self.now() {
                return Ok(false);
            }
            if row.answers.as_deref() == Some(stored) {
                return Ok(true);
            }
            let answers = answers.iter().map(|(k, v)| (k.clone(), Pii::new(v.clone()))).collect();
            let round = u32::try_from(row.round).unwrap_or(1);
            let kind = EventKind::SurveyAnswered { round, satisfaction, answers };
            let event = Event { at: self.now(), actor: Actor::Complainant, kind };
            let Ok(step) = transition(&case, &event, &self.office) else { return Ok(false) };
            let job = Job {
                key: format!("survey:{token_hash}:{}", case.version),
                before: Some(case),
                effects: step.effects,
                steps: vec![(event, step.case)],
                survey: Some((token_hash.to_owned(), stored.to_owned())),
                ..Job::default()
            };
            if let Carried::Done(_) = self.carry_out(job).await? {
                return Ok(true);
            }
        }
        Err(Error::Contended { number: String::new() })
    }
}
