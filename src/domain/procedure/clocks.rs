//! What a profile says of time: deadlines and what starts them, reminders, how long decisions may wait, extensions, the survey's days.
//! Read by `domain::deadline` and the timers; lengths are counted by the calendar.

use serde::{Deserialize, Serialize};

use super::super::ids::RoleId;
use super::super::state::DeadlineKind;
use crate::calendar::{Hour, Length};

/// One clock (R67).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRule {
    /// What is due.
    pub kind: DeadlineKind,
    /// How long after the start event.
    pub length: Length,
    /// What starts it.
    #[serde(default)]
    pub start: StartEvent,
    /// Received at or after this hour counts as the next day (下午4時後).
    #[serde(default)]
    pub cut_off: Option<Hour>,
    /// What is past the cut-off hour, or comes on a day off, gets this length from its own moment instead (翌日中午前).
    #[serde(default)]
    pub late: Option<Length>,
}

/// What starts a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartEvent {
    /// 接獲: the mail's arrival, or the new round.
    #[default]
    Received,
    /// 受理.
    Accepted,
    /// 分文: handed to a unit.
    Assigned,
}

/// One reminder of a deadline. `offset` is signed: `-2wd` before, `0d` at, `1wd` after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// Which deadline.
    pub deadline: DeadlineKind,
    /// Before (`before`), or after (`after`) the deadline by this length; neither: at it.
    #[serde(default)]
    pub before: Option<Length>,
    /// See `before`.
    #[serde(default)]
    pub after: Option<Length>,
    /// Who hears it: roles, `unit_head`, `handler` (the unit's inbox while there is none).
    pub to: Vec<RoleId>,
}

/// How long decisions may wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Urge {
    /// An approver.
    pub approval: Length,
    /// The secretariat, with a case to triage.
    pub triage: Length,
    /// The secretariat, with an auto-forward to confirm (追認).
    pub confirm: Length,
    /// Who is to make a call; default: as long as an approver.
    #[serde(default)]
    pub call: Option<Length>,
    /// How often each is urged at most.
    pub times: u32,
}

/// Limits of extensions (R28).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionRule {
    /// How many.
    pub times: u32,
    /// No later than this after the first deadline.
    pub at_most: Length,
    /// Who grants it.
    pub approver: RoleId,
}

/// The survey's times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyRule {
    /// How long the link works.
    pub open_for: Length,
}
