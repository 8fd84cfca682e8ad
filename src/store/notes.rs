//! Lines for the secretariat's digest, in the order in which they were told. Their words are the template's; here is
//! data as JSON. Called by desk and report.

use sqlx::any::AnyRow;

use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

/// A line for the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRow {
    /// Its place.
    pub id: i64,
    /// When it was told.
    pub at: Moment,
    /// What kind of line it is.
    pub kind: String,
    /// The case it is about.
    pub case_id: Option<String>,
    /// Its data as JSON.
    pub text: String,
}

/// Tells a line.
///
/// # Errors
/// As the database says.
pub async fn tell(tx: &mut Tx, at: Moment, kind: &str, case_id: Option<&str>, text: &str) -> Result<()> {
    let statement = Sql::new("INSERT INTO notes (at, kind, case_id, text) VALUES ($1, $2, $3, $4)");
    statement.at(at).text(kind).maybe_text(case_id).text(text).run(tx.conn()).await.map(|_| ())
}

/// The lines told in [`from`, `to`), oldest first.
///
/// # Errors
/// As the database says.
pub async fn since(store: &Store, from: Moment, to: Moment) -> Result<Vec<NoteRow>> {
    let rows = Sql::new("SELECT id, at, kind, case_id, text FROM notes WHERE at >= $1 AND at < $2 ORDER BY at, id")
        .at(from)
        .at(to)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// The lines told after the one with this id, oldest first, at most a hundred.
///
/// # Errors
/// As the database says.
pub async fn after(store: &Store, id: i64) -> Result<Vec<NoteRow>> {
    let rows = Sql::new("SELECT id, at, kind, case_id, text FROM notes WHERE id > $1 ORDER BY id LIMIT 100")
        .int(id)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<NoteRow> {
    Ok(NoteRow {
        id: sql::int(row, "id")?,
        at: sql::at(row, "at")?,
        kind: sql::text(row, "kind")?,
        case_id: sql::maybe_text(row, "case_id")?,
        text: sql::text(row, "text")?,
    })
}

/// How many lines of this kind and these data were told since then.
///
/// # Errors
/// As the database says.
pub async fn count_since(store: &Store, kind: &str, text: &str, since: Moment) -> Result<i64> {
    let row = Sql::new("SELECT COUNT(*) AS lines FROM notes WHERE at >= $1 AND kind = $2 AND text = $3")
        .at(since)
        .text(kind)
        .text(text)
        .first(&mut *store.reader().await?)
        .await?;
    row.as_ref().map_or(Ok(0), |row| sql::int(row, "lines"))
}
