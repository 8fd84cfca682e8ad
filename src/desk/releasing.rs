//! After a restore, where it takes two (`trust.second_person`): no letter leaves but the question to the office, until somebody there
//! has agreed. The outbox sees to it as long as the fact stands in the store. Called by `daemon::rebuild` and, for the reply, by `questions`.

use serde::{Deserialize, Serialize};

use super::carry_out::Job;
use super::questions::Question;
use super::{Desk, Error};
use crate::domain::PersonId;
use crate::render::{Body, Row};
use crate::store::{meta, outbox};

/// A question that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Waits {
    at: i64,
    step: u16,
}

impl Desk {
    /// Keeps letters back and asks the office whether they may leave. `read`: mails that were read again; `presumed`: letters that
    /// were not sent again. Where it takes one person alone nothing is asked, and what was kept back is let go.
    ///
    /// # Errors
    /// As the store says.
    pub async fn ask_release(&self, read: u64, presumed: u64) -> Result<(), Error> {
        if !self.settings.second_person.release {
            return Ok(());
        }
        let now = self.now();
        let waits = Waits { at: now.unix(), step: self.question_step(Question::Release) };
        let queued = outbox::count_by_state(&self.store).await?;
        let waiting = [outbox::State::Queued, outbox::State::Later].iter().filter_map(|s| queued.get(s)).sum::<i64>();
        let row = |key: &str, n: String| Row::new(self.word(key), n);
        let rows = vec![
            row("second.release_read", read.to_string()),
            row("second.release_presumed", presumed.to_string()),
            row("second.release_waiting", waiting.to_string()),
        ];
        let body = Body::SecondPerson { act: "release".to_owned(), by: String::new(), number: String::new(), rows, at: self.stamp(now) };
        let key = letter_key(&waits);
        let direct = self.question_to_office(&body, &key, waits.step);
        let facts = vec![(outbox::KEPT_BACK.to_owned(), serde_json::to_string(&waits).unwrap_or_default())];
        let house = vec![("release_asked".to_owned(), "operator".to_owned(), serde_json::json!({ "mails": read, "letters": presumed }))];
        Box::pin(self.carry_out(Job { key, direct, house, facts, ..Job::default() })).await?;
        Ok(())
    }

    /// Lets letters go that an earlier config kept back.
    ///
    /// # Errors
    /// As the store says.
    pub async fn release_if_not_asked(&self) -> Result<(), Error> {
        if self.settings.second_person.release || self.release_question().await?.is_none() {
            return Ok(());
        }
        let facts = vec![(outbox::KEPT_BACK.to_owned(), String::new())];
        let house = vec![("released".to_owned(), "operator".to_owned(), serde_json::json!({ "how": "config" }))];
        Box::pin(self.carry_out(Job { key: "release".to_owned(), house, facts, ..Job::default() })).await?;
        Ok(())
    }

    /// The question that waits for a word: its reply addresses' step, and the beginning of its letters' keys.
    pub(super) async fn release_question(&self) -> Result<Option<(u16, String)>, Error> {
        let kept = meta::get(&self.store, outbox::KEPT_BACK).await?.and_then(|t| serde_json::from_str::<Waits>(&t).ok());
        Ok(kept.map(|waits| (waits.step, letter_key(&waits))))
    }

    /// The office's word: letters leave, or go on waiting.
    pub(super) fn release_answered(&self, mut job: Job, by: &PersonId, yes: bool) -> Job {
        let kind = if yes { "released" } else { "release_refused" };
        job.house.push((kind.to_owned(), by.as_str().to_owned(), serde_json::json!({})));
        if yes {
            job.facts.push((outbox::KEPT_BACK.to_owned(), String::new()));
        } else {
            tracing::warn!("letters go on waiting after the restore: the office did not agree");
        }
        job
    }
}

fn letter_key(waits: &Waits) -> String {
    format!("release:{}:{}", waits.at, waits.step)
}
