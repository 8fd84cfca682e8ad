//! Telephone calls and who is to make them, and the sheet on which a grade was decided: what a case keeps of both (R58, R66, R76).
//! Plain data, written by `transition` alone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::directory::Standing;
use super::ids::PersonId;
use super::text::InternalText;
use crate::calendar::Moment;

/// A call that was made or tried (`#電聯`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// When.
    pub at: Moment,
    /// Who called.
    pub by: PersonId,
    /// Who was called.
    pub callee: Callee,
    /// What came of it.
    pub result: CallResult,
    /// What was said, as reported.
    pub text: InternalText,
    /// The round.
    pub round: u32,
}

/// Who was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "who")]
pub enum Callee {
    /// The complainant.
    Complainant,
    /// People of the directory; none named: all whom the caller was to call.
    People {
        /// Who.
        people: Vec<PersonId>,
    },
    /// Somebody else, as written.
    Other {
        /// The words.
        name: InternalText,
    },
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallResult {
    /// Nobody answered.
    Failed,
    /// He was reached.
    Reached,
    /// The answer was given on the telephone.
    Answered,
    /// He is satisfied, or agrees that the case is closed.
    Consented,
    /// He is not satisfied.
    Dissatisfied,
}

impl CallResult {
    /// Its name in JSON and labels.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Reached => "reached",
            Self::Answered => "answered",
            Self::Consented => "consented",
            Self::Dissatisfied => "dissatisfied",
        }
    }
}

/// Why somebody is to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallReason {
    /// People of the house hear of a case of this grade (通知等級).
    Notice,
    /// The complainant said nothing to the answer (客戶結案確認).
    FollowUp,
}

/// A call that a named person is to make; ends when it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTask {
    /// Numbers the tasks of a case from 1.
    pub task: u32,
    /// Who calls.
    pub caller: Standing,
    /// Why.
    pub reason: CallReason,
    /// Whom, of the directory; empty for the complainant.
    pub people: Vec<PersonId>,
    /// Which of them were reached.
    pub reached: BTreeSet<PersonId>,
    /// Since when.
    pub asked_at: Moment,
    /// When it was done, or no longer needed.
    pub done_at: Option<Moment>,
}

impl CallTask {
    /// Whether somebody still has to call.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.done_at.is_none()
    }
}

/// On what a grade was decided (R76). The older sheets of a case are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeSheet {
    /// The grade.
    pub grade: String,
    /// The criteria that were ticked, in the profile's words.
    pub criteria: Vec<String>,
    /// Why, in the decider's words.
    pub reason: InternalText,
    /// Who decided; nobody where the profile's words or its default did.
    pub by: Option<PersonId>,
    /// When.
    pub at: Moment,
}
