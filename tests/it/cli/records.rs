//! What an operator keeps: the quarantine, the trail, backups, the calendar.

use std::os::unix::fs::PermissionsExt as _;

use redress::calendar::{Date, Moment};
use redress::clock::Chance;
use redress::store::Store;
use redress::store::inbox::{self, NewMail, State};
use sqlx::{AnyConnection, Connection};

use super::{beside, plain_config, redress, redress_with};
use crate::support::world::{Mail, World};

/// Writes past the store.
pub(super) async fn tamper(world: &World, statement: &'static str) {
    let mut conn =
        AnyConnection::connect(&format!("sqlite:{}", world.dir.path().join("redress.db").display())).await.expect("a second connection");
    // The trail's own guards go first, as who owns the file can do.
    sqlx::raw_sql("DROP TRIGGER IF EXISTS events_stay; DROP TRIGGER IF EXISTS events_as_written").execute(&mut conn).await.expect("guards");
    let changed = sqlx::raw_sql(statement).execute(&mut conn).await.expect(statement).rows_affected();
    assert!(changed > 0, "{statement} changed nothing");
    conn.close().await.expect("closes");
}

fn complaint() -> Mail {
    Mail {
        from: "陳小華 <hua@mail.example>".into(),
        subject: "選課系統出錯".into(),
        text: "選課系統一直顯示錯誤，請處理。".into(),
        ..Mail::default()
    }
}

/// Two mails in the quarantine of a store; their ids.
async fn hold_two(store: &Store) -> Vec<String> {
    let raw =
        |n: i64| format!("From: x{n}@mail.example\r\nTo: service@kmu.example\r\nSubject: held {n} \u{1b}[2J\r\n\r\nwords\r\n").into_bytes();
    let mail = |n: i64| NewMail {
        mailbox: "service@kmu.example".into(),
        folder: "INBOX".into(),
        uidvalidity: 1,
        uid: n,
        internal_at: Moment::from_unix(1_790_000_000 + n),
        raw: raw(n),
        truncated_size: None,
    };
    let taken = inbox::take_in(store, &Chance::seeded(3), Moment::from_unix(1_790_000_100), vec![mail(1), mail(2)]).await.expect("taken");
    let ids: Vec<String> = taken.iter().map(|t| t.id().to_owned()).collect();
    let mut tx = store.begin().await.expect("begin");
    for id in &ids {
        inbox::finish(&mut tx, id, State::Held, Some("loop"), None, None, None).await.expect("held");
    }
    tx.commit().await.expect("commit");
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn held_mails_are_listed_released_and_dropped() {
    let folder = tempfile::tempdir().expect("folder");
    let config = plain_config(folder.path());
    assert_eq!(redress(&config, &["quarantine", "list"]).out, "nothing is held\n");
    let store = Store::open(&format!("sqlite:{}", folder.path().join("redress.db").display())).await.expect("store");
    let ids = hold_two(&store).await;

    let list = redress(&config, &["quarantine", "list", "--json"]).json();
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    assert_eq!(
        (list[0]["id"].as_str(), list[0]["reason"].as_str(), list[0]["from"].as_str()),
        (Some(ids[0].as_str()), Some("loop"), Some("x1@mail.example"))
    );
    let text = redress(&config, &["quarantine", "list"]).out;
    assert!(text.contains(&ids[1]) && text.contains("疑為自動回覆循環") && text.contains("held 2"), "{text}");
    assert!(!text.contains('\u{1b}'), "a subject cannot steer the terminal");

    assert_eq!(redress(&config, &["quarantine", "release", &ids[0]]).code, 0);
    assert_eq!(redress(&config, &["quarantine", "drop", &ids[1]]).code, 0);
    for (act, id) in [("release", ids[0].as_str()), ("drop", ids[1].as_str()), ("release", "no-such-id")] {
        let ran = redress(&config, &["quarantine", act, id]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("quarantine list"), "{}", ran.err);
    }
    let state = |id: String| {
        let store = store.clone();
        async move { inbox::get(&store, &id).await.expect("row").expect("there").state }
    };
    assert_eq!((state(ids[0].clone()).await, state(ids[1].clone()).await), (State::New, State::Ignored));
    assert!(redress(&config, &["audit", "verify"]).out.starts_with("ok: 2 events"), "both words stand in the trail");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_verified_and_a_touched_event_named() {
    let mut world = World::new().await;
    world.arrives(&complaint());
    world.pass().await;
    let ran = beside(&world, &["audit", "verify"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("ok: "), "{}", ran.out);
    tamper(&world, "UPDATE events SET actor = 'nobody' WHERE seq = 1").await;
    let ran = beside(&world, &["audit", "verify"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("event 1") && ran.out.is_empty(), "{ran:?}");
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().expect("folder");
    let config = plain_config(folder.path());
    for args in [&["audit", "verify"][..], &["backup", "x.db"], &["old-mail", "list"]] {
        let ran = redress(&config, args);
        assert_eq!(ran.code, 1, "{args:?}: {ran:?}");
        assert!(ran.err.contains("redress.db"), "{args:?}: {}", ran.err);
    }
    assert!(!folder.path().join("redress.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_whole_and_its_owners_alone() {
    let mut world = World::new().await;
    world.arrives(&complaint());
    world.pass().await;
    let _lock = world.house.desk.store.lock_instance().expect("as the service holds it");
    let target = world.dir.path().join("備份 1.db");
    let name = target.to_str().expect("path");
    let ran = beside(&world, &["backup", name]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(std::fs::metadata(&target).expect("the copy").permissions().mode() & 0o777, 0o600);
    let parts = std::fs::read_dir(world.dir.path())
        .expect("folder")
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().contains(".part"))
        .count();
    assert_eq!(parts, 0, "nothing is left beside it");

    // The copy is a store: same cases, same trail.
    let config = world.dir.path().join("redress.toml");
    let url = format!("sqlite:{name}");
    let copy = |args: &[&str]| redress_with(&config, &[("REDRESS__STORE__URL", &url)], args);
    let ran = copy(&["audit", "verify"]);
    assert_eq!((ran.code, &ran.out), (0, &beside(&world, &["audit", "verify"]).out));
    assert_eq!(copy(&["case", "replay", "115-0001"]).code, 0);
    assert_eq!(copy(&["case", "show", "115-0001", "--json"]).out, beside(&world, &["case", "show", "115-0001", "--json"]).out);

    let before = std::fs::read(&target).expect("the copy");
    let ran = beside(&world, &["backup", name]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("there already"), "{}", ran.err);
    assert_eq!(std::fs::read(&target).expect("the copy"), before);
    assert_eq!(beside(&world, &["backup", "/nonexistent-folder/x.db"]).code, 1);
    let ran = redress_with(&config, &[("REDRESS__STORE__URL", "postgres://redress:pw-secret@127.0.0.1:1/redress")], &["backup", "x.db"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("pg_dump") && !ran.err.contains("pw-secret"), "{}", ran.err);
}

/// A year's table in which people work from Monday to Friday, but for `off`.
fn table(year: i16, off: &[&str]) -> String {
    let mut out = "\u{feff}西元日期,星期,是否放假,備註\r\n".to_owned();
    let first = Date::new(year, 1, 1).expect("date");
    for date in first.series(jiff::Span::new().days(1)).take_while(|d| d.year() == year) {
        let weekday = ["一", "二", "三", "四", "五", "六", "日"][usize::try_from(date.weekday().to_monday_zero_offset()).expect("0 to 6")];
        let day = date.strftime("%Y%m%d").to_string();
        let flag = if ["六", "日"].contains(&weekday) || off.contains(&day.as_str()) { "2" } else { "0" };
        out.push_str(&format!("{day},{weekday},{flag},\r\n"));
    }
    out
}

#[test]
fn a_calendar_is_imported_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("folder");
    let config = plain_config(folder.path());
    let file = folder.path().join("2031.csv");
    let path = file.to_str().expect("path");
    let import = || redress(&config, &["calendar", "import", path]);

    let good = table(2031, &["20310101"]);
    std::fs::write(&file, good.replace("20310305,三", "20310305,四").replace("20310410,四,0", "20310410,四,1")).expect("file");
    let ran = import();
    assert_eq!(ran.code, 1, "{ran:?}");
    // 1 January stands in line 2.
    for (line, word) in [(65, "2031-03-05"), (101, "是否放假")] {
        assert!(ran.err.lines().any(|l| l.contains(&format!("2031.csv:{line}: ")) && l.contains(word)), "{line} {word} in\n{}", ran.err);
    }
    assert!(ran.err.contains("nothing was imported"), "{}", ran.err);

    std::fs::write(&file, &good).expect("file");
    let ran = import();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("2031: new") && ran.out.contains("365 days of 2031 imported"), "{}", ran.out);
    assert!(import().out.contains(" 0 changed"), "the same again changes nothing");
    std::fs::write(&file, table(2031, &["20310101", "20310507"])).expect("file");
    let ran = import();
    assert!(ran.out.contains("2031-05-07: working → off") && ran.out.contains(" 1 changed"), "{}", ran.out);
    std::fs::remove_file(&file).expect("removed");
    assert_eq!(import().code, 1);
}
