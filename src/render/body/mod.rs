//! The closed list of letters: one variant each, with what only that letter says. A new mail starts here (the match, the template folder and the
//! sample are then asked for by the compiler and the tests). The words are in `templates/<language>/letters/<folder>/`, the kinds in `kind`.

mod kind;

use serde::Serialize;

use super::letter::{Count, DigestLine, DigestSection, DraftView, EarlierCase, GradeView, PersonLine, Row, Stage, Stamp, StepView};

pub use kind::LetterKind;

/// What a letter says. Fields are ready to be read; `text` fields keep their line breaks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "the fields are described with each variant; their names are those of the templates")]
pub enum Body {
    // ---- to complainants: nothing internal, ever (R21) ----
    /// R3, R60, R94. Quotes nothing of the mail but the number. `retention`: how long records are kept, in words (「2年」).
    /// `passed_by`: the authority that passed it on.
    Acknowledgement {
        passed_by: Option<String>,
        due_on: Option<Stamp>,
        transferred_to: Option<String>,
        retention: Option<String>,
        /// What of the mail could not be read: `encrypted`, `truncated` (too large). Asks for a resend.
        unread: Option<&'static str>,
    },
    /// R60: handed to a unit, or to another one (`rerouted`), or taken up again (the case's round is above 1).
    Transfer { unit: String, due_on: Option<Stamp>, rerouted: bool },
    /// 詢問 or 補正: what the complainant is asked to add.
    Question { text: String },
    /// 初步答覆 (R58).
    Preliminary { text: String, due_on: Option<Stamp> },
    /// A granted extension (R28).
    Extension { new_due: Stamp, reason: String },
    /// Why it takes long (R67).
    DelayReason { text: String },
    /// The approved answer. Buttons: `satisfied`, `dissatisfied`.
    Answer { text: String, survey_url: Option<String> },
    /// 不受理.
    Refusal { text: String },
    /// Not our business: who is, and how to reach him.
    Referral { agency: String, contact: Option<String>, text: Option<String> },
    /// The case is closed.
    Closing { answered_on: Option<Stamp> },
    /// A further mail was added to the case.
    NoticeReceived {},
    /// 併案: goes on under another number of the same complainant's.
    Merged { into: String },
    /// The complainant is written to at another address from now on; `old`: this goes to the former one.
    AddressChanged { old: bool },

    // ---- to who passed a complaint on ----
    /// 復知: the result of a complaint that was passed on. `answered_on`: when its writer was told; `by`: how, where not by mail;
    /// `answer`: a copy of what he was told.
    ToldBack { reference: Option<String>, answered_on: Option<Stamp>, by: Option<String>, outcome: Option<String>, answer: Option<String> },

    // ---- to staff ----
    /// To the secretariat: decide what becomes of a complaint. `units`: suggested units with the reason.
    /// `grades`: what a grade is decided on, where the paper has grades; `assessment`: the points that are weighed (評估).
    Triage {
        complaint: String,
        record: Vec<Row>,
        hints: Vec<String>,
        units: Vec<Row>,
        unit_choices: Vec<String>,
        grades: Vec<GradeView>,
        assessment: Vec<String>,
        /// Competent authorities, each with how to reach it (轉介).
        authorities: Vec<Row>,
    },
    /// To a unit: handle it. `form_title`: name of the attached record form; `reply_form`: labels to fill, with what was filled before.
    Forward {
        instructions: Vec<String>,
        due_on: Option<Stamp>,
        complaint: String,
        record: Vec<Row>,
        form_title: String,
        reply_form: Vec<Row>,
        earlier: Vec<EarlierCase>,
        dissatisfied: Option<String>,
        co_handling: bool,
    },
    /// To the secretariat: this went to a unit by 系統初判; confirm, re-route or refuse.
    AutoForwarded { unit: String, matched: Vec<String>, complaint: String, record: Vec<Row>, confirm_by: Option<Stamp> },
    /// To a writer: shall this be laid before the approvers as the answer? (R56)
    ConfirmDraft { text: String, missing_parts: Vec<String> },
    /// To an approver. `stage_label`: what the procedure calls this step. `complaint` and `record` may be empty for a later stage.
    ApprovalRequest {
        stage: Stage,
        stage_label: String,
        draft: DraftView,
        handling: String,
        rows: Vec<Row>,
        complaint: String,
        chain: Vec<StepView>,
        missing_parts: Vec<String>,
        missing_fields: Vec<String>,
        due_on: Option<Stamp>,
    },
    /// To the office: a unit gave the case back as not its own, or passed it on (`to`).
    GivenBack { unit: String, reason: String, complaint: String, to: Option<String> },
    /// To a unit, for information (副知): nobody is asked for anything, nothing tells who complained.
    Copied { words: String, complaint: String, answer: String, rows: Vec<Row> },
    /// To the unit that had it: the case went elsewhere; nothing more to do. `to`: where, when that may be told.
    TakenAway { to: Option<String> },
    /// To who grants it: somebody asks for more time. Buttons `grant`, `deny`.
    ExtensionAsked { by: String, until: Stamp, reason: String, due_on: Option<Stamp> },
    /// To who asked, or handles it: more time.
    ExtensionGranted { new_due: Stamp },
    /// To who asked: no more time.
    ExtensionRefused { reason: String, due_on: Option<Stamp> },
    /// To who handles it without knowing the complainant: his files, released. `withheld`: what could not be cleaned.
    Files { names: Vec<String>, withheld: Vec<String> },
    /// To who allows it: somebody asks to see who the complainant is. Buttons `disclose`, `conceal`.
    IdentityAsked { by: String, reason: String },
    /// To who asked: the record and the words as they are, until then.
    IdentityShown { until: Stamp, complaint: String, record: Vec<Row> },
    /// To who asked: no.
    IdentityRefused { reason: String },
    /// To a second person: a decision on paper was entered; its scan is attached. Buttons `confirm_paper`, `refuse_paper`.
    PaperEntered { stage_label: String, signer: String, signed_on: String, by: String, scan: String, draft: DraftView },
    /// To who entered it: the second person finds it wrong.
    PaperRefused { reason: String },
    /// To the office: a mail went to the complainant's and the office's world at once; nothing was relayed.
    WorldsMet { from: String, others: Vec<String> },
    /// To the handler: an approver returned it. `how`: `anew`, `supplement` (補充), `continue` (續辦).
    Returned {
        how: String,
        by: String,
        title: String,
        reason: String,
        text: String,
        stage: Stage,
        due_on: Option<Stamp>,
        reply_form: Vec<Row>,
    },
    /// To a writer: his record lacks these fields, his answer these parts; nothing waits for them. `proposed`: his answer is on its way already.
    /// `closing`: what is missing is wanted for the closing, which is being approved meanwhile.
    FormIncomplete { closing: bool, fields: Vec<String>, parts: Vec<String>, proposed: bool, reply_form: Vec<Row> },
    /// To the handler (else the unit): the case is taken up again; can be answered like the forward.
    /// `anew`: in a new round, and the time to answer with it.
    Resumed { words: String, previous_answer: String, due_on: Option<Stamp>, reply_form: Vec<Row>, anew: bool },
    /// To the secretariat: the complainant is not satisfied.
    Dissatisfied { words: String, rows: Vec<Row>, resumed: bool, anew: bool },
    /// To handler and secretariat: the complainant wrote again.
    ComplainantWrote { text: String, attachments: Vec<String>, reply_expected: bool },
    /// `deadline`: label key `deadline.<kind>`; `days_left` negative when overdue; `waiting`: what is waited for, `waiting_for`: for whom.
    Reminder { deadline: String, due: Stamp, days_left: i64, waiting: String, waiting_for: String },
    /// To an approver who has not decided.
    ApprovalReminder { stage: Stage, stage_label: String, draft: DraftView, asked_at: Stamp, due_on: Option<Stamp> },
    /// To the secretariat: a letter did not arrive. `letter`: its kind; `status`: what the server said; `task`: label key `undelivered.<task>`
    /// (`forward`, `answer`, `approval`, `other`).
    Undelivered { recipient: String, letter: LetterKind, status: String, permanent: bool, task: String },
    /// To the secretariat: somebody is away by his automatic reply.
    AutoReplyNoted { person: String, deputy: Option<String>, text: String, letter: LetterKind },
    /// To somebody whom the notice matrix names: a case of this grade. `note`: what he is asked to do, in the paper's words.
    Notice { grade: String, rows: Vec<Row>, note: String },
    /// To a named caller: whom to call, the complainant himself when `follow_up`. Button `phone`.
    CallTask { follow_up: bool, people: Vec<Row>, rows: Vec<Row>, asked_at: Stamp, answer: Option<String> },
    /// To who works on it and who is brought in: the promise is broken for the `count`th time; a new date is demanded. Button `escalate`.
    EscalationDemanded { deadline: String, due: Stamp, count: u32, waiting_for: String, approver: String },
    /// To a sender: the directive was not carried out. `reason`: label key `refused.<reason>`; `source`: his line, only when he is known and proved.
    /// `nearest`: the right form that his words come nearest to; `choices`: the names that there are.
    Refused {
        reason: String,
        detail: Option<String>,
        nearest: Option<String>,
        choices: Vec<String>,
        possible: Vec<String>,
        source: Option<String>,
    },
    /// To a directory address: an act in its name lacked proof. Quotes nothing of the case. `act`: a button's id, or words.
    NotAdopted { act: String, at: Stamp },
    /// To an approver whose reply could not be read as a decision. `said`: his words.
    AskDecision { stage: Stage, stage_label: String, draft: DraftView, said: String },
    /// To the secretariat: a mail was set aside. `reason`: label key `held.<reason>`.
    Quarantined { reason: String, detail: Option<String>, from: String, subject: String, received: Stamp, id: String },
    /// To the last approver: the answer leaves at `recall_until` unless it is called back.
    DecisionNotice { stage: Stage, draft: DraftView, recall_until: Stamp },
    /// An answer to `#進度查詢`: the case as it stands.
    Status { rows: Vec<Row>, trail: Vec<Row> },
    /// To the secretariat: what its 稽催 by condition brought about. `already`: cases that fit and were urged today before.
    Urged { condition: String, rows: Vec<Row>, already: usize },
    /// What the reader may do now, each with its directive.
    Help { directives: Vec<Row> },
    /// To the secretariat: somebody who is no party wrote on a case.
    StrangerMail { from: String, text: String },
    /// To the secretariat, once at the first start: what becomes of these? `said`: what stands above the list, empty at first.
    OldMail { mailbox: String, count: u64, oldest: Stamp, newest: Stamp, said: String },
    /// To who may approve it: a list of the personnel office. `changes`: what it is, and whom it concerns; `more`: so many are not shown;
    /// `said`: what stands above, empty at first. Buttons `list_in_force`, `return`, or `list_sure`.
    DirectoryProposal {
        version: u32,
        file: String,
        by: String,
        fingerprint: String,
        changes: Vec<Row>,
        more: usize,
        warnings: Vec<String>,
        said: String,
    },
    /// To the secretariat and who imported it: what became of the list.
    DirectoryDecided { version: u32, approved: bool, by: String, at: Stamp, reason: String },
    /// To the secretariat, once a quarter: who may do what. `people`: those first who have done nothing for `idle_days` days, `idle` of them;
    /// `by` and `said`: who of the office finds something wrong, and what, where somebody did.
    PeopleReview { date: Stamp, edition: String, people: Vec<PersonLine>, idle: usize, idle_days: i64, by: String, said: String },
    /// To who goes on with it: what somebody who left or moved had in hand. `rows`: case number, what it is.
    HandedOver { names: Vec<String>, rows: Vec<Row> },
    /// To a second person: something waits for his agreement. `act`: label key `second.<act>`; `by`: whose wish it is, empty where the
    /// operator's; `number`: the case's, or empty.
    SecondPerson { act: String, by: String, number: String, rows: Vec<Row>, at: Stamp },
    /// To the secretariat, at once: what cannot wait for the digest; each with what is to be done.
    Alarm { lines: Vec<DigestLine> },
    /// Daily. `health`: one line each, empty when all is well; `ledger`: the intake's balance in a line; `head`: the trail's head hash.
    Digest {
        date: Stamp,
        weekday: String,
        counts: Vec<Count>,
        sections: Vec<DigestSection>,
        health: Vec<String>,
        ledger: Option<String>,
        head: Option<String>,
    },
    /// To the secretariat: a survey answer came in. `satisfied`: yes, no, or neither.
    SurveyReceived { rows: Vec<Row>, satisfied: Option<bool> },
}

impl Body {
    /// The letter's kind.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm a letter")]
    pub const fn kind(&self) -> LetterKind {
        match self {
            Self::Acknowledgement { .. } => LetterKind::Acknowledgement,
            Self::Transfer { .. } => LetterKind::Transfer,
            Self::Question { .. } => LetterKind::Question,
            Self::Preliminary { .. } => LetterKind::Preliminary,
            Self::Extension { .. } => LetterKind::Extension,
            Self::DelayReason { .. } => LetterKind::DelayReason,
            Self::Answer { .. } => LetterKind::Answer,
            Self::Refusal { .. } => LetterKind::Refusal,
            Self::Referral { .. } => LetterKind::Referral,
            Self::Closing { .. } => LetterKind::Closing,
            Self::NoticeReceived {} => LetterKind::NoticeReceived,
            Self::Merged { .. } => LetterKind::Merged,
            Self::ToldBack { .. } => LetterKind::ToldBack,
            Self::AddressChanged { .. } => LetterKind::AddressChanged,
            Self::Triage { .. } => LetterKind::Triage,
            Self::Forward { .. } => LetterKind::Forward,
            Self::AutoForwarded { .. } => LetterKind::AutoForwarded,
            Self::ConfirmDraft { .. } => LetterKind::ConfirmDraft,
            Self::ApprovalRequest { .. } => LetterKind::ApprovalRequest,
            Self::GivenBack { .. } => LetterKind::GivenBack,
            Self::Copied { .. } => LetterKind::Copied,
            Self::TakenAway { .. } => LetterKind::TakenAway,
            Self::ExtensionAsked { .. } => LetterKind::ExtensionAsked,
            Self::ExtensionGranted { .. } => LetterKind::ExtensionGranted,
            Self::ExtensionRefused { .. } => LetterKind::ExtensionRefused,
            Self::Files { .. } => LetterKind::Files,
            Self::IdentityAsked { .. } => LetterKind::IdentityAsked,
            Self::IdentityShown { .. } => LetterKind::IdentityShown,
            Self::IdentityRefused { .. } => LetterKind::IdentityRefused,
            Self::PaperEntered { .. } => LetterKind::PaperEntered,
            Self::PaperRefused { .. } => LetterKind::PaperRefused,
            Self::WorldsMet { .. } => LetterKind::WorldsMet,
            Self::Returned { .. } => LetterKind::Returned,
            Self::FormIncomplete { .. } => LetterKind::FormIncomplete,
            Self::Resumed { .. } => LetterKind::Resumed,
            Self::Dissatisfied { .. } => LetterKind::Dissatisfied,
            Self::ComplainantWrote { .. } => LetterKind::ComplainantWrote,
            Self::Reminder { .. } => LetterKind::Reminder,
            Self::ApprovalReminder { .. } => LetterKind::ApprovalReminder,
            Self::Undelivered { .. } => LetterKind::Undelivered,
            Self::AutoReplyNoted { .. } => LetterKind::AutoReplyNoted,
            Self::Refused { .. } => LetterKind::Refused,
            Self::NotAdopted { .. } => LetterKind::NotAdopted,
            Self::AskDecision { .. } => LetterKind::AskDecision,
            Self::Quarantined { .. } => LetterKind::Quarantined,
            Self::DecisionNotice { .. } => LetterKind::DecisionNotice,
            Self::Status { .. } => LetterKind::Status,
            Self::Urged { .. } => LetterKind::Urged,
            Self::Help { .. } => LetterKind::Help,
            Self::StrangerMail { .. } => LetterKind::StrangerMail,
            Self::OldMail { .. } => LetterKind::OldMail,
            Self::DirectoryProposal { .. } => LetterKind::DirectoryProposal,
            Self::DirectoryDecided { .. } => LetterKind::DirectoryDecided,
            Self::PeopleReview { .. } => LetterKind::PeopleReview,
            Self::HandedOver { .. } => LetterKind::HandedOver,
            Self::SecondPerson { .. } => LetterKind::SecondPerson,
            Self::Alarm { .. } => LetterKind::Alarm,
            Self::Digest { .. } => LetterKind::Digest,
            Self::SurveyReceived { .. } => LetterKind::SurveyReceived,
            Self::Notice { .. } => LetterKind::Notice,
            Self::CallTask { .. } => LetterKind::CallTask,
            Self::EscalationDemanded { .. } => LetterKind::EscalationDemanded,
        }
    }

    /// Letters with plausible contents, at least one of each kind, for checks, tests and the demo page.
    #[must_use]
    pub fn samples() -> Vec<super::Letter> {
        super::samples::all()
    }
}
