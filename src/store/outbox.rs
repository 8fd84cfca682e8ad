//! Letters from the transaction that caused them until the server took them, and for ever after.
//! A row goes queued → claimed → in_doubt (before the final dot) → sent | later | never; withdrawn before it was
//! claimed. Bytes and Message-ID are frozen when queued. Called by desk (`queue`, `withdraw`), delivery (`claim` … `mark_*`) and cli.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use super::long::{self, Of};
use super::sql::{self, Sql, index_key};
use super::{Error, Result, Store, Tx};
use crate::calendar::Moment;
use crate::clock::Chance;

mod doubts;
mod settle;

pub use super::long::Content;
pub use doubts::{Doubt, copy_seen, doubts, settle_found};
pub use settle::{
    Claimed, claim, give_back, keep_in_doubt, make_all_due, mark_in_doubt, mark_later, mark_never, mark_sent, next_due, presume_sent,
    take_over_claims_of, take_over_dead_claims,
};

/// The meta key that keeps every letter back but questions to a second person, while it holds a value.
pub const KEPT_BACK: &str = "outbox.kept_back";

/// A letter to be queued: one recipient, final bytes.
#[derive(Debug, Clone)]
pub struct NewLetter {
    /// The case it belongs to.
    pub case_id: Option<String>,
    /// Which letter it is.
    pub kind: String,
    /// What caused it: the same effect is queued once.
    pub effect_key: String,
    /// MAIL FROM; empty for the null sender.
    pub envelope_from: String,
    /// RCPT TO.
    pub recipient: String,
    /// Its subject, readable.
    pub subject: String,
    /// Its Message-ID as it stands in `raw`.
    pub message_id: String,
    /// The whole mail.
    pub raw: Content,
    /// Its text, for `case show`.
    pub text: String,
    /// Does not leave before this moment.
    pub not_before: Moment,
    /// An automatic answer (RFC 3834), for the limits on those.
    pub automatic: bool,
    /// `public` (the complainant's) or `internal`.
    pub world: String,
}

/// Where a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Waits for its first try.
    Queued,
    /// Being delivered; nothing final was said to the server yet.
    Claimed,
    /// The final dot went out, or may have; the answer is not known.
    InDoubt,
    /// The server took it.
    Sent,
    /// Waits for its next try.
    Later,
    /// Given up.
    Never,
    /// Called back before it left.
    Withdrawn,
}

impl State {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Claimed => "claimed",
            Self::InDoubt => "in_doubt",
            Self::Sent => "sent",
            Self::Later => "later",
            Self::Never => "never",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn read(word: &str) -> Result<Self> {
        match word {
            "queued" => Ok(Self::Queued),
            "claimed" => Ok(Self::Claimed),
            "in_doubt" => Ok(Self::InDoubt),
            "sent" => Ok(Self::Sent),
            "later" => Ok(Self::Later),
            "never" => Ok(Self::Never),
            "withdrawn" => Ok(Self::Withdrawn),
            other => Err(sql::damaged("outbox", "state", other)),
        }
    }
}

/// A letter without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id (ULID).
    pub id: String,
    /// The case it belongs to.
    pub case_id: Option<String>,
    /// Which letter it is.
    pub kind: String,
    /// What caused it.
    pub effect_key: String,
    /// MAIL FROM.
    pub envelope_from: String,
    /// RCPT TO.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: String,
    /// `public` or `internal`.
    pub world: String,
    /// An automatic answer.
    pub automatic: bool,
    /// When it was caused.
    pub queued_at: Moment,
    /// When it is tried next; meaningful while it waits.
    pub next_at: Moment,
    /// Where it is.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// A try ended without a known outcome.
    pub doubt: bool,
    /// When it was last tried: sent, put off or given up.
    pub changed_at: Option<Moment>,
    /// The server's last words when it took the letter.
    pub reply: Option<String>,
    /// Why it waits or was given up.
    pub why: Option<String>,
    /// Bytes.
    pub size: i64,
}

/// Queues a letter in the transaction that causes it; its id, or `None` when this effect was queued before.
///
/// # Errors
/// As the database says.
pub async fn queue(tx: &mut Tx, chance: &Chance, now: Moment, letter: NewLetter) -> Result<Option<String>> {
    let id = chance.ulid(now);
    let fresh = Sql::new(
        "INSERT INTO outbox (id, case_id, kind, effect_key, envelope_from, recipient, recipient_key, subject, message_id, world, automatic,
         queued_at, next_at, state, attempts, doubt, size, told)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'queued', 0, 0, $14, 0)
         ON CONFLICT (effect_key) DO NOTHING",
    )
    .text(&id)
    .maybe_text(letter.case_id.as_deref())
    .text(&letter.kind)
    .text(&index_key(&letter.effect_key))
    .text(&letter.envelope_from)
    .text(&letter.recipient)
    .text(&recipient_key(&letter.recipient))
    .text(&letter.subject)
    .text(&index_key(&letter.message_id))
    .text(&letter.world)
    .flag(letter.automatic)
    .at(now)
    .at(letter.not_before)
    .int(i64::try_from(letter.raw.len()).unwrap_or(i64::MAX))
    .run(tx.conn())
    .await?;
    if fresh == 0 {
        return Ok(None);
    }
    long::put(tx, Of::Outbox, &id, &letter.raw, &letter.text).await?;
    Ok(Some(id))
}

/// Calls a letter back that was queued by this effect and has not been claimed yet; whether it could. The effect may
/// be queued anew afterwards.
///
/// # Errors
/// As the database says.
pub async fn withdraw(tx: &mut Tx, effect_key: &str) -> Result<bool> {
    let changed =
        Sql::new("UPDATE outbox SET state = 'withdrawn', effect_key = 'withdrawn:' || id WHERE effect_key = $1 AND state = 'queued'")
            .text(&index_key(effect_key))
            .run(tx.conn())
            .await?;
    Ok(changed == 1)
}

/// One letter.
///
/// # Errors
/// As the database says.
pub async fn get(store: &Store, id: &str) -> Result<Option<OutboxRow>> {
    let row = Sql::new("SELECT * FROM outbox WHERE id = $1").text(id).first(&mut *store.reader().await?).await?;
    row.as_ref().map(read).transpose()
}

/// A letter's bytes, as they left or will leave.
///
/// # Errors
/// [`Error::Stale`] when there is no such letter.
pub async fn raw(store: &Store, id: &str) -> Result<Vec<u8>> {
    long::get(&mut *store.reader().await?, Of::Outbox, id).await?.ok_or_else(|| stale(id, "is not in the outbox"))
}

/// The letter with this Message-ID: a bounce or a reply names it.
///
/// # Errors
/// As the database says.
pub async fn find_by_message_id(store: &Store, message_id: &str) -> Result<Option<OutboxRow>> {
    let row = Sql::new("SELECT * FROM outbox WHERE message_id = $1 ORDER BY id LIMIT 1")
        .text(&index_key(message_id))
        .first(&mut *store.reader().await?)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The letters of a case, oldest first.
///
/// # Errors
/// As the database says.
pub async fn list_for_case(store: &Store, case_id: &str) -> Result<Vec<OutboxRow>> {
    let rows =
        Sql::new("SELECT * FROM outbox WHERE case_id = $1 ORDER BY queued_at, id").text(case_id).all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

/// Every letter, oldest first. Grows with the outbox's whole history: for who checks the whole.
///
/// # Errors
/// As the database says.
pub async fn all(store: &Store) -> Result<Vec<OutboxRow>> {
    let rows = Sql::new("SELECT * FROM outbox ORDER BY id").all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

/// Letters that were given up in [`from`, `to`), oldest first, for the digest.
///
/// # Errors
/// As the database says.
pub async fn given_up(store: &Store, from: Moment, to: Moment) -> Result<Vec<OutboxRow>> {
    let rows = Sql::new("SELECT * FROM outbox WHERE state = 'never' AND changed_at >= $1 AND changed_at < $2 ORDER BY changed_at, id")
        .at(from)
        .at(to)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// Letters that were given up and whose failure nobody was told of yet, oldest first: a process may have ended between the two.
///
/// # Errors
/// As the database says.
pub async fn untold(store: &Store) -> Result<Vec<OutboxRow>> {
    let rows = Sql::new("SELECT * FROM outbox WHERE state = 'never' AND told = 0 ORDER BY id").all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

/// Keeps, in the transaction that tells it, that somebody was told; `false` when it was told before: roll back.
///
/// # Errors
/// As the database says.
pub async fn set_told(tx: &mut Tx, id: &str) -> Result<bool> {
    Ok(Sql::new("UPDATE outbox SET told = 1 WHERE id = $1 AND told = 0").text(id).run(tx.conn()).await? == 1)
}

/// The automatic answers to this recipient since then (RFC 3834 §2: limits), newest first, at most forty, called back ones left
/// out: when each was caused, and when its server took it.
///
/// # Errors
/// As the database says.
pub async fn automatic_times(store: &Store, recipient: &str, since: Moment) -> Result<Vec<(Moment, Option<Moment>)>> {
    let rows = Sql::new(
        "SELECT queued_at, state, changed_at FROM outbox
         WHERE automatic = 1 AND recipient_key = $1 AND queued_at >= $2 AND state <> 'withdrawn' ORDER BY queued_at DESC LIMIT 40",
    )
    .text(&recipient_key(recipient))
    .at(since)
    .all(&mut *store.reader().await?)
    .await?;
    let sent = |row: &AnyRow| -> Result<Option<Moment>> {
        if sql::text(row, "state")? == "sent" { sql::maybe_at(row, "changed_at") } else { Ok(None) }
    };
    rows.iter().map(|row| Ok((sql::at(row, "queued_at")?, sent(row)?))).collect()
}

/// How many letters are in which state.
///
/// # Errors
/// As the database says.
pub async fn count_by_state(store: &Store) -> Result<BTreeMap<State, i64>> {
    // By kind too, since that is what there is an index for: one on the state alone would draw SQLite away from the
    // small indexes that claims live on.
    let rows =
        Sql::new("SELECT kind, state, COUNT(*) AS letters FROM outbox GROUP BY kind, state").all(&mut *store.reader().await?).await?;
    let mut counts = BTreeMap::new();
    for row in &rows {
        *counts.entry(State::read(&sql::text(row, "state")?)?).or_insert(0) += sql::int(row, "letters")?;
    }
    Ok(counts)
}

/// How many letters of which kind were ever queued.
///
/// # Errors
/// As the database says.
pub async fn count_by_kind(store: &Store) -> Result<BTreeMap<String, i64>> {
    let rows = Sql::new("SELECT kind, COUNT(*) AS letters FROM outbox GROUP BY kind").all(&mut *store.reader().await?).await?;
    rows.iter().map(|row| Ok((sql::text(row, "kind")?, sql::int(row, "letters")?))).collect()
}

/// Addresses are compared without regard to case.
fn recipient_key(recipient: &str) -> String {
    index_key(&recipient.to_lowercase()).into_owned()
}

fn stale(id: &str, why: &'static str) -> Error {
    Error::Stale { what: "outbox", id: id.to_owned(), why }
}

fn read(row: &AnyRow) -> Result<OutboxRow> {
    Ok(OutboxRow {
        id: sql::text(row, "id")?,
        case_id: sql::maybe_text(row, "case_id")?,
        kind: sql::text(row, "kind")?,
        effect_key: sql::text(row, "effect_key")?,
        envelope_from: sql::text(row, "envelope_from")?,
        recipient: sql::text(row, "recipient")?,
        subject: sql::text(row, "subject")?,
        message_id: sql::text(row, "message_id")?,
        world: sql::text(row, "world")?,
        automatic: sql::flag(row, "automatic")?,
        queued_at: sql::at(row, "queued_at")?,
        next_at: sql::at(row, "next_at")?,
        state: State::read(&sql::text(row, "state")?)?,
        attempts: sql::int(row, "attempts")?,
        doubt: sql::flag(row, "doubt")?,
        changed_at: sql::maybe_at(row, "changed_at")?,
        reply: sql::maybe_text(row, "reply")?,
        why: sql::maybe_text(row, "why")?,
        size: sql::int(row, "size")?,
    })
}
