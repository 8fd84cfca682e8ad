//! `redress ledger`: the intake's balance (R51). Reads the store alone; the digest prints the same figures.

use std::path::Path;
use std::process::ExitCode;

use super::output::show;
use super::setup::{FAILED, with_store};
use crate::store::ledger::{self, Line};

/// Arguments of `redress ledger`.
#[derive(Debug, clap::Args)]
pub(super) struct Ledger {
    /// One line of JSON: an array, one entry a mailbox and UIDVALIDITY.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Path, args: &Ledger) -> ExitCode {
    let json = args.json;
    with_store(config, move |_, store| async move {
        let lines = ledger::read(&store).await?;
        let gap = lines.iter().any(|line| line.missing > 0);
        if json {
            show(&format!("{}\n", serde_json::to_string(&lines)?))?;
        } else {
            show(&lines.iter().map(spoken).collect::<String>())?;
        }
        Ok(if gap { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
    })
}

fn spoken(line: &Line) -> String {
    let mut out = format!(
        "{} (UIDVALIDITY {}): seen {} = cased {} + threaded {} + other {} + held {} + ignored {} + waiting {} + older {} + gone {} + missing {}\n",
        line.mailbox,
        line.uidvalidity,
        line.seen,
        line.cased,
        line.threaded,
        line.other,
        line.held,
        line.ignored,
        line.waiting,
        line.older,
        line.gone,
        line.missing
    );
    for (reason, mails) in &line.reasons {
        out.push_str(&format!("  ignored: {reason}: {mails}\n"));
    }
    if line.missing > 0 {
        out.push_str(&format!("  {} mails were listed by the server and are not in custody: `redress doctor`\n", line.missing));
    }
    out
}
