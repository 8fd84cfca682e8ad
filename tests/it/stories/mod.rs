//! Stories: people who write mails, and what becomes of their cases.

mod attacks;
mod bounces;
mod confirmed;
mod copies;
mod dissatisfied;
mod forged;
mod happy_path;
mod major;
mod not_accepted;
mod returned;
mod robots;
mod first_start;
mod hostile;
mod many;
mod outages;
mod quarantine;
mod scenes;
mod silence;
mod stage;
mod staff_complains;
mod strays;
mod triage;
mod unlabelled;
mod wrong_unit;
