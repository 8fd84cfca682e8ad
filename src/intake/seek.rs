//! Seeks one mail by its Message-ID in the folders of a mailbox, without touching it: `doctor` sends itself a mail and wants to
//! see what arrives. Nothing here goes into custody.

use async_imap::imap_proto::{MailboxDatum, Response};

use super::session::{Session, quoted};
use super::{Error, Settings, commands};

/// The bytes of the mail with this Message-ID (without angle brackets), wherever in the mailbox's folders it lies; none where it has
/// not arrived.
///
/// # Errors
/// As for any look at the mailbox; a folder that is not there is passed over.
pub async fn find(settings: &Settings, message_id: &str) -> Result<Option<Vec<u8>>, Error> {
    let mut session = Session::open(&settings.endpoint, &settings.login, settings.patience()).await?;
    let mut found = None;
    for folder in [Some(&settings.folder), settings.processed_folder.as_ref(), settings.quarantine_folder.as_ref()].into_iter().flatten() {
        match commands::select(&mut session, folder).await {
            Ok(_) => {}
            Err(Error::Refused { .. }) => continue,
            Err(error) => return Err(error),
        }
        let mut uids: Vec<u32> = Vec::new();
        let line = format!("UID SEARCH HEADER Message-ID {}", quoted(message_id));
        let reply = session
            .command(&line, |response| {
                if let Response::MailboxData(MailboxDatum::Search(all)) = response {
                    uids.extend(all);
                }
            })
            .await?;
        reply.or_refused("SEARCH")?;
        if let Some(uid) = uids.first() {
            let got = commands::fetch(&mut session, &[*uid]).await;
            found = got.mails.into_iter().next().map(|(_, raw)| raw);
            break;
        }
    }
    session.close().await;
    Ok(found)
}
