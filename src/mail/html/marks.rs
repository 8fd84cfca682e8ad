//! How mail programs mark their quotes and signatures in HTML: classes, ids and the lines that they draw.

use super::unescape;

/// The value of an attribute, entities undone.
pub(super) fn attr(attrs: &str, name: &str) -> Option<String> {
    let lower = attrs.to_ascii_lowercase();
    let mut from = 0usize;
    while let Some(p) = lower.get(from..).and_then(|r| r.find(name)) {
        let at = from + p;
        let before = at.checked_sub(1).and_then(|i| lower.as_bytes().get(i)).copied().unwrap_or(b' ');
        let rest = attrs.get(at + name.len()..).unwrap_or_default().trim_start();
        from = at + name.len();
        if !(before.is_ascii_whitespace() || before == b'"' || before == b'\'') {
            continue;
        }
        let Some(v) = rest.strip_prefix('=').map(str::trim_start) else { continue };
        let value = match v.chars().next() {
            Some(q @ ('"' | '\'')) => v.get(1..).unwrap_or_default().split(q).next().unwrap_or_default(),
            _ => v.split(|c: char| c.is_whitespace()).next().unwrap_or_default(),
        };
        return Some(unescape(value).into_owned());
    }
    None
}

pub(super) fn class_or_id(attrs: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for key in ["class", "id", "name"] {
        if let Some(v) = attr(attrs, key) {
            out.extend(v.split_whitespace().map(str::to_ascii_lowercase));
        }
    }
    out
}

/// Marks before which the new words end: Outlook, OWA, Hotmail, Exchange mobile, QQ and NetEase.
pub(super) fn is_cut(mark: &str) -> bool {
    let mark = mark.strip_prefix("x_").unwrap_or(mark);
    matches!(
        mark,
        "divrplyfwdmsg"
            | "appendonsend"
            | "outlookmessageheader"
            | "reply-intro"
            | "mail-editor-reference-message-container"
            | "xm_mail_oringinal_describe"
            | "spanreplymessage"
            | "ms-outlook-mobile-reference-message"
            | "_mailoriginal"
            | "isreplycontent"
            | "ntes-quote"
            | "ntes-mailmaster-quote"
            | "qmbox-quote"
            | "stopspelling"
            | "olk_src_body_section"
            | "messagereplysection"
            | "spark_quote"
            | "freshdesk_quote"
            | "missive_quote"
            | "front-blockquote"
            | "hey_quote"
    )
}

/// Elements that hold a quote and end with it: Gmail, Yahoo, Proton, Zimbra, Zoho, Naver, Thunderbird's citation line.
pub(super) fn is_quote_container(mark: &str) -> bool {
    // Programs that answer a quoted mail rewrite its names: x_gmail_quote, ydp1a2byahoo_quoted.
    if mark.ends_with("yahoo_quoted") || mark.ends_with("gmail_quote") {
        return true;
    }
    matches!(
        mark,
        "gmail_quote_container"
            | "protonmail_quote"
            | "zmail_extra"
            | "moz-cite-prefix"
            | "moz-forward-container"
            | "gmail_attr"
            | "gmail_signature"
            | "moz-signature"
            | "ms-outlook-mobile-signature"
            | "applemailsignature"
            | "acompli_signature"
            | "tutanota_quote"
            | "quote_header"
    )
}

/// Outlook on the desktop draws only a line above the old mail's header block.
pub(super) fn outlook_border(attrs: &str) -> bool {
    let Some(style) = attr(attrs, "style") else { return false };
    let s: String = style.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    (s.contains("border-top:solid#e1e1e11.0pt")
        || s.contains("border-top:solid#b5c4df1.0pt")
        || s.contains("border-top:#b5c4df1ptsolid")
        || s.contains("border-top:1ptsolid"))
        && (s.contains("padding:3.0pt0in0in0in")
            || s.contains("padding:3.0pt0cm0cm0cm")
            || s.contains("padding-top:3pt")
            || s.contains("padding:3pt"))
}

/// Editors that indent with blockquote (old webmail, pasted office text) do not quote.
pub(super) fn indent_only(style: &str, attrs: &str) -> bool {
    let lower = attrs.to_ascii_lowercase();
    let cites = lower.contains("cite") || lower.contains("gmail_quote") || style.contains("border-left");
    !cites
        && (style.contains("margin:00040px") || style.contains("margin-right:0px") && style.contains("margin-left:40px"))
        && style.contains("border:none")
}
