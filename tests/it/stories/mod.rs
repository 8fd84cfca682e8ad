//! Stories: people who write mails, and what becomes of their cases.

mod digest;
mod dissatisfied;
mod english;
mod happy_path;
mod helping;
mod major;
mod not_accepted;
mod recall;
mod returned;
mod scenes;
mod silence;
mod time;
mod triage;
mod unlabelled;
mod wrong_unit;
