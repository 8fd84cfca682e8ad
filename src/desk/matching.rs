//! Which case a mail belongs to, and as whom its sender writes: by token, by thread, by the subject's number, in this order (R5).
//! A number alone lets nobody near a case: its sender must be a party.

use super::{Desk, Error, Mailbox, keys};
use crate::domain::{Case, PersonId};
use crate::mail::Inbound;
use crate::store::{cases, inbox::InboxRow, threads};
use crate::trust::{self, Findings, Sources, Token, TokenKind};

/// How a mail was led to its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Via {
    /// A token of ours.
    Token(Token),
    /// An id that we know.
    Thread,
    /// The number in the subject.
    Subject,
}

/// As whom a mail's sender writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Writer {
    /// The complainant of this case.
    Complainant,
    /// Somebody of the directory.
    Staff(PersonId),
    /// A unit's inbox: it proves nobody.
    UnitInbox,
    /// Anybody else.
    Stranger,
}

/// A mail and its case.
#[derive(Debug, Clone)]
pub(super) struct Belongs {
    pub case: Case,
    pub via: Via,
    pub writer: Writer,
    /// The token that may carry an act, if there is one.
    pub acting: Option<Token>,
}

impl Desk {
    /// The case of a mail; none: it opens a new one.
    pub(super) async fn belongs(&self, mail: &Inbound, row: &InboxRow) -> Result<Option<Belongs>, Error> {
        let findings = self.findings(mail);
        let acting = findings.acting().map(|f| f.token);
        if let Some(found) = findings.best()
            && found.token.case_serial > 0
            && let Some(case) = self.case_by_serial(found.token.case_serial).await?
        {
            return Ok(Some(self.by(case, Via::Token(found.token), mail, acting)));
        }
        if let Some(case) = self.by_thread(mail, row).await? {
            let code = self.coded(mail, &case, &findings);
            let writer = self.writer(mail, &case, None);
            return Ok(Some(Belongs { case, via: Via::Thread, writer, acting: acting.or(code) }));
        }
        self.by_number(mail, &findings).await
    }

    fn by(&self, case: Case, via: Via, mail: &Inbound, acting: Option<Token>) -> Belongs {
        let token = match via {
            Via::Token(token) => Some(token),
            Via::Thread | Via::Subject => None,
        };
        let code = if acting.is_none() { self.coded(mail, &case, &self.findings(mail)) } else { None };
        let writer = self.writer(mail, &case, token);
        Belongs { case, via, writer, acting: acting.or(code) }
    }

    /// Where tokens stand in this mail.
    pub(super) fn findings(&self, mail: &Inbound) -> Findings {
        let addresses: Vec<&str> = mail
            .delivered_to
            .iter()
            .map(String::as_str)
            .chain(mail.to.iter().map(|m| m.address.as_str()))
            .chain(mail.cc.iter().map(|m| m.address.as_str()))
            .collect();
        let ids: Vec<String> = mail.in_reply_to.iter().chain(&mail.references).map(|id| format!("<{id}>")).collect();
        let references: Vec<&str> = ids.iter().map(String::as_str).collect();
        trust::find(
            &self.reading_keys(),
            &Sources {
                addresses: &addresses,
                references: &references,
                subject: &mail.subject,
                new_text: &mail.reply_text,
                whole_text: &mail.text,
            },
        )
    }

    async fn by_thread(&self, mail: &Inbound, _row: &InboxRow) -> Result<Option<Case>, Error> {
        let mut ids: Vec<String> = mail.in_reply_to.clone();
        ids.extend(mail.references.iter().rev().cloned());
        ids.truncate(30);
        if ids.is_empty() {
            return Ok(None);
        }
        match threads::find(&self.store, &ids).await? {
            Some(thread) => self.case_by_id(&thread.case_id).await,
            None => Ok(None),
        }
    }

    /// A number in the subject, or in a button's line, leads parties to their case and nobody else.
    async fn by_number(&self, mail: &Inbound, findings: &Findings) -> Result<Option<Belongs>, Error> {
        let mut numbers: Vec<String> = findings.tags.iter().map(|t| t.number.clone()).collect();
        numbers.extend(candidates(&mail.subject));
        numbers.dedup();
        for number in numbers.into_iter().take(6) {
            let Some(row) = cases::by_number(&self.store, &number).await? else { continue };
            let case = super::rows::case(&row)?;
            let acting = self.coded(mail, &case, findings);
            let writer = self.writer(mail, &case, acting);
            let party = match &writer {
                Writer::Complainant => true,
                Writer::Staff(person) => self.is_party(person, &case),
                Writer::UnitInbox | Writer::Stranger => false,
            };
            if party || acting.is_some() {
                return Ok(Some(Belongs { case, via: Via::Subject, writer, acting }));
            }
        }
        Ok(None)
    }

    /// Whether somebody of the directory has to do with a case: its unit's people, its approvers, the office.
    pub(super) fn is_party(&self, person: &PersonId, case: &Case) -> bool {
        let day = self.office.day(self.now());
        let directory = &self.office.directory;
        directory.may_handle(person, case, day)
            || directory.is_office(person, case, day)
            || !case.accuses(person) && case.asks.iter().any(|a| a.candidate(person).is_some())
    }

    /// A token written as its short code in the first unquoted lines: of this sender, for one of the steps that are open.
    fn coded(&self, mail: &Inbound, case: &Case, findings: &Findings) -> Option<Token> {
        let person = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a))?;
        let slot = trust::slot_of(person.id.as_str());
        let codes = findings.tags.iter().filter(|t| t.place.may_act() && t.number == case.number);
        let ring = self.reading_keys();
        let mut steps: Vec<u16> = case.open_asks().filter_map(|a| u16::try_from(a.ask).ok()).collect();
        steps.extend(case.open_asks().filter(|a| a.paper.is_some()).map(|a| keys::paper_step(a.ask)));
        steps.extend([keys::OFFICE_STEP, keys::EXTENSION_STEP, keys::IDENTITY_STEP]);
        for tag in codes {
            for step in &steps {
                for kind in [TokenKind::Action, TokenKind::Route] {
                    let token = Token { kind, case_serial: keys::serial(case), slot, step: *step };
                    if ring.short_code_is(&token, &tag.code) {
                        return Some(token);
                    }
                }
            }
        }
        None
    }

    /// As whom the sender writes. Only the one strict From counts for people of the house.
    fn writer(&self, mail: &Inbound, case: &Case, token: Option<Token>) -> Writer {
        let from = mail.strict_from.as_deref().or(mail.from.as_ref().map(|m| m.address.as_str())).unwrap_or_default();
        let complains = case.is_complainant(from);
        let staff = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a));
        match staff {
            // Somebody of the house who complains has his own case's public token, not its internal ones (R89).
            Some(_) if complains && token.is_none_or(|t| t.kind == TokenKind::Public) => Writer::Complainant,
            // Who is complained about has no part in the case: what he writes is a stranger's (R89).
            Some(person) if case.accuses(&person.id) => Writer::Stranger,
            Some(person) => Writer::Staff(person.id.clone()),
            None if complains => Writer::Complainant,
            None if self.office.directory.unit_by_inbox(from).is_some() => Writer::UnitInbox,
            None => Writer::Stranger,
        }
    }

    /// The mailbox that a mail came to.
    pub(super) fn came_to(&self, row: &InboxRow) -> Option<&Mailbox> {
        self.mailbox(&row.mailbox)
    }
}

/// Words of a subject that could be a case's number: they hold a digit and end in one.
pub(super) fn candidates(subject: &str) -> Vec<String> {
    let mark = |c: char| matches!(c, '-' | '_' | '/');
    let words = subject.split(|c: char| !(c.is_alphanumeric() || mark(c)));
    // A format may hold Chinese characters, and a sentence may stand around a number without a space: both readings are tried.
    let plain = subject.split(|c: char| !(c.is_ascii_alphanumeric() || mark(c)));
    let mut found: Vec<String> = Vec::new();
    for word in plain.chain(words).map(|w| w.trim_matches(mark)) {
        let fits = (4..=40).contains(&word.len()) && word.ends_with(|c: char| c.is_ascii_digit());
        if fits && !found.iter().any(|f| f == word) {
            found.push(word.to_owned());
        }
    }
    found.truncate(6);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_all_subjects_that_clients_make() {
        assert_eq!(candidates("Re: [115-0042] 選課系統"), ["115-0042"]);
        assert_eq!(candidates("回覆：收件單號115-0042 請核准").first().map(String::as_str), Some("115-0042"));
        assert_eq!(candidates("RE: 案件202612-001的答覆"), ["202612-001"]);
        assert_eq!(candidates("Re: 校申-115-0042"), ["115-0042", "校申-115-0042"]);
        assert!(candidates("你好 12 月").is_empty());
    }
}
