//! A complaint that somebody passed on (R59): who it was, under which number of his, until when he wants it answered, and whether he
//! wants to hear the result (復知). Plain data, written by `transition`; who may pass on, and who is the complainant, is the desk's.

use serde::{Deserialize, Serialize};

use super::case::Complainant;
use super::ids::PersonId;
use super::personal::Pii;
use crate::calendar::Moment;

/// Who passed a complaint on, and what he wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOn {
    /// What kind of passer-on.
    pub by: Passer,
    /// 轉來機關: his name.
    pub name: Pii<String>,
    /// Where he is told.
    pub address: Pii<String>,
    /// 來文字號.
    pub reference: Option<String>,
    /// 限辦日期: his own deadline.
    pub due_at: Option<Moment>,
    /// 復知: he wants to hear the result.
    pub tell: bool,
    /// When he was told.
    pub told_at: Option<Moment>,
    /// His mail's Message-ID, so that the result answers it.
    pub message_id: Option<String>,
    /// Who wrote the complaint inside, while nobody has looked at it and the passer-on himself counts as the complainant.
    pub person: Option<Complainant>,
}

/// What kind of passer-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Passer {
    /// An authority of the config, by an address of its own.
    Authority,
    /// Somebody of the house.
    Staff {
        /// Who.
        person: PersonId,
    },
    /// Anybody else: nothing he says of others is believed before a person has looked.
    Stranger,
}

impl Passer {
    /// The name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Staff { .. } => "staff",
            Self::Stranger => "stranger",
        }
    }
}

impl PassedOn {
    /// Whether this is the address of who wrote the complaint inside, and nobody has confirmed him yet.
    #[must_use]
    pub fn names(&self, address: &str) -> bool {
        let inside = self.person.as_ref().and_then(|p| p.address.as_ref());
        inside.is_some_and(|a| a.reveal().eq_ignore_ascii_case(address.trim()))
    }
}

/// What a passer-on hears of the result (復知).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A copy of the answer.
    #[default]
    Copy,
    /// That it was answered, and when.
    Notice,
}
