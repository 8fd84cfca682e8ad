//! Short messages, from the transaction that caused them until the organisation's webhook took them or refused them for good.
//! A try is claimed by moving its next moment, so that no two processes post the same one. Called by desk (`queue`, `untold`) and delivery.

use sqlx::any::AnyRow;

use super::sql::{self, Sql};
use super::{Result, Store, Tx, outbox};
use crate::calendar::Moment;
use crate::clock::Chance;

/// A message to be queued.
#[derive(Debug, Clone)]
pub struct NewSms {
    /// The case it is about.
    pub case_id: String,
    /// What caused it: the same effect is queued once.
    pub effect_key: String,
    /// A person's id.
    pub person: String,
    /// His telephone, as the config has it.
    pub phone: String,
    /// The words.
    pub text: String,
}

/// A message and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsRow {
    /// Its id (ULID).
    pub id: String,
    /// The case.
    pub case_id: String,
    /// Who is to get it.
    pub person: String,
    /// His telephone.
    pub phone: String,
    /// The words.
    pub text: String,
    /// Where it is: queued, later, sent or never.
    pub state: outbox::State,
    /// When it was caused.
    pub queued_at: Moment,
    /// When it is tried next.
    pub next_at: Moment,
    /// How often it was tried.
    pub attempts: i64,
    /// What the webhook said last.
    pub why: Option<String>,
}

/// Queues a message in the transaction that causes it.
///
/// # Errors
/// As the database says.
pub async fn queue(tx: &mut Tx, chance: &Chance, now: Moment, sms: &NewSms) -> Result<()> {
    Sql::new(
        "INSERT INTO sms (id, case_id, effect_key, person, phone, text, state, queued_at, next_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $7) ON CONFLICT (effect_key) DO NOTHING",
    )
    .text(&chance.ulid(now))
    .text(&sms.case_id)
    .text(&sms.effect_key)
    .text(&sms.person)
    .text(&sms.phone)
    .text(&sms.text)
    .at(now)
    .run(tx.conn())
    .await
    .map(|_| ())
}

/// Messages that may be tried now; all that wait where `all`.
///
/// # Errors
/// As the database says.
pub async fn due(store: &Store, now: Moment, all: bool) -> Result<Vec<SmsRow>> {
    let until = if all { Moment::from_unix(i64::MAX) } else { now };
    let rows = Sql::new(
        "SELECT * FROM sms WHERE state IN ('queued', 'later') AND next_at <= $1
         AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'outbox.kept_back' AND value <> '') ORDER BY next_at, id LIMIT 200",
    )
    .at(until)
    .all(&mut *store.reader().await?)
    .await?;
    rows.iter().map(read).collect()
}

/// When the next one may be tried.
///
/// # Errors
/// As the database says.
pub async fn next_due(store: &Store) -> Result<Option<Moment>> {
    let row = Sql::new(
        "SELECT next_at FROM sms WHERE state IN ('queued', 'later') AND next_at > 0
         AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'outbox.kept_back' AND value <> '') ORDER BY next_at, id LIMIT 1",
    )
    .first(&mut *store.reader().await?)
    .await?;
    row.as_ref().map(|row| sql::at(row, "next_at")).transpose()
}

/// Takes a try: nobody else tries it before `until`. `false` when somebody else was faster.
///
/// # Errors
/// As the database says.
pub async fn claim(store: &Store, row: &SmsRow, until: Moment) -> Result<bool> {
    let mut tx = store.begin().await?;
    let taken = Sql::new(
        "UPDATE sms SET next_at = $3, attempts = attempts + 1 WHERE id = $1 AND next_at = $2 AND attempts = $4 AND state IN ('queued', 'later')",
    )
    .text(&row.id)
    .at(row.next_at)
    .at(until)
    .int(row.attempts)
    .run(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(taken == 1)
}

/// Books what came of a try.
///
/// # Errors
/// As the database says.
pub async fn book(store: &Store, id: &str, state: outbox::State, next_at: Moment, now: Moment, why: &str) -> Result<()> {
    let mut tx = store.begin().await?;
    Sql::new("UPDATE sms SET state = $2, next_at = $3, changed_at = $4, why = $5 WHERE id = $1")
        .text(id)
        .text(state.as_str())
        .at(next_at)
        .at(now)
        .text(why)
        .run(tx.conn())
        .await?;
    tx.commit().await
}

/// Messages that were given up and of which nobody has been told.
///
/// # Errors
/// As the database says.
pub async fn untold(store: &Store) -> Result<Vec<SmsRow>> {
    let rows = Sql::new("SELECT * FROM sms WHERE state = 'never' AND told = 0 AND queued_at > 0 ORDER BY queued_at, id")
        .all(&mut *store.reader().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// Marks that it was told, in the transaction that tells it; `false` when it was told before.
///
/// # Errors
/// As the database says.
pub async fn set_told(tx: &mut Tx, id: &str) -> Result<bool> {
    Ok(Sql::new("UPDATE sms SET told = 1 WHERE id = $1 AND told = 0").text(id).run(tx.conn()).await? == 1)
}

/// A case's messages, oldest first.
///
/// # Errors
/// As the database says.
pub async fn for_case(store: &Store, case_id: &str) -> Result<Vec<SmsRow>> {
    let rows =
        Sql::new("SELECT * FROM sms WHERE case_id = $1 ORDER BY queued_at, id").text(case_id).all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<SmsRow> {
    let state = match sql::text(row, "state")?.as_str() {
        "queued" => outbox::State::Queued,
        "later" => outbox::State::Later,
        "sent" => outbox::State::Sent,
        "never" => outbox::State::Never,
        other => return Err(sql::damaged("sms", "state", other)),
    };
    Ok(SmsRow {
        id: sql::text(row, "id")?,
        case_id: sql::text(row, "case_id")?,
        person: sql::text(row, "person")?,
        phone: sql::text(row, "phone")?,
        text: sql::text(row, "text")?,
        state,
        queued_at: sql::at(row, "queued_at")?,
        next_at: sql::at(row, "next_at")?,
        attempts: sql::int(row, "attempts")?,
        why: sql::maybe_text(row, "why")?,
    })
}
