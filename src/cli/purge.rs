//! `redress purge`: what is due to go goes, with a record in the trail; `--dry-run` says what would, what stays, and why.

use std::path::Path;
use std::process::ExitCode;

use super::output::{columns, show};
use super::setup::{FAILED, within};
use crate::desk::{Desk, Purged};
use crate::domain::procedure;
use crate::domain::retention::Kept;

/// Arguments of `redress purge`.
#[derive(Debug, clap::Args)]
pub(super) struct Purge {
    /// Say what would go and what stays; take nothing out.
    #[arg(long)]
    dry_run: bool,
    /// As if it were that moment (RFC 3339; needs --dry-run).
    #[arg(long, requires = "dry_run", value_name = "RFC3339")]
    now: Option<String>,
}

pub(super) fn run(config: &Path, args: &Purge) -> ExitCode {
    within(config, args.now.as_deref(), |house| async move {
        let desk = &house.desk;
        let listed = listing(desk).await?;
        if args.dry_run {
            show(&listed)?;
            return Ok(ExitCode::SUCCESS);
        }
        let done = if desk.settings.second_person.purge {
            match agreed_to(desk, &listed).await? {
                Ok(done) => done,
                Err(code) => return Ok(code),
            }
        } else {
            desk.purge().await?
        };
        show(&format!(
            "{listed}purged: {} cases ({} events, {} mails, {} letters), {} mails of no case, {} letters about none; the mailbox keeps its own copies of mails: delete those there\n",
            done.cases, done.erased.events, done.erased.mails, done.erased.letters, done.strays, done.notices
        ))?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Where it takes two: what the office has agreed to is taken out; else it is asked, and nothing is taken out now.
async fn agreed_to(desk: &Desk, listed: &str) -> anyhow::Result<Result<Purged, ExitCode>> {
    if let Some(agreed) = desk.agreed_purge().await? {
        show(&format!("agreed to by {}: {} cases, {} mails of no case\n", agreed.by, agreed.asked.cases.len(), agreed.asked.strays.len()))?;
        return Ok(Ok(desk.purge_agreed(&agreed).await?));
    }
    let Some((asked, new)) = desk.ask_to_purge().await? else {
        show(listed)?;
        return Ok(Err(ExitCode::SUCCESS));
    };
    show(listed)?;
    let what = if new { "the office is asked by mail" } else { "the office was asked by mail" };
    eprintln!(
        "redress: nothing was taken out: trust.second_person names purge; {what} ({}, {} cases); run `redress purge` again after its word",
        desk.asked_at(&asked),
        asked.cases.len()
    );
    Ok(Err(ExitCode::from(FAILED)))
}

async fn listing(desk: &Desk) -> anyhow::Result<String> {
    let cases = desk.purge_due().await?;
    let rule = &desk.office.procedure;
    let mut kinds = Vec::new();
    for kind in Kept::ALL {
        let due = match kind {
            Kept::Record | Kept::Handling | Kept::Surveys | Kept::Mails => {
                let going = cases.iter().filter(|d| d.hold.is_none() && d.what.contains(&kind)).count();
                format!("{going} cases are due")
            }
            Kept::SetAside | Kept::Others => format!("{} mails of no case are due", desk.strays_due(kind).await?.len()),
            Kept::Notices => format!("{} letters about no case are due", desk.notices_due().await?),
        };
        let from = if Kept::OF_A_CASE.contains(&kind) { "after closing" } else { "after that day" };
        let time = match procedure::time(rule.keeps(kind)) {
            Some(_) => format!("kept {} {from}", rule.keeps(kind)),
            None => format!("kept without end ({})", rule.keeps(kind)),
        };
        kinds.push(vec![kind.name().to_owned(), desk.word(&format!("kept.{}", kind.name())), time, due]);
    }
    let mut rows = Vec::new();
    for due in &cases {
        let unit = due.case.unit.as_ref().map_or("-", |u| u.as_str()).to_owned();
        let what: Vec<&str> = due.what.iter().map(|k| k.name()).collect();
        let fate = due.hold.as_ref().map_or_else(|| format!("goes: {}", what.join(", ")), |why| format!("held: {why}"));
        rows.push(vec![due.case.number.clone(), format!("kept until {}", due.since), unit, fate]);
    }
    let mut out = columns(&kinds);
    out.push_str(&if rows.is_empty() { "no case is due\n".to_owned() } else { columns(&rows) });
    out.push_str(
        "goes: words, names, addresses, record, drafts, mails, letters, files; what waits in quarantine stays until somebody decides\n",
    );
    out.push_str("stays: number, unit, categories, grade, outcome, times, deadlines, who decided when, verdicts; the trail with the hashes of what it said\n");
    Ok(out)
}
