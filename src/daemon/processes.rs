//! Which process of this machine is alive. On a store that several share (PostgreSQL) each service leaves its mark; one that starts gives back at
//! once what a dead one of the same machine and user had claimed. Of other machines nothing is known: there the leases decide.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::Result;

use crate::desk::Desk;
use crate::store::outbox;
use crate::store::processes::{self, Process};

/// Where the kernel tells of processes (proc(5)).
const PROC: &str = "/proc";

/// What tells this machine from others, or at least since it was started (machine-id(5), random(4)).
const MACHINE: [&str; 2] = ["/etc/machine-id", "/proc/sys/kernel/random/boot_id"];

/// What tells a process apart from every other one, now and later.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    /// Machine, name space of process numbers, user: only within the same one can anything be said of a number.
    place: String,
    pid: u32,
    /// In ticks since the machine was started: the number may be given again, this not with it.
    began: u64,
}

impl Mark {
    /// The mark of a process of this machine and user; none where the machine has no id of its own, or the process is not there.
    fn of(pid: u32) -> Option<Self> {
        let machine = MACHINE.iter().find_map(|path| std::fs::read_to_string(path).ok().filter(|id| id.trim().len() >= 32))?;
        let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
        let space = std::fs::read_link(Path::new(PROC).join("self/ns/pid")).ok()?;
        let user = std::fs::metadata(Path::new(PROC).join("self")).ok()?.uid();
        let place = format!("{} {} {} {user}", machine.trim(), host.trim(), space.display());
        Some(Self { place, pid, began: began(pid)? })
    }

    fn text(&self) -> String {
        format!("{}|{}|{}", self.place, self.pid, self.began)
    }

    fn read(text: &str) -> Option<Self> {
        let (rest, began) = text.rsplit_once('|')?;
        let (place, pid) = rest.rsplit_once('|')?;
        Some(Self { place: place.to_owned(), pid: pid.parse().ok()?, began: began.parse().ok()? })
    }

    /// Whether it is certain that the process of this mark is no more; `own` is the asking one's.
    fn is_dead(&self, own: &Self) -> bool {
        self.place == own.place && began(self.pid) != Some(self.began)
    }
}

/// When a process was started, by the 22nd field of its `stat`; its name before that may hold anything, brackets too.
fn began(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(Path::new(PROC).join(pid.to_string()).join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// The mark of a running process of this machine and user, as the store keeps it.
#[must_use]
pub fn process_mark(pid: u32) -> Option<String> {
    Mark::of(pid).map(|mark| mark.text())
}

/// Signs this process in and gives its name; what dead processes of this machine had claimed is due at once.
///
/// # Errors
/// As the store says.
pub(super) async fn sign_in(desk: &Desk) -> Result<String> {
    let (store, now) = (&desk.store, desk.clock.now());
    let own = Mark::of(std::process::id());
    for process in processes::signed_in(store).await? {
        let dead = own.as_ref().zip(Mark::read(&process.mark)).is_some_and(|(own, mark)| mark.is_dead(own));
        if dead {
            let letters = outbox::take_over_claims_of(store, &process.name, now).await?;
            tracing::warn!(letters, "a service of this machine died; what it had claimed is taken over");
            processes::sign_out(store, &process.name).await?;
        }
    }
    let name = desk.chance.ulid(now);
    if let Some(mark) = own {
        processes::sign_in(store, &Process { name: name.clone(), mark: mark.text(), since: now }).await?;
    }
    Ok(name)
}

/// Signs it out, once nothing is in its hands.
pub(super) async fn sign_out(desk: &Desk, name: &str) {
    if let Err(error) = processes::sign_out(&desk.store, name).await {
        tracing::warn!(%error, "this process could not be signed out; the next start sees that it has ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_died_is_told_from_who_lives_and_from_who_is_elsewhere() {
        let own = Mark::of(std::process::id()).expect("a mark");
        assert_eq!(Mark::read(&own.text()), Some(own.clone()));
        assert!(!own.is_dead(&own));
        let again = Mark { began: own.began + 1, ..own.clone() };
        assert!(again.is_dead(&own), "its number was given again");
        assert!(Mark { pid: u32::MAX, ..own.clone() }.is_dead(&own));
        assert!(!Mark { place: "another machine".to_owned(), pid: u32::MAX, began: 1 }.is_dead(&own), "of which nothing is known");
        assert_eq!(Mark::read("nonsense"), None);
    }
}
