//! Samples of the letters with which staff sort and handle cases and keep promises. The people and cases are those of `samples`.

use super::super::body::Body;
use super::super::letter::{CaseView, EarlierCase, GradeView, Letter, Row, Stamp, Tone};
use super::{
    ANSWER, COMPLAINT, HOSTILE, approver, case, due, handler, letter, now, reader, record, reply_form, secret_case, secretary, stamp,
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
