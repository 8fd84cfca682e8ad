//! Looks through the folder of sent mails, without touching it: the headers of what came in since the last look, and, where letters
//! are in doubt, of what came in since the first of them was. What a header means is the desk's to say. Called by `daemon` and `cli`.

use std::collections::BTreeSet;

use async_imap::imap_proto::{MailboxDatum, Response};
use serde::{Deserialize, Serialize};

use super::{Error, Settings, commands, folder::on_the_wire, session::Session};
use crate::calendar::Moment;
use crate::desk::SentMail;

/// Headers asked for at once.
const BATCH: usize = 100;
/// Where no earlier look tells from where on, so many of the newest mails are looked at.
const NEWEST: usize = 2000;
/// A header, and a folder that is said not to be there, is asked for so often within one look.
const TRIES: usize = 3;

/// How far the folder was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// UIDs mean something only together with this.
    pub uidvalidity: u32,
    /// The first UID that no look has seen.
    pub next: u32,
    /// The first UID that may be the copy of a letter in doubt.
    pub back: u32,
    /// When it was looked at last.
    pub at: Moment,
}

/// What a look brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// For the next look.
    pub mark: Mark,
    /// Mails, oldest first.
    pub mails: Vec<SentMail>,
    /// There is no such folder (yet).
    pub absent: bool,
}

/// Looks. `before` is what the last look left; none: what lies there now was there before us, and only copies are sought in it.
/// `doubtful`: letters are in doubt. None where the mailbox has no folder of sent mails.
///
/// # Errors
/// As any look at the mailbox. A mail that is listed and not given is an error: it may be the copy that is sought.
pub async fn look_at_sent(settings: &Settings, before: Option<Mark>, doubtful: bool, now: Moment) -> Result<Option<Sent>, Error> {
    let Some(folder) = &settings.sent_folder else { return Ok(None) };
    let mut session = Session::open(&settings.endpoint, &settings.login, settings.patience()).await?;
    let found = look(&mut session, folder, before, doubtful, now).await?;
    session.close().await;
    Ok(Some(found))
}

async fn look(session: &mut Session, folder: &str, before: Option<Mark>, doubtful: bool, now: Moment) -> Result<Sent, Error> {
    let mut asked = 1;
    let selected = loop {
        match commands::examine(session, folder).await {
            Ok(selected) => break selected,
            // A folder that was there and is not shown now is out of reach, not empty.
            Err(error @ Error::Refused { .. }) if before.is_some_and(|b| b.uidvalidity != 0) || exists(session, folder).await? => {
                return Err(error);
            }
            // That there is none is believed when it was said more than once: a letter in doubt may leave again upon it.
            Err(Error::Refused { .. }) if asked < TRIES => asked += 1,
            Err(Error::Refused { .. }) => {
                let mark = before.unwrap_or(Mark { uidvalidity: 0, next: 1, back: 1, at: now });
                return Ok(Sent { mark: Mark { at: now, ..mark }, mails: Vec::new(), absent: true });
            }
            Err(error) => return Err(error),
        }
    };
    // A folder that was absent when it was first looked for has nothing that was there before us.
    let known = before.map(|b| if b.uidvalidity == 0 { Mark { uidvalidity: selected.uidvalidity, ..b } } else { b });
    let same = known.filter(|b| b.uidvalidity == selected.uidvalidity);
    let from = same.map_or(1, |b| if doubtful { b.back } else { b.next });
    let mut listed = commands::list(session, from).await?;
    if same.is_none() {
        // By their number, not by their UIDs, which may have gaps.
        listed.drain(..listed.len().saturating_sub(NEWEST));
    }
    let first = listed.first().map_or(1, |one| one.uid);
    let fresh = |one: &commands::Listed| match (same, known) {
        (Some(mark), _) => one.uid >= mark.next,
        // The folder was made anew: by their dates, since all UIDs are new.
        (None, Some(mark)) => one.internal_at.is_some_and(|at| at > mark.at),
        (None, None) => false,
    };
    let wanted: Vec<commands::Listed> = listed.into_iter().filter(|one| doubtful || same.is_none() || fresh(one)).collect();
    let headers = headers(session, &wanted).await?;
    // What is listed and has no header is not there: a wrong UID must not hide all that come after it.
    let given = wanted.iter().zip(&headers).filter(|(_, header)| !header.is_empty()).map(|(one, _)| one.uid.saturating_add(1)).max();
    let next = given.unwrap_or(1).max(same.map_or(1, |b| b.next));
    let mails = wanted.iter().zip(headers).map(|(one, header)| SentMail { at: one.internal_at, fresh: fresh(one), header }).collect();
    // One look behind: a letter may have come into doubt after it was asked whether one is, and its copy lie among these.
    let back = match same {
        Some(mark) if doubtful => mark.back,
        Some(mark) => mark.next,
        None => first,
    };
    Ok(Sent { mark: Mark { uidvalidity: selected.uidvalidity, next, back, at: now }, mails, absent: false })
}

/// Whether the server knows the folder and did not want to open it.
async fn exists(session: &mut Session, folder: &str) -> Result<bool, Error> {
    let mut there = false;
    let reply = session
        .command(&format!("LIST \"\" {}", on_the_wire(folder)), |response| {
            there |= matches!(response, Response::MailboxData(MailboxDatum::List(_)));
        })
        .await?;
    reply.or_refused("LIST")?;
    Ok(there)
}

/// The headers of these mails, in their order. A mail that was deleted between the listing and now has none.
async fn headers(session: &mut Session, wanted: &[commands::Listed]) -> Result<Vec<Vec<u8>>, Error> {
    let mut found = std::collections::BTreeMap::new();
    for batch in wanted.chunks(BATCH) {
        let mut open: BTreeSet<u32> = batch.iter().map(|one| one.uid).collect();
        for _ in 0..TRIES {
            let uids: Vec<u32> = open.iter().copied().collect();
            if uids.is_empty() {
                break;
            }
            let got = commands::fetch_headers(session, &uids).await?;
            open.retain(|uid| !got.contains_key(uid));
            found.extend(got);
        }
        if !open.is_empty() && commands::list(session, open.first().copied().unwrap_or(1)).await?.iter().any(|one| open.contains(&one.uid))
        {
            return Err(Error::Lost("sent mails were listed and not given"));
        }
    }
    Ok(wanted.iter().map(|one| found.remove(&one.uid).unwrap_or_default()).collect())
}
