//! Profiles: shipped ones are embedded, an organisation's own is a file or a folder. A profile and its survey, checked.

use std::path::Path;

use anyhow::{Context, Result, bail};
use include_dir::{Dir, include_dir};

use crate::domain::Questionnaire;
use crate::domain::procedure::Procedure;
use crate::domain::state::Stage;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/procedures");

/// A procedure with its survey.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The procedure.
    pub procedure: Procedure,
    /// Its survey.
    pub questionnaire: Questionnaire,
}

impl Profile {
    /// A shipped profile by name.
    ///
    /// # Errors
    /// No such profile; a mistake in it, with line and column.
    pub fn shipped(name: &str) -> Result<Self> {
        let read = |file: &str| SHIPPED.get_file(format!("{name}/{file}")).and_then(|f| f.contents_utf8());
        let Some(profile) = read("profile.toml") else {
            let names: Vec<_> = SHIPPED.dirs().filter_map(|d| d.path().to_str()).collect();
            bail!("profile {name:?} is not among those shipped ({}): name one of them, or the path of a profile file", names.join(", "));
        };
        let survey = read("survey.toml").unwrap_or_default();
        Self::read(profile, survey, name)
    }

    /// A profile file; `survey.toml` stands beside it.
    ///
    /// # Errors
    /// It cannot be read; a mistake in it, with line and column.
    pub fn file(path: &Path) -> Result<Self> {
        let profile = std::fs::read_to_string(path).with_context(|| format!("{}: the profile cannot be read", path.display()))?;
        let beside = path.with_file_name("survey.toml");
        let survey =
            std::fs::read_to_string(&beside).with_context(|| format!("{}: the profile's survey cannot be read", beside.display()))?;
        Self::read(&profile, &survey, &path.display().to_string())
    }

    fn read(profile: &str, survey: &str, name: &str) -> Result<Self> {
        let procedure: Procedure = toml::from_str(profile).with_context(|| format!("{name}: profile"))?;
        let questionnaire = Questionnaire::from_toml(survey).with_context(|| format!("{name}: survey"))?;
        let mut mistakes = mistakes(&procedure);
        mistakes.extend(questionnaire.check().iter().map(|fault| format!("survey: {fault}")));
        if !mistakes.is_empty() {
            bail!("{name}: {}", mistakes.join("\n"));
        }
        Ok(Self { procedure, questionnaire })
    }
}

/// Everything that a profile must not be.
fn mistakes(procedure: &Procedure) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(why) = procedure.number.mistake() {
        found.push(format!("number.format: {why}"));
    }
    for chain in &procedure.chains {
        for step in &chain.steps {
            for role in step.any_of.iter().filter(|r| !procedure.roles.iter().any(|known| known.id == **r)) {
                found.push(format!(
                    "chains: the step {:?} names the role {:?}, which [[roles]] does not define",
                    step.title,
                    role.as_str()
                ));
            }
        }
    }
    if !procedure.chains.iter().any(|c| c.stage == Stage::Answer) {
        found.push("chains: nobody approves an answer; add a [[chains]] with stage = \"answer\"".to_owned());
    }
    for grade in &procedure.grades {
        if grade.deadlines.is_empty() && procedure.deadlines.is_empty() {
            found.push(format!("grades: {:?} has no deadline", grade.id));
        }
    }
    if procedure.grades.is_empty() && procedure.deadlines.is_empty() {
        found.push("deadlines: there is none; add [[deadlines]] or [[grades]] with deadlines".to_owned());
    }
    found
}
