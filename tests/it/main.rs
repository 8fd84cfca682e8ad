//! The one test binary.

mod store;
mod support;
mod survey_browser;
mod survey_http;
