//! TRUST: who may be believed, and for what. Tokens that we put into mails, where they are found again, what proves a
//! sender, and how much proof each class of act needs. Pure: keys, headers and facts arrive from outside; nothing here
//! reads a clock, a store or a config. Called by `desk` (matching, reading) and, for addresses and ids, by who writes letters.

mod base32;
pub mod certificate;
mod cms;
pub mod dkim;
mod dkim_canon;
mod dkim_tags;
pub mod evidence;
pub mod find;
mod lexer;
mod link;
pub mod proved;
pub mod rules;
pub mod smime;
pub mod token;

pub use certificate::{Certificate, CertificateFault};
pub use evidence::{Evidence, Reason, evaluate, evaluate_for, refuted};
pub use find::{Conflict, Findings, Found, Place, Sources, Tag, find, message_id};
pub use link::SurveyLink;
pub use rules::{ActClass, Confirmed, EvidenceMode, Verdict, Why, enough};
pub use token::{Fit, Key, Keyring, Token, TokenKind, address, collisions, fit, slot_of};

/// What can be wrong with the keys that arrive from config.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// A key id does not fit into five bits: choose one from 0 to 31.
    #[error("key id {0} is above 31")]
    KidTooLarge(u8),
    /// Two keys carry one id: give each its own.
    #[error("key id {0} is given twice")]
    KidTwice(u8),
    /// A key is too short to be safe: make one of at least 32 random bytes.
    #[error("key {kid} has {len} bytes; at least 32 are needed")]
    KeyTooShort {
        /// The key's id.
        kid: u8,
        /// Its length in bytes.
        len: usize,
    },
}
