//! The case: everything that a procedure needs to decide. A snapshot; the trail of events is the truth (`case replay`).
//! Plain data with small questions; written by `transition` alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::approval::{Ask, ChainRun};
use super::contact::{Call, CallTask, GradeSheet};
use super::deadline::Deadline;
use super::ids::{CaseId, PersonId, UnitId};
use super::language::Language;
use super::passed_on::PassedOn;
use super::personal::Pii;
use super::retention::Kept;
use super::state::{Outcome, Satisfaction, Stage, State};
use super::text::{InternalText, PublicText, fingerprint};
use crate::calendar::Moment;

/// One complaint and all that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// ULID.
    pub id: CaseId,
    /// A short running number that reply tokens carry.
    pub serial: i64,
    /// 收件單號.
    pub number: String,
    /// Raised by one with each event.
    pub version: i64,
    /// Profile id and version in force when it began (R88).
    pub profile: String,
    /// Where it stands.
    pub state: State,
    /// How it ended or is about to end.
    pub outcome: Option<Outcome>,
    /// The short form of its grade.
    pub grade: Option<String>,
    /// 重大.
    pub major: bool,
    /// 請保密.
    pub confidential: bool,
    /// 密件: to named persons alone, never to a shared inbox or to further units without release (R79).
    #[serde(default)]
    pub sealed: bool,
    /// Who is complained about (客訴對象): neither handles, approves nor sees it (R89).
    #[serde(default)]
    pub accused: Vec<PersonId>,
    /// Who of the house complains himself: in his own case he is the complainant and nothing else (R89).
    #[serde(default)]
    pub own_staff: Option<PersonId>,
    /// Until when files of the complainant have been released to whom he is hidden from.
    #[serde(default)]
    pub files_released_at: Option<Moment>,
    /// When its contents were taken out at the end of their time.
    #[serde(default)]
    pub erased_at: Option<Moment>,
    /// Which kinds of its records have been taken out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gone: BTreeSet<Kept>,
    /// 調閱個資: who asked to see who the complainant is, and what was decided.
    #[serde(default)]
    pub disclosures: Vec<Disclosure>,
    /// Who handles it.
    pub unit: Option<UnitId>,
    /// Co-handling units (會辦).
    pub co_units: Vec<UnitId>,
    /// The secretariat handles it itself (自辦).
    pub self_handled: bool,
    /// Who works on it.
    pub handler: Option<PersonId>,
    /// Categories.
    pub categories: Vec<String>,
    /// How it came: `email`, `letter`, `phone`, …
    pub channel: String,
    /// The complaint's subject.
    pub subject: Pii<String>,
    /// The complaint's own words.
    pub text: Pii<String>,
    /// Who complains.
    pub complainant: Complainant,
    /// Who passed the complaint on, where somebody did (R59).
    #[serde(default)]
    pub passed_on: Option<PassedOn>,
    /// In which language he is answered.
    pub language: Language,
    /// The record form's fields, by id.
    pub record: BTreeMap<String, Pii<String>>,
    /// How the unit was found, and whether a person has confirmed it (追認).
    pub acceptance: Acceptance,
    /// 1, and one more each time it is taken up again.
    pub round: u32,
    /// When the complaint arrived.
    pub opened_at: Moment,
    /// When the current round began.
    pub round_at: Moment,
    /// When the (last) answer left.
    pub answered_at: Option<Moment>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// All deadlines of all rounds.
    pub deadlines: Vec<Deadline>,
    /// Proposed and approved texts, by version.
    pub drafts: BTreeMap<u32, Draft>,
    /// The handling record, oldest first.
    pub handling: Vec<HandlingNote>,
    /// Fields of the handling form, by id.
    pub handling_fields: BTreeMap<String, InternalText>,
    /// Fields of the reply form that came back blank and were not filled since.
    #[serde(default)]
    pub handling_blank: BTreeSet<String>,
    /// The last round in which a writer was told what is missing; once a round.
    #[serde(default)]
    pub handling_asked: u32,
    /// A text that reads like an answer and waits for its writer's word (R56).
    pub unconfirmed: Option<Unconfirmed>,
    /// The approval chain that runs, if any.
    pub chain: Option<ChainRun>,
    /// Every step that was asked for.
    pub asks: Vec<Ask>,
    /// Surveys and words that came back.
    pub surveys: Vec<SurveyAnswer>,
    /// Which units held it and when.
    pub holding: Vec<Holding>,
    /// How often units gave it back (改分).
    pub returns: u32,
    /// Extensions granted.
    pub extensions: u32,
    /// An extension that waits for its approver.
    pub extension_asked: Option<ExtensionAsked>,
    /// The extension that was granted last; its reason was told to the complainant.
    #[serde(default)]
    pub extended: Option<ExtensionAsked>,
    /// Promises broken.
    pub escalations: u32,
    /// A promise was broken and nobody has asked for a new date yet (升級申請).
    #[serde(default)]
    pub escalation_open: bool,
    /// When work on this round began (收案); from then on its first promise stands.
    #[serde(default)]
    pub started_at: Option<Moment>,
    /// On what its grades were decided, oldest first.
    #[serde(default)]
    pub grading: Vec<GradeSheet>,
    /// Calls that were made or tried, oldest first.
    #[serde(default)]
    pub calls: Vec<Call>,
    /// Calls that somebody is to make.
    #[serde(default)]
    pub call_tasks: Vec<CallTask>,
    /// Who has been told of which grade by which means, so that nobody is told twice.
    #[serde(default)]
    pub noticed: BTreeSet<String>,
    /// Numbers of linked cases; the first is the one that this was merged into, if it was.
    pub links: Vec<String>,
    /// Letters to the complainant that did not arrive, by kind.
    pub undelivered: Vec<String>,
    /// What the complainant's mail client needs to thread our letters.
    pub thread: ThreadKeys,
    /// The mail that opened it, in the inbox.
    pub origin: String,
    /// The round whose bad survey waits for the office's decision (R70 `ask`).
    #[serde(default)]
    pub judging: Option<u32>,
    /// An approver asked for a supplement: what the handler adds brings the same text before him again.
    #[serde(default)]
    pub supplementing: bool,
    /// What the office asks of the unit beside the complaint.
    #[serde(default)]
    pub instruction: Option<InternalText>,
    /// The words with which the complainant took it back.
    #[serde(default)]
    pub withdrawal: Option<Pii<String>>,
    /// How it was closed (R62): `email`, `phone`, `sms`, `direct`.
    #[serde(default)]
    pub closing_way: Option<ClosingWay>,
    /// Who was urged on the last day on which anybody was.
    #[serde(default)]
    pub urged: Vec<Urged>,
}

/// How a case was closed (中油 程序(4)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingWay {
    /// 意見信箱回覆: by mail.
    Email,
    /// 電話回覆.
    Phone,
    /// 簡訊回覆.
    Sms,
    /// 逕行結案: nobody could be reached.
    Direct,
}

impl ClosingWay {
    /// The name in JSON and in label keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Sms => "sms",
            Self::Direct => "direct",
        }
    }
}

/// Somebody was reminded of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urged {
    /// Which step, e.g. `ask:3`, `work:1`.
    pub step: String,
    /// Whom.
    pub person: PersonId,
    /// When.
    pub at: Moment,
}

/// Who complains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complainant {
    /// The name he gave, or his mail client did.
    pub name: Pii<String>,
    /// Where answers go; none where the complaint came on paper.
    pub address: Option<Pii<String>>,
}

/// Headers of the complainant's thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadKeys {
    /// His last mail's Message-ID, without angle brackets.
    pub last: Option<String>,
    /// The chain of ids before it, oldest first.
    pub references: Vec<String>,
    /// The subject of his first mail as he wrote it.
    pub subject: Pii<String>,
}

/// Whether a person has accepted the case (R57).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Acceptance {
    /// Nobody has.
    Open,
    /// 系統初判: forwarded by keywords, to be confirmed.
    Preliminary {
        /// The words that named the unit.
        matched: Vec<String>,
    },
    /// A named person has.
    Confirmed {
        /// Who.
        by: PersonId,
        /// When.
        at: Moment,
    },
}

/// A text for the complainant, as proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// 第 n 版.
    pub version: u32,
    /// The round it belongs to.
    pub round: u32,
    /// The words.
    pub text: InternalText,
    /// SHA-256 of the words, hex.
    pub sha256: String,
    /// Who wrote them.
    pub author: PersonId,
    /// When.
    pub at: Moment,
    /// Every step of its chain has agreed to exactly this text.
    pub approved: bool,
    /// A preliminary answer (初覆).
    #[serde(default)]
    pub preliminary: bool,
    /// Given on the telephone at that moment; the chain approves what was said, and no letter leaves.
    #[serde(default)]
    pub spoken_at: Option<Moment>,
    /// It is given otherwise than by mail.
    #[serde(default)]
    pub way: Option<ClosingWay>,
}

/// One entry of the handling record (抱怨處理紀錄).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlingNote {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: PersonId,
    /// The words; never shown to the complainant.
    pub text: InternalText,
    /// The round.
    pub round: u32,
}

/// A reply that reads like an answer but was not marked as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// Who wrote it.
    pub by: PersonId,
    /// The words.
    pub text: InternalText,
}

/// A survey answer, or 滿意 / 不滿意 by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyAnswer {
    /// The round that was judged.
    pub round: u32,
    /// The verdict.
    pub satisfaction: Satisfaction,
    /// Question id → answer.
    pub answers: BTreeMap<String, Pii<String>>,
    /// When.
    pub at: Moment,
    /// `page` or `mail`.
    pub source: String,
}

/// A unit's time with the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Which unit.
    pub unit: UnitId,
    /// From when.
    pub from: Moment,
    /// Until when; open while it holds the case.
    pub to: Option<Moment>,
}

/// An extension that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionAsked {
    /// Who asked.
    pub by: PersonId,
    /// The new date's end.
    pub until: Moment,
    /// Why.
    pub reason: InternalText,
}

/// A request to see who the complainant is (調閱個資).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// Who asked.
    pub by: PersonId,
    /// Why.
    pub reason: InternalText,
    /// When.
    pub asked_at: Moment,
    /// Who decided, when once decided.
    pub decided_by: Option<PersonId>,
    /// When it was decided.
    pub decided_at: Option<Moment>,
    /// Until when he may see it; none while undecided or refused.
    pub until: Option<Moment>,
}

impl Disclosure {
    /// Whether it waits for its decision.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.decided_by.is_none()
    }
}
/// Letters that tell the complainant the outcome, as the outbox names them.
const ANSWERS: [&str; 3] = ["answer", "refusal", "referral"];

impl Case {
    /// Whether somebody is kept off this case: he is complained about, or complains himself.
    #[must_use]
    pub fn accuses(&self, person: &PersonId) -> bool {
        self.accused.contains(person) || self.own_staff.as_ref() == Some(person)
    }

    /// All who are kept off.
    pub fn kept_off(&self) -> impl Iterator<Item = &PersonId> {
        self.accused.iter().chain(self.own_staff.iter())
    }

    /// Whether `person` has been allowed to see who the complainant is, at `at`.
    #[must_use]
    pub fn disclosed_to(&self, person: &PersonId, at: Moment) -> bool {
        self.disclosures.iter().any(|d| &d.by == person && d.until.is_some_and(|until| at < until))
    }

    /// The newest draft of an answer in this round.
    #[must_use]
    pub fn current_draft(&self) -> Option<&Draft> {
        self.drafts.values().rev().find(|d| d.round == self.round && !d.preliminary)
    }

    /// The text of `version`, once every step has approved exactly these words: the one way from internal to public.
    #[must_use]
    pub fn public_text(&self, version: u32) -> Option<PublicText> {
        let draft = self.drafts.get(&version).filter(|d| d.approved)?;
        (fingerprint(draft.text.internal()) == draft.sha256).then(|| PublicText::approved(draft))
    }

    /// Whether somebody is asked to decide now.
    pub fn open_asks(&self) -> impl Iterator<Item = &Ask> {
        self.asks.iter().filter(|a| a.is_open())
    }

    /// The stage whose chain runs.
    #[must_use]
    pub fn running_stage(&self) -> Option<Stage> {
        self.chain.as_ref().map(|c| c.stage)
    }

    /// The deadline that lists and digests show: the answer's, else the closing's, else the last kept.
    #[must_use]
    pub fn due_at(&self) -> Option<Moment> {
        self.completion().and_then(|d| d.due_at)
    }

    /// The deadline by which the case is to be done: what is promised, extended and broken (R28, R64).
    #[must_use]
    pub fn completion(&self) -> Option<&Deadline> {
        use super::state::DeadlineKind::{Answer, Closing};
        let of = |kind| self.deadlines.iter().rev().find(|d| d.kind == kind);
        of(Answer).or_else(|| of(Closing)).or_else(|| self.deadlines.last())
    }

    /// The same while it runs in the present round.
    #[must_use]
    pub fn promise(&self) -> Option<&Deadline> {
        self.completion().filter(|d| d.round == self.round && d.met_at.is_none())
    }

    /// Calls that are still to be made.
    pub fn open_calls(&self) -> impl Iterator<Item = &CallTask> {
        self.call_tasks.iter().filter(|t| t.is_open())
    }

    /// Whether what the complainant was told of the outcome has not reached him, and nobody has told him otherwise (R49).
    #[must_use]
    pub fn answer_lost(&self) -> bool {
        self.undelivered.iter().any(|kind| ANSWERS.contains(&kind.as_str()))
    }

    /// He has it: by his own word, or told in another way.
    pub(super) fn answer_arrived(&mut self) {
        self.undelivered.retain(|kind| !ANSWERS.contains(&kind.as_str()));
    }

    /// Whether this address is the complainant's.
    #[must_use]
    pub fn is_complainant(&self, address: &str) -> bool {
        self.complainant.address.as_ref().is_some_and(|a| a.reveal().eq_ignore_ascii_case(address.trim()))
    }
}
