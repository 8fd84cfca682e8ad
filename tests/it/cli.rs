//! The command line from outside: the real program against a real store, real servers and a config file. Every exit code.

mod config;
mod doctor;
mod office;
mod profile;
mod records;
mod restore;
mod upgrade;

use std::path::Path;
use std::process::{Command, Output};

use crate::support::world::World;

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Its output as JSON.
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ended by itself"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

/// Runs the program with a config and further variables.
fn redress_with(config: &Path, env: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("REDRESS_")) {
        command.env_remove(name);
    }
    command.env_remove("RUST_LOG").arg("--config").arg(config).args(args).envs(env.iter().copied());
    command.output().expect("the program runs").into()
}

fn redress(config: &Path, args: &[&str]) -> Ran {
    redress_with(config, &[], args)
}

/// Runs the program on a world's store, beside the open house.
pub fn beside(world: &World, args: &[&str]) -> Ran {
    redress(&world.dir.path().join("redress.toml"), args)
}

/// A small config that is right; its servers need not be there.
fn plain_config(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("redress.toml");
    let text = r#"[organisation]
name = "高雄示範大學"
office = "秘書室"
domain = "kmu.example"
profile = "kmu"

[[mailboxes]]
address = "service@kmu.example"
trusted_authserv_id = "mx.kmu.example"
[mailboxes.imap]
host = "127.0.0.1"
port = 1
tls = "none"
password = "a-secret-word"

[smtp]
host = "127.0.0.1"
port = 1
tls = "none"

[store]
url = "sqlite:redress.db"

[survey]
listen = "127.0.0.1:0"
public_url = "https://survey.kmu.example"

[[people]]
id = "wang"
name = "王秘書"
email = "wang@kmu.example"
roles = ["secretariat"]

[[people]]
id = "lin"
name = "林教務長"
email = "lin@kmu.example"

[[units]]
id = "academic"
name = "教務處"
inbox = "academic@kmu.example"
head = "lin"
"#;
    std::fs::write(&path, text).expect("config");
    path
}
