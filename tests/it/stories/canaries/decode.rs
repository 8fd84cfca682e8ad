//! Everything that a letter holds, as one text: headers raw and decoded, every part, nested mails, the words of PDFs, whatever could be inflated.
//! So that a canary is found wherever it hides.

use std::io::Read as _;

use mail_parser::{Message, PartType};

use crate::support::world::Letter;

/// The whole letter.
pub fn whole(letter: &Letter) -> String {
    let mut out = format!("{}\n{}\n{}\n", letter.subject, letter.text, letter.html);
    out.push_str(&String::from_utf8_lossy(&letter.raw));
    let parsed = mail_parser::MessageParser::default().parse(&letter.raw).expect("a mail");
    message(&parsed, &mut out);
    out
}

fn message(mail: &Message<'_>, out: &mut String) {
    for header in mail.headers() {
        out.push_str(&format!("\n{} {:?}", header.name(), header.value()));
    }
    for part in &mail.parts {
        for header in &part.headers {
            out.push_str(&format!("\n{} {:?}", header.name(), header.value()));
        }
        out.push('\n');
        match &part.body {
            PartType::Message(nested) => {
                out.push_str(&String::from_utf8_lossy(nested.raw_message()));
                message(nested, out);
            }
            PartType::Text(_) | PartType::Html(_) | PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Multipart(_) => {
                bytes(part.contents(), out);
            }
        }
    }
}

/// Bytes as text; a mail or a PDF within them read as what it is.
pub fn bytes(contents: &[u8], out: &mut String) {
    out.push_str(&String::from_utf8_lossy(contents));
    if contents.starts_with(b"%PDF") {
        out.push('\n');
        out.push_str(&redress::render::pdf_words(contents));
        out.push_str(&inflated(contents));
    } else if contents.windows(11).any(|w| w.eq_ignore_ascii_case(b"message-id:"))
        && let Some(nested) = mail_parser::MessageParser::default().parse(contents)
    {
        message(&nested, out);
    }
}

/// A PDF's streams, inflated: what a metadata stream or a form field would hide from the reader of its words.
fn inflated(pdf: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = pdf;
    while let Some(at) = memchr::memmem::find(rest, b"stream") {
        rest = &rest[at + 6..];
        let body = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        let mut stream = Vec::new();
        let _ = flate2::read::ZlibDecoder::new(body).read_to_end(&mut stream);
        out.push_str(&String::from_utf8_lossy(&stream));
    }
    out
}
