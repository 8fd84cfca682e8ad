//! What somebody of the house wants with a mail on a case: directives, a button, a decision, a proposed answer, a note.
//! Only reads; proof and rights are judged by `proofs` and the procedure.

use super::acts::Asked;
use super::matching::{Belongs, Via};
use super::{Desk, Error, keys};
use crate::domain::case::Acceptance;
use crate::domain::event::{Act, Verdict};
use crate::domain::state::State;
use crate::domain::text::InternalText;
use crate::domain::{Case, PersonId, Refusal};
use crate::mail::Inbound;
use crate::mail::condition::{Condition, condition};
use crate::mail::decision::{self, Decision};
use crate::mail::directive::{self, Directive, Unknown};
use crate::mail::proposal::{self, HandlingKind};
use crate::trust::TokenKind;

/// What a mail asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// These acts, all or none. With the words of each, for an answer that refuses one.
    Acts(Vec<(Act, String)>),
    /// The case as it stands.
    Status,
    /// What can be done.
    Help,
    /// A decision was asked for, and this is none (ask number).
    Undecided(u32),
    /// A line was not understood.
    NotUnderstood(Unknown),
    /// A line is not possible; with the number of a case that was perhaps meant.
    Refused(Refusal, String, Option<String>),
    /// 稽催 of all cases that fit a condition, with its words.
    UrgeAll(Condition, String),
    /// A directive that this version does not bring.
    NotHere(String),
    /// Nothing new was written.
    Nothing,
}

impl Desk {
    /// Reads a mail of `person` on a case.
    pub(super) async fn wish(&self, belongs: &Belongs, person: &PersonId, mail: &Inbound) -> Result<Wish, Error> {
        let case = &belongs.case;
        let ask = self.step_of(belongs, person);
        let paper = belongs.acting.filter(|t| t.kind == TokenKind::Action).and_then(|t| keys::paper_ask(case, t.step));
        if let Some(wish) = paper.and_then(|ask| super::paper::word(ask, mail)) {
            return Ok(wish);
        }
        if let Some(button) = decision::button(&mail.reply_text, &mail.subject) {
            let source = format!("{} {}", button.verb.word(), button.number);
            return Ok(wish_of(self.pressed(case, person, ask, &button), source));
        }
        let parsed = directive::split(&mail.reply_text);
        if let Some(unknown) = parsed.unknown.first() {
            return Ok(Wish::NotUnderstood(unknown.clone()));
        }
        if !parsed.directives.is_empty() {
            return self.directed(case, person, ask, &parsed).await;
        }
        if let Some(ask) = ask {
            return Ok(decided(case, ask, &mail.reply_text));
        }
        Ok(self.plain(case, person, belongs, mail))
    }

    /// The step that a mail answers: by its token, else the one that is open for this person and nothing else is.
    pub(super) fn step_of(&self, belongs: &Belongs, person: &PersonId) -> Option<u32> {
        let case = &belongs.case;
        let token = belongs.acting.or(match belongs.via {
            Via::Token(token) => Some(token),
            Via::Thread | Via::Subject => None,
        });
        match token {
            Some(t) if t.kind == TokenKind::Action && keys::is_ask(t.step) => Some(u32::from(t.step)),
            // A reply to another letter of his is no decision, unless that letter was the request and lost its token.
            Some(t) if t.kind == TokenKind::Action => None,
            Some(t) if t.slot != crate::trust::slot_of(person.as_str()) && t.slot != 0 => None,
            Some(_) | None => self.open_for(case, person),
        }
    }

    fn open_for(&self, case: &Case, person: &PersonId) -> Option<u32> {
        case.open_asks().find(|a| a.candidate(person).is_some()).map(|a| a.ask)
    }

    async fn directed(&self, case: &Case, person: &PersonId, ask: Option<u32>, parsed: &directive::Parsed) -> Result<Wish, Error> {
        let whereto = |d: &Directive| {
            matches!(
                d,
                Directive::Assign(_)
                    | Directive::SelfHandle(_)
                    | Directive::Reject(_)
                    | Directive::Refer { .. }
                    | Directive::NoAction { .. }
            )
        };
        let decides = parsed.directives.iter().any(|l| whereto(&l.directive));
        let mut acts = Vec::new();
        for line in &parsed.directives {
            // 受理 beside a unit says the same once more.
            if decides && line.directive == Directive::Accept {
                continue;
            }
            if line.directive == Directive::Approve && decision::limited(&parsed.rest) {
                // 核准 with a condition below it is no approval: it is returned for that change.
                let reason = InternalText::new(parsed.rest.trim());
                acts.push((Act::Decide { ask, verdict: Verdict::Return { reason } }, line.source.clone()));
                continue;
            }
            if let Directive::Urge(Some(words)) = &line.directive {
                return Ok(match condition(words) {
                    Some(found) => Wish::UrgeAll(found, words.clone()),
                    None => Wish::Refused(Refusal::Unknown { what: "condition", name: words.clone() }, line.source.clone(), None),
                });
            }
            match self.asked(case, person, ask, &line.directive, &parsed.rest).await? {
                Asked::Act(act) => acts.push((act, line.source.clone())),
                Asked::Status => return Ok(Wish::Status),
                Asked::Help => return Ok(Wish::Help),
                Asked::NotHere => return Ok(Wish::NotHere(line.source.clone())),
                Asked::Refused(refusal) => return Ok(Wish::Refused(refusal, line.source.clone(), None)),
                Asked::NoCase { name, near } => {
                    return Ok(Wish::Refused(Refusal::Unknown { what: "case", name }, line.source.clone(), near));
                }
            }
        }
        // How urgent a case is comes first, so that nobody hears of a grade that no longer holds; then where it goes: a handler
        // who is named in the same mail is one of the new unit.
        acts.sort_by_key(|(act, _)| (!matches!(act, Act::Grade { .. }), !matches!(act, Act::Assign { .. } | Act::SelfHandle)));
        Ok(Wish::Acts(acts))
    }

    /// A reply without directives: to the secretariat's question whether a unit fits, or a handler's words.
    fn plain(&self, case: &Case, person: &PersonId, belongs: &Belongs, mail: &Inbound) -> Wish {
        let text = mail.reply_text.as_str();
        let office = self.office.directory.is_office(person, case, self.office.day(self.now()));
        let handles = self.office.directory.may_handle(person, case, self.office.day(self.now()));
        let step = belongs.acting.filter(|t| t.kind == TokenKind::Action).map(|t| t.step);
        if step == Some(keys::EXTENSION_STEP) && case.extension_asked.is_some() && self.grants_time(case, person) {
            return about_extension(case, text);
        }
        if step == Some(keys::IDENTITY_STEP) {
            return about_identity(text);
        }
        let filled = proposal::handling_with(text, &self.form_labels()).proposed.is_some();
        if office && !(handles && filled) && (step == Some(keys::OFFICE_STEP) || !handles) {
            return self.offices_word(case, text);
        }
        self.handlers_words(case, person, mail)
    }

    fn offices_word(&self, case: &Case, text: &str) -> Wish {
        let open = matches!(case.acceptance, Acceptance::Preliminary { .. }) || case.state == State::Triage;
        // 追認, 受理: yes to what was shown.
        if open && crate::mail::wording::confirms(text) {
            return act(Act::Accept, text);
        }
        if case.answer_lost() && crate::mail::wording::told_otherwise(text) {
            return act(Act::TellOtherwise { how: InternalText::new(text.trim()) }, text);
        }
        match decision::decide(text) {
            Decision::Approve if open => act(Act::Accept, text),
            Decision::Empty => Wish::Nothing,
            // A question was asked, and these words answer it with nothing that can be done: its writer hears what can be. 退回 among
            // them: its reason is written to colleagues, and 不受理 would send it to the complainant.
            Decision::Return { .. } | Decision::ChangeAsked { .. } | Decision::Seen | Decision::Unclear if case.state == State::Triage => {
                Wish::NotUnderstood(Unknown { source: first_line(text), nearest: None })
            }
            Decision::Approve
            | Decision::Return { .. }
            | Decision::ChangeAsked { .. }
            | Decision::Edited { .. }
            | Decision::Seen
            | Decision::Unclear => {
                let text_kept = InternalText::new(text.trim());
                act(Act::Note { text: text_kept, fields: [].into(), reads_like_answer: false }, text)
            }
        }
    }

    fn handlers_words(&self, case: &Case, person: &PersonId, mail: &Inbound) -> Wish {
        let text = mail.reply_text.as_str();
        let waiting = case.unconfirmed.as_ref().is_some_and(|u| &u.by == person);
        if waiting && (decision::decide(text) == Decision::Approve || confirms(text)) {
            return act(Act::ConfirmDraft, text);
        }
        let read = self.handlers_reply(case, mail);
        let fields = self.act_fields(&read);
        let handling = InternalText::new(read.handling.trim());
        match (read.kind, read.proposed) {
            // A supplement to a text that was sent back for it: the same text goes up again, with what was added.
            (HandlingKind::Record | HandlingKind::FormFilled, None) if case.supplementing && case.current_draft().is_some() => {
                let text = case.current_draft().map(|d| d.text.clone()).unwrap_or_default();
                act(Act::Propose { text, handling, fields }, "")
            }
            (_, Some(text)) => act(Act::Propose { text: InternalText::new(text.trim()), handling, fields }, ""),
            (HandlingKind::LooksLikeAnswer, None) => act(Act::Note { text: handling, fields, reads_like_answer: true }, ""),
            (HandlingKind::Record | HandlingKind::Note | HandlingKind::FormFilled | HandlingKind::Proposal, None) => {
                if handling.internal().is_empty() && fields.is_empty() {
                    return Wish::Nothing;
                }
                act(Act::Note { text: handling, fields, reads_like_answer: false }, "")
            }
        }
    }
}

fn wish_of(asked: Asked, source: String) -> Wish {
    match asked {
        Asked::Act(found) => Wish::Acts(vec![(found, source)]),
        Asked::Status => Wish::Status,
        Asked::Help => Wish::Help,
        Asked::NotHere => Wish::NotHere(source),
        Asked::Refused(refusal) => Wish::Refused(refusal, source, None),
        Asked::NoCase { name, near } => Wish::Refused(Refusal::Unknown { what: "case", name }, source, near),
    }
}

fn act(found: Act, source: &str) -> Wish {
    Wish::Acts(vec![(found, first_line(source))])
}

fn first_line(text: &str) -> String {
    text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default().to_owned()
}

/// The approver's plain word on a request to see who the complainant is.
fn about_identity(text: &str) -> Wish {
    match decision::decide(text) {
        Decision::Approve => act(Act::GrantIdentity, text),
        Decision::Return { reason } => act(Act::RefuseIdentity { reason: InternalText::new(reason.trim()) }, text),
        Decision::Empty => Wish::Nothing,
        Decision::ChangeAsked { .. } | Decision::Edited { .. } | Decision::Seen | Decision::Unclear => {
            Wish::NotUnderstood(Unknown { source: first_line(text), nearest: None })
        }
    }
}

/// The approver's plain word on an extension that was asked for.
fn about_extension(case: &Case, text: &str) -> Wish {
    let Some(asked) = &case.extension_asked else { return Wish::Nothing };
    match decision::decide(text) {
        Decision::Approve => act(Act::Extend { until: asked.until, reason: asked.reason.clone() }, text),
        Decision::Return { reason } => act(Act::RefuseExtension { reason: InternalText::new(reason.trim()) }, text),
        Decision::Empty => Wish::Nothing,
        Decision::ChangeAsked { .. } | Decision::Edited { .. } | Decision::Seen | Decision::Unclear => {
            Wish::NotUnderstood(Unknown { source: first_line(text), nearest: None })
        }
    }
}

/// An approver's reply to his request.
fn decided(case: &Case, ask: u32, text: &str) -> Wish {
    let reads = case.asks.iter().any(|a| a.ask == ask && a.seen);
    let verdict = |verdict| act(Act::Decide { ask: Some(ask), verdict }, text);
    match decision::decide(text) {
        Decision::Approve => verdict(Verdict::Approve),
        Decision::Seen if reads => verdict(Verdict::Approve),
        Decision::Return { reason } if reason.trim().is_empty() => Wish::Undecided(ask),
        Decision::Return { reason } => verdict(Verdict::Return { reason: InternalText::new(reason.trim()) }),
        Decision::ChangeAsked { text } => verdict(Verdict::Return { reason: InternalText::new(text.trim()) }),
        Decision::Edited { text } => verdict(Verdict::Edit { text: InternalText::new(text.trim()), comment: InternalText::default() }),
        Decision::Seen | Decision::Unclear | Decision::Empty => Wish::Undecided(ask),
    }
}

/// 確認, 是, 對: words that confirm beside those that approve.
fn confirms(text: &str) -> bool {
    let parsed = directive::split(text);
    if parsed.directives.iter().any(|l| l.directive == Directive::Confirm) {
        return true;
    }
    crate::mail::wording::confirms(text)
}
