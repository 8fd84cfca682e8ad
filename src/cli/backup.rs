//! `redress backup`: a consistent, checked copy of the SQLite store, also while the service runs.

use std::path::Path;
use std::process::ExitCode;

use secrecy::ExposeSecret as _;

use super::output::show;
use super::setup::{FAILED, config, with_store};
use crate::store::{self, backup};

pub(super) fn run(path: &Path, target: &Path) -> ExitCode {
    match config(path) {
        Ok(config) if config.store.url.expose_secret().starts_with("sqlite:") => {}
        Ok(_) => {
            eprintln!("redress: the store is PostgreSQL: back it up with pg_dump --format=custom --file=FILE and the address of store.url");
            return ExitCode::from(FAILED);
        }
        Err(code) => return code,
    }
    with_store(path, |_, store| async move {
        let copied = match backup::copy(&store, target).await {
            Ok(copied) => copied,
            Err(store::Error::File { path, source }) if source.kind() == std::io::ErrorKind::AlreadyExists => {
                anyhow::bail!("{} is there already: name another file, or move that one away", path.display());
            }
            Err(error) => return Err(error.into()),
        };
        show(&format!(
            "{}: {} bytes, checked, events {}; it holds the store's secrets: keep it as safe as the store\n",
            target.display(),
            copied.bytes,
            copied.head.seq
        ))?;
        Ok(ExitCode::SUCCESS)
    })
}
