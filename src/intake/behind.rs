//! Whether a mailbox is ahead of the store: mails lie in the folders of handled mail that the store has never had. We move a mail only
//! after it was committed, so such a commit is lost. Looks alone. Called by `daemon` where the store may have lost its last moments.

use super::{Error, Settings, commands, custody::BEGINNING, session::Session};
use crate::calendar::Moment;
use crate::store::{Store, inbox};

/// How many handled mails that came in at `since` or later the store has never had. INTERNALDATE and size go with a moved mail
/// (RFC 6851 §3.1, RFC 3501 §6.4.7); where a server tells them otherwise, the bytes decide. A mailbox without a processed folder tells nothing.
///
/// # Errors
/// As a look at the mailbox; [`Error::Lost`] where a mail is listed and not given.
pub async fn unknown(settings: &Settings, since: Option<Moment>, store: &Store) -> Result<u64, Error> {
    let mut taken = inbox::taken_since(store, &settings.address, since).await?;
    let mut session = Session::open(&settings.endpoint, &settings.login, settings.patience()).await?;
    let mut unknown = 0;
    for folder in [&settings.processed_folder, &settings.quarantine_folder].into_iter().flatten() {
        match commands::examine(&mut session, folder).await {
            Ok(_) => {}
            // A folder that was never needed is not there.
            Err(Error::Refused { .. }) => continue,
            Err(error) => return Err(error),
        }
        for one in commands::list(&mut session, 1).await? {
            let Some(at) = one.internal_at.filter(|at| since.is_none_or(|since| *at >= since)) else { continue };
            if let Some(left) = taken.get_mut(&(at, i64::from(one.size))).filter(|left| **left > 0) {
                *left -= 1;
                continue;
            }
            let beginning = u64::from(one.size) > settings.size_limit;
            let length = if beginning { BEGINNING } else { u64::from(u32::MAX) };
            let Some(raw) = commands::fetch_part(&mut session, one.uid, 0, length).await? else {
                return Err(Error::Lost("a mail was listed and not given"));
            };
            unknown += u64::from(!inbox::has_bytes(store, &raw).await?);
        }
    }
    session.close().await;
    Ok(unknown)
}
