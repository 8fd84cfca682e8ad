//! THE PROCEDURE. Pure: no async, I/O, clock, templates. Time arrives inside the event.

mod language;

pub use language::Language;
