//! How fast and how small: a backlog in a private Dovecot, the real program, a sink that takes what it sends. `cargo bench --bench
//! whole_way` prints one table. `REDRESS_BENCH_MAILS` sets the backlog (10000), `REDRESS_BENCH_ONLY` names one part,
//! `REDRESS_BENCH_PROGRAM` another program to measure.
//! Processor times are the program's own; everything shares the machine with Dovecot and the sink.
#![allow(
    clippy::indexing_slicing,
    clippy::too_many_lines,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    clippy::print_literal,
    clippy::wrong_self_convention,
    reason = "a measurement may stop where it is wrong, and is on the wall's clock"
)]

/// The servers of the tests.
#[allow(dead_code)]
#[path = "../../tests/it/support"]
mod support {
    pub mod certificate;
    pub mod dovecot;
    pub mod postgres;
    pub mod rows;
    pub mod sink;
}

mod fuzz;
mod grow;
mod mails;
mod parts;
mod process;
mod store;

use std::time::Duration;

fn main() {
    if std::env::args().any(|a| a == "--list") {
        return;
    }
    let mails: usize = std::env::var("REDRESS_BENCH_MAILS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let only = std::env::var("REDRESS_BENCH_ONLY").unwrap_or_default();
    if only == "fuzz" {
        let minutes = std::env::var("REDRESS_FUZZ_MINUTES").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
        return fuzz::run(minutes);
    }
    let wanted = |part: &str| only.is_empty() || only.split(',').any(|o| o == part);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    println!("{:<58} {:>12}   {}", "what", "measured", "wanted");
    if wanted("custody") {
        parts::custody(&runtime, mails);
    }
    if wanted("backlog") {
        parts::backlog(&runtime, mails);
    }
    if wanted("once") {
        parts::once(&runtime, mails);
    }
    if wanted("idle") {
        parts::idle(&runtime);
    }
    if wanted("growth") {
        parts::growth(&runtime);
    }
    if wanted("large") {
        parts::large(&runtime);
    }
    if wanted("letters") {
        parts::letters(&runtime, 5_000);
    }
    if wanted("store") {
        store::both(&runtime);
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
}

/// One line of the table.
fn line(what: &str, measured: &str, wanted: &str) {
    println!("{what:<58} {measured:>12}   {wanted}");
}
