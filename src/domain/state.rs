//! The states of a case, how it can end, and the small enums that describe it (INTERFACE.md `States`, `Outcomes`).

use serde::{Deserialize, Serialize};

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The secretariat is to decide.
    Triage,
    /// Forwarded; nobody has answered yet.
    Assigned,
    /// A handler works on it.
    InProgress,
    /// A question to the complainant is open.
    AwaitingComplainant,
    /// A proposed answer goes up the chain.
    AwaitingApproval,
    /// The answer has left; the complainant may judge it.
    Answered,
    /// Somebody is asked to approve the closing (陳核結案).
    Closing,
    /// Ended.
    Closed,
}

impl State {
    /// All states in the order of a case's life.
    pub const ALL: [Self; 8] = [
        Self::Triage,
        Self::Assigned,
        Self::InProgress,
        Self::AwaitingComplainant,
        Self::AwaitingApproval,
        Self::Answered,
        Self::Closing,
        Self::Closed,
    ];

    /// The name in JSON and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Assigned => "assigned",
            Self::InProgress => "in_progress",
            Self::AwaitingComplainant => "awaiting_complainant",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Answered => "answered",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }
}

/// How a case ended or is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered and settled.
    Resolved,
    /// Facts differ (KMU 5.1.2.3).
    NotAccepted,
    /// Sent to the competent authority.
    Referred,
    /// Registered and filed on a statutory ground (樹谷 註記).
    NoAction,
    /// Goes on in another case.
    Merged,
    /// No complaint at all.
    Spam,
    /// Taken back by the complainant.
    Withdrawn,
}

impl Outcome {
    /// The name in JSON and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::NotAccepted => "not_accepted",
            Self::Referred => "referred",
            Self::NoAction => "no_action",
            Self::Merged => "merged",
            Self::Spam => "spam",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What an approval chain is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Before the answer leaves.
    Answer,
    /// Before the case closes.
    Closing,
    /// Before a preliminary answer (初覆) leaves, which does not end the case.
    Preliminary,
}

/// A deadline's kind (INTERFACE.md `deadlines[].kind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// Start of handling.
    Start,
    /// First response.
    FirstResponse,
    /// Preliminary solution.
    Preliminary,
    /// The answer.
    Answer,
    /// The closing.
    Closing,
}

impl DeadlineKind {
    /// The name in JSON and in label keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::FirstResponse => "first_response",
            Self::Preliminary => "preliminary",
            Self::Answer => "answer",
            Self::Closing => "closing",
        }
    }
}

/// What a complainant thinks of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Satisfaction {
    /// 滿意: consent to closing.
    Satisfied,
    /// Neither.
    Neutral,
    /// 不滿意: the case is taken up again.
    Dissatisfied,
}
