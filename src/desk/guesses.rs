//! Who guesses at reply addresses: a token that we never sealed is counted against its sender, and beyond twenty an hour his
//! mails with such tokens are held unread (RELIABILITY §3). A mail with a good token, or with none, is not touched by it.

use super::carry_out::Job;
use super::receive::Given;
use super::{Desk, Error};
use crate::domain::text::fingerprint;
use crate::mail::Inbound;
use crate::store::inbox::InboxRow;
use crate::store::notes;

/// The note of one wrong token; its words are a short hash of the sender's address.
const WRONG: &str = "bad_token";
/// The note, and the reason of the held mail, when a sender has passed the limit.
const LIMIT_PASSED: &str = "bad_tokens";
/// Wrong tokens of one sender in an hour; more are guesses.
const AN_HOUR: i64 = 20;
/// Wrong tokens of one mail that are counted.
const OF_ONE: usize = 8;

impl Desk {
    /// A person's mail, after a look at the tokens that it brings.
    pub(super) async fn person(&self, row: &InboxRow, mail: &Inbound, given: &Given<'_>, confirmed: bool) -> Result<Job, Error> {
        let bad = self.findings(mail).bad;
        if bad == 0 {
            return self.somebody(row, mail, given, confirmed).await;
        }
        let from = mail.from.as_ref().map(|m| m.address.trim().to_lowercase()).unwrap_or_default();
        let sender: String = fingerprint(&from).chars().take(16).collect();
        let earlier = notes::count_since(&self.store, WRONG, &sender, self.now().plus_seconds(-3_600)).await?;
        let mut job = if earlier < AN_HOUR {
            self.somebody(row, mail, given, confirmed).await?
        } else {
            let mut held = self.held_job(row, Some(mail), LIMIT_PASSED);
            if notes::count_since(&self.store, LIMIT_PASSED, &sender, self.now().plus_seconds(-3_600)).await? > 0 {
                // Told once an hour: the mails stand in the list of those held.
                held.direct.clear();
            } else {
                held.told.push((LIMIT_PASSED.to_owned(), None, sender.clone()));
            }
            held
        };
        job.told.extend((0..bad.min(OF_ONE)).map(|_| (WRONG.to_owned(), None, sender.clone())));
        Ok(job)
    }
}

impl Job {
    /// Whether the next mail has to see what this one brought: a wrong token counts.
    pub(super) fn guessed(&self) -> bool {
        self.told.iter().any(|(kind, _, _)| kind == WRONG)
    }
}
