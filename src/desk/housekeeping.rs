//! What is no case's: troubles of the edges that the digest shows, releases from the held list.

use super::{Desk, Error};
use crate::store::inbox::{self, InboxRow};
use crate::store::{meta, notes};

/// Since when the IMAP server does not answer (unix seconds; 0: it does).
pub const IMAP_DOWN: &str = "imap_down";
/// Since when the SMTP server does not answer.
pub const SMTP_DOWN: &str = "smtp_down";

impl Desk {
    /// Keeps that a server does not answer, or does again, for the digest. Says whether that is news.
    ///
    /// # Errors
    /// As the store says.
    pub async fn server_state(&self, key: &str, down: bool) -> Result<bool, Error> {
        let before = meta::get(&self.store, key).await?.and_then(|t| t.parse::<i64>().ok()).unwrap_or(0);
        if (before > 0) == down {
            return Ok(false);
        }
        let mut tx = self.store.begin().await?;
        meta::set(&mut tx, key, &if down { self.now().unix() } else { 0 }.to_string()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes something of the house for the digest, and for the alarm where it is one.
    ///
    /// # Errors
    /// As the store says.
    pub async fn note(&self, kind: &str, detail: &str) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        notes::tell(&mut tx, self.now(), kind, None, detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The mails that wait for a person.
    ///
    /// # Errors
    /// As the store says.
    pub async fn held(&self) -> Result<Vec<InboxRow>, Error> {
        Ok(inbox::held(&self.store).await?)
    }
}
