//! The real service in want: no room on the disk, a database that another process holds, few descriptors, little memory (F5, F6, F34).
//! It waits or ends clean; nothing is lost, nothing is done twice, no harmless mail is blamed.

use std::fs::File;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::crash::{Daemon, Desk, until};
use crate::support::dovecot::Dovecot;

/// No file of the process may grow beyond this (soft limit): the disk is full, as far as it can tell. `None`: there is room again.
fn room_for(process: u32, bytes: Option<u64>) {
    let limit = bytes.map_or_else(|| "--fsize=unlimited:".to_owned(), |b| format!("--fsize={b}:"));
    let done = Command::new("prlimit").arg(format!("--pid={process}")).arg(limit).status().expect("prlimit (util-linux)");
    assert!(done.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_pauses_intake_loses_nothing_and_work_goes_on_when_there_is_room() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "full@kmu.example", None).await;
    // The signal that comes with the limit is ignored, as a full disk sends none.
    let mut daemon = Daemon::start_in(&desk, &["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"], &[]);
    let log = |desk: &Desk<'_>| std::fs::read_to_string(desk.path("log")).unwrap_or_default();
    until("it runs", || desk.says("redress is running")).await;
    desk.arrives();
    until("the first mail's letters have left", || desk.sink.count() == 3).await;
    // Above what the log has, far below what the database has.
    room_for(daemon.0.id(), Some(256 * 1024));
    for _ in 0..3 {
        desk.arrives();
    }
    until("intake pauses", || log(&desk).matches("intake connects anew").count() >= 2).await;
    assert!(daemon.0.try_wait().expect("a child").is_none(), "it lives");
    assert_eq!(desk.sink.count(), 3, "nothing half done has left");
    room_for(daemon.0.id(), None);
    until("all of it is done when there is room", || desk.sink.count() >= 12).await;
    assert_eq!(daemon.terminate().await.code(), Some(0));
    desk.sound("full disk", 0).await;
}

/// A disk of its own, small and in memory; gone with the value. None where we may not make one.
struct Disk(PathBuf);

impl Disk {
    fn of(mib: u32) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("redress-disk").tempdir().expect("a folder").keep();
        let size = format!("size={mib}m,mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "redress-test"]).arg(&folder).status();
        let disk = Self(folder);
        mounted.is_ok_and(|status| status.success()).then_some(disk)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Until nothing fits any more.
    fn fill(&self) -> PathBuf {
        let path = self.path("filler");
        let mut file = File::create(&path).expect("a file");
        let mut block = vec![1_u8; 1 << 20];
        while block.len() > 1 {
            if file.write_all(&block).is_err() {
                block.truncate(block.len() / 2);
            }
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).stderr(Stdio::null()).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_while_it_is_full_and_work_goes_on_within_a_minute_of_room() {
    const RESERVE: u64 = (96 << 20) / 10;
    let Some(disk) = Disk::of(96) else {
        eprintln!("no disk of its own: run as root");
        return;
    };
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "disk@kmu.example", Some(format!("sqlite:{}", disk.path("redress.db").display()))).await;
    let mut daemon = Daemon::start(&desk);
    desk.arrives_now();
    until("the first mail's letters have left", || desk.sink.count() == 3).await;
    let reserve = disk.path("redress.db.reserve");
    assert_eq!(size(&reserve), Some(RESERVE), "a tenth of a small disk is held back");
    let filler = disk.fill();
    for _ in 0..3 {
        desk.arrives_now();
    }
    let to_office = |desk: &Desk<'_>| desk.sink.kept().iter().filter(|k| k.to == ["wang@kmu.example"]).count();
    until("the alarm leaves while the disk is full", || to_office(&desk) == 2).await;
    assert!(desk.sink.count() == 4 && size(&reserve).is_none(), "the room is the alarm's, no mail is taken in");
    assert!(daemon.0.try_wait().expect("a child").is_none(), "it lives");
    // What left is booked at once; a kill before that would be another story.
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Killed and started anew while it is full, it still takes nothing in.
    daemon.0.kill().expect("killed");
    daemon.0.wait().expect("ended");
    let mut daemon = Daemon::start(&desk);
    until("it sees that the disk is full", || desk.says("the disk is full: no mail is taken in")).await;
    std::fs::remove_file(filler).expect("room");
    let began = Instant::now();
    until("all of it is done", || desk.sink.count() >= 13).await;
    assert!(began.elapsed() < Duration::from_secs(60) && size(&reserve) == Some(RESERVE), "{:?}", began.elapsed());
    assert_eq!(daemon.terminate().await.code(), Some(0));
    desk.sound("full disk", 0).await;
}

/// A backup tool, say, that locks the database for twelve seconds: longer than one try waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_process_holds_delays_and_breaks_nothing() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "held@kmu.example", None).await;
    let mut daemon = Daemon::start(&desk);
    for _ in 0..6 {
        desk.arrives_now();
    }
    until("letters leave", || desk.sink.count() >= 3).await;
    let holder = "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)\n\
                  c.execute('BEGIN IMMEDIATE')\ntime.sleep(12)\nc.execute('COMMIT')\n";
    let mut other = Command::new("python3").args(["-c", holder]).arg(desk.path("redress.db")).spawn().expect("python3");
    for _ in 0..6 {
        desk.arrives_now();
    }
    let held = tokio::task::spawn_blocking(move || other.wait()).await.expect("a task").expect("a child");
    assert!(held.success() && daemon.0.try_wait().expect("a child").is_none(), "it lives");
    until("all letters have left", || desk.sink.count() >= 36).await;
    assert_eq!(daemon.terminate().await.code(), Some(0));
    desk.sound("a locked database", 0).await;
}

/// 32 descriptors are enough; with too few the service says what to do and does not begin.
#[tokio::test(flavor = "multi_thread")]
async fn few_descriptors_are_enough_or_said_to_be_too_few() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "few@kmu.example", None).await;
    for _ in 0..20 {
        desk.arrives_now();
    }
    let mut daemon = Daemon::start_in(&desk, &["prlimit", "--nofile=20"], &[]);
    until("it ends", || daemon.0.try_wait().expect("a child").is_some()).await;
    assert_eq!(daemon.0.wait().expect("a child").code(), Some(1));
    assert!(desk.says("LimitNOFILE=1024") && desk.sink.count() == 0);
    let mut daemon = Daemon::start_in(&desk, &["prlimit", "--nofile=32"], &[]);
    until("all letters have left", || desk.sink.count() >= 60).await;
    assert_eq!(daemon.terminate().await.code(), Some(0));
    desk.sound("few descriptors", 0).await;
}

/// A mail of five megabytes, for which there is not the memory.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_mail_that_ends_the_process_again_and_again_is_taken_as_its_beginning() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "long@kmu.example", None).await;
    let mut raw = desk.mail();
    raw.extend_from_slice("選課系統出錯。\r\n".repeat(250_000).as_bytes());
    dovecot.append(&desk.user, "INBOX", &raw, None);
    let kill = [("REDRESS_TEST_KILL_AT", "L1")];
    for death in 1..=4 {
        let mut daemon = Daemon::start_with(&desk, &kill);
        until(&format!("death {death}"), || daemon.0.try_wait().expect("a child").is_some()).await;
    }
    desk.arrives_now();
    let mut daemon = Daemon::start_with(&desk, &kill);
    // The long one waits for triage: what it says was not all read.
    until("all letters have left", || desk.sink.count() >= 5).await;
    assert_eq!(daemon.terminate().await.code(), Some(0));
    let store = redress::store::Store::open(&desk.url).await.expect("store");
    let mails = redress::store::inbox::all(&store).await.expect("inbox");
    let cut: Vec<_> = mails.iter().filter(|m| m.truncated_size.is_some()).collect();
    assert!(cut.len() == 1 && cut.iter().all(|m| m.truncated_size == i64::try_from(raw.len()).ok() && m.size == 256 * 1024), "{cut:?}");
    assert!(mails.len() == 2 && mails.iter().all(|m| m.state == redress::store::inbox::State::Done && m.case_id.is_some()), "{mails:?}");
    store.close().await;
}

/// A pass that is given so little.
async fn short_pass(desk: &Desk<'_>, limit: &str, environment: &[(&str, &str)]) -> ExitStatus {
    let mut pass = Command::new("prlimit");
    pass.arg(limit).arg(env!("CARGO_BIN_EXE_redress")).arg("--config").arg(desk.path("redress.toml")).args(["run", "--once"]);
    pass.env("RUST_BACKTRACE", "0").envs(environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(desk.log());
    tokio::task::spawn_blocking(move || pass.status().expect("prlimit (util-linux)")).await.expect("a run")
}

/// Too little memory to begin with, then a little more each time, and each time another mail: what the process asks for is refused first
/// here, then there. Once what it may write to is counted, once all that it maps. It dies where the language lets it, or ends with an error.
#[tokio::test(flavor = "multi_thread")]
async fn an_allocation_that_fails_at_any_place_loses_and_doubles_nothing() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "short@kmu.example", None).await;
    let (mut died, mut ended) = (0, 0);
    let ranges = [("data", 30, 120, 125), ("as", 120, 450, 130)];
    // Where it dies is chance, too: on a day on which it hardly did, it is tried again.
    for (round, (limit, least, most, more)) in ranges.iter().cycle().take(8).enumerate() {
        if round >= 2 && died >= 3 {
            break;
        }
        let mut mib = least + 3 * round as u64;
        while mib < *most {
            let mut raw = desk.mail();
            let lines = if desk.mails.is_multiple_of(4) { 5_000 } else { 0 };
            raw.extend_from_slice("選課系統出錯。\r\n".repeat(lines).as_bytes());
            dovecot.append(&desk.user, "INBOX", &raw, None);
            let status = short_pass(&desk, &format!("--{limit}={}", mib << 20), &[]).await;
            println!("{limit} {mib} MiB: {status:?}, {} mails, {} letters", desk.mails, desk.sink.count());
            // Aborted; or a stack could not grow, which the kernel says so.
            let dead = matches!(status.signal(), Some(6 | 11)) || status.code() == Some(101);
            assert!(dead || status.signal().is_none(), "{status:?}");
            died += usize::from(dead);
            ended += usize::from(status.code() == Some(1));
            mib = mib * more / 100;
        }
    }
    assert!(died >= 2 && died + ended >= 5, "only {died} deaths and {ended} errors");
    for _ in 0..2 {
        desk.pass_today("with all the memory that it wants").await;
    }
    // None is held: who has not the memory to work blames no mail for it.
    desk.sound("short of memory", 24).await;
}

/// The process ended under it once. Without the memory to work it would end again and again, and the mail be blamed for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_begun_again_only_where_there_is_the_memory_for_it() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "begun@kmu.example", None).await;
    desk.arrives_now();
    let kill = [("REDRESS_TEST_KILL_AT", "I9")];
    assert_eq!(short_pass(&desk, "--data=unlimited", &kill).await.signal(), Some(6));
    for _ in 0..6 {
        let status = short_pass(&desk, &format!("--data={}", 90 << 20), &kill).await;
        assert!(status.signal().is_none(), "it was begun: {status:?}");
    }
    assert!(desk.sink.count() == 0 && desk.says("it waits"));
    desk.pass_today("with all the memory that it wants").await;
    desk.sound("begun again", 0).await;
}
