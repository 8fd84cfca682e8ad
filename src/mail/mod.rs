//! BYTES ↔ MEANING. Pure over `&[u8]`: no clock, no I/O, no store.
//!
//! The reading half: `parse` takes a raw mail apart and hands back an [`Inbound`]; everything below it is a helper of one concern.
//! Nothing here fails: what cannot be read becomes a warning beside whatever could be.

pub mod address;
pub mod attachments;
pub mod bounce;
pub mod charset;
pub mod classify;
pub mod encoded_word;
pub mod headers;
pub mod html;
pub mod inspect;
pub mod params;
pub mod parse;
pub mod parts;
pub mod textparts;
pub mod thread;
pub mod transfer;
pub mod trim;

pub use parse::{Inbound, read};

#[cfg(test)]
mod tests;
