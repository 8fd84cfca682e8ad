//! Samples of the letters with which staff handle and decide cases. The people and cases are those of `samples`.

use super::super::body::{Body, LetterKind};
use super::super::letter::{CaseView, EarlierCase, GradeView, Letter, Row, Stage, Stamp, StepView, Tone};
use super::{
    ANSWER, COMPLAINT, HOSTILE, approver, case, draft, due, handler, letter, now, reader, record, reply_form, secret_case, secretary, stamp,
};

fn grades() -> Vec<GradeView> {
    let grade = |id: &str, label: &str, chosen, criteria: &[&str]| GradeView {
        id: id.into(),
        label: label.into(),
        chosen,
        criteria: criteria.iter().map(|c| (*c).to_owned()).collect(),
    };
    vec![
        grade("A", "A級（嚴重）", false, &["□1. 涉及人身安全或健康風險", "□2. 可能導致嚴重法律後果或監管處罰"]),
        grade("B", "B級（中度）", true, &["■1. 對客戶造成明顯不便或困擾", "□2. 涉及服務或產品品質問題"]),
    ]
}

/// Notices by grade, calls and broken promises.
pub(super) fn contacts() -> Vec<Letter> {
    use Tone::{Neutral, Primary};
    let rows = || {
        vec![
            Row::new("服務請求編號", "114-0042"),
            Row::new("客戶", "王小明"),
            Row::new("電話", "0912-345-678"),
            Row::new("內容", COMPLAINT),
            Row::new("等級", "Level 4"),
        ]
    };
    let call = |follow_up, people: Vec<Row>| Body::CallTask {
        follow_up,
        people,
        rows: rows(),
        asked_at: now(),
        answer: if follow_up { Some(ANSWER.into()) } else { None },
    };
    let graded = || CaseView { grade: Some("1".into()), ..case() };
    vec![
        letter(
            Some(graded()),
            approver(),
            &[("note", Neutral)],
            Body::Notice { grade: "Level 4".into(), rows: rows(), note: "請相關業務至電關懷".into() },
        ),
        letter(Some(secret_case()), approver(), &[], Body::Notice { grade: "A級（嚴重）".into(), rows: vec![], note: String::new() }),
        letter(
            Some(graded()),
            secretary(),
            &[("phone", Primary)],
            call(false, vec![Row::new("林經理", "0911-222-333"), Row::new("許總經理", "")]),
        ),
        letter(Some(case()), secretary(), &[("phone", Primary)], call(true, vec![Row::new("王小明", "0912-345-678")])),
        letter(
            Some(graded()),
            handler(),
            &[("escalate", Primary), ("propose", Neutral)],
            Body::EscalationDemanded {
                deadline: "closing".into(),
                due: now(),
                count: 2,
                waiting_for: "陳先生".into(),
                approver: "部門主管".into(),
            },
        ),
    ]
}

pub(super) fn triage_and_handling() -> Vec<Letter> {
    use Tone::{Danger, Neutral, Primary};
    let handling: &[(&str, Tone)] =
        &[("propose", Primary), ("note", Neutral), ("ask", Neutral), ("extend", Neutral), ("return_case", Danger)];
    let triage = |complaint: &str, hints: Vec<String>, units: Vec<Row>| Body::Triage {
        complaint: complaint.into(),
        record: record(),
        hints,
        units,
        unit_choices: ["教務處", "學生事務處", "總務處", "圖書資訊處"].map(String::from).to_vec(),
        grades: grades(),
        assessment: ["評估對客戶的影響程度", "考慮法律與合規影響"].map(String::from).to_vec(),
        authorities: vec![Row::new("交通局", "電話 1999")],
    };
    let triage_acts: &[(&str, Tone)] = &[
        ("accept", Primary),
        ("self", Neutral),
        ("supplement", Neutral),
        ("refer", Neutral),
        ("no_action", Neutral),
        ("reject", Danger),
        ("spam", Danger),
    ];
    vec![
        letter(
            Some(CaseView { unit_name: None, state: "triage".into(), ..case() }),
            secretary(),
            triage_acts,
            triage(
                COMPLAINT,
                vec!["同一寄件人於12月29日曾來信（114-0041），內容相近。".into()],
                vec![Row::new("教務處", "來信提到：選課、加退選")],
            ),
        ),
        letter(Some(CaseView { complainant_name: None, ..secret_case() }), secretary(), triage_acts, triage(HOSTILE, vec![], vec![])),
        letter(Some(case()), reader("教務處", "", "業務職掌單位"), handling, forward(None, COMPLAINT, Some(due()), false)),
        letter(
            Some(secret_case()),
            reader("教務處", "", "業務職掌單位"),
            handling,
            forward(Some("答覆沒有說明為什麼只補選三天。"), HOSTILE, None, true),
        ),
        letter(
            Some(case()),
            secretary(),
            &[("adopt", Primary), ("reassign", Neutral), ("reject", Danger)],
            Body::AutoForwarded {
                unit: "教務處".into(),
                matched: vec!["選課".into(), "加退選".into()],
                complaint: COMPLAINT.into(),
                record: record(),
                confirm_by: Some(stamp("114年12月31日 17:30", "2025-12-31 17:30")),
            },
        ),
        letter(
            Some(case()),
            handler(),
            &[("confirm", Primary), ("edit", Neutral), ("note", Neutral)],
            Body::ConfirmDraft { text: ANSWER.into(), missing_parts: vec!["歉意".into()] },
        ),
    ]
}

fn forward(dissatisfied: Option<&str>, complaint: &str, due_on: Option<Stamp>, co_handling: bool) -> Body {
    Body::Forward {
        instructions: vec!["查明原因，並於答覆中說明改善措施。".into()],
        due_on,
        complaint: complaint.into(),
        record: record(),
        form_title: "顧客抱怨紀錄表".into(),
        reply_form: reply_form(),
        earlier: vec![EarlierCase {
            number: "113-0107".into(),
            subject: "加退選當日系統壅塞".into(),
            answer: Some("已增加一台伺服器，並延長加退選一日。".into()),
        }],
        dissatisfied: dissatisfied.map(String::from),
        co_handling,
    }
}

fn chain() -> Vec<StepView> {
    let step = |title: &str, name: &str, decision: &str, at: Option<Stamp>, comment: Option<&str>| StepView {
        title: title.into(),
        name: name.into(),
        decision: decision.into(),
        at,
        comment: comment.map(String::from),
    };
    vec![
        step("承辦人", "陳先生", "proposed", Some(stamp("114年12月31日 09:05", "2025-12-31 09:05")), None),
        step("單位主管", "林教務長", "returned", Some(stamp("114年12月31日 09:40", "2025-12-31 09:40")), Some("請補充補選的辦理期限。")),
        step("單位主管", "林教務長", "approved", Some(now()), Some("如擬")),
        step("秘書室", "王秘書", "asked", None, None),
        step("主任秘書", "何主任秘書", "open", None, None),
    ]
}

#[expect(clippy::too_many_lines, reason = "one arm a letter")]
pub(super) fn deciding() -> Vec<Letter> {
    use Tone::{Danger, Neutral, Primary};
    let approve: &[(&str, Tone)] = &[("approve", Primary), ("edit", Neutral), ("return", Danger)];
    let request = |stage, label: &str, chain: Vec<StepView>, missing: Vec<String>, complaint: &str| Body::ApprovalRequest {
        stage,
        stage_label: label.into(),
        draft: draft(),
        handling: "12/30 18:00 收件，即請資訊組調閱連線紀錄。\n12/31 08:30 確認負載平衡設備未分流。".into(),
        rows: vec![Row::new("原因", "負載平衡設備設定未隨連線數調整"), Row::new("預防措施", "依年級分時段開放加退選")],
        complaint: complaint.into(),
        chain,
        missing_fields: missing.iter().map(|_| "責任歸屬".to_owned()).collect(),
        missing_parts: missing,
        due_on: Some(due()),
    };
    let mut letters = vec![
        letter(
            Some(CaseView { state: "awaiting_approval".into(), ..case() }),
            approver(),
            approve,
            request(Stage::Answer, "單位主管", chain(), vec!["歉意".into()], COMPLAINT),
        ),
        letter(
            Some(CaseView { state: "awaiting_approval".into(), ..secret_case() }),
            approver(),
            approve,
            request(Stage::Answer, "主任秘書", vec![], vec![], ""),
        ),
        letter(
            Some(CaseView { state: "closing".into(), ..case() }),
            reader("何主任秘書", "主任秘書", "主任秘書"),
            &[("approve", Primary), ("return", Danger)],
            request(Stage::Closing, "陳核結案", chain(), vec![], COMPLAINT),
        ),
    ];
    for stage in [Stage::Refusal, Stage::Referral, Stage::Preliminary, Stage::Extension, Stage::NoAction] {
        letters.push(letter(Some(case()), approver(), approve, request(stage, "主任秘書", vec![], vec![], COMPLAINT)));
    }
    if let Some(button) = letters.get_mut(2).and_then(|letter| letter.buttons.first_mut()) {
        button.label = Some("確認結案".into());
    }
    letters.push(letter(
        Some(case()),
        handler(),
        &[("propose", Primary), ("note", Neutral)],
        Body::Returned {
            how: "anew".into(),
            by: "林教務長".into(),
            title: "單位主管".into(),
            reason: "請補充補選的辦理期限。".into(),
            text: ANSWER.into(),
            stage: Stage::Answer,
            due_on: Some(due()),
            reply_form: reply_form(),
        },
    ));
    let incomplete = |fields: &[&str], parts: &[&str]| Body::FormIncomplete {
        closing: false,
        fields: fields.iter().map(|f| (*f).to_owned()).collect(),
        parts: parts.iter().map(|p| (*p).to_owned()).collect(),
        proposed: !parts.is_empty(),
        reply_form: reply_form(),
    };
    let note: &[(&str, Tone)] = &[("note", Neutral)];
    letters.push(letter(Some(case()), handler(), note, incomplete(&["原因", "預防措施"], &[])));
    letters.push(letter(Some(case()), handler(), note, incomplete(&["責任歸屬"], &["歉意", "調查結果"])));
    let reason = || "非本處業務，選課系統由圖書資訊處維護。".to_owned();
    letters.push(letter(
        Some(case()),
        secretary(),
        &[("assign", Primary), ("self", Neutral), ("reject", Danger)],
        Body::GivenBack { unit: "教務處".into(), reason: reason(), complaint: COMPLAINT.into(), to: None },
    ));
    letters.push(letter(
        Some(case()),
        secretary(),
        &[],
        Body::GivenBack { unit: "教務處".into(), reason: reason(), complaint: COMPLAINT.into(), to: Some("圖書資訊處".into()) },
    ));
    for how in ["supplement", "continue"] {
        letters.push(letter(
            Some(case()),
            handler(),
            &[("propose", Primary)],
            Body::Returned {
                how: how.into(),
                by: "王秘書".into(),
                title: "組員".into(),
                reason: "請補充補選的辦理期限。".into(),
                text: ANSWER.into(),
                stage: Stage::Answer,
                due_on: Some(due()),
                reply_form: reply_form(),
            },
        ));
    }
    letters.push(letter(
        Some(secret_case()),
        handler(),
        &[],
        Body::Copied {
            words: "請參考改進。".into(),
            complaint: COMPLAINT.into(),
            answer: ANSWER.into(),
            rows: vec![Row::new("整體而言，您是否滿意？", "不滿意")],
        },
    ));
    letters.push(letter(Some(case()), handler(), &[], Body::TakenAway { to: Some("圖書資訊處".into()) }));
    letters.push(letter(Some(secret_case()), handler(), &[], Body::TakenAway { to: None }));
    letters.push(letter(
        Some(case()),
        secretary(),
        &[("grant", Primary), ("deny", Danger)],
        Body::ExtensionAsked {
            by: "教務處陳先生".into(),
            until: stamp("115年1月14日（星期三）", "2026-01-14 (Wed)"),
            reason: "待廠商提供連線紀錄。".into(),
            due_on: Some(due()),
        },
    ));
    letters.push(letter(
        Some(case()),
        handler(),
        &[],
        Body::ExtensionGranted { new_due: stamp("115年1月14日（星期三）", "2026-01-14 (Wed)") },
    ));
    letters.push(letter(
        Some(case()),
        handler(),
        &[],
        Body::ExtensionRefused { reason: "請先就已查明部分答覆。".into(), due_on: Some(due()) },
    ));
    letters.push(letter(
        Some(secret_case()),
        handler(),
        &[],
        Body::Files { names: vec!["附件1.jpg".into(), "附件2.pdf".into()], withheld: vec!["附件3.heic".into()] },
    ));
    letters.push(letter(
        Some(secret_case()),
        secretary(),
        &[("disclose", Primary), ("conceal", Danger)],
        Body::IdentityAsked { by: "教務處陳先生".into(), reason: "須核對選課紀錄。".into() },
    ));
    letters.push(letter(
        Some(case()),
        secretary(),
        &[("confirm_paper", Primary), ("refuse_paper", Danger)],
        Body::PaperEntered {
            stage_label: "校長".into(),
            signer: "許校長".into(),
            signed_on: "115年1月5日".into(),
            by: "王秘書".into(),
            scan: "1a2b3c4d5e6f".into(),
            draft: draft(),
        },
    ));
    letters.push(letter(Some(case()), secretary(), &[], Body::PaperRefused { reason: "簽署日期與掃描不符。".into() }));
    letters.push(letter(
        Some(secret_case()),
        handler(),
        &[],
        Body::IdentityShown {
            until: stamp("115年1月14日 23:59", "2026-01-14 23:59"),
            complaint: COMPLAINT.into(),
            record: vec![crate::render::Row::new("姓名", "王小明")],
        },
    ));
    letters.push(letter(Some(secret_case()), handler(), &[], Body::IdentityRefused { reason: "無須身分即可查明。".into() }));
    letters.push(letter(
        Some(case()),
        secretary(),
        &[],
        Body::WorldsMet { from: "chen@kmu.example".into(), others: vec!["hua@mail.example".into()] },
    ));
    letters.push(letter(
        Some(case()),
        approver(),
        &[],
        Body::ApprovalReminder {
            stage: Stage::Answer,
            stage_label: "單位主管".into(),
            draft: draft(),
            asked_at: now(),
            due_on: Some(due()),
        },
    ));
    letters.push(letter(
        Some(case()),
        approver(),
        &[],
        Body::AskDecision {
            stage: Stage::Answer, stage_label: "單位主管".into(), draft: draft(), said: "可否再補充補選期限？".into()
        },
    ));
    letters.push(letter(
        Some(case()),
        reader("何主任秘書", "主任秘書", "主任秘書"),
        &[("recall", Danger)],
        Body::DecisionNotice { stage: Stage::Answer, draft: draft(), recall_until: stamp("114年12月31日 10:30", "2025-12-31 10:30") },
    ));
    letters
}

#[expect(clippy::too_many_lines, reason = "one arm a letter")]
pub(super) fn following() -> Vec<Letter> {
    use Tone::{Danger, Neutral, Primary};
    let words = "補選只開放三天，實習的同學根本趕不回來。";
    let survey = vec![Row::new("對答覆內容是否滿意", "不滿意"), Row::new("其他建議", words)];
    let remind = |days_left, deadline: &str| Body::Reminder {
        deadline: deadline.into(),
        due: due(),
        days_left,
        waiting: "擬答覆".into(),
        waiting_for: "教務處陳先生".into(),
    };
    let handling: &[(&str, Tone)] = &[("propose", Primary), ("note", Neutral), ("extend", Neutral)];
    vec![
        letter(
            Some(CaseView { round: 2, ..case() }),
            handler(),
            &[("propose", Primary), ("note", Neutral), ("ask", Neutral), ("extend", Neutral)],
            Body::Resumed {
                words: words.into(),
                previous_answer: ANSWER.into(),
                due_on: Some(due()),
                reply_form: reply_form(),
                anew: true,
            },
        ),
        letter(
            Some(secret_case()),
            handler(),
            handling,
            Body::Resumed { words: String::new(), previous_answer: ANSWER.into(), due_on: None, reply_form: vec![], anew: false },
        ),
        letter(
            Some(CaseView { round: 2, ..case() }),
            secretary(),
            &[],
            Body::Dissatisfied { words: words.into(), rows: survey.clone(), resumed: true, anew: true },
        ),
        letter(
            Some(case()),
            secretary(),
            &[("continue", Primary), ("close", Neutral)],
            Body::Dissatisfied { words: String::new(), rows: vec![], resumed: false, anew: false },
        ),
        letter(
            Some(case()),
            handler(),
            &[("ask", Neutral)],
            Body::ComplainantWrote { text: COMPLAINT.into(), attachments: vec!["截圖.png".into()], reply_expected: true },
        ),
        letter(
            Some(secret_case()),
            secretary(),
            &[("continue", Neutral)],
            Body::ComplainantWrote { text: HOSTILE.into(), attachments: vec![], reply_expected: false },
        ),
        letter(Some(case()), handler(), handling, remind(2, "answer")),
        letter(Some(case()), handler(), handling, remind(0, "answer")),
        letter(Some(secret_case()), approver(), &[("note", Neutral)], remind(-3, "closing")),
        letter(Some(case()), secretary(), &[], Body::SurveyReceived { rows: survey.clone(), satisfied: Some(false) }),
        letter(
            Some(case()),
            secretary(),
            &[],
            Body::SurveyReceived { rows: vec![Row::new("對答覆內容是否滿意", "滿意")], satisfied: Some(true) },
        ),
        letter(Some(case()), secretary(), &[], Body::SurveyReceived { rows: survey, satisfied: None }),
        letter(
            Some(case()),
            secretary(),
            &[("phone", Primary), ("resend", Neutral)],
            Body::Undelivered {
                recipient: "student@mail.example".into(),
                letter: LetterKind::Answer,
                status: "5.1.1 User unknown".into(),
                permanent: true,
                task: "answer".into(),
            },
        ),
        letter(
            Some(case()),
            secretary(),
            &[("reassign", Danger)],
            Body::Undelivered {
                recipient: "academic@kmu.example".into(),
                letter: LetterKind::Forward,
                status: "4.2.2 Mailbox full".into(),
                permanent: false,
                task: "forward".into(),
            },
        ),
        letter(
            Some(case()),
            secretary(),
            &[],
            Body::AutoReplyNoted {
                person: "陳先生".into(),
                deputy: Some("張小姐".into()),
                text: "我自12月31日至1月5日休假。".into(),
                letter: LetterKind::Forward,
            },
        ),
        letter(
            Some(case()),
            secretary(),
            &[],
            Body::AutoReplyNoted { person: "林教務長".into(), deputy: None, text: HOSTILE.into(), letter: LetterKind::ApprovalRequest },
        ),
    ]
}

pub(super) fn answers_to_senders() -> Vec<Letter> {
    let possible = || vec!["擬答覆：…".to_owned(), "#進度 …".into(), "#展延 3日 理由".into()];
    let refused = |reason: &str, detail: Option<&str>, source: Option<&str>| Body::Refused {
        reason: reason.into(),
        detail: detail.map(String::from),
        nearest: source.map(|_| "總務處".to_owned()),
        choices: if reason == "unknown_unit" { vec!["教務處".into(), "總務處".into()] } else { Vec::new() },
        possible: possible(),
        source: source.map(String::from),
    };
    let reasons = [
        "not_understood",
        "not_allowed",
        "not_possible",
        "missing_reason",
        "unknown_unit",
        "unknown_person",
        "bad_date",
        "stale_text",
        "decided",
    ];
    let mut letters: Vec<Letter> =
        reasons.iter().map(|reason| letter(Some(case()), handler(), &[], refused(reason, Some("總務出"), Some("#分派 總務出")))).collect();
    letters.push(letter(None, handler(), &[], refused("something_new", None, None)));
    letters.push(letter(None, approver(), &[("confirm", Tone::Primary)], Body::NotAdopted { act: "approve".into(), at: now() }));
    let rows = vec![Row::new("狀態", "承辦單位處理中"), Row::new("承辦單位", "教務處"), Row::new("答覆期限", "115年1月9日")];
    let trail = vec![Row::new("114/12/30 17:30", "收件"), Row::new("114/12/30 17:31", "轉請教務處處理（系統初判）")];
    letters.push(letter(Some(case()), secretary(), &[("note", Tone::Neutral)], Body::Status { rows, trail }));
    let urged = vec![Row::new("115-0042", "何收發"), Row::new("115-0043", "陳先生")];
    letters.push(letter(None, secretary(), &[], Body::Urged { condition: "未分文".into(), rows: urged, already: 1 }));
    letters.push(letter(None, secretary(), &[], Body::Urged { condition: "將到期".into(), rows: Vec::new(), already: 0 }));
    let directives = vec![
        Row::new("#受理", "受理並由原擬單位處理"),
        Row::new("#分派 單位", "受理並交由該單位處理"),
        Row::new("#不受理 理由", "與事實不符，答覆後陳核結案"),
    ];
    letters.push(letter(Some(case()), secretary(), &[], Body::Help { directives: directives.clone() }));
    letters.push(letter(None, secretary(), &[], Body::Help { directives }));
    letters
}
