//! Which case a Message-ID belongs to, ours and theirs. The first who named an id keeps it: a later mail cannot
//! move somebody else's thread. It routes and proves nothing. Called by desk.

use sqlx::any::AnyRow;

use super::sql::{self, Sql, index_key};
use super::{Result, Store, Tx};

/// Where a Message-ID belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The case.
    pub case_id: String,
    /// `public` or `internal`.
    pub world: String,
    /// The person it was written for, by id.
    pub person: Option<String>,
}

/// Notes that this Message-ID belongs to this case; what was noted first stays.
///
/// # Errors
/// As the database says.
pub async fn remember(tx: &mut Tx, message_id: &str, case_id: &str, world: &str, person: Option<&str>) -> Result<()> {
    Sql::new("INSERT INTO threads (message_id, case_id, world, person) VALUES ($1, $2, $3, $4) ON CONFLICT (message_id) DO NOTHING")
        .text(&index_key(message_id))
        .text(case_id)
        .text(world)
        .maybe_text(person)
        .run(tx.conn())
        .await
        .map(|_| ())
}

/// The case of the first of these ids that is known (give In-Reply-To first, then References from the last). Looks at
/// 100 ids at most.
///
/// # Errors
/// As the database says.
pub async fn find(store: &Store, message_ids: &[String]) -> Result<Option<Thread>> {
    let mut reader = store.reader().await?;
    for message_id in message_ids.iter().take(100) {
        let row = Sql::new("SELECT * FROM threads WHERE message_id = $1").text(&index_key(message_id)).first(&mut reader).await?;
        if let Some(row) = row {
            return read(&row).map(Some);
        }
    }
    Ok(None)
}

fn read(row: &AnyRow) -> Result<Thread> {
    Ok(Thread { case_id: sql::text(row, "case_id")?, world: sql::text(row, "world")?, person: sql::maybe_text(row, "person")? })
}
