//! Letters as kinds: the folder of each below `letters/`, also the id under which the store keeps it, and whether complainants get it.
//! What each says is its variant of `Body`.

use serde::Serialize;

/// The letter as a kind: its folder, and whether complainants get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "named and described as the variants of Body")]
pub enum LetterKind {
    Acknowledgement,
    Transfer,
    Question,
    Preliminary,
    Extension,
    DelayReason,
    Answer,
    Refusal,
    Referral,
    Closing,
    NoticeReceived,
    Merged,
    ToldBack,
    AddressChanged,
    Triage,
    Forward,
    AutoForwarded,
    ConfirmDraft,
    ApprovalRequest,
    GivenBack,
    Copied,
    TakenAway,
    ExtensionAsked,
    ExtensionGranted,
    ExtensionRefused,
    Files,
    IdentityAsked,
    IdentityShown,
    IdentityRefused,
    PaperEntered,
    PaperRefused,
    WorldsMet,
    Returned,
    FormIncomplete,
    Resumed,
    Dissatisfied,
    ComplainantWrote,
    Reminder,
    ApprovalReminder,
    Undelivered,
    AutoReplyNoted,
    Refused,
    NotAdopted,
    AskDecision,
    Quarantined,
    DecisionNotice,
    Status,
    Urged,
    Help,
    StrangerMail,
    OldMail,
    DirectoryProposal,
    DirectoryDecided,
    PeopleReview,
    HandedOver,
    SecondPerson,
    Alarm,
    Digest,
    SurveyReceived,
    Notice,
    CallTask,
    EscalationDemanded,
}

impl LetterKind {
    /// All of them, those to complainants first.
    pub const ALL: [Self; 62] = [
        Self::Acknowledgement,
        Self::Transfer,
        Self::Question,
        Self::Preliminary,
        Self::Extension,
        Self::DelayReason,
        Self::Answer,
        Self::Refusal,
        Self::Referral,
        Self::Closing,
        Self::NoticeReceived,
        Self::Merged,
        Self::ToldBack,
        Self::AddressChanged,
        Self::Triage,
        Self::Forward,
        Self::AutoForwarded,
        Self::ConfirmDraft,
        Self::ApprovalRequest,
        Self::GivenBack,
        Self::Copied,
        Self::TakenAway,
        Self::ExtensionAsked,
        Self::ExtensionGranted,
        Self::ExtensionRefused,
        Self::Files,
        Self::IdentityAsked,
        Self::IdentityShown,
        Self::IdentityRefused,
        Self::PaperEntered,
        Self::PaperRefused,
        Self::WorldsMet,
        Self::Returned,
        Self::FormIncomplete,
        Self::Resumed,
        Self::Dissatisfied,
        Self::ComplainantWrote,
        Self::Reminder,
        Self::ApprovalReminder,
        Self::Undelivered,
        Self::AutoReplyNoted,
        Self::Refused,
        Self::NotAdopted,
        Self::AskDecision,
        Self::Quarantined,
        Self::DecisionNotice,
        Self::Status,
        Self::Urged,
        Self::Help,
        Self::StrangerMail,
        Self::OldMail,
        Self::DirectoryProposal,
        Self::DirectoryDecided,
        Self::PeopleReview,
        Self::HandedOver,
        Self::SecondPerson,
        Self::Alarm,
        Self::Digest,
        Self::SurveyReceived,
        Self::Notice,
        Self::CallTask,
        Self::EscalationDemanded,
    ];

    /// The folder below `letters/`, also the id under which the store keeps the kind.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm a letter")]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::Transfer => "transfer",
            Self::Question => "question",
            Self::Preliminary => "preliminary",
            Self::Extension => "extension",
            Self::DelayReason => "delay_reason",
            Self::Answer => "answer",
            Self::Refusal => "refusal",
            Self::Referral => "referral",
            Self::Closing => "closing",
            Self::NoticeReceived => "notice_received",
            Self::Merged => "merged",
            Self::ToldBack => "told_back",
            Self::AddressChanged => "address_changed",
            Self::Triage => "triage",
            Self::Forward => "forward",
            Self::AutoForwarded => "auto_forwarded",
            Self::ConfirmDraft => "confirm_draft",
            Self::ApprovalRequest => "approval_request",
            Self::GivenBack => "given_back",
            Self::Copied => "copied",
            Self::TakenAway => "taken_away",
            Self::ExtensionAsked => "extension_asked",
            Self::ExtensionGranted => "extension_granted",
            Self::ExtensionRefused => "extension_refused",
            Self::Files => "files",
            Self::IdentityAsked => "identity_asked",
            Self::IdentityShown => "identity_shown",
            Self::IdentityRefused => "identity_refused",
            Self::PaperEntered => "paper_entered",
            Self::PaperRefused => "paper_refused",
            Self::WorldsMet => "worlds_met",
            Self::Returned => "returned",
            Self::FormIncomplete => "form_incomplete",
            Self::Resumed => "resumed",
            Self::Dissatisfied => "dissatisfied",
            Self::ComplainantWrote => "complainant_wrote",
            Self::Reminder => "reminder",
            Self::ApprovalReminder => "approval_reminder",
            Self::Undelivered => "undelivered",
            Self::AutoReplyNoted => "auto_reply_noted",
            Self::Refused => "refused",
            Self::NotAdopted => "not_adopted",
            Self::AskDecision => "ask_decision",
            Self::Quarantined => "quarantined",
            Self::DecisionNotice => "decision_notice",
            Self::Status => "status",
            Self::Urged => "urged",
            Self::Help => "help",
            Self::StrangerMail => "stranger_mail",
            Self::OldMail => "old_mail",
            Self::DirectoryProposal => "directory_proposal",
            Self::DirectoryDecided => "directory_decided",
            Self::PeopleReview => "people_review",
            Self::HandedOver => "handed_over",
            Self::SecondPerson => "second_person",
            Self::Alarm => "alarm",
            Self::Digest => "digest",
            Self::SurveyReceived => "survey_received",
            Self::Notice => "notice",
            Self::CallTask => "call_task",
            Self::EscalationDemanded => "escalation_demanded",
        }
    }

    /// The kind kept under that id.
    #[must_use]
    pub fn from_folder(folder: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.folder() == folder)
    }

    /// Whether complainants get it: the closed list of R21.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm a letter")]
    pub const fn is_public(self) -> bool {
        match self {
            Self::Acknowledgement
            | Self::Transfer
            | Self::Question
            | Self::Preliminary
            | Self::Extension
            | Self::DelayReason
            | Self::Answer
            | Self::Refusal
            | Self::Referral
            | Self::Closing
            | Self::NoticeReceived
            | Self::Merged
            | Self::ToldBack
            | Self::AddressChanged => true,
            Self::Triage
            | Self::Forward
            | Self::AutoForwarded
            | Self::ConfirmDraft
            | Self::ApprovalRequest
            | Self::GivenBack
            | Self::Copied
            | Self::TakenAway
            | Self::ExtensionAsked
            | Self::ExtensionGranted
            | Self::ExtensionRefused
            | Self::Files
            | Self::IdentityAsked
            | Self::IdentityShown
            | Self::IdentityRefused
            | Self::PaperEntered
            | Self::PaperRefused
            | Self::WorldsMet
            | Self::Returned
            | Self::FormIncomplete
            | Self::Resumed
            | Self::Dissatisfied
            | Self::ComplainantWrote
            | Self::Reminder
            | Self::ApprovalReminder
            | Self::Undelivered
            | Self::AutoReplyNoted
            | Self::Refused
            | Self::NotAdopted
            | Self::AskDecision
            | Self::Quarantined
            | Self::DecisionNotice
            | Self::Status
            | Self::Urged
            | Self::Help
            | Self::StrangerMail
            | Self::OldMail
            | Self::DirectoryProposal
            | Self::DirectoryDecided
            | Self::PeopleReview
            | Self::HandedOver
            | Self::SecondPerson
            | Self::Alarm
            | Self::Digest
            | Self::SurveyReceived
            | Self::Notice
            | Self::CallTask
            | Self::EscalationDemanded => false,
        }
    }

    /// Whether the letter asks for an approval: it, and no other, carries a button with 核准 or 同意.
    #[must_use]
    pub const fn asks_approval(self) -> bool {
        matches!(self, Self::ApprovalRequest)
    }
}
