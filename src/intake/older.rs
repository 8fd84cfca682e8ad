//! Old mail at the very first start. A mailbox may hold years of it; what is older than `take_since` is listed and waits for the
//! secretariat's word. Only what lay there at the first start can be "older": a mail that somebody moves into the folder
//! later is taken whatever its date. Called by `sweep`, and by `cli` for the word itself.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Settings, commands::Listed};
use crate::{
    calendar::Moment,
    store::{self, Store, meta, notes},
};

/// What was decided at the first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Older {
    /// Mails before this moment wait; `None`: the secretariat said that they are to be taken.
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
}

impl Older {
    /// Whether this mail waits.
    pub(super) fn waits(&self, uidvalidity: u32, listed: &Listed) -> bool {
        let Some(not_before) = self.not_before else { return false };
        let was_there = uidvalidity != self.uidvalidity || listed.uid <= self.up_to;
        was_there && listed.internal_at.is_some_and(|at| at < not_before)
    }
}

fn key(address: &str, folder: &str) -> String {
    format!("intake/{address}/{folder}/first-start")
}

/// What was decided at this mailbox's first start; `None` before it.
///
/// # Errors
/// As the store says.
pub async fn older(store: &Store, address: &str, folder: &str) -> store::Result<Option<Older>> {
    Ok(meta::get(store, &key(address, folder)).await?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// The secretariat's word: what waits is taken at the next full listing.
///
/// # Errors
/// As the store says.
pub async fn accept_older(store: &Store, address: &str, folder: &str) -> store::Result<()> {
    if let Some(decided) = older(store, address, folder).await? {
        write(store, address, folder, Older { not_before: None, ..decided }, None).await?;
    }
    Ok(())
}

/// Reads the decision, or makes it from the first listing and leaves a note of kind `older_mail` when mails wait.
pub(super) async fn decide(store: &Store, settings: &Settings, uidvalidity: u32, listed: &[Listed], now: Moment) -> store::Result<Older> {
    if let Some(decided) = older(store, &settings.address, &settings.folder).await? {
        return Ok(decided);
    }
    let not_before = settings.take_since.map(|seconds| now.plus_seconds(seconds.saturating_neg()));
    let up_to = listed.iter().map(|one| one.uid).max().unwrap_or(0);
    let mut decided = Older { not_before, uidvalidity, up_to, waiting: 0, oldest: None, newest: None };
    let waiting: Vec<Moment> = listed.iter().filter(|one| decided.waits(uidvalidity, one)).filter_map(|one| one.internal_at).collect();
    decided.waiting = waiting.len() as u64;
    (decided.oldest, decided.newest) = (waiting.iter().min().copied(), waiting.iter().max().copied());
    let note = waiting.iter().min().zip(waiting.iter().max()).map(|(oldest, newest)| {
        let text = json!({
            "mailbox": settings.address, "folder": settings.folder, "mails": waiting.len(), "oldest": oldest, "newest": newest,
        });
        (now, text.to_string())
    });
    write(store, &settings.address, &settings.folder, decided, note).await?;
    Ok(decided)
}

async fn write(store: &Store, address: &str, folder: &str, decided: Older, note: Option<(Moment, String)>) -> store::Result<()> {
    let text = serde_json::to_string(&decided).unwrap_or_default();
    let mut tx = store.begin().await?;
    meta::set(&mut tx, &key(address, folder), &text).await?;
    if let Some((at, text)) = note {
        notes::tell(&mut tx, at, "older_mail", None, &text).await?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lay_there_at_the_first_start_waits() {
        let older = Older { not_before: Some(Moment::from_unix(1000)), uidvalidity: 5, up_to: 9, waiting: 1, oldest: None, newest: None };
        let mail = |uid, at| Listed { uid, size: 1, internal_at: Some(Moment::from_unix(at)) };
        assert!(older.waits(5, &mail(9, 999)));
        assert!(!older.waits(5, &mail(9, 1000)));
        assert!(!older.waits(5, &mail(10, 1)), "moved in later");
        assert!(older.waits(6, &mail(10, 1)), "the folder was made anew");
        assert!(!Older { not_before: None, ..older }.waits(5, &mail(1, 1)));
    }
}
