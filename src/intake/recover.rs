//! After a restore: the mailbox is ahead of the store. What the lost store took in lies in the processed and the quarantine folder and
//! is taken into custody from there. Nothing is moved. Called by `daemon` before anything else is done.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{Error, Settings, commands, custody, session::Session, sweep::Mailbox};
use crate::{
    calendar::Moment,
    clock::{Chance, Clock},
    store::{Store, inbox},
};

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Mails taken into custody.
    pub taken: u64,
    /// When the newest mail of those folders had come in.
    pub newest: Option<Moment>,
}

/// Takes in what lies in the folders of handled mail and came in at `since` or later. Mails that the store knows under another UID are
/// taken too: the clerk sees by their bytes that they are copies.
///
/// # Errors
/// As a pass; what was taken until then stays taken, and the next call goes on.
pub async fn recover(settings: &Settings, since: Option<Moment>, store: Store, clock: Clock, chance: Chance) -> Result<Recovered, Error> {
    let mut found = Recovered::default();
    let mut folders: Vec<String> = [&settings.processed_folder, &settings.quarantine_folder].into_iter().flatten().cloned().collect();
    if folders.is_empty() {
        // Nothing is ever moved here: handled mail lies among the other.
        folders.push(settings.folder.clone());
    }
    let mut session = Session::open(&settings.endpoint, &settings.login, settings.patience()).await?;
    for folder in folders {
        let here = Settings { folder, processed_folder: None, quarantine_folder: None, take_since: None, ..settings.clone() };
        let mut mailbox = Mailbox::new(here, store.clone(), clock.clone(), chance.clone(), Arc::new(Notify::new()));
        match mailbox.select(&mut session).await {
            Ok(_) => {}
            // A folder that was never needed is not there.
            Err(Error::Refused { .. }) => continue,
            Err(error) => return Err(error),
        }
        let mut listed = commands::list(&mut session, 1).await?;
        listed.retain(|one| one.internal_at.zip(since).is_none_or(|(at, since)| at >= since));
        found.newest = found.newest.max(listed.iter().filter_map(|one| one.internal_at).max());
        let uids = listed.iter().map(|one| one.uid).collect();
        let (address, uidvalidity) = (&mailbox.settings.address, i64::from(mailbox.uidvalidity()));
        let known = inbox::known_among(&store, address, &mailbox.settings.folder, uidvalidity, &uids).await?;
        listed.retain(|one| !known.contains(&one.uid));
        let custody = custody::take(&mut mailbox, &mut session, &listed).await;
        found.taken += custody.fresh;
        if let Some(error) = custody.failed {
            return Err(error);
        }
        if !custody.missing.is_empty() {
            return Err(Error::Lost("mails were listed and not given"));
        }
    }
    session.close().await;
    Ok(found)
}
