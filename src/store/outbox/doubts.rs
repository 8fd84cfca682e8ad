//! Letters in doubt whose copy is looked for among the sent mails: which they are, and what a copy that was seen settles. A letter
//! that nobody holds is sent by that; one that a worker holds keeps the moment, and its worker asks. Called by desk and delivery.

use super::read;
use crate::calendar::Moment;
use crate::store::sql::Sql;
use crate::store::{Result, Store, Tx};

/// What stands in place of a server's last words.
const FOUND: &str = "a copy lies among the sent mails";

/// A letter of which it is not known whether its server took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Its id.
    pub id: String,
    /// Its Message-ID, without brackets.
    pub message_id: String,
}

/// Every letter in doubt, those included that a worker is sending at this moment.
///
/// # Errors
/// As the database says.
pub async fn doubts(store: &Store) -> Result<Vec<Doubt>> {
    let rows = Sql::new("SELECT * FROM outbox WHERE doubt = 1 ORDER BY id").all(&mut *store.reader().await?).await?;
    rows.iter().map(|row| read(row).map(|row| Doubt { id: row.id, message_id: row.message_id })).collect()
}

/// A copy of this letter was seen: its server took it. Says whether that settled it now.
///
/// # Errors
/// As the database says.
pub async fn copy_seen(tx: &mut Tx, id: &str, now: Moment) -> Result<bool> {
    let kept = Sql::new(
        "UPDATE outbox SET copy_at = $2 WHERE id = $1 AND doubt = 1 AND copy_at IS NULL AND state IN ('claimed', 'in_doubt', 'later')",
    );
    kept.text(id).at(now).run(tx.conn()).await?;
    let free = Sql::new(
        "UPDATE outbox SET state = 'sent', doubt = 0, again = 0, reply = $2, changed_at = $3, why = NULL, worker = NULL, lease_until = NULL
         WHERE id = $1 AND doubt = 1 AND copy_at IS NOT NULL AND state IN ('claimed', 'in_doubt', 'later') AND (worker IS NULL OR lease_until <= $3)",
    );
    Ok(free.text(id).text(FOUND).at(now).run(tx.conn()).await? == 1)
}

/// Settles a letter of this worker's as sent when its copy was seen meanwhile; whether it is so now.
///
/// # Errors
/// As the database says.
pub async fn settle_found(store: &Store, (id, worker): (&str, &str), now: Moment) -> Result<bool> {
    let mut tx = store.begin().await?;
    let statement = Sql::new(
        "UPDATE outbox SET state = 'sent', doubt = 0, again = 0, reply = $3, changed_at = $4, why = NULL, worker = NULL, lease_until = NULL
         WHERE id = $1 AND worker = $2 AND doubt = 1 AND copy_at IS NOT NULL AND state IN ('claimed', 'in_doubt')",
    );
    let found = statement.text(id).text(worker).text(FOUND).at(now).run(tx.conn()).await? == 1;
    // So it is too when a commit of his was not answered.
    let done = Sql::new("SELECT id FROM outbox WHERE id = $1 AND state = 'sent' AND reply = $2").text(id).text(FOUND);
    let found = found || done.first(tx.conn()).await?.is_some();
    tx.commit().await?;
    Ok(found)
}
