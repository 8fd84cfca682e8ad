//! Starts the rooms and drains them.
