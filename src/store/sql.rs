//! One statement and one row: binding and reading in the portable subset (TEXT, BIGINT, BLOB).
//! Every text is freed of NUL here, which PostgreSQL refuses; every NULL has a type. Used by the files of this room only.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Row};

use super::{Error, Result};
use crate::calendar::Moment;

/// A statement whose parameters are bound in order, `$1` first. Kept prepared by the connection.
pub(super) struct Sql(Query<'static, Any, AnyArguments>);

impl Sql {
    pub(super) fn new(text: &'static str) -> Self {
        Self(sqlx::query(text))
    }

    pub(super) fn text(self, value: &str) -> Self {
        Self(self.0.bind(without_nul(value).into_owned()))
    }

    pub(super) fn maybe_text(self, value: Option<&str>) -> Self {
        Self(self.0.bind(value.map(|v| without_nul(v).into_owned())))
    }

    pub(super) fn int(self, value: i64) -> Self {
        Self(self.0.bind(value))
    }

    pub(super) fn maybe_int(self, value: Option<i64>) -> Self {
        Self(self.0.bind(value))
    }

    pub(super) fn flag(self, value: bool) -> Self {
        self.int(i64::from(value))
    }

    pub(super) fn at(self, value: Moment) -> Self {
        self.int(value.unix())
    }

    pub(super) fn maybe_at(self, value: Option<Moment>) -> Self {
        self.maybe_int(value.map(Moment::unix))
    }

    pub(super) fn bytes(self, value: Vec<u8>) -> Self {
        Self(self.0.bind(value))
    }

    /// Runs it; how many rows it changed.
    pub(super) async fn run(self, conn: &mut AnyConnection) -> Result<u64> {
        Ok(self.0.execute(conn).await?.rows_affected())
    }

    /// The first row, if any.
    pub(super) async fn first(self, conn: &mut AnyConnection) -> Result<Option<AnyRow>> {
        Ok(self.0.fetch_optional(conn).await?)
    }

    /// All rows.
    pub(super) async fn all(self, conn: &mut AnyConnection) -> Result<Vec<AnyRow>> {
        Ok(self.0.fetch_all(conn).await?)
    }
}

/// `value` without U+0000: PostgreSQL's TEXT refuses it; the raw bytes of a mail keep theirs.
pub(super) fn without_nul(value: &str) -> Cow<'_, str> {
    if value.contains('\0') { Cow::Owned(value.replace('\0', "")) } else { Cow::Borrowed(value) }
}

/// What stands in an index for a text that a stranger chose: long ones by their hash, since an entry of PostgreSQL's
/// index holds 2,704 bytes at most.
pub(super) fn index_key(value: &str) -> Cow<'_, str> {
    if value.len() <= 512 {
        without_nul(value)
    } else {
        Cow::Owned(format!("sha256:{}", hex(&Sha256::digest(without_nul(value).as_bytes()))))
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

pub(super) fn text(row: &AnyRow, column: &str) -> Result<String> {
    Ok(row.try_get(column)?)
}

pub(super) fn maybe_text(row: &AnyRow, column: &str) -> Result<Option<String>> {
    Ok(row.try_get(column)?)
}

pub(super) fn int(row: &AnyRow, column: &str) -> Result<i64> {
    Ok(row.try_get(column)?)
}

pub(super) fn maybe_int(row: &AnyRow, column: &str) -> Result<Option<i64>> {
    Ok(row.try_get(column)?)
}

pub(super) fn flag(row: &AnyRow, column: &str) -> Result<bool> {
    Ok(int(row, column)? != 0)
}

pub(super) fn at(row: &AnyRow, column: &str) -> Result<Moment> {
    Ok(Moment::from_unix(int(row, column)?))
}

pub(super) fn maybe_at(row: &AnyRow, column: &str) -> Result<Option<Moment>> {
    Ok(maybe_int(row, column)?.map(Moment::from_unix))
}

pub(super) fn bytes(row: &AnyRow, column: &str) -> Result<Vec<u8>> {
    // What was taken out is an empty value, which SQLite's driver gives as none at all.
    Ok(row.try_get::<Option<Vec<u8>>, _>(column)?.unwrap_or_default())
}

/// The row of a statement that always has one.
pub(super) fn sure(row: Option<AnyRow>) -> Result<AnyRow> {
    row.ok_or_else(|| Error::Damaged("a row that is always there is gone".into()))
}

/// A word that only we write; anything else means that somebody else wrote here.
pub(super) fn damaged(table: &str, column: &str, value: &str) -> Error {
    Error::Damaged(format!("{table}.{column} holds {value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_goes_and_long_keys_are_hashed() {
        assert_eq!(without_nul("a\0申訴\0"), "a申訴");
        assert_eq!(index_key("<a@b>"), "<a@b>");
        let long = "x".repeat(5000);
        assert_eq!(index_key(&long).len(), 7 + 64);
        assert_ne!(index_key(&long), index_key(&"y".repeat(5000)));
    }
}
