//! Servers and worlds that the stories run against.

pub mod browser;
pub mod certificate;
pub mod cms;
pub mod disk;
pub mod dns;
pub mod dovecot;
pub mod office;
pub mod postgres;
pub mod rows;
pub mod scripted_imap;
pub mod sink;
pub mod smtp_server;
pub mod survey;
pub mod world;
