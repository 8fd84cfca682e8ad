//! A letter on its way to becoming a frozen mail: recipient, headers, attachments. Freezing is the last step before the transaction.

use std::sync::Arc;

use super::sent::LETTER_HEADER;
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::{Case, Language};
use crate::mail::compose::{self, Attach, Draft, Original};
use crate::render::Letter;
use crate::store::outbox::{Content, NewLetter};
use crate::trust::{Token, address, message_id};

/// The header by which we know our own mails again.
pub(super) const LOOP_HEADER: &str = "X-Redress-Loop";

/// A letter with all that its mail needs.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    /// The letter's id in the outbox and in its Message-ID.
    pub id: String,
    /// The case, when it is about one.
    pub case_id: Option<String>,
    /// Which letter, as the outbox and `case show` name it.
    pub kind: String,
    /// Unique: the same effect is queued once.
    pub effect_key: String,
    /// Which of our mailboxes writes.
    pub mailbox: String,
    /// Whether replies can carry a token in their address.
    pub plus: bool,
    /// To whom: address and name.
    pub to: compose::Address,
    /// In which language.
    pub language: Language,
    /// What is written.
    pub letter: Letter,
    /// Carried by the reply address and the Message-ID.
    pub token: Option<Token>,
    /// Threading.
    pub in_reply_to: Option<String>,
    /// Threading, oldest first.
    pub references: Vec<String>,
    /// Files.
    pub attachments: Vec<Attach>,
    /// Whole mails.
    pub originals: Vec<Original>,
    /// To the complainant (`public`) or inside.
    pub public: bool,
    /// An answer by machine to a mail (RFC 3834): `auto-replied`, null sender.
    pub auto_reply: bool,
    /// Waits until then.
    pub not_before: Moment,
}

impl Desk {
    /// Writes and freezes a letter: from then on its bytes never change.
    pub(super) fn freeze(&self, out: &Outgoing) -> Result<NewLetter, Error> {
        let written = self.words.letter(out.language, &out.letter)?;
        let sealed = out.token.map(|t| self.keyring.seal(&t));
        let reply_to = sealed.as_ref().filter(|_| out.plus).map(|token| address(&out.mailbox, token));
        let id = match &out.token {
            Some(token) => bare(&message_id(&self.keyring, token, &out.id, &self.settings.domain, out.plus)),
            None => format!("{}@{}", out.id.to_lowercase(), self.settings.domain),
        };
        let envelope_from = match (&reply_to, out.auto_reply) {
            (_, true) => String::new(),
            (Some(address), false) => address.clone(),
            (None, false) => out.mailbox.clone(),
        };
        let auto = if out.auto_reply { "auto-replied" } else { "auto-generated" };
        let draft = Draft {
            from: compose::Address { name: format!("{} {}", self.settings.organisation, self.settings.office), email: out.mailbox.clone() },
            to: out.to.clone(),
            reply_to: reply_to.map(|email| compose::Address { name: self.settings.office.clone(), email }),
            subject: written.subject.clone(),
            message_id: id.clone(),
            date: self.now(),
            zone: self.office.calendar.zone().clone(),
            in_reply_to: out.in_reply_to.clone(),
            references: out.references.clone(),
            headers: vec![
                ("Auto-Submitted", auto.to_owned()),
                ("X-Auto-Response-Suppress", "All".to_owned()),
                (LOOP_HEADER, self.loop_mark()),
                (LETTER_HEADER, self.letter_mark(&id, &out.to.email)),
            ],
            text: written.text.clone(),
            html: Some(written.html),
            attachments: out.attachments.clone(),
            originals: out.originals.clone(),
        };
        let raw = Content::of(compose::freeze_in_parts(&draft)?);
        Ok(NewLetter {
            case_id: out.case_id.clone(),
            kind: out.kind.clone(),
            effect_key: out.effect_key.clone(),
            envelope_from,
            recipient: out.to.email.clone(),
            subject: written.subject,
            message_id: id,
            raw,
            text: written.text,
            not_before: out.not_before,
            automatic: out.auto_reply,
            world: if out.public { "public" } else { "internal" }.to_owned(),
        })
    }

    /// The value of our own loop header: proves that a mail is ours without telling anything.
    pub(super) fn loop_mark(&self) -> String {
        self.keyring.short_code(&Token { kind: crate::trust::TokenKind::Route, case_serial: 0, slot: 0, step: Token::MAX_STEP })
    }

    /// An id that all internal mails of a case share as their thread's root, so that they stand together in a mail client.
    pub(super) fn thread_root(&self, case: &Case) -> String {
        bare(&message_id(&self.keyring, &Token::of_case(super::keys::serial(case)), "root", &self.settings.domain, true))
    }
}

/// An id without its angle brackets.
pub(super) fn bare(id: &str) -> String {
    id.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// An attachment of bytes.
pub(super) fn pdf(name: String, bytes: Vec<u8>) -> Attach {
    Attach { name, content_type: "application/pdf".to_owned(), bytes: Arc::from(bytes) }
}
