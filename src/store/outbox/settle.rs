//! The delivering half of the outbox: claim by compare-and-set under a lease, then settle.
//! A lease that ran out is anybody's; `in_doubt` is committed before the final dot, so that a crash afterwards is
//! known. Called by delivery only.

use sqlx::any::AnyRow;

use super::stale;
use crate::calendar::Moment;
use crate::store::long::{self, Of};
use crate::store::sql::{self, Sql};
use crate::store::{Result, Store, Tx};

/// What a worker holds in memory at once: no further letter is claimed beside as many octets.
const CLAIM_BYTES: i64 = 4 * 1024 * 1024;

/// A letter in a worker's hands.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: String,
    /// MAIL FROM; empty for the null sender.
    pub envelope_from: String,
    /// RCPT TO.
    pub recipient: String,
    /// Its Message-ID, to look for a copy that was sent.
    pub message_id: String,
    /// The whole mail.
    pub raw: Vec<u8>,
    /// The how-manieth try this is, from 1.
    pub attempts: i64,
    /// An earlier try ended without a known outcome: look for a copy first, then send the same bytes.
    pub was_in_doubt: bool,
    /// So did the second one: a process died in it. It is not sent a third time.
    pub twice_in_doubt: bool,
    /// Since when it is in doubt.
    pub doubt_since: Option<Moment>,
    /// When it was caused.
    pub queued_at: Moment,
    /// Which letter it is.
    pub kind: String,
    /// The case it belongs to.
    pub case_id: Option<String>,
}

/// Claims up to `limit` letters, and not many octets, for `worker`: those due, and those whose lease ran out; oldest first. Counts the try.
/// Two workers never get the same letter while the lease of `lease_seconds` runs.
///
/// # Errors
/// As the database says; what was claimed then falls free when the lease runs out.
pub async fn claim(store: &Store, worker: &str, now: Moment, lease_seconds: i64, limit: i64) -> Result<Vec<Claimed>> {
    let mut ids = claim_due(store, worker, now, lease_seconds, limit).await?;
    ids.sort();
    // The bytes are read after the commit: others need not wait for that.
    let mut reader = store.reader().await?;
    let mut claimed = Vec::with_capacity(ids.len());
    for (_, id) in ids {
        let row = Sql::new("SELECT * FROM outbox WHERE id = $1").text(&id).first(&mut reader).await?;
        let raw = long::get(&mut reader, Of::Outbox, &id).await?;
        let (row, raw) = row.zip(raw).ok_or_else(|| stale(&id, "has no bytes"))?;
        claimed.push(read_claimed(&row, raw)?);
    }
    Ok(claimed)
}

async fn claim_due(store: &Store, worker: &str, now: Moment, lease_seconds: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    let until = now.plus_seconds(lease_seconds);
    if limit <= 0 || !anything_due(store, now).await? {
        return Ok(Vec::new());
    }
    let mut tx = store.begin().await?;
    let sizes = Sql::new(
        "SELECT size FROM outbox WHERE state IN ('queued', 'later') AND next_at <= $1
         AND (kind = 'second_person' OR NOT EXISTS (SELECT 1 FROM meta WHERE key = 'outbox.kept_back' AND value <> ''))
         ORDER BY next_at, id LIMIT $2",
    );
    let sizes = sizes.at(now).int(limit).all(tx.conn()).await?;
    let few = fitting(&sizes)?;
    // The state is asked for twice: on PostgreSQL the outer condition is tested again after another worker's row lock.
    let due = Sql::new(
        "UPDATE outbox SET state = 'claimed', worker = $1, lease_until = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM outbox WHERE state IN ('queued', 'later') AND next_at <= $3
         AND (kind = 'second_person' OR NOT EXISTS (SELECT 1 FROM meta WHERE key = 'outbox.kept_back' AND value <> ''))
         ORDER BY next_at, id LIMIT $4)
         AND state IN ('queued', 'later') RETURNING id, queued_at",
    )
    .text(worker)
    .at(until)
    .at(now)
    .int(few)
    .all(tx.conn())
    .await?;
    let left = limit.saturating_sub(i64::try_from(due.len()).unwrap_or(i64::MAX));
    let left = if left > 0 { dead_that_fit(&mut tx, now, left).await? } else { 0 };
    let dead = Sql::new(
        "UPDATE outbox SET state = 'claimed', worker = $1, lease_until = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM outbox WHERE state IN ('claimed', 'in_doubt') AND lease_until <= $3 ORDER BY lease_until, id LIMIT $4)
         AND state IN ('claimed', 'in_doubt') AND lease_until <= $3 RETURNING id, queued_at",
    )
    .text(worker)
    .at(until)
    .at(now)
    .int(left)
    .all(tx.conn())
    .await?;
    tx.commit().await?;
    due.iter().chain(&dead).map(|row| Ok((sql::int(row, "queued_at")?, sql::text(row, "id")?))).collect()
}

/// How many of the letters, in their order, a worker may hold together; the first one always.
fn fitting(sizes: &[AnyRow]) -> Result<i64> {
    let (mut held, mut few) = (0_i64, 0_i64);
    for row in sizes {
        held = held.saturating_add(sql::int(row, "size")?);
        if few > 0 && held > CLAIM_BYTES {
            break;
        }
        few += 1;
    }
    Ok(few)
}

async fn dead_that_fit(tx: &mut Tx, now: Moment, limit: i64) -> Result<i64> {
    let sizes =
        Sql::new("SELECT size FROM outbox WHERE state IN ('claimed', 'in_doubt') AND lease_until <= $1 ORDER BY lease_until, id LIMIT $2");
    fitting(&sizes.at(now).int(limit).all(tx.conn()).await?)
}

/// Looks before it writes, so that an idle daemon writes nothing.
async fn anything_due(store: &Store, now: Moment) -> Result<bool> {
    Ok(next_due(store).await?.is_some_and(|at| at <= now))
}

fn read_claimed(row: &AnyRow, raw: Vec<u8>) -> Result<Claimed> {
    Ok(Claimed {
        id: sql::text(row, "id")?,
        envelope_from: sql::text(row, "envelope_from")?,
        recipient: sql::text(row, "recipient")?,
        message_id: sql::text(row, "message_id")?,
        raw,
        attempts: sql::int(row, "attempts")?,
        was_in_doubt: sql::flag(row, "doubt")?,
        twice_in_doubt: sql::flag(row, "again")?,
        doubt_since: sql::maybe_at(row, "doubt_since")?,
        queued_at: sql::at(row, "queued_at")?,
        kind: sql::text(row, "kind")?,
        case_id: sql::maybe_text(row, "case_id")?,
    })
}

/// Frees every claim, and makes every letter in doubt due, whatever their leases: for the start of a daemon that is
/// alone on its store.
///
/// # Errors
/// As the database says.
pub async fn take_over_dead_claims(store: &Store, now: Moment) -> Result<u64> {
    let mut tx = store.begin().await?;
    let freed = Sql::new("UPDATE outbox SET lease_until = $1 WHERE state IN ('claimed', 'in_doubt') AND lease_until > $1")
        .at(now)
        .run(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(freed)
}

/// The same for one process's workers alone, whose names begin with its own: it is known to be dead, others may be alive.
///
/// # Errors
/// As the database says.
pub async fn take_over_claims_of(store: &Store, process: &str, now: Moment) -> Result<u64> {
    let prefix = format!("{process}.");
    let length = i64::try_from(prefix.chars().count()).unwrap_or(i64::MAX);
    let mut tx = store.begin().await?;
    let freed = Sql::new(
        "UPDATE outbox SET lease_until = $1 WHERE state IN ('claimed', 'in_doubt') AND lease_until > $1 AND substr(worker, 1, CAST($2 AS INTEGER)) = $3",
    )
    .at(now)
    .int(length)
    .text(&prefix)
    .run(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(freed)
}

/// Ends every back-off, for `run --once`. A letter that must not leave yet (a recall window) stays back.
///
/// # Errors
/// As the database says.
pub async fn make_all_due(store: &Store, now: Moment) -> Result<u64> {
    let mut tx = store.begin().await?;
    let due = Sql::new("UPDATE outbox SET next_at = $1 WHERE state IN ('queued', 'later') AND state = 'later' AND next_at > $1")
        .at(now)
        .run(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(due)
}

/// Committed before the final dot of each of these letters; a letter that was in doubt before is remembered as having been sent
/// again. Done twice by the same worker it is as if done once. Answers with those that are still this worker's: only they may be
/// finished; a letter that is missing was taken over after the lease ran out.
///
/// # Errors
/// As the database says; then none may be finished.
pub async fn mark_in_doubt(store: &Store, ids: &[String], worker: &str, now: Moment) -> Result<Vec<String>> {
    let mut tx = store.begin().await?;
    let mut ours = Vec::with_capacity(ids.len());
    for id in ids {
        let statement = Sql::new(
            "UPDATE outbox SET state = 'in_doubt', again = CASE WHEN state = 'claimed' THEN doubt ELSE again END,
             doubt_since = CASE WHEN doubt = 1 THEN doubt_since ELSE $3 END, copy_at = CASE WHEN doubt = 1 THEN copy_at ELSE NULL END, doubt = 1
             WHERE id = $1 AND state IN ('claimed', 'in_doubt') AND worker = $2",
        );
        if statement.text(id).text(worker).at(now).run(tx.conn()).await? == 1 {
            ours.push(id.clone());
        }
    }
    tx.commit().await?;
    Ok(ours)
}

/// The server took these: (id, its last words). Not asked whose they are: that a server took a letter is true whoever holds it by
/// now. Of a letter that had been in doubt a note tells that its reader may have two copies.
///
/// # Errors
/// As the database says; then they stay in doubt.
pub async fn mark_sent(store: &Store, sent: &[(String, String)], now: Moment) -> Result<()> {
    let mut tx = store.begin().await?;
    for (id, reply) in sent {
        Sql::new(
            "INSERT INTO notes (at, kind, case_id, text)
             SELECT CAST($2 AS BIGINT), 'sent_again', case_id, kind FROM outbox WHERE id = $1 AND again = 1 AND state NOT IN ('sent', 'withdrawn')",
        )
        .text(id)
        .at(now)
        .run(tx.conn())
        .await?;
        Sql::new(
            "UPDATE outbox SET state = 'sent', doubt = 0, reply = $2, changed_at = $3, why = NULL, worker = NULL, lease_until = NULL
             WHERE id = $1 AND state NOT IN ('sent', 'withdrawn')",
        )
        .text(id)
        .text(reply)
        .at(now)
        .run(tx.conn())
        .await?;
    }
    tx.commit().await
}

/// This worker's try certainly was not taken; it is tried again at `at`. What an earlier try left in doubt stays so. `false`: it is no
/// longer this worker's, and nothing changed.
///
/// # Errors
/// As the database says.
pub async fn mark_later(store: &Store, (id, worker): (&str, &str), at: Moment, why: &str, now: Moment) -> Result<bool> {
    let statement = Sql::new(
        "UPDATE outbox SET doubt = CASE WHEN state = 'claimed' THEN doubt ELSE again END, state = 'later', again = 0, next_at = $2, why = $3, changed_at = $4, worker = NULL, lease_until = NULL
         WHERE id = $1 AND state IN ('claimed', 'in_doubt') AND worker = $5",
    );
    settle(store, statement.text(id).at(at).text(why).at(now).text(worker), (id, "later", why)).await
}

/// It certainly was not taken and never will be. `false`: it is no longer this worker's, and nothing changed.
///
/// # Errors
/// As the database says.
pub async fn mark_never(store: &Store, (id, worker): (&str, &str), why: &str, now: Moment) -> Result<bool> {
    let statement = Sql::new(
        "UPDATE outbox SET state = 'never', doubt = 0, why = $2, changed_at = $3, worker = NULL, lease_until = NULL
         WHERE id = $1 AND state IN ('claimed', 'in_doubt') AND worker = $4",
    );
    settle(store, statement.text(id).text(why).at(now).text(worker), (id, "never", why)).await
}

/// It may have been taken: it stays in doubt and is claimed again at `at`, with `was_in_doubt` set; `twice`: so may have been its second
/// copy. `false`: it is no longer this worker's, and nothing changed.
///
/// # Errors
/// As the database says; then the lease decides when it is looked at again.
pub async fn keep_in_doubt(store: &Store, (id, worker): (&str, &str), at: Moment, twice: bool, why: &str) -> Result<bool> {
    let statement = Sql::new(
        "UPDATE outbox SET state = 'in_doubt', doubt = 1, again = $5, lease_until = $2, why = $3, worker = NULL
         WHERE id = $1 AND state IN ('claimed', 'in_doubt') AND worker = $4",
    );
    settle(store, statement.text(id).at(at).text(why).text(worker).flag(twice), (id, "in_doubt", why)).await
}

/// What this worker claimed and has not begun to say to a server falls free at once.
///
/// # Errors
/// As the database says; then the lease decides.
pub async fn give_back(store: &Store, worker: &str, now: Moment) -> Result<()> {
    let statement = Sql::new(
        "UPDATE outbox SET state = CASE WHEN doubt = 1 THEN 'in_doubt' ELSE 'later' END, next_at = CASE WHEN doubt = 1 THEN next_at ELSE $2 END,
         lease_until = CASE WHEN doubt = 1 THEN $2 ELSE NULL END, worker = NULL
         WHERE worker = $1 AND state = 'claimed' AND state IN ('claimed', 'in_doubt') AND lease_until > 0",
    );
    let mut tx: Tx = store.begin().await?;
    statement.text(worker).at(now).run(tx.conn()).await?;
    tx.commit().await
}

/// Whether it was this worker's: the row changed, or was changed so by a commit of his that was not answered.
async fn settle(store: &Store, statement: Sql, (id, state, why): (&str, &str, &str)) -> Result<bool> {
    let mut tx: Tx = store.begin().await?;
    let ours = statement.run(tx.conn()).await? == 1;
    let done = Sql::new("SELECT id FROM outbox WHERE id = $1 AND state = $2 AND why = $3 AND worker IS NULL");
    let ours = ours || done.text(id).text(state).text(why).first(tx.conn()).await?.is_some();
    tx.commit().await?;
    Ok(ours)
}

/// When the next letter is due or the next lease runs out.
///
/// # Errors
/// As the database says.
pub async fn next_due(store: &Store) -> Result<Option<Moment>> {
    let mut reader = store.reader().await?;
    let due = Sql::new(
        "SELECT next_at AS at FROM outbox WHERE state IN ('queued', 'later')
         AND (kind = 'second_person' OR NOT EXISTS (SELECT 1 FROM meta WHERE key = 'outbox.kept_back' AND value <> ''))
         ORDER BY next_at, id LIMIT 1",
    )
    .first(&mut reader)
    .await?;
    let dead = Sql::new("SELECT lease_until AS at FROM outbox WHERE state IN ('claimed', 'in_doubt') ORDER BY lease_until, id LIMIT 1")
        .first(&mut reader)
        .await?;
    let mut next = None;
    for row in due.iter().chain(&dead) {
        let at = sql::at(row, "at")?;
        next = Some(next.map_or(at, |so_far: Moment| so_far.min(at)));
    }
    Ok(next)
}

/// After a restore: what was due by `until` left before the backup was put back, as far as anybody can know. Nothing of it is sent
/// again. Says how many.
///
/// # Errors
/// As the database says.
pub async fn presume_sent(store: &Store, until: Moment, now: Moment) -> Result<u64> {
    let mut tx = store.begin().await?;
    let waiting = Sql::new(
        "UPDATE outbox SET state = 'sent', doubt = 0, worker = NULL, lease_until = NULL, changed_at = $1, told = 1, reply = 'presumed: restored'
         WHERE state IN ('queued', 'later') AND next_at <= $2",
    );
    let mut presumed = waiting.at(now).at(until).run(tx.conn()).await?;
    let begun = Sql::new(
        "UPDATE outbox SET state = 'sent', doubt = 0, worker = NULL, lease_until = NULL, changed_at = $1, told = 1, reply = 'presumed: restored'
         WHERE state IN ('claimed', 'in_doubt')",
    );
    presumed += begun.at(now).run(tx.conn()).await?;
    tx.commit().await?;
    Ok(presumed)
}

#[cfg(test)]
mod tests {
    use super::super::State;

    #[test]
    fn a_state_reads_as_it_is_written() {
        for state in [State::Queued, State::Claimed, State::InDoubt, State::Sent, State::Later, State::Never, State::Withdrawn] {
            assert_eq!(State::read(state.as_str()).expect("known"), state);
        }
        assert!(State::read("gone").is_err());
    }
}
