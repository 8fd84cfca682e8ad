//! S/MIME signatures of the people whose certificate the directory pins (E3): whether a signature holds, and whether what it covers asks
//! for this very act, names this case and this step, and has not counted before. The subject and the addresses of a mail are not
//! signed; nothing is taken from them. Called by `staff_mail`.

use super::matching::Belongs;
use super::reading::Wish;
use super::{Desk, Error, keys};
use crate::calendar::Moment;
use crate::domain::directory::Standing;
use crate::domain::{Case, PersonId};
use crate::mail::{self, Inbound};
use crate::store::events;
use crate::store::inbox::{self, InboxRow};
use crate::trust::smime::{self, Signature};
use crate::trust::{Certificate, Evidence, Findings, Reason, Token, TokenKind};

/// What a person may have signed so many seconds before he was asked: clocks differ.
const SKEW: i64 = 600;
/// Characters of a text's fingerprint as requests show it.
const SHOWN: usize = 12;

impl Desk {
    /// What the signature on a mail proves; none where the person has no certificate here, or the mail is not signed as a whole.
    pub(super) async fn signed(
        &self,
        mail: &Inbound,
        row: &InboxRow,
        belongs: &Belongs,
        person: &PersonId,
        wish: &Wish,
    ) -> Result<Option<Evidence>, Error> {
        let Some(certificate) = self.settings.certificates.get(person) else { return Ok(None) };
        let Some(found) = mail::signed::find(&inbox::raw(&self.store, &row.id).await?) else { return Ok(None) };
        let arrived = row.internal_at.unix();
        let signature = match smime::verify(&found.signature, found.entity.as_deref(), certificate, arrived) {
            Ok(signature) => signature,
            Err(reason) => return Ok(Some(Evidence::Missing(reason))),
        };
        let inside = mail::read_without_files(&signature.content);
        let covered = Inbound {
            subject: String::new(),
            text: inside.text,
            reply_text: inside.reply_text,
            quoted_text: inside.quoted_text,
            attachments: inside.attachments,
            ..mail.clone()
        };
        if self.wish(belongs, person, &covered).await? != *wish || !self.names_step(&covered, belongs, person) {
            return Ok(Some(Evidence::Missing(Reason::NotInSigned)));
        }
        if let Some(asked_at) = self.asked_at_step(belongs, person)
            && signature.at < asked_at.unix() - SKEW
        {
            return Ok(Some(Evidence::Missing(Reason::SignedAtOddTime)));
        }
        if self.counted_before(&belongs.case, &signature).await? {
            return Ok(Some(Evidence::Missing(Reason::SignedBefore)));
        }
        Ok(Some(Evidence::Signed { how: self.named(&signature, certificate) }))
    }

    /// Whether the signed words name the case and, where a step is decided, that step: by its button's code or the fingerprint of its text.
    fn names_step(&self, covered: &Inbound, belongs: &Belongs, person: &PersonId) -> bool {
        let case = &belongs.case;
        if !holds_number(&covered.text, &case.number) {
            return false;
        }
        let Some(ask) = self.step_of(belongs, person) else { return true };
        let findings = self.findings(&Inbound { to: Vec::new(), cc: Vec::new(), delivered_to: Vec::new(), ..covered.clone() });
        if self.coded_step(case, &findings, belongs.acting) {
            return true;
        }
        let draft = case.asks.iter().find(|a| a.ask == ask).and_then(|a| a.draft).and_then(|v| case.drafts.get(&v));
        draft.is_none_or(|d| d.sha256.get(..SHOWN).is_some_and(|shown| covered.text.contains(shown)))
    }

    /// Whether one of the codes in the first lines is that of the token by which the mail acts.
    fn coded_step(&self, case: &Case, findings: &Findings, acting: Option<Token>) -> bool {
        let ring = self.reading_keys();
        let codes = findings.tags.iter().filter(|t| t.place.may_act() && t.number == case.number);
        acting.is_some_and(|token| codes.into_iter().any(|tag| ring.short_code_is(&token, &tag.code)))
    }

    fn asked_at_step(&self, belongs: &Belongs, person: &PersonId) -> Option<Moment> {
        let ask = self.step_of(belongs, person)?;
        belongs.case.asks.iter().find(|a| a.ask == ask).map(|a| a.asked_at)
    }

    /// A signature counts once, whatever is put around it.
    async fn counted_before(&self, case: &Case, signature: &Signature) -> Result<bool, Error> {
        let mark = format!("S/MIME {}", signature.id);
        Ok(events::for_case(&self.store, case.id.as_str()).await?.iter().any(|e| e.payload.contains(&mark)))
    }

    /// For the record.
    fn named(&self, signature: &Signature, certificate: &Certificate) -> String {
        let at = self.stamp(Moment::from_unix(signature.at)).iso;
        let Certificate { subject, serial, fingerprint, .. } = certificate;
        format!("S/MIME {} signed {at} by {subject}, serial {serial}, certificate sha256 {fingerprint}", signature.id)
    }

    /// Whether somebody's approvals count with his signature alone: his own, or those that he gives for another of whom it is asked.
    pub(super) fn must_sign(&self, person: &PersonId, token: Option<&Token>) -> bool {
        let Standing { person, deputises } = self.standing_of(token, person, self.office.day(self.now()));
        self.settings.must_sign.contains(&person) || deputises.is_some_and(|principal| self.settings.must_sign.contains(&principal))
    }

    /// The token that a signature stands for: it names the case, and the step if there is one.
    pub(super) fn token_of_signature(&self, belongs: &Belongs, person: &PersonId) -> Token {
        let step = self.step_of(belongs, person).and_then(|ask| u16::try_from(ask).ok()).unwrap_or(keys::OFFICE_STEP);
        let slot = crate::trust::slot_of(person.as_str());
        Token { kind: TokenKind::Action, case_serial: keys::serial(&belongs.case), slot, step }
    }
}

/// Whether a case's number stands in a text, and is not a part of a longer one.
fn holds_number(text: &str, number: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.match_indices(number).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + number.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::holds_number;

    #[test]
    fn a_number_is_not_a_part_of_a_longer_one() {
        assert!(holds_number("收件單號：115-0001", "115-0001") && holds_number("[115-0001 #k]", "115-0001"));
        for text in ["115-00012", "2115-0001", "115-0001-2", "x115-0001", "115-0002", ""] {
            assert!(!holds_number(text, "115-0001"), "{text}");
        }
    }
}
