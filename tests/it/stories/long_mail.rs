//! F16: a complaint with a long file. It is kept in pieces and goes on whole, to the last byte, by every way; it is in the backup, in what
//! a person is given of himself, and gone after the purge.

use std::process::Command;

use redress::store::{Store, backup, inbox, outbox};
use sha2::{Digest, Sha256};
use sqlx::Row;

use super::keeping::{BIRD, complaint, everything, run, to_its_end};
use super::stage::sound;
use crate::support::postgres;
use crate::support::world::{World, only};

/// A file of 2 MB, each line of which could be found in a database's file.
fn with_a_long_file(words: &[u8]) -> Vec<u8> {
    let words = String::from_utf8(words.to_vec()).expect("UTF-8");
    let (head, body) = words.split_once("\r\n\r\n").expect("a header");
    let head = head.replace("text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit", "multipart/mixed; boundary=\"=_long\"");
    assert!(head.contains("multipart/mixed"));
    let lines: String = (0..40_000).map(|n| format!("{n:06},長檔金絲雀,我是第{n:06}列，請查明。\r\n")).collect();
    format!(
        "{head}\r\n\r\n--=_long\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n\
         --=_long\r\nContent-Type: text/csv; charset=utf-8\r\nContent-Disposition: attachment; filename=list.csv\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{lines}--=_long--\r\n"
    )
    .into_bytes()
}

fn hex(raw: &[u8]) -> String {
    Sha256::digest(raw).iter().map(|b| format!("{b:02x}")).collect()
}

async fn pieces(url: &str) -> (i64, i64) {
    let mut conn = <sqlx::AnyConnection as sqlx::Connection>::connect(url).await.expect("a second connection");
    let mut counts = Vec::new();
    for statement in ["SELECT CAST(COUNT(*) AS BIGINT) AS n FROM inbox_pieces", "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM outbox_pieces"] {
        let row = sqlx::query(statement).fetch_one(&mut conn).await.expect("count");
        counts.push(row.try_get::<i64, _>("n").expect("n"));
    }
    (counts[0], counts[1])
}

async fn kept_whole_and_purged(mut world: World, url: &str) {
    let words = world.bytes(&complaint());
    let raw = with_a_long_file(&words);
    world.arrives_raw(&raw);
    let letters = world.pass().await;
    let forward = only(&letters, "academic@kmu.example").clone();
    assert!(memchr::memmem::find(&forward.raw, &raw).is_some(), "the unit has the mail as it came");
    let store = world.house.desk.store.clone();
    // In custody, in the outbox: every byte.
    let rows = inbox::all(&store).await.expect("inbox");
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert!(inbox::raw(&store, &row.id).await.expect("bytes") == raw);
    assert_eq!((row.size, row.sha256.clone(), row.truncated_size), (i64::try_from(raw.len()).expect("few"), hex(&raw), None));
    let letter = outbox::find_by_message_id(&store, &forward.message_id).await.expect("outbox").expect("the forward");
    let kept = outbox::raw(&store, &letter.id).await.expect("bytes");
    assert!(letter.size == i64::try_from(kept.len()).expect("few") && kept.ends_with(b"--\r\n"));
    assert!(memchr::memmem::find(&forward.raw, kept.strip_suffix(b"\r\n").expect("CRLF")).is_some(), "what left is what is kept");
    let (mails, letters) = pieces(url).await;
    assert!(mails >= 4 && letters >= mails, "{mails} and {letters}");
    // Given to whom it is about, and in the backup.
    let (code, said) = run(&world, &["subject", "export", BIRD, "--out", "all.zip"]);
    assert_eq!(code, 0, "{said}");
    let mut sums = Command::new("python3");
    sums.arg("-c").arg(
        "import sys,zipfile,hashlib\nz=zipfile.ZipFile(sys.argv[1])\nfor n in z.namelist(): print(hashlib.sha256(z.read(n)).hexdigest())",
    );
    let sums = sums.arg(world.dir.path().join("all.zip")).output().expect("python3").stdout;
    assert!(String::from_utf8_lossy(&sums).contains(&hex(&raw)), "the mail as it came is in the archive");
    if store.path().is_some() {
        let copy = world.dir.path().join("copy.db");
        backup::copy(&store, &copy).await.expect("copied");
        let copied = Store::open(&format!("sqlite:{}", copy.display())).await.expect("opens");
        assert!(inbox::raw(&copied, &row.id).await.expect("bytes") == raw);
        assert!(outbox::raw(&copied, &letter.id).await.expect("bytes") == kept);
        copied.close().await;
        std::fs::remove_file(copy).expect("gone");
    }
    Box::pin(to_its_end(&mut world, &forward)).await;
    world.at("2028-03-05T12:00:00+08:00");
    let done = world.house.desk.purge().await.expect("purged");
    assert!(done.cases == 1 && done.erased.mails == 7, "{done:?}");
    assert!(inbox::raw(&store, &row.id).await.expect("no bytes").is_empty());
    assert!(outbox::raw(&store, &letter.id).await.expect("no bytes").is_empty());
    assert_eq!(pieces(url).await, (0, 0));
    sound(&world).await;
    if store.path().is_some() {
        let all = everything(&world).await;
        assert!(!all.contains("長檔金絲雀") && all.contains("115-0001"), "it is still in the database's file");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_mail_is_kept_whole_goes_on_whole_and_is_purged_whole() {
    let world = World::new().await;
    let url = format!("sqlite:{}", world.dir.path().join("redress.db").display());
    kept_whole_and_purged(world, &url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_mail_on_postgres() {
    let url = postgres::shared().database();
    kept_whole_and_purged(World::on(&url).await, &url).await;
}
