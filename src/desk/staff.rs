//! The bodies of letters to the office and the units: what is asked, and the material to do it.

use super::Desk;
use super::letters::Beside;
use super::views::Sight;
use crate::domain::case::Acceptance;
use crate::domain::procedure::GroundHint;
use crate::domain::state::{Stage, State};
use crate::domain::{Case, Letter};
use crate::render::{Body, DraftView, EarlierCase, Row};

/// Fewer characters than this say nothing concrete.
const SHORT: usize = 10;

impl Desk {
    #[expect(clippy::too_many_lines, reason = "one arm a letter")]
    pub(super) fn staff_body(&self, case: &Case, letter: &Letter, sight: Sight, beside: &Beside) -> Body {
        let due_on = case.due_at().map(|at| self.day_stamp(at));
        match letter {
            Letter::Triage { reason } => self.triage_body(case, reason, sight, beside),
            Letter::Forward => self.forward_body(case, sight, beside.co_handling, &beside.earlier),
            Letter::AutoForwarded => Body::AutoForwarded {
                unit: self.unit_name(case),
                matched: match &case.acceptance {
                    Acceptance::Preliminary { matched } => matched.clone(),
                    Acceptance::Open | Acceptance::Confirmed { .. } => Vec::new(),
                },
                complaint: self.complaint(case, sight),
                record: self.record_rows(case, sight),
                confirm_by: self
                    .office
                    .calendar
                    .due(case.opened_at, &self.office.procedure.urge.confirm, None)
                    .ok()
                    .map(|at| self.stamp(at)),
            },
            Letter::ConfirmDraft => Body::ConfirmDraft {
                text: case.unconfirmed.as_ref().map(|u| u.text.internal().to_owned()).unwrap_or_default(),
                missing_parts: Vec::new(),
            },
            Letter::ApprovalRequest { ask } => self.approval_body(case, *ask, sight),
            Letter::Returned { by, reason, how } => Body::Returned {
                how: how.name().to_owned(),
                by: self.name_of(by),
                title: self.office.directory.people.get(&by.person).map(|p| p.title.clone()).unwrap_or_default(),
                reason: self.without_known(case, reason.internal(), sight),
                text: case.current_draft().map(|d| self.without_known(case, d.text.internal(), sight)).unwrap_or_default(),
                stage: Self::stage_of(case, case.asks.last().map_or(Stage::Answer, |a| a.stage)),
                due_on,
                reply_form: self.reply_form(case),
            },
            Letter::FormIncomplete => {
                let closing = case.state == State::Closing;
                let (fields, parts) = if closing { (self.records_missing(case), Vec::new()) } else { self.missing(case) };
                Body::FormIncomplete {
                    closing,
                    fields,
                    parts,
                    proposed: case.state == State::AwaitingApproval,
                    reply_form: self.reply_form(case),
                }
            }
            Letter::Resumed { words } => Body::Resumed {
                words: self.words_for(case, &self.spoken(case, words.internal()), sight),
                previous_answer: case
                    .drafts
                    .values()
                    .rev()
                    .find(|d| d.approved || d.spoken_at.is_some())
                    .map(|d| self.without_known(case, d.text.internal(), sight))
                    .unwrap_or_default(),
                due_on,
                reply_form: self.reply_form(case),
                anew: new_round(case),
            },
            Letter::Dissatisfied { words } => Body::Dissatisfied {
                words: self.spoken(case, words.internal()),
                rows: Vec::new(),
                resumed: case.state == State::InProgress,
                anew: new_round(case),
            },
            Letter::ComplainantWrote { words } => Body::ComplainantWrote {
                text: self.words_for(case, words.internal(), sight),
                attachments: if sight == Sight::Full { beside.attachments.clone() } else { Vec::new() },
                reply_expected: !matches!(case.state, State::Closed),
            },
            Letter::Reminder { kind, due_at } => {
                let (waiting, waiting_for) = self.waiting(case);
                Body::Reminder {
                    deadline: Self::deadline_key(*kind),
                    due: self.stamp(*due_at),
                    days_left: self.days_left(*due_at, self.now()),
                    waiting: self.word(&waiting),
                    waiting_for,
                }
            }
            Letter::DecisionWaits { what, ask } => self.decision_waits(case, what, *ask, sight),
            Letter::Undelivered { letter, recipient, status } => Body::Undelivered {
                recipient: recipient.clone(),
                letter: Self::kind_named(letter),
                status: status.clone(),
                permanent: true,
                task: match letter.as_str() {
                    "forward" | "resumed" => "forward",
                    "answer" | "preliminary" | "refusal" | "referral" | "question" => "answer",
                    "approval_request" => "approval",
                    _ => "other",
                }
                .to_owned(),
            },
            Letter::DecisionNotice { until } => {
                let last = case.asks.iter().rev().find(|a| a.decision.is_some());
                Body::DecisionNotice {
                    stage: Self::stage_of(case, Stage::Answer),
                    draft: self.draft_view(case, last.and_then(|a| a.draft), sight),
                    recall_until: self.stamp(*until),
                }
            }
            Letter::StrangerWrote { from, words } => Body::StrangerMail { from: from.clone(), text: words.internal().to_owned() },
            Letter::SurveyReceived => {
                let round = case.surveys.last().map_or(case.round, |s| s.round);
                Body::SurveyReceived { rows: self.survey_rows(case, round), satisfied: Self::verdict(case, round) }
            }
            Letter::Copy { words } => self.copy_body(case, words.internal()),
            Letter::GivenBack { reason, unit, to } => Body::GivenBack {
                to: to.as_ref().and_then(|u| self.office.directory.units.get(u)).map(|u| u.name.clone()),
                unit: self.office.directory.units.get(unit).map_or_else(|| unit.as_str().to_owned(), |u| u.name.clone()),
                reason: self.without_known(case, reason.internal(), sight),
                complaint: self.complaint(case, sight),
            },
            Letter::ExtensionAsked => {
                let asked = case.extension_asked.as_ref();
                Body::ExtensionAsked {
                    by: asked.map(|a| self.name_of(&self.standing_of(None, &a.by, self.office.day(self.now())))).unwrap_or_default(),
                    until: asked.map(|a| self.day_stamp(a.until)).unwrap_or_default(),
                    reason: asked.map(|a| self.without_known(case, a.reason.internal(), sight)).unwrap_or_default(),
                    due_on,
                }
            }
            Letter::ExtensionGranted { until } => Body::ExtensionGranted { new_due: self.day_stamp(*until) },
            Letter::ExtensionRefused { reason } => {
                Body::ExtensionRefused { reason: self.without_known(case, reason.internal(), sight), due_on }
            }
            Letter::Files { .. } => Body::Files {
                names: beside.files.iter().filter(|f| f.bytes.is_some()).map(|f| f.name.clone()).collect(),
                withheld: beside.files.iter().filter(|f| f.bytes.is_none()).map(|f| f.name.clone()).collect(),
            },
            Letter::IdentityAsked { by, reason } => Body::IdentityAsked {
                by: self.name_of(&self.standing_of(None, by, self.office.day(self.now()))),
                reason: reason.internal().to_owned(),
            },
            Letter::IdentityShown { until } => Body::IdentityShown {
                until: self.stamp(*until),
                complaint: self.complaint(case, sight),
                record: self.record_rows(case, sight),
            },
            Letter::IdentityRefused { reason } => Body::IdentityRefused { reason: self.words_for(case, reason.internal(), sight) },
            Letter::PaperEntered { ask } => self.paper_body(case, *ask, sight),
            Letter::PaperRefused { reason } => Body::PaperRefused { reason: reason.internal().to_owned() },
            Letter::WorldsMet { from, others } => Body::WorldsMet { from: from.clone(), others: others.clone() },
            Letter::TakenAway => Body::TakenAway { to: case.unit.as_ref().filter(|_| !case.confidential).map(|_| self.unit_name(case)) },
            Letter::Notice { rule } => self.notice_body(case, *rule, sight),
            Letter::CallTask { task } => self.call_body(case, *task, sight),
            Letter::EscalationDemanded { kind, due_at } => self.escalation_body(case, *kind, *due_at),
            Letter::Acknowledgement
            | Letter::Preliminary { .. }
            | Letter::DelayReason { .. }
            | Letter::Transfer
            | Letter::Question { .. }
            | Letter::Extension { .. }
            | Letter::Answer { .. }
            | Letter::Refusal { .. }
            | Letter::Referral { .. }
            | Letter::Merged { .. }
            | Letter::ToldBack { .. }
            | Letter::Closing => Body::NoticeReceived {},
        }
    }

    fn triage_body(&self, case: &Case, reason: &str, sight: Sight, beside: &Beside) -> Body {
        let mut hints = vec![self.word(&format!("hold.{reason}"))];
        hints.extend(self.passed_on_hints(case));
        if case.sealed {
            hints.push(self.word("hold.sealed"));
        }
        if !case.accused.is_empty() {
            hints.push(self.word("hold.accused").replace("{names}", &self.accused_names(case)));
        }
        let files = beside.attachments.len();
        if files > 0 && self.unit_sight(case) != Sight::Full {
            hints.push(self.word("hold.files").replace("{n}", &files.to_string()));
        }
        for number in &case.links {
            hints.push(format!("{}{number}", self.word("hold.linked")));
        }
        hints.extend(self.ground_hints(case, &beside.signs));
        Body::Triage {
            complaint: self.complaint(case, sight),
            record: self.record_rows(case, sight),
            hints,
            units: self.fitting_units(case),
            unit_choices: self.unit_choices(case),
            grades: self.grade_views(case),
            assessment: self.office.procedure.assessment.clone(),
            authorities: self.office.procedure.authorities.iter().map(|a| Row::new(&a.name, &a.contact)).collect(),
        }
    }

    /// What points to a statutory ground (R90): 「得」, never by itself.
    fn ground_hints(&self, case: &Case, signs: &[(GroundHint, String)]) -> Vec<String> {
        let mut out = Vec::new();
        for ground in &self.office.procedure.grounds {
            let Some(hint) = ground.hint else { continue };
            let mut particulars: Vec<String> = signs.iter().filter(|(of, _)| *of == hint).map(|(_, what)| what.clone()).collect();
            if hint == GroundHint::Incomplete {
                particulars.extend(self.nothing_concrete(case));
            }
            if particulars.is_empty() {
                continue;
            }
            let named = self.word("desk.ground").replace("{n}", &ground.id);
            let words = self.word(&format!("ground.{}", hint.name())).replace("{what}", &particulars.join("、"));
            out.push(format!("{named}　{}{words}", ground.text));
        }
        out
    }

    /// What a complaint lacks to be one: a name, an address, a matter.
    fn nothing_concrete(&self, case: &Case) -> Vec<String> {
        let label = |id: &str| self.office.procedure.fields.iter().find(|f| f.id == id).map(|f| f.label.clone());
        let given = |id: &str| case.record.get(id).is_some_and(|v| !v.reveal().trim().is_empty());
        let mut out: Vec<String> = ["name", "address"].iter().filter(|id| !given(id)).filter_map(|id| label(id)).collect();
        if case.text.reveal().chars().filter(|c| c.is_alphanumeric()).count() < SHORT {
            out.push(self.word("ground.short"));
        }
        out
    }

    fn accused_names(&self, case: &Case) -> String {
        let name = |p: &crate::domain::PersonId| self.office.directory.people.get(p).map(|p| p.name.clone());
        case.accused.iter().filter_map(name).collect::<Vec<_>>().join("、")
    }

    /// 副知: what it was about and what became of it, without anything that tells who complained.
    fn copy_body(&self, case: &Case, words: &str) -> Body {
        let judged = case.surveys.last().map_or(case.round, |s| s.round);
        let rows = self.survey_rows(case, judged);
        Body::Copied {
            words: words.to_owned(),
            complaint: self.complaint(case, Sight::Hidden),
            answer: case
                .drafts
                .values()
                .rev()
                .find(|d| d.approved)
                .map(|d| self.without_names(case, d.text.internal(), Sight::Hidden))
                .unwrap_or_default(),
            rows: rows.into_iter().map(|r| Row::new(r.label, self.without_names(case, &r.value, Sight::Hidden))).collect(),
        }
    }

    /// Those of the unit to whom its registrar may give the case (分文).
    pub(super) fn handler_choices(&self, case: &Case) -> Vec<String> {
        let unit = case.unit.as_ref().and_then(|u| self.office.directory.units.get(u)).filter(|u| u.registrar.is_some());
        let Some(unit) = unit else { return Vec::new() };
        unit.handlers.iter().filter_map(|p| self.office.directory.people.get(p)).map(|p| p.name.clone()).collect()
    }

    /// Units whose words occur in the complaint, with the words.
    fn fitting_units(&self, case: &Case) -> Vec<Row> {
        let routing = self.route(case.subject.reveal(), case.text.reveal());
        let name = |id| self.office.directory.units.get(id).map_or_else(String::new, |u: &crate::domain::directory::Unit| u.name.clone());
        routing.fits.iter().map(|(unit, words)| Row::new(name(unit), words.join("、"))).collect()
    }

    /// All units, those first whose words occur.
    pub(super) fn unit_choices(&self, case: &Case) -> Vec<String> {
        let fits = self.route(case.subject.reveal(), case.text.reveal()).fits;
        let mut units: Vec<_> = self.office.directory.units.values().collect();
        units.sort_by_key(|u| !fits.contains_key(&u.id));
        units.into_iter().map(|u| u.name.clone()).collect()
    }

    fn forward_body(&self, case: &Case, sight: Sight, co_handling: bool, earlier: &[EarlierCase]) -> Body {
        Body::Forward {
            instructions: case
                .instruction
                .iter()
                .map(|t| t.internal().to_owned())
                .chain(self.passed_on_line(case).filter(|_| !passed_on_by_a_stranger(case)))
                .map(|line| self.without_known(case, &line, sight))
                .collect(),
            due_on: case.due_at().map(|at| self.day_stamp(at)),
            complaint: self.complaint(case, sight),
            record: self.record_rows(case, sight),
            form_title: super::forms::title(self, "record"),
            reply_form: self.reply_form(case),
            earlier: earlier.to_vec(),
            dissatisfied: None,
            co_handling,
        }
    }

    fn approval_body(&self, case: &Case, ask: u32, sight: Sight) -> Body {
        let found = case.asks.iter().find(|a| a.ask == ask);
        let stage = found.map_or(Stage::Answer, |a| a.stage);
        let notes: Vec<String> = case
            .handling
            .iter()
            .filter(|n| n.round == case.round || stage == Stage::Closing)
            .map(|n| {
                format!(
                    "{}　{}\n{}",
                    self.stamp(n.at).roc,
                    self.name_of(&self.standing_of(None, &n.by, self.office.day(n.at))),
                    n.text.internal()
                )
            })
            .collect();
        let mut draft = self.draft_view(case, found.and_then(|a| a.draft), sight);
        if stage == Stage::Closing {
            draft = self.closed_on(case, sight);
        }
        let mut rows = self.grade_rows(case);
        rows.extend(self.handling_rows(case));
        let way = found.and_then(|a| a.draft).and_then(|v| case.drafts.get(&v)).and_then(|d| d.way);
        rows.extend(way.map(|w| Row::new(self.word("closing_way.title"), self.word(&format!("closing_way.{}", w.name())))));
        for row in &mut rows {
            row.value = self.without_known(case, &row.value, sight);
        }
        if case.round > 1 {
            // What the complainant said of the answer before.
            let said = self.survey_rows(case, case.round.saturating_sub(1));
            rows.extend(said.into_iter().map(|r| Row::new(r.label, self.words_for(case, &r.value, sight))));
        }
        let lacking = match stage {
            Stage::Answer => self.missing(case),
            Stage::Closing => (self.unmet(case), Vec::new()),
            Stage::Preliminary => Default::default(),
        };
        Body::ApprovalRequest {
            stage: Self::stage_of(case, stage),
            stage_label: found.map(|a| a.title.clone()).unwrap_or_default(),
            draft,
            handling: self.without_known(case, &notes.join("\n\n"), sight),
            rows,
            complaint: self.complaint(case, sight),
            chain: self.chain_view(case, sight),
            missing_parts: lacking.1,
            missing_fields: lacking.0,
            due_on: case.due_at().filter(|_| stage == Stage::Answer).map(|at| self.day_stamp(at)),
        }
    }

    fn decision_waits(&self, case: &Case, what: &str, ask: Option<u32>, sight: Sight) -> Body {
        let asked = ask.and_then(|n| case.asks.iter().find(|a| a.ask == n));
        if let Some(asked) = asked {
            return Body::ApprovalReminder {
                stage: Self::stage_of(case, asked.stage),
                stage_label: asked.title.clone(),
                draft: self.draft_view(case, asked.draft, sight),
                asked_at: self.stamp(asked.asked_at),
                due_on: case.due_at().map(|at| self.day_stamp(at)),
            };
        }
        // Asked for since the round began; for as long as nobody has decided it, the answer's own date comes nearer.
        let urge = &self.office.procedure.urge;
        let length = if what == "confirm" { &urge.confirm } else { &urge.triage };
        let since = case.surveys.last().filter(|_| what == "judging").map_or(case.round_at, |s| s.at);
        let due = self.office.calendar.due(since, length, None).unwrap_or(since);
        Body::Reminder {
            deadline: what.to_owned(),
            due: self.stamp(due),
            days_left: self.days_left(due, self.now()),
            waiting: self.word(&format!("waiting.{what}")),
            waiting_for: self.settings.office.clone(),
        }
    }

    /// What a closing rests on: the answer that left, or the reason that the office gave.
    fn closed_on(&self, case: &Case, sight: Sight) -> DraftView {
        use crate::domain::state::Outcome;
        let answered = case.drafts.values().rev().find(|d| d.approved && d.round == case.round).map(|d| d.version);
        match case.outcome {
            Some(Outcome::Resolved) | None if answered.is_some() => self.draft_view(case, answered, sight),
            Some(Outcome::Withdrawn) if case.withdrawal.is_some() => {
                let words = case.withdrawal.as_ref().map(|w| self.words_for(case, w.reveal(), sight)).unwrap_or_default();
                DraftView { text: words, ..DraftView::default() }
            }
            Some(_) | None => DraftView {
                text: case.handling.last().map(|n| self.without_known(case, n.text.internal(), sight)).unwrap_or_default(),
                ..DraftView::default()
            },
        }
    }

    /// The words that brought a new round about: those of a survey page as question and answer.
    fn spoken(&self, case: &Case, words: &str) -> String {
        let round = case.round.saturating_sub(1).max(1);
        let paged = case.surveys.iter().rev().find(|s| s.round == round).is_some_and(|s| s.source == "page" && s.at == case.round_at);
        if !paged {
            return words.to_owned();
        }
        self.survey_rows(case, round).iter().map(|r| format!("{}\n{}", r.label, r.value)).collect::<Vec<_>>().join("\n\n")
    }

    /// The complainant's words, without what tells who he is where the reader may not know.
    fn words_for(&self, case: &Case, words: &str, sight: Sight) -> String {
        if sight == Sight::Full { words.to_owned() } else { self.without_names(case, words, sight) }
    }
}

/// Whether nobody of note passed it on: then he is the complainant himself until the office says otherwise.
fn passed_on_by_a_stranger(case: &Case) -> bool {
    case.passed_on.as_ref().is_some_and(|p| p.by == crate::domain::passed_on::Passer::Stranger)
}

/// Whether a round has just begun: nobody has been asked to approve anything in it.
fn new_round(case: &Case) -> bool {
    case.asks.iter().all(|a| a.round != case.round)
}
