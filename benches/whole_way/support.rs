//! The servers of the tests.

#[path = "../../tests/it/support/certificate.rs"]
pub mod certificate;
#[path = "../../tests/it/support/dovecot.rs"]
pub mod dovecot;
#[path = "../../tests/it/support/sink.rs"]
pub mod sink;
