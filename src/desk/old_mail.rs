//! Mail from long before the first start: the letter that lists it, and the word that answers that letter (INTERFACE take_since).
//! The word is the secretariat's, proved as an approval is; what it lets in is taken at the next full listing.

use super::carry_out::Job;
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::PersonId;
use crate::domain::directory::Standing;
use crate::mail::Inbound;
use crate::mail::compose;
use crate::mail::cutoff::{self, Cutoff};
use crate::render::{Body, Button, LetterKind, Tone};
use crate::store::inbox::InboxRow;
use crate::store::older::{self, Older, Word};
use crate::store::outbox;
use crate::trust::{self, ActClass, EvidenceMode, Token, TokenKind, Verdict, address};

/// What was decided about a mailbox's old mail, for the transaction that ends the mail which said so.
#[derive(Debug, Clone)]
pub(super) struct Decided {
    pub mailbox: String,
    pub folder: String,
    pub older: Older,
    pub by: PersonId,
}

impl Desk {
    /// Tells the secretariat once of the mails that were there before the first start, and asks what becomes of them.
    ///
    /// # Errors
    /// As the store says.
    pub async fn old_mail(&self, mailbox: &str, found: &Older) -> Result<(), Error> {
        let key = format!("old_mail:{mailbox}");
        let direct = self.list_of_old_mail(mailbox, found, "", &key);
        self.carry_out(Job { key, direct, ..Default::default() }).await?;
        Ok(())
    }

    /// `said`: label key `old_mail.<said>` of what stands above the list.
    fn list_of_old_mail(&self, mailbox: &str, found: &Older, said: &str, key: &str) -> Vec<super::outgoing::Outgoing> {
        let (Some(oldest), Some(newest)) = (found.oldest, found.newest) else { return Vec::new() };
        let Some(place) = self.settings.mailboxes.iter().position(|m| m.address.eq_ignore_ascii_case(mailbox)) else { return Vec::new() };
        let said = if said.is_empty() { String::new() } else { self.word(&format!("old_mail.{said}")) };
        let body = Body::OldMail {
            mailbox: mailbox.to_owned(),
            count: found.waiting,
            oldest: self.stamp(oldest),
            newest: self.stamp(newest),
            said,
        };
        let plus = self.mailbox(mailbox).is_some_and(|m| m.plus_addressing);
        let day = self.office.day(self.now());
        let mut letters = self.to_office(&body, mailbox, key);
        // One letter a member of the secretariat, in their order.
        for (letter, Standing { person, .. }) in letters.iter_mut().zip(self.office.directory.secretariat(day)) {
            let token = Token {
                kind: TokenKind::Action,
                case_serial: 0,
                slot: trust::slot_of(person.as_str()),
                step: u16::try_from(place).unwrap_or(Token::MAX_STEP),
            };
            letter.token = Some(token);
            letter.plus = plus;
            if plus {
                letter.letter.buttons = self.choices(&address(&letter.mailbox, &self.keyring.seal(&token)));
            }
        }
        letters
    }

    fn choices(&self, target: &str) -> Vec<Button> {
        [("take_all", Tone::Primary), ("leave_all", Tone::Danger)]
            .map(|(act, tone)| {
                let word = self.word(&format!("act.{act}"));
                Button {
                    act: act.to_owned(),
                    label: None,
                    href: compose::mailto(target, &word, &format!("{word}\r\n")),
                    tone,
                    reply_hint: None,
                }
            })
            .to_vec()
    }

    /// A reply to that letter; none where this mail is no such reply.
    pub(super) async fn old_mail_word(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Job>, Error> {
        let Some(token) = self.old_mail_token(row, mail).await? else { return Ok(None) };
        let Some(mailbox) = self.settings.mailboxes.get(usize::from(token.step)) else { return Ok(None) };
        let (address, folder) = (mailbox.address.clone(), mailbox.folder.clone());
        let Some(found) = older::get(&self.store, &address, &folder).await? else { return Ok(None) };
        let day = self.office.day(self.now());
        let sender = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a)).map(|p| p.id.clone());
        let office = sender.filter(|p| self.office.directory.is_secretariat(p, day));
        let (mode, evidence) = self.evidence(mail, row, None).await?;
        let ours = office.as_ref().is_some_and(|p| self.stands_in_slot(token.slot, p, day));
        // Where a mailbox proves nothing, the token has come back from the directory address that alone it was sent to.
        let returned = mode == EvidenceMode::Confirm;
        let confirmed = if ours && returned { trust::Confirmed::Himself } else { trust::Confirmed::No };
        let allowed = trust::enough(ActClass::L2, mode, Some(&token), ours, &evidence, confirmed) == Verdict::Allowed;
        let (true, Some(by)) = (allowed, office) else { return Ok(Some(self.held_job(row, Some(mail), "unproved"))) };
        let word = match cutoff::read(&mail.reply_text, day) {
            Some(Cutoff::All) => Word::All,
            Some(Cutoff::Nothing) => Word::Nothing,
            Some(Cutoff::Since(date)) => Word::Since(self.midnight(date)),
            None => {
                let mut job = Job::dealt_with(row, mail, "not_understood");
                job.direct = self.list_of_old_mail(&address, &found, "unclear", &format!("mail:{}:old_mail", row.id));
                return Ok(Some(job));
            }
        };
        let said = match word {
            Word::All => "all",
            Word::Nothing => "nothing",
            Word::Since(_) => "since",
        };
        let mut job = Job::dealt_with(row, mail, "old_mail");
        job.direct = self.list_of_old_mail(&address, &found, said, &format!("mail:{}:old_mail", row.id));
        for letter in &mut job.direct {
            letter.letter.buttons.clear();
        }
        job.older = Some(Decided { mailbox: address, folder, older: older::after(found, word), by });
        Ok(Some(job))
    }

    /// Whole in the address or the first lines, or as the id of the letter itself, which only its reader's mailbox has seen.
    async fn old_mail_token(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Token>, Error> {
        if let Some(found) = self.findings(mail).acting() {
            return Ok(Some(found.token).filter(|t| t.kind == TokenKind::Action && t.case_serial == 0));
        }
        for id in mail.in_reply_to.iter().chain(&mail.references).take(30) {
            let letter = outbox::find_by_message_id(&self.store, id).await?.filter(|l| l.kind == LetterKind::OldMail.folder());
            if let Some(reader) = letter.and_then(|l| self.office.directory.by_email(&l.recipient).map(|p| p.id.clone())) {
                let place = self.settings.mailboxes.iter().position(|m| m.address.eq_ignore_ascii_case(&row.mailbox)).unwrap_or(0);
                let step = u16::try_from(place).unwrap_or(Token::MAX_STEP);
                return Ok(Some(Token { kind: TokenKind::Action, case_serial: 0, slot: trust::slot_of(reader.as_str()), step }));
            }
        }
        Ok(None)
    }

    pub(super) fn stands_in_slot(&self, slot: u32, person: &PersonId, day: jiff::civil::Date) -> bool {
        let directory = &self.office.directory;
        let principal = directory.people.keys().find(|p| trust::slot_of(p.as_str()) == slot);
        principal
            .is_some_and(|p| p == person || &directory.standing(p, day).person == person || &directory.standing(person, day).person == p)
    }

    fn midnight(&self, date: jiff::civil::Date) -> Moment {
        date.to_zoned(self.office.calendar.zone().clone()).map_or_else(|_| self.now(), |at| Moment::from_unix(at.timestamp().as_second()))
    }
}
