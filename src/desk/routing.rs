//! Which units a complaint's words name, and what forbids to send it on without a person (R11, R57). Explainable: words, not weights.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::Desk;
use crate::domain::event::Routing;
use crate::domain::{Language, UnitId};

impl Desk {
    /// The units whose words occur in the subject or the text.
    pub(super) fn route(&self, subject: &str, text: &str) -> Routing {
        let words = fold(&format!("{subject}\n{text}"));
        let mut fits: BTreeMap<UnitId, Vec<String>> = BTreeMap::new();
        for unit in self.office.directory.units.values() {
            let found: Vec<String> = unit.keywords.iter().filter(|k| !k.trim().is_empty() && words.contains(&fold(k))).cloned().collect();
            if !found.is_empty() {
                fits.insert(unit.id.clone(), found);
            }
        }
        let hold = self.names_people(&words, &fits).then(|| "names_people".to_owned());
        Routing { fits, hold }
    }

    /// Whether the words name somebody of a unit that would get them.
    fn names_people(&self, words: &str, fits: &BTreeMap<UnitId, Vec<String>>) -> bool {
        let directory = &self.office.directory;
        fits.keys().filter_map(|u| directory.units.get(u)).any(|unit| {
            let people = unit.handlers.iter().chain(unit.registrar.iter()).chain(std::iter::once(&unit.head));
            people.filter_map(|p| directory.people.get(p)).any(|p| p.name.chars().count() >= 3 && words.contains(&fold(&p.name)))
        })
    }

    /// A grade that the profile's words ask for.
    pub(super) fn grade_by_words(&self, subject: &str, text: &str) -> Option<String> {
        let words = fold(&format!("{subject}\n{text}"));
        self.office.procedure.grades.iter().find(|g| g.keywords.iter().any(|k| words.contains(&fold(k)))).map(|g| g.id.clone())
    }
}

fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

/// In which language somebody wrote: Chinese where there are Chinese characters in any number, else English (R45).
pub(super) fn language_of(text: &str) -> Language {
    let han = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c) || ('\u{3400}'..='\u{4dbf}').contains(c)).count();
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    if han == 0 && latin > 0 || latin > han.saturating_mul(20) { Language::En } else { Language::ZhTw }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_chinese_does_not_make_a_mail_chinese() {
        assert_eq!(
            language_of(
                "I could not register for the course 微積分 although I tried again and again. It says the class is full, while the list shows forty empty places."
            ),
            Language::En
        );
        assert_eq!(language_of("選課系統 error 500，請協助"), Language::ZhTw);
        assert_eq!(language_of(""), Language::ZhTw);
    }
}
