//! Takes out of a file what it tells beside its contents: EXIF and places of pictures, authors of office files, a PDF's information
//! (ASVS 5.0 14.2.8, RELIABILITY T27). Pure; kinds are known by their first bytes, never by their names. What cannot be cleaned is
//! withheld. Called by desk for files of complainants who are hidden from the reader. Contents are the releasing person's to judge.

mod office;
mod pdf;
mod picture;
mod xml;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cleaned {
    /// Without what it told beside its contents, with the ending that its kind has.
    Clean {
        /// The file.
        bytes: Vec<u8>,
        /// `jpg`, `docx`, ….
        ending: &'static str,
        /// Its media type.
        content_type: &'static str,
    },
    /// Of a kind that is not known well enough, or not as its kind should be.
    Withheld,
}

/// The file without its metadata.
#[must_use]
pub fn clean(data: &[u8]) -> Cleaned {
    let some = |bytes: Option<Vec<u8>>, ending, content_type| match bytes {
        Some(bytes) => Cleaned::Clean { bytes, ending, content_type },
        None => Cleaned::Withheld,
    };
    if data.starts_with(&[0xff, 0xd8, 0xff]) {
        some(picture::jpeg(data), "jpg", "image/jpeg")
    } else if data.starts_with(b"\x89PNG\r\n\x1a\n") {
        some(picture::png(data), "png", "image/png")
    } else if data.starts_with(b"GIF8") {
        some(picture::gif(data), "gif", "image/gif")
    } else if data.starts_with(b"RIFF") && data.get(8..12) == Some(b"WEBP") {
        some(picture::webp(data), "webp", "image/webp")
    } else if data.starts_with(b"%PDF-") {
        some(pdf::clean(data), "pdf", "application/pdf")
    } else if data.starts_with(b"PK\x03\x04") {
        match office::clean(data) {
            Some((bytes, ending, content_type)) => Cleaned::Clean { bytes, ending, content_type },
            None => Cleaned::Withheld,
        }
    } else if plain(data) {
        Cleaned::Clean { bytes: data.to_vec(), ending: "txt", content_type: "text/plain; charset=utf-8" }
    } else {
        Cleaned::Withheld
    }
}

/// A zip archive of these files, by name, without times; none where it would be too large for the format.
#[must_use]
pub fn archive(entries: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    office::archive(entries)
}

/// UTF-8 words without controls: a text file has nothing beside its contents.
fn plain(data: &[u8]) -> bool {
    let text = std::str::from_utf8(data).ok();
    text.is_some_and(|t| !t.is_empty() && t.chars().all(|c| !c.is_control() || "\r\n\t\u{c}".contains(c)) && !told_beside(t))
}

/// Text that is a format of its own and names people beside its words: RTF, cards, calendars, markup, PostScript, kept mails.
fn told_beside(text: &str) -> bool {
    const OPENS: &[&str] =
        &["{\\rtf", "begin:vcard", "begin:vcalendar", "<?xml", "<svg", "<!doctype", "<html", "<head", "<meta", "%!ps", "mime-version:"];
    const FIELDS: &[&str] = &["from:", "received:", "return-path:", "delivered-to:", "message-id:"];
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let head = text.chars().take(40).collect::<String>().to_ascii_lowercase();
    let fields = text.lines().take(60).filter(|l| FIELDS.iter().any(|f| l.get(..f.len()).is_some_and(|h| h.eq_ignore_ascii_case(f))));
    OPENS.iter().any(|o| head.starts_with(o)) || fields.count() >= 2
}

#[cfg(test)]
mod tests;
