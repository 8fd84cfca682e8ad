//! `redress quarantine`: the mails that wait for a person, and what is to become of them. Each word of the operator is one
//! transaction and an event of the trail; the service need not be stopped.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::output::{columns, one_line, show, show_json, stamp};
use super::setup::within;
use crate::desk::Desk;
use crate::mail::{self, Inbound};
use crate::store::events::{self, NewEvent};
use crate::store::inbox::{self, InboxRow};

/// What to do with held mails.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// What is held and why, oldest first.
    List {
        /// An array of JSON objects.
        #[arg(long)]
        json: bool,
    },
    /// Let a mail be read as if it had just come.
    Release {
        /// As `quarantine list` shows it.
        id: String,
    },
    /// Set a mail aside for good; its bytes are kept.
    Drop {
        /// As `quarantine list` shows it.
        id: String,
    },
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    within(config, None, |house| async move {
        let desk = &house.desk;
        match command {
            Command::List { json } => list(desk, json).await?,
            Command::Release { id } => {
                decide(desk, &id, true).await?;
                show(&format!("{id} is read again at the service's next look, or by `redress run --once`\n"))?;
            }
            Command::Drop { id } => {
                decide(desk, &id, false).await?;
                show(&format!("{id} is set aside\n"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn decide(desk: &Desk, id: &str, release: bool) -> anyhow::Result<()> {
    let held = inbox::held(&desk.store).await?;
    anyhow::ensure!(held.iter().any(|row| row.id == id), "{id} is not held: `redress quarantine list` shows what is");
    let mut tx = desk.store.begin().await?;
    if release {
        inbox::release(&mut tx, id).await?;
    } else {
        inbox::drop(&mut tx, id).await?;
    }
    let event = NewEvent {
        case_id: None,
        at: desk.clock.now(),
        kind: if release { "quarantine_released" } else { "quarantine_dropped" }.to_owned(),
        actor: "operator".to_owned(),
        source: Some(id.to_owned()),
        payload: json!({ "inbox": id }).to_string(),
        change: "{}".to_owned(),
    };
    events::append(&mut tx, event).await?;
    tx.commit().await?;
    Ok(())
}

async fn list(desk: &Desk, json: bool) -> anyhow::Result<()> {
    let mut held = Vec::new();
    for row in inbox::held(&desk.store).await? {
        let raw = inbox::raw(&desk.store, &row.id).await?;
        // A mail that stopped its reader once may do so again: then it is listed without its header.
        let read = tokio::task::spawn_blocking(move || mail::read(&raw)).await.ok();
        held.push((row, read));
    }
    if json {
        return show_json(&held.iter().map(|(row, read)| object(desk, row, read.as_ref())).collect());
    }
    if held.is_empty() {
        return show("nothing is held\n");
    }
    let rows: Vec<Vec<String>> = held.iter().map(|(row, read)| line(desk, row, read.as_ref())).collect();
    show(&columns(&rows))
}

fn from(read: Option<&Inbound>) -> Option<&str> {
    read.and_then(|m| m.from.as_ref()).map(|f| f.address.as_str())
}

/// Why, in the labels' words where they have some.
fn reason(desk: &Desk, row: &InboxRow) -> String {
    let reason = row.reason.clone().unwrap_or_default();
    let key = format!("held.{reason}");
    let label = desk.word(&key);
    if label == key { reason } else { label }
}

fn line(desk: &Desk, row: &InboxRow, read: Option<&Inbound>) -> Vec<String> {
    vec![
        row.id.clone(),
        stamp(row.internal_at, desk.office.calendar.zone()),
        reason(desk, row),
        format!("{} B", row.truncated_size.unwrap_or(row.size)),
        one_line(from(read).unwrap_or("-")),
        one_line(read.map_or("-", |m| m.subject.as_str())),
    ]
}

fn object(desk: &Desk, row: &InboxRow, read: Option<&Inbound>) -> Value {
    json!({
        "id": row.id,
        "mailbox": row.mailbox,
        "received_at": row.internal_at.rfc3339(desk.office.calendar.zone()),
        "reason": row.reason,
        "size": row.truncated_size.unwrap_or(row.size),
        "from": from(read),
        "subject": read.map(|m| m.subject.as_str()),
        "message_id": row.message_id,
    })
}
