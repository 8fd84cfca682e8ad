//! `redress old-mail`: mails that lay in a mailbox long before the first start wait for the secretariat's word (`take_since`).

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::output::show;
use super::setup::with_store;
use crate::clock::Clock;
use crate::config::{Config, Mailbox};
use crate::intake;
use crate::store::Store;
use crate::store::events::{self, NewEvent};

/// What to do with old mail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// How many mails wait in each mailbox.
    List,
    /// Take in the mails that wait in a mailbox.
    Accept {
        /// The mailbox's address.
        address: String,
    },
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    with_store(config, |config, store| async move {
        match command {
            Command::List => list(&config, &store).await?,
            Command::Accept { address } => accept(&config, &store, &address).await?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// How many wait; none where nothing waits, or where the mailbox was never read.
async fn waiting(store: &Store, mailbox: &Mailbox) -> anyhow::Result<u64> {
    let decided = intake::older(store, &mailbox.address, &mailbox.folder).await?;
    Ok(decided.filter(|d| d.not_before.is_some()).map_or(0, |d| d.waiting))
}

async fn list(config: &Config, store: &Store) -> anyhow::Result<()> {
    let mut out = String::new();
    for mailbox in &config.mailboxes {
        out.push_str(&format!("{}: {} older mails wait\n", mailbox.address, waiting(store, mailbox).await?));
    }
    show(&out)
}

async fn accept(config: &Config, store: &Store, address: &str) -> anyhow::Result<()> {
    let Some(mailbox) = config.mailboxes.iter().find(|m| m.address.eq_ignore_ascii_case(address.trim())) else {
        let known: Vec<&str> = config.mailboxes.iter().map(|m| m.address.as_str()).collect();
        anyhow::bail!("{address} is no mailbox of ours: the config has {}", known.join(", "));
    };
    let waiting = waiting(store, mailbox).await?;
    anyhow::ensure!(waiting > 0, "no older mail waits in {}: nothing to accept", mailbox.address);
    intake::accept_older(store, &mailbox.address, &mailbox.folder).await?;
    let event = NewEvent {
        case_id: None,
        at: Clock::system().now(),
        kind: "old_mail_accepted".to_owned(),
        actor: "operator".to_owned(),
        source: None,
        payload: json!({ "mailbox": mailbox.address, "mails": waiting }).to_string(),
        change: "{}".to_owned(),
    };
    let mut tx = store.begin().await?;
    events::append(&mut tx, event).await?;
    tx.commit().await?;
    show(&format!(
        "{}: {waiting} older mails are taken in by `redress run --once`, or by the service within ten minutes\n",
        mailbox.address
    ))
}
