//! People, units and roles: who stands in for whom on which day, who may do what on which case (R16, R36, R71).
//! Filled from the config; asked by `transition`. Knows nothing of mail proofs: those are judged before an event is made.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::ids::{PersonId, RoleId, UnitId};

/// Somebody of the office or of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id in the config.
    pub id: PersonId,
    /// The name as printed.
    pub name: String,
    /// The one address that counts as his.
    pub email: String,
    /// The roles he holds.
    pub roles: Vec<RoleId>,
    /// 職稱.
    pub title: String,
    /// 分機.
    pub extension: String,
    /// A telephone for calls and short messages; may be empty.
    pub phone: String,
    /// Days on which somebody stands in for him.
    pub away: Vec<Away>,
}

/// Days on which a deputy stands in (職務代理), both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Who stands in.
    pub deputy: PersonId,
}

/// An organisational unit that handles cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The id in the config.
    pub id: UnitId,
    /// The name as printed.
    pub name: String,
    /// Where forwards go.
    pub inbox: String,
    /// 單位主管.
    pub head: PersonId,
    /// 總收發, who passes a case on to a handler.
    pub registrar: Option<PersonId>,
    /// 承辦人.
    pub handlers: Vec<PersonId>,
    /// Words that name this unit's business.
    pub keywords: Vec<String>,
    /// Where complainants reach it by telephone; may be empty.
    pub phone: String,
    /// The unit above, where this is a part of one (R71).
    pub parent: Option<UnitId>,
}

impl Unit {
    /// Whether somebody is its head, its registrar or one of its handlers.
    #[must_use]
    pub fn belongs(&self, person: &PersonId) -> bool {
        &self.head == person || self.registrar.as_ref() == Some(person) || self.handlers.contains(person)
    }
}

/// All people and units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// By id.
    pub people: BTreeMap<PersonId, Person>,
    /// By id.
    pub units: BTreeMap<UnitId, Unit>,
    /// The roles of the profile's longest chain, lowest first: who is asked in place of somebody who is complained about.
    #[serde(default)]
    pub ladder: Vec<RoleId>,
    /// Which directory it is, as records of decisions name it (`roster::edition`).
    #[serde(default)]
    pub edition: String,
    /// The names of who left, for papers that they signed.
    #[serde(default)]
    pub former: BTreeMap<PersonId, String>,
}

/// A person who is asked or who acts, and for whom he stands in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Standing {
    /// Who writes the mail.
    pub person: PersonId,
    /// Whom he stands in for (○○○代), when he is a deputy.
    pub deputises: Option<PersonId>,
}

/// The role of the office that owns the process.
pub const SECRETARIAT: &str = "secretariat";
/// The role that stands for the head of the case's unit.
pub const UNIT_HEAD: &str = "unit_head";
/// The role that stands for the case's handler.
pub const HANDLER: &str = "handler";

impl Directory {
    /// The name of somebody who is or was in it; the id of anybody else.
    #[must_use]
    pub fn name_of<'a>(&'a self, person: &'a PersonId) -> &'a str {
        let there = self.people.get(person).map(|p| p.name.as_str());
        there.or_else(|| self.former.get(person).map(String::as_str)).unwrap_or(person.as_str())
    }

    /// Who has this address; case does not matter.
    #[must_use]
    pub fn by_email(&self, address: &str) -> Option<&Person> {
        let address = address.trim();
        self.people.values().find(|p| p.email.eq_ignore_ascii_case(address))
    }

    /// Whose inbox this is.
    #[must_use]
    pub fn unit_by_inbox(&self, address: &str) -> Option<&Unit> {
        let address = address.trim();
        self.units.values().find(|u| u.inbox.eq_ignore_ascii_case(address))
    }

    /// A unit and those above it, the nearest first; a circle ends.
    pub fn upwards<'a>(&'a self, unit: &UnitId) -> impl Iterator<Item = &'a Unit> {
        let mut seen = Vec::new();
        let first = self.units.get(unit);
        std::iter::successors(first, move |unit| {
            seen.push(unit.id.clone());
            unit.parent.as_ref().filter(|above| !seen.contains(above)).and_then(|above| self.units.get(above))
        })
    }

    /// Whether `below` is a part of `above`, at any depth.
    #[must_use]
    pub fn is_below(&self, below: &UnitId, above: &UnitId) -> bool {
        self.upwards(below).skip(1).any(|unit| &unit.id == above)
    }

    /// A unit by id or by name, as people write it.
    #[must_use]
    pub fn unit_named(&self, text: &str) -> Option<&Unit> {
        let text = text.trim();
        self.units.values().find(|u| u.id.as_str().eq_ignore_ascii_case(text) || u.name == text)
    }

    /// A person by id, name or address, as people write it.
    #[must_use]
    pub fn person_named(&self, text: &str) -> Option<&Person> {
        let text = text.trim();
        self.people.values().find(|p| p.id.as_str().eq_ignore_ascii_case(text) || p.name == text || p.email.eq_ignore_ascii_case(text))
    }

    /// Who does a person's work on `day`: himself, or the end of the chain of deputies.
    #[must_use]
    pub fn standing(&self, person: &PersonId, day: Date) -> Standing {
        let mut at = person;
        for _ in 0..self.people.len() {
            let Some(away) = self.people.get(at).and_then(|p| p.away.iter().find(|a| a.from <= day && day <= a.to)) else { break };
            at = &away.deputy;
        }
        Standing { person: at.clone(), deputises: (at != person).then(|| person.clone()) }
    }

    /// Everybody who holds `role` for `case` on `day`, deputies in place of who is away. An added role that nobody holds
    /// falls to the office (INTERFACE.md `[[people]] roles`).
    #[must_use]
    pub fn holders(&self, role: &RoleId, case: &Case, day: Date) -> Vec<Standing> {
        let mut found: Vec<Standing> = self.principals(role, case).iter().map(|p| self.standing(p, day)).collect();
        // A unit whose head has left has none until the list names another.
        found.retain(|s| self.people.contains_key(&s.person) && self.free_of(s, case));
        found.sort();
        found.dedup_by(|a, b| a.person == b.person);
        found
    }

    /// Who holds any of `roles` on `day`. A role that nobody holds falls to the office only where nobody holds any of them:
    /// 校長或副校長 is no office's while there is a 校長.
    #[must_use]
    pub fn any_holders(&self, roles: &[RoleId], case: &Case, day: Date) -> Vec<Standing> {
        let given = |role: &&RoleId| matches!(role.as_str(), UNIT_HEAD | HANDLER) || !self.with_role(role).is_empty();
        let found: Vec<Standing> = roles.iter().filter(given).flat_map(|role| self.holders(role, case, day)).collect();
        if !found.is_empty() {
            return found;
        }
        roles.iter().flat_map(|role| self.holders(role, case, day)).collect()
    }

    fn principals(&self, role: &RoleId, case: &Case) -> Vec<PersonId> {
        let unit = case.unit.as_ref().and_then(|u| self.units.get(u));
        match role.as_str() {
            UNIT_HEAD => unit.map(|u| vec![u.head.clone()]).unwrap_or_default(),
            HANDLER => case.handler.clone().map(|h| vec![h]).unwrap_or_default(),
            _ => {
                let holders = self.with_role(role);
                if holders.is_empty() { self.with_role(&RoleId(SECRETARIAT.to_owned())) } else { holders }
            }
        }
    }

    /// Who is given `role` in the config.
    #[must_use]
    pub fn with_role(&self, role: &RoleId) -> Vec<PersonId> {
        self.people.values().filter(|p| p.roles.contains(role)).map(|p| p.id.clone()).collect()
    }

    /// Whether `person` belongs to the secretariat, himself or as a deputy on `day`.
    #[must_use]
    pub fn is_secretariat(&self, person: &PersonId, day: Date) -> bool {
        self.secretariat(day).iter().any(|s| &s.person == person) || self.with_role(&RoleId(SECRETARIAT.to_owned())).contains(person)
    }

    /// The secretariat on `day`.
    #[must_use]
    pub fn secretariat(&self, day: Date) -> Vec<Standing> {
        let mut found: Vec<Standing> = self.with_role(&RoleId(SECRETARIAT.to_owned())).iter().map(|p| self.standing(p, day)).collect();
        found.sort();
        found.dedup_by(|a, b| a.person == b.person);
        found
    }

    /// Whether `person` may handle the case: one of its unit's people, a deputy of one on `day`, or whom it was given to.
    #[must_use]
    pub fn may_handle(&self, person: &PersonId, case: &Case, day: Date) -> bool {
        let units = || case.unit.iter().chain(&case.co_units);
        let own = self.stands_for(person, &self.people_of(case, units()), day);
        !case.accuses(person) && (own || units().any(|u| self.stands_in(person, u, case, day)))
    }

    /// Whether `person` belongs to whom the case was given to in the first place: what a co-handling unit (會辦) adds is kept,
    /// but it neither proposes the answer nor passes the case on.
    #[must_use]
    pub fn may_lead(&self, person: &PersonId, case: &Case, day: Date) -> bool {
        let own = self.stands_for(person, &self.people_of(case, case.unit.iter()), day);
        !case.accuses(person) && (own || case.unit.iter().any(|u| self.stands_in(person, u, case, day)))
    }

    fn stands_for(&self, person: &PersonId, people: &[PersonId], day: Date) -> bool {
        people.iter().any(|p| p == person || &self.standing(p, day).person == person)
    }

    fn people_of<'a>(&self, case: &Case, units: impl Iterator<Item = &'a UnitId>) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = case.handler.iter().cloned().collect();
        for unit in units.filter_map(|u| self.units.get(u)) {
            // A sealed case knows its named persons alone.
            if !case.sealed {
                people.extend(unit.handlers.iter().cloned());
                people.extend(unit.registrar.iter().cloned());
            }
            people.push(unit.head.clone());
        }
        people.retain(|p| !case.accuses(p));
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn person(id: &str, away: Vec<Away>) -> (PersonId, Person) {
        let id = PersonId(id.into());
        let one = Person {
            id: id.clone(),
            name: id.0.clone(),
            email: format!("{}@kmu.example", id.0),
            roles: vec![],
            title: String::new(),
            extension: String::new(),
            phone: String::new(),
            away,
        };
        (id, one)
    }

    #[test]
    fn a_deputy_of_a_deputy_stands_in_and_a_circle_ends() {
        let days = |to: &str| vec![Away { from: date(2026, 12, 1), to: date(2026, 12, 5), deputy: PersonId(to.into()) }];
        let mut directory =
            Directory { people: [person("a", days("b")), person("b", days("c")), person("c", vec![])].into(), ..Directory::default() };
        let a = PersonId("a".into());
        assert_eq!(directory.standing(&a, date(2026, 12, 5)).person.0, "c");
        assert_eq!(directory.standing(&a, date(2026, 12, 6)), Standing { person: a.clone(), deputises: None });
        directory.people.extend([person("c", days("a"))]);
        let _ends = directory.standing(&a, date(2026, 12, 2));
    }
}
