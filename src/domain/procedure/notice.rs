//! What a profile says of who hears of a case beside those who handle it (R66), of promises, and of what a broken one brings.
//! Read by the transitions of notices and promises.

use serde::{Deserialize, Serialize};

use super::super::ids::RoleId;
use crate::calendar::Length;

/// One line of the notice matrix: cases of these grades are told to these roles by this means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRule {
    /// Of these grades; empty: of every grade.
    #[serde(default)]
    pub grades: Vec<String>,
    /// Who hears it; a role that nobody holds hears nothing.
    pub to: Vec<RoleId>,
    /// How.
    pub by: Means,
    /// Who calls, for `phone`; default: the office.
    #[serde(default)]
    pub caller: Option<RoleId>,
    /// What the reader is asked to do, in the paper's words (請相關業務至電關懷).
    #[serde(default)]
    pub note: String,
}

/// How a notice goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// A mail.
    Mail,
    /// A short message to the person's telephone.
    Sms,
    /// A task for the caller, closed by `#電聯`.
    Phone,
}

impl Means {
    /// The name in label keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Phone => "phone",
        }
    }
}

/// How far a promise may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseRule {
    /// No later than the standard date.
    #[default]
    Within,
    /// As agreed with the complainant.
    Free,
}

/// What a broken promise brings about (R64).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationRule {
    /// Who is brought in beside the handler.
    pub to: Vec<RoleId>,
    /// How long until the demand for a new date is repeated.
    pub urge: Length,
}
