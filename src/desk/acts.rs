//! From a directive or a button to an act: names become units, people, dates and cases. What cannot be resolved is refused by name.

use jiff::civil::{Date, Time};

use super::{Desk, Error};
use crate::calendar::{Length, Moment};
use crate::domain::case::ClosingWay;
use crate::domain::event::{Act, Verdict};
use crate::domain::state::State;
use crate::domain::text::InternalText;
use crate::domain::{Case, PersonId, Pii, Refusal, UnitId};
use crate::mail::closing;
use crate::mail::decision::{self, Button, Verb};
use crate::mail::directive::Directive;
use crate::mail::until::Until;

/// What a directive asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// An act on the case.
    Act(Act),
    /// The case as it stands.
    Status,
    /// What can be done.
    Help,
    /// Not brought by this version: refused by its name.
    NotHere,
    /// Understood, but its words name nothing.
    Refused(Refusal),
    /// It names a case that there is not.
    NoCase {
        /// As written.
        name: String,
        /// A number that there is, and that may have been meant.
        near: Option<String>,
    },
}

impl Desk {
    /// What a directive means for this case.
    #[expect(clippy::too_many_lines, reason = "one arm a directive")]
    pub(super) async fn asked(
        &self,
        case: &Case,
        by: &PersonId,
        ask: Option<u32>,
        directive: &Directive,
        rest: &str,
    ) -> Result<Asked, Error> {
        let internal = |text: &str| InternalText::new(text.trim());
        let act = match directive {
            Directive::Accept | Directive::Confirm if case.unconfirmed.as_ref().is_some_and(|u| &u.by == by) => Act::ConfirmDraft,
            Directive::Accept | Directive::Confirm => Act::Accept,
            Directive::Assign(name) => match self.unit_and_words(name) {
                Ok((unit, words)) => self.assignment(case, by, unit, &or(&words, &decision::remark(rest))),
                Err(refusal) => return Ok(Asked::Refused(refusal)),
            },
            Directive::CoAssign(names) => match names.iter().map(|n| self.unit(n)).collect() {
                Ok(units) => Act::CoAssign { units },
                Err(refusal) => return Ok(Asked::Refused(refusal)),
            },
            Directive::Handler(name) => match self.office.directory.person_named(name) {
                Some(person) => Act::Handler { person: person.id.clone() },
                None => return Ok(Asked::Refused(Refusal::Unknown { what: "person", name: name.clone() })),
            },
            Directive::SelfHandle(_) => Act::SelfHandle,
            Directive::Reject(text) => Act::Reject { text: or(text, rest) },
            Directive::Refer { agency, reason } => self.referral(agency, &or(reason, rest)),
            Directive::NoAction { ground, reason } => match self.ground(ground) {
                Ok(ground) => Act::NoAction { ground: format!("{ground} {}", or(reason, rest)).trim().to_owned() },
                Err(refusal) => return Ok(Asked::Refused(refusal)),
            },
            Directive::Merge(number) => return self.with_case(number, |into| Act::Merge { into }).await,
            Directive::Link(number) => return self.with_case(number, |number| Act::Link { number }).await,
            Directive::Grade { grade, criteria } => graded(grade, criteria, rest),
            Directive::Category(categories) => Act::Category { categories: categories.clone() },
            Directive::Major(on) => Act::Major { on: *on },
            Directive::Confidential(on) => Act::Confidential { on: *on },
            Directive::Sealed(on) => Act::Sealed { on: *on },
            Directive::Hold(reason) => Act::Hold { reason: internal(&or(reason, rest)) },
            Directive::Unhold(_) if Box::pin(self.held_by(&case.number)).await?.is_none() => return Ok(Asked::Refused(Refusal::Unchanged)),
            Directive::Unhold(reason) => Act::Unhold { reason: internal(&or(reason, rest)) },
            Directive::Release => Act::ReleaseFiles,
            Directive::AskIdentity(reason) => Act::AskIdentity { reason: internal(&or(reason, rest)) },
            Directive::GrantIdentity => Act::GrantIdentity,
            Directive::RefuseIdentity(reason) => Act::RefuseIdentity { reason: internal(&or(reason, rest)) },
            // Letters to ourselves would open cases.
            Directive::Set { value, .. } if self.is_own_address(value.trim()) => {
                return Ok(Asked::Refused(Refusal::Unknown { what: "address", name: value.clone() }));
            }
            Directive::Set { field, value } => Act::Set { field: self.field(field), value: Pii::new(value.clone()) },
            Directive::Approve => Act::Decide { ask, verdict: Verdict::Approve },
            Directive::Return(reason) => self.sent_back(case, by, ask, &or(reason, rest)),
            Directive::Note(text) => Act::Note { text: internal(&or(text, rest)), fields: [].into(), reads_like_answer: false },
            Directive::Proposal(text) => Act::Propose { text: internal(&or(text, rest)), handling: internal(""), fields: [].into() },
            Directive::Ask(text) => Act::AskComplainant { text: or(text, rest) },
            Directive::Extend { until, reason } => match self.until(case, until) {
                Some(until) => Act::Extend { until, reason: internal(&or(reason, rest)) },
                None => return Ok(Asked::Refused(Refusal::DateNotPossible)),
            },
            Directive::Urge(None) => Act::Urge,
            Directive::Spam => Act::Spam,
            Directive::Withdraw(reason) => Act::Withdraw { reason: or(reason, rest) },
            Directive::Start => Act::Start,
            Directive::Promise(until) => match self.until(case, until) {
                Some(until) => Act::Promise { until },
                None => return Ok(Asked::Refused(Refusal::DateNotPossible)),
            },
            Directive::Preliminary(text) => Act::Preliminary { text: internal(&or(text, rest)) },
            Directive::Phone(text) => return Ok(self.call(case, &or(text, rest))),
            Directive::Close(text) if closing::way(&or(text, rest)).is_some() => {
                let (way, words) = closing::way(&or(text, rest)).unwrap_or((ClosingWay::Sms, String::new()));
                Act::CloseBy { way, text: internal(&or(&words, rest)) }
            }
            Directive::Close(reason) if case.judging.is_some() => Act::LetStand { reason: internal(&or(reason, rest)) },
            Directive::Close(reason) => Act::Close { reason: internal(&or(reason, rest)) },
            Directive::Continue(reason) => self.continuing(&or(reason, rest)),
            Directive::Supplement(text) => Act::Supplement { ask, text: internal(&or(text, rest)) },
            Directive::Copy(text) => {
                let (units, words) = self.leading_units(text);
                if units.is_empty() {
                    let name = text.split_whitespace().next().unwrap_or_default();
                    return Ok(Asked::Refused(self.unit(name).err().unwrap_or(Refusal::UnitMissing)));
                }
                Act::Copy { units, words: internal(&or(&words, rest)) }
            }
            Directive::Recall => Act::Recall,
            Directive::PaperApproval(text) => match self.paper(case, &or(text, rest)) {
                Ok(act) => act,
                Err(refusal) => return Ok(Asked::Refused(refusal)),
            },
            Directive::Help => return Ok(Asked::Help),
            Directive::Status(_) => return Ok(Asked::Status),
            Directive::Urge(Some(_))
            | Directive::Action(_)
            | Directive::Recommend(_)
            | Directive::Register(_)
            | Directive::Report(_)
            | Directive::Survey(_)
            | Directive::Closure(_)
            | Directive::Duty(_)
            | Directive::NoComment
            | Directive::Dossier(_)
            | Directive::Satisfied
            | Directive::Dissatisfied => return Ok(Asked::NotHere),
        };
        Ok(Asked::Act(act))
    }

    /// What a button's mail means for this case.
    pub(super) fn pressed(&self, case: &Case, by: &PersonId, ask: Option<u32>, button: &Button) -> Asked {
        let rest = button.rest.trim();
        let internal = || InternalText::new(rest);
        let act = match button.verb {
            Verb::Approve if decision::limited(rest) => Act::Decide { ask, verdict: Verdict::Return { reason: internal() } },
            Verb::Approve => Act::Decide { ask, verdict: Verdict::Approve },
            Verb::Return => Act::Decide { ask, verdict: Verdict::Return { reason: internal() } },
            Verb::Confirm if case.unconfirmed.as_ref().is_some_and(|u| &u.by == by) => Act::ConfirmDraft,
            Verb::Accept | Verb::Confirm => Act::Accept,
            Verb::Propose => self.proposal(rest),
            Verb::Note => Act::Note { text: internal(), fields: [].into(), reads_like_answer: false },
            Verb::Start => Act::Start,
            Verb::Decline => Act::GiveBack { reason: rest.to_owned() },
            Verb::Extend => match crate::mail::until::leading(rest) {
                Some((until, reason)) => match self.until(case, &until) {
                    Some(until) => Act::Extend { until, reason: InternalText::new(reason.trim()) },
                    None => return Asked::Refused(Refusal::DateNotPossible),
                },
                None => return Asked::Refused(Refusal::DateNotPossible),
            },
            Verb::Promise => match crate::mail::until::leading(rest).and_then(|(until, _)| self.until(case, &until)) {
                Some(until) => Act::Promise { until },
                None => return Asked::Refused(Refusal::DateNotPossible),
            },
            Verb::Preliminary => Act::Preliminary { text: internal() },
            Verb::Phone => return self.call(case, rest),
            Verb::Ask => Act::AskComplainant { text: rest.to_owned() },
            Verb::SelfHandle => Act::SelfHandle,
            Verb::Reject => Act::Reject { text: rest.to_owned() },
            Verb::Close if case.judging.is_some() => Act::LetStand { reason: internal() },
            Verb::Close => Act::Close { reason: internal() },
            Verb::Continue => self.continuing(rest),
            Verb::Supplement => Act::Supplement { ask, text: internal() },
            Verb::Handler => match self.office.directory.person_named(rest.lines().next().unwrap_or_default()) {
                Some(person) => Act::Handler { person: person.id.clone() },
                None => {
                    return Asked::Refused(Refusal::Unknown { what: "person", name: rest.lines().next().unwrap_or_default().to_owned() });
                }
            },
            Verb::Recall => Act::Recall,
            Verb::Grant => match &case.extension_asked {
                Some(asked) => Act::Extend { until: asked.until, reason: asked.reason.clone() },
                None => return Asked::Refused(Refusal::NothingToDecide),
            },
            Verb::Refuse => Act::RefuseExtension { reason: internal() },
            Verb::Withdraw => Act::Withdraw { reason: rest.to_owned() },
            Verb::Spam => Act::Spam,
            Verb::Release => Act::ReleaseFiles,
            Verb::Disclose => Act::GrantIdentity,
            Verb::Conceal => Act::RefuseIdentity { reason: internal() },
            Verb::Assign => match self.given_by_button(rest) {
                Ok(act) => act,
                Err(refusal) => return Asked::Refused(refusal),
            },
            Verb::Satisfied | Verb::Dissatisfied | Verb::Adopt | Verb::Seen | Verb::Drop | Verb::Done | Verb::NoComment => {
                return Asked::NotHere;
            }
        };
        Asked::Act(act)
    }

    /// The proposed answer, apart from what the form around it holds; all of the words where they hold no form.
    fn proposal(&self, rest: &str) -> Act {
        let read = crate::mail::proposal::handling_with(rest, &self.form_labels());
        let fields = self.act_fields(&read);
        let text = read.proposed.unwrap_or_else(|| rest.to_owned());
        let handling = if text == rest { String::new() } else { read.handling };
        Act::Propose { text: InternalText::new(text.trim()), handling: InternalText::new(handling.trim()), fields }
    }

    fn unit(&self, name: &str) -> Result<UnitId, Refusal> {
        let name = name.trim_matches(|c: char| c.is_whitespace() || crate::mail::wording::TRAILING.contains(&c));
        if name.is_empty() {
            return Err(Refusal::UnitMissing);
        }
        let unknown = || Refusal::Unknown { what: "unit", name: name.trim().to_owned() };
        self.office.directory.unit_named(name).map(|u| u.id.clone()).ok_or_else(unknown)
    }

    /// 退回 means two things: an approver sends a text back, a unit gives a case back.
    pub(super) fn sent_back(&self, case: &Case, by: &PersonId, ask: Option<u32>, reason: &str) -> Act {
        let decides = ask.is_some() || case.open_asks().any(|a| a.candidate(by).is_some());
        if decides || matches!(case.state, State::AwaitingApproval | State::Closing) {
            return Act::Decide { ask, verdict: Verdict::Return { reason: InternalText::new(reason.trim()) } };
        }
        Act::GiveBack { reason: reason.to_owned() }
    }

    /// Who is complained about can be supplied in every profile, whether or not its form has the field (R89).
    fn field(&self, typed: &str) -> String {
        match crate::mail::fields::field_named(typed) {
            Some("accused") => "accused".to_owned(),
            Some("email") => "email".to_owned(),
            Some(_) | None => typed.to_owned(),
        }
    }

    /// 轉介: a known authority stands under its full name, with how to reach it.
    fn referral(&self, agency: &str, text: &str) -> Act {
        let known = self.office.procedure.authority_named(agency);
        Act::Refer {
            agency: known.map_or_else(|| agency.to_owned(), |a| a.name.clone()),
            contact: known.map(|a| a.contact.clone()).unwrap_or_default(),
            text: text.to_owned(),
        }
    }

    /// 款次 in the procedure's own words; where it lists its grounds, no other number is one.
    fn ground(&self, ground: &str) -> Result<String, Refusal> {
        let numbered = !ground.is_empty() && ground.chars().all(|c| c.is_ascii_digit());
        if !numbered {
            return Ok(ground.to_owned());
        }
        let named = self.word("desk.ground").replace("{n}", ground);
        let grounds = &self.office.procedure.grounds;
        match grounds.iter().find(|g| g.id == ground) {
            Some(found) => Ok(format!("{named}　{}", found.text)),
            None if grounds.is_empty() => Ok(named),
            None => Err(Refusal::Unknown { what: "ground", name: ground.to_owned() }),
        }
    }

    /// The unit in the first line, and what the office typed behind or below it.
    fn given_by_button(&self, rest: &str) -> Result<Act, Refusal> {
        let (unit, words) = self.unit_and_words(rest.lines().next().unwrap_or_default())?;
        let below: Vec<&str> = rest.lines().skip(1).collect();
        Ok(Act::Assign { unit, words: InternalText::new(or(&words, &decision::remark(&below.join("\n")))) })
    }

    /// A unit and what was written behind it: the longest beginning of the line that names one, since a name may hold a space.
    fn unit_and_words(&self, text: &str) -> Result<(UnitId, String), Refusal> {
        let ends = |c: char| c.is_whitespace() || "、,，;；：:。".contains(c);
        let text = text.trim();
        let line = text.lines().next().unwrap_or_default().trim_end();
        let refusal = match self.unit(line) {
            Ok(unit) => return Ok((unit, text.get(line.len()..).unwrap_or_default().trim().to_owned())),
            Err(refusal) => refusal,
        };
        let cut = |(at, _): (usize, char)| {
            let (name, words) = text.split_at_checked(at)?;
            Some((self.unit(name).ok()?, words.trim_start_matches(ends).trim_end().to_owned()))
        };
        line.char_indices().rev().filter(|(_, c)| ends(*c)).find_map(cut).ok_or(refusal)
    }

    /// Units that open a text, and the rest of it.
    fn leading_units(&self, text: &str) -> (Vec<UnitId>, String) {
        let (mut units, mut rest) = (Vec::new(), text.trim());
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_whitespace() || "、,，;；：:".contains(c)).unwrap_or(rest.len());
            let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let Some(unit) = self.office.directory.unit_named(word) else { break };
            units.push(unit.id.clone());
            rest = behind.trim_start_matches(|c: char| c.is_whitespace() || "、,，;；：:".contains(c));
        }
        (units, rest.trim().to_owned())
    }

    /// 續辦, by the unit that has it or by those that are named first.
    fn continuing(&self, text: &str) -> Act {
        let (units, words) = self.leading_units(text);
        let reason = InternalText::new(if words.is_empty() { text.trim().to_owned() } else { words });
        Act::Continue { reason, units }
    }

    /// 分派 is the office's; said by the unit that has the case it is 改分, with its reason.
    fn assignment(&self, case: &Case, by: &PersonId, unit: UnitId, words: &str) -> Act {
        let day = self.office.day(self.now());
        let directory = &self.office.directory;
        if !directory.is_secretariat(by, day) && directory.may_lead(by, case, day) {
            return Act::PassOn { unit, reason: words.trim().to_owned() };
        }
        Act::Assign { unit, words: InternalText::new(words.trim()) }
    }

    async fn with_case(&self, number: &str, act: impl Fn(String) -> Act) -> Result<Asked, Error> {
        let number = number.trim();
        if let Some(row) = crate::store::cases::by_number(&self.store, number).await? {
            return Ok(Asked::Act(act(row.number)));
        }
        Ok(Asked::NoCase { name: number.to_owned(), near: self.near_number(number).await? })
    }

    /// The end of the day that somebody asks for: a date, or days after the deadline in force.
    fn until(&self, case: &Case, until: &Until) -> Option<Moment> {
        let calendar = &self.office.calendar;
        // Days more than the date in force; after it has passed, from today.
        let from = case.promise().and_then(|d| d.due_at).filter(|at| *at > self.now()).unwrap_or_else(|| self.now());
        match until {
            Until::Days(days) => calendar.due(from, &format!("{days}d").parse::<Length>().ok()?, None).ok(),
            Until::WorkingDays(days) => calendar.due(from, &format!("{days}wd").parse::<Length>().ok()?, None).ok(),
            Until::Date(text) => Some(calendar.end_of_day(self.date(text)?)),
            Until::Unclear(_) => None,
        }
    }

    /// `YYYY-MM-DD`, or `--MM-DD`: the next such day.
    pub(super) fn date(&self, text: &str) -> Option<Date> {
        let Some(short) = text.strip_prefix("--") else { return text.parse().ok() };
        let today = self.office.day(self.now());
        let this: Date = format!("{:04}-{short}", today.year()).parse().ok()?;
        let date = if this < today { format!("{:04}-{short}", today.year() + 1).parse().ok()? } else { this };
        Some(date.to_datetime(Time::midnight()).date())
    }
}

/// `#等級 A 3,5 理由`: numbers tick criteria, anything else is the reason.
fn graded(grade: &str, given: &[String], rest: &str) -> Act {
    let (mut criteria, mut reason) = (Vec::new(), Vec::new());
    for word in given.iter().flat_map(|g| g.split_whitespace()) {
        match crate::mail::directive::criterion(word) {
            Some(number) => criteria.push(number),
            None => reason.push(word),
        }
    }
    criteria.sort_unstable();
    criteria.dedup();
    Act::Grade { grade: grade.to_owned(), criteria, reason: InternalText::new(or(&reason.join(" "), rest)) }
}

fn or(text: &str, rest: &str) -> String {
    let text = text.trim();
    if text.is_empty() { rest.trim().to_owned() } else { text.to_owned() }
}
