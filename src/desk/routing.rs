//! Which units a complaint's words name, and what forbids to send it on without a person (R11, R57). Explainable: words, not weights.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::Desk;
use crate::domain::directory::Person;
use crate::domain::event::Routing;
use crate::domain::{Language, PersonId, Pii, UnitId};

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
        // What names a part of a unit and the whole means the part: it has its own head.
        let parts: Vec<UnitId> = fits.keys().cloned().collect();
        fits.retain(|unit, _| !parts.iter().any(|other| self.office.directory.is_below(other, unit)));
        let accused = self.named_people(&words);
        let of_unit = |unit: &UnitId| self.office.directory.units.get(unit).is_some_and(|u| accused.iter().any(|p| u.belongs(p)));
        let hold = fits.keys().any(of_unit).then(|| "names_people".to_owned());
        Routing { fits, hold, accused, sealed: crate::mail::fields::asks_seal(&words) }
    }

    /// Who is named as 客訴對象 on the record joins those whom the words name; nobody accuses himself by signing.
    pub(super) fn accuse(&self, routing: &mut Routing, record: &BTreeMap<String, Pii<String>>, from: Option<&str>) {
        let directory = &self.office.directory;
        let named = record.get("accused").map(|v| v.reveal().as_str()).unwrap_or_default();
        let found = named.split(['、', ',', '，', ';', '；', '/']).filter_map(|n| directory.person_named(n)).map(|p| p.id.clone());
        routing.accused.extend(found);
        let own = from.and_then(|a| directory.by_email(a)).map(|p| p.id.clone());
        routing.accused.retain(|p| Some(p) != own.as_ref());
        routing.accused.sort();
        routing.accused.dedup();
        let of_fit = |u: &UnitId| directory.units.get(u).is_some_and(|u| routing.accused.iter().any(|p| u.belongs(p)));
        if routing.hold.is_none() && routing.fits.keys().any(of_fit) {
            routing.hold = Some("names_people".to_owned());
        }
    }

    /// People of the units whom the words name: they are kept off the case until the office says otherwise (R89).
    fn named_people(&self, words: &str) -> Vec<PersonId> {
        let directory = &self.office.directory;
        let named = |p: &&Person| p.name.chars().count() >= 3 && words.contains(&fold(&p.name));
        let of_unit = |p: &&Person| directory.units.values().any(|u| u.belongs(&p.id));
        directory.people.values().filter(named).filter(of_unit).map(|p| p.id.clone()).collect()
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

/// In which language somebody is answered: Chinese where there are Chinese characters in any number; English for Latin letters and for
/// every other writing, Japanese and Korean with their Chinese characters included (R45).
pub(super) fn language_of(text: &str) -> Language {
    let han = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c) || ('\u{3400}'..='\u{4dbf}').contains(c)).count();
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    let foreign = |c: &char| matches!(c, '\u{0370}'..='\u{1fff}' | '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}') && c.is_alphabetic();
    let others = text.chars().filter(foreign).count();
    if others >= 4 && others.saturating_mul(2) > han {
        return Language::En;
    }
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
        assert_eq!(language_of("エアコンが壊れています。早く直してください。"), Language::En);
        assert_eq!(language_of("기숙사 에어컨이 고장났습니다."), Language::En);
        assert_eq!(language_of("Máy lạnh bị hỏng ba ngày rồi."), Language::En);
        assert_eq!(language_of("ห้องพักแอร์เสีย"), Language::En);
        assert_eq!(language_of("冷氣壞了の，三樓教室很熱，請派人來修"), Language::ZhTw);
    }
}
