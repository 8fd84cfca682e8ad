//! Takes the contents of a case, or of a mail that belongs to none, out of every table, and leaves what proves that they were there:
//! hashes, times, kinds, counts (R38). The trail stays verifiable: an erased event keeps the hashes of what it said. Called by desk.

use super::events::{self, NewEvent};
use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

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

/// Takes a case's contents out. `body` is what remains of it for statistics; `proof` is the event that records it, appended last.
///
/// # Errors
/// As the database says; then nothing has changed.
pub async fn erase_case(tx: &mut Tx, case_id: &str, body: &str, at: Moment, proof: NewEvent) -> Result<Erased> {
    super::meta::set(tx, ERASING, "1").await?;
    let mut erased = Erased::default();
    let rows = Sql::new("SELECT seq, payload, change FROM events WHERE case_id = $1 ORDER BY seq").text(case_id).all(tx.conn()).await?;
    for row in &rows {
        let (seq, payload, change) = (sql::int(row, "seq")?, sql::text(row, "payload")?, sql::text(row, "change")?);
        if events::is_erased(&payload) {
            continue;
        }
        let left = events::erased(&payload, &change);
        erased.events +=
            Sql::new("UPDATE events SET payload = $1, change = '{}' WHERE seq = $2").text(&left).int(seq).run(tx.conn()).await?;
    }
    let empty = Vec::new;
    erased.mails = Sql::new("UPDATE inbox_raw SET raw = $1 WHERE id IN (SELECT id FROM inbox WHERE case_id = $2)")
        .bytes(empty())
        .text(case_id)
        .run(tx.conn())
        .await?;
    Sql::new("UPDATE inbox SET message_id = NULL WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    erased.letters = Sql::new("UPDATE outbox_raw SET raw = $1, text = '' WHERE id IN (SELECT id FROM outbox WHERE case_id = $2)")
        .bytes(empty())
        .text(case_id)
        .run(tx.conn())
        .await?;
    Sql::new("UPDATE outbox SET recipient = '', recipient_key = '', subject = '', envelope_from = '', reply = NULL, why = NULL WHERE case_id = $1")
        .text(case_id)
        .run(tx.conn())
        .await?;
    Sql::new("UPDATE sms SET phone = '', text = '', why = NULL WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    Sql::new("DELETE FROM messages WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    Sql::new("DELETE FROM threads WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    Sql::new("DELETE FROM notes WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    Sql::new("UPDATE surveys SET answers = NULL WHERE case_id = $1").text(case_id).run(tx.conn()).await?;
    Sql::new("UPDATE cases SET subject = '', complainant_key = NULL, text_hash = NULL, body = $1, updated_at = $2, version = version + 1 WHERE id = $3")
        .text(body)
        .at(at)
        .text(case_id)
        .run(tx.conn())
        .await?;
    Sql::new("DELETE FROM meta WHERE key = $1").text(ERASING).run(tx.conn()).await?;
    events::append(tx, proof).await?;
    Ok(erased)
}

/// Takes the bytes of a mail that belongs to no case out; what became of it stays in the ledger.
///
/// # Errors
/// As the database says.
pub async fn erase_mail(tx: &mut Tx, id: &str) -> Result<()> {
    Sql::new("UPDATE inbox_raw SET raw = $1 WHERE id = $2").bytes(Vec::new()).text(id).run(tx.conn()).await?;
    Sql::new("UPDATE inbox SET message_id = NULL WHERE id = $1").text(id).run(tx.conn()).await.map(|_| ())
}

/// Mails that belong to no case, are decided, taken before `before`, and still have their bytes: their ids, oldest first.
///
/// # Errors
/// As the database says.
pub async fn strays(store: &Store, before: Moment) -> Result<Vec<String>> {
    let rows = Sql::new(
        "SELECT i.id AS id FROM inbox i JOIN inbox_raw r ON r.id = i.id WHERE i.case_id IS NULL AND i.state IN ('ignored', 'done')
         AND i.taken_at < $1 AND length(r.raw) > 0 ORDER BY i.taken_at, i.id",
    )
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
