//! A case for eyes, in the words of the templates' labels: the lines of `case list`, the sheet of `case show`, and who decided what
//! on which text by which proof (`case explain`).

use std::fmt::Write as _;

use super::case_json;
use super::output::{columns, harmless, one_line, stamp};
use crate::calendar::{Moment, TimeZone};
use crate::desk::Desk;
use crate::domain::case::Acceptance;
use crate::domain::directory::Standing;
use crate::domain::{Case, PersonId};
use crate::store::events::EventRow;
use crate::store::messages::{Direction, MessageRow};
use crate::trust::proved;

/// Hexadecimal digits of a text's fingerprint that are shown.
const FINGERPRINT: usize = 12;

/// Labels, names and times as this house writes them.
pub(super) struct Voice<'a> {
    desk: &'a Desk,
}

impl<'a> Voice<'a> {
    pub(super) const fn new(desk: &'a Desk) -> Self {
        Self { desk }
    }

    fn label(&self, key: &str) -> String {
        self.desk.word(key)
    }

    fn zone(&self) -> &TimeZone {
        self.desk.office.calendar.zone()
    }

    fn at(&self, moment: Moment) -> String {
        stamp(moment, self.zone())
    }

    fn maybe(&self, moment: Option<Moment>) -> String {
        moment.map_or_else(|| "-".to_owned(), |m| self.at(m))
    }

    fn person(&self, id: &PersonId) -> String {
        let name = self.desk.office.directory.name_of(id);
        if name == id.as_str() { name.to_owned() } else { format!("{name}（{}）", id.as_str()) }
    }

    fn standing(&self, standing: &Standing) -> String {
        match &standing.deputises {
            Some(principal) => format!("{} {} {}", self.person(&standing.person), self.label("cli.for"), self.person(principal)),
            None => self.person(&standing.person),
        }
    }

    fn unit(&self, case: &Case) -> String {
        let name = |id| self.desk.office.directory.units.get(id).map_or_else(|| id.as_str().to_owned(), |u| u.name.clone());
        case.unit.as_ref().map_or_else(|| "-".to_owned(), name)
    }

    /// The first line of `case list`.
    pub(super) fn list_head(&self) -> Vec<String> {
        ["number", "state", "unit", "due", "received", "subject"].map(|k| self.label(&format!("field.{k}"))).to_vec()
    }

    /// A case's line in `case list`.
    pub(super) fn list_row(&self, case: &Case) -> Vec<String> {
        vec![
            case.number.clone(),
            self.label(&format!("state.{}", case.state.name())),
            self.unit(case),
            self.maybe(case.due_at()),
            self.at(case.opened_at),
            one_line(case.subject.reveal()),
        ]
    }

    /// `case show`.
    pub(super) fn sheet(&self, case: &Case, messages: &[MessageRow], trail: &[EventRow]) -> String {
        let mut out = columns(&self.head(case));
        let seen = case_json::as_of(case, trail);
        self.section(
            &mut out,
            "deadlines",
            case.deadlines.iter().map(|d| {
                let missed = if case_json::missed(case, d, seen) { self.label("cli.missed") } else { String::new() };
                let round = self.label("ui.round").replace("{n}", &d.round.to_string());
                vec![
                    self.label(&format!("deadline.{}", d.kind.name())),
                    round,
                    self.maybe(d.due_at),
                    format!("{} {}", self.label("cli.met"), self.maybe(d.met_at)),
                    missed,
                ]
            }),
        );
        self.section(&mut out, "handling", self.desk.handling_rows(case).into_iter().map(|r| vec![r.label, one_line(&r.value)]));
        self.section(
            &mut out,
            "approvals",
            case_json::asked(case).map(|a| {
                let by = a.decision.as_ref().map(|d| &d.by).or_else(|| a.candidates.first());
                let decided = a.decision.as_ref().map_or("asked", |d| case_json::decision(d.kind));
                vec![
                    self.label(&format!("stage.{}", case_json::stage(a.stage))),
                    format!("{} {}", a.step, a.title),
                    by.map(|s| self.standing(s)).unwrap_or_default(),
                    self.label(&format!("decision.{decided}")),
                    self.maybe(a.decision.as_ref().map(|d| d.at)),
                    a.decision.as_ref().map(|d| one_line(d.comment.internal())).unwrap_or_default(),
                ]
            }),
        );
        self.section(
            &mut out,
            "holding",
            case.holding.iter().map(|h| {
                let name = self.desk.office.directory.units.get(&h.unit).map_or_else(|| h.unit.as_str().to_owned(), |u| u.name.clone());
                let hours = h.to.unwrap_or(seen).unix().saturating_sub(h.from.unix()).max(0) / 3600;
                vec![name, self.at(h.from), self.maybe(h.to), format!("{hours} h")]
            }),
        );
        self.section(
            &mut out,
            "surveys",
            case.surveys.iter().map(|s| {
                let verdict = self.label(&format!("cli.{}", case_json::satisfaction(s.satisfaction)));
                let answers: Vec<String> = s.answers.iter().map(|(id, words)| format!("{id}={}", one_line(words.reveal()))).collect();
                vec![self.label("ui.round").replace("{n}", &s.round.to_string()), self.at(s.at), verdict, answers.join("；")]
            }),
        );
        self.messages(&mut out, messages);
        self.section(
            &mut out,
            "trail",
            trail.iter().map(|e| vec![self.at(e.at), e.kind.clone(), e.actor.clone(), e.hash.chars().take(FINGERPRINT).collect()]),
        );
        out
    }

    fn head(&self, case: &Case) -> Vec<Vec<String>> {
        let complainant = match &case.complainant.address {
            Some(address) => format!("{} <{}>", one_line(case.complainant.name.reveal()), one_line(address.reveal())),
            None => one_line(case.complainant.name.reveal()),
        };
        let mut state = format!("{} ({})", self.label(&format!("state.{}", case.state.name())), case.state.name());
        for (on, key) in [(case.major, "ui.major"), (case.confidential, "ui.confidential")] {
            if on {
                state.push_str(&format!("　{}", self.label(key)));
            }
        }
        for kind in &case.undelivered {
            state.push_str(&format!("　{}：{}", self.label("note.undelivered"), self.label(&format!("letter.{kind}"))));
        }
        if let Some(outcome) = case.outcome {
            state.push_str(&format!("　{} ({})", self.label(&format!("outcome.{}", outcome.name())), outcome.name()));
        }
        let row = |key: &str, value: String| vec![self.label(&format!("field.{key}")), value];
        let mut rows = vec![
            row("number", case.number.clone()),
            row("state", state),
            row("subject", one_line(case.subject.reveal())),
            row("complainant", complainant),
            row("channel", case.channel.clone()),
            row("received", self.at(case.opened_at)),
            row("due", self.maybe(case.due_at())),
            row("unit", self.unit(case)),
            row("round", case.round.to_string()),
        ];
        rows.extend(case.handler.as_ref().map(|h| row("handler", self.person(h))));
        rows.extend(case.grade.as_ref().map(|g| row("grade", g.clone())));
        rows
    }

    fn section(&self, out: &mut String, key: &str, rows: impl Iterator<Item = Vec<String>>) {
        let rows: Vec<Vec<String>> = rows.collect();
        if !rows.is_empty() {
            let _ = write!(out, "\n{}\n{}", self.label(&format!("cli.{key}")), indented(&columns(&rows), "  "));
        }
    }

    fn messages(&self, out: &mut String, messages: &[MessageRow]) {
        if messages.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n{}", self.label("cli.messages"));
        for message in messages {
            let way = match message.direction {
                Direction::In => self.label("cli.in"),
                Direction::Out => self.label("cli.out"),
            };
            let state = message.state.map(|s| format!("（{}）", s.as_str())).unwrap_or_default();
            let to = one_line(&message.to.join(", "));
            let _ = writeln!(out, "  {}  {way}  {}{state}  {} → {to}", self.at(message.at), message.kind, one_line(&message.from));
            let _ = writeln!(out, "    {}", one_line(&message.subject));
            out.push_str(&indented(&harmless(message.text.trim_end()), "    | "));
        }
    }

    /// `case explain`.
    pub(super) fn explained(&self, case: &Case) -> String {
        let mut out = columns(&self.head(case));
        out.push('\n');
        if let Acceptance::Confirmed { by, at } = &case.acceptance {
            let _ = writeln!(out, "{}  {}  {}", self.at(*at), self.label("act.accept"), self.person(by));
        }
        for draft in case.drafts.values() {
            let _ = writeln!(
                out,
                "{}  {}  {}  {}",
                self.at(draft.at),
                self.label("decision.proposed"),
                self.person(&draft.author),
                self.text(case, Some(draft.version))
            );
        }
        for ask in case_json::asked(case) {
            let stage = self.label(&format!("stage.{}", case_json::stage(ask.stage)));
            let Some(decision) = &ask.decision else {
                let whom: Vec<String> = ask.candidates.iter().map(|c| self.standing(c)).collect();
                let _ = writeln!(
                    out,
                    "{}  {stage}　{}  {}  {}",
                    self.at(ask.asked_at),
                    ask.title,
                    self.label("decision.asked"),
                    whom.join("、")
                );
                continue;
            };
            let kind = self.label(&format!("decision.{}", case_json::decision(decision.kind)));
            let _ = writeln!(
                out,
                "{}  {stage}　{}  {kind}  {}  {}",
                self.at(decision.at),
                ask.title,
                self.standing(&decision.by),
                self.text(case, ask.draft)
            );
            let _ = writeln!(out, "    {}：{}", self.label("cli.proof"), one_line(&self.proof(&decision.proof)));
            if let Some(paper) = &decision.paper {
                let words = self.label("cli.paper").replace("{on}", &paper.on.to_string()).replace("{scan}", &paper.scan);
                let words = words.replace("{entered}", &self.person(&paper.entered_by));
                let _ = writeln!(out, "    {}", words.replace("{confirmed}", &self.person(&paper.confirmed_by)));
            }
            if !decision.directory.is_empty() {
                let _ = writeln!(out, "    {}：{}", self.label("cli.directory"), decision.directory);
            }
            if !decision.comment.internal().trim().is_empty() {
                out.push_str(&indented(&harmless(decision.comment.internal().trim()), "    | "));
            }
        }
        out
    }

    /// By what a decision was proved, in the reader's words; what a server or a signature said stands as it was said.
    fn proof(&self, kept: &str) -> String {
        let said = |key: &str, what: &str| self.label(key).replace("{what}", what);
        if let Some(rest) = kept.strip_prefix("S/MIME ") {
            return said("cli.proved.smime", rest);
        }
        if let Some(second) = kept.strip_prefix(proved::AGREED).and_then(|rest| rest.split(' ').next()) {
            return said("cli.proved.second", second);
        }
        let (first, confirmed) = match kept.strip_suffix(proved::AND_CONFIRMED) {
            Some(first) => (first, true),
            None => (kept, false),
        };
        let mut out = match first {
            proved::CONFIRMED => self.label("cli.proved.confirmed"),
            proved::TOKEN_ALONE => self.label("cli.proved.token"),
            signed if signed.starts_with("dkim=") => said("cli.proved.dkim", signed),
            judged if judged.starts_with("dmarc=") || judged.starts_with("internal submission") => said("cli.proved.border", judged),
            other => other.to_owned(),
        };
        if confirmed {
            out.push_str(&self.label("cli.proved.and_confirmed"));
        }
        out
    }

    /// 第 n 稿, its fingerprint, and whether the words that are kept still give it.
    fn text(&self, case: &Case, version: Option<u32>) -> String {
        let Some(draft) = version.and_then(|v| case.drafts.get(&v)) else { return String::new() };
        let short: String = draft.sha256.chars().take(FINGERPRINT).collect();
        let shown = self.label("ui.draft").replace("{n}", &draft.version.to_string()).replace("{f}", &short);
        let same = crate::domain::text::fingerprint(draft.text.internal()) == draft.sha256;
        if same { shown } else { format!("{shown} {}", self.label("cli.altered")) }
    }
}

fn indented(text: &str, with: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        out.push_str(with);
        out.push_str(line);
        out.push('\n');
        out
    })
}
