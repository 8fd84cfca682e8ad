//! The one test binary.

mod cli;
mod crash;
mod imap_edge;
mod rooms;
mod smtp_edge;
mod store;
mod stories;
mod support;
mod survey_browser;
mod survey_http;
mod transitions;
