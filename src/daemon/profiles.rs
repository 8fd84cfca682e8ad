//! Profiles: shipped ones are embedded, an organisation's own is a file or a folder. A profile and its survey, checked.

use std::path::Path;

use anyhow::{Context, Result, bail};
use include_dir::{Dir, include_dir};

use super::profile_check;
use crate::config::{Mistake, Mistakes, Place, Places};
use crate::domain::Questionnaire;
use crate::domain::procedure::Procedure;

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
    /// No such profile; its mistakes, each with file and line.
    pub fn shipped(name: &str) -> Result<Self> {
        let read = |file: &str| SHIPPED.get_file(format!("{name}/{file}")).and_then(|f| f.contents_utf8());
        let Some(profile) = read("profile.toml") else {
            let names: Vec<_> = SHIPPED.dirs().filter_map(|d| d.path().to_str()).collect();
            bail!("profile {name:?} is not among those shipped ({}): name one of them, or the path of a profile file", names.join(", "));
        };
        let survey = read("survey.toml").unwrap_or_default();
        Ok(Self::read((&format!("{name}/profile.toml"), profile), (&format!("{name}/survey.toml"), survey))?)
    }

    /// A profile file; `survey.toml` stands beside it.
    ///
    /// # Errors
    /// It cannot be read; its mistakes, each with file and line.
    pub fn file(path: &Path) -> Result<Self> {
        let profile = std::fs::read_to_string(path).with_context(|| format!("{}: the profile cannot be read", path.display()))?;
        let beside = path.with_file_name("survey.toml");
        let survey = std::fs::read_to_string(&beside)
            .with_context(|| format!("{}: the survey that belongs beside a profile cannot be read", beside.display()))?;
        Ok(Self::read((&path.display().to_string(), &profile), (&beside.display().to_string(), &survey))?)
    }

    /// Both files, each as its name and its text.
    fn read(profile: (&str, &str), survey: (&str, &str)) -> Result<Self, Mistakes> {
        let procedure = parsed(profile, toml::from_str::<Procedure>(profile.1));
        let questionnaire = parsed(survey, Questionnaire::from_toml(survey.1));
        let mut wrong = Vec::new();
        let faults = |(file, text): (&str, &str), found: Vec<profile_check::Found>| {
            let places = Places::of(file, text);
            found.into_iter().map(|(key, what, hint)| Mistake { place: places.place(&key), key, what, hint }).collect::<Vec<_>>()
        };
        match &procedure {
            Ok(procedure) => wrong.extend(faults(profile, profile_check::procedure(procedure))),
            Err(mistake) => wrong.push(mistake.clone()),
        }
        match &questionnaire {
            Ok(questionnaire) => wrong.extend(faults(survey, profile_check::survey(questionnaire))),
            Err(mistake) => wrong.push(mistake.clone()),
        }
        match (procedure, questionnaire) {
            (Ok(procedure), Ok(questionnaire)) if wrong.is_empty() => Ok(Self { procedure, questionnaire }),
            (_, _) => {
                wrong.sort();
                Err(Mistakes(wrong))
            }
        }
    }
}

/// What TOML or a type says of a file, as a mistake with its line.
fn parsed<T>((file, text): (&str, &str), read: Result<T, toml::de::Error>) -> Result<T, Mistake> {
    read.map_err(|error| {
        let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
        let lines: Vec<&str> = error.message().lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let hint = "correct this line of the profile that organisation.profile names; a shipped profile shows every key".to_owned();
        Mistake { place: Place::File { file: file.to_owned(), line }, key: String::new(), what: lines.join("; "), hint }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_reads_without_a_mistake() {
        for folder in SHIPPED.dirs().filter_map(|d| d.path().to_str()) {
            let profile = Profile::shipped(folder).unwrap_or_else(|e| panic!("{folder}: {e:#}"));
            assert_eq!(profile.procedure.id, folder);
            assert!(crate::config::SHIPPED_PROFILES.contains(&folder), "{folder} can be named in a config");
        }
    }
}
