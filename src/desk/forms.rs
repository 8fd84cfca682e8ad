//! The official forms of a case: values by the forms' keys, printed as PDF and shown as rows (R4, R34; K 附件一, 附件二).
//! Forms are data (`templates/zh-TW/forms/<profile>/`); what a key means is here.

use std::collections::BTreeMap;

use super::views::Sight;
use super::{Desk, Error};
use crate::calendar::Moment;
use crate::domain::approval::{Decided, Decision};
use crate::domain::case::Acceptance;
use crate::domain::reply_form::ANSWER;
use crate::domain::state::{Outcome, Satisfaction, Stage};
use crate::domain::{Case, Language, PersonId};
use crate::render::{Row, Sheet};

impl Desk {
    /// A form of a case as PDF, with its title. `form`: `record`, `handling`, ….
    ///
    /// # Errors
    /// [`Error::Render`]: no such form, no font, or it could not be set.
    pub fn print(&self, case: &Case, form: &str) -> Result<(String, Vec<u8>), Error> {
        self.print_for(case, form, Sight::Full)
    }

    pub(super) fn print_for(&self, case: &Case, form: &str, sight: Sight) -> Result<(String, Vec<u8>), Error> {
        let press = self.press.as_ref().ok_or_else(|| crate::render::Error::NoFont(Vec::new()))?;
        let name = format!("{}/{form}", self.office.procedure.forms_folder());
        let sheet = press.form(&name)?.filled(&self.form_values(case, sight));
        let bytes = press.sheet(&name, &sheet.to_json())?;
        Ok((sheet.title, bytes))
    }

    /// The form, or, where it cannot be printed, an alarm: the mail goes without it.
    pub(super) fn print_or_alarm(&self, case: &Case, form: &str, sight: Sight) -> Option<(String, Vec<u8>)> {
        match self.print_for(case, form, sight) {
            Ok(printed) => Some(printed),
            Err(error) => {
                tracing::error!(case = case.number, form, %error, "a form could not be printed; the mail goes without it");
                None
            }
        }
    }

    /// Who signed in which cell of the forms (`stamp_approve` …), and when; what was signed on paper is marked so.
    #[must_use]
    pub fn signatures(&self, case: &Case) -> BTreeMap<String, String> {
        let mut cells = BTreeMap::new();
        signatures(self, case, &mut |cell, text| {
            cells.insert(cell.to_owned(), text);
        });
        cells
    }

    fn sheet(&self, case: &Case, form: &str, sight: Sight) -> Option<Sheet> {
        let press = self.press.as_ref()?;
        Some(press.form(&format!("{}/{form}", self.office.procedure.forms_folder())).ok()?.filled(&self.form_values(case, sight)))
    }

    /// Whether the procedure has this form.
    pub(super) fn has_form(&self, form: &str) -> bool {
        self.press.as_ref().is_some_and(|p| p.form(&format!("{}/{form}", self.office.procedure.forms_folder())).is_ok())
    }

    fn person_name(&self, person: &PersonId) -> String {
        self.office.directory.name_of(person).to_owned()
    }

    /// A date as forms print it.
    fn on(&self, at: Moment) -> String {
        crate::calendar::roc::long(at.zoned(self.office.calendar.zone()).date())
    }
}

/// A form as labelled rows; the record's fields alone where no font (and so no form) is at hand.
pub(super) fn rows(desk: &Desk, case: &Case, form: &str, sight: Sight) -> Vec<Row> {
    if let Some(sheet) = desk.sheet(case, form, sight) {
        return sheet.rows();
    }
    let values = desk.form_values(case, sight);
    let mut rows = vec![Row::new(desk.word("field.number"), &case.number)];
    rows.extend(desk.office.procedure.fields.iter().map(|f| Row::new(&f.label, values.get(&f.id).cloned().unwrap_or_default())));
    rows
}

/// The form's title.
pub(super) fn title(desk: &Desk, form: &str) -> String {
    let name = format!("{}/{form}", desk.office.procedure.forms_folder());
    desk.press.as_ref().and_then(|p| p.form(&name).ok()).map(|s| s.title.clone()).unwrap_or_default()
}

/// Everything that forms print beside the record's own fields.
pub(super) fn add_values(desk: &Desk, case: &Case, sight: Sight, values: &mut BTreeMap<String, String>) {
    let mut set = |key: &str, value: String| {
        values.insert(key.to_owned(), value);
    };
    let label = |key: &str| desk.words.label(Language::ZhTw, key);
    set("number", case.number.clone());
    set("mark", if case.confidential { label("desk.form_secret") } else { String::new() });
    set("mailbox", desk.settings.mailboxes.first().map(|m| m.address.clone()).unwrap_or_default());
    set("channel", if case.channel == "email" { "mail" } else { "other" }.to_owned());
    set("channel_id", case.channel.clone());
    set("confidential", if case.confidential { "yes" } else { "no" }.to_owned());
    set("organisation", desk.settings.organisation.clone());
    set("grade", case.grade.clone().unwrap_or_default());
    set("category", case.categories.join("\n"));
    set("due_day", case.due_at().map(|at| desk.on(at)).unwrap_or_default());
    set("closing_way", case.closing_way.map(|w| w.name().to_owned()).unwrap_or_default());
    set("received_minute", desk.stamp(case.opened_at).roc);
    set("channel_other", if case.channel == "email" { String::new() } else { case.channel.clone() });
    set("complaint", desk.complaint(case, sight));
    if case.record.get("summary").is_none_or(|s| s.reveal().trim().is_empty()) {
        set("record_summary", desk.complaint(case, sight));
    } else {
        let summary = case.record.get("summary").map(|s| s.reveal().clone()).unwrap_or_default();
        set("record_summary", if sight == Sight::Full { summary } else { desk.without_names(case, &summary, sight) });
    }
    let unit = case.unit.as_ref().and_then(|u| desk.office.directory.units.get(u));
    let handler = case.handler.as_ref().and_then(|h| desk.office.directory.people.get(h));
    set("unit", unit.map(|u| u.name.clone()).unwrap_or_default());
    set("unit_head", unit.map(|u| desk.person_name(&u.head)).unwrap_or_default());
    set("handler", handler.map(|h| h.name.clone()).unwrap_or_default());
    set(
        "handler_title",
        handler.map(|h| [h.title.as_str(), h.extension.as_str()].join("／")).unwrap_or_default().trim_matches('／').to_owned(),
    );
    set("handler_extension", handler.map(|h| h.extension.clone()).unwrap_or_default());
    receiver(desk, case, &mut set);
    handling(desk, case, sight, &mut set);
    signatures(desk, case, &mut set);
    service(desk, case, sight, &mut set);
}

/// 收件單位 and 收件處理: who accepted it, and how.
fn receiver(desk: &Desk, case: &Case, set: &mut dyn FnMut(&str, String)) {
    set("receiver_unit", desk.settings.office.clone());
    let by = match &case.acceptance {
        Acceptance::Confirmed { by, .. } => desk.office.directory.people.get(by),
        Acceptance::Open | Acceptance::Preliminary { .. } => None,
    };
    set("receiver", by.map(|p| p.name.clone()).unwrap_or_default());
    set(
        "receiver_title",
        by.map(|p| [p.title.as_str(), p.extension.as_str()].join("／").trim_matches('／').to_owned()).unwrap_or_default(),
    );
    let head = desk.office.directory.people.values().find(|p| p.roles.iter().any(|r| r.as_str() == "chief_secretary"));
    set("receiver_head", head.map(|p| p.name.clone()).unwrap_or_default());
    let decision = match (case.outcome, &case.unit, case.self_handled) {
        (Some(Outcome::NotAccepted), _, _) => "rejected",
        (_, _, true) => "self",
        (_, Some(_), false) => "forwarded",
        (_, None, false) => "",
    };
    set("disposition", decision.to_owned());
}

/// 事由簡述, 處理紀錄, 處理回覆.
fn handling(desk: &Desk, case: &Case, sight: Sight, set: &mut dyn FnMut(&str, String)) {
    let field = |id: &str| case.handling_fields.get(id).map(|t| t.internal().to_owned()).unwrap_or_default();
    let summary = Some(field("summary")).filter(|t| !t.is_empty()).unwrap_or_else(|| match sight {
        Sight::Full => case.subject.reveal().clone(),
        Sight::Masked | Sight::Hidden => desk.without_names(case, case.subject.reveal(), sight),
    });
    set("summary", desk.without_known(case, &summary, sight));
    let mut lines: Vec<String> =
        case.handling.iter().map(|n| format!("{}　{}：{}", desk.on(n.at), desk.person_name(&n.by), n.text.internal())).collect();
    let noted = lines.join("\n");
    for id in desk.office.procedure.handling.iter().map(|f| f.id.as_str()).filter(|id| !matches!(*id, "summary" | ANSWER)) {
        let value = field(id);
        // A form with a cell of its own for a section prints it there.
        set(&format!("field_{id}"), desk.without_known(case, &value, sight));
        // What was filled in the reply stands in the note of its day already.
        if !value.is_empty() && !noted.contains(&value) {
            lines.push(format!("{}：{value}", desk.form_label(id)));
        }
    }
    set("handling", desk.without_known(case, &lines.join("\n"), sight));
    let answer = case.drafts.values().rev().find(|d| !d.preliminary).map(|d| d.text.internal().to_owned()).unwrap_or_default();
    set("answer", desk.without_known(case, &answer, sight));
    set("answered_on", case.answered_at.filter(|at| *at >= case.round_at).map(|at| desk.on(at)).unwrap_or_default());
    set("closed_on", case.closed_at.map(|at| desk.on(at)).unwrap_or_default());
}

/// Grade, dates, calls and what the complainant thought of it.
fn service(desk: &Desk, case: &Case, sight: Sight, set: &mut dyn FnMut(&str, String)) {
    use crate::domain::state::DeadlineKind::{Answer, Closing, FirstResponse, Preliminary, Start};
    let minute = |at: Moment| desk.stamp(at).roc;
    set("grade_label", desk.grade_label(case));
    let sheet = case.grading.last();
    set("grade_criteria", sheet.map(|s| s.criteria.join("\n")).unwrap_or_default());
    set("grade_reason", sheet.map(|s| desk.without_known(case, s.reason.internal(), sight)).unwrap_or_default());
    set("grade_by", sheet.and_then(|s| s.by.as_ref()).map(|p| desk.person_name(p)).unwrap_or_default());
    let of = |kind| case.deadlines.iter().rev().find(|d| d.kind == kind);
    for (key, kind) in
        [("start", Start), ("first_response", FirstResponse), ("preliminary", Preliminary), ("answer", Answer), ("closing", Closing)]
    {
        set(&format!("{key}_by"), of(kind).and_then(|d| d.due_at).map(minute).unwrap_or_default());
        set(&format!("{key}_at"), of(kind).and_then(|d| d.met_at).map(minute).unwrap_or_default());
    }
    let done = case.completion();
    set("standard_day", done.and_then(|d| d.standard_at).map(minute).unwrap_or_default());
    set("promised_day", done.and_then(|d| d.promised_at).map(minute).unwrap_or_default());
    set("expected_day", done.and_then(|d| d.due_at).map(minute).unwrap_or_default());
    set("extensions", case.extensions.to_string());
    set("escalations", case.escalations.to_string());
    set("started_minute", case.started_at.map(minute).unwrap_or_default());
    let judged = case.surveys.iter().rev().find(|s| s.round == case.round);
    set("satisfaction", judged.map(|s| desk.words.label(Language::ZhTw, &format!("cli.{}", verdict(s.satisfaction)))).unwrap_or_default());
    let calls = case.calls.iter().map(|c| desk.call_line(case, c, sight)).collect::<Vec<_>>();
    set("calls", calls.join("\n"));
    set("customer", case.record.get("organisation").filter(|_| sight == Sight::Full).map(|v| v.reveal().clone()).unwrap_or_default());
    for field in desk.office.procedure.handling.iter().filter(|f| f.id != crate::domain::reply_form::ANSWER) {
        let value = case.handling_fields.get(&field.id).map(|t| t.internal().to_owned()).unwrap_or_default();
        set(&format!("form_{}", field.id), desk.without_known(case, &value, sight));
    }
}

const fn verdict(satisfaction: Satisfaction) -> &'static str {
    match satisfaction {
        Satisfaction::Satisfied => "satisfied",
        Satisfaction::Neutral => "neutral",
        Satisfaction::Dissatisfied => "dissatisfied",
    }
}

/// The signature cells: who wrote, who decided, on which day, in the order of the chain. `sign_1` is the handler's.
fn signatures(desk: &Desk, case: &Case, set: &mut dyn FnMut(&str, String)) {
    let writer = case.current_draft().or_else(|| case.drafts.values().next_back());
    let stamp = |name: String, title: &str, at: Moment| format!("{name}\n{title}\n{}", desk.on(at));
    // 紙本核定: the day is that of the signature, not of the entry.
    let decided = |d: &Decision, title: &str| match &d.paper {
        Some(paper) => {
            let mark = desk.words.label(Language::ZhTw, "desk.paper");
            format!("{}\n{title}\n{mark} {}", desk.name_of(&d.by), crate::calendar::roc::long(paper.on))
        }
        None => stamp(desk.name_of(&d.by), title, d.at),
    };
    let title = |p: &PersonId| desk.office.directory.people.get(p).map(|p| p.title.clone()).unwrap_or_default();
    set("stamp_handler", writer.map(|d| stamp(desk.person_name(&d.author), &title(&d.author), d.at)).unwrap_or_default());
    let current = writer.map(|d| d.version);
    for ask in case.asks.iter().filter(|a| a.stage != Stage::Preliminary && a.round == case.round) {
        let Some(decision) = ask.decision.as_ref().filter(|d| d.kind != Decided::Returned) else { continue };
        if ask.stage == Stage::Closing {
            // Before the closing other people sign in other cells, under no text.
            if let Some(cell) = &ask.stamp {
                set(&format!("stamp_{cell}"), decided(decision, &title(&decision.by.person)));
            }
            continue;
        }
        // A signature stands under the text it was given for: an approval under its draft, an editor's under his own words.
        let own = decision.kind == Decided::Edited && writer.is_some_and(|d| d.author == decision.by.person);
        if ask.draft != current && !own {
            continue;
        }
        if let Some(cell) = &ask.stamp {
            set(&format!("stamp_{cell}"), decided(decision, &title(&decision.by.person)));
        }
    }
}
