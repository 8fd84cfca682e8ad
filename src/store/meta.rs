//! Small facts about this store (its first start, the last digest) and its own secret keys.
//! Called by desk, daemon and config.

use super::sql::{self, Sql};
use super::{Result, Store, Tx};

/// A fact.
///
/// # Errors
/// As the database says.
pub async fn get(store: &Store, key: &str) -> Result<Option<String>> {
    let row = Sql::new("SELECT value FROM meta WHERE key = $1").text(key).first(&mut *store.reader().await?).await?;
    row.as_ref().map(|row| sql::text(row, "value")).transpose()
}

/// Writes a fact.
///
/// # Errors
/// As the database says.
pub async fn set(tx: &mut Tx, key: &str, value: &str) -> Result<()> {
    Sql::new("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .text(key)
        .text(value)
        .run(tx.conn())
        .await
        .map(|_| ())
}

/// Writes a fact unless it is there; what is there now. Two nodes that ask at once get the same.
///
/// # Errors
/// As the database says.
pub async fn get_or_set(store: &Store, key: &str, value: &str) -> Result<String> {
    if let Some(there) = get(store, key).await? {
        return Ok(there);
    }
    let mut tx = store.begin().await?;
    Sql::new("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING").text(key).text(value).run(tx.conn()).await?;
    let row = Sql::new("SELECT value FROM meta WHERE key = $1").text(key).first(tx.conn()).await?;
    let there = sql::text(&sql::sure(row)?, "value")?;
    tx.commit().await?;
    Ok(there)
}

/// A secret key of this store.
///
/// # Errors
/// As the database says.
pub async fn secret(store: &Store, key: &str) -> Result<Option<Vec<u8>>> {
    let row = Sql::new("SELECT value FROM secrets WHERE key = $1").text(key).first(&mut *store.reader().await?).await?;
    row.as_ref().map(|row| sql::bytes(row, "value")).transpose()
}

/// A secret key of this store; `fresh` becomes it when there is none yet. Two nodes that ask at once get the same.
///
/// # Errors
/// As the database says.
pub async fn secret_or_set(store: &Store, key: &str, fresh: &[u8]) -> Result<Vec<u8>> {
    if let Some(there) = secret(store, key).await? {
        return Ok(there);
    }
    let mut tx = store.begin().await?;
    Sql::new("INSERT INTO secrets (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
        .text(key)
        .bytes(fresh.to_vec())
        .run(tx.conn())
        .await?;
    let row = Sql::new("SELECT value FROM secrets WHERE key = $1").text(key).first(tx.conn()).await?;
    let there = sql::bytes(&sql::sure(row)?, "value")?;
    tx.commit().await?;
    Ok(there)
}
