//! One worker: claims letters, sends them over one connection after the other, and books what came of each. Letters are marked
//! in doubt a handful at a time before the first of them goes out, so that a crash leaves at most a handful that may be sent
//! twice. Called by `run`.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Count, Delivered, Error, Outcome, Room, Why,
    connection::Connection,
    outcome::{Attempt, History, decide},
    sure::sure,
};
use crate::calendar::Moment;
use crate::failpoint;
use crate::store::Store;
use crate::store::outbox::{self, Claimed};

/// Letters claimed at once; a full claim means that there may be more.
pub(super) const CLAIM: i64 = 16;
/// A claim is ours for so long (s): longer than the start window and the slowest possible letter together.
const LEASE: i64 = 1080;
/// No letter of a claim is begun later than this.
const START_WINDOW: Duration = Duration::from_secs(60);
/// Letters marked in one transaction.
const HANDFUL: usize = 8;
/// Fresh connections in a row that may end in trouble.
const TROUBLES: u32 = 3;
/// What was sent is booked after so long at the latest, together with what else was sent meanwhile: a slow server's letters one
/// by one, a fast one's by the handful. What is not booked when the process is killed is sent once more.
const BOOKING: Duration = Duration::from_millis(50);
/// A letter in doubt is sent again after so many seconds; where copies are kept, they are looked for until then.
pub(super) const DOUBT: i64 = 15 * 60;

/// See the file's header.
pub(super) struct Worker {
    room: Room,
    name: String,
    connection: Option<Connection>,
    /// Letters that the connection has taken; 0 on a fresh one.
    taken: u32,
    troubles: u32,
    pub(super) count: Count,
    booked: Vec<(String, String)>,
    /// Since when something is sent and not booked.
    unbooked_since: Option<Instant>,
    told: Vec<Delivered>,
}

impl Worker {
    /// A worker of its own name; claims are its own by that name.
    pub(super) fn new(room: Room, name: String) -> Self {
        Self {
            room,
            name,
            connection: None,
            taken: 0,
            troubles: 0,
            count: Count::default(),
            booked: Vec::new(),
            unbooked_since: None,
            told: Vec::new(),
        }
    }

    /// Works until nothing is due or `stop`; `more` is called when a claim was full, so that others may help.
    ///
    /// # Errors
    /// When the server or the store is away; what was claimed and not tried is due again.
    pub(super) async fn work(&mut self, stop: &CancellationToken, more: impl Fn()) -> Result<(), Error> {
        let result = self.claims(stop, more).await;
        if result.is_err() {
            // A claim whose commit was not answered is ours all the same, and nobody knows which letters.
            let (store, now) = (&self.room.store, self.room.clock.now());
            let _ = sure(store, || outbox::give_back(store, &self.name, now)).await;
        }
        if let Some(connection) = self.connection.take() {
            connection.quit().await;
        }
        result
    }

    async fn claims(&mut self, stop: &CancellationToken, more: impl Fn()) -> Result<(), Error> {
        while !stop.is_cancelled() {
            // Connected first: a server that is away must cost no letter a try.
            match outbox::next_due(&self.room.store).await? {
                Some(at) if at <= self.room.clock.now() => {}
                _ => return Ok(()),
            }
            self.connected().await?;
            let claimed = outbox::claim(&self.room.store, &self.name, self.room.clock.now(), LEASE, CLAIM).await?;
            failpoint::here("O2");
            if claimed.is_empty() {
                return Ok(());
            }
            if i64::try_from(claimed.len()).is_ok_and(|n| n >= CLAIM) {
                more();
            }
            self.deliver(claimed, stop).await?;
        }
        Ok(())
    }

    async fn connected(&mut self) -> Result<&mut Connection, Error> {
        if self.connection.as_ref().is_some_and(Connection::is_broken) {
            self.connection = None;
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                self.taken = 0;
                let opened = Connection::open(&self.room.settings).await?;
                self.room.health.good(self.room.clock.now());
                opened
            }
        };
        Ok(self.connection.insert(connection))
    }

    async fn deliver(&mut self, claimed: Vec<Claimed>, stop: &CancellationToken) -> Result<(), Error> {
        let began = Instant::now();
        let claimed = self.without_searched(claimed).await?;
        let mut rest = claimed.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(HANDFUL));
            if stop.is_cancelled() || began.elapsed() > START_WINDOW {
                return self.release(rest).await;
            }
            if let Err(error) = self.handful(now, began).await {
                self.settle_sent().await?;
                self.release(later).await?;
                return Err(error);
            }
            rest = later;
        }
        Ok(())
    }

    /// Those that may leave now. A letter in doubt whose copy was seen is sent; one whose copy is still looked for waits.
    async fn without_searched(&mut self, claimed: Vec<Claimed>) -> Result<Vec<Claimed>, Error> {
        let Some(copies) = self.room.settings.copies.clone() else { return Ok(claimed) };
        let (store, now) = (&self.room.store, self.room.clock.now());
        let mut rest = Vec::with_capacity(claimed.len());
        for letter in claimed {
            let ours = (letter.id.as_str(), self.name.as_str());
            if !letter.was_in_doubt {
                rest.push(letter);
            } else if sure(store, || outbox::settle_found(store, ours, now)).await? {
                self.count.found += 1;
            } else if let Some(at) = copies.next_look(letter.doubt_since.unwrap_or(letter.queued_at), now) {
                let (why, twice) = (Why::Broken("no answer after the final dot").to_string(), letter.twice_in_doubt);
                sure(store, || outbox::keep_in_doubt(store, ours, at, twice, &why)).await?;
                self.count.in_doubt += 1;
            } else {
                rest.push(letter);
            }
        }
        Ok(rest)
    }

    /// Sends a handful. On an error those of them that were not tried are released.
    async fn handful(&mut self, letters: &[Claimed], began: Instant) -> Result<(), Error> {
        // A letter that was in doubt before is marked right before its second dot, since a crash after that leaves it to a person.
        let ids: Vec<String> = letters.iter().filter(|letter| !letter.was_in_doubt).map(|letter| letter.id.clone()).collect();
        let ours: BTreeSet<String> =
            sure(&self.room.store, || outbox::mark_in_doubt(&self.room.store, &ids, &self.name, self.room.clock.now()))
                .await?
                .into_iter()
                .collect();
        failpoint::here("O4");
        for (place, letter) in letters.iter().enumerate() {
            if letter.twice_in_doubt {
                self.book(letter, Attempt::InDoubt).await?;
                continue;
            }
            let untried = letters.get(place..).unwrap_or_default();
            if self.troubles >= TROUBLES || began.elapsed() > START_WINDOW {
                self.settle_sent().await?;
                self.release(untried).await?;
                if self.troubles < TROUBLES {
                    return Ok(());
                }
                return Err(Error::Server { step: "delivery", code: None });
            }
            if !letter.was_in_doubt && !ours.contains(&letter.id) {
                continue;
            }
            match self.guarded(letter).await {
                Ok(Some(attempt)) => {
                    self.book(letter, attempt).await?;
                    if letter.was_in_doubt || self.unbooked_since.is_some_and(|since| since.elapsed() >= BOOKING) {
                        self.settle_sent().await?;
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    self.settle_sent().await?;
                    self.release(untried).await?;
                    return Err(error);
                }
            }
        }
        self.settle_sent().await
    }

    /// One letter, which may make us panic: then nobody knows how far it came, and it is in doubt like any other. A second time it
    /// is left to a person.
    async fn guarded(&mut self, letter: &Claimed) -> Result<Option<Attempt>, Error> {
        let attempt = AssertUnwindSafe(self.attempt(letter)).catch_unwind().await;
        attempt.unwrap_or_else(|_| {
            tracing::error!(letter = letter.id, "a letter made its sender panic");
            self.connection = None;
            Ok(Some(Attempt::InDoubt))
        })
    }

    /// One letter; a connection that was used before and is found closed costs the letter nothing. `None`: the letter was in doubt
    /// and is no longer ours.
    async fn attempt(&mut self, letter: &Claimed) -> Result<Option<Attempt>, Error> {
        let first = self.try_once(letter).await?;
        let closed = matches!(first, Some(Attempt::Broken(_) | Attempt::Refused { code: 421, .. }));
        if closed && self.taken > 0 {
            self.connection = None;
            return self.try_once(letter).await;
        }
        Ok(first)
    }

    async fn try_once(&mut self, letter: &Claimed) -> Result<Option<Attempt>, Error> {
        self.connected().await?;
        let Some(mut connection) = self.connection.take() else { return Ok(Some(Attempt::Broken("no connection"))) };
        let attempt = {
            let (store, name) = (self.room.store.clone(), self.name.clone());
            let mut sending = std::pin::pin!(send(&mut connection, letter, &store, &name, self.room.clock.now()));
            loop {
                // What was sent before must not wait long for its mark while this letter hangs.
                match tokio::time::timeout(Duration::from_secs(1), &mut sending).await {
                    Ok(attempt) => break attempt?,
                    Err(_) => self.settle_sent().await?,
                }
            }
        };
        let fresh = self.taken == 0;
        if connection.is_broken() {
            self.troubles += u32::from(fresh);
        } else {
            self.troubles = 0;
            self.taken = self.taken.saturating_add(1);
            self.connection = Some(connection);
        }
        Ok(attempt)
    }

    async fn book(&mut self, letter: &Claimed, attempt: Attempt) -> Result<(), Error> {
        let now = self.room.clock.now();
        let history = History {
            attempts: letter.attempts,
            was_in_doubt: letter.was_in_doubt,
            queued_at: letter.queued_at,
            size: letter.raw.len() as u64,
        };
        let outcome = decide(attempt, history, now);
        if !self.settle(letter, &outcome, now).await? {
            return Ok(());
        }
        let delivered = Delivered {
            letter_id: letter.id.clone(),
            case_id: letter.case_id.clone(),
            kind: letter.kind.clone(),
            recipient: letter.recipient.clone(),
            again: letter.was_in_doubt,
            outcome,
            at: now,
        };
        if matches!(delivered.outcome, Outcome::Sent { .. }) {
            self.told.push(delivered); // told when it is booked
        } else {
            let _ = self.room.outcomes.send(delivered).await;
        }
        Ok(())
    }

    /// Keeps an outcome; false where there is nothing to tell: the letter is another worker's by now, its copy was seen, or is sought.
    async fn settle(&mut self, letter: &Claimed, outcome: &Outcome, now: Moment) -> Result<bool, Error> {
        let (store, ours) = (&self.room.store, (letter.id.as_str(), self.name.as_str()));
        if let Outcome::InDoubt | Outcome::Never { why: Why::StillInDoubt } = outcome
            && sure(store, || outbox::settle_found(store, ours, now)).await?
        {
            self.count.found += 1;
            return Ok(false);
        }
        // The second one may lie among the sent mails as well: it is looked for before a person is asked.
        let sought = self.room.settings.copies.is_some() && !letter.twice_in_doubt;
        Ok(match outcome {
            Outcome::Never { why: why @ Why::StillInDoubt } if sought => {
                let why = why.to_string();
                let kept = sure(store, || outbox::keep_in_doubt(store, ours, now.plus_seconds(DOUBT), true, &why)).await?;
                self.count.in_doubt += u64::from(kept);
                false
            }
            Outcome::Sent { reply } => {
                failpoint::here("O6");
                self.booked.push((letter.id.clone(), reply.clone()));
                self.unbooked_since.get_or_insert_with(Instant::now);
                self.count.sent += 1;
                self.count.sent_again += u64::from(letter.was_in_doubt);
                true
            }
            Outcome::Later { at, why } => {
                let why = why.to_string();
                let kept = sure(store, || outbox::mark_later(store, ours, *at, &why, now)).await?;
                self.count.later += u64::from(kept);
                kept
            }
            Outcome::Never { why } => {
                let why = why.to_string();
                let kept = sure(store, || outbox::mark_never(store, ours, &why, now)).await?;
                self.count.never += u64::from(kept);
                kept
            }
            Outcome::InDoubt => {
                let why = Why::Broken("no answer after the final dot").to_string();
                let kept = sure(store, || outbox::keep_in_doubt(store, ours, now.plus_seconds(DOUBT), false, &why)).await?;
                self.count.in_doubt += u64::from(kept);
                kept
            }
        })
    }

    /// Books what was sent, in one transaction, then tells the desk.
    async fn settle_sent(&mut self) -> Result<(), Error> {
        if self.booked.is_empty() {
            return Ok(());
        }
        let now = self.room.clock.now();
        sure(&self.room.store, || outbox::mark_sent(&self.room.store, &self.booked, now)).await?;
        failpoint::here("O7");
        self.booked.clear();
        self.unbooked_since = None;
        self.room.health.good(now);
        for delivered in self.told.drain(..) {
            // Nobody listens any more at the end of the daemon: the store is the truth.
            let _ = self.room.outcomes.send(delivered).await;
        }
        Ok(())
    }

    /// Gives back what was not tried: due again at once, and in doubt where it was in doubt before.
    async fn release(&self, letters: &[Claimed]) -> Result<(), Error> {
        let now = self.room.clock.now();
        for letter in letters {
            let ours = (letter.id.as_str(), self.name.as_str());
            if letter.was_in_doubt {
                let twice = letter.twice_in_doubt;
                sure(&self.room.store, || outbox::keep_in_doubt(&self.room.store, ours, now, twice, "not tried yet")).await?;
            } else {
                sure(&self.room.store, || outbox::mark_later(&self.room.store, ours, now, "not tried yet", now)).await?;
            }
        }
        Ok(())
    }
}

/// Sends one letter; `None` when it was in doubt and another worker has it by now.
async fn send(connection: &mut Connection, letter: &Claimed, store: &Store, worker: &str, now: Moment) -> Result<Option<Attempt>, Error> {
    if let Err(attempt) = connection.begin(&letter.envelope_from, &letter.recipient, &letter.raw).await {
        return Ok(Some(attempt));
    }
    if letter.was_in_doubt && outbox::mark_in_doubt(store, std::slice::from_ref(&letter.id), worker, now).await?.is_empty() {
        connection.break_off();
        return Ok(None);
    }
    Ok(Some(connection.content(&letter.raw).await))
}
