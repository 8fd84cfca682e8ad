//! The real service, killed by the system at random moments while mails come in, and started again each time; at last everything
//! is in its place. `make kills` for long: a thousand kills, five thousand mails.

use std::time::{Duration, Instant, SystemTime};

use crate::crash::{Daemon, Desk, Seeded};
use crate::support::dovecot::Dovecot;
use crate::support::postgres::Postgres;

/// Kills the service so many times while `mails` come in; says what it saw.
async fn killed(name: &str, kills: usize, mails: usize, url: Option<String>) {
    let dovecot = Dovecot::start().expect("dovecot-imapd is installed");
    let user = format!("{name}@kmu.example");
    let mut desk = Desk::open(&dovecot, &user, url).await;
    let mut chance = Seeded(kills as u64);
    let began = Instant::now();
    for kill in 0..kills {
        let due = mails * (kill + 1) / kills - desk.mails;
        let (first, rest): (Vec<_>, Vec<_>) = (0..due).map(|n| (n, desk.mail())).partition(|(n, _)| n % 2 == 0);
        let bytes = |part: Vec<(usize, Vec<u8>)>| part.into_iter().map(|(_, raw)| raw);
        dovecot.fill(&user, bytes(first), SystemTime::now());
        let mut daemon = Daemon::start(&desk);
        let life = 100 + chance.below(900);
        tokio::time::sleep(Duration::from_millis(life / 2)).await;
        dovecot.fill(&user, bytes(rest), SystemTime::now());
        tokio::time::sleep(Duration::from_millis(life / 2)).await;
        assert!(daemon.0.try_wait().expect("a child").is_none(), "the service ended by itself");
        daemon.0.kill().expect("killed");
        daemon.0.wait().expect("ended");
        if kill % 100 == 99 {
            println!("{} kills, {} mails, {} letters, {} s", kill + 1, desk.mails, desk.sink.count(), began.elapsed().as_secs());
        }
    }
    for _ in 0..2 {
        desk.pass_today("after the kills").await;
    }
    // None is held: who is killed every second from outside blames no mail for it.
    // A handful is marked in doubt at a time by each of three connections: so many may leave twice at each kill.
    desk.sound("kills", 24 * kills).await;
    println!("{kills} kills, {mails} mails, {} letters arrived, {} s: sound", desk.sink.count(), began.elapsed().as_secs());
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_mails_come_in_under_twelve_kills() {
    killed("kills", 12, 60, None).await;
}

/// `make kills KILLS=1000 MAILS=5000`; on PostgreSQL with `STORE=postgres`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "twenty minutes: make kills"]
async fn thousands_of_mails_come_in_under_many_kills() {
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(usual);
    let postgres = std::env::var("STORE").is_ok_and(|s| s == "postgres").then(|| Postgres::start().expect("postgresql is installed"));
    killed("many", number("KILLS", 1000), number("MAILS", 5000), postgres.as_ref().map(Postgres::database)).await;
}
