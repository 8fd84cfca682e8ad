//! `redress digest`: sends the secretariat its digest now (`--people`: the list of people with rights), whatever the hour, and prints it. While the service runs, the letter
//! leaves with it; else this command sends what is due itself, as `run --once` would.

use std::path::Path;
use std::process::ExitCode;

use super::output::{harmless, show};
use super::setup::{FAILED, within};
use crate::calendar::Moment;
use crate::daemon::{self, Passed};
use crate::desk::Desk;
use crate::render::{Body, Letter, OfficeView, ReaderView};
use crate::store::{self, meta};

/// Where the clerk notes when the last digest left; the next one tells what happened since.
const LAST: &str = "digest.last";

pub(super) fn run(config: &Path, people: bool, now: Option<&str>) -> ExitCode {
    within(config, now, |house| async move {
        let desk = &house.desk;
        let body = if people { desk.people_review(None).await? } else { daily(desk).await? };
        show(&text(desk, body)?)?;
        let letters = if people { desk.people_review_now().await? } else { desk.digest_now().await? };
        anyhow::ensure!(letters > 0, "nobody is of the secretariat: give a person the role secretariat");
        let _lock = match desk.store.lock_instance() {
            Ok(lock) => lock,
            Err(store::Error::InUse { .. }) => {
                eprintln!("queued for {letters} of the secretariat; the running service sends it within half a minute");
                return Ok(ExitCode::SUCCESS);
            }
            Err(error) => return Err(error.into()),
        };
        let mut passed = Passed::default();
        daemon::send(&house, true, &mut passed).await?;
        if passed.unreachable {
            eprintln!(
                "queued for {letters} of the secretariat, but the SMTP server could not be reached: `redress doctor` says why; it leaves with the next `redress run`"
            );
            return Ok(ExitCode::from(FAILED));
        }
        eprintln!("sent {}, waiting {}", passed.sent, passed.waiting);
        Ok(ExitCode::SUCCESS)
    })
}

async fn daily(desk: &Desk) -> anyhow::Result<Body> {
    let now = desk.clock.now();
    let last = meta::get(&desk.store, LAST).await?.and_then(|t| t.parse().ok()).map(Moment::from_unix);
    Ok(desk.figures(last.unwrap_or_else(|| now.plus_seconds(-86_400)), now).await?.body)
}

/// A digest's words as its readers get them, with nobody addressed.
fn text(desk: &Desk, body: Body) -> anyhow::Result<String> {
    let settings = &desk.settings;
    let letter = Letter {
        office: OfficeView {
            organisation: settings.organisation.clone(),
            office: settings.office.clone(),
            address: settings.mailboxes.first().map(|m| m.address.clone()).unwrap_or_default(),
            signature_lines: settings.signature_lines.clone(),
            marker: None,
        },
        case: None,
        reader: ReaderView::default(),
        buttons: Vec::new(),
        body,
    };
    let written = desk.words.letter(desk.settings.language, &letter)?;
    Ok(harmless(&format!("{}\n\n{}\n", written.subject, written.text.trim_end())))
}
