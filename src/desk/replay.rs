//! `case replay`: folds a case's trail into the case again and holds it against the row. The trail is the truth.

use serde_json::Value;

use super::carry_out::as_value;
use super::{Desk, Error, patch};
use crate::domain::Case;
use crate::store::events;

/// What replaying a case's trail gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The case as the trail tells it.
    pub case: Case,
    /// How many events it was folded from.
    pub events: usize,
    /// Whether the row says the same.
    pub same: bool,
}

impl Desk {
    /// Folds the trail of a case.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the trail does not make a case.
    pub async fn replay(&self, case: &Case) -> Result<Replayed, Error> {
        let rows = events::for_case(&self.store, case.id.as_str()).await?;
        let damaged = |why: String| Error::Damaged { number: case.number.clone(), why };
        let mut value = Value::Null;
        for row in &rows {
            let change: Value = serde_json::from_str(&row.change).map_err(|e| damaged(e.to_string()))?;
            value = patch::apply(value, change);
        }
        let folded: Case = serde_json::from_value(value).map_err(|e| damaged(e.to_string()))?;
        let same = as_value(&folded)? == as_value(case)?;
        Ok(Replayed { case: folded, events: rows.len(), same })
    }
}
