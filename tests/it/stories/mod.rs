//! Stories: people who write mails, and what becomes of their cases.

mod happy_path;
mod bounces;
mod confirmed;
mod copies;
mod forged;
mod robots;
mod first_start;
mod hostile;
mod outages;
mod quarantine;
mod stage;
mod staff_complains;
mod strays;
