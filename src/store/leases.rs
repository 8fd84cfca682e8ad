//! Who does what while several nodes share one store: a lease has a holder, an end, and a fence that only grows.
//! A holder that slept finds his fence too old. Called by daemon.

use super::sql::{self, Sql};
use super::{Result, Store};
use crate::calendar::Moment;

/// Takes a lease that is free or whose time is over, or one's own again; the fence, or `None` while another holds it.
///
/// # Errors
/// As the database says.
pub async fn acquire(store: &Store, name: &str, holder: &str, now: Moment, seconds: i64) -> Result<Option<i64>> {
    let mut tx = store.begin().await?;
    let row = Sql::new(
        "INSERT INTO leases (name, holder, fence, until) VALUES ($1, $2, 1, $4)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = leases.fence + 1, until = excluded.until
         WHERE leases.until <= $3 OR leases.holder = excluded.holder RETURNING fence",
    )
    .text(name)
    .text(holder)
    .at(now)
    .at(now.plus_seconds(seconds))
    .first(tx.conn())
    .await?;
    tx.commit().await?;
    row.as_ref().map(|row| sql::int(row, "fence")).transpose()
}

/// Prolongs a lease; `false` when it was lost: stop at once what it was for.
///
/// # Errors
/// As the database says.
pub async fn renew(store: &Store, name: &str, fence: i64, now: Moment, seconds: i64) -> Result<bool> {
    let mut tx = store.begin().await?;
    let changed = Sql::new("UPDATE leases SET until = $3 WHERE name = $1 AND fence = $2 AND until > $4")
        .text(name)
        .int(fence)
        .at(now.plus_seconds(seconds))
        .at(now)
        .run(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(changed == 1)
}

/// Gives a lease back, if it is still one's own.
///
/// # Errors
/// As the database says.
pub async fn release(store: &Store, name: &str, fence: i64) -> Result<()> {
    let mut tx = store.begin().await?;
    Sql::new("UPDATE leases SET until = 0 WHERE name = $1 AND fence = $2").text(name).int(fence).run(tx.conn()).await?;
    tx.commit().await
}
