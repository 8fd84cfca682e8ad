//! Mail that another program's wrapping hides: `winmail.dat`, opaque S/MIME signatures, RTF bodies, invitations, signed and encrypted OpenPGP.
//! Says what is inside, or that it cannot be read here. Called by `parse`; nothing is decrypted and no signature is weighed.

mod cms;
mod invitation;
mod octets;
mod rtf;
mod tnef;

use super::attachments::{self, Attachment};
use super::html::{self, Line};
use super::parts::{Part, Tree};
use super::textparts;

/// Why the words of a mail cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sealed {
    /// Encrypted S/MIME.
    Smime,
    /// Encrypted OpenPGP.
    OpenPgp,
}

/// What was unwrapped.
#[derive(Debug, Default)]
pub(super) struct Unwrapped {
    /// Words for a mail that shows none of its own.
    pub lines: Vec<Line>,
    /// Files that were inside.
    pub files: Vec<Attachment>,
    /// Leaves that were unwrapped whole and need not be listed as attachments.
    pub opened: Vec<usize>,
    /// MIME entities that were signed: each is read as a mail of its own.
    pub entities: Vec<Vec<u8>>,
    /// It is encrypted.
    pub sealed: Option<Sealed>,
    /// What was odd.
    pub warnings: Vec<String>,
}

/// Looks into the leaves. `bare`: the mail shows no words of its own.
pub(super) fn open(tree: &Tree<'_>, bare: bool, charset: Option<&str>) -> Unwrapped {
    let mut out = Unwrapped::default();
    for (i, part) in tree.leaves.iter().enumerate() {
        let kind = part.content_type.value.as_str();
        let name = attachments::given_name(&part.headers, charset).unwrap_or_default().to_ascii_lowercase();
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        let octets = kind == "application/octet-stream";
        if matches!(kind, "application/ms-tnef" | "application/vnd.ms-tnef") || name == "winmail.dat" || name == "win.dat" {
            out.tnef(i, part);
        } else if matches!(kind, "application/pkcs7-mime" | "application/x-pkcs7-mime") || (octets && ending == Some("p7m")) {
            out.smime(i, part);
        } else if bare && (matches!(kind, "text/rtf" | "application/rtf" | "application/x-rtf") || ending == Some("rtf")) {
            if out.lines.is_empty() {
                out.lines = rich(&part.decoded()).unwrap_or_default();
            }
        } else if bare && kind == "text/calendar" && out.lines.is_empty() {
            out.lines = textparts::plain_lines(&invitation::text(&part.decoded(), part.content_type.get("charset")));
        }
    }
    if tree.containers.iter().any(|c| c.value == "multipart/encrypted") {
        let smime = tree.containers.iter().filter_map(|c| c.get("protocol")).any(|p| p.contains("pkcs7"));
        out.seal(if smime { Sealed::Smime } else { Sealed::OpenPgp });
    }
    out
}

impl Unwrapped {
    fn tnef(&mut self, leaf: usize, part: &Part<'_>) {
        let Some(inside) = tnef::read(&part.decoded()) else {
            self.warnings.push("winmail.dat is damaged; it is listed as it is".to_owned());
            return;
        };
        let empty = inside.files.is_empty() && inside.body.is_none() && inside.html.is_none() && inside.rtf.is_none();
        if inside.damaged {
            self.warnings.push("winmail.dat is damaged; read as far as possible".to_owned());
        } else if !empty {
            self.opened.push(leaf);
        }
        if self.lines.is_empty() {
            let html = inside.html.as_deref().map(html::lines).filter(|l| has_words(l));
            let from_rtf = || inside.rtf.as_deref().and_then(rich).filter(|l| has_words(l));
            let plain = || inside.body.as_deref().map(textparts::plain_lines);
            self.lines = html.or_else(from_rtf).or_else(plain).unwrap_or_default();
        }
        for (n, f) in inside.files.into_iter().enumerate() {
            self.files.push(attachments::from_file(&f.name, f.kind.as_deref(), f.content_id, f.data, n + 1));
        }
    }

    fn smime(&mut self, leaf: usize, part: &Part<'_>) {
        let told = part.content_type.get("smime-type").map(str::to_ascii_lowercase).unwrap_or_default();
        match cms::read(&part.decoded()) {
            cms::Envelope::Signed(entity) if !entity.is_empty() => {
                self.opened.push(leaf);
                self.entities.push(entity);
            }
            cms::Envelope::Encrypted => self.seal(Sealed::Smime),
            cms::Envelope::Signed(_) | cms::Envelope::Other if told.contains("enveloped") => self.seal(Sealed::Smime),
            cms::Envelope::Signed(_) | cms::Envelope::Other => {
                if !told.contains("certs") {
                    self.warnings.push("S/MIME wraps the content; it cannot be read here".to_owned());
                }
            }
        }
    }

    fn seal(&mut self, how: Sealed) {
        self.sealed = Some(how);
        self.warnings.push(match how {
            Sealed::Smime => "S/MIME encrypted; it cannot be read here".to_owned(),
            Sealed::OpenPgp => "OpenPGP encrypted; it cannot be read here".to_owned(),
        });
    }
}

fn rich(data: &[u8]) -> Option<Vec<Line>> {
    Some(match rtf::read(data)? {
        rtf::Content::Html(h) => html::lines(&h),
        rtf::Content::Plain(t) => textparts::plain_lines(&t),
    })
}

fn has_words(lines: &[Line]) -> bool {
    lines.iter().any(|l| !l.text.trim().is_empty())
}

/// Takes the armour off words that were signed in the text (RFC 9580 §7), and says whether what is left is an encrypted message alone.
pub(super) fn armour(lines: &mut Vec<Line>) -> bool {
    if !lines.iter().any(|l| l.text.starts_with("-----BEGIN PGP ")) {
        return false;
    }
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    let mut place = Place::Outside;
    let mut sealed = false;
    for line in lines.drain(..) {
        let t = line.text.trim_end();
        place = match place {
            Place::Outside if t == "-----BEGIN PGP SIGNED MESSAGE-----" => Place::Fields,
            Place::Outside if t == "-----BEGIN PGP MESSAGE-----" => {
                sealed = true;
                out.push(line);
                Place::Outside
            }
            Place::Fields if t.is_empty() => Place::Signed,
            Place::Fields => Place::Fields,
            Place::Outside | Place::Signed if t == "-----BEGIN PGP SIGNATURE-----" => Place::Signature,
            Place::Signature if t == "-----END PGP SIGNATURE-----" => Place::Outside,
            Place::Signature => Place::Signature,
            Place::Signed => {
                let bare = line.text.strip_prefix("- ").map(str::to_owned);
                out.push(Line { text: bare.unwrap_or(line.text), ..line });
                Place::Signed
            }
            Place::Outside => {
                out.push(line);
                Place::Outside
            }
        };
    }
    *lines = out;
    sealed
}

#[derive(Clone, Copy)]
enum Place {
    Outside,
    /// The `Hash:` lines.
    Fields,
    Signed,
    Signature,
}

#[cfg(test)]
mod tests;
