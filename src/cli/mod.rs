//! The command line (INTERFACE.md): a file a command. Arguments are read here; each command gets what it needs and gives an exit code:
//! 0 done, 1 could not, 2 wrong arguments or config. What went wrong goes to stderr and says what to do next.

mod audit;
mod backup;
mod breach;
mod calendar;
mod case;
mod case_json;
mod case_text;
mod check_config;
mod demo;
mod digest;
mod directory;
mod doctor;
mod doctor_probe;
mod form;
mod hold;
mod inspect;
mod ledger;
mod logs;
mod old_mail;
mod output;
mod purge;
mod quarantine;
mod restore;
mod run;
mod setup;
mod subject;

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
        /// Say what waits to be taken in, done and sent; take, do and send nothing.
        #[arg(long, conflicts_with_all = ["once", "now"])]
        dry_run: bool,
    },
    /// Whether the config is right; every mistake at once, as file:line: key: what is wrong: a hint.
    CheckConfig,
    /// Reaches store, IMAP, SMTP, survey address, fonts, clock; a line each.
    Doctor {
        /// Also sends each mailbox a mail to itself, plain and with a plus address, and tells what they can prove; at most a few minutes.
        #[arg(long)]
        probe: bool,
    },
    /// Cases: list, show, replay, explain.
    #[command(subcommand)]
    Case(case::Command),
    /// Mails that wait for a person.
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// The trail.
    #[command(subcommand)]
    Audit(audit::Command),
    /// An official form of a case as PDF.
    Form(form::Form),
    /// Prints the secretariat's digest and sends it now.
    Digest {
        /// The list of people with rights instead, which leaves once a quarter.
        #[arg(long)]
        people: bool,
        /// As if it were that moment (RFC 3339).
        #[arg(long, value_name = "RFC3339")]
        now: Option<String>,
    },
    /// Working days.
    #[command(subcommand)]
    Calendar(calendar::Command),
    /// People: the personnel office's lists, with what they change to be approved.
    #[command(subcommand)]
    Directory(directory::Command),
    /// A consistent copy of the store, also while the service runs.
    Backup {
        /// A file that does not exist yet.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// A backup in the store's place; the next start lives through the time since. Without a file on PostgreSQL, after pg_restore.
    Restore {
        /// A file that `redress backup` made.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Until when the lost store worked; found out from what is left of it otherwise.
        #[arg(long, value_name = "RFC3339")]
        until: Option<String>,
    },
    /// The intake's balance: every mail that the mailboxes showed, by what became of it; exit 1 where one is missing.
    Ledger(ledger::Ledger),
    /// Mails from long before the first start.
    #[command(subcommand)]
    OldMail(old_mail::Command),
    /// Takes out what the profile no longer keeps; statistics and the trail's proof stay.
    Purge(purge::Purge),
    /// Legal holds: what they name is kept, whatever its time.
    #[command(subcommand)]
    Hold(hold::Command),
    /// All that is held on one person: given out, or taken out.
    #[command(subcommand)]
    Subject(subject::Command),
    /// After a leak: who is concerned, which fields, which mails went to whom.
    BreachReport(breach::BreachReport),
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
                eprintln!("redress: {}", output::in_words(&error));
                ExitCode::from(setup::FAILED)
            }
        },
        Command::Demo(args) => demo::run(&args),
        Command::Run { dry_run: true, .. } => run::dry(&arguments.config),
        Command::Run { once, now, dry_run: false } => run::run(&arguments.config, once, now.as_deref()),
        Command::CheckConfig => check_config::run(&arguments.config),
        Command::Doctor { probe } => doctor::run(&arguments.config, probe),
        Command::Case(command) => case::run(&arguments.config, command),
        Command::Quarantine(command) => quarantine::run(&arguments.config, command),
        Command::Audit(command) => audit::run(&arguments.config, command),
        Command::Form(args) => form::run(&arguments.config, args),
        Command::Digest { people, now } => digest::run(&arguments.config, people, now.as_deref()),
        Command::Calendar(command) => calendar::run(&arguments.config, command),
        Command::Directory(command) => directory::run(&arguments.config, command),
        Command::Purge(args) => purge::run(&arguments.config, &args),
        Command::Hold(command) => hold::run(&arguments.config, command),
        Command::Subject(command) => subject::run(&arguments.config, command),
        Command::BreachReport(args) => breach::run(&arguments.config, args),
        Command::Backup { file } => backup::run(&arguments.config, &file),
        Command::Restore { file, until } => restore::run(&arguments.config, file.as_deref(), until.as_deref()),
        Command::Ledger(args) => ledger::run(&arguments.config, &args),
        Command::OldMail(command) => old_mail::run(&arguments.config, command),
    }
}
