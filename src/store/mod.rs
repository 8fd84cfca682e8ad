//! THE ONLY SQL. Rows in, rows out, on SQLite and PostgreSQL through one portable subset; a file a table family.
//! No rules live here beyond constraints: the desk decides, this room keeps. Reads go through `&Store`, writes take
//! `&mut Tx`; functions that take `&Store` and write are a transaction of their own and must not be called while the
//! same task holds a `Tx` (on SQLite there is one writer). Called by desk, the edges, report and cli.

mod db;
mod error;
mod lock;
mod long;
mod reserve;
mod schema;
mod server;
mod sql;
mod turn;

pub mod backup;
pub mod calendar;
pub mod cases;
pub mod directory;
pub mod events;
pub mod inbox;
pub mod keys;
pub mod ledger;
pub mod messages;
pub mod meta;
pub mod notes;
pub mod older;
pub mod outbox;
pub mod pending;
pub mod processes;
pub mod purge;
pub mod sms;
pub mod surveys;
pub mod threads;
pub mod timers;

pub use db::{Dialect, Head, Store, Tx};
pub use error::Error;
pub use lock::InstanceLock;
pub use turn::Turn;

/// What every function of this room answers with.
pub type Result<T, E = Error> = std::result::Result<T, E>;
