//! A raw mail into an [`Inbound`]: the one entrance of the reading half. Never panics, never fails; what is odd becomes a warning.
//!
//! Composes the other files of the room: header text, words, attachments, class, bounce. What a mail *means* for a case is decided elsewhere.

use super::address::{self, Mailbox};
use super::attachments::{self, Attachment};
use super::bounce::{self, Bounce};
use super::classify::{self, Class};
use super::encoded_word;
use super::headers::RawHeaders;
use super::parts::{self, Tree};
use super::textparts::{self, Words};
use super::thread;
use super::trim;
use super::wrapped::{self, Sealed, Unwrapped};

/// Field that every letter of ours carries; met in a mail from outside it means a loop.
pub const LOOP_FIELD: &str = "X-Redress-Loop";

/// The ending of a mail that was kept as a file.
pub(super) const EML: &str = ".eml";

/// Most attached mails that are read.
const MAX_NESTED: usize = 20;
/// Deepest mail in a mail whose words are read.
const MAX_NESTING: usize = 5;
/// Largest mail, in octets, that is read deeper than the second level: every level holds its own copy.
const MAX_DEEP: usize = 2 * 1024 * 1024;

/// Everything that is read out of one mail.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// Who wrote: a person or which kind of machine.
    pub class: Class,
    /// Why, as a stable name (`auto-submitted`, `dsn`, `list-header`, …).
    pub reason: &'static str,
    /// Value of our own loop field, where the mail carries it: our letter came back.
    pub loop_mark: Option<String>,
    /// The first author, for display.
    pub from: Option<Mailbox>,
    /// The author that may decide: exactly one `From`, one mailbox, ASCII; lower case. None otherwise.
    pub strict_from: Option<String>,
    /// `Reply-To`.
    pub reply_to: Vec<Mailbox>,
    /// `To`.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// Addresses the mail was delivered to: `Delivered-To`, `X-Original-To`, `Envelope-To`, in their order, lower case.
    pub delivered_to: Vec<String>,
    /// Decoded subject; empty when there is none.
    pub subject: String,
    /// `Date` as written; for display only.
    pub date: Option<String>,
    /// Without brackets.
    pub message_id: Option<String>,
    /// Without brackets.
    pub in_reply_to: Vec<String>,
    /// Without brackets, oldest first.
    pub references: Vec<String>,
    /// The envelope sender; `Some("")` is the null sender `<>`.
    pub return_path: Option<String>,
    /// The whole readable text.
    pub text: String,
    /// Only what the writer newly wrote; all that is sensible where that would be nothing.
    pub reply_text: String,
    /// What was quoted, header lines and signature included.
    pub quoted_text: String,
    /// Parts that are not the text.
    pub attachments: Vec<Attachment>,
    /// What a delivery report says.
    pub bounce: Option<Bounce>,
    /// A charset label was absent or wrong and had to be overruled.
    pub charset_repaired: bool,
    /// What was odd, in English, for the log and `inspect`; holds no personal data.
    pub warnings: Vec<String>,
    /// Mails attached as `message/rfc822`: who, what, when.
    pub nested: Vec<Nested>,
    /// The words are encrypted and cannot be read here.
    pub sealed: Option<Sealed>,
    /// The raw header lines, for what decides.
    pub headers: RawHeaders,
}

/// A mail attached to the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested {
    /// Its author, for display.
    pub from: Option<Mailbox>,
    /// Its subject, decoded.
    pub subject: String,
    /// Its Message-ID without brackets.
    pub message_id: Option<String>,
    /// Its readable text.
    pub text: String,
    /// Index of the attachment that holds it.
    pub attachment: Option<usize>,
    /// What is attached to it in turn: name, media type, octets.
    pub attachments: Vec<(String, String, usize)>,
}

/// Reads a mail.
#[must_use]
pub fn read(raw: &[u8]) -> Inbound {
    read_level(raw, 0, true)
}

/// Reads a mail and not the octets of what is attached: names, kinds and sizes stay. The raw mail holds them; nobody needs a long one
/// twice in memory.
#[must_use]
pub fn read_without_files(raw: &[u8]) -> Inbound {
    let mut mail = read_level(raw, 0, false);
    for a in &mut mail.attachments {
        a.data = Vec::new();
    }
    mail
}

/// `files`: the octets of what is attached are wanted; else most are not even undone.
fn read_level(raw: &[u8], level: usize, files: bool) -> Inbound {
    let headers = RawHeaders::parse(raw);
    let body = raw.get(headers.body_at()..).unwrap_or_default();
    let tree = parts::take_apart(&headers, body);
    let mut words = textparts::gather(&tree);
    let armoured = wrapped::armour(&mut words.lines);
    let mut inside = wrapped::open(&tree, is_bare(&words), words.charset.as_deref());
    if is_bare(&words) {
        words.lines = std::mem::take(&mut inside.lines);
    }
    let hidden = inside.lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n");
    let mut warnings = oddities(raw, &headers, &tree, &mut words, &inside);
    let (mut attachments, mut nested) = attached(&tree, &words, &inside.opened, level, files);
    attachments.append(&mut inside.files);
    for entity in inside.entities.iter().filter(|_| level < MAX_NESTING) {
        take_in(read_level(entity, level + 1, files), &mut words, &mut attachments, &mut nested, &mut inside.sealed);
    }
    if armoured && inside.sealed.is_none() && only_armour(&words) {
        inside.sealed = Some(Sealed::OpenPgp);
        warnings.push("OpenPGP encrypted; it cannot be read here".to_owned());
    }
    warnings.extend(lent(&mut words, &nested));
    let text = words.text();
    let trimmed = trim::trim(&words.lines);
    let hint = words.charset.as_deref();
    let header = |name: &str| headers.first(name).map(|f| encoded_word::decode(&f.bytes(), hint)).unwrap_or_default();
    let subject = header("Subject");
    let mailboxes = |name: &str| headers.all(name).flat_map(|f| address::list(&f.bytes(), hint)).collect::<Vec<_>>();
    let from = author(&mailboxes);
    let view = classify::View { headers: &headers, tree: &tree, subject: &subject.text, from: from.as_ref(), text: &text };
    let bounce = if level == 0 { bounce::read(&view) } else { None };
    let (class, reason) = classify::classify(&view, bounce.as_ref());
    Inbound {
        class,
        reason,
        loop_mark: headers.value(LOOP_FIELD),
        strict_from: address::strict_from(&headers),
        reply_to: mailboxes("Reply-To"),
        to: mailboxes("To"),
        cc: mailboxes("Cc"),
        delivered_to: delivered_to(&headers),
        date: headers.value("Date").filter(|d| !d.is_empty()),
        message_id: headers.value("Message-ID").and_then(|v| thread::ids(&v).into_iter().next()),
        in_reply_to: headers.all("In-Reply-To").flat_map(|f| thread::ids(&f.value())).collect(),
        references: headers.all("References").flat_map(|f| thread::ids(&f.value())).collect(),
        return_path: headers.value("Return-Path").map(|v| v.trim_matches(['<', '>', ' ']).to_owned()),
        charset_repaired: words.repaired || subject.repaired,
        bounce: if class == Class::Bounce { Some(bounce.unwrap_or_default()) } else { None },
        from,
        subject: subject.text,
        text: with_others(&text, std::iter::once(hidden.as_str()).chain(nested.iter().map(|n| n.text.as_str()))),
        reply_text: trimmed.reply,
        quoted_text: trimmed.quoted,
        attachments,
        warnings,
        nested,
        sealed: inside.sealed,
        headers,
    }
}

/// What a mail is warned of that shows the words of one attached to it.
pub(super) const LENT: &str = "no words of its own; those of the attached mail are shown";

/// A mail without words of its own shows those of the first attached one that has some, and says so.
fn lent(words: &mut Words, nested: &[Nested]) -> Option<String> {
    let lender = nested.iter().find(|n| is_bare(words) && !n.text.trim().is_empty())?;
    words.lines = textparts::plain_lines(&lender.text);
    Some(LENT.to_owned())
}

fn is_bare(words: &Words) -> bool {
    words.lines.iter().all(|l| l.text.trim().is_empty())
}

/// Whether nothing but an encrypted message and perhaps a greeting stands there.
fn only_armour(words: &Words) -> bool {
    let mut inside = false;
    let mut beside = 0usize;
    for l in &words.lines {
        let t = l.text.trim();
        if t == "-----BEGIN PGP MESSAGE-----" {
            inside = true;
        } else if t == "-----END PGP MESSAGE-----" {
            inside = false;
        } else if !inside {
            beside += t.chars().count();
        }
    }
    beside < 20
}

/// What an opaque signature wrapped counts as the mail itself: its words where the mail had none, its files, its attached mails.
fn take_in(inner: Inbound, words: &mut Words, attachments: &mut Vec<Attachment>, nested: &mut Vec<Nested>, sealed: &mut Option<Sealed>) {
    if is_bare(words) {
        words.lines = textparts::plain_lines(&inner.text);
        words.repaired |= inner.charset_repaired;
    }
    let first = attachments.len();
    attachments.extend(inner.attachments);
    nested.extend(inner.nested.into_iter().map(|n| Nested { attachment: n.attachment.map(|a| a + first), ..n }));
    *sealed = sealed.or(inner.sealed);
}

/// The first author with an address; where `From` holds none, who wants the answer or who sent it. For display, never for deciding.
fn author(mailboxes: &impl Fn(&str) -> Vec<Mailbox>) -> Option<Mailbox> {
    let from = mailboxes("From");
    let named = from.first().map(|m| m.name.clone()).unwrap_or_default();
    let with_address = |list: Vec<Mailbox>| list.into_iter().find(|m| m.address.contains('@'));
    let found = with_address(from.clone()).or_else(|| with_address(mailboxes("Reply-To"))).or_else(|| with_address(mailboxes("Sender")));
    match found {
        Some(m) if m.name.is_empty() => Some(Mailbox { name: named, ..m }),
        Some(m) => Some(m),
        None => from.into_iter().next(),
    }
}

/// The words of attached mails and of what was unwrapped, under the mail's own, for who reads the whole.
fn with_others<'a>(own: &str, others: impl Iterator<Item = &'a str>) -> String {
    let mut out = own.to_owned();
    for words in others.map(str::trim) {
        if !words.is_empty() && !out.contains(words) {
            out.push_str("\n\n");
            out.push_str(words);
        }
    }
    out
}

fn oddities(raw: &[u8], headers: &RawHeaders, tree: &Tree<'_>, words: &mut Words, inside: &Unwrapped) -> Vec<String> {
    let mut w = Vec::new();
    let known = ["From", "To", "Subject", "Date", "Received", "Message-ID", "Content-Type", "MIME-Version", "Return-Path"];
    if raw.is_empty() {
        w.push("empty file".to_owned());
    } else if !known.iter().any(|n| headers.has(n)) {
        w.push("no mail header".to_owned());
    }
    if headers.truncated {
        w.push("header longer than 256 KiB; the rest is not read".to_owned());
    }
    if headers.odd_lines > 0 {
        w.push("lines in the header that are no fields".to_owned());
    }
    if headers.all("From").count() > 1 {
        w.push("more than one From field".to_owned());
    }
    if raw.contains(&0) {
        w.push("NUL octets".to_owned());
    }
    w.extend(tree.warnings.iter().cloned());
    w.append(&mut words.warnings);
    if words.repaired {
        w.push("charset label absent or wrong".to_owned());
    }
    w.extend(inside.warnings.iter().cloned());
    w.dedup();
    w
}

fn attached(tree: &Tree<'_>, words: &Words, opened: &[usize], level: usize, files: bool) -> (Vec<Attachment>, Vec<Nested>) {
    let mut out = Vec::new();
    let mut nested = Vec::new();
    for (i, part) in tree.leaves.iter().enumerate() {
        if opened.contains(&i) {
            continue;
        }
        let whole_mail = part.around.is_empty();
        let named = attachments::given_name(&part.headers, None).is_some();
        if words.used.contains(&i) && !(named && (!whole_mail || part.disposition.value == "attachment")) {
            continue;
        }
        let typed = matches!(part.content_type.value.as_str(), "message/rfc822" | "message/global" | "message/news");
        let plain = !files && attachments::is_plain_mail(part);
        let hint = words.charset.as_deref();
        let counted = plain || (!files && !whole_mail && !typed && !attachments::is_eml(part, hint));
        let a = if counted { attachments::measured(part, i + 1, hint) } else { attachments::from_part(part, i + 1, hint) };
        let data = if plain { part.body } else { a.data.as_slice() };
        let nothing = whole_mail && data.iter().all(u8::is_ascii_whitespace);
        if nothing {
            continue;
        }
        let is_mail = typed || kept_mail(&a);
        let deep = level < 2 || data.len() <= MAX_DEEP;
        if is_mail && deep && level < MAX_NESTING && nested.len() < MAX_NESTED {
            nested.push(inner_mail(data, level, out.len()));
        }
        out.push(a);
    }
    out.extend(words.embedded.iter().map(attachments::from_embedded));
    (out, nested)
}

/// A mail that somebody kept as a file and attached: programs call it octets (`來信.eml`).
fn kept_mail(a: &Attachment) -> bool {
    let named = a.name.to_lowercase().ends_with(EML);
    let headers = || RawHeaders::parse(a.data.get(..a.data.len().min(256 * 1024)).unwrap_or_default());
    named && Some(headers()).is_some_and(|h| h.has("From") && (h.has("Date") || h.has("Subject") || h.has("Message-ID")))
}

fn inner_mail(data: &[u8], level: usize, attachment: usize) -> Nested {
    let inner = read_level(data, level + 1, false);
    let mut attachments: Vec<(String, String, usize)> = inner.attachments.into_iter().map(|a| (a.name, a.content_type, a.size)).collect();
    attachments.extend(inner.nested.into_iter().flat_map(|n| n.attachments));
    Nested {
        from: inner.from,
        subject: inner.subject,
        message_id: inner.message_id,
        text: inner.text,
        attachment: Some(attachment),
        attachments,
    }
}

fn delivered_to(headers: &RawHeaders) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for f in headers.iter().filter(|f| f.is("Delivered-To") || f.is("X-Original-To") || f.is("Envelope-To") || f.is("X-Envelope-To")) {
        for m in address::list(&f.bytes(), None) {
            let a = m.address.to_ascii_lowercase();
            if !a.is_empty() && !out.contains(&a) {
                out.push(a);
            }
        }
    }
    out
}
