//! Samples of the letters with which cases are decided: approvals, closings, questions to the office and to second persons.

use super::super::body::Body;
use super::super::letter::{CaseView, Letter, Row, Stage, Stamp, StepView, Tone};
use super::{ANSWER, COMPLAINT, approver, case, draft, due, handler, letter, now, reader, reply_form, secret_case, secretary, stamp};

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
