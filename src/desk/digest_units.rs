//! The digests of units' heads and handlers (R30): what of theirs is due or waits for their word. Who has nothing pressing gets none.
//! Called by `digest` beside the secretariat's.

use std::collections::BTreeSet;

use super::Desk;
use super::outgoing::Outgoing;
use super::views::Sight;
use crate::calendar::Moment;
use crate::domain::{Case, PersonId, UnitId};
use crate::render::{Body, Count, DigestLine, DigestSection};

impl Desk {
    /// One letter for each head, registrar or handler who has something to do; the secretariat has its own digest.
    pub(super) fn unit_digests(&self, open: &[Case], now: Moment, key: &str) -> Vec<Outgoing> {
        let directory = &self.office.directory;
        let day = self.office.day(now);
        let mut people: BTreeSet<PersonId> = BTreeSet::new();
        for unit in directory.units.values() {
            people.extend(unit.handlers.iter().chain(&unit.registrar).chain(std::iter::once(&unit.head)).cloned());
        }
        // Who is away is told through his deputy, once.
        let readers: BTreeSet<PersonId> = people.iter().map(|p| directory.standing(p, day).person).collect();
        let readers = readers.into_iter().filter(|p| !directory.is_secretariat(p, day));
        readers
            .filter_map(|p| {
                self.unit_digest(&p, open, now).and_then(|body| self.about_nothing(&p, &body, "", format!("{key}:{}", p.as_str())))
            })
            .collect()
    }

    fn unit_digest(&self, person: &PersonId, open: &[Case], now: Moment) -> Option<Body> {
        let own: Vec<Case> = open.iter().filter(|case| self.is_his(person, case, now)).cloned().collect();
        let mut sections: Vec<DigestSection> = self.due_sections(&own, now);
        let asked: Vec<&Case> = open.iter().filter(|case| case.open_asks().any(|a| a.candidate(person).is_some())).collect();
        sections.push(self.section_of("waiting_approval", &asked, now));
        sections.retain(|s| s.count > 0);
        for line in sections.iter_mut().flat_map(|s| &mut s.lines) {
            if let Some(case) = open.iter().find(|c| c.number == line.number) {
                self.as_seen_by(person, case, line, now);
            }
        }
        if sections.is_empty() {
            return None;
        }
        let zoned = now.zoned(self.office.calendar.zone());
        Some(Body::Digest {
            date: self.stamp(now),
            weekday: self.word(&format!("weekday.{}", zoned.weekday().to_monday_one_offset())),
            counts: sections.iter().map(|s| Count { kind: s.kind.clone(), count: s.count }).collect(),
            sections,
            health: Vec::new(),
            ledger: None,
            head: None,
        })
    }

    /// A handler's own cases; all of a unit's for its head and registrar, and those of the units below it.
    /// A mask helps to tell cases apart where the name may be known in part; where it may not, nothing of it stands.
    fn as_seen_by(&self, person: &PersonId, case: &Case, line: &mut DigestLine, now: Moment) {
        if self.sight_of(case, person, now) != Sight::Hidden {
            return;
        }
        line.name = None;
        if !case.confidential {
            let subject = case.subject.reveal();
            line.note = line.note.replace(&self.for_lists(case, subject), &self.without_names(case, subject, Sight::Hidden));
        }
    }

    fn is_his(&self, person: &PersonId, case: &Case, now: Moment) -> bool {
        if case.accused.contains(person) {
            return false;
        }
        let directory = &self.office.directory;
        let day = self.office.day(now);
        let stands = |p: &PersonId| p == person || &directory.standing(p, day).person == person;
        if case.handler.as_ref().is_some_and(stands) {
            return true;
        }
        let leads = |unit: &UnitId| directory.units.get(unit).is_some_and(|u| stands(&u.head) || u.registrar.as_ref().is_some_and(stands));
        let Some(unit) = &case.unit else { return false };
        let untaken = case.handler.is_none() && directory.units.get(unit).is_some_and(|u| u.handlers.iter().any(stands));
        untaken || directory.upwards(unit).any(|u| leads(&u.id))
    }
}
