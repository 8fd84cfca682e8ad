//! `redress demo`: a complaint office on this machine. Starts a private Dovecot and a mail server, plays one case from the first mail to
//! its closing through the real daemon, makes a page of it, and leaves all running for a visitor to write to. Needs no config.

mod live;
mod mails;
mod page;
mod play;
mod servers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::live::Live;
use self::mails::Written;
use self::page::{Open, Page};
use self::play::Stage;
use self::servers::{BORDER, OFFICE, PASSWORD, Servers, free_port};
use super::output::in_words;
use super::setup::{FAILED, runtime, told_to_stop};
use crate::clock::{Chance, Clock};
use crate::config::{self, Config};
use crate::daemon::{self, House};
use crate::domain::Language;
use crate::survey;

const CONFIG: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/zh-TW/demo/office.toml"));

/// Arguments of `redress demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Where everything is kept: state/ (made anew at each start) and out/index.html.
    #[arg(long, default_value = "demo", value_name = "FOLDER")]
    folder: PathBuf,
    /// Ends when the case is played and the page is made.
    #[arg(long)]
    no_wait: bool,
    /// Sends a mail into the demo that runs in the same folder, and ends.
    #[arg(long, requires_all = ["from", "subject", "body"])]
    write: bool,
    /// Who writes it.
    #[arg(long, requires = "write", value_name = "ADDRESS")]
    from: Option<String>,
    /// To whom; the office when not said.
    #[arg(long, requires = "write", value_name = "ADDRESS", default_value = OFFICE)]
    to: String,
    /// Its subject.
    #[arg(long, requires = "write")]
    subject: Option<String>,
    /// Its text.
    #[arg(long, requires = "write")]
    body: Option<String>,
}

/// Words for the terminal.
#[derive(Serialize)]
struct Said<'a> {
    page: String,
    mails: usize,
    open: Option<&'a Open>,
    config: String,
}

pub(super) fn run(args: &Demo) -> ExitCode {
    let done = if args.write { write(args) } else { runtime().and_then(|runtime| runtime.block_on(demo(args))) };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("redress: {}", in_words(&error));
            ExitCode::from(FAILED)
        }
    }
}

async fn demo(args: &Demo) -> Result<()> {
    std::fs::create_dir_all(&args.folder).with_context(|| format!("{} cannot be made", args.folder.display()))?;
    let folder = args.folder.canonicalize()?;
    let lock = std::fs::File::create(folder.join(".lock"))?;
    if lock.try_lock().is_err() {
        bail!("a demo is running in {} already; stop it, or name another --folder", folder.display());
    }
    let (state, out) = (folder.join("state"), folder.join("out"));
    for old in [&state, &out] {
        if old.exists() {
            std::fs::remove_dir_all(old).with_context(|| format!("{} cannot be removed", old.display()))?;
        }
        std::fs::create_dir_all(old)?;
    }
    let servers = Servers::start(&state)?;
    let survey = free_port()?;
    let config_file = state.join("redress.toml");
    let text = [("{imap}", servers.imap.to_string()), ("{smtp}", servers.smtp.to_string()), ("{survey}", survey.to_string())];
    let text = text.iter().fold(CONFIG.replace("{border}", BORDER).replace("{password}", PASSWORD), |t, (k, v)| t.replace(k, v));
    std::fs::write(&config_file, text)?;
    std::fs::write(state.join("smtp.port"), servers.smtp.to_string())?;
    super::logs::start(&read(&config_file)?);
    let house = House::open(read(&config_file)?, Clock::system(), Chance::system()).await?;
    let (page, played) = play(&house, &config_file, &servers, survey, &out).await?;
    let result = if args.no_wait {
        let file = page.write(&[], house.desk.clock.now(), None)?;
        say(&house, &Said { page: shown(&file), mails: played, open: None, config: shown(&config_file) })
    } else {
        wait(house, page, played, &servers, &out, &config_file).await
    };
    drop(servers);
    drop(lock);
    result
}

fn read(path: &Path) -> Result<Config> {
    config::load(path, &BTreeMap::new()).map_err(|mistakes| anyhow!("{mistakes}"))
}

/// As short as it can be named from here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

fn say(house: &House, said: &Said<'_>) -> Result<()> {
    print!("{}", house.desk.words.page(Language::ZhTw, "demo/terminal.txt", said)?);
    Ok(())
}

/// Plays the script on a clock of its own and lays out the page; how many mails there were.
async fn play(present: &House, config: &Path, servers: &Servers, survey: u16, out: &Path) -> Result<(Page, usize)> {
    let now = present.desk.clock.now();
    let past = House::open(read(config)?, Clock::settable(now.plus_seconds(-40 * 86_400)), Chance::system()).await?;
    let stop = CancellationToken::new();
    let listener = TcpListener::bind(("127.0.0.1", survey)).await.context("the survey page")?;
    let backend = daemon::survey_backend(&past.desk, Arc::new(Notify::new()));
    let serving = tokio::spawn(survey::serve(listener, backend, past.desk.clock.clone(), stop.clone()));
    let mut stage = Stage::new(&past, servers.smtp, survey, servers.spool.clone())?;
    let done = async {
        let played = stage.play(now).await?;
        Ok((Page::new(out, &stage, &played).await?, stage.count()))
    };
    let done = done.await;
    stop.cancel();
    serving.await?;
    past.desk.store.close().await;
    done
}

/// Leaves the daemon running on the real clock, until Ctrl-C.
async fn wait(house: House, page: Page, played: usize, servers: &Servers, out: &Path, config: &Path) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("the demo's page")?;
    let open = Open { address: format!("http://{}/", listener.local_addr()?), smtp: servers.smtp };
    let file = page.write(&[], house.desk.clock.now(), Some(&open))?;
    let said = Said { page: shown(&file), mails: played, open: Some(&open), config: shown(config) };
    say(&house, &said)?;
    let live = Live {
        page,
        open,
        clock: house.desk.clock.clone(),
        zone: house.desk.office.calendar.zone().clone(),
        spool: servers.spool.clone(),
        out: out.to_owned(),
        played,
        shown: AtomicUsize::new(played),
    };
    let stop = told_to_stop()?;
    let lock = house.desk.store.lock_instance()?;
    let store = house.desk.store.clone();
    let serving = tokio::spawn(live::serve(listener, Arc::new(live), stop.clone()));
    let ran = daemon::run(house, lock.is_exclusive(), stop.clone()).await;
    stop.cancel();
    serving.await??;
    store.close().await;
    ran
}

/// A mail into the demo that runs in the same folder.
fn write(args: &Demo) -> Result<()> {
    let port = std::fs::read_to_string(args.folder.join("state/smtp.port")).context("no demo is running here: make demo")?;
    let port: u16 = port.trim().parse()?;
    let text = |given: &Option<String>| given.clone().unwrap_or_default();
    let written =
        Written { from: text(&args.from), to: args.to.clone(), subject: text(&args.subject), text: text(&args.body), answers: None };
    let clock = Clock::system();
    let number = usize::from_ne_bytes(Chance::system().bytes());
    mails::send(port, &written.from, &written.to, &written.bytes(clock.now(), &jiff::tz::TimeZone::UTC, number))
}
