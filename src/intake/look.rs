//! What a pass would take in, without taking it: the folder is opened for looking alone and compared with the ledger.
//! Called by `run --dry-run`.

use std::collections::BTreeSet;

use super::{Error, Settings, commands, older, session::Session};
use crate::{
    calendar::Moment,
    store::{Store, inbox, older as kept},
};

/// What lies in a folder, by what would become of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Mails in the folder.
    pub there: u64,
    /// In custody already.
    pub known: u64,
    /// Would be taken in.
    pub fresh: u64,
    /// Would wait for the secretariat's word, or do.
    pub older: u64,
    /// The oldest of those.
    pub oldest: Option<Moment>,
    /// The newest of those.
    pub newest: Option<Moment>,
}

/// Looks; changes nothing on either side. `store` is none where there is none yet: then this would be the first start.
///
/// # Errors
/// As intake would meet them.
pub async fn look(settings: &Settings, store: Option<&Store>, now: Moment) -> Result<Look, Error> {
    let mut session = Session::open(&settings.endpoint, &settings.login, settings.patience()).await?;
    let selected = commands::examine(&mut session, &settings.folder).await?;
    let listed = commands::list(&mut session, 1).await?;
    session.close().await;
    let uids: BTreeSet<u32> = listed.iter().map(|one| one.uid).collect();
    let (known, decided) = match store {
        Some(store) => (
            inbox::known_among(store, &settings.address, &settings.folder, i64::from(selected.uidvalidity), &uids).await?,
            kept::get(store, &settings.address, &settings.folder).await?,
        ),
        None => (BTreeSet::new(), None),
    };
    let decided = decided.unwrap_or_else(|| older::foreseen(settings, selected.uidvalidity, &listed, now));
    let mut found = Look { there: listed.len() as u64, known: known.len() as u64, ..Look::default() };
    for one in listed.iter().filter(|one| !known.contains(&one.uid)) {
        if decided.waits(selected.uidvalidity, one.uid, one.internal_at) {
            found.older += 1;
            found.oldest = found.oldest.into_iter().chain(one.internal_at).min();
            found.newest = found.newest.into_iter().chain(one.internal_at).max();
        } else {
            found.fresh += 1;
        }
    }
    Ok(found)
}
