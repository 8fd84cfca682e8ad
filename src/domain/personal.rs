//! Personal data as a type: it is stored and sent, but never shown by `Debug`, so that no log line can hold it (RELIABILITY T25).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that tells who somebody is. `Debug` prints a box; use [`Pii::reveal`] where the reader's role needs it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for storing it or for a reader who may see it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("◼")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Pii::new("王小明")), "◼");
    }
}
