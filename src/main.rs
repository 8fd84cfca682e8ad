//! Parses arguments and calls the command.

fn main() {}
