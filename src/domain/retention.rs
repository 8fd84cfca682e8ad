//! What remains of a case when its time is over: what statistics count, and nothing that somebody said or is (R38). Pure.

use std::collections::BTreeMap;

use super::case::{Case, Complainant, ThreadKeys};
use super::personal::Pii;
use super::text::InternalText;

/// Fields of the record that tell of the matter, not of a person.
const COUNTED: &[&str] = &["identity", "channel"];

impl Case {
    /// Whether its contents have been taken out.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.erased_at.is_some()
    }

    /// The case without its contents.
    #[must_use]
    pub fn erased(&self, at: crate::calendar::Moment) -> Self {
        let mut case = self.clone();
        let blank = || Pii::new(String::new());
        case.version += 1;
        case.erased_at = Some(at);
        case.subject = blank();
        case.text = blank();
        case.complainant = Complainant { name: blank(), address: None };
        case.passed_on = None;
        case.record.retain(|id, _| COUNTED.contains(&id.as_str()));
        case.drafts = BTreeMap::new();
        case.handling = Vec::new();
        case.handling_fields = BTreeMap::new();
        case.unconfirmed = None;
        case.extension_asked = None;
        case.extended = None;
        case.instruction = None;
        case.withdrawal = None;
        for call in &mut case.calls {
            call.text = InternalText::default();
        }
        for sheet in &mut case.grading {
            sheet.reason = InternalText::default();
        }
        case.thread = ThreadKeys::default();
        for ask in &mut case.asks {
            ask.draft = None;
            if let Some(decision) = &mut ask.decision {
                decision.comment = InternalText::default();
            }
        }
        for survey in &mut case.surveys {
            survey.answers = BTreeMap::new();
        }
        for disclosure in &mut case.disclosures {
            disclosure.reason = InternalText::default();
        }
        case
    }
}
