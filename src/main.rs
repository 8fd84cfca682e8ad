//! Parses arguments and calls the command.

use std::process::ExitCode;

fn main() -> ExitCode {
    redress::cli::main()
}
