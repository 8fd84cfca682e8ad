//! Which token a letter's reply address carries, and whom a token was made for.

use jiff::civil::Date;

use super::Desk;
use crate::domain::directory::Standing;
use crate::domain::{Case, Letter, PersonId, Recipient, UnitId};
use crate::trust::{Token, TokenKind, slot_of};

/// Action tokens of letters that ask the office for a decision that is no step of a chain.
pub(super) const OFFICE_STEP: u16 = 0;
/// Action tokens of the letter that asks for an extension: a plain 可 in reply to it grants the time and accepts nothing else.
pub(super) const EXTENSION_STEP: u16 = Token::MAX_STEP - 1;

/// Action tokens of the letter that asks whether somebody may see who the complainant is.
pub(super) const IDENTITY_STEP: u16 = Token::MAX_STEP - 2;

/// Action tokens of the letters that lay a paper decision before a second person begin here; the step's number follows.
const PAPER_STEP: u16 = 900;
/// How many steps of a case can be told apart so.
const PAPERS: u16 = 100;

/// Whether a step is one of a chain.
pub(super) const fn is_ask(step: u16) -> bool {
    step != OFFICE_STEP && step < PAPER_STEP
}

/// The token's step for a paper decision on `ask`.
pub(super) fn paper_step(ask: u32) -> u16 {
    PAPER_STEP + u16::try_from(ask % u32::from(PAPERS)).unwrap_or(0)
}

/// The open step of a case whose paper decision a token is about.
pub(super) fn paper_ask(case: &Case, step: u16) -> Option<u32> {
    (PAPER_STEP..PAPER_STEP + PAPERS).contains(&step).then(|| case.asks.iter().rev().map(|a| a.ask).find(|a| paper_step(*a) == step))?
}

/// A unit's slot.
pub(super) fn unit_slot(unit: &UnitId) -> u32 {
    slot_of(&format!("unit:{}", unit.as_str()))
}

/// The case's serial as tokens carry it.
pub(super) fn serial(case: &Case) -> u32 {
    u32::try_from(case.serial).unwrap_or(Token::MAX_SERIAL)
}

/// The token for a reply to `letter`.
pub(super) fn token(case: &Case, to: &Recipient, letter: &Letter) -> Token {
    let case_serial = serial(case);
    match to {
        Recipient::Complainant | Recipient::PasserOn => Token { kind: TokenKind::Public, case_serial, slot: 0, step: 0 },
        Recipient::Unit(unit) => Token { kind: TokenKind::Route, case_serial, slot: unit_slot(unit), step: 0 },
        Recipient::Person(standing) => {
            let slot = slot_of(standing.person.as_str());
            match letter {
                // A reminder asks for the same decision: a plain reply to it decides as well.
                Letter::ApprovalRequest { ask } | Letter::DecisionWaits { ask: Some(ask), .. } => {
                    Token { kind: TokenKind::Action, case_serial, slot, step: u16::try_from(*ask).unwrap_or(Token::MAX_STEP) }
                }
                Letter::Triage { .. }
                | Letter::AutoForwarded
                | Letter::Dissatisfied { .. }
                | Letter::GivenBack { .. }
                | Letter::DecisionWaits { ask: None, .. }
                | Letter::StrangerWrote { .. }
                | Letter::ComplainantWrote { .. }
                | Letter::Undelivered { .. }
                | Letter::Returned { .. }
                // Its reader may close without consent, with the reason.
                | Letter::CallTask { .. }
                | Letter::DecisionNotice { .. } => Token { kind: TokenKind::Action, case_serial, slot, step: OFFICE_STEP },
                Letter::IdentityAsked { .. } => Token { kind: TokenKind::Action, case_serial, slot, step: IDENTITY_STEP },
                Letter::WorldsMet { .. } => Token { kind: TokenKind::Action, case_serial, slot, step: OFFICE_STEP },
                Letter::PaperEntered { ask } => Token { kind: TokenKind::Action, case_serial, slot, step: paper_step(*ask) },
                Letter::ExtensionAsked => Token { kind: TokenKind::Action, case_serial, slot, step: EXTENSION_STEP },
                // The answer to a demand for a new date is the demand's own act, by directive or button.
                Letter::Notice { .. }
                | Letter::EscalationDemanded { .. }
                | Letter::Preliminary { .. }
                | Letter::DelayReason { .. }
                | Letter::Acknowledgement
                | Letter::Transfer
                | Letter::Question { .. }
                | Letter::Extension { .. }
                | Letter::Answer { .. }
                | Letter::Refusal { .. }
                | Letter::Referral { .. }
                | Letter::Merged { .. }
                | Letter::ToldBack { .. }
                | Letter::Closing
                | Letter::Forward
                | Letter::ConfirmDraft
                | Letter::FormIncomplete
                | Letter::Resumed { .. }
                | Letter::Reminder { .. }
                | Letter::SurveyReceived
                | Letter::Copy { .. }
                | Letter::ExtensionGranted { .. }
                | Letter::ExtensionRefused { .. }
                | Letter::Files { .. }
                | Letter::IdentityShown { .. }
                | Letter::IdentityRefused { .. }
                | Letter::PaperRefused { .. }
                | Letter::TakenAway => Token { kind: TokenKind::Route, case_serial, slot, step: 0 },
            }
        }
    }
}

impl Desk {
    /// Whether a token was made for this person, for whom he stands in for, for his unit, or for nobody in particular.
    pub(super) fn made_for(&self, token: &Token, person: &PersonId, case: &Case, day: Date) -> bool {
        if token.kind == TokenKind::Public {
            return false;
        }
        let directory = &self.office.directory;
        if token.slot == 0 || token.slot == slot_of(person.as_str()) {
            return true;
        }
        let principal = directory.people.keys().find(|p| slot_of(p.as_str()) == token.slot);
        if principal.is_some_and(|p| &directory.standing(p, day).person == person) {
            return true;
        }
        // What went to a deputy may be answered by the one he stands in for.
        if principal.is_some_and(|p| &directory.standing(person, day).person == p) {
            return true;
        }
        directory.units.keys().any(|u| unit_slot(u) == token.slot) && directory.may_handle(person, case, day)
    }

    /// As whom a person acts on a case: for himself, or for the one whose token he holds.
    pub(super) fn standing_of(&self, token: Option<&Token>, person: &PersonId, day: Date) -> Standing {
        let principal =
            token.and_then(|t| self.office.directory.people.keys().find(|p| slot_of(p.as_str()) == t.slot)).filter(|p| *p != person);
        let deputises = principal.filter(|p| &self.office.directory.standing(p, day).person == person).cloned();
        Standing { person: person.clone(), deputises }
    }
}
