//! `redress case`: what there is, what happened to one, whether its trail says the same, and who decided what. Reads only: it takes
//! no lock and may be used beside the running service.

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use super::output::{JsonList, columns, show, show_json};
use super::setup::{FAILED, within};
use super::{case_json, case_text::Voice};
use crate::desk::Desk;
use crate::domain::{Case, reply_form};
use crate::store::{events, messages};

/// What to do with cases.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// All cases, closed ones too, oldest first.
    List {
        /// An array of JSON objects.
        #[arg(long)]
        json: bool,
    },
    /// One case with its mails, deadlines, approvals, surveys and trail.
    Show {
        /// The received number, e.g. 115-0042.
        number: String,
        /// A JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Makes the case anew from its trail and says whether it is the same; exit 1 when it is not.
    Replay {
        /// The received number.
        number: String,
    },
    /// Who decided when, on which text, and what proved that it was he.
    Explain {
        /// The received number.
        number: String,
    },
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    within(config, None, |house| async move {
        let desk = &house.desk;
        match command {
            Command::List { json } => list(desk, json).await?,
            Command::Show { number, json } => show_one(desk, &find(desk, &number).await?, json).await?,
            Command::Replay { number } => return replay(desk, &find(desk, &number).await?).await,
            Command::Explain { number } => show(&Voice::new(desk).explained(&find(desk, &number).await?))?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The case with this number.
pub(super) async fn find(desk: &Desk, number: &str) -> anyhow::Result<Case> {
    let number = number.trim();
    match desk.case_by_number(number).await? {
        Some(case) => Ok(case),
        None => anyhow::bail!("no case has the number {number}: `redress case list` shows all of them"),
    }
}

async fn list(desk: &Desk, json: bool) -> anyhow::Result<()> {
    let (mut pages, zone) = (desk.pages(), desk.office.calendar.zone());
    if !json {
        let voice = Voice::new(desk);
        let mut rows = vec![voice.list_head()];
        while let Some(page) = pages.next().await? {
            rows.extend(page.iter().map(|case| voice.list_row(case)));
        }
        return show(&columns(&rows));
    }
    let mut list = JsonList::default();
    while let Some(page) = pages.next().await? {
        for case in &page {
            list.add(&Value::Object(case_json::summary(case, zone)))?;
        }
    }
    list.end()
}

async fn show_one(desk: &Desk, case: &Case, json: bool) -> anyhow::Result<()> {
    let messages = messages::for_case(&desk.store, case.id.as_str()).await?;
    let trail = events::for_case(&desk.store, case.id.as_str()).await?;
    if json {
        return show_json(&case_json::whole(
            case,
            &messages,
            &trail,
            &reply_form::lacks(case, &desk.office.procedure).fields,
            desk.office.calendar.zone(),
        ));
    }
    show(&Voice::new(desk).sheet(case, &messages, &trail))
}

async fn replay(desk: &Desk, case: &Case) -> anyhow::Result<ExitCode> {
    let replayed = desk.replay(case).await?;
    if replayed.same {
        show(&format!("same: {} events make case {} as it is kept\n", replayed.events, case.number))?;
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "different: the {} events of case {} make another case than the one that is kept; the trail is the truth: run `redress audit verify`, then restore the newest backup that is the same",
        replayed.events, case.number
    );
    Ok(ExitCode::from(FAILED))
}
