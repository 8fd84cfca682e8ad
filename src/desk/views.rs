//! A case as a reader may see it: times in both calendars, names hidden where they must be, the chain so far.
//! Feeds `letters`, `digest` and the CLI. Looks nothing up.

use std::collections::BTreeMap;

use super::Desk;
use crate::calendar::{Moment, roc};
use crate::domain::approval::{Decided, Progress};
use crate::domain::directory::Standing;
use crate::domain::procedure::UnitSees;
use crate::domain::state::DeadlineKind;
use crate::domain::{Case, Language, PersonId};
use crate::mail::redact::{self, Names};
use crate::render::{CaseView, DraftView, OfficeView, ReaderView, Row, Stamp, StepView, mask_address, mask_mail, mask_name, mask_number};
use crate::trust::Token;

/// How much of the complainant a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sight {
    /// Nothing that tells who it is.
    Hidden,
    /// Masked.
    Masked,
    /// All.
    Full,
}

impl Desk {
    /// A moment as people read it.
    pub(super) fn stamp(&self, at: Moment) -> Stamp {
        let zoned = at.zoned(self.office.calendar.zone());
        let hour = zoned.strftime("%H:%M").to_string();
        Stamp::new(format!("{} {hour}", roc::long(zoned.date())), zoned.strftime("%Y-%m-%d %H:%M").to_string())
    }

    /// A day as people read it.
    pub(super) fn day_stamp(&self, at: Moment) -> Stamp {
        let zoned = at.zoned(self.office.calendar.zone());
        let weekday = self.words.label(Language::ZhTw, &format!("weekday.{}", zoned.weekday().to_monday_one_offset()));
        Stamp::new(format!("{}（{weekday}）", roc::long(zoned.date())), zoned.strftime("%Y-%m-%d (%a)").to_string())
    }

    /// The office as it signs.
    pub(super) fn office_view(&self, mailbox: &str) -> OfficeView {
        OfficeView {
            organisation: self.settings.organisation.clone(),
            office: self.settings.office.clone(),
            address: mailbox.to_owned(),
            signature_lines: self.settings.signature_lines.clone(),
            marker: None,
        }
    }

    /// What somebody of the directory sees of this case's complainant.
    pub(super) fn sight_of(&self, case: &Case, person: &PersonId, at: Moment) -> Sight {
        if case.accuses(person) {
            return Sight::Hidden;
        }
        let office = self.office.directory.is_office(person, case, self.office.day(at)) || case.disclosed_to(person, at);
        // Whoever decides above the units sees whom he answers; a role does not open a colleague's or one's own unit's case.
        let directory = &self.office.directory;
        let of_unit = case.unit.iter().chain(&case.co_units).filter_map(|u| directory.units.get(u)).any(|u| u.belongs(person));
        let ranks = |p: &PersonId| {
            let roles = directory.people.get(p).map(|p| p.roles.as_slice()).unwrap_or_default();
            !of_unit && roles.iter().any(|r| !case.confidential || directory.ladder.contains(r))
        };
        if office || ranks(person) { Sight::Full } else { self.unit_sight(case) }
    }

    /// What the unit sees of this case's complainant.
    pub(super) fn unit_sight(&self, case: &Case) -> Sight {
        match (case.confidential, self.office.procedure.unit_sees) {
            (true, _) | (false, UnitSees::Hidden) => Sight::Hidden,
            (false, UnitSees::Masked) => Sight::Masked,
            (false, UnitSees::Full) => Sight::Full,
        }
    }

    /// The case's head as a reader sees it.
    pub(super) fn case_view(&self, case: &Case, sight: Sight) -> CaseView {
        let unit = case.unit.as_ref().and_then(|u| self.office.directory.units.get(u));
        let code = self.keyring.short_code(&Token::of_case(super::keys::serial(case)));
        CaseView {
            number: case.number.clone(),
            // 密件: a subject line is read on every screen that shows a list of mails.
            subject: match sight {
                _ if case.confidential => self.word("desk.confidential"),
                Sight::Full => case.subject.reveal().clone(),
                Sight::Masked | Sight::Hidden => self.without_names(case, case.subject.reveal(), sight),
            },
            state: case.state.name().to_owned(),
            unit_name: unit.map(|u| u.name.clone()).or_else(|| case.self_handled.then(|| self.settings.office.clone())),
            round: case.round,
            grade: case.grade.clone(),
            major: case.major,
            confidential: case.confidential,
            received_at: self.stamp(case.opened_at),
            due_on: case.due_at().map(|at| self.day_stamp(at)),
            complainant_name: match sight {
                Sight::Full => Some(case.complainant.name.reveal().clone()).filter(|n| !n.is_empty()),
                Sight::Masked => Some(mask_name(case.complainant.name.reveal())).filter(|n| !n.is_empty()),
                Sight::Hidden => None,
            },
            tag: format!("[{} #{code}]", case.number),
        }
    }

    /// The complaint's words as a reader sees them; a confidential one's subject stands here, since the mail's own says nothing.
    pub(super) fn complaint(&self, case: &Case, sight: Sight) -> String {
        let subject = case.subject.reveal().trim();
        let words = if case.confidential && !subject.is_empty() {
            format!("{}{subject}\n\n{}", self.word("desk.subject"), case.text.reveal())
        } else {
            case.text.reveal().clone()
        };
        match sight {
            Sight::Full => words,
            Sight::Masked | Sight::Hidden => self.without_names(case, &words, sight),
        }
    }

    /// What the complainant is known by: whatever the record holds of him.
    fn known_of<'a>(&self, case: &'a Case) -> Vec<&'a str> {
        let given = case.record.iter().filter(|(id, _)| self.is_personal(id)).map(|(_, v)| v.reveal().as_str());
        let own = [case.complainant.name.reveal().as_str(), case.complainant.address.as_ref().map_or("", |a| a.reveal().as_str())];
        given.chain(own).filter(|s| s.chars().count() >= 2).collect()
    }

    /// Words without what tells who the complainant is: masked where last digits may help to tell cases apart, else blank.
    pub(super) fn without_names(&self, case: &Case, words: &str, sight: Sight) -> String {
        let known = self.known_of(case);
        let found = redact::find(words, &known, Names::Writer);
        redact::rewrite(words, &found, |kind, word| if sight == Sight::Masked { masked(kind, word) } else { "○○○".to_owned() })
    }

    /// Words without what the complainant is known by, everything else as it is: for texts of the house itself.
    pub(super) fn without_known(&self, case: &Case, words: &str, sight: Sight) -> String {
        if sight == Sight::Full { words.to_owned() } else { redact::without(words, &self.known_of(case)) }
    }

    /// Words for a list that people read who have no part in the case: nobody's name, number or address.
    pub(super) fn for_lists(&self, case: &Case, words: &str) -> String {
        if case.confidential {
            return self.word("desk.confidential");
        }
        redact::rewrite(words, &redact::find(words, &self.known_of(case), Names::All), masked)
    }

    /// Whether a field of the record tells who complains: as the profile says; what it does not list is taken for personal.
    pub(super) fn is_personal(&self, field: &str) -> bool {
        let listed = self.office.procedure.fields.iter().find(|f| f.id == field);
        listed.map_or(!matches!(field, "received" | "channel"), |f| f.personal)
    }

    /// Somebody of the directory as a reader.
    pub(super) fn reader(&self, person: &PersonId, case: &Case) -> ReaderView {
        let Some(found) = self.office.directory.people.get(person) else { return ReaderView::default() };
        let role = found.roles.first().map(|r| self.office.procedure.role_title(r).to_owned());
        let head = case.unit.as_ref().and_then(|u| self.office.directory.units.get(u)).is_some_and(|u| &u.head == person);
        let of_unit = || {
            let id = if head { crate::domain::directory::UNIT_HEAD } else { crate::domain::directory::HANDLER };
            self.office.procedure.role_title(&crate::domain::RoleId(id.to_owned())).to_owned()
        };
        ReaderView { name: found.name.clone(), title: found.title.clone(), role: role.unwrap_or_else(of_unit), is_complainant: false }
    }

    /// A person's name as it is printed, with 代 for a deputy.
    pub(super) fn name_of(&self, standing: &Standing) -> String {
        let name = |p: &PersonId| self.office.directory.name_of(p).to_owned();
        match &standing.deputises {
            Some(_) => format!("{}{}", name(&standing.person), self.word("desk.deputy_mark")),
            None => name(&standing.person),
        }
    }

    /// The text that an ask is about.
    pub(super) fn draft_view(&self, case: &Case, version: Option<u32>, sight: Sight) -> DraftView {
        let Some(draft) = version.and_then(|v| case.drafts.get(&v)) else { return DraftView::default() };
        DraftView {
            version: draft.version,
            fingerprint: draft.sha256.chars().take(12).collect(),
            text: self.without_known(case, draft.text.internal(), sight),
        }
    }

    /// The running chain, step by step, as an approver reads it.
    pub(super) fn chain_view(&self, case: &Case, sight: Sight) -> Vec<StepView> {
        let Some(chain) = &case.chain else { return Vec::new() };
        let mut steps = Vec::new();
        for step in &chain.steps {
            let asked =
                case.asks.iter().rev().find(|a| a.title == step.title && a.round == case.round && a.stage == chain.stage && !a.superseded);
            let decided = asked.and_then(|a| a.decision.as_ref());
            let (decision, name, at, comment) = match (step.progress, decided, asked) {
                (Progress::Skipped, _, _) => continue,
                (Progress::Done, Some(d), _) => (
                    match d.kind {
                        Decided::Approved => "approved",
                        Decided::Returned => "returned",
                        Decided::Edited => "edited",
                    },
                    self.name_of(&d.by),
                    Some(self.stamp(d.at)),
                    Some(self.without_known(case, d.comment.internal(), sight)).filter(|c| !c.is_empty()),
                ),
                (Progress::Open(_), _, Some(a)) => ("asked", self.names(&a.candidates), None, None),
                (Progress::Waiting | Progress::Open(_) | Progress::Done, _, _) => ("open", String::new(), None, None),
            };
            steps.push(StepView { title: step.title.clone(), name, decision: decision.to_owned(), at, comment });
        }
        steps
    }

    pub(super) fn names(&self, standings: &[Standing]) -> String {
        standings.iter().map(|s| self.name_of(s)).collect::<Vec<_>>().join("、")
    }

    /// Working days until `due` (negative: since), counted on the office's calendar; calendar days where it knows none.
    pub(super) fn days_left(&self, due: Moment, now: Moment) -> i64 {
        let (today, last) = (self.office.day(now), self.office.day(due));
        let calendar = &self.office.calendar;
        let counted =
            if last >= today { calendar.working_days_between(today, last) } else { calendar.working_days_between(last, today).map(|n| -n) };
        counted.unwrap_or_else(|_| (due.unix() - now.unix()).div_euclid(86_400))
    }

    /// Values for the official forms and for the rows in mails, by field id.
    pub(super) fn form_values(&self, case: &Case, sight: Sight) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        for (id, value) in &case.record {
            let shown = match (self.is_personal(id), sight) {
                (_, Sight::Full) => value.reveal().clone(),
                (false, Sight::Masked | Sight::Hidden) => self.without_names(case, value.reveal(), sight),
                (true, Sight::Masked) => match id.as_str() {
                    "name" => mask_name(value.reveal()),
                    "email" => mask_mail(value.reveal()),
                    "address" => mask_address(value.reveal()),
                    _ => mask_number(value.reveal()),
                },
                (true, Sight::Hidden) => String::new(),
            };
            values.insert(id.clone(), shown);
        }
        super::forms::add_values(self, case, sight, &mut values);
        values
    }

    /// A deadline as the templates name it.
    pub(super) fn deadline_key(kind: DeadlineKind) -> String {
        kind.name().to_owned()
    }

    /// Survey answers as rows, in the questionnaire's order.
    pub(super) fn survey_rows(&self, case: &Case, round: u32) -> Vec<Row> {
        let Some(survey) = case.surveys.iter().rev().find(|s| s.round == round) else { return Vec::new() };
        let mut rows: Vec<Row> = Vec::new();
        for question in &self.questionnaire.questions {
            if let Some(answer) = survey.answers.get(&question.id) {
                rows.push(Row::new(question.label.of(self.settings.language), answer.reveal()));
            }
        }
        if let Some(words) = survey.answers.get("words").filter(|w| !w.reveal().trim().is_empty()) {
            rows.push(Row::new(self.word("desk.survey_words"), words.reveal()));
        }
        rows
    }
}

/// What is left of a find where it may help to tell cases apart.
fn masked(kind: redact::Kind, word: &str) -> String {
    match kind {
        redact::Kind::Name => mask_name(word),
        redact::Kind::Mail => mask_mail(word),
        redact::Kind::Address => mask_address(word),
        redact::Kind::Phone
        | redact::Kind::NationalId
        | redact::Kind::Resident
        | redact::Kind::Student
        | redact::Kind::Card
        | redact::Kind::Plate => mask_number(word),
    }
}
