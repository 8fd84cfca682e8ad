//! Two worlds as two types: what the office says among itself, and what a complainant may read (RELIABILITY T26).
//! There is one way from the first to the second, and it goes through an approved draft.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::case::Draft;

/// Words of the office; `Debug` shows only their length.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InternalText(String);

impl InternalText {
    /// Takes words as the office's.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The words, for letters to the office's own people and for its forms.
    #[must_use]
    pub fn internal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InternalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InternalText({} chars)", self.0.chars().count())
    }
}

/// Words that a complainant may read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicText(String);

impl PublicText {
    /// The words of an approved draft.
    pub(super) fn approved(draft: &Draft) -> Self {
        Self(draft.text.internal().to_owned())
    }

    /// Words that a member of the secretariat addresses to the complainant in his own name, where the paper lets him
    /// answer without a chain (KMU 5.1.2.3 逕自回覆; a question; a referral).
    pub(super) fn by_the_secretariat(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PublicText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicText({} chars)", self.0.chars().count())
    }
}

/// SHA-256 of a file, hex.
#[must_use]
pub fn fingerprint_of(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// SHA-256 of a text, hex: what an approval is bound to.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}
