//! The closing checklist (R63): what the paper wants to be so before a case closes, and what of it is not. It is told to who works
//! on the case and shown to who approves the closing; it holds nothing up. Pure; asked by `transition` and the clerk.

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::procedure::Procedure;
use super::reply_form;
use super::state::{Outcome, Satisfaction};

/// One thing that the paper wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckItem {
    /// The complainant accepts what was done (PT 5.6.2; 程曦 客戶結案確認).
    Accepted,
    /// The record form's fields that are needed by then are filled.
    Records,
    /// The handling record is complete.
    Handling,
}

/// What is not so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// The complainant has not accepted it.
    Accepted,
    /// This field of the record form is empty.
    Field(String),
    /// This field of the handling record is empty.
    Handling(String),
}

/// When a field must be filled before the closing: `always`, or when the field with this id is.
pub const ALWAYS: &str = "always";

/// What the checklist still lacks for a case that was answered.
#[must_use]
pub fn unmet(case: &Case, procedure: &Procedure) -> Vec<Unmet> {
    if case.outcome.is_some_and(|o| o != Outcome::Resolved) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for item in &procedure.close.checklist {
        match item {
            CheckItem::Accepted if !accepted(case) => found.push(Unmet::Accepted),
            CheckItem::Accepted => {}
            CheckItem::Records => {
                let filled = |id: &str| case.record.get(id).is_some_and(|v| !v.reveal().trim().is_empty());
                let needed = procedure.fields.iter().filter(|f| f.closing.as_deref().is_some_and(|when| when == ALWAYS || filled(when)));
                found.extend(needed.filter(|f| !filled(&f.id)).map(|f| Unmet::Field(f.id.clone())));
            }
            CheckItem::Handling => found.extend(reply_form::lacks(case, procedure).fields.into_iter().map(Unmet::Handling)),
        }
    }
    found
}

/// Whether the complainant has agreed, in whatever way, to this round's answer.
#[must_use]
pub fn accepted(case: &Case) -> bool {
    case.surveys.iter().rev().find(|s| s.round == case.round).is_some_and(|s| s.satisfaction == Satisfaction::Satisfied)
}
