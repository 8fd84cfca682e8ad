//! Delivery against a real SMTP server and against a sink with every fault: nothing lost, nothing sent twice but where the answer
//! to the final dot is missing, and no letter holds up another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redress::calendar::Moment;
use redress::clock::{Chance, Clock};
use redress::delivery::{self, Count, Delivered, Error, Outcome, Patience, Settings, Why};
use redress::store::{Store, outbox};
use redress::wire::{self, Dial, Endpoint, Health, Login, Tls};
use secrecy::SecretString;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::support::certificate::Certificate;
use crate::support::sink::{Fault, Manners, Sink};
use crate::support::smtp_server::SmtpServer;

struct Room {
    store: Store,
    clock: Clock,
    chance: Chance,
    outcomes: mpsc::Receiver<Delivered>,
    tell: mpsc::Sender<Delivered>,
    _folder: tempfile::TempDir,
}

impl Room {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let store = Store::open(&format!("sqlite:{}", folder.path().join("t.db").display())).await.expect("store");
        let (tell, outcomes) = mpsc::channel(100_000);
        Self { store, clock: Clock::settable(Moment::from_unix(1_800_000_000)), chance: Chance::seeded(5), outcomes, tell, _folder: folder }
    }

    async fn queue(&self, recipient: &str, raw: &[u8]) -> String {
        self.queue_all(&[(recipient.to_owned(), raw.to_vec())]).await.remove(0)
    }

    async fn queue_all(&self, letters: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut tx = self.store.begin().await.expect("tx");
        let mut ids = Vec::new();
        for (recipient, raw) in letters {
            let key = data_encoding::HEXLOWER.encode(&self.chance.bytes::<16>());
            let letter = outbox::NewLetter {
                case_id: Some("case".into()),
                kind: "acknowledgement".into(),
                effect_key: key.clone(),
                envelope_from: "service@office.example".into(),
                recipient: recipient.clone(),
                subject: "收件".into(),
                message_id: format!("<{key}@office.example>"),
                raw: raw.clone().into(),
                text: "x".into(),
                not_before: self.clock.now(),
                automatic: true,
                world: "public".into(),
            };
            ids.push(outbox::queue(&mut tx, &self.chance, self.clock.now(), letter).await.expect("queued").expect("fresh"));
        }
        tx.commit().await.expect("commit");
        ids
    }

    async fn send(&self, settings: &Settings) -> Result<Count, Error> {
        delivery::send_all_due(settings.clone(), true, self.store.clone(), self.clock.clone(), self.chance.clone(), self.tell.clone()).await
    }

    async fn state(&self, id: &str) -> outbox::OutboxRow {
        outbox::get(&self.store, id).await.expect("row").expect("there")
    }

    fn told(&mut self) -> Vec<Delivered> {
        let mut all = Vec::new();
        while let Ok(one) = self.outcomes.try_recv() {
            all.push(one);
        }
        all
    }

    fn later(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus_seconds(seconds));
    }
}

fn settings(port: u16) -> Settings {
    let endpoint = Endpoint { host: "127.0.0.1".into(), port, tls: Tls::None, extra_roots: Vec::new(), dial: Dial::Network };
    let patience = Patience { step: Duration::from_secs(5), dot: Duration::from_millis(700) };
    Settings { patience, ..Settings::new(endpoint, None, "office.example".into()) }
}

fn letter(n: usize) -> Vec<u8> {
    format!("Subject: letter {n}\r\nMIME-Version: 1.0\r\n\r\n.a line that begins with a dot\r\n..\r\n陳情 {n}\r\n.\r\nend\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_what_is_kept() {
    let server = SmtpServer::start().expect("python3-aiosmtpd is installed (make test installs it)");
    let mut room = Room::new().await;
    let good = room.queue("citizen@example.org", &letter(1)).await;
    let busy = room.queue("temperror-x@example.org", &letter(2)).await;
    let gone = room.queue("permerror-x@example.org", &letter(3)).await;
    let count = room.send(&settings(server.port)).await.expect("pass");
    assert_eq!(count, Count { sent: 1, later: 1, never: 1, ..Count::default() });
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].from.as_str(), mails[0].to.as_slice()), ("service@office.example", &["citizen@example.org".to_owned()][..]));
    assert_eq!(mails[0].raw, letter(1), "byte for byte");
    assert_eq!(room.state(&good).await.state, outbox::State::Sent);
    assert_eq!(room.state(&good).await.reply.as_deref(), Some("250 2.0.0 kept as 1"));
    let busy_row = room.state(&busy).await;
    assert_eq!((busy_row.state, busy_row.next_at), (outbox::State::Later, room.clock.now().plus_seconds(60)));
    assert_eq!(room.state(&gone).await.why.as_deref(), Some("550 5.1.1 no such mailbox"));
    let told = room.told();
    assert_eq!(told.len(), 3);
    assert!(told.iter().any(|d| d.letter_id == gone && matches!(&d.outcome, Outcome::Never { why: Why::Reply { code: 550, .. } })));
    // The back-off does not count in a single pass, and what is sent stays sent.
    let count = room.send(&settings(server.port)).await.expect("pass");
    assert_eq!(count, Count { later: 1, ..Count::default() });
    let report = delivery::probe(&settings(server.port)).await.expect("probe");
    assert_eq!((report.eight_bit, report.size_limit), (true, Some(50_000_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_both_ways_with_a_login_and_never_with_a_stranger() {
    let certificate = Certificate::new().expect("openssl is installed (make test installs it)");
    for (how, tls) in [("starttls", Tls::StartTls), ("implicit", Tls::Implicit)] {
        let server = SmtpServer::start_with_tls(how, &certificate).expect("python3-aiosmtpd is installed (make test installs it)");
        let room = Room::new().await;
        room.queue("citizen@example.org", &letter(1)).await;
        let login = |password: &str| Some(Login::Password { user: "service".into(), password: SecretString::from(password.to_owned()) });
        let mut known = Settings { login: login("secret"), ..settings(server.port) };
        known.endpoint = Endpoint {
            host: "localhost".into(),
            port: server.port,
            tls,
            extra_roots: vec![certificate.authority.clone()],
            dial: Dial::Network,
        };
        let mut stranger = known.clone();
        stranger.endpoint.extra_roots.clear();
        assert!(matches!(room.send(&stranger).await, Err(Error::Wire(wire::Error::Tls { .. }))), "{how}");
        let wrong = Settings { login: login("wrong"), ..known.clone() };
        let refused = room.send(&wrong).await;
        assert!(matches!(refused, Err(Error::Login { code: Some(535) })), "{how}: {refused:?}");
        assert_eq!(room.send(&known).await.expect("pass").sent, 1, "{how}");
        assert_eq!(server.mails().first().map(|kept| kept.raw.clone()), Some(letter(1)));
    }
}

/// What stands between us and a server is named, costs no letter a try, and nothing ever leaves in the clear instead.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_name_an_expired_certificate_and_a_stripped_starttls_are_named() {
    let room = Room::new().await;
    let id = room.queue("citizen@example.org", &letter(1)).await;
    let mut nowhere = settings(25);
    nowhere.endpoint.host = "mail.no-such-name.invalid".into();
    assert!(matches!(room.send(&nowhere).await, Err(Error::Wire(wire::Error::Unreachable { .. }))));
    let expired = Certificate::expired().expect("openssl is installed (make test installs it)");
    let server = SmtpServer::start_with_tls("implicit", &expired).expect("python3-aiosmtpd is installed (make test installs it)");
    let mut late = settings(server.port);
    late.endpoint = Endpoint {
        host: "localhost".into(),
        port: server.port,
        tls: Tls::Implicit,
        extra_roots: vec![expired.authority.clone()],
        dial: Dial::Network,
    };
    let refused = room.send(&late).await;
    assert!(matches!(refused, Err(Error::Wire(wire::Error::Tls { .. }))), "{refused:?}");
    assert!(refused.expect_err("refused").to_string().to_lowercase().contains("expired"), "the reason is said");
    // Somebody on the way takes STARTTLS out of the server's answer: no letter leaves.
    let sink = Sink::start().await;
    let mut stripped = settings(sink.port);
    stripped.endpoint.tls = Tls::StartTls;
    assert!(room.send(&stripped).await.is_err());
    assert_eq!(sink.count(), 0);
    assert!(sink.lines().iter().all(|l| !l.to_ascii_uppercase().starts_with("MAIL")), "{:?}", sink.lines());
    let row = room.state(&id).await;
    assert_eq!((row.state, row.attempts), (outbox::State::Queued, 0));
    assert_eq!(room.send(&settings(sink.port)).await.expect("sent").sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_process_leaves_nothing_behind() {
    let sink = Sink::start().await;
    let room = Room::new().await;
    let claimed = room.queue("claimed@example.org", &letter(1)).await;
    let doubtful = room.queue("doubtful@example.org", &letter(2)).await;
    let dead = outbox::claim(&room.store, "dead", room.clock.now(), 1080, 10).await.expect("claim");
    assert_eq!(dead.len(), 2);
    outbox::mark_in_doubt(&room.store, std::slice::from_ref(&doubtful), "dead", room.clock.now()).await.expect("mark");
    let count = room.send(&settings(sink.port)).await.expect("pass");
    assert_eq!(count, Count { sent: 2, sent_again: 1, ..Count::default() });
    assert_eq!((room.state(&claimed).await.state, room.state(&doubtful).await.state), (outbox::State::Sent, outbox::State::Sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_recipient_stops_no_other() {
    let sink = Sink::start().await;
    sink.misbehave("bad1", Fault::Rcpt("550 5.1.1 no"), 9);
    sink.misbehave("bad2", Fault::Data("451 4.3.0 no"), 9);
    sink.misbehave("bad3", Fault::Dot("554 5.7.1 spam"), 9);
    sink.misbehave("bad4", Fault::Goodbye, 9);
    sink.misbehave("bad5", Fault::CutAtData, 1);
    sink.misbehave("bad6", Fault::CutInContent(100_000), 1);
    let room = Room::new().await;
    let mut letters = Vec::new();
    for n in 0..60 {
        let name = if n % 5 == 2 && n < 30 { format!("bad{}@example.org", n / 5 + 1) } else { format!("good{n}@example.org") };
        // Cut in its middle, long before its dot.
        let raw = if n == 27 { [letter(n), b"aaaaaaaa\r\n".repeat(1_000_000)].concat() } else { letter(n) };
        letters.push((name, raw));
    }
    let ids = room.queue_all(&letters).await;
    let count = room.send(&Settings { connections: 1, ..settings(sink.port) }).await.expect("pass");
    // A connection that is found closed costs a letter nothing: five and six go out on a fresh one.
    assert_eq!(count, Count { sent: 56, never: 2, later: 2, ..Count::default() });
    assert_eq!(sink.count(), 56);
    let mut to: Vec<String> = sink.kept().into_iter().flat_map(|kept| kept.to).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 56, "nothing twice");
    assert!(sink.kept().iter().all(|kept| kept.to.len() == 1 && letters.iter().any(|(name, raw)| *name == kept.to[0] && *raw == kept.raw)));
    let row = room.state(&ids[17]).await;
    assert_eq!((row.state, row.why.as_deref().map(|w| w.starts_with("421"))), (outbox::State::Later, Some(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_after_the_dot_is_doubt_and_the_same_bytes_go_once_more() {
    for fault in [Fault::HangAfterDot, Fault::CutAfterDot] {
        let sink = Sink::start().await;
        sink.misbehave("doubt", fault, 1);
        let mut room = Room::new().await;
        let id = room.queue("doubt@example.org", &letter(1)).await;
        let other = room.queue("other@example.org", &letter(2)).await;
        let count = room.send(&settings(sink.port)).await.expect("pass");
        assert_eq!(count, Count { sent: 1, in_doubt: 1, ..Count::default() }, "{fault:?}");
        assert_eq!((room.state(&id).await.state, room.state(&other).await.state), (outbox::State::InDoubt, outbox::State::Sent));
        assert_eq!(room.send(&settings(sink.port)).await.expect("pass"), Count { sent: 1, sent_again: 1, ..Count::default() });
        let copies: Vec<_> = sink.kept().into_iter().filter(|kept| kept.to == ["doubt@example.org"]).collect();
        assert_eq!(copies.len(), 2);
        assert!(copies.iter().all(|kept| kept.raw == letter(1)), "identical");
        assert_eq!(room.told().iter().filter(|d| d.again).count(), 1);
        assert_eq!(room.send(&settings(sink.port)).await.expect("pass"), Count::default());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_doubt_is_for_a_person_to_settle() {
    let sink = Sink::start().await;
    sink.misbehave("doubt", Fault::CutAfterDot, 9);
    let room = Room::new().await;
    let id = room.queue("doubt@example.org", &letter(1)).await;
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").in_doubt, 1);
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").never, 1);
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass"), Count::default());
    assert_eq!(sink.count(), 2, "never a third copy");
    assert!(room.state(&id).await.why.is_some_and(|why| why.starts_with("in-doubt")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_leaves_twice_at_most_whatever_stands_between() {
    // Doubt, then "later", then doubt again: the first doubt is not forgotten over the answer between.
    let sink = Sink::start().await;
    sink.misbehave("doubt", Fault::CutAfterDot, 1);
    let room = Room::new().await;
    let id = room.queue("doubt@example.org", &letter(1)).await;
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").in_doubt, 1);
    sink.misbehave("doubt", Fault::Rcpt("450 4.2.0 later"), 1);
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").later, 1);
    sink.misbehave("doubt", Fault::CutAfterDot, 9);
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").never, 1);
    assert_eq!((room.state(&id).await.state, sink.count()), (outbox::State::Never, 2));
    // Killed in the second try: nobody knows whether that one arrived, and there is no third.
    let sink = Sink::start().await;
    sink.misbehave("killed", Fault::CutAfterDot, 1);
    let room = Room::new().await;
    let id = room.queue("killed@example.org", &letter(2)).await;
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").in_doubt, 1);
    outbox::take_over_dead_claims(&room.store, room.clock.now()).await.expect("due");
    outbox::claim(&room.store, "dead", room.clock.now(), 900, 16).await.expect("claim");
    outbox::mark_in_doubt(&room.store, std::slice::from_ref(&id), "dead", room.clock.now()).await.expect("mark");
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").never, 1);
    assert_eq!((room.state(&id).await.state, sink.count()), (outbox::State::Never, 1));
    // A second try that never came to speak with the server counts for nothing.
    let sink = Sink::start().await;
    sink.misbehave("away", Fault::CutAfterDot, 1);
    let room = Room::new().await;
    let id = room.queue("away@example.org", &letter(3)).await;
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").in_doubt, 1);
    assert!(room.send(&settings(1)).await.is_err());
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").sent_again, 1);
    assert_eq!((room.state(&id).await.state, sink.count()), (outbox::State::Sent, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_could_be_commands_never_reach_the_wire() {
    let sink = Sink::start().await;
    let room = Room::new().await;
    let smuggled = b"Subject: x\r\n\r\nhello\n.\nMAIL FROM:<president@office.example>\r\n";
    let bytes = room.queue("a@example.org", smuggled).await;
    let address = room.queue("a@example.org>\r\nRCPT TO:<b@example.org", &letter(1)).await;
    let foreign = room.queue("王@example.tw", &letter(1)).await;
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass").never, 3);
    assert!(sink.lines().iter().all(|line| line.starts_with("EHLO") || line == "QUIT"), "{:?}", sink.lines());
    for (id, word) in [(bytes, "bytes:"), (address, "address:"), (foreign, "address:")] {
        assert!(room.state(&id).await.why.is_some_and(|why| why.starts_with(word)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_cannot_carry_is_named() {
    let small = Sink::with(Manners { features: vec!["SIZE 1000"], ..Manners::default() }).await;
    let room = Room::new().await;
    let eight = room.queue("a@example.org", &letter(1)).await;
    let big = room.queue("a@example.org", &[b"Subject: x\r\n\r\n".to_vec(), b"aaaaaaaa\r\n".repeat(200)].concat()).await;
    assert_eq!(room.send(&settings(small.port)).await.expect("pass").never, 2);
    assert!(room.state(&eight).await.why.is_some_and(|why| why.starts_with("8bit")));
    assert!(room.state(&big).await.why.is_some_and(|why| why.starts_with("too-big") && why.contains("1000")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_or_refuses_us_costs_no_letter_a_try() {
    let room = Room::new().await;
    let id = room.queue("a@example.org", &letter(1)).await;
    let away = room.send(&settings(crate::support::dovecot::free_port())).await;
    assert!(matches!(away, Err(Error::Wire(wire::Error::Unreachable { .. }))));
    let sink = Sink::with(Manners { features: vec!["8BITMIME", "AUTH PLAIN LOGIN"], auth: "535 5.7.8 no", ..Manners::default() }).await;
    let login = Some(Login::Password { user: "u".into(), password: SecretString::from("p".to_owned()) });
    let refused = room.send(&Settings { login: login.clone(), ..settings(sink.port) }).await;
    assert!(matches!(refused, Err(Error::Login { code: Some(535) })), "{refused:?}");
    let row = room.state(&id).await;
    assert_eq!((row.state, row.attempts), (outbox::State::Queued, 0));
    let sink = Sink::with(Manners { features: vec!["8BITMIME", "AUTH PLAIN LOGIN"], ..Manners::default() }).await;
    assert_eq!(room.send(&Settings { login, ..settings(sink.port) }).await.expect("pass").sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_closes_after_a_few_letters_gets_them_all() {
    let sink = Sink::with(Manners { per_connection: 3, ..Manners::default() }).await;
    let room = Room::new().await;
    let letters: Vec<_> = (0..100).map(|n| (format!("r{n}@example.org"), letter(n))).collect();
    room.queue_all(&letters).await;
    assert_eq!(room.send(&settings(sink.port)).await.expect("pass"), Count { sent: 100, ..Count::default() });
    assert_eq!(sink.count(), 100);
    assert!((34..45).contains(&sink.connections()), "{}", sink.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_sends_when_woken_waits_its_back_off_and_outlives_its_server() {
    let sink = Sink::start().await;
    sink.misbehave("busy", Fault::Rcpt("450 4.2.0 greylisted"), 1);
    let mut room = Room::new().await;
    let (wake, health, stop) = (Arc::new(Notify::new()), Health::new(), CancellationToken::new());
    let running = tokio::spawn(delivery::run(
        settings(sink.port),
        room.store.clone(),
        room.clock.clone(),
        room.chance.clone(),
        Arc::clone(&wake),
        room.tell.clone(),
        health.clone(),
        stop.clone(),
    ));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let busy = room.queue("busy@example.org", &letter(1)).await;
    room.queue("quick@example.org", &letter(2)).await;
    let began = Instant::now();
    wake.notify_one();
    let first = tokio::time::timeout(Duration::from_secs(5), room.outcomes.recv()).await.expect("soon").expect("told");
    let second = tokio::time::timeout(Duration::from_secs(5), room.outcomes.recv()).await.expect("soon").expect("told");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!([&first, &second].iter().any(|d| d.letter_id == busy && matches!(d.outcome, Outcome::Later { .. })));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(sink.count(), 1, "the back-off holds");
    room.later(61);
    wake.notify_one();
    let third = tokio::time::timeout(Duration::from_secs(5), room.outcomes.recv()).await.expect("soon").expect("told");
    assert!(third.letter_id == busy && matches!(third.outcome, Outcome::Sent { .. }));
    assert!(health.report().good_at.is_some());
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), running).await.expect("stops").expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_letter_holds_up_no_other() {
    let sink = Sink::start().await;
    sink.misbehave("hang", Fault::HangAfterDot, 1);
    let mut room = Room::new().await;
    let stop = CancellationToken::new();
    let wake = Arc::new(Notify::new());
    let mut slow = settings(sink.port);
    slow.patience.dot = Duration::from_secs(6);
    let running = tokio::spawn(delivery::run(
        slow,
        room.store.clone(),
        room.clock.clone(),
        room.chance.clone(),
        Arc::clone(&wake),
        room.tell.clone(),
        Health::new(),
        stop.clone(),
    ));
    room.queue("hang@example.org", &letter(1)).await;
    wake.notify_one();
    tokio::time::sleep(Duration::from_millis(500)).await;
    room.queue("other@example.org", &letter(2)).await;
    let began = Instant::now();
    wake.notify_one();
    let told = tokio::time::timeout(Duration::from_secs(4), room.outcomes.recv()).await.expect("not held up").expect("told");
    assert_eq!(told.recipient, "other@example.org");
    assert!(began.elapsed() < Duration::from_secs(3));
    let hung = tokio::time::timeout(Duration::from_secs(10), room.outcomes.recv()).await.expect("given up waiting").expect("told");
    assert_eq!(hung.outcome, Outcome::InDoubt);
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), running).await.expect("stops").expect("no panic");
}
