//! `redress run`: the service, or one pass.

use std::path::Path;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::setup::{FAILED, within};
use crate::daemon;

pub(super) fn run(config: &Path, once: bool, now: Option<&str>) -> ExitCode {
    within(config, now, |house| async move {
        let lock = house.desk.store.lock_instance()?;
        if once {
            let passed = daemon::run_once(&house).await?;
            println!("taken in {}, sent {}, waiting {}", passed.taken, passed.sent, passed.waiting);
            house.desk.store.close().await;
            return Ok(if passed.unreachable { ExitCode::from(FAILED) } else { ExitCode::SUCCESS });
        }
        let stop = CancellationToken::new();
        let asked = stop.clone();
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::spawn(async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            asked.cancel();
        });
        let store = house.desk.store.clone();
        daemon::run(house, lock.is_exclusive(), stop).await?;
        store.close().await;
        Ok(ExitCode::SUCCESS)
    })
}
