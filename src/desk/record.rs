//! The handling record between profile and mail: the reply form as it is handed to a handler (refilled), what came back in it above or
//! inside the quotation, and what is still missing. The reading itself is the mail room's, the counting the domain's.

use std::collections::BTreeMap;

use super::Desk;
use crate::domain::reply_form::{ANSWER, lacks};
use crate::domain::text::InternalText;
use crate::domain::{Case, Language};
use crate::mail::Inbound;
use crate::mail::form::Labels;
use crate::mail::form_placed::{self, Sent};
use crate::mail::proposal::Handling;
use crate::render::Row;

impl Desk {
    /// The labels under which a section of this procedure's form comes back.
    pub(super) fn form_labels(&self) -> Labels {
        let fields = &self.office.procedure.handling;
        Labels::new(fields.iter().flat_map(|f| {
            let shown = self.form_label(&f.id);
            std::iter::once(shown).chain(f.also.iter().cloned()).map(|label| (f.id.clone(), label))
        }))
    }

    /// What the paper calls a section of the form.
    pub(super) fn form_label(&self, id: &str) -> String {
        let own = self.office.procedure.handling.iter().find(|f| f.id == id).map(|f| f.label.clone()).filter(|l| !l.is_empty());
        own.unwrap_or_else(|| self.word(&format!("reply_form.{id}")))
    }

    /// The form to fill, with what was filled before. The answer is never filled in: quoted back it would be a new proposal.
    pub(super) fn reply_form(&self, case: &Case) -> Vec<Row> {
        let value = |id: &str| case.handling_fields.get(id).map(|t| t.internal().trim().to_owned()).unwrap_or_default();
        let fields = self.office.procedure.handling.iter();
        fields.map(|f| Row::new(self.form_label(&f.id), if f.id == ANSWER { String::new() } else { value(&f.id) })).collect()
    }

    /// The filled sections of the handling record, in the form's order.
    pub(crate) fn handling_rows(&self, case: &Case) -> Vec<Row> {
        let order = |id: &String| self.office.procedure.handling.iter().position(|f| &f.id == id).unwrap_or(usize::MAX);
        let mut filled: Vec<_> = case.handling_fields.iter().collect();
        filled.sort_by_key(|(id, _)| order(id));
        filled.into_iter().map(|(id, value)| Row::new(self.form_label(id), value.internal())).collect()
    }

    /// What a case's record and draft lack, as labels: fields, parts of the answer.
    pub(super) fn missing(&self, case: &Case) -> (Vec<String>, Vec<String>) {
        let found = lacks(case, &self.office.procedure);
        (found.fields.iter().map(|id| self.form_label(id)).collect(), found.parts)
    }

    /// A handler's reply, told apart from what we sent him.
    pub(super) fn handlers_reply(&self, case: &Case, mail: &Inbound) -> Handling {
        let both = |key: &str| Language::ALL.map(|language| self.words.label(language, key)).to_vec();
        let sent = Sent {
            titles: both("reply_form.title"),
            ends: both("reply_form.end"),
            labels: self.form_labels(),
            complaint: case.text.reveal().clone(),
            fields: case.handling_fields.iter().map(|(id, t)| (id.clone(), t.internal().to_owned())).collect(),
            drafts: case.drafts.values().map(|d| d.text.internal().to_owned()).collect(),
        };
        form_placed::handling(mail, &sent)
    }

    /// Sections as an act carries them: filled ones with their words, blank ones of this procedure's form empty.
    pub(super) fn act_fields(&self, read: &Handling) -> BTreeMap<String, InternalText> {
        let of_the_form = |id: &&String| id.as_str() != ANSWER && self.office.procedure.handling.iter().any(|f| &f.id == *id);
        // Only a form with something in it can be half filled.
        let begun = !read.fields.is_empty();
        let blank = read.blank.iter().filter(of_the_form).filter(|_| begun).map(|id| (id.clone(), InternalText::default()));
        let filled = read.fields.iter().map(|(id, words)| (id.clone(), InternalText::new(words.as_str())));
        blank.chain(filled).collect()
    }
}
