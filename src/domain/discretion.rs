//! Who is kept off a case, and who takes his place: people who are complained about, and shared inboxes of sealed cases (R79, R89).
//! Part of the directory; asked by `transition` for rights and by `Work::done` for every letter. Decides no procedure.

use jiff::civil::Date;

use super::case::Case;
use super::directory::{Directory, SECRETARIAT, Standing, UNIT_HEAD};
use super::effect::Recipient;
use super::ids::{PersonId, RoleId, UnitId};

impl Directory {
    /// Whether neither he nor the one he stands in for is complained about.
    #[must_use]
    pub fn free_of(&self, standing: &Standing, case: &Case) -> bool {
        !case.accuses(&standing.person) && !standing.deputises.as_ref().is_some_and(|p| case.accuses(p))
    }

    /// The office as far as this case is concerned: without who is complained about; where nobody is left, the next person up.
    #[must_use]
    pub fn office_of(&self, case: &Case, day: Date) -> Vec<Standing> {
        let mut found = self.secretariat(day);
        found.retain(|s| self.free_of(s, case));
        if found.is_empty() { self.next_up(SECRETARIAT, case, day) } else { found }
    }

    /// Whether `person` acts for the office in this case, himself or as a deputy on `day`.
    #[must_use]
    pub fn is_office(&self, person: &PersonId, case: &Case, day: Date) -> bool {
        let own = self.with_role(&RoleId(SECRETARIAT.to_owned())).contains(person);
        !case.accuses(person) && (own || self.office_of(case, day).iter().any(|s| &s.person == person))
    }

    /// The next person up from a role: the holders of the first rung above it who are not complained about.
    #[must_use]
    pub fn next_up(&self, role: &str, case: &Case, day: Date) -> Vec<Standing> {
        let rung = self.ladder.iter().position(|r| r.as_str() == role).map_or(0, |at| at + 1);
        for above in self.ladder.iter().skip(rung).filter(|r| r.as_str() != SECRETARIAT && r.as_str() != UNIT_HEAD) {
            let mut found: Vec<Standing> = self.with_role(above).iter().map(|p| self.standing(p, day)).collect();
            found.retain(|s| self.free_of(s, case));
            found.dedup_by(|a, b| a.person == b.person);
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The named person to whom a unit's letters go where its shared inbox may not have them: its head, that of the
    /// unit above it, else the next person up.
    #[must_use]
    pub fn in_charge(&self, unit: &UnitId, case: &Case, day: Date) -> Option<Standing> {
        let mut heads = self.upwards(unit).map(|u| self.standing(&u.head, day));
        let head = heads.find(|s| self.people.contains_key(&s.person) && self.free_of(s, case));
        head.or_else(|| self.next_up(UNIT_HEAD, case, day).into_iter().next())
    }

    /// Whether a unit's shared inbox may have letters of this case: no sealed one, and none about somebody who may read it. One's own
    /// complaint goes there as any other (INTERFACE.md, Letters); it gives its writer no part in the case.
    #[must_use]
    pub fn inbox_may_read(&self, unit: &UnitId, case: &Case) -> bool {
        !case.sealed && !self.units.get(unit).is_some_and(|u| case.accused.iter().any(|p| u.belongs(p)))
    }

    /// Whether `person` stands in a unit's place because its own head may not.
    pub(super) fn stands_in(&self, person: &PersonId, unit: &UnitId, case: &Case, day: Date) -> bool {
        let head = self.units.get(unit).is_some_and(|u| case.accuses(&u.head));
        head && self.in_charge(unit, case, day).is_some_and(|s| &s.person == person)
    }

    /// Who gets a letter in the end: nobody who is complained about, a named person where the inbox may not have it.
    #[must_use]
    pub fn redirected(&self, to: &Recipient, case: &Case, day: Date) -> Vec<Recipient> {
        match to {
            Recipient::Complainant | Recipient::PasserOn => vec![to.clone()],
            Recipient::Person(standing) if self.free_of(standing, case) => vec![to.clone()],
            Recipient::Person(_) => Vec::new(),
            Recipient::Unit(unit) if self.inbox_may_read(unit, case) => vec![to.clone()],
            Recipient::Unit(unit) => match self.in_charge(unit, case, day) {
                Some(standing) => vec![Recipient::Person(standing)],
                None => self.office_of(case, day).into_iter().map(Recipient::Person).collect(),
            },
        }
    }
}
