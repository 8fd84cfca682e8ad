//! What can happen to a case. A mail, a due timer and a survey answer become the same kind of thing here;
//! whoever made the event has proved who acts. The event is kept whole in the trail. What people of the house do is in `act`.

mod act;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::case::{Complainant, ThreadKeys};
use super::directory::Standing;
use super::ids::{CaseId, PersonId, RoleId, UnitId};
use super::language::Language;
use super::personal::Pii;
use super::state::Satisfaction;
use super::timer::TimerKey;
use crate::calendar::Moment;

pub use act::{Act, Verdict};

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
        /// Who has another address: what waits for him lies in a mailbox that he reads no longer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        readdressed: Vec<PersonId>,
        /// Roles that somebody lost; `unit_head` where the case's unit has another head.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<RoleId>,
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
