//! Our own DKIM check (RFC 6376, 8301, 8463): whether the domain in From has signed this mail. Pure: the bytes and the domain's
//! key records come from outside. Stricter than a spam filter needs to be, since acts rest on it: exactly that domain, no `l=`, no
//! test keys, no field twice that a reader looks at. Signatures and keys are read in `dkim_tags`, bytes made plain in `dkim_canon`.

use std::collections::BTreeMap;

use ring::signature::{self, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use super::dkim_canon::{self, Message};
use super::dkim_tags::{Algorithm, KeyRecord, Signature};
use super::evidence::Reason;

/// Signatures of one mail that are looked at.
const SIGNATURES: usize = 4;
/// Fields that a reader looks at: a second one, which the signature does not cover, would be shown beside or instead of the first.
const ONCE: [&str; 11] = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "sender",
    "reply-to",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];
/// How far a signer's clock may be ahead of ours, in seconds.
const AHEAD: i64 = 86_400;

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// For the record: `dkim=pass header.d=kmu.example header.s=sel a=rsa-sha256 key=…`.
    pub how: String,
    /// To and Cc are signed (or absent and signed to be so): who they name was named by the signer.
    pub recipients: bool,
    /// The subject is signed.
    pub subject: bool,
}

/// The names under which the keys of this mail's signatures stand in DNS, of signatures of `domain` alone.
#[must_use]
pub fn key_names(raw: &[u8], domain: &str) -> Vec<String> {
    let Some(message) = Message::split(raw) else { return Vec::new() };
    let mut names: Vec<String> = signatures(&message, domain).map(|(_, s)| s.key_name()).collect();
    names.dedup();
    names
}

/// Whether a signature of `domain`, which is the one in From, holds at the moment `now` (seconds since 1970). `keys` are TXT
/// records by name.
///
/// # Errors
/// The reason of the signature that came furthest; [`Reason::NoMethod`] where the domain has not signed at all.
pub fn verify(raw: &[u8], domain: &str, now: i64, keys: &BTreeMap<String, String>) -> Result<Signed, Reason> {
    let message = Message::split(raw).ok_or(Reason::Malformed)?;
    for name in ONCE {
        if message.count(name) > 1 {
            return Err(if name == "from" { Reason::AmbiguousFrom } else { Reason::Ambiguous });
        }
    }
    let mut worst = Reason::NoMethod;
    for (place, found) in signatures(&message, domain) {
        match check(&message, place, &found, now, keys) {
            Ok(signed) => return Ok(signed),
            Err(reason) => worst = reason,
        }
    }
    Err(worst)
}

/// Those of the domain, topmost first, with the place of their field.
fn signatures<'a>(message: &'a Message<'a>, domain: &'a str) -> impl Iterator<Item = (usize, Signature)> + 'a {
    let named = message.fields.iter().enumerate().filter(|(_, f)| f.is("dkim-signature"));
    named
        .filter_map(|(place, field)| Some((place, Signature::parse(field.value)?)))
        .filter(move |(_, s)| s.domain.eq_ignore_ascii_case(domain))
        .take(SIGNATURES)
}

fn check(message: &Message<'_>, place: usize, found: &Signature, now: i64, keys: &BTreeMap<String, String>) -> Result<Signed, Reason> {
    let covers = |name: &str| found.fields.iter().any(|f| f == name);
    if !covers("from") || found.expires.is_some_and(|at| at < now) || found.signed_at.is_some_and(|at| at > now + AHEAD) {
        return Err(Reason::DkimFail);
    }
    let name = found.key_name();
    let record = keys.get(&name).ok_or(Reason::NoKey)?;
    let key = KeyRecord::parse(record).ok_or(Reason::NoKey)?;
    if key.testing || key.algorithm != found.algorithm || (key.strict && !found.identity_is_domain) {
        return Err(Reason::DkimFail);
    }
    let body = dkim_canon::body(message.body, found.relaxed_body);
    if Sha256::digest(&body).as_slice() != found.body_hash.as_slice() {
        return Err(Reason::DkimFail);
    }
    let signed = dkim_canon::header(message, place, found);
    let holds = match found.algorithm {
        Algorithm::Ed25519 => {
            // RFC 8463 §3: it is the hash that is signed.
            UnparsedPublicKey::new(&signature::ED25519, &key.key).verify(&Sha256::digest(&signed), &found.signature)
        }
        Algorithm::Rsa => {
            UnparsedPublicKey::new(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, &key.key).verify(&signed, &found.signature)
        }
    };
    holds.map_err(|_| Reason::DkimFail)?;
    let print: String = Sha256::digest(record.as_bytes()).iter().take(6).map(|b| format!("{b:02x}")).collect();
    Ok(Signed {
        how: format!("dkim=pass header.d={} header.s={} a={} key={print}", found.domain, found.selector, found.algorithm.name()),
        recipients: covers("to") && (covers("cc") || message.count("cc") == 0),
        subject: covers("subject"),
    })
}

#[cfg(test)]
#[path = "dkim_tests.rs"]
mod tests;
