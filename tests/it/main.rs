//! The one test binary.
#![allow(
    clippy::indexing_slicing,
    clippy::too_many_lines,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::disallowed_methods,
    reason = "a story is told in one piece, with small numbers, on the wall's clock"
)]

mod away;
mod cli;
mod crash;
mod demo;
mod faults;
mod imap_edge;
mod kills;
mod letters;
mod named;
mod panics;
mod power;
mod properties;
mod reader;
mod rooms;
mod simulate;
mod smime;
mod smtp_edge;
mod store;
mod stories;
mod supply;
mod support;
mod survey_browser;
mod survey_http;
mod transitions;
mod want;
mod working_time;
