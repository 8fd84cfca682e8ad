//! A file a command; nothing but arguments and printing lives here.

pub mod inspect;
