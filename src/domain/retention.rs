//! What is kept of a complaint, kind by kind, each for its own time, and what remains of a case when a time is over: what statistics count, and
//! nothing that somebody said or is (R38). Every field of a case is named here, so that a new one is decided about. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::approval::{Ask, Decision};
use super::case::{Case, Disclosure, SurveyAnswer};
use super::contact::{Call, Callee, GradeSheet};
use super::personal::Pii;

/// A kind of record with its own time (`[[keep]]` of a profile; K 8.1, 8.2; PT 5.6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// 紀錄表: who complains, and of what. From closing.
    Record,
    /// 處理情形表: what was done, drafted, said by those who decided, and told on the telephone. From closing.
    Handling,
    /// 調查表: what was answered; the verdict itself is counted. From closing.
    Surveys,
    /// Mails and letters of a case with their files, and short messages. From closing.
    Mails,
    /// Mails that were set aside: newsletters, machines' replies, copies, what was dropped. From the day they were taken.
    SetAside,
    /// Other mails of no case: replies to digests, words on old mail. From the day they were taken.
    Others,
    /// Our letters about no case: digests, alarms, lists. From the day they were written.
    Notices,
}

impl Kept {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 7] = [Self::Record, Self::Handling, Self::Surveys, Self::Mails, Self::SetAside, Self::Others, Self::Notices];
    /// Those of a case.
    pub const OF_A_CASE: [Self; 4] = [Self::Record, Self::Handling, Self::Surveys, Self::Mails];

    /// The name in profiles, JSON and labels.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Handling => "handling",
            Self::Surveys => "surveys",
            Self::Mails => "mails",
            Self::SetAside => "set_aside",
            Self::Others => "others",
            Self::Notices => "notices",
        }
    }

    /// Whether the trail's events hold it: where it goes, what they say goes too.
    #[must_use]
    pub const fn is_told_in_the_trail(self) -> bool {
        match self {
            Self::Record | Self::Handling | Self::Surveys => true,
            Self::Mails | Self::SetAside | Self::Others | Self::Notices => false,
        }
    }
}

/// Fields of the record that tell of the matter, not of a person.
const COUNTED: &[&str] = &["identity", "channel"];

impl Case {
    /// Whether all its contents have been taken out.
    #[must_use]
    pub const fn is_erased(&self) -> bool {
        self.erased_at.is_some()
    }

    /// The case without its contents.
    #[must_use]
    pub fn erased(&self, at: crate::calendar::Moment) -> Self {
        self.without(&Kept::OF_A_CASE.into_iter().collect(), at)
    }

    /// The case without what belongs to these kinds. No field is left to a default: whoever adds one says here what becomes of it.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one line a field")]
    pub fn without(&self, what: &BTreeSet<Kept>, at: crate::calendar::Moment) -> Self {
        let gone: BTreeSet<Kept> = self.gone.union(what).copied().collect();
        let (record, handling, surveys) = (what.contains(&Kept::Record), what.contains(&Kept::Handling), what.contains(&Kept::Surveys));
        Self {
            id: self.id.clone(),
            serial: self.serial,
            number: self.number.clone(),
            version: self.version + 1,
            profile: self.profile.clone(),
            state: self.state,
            outcome: self.outcome,
            grade: self.grade.clone(),
            major: self.major,
            confidential: self.confidential,
            sealed: self.sealed,
            accused: left(record, &self.accused),
            own_staff: left(record, &self.own_staff),
            files_released_at: self.files_released_at,
            erased_at: Kept::OF_A_CASE.iter().all(|k| gone.contains(k)).then_some(at),
            gone,
            disclosures: self.disclosures.iter().map(|d| disclosure(d, handling)).collect(),
            unit: self.unit.clone(),
            co_units: self.co_units.clone(),
            self_handled: self.self_handled,
            handler: self.handler.clone(),
            categories: self.categories.clone(),
            channel: self.channel.clone(),
            subject: left(record, &self.subject),
            text: left(record, &self.text),
            complainant: left(record, &self.complainant),
            passed_on: left(record, &self.passed_on),
            language: self.language,
            record: if record { counted(&self.record) } else { self.record.clone() },
            acceptance: self.acceptance.clone(),
            round: self.round,
            opened_at: self.opened_at,
            round_at: self.round_at,
            answered_at: self.answered_at,
            closed_at: self.closed_at,
            deadlines: self.deadlines.clone(),
            drafts: left(handling, &self.drafts),
            handling: left(handling, &self.handling),
            handling_fields: left(handling, &self.handling_fields),
            handling_blank: left(handling, &self.handling_blank),
            handling_asked: self.handling_asked,
            unconfirmed: left(handling, &self.unconfirmed),
            chain: self.chain.clone(),
            asks: self.asks.iter().map(|a| ask(a, handling)).collect(),
            surveys: self.surveys.iter().map(|s| survey(s, surveys)).collect(),
            holding: self.holding.clone(),
            returns: self.returns,
            extensions: self.extensions,
            extension_asked: left(handling, &self.extension_asked),
            extended: left(handling, &self.extended),
            escalations: self.escalations,
            escalation_open: self.escalation_open,
            started_at: self.started_at,
            grading: self.grading.iter().map(|g| grading(g, handling)).collect(),
            calls: self.calls.iter().map(|c| call(c, handling)).collect(),
            call_tasks: self.call_tasks.clone(),
            noticed: self.noticed.clone(),
            links: self.links.clone(),
            undelivered: self.undelivered.clone(),
            thread: left(record, &self.thread),
            origin: self.origin.clone(),
            judging: self.judging,
            supplementing: self.supplementing,
            instruction: left(handling, &self.instruction),
            withdrawal: left(record, &self.withdrawal),
            closing_way: self.closing_way,
            urged: self.urged.clone(),
        }
    }
}

/// The value, or nothing once it is gone.
fn left<T: Clone + Default>(gone: bool, value: &T) -> T {
    if gone { T::default() } else { value.clone() }
}

fn counted(record: &BTreeMap<String, Pii<String>>) -> BTreeMap<String, Pii<String>> {
    record.iter().filter(|(id, _)| COUNTED.contains(&id.as_str())).map(|(id, value)| (id.clone(), value.clone())).collect()
}

fn disclosure(d: &Disclosure, gone: bool) -> Disclosure {
    Disclosure {
        by: d.by.clone(),
        reason: left(gone, &d.reason),
        asked_at: d.asked_at,
        decided_by: d.decided_by.clone(),
        decided_at: d.decided_at,
        until: d.until,
    }
}

fn ask(a: &Ask, gone: bool) -> Ask {
    Ask {
        ask: a.ask,
        stage: a.stage,
        round: a.round,
        draft: a.draft.filter(|_| !gone),
        sha256: a.sha256.clone(),
        step: a.step,
        title: a.title.clone(),
        stamp: a.stamp.clone(),
        seen: a.seen,
        candidates: a.candidates.clone(),
        asked_at: a.asked_at,
        decision: a.decision.as_ref().map(|d| Decision {
            kind: d.kind,
            by: d.by.clone(),
            at: d.at,
            comment: left(gone, &d.comment),
            proof: d.proof.clone(),
            directory: d.directory.clone(),
            paper: d.paper.clone(),
        }),
        superseded: a.superseded,
        paper: a.paper.clone(),
    }
}

fn survey(s: &SurveyAnswer, gone: bool) -> SurveyAnswer {
    SurveyAnswer { round: s.round, satisfaction: s.satisfaction, answers: left(gone, &s.answers), at: s.at, source: s.source.clone() }
}

fn grading(g: &GradeSheet, gone: bool) -> GradeSheet {
    GradeSheet { grade: g.grade.clone(), criteria: g.criteria.clone(), reason: left(gone, &g.reason), by: g.by.clone(), at: g.at }
}

fn call(c: &Call, gone: bool) -> Call {
    let callee = match &c.callee {
        Callee::Other { name } => Callee::Other { name: left(gone, name) },
        Callee::Complainant => Callee::Complainant,
        Callee::People { people } => Callee::People { people: people.clone() },
    };
    Call { at: c.at, by: c.by.clone(), callee, result: c.result, text: left(gone, &c.text), round: c.round }
}

#[cfg(test)]
#[path = "retention_tests.rs"]
mod tests;
