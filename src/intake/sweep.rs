//! One sweep over the folder: list, compare with the ledger, take into custody, move aside. What the server did not give is
//! counted, never skipped in silence. Called by `watch`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::json;
use tokio::sync::Notify;

use super::{
    Count, Error, Settings,
    book::{self, Seen},
    commands::{self, Listed},
    custody::{self, Custody},
    older,
    session::Session,
};
use crate::{
    calendar::Moment,
    clock::{Chance, Clock},
    store::{
        Store,
        inbox::{self, NewMail},
        notes,
    },
};

/// Mails moved at once.
const MOVE_BATCH: usize = 50;
/// A mail that was asked for so often and not given is reported.
const TRIES: u32 = 3;
/// And is asked for again after so many seconds only: it may be what breaks the connection.
const REST: i64 = 3600;

/// A mailbox and what is remembered of it from one sweep to the next, also over connections.
#[derive(Debug)]
pub(super) struct Mailbox {
    pub settings: Settings,
    pub store: Store,
    pub clock: Clock,
    pub chance: Chance,
    /// Wakes the desk.
    pub wake: Arc<Notify>,
    /// Longer than the listing says.
    pub in_parts: BTreeSet<u32>,
    /// The server announced IDLE and refused it.
    pub idle_refused: bool,
    /// The server refused to move mails; asked again at the next whole listing.
    moves_refused: bool,
    /// When mails that were given up are asked for again.
    rest_until: BTreeMap<u32, Moment>,
    uidvalidity: u32,
    /// The first UID that no listing has shown yet.
    next: u32,
    misses: BTreeMap<u32, u32>,
    /// Being fetched; what stands here when a sweep begins made the last one panic.
    pub begun: BTreeSet<u32>,
    /// Mails may be in the ledger as listed and not in custody; asked of the store at the first sweep.
    pub open: bool,
    /// Such of them as were told of.
    pub told: BTreeSet<u32>,
}

impl Mailbox {
    pub(super) fn new(settings: Settings, store: Store, clock: Clock, chance: Chance, wake: Arc<Notify>) -> Self {
        Self {
            settings,
            store,
            clock,
            chance,
            wake,
            in_parts: BTreeSet::new(),
            idle_refused: false,
            moves_refused: false,
            rest_until: BTreeMap::new(),
            uidvalidity: 0,
            next: 1,
            misses: BTreeMap::new(),
            begun: BTreeSet::new(),
            open: true,
            told: BTreeSet::new(),
        }
    }

    /// UIDs mean something only together with this.
    pub(super) const fn uidvalidity(&self) -> u32 {
        self.uidvalidity
    }

    /// Mails that were asked for in vain.
    pub(super) fn suspects(&self) -> BTreeSet<u32> {
        self.misses.keys().copied().collect()
    }

    /// Some were asked for in vain and not often enough to give them up.
    pub(super) fn must_try_again(&self) -> bool {
        self.misses.values().any(|tries| *tries < TRIES)
    }

    pub(super) fn new_mail(&self, one: &Listed, raw: Vec<u8>, truncated_size: Option<i64>) -> NewMail {
        let now = self.clock.now();
        NewMail {
            mailbox: self.settings.address.clone(),
            folder: self.settings.folder.clone(),
            uidvalidity: i64::from(self.uidvalidity),
            uid: i64::from(one.uid),
            internal_at: one.internal_at.unwrap_or(now).min(now),
            raw,
            truncated_size,
        }
    }

    /// Opens the folder. Under another UIDVALIDITY all UIDs are new ones.
    pub(super) async fn select(&mut self, session: &mut Session) -> Result<u32, Error> {
        let selected = commands::select(session, &self.settings.folder).await?;
        if selected.uidvalidity != self.uidvalidity {
            if self.uidvalidity != 0 {
                tracing::warn!(mails = selected.exists, "the folder has a new UIDVALIDITY: all of it is read again");
            }
            self.uidvalidity = selected.uidvalidity;
            self.misses.clear();
            self.in_parts.clear();
            self.rest_until.clear();
            self.told.clear();
            self.open = true;
        }
        self.moves_refused = false;
        self.next = 1;
        Ok(selected.exists)
    }

    /// Lists what is there from the first UID not yet listed (after [`Self::select`]: all of it), takes it, moves it aside.
    pub(super) async fn sweep(&mut self, session: &mut Session, count: &mut Count) -> Result<(), Error> {
        let whole = self.next == 1;
        session.news = false;
        let stumbled = Custody { missing: std::mem::take(&mut self.begun), ..Custody::default() };
        self.remember(&stumbled, count).await?;
        let listed = commands::list(session, self.next).await?;
        let uids: BTreeSet<u32> = listed.iter().map(|one| one.uid).collect();
        if whole {
            // What is no longer there is gone: somebody deleted or moved it.
            self.misses.retain(|uid, _| uids.contains(uid));
        }
        let (address, folder, uidvalidity) = (&self.settings.address, &self.settings.folder, i64::from(self.uidvalidity));
        let mut there = inbox::known_among(&self.store, address, folder, uidvalidity, &uids).await?;
        count.known = count.known.max(there.len() as u64);
        let now = self.clock.now();
        let decided = older::decide(&self.store, &self.settings, self.uidvalidity, &listed, now).await?;
        let mut fresh = Vec::new();
        let mut seen = Seen { whole, listed: uids.clone(), ..Seen::default() };
        for one in listed.into_iter().filter(|one| !there.contains(&one.uid)) {
            match one.internal_at {
                Some(at) if decided.waits(self.uidvalidity, one.uid, one.internal_at) => {
                    count.older.insert((one.uid, at));
                    seen.older.insert(one.uid);
                }
                _ if self.rest_until.get(&one.uid).is_some_and(|until| now < *until) => {}
                _ => fresh.push(one),
            }
        }
        let custody = custody::take(self, session, &fresh).await;
        self.remember(&custody, count).await?;
        there.extend(&custody.taken);
        seen.custody.clone_from(&there);
        seen.ended = custody.failed.is_none();
        book::book(self, &seen).await?;
        if let Some(error) = custody.failed {
            return Err(error);
        }
        // Only now: until here a mail that was listed and not taken would be listed again.
        self.next = self.next.max(uids.last().map_or(1, |last| last.saturating_add(1)));
        self.move_aside(session, &there, count).await
    }

    async fn remember(&mut self, custody: &Custody, count: &mut Count) -> Result<(), Error> {
        count.taken += custody.fresh;
        count.truncated += custody.truncated;
        for uid in &custody.taken {
            self.misses.remove(uid);
            self.in_parts.remove(uid);
        }
        let mut given_up = Vec::new();
        for uid in &custody.missing {
            if matches!(custody.failed, Some(Error::TooBig(_))) {
                self.in_parts.insert(*uid);
            }
            let tries = self.misses.entry(*uid).or_insert(0);
            *tries = tries.saturating_add(1);
            if *tries == TRIES {
                given_up.push(*uid);
            }
            if *tries >= TRIES {
                self.rest_until.insert(*uid, self.clock.now().plus_seconds(REST));
            }
        }
        count.unfetchable = self.misses.iter().filter(|(_, tries)| **tries >= TRIES).map(|(uid, _)| *uid).collect();
        if given_up.is_empty() {
            return Ok(());
        }
        tracing::error!(mails = given_up.len(), "the server lists mails and does not give them");
        let text =
            json!({ "mailbox": self.settings.address, "folder": self.settings.folder, "uidvalidity": self.uidvalidity, "uids": given_up });
        let mut tx = self.store.begin().await?;
        notes::tell(&mut tx, self.clock.now(), "mail_unfetchable", None, &text.to_string()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Cosmetic: where the server refuses, the mails stay, and the ledger keeps them from being taken twice.
    async fn move_aside(&mut self, session: &mut Session, uids: &BTreeSet<u32>, count: &mut Count) -> Result<(), Error> {
        let Some(target) = self.settings.processed_folder.as_deref().filter(|_| !self.moves_refused) else { return Ok(()) };
        let mut gone = BTreeSet::new();
        let all: Vec<u32> = uids.iter().copied().collect();
        for batch in all.chunks(MOVE_BATCH) {
            if !commands::move_to(session, batch, target).await? {
                count.moves_refused = true;
                self.moves_refused = true;
                tracing::warn!("the server does not let mails be moved aside; they stay in the folder");
                break;
            }
            count.moved += batch.len() as u64;
            gone.extend(batch.iter().copied());
        }
        if gone.is_empty() {
            return Ok(());
        }
        crate::failpoint::here("I8");
        let here = inbox::unmoved(&self.store, &self.settings.address, &self.settings.folder, i64::from(self.uidvalidity)).await?;
        let ids: Vec<String> = here.into_iter().filter(|(_, uid)| gone.contains(uid)).map(|(id, _)| id).collect();
        inbox::set_moved(&self.store, &ids).await?;
        Ok(())
    }
}
