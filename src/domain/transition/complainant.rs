//! What the complainant brings about: more words, 滿意, 不滿意, by mail or on the survey page (R22, R35, R55, R70).

use std::collections::BTreeMap;

use super::super::case::SurveyAnswer;
use super::super::effect::{Effect, Letter, Note};
use super::super::personal::Pii;
use super::super::procedure::{CloseWhen, Dissatisfied};
use super::super::refusal::Refusal;
use super::super::state::{Outcome, Satisfaction, State};
use super::super::text::InternalText;
use super::super::timer::TimerKey;
use super::calling;
use super::triage::leave_unit;
use super::work::Work;

/// A mail of his. Whether a mail after closing belongs to this case at all was decided by its age before.
pub(super) fn wrote(
    work: &mut Work<'_>,
    text: &Pii<String>,
    satisfaction: Option<Satisfaction>,
    message_id: Option<&str>,
    (withdraws, thanks): (bool, bool),
) {
    follow_thread(work, message_id);
    let words = InternalText::new(text.reveal().clone());
    match work.case.state {
        State::Triage | State::Assigned | State::InProgress | State::AwaitingComplainant | State::AwaitingApproval if withdraws => {
            withdraw(work, text, words);
        }
        State::Triage => {
            // Nobody has been sent it: what he adds belongs to the complaint, and goes along with it (補正).
            let whole = format!("{}\n\n{}", work.case.text.reveal().trim_end(), text.reveal().trim());
            work.case.text = Pii::new(whole.trim().to_owned());
            relay(work, words);
        }
        State::AwaitingApproval if calling::awaits_its_word(work) => match satisfaction {
            Some(verdict) => calling::judged_early(work, verdict, &words, "mail"),
            None => relay(work, words),
        },
        State::Assigned | State::InProgress | State::AwaitingApproval => relay(work, words),
        State::AwaitingComplainant => {
            work.enter(State::InProgress);
            relay(work, words);
        }
        // A mere thanks is filed and shown; nobody has to do anything about it, and nothing is taken up again.
        State::Closed if thanks && satisfaction.is_none() => {
            work.effects.push(Effect::Tell(Note { kind: "thanks".to_owned(), detail: String::new() }));
        }
        State::Answered | State::Closing | State::Closed => after_answer(work, text, satisfaction, words),
    }
}

/// 撤案 in his own words: nobody works on it any more; the closing is approved as the profile says.
fn withdraw(work: &mut Work<'_>, text: &Pii<String>, words: InternalText) {
    work.to_secretariat(&Letter::ComplainantWrote { words });
    leave_unit(work);
    work.case.withdrawal = Some(text.clone());
    work.begin_closing(Outcome::Withdrawn);
}

/// His next letter from us answers this mail.
fn follow_thread(work: &mut Work<'_>, message_id: Option<&str>) {
    let Some(id) = message_id else { return };
    if let Some(last) = work.case.thread.last.replace(id.to_owned()) {
        work.case.thread.references.push(last);
    }
}

pub(super) fn relay(work: &mut Work<'_>, words: InternalText) {
    work.to_secretariat(&Letter::ComplainantWrote { words: words.clone() });
    if work.case.handler.is_some() || work.case.unit.is_some() {
        work.to_handler(Letter::ComplainantWrote { words });
    }
}

fn after_answer(work: &mut Work<'_>, text: &Pii<String>, satisfaction: Option<Satisfaction>, words: InternalText) {
    if let Some(verdict) = satisfaction {
        // Who judges the answer has it.
        work.case.answer_arrived();
        let answers = BTreeMap::from([("words".to_owned(), text.clone())]);
        keep(work, verdict, answers, "mail");
        follow(work, verdict, &words);
        // Words beside a verdict are read by somebody, whatever the verdict.
        match verdict {
            Satisfaction::Satisfied => work.to_secretariat(&Letter::SurveyReceived),
            Satisfaction::Neutral => relay(work, words),
            Satisfaction::Dissatisfied => {}
        }
        return;
    }
    // Anything else goes to people and stops the clock of silence (R22).
    work.disarm("silence");
    if work.case.state == State::Closed {
        work.resume(&words, Some(&Letter::ComplainantWrote { words: words.clone() }));
    } else {
        relay(work, words);
    }
}

/// The survey page was answered; a later answer to the same round takes the place of an earlier one.
pub(super) fn judged(
    work: &mut Work<'_>,
    round: u32,
    satisfaction: Satisfaction,
    answers: &BTreeMap<String, Pii<String>>,
) -> Result<(), Refusal> {
    if !matches!(work.case.state, State::Answered | State::Closing | State::Closed) && round == work.case.round {
        return Err(Refusal::NotPossible { state: work.case.state });
    }
    if round == work.case.round {
        work.case.answer_arrived();
    }
    let same = |s: &SurveyAnswer| s.round == round && s.satisfaction == satisfaction;
    let repeated = work.case.surveys.iter().rev().find(|s| s.round == round).is_some_and(same);
    keep_round(work, round, satisfaction, answers.clone(), "page");
    let all: Vec<&str> = answers.values().map(|v| v.reveal().as_str()).collect();
    let words = InternalText::new(all.join("\n"));
    if round != work.case.round || repeated {
        work.to_secretariat(&Letter::SurveyReceived);
        return Ok(());
    }
    follow(work, satisfaction, &words);
    if satisfaction != Satisfaction::Dissatisfied {
        work.to_secretariat(&Letter::SurveyReceived);
    }
    Ok(())
}

fn keep(work: &mut Work<'_>, verdict: Satisfaction, answers: BTreeMap<String, Pii<String>>, source: &str) {
    keep_round(work, work.case.round, verdict, answers, source);
}

fn keep_round(work: &mut Work<'_>, round: u32, verdict: Satisfaction, answers: BTreeMap<String, Pii<String>>, source: &str) {
    let at = work.at;
    work.case.surveys.retain(|s| s.round != round || s.source != source);
    work.case.surveys.push(SurveyAnswer { round, satisfaction: verdict, answers, at, source: source.to_owned() });
}

/// What a verdict brings about.
pub(super) fn follow(work: &mut Work<'_>, verdict: Satisfaction, words: &InternalText) {
    match (verdict, work.case.state) {
        (Satisfaction::Satisfied, State::Answered) => {
            work.disarm("silence");
            if work.office.procedure.close.when != CloseWhen::WithAnswer {
                work.begin_closing(Outcome::Resolved);
            }
        }
        (Satisfaction::Satisfied | Satisfaction::Neutral, _) => {}
        (Satisfaction::Dissatisfied, _) => match work.office.procedure.close.dissatisfied {
            Dissatisfied::Resume => {
                work.effects.push(Effect::Tell(Note { kind: "dissatisfied".to_owned(), detail: work.case.round.to_string() }));
                work.resume(words, Some(&Letter::Dissatisfied { words: words.clone() }));
            }
            Dissatisfied::Ask => {
                work.disarm("silence");
                work.case.judging = Some(work.case.round);
                let length = work.office.procedure.urge.triage;
                work.arm_after(TimerKey::Triage { times: 0 }, length);
                work.effects.push(Effect::Tell(Note { kind: "dissatisfied".to_owned(), detail: work.case.round.to_string() }));
                work.to_secretariat(&Letter::Dissatisfied { words: words.clone() });
            }
        },
    }
}
