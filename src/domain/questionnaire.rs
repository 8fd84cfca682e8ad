//! A survey as data: questions, choices, branches, and what an answer means (R35, R69). Pure; read from a procedure's
//! `survey.toml`. How it looks is in templates, how it travels in `survey`.
//! `desk` asks it what an answer means, `survey` shows it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::state::Satisfaction;
use super::{Language, Pii};

/// Characters kept of one free text.
pub const TEXT_MAX: usize = 2000;

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Traditional Chinese.
    #[serde(rename = "zh-TW")]
    pub zh_tw: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// The words in one of them.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::ZhTw => &self.zh_tw,
            Language::En => &self.en,
        }
    }
}

/// A survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questionnaire {
    /// The heading.
    pub title: Bilingual,
    /// What stands above the questions.
    pub intro: Bilingual,
    /// 個資告知 in the procedure's own words; without it the page's.
    #[serde(default)]
    pub notice: Option<Bilingual>,
    /// In the order of the page.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Names it in answers and reports: small letters, digits, `_`.
    pub id: String,
    /// As it is asked.
    pub label: Bilingual,
    /// How it is answered.
    pub kind: Kind,
    /// The choices; none for a text.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Whether an answer counts without it. One question of a survey has it: the satisfaction.
    #[serde(default)]
    pub required: bool,
    /// The answer to an earlier question under which this one is asked.
    #[serde(default)]
    pub show_if: Option<ShowIf>,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One choice.
    Single,
    /// Any number of choices.
    Multiple,
    /// Free text.
    Text,
    /// One choice about the person; stands apart, always optional.
    Demographic,
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Names it in answers and reports: small letters, digits, `_`.
    pub value: String,
    /// As it is read.
    pub label: Bilingual,
    /// What it says about the answer that the complainant got.
    #[serde(default)]
    pub means: Option<Satisfaction>,
    /// Whether words of one's own may be added (其他).
    #[serde(default)]
    pub other_text: bool,
}

/// A branch: asked where `question` was answered with one of `values`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowIf {
    /// An earlier question's id.
    pub question: String,
    /// Its values.
    pub values: Vec<String>,
}

/// The answer to one question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The chosen values, in the order of the page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Own words.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub text: Pii<String>,
}

/// All answers, by question id; a question that was left open is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub BTreeMap<String, Answer>);

/// What came of a form: the answers, and which required questions stayed open. With any open, nothing may be recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What was answered.
    pub answers: Answers,
    /// Ids of required questions without an answer.
    pub missing: Vec<String>,
}

/// What is wrong with a survey's data; for `check-config`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An id or value has other characters than `a-z`, `0-9`, `_`.
    #[error("{0:?}: use small letters, digits and _")]
    BadId(String),
    /// Two questions share an id, or two choices of a question a value.
    #[error("{0:?} is given twice")]
    Twice(String),
    /// A question to choose from has no choices, or a text has some.
    #[error("question {0:?}: choices belong to single, multiple and demographic questions, at least two")]
    Choices(String),
    /// There must be exactly one required question.
    #[error("{0} questions are required; exactly one must be, the satisfaction")]
    Required(usize),
    /// The required question must be a single choice with satisfied and dissatisfied, the latter's label with 不滿意.
    #[error("question {0:?} is required, so it must be single and have choices that mean satisfied and dissatisfied (不滿意)")]
    NotSatisfaction(String),
    /// A branch hangs on a question that does not stand before it, or on a value that it does not have.
    #[error("question {0:?}: show_if must name an earlier question and its values")]
    Branch(String),
}

impl Questionnaire {
    /// Reads `survey.toml`.
    ///
    /// # Errors
    /// What TOML or serde say, with line and column.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut ids = BTreeSet::new();
        for (place, question) in self.questions.iter().enumerate() {
            name(&question.id, &mut ids, &mut faults);
            let mut values = BTreeSet::new();
            question.options.iter().for_each(|choice| name(&choice.value, &mut values, &mut faults));
            let choices = question.options.len();
            let fits = match question.kind {
                Kind::Single | Kind::Multiple | Kind::Demographic => choices >= 2,
                Kind::Text => choices == 0,
            };
            if !fits {
                faults.push(Fault::Choices(question.id.clone()));
            }
            if let Some(branch) = &question.show_if {
                let asked = self.questions.iter().take(place).find(|q| q.id == branch.question);
                let known = |value: &String| asked.is_some_and(|q| q.options.iter().any(|choice| choice.value == *value));
                if branch.values.is_empty() || !branch.values.iter().all(known) {
                    faults.push(Fault::Branch(question.id.clone()));
                }
            }
        }
        let required: Vec<&Question> = self.questions.iter().filter(|q| q.required).collect();
        match required.as_slice() {
            [one] if one.is_satisfaction() => {}
            [one] => faults.push(Fault::NotSatisfaction(one.id.clone())),
            several => faults.push(Fault::Required(several.len())),
        }
        faults
    }

    /// Takes answers out of a form's fields: `id` for choices and texts, `id.value` for the words added to a choice. What the
    /// survey does not ask is passed over; choices of a branch that was not asked are dropped, texts never.
    #[must_use]
    pub fn read(&self, fields: &[(String, String)]) -> Reading {
        let mut reading = Reading::default();
        for question in &self.questions {
            let answer = question.read(fields);
            let asked = question.show_if.as_ref().is_none_or(|branch| {
                let given = reading.answers.0.get(&branch.question);
                given.is_some_and(|a| a.values.iter().any(|value| branch.values.contains(value)))
            });
            if question.required && answer.values.is_empty() {
                reading.missing.push(question.id.clone());
            }
            let answer = if asked { answer } else { Answer { values: Vec::new(), ..answer } };
            if answer != Answer::default() {
                reading.answers.0.insert(question.id.clone(), answer);
            }
        }
        reading
    }

    /// What the answers say as a whole: the required question's word, worsened by any other choice that means dissatisfied.
    /// `None` without the required answer.
    #[must_use]
    pub fn verdict(&self, answers: &Answers) -> Option<Satisfaction> {
        let said = |question: &Question| {
            let values = answers.0.get(&question.id).map(|a| a.values.as_slice()).unwrap_or_default();
            let chosen = question.options.iter().filter(|choice| values.contains(&choice.value));
            chosen.filter_map(|choice| choice.means).max()
        };
        let overall = self.questions.iter().filter(|q| q.required).find_map(said)?;
        let others = self.questions.iter().filter_map(said);
        Some(if others.into_iter().any(|s| s == Satisfaction::Dissatisfied) { Satisfaction::Dissatisfied } else { overall })
    }

    /// The answers as people read them: question id → the labels of its choices and own words, in `language`.
    #[must_use]
    pub fn spoken(&self, answers: &Answers, language: Language) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for question in &self.questions {
            let Some(answer) = answers.0.get(&question.id) else { continue };
            let chosen = question.options.iter().filter(|choice| answer.values.contains(&choice.value));
            let mut parts: Vec<&str> = chosen.map(|choice| choice.label.of(language)).collect();
            if !is_empty(&answer.text) {
                parts.push(answer.text.reveal());
            }
            let between = match language {
                Language::ZhTw => "、",
                Language::En => "; ",
            };
            out.insert(question.id.clone(), parts.join(between));
        }
        out
    }
}

impl Question {
    fn is_satisfaction(&self) -> bool {
        let means = |wanted| self.options.iter().filter(move |choice| choice.means == Some(wanted));
        self.kind == Kind::Single
            && means(Satisfaction::Satisfied).count() > 0
            && means(Satisfaction::Dissatisfied).any(|choice| choice.label.zh_tw.contains("不滿意"))
    }

    fn read(&self, fields: &[(String, String)]) -> Answer {
        let given = |key: &str| fields.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        let one_only = match self.kind {
            Kind::Text => return Answer { values: Vec::new(), text: Pii::new(clean(given(&self.id).first().copied().unwrap_or(""))) },
            Kind::Single | Kind::Demographic => true,
            Kind::Multiple => false,
        };
        let chosen = given(&self.id);
        let mut values: Vec<String> = Vec::new();
        let mut text = String::new();
        for choice in &self.options {
            let own = if choice.other_text {
                clean(given(&format!("{}.{}", self.id, choice.value)).first().copied().unwrap_or(""))
            } else {
                String::new()
            };
            // who writes beside 其他 and forgets its box means it
            let meant = chosen.contains(&choice.value.as_str()) || (!own.is_empty() && (chosen.is_empty() || !one_only));
            if meant && (!one_only || values.is_empty()) {
                values.push(choice.value.clone());
                if !own.is_empty() {
                    text = own;
                }
            }
        }
        Answer { values, text: Pii::new(text) }
    }
}

fn is_empty(text: &Pii<String>) -> bool {
    text.reveal().is_empty()
}

/// A person's words: line ends are LF, no control characters, at most [`TEXT_MAX`] characters.
fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.trim().chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').take(TEXT_MAX).collect()
}

fn name<'a>(id: &'a str, seen: &mut BTreeSet<&'a str>, faults: &mut Vec<Fault>) {
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        faults.push(Fault::BadId(id.to_owned()));
    }
    if !seen.insert(id) {
        faults.push(Fault::Twice(id.to_owned()));
    }
}

#[cfg(test)]
#[path = "questionnaire_tests.rs"]
mod tests;
