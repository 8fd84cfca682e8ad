//! A store that lost its last moments without anybody's doing: an asynchronous standby was promoted (F25), or a server put back to an
//! earlier moment. It is another life of the database server; whether something is missing, the mailbox knows. Then the start goes the way of
//! a restore (`rebuild`), and the secretariat is written to. Called at each start; while the service runs, `parted` ends it for one.

use anyhow::{Context, Result};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::House;
use super::rebuild::MARGIN;
use crate::intake;
use crate::store::backup::RESTORED;
use crate::store::{Store, events, meta, notes};

/// The life of the server in which this store was last at work.
const LIFE: &str = "store.life";

/// Marks the store as put back where it is in another life and its mailboxes are ahead of it.
///
/// # Errors
/// A server that does not answer, the store's trouble: nothing was sent; the next start looks again.
pub(super) async fn notice(house: &House) -> Result<()> {
    let store = &house.desk.store;
    let Some(life) = store.life() else { return Ok(()) };
    let known = meta::get_or_set(store, LIFE, life).await?;
    if known == life {
        return Ok(());
    }
    let since = events::newest(store).await?.map(|at| at.plus_seconds(-MARGIN));
    let mut missing = 0;
    for settings in &house.intake {
        missing += intake::unknown(settings, since, store).await.with_context(|| {
            format!("the database is another one than before, and {} could not be compared with it; nothing was sent", settings.address)
        })?;
    }
    let mut tx = store.begin().await?;
    meta::set(&mut tx, LIFE, life).await?;
    if missing > 0 {
        meta::set(&mut tx, RESTORED, "0").await?;
        notes::tell(&mut tx, house.desk.clock.now(), "store_behind", None, &json!({ "mails": missing }).to_string()).await?;
        tracing::error!(mails = missing, "the database lost its last moments: handled mails are not in it and are read again");
    } else {
        tracing::warn!("the database is another one than before (a standby was promoted?); no mail is missing in it");
    }
    tx.commit().await?;
    Ok(())
}

/// Ends where the store's address leads to another database than the one that was opened: what this one may have lost is looked
/// after by the next start, before anything else.
pub(super) async fn parted(store: Store, stop: CancellationToken) {
    let parted = store.parted();
    tokio::select! {
        () = stop.cancelled() => return,
        () = parted.cancelled() => {}
    }
    tracing::error!("the database is another one than before: a standby was promoted, or one was put back; the service begins anew");
    // Nobody is to wait for it.
    tokio::spawn(async move { store.close().await });
}
