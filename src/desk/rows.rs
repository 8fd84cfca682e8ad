//! A case as a row and back. The row's columns are for lists and look-ups; the body is the case.

use unicode_normalization::UnicodeNormalization;

use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::Case;
use crate::domain::text::fingerprint;
use crate::store::cases::{self, CaseRow};

/// The row of a case.
pub(super) fn row(case: &Case, now: Moment) -> Result<CaseRow, Error> {
    let body = serde_json::to_string(case).map_err(|e| Error::Damaged { number: case.number.clone(), why: e.to_string() })?;
    Ok(CaseRow {
        id: case.id.as_str().to_owned(),
        serial: case.serial,
        number: case.number.clone(),
        version: case.version,
        state: case.state.name().to_owned(),
        outcome: case.outcome.map(|o| o.name().to_owned()),
        grade: case.grade.clone(),
        major: case.major,
        confidential: case.confidential,
        unit: case.unit.as_ref().map(|u| u.as_str().to_owned()),
        channel: case.channel.clone(),
        subject: case.subject.reveal().clone(),
        complainant_key: case.complainant.address.as_ref().map(|a| a.reveal().to_lowercase()),
        text_hash: text_hash(case.text.reveal()),
        round: i64::from(case.round),
        opened_at: case.opened_at,
        due_at: case.due_at(),
        answered_at: case.answered_at,
        closed_at: case.closed_at,
        updated_at: now,
        body,
    })
}

/// The case of a row.
pub(super) fn case(row: &CaseRow) -> Result<Case, Error> {
    serde_json::from_str(&row.body).map_err(|e| Error::Damaged { number: row.number.clone(), why: e.to_string() })
}

/// A mark by which the same words are known again: NFKC, no white space. None for a few words that many people write.
pub(super) fn text_hash(text: &str) -> Option<String> {
    let bare: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    (bare.chars().count() >= 12).then(|| fingerprint(&bare))
}

/// So many cases are held in memory at a time.
const PAGE: i64 = 200;

/// Goes through cases; see [`Desk::pages`].
#[derive(Debug)]
pub struct Pages<'a> {
    desk: &'a Desk,
    closed_before: Option<Moment>,
    after: i64,
}

impl Pages<'_> {
    /// The next few hundred; none after the last.
    ///
    /// # Errors
    /// As the store says.
    pub async fn next(&mut self) -> Result<Option<Vec<Case>>, Error> {
        let rows = match self.closed_before {
            Some(before) => cases::closed_page(&self.desk.store, before, self.after, PAGE).await?,
            None => cases::page(&self.desk.store, self.after, PAGE).await?,
        };
        let Some(last) = rows.last() else { return Ok(None) };
        self.after = last.serial;
        rows.iter().map(case).collect::<Result<_, _>>().map(Some)
    }
}

impl Desk {
    /// A case by its number.
    ///
    /// # Errors
    /// As the store says.
    pub async fn case_by_number(&self, number: &str) -> Result<Option<Case>, Error> {
        cases::by_number(&self.store, number).await?.as_ref().map(case).transpose()
    }

    /// Every case, oldest first, all in memory: for an office of some size go through [`Desk::pages`].
    ///
    /// # Errors
    /// As the store says.
    pub async fn cases(&self) -> Result<Vec<Case>, Error> {
        let (mut pages, mut all) = (self.pages(), Vec::new());
        while let Some(page) = pages.next().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// Every case, oldest first, a few hundred in memory at a time.
    #[must_use]
    pub fn pages(&self) -> Pages<'_> {
        Pages { desk: self, closed_before: None, after: 0 }
    }

    /// The cases closed before then, oldest first, a few hundred in memory at a time.
    pub(super) fn closed_pages(&self, before: Moment) -> Pages<'_> {
        Pages { desk: self, closed_before: Some(before), after: 0 }
    }

    /// The open cases, oldest first.
    pub(super) async fn open_cases(&self) -> Result<Vec<Case>, Error> {
        cases::open(&self.store).await?.iter().map(case).collect()
    }

    /// A case by its id.
    ///
    /// # Errors
    /// As the store says.
    pub async fn case_by_id(&self, id: &str) -> Result<Option<Case>, Error> {
        cases::by_id(&self.store, id).await?.as_ref().map(case).transpose()
    }

    pub(super) async fn case_by_serial(&self, serial: u32) -> Result<Option<Case>, Error> {
        cases::by_serial(&self.store, i64::from(serial)).await?.as_ref().map(case).transpose()
    }
}
