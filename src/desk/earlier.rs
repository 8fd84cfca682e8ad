//! Older cases that may help with a new one (R17): the same complainant's own, and answered ones of the same unit whose subjects share words.
//! What a reader gets of them is freed of names, numbers and addresses; confidential ones stay out. Called where a forward is made.

use std::collections::BTreeSet;

use super::views::Sight;
use super::{Desk, Error, rows};
use crate::domain::{Case, Effect, Letter};
use crate::render::EarlierCase;
use crate::store::cases;

/// So many at most are shown of each sort.
const SHOWN: usize = 3;
/// So many answered cases are compared, the newest first.
const COMPARED: i64 = 300;
/// How far back the same complainant's cases go.
const YEARS_SECONDS: i64 = 3 * 366 * 86_400;
/// So many pairs of characters must be shared, and so large a part (in hundredths) of the shorter subject.
const SHARED: (usize, usize) = (2, 34);

impl Desk {
    /// What stands under 相似的前案 of the forwards among `effects`; nothing where none is forwarded.
    pub(super) async fn earlier(&self, case: &Case, effects: &[Effect]) -> Result<Vec<EarlierCase>, Error> {
        let forwarded = effects.iter().any(|e| matches!(e, Effect::Send { letter: Letter::Forward, .. }));
        if !forwarded || case.sealed {
            return Ok(Vec::new());
        }
        let mut found: Vec<Case> = Vec::new();
        // That it is the same person may be known only where the person may be known.
        if let (Sight::Full, Some(address)) = (self.unit_sight(case), &case.complainant.address) {
            let since = case.opened_at.plus_seconds(-YEARS_SECONDS);
            let own = cases::list_by_complainant(&self.store, address.reveal(), since).await?;
            for row in own.iter().rev().filter(|r| r.id != case.id.as_str() && !r.confidential).take(SHOWN) {
                found.push(rows::case(row)?);
            }
        }
        let words = pairs(case.subject.reveal());
        let mut alike: Vec<(usize, String)> = Vec::new();
        for (id, unit, subject) in cases::answered_lately(&self.store, COMPARED).await? {
            let near = likeness(&words, &pairs(&subject));
            let known = id == case.id.as_str() || found.iter().any(|c| c.id.as_str() == id);
            if let (false, Some(near)) = (known || unit.as_deref() != case.unit.as_ref().map(|u| u.as_str()), near) {
                alike.push((near, id));
            }
        }
        alike.sort_by(|a, b| b.cmp(a));
        for (_, id) in alike.into_iter().take(SHOWN) {
            found.extend(self.case_by_id(&id).await?.filter(|c| !c.sealed));
        }
        Ok(found.iter().map(|c| self.shown_earlier(c)).collect())
    }

    fn shown_earlier(&self, case: &Case) -> EarlierCase {
        // Where the unit may know nothing of a complainant, not even a mask of the earlier one's name stands here.
        let shown = |words: &str| match self.unit_sight(case) {
            Sight::Hidden if !case.confidential => self.without_names(case, words, Sight::Hidden),
            Sight::Hidden | Sight::Masked | Sight::Full => self.for_lists(case, words),
        };
        let answer = case.drafts.values().rev().find(|d| d.approved).map(|d| shown(d.text.internal()));
        EarlierCase { number: case.number.clone(), subject: shown(case.subject.reveal()), answer }
    }
}

/// The neighbouring pairs of a subject's letters: what two subjects can share without a dictionary.
fn pairs(subject: &str) -> BTreeSet<String> {
    let folded = crate::mail::near::fold(subject);
    let letters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// How much two subjects share, in hundredths of the shorter; none when too little.
fn likeness(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Option<usize> {
    let shared = one.intersection(other).count();
    let part = (shared * 100).checked_div(one.len().min(other.len()))?;
    (shared >= SHARED.0 && part >= SHARED.1).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_alike_by_what_they_share() {
        let near = |a: &str, b: &str| likeness(&pairs(a), &pairs(b)).is_some();
        assert!(near("選課系統一直出錯", "選課系統當機"));
        assert!(near("宿舍冷氣故障", "冷氣故障，宿舍很熱"));
        assert!(!near("宿舍冷氣故障", "選課系統當機"));
        assert!(!near("請問", "請問"), "one pair is too little");
        assert!(!near("", "選課系統"));
    }
}
