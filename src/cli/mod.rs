//! The command line (INTERFACE.md): a file a command. Arguments are read here; each command gets what it needs and gives an exit code:
//! 0 done, 1 could not, 2 wrong arguments or config. What went wrong goes to stderr and says what to do next.

mod demo;
mod inspect;
mod logs;
mod run;
mod setup;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// 把一個信箱變成申訴辦公室 — turns one mailbox into a complaint office.
#[derive(Debug, Parser)]
#[command(name = "redress", version, about, disable_help_subcommand = true)]
struct Arguments {
    /// The config file.
    #[arg(long, global = true, env = "REDRESS_CONFIG", default_value = "/etc/redress/redress.toml", value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The service; with --once: take in all mail, do all that is due, send all, exit.
    Run {
        /// One pass, for cron or a rehearsal.
        #[arg(long)]
        once: bool,
        /// Rehearse as if it were that moment (RFC 3339; needs --once).
        #[arg(long, requires = "once", value_name = "RFC3339")]
        now: Option<String>,
    },
    /// How a mail is read; '-' reads stdin.
    Inspect(inspect::Inspect),
    /// A complaint office on this machine: one case played from first mail to closing, then yours to write to.
    Demo(demo::Demo),
}

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match arguments.command {
        Command::Inspect(args) => match inspect::run(&args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("redress: {error:#}");
                ExitCode::from(setup::FAILED)
            }
        },
        Command::Demo(args) => demo::run(&args),
        Command::Run { once, now } => run::run(&arguments.config, once, now.as_deref()),
    }
}
