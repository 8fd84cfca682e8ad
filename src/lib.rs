//! redress turns one mailbox into a complaint office.
//!
//! The rooms, in reading order (ARCHITECTURE.md says who may use whom):
//! working time, the clock, the procedure, mail, trust, words, rows, numbers, the clerk, the edges, the wiring.

pub mod calendar;
pub mod clock;
pub mod failpoint;
pub mod domain;
pub mod mail;
pub mod trust;
pub mod render;
pub mod store;
pub mod report;
pub mod desk;
pub mod wire;
pub mod intake;
pub mod delivery;
pub mod survey;
pub mod config;
pub mod daemon;
pub mod cli;
