//! What can happen to a case. A mail, a due timer and a survey answer become the same kind of thing here;
//! whoever made the event has proved who acts. The event is kept whole in the trail.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::case::{ClosingWay, Complainant, ThreadKeys};
use super::contact::{CallResult, Callee};
use super::directory::Standing;
use super::ids::{CaseId, PersonId, UnitId};
use super::language::Language;
use super::personal::Pii;
use super::state::Satisfaction;
use super::text::InternalText;
use super::timer::TimerKey;
use crate::calendar::Moment;

/// Something that happened, when, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it counts.
    pub at: Moment,
    /// Who did it.
    pub actor: Actor,
    /// What.
    pub kind: EventKind,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Actor {
    /// redress itself, by rule or by time.
    System,
    /// The complainant, known by token or thread and address.
    Complainant,
    /// Somebody of the directory.
    Person {
        /// Who, and for whom he stands in.
        standing: Standing,
        /// How it was proved that the mail is his.
        proof: String,
    },
    /// Somebody who is no party to the case.
    Stranger,
    /// A machine: a bounce, an automatic reply.
    Robot,
}

impl Actor {
    /// The person who acts, if one does.
    #[must_use]
    pub const fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person { standing, .. } => Some(&standing.person),
            Self::System | Self::Complainant | Self::Stranger | Self::Robot => None,
        }
    }

    /// For the trail: `wang`, `lee for wang`, `complainant`, …
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::System => "system".to_owned(),
            Self::Complainant => "complainant".to_owned(),
            Self::Stranger => "stranger".to_owned(),
            Self::Robot => "robot".to_owned(),
            Self::Person { standing, .. } => match &standing.deputises {
                Some(principal) => format!("{} for {}", standing.person.as_str(), principal.as_str()),
                None => standing.person.as_str().to_owned(),
            },
        }
    }
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum EventKind {
    /// A complaint arrived.
    Opened(Box<Opened>),
    /// Somebody of the office or a unit does something.
    Act {
        /// What.
        act: Act,
    },
    /// The complainant wrote.
    ComplainantWrote {
        /// His new words.
        text: Pii<String>,
        /// Whether they open with 滿意 or 不滿意.
        satisfaction: Option<Satisfaction>,
        /// His mail's Message-ID, so that the next letter answers it.
        message_id: Option<String>,
        /// Whether they plainly take the complaint back (撤案).
        #[serde(default)]
        withdraws: bool,
    },
    /// The survey page was answered.
    SurveyAnswered {
        /// The round that was judged.
        round: u32,
        /// The verdict.
        satisfaction: Satisfaction,
        /// Question id → answer.
        answers: BTreeMap<String, Pii<String>>,
    },
    /// A timer is due.
    TimerDue {
        /// Which.
        key: TimerKey,
    },
    /// A letter of ours did not arrive.
    Undelivered {
        /// Which kind of letter.
        letter: String,
        /// Whether it was addressed to the complainant.
        to_complainant: bool,
        /// To whom.
        recipient: Pii<String>,
        /// The server's status, e.g. `5.1.1`.
        status: String,
        /// Whether trying again is pointless.
        permanent: bool,
    },
    /// Somebody's mail system answered by itself.
    AutoReplied {
        /// Whose, when he is in the directory.
        person: Option<PersonId>,
        /// Who stands in for him, by the directory or by his own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deputy: Option<PersonId>,
    },
    /// Somebody who is no party wrote on the case.
    StrangerWrote {
        /// His address.
        from: Pii<String>,
        /// His words.
        text: Pii<String>,
    },
    /// People left the directory or their unit (R81).
    DirectoryChanged {
        /// Who is no longer in it.
        left: Vec<PersonId>,
        /// Who no longer belongs to a unit.
        moved: Vec<(PersonId, UnitId)>,
    },
    /// An act was refused; nothing changed.
    Refused {
        /// Which act.
        act: String,
        /// Why: a refusal's name.
        why: String,
    },
}

impl EventKind {
    /// The name in the trail.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::Act { act } => act.name(),
            Self::ComplainantWrote { .. } => "complainant_wrote",
            Self::SurveyAnswered { .. } => "survey_answered",
            Self::TimerDue { .. } => "timer_due",
            Self::Undelivered { .. } => "undelivered",
            Self::AutoReplied { .. } => "auto_replied",
            Self::StrangerWrote { .. } => "stranger_wrote",
            Self::DirectoryChanged { .. } => "directory_changed",
            Self::Refused { .. } => "refused",
        }
    }
}

/// All that a new case starts with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// ULID.
    pub id: CaseId,
    /// Running number for tokens.
    pub serial: i64,
    /// 收件單號.
    pub number: String,
    /// How it came.
    pub channel: String,
    /// The subject.
    pub subject: Pii<String>,
    /// The words.
    pub text: Pii<String>,
    /// Who.
    pub complainant: Complainant,
    /// In which language he wrote.
    pub language: Language,
    /// What the mail tells for the record form.
    pub record: BTreeMap<String, Pii<String>>,
    /// The unit that the words name, when it is exactly one.
    pub routing: Routing,
    /// Asked for secrecy in any words.
    pub secrecy: bool,
    /// Headers of his thread.
    pub thread: ThreadKeys,
    /// Other cases that this one may repeat or continue.
    pub links: Vec<String>,
    /// A grade found by the profile's keywords.
    pub grade: Option<String>,
    /// The stored mail.
    pub origin: String,
}

/// How the words fit the units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    /// Units whose words occur, with the words.
    pub fits: BTreeMap<UnitId, Vec<String>>,
    /// Why nobody may send it on without the secretariat (R57), if so.
    pub hold: Option<String>,
    /// People of the house whom the words complain about (R89).
    #[serde(default)]
    pub accused: Vec<PersonId>,
    /// 請以密件方式辦理 (R79).
    #[serde(default)]
    pub sealed: bool,
}

/// What a person of the directory may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "act")]
pub enum Act {
    /// 受理 / 追認.
    Accept,
    /// 分派, 改分.
    Assign {
        /// The leading unit.
        unit: UnitId,
    },
    /// 協辦.
    CoAssign {
        /// The others.
        units: Vec<UnitId>,
    },
    /// 承辦.
    Handler {
        /// Who.
        person: PersonId,
    },
    /// 自辦.
    SelfHandle,
    /// 不受理.
    Reject {
        /// What the complainant is told.
        text: String,
    },
    /// 轉介.
    Refer {
        /// To whom.
        agency: String,
        /// How to reach it, when the profile knows.
        contact: String,
        /// What the complainant is told beside.
        text: String,
    },
    /// 存查.
    NoAction {
        /// The ground.
        ground: String,
    },
    /// 併案.
    Merge {
        /// Into which case.
        into: String,
    },
    /// 關聯.
    Link {
        /// With which case.
        number: String,
    },
    /// 垃圾.
    Spam,
    /// 撤案.
    Withdraw {
        /// Why, or how it was made known.
        reason: String,
    },
    /// 等級.
    Grade {
        /// The short form.
        grade: String,
        /// Numbers of the criteria that are ticked, from 1.
        #[serde(default)]
        criteria: Vec<u32>,
        /// Why, in words.
        #[serde(default)]
        reason: InternalText,
    },
    /// 類別.
    Category {
        /// Which.
        categories: Vec<String>,
    },
    /// 重大.
    Major {
        /// Or no longer.
        on: bool,
    },
    /// 保密.
    Confidential {
        /// Or no longer.
        on: bool,
    },
    /// 密件.
    Sealed {
        /// Or no longer.
        on: bool,
    },
    /// 放行: the complainant's files go to who handles it.
    ReleaseFiles,
    /// 調閱個資: somebody from whom the complainant is hidden asks to see who he is.
    AskIdentity {
        /// Why.
        reason: InternalText,
    },
    /// The request is granted, for the profile's time.
    GrantIdentity,
    /// The request is not granted.
    RefuseIdentity {
        /// Why.
        reason: InternalText,
    },
    /// 補登.
    Set {
        /// The field's id.
        field: String,
        /// Its value.
        value: Pii<String>,
    },
    /// A decision on an open step.
    Decide {
        /// Which step; none: the one that is open for this person.
        ask: Option<u32>,
        /// What.
        verdict: Verdict,
    },
    /// 收案.
    Start,
    /// 承諾: the first promise, before work starts.
    Promise {
        /// The date's end.
        until: Moment,
    },
    /// 初覆: a preliminary answer.
    Preliminary {
        /// The words for the complainant.
        text: InternalText,
    },
    /// 電聯: a call that was made or tried.
    Call {
        /// When.
        at: Moment,
        /// With whom.
        callee: Callee,
        /// What came of it.
        result: CallResult,
        /// What was said.
        text: InternalText,
    },
    /// 退回: wrong unit.
    GiveBack {
        /// Why.
        reason: String,
    },
    /// 進度, and all that a handler writes beside the answer.
    Note {
        /// The words.
        text: InternalText,
        /// Fields of the handling form.
        fields: BTreeMap<String, InternalText>,
        /// The words read like an answer: its writer is to be asked (R56).
        reads_like_answer: bool,
    },
    /// 擬答覆.
    Propose {
        /// The proposed answer.
        text: InternalText,
        /// What else he wrote.
        handling: InternalText,
        /// Fields of the handling form.
        fields: BTreeMap<String, InternalText>,
    },
    /// The writer confirms that his words are the proposed answer.
    ConfirmDraft,
    /// 詢問.
    AskComplainant {
        /// The question.
        text: String,
    },
    /// 展延.
    Extend {
        /// The new date's end.
        until: Moment,
        /// Why.
        reason: InternalText,
    },
    /// An extension that was asked for is not granted.
    RefuseExtension {
        /// Why.
        reason: InternalText,
    },
    /// The answer did not arrive, and the complainant was told in another way: by phone, on paper (R49).
    TellOtherwise {
        /// How, when and with what result.
        how: InternalText,
    },
    /// 稽催 of this case.
    Urge,
    /// 撤銷 of an approved answer that has not left.
    Recall,
    /// 結案, with the reason.
    Close {
        /// Why.
        reason: InternalText,
    },
    /// 續辦.
    Continue {
        /// What is still to be done.
        reason: InternalText,
        /// By which units, where not by the one that has it.
        #[serde(default)]
        units: Vec<UnitId>,
    },
    /// 改分 by the unit itself: it names the right one.
    PassOn {
        /// To whom.
        unit: UnitId,
        /// Why.
        reason: String,
    },
    /// 補充: who was asked to approve wants more before he does.
    Supplement {
        /// Which step; none: the one that is open for this person.
        ask: Option<u32>,
        /// What is missing.
        text: InternalText,
    },
    /// 副知: a copy for information, no task.
    Copy {
        /// To which units.
        units: Vec<UnitId>,
        /// What the office says to it.
        words: InternalText,
    },
    /// 結案 by short message or to nobody (中油 程序(4)3、4).
    CloseBy {
        /// How.
        way: ClosingWay,
        /// The message, or why nobody could be reached.
        text: InternalText,
    },
    /// The office has read a bad survey and leaves the case closed, with a word why.
    LetStand {
        /// Why.
        reason: InternalText,
    },
}

/// An approver's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// 核准.
    Approve,
    /// 退回.
    Return {
        /// Why.
        reason: InternalText,
    },
    /// 修正後發, with the changed text.
    Edit {
        /// The text.
        text: InternalText,
        /// What he says to it.
        comment: InternalText,
    },
}

impl Act {
    /// The name in the trail and in label keys.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Assign { .. } => "assigned",
            Self::CoAssign { .. } => "co_assigned",
            Self::Handler { .. } => "handler_named",
            Self::SelfHandle => "self_handled",
            Self::Reject { .. } => "rejected",
            Self::Refer { .. } => "referred",
            Self::NoAction { .. } => "no_action",
            Self::Merge { .. } => "merged",
            Self::Link { .. } => "linked",
            Self::Spam => "spam",
            Self::Withdraw { .. } => "withdrawn",
            Self::Grade { .. } => "graded",
            Self::Category { .. } => "categorised",
            Self::Major { .. } => "major_set",
            Self::Confidential { .. } => "confidential_set",
            Self::Sealed { .. } => "sealed_set",
            Self::ReleaseFiles => "files_released",
            Self::AskIdentity { .. } => "identity_asked",
            Self::GrantIdentity => "identity_granted",
            Self::RefuseIdentity { .. } => "identity_refused",
            Self::Set { .. } => "field_set",
            Self::Decide { verdict, .. } => match verdict {
                Verdict::Approve => "approved",
                Verdict::Return { .. } => "returned",
                Verdict::Edit { .. } => "edited",
            },
            Self::Start => "started",
            Self::Promise { .. } => "promised",
            Self::Preliminary { .. } => "preliminary_proposed",
            Self::Call { .. } => "called",
            Self::GiveBack { .. } => "given_back",
            Self::Note { .. } => "noted",
            Self::Propose { .. } => "proposed",
            Self::ConfirmDraft => "draft_confirmed",
            Self::AskComplainant { .. } => "asked",
            Self::Extend { .. } => "extension_asked",
            Self::RefuseExtension { .. } => "extension_refused",
            Self::TellOtherwise { .. } => "told_otherwise",
            Self::Urge => "urged",
            Self::Recall => "recalled",
            Self::Close { .. } => "closing_asked",
            Self::Continue { .. } => "continued",
            Self::PassOn { .. } => "passed_on",
            Self::Supplement { .. } => "supplement_asked",
            Self::Copy { .. } => "copied",
            Self::LetStand { .. } => "let_stand",
            Self::CloseBy { .. } => "closed_by",
        }
    }
}
