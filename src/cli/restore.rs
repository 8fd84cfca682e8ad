//! `redress restore`: a backup in the store's place. The next start lives through the time since (`daemon::rebuild`); nothing leaves here.

use std::path::Path;
use std::process::ExitCode;

use secrecy::ExposeSecret as _;

use super::output::show;
use super::setup::{FAILED, WRONG, config, ended, runtime};
use crate::calendar::Moment;
use crate::store::{Store, backup};

pub(super) fn run(path: &Path, source: Option<&Path>, until: Option<&str>) -> ExitCode {
    let config = match config(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let until = match until.map(|text| (text, Moment::parse_rfc3339(text))) {
        None => None,
        Some((_, Some(at))) => Some(at),
        Some((text, None)) => {
            eprintln!("--until {text}: not a moment; write it as 2026-12-31T17:30:00+08:00");
            return ExitCode::from(WRONG);
        }
    };
    super::logs::start(&config);
    let url = config.store.url.expose_secret();
    let sqlite = url.starts_with("sqlite:");
    let Some(source) = source else {
        if sqlite {
            eprintln!("redress: name the backup: redress restore FILE");
            return ExitCode::from(FAILED);
        }
        return ended(runtime().and_then(|runtime| runtime.block_on(marked(url, until))));
    };
    if !sqlite {
        eprintln!("redress: the store is PostgreSQL: put the dump back with pg_restore --clean, then run `redress restore` without a file");
        return ExitCode::from(FAILED);
    }
    ended(runtime().and_then(|runtime| runtime.block_on(put_back(url, source, until))))
}

async fn put_back(url: &str, source: &Path, until: Option<Moment>) -> anyhow::Result<ExitCode> {
    let back = backup::put_back(url, source, until).await?;
    let mut out = format!("{} is the store now: checked, events {}\n", source.display(), back.head.seq);
    if let Some(aside) = back.aside {
        out.push_str(&format!("what stood there is kept as {}\n", aside.display()));
    }
    out.push_str(NEXT);
    show(&out)?;
    Ok(ExitCode::SUCCESS)
}

const NEXT: &str = "the next start reads again what came in since the backup; letters of that time are not sent again\n\
    answers given on survey pages since the backup are lost, and the links of that time are dead; the mail buttons work\n";

/// PostgreSQL, after pg_restore.
async fn marked(url: &str, until: Option<Moment>) -> anyhow::Result<ExitCode> {
    let store = Store::open(url).await?;
    backup::mark(&store, until).await?;
    store.close().await;
    show(NEXT)?;
    Ok(ExitCode::SUCCESS)
}
