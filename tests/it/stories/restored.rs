//! F28: yesterday's backup is put back while the mailbox has gone on. The same cases, numbers and states as if nothing had happened, and
//! nothing is sent twice; afterwards the office goes on as ever.

use std::path::Path;

use redress::calendar::Moment;
use redress::daemon::rebuild;
use redress::domain::Case;
use redress::store::{backup, events};

use super::stage::{ANSWER, CHEN, LEE, LIN, STUDENT, WANG, answered, complaint, forwarded, sound};
use crate::support::postgres;
use crate::support::world::{Letter, Mail, World, only, to};

/// What a case is to those who work with it.
fn told(case: &Case) -> String {
    let deadlines: Vec<_> = case.deadlines.iter().map(|d| (d.kind, d.round, d.due_at, d.met_at.is_some())).collect();
    let asks: Vec<_> = case.asks.iter().map(|a| (a.stage, a.decision.is_some())).collect();
    format!(
        "{} {:?} {:?} round {} unit {:?} complainant {:?} opened {:?} answered {} drafts {} {asks:?} {deadlines:?}",
        case.number,
        case.state,
        case.outcome,
        case.round,
        case.unit,
        case.complainant.address.as_ref().map(|a| a.reveal().clone()),
        case.opened_at,
        case.answered_at.is_some(),
        case.drafts.len(),
    )
}

async fn all(world: &World) -> Vec<String> {
    world.cases().await.iter().map(told).collect()
}

/// Two days of work after the backup: a case answered and taken up again, one opened and answered, one sorted by hand, a robot, a reminder.
async fn two_days(world: &mut World, forward: &Letter) -> Letter {
    world.later(600);
    world.arrives(&forward.reply(CHEN, &format!("擬答覆：\n{ANSWER}")));
    let mut request = only(&world.pass().await, "lin@kmu.example").clone();
    for (who, next) in [(LIN, "wang@kmu.example"), (WANG, "lee@kmu.example"), (LEE, "hua@mail.example")] {
        world.later(600);
        world.arrives(&request.reply(who, "同意"));
        request = only(&world.pass().await, next).clone();
    }
    let answer = request;
    world.later(3_600);
    world.arrives(&Mail {
        from: "梅 <mei@mail.example>".into(),
        subject: "成績登錄錯誤".into(),
        text: "成績少了十分。".into(),
        ..Mail::default()
    });
    only(&world.pass().await, "mei@mail.example");
    world.arrives(&Mail {
        from: "安 <an@mail.example>".into(),
        subject: "請問".into(),
        text: "圍牆旁的樹倒了，請派人處理。".into(),
        ..Mail::default()
    });
    let triage = world.pass().await;
    let triage = to(&triage, "wang@kmu.example").first().map(|l| (*l).clone()).expect("the secretariat is asked");
    world.at("2026-03-04T10:00:00+08:00");
    world.arrives(&triage.reply(WANG, "#分派 總務處"));
    assert!(!to(&world.pass().await, "general@kmu.example").is_empty());
    world.later(600);
    world.arrives(&Mail { authentic: false, ..answer.reply(STUDENT, "不滿意，只加選了一門。") });
    let resumed = only(&world.pass().await, "chen@kmu.example").clone();
    world.arrives(&Mail {
        from: "mei@mail.example".into(),
        subject: "自動回覆：外出".into(),
        text: "我目前外出。".into(),
        headers: vec!["Auto-Submitted: auto-replied".into()],
        ..Mail::default()
    });
    world.pass().await;
    world.at("2026-03-05T10:00:00+08:00");
    world.pass().await;
    resumed
}

async fn put_back(world: &mut World, copy: &Path, until: Option<Moment>) {
    world.house.desk.store.close().await;
    let url = format!("sqlite:{}", world.dir.path().join("redress.db").display());
    let back = backup::put_back(&url, copy, until).await.expect("put back");
    assert!(back.aside.is_some_and(|aside| aside.exists()), "what stood there is kept");
    world.restart().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_backup_and_the_mailbox_ahead() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    let copy = world.dir.path().join("yesterday.db");
    backup::copy(&world.house.desk.store, &copy).await.expect("copied");
    let resumed = two_days(&mut world, &forward).await;
    let before = all(&world).await;
    assert_eq!(before.len(), 3);
    put_back(&mut world, &copy, None).await;
    assert_eq!(world.cases().await.len(), 1, "yesterday's");
    let rebuilt = rebuild(&world.house).await.expect("lived through").expect("it was put back");
    assert!(rebuilt.mails >= 8 && rebuilt.letters > 8, "{rebuilt:?}");
    assert!(world.pass().await.iter().all(|l| l.subject.contains("摘要") || l.to == "wang@kmu.example"), "nothing is sent again");
    assert_eq!(all(&world).await, before);
    assert_eq!(rebuild(&world.house).await.expect("asked"), None, "once");
    sound(&world).await;
    // Life goes on: who answers a letter of the lost days is understood, who writes anew gets the next number.
    world.later(600);
    world.arrives(&resumed.reply(CHEN, "擬答覆：\n另一門也已加選。"));
    world.arrives(&Mail { from: "新 <new@mail.example>".into(), ..complaint() });
    let letters = world.pass().await;
    assert!(only(&letters, "lin@kmu.example").text.contains("另一門也已加選"));
    assert!(only(&letters, "new@mail.example").text.contains("115-0004"));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_and_a_backup_that_is_no_backup() {
    let mut world = World::new().await;
    let answer = answered(&mut world).await;
    let copy = world.dir.path().join("yesterday.db");
    backup::copy(&world.house.desk.store, &copy).await.expect("copied");
    world.later(600);
    world.arrives(&Mail { authentic: false, ..answer.reply(STUDENT, "滿意，謝謝。") });
    world.pass().await;
    let before = all(&world).await;
    let database = world.dir.path().join("redress.db");
    let url = format!("sqlite:{}", database.display());
    // The service runs: nothing is touched.
    let lock = world.house.desk.store.lock_instance().expect("the service's");
    assert!(backup::put_back(&url, &copy, None).await.is_err());
    drop(lock);
    world.house.desk.store.close().await;
    let cut = world.dir.path().join("cut.db");
    let bytes = std::fs::read(&copy).expect("bytes");
    std::fs::write(&cut, bytes.get(..bytes.len() / 2).expect("half")).expect("written");
    let stood = std::fs::read(&database).expect("the store");
    assert!(backup::put_back(&url, &cut, None).await.is_err(), "half a backup is none");
    assert_eq!(std::fs::read(&database).expect("the store"), stood, "and touches nothing");
    // The disk is lost: nothing is left of the store but the backup. The newest handled mail tells how far it had come.
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(world.dir.path().join(format!("redress.db{ending}")));
    }
    backup::put_back(&url, &copy, None).await.expect("put back");
    world.restart().await;
    rebuild(&world.house).await.expect("lived through").expect("it was put back");
    assert!(to(&world.pass().await, "hua@mail.example").is_empty());
    assert_eq!(all(&world).await, before);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_after_its_own_tools() {
    let postgres = postgres::shared();
    let database = postgres.database();
    let mut world = World::on(&database).await;
    let forward = forwarded(&mut world).await;
    // What pg_dump and pg_restore do, as one statement of the server's: the database as it was.
    let name = database.split("localhost/").nth(1).expect("a name").split('?').next().expect("a name").to_owned();
    let kept = format!("{name}_kept");
    world.house.desk.store.close().await;
    let server = database.replacen(&format!("/{name}?"), "/postgres?", 1);
    let run = |statement: String| {
        let server = server.clone();
        async move {
            use sqlx::Connection;
            let mut conn = sqlx::AnyConnection::connect(&server).await.expect("the server");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.expect("done");
            conn.close().await.expect("closed");
        }
    };
    run(format!("CREATE DATABASE {kept} TEMPLATE {name}")).await;
    world.restart().await;
    two_days(&mut world, &forward).await;
    let before = all(&world).await;
    let worked_until = events::newest(&world.house.desk.store).await.expect("store");
    world.house.desk.store.close().await;
    run(format!("DROP DATABASE {name}")).await;
    run(format!("ALTER DATABASE {kept} RENAME TO {name}")).await;
    world.restart().await;
    backup::mark(&world.house.desk.store, worked_until).await.expect("marked");
    rebuild(&world.house).await.expect("lived through").expect("it was put back");
    assert!(world.pass().await.iter().all(|l| l.to == "wang@kmu.example"), "nothing is sent again");
    assert_eq!(all(&world).await, before);
    sound(&world).await;
}
