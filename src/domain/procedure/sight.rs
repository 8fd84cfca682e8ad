//! What a profile says of who sees the complainant: the unit's sight, what 請保密 brings, and 調閱個資.
//! Read by the transitions and by the desk, which blanks accordingly.

use serde::{Deserialize, Serialize};

use super::super::directory;
use super::super::ids::RoleId;
use super::super::passed_on::Told;
use crate::calendar::Length;

/// What the handling unit sees of the complainant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitSees {
    /// All, as the paper forwards the mail itself (KMU 5.1.2.4).
    #[default]
    Full,
    /// Masked.
    Masked,
    /// Nothing.
    Hidden,
}

/// What 請保密 brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// The unit handles the case without knowing who complains (R10).
    #[default]
    Hidden,
    /// That, and the case goes to named persons alone (R79; S 附表一: 請以密件方式辦理).
    Sealed,
}

/// 復知 (R59).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PassedOnRule {
    /// A copy of the answer, or that it was answered.
    pub tell: Told,
    /// What of the complainant stands in it; of a confidential case nothing does.
    pub personal: Shown,
}

/// How much of the complainant a copy of the answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Nothing.
    #[default]
    Hidden,
    /// All: the passer-on knows him.
    Full,
}

/// 調閱個資 (RELIABILITY T27).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosureRule {
    /// Who allows it; never the one who asks.
    pub approver: RoleId,
    /// How long it may be seen.
    pub open_for: Length,
}

impl Default for DisclosureRule {
    fn default() -> Self {
        Self { approver: RoleId(directory::SECRETARIAT.to_owned()), open_for: Length::CalendarDays(3) }
    }
}
