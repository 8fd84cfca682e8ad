//! Tests of `questionnaire`, on the university's own survey.

use super::*;

const KMU: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/procedures/kmu/survey.toml"));

fn kmu() -> Questionnaire {
    Questionnaire::from_toml(KMU).expect("kmu survey")
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn the_universitys_survey_is_sound_and_only_satisfaction_is_required() {
    let survey = kmu();
    assert_eq!(survey.check(), []);
    let required: Vec<&str> = survey.questions.iter().filter(|q| q.required).map(|q| q.id.as_str()).collect();
    assert_eq!(required, ["overall"]);
    // 不滿意 stands in the satisfaction question alone, so that nobody mistakes another for it
    let others = survey.questions.iter().filter(|q| !q.required).flat_map(|q| &q.options);
    assert!(others.into_iter().all(|choice| !choice.label.zh_tw.contains("滿意")));
    assert!(survey.questions.iter().filter(|q| !q.required).all(|q| !q.label.zh_tw.contains("滿意")));
}

#[test]
fn every_choice_of_the_satisfaction_question_has_its_verdict() {
    use Satisfaction::*;
    let survey = kmu();
    for (value, verdict) in [
        ("very_satisfied", Satisfied),
        ("satisfied", Satisfied),
        ("neutral", Neutral),
        ("dissatisfied", Dissatisfied),
        ("very_dissatisfied", Dissatisfied),
    ] {
        let reading = survey.read(&fields(&[("overall", value)]));
        assert_eq!((reading.missing.len(), survey.verdict(&reading.answers)), (0, Some(verdict)));
    }
    for empty in
        [fields(&[]), fields(&[("overall", "")]), fields(&[("overall", "great")]), fields(&[("solved", "fully"), ("comments", "謝謝")])]
    {
        let reading = survey.read(&empty);
        assert_eq!((reading.missing, survey.verdict(&reading.answers)), (vec!["overall".to_owned()], None));
    }
}

#[test]
fn branches_count_where_they_are_asked_and_words_are_never_lost() {
    let survey = kmu();
    let of = |overall: &str| {
        let given = fields(&[
            ("overall", overall),
            ("reasons", "slow"),
            ("reasons", "unsolved"),
            ("reasons.other", "電話無人接聽"),
            ("made_up", "x"),
        ]);
        survey.read(&given).answers.0.get("reasons").cloned().unwrap_or_default()
    };
    let asked = of("dissatisfied");
    assert_eq!((asked.values.join(" "), asked.text.reveal().as_str()), ("unsolved slow other".to_owned(), "電話無人接聽"));
    let not_asked = of("satisfied");
    assert_eq!((not_asked.values.len(), not_asked.text.reveal().as_str()), (0, "電話無人接聽"));
}

#[test]
fn texts_are_cleaned_and_cut() {
    let survey = kmu();
    let long = "字".repeat(3000);
    let text = |given: &str| survey.read(&fields(&[("comments", given)])).answers.0.get("comments").map(|a| a.text.reveal().clone());
    assert_eq!(text(" 一\r\n二\u{0}\u{7}\r三 "), Some("一\n二\n三".to_owned()));
    assert_eq!(text(&long).map(|t| t.chars().count()), Some(TEXT_MAX));
    assert_eq!(text(" \r\n "), None);
}

#[test]
fn one_choice_stays_one_and_answers_read_back() {
    let survey = kmu();
    let reading = survey.read(&fields(&[("overall", "dissatisfied"), ("overall", "satisfied"), ("comments", "謝謝")]));
    assert_eq!(reading.answers.0.get("overall").map(|a| a.values.len()), Some(1));
    let json = serde_json::to_string(&reading.answers).expect("json");
    assert_eq!(serde_json::from_str::<Answers>(&json).expect("answers"), reading.answers);
    assert_eq!(json, r#"{"comments":{"text":"謝謝"},"overall":{"values":["satisfied"]}}"#);
    let spoken = survey.spoken(&reading.answers, Language::ZhTw);
    assert_eq!(spoken.get("overall").map(String::as_str), Some("滿意"));
    assert_eq!(survey.spoken(&reading.answers, Language::En).get("overall").map(String::as_str), Some("Satisfied"));
}

#[test]
fn another_question_can_say_dissatisfied_too() {
    let mut survey = kmu();
    for choice in survey.questions.iter_mut().filter(|q| q.id == "solved").flat_map(|q| &mut q.options) {
        choice.means = (choice.value == "not").then_some(Satisfaction::Dissatisfied);
    }
    let verdict = |solved: &str| survey.verdict(&survey.read(&fields(&[("overall", "satisfied"), ("solved", solved)])).answers);
    assert_eq!(verdict("fully"), Some(Satisfaction::Satisfied));
    assert_eq!(verdict("not"), Some(Satisfaction::Dissatisfied));
}

#[test]
fn every_fault_is_named() {
    let faults = |change: fn(&mut Questionnaire)| {
        let mut survey = kmu();
        change(&mut survey);
        survey.check()
    };
    assert_eq!(faults(|s| s.questions[0].required = false), [Fault::Required(0)]);
    assert_eq!(faults(|s| s.questions[5].required = true), [Fault::Required(2)]);
    assert_eq!(faults(|s| s.questions[0].options.truncate(3)).first(), Some(&Fault::Branch("reasons".into())));
    assert_eq!(faults(|s| s.questions[0].kind = Kind::Multiple), [Fault::NotSatisfaction("overall".into())]);
    assert_eq!(faults(|s| s.questions[2].id = "Solved!".into()), [Fault::BadId("Solved!".into())]);
    assert_eq!(faults(|s| s.questions[2].id = "speed".into()), [Fault::Twice("speed".into())]);
    assert_eq!(faults(|s| s.questions[2].options[1].value = "fully".into()), [Fault::Twice("fully".into())]);
    assert_eq!(faults(|s| s.questions[2].options.clear()), [Fault::Choices("solved".into())]);
    assert_eq!(faults(|s| s.questions[1].show_if.as_mut().expect("branch").question = "speed".into()), [Fault::Branch("reasons".into())]);
    assert!(Questionnaire::from_toml(&KMU.replace("kind = \"text\"", "kind = \"essay\"")).is_err());
    assert!(Questionnaire::from_toml(&KMU.replace("required", "requird")).is_err());
}
