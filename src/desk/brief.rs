//! Letters to one reader that the procedure does not know: an answer to a wish that changes nothing, a notice of a held mail.

use super::carry_out::{Carried, InboxEnd, Job};
use super::matching::Belongs;
use super::outgoing::Outgoing;
use super::reading::Wish;
use super::{Desk, Error, keys};
use crate::domain::{Actor, Case, Event, EventKind, PersonId, possible};
use crate::mail::{Inbound, compose};
use crate::render::{self, Body, ReaderView, Row};
use crate::store::inbox::{self, InboxRow};
use crate::trust::{Token, TokenKind, slot_of};

impl Desk {
    /// Answers a wish that is no act (or a refused one): nothing changes.
    pub(super) fn answer_wish(&self, row: &InboxRow, mail: &Inbound, belongs: &Belongs, person: &PersonId, wish: Wish) -> Job {
        let case = &belongs.case;
        let mut job = self.frame(row, mail, case, "staff");
        let label = |key: &str| self.word(key);
        let (body, ask) = match wish {
            Wish::Nothing | Wish::Acts(_) | Wish::UrgeAll(..) => return job,
            Wish::Undecided(ask) => {
                let asked = case.asks.iter().find(|a| a.ask == ask);
                let body = Body::AskDecision {
                    stage: Self::stage_of(case, asked.map_or(crate::domain::state::Stage::Answer, |a| a.stage)),
                    stage_label: asked.map(|a| a.title.clone()).unwrap_or_default(),
                    draft: self.draft_view(case, asked.and_then(|a| a.draft), self.sight_of(case, person, self.now())),
                    said: super::receive::said(mail),
                };
                (body, Some(ask))
            }
            Wish::NotUnderstood(unknown) => (self.not_understood(case, person, unknown), None),
            Wish::Refused(refusal, source, near) => (self.refused_body(case, person, &refusal, source, near), None),
            Wish::NotHere(source) => {
                let source = Some(source).filter(|s| !s.trim().is_empty());
                let possible = self.possible_words(case, person);
                (Body::Refused { reason: "not_here".to_owned(), detail: None, nearest: None, choices: Vec::new(), possible, source }, None)
            }
            Wish::Status => (self.status_body(case), None),
            Wish::Help => (Body::Help { directives: self.possible_rows(case, person, &label) }, None),
        };
        job.direct.extend(self.to_person(case, person, body, ask, &row.mailbox, format!("mail:{}:answer", row.id)));
        job
    }

    /// A letter to somebody of the directory about a case.
    pub(super) fn to_person(
        &self,
        case: &Case,
        person: &PersonId,
        body: Body,
        ask: Option<u32>,
        mailbox: &str,
        key: String,
    ) -> Option<Outgoing> {
        let found = self.office.directory.people.get(person)?;
        let mailbox = self.mailbox(mailbox)?;
        let step = ask.and_then(|a| u16::try_from(a).ok());
        let kind = if step.is_some() { TokenKind::Action } else { TokenKind::Route };
        let token = Token { kind, case_serial: keys::serial(case), slot: slot_of(person.as_str()), step: step.unwrap_or(0) };
        let root = self.thread_root(case);
        Some(Outgoing {
            id: self.chance.ulid(self.now()),
            case_id: Some(case.id.as_str().to_owned()),
            kind: body.kind().folder().to_owned(),
            effect_key: key,
            mailbox: mailbox.address.clone(),
            plus: mailbox.plus_addressing,
            to: compose::Address { name: found.name.clone(), email: found.email.clone() },
            language: self.settings.language,
            letter: render::Letter {
                office: self.office_view(&mailbox.address),
                case: Some(self.case_view(case, self.sight_of(case, person, self.now()))),
                reader: self.reader(person, case),
                buttons: Vec::new(),
                body,
            },
            token: Some(token),
            in_reply_to: Some(root.clone()),
            references: vec![root],
            attachments: Vec::new(),
            originals: Vec::new(),
            public: false,
            auto_reply: false,
            not_before: self.now(),
        })
    }

    /// Letters to each of the secretariat that are about no case.
    pub(super) fn to_office(&self, body: &Body, mailbox: &str, key: &str) -> Vec<Outgoing> {
        let secretariat = self.office.directory.secretariat(self.office.day(self.now()));
        let to = |person: &PersonId| self.about_nothing(person, body, mailbox, format!("{key}:{}", person.as_str()));
        secretariat.iter().filter_map(|standing| to(&standing.person)).collect()
    }

    /// A letter to somebody of the directory that is about no case.
    pub(super) fn about_nothing(&self, person: &PersonId, body: &Body, mailbox: &str, key: String) -> Option<Outgoing> {
        let mailbox = self.mailbox(mailbox)?;
        let person = self.office.directory.people.get(person)?;
        Some(Outgoing {
            id: self.chance.ulid(self.now()),
            case_id: None,
            kind: body.kind().folder().to_owned(),
            effect_key: key,
            mailbox: mailbox.address.clone(),
            plus: false,
            to: compose::Address { name: person.name.clone(), email: person.email.clone() },
            language: self.settings.language,
            letter: render::Letter {
                office: self.office_view(&mailbox.address),
                case: None,
                reader: ReaderView {
                    name: person.name.clone(),
                    title: person.title.clone(),
                    role: person.roles.first().map(|r| self.office.procedure.role_title(r).to_owned()).unwrap_or_default(),
                    is_complainant: false,
                },
                buttons: Vec::new(),
                body: body.clone(),
            },
            token: None,
            in_reply_to: None,
            references: Vec::new(),
            attachments: Vec::new(),
            originals: Vec::new(),
            public: false,
            auto_reply: false,
            not_before: self.now(),
        })
    }

    /// Sets a mail aside, and tells the secretariat.
    pub(super) async fn hold(&self, row: &InboxRow, mail: Option<&Inbound>, reason: &str) -> Result<(), Error> {
        match self.carry_out(self.held_job(row, mail, reason)).await {
            Ok(Carried::Done(_) | Carried::Conflict) => Ok(()),
            Err(error @ Error::Store(_)) => Err(error),
            Err(error) => {
                // Not even the notice can be written: the mail is held all the same, so that it stops no other; the digest lists it.
                tracing::error!(inbox = row.id, %error, "the notice of a held mail could not be written");
                let job = Job { direct: Vec::new(), ..self.held_job(row, None, reason) };
                self.carry_out(job).await.map(|_| ())
            }
        }
    }

    pub(super) fn held_job(&self, row: &InboxRow, mail: Option<&Inbound>, reason: &str) -> Job {
        let body = Body::Quarantined {
            reason: reason.to_owned(),
            detail: None,
            from: mail.and_then(|m| m.from.as_ref()).map(|f| f.address.clone()).unwrap_or_default(),
            subject: mail.map(|m| m.subject.clone()).unwrap_or_default(),
            received: self.stamp(row.internal_at),
            id: row.id.clone(),
        };
        Job {
            key: format!("mail:{}", row.id),
            direct: self.to_office(&body, &row.mailbox, &format!("mail:{}:held", row.id)),
            told: vec![("quarantined".to_owned(), None, row.id.clone())],
            inbox: Some(InboxEnd {
                id: row.id.clone(),
                state: inbox::State::Held,
                reason: Some(reason.to_owned()),
                class: mail.map(|m| m.class.name().to_owned()),
                case_id: None,
                message_id: mail.and_then(|m| m.message_id.clone()),
            }),
            ..Job::default()
        }
    }

    fn status_body(&self, case: &Case) -> Body {
        let label = |key: &str| self.word(key);
        let (waiting, names) = self.waiting(case);
        let mut rows = vec![
            Row::new(label("status.state"), label(&format!("state.{}", case.state.name()))),
            Row::new(label("status.unit"), self.unit_name(case)),
            Row::new(label("status.waiting"), format!("{}{names}", label(&waiting))),
            Row::new(label("status.received"), self.stamp(case.opened_at).roc),
        ];
        if let Some(due) = case.due_at() {
            rows.push(Row::new(label("status.due"), self.day_stamp(due).roc));
        }
        Body::Status { rows, trail: Vec::new() }
    }

    /// What is possible now, in the words of the directives.
    pub(super) fn possible_words(&self, case: &Case, person: &PersonId) -> Vec<String> {
        let label = |key: &str| self.word(key);
        self.possible_rows(case, person, &label).into_iter().map(|r| format!("{}　{}", r.label, r.value)).collect()
    }

    fn possible_rows(&self, case: &Case, person: &PersonId, label: &dyn Fn(&str) -> String) -> Vec<Row> {
        let standing = self.standing_of(None, person, self.office.day(self.now()));
        let actor = Actor::Person { standing, proof: String::new() };
        let kind = EventKind::Refused { act: String::new(), why: String::new() };
        let event = Event { at: self.now(), actor, kind };
        let names = possible(case, &event, &self.office);
        names.iter().map(|n| Row::new(label(&format!("directive.{n}")), label(&format!("directive_help.{n}")))).collect()
    }
}
