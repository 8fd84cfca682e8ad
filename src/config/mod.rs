//! Room: CONFIG. Reads the TOML of the operator, its includes and the environment, checks it whole, and hands out values that
//! need no second look. `types.rs` and `mail_types.rs` document every key; `layers.rs` lays files over one another and remembers lines;
//! `section.rs` reads keys; `read.rs`, `servers.rs`, `directory.rs` make the sections; `cross.rs` compares them. Called by cli.

mod cross;
mod directory;
mod layers;
mod mail_types;
mod mistake;
mod read;
mod section;
mod servers;
mod staff_list;
mod staff_merge;
mod types;

pub use layers::Places;
pub use mail_types::{Evidence, Login, Mailbox, OAuth2, OAuth2Client, Secret, Server, Smtp, Tls};
pub use mistake::{Mistake, Mistakes, Place};
pub use staff_list::{FIRST_LINE as STAFF_LIST_HEAD, Line as StaffLine, ListMistake, read as read_staff_list};
pub use staff_merge::{Known, merge as merge_staff_list};
pub use types::{
    Answer, Authority, Away, Config, Digest, Dispatch, Forms, Intake, Locale, Log, LogFormat, LogLevel, Organisation, OwnCalendar, Person,
    Probe, Profile, SecondPerson, Sms, SmsUrl, Store, Survey, Templates, Trust, TrustKey, Unit, WebForm,
};

use std::collections::BTreeMap;
use std::path::Path;

/// Names of the profiles that come with the program.
pub const SHIPPED_PROFILES: [&str; 5] = ["kmu", "shugu", "pt", "cpc", "chainsea"];

/// Loads and checks the config at `path`. `env` overrides keys (`REDRESS__SMTP__PORT`) and may name systemd's credentials
/// (`CREDENTIALS_DIRECTORY`).
///
/// # Errors
/// Every mistake at once, in the order of files and lines.
pub fn load(path: &Path, env: &BTreeMap<String, String>) -> Result<Config, Mistakes> {
    load_and_check(path, env, |_| (Vec::new(), Vec::new()))
}

/// What another room finds wrong with a config: the key, what is wrong, a hint.
pub type Finding = (String, String, String);

/// [`load`], with what other rooms find (the profile, the templates) among the mistakes, so that the operator sees all at once.
/// Mistakes of files that the config names come with their own place. `further` sees a config that may have mistakes already; a key that was complained of is not complained of again.
///
/// # Errors
/// As [`load`].
pub fn load_and_check(
    path: &Path,
    env: &BTreeMap<String, String>,
    further: impl FnOnce(&Config) -> (Vec<Finding>, Vec<Mistake>),
) -> Result<Config, Mistakes> {
    let sheet = section::Sheet::new(layers::lay(path, env), path);
    let mut config = read::config(&sheet, env);
    if sheet.is_whole() {
        cross::check(&sheet, &config);
    }
    config.places = sheet.places().clone();
    if sheet.is_whole() {
        let (found, elsewhere) = further(&config);
        for mistake in elsewhere {
            sheet.elsewhere(mistake);
        }
        let found: Vec<Finding> = found.into_iter().filter(|(key, _, _)| !sheet.complains_of(key)).collect();
        for (key, what, hint) in found {
            sheet.mistake(&key, what, hint);
        }
    }
    config.warnings = sheet.finish()?;
    Ok(config)
}

impl Config {
    /// Certificates that are not valid at a moment (UTC seconds), or not for long.
    #[must_use]
    pub fn check_certificates(&self, now: i64) -> Vec<Mistake> {
        cross::certificates(self, now)
    }

    /// Holds the people's roles against those that the profile knows; empty when all are known. Called once the profile
    /// is loaded.
    #[must_use]
    pub fn check_roles(&self, known: &[&str]) -> Vec<Mistake> {
        cross::roles(self, known)
    }
}

#[cfg(test)]
mod tests;
