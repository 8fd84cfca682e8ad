//! Intake against a real Dovecot and against a server that lies. Every fault that async-imap turns into "no mail" stands here.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redress::calendar::Moment;
use redress::clock::{Chance, Clock};
use redress::intake::{self, Count, Error, Settings};
use redress::store::{Store, inbox, ledger, notes, older};
use redress::wire::{self, Dial, Endpoint, Health, Login, Tls, TokenSource};
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::support::dovecot::{Dovecot, PASSWORD};
use crate::support::scripted_imap::{Act, ScriptedImap, expand};

const ADDRESS: &str = "service@office.example";

/// A store in a folder that goes with it.
struct Room {
    store: Store,
    clock: Clock,
    chance: Chance,
    _folder: tempfile::TempDir,
}

impl Room {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let store = Store::open(&format!("sqlite:{}", folder.path().join("t.db").display())).await.expect("store");
        Self { store, clock: Clock::system(), chance: Chance::seeded(3), _folder: folder }
    }

    async fn take(&self, settings: &Settings) -> Result<Count, Error> {
        intake::take_all(settings.clone(), self.store.clone(), self.clock.clone(), self.chance.clone()).await
    }

    /// UID and bytes of all that waits, by UID.
    async fn custody(&self) -> Vec<(i64, Vec<u8>)> {
        let mut all = Vec::new();
        for row in inbox::next_new(&self.store, 100_000).await.expect("rows") {
            all.push((row.uid, inbox::raw(&self.store, &row.id).await.expect("raw")));
        }
        all.sort();
        all
    }

    fn watch(&self, settings: &Settings) -> (Arc<Notify>, Health, CancellationToken, tokio::task::JoinHandle<()>) {
        let (wake, health, stop) = (Arc::new(Notify::new()), Health::new(), CancellationToken::new());
        let (store, clock, chance) = (self.store.clone(), self.clock.clone(), self.chance.clone());
        let running = intake::run(settings.clone(), store, clock, chance, Arc::clone(&wake), health.clone(), stop.clone());
        (wake, health, stop, tokio::spawn(running))
    }

    async fn wait_for(&self, mails: usize, limit: Duration) -> Duration {
        let began = Instant::now();
        while self.custody().await.len() < mails {
            assert!(began.elapsed() < limit, "{} of {mails} mails after {limit:?}", self.custody().await.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        began.elapsed()
    }
}

fn settings(port: u16) -> Settings {
    let endpoint = Endpoint { host: "127.0.0.1".into(), port, tls: Tls::None, extra_roots: Vec::new(), dial: Dial::Network };
    let login = Login::Password { user: "service".into(), password: SecretString::from(PASSWORD.to_owned()) };
    Settings { quiet: Duration::from_secs(5), ..Settings::new(ADDRESS.into(), endpoint, login) }
}

/// As [`settings`], for a server that falls silent.
fn impatient(port: u16) -> Settings {
    Settings { quiet: Duration::from_millis(300), idle_renew: Duration::from_millis(400), ..settings(port) }
}

fn mail(n: usize) -> Vec<u8> {
    format!("From: a@example.org\r\nSubject: mail {n}\r\nMessage-ID: <{n}@example.org>\r\n\r\n陳情內容 {n}\r\n* 1 FETCH (UID 9)\r\n")
        .into_bytes()
}

fn mails(count: usize) -> Vec<Vec<u8>> {
    (1..=count).map(mail).collect()
}

fn expected(count: usize) -> Vec<(i64, Vec<u8>)> {
    (1..).zip(mails(count)).collect()
}

fn say(words: &str) -> Option<Vec<Act>> {
    Some(vec![Act::Say(words.to_owned())])
}

// ── a real server ────────────────────────────────────────────────────────────────────────────────────────────────────────

#[tokio::test(flavor = "multi_thread")]
async fn dovecot_gives_its_mail_and_gets_it_moved_unread() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed (make test installs it)");
    dovecot.append("service", "INBOX", &mail(1), Some("17-Jul-2026 02:44:25 +0800"));
    dovecot.append("service", "INBOX", &mail(2), Some("01-Jan-2050 00:00:00 +0800"));
    dovecot.append("service", "INBOX", &vec![b'x'; 5_000_000], None);
    let room = Room::new().await;
    let settings = Settings { processed_folder: Some("已處理 & Co".into()), ..settings(dovecot.port) };
    let count = room.take(&settings).await.expect("taken");
    assert_eq!((count.taken, count.moved, count.truncated), (3, 3, 0));
    let custody = room.custody().await;
    assert_eq!(custody.first(), Some(&(1, mail(1))));
    assert_eq!(custody.last().map(|(_, raw)| raw.len()), Some(5_000_000));
    let rows = inbox::next_new(&room.store, 10).await.expect("rows");
    let first = rows.iter().find(|row| row.uid == 1).expect("first");
    assert_eq!(Some(first.internal_at), Moment::parse_rfc3339("2026-07-17T02:44:25+08:00"));
    assert!(rows.iter().all(|row| row.internal_at <= room.clock.now()), "never received later than now");
    assert!(dovecot.list("service", "INBOX").is_empty());
    let processed = dovecot.list("service", "&XfKGVXQG- &- Co");
    assert_eq!(processed.len(), 3);
    assert!(processed.iter().all(|(_, flags)| !flags.contains("Seen") && !flags.contains("Deleted")), "{processed:?}");
    assert_eq!(room.take(&settings).await.expect("again").taken, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_hears_of_mail_at_once_and_outlives_its_server() {
    let mut dovecot = Dovecot::start().expect("dovecot-imapd is installed (make test installs it)");
    let room = Room::new().await;
    let (wake, health, stop, running) = room.watch(&settings(dovecot.port));
    tokio::time::sleep(Duration::from_millis(500)).await;
    dovecot.append("service", "INBOX", &mail(1), None);
    let noticed = room.wait_for(1, Duration::from_secs(10)).await;
    assert!(noticed < Duration::from_secs(5), "{noticed:?}");
    tokio::time::timeout(Duration::from_secs(1), wake.notified()).await.expect("the desk is woken");
    dovecot.stop();
    let began = Instant::now();
    while health.report().failures == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the end of the server shows");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    dovecot.start_again();
    dovecot.append("service", "INBOX", &mail(2), None);
    room.wait_for(2, Duration::from_secs(20)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((health.report().failures, health.report().trouble), (0, None));
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(2), running).await.expect("stops at once").expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_both_ways_and_never_with_a_stranger() {
    let (dovecot, certificate) = Dovecot::start_with_tls().expect("dovecot-imapd and openssl are installed (make test installs them)");
    dovecot.append("service", "INBOX", &mail(1), None);
    for (tls, port) in [(Tls::Implicit, dovecot.tls_port), (Tls::StartTls, dovecot.port)] {
        let room = Room::new().await;
        let mut known = Settings { processed_folder: None, ..settings(port) };
        known.endpoint = Endpoint { host: "localhost".into(), port, tls, extra_roots: vec![certificate.clone()], dial: Dial::Network };
        assert_eq!(room.take(&known).await.expect("taken").taken, 1, "{tls:?}");
        let mut stranger = known.clone();
        stranger.endpoint.extra_roots.clear();
        assert!(matches!(room.take(&stranger).await, Err(Error::Wire(wire::Error::Tls { .. }))));
        let report = intake::probe(&known).await.expect("probe");
        assert!(report.encrypted && report.idle && report.moves && report.mails == 1);
    }
    let mut wrong = settings(dovecot.port);
    wrong.login = Login::Password { user: "service".into(), password: SecretString::from("not it".to_owned()) };
    assert!(matches!(intake::probe(&wrong).await, Err(Error::Login(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_mail_waits_for_a_word_and_moved_mail_does_not() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed (make test installs it)");
    dovecot.append("service", "INBOX", &mail(1), Some("17-Jul-2001 02:44:25 +0800"));
    dovecot.append("service", "INBOX", &mail(2), None);
    let room = Room::new().await;
    let settings = Settings { take_since: Some(7 * 24 * 3600), ..settings(dovecot.port) };
    let count = room.take(&settings).await.expect("taken");
    let old = Moment::parse_rfc3339("2001-07-17T02:44:25+08:00").expect("moment");
    assert_eq!((count.taken, count.older), (1, BTreeSet::from([(1, old)])));
    let far = Moment::from_unix(i64::MAX / 4);
    let told = notes::since(&room.store, Moment::from_unix(0), far).await.expect("notes");
    assert_eq!(told.iter().filter(|note| note.kind == "older_mail").count(), 1);
    // Somebody finds an old complaint in another folder and moves it here: that one is taken.
    dovecot.append("service", "INBOX", &mail(3), Some("17-Jul-2001 02:44:25 +0800"));
    let count = room.take(&settings).await.expect("taken");
    assert_eq!((count.taken, count.older.len()), (1, 1));
    let found = older::get(&room.store, ADDRESS, "INBOX").await.expect("store").expect("decided");
    let mut tx = room.store.begin().await.expect("begin");
    older::set(&mut tx, ADDRESS, "INBOX", &older::after(found, older::Word::All)).await.expect("word");
    tx.commit().await.expect("commit");
    assert_eq!(room.take(&settings).await.expect("taken").taken, 1);
    let told = notes::since(&room.store, Moment::from_unix(0), far).await.expect("notes");
    assert_eq!(told.len(), 1, "told once");
}

// ── a server that lies ───────────────────────────────────────────────────────────────────────────────────────────────────

#[tokio::test]
async fn a_refused_listing_is_an_error_and_never_an_empty_mailbox() {
    for answer in [
        "{tag} NO [UNAVAILABLE] later\r\n",
        "{tag} BAD what\r\n",
        "* BYE going\r\n",
        "* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n{tag} NO half\r\n",
    ] {
        let server = ScriptedImap::start(mails(3), move |_, line| if line.contains("RFC822.SIZE") { say(answer) } else { None }).await;
        let room = Room::new().await;
        assert!(room.take(&impatient(server.port)).await.is_err(), "{answer}");
        assert!(room.custody().await.is_empty());
    }
}

#[tokio::test]
async fn no_to_a_batch_takes_every_mail_singly() {
    for refusal in ["{tag} NO [SERVERBUG] one is bad\r\n", "{tag} BAD x\r\n", "{tag} OK nothing\r\n"] {
        let server = ScriptedImap::start(mails(5), move |_, line| {
            let batch = line.starts_with("UID FETCH 1:5 (UID BODY.PEEK");
            if batch { say(refusal) } else { None }
        })
        .await;
        let room = Room::new().await;
        let count = room.take(&settings(server.port)).await.expect("taken");
        assert_eq!((count.taken, count.unfetchable.len()), (5, 0), "{refusal}");
        assert_eq!(room.custody().await, expected(5));
    }
}

#[tokio::test]
async fn a_connection_cut_at_any_byte_loses_and_doubles_nothing() {
    let whole: usize = mails(3).iter().map(|m| m.len() + 40).sum();
    for cut in (0..whole).step_by(7) {
        let server = ScriptedImap::start(mails(3), move |connection, line| {
            (connection == 1 && line.contains("BODY.PEEK")).then(|| vec![Act::UsualUpTo(cut)])
        })
        .await;
        let room = Room::new().await;
        let count = room.take(&settings(server.port)).await.expect("taken");
        assert_eq!(count.taken, 3, "cut at {cut}");
        assert_eq!(room.custody().await, expected(3), "cut at {cut}");
    }
}

#[tokio::test]
async fn a_mail_that_is_never_given_is_reported_and_holds_up_no_other() {
    for poison in ["{tag} NO cannot\r\n", "{tag} OK here\r\n", "* 2 FETCH (UID 2 BODY[] \"\")\r\n{tag} OK empty\r\n", ""] {
        let server = ScriptedImap::start(mails(4), move |_, line| {
            let set = line.strip_prefix("UID FETCH ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
            if !line.contains("BODY.PEEK") || !expand(set, 4).contains(&2) {
                return None;
            }
            if poison.is_empty() { Some(vec![Act::Cut]) } else { say(poison) }
        })
        .await;
        let room = Room::new().await;
        let first = room.take(&settings(server.port)).await;
        let second = room.take(&settings(server.port)).await;
        let got: Vec<i64> = room.custody().await.into_iter().map(|(uid, _)| uid).collect();
        assert!(got.contains(&3) && got.contains(&4), "{poison:?}: {got:?} {first:?} {second:?}");
        let count = second.or(first).expect("one pass ends well");
        assert!(count.unfetchable.contains(&2), "{poison:?}: {count:?}");
        let told = notes::since(&room.store, Moment::from_unix(0), Moment::from_unix(i64::MAX / 4)).await.expect("notes");
        assert!(told.iter().any(|note| note.kind == "mail_unfetchable"), "{poison:?}");
    }
}

#[tokio::test]
async fn what_was_listed_and_not_given_stays_in_the_ledger() {
    // The second mail is listed and never given; later somebody takes it away.
    let server = ScriptedImap::start(mails(3), move |_, line| {
        let set = line.strip_prefix("UID FETCH ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        if line.contains("BODY.PEEK") && expand(set, 3).contains(&2) { say("{tag} NO cannot\r\n") } else { None }
    })
    .await;
    let room = Room { clock: Clock::settable(Moment::from_unix(1_800_000_000)), ..Room::new().await };
    let (settings, far) = (settings(server.port), Moment::from_unix(i64::MAX / 4));
    let balance = async || {
        let line = ledger::read(&room.store).await.expect("ledger").remove(0);
        (line.seen, line.waiting, line.missing, line.gone)
    };
    let told = async |kind: &str| {
        let all = notes::since(&room.store, Moment::from_unix(0), far).await.expect("notes");
        all.iter().filter(|note| note.kind == kind).count()
    };
    room.take(&settings).await.expect("taken");
    assert_eq!((balance().await, told("ledger_gap").await), ((3, 2, 1, 0), 0));
    // Half an hour later it is an alarm, however often it is looked at.
    room.clock.set(room.clock.now().plus_seconds(1801));
    room.take(&settings).await.expect("taken");
    room.take(&settings).await.expect("taken");
    assert_eq!((balance().await, told("ledger_gap").await > 0), ((3, 2, 1, 0), true));
    server.model.lock().expect("model").mails.remove(&2);
    room.take(&settings).await.expect("taken");
    assert_eq!((balance().await, told("mail_gone").await), ((3, 2, 0, 1), 1), "gone, and said so");
}

#[tokio::test]
async fn a_huge_literal_takes_no_memory_and_the_mail_comes_in_parts() {
    let long = vec![b'y'; 9_000_000];
    let server = ScriptedImap::start(vec![mail(1), long.clone()], |_, line| {
        // Says 500 MB and falls silent: the reader would take the memory at once.
        let both = line.contains("(UID BODY.PEEK[])") && line.contains('2');
        if both { say("* 2 FETCH (UID 2 BODY[] {500000000}\r\n") } else { None }
    })
    .await;
    server.model.lock().expect("model").lies.insert(2, 100);
    let room = Room::new().await;
    let count = room.take(&settings(server.port)).await.expect("taken");
    assert_eq!((count.taken, count.truncated), (2, 0));
    assert_eq!(room.custody().await, vec![(1, mail(1)), (2, long)]);
}

#[tokio::test]
async fn of_a_mail_beyond_the_limit_the_beginning_is_taken() {
    let long: Vec<u8> = (0..3_000_000_u32).map(|n| b'a' + (n % 26) as u8).collect();
    for lie in [None, Some(5_000_000)] {
        let server = ScriptedImap::start(vec![long.clone()], |_, _| None).await;
        server.model.lock().expect("model").lies.extend(lie.map(|size| (1, size)));
        let room = Room::new().await;
        let settings = Settings { size_limit: 2_000_000, ..settings(server.port) };
        let count = room.take(&settings).await.expect("taken");
        // At three million bytes it is below the size of a batch: the limit still counts.
        assert_eq!((count.taken, count.truncated), (1, 1), "{lie:?}");
        let row = inbox::next_new(&room.store, 1).await.expect("row").remove(0);
        assert_eq!((row.size, row.truncated_size), (262_144, Some(i64::from(lie.unwrap_or(3_000_000)))));
    }
}

#[tokio::test]
async fn moves_that_are_refused_leave_the_mail_and_take_it_once() {
    let server = ScriptedImap::start(mails(3), |_, line| {
        (line.starts_with("UID MOVE") || line.starts_with("CREATE")).then(|| vec![Act::Say("{tag} NO [NOPERM] read only\r\n".into())])
    })
    .await;
    let room = Room::new().await;
    for pass in 0..3 {
        let count = room.take(&settings(server.port)).await.expect("taken");
        assert_eq!((count.taken, count.moves_refused), (if pass == 0 { 3 } else { 0 }, true));
    }
    assert_eq!(room.custody().await, expected(3));
}

#[tokio::test]
async fn without_move_exactly_these_mails_are_expunged_and_never_all() {
    let server = ScriptedImap::with_capabilities(mails(3), "IMAP4rev1 UIDPLUS", |_, _| None).await;
    let room = Room::new().await;
    assert_eq!(room.take(&settings(server.port)).await.expect("taken").moved, 3);
    assert_eq!((server.heard("UID COPY 1:3 "), server.heard("UID STORE 1:3 +FLAGS"), server.heard("UID EXPUNGE 1:3")), (1, 1, 1));
    let plain = ScriptedImap::with_capabilities(mails(3), "IMAP4rev1", |_, _| None).await;
    let room = Room::new().await;
    assert_eq!(room.take(&settings(plain.port)).await.expect("taken").moved, 0);
    assert_eq!((plain.heard("UID STORE"), plain.heard("EXPUNGE"), plain.heard("UID EXPUNGE")), (0, 0, 0));
    assert_eq!(server.heard("EXPUNGE"), 0);
}

#[tokio::test]
async fn a_new_uidvalidity_reads_everything_again() {
    let server = ScriptedImap::start(mails(3), |_, _| None).await;
    let room = Room::new().await;
    let settings = Settings { processed_folder: None, ..settings(server.port) };
    assert_eq!(room.take(&settings).await.expect("taken").taken, 3);
    assert_eq!(room.take(&settings).await.expect("taken").known, 3);
    server.model.lock().expect("model").uidvalidity = 8;
    assert_eq!(room.take(&settings).await.expect("taken").taken, 3);
    let rows = inbox::next_new(&room.store, 10).await.expect("rows");
    let mut copies = 0;
    for row in &rows {
        copies += usize::from(inbox::earlier_copy(&room.store, &row.sha256, &row.id).await.expect("copy").is_some());
    }
    assert_eq!((rows.len(), copies), (6, 3), "each second copy is known by its bytes");
}

#[tokio::test]
async fn a_chatty_server_confuses_nobody() {
    let noise = "* 1 FETCH (FLAGS (\\Seen))\r\n* 3 FETCH (UID 77 BODY[] {3}\r\nxyz)\r\n* ESEARCH (TAG \"a\") UID ALL 1\r\n* 9 EXISTS\r\n* 2 RECENT\r\n\
                 * XYZZY {4}\r\nabcd\r\n* OK [ALERT]注意\r\n* VANISHED 5\r\n\r\n";
    let server = ScriptedImap::start(mails(3), move |_, line| match line {
        "CAPABILITY" => say("* CAPABILITY  IMAP4rev1  IDLE MOVE\r\n{tag} OK\r\n"),
        _ if line.starts_with("UID FETCH 1:3 ") => Some(vec![
            Act::Say(noise.into()),
            Act::Say(format!("* 1 FETCH (UID 1 BODY[] {{{}}}\r\n{})\r\n", mail(1).len(), String::from_utf8_lossy(&mail(1)))),
            Act::Say(noise.into()),
            Act::Say("* 1 FETCH (UID 1 BODY[] {5}\r\nagain)\r\n".into()),
            Act::Say(format!("* 3 FETCH (BODY[] {{{}}}\r\n{} UID 3)\r\n", mail(3).len(), String::from_utf8_lossy(&mail(3)))),
            Act::Say("{tag} OK\r\n".into()),
        ]),
        _ => None,
    })
    .await;
    let room = Room::new().await;
    assert_eq!(room.take(&settings(server.port)).await.expect("taken").taken, 3);
    assert_eq!(room.custody().await, expected(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_that_is_dead_refused_or_cut_delays_and_loses_nothing() {
    let usual_after = |first: Vec<Act>| move |connection: usize, line: &str| (connection == 1 && line == "IDLE").then(|| first.clone());
    let cases: Vec<(&str, Vec<Act>)> = vec![
        ("silent", vec![Act::Say("+ idling\r\n".into()), Act::Silence]),
        ("no", vec![Act::Say("{tag} NO\r\n".into())]),
        ("bad without text", vec![Act::Say("{tag} BAD\r\n".into())]),
        ("cut", vec![Act::Say("+ idling\r\n".into()), Act::Cut]),
        ("bye", vec![Act::Say("+ idling\r\n* BYE\r\n".into())]),
        ("nonsense", vec![Act::Say("+ idling\r\n\u{1}\u{2}\u{3}\r\n".into())]),
    ];
    for (name, acts) in cases {
        let server = ScriptedImap::start(mails(1), usual_after(acts)).await;
        let room = Room::new().await;
        let settings = Settings { poll_interval: Duration::from_millis(200), ..impatient(server.port) };
        let (_, _, stop, running) = room.watch(&settings);
        room.wait_for(1, Duration::from_secs(10)).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.model.lock().expect("model").mails.insert(2, mail(2));
        let noticed = room.wait_for(2, Duration::from_secs(10)).await;
        assert!(noticed < Duration::from_secs(6), "{name}: {noticed:?}");
        stop.cancel();
        tokio::time::timeout(Duration::from_secs(2), running).await.expect("stops").expect("no panic");
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_anywhere_is_left_in_time() {
    for silent_at in ["CAPABILITY", "LOGIN", "SELECT", "UID FETCH"] {
        let server = ScriptedImap::start(mails(2), move |connection, line| {
            (connection == 1 && line.starts_with(silent_at)).then(|| vec![Act::Silence])
        })
        .await;
        let room = Room::new().await;
        let began = Instant::now();
        assert_eq!(room.take(&impatient(server.port)).await.expect("taken on the second connection").taken, 2, "{silent_at}");
        assert!(began.elapsed() < Duration::from_secs(5), "{silent_at}");
    }
}

#[tokio::test]
async fn oauth_asks_for_a_fresh_token_and_hears_a_refusal() {
    let token = "dXNlcj1zZXJ2aWNlQG9mZmljZS5leGFtcGxlAWF1dGg9QmVhcmVyIHRva2VuIDEBAQ=="; // …auth=Bearer token 1
    let server = ScriptedImap::start(mails(1), move |_, line| match line {
        "AUTHENTICATE XOAUTH2" => say("+\r\n"),
        // The answer is a line without a tag; a refusal comes as a second challenge, which wants an empty line.
        "DONE" => None,
        "" => say("R0002 NO refused\r\n"),
        _ if line == token.to_ascii_uppercase() => say("R0002 OK welcome\r\n"),
        _ if line.starts_with("DXNLC") => say("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n"),
        _ => None,
    })
    .await;
    let asked = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let tokens = TokenSource::new(move || {
        let n = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move { if n == 0 { Err("the token server is away".to_owned()) } else { Ok(SecretString::from(format!("token {n}"))) } }
    });
    let mut settings = settings(server.port);
    settings.login = Login::OAuth2 { user: "service@office.example".into(), tokens };
    assert!(matches!(intake::probe(&settings).await, Err(Error::Wire(wire::Error::Token(_)))));
    assert_eq!(server.heard("AUTHENTICATE"), 0, "no token, no attempt");
    assert_eq!(intake::probe(&settings).await.expect("token 1").mails, 1);
    assert!(matches!(intake::probe(&settings).await, Err(Error::Login(_))), "token 2 is refused");
}

#[tokio::test]
async fn a_server_that_is_away_is_an_error_at_once() {
    let room = Room::new().await;
    let result = room.take(&settings(crate::support::dovecot::free_port())).await;
    assert!(matches!(result, Err(Error::Wire(wire::Error::Unreachable { .. }))));
}
