//! People who left, moved, lost a role or changed their address since the directory that was last looked at (R81): that one is kept and
//! compared, at each start and after each approved list. What waited for them is asked of somebody who is there, and who takes over
//! gets a list of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::carry_out::{Carried, Job};
use super::{Desk, Error};
use crate::domain::directory::UNIT_HEAD;
use crate::domain::{Actor, Case, Effect, Event, EventKind, Letter, PersonId, Recipient, RoleId, UnitId, approval, transition};
use crate::render::{Body, Row};
use crate::store::{meta, notes};

/// The meta key under which the last directory is kept.
const KEY: &str = "directory";
/// The meta key under which its edition is kept.
const EDITION: &str = "directory/edition";
/// Tries before a case that somebody else keeps changing is left to the next start.
const TRIES: usize = 8;

/// Who belonged where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Roll {
    people: Vec<PersonId>,
    units: BTreeMap<UnitId, Vec<PersonId>>,
    /// Name and address.
    #[serde(default)]
    known: BTreeMap<PersonId, (String, String)>,
    #[serde(default)]
    roles: BTreeMap<RoleId, Vec<PersonId>>,
    #[serde(default)]
    heads: BTreeMap<UnitId, PersonId>,
}

/// How one roll differs from another.
struct Changes {
    left: Vec<PersonId>,
    moved: Vec<(PersonId, UnitId)>,
    readdressed: Vec<PersonId>,
    roles: BTreeSet<RoleId>,
    heads: BTreeSet<UnitId>,
    /// As the older roll had them.
    names: BTreeMap<PersonId, String>,
}

/// What each successor takes over: whose it was, and which matters.
type Lists = BTreeMap<PersonId, (BTreeSet<String>, Vec<Row>)>;

impl Changes {
    fn between(before: &Roll, now: &Roll) -> Self {
        let there = |p: &PersonId| now.people.contains(p);
        let of_units = before.units.iter().flat_map(|(unit, people)| people.iter().map(move |p| (p.clone(), unit.clone())));
        let moved = of_units.filter(|(p, u)| there(p) && !now.units.get(u).is_some_and(|here| here.contains(p))).collect();
        let address = |roll: &Roll, p: &PersonId| roll.known.get(p).map(|(_, email)| email.to_lowercase());
        let readdressed = now.people.iter().filter(|p| address(before, p).is_some_and(|old| address(now, p) != Some(old)));
        let lost = |(role, people): (&RoleId, &Vec<PersonId>)| {
            let held = now.roles.get(role);
            people.iter().any(|p| !held.is_some_and(|h| h.contains(p))).then(|| role.clone())
        };
        Self {
            left: before.people.iter().filter(|p| !there(p)).cloned().collect(),
            moved,
            readdressed: readdressed.cloned().collect(),
            roles: before.roles.iter().filter_map(lost).collect(),
            heads: before.heads.iter().filter(|(u, head)| now.heads.get(*u) != Some(head)).map(|(u, _)| u.clone()).collect(),
            names: before.known.iter().map(|(p, (name, _))| (p.clone(), name.clone())).collect(),
        }
    }
}

impl Desk {
    fn roll(&self) -> Roll {
        let directory = &self.office.directory;
        let members = |u: &crate::domain::directory::Unit| {
            let all = u.handlers.iter().chain(u.registrar.iter()).chain(std::iter::once(&u.head));
            all.filter(|p| directory.people.contains_key(p)).cloned().collect()
        };
        let mut roles: BTreeMap<RoleId, Vec<PersonId>> = BTreeMap::new();
        for person in directory.people.values() {
            for role in &person.roles {
                roles.entry(role.clone()).or_default().push(person.id.clone());
            }
        }
        Roll {
            people: directory.people.keys().cloned().collect(),
            units: directory.units.iter().map(|(id, u)| (id.clone(), members(u))).collect(),
            known: directory.people.iter().map(|(id, p)| (id.clone(), (p.name.clone(), p.email.clone()))).collect(),
            roles,
            heads: directory.units.iter().map(|(id, u)| (id.clone(), u.head.clone())).collect(),
        }
    }

    /// Takes up a newer list, should there be one, and lets nothing wait for who is gone by it, or by a config that was edited; says how
    /// many cases were touched. At each start and each turn.
    ///
    /// # Errors
    /// As the store says.
    pub async fn hand_on(&self) -> Result<usize, Error> {
        self.take_up_directory().await?;
        if meta::get(&self.store, EDITION).await?.as_ref() == Some(&self.office.directory.edition) {
            return Ok(0);
        }
        Box::pin(self.directory_changed()).await
    }

    /// Compares the directory with the one that was last looked at, and lets nothing wait for who is gone; says how many cases were touched.
    ///
    /// # Errors
    /// As the store says.
    async fn directory_changed(&self) -> Result<usize, Error> {
        let now = self.roll();
        let kept = meta::get(&self.store, KEY).await?;
        let before: Roll = kept.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
        let mut touched = 0;
        if now != before {
            let changes = Changes::between(&before, &now);
            let mut lists = Lists::new();
            for case in self.open_cases().await? {
                touched += usize::from(Box::pin(self.handed_on(&case, &changes, &mut lists)).await?);
            }
            Box::pin(self.send_lists(lists)).await?;
            self.note_changes(&changes).await?;
        }
        let since = self.rights_noted().await?;
        let text = serde_json::to_string(&now).map_err(|e| Error::Damaged { number: KEY.to_owned(), why: e.to_string() })?;
        let mut tx = self.store.begin().await?;
        meta::set(&mut tx, KEY, &text).await?;
        meta::set(&mut tx, super::people_review::SINCE, &since).await?;
        meta::set(&mut tx, EDITION, &self.office.directory.edition).await?;
        tx.commit().await?;
        Ok(touched)
    }

    async fn note_changes(&self, changes: &Changes) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        for person in &changes.left {
            notes::tell(&mut tx, self.now(), "left", None, person.as_str()).await?;
        }
        for (person, unit) in &changes.moved {
            notes::tell(&mut tx, self.now(), "moved", None, &format!("{} {}", person.as_str(), unit.as_str())).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// One case in which somebody who is gone had a part; false where nobody had.
    async fn handed_on(&self, case: &Case, changes: &Changes, lists: &mut Lists) -> Result<bool, Error> {
        for _ in 0..TRIES {
            let Some(case) = self.case_by_id(case.id.as_str()).await? else { return Ok(false) };
            let Some(kind) = self.concerns(&case, changes) else { return Ok(false) };
            let event = Event { at: self.now(), actor: Actor::System, kind };
            let Ok(step) = transition(&case, &event, &self.office) else { return Ok(false) };
            let mut job = Job { key: format!("directory:{}:{}", case.id.as_str(), case.version), effects: step.effects, ..Job::default() };
            job.beside.original = self.original(&case, &job.effects).await;
            job.steps.push((event, step.case));
            let taken = self.taken_over(&case, &job.effects, changes);
            job.before = Some(case);
            if let Carried::Done(_) = Box::pin(self.carry_out(job)).await? {
                for (person, names, row) in taken {
                    let list = lists.entry(person).or_default();
                    list.0.extend(names);
                    list.1.push(row);
                }
                return Ok(true);
            }
        }
        Err(Error::Contended { number: case.number.clone() })
    }

    /// What the change means for a case; none where it means nothing.
    fn concerns(&self, case: &Case, changes: &Changes) -> Option<EventKind> {
        let directory = &self.office.directory;
        let there = |p: &PersonId| directory.people.contains_key(p);
        let mut left: Vec<PersonId> = changes.left.clone();
        // Whoever has a part and is not there is gone, whether or not anybody saw him go.
        let asked = case.open_asks().flat_map(|a| &a.candidates).flat_map(|c| std::iter::once(&c.person).chain(c.deputises.iter()));
        let calls = case.open_calls().flat_map(|t| std::iter::once(&t.caller.person).chain(&t.people).chain(t.caller.deputises.iter()));
        let parts: BTreeSet<&PersonId> = case.handler.iter().chain(asked).chain(calls).collect();
        left.extend(parts.iter().copied().filter(|p| !there(p)).cloned());
        left.sort();
        left.dedup();
        let mut roles: Vec<RoleId> = changes.roles.iter().cloned().collect();
        roles.extend(case.unit.iter().any(|u| changes.heads.contains(u)).then(|| RoleId(UNIT_HEAD.to_owned())));
        let procedure = &self.office.procedure;
        let requests = case.extension_asked.is_some() && roles.contains(&procedure.extension.approver)
            || case.disclosures.iter().any(crate::domain::case::Disclosure::is_open) && roles.contains(&procedure.disclosure.approver);
        let units = case.unit.iter().chain(&case.co_units).any(|u| !directory.units.contains_key(u));
        let gone = parts.iter().any(|p| !there(p) || changes.readdressed.contains(p));
        let moved = changes.moved.iter().any(|(p, u)| parts.contains(p) && case.unit.as_ref() == Some(u));
        let outdated = case.open_asks().any(|a| approval::outdated(case, a, self.now(), &self.office));
        (units || gone || moved || outdated || requests).then(|| EventKind::DirectoryChanged {
            left,
            moved: changes.moved.clone(),
            readdressed: changes.readdressed.clone(),
            roles,
        })
    }

    /// Who takes over what, by the letters that the step sends: the person, whose it was, the line of his list.
    fn taken_over(&self, case: &Case, effects: &[Effect], changes: &Changes) -> Vec<(PersonId, Vec<String>, Row)> {
        let name = |p: &PersonId| changes.names.get(p).map_or_else(|| self.office.directory.name_of(p), String::as_str).to_owned();
        let unit = case.unit.as_ref().and_then(|u| self.office.directory.units.get(u)).map_or("", |u| u.name.as_str());
        let label = format!("{}　{unit}", case.number).trim_end().to_owned();
        let mut out = Vec::new();
        for effect in effects {
            let Effect::Send { to: Recipient::Person(standing), letter, .. } = effect else { continue };
            let Some((key, title, whose)) = self.matter(case, letter, &standing.person, &name) else { continue };
            let own = whose.iter().all(|w| *w == name(&standing.person));
            let who = if whose.is_empty() { "—".to_owned() } else { whose.join("、") };
            let what = self.word(&format!("directory.{key}")).replace("{title}", title).replace("{name}", &who);
            out.push((standing.person.clone(), if own { Vec::new() } else { whose }, Row::new(label.clone(), what)));
        }
        out
    }

    /// What a letter hands over: a label's key, the step's title, whose it was.
    fn matter<'a>(
        &self,
        case: &'a Case,
        letter: &Letter,
        to: &PersonId,
        name: &impl Fn(&PersonId) -> String,
    ) -> Option<(&'static str, &'a str, Vec<String>)> {
        let handler = || case.handler.iter().map(name).collect();
        if let Letter::Forward = letter {
            return Some(("handler", "", handler()));
        }
        if let Letter::Triage { .. } = letter {
            return Some(("assign", "", handler()));
        }
        if let Letter::ApprovalRequest { ask } = letter {
            let asked = case.asks.iter().find(|a| a.ask == *ask)?;
            let now = |p: &PersonId| p == to || approval_stands(self, case, p, *ask);
            let whose = asked.candidates.iter().map(|c| &c.person).filter(|p| !now(p)).map(name).collect();
            return Some(("step", asked.title.as_str(), whose));
        }
        if let Letter::CallTask { task } = letter {
            let found = case.call_tasks.iter().find(|t| t.task == *task);
            return Some(("call", "", found.map(|t| name(&t.caller.person)).into_iter().collect()));
        }
        if let Letter::ExtensionAsked = letter {
            return Some(("extension", "", Vec::new()));
        }
        matches!(letter, Letter::IdentityAsked { .. }).then(|| ("disclosure", "", Vec::new()))
    }

    async fn send_lists(&self, lists: Lists) -> Result<(), Error> {
        let mailbox = self.settings.mailboxes.first().map(|m| m.address.clone()).unwrap_or_default();
        let key = format!("handed_over:{}:{}", self.office.directory.edition, self.now().unix());
        let mut direct = Vec::new();
        for (person, (names, rows)) in lists {
            let body = Body::HandedOver { names: names.into_iter().collect(), rows };
            direct.extend(self.about_nothing(&person, &body, &mailbox, format!("{key}:{}", person.as_str())));
        }
        if !direct.is_empty() {
            self.carry_out(Job { key, direct, ..Job::default() }).await?;
        }
        Ok(())
    }
}

/// Whether somebody may decide a step still.
fn approval_stands(desk: &Desk, case: &Case, person: &PersonId, ask: u32) -> bool {
    let only = |a: &approval::Ask| {
        let mut a = a.clone();
        a.candidates.retain(|c| &c.person == person);
        a
    };
    case.asks.iter().find(|a| a.ask == ask).map(only).is_some_and(|a| !approval::outdated(case, &a, desk.now(), &desk.office))
}
