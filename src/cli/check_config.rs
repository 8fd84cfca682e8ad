//! `redress check-config`: every mistake at once, of the config and of what it names: the profile, the templates, the logins that
//! this version can use. Opens no store and speaks to no server; that is `doctor`.

use std::path::Path;
use std::process::ExitCode;

use super::output::{in_words, show};
use super::setup::{FAILED, WRONG, environment};
use crate::clock::Clock;
use crate::config::{self, Config, Finding, Mistake, Mistakes};
use crate::daemon::{self, Profile};
use crate::domain::directory::{HANDLER, SECRETARIAT, UNIT_HEAD};
use crate::render::Words;
use crate::trust;

pub(super) fn run(path: &Path) -> ExitCode {
    let mut profile = None;
    let loaded = config::load_and_check(path, &environment(), |config| {
        let (loaded, mut found, elsewhere) = further(config);
        profile = loaded;
        found.extend(templates(config));
        (found, elsewhere)
    });
    let config = match loaded {
        Ok(config) => config,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return ExitCode::from(WRONG);
        }
    };
    for warning in config.warnings.iter().chain(&config.check_certificates(Clock::system().now().unix())) {
        eprintln!("warning: {warning}");
    }
    match show(&summary(path, &config, profile.as_ref())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("redress: {}", in_words(&error));
            ExitCode::from(FAILED)
        }
    }
}

fn summary(path: &Path, config: &Config, profile: Option<&Profile>) -> String {
    let procedure = profile.map(|p| format!("{} {} {}", p.procedure.id, p.procedure.version, p.procedure.title)).unwrap_or_default();
    format!(
        "ok {}: profile {procedure}; mailboxes {}, people {}, units {}, warnings {}\n",
        path.display(),
        config.mailboxes.len(),
        config.people.len(),
        config.units.len(),
        config.warnings.len()
    )
}

/// What the other rooms say of it, beside the templates.
fn further(config: &Config) -> (Option<Profile>, Vec<Finding>, Vec<Mistake>) {
    let (mut found, mut elsewhere) = (Vec::new(), Vec::new());
    let profile = match daemon::profile(config) {
        Ok(profile) => Some(profile),
        Err(error) => {
            match error.downcast_ref::<Mistakes>() {
                Some(Mistakes(mistakes)) => elsewhere.extend(mistakes.iter().cloned()),
                None => {
                    let hint = format!("name one of {}, or the path of a profile file that is right", config::SHIPPED_PROFILES.join(", "));
                    found.push(("organisation.profile".to_owned(), on_one_line(&in_words(&error)), hint));
                }
            }
            None
        }
    };
    if let Some(profile) = &profile {
        let known: Vec<&str> = profile.procedure.roles.iter().map(|r| r.id.as_str()).collect();
        found.extend(config.check_roles(&known).into_iter().map(|m| (m.key, m.what, m.hint)));
        found.extend(nobody(config, profile));
    }
    found.extend(shared_slots(config));
    for (index, mailbox) in config.mailboxes.iter().enumerate() {
        if let Err(error) = daemon::intake_settings(mailbox) {
            found.push((
                format!("mailboxes[{index}].imap"),
                on_one_line(&in_words(&error)),
                "correct the login or the certificate".to_owned(),
            ));
        }
    }
    if let Err(error) = daemon::delivery_settings(config) {
        found.push(("smtp".to_owned(), on_one_line(&in_words(&error)), "correct the login or the certificate".to_owned()));
    }
    (profile, found, elsewhere)
}

/// A step of a chain that nobody holds falls to the office; where nobody holds that either, it would wait for ever.
fn nobody(config: &Config, profile: &Profile) -> Option<Finding> {
    let held = |role: &str| config.people.iter().any(|p| p.roles.iter().any(|r| r == role));
    if config.people.is_empty() || held(SECRETARIAT) {
        return None;
    }
    let steps = profile.procedure.chains.iter().flat_map(|c| &c.steps);
    let left = steps.flat_map(|s| &s.any_of).find(|role| !matches!(role.as_str(), UNIT_HEAD | HANDLER) && !held(role.as_str()));
    let named = left.map(|role| format!(" (nor {}, and the office would stand in)", role.as_str())).unwrap_or_default();
    let hint = format!("write roles = [\"{SECRETARIAT}\"] for at least one person of the office");
    Some(("people".to_owned(), format!("nobody has the role {SECRETARIAT}{named}"), hint))
}

/// Two ids that the secrets of reply addresses cannot tell apart: one person could answer for the other.
fn shared_slots(config: &Config) -> Vec<Finding> {
    let units: Vec<String> = config.units.iter().map(|u| format!("unit:{}", u.id)).collect();
    let people = config.people.iter().map(|p| p.id.as_str());
    let named = |id: &str| match id.strip_prefix("unit:") {
        Some(unit) => config.units.iter().position(|u| u.id == unit).map(|at| format!("units[{at}].id")),
        None => config.people.iter().position(|p| p.id == id).map(|at| format!("people[{at}].id")),
    };
    trust::collisions(people.chain(units.iter().map(String::as_str)))
        .into_iter()
        .filter_map(|(first, second)| {
            let what = format!("`{second}` and `{first}` share a slot, so that reply addresses could not tell them apart");
            Some((named(second)?, what, "change one letter of one of the two ids".to_owned()))
        })
        .collect()
}

fn templates(config: &Config) -> Vec<Finding> {
    let overlay = config.templates.overlay.as_deref();
    let key = "templates.overlay".to_owned();
    let hint = if overlay.is_some() {
        "correct the file in the overlay folder, or take it out"
    } else {
        "this is a fault of the program: report it"
    };
    let wrong = match Words::load(overlay) {
        Ok(words) => words.check().err().unwrap_or_default(),
        Err(error) => vec![error],
    };
    wrong.into_iter().map(|error| (key.clone(), on_one_line(&error.to_string()), hint.to_owned())).collect()
}

/// Reports of parsers have several lines; a mistake has one.
fn on_one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_several_lines_becomes_one() {
        assert_eq!(on_one_line("a\n  b\n\nc"), "a; b; c");
    }

    #[test]
    fn ids_that_share_a_slot_are_named_with_their_key() {
        // Two ids whose digests begin alike, found by trying.
        let mut seen = std::collections::BTreeMap::new();
        let (first, second) = (0..)
            .find_map(|n| {
                let id = format!("p{n}");
                seen.insert(trust::slot_of(&id), id.clone()).map(|old| (old, id))
            })
            .expect("20 bits repeat soon");
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("redress.toml");
        let text = format!(
            "[organisation]\nname = \"x\"\noffice = \"y\"\ndomain = \"kmu.example\"\nprofile = \"kmu\"\n[[mailboxes]]\naddress = \"s@kmu.example\"\n\
             [mailboxes.imap]\nhost = \"127.0.0.1\"\ntls = \"none\"\npassword = \"x\"\n[smtp]\nhost = \"127.0.0.1\"\ntls = \"none\"\n\
             [store]\nurl = \"sqlite:a.db\"\n[[people]]\nid = \"{first}\"\nname = \"a\"\nemail = \"a@kmu.example\"\nroles = [\"secretariat\"]\n\
             [[people]]\nid = \"{second}\"\nname = \"b\"\nemail = \"b@kmu.example\"\n\
             [[units]]\nid = \"u\"\nname = \"u\"\ninbox = \"u@kmu.example\"\nhead = \"{first}\"\n"
        );
        std::fs::write(&path, text).expect("config");
        let config = config::load(&path, &std::collections::BTreeMap::new()).unwrap_or_else(|m| panic!("{m}"));
        let found = shared_slots(&config);
        let [(key, what, _)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(key, "people[1].id");
        assert!(what.contains(&first) && what.contains(&second), "{what}");
    }
}
