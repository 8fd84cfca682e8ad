//! Logs go to stderr (journald keeps them), as text or JSON, and hold no personal data. The mail crates' own words are held down
//! to warnings, whatever RUST_LOG says: at trace they print passwords and whole mails (CRATES.md 13).

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Config, LogFormat};

/// Floors that nothing lowers.
const FLOOR: &str = "async_imap=warn,imap_proto=off,lettre=warn,sqlx=warn,hyper=warn,rustls=warn,html5ever=off";

/// Starts logging as the config says; a second call changes nothing.
pub(super) fn start(config: &Config) {
    let asked = std::env::var("RUST_LOG").unwrap_or_else(|_| config.log.level.name().to_owned());
    let filter = EnvFilter::try_new(format!("{asked},{FLOOR}")).unwrap_or_else(|_| EnvFilter::new(format!("info,{FLOOR}")));
    let registry = tracing_subscriber::registry().with(filter);
    let _ = match config.log.format {
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
        LogFormat::Text => registry.with(fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(false)).try_init(),
    };
}
