//! `redress inspect [--json] FILE…`: how a mail is read. Needs no config and no store.

use crate::mail::inspect;
use std::io::{Read as _, Write as _};

/// Arguments of `redress inspect`.
#[derive(Debug, clap::Args)]
pub struct Inspect {
    /// One line of JSON per file.
    #[arg(long)]
    pub json: bool,
    /// Raw mails; `-` is standard input.
    #[arg(required = true)]
    pub files: Vec<std::path::PathBuf>,
}

/// Prints each file; a file that is no mail gets its line too. Fails when a file cannot be opened or nothing can be printed.
///
/// # Errors
/// The file that could not be read, or standard output that is gone.
pub fn run(args: &Inspect) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut missing = 0usize;
    for path in &args.files {
        let name = path.display().to_string();
        let raw = match read_file(path) {
            Ok(raw) => raw,
            Err(e) => {
                eprintln!("{name}: {e}");
                missing += 1;
                continue;
            }
        };
        if args.json {
            writeln!(out, "{}", inspect::json_line(&name, &raw))?;
        } else {
            write!(out, "{}", inspect::for_people(&name, &raw))?;
        }
    }
    out.flush()?;
    anyhow::ensure!(missing == 0, "{missing} of {} files could not be read", args.files.len());
    Ok(())
}

fn read_file(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut raw = Vec::new();
        std::io::stdin().lock().read_to_end(&mut raw)?;
        return Ok(raw);
    }
    std::fs::read(path)
}
