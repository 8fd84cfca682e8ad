//! `mailto:` links behind buttons (RFC 6068), short enough for every desktop to pass on whole. Called by render's templates through desk.

use super::compose_gate::HeaderText;

/// The longest `mailto:` link that Windows and Outlook pass on whole, in bytes.
pub const MAILTO_LIMIT: usize = 1800;

/// A `mailto:` link (RFC 6068): UTF-8 percent-encoded, `+` as `%2B`, breaks as `%0D%0A`. Longer than 1,800 bytes the body is cut at a whole
/// character: its machine line stands first. Put into HTML it needs `&` escaped by the template.
#[must_use]
pub fn mailto(address: &str, subject: &str, body: &str) -> String {
    let mut link = String::from("mailto:");
    percent(&mut link, address.trim(), "@");
    link.push_str("?subject=");
    percent(&mut link, HeaderText::new(subject).as_str(), "");
    link.push_str("&body=");
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    for c in body.chars() {
        let before = link.len();
        if c == '\n' {
            link.push_str("%0D%0A");
        } else {
            percent(&mut link, c.encode_utf8(&mut [0; 4]), "");
        }
        if link.len() > MAILTO_LIMIT {
            link.truncate(before);
            break;
        }
    }
    link
}

fn percent(out: &mut String, text: &str, also: &str) {
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-._~".contains(c) || also.contains(c) {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}
