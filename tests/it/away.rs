//! PostgreSQL that goes away under work (F25): a connection that is cut at COMMIT, before the server heard of it or before its answer
//! came back; a server that dies and comes back; a standby that lacks the last seconds and is promoted. Nobody then knows whether a commit
//! was done, and nothing is lost or done twice.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use redress::store::{Store, cases, events, outbox};

use crate::crash::{Daemon, Desk, until};
use crate::support::dovecot::Dovecot;
use crate::support::postgres::Postgres;

/// How a transaction's last word goes over the wire (a simple query).
const COMMIT: &[u8] = b"COMMIT\0";
/// Of so many commits one is cut.
const EVERY: usize = 7;

/// A way to the server on which some commits are cut off: in turn before the server hears of them and after it has done them.
struct Way {
    port: u16,
    /// Where it leads.
    end: Arc<Mutex<PathBuf>>,
    /// Cuts that are left.
    left: Arc<AtomicUsize>,
}

impl Way {
    async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (left, commits) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let cutting = Arc::clone(&left);
        let end = Arc::new(Mutex::new(socket));
        let leads = Arc::clone(&end);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let socket = leads.lock().expect("an end").clone();
                let (left, commits) = (Arc::clone(&cutting), Arc::clone(&commits));
                tokio::spawn(async move {
                    if let Ok(server) = UnixStream::connect(socket).await {
                        let _ = carry(client, server, &left, &commits).await;
                    }
                });
            }
        });
        Self { port, end, left }
    }

    fn url(&self, database: &str) -> String {
        let name = database.split("localhost/").nth(1).and_then(|rest| rest.split('?').next()).expect("a database's name");
        format!("postgres://redress@127.0.0.1:{}/{name}?sslmode=disable", self.port)
    }

    /// To another server, under the same address.
    fn leads_to(&self, server: &Postgres) {
        *self.end.lock().expect("an end") = server.socket();
    }

    fn cuts_left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }
}

/// Carries bytes both ways until somebody hangs up or a commit is cut off; both ends are closed then.
async fn carry(mut client: TcpStream, mut server: UnixStream, left: &AtomicUsize, commits: &AtomicUsize) -> std::io::Result<()> {
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let said = &up[..read?];
                if said.is_empty() {
                    return Ok(());
                }
                let ends = said.windows(COMMIT.len()).any(|w| w == COMMIT);
                let cut = ends && (commits.fetch_add(1, Ordering::SeqCst) + 1).is_multiple_of(EVERY);
                if cut && let Ok(before) = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)) {
                    if before.is_multiple_of(2) {
                        server.write_all(said).await?;
                        let _ = server.read(&mut down).await?;
                    }
                    return Ok(());
                }
                server.write_all(said).await?;
            }
            read = server.read(&mut down) => match read? {
                0 => return Ok(()),
                some => client.write_all(&down[..some]).await?,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_that_are_cut_off_lose_and_double_nothing() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let postgres = Postgres::start().expect("postgresql is installed");
    let way = Way::to(postgres.socket()).await;
    let mut desk = Desk::open(&dovecot, "cut@kmu.example", Some(way.url(&postgres.database()))).await;
    let mut daemon = Daemon::start(&desk);
    until("it runs", || desk.says("redress is running")).await;
    way.left.store(12, Ordering::SeqCst);
    let mut rounds = 0;
    while way.cuts_left() > 0 {
        rounds += 1;
        assert!(rounds < 30, "{} cuts were never made", way.cuts_left());
        for _ in 0..4 {
            desk.arrives_now();
        }
        let letters = desk.sink.count() + 6;
        until("letters leave", || desk.sink.count() >= letters || way.cuts_left() == 0).await;
    }
    until("all letters have left", || desk.sink.count() >= 3 * desk.mails).await;
    assert!(daemon.0.try_wait().expect("a child").is_none(), "it lives");
    assert_eq!(daemon.terminate().await.code(), Some(0));
    desk.sound("commits cut off", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_under_work_and_comes_back_loses_and_doubles_nothing() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let postgres = Postgres::start().expect("postgresql is installed");
    let mut desk = Desk::open(&dovecot, "gone@kmu.example", Some(postgres.database())).await;
    let mut daemon = Daemon::start(&desk);
    for round in 1..=3 {
        for _ in 0..8 {
            desk.arrives_now();
        }
        let letters = desk.sink.count() + 3 * round;
        until("letters leave", || desk.sink.count() >= letters).await;
        postgres.restart();
    }
    until("all letters have left", || desk.sink.count() >= 3 * desk.mails).await;
    assert!(daemon.0.try_wait().expect("a child").is_none(), "it lives");
    assert_eq!(daemon.terminate().await.code(), Some(0));
    desk.sound("a server that died", 0).await;
}

/// Who complains under which number.
async fn numbers(url: &str) -> Vec<(String, Option<String>)> {
    let store = Store::open(url).await.expect("store");
    assert!(matches!(events::verify(&store).await.expect("verify"), events::Verdict::Ok { .. }), "the trail");
    let mut numbers = Vec::new();
    for case in cases::page(&store, 0, i64::MAX).await.expect("cases") {
        numbers.push((case.number, case.complainant_key));
    }
    store.close().await;
    numbers.sort();
    numbers
}

/// The service runs on; the primary dies with four mails that the standby never heard of, all of them answered. The mailbox has them.
#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_that_lacks_the_last_seconds_is_made_good_from_the_mailbox() {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let primary = Postgres::start().expect("postgresql is installed");
    let database = primary.database();
    let way = Way::to(primary.socket()).await;
    let mut desk = Desk::open(&dovecot, "standby@kmu.example", Some(way.url(&database))).await;
    let standby = primary.standby();
    let mut daemon = Daemon::start(&desk);
    for _ in 0..4 {
        desk.arrives_now();
    }
    until("the first mails are answered", || desk.sink.count() >= 12).await;
    standby.falls_behind(&primary);
    for _ in 0..4 {
        desk.arrives_now();
    }
    until("the later mails are answered", || desk.sink.count() >= 24).await;
    until("they are moved aside", || dovecot.list(&desk.user, "Processed").len() == 8).await;
    let before = numbers(&database).await;
    assert_eq!(before.len(), 8);
    drop(primary);
    for _ in 0..2 {
        desk.arrives_now();
    }
    standby.promote();
    way.leads_to(&standby);
    // It ends, as who started it is told to start it again.
    until("the service sees that it is another database", || daemon.0.try_wait().expect("a child").is_some()).await;
    assert!(desk.says("the database is another one than before") && desk.sink.count() == 24, "nothing has left on the new one");
    let mut daemon = Daemon::start(&desk);
    let of = |desk: &Desk<'_>, to: &str| desk.sink.kept().iter().filter(|k| k.to == [to]).count();
    until("the mails since are answered", || (9..=10).all(|n| of(&desk, &format!("student{n}@mail.example")) == 1)).await;
    until("their units and the office have heard", || desk.sink.count() >= 31).await;
    assert_eq!(daemon.terminate().await.code(), Some(0));
    let after = numbers(&way.url(&database)).await;
    assert_eq!((after.len(), &after[..8]), (10, &before[..]), "the same cases under the same numbers, and two more");
    for n in 1..=10 {
        assert_eq!(of(&desk, &format!("student{n}@mail.example")), 1, "receipts of mail {n}");
    }
    assert_eq!((of(&desk, "academic@kmu.example"), desk.sink.count()), (10, 31), "each forward once, and one letter more");
    let store = Store::open(&way.url(&database)).await.expect("store");
    let kinds: Vec<_> = outbox::all(&store).await.expect("outbox").into_iter().map(|l| (l.kind, l.state)).collect();
    store.close().await;
    assert!(kinds.contains(&("alarm".to_owned(), outbox::State::Sent)), "the office is told: {kinds:?}");
    // The next start finds all as it should be.
    let mut daemon = Daemon::start(&desk);
    until("it runs for the third time", || {
        std::fs::read_to_string(desk.path("log")).unwrap_or_default().matches("redress is running").count() == 3
    })
    .await;
    assert_eq!((daemon.terminate().await.code(), desk.sink.count()), (Some(0), 31));
}
