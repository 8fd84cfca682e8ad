//! `redress hold`: legal holds on cases. Set and lifted by the operator, each an event of the trail.

use std::path::Path;
use std::process::ExitCode;

use super::case::find;
use super::output::{columns, show};
use super::setup::{FAILED, within};
use crate::store::purge;

/// What to do with holds.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Which cases are held, and why.
    List,
    /// Nothing of this case is taken out until the hold is lifted.
    Set {
        /// The received number.
        number: String,
        /// Why, for the record.
        #[arg(long, value_name = "WHY")]
        reason: String,
    },
    /// The case's own time counts again.
    Lift {
        /// The received number.
        number: String,
    },
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    within(config, None, |house| async move {
        let desk = &house.desk;
        match command {
            Command::List => {
                let rows: Vec<Vec<String>> = purge::holds(&desk.store).await?.into_iter().map(|(n, why)| vec![n, why]).collect();
                show(&if rows.is_empty() { "nothing is held\n".to_owned() } else { columns(&rows) })?;
            }
            Command::Set { number, reason } => {
                let case = find(desk, &number).await?;
                desk.legal_hold(&case.number, Some(&reason)).await?;
                show(&format!("{} is held\n", case.number))?;
            }
            Command::Lift { number } => {
                if !desk.legal_hold(&number, None).await? {
                    eprintln!("redress: {number} is not held: `redress hold list` shows what is");
                    return Ok(ExitCode::from(FAILED));
                }
                show(&format!("{number} is held no longer\n"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
