//! Mails that are judged and not yet carried out, and what a later mail might want to see of them. Called by `batch` alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::carry_out::Job;
use crate::mail::Inbound;
use crate::store::inbox::InboxRow;

/// A mail as it was read; `mail` is none where it stopped its reader.
pub(super) struct Read {
    pub row: InboxRow,
    pub raw: Arc<Vec<u8>>,
    pub mail: Option<Inbound>,
}

/// Mails with their jobs, in their order.
#[derive(Default)]
pub(super) struct Wave {
    pub mails: Vec<(Read, Job)>,
    pub met: Met,
}

/// What the mails of a wave are about.
#[derive(Default)]
pub(super) struct Met {
    rows: BTreeSet<String>,
    copies: BTreeSet<String>,
    cases: BTreeSet<String>,
    senders: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl Wave {
    pub(super) fn add(&mut self, read: Read, job: Job) {
        let met = &mut self.met;
        met.rows.insert(read.row.id.clone());
        met.copies.insert(read.row.sha256.clone());
        met.cases.extend(case_of(&job));
        met.ids.extend(read.mail.as_ref().and_then(|mail| mail.message_id.clone()));
        met.senders.extend(sender(&read).filter(|_| job.numbers.is_some()));
        self.mails.push((read, job));
    }
}

impl Met {
    /// Whether this row is one of the wave's.
    pub(super) fn holds(&self, row: &InboxRow) -> bool {
        self.rows.contains(&row.id)
    }

    /// Whether a mail is, copies or answers one of the wave, or comes from somebody whose first mail is in it.
    pub(super) fn is_met_by(&self, row: &InboxRow, mail: &Inbound) -> bool {
        self.copies.contains(&row.sha256)
            || mail.message_id.iter().chain(&mail.in_reply_to).chain(&mail.references).any(|id| self.ids.contains(id))
            || mail.from.as_ref().is_some_and(|from| self.senders.contains(&from.address.trim().to_lowercase()))
    }

    /// Whether the wave changes the case that this job is about.
    pub(super) fn knows_case_of(&self, job: &Job) -> bool {
        case_of(job).is_some_and(|id| self.cases.contains(&id))
    }
}

fn case_of(job: &Job) -> Option<String> {
    job.steps.last().map(|(_, case)| case).or(job.before.as_ref()).map(|case| case.id.as_str().to_owned())
}

fn sender(read: &Read) -> Option<String> {
    let from = read.mail.as_ref()?.from.as_ref()?;
    Some(from.address.trim().to_lowercase())
}
