//! Who gets no receipt: our own addresses, a null sender, and whoever answers like a machine (RFC 3834 §2, T16–T18). The complaint is
//! taken all the same; the secretariat hears of each address once a day. Honest volume from different people knows no limit.

use std::collections::BTreeSet;

use super::{Desk, Error, Receipt};
use crate::calendar::Moment;
use crate::domain::{Case, Effect, Letter, Recipient};
use crate::mail::{Inbound, classify};
use crate::store::inbox::InboxRow;
use crate::store::{cases, meta, outbox};
use crate::trust::{self, Evidence};

/// How far back mails of one sender are compared (s).
const LOOK_BACK: i64 = 30 * 86_400;
/// A mail that says what earlier ones of its sender said, and came so soon (s) after our receipt, answers that receipt.
const SOON: i64 = 2 * 3600;
/// Mails of one kind that are answered before their sender is taken for a machine; one, where they read like receipts themselves.
const ALIKE: usize = 4;
/// Whatever it says: so many receipts within an hour, and the next mail within a minute of the last.
const PACE: usize = 6;
/// Fewer letters than this say nothing about likeness.
const SHORT: usize = 6;

/// What stands in the way of a receipt.
#[derive(Debug, Default)]
pub(super) struct Broken {
    /// A line for the digest and the alarm: kind, case, detail.
    pub told: Option<(String, Option<String>, String)>,
    /// A fact to keep with it: when this address was told of.
    pub fact: Option<(String, String)>,
}

impl Desk {
    /// Takes the receipt out of `effects` where none is given, and says what is to be told.
    pub(super) async fn spare_receipts(
        &self,
        effects: &mut Vec<Effect>,
        case: &Case,
        mail: &Inbound,
        (row, at): (&InboxRow, Moment),
    ) -> Result<Broken, Error> {
        let Some(address) = &case.complainant.address else { return Ok(Broken::default()) };
        let address = address.reveal();
        let a_day = self.receipts_a_day(mail, row).await?;
        let silent = self.is_own_address(address) || matches!(mail.return_path.as_deref(), Some("")) || a_day == 0;
        let broken = !silent && self.answers_like_a_machine(address, case, at, a_day).await?;
        if silent || broken {
            effects.retain(|e| !matches!(e, Effect::Send { to: Recipient::Complainant, letter: Letter::Acknowledgement, .. }));
        }
        if broken { self.told_of(address, case).await } else { Ok(Broken::default()) }
    }

    /// How many receipts a day the address in From gets, by what this mail proves: whoever may be a forger's victim hears of it once.
    async fn receipts_a_day(&self, mail: &Inbound, row: &InboxRow) -> Result<usize, Error> {
        let usual = usize::try_from(self.settings.automatic_a_day).unwrap_or(usize::MAX);
        let unproved = match self.settings.receipt {
            Receipt::Always => {
                let headers: Vec<(String, String)> = mail.headers.iter().map(|f| (f.name.clone(), f.value())).collect();
                let trusted = self.came_to(row).and_then(|m| m.trusted_authserv_id.as_deref());
                return Ok(if trust::refuted(&headers, trusted, mail.strict_from.as_deref()) { 1 } else { usual });
            }
            Receipt::Authenticated => 1,
            Receipt::Held => 0,
        };
        let (_, evidence) = self.evidence(mail, row, None).await?;
        Ok(if matches!(evidence, Evidence::Proven { .. }) { usual } else { unproved })
    }

    async fn answers_like_a_machine(&self, address: &str, case: &Case, at: Moment, a_day: usize) -> Result<bool, Error> {
        let receipts = outbox::automatic_times(&self.store, address, at.plus_seconds(-LOOK_BACK)).await?;
        let today = receipts.iter().filter(|(queued, _)| queued.plus_seconds(86_400) >= at).count();
        if today >= a_day {
            return Ok(true);
        }
        // Only a receipt that had left when this mail came can be what it answers: a heap of mails that came together answers none.
        let had: Vec<Moment> = receipts.iter().filter_map(|(_, sent)| *sent).filter(|sent| *sent <= at).collect();
        let Some(last) = had.iter().max() else { return Ok(false) };
        let after = at.unix() - last.unix();
        if after <= 60 && had.iter().filter(|t| t.plus_seconds(3600) >= at).count() >= PACE {
            return Ok(true);
        }
        if after > SOON {
            return Ok(false);
        }
        let enough = if classify::reads_like_a_receipt(case.subject.reveal(), case.text.reveal()) { 1 } else { ALIKE };
        let earlier = cases::latest_of(&self.store, &address.to_lowercase(), at.plus_seconds(-LOOK_BACK)).await?;
        let bones = skeleton(case);
        let mut alike = 0;
        for row in &earlier {
            let other = super::rows::case(row)?;
            alike += usize::from(other.id != case.id && alike_in(&bones, &skeleton(&other)));
        }
        Ok(alike >= enough)
    }

    /// Once a day for an address.
    async fn told_of(&self, address: &str, case: &Case) -> Result<Broken, Error> {
        let key = format!("breaker/{}", address.to_lowercase());
        let last = meta::get(&self.store, &key).await?.and_then(|t| t.parse::<i64>().ok()).unwrap_or(0);
        let now = self.now().unix();
        if last > 0 && (0..86_400).contains(&(now - last)) {
            return Ok(Broken::default());
        }
        tracing::warn!(case = case.number, "an address answers like a machine and gets no receipt");
        Ok(Broken { told: Some(("breaker".to_owned(), None, address.to_owned())), fact: Some((key, now.to_string())) })
    }
}

/// The words of a complaint without what a machine changes from one mail to the next: whatever holds a digit.
fn skeleton(case: &Case) -> BTreeSet<String> {
    let text = format!("{}\n{}", case.subject.reveal(), case.text.reveal()).to_lowercase();
    let words = text.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || "，。、：；！？（）「」【】".contains(c));
    words.filter(|w| !w.is_empty() && !w.chars().any(|c| c.is_numeric())).map(str::to_owned).collect()
}

/// Nine words of ten are the same: a machine may put a name or a remark of ours between its own words.
fn alike_in(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let size = |set: &BTreeSet<String>| set.iter().map(|w| w.chars().count()).sum::<usize>();
    let common: usize = one.intersection(other).map(|w| w.chars().count()).sum();
    let most = size(one).max(size(other));
    most >= SHORT && common * 10 >= most * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> BTreeSet<String> {
        text.split(' ').filter(|w| !w.chars().any(char::is_numeric)).map(str::to_owned).collect()
    }

    #[test]
    fn likeness_is_of_the_words_that_stay() {
        let one = words("thank you for your mail your ticket #4711 has been opened by our friendly staff");
        let two = words("thank you for your mail your ticket #4712 has been opened by our friendly staff");
        let other = words("the lights in the parking hall have been broken since monday please mend them");
        assert!(alike_in(&one, &two) && !alike_in(&one, &other));
        assert!(!alike_in(&words("hi"), &words("hi")), "a word or two says nothing");
    }
}
