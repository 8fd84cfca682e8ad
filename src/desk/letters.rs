//! From what the procedure wants said (`domain::Letter`) to what the templates are given (`render::Letter`): one arm a letter.
//! Who sees what is settled here, by the reader. No sentence stands here.

use std::sync::Arc;

use super::buttons::{self, Aim};
use super::outgoing::{Outgoing, pdf};
use super::views::Sight;
use super::{Desk, Error, keys};
use crate::calendar::Moment;
use crate::domain::case::Acceptance;
use crate::domain::passed_on::Passer;
use crate::domain::procedure::{GroundHint, Means, PromiseRule, Silence};
use crate::domain::state::{DeadlineKind, Outcome, Satisfaction, Stage, State};
use crate::domain::{Case, Language, Letter, Recipient};
use crate::mail::compose::{self, Original};
use crate::render::{self, Body, LetterKind, ReaderView, Row};
use crate::trust::address;

/// Whether what a sender calls himself may stand in a letter to his address: no link, no address, no slogan. Whoever forges a sender
/// would have us carry his words to a stranger (RELIABILITY T18).
fn is_a_name(name: &str) -> bool {
    let dotted = |word: &str| word.trim_matches('.').contains('.');
    let links = name.contains("://") || name.contains(['@', '/', '<', '>']) || name.split_whitespace().any(dotted);
    !links && name.chars().count() <= 60
}

/// What a letter needs beside the case.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// The complaint's mail, for forwards.
    pub original: Option<Arc<Vec<u8>>>,
    /// The survey link, for an answer.
    pub survey_url: Option<String>,
    /// Names of files that came with the complainant's new mail.
    pub attachments: Vec<String>,
    /// Which of our mailboxes the complaint came to.
    pub mailbox: String,
    /// The complainant's files, cleaned, for a release.
    pub files: Vec<super::files::File>,
    /// The scan of a decision on paper, as it came, for the second person.
    pub scans: Vec<super::files::File>,
    /// Older cases that a forward names.
    pub earlier: Vec<render::EarlierCase>,
    /// What of the complainant's mail could not be read, for its acknowledgement.
    pub unread: Option<&'static str>,
    /// Whether a forward goes to a unit that only helps.
    pub co_handling: bool,
    /// What the mail that opened the case shows beside its words, for triage (R90): a ground's hint and its particulars.
    pub signs: Vec<(GroundHint, String)>,
}

/// Who reads, and how much of the complainant he sees.
struct Reader {
    to: compose::Address,
    view: ReaderView,
    sight: Sight,
    language: Language,
}

impl Desk {
    /// Makes the mail of one effect ready to be frozen; `None` where nobody can get it (no address).
    pub(super) fn prepare(
        &self,
        case: &Case,
        to: &Recipient,
        letter: &Letter,
        not_before: Option<Moment>,
        key: String,
        beside: &Beside,
    ) -> Result<Option<Outgoing>, Error> {
        let Some(mut reader) = self.whom(case, to) else { return Ok(None) };
        if matches!(letter, Letter::Copy { .. }) {
            // A copy for information tells nobody who complained (中油 效益(1)).
            reader.sight = Sight::Hidden;
        }
        let token = keys::token(case, to, letter);
        let mailbox = self.mailbox(&beside.mailbox);
        let plus = mailbox.is_some_and(|m| m.plus_addressing);
        let from = mailbox.map_or_else(String::new, |m| m.address.clone());
        let sealed = self.keyring.seal(&token);
        let code = self.keyring.short_code(&token);
        let target = if plus { address(&from, &sealed) } else { from.clone() };
        let prompt = |key: &str| self.words.label(reader.language, key);
        let aim = Aim { address: &target, number: &case.number, code: &code, prompt: &prompt };
        let office = match to {
            Recipient::Person(standing) => self.office.directory.is_office(&standing.person, case, self.office.day(self.now())),
            Recipient::Complainant | Recipient::Unit(_) | Recipient::PasserOn => false,
        };
        let situation = self.situation(case, letter, office);
        let mut buttons = buttons::for_letter(letter, &aim, &situation);
        let waits = office && !beside.attachments.is_empty() && self.unit_sight(case) != Sight::Full;
        if waits && matches!(letter, Letter::Triage { .. } | Letter::ComplainantWrote { .. }) {
            buttons.push(buttons::release(&aim));
        }
        let helps = matches!(to, Recipient::Unit(unit) if case.unit.as_ref() != Some(unit));
        let beside = &Beside { co_handling: helps, ..beside.clone() };
        let body = self.body(case, letter, &reader, beside);
        let public = matches!(to, Recipient::Complainant);
        let (in_reply_to, references) = self.threading(case, to);
        let (attachments, originals) = self.enclosures(case, letter, reader.sight, beside)?;
        Ok(Some(Outgoing {
            id: self.chance.ulid(self.now()),
            case_id: Some(case.id.as_str().to_owned()),
            kind: body.kind().folder().to_owned(),
            effect_key: key,
            mailbox: from.clone(),
            plus,
            to: reader.to,
            language: reader.language,
            letter: render::Letter {
                office: self.office_view(&from),
                case: Some(self.case_view(case, if public { Sight::Full } else { reader.sight })),
                reader: reader.view,
                buttons,
                body,
            },
            token: Some(token),
            in_reply_to,
            references,
            attachments,
            originals,
            public,
            auto_reply: public && matches!(letter, Letter::Acknowledgement),
            not_before: not_before.unwrap_or_else(|| self.now()),
        }))
    }

    /// What of the case and the profile decides which buttons a letter has; `office`: its reader is of the office.
    fn situation(&self, case: &Case, letter: &Letter, office: bool) -> buttons::Situation {
        buttons::Situation {
            state: case.state,
            step_label: self.step_label(case, letter),
            confirmable: matches!(case.acceptance, Acceptance::Preliminary { .. }),
            office,
            units: self.unit_choices(case),
            handlers: self.handler_choices(case),
            judging: case.judging.is_some(),
            reviews: office && case.state == State::AwaitingApproval,
            withdrawn: matches!(letter, Letter::ComplainantWrote { words } if crate::mail::fields::withdrawal(words.internal())),
            graded: !self.office.procedure.grades.is_empty(),
            preliminary: case.deadlines.iter().any(|d| {
                d.round == case.round && d.met_at.is_none() && matches!(d.kind, DeadlineKind::FirstResponse | DeadlineKind::Preliminary)
            }),
            promise: case.started_at.is_none() && self.office.procedure.promise == PromiseRule::Free && case.promise().is_some(),
            calls: self.office.procedure.notices.iter().any(|n| n.by == Means::Phone)
                || self.office.procedure.close.silence == Silence::Call,
        }
    }

    fn whom(&self, case: &Case, to: &Recipient) -> Option<Reader> {
        match to {
            Recipient::Complainant => {
                let email = case.complainant.address.as_ref()?.reveal().clone();
                let name = Some(case.complainant.name.reveal()).filter(|name| is_a_name(name)).cloned().unwrap_or_default();
                let view = ReaderView { name: name.clone(), is_complainant: true, ..ReaderView::default() };
                Some(Reader { to: compose::Address { name, email }, view, sight: Sight::Full, language: case.language })
            }
            Recipient::Person(standing) => {
                let person = self.office.directory.people.get(&standing.person)?;
                let sight = self.sight_of(case, &standing.person, self.now());
                let view = self.reader(&standing.person, case);
                let to = compose::Address { name: person.name.clone(), email: person.email.clone() };
                Some(Reader { to, view, sight, language: self.settings.language })
            }
            Recipient::PasserOn => {
                let passed = case.passed_on.as_ref().filter(|p| p.address.reveal().contains('@'))?;
                let (name, email) = (passed.name.reveal().clone(), passed.address.reveal().clone());
                let view = ReaderView { name: name.clone(), ..ReaderView::default() };
                Some(Reader { to: compose::Address { name, email }, view, sight: Sight::Hidden, language: self.settings.language })
            }
            Recipient::Unit(unit) => {
                let unit = self.office.directory.units.get(unit)?;
                let view = ReaderView { name: unit.name.clone(), ..ReaderView::default() };
                let to = compose::Address { name: unit.name.clone(), email: unit.inbox.clone() };
                Some(Reader { to, view, sight: self.unit_sight(case), language: self.settings.language })
            }
        }
    }

    fn step_label(&self, case: &Case, letter: &Letter) -> Option<String> {
        let Letter::ApprovalRequest { ask } = letter else { return None };
        let title = &case.asks.iter().find(|a| a.ask == *ask)?.title;
        case.chain.as_ref()?.steps.iter().find(|s| &s.title == title)?.label.clone()
    }

    /// The complainant's mails answer his last one; internal ones stand under the case's root.
    fn threading(&self, case: &Case, to: &Recipient) -> (Option<String>, Vec<String>) {
        if matches!(to, Recipient::PasserOn) {
            // His own mail and nothing of anybody else's thread.
            let id = case.passed_on.as_ref().and_then(|p| p.message_id.clone());
            return (id.clone(), id.into_iter().collect());
        }
        if matches!(to, Recipient::Complainant) {
            let mut references = case.thread.references.clone();
            references.extend(case.thread.last.clone());
            let from = references.len().saturating_sub(10);
            return (case.thread.last.clone(), references.split_off(from));
        }
        let root = self.thread_root(case);
        (Some(root.clone()), vec![root])
    }

    fn enclosures(
        &self,
        case: &Case,
        letter: &Letter,
        sight: Sight,
        beside: &Beside,
    ) -> Result<(Vec<compose::Attach>, Vec<Original>), Error> {
        let form = match letter {
            Letter::Forward | Letter::Triage { .. } | Letter::Resumed { .. } => "record",
            // 不受理 is put down on the record form and laid before the approver (K 5.1.2.3).
            Letter::ApprovalRequest { .. } if case.outcome.is_some_and(|o| o != Outcome::Resolved) => "record",
            Letter::Files { .. } => return Ok((super::files::attached(&beside.files), Vec::new())),
            Letter::PaperEntered { .. } => return Ok((super::files::attached(&beside.scans), Vec::new())),
            // Where the paper has one sheet for both, that one.
            Letter::ApprovalRequest { .. } if self.has_form("handling") => "handling",
            Letter::ApprovalRequest { .. } => "record",
            _ => return Ok((Vec::new(), Vec::new())),
        };
        let mut attachments = Vec::new();
        if matches!(letter, Letter::Forward | Letter::ApprovalRequest { .. })
            && let Some((title, bytes)) = self.print_or_alarm(case, form, sight)
        {
            attachments.push(pdf(format!("{title}_{}.pdf", case.number), bytes));
        }
        let shown = sight == Sight::Full && matches!(letter, Letter::Forward | Letter::Triage { .. });
        let name = format!("{}.eml", self.word("desk.original_mail"));
        let originals = match (&beside.original, shown) {
            (Some(raw), true) => vec![Original { name, raw: Arc::clone(raw) }],
            (Some(_) | None, _) => Vec::new(),
        };
        Ok((attachments, originals))
    }

    #[expect(clippy::too_many_lines, reason = "one arm a letter")]
    fn body(&self, case: &Case, letter: &Letter, reader: &Reader, beside: &Beside) -> Body {
        let due_on = case.due_at().map(|at| self.day_stamp(at));
        match letter {
            Letter::Acknowledgement => self.acknowledgement(case, reader, beside),
            Letter::Transfer => Body::Transfer {
                unit: self.unit_to_reach(case, reader.language),
                due_on,
                rerouted: case.holding.len() > 1 && case.round == 1,
            },
            Letter::Question { text } => Body::Question { text: text.as_str().to_owned() },
            Letter::Extension { until, reason } => Body::Extension { new_due: self.day_stamp(*until), reason: reason.as_str().to_owned() },
            Letter::Answer { draft } => Body::Answer {
                text: case.public_text(*draft).map(|t| t.as_str().to_owned()).unwrap_or_default(),
                survey_url: beside.survey_url.clone(),
            },
            Letter::Preliminary { draft } => Body::Preliminary {
                text: case.public_text(*draft).map(|t| t.as_str().to_owned()).unwrap_or_default(),
                due_on: case.promise().and_then(|d| d.due_at).map(|at| self.day_stamp(at)),
            },
            Letter::DelayReason { reason } => Body::DelayReason {
                text: self.delay_text(case, reader.language, reason.as_ref().map(crate::domain::text::PublicText::as_str)),
            },
            Letter::Refusal { text } => Body::Refusal { text: text.as_str().to_owned() },
            Letter::Referral { agency, contact, text } => Body::Referral {
                agency: agency.clone(),
                contact: Some(contact.clone()).filter(|c| !c.is_empty()),
                text: Some(text.as_str().to_owned()).filter(|t| !t.is_empty()),
            },
            Letter::Merged { into } => Body::Merged { into: into.clone() },
            Letter::ToldBack { draft } => self.told_back(case, *draft, reader.language),
            Letter::Closing => Body::Closing { answered_on: case.answered_at.map(|at| self.day_stamp(at)) },
            Letter::Triage { .. }
            | Letter::Forward
            | Letter::AutoForwarded
            | Letter::ConfirmDraft
            | Letter::FormIncomplete
            | Letter::ApprovalRequest { .. }
            | Letter::Returned { .. }
            | Letter::Resumed { .. }
            | Letter::Dissatisfied { .. }
            | Letter::ComplainantWrote { .. }
            | Letter::Reminder { .. }
            | Letter::DecisionWaits { .. }
            | Letter::Undelivered { .. }
            | Letter::DecisionNotice { .. }
            | Letter::StrangerWrote { .. }
            | Letter::SurveyReceived
            | Letter::GivenBack { .. }
            | Letter::Copy { .. }
            | Letter::ExtensionAsked
            | Letter::ExtensionGranted { .. }
            | Letter::ExtensionRefused { .. }
            | Letter::Files { .. }
            | Letter::IdentityAsked { .. }
            | Letter::IdentityShown { .. }
            | Letter::IdentityRefused { .. }
            | Letter::PaperEntered { .. }
            | Letter::PaperRefused { .. }
            | Letter::WorldsMet { .. }
            | Letter::TakenAway
            | Letter::Notice { .. }
            | Letter::CallTask { .. }
            | Letter::EscalationDemanded { .. } => self.staff_body(case, letter, reader.sight, beside),
        }
    }

    fn acknowledgement(&self, case: &Case, reader: &Reader, beside: &Beside) -> Body {
        Body::Acknowledgement {
            passed_by: case.passed_on.as_ref().filter(|p| p.by == Passer::Authority && p.person.is_none()).map(|p| p.name.reveal().clone()),
            due_on: case.due_at().map(|at| self.day_stamp(at)),
            transferred_to: case.unit.as_ref().map(|_| self.unit_to_reach(case, reader.language)),
            retention: Some(self.retention(reader.language)),
            unread: beside.unread,
        }
    }

    /// How long records are kept, in the reader's language.
    fn retention(&self, language: Language) -> String {
        match self.office.procedure.retention_years() {
            Some(years) => self.words.label(language, "ui.years").replace("{n}", &years.to_string()),
            None => self.office.procedure.retention.clone(),
        }
    }

    /// The unit as complainants are told it: with its telephone, where it has one.
    fn unit_to_reach(&self, case: &Case, language: Language) -> String {
        let name = self.unit_name(case);
        let phone = case.unit.as_ref().and_then(|u| self.office.directory.units.get(u)).map(|u| u.phone.as_str()).unwrap_or_default();
        let words = |phone: &str| self.words.label(language, "ui.telephone").replace("{name}", &name).replace("{n}", phone);
        if phone.is_empty() { name.clone() } else { words(phone) }
    }

    pub(super) fn unit_name(&self, case: &Case) -> String {
        case.unit.as_ref().and_then(|u| self.office.directory.units.get(u)).map_or_else(|| self.settings.office.clone(), |u| u.name.clone())
    }

    /// Which stage an approval is about, as the templates name it.
    pub(super) fn stage_of(case: &Case, stage: Stage) -> render::Stage {
        match (stage, case.outcome) {
            (Stage::Answer, _) => render::Stage::Answer,
            (Stage::Preliminary, _) => render::Stage::Preliminary,
            (Stage::Closing, Some(Outcome::NotAccepted)) => render::Stage::Refusal,
            (Stage::Closing, Some(Outcome::Referred)) => render::Stage::Referral,
            (Stage::Closing, Some(Outcome::NoAction)) => render::Stage::NoAction,
            (Stage::Closing, Some(Outcome::Resolved | Outcome::Merged | Outcome::Spam | Outcome::Withdrawn) | None) => {
                render::Stage::Closing
            }
        }
    }

    pub(super) fn record_rows(&self, case: &Case, sight: Sight) -> Vec<Row> {
        super::forms::rows(self, case, "record", sight)
    }

    /// 滿意, 不滿意 or neither, of the newest judgement of a round.
    pub(super) fn verdict(case: &Case, round: u32) -> Option<bool> {
        match case.surveys.iter().rev().find(|s| s.round == round).map(|s| s.satisfaction) {
            Some(Satisfaction::Satisfied) => Some(true),
            Some(Satisfaction::Dissatisfied) => Some(false),
            Some(Satisfaction::Neutral) | None => None,
        }
    }

    /// For whom a case waits, as one word of the labels and the names.
    pub(super) fn waiting(&self, case: &Case) -> (String, String) {
        let asked: Vec<_> = case.open_asks().flat_map(|a| a.candidates.clone()).collect();
        if !asked.is_empty() {
            return ("waiting.approval".to_owned(), self.names(&asked));
        }
        match case.state {
            State::Triage => ("waiting.triage".to_owned(), self.settings.office.clone()),
            State::Assigned | State::InProgress | State::AwaitingApproval => ("waiting.handling".to_owned(), self.unit_name(case)),
            State::AwaitingComplainant => ("waiting.complainant".to_owned(), String::new()),
            State::Answered | State::Closing | State::Closed => ("waiting.nobody".to_owned(), String::new()),
        }
    }

    /// The kind of letter that a kept id names; a forward where it names none.
    pub(super) fn kind_named(folder: &str) -> LetterKind {
        LetterKind::from_folder(folder).unwrap_or(LetterKind::Forward)
    }
}
