//! The mails that wait, a wave at a time: read on all cores, judged in their order, their letters written on all cores, and
//! carried out in one transaction. While one wave's letters are written and booked the next one is read and judged. A mail that
//! needs to see what an earlier one brings about waits until that is booked; where anything at all is wrong with a wave, its
//! mails are dealt with one by one (`receive`). Called by daemon.

use std::collections::{BTreeSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::carry_out::{Ahead, Carried, Job};
use super::receive::Given;
use super::wave::{Met, Read, Wave};
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::failpoint;
use crate::mail::Inbound;
use crate::store::inbox::{self, InboxRow};

/// A mail that stopped its reader so often is held.
const ATTEMPTS: i64 = 5;
/// From so many tries on a mail waits until the service has lived in peace for a while, twice as long for each further one: who is
/// killed every second from outside blames no mail for it.
const CALM_FROM: i64 = 3;
/// That while at first, in seconds.
const CALM: u64 = 2;
/// Mails looked at together.
const MAILS: i64 = 16;
/// Bytes of mails held at once; a mail that is larger comes alone.
const BYTES: i64 = 1024 * 1024;
/// So much memory (bytes) must be there, and so many times its size, before a mail is begun once more under which the process ended: who
/// has not the memory to work blames no mail for it.
const ROOM: i64 = 64 * 1024 * 1024;
const TIMES: i64 = 8;
/// Waves whose letters are being written or booked while the next one is read.
const FLIGHTS: usize = 2;

/// The clerk at work on what waits. End it with [`Waves::finish`].
pub struct Waves {
    desk: Desk,
    flights: VecDeque<Flight>,
    ahead: Ahead,
    redone: usize,
    /// Mails that wait for memory.
    short: BTreeSet<String>,
    /// How long the service has lived; none in a single pass, which cannot wait.
    lived: Option<Duration>,
}

/// A wave on its way: its letters are written at once, it is booked after the wave before it.
struct Flight {
    met: Met,
    /// Whether its mails had to be dealt with one by one.
    task: JoinHandle<Result<bool, Error>>,
}

impl Desk {
    /// The clerk at work, wave after wave.
    #[must_use]
    pub fn waves(&self) -> Waves {
        Waves { desk: self.clone(), flights: VecDeque::new(), ahead: Ahead::default(), redone: 0, short: BTreeSet::new(), lived: None }
    }

    /// Works off every mail that waits; says how many.
    ///
    /// # Errors
    /// [`Error::Store`]: nothing was half done; wait and call again.
    pub async fn receive_all(&self) -> Result<usize, Error> {
        let mut waves = self.waves();
        let mut done = 0;
        loop {
            match waves.next().await? {
                0 => break,
                some => done += some,
            }
        }
        waves.finish().await?;
        Ok(done)
    }

    /// Works off the first of the mails that wait, alone, if it came in by `until`; whether there was one.
    ///
    /// # Errors
    /// As [`Desk::receive_all`].
    pub async fn receive_first(&self, until: Moment) -> Result<bool, Error> {
        match self.first_waiting().await? {
            Some(row) if row.internal_at <= until => self.receive_alone(row).await.map(|()| true),
            Some(_) | None => Ok(false),
        }
    }

    /// The mail that is read next.
    ///
    /// # Errors
    /// As the store says.
    pub async fn first_waiting(&self) -> Result<Option<InboxRow>, Error> {
        Ok(inbox::next_new(&self.store, 1).await?.into_iter().next())
    }

    async fn receive_alone(&self, row: InboxRow) -> Result<(), Error> {
        if row.attempts > 0 {
            // What takes long for other reasons than this mail is done before the mail is counted as begun.
            self.warm().await;
        }
        if inbox::count_attempt(&self.store, &row.id).await? > ATTEMPTS {
            return self.hold(&row, None, "failed").await;
        }
        // One that makes us panic alone and has stopped us before is set aside; the first time it may have been something else.
        let alone = async { self.one_by_one(self.read(row.clone()).await?).await };
        match AssertUnwindSafe(alone).catch_unwind().await {
            Ok(done) => done,
            Err(_) if row.attempts > 0 => {
                tracing::error!(inbox = row.id, "a mail made the clerk panic again and is held");
                self.hold(&row, None, "failed").await
            }
            Err(_) => Err(Error::Reader),
        }
    }

    async fn warm(&self) {
        let desk = self.clone();
        let _ =
            tokio::task::spawn_blocking(move || desk.press.as_ref().map(|press| press.warm(desk.office.procedure.forms_folder()))).await;
    }

    async fn read(&self, row: InboxRow) -> Result<Read, Error> {
        let raw = Arc::new(inbox::raw(&self.store, &row.id).await?);
        let bytes = Arc::clone(&raw);
        let mail = tokio::task::spawn_blocking(move || crate::mail::read_without_files(&bytes)).await.ok();
        failpoint::here("I9");
        Ok(Read { row, raw, mail })
    }

    async fn one_by_one(&self, read: Read) -> Result<(), Error> {
        match &read.mail {
            Some(mail) => self.receive(&read.row, mail, read.raw).await,
            None => {
                tracing::error!(inbox = read.row.id, "a mail stopped its reader and is held");
                self.hold(&read.row, None, "failed").await
            }
        }
    }

    /// Writes the wave's letters, several jobs at a time, and carries all out in their order once `turn` says that the waves
    /// before it are through. `turn` is dropped where one of them has failed: then nothing is carried out.
    async fn fly(self, mails: Vec<(Read, Job)>, turn: Option<oneshot::Receiver<()>>) -> Result<bool, Error> {
        let (mails, jobs): (Vec<Read>, Vec<Job>) = mails.into_iter().unzip();
        let ready = stream::iter(jobs.into_iter().map(|job| self.ready(job))).buffered(cores()).try_collect().await;
        if let Some(turn) = turn
            && turn.await.is_err()
        {
            return Ok(false);
        }
        let carried = match ready {
            Ok(ready) => self.carry_out_all(ready).await,
            Err(error) => Err(error),
        };
        match carried {
            Ok(Carried::Done(_)) => return Ok(false),
            Err(error @ Error::Store(_)) => return Err(error),
            Ok(Carried::Conflict) | Err(_) => {}
        }
        for read in mails {
            self.one_by_one(read).await?;
        }
        Ok(true)
    }
}

impl Waves {
    /// For a service that has lived so long: mails that were begun again and again wait until it has been long enough.
    #[must_use]
    pub fn after(self, lived: Duration) -> Self {
        Self { lived: Some(lived), ..self }
    }

    /// Takes up the next mails that wait; says how many it looked at, 0 when none waits and all is booked.
    ///
    /// # Errors
    /// [`Error::Store`]: nothing was half done; wait and begin anew.
    pub async fn next(&mut self) -> Result<usize, Error> {
        loop {
            let rows = self.waiting().await?;
            let count = together(&rows);
            if count > 1 {
                return self.several(rows, count).await;
            }
            self.rest().await?;
            let Some(row) = rows.into_iter().next() else { return Ok(0) };
            if row.attempts > 0 && !has_room(ROOM.saturating_add(row.size.saturating_mul(TIMES))) {
                tracing::error!(inbox = row.id, "the process ended under a mail, and has too little memory to begin it again: it waits");
                self.short.insert(row.id);
                continue;
            }
            self.desk.receive_alone(row).await?;
            return Ok(1);
        }
    }

    /// The first `count` of these, together.
    async fn several(&mut self, rows: Vec<InboxRow>, count: usize) -> Result<usize, Error> {
        let ids: Vec<String> = rows.iter().take(count).map(|r| r.id.clone()).collect();
        // Counted before the try. Another node may have been faster with some.
        let counted = inbox::count_attempts(&self.desk.store, &ids).await?;
        let ours = rows.into_iter().take(count).filter(|r| counted.contains_key(&r.id));
        let mails: Vec<Read> = stream::iter(ours.map(|row| self.desk.read(row))).buffered(cores()).try_collect().await?;
        let mut wave = Wave::default();
        for read in mails {
            self.add(&mut wave, read).await?;
        }
        self.launch(&mut wave).await?;
        Ok(count)
    }

    /// Waits until all that was taken up is booked; says how many waves had to be dealt with mail by mail.
    ///
    /// # Errors
    /// As [`Waves::next`].
    pub async fn finish(mut self) -> Result<usize, Error> {
        self.rest().await?;
        Ok(self.redone)
    }

    /// The first mails that wait and are not in the air.
    async fn waiting(&self) -> Result<Vec<InboxRow>, Error> {
        let flying = i64::try_from(self.flights.len()).unwrap_or(0) * MAILS;
        let short = i64::try_from(self.short.len()).unwrap_or(0);
        let mut rows = inbox::next_new(&self.desk.store, flying + short + MAILS).await?;
        rows.retain(|row| !self.short.contains(&row.id));
        rows.retain(|row| !self.flights.iter().any(|flight| flight.met.holds(row)) && self.lived.is_none_or(|lived| lived >= calm(row)));
        rows.truncate(usize::try_from(MAILS).unwrap_or(1));
        Ok(rows)
    }

    /// Judges a mail and adds it to the wave; what it has to see is booked first.
    async fn add(&mut self, wave: &mut Wave, read: Read) -> Result<(), Error> {
        let Some(mail) = &read.mail else {
            self.book(wave).await?;
            return self.desk.one_by_one(read).await;
        };
        if self.flights.iter().any(|flight| flight.met.is_met_by(&read.row, mail)) {
            self.land(0).await?;
        }
        if wave.met.is_met_by(&read.row, mail) {
            self.book(wave).await?;
        }
        let mut job = self.judge(mail, &read).await;
        if job.as_ref().is_ok_and(|job| wave.met.knows_case_of(job) || self.flights.iter().any(|f| f.met.knows_case_of(job))) {
            self.book(wave).await?;
            job = self.judge(mail, &read).await;
        }
        match job {
            Ok(job) => {
                let seen_by_all = !job.pending.is_empty() || job.settled.is_some() || job.list.is_some() || job.guessed();
                if let Some(numbers) = &job.numbers {
                    self.ahead.promise(numbers);
                }
                wave.add(read, job);
                if seen_by_all { self.book(wave).await } else { Ok(()) }
            }
            Err(error @ Error::Store(_)) => Err(error),
            Err(error) => {
                self.book(wave).await?;
                self.desk.hold_for(&read.row, mail, &error).await
            }
        }
    }

    async fn judge(&self, mail: &Inbound, read: &Read) -> Result<Job, Error> {
        Box::pin(self.desk.judge(&read.row, mail, &Given { raw: &read.raw, ahead: &self.ahead, listed: false }, false)).await
    }

    /// Sends the wave off and waits until it and all before it are booked.
    async fn book(&mut self, wave: &mut Wave) -> Result<(), Error> {
        self.launch(wave).await?;
        self.rest().await
    }

    /// Sends the wave off; waits while too many are in the air.
    async fn launch(&mut self, wave: &mut Wave) -> Result<(), Error> {
        let wave = std::mem::take(wave);
        if wave.mails.is_empty() {
            return Ok(());
        }
        self.land(FLIGHTS - 1).await?;
        // Its turn comes when the one before it has landed; where that failed, `done` is dropped and the turn never comes.
        let before = self.flights.pop_back();
        let (turn, before) = match before {
            Some(flight) => {
                let (done, turn) = oneshot::channel();
                let task = tokio::spawn(async move {
                    let result = flight.task.await.map_err(|_| Error::Reader).flatten();
                    if result.is_ok() {
                        let _ = done.send(());
                    }
                    result
                });
                (Some(turn), Some(Flight { met: flight.met, task }))
            }
            None => (None, None),
        };
        self.flights.extend(before);
        let task = tokio::spawn(self.desk.clone().fly(wave.mails, turn));
        self.flights.push_back(Flight { met: wave.met, task });
        Ok(())
    }

    /// Waits until at most `left` waves are in the air.
    async fn land(&mut self, left: usize) -> Result<(), Error> {
        while self.flights.len() > left
            && let Some(flight) = self.flights.pop_front()
        {
            self.redone += usize::from(flight.task.await.map_err(|_| Error::Reader).flatten()?);
        }
        Ok(())
    }

    /// Waits until nothing is in the air. Only for when no wave is begun: what it was promised would be forgotten with the rest.
    async fn rest(&mut self) -> Result<(), Error> {
        self.land(0).await?;
        self.ahead = Ahead::default();
        Ok(())
    }
}

/// How long the service must have lived before this mail is begun once more.
fn calm(row: &InboxRow) -> Duration {
    match u32::try_from(row.attempts - CALM_FROM) {
        Ok(further) => Duration::from_secs(CALM << further.min(8)),
        Err(_) => Duration::ZERO,
    }
}

/// Whether so many bytes could be had. Asked for and given back, never touched.
fn has_room(bytes: i64) -> bool {
    let mut room: Vec<u8> = Vec::new();
    let had = usize::try_from(bytes).is_ok_and(|bytes| room.try_reserve_exact(bytes).is_ok());
    // The compiler may leave out an allocation that nobody looks at.
    std::hint::black_box(&room);
    had
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

/// Sheets that are set at the same time.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).min(8)
}
