//! `redress breach-report`: for the notice after a leak (個資法 §12): who is concerned, which of his fields, which mails that held
//! them went to whom. From what was sent, not from what was meant to be.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::output::{show, show_json, stamp};
use super::setup::{WRONG, within};
use crate::desk::Desk;
use crate::domain::Case;
use crate::store::messages::{self, Direction, MessageRow};
use crate::store::outbox::State;

/// Arguments of `redress breach-report`.
#[derive(Debug, clap::Args)]
pub(super) struct BreachReport {
    /// Received numbers, or one period of days: 2026-03-01..2026-03-31.
    #[arg(required = true, value_name = "PERIOD|CASES")]
    what: Vec<String>,
    /// An array of JSON objects, one a case.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Path, args: BreachReport) -> ExitCode {
    within(config, None, |house| async move {
        let desk = &house.desk;
        let (mut cases, mut period) = (Vec::new(), None);
        for word in &args.what {
            if let Some((from, to)) = word.split_once("..") {
                let (Ok(from), Ok(to)) = (from.parse::<jiff::civil::Date>(), to.parse::<jiff::civil::Date>()) else {
                    eprintln!("redress: {word}: not a period; write it as 2026-03-01..2026-03-31");
                    return Ok(ExitCode::from(WRONG));
                };
                period = Some((from, to));
                cases = desk.cases().await?;
            } else {
                cases.push(super::case::find(desk, word).await?);
            }
        }
        let mut found = Vec::new();
        for case in cases {
            let sent = sent(desk, &case, period).await?;
            if period.is_none() || !sent.is_empty() {
                found.push((case, sent));
            }
        }
        if args.json {
            let all: Vec<Value> = found.iter().map(|(case, sent)| object(desk, case, sent)).collect();
            show_json(&Value::Array(all))?;
        } else {
            show(&text(desk, &found))?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A letter that left, and which fields of the record it held.
struct Sent {
    letter: MessageRow,
    fields: Vec<String>,
}

async fn sent(desk: &Desk, case: &Case, period: Option<(jiff::civil::Date, jiff::civil::Date)>) -> anyhow::Result<Vec<Sent>> {
    let mut out = Vec::new();
    for letter in messages::for_case(&desk.store, case.id.as_str()).await? {
        let day = desk.office.day(letter.at);
        let within = period.is_none_or(|(from, to)| from <= day && day <= to);
        if letter.direction == Direction::Out && within && matches!(letter.state, Some(State::Sent | State::InDoubt)) {
            let raw = match &letter.id {
                Some(id) => crate::store::outbox::raw(&desk.store, id).await?,
                None => Vec::new(),
            };
            let read = crate::mail::read(&raw);
            let mut words = format!("{}\n{}\n{}", letter.subject, letter.text, read.text);
            for file in &read.attachments {
                words.push_str(&crate::mail::read(&file.data).text);
            }
            // The form goes along as a picture of the record: who gets it gets what the letter's own rows show.
            out.push(Sent { fields: held(case, &words), letter });
        }
    }
    Ok(out)
}

/// The fields of the record whose values stand in these words.
fn held(case: &Case, words: &str) -> Vec<String> {
    let bare: String = words.chars().filter(|c| !c.is_whitespace()).collect();
    let mut fields: BTreeSet<String> = BTreeSet::new();
    let own = [
        ("name", case.complainant.name.reveal().as_str()),
        ("email", case.complainant.address.as_ref().map_or("", |a| a.reveal().as_str())),
    ];
    let record = case.record.iter().map(|(id, v)| (id.as_str(), v.reveal().as_str()));
    for (id, value) in record.chain(own).filter(|(id, _)| !matches!(*id, "received" | "channel")) {
        let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
        if value.chars().count() >= 2 && bare.contains(&value) {
            fields.insert(id.to_owned());
        }
    }
    fields.into_iter().collect()
}

fn fields_of(case: &Case) -> Vec<&str> {
    case.record.iter().filter(|(_, v)| !v.reveal().is_empty()).map(|(id, _)| id.as_str()).collect()
}

fn object(desk: &Desk, case: &Case, sent: &[Sent]) -> Value {
    let zone = desk.office.calendar.zone();
    let mails: Vec<Value> = sent
        .iter()
        .map(|s| json!({ "at": s.letter.at.rfc3339(zone), "to": s.letter.to, "kind": s.letter.kind, "subject": s.letter.subject, "fields": s.fields }))
        .collect();
    let shown: Vec<Value> = case
        .disclosures
        .iter()
        .map(|d| json!({ "person": d.by.as_str(), "asked_at": d.asked_at.rfc3339(zone), "granted": d.until.is_some(), "until": d.until.map(|u| u.rfc3339(zone)) }))
        .collect();
    json!({
        "number": case.number,
        "erased": case.is_erased(),
        "complainant": { "name": case.complainant.name.reveal(), "address": case.complainant.address.as_ref().map(|a| a.reveal().clone()) },
        "fields": fields_of(case),
        "mails": mails,
        "disclosures": shown,
    })
}

fn text(desk: &Desk, found: &[(Case, Vec<Sent>)]) -> String {
    let zone = desk.office.calendar.zone();
    let mut out = format!("{} cases\n", found.len());
    for (case, sent) in found {
        let address = case.complainant.address.as_ref().map_or("-", |a| a.reveal().as_str());
        out.push_str(&format!("\n{}　{}　{address}\n  {}\n", case.number, case.complainant.name.reveal(), fields_of(case).join(", ")));
        for one in sent {
            let fields = if one.fields.is_empty() { "-".to_owned() } else { one.fields.join(", ") };
            out.push_str(&format!("  {}　{}　{}　{fields}\n", stamp(one.letter.at, zone), one.letter.to.join(", "), one.letter.kind));
        }
        for shown in case.disclosures.iter().filter(|d| d.until.is_some()) {
            out.push_str(&format!("  {}　{}　{}\n", stamp(shown.asked_at, zone), shown.by.as_str(), desk.word("subject.disclosed")));
        }
    }
    out
}
