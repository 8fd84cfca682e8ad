//! What is known of the mails that lay in a mailbox long before its first start, and what the secretariat decided about them.
//! Written by intake (what it found) and by the desk and `cli` (the word); the mails themselves stay on the server until then.

use serde::{Deserialize, Serialize};

use super::{Result, Store, Tx, meta};
use crate::calendar::Moment;

/// What was found at the first start, and what was said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Older {
    /// Mails before this moment wait; `None`: all are to be taken.
    pub not_before: Option<Moment>,
    /// The folder's UIDVALIDITY at the first start.
    pub uidvalidity: u32,
    /// The highest UID at the first start.
    pub up_to: u32,
    /// How many mails waited then.
    pub waiting: u64,
    /// The oldest of them.
    #[serde(default)]
    pub oldest: Option<Moment>,
    /// The newest of them.
    #[serde(default)]
    pub newest: Option<Moment>,
    /// The secretariat has given its word; what still waits then is meant to stay where it lies.
    #[serde(default)]
    pub decided: bool,
}

impl Older {
    /// Whether a mail waits: one that lay there at the first start and came before the cut-off. What somebody moves into the
    /// folder later is taken whatever its date.
    #[must_use]
    pub fn waits(&self, uidvalidity: u32, uid: u32, internal_at: Option<Moment>) -> bool {
        let Some(not_before) = self.not_before else { return false };
        let was_there = uidvalidity != self.uidvalidity || uid <= self.up_to;
        was_there && internal_at.is_some_and(|at| at < not_before)
    }
}

/// The secretariat's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Take all of it.
    All,
    /// Take none of it: it stays where it lies.
    Nothing,
    /// Take what came at this moment or later.
    Since(Moment),
}

fn key(address: &str, folder: &str) -> String {
    format!("intake/{address}/{folder}/first-start")
}

/// What was decided at this mailbox's first start; `None` before it.
///
/// # Errors
/// As the database says.
pub async fn get(store: &Store, address: &str, folder: &str) -> Result<Option<Older>> {
    Ok(meta::get(store, &key(address, folder)).await?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Keeps it.
///
/// # Errors
/// As the database says.
pub async fn set(tx: &mut Tx, address: &str, folder: &str, older: &Older) -> Result<()> {
    meta::set(tx, &key(address, folder), &serde_json::to_string(older).unwrap_or_default()).await
}

/// `older` after the word: what it lets in is taken at the next full listing.
#[must_use]
pub fn after(older: Older, word: Word) -> Older {
    match word {
        Word::All => Older { not_before: None, decided: true, ..older },
        Word::Nothing => Older { decided: true, ..older },
        Word::Since(at) => Older { not_before: Some(older.not_before.map_or(at, |before| before.min(at))), decided: true, ..older },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: Older = Older {
        not_before: Some(Moment::from_unix(1000)),
        uidvalidity: 5,
        up_to: 9,
        waiting: 1,
        oldest: None,
        newest: None,
        decided: false,
    };

    #[test]
    fn only_what_lay_there_at_the_first_start_waits() {
        let waits = |older: Older, uidvalidity, uid, at| older.waits(uidvalidity, uid, Some(Moment::from_unix(at)));
        assert!(waits(FOUND, 5, 9, 999));
        assert!(!waits(FOUND, 5, 9, 1000));
        assert!(!waits(FOUND, 5, 10, 1), "moved in later");
        assert!(waits(FOUND, 6, 10, 1), "the folder was made anew");
        assert!(!FOUND.waits(5, 1, None));
    }

    #[test]
    fn the_word_moves_the_cut_off_and_never_forward() {
        let waits = |word, at| after(FOUND, word).waits(5, 1, Some(Moment::from_unix(at)));
        assert!(!waits(Word::All, 1));
        assert!(waits(Word::Nothing, 1));
        assert!(waits(Word::Since(Moment::from_unix(500)), 499) && !waits(Word::Since(Moment::from_unix(500)), 500));
        assert!(!waits(Word::Since(Moment::from_unix(5000)), 1000), "younger mail is taken as ever");
        assert!(after(FOUND, Word::Nothing).decided);
    }
}
