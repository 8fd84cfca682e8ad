//! A long mail that ends the process while it is taken, because there is not the memory for it: after a few such deaths only its
//! beginning is taken, as of one beyond the limit. What else breaks a fetch does not count. Called by `custody`.

use super::{Error, sweep::Mailbox};
use crate::store::{self, meta};

/// So often it may end the process.
const DEATHS: u32 = 4;

fn key(mailbox: &Mailbox) -> String {
    format!("intake.heavy.{}.{}", mailbox.settings.address, mailbox.settings.folder)
}

/// Notes durably that this mail is about to be taken; whether it has been begun too often and not survived.
pub(super) async fn begun(mailbox: &Mailbox, uid: u32) -> Result<bool, store::Error> {
    let this = format!("{}:{uid}", mailbox.uidvalidity());
    let kept = meta::get(&mailbox.store, &key(mailbox)).await?.unwrap_or_default();
    let before = kept.split_once(' ').filter(|(mail, _)| *mail == this).and_then(|(_, times)| times.parse::<u32>().ok()).unwrap_or(0);
    keep(mailbox, &format!("{this} {}", before.saturating_add(1))).await?;
    if before >= DEATHS {
        tracing::error!(uid, "a long mail ended the process again and again: only its beginning is taken");
    }
    Ok(before >= DEATHS)
}

/// The process is still there: however the fetch ended, unless for want of memory, it is not held against the mail.
pub(super) async fn survived(mailbox: &Mailbox, failed: Option<&Error>) -> Result<(), store::Error> {
    match failed {
        Some(Error::Store(error)) if error.is_out_of_memory() => Ok(()),
        Some(_) | None => keep(mailbox, "").await,
    }
}

async fn keep(mailbox: &Mailbox, value: &str) -> Result<(), store::Error> {
    let mut tx = mailbox.store.begin().await?;
    meta::set(&mut tx, &key(mailbox), value).await?;
    tx.commit().await
}
