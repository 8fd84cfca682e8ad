//! Working days and holidays as imported. What a day counts for is `calendar`'s; here is the table.
//! Called by cli (`calendar import`) and daemon (at start and after an import).

use super::sql::{self, Sql};
use super::{Result, Store, Tx};

/// A day: its date (`2026-12-31`), whether people work, what it is called, and where that comes from.
pub type Day = (String, bool, String, String);

/// Imports days; one that is there is replaced. How many.
///
/// # Errors
/// As the database says.
pub async fn import_days(tx: &mut Tx, days: Vec<Day>) -> Result<u64> {
    let mut count = 0;
    for (day, working, note, source) in days {
        count += Sql::new(
            "INSERT INTO calendar_days (day, working, note, source) VALUES ($1, $2, $3, $4)
             ON CONFLICT (day) DO UPDATE SET working = excluded.working, note = excluded.note, source = excluded.source",
        )
        .text(&day)
        .flag(working)
        .text(&note)
        .text(&source)
        .run(tx.conn())
        .await?;
    }
    Ok(count)
}

/// All imported days, by date.
///
/// # Errors
/// As the database says.
pub async fn days(store: &Store) -> Result<Vec<Day>> {
    let rows = Sql::new("SELECT day, working, note, source FROM calendar_days ORDER BY day").all(&mut *store.reader().await?).await?;
    rows.iter()
        .map(|row| Ok((sql::text(row, "day")?, sql::flag(row, "working")?, sql::text(row, "note")?, sql::text(row, "source")?)))
        .collect()
}
