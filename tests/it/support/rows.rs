//! Rows as the store takes them: a mail, a letter, a case. For the tests of the store and for what it costs (`benches/`).

use redress::calendar::Moment;
use redress::store::cases::CaseRow;
use redress::store::inbox::NewMail;
use redress::store::outbox::NewLetter;

/// A moment, in seconds.
pub fn at(seconds: i64) -> Moment {
    Moment::from_unix(1_790_000_000 + seconds)
}

/// A mail of these bytes.
pub fn mail(uid: i64, raw: &[u8]) -> NewMail {
    NewMail {
        mailbox: "service@kmu.example".into(),
        folder: "INBOX".into(),
        uidvalidity: 3,
        uid,
        internal_at: at(uid),
        raw: raw.to_vec(),
        truncated_size: None,
    }
}

/// A letter of this effect.
pub fn letter(effect: &str, case_id: &str) -> NewLetter {
    NewLetter {
        case_id: Some(case_id.into()),
        kind: "acknowledgement".into(),
        effect_key: effect.into(),
        envelope_from: String::new(),
        recipient: "Wang@Example.org".into(),
        subject: "已收到您的來信".into(),
        message_id: format!("<{effect}@kmu.example>"),
        raw: format!("Subject: {effect}\r\n\r\n您好\0").into_bytes().into(),
        text: "您好".into(),
        not_before: at(0),
        automatic: true,
        world: "public".into(),
    }
}

/// A case of this running number.
pub fn case(id: &str, serial: i64) -> CaseRow {
    CaseRow {
        id: id.into(),
        serial,
        number: format!("115-{serial:03}"),
        version: 1,
        state: "assigned".into(),
        outcome: None,
        grade: Some("特急".into()),
        major: false,
        confidential: true,
        unit: Some("academic".into()),
        channel: "mail".into(),
        subject: "選課系統無法登入".into(),
        complainant_key: Some("wang@example.org".into()),
        text_hash: Some("abc".into()),
        round: 1,
        opened_at: at(serial),
        due_at: Some(at(serial + 1000)),
        answered_at: None,
        closed_at: None,
        updated_at: at(serial),
        body: "{\"姓名\":\"王小明\"}".into(),
    }
}
