//! A refusal is an answer, not an error: nothing changed, and the sender hears why and what is possible now.

use super::ids::RoleId;
use super::state::State;

/// Why an act was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Only the holders of this role may.
    NotAllowed {
        /// Who may.
        needs: RoleId,
    },
    /// Not in this state.
    NotPossible {
        /// The state.
        state: State,
    },
    /// The step was decided, or another text took its place.
    AlreadyDecided,
    /// Nobody asked this person to decide anything.
    NothingToDecide,
    /// Nobody approves his own text.
    OwnText,
    /// A reason is needed.
    ReasonMissing,
    /// Words are needed.
    TextMissing,
    /// A unit is needed.
    UnitMissing,
    /// No such unit, person, grade, field, case, category.
    Unknown {
        /// `unit`, `person`, …
        what: &'static str,
        /// As written.
        name: String,
    },
    /// It is so already.
    Unchanged,
    /// Whom it waits for was urged today.
    UrgedToday,
    /// Nobody has tried to call the complainant.
    CallFirst,
    /// The complainant can be reached.
    Reachable,
    /// The date is past, beyond the cap, or the last extension is spent.
    DateNotPossible,
    /// It has left already.
    TooLate,
    /// 密件: not to a shared inbox or to further units without release.
    Sealed,
    /// He is complained about in this case.
    Accused,
    /// Work has started: the first promise stands, and only an extension moves the date.
    PromiseStands,
    /// The answer has not reached the complainant.
    AnswerUndelivered,
    /// What was signed on paper needs its scan.
    ScanMissing,
    /// Nobody could confirm what is entered.
    NoSecondPerson,
    /// Nobody confirms what he entered or signed himself.
    OwnEntry,
}

impl Refusal {
    /// The name in the trail and in label keys.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "not_allowed",
            Self::NotPossible { .. } => "not_possible",
            Self::AlreadyDecided => "already_decided",
            Self::NothingToDecide => "nothing_to_decide",
            Self::OwnText => "own_text",
            Self::ReasonMissing => "reason_missing",
            Self::TextMissing => "text_missing",
            Self::UnitMissing => "unit_missing",
            Self::Unknown { .. } => "unknown",
            Self::Unchanged => "unchanged",
            Self::UrgedToday => "urged_today",
            Self::CallFirst => "call_first",
            Self::Reachable => "reachable",
            Self::DateNotPossible => "date_not_possible",
            Self::TooLate => "too_late",
            Self::Sealed => "sealed",
            Self::Accused => "accused",
            Self::PromiseStands => "promise_stands",
            Self::AnswerUndelivered => "answer_undelivered",
            Self::ScanMissing => "scan_missing",
            Self::NoSecondPerson => "no_second_person",
            Self::OwnEntry => "own_entry",
        }
    }
}
