//! F30: a database of the first version is brought up to date; killed at any step of it, the next start does it again from the beginning.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use super::{plain_config, redress_with};
use crate::support::postgres;

fn files(dialect: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(dialect);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).expect("migrations").map(|f| f.expect("file").path()).collect();
    files.sort();
    files
}

/// A database as the first version left it, with something in it.
async fn first_version(url: &str, dialect: &str) {
    let mut conn = AnyConnection::connect(url).await.expect("connects");
    let sql = std::fs::read_to_string(files(dialect).first().expect("the first")).expect("sql");
    let sha: String = Sha256::digest(sql.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let table = "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)";
    let rows = format!(
        "INSERT INTO schema_version (version, name, sha256) VALUES (1, 'first', '{sha}'); INSERT INTO meta (key, value) VALUES ('kept', 'yes')"
    );
    for statement in [table.to_owned(), sql, rows] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut conn).await.expect("made");
    }
    // A long mail, in one row.
    let mail =
        "INSERT INTO inbox (id, mailbox, folder, uidvalidity, uid, internal_at, taken_at, state, attempts, sha256, size, filed, moved)
         VALUES ('long', 'service@kmu.example', 'INBOX', 1, 1, 0, 0, 'done', 1, '', $1, 0, 1)";
    sqlx::query(mail).bind(i64::try_from(long().len()).expect("few")).execute(&mut conn).await.expect("mail");
    sqlx::query("INSERT INTO inbox_raw (id, raw) VALUES ('long', $1)").bind(long()).execute(&mut conn).await.expect("bytes");
    conn.close().await.expect("closed");
}

/// More than a piece of a later version.
fn long() -> Vec<u8> {
    "很長的一封信。\r\n".repeat(60_000).into_bytes()
}

/// (applied migrations, what was kept)
async fn state(url: &str) -> (i64, String) {
    let mut conn = AnyConnection::connect(url).await.expect("connects");
    let count = sqlx::query("SELECT COUNT(*) AS n FROM schema_version").fetch_one(&mut conn).await.expect("count");
    let kept = sqlx::query("SELECT value FROM meta WHERE key = 'kept'").fetch_one(&mut conn).await.expect("kept");
    conn.close().await.expect("closed");
    (count.try_get("n").expect("n"), kept.try_get("value").expect("value"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_database_is_upgraded_and_a_killed_upgrade_begins_again() {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().expect("folder");
    let config = plain_config(folder.path());
    for dialect in ["sqlite", "postgres"] {
        let (url, plain) = if dialect == "sqlite" {
            let file = folder.path().join("old.db");
            (format!("sqlite:{}", file.display()), format!("sqlite:{}?mode=rwc", file.display()))
        } else {
            let url = postgres::shared().database();
            (url.clone(), url)
        };
        first_version(&plain, dialect).await;
        let steps = files(dialect).len();
        for step in 1..steps {
            let kill = format!("U1:{step}");
            let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
            command.arg("--config").arg(&config).args(["case", "list"]).env("REDRESS_TEST_KILL_AT", &kill).env("REDRESS__STORE__URL", &url);
            let ended = command.output().expect("the program runs").status;
            assert!(ended.code().is_none(), "{dialect}: killed at step {step}, not ended with {ended}");
            assert_eq!(state(&plain).await, (1, "yes".to_owned()), "{dialect}: all or nothing");
        }
        let ran = redress_with(&config, &[("REDRESS__STORE__URL", &url)], &["case", "list", "--json"]);
        assert_eq!((ran.code, ran.out.trim()), (0, "[]"), "{}", ran.err);
        assert_eq!(state(&plain).await, (i64::try_from(steps).expect("few"), "yes".to_owned()), "{dialect}");
        let store = redress::store::Store::open(&url).await.expect("opens");
        assert!(redress::store::inbox::raw(&store, "long").await.expect("bytes") == long(), "{dialect}");
        store.close().await;
    }
}
