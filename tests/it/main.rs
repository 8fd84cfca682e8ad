//! The one test binary.

mod cli;
mod crash;
mod demo;
mod imap_edge;
mod letters;
mod properties;
mod rooms;
mod smtp_edge;
mod store;
mod stories;
mod support;
mod survey_browser;
mod survey_http;
mod transitions;
