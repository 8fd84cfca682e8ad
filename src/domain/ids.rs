//! Names of people, units, roles and cases as types of their own, so that one is never taken for another. Used everywhere.

use serde::{Deserialize, Serialize};

/// A person's id in the directory, e.g. `wang`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub String);

/// A unit's id in the directory, e.g. `academic`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(pub String);

/// A role's id in the profile, e.g. `chief_secretary`. `unit_head` and `handler` are resolved for the case at hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleId(pub String);

/// A case's ULID; never shown to people, who know its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(pub String);

impl PersonId {
    /// The id as written in the config.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UnitId {
    /// The id as written in the config.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RoleId {
    /// The id as written in the profile.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CaseId {
    /// The ULID's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
