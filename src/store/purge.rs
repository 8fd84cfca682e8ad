//! Takes the contents of a case, or of a mail that belongs to none, out of every table, and leaves what proves that they were there:
//! hashes, times, kinds, counts (R38). The trail stays verifiable: an erased event keeps the hashes of what it said. Called by desk.

use std::collections::BTreeSet;

use super::events::{self, NewEvent};
use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;
use crate::domain::retention::Kept;

/// The row in meta while which the trail lets contents be taken out.
const ERASING: &str = "trail.erasing";

/// What was taken out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Events whose contents are gone.
    pub events: u64,
    /// Mails whose bytes are gone.
    pub mails: u64,
    /// Letters whose bytes are gone.
    pub letters: u64,
}

/// Takes what of a case belongs to these kinds out. `body` is what remains of it for statistics; `proof` is the event that records it,
/// appended last.
///
/// # Errors
/// As the database says; then nothing has changed.
pub async fn erase_case(tx: &mut Tx, case_id: &str, what: &BTreeSet<Kept>, body: &str, at: Moment, proof: NewEvent) -> Result<Erased> {
    super::meta::set(tx, ERASING, "1").await?;
    let mut erased = Erased::default();
    if what.iter().any(|kind| kind.is_told_in_the_trail()) {
        erased.events = events_of(tx, case_id).await?;
        Sql::new("DELETE FROM notes WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    }
    if what.contains(&Kept::Mails) {
        mails_of(tx, case_id, &mut erased).await?;
    }
    if what.contains(&Kept::Surveys) {
        Sql::new("UPDATE surveys SET answers = NULL WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    }
    if what.contains(&Kept::Record) {
        Sql::new("UPDATE cases SET subject = '', complainant_key = NULL, text_hash = NULL WHERE id = $1")
            .text(case_id)
            .run(tx.conn())
            .await?;
    }
    Sql::new("UPDATE cases SET body = $1, updated_at = $2, version = version + 1 WHERE id = $3")
        .text(body)
        .at(at)
        .text(case_id)
        .run(tx.conn())
        .await?;
    Sql::new("DELETE FROM meta WHERE key = $1").text(ERASING).run(tx.conn()).await?;
    events::append(tx, proof).await?;
    Ok(erased)
}

/// What a case's events say; their hashes stay.
async fn events_of(tx: &mut Tx, case_id: &str) -> Result<u64> {
    let mut count = 0;
    let rows = Sql::new("SELECT seq, payload, change FROM events WHERE case_id = $1 ORDER BY seq").text(case_id).all(tx.conn()).await?;
    for row in &rows {
        let (seq, payload, change) = (sql::int(row, "seq")?, sql::text(row, "payload")?, sql::text(row, "change")?);
        if events::is_erased(&payload) {
            continue;
        }
        let left = events::erased(&payload, &change);
        count += Sql::new("UPDATE events SET payload = $1, change = '{}' WHERE seq = $2").text(&left).int(seq).run(tx.conn()).await?;
    }
    Ok(count)
}

/// Mails both ways, short messages, and what they are found by.
async fn mails_of(tx: &mut Tx, case_id: &str, erased: &mut Erased) -> Result<()> {
    let empty = Vec::new;
    erased.mails = Sql::new("UPDATE inbox_raw SET raw = $1 WHERE id IN (SELECT id FROM inbox WHERE case_id = $2)")
        .bytes(empty())
        .text(case_id)
        .run(tx.conn())
        .await?;
    Sql::new("DELETE FROM inbox_pieces WHERE id IN (SELECT id FROM inbox WHERE case_id = $1)").text(case_id).run(tx.conn()).await?;
    Sql::new("UPDATE inbox SET message_id = NULL WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    erased.letters = Sql::new("UPDATE outbox_raw SET raw = $1, text = '' WHERE id IN (SELECT id FROM outbox WHERE case_id = $2)")
        .bytes(empty())
        .text(case_id)
        .run(tx.conn())
        .await?;
    Sql::new("DELETE FROM outbox_pieces WHERE id IN (SELECT id FROM outbox WHERE case_id = $1)").text(case_id).run(tx.conn()).await?;
    Sql::new("UPDATE outbox SET recipient = '', recipient_key = '', subject = '', envelope_from = '', reply = NULL, why = NULL WHERE case_id = $1")
        .text(case_id)
        .run(tx.conn())
        .await?;
    Sql::new("UPDATE sms SET phone = '', text = '', why = NULL WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    Sql::new("DELETE FROM messages WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    Sql::new("DELETE FROM threads WHERE case_id = $1").text(case_id).run(tx.conn()).await.map(|_| ())
}

/// Our letters about no case that were written before `before`, are done with and still have their bytes: how many.
///
/// # Errors
/// As the database says.
pub async fn notices(store: &Store, before: Moment) -> Result<u64> {
    let row = Sql::new(
        "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM outbox o JOIN outbox_raw r ON r.id = o.id WHERE o.case_id IS NULL
         AND o.state IN ('sent', 'never', 'withdrawn') AND o.queued_at < $1 AND length(r.raw) > 0",
    )
    .at(before)
    .first(&mut *store.reader().await?)
    .await?;
    Ok(row.as_ref().map_or(Ok(0), |row| sql::int(row, "n"))?.unsigned_abs())
}

/// Takes those letters' bytes, words and addresses out, and the lines of old digests; says of how many letters.
///
/// # Errors
/// As the database says.
pub async fn erase_notices(tx: &mut Tx, before: Moment) -> Result<u64> {
    let count = Sql::new(
        "UPDATE outbox_raw SET raw = $1, text = '' WHERE length(raw) > 0 AND id IN (SELECT id FROM outbox WHERE case_id IS NULL
         AND state IN ('sent', 'never', 'withdrawn') AND queued_at < $2)",
    )
    .bytes(Vec::new())
    .at(before)
    .run(tx.conn())
    .await?;
    Sql::new(
        "DELETE FROM outbox_pieces WHERE id IN (SELECT id FROM outbox WHERE case_id IS NULL
         AND state IN ('sent', 'never', 'withdrawn') AND queued_at < $1)",
    )
    .at(before)
    .run(tx.conn())
    .await?;
    Sql::new(
        "UPDATE outbox SET recipient = '', recipient_key = '', subject = '', envelope_from = '', reply = NULL, why = NULL
         WHERE case_id IS NULL AND state IN ('sent', 'never', 'withdrawn') AND queued_at < $1",
    )
    .at(before)
    .run(tx.conn())
    .await?;
    Sql::new("DELETE FROM notes WHERE case_id IS NULL AND at < $1").at(before).run(tx.conn()).await?;
    Ok(count)
}

/// Takes the bytes of a mail that belongs to no case out; what became of it stays in the ledger.
///
/// # Errors
/// As the database says.
pub async fn erase_mail(tx: &mut Tx, id: &str) -> Result<()> {
    Sql::new("UPDATE inbox_raw SET raw = $1 WHERE id = $2").bytes(Vec::new()).text(id).run(tx.conn()).await?;
    Sql::new("DELETE FROM inbox_pieces WHERE id = $1").text(id).run(tx.conn()).await?;
    Sql::new("UPDATE inbox SET message_id = NULL WHERE id = $1").text(id).run(tx.conn()).await.map(|_| ())
}

/// Mails that belong to no case, were set aside (or dealt with otherwise), taken before `before`, and still have their bytes: their ids,
/// oldest first. Held mail waits for a person and is never among them.
///
/// # Errors
/// As the database says.
pub async fn strays(store: &Store, set_aside: bool, before: Moment) -> Result<Vec<String>> {
    let rows = Sql::new(
        "SELECT i.id AS id FROM inbox i JOIN inbox_raw r ON r.id = i.id WHERE i.case_id IS NULL AND i.state = $1
         AND i.taken_at < $2 AND length(r.raw) > 0 ORDER BY i.taken_at, i.id",
    )
    .text(if set_aside { "ignored" } else { "done" })
    .at(before)
    .all(&mut *store.reader().await?)
    .await?;
    rows.iter().map(|row| sql::text(row, "id")).collect()
}

/// Legal holds: case number → why, in the order of numbers.
///
/// # Errors
/// As the database says.
pub async fn holds(store: &Store) -> Result<Vec<(String, String)>> {
    let rows = Sql::new("SELECT key, value FROM meta WHERE key LIKE 'hold:%' ORDER BY key").all(&mut *store.reader().await?).await?;
    rows.iter().map(|row| Ok((sql::text(row, "key")?.trim_start_matches("hold:").to_owned(), sql::text(row, "value")?))).collect()
}

/// Sets a legal hold on a case; nothing of it is erased until it is lifted.
///
/// # Errors
/// As the database says.
pub async fn hold(tx: &mut Tx, number: &str, why: &str) -> Result<()> {
    super::meta::set(tx, &format!("hold:{number}"), why).await
}

/// Lifts a hold; says whether there was one.
///
/// # Errors
/// As the database says.
pub async fn lift(tx: &mut Tx, number: &str) -> Result<bool> {
    Ok(Sql::new("DELETE FROM meta WHERE key = $1").text(&format!("hold:{number}")).run(tx.conn()).await? > 0)
}
