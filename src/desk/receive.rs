//! One stored mail at a time: which class, which case, what it asks for, carried out. Every mail ends in exactly one place (R1):
//! a case's event, held with a reason and told, or ignored with a reason. Called by `batch`, which counts the attempt before the try.
//! What people of the house write on a case is in `staff_mail`.

use std::sync::Arc;

use super::carry_out::{Ahead, Carried, InboxEnd, Job};
use super::matching::{Belongs, Writer};
use super::opening::message;
use super::proofs::Said;
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::state::{Satisfaction, State};
use crate::domain::{Actor, Effect, Event, EventKind, Letter, Pii, Recipient, transition};
use crate::mail::classify::{self, Class};
use crate::mail::decision::{self, Verb};
use crate::mail::headers::RawHeaders;
use crate::mail::{Inbound, fields};
use crate::store::inbox::{self, InboxRow};
use crate::store::outbox;
use crate::trust;

/// What judging a mail needs beside its reading.
pub(super) struct Given<'a> {
    /// Its bytes.
    pub raw: &'a Arc<Vec<u8>>,
    /// Numbers that are promised to mails before it.
    pub ahead: &'a Ahead,
    /// It came through a list: a person looks at it before anybody is written to.
    pub listed: bool,
}

/// Reading again after somebody else was faster.
const TRIES: usize = 8;

impl Desk {
    /// One mail by itself. Whatever is wrong with it ends it in the held list; only the store's trouble stops the clerk.
    pub(super) async fn receive(&self, row: &InboxRow, mail: &Inbound, raw: Arc<Vec<u8>>) -> Result<(), Error> {
        let mut held = Some(raw);
        for _ in 0..TRIES {
            let raw = match held.take() {
                Some(raw) => raw,
                None => Arc::new(inbox::raw(&self.store, &row.id).await?),
            };
            let given = Given { raw: &raw, ahead: &Ahead::default(), listed: false };
            let job = match Box::pin(self.judge(row, mail, &given, false)).await {
                Ok(job) => job,
                Err(error @ Error::Store(_)) => return Err(error),
                Err(error) => return self.hold_for(row, mail, &error).await,
            };
            let ready = self.ready(job).await;
            // The letters hold what they enclose; a long mail is not kept beside them while they are booked.
            drop(raw);
            let carried = match ready {
                Ok(ready) => {
                    // Another start has tried it before, and has died: not of this mail, as we now know.
                    if row.attempts > 0 {
                        inbox::survived(&self.store, &row.id).await?;
                    }
                    self.carry_out_all(vec![ready]).await
                }
                Err(error) => Err(error),
            };
            match carried {
                Ok(Carried::Done(_)) => return Ok(()),
                Ok(Carried::Conflict) => {
                    if inbox::get(&self.store, &row.id).await?.is_none_or(|r| r.state != inbox::State::New) {
                        return Ok(());
                    }
                }
                Err(error @ Error::Store(_)) => return Err(error),
                Err(error) => return self.hold_for(row, mail, &error).await,
            }
        }
        Err(Error::Contended { number: row.id.clone() })
    }

    pub(super) async fn hold_for(&self, row: &InboxRow, mail: &Inbound, error: &Error) -> Result<(), Error> {
        tracing::error!(inbox = row.id, %error, "a mail could not be dealt with and is held");
        self.hold(row, Some(mail), "failed").await
    }

    /// What a mail brings about. `confirmed`: its person has said at his directory address that it was he.
    pub(super) async fn judge(&self, row: &InboxRow, mail: &Inbound, given: &Given<'_>, confirmed: bool) -> Result<Job, Error> {
        if mail.loop_mark.as_deref() == Some(self.loop_mark().as_str()) && mail.class != Class::Bounce {
            return Ok(self.probe_came(row, mail).await?.unwrap_or_else(|| Job::ignored(row, mail, "own_mail")));
        }
        if let Some(earlier) = inbox::earlier_copy(&self.store, &row.sha256, &row.id).await? {
            return Ok(Job::ignored(row, mail, &format!("copy of {}", earlier.id)));
        }
        if let Some(earlier) = self.delivered_before(row, mail, given.raw).await? {
            return Ok(Job::ignored(row, mail, &format!("copy of {}", earlier.id)));
        }
        // What a form of the config sends is a person's, whatever machine's marks it carries; so is what an authority passes on (R80, R59).
        if mail.class != Class::Bounce && (self.web_form(mail).is_some() || self.machine_hands_on(mail)) {
            return Box::pin(self.person(row, mail, given, confirmed)).await;
        }
        match mail.class {
            Class::Bounce => self.bounced(row, mail).await,
            Class::AutoReply => self.auto_replied(row, mail).await,
            // A mailbox that is itself a group of its provider gets every person's mail with list fields.
            Class::ListOrBulk if classify::list_addresses(&mail.headers).iter().any(|a| self.is_own_address(a)) => {
                Box::pin(self.person(row, mail, given, confirmed)).await
            }
            // A person's complaint that a list or a form passed on (R6, PEERS 9).
            Class::ListOrBulk if classify::complains_on_a_list(mail) => {
                let given = Given { listed: true, ..*given };
                Box::pin(self.person(row, mail, &given, confirmed)).await
            }
            Class::ListOrBulk => Ok(Job::ignored(row, mail, mail.reason)),
            Class::Human => Box::pin(self.person(row, mail, given, confirmed)).await,
        }
    }

    /// The same mail delivered once more by another way: same Message-ID, author, date and body below other transit lines. A
    /// Message-ID alone hides nothing (T12), and an earlier copy that was not adopted hides not the genuine one.
    async fn delivered_before(&self, row: &InboxRow, mail: &Inbound, raw: &[u8]) -> Result<Option<InboxRow>, Error> {
        let Some(id) = &mail.message_id else { return Ok(None) };
        for earlier in inbox::done_with_message_id(&self.store, id, &row.id).await? {
            let kept = inbox::raw(&self.store, &earlier.id).await?;
            if same_mail(raw, &kept) {
                return Ok(Some(earlier));
            }
        }
        Ok(None)
    }

    /// As [`Desk::person`], whatever its tokens.
    pub(super) async fn somebody(&self, row: &InboxRow, mail: &Inbound, given: &Given<'_>, confirmed: bool) -> Result<Job, Error> {
        // Neither an author nor a word, or not a single header field: no mail that anybody could have written.
        let nobody = mail.from.as_ref().is_none_or(|m| !m.address.contains('@'));
        if nobody && (mail.text.trim().is_empty() || mail.headers.is_empty()) {
            return Ok(self.held_job(row, Some(mail), "unreadable"));
        }
        if let Some(job) = Box::pin(self.directory_word(row, mail)).await? {
            return Ok(job);
        }
        if let Some(job) = Box::pin(self.people_review_word(row, mail)).await? {
            return Ok(job);
        }
        if let Some(job) = self.confirmation(row, mail).await? {
            return Ok(job);
        }
        if let Some(job) = Box::pin(self.old_mail_word(row, mail)).await? {
            return Ok(job);
        }
        // Reply addresses of two cases in one mail: whose words these are is a person's to say (RELIABILITY §3).
        if self.findings(mail).conflict == trust::Conflict::DifferentCases {
            return Ok(self.held_job(row, Some(mail), "two_cases"));
        }
        let Some(belongs) = self.belongs(mail, row).await? else { return Box::pin(self.unmatched(row, mail, given)).await };
        match belongs.writer.clone() {
            // On the heap: what one mail needs is not what every other reserves.
            Writer::Staff(person) => {
                Box::pin(self.staff_wrote(row, mail, &belongs, &person, Said { first: confirmed.then_some(row), second: None })).await
            }
            Writer::Complainant => Box::pin(self.complainant_wrote(row, mail, given, &belongs)).await,
            Writer::UnitInbox | Writer::Stranger => Ok(self.stranger_wrote(row, mail, &belongs)),
        }
    }

    /// No case knows this mail: a repeated one is filed with the first, any other opens one.
    async fn unmatched(&self, row: &InboxRow, mail: &Inbound, given: &Given<'_>) -> Result<Job, Error> {
        if let Some(case) = self.repeats(mail).await? {
            let mut job = Job::ignored(row, mail, &format!("repeats {}", case.number));
            job.told.push(("repeated".to_owned(), Some(case.id.as_str().to_owned()), case.number));
            return Ok(job);
        }
        if self.answers_no_case(mail).await? {
            return Ok(self.held_job(row, Some(mail), "answers_digest"));
        }
        if self.is_own_address(&mail.from.as_ref().map(|m| m.address.clone()).unwrap_or_default()) {
            return Ok(self.held_job(row, Some(mail), "loop"));
        }
        if let Some(job) = Box::pin(self.about_no_case(row, mail)).await? {
            return Ok(job);
        }
        Box::pin(self.opening(row, mail, given, Vec::new())).await
    }

    /// Whether somebody of the house answers a letter about no case, a digest or an alarm: that asks for nothing, and is no complaint.
    async fn answers_no_case(&self, mail: &Inbound) -> Result<bool, Error> {
        let staff = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a));
        let Some(person) = staff else { return Ok(false) };
        for id in mail.in_reply_to.iter().chain(mail.references.iter().rev()).take(30) {
            let letter = outbox::find_by_message_id(&self.store, id).await?;
            if letter.is_some_and(|l| l.case_id.is_none() && l.recipient.eq_ignore_ascii_case(&person.email)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    // ── the complainant ──

    async fn complainant_wrote(&self, row: &InboxRow, mail: &Inbound, given: &Given<'_>, belongs: &Belongs) -> Result<Job, Error> {
        let case = &belongs.case;
        let at = row.internal_at.min(self.now());
        let files = mail.attachments.iter().any(|a| !a.inline);
        let thanks = !files && mail.sealed.is_none() && fields::thanks(&mail.reply_text);
        if case.state == State::Closed && !thanks && !self.reopens(case.closed_at, at) {
            return Box::pin(self.opening(row, mail, given, vec![case.number.clone()])).await;
        }
        // His words answer what he has: they count no earlier than our answer. A button's machine line is no word of his.
        let at = case.answered_at.map_or(at, |answered| at.max(answered)).min(self.now());
        let typed = decision::button(&mail.reply_text, &mail.subject).map_or_else(|| said(mail), |b| b.rest);
        let kind = EventKind::ComplainantWrote {
            withdraws: fields::withdraws(&typed),
            thanks,
            text: Pii::new(typed),
            satisfaction: self.judgement(mail),
            message_id: mail.message_id.clone(),
        };
        let event = Event { at, actor: Actor::Complainant, kind };
        let mut job = self.job_of(row, mail, case, vec![event], "complainant").await;
        job.effects.extend(self.worlds_met(case, mail, true));
        if let Some(unread) = super::opening::unread(row, mail) {
            // He would wait for an answer to what nobody can read.
            let mut asked = vec![Effect::Send { to: Recipient::Complainant, letter: Letter::Acknowledgement, not_before: None }];
            let broken = Box::pin(self.spare_receipts(&mut asked, case, mail, (row, row.internal_at.min(self.now())))).await?;
            job.told.extend(broken.told);
            job.facts.extend(broken.fact);
            job.effects.append(&mut asked);
            job.beside.unread = Some(unread);
        }
        Ok(job)
    }

    fn reopens(&self, closed_at: Option<Moment>, at: Moment) -> bool {
        let within = &self.office.procedure.close.reopen_within;
        closed_at.and_then(|c| self.office.calendar.due(c, within, None).ok()).is_none_or(|until| at <= until)
    }

    /// 滿意 or 不滿意, by button or by the first words.
    fn judgement(&self, mail: &Inbound) -> Option<Satisfaction> {
        match decision::button(&mail.reply_text, &mail.subject).map(|b| b.verb) {
            Some(Verb::Satisfied) => return Some(Satisfaction::Satisfied),
            Some(Verb::Dissatisfied) => return Some(Satisfaction::Dissatisfied),
            Some(_) | None => {}
        }
        fields::satisfaction(&mail.reply_text).map(|v| match v {
            fields::Verdict::Satisfied => Satisfaction::Satisfied,
            fields::Verdict::Dissatisfied => Satisfaction::Dissatisfied,
        })
    }

    // ── others ──

    fn stranger_wrote(&self, row: &InboxRow, mail: &Inbound, belongs: &Belongs) -> Job {
        let from = mail.from.as_ref().map(|m| m.address.clone()).unwrap_or_default();
        let kind = EventKind::StrangerWrote { from: Pii::new(from), text: Pii::new(said(mail)) };
        let event = Event { at: row.internal_at.min(self.now()), actor: Actor::Stranger, kind };
        let mut job = self.frame(row, mail, &belongs.case, "stranger");
        if let Ok(step) = transition(&belongs.case, &event, &self.office) {
            job.effects = step.effects;
            job.steps.push((event, step.case));
        }
        job
    }

    /// The job of events that nobody refuses.
    pub(super) async fn job_of(&self, row: &InboxRow, mail: &Inbound, case: &crate::domain::Case, events: Vec<Event>, kind: &str) -> Job {
        let mut job = self.frame(row, mail, case, kind);
        let mut now = case.clone();
        for event in events {
            if let Ok(step) = transition(&now, &event, &self.office) {
                now = step.case.clone();
                job.effects.extend(step.effects);
                job.steps.push((event, step.case));
            }
        }
        job.beside.original = self.original(case, &job.effects).await;
        job
    }

    /// What every job of a mail on a case has in common.
    pub(super) fn frame(&self, row: &InboxRow, mail: &Inbound, case: &crate::domain::Case, kind: &str) -> Job {
        let at = row.internal_at.min(self.now());
        let case_id = case.id.as_str().to_owned();
        Job {
            key: format!("mail:{}", row.id),
            before: Some(case.clone()),
            beside: super::letters::Beside {
                mailbox: row.mailbox.clone(),
                attachments: mail.attachments.iter().filter(|a| !a.inline).map(|a| a.name.clone()).collect(),
                ..super::letters::Beside::default()
            },
            message: Some(message(&case_id, kind, row, mail, at)),
            thread_id: mail.message_id.clone().filter(|_| kind == "complainant"),
            inbox: Some(InboxEnd::kept(row, mail, case_id)),
            ..Job::default()
        }
    }

    /// The mail that opened a case, where one of the letters encloses it; none where it is gone.
    pub(super) async fn original(&self, case: &crate::domain::Case, effects: &[Effect]) -> Option<Arc<Vec<u8>>> {
        if !effects.iter().any(|e| matches!(e, Effect::Send { letter: Letter::Forward | Letter::Triage { .. }, .. })) {
            return None;
        }
        inbox::raw(&self.store, &case.origin).await.ok().map(Arc::new)
    }
}

/// Whether two deliveries are of one mail: what transit adds stands on top, what the author wrote does not change.
fn same_mail(one: &[u8], other: &[u8]) -> bool {
    let (a, b) = (RawHeaders::parse(one), RawHeaders::parse(other));
    let fields = ["From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "Content-Type"];
    let bodies = (one.get(a.body_at()..).unwrap_or_default(), other.get(b.body_at()..).unwrap_or_default());
    fields.iter().all(|f| a.all(f).map(|x| x.value()).eq(b.all(f).map(|x| x.value())))
        && bodies.0.trim_ascii_end() == bodies.1.trim_ascii_end()
}

/// What the writer newly wrote; all of it where that would be nothing.
pub(super) fn said(mail: &Inbound) -> String {
    let new = if mail.reply_text.trim().is_empty() { &mail.text } else { &mail.reply_text };
    new.trim().to_owned()
}
