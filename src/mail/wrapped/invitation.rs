//! An invitation or an appointment (RFC 5545) as lines: what, when, where, and its description. Values only, no sentences of ours.
//! Called by `wrapped` for mails that have no other words.

use crate::mail::charset;

/// Most lines of a calendar that are read; an invitation has a few dozen.
const MAX_LINES: usize = 2_000;

/// The words of the first event, or of the first task.
pub(super) fn text(data: &[u8], label: Option<&str>) -> String {
    let text = charset::decode(data.get(..256 * 1024).unwrap_or(data), label.or(Some("utf-8"))).text;
    let mut found: [String; 6] = Default::default();
    let mut inside = false;
    let mut alarm = false;
    for line in unfolded(&text) {
        let Some((head, value)) = line.split_once(':') else { continue };
        let name = head.split(';').next().unwrap_or_default().to_ascii_uppercase();
        match (name.as_str(), value.trim().to_ascii_uppercase().as_str()) {
            ("BEGIN", "VEVENT" | "VTODO") => inside = true,
            ("BEGIN", "VALARM") => alarm = true,
            ("END", "VALARM") => alarm = false,
            ("END", "VEVENT" | "VTODO") => break,
            _ => {}
        }
        let slot = match name.as_str() {
            "SUMMARY" => 0,
            "DTSTART" => 1,
            "DTEND" | "DUE" => 2,
            "LOCATION" => 3,
            "ORGANIZER" => 4,
            "DESCRIPTION" => 5,
            _ => continue,
        };
        if let Some(s) = found.get_mut(slot).filter(|s| inside && !alarm && s.is_empty()) {
            *s = if matches!(slot, 1 | 2) {
                moment(value)
            } else {
                plain(value.trim_start_matches("mailto:").trim_start_matches("MAILTO:"))
            };
        }
    }
    let [what, from, to, place, who, told] = found;
    let when = if to.is_empty() { from } else { format!("{from} – {to}") };
    [what, when, place, who, told].into_iter().filter(|s| !s.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// Lines with their folds undone (RFC 5545 §3.1).
fn unfolded(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines().take(MAX_LINES) {
        match (line.strip_prefix([' ', '\t']), out.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => out.push(line.to_owned()),
        }
    }
    out
}

/// `20261123T090000Z` → `2026-11-23 09:00Z`; what is none stays as it is.
fn moment(value: &str) -> String {
    let v = value.trim();
    let digits = |a: usize, b: usize| v.get(a..b).filter(|d| d.bytes().all(|c| c.is_ascii_digit()));
    let (Some(y), Some(m), Some(d)) = (digits(0, 4), digits(4, 6), digits(6, 8)) else { return v.to_owned() };
    match (v.get(8..9), digits(9, 11), digits(11, 13)) {
        (Some("T"), Some(h), Some(min)) => format!("{y}-{m}-{d} {h}:{min}{}", if v.ends_with('Z') { "Z" } else { "" }),
        _ => format!("{y}-{m}-{d}"),
    }
}

/// Escapes undone (RFC 5545 §3.3.11).
fn plain(value: &str) -> String {
    value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
}
