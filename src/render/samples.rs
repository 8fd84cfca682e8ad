//! Letters with plausible contents: each kind at least once, with its optional parts there and missing, and with text that tries to break out.
//! Who uses them: `Words::check`, the tests, the demo page. The people and the university are invented.

mod deciding;
mod following;
mod staff;

#[cfg(test)]
use std::collections::BTreeMap;

use super::body::Body;
use super::letter::{
    Button, CaseView, Count, DigestLine, DigestSection, DraftView, Letter, OfficeView, PersonLine, ReaderView, Row, Stamp, Tone,
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
        ("identity", "學生".into()),
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
    letters.extend(staff::triage_and_handling());
    letters.extend(deciding::deciding());
    letters.extend(staff::contacts());
    letters.extend(following::following());
    letters.extend(following::answers_to_senders());
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

fn list(said: &str) -> Body {
    Body::DirectoryProposal {
        version: 3,
        file: "人事異動1150301.csv".into(),
        by: "王秘書".into(),
        fingerprint: "1a2b3c4d5e6f".into(),
        changes: vec![Row::new("離職", "陳先生（A0012）　教務處，承辦人"), Row::new("調動", "林教務長（A0003）　教務處 → 總務處")],
        more: 2,
        warnings: vec!["教務處沒有主管。".into()],
        said: said.into(),
    }
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

fn reply_form() -> Vec<Row> {
    let filled = "12/30 18:00 調閱連線紀錄\n12/31 08:30 確認負載平衡設備未分流";
    let fields = [("事由簡述", ""), ("處理紀錄", filled), ("原因", ""), ("立即措施", ""), ("預防措施", ""), ("擬答覆", "")];
    fields.map(|(label, value)| Row::new(label, value)).to_vec()
}

fn draft() -> DraftView {
    DraftView { version: 2, fingerprint: "3f9a1c04d7be".into(), text: ANSWER.into() }
}

#[expect(clippy::too_many_lines, reason = "one arm a letter")]
fn public() -> Vec<Letter> {
    let to = |acts: &[(&str, Tone)], body| letter(Some(case()), complainant(), acts, body);
    let survey = Some("https://survey.kmu.example/s/7Q2M4X".to_owned());
    vec![
        to(
            &[],
            Body::Acknowledgement {
                passed_by: Some("高雄市政府研考會".into()),
                due_on: Some(due()),
                transferred_to: Some("教務處".into()),
                retention: Some("2年".into()),
                unread: None,
            },
        ),
        to(&[], Body::Acknowledgement { passed_by: None, due_on: None, transferred_to: None, retention: None, unread: Some("encrypted") }),
        to(&[], Body::Acknowledgement { passed_by: None, due_on: None, transferred_to: None, retention: None, unread: Some("truncated") }),
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
        to(
            &[],
            Body::ToldBack {
                reference: Some("高市府研字第1150001234號".into()),
                answered_on: Some(Stamp::new("115年3月12日（四）", "2026-03-12 (Thu)")),
                by: None,
                outcome: None,
                answer: Some("您好：\n冷氣已於三月十日修復。".into()),
            },
        ),
        to(
            &[],
            Body::ToldBack {
                reference: None,
                answered_on: Some(Stamp::new("115年3月12日（四）", "2026-03-12 (Thu)")),
                by: Some("電話".into()),
                outcome: None,
                answer: None,
            },
        ),
        to(&[], Body::AddressChanged { old: true }),
        to(&[], Body::AddressChanged { old: false }),
    ]
}

#[expect(clippy::too_many_lines, reason = "one arm a letter")]
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
            &[],
            Body::Alarm {
                lines: vec![DigestLine {
                    note: "伺服器三次未能交付的郵件 service@kmu.example INBOX UID 5".into(),
                    ..DigestLine::default()
                }],
            },
        ),
        letter(
            None,
            secretary(),
            &[("take_all", Tone::Primary), ("leave_all", Tone::Danger)],
            Body::OldMail {
                mailbox: "service@kmu.example".into(),
                count: 128,
                oldest: stamp("113年3月2日", "2024-03-02"),
                newest: stamp("114年12月20日", "2025-12-20"),
                said: String::new(),
            },
        ),
        second_person("address", "王秘書", "114-0042", Vec::new()),
        second_person("purge", "", "", vec![Row::new("112-0007", "114年12月1日")]),
        second_person("release", "", "", vec![Row::new("重新讀取的來信", "8")]),
        letter(None, secretary(), &[("list_in_force", Tone::Primary), ("return", Tone::Danger)], list("")),
        letter(None, secretary(), &[("list_sure", Tone::Primary)], list("請再確認一次。")),
        letter(
            None,
            secretary(),
            &[],
            Body::DirectoryDecided { version: 3, approved: true, by: "李秘書".into(), at: now(), reason: String::new() },
        ),
        letter(
            None,
            secretary(),
            &[],
            Body::DirectoryDecided {
                version: 3, approved: false, by: "李秘書".into(), at: now(), reason: "第七列單位有誤".into()
            },
        ),
        letter(None, secretary(), &[], review("", "")),
        letter(None, secretary(), &[], review("李秘書", "王小明已調任，請更正。")),
        letter(
            None,
            approver(),
            &[],
            Body::HandedOver {
                names: vec!["陳先生".into()],
                rows: vec![Row::new("114-0042", "承辦"), Row::new("114-0043", "待核示：單位主管")],
            },
        ),
        letter(None, secretary(), &[], digest(true)),
        letter(None, secretary(), &[], digest(false)),
    ]
}

fn review(by: &str, said: &str) -> Body {
    let people = vec![
        PersonLine {
            name: "張主任".into(),
            id: "chang".into(),
            rights: vec!["圖書資訊處 單位主管".into()],
            email: "chang@kmu.example".into(),
            deputy: vec!["林組長 2026-04-01–2026-04-03".into()],
            since: Some(Stamp::new("114年1月2日（四）", "2025-01-02 (Thu)")),
            idle: true,
            ..PersonLine::default()
        },
        PersonLine {
            name: "王秘書".into(),
            id: "wang".into(),
            rights: vec!["秘書室".into()],
            email: "wang@kmu.example".into(),
            stands_in: vec!["張主任".into()],
            since: Some(Stamp::new("114年1月2日（四）", "2025-01-02 (Thu)")),
            seen: Some(now()),
            ..PersonLine::default()
        },
    ];
    let date = Stamp::new("115年4月1日（三）", "2026-04-01 (Wed)");
    Body::PeopleReview { date, edition: "v3 0123456789ab".into(), people, idle: 1, idle_days: 180, by: by.into(), said: said.into() }
}

fn second_person(act: &str, by: &str, number: &str, rows: Vec<Row>) -> Letter {
    let body = Body::SecondPerson { act: act.into(), by: by.into(), number: number.into(), rows, at: now() };
    letter(None, secretary(), &[("confirm", Tone::Primary)], body)
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
        weekday: "星期三".into(),
        counts,
        sections,
        health: if full { vec!["12月30日 22:10 至 22:14 收信伺服器無法連線，已恢復。".into()] } else { vec![] },
        ledger: Some("收入 312 封＝立案 41＋併入案件 203＋自動回覆及退信 61＋隔離 7".into()),
        head: Some("9c1f3a7be204".into()),
    }
}
