//! The demo's page: every mail as its reader sees it, the forms, the trail; one HTML file with its attachments beside it. Words are
//! in `templates/zh-TW/demo/page.html`. Called by `demo` after the play and by `live` after every further mail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::mails::Kept;
use super::play::{Caption, Played, Script, Stage};
use crate::calendar::Moment;
use crate::domain::{Case, Language};
use crate::render::Words;
use crate::store::events::{self, Verdict};

/// All that the page shows of the play; further mails are added when it is written.
#[derive(Debug)]
pub(super) struct Page {
    out: PathBuf,
    words: Arc<Words>,
    zone: TimeZone,
    live: Caption,
    fixed: Fixed,
    scenes: Vec<SceneView>,
}

/// Where a visitor can write to.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Open {
    /// The page's own address.
    pub address: String,
    /// The mail server's port.
    pub smtp: u16,
}

#[derive(Debug, Serialize)]
struct Fixed {
    organisation: String,
    office: String,
    mailbox: &'static str,
    number: String,
    mails: usize,
    rounds: u32,
    approvals: usize,
    people: Vec<Person>,
    forms: Vec<FormView>,
    trail: Vec<EventView>,
    /// Whether the chain of events is whole, how many there are, and the last one's hash.
    whole: bool,
    events: i64,
    head: String,
    /// Whether the events make the same case again.
    replayed: bool,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct Person {
    name: String,
    address: String,
}

#[derive(Debug, Serialize)]
struct FormView {
    title: String,
    file: String,
    pictures: Vec<String>,
}

#[derive(Debug, Serialize)]
struct EventView {
    at: String,
    what: String,
    kind: String,
    actor: String,
    hash: String,
}

#[derive(Debug, Clone, Serialize)]
struct SceneView {
    day: String,
    weekday: i8,
    time: String,
    title: String,
    title_en: String,
    note: String,
    note_en: String,
    state: Option<String>,
    state_en: Option<String>,
    survey: bool,
    mails: Vec<MailView>,
}

#[derive(Debug, Clone, Serialize)]
struct MailView {
    number: usize,
    incoming: bool,
    open: bool,
    from: String,
    from_address: String,
    to: String,
    to_address: String,
    reply_to: String,
    message_id: String,
    subject: String,
    preview: String,
    text: String,
    /// Of what somebody wrote: what he only repeats.
    quoted: String,
    html: String,
    files: Vec<FileView>,
}

#[derive(Debug, Clone, Serialize)]
struct FileView {
    name: String,
    href: String,
    /// Whether a browser keeps it instead of showing it.
    download: bool,
    kilobytes: usize,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    fixed: &'a Fixed,
    scenes: &'a [SceneView],
    live: Option<&'a SceneView>,
    total: usize,
    open: Option<&'a Open>,
}

impl Page {
    /// Lays out what was played; writes forms and attachments below `out`.
    ///
    /// # Errors
    /// The store, the press or the folder.
    pub(super) async fn new(out: &Path, stage: &Stage<'_>, played: &[Played]) -> Result<Self> {
        std::fs::create_dir_all(out.join("files"))?;
        let desk = &stage.house.desk;
        let case = stage.case(0).await?;
        if let Some(page) = &stage.survey_page {
            std::fs::write(out.join("survey.html"), page)?;
        }
        let verdict = events::verify(&desk.store).await?;
        let (whole, events, head) = match verdict {
            Verdict::Ok { events, head } => (true, events, head),
            Verdict::Broken { seq, .. } => (false, seq, String::new()),
        };
        let directory = &desk.office.directory;
        let staff = directory.people.values().map(|p| (p.email.clone(), p.name.clone()));
        let units = directory.units.values().map(|u| (u.inbox.clone(), u.name.clone()));
        let writers = played.iter().flat_map(|p| &p.mails).filter(|m| m.incoming).map(Kept::from);
        let writers = writers.filter(|(name, _)| !name.is_empty()).map(|(name, address)| (address, name));
        let people: BTreeMap<String, String> = writers.chain(staff).chain(units).collect();
        let trail = trail(stage, &case).await?;
        let fixed = Fixed {
            organisation: desk.settings.organisation.clone(),
            office: desk.settings.office.clone(),
            mailbox: super::servers::OFFICE,
            number: case.number.clone(),
            mails: stage.count(),
            rounds: case.round,
            approvals: trail.iter().filter(|e| e.kind == "approved").count(),
            people: people.into_iter().map(|(address, name)| Person { name, address }).collect(),
            forms: forms(stage, &case, out)?,
            trail,
            whole,
            events,
            head,
            replayed: desk.replay(&case).await?.same,
            version: env!("CARGO_PKG_VERSION"),
        };
        let mut page = Self {
            out: out.to_owned(),
            words: Arc::clone(&desk.words),
            zone: desk.office.calendar.zone().clone(),
            live: stage.script.live.clone(),
            fixed,
            scenes: Vec::new(),
        };
        page.scenes = played.iter().map(|scene| page.scene(scene)).collect::<Result<_>>()?;
        Ok(page)
    }

    /// Writes `index.html`; `further`: mails since the play ended; `open`: where visitors can write, while they can.
    ///
    /// # Errors
    /// The template or the folder.
    pub(super) fn write(&self, further: &[Kept], now: Moment, open: Option<&Open>) -> Result<PathBuf> {
        let live = Played { at: now, caption: self.live.clone(), state: None, survey: false, show: None, mails: further.to_vec() };
        let mut live = self.scene(&live)?;
        for mail in live.mails.iter_mut().rev().take(1) {
            mail.open = true;
        }
        let shown = open.is_some() || !further.is_empty();
        let total = self.fixed.mails + further.len();
        let view = View { fixed: &self.fixed, scenes: &self.scenes, live: shown.then_some(&live), total, open };
        let html = self.words.page(Language::ZhTw, "demo/page.html", &view)?;
        let file = self.out.join("index.html");
        // Whoever reads it meanwhile gets the old page or the new one.
        std::fs::write(self.out.join("index.new"), html)?;
        std::fs::rename(self.out.join("index.new"), &file)?;
        Ok(file)
    }

    fn scene(&self, played: &Played) -> Result<SceneView> {
        let at = played.at.zoned(&self.zone);
        let state = |language| played.state.as_ref().map(|s| self.words.label(language, &format!("state.{s}")));
        let mails = played.mails.iter().map(|m| self.mail(m, played.show.as_deref())).collect::<Result<_>>()?;
        Ok(SceneView {
            day: at.strftime("%-m/%-d").to_string(),
            weekday: at.date().weekday().to_monday_zero_offset(),
            time: at.strftime("%H:%M").to_string(),
            title: played.caption.title.clone(),
            title_en: played.caption.title_en.clone(),
            note: played.caption.note.clone(),
            note_en: played.caption.note_en.clone(),
            state: state(Language::ZhTw),
            state_en: played.state.clone(),
            survey: played.survey,
            mails,
        })
    }

    fn mail(&self, kept: &Kept, show: Option<&str>) -> Result<MailView> {
        let (from, from_address) = kept.from();
        let to = self.fixed.people.iter().find(|p| p.address == kept.to).map(|p| p.name.clone()).unwrap_or_default();
        let mut files = Vec::new();
        for (index, attachment) in kept.mail.attachments.iter().filter(|a| !a.inline).enumerate() {
            let kind = match attachment.content_type.as_str() {
                "application/pdf" => "pdf",
                "image/png" => "png",
                "image/jpeg" => "jpg",
                "message/rfc822" => "eml",
                _ => "bin", // never something that a browser runs
            };
            let href = format!("files/{}-{}.{kind}", kept.number, index + 1);
            std::fs::write(self.out.join(&href), &attachment.data)?;
            files.push(FileView {
                name: attachment.name.clone(),
                href,
                download: matches!(kind, "bin" | "eml"),
                kilobytes: attachment.data.len().div_ceil(1024),
            });
        }
        let (text, quoted) = if kept.incoming { (&kept.mail.reply_text, kept.mail.quoted_text.as_str()) } else { (&kept.mail.text, "") };
        let marker = self.words.marker(Language::ZhTw);
        let below = kept.mail.text.split_once(marker.as_str()).map_or(kept.mail.text.as_str(), |(_, below)| below);
        let preview = below.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(90).collect();
        Ok(MailView {
            number: kept.number,
            incoming: kept.incoming,
            open: kept.incoming || show == Some(kept.to.as_str()),
            from,
            from_address,
            to,
            to_address: kept.to.clone(),
            reply_to: kept.reply_to(),
            message_id: kept.mail.message_id.clone().unwrap_or_default(),
            subject: kept.mail.subject.clone(),
            preview,
            text: text.trim().to_owned(),
            quoted: quoted.trim().to_owned(),
            html: kept.html.clone(),
            files,
        })
    }
}

fn forms(stage: &Stage<'_>, case: &Case, out: &Path) -> Result<Vec<FormView>> {
    let mut views = Vec::new();
    for name in ["record", "handling"] {
        let (title, pdf) = stage.house.desk.print(case, name)?;
        let file = format!("files/{name}.pdf");
        std::fs::write(out.join(&file), pdf)?;
        views.push(FormView { title, pictures: pictures(out, &file, name)?, file });
    }
    Ok(views)
}

/// The pages of a PDF as pictures; none where poppler-utils is not installed.
fn pictures(out: &Path, file: &str, name: &str) -> Result<Vec<String>> {
    let mut command = Command::new("pdftoppm");
    command.args(["-png", "-r", "100"]).arg(out.join(file)).arg(out.join("files").join(name));
    if !command.stdin(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success()) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(out.join("files"))? {
        let path = entry?.path();
        let file = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if file.starts_with(&format!("{name}-")) && path.extension().is_some_and(|e| e == "png") {
            found.push(format!("files/{file}"));
        }
    }
    found.sort();
    Ok(found)
}

async fn trail(stage: &Stage<'_>, case: &Case) -> Result<Vec<EventView>> {
    let desk = &stage.house.desk;
    let rows = events::for_case(&desk.store, &case.id.0).await.context("the trail")?;
    let zone = desk.office.calendar.zone();
    let script: &Script = &stage.script;
    let word = |key: &str| script.events.get(key).cloned().unwrap_or_else(|| key.to_owned());
    let name = |actor: &str| {
        let known = desk.office.directory.people.values().find(|p| p.id.0 == actor);
        known.map_or_else(|| word(&format!("by_{actor}")), |p| p.name.clone())
    };
    Ok(rows
        .iter()
        .map(|row| EventView {
            at: row.at.zoned(zone).strftime("%m/%d %H:%M").to_string(),
            what: word(&row.kind),
            kind: row.kind.clone(),
            actor: name(&row.actor),
            hash: row.hash.chars().take(12).collect(),
        })
        .collect())
}
