//! A profile: one organisation's procedure as plain data, read from `templates/procedures/<id>/profile.toml`.
//! Nothing here decides; `transition` reads it. No profile's name appears in Rust. Its parts: `clocks` (time), `notice` (who hears),
//! `sight` (who sees the complainant), `keeping` (how long), `ground` (where it goes unanswered); here the whole, its grades, chains, closing and fields.

mod clocks;
mod ground;
mod keeping;
mod notice;
mod sight;

use serde::{Deserialize, Serialize};

use super::case::{Case, ClosingWay};
use super::closing::CheckItem;
use super::ids::RoleId;
use super::number::NumberFormat;
use super::reply_form::{self, AnswerPart, FormField};
use super::state::{Outcome, Stage};
use crate::calendar::Length;

pub use clocks::{DeadlineRule, ExtensionRule, Reminder, StartEvent, SurveyRule, Urge};
pub use ground::{Authority, Ground, GroundHint};
pub use keeping::{KeepRule, time};
pub use notice::{EscalationRule, Means, NoticeRule, PromiseRule};
pub use sight::{DisclosureRule, PassedOnRule, Secrecy, Shown, UnitSees};

/// One procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Its id, e.g. `kmu`.
    pub id: String,
    /// The paper's title.
    pub title: String,
    /// The folder of its forms below `templates/zh-TW/forms`, where that is not its id: a copy prints the paper's own sheets.
    #[serde(default)]
    pub forms: Option<String>,
    /// The paper's number and version, kept with each case (R88).
    pub version: String,
    /// How received numbers look.
    pub number: NumberFormat,
    /// Whether a confident match is forwarded at once.
    #[serde(default)]
    pub dispatch: Dispatch,
    /// Roles with the titles as printed.
    pub roles: Vec<Role>,
    /// Grades, most urgent first; empty where the paper has none.
    #[serde(default)]
    pub grades: Vec<Grade>,
    /// Deadlines of every case, whatever its grade.
    #[serde(default)]
    pub deadlines: Vec<DeadlineRule>,
    /// Approval chains; the first that fits is taken.
    pub chains: Vec<Chain>,
    /// What follows the answer and how a case closes.
    pub close: Close,
    /// Who is reminded of which deadline and when.
    #[serde(default)]
    pub reminders: Vec<Reminder>,
    /// Who is told of a case of which grade, and how (R66).
    #[serde(default)]
    pub notices: Vec<NoticeRule>,
    /// Points that are weighed when a grade is decided (評估), shown with the criteria.
    #[serde(default)]
    pub assessment: Vec<String>,
    /// Whether a promise (承諾) may go beyond the standard date.
    #[serde(default)]
    pub promise: PromiseRule,
    /// What a broken promise brings about (升級); none: it is counted.
    #[serde(default)]
    pub escalation: Option<EscalationRule>,
    /// A case without a conclusion for so long: the complainant is told why (R67).
    #[serde(default)]
    pub delay_told: Option<Length>,
    /// How long people may leave a decision before they are urged.
    pub urge: Urge,
    /// What the handling unit sees of the complainant.
    #[serde(default)]
    pub unit_sees: UnitSees,
    /// Ways of closing that the paper knows beside the mailed answer and the phone call; empty: none.
    #[serde(default)]
    pub closing_ways: Vec<ClosingWay>,
    /// What 請保密 brings: a hidden complainant, or a case for named persons alone (密件).
    #[serde(default)]
    pub secrecy: Secrecy,
    /// 調閱個資: who allows it, and for how long.
    #[serde(default)]
    pub disclosure: DisclosureRule,
    /// What a passer-on hears of the result (復知).
    #[serde(default)]
    pub passed_on: PassedOnRule,
    /// How often units may pass a case on among themselves (改分) before the office decides to whom it goes.
    #[serde(default)]
    pub pass_on: u32,
    /// How long an extension may be at most, and how often.
    pub extension: ExtensionRule,
    /// The survey.
    pub survey: SurveyRule,
    /// Fields of the record form, in its order.
    pub fields: Vec<Field>,
    /// Fields of the reply form and the handling record, in their order; the usual ones where the profile names none.
    #[serde(default = "reply_form::usual")]
    pub handling: Vec<FormField>,
    /// Parts that an answer should have.
    #[serde(default)]
    pub answer_parts: Vec<AnswerPart>,
    /// How long records are kept, counted from closing (`2年`).
    pub retention: String,
    /// Kinds of record that are kept for another time.
    #[serde(default)]
    pub keep: Vec<KeepRule>,
    /// Categories for reports.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Competent authorities for referrals.
    #[serde(default)]
    pub authorities: Vec<Authority>,
    /// The grounds on which a complaint is registered and filed without action (樹谷 註記, 行政程序法 §173).
    #[serde(default)]
    pub grounds: Vec<Ground>,
}

/// Who sends a complaint to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dispatch {
    /// A confident match is forwarded at once and confirmed afterwards (追認).
    Auto,
    /// The secretariat decides each time.
    #[default]
    Review,
}

/// A role and its title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The id in `[[people]] roles`.
    pub id: RoleId,
    /// As printed on forms and in mails.
    pub title: String,
}

/// A grade with its criteria and deadlines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// The short form, e.g. `A`, `特急`, `1`.
    pub id: String,
    /// As printed.
    pub label: String,
    /// When a case is of this grade.
    #[serde(default)]
    pub criteria: Vec<String>,
    /// Its deadlines, beside those of every case.
    pub deadlines: Vec<DeadlineRule>,
    /// Taken when nobody has graded the case.
    #[serde(default)]
    pub default: bool,
    /// Words that make a case of this grade at intake.
    #[serde(default)]
    pub keywords: Vec<String>,
}

/// An approval chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// Before the answer or before the closing.
    pub stage: Stage,
    /// Only for major (or only for ordinary) cases.
    #[serde(default)]
    pub major: Option<bool>,
    /// Only for these grades; empty: all.
    #[serde(default)]
    pub grades: Vec<String>,
    /// Only from this round on.
    #[serde(default)]
    pub from_round: u32,
    /// Only for closings with one of these outcomes; empty: all.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
    /// Only for cases that the office handles itself (自辦), or only for those that a unit has.
    #[serde(default)]
    pub self_handled: Option<bool>,
    /// Who decides, in order.
    pub steps: Vec<StepRule>,
}

/// One step of a chain: any one of the holders of these roles decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    /// Any of these roles.
    pub any_of: Vec<RoleId>,
    /// What the paper calls the step, e.g. `單位主管`.
    pub title: String,
    /// Which signature cell of the handling form it fills: `head`, `office`, `review`, `approve`.
    #[serde(default)]
    pub stamp: Option<String>,
    /// Its act as printed on the button, e.g. `確認結案（同意）`; the office's usual word otherwise.
    #[serde(default)]
    pub label: Option<String>,
    /// 陳閱: 閱 or 悉 fulfils it (R72).
    #[serde(default)]
    pub seen: bool,
}

/// Where a case closes (R55, R63).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// What brings a case to its closing.
    pub when: CloseWhen,
    /// What silence after the answer means.
    pub silence: Silence,
    /// How long silence lasts before it means that.
    pub silence_after: Length,
    /// A mail after closing reopens the case within this time, and opens a linked one later.
    pub reopen_within: Length,
    /// What a dissatisfied complainant brings about.
    #[serde(default)]
    pub dissatisfied: Dissatisfied,
    /// Whether the complainant is told of the closing.
    #[serde(default)]
    pub tell: bool,
    /// What is to be so before a case closes; what is not is told and shown, and holds nothing up (R63).
    #[serde(default)]
    pub checklist: Vec<CheckItem>,
}

/// What brings a case to its closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseWhen {
    /// With the answer.
    WithAnswer,
    /// When the complainant is satisfied (silence as the profile says).
    WhenSatisfied,
    /// When the complainant consents.
    OnConsent,
}

/// What silence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// As good as satisfied.
    Close,
    /// Somebody is to call.
    Call,
    /// Nothing.
    Never,
}

/// What a dissatisfied complainant brings about (R70).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dissatisfied {
    /// The case is taken up again.
    #[default]
    Resume,
    /// The office reads it and decides.
    Ask,
}

/// A field of the record form (R61).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The id, e.g. `phone`.
    pub id: String,
    /// As the paper prints it.
    pub label: String,
    /// Whether it tells who the complainant is.
    #[serde(default)]
    pub personal: bool,
    /// Choices with check boxes; empty: free text.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Needed for the closing: `always`, or once the field with this id is filled.
    #[serde(default)]
    pub closing: Option<String>,
}

impl Procedure {
    /// The folder of its forms.
    #[must_use]
    pub fn forms_folder(&self) -> &str {
        self.forms.as_deref().unwrap_or(&self.id)
    }

    /// The chain for a case, or `None` where the paper asks nobody.
    #[must_use]
    pub fn chain_of(&self, stage: Stage, case: &Case) -> Option<&Chain> {
        let grade = case.grade.as_deref();
        // Where the paper names nobody for a preliminary answer, those decide who decide on the answer.
        let own = self.chains.iter().any(|c| c.stage == stage);
        let stage = if stage == Stage::Preliminary && !own { Stage::Answer } else { stage };
        self.chains
            .iter()
            .filter(|c| c.stage == stage && c.major.is_none_or(|m| m == case.major) && c.from_round <= case.round)
            .filter(|c| c.grades.is_empty() || grade.is_some_and(|g| c.grades.iter().any(|x| x == g)))
            .filter(|c| c.outcomes.is_empty() || case.outcome.is_some_and(|o| c.outcomes.contains(&o)))
            .filter(|c| c.self_handled.is_none_or(|own| own == case.self_handled))
            .max_by_key(|c| (c.from_round, c.major.is_some(), !c.grades.is_empty(), !c.outcomes.is_empty(), c.self_handled.is_some()))
    }

    /// A competent authority by its name or one of its other names.
    #[must_use]
    pub fn authority_named(&self, text: &str) -> Option<&Authority> {
        let text = text.trim();
        self.authorities.iter().find(|a| a.name == text || a.aliases.iter().any(|other| other == text))
    }

    /// The roles of the longest chain before the answer, lowest first: whom one turns to when somebody below may not act.
    #[must_use]
    pub fn ladder(&self) -> Vec<RoleId> {
        let longest = self.chains.iter().filter(|c| c.stage == Stage::Answer).max_by_key(|c| c.steps.len());
        longest.iter().flat_map(|c| &c.steps).flat_map(|s| s.any_of.iter().cloned()).collect()
    }

    /// The deadlines that run for a grade.
    pub fn deadlines_for<'a>(&'a self, grade: Option<&'a str>) -> impl Iterator<Item = &'a DeadlineRule> {
        let own = self.grades.iter().find(move |g| grade == Some(g.id.as_str())).map_or(&[][..], |g| &g.deadlines);
        self.deadlines.iter().chain(own)
    }

    /// Whether a field, by id or label, is where the complainant is written to; every profile has it, on its form or not.
    #[must_use]
    pub fn is_address_field(&self, field: &str) -> bool {
        field == "email" || self.fields.iter().any(|f| f.id == "email" && f.label == field)
    }

    /// A role's title, or its id where the profile does not name it.
    #[must_use]
    pub fn role_title<'a>(&'a self, role: &'a RoleId) -> &'a str {
        self.roles.iter().find(|r| &r.id == role).map_or(role.as_str(), |r| &r.title)
    }

    /// A grade as people write it: with and without 件, 級, Level, in full and half width (the caller folds the width).
    #[must_use]
    pub fn grade_named(&self, text: &str) -> Option<&Grade> {
        let bare = text.trim().trim_start_matches("Level").trim_start_matches("level").trim().trim_end_matches(['件', '級']);
        self.grades.iter().find(|g| g.id.eq_ignore_ascii_case(bare) || g.label == text.trim())
    }
}
