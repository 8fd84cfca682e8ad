//! People who left the house or their unit between two starts (R81): the directory of the last start is kept and compared. Whatever
//! waited for them is asked of somebody who is there; their open cases go to the head. Called at each start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::carry_out::{Carried, Job};
use super::{Desk, Error};
use crate::domain::{Actor, Case, Event, EventKind, PersonId, UnitId, transition};
use crate::store::{cases, meta, notes};

/// The meta key under which the last directory is kept.
const KEY: &str = "directory";
/// Tries before a case that somebody else keeps changing is left to the next start.
const TRIES: usize = 8;

/// Who belonged where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Roll {
    people: Vec<PersonId>,
    units: BTreeMap<UnitId, Vec<PersonId>>,
}

impl Desk {
    fn roll(&self) -> Roll {
        let directory = &self.office.directory;
        let members = |u: &crate::domain::directory::Unit| {
            let all = u.handlers.iter().chain(u.registrar.iter()).chain(std::iter::once(&u.head));
            all.cloned().collect()
        };
        Roll {
            people: directory.people.keys().cloned().collect(),
            units: directory.units.iter().map(|(id, u)| (id.clone(), members(u))).collect(),
        }
    }

    /// Compares the directory with that of the last start, and lets nothing wait for who is gone; says how many cases were touched.
    ///
    /// # Errors
    /// As the store says.
    pub async fn directory_changed(&self) -> Result<usize, Error> {
        let now = self.roll();
        let before = meta::get(&self.store, KEY).await?.and_then(|t| serde_json::from_str::<Roll>(&t).ok()).unwrap_or_default();
        if now == before {
            return Ok(0);
        }
        let left: Vec<PersonId> = before.people.iter().filter(|p| !now.people.contains(p)).cloned().collect();
        let moved: Vec<(PersonId, UnitId)> = before
            .units
            .iter()
            .flat_map(|(unit, people)| people.iter().map(move |p| (p.clone(), unit.clone())))
            .filter(|(p, u)| now.people.contains(p) && !now.units.get(u).is_some_and(|there| there.contains(p)))
            .collect();
        let mut touched = 0;
        for row in cases::list(&self.store, true).await? {
            touched += usize::from(self.handed_on(&super::rows::case(&row)?, &left, &moved).await?);
        }
        let mut tx = self.store.begin().await?;
        for person in &left {
            notes::tell(&mut tx, self.now(), "left", None, person.as_str()).await?;
        }
        for (person, unit) in &moved {
            notes::tell(&mut tx, self.now(), "moved", None, &format!("{} {}", person.as_str(), unit.as_str())).await?;
        }
        let text = serde_json::to_string(&now).map_err(|e| Error::Damaged { number: KEY.to_owned(), why: e.to_string() })?;
        meta::set(&mut tx, KEY, &text).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// One case in which somebody who is gone had a part; false where nobody had.
    async fn handed_on(&self, case: &Case, left: &[PersonId], moved: &[(PersonId, UnitId)]) -> Result<bool, Error> {
        for _ in 0..TRIES {
            let Some(case) = self.case_by_id(case.id.as_str()).await? else { return Ok(false) };
            let directory = &self.office.directory;
            let mut gone: Vec<PersonId> = left.to_vec();
            let asked = case.open_asks().flat_map(|a| &a.candidates).flat_map(|c| std::iter::once(&c.person).chain(c.deputises.iter()));
            gone.extend(case.handler.iter().chain(asked).filter(|p| !directory.people.contains_key(p)).cloned());
            gone.sort();
            gone.dedup();
            let part = |p: &PersonId| {
                case.handler.as_ref() == Some(p)
                    || case.open_asks().any(|a| a.candidates.iter().any(|c| &c.person == p || c.deputises.as_ref() == Some(p)))
            };
            let units = case.unit.iter().chain(&case.co_units).any(|u| !directory.units.contains_key(u));
            if !units && !gone.iter().any(&part) && !moved.iter().any(|(p, u)| part(p) && case.unit.as_ref() == Some(u)) {
                return Ok(false);
            }
            let event =
                Event { at: self.now(), actor: Actor::System, kind: EventKind::DirectoryChanged { left: gone, moved: moved.to_vec() } };
            let Ok(step) = transition(&case, &event, &self.office) else { return Ok(false) };
            let mut job = Job { key: format!("directory:{}:{}", case.id.as_str(), case.version), effects: step.effects, ..Job::default() };
            job.beside.original = self.original(&case, &job.effects).await;
            job.steps.push((event, step.case));
            job.before = Some(case);
            if let Carried::Done(_) = self.carry_out(job).await? {
                return Ok(true);
            }
        }
        Err(Error::Contended { number: case.number.clone() })
    }
}
