//! 代登核准 (R78): what the office's line about a paper decision means, its scan, the letter to the second person and his word. What becomes
//! of it is `domain/transition/paper.rs`'s.

use std::sync::Arc;

use super::files::File;
use super::reading::Wish;
use super::views::Sight;
use super::{Desk, Error};
use crate::domain::approval::Ask;
use crate::domain::event::Act;
use crate::domain::text::{InternalText, fingerprint_of};
use crate::domain::{Case, PersonId, Refusal};
use crate::mail::attachments::Attachment;
use crate::mail::decision::{self, Decision, Verb};
use crate::mail::directive::Unknown;
use crate::mail::until::{self, Until};
use crate::mail::{self, Inbound};
use crate::render::Body;
use crate::store::inbox::{self, InboxRow};

/// A picture inside the text that is larger than this (bytes) is no logo of a signature.
const PICTURE: usize = 20_000;

impl Desk {
    /// `#代登核准 關卡或姓名 日期`: which open step, who signed it, on which day.
    pub(super) fn paper(&self, case: &Case, words: &str) -> Result<Act, Refusal> {
        let line = words.lines().next().unwrap_or_default().trim();
        let (name, day) = line.rsplit_once(char::is_whitespace).unwrap_or(("", line));
        let on = self.signed_on(day).ok_or(Refusal::DateNotPossible)?;
        let name = name.trim();
        let asks: Vec<&Ask> = case.open_asks().collect();
        let unknown = || Refusal::Unknown { what: "person", name: name.to_owned() };
        let named = self.office.directory.person_named(name).map(|p| p.id.clone());
        let by_name = named.and_then(|p| asks.iter().find(|a| a.candidate(&p).is_some()).map(|a| (a.ask, p)));
        let sole = |a: &&Ask| match a.candidates.as_slice() {
            [one] => Some((a.ask, one.person.clone())),
            _ => None,
        };
        let title = |p: &PersonId| self.office.directory.people.get(p).is_some_and(|p| p.title == name);
        let by_title = || asks.iter().find_map(|a| a.candidates.iter().find(|c| title(&c.person)).map(|c| (a.ask, c.person.clone())));
        let by_step = || asks.iter().filter(|a| name.is_empty() || a.title == name).find_map(sole);
        let (ask, signer) = match by_name.or_else(by_title).or_else(by_step) {
            Some(found) => found,
            None if asks.is_empty() => return Err(Refusal::NothingToDecide),
            None => return Err(unknown()),
        };
        Ok(Act::EnterPaper { ask, signer, on, scan: String::new() })
    }

    /// A day as people write it; without a year the latest one that has been.
    fn signed_on(&self, words: &str) -> Option<jiff::civil::Date> {
        let today = self.office.day(self.now());
        match until::leading(words)? {
            (Until::Date(text), _) => match text.strip_prefix("--") {
                Some(rest) => {
                    let this = format!("{}-{rest}", today.year()).parse().ok();
                    let last = || format!("{}-{rest}", today.year() - 1).parse().ok();
                    this.filter(|d| *d <= today).or_else(last)
                }
                None => text.parse().ok(),
            },
            (Until::Days(_) | Until::WorkingDays(_) | Until::Unclear(_), _) => None,
        }
    }

    /// The scan that a paper decision needs is read out of the mail, and its hash is kept with the act.
    pub(super) async fn with_scan(&self, wish: Wish, row: &InboxRow) -> Result<(Wish, Vec<File>), Error> {
        let Wish::Acts(mut acts) = wish else { return Ok((wish, Vec::new())) };
        if !acts.iter().any(|(a, _)| matches!(a, Act::EnterPaper { .. })) {
            return Ok((Wish::Acts(acts), Vec::new()));
        }
        let raw = inbox::raw(&self.store, &row.id).await?;
        let read = tokio::task::spawn_blocking(move || scans(&mail::read(&raw)));
        let found = read.await.map_err(|_| Error::Reader)?;
        let hashes: Vec<String> = found.iter().filter_map(|f| f.bytes.as_deref()).map(fingerprint_of).collect();
        for (act, source) in &mut acts {
            if let Act::EnterPaper { scan, .. } = act {
                if hashes.is_empty() {
                    return Ok((Wish::Refused(Refusal::ScanMissing, std::mem::take(source), None), Vec::new()));
                }
                *scan = hashes.join(" ");
            }
        }
        Ok((Wish::Acts(acts), found))
    }

    /// The letter that lays it before a second person.
    pub(super) fn paper_body(&self, case: &Case, ask: u32, sight: Sight) -> Body {
        let found = case.asks.iter().find(|a| a.ask == ask);
        let paper = found.and_then(|a| a.paper.as_ref());
        let short = |hash: &str| hash.chars().take(12).collect::<String>();
        Body::PaperEntered {
            stage_label: found.map(|a| a.title.clone()).unwrap_or_default(),
            signer: paper.map(|p| self.name_of(&p.signed_by)).unwrap_or_default(),
            signed_on: paper.map(|p| crate::calendar::roc::long(p.signed_on)).unwrap_or_default(),
            by: paper.map(|p| self.office.directory.name_of(&p.entered_by).to_owned()).unwrap_or_default(),
            scan: paper.map(|p| p.scan.split(' ').map(short).collect::<Vec<_>>().join(" ")).unwrap_or_default(),
            draft: self.draft_view(case, found.and_then(|a| a.draft), sight),
        }
    }
}

/// Papers and pictures that came with a mail, as they are; what draws a signature's logo is none.
fn scans(mail: &Inbound) -> Vec<File> {
    let fits = |a: &&Attachment| {
        let kind = a.content_type == "application/pdf" || a.content_type.starts_with("image/");
        kind && !a.data.is_empty() && (!a.inline || a.data.len() > PICTURE)
    };
    let file =
        |a: &Attachment| File { name: a.name.clone(), content_type: a.content_type.clone(), bytes: Some(Arc::from(a.data.as_slice())) };
    mail.attachments.iter().filter(fits).map(file).collect()
}

/// The second person's word; none where his mail asks for something else.
pub(super) fn word(ask: u32, mail: &Inbound) -> Option<Wish> {
    let text = mail.reply_text.as_str();
    let source = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default().to_owned();
    let acts = |act| Some(Wish::Acts(vec![(act, source.clone())]));
    let refuse = |reason: &str| Act::RefusePaper { ask, reason: InternalText::new(reason.trim()) };
    if let Some(button) = decision::button(text, &mail.subject) {
        return match button.verb {
            Verb::Confirm => acts(Act::ConfirmPaper { ask }),
            Verb::Return => acts(refuse(&button.rest)),
            _ => None,
        };
    }
    if mail::wording::norm(&source).starts_with('#') {
        return None;
    }
    match decision::decide(text) {
        Decision::Approve => acts(Act::ConfirmPaper { ask }),
        Decision::Return { reason } => acts(refuse(&reason)),
        Decision::Empty => Some(Wish::Nothing),
        Decision::ChangeAsked { .. } | Decision::Edited { .. } | Decision::Seen | Decision::Unclear => {
            if mail::wording::confirms(text) {
                acts(Act::ConfirmPaper { ask })
            } else {
                Some(Wish::NotUnderstood(Unknown { source, nearest: None }))
            }
        }
    }
}
