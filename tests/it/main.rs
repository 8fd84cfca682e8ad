//! The one test binary.

mod crash;
mod imap_edge;
mod smtp_edge;
mod store;
mod stories;
mod support;
mod survey_browser;
mod survey_http;
