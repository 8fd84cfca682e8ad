//! Who complains, and in what words: the sender, whoever filled in a web form (R80), or the person inside a mail that passes a complaint on
//! (R59). Only the house's own people and the authorities of the config, proved, make us write to somebody whom their mail merely names
//! (RELIABILITY T18); anything else waits for the secretariat. Called by `opening` and `receive`.

use std::collections::BTreeMap;

use super::views::Sight;
use super::{Desk, Error, WebForm};
use crate::calendar::{Length, Moment};
use crate::domain::case::{ClosingWay, Complainant, ThreadKeys};
use crate::domain::directory::Person;
use crate::domain::passed_on::{PassedOn, Passer, Told as PassedCopy};
use crate::domain::procedure::Shown;
use crate::domain::state::Outcome;
use crate::domain::{Case, Language, Pii};
use crate::mail::address::Mailbox;
use crate::mail::classify::{self, Class};
use crate::mail::fields::{self, FoundFields};
use crate::mail::passed_on::{self, Cover, Inside};
use crate::mail::until::Until;
use crate::mail::{Inbound, web_form};
use crate::render::Body;
use crate::store::inbox::InboxRow;
use crate::trust::{Evidence, EvidenceMode};

/// What a mail tells of a complaint and its writer.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub found: FoundFields,
    pub name: String,
    pub address: Option<String>,
    pub subject: String,
    pub text: String,
    pub thread: ThreadKeys,
    pub passed_on: Option<PassedOn>,
    /// Why a person has to look first.
    pub hold: Option<&'static str>,
    /// Nobody is written to before a person has looked.
    pub quiet: bool,
}

/// Who sent a mail that passes something on.
enum Sender<'a> {
    Staff(&'a Person),
    Authority(&'a str),
    Anybody,
}

impl Desk {
    /// Whose complaint this mail is.
    pub(super) async fn told_by(&self, row: &InboxRow, mail: &Inbound, at: Moment) -> Result<Told, Error> {
        if let Some(form) = self.web_form(mail) {
            return Ok(self.filled_in(mail, form));
        }
        let sender = self.sender(mail);
        let inside = passed_on::inside(mail).filter(|i| self.is_somebody_else(mail, i));
        let inside = inside.map(|i| self.told_of_in(i)).or_else(|| match sender {
            Sender::Staff(_) | Sender::Authority(_) => reported(&mail.text, from_of(mail)),
            Sender::Anybody => None,
        });
        match (inside, &sender) {
            (Some(inside), _) => {
                let (mode, evidence) = Box::pin(self.evidence(mail, row, None)).await?;
                let proved = matches!(evidence, Evidence::Proven { .. }) || mode == EvidenceMode::Token;
                Ok(self.of_inside(mail, &inside, &sender, proved, at))
            }
            // An authority's letter without anybody in it that could be found: its number and its date count all the same.
            (None, Sender::Authority(name)) => {
                let cover = passed_on::cover(&mail.text);
                let mut told = plain(mail);
                if cover != Cover::default() {
                    told.passed_on = Some(self.passed(mail, &Passer::Authority, name, &cover, at));
                }
                Ok(told)
            }
            (None, Sender::Staff(_) | Sender::Anybody) => Ok(plain(mail)),
        }
    }

    /// The form of the config that sends such mails.
    pub(super) fn web_form(&self, mail: &Inbound) -> Option<&WebForm> {
        let from = mail.from.as_ref()?.address.as_str();
        let of = |f: &&WebForm| web_form::sender_fits(&f.from, from);
        let forms: Vec<&WebForm> = self.settings.web_forms.iter().filter(of).collect();
        let fits = |f: &&&WebForm| f.subject.as_ref().is_none_or(|s| web_form::subject_fits(s, &mail.subject));
        // A subject that no form has any more is a layout that was changed: a person looks, nothing is lost.
        forms.iter().find(fits).or(forms.first()).copied()
    }

    /// Whether an authority's machine passes a complaint on.
    pub(super) fn machine_hands_on(&self, mail: &Inbound) -> bool {
        let machine = matches!(mail.class, Class::AutoReply | Class::ListOrBulk);
        machine
            && matches!(mail.reason, "auto-submitted" | "list-unsubscribe" | "precedence" | "machine-text" | "newsletter")
            && matches!(self.sender(mail), Sender::Authority(_))
            && (passed_on::inside(mail).is_some() || reported(&mail.text, from_of(mail)).is_some())
    }

    /// What a form says of who filled it in. A layout that cannot be read goes to a person, with the reason.
    fn filled_in(&self, mail: &Inbound, form: &WebForm) -> Told {
        let text = mail.text.trim();
        let found = fields::from_form(text, &form.labels);
        let labelled = fields::labelled(text, &form.labels);
        let given = |id: &str| labelled.get(id).map(|v| v.trim()).filter(|v| !v.is_empty());
        let reply_to = mail.reply_to.iter().map(|m| m.address.trim().to_lowercase());
        let outside = |a: &String| a.contains('@') && !self.is_own_address(a) && !web_form::sender_fits(&form.from, a);
        let address = given("email").map(str::to_lowercase).filter(outside).or_else(|| reply_to.into_iter().find(outside));
        let known = given("email").is_some() || given("name").is_some() && given("content").is_some();
        let named = form.subject.as_ref().is_none_or(|s| web_form::subject_fits(s, &mail.subject));
        Told {
            name: given("name").unwrap_or_default().to_owned(),
            address,
            subject: mail.subject.trim().to_owned(),
            text: text.to_owned(),
            thread: thread(mail),
            hold: (!(known && named)).then_some("web_form"),
            found,
            ..Told::default()
        }
    }

    fn sender(&self, mail: &Inbound) -> Sender<'_> {
        let Some(from) = mail.strict_from.as_deref() else { return Sender::Anybody };
        if let Some(person) = self.office.directory.by_email(from) {
            return Sender::Staff(person);
        }
        self.authority(from).map_or(Sender::Anybody, |p| Sender::Authority(&p.name))
    }

    /// The authority of the config that writes from this address.
    fn authority(&self, address: &str) -> Option<&super::PasserOn> {
        self.settings.passers_on.iter().find(|p| p.senders.iter().any(|pattern| web_form::sender_fits(pattern, address)))
    }

    /// A letter of an authority that somebody of the house forwards may tell of the complainant in fields of its own.
    fn told_of_in(&self, inside: Inside) -> Inside {
        let told = self.authority(&inside.person.address).and_then(|_| reported(&inside.text, &inside.person.address));
        let Some(told) = told else { return inside };
        Inside {
            subject: if told.subject.is_empty() { inside.subject } else { told.subject.clone() },
            cover: format!("{}\n{}", inside.cover, inside.text),
            through: inside.through.into_iter().chain([inside.person]).collect(),
            ..told
        }
    }

    /// Neither the sender himself nor we: his own earlier mail, or our letter, is nobody's complaint that he passes on.
    fn is_somebody_else(&self, mail: &Inbound, inside: &Inside) -> bool {
        let from = mail.from.as_ref().map(|m| m.address.to_lowercase()).unwrap_or_default();
        let named = mail.from.as_ref().map(|m| m.name.trim()).unwrap_or_default();
        let own = |m: &Mailbox| self.is_own_address(&m.address);
        let himself = inside.person.address == from || inside.person.address.is_empty() && !named.is_empty() && inside.person.name == named;
        !himself && !own(&inside.person) && !inside.through.iter().any(own)
    }

    fn of_inside(&self, mail: &Inbound, inside: &Inside, sender: &Sender<'_>, proved: bool, at: Moment) -> Told {
        let cover = passed_on::cover(&format!("{}\n{}", inside.cover, outer(mail, inside)));
        let from = mail.from.as_ref();
        let shown = from.map(|m| if m.name.trim().is_empty() { m.address.clone() } else { m.name.trim().to_owned() }).unwrap_or_default();
        let person = Complainant {
            name: Pii::new(inside.person.name.clone()),
            address: Some(inside.person.address.clone()).filter(|a| !a.is_empty()).map(Pii::new),
        };
        // An authority whose letter somebody of the house forwards is who passed it on.
        let through = inside.through.iter().find_map(|m| self.authority(&m.address).map(|p| (p.name.clone(), m.address.clone())));
        let passed = match (sender, through) {
            (Sender::Staff(_), Some((name, address))) => {
                PassedOn { address: Pii::new(address), ..self.passed(mail, &Passer::Authority, &name, &cover, at) }
            }
            (Sender::Staff(of_house), None) => {
                self.passed(mail, &Passer::Staff { person: of_house.id.clone() }, &of_house.name, &cover, at)
            }
            (Sender::Authority(name), _) => self.passed(mail, &Passer::Authority, name, &cover, at),
            // A stranger is told nothing of what becomes of somebody else's complaint, and sets the house no date.
            (Sender::Anybody, _) => {
                let mut told = plain(mail);
                let note = self.passed(mail, &Passer::Stranger, &shown, &Cover { due: None, tell: false, ..cover }, at);
                mail.text.trim().clone_into(&mut told.text);
                told.passed_on = Some(PassedOn { person: Some(person), ..note });
                told.hold = Some("passed_on");
                return told;
            }
        };
        let found = fields::from_text(&inside.text);
        let name = found.values.get("name").filter(|_| !found.unsure.contains("name") || inside.person.name.is_empty());
        Told {
            name: name.cloned().unwrap_or_else(|| inside.person.name.clone()),
            address: person.address.map(|a| a.reveal().clone()),
            subject: Some(inside.subject.trim()).filter(|s| !s.is_empty()).unwrap_or(mail.subject.trim()).to_owned(),
            text: inside.text.trim().to_owned(),
            thread: ThreadKeys {
                last: inside.message_id.clone(),
                references: Vec::new(),
                subject: Pii::new(inside.subject.trim().to_owned()),
            },
            found,
            passed_on: Some(passed),
            hold: (!proved).then_some("passed_on_unproved"),
            quiet: !proved,
        }
    }

    fn passed(&self, mail: &Inbound, by: &Passer, name: &str, cover: &Cover, at: Moment) -> PassedOn {
        PassedOn {
            by: by.clone(),
            name: Pii::new(name.to_owned()),
            address: Pii::new(mail.from.as_ref().map(|m| m.address.trim().to_lowercase()).unwrap_or_default()),
            reference: cover.reference.clone(),
            due_at: cover.due.as_ref().and_then(|d| self.limit(d, at)),
            tell: cover.tell,
            told_at: None,
            message_id: mail.message_id.clone(),
            person: None,
        }
    }

    /// 限辦日期 as a moment: a day ends with itself, days count from the mail's arrival.
    fn limit(&self, due: &Until, at: Moment) -> Option<Moment> {
        let calendar = &self.office.calendar;
        match due {
            Until::Days(days) => calendar.due(at, &Length::CalendarDays(*days), None).ok(),
            Until::WorkingDays(days) => calendar.due(at, &Length::WorkingDays(*days), None).ok(),
            Until::Date(text) => Some(calendar.end_of_day(self.date(text)?)),
            Until::Unclear(_) => None,
        }
    }
}

impl Desk {
    /// What stands about the passer-on in a triage mail.
    pub(super) fn passed_on_hints(&self, case: &Case) -> Vec<String> {
        let mut out: Vec<String> = self.passed_on_line(case).into_iter().collect();
        let inside = case.passed_on.as_ref().and_then(|p| p.person.as_ref());
        if let Some(person) = inside {
            let name = person.name.reveal().as_str();
            out.push(match &person.address {
                Some(address) => {
                    let label = self.office.procedure.fields.iter().find(|f| f.id == "email").map_or("email", |f| f.label.as_str());
                    let shown = format!("{name} <{}>", address.reveal()).trim().to_owned();
                    let words = self.word("hold.passed_on_person").replace("{person}", &shown).replace("{label}", label);
                    words.replace("{address}", address.reveal())
                }
                None => self.word("hold.passed_on_nobody").replace("{person}", name),
            });
        }
        out
    }

    /// 轉來機關, 來文字號, 限辦日期, 復知 in a line; none where nobody of note passed it on.
    pub(super) fn passed_on_line(&self, case: &Case) -> Option<String> {
        let passed = case.passed_on.as_ref()?;
        let colon = self.word("ui.colon");
        let row = |key: &str, value: &str| format!("{}{colon}{value}", self.word(&format!("passed_on.{key}")));
        let mut parts = vec![row("title", passed.name.reveal())];
        parts.extend(passed.reference.as_ref().map(|r| row("reference", r)));
        parts.extend(passed.due_at.map(|at| row("due", &self.day_stamp(at).roc)));
        if passed.tell {
            parts.push(self.word("passed_on.tell_yes"));
        }
        Some(parts.join("　"))
    }

    /// 復知: by the profile's rule a copy of the answer or that it was given; of a confidential case nothing that tells who complained.
    pub(super) fn told_back(&self, case: &Case, draft: Option<u32>, language: Language) -> Body {
        let rule = self.office.procedure.passed_on;
        let sight = if rule.personal == Shown::Full && !case.confidential { Sight::Full } else { Sight::Hidden };
        let text = draft.filter(|_| rule.tell == PassedCopy::Copy).and_then(|d| case.public_text(d));
        let answer = text.map(|t| if sight == Sight::Full { t.as_str().to_owned() } else { self.without_names(case, t.as_str(), sight) });
        let way = case.closing_way.filter(|_| draft.is_none());
        let named = |w: ClosingWay| self.words.label(language, &format!("told_by.{}", w.name()));
        // Nobody could be reached: that is how it ended, and no answer.
        let unreached = way.filter(|w| *w == ClosingWay::Direct).map(named);
        Body::ToldBack {
            by: way.filter(|w| matches!(w, ClosingWay::Phone | ClosingWay::Sms)).map(named),
            reference: case.passed_on.as_ref().and_then(|p| p.reference.clone()),
            answered_on: case.answered_at.or(case.closed_at).map(|at| self.day_stamp(at)),
            outcome: case
                .outcome
                .filter(|o| *o != Outcome::Resolved)
                .map(|o| self.words.label(language, &format!("outcome.{}", o.name())))
                .or(unreached),
            answer,
        }
    }
}

/// The sender's own complaint; a form that is known by its shape alone names who filled it in.
fn plain(mail: &Inbound) -> Told {
    let text = if mail.reply_text.trim().is_empty() { mail.text.trim() } else { mail.reply_text.trim() };
    let found = fields::from_text(text);
    let address = mail.from.as_ref().map(|m| m.address.trim().to_lowercase()).filter(|a| a.contains('@'));
    // A form writes under its own address: who filled it in is in its fields (R80).
    let filled = classify::sent_by_form(mail).then(|| found.values.get("email")).flatten();
    let address = filled.map(|a| a.trim().to_lowercase()).filter(|a| a.contains('@')).or(address);
    let shown = mail.from.as_ref().filter(|_| filled.is_none()).map(|m| m.name.trim().to_owned()).unwrap_or_default();
    Told {
        name: found.values.get("name").cloned().filter(|n| !n.is_empty()).unwrap_or(shown),
        address,
        subject: mail.subject.trim().to_owned(),
        text: text.to_owned(),
        thread: thread(mail),
        found,
        ..Told::default()
    }
}

fn from_of(mail: &Inbound) -> &str {
    mail.from.as_ref().map(|m| m.address.as_str()).unwrap_or_default()
}

fn thread(mail: &Inbound) -> ThreadKeys {
    ThreadKeys { last: mail.message_id.clone(), references: mail.references.clone(), subject: Pii::new(mail.subject.trim().to_owned()) }
}

/// A complaint that is told of, with its writer's name and address in fields of their own (網站維護廠商轉知, a city hall's letter).
fn reported(text: &str, from: &str) -> Option<Inside> {
    let text = text.trim();
    let labelled = fields::labelled(text, &BTreeMap::new());
    let address = labelled.get("email").map(|a| a.trim().to_lowercase()).filter(|a| a.contains('@') && !a.eq_ignore_ascii_case(from));
    let name = labelled.get("name").cloned().unwrap_or_default();
    if name.is_empty() || address.is_none() && !labelled.contains_key("phone") || !passed_on::passes(text) {
        return None;
    }
    Some(Inside {
        person: Mailbox { name, address: address.unwrap_or_default() },
        subject: labelled.get("subject").cloned().unwrap_or_default(),
        text: text.to_owned(),
        message_id: None,
        through: Vec::new(),
        cover: text.to_owned(),
    })
}

/// What of a passer-on's own letter may tell of number and date: all that does not belong to the complaint inside.
fn outer(mail: &Inbound, inside: &Inside) -> String {
    if inside.cover.is_empty() { String::new() } else { mail.text.split(inside.text.as_str()).next().unwrap_or_default().to_owned() }
}
