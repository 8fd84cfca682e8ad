//! A handler's reply: which of its words are the proposed answer, which are the handling record, and whether it is only a note.
//! Only text under a 擬答覆 heading ever becomes a proposed answer (REQUIREMENTS R56); what merely reads like one is asked about.
//! Called by desk with the newly written words, directives taken out.

use std::collections::BTreeMap;

use super::form::{self, closes, greets};
use super::people::signature;
use super::wording::{TRAILING, courtesy, norm, salutation};

/// What a handler's reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlingKind {
    /// It holds a proposed answer.
    Proposal,
    /// It fills sections of the form, without an answer.
    FormFilled,
    /// 收到, 了解, 已轉, 查明後回覆: never an answer.
    Note,
    /// An unlabelled text that addresses the complainant: its writer is asked once whether it is the answer.
    LooksLikeAnswer,
    /// Anything else: it goes into the handling record.
    Record,
}

/// A handler's reply, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handling {
    /// The proposed answer, as typed.
    pub proposed: Option<String>,
    /// All other words: 處理情形.
    pub handling: String,
    /// Filled sections of the form by id (`cause`, `immediate` …).
    pub fields: BTreeMap<String, String>,
    /// Sections of the form that were there and left blank.
    pub blank: Vec<String>,
    /// What the reply is.
    pub kind: HandlingKind,
}

/// Reads a handler's reply.
#[must_use]
pub fn handling(reply_text: &str) -> Handling {
    handling_with(reply_text, &form::Labels::default())
}

/// As [`handling`], with a procedure's own labels of sections.
#[must_use]
pub fn handling_with(reply_text: &str, labels: &form::Labels) -> Handling {
    let form = form::parse_with(reply_text, labels);
    let kind = if form.answer.is_some() {
        HandlingKind::Proposal
    } else if !form.fields.is_empty() {
        HandlingKind::FormFilled
    } else if note(&form.rest) {
        HandlingKind::Note
    } else if looks_like_answer(&form.rest) {
        HandlingKind::LooksLikeAnswer
    } else {
        HandlingKind::Record
    };
    Handling { proposed: form.answer, handling: form.rest, fields: form.fields, blank: form.blank.into_iter().collect(), kind }
}

/// Words of a note as whole clauses, and words that open one of at most 20 characters.
const NOTE_WORDS: &[&str] = &[
    "收到",
    "已收到",
    "收悉",
    "知悉",
    "了解",
    "瞭解",
    "知道了",
    "好",
    "好的",
    "ok",
    "okay",
    "noted",
    "received",
    "got it",
    "will do",
    "收",
    "已收",
    "遵辦",
    "照辦",
    "處理中",
    "辦理中",
    "已轉",
    "已轉知",
    "查明後回覆",
    "查明後回復",
    "了解後回覆",
    "瞭解後回覆",
    "查證中",
    "待查",
    "已派工",
    "已轉請",
    "盡快處理",
    "儘快處理",
    "儘速處理",
    "會盡快處理",
    "辦理後回覆",
    "處理後回覆",
    "將儘速處理",
];
const NOTE_OPENS: &[&str] = &[
    "收到",
    "已收到",
    "已轉",
    "了解",
    "瞭解",
    "知悉",
    "查明",
    "待查",
    "會盡快",
    "會儘",
    "我會",
    "我們會",
    "將儘",
    "將盡",
    "已交",
    "已請",
    "轉請",
    "will ",
    "we will",
];

/// Endings of a short clause that only promises to come back.
const PROMISES: &[&str] = &["查明", "回覆", "回復", "辦理", "處理", "再行"];

fn note(text: &str) -> bool {
    let lines: Vec<String> = text.lines().map(norm).filter(|l| !l.is_empty()).collect();
    let mut said = false;
    for line in &lines {
        if (!said && salutation(line)) || line.starts_with("--") || (said && signature(line)) {
            continue;
        }
        for clause in line.split(['。', '!', ',', '、', ';', '，']).map(|c| c.trim_matches(TRAILING)).filter(|c| !c.is_empty()) {
            let short = clause.chars().count() <= 20;
            if NOTE_WORDS.contains(&clause) || (short && NOTE_OPENS.iter().any(|w| clause.starts_with(w))) {
                said = true;
            } else if !(courtesy(clause) || (said && short && PROMISES.iter().any(|w| clause.ends_with(w)))) {
                return false;
            }
        }
    }
    said
}

/// Whom a reply inside the house greets; such a letter is not to the complainant.
const INSIDE: &[&str] =
    &["秘書", "主秘", "主任", "組長", "處長", "長官", "承辦", "同仁", "科長", "課長", "校長", "經理", "專員", "服務中心", "客服", "老師好"];

fn looks_like_answer(text: &str) -> bool {
    let lines: Vec<String> = text.lines().map(norm).filter(|l| !l.is_empty()).collect();
    let Some(first) = lines.first() else { return false };
    let head: String = first.chars().take(14).collect();
    let addressed = greets(first) && !INSIDE.iter().any(|w| head.contains(w));
    let letters = text.chars().filter(|c| !c.is_whitespace()).count();
    let thanks = [
        "感謝您的",
        "謝謝您的",
        "造成您的不便",
        "造成不便",
        "敬請見諒",
        "深感抱歉",
        "致上歉意",
        "thank you for",
        "apologi",
        "來信",
        "反映",
    ]
    .iter()
    .any(|w| text.contains(w));
    addressed && letters >= 25 && (lines.iter().any(|l| closes(l)) || (thanks && letters >= 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_labelled_words_are_the_answer() {
        let read = handling("已請廠商到場。\n\n擬答覆：\n同學您好：冷氣已修復。\n總務處 敬上\n");
        assert_eq!(read.proposed.as_deref(), Some("同學您好：冷氣已修復。\n總務處 敬上"));
        assert_eq!(read.handling, "已請廠商到場。");
        assert_eq!(read.kind, HandlingKind::Proposal);
        let read = handling("【擬答覆】\n您好，已修復。\n-- \n陳組員\n分機 2101");
        assert_eq!(read.proposed.as_deref(), Some("您好，已修復。"));
        let read = handling("Proposed answer:\nDear Sir,\nIt was mended.\n");
        assert_eq!(read.proposed.as_deref(), Some("Dear Sir,\nIt was mended."));
        let read = handling("擬答覆：\n\n");
        assert_eq!((read.proposed, read.kind), (None, HandlingKind::Record));
    }

    #[test]
    fn kinds_of_replies() {
        for (text, kind) in [
            ("收到", HandlingKind::Note),
            ("收到，謝謝。\n陳組員", HandlingKind::Note),
            ("了解。", HandlingKind::Note),
            ("已轉營繕組", HandlingKind::Note),
            ("已轉請營繕組查明後回覆。", HandlingKind::Note),
            ("查明後回覆", HandlingKind::Note),
            ("王秘書您好：\n收到，查明後回覆。\n陳大文 敬上", HandlingKind::Note),
            ("Noted, thanks.", HandlingKind::Note),
            ("經查三樓冷氣排水管堵塞，已於當日清除。\n謝謝指正。", HandlingKind::Record),
            ("收到，經查三樓冷氣排水管堵塞，已於當日派員清除完畢，後續將每季巡檢。", HandlingKind::Record),
            ("您好：\n\n本組已請廠商於 11/25 到場檢修，\n預計 11/27 完成。\n\n總務處 敬上", HandlingKind::LooksLikeAnswer),
            (
                "同學您好：\n感謝您的來信，三樓冷氣排水管堵塞一事，本組已於今日派員清除完畢，造成您的不便，敬請見諒。",
                HandlingKind::LooksLikeAnswer,
            ),
            ("敬啟者：臺端反映事項已處理完畢，如仍有問題請不吝賜教，謝謝您。\n總務處 敬啟", HandlingKind::LooksLikeAnswer),
            ("王秘書您好：\n\n本組已請廠商於 11/25 到場檢修，預計 11/27 完成。\n\n總務處 敬上", HandlingKind::Record),
            ("原因：排水管堵塞\n立即措施：已清除", HandlingKind::FormFilled),
            ("您好，已修復。", HandlingKind::Record),
            ("", HandlingKind::Record),
        ] {
            assert_eq!(handling(text).kind, kind, "{text}");
        }
    }

    #[test]
    fn a_form_gives_fields_and_keeps_every_word() {
        let read = handling("王秘書好，如下。\n原因：排水管堵塞\n立即措施：\n擬答覆：已修復，謝謝您。");
        assert_eq!(read.fields.get("cause").map(String::as_str), Some("排水管堵塞"));
        assert_eq!(read.blank, vec!["immediate".to_owned()]);
        assert_eq!(read.proposed.as_deref(), Some("已修復，謝謝您。"));
        assert!(read.handling.contains("王秘書好，如下。") && read.handling.contains("原因：排水管堵塞"));
    }
}
