//! BYTES ↔ MEANING. Pure over `&[u8]`: no clock, no I/O, no store.
//!
//! The reading half: `parse` takes a raw mail apart and hands back an [`Inbound`]; everything below it is a helper of one concern.
//! Nothing there fails: what cannot be read becomes a warning beside whatever could be.
//! The words half: what a reply asks for (`directive`, `decision`, `proposal`, `form`), what a complaint tells (`fields`).
//! The writing half: `compose` freezes a letter into bytes.

pub mod address;
pub mod attachments;
pub mod bounce;
pub mod button;
pub mod charset;
pub mod classify;
pub mod closing;
pub mod compose;
pub mod compose_gate;
mod compose_original;
pub mod condition;
pub mod cutoff;
pub mod decision;
mod decision_words;
pub mod directive;
mod directive_read;
mod directive_words;
pub mod encoded_word;
pub mod fields;
mod fields_labels;
mod fields_scan;
pub mod form;
pub mod form_placed;
pub mod headers;
pub mod html;
pub mod inspect;
pub mod mailto;
pub mod metadata;
pub mod near;
pub mod params;
pub mod parse;
pub mod parts;
pub mod passed_on;
pub mod people;
pub mod phone;
pub mod proposal;
pub mod redact;
pub mod signed;
pub mod smaller;
pub mod textparts;
mod thanks;
pub mod thread;
pub mod transfer;
pub mod trim;
pub mod until;
pub mod verdict;
pub mod web_form;
pub mod wording;
pub mod wrapped;

pub use parse::{Inbound, read, read_without_files};

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
