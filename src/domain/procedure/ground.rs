//! Where a complaint goes that is not answered: competent authorities, and the grounds on which it is filed.
//! Read by triage; the desk looks for the hints.

use serde::{Deserialize, Serialize};

/// A competent authority (R12).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Other names under which people know it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How to reach it.
    pub contact: String,
}

/// A ground for 存查.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// As directives name it: `1` for 第一款.
    pub id: String,
    /// The ground's own words.
    pub text: String,
    /// What points to it in a complaint that waits for triage (R90).
    #[serde(default)]
    pub hint: Option<GroundHint>,
}

/// What points to a ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroundHint {
    /// No name or no address was given, or hardly a word was said.
    Incomplete,
    /// The same complainant has an earlier case that was answered.
    AnsweredBefore,
    /// A letter to the complainant came back.
    FalseIdentity,
    /// The mail went to other authorities as well.
    OtherAuthorities,
}

impl GroundHint {
    /// The name in label keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::AnsweredBefore => "answered_before",
            Self::FalseIdentity => "false_identity",
            Self::OtherAuthorities => "other_authorities",
        }
    }
}
