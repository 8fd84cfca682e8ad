//! What people of the directory can do to a case, and an approver's word. One variant each, kept whole in the trail under its name.
//! `transition` decides what becomes of it; the desk makes it from directives and buttons.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::case::ClosingWay;
use super::super::contact::{CallResult, Callee};
use super::super::ids::{PersonId, UnitId};
use super::super::personal::Pii;
use super::super::text::InternalText;
use crate::calendar::Moment;

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
        /// What the office says to it: an internal word.
        #[serde(default)]
        words: InternalText,
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
    /// 保全: nothing of the case is taken out at the end of its time.
    Hold {
        /// Why.
        reason: InternalText,
    },
    /// 解除保全.
    Unhold {
        /// Why.
        reason: InternalText,
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
    /// 代登核准: a decision that was signed on paper is entered, for a second person to confirm.
    EnterPaper {
        /// The step.
        ask: u32,
        /// Who signed.
        signer: PersonId,
        /// On which day.
        on: Date,
        /// SHA-256 of the scan.
        scan: String,
    },
    /// The second person has seen the paper.
    ConfirmPaper {
        /// The step.
        ask: u32,
    },
    /// The second person finds it wrong.
    RefusePaper {
        /// The step.
        ask: u32,
        /// Why.
        reason: InternalText,
    },
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
            Self::Hold { .. } => "hold_set",
            Self::Unhold { .. } => "hold_lifted",
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
            Self::EnterPaper { .. } => "paper_entered",
            Self::ConfirmPaper { .. } => "paper_confirmed",
            Self::RefusePaper { .. } => "paper_refused",
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
