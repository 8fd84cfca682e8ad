//! Calls, notices and broken promises in the clerk's hands: a reported call becomes an act, a notice becomes a letter's contents or
//! a short message, a grade's sheet becomes the triage mail's ticks (R58, R64, R66, R76). The rules are the procedure's.

use super::acts::Asked;
use super::carry_out::{Carried, Job};
use super::views::Sight;
use super::{Desk, Error};
use crate::calendar::{Hour, Moment};
use crate::domain::closing::{self, Unmet};
use crate::domain::contact::{CallReason, CallResult, Callee};
use crate::domain::directory::Standing;
use crate::domain::event::Act;
use crate::domain::state::DeadlineKind;
use crate::domain::text::InternalText;
use crate::domain::{Actor, Case, Event, EventKind, PersonId, Pii, Refusal, RoleId, transition};
use crate::mail::phone::{self, Outcome, Who};
use crate::render::{Body, GradeView, Row};
use crate::store::sms::{self, NewSms};

impl Desk {
    /// A report of a call as an act.
    pub(super) fn call(&self, case: &Case, text: &str) -> Asked {
        let read = phone::read(text);
        let Some(outcome) = read.result else {
            return Asked::Refused(Refusal::Unknown { what: "call", name: text.trim().lines().next().unwrap_or_default().to_owned() });
        };
        let result = match outcome {
            Outcome::Failed => CallResult::Failed,
            Outcome::Reached => CallResult::Reached,
            Outcome::Answered => CallResult::Answered,
            Outcome::Consented => CallResult::Consented,
            Outcome::Dissatisfied => CallResult::Dissatisfied,
        };
        let Some(at) = self.called_at(&read) else { return Asked::Refused(Refusal::DateNotPossible) };
        Asked::Act(Act::Call { at, callee: self.callee(case, &read.whom), result, text: InternalText::new(read.text.trim()) })
    }

    fn called_at(&self, read: &phone::Phone) -> Option<Moment> {
        let now = self.now();
        let calendar = &self.office.calendar;
        let day = match &read.day {
            // A call lies in the past: a day without a year is the last such day.
            Some(text) => match text.strip_prefix("--") {
                Some(short) => {
                    let today = self.office.day(now);
                    let this: jiff::civil::Date = format!("{:04}-{short}", today.year()).parse().ok()?;
                    if this > today { format!("{:04}-{short}", today.year().saturating_sub(1)).parse().ok()? } else { this }
                }
                None => text.parse().ok()?,
            },
            None => self.office.day(now),
        };
        match read.hour {
            Some((hour, minute)) => Some(calendar.at_hour(day, Hour::new(hour, minute)?)),
            None if read.day.is_none() => Some(now),
            None => Some(calendar.at_hour(day, Hour::NOON)),
        }
    }

    /// Who a caller means: the complainant, people of the house by name or role, or somebody else.
    fn callee(&self, case: &Case, whom: &str) -> Callee {
        let whom = whom.trim();
        let name = case.complainant.name.reveal().as_str();
        let named = !whom.is_empty() && !name.is_empty() && (whom.contains(name) || name.contains(whom));
        match phone::who(whom) {
            Who::Complainant => return Callee::Complainant,
            Who::Everybody => return Callee::People { people: Vec::new() },
            Who::Outsider | Who::Named if named => return Callee::Complainant,
            Who::Outsider | Who::Named => {}
        }
        let people: Vec<PersonId> = phone::names(whom).flat_map(|word| self.people_called(case, word)).collect();
        if !people.is_empty() {
            return Callee::People { people };
        }
        if phone::who(whom) == Who::Outsider {
            return Callee::Complainant;
        }
        Callee::Other { name: InternalText::new(whom) }
    }

    fn people_called(&self, case: &Case, word: &str) -> Vec<PersonId> {
        let directory = &self.office.directory;
        if let Some(person) = directory.person_named(word) {
            return vec![person.id.clone()];
        }
        let role = self.office.procedure.roles.iter().find(|r| r.title == word || r.id.as_str() == word);
        let held = role.map(|r| directory.holders(&r.id, case, self.office.day(self.now()))).unwrap_or_default();
        held.into_iter().map(|s| s.person).collect()
    }

    /// What somebody hears of a case of its grade (程曦 Email通知內容參考).
    pub(super) fn notice_body(&self, case: &Case, rule: u32, sight: Sight) -> Body {
        let found = usize::try_from(rule).ok().and_then(|i| self.office.procedure.notices.get(i));
        Body::Notice {
            grade: self.grade_label(case),
            rows: self.notice_rows(case, sight),
            note: found.map(|n| n.note.clone()).unwrap_or_default(),
        }
    }

    fn notice_rows(&self, case: &Case, sight: Sight) -> Vec<Row> {
        let field = |id: &str| case.record.get(id).map(|v| v.reveal().clone()).unwrap_or_default();
        let shown = |text: String| if sight == Sight::Full { text } else { self.without_names(case, &text, sight) };
        let name = if sight == Sight::Full { case.complainant.name.reveal().clone() } else { String::new() };
        let handled = case.handler.as_ref().and_then(|h| self.office.directory.people.get(h)).map(|p| p.name.clone());
        let unit = (case.unit.is_some() || case.self_handled).then(|| self.unit_name(case));
        let by = [unit, handled].into_iter().flatten().collect::<Vec<_>>().join("　");
        let rows = [
            ("number", case.number.clone()),
            ("time", self.stamp(case.opened_at).roc),
            ("customer", name),
            ("phone", shown(field("phone"))),
            ("reporter", shown(field("reporter"))),
            ("content", format!("{}\n{}", shown(case.subject.reveal().clone()), self.complaint(case, sight)).trim().to_owned()),
            ("grade", self.grade_label(case)),
            ("handled", if by.is_empty() { self.word("state.triage") } else { by }),
        ];
        let filled = rows.into_iter().filter(|(_, value)| !value.trim().is_empty());
        filled.map(|(key, value)| Row::new(self.word(&format!("notice.{key}")), value)).collect()
    }

    /// The grade as the paper prints it.
    pub(super) fn grade_label(&self, case: &Case) -> String {
        let grade = case.grade.as_deref();
        let found = self.office.procedure.grades.iter().find(|g| Some(g.id.as_str()) == grade);
        found.map_or_else(|| grade.unwrap_or_default().to_owned(), |g| g.label.clone())
    }

    /// The short message of a notice. Names nobody but the office.
    pub(super) fn sms_text(&self, case: &Case, rule: u32) -> String {
        let note = usize::try_from(rule).ok().and_then(|i| self.office.procedure.notices.get(i)).map(|n| n.note.as_str());
        let text = self.word("notice.sms");
        let due = case.due_at().map(|at| self.day_stamp(at).roc).unwrap_or_default();
        text.replace("{office}", &self.settings.office)
            .replace("{number}", &case.number)
            .replace("{grade}", &self.grade_label(case))
            .replace("{due}", &due)
            .replace("{note}", note.unwrap_or_default())
            .trim()
            .to_owned()
    }

    /// Who is to be called, and why.
    pub(super) fn call_body(&self, case: &Case, task: u32, sight: Sight) -> Body {
        let found = case.call_tasks.iter().find(|t| t.task == task);
        let follow_up = found.is_some_and(|t| t.reason == CallReason::FollowUp);
        let day = self.office.day(self.now());
        let mut people = Vec::new();
        for id in found.iter().flat_map(|t| &t.people).filter(|p| found.is_none_or(|t| !t.reached.contains(*p))) {
            if let Some(person) = self.office.directory.people.get(id) {
                let away = self.office.directory.standing(id, day);
                let name = if &away.person == id { person.name.clone() } else { self.name_of(&away) };
                let how = [person.phone.as_str(), person.extension.as_str(), person.email.as_str()];
                people.push(Row::new(name, how.into_iter().find(|h| !h.is_empty()).unwrap_or_default()));
            }
        }
        if follow_up {
            let phone = case.record.get("phone").filter(|_| sight == Sight::Full).map(|v| v.reveal().clone()).unwrap_or_default();
            let name = if sight == Sight::Full { case.complainant.name.reveal().clone() } else { String::new() };
            let name = if name.is_empty() { self.word("notice.customer") } else { name };
            people.push(Row::new(name, phone));
        }
        let answer = case.drafts.values().rev().find(|d| d.approved && d.round == case.round && !d.preliminary);
        Body::CallTask {
            follow_up,
            people,
            rows: self.notice_rows(case, sight),
            asked_at: found.map(|t| self.stamp(t.asked_at)).unwrap_or_default(),
            answer: answer.filter(|_| follow_up).map(|d| d.text.internal().to_owned()),
        }
    }

    /// A broken promise: what was promised, how often it was broken.
    pub(super) fn escalation_body(&self, case: &Case, kind: DeadlineKind, due_at: Moment) -> Body {
        let (_, names) = self.waiting(case);
        Body::EscalationDemanded {
            deadline: Self::deadline_key(kind),
            due: self.stamp(due_at),
            count: case.escalations,
            waiting_for: names,
            approver: self.office.procedure.role_title(&self.office.procedure.extension.approver).to_owned(),
        }
    }

    /// Why it takes long, in words for the complainant: where it stands, and the reason of the last extension.
    pub(super) fn delay_text(&self, case: &Case, language: crate::domain::Language, reason: Option<&str>) -> String {
        let stands = self.words.label(language, &format!("delay.{}", case.state.name()));
        let until = case.due_at().filter(|at| *at > self.now()).map(|at| self.day_stamp(at));
        let until = until.map(|day| match language {
            crate::domain::Language::ZhTw => day.roc,
            crate::domain::Language::En => day.iso,
        });
        let unit = self.unit_name(case);
        let mut lines = vec![stands.replace("{unit}", &unit)];
        lines.extend(reason.map(|why| self.words.label(language, "delay.reason").replace("{reason}", why)));
        lines.extend(until.map(|day| self.words.label(language, "delay.until").replace("{day}", &day)));
        lines.join("\n")
    }

    /// The grades with their criteria as ticks, for whoever decides (R76).
    pub(super) fn grade_views(&self, case: &Case) -> Vec<GradeView> {
        let ticked = case.grading.last();
        self.office
            .procedure
            .grades
            .iter()
            .map(|grade| GradeView {
                id: grade.id.clone(),
                label: grade.label.clone(),
                chosen: case.grade.as_deref() == Some(grade.id.as_str()),
                criteria: (1_u32..)
                    .zip(&grade.criteria)
                    .map(|(n, words)| {
                        let on = ticked.is_some_and(|s| s.grade == grade.id && s.criteria.contains(words));
                        format!("{}{n}. {words}", if on { "■" } else { "□" })
                    })
                    .collect(),
            })
            .collect()
    }

    /// The sheet on which the grade was decided, as a row; nothing where no person decided one.
    pub(super) fn grade_rows(&self, case: &Case) -> Vec<Row> {
        let Some(sheet) = case.grading.last() else { return Vec::new() };
        let by = sheet.by.as_ref().and_then(|p| self.office.directory.people.get(p)).map(|p| p.name.clone());
        let mut words = vec![self.grade_label(case)];
        words.extend(sheet.criteria.iter().cloned());
        words.extend(Some(sheet.reason.internal().to_owned()).filter(|r| !r.is_empty()));
        words.extend(by.map(|name| format!("{name}　{}", self.stamp(sheet.at).roc)));
        vec![Row::new(self.word("notice.grade"), words.join("\n"))]
    }

    /// Whether a person grants extensions for this case.
    pub(super) fn grants_time(&self, case: &Case, person: &PersonId) -> bool {
        let day = self.office.day(self.now());
        let role: &RoleId = &self.office.procedure.extension.approver;
        let holders = self.office.directory.holders(role, case, day);
        if holders.is_empty() { self.office.directory.is_secretariat(person, day) } else { holders.iter().any(|s| &s.person == person) }
    }

    /// What the closing checklist lacks, in words, for who approves the closing.
    pub(super) fn unmet(&self, case: &Case) -> Vec<String> {
        closing::unmet(case, &self.office.procedure).iter().map(|unmet| self.unmet_word(unmet)).collect()
    }

    /// The same for who keeps the records: his part of it.
    pub(super) fn records_missing(&self, case: &Case) -> Vec<String> {
        let found = closing::unmet(case, &self.office.procedure);
        found.iter().filter(|u| **u != Unmet::Accepted).map(|unmet| self.unmet_word(unmet)).collect()
    }

    fn unmet_word(&self, unmet: &Unmet) -> String {
        match unmet {
            Unmet::Accepted => self.word("notice.not_accepted"),
            Unmet::Field(id) => {
                let field = self.office.procedure.fields.iter().find(|f| &f.id == id);
                field.map_or_else(|| id.clone(), |f| f.label.clone())
            }
            Unmet::Handling(id) => self.form_label(id),
        }
    }

    /// A call as forms print it.
    pub(super) fn call_line(&self, case: &Case, call: &crate::domain::contact::Call, sight: Sight) -> String {
        let whom = match &call.callee {
            Callee::Complainant => self.word("notice.customer"),
            Callee::People { people } => {
                let name = |p: &PersonId| self.office.directory.people.get(p).map_or_else(String::new, |p| p.name.clone());
                people.iter().map(name).collect::<Vec<_>>().join("、")
            }
            Callee::Other { name } => name.internal().to_owned(),
        };
        let text = call.text.internal();
        let text = self.without_known(case, text, sight);
        let line = [self.stamp(call.at).roc, whom, self.word(&format!("call.{}", call.result.name())), text];
        line.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("　")
    }

    /// A short message as it is queued.
    pub(super) fn new_sms(&self, job: &Job, case_id: &str, to: &Standing, rule: u32, place: usize) -> Option<NewSms> {
        let (_, case) = job.steps.last()?;
        let person = self.office.directory.people.get(&to.person)?;
        Some(NewSms {
            case_id: case_id.to_owned(),
            effect_key: format!("{}:sms:{place}", job.key),
            person: person.id.as_str().to_owned(),
            phone: person.phone.trim().to_owned(),
            text: self.sms_text(case, rule),
        })
    }

    /// Tells the secretariat of short messages that were refused or given up; says how many.
    ///
    /// # Errors
    /// As the store says.
    pub async fn tell_sms(&self) -> Result<usize, Error> {
        let mut told = 0;
        for row in sms::untold(&self.store).await? {
            let Some(case) = self.case_by_id(&row.case_id).await? else { continue };
            let name = self.office.directory.people.get(&PersonId(row.person.clone())).map(|p| p.name.clone()).unwrap_or_default();
            let kind = EventKind::Undelivered {
                letter: "notice".to_owned(),
                to_complainant: false,
                recipient: Pii::new(format!("{name} {}", row.phone).trim().to_owned()),
                status: row.why.clone().unwrap_or_default(),
                permanent: true,
            };
            let event = Event { at: self.now(), actor: Actor::Robot, kind };
            let Ok(step) = transition(&case, &event, &self.office) else { continue };
            let job = Job {
                key: format!("sms:{}", row.id),
                before: Some(case),
                effects: step.effects,
                steps: vec![(event, step.case)],
                told_sms: Some(row.id.clone()),
                ..Job::default()
            };
            // Somebody else told it, or changed the case: the next turn looks again.
            if let Carried::Done(_) = self.carry_out(job).await? {
                told += 1;
            }
        }
        Ok(told)
    }
}
