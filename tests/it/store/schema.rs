//! The schema: the same on both databases, applied once, and every statement of the room fits it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use redress::store::{Dialect, Error, Store};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row, SqlSafeStr};

use super::{World, on_both};

#[tokio::test]
async fn migrating_again_changes_nothing() {
    on_both(|world| async move {
        for _ in 0..2 {
            let again = Store::open(&world.url).await.expect("opens again");
            again.ping().await.expect("lives");
            again.close().await;
        }
        let mut conn = world.behind().await;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM schema_version").fetch_one(&mut conn).await.expect("count");
        let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite")).expect("folder").count();
        assert_eq!(row.try_get::<i64, _>("n").expect("n"), i64::try_from(files).expect("few"));
    })
    .await;
}

#[tokio::test]
async fn eight_who_open_a_new_store_at_once_all_succeed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for url in [format!("sqlite:{}", folder.path().join("new.db").display()), super::postgres().database()] {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { Store::open(&url).await.map(|_| ()) })
            })
            .collect();
        for task in tasks {
            task.await.expect("task").expect("opens");
        }
    }
}

#[tokio::test]
async fn a_newer_or_altered_schema_is_refused_with_the_reason() {
    on_both(|world| async move {
        world.tamper("INSERT INTO schema_version (version, name, sha256) VALUES (999, 'from the future', '')").await;
        match Store::open(&world.url).await {
            Err(error @ Error::Newer { found: 999, .. }) => assert!(error.to_string().contains("from the future")),
            other => panic!("{other:?}"),
        }
        world.tamper("DELETE FROM schema_version WHERE version = 999; UPDATE schema_version SET sha256 = 'x'").await;
        assert!(matches!(Store::open(&world.url).await, Err(Error::Altered { version: 1 })));
    })
    .await;
}

/// Table → columns in their order, with their types as SQLite names them, and whether they may be empty.
type Columns = BTreeMap<String, Vec<(String, String, bool)>>;

async fn columns(conn: &mut AnyConnection, dialect: Dialect) -> Columns {
    let statement = match dialect {
        Dialect::Sqlite => {
            "SELECT m.name AS t, c.name AS c, c.type AS k, c.\"notnull\" AS n FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid"
        }
        Dialect::Postgres => {
            "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS k, CASE is_nullable WHEN 'NO' THEN 1::bigint ELSE 0::bigint END AS n
             FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        }
    };
    let mut columns = Columns::new();
    for row in sqlx::query(statement).fetch_all(conn).await.expect("columns") {
        let kind: String = row.try_get("k").expect("k");
        let kind = match kind.to_uppercase().as_str() {
            "INTEGER" | "BIGINT" => "BIGINT",
            "BYTEA" | "BLOB" => "BLOB",
            "TEXT" => "TEXT",
            other => panic!("{other} is not of the portable subset"),
        };
        let column = (row.try_get("c").expect("c"), kind.to_owned(), row.try_get::<i64, _>("n").expect("n") == 1);
        columns.entry(row.try_get("t").expect("t")).or_default().push(column);
    }
    columns
}

async fn indexes(conn: &mut AnyConnection, dialect: Dialect) -> BTreeSet<String> {
    let statement = match dialect {
        Dialect::Sqlite => "SELECT name AS n FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        Dialect::Postgres => {
            "SELECT c.relname::text AS n FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS s ON s.oid = c.relnamespace
             WHERE s.nspname = 'public' AND NOT i.indisunique"
        }
    };
    sqlx::query(statement).fetch_all(conn).await.expect("indexes").iter().map(|row| row.try_get("n").expect("n")).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = World::open(&format!("sqlite:{}", folder.path().join("s.db").display())).await;
    let postgres = World::open(&super::postgres().database()).await;
    let (mut a, mut b) = (sqlite.behind().await, postgres.behind().await);
    let tables = columns(&mut a, Dialect::Sqlite).await;
    assert!(tables.len() >= 18, "{tables:?}");
    assert_eq!(tables, columns(&mut b, Dialect::Postgres).await);
    let names = indexes(&mut a, Dialect::Sqlite).await;
    assert!(names.len() >= 20, "{names:?}");
    assert_eq!(names, indexes(&mut b, Dialect::Postgres).await);
    let files = |folder: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        std::fs::read_dir(folder).expect("folder").map(|file| file.expect("file").file_name()).collect::<BTreeSet<_>>()
    };
    assert_eq!(files("sqlite"), files("postgres"));
}

/// Every statement in src/store: the literal that follows `Sql::new(`.
fn statements() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let source = std::fs::read_to_string(entry).expect("source");
            for after in source.split("Sql::new(").skip(1) {
                if let Some(literal) = after.trim_start().strip_prefix('"') {
                    found.push(literal.split('"').next().expect("closed").to_owned());
                }
            }
        }
    }
    assert!(found.iter().all(|statement| !statement.contains('\\')), "a statement with an escape: this reader does not know them");
    found
        .retain(|statement| !statement.starts_with("PRAGMA") && !statement.contains("current_setting") && !statement.starts_with("VACUUM"));
    found
}

#[tokio::test]
async fn every_statement_prepares_on_both() {
    let statements = statements();
    assert!(statements.len() > 75, "only {} statements found", statements.len());
    on_both(|world| {
        let statements = statements.clone();
        async move {
            let mut conn = world.behind().await;
            for statement in statements {
                let prepared = conn.prepare(AssertSqlSafe(statement.clone()).into_sql_str()).await;
                assert!(prepared.is_ok(), "{:?}: {statement}: {:?}", world.store.dialect(), prepared.err());
            }
        }
    })
    .await;
}

/// Statements that may walk through a whole table, since they are about all of it and nobody runs them for a mail.
const WHOLE: &[&str] = &[
    "SELECT mailbox, uidvalidity, state, filed, COUNT(*) AS mails FROM inbox",
    "SELECT mailbox, uidvalidity, reason, COUNT(*) AS mails FROM inbox WHERE state = 'ignored'",
    "SELECT mailbox, uidvalidity, state, COUNT(*) AS mails FROM listed",
    "SELECT mailbox, uidvalidity, older FROM sweeps",
    "SELECT kind, state, COUNT(*) AS letters FROM outbox",
    "SELECT kind, COUNT(*) AS letters FROM outbox",
    "SELECT day, working, note, source FROM calendar_days",
    "SELECT version",
    "SELECT * FROM inbox ORDER BY taken_at",
    "SELECT * FROM outbox ORDER BY id",
    // Bounded, by the index that it walks.
    "SELECT number FROM cases ORDER BY serial DESC LIMIT",
    // What the operator's purge and holds look through; a table of a few rows.
    "SELECT i.id AS id FROM inbox i JOIN inbox_raw r",
    "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM outbox o JOIN outbox_raw r",
    "UPDATE outbox_raw SET raw = $1, text = '' WHERE length(raw) > 0 AND id IN (SELECT id FROM outbox WHERE case_id IS NULL",
    "DELETE FROM outbox_pieces WHERE id IN (SELECT id FROM outbox WHERE case_id IS NULL",
    "UPDATE outbox SET recipient = '', recipient_key = '', subject = '', envelope_from = '', reply = NULL, why = NULL\n",
    "SELECT key, value FROM meta WHERE key LIKE 'hold:%'",
    // What a printed trail, a leak's report and a person's request for his data look through: once in a while, by the operator.
    "SELECT id, number FROM cases",
    "SELECT id AS case_id FROM cases WHERE id IN (SELECT case_id FROM outbox",
    "SELECT DISTINCT case_id FROM messages WHERE kind <> 'staff'",
    // A few lists of the personnel office a year, shown to the operator.
    "SELECT * FROM directory_versions ORDER BY version DESC",
    // Once a quarter: who did something when last.
    "SELECT actor, MAX(at) AS at FROM events GROUP BY actor",
    // The processes that work on the store now.
    "SELECT name, holder, until FROM leases WHERE name LIKE 'process:%'",
];

#[tokio::test]
async fn no_statement_walks_through_a_table_that_grows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let world = World::open(&format!("sqlite:{}", folder.path().join("s.db").display())).await;
    let mut conn = world.behind().await;
    let mut costly = Vec::new();
    for statement in statements() {
        if statement.starts_with("INSERT") || WHOLE.iter().any(|whole| statement.starts_with(whole)) {
            continue;
        }
        let rows = sqlx::raw_sql(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"))).fetch_all(&mut conn).await.expect("plan");
        for row in rows {
            let step: String = row.try_get("detail").expect("detail");
            // A scan of a partial index touches only what it is about: the open, the due, the held.
            let partial =
                ["inbox_new", "inbox_held", "outbox_due", "outbox_leases", "cases_open", "timers_due", "outbox_untold", "outbox_doubt"];
            let whole = step.starts_with("SCAN") && !partial.iter().any(|index| step.ends_with(&format!(" {index}")));
            if whole || step.contains("TEMP B-TREE") {
                costly.push(format!("{step}: {statement}"));
            }
        }
    }
    assert!(costly.is_empty(), "{costly:#?}");
}
