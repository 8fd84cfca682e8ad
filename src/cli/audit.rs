//! `redress audit verify`: whether every event of every case is as it was written.

use std::path::Path;
use std::process::ExitCode;

use super::output::show;
use super::setup::{FAILED, with_store};
use crate::store::events::{self, Verdict};

/// What to do with the trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Recomputes the chain of hashes; exit 1 and the first event that does not fit when it was touched.
    Verify,
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    let Command::Verify = command;
    with_store(config, |_, store| async move {
        match events::verify(&store).await? {
            Verdict::Ok { events, head } => {
                // Whoever keeps this line elsewhere can prove later that the chain was not rewritten as a whole.
                let head = if head.is_empty() { "-".to_owned() } else { head };
                show(&format!("ok: {events} events, head {head}\n"))?;
                Ok(ExitCode::SUCCESS)
            }
            Verdict::Broken { seq, why } => {
                eprintln!(
                    "broken at event {seq}: {why}: keep this store as evidence and compare it with the backups and with the heads in the digests"
                );
                Ok(ExitCode::from(FAILED))
            }
        }
    })
}
