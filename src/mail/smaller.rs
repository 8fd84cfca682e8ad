//! One of our own letters once more without its attachments: what a server refused as too large leaves as words alone, with a line
//! that says so. Reads only what `compose` froze. Called by desk.

use jiff::tz::TimeZone;
use mail_parser::{HeaderValue, Message, MessageParser};

use super::compose::{self, Address, Draft};
use crate::calendar::Moment;

/// What the smaller letter has of its own.
#[derive(Debug, Clone)]
pub struct Anew<'a> {
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// The line that says what is missing.
    pub note: &'a str,
    /// When it is written.
    pub date: Moment,
    /// The office's zone.
    pub zone: TimeZone,
    /// Header fields that go along as they were.
    pub keep: &'a [&'static str],
    /// Header fields of its own.
    pub own: Vec<(&'static str, String)>,
}

/// The bytes of the letter without its files and enclosed mails, and its text; `None` where it has none, so that leaving them out
/// would not help.
///
/// # Errors
/// As [`compose::freeze`].
#[must_use]
pub fn without_files(raw: &[u8], anew: &Anew<'_>) -> Option<Result<(Vec<u8>, String), compose::Error>> {
    let mail = MessageParser::default().parse(raw)?;
    if mail.attachment_count() == 0 {
        return None;
    }
    let text = format!("{}\n\n{}", anew.note, mail.body_text(0)?.replace("\r\n", "\n").trim_end());
    let draft = Draft {
        from: address(mail.from())?,
        to: address(mail.to())?,
        reply_to: address(mail.reply_to()),
        subject: mail.subject().unwrap_or_default().to_owned(),
        message_id: anew.message_id.clone(),
        date: anew.date,
        zone: anew.zone.clone(),
        in_reply_to: ids(mail.in_reply_to()).into_iter().next(),
        references: ids(mail.references()),
        headers: anew.keep.iter().filter_map(|name| Some((*name, value(&mail, name)?))).chain(anew.own.iter().cloned()).collect(),
        text: text.clone(),
        html: mail.body_html(0).map(|html| noted(&html, anew.note)),
        attachments: Vec::new(),
        originals: Vec::new(),
    };
    Some(compose::freeze(&draft).map(|bytes| (bytes, text)))
}

fn address(found: Option<&mail_parser::Address<'_>>) -> Option<Address> {
    let one = found?.first()?;
    Some(Address { name: one.name().unwrap_or_default().to_owned(), email: one.address()?.to_owned() })
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(all) => all.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn value(mail: &Message<'_>, name: &str) -> Option<String> {
    mail.header_raw(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}

/// The note at the top of the page; it holds no markup.
fn noted(html: &str, note: &str) -> String {
    let escaped = note.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let line = format!("<p style=\"margin:16px;font-size:14px;line-height:22px\">{escaped}</p>");
    let at = html.find("<body").and_then(|open| html.get(open..)?.find('>').map(|end| open + end + 1)).unwrap_or(0);
    match (html.get(..at), html.get(at..)) {
        (Some(head), Some(rest)) => format!("{head}{line}{rest}"),
        _ => format!("{line}{html}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn words_stay_files_go_and_the_reader_is_told() {
        let office = Address { name: "秘書室".into(), email: "service@kmu.example".into() };
        let mut draft = Draft {
            from: office.clone(),
            to: Address { name: "王小明".into(), email: "ming@mail.example".into() },
            reply_to: Some(Address { email: "service+token@kmu.example".into(), ..office }),
            subject: "您的申訴答覆".into(),
            message_id: "a.1@kmu.example".into(),
            date: Moment::from_unix(1_772_500_000),
            zone: TimeZone::UTC,
            in_reply_to: Some("m@mail.example".into()),
            references: vec!["m0@mail.example".into(), "m@mail.example".into()],
            headers: vec![("Auto-Submitted", "auto-generated".into())],
            text: "您好：\n已處理。".into(),
            html: Some("<html><body class=\"x\"><p>已處理。</p></body></html>".into()),
            attachments: vec![compose::Attach {
                name: "a.pdf".into(),
                content_type: "application/pdf".into(),
                bytes: Arc::from(vec![7; 9000]),
            }],
            originals: Vec::new(),
        };
        let anew = Anew {
            message_id: "a.2@kmu.example".into(),
            note: "附件過大，未能附上 <a>。",
            date: draft.date,
            zone: TimeZone::UTC,
            keep: &["Auto-Submitted"],
            own: vec![("X-Own", "its own".into())],
        };
        let raw = compose::freeze(&draft).expect("frozen");
        let (bytes, text) = without_files(&raw, &anew).expect("has files").expect("frozen");
        assert!(bytes.len() + 9000 < raw.len() && text.starts_with("附件過大"));
        let mail = MessageParser::default().parse(&bytes).expect("a mail");
        assert_eq!((mail.attachment_count(), mail.subject(), mail.message_id()), (0, Some("您的申訴答覆"), Some("a.2@kmu.example")));
        assert_eq!(ids(mail.in_reply_to()), ["m@mail.example"]);
        assert_eq!(ids(mail.references()).len(), 2);
        assert_eq!(address(mail.reply_to()).map(|a| a.email).as_deref(), Some("service+token@kmu.example"));
        let html = mail.body_html(0).expect("html");
        assert!(html.contains("附件過大，未能附上 &lt;a&gt;。") && html.contains("已處理。"), "{html}");
        assert!(mail.body_text(0).expect("text").contains("已處理。"));
        assert_eq!(value(&mail, "Auto-Submitted").as_deref(), Some("auto-generated"));
        assert_eq!(value(&mail, "X-Own").as_deref(), Some("its own"));
        draft.attachments.clear();
        assert!(without_files(&compose::freeze(&draft).expect("frozen"), &anew).is_none());
    }
}
