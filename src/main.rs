//! Parses arguments and calls the command.

use clap::{Parser, Subcommand};
use redress::cli;

#[derive(Parser)]
#[command(name = "redress", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show how a mail is read.
    Inspect(cli::inspect::Inspect),
}

fn main() -> std::process::ExitCode {
    let Arguments { command } = Arguments::parse();
    let done = match command {
        Command::Inspect(args) => cli::inspect::run(&args),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("redress: {e:#}");
            std::process::ExitCode::from(1)
        }
    }
}
