//! Stories: people who write mails, and what becomes of their cases.

mod happy_path;
mod bounces;
mod confirmed;
mod copies;
mod forged;
mod robots;
mod stage;
mod strays;
