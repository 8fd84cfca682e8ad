//! The keys of DKIM signatures, asked of DNS while a mail is taken in and kept in the store, so that whoever judges it has them
//! without a network. Only the directory's own domains are asked about; no answer delays a mail by more than a few seconds, and
//! none keeps it out. Called by `custody`.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::calendar::Moment;
use crate::desk;
use crate::store::{self, Store, inbox::NewMail, keys};
use crate::wire::{DnsError, Resolver};

/// Whose signatures count, and who knows their keys.
#[derive(Debug, Clone)]
pub struct Signing {
    /// Domains of the people in the directory, lower case.
    pub domains: BTreeSet<String>,
    /// Whom to ask.
    pub resolver: Resolver,
}

/// A key is asked for again after so many seconds.
const FRESH: i64 = 3_600;
/// And one that is not there.
const FRESH_MISSING: i64 = 300;
/// Names asked for in one batch of mails.
const NAMES: usize = 16;
/// For all of a batch.
const PATIENCE: Duration = Duration::from_secs(6);

impl Signing {
    /// Asks for the keys of these mails that are not known, or not any more. An error of the store ends it and is told: the mails
    /// cannot be kept then either.
    pub(super) async fn remember(&self, store: &Store, now: Moment, mails: &[NewMail]) -> Result<(), store::Error> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for mail in mails {
            names.extend(self.domains.iter().flat_map(|domain| desk::signing_keys(&mail.raw, domain)));
        }
        let asking = async {
            for name in names.into_iter().take(NAMES) {
                let known = keys::get(store, &name).await?;
                let age = |row: &keys::KeyRow| now.unix() - row.at.unix();
                let fresh = |row: &keys::KeyRow| (0..if row.record.is_empty() { FRESH_MISSING } else { FRESH }).contains(&age(row));
                if known.as_ref().is_some_and(fresh) {
                    continue;
                }
                match self.resolver.txt(&name).await {
                    // Of several the first that reads as a key; a second one is nobody's to choose from.
                    Ok(records) => {
                        let record = records.iter().find(|r| r.contains("p=")).map_or("", String::as_str);
                        keys::keep(store, &name, record, now).await?;
                    }
                    Err(DnsError::Missing) => keys::keep(store, &name, "", now).await?,
                    // What was known stands for a day.
                    Err(DnsError::Unanswered) => tracing::warn!(key = name, "no resolver answered for the key of a DKIM signature"),
                }
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap_or(Ok(()))
    }
}
