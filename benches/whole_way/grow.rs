//! A store that has seen many cases: one real case with its mails, letters, events, threads and alarms, copied with other keys.
//! The copies' bytes are cut short, so that the disk holds them; rows and indexes are as many as of real ones.

use std::path::Path;

use sqlx::{AnyConnection, Connection, Row};
use tokio::runtime::Runtime;

/// Numbers 1 to `$1`.
const MANY: &str = "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < $1) ";

/// For each table, the copying statement; `many.n` makes keys unique, the first case is the pattern.
const COPIES: [&str; 9] = [
    "INSERT INTO cases SELECT printf('0COPY%021d', n), serial + (SELECT MAX(serial) FROM cases) + n, 'C-' || n, version, state, outcome, grade,
     major, confidential, unit, channel, subject, 'copy' || n || '@mail.example', printf('%064d', n), round, opened_at - n, due_at + n, answered_at,
     closed_at, updated_at, body FROM cases, many WHERE serial = 1",
    "INSERT INTO events SELECT (SELECT MAX(seq) FROM events) + n, printf('0COPY%021d', n), at, kind, actor, source, payload, change, prev_hash, hash
     FROM events, many WHERE seq = 1",
    "INSERT INTO inbox SELECT printf('0COPY%021d', n), mailbox, folder, 1, n, internal_at - n, taken_at - n, state, reason, attempts,
     printf('%064d', n), size, truncated_size, printf('0COPY%021d', n), class, 'copy' || n || '@mail.example', filed, moved
     FROM inbox, many WHERE inbox.id = (SELECT source FROM events WHERE seq = 1)",
    "INSERT INTO inbox_raw SELECT printf('0COPY%021d', n), substr(raw, 1, 1000)
     FROM inbox_raw, many WHERE inbox_raw.id = (SELECT source FROM events WHERE seq = 1)",
    "INSERT INTO messages SELECT NULL, printf('0COPY%021d', n), inbox_id, kind, sender, recipients, subject, 'copy' || n || '@mail.example', at, text
     FROM messages, many WHERE case_id = (SELECT id FROM cases WHERE serial = 1) AND kind = 'complaint'",
    "INSERT INTO outbox (id, case_id, kind, effect_key, envelope_from, recipient, recipient_key, subject, message_id, world, automatic, queued_at,
     next_at, state, attempts, doubt, worker, lease_until, changed_at, reply, why, size, told) SELECT printf('0COPY%021d', n) || kind, printf('0COPY%021d', n), kind, 'copy:' || n || ':' || effect_key, envelope_from,
     recipient, CASE automatic WHEN 1 THEN 'copy' || n || '@mail.example' ELSE recipient_key END, subject, n || message_id, world, automatic,
     queued_at - n, next_at - n, 'sent', attempts, 0, NULL, NULL, changed_at, reply, why, size, told
     FROM outbox, many WHERE case_id = (SELECT id FROM cases WHERE serial = 1) AND kind IN ('acknowledgement', 'forward')",
    "INSERT INTO outbox_raw SELECT printf('0COPY%021d', n) || kind, substr(raw, 1, 1000), substr(text, 1, 200)
     FROM outbox JOIN outbox_raw ON outbox_raw.id = outbox.id, many
     WHERE case_id = (SELECT id FROM cases WHERE serial = 1) AND kind IN ('acknowledgement', 'forward')",
    "INSERT INTO threads SELECT n || message_id, printf('0COPY%021d', n), world, person
     FROM threads, many WHERE case_id = (SELECT id FROM cases WHERE serial = 1)",
    "INSERT INTO timers SELECT printf('0COPY%021d', n), key, printf('0COPY%021d', n) || '/' || key, due_at + n, payload, 'armed'
     FROM timers, many WHERE case_id = (SELECT id FROM cases WHERE serial = 1)",
];

/// The copies make no chain, so the guard of the trail's order goes.
/// Copies until there are about `cases`; gives how many there were before.
pub fn to(runtime: &Runtime, store: &Path, cases: i64) -> i64 {
    runtime.block_on(async {
        sqlx::any::install_default_drivers();
        let mut conn = AnyConnection::connect(&format!("sqlite://{}?mode=rw", store.display())).await.expect("store");
        let row = sqlx::query("SELECT COUNT(*) AS n FROM cases").fetch_one(&mut conn).await.expect("count");
        let before: i64 = row.get("n");
        let many = cases - before;
        sqlx::raw_sql("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN; DROP TRIGGER events_in_order")
            .execute(&mut conn)
            .await
            .expect("begin");
        for copy in COPIES {
            let done = sqlx::query(sqlx::AssertSqlSafe(format!("{MANY}{copy}")))
                .bind(many)
                .execute(&mut conn)
                .await
                .unwrap_or_else(|e| panic!("{copy}: {e}"));
            assert!(done.rows_affected() > 0, "nothing was copied: {copy}");
        }
        for after in [
            "UPDATE numbers SET last = (SELECT MAX(serial) FROM cases) WHERE scope = 'serial'",
            "UPDATE events_head SET seq = (SELECT MAX(seq) FROM events)",
            "COMMIT",
        ] {
            sqlx::raw_sql(after).execute(&mut conn).await.expect(after);
        }
        conn.close().await.expect("close");
        before
    })
}
