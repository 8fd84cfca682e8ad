//! FROM THE MAILBOX INTO CUSTODY. Reads a mailbox over IMAP and hands every mail's bytes to `store::inbox` before anything else
//! happens to it; then moves it aside. Understands nothing of what it carries: that is the desk's work. Called by `daemon` and `cli`.

mod behind;
mod book;
mod commands;
mod custody;
mod folder;
mod guard;
mod heavy;
mod look;
mod older;
mod quarantine;
mod recover;
mod seek;
mod sent;
mod session;
mod signing;
mod sweep;
mod watch;

use std::{collections::BTreeSet, time::Duration};

pub use behind::unknown;
pub use look::{Look, look};
pub use recover::{Recovered, recover};
pub use seek::find;
pub use sent::{Mark, Sent, look_at_sent};
pub use signing::Signing;
pub use watch::{probe, run, take_all};

use crate::{
    calendar::Moment,
    store,
    wire::{self, Endpoint, Login},
};

/// One mailbox and how it is read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The mailbox's address: its name in the ledger.
    pub address: String,
    /// The folder that is read.
    pub folder: String,
    /// Where mails go once they are in custody, made when missing; `None`: they stay.
    pub processed_folder: Option<String>,
    /// Where held mails are moved on to; `None`: they stay with the others.
    pub quarantine_folder: Option<String>,
    /// Where the server keeps what is sent from this account; `None`: it keeps nothing, or nobody is to look.
    pub sent_folder: Option<String>,
    /// Wait with IDLE where the server can.
    pub idle: bool,
    /// How often to look where there is no IDLE.
    pub poll_interval: Duration,
    /// IDLE is begun anew after so long; at most five minutes, since a dead connection shows only then.
    pub idle_renew: Duration,
    /// The whole folder is listed so often, whatever the server says is new.
    pub full_listing: Duration,
    /// The IMAP server.
    pub endpoint: Endpoint,
    /// Who we are to it.
    pub login: Login,
    /// Of longer mails (bytes) only the header and the beginning are taken.
    pub size_limit: u64,
    /// Mails found at the very first start that are older than so many seconds wait for the secretariat's word.
    pub take_since: Option<i64>,
    /// A connection on which nothing moves for so long is dead.
    pub quiet: Duration,
    /// No command lasts longer.
    pub longest: Duration,
    /// Whose DKIM signatures are to be checked by ourselves; none: the border's word counts.
    pub signing: Option<Signing>,
}

impl Settings {
    /// Usual settings for a mailbox: INBOX, IDLE, `Processed`, 25 MiB.
    #[must_use]
    pub fn new(address: String, endpoint: Endpoint, login: Login) -> Self {
        Self {
            address,
            folder: "INBOX".into(),
            processed_folder: Some("Processed".into()),
            quarantine_folder: Some("Quarantine".into()),
            sent_folder: None,
            idle: true,
            poll_interval: Duration::from_secs(60),
            idle_renew: Duration::from_secs(290),
            full_listing: Duration::from_secs(600),
            endpoint,
            login,
            size_limit: 25 * 1024 * 1024,
            take_since: None,
            quiet: Duration::from_secs(60),
            longest: Duration::from_secs(900),
            signing: None,
        }
    }

    const fn patience(&self) -> session::Patience {
        session::Patience { quiet: self.quiet, longest: self.longest }
    }
}

/// What a pass did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Mails taken into custody.
    pub taken: u64,
    /// Of these: too long, only the beginning was taken.
    pub truncated: u64,
    /// Mails that were in custody already and still lie in the folder.
    pub known: u64,
    /// Mails moved to the processed folder.
    pub moved: u64,
    /// The server would not let us move mails; they stay, the ledger keeps them from being taken twice.
    pub moves_refused: bool,
    /// (UID, INTERNALDATE) of mails older than `take_since` that wait for the secretariat's word.
    pub older: BTreeSet<(u32, Moment)>,
    /// UIDs that the server lists but did not give in three tries. They were reported in a note and are tried again later.
    pub unfetchable: BTreeSet<u32>,
}

/// What the probe saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReport {
    /// The connection is encrypted.
    pub encrypted: bool,
    /// The server tells of new mail by itself.
    pub idle: bool,
    /// Mails can be moved aside (MOVE, or UIDPLUS).
    pub moves: bool,
    /// Mails in the folder.
    pub mails: u32,
    /// All that the server announced.
    pub capabilities: BTreeSet<String>,
}

/// Why a pass over the mailbox ended early. After each of them the session is dropped; mails taken in until then stay taken in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection: wait and try again.
    #[error("IMAP: {0}")]
    Wire(#[from] wire::Error),
    /// The login was refused: wait long, tell the operator.
    #[error("IMAP login: {0}")]
    Login(&'static str),
    /// The connection broke or fell out of step: connect anew.
    #[error("IMAP connection lost: {0}")]
    Lost(&'static str),
    /// The server answered a command with NO or BAD: connect anew, and tell the operator when it lasts.
    #[error("IMAP server answered {command} with {status}")]
    Refused {
        /// The command, without its arguments.
        command: &'static str,
        /// NO, BAD or what else was wrong.
        status: &'static str,
    },
    /// A literal was longer than the listing said and than is taken at once: the mail is asked for in parts next time.
    #[error("IMAP server announced a literal of {0} bytes")]
    TooBig(u64),
    /// Custody failed: the mails lie on the server as before; wait and try again.
    #[error(transparent)]
    Store(#[from] store::Error),
}
