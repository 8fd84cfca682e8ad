//! What a letter is made of: the office, the case, the reader, the buttons and the body. Plain data that the desk fills and the templates read.
//! All texts come ready to be read (masked, formatted in the office's zone); nothing is looked up here.

use serde::Serialize;

use super::body::Body;

/// A letter to be written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Letter {
    /// Who writes.
    pub office: OfficeView,
    /// The case, for all letters but digests and the like.
    pub case: Option<CaseView>,
    /// Who reads.
    pub reader: ReaderView,
    /// What the reader may do, in the order in which it is shown.
    pub buttons: Vec<Button>,
    /// The matter.
    pub body: Body,
}

/// A letter as written in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// One line, without CR or LF.
    pub subject: String,
    /// The text/plain part, lines ended by LF.
    pub text: String,
    /// The text/html part, a whole document.
    pub html: String,
}

/// The office that writes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OfficeView {
    /// 「高雄示範大學」
    pub organisation: String,
    /// 「秘書室」
    pub office: String,
    /// The mailbox, `service@…`.
    pub address: String,
    /// Further lines below the office's name (telephone, postal address); may be empty.
    pub signature_lines: Vec<String>,
    /// The line above which a reply is read; `None`: the label `marker` of the language.
    pub marker: Option<String>,
}

/// A point of time as people read it, in both calendars.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Stamp {
    /// `115年12月31日 17:30`, or without the hour for a day.
    pub roc: String,
    /// `2026-12-31 17:30`, or `2026-12-31`.
    pub iso: String,
}

impl Stamp {
    /// Both readings of one moment or day.
    #[must_use]
    pub fn new(roc: impl Into<String>, iso: impl Into<String>) -> Self {
        Self { roc: roc.into(), iso: iso.into() }
    }
}

/// The case that a letter is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CaseView {
    /// 收件單號, `115-0042`.
    pub number: String,
    /// The complainant's subject as staff may see it (already hidden for a confidential case); never shown to complainants.
    pub subject: String,
    /// The state's id (`triage`, `assigned`, …); its words are the label `state.<id>`.
    pub state: String,
    /// The leading unit's name.
    pub unit_name: Option<String>,
    /// 1 at first, one more each time the case is taken up again.
    pub round: u32,
    /// The grade's short form.
    pub grade: Option<String>,
    /// 重大.
    pub major: bool,
    /// 保密／密件.
    pub confidential: bool,
    /// When the complaint was received.
    pub received_at: Stamp,
    /// The answer's deadline.
    pub due_on: Option<Stamp>,
    /// The complainant as the reader may see him (masked where needed).
    pub complainant_name: Option<String>,
    /// The identification for subjects, `[115-0042 #code]`.
    pub tag: String,
}

/// Who reads the letter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReaderView {
    /// Name, empty when unknown or not to be used.
    pub name: String,
    /// 職稱.
    pub title: String,
    /// The role's title in the procedure (承辦人, 單位主管 …).
    pub role: String,
    /// The complainant, or somebody of the house.
    pub is_complainant: bool,
}

/// How a button stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// The expected act.
    Primary,
    /// One of several.
    #[default]
    Neutral,
    /// The opposite of the expected act; set apart.
    Danger,
}

/// A thing that the reader may do, by a prepared mail.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Button {
    /// The act's id; its words are the label `act.<id>`.
    pub act: String,
    /// The profile's own words for it. An approval that names neither 核准 nor 同意 gets it added in brackets.
    pub label: Option<String>,
    /// `mailto:…`, ready for an attribute (escaped by the template).
    pub href: String,
    /// How it stands out.
    pub tone: Tone,
    /// Label key of the sentence in the text part that tells how to do the same by a plain reply; `None`: `hint.<act>`.
    pub reply_hint: Option<String>,
}

/// A field and its value, already in the words of the paper.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Row {
    /// The paper's own label.
    pub label: String,
    /// Its value; empty when not known.
    pub value: String,
}

impl Row {
    /// A row.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// A grade with its criteria as boxes, for whoever decides on it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct GradeView {
    /// The short form, as in `#等級`.
    pub id: String,
    /// As printed.
    pub label: String,
    /// The case has this grade now.
    pub chosen: bool,
    /// `□1. 涉及人身安全`, ■ where ticked.
    pub criteria: Vec<String>,
}

/// What is to be approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// An answer to the complainant.
    #[default]
    Answer,
    /// 陳核結案.
    Closing,
    /// 不受理.
    Refusal,
    /// 轉介.
    Referral,
    /// 初步答覆.
    Preliminary,
    /// 展延.
    Extension,
    /// 存查.
    NoAction,
}

/// The text that is decided on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DraftView {
    /// 第n稿, from 1.
    pub version: u32,
    /// The first twelve hexadecimal digits of the text's SHA-256.
    pub fingerprint: String,
    /// The text itself, paragraphs kept.
    pub text: String,
}

/// A step of an approval chain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct StepView {
    /// The step's title as printed (單位主管, 主任秘書 …).
    pub title: String,
    /// Who decided or is asked; 「○○○代」 for a deputy.
    pub name: String,
    /// `approved`, `returned`, `edited`, `asked` (now) or `open` (later); its words are the label `decision.<id>`.
    pub decision: String,
    /// When it was decided.
    pub at: Option<Stamp>,
    /// What was said with it.
    pub comment: Option<String>,
}

/// An older case that resembles this one, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct EarlierCase {
    /// Its number.
    pub number: String,
    /// Its subject, or 密件.
    pub subject: String,
    /// The answer that was given, shortened.
    pub answer: Option<String>,
}

/// A line of a digest: one case or one mail.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DigestLine {
    /// Case number, or the quarantine's id.
    pub number: String,
    /// Unit, where there is one.
    pub unit: Option<String>,
    /// Masked name.
    pub name: Option<String>,
    /// What it is about or waits for, in a few words.
    pub note: String,
    /// Working days left (negative: overdue), where a deadline runs.
    pub days_left: Option<i64>,
}

/// A section of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DigestSection {
    /// `new`, `waiting_triage`, `waiting_confirmation`, `waiting_unit`, `waiting_approval`, `due_today`, `due_soon`, `overdue`, `answered`, `dissatisfied`,
    /// `closed`, `quarantined`, `bounced`, `not_recorded`, `alarms`; its heading is the label `digest.<id>`.
    pub kind: String,
    /// How many in all, should not all of them be listed.
    pub count: u64,
    /// The lines.
    pub lines: Vec<DigestLine>,
}

/// Somebody who may do something, for the list of such people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PersonLine {
    /// The name as printed.
    pub name: String,
    /// The id in config and list.
    pub id: String,
    /// Roles, and what he is in which unit.
    pub rights: Vec<String>,
    /// The address that counts as his.
    pub email: String,
    /// Who stands in for him, with the days.
    pub deputy: Vec<String>,
    /// For whom he stands in.
    pub stands_in: Vec<String>,
    /// Since when he holds what he holds.
    pub since: Option<Stamp>,
    /// When he last did something.
    pub seen: Option<Stamp>,
    /// He has done nothing for long.
    pub idle: bool,
}

/// A figure of a digest's head.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Count {
    /// As in `DigestSection::kind`.
    pub kind: String,
    /// The figure.
    pub count: u64,
}
