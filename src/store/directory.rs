//! The personnel office's lists as they were laid before the secretariat, and what was decided about each. The newest approved one is in
//! force. Written by cli (`directory import`) and the desk (the word); read by daemon at each start and by the desk.

use sqlx::any::AnyRow;

use super::sql::{self, Sql};
use super::{Result, Store, Tx};
use crate::calendar::Moment;
use crate::domain::roster::Roster;

/// Where a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for a second person.
    Proposed,
    /// It is or was in force.
    Approved,
    /// It was sent back.
    Returned,
    /// Another list took its place before anybody decided.
    Withdrawn,
}

impl State {
    /// As the store and `directory list` write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Returned => "returned",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Proposed, Self::Approved, Self::Returned, Self::Withdrawn].into_iter().find(|s| s.as_str() == name)
    }
}

/// A list and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Where it stands.
    pub state: State,
    /// The list; its number is `roster.version`.
    pub roster: Roster,
    /// SHA-256 of the file that it was read from.
    pub sha256: String,
    /// The file's name.
    pub file: String,
    /// Who imported it: a person's id, or an address.
    pub made_by: String,
    /// When.
    pub made_at: Moment,
    /// Who decided: a person's id.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Moment>,
    /// By what it was proved that it was he.
    pub proof: Option<String>,
    /// Why it was sent back.
    pub why: Option<String>,
}

/// What a second person decided.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Which list.
    pub version: u32,
    /// [`State::Approved`] or [`State::Returned`].
    pub state: State,
    /// Who.
    pub by: String,
    /// By what it was proved.
    pub proof: String,
    /// Why it was sent back.
    pub why: String,
}

/// The number of the next list.
///
/// # Errors
/// As the database says.
pub async fn next_version(store: &Store) -> Result<u32> {
    let row = Sql::new("SELECT version FROM directory_versions ORDER BY version DESC LIMIT 1").first(&mut *store.reader().await?).await?;
    let last = row.as_ref().map(|row| sql::int(row, "version")).transpose()?.unwrap_or(0);
    Ok(u32::try_from(last).unwrap_or(0).saturating_add(1))
}

/// Lays a list before the secretariat; one that still waits is withdrawn. `false` when its number was taken meanwhile.
///
/// # Errors
/// As the database says.
pub async fn propose(tx: &mut Tx, new: &Version) -> Result<bool> {
    Sql::new("UPDATE directory_versions SET state = 'withdrawn' WHERE state = 'proposed'").run(tx.conn()).await?;
    let roster = serde_json::to_string(&new.roster).unwrap_or_default();
    let written = Sql::new(
        "INSERT INTO directory_versions (version, state, roster, sha256, file, made_by, made_at) VALUES ($1, 'proposed', $2, $3, $4, $5, $6)
         ON CONFLICT (version) DO NOTHING",
    )
    .int(i64::from(new.roster.version))
    .text(&roster)
    .text(&new.sha256)
    .text(&new.file)
    .text(&new.made_by)
    .at(new.made_at)
    .run(tx.conn())
    .await?;
    Ok(written == 1)
}

/// Keeps what was decided. `false` when the list waits no longer.
///
/// # Errors
/// As the database says.
pub async fn decide(tx: &mut Tx, decided: &Decided, at: Moment) -> Result<bool> {
    let changed = Sql::new(
        "UPDATE directory_versions SET state = $2, decided_by = $3, decided_at = $4, proof = $5, why = $6
         WHERE version = $1 AND state = 'proposed'",
    )
    .int(i64::from(decided.version))
    .text(decided.state.as_str())
    .text(&decided.by)
    .at(at)
    .text(&decided.proof)
    .text(&decided.why)
    .run(tx.conn())
    .await?;
    Ok(changed == 1)
}

/// The number of the list in force; 0 where the config stands alone.
///
/// # Errors
/// As the database says.
pub async fn version_in_force(store: &Store) -> Result<u32> {
    let row = Sql::new("SELECT version FROM directory_versions WHERE state = 'approved' ORDER BY version DESC LIMIT 1")
        .first(&mut *store.reader().await?)
        .await?;
    let version = row.as_ref().map(|row| sql::int(row, "version")).transpose()?.unwrap_or(0);
    Ok(u32::try_from(version).unwrap_or(0))
}

/// The list in force; none where the config stands alone.
///
/// # Errors
/// As the database says.
pub async fn in_force(store: &Store) -> Result<Option<Version>> {
    let row = Sql::new("SELECT * FROM directory_versions WHERE state = 'approved' ORDER BY version DESC LIMIT 1")
        .first(&mut *store.reader().await?)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The list that waits for a second person.
///
/// # Errors
/// As the database says.
pub async fn proposed(store: &Store) -> Result<Option<Version>> {
    let row = Sql::new("SELECT * FROM directory_versions WHERE state = 'proposed' ORDER BY version DESC LIMIT 1")
        .first(&mut *store.reader().await?)
        .await?;
    row.as_ref().map(read).transpose()
}

/// All lists, the newest first.
///
/// # Errors
/// As the database says.
pub async fn all(store: &Store) -> Result<Vec<Version>> {
    let rows = Sql::new("SELECT * FROM directory_versions ORDER BY version DESC").all(&mut *store.reader().await?).await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Version> {
    let state = sql::text(row, "state")?;
    let roster = sql::text(row, "roster")?;
    Ok(Version {
        state: State::from_name(&state).ok_or_else(|| sql::damaged("directory_versions", "state", &state))?,
        roster: serde_json::from_str(&roster).map_err(|e| sql::damaged("directory_versions", "roster", &e.to_string()))?,
        sha256: sql::text(row, "sha256")?,
        file: sql::text(row, "file")?,
        made_by: sql::text(row, "made_by")?,
        made_at: sql::at(row, "made_at")?,
        decided_by: sql::maybe_text(row, "decided_by")?,
        decided_at: sql::maybe_at(row, "decided_at")?,
        proof: sql::maybe_text(row, "proof")?,
        why: sql::maybe_text(row, "why")?,
    })
}
