//! The personnel office's list laid before the secretariat, and its word (R81; RELIABILITY §3, L3): somebody other than who imported it
//! approves, and says so once more at his directory address. From then on it counts, at once. `leaving.rs` hands on what that leaves behind.

use super::carry_out::{Carried, Job};
use super::outgoing::Outgoing;
use super::{Desk, Error};
use crate::domain::PersonId;
use crate::domain::directory::{Directory, Person};
use crate::domain::roster::{self, Change, Kind, Posts, Roster};
use crate::mail::decision::{self, Decision};
use crate::mail::{Inbound, compose};
use crate::render::{Body, Button, LetterKind, Row, Tone};
use crate::store::directory::{self, Decided, State, Version};
use crate::store::inbox::InboxRow;
use crate::store::outbox;
use crate::trust::{self, ActClass, Confirmed, Evidence, Place, Token, TokenKind, Verdict, address, proved};

/// Tokens of no case with a step from here on are about a list; its number follows.
pub(super) const STEP: u16 = 512;
/// Changes shown in the mail at most; `redress directory diff` shows all.
const SHOWN: usize = 300;
/// People named at most who stand in no list.
const NAMED: usize = 20;

/// A list as `directory import` hands it over.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The list; its number is given here.
    pub roster: Roster,
    /// The file's name.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Who imported it: a person's id, or an address.
    pub by: String,
}

impl Desk {
    /// Lays a list before the secretariat; gives its number.
    ///
    /// # Errors
    /// As the store says.
    pub async fn propose_directory(&self, imported: Imported) -> Result<u32, Error> {
        let version = directory::next_version(&self.store).await?;
        let new = Version {
            state: State::Proposed,
            roster: Roster { version, ..imported.roster },
            sha256: imported.sha256,
            file: imported.file,
            made_by: imported.by,
            made_at: self.now(),
            decided_by: None,
            decided_at: None,
            proof: None,
            why: None,
        };
        let direct = self.lay_before(&new, Asked::First, &format!("directory:{version}"));
        let job = Job { key: format!("directory:{version}"), direct, proposed: Some(new), ..Job::default() };
        match self.carry_out(job).await? {
            Carried::Done(_) => Ok(version),
            Carried::Conflict => Err(Error::Contended { number: format!("directory v{version}") }),
        }
    }

    /// Who may approve a list that `by` imported.
    #[must_use]
    pub fn directory_approvers(&self, by: &str) -> Vec<PersonId> {
        let day = self.office.day(self.now());
        let all = self.office.directory.secretariat(day).into_iter().map(|s| s.person);
        all.filter(|p| !self.is_importer(p, by)).collect()
    }

    fn is_importer(&self, person: &PersonId, by: &str) -> bool {
        person.as_str() == by || self.office.directory.people.get(person).is_some_and(|p| p.email.eq_ignore_ascii_case(by))
    }

    /// Takes up the newest approved list, should another process or an earlier turn have brought one. Says whether it did.
    ///
    /// # Errors
    /// As the store says.
    pub async fn take_up_directory(&self) -> Result<bool, Error> {
        let version = directory::version_in_force(&self.store).await?;
        if self.office.directory.edition.starts_with(&format!("v{version} ")) {
            return Ok(false);
        }
        let list = directory::in_force(&self.store).await?.map(|v| v.roster).unwrap_or_default();
        self.office.replace(list.over(&self.configured));
        Ok(true)
    }

    /// The differences as rows: what it is, and whom it concerns.
    #[must_use]
    pub fn directory_rows(&self, before: &Directory, after: &Directory) -> Vec<Row> {
        let changes = roster::diff(before, after);
        let of = |kind: Kind| changes.iter().filter(move |c| c.kinds().contains(&kind));
        let rows = Kind::ALL.into_iter().flat_map(|kind| of(kind).map(move |c| (kind, c)));
        rows.map(|(kind, c)| Row::new(self.word(&format!("directory.{}", kind.name())), self.told(kind, c, after))).collect()
    }

    fn told(&self, kind: Kind, change: &Change, directory: &Directory) -> String {
        let Some((person, posts)) = change.after.as_ref().or(change.before.as_ref()) else { return String::new() };
        let head = format!("{}（{}）", person.name, change.person.as_str());
        let from = |what: fn(&Self, &Person, &Posts, &Directory) -> String| {
            let side = |s: &Option<(Person, Posts)>| s.as_ref().map(|(p, posts)| what(self, p, posts, directory)).unwrap_or_default();
            format!("{head}　{} → {}", or_none(&side(&change.before)), or_none(&side(&change.after)))
        };
        match kind {
            Kind::Left | Kind::Joined => {
                let what = [self.places(person, posts, directory), self.rights(person, posts, directory), person.email.clone()];
                let what: Vec<String> = what.into_iter().filter(|w| !w.is_empty()).collect();
                format!("{head}　{}", what.join("，"))
            }
            Kind::Moved => from(|desk, p, posts, d| {
                let (places, rights) = (desk.places(p, posts, d), desk.rights(p, posts, d));
                if rights.is_empty() { places } else { format!("{places} {rights}") }
            }),
            Kind::Role => from(Self::rights),
            Kind::Address => from(|_, p, _, _| p.email.clone()),
            Kind::Data => from(|_, p, _, _| [p.name.as_str(), p.title.as_str(), p.extension.as_str()].join(" ").trim().to_owned()),
        }
    }

    fn places(&self, _: &Person, posts: &Posts, directory: &Directory) -> String {
        let name = |u| directory.units.get(u).map_or_else(|| String::from("?"), |u| u.name.clone());
        posts.keys().map(name).collect::<Vec<_>>().join("、")
    }

    fn rights(&self, person: &Person, posts: &Posts, _: &Directory) -> String {
        let roles = person.roles.iter().map(|r| self.office.procedure.role_title(r).to_owned());
        let held: std::collections::BTreeSet<_> = posts.values().flatten().copied().collect();
        roles.chain(held.into_iter().map(|p| self.word(&format!("post.{}", p.name())))).collect::<Vec<_>>().join("、")
    }

    /// What the second person should look at twice.
    #[must_use]
    pub fn directory_warnings(&self, list: &Roster, after: &Directory) -> Vec<String> {
        let headless = roster::headless(after);
        let mut out: Vec<String> = headless.iter().map(|u| self.word("directory.headless").replace("{unit}", &u.name)).collect();
        let others = after.people.values().filter(|p| !list.listed.contains_key(&p.id));
        let mut names: Vec<&str> = others.map(|p| p.name.as_str()).collect();
        let all = names.len();
        names.truncate(NAMED);
        if !names.is_empty() {
            let words = self.word("directory.unlisted").replace("{n}", &all.to_string());
            out.push(words.replace("{names}", &names.join("、")));
        }
        out
    }

    fn version_name(&self, by: &str) -> String {
        let person = PersonId(by.to_owned());
        self.office.directory.name_of(&person).to_owned()
    }

    /// One letter to each who may approve.
    fn lay_before(&self, version: &Version, asked: Asked<'_>, key: &str) -> Vec<Outgoing> {
        let whom = match asked {
            Asked::First => self.directory_approvers(&version.made_by),
            Asked::Again(person) | Asked::Confirm(person) => vec![person.clone()],
        };
        let after = version.roster.over(&self.configured);
        let mut rows = self.directory_rows(&self.office.directory, &after);
        let more = rows.len().saturating_sub(SHOWN);
        rows.truncate(SHOWN);
        let body = Body::DirectoryProposal {
            version: version.roster.version,
            file: version.file.clone(),
            by: self.version_name(&version.made_by),
            fingerprint: version.sha256.chars().take(12).collect(),
            changes: rows,
            more,
            warnings: self.directory_warnings(&version.roster, &after),
            said: match asked {
                Asked::First => String::new(),
                Asked::Again(_) => self.word("directory.unclear"),
                Asked::Confirm(_) => self.word("directory.confirm"),
            },
        };
        let kind = if matches!(asked, Asked::Confirm(_)) { TokenKind::Confirm } else { TokenKind::Action };
        let mailbox = self.settings.mailboxes.first().map(|m| m.address.clone()).unwrap_or_default();
        let plus = self.mailbox(&mailbox).is_some_and(|m| m.plus_addressing);
        let letter = |person: &PersonId| {
            let mut out = self.about_nothing(person, &body, &mailbox, format!("{key}:{}", person.as_str()))?;
            let token = Token { kind, case_serial: 0, slot: trust::slot_of(person.as_str()), step: step(version.roster.version) };
            let sealed = self.keyring.seal(&token);
            let target = if plus { address(&mailbox, &sealed) } else { mailbox.clone() };
            out.token = Some(token);
            out.plus = plus;
            out.letter.buttons = self.list_buttons(kind, &target, if plus { "" } else { &sealed });
            Some(out)
        };
        whom.iter().filter_map(letter).collect()
    }

    fn list_buttons(&self, kind: TokenKind, target: &str, code: &str) -> Vec<Button> {
        let acts: &[(&str, Tone)] = match kind {
            TokenKind::Confirm => &[("list_sure", Tone::Primary)],
            TokenKind::Action | TokenKind::Route | TokenKind::Public | TokenKind::Survey => {
                &[("list_in_force", Tone::Primary), ("return", Tone::Danger)]
            }
        };
        let button = |(act, tone): &(&str, Tone)| {
            let label = self.word(&format!("act.{act}"));
            let word = match *act {
                "list_sure" => self.word("act.confirm"),
                "list_in_force" => self.word("act.approve"),
                _ => label.clone(),
            };
            // Without plus-addressing the token stands below the word.
            let body = if code.is_empty() { format!("{word}\r\n") } else { format!("{word}\r\n\r\n{code}\r\n") };
            Button { act: (*act).to_owned(), label: None, href: compose::mailto(target, &label, &body), tone: *tone, reply_hint: None }
        };
        acts.iter().map(button).collect()
    }

    /// A reply to a letter about a list; none where this mail is no such reply.
    pub(super) async fn directory_word(&self, row: &InboxRow, mail: &Inbound) -> Result<Option<Job>, Error> {
        let Some(token) = self.list_token(mail).await? else { return Ok(None) };
        let day = self.office.day(self.now());
        let sender = mail.strict_from.as_deref().and_then(|a| self.office.directory.by_email(a)).map(|p| p.id.clone());
        // His own letter, and he belongs to the office now: an old token of who left or moved does nothing.
        let office = sender.filter(|p| trust::slot_of(p.as_str()) == token.slot && self.office.directory.is_secretariat(p, day));
        let Some(person) = office else { return Ok(Some(self.held_job(row, Some(mail), "unproved"))) };
        let waiting = directory::proposed(&self.store).await?.filter(|v| step(v.roster.version) == token.step);
        let Some(version) = waiting else { return Ok(Some(self.no_such_list(row, mail, &person, token.step).await?)) };
        if self.is_importer(&person, &version.made_by) {
            return Ok(Some(self.list_refused(row, mail, &person, "own_import")));
        }
        let (mode, evidence) = self.evidence(mail, row, None).await?;
        let confirmed = token.kind == TokenKind::Confirm;
        // Who imported it is the first person; this one has said so at his own address when he answers our question.
        let word = if confirmed { Confirmed::SecondPerson } else { Confirmed::No };
        let weighed = |class| trust::enough(class, mode, Some(&token), true, &evidence, word);
        match decision::decide(&mail.reply_text) {
            Decision::Return { reason } => Ok(Some(match weighed(ActClass::Safe) {
                Verdict::Allowed => self.list_decided(row, mail, &version, &person, State::Returned, reason.trim(), proved::TOKEN_ALONE),
                Verdict::AskDirectoryAddress(_) | Verdict::Held(_) => self.held_job(row, Some(mail), "unproved"),
            })),
            said => {
                let yes = said == Decision::Approve || confirmed && crate::mail::wording::confirms(&mail.reply_text);
                if !yes {
                    let mut job = Job::dealt_with(row, mail, "not_understood");
                    let asked = if confirmed { Asked::Confirm(&person) } else { Asked::Again(&person) };
                    let key = format!("directory:{}:again:{}", version.roster.version, row.id);
                    job.direct = self.lay_before(&version, asked, &key);
                    return Ok(Some(job));
                }
                Ok(Some(match weighed(ActClass::L3) {
                    Verdict::Allowed => {
                        let proof = match &evidence {
                            Evidence::Signed { how } => how.clone(),
                            Evidence::Proven { how } => format!("{how}{}", proved::AND_CONFIRMED),
                            Evidence::Missing(_) => proved::CONFIRMED_BY_SECOND.to_owned(),
                        };
                        self.list_decided(row, mail, &version, &person, State::Approved, "", &proof)
                    }
                    Verdict::AskDirectoryAddress(_) => {
                        let mut job = Job::dealt_with(row, mail, "directory_asked");
                        // Once a day, however often somebody presses, or forges it.
                        job.direct =
                            self.lay_before(&version, Asked::Confirm(&person), &format!("directory:{}:{day}", version.roster.version));
                        job
                    }
                    Verdict::Held(_) => self.held_job(row, Some(mail), "unproved"),
                }))
            }
        }
    }

    /// The token in the address, in the first lines, or in the id of the question that is answered; else the letter itself is known by
    /// its id: whoever has read it there approves nothing by that, but is asked at his directory address.
    async fn list_token(&self, mail: &Inbound) -> Result<Option<Token>, Error> {
        let ours = |t: &Token| t.case_serial == 0 && t.step >= STEP && t.step < Token::MAX_STEP - 2;
        let findings = self.findings(mail);
        let threaded = || findings.found.iter().find(|f| f.place == Place::Thread && f.token.kind == TokenKind::Confirm).copied();
        if let Some(found) = findings.acting().or_else(threaded) {
            return Ok(Some(found.token).filter(|t| ours(t) && matches!(t.kind, TokenKind::Action | TokenKind::Confirm)));
        }
        for id in mail.in_reply_to.iter().chain(&mail.references).take(30) {
            let letter = outbox::find_by_message_id(&self.store, id).await?.filter(|l| l.kind == LetterKind::DirectoryProposal.folder());
            let Some((letter, waiting)) = letter.zip(directory::proposed(&self.store).await?) else { continue };
            let reader = self.office.directory.by_email(&letter.recipient).map(|p| p.id.clone());
            let version = waiting.roster.version;
            // An earlier list's letter says nothing of this one; every letter about this one does, the first and those that asked again.
            let his = |p: &PersonId| {
                let rest = letter.effect_key.strip_prefix(&format!("directory:{version}:"));
                rest.is_some_and(|r| r == p.as_str() || r.ends_with(&format!(":{}", p.as_str())))
            };
            if let Some(reader) = reader.filter(his) {
                let slot = trust::slot_of(reader.as_str());
                return Ok(Some(Token { kind: TokenKind::Action, case_serial: 0, slot, step: step(version) }));
            }
        }
        Ok(None)
    }

    /// The list is decided about, or stands in no store of ours: imported after the backup that was put back. Then the office hears at
    /// once that it is to be imported anew, since until then who left by it has his rights.
    async fn no_such_list(&self, row: &InboxRow, mail: &Inbound, person: &PersonId, asked: u16) -> Result<Job, Error> {
        if directory::all(&self.store).await?.iter().any(|v| step(v.roster.version) == asked) {
            return Ok(self.list_refused(row, mail, person, "already_decided"));
        }
        let mut job = self.list_refused(row, mail, person, "list_lost");
        job.told.push(("directory_lost".to_owned(), None, asked.saturating_sub(STEP).to_string()));
        Ok(job)
    }

    fn list_refused(&self, row: &InboxRow, mail: &Inbound, person: &PersonId, reason: &str) -> Job {
        let body = Body::Refused {
            reason: reason.to_owned(),
            detail: None,
            nearest: None,
            choices: Vec::new(),
            possible: Vec::new(),
            source: None,
        };
        let mut job = Job::dealt_with(row, mail, reason);
        job.direct.extend(self.about_nothing(person, &body, &row.mailbox, format!("mail:{}:answer", row.id)));
        job
    }

    #[expect(clippy::too_many_arguments, reason = "which list, by whom, what, why, by which proof")]
    fn list_decided(
        &self,
        row: &InboxRow,
        mail: &Inbound,
        version: &Version,
        person: &PersonId,
        state: State,
        why: &str,
        proof: &str,
    ) -> Job {
        let number = version.roster.version;
        let body = Body::DirectoryDecided {
            version: number,
            approved: state == State::Approved,
            by: self.version_name(person.as_str()),
            at: self.stamp(self.now()),
            reason: why.to_owned(),
        };
        let mut job = Job::dealt_with(row, mail, "directory");
        job.direct = self.to_office(&body, &row.mailbox, &format!("directory:{number}:decided"));
        let importer = PersonId(version.made_by.clone());
        if !job.direct.iter().any(|l| l.effect_key.ends_with(&format!(":{}", importer.as_str()))) {
            let key = format!("directory:{number}:decided:{}", importer.as_str());
            job.direct.extend(self.about_nothing(&importer, &body, &row.mailbox, key));
        }
        job.list = Some(Decided { version: number, state, by: person.as_str().to_owned(), proof: proof.to_owned(), why: why.to_owned() });
        job
    }
}

/// Why a list is laid before somebody.
#[derive(Clone, Copy)]
enum Asked<'a> {
    /// It is new.
    First,
    /// His words could not be read.
    Again(&'a PersonId),
    /// He has approved it, and is asked whether it was he.
    Confirm(&'a PersonId),
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "—" } else { text }
}

/// The step under which tokens are about this list; the last steps of all have another meaning.
fn step(version: u32) -> u16 {
    STEP + u16::try_from(version % 500).unwrap_or(0)
}
