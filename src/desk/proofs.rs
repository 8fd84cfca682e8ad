//! Whether a mail may do what it asks for: its class of act, the token it came by, its sender and the border's word
//! (RELIABILITY §3). What lacks proof changes nothing and uses nothing up; its person is asked at his directory address.

use super::carry_out::{InboxEnd, Job};
use super::matching::{Belongs, Via};
use super::outgoing::Outgoing;
use super::{Desk, Error, buttons, keys};
use crate::domain::approval::Progress;
use crate::domain::event::{Act, Verdict as Word};
use crate::domain::text::fingerprint;
use crate::domain::{Actor, Case, Event, EventKind, PersonId, transition};
use crate::mail::decision::{self, Verb};
use crate::mail::{Inbound, compose};
use crate::render::{self, Body, DigestLine};
use crate::store::cases;
use crate::store::inbox::{self, InboxRow};
use crate::store::keys as keys_store;
use crate::store::notes;
use crate::store::pending::{self, PendingAct};
use crate::trust::{
    self, ActClass, Confirmed, Evidence, EvidenceMode, Findings, Place, Token, TokenKind, Verdict as Proof, address, proved,
};

/// Letters that ask a person whether it was he, in a day at most; more alert the secretariat instead.
const ASKED_A_DAY: i64 = 5;
/// So many times more where a mailbox proves nothing.
const BUSY: i64 = 8;
/// Draws before a person has been asked about one case too often to be asked again.
const NONCES: usize = 64;
/// A key that DNS gave earlier than so many seconds before the mail is no proof any more.
const KEY_SECONDS: i64 = 86_400;
/// So many in a day are told to the secretariat.
const ALERT_AT: i64 = 3;
/// Why an act is not adopted whose person must sign it.
const UNSIGNED: &str = "SignatureNeeded";
/// The note of that.
const ATTEMPTS: &str = "attempts";

/// Who has answered our question about a mail.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<'a> {
    /// The mail that was asked about, and that its person has confirmed: it tells by what it proves itself.
    pub first: Option<&'a InboxRow>,
    /// Who has agreed to it beside him.
    pub second: Option<&'a PersonId>,
}

impl Said<'_> {
    fn word(&self) -> Confirmed {
        match (self.first, self.second) {
            (None, _) => Confirmed::No,
            (Some(_), None) => Confirmed::Himself,
            (Some(_), Some(_)) => Confirmed::SecondPerson,
        }
    }
}

impl Desk {
    /// What the border says about this mail, or its signature: on the case `number`.
    pub(super) async fn evidence(&self, mail: &Inbound, row: &InboxRow, number: Option<&str>) -> Result<(EvidenceMode, Evidence), Error> {
        let headers: Vec<(String, String)> = mail.headers.iter().map(|f| (f.name.clone(), f.value())).collect();
        let mailbox = self.came_to(row);
        let mode = mailbox.map_or(EvidenceMode::Confirm, |m| m.evidence);
        let trusted = mailbox.and_then(|m| m.trusted_authserv_id.as_deref());
        let said = trust::evaluate_for(mode, &headers, trusted, mail.strict_from.as_deref());
        if mode == EvidenceMode::Dkim
            && let Evidence::Missing(_) = said
            && let Some(from) = mail.strict_from.as_deref()
        {
            let own = self.signature(mail, row, from, number).await?;
            // Without a border whose word was asked for, the signature's own fault is the reason.
            return Ok((mode, if trusted.is_some() && matches!(own, Evidence::Missing(_)) { said } else { own }));
        }
        Ok((mode, said))
    }

    /// Our own look at the mail's DKIM signature. A signed mail may have been written to somebody else and sent on to us by a
    /// stranger, so what is signed has to name this mailbox or this case.
    async fn signature(&self, mail: &Inbound, row: &InboxRow, from: &str, number: Option<&str>) -> Result<Evidence, Error> {
        let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
        let raw = inbox::raw(&self.store, &row.id).await?;
        let mut records = std::collections::BTreeMap::new();
        for name in trust::dkim::key_names(&raw, &domain) {
            let kept = keys_store::get(&self.store, &name).await?;
            let recent = |at: crate::calendar::Moment| row.taken_at.unix() - at.unix() < KEY_SECONDS;
            if let Some(key) = kept.filter(|k| recent(k.at) && !k.record.is_empty()) {
                records.insert(name, key.record);
            }
        }
        Ok(match trust::dkim::verify(&raw, &domain, row.internal_at.unix(), &records) {
            Ok(signed) => {
                let to_us = mail.to.iter().chain(&mail.cc).any(|m| self.is_own_address(&m.address));
                let about = number.is_some_and(|number| mail.subject.contains(number));
                if (signed.recipients && to_us) || (signed.subject && about) {
                    Evidence::Proven { how: signed.how }
                } else {
                    Evidence::Missing(trust::Reason::NotForUs)
                }
            }
            Err(reason) => Evidence::Missing(reason),
        })
    }

    /// Whether these acts are proved; the text is kept with the decision.
    pub(super) fn proved(
        &self,
        belongs: &Belongs,
        person: &PersonId,
        acts: &[&Act],
        proof: &(EvidenceMode, Evidence),
        said: Said<'_>,
    ) -> Result<String, String> {
        let major = self.settings.confirm_major && acts.iter().any(|act| is_final_of_major(&belongs.case, act));
        let moves = self.settings.second_person.address && acts.iter().any(|act| self.moves_address(&belongs.case, act));
        let grave = major || moves;
        let class = acts.iter().map(|a| class_of(a)).max().unwrap_or(ActClass::L0).max(if grave { ActClass::L3 } else { ActClass::L0 });
        let day = self.office.day(self.now());
        let routed = match belongs.via {
            Via::Token(token) => Some(token),
            // The house's own thread or number is a weaker route than a token, and enough for adding words alone.
            Via::Thread | Via::Subject => None,
        };
        let token = match class {
            ActClass::L0 | ActClass::Safe | ActClass::L1 => belongs.acting.or(routed),
            ActClass::L2 | ActClass::L3 => belongs.acting,
        };
        let matches = token.is_none_or(|t| self.made_for(&t, person, &belongs.case, day));
        // A handler whose mail client dropped every header is still known by his proved address and his part in the case.
        let stand_in =
            Token { kind: TokenKind::Route, case_serial: keys::serial(&belongs.case), slot: trust::slot_of(person.as_str()), step: 0 };
        let party = self.is_party(person, &belongs.case);
        let token = if token.is_none() && class <= ActClass::L1 && party { Some(stand_in) } else { token };
        let by_signature = matches!(proof.1, Evidence::Signed { .. });
        let token = if token.is_none() && by_signature { Some(self.token_of_signature(belongs, person)) } else { token };
        if class >= ActClass::L2 && !by_signature && self.must_sign(person, token.as_ref()) {
            return Err(match &proof.1 {
                Evidence::Missing(reason) => format!("{UNSIGNED}({reason:?})"),
                Evidence::Proven { .. } | Evidence::Signed { .. } => UNSIGNED.to_owned(),
            });
        }
        match trust::enough(class, proof.0, token.as_ref(), matches, &proof.1, said.word()) {
            Proof::Allowed => Ok(match (&proof.1, said.word()) {
                (_, Confirmed::SecondPerson) => {
                    let second = said.second.map_or("", PersonId::as_str);
                    format!("{}{second} at his", proved::AGREED)
                }
                (Evidence::Proven { how }, Confirmed::Himself) if grave => format!("{how}{}", proved::AND_CONFIRMED),
                (Evidence::Signed { how }, _) => how.clone(),
                (_, Confirmed::Himself) => proved::CONFIRMED.to_owned(),
                (Evidence::Proven { how }, Confirmed::No) => how.clone(),
                (Evidence::Missing(_), Confirmed::No) => proved::TOKEN_ALONE.to_owned(),
            }),
            Proof::AskDirectoryAddress(why) | Proof::Held(why) => Err(format!("{why:?}")),
        }
    }

    /// Answers an unproved attempt at the directory address it claims, and nowhere else; quotes nothing of the case.
    pub(super) async fn not_adopted(
        &self,
        belongs: &Belongs,
        person: &PersonId,
        acts: &[&Act],
        why: &str,
        mail: &Inbound,
        (row, said): (&InboxRow, Said<'_>),
    ) -> Result<Job, Error> {
        let confirmed = said.word() != Confirmed::No;
        let name = acts.first().map_or("noted", |a| a.name()).to_owned();
        let event = Event {
            at: row.internal_at.min(self.now()),
            actor: Actor::Stranger,
            kind: EventKind::Refused { act: name.clone(), why: why.to_owned() },
        };
        let mut job = Job { key: format!("mail:{}", row.id), before: Some(belongs.case.clone()), ..Job::default() };
        if let Ok(step) = transition(&belongs.case, &event, &self.office) {
            job.steps.push((event, step.case));
        }
        let day_ago = self.now().plus_seconds(-86_400);
        let earlier = pending::count_for_person_since(&self.store, person.as_str(), day_ago).await?;
        // A mailbox that proves nothing asks about every act: there, many questions are a busy day.
        let busy = self.came_to(row).is_none_or(|m| m.evidence == EvidenceMode::Confirm);
        let (asked, alert) = if busy { (ASKED_A_DAY * BUSY, ALERT_AT * BUSY) } else { (ASKED_A_DAY, ALERT_AT) };
        let unsigned = why.starts_with(UNSIGNED);
        let token = if earlier < asked && !confirmed && !unsigned { self.unused_nonce(belongs, person).await? } else { None };
        if unsigned && earlier < asked {
            // His word that it was he would not do: he hears what would.
            let body = refused("signature_needed");
            job.direct.extend(self.about_nothing(person, &body, &row.mailbox, format!("mail:{}:answer", row.id)));
        } else if confirmed && !unsigned {
            // He has said so, and that alone is not enough: asking again would bring the same.
            let moves = acts.iter().any(|act| self.moves_address(&belongs.case, act));
            let reason = match moves {
                true if self.ask_second(&mut job, belongs, person, said.first.unwrap_or(row)).await? => "second_asked",
                true => "second_nobody",
                false => "second_proof",
            };
            let body = refused(reason);
            job.direct.extend(self.about_nothing(person, &body, &row.mailbox, format!("mail:{}:answer", row.id)));
        }
        job.direct.extend(token.and_then(|token| {
            let body = Body::NotAdopted { act: self.word(&format!("done.{name}")), at: self.stamp(row.internal_at) };
            self.question(belongs, person, body, (row, format!("mail:{}:confirm", row.id)), token)
        }));
        // Without a question there is nothing that could answer it.
        let nonce_hash = token.map_or_else(|| format!("unasked:{}", row.id), |t| hash(&self.keyring.seal(&t)));
        let act = PendingAct {
            id: self.chance.ulid(self.now()),
            person: person.as_str().to_owned(),
            inbox_id: row.id.clone(),
            nonce_hash,
            at: self.now(),
            state: pending::WAITING.to_owned(),
        };
        self.alert_of_attempts(&mut job, belongs, person, (earlier + 1, alert), &row.mailbox).await?;
        job.pending.push(act);
        job.inbox = Some(InboxEnd {
            id: row.id.clone(),
            state: inbox::State::Done,
            reason: Some(format!("not adopted: {why}")),
            class: Some(mail.class.name().to_owned()),
            case_id: Some(belongs.case.id.as_str().to_owned()),
            message_id: mail.message_id.clone(),
        });
        Ok(job)
    }

    /// The secretariat hears at once, once a day for each person and case, when somebody goes on writing in his name, or on one case
    /// in several names (RELIABILITY §3). Of the case it learns the number.
    async fn alert_of_attempts(
        &self,
        job: &mut Job,
        belongs: &Belongs,
        person: &PersonId,
        (in_his_name, alert): (i64, i64),
        mailbox: &str,
    ) -> Result<(), Error> {
        let (day_ago, case) = (self.now().plus_seconds(-86_400), belongs.case.id.as_str());
        let told = notes::since(&self.store, day_ago, self.now().plus_seconds(1)).await?;
        let told: Vec<_> = told.into_iter().filter(|n| n.kind == ATTEMPTS).collect();
        let of_him = told.iter().any(|n| n.text == person.as_str());
        let of_the_case = told.iter().any(|n| n.case_id.as_deref() == Some(case));
        if of_him || in_his_name < alert && (of_the_case || !self.in_many_names(case, day_ago, alert).await?) {
            return Ok(());
        }
        let name = self.office.directory.people.get(person).map_or_else(String::new, |p| p.name.clone());
        let words = self.word("alarm.attempts").replace("{name}", &name).replace("{number}", &belongs.case.number);
        let line = DigestLine { note: words, ..DigestLine::default() };
        job.direct.extend(self.to_office(&Body::Alarm { lines: vec![line] }, mailbox, &format!("{}:alert", job.key)));
        job.told.push((ATTEMPTS.to_owned(), Some(case.to_owned()), person.as_str().to_owned()));
        Ok(())
    }

    /// Whether with this attempt so many were made on one case, in whosever name.
    async fn in_many_names(&self, case: &str, since: crate::calendar::Moment, alert: i64) -> Result<bool, Error> {
        let mut found = 1;
        for person in self.office.directory.people.keys() {
            found += pending::count_on_case_since(&self.store, person.as_str(), case, since).await?;
            if found >= alert {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A token that no question to this person about this case has carried yet: there are a thousand, and each answers once.
    pub(super) async fn unused_nonce(&self, belongs: &Belongs, person: &PersonId) -> Result<Option<Token>, Error> {
        for _ in 0..NONCES {
            let [a, b] = self.chance.bytes::<2>();
            let step = u16::from_be_bytes([a, b]) & Token::MAX_STEP;
            let slot = trust::slot_of(person.as_str());
            let token = Token { kind: TokenKind::Confirm, case_serial: keys::serial(&belongs.case), slot, step };
            if pending::by_nonce_hash(&self.store, &hash(&self.keyring.seal(&token))).await?.is_none() {
                return Ok(Some(token));
            }
        }
        Ok(None)
    }

    /// The question at the directory address, with the token that answers it.
    pub(super) fn question(
        &self,
        belongs: &Belongs,
        person: &PersonId,
        body: Body,
        (row, key): (&InboxRow, String),
        token: Token,
    ) -> Option<Outgoing> {
        let found = self.office.directory.people.get(person)?;
        let sealed = self.keyring.seal(&token);
        let mailbox = self.came_to(row);
        let from = mailbox.map_or_else(String::new, |m| m.address.clone());
        let plus = mailbox.is_some_and(|m| m.plus_addressing);
        let target = if plus { address(&from, &sealed) } else { from.clone() };
        let code = self.keyring.short_code(&token);
        let prompt = |key: &str| self.word(key);
        let aim = buttons::Aim { address: &target, number: &belongs.case.number, code: &code, prompt: &prompt };
        let letter = render::Letter {
            office: self.office_view(&from),
            case: None,
            reader: self.reader(person, &belongs.case),
            buttons: buttons::adopt(&aim),
            body,
        };
        let outgoing = Outgoing {
            id: self.chance.ulid(self.now()),
            case_id: Some(belongs.case.id.as_str().to_owned()),
            kind: letter.body.kind().folder().to_owned(),
            effect_key: key,
            mailbox: from,
            plus,
            to: compose::Address { name: found.name.clone(), email: found.email.clone() },
            language: self.settings.language,
            letter,
            token: Some(token),
            in_reply_to: None,
            references: Vec::new(),
            attachments: Vec::new(),
            originals: Vec::new(),
            public: false,
            auto_reply: false,
            not_before: self.now(),
        };
        Some(outgoing)
    }
}

impl Desk {
    /// The token of a mail that answers our question at a directory address: whole in its address or its first lines, as the id
    /// of the question itself (RFC 5322 §3.6.4; only that mailbox has seen it), or as the button's short code.
    pub(super) async fn confirm_token(&self, mail: &Inbound) -> Result<Option<Token>, Error> {
        let findings = self.findings(mail);
        if let Some(found) = findings.acting() {
            return Ok(Some(found.token).filter(|t| t.kind == TokenKind::Confirm));
        }
        let threaded = findings.found.iter().find(|f| f.place == Place::Thread).map(|f| f.token);
        if let Some(token) = threaded.filter(|t| t.kind == TokenKind::Confirm) {
            return Ok(Some(token));
        }
        self.confirm_code(mail, &findings).await
    }

    /// The short code says neither for whom nor which question: both are tried, for the sender alone.
    async fn confirm_code(&self, mail: &Inbound, findings: &Findings) -> Result<Option<Token>, Error> {
        let pressed = decision::button(&mail.reply_text, &mail.subject).is_some_and(|b| b.verb == Verb::Adopt);
        let person = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a));
        let (true, Some(person)) = (pressed, person) else { return Ok(None) };
        let ring = self.reading_keys();
        for tag in findings.tags.iter().filter(|t| t.place.may_act()).take(3) {
            let Some(row) = cases::by_number(&self.store, &tag.number).await? else { continue };
            let case_serial = keys::serial(&super::rows::case(&row)?);
            let slot = trust::slot_of(person.id.as_str());
            let mut tokens = (0..=Token::MAX_STEP).map(|step| Token { kind: TokenKind::Confirm, case_serial, slot, step });
            if let Some(token) = tokens.find(|t| ring.short_code_is(t, &tag.code)) {
                return Ok(Some(token));
            }
        }
        Ok(None)
    }
}

/// The names in DNS of the keys that a mail's DKIM signatures of `domain` need; for intake, which asks.
#[must_use]
pub fn signing_keys(raw: &[u8], domain: &str) -> Vec<String> {
    trust::dkim::key_names(raw, domain)
}

/// The hash under which a confirmation's token is kept.
pub(super) fn hash(sealed: &str) -> String {
    fingerprint(&sealed.to_lowercase())
}

/// Whether an act approves a major case at the last step of its chain: the president's word, as a rule, by mail or on paper.
fn is_final_of_major(case: &Case, act: &Act) -> bool {
    let (Act::Decide { verdict: Word::Approve | Word::Edit { .. }, .. } | Act::ConfirmPaper { .. }) = act else { return false };
    let steps = case.chain.as_ref().map_or(&[][..], |c| c.steps.as_slice());
    let open = steps.iter().rposition(|s| matches!(s.progress, Progress::Open(_)));
    case.major && open.is_some_and(|at| at + 1 == steps.len())
}

/// An answer that says a reason and nothing else.
fn refused(reason: &str) -> Body {
    Body::Refused { reason: reason.to_owned(), detail: None, nearest: None, choices: Vec::new(), possible: Vec::new(), source: None }
}

/// How grave an act is (RELIABILITY §3).
fn class_of(act: &Act) -> ActClass {
    match act {
        Act::Decide { verdict: Word::Approve | Word::Edit { .. }, .. } => ActClass::L2,
        // What leaves in the office's name, or ends a case, is a release.
        Act::Reject { .. }
        | Act::Refer { .. }
        | Act::NoAction { .. }
        | Act::Close { .. }
        | Act::Spam
        | Act::Merge { .. }
        | Act::Withdraw { .. } => ActClass::L2,
        // Personal data are shown on the word of a second person; what hides less than before is as grave.
        // What is held no longer may be destroyed.
        Act::Unhold { .. } => ActClass::L2,
        Act::GrantIdentity | Act::ReleaseFiles | Act::Sealed { on: false } | Act::Confidential { on: false } => ActClass::L2,
        Act::Recall => ActClass::Safe,
        Act::ConfirmPaper { .. } => ActClass::L2,
        // A forged 退回 would hold an answer up: it needs the same proof as a handler's acts.
        Act::Decide { verdict: Word::Return { .. }, .. }
        | Act::Accept
        | Act::Assign { .. }
        | Act::CoAssign { .. }
        | Act::Handler { .. }
        | Act::SelfHandle
        | Act::Link { .. }
        | Act::Grade { .. }
        | Act::Category { .. }
        | Act::Major { .. }
        | Act::Confidential { on: true }
        | Act::Sealed { on: true }
        | Act::Hold { .. }
        | Act::AskIdentity { .. }
        | Act::RefuseIdentity { .. }
        | Act::Set { .. }
        | Act::Start
        | Act::Promise { .. }
        | Act::Preliminary { .. }
        | Act::Call { .. }
        | Act::GiveBack { .. }
        | Act::Note { .. }
        | Act::Propose { .. }
        | Act::ConfirmDraft
        | Act::AskComplainant { .. }
        | Act::Extend { .. }
        | Act::RefuseExtension { .. }
        | Act::TellOtherwise { .. }
        | Act::EnterPaper { .. }
        | Act::RefusePaper { .. }
        | Act::Urge
        | Act::Continue { .. }
        | Act::PassOn { .. }
        | Act::Supplement { .. }
        | Act::Copy { .. }
        | Act::CloseBy { .. }
        | Act::LetStand { .. } => ActClass::L1,
    }
}
