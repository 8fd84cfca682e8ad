//! Delivery reports in the form of RFC 3464: the part `message/delivery-status`, wherever it stands, also mislabelled or as the mail itself.

use super::super::classify::View;
use super::super::headers::{Field, RawHeaders};
use super::{Bounce, Recipient, enhanced_code, reply_code};

/// Longest report that is read, in octets.
pub(super) const MAX_REPORT: usize = 64 * 1024;

/// Most addresses read from one report.
const MAX_RECIPIENTS: usize = 200;

/// Reads the status part; None when there is none.
pub(super) fn read(v: &View<'_>) -> Option<Bounce> {
    let mut recipients: Vec<Recipient> = Vec::new();
    let mut found = false;
    for leaf in &v.tree.leaves {
        let t = leaf.content_type.value.as_str();
        let typed = matches!(t, "message/delivery-status" | "message/global-delivery-status" | "message/delivery_status");
        let mislabelled = !typed && v.report("delivery-status") && t.starts_with("text/") && looks_like_status(&leaf.decoded());
        if !typed && !mislabelled {
            continue;
        }
        found = true;
        for r in groups(&leaf.decoded()).iter().flat_map(rows) {
            if recipients.len() < MAX_RECIPIENTS && !recipients.iter().any(|o| o.address == r.address) {
                recipients.push(r);
            }
        }
    }
    if recipients.is_empty() && found {
        recipients = super::freetext::in_words(v);
    }
    found.then(|| Bounce { recipients, reason: "dsn", ..Bounce::default() })
}

fn looks_like_status(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data.get(..4096).unwrap_or(data)).to_ascii_lowercase();
    text.contains("reporting-mta:") && text.contains("final-recipient:")
}

/// Groups of fields, parted by blank lines (RFC 3464 §2.1).
pub(super) fn groups(data: &[u8]) -> Vec<RawHeaders> {
    let mut out = Vec::new();
    let mut rest = data.get(..MAX_REPORT).unwrap_or(data);
    while !rest.is_empty() && out.len() < MAX_RECIPIENTS * 2 {
        let h = RawHeaders::parse(rest);
        let line = super::super::headers::line_at(rest, 0).map_or(1, |(_, next)| next.max(1));
        let step = h.body_at().max(line);
        if !h.is_empty() {
            out.push(h);
        }
        rest = rest.get(step..).unwrap_or_default();
    }
    out
}

/// One group into rows: the final recipient and, where it is another, the one that we wrote to (RFC 3464 §2.3).
pub(super) fn rows(group: &RawHeaders) -> Vec<Recipient> {
    let find = |names: &[&str]| names.iter().find_map(|n| group.first(n).and_then(address_of));
    let last = find(&["Final-Recipient", "X-Actual-Recipient", "Recipient"]);
    let first = find(&["Original-Recipient"]);
    let mut addresses: Vec<String> = Vec::new();
    addresses.extend(last);
    addresses.extend(first.filter(|a| a.contains('@')));
    addresses.dedup();
    addresses.into_iter().map(|a| recipient(group, a)).collect()
}

fn recipient(group: &RawHeaders, address: String) -> Recipient {
    let action = group.value("Action").unwrap_or_default().to_ascii_lowercase();
    let diagnostic = group.value("Diagnostic-Code").unwrap_or_default();
    let told = group.value("Status").and_then(|s| enhanced_code(&s));
    let in_words = enhanced_code(&diagnostic);
    // `5.0.0` says nothing; what the other host said says more.
    let vague = told.as_deref().is_none_or(|s| s.ends_with(".0.0"));
    let same_class = told.as_ref().zip(in_words.as_ref()).is_none_or(|(a, b)| a.chars().next() == b.chars().next());
    let status = if vague && same_class { in_words.or(told) } else { told };
    let bad = match status.as_deref().and_then(|s| s.chars().next()) {
        Some('5') => true,
        Some(_) => false,
        None => reply_code(&diagnostic).is_none_or(|c| c >= 500),
    };
    let action = action.split([' ', '(', ';']).next().unwrap_or_default();
    let failed = !matches!(action, "delayed" | "delivered" | "relayed" | "expanded");
    Recipient { address, status, permanent: failed && bad }
}

/// `rfc822; a@b` → `a@b`, whatever the writer put around it.
fn address_of(field: &Field) -> Option<String> {
    let value = field.value();
    let value = value.split_once(';').map_or(value.as_str(), |(_, v)| v);
    let value = value.trim().trim_matches(['<', '>', '"', ' ']);
    let word = value.split(|c: char| c.is_whitespace() || c == ',').find(|w| w.contains('@')).unwrap_or(value);
    let word = word.trim_matches(['<', '>', '"', ',', ';']).to_lowercase();
    (!word.is_empty()).then_some(word)
}
