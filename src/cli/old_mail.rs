//! `redress old-mail`: mails that lay in a mailbox long before the first start wait for the secretariat's word (`take_since`). The word
//! is usually the reply to the letter that lists them; here is the same for who has the command line.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::output::show;
use super::setup::with_store;
use crate::calendar::Moment;
use crate::clock::Clock;
use crate::config::{Config, Mailbox};
use crate::store::Store;
use crate::store::events::{self, NewEvent};
use crate::store::older::{self, Older, Word};

/// What to do with old mail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// How many mails wait in each mailbox.
    List,
    /// Take in the mails that wait in a mailbox.
    Accept {
        /// The mailbox's address.
        address: String,
        /// Only what came on this day or later (2026-01-31).
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
    },
    /// Leave the mails that wait in a mailbox where they are, for good.
    Leave {
        /// The mailbox's address.
        address: String,
    },
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    with_store(config, |config, store| async move {
        match command {
            Command::List => list(&config, &store).await?,
            Command::Accept { address, since } => {
                let word = match since {
                    None => Word::All,
                    Some(day) => Word::Since(midnight(&config, &day)?),
                };
                say(&config, &store, &address, word).await?;
            }
            Command::Leave { address } => say(&config, &store, &address, Word::Nothing).await?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn midnight(config: &Config, day: &str) -> anyhow::Result<Moment> {
    let date: jiff::civil::Date = day.parse().with_context(|| format!("--since {day}: not a day; write it as 2026-01-31"))?;
    let at = date.to_zoned(config.organisation.time_zone.clone())?;
    Ok(Moment::from_unix(at.timestamp().as_second()))
}

/// What waits for a word; none where nothing does, or where the mailbox was never read.
async fn waiting(store: &Store, mailbox: &Mailbox) -> anyhow::Result<Option<Older>> {
    let found = older::get(store, &mailbox.address, &mailbox.folder).await?;
    Ok(found.filter(|o| o.not_before.is_some() && o.waiting > 0))
}

async fn list(config: &Config, store: &Store) -> anyhow::Result<()> {
    let mut out = String::new();
    for mailbox in &config.mailboxes {
        let found = waiting(store, mailbox).await?;
        let decided = if found.is_some_and(|o| o.decided) { " (decided)" } else { "" };
        out.push_str(&format!("{}: {} older mails wait{decided}\n", mailbox.address, found.map_or(0, |o| o.waiting)));
    }
    show(&out)
}

async fn say(config: &Config, store: &Store, address: &str, word: Word) -> anyhow::Result<()> {
    let Some(mailbox) = config.mailboxes.iter().find(|m| m.address.eq_ignore_ascii_case(address.trim())) else {
        let known: Vec<&str> = config.mailboxes.iter().map(|m| m.address.as_str()).collect();
        anyhow::bail!("{address} is no mailbox of ours: the config has {}", known.join(", "));
    };
    let Some(found) = waiting(store, mailbox).await? else {
        anyhow::bail!("no older mail waits in {}: nothing to decide", mailbox.address)
    };
    let decided = older::after(found, word);
    let event = NewEvent {
        case_id: None,
        at: Clock::system().now(),
        kind: "old_mail_decided".to_owned(),
        actor: "operator".to_owned(),
        source: None,
        payload: json!({ "mailbox": mailbox.address, "not_before": decided.not_before }).to_string(),
        change: "{}".to_owned(),
    };
    let mut tx = store.begin().await?;
    older::set(&mut tx, &mailbox.address, &mailbox.folder, &decided).await?;
    events::append(&mut tx, event).await?;
    tx.commit().await?;
    show(&match word {
        Word::Nothing => format!("{}: {} older mails stay where they are\n", mailbox.address, found.waiting),
        Word::All | Word::Since(_) => {
            format!("{}: what is to be taken is taken by `redress run --once`, or by the service within ten minutes\n", mailbox.address)
        }
    })
}
