//! What most commands begin with: the config read and checked, the clock, the house opened, a runtime to wait in.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::calendar::Moment;
use crate::clock::{Chance, Clock};
use crate::config::{self, Config};
use crate::daemon::House;
use crate::store::Store;

/// Could not.
pub(super) const FAILED: u8 = 1;
/// Wrong arguments or config.
pub(super) const WRONG: u8 = 2;

/// The environment, as far as it is text.
pub(super) fn environment() -> BTreeMap<String, String> {
    std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect()
}

/// The config, or its mistakes on stderr.
pub(super) fn config(path: &Path) -> Result<Config, ExitCode> {
    match config::load(path, &environment()) {
        Ok(config) => Ok(config),
        Err(mistakes) => {
            eprintln!("{mistakes}");
            Err(ExitCode::from(WRONG))
        }
    }
}

/// Cancelled as soon as the process is told to end (SIGTERM, SIGINT).
pub(super) fn told_to_stop() -> anyhow::Result<CancellationToken> {
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
    Ok(stop)
}

/// The system's clock, or one that stands at `now`.
pub(super) fn clock(now: Option<&str>) -> Result<Clock, ExitCode> {
    let Some(text) = now else { return Ok(Clock::system()) };
    match Moment::parse_rfc3339(text) {
        Some(at) => Ok(Clock::settable(at)),
        None => {
            eprintln!("--now {text}: not a moment; write it as 2026-12-31T17:30:00+08:00");
            Err(ExitCode::from(WRONG))
        }
    }
}

/// Opens the house of a config and does `work` in it.
pub(super) fn within<F, W>(path: &Path, now: Option<&str>, work: F) -> ExitCode
where
    F: FnOnce(House) -> W,
    W: Future<Output = anyhow::Result<ExitCode>>,
{
    let (config, clock) = match (config(path), clock(now)) {
        (Ok(config), Ok(clock)) => (config, clock),
        (Err(code), _) | (_, Err(code)) => return code,
    };
    super::logs::start(&config);
    ended(runtime().and_then(|runtime| {
        runtime.block_on(async {
            let house = House::open(config, clock, Chance::system()).await?;
            let store = house.desk.store.clone();
            let done = work(house).await;
            store.close().await;
            done
        })
    }))
}

/// Opens the store of a config, and no more of the house, and does `work` with it: for what must go on when the rest is wrong.
/// A store that is not there yet is not made.
pub(super) fn with_store<F, W>(path: &Path, work: F) -> ExitCode
where
    F: FnOnce(Config, Store) -> W,
    W: Future<Output = anyhow::Result<ExitCode>>,
{
    let config = match config(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    super::logs::start(&config);
    ended(runtime().and_then(|runtime| {
        runtime.block_on(async {
            if let Some(missing) = missing_file(&config) {
                anyhow::bail!("store.url: {} is not there: `redress run` makes it at its first start", missing.display());
            }
            let store = Store::open(config.store.url.expose_secret()).await.context("the store cannot be opened")?;
            let done = work(config, store.clone()).await;
            store.close().await;
            done
        })
    }))
}

/// The SQLite file that a config names, while it does not exist.
pub(super) fn missing_file(config: &Config) -> Option<PathBuf> {
    let file = config.store.url.expose_secret().strip_prefix("sqlite:")?;
    let file = PathBuf::from(file.strip_prefix("//").unwrap_or(file));
    (!file.exists()).then_some(file)
}

/// The exit code of what was done; what went wrong on stderr.
pub(super) fn ended(done: anyhow::Result<ExitCode>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("redress: {}", super::output::in_words(&error));
            ExitCode::from(FAILED)
        }
    }
}

/// Address space for the stack of a thread, in bytes; only what is used of it becomes memory.
const STACK: usize = 8 << 20;

/// Two worker threads do for one mailbox office; blocking work has threads of its own. A pass is one deep future.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.worker_threads(2).max_blocking_threads(8).thread_stack_size(STACK).enable_all().build()?)
}
