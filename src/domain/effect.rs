//! What a step wants done, as data. `desk::carry_out` does it, in the transaction that keeps the event.

use serde::{Deserialize, Serialize};

use super::directory::Standing;
use super::ids::{PersonId, UnitId};
use super::state::DeadlineKind;
use super::text::{InternalText, PublicText};
use super::timer::TimerKey;
use crate::calendar::Moment;

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// A letter is to leave, not before `not_before` if given.
    Send {
        /// To whom.
        to: Recipient,
        /// Which letter.
        letter: Letter,
        /// Waits until then (the recall window).
        not_before: Option<Moment>,
    },
    /// A letter of this kind that has not left is to stay.
    Withhold {
        /// The draft whose answer stays.
        draft: u32,
    },
    /// Something is to happen later.
    Arm(TimerKey, Moment),
    /// All timers whose key begins so are off.
    Disarm(String),
    /// A survey for this round; its link stands in the answer.
    OpenSurvey,
    /// The case is kept whatever its time, with the reason; or no longer.
    Hold(Option<InternalText>),
    /// A line in the secretariat's digest.
    Tell(Note),
    /// A short message to somebody's telephone.
    Sms {
        /// To whom.
        to: Standing,
        /// Index into the profile's notices.
        rule: u32,
    },
}

/// Who gets a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recipient {
    /// The complainant.
    Complainant,
    /// Somebody of the directory.
    Person(Standing),
    /// A unit's inbox.
    Unit(UnitId),
    /// Who passed the complaint on, by the address that he wrote from.
    PasserOn,
}

/// Every letter about a case, with what is particular to it. The words are render's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letter {
    // To the complainant.
    /// 收件通知.
    Acknowledgement,
    /// 移轉通知 (R60).
    Transfer,
    /// A question.
    Question {
        /// The words.
        text: PublicText,
    },
    /// The date has been moved.
    Extension {
        /// The new date.
        until: Moment,
        /// Why.
        reason: PublicText,
    },
    /// 初覆: a preliminary answer, approved.
    Preliminary {
        /// Which draft.
        draft: u32,
    },
    /// Why it takes long (R67), with the reason that was given for the last extension, if any.
    DelayReason {
        /// Why.
        reason: Option<PublicText>,
    },
    /// The approved answer.
    Answer {
        /// Which draft.
        draft: u32,
    },
    /// 不予受理.
    Refusal {
        /// The words.
        text: PublicText,
    },
    /// 轉介.
    Referral {
        /// To whom.
        agency: String,
        /// How to reach it.
        contact: String,
        /// The words.
        text: PublicText,
    },
    /// 併案.
    Merged {
        /// The number that it goes on under.
        into: String,
    },
    /// 結案通知.
    Closing,
    /// 復知: who passed the complaint on hears the result.
    ToldBack {
        /// The answer, where there is one.
        draft: Option<u32>,
    },
    // To the office and the units.
    /// The secretariat is to decide.
    Triage {
        /// Why nobody was sent it.
        reason: String,
    },
    /// The unit (or handler) is to handle it.
    Forward,
    /// The secretariat is shown an auto-forward (追認).
    AutoForwarded,
    /// R56: is this the answer?
    ConfirmDraft,
    /// Its writer hears what his handling record or his answer lacks.
    FormIncomplete,
    /// Somebody is to decide on a step.
    ApprovalRequest {
        /// Which.
        ask: u32,
    },
    /// An approver sent it back.
    Returned {
        /// Who.
        by: Standing,
        /// Why.
        reason: InternalText,
        /// What is wanted.
        how: SentBack,
    },
    /// Taken up again.
    Resumed {
        /// The complainant's or the office's words.
        words: InternalText,
    },
    /// The secretariat hears that somebody is not satisfied.
    Dissatisfied {
        /// His words.
        words: InternalText,
    },
    /// The complainant wrote more.
    ComplainantWrote {
        /// His words.
        words: InternalText,
    },
    /// A deadline nears, is here or has passed.
    Reminder {
        /// Which.
        kind: DeadlineKind,
        /// When.
        due_at: Moment,
    },
    /// A decision waits.
    DecisionWaits {
        /// `approval`, `triage` or `confirm`.
        what: String,
        /// The step, for an approval.
        ask: Option<u32>,
    },
    /// A letter did not arrive.
    Undelivered {
        /// Which kind.
        letter: String,
        /// To whom.
        recipient: String,
        /// The server's status.
        status: String,
    },
    /// The approver may call his approval back until then.
    DecisionNotice {
        /// Until when.
        until: Moment,
    },
    /// Somebody who is no party wrote.
    StrangerWrote {
        /// His address.
        from: String,
        /// His words.
        words: InternalText,
    },
    /// A survey came back.
    SurveyReceived,
    /// A unit gave the case back.
    GivenBack {
        /// Why.
        reason: InternalText,
        /// Which unit.
        unit: UnitId,
        /// To which other one it passed it on, where it did.
        to: Option<UnitId>,
    },
    /// 副知: for information, without who complained.
    Copy {
        /// What the office says to it.
        words: InternalText,
    },
    /// Somebody asks for more time.
    ExtensionAsked,
    /// The office grants it: the new date.
    ExtensionGranted {
        /// The new date's end.
        until: Moment,
    },
    /// The office does not grant it.
    ExtensionRefused {
        /// Why.
        reason: InternalText,
    },
    /// To a second person: a decision on paper was entered, with its scan.
    PaperEntered {
        /// The step.
        ask: u32,
    },
    /// To who entered it: the second person finds it wrong.
    PaperRefused {
        /// Why.
        reason: InternalText,
    },
    /// The case was taken off a unit.
    TakenAway,
    /// The complainant's files, released to who handles it without knowing him.
    Files {
        /// Those of mails after this moment; none: all.
        since: Option<Moment>,
    },
    /// Somebody asks to see who the complainant is.
    IdentityAsked {
        /// Who.
        by: PersonId,
        /// Why.
        reason: InternalText,
    },
    /// He may see it.
    IdentityShown {
        /// Until then.
        until: Moment,
    },
    /// He may not.
    IdentityRefused {
        /// Why.
        reason: InternalText,
    },
    /// A mail was addressed to both worlds at once; nothing was relayed (RELIABILITY T28).
    WorldsMet {
        /// Whose mail.
        from: String,
        /// Addresses of the other world that stood in To or Cc.
        others: Vec<String>,
    },
    /// Somebody hears of a case of its grade (通知等級).
    Notice {
        /// Index into the profile's notices.
        rule: u32,
    },
    /// Somebody is to make a call.
    CallTask {
        /// Which.
        task: u32,
    },
    /// A promise is broken: a new date with its reason is demanded (升級申請).
    EscalationDemanded {
        /// What was promised.
        kind: DeadlineKind,
        /// For when.
        due_at: Moment,
    },
}

/// What an approver wants who does not approve (中油 程序(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentBack {
    /// 退回, 退件: to be done anew.
    Anew,
    /// 補充: something is missing.
    Supplement,
    /// 續辦: something is still to be done.
    Continue,
}

impl SentBack {
    /// The name in templates.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anew => "anew",
            Self::Supplement => "supplement",
            Self::Continue => "continue",
        }
    }
}

/// A line for the digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// A label key.
    pub kind: String,
    /// Its particulars, in words that need no translation (ids, dates, codes).
    pub detail: String,
}
