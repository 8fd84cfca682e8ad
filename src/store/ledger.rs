//! The intake's balance (R51): for each mailbox and UIDVALIDITY, every mail that the server ever showed is a case's first mail,
//! a case's further mail, done without a case, held, set aside with a reason, waiting to be read, waiting for the secretariat's
//! word, or gone before it could be fetched. What is none of these is a gap. Written by intake; read by desk and cli.

use std::collections::{BTreeMap, BTreeSet};

use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;

/// One mailbox under one UIDVALIDITY. `seen` is the sum of the others but `reasons`.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// The mailbox's address.
    pub mailbox: String,
    /// The folder's UIDVALIDITY.
    pub uidvalidity: i64,
    /// Shown by the server.
    pub seen: i64,
    /// Opened a case.
    pub cased: i64,
    /// Added to a case.
    pub threaded: i64,
    /// Done without a case (a report asked for, a calendar's change).
    pub other: i64,
    /// In quarantine.
    pub held: i64,
    /// Set aside.
    pub ignored: i64,
    /// Why, in one word each.
    pub reasons: BTreeMap<String, i64>,
    /// In custody and not yet read.
    pub waiting: i64,
    /// Older than the first start; waits for the secretariat's word.
    pub older: i64,
    /// Shown by the server and taken away before it was fetched.
    pub gone: i64,
    /// Shown by the server and not in custody: the gap.
    pub missing: i64,
}

/// Where a mail is that was shown and is not in custody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// Not given yet.
    Missing,
    /// No longer there.
    Gone,
}

impl Open {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Gone => "gone",
        }
    }
}

/// A folder under one UIDVALIDITY.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The mailbox's address.
    pub mailbox: &'a str,
    /// The folder.
    pub folder: &'a str,
    /// Its UIDVALIDITY.
    pub uidvalidity: i64,
}

/// Mails of a folder that were shown and are not in custody, with how long that is so.
///
/// # Errors
/// As the database says.
pub async fn open(store: &Store, place: Place<'_>) -> Result<BTreeMap<u32, Moment>> {
    let rows = Sql::new("SELECT uid, since FROM listed WHERE mailbox = $1 AND folder = $2 AND uidvalidity = $3 AND state = 'missing'")
        .text(place.mailbox)
        .text(place.folder)
        .int(place.uidvalidity)
        .all(&mut *store.reader().await?)
        .await?;
    let uid = |row| sql::int(row, "uid").map(|uid| u32::try_from(uid).unwrap_or(0));
    rows.iter().map(|row| Ok((uid(row)?, sql::at(row, "since")?))).collect()
}

/// Keeps that these were shown and are not in custody; what is kept as missing already keeps its moment.
///
/// # Errors
/// As the database says.
pub async fn keep_open(tx: &mut Tx, place: Place<'_>, uids: &BTreeSet<u32>, state: Open, now: Moment) -> Result<()> {
    for uid in uids {
        Sql::new(
            "INSERT INTO listed (mailbox, folder, uidvalidity, uid, since, state) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (mailbox, folder, uidvalidity, uid) DO UPDATE SET state = excluded.state",
        )
        .text(place.mailbox)
        .text(place.folder)
        .int(place.uidvalidity)
        .int(i64::from(*uid))
        .at(now)
        .text(state.as_str())
        .run(tx.conn())
        .await?;
    }
    Ok(())
}

/// Forgets those that came into custody after all.
///
/// # Errors
/// As the database says.
pub async fn came(tx: &mut Tx, place: Place<'_>, uids: &BTreeSet<u32>) -> Result<()> {
    for uid in uids {
        Sql::new("DELETE FROM listed WHERE mailbox = $1 AND folder = $2 AND uidvalidity = $3 AND uid = $4")
            .text(place.mailbox)
            .text(place.folder)
            .int(place.uidvalidity)
            .int(i64::from(*uid))
            .run(tx.conn())
            .await?;
    }
    Ok(())
}

/// Keeps what a whole listing showed: how many mails wait for the secretariat's word, and that it was done.
///
/// # Errors
/// As the database says.
pub async fn swept(tx: &mut Tx, place: Place<'_>, older: i64, now: Moment) -> Result<()> {
    Sql::new(
        "INSERT INTO sweeps (mailbox, folder, uidvalidity, swept_at, older) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (mailbox, folder, uidvalidity) DO UPDATE SET swept_at = excluded.swept_at, older = excluded.older",
    )
    .text(place.mailbox)
    .text(place.folder)
    .int(place.uidvalidity)
    .at(now)
    .int(older)
    .run(tx.conn())
    .await
    .map(|_| ())
}

/// The balance, by mailbox and UIDVALIDITY.
///
/// # Errors
/// As the database says.
pub async fn read(store: &Store) -> Result<Vec<Line>> {
    let mut lines: BTreeMap<(String, i64), Line> = BTreeMap::new();
    let mut reader = store.reader().await?;
    let rows =
        Sql::new("SELECT mailbox, uidvalidity, state, filed, COUNT(*) AS mails FROM inbox GROUP BY mailbox, uidvalidity, state, filed")
            .all(&mut reader)
            .await?;
    for row in &rows {
        let mails = sql::int(row, "mails")?;
        let line = line_of(&mut lines, row)?;
        match (sql::text(row, "state")?.as_str(), sql::int(row, "filed")?) {
            ("new", _) => line.waiting += mails,
            ("held", _) => line.held += mails,
            ("ignored", _) => line.ignored += mails,
            ("done", 1) => line.cased += mails,
            ("done", 2) => line.threaded += mails,
            (_, _) => line.other += mails,
        }
    }
    let rows = Sql::new(
        "SELECT mailbox, uidvalidity, reason, COUNT(*) AS mails FROM inbox WHERE state = 'ignored' GROUP BY mailbox, uidvalidity, reason",
    )
    .all(&mut reader)
    .await?;
    for row in &rows {
        let (reason, mails) = (sql::maybe_text(row, "reason")?.unwrap_or_default(), sql::int(row, "mails")?);
        *line_of(&mut lines, row)?.reasons.entry(word(&reason).to_owned()).or_insert(0) += mails;
    }
    let rows = Sql::new("SELECT mailbox, uidvalidity, state, COUNT(*) AS mails FROM listed GROUP BY mailbox, uidvalidity, state")
        .all(&mut reader)
        .await?;
    for row in &rows {
        let (state, mails) = (sql::text(row, "state")?, sql::int(row, "mails")?);
        let line = line_of(&mut lines, row)?;
        if state == "gone" { line.gone += mails } else { line.missing += mails }
    }
    let rows = Sql::new("SELECT mailbox, uidvalidity, older FROM sweeps ORDER BY mailbox, folder, uidvalidity").all(&mut reader).await?;
    for row in &rows {
        let older = sql::int(row, "older")?;
        line_of(&mut lines, row)?.older += older;
    }
    for line in lines.values_mut() {
        let custody = line.cased + line.threaded + line.other + line.held + line.ignored + line.waiting;
        line.seen = custody + line.older + line.gone + line.missing;
    }
    Ok(lines.into_values().collect())
}

fn line_of<'a>(lines: &'a mut BTreeMap<(String, i64), Line>, row: &sqlx::any::AnyRow) -> Result<&'a mut Line> {
    let (mailbox, uidvalidity) = (sql::text(row, "mailbox")?, sql::int(row, "uidvalidity")?);
    Ok(lines.entry((mailbox.clone(), uidvalidity)).or_insert_with(|| Line { mailbox, uidvalidity, ..Line::default() }))
}

/// A reason without what is particular to one mail: `copy of 01J…`, `repeats 115-0001`.
fn word(reason: &str) -> &str {
    ["copy of", "repeats"].into_iter().find(|w| reason.starts_with(w)).unwrap_or(reason)
}
