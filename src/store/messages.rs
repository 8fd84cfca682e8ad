//! The conversation of a case, both ways, as `case show` prints it: what came in was written here by the desk, what
//! went out is the outbox. Called by desk and cli.

use super::sql::{self, Sql, index_key};
use super::{Result, Store, Tx, outbox};
use crate::calendar::Moment;

/// A mail that belongs to a case, as it was read.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The case.
    pub case_id: String,
    /// The mail in custody; `None` for what did not come by mail.
    pub inbox_id: Option<String>,
    /// What it was: complaint, supplement, reply …
    pub kind: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// When it was received.
    pub at: Moment,
    /// Its readable text.
    pub text: String,
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// To us.
    In,
    /// From us.
    Out,
}

/// A message of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Which way.
    pub direction: Direction,
    /// The inbox or outbox id.
    pub id: Option<String>,
    /// What it was.
    pub kind: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// When it was received, or queued.
    pub at: Moment,
    /// Its readable text.
    pub text: String,
    /// Where a letter is; `None` for what came in.
    pub state: Option<outbox::State>,
}

/// Notes a message that came in.
///
/// # Errors
/// As the database says.
pub async fn record_in(tx: &mut Tx, message: &NewMessage) -> Result<()> {
    Sql::new(
        "INSERT INTO messages (case_id, inbox_id, kind, sender, recipients, subject, message_id, at, text)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .text(&message.case_id)
    .maybe_text(message.inbox_id.as_deref())
    .text(&message.kind)
    .text(&message.from)
    .text(&message.to.join("\n"))
    .text(&message.subject)
    .maybe_text(message.message_id.as_deref().map(index_key).as_deref())
    .at(message.at)
    .text(&message.text)
    .run(tx.conn())
    .await
    .map(|_| ())
}

/// A case's messages, both ways, by time; what came in before what it caused in the same second. Letters that were
/// called back are left out.
///
/// # Errors
/// As the database says.
pub async fn for_case(store: &Store, case_id: &str) -> Result<Vec<MessageRow>> {
    let mut messages = incoming(store, case_id).await?;
    let letters = outbox::list_for_case(store, case_id).await?;
    let mut reader = store.reader().await?;
    for letter in letters {
        if letter.state == outbox::State::Withdrawn {
            continue;
        }
        let row = Sql::new("SELECT text FROM outbox_raw WHERE id = $1").text(&letter.id).first(&mut reader).await?;
        messages.push(MessageRow {
            direction: Direction::Out,
            kind: letter.kind,
            from: letter.envelope_from,
            to: vec![letter.recipient],
            subject: letter.subject,
            message_id: Some(letter.message_id),
            at: letter.queued_at,
            text: row.as_ref().map_or(Ok(String::new()), |row| sql::text(row, "text"))?,
            state: Some(letter.state),
            id: Some(letter.id),
        });
    }
    drop(reader);
    for sms in super::sms::for_case(store, case_id).await? {
        messages.push(MessageRow {
            direction: Direction::Out,
            kind: "sms".to_owned(),
            from: String::new(),
            to: vec![sms.phone],
            subject: String::new(),
            message_id: None,
            at: sms.queued_at,
            text: sms.text,
            state: Some(sms.state),
            id: Some(sms.id),
        });
    }
    messages.sort_by_key(|message| (message.at, message.direction));
    Ok(messages)
}

/// The cases about which letters or short messages were queued in [`from`, `to`), oldest first.
///
/// # Errors
/// As the database says.
pub async fn cases_told_between(store: &Store, from: Moment, to: Moment) -> Result<Vec<String>> {
    let statement = Sql::new(
        "SELECT id AS case_id FROM cases WHERE id IN (SELECT case_id FROM outbox WHERE queued_at >= $1 AND queued_at < $2
         UNION SELECT case_id FROM sms WHERE queued_at >= $1 AND queued_at < $2) ORDER BY serial",
    );
    ids(store, statement.at(from).at(to)).await
}

/// The cases to which somebody wrote from this address, but as one of the staff.
///
/// # Errors
/// As the database says.
pub async fn cases_written_by(store: &Store, address: &str) -> Result<Vec<String>> {
    let statement = Sql::new("SELECT DISTINCT case_id FROM messages WHERE kind <> 'staff' AND (LOWER(sender) = $1 OR sender = $2)");
    ids(store, statement.text(&address.to_ascii_lowercase()).text(address)).await
}

async fn ids(store: &Store, statement: Sql) -> Result<Vec<String>> {
    statement.all(&mut *store.reader().await?).await?.iter().map(|row| sql::text(row, "case_id")).collect()
}

async fn incoming(store: &Store, case_id: &str) -> Result<Vec<MessageRow>> {
    let rows = Sql::new("SELECT * FROM messages WHERE case_id = $1 ORDER BY at, id").text(case_id).all(&mut *store.reader().await?).await?;
    rows.iter()
        .map(|row| {
            Ok(MessageRow {
                direction: Direction::In,
                id: sql::maybe_text(row, "inbox_id")?,
                kind: sql::text(row, "kind")?,
                from: sql::text(row, "sender")?,
                to: sql::text(row, "recipients")?.lines().map(str::to_owned).collect(),
                subject: sql::text(row, "subject")?,
                message_id: sql::maybe_text(row, "message_id")?,
                at: sql::at(row, "at")?,
                text: sql::text(row, "text")?,
                state: None,
            })
        })
        .collect()
}
