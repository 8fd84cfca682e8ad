//! The bytes of mails and letters, which may be long: a database and its driver hold a value three times over while they write or
//! read it, so that a long one is kept in pieces. Its first piece stands where a short one stands whole, and is full; the others have
//! a table of their own. Used by inbox, outbox and purge.

use std::sync::Arc;

use super::sql::{self, Sql};
use super::{Result, Tx};
use sqlx::AnyConnection;

/// Octets in a piece; what is not longer stands in one row, as nearly all mails do.
pub(super) const PIECE: usize = 512 * 1024;

/// Octets of a long value in one row that are read at once: so versions before migration 10 kept all of them.
const AT_ONCE: usize = 4 * 1024 * 1024;

/// Bytes in parts that others may hold as well: a letter that encloses a long mail does not hold it a second time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content(Vec<Arc<Vec<u8>>>);

impl Content {
    /// The parts, one after the other.
    #[must_use]
    pub fn of(parts: Vec<Arc<Vec<u8>>>) -> Self {
        Self(parts)
    }

    /// How many octets they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|part| part.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it at once.
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.len());
        for part in &self.0 {
            all.extend_from_slice(part);
        }
        all
    }

    /// In pieces as they are kept; at least one, all but the last one full.
    fn pieces(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        let mut parts = self.0.iter().map(|part| part.as_slice()).filter(|part| !part.is_empty());
        let (mut rest, mut first): (&[u8], bool) = (&[], true);
        std::iter::from_fn(move || {
            let mut piece = Vec::new();
            while piece.len() < PIECE {
                if rest.is_empty() {
                    match parts.next() {
                        Some(part) => rest = part,
                        None => break,
                    }
                }
                let (now, later) = rest.split_at(rest.len().min(PIECE - piece.len()));
                piece.extend_from_slice(now);
                rest = later;
            }
            (std::mem::take(&mut first) || !piece.is_empty()).then_some(piece)
        })
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self(vec![Arc::new(bytes)])
    }
}

/// Whose bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    Inbox,
    Outbox,
}

/// Writes the bytes that are kept beside a row of that id; `text` stands beside a letter's.
pub(super) async fn put(tx: &mut Tx, of: Of, id: &str, content: &Content, text: &str) -> Result<()> {
    for (n, piece) in (0_i64..).zip(content.pieces()) {
        let statement = match (of, n) {
            (Of::Inbox, 0) => Sql::new("INSERT INTO inbox_raw (id, raw) VALUES ($1, $2)").text(id),
            (Of::Outbox, 0) => Sql::new("INSERT INTO outbox_raw (id, text, raw) VALUES ($1, $2, $3)").text(id).text(text),
            (Of::Inbox, n) => Sql::new("INSERT INTO inbox_pieces (id, n, raw) VALUES ($1, $2, $3)").text(id).int(n),
            (Of::Outbox, n) => Sql::new("INSERT INTO outbox_pieces (id, n, raw) VALUES ($1, $2, $3)").text(id).int(n),
        };
        statement.bytes(piece).run(tx.conn()).await?;
    }
    Ok(())
}

/// All bytes kept beside the row of that id; `None` where it has none.
pub(super) async fn get(conn: &mut AnyConnection, of: Of, id: &str) -> Result<Option<Vec<u8>>> {
    let Some(mut out) = in_row(conn, of, id).await? else { return Ok(None) };
    if out.len() < PIECE {
        return Ok(Some(out));
    }
    let size = match of {
        Of::Inbox => Sql::new("SELECT size FROM inbox WHERE id = $1"),
        Of::Outbox => Sql::new("SELECT size FROM outbox WHERE id = $1"),
    };
    let size = usize::try_from(sql::int(&sql::sure(size.text(id).first(conn).await?)?, "size")?).unwrap_or(0);
    // As much as there is: growing step by step would hold it twice.
    out.reserve_exact(size.saturating_sub(out.len()));
    for n in 1_i64.. {
        if out.len() >= size {
            break;
        }
        let statement = match of {
            Of::Inbox => Sql::new("SELECT raw FROM inbox_pieces WHERE id = $1 AND n = $2"),
            Of::Outbox => Sql::new("SELECT raw FROM outbox_pieces WHERE id = $1 AND n = $2"),
        };
        // Not there any more: somebody has erased it between our looks, and an erased mail has no bytes.
        let Some(row) = statement.text(id).int(n).first(conn).await? else { return Ok(Some(Vec::new())) };
        out.extend_from_slice(&sql::bytes(&row, "raw")?);
    }
    Ok(Some(out))
}

/// What stands in the row itself.
async fn in_row(conn: &mut AnyConnection, of: Of, id: &str) -> Result<Option<Vec<u8>>> {
    let mut out: Vec<u8> = Vec::new();
    loop {
        let statement = match of {
            Of::Inbox => Sql::new("SELECT substr(raw, CAST($2 AS INTEGER), CAST($3 AS INTEGER)) AS raw FROM inbox_raw WHERE id = $1"),
            Of::Outbox => Sql::new("SELECT substr(raw, CAST($2 AS INTEGER), CAST($3 AS INTEGER)) AS raw FROM outbox_raw WHERE id = $1"),
        };
        let (from, size) = (i64::try_from(out.len() + 1).unwrap_or(i64::MAX), i64::try_from(AT_ONCE).unwrap_or(i64::MAX));
        let Some(row) = statement.text(id).int(from).int(size).first(conn).await? else { return Ok(None) };
        let piece = sql::bytes(&row, "raw")?;
        drop(row);
        let last = piece.len() < AT_ONCE;
        if out.is_empty() {
            out = piece;
        } else {
            out.extend_from_slice(&piece);
        }
        if last {
            return Ok(Some(out));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_full_but_the_last_and_are_the_whole_again() {
        for lengths in [vec![], vec![0], vec![1], vec![PIECE], vec![PIECE + 1], vec![7, 0, 2 * PIECE, 5], vec![PIECE - 1, 1, PIECE, 3]] {
            let parts = lengths.iter().enumerate().map(|(n, len)| Arc::new(vec![u8::try_from(n).expect("few"); *len])).collect();
            let content = Content::of(parts);
            let pieces: Vec<Vec<u8>> = content.pieces().collect();
            assert_eq!(pieces.concat(), content.joined(), "{lengths:?}");
            assert_eq!(content.len(), lengths.iter().sum::<usize>());
            let (last, full) = pieces.split_last().expect("one at least");
            assert!(full.iter().all(|piece| piece.len() == PIECE) && last.len() <= PIECE, "{lengths:?}");
            assert!(pieces.len() == 1 || !last.is_empty(), "{lengths:?}");
        }
    }
}
