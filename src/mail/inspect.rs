//! How a mail is read, for people at a terminal and for scripts: `redress inspect [--json]`. Prints what `parse` found, decides nothing.

use super::classify::Class;
use super::parse::{Inbound, read};
use super::wrapped::Sealed;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// One line of JSON about one file (no line end), with the keys of the interface description.
#[must_use]
pub fn json_line(file: &str, raw: &[u8]) -> String {
    to_json(file, &read(raw)).to_string()
}

/// The same as a value.
#[must_use]
pub fn to_json(file: &str, m: &Inbound) -> Value {
    let row = |name: &str, kind: &str, size: usize| json!({"name": name, "content_type": kind, "size": size});
    let mut attachments: Vec<Value> = m.attachments.iter().map(|a| row(&a.name, &a.content_type, a.size)).collect();
    attachments.extend(m.nested.iter().flat_map(|n| &n.attachments).map(|(name, kind, size)| row(name, kind, *size)));
    let bounce = m.bounce.as_ref().map(|b| {
        let rows: Vec<Value> =
            b.recipients.iter().map(|r| json!({"address": r.address, "status": r.status, "permanent": r.permanent})).collect();
        json!({"recipients": rows, "original_message_id": b.original_message_id})
    });
    json!({
        "file": file,
        "class": m.class.name(),
        "reason": m.reason,
        "from": m.from.as_ref().map(|f| f.address.as_str()),
        "from_name": m.from.as_ref().map(|f| f.name.as_str()).filter(|n| !n.is_empty()),
        "strict_from": m.strict_from,
        "subject": m.subject,
        "date": m.date.as_deref().map(when),
        "message_id": m.message_id,
        "text": m.text,
        "reply_text": m.reply_text,
        "attachments": attachments,
        "bounce": bounce,
        "charset_repaired": m.charset_repaired,
        "sealed": m.sealed.map(|s| match s {
            Sealed::Smime => "smime",
            Sealed::OpenPgp => "openpgp",
        }),
        "warnings": m.warnings,
    })
}

/// The same for eyes: a few labelled lines, then the new words, then how much was quoted.
#[must_use]
pub fn for_people(file: &str, raw: &[u8]) -> String {
    let m = read(raw);
    let mut out = String::new();
    let from = m.from.as_ref().map(|f| if f.name.is_empty() { f.address.clone() } else { format!("{} <{}>", f.name, f.address) });
    let _ = writeln!(out, "{file}");
    let _ = writeln!(out, "  class       {} ({})", m.class.name(), m.reason);
    let _ = writeln!(out, "  from        {}", from.as_deref().unwrap_or("-"));
    let _ = writeln!(out, "  may decide  {}", m.strict_from.as_deref().unwrap_or("-"));
    let _ = writeln!(out, "  subject     {}", m.subject);
    let _ = writeln!(out, "  date        {}", m.date.as_deref().map_or_else(|| "-".to_owned(), when));
    for a in &m.attachments {
        let _ = writeln!(out, "  attachment  {} ({}, {} octets)", a.name, a.content_type, a.size);
    }
    for r in m.bounce.iter().flat_map(|b| &b.recipients) {
        let _ = writeln!(
            out,
            "  bounce      {} {} {}",
            r.address,
            r.status.as_deref().unwrap_or("-"),
            if r.permanent { "permanent" } else { "temporary" }
        );
    }
    for w in &m.warnings {
        let _ = writeln!(out, "  warning     {w}");
    }
    for line in m.reply_text.lines() {
        let _ = writeln!(out, "  | {line}");
    }
    let quoted = m.quoted_text.lines().filter(|l| !l.trim().is_empty()).count();
    if quoted > 0 {
        let _ = writeln!(out, "  + {quoted} quoted lines");
    }
    if m.class != Class::Human && m.reply_text.is_empty() {
        let _ = writeln!(out, "  (no words)");
    }
    out
}
/// A `Date` field as RFC 3339 with its sender's offset; as written where it is no date (RFC 5322 §3.3). For display only.
fn when(written: &str) -> String {
    match mail_parser::DateTime::parse_rfc822(written) {
        Some(date) if date.is_valid() => date.to_rfc3339(),
        Some(_) | None => written.to_owned(),
    }
}
