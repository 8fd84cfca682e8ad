//! `redress audit`: whether every event of every case is as it was written; the trail on paper; and what was taken out of the store, when, by
//! which rule. What people said stands in none of it, so that each may be shown to whoever asks for proof.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::output::{columns, show, show_json, stamp, write_private};
use super::setup::{FAILED, with_store, within};
use crate::calendar::Moment;
use crate::desk::Desk;
use crate::domain::PersonId;
use crate::store::cases;
use crate::store::events::{self, EventRow, MAILS_PURGED, PURGED, Verdict};

/// What to do with the trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Recomputes the chain of hashes; exit 1 and the first event that does not fit when it was touched.
    Verify,
    /// The trail to be printed and filed: every event with its time, who, what and hash; of one case, or of all.
    Print {
        /// The received number; all cases where none is given.
        number: Option<String>,
        /// Into a file, readable by you alone.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// As a PDF for paper, readable by you alone; the same trail gives the same bytes.
        #[arg(long, value_name = "FILE.pdf", conflicts_with = "out")]
        pdf: Option<PathBuf>,
    },
    /// What was taken out: when, of which case, which records, by which rule, how.
    Deletions {
        /// An array of JSON objects.
        #[arg(long)]
        json: bool,
    },
}

/// Events read at a time.
const AT_A_TIME: i64 = 256;

pub(super) fn run(config: &Path, command: Command) -> ExitCode {
    match command {
        Command::Verify => verify(config),
        Command::Print { number, pdf: Some(file), .. } => within(config, None, |house| async move {
            let (bytes, events) = on_paper(&house.desk, number.as_deref()).await?;
            write_private(&file, &bytes)?;
            show(&format!("{}: {events} events ({} bytes)\n", file.display(), bytes.len()))?;
            Ok(ExitCode::SUCCESS)
        }),
        Command::Print { number, out, pdf: None } => within(config, None, |house| async move {
            let text = printed(&house.desk, number.as_deref()).await?;
            match out {
                Some(file) => {
                    write_private(&file, text.as_bytes())?;
                    show(&format!("{}: {} lines\n", file.display(), text.lines().count()))?;
                }
                None => show(&text)?,
            }
            Ok(ExitCode::SUCCESS)
        }),
        Command::Deletions { json } => within(config, None, |house| async move {
            deletions(&house.desk, json).await?;
            Ok(ExitCode::SUCCESS)
        }),
    }
}

fn verify(config: &Path) -> ExitCode {
    with_store(config, |_, store| async move {
        match events::verify(&store).await? {
            Verdict::Ok { events, head } => {
                // Whoever keeps this line elsewhere can prove later that the chain was not rewritten as a whole.
                let head = if head.is_empty() { "-".to_owned() } else { head };
                show(&format!("ok: {events} events, head {head}\n"))?;
                Ok(ExitCode::SUCCESS)
            }
            Verdict::Broken { seq, why } => {
                eprintln!(
                    "broken at event {seq}: {why}: keep this store as evidence and compare it with the backups and with the heads in the digests"
                );
                Ok(ExitCode::from(FAILED))
            }
        }
    })
}

/// Every event of the chain, or one case's, in their order.
async fn rows(desk: &Desk, number: Option<&str>) -> anyhow::Result<Vec<EventRow>> {
    if let Some(number) = number {
        let case = super::case::find(desk, number).await?;
        return Ok(events::for_case(&desk.store, case.id.as_str()).await?);
    }
    let mut all: Vec<EventRow> = Vec::new();
    loop {
        let more = events::after(&desk.store, all.last().map_or(0, |row| row.seq), AT_A_TIME).await?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

async fn printed(desk: &Desk, number: Option<&str>) -> anyhow::Result<String> {
    let zone = desk.office.calendar.zone();
    let rows = rows(desk, number).await?;
    let numbers = cases::numbers(&desk.store).await?;
    let verdict = match events::verify(&desk.store).await? {
        Verdict::Ok { events, head } => format!("ok: {events} events, head {head}"),
        Verdict::Broken { seq, why } => format!("BROKEN at event {seq}: {why}"),
    };
    let mut out = format!(
        "{}　{}\n{}　{}\n{}\naudit verify: {verdict}\n\n",
        desk.settings.organisation,
        desk.word("cli.trail"),
        desk.word("ui.number"),
        number.unwrap_or("*"),
        stamp(desk.clock.now(), zone),
    );
    let table: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let case = row.case_id.as_ref().and_then(|id| numbers.get(id)).cloned().unwrap_or_else(|| "-".to_owned());
            let said = if events::is_erased(&row.payload) { "-".to_owned() } else { format!("{} B", row.payload.len()) };
            vec![row.seq.to_string(), stamp(row.at, zone), case, row.kind.clone(), named(desk, &row.actor), said, row.hash.clone()]
        })
        .collect();
    out.push_str(&columns(&table));
    out.push_str(&format!("\n{}\n", desk.word("cli.trail_ends").replace("{n}", &rows.len().to_string())));
    Ok(out)
}

/// The same as PDF, true as of the last event: nothing on it depends on when it is printed. With the number of events.
async fn on_paper(desk: &Desk, number: Option<&str>) -> anyhow::Result<(Vec<u8>, usize)> {
    let Some(press) = desk.press.clone() else { anyhow::bail!("no font is at hand: `redress doctor` names the packages that forms need") };
    let zone = desk.office.calendar.zone();
    let rows = rows(desk, number).await?;
    let numbers = cases::numbers(&desk.store).await?;
    let word = |key: &'static str| desk.word(&format!("cli.{key}"));
    let fact =
        |key: &'static str, value: String| json!({ "label": word(key), "value": value, "hash": key.ends_with("hash"), "alarm": false });
    let mut facts = vec![fact("trail_number", number.map_or_else(|| word("trail_all"), |n| n.trim().to_owned()))];
    facts.extend(rows.last().map(|row| fact("trail_until", stamp(row.at, zone))));
    if number.is_some() {
        facts.extend(rows.last().map(|row| fact("trail_last_hash", row.hash.clone())));
    }
    facts.extend(match events::verify(&desk.store).await? {
        Verdict::Ok { events, head } => {
            vec![fact("trail_proved", word("trail_whole").replace("{n}", &events.to_string())), fact("trail_head_hash", head)]
        }
        Verdict::Broken { seq, why } => {
            let words = word("trail_broken").replace("{seq}", &seq.to_string()).replace("{why}", &why.to_string());
            vec![json!({ "label": word("trail_proved"), "value": words, "hash": false, "alarm": true })]
        }
    });
    let known = |key: String| Some(desk.word(&key)).filter(|label| *label != key);
    let what = |kind: &str| {
        let label = known(format!("cli.event.{kind}")).or_else(|| known(format!("done.{kind}")));
        label.map_or_else(|| kind.to_owned(), |label| format!("{label}（{kind}）"))
    };
    let who = |actor: &str| known(format!("cli.actor.{actor}")).unwrap_or_else(|| named(desk, actor));
    let line = |row: &EventRow| {
        json!({
            "seq": row.seq,
            "at": stamp(row.at, zone),
            "number": row.case_id.as_ref().and_then(|id| numbers.get(id)).cloned().unwrap_or_else(|| "-".to_owned()),
            "what": what(&row.kind),
            "who": who(&row.actor),
            "erased": events::is_erased(&row.payload),
            "hash": row.hash,
        })
    };
    let heads = ["trail_seq", "trail_at", "trail_number", "trail_what", "trail_who", "trail_hash"].map(word);
    let data = json!({
        "organisation": format!("{}　{}", desk.settings.organisation, desk.settings.office),
        "title": word("trail"),
        "number": number.unwrap_or_default(),
        "numbered": number.is_none(),
        "facts": facts,
        "heads": heads,
        "rows": rows.iter().map(line).collect::<Vec<_>>(),
        "erased": word("trail_erased"),
        "ends": word("trail_ends").replace("{n}", &rows.len().to_string()),
    });
    Ok((press.sheet("trail", &data)?, rows.len()))
}

/// Who it was, by name where he is of the directory (`lee for wang`: each by his own).
fn named(desk: &Desk, actor: &str) -> String {
    let one = |id: &str| desk.office.directory.people.get(&PersonId(id.to_owned())).map_or_else(|| id.to_owned(), |p| p.name.clone());
    match actor.split_once(" for ") {
        Some((person, principal)) => format!("{} {} {}", one(person), desk.word("cli.for"), one(principal)),
        None => one(actor),
    }
}

async fn deletions(desk: &Desk, json: bool) -> anyhow::Result<()> {
    let numbers = cases::numbers(&desk.store).await?;
    let mut found: BTreeMap<i64, (String, Value)> = BTreeMap::new();
    for row in rows(desk, None).await? {
        let ours = matches!(row.kind.as_str(), PURGED | MAILS_PURGED | "mail_purged" | "notices_purged");
        if !ours || events::is_erased(&row.payload) {
            continue;
        }
        let case = row.case_id.as_ref().and_then(|id| numbers.get(id)).cloned().unwrap_or_default();
        let mut record: Value = serde_json::from_str(&row.payload)?;
        let earlier = record.as_object_mut().and_then(|o| o.remove("earlier")).and_then(|e| e.as_array().cloned()).unwrap_or_default();
        for one in earlier {
            found.insert(one.get("seq").and_then(Value::as_i64).unwrap_or(0), (case.clone(), one));
        }
        if let Some(object) = record.as_object_mut() {
            object.insert("seq".to_owned(), row.seq.into());
            object.insert("at".to_owned(), row.at.unix().into());
        }
        found.insert(row.seq, (case, record));
    }
    let zone = desk.office.calendar.zone();
    let when = |record: &Value| Moment::from_unix(record.get("at").and_then(Value::as_i64).unwrap_or(0));
    if json {
        let all: Vec<Value> = found
            .into_values()
            .map(|(case, mut record)| {
                let at = when(&record).rfc3339(zone);
                if let Some(object) = record.as_object_mut() {
                    object.insert("at".to_owned(), at.into());
                    object.insert("case".to_owned(), if case.is_empty() { Value::Null } else { case.into() });
                }
                record
            })
            .collect();
        return show_json(&Value::Array(all));
    }
    let word = |record: &Value, key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let table: Vec<Vec<String>> = found
        .values()
        .map(|(case, record)| {
            let what = if case.is_empty() { word(record, "inbox") } else { case.clone() };
            let method = Some(word(record, "method")).filter(|m| !m.is_empty()).unwrap_or_else(|| "overwritten".to_owned());
            vec![stamp(when(record), zone), what, word(record, "why"), word(record, "rule"), method]
        })
        .collect();
    show(&if table.is_empty() { "nothing was taken out\n".to_owned() } else { columns(&table) })
}
