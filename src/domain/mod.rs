//! THE PROCEDURE. Pure: no async, I/O, clock, templates. Time arrives inside the event.
//! Read `state`, `event`, `transition` in this order; the rest is what they speak of.

pub mod approval;
pub mod case;
pub mod closing;
pub mod contact;
pub mod deadline;
pub mod directory;
mod discretion;
pub mod effect;
pub mod event;
mod ids;
mod language;
pub mod number;
mod office;
mod personal;
pub mod procedure;
pub mod questionnaire;
pub mod refusal;
pub mod reply_form;
pub mod retention;
pub mod roster;
pub mod state;
pub mod text;
pub mod timer;
pub mod transition;

pub use case::Case;
pub use effect::{Effect, Letter, Recipient};
pub use event::{Act, Actor, Event, EventKind, Verdict};
pub use ids::{CaseId, PersonId, RoleId, UnitId};
pub use language::Language;
pub use office::{InForce, Office};
pub use personal::Pii;
pub use questionnaire::Questionnaire;
pub use refusal::Refusal;
pub use transition::{Step, open, possible, transition};
