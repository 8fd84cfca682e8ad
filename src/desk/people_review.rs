//! Who holds rights, laid before the secretariat once a quarter (R81; T10, ASVS 2.3.5): role, unit, address, deputy, since when, last act. Its word
//! is kept in the trail; corrections are made by `directory import` or in the config. Timed beside the daily digest, which calls it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::carry_out::{Carried, Job};
use super::questions::Question;
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::PersonId;
use crate::domain::directory::Person;
use crate::mail::Inbound;
use crate::mail::decision::{self, Decision};
use crate::render::{Body, LetterKind, PersonLine};
use crate::store::inbox::InboxRow;
use crate::store::{directory, events, meta, outbox};
use crate::trust::{self, ActClass, Confirmed, EvidenceMode, Token, TokenKind, Verdict};

/// The meta key of when the list last left, or of the first start.
const LAST: &str = "people_review.last";
/// The meta key of since when each person holds what he holds: id → (rights, seconds).
pub(super) const SINCE: &str = "people_review.since";
/// The meta key of what the reply addresses of the newest list carry.
const STEP: &str = "people_review.step";
/// How the keys of its letters begin.
const LETTERS: &str = "people_review:";
/// Seconds of a day.
const DAY: i64 = 86_400;

/// How often the list of people with rights is laid before the secretariat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// In January, April, July and October.
    Quarter,
    /// Each month.
    Month,
    /// In January.
    Year,
}

/// When it leaves, and who is marked in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeopleReview {
    /// How often.
    pub every: Every,
    /// On the first working day from this day of the month on, at the daily digest's hour.
    pub day: i8,
    /// Who has done nothing for so many days is marked.
    pub idle_days: i64,
}

impl Every {
    const fn months(self) -> &'static [i8] {
        match self {
            Self::Quarter => &[1, 4, 7, 10],
            Self::Month => &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            Self::Year => &[1],
        }
    }
}

impl Desk {
    /// Sends the list when its moment has come and it has not been sent since. One whose moment passed before the store's first start, or
    /// before it was asked for, is not made up.
    ///
    /// # Errors
    /// As the store says.
    pub(super) async fn people_review_if_due(&self) -> Result<bool, Error> {
        let (Some(review), now) = (self.settings.people_review, self.now()) else { return Ok(false) };
        let kept = meta::get(&self.store, LAST).await?.and_then(|t| t.parse::<i64>().ok());
        let Some(due) = self.review_before(review, now) else { return Ok(false) };
        if kept.is_some_and(|last| last >= due.unix()) {
            return Ok(false);
        }
        if kept.is_none() {
            Box::pin(self.carry_out(Job { key: "people_review:first".to_owned(), facts: vec![fact(now)], ..Job::default() })).await?;
            return Ok(false);
        }
        Ok(Box::pin(self.people_review_now()).await? > 0)
    }

    /// Sends the list now, whatever the day; says to how many.
    ///
    /// # Errors
    /// As the store says.
    pub async fn people_review_now(&self) -> Result<usize, Error> {
        let now = self.now();
        let body = self.people_review(None).await?;
        let (key, step) = (format!("{LETTERS}{}", now.unix()), self.question_step(Question::People));
        let direct = self.question_to_office(&body, &key, step);
        let sent = direct.len();
        let facts = vec![fact(now), (STEP.to_owned(), step.to_string())];
        match Box::pin(self.carry_out(Job { key, direct, facts, ..Job::default() })).await? {
            Carried::Done(_) | Carried::Conflict => Ok(sent),
        }
    }

    /// The last moment at or before `now` at which the list was due.
    fn review_before(&self, review: PeopleReview, now: Moment) -> Option<Moment> {
        let today = self.office.day(now);
        let years = [today.year() - 1, today.year()];
        let days = years.into_iter().flat_map(|y| review.every.months().iter().map(move |m| Date::new(y, *m, review.day).ok()));
        let at = |day: Date| {
            let works = self.office.calendar.working_day_from(day).unwrap_or(day);
            self.office.calendar.at_hour(works, self.settings.digest_at)
        };
        days.flatten().map(at).filter(|at| *at <= now).max()
    }

    /// The letter: everybody who may do anything, those first who have done nothing for long. `said`: who says that something is wrong,
    /// and what.
    ///
    /// # Errors
    /// As the store says.
    pub async fn people_review(&self, said: Option<(String, String)>) -> Result<Body, Error> {
        let now = self.now();
        let idle_days = self.settings.people_review.map_or(IDLE_DAYS, |r| r.idle_days);
        let acts = self.last_acts().await?;
        let since = self.rights_since().await?;
        let first = self.first_start().await?;
        let mut people = Vec::new();
        for person in self.office.directory.people.values() {
            let rights = self.rights_of(person);
            let stands_in = self.stands_in_for(person, now);
            if rights.is_empty() && stands_in.is_empty() {
                continue;
            }
            let held = since.get(&person.id).map(|(_, at)| Moment::from_unix(*at)).or(first);
            let seen = acts.get(person.id.as_str()).copied();
            // Who is new has had no time to do anything.
            let idle = seen.max(held).is_some_and(|at| now.unix() - at.unix() >= idle_days * DAY);
            people.push(PersonLine {
                name: person.name.clone(),
                id: person.id.as_str().to_owned(),
                rights,
                email: person.email.clone(),
                deputy: self.deputies_of(person, now),
                stands_in,
                since: held.map(|at| self.day_stamp(at)),
                seen: seen.map(|at| self.stamp(at)),
                idle,
            });
        }
        people.sort_by_key(|p| !p.idle);
        let idle = people.iter().filter(|p| p.idle).count();
        let (by, said) = said.unwrap_or_default();
        Ok(Body::PeopleReview {
            date: self.day_stamp(now),
            edition: self.office.directory.edition.clone(),
            people,
            idle,
            idle_days,
            by,
            said,
        })
    }

    /// Roles as printed, and what he is in which unit.
    fn rights_of(&self, person: &Person) -> Vec<String> {
        let roles = person.roles.iter().map(|r| self.office.procedure.role_title(r).to_owned());
        let posts = self.office.directory.posts(&person.id);
        let name = |u| self.office.directory.units.get(u).map_or_else(String::new, |u| u.name.clone());
        let held = posts.iter().filter(|(_, posts)| !posts.is_empty()).map(|(unit, posts)| {
            let titles: Vec<String> = posts.iter().map(|p| self.word(&format!("post.{}", p.name()))).collect();
            format!("{} {}", name(unit), titles.join("、"))
        });
        roles.chain(held).collect()
    }

    /// Who stands in for him, now or on days to come.
    fn deputies_of(&self, person: &Person, now: Moment) -> Vec<String> {
        let today = self.office.day(now);
        let coming = person.away.iter().filter(|a| a.to >= today);
        coming.map(|a| format!("{} {}–{}", self.office.directory.name_of(&a.deputy), a.from, a.to)).collect()
    }

    /// For whom he stands in, now or on days to come.
    fn stands_in_for(&self, person: &Person, now: Moment) -> Vec<String> {
        let today = self.office.day(now);
        let all = self.office.directory.people.values();
        let asked: BTreeSet<&str> =
            all.filter(|p| p.away.iter().any(|a| a.deputy == person.id && a.to >= today)).map(|p| p.name.as_str()).collect();
        asked.into_iter().map(str::to_owned).collect()
    }

    /// When each person last did something, on a case or about a list.
    async fn last_acts(&self) -> Result<BTreeMap<String, Moment>, Error> {
        let mut acts: BTreeMap<String, Moment> = BTreeMap::new();
        let mut did = |who: &str, at: Moment| {
            let last = acts.entry(who.to_owned()).or_insert(at);
            *last = at.max(*last);
        };
        for (actor, at) in events::last_acts(&self.store).await? {
            // `lee for wang`: who acted was lee.
            did(actor.split(" for ").next().unwrap_or_default(), at);
        }
        for version in directory::all(&self.store).await? {
            if let (Some(by), Some(at)) = (&version.decided_by, version.decided_at) {
                did(by, at);
            }
        }
        Ok(acts)
    }

    async fn rights_since(&self) -> Result<BTreeMap<PersonId, (String, i64)>, Error> {
        let kept = meta::get(&self.store, SINCE).await?;
        Ok(kept.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
    }

    /// Since when everybody of the directory holds what he now holds, as text; for whoever keeps a changed directory.
    pub(super) async fn rights_noted(&self) -> Result<String, Error> {
        let (before, now) = (self.rights_since().await?, self.now().unix());
        let people = self.office.directory.people.values().map(|person| {
            let posts = self.office.directory.posts(&person.id);
            let rights = serde_json::to_string(&(&person.roles, &posts)).unwrap_or_default();
            let at = before.get(&person.id).filter(|(held, _)| *held == rights).map_or(now, |(_, at)| *at);
            (person.id.clone(), (rights, at))
        });
        let map: BTreeMap<PersonId, (String, i64)> = people.collect();
        serde_json::to_string(&map).map_err(|e| Error::Damaged { number: SINCE.to_owned(), why: e.to_string() })
    }

    /// A reply to the list: yes, or what is wrong with it; none where this mail is no such reply. Nothing changes by it: it is kept.
    pub(super) async fn people_review_word(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Job>, Error> {
        let sender = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a)).cloned();
        let Some(person) = sender else { return Ok(None) };
        if !self.answers_review(mail, &person).await? {
            return Ok(None);
        }
        let (mode, evidence) = self.evidence(mail, row, None).await?;
        // The id by which it is known has come back from the one address that it was sent to.
        let token = Token { kind: TokenKind::Route, case_serial: 0, slot: trust::slot_of(person.id.as_str()), step: 0 };
        let confirmed = if mode == EvidenceMode::Confirm { Confirmed::Himself } else { Confirmed::No };
        let office = self.office.directory.is_secretariat(&person.id, self.office.day(self.now()));
        if !office || trust::enough(ActClass::L1, mode, Some(&token), true, &evidence, confirmed) != Verdict::Allowed {
            return Ok(Some(self.held_job(row, Some(mail), "unproved")));
        }
        let yes = decision::decide(&mail.reply_text) == Decision::Approve || crate::mail::wording::confirms(&mail.reply_text);
        self.people_answered(row, mail, &person.id, yes).await.map(Some)
    }

    /// What the reply addresses of the newest list carry, and how its letters' keys begin; none before the first one.
    pub(super) async fn people_question(&self) -> Result<Option<(u16, String)>, Error> {
        let step = meta::get(&self.store, STEP).await?.and_then(|text| text.parse().ok());
        Ok(step.map(|step| (step, LETTERS.to_owned())))
    }

    /// The office's word on the list; what is wrong with it goes to all of the office.
    pub(super) async fn people_answered(&self, row: &InboxRow, mail: &Inbound, by: &PersonId, yes: bool) -> Result<Job, Error> {
        let mut job = Job::dealt_with(row, mail, "people_review");
        let name = self.office.directory.name_of(by).to_owned();
        let (kind, words) = if yes { ("people_confirmed", String::new()) } else { ("people_wrong", super::receive::said(mail)) };
        if !yes {
            let body = self.people_review(Some((name.clone(), words.clone()))).await?;
            let key = format!("mail:{}:people_review", row.id);
            job.direct = match self.people_question().await? {
                Some((step, _)) => self.question_to_office(&body, &key, step),
                None => self.to_office(&body, &row.mailbox, &key),
            };
        }
        let payload = serde_json::json!({ "edition": self.office.directory.edition, "words": words });
        job.house.push((kind.to_owned(), by.as_str().to_owned(), payload));
        job.told.push((kind.to_owned(), None, name));
        Ok(job)
    }

    async fn answers_review(&self, mail: &Inbound, person: &Person) -> Result<bool, Error> {
        for id in mail.in_reply_to.iter().chain(mail.references.iter().rev()).take(30) {
            let letter = outbox::find_by_message_id(&self.store, id).await?;
            let ours =
                |l: &outbox::OutboxRow| l.kind == LetterKind::PeopleReview.folder() && l.recipient.eq_ignore_ascii_case(&person.email);
            if letter.as_ref().is_some_and(ours) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Days, where the config asks for no list by itself.
pub const IDLE_DAYS: i64 = 180;

fn fact(at: Moment) -> (String, String) {
    (LAST.to_owned(), at.unix().to_string())
}
