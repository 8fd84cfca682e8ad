//! `redress directory`: the personnel office's list read, compared and laid before a second person (R81); the directory in force shown,
//! given out, compared. Approving is the secretariat's, by mail.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::output::{columns, one_line, show, show_json};
use super::setup::{FAILED, WRONG, within};
use crate::config::{Known, ListMistake, STAFF_LIST_HEAD, merge_staff_list, read_staff_list};
use crate::daemon::House;
use crate::desk::{Desk, ImportedList};
use crate::domain::Language;
use crate::domain::directory::{Directory, Person};
use crate::domain::roster::{Roster, diff};
use crate::render::Row;
use crate::store::directory::{self, Version};

/// So large a part of the last list may leave without being asked about: one in so many, and always so many people.
const PART: usize = 4;
const FEW: usize = 3;
/// Who imports where nobody says so: whoever has the command line.
const OPERATOR: &str = "operator";

/// What to do with the directory.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Reads the personnel office's list and lays what changes before the secretariat; somebody other than the importer approves it by mail.
    Import {
        /// Headings 編號, 姓名, 電子郵件, 單位, 職稱, 分機, 角色, 主管 (or English ones); UTF-8 or Big5.
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Who imports it: a person of the directory (id, name or address), or another address. He may not approve it.
        #[arg(long, value_name = "WHO", default_value = OPERATOR)]
        by: String,
        /// So many people leave: needed where it is a large part of the last list.
        #[arg(long, value_name = "N")]
        leaving: Option<usize>,
        /// Units that the config does not know are other departments, and no mistake.
        #[arg(long)]
        other_units: bool,
        /// Only says what would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// Who is in the directory in force, and by which list.
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The lists that were imported, and what became of each.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// What the list that waits would change.
    Diff,
    /// The directory in force as a list that `import` reads.
    Export {
        /// Where to; standard output without it.
        #[arg(long, value_name = "FILE.csv")]
        out: Option<PathBuf>,
    },
}

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    within(config, None, |house| async move {
        match command {
            Command::Import { file, by, leaving, other_units, dry_run } => {
                return import(&house, &file, &by, leaving, other_units, dry_run).await;
            }
            Command::Show { json } => shown(&house, json).await?,
            Command::List { json } => list(&house, json).await?,
            Command::Diff => waiting(&house).await?,
            Command::Export { out } => export(&house, out.as_deref()).await?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn import(
    house: &House,
    file: &Path,
    by: &str,
    leaving: Option<usize>,
    other_units: bool,
    dry_run: bool,
) -> anyhow::Result<ExitCode> {
    let desk = &house.desk;
    let bytes = std::fs::read(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let Some(by) = importer(desk, by) else {
        eprintln!("--by {by}: nobody of the directory, and no address: say who imports this list");
        return Ok(ExitCode::from(WRONG));
    };
    if desk.directory_approvers(&by).is_empty() {
        anyhow::bail!(
            "nobody but {by} could approve the list: let somebody else import it, or give the role secretariat to a second person"
        );
    }
    let before = directory::in_force(&desk.store).await?.map(|v| v.roster).unwrap_or_default();
    let roster = match merged(house, &bytes, &before, other_units) {
        Ok(roster) => roster,
        Err(mistakes) => {
            for mistake in &mistakes {
                eprintln!("{}:{}: {}", file.display(), mistake.line, one_line(&mistake.what));
            }
            eprintln!("{}: nothing was imported: correct the list and import it again", file.display());
            return Ok(ExitCode::from(FAILED));
        }
    };
    let gone = before.listed.keys().filter(|id| !roster.listed.contains_key(*id)).count();
    if gone > FEW && gone * PART > before.listed.len() && leaving != Some(gone) {
        eprintln!(
            "{}: {gone} of {} people of the last list would leave: is it whole? If they do leave, say --leaving {gone}",
            file.display(),
            before.listed.len()
        );
        return Ok(ExitCode::from(FAILED));
    }
    let after = roster.over(&desk.configured);
    if diff(&desk.office.directory, &after).is_empty() && before.listed == roster.listed {
        show("the list says the same as the directory in force: nothing to approve\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = table(&desk.directory_rows(&desk.office.directory, &after));
    for warning in desk.directory_warnings(&roster, &after) {
        out.push_str(&format!("! {warning}\n"));
    }
    if dry_run {
        out.push_str("nothing was imported (--dry-run)\n");
        show(&out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    let approvers: Vec<String> = desk.directory_approvers(&by).iter().map(|p| desk.office.directory.name_of(p).to_owned()).collect();
    let version = desk.propose_directory(ImportedList { roster, file: name, sha256, by }).await?;
    out.push_str(&format!("version {version} waits for approval by {}: nothing has changed yet\n", approvers.join(", ")));
    show(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// A person's id, or an address of somebody who is not in the directory.
fn importer(desk: &Desk, by: &str) -> Option<String> {
    match desk.office.directory.person_named(by) {
        Some(person) => Some(person.id.as_str().to_owned()),
        None => (by == OPERATOR || by.contains('@')).then(|| by.trim().to_owned()),
    }
}

fn merged(house: &House, bytes: &[u8], list: &Roster, other_units: bool) -> Result<Roster, Vec<ListMistake>> {
    let desk = &house.desk;
    let roles = desk.office.procedure.roles.iter().map(|r| (r.id.clone(), r.title.clone())).collect();
    let known = Known {
        directory: &desk.office.directory,
        configured: &desk.configured,
        list,
        roles,
        office: &desk.settings.office,
        mailboxes: desk.settings.mailboxes.iter().map(|m| m.address.as_str()).collect(),
        other_units,
    };
    merge_staff_list(&read_staff_list(bytes)?, &known)
}

fn table(rows: &[Row]) -> String {
    columns(&rows.iter().map(|r| vec![r.label.clone(), one_line(&r.value)]).collect::<Vec<_>>())
}

async fn waiting(house: &House) -> anyhow::Result<()> {
    let desk = &house.desk;
    let Some(version) = directory::proposed(&desk.store).await? else { return show("no list waits for approval\n") };
    let after = version.roster.over(&desk.configured);
    let mut out = table(&desk.directory_rows(&desk.office.directory, &after));
    for warning in desk.directory_warnings(&version.roster, &after) {
        out.push_str(&format!("! {warning}\n"));
    }
    show(&out)
}

async fn list(house: &House, as_json: bool) -> anyhow::Result<()> {
    let versions = directory::all(&house.desk.store).await?;
    let zone = house.desk.office.calendar.zone().clone();
    let at = |m: crate::calendar::Moment| m.zoned(&zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    if as_json {
        let one = |v: &Version| {
            json!({
                "version": v.roster.version, "state": v.state.as_str(), "file": v.file, "sha256": v.sha256, "people": v.roster.listed.len(),
                "imported_by": v.made_by, "imported_at": at(v.made_at), "decided_by": v.decided_by, "decided_at": v.decided_at.map(at),
                "proof": v.proof, "reason": v.why,
            })
        };
        return show_json(&versions.iter().map(one).collect());
    }
    let row = |v: &Version| {
        let decided = v.decided_by.as_ref().zip(v.decided_at).map(|(by, when)| format!("{by} {}", at(when))).unwrap_or_default();
        vec![
            format!("v{}", v.roster.version),
            v.state.as_str().to_owned(),
            one_line(&v.file),
            format!("{} {}", v.made_by, at(v.made_at)),
            decided,
            v.proof.clone().unwrap_or_default(),
        ]
    };
    show(&columns(&versions.iter().map(row).collect::<Vec<_>>()))
}

async fn shown(house: &House, as_json: bool) -> anyhow::Result<()> {
    let now = &house.desk.office.directory;
    let list = directory::in_force(&house.desk.store).await?;
    let source = |p: &Person| match &list {
        Some(v) if v.roster.listed.contains_key(&p.id) => format!("v{}", v.roster.version),
        Some(_) | None => "config".to_owned(),
    };
    if as_json {
        let one = |p: &Person| {
            json!({
                "id": p.id.as_str(), "name": p.name, "email": p.email, "title": p.title, "extension": p.extension,
                "roles": p.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
                "units": now.posts(&p.id).iter().map(|(u, posts)| json!({ "unit": u.as_str(), "posts": posts })).collect::<Vec<_>>(),
                "from": source(p),
            })
        };
        let people: Vec<_> = now.people.values().map(one).collect();
        let version = list.as_ref().map_or(0, |v| v.roster.version);
        return show_json(&json!({ "version": version, "edition": now.edition, "people": people }));
    }
    let mut rows = vec![vec![now.edition.clone()]];
    for person in now.people.values() {
        let (units, roles) = (units_of(now, person), roles_of(&house.desk, now, person));
        rows.push(vec![person.id.as_str().to_owned(), person.name.clone(), person.email.clone(), units, roles, source(person)]);
    }
    show(&columns(&rows))
}

fn units_of(directory: &Directory, person: &Person) -> String {
    let name = |u| directory.units.get(u).map_or("", |u| u.name.as_str());
    directory.posts(&person.id).keys().map(name).collect::<Vec<_>>().join("、")
}

fn roles_of(desk: &Desk, directory: &Directory, person: &Person) -> String {
    let posts: std::collections::BTreeSet<_> = directory.posts(&person.id).into_values().flatten().collect();
    let titles = person.roles.iter().map(|r| desk.office.procedure.role_title(r).to_owned());
    // In the language of the headings, whatever the office writes.
    let held = posts.into_iter().map(|p| desk.words.label(Language::ZhTw, &format!("post.{}", p.name())));
    titles.chain(held).collect::<Vec<_>>().join("、")
}

/// The same columns that `import` reads; the words of the roles are those that it knows.
async fn export(house: &House, out: Option<&Path>) -> anyhow::Result<()> {
    let list = directory::in_force(&house.desk.store).await?.map(|v| v.roster).unwrap_or_default();
    let number = |p: &Person| list.listed.get(&p.id).map(|e| e.number.clone()).filter(|n| !n.is_empty());
    let now = &house.desk.office.directory;
    let mut text = format!("\u{feff}{STAFF_LIST_HEAD}\r\n");
    for person in now.people.values() {
        let cells = [
            number(person).unwrap_or_else(|| person.id.as_str().to_owned()),
            person.name.clone(),
            person.email.clone(),
            units_of(now, person),
            person.title.clone(),
            person.extension.clone(),
            roles_of(&house.desk, now, person),
        ];
        text.push_str(&cells.map(|c| cell(&c)).join(","));
        text.push_str("\r\n");
    }
    match out {
        Some(path) => super::output::write_private(path, text.as_bytes()),
        None => show(&text),
    }
}

/// A cell of RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
