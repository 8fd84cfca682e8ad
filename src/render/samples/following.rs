//! Samples of what staff hear afterwards: cases taken up again, reminders, alarms, and answers to those who wrote what cannot be done.

use super::super::body::{Body, LetterKind};
use super::super::letter::{CaseView, Letter, Row, Tone};
use super::{ANSWER, COMPLAINT, HOSTILE, approver, case, due, handler, letter, now, reply_form, secret_case, secretary};

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
