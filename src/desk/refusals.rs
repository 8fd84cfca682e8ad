//! The answer to an act that was not done: the reason, what is particular to it, the nearest right form, what there is to choose from and
//! what is possible now. Nothing changes by it. Called by `brief`.

use super::carry_out::Job;
use super::{Desk, Error};
use crate::domain::directory::SECRETARIAT;
use crate::domain::state::DeadlineKind;
use crate::domain::{Case, PersonId, Refusal, RoleId};
use crate::mail::condition::{WORDS, condition};
use crate::mail::directive::{self, Directive, Unknown};
use crate::mail::near::nearest;
use crate::mail::{Inbound, decision};
use crate::render::Body;
use crate::store::cases;
use crate::store::inbox::InboxRow;
use crate::trust::{Evidence, EvidenceMode};

/// Names that are listed to choose from, at most.
const CHOICES: usize = 20;

/// Among so many of the newest cases the number that somebody may have meant is looked for.
const NEAR: i64 = 2_000;

impl Desk {
    /// A line that is no directive.
    pub(super) fn not_understood(&self, case: &Case, person: &PersonId, unknown: Unknown) -> Body {
        Body::Refused {
            reason: "not_understood".to_owned(),
            detail: None,
            nearest: unknown.nearest.map(|name| format!("#{name}")),
            choices: Vec::new(),
            possible: self.possible_words(case, person),
            source: Some(unknown.source).filter(|s| !s.trim().is_empty()),
        }
    }

    /// A line that is one, and cannot be done. `near`: a case's number that the writer may have meant.
    pub(super) fn refused_body(&self, case: &Case, person: &PersonId, refusal: &Refusal, source: String, near: Option<String>) -> Body {
        let choices = self.names_to_choose(refusal);
        let written = if let Refusal::Unknown { name, .. } = refusal { name.as_str() } else { "" };
        let nearest = near.or_else(|| nearest(written, choices.iter().map(String::as_str)).map(str::to_owned));
        Body::Refused {
            reason: refusal.name().to_owned(),
            detail: self.detail(case, refusal),
            nearest,
            choices: choices.into_iter().take(CHOICES).collect(),
            possible: self.possible_words(case, person),
            source: Some(source).filter(|s| !s.trim().is_empty()),
        }
    }

    /// What could have been named.
    fn names_to_choose(&self, refusal: &Refusal) -> Vec<String> {
        let directory = &self.office.directory;
        let procedure = &self.office.procedure;
        let what = if let Refusal::Unknown { what, .. } = refusal { what } else { "unit" };
        if !matches!(refusal, Refusal::Unknown { .. } | Refusal::UnitMissing) {
            return Vec::new();
        }
        match what {
            "unit" => directory.units.values().map(|u| u.name.clone()).collect(),
            "person" => directory.people.values().map(|p| p.name.clone()).collect(),
            "grade" => procedure.grades.iter().map(|g| g.id.clone()).collect(),
            "category" => procedure.categories.clone(),
            "field" => procedure.fields.iter().map(|f| f.label.clone()).collect(),
            "condition" => WORDS.iter().map(|w| (*w).to_owned()).collect(),
            "agency" => procedure.authorities.iter().map(|a| a.name.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// What is particular to a refusal: who may, which state, which name, which dates.
    fn detail(&self, case: &Case, refusal: &Refusal) -> Option<String> {
        match refusal {
            Refusal::NotAllowed { needs } => Some(self.office.procedure.role_title(needs).to_owned()),
            Refusal::NotPossible { state } => Some(self.word(&format!("state.{}", state.name()))),
            Refusal::Unknown { what, name } => Some(format!("{} {name}", self.word(&format!("thing.{what}"))).trim().to_owned()),
            Refusal::DateNotPossible => self.dates(case),
            Refusal::AlreadyDecided
            | Refusal::NothingToDecide
            | Refusal::OwnText
            | Refusal::ReasonMissing
            | Refusal::TextMissing
            | Refusal::UnitMissing
            | Refusal::Unchanged
            | Refusal::TooLate
            | Refusal::Sealed
            | Refusal::Accused
            | Refusal::UrgedToday
            | Refusal::CallFirst
            | Refusal::Reachable
            | Refusal::PromiseStands
            | Refusal::AnswerUndelivered
            | Refusal::ScanMissing
            | Refusal::NoSecondPerson
            | Refusal::OwnEntry => None,
        }
    }

    /// The number of a case that a mistaken one comes nearest to.
    pub(super) async fn near_number(&self, number: &str) -> Result<Option<String>, Error> {
        let all = cases::newest_numbers(&self.store, NEAR).await?;
        Ok(nearest(number, all.iter().map(String::as_str)).map(str::to_owned))
    }

    /// Somebody of the house, proved, gives a directive about no case that there is: he hears so, and no case is opened by it.
    /// What needs no case (登錄, 報表 …) is not meant.
    pub(super) async fn about_no_case(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Job>, Error> {
        let Some(person) = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a)) else { return Ok(None) };
        let (mode, evidence) = self.evidence(mail, row, None).await?;
        let proven = matches!(evidence, Evidence::Proven { .. } | Evidence::Signed { .. }) || mode == EvidenceMode::Token;
        if let Some(words) = urges(&mail.reply_text).filter(|_| proven) {
            return Box::pin(self.urged_at_large(row, mail, &person.id, &words)).await.map(Some);
        }
        let Some(source) = orders(&mail.reply_text, &mail.subject).filter(|_| proven) else { return Ok(None) };
        let number = super::matching::candidates(&mail.subject).into_iter().next().unwrap_or_default();
        let body = Body::Refused {
            reason: "no_case".to_owned(),
            detail: Some(number.clone()).filter(|n| !n.is_empty()),
            nearest: if number.is_empty() { None } else { self.near_number(&number).await? },
            choices: Vec::new(),
            possible: Vec::new(),
            source: Some(source),
        };
        let mut job = Job::ignored(row, mail, "no_such_case");
        job.direct.extend(self.about_nothing(&person.id, &body, &row.mailbox, format!("mail:{}:answer", row.id)));
        Ok(Some(job))
    }

    /// 稽催 in a mail that is about no case: of every case that fits its condition.
    async fn urged_at_large(&self, row: &InboxRow, mail: &Inbound, person: &PersonId, words: &str) -> Result<Job, Error> {
        let mut job = Job::ignored(row, mail, "urging");
        let office = self.office.directory.is_secretariat(person, self.office.day(self.now()));
        let found = condition(words);
        let body = match (found, office) {
            (Some(found), true) => {
                let campaign = self.campaign(person, found, words, "proved sender", &job.key).await?;
                job.more = campaign.jobs;
                campaign.body
            }
            (_, allowed) => Body::Refused {
                reason: if allowed { "unknown" } else { "not_allowed" }.to_owned(),
                detail: if allowed {
                    Some(format!("{} {words}", self.word("thing.condition")).trim().to_owned())
                } else {
                    Some(self.office.procedure.role_title(&RoleId(SECRETARIAT.to_owned())).to_owned())
                },
                nearest: None,
                choices: if allowed { WORDS.iter().map(|w| (*w).to_owned()).collect() } else { Vec::new() },
                possible: Vec::new(),
                source: Some(words.to_owned()).filter(|w| !w.is_empty()),
            },
        };
        job.direct.extend(self.about_nothing(person, &body, &row.mailbox, format!("{}:answer", job.key)));
        Ok(job)
    }

    /// The date in force and the last one that an extension may reach.
    fn dates(&self, case: &Case) -> Option<String> {
        let running = case.deadlines.iter().rev().find(|d| d.kind == DeadlineKind::Answer && d.round == case.round)?;
        let due = running.due_at?;
        let rule = &self.office.procedure.extension;
        let cap = running.standard_at.and_then(|at| self.office.calendar.due(at, &rule.at_most, None).ok());
        let left = rule.times.saturating_sub(case.extensions);
        let words = self.word("refused.dates").replace("{due}", &self.day_stamp(due).roc).replace("{left}", &left.to_string());
        Some(words.replace("{cap}", &cap.map(|at| self.day_stamp(at).roc).unwrap_or_default()))
    }
}

/// The condition of a 稽催, empty where none is written.
fn urges(text: &str) -> Option<String> {
    directive::split(text).directives.into_iter().find_map(|line| match line.directive {
        Directive::Urge(words) => Some(words.unwrap_or_default()),
        _ => None,
    })
}

/// The first line of a mail that orders something about a case: a button's, or a directive's.
fn orders(text: &str, subject: &str) -> Option<String> {
    if let Some(button) = decision::button(text, subject) {
        return Some(format!("{} {}", button.verb.word(), button.number));
    }
    let parsed = directive::split(text);
    let line = parsed.directives.into_iter().find(|line| !needs_no_case(&line.directive));
    line.map(|line| line.source.lines().next().unwrap_or_default().to_owned())
}

/// What may stand in a mail that is about no case.
const fn needs_no_case(directive: &Directive) -> bool {
    matches!(
        directive,
        Directive::Register(_)
            | Directive::Report(_)
            | Directive::Help
            | Directive::Status(_)
            | Directive::Urge(_)
            | Directive::Closure(_)
            | Directive::Duty(_)
            | Directive::Survey(_)
            | Directive::Dossier(_)
            | Directive::Recommend(_)
            | Directive::Action(_)
    )
}
