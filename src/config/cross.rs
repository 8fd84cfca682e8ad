//! Compares the parts of a config with one another: ids and addresses that stand twice, persons and units that are not there,
//! deputies and parents in a circle, addresses that would make mail go round. Runs only when every file could be read whole.

use std::collections::{BTreeMap, BTreeSet};

use super::mistake::{Mistake, Place, nearest};
use super::section::Sheet;
use super::types::{Away, Config, Profile};
use crate::calendar::Date;

/// Notes what does not fit together.
pub(super) fn check(sheet: &Sheet, config: &Config) {
    twice(
        sheet,
        "mailboxes",
        "address",
        config.mailboxes.iter().map(|mailbox| mailbox.address.as_str()),
        "give each mailbox its own address",
    );
    twice(
        sheet,
        "people",
        "id",
        config.people.iter().map(|person| person.id.as_str()),
        "give each person an id of his own, and list him once",
    );
    twice(
        sheet,
        "people",
        "email",
        config.people.iter().map(|person| person.email.as_str()),
        "a reply must show who wrote it: give each person an address of his own",
    );
    twice(sheet, "units", "id", config.units.iter().map(|unit| unit.id.as_str()), "give each unit its own id");
    twice(sheet, "units", "name", config.units.iter().map(|unit| unit.name.as_str()), "directives name units: give each its own name");
    twice(sheet, "units", "inbox", config.units.iter().map(|unit| unit.inbox.as_str()), "give each unit its own inbox");
    twice(
        sheet,
        "authorities",
        "name",
        config.authorities.iter().map(|authority| authority.name.as_str()),
        "referrals name authorities: list each once, with its other names in aliases",
    );
    addresses(sheet, config);
    units(sheet, config);
    parents(sheet, config);
    deputies(sheet, config);
    keywords(sheet, config);
    secretariat(sheet, config);
    signatures(sheet, config);
}

/// Values of one key that stand in two entries, whatever their case.
fn twice<'a>(sheet: &Sheet, list: &str, key: &str, values: impl Iterator<Item = &'a str>, hint: &str) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, value) in values.enumerate().filter(|(_, value)| !value.is_empty()) {
        if let Some(first) = seen.get(&value.to_lowercase()) {
            let first = sheet.place(&format!("{list}[{first}].{key}"));
            sheet.mistake(&format!("{list}[{index}].{key}"), format!("`{value}` stands at {first} already"), hint);
        } else {
            seen.insert(value.to_lowercase(), index);
        }
    }
}

/// Mail to ourselves would go round for ever.
fn addresses(sheet: &Sheet, config: &Config) {
    let mailboxes: BTreeSet<String> = config.mailboxes.iter().map(|mailbox| mailbox.address.to_lowercase()).collect();
    let people: BTreeMap<String, &str> = config.people.iter().map(|person| (person.email.to_lowercase(), person.id.as_str())).collect();
    for (index, person) in config.people.iter().enumerate() {
        if mailboxes.contains(&person.email.to_lowercase()) && !person.email.is_empty() {
            let hint = "a person needs an address outside the mailboxes, or his mail comes back as a complaint";
            sheet.mistake(&format!("people[{index}].email"), format!("`{}` is a mailbox of ours", person.email), hint);
        }
    }
    for (index, unit) in config.units.iter().enumerate() {
        let (key, inbox) = (format!("units[{index}].inbox"), unit.inbox.to_lowercase());
        if inbox.is_empty() {
            continue;
        }
        if mailboxes.contains(&inbox) {
            sheet.mistake(
                &key,
                format!("`{}` is a mailbox of ours", unit.inbox),
                "forwards would come back as complaints: give the unit an inbox of its own",
            );
        }
        if let Some(person) = people.get(&inbox) {
            let hint = "a shared inbox proves nobody: what is written from it is filed, and does not count as that person's decision";
            sheet.warning(&key, format!("`{}` is also the address of {person}", unit.inbox), hint);
        }
    }
}

/// Heads, registrars and handlers must be persons.
fn units(sheet: &Sheet, config: &Config) {
    for (index, unit) in config.units.iter().enumerate() {
        let mut wanted = vec![("head", unit.head.as_str())];
        wanted.extend(unit.registrar.as_deref().map(|id| ("registrar", id)));
        wanted.extend(unit.handlers.iter().map(|id| ("handlers", id.as_str())));
        for (key, id) in wanted {
            person(sheet, config, &format!("units[{index}].{key}"), id);
        }
        let mut handlers = BTreeSet::new();
        if let Some(again) = unit.handlers.iter().find(|id| !handlers.insert(*id)) {
            sheet.warning(&format!("units[{index}].handlers"), format!("`{again}` stands twice"), "once is enough");
        }
    }
}

/// Complains when `id` is nobody's.
fn person(sheet: &Sheet, config: &Config, key: &str, id: &str) {
    if id.is_empty() || config.person(id).is_some() {
        return;
    }
    let by_name = config.people.iter().find(|person| person.name == id || person.email == id).map(|person| person.id.as_str());
    let hint = match by_name.or_else(|| nearest(id, config.people.iter().map(|person| person.id.as_str()))) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("add [[people]] with id = \"{id}\""),
    };
    sheet.mistake(key, format!("`{id}` is nobody's id"), hint);
}

/// Parents must be units, and nobody his own grandfather.
fn parents(sheet: &Sheet, config: &Config) {
    let parent: BTreeMap<&str, &str> =
        config.units.iter().filter_map(|unit| unit.parent.as_deref().map(|parent| (unit.id.as_str(), parent))).collect();
    let mut told = BTreeSet::new();
    for (index, unit) in config.units.iter().enumerate() {
        let Some(above) = unit.parent.as_deref() else { continue };
        let key = format!("units[{index}].parent");
        if !config.units.iter().any(|unit| unit.id == above) {
            let hint = match nearest(above, config.units.iter().map(|unit| unit.id.as_str())) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("add [[units]] with id = \"{above}\", or leave parent out"),
            };
            sheet.mistake(&key, format!("`{above}` is no unit's id"), hint);
            continue;
        }
        let mut circle = vec![unit.id.as_str()];
        let mut at = above;
        while at != unit.id && !circle.contains(&at) {
            circle.push(at);
            match parent.get(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        let closes = at == unit.id;
        if closes && circle.iter().all(|id| told.insert((*id).to_owned())) {
            circle.push(at);
            sheet.mistake(&key, format!("the units stand over one another in a circle: {}", circle.join(" → ")), "leave one parent out");
        }
    }
}

/// Deputies must be others, and on no day may the way from deputy to deputy lead back.
fn deputies(sheet: &Sheet, config: &Config) {
    let mut told = BTreeSet::new();
    for (index, person_away) in config.people.iter().enumerate() {
        for (number, away) in person_away.away.iter().enumerate() {
            let key = format!("people[{index}].away[{number}].deputy");
            if away.deputy == person_away.id {
                sheet.mistake(&key, "nobody is his own deputy", "name another person");
                continue;
            }
            person(sheet, config, &key, &away.deputy);
            if let Some(way) = way_back(config, &person_away.id, away) {
                let mut members: Vec<String> = way.clone();
                members.sort();
                if told.insert(members) {
                    let what = format!(
                        "on {} the deputies stand in for one another in a circle: {} → {}",
                        away_day(config, &way, away),
                        way.join(" → "),
                        person_away.id
                    );
                    sheet.mistake(&key, what, "name somebody who is there");
                }
            }
        }
        let overlap = person_away
            .away
            .iter()
            .enumerate()
            .find(|(number, away)| person_away.away.iter().skip(number + 1).any(|other| common(away, other.from, other.to).is_some()));
        if let Some((number, _)) = overlap {
            sheet.warning(
                &format!("people[{index}].away[{number}]"),
                "overlaps with another absence of the same person",
                "the first one written counts on the common days",
            );
        }
    }
}

/// The way from `start` over deputies of a common day back to `start`, if there is one.
fn way_back(config: &Config, start: &str, first: &Away) -> Option<Vec<String>> {
    let mut open = vec![(vec![start.to_owned()], first.deputy.clone(), first.from, first.to)];
    while let Some((way, at, from, to)) = open.pop() {
        if at == start {
            return Some(way);
        }
        if way.contains(&at) {
            continue;
        }
        let Some(deputy) = config.person(&at) else { continue };
        for away in &deputy.away {
            if let Some((from, to)) = common(away, from, to) {
                let mut way = way.clone();
                way.push(at.clone());
                open.push((way, away.deputy.clone(), from, to));
            }
        }
    }
    None
}

/// The first day on which everybody on the way is away.
fn away_day(config: &Config, way: &[String], first: &Away) -> Date {
    let others = way.iter().skip(1).filter_map(|id| config.person(id));
    others
        .flat_map(|person| person.away.iter())
        .filter(|away| common(away, first.from, first.to).is_some())
        .map(|away| away.from)
        .fold(first.from, Date::max)
}

fn common(away: &Away, from: Date, to: Date) -> Option<(Date, Date)> {
    let (from, to) = (away.from.max(from), away.to.min(to));
    (from <= to).then_some((from, to))
}

/// A word of two units fits neither by itself: allowed, but hardly meant.
fn keywords(sheet: &Sheet, config: &Config) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, unit) in config.units.iter().enumerate() {
        for word in &unit.keywords {
            let key = format!("units[{index}].keywords");
            match seen.insert(word.to_lowercase(), index) {
                Some(first) if first == index => sheet.warning(&key, format!("`{word}` stands twice"), "once is enough"),
                Some(first) => {
                    let first = config.units.get(first).map_or("", |unit| unit.name.as_str());
                    sheet.warning(&key, format!("`{word}` is also a word of {first}"), "it decides for neither: leave it with one of them");
                }
                None if word.chars().count() < 2 => {
                    sheet.warning(&key, format!("`{word}` is very short"), "it will be found in many complaints: write a longer word");
                }
                None => {}
            }
        }
    }
}

/// The shipped procedures fall back on the secretariat; without it nobody would see a complaint that fits no unit.
fn secretariat(sheet: &Sheet, config: &Config) {
    let held = config.people.iter().any(|person| person.roles.iter().any(|role| role == "secretariat"));
    match &config.organisation.profile {
        Profile::Shipped(name) if !held && !name.is_empty() && !config.people.is_empty() => {
            sheet.mistake(
                "people",
                "nobody has the role secretariat",
                "write roles = [\"secretariat\"] for at least one person of the office",
            );
        }
        Profile::Shipped(_) | Profile::File(_) => {}
    }
}

/// Roles of which a signature is asked: somebody holds them, and whoever does has a certificate.
fn signatures(sheet: &Sheet, config: &Config) {
    for role in &config.trust.require_smime {
        let holders: Vec<_> = config.people.iter().filter(|p| p.roles.contains(role)).collect();
        if holders.is_empty() {
            sheet.mistake("trust.require_smime", format!("nobody has the role `{role}`"), "write a role that stands in somebody's roles");
        }
        for person in holders.iter().filter(|p| p.certificate.is_none()) {
            let what = format!("`{}`, who is {role}, has no certificate", person.id);
            sheet.mistake("trust.require_smime", what, "add certificate_file to that person, or leave the role out");
        }
    }
}

/// Certificates that are not valid at a moment (UTC seconds) or end within thirty days of it, where they were written.
pub(super) fn certificates(config: &Config, now: i64) -> Vec<Mistake> {
    const SOON: i64 = 30 * 86_400;
    let mut found = Vec::new();
    for (index, person) in config.people.iter().enumerate() {
        let Some(certificate) = &person.certificate else { continue };
        let what = match certificate {
            c if c.not_after < now => "has expired: signatures by it count no more",
            c if now < c.not_before => "is not valid yet",
            c if c.not_after < now + SOON => "expires within thirty days",
            _ => continue,
        };
        let key = format!("people[{index}].certificate_file");
        let place = config.places.get(&key).cloned().unwrap_or(Place::Env(String::new()));
        let what = format!("the certificate of {} {what}", person.id);
        found.push(Mistake { place, key, what, hint: "put that person's new certificate there".to_owned() });
    }
    found
}

/// Roles that the profile does not know, where they were written.
pub(super) fn roles(config: &Config, known: &[&str]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (index, person) in config.people.iter().enumerate() {
        for role in person.roles.iter().filter(|role| !known.contains(&role.as_str())) {
            let key = format!("people[{index}].roles");
            let place = config.places.get(&key).cloned().unwrap_or(Place::Env(String::new()));
            let hint = match nearest(role, known.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("the profile knows {}", known.join(", ")),
            };
            mistakes.push(Mistake { place, key, what: format!("the profile knows no role `{role}`"), hint });
        }
    }
    mistakes
}
