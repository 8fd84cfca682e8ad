//! Servers and worlds that the stories run against.

pub mod browser;
pub mod postgres;
pub mod survey;
