//! Decisions that were signed on paper (R78): the office enters who signed, on which day, with the scan; a second person confirms it, and
//! only then the step counts as approved, marked 紙本核定. Nobody's own text, never confirmed by who entered it, for the text that was asked about alone.

use jiff::civil::Date;

use super::super::approval::{self, Ask, Paper, Signed};
use super::super::directory::{SECRETARIAT, Standing, UNIT_HEAD};
use super::super::effect::{Effect, Letter, Note, Recipient};
use super::super::ids::{PersonId, RoleId};
use super::super::refusal::Refusal;
use super::super::state::Stage;
use super::super::text::InternalText;
use super::deciding;
use super::work::Work;

/// A paper decision is entered: who signed which open step, and when.
pub(super) fn enter(work: &mut Work<'_>, ask: u32, signer: &PersonId, on: Date, scan: &str) -> Result<(), Refusal> {
    let by = work.actor()?.clone();
    let ask = work.case.asks.iter().find(|a| a.ask == ask).cloned().ok_or(Refusal::NothingToDecide)?;
    if !ask.is_open() {
        return Err(Refusal::AlreadyDecided);
    }
    let signed_by = ask.candidate(signer).cloned().ok_or(Refusal::NothingToDecide)?;
    if signer == &by || author(work, &ask).as_ref() == Some(signer) {
        return Err(Refusal::OwnText);
    }
    if ask.stage == Stage::Closing && work.case.answer_lost() {
        return Err(Refusal::AnswerUndelivered);
    }
    // Nobody signs before he is asked, nor tomorrow.
    if on < work.office.day(ask.asked_at) || on > work.office.day(work.at) {
        return Err(Refusal::DateNotPossible);
    }
    if scan.is_empty() {
        return Err(Refusal::ScanMissing);
    }
    let second = confirmers(work, &ask, &[&by, signer]);
    if second.is_empty() {
        return Err(Refusal::NoSecondPerson);
    }
    let paper = Paper { signed_by, signed_on: on, entered_by: by, entered_at: work.at, scan: scan.to_owned(), sha256: ask.sha256.clone() };
    let number = ask.ask;
    keep(work, number, Some(paper));
    for standing in second {
        work.send(Recipient::Person(standing), Letter::PaperEntered { ask: number });
    }
    Ok(())
}

/// A second person has seen the paper: the step is approved by who signed.
pub(super) fn confirm(work: &mut Work<'_>, ask: u32) -> Result<(), Refusal> {
    let (ask, paper, by) = waiting(work, ask)?;
    if paper.sha256 != ask.sha256 {
        return Err(Refusal::AlreadyDecided);
    }
    let signed = Signed { on: paper.signed_on, entered_by: paper.entered_by, confirmed_by: by, scan: paper.scan };
    deciding::signed(work, &ask, &paper.signed_by, signed);
    let run = approval::ask_next(&mut work.case, work.at, work.office, &mut work.effects);
    deciding::go_on(work, run);
    Ok(())
}

/// The second person finds it wrong: it counts for nothing, and the step waits on.
pub(super) fn refuse(work: &mut Work<'_>, ask: u32, reason: &InternalText) -> Result<(), Refusal> {
    if reason.internal().trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let (ask, paper, _) = waiting(work, ask)?;
    keep(work, ask.ask, None);
    work.effects.push(Effect::Tell(Note { kind: "paper_refused".to_owned(), detail: ask.title.clone() }));
    let standing = work.office.directory.standing(&paper.entered_by, work.office.day(work.at));
    work.send(Recipient::Person(standing), Letter::PaperRefused { reason: reason.clone() });
    Ok(())
}

fn waiting(work: &Work<'_>, ask: u32) -> Result<(Ask, Paper, PersonId), Refusal> {
    let by = work.actor()?.clone();
    let ask = work.case.asks.iter().find(|a| a.ask == ask).cloned().ok_or(Refusal::NothingToDecide)?;
    let paper = match (&ask.paper, ask.is_open()) {
        (_, false) => return Err(Refusal::AlreadyDecided),
        (None, true) => return Err(Refusal::NothingToDecide),
        (Some(paper), true) => paper.clone(),
    };
    if paper.entered_by == by || paper.signed_by.person == by {
        return Err(Refusal::OwnEntry);
    }
    if !confirmers(work, &ask, &[&paper.entered_by, &paper.signed_by.person]).iter().any(|s| s.person == by) {
        return Err(Refusal::NotAllowed { needs: RoleId(SECRETARIAT.to_owned()) });
    }
    Ok((ask, paper, by))
}

fn author(work: &Work<'_>, ask: &Ask) -> Option<PersonId> {
    ask.draft.and_then(|v| work.case.drafts.get(&v)).map(|d| d.author.clone())
}

/// Who may confirm it: the office's other people, else the first rung above them; never the text's author.
fn confirmers(work: &Work<'_>, ask: &Ask, but: &[&PersonId]) -> Vec<Standing> {
    let (directory, day) = (&work.office.directory, work.office.day(work.at));
    let author = author(work, ask);
    let fits = |s: &Standing| !but.contains(&&s.person) && author.as_ref() != Some(&s.person) && directory.free_of(s, &work.case);
    let office: Vec<Standing> = directory.secretariat(day).into_iter().filter(fits).collect();
    let above = directory.ladder.iter().filter(|r| !matches!(r.as_str(), SECRETARIAT | UNIT_HEAD)).map(|r| {
        let held = directory.with_role(r).into_iter().map(|p| directory.standing(&p, day));
        held.filter(fits).collect::<Vec<_>>()
    });
    std::iter::once(office).chain(above).find(|found| !found.is_empty()).unwrap_or_default()
}

fn keep(work: &mut Work<'_>, ask: u32, paper: Option<Paper>) {
    if let Some(found) = work.case.asks.iter_mut().find(|a| a.ask == ask) {
        found.paper = paper;
    }
}
