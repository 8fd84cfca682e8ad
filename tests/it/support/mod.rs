//! Servers and worlds that the stories run against.

pub mod postgres;
