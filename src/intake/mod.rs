//! FROM THE MAILBOX INTO CUSTODY. Reads a mailbox over IMAP and hands every mail's bytes to `store::inbox` before anything else
//! happens to it; then moves it aside. Understands nothing of what it carries: that is the desk's work. Called by `daemon` and `cli`.

mod commands;
mod folder;
mod guard;
mod session;

use crate::{wire};

/// Why a pass over the mailbox ended early. After each of them the session is dropped; mails taken in until then stay taken in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection: wait and try again.
    #[error(transparent)]
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
    /// A literal was longer than announced by the listing and than we take at once.
    #[error("IMAP server announced a literal of {0} bytes")]
    TooBig(u64),
}
