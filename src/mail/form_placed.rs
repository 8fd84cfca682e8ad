//! A reply form that was filled where it stands: inside the quotation of our own letter. Finds the form's part of the whole mail, so that
//! neither the complaint nor anything else that is quoted is taken for the handler's words. Called by desk.

use std::collections::BTreeMap;

use super::form::{self, Form, Labels};
use super::parse::Inbound;
use super::proposal::{self, Handling};
use super::wording::{squeeze, unquote};

/// What we sent to the handler, so that his words can be told from ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// Lines that open the form in our letters.
    pub titles: Vec<String>,
    /// Lines that close it.
    pub ends: Vec<String>,
    /// The procedure's own labels.
    pub labels: Labels,
    /// The complaint, which our letter quotes.
    pub complaint: String,
    /// Sections that we filled in.
    pub fields: BTreeMap<String, String>,
    /// Answers that were proposed before.
    pub drafts: Vec<String>,
}

/// A handler's reply: his new words, and what he filled into the form where it stands. What came back as it was sent is no news.
#[must_use]
pub fn handling(mail: &Inbound, sent: &Sent) -> Handling {
    let mut read = proposal::handling_with(&mail.reply_text, &sent.labels);
    let Some(placed) = placed(&mail.text, sent) else { return read };
    let known = |id: &str, value: &str| sent.fields.get(id).is_some_and(|old| same(old, value));
    let news: BTreeMap<String, String> = placed.fields.into_iter().filter(|(id, v)| !known(id, v)).collect();
    let answer = placed.answer.filter(|text| !sent.drafts.iter().any(|d| same(d, text)));
    let in_place = news.keys().any(|id| !read.fields.contains_key(id)) || (read.proposed.is_none() && answer.is_some());
    for (id, value) in news {
        read.fields.entry(id).or_insert(value);
    }
    read.proposed = read.proposed.or(answer);
    if in_place {
        read.blank.extend(placed.blank);
    }
    let answered = read.proposed.is_some();
    read.blank.retain(|id| !(read.fields.contains_key(id) || answered && id == form::ANSWER));
    read.blank.sort();
    read.blank.dedup();
    read
}

/// The form of our letter as it came back inside the whole mail, read. Where no title came back, the whole text is read unless the
/// complaint itself holds lines that look like a form's.
fn placed(whole: &str, sent: &Sent) -> Option<Form> {
    let lines: Vec<&str> = whole.lines().collect();
    let Some(at) = lines.iter().rposition(|line| sent.titles.iter().any(|title| is(line, title))) else {
        let own = sent.complaint.lines().any(|line| form::heading_of(line, &sent.labels).is_some());
        return (!own).then(|| form::parse_with(whole, &sent.labels));
    };
    let below: Vec<&str> = lines.iter().skip(at + 1).take_while(|line| !sent.ends.iter().any(|end| is(line, end))).copied().collect();
    Some(form::parse_with(&below.join("\n"), &sent.labels))
}

/// The same words, whatever a mail client did to lines and spaces.
fn same(one: &str, other: &str) -> bool {
    let flat = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '>').collect::<String>();
    flat(one) == flat(other)
}

/// Whether a line is our own line `known`, with a hint in brackets behind it at most.
fn is(line: &str, known: &str) -> bool {
    let (bare, _) = unquote(line);
    let flat = squeeze(bare);
    let flat = flat.trim_start_matches(['【', '[', '*', '#', '(']);
    let known = squeeze(known);
    let known = known.trim_start_matches('(').trim_end_matches(')');
    !known.is_empty()
        && flat.strip_prefix(known).is_some_and(|rest| rest.chars().count() <= 30 && !rest.starts_with(|c: char| c.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(complaint: &str) -> Sent {
        Sent {
            titles: vec!["回覆表".to_owned()],
            ends: vec!["（回覆表到此為止）".to_owned()],
            complaint: complaint.to_owned(),
            ..Sent::default()
        }
    }

    fn read(whole: &str, complaint: &str) -> Option<Form> {
        placed(whole, &sent(complaint))
    }

    #[test]
    fn only_the_form_is_read_and_not_the_complaint_above_or_the_letter_below() {
        let whole = "收到。\n> 來信內容\n> 擬答覆：請校長道歉\n> 原因：都是你們的錯\n> 【回覆表】\n> 事由簡述：選課中斷\n> 原因：\n連線數不足\n> 擬答覆：\n> （回覆表到此為止）\n> 附件：紀錄表\n> 高雄示範大學 秘書室";
        let form = read(whole, "擬答覆：請校長道歉\n原因：都是你們的錯").expect("a form");
        assert_eq!(form.fields.get("cause").map(String::as_str), Some("連線數不足"));
        assert_eq!(form.fields.get("summary").map(String::as_str), Some("選課中斷"));
        assert_eq!(form.answer, None, "the complainant's own 擬答覆 is none of ours");
        assert!(form.blank.contains("answer"));
    }

    #[test]
    fn without_our_title_the_whole_is_read_unless_the_complaint_looks_like_a_form() {
        let whole = "> 原因：\n連線數不足\n> 擬答覆：請校長道歉";
        assert!(read(whole, "選課系統中斷").is_some_and(|f| f.fields.len() == 1));
        assert_eq!(read(whole, "擬答覆：請校長道歉"), None);
    }

    #[test]
    fn what_comes_back_as_it_was_sent_is_no_news() {
        let mut sent = sent("選課系統中斷");
        sent.fields.insert("cause".to_owned(), "連線數不足，\n設定未調整".to_owned());
        sent.drafts.push("您好，已完成加選。".to_owned());
        let mail = |text: &str| Inbound {
            text: text.to_owned(),
            reply_text: "收到，會補上。".to_owned(),
            ..crate::mail::read(b"From: a@b.example\n\nx")
        };
        let read = handling(
            &mail("收到，會補上。\n> 【回覆表】\n> 原因：連線數不足，設定\n> 未調整\n> 擬答覆：您好，已完成加選。\n> （回覆表到此為止）"),
            &sent,
        );
        assert!(read.fields.is_empty() && read.proposed.is_none(), "{read:?}");
        let read = handling(&mail("收到，會補上。\n> 【回覆表】\n> 原因：連線數不足\n> 預防措施：\n> （回覆表到此為止）"), &sent);
        assert_eq!(read.fields.get("cause").map(String::as_str), Some("連線數不足"));
        assert_eq!(read.blank, vec!["prevention".to_owned()]);
    }
}
