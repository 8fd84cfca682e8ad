//! Room: mail (see ARCHITECTURE.md).

pub mod button;
pub mod compose;
pub mod compose_gate;
pub mod decision;
mod decision_words;
pub mod directive;
mod directive_read;
mod directive_words;
pub mod fields;
mod fields_labels;
mod fields_scan;
pub mod form;
pub mod mailto;
pub mod people;
pub mod proposal;
pub mod until;
pub mod verdict;
pub mod wording;
