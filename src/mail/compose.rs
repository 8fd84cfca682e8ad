//! A `Draft` becomes the frozen bytes of one mail: the same draft gives the same bytes, CRLF only, short lines, every foreign
//! word encoded. lettre writes the parts; the boundaries come from the Message-ID and the headers from compose_gate.rs.
//! Called by desk when a letter is queued. Sending is delivery's.

use std::sync::Arc;

use jiff::tz::TimeZone;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, MaybeString, Message, MultiPart, MultiPartBuilder, SinglePart};

pub use super::compose_gate::{HeaderText, gate, needs_8bit};
use super::compose_gate::{old_parameter, parameter};
use super::compose_original::{Packed, boundary, filled, mark};
pub use super::mailto::{MAILTO_LIMIT, mailto};
use crate::calendar::Moment;

/// Why a draft did not become a mail.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// An address cannot stand in a mail: the recipient is set down as undeliverable and the secretariat told.
    #[error("not a mail address that can be written to")]
    Address,
    /// A header's name or our own Message-ID is malformed: a fault of ours; the letter is set aside.
    #[error("malformed header {0}")]
    Header(&'static str),
    /// The finished bytes hold what no server may be sent: the letter is set aside.
    #[error("{what} at byte {at}")]
    Gate {
        /// Offset in the bytes.
        at: usize,
        /// What was found.
        what: &'static str,
    },
    /// The builder refused; the letter is set aside.
    #[error("could not be built: {0}")]
    Build(String),
}

/// A display name and an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// May be empty, may hold anything: it is made fit.
    pub name: String,
    /// `local@domain`; `a..b@docomo.ne.jp` is allowed, because people have such addresses.
    pub email: String,
}

/// A file that goes along.
#[derive(Debug, Clone)]
pub struct Attach {
    /// As the reader shall see it; path signs and controls are taken out.
    pub name: String,
    /// `type/subtype`, perhaps with a charset; anything else becomes `application/octet-stream`.
    pub content_type: String,
    /// The content.
    pub bytes: Arc<[u8]>,
}

/// A mail that goes along whole, as message/rfc822.
#[derive(Debug, Clone)]
pub struct Original {
    /// File name; `.eml` is added where it is missing.
    pub name: String,
    /// The mail as it was stored.
    pub raw: Arc<Vec<u8>>,
}

/// One mail to one recipient, before it is bytes.
#[derive(Debug, Clone)]
pub struct Draft {
    /// From.
    pub from: Address,
    /// To; exactly one.
    pub to: Address,
    /// Reply-To, with the personal token where there is one.
    pub reply_to: Option<Address>,
    /// Subject, any text.
    pub subject: String,
    /// Without `<>`.
    pub message_id: String,
    /// When the letter was written.
    pub date: Moment,
    /// The office's zone, in which `Date:` is written.
    pub zone: TimeZone,
    /// Without `<>`; left out when it is not a well-formed id.
    pub in_reply_to: Option<String>,
    /// Oldest first, without `<>`; ids that are not well-formed are left out.
    pub references: Vec<String>,
    /// Auto-Submitted, X-Redress-Loop, List-Id …; set after the standard ones and never instead of them.
    pub headers: Vec<(&'static str, String)>,
    /// text/plain.
    pub text: String,
    /// text/html.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<Attach>,
    /// Mails.
    pub originals: Vec<Original>,
}

/// Makes the bytes of a draft: deterministic, CRLF only, header and text lines of at most 76 columns (an original's up to 998).
///
/// # Errors
/// `Error::Address` for an address that cannot be written to; the others are faults of ours. Nothing panics, whatever the draft holds.
pub fn freeze(draft: &Draft) -> Result<Vec<u8>, Error> {
    write(draft, true).map(joined)
}

/// As `freeze`, in parts that are one after the other the whole: an original that stands as it is in the draft is none of its own but
/// the draft's, so that a long mail that goes to several people is in memory once.
///
/// # Errors
/// As `freeze`.
pub fn freeze_in_parts(draft: &Draft) -> Result<Vec<Arc<Vec<u8>>>, Error> {
    write(draft, true)
}

/// As `freeze`, for a server without 8BITMIME: originals with octets over 127 go as `.eml` files in base64.
///
/// # Errors
/// As `freeze`.
pub fn freeze_7bit(draft: &Draft) -> Result<Vec<u8>, Error> {
    write(draft, false).map(joined)
}

fn joined(parts: Vec<Arc<Vec<u8>>>) -> Vec<u8> {
    match <[_; 1]>::try_from(parts) {
        Ok([only]) => Arc::unwrap_or_clone(only),
        Err(parts) => {
            let mut all = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
            for part in &parts {
                all.extend_from_slice(part);
            }
            all
        }
    }
}

fn write(draft: &Draft, eight_bit: bool) -> Result<Vec<Arc<Vec<u8>>>, Error> {
    let originals: Vec<Packed<'_>> = draft.originals.iter().map(|o| Packed::new(o, eight_bit)).collect();
    let mut message = Message::builder().envelope(placeholder()?);
    for header in headers(draft)? {
        message = message.raw_header(header);
    }
    let eight = originals.iter().any(|o| o.encoding == Some(ContentTransferEncoding::EightBit));
    let boundary = |level: u8| boundary(&draft.message_id, level, &originals);
    let outer = boundary(0);
    let built = if draft.attachments.is_empty() && originals.is_empty() {
        match &draft.html {
            None => message.singlepart(text_part(&draft.text, ContentType::TEXT_PLAIN)?),
            Some(html) => message.multipart(alternative(&draft.text, html, &boundary(1))?),
        }
    } else {
        let mixed = multi(MultiPart::mixed(), &outer, eight);
        let mut mixed = match &draft.html {
            None => mixed.singlepart(text_part(&draft.text, ContentType::TEXT_PLAIN)?),
            Some(html) => mixed.multipart(alternative(&draft.text, html, &boundary(1))?),
        };
        for (n, file) in draft.attachments.iter().enumerate() {
            mixed = mixed.singlepart(attachment(file, n + 1)?);
        }
        for (n, original) in originals.iter().enumerate() {
            mixed = mixed.singlepart(original_part(original, n + 1, &outer)?);
        }
        message.multipart(mixed)
    };
    let mut frame = built.map_err(|e| Error::Build(e.to_string()))?.formatted();
    if !frame.ends_with(b"\r\n") {
        frame.extend_from_slice(b"\r\n");
    }
    filled(frame, originals, &outer)
}

/// lettre asks for an envelope and derives it from the headers, which fails on addresses that people really have. Ours stands
/// in the outbox row, so it gets one that nobody reads.
fn placeholder() -> Result<Envelope, Error> {
    let nobody = lettre::Address::new("nobody", "redress.invalid").map_err(|e| Error::Build(e.to_string()))?;
    Envelope::new(Some(nobody.clone()), vec![nobody]).map_err(|e| Error::Build(e.to_string()))
}

fn headers(draft: &Draft) -> Result<Vec<HeaderValue>, Error> {
    let at = draft.date.zoned(&draft.zone);
    let utc = draft.date.zoned(&TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    // lettre reads Date and From back from the raw value and would put today's date in when that is not UTC.
    let mut out = vec![
        known("Date", utc, at.strftime("%a, %d %b %Y %H:%M:%S %z").to_string())?,
        known("From", "nobody@redress.invalid".to_owned(), mailbox(&draft.from, 6)?)?,
        known("To", String::new(), mailbox(&draft.to, 4)?)?,
    ];
    if let Some(reply_to) = &draft.reply_to {
        out.push(known("Reply-To", String::new(), mailbox(reply_to, 10)?)?);
    }
    out.push(known("Subject", String::new(), HeaderText::new(&draft.subject).encoded(9))?);
    let id = well_formed(&draft.message_id).ok_or(Error::Header("Message-ID"))?;
    out.push(known("Message-ID", String::new(), format!("<{id}>"))?);
    if let Some(id) = draft.in_reply_to.as_deref().and_then(well_formed) {
        out.push(known("In-Reply-To", String::new(), format!("<{id}>"))?);
    }
    let references: Vec<String> = draft.references.iter().filter_map(|id| well_formed(id)).map(|id| format!("<{id}>")).collect();
    if !references.is_empty() {
        // The first one carries our own key; the newest ones carry the thread. A thread of hundreds stays a header.
        let skip = references.len().saturating_sub(30);
        let kept: Vec<&str> = references.iter().enumerate().filter(|(n, _)| *n == 0 || *n > skip).map(|(_, id)| id.as_str()).collect();
        out.push(known("References", String::new(), kept.join("\r\n "))?);
    }
    for (name, value) in &draft.headers {
        let token = !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !token || RESERVED.iter().any(|r| r.eq_ignore_ascii_case(name)) {
            return Err(Error::Header(name));
        }
        out.push(known(name, String::new(), HeaderText::new(value).encoded(name.len() + 2))?);
    }
    Ok(out)
}

const RESERVED: &[&str] = &[
    "Date",
    "From",
    "To",
    "Cc",
    "Bcc",
    "Sender",
    "Reply-To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Disposition",
];

fn known(name: &'static str, raw: String, encoded: String) -> Result<HeaderValue, Error> {
    let header = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| Error::Header(name))?;
    Ok(HeaderValue::dangerous_new_pre_encoded(header, raw, encoded))
}

/// A message id without its brackets that can stand in a header: `left@right`, printable ASCII, at most 250 octets.
fn well_formed(id: &str) -> Option<&str> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let fine = id.len() <= 250 && id.contains('@') && id.chars().all(|c| c.is_ascii_graphic() && !"<>()\"\\,;".contains(c));
    fine.then_some(id)
}

fn mailbox(address: &Address, column: usize) -> Result<String, Error> {
    let email = address.email.trim();
    let (local, domain) = email.rsplit_once('@').ok_or(Error::Address)?;
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let named = !domain.is_empty()
        && domain.len() <= 255
        && domain.split('.').all(|l| !l.is_empty() && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    let literal =
        domain.starts_with('[') && domain.ends_with(']') && domain.chars().all(|c| c.is_ascii_alphanumeric() || "[].:".contains(c));
    if local.is_empty() || local.len() > 64 || !local.chars().all(atom) || !(named || literal) {
        return Err(Error::Address);
    }
    let name = HeaderText::new(&address.name);
    if name.as_str().is_empty() {
        return Ok(email.to_owned());
    }
    let phrase = name.phrase(column);
    let last = phrase.rsplit("\r\n").next().map_or(0, str::len);
    let used = if phrase.contains("\r\n") { last } else { last + column };
    let gap = if used + email.len() + 3 > 76 { "\r\n " } else { " " };
    Ok(format!("{phrase}{gap}<{email}>"))
}

/// A Content-Type or Content-Disposition in our own encoding, for lettre's part builder.
#[derive(Clone)]
struct Typed(HeaderValue);

impl Header for Typed {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Type")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Err("written, never read".into())
    }
    fn display(&self) -> HeaderValue {
        self.0.clone()
    }
}

#[derive(Clone)]
struct Disposed(HeaderValue);

impl Header for Disposed {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Disposition")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Err("written, never read".into())
    }
    fn display(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn file_part(content_type: &str, name: &HeaderText, body: Body) -> SinglePart {
    let content_type = format!("{content_type}{}", old_parameter("name", name));
    let disposition = format!("attachment{}", parameter("filename", name));
    SinglePart::builder()
        .header(Typed(HeaderValue::dangerous_new_pre_encoded(Typed::name(), String::new(), content_type)))
        .header(Disposed(HeaderValue::dangerous_new_pre_encoded(Disposed::name(), String::new(), disposition)))
        .body(body)
}

/// The place of a plain original is only marked: it is put in by [`filled`], so that a long mail is not in memory once more.
fn original_part(original: &Packed<'_>, n: usize, boundary: &str) -> Result<SinglePart, Error> {
    let name = HeaderText::file_name(&original.name, &format!("original-{n}.eml"));
    Ok(match original.encoding {
        Some(encoding) => file_part("message/rfc822", &name, Body::dangerous_pre_encoded(mark(boundary, n).into_bytes(), encoding)),
        None => file_part("application/octet-stream", &name, base64(&original.bytes)?),
    })
}

fn encode(bytes: impl Into<MaybeString>, encoding: ContentTransferEncoding) -> Result<Body, Error> {
    Body::new_with_encoding(bytes, encoding).map_err(|_| Error::Build("a part cannot be encoded".to_owned()))
}

fn base64(bytes: &[u8]) -> Result<Body, Error> {
    encode(bytes.to_vec(), ContentTransferEncoding::Base64)
}

fn attachment(file: &Attach, n: usize) -> Result<SinglePart, Error> {
    let name = HeaderText::file_name(&file.name, &format!("attachment-{n}"));
    Ok(file_part(&media_type(&file.content_type), &name, base64(&file.bytes)?))
}

/// `type/subtype` and a charset, when they are tokens; whole mails and multiparts may not be base64 (RFC 2046 §5.2.1), so they go as octets.
fn media_type(text: &str) -> String {
    let token = |t: &str| !t.is_empty() && t.len() <= 60 && t.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c));
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let fine = essence.split_once('/').is_some_and(|(a, b)| token(a) && token(b) && a != "multipart" && a != "message");
    if !fine {
        return "application/octet-stream".to_owned();
    }
    let charset = parts
        .find_map(|p| p.split_once('=').filter(|(k, _)| k.trim().eq_ignore_ascii_case("charset")).map(|(_, v)| v.trim().trim_matches('"')));
    match charset.filter(|c| token(c)) {
        Some(charset) => format!("{essence}; charset={charset}"),
        None => essence,
    }
}

/// Text in base64 or quoted-printable, whichever is shorter; both keep lines short and leave no bare dot, CR or LF of the writer's.
fn text_part(text: &str, content_type: ContentType) -> Result<SinglePart, Error> {
    let clean: String = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\0', "").replace('\n', "\r\n");
    let costly = clean.bytes().filter(|b| *b >= 0x80 || *b == b'=').count();
    let encoding = if costly * 2 > clean.len() / 3 { ContentTransferEncoding::Base64 } else { ContentTransferEncoding::QuotedPrintable };
    Ok(SinglePart::builder().content_type(content_type).body(encode(clean, encoding)?))
}

fn alternative(text: &str, html: &str, boundary: &str) -> Result<MultiPart, Error> {
    let plain = text_part(text, ContentType::TEXT_PLAIN)?;
    Ok(multi(MultiPart::alternative(), boundary, false).singlepart(plain).singlepart(text_part(html, ContentType::TEXT_HTML)?))
}

fn multi(builder: MultiPartBuilder, boundary: &str, eight: bool) -> MultiPart {
    let builder = builder.boundary(boundary);
    // RFC 2045 §6.4: a multipart that holds an 8bit part must say so.
    if eight { builder.header(ContentTransferEncoding::EightBit).build() } else { builder.build() }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
