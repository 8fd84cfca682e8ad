//! Surveys: one a case and round, found by the hash of its link's token; the token itself is never kept.
//! The answers' JSON is survey's. Called by desk (`open`, `answer`), the survey page and report.

use sqlx::any::AnyRow;

use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

/// A survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRow {
    /// The hash of its link's token.
    pub token_hash: String,
    /// The case.
    pub case_id: String,
    /// The case's round.
    pub round: i64,
    /// When it was sent.
    pub opened_at: Moment,
    /// Until when it may be answered.
    pub expires_at: Moment,
    /// The complainant's language.
    pub lang: String,
    /// The answers as JSON.
    pub answers: Option<String>,
    /// When it was first answered.
    pub first_answered_at: Option<Moment>,
    /// When it was last answered.
    pub answered_at: Option<Moment>,
}

/// Opens a survey; one with the same token stays as it is.
///
/// # Errors
/// As the database says.
pub async fn open(
    tx: &mut Tx,
    token_hash: &str,
    case_id: &str,
    round: i64,
    opened_at: Moment,
    expires_at: Moment,
    lang: &str,
) -> Result<()> {
    Sql::new(
        "INSERT INTO surveys (token_hash, case_id, round, opened_at, expires_at, lang) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (token_hash) DO NOTHING",
    )
    .text(token_hash)
    .text(case_id)
    .int(round)
    .at(opened_at)
    .at(expires_at)
    .text(lang)
    .run(tx.conn())
    .await
    .map(|_| ())
}

/// The survey of this link.
///
/// # Errors
/// As the database says.
pub async fn by_token_hash(store: &Store, token_hash: &str) -> Result<Option<SurveyRow>> {
    let row = Sql::new("SELECT * FROM surveys WHERE token_hash = $1").text(token_hash).first(&mut *store.reader().await?).await?;
    row.as_ref().map(read).transpose()
}

/// Stores the answers, the last ones win; `false` when there is no such survey or its time is over at `at`.
///
/// # Errors
/// As the database says.
pub async fn answer(tx: &mut Tx, token_hash: &str, answers: &str, at: Moment) -> Result<bool> {
    let changed = Sql::new(
        "UPDATE surveys SET answers = $2, answered_at = $3, first_answered_at = CASE WHEN first_answered_at IS NULL THEN $3 ELSE first_answered_at END
         WHERE token_hash = $1 AND expires_at >= $3",
    )
    .text(token_hash)
    .text(answers)
    .at(at)
    .run(tx.conn())
    .await?;
    Ok(changed == 1)
}

/// A case's surveys, by round.
///
/// # Errors
/// As the database says.
pub async fn for_case(store: &Store, case_id: &str) -> Result<Vec<SurveyRow>> {
    let rows = Sql::new("SELECT * FROM surveys WHERE case_id = $1 ORDER BY round, opened_at, token_hash")
        .text(case_id)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// Surveys sent in [`from`, `to`), oldest first, for reports.
///
/// # Errors
/// As the database says.
pub async fn opened_between(store: &Store, from: Moment, to: Moment) -> Result<Vec<SurveyRow>> {
    let rows = Sql::new("SELECT * FROM surveys WHERE opened_at >= $1 AND opened_at < $2 ORDER BY opened_at, token_hash")
        .at(from)
        .at(to)
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<SurveyRow> {
    Ok(SurveyRow {
        token_hash: sql::text(row, "token_hash")?,
        case_id: sql::text(row, "case_id")?,
        round: sql::int(row, "round")?,
        opened_at: sql::at(row, "opened_at")?,
        expires_at: sql::at(row, "expires_at")?,
        lang: sql::text(row, "lang")?,
        answers: sql::maybe_text(row, "answers")?,
        first_answered_at: sql::maybe_at(row, "first_answered_at")?,
        answered_at: sql::maybe_at(row, "answered_at")?,
    })
}
