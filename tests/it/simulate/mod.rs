//! Simulated lives: the daemon's own code over mail servers and visitors in memory, on a clock that jumps, with seeded chance and
//! seeded faults, killed at commit points. `make simulate SEEDS=20000` plays many, `make simulate SEED=17` one and tells of it.
//! Each core plays its share in a process of its own, since a life must know all SQLite threads of its process.

mod dice;
mod imap;
mod life;
mod line;
mod oracle;
mod people;
mod secrecy;
mod smtp;
mod still;
mod visitor;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A life that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// Plays the seeds `first`, `first + step` … up to `last`, a line for each: `seed N` before it, `wrong N …` after a bad one.
#[test]
#[ignore = "played by the tests below, in processes of their own"]
fn share() {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok()).unwrap_or_else(|| panic!("{name} says which"));
    let (first, step, last) = (number("FIRST"), number("STEP"), number("LAST"));
    let bases = life::Base::all();
    let mut seed = first;
    while seed <= last {
        println!("seed {seed}");
        let (wrong, told) = life::play(&bases, seed);
        for what in &wrong {
            println!("wrong {seed} {what}");
        }
        if first == last {
            println!("{}", told.join("\n"));
            assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
        }
        seed += step;
    }
    println!("end");
}

/// Plays `first` to `last` on all cores; what was wrong.
fn play_all(first: u64, last: u64, loud: bool) -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from) as u64;
    let shares: Vec<_> = (0..cores).map(|core| std::thread::spawn(move || play_share(first + core, cores, last, loud))).collect();
    shares.into_iter().flat_map(|share| share.join().expect("a share")).collect()
}

fn play_share(first: u64, step: u64, last: u64, loud: bool) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "simulate::share", "--ignored", "--nocapture", "--test-threads=1"])
        .envs([("FIRST", first), ("STEP", step), ("LAST", last.max(first + 1))].map(|(name, n)| (name, n.to_string())))
        .stdout(Stdio::piped())
        .stderr(if loud { Stdio::inherit() } else { Stdio::null() })
        .spawn()
        .expect("a share of the lives");
    let (tell, told) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().expect("its words"));
    std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
    let (mut wrong, mut seed, mut ended) = (Vec::new(), first, false);
    let began = Instant::now();
    loop {
        match told.recv_timeout(PATIENCE) {
            Ok(line) if line == "end" => ended = true,
            Ok(line) => {
                if let Some(number) = line.strip_prefix("seed ").or_else(|| line.split("seed ").nth(1)).and_then(|n| n.parse().ok()) {
                    seed = number;
                    if loud && (seed - first) / step % 250 == 249 {
                        println!("{seed} of {last}, {} s", began.elapsed().as_secs());
                    }
                } else if let Some(what) = line.strip_prefix("wrong ") {
                    wrong.push(what.to_owned());
                    if loud {
                        println!("wrong {what}");
                    }
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                wrong.push(format!("{seed} hangs"));
                let _ = child.kill();
                break;
            }
        }
    }
    let _ = child.wait();
    if !ended && wrong.iter().all(|w| !w.ends_with("hangs")) {
        wrong.push(format!("{seed} ended its process"));
    }
    wrong
}

fn judge(wrong: &[String]) {
    assert!(wrong.is_empty(), "play one of them alone with `make simulate SEED=N`:\n{}", wrong.join("\n"));
}

#[test]
fn three_hundred_lives() {
    judge(&play_all(1, 300, false));
}

/// `make simulate SEEDS=20000 FROM=1`
#[test]
#[ignore = "as long as one likes: make simulate"]
fn many_lives() {
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok()).unwrap_or(usual);
    let (first, seeds) = (number("FROM", 1), number("SEEDS", 1000));
    let began = Instant::now();
    let wrong = play_all(first, first + seeds - 1, true);
    println!("{seeds} lives from seed {first} in {} s, {} faults", began.elapsed().as_secs(), wrong.len());
    judge(&wrong);
}
