//! Stories: people who write mails, and what becomes of their cases.

mod bounces;
mod confirmed;
mod copies;
mod digest;
mod dissatisfied;
mod english;
mod forged;
mod happy_path;
mod helping;
mod major;
mod not_accepted;
mod recall;
mod returned;
mod robots;
mod scenes;
mod silence;
mod stage;
mod strays;
mod time;
mod triage;
mod unlabelled;
mod wrong_unit;
