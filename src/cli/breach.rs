//! `redress breach-report`: for the notice after a leak (個資法 §12): who is concerned, which of his fields, which mails that held
//! them went to whom. From what was sent, not from what was meant to be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::output::{JsonList, one_line, show, stamp};
use super::setup::{WRONG, within};
use crate::calendar::Moment;
use crate::desk::Desk;
use crate::domain::Case;
use crate::render::{mask_address, mask_mail, mask_name, mask_number};
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
        let zone = desk.office.calendar.zone();
        for word in &args.what {
            if let Some((from, to)) = word.split_once("..") {
                let (Ok(from), Ok(to)) = (from.parse::<jiff::civil::Date>(), to.parse::<jiff::civil::Date>()) else {
                    eprintln!("redress: {word}: not a period; write it as 2026-03-01..2026-03-31");
                    return Ok(ExitCode::from(WRONG));
                };
                period = Some((from, to));
                cases = told_between(desk, from.to_zoned(zone.clone())?, to.tomorrow()?.to_zoned(zone.clone())?).await?;
            } else {
                cases.push(super::case::find(desk, word).await?.id.as_str().to_owned());
            }
        }
        let (mut list, mut blocks, mut count) = (JsonList::default(), String::new(), 0_usize);
        for id in cases {
            let Some(case) = desk.case_by_id(&id).await? else { continue };
            let sent = sent(desk, &case, period).await?;
            if period.is_some() && sent.is_empty() {
                continue;
            }
            count += 1;
            if args.json {
                list.add(&object(desk, &case, &sent))?;
            } else {
                text(desk, &case, &sent, &mut blocks);
            }
        }
        if args.json {
            list.end()?;
        } else {
            show(&format!("{count} cases\n{blocks}"))?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The cases about which something was written in this time, oldest first.
async fn told_between(desk: &Desk, from: jiff::Zoned, to: jiff::Zoned) -> anyhow::Result<Vec<String>> {
    let at = |zoned: jiff::Zoned| Moment::from_unix(zoned.timestamp().as_second());
    Ok(messages::cases_told_between(&desk.store, at(from), at(to)).await?)
}

/// A letter that left, and which fields of the record stood in which part of it.
struct Sent {
    letter: MessageRow,
    /// Field → where it stood: `text`, or a file's name.
    whole: Told,
    /// The same for what was shown masked.
    masked: Told,
    /// Every file that went along.
    files: Vec<String>,
}

type Told = BTreeMap<String, BTreeSet<String>>;

async fn sent(desk: &Desk, case: &Case, period: Option<(jiff::civil::Date, jiff::civil::Date)>) -> anyhow::Result<Vec<Sent>> {
    let mut out = Vec::new();
    for letter in messages::for_case(&desk.store, case.id.as_str()).await? {
        let day = desk.office.day(letter.at);
        let within = period.is_none_or(|(from, to)| from <= day && day <= to);
        if letter.direction == Direction::Out && within && matches!(letter.state, Some(State::Sent | State::InDoubt)) {
            let raw = match &letter.id {
                Some(id) if letter.kind != "sms" => crate::store::outbox::raw(&desk.store, id).await?,
                Some(_) | None => Vec::new(),
            };
            let read = crate::mail::read(&raw);
            let mut parts = vec![(TEXT.to_owned(), format!("{}\n{}\n{}", letter.subject, letter.text, read.text))];
            parts.extend(read.attachments.iter().map(|file| (file.name.clone(), words_of(&file.data))));
            for nested in &read.nested {
                let name = nested.attachment.and_then(|n| read.attachments.get(n)).map_or(ORIGINAL, |a| a.name.as_str());
                let from = nested.from.as_ref().map(|m| format!("{} {}", m.name, m.address)).unwrap_or_default();
                parts.push((name.to_owned(), format!("{from}\n{}\n{}", nested.subject, nested.text)));
            }
            let files = read.attachments.iter().map(|f| f.name.clone()).collect();
            let (whole, masked) = held(case, &parts);
            out.push(Sent { letter, whole, masked, files });
        }
    }
    Ok(out)
}

/// How a letter's own words are named among its parts.
const TEXT: &str = "text";
/// How a mail within a letter is named that has no name of its own.
const ORIGINAL: &str = "message/rfc822";

/// The words of a file that went along: a form as it was printed, the original mail with its headers.
fn words_of(data: &[u8]) -> String {
    if data.starts_with(b"%PDF") {
        return crate::render::pdf_words(data);
    }
    let read = crate::mail::read(data);
    let from = read.from.as_ref().map(|m| format!("{} {}", m.name, m.address)).unwrap_or_default();
    format!("{from}\n{}\n{}\n{}", read.subject, read.text, String::from_utf8_lossy(data))
}

/// The fields of the record whose values stand in these parts, whole or masked.
fn held(case: &Case, parts: &[(String, String)]) -> (Told, Told) {
    let bare = |words: &str| words.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    // However somebody wrote a number or an address, it is the same one.
    let plain = |words: &str| words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let parts: Vec<(&str, String, String)> = parts.iter().map(|(name, words)| (name.as_str(), plain(words), bare(words))).collect();
    let own = [
        ("name", case.complainant.name.reveal().as_str()),
        ("email", case.complainant.address.as_ref().map_or("", |a| a.reveal().as_str())),
    ];
    let record = case.record.iter().map(|(id, v)| (id.as_str(), v.reveal().as_str()));
    let (mut whole, mut masked) = (Told::new(), Told::new());
    for (id, value) in record.chain(own).filter(|(id, _)| !matches!(*id, "received" | "channel")) {
        let shown = match id {
            "name" => mask_name(value),
            "email" => mask_mail(value),
            "address" => mask_address(value),
            _ => mask_number(value),
        };
        let (value, shown) = (plain(value), bare(&shown));
        if value.chars().count() < 2 {
            continue;
        }
        // Enough of it that it is this one's mask and not just some stars.
        let telling = shown.chars().filter(|c| !matches!(c, '○' | '*' | '-')).count() >= 2;
        for (name, words, marks) in &parts {
            if words.contains(&value) {
                whole.entry(id.to_owned()).or_default().insert((*name).to_owned());
            } else if telling && marks.contains(&shown) {
                masked.entry(id.to_owned()).or_default().insert((*name).to_owned());
            }
        }
    }
    (whole, masked)
}

fn fields_of(case: &Case) -> Vec<&str> {
    case.record.iter().filter(|(_, v)| !v.reveal().is_empty()).map(|(id, _)| id.as_str()).collect()
}

fn object(desk: &Desk, case: &Case, sent: &[Sent]) -> Value {
    let zone = desk.office.calendar.zone();
    let mails: Vec<Value> = sent
        .iter()
        .map(|s| {
            json!({
                "at": s.letter.at.rfc3339(zone), "to": s.letter.to, "kind": s.letter.kind, "subject": s.letter.subject,
                "fields": s.whole.keys().collect::<Vec<_>>(), "where": s.whole, "masked": s.masked, "files": s.files,
            })
        })
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

/// Adds a case's block.
fn text(desk: &Desk, case: &Case, sent: &[Sent], out: &mut String) {
    let zone = desk.office.calendar.zone();
    let address = case.complainant.address.as_ref().map_or("-", |a| a.reveal().as_str());
    out.push_str(&format!("\n{}　{}　{address}\n  {}\n", case.number, case.complainant.name.reveal(), fields_of(case).join(", ")));
    for one in sent {
        let fields = if one.whole.is_empty() { "-".to_owned() } else { places(&one.whole) };
        let masked =
            if one.masked.is_empty() { String::new() } else { format!("　({}: {})", desk.word("subject.masked"), places(&one.masked)) };
        out.push_str(&format!("  {}　{}　{}　{fields}{masked}\n", stamp(one.letter.at, zone), one.letter.to.join(", "), one.letter.kind));
        for file in &one.files {
            out.push_str(&format!("      + {}\n", one_line(file)));
        }
    }
    for shown in case.disclosures.iter().filter(|d| d.until.is_some()) {
        out.push_str(&format!("  {}　{}　{}\n", stamp(shown.asked_at, zone), shown.by.as_str(), desk.word("subject.disclosed")));
    }
}

/// Fields, each with the parts in which it stood where that is not the letter's own text alone.
fn places(told: &Told) -> String {
    let one = |(field, parts): (&String, &BTreeSet<String>)| {
        let files: Vec<&str> = parts.iter().map(String::as_str).filter(|p| *p != TEXT).collect();
        match (files.is_empty(), parts.contains(TEXT)) {
            (true, _) => field.clone(),
            (false, true) => format!("{field} (+ {})", one_line(&files.join(", "))),
            (false, false) => format!("{field} ({})", one_line(&files.join(", "))),
        }
    };
    told.iter().map(one).collect::<Vec<_>>().join("; ")
}
