//! What is attached: names made harmless, kinds, sizes. Nothing is opened here. Called by `parse`.

use super::encoded_word;
use super::headers::RawHeaders;
use super::params::Params;
use super::parts::Part;

/// Longest name kept, in characters.
const MAX_NAME: usize = 200;

/// A part of the mail that is not its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// A name that is safe to show and to write: no path, no control or direction characters; made up where the mail gives none.
    pub name: String,
    /// Media type in lower case, as the mail claims it.
    pub content_type: String,
    /// Octets after the transfer encoding is undone.
    pub size: usize,
    /// `Content-ID` without brackets.
    pub content_id: Option<String>,
    /// Shown inside the text by most programs (a picture of the signature), not handed over as a file.
    pub inline: bool,
    /// The octets.
    pub data: Vec<u8>,
}

/// The name that the part itself gives, decoded, not yet made harmless.
#[must_use]
pub fn given_name(headers: &RawHeaders, fallback: Option<&str>) -> Option<String> {
    let param = |field: &str, key: &str| {
        let p = Params::parse(&headers.first(field)?.bytes(), fallback);
        p.get(key).map(str::to_owned).filter(|n| !n.trim().is_empty())
    };
    param("Content-Disposition", "filename").or_else(|| param("Content-Type", "name")).or_else(|| param("Content-Disposition", "name"))
}

/// The file at the end of `Content-Location` (RFC 2557 §4.2), for parts that have no name of their own.
fn located(headers: &RawHeaders) -> Option<String> {
    let value = headers.value("Content-Location")?;
    let path = value.split(['?', '#']).next()?.trim_matches(['<', '>', '"']);
    let file = path.rsplit(['/', '\\']).next()?;
    let (stem, ending) = file.rsplit_once('.')?;
    let plausible = !stem.is_empty() && (1..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    plausible.then(|| encoded_word::decode(file.as_bytes(), None).text)
}

/// Makes an [`Attachment`] of a leaf. `number`: its place, for parts without a name; `fallback`: charset for raw 8-bit names.
#[must_use]
pub fn from_part(part: &Part<'_>, number: usize, fallback: Option<&str>) -> Attachment {
    let data = if is_plain_mail(part) { part.body.to_vec() } else { part.decoded() };
    let described = described(part, number, fallback, &data);
    Attachment { size: data.len(), data, ..described }
}

/// The same without its octets, which are counted and not held.
#[must_use]
pub fn measured(part: &Part<'_>, number: usize, fallback: Option<&str>) -> Attachment {
    let (size, head) = if is_plain_mail(part) { (part.body.len(), part.body) } else { (part.decoded_len(), &[][..]) };
    Attachment { size, ..described(part, number, fallback, head) }
}

/// Whether it is a mail that stands in the mail as it is.
#[must_use]
pub fn is_plain_mail(part: &Part<'_>) -> bool {
    part.content_type.value == "message/rfc822" && !is_encoded(part)
}

/// Whether the part's own name is that of a kept mail.
#[must_use]
pub fn is_eml(part: &Part<'_>, fallback: Option<&str>) -> bool {
    given_name(&part.headers, fallback).is_some_and(|n| safe_name(&n).to_lowercase().ends_with(super::parse::EML))
}

/// All but size and octets; `data`: for the name of a mail that has none.
fn described(part: &Part<'_>, number: usize, fallback: Option<&str>, data: &[u8]) -> Attachment {
    let name = given_name(&part.headers, fallback).or_else(|| located(&part.headers)).map(|n| safe_name(&n)).filter(|n| !n.is_empty());
    let name = name.unwrap_or_else(|| made_up_name(part, number, data));
    let content_id = part.content_id();
    let inline = part.disposition.value != "attachment" && content_id.is_some() && part.within("multipart/related");
    Attachment { name, content_type: part.content_type.value.clone(), size: 0, content_id, inline, data: Vec::new() }
}

/// Makes an [`Attachment`] of a file that stood in the text.
#[must_use]
pub fn from_embedded(file: &super::textparts::Embedded) -> Attachment {
    let name = Some(safe_name(&file.name)).filter(|n| !n.is_empty()).unwrap_or_else(|| "file.bin".to_owned());
    let content_type = "application/octet-stream".to_owned();
    Attachment { name, content_type, size: file.data.len(), content_id: None, inline: false, data: file.data.clone() }
}

/// Makes an [`Attachment`] of a file that was unwrapped (winmail.dat). `kind`: media type, where one is told; `number`: for files without a name.
#[must_use]
pub fn from_file(name: &str, kind: Option<&str>, content_id: Option<String>, data: Vec<u8>, number: usize) -> Attachment {
    let name = Some(safe_name(name)).filter(|n| !n.is_empty()).unwrap_or_else(|| format!("file-{number}.bin"));
    let content_type = kind.map_or_else(|| kind_by_name(&name), str::to_owned);
    let inline = content_id.is_some() && content_type.starts_with("image/");
    Attachment { name, content_type, size: data.len(), content_id, inline, data }
}

/// The media type that a name's ending stands for; octets where it says nothing.
fn kind_by_name(name: &str) -> String {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "csv" => "text/csv",
        "ics" => "text/calendar",
        "zip" => "application/zip",
        "doc" => "application/msword",
        "xls" => "application/vnd.ms-excel",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "eml" => "message/rfc822",
        _ => "application/octet-stream",
    }
    .to_owned()
}

fn is_encoded(part: &Part<'_>) -> bool {
    let cte = part.headers.value("Content-Transfer-Encoding").unwrap_or_default().to_ascii_lowercase();
    cte.starts_with("base64") || cte.starts_with("quoted-printable")
}

/// No path, no control or direction characters, no leading dots, at most 200 characters with the ending kept.
#[must_use]
pub fn safe_name(name: &str) -> String {
    let clean = encoded_word::clean(name);
    let last = clean.rsplit(['/', '\\']).find(|p| !p.trim().is_empty()).unwrap_or_default();
    let last = last.trim().trim_start_matches('.').trim();
    let last = if last.is_empty() && clean.trim().starts_with('.') { clean.trim_matches(['.', '/', '\\', ' ']) } else { last };
    if last.chars().count() <= MAX_NAME {
        return last.to_owned();
    }
    let ending: String = last.rsplit_once('.').map(|(_, e)| e).filter(|e| e.len() <= 10).map(|e| format!(".{e}")).unwrap_or_default();
    let stem: String = last.chars().take(MAX_NAME.saturating_sub(ending.len())).collect();
    format!("{stem}{ending}")
}

fn made_up_name(part: &Part<'_>, number: usize, data: &[u8]) -> String {
    if part.content_type.value == "message/rfc822" {
        let inner = RawHeaders::parse(data);
        let subject = inner.first("Subject").map(|f| encoded_word::decode(&f.bytes(), None).text).unwrap_or_default();
        let subject = safe_name(&subject.replace(['/', '\\'], "_"));
        let stem: String = subject.chars().take(60).collect();
        return if stem.trim().is_empty() { format!("message-{number}.eml") } else { format!("{}.eml", stem.trim()) };
    }
    let ending = match part.content_type.value.as_str() {
        "image/jpeg" | "image/jpg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/heic" => "heic",
        "application/pdf" => "pdf",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/csv" => "csv",
        "application/zip" => "zip",
        "message/delivery-status" | "message/disposition-notification" | "text/rfc822-headers" => "txt",
        "application/pgp-signature" => "asc",
        _ => "bin",
    };
    format!("part-{number}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\fake\\收據.pdf"), "收據.pdf");
        assert_eq!(safe_name("a\u{202e}fdp.exe"), "afdp.exe");
        assert_eq!(safe_name("x\r\ny\0.txt"), "x  y .txt");
        assert_eq!(safe_name(".."), "");
        assert_eq!(safe_name(&format!("{}.pdf", "長".repeat(400))).chars().count(), 200);
    }
}
