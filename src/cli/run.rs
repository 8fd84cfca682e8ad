//! `redress run`: the service, or one pass.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret as _;

use super::output::show;
use super::setup::{FAILED, config, ended, missing_file, runtime, told_to_stop, within};
use crate::calendar::Moment;
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon;
use crate::intake;
use crate::store::{Store, ledger, outbox, timers};

/// Timers that a dry run counts at most.
const COUNTED: i64 = 10_000;

pub(super) fn run(config: &Path, once: bool, now: Option<&str>) -> ExitCode {
    within(config, now, |house| async move {
        let lock = house.desk.store.lock_instance()?;
        if let Some(rebuilt) = daemon::rebuild(&house).await? {
            println!("after the restore: {} mails read again, {} letters not sent again", rebuilt.mails, rebuilt.letters);
        }
        if once {
            let passed = daemon::run_once(&house).await?;
            println!("taken in {}, sent {}, waiting {}", passed.taken, passed.sent, passed.waiting);
            house.desk.store.close().await;
            return Ok(if passed.unreachable { ExitCode::from(FAILED) } else { ExitCode::SUCCESS });
        }
        let stop = told_to_stop()?;
        let store = house.desk.store.clone();
        daemon::run(house, lock.is_exclusive(), stop).await?;
        store.close().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// `run --dry-run`: what a pass would do; nothing is changed, here or on a server, and no letter leaves.
pub(super) fn dry(path: &Path) -> ExitCode {
    let config = match config(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    super::logs::start(&config);
    ended(runtime().and_then(|runtime| runtime.block_on(foresee(&config))))
}

async fn foresee(config: &Config) -> anyhow::Result<ExitCode> {
    let now = Clock::system().now();
    let zone = &config.organisation.time_zone;
    // A store that is not there yet is not made: this would be the first start.
    let store = match missing_file(config) {
        Some(_) => None,
        None => Some(Store::open(config.store.url.expose_secret()).await.context("the store cannot be opened")?),
    };
    let (mut out, mut unreachable) = (String::new(), false);
    if store.is_none() {
        out.push_str("first start: there is no store yet\n");
    }
    for mailbox in &config.mailboxes {
        let settings = daemon::intake_settings(mailbox)?;
        match intake::look(&settings, store.as_ref(), now).await {
            Ok(look) => out.push_str(&seen(&settings, &look, zone)),
            Err(error) => {
                eprintln!("{}: {error}: `redress doctor` says more", settings.address);
                unreachable = true;
            }
        }
    }
    if let Some(store) = store {
        out.push_str(&waiting(&store, now).await?);
        store.close().await;
    }
    out.push_str("nothing was changed, nothing was sent\n");
    show(&out)?;
    Ok(if unreachable { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

fn seen(settings: &intake::Settings, look: &intake::Look, zone: &TimeZone) -> String {
    let mut out = format!(
        "{} {}: {} mails on the server, {} of them in custody, {} would be taken in\n",
        settings.address, settings.folder, look.there, look.known, look.fresh
    );
    if let (Some(oldest), Some(newest)) = (look.oldest, look.newest) {
        out.push_str(&format!(
            "  {} older mails ({} to {}) would wait for the secretariat's word: nobody is answered\n",
            look.older,
            oldest.zoned(zone).date(),
            newest.zoned(zone).date()
        ));
    }
    out
}

/// What would be done with what is in the store already.
async fn waiting(store: &Store, now: Moment) -> anyhow::Result<String> {
    let ledger = ledger::read(store).await?;
    let due = timers::due(store, now, COUNTED).await?;
    let states = outbox::count_by_state(store).await?;
    let count = |state| states.get(&state).copied().unwrap_or(0);
    let mut out = format!("mails taken in and not yet read: {}\n", ledger.iter().map(|l| l.waiting).sum::<i64>());
    out.push_str(&format!("mails held: {}\n", ledger.iter().map(|l| l.held).sum::<i64>()));
    out.push_str(&format!("timers due: {}\n", due.len()));
    out.push_str(&format!(
        "letters to send: {}, to try again: {}, in doubt: {}\n",
        count(outbox::State::Queued) + count(outbox::State::Claimed),
        count(outbox::State::Later),
        count(outbox::State::InDoubt)
    ));
    Ok(out)
}
