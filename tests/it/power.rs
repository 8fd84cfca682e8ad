//! The power goes (F4): the real service writes while its system calls are written down; at every point where somebody outside has
//! seen a letter or a moved mail, and at random ones, the disk is what it may be then (`support/disk.rs`), and what was seen is known.
//! Twice the service really loses what was not synced, and goes on from there.

use std::path::Path;
use std::process::Command;

use redress::store::{Store, cases, events, inbox, outbox};
use sqlx::{Connection, Row};

use crate::crash::{Daemon, Desk, Seeded, until};
use crate::support::disk::{Life, Loss, Seen, files, put, watched};
use crate::support::dovecot::Dovecot;

/// What is wrong with a store that was found on such a disk, for all that was seen of it.
async fn wrong(store: &Path, seen: &[Seen]) -> Option<String> {
    if !store.exists() {
        return (!seen.is_empty()).then(|| "there is no store".to_owned());
    }
    let url = format!("sqlite:{}", store.display());
    let store = match Store::open(&url).await {
        Ok(store) => store,
        Err(error) => return Some(format!("it does not open: {error}")),
    };
    let wrong = look(&store, &url, seen).await;
    store.close().await;
    wrong
}

async fn look(store: &Store, url: &str, seen: &[Seen]) -> Option<String> {
    let mut conn = sqlx::AnyConnection::connect(&url.replacen("sqlite:", "sqlite://", 1)).await.expect("a connection");
    let row = sqlx::query("PRAGMA integrity_check").fetch_one(&mut conn).await.expect("a verdict");
    let verdict: String = row.get(0);
    conn.close().await.expect("closed");
    if verdict != "ok" {
        return Some(verdict);
    }
    match events::verify(store).await {
        Ok(events::Verdict::Ok { .. }) => {}
        other => return Some(format!("the trail: {other:?}")),
    }
    let (mails, letters) = (inbox::all(store).await.expect("inbox"), outbox::all(store).await.expect("outbox"));
    let cases = cases::page(store, 0, i64::MAX).await.expect("cases");
    let mut numbers: Vec<String> = cases.iter().map(|c| c.number.rsplit('-').next().unwrap_or_default().to_owned()).collect();
    numbers.sort();
    if numbers != (1..=cases.len()).map(|n| format!("{n:04}")).collect::<Vec<_>>() {
        return Some(format!("numbers with a hole: {numbers:?}"));
    }
    for one in seen {
        match one {
            Seen::Letter(id) => {
                let Some(row) = letters.iter().find(|l| l.message_id == *id) else {
                    return Some(format!("a letter that left is unknown: {id}"));
                };
                if !matches!(row.state, outbox::State::InDoubt | outbox::State::Sent) {
                    return Some(format!("a letter that left is {:?}", row.state));
                }
            }
            Seen::Moved(uids) => {
                for uid in uids {
                    let Some(row) = mails.iter().find(|m| m.uid == *uid) else {
                        return Some(format!("a mail that was moved is unknown: {uid}"));
                    };
                    if inbox::raw(store, &row.id).await.map(|raw| raw.len() as i64).ok() != Some(row.size) {
                        return Some(format!("the bytes of mail {uid}"));
                    }
                }
            }
        }
    }
    None
}

/// A folder for stores that nobody keeps: where it can be, no disk waits for them.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

/// Cuts the power at each thing that was seen, and at `random` more points; says how often.
async fn cuts(life: &Life, random: usize, chance: &mut Seeded) -> usize {
    let seen = life.seen();
    let mut points: Vec<usize> = seen.iter().map(|(step, _)| *step).collect();
    points.extend((0..random).map(|_| chance.below(life.steps() as u64) as usize));
    points.sort_unstable();
    points.dedup();
    let folder = in_memory();
    let store = folder.path().join("redress.db");
    for (n, point) in points.iter().enumerate() {
        let loss = [Loss::All, Loss::Sectors, Loss::Writes][n % 3];
        put(&store, &life.left(*point, loss, chance));
        let known: Vec<Seen> = seen.iter().filter(|(step, _)| step <= point).map(|(_, one)| one.clone()).collect();
        if let Some(wrong) = wrong(&store, &known).await {
            panic!("the power goes after step {point} of {} ({loss:?}): {wrong}", life.steps());
        }
    }
    points.len()
}

/// The same on a disk to which the log is never synced, as `synchronous=NORMAL` would have it: the test sees it.
async fn a_lying_disk_is_noticed(life: &Life, chance: &mut Seeded) {
    let seen = life.seen();
    let folder = in_memory();
    let store = folder.path().join("redress.db");
    for at in [seen.len() / 2, seen.len() - 1] {
        let step = seen[at].0;
        let known: Vec<Seen> = seen.iter().filter(|(s, _)| *s <= step).map(|(_, one)| one.clone()).collect();
        put(&store, &life.left(step, Loss::UnsyncedLog, chance));
        assert!(wrong(&store, &known).await.is_some(), "a log that is not synced is not noticed");
    }
}

/// Whether the writer has come to the process's end.
fn ended(log: &Path, process: u32) -> bool {
    let text = std::fs::read(log).unwrap_or_default();
    let tail = String::from_utf8_lossy(&text[text.len().saturating_sub(8192)..]).into_owned();
    tail.lines().any(|line| line.starts_with(&format!("{process} ")) && line.contains(" +++ "))
}

/// Whether anybody may follow system calls here.
fn may_watch() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    traced.expect("strace is installed (make test installs it)").status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_anybody_outside_has_seen_is_known_after_the_power_went() {
    if !may_watch() {
        eprintln!("system calls may not be followed here: nothing is shown");
        return;
    }
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "power@kmu.example", None).await;
    let store =
        desk.path("redress.db").canonicalize().unwrap_or_else(|_| desk.dir.path().canonicalize().expect("a folder").join("redress.db"));
    let mut chance = Seeded(4);
    let mut points = 0;
    for round in 1..=3 {
        let log = desk.path(&format!("calls{round}"));
        let words = watched(&log);
        let before = files(&store);
        let mut daemon = Daemon::start_in(&desk, &words.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
        let (process, had) = (daemon.0.id(), desk.sink.count());
        for _ in 0..4 {
            desk.arrives_now();
        }
        if round == 1 {
            until("all letters have left", || desk.sink.count() >= 12).await;
            assert_eq!(daemon.terminate().await.code(), Some(0));
        } else {
            until("letters leave", || desk.sink.count() > had + 4).await;
            daemon.0.kill().expect("killed");
            daemon.0.wait().expect("ended");
        }
        until("all is written down", || ended(&log, process)).await;
        let life = Life::read(&store, before, &std::fs::read_to_string(&log).expect("a log"));
        let (all, there) = (life.left(life.steps(), Loss::None, &mut chance), files(&store));
        let sizes =
            |files: &std::collections::BTreeMap<String, Vec<u8>>| files.iter().map(|(n, b)| (n.clone(), b.len())).collect::<Vec<_>>();
        assert!(all == there, "each write is followed: {:?} {:?}", sizes(&all), sizes(&there));
        points += cuts(&life, 5, &mut chance).await;
        a_lying_disk_is_noticed(&life, &mut chance).await;
        if round > 1 {
            put(&store, &life.left(life.steps(), Loss::Sectors, &mut chance));
        }
    }
    assert!(points >= 40, "the power went only {points} times");
    println!("the power went {points} times");
    for _ in 0..2 {
        desk.pass_today("after the power came back").await;
    }
    desk.sound("power", 24).await;
}
