//! The trail (作業軌跡): append-only, one hash chain over all cases, and the proof that nobody touched it.
//! Each event's hash covers all its columns and the hash before it. The end of the chain stands in its own row, which
//! also makes writers take turns on PostgreSQL. Called by desk (`append`), cli (`verify`) and report.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

use super::db::Head;
use super::sql::{self, Sql, hex, without_nul};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

/// The event that records that a case's contents were taken out; what it names as erased is so by right.
pub const PURGED: &str = "purged";
/// The kind of the event that records that a case's mails were taken out, and nothing of what the trail says.
pub const MAILS_PURGED: &str = "mails_purged";

/// An event to be kept.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The case it happened to.
    pub case_id: Option<String>,
    /// When.
    pub at: Moment,
    /// What.
    pub kind: String,
    /// Who: a person's id, `complainant`, `clock`, `operator` …
    pub actor: String,
    /// The inbox id of the mail that said so.
    pub source: Option<String>,
    /// The event as JSON.
    pub payload: String,
    /// What it changed in the case: a JSON merge patch (RFC 7396).
    pub change: String,
}

/// An event in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in the chain, from 1, without holes.
    pub seq: i64,
    /// The case it happened to.
    pub case_id: Option<String>,
    /// When.
    pub at: Moment,
    /// What.
    pub kind: String,
    /// Who.
    pub actor: String,
    /// The mail that said so.
    pub source: Option<String>,
    /// The event as JSON.
    pub payload: String,
    /// What it changed: a JSON merge patch.
    pub change: String,
    /// The hash of the event before it; empty for the first.
    pub prev_hash: String,
    /// Its own hash.
    pub hash: String,
}

/// When the newest event happened; None while there is none.
///
/// # Errors
/// As the database says.
pub async fn newest(store: &Store) -> Result<Option<Moment>> {
    let row = Sql::new("SELECT at FROM events WHERE seq = (SELECT seq FROM events_head WHERE id = 1)");
    row.first(&mut *store.reader().await?).await?.as_ref().map(|row| sql::at(row, "at")).transpose()
}

/// When each actor's last event happened; what was refused for want of proof is nobody's.
///
/// # Errors
/// As the database says.
pub async fn last_acts(store: &Store) -> Result<Vec<(String, Moment)>> {
    let rows = Sql::new("SELECT actor, MAX(at) AS at FROM events GROUP BY actor ORDER BY actor").all(&mut *store.reader().await?).await?;
    rows.iter().map(|row| Ok((sql::text(row, "actor")?, sql::at(row, "at")?))).collect()
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every event is as it was written.
    Ok {
        /// How many events there are.
        events: i64,
        /// The last one's hash. Whoever keeps it elsewhere can prove later that the chain was not rewritten.
        head: String,
    },
    /// The chain is broken.
    Broken {
        /// The first event that does not fit.
        seq: i64,
        /// How.
        why: Fault,
    },
}

/// How a chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Its columns do not give its hash: it was changed, or another event was put in its place.
    #[error("the event was changed")]
    Changed,
    /// It does not follow the event before it: the order was changed.
    #[error("the event does not follow the one before it")]
    Order,
    /// It is not there.
    #[error("the event is missing")]
    Missing,
    /// It stands outside the chain.
    #[error("the event was put in afterwards")]
    Inserted,
    /// The noted end of the chain is not the last event's.
    #[error("the end of the chain is not the one noted")]
    End,
}

/// Keeps an event. The end of the chain is held from the first event of a transaction to its commit.
///
/// # Errors
/// As the database says.
pub async fn append(tx: &mut Tx, event: NewEvent) -> Result<EventRow> {
    let before = match tx.head.clone() {
        Some(head) => head,
        // Writing locks the row on PostgreSQL; on SQLite the transaction is alone anyway.
        None => {
            read_head(&sql::sure(Sql::new("UPDATE events_head SET seq = seq WHERE id = 1 RETURNING seq, hash").first(tx.conn()).await?)?)?
        }
    };
    let mut row = EventRow {
        seq: before.seq + 1,
        // As it will be read back, or the hash would not fit.
        case_id: event.case_id.as_deref().map(clean),
        at: event.at,
        kind: clean(&event.kind),
        actor: clean(&event.actor),
        source: event.source.as_deref().map(clean),
        payload: clean(&event.payload),
        change: clean(&event.change),
        prev_hash: before.hash,
        hash: String::new(),
    };
    row.hash = hash(&row);
    Sql::new(
        "INSERT INTO events (seq, case_id, at, kind, actor, source, payload, change, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .int(row.seq)
    .maybe_text(row.case_id.as_deref())
    .at(row.at)
    .text(&row.kind)
    .text(&row.actor)
    .maybe_text(row.source.as_deref())
    .text(&row.payload)
    .text(&row.change)
    .text(&row.prev_hash)
    .text(&row.hash)
    .run(tx.conn())
    .await?;
    tx.head = Some(Head { seq: row.seq, hash: row.hash.clone() });
    Ok(row)
}

/// A case's events, in their order.
///
/// # Errors
/// As the database says.
pub async fn for_case(store: &Store, case_id: &str) -> Result<Vec<EventRow>> {
    let rows = Sql::new("SELECT * FROM events WHERE case_id = $1 ORDER BY seq").text(case_id).all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

/// Up to `limit` events after `seq`, in their order: for reports and exports.
///
/// # Errors
/// As the database says.
pub async fn after(store: &Store, seq: i64, limit: i64) -> Result<Vec<EventRow>> {
    let rows =
        Sql::new("SELECT * FROM events WHERE seq > $1 ORDER BY seq LIMIT $2").int(seq).int(limit).all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

/// The noted end of the chain.
///
/// # Errors
/// As the database says.
pub async fn head(store: &Store) -> Result<Head> {
    let row = Sql::new("SELECT seq, hash FROM events_head WHERE id = 1").first(&mut *store.reader().await?).await?;
    read_head(&sql::sure(row)?)
}

/// Recomputes the chain from its first event to its noted end, a few hundred events at a time, and names the first
/// that does not fit. Events that are appended meanwhile are left for the next time.
///
/// # Errors
/// As the database says.
pub async fn verify(store: &Store) -> Result<Verdict> {
    const AT_A_TIME: i64 = 256;
    let outside = Sql::new("SELECT seq FROM events WHERE seq < 1 ORDER BY seq LIMIT 1").first(&mut *store.reader().await?).await?;
    if let Some(row) = outside {
        return Ok(Verdict::Broken { seq: sql::int(&row, "seq")?, why: Fault::Inserted });
    }
    let end = head(store).await?;
    let mut last = Head { seq: 0, hash: String::new() };
    // Cases with erased events that no purge has answered for yet.
    let mut unanswered: BTreeMap<String, i64> = BTreeMap::new();
    while last.seq < end.seq {
        let rows = after(store, last.seq, AT_A_TIME.min(end.seq - last.seq)).await?;
        if rows.is_empty() {
            return Ok(Verdict::Broken { seq: last.seq + 1, why: Fault::Missing });
        }
        for row in rows {
            if let Some(why) = fault(&last, &row) {
                return Ok(Verdict::Broken { seq: last.seq + 1, why });
            }
            let case = row.case_id.clone().unwrap_or_default();
            if is_erased(&row.payload) {
                unanswered.entry(case).or_insert(row.seq);
            } else if row.kind == PURGED {
                unanswered.remove(&case);
            }
            last = Head { seq: row.seq, hash: row.hash };
        }
    }
    if last.hash != end.hash {
        return Ok(Verdict::Broken { seq: last.seq, why: Fault::End });
    }
    if let Some(seq) = unanswered.values().min() {
        return Ok(Verdict::Broken { seq: *seq, why: Fault::Changed });
    }
    // An event behind the noted end is either newer than our look at it, and then the end has moved, or not of the chain.
    let now = head(store).await?;
    if let Some(row) = after(store, now.seq, 1).await?.first()
        && head(store).await? == now
    {
        return Ok(Verdict::Broken { seq: row.seq, why: Fault::Inserted });
    }
    Ok(Verdict::Ok { events: last.seq, head: last.hash })
}

/// The payload of an event whose contents were taken out: the hashes of what it said.
#[must_use]
pub fn erased(payload: &str, change: &str) -> String {
    format!("{ERASED}{}\",\"change\":\"{}\"}}", digest(payload), digest(change))
}

/// Whether an event's contents were taken out.
#[must_use]
pub fn is_erased(payload: &str) -> bool {
    payload.starts_with(ERASED)
}

const ERASED: &str = "{\"erased\":\"";

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The hashes of payload and change: computed, or as an erased event keeps them.
fn contents(row: &EventRow) -> (String, String) {
    if let Some(kept) = row.payload.strip_prefix(ERASED).and_then(|r| r.strip_suffix("\"}"))
        && let Some((payload, change)) = kept.split_once("\",\"change\":\"")
        && row.change == "{}"
    {
        return (payload.to_owned(), change.to_owned());
    }
    (digest(&row.payload), digest(&row.change))
}

fn fault(last: &Head, row: &EventRow) -> Option<Fault> {
    if row.seq != last.seq + 1 {
        Some(Fault::Missing)
    } else if row.hash != hash(row) && row.hash != first_hash(row) {
        Some(Fault::Changed)
    } else if row.prev_hash != last.hash {
        Some(Fault::Order)
    } else {
        None
    }
}

/// SHA-256 over every column, each led by its length in bytes (eight, big-endian; all ones stand for NULL), so that
/// nothing can move from one column to the next unnoticed. Of payload and change their own hashes count, so that contents can be
/// taken out at the end of their time and the chain still proves itself.
fn hash(row: &EventRow) -> String {
    let mut hash = Sha256::new();
    let mut add = |column: Option<&[u8]>| match column {
        Some(bytes) => {
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX - 1).to_be_bytes());
            hash.update(bytes);
        }
        None => hash.update(u64::MAX.to_be_bytes()),
    };
    let (payload, change) = contents(row);
    add(Some(b"redress event 2"));
    add(Some(&row.seq.to_be_bytes()));
    add(row.case_id.as_deref().map(str::as_bytes));
    add(Some(&row.at.unix().to_be_bytes()));
    add(Some(row.kind.as_bytes()));
    add(Some(row.actor.as_bytes()));
    add(row.source.as_deref().map(str::as_bytes));
    add(Some(payload.as_bytes()));
    add(Some(change.as_bytes()));
    add(Some(row.prev_hash.as_bytes()));
    hex(&hash.finalize())
}

/// As events were hashed before contents could be taken out: over the contents themselves.
fn first_hash(row: &EventRow) -> String {
    let mut hash = Sha256::new();
    let mut add = |column: Option<&[u8]>| match column {
        Some(bytes) => {
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX - 1).to_be_bytes());
            hash.update(bytes);
        }
        None => hash.update(u64::MAX.to_be_bytes()),
    };
    add(Some(b"redress event 1"));
    add(Some(&row.seq.to_be_bytes()));
    add(row.case_id.as_deref().map(str::as_bytes));
    add(Some(&row.at.unix().to_be_bytes()));
    add(Some(row.kind.as_bytes()));
    add(Some(row.actor.as_bytes()));
    add(row.source.as_deref().map(str::as_bytes));
    add(Some(row.payload.as_bytes()));
    add(Some(row.change.as_bytes()));
    add(Some(row.prev_hash.as_bytes()));
    hex(&hash.finalize())
}

fn clean(text: &str) -> String {
    without_nul(text).into_owned()
}

fn read_head(row: &AnyRow) -> Result<Head> {
    Ok(Head { seq: sql::int(row, "seq")?, hash: sql::text(row, "hash")? })
}

fn read(row: &AnyRow) -> Result<EventRow> {
    Ok(EventRow {
        seq: sql::int(row, "seq")?,
        case_id: sql::maybe_text(row, "case_id")?,
        at: sql::at(row, "at")?,
        kind: sql::text(row, "kind")?,
        actor: sql::text(row, "actor")?,
        source: sql::maybe_text(row, "source")?,
        payload: sql::text(row, "payload")?,
        change: sql::text(row, "change")?,
        prev_hash: sql::text(row, "prev_hash")?,
        hash: sql::text(row, "hash")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> EventRow {
        EventRow {
            seq: 1,
            case_id: Some("a".into()),
            at: Moment::from_unix(1),
            kind: "opened".into(),
            actor: "complainant".into(),
            source: None,
            payload: "{}".into(),
            change: "{}".into(),
            prev_hash: String::new(),
            hash: String::new(),
        }
    }

    #[test]
    fn every_column_counts_and_none_runs_into_the_next() {
        let first = hash(&row());
        let others = [
            EventRow { seq: 2, ..row() },
            EventRow { case_id: None, ..row() },
            EventRow { case_id: Some(String::new()), ..row() },
            EventRow { at: Moment::from_unix(2), ..row() },
            EventRow { kind: "opene".into(), actor: "dcomplainant".into(), ..row() },
            EventRow { source: Some(String::new()), ..row() },
            EventRow { payload: "{ }".into(), ..row() },
            EventRow { change: "{ }".into(), ..row() },
            EventRow { prev_hash: "0".into(), ..row() },
        ];
        let mut hashes: Vec<String> = others.iter().map(hash).collect();
        hashes.push(first);
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 10);
    }
}
