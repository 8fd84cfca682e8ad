//! What lies among the sent mails: copies of letters in doubt, which settle them (F20), and mails from our address that we did not
//! write (T29). A letter is known by its own header, which a key of ours proves, and so also by a restored store that has never
//! heard of it; else by an id that the outbox knows. Called by `daemon` after each look into the folder.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Desk, Error};
use crate::calendar::Moment;
use crate::mail::address;
use crate::mail::headers::RawHeaders;
use crate::store::{meta, notes, outbox};
use crate::trust::Keyring;

/// The header that proves a letter to be ours: its Message-ID as we wrote it, and a mark over that and its recipient.
pub const LETTER_HEADER: &str = "X-Redress-Letter";
/// Where a letter's own Message-ID may stand: providers that write another one keep ours under these names.
const IDS: &[&str] = &["Message-ID", "X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID"];
/// Octets of a word of that header.
const WORD: usize = 50;
/// Mails not of ours that are told one by one of one look.
const TOLD: usize = 20;

/// A mail of the folder, as a look shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMail {
    /// INTERNALDATE.
    pub at: Option<Moment>,
    /// No look has shown it before; false: it may be a copy that is sought.
    pub fresh: bool,
    /// Its header.
    pub header: Vec<u8>,
}

/// What a look settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Noticed {
    /// Letters in doubt that are sent after all.
    pub found: usize,
    /// Mails from our address that we did not write.
    pub foreign: usize,
}

impl Desk {
    /// Whether letters are in doubt, so that copies are worth looking for.
    ///
    /// # Errors
    /// As the store says.
    pub async fn in_doubt(&self) -> Result<bool, Error> {
        Ok(!outbox::doubts(&self.store).await?.is_empty())
    }

    /// How far the folder of this mailbox was looked through, as [`Desk::sent_mails`] kept it.
    ///
    /// # Errors
    /// As the store says.
    pub async fn sent_mark(&self, mailbox: &str) -> Result<Option<String>, Error> {
        Ok(meta::get(&self.store, &mark_key(mailbox)).await?)
    }

    /// Settles letters in doubt whose copy is among `mails`, and notes mails that are not ours; `mark` is kept with it where there is one.
    ///
    /// # Errors
    /// As the store says; then the next look shows the same mails.
    pub async fn sent_mails(&self, mailbox: &str, mark: Option<&str>, mails: &[SentMail]) -> Result<Noticed, Error> {
        let now = self.now();
        let doubts = outbox::doubts(&self.store).await?;
        let (mut copies, mut foreign) = (BTreeSet::new(), Vec::new());
        for mail in mails {
            let header = RawHeaders::parse(&mail.header);
            let to = recipients(&header);
            let proven = self.proven_letter(&header, &to);
            let ids: BTreeSet<String> = proven.iter().cloned().chain(ids(&header)).collect();
            copies.extend(doubts.iter().filter(|d| ids.contains(&d.message_id)).map(|d| d.id.clone()));
            if mail.fresh && proven.is_none() && self.is_from_us(&header) && !self.is_known(&ids, &to).await? {
                let text = self.foreign_mail(mailbox, mail.at.unwrap_or(now), &header, &to);
                // A folder that was made anew shows what was told before.
                if notes::count_since(&self.store, "sent_foreign", &text, Moment::from_unix(0)).await? == 0 {
                    foreign.push(text);
                }
            }
        }
        if copies.is_empty() && foreign.is_empty() && mark.is_none() {
            return Ok(Noticed::default());
        }
        let mut noticed = Noticed { found: 0, foreign: foreign.len() };
        let mut tx = self.store.begin().await?;
        for id in &copies {
            noticed.found += usize::from(outbox::copy_seen(&mut tx, id, now).await?);
        }
        for text in foreign.iter().take(TOLD) {
            notes::tell(&mut tx, now, "sent_foreign", None, text).await?;
        }
        if foreign.len() > TOLD {
            let more = json!({ "mailbox": mailbox, "more": foreign.len() - TOLD });
            notes::tell(&mut tx, now, "sent_foreign", None, &more.to_string()).await?;
        }
        if let Some(mark) = mark {
            meta::set(&mut tx, &mark_key(mailbox), mark).await?;
        }
        tx.commit().await?;
        Ok(noticed)
    }

    /// The value of a letter's own header.
    pub(super) fn letter_mark(&self, message_id: &str, recipient: &str) -> String {
        letter_mark(&self.keyring, message_id, recipient)
    }

    /// The Message-ID that a letter of ours was written with, proved by its own header for one of these recipients.
    pub(super) fn proven_letter(&self, header: &RawHeaders, to: &[String]) -> Option<String> {
        let value = header.value(LETTER_HEADER)?;
        let (id, mark) = value.trim().rsplit_once(' ')?;
        let id: String = id.split_whitespace().collect();
        let ring = self.reading_keys();
        to.iter().any(|to| ring.mark_is(&marked(&id, to), mark)).then_some(id)
    }

    fn is_from_us(&self, header: &RawHeaders) -> bool {
        let fields = header.all("From").chain(header.all("Sender"));
        fields.flat_map(|f| address::list(&f.bytes(), None)).any(|m| self.is_own_address(&m.address))
    }

    /// Whether the outbox has a letter with one of these ids to one of these recipients, or to somebody in the same place: a server
    /// may write a colleague's other address. Letters from before the header was written are known by this alone.
    async fn is_known(&self, ids: &BTreeSet<String>, to: &[String]) -> Result<bool, Error> {
        let place = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
        for id in ids {
            let letter = outbox::find_by_message_id(&self.store, id).await?;
            if letter.is_some_and(|l| to.iter().any(|to| place(to) == place(&l.recipient))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is told of a mail that is not ours: when, in which domain its first reader is, its Message-ID; nothing of its words.
    fn foreign_mail(&self, mailbox: &str, at: Moment, header: &RawHeaders, to: &[String]) -> String {
        let plain = |text: &str, most: usize| text.chars().filter(char::is_ascii_graphic).take(most).collect::<String>();
        let domain = to.first().and_then(|a| a.rsplit_once('@')).map_or_else(String::new, |(_, domain)| plain(domain, 80));
        let id = header.value("Message-ID").unwrap_or_default();
        let at = at.zoned(self.office.calendar.zone()).strftime("%Y-%m-%d %H:%M").to_string();
        json!({ "mailbox": mailbox, "at": at, "domain": domain, "message_id": plain(&id, 120) }).to_string()
    }

    /// The same, as people read it.
    pub(super) fn foreign_line(&self, told: &serde_json::Value) -> Option<String> {
        let word = |key: &str| told.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        if let Some(more) = told.get("more").and_then(serde_json::Value::as_u64) {
            return Some(format!("{} +{more}", word("mailbox")));
        }
        told.get("message_id")?;
        Some(format!("{} {} → …@{} {}", word("mailbox"), word("at"), word("domain"), word("message_id")))
    }
}

/// The value of [`LETTER_HEADER`] for a mail with this Message-ID to this recipient.
#[must_use]
pub fn letter_mark(ring: &Keyring, message_id: &str, recipient: &str) -> String {
    // In words that no header field has to encode.
    let id: Vec<&str> = message_id.as_bytes().chunks(WORD).map(|c| std::str::from_utf8(c).unwrap_or_default()).collect();
    format!("{} {}", id.join(" "), ring.mark(&marked(message_id, recipient)))
}

/// What a mark is made over.
fn marked(message_id: &str, recipient: &str) -> String {
    format!("{message_id}\n{}", recipient.to_lowercase())
}

fn mark_key(mailbox: &str) -> String {
    format!("sent:{}", mailbox.to_lowercase())
}

/// Everybody in To.
pub(super) fn recipients(header: &RawHeaders) -> Vec<String> {
    header.all("To").flat_map(|f| address::list(&f.bytes(), None)).map(|m| m.address).collect()
}

fn ids(header: &RawHeaders) -> impl Iterator<Item = String> {
    IDS.iter().filter_map(|name| header.value(name)).map(|id| super::outgoing::bare(&id))
}
