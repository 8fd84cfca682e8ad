//! Measures the finders: 2,000 generated complaints with a fixed seed, and those that were written by hand. Recall counts a mark as
//! found when none of its characters but signs is left; precision counts a find as right when it touches a mark.

mod generated;

use super::{Kind, Names, blank, find};

/// A text and what in it tells who somebody is.
pub(super) struct Marked {
    text: String,
    marks: Vec<(Kind, std::ops::Range<usize>)>,
}

/// Reads `〔kind:words〕`.
pub(super) fn marked(source: &str) -> Marked {
    let (mut text, mut marks) = (String::new(), Vec::new());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('〔') {
        text.push_str(before);
        let (kind, after) = after.split_once(':').expect("kind");
        let (words, after) = after.split_once('〕').expect("end");
        let from = text.chars().count();
        text.push_str(words);
        let kind = match kind {
            "name" => Kind::Name,
            "phone" => Kind::Phone,
            "id" => Kind::NationalId,
            "resident" => Kind::Resident,
            "address" => Kind::Address,
            "student" => Kind::Student,
            "card" => Kind::Card,
            "plate" => Kind::Plate,
            "mail" => Kind::Mail,
            other => panic!("{other}"),
        };
        marks.push((kind, from..text.chars().count()));
        rest = after;
    }
    text.push_str(rest);
    Marked { text, marks }
}

/// Marks, marks found, finds, right finds; what went wrong.
#[derive(Default)]
struct Score {
    marks: usize,
    found: usize,
    finds: usize,
    right: usize,
    wrong: Vec<String>,
}

impl Score {
    fn add(&mut self, one: &Marked, known: &[&str]) {
        let finds = find(&one.text, known, Names::All);
        let chars: Vec<char> = one.text.chars().collect();
        let covered = |at: usize| finds.iter().any(|f| f.span.contains(&at));
        for (kind, span) in &one.marks {
            self.marks += 1;
            let left: String = span.clone().filter(|at| chars[*at].is_alphanumeric() && !covered(*at)).map(|at| chars[at]).collect();
            if left.is_empty() {
                self.found += 1;
            } else {
                self.wrong.push(format!("missed {kind:?} {} in {}", chars[span.clone()].iter().collect::<String>(), one.text));
            }
        }
        for one_find in &finds {
            self.finds += 1;
            // Right when it touches a mark and takes no more than a word beside it.
            let touches = one.marks.iter().any(|(_, m)| m.start < one_find.span.end && one_find.span.start < m.end);
            let beside = one_find.span.clone().filter(|at| !one.marks.iter().any(|(_, m)| m.contains(at))).count();
            if touches && beside <= 3 {
                self.right += 1;
            } else {
                self.wrong.push(format!(
                    "false {:?} {} in {}",
                    one_find.kind,
                    chars[one_find.span.clone()].iter().collect::<String>(),
                    one.text
                ));
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    fn judge(&self, what: &str) {
        let recall = self.found as f64 / self.marks as f64;
        let precision = self.right as f64 / self.finds as f64;
        eprintln!("{what}: {} marks, recall {:.4}, precision {:.4}", self.marks, recall, precision);
        let shown: Vec<&str> = self.wrong.iter().take(25).map(String::as_str).collect();
        assert!(recall >= 0.995 && precision >= 0.97, "{what}: recall {recall:.4}, precision {precision:.4}\n{}", shown.join("\n"));
    }
}

#[test]
fn two_thousand_generated_complaints() {
    let mut score = Score::default();
    for (one, name) in generated::complaints(2_000, 20_260_301) {
        score.add(&one, &[name.as_str()]);
    }
    assert!(score.marks > 6_000, "{}", score.marks);
    score.judge("generated");
}

#[test]
fn complaints_written_by_hand() {
    let mut score = Score::default();
    let all = include_str!("../../../tests/corpus/redaction/by_hand.txt");
    let texts: Vec<&str> = all.split("===\n").collect();
    assert!(texts.len() >= 60, "{}", texts.len());
    for text in texts {
        score.add(&marked(text), &[]);
    }
    score.judge("by hand");
}

#[test]
fn whom_one_complains_about_stays_where_the_writer_alone_is_hidden() {
    let text = "我是陳小華，王大明教授當掉我。電話 0912-345-678。\n陳小華 敬上";
    assert_eq!(blank(text, &["陳小華"], Names::Writer), "我是○○○，王大明教授當掉我。電話 ○○○。\n○○○ 敬上");
    assert_eq!(blank(text, &[], Names::All), "我是○○○，○○○教授當掉我。電話 ○○○。\n○○○ 敬上");
}

#[test]
fn the_known_name_goes_wherever_and_however_it_stands() {
    let words = "陳 小 華、小華、ＣＨＥＮ　hua@mail.example、陳同學、陳小華的車";
    let left = blank(words, &["陳小華", "hua@mail.example"], Names::Writer);
    for secret in ["小華", "小 華", "hua@", "陳同學"] {
        assert!(!left.contains(secret), "{left}");
    }
}

#[test]
fn check_digits_tell_a_number_of_a_person_from_one_of_a_thing() {
    assert_eq!(blank("A123456789", &[], Names::All), "○○○");
    assert_eq!(blank("A123456788", &[], Names::All), "A123456788");
    assert_eq!(blank("身分證字號 A123456788", &[], Names::All), "身分證字號 ○○○");
    assert_eq!(blank("4111111111111111", &[], Names::All), "○○○");
    assert_eq!(blank("4111111111111112", &[], Names::All), "4111111111111112");
}
