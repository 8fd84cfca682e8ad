//! THE WIRE. What both mail edges need below their protocols: TCP that notices a dead peer, TLS, timeouts that watch progress,
//! logins, back-off, health, and a small DNS resolver. No IMAP, no SMTP, no store. Used by `intake` and `delivery` alone.

mod backoff;
mod dns;
mod health;
mod login;
mod moving;
mod stream;

pub use backoff::Backoff;
pub use dns::{DnsError, Resolver};
pub use health::{Health, HealthReport};
pub use login::{Login, TokenSource};
pub use moving::{Progress, Stalled, while_moving};
pub use stream::{Dial, Endpoint, Line, Stream, Tls, connect, encrypt, is_loopback, read_plain_line};

/// Why there is no connection to speak over.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No address answered: wait and try again.
    #[error("{host}:{port} cannot be reached: {why}")]
    Unreachable {
        /// The configured host.
        host: String,
        /// The configured port.
        port: u16,
        /// What the system said.
        why: String,
    },
    /// The peer is there but TLS failed (certificate, protocol): wait, and tell the operator.
    #[error("TLS with {host} failed: {why}")]
    Tls {
        /// The configured host.
        host: String,
        /// What failed.
        why: String,
    },
    /// The peer said something else than what its protocol asks for before TLS: wait and try again.
    #[error("{0} before encryption")]
    Preface(String),
    /// A password would have to cross the network in the clear: never retried, the configuration must change.
    #[error("a login without TLS is only allowed on loopback")]
    LoginInClear,
    /// No access token could be had: wait and try again.
    #[error("no access token: {0}")]
    Token(String),
    /// Nothing moved for the time allowed.
    #[error("no answer in time")]
    Stalled,
}
