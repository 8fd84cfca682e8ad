//! Files that a complainant sent, on their way to somebody who may not know him: released by the office, cleaned, under neutral names
//! (R10, RELIABILITY T27). And who of both worlds was addressed at once by one mail (T28).

use std::sync::Arc;

use super::{Desk, Error};
use crate::domain::{Case, Effect, Letter, Recipient};
use crate::mail::compose::Attach;
use crate::mail::metadata::{self, Cleaned};
use crate::mail::{self, Inbound};
use crate::store::inbox;
use crate::store::messages::{self, Direction};

/// A file of the complainant's.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// A neutral name; what he called it may tell who he is.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Cleaned; none where it could not be.
    pub bytes: Option<Arc<[u8]>>,
}

impl Desk {
    /// The files that one of these effects releases; none where none does.
    pub(super) async fn released(&self, case: &Case, effects: &[Effect]) -> Result<Vec<File>, Error> {
        let since = effects.iter().find_map(|e| match e {
            Effect::Send { letter: Letter::Files { since }, .. } => Some(*since),
            _ => None,
        });
        let Some(since) = since else { return Ok(Vec::new()) };
        let mut raws = Vec::new();
        for message in messages::for_case(&self.store, case.id.as_str()).await? {
            let his = message.direction == Direction::In && matches!(message.kind.as_str(), "complaint" | "complainant");
            if let (true, Some(id)) = (his && since.is_none_or(|at| message.at > at), &message.id) {
                raws.push(inbox::raw(&self.store, id).await?);
            }
        }
        let stem = self.word("desk.file");
        let read = tokio::task::spawn_blocking(move || raws.iter().flat_map(|raw| cleaned(&mail::read(raw))).collect::<Vec<_>>());
        let mut files = read.await.map_err(|_| Error::Reader)?;
        for (number, file) in files.iter_mut().enumerate() {
            file.name = format!("{stem}{}.{}", number + 1, file.name);
        }
        Ok(files)
    }

    /// A mail that a party sent to both worlds at once: the office hears, nothing is relayed because it was addressed so.
    pub(super) fn worlds_met(&self, case: &Case, mail: &Inbound, of_complainant: bool) -> Vec<Effect> {
        let directory = &self.office.directory;
        let staff = |a: &str| directory.by_email(a).is_some() || directory.unit_by_inbox(a).is_some();
        let others: Vec<String> = mail
            .to
            .iter()
            .chain(&mail.cc)
            .map(|m| m.address.trim().to_lowercase())
            .filter(|a| if of_complainant { staff(a) && !case.is_complainant(a) } else { case.is_complainant(a) })
            .collect();
        if others.is_empty() {
            return Vec::new();
        }
        let from = mail.from.as_ref().map(|m| m.address.clone()).unwrap_or_default();
        let letter = Letter::WorldsMet { from, others };
        let office = directory.office_of(case, self.office.day(self.now()));
        office.into_iter().map(|s| Effect::Send { to: Recipient::Person(s), letter: letter.clone(), not_before: None }).collect()
    }
}

/// A mail's files as they may go on; the name holds the ending alone.
fn cleaned(mail: &Inbound) -> Vec<File> {
    let mut out = Vec::new();
    for found in mail.attachments.iter().filter(|a| !a.inline) {
        out.push(match metadata::clean(&found.data) {
            Cleaned::Clean { bytes, ending, content_type } => {
                File { name: ending.to_owned(), content_type: content_type.to_owned(), bytes: Some(Arc::from(bytes)) }
            }
            Cleaned::Withheld => File { name: ending(&found.name), content_type: String::new(), bytes: None },
        });
    }
    out
}

/// The ending of a withheld file's name, where it looks like one.
fn ending(name: &str) -> String {
    let last = name.rsplit_once('.').map_or("", |(_, e)| e);
    let fits = (1..=5).contains(&last.len()) && last.chars().all(|c| c.is_ascii_alphanumeric());
    if fits { last.to_ascii_lowercase() } else { "bin".to_owned() }
}

/// The clean ones as they are attached.
pub(super) fn attached(files: &[File]) -> Vec<Attach> {
    let one = |f: &File| f.bytes.clone().map(|bytes| Attach { name: f.name.clone(), content_type: f.content_type.clone(), bytes });
    files.iter().filter_map(one).collect()
}
