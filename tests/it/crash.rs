//! The real binary, killed between its steps (RELIABILITY section 0: I3…I10 of intake, O1…O7 of delivery) and at random moments;
//! after a restart every mail is in one place, every letter has left once, the numbers have no gap, the trail proves itself.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use redress::store::{Store, cases, events, inbox, outbox};

use crate::support::dovecot::Dovecot;
use crate::support::postgres::Postgres;
use crate::support::sink::Sink;
use crate::support::world::write_config;

const NOW: &str = "2026-03-03T10:00:00+08:00";
const RECEIVED: &str = " 3-Mar-2026 09:00:00 +0800";

/// An office of its own: a user of the shared IMAP server, a store, a sink for its letters.
pub struct Desk<'a> {
    pub dovecot: &'a Dovecot,
    pub user: String,
    pub dir: tempfile::TempDir,
    pub url: String,
    pub sink: Sink,
    pub mails: usize,
}

impl<'a> Desk<'a> {
    pub async fn open(dovecot: &'a Dovecot, user: &str, url: Option<String>) -> Self {
        let sink = Sink::start().await;
        let dir = tempfile::tempdir().expect("a folder");
        let path = write_config(dir.path(), dovecot.port, sink.port, "");
        let url = url.unwrap_or_else(|| format!("sqlite:{}", dir.path().join("redress.db").display()));
        let text = std::fs::read_to_string(&path).expect("config");
        let text = text.replace("username = \"service@kmu.example\"", &format!("username = \"{user}\"")).replace("sqlite:redress.db", &url);
        std::fs::write(&path, text).expect("config");
        Self { dovecot, user: user.to_owned(), dir, url, sink, mails: 0 }
    }

    pub fn mail(&mut self) -> Vec<u8> {
        self.mails += 1;
        let n = self.mails;
        format!(
            "Received: from out.mail.example by mx.kmu.example; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: student{n}@mail.example\r\nTo: service@kmu.example\r\nSubject: =?utf-8?b?6YG46Kqy?= {n}\r\nMessage-ID: <crash{n}@mail.example>\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n選課系統第 {n} 次出錯，請協助。\r\n"
        )
        .into_bytes()
    }

    /// Whether the process has written these words into its log.
    pub fn says(&self, words: &str) -> bool {
        std::fs::read_to_string(self.path("log")).unwrap_or_default().contains(words)
    }

    /// Right now, as the service sees it.
    pub fn arrives_now(&mut self) {
        let raw = self.mail();
        self.dovecot.append(&self.user, "INBOX", &raw, None);
    }

    pub fn arrives(&mut self) {
        let raw = self.mail();
        self.dovecot.append(&self.user, "INBOX", &raw, Some(RECEIVED));
    }

    fn command(&self, kill_at: Option<&str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
        command.arg("--config").arg(self.dir.path().join("redress.toml")).args(["run", "--once", "--now", NOW]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(self.log());
        if let Some(point) = kill_at {
            command.env("REDRESS_TEST_KILL_AT", point);
        }
        command
    }

    pub fn log(&self) -> Stdio {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(self.path("log")).expect("a log");
        Stdio::from(file)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A pass in such an environment.
    pub async fn pass_with(&self, environment: &[(&str, &str)]) -> ExitStatus {
        let mut command = self.command(None);
        command.envs(environment.iter().copied());
        tokio::task::spawn_blocking(move || command.status().expect("the binary runs")).await.expect("a run")
    }

    async fn pass(&self, kill_at: Option<&str>) -> ExitStatus {
        let mut command = self.command(kill_at);
        tokio::task::spawn_blocking(move || command.status().expect("the binary runs")).await.expect("a run")
    }

    pub async fn clean_pass(&self, what: &str) {
        let status = self.pass(None).await;
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        assert!(status.success(), "{what}: {status:?}\n{log}");
    }

    /// A pass on the clock of the wall, as the service lives by it.
    pub async fn pass_today(&self, what: &str) {
        let mut pass = Command::new(env!("CARGO_BIN_EXE_redress"));
        pass.arg("--config").arg(self.path("redress.toml")).args(["run", "--once"]);
        pass.stdin(Stdio::null()).stdout(Stdio::null()).stderr(self.log());
        let status = tokio::task::spawn_blocking(move || pass.status().expect("the binary runs")).await.expect("a run");
        assert!(status.success(), "{what}: {status:?}");
    }

    /// What must hold, whatever happened; `twice`: letters that may have left twice.
    pub async fn sound(&self, what: &str, twice: usize) {
        let store = Store::open(&self.url).await.expect("store");
        let mails = inbox::all(&store).await.expect("inbox");
        assert_eq!(mails.len(), self.mails, "{what}: each mail is in custody once");
        for mail in &mails {
            assert!(mail.state == inbox::State::Done && mail.case_id.is_some(), "{what}: {mail:?}");
        }
        let mut numbers: Vec<String> = cases::page(&store, 0, i64::MAX).await.expect("cases").into_iter().map(|c| c.number).collect();
        numbers.sort();
        let wanted: Vec<String> = (1..=self.mails).map(|n| format!("115-{n:04}")).collect();
        assert_eq!(numbers, wanted, "{what}: one number each, without a gap");
        assert!(matches!(events::verify(&store).await.expect("verify"), events::Verdict::Ok { .. }), "{what}: the trail");
        let lost = self.letters(&store, what).await;
        assert!(lost * 10 <= twice, "{what}: of {lost} letters nobody knows whether they arrived");
        let mut arrived: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for kept in self.sink.kept() {
            let text = String::from_utf8_lossy(&kept.raw).into_owned();
            let id = text.lines().find(|l| l.starts_with("Message-ID:")).expect("an id").to_owned();
            arrived.entry(id).or_default().push(kept.raw);
        }
        let mut again = 0;
        for (id, copies) in &arrived {
            again += copies.len() - 1;
            assert!(copies.len() <= 2 && copies.windows(2).all(|w| w.first() == w.last()), "{what}: {id}: {} copies", copies.len());
        }
        assert!(again <= twice, "{what}: {again} letters left twice");
        store.close().await;
    }
}

impl Drop for Desk<'_> {
    /// What the process said, where a test fails.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(60)..).unwrap_or_default();
            eprintln!("{}: {} mails, {} letters; the log's end:\n{}", self.user, self.mails, self.sink.count(), tail.join("\n"));
        }
    }
}

/// What an opened case writes: to its complainant, to the unit, to the secretariat.
const THREE: [&str; 3] = ["acknowledgement", "forward", "auto_forwarded"];

impl Desk<'_> {
    /// Receipt, forward and notice of each case, once each, and gone. Says of how many nobody knows whether they arrived: a process
    /// died after their first dot, and another one after their second.
    async fn letters(&self, store: &Store, what: &str) -> usize {
        let letters = outbox::all(store).await.expect("outbox");
        let (mut of, mut lost) = (BTreeMap::new(), 0);
        for letter in &letters {
            let doubtful = letter.state == outbox::State::Never && letter.why.as_deref().is_some_and(|w| w.starts_with("in-doubt"));
            assert!(doubtful || letter.state == outbox::State::Sent, "{what}: {letter:?}");
            lost += usize::from(doubtful);
            if THREE.contains(&letter.kind.as_str()) {
                *of.entry((letter.case_id.clone(), letter.kind.clone())).or_insert(0) += 1;
            }
        }
        assert!(of.len() == 3 * self.mails && of.values().all(|n| *n == 1), "{what}: receipt, forward and notice of each: {of:?}");
        let of_cases = letters.iter().filter(|l| l.case_id.is_some()).count();
        assert!(lost > 0 || of_cases == of.len(), "{what}: nothing else: {:?}", letters.iter().map(|l| &l.kind).collect::<Vec<_>>());
        lost
    }
}

/// Kills at a point, starts again, and looks.
async fn killed_at(desk: &mut Desk<'_>, point: &str, nth: u32) {
    let what = format!("{point}:{nth}");
    if nth == 10 {
        // Nine cases there are, and the tenth mail kills.
        while desk.mails < 9 {
            desk.arrives();
        }
        desk.clean_pass(&what).await;
        desk.arrives();
    } else {
        for _ in 0..3 {
            desk.arrives();
        }
    }
    let mut status = desk.pass(Some(if nth == 10 { point } else { &what })).await;
    if nth == 2 && status.success() {
        // The point lies once in a pass: the second mail comes to it in the next one.
        desk.arrives();
        status = desk.pass(Some(point)).await;
    }
    assert_eq!(status.signal(), Some(6), "{what}: the point is reached");
    desk.clean_pass(&what).await;
    let left = desk.sink.count();
    // Before the second letter's RCPT the first one has its 250 and may not be booked yet.
    let twice = if matches!(point, "O5" | "O6" | "O7") || (point == "O3" && nth == 2) { 8 } else { 0 };
    desk.sound(&what, twice).await;
    desk.clean_pass(&what).await;
    assert_eq!(desk.sink.count(), left, "{what}: a second pass sends nothing");
}

async fn through(points: &[&str], name: &str, postgres: Option<&Postgres>) {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    for point in points {
        for nth in [1, 2, 10] {
            let user = format!("{name}-{}-{nth}@kmu.example", point.to_lowercase());
            let mut desk = Desk::open(&dovecot, &user, postgres.map(Postgres::database)).await;
            killed_at(&mut desk, point, nth).await;
        }
    }
}

const INTAKE: &[&str] = &["I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10"];
const DELIVERY: &[&str] = &["O1", "O2", "O3", "O4", "O5", "O6", "O7"];

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_step_of_intake() {
    through(INTAKE, "intake", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_step_of_delivery() {
    through(DELIVERY, "delivery", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_postgresql() {
    let postgres = Postgres::start().expect("postgresql is installed (make test installs it)");
    through(INTAKE, "pg", Some(&postgres)).await;
    through(DELIVERY, "pg", Some(&postgres)).await;
}

/// SplitMix64: the moments of a run are the same each time.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_mails_under_twenty_kills() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "random@kmu.example", None).await;
    let received = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_499_600);
    let batch = |desk: &mut Desk<'_>| {
        let mails: Vec<Vec<u8>> = (0..10).map(|_| desk.mail()).collect();
        dovecot.fill("random@kmu.example", mails, received);
    };
    let mut chance = Seeded(2026);
    let mut killed = 0;
    for _ in 0..20 {
        if desk.mails < 200 {
            batch(&mut desk);
        }
        let point = format!("*:{}", 1 + chance.below(90));
        killed += usize::from(desk.pass(Some(&point)).await.signal() == Some(6));
    }
    assert!(killed >= 15, "only {killed} runs were killed before their end");
    desk.clean_pass("after the kills").await;
    // A handful is marked in doubt at a time: so many may leave twice at each kill.
    desk.sound("random kills", 8 * killed).await;
}

/// While it is read, or only while letters and forms are made of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_kills_its_reader_is_held_and_the_next_one_is_read() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    for point in ["I9", "W1"] {
        poisoned(&dovecot, point).await;
    }
}

async fn poisoned(dovecot: &Dovecot, point: &str) {
    let mut desk = Desk::open(dovecot, &format!("poison{point}@kmu.example"), None).await;
    desk.arrives();
    for _ in 0..5 {
        assert_eq!(desk.pass(Some(point)).await.signal(), Some(6));
    }
    desk.arrives();
    desk.clean_pass("poison").await;
    let store = Store::open(&desk.url).await.expect("store");
    let mails = inbox::all(&store).await.expect("inbox");
    let states: Vec<_> = mails.iter().map(|m| (m.state, m.reason.clone())).collect();
    assert_eq!(states, [(inbox::State::Held, Some("failed".to_owned())), (inbox::State::Done, None)]);
    let told: Vec<_> = desk.sink.kept().into_iter().filter(|k| k.to == ["wang@kmu.example"]).collect();
    assert_eq!(told.len(), 2, "the held mail, and the other one's forward");
    // Released, it is read like any other.
    let held = mails.first().expect("a mail").id.clone();
    let mut tx = store.begin().await.expect("a transaction");
    inbox::release(&mut tx, &held).await.expect("held");
    tx.commit().await.expect("commit");
    store.close().await;
    desk.clean_pass("released").await;
    let store = Store::open(&desk.url).await.expect("store");
    assert!(inbox::all(&store).await.expect("inbox").iter().all(|m| m.state == inbox::State::Done));
    assert_eq!(cases::page(&store, 0, i64::MAX).await.expect("cases").len(), 2);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harmless_mail_is_not_held_however_often_the_process_ends() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "harmless@kmu.example", None).await;
    desk.arrives();
    // Read, judged, its letters written: then the power fails, night after night.
    for _ in 0..8 {
        assert_eq!(desk.pass(Some("O1")).await.signal(), Some(6));
    }
    desk.clean_pass("harmless").await;
    desk.sound("harmless", 0).await;
}

/// The service itself, started again each time it dies of the mail.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_dies_of_a_mail_holds_it_within_a_few_starts() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "again@kmu.example", None).await;
    let raw = String::from_utf8(desk.mail()).expect("text").replace("From: student1@", "From: poison@");
    dovecot.append(&desk.user, "INBOX", raw.as_bytes(), None);
    let letters = |desk: &Desk<'_>, to: &str| desk.sink.kept().iter().filter(|k| k.to == [to]).count();
    let mut deaths = 0;
    let began = Instant::now();
    while letters(&desk, "wang@kmu.example") == 0 {
        let mut daemon = Daemon::start_with(&desk, &[("REDRESS_TEST_KILL_AT", "I9")]);
        let patience = Instant::now() + Duration::from_secs(30);
        while daemon.0.try_wait().expect("a child").is_none() && letters(&desk, "wang@kmu.example") == 0 {
            assert!(Instant::now() < patience, "it neither dies nor tells");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        deaths += usize::from(daemon.0.try_wait().expect("a child").is_some());
    }
    assert!(deaths == 5 && began.elapsed() < Duration::from_secs(60), "{deaths} deaths in {:?}", began.elapsed());
}

/// Waits for something, at most a minute.
pub async fn until(what: &str, mut test: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !test() {
        assert!(Instant::now() < patience, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A daemon that is ended with its test.
pub struct Daemon(pub Child);

impl Daemon {
    pub fn start(desk: &Desk<'_>) -> Self {
        Self::start_with(desk, &[])
    }

    pub fn start_with(desk: &Desk<'_>, environment: &[(&str, &str)]) -> Self {
        Self::start_in(desk, &[], environment)
    }

    /// As the last words of another command, such as `prlimit`.
    pub fn start_in(desk: &Desk<'_>, around: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut words = around.iter().chain(&[env!("CARGO_BIN_EXE_redress")]);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).envs(environment.iter().copied());
        command.arg("--config").arg(desk.path("redress.toml")).arg("run").stdin(Stdio::null()).stdout(Stdio::null()).stderr(desk.log());
        Self(command.spawn().expect("the binary runs"))
    }

    pub async fn terminate(&mut self) -> ExitStatus {
        assert!(Command::new("kill").arg("-TERM").arg(self.0.id().to_string()).status().expect("kill").success());
        let patience = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(status) = self.0.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < patience, "it did not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_acknowledges_within_seconds_and_ends_cleanly() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let mut desk = Desk::open(&dovecot, "service@kmu.example", None).await;
    let mut daemon = Daemon::start(&desk);
    let raw = desk.mail();
    dovecot.append(&desk.user, "INBOX", &raw, None);
    let acknowledged = |desk: &Desk<'_>, n: usize| desk.sink.kept().iter().any(|k| k.to == [format!("student{n}@mail.example")]);
    until("the first mail is acknowledged", || acknowledged(&desk, 1)).await;
    // By now it idles: the next one is noticed because the server says so, long before the next poll.
    let raw = desk.mail();
    let began = Instant::now();
    dovecot.append(&desk.user, "INBOX", &raw, None);
    until("the second mail is acknowledged", || acknowledged(&desk, 2)).await;
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    until("all letters have left", || desk.sink.count() == 6).await;
    // A second daemon on the same store is refused.
    let status = desk.pass(None).await;
    assert_eq!(status.code(), Some(1), "the store is in use");
    let status = daemon.terminate().await;
    assert_eq!(status.code(), Some(0), "{status:?}\n{}", std::fs::read_to_string(desk.path("log")).unwrap_or_default());
    desk.sound("service", 0).await;
    // Killed without warning while it works, it goes on where it was.
    let mut daemon = Daemon::start(&desk);
    let raw = desk.mail();
    dovecot.append(&desk.user, "INBOX", &raw, None);
    let store_is_busy = |desk: &Desk<'_>| desk.sink.count() > 6;
    until("the third mail is being dealt with", || store_is_busy(&desk)).await;
    let _ = daemon.0.kill();
    let _ = daemon.0.wait();
    let mut daemon = Daemon::start(&desk);
    let running = |desk: &Desk<'_>| std::fs::read_to_string(desk.path("log")).unwrap_or_default().matches("redress is running").count();
    until("it runs for the third time", || running(&desk) == 3).await;
    until("its letters have left", || {
        acknowledged(&desk, 3) && desk.sink.kept().iter().filter(|k| k.to == ["academic@kmu.example"]).count() >= 3
    })
    .await;
    let status = daemon.terminate().await;
    assert_eq!(status.code(), Some(0), "{status:?}\n{}", std::fs::read_to_string(desk.path("log")).unwrap_or_default());
    desk.sound("killed service", 8).await;
}
