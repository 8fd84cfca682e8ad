//! The mails that wait, a wave at a time: read on all cores, judged in their order, their letters written on all cores, and
//! carried out in one transaction. A mail that needs to see what an earlier one of its wave brought about waits for the next wave;
//! where anything at all is wrong with a wave, its mails are dealt with one by one (`receive`). Called by daemon.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::carry_out::{Ahead, Carried, Job};
use super::receive::Given;
use super::{Desk, Error};
use crate::failpoint;
use crate::mail::Inbound;
use crate::store::inbox::{self, InboxRow};

/// A mail that stopped its reader so often is held.
const ATTEMPTS: i64 = 5;
/// Mails looked at together.
const MAILS: i64 = 16;
/// Bytes of mails held at once; a mail that is larger comes alone.
const BYTES: i64 = 1024 * 1024;

/// A mail as it was read; `mail` is none where it stopped its reader.
struct Read {
    row: InboxRow,
    raw: Arc<[u8]>,
    mail: Option<Inbound>,
}

/// Mails that are judged and not yet carried out, and what a later mail might have wanted to see of them.
#[derive(Default)]
struct Wave {
    mails: Vec<(Read, Job)>,
    ahead: Ahead,
    cases: BTreeSet<String>,
    senders: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl Desk {
    /// Works off every mail that waits; says how many.
    ///
    /// # Errors
    /// [`Error::Store`]: nothing was half done; wait and call again.
    pub async fn receive_all(&self) -> Result<usize, Error> {
        let mut done = 0;
        loop {
            match self.receive_some().await? {
                0 => return Ok(done),
                some => done += some,
            }
        }
    }

    /// Works off the first of the mails that wait; says how many it looked at, 0 when none waits.
    ///
    /// # Errors
    /// As [`Desk::receive_all`].
    pub async fn receive_some(&self) -> Result<usize, Error> {
        let rows = inbox::next_new(&self.store, MAILS).await?;
        let count = together(&rows);
        if count < 2 {
            let Some(row) = rows.into_iter().next() else { return Ok(0) };
            self.receive_alone(row).await?;
            return Ok(1);
        }
        let ids: Vec<String> = rows.iter().take(count).map(|r| r.id.clone()).collect();
        // Counted before the try. Another node may have been faster with some.
        let counted = inbox::count_attempts(&self.store, &ids).await?;
        let ours = rows.into_iter().take(count).filter(|r| counted.contains_key(&r.id));
        let mails: Vec<Read> = stream::iter(ours.map(|row| self.read(row))).buffered(cores()).try_collect().await?;
        let mut wave = Wave::default();
        for read in mails {
            self.add(&mut wave, read).await?;
        }
        self.carry_out_wave(&mut wave).await?;
        Ok(count)
    }

    async fn receive_alone(&self, row: InboxRow) -> Result<(), Error> {
        if inbox::count_attempt(&self.store, &row.id).await? > ATTEMPTS {
            return self.hold(&row, None, "failed").await;
        }
        let read = self.read(row).await?;
        self.one_by_one(&read).await
    }

    async fn read(&self, row: InboxRow) -> Result<Read, Error> {
        let raw: Arc<[u8]> = inbox::raw(&self.store, &row.id).await?.into();
        let bytes = Arc::clone(&raw);
        let mail = tokio::task::spawn_blocking(move || crate::mail::read(&bytes)).await.ok();
        failpoint::here("I9");
        Ok(Read { row, raw, mail })
    }

    async fn one_by_one(&self, read: &Read) -> Result<(), Error> {
        match &read.mail {
            Some(mail) => self.receive(&read.row, mail, &read.raw).await,
            None => {
                tracing::error!(inbox = read.row.id, "a mail stopped its reader and is held");
                self.hold(&read.row, None, "failed").await
            }
        }
    }

    /// Judges a mail and adds it to the wave; what it has to see is carried out first.
    async fn add(&self, wave: &mut Wave, read: Read) -> Result<(), Error> {
        let Some(mail) = &read.mail else {
            self.carry_out_wave(wave).await?;
            return self.one_by_one(&read).await;
        };
        if wave.is_met_by(mail) {
            self.carry_out_wave(wave).await?;
        }
        let mut job = self.judge(&read.row, mail, &Given { raw: &read.raw, ahead: &wave.ahead }, false).await;
        if job.as_ref().is_ok_and(|job| wave.knows_case_of(job)) {
            self.carry_out_wave(wave).await?;
            job = self.judge(&read.row, mail, &Given { raw: &read.raw, ahead: &wave.ahead }, false).await;
        }
        match job {
            Ok(job) => {
                let seen_by_all = job.pending.is_some() || job.settled.is_some() || job.guessed();
                wave.add(read, job);
                if seen_by_all { self.carry_out_wave(wave).await } else { Ok(()) }
            }
            Err(error @ Error::Store(_)) => Err(error),
            Err(error) => {
                self.carry_out_wave(wave).await?;
                self.hold_for(&read.row, mail, &error).await
            }
        }
    }

    /// Writes the wave's letters, several jobs at a time, and carries all out in their order.
    async fn carry_out_wave(&self, wave: &mut Wave) -> Result<(), Error> {
        let (mails, jobs): (Vec<Read>, Vec<Job>) = std::mem::take(wave).mails.into_iter().unzip();
        if mails.is_empty() {
            return Ok(());
        }
        let ready = stream::iter(jobs.into_iter().map(|job| self.ready(job))).buffered(cores()).try_collect().await;
        let carried = match ready {
            Ok(ready) => self.carry_out_all(ready).await,
            Err(error) => Err(error),
        };
        match carried {
            Ok(Carried::Done(_)) => return Ok(()),
            Err(error @ Error::Store(_)) => return Err(error),
            Ok(Carried::Conflict) | Err(_) => {}
        }
        for read in &mails {
            self.one_by_one(read).await?;
        }
        Ok(())
    }
}

impl Wave {
    fn add(&mut self, read: Read, job: Job) {
        self.cases.extend(case_of(&job));
        self.ids.extend(read.mail.as_ref().and_then(|mail| mail.message_id.clone()));
        self.senders.extend(sender(&read).filter(|_| job.numbers.is_some()));
        if let Some(numbers) = &job.numbers {
            self.ahead.promise(numbers);
        }
        self.mails.push((read, job));
    }

    /// Whether a mail is or answers one of the wave, or comes from somebody whose first mail is in it.
    fn is_met_by(&self, mail: &Inbound) -> bool {
        mail.message_id.iter().chain(&mail.in_reply_to).chain(&mail.references).any(|id| self.ids.contains(id))
            || mail.from.as_ref().is_some_and(|from| self.senders.contains(&from.address.trim().to_lowercase()))
    }

    fn knows_case_of(&self, job: &Job) -> bool {
        case_of(job).is_some_and(|id| self.cases.contains(&id))
    }
}

/// How many of the rows may be read together: a mail that was begun before may be what stopped us, and is read alone.
fn together(rows: &[InboxRow]) -> usize {
    let mut bytes = 0_i64;
    rows.iter()
        .take_while(|row| {
            bytes = bytes.saturating_add(row.size);
            row.attempts == 0 && bytes <= BYTES
        })
        .count()
}

fn case_of(job: &Job) -> Option<String> {
    job.steps.last().map(|(_, case)| case).or(job.before.as_ref()).map(|case| case.id.as_str().to_owned())
}

fn sender(read: &Read) -> Option<String> {
    let from = read.mail.as_ref()?.from.as_ref()?;
    Some(from.address.trim().to_lowercase())
}

/// Sheets that are set at the same time.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).min(8)
}
