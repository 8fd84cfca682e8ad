//! Held mails are moved on from the processed folder to the quarantine folder, so that a person who opens the mailbox sees what
//! redress could not read. Cosmetic, as every move: the ledger knows where each mail is. Called by `watch`, after a sweep.

use super::{Error, commands, session::Session, sweep::Mailbox};
use crate::store::inbox;

/// Moves what is held; says whether another folder was opened on the way.
pub(super) async fn tidy(mailbox: &Mailbox, session: &mut Session) -> Result<bool, Error> {
    let settings = &mailbox.settings;
    let (Some(processed), Some(quarantine)) = (&settings.processed_folder, &settings.quarantine_folder) else { return Ok(false) };
    let held = inbox::to_quarantine(&mailbox.store, &settings.address).await?;
    if held.is_empty() {
        return Ok(false);
    }
    commands::select(session, processed).await?;
    let mut done = Vec::new();
    for (id, message_id) in held {
        let uids = commands::find(session, &message_id).await?;
        if uids.is_empty() || commands::move_to(session, &uids, quarantine).await? {
            done.push(id);
        }
    }
    inbox::set_quarantined(&mailbox.store, &done).await?;
    Ok(true)
}
