//! The IMAP commands that intake needs, each with what the server may do wrong. No store here, no policy: `pass` decides.
//! Nothing here sets a flag, but for `\Deleted` on a mail that was just copied where MOVE is missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_imap::imap_proto::{AttributeValue, MailboxDatum, MessageSection, Response, ResponseCode, SectionPath};

use super::{Error, folder::on_the_wire, session::Session};
use crate::calendar::Moment;

/// What SELECT told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Selected {
    /// UIDs mean something only together with this (RFC 3501 §2.3.1.1).
    pub uidvalidity: u32,
    /// How many mails the server says are there; a hint.
    pub exists: u32,
}

/// One mail as the listing shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its UID.
    pub uid: u32,
    /// RFC822.SIZE in bytes, which a server may get wrong.
    pub size: u32,
    /// INTERNALDATE; `None` when it is missing or unreadable.
    pub internal_at: Option<Moment>,
}

/// Opens the folder; with EXAMINE when SELECT is refused, since reading is all that is needed.
pub(super) async fn select(session: &mut Session, folder: &str) -> Result<Selected, Error> {
    match opened(session, "SELECT", folder).await {
        Err(Error::Refused { status, .. }) if status != NO_UIDVALIDITY => examine(session, folder).await,
        done => done,
    }
}

/// Opens the folder for looking alone (RFC 3501 §6.3.2): not even `\Recent` changes.
pub(super) async fn examine(session: &mut Session, folder: &str) -> Result<Selected, Error> {
    opened(session, "EXAMINE", folder).await
}

const NO_UIDVALIDITY: &str = "no UIDVALIDITY";

async fn opened(session: &mut Session, verb: &'static str, folder: &str) -> Result<Selected, Error> {
    let mut found = Selected::default();
    let reply = session
        .command(&format!("{verb} {}", on_the_wire(folder)), |response| match response {
            Response::MailboxData(MailboxDatum::Exists(n)) => found.exists = *n,
            Response::Data { outcome, .. } => {
                if let Some(ResponseCode::UidValidity(value)) = outcome.code {
                    found.uidvalidity = value;
                }
            }
            _ => {}
        })
        .await?;
    reply.or_refused("SELECT")?;
    if found.uidvalidity == 0 {
        return Err(Error::Refused { command: "SELECT", status: NO_UIDVALIDITY });
    }
    Ok(found)
}

/// Lists the mails with a UID of at least `from`, in order of UID, each once.
pub(super) async fn list(session: &mut Session, from: u32) -> Result<Vec<Listed>, Error> {
    let mut listed = Vec::new();
    let reply = session
        .command(&format!("UID FETCH {}:* (UID RFC822.SIZE INTERNALDATE)", from.max(1)), |response| {
            let Response::Fetch(_, attributes) = response else { return };
            // `n:*` names the last mail even when its UID is below n.
            listed.extend(read_listed(attributes).filter(|one| one.uid >= from));
        })
        .await?;
    reply.or_refused("FETCH (listing)")?;
    listed.sort_by_key(|one: &Listed| one.uid);
    listed.dedup_by_key(|one| one.uid);
    Ok(listed)
}

fn read_listed(attributes: &[AttributeValue<'_>]) -> Option<Listed> {
    let (mut uid, mut size, mut internal_at) = (None, None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(value) => uid = Some(*value),
            AttributeValue::Rfc822Size(value) => size = Some(*value),
            AttributeValue::InternalDate(text) => internal_at = read_date(text),
            _ => {}
        }
    }
    // Without a size it is an unsolicited FETCH (flags), not a line of the listing.
    Some(Listed { uid: uid?, size: size?, internal_at })
}

/// `17-Jul-1996 02:44:25 -0700` (RFC 3501 date-time).
pub(super) fn read_date(text: &str) -> Option<Moment> {
    let parsed = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?;
    parsed.to_timestamp().ok().map(|at| Moment::from_unix(at.as_second()))
}

/// What came of asking for bodies.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// Whole mails by UID, only such as were asked for, each once.
    pub mails: Vec<(u32, Vec<u8>)>,
    /// Set when the command ended badly; what is in `mails` is good all the same.
    pub failed: Option<Error>,
}

/// Asks for whole mails. Every mail that arrived whole is handed over, whatever happened after it.
pub(super) async fn fetch(session: &mut Session, uids: &[u32]) -> Fetched {
    ask(session, uids, "BODY.PEEK[]").await
}

/// Asks for `length` bytes of one mail from `offset`; `None` when the server has none to give.
pub(super) async fn fetch_part(session: &mut Session, uid: u32, offset: u64, length: u64) -> Result<Option<Vec<u8>>, Error> {
    let got = ask(session, &[uid], &format!("BODY.PEEK[]<{offset}.{length}>")).await;
    match got.failed {
        Some(error) => Err(error),
        None => Ok(got.mails.into_iter().next().map(|(_, bytes)| bytes)),
    }
}

/// Asks for headers alone; only such as were asked for, each once.
pub(super) async fn fetch_headers(session: &mut Session, uids: &[u32]) -> Result<BTreeMap<u32, Vec<u8>>, Error> {
    let mut headers = BTreeMap::new();
    let reply = session
        .command(&format!("UID FETCH {} (UID BODY.PEEK[HEADER])", uid_set(uids)), |response| {
            let Response::Fetch(_, attributes) = response else { return };
            let uid = attributes.iter().find_map(|a| if let AttributeValue::Uid(uid) = a { Some(*uid) } else { None });
            let header = attributes.iter().find_map(|a| match a {
                AttributeValue::BodySection { section: Some(SectionPath::Full(MessageSection::Header)), data: Some(data), .. } => {
                    Some(data)
                }
                _ => None,
            });
            if let Some((uid, header)) = uid.zip(header).filter(|(uid, _)| uids.contains(uid)) {
                headers.entry(uid).or_insert_with(|| header.to_vec());
            }
        })
        .await?;
    reply.or_refused("FETCH (headers)")?;
    Ok(headers)
}

async fn ask(session: &mut Session, uids: &[u32], what: &str) -> Fetched {
    let wanted: BTreeSet<u32> = uids.iter().copied().collect();
    let mut got = BTreeSet::new();
    let mut mails = Vec::with_capacity(uids.len());
    let result = session
        .command(&format!("UID FETCH {} (UID {what})", uid_set(uids)), |response| {
            let Response::Fetch(_, attributes) = response else { return };
            if let Some((uid, body)) = read_body(attributes)
                && wanted.contains(&uid)
                && got.insert(uid)
            {
                mails.push((uid, body.to_vec()));
            }
        })
        .await;
    let failed = match result {
        Ok(reply) => reply.or_refused("FETCH").err(),
        Err(error) => Some(error),
    };
    Fetched { mails, failed }
}

fn read_body<'a>(attributes: &'a [AttributeValue<'_>]) -> Option<(u32, &'a [u8])> {
    let (mut uid, mut body) = (None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(value) => uid = Some(*value),
            AttributeValue::BodySection { section: None, data: Some(data), .. } => body = Some(data.as_ref()),
            _ => {}
        }
    }
    Some((uid?, body?))
}

/// `1,3:5,9`: ranges only where every UID of the range is meant. Expects ascending order.
pub(super) fn uid_set(uids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*uid) => *last = *uid,
            _ => runs.push((*uid, *uid)),
        }
    }
    let parts: Vec<String> = runs.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}:{b}") }).collect();
    parts.join(",")
}

/// Takes exactly these mails to `folder`: MOVE, else COPY, `\Deleted` and UID EXPUNGE of these alone, else not at all.
/// Returns whether they went. Never a bare EXPUNGE, which would take other people's mails along.
pub(super) async fn move_to(session: &mut Session, uids: &[u32], folder: &str) -> Result<bool, Error> {
    let (set, name) = (uid_set(uids), on_the_wire(folder));
    if session.can("MOVE") {
        return with_folder(session, &format!("UID MOVE {set} {name}"), &name).await;
    }
    if !session.can("UIDPLUS") || !with_folder(session, &format!("UID COPY {set} {name}"), &name).await? {
        return Ok(false);
    }
    if !session.command(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| {}).await?.ok {
        return Ok(false);
    }
    Ok(session.command(&format!("UID EXPUNGE {set}"), |_| {}).await?.ok)
}

/// The UIDs of the mails with this Message-ID (without brackets) in the open folder.
pub(super) async fn find(session: &mut Session, message_id: &str) -> Result<Vec<u32>, Error> {
    if message_id.is_empty() || !message_id.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\') {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let reply = session
        .command(&format!("UID SEARCH HEADER Message-ID \"{message_id}\""), |response| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend(uids.iter().copied());
            }
        })
        .await?;
    reply.or_refused("SEARCH")?;
    Ok(found)
}

/// Runs a command that needs the folder `name`; makes the folder and tries once more when that is what is missing.
async fn with_folder(session: &mut Session, line: &str, name: &str) -> Result<bool, Error> {
    let first = session.command(line, |_| {}).await?;
    if first.ok {
        return Ok(true);
    }
    // Not every server says TRYCREATE. CREATE of a folder that exists is refused and does no harm.
    let created = session.command(&format!("CREATE {name}"), |_| {}).await?;
    if !first.try_create && !created.ok {
        return Ok(false);
    }
    Ok(session.command(line, |_| {}).await?.ok)
}

/// Lets the server speak up; a way to hear of new mail where there is no IDLE.
pub(super) async fn noop(session: &mut Session) -> Result<(), Error> {
    session.command("NOOP", |_| {}).await?.or_refused("NOOP")
}

/// Waits with IDLE until the server speaks of new mail or `limit` passes; `alive` is called at least every `turn`. Returns
/// whether the server knows how to idle after all.
pub(super) async fn idle(session: &mut Session, limit: Duration, turn: Duration, alive: impl Fn()) -> Result<bool, Error> {
    let tag = session.send("IDLE").await?;
    if session.until(&tag, true, |_| {}).await?.is_some() {
        return Ok(false);
    }
    let waiting = async {
        while !session.news {
            alive();
            if session.next_news(turn).await? == Some(true) {
                break;
            }
        }
        Ok::<(), Error>(())
    };
    // A limit for all of it: a server that keeps saying "still here" must not hold us either.
    tokio::time::timeout(limit, waiting).await.unwrap_or(Ok(()))?;
    let ended = tokio::time::timeout(session.patience_for_done(), async {
        session.write("DONE").await?;
        session.until(&tag, false, |_| {}).await
    });
    match ended.await {
        Ok(result) => result.map(|_| true),
        Err(_) => Err(Error::Lost("no answer to DONE")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_name_only_what_is_meant() {
        assert_eq!(uid_set(&[1, 2, 3, 5, 8, 9]), "1:3,5,8:9");
        assert_eq!(uid_set(&[7]), "7");
    }

    #[test]
    fn dates_with_zone_and_blank_padding() {
        let at = read_date("17-Jul-1996 02:44:25 -0700").expect("date");
        assert_eq!(Some(at), Moment::parse_rfc3339("1996-07-17T09:44:25Z"));
        assert_eq!(read_date(" 1-Jan-2026 00:00:00 +0800"), Moment::parse_rfc3339("2025-12-31T16:00:00Z"));
        assert_eq!(read_date("yesterday"), None);
    }
}
