//! What a profile must not be: names that nothing defines, things given twice, clocks that nobody starts, a survey that cannot be
//! judged. Each fault names its key, so that `profiles` can say its line. Called by `profiles` alone.

use std::collections::BTreeSet;

use crate::domain::procedure::{Procedure, time};
use crate::domain::questionnaire::{Fault, Questionnaire};
use crate::domain::reply_form::ANSWER;
use crate::domain::state::{DeadlineKind, Stage};
use crate::domain::{RoleId, directory};
use crate::mail::near::nearest;

/// A key, what is wrong with it, and what to write instead.
pub(super) type Found = (String, String, String);

/// Everything that is wrong with a procedure.
pub(super) fn procedure(p: &Procedure) -> Vec<Found> {
    let mut check = Check { p, found: Vec::new() };
    check.names();
    check.roles();
    check.chains();
    check.clocks();
    check.form();
    check.found
}

/// Everything that is wrong with a survey, under the keys of its file.
pub(super) fn survey(q: &Questionnaire) -> Vec<Found> {
    let question = |id: &str| q.questions.iter().rposition(|x| x.id == id).map(|at| format!("questions[{at}]"));
    let choice = |value: &str| {
        let with = |x: &&crate::domain::questionnaire::Question| x.options.iter().any(|o| o.value == value);
        q.questions.iter().find(with).and_then(|x| question(&x.id))
    };
    let key = |fault: &Fault| match fault {
        Fault::BadId(id) | Fault::Twice(id) => question(id).or_else(|| choice(id)),
        Fault::Choices(id) | Fault::NotSatisfaction(id) | Fault::Branch(id) => question(id),
        Fault::Required(_) => None,
    };
    let hint = "look at the survey.toml of a shipped profile".to_owned();
    q.check().iter().map(|fault| (key(fault).unwrap_or_else(|| "questions".to_owned()), fault.to_string(), hint.clone())).collect()
}

struct Check<'a> {
    p: &'a Procedure,
    found: Vec<Found>,
}

impl Check<'_> {
    fn say(&mut self, key: String, what: String, hint: String) {
        self.found.push((key, what, hint));
    }

    /// Ids of one list that stand twice.
    fn twice<'b>(&mut self, list: &str, key: &str, names: impl Iterator<Item = &'b str>) {
        let mut seen = BTreeSet::new();
        for (at, name) in names.enumerate() {
            if !seen.insert(name.to_lowercase()) {
                self.say(format!("{list}[{at}].{key}"), format!("`{name}` stands twice"), "leave one of them out".to_owned());
            }
        }
    }

    fn names(&mut self) {
        let p = self.p;
        if let Some(why) = p.number.mistake() {
            self.say("number.format".into(), why.to_string(), "write a format such as {roc}-{seq:04}".into());
        }
        self.twice("roles", "id", p.roles.iter().map(|r| r.id.as_str()));
        self.twice("grades", "id", p.grades.iter().map(|g| g.id.as_str()));
        self.twice("fields", "id", p.fields.iter().map(|f| f.id.as_str()));
        self.twice("handling", "id", p.handling.iter().map(|f| f.id.as_str()));
        self.twice("authorities", "name", p.authorities.iter().map(|a| a.name.as_str()));
        self.twice("grounds", "id", p.grounds.iter().map(|g| g.id.as_str()));
        self.twice("keep", "what", p.keep.iter().map(|k| k.what.name()));
        for (at, rule) in p.keep.iter().enumerate().filter(|(_, rule)| time(&rule.time).is_none()) {
            let hint = "write so many years, months or days as the shipped profiles do".to_owned();
            self.say(format!("keep[{at}].time"), format!("`{}` is no time", rule.time), hint);
        }
        let mut seen = BTreeSet::new();
        if let Some(again) = p.categories.iter().find(|c| !seen.insert(c.as_str())) {
            self.say("categories".into(), format!("`{again}` stands twice"), "leave one of them out".into());
        }
        if p.grades.iter().filter(|g| g.default).count() > 1 {
            let at = p.grades.iter().rposition(|g| g.default).unwrap_or(0);
            self.say(format!("grades[{at}].default"), "two grades are taken by default".into(), "leave default with one of them".into());
        }
    }

    fn role(&mut self, key: String, role: &RoleId) {
        let known: Vec<&str> = self.p.roles.iter().map(|r| r.id.as_str()).collect();
        if known.contains(&role.as_str()) {
            return;
        }
        let hint = match nearest(role.as_str(), known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("add [[roles]] with id = \"{}\", or name one of {}", role.as_str(), known.join(", ")),
        };
        self.say(key, format!("the profile defines no role `{}`", role.as_str()), hint);
    }

    fn grade(&mut self, key: String, grade: &str) {
        if self.p.grades.iter().any(|g| g.id == grade) {
            return;
        }
        let hint = match nearest(grade, self.p.grades.iter().map(|g| g.id.as_str())) {
            Some(near) => format!("did you mean {near}?"),
            None => "name the id of one of [[grades]]".to_owned(),
        };
        self.say(key, format!("the profile defines no grade `{grade}`"), hint);
    }

    fn roles(&mut self) {
        let p = self.p;
        if !p.roles.iter().any(|r| r.id.as_str() == directory::SECRETARIAT) {
            let hint = "add [[roles]] with id = \"secretariat\" and the office's own title".to_owned();
            self.say("roles".into(), "the office that owns the procedure is missing".into(), hint);
        }
        for (at, reminder) in p.reminders.iter().enumerate() {
            reminder.to.iter().for_each(|role| self.role(format!("reminders[{at}].to"), role));
        }
        for (at, notice) in p.notices.iter().enumerate() {
            notice.to.iter().for_each(|role| self.role(format!("notices[{at}].to"), role));
            notice.caller.iter().for_each(|role| self.role(format!("notices[{at}].caller"), role));
            notice.grades.iter().for_each(|grade| self.grade(format!("notices[{at}].grades"), grade));
        }
        if let Some(rule) = &p.escalation {
            rule.to.iter().for_each(|role| self.role("escalation.to".into(), role));
        }
        self.role("extension.approver".into(), &p.extension.approver);
    }

    fn chains(&mut self) {
        let p = self.p;
        if !p.chains.iter().any(|c| c.stage == Stage::Answer) {
            self.say("chains".into(), "nobody approves an answer".into(), "add a [[chains]] with stage = \"answer\"".into());
        }
        for (at, chain) in p.chains.iter().enumerate() {
            chain.grades.iter().for_each(|grade| self.grade(format!("chains[{at}].grades"), grade));
            if let Some(first) = p.chains.iter().take(at).position(|c| same_cases(c, chain)) {
                let what = format!("this chain and the one of chains[{first}] are for the same cases");
                self.say(format!("chains[{at}].stage"), what, "tell them apart by major, grades, from_round or outcomes".into());
            }
            for (number, step) in chain.steps.iter().enumerate() {
                let key = format!("chains[{at}].steps[{number}].any_of");
                if step.any_of.is_empty() {
                    self.say(key.clone(), format!("the step `{}` names nobody", step.title), "name at least one role".into());
                }
                step.any_of.iter().for_each(|role| self.role(key.clone(), role));
            }
        }
    }

    fn clocks(&mut self) {
        let p = self.p;
        if p.grades.is_empty() && p.deadlines.is_empty() {
            let hint = "add [[deadlines]], or [[grades]] with deadlines".to_owned();
            self.say("deadlines".into(), "there is no deadline at all".into(), hint);
        }
        for (at, grade) in p.grades.iter().enumerate() {
            if grade.deadlines.is_empty() && p.deadlines.is_empty() {
                let hint = format!("add [[grades.deadlines]] below it, or [[deadlines]] for every case of `{}`", grade.label);
                self.say(format!("grades[{at}].deadlines"), format!("grade `{}` has no deadline", grade.id), hint);
            }
        }
        let kinds: BTreeSet<DeadlineKind> =
            p.deadlines.iter().chain(p.grades.iter().flat_map(|g| &g.deadlines)).map(|rule| rule.kind).collect();
        for (at, reminder) in p.reminders.iter().enumerate() {
            if !kinds.contains(&reminder.deadline) {
                let names: Vec<&str> = kinds.iter().map(|k| k.name()).collect();
                let what = format!("no deadline of the kind `{}` runs in this profile", reminder.deadline.name());
                self.say(format!("reminders[{at}].deadline"), what, format!("name one of {}", names.join(", ")));
            }
            if reminder.before.is_some() && reminder.after.is_some() {
                let hint = "write two [[reminders]], one each".to_owned();
                self.say(format!("reminders[{at}]"), "is before and after its deadline at once".into(), hint);
            }
        }
    }

    fn form(&mut self) {
        let p = self.p;
        if !p.handling.iter().any(|f| f.id == ANSWER) {
            let hint = format!("add [[handling]] with id = \"{ANSWER}\" and its label");
            self.say("handling".into(), "the reply form has no place for the proposed answer".into(), hint);
        }
        for (at, field) in p.handling.iter().enumerate() {
            field.grades.iter().for_each(|grade| self.grade(format!("handling[{at}].grades"), grade));
        }
        for (at, part) in p.answer_parts.iter().enumerate().filter(|(_, part)| part.words.is_empty()) {
            let hint = "write words = [\"…\"] that such a part holds".to_owned();
            self.say(format!("answer_parts[{at}].words"), format!("nothing tells where `{}` is", part.label), hint);
        }
    }
}

fn same_cases(a: &crate::domain::procedure::Chain, b: &crate::domain::procedure::Chain) -> bool {
    (a.stage, a.major, &a.grades, a.from_round, &a.outcomes, a.self_handled)
        == (b.stage, b.major, &b.grades, b.from_round, &b.outcomes, b.self_handled)
}
