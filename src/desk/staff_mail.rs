//! What people of the house write on a case: its acts, all or none, once it is proved who wrote; what is refused and told; and the
//! confirmations at the directory address. Called by `receive`; what the words mean is `reading`'s, what proves them `proofs`'.

use super::carry_out::Job;
use super::matching::{Belongs, Via, Writer};
use super::proofs::Said;
use super::reading::Wish;
use super::{Desk, Error};
use crate::domain::event::Act;
use crate::domain::{Actor, Effect, Event, EventKind, Letter, PersonId, Recipient, Refusal, transition};
use crate::mail::Inbound;
use crate::mail::decision::{self, Verb};
use crate::store::inbox::{self, InboxRow};
use crate::store::pending;
use crate::trust::Evidence;

impl Desk {
    /// `told`: the mail was asked about, and who has answered.
    pub(super) async fn staff_wrote(
        &self,
        row: &InboxRow,
        mail: &Inbound,
        belongs: &Belongs,
        person: &PersonId,
        told: Said<'_>,
    ) -> Result<Job, Error> {
        let wish = self.wish(belongs, person, mail).await?;
        let own = told.first.unwrap_or(row);
        let (wish, scans) = self.with_scan(wish, own).await?;
        let mut proof = self.evidence(mail, own, Some(&belongs.case.number)).await?;
        match Box::pin(self.signed(mail, own, belongs, person, &wish)).await? {
            Some(signed @ Evidence::Signed { .. }) => proof.1 = signed,
            // What the border says of a mail is not worse for a signature that does not hold.
            Some(missing) if !matches!(proof.1, Evidence::Proven { .. }) => proof.1 = missing,
            Some(_) | None => {}
        }
        let acts = match &wish {
            Wish::Acts(acts) => acts.iter().map(|(a, _)| a).collect::<Vec<_>>(),
            Wish::Status
            | Wish::Help
            | Wish::Undecided(_)
            | Wish::NotUnderstood(_)
            | Wish::Refused(..)
            | Wish::NotHere(_)
            | Wish::UrgeAll(..)
            | Wish::Nothing => Vec::new(),
        };
        // Even an answer that only tells something goes to somebody who has proved that he may hear it.
        let asking = Act::Start;
        let shown: Vec<&Act> = if acts.is_empty() { vec![&asking] } else { acts };
        let proved = match self.proved(belongs, person, &shown, &proof, told) {
            Ok(proved) => proved,
            Err(why) => {
                // Who has proved who he is, and may not or cannot do this at all, hears so; he is not asked whether it was he.
                if let (Wish::Acts(acts), Ok(_)) = (&wish, self.proved(belongs, person, &[&asking], &proof, told))
                    && let Some(job) = self.impossible(row, mail, belongs, person, acts)
                {
                    return Ok(job);
                }
                return Box::pin(self.not_adopted(belongs, person, &shown, &why, mail, (row, told))).await;
            }
        };
        match wish {
            Wish::UrgeAll(condition, words) => {
                if !self.office.directory.is_secretariat(person, self.office.day(self.now())) {
                    let needs = crate::domain::RoleId(crate::domain::directory::SECRETARIAT.to_owned());
                    return Ok(self.refuse(row, mail, belongs, person, &Refusal::NotAllowed { needs }, &words, "urged"));
                }
                let mut job = self.frame(row, mail, &belongs.case, "staff");
                let campaign = Box::pin(self.campaign(person, condition, &words, &proved, &job.key)).await?;
                job.direct.extend(self.about_nothing(person, &campaign.body, &row.mailbox, format!("{}:answer", job.key)));
                job.more = campaign.jobs;
                Ok(job)
            }
            Wish::Acts(acts) => {
                let mut job = Box::pin(self.do_acts(row, mail, belongs, person, acts, &proved)).await?;
                job.beside.scans = scans;
                Ok(job)
            }
            other => Ok(self.answer_wish(row, mail, belongs, person, other)),
        }
    }

    /// The answer to acts of which one would be refused; none where all could be done.
    fn impossible(&self, row: &InboxRow, mail: &Inbound, belongs: &Belongs, person: &PersonId, acts: &[(Act, String)]) -> Option<Job> {
        let standing = self.standing_of(belongs.acting.as_ref(), person, self.office.day(self.now()));
        let actor = Actor::Person { standing, proof: String::new() };
        let mut case = belongs.case.clone();
        for (act, source) in acts {
            let event = Event { at: self.now(), actor: actor.clone(), kind: EventKind::Act { act: act.clone() } };
            match transition(&case, &event, &self.office) {
                Ok(step) => case = step.case,
                Err(refusal) => return Some(self.refuse(row, mail, belongs, person, &refusal, source, act.name())),
            }
        }
        None
    }

    /// All acts of a mail or none: the first that is refused stops them all.
    async fn do_acts(
        &self,
        row: &InboxRow,
        mail: &Inbound,
        belongs: &Belongs,
        person: &PersonId,
        acts: Vec<(Act, String)>,
        proof: &str,
    ) -> Result<Job, Error> {
        // What a person of the house does counts from when it is done: whoever is asked next is asked now.
        let at = self.now();
        let token = belongs.acting.or(match belongs.via {
            Via::Token(token) => Some(token),
            Via::Thread | Via::Subject => None,
        });
        let standing = self.standing_of(token.as_ref(), person, self.office.day(at));
        let actor = Actor::Person { standing, proof: proof.to_owned() };
        let mut case = belongs.case.clone();
        let mut steps = Vec::new();
        let mut effects = Vec::new();
        for (act, source) in acts {
            let event = Event { at, actor: actor.clone(), kind: EventKind::Act { act: act.clone() } };
            match transition(&case, &event, &self.office) {
                Ok(step) => {
                    case = step.case.clone();
                    effects.extend(step.effects);
                    steps.push((event, step.case));
                }
                Err(refusal) => return Ok(self.refuse(row, mail, belongs, person, &refusal, &source, act.name())),
            }
        }
        // Where both fall together one mail tells that it arrived and to whom it went (R60).
        let tells = |e: &Effect, wanted: &Letter| matches!(e, Effect::Send { to: Recipient::Complainant, letter, .. } if letter == wanted);
        if effects.iter().any(|e| tells(e, &Letter::Acknowledgement)) {
            effects.retain(|e| !tells(e, &Letter::Transfer));
        }
        let mut job = self.frame(row, mail, &belongs.case, "staff");
        job.steps = steps;
        job.effects = effects;
        job.effects.extend(self.worlds_met(&belongs.case, mail, false));
        if let Some((_, after)) = job.steps.last() {
            let letters = self.address_letters(&belongs.case, after, &row.mailbox, &job.key)?;
            job.direct.extend(letters);
        }
        job.beside.original = self.original(&belongs.case, &job.effects).await;
        job.beside.files = self.released(&belongs.case, &job.effects).await?;
        if let Some((_, case)) = job.steps.last() {
            job.beside.earlier = Box::pin(self.earlier(case, &job.effects)).await?;
        }
        Ok(job)
    }

    /// A mail that answers our question whether it was he: the kept mail is judged anew, now proved.
    pub(super) async fn confirmation(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Job>, Error> {
        if let Some(job) = Box::pin(self.question_word(row, mail)).await? {
            return Ok(Some(job));
        }
        let Some(token) = self.confirm_token(mail).await? else { return Ok(None) };
        let mut kept = None;
        for sealed in self.reading_keys().seals(&token) {
            kept = kept.or(pending::by_nonce_hash(&self.store, &super::proofs::hash(&sealed)).await?);
        }
        let Some(act) = kept.filter(|a| a.state == pending::WAITING) else {
            return Ok(Some(Job::ignored(row, mail, "nothing_to_confirm")));
        };
        let pressed = decision::button(&mail.reply_text, &mail.subject).is_some_and(|b| b.verb == Verb::Adopt);
        if !pressed
            && !crate::mail::wording::confirms(&mail.reply_text)
            && decision::decide(&mail.reply_text) != decision::Decision::Approve
        {
            let mut job = Job::ignored(row, mail, "not_confirmed");
            job.told.push(("denied".to_owned(), None, act.person.clone()));
            job.settled = Some((act.id, "denied".to_owned()));
            return Ok(Some(job));
        }
        let Some(first) = inbox::get(&self.store, &act.inbox_id).await? else {
            return Ok(Some(Job::ignored(row, mail, "nothing_to_confirm")));
        };
        let raw = inbox::raw(&self.store, &first.id).await?;
        let earlier = crate::mail::read(&raw);
        let Some(belongs) = self.belongs(&earlier, &first).await? else { return Ok(Some(Job::ignored(row, mail, "nothing_to_confirm"))) };
        let asked = PersonId(act.person.clone());
        // Whose mail it is, and who was asked about it: himself, or a second person.
        let person = match &belongs.writer {
            Writer::Staff(writer) => writer.clone(),
            Writer::Complainant | Writer::UnitInbox | Writer::Stranger => return Ok(Some(Job::ignored(row, mail, "nothing_to_confirm"))),
        };
        let second = Some(&asked).filter(|asked| **asked != person);
        // Whoever was asked answers himself, from his address, whoever else holds the letter; for himself his deputy may.
        let from = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a)).map(|p| &p.id);
        let stands_in = self.office.directory.standing(&asked, self.office.day(self.now())).person;
        if from != Some(&asked) && !(second.is_none() && from == Some(&stands_in)) {
            return Ok(Some(self.held_job(row, Some(mail), "unproved")));
        }
        if second.is_some_and(|second| !self.second_people(&person, &belongs.case).contains(second)) {
            return Ok(Some(Job::ignored(row, mail, "nothing_to_confirm")));
        }
        // Who has left since, or was asked and has.
        if [&person, &asked].iter().any(|p| !self.office.directory.people.contains_key(*p)) {
            let mut job = Job::ignored(row, mail, "nothing_to_confirm");
            job.settled = Some((act.id, "left".to_owned()));
            return Ok(Some(job));
        }
        // The act is done now, by this mail; only its words are the earlier one's.
        let mut job = Box::pin(self.staff_wrote(row, &earlier, &belongs, &person, Said { first: Some(&first), second })).await?;
        job.settled = Some((act.id, "confirmed".to_owned()));
        if let Some(end) = &mut job.inbox {
            end.message_id.clone_from(&mail.message_id);
        }
        Ok(Some(job))
    }

    /// An act that cannot be done: its sender hears why, at his directory address, and what is possible; nothing changes.
    #[expect(clippy::too_many_arguments, reason = "what was asked, by whom, of which case, and why not")]
    fn refuse(
        &self,
        row: &InboxRow,
        mail: &Inbound,
        belongs: &Belongs,
        person: &PersonId,
        refusal: &Refusal,
        source: &str,
        act: &str,
    ) -> Job {
        let mut job = self.answer_wish(row, mail, belongs, person, Wish::Refused(refusal.clone(), source.to_owned(), None));
        let kind = EventKind::Refused { act: act.to_owned(), why: refusal.name().to_owned() };
        let standing = self.standing_of(None, person, self.office.day(self.now()));
        let actor = Actor::Person { standing, proof: String::new() };
        let event = Event { at: row.internal_at.min(self.now()), actor, kind };
        if let Ok(step) = transition(&belongs.case, &event, &self.office) {
            job.steps.push((event, step.case));
        }
        job
    }
}
