//! Questions to the office that are about no case (`trust.second_person`, the list of people with rights): how they are asked, and whose
//! reply counts. What a word brings about is `purging`'s, `releasing`'s and `people_review`'s. Called by them and, for the replies, by `staff_mail`.

use super::carry_out::Job;
use super::outgoing::Outgoing;
use super::{Desk, Error};
use crate::domain::PersonId;
use crate::domain::directory::Standing;
use crate::mail::button::Verb;
use crate::mail::decision::{self, Decision};
use crate::mail::{Inbound, compose};
use crate::render::{Body, Button, LetterKind, Tone};
use crate::store::inbox::InboxRow;
use crate::store::outbox;
use crate::trust::{self, ActClass, Confirmed, EvidenceMode, Token, TokenKind, Verdict, address, slot_of};

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Whether what is due may be purged.
    Purge,
    /// Whether letters may leave again after a restore.
    Release,
    /// Whether the list of people with rights is right.
    People,
}

/// A question that waits: which, the step in its reply addresses, the beginning of its letters' keys.
type Open = (Question, u16, String);

impl Desk {
    /// What the reply addresses of a new question carry; never that of another question, nor of a list (`roster`).
    pub(super) fn question_step(&self, question: Question) -> u16 {
        let [a, b] = self.chance.bytes::<2>();
        let drawn = u16::from_be_bytes([a, b]) % (super::roster::STEP / 3) * 3;
        match question {
            Question::Purge => drawn,
            Question::Release => drawn + 1,
            Question::People => drawn + 2,
        }
    }

    /// The question to each of the secretariat, with a token of his own.
    pub(super) fn question_to_office(&self, body: &Body, key: &str, step: u16) -> Vec<Outgoing> {
        let mut letters = self.to_office(body, "", key);
        let day = self.office.day(self.now());
        for (letter, Standing { person, .. }) in letters.iter_mut().zip(self.office.directory.secretariat(day)) {
            let token = Token { kind: TokenKind::Confirm, case_serial: 0, slot: slot_of(person.as_str()), step };
            letter.token = Some(token);
            letter.plus = self.mailbox(&letter.mailbox).is_some_and(|m| m.plus_addressing);
            if letter.plus {
                let target = address(&letter.mailbox, &self.keyring.seal(&token));
                let word = self.word("act.confirm");
                letter.letter.buttons = vec![Button {
                    act: "confirm".to_owned(),
                    label: None,
                    href: compose::mailto(&target, &word, &format!("{word}\r\n")),
                    tone: Tone::Primary,
                    reply_hint: None,
                }];
            }
        }
        letters
    }

    /// A reply to one of the questions; none where this mail is no such reply.
    pub(super) async fn question_word(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Job>, Error> {
        let purge = self.purge_question().await?.map(|(step, key)| (Question::Purge, step, key));
        let release = self.release_question().await?.map(|(step, key)| (Question::Release, step, key));
        let people = self.people_question().await?.map(|(step, key)| (Question::People, step, key));
        let open: Vec<Open> = purge.into_iter().chain(release).chain(people).collect();
        let Some(token) = self.question_token(mail, &open).await? else { return Ok(None) };
        let Some((question, ..)) = open.into_iter().find(|(_, step, _)| *step == token.step) else {
            return Ok(Some(Job::dealt_with(row, mail, "nothing_to_confirm")));
        };
        let Some(by) = self.of_the_office(row, mail, token).await? else { return Ok(Some(self.held_job(row, Some(mail), "unproved"))) };
        let pressed = decision::button(&mail.reply_text, &mail.subject).is_some_and(|b| b.verb == Verb::Adopt);
        let yes = pressed || crate::mail::wording::confirms(&mail.reply_text) || decision::decide(&mail.reply_text) == Decision::Approve;
        let job = Job::dealt_with(row, mail, if yes { "confirmed" } else { "not_confirmed" });
        Ok(Some(match question {
            Question::People => self.people_answered(row, mail, &by, yes).await?,
            Question::Purge => self.purge_answered(job, &by, yes).await?,
            Question::Release => self.release_answered(job, &by, yes),
        }))
    }

    /// Who of the office this is, proved as for an approval.
    async fn of_the_office(&self, row: &InboxRow, mail: &Inbound, token: Token) -> Result<Option<PersonId>, Error> {
        let day = self.office.day(self.now());
        let sender = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a)).map(|p| p.id.clone());
        let office = sender.filter(|p| self.office.directory.is_secretariat(p, day));
        let (mode, evidence) = self.evidence(mail, row, None).await?;
        let ours = office.as_ref().is_some_and(|p| self.stands_in_slot(token.slot, p, day));
        // Where a mailbox proves nothing, the token has come back from the directory address that alone it was sent to.
        let confirmed = if ours && mode == EvidenceMode::Confirm { Confirmed::Himself } else { Confirmed::No };
        let allowed = trust::enough(ActClass::L2, mode, Some(&token), ours, &evidence, confirmed) == Verdict::Allowed;
        Ok(office.filter(|_| allowed))
    }

    /// Whole in the address or the first lines, or as a reply to the letter itself, which only its reader's mailbox has seen.
    async fn question_token(&self, mail: &Inbound, open: &[Open]) -> Result<Option<Token>, Error> {
        if let Some(found) = self.findings(mail).acting() {
            return Ok(Some(found.token).filter(|t| t.kind == TokenKind::Confirm && t.case_serial == 0));
        }
        if open.is_empty() {
            return Ok(None);
        }
        for id in mail.in_reply_to.iter().chain(&mail.references).take(30) {
            let letter = outbox::find_by_message_id(&self.store, id).await?.filter(|l| l.kind == LetterKind::SecondPerson.folder());
            let Some(letter) = letter else { continue };
            let asked = open.iter().find(|(_, _, key)| letter.effect_key.starts_with(key));
            let reader = self.office.directory.by_email(&letter.recipient).map(|p| p.id.clone());
            if let (Some((_, step, _)), Some(reader)) = (asked, reader) {
                return Ok(Some(Token { kind: TokenKind::Confirm, case_serial: 0, slot: slot_of(reader.as_str()), step: *step }));
            }
        }
        Ok(None)
    }
}
