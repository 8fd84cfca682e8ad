//! The parts of the measurement: custody, the whole way, idle and answering at once, and whether many cases make a mail dearer.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use redress::clock::{Chance, Clock};
use redress::config;
use redress::daemon::House;
use redress::store::{Store, outbox};
use redress::wire::{Dial, Endpoint, Tls};
use redress::{delivery, intake};
use tokio::runtime::Runtime;

use super::line;
use super::mails::{self, Kind};
use super::process::{Redress, Used};
use super::support::dovecot::{Dovecot, Talk};
use super::support::sink::{Manners, Sink};

/// The office's mailbox.
pub const SERVICE: &str = "service@kmu.example";

/// A Dovecot, a sink, and a folder with a config for both.
struct Place {
    dir: tempfile::TempDir,
    dovecot: Dovecot,
    sink: Sink,
    config: PathBuf,
}

impl Place {
    fn new(runtime: &Runtime) -> Self {
        let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
        let sink = runtime.block_on(Sink::with(Manners { kept_bytes: 4096, ..Manners::default() }));
        let dir = tempfile::tempdir().expect("a folder");
        let config = dir.path().join("redress.toml");
        let text =
            include_str!("redress.toml").replace("IMAP_PORT", &dovecot.port.to_string()).replace("SMTP_PORT", &sink.port.to_string());
        std::fs::write(&config, text).expect("config");
        Self { dir, dovecot, sink, config }
    }

    fn fill(&self, run: &str, mails: std::ops::Range<usize>) {
        self.dovecot.fill(SERVICE, mails.map(|n| mails::mail(run, n)), SystemTime::now());
        // The server reads the new files into its index now, not while it is measured.
        drop(self.dovecot.talk(SERVICE).command("SELECT INBOX"));
    }

    fn store(&self) -> PathBuf {
        self.dir.path().join("redress.db")
    }
}

/// How fast the same server hands the same mails to a client that throws them away.
fn handed_out(dovecot: &Dovecot, count: usize) -> f64 {
    let mut talk: Talk = dovecot.talk(SERVICE);
    drop(talk.command("EXAMINE INBOX"));
    let began = Instant::now();
    let (lines, good) = talk.command("UID FETCH 1:* (UID INTERNALDATE BODY.PEEK[])");
    assert!(good && lines.len() >= count, "the server handed out {} lines of {count} mails", lines.len());
    count as f64 / began.elapsed().as_secs_f64()
}

/// From the folder into custody, durably, and moved.
pub fn custody(runtime: &Runtime, count: usize) {
    let place = Place::new(runtime);
    place.fill("c", 0..count);
    let hands_out = handed_out(&place.dovecot, count);
    let config = config::load(&place.config, &std::collections::BTreeMap::new()).unwrap_or_else(|m| panic!("{m}"));
    let (seconds, taken) = runtime.block_on(async {
        let house = House::open(config, Clock::system(), Chance::system()).await.expect("house");
        let desk = &house.desk;
        let settings = house.intake.first().expect("a mailbox").clone();
        let began = Instant::now();
        let count = intake::take_all(settings, desk.store.clone(), desk.clock.clone(), desk.chance.clone()).await.expect("intake");
        let seconds = began.elapsed().as_secs_f64();
        desk.store.close().await;
        (seconds, count.taken)
    });
    assert_eq!(taken, count as u64);
    line("custody: fetched, committed, moved (mails/s)", &format!("{:.0}", count as f64 / seconds), "2000");
    line("  the same Dovecot hands out the same mails (mails/s)", &format!("{hands_out:.0}"), "-");
}

/// The service on a backlog, until the last letter has left.
pub fn backlog(runtime: &Runtime, count: usize) {
    let place = Place::new(runtime);
    place.fill("b", 0..count);
    let hands_out = handed_out(&place.dovecot, count);
    let began = Instant::now();
    let child = Redress::start(&place.config, &["run"]);
    let (seconds, used) = until_done(runtime, &place, &child, count, began);
    let letters = place.sink.count();
    let complaints = mails::of(count, Kind::Complaint);
    assert!(letters >= complaints * 2, "{letters} letters of {complaints} complaints");
    print_way("backlog", count, seconds, used, letters);
    line("  the same Dovecot hands out the same mails (mails/s)", &format!("{hands_out:.0}"), "-");
    line(&format!("  peak memory on a backlog of {count} (MB, VmHWM)"), &format!("{:.0}", used.peak), "<= 120");
    std::thread::sleep(Duration::from_secs(75));
    let after = child.used();
    line("  memory 75 s after it (MB; of it not files)", &format!("{:.0} ({:.0})", after.now, after.anon), "-");
    child.stop();
}

/// Long mails, several together, and one beyond the limit: what the real program needs for them.
pub fn large(runtime: &Runtime) {
    for (what, sizes, wanted) in [("one mail of 60 MB", &[60_000_000][..], "<= 80"), ("six mails of 24 MB", &[24_000_000; 6], "<= 120")] {
        let place = Place::new(runtime);
        let mails = sizes.iter().enumerate().map(|(n, size)| mails::of_size("l", n, *size));
        place.dovecot.fill(SERVICE, mails, SystemTime::now());
        let began = Instant::now();
        let used = Redress::start(&place.config, &["run", "--once"]).to_the_end();
        let letters = place.sink.count();
        assert!(
            letters >= sizes.len(),
            "{letters} letters: {}",
            std::fs::read_to_string(place.config.with_extension("log")).unwrap_or_default()
        );
        line(&format!("{what}: peak memory (MB, VmHWM)"), &format!("{:.0}", used.peak), wanted);
        line("  seconds", &format!("{:.1}", began.elapsed().as_secs_f64()), "-");
    }
}

/// Letters of 27 KB out of the outbox to a server that takes all.
pub fn letters(runtime: &Runtime, count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let seconds = runtime.block_on(async {
        let sink = Sink::start().await;
        let store = Store::open(&format!("sqlite:{}", folder.path().join("l.db").display())).await.expect("store");
        let (clock, chance) = (Clock::system(), Chance::system());
        let raw = format!("Subject: letter\r\n\r\n{}", "一二三四五六七八九十\r\n".repeat(900)).into_bytes();
        let mut tx = store.begin().await.expect("tx");
        for n in 0..count {
            let letter = outbox::NewLetter {
                case_id: Some("case".into()),
                kind: "acknowledgement".into(),
                effect_key: format!("letter{n}"),
                envelope_from: SERVICE.into(),
                recipient: format!("r{n}@mail.example"),
                subject: "收件".into(),
                message_id: format!("<letter{n}@kmu.example>"),
                raw: raw.clone().into(),
                text: "x".into(),
                not_before: clock.now(),
                automatic: true,
                world: "public".into(),
            };
            outbox::queue(&mut tx, &chance, clock.now(), letter).await.expect("queued");
        }
        tx.commit().await.expect("commit");
        let endpoint = Endpoint { host: "127.0.0.1".into(), port: sink.port, tls: Tls::None, extra_roots: Vec::new(), dial: Dial::Network };
        let settings = delivery::Settings::new(endpoint, None, "kmu.example".into());
        let (tell, told) = tokio::sync::mpsc::channel(count);
        let began = Instant::now();
        let sent = delivery::send_all_due(settings, true, store.clone(), clock, chance, tell).await.expect("sent");
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!((sent.sent as usize, sink.count()), (count, count));
        drop(told);
        store.close().await;
        seconds
    });
    line("letters of 27 KB out of the outbox (letters/s)", &format!("{:.0}", count as f64 / seconds), "-");
}

/// One pass on a backlog: taken in, then read, then sent.
pub fn once(runtime: &Runtime, count: usize) {
    let place = Place::new(runtime);
    place.fill("o", 0..count);
    let began = Instant::now();
    let used = Redress::start(&place.config, &["run", "--once"]).to_the_end();
    print_way("run --once", count, began.elapsed().as_secs_f64(), used, place.sink.count());
    line("  peak memory (MB, VmHWM)", &format!("{:.0}", used.peak), "<= 120");
}

fn print_way(name: &str, count: usize, seconds: f64, used: Used, letters: usize) {
    line(&format!("{name}: the whole way of {count} mails (mails/s)"), &format!("{:.0}", count as f64 / seconds), "250");
    line("  letters delivered a second", &format!("{:.0}", letters as f64 / seconds), "-");
    line("  processor time a mail (ms)", &format!("{:.2}", used.cpu * 1000.0 / count as f64), "-");
}

/// Waits until every mail is read and every letter has left.
fn until_done(runtime: &Runtime, place: &Place, child: &Redress, count: usize, began: Instant) -> (f64, Used) {
    let (mut letters, mut last) = (0, Instant::now());
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let used = child.used();
        assert!(used.now > 0.0, "redress ended: {}", std::fs::read_to_string(place.config.with_extension("log")).unwrap_or_default());
        let now = place.sink.count();
        if now > letters {
            (letters, last) = (now, Instant::now());
        } else if last.elapsed() > Duration::from_millis(1500) && letters > 0 && rest(runtime, &place.store(), count) == 0 {
            return (last.duration_since(began).as_secs_f64(), used);
        }
        assert!(began.elapsed() < Duration::from_secs(3600), "an hour is enough");
    }
}

/// How many mails wait to be taken or read, and letters to be sent.
fn rest(runtime: &Runtime, store: &Path, count: usize) -> i64 {
    runtime.block_on(async {
        let store = Store::open(&format!("sqlite:{}", store.display())).await.expect("store");
        let lines = redress::store::ledger::read(&store).await.expect("ledger");
        let letters = outbox::count_by_state(&store).await.expect("outbox");
        store.close().await;
        let held: i64 = lines.iter().map(|l| l.held).sum();
        assert_eq!(held, 0, "mails were held");
        let seen: i64 = lines.iter().map(|l| l.seen).sum();
        let sent = letters.get(&outbox::State::Sent).copied().unwrap_or(0);
        let all: i64 = letters.values().sum();
        i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(seen).max(0) + lines.iter().map(|l| l.waiting).sum::<i64>() + all - sent
    })
}

/// At rest: memory, and how soon a single mail is acknowledged.
pub fn idle(runtime: &Runtime) {
    let place = Place::new(runtime);
    let child = Redress::start(&place.config, &["run"]);
    std::thread::sleep(Duration::from_secs(8));
    let used = child.used();
    line("idle: memory after the start (MB; of it not files)", &format!("{:.0} ({:.0})", used.now, used.anon), "<= 40");
    line("  peak while starting (MB)", &format!("{:.0}", used.peak), "<= 120");
    let mut waits = Vec::new();
    for n in 0..11 {
        let before = place.sink.count();
        let raw = mails::complaint("i", n);
        let began = Instant::now();
        place.dovecot.append(SERVICE, "INBOX", &raw, None);
        while place.sink.count() < before + 1 {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "no acknowledgement: {}",
                std::fs::read_to_string(place.config.with_extension("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
        waits.push(began.elapsed().as_secs_f64() * 1000.0);
        std::thread::sleep(Duration::from_millis(1500));
    }
    let first = waits.first().copied().unwrap_or_default();
    waits.sort_by(f64::total_cmp);
    line("arrival to first letter leaving, IDLE: median (ms)", &format!("{:.0}", waits.get(5).copied().unwrap_or_default()), "< 1000");
    line(
        "  worst of 11; the first after the start (ms)",
        &format!("{:.0}; {first:.0}", waits.last().copied().unwrap_or_default()),
        "< 1000",
    );
    std::thread::sleep(Duration::from_secs(5));
    let after = child.used();
    line("  memory after eleven cases (MB; of it not files)", &format!("{:.0} ({:.0})", after.now, after.anon), "<= 40");
    child.stop();
}

/// A mail's cost on a store of 100 cases and of 100,000.
pub fn growth(runtime: &Runtime) {
    const MAILS: usize = 600;
    let place = Place::new(runtime);
    let step = |from: usize, count: usize| {
        place.fill("g", from..from + count);
        let began = Instant::now();
        let used = Redress::start(&place.config, &["run", "--once"]).to_the_end();
        (began.elapsed().as_secs_f64(), used)
    };
    step(0, 140);
    // The start costs the same whatever the store holds: what an empty pass takes is left out.
    let (wall_start, start) = step(140, 0);
    let (wall, small) = step(140, MAILS);
    super::grow::to(runtime, &place.store(), 100_000);
    let (wall_large_start, large_start) = step(140 + MAILS, 0);
    let (wall_large, large) = step(140 + MAILS, MAILS);
    let ms = |seconds: f64| seconds * 1000.0 / MAILS as f64;
    let (cpu, cpu_large) = (small.cpu - start.cpu, large.cpu - large_start.cpu);
    let (wall, wall_large) = (wall - wall_start, wall_large - wall_large_start);
    line("a mail's cost at 100 cases: processor (wall) (ms)", &format!("{:.2} ({:.2})", ms(cpu), ms(wall)), "-");
    line("  at 100000 cases (ms)", &format!("{:.2} ({:.2})", ms(cpu_large), ms(wall_large)), "-");
    line("  factor", &format!("{:.2} ({:.2})", cpu_large / cpu, wall_large / wall), "<= 1.3");
}
