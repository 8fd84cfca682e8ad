//! What the templates see of a survey, and the pages made of it. No HTTP here and no sentence: `serve` sends what this room's
//! templates (`templates/<language>/survey/`) make of the views below.

use data_encoding::BASE64;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Backend, Error, Opened};
use crate::calendar::{Moment, roc};
use crate::domain::Language;
use crate::domain::questionnaire::{Answer, Answers, Choice, Kind, Question, Questionnaire, TEXT_MAX};

/// A page ready to be sent.
#[derive(Debug)]
pub(super) struct Page {
    /// The document.
    pub html: String,
    /// CSP source of its one style element: `'sha256-…'`.
    pub style_source: String,
    /// Its language.
    pub language: Language,
}

/// Why a visitor gets the page that only explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trouble {
    /// Too many unknown links from his address.
    TooOften,
    /// The form was too large.
    TooLarge,
    /// The form came too slowly, or was no form.
    Unreadable,
    /// The answer could not be recorded now.
    Unavailable,
}

impl Trouble {
    const ALL: [Self; 4] = [Self::TooOften, Self::TooLarge, Self::Unreadable, Self::Unavailable];
}

#[derive(Serialize)]
struct Frame<'a> {
    organisation: &'a str,
    office: &'a str,
    style: &'a str,
    other_language: &'static str,
    trouble: Option<Trouble>,
    survey: Option<View<'a>>,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct View<'a> {
    about: &'a str,
    title: &'a str,
    intro: &'a str,
    notice: &'a str,
    answered: bool,
    until: Until,
    missing: Vec<Missing<'a>>,
    questions: Vec<Asked<'a>>,
    text_max: usize,
}

/// The moment until which the answers may be changed, in the pieces that a language puts together.
#[derive(Serialize)]
struct Until {
    iso: String,
    roc_year: i16,
    month: i8,
    day: i8,
    time: String,
    english: String,
}

#[derive(Serialize)]
struct Missing<'a> {
    id: &'a str,
    label: &'a str,
}

#[derive(Serialize)]
struct Asked<'a> {
    id: &'a str,
    number: String,
    label: &'a str,
    kind: Kind,
    required: bool,
    scale: bool,
    personal_first: bool,
    missing: bool,
    branch: Option<Branch<'a>>,
    options: Vec<Offered<'a>>,
    text: &'a str,
}

/// A branch in words: the number of the question that it hangs on, and the answers that lead to it.
#[derive(Serialize)]
struct Branch<'a> {
    id: &'a str,
    number: String,
    answers: Vec<&'a str>,
}

#[derive(Serialize)]
struct Offered<'a> {
    value: &'a str,
    label: &'a str,
    /// The Chinese words beside the English ones, where the choice decides what happens to the case.
    gloss: Option<&'a str>,
    other_text: bool,
    checked: bool,
    text: &'a str,
}

/// The form, with what was answered; `missing` are required questions that a form left open.
pub(super) fn form(
    backend: &Backend,
    opened: &Opened,
    language: Language,
    given: Option<&Answers>,
    missing: &[String],
) -> Result<Page, Error> {
    let none = Answers::default();
    let answers = given.or(opened.previous.as_ref()).unwrap_or(&none);
    render(backend, language, "survey/page.html", Some(view(backend, opened, language, answers, missing)), None)
}

/// The thanks after an answer.
pub(super) fn done(backend: &Backend, opened: &Opened, language: Language) -> Result<Page, Error> {
    let none = Answers::default();
    let view = view(backend, opened, language, &none, &[]);
    render(backend, language, "survey/done.html", Some(view), None)
}

/// The page of every link that opens nothing: unknown, malformed, expired. It must not tell which.
pub(super) fn gone(backend: &Backend, language: Language) -> Result<Page, Error> {
    render(backend, language, "survey/gone.html", None, None)
}

/// The page that explains a trouble.
pub(super) fn sorry(backend: &Backend, language: Language, trouble: Trouble) -> Result<Page, Error> {
    render(backend, language, "survey/sorry.html", None, Some(trouble))
}

/// Renders every page of `questionnaire` in every language, so that a wrong template is found at start and not by a visitor.
///
/// # Errors
/// The first template that fails.
pub fn check(backend: &Backend, questionnaire: &std::sync::Arc<Questionnaire>) -> Result<(), Error> {
    for language in Language::ALL {
        let opened = Opened {
            about: questionnaire.title.of(language).to_owned(),
            questionnaire: std::sync::Arc::clone(questionnaire),
            previous: None,
            language,
            expires_at: Moment::from_unix(0),
        };
        let all: Vec<String> = questionnaire.questions.iter().map(|q| q.id.clone()).collect();
        form(backend, &opened, language, None, &all)?;
        done(backend, &opened, language)?;
        gone(backend, language)?;
        for trouble in Trouble::ALL {
            sorry(backend, language, trouble)?;
        }
    }
    Ok(())
}

fn render(
    backend: &Backend,
    language: Language,
    template: &str,
    survey: Option<View<'_>>,
    trouble: Option<Trouble>,
) -> Result<Page, Error> {
    let style = backend.words.page(language, "survey/style.txt", &Nothing {})?;
    let style_source = format!("'sha256-{}'", BASE64.encode(&Sha256::digest(style.as_bytes())));
    let other_language = match language {
        Language::ZhTw => Language::En.tag(),
        Language::En => Language::ZhTw.tag(),
    };
    let frame = Frame { organisation: &backend.organisation, office: &backend.office, style: &style, other_language, trouble, survey };
    Ok(Page { html: backend.words.page(language, template, &frame)?, style_source, language })
}

fn view<'a>(backend: &Backend, opened: &'a Opened, language: Language, answers: &'a Answers, missing: &[String]) -> View<'a> {
    let survey = opened.questionnaire.as_ref();
    let end = opened.expires_at.zoned(&backend.zone);
    let numbers = numbers(&survey.questions);
    let number_of = |id: &str| numbers.iter().find(|(of, _)| *of == id).map(|(_, number)| number.clone()).unwrap_or_default();
    let first_personal = survey.questions.iter().find(|q| q.kind == Kind::Demographic).map(|q| q.id.as_str());
    let asked = |question: &'a Question| {
        let answer = answers.0.get(&question.id);
        let branch = question.show_if.as_ref().map(|branch| {
            let on = survey.questions.iter().find(|q| q.id == branch.question);
            let leading = on.into_iter().flat_map(|q| &q.options).filter(|choice| branch.values.contains(&choice.value));
            Branch {
                id: &branch.question,
                number: number_of(&branch.question),
                answers: leading.map(|choice| choice.label.of(language)).collect(),
            }
        });
        Asked {
            id: &question.id,
            number: number_of(&question.id),
            label: question.label.of(language),
            kind: question.kind,
            required: question.required,
            scale: question.required && question.options.len() <= 5,
            personal_first: first_personal == Some(question.id.as_str()),
            missing: missing.contains(&question.id),
            branch,
            options: offered(question, answer, language),
            text: answer.filter(|_| question.kind == Kind::Text).map_or("", |a| a.text.reveal()),
        }
    };
    View {
        about: &opened.about,
        title: survey.title.of(language),
        intro: survey.intro.of(language),
        notice: survey.notice.as_ref().map_or("", |notice| notice.of(language)),
        answered: opened.previous.is_some(),
        until: Until {
            iso: opened.expires_at.rfc3339(&backend.zone),
            roc_year: roc::year(end.date()),
            month: end.month(),
            day: end.day(),
            time: end.strftime("%H:%M").to_string(),
            english: end.strftime("%-d %B %Y, %H:%M").to_string(),
        },
        missing: survey
            .questions
            .iter()
            .filter(|q| missing.contains(&q.id))
            .map(|q| Missing { id: &q.id, label: q.label.of(language) })
            .collect(),
        questions: survey.questions.iter().map(asked).collect(),
        text_max: TEXT_MAX,
    }
}

fn offered<'a>(question: &'a Question, answer: Option<&'a Answer>, language: Language) -> Vec<Offered<'a>> {
    let chosen = |value: &String| answer.is_some_and(|a| a.values.contains(value));
    let gloss = |choice: &'a Choice| (language == Language::En && question.required).then_some(choice.label.zh_tw.as_str());
    let own = |choice: &Choice| answer.filter(|_| choice.other_text).map_or("", |a| a.text.reveal());
    let options = question.options.iter().map(|choice| Offered {
        value: &choice.value,
        label: choice.label.of(language),
        gloss: gloss(choice),
        other_text: choice.other_text,
        checked: chosen(&choice.value),
        text: own(choice),
    });
    options.collect()
}

/// 1, 2, 3, and 3-1 for a branch of the third, as the paper forms number theirs.
fn numbers(questions: &[Question]) -> Vec<(&str, String)> {
    let mut out: Vec<(&str, String)> = Vec::new();
    let mut plain = 0usize;
    for question in questions {
        let parent = question.show_if.as_ref().and_then(|b| out.iter().find(|(id, _)| *id == b.question)).map(|(_, n)| n.clone());
        let number = match parent {
            Some(parent) => {
                let before = out.iter().filter(|(_, n)| n.rsplit_once('-').is_some_and(|(head, _)| head == parent)).count();
                format!("{parent}-{}", before + 1)
            }
            None => {
                plain += 1;
                plain.to_string()
            }
        };
        out.push((&question.id, number));
    }
    out
}
