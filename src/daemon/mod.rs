//! Starts the rooms, wakes them, drains them. `assemble` turns a config into a house; `once` works it to a fixed point; `service`
//! keeps it running under systemd. Called by `cli`. Here, and in `cli`, errors are `anyhow`: they are read by operators.

mod assemble;
mod behind;
mod full;
mod jumps;
mod keys;
mod limits;
mod memory;
mod once;
mod processes;
mod profile_check;
mod profiles;
mod rebuild;
mod sent;
mod service;

pub use assemble::{House, delivery_settings, imported, intake_settings, office, profile, resolver};
pub use keys::{KeyAge, ages as key_ages, signing_ring};
pub use once::{Passed, run_once, send};
pub use processes::process_mark;
pub use profiles::Profile;
pub use rebuild::{Rebuilt, rebuild};
pub use service::{run, survey_backend};
