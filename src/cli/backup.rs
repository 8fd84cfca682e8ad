//! `redress backup`: a consistent, checked copy of the SQLite store, also while the service runs.

use std::path::Path;
use std::process::ExitCode;

use super::output::show;
use super::setup::with_store;
use crate::store::{self, Dialect, backup};

pub(super) fn run(config: &Path, target: &Path) -> ExitCode {
    with_store(config, |_, store| async move {
        match store.dialect() {
            Dialect::Sqlite => {}
            Dialect::Postgres => anyhow::bail!("the store is PostgreSQL: back it up with pg_dump (pg_dump --format=custom --file=FILE, with the address of store.url)"),
        }
        let copied = match backup::copy(&store, target).await {
            Ok(copied) => copied,
            Err(store::Error::File { path, source }) if source.kind() == std::io::ErrorKind::AlreadyExists => {
                anyhow::bail!("{} is there already: name another file, or move that one away", path.display());
            }
            Err(error) => return Err(error.into()),
        };
        show(&format!("{}: {} bytes, checked, events {}; it holds the store's secrets: keep it as safe as the store\n", target.display(), copied.bytes, copied.head.seq))?;
        Ok(ExitCode::SUCCESS)
    })
}
