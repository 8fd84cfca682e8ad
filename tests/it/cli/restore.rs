//! `backup` while the store is written to, and `restore`: what they say, and that nothing is touched where they refuse.

use std::time::{Duration, Instant};

use redress::clock::Chance;
use redress::store::inbox::{self, NewMail};
use redress::store::{Store, backup};

use super::{plain_config, redress};
use redress::calendar::Moment;

fn mail(uid: i64) -> NewMail {
    NewMail {
        mailbox: "service@kmu.example".into(),
        folder: "INBOX".into(),
        uidvalidity: 1,
        uid,
        internal_at: Moment::from_unix(1_790_000_000 + uid),
        raw: format!("From: x@mail.example\r\nSubject: {uid}\r\n\r\n{}\r\n", "words ".repeat(4_000)).into_bytes(),
        truncated_size: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_while_mail_comes_in_stalls_nobody_and_is_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let store = Store::open(&format!("sqlite:{}", folder.path().join("redress.db").display())).await.expect("store");
    let chance = Chance::seeded(3);
    let now = Moment::from_unix(1_790_000_000);
    for batch in 0..20 {
        inbox::take_in(&store, &chance, now, (0..50).map(|n| mail(batch * 50 + n)).collect()).await.expect("taken");
    }
    let target = folder.path().join("copy.db");
    let copying = tokio::spawn({
        let (store, target) = (store.clone(), target.clone());
        async move { backup::copy(&store, &target).await }
    });
    let (mut longest, mut uid, mut beside) = (Duration::ZERO, 10_000, 0);
    while !copying.is_finished() {
        let began = Instant::now();
        inbox::take_in(&store, &chance, now, vec![mail(uid)]).await.expect("taken");
        longest = longest.max(began.elapsed());
        (uid, beside) = (uid + 1, beside + 1);
    }
    copying.await.expect("task").expect("copied");
    assert!(longest < Duration::from_secs(1), "a mail waited {longest:?} for the backup");
    let copy = Store::open(&format!("sqlite:{}", target.display())).await.expect("opens");
    let kept = inbox::known_uids(&copy, "service@kmu.example", "INBOX", 1).await.expect("uids").len();
    assert!((1000..=1000 + beside).contains(&kept), "{kept} of 1000 and at most {beside}");
    copy.close().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_says_what_it_did_and_refuses_what_is_no_backup() {
    let folder = tempfile::tempdir().expect("folder");
    let config = plain_config(folder.path());
    let url = format!("sqlite:{}", folder.path().join("redress.db").display());
    Store::open(&url).await.expect("store").close().await;
    let file = folder.path().join("copy.db").display().to_string();
    let ran = redress(&config, &["backup", &file]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = folder.path().join("text.db").display().to_string();
    std::fs::write(&text, "no database").expect("written");
    for (arguments, code, word) in [
        (vec!["restore", &text], 1, "not a database"),
        (vec!["restore", "/nowhere/x.db"], 1, "/nowhere/x.db"),
        (vec!["restore"], 1, "restore FILE"),
        (vec!["restore", &file, "--until", "yesterday"], 2, "2026-12-31"),
    ] {
        let ran = redress(&config, &arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {} {}", ran.out, ran.err);
        assert!(ran.err.contains(word), "{arguments:?}: {}", ran.err);
        assert!(!folder.path().join("redress.db.before-restore-1").exists(), "nothing is touched");
    }
    let ran = redress(&config, &["restore", &file]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("checked") && ran.out.contains("before-restore-1") && ran.out.contains("not sent again"), "{}", ran.out);
    assert!(folder.path().join("redress.db.before-restore-1").exists());
    assert_eq!(redress(&config, &["audit", "verify"]).code, 0);
}
