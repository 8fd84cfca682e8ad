//! What of a mail an S/MIME signature covers (RFC 8551 §3.5): the first part of a `multipart/signed` as it stands, or all that an opaque
//! `application/pkcs7-mime` holds. Only where the signature is the whole mail: nothing stands beside it that a reader could take for
//! signed. Whether it holds is `trust`'s. Called by `desk`.

use super::headers::RawHeaders;
use super::params::Params;
use super::parts;
use super::transfer;

/// A mail that is signed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedMail {
    /// The structure that holds the signature (CMS, BER).
    pub signature: Vec<u8>,
    /// What it covers, its lines ending in CRLF; none where the structure holds it.
    pub entity: Option<Vec<u8>>,
}

/// Finds the signature of a mail; `None` where it is not signed by S/MIME, or not as a whole.
#[must_use]
pub fn find(raw: &[u8]) -> Option<SignedMail> {
    let headers = RawHeaders::parse(raw);
    let body = raw.get(headers.body_at()..).unwrap_or_default();
    let mut kinds = headers.all("Content-Type");
    let (Some(kind), None) = (kinds.next(), kinds.next()) else { return None };
    let kind = Params::parse(&kind.bytes(), None);
    match kind.value.as_str() {
        "multipart/signed" => detached(&kind, body),
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            let other = kind.get("smime-type").is_some_and(|t| !t.eq_ignore_ascii_case("signed-data"));
            (!other).then(|| decoded(&headers, body)).flatten().map(|signature| SignedMail { signature, entity: None })
        }
        _ => None,
    }
}

fn detached(kind: &Params, body: &[u8]) -> Option<SignedMail> {
    let boundary = kind.get("boundary").map(str::trim_end).filter(|b| !b.is_empty())?;
    let pieces = parts::split(body, boundary.as_bytes());
    let [entity, signature] = pieces.as_slice() else { return None };
    let headers = RawHeaders::parse(signature);
    let own = Params::parse(&headers.first("Content-Type")?.bytes(), None);
    if !matches!(own.value.as_str(), "application/pkcs7-signature" | "application/x-pkcs7-signature") {
        return None;
    }
    let signature = decoded(&headers, signature.get(headers.body_at()..).unwrap_or_default())?;
    Some(SignedMail { signature, entity: Some(canonical(entity)) })
}

fn decoded(headers: &RawHeaders, body: &[u8]) -> Option<Vec<u8>> {
    let encoding = headers.value("Content-Transfer-Encoding").unwrap_or_default().trim().to_ascii_lowercase();
    match encoding.as_str() {
        "base64" => Some(transfer::base64(body)),
        "binary" | "8bit" => Some(body.to_vec()),
        _ => None,
    }
}

/// Lines end in CRLF, however the mail is kept (RFC 8551 §3.1.1).
fn canonical(entity: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entity.len() + entity.len() / 30);
    let mut before = 0;
    for &octet in entity {
        if octet == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(octet);
        before = octet;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "From: lee@kmu.example\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\r\n\r\n";
    const SIGNED: &str = "Content-Type: text/plain\r\n\r\nyes\r\n";
    const SIGNATURE: &str =
        "Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMAAwAA==\r\n";

    #[test]
    fn the_first_part_is_what_is_signed_and_it_stands_as_it_stood() {
        let mail = format!("{HEAD}preamble\r\n--b\r\n{SIGNED}\r\n--b\r\n{SIGNATURE}--b--\r\nepilogue\r\n");
        let found = find(mail.as_bytes()).expect("signed");
        assert_eq!(found.entity.as_deref(), Some(SIGNED.as_bytes()));
        assert_eq!(found.signature, [0x30, 0, 0x30, 0]);
        let lf = find(mail.replace("\r\n", "\n").as_bytes()).expect("signed");
        assert_eq!(lf, found);
        let opaque =
            "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\nMAAwAA==\r\n";
        assert_eq!(find(opaque.as_bytes()), Some(SignedMail { signature: vec![0x30, 0, 0x30, 0], entity: None }));
    }

    #[test]
    fn what_is_signed_in_part_or_told_twice_is_not_signed() {
        let whole = format!("--b\r\n{SIGNED}\r\n--b\r\n{SIGNATURE}--b--\r\n");
        for mail in [
            format!("{HEAD}--b\r\n{SIGNATURE}\r\n--b\r\n{SIGNED}--b--\r\n"),
            format!("{HEAD}--b\r\n{SIGNED}\r\n--b\r\n{SIGNED}\r\n--b\r\n{SIGNATURE}--b--\r\n"),
            format!("{HEAD}--b\r\n{SIGNED}\r\n--b\r\n{SIGNATURE}\r\n--b\r\n{SIGNATURE}--b--\r\n"),
            format!("Content-Type: text/plain\r\n{HEAD}{whole}"),
            format!("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n{HEAD}{whole}--a--\r\n"),
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\nMAAwAA==\r\n"
                .into(),
        ] {
            assert_eq!(find(mail.as_bytes()), None, "{mail}");
        }
    }
}
