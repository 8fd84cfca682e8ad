//! `redress purge` where it takes two (`trust.second_person`): the operator's list goes to the office by mail, and what somebody there
//! has agreed to is taken out by the next `redress purge`, nothing else. Called by `cli` and, for the reply, by `questions`.

use serde::{Deserialize, Serialize};

use super::carry_out::Job;
use super::questions::Question;
use super::{Desk, Error, Purged};
use crate::calendar::Moment;
use crate::domain::PersonId;
use crate::domain::retention::Kept;
use crate::render::{Body, Row};
use crate::store::meta;

/// The meta key of what was asked.
const ASKED: &str = "purge.asked";
/// The meta key of what was agreed to.
const AGREED: &str = "purge.agreed";
/// A word that nobody has answered for so long (s) is asked for anew, and one that was given is good for no longer.
const GOOD_FOR: i64 = 14 * 86_400;
/// Cases that the letter names one by one.
const NAMED: usize = 200;

/// A list that was sent to the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When, in UTC seconds.
    pub at: i64,
    /// What its reply addresses carry, another one for each list.
    step: u16,
    /// Numbers of cases, with the kinds of record where some of a case stay.
    pub cases: Vec<String>,
    /// Ids of mails of no case; `notices` for our letters about none.
    pub strays: Vec<String>,
}

/// What somebody of the office has agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// Who, by id.
    pub by: String,
    /// When, in UTC seconds.
    pub at: i64,
    /// What.
    pub asked: Asked,
}

impl Desk {
    /// What was agreed to and not yet taken out.
    ///
    /// # Errors
    /// As the store says.
    pub async fn agreed_purge(&self) -> Result<Option<Agreed>, Error> {
        let kept = meta::get(&self.store, AGREED).await?.and_then(|t| serde_json::from_str::<Agreed>(&t).ok());
        Ok(kept.filter(|agreed| self.now().unix() - agreed.at < GOOD_FOR))
    }

    /// Takes out what was agreed to, as far as it is still due and not on hold.
    ///
    /// # Errors
    /// As the store says; what was done before stays done.
    pub async fn purge_agreed(&self, agreed: &Agreed) -> Result<Purged, Error> {
        let (cases, strays) = (&agreed.asked.cases, &agreed.asked.strays);
        let why = format!("retention; agreed to by {}", agreed.by);
        let done = self.purge_what(|n| cases.iter().any(|c| c == n), |id| strays.iter().any(|s| s == id), &why).await?;
        let mut tx = self.store.begin().await?;
        meta::set(&mut tx, AGREED, "").await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Sends the office the list of what is due. None where nothing is; the list that waits already where it is the same.
    ///
    /// # Errors
    /// As the store says.
    pub async fn ask_to_purge(&self) -> Result<Option<(Asked, bool)>, Error> {
        let due: Vec<_> = self.purge_due().await?.into_iter().filter(|d| d.hold.is_none()).collect();
        let (strays, notices) = self.other_due().await?;
        if due.is_empty() && strays.is_empty() {
            return Ok(None);
        }
        let cases: Vec<String> = due.iter().map(super::Due::key).collect();
        let now = self.now();
        if let Some(before) = self.asked_purge().await?
            && (&before.cases, &before.strays) == (&cases, &strays)
            && now.unix() - before.at < GOOD_FOR
        {
            return Ok(Some((before, false)));
        }
        let asked = Asked { at: now.unix(), step: self.question_step(Question::Purge), cases, strays };
        let mut rows = vec![Row::new(self.word("second.purge_cases"), asked.cases.len().to_string())];
        let until = |since: &str| self.word("second.purge_until").replace("{date}", since);
        let kinds = |d: &super::Due| d.what.iter().map(|k| self.word(&format!("kept.{}", k.name()))).collect::<Vec<_>>().join("、");
        rows.extend(due.iter().take(NAMED).map(|d| Row::new(&d.case.number, format!("{}　{}", until(&d.since), kinds(d)))));
        if due.len() > NAMED {
            rows.push(Row::new(self.word("second.purge_more"), (due.len() - NAMED).to_string()));
        }
        let mails = asked.strays.len() - usize::from(notices > 0);
        rows.push(Row::new(self.word("second.purge_strays"), mails.to_string()));
        rows.push(Row::new(self.word("kept.notices"), notices.to_string()));
        rows.push(Row::new(self.word("second.purge_stays"), self.word("second.purge_stay")));
        let key = letter_key(&asked);
        let body = Body::SecondPerson { act: "purge".to_owned(), by: String::new(), number: String::new(), rows, at: self.stamp(now) };
        let direct = self.question_to_office(&body, &key, asked.step);
        let facts = vec![(ASKED.to_owned(), as_json(&asked)), (AGREED.to_owned(), String::new())];
        let house = vec![(
            "purge_asked".to_owned(),
            "operator".to_owned(),
            serde_json::json!({ "cases": asked.cases, "mails": asked.strays.len() }),
        )];
        Box::pin(self.carry_out(Job { key, direct, house, facts, ..Job::default() })).await?;
        Ok(Some((asked, true)))
    }

    /// Mails of no case that are due, `notices` among them where letters about none are, and how many of those.
    async fn other_due(&self) -> Result<(Vec<String>, u64), Error> {
        let mut strays = self.strays_due(Kept::SetAside).await?;
        strays.extend(self.strays_due(Kept::Others).await?);
        let notices = self.notices_due().await?;
        if notices > 0 {
            strays.push(Kept::Notices.name().to_owned());
        }
        Ok((strays, notices))
    }

    async fn asked_purge(&self) -> Result<Option<Asked>, Error> {
        Ok(meta::get(&self.store, ASKED).await?.and_then(|t| serde_json::from_str(&t).ok()))
    }

    /// The list that waits for a word: its reply addresses' step, and the beginning of its letters' keys.
    pub(super) async fn purge_question(&self) -> Result<Option<(u16, String)>, Error> {
        Ok(self.asked_purge().await?.map(|asked| (asked.step, letter_key(&asked))))
    }

    /// The office's word on the list.
    pub(super) async fn purge_answered(&self, mut job: Job, by: &PersonId, yes: bool) -> Result<Job, Error> {
        let Some(asked) = self.asked_purge().await? else { return Ok(job) };
        job.facts.push((ASKED.to_owned(), String::new()));
        let payload = serde_json::json!({ "cases": asked.cases, "mails": asked.strays.len() });
        job.house.push((if yes { "purge_agreed" } else { "purge_refused" }.to_owned(), by.as_str().to_owned(), payload));
        if yes {
            let agreed = Agreed { by: by.as_str().to_owned(), at: self.now().unix(), asked };
            job.facts.push((AGREED.to_owned(), as_json(&agreed)));
        } else {
            job.told.push(("purge_refused".to_owned(), None, String::new()));
        }
        Ok(job)
    }

    /// When a list was sent, as people read it.
    #[must_use]
    pub fn asked_at(&self, asked: &Asked) -> String {
        self.stamp(Moment::from_unix(asked.at)).iso
    }
}

fn letter_key(asked: &Asked) -> String {
    format!("purge:{}:{}", asked.at, asked.step)
}

fn as_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
