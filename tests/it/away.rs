//! PostgreSQL that goes away under work (F25): a connection that is cut at COMMIT, before the server heard of it or before its answer
//! came back; a server that dies and comes back. Nobody then knows whether a commit was done, and nothing is lost or done twice.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

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
    /// Cuts that are left.
    left: Arc<AtomicUsize>,
}

impl Way {
    async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (left, commits) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let cutting = Arc::clone(&left);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (socket, left, commits) = (socket.clone(), Arc::clone(&cutting), Arc::clone(&commits));
                tokio::spawn(async move {
                    if let Ok(server) = UnixStream::connect(socket).await {
                        let _ = carry(client, server, &left, &commits).await;
                    }
                });
            }
        });
        Self { port, left }
    }

    fn url(&self, database: &str) -> String {
        let name = database.split("localhost/").nth(1).and_then(|rest| rest.split('?').next()).expect("a database's name");
        format!("postgres://redress@127.0.0.1:{}/{name}?sslmode=disable", self.port)
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
