//! Urging: by hand whoever a case waits for, and the book of who was urged today, so that nobody hears twice on one day
//! of one step (R27; 中油 案件稽催). What time brings by itself is in `timers`, which writes the same book.

use super::super::case::Urged;
use super::super::deadline;
use super::super::directory::{HANDLER, Standing};
use super::super::effect::{Letter, Recipient};
use super::super::ids::{PersonId, RoleId};
use super::super::refusal::Refusal;
use super::super::state::DeadlineKind;
use super::work::Work;

/// The step of an approval.
pub(super) fn asked(ask: u32) -> String {
    format!("ask:{ask}")
}

/// The step of handling the case in its present round.
pub(super) fn worked(work: &Work<'_>) -> String {
    format!("work:{}", work.case.round)
}

/// 稽催 by hand: whoever the case waits for is reminded, unless he was today.
pub(super) fn urge(work: &mut Work<'_>) -> Result<(), Refusal> {
    let due: Vec<(String, Standing, Letter)> = waited_for(work)?;
    if due.is_empty() {
        return Err(Refusal::NotPossible { state: work.case.state });
    }
    let new: Vec<_> = due.into_iter().filter(|(step, standing, _)| !today(work, step, &standing.person)).collect();
    if new.is_empty() {
        return Err(Refusal::UrgedToday);
    }
    for (step, standing, letter) in new {
        booked(work, step, standing.person.clone());
        work.send(Recipient::Person(standing), letter);
    }
    Ok(())
}

fn waited_for(work: &Work<'_>) -> Result<Vec<(String, Standing, Letter)>, Refusal> {
    let mut found = Vec::new();
    for ask in work.case.open_asks() {
        for standing in &ask.candidates {
            let letter = Letter::DecisionWaits { what: "approval".to_owned(), ask: Some(ask.ask) };
            found.push((asked(ask.ask), standing.clone(), letter));
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let running = deadline::running(&work.case, DeadlineKind::Answer).or_else(|| deadline::running(&work.case, DeadlineKind::Closing));
    let Some((kind, due_at)) =
        running.and_then(|d| Some((d.kind, d.due_at?))).or_else(|| Some((DeadlineKind::Answer, work.case.due_at()?)))
    else {
        return Err(Refusal::NotPossible { state: work.case.state });
    };
    let mut people = work.reminded(&RoleId(HANDLER.to_owned()));
    if people.is_empty() {
        people = work.office.directory.secretariat(work.office.day(work.at));
    }
    Ok(people.into_iter().map(|s| (worked(work), s, Letter::Reminder { kind, due_at })).collect())
}

/// Whether this person was urged about this step on this day.
pub(super) fn today(work: &Work<'_>, step: &str, person: &PersonId) -> bool {
    let day = work.office.day(work.at);
    work.case.urged.iter().any(|u| u.step == step && &u.person == person && work.office.day(u.at) == day)
}

/// Writes down who was urged; what is older than today is of no use.
pub(super) fn booked(work: &mut Work<'_>, step: String, person: PersonId) {
    let (at, day) = (work.at, work.office.day(work.at));
    let office = work.office;
    work.case.urged.retain(|u| office.day(u.at) == day);
    work.case.urged.push(Urged { step, person, at });
}
