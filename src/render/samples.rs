//! Letters with plausible contents: each kind at least once, with its optional parts there and missing, and with text that tries to break out.
//! Who uses them: `Words::check`, the tests, the demo page. The people and the university are invented.

#[cfg(test)]
use std::collections::BTreeMap;

use super::body::{Body, LetterKind};
use super::letter::{
    Button, CaseView, Count, DigestLine, DigestSection, DraftView, EarlierCase, Letter, OfficeView, ReaderView, Row, Stage, Stamp,
    StepView, Tone,
};

pub(super) const COMPLAINT: &str = "您好：\n\n我是資工系三年級學生。12月28日早上九點加退選開放，選課系統從九點零三分起一直顯示「系統忙碌中」，\
    直到十點二十分才進得去，想選的三門課都已額滿。\n\n同學中至少有二十人遇到一樣的情形，截圖在 https://drive.example.com/s/abc 。\n\
    希望學校說明原因，並讓受影響的同學有補選的機會。\n\n王小明";
pub(super) const HOSTILE: &str = "<script>alert(1)</script>\n#核准\n{{ office.name }} </td></table>\u{202e}gnp.exe\n如擬";
const ANSWER: &str = "您反映12月28日上午選課系統無法登入一事，經查係當日九時開放加退選時，同時連線人數達平日尖峰之四倍，\
    負載平衡設備未能即時分流，致部分同學於九時三分至十時二十分間無法登入。造成您的不便，謹此致歉。\n\n\
    本處已採取下列措施：\n一、當日十時二十分完成設備調整，系統恢復正常。\n二、受影響同學得於115年1月5日前至教務處課務組辦理補選，不受額滿限制。\n\
    三、自下學期起，加退選改依年級分時段開放。\n\n如有疑問，請洽課務組陳先生，分機 2115。";

#[cfg(test)]
/// What a kmu form is filled with: names of `templates/zh-TW/forms/kmu/*.toml` and their values.
pub(super) fn form_values(complaint: &str) -> BTreeMap<String, String> {
    let stamp = |title: &str, name: &str, day: &str, decision: &str| format!("{decision}\n{title}\n{name}\n{day}");
    [
        ("number", "114-0042".to_owned()),
        ("received", "114 年 12 月 30 日 17 時 30 分".into()),
        ("channel", "mail".into()),
        ("mailbox", "service@kmu.example".into()),
        ("name", "王小明".into()),
        ("phone", "0912-345-678".into()),
        ("email", "student@mail.example".into()),
        ("identity", "student".into()),
        ("complaint", complaint.into()),
        ("receiver_unit", "秘書室".into()),
        ("receiver_head", "何主任秘書".into()),
        ("receiver", "王秘書".into()),
        ("receiver_title", "組員／2101".into()),
        ("disposition", "forwarded".into()),
        ("unit", "教務處".into()),
        ("unit_head", "林教務長".into()),
        ("handler", "陳先生".into()),
        ("handler_extension", "2115".into()),
        ("summary", "12月28日加退選當日選課系統無法登入。".into()),
        ("handling", "12/30 18:00 收件，即請資訊組調閱連線紀錄。\n12/31 08:30 確認負載平衡設備未分流，已調整。".into()),
        ("answer", ANSWER.into()),
        ("stamp_handler", stamp("組員", "陳先生", "114.12.31", "擬稿")),
        ("stamp_head", stamp("教務長", "林教務長", "114.12.31", "核准")),
        ("stamp_office", stamp("組員", "王秘書", "115.1.2", "核准")),
        ("stamp_approve", stamp("主任秘書", "何主任秘書", "115.1.2", "核准")),
        ("answered_on", "115 年 1 月 2 日".into()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// All samples.
pub(super) fn all() -> Vec<Letter> {
    let mut letters = public();
    letters.extend(triage_and_handling());
    letters.extend(deciding());
    letters.extend(following());
    letters.extend(answers_to_senders());
    letters.extend(office_mails());
    letters
}

fn stamp(roc: &str, iso: &str) -> Stamp {
    Stamp::new(roc, iso)
}

fn due() -> Stamp {
    stamp("115年1月9日（星期五）", "2026-01-09 (Fri)")
}

fn now() -> Stamp {
    stamp("114年12月31日 10:20", "2025-12-31 10:20")
}

fn office() -> OfficeView {
    OfficeView {
        organisation: "高雄示範大學".into(),
        office: "秘書室".into(),
        address: "service@kmu.example".into(),
        signature_lines: vec!["電話 (07) 312-0000 轉 2101".into()],
        marker: None,
    }
}

fn case() -> CaseView {
    CaseView {
        number: "114-0042".into(),
        subject: "選課系統無法登入".into(),
        state: "assigned".into(),
        unit_name: Some("教務處".into()),
        round: 1,
        grade: None,
        major: false,
        confidential: false,
        received_at: stamp("114年12月30日 17:30", "2025-12-30 17:30"),
        due_on: Some(due()),
        complainant_name: Some("王小明".into()),
        tag: "[114-0042 #k7q2]".into(),
    }
}

fn secret_case() -> CaseView {
    CaseView {
        subject: "密件".into(),
        confidential: true,
        major: true,
        round: 2,
        grade: Some("A".into()),
        complainant_name: None,
        due_on: None,
        ..case()
    }
}

fn reader(name: &str, title: &str, role: &str) -> ReaderView {
    ReaderView { name: name.into(), title: title.into(), role: role.into(), is_complainant: false }
}

fn secretary() -> ReaderView {
    reader("王秘書", "組員", "秘書室承辦人")
}

fn handler() -> ReaderView {
    reader("陳先生", "組員", "承辦人")
}

fn approver() -> ReaderView {
    reader("林教務長", "教務長", "單位主管")
}

fn complainant() -> ReaderView {
    ReaderView { name: "王小明".into(), is_complainant: true, ..ReaderView::default() }
}

fn button(act: &str, tone: Tone) -> Button {
    let href = format!("mailto:service+k7q2.{act}@kmu.example?subject=%5B114-0042%20%23k7q2%5D&body=%23{act}");
    Button { act: act.into(), label: None, href, tone, reply_hint: None }
}

fn buttons(acts: &[(&str, Tone)]) -> Vec<Button> {
    acts.iter().map(|(act, tone)| button(act, *tone)).collect()
}

fn letter(case: Option<CaseView>, reader: ReaderView, acts: &[(&str, Tone)], body: Body) -> Letter {
    Letter { office: office(), case, reader, buttons: buttons(acts), body }
}

fn record() -> Vec<Row> {
    vec![
        Row::new("收件單號", "114-0042"),
        Row::new("抱怨時間", "114年12月30日 17時30分"),
        Row::new("抱怨管道", "■網路電子信箱：service@kmu.example\n□其他："),
        Row::new("姓名", "王小明"),
        Row::new("身份證字號", ""),
        Row::new("聯絡電話", "0912-345-678"),
        Row::new("電子信箱", "student@mail.example"),
        Row::new("地址", ""),
        Row::new("身份別", "□老師　■學生　□職員　□其他"),
    ]
}

fn reply_form() -> Vec<String> {
    ["事由簡述", "處理紀錄", "原因", "立即措施", "預防措施", "擬答覆"].map(String::from).to_vec()
}

fn draft() -> DraftView {
    DraftView { version: 2, fingerprint: "3f9a1c04d7be".into(), text: ANSWER.into() }
}

fn public() -> Vec<Letter> {
    let to = |acts: &[(&str, Tone)], body| letter(Some(case()), complainant(), acts, body);
    let survey = Some("https://survey.kmu.example/s/7Q2M4X".to_owned());
    vec![
        to(&[], Body::Acknowledgement { due_on: Some(due()), transferred_to: Some("教務處".into()), retention: Some("2年".into()) }),
        to(&[], Body::Acknowledgement { due_on: None, transferred_to: None, retention: None }),
        to(&[], Body::Transfer { unit: "教務處".into(), due_on: Some(due()), rerouted: false }),
        to(&[], Body::Transfer { unit: "圖書資訊處".into(), due_on: None, rerouted: true }),
        letter(Some(secret_case()), complainant(), &[], Body::Transfer { unit: "教務處".into(), due_on: Some(due()), rerouted: false }),
        to(&[], Body::Question { text: "請問您當日使用的學號，以及出現「系統忙碌中」的大約時間？".into() }),
        to(
            &[],
            Body::Preliminary {
                text: "選課系統已於12月28日十時二十分恢復正常，原因仍在調查中。".into(), due_on: Some(due())
            },
        ),
        to(&[], Body::Extension { new_due: due(), reason: "需待設備廠商提供連線紀錄，方能確認原因".into() }),
        to(&[], Body::DelayReason { text: "本案涉及設備廠商責任之釐清，尚待廠商提出書面報告。".into() }),
        to(
            &[("satisfied", Tone::Primary), ("dissatisfied", Tone::Neutral)],
            Body::Answer { text: ANSWER.into(), survey_url: survey.clone() },
        ),
        letter(
            Some(secret_case()),
            ReaderView { is_complainant: true, ..ReaderView::default() },
            &[("satisfied", Tone::Primary), ("dissatisfied", Tone::Neutral)],
            Body::Answer { text: ANSWER.into(), survey_url: survey },
        ),
        to(&[], Body::Answer { text: HOSTILE.into(), survey_url: None }),
        to(
            &[],
            Body::Refusal {
                text: "您反映114年12月28日選課系統全日停止服務，經查當日系統停止服務時間為九時三分至十時二十分，與來信所述不符。".into(),
            },
        ),
        to(
            &[],
            Body::Referral {
                agency: "高雄市政府交通局".into(),
                contact: Some("電話 1999；cservice@kcg.example".into()),
                text: Some("您反映校門前路口號誌秒數，屬市區道路管理事項。".into()),
            },
        ),
        to(&[], Body::Referral { agency: "教育部".into(), contact: None, text: None }),
        to(&[], Body::Closing { answered_on: Some(stamp("115年1月8日", "2026-01-08")) }),
        to(&[], Body::Closing { answered_on: None }),
        to(&[], Body::NoticeReceived {}),
        to(&[], Body::Merged { into: "114-0041".into() }),
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

fn triage_and_handling() -> Vec<Letter> {
    use Tone::{Danger, Neutral, Primary};
    let handling: &[(&str, Tone)] =
        &[("propose", Primary), ("note", Neutral), ("ask", Neutral), ("extend", Neutral), ("return_case", Danger)];
    let triage = |complaint: &str, hints: Vec<String>, units: Vec<Row>| Body::Triage {
        complaint: complaint.into(),
        record: record(),
        hints,
        units,
        unit_choices: ["教務處", "學生事務處", "總務處", "圖書資訊處"].map(String::from).to_vec(),
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

fn deciding() -> Vec<Letter> {
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
            by: "林教務長".into(),
            title: "單位主管".into(),
            reason: "請補充補選的辦理期限。".into(),
            text: ANSWER.into(),
            stage: Stage::Answer,
            due_on: Some(due()),
        },
    ));
    let reason = || "非本處業務，選課系統由圖書資訊處維護。".to_owned();
    letters.push(letter(
        Some(case()),
        secretary(),
        &[("assign", Primary), ("self", Neutral), ("reject", Danger)],
        Body::GivenBack { unit: "教務處".into(), reason: reason(), complaint: COMPLAINT.into() },
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
        Body::ExtensionRefused { reason: "請先就已查明部分答覆。".into(), due_on: Some(due()) },
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

fn following() -> Vec<Letter> {
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
            Body::Resumed { words: words.into(), previous_answer: ANSWER.into(), due_on: Some(due()), reply_form: reply_form() },
        ),
        letter(
            Some(secret_case()),
            handler(),
            handling,
            Body::Resumed { words: String::new(), previous_answer: ANSWER.into(), due_on: None, reply_form: vec![] },
        ),
        letter(
            Some(CaseView { round: 2, ..case() }),
            secretary(),
            &[],
            Body::Dissatisfied { words: words.into(), rows: survey.clone(), resumed: true },
        ),
        letter(
            Some(case()),
            secretary(),
            &[("continue", Primary), ("close", Neutral)],
            Body::Dissatisfied { words: String::new(), rows: vec![], resumed: false },
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

fn answers_to_senders() -> Vec<Letter> {
    let possible = || vec!["擬答覆：…".to_owned(), "#進度 …".into(), "#展延 3日 理由".into()];
    let refused = |reason: &str, detail: Option<&str>, source: Option<&str>| Body::Refused {
        reason: reason.into(),
        detail: detail.map(String::from),
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
    let directives = vec![
        Row::new("#受理", "受理並由原擬單位處理"),
        Row::new("#分派 單位", "受理並交由該單位處理"),
        Row::new("#不受理 理由", "與事實不符，答覆後陳核結案"),
    ];
    letters.push(letter(Some(case()), secretary(), &[], Body::Help { directives: directives.clone() }));
    letters.push(letter(None, secretary(), &[], Body::Help { directives }));
    letters
}

fn office_mails() -> Vec<Letter> {
    vec![
        letter(
            None,
            secretary(),
            &[("release", Tone::Primary), ("spam", Tone::Danger)],
            Body::Quarantined {
                reason: "unreadable".into(),
                detail: Some("MIME 結構不完整".into()),
                from: "someone@mail.example".into(),
                subject: "<b>發票</b> http://x.example".into(),
                received: now(),
                id: "01KD2M8Q7V".into(),
            },
        ),
        letter(
            None,
            secretary(),
            &[],
            Body::Quarantined {
                reason: "something_new".into(),
                detail: None,
                from: String::new(),
                subject: String::new(),
                received: now(),
                id: "01KD2M8Q7W".into(),
            },
        ),
        letter(Some(case()), secretary(), &[], Body::StrangerMail { from: "other@mail.example".into(), text: HOSTILE.into() }),
        letter(
            None,
            secretary(),
            &[("take_all", Tone::Primary), ("leave_all", Tone::Danger)],
            Body::OldMail { count: 128, oldest: stamp("113年3月2日", "2024-03-02"), newest: stamp("114年12月20日", "2025-12-20") },
        ),
        letter(None, secretary(), &[], digest(true)),
        letter(None, secretary(), &[], digest(false)),
    ]
}

fn digest(full: bool) -> Body {
    let line = |number: &str, unit: &str, name: &str, note: &str, days_left: Option<i64>| DigestLine {
        number: number.into(),
        unit: (!unit.is_empty()).then(|| unit.into()),
        name: (!name.is_empty()).then(|| name.into()),
        note: note.into(),
        days_left,
    };
    let section = |kind: &str, lines: Vec<DigestLine>| DigestSection { kind: kind.into(), count: lines.len() as u64, lines };
    let mut sections = vec![];
    if full {
        sections = vec![
            section("overdue", vec![line("114-0031", "總務處", "李○華", "停車場照明不足，待擬答覆", Some(-2))]),
            section("due_today", vec![line("114-0036", "學生事務處", "張○文", "宿舍熱水，待單位主管核定", Some(0))]),
            section("waiting_triage", vec![line("114-0044", "", "陳○安", "圖書館座位，昨日 16:02 來信", Some(6))]),
            section(
                "waiting_approval",
                vec![
                    line("114-0038", "教務處", "林○", "成績更正，待主任秘書", Some(3)),
                    line("114-0039", "密件", "", "待主任秘書", Some(4)),
                ],
            ),
            section(
                "new",
                vec![
                    line("114-0043", "教務處", "王○明", "選課系統無法登入", Some(7)),
                    line("114-0044", "", "陳○安", "圖書館座位", Some(6)),
                ],
            ),
            section("answered", vec![line("114-0030", "圖書資訊處", "黃○如", "印表機收費", None)]),
            section("dissatisfied", vec![line("114-0027", "總務處", "吳○宏", "第2輪，待擬答覆", Some(5))]),
            section("quarantined", vec![line("01KD2M8Q7V", "", "s***@mail.example", "無法讀取", None)]),
            section("bounced", vec![line("114-0035", "", "z***@mail.example", "答覆未送達：5.1.1", None)]),
        ];
    }
    let counts = sections.iter().map(|section| Count { kind: section.kind.clone(), count: section.count }).collect();
    Body::Digest {
        date: stamp("114年12月31日", "2025-12-31"),
        weekday: "三".into(),
        counts,
        sections,
        health: if full { vec!["12月30日 22:10 至 22:14 收信伺服器無法連線，已恢復。".into()] } else { vec![] },
        ledger: Some("收入 312 封＝立案 41＋併入案件 203＋自動回覆及退信 61＋隔離 7".into()),
        head: Some("9c1f3a7be204".into()),
    }
}
