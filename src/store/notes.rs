//! Lines for the secretariat's digest, in the order in which they were told. Their words are the template's; here is
//! data as JSON. Called by desk and report.

use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

/// A line for the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRow {
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
    let rows = Sql::new("SELECT at, kind, case_id, text FROM notes WHERE at >= $1 AND at < $2 ORDER BY at, id")
        .at(from)
        .at(to)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(NoteRow {
                at: sql::at(row, "at")?,
                kind: sql::text(row, "kind")?,
                case_id: sql::maybe_text(row, "case_id")?,
                text: sql::text(row, "text")?,
            })
        })
        .collect()
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
