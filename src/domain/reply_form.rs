//! The handling record that a unit fills in its reply (KMU 附件二, R18, R75): which fields a procedure asks for, which of them a grade
//! requires, which parts an answer should have, and what is still missing. Data and counting; reading a mail is the mail room's.

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::procedure::Procedure;

/// The field whose words are the proposed answer.
pub const ANSWER: &str = "answer";

/// Fields of the reply form where a profile names none.
const USUAL: [&str; 7] = ["summary", "steps", "cause", "responsibility", "immediate", "prevention", ANSWER];

/// A field of the reply form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// The id, e.g. `cause`; `answer` is the proposed answer.
    pub id: String,
    /// As the paper prints it; empty: the office's usual word for this id.
    #[serde(default)]
    pub label: String,
    /// Other words under which it comes.
    #[serde(default)]
    pub also: Vec<String>,
    /// Its writer is told where it is missing. Holds nothing up.
    #[serde(default)]
    pub required: bool,
    /// Required for these grades only; empty: for all.
    #[serde(default)]
    pub grades: Vec<String>,
}

/// A part that an answer should have (R75: 調查結果, 理由, 行動, 歉意), known by its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerPart {
    /// What its writer is told is missing.
    pub label: String,
    /// Any of these words is the part.
    pub words: Vec<String>,
}

/// What a case's handling record and proposed answer still lack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lacks {
    /// Ids of fields, in the form's order.
    pub fields: Vec<String>,
    /// Labels of parts of the answer.
    pub parts: Vec<String>,
}

impl Lacks {
    /// Whether nothing is missing.
    #[must_use]
    pub fn nothing(&self) -> bool {
        self.fields.is_empty() && self.parts.is_empty()
    }
}

/// The usual form.
#[must_use]
pub fn usual() -> Vec<FormField> {
    let field = |id: &str| FormField { id: id.to_owned(), label: String::new(), also: Vec::new(), required: false, grades: Vec::new() };
    USUAL.iter().map(|id| field(id)).collect()
}

/// What is missing now (an answer that is still to come is not: its deadline takes care of it): fields that the profile requires for the case's grade or that came back blank, and parts of the newest
/// proposed answer.
#[must_use]
pub fn lacks(case: &Case, procedure: &Procedure) -> Lacks {
    let draft = case.current_draft();
    let filled = |id: &str| case.handling_fields.get(id).is_some_and(|t| !t.internal().trim().is_empty());
    let wanted = |field: &&FormField| {
        let graded = field.grades.is_empty() || case.grade.as_ref().is_some_and(|g| field.grades.contains(g));
        field.id != ANSWER && ((field.required && graded) || case.handling_blank.contains(&field.id))
    };
    let fields = procedure.handling.iter().filter(wanted).filter(|f| !filled(&f.id)).map(|f| f.id.clone()).collect();
    let text = draft.map(|d| d.text.internal().to_lowercase());
    let absent = |part: &&AnswerPart| text.as_ref().is_some_and(|t| !part.words.iter().any(|w| t.contains(&w.to_lowercase())));
    let parts = procedure.answer_parts.iter().filter(absent).map(|p| p.label.clone()).collect();
    Lacks { fields, parts }
}
