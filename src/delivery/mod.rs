//! FROM THE OUTBOX TO THE WIRE. Takes claimed letters, byte for byte as they were frozen, to an SMTP server, and books what came
//! of each. Composes nothing and decides nothing about cases: the desk hears the outcome. Called by `daemon` and `cli`.

mod batch;
mod connection;
mod copies;
mod gate;
mod outcome;
mod run;
mod sms;
mod sure;
mod transport;

use tokio::sync::mpsc;

pub use connection::Patience;
pub use copies::Copies;
pub use outcome::{Outcome, Why};
pub use run::{probe, run, say, send_all_due};
pub use sms::{SmsCount, SmsSettings, run_sms, send_due};

use crate::{
    calendar::Moment,
    clock::Clock,
    store::{self, Store},
    wire::{self, Endpoint, Health, Login},
};

/// How letters leave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The SMTP server.
    pub endpoint: Endpoint,
    /// Who we are to it; `None` where it takes mail from us without a login.
    pub login: Option<Login>,
    /// Our name in EHLO (a host name or `[127.0.0.1]`).
    pub hello: String,
    /// Connections at the same time, at least 1.
    pub connections: usize,
    /// How long each step may take.
    pub patience: Patience,
    /// The process that the workers belong to: their names begin with it, so that others know whose claims these are. May be empty.
    pub process: String,
    /// Who looks for copies of letters in doubt; `None`: nobody does, and they leave once more by their time.
    pub copies: Option<Copies>,
}

impl Settings {
    /// Usual settings for a server: three connections, 60 s a step, 600 s for the answer to the final dot.
    #[must_use]
    pub fn new(endpoint: Endpoint, login: Option<Login>, hello: String) -> Self {
        Self { endpoint, login, hello, connections: 3, patience: Patience::default(), process: String::new(), copies: None }
    }
}

/// One letter's try, for the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The outbox id.
    pub letter_id: String,
    /// The case it belongs to.
    pub case_id: Option<String>,
    /// Which letter it is.
    pub kind: String,
    /// RCPT TO.
    pub recipient: String,
    /// It had been in doubt: what arrives now may be the second copy.
    pub again: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// When.
    pub at: Moment,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Taken by the server.
    pub sent: u64,
    /// Of these: had been in doubt, so that the reader may have two copies.
    pub sent_again: u64,
    /// Wait for their next try.
    pub later: u64,
    /// Given up.
    pub never: u64,
    /// The answer to the final dot is missing.
    pub in_doubt: u64,
    /// Had been in doubt, and their copy lies among the sent mails.
    pub found: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.sent_again += other.sent_again;
        self.later += other.later;
        self.never += other.never;
        self.in_doubt += other.in_doubt;
        self.found += other.found;
    }
}

/// What the probe saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeReport {
    /// The connection is encrypted.
    pub encrypted: bool,
    /// A login was made.
    pub logged_in: bool,
    /// The server takes 8-bit mail; where it does not, letters that forward foreign mail as it is cannot leave.
    pub eight_bit: bool,
    /// The server takes addresses outside of ASCII.
    pub utf8: bool,
    /// The largest mail in bytes; `None` when the server named none.
    pub size_limit: Option<u64>,
}

/// Why delivery as a whole stopped for now. Letters that were not tried are as due as before.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection: wait and try again.
    #[error("SMTP: {0}")]
    Wire(#[from] wire::Error),
    /// The login was refused: wait long, tell the operator.
    #[error("SMTP login refused{}", code_text(*code))]
    Login {
        /// The server's code, where there was one.
        code: Option<u16>,
    },
    /// The server wants none of us at this moment: wait and try again.
    #[error("SMTP server failed at {step}{}", code_text(*code))]
    Server {
        /// Where it failed.
        step: &'static str,
        /// The server's code, where there was one.
        code: Option<u16>,
    },
    /// The store could not book it: wait and try again.
    #[error(transparent)]
    Store(#[from] store::Error),
}

fn code_text(code: Option<u16>) -> String {
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

/// What every worker holds.
#[derive(Debug, Clone)]
struct Room {
    settings: Settings,
    store: Store,
    clock: Clock,
    outcomes: mpsc::Sender<Delivered>,
    health: Health,
}
