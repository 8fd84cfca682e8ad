//! `redress run`: the service, or one pass.

use std::path::Path;
use std::process::ExitCode;

use super::output::show;
use super::setup::{FAILED, told_to_stop, within};
use crate::daemon::{self, House};
use crate::intake;
use crate::store::{inbox, outbox, timers};

/// Timers that a dry run counts at most.
const COUNTED: i64 = 10_000;

pub(super) fn run(config: &Path, once: bool, now: Option<&str>) -> ExitCode {
    within(config, now, |house| async move {
        let lock = house.desk.store.lock_instance()?;
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

/// `run --dry-run`: what waits, in figures; nothing is changed and no letter leaves.
pub(super) fn dry(config: &Path) -> ExitCode {
    within(config, None, |house| async move {
        let (mut out, mut unreachable) = (String::new(), false);
        for settings in &house.intake {
            match intake::probe(settings).await {
                Ok(report) => out.push_str(&format!("{} {}: {} mails on the server\n", settings.address, settings.folder, report.mails)),
                Err(error) => {
                    eprintln!("{}: {error}: `redress doctor` says more", settings.address);
                    unreachable = true;
                }
            }
        }
        out.push_str(&waiting(&house).await?);
        show(&out)?;
        Ok(if unreachable { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
    })
}

/// What would be done with what is in the store already.
async fn waiting(house: &House) -> anyhow::Result<String> {
    let desk = &house.desk;
    let ledger = inbox::ledger(&desk.store).await?;
    let due = timers::due(&desk.store, desk.clock.now(), COUNTED).await?;
    let states = outbox::count_by_state(&desk.store).await?;
    let count = |state| states.get(&state).copied().unwrap_or(0);
    let mut out = format!("mails taken in and not yet read: {}\n", ledger.iter().map(|l| l.new).sum::<i64>());
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
