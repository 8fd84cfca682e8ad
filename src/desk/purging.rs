//! `redress purge` where it takes two (`trust.second_person`): the operator's list goes to the office by mail, and what somebody there
//! has agreed to is taken out by the next `redress purge`, nothing else. Called by `cli` and, for the reply, by `staff_mail`.

use serde::{Deserialize, Serialize};

use super::carry_out::{InboxEnd, Job};
use super::{Desk, Error, Purged};
use crate::calendar::Moment;
use crate::domain::directory::Standing;
use crate::mail::button::Verb;
use crate::mail::decision::{self, Decision};
use crate::mail::{Inbound, compose};
use crate::render::{Body, Button, LetterKind, Row, Tone};
use crate::store::inbox::{self, InboxRow};
use crate::store::{meta, outbox};
use crate::trust::{self, ActClass, Confirmed, EvidenceMode, Token, TokenKind, Verdict, address, slot_of};

/// The meta key of what was asked.
const ASKED: &str = "purge.asked";
/// The meta key of what was agreed to.
const AGREED: &str = "purge.agreed";
/// A word that nobody has answered for so long (s) is asked for anew, and one that was given is good for no longer.
const GOOD_FOR: i64 = 14 * 86_400;
/// Cases that the letter names one by one.
const NAMED: usize = 200;

/// A list that was sent to the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When, in UTC seconds.
    pub at: i64,
    /// What its reply addresses carry, another one for each list.
    step: u16,
    /// Numbers of cases.
    pub cases: Vec<String>,
    /// Ids of mails of no case.
    pub strays: Vec<String>,
}

/// What somebody of the office has agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// Who, by id.
    pub by: String,
    /// When, in UTC seconds.
    pub at: i64,
    /// What.
    pub asked: Asked,
}

impl Desk {
    /// What was agreed to and not yet taken out.
    ///
    /// # Errors
    /// As the store says.
    pub async fn agreed_purge(&self) -> Result<Option<Agreed>, Error> {
        let kept = meta::get(&self.store, AGREED).await?.and_then(|t| serde_json::from_str::<Agreed>(&t).ok());
        Ok(kept.filter(|agreed| self.now().unix() - agreed.at < GOOD_FOR))
    }

    /// Takes out what was agreed to, as far as it is still due and not on hold.
    ///
    /// # Errors
    /// As the store says; what was done before stays done.
    pub async fn purge_agreed(&self, agreed: &Agreed) -> Result<Purged, Error> {
        let (cases, strays) = (&agreed.asked.cases, &agreed.asked.strays);
        let why = format!("retention; agreed to by {}", agreed.by);
        let done = self.purge_what(|n| cases.iter().any(|c| c == n), |id| strays.iter().any(|s| s == id), &why).await?;
        let mut tx = self.store.begin().await?;
        meta::set(&mut tx, AGREED, "").await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Sends the office the list of what is due. None where nothing is; the list that waits already where it is the same.
    ///
    /// # Errors
    /// As the store says.
    pub async fn ask_to_purge(&self) -> Result<Option<(Asked, bool)>, Error> {
        let due: Vec<_> = self.purge_due().await?.into_iter().filter(|d| d.hold.is_none()).collect();
        let strays = self.strays_due().await?;
        if due.is_empty() && strays.is_empty() {
            return Ok(None);
        }
        let cases: Vec<String> = due.iter().map(|d| d.case.number.clone()).collect();
        let now = self.now();
        if let Some(before) = self.asked_purge().await?
            && (&before.cases, &before.strays) == (&cases, &strays)
            && now.unix() - before.at < GOOD_FOR
        {
            return Ok(Some((before, false)));
        }
        let [a, b] = self.chance.bytes::<2>();
        let asked = Asked { at: now.unix(), step: u16::from_be_bytes([a, b]) & Token::MAX_STEP, cases, strays };
        let mut rows = vec![Row::new(self.word("second.purge_cases"), asked.cases.len().to_string())];
        let until = |since: &str| self.word("second.purge_until").replace("{date}", since);
        rows.extend(due.iter().take(NAMED).map(|d| Row::new(&d.case.number, until(&d.since))));
        if due.len() > NAMED {
            rows.push(Row::new(self.word("second.purge_more"), (due.len() - NAMED).to_string()));
        }
        rows.push(Row::new(self.word("second.purge_strays"), asked.strays.len().to_string()));
        rows.push(Row::new(self.word("second.purge_stays"), self.word("second.purge_stay")));
        let key = letter_key(&asked);
        let body = Body::SecondPerson { act: "purge".to_owned(), by: String::new(), number: String::new(), rows, at: self.stamp(now) };
        let mut direct = self.to_office(&body, "", &key);
        let day = self.office.day(now);
        for (letter, Standing { person, .. }) in direct.iter_mut().zip(self.office.directory.secretariat(day)) {
            let token = Token { kind: TokenKind::Confirm, case_serial: 0, slot: slot_of(person.as_str()), step: asked.step };
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
        let facts = vec![(ASKED.to_owned(), as_json(&asked)), (AGREED.to_owned(), String::new())];
        let house = vec![(
            "purge_asked".to_owned(),
            "operator".to_owned(),
            serde_json::json!({ "cases": asked.cases, "mails": asked.strays.len() }),
        )];
        self.carry_out(Job { key, direct, facts, house, ..Job::default() }).await?;
        Ok(Some((asked, true)))
    }

    async fn asked_purge(&self) -> Result<Option<Asked>, Error> {
        Ok(meta::get(&self.store, ASKED).await?.and_then(|t| serde_json::from_str(&t).ok()))
    }

    /// The office's word on the list; none where this mail is no reply to it.
    pub(super) async fn purge_word(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Job>, Error> {
        let asked = self.asked_purge().await?;
        let Some(token) = self.purge_token(mail, asked.as_ref()).await? else { return Ok(None) };
        let end = |reason: &str| Job { key: format!("mail:{}", row.id), inbox: Some(done(row, mail, reason)), ..Job::default() };
        let Some(asked) = asked.filter(|a| a.step == token.step) else { return Ok(Some(end("nothing_to_confirm"))) };
        let day = self.office.day(self.now());
        let sender = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a)).map(|p| p.id.clone());
        let office = sender.filter(|p| self.office.directory.is_secretariat(p, day));
        let (mode, evidence) = self.evidence(mail, row, None).await?;
        let ours = office.as_ref().is_some_and(|p| self.stands_in_slot(token.slot, p, day));
        // Where a mailbox proves nothing, the token has come back from the directory address that alone it was sent to.
        let confirmed = if ours && mode == EvidenceMode::Confirm { Confirmed::Himself } else { Confirmed::No };
        let allowed = trust::enough(ActClass::L2, mode, Some(&token), ours, &evidence, confirmed) == Verdict::Allowed;
        let (true, Some(by)) = (allowed, office) else { return Ok(Some(self.held_job(row, Some(mail), "unproved"))) };
        let pressed = decision::button(&mail.reply_text, &mail.subject).is_some_and(|b| b.verb == Verb::Adopt);
        let yes = pressed || crate::mail::wording::confirms(&mail.reply_text) || decision::decide(&mail.reply_text) == Decision::Approve;
        let mut job = end(if yes { "purge_agreed" } else { "not_confirmed" });
        job.facts.push((ASKED.to_owned(), String::new()));
        let payload = serde_json::json!({ "cases": asked.cases, "mails": asked.strays.len() });
        job.house.push((if yes { "purge_agreed" } else { "purge_refused" }.to_owned(), by.as_str().to_owned(), payload));
        if yes {
            let agreed = Agreed { by: by.as_str().to_owned(), at: self.now().unix(), asked };
            job.facts.push((AGREED.to_owned(), as_json(&agreed)));
        } else {
            job.told.push(("purge_refused".to_owned(), None, String::new()));
        }
        Ok(Some(job))
    }

    /// Whole in the address or the first lines, or as a reply to the letter itself, which only its reader's mailbox has seen.
    async fn purge_token(&self, mail: &Inbound, asked: Option<&Asked>) -> Result<Option<Token>, Error> {
        if let Some(found) = self.findings(mail).acting() {
            return Ok(Some(found.token).filter(|t| t.kind == TokenKind::Confirm && t.case_serial == 0));
        }
        let Some(asked) = asked else { return Ok(None) };
        for id in mail.in_reply_to.iter().chain(&mail.references).take(30) {
            let letter = outbox::find_by_message_id(&self.store, id).await?;
            let letter = letter.filter(|l| l.kind == LetterKind::SecondPerson.folder() && l.effect_key.starts_with(&letter_key(asked)));
            if let Some(reader) = letter.and_then(|l| self.office.directory.by_email(&l.recipient).map(|p| p.id.clone())) {
                return Ok(Some(Token { kind: TokenKind::Confirm, case_serial: 0, slot: slot_of(reader.as_str()), step: asked.step }));
            }
        }
        Ok(None)
    }

    /// When a list was sent, as people read it.
    #[must_use]
    pub fn asked_at(&self, asked: &Asked) -> String {
        self.stamp(Moment::from_unix(asked.at)).iso
    }
}

fn letter_key(asked: &Asked) -> String {
    format!("purge:{}:{}", asked.at, asked.step)
}

fn as_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The mail is dealt with and belongs to no case.
fn done(row: &InboxRow, mail: &Inbound, reason: &str) -> InboxEnd {
    InboxEnd {
        id: row.id.clone(),
        state: inbox::State::Done,
        reason: Some(reason.to_owned()),
        class: Some(mail.class.name().to_owned()),
        case_id: None,
        message_id: mail.message_id.clone(),
    }
}
