//! `redress subject`: all that is held on one person, as an archive that he can read (個資法 §3, §10), or taken out (§11). Words of the
//! house among itself are not his data and stay; that a letter about him went to whom is told.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::output::{show, stamp, write_private};
use super::setup::{FAILED, within};
use crate::calendar::Moment;
use crate::desk::Desk;
use crate::domain::Case;
use crate::domain::state::State;
use crate::mail::metadata;
use crate::store::messages::{self, Direction};
use crate::store::{inbox, outbox};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// One readable archive of all that is held on the person.
    Export {
        /// His mail address.
        address: String,
        /// Where the archive is written, readable by you alone.
        #[arg(long, value_name = "FILE.zip", default_value = "subject.zip")]
        out: PathBuf,
    },
    /// Takes out what is held on the person; open cases and those on legal hold stay, and are named.
    Erase {
        /// His mail address.
        address: String,
    },
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    within(config, None, |house| async move {
        let desk = &house.desk;
        match command {
            Command::Export { address, out } => export(desk, address.trim(), &out).await,
            Command::Erase { address } => erase(desk, address.trim()).await,
        }
    })
}

async fn erase(desk: &Desk, address: &str) -> anyhow::Result<ExitCode> {
    let (mut gone, mut stay) = (Vec::new(), Vec::new());
    for case in desk.cases_of(address).await? {
        if case.is_erased() {
            continue;
        }
        match desk.held_by(&case.number).await? {
            Some(why) => stay.push(format!("{}: held: {why}", case.number)),
            None if case.state != State::Closed => stay.push(format!("{}: not closed yet ({})", case.number, case.state.name())),
            None => {
                desk.erase(&case, "subject").await?;
                gone.push(case.number);
            }
        }
    }
    let strays = desk.strays_of(address).await?;
    for (id, _, _) in &strays {
        desk.erase_stray(id).await?;
    }
    show(&format!(
        "erased: {} cases{}{}, {} mails of no case; the mailbox keeps its own copies of mails: delete those there\n",
        gone.len(),
        if gone.is_empty() { "" } else { ": " },
        gone.join(", "),
        strays.len()
    ))?;
    for line in &stay {
        eprintln!("kept: {line}");
    }
    Ok(if stay.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

async fn export(desk: &Desk, address: &str, out: &Path) -> anyhow::Result<ExitCode> {
    let cases = desk.cases_of(address).await?;
    let strays = desk.strays_of(address).await?;
    let mut entries: Vec<(String, Vec<u8>)> = Vec::new();
    let mut index = format!("{}　{}\n{}\n\n", desk.word("subject.title"), address, desk.word("subject.note"));
    for case in &cases {
        about(desk, case, address, &mut index, &mut entries).await?;
    }
    for (id, at, raw) in strays {
        let name = format!("mails/{id}.eml");
        writeln!(index, "{}　{name}", when(desk, at))?;
        entries.push((name, raw));
    }
    if cases.is_empty() && entries.is_empty() {
        writeln!(index, "{}", desk.word("subject.nothing"))?;
    }
    entries.insert(0, ("index.txt".to_owned(), index.into_bytes()));
    let Some(zip) = metadata::archive(&entries) else { anyhow::bail!("the archive would be larger than a zip file can be") };
    write_private(out, &zip)?;
    show(&format!("{}: {} cases, {} files, {} bytes\n", out.display(), cases.len(), entries.len(), zip.len()))?;
    Ok(ExitCode::SUCCESS)
}

fn when(desk: &Desk, at: Moment) -> String {
    stamp(at, desk.office.calendar.zone())
}

/// One case: record, own words, mails both ways whole, verdicts, and to whom else something went.
async fn about(desk: &Desk, case: &Case, address: &str, index: &mut String, entries: &mut Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    writeln!(index, "── {} {}", desk.word("record.number"), case.number)?;
    if case.is_erased() {
        writeln!(index, "{}\n", desk.word("subject.erased"))?;
        return Ok(());
    }
    writeln!(index, "{}　{}", when(desk, case.opened_at), case.subject.reveal())?;
    for field in &desk.office.procedure.fields {
        if let Some(value) = case.record.get(&field.id).filter(|v| !v.reveal().is_empty()) {
            writeln!(index, "{}：{}", field.label, value.reveal())?;
        }
    }
    let fields: Vec<&str> = desk.office.procedure.fields.iter().map(|f| f.id.as_str()).collect();
    for (id, value) in case.record.iter().filter(|(id, v)| !fields.contains(&id.as_str()) && !v.reveal().is_empty()) {
        writeln!(index, "{id}：{}", value.reveal())?;
    }
    writeln!(index, "\n{}\n", case.text.reveal())?;
    for survey in &case.surveys {
        let answers: Vec<&str> = survey.answers.values().map(|v| v.reveal().as_str()).collect();
        writeln!(index, "{}　{}　{}", when(desk, survey.at), desk.word("cli.surveys"), answers.join("　"))?;
    }
    for message in messages::for_case(&desk.store, case.id.as_str()).await? {
        let own = match message.direction {
            Direction::In => message.from.eq_ignore_ascii_case(address),
            Direction::Out => message.to.iter().any(|t| t.eq_ignore_ascii_case(address)),
        };
        let Some(id) = message.id.clone().filter(|_| own) else {
            if message.direction == Direction::Out {
                let kind = desk.word(&format!("letter.{}", message.kind));
                writeln!(index, "{}　{}　{kind}　{}", when(desk, message.at), desk.word("subject.told"), message.to.join(", "))?;
            }
            continue;
        };
        let raw = match message.direction {
            Direction::In => inbox::raw(&desk.store, &id).await?,
            Direction::Out => outbox::raw(&desk.store, &id).await?,
        };
        let name = format!("{}/{id}.eml", case.number.replace(['/', '\\'], "-"));
        writeln!(index, "{}　{}　{name}", when(desk, message.at), message.subject)?;
        entries.push((name, raw));
    }
    for shown in case.disclosures.iter().filter(|d| d.until.is_some()) {
        writeln!(index, "{}　{}　{}", when(desk, shown.asked_at), desk.word("subject.disclosed"), shown.by.as_str())?;
    }
    index.push('\n');
    Ok(())
}
