//! Old mail at the very first start. A mailbox may hold years of it; what is older than `take_since` is listed and waits for the
//! secretariat's word (`store::older`). Called by `sweep`.

use serde_json::json;

use super::{Settings, commands::Listed};
use crate::{
    calendar::Moment,
    store::{
        self, Store, notes,
        older::{self, Older},
    },
};

/// Reads the decision, or makes it from the first listing and leaves a note of kind `older_mail` when mails wait.
pub(super) async fn decide(store: &Store, settings: &Settings, uidvalidity: u32, listed: &[Listed], now: Moment) -> store::Result<Older> {
    if let Some(decided) = older::get(store, &settings.address, &settings.folder).await? {
        return Ok(decided);
    }
    let decided = foreseen(settings, uidvalidity, listed, now);
    let mut tx = store.begin().await?;
    older::set(&mut tx, &settings.address, &settings.folder, &decided).await?;
    if let Some((oldest, newest)) = decided.oldest.zip(decided.newest) {
        let text = json!({
            "mailbox": settings.address, "folder": settings.folder, "mails": decided.waiting, "oldest": oldest, "newest": newest,
        });
        notes::tell(&mut tx, now, "older_mail", None, &text.to_string()).await?;
    }
    tx.commit().await?;
    Ok(decided)
}

/// What the first start finds.
pub(super) fn foreseen(settings: &Settings, uidvalidity: u32, listed: &[Listed], now: Moment) -> Older {
    let not_before = settings.take_since.map(|seconds| now.plus_seconds(seconds.saturating_neg()));
    let up_to = listed.iter().map(|one| one.uid).max().unwrap_or(0);
    let mut found = Older { not_before, uidvalidity, up_to, waiting: 0, oldest: None, newest: None, decided: false };
    let waiting: Vec<Moment> =
        listed.iter().filter(|one| found.waits(uidvalidity, one.uid, one.internal_at)).filter_map(|one| one.internal_at).collect();
    found.waiting = waiting.len() as u64;
    (found.oldest, found.newest) = (waiting.iter().min().copied(), waiting.iter().max().copied());
    found
}
