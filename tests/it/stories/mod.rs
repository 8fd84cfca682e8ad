//! Stories: people who write mails, and what becomes of their cases.

mod happy_path;
