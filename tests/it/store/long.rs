//! Long mails and letters: kept in pieces, read back byte for byte, erased whole; what an older version kept in one row is read as it is.

use std::sync::Arc;

use redress::store::inbox;
use redress::store::outbox::{self, Content};
use redress::store::purge;
use sha2::{Digest, Sha256};
use sqlx::Row;

use super::{World, at, letter, mail, on_both};

const PIECE: usize = 512 * 1024;

/// Bytes of every value, no two pieces alike.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from((n * 31 + n / 251 + n / 65_537) % 256).expect("a byte")).collect()
}

async fn pieces(world: &World, statement: &'static str, id: &str) -> i64 {
    let mut conn = world.behind().await;
    sqlx::query(statement).bind(id.to_owned()).fetch_one(&mut conn).await.expect("count").try_get("n").expect("n")
}

const OF_MAIL: &str = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM inbox_pieces WHERE id = $1";
const OF_LETTER: &str = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM outbox_pieces WHERE id = $1";

#[tokio::test]
async fn a_long_mail_is_kept_in_pieces_and_read_back_byte_for_byte() {
    on_both(|world| async move {
        let lengths = [(1, 0, 0), (2, PIECE - 1, 0), (3, PIECE, 0), (4, PIECE + 1, 1), (5, 3 * PIECE, 2), (6, 1_700_000, 3)];
        for (uid, length, kept) in lengths {
            let raw = bytes(length);
            let taken = inbox::take_in(&world.store, &world.chance, at(100), vec![mail(uid, &raw)]).await.expect("taken");
            let id = taken.first().expect("one").id().to_owned();
            assert!(inbox::raw(&world.store, &id).await.expect("raw") == raw, "{length}");
            assert_eq!(pieces(&world, OF_MAIL, &id).await, kept, "{length}");
            let row = inbox::get(&world.store, &id).await.expect("get").expect("there");
            let sha256: String = Sha256::digest(&raw).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!((row.size, row.sha256), (i64::try_from(length).expect("few"), sha256));
            // Erased, nothing of it is left, and it reads as empty.
            let mut tx = world.store.begin().await.expect("begin");
            purge::erase_mail(&mut tx, &id).await.expect("erased");
            tx.commit().await.expect("commit");
            assert!(inbox::raw(&world.store, &id).await.expect("raw").is_empty());
            assert_eq!(pieces(&world, OF_MAIL, &id).await, 0, "{length}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_long_letter_leaves_twice_as_the_same_bytes() {
    on_both(|world| async move {
        let original = Arc::new(bytes(3 * PIECE + 77));
        let content = Content::of(vec![Arc::new(b"head\r\n".to_vec()), Arc::clone(&original), Arc::new(b"\r\ntail".to_vec())]);
        let whole = [b"head\r\n".as_slice(), &original, b"\r\ntail"].concat();
        assert!(content.joined() == whole && content.len() == whole.len() && !content.is_empty());
        let mut tx = world.store.begin().await.expect("begin");
        let new = outbox::NewLetter { raw: content, ..letter("long", "case") };
        let id = outbox::queue(&mut tx, &world.chance, at(0), new).await.expect("queued").expect("fresh");
        tx.commit().await.expect("commit");
        assert_eq!(pieces(&world, OF_LETTER, &id).await, 3);
        assert!(outbox::raw(&world.store, &id).await.expect("raw") == whole);
        let row = outbox::get(&world.store, &id).await.expect("get").expect("there");
        assert_eq!(row.size, i64::try_from(whole.len()).expect("few"));
        for (worker, now) in [("dead", 1), ("heir", 62)] {
            let claimed = outbox::claim(&world.store, worker, at(now), 60, 10).await.expect("claimed");
            assert!(claimed.len() == 1 && claimed.iter().all(|one| one.raw == whole), "{worker}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_an_older_version_kept_in_one_row_is_read_as_it_is() {
    on_both(|world| async move {
        let taken = inbox::take_in(&world.store, &world.chance, at(100), vec![mail(1, b"short")]).await.expect("taken");
        let id = taken.first().expect("one").id().to_owned();
        for length in [PIECE, PIECE + 1, 9_000_000] {
            let raw = bytes(length);
            let mut conn = world.behind().await;
            for (statement, value) in
                [("UPDATE inbox_raw SET raw = $1 WHERE id = $2", Some(raw.clone())), ("UPDATE inbox SET size = $1 WHERE id = $2", None)]
            {
                let query = sqlx::query(statement);
                let query = match value {
                    Some(raw) => query.bind(raw),
                    None => query.bind(i64::try_from(length).expect("few")),
                };
                query.bind(id.clone()).execute(&mut conn).await.expect("written");
            }
            assert!(inbox::raw(&world.store, &id).await.expect("raw") == raw, "{length}");
        }
    })
    .await;
}
