//! Plays the script (`templates/zh-TW/demo/play.toml`): people write, the real daemon works, on a clock that is set from scene to
//! scene over the last working days. After each scene the case must be where the script says. Called by `demo`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use jiff::civil::Date;
use serde::Deserialize;

use super::mails::{self, Kept, Written};
use super::servers::OFFICE;
use crate::calendar::{Calendar, Moment};
use crate::daemon::{House, run_once};
use crate::domain::Case;

const SCRIPT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/zh-TW/demo/play.toml"));

/// When the digests have gone out.
const MORNING: &str = "08:31";

/// The script.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    office_writes: String,
    morning: Caption,
    /// What visitors' own mails stand under.
    pub live: Caption,
    scenes: Vec<Scene>,
    /// Words for the kinds of events.
    pub events: BTreeMap<String, String>,
}

/// Words above a scene.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Caption {
    pub title: String,
    pub title_en: String,
    pub note: String,
    pub note_en: String,
}

#[derive(Debug, Deserialize)]
struct Scene {
    day: usize,
    at: String,
    #[serde(default)]
    case: usize,
    state: String,
    /// Whose letter stands open on the page.
    show: Option<String>,
    #[serde(flatten)]
    caption: Caption,
    #[serde(flatten)]
    act: Act,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    /// A new mail.
    Write { from: String, subject: String, text: String },
    /// A reply to the last letter to the writer (or to `letter_to`) that holds the word.
    Reply { from: String, letter_to: Option<String>, holding: String, text: String },
    /// A button of the last letter to the writer that has one.
    Press { from: String, button: String },
    /// An answer on the survey page whose link the last letter holds.
    Survey { from: String, answers: BTreeMap<String, String> },
}

/// A scene as it was played.
#[derive(Debug, Clone)]
pub(super) struct Played {
    pub at: Moment,
    pub caption: Caption,
    /// The state that the case is in afterwards; none for mornings.
    pub state: Option<String>,
    /// What was answered on the survey page.
    pub survey: bool,
    /// Whose letter stands open on the page.
    pub show: Option<String>,
    pub mails: Vec<Kept>,
}

/// The stage: a house on a settable clock.
pub(super) struct Stage<'a> {
    pub house: &'a House,
    pub script: Script,
    pub smtp: u16,
    pub survey: u16,
    pub spool: PathBuf,
    /// The survey page as it looked, once it was opened.
    pub survey_page: Option<String>,
    all: Vec<Kept>,
}

impl<'a> Stage<'a> {
    /// # Errors
    /// The script is not right.
    pub(super) fn new(house: &'a House, smtp: u16, survey: u16, spool: PathBuf) -> Result<Self> {
        let script = toml::from_str(SCRIPT).context("demo/play.toml")?;
        Ok(Self { house, script, smtp, survey, spool, survey_page: None, all: Vec::new() })
    }

    /// Plays it all; it ends on the last working day before `now`.
    ///
    /// # Errors
    /// A scene did not lead where the script says.
    pub(super) async fn play(&mut self, now: Moment) -> Result<Vec<Played>> {
        let scenes = std::mem::take(&mut self.script.scenes);
        let last = scenes.iter().map(|s| s.day).max().unwrap_or(0) + 1;
        let days = days(&self.house.desk.office.calendar, now, last)?;
        let mut played = Vec::new();
        let mut today = 0;
        for scene in scenes {
            while today < scene.day {
                today += 1;
                played.extend(self.morning(&days, today).await?);
            }
            let at = self.moment(&days, scene.day, &scene.at)?;
            self.house.desk.clock.set(at);
            self.act(&scene.act, at).await.with_context(|| format!("day {}, {}", scene.day, scene.at))?;
            let mails = self.pass().await?;
            let case = self.case(scene.case).await?;
            ensure!(
                case.state.name() == scene.state,
                "day {}, {}: the case is {} and should be {}",
                scene.day,
                scene.at,
                case.state.name(),
                scene.state
            );
            let survey = matches!(scene.act, Act::Survey { .. });
            played.push(Played { at, caption: scene.caption, state: Some(scene.state), survey, show: scene.show, mails });
        }
        played.extend(self.morning(&days, last).await?);
        Ok(played)
    }

    /// How many mails there are.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// The cases by number.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn case(&self, index: usize) -> Result<Case> {
        let mut cases = self.house.desk.cases().await?;
        cases.sort_by(|a, b| a.number.cmp(&b.number));
        cases.into_iter().nth(index).with_context(|| format!("there is no case {index}"))
    }

    async fn morning(&mut self, days: &[Date], day: usize) -> Result<Option<Played>> {
        let at = self.moment(days, day, MORNING)?;
        self.house.desk.clock.set(at);
        let mails = self.pass().await?;
        Ok((!mails.is_empty()).then(|| Played { at, caption: self.script.morning.clone(), state: None, survey: false, show: None, mails }))
    }

    fn moment(&self, days: &[Date], day: usize, hour: &str) -> Result<Moment> {
        let date = days.get(day).context("the script has more days than were laid out")?;
        let zone = self.house.desk.office.calendar.zone().clone();
        let time: jiff::civil::Time = hour.parse().with_context(|| format!("{hour}: not an hour"))?;
        Ok(Moment::from(date.to_datetime(time).to_zoned(zone)?))
    }

    /// The daemon does all there is to do; gives the mails since the last pass, the one that was written first.
    async fn pass(&mut self) -> Result<Vec<Kept>> {
        let passed = run_once(self.house).await?;
        ensure!(!passed.unreachable, "a server of the demo does not answer");
        let new = mails::kept_after(&self.spool, self.all.len())?;
        self.all.extend(new.iter().cloned());
        Ok(new)
    }

    async fn act(&mut self, act: &Act, at: Moment) -> Result<()> {
        match act {
            Act::Write { from, subject, text } => {
                let written =
                    Written { from: from.clone(), to: OFFICE.to_owned(), subject: subject.clone(), text: text.clone(), answers: None };
                self.send(&written, at)
            }
            Act::Reply { from, letter_to, holding, text } => {
                let reader = letter_to.clone().unwrap_or_else(|| mails::address_of(from));
                let letter = self.letter(&reader, |l| l.mail.text.contains(holding) || l.button(holding).is_some())?;
                let written = letter.reply(from, text, &self.script.office_writes);
                self.send(&written, at)
            }
            Act::Press { from, button } => {
                let letter = self.letter(&mails::address_of(from), |l| l.button(button).is_some())?;
                let written = letter.press(button, from).context("the button writes no mail")?;
                self.send(&written, at)
            }
            Act::Survey { from, answers } => {
                let path = |l: &Kept| Some(format!("/s/{}", l.mail.text.split("/s/").nth(1)?.split_whitespace().next()?));
                let letter = self.letter(&mails::address_of(from), |l| path(l).is_some())?;
                let path = path(letter).unwrap_or_default();
                let (status, page) = http(self.survey, "GET", &path, "").await?;
                ensure!(status == 200, "the survey page answers {status}");
                self.survey_page = Some(page);
                let form: Vec<String> = answers.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
                let (status, _) = http(self.survey, "POST", &path, &form.join("&")).await?;
                ensure!(status == 200, "the survey page answers {status} to the form");
                Ok(())
            }
        }
    }

    fn send(&self, written: &Written, at: Moment) -> Result<()> {
        let raw = written.bytes(at, self.house.desk.office.calendar.zone(), self.all.len());
        mails::send(self.smtp, &written.from, &written.to, &raw)
    }

    fn letter(&self, reader: &str, wanted: impl Fn(&Kept) -> bool) -> Result<&Kept> {
        let found = self.all.iter().rev().find(|l| !l.incoming && l.to == reader && wanted(l));
        found.with_context(|| format!("no letter to {reader} can be answered like this"))
    }
}

/// The working days of the play: `last` days and the one before them, the latest of them begun before `now`.
fn days(calendar: &Calendar, now: Moment, last: usize) -> Result<Vec<Date>> {
    let zone = calendar.zone();
    // A year that no calendar knows yet: Monday to Friday.
    let works = |date: Date| calendar.is_working_day(date).unwrap_or(date.weekday().to_monday_zero_offset() < 5);
    let mut date = now.zoned(zone).date();
    let begun = now.zoned(zone).time() > jiff::civil::time(8, 35, 0, 0);
    let mut days = Vec::new();
    if works(date) && begun {
        days.push(date);
    }
    for _ in 0..400 {
        if days.len() > last {
            break;
        }
        date = date.yesterday()?;
        if works(date) {
            days.push(date);
        }
    }
    if days.len() <= last {
        bail!("no working days were found before {date}");
    }
    days.reverse();
    Ok(days)
}

async fn http(port: u16, method: &str, path: &str, form: &str) -> Result<(u16, String)> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.context("the survey page")?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(head.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Ok((status, body.to_owned()))
}

fn encode(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric();
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
