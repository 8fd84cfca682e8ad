//! Cases as lists need them: a snapshot, its version, and the running numbers without holes.
//! The JSON in `body` is domain's and is not read here; the events are the truth. Called by desk, report and cli.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use super::sql::{self, Sql, index_key};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

/// A case's snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// Its id (ULID).
    pub id: String,
    /// Its place among all cases, from 1, without holes.
    pub serial: i64,
    /// Its received number (收件單號).
    pub number: String,
    /// Grows by one with each change.
    pub version: i64,
    /// Its state, as domain writes it.
    pub state: String,
    /// How it ended.
    pub outcome: Option<String>,
    /// Its grade, short form.
    pub grade: Option<String>,
    /// 重大.
    pub major: bool,
    /// 請保密.
    pub confidential: bool,
    /// The leading unit's id.
    pub unit: Option<String>,
    /// How it came.
    pub channel: String,
    /// Its subject.
    pub subject: String,
    /// The complainant's address in lower case.
    pub complainant_key: Option<String>,
    /// The hash of its normalised text, to recognise the same words again.
    pub text_hash: Option<String>,
    /// Its round, from 1.
    pub round: i64,
    /// When it was received.
    pub opened_at: Moment,
    /// Its deadline in force.
    pub due_at: Option<Moment>,
    /// When it was answered.
    pub answered_at: Option<Moment>,
    /// When it was closed; a case without is open.
    pub closed_at: Option<Moment>,
    /// When it last changed.
    pub updated_at: Moment,
    /// The whole case as JSON.
    pub body: String,
}

/// Draws the next number of a sequence (`cases`, `number:115`): 1, 2, 3 … without holes, for the number falls back when
/// the transaction does. Draw before the first event of the transaction, so that all take their locks in one order.
///
/// # Errors
/// As the database says.
pub async fn draw_number(tx: &mut Tx, scope: &str) -> Result<i64> {
    let row = Sql::new(
        "INSERT INTO numbers (scope, last) VALUES ($1, 1) ON CONFLICT (scope) DO UPDATE SET last = numbers.last + 1 RETURNING last",
    )
    .text(scope)
    .first(tx.conn())
    .await?;
    sql::int(&sql::sure(row)?, "last")
}

/// The number drawn last; 0 before the first.
///
/// # Errors
/// As the database says.
pub async fn peek_number(store: &Store, scope: &str) -> Result<i64> {
    let row = Sql::new("SELECT last FROM numbers WHERE scope = $1").text(scope).first(&mut *store.reader().await?).await?;
    row.as_ref().map_or(Ok(0), |row| sql::int(row, "last"))
}

/// Stores a new case.
///
/// # Errors
/// As the database says; id, serial and number are unique.
pub async fn insert(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    let statement = Sql::new(
        "INSERT INTO cases (id, version, state, outcome, grade, major, confidential, unit, channel, subject, complainant_key, text_hash, round,
         opened_at, due_at, answered_at, closed_at, updated_at, body, serial, number)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
    );
    bind(statement, case).int(case.serial).text(&case.number).run(tx.conn()).await.map(|_| ())
}

/// Stores a case's next version; `false` when the stored one is not `expected_version`: load it and decide again.
/// Serial and number never change.
///
/// # Errors
/// As the database says.
pub async fn update(tx: &mut Tx, case: &CaseRow, expected_version: i64) -> Result<bool> {
    let statement = Sql::new(
        "UPDATE cases SET version = $2, state = $3, outcome = $4, grade = $5, major = $6, confidential = $7, unit = $8, channel = $9,
         subject = $10, complainant_key = $11, text_hash = $12, round = $13, opened_at = $14, due_at = $15, answered_at = $16, closed_at = $17,
         updated_at = $18, body = $19 WHERE id = $1 AND version = $20",
    );
    Ok(bind(statement, case).int(expected_version).run(tx.conn()).await? == 1)
}

/// Binds `$1` to `$19`.
fn bind(statement: Sql, case: &CaseRow) -> Sql {
    statement
        .text(&case.id)
        .int(case.version)
        .text(&case.state)
        .maybe_text(case.outcome.as_deref())
        .maybe_text(case.grade.as_deref())
        .flag(case.major)
        .flag(case.confidential)
        .maybe_text(case.unit.as_deref())
        .text(&case.channel)
        .text(&case.subject)
        .maybe_text(case.complainant_key.as_deref().map(index_key).as_deref())
        .maybe_text(case.text_hash.as_deref())
        .int(case.round)
        .at(case.opened_at)
        .maybe_at(case.due_at)
        .maybe_at(case.answered_at)
        .maybe_at(case.closed_at)
        .at(case.updated_at)
        .text(&case.body)
}

/// The case with this id.
///
/// # Errors
/// As the database says.
pub async fn by_id(store: &Store, id: &str) -> Result<Option<CaseRow>> {
    first(store, Sql::new("SELECT * FROM cases WHERE id = $1").text(id)).await
}

/// The case with this id, as this transaction sees it.
///
/// # Errors
/// As the database says.
pub async fn by_id_in(tx: &mut Tx, id: &str) -> Result<Option<CaseRow>> {
    let row = Sql::new("SELECT * FROM cases WHERE id = $1").text(id).first(tx.conn()).await?;
    row.as_ref().map(read).transpose()
}

/// The case with this received number.
///
/// # Errors
/// As the database says.
pub async fn by_number(store: &Store, number: &str) -> Result<Option<CaseRow>> {
    first(store, Sql::new("SELECT * FROM cases WHERE number = $1").text(number)).await
}

/// The case with this serial.
///
/// # Errors
/// As the database says.
pub async fn by_serial(store: &Store, serial: i64) -> Result<Option<CaseRow>> {
    first(store, Sql::new("SELECT * FROM cases WHERE serial = $1").int(serial)).await
}

/// The open cases, oldest first.
///
/// # Errors
/// As the database says.
pub async fn open(store: &Store) -> Result<Vec<CaseRow>> {
    all(store, Sql::new("SELECT * FROM cases WHERE closed_at IS NULL ORDER BY serial")).await
}

/// Up to `limit` cases after this serial, oldest first.
///
/// # Errors
/// As the database says.
pub async fn page(store: &Store, after_serial: i64, limit: i64) -> Result<Vec<CaseRow>> {
    all(store, Sql::new("SELECT * FROM cases WHERE serial > $1 ORDER BY serial LIMIT $2").int(after_serial).int(limit)).await
}

/// Up to `limit` cases after this serial that were closed before then, oldest first.
///
/// # Errors
/// As the database says.
pub async fn closed_page(store: &Store, before: Moment, after_serial: i64, limit: i64) -> Result<Vec<CaseRow>> {
    let statement = Sql::new("SELECT * FROM cases WHERE closed_at IS NOT NULL AND closed_at < $1 AND serial > $2 ORDER BY serial LIMIT $3");
    all(store, statement.at(before).int(after_serial).int(limit)).await
}

/// Received numbers by the cases' ids.
///
/// # Errors
/// As the database says.
pub async fn numbers(store: &Store) -> Result<BTreeMap<String, String>> {
    let rows = Sql::new("SELECT id, number FROM cases").all(&mut *store.reader().await?).await?;
    rows.iter().map(|row| Ok((sql::text(row, "id")?, sql::text(row, "number")?))).collect()
}

/// The eight newest cases of this complainant that were opened since then, newest first.
///
/// # Errors
/// As the database says.
pub async fn latest_of(store: &Store, complainant_key: &str, since: Moment) -> Result<Vec<CaseRow>> {
    let statement =
        Sql::new("SELECT * FROM cases WHERE complainant_key = $1 AND opened_at >= $2 ORDER BY opened_at DESC, serial DESC LIMIT 8");
    all(store, statement.text(complainant_key).at(since)).await
}

/// Open cases whose deadline in force is before `before`, the most urgent first.
///
/// # Errors
/// As the database says.
pub async fn open_due_before(store: &Store, before: Moment) -> Result<Vec<CaseRow>> {
    let statement = Sql::new("SELECT * FROM cases WHERE closed_at IS NULL AND due_at IS NOT NULL AND due_at < $1 ORDER BY due_at, serial");
    all(store, statement.at(before)).await
}

/// Cases received in [`from`, `to`), oldest first.
///
/// # Errors
/// As the database says.
pub async fn opened_between(store: &Store, from: Moment, to: Moment) -> Result<Vec<CaseRow>> {
    all(store, Sql::new("SELECT * FROM cases WHERE opened_at >= $1 AND opened_at < $2 ORDER BY opened_at, serial").at(from).at(to)).await
}

/// Cases answered in [`from`, `to`), oldest first.
///
/// # Errors
/// As the database says.
pub async fn answered_between(store: &Store, from: Moment, to: Moment) -> Result<Vec<CaseRow>> {
    let statement = Sql::new(
        "SELECT * FROM cases WHERE answered_at IS NOT NULL AND answered_at >= $1 AND answered_at < $2 ORDER BY answered_at, serial",
    );
    all(store, statement.at(from).at(to)).await
}

/// Cases closed in [`from`, `to`), oldest first.
///
/// # Errors
/// As the database says.
pub async fn closed_between(store: &Store, from: Moment, to: Moment) -> Result<Vec<CaseRow>> {
    let statement =
        Sql::new("SELECT * FROM cases WHERE closed_at IS NOT NULL AND closed_at >= $1 AND closed_at < $2 ORDER BY closed_at, serial");
    all(store, statement.at(from).at(to)).await
}

/// A complainant's cases since then, oldest first.
///
/// # Errors
/// As the database says.
pub async fn list_by_complainant(store: &Store, key: &str, since: Moment) -> Result<Vec<CaseRow>> {
    let statement = Sql::new("SELECT * FROM cases WHERE complainant_key = $1 AND opened_at >= $2 ORDER BY opened_at, serial");
    all(store, statement.text(&index_key(key)).at(since)).await
}

/// Cases with the same words since then, from whomever, oldest first.
///
/// # Errors
/// As the database says.
pub async fn list_by_text(store: &Store, text_hash: &str, since: Moment) -> Result<Vec<CaseRow>> {
    let statement = Sql::new("SELECT * FROM cases WHERE text_hash = $1 AND opened_at >= $2 ORDER BY opened_at, serial");
    all(store, statement.text(text_hash).at(since)).await
}

/// The cases answered last, at most `limit`, those that are not confidential: id, leading unit, subject.
///
/// # Errors
/// As the database says.
pub async fn answered_lately(store: &Store, limit: i64) -> Result<Vec<(String, Option<String>, String)>> {
    let statement = Sql::new(
        "SELECT id, unit, subject FROM cases WHERE answered_at IS NOT NULL AND confidential = 0 ORDER BY answered_at DESC, serial DESC LIMIT $1",
    );
    let rows = statement.int(limit).all(&mut *store.reader().await?).await?;
    rows.iter().map(|row| Ok((sql::text(row, "id")?, sql::maybe_text(row, "unit")?, sql::text(row, "subject")?))).collect()
}

/// The numbers of the newest `limit` cases, newest first.
///
/// # Errors
/// As the database says.
pub async fn newest_numbers(store: &Store, limit: i64) -> Result<Vec<String>> {
    let rows = Sql::new("SELECT number FROM cases ORDER BY serial DESC LIMIT $1").int(limit).all(&mut *store.reader().await?).await?;
    rows.iter().map(|row| sql::text(row, "number")).collect()
}

async fn first(store: &Store, statement: Sql) -> Result<Option<CaseRow>> {
    statement.first(&mut *store.reader().await?).await?.as_ref().map(read).transpose()
}

async fn all(store: &Store, statement: Sql) -> Result<Vec<CaseRow>> {
    statement.all(&mut *store.reader().await?).await?.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<CaseRow> {
    Ok(CaseRow {
        id: sql::text(row, "id")?,
        serial: sql::int(row, "serial")?,
        number: sql::text(row, "number")?,
        version: sql::int(row, "version")?,
        state: sql::text(row, "state")?,
        outcome: sql::maybe_text(row, "outcome")?,
        grade: sql::maybe_text(row, "grade")?,
        major: sql::flag(row, "major")?,
        confidential: sql::flag(row, "confidential")?,
        unit: sql::maybe_text(row, "unit")?,
        channel: sql::text(row, "channel")?,
        subject: sql::text(row, "subject")?,
        complainant_key: sql::maybe_text(row, "complainant_key")?,
        text_hash: sql::maybe_text(row, "text_hash")?,
        round: sql::int(row, "round")?,
        opened_at: sql::at(row, "opened_at")?,
        due_at: sql::maybe_at(row, "due_at")?,
        answered_at: sql::maybe_at(row, "answered_at")?,
        closed_at: sql::maybe_at(row, "closed_at")?,
        updated_at: sql::at(row, "updated_at")?,
        body: sql::text(row, "body")?,
    })
}
