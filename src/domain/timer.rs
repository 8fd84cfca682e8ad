//! Timers: what is to happen later, by name, so that arming the same one twice moves it and disarming finds it.
//! The store keeps the text form; the clerk turns a due one into an event.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::state::DeadlineKind;

/// Which timer of a case. Its text form is its key in the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum TimerKey {
    /// The n-th reminder rule of a deadline in a round.
    Reminder {
        /// Which deadline.
        kind: DeadlineKind,
        /// Index into the profile's reminders.
        rule: u32,
    },
    /// The deadline itself passes.
    Passed {
        /// Which.
        kind: DeadlineKind,
    },
    /// An approver is urged for the n-th time.
    Approval {
        /// The step.
        ask: u32,
        /// How often before.
        times: u32,
    },
    /// The secretariat is urged to triage.
    Triage {
        /// How often before.
        times: u32,
    },
    /// The secretariat is urged to confirm an auto-forward.
    Confirm {
        /// How often before.
        times: u32,
    },
    /// The complainant has been silent long enough.
    Silence,
    /// Whoever is to make a call is urged for the n-th time.
    Call {
        /// The task.
        task: u32,
        /// How often before.
        times: u32,
    },
    /// A new date for a broken promise is demanded again.
    Escalation {
        /// How often before.
        times: u32,
    },
    /// No conclusion for so long: the complainant is told why.
    Delay,
}

const KINDS: [DeadlineKind; 5] =
    [DeadlineKind::Start, DeadlineKind::FirstResponse, DeadlineKind::Preliminary, DeadlineKind::Answer, DeadlineKind::Closing];

impl fmt::Display for TimerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reminder { kind, rule } => write!(f, "reminder:{}:{rule}", kind.name()),
            Self::Passed { kind } => write!(f, "passed:{}", kind.name()),
            Self::Approval { ask, times } => write!(f, "approval:{ask}:{times}"),
            Self::Triage { times } => write!(f, "triage:{times}"),
            Self::Confirm { times } => write!(f, "confirm:{times}"),
            Self::Silence => f.write_str("silence"),
            Self::Call { task, times } => write!(f, "call:{task}:{times}"),
            Self::Escalation { times } => write!(f, "escalation:{times}"),
            Self::Delay => f.write_str("delay"),
        }
    }
}

/// A timer's text that is none of ours: the store was written by another version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown timer {0:?}")]
pub struct UnknownTimer(String);

impl FromStr for TimerKey {
    type Err = UnknownTimer;

    fn from_str(text: &str) -> Result<Self, UnknownTimer> {
        let unknown = || UnknownTimer(text.to_owned());
        let mut parts = text.split(':');
        let head = parts.next().unwrap_or_default();
        let first = parts.next().unwrap_or_default();
        let number = |t: &str| t.parse::<u32>().map_err(|_| unknown());
        let kind = || KINDS.into_iter().find(|k| k.name() == first).ok_or_else(unknown);
        match head {
            "reminder" => Ok(Self::Reminder { kind: kind()?, rule: number(parts.next().unwrap_or_default())? }),
            "passed" => Ok(Self::Passed { kind: kind()? }),
            "approval" => Ok(Self::Approval { ask: number(first)?, times: number(parts.next().unwrap_or_default())? }),
            "triage" => Ok(Self::Triage { times: number(first)? }),
            "confirm" => Ok(Self::Confirm { times: number(first)? }),
            "silence" => Ok(Self::Silence),
            "call" => Ok(Self::Call { task: number(first)?, times: number(parts.next().unwrap_or_default())? }),
            "escalation" => Ok(Self::Escalation { times: number(first)? }),
            "delay" => Ok(Self::Delay),
            _ => Err(unknown()),
        }
    }
}

impl From<TimerKey> for String {
    fn from(key: TimerKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for TimerKey {
    type Error = UnknownTimer;

    fn try_from(text: String) -> Result<Self, UnknownTimer> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_back_as_written() {
        let keys = [
            TimerKey::Reminder { kind: DeadlineKind::FirstResponse, rule: 2 },
            TimerKey::Passed { kind: DeadlineKind::Answer },
            TimerKey::Approval { ask: 7, times: 1 },
            TimerKey::Triage { times: 0 },
            TimerKey::Confirm { times: 0 },
            TimerKey::Silence,
            TimerKey::Call { task: 2, times: 1 },
            TimerKey::Escalation { times: 3 },
            TimerKey::Delay,
        ];
        for key in keys {
            assert_eq!(key.to_string().parse::<TimerKey>(), Ok(key));
        }
        assert!("reminder:lunch:1".parse::<TimerKey>().is_err());
    }
}
