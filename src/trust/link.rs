//! The secret in a survey's address: 128 random bits, of which only the SHA-256 is stored. It holds no case number and says
//! nothing by itself. Made by `desk` when an answer is queued; looked up by `survey`.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Characters of a link's secret.
const LEN: usize = 26;

/// One survey's secret. It has no `Debug` that shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct SurveyLink([u8; 16]);

impl SurveyLink {
    /// A link of 16 bytes of chance (`Chance::bytes`).
    #[must_use]
    pub const fn new(chance: [u8; 16]) -> Self {
        Self(chance)
    }

    /// Reads the last part of an address, in either case; `None` when it cannot be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != LEN {
            return None;
        }
        let bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As it stands in the address: 26 letters and digits, lower case.
    #[must_use]
    pub fn text(&self) -> String {
        BASE32_NOPAD.encode(&self.0).to_ascii_lowercase()
    }

    /// What is stored and looked up: the SHA-256 in hex, 64 characters.
    #[must_use]
    pub fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.0))
    }
}

impl std::fmt::Debug for SurveyLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SurveyLink(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_reads_back_and_hides_itself() {
        let link = SurveyLink::new([0xa5; 16]);
        let text = link.text();
        assert_eq!(text.len(), LEN);
        assert_eq!(SurveyLink::parse(&text), Some(link.clone()));
        assert_eq!(SurveyLink::parse(&text.to_uppercase()), Some(link.clone()));
        assert_eq!(link.hash().len(), 64);
        assert_ne!(link.hash(), SurveyLink::new([0xa6; 16]).hash());
        assert!(!format!("{link:?}").contains(&text));
    }

    #[test]
    fn what_is_no_link_is_refused() {
        let text = SurveyLink::new([0; 16]).text();
        for bad in [
            "",
            "a",
            &text[1..],
            &format!("{text}a"),
            &format!("{}b", &text[..25]),
            &text.replace('a', "0"),
            &"字".repeat(26),
            &"é".repeat(13),
        ] {
            assert!(SurveyLink::parse(bad).is_none(), "{bad}");
        }
    }
}
