//! `redress form`: an official form of a case as PDF, as the mails carry it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::case::find;
use super::output::{show, write_private};
use super::setup::within;
use crate::desk::{self, Desk};
use crate::render;

/// Arguments of `redress form`.
#[derive(Debug, clap::Args)]
pub(super) struct Form {
    /// The case's received number.
    number: String,
    /// Which form of the profile, e.g. record or handling.
    #[arg(long, value_name = "NAME")]
    form: String,
    /// Where the PDF is written, readable by you alone; an older one is replaced.
    #[arg(long, value_name = "FILE.pdf")]
    out: PathBuf,
}

pub(super) fn run(config: &Path, args: Form) -> ExitCode {
    within(config, None, |house| async move {
        let case = find(&house.desk, &args.number).await?;
        let (title, pdf) = match house.desk.print(&case, &args.form) {
            Ok(printed) => printed,
            Err(desk::Error::Render(render::Error::NoForm(_))) => {
                anyhow::bail!("the profile has no form {}: it has {}", args.form, forms(&house.desk));
            }
            Err(error) => return Err(error.into()),
        };
        write_private(&args.out, &pdf)?;
        show(&format!("{title} {} → {} ({} bytes)\n", case.number, args.out.display(), pdf.len()))?;
        Ok(ExitCode::SUCCESS)
    })
}

fn forms(desk: &Desk) -> String {
    let prefix = format!("{}/", desk.office.procedure.forms_folder());
    let names: Vec<&str> = desk.press.iter().flat_map(|p| p.forms()).filter_map(|name| name.strip_prefix(&prefix)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
