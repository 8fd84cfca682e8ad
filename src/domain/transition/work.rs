//! The small moves that events share: who gets a letter, how a case is handed over, taken up again, closed.
//! The only file that writes a case's state.

use super::super::approval::{self, Run};
use super::super::case::{Acceptance, Case, Holding};
use super::super::closing::{self, Unmet};
use super::super::contact::CallReason;
use super::super::deadline;
use super::super::directory::{HANDLER, Standing, UNIT_HEAD};
use super::super::effect::{Effect, Letter, Recipient};
use super::super::event::{Actor, Event};
use super::super::ids::{PersonId, RoleId, UnitId};
use super::super::office::Office;
use super::super::procedure::StartEvent;
use super::super::refusal::Refusal;
use super::super::state::{DeadlineKind, Outcome, Stage, State};
use super::super::text::InternalText;
use super::super::timer::TimerKey;
use super::Step;
use crate::calendar::{Length, Moment};

/// A case being changed by one event.
pub(super) struct Work<'a> {
    pub case: Case,
    pub effects: Vec<Effect>,
    pub office: &'a Office,
    pub at: Moment,
    pub actor: &'a Actor,
}

#[expect(clippy::wrong_self_convention, reason = "`to` says who gets a letter")]
impl<'a> Work<'a> {
    pub fn new(case: &Case, event: &'a Event, office: &'a Office) -> Self {
        Self { case: case.clone(), effects: Vec::new(), office, at: event.at, actor: &event.actor }
    }

    pub fn done(mut self) -> Step {
        self.case.version += 1;
        super::passed_on::tell_back(&mut self);
        let effects = std::mem::take(&mut self.effects);
        Step { effects: self.discreet(effects), case: self.case }
    }

    /// The last gate before anything is written: no letter to who is complained about, none of a sealed case to a shared inbox.
    fn discreet(&self, effects: Vec<Effect>) -> Vec<Effect> {
        if !self.case.sealed && self.case.kept_off().next().is_none() {
            return effects;
        }
        let (directory, day) = (&self.office.directory, self.office.day(self.at));
        let mut out: Vec<Effect> = Vec::new();
        for effect in effects {
            let Effect::Send { to, letter, not_before } = effect else {
                out.push(effect);
                continue;
            };
            for to in directory.redirected(&to, &self.case, day) {
                let send = Effect::Send { to, letter: letter.clone(), not_before };
                if !out.contains(&send) {
                    out.push(send);
                }
            }
        }
        out
    }

    pub fn person(&self) -> Option<&'a PersonId> {
        self.actor.person()
    }

    /// The person who acts; acts of nobody are refused.
    pub fn actor(&self) -> Result<&'a PersonId, Refusal> {
        self.person().ok_or_else(|| Refusal::NotAllowed { needs: RoleId(HANDLER.to_owned()) })
    }

    pub fn is_secretariat(&self) -> bool {
        self.person().is_some_and(|p| self.office.directory.is_office(p, &self.case, self.office.day(self.at)))
    }

    pub fn may_handle(&self) -> bool {
        self.person().is_some_and(|p| self.office.directory.may_handle(p, &self.case, self.office.day(self.at)))
    }

    /// Whether the case was given to this person or his unit, not merely to be co-handled.
    pub fn may_lead(&self) -> bool {
        self.person().is_some_and(|p| self.office.directory.may_lead(p, &self.case, self.office.day(self.at)))
    }

    /// Whether this person heads the case's unit, himself or as a deputy.
    pub fn is_head(&self) -> bool {
        let head = RoleId(UNIT_HEAD.to_owned());
        let holders = self.office.directory.holders(&head, &self.case, self.office.day(self.at));
        self.person().is_some_and(|p| holders.iter().any(|s| &s.person == p || s.deputises.as_ref() == Some(p)))
    }

    pub fn enter(&mut self, state: State) {
        self.case.state = state;
    }

    // ── letters ──

    pub fn send(&mut self, to: Recipient, letter: Letter) {
        self.effects.push(Effect::Send { to, letter, not_before: None });
    }

    /// To the complainant, who may have no address (then his letters go out on paper, by the registrar).
    pub fn to_complainant(&mut self, letter: Letter) {
        if self.case.complainant.address.is_some() {
            self.send(Recipient::Complainant, letter);
        }
    }

    pub fn to_secretariat(&mut self, letter: &Letter) {
        for standing in self.office.directory.office_of(&self.case, self.office.day(self.at)) {
            self.send(Recipient::Person(standing), letter.clone());
        }
    }

    /// To whoever works on it: the handler, else the unit's inbox, else the secretariat.
    pub fn to_handler(&mut self, letter: Letter) {
        if let Some(handler) = self.case.handler.clone() {
            let standing = self.office.directory.standing(&handler, self.office.day(self.at));
            self.send(Recipient::Person(standing), letter);
        } else if let Some(unit) = self.case.unit.clone() {
            self.send(Recipient::Unit(unit), letter);
        } else {
            self.to_secretariat(&letter);
        }
    }

    /// The persons who are reminded as `role`. The handler's place is taken by the unit's people while nobody has taken the case up.
    pub fn reminded(&self, role: &RoleId) -> Vec<Standing> {
        let day = self.office.day(self.at);
        let found = self.office.directory.holders(role, &self.case, day);
        if !found.is_empty() || role.as_str() != HANDLER {
            return found;
        }
        let Some(unit) = self.case.unit.as_ref().and_then(|u| self.office.directory.units.get(u)) else { return Vec::new() };
        let people: Vec<&PersonId> = match (&unit.registrar, unit.handlers.as_slice()) {
            (Some(registrar), _) => vec![registrar],
            (None, []) => vec![&unit.head],
            (None, handlers) => handlers.iter().collect(),
        };
        let found = people.into_iter().map(|p| self.office.directory.standing(p, day));
        found.filter(|s| self.office.directory.free_of(s, &self.case)).collect()
    }

    // ── timers ──

    pub fn arm_after(&mut self, key: TimerKey, length: Length) {
        if let Ok(at) = self.office.calendar.due(self.at, &length, None) {
            self.effects.push(Effect::Arm(key, at));
        }
    }

    pub fn disarm(&mut self, prefix: &str) {
        self.effects.push(Effect::Disarm(prefix.to_owned()));
    }

    // ── handing over ──

    /// Ends the present unit's time with the case.
    pub fn release_unit(&mut self) {
        let at = self.at;
        if let Some(held) = self.case.holding.iter_mut().rev().find(|h| h.to.is_none()) {
            held.to = Some(at);
        }
        self.case.unit = None;
        self.case.handler = None;
        self.case.unconfirmed = None;
        self.case.supplementing = false;
        self.case.instruction = None;
    }

    /// Hands the case to `unit` and forwards it there.
    pub fn hand_to(&mut self, unit: &UnitId) {
        approval::supersede(&mut self.case, &mut self.effects);
        if self.case.unit.as_ref() != Some(unit) {
            self.release_unit();
            self.case.unit = Some(unit.clone());
            self.case.holding.push(Holding { unit: unit.clone(), from: self.at, to: None });
        }
        self.case.co_units.retain(|u| u != unit);
        self.case.self_handled = false;
        self.enter(State::Assigned);
        self.disarm("triage:");
        deadline::start(&mut self.case, StartEvent::Assigned, self.at, self.office, &mut self.effects);
        self.send(Recipient::Unit(unit.clone()), Letter::Forward);
        if self.case.files_released_at.is_some() {
            self.send(Recipient::Unit(unit.clone()), Letter::Files { since: None });
        }
        super::notices::notify(self);
    }

    /// Notes that a named person has accepted the case.
    pub fn confirm_acceptance(&mut self, by: &PersonId) {
        self.case.acceptance = Acceptance::Confirmed { by: by.clone(), at: self.at };
        self.disarm("confirm:");
        self.disarm("triage:");
        // Confirmed after the answer left: no clock starts any more.
        if matches!(self.case.state, State::Answered | State::Closing | State::Closed) {
            return;
        }
        deadline::start(&mut self.case, StartEvent::Accepted, self.at, self.office, &mut self.effects);
    }

    /// Lays the case before the secretariat, which is urged when it leaves it lying.
    pub fn await_triage(&mut self) {
        self.enter(State::Triage);
        let length = self.office.procedure.urge.triage;
        self.arm_after(TimerKey::Triage { times: 0 }, length);
    }

    // ── the end and the beginning ──

    /// Asks for the closing; closes at once where the paper asks nobody. From here on nothing but the closing is due.
    pub fn begin_closing(&mut self, outcome: Outcome) {
        self.case.outcome = Some(outcome);
        self.case.unconfirmed = None;
        self.case.extension_asked = None;
        self.follow_ups_end();
        self.disarm("silence");
        deadline::meet_all(&mut self.case, self.at, &mut self.effects);
        self.enter(State::Closing);
        if approval::begin(&mut self.case, Stage::Closing, None, self.at, self.office, &mut self.effects) == Run::Complete {
            self.close();
        } else if closing::unmet(&self.case, &self.office.procedure).iter().any(|u| *u != Unmet::Accepted) {
            self.to_handler(Letter::FormIncomplete);
        }
    }

    /// What the complainant was to be asked on the telephone is known.
    pub fn follow_ups_end(&mut self) {
        let at = self.at;
        let mut done = Vec::new();
        for task in self.case.call_tasks.iter_mut().filter(|t| t.is_open() && t.reason == CallReason::FollowUp) {
            task.done_at = Some(at);
            done.push(task.task);
        }
        for task in done {
            self.disarm(&format!("call:{task}:"));
        }
    }

    /// What somebody was still to call about is settled without it.
    fn calls_end(&mut self) {
        let at = self.at;
        for task in self.case.call_tasks.iter_mut().filter(|t| t.is_open()) {
            task.done_at = Some(at);
        }
    }

    pub fn close(&mut self) {
        approval::supersede(&mut self.case, &mut self.effects);
        deadline::meet_all(&mut self.case, self.at, &mut self.effects);
        deadline::meet(&mut self.case, DeadlineKind::Closing, self.at, &mut self.effects);
        if let Some(held) = self.case.holding.iter_mut().rev().find(|h| h.to.is_none()) {
            held.to = Some(self.at);
        }
        self.case.closed_at = Some(self.at);
        self.case.escalation_open = false;
        self.calls_end();
        self.enter(State::Closed);
        self.disarm("");
        if self.office.procedure.close.tell && self.case.outcome == Some(Outcome::Resolved) {
            self.to_complainant(Letter::Closing);
        }
    }

    /// Takes the case up again in a new round (K 5.1.2.8), with the words that brought it about; the secretariat hears it,
    /// unless it is its own doing.
    pub fn resume(&mut self, words: &InternalText, told: Option<&Letter>) {
        approval::supersede(&mut self.case, &mut self.effects);
        self.disarm("");
        self.case.round += 1;
        self.case.round_at = self.at;
        self.case.outcome = None;
        self.case.closed_at = None;
        self.case.handling_blank.clear();
        self.case.unconfirmed = None;
        self.case.extension_asked = None;
        self.case.supplementing = false;
        self.case.judging = None;
        self.case.withdrawal = None;
        self.case.closing_way = None;
        self.case.escalation_open = false;
        self.case.started_at = None;
        self.calls_end();
        if let Some(length) = self.office.procedure.delay_told {
            self.arm_after(TimerKey::Delay, length);
        }
        deadline::start(&mut self.case, StartEvent::Received, self.at, self.office, &mut self.effects);
        if let Some(letter) = told {
            self.to_secretariat(letter);
        }
        if self.case.unit.is_none() && !self.case.self_handled {
            self.await_triage();
            return;
        }
        deadline::start(&mut self.case, StartEvent::Accepted, self.at, self.office, &mut self.effects);
        deadline::start(&mut self.case, StartEvent::Assigned, self.at, self.office, &mut self.effects);
        let held = self.case.holding.iter().any(|h| h.to.is_none());
        if let Some(unit) = self.case.unit.clone().filter(|_| !held) {
            self.case.holding.push(Holding { unit, from: self.at, to: None });
        }
        self.enter(State::InProgress);
        self.to_handler(Letter::Resumed { words: words.clone() });
        self.to_complainant(Letter::Transfer);
    }
}
