//! Acts that one person alone does not do (RELIABILITY §3, L3): who the second person is and what he is asked, and the change of a
//! complainant's address with its two letters. What the answer to such a question brings about is `staff_mail`'s.

use super::carry_out::Job;
use super::matching::Belongs;
use super::outgoing::Outgoing;
use super::proofs::hash;
use super::{Desk, Error};
use crate::domain::event::Act;
use crate::domain::{Case, Letter, PersonId, Recipient};
use crate::render::Body;
use crate::store::inbox::InboxRow;
use crate::store::pending::{self, PendingAct};

/// What is asked of a second person, as the templates name it.
const ADDRESS: &str = "address";

impl Desk {
    /// Whether an act would send a complainant's letters elsewhere than to the address that he wrote from (T13).
    pub(super) fn moves_address(&self, case: &Case, act: &Act) -> bool {
        let Act::Set { field, value } = act else { return false };
        let known = case.complainant.address.as_ref();
        self.office.procedure.is_address_field(field) && known.is_some_and(|a| !a.reveal().eq_ignore_ascii_case(value.reveal().trim()))
    }

    /// Who may be the second person beside `first`: the rest of the office; where there is none, whoever may allow 調閱個資.
    pub(super) fn second_people(&self, first: &PersonId, case: &Case) -> Vec<PersonId> {
        let day = self.office.day(self.now());
        let directory = &self.office.directory;
        let others = |standings: Vec<crate::domain::directory::Standing>| -> Vec<PersonId> {
            standings.into_iter().map(|s| s.person).filter(|p| p != first && !case.accuses(p)).collect()
        };
        let office = others(directory.secretariat(day));
        if office.is_empty() { others(directory.holders(&self.office.procedure.disclosure.approver, case, day)) } else { office }
    }

    /// Asks the second people whether an act may be done that its person has confirmed; false where there is nobody to ask.
    pub(super) async fn ask_second(&self, job: &mut Job, belongs: &Belongs, person: &PersonId, row: &InboxRow) -> Result<bool, Error> {
        let by = self.office.directory.people.get(person).map_or_else(String::new, |p| p.name.clone());
        let mut asked = false;
        for second in self.second_people(person, &belongs.case) {
            let Some(token) = self.unused_nonce(belongs, &second).await? else { continue };
            let body = Body::SecondPerson {
                act: ADDRESS.to_owned(),
                by: by.clone(),
                number: belongs.case.number.clone(),
                rows: Vec::new(),
                at: self.stamp(row.internal_at),
            };
            let key = format!("mail:{}:second:{}", row.id, second.as_str());
            let Some(letter) = self.question(belongs, &second, body, (row, key), token) else { continue };
            job.direct.push(letter);
            job.pending.push(PendingAct {
                id: self.chance.ulid(self.now()),
                person: second.as_str().to_owned(),
                inbox_id: row.id.clone(),
                nonce_hash: hash(&self.keyring.seal(&token)),
                at: self.now(),
                state: pending::WAITING.to_owned(),
            });
            asked = true;
        }
        Ok(asked)
    }

    /// The two letters of a changed address: to the old one, so that who reads it can object, and to the new one. Neither holds
    /// more than the number, and the old one does not learn the new.
    pub(super) fn address_letters(&self, before: &Case, after: &Case, mailbox: &str, key: &str) -> Result<Vec<Outgoing>, Error> {
        let address = |case: &Case| case.complainant.address.as_ref().map(|a| a.reveal().to_lowercase());
        if address(before).is_none() || address(before) == address(after) {
            return Ok(Vec::new());
        }
        // The person inside a mail that was passed on gets his receipt; who passed it on is told nothing of him (R59).
        let unlooked = |case: &Case| case.passed_on.as_ref().is_some_and(|p| p.person.is_some());
        if unlooked(before) && !unlooked(after) {
            return Ok(Vec::new());
        }
        let beside = super::letters::Beside { mailbox: mailbox.to_owned(), ..super::letters::Beside::default() };
        let mut out = Vec::new();
        for (case, old) in [(before, true), (after, false)] {
            let key = format!("{key}:address:{}", if old { "old" } else { "new" });
            // Written as any letter to a complainant is, with words of its own.
            let Some(mut letter) = self.prepare(case, &Recipient::Complainant, &Letter::Closing, None, key, &beside)? else { continue };
            letter.letter.body = Body::AddressChanged { old };
            letter.letter.buttons.clear();
            letter.letter.body.kind().folder().clone_into(&mut letter.kind);
            out.push(letter);
        }
        Ok(out)
    }
}
