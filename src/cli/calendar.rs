//! `redress calendar import`: the government's yearly office calendar into the store. All or nothing; says which days now count
//! otherwise than before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::output::{one_line, show};
use super::setup::{FAILED, within};
use crate::calendar::{Calendar, Date, Day, official};
use crate::daemon::{self, House};
use crate::store::calendar as kept;
use crate::store::events::{self, NewEvent};

/// What to do with the calendar.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Takes in a year's table (政府行政機關辦公日曆表, data.gov.tw 14718); days that are there already are replaced.
    Import {
        /// Columns 西元日期,星期,是否放假,備註; UTF-8 or Big5.
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    let Command::Import { file } = command;
    within(config, None, |house| async move {
        let bytes = std::fs::read(&file).with_context(|| format!("{}: cannot be read", file.display()))?;
        let source = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let days = match official::read(&bytes, &source) {
            Ok(days) => days,
            Err(mistakes) => {
                for mistake in &mistakes {
                    eprintln!("{}:{}: {}", file.display(), mistake.line, mistake.what);
                }
                eprintln!("{}: nothing was imported: correct the file, or fetch it anew from data.gov.tw (dataset 14718)", file.display());
                return Ok(ExitCode::from(FAILED));
            }
        };
        import(&house, &source, days).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn import(house: &House, source: &str, days: BTreeMap<Date, Day>) -> anyhow::Result<()> {
    let desk = &house.desk;
    let before = Calendar::shipped(desk.office.calendar.zone().clone()).with_days(daemon::imported(&desk.store).await?);
    let changes = changes(&before, &days);
    let count = days.len();
    let years: Vec<String> = years(&days).iter().map(i16::to_string).collect();
    let rows = days.into_iter().map(|(date, day)| (date.to_string(), day.working, day.note, day.source)).collect();
    let mut tx = desk.store.begin().await?;
    kept::import_days(&mut tx, rows).await?;
    let event = NewEvent {
        case_id: None,
        at: desk.clock.now(),
        kind: "calendar_imported".to_owned(),
        actor: "operator".to_owned(),
        source: None,
        payload: json!({ "file": source, "years": years, "days": count, "changed": changes.len() }).to_string(),
        change: "{}".to_owned(),
    };
    events::append(&mut tx, event).await?;
    tx.commit().await?;
    let mut out: String = changes.iter().map(|c| format!("{c}\n")).collect();
    out.push_str(&format!("{count} days of {} imported, {} changed\n", years.join(", "), changes.len()));
    if !changes.is_empty() {
        out.push_str("restart the service: it reads the calendar at its start; deadlines that already run keep their date\n");
    }
    show(&out)
}

fn years(days: &BTreeMap<Date, Day>) -> Vec<i16> {
    let mut years: Vec<i16> = days.keys().map(|d| d.year()).collect();
    years.dedup();
    years
}

/// A line for each day that is new or counts otherwise; a wholly new year is one line.
fn changes(before: &Calendar, days: &BTreeMap<Date, Day>) -> Vec<String> {
    let word = |working: bool| if working { "working" } else { "off" };
    let mut out = Vec::new();
    for year in years(days) {
        let of_year = days.iter().filter(|(date, _)| date.year() == year);
        if of_year.clone().all(|(date, _)| before.day(*date).is_err()) {
            let working = of_year.filter(|(_, day)| day.working).count();
            out.push(format!("{year}: new, {working} working days"));
            continue;
        }
        for (date, day) in of_year {
            let note = if day.note.is_empty() { String::new() } else { format!(" ({})", one_line(&day.note)) };
            match before.day(*date) {
                Ok(old) if old.working == day.working => {}
                Ok(old) => out.push(format!("{date}: {} → {}{note}", word(old.working), word(day.working))),
                Err(_) => out.push(format!("{date}: new, {}{note}", word(day.working))),
            }
        }
    }
    out
}
