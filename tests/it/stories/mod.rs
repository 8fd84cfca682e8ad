//! Stories: people who write mails, and what becomes of their cases.

mod dissatisfied;
mod happy_path;
mod major;
mod not_accepted;
mod returned;
mod scenes;
mod silence;
mod triage;
mod unlabelled;
mod wrong_unit;
