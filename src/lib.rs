//! redress turns one mailbox into a complaint office.
//!
//! The rooms, in reading order (ARCHITECTURE.md says who may use whom):
//! working time, the clock, the procedure, mail, trust, words, rows, numbers, the clerk, the edges, the wiring.

pub mod calendar;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod delivery;
pub mod desk;
pub mod domain;
pub mod failpoint;
pub mod intake;
pub mod mail;
pub mod render;
pub mod report;
pub mod store;
pub mod survey;
pub mod trust;
pub mod wire;
