//! What stands in a DKIM-Signature field and in a key record (RFC 6376 §3.5, §3.6.1): lists of `tag=value`. Anything that is not
//! understood to the letter is no signature, or no key. Used by `dkim` alone.

use std::num::ParseIntError;

use data_encoding::{BASE64, Specification};

/// How it is signed. SHA-1 is no option (RFC 8301 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rsa,
    Ed25519,
}

impl Algorithm {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }
}

/// A signature field, read.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    pub algorithm: Algorithm,
    pub domain: String,
    pub selector: String,
    /// Names of the signed fields, lower case, in their order.
    pub fields: Vec<String>,
    pub body_hash: Vec<u8>,
    pub signature: Vec<u8>,
    pub relaxed_header: bool,
    pub relaxed_body: bool,
    pub signed_at: Option<i64>,
    pub expires: Option<i64>,
    /// `i=` names the domain itself, not one below it.
    pub identity_is_domain: bool,
}

impl Signature {
    pub(super) fn parse(value: &str) -> Option<Self> {
        let tags = tags(value)?;
        let get = |name: &str| tags.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        // `l=` lets anybody add words below the signed ones.
        if get("v") != Some("1") || get("l").is_some() || get("q").is_some_and(|q| !q.split(':').any(|m| m.trim() == "dns/txt")) {
            return None;
        }
        let algorithm = match get("a")?.to_ascii_lowercase().as_str() {
            "rsa-sha256" => Algorithm::Rsa,
            "ed25519-sha256" => Algorithm::Ed25519,
            _ => return None,
        };
        let (domain, selector) = (host(get("d")?)?, host(get("s")?)?);
        let (relaxed_header, relaxed_body) = forms(get("c"))?;
        let fields: Vec<String> = get("h")?.split(':').map(|f| f.trim().to_ascii_lowercase()).collect();
        let identity = match get("i") {
            None => domain.clone(),
            Some(identity) => identity.rsplit_once('@')?.1.trim().to_ascii_lowercase(),
        };
        let identity_is_domain = identity == domain;
        if fields.iter().any(String::is_empty) || !(identity_is_domain || identity.ends_with(&format!(".{domain}"))) {
            return None;
        }
        Some(Self {
            algorithm,
            domain,
            selector,
            fields,
            body_hash: base64(get("bh")?)?,
            signature: base64(get("b")?)?,
            relaxed_header,
            relaxed_body,
            signed_at: moment(get("t")).ok()?,
            expires: moment(get("x")).ok()?,
            identity_is_domain,
        })
    }

    pub(super) fn key_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }
}

/// A key, as the domain publishes it.
#[derive(Debug, Clone)]
pub(super) struct KeyRecord {
    pub algorithm: Algorithm,
    /// As ring takes it: 32 bytes, or an `RSAPublicKey` (RFC 8017 §A.1.1).
    pub key: Vec<u8>,
    /// `t=y`: nothing may rest on it.
    pub testing: bool,
    /// `t=s`: the identity must be the domain itself.
    pub strict: bool,
}

impl KeyRecord {
    /// `None` also for a key that was revoked (`p=` empty) or is not for mail.
    pub(super) fn parse(record: &str) -> Option<Self> {
        let tags = tags(record)?;
        let get = |name: &str| tags.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        let lists = |tag: Option<&str>, word: &str| tag.is_none_or(|list| list.split(':').any(|w| w.trim().eq_ignore_ascii_case(word)));
        if get("v").is_some_and(|v| v != "DKIM1") || !lists(get("h"), "sha256") {
            return None;
        }
        if !(lists(get("s"), "email") || lists(get("s"), "*")) {
            return None;
        }
        let flag = |flag: &str| get("t").is_some_and(|t| t.split(':').any(|f| f.trim().eq_ignore_ascii_case(flag)));
        let bytes = base64(get("p")?).filter(|p| !p.is_empty())?;
        let (algorithm, key) = match get("k").map(str::to_ascii_lowercase).as_deref() {
            None | Some("rsa") => (Algorithm::Rsa, rsa_key(&bytes)?),
            Some("ed25519") => (Algorithm::Ed25519, bytes),
            Some(_) => return None,
        };
        Some(Self { algorithm, key, testing: flag("y"), strict: flag("s") })
    }
}

/// The tags in their order; `None` where one is malformed or stands twice.
fn tags(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for part in text.split(';').filter(|part| !part.trim().is_empty()) {
        let (name, value) = part.split_once('=')?;
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') || found.iter().any(|(n, _)| *n == name) {
            return None;
        }
        found.push((name, value.trim()));
    }
    Some(found)
}

/// `c=`: whether header and body are relaxed.
fn forms(value: Option<&str>) -> Option<(bool, bool)> {
    let form = |word: &str| match word.trim() {
        "relaxed" => Some(true),
        "simple" => Some(false),
        _ => None,
    };
    let value = value.unwrap_or("simple");
    let (header, body) = value.split_once('/').unwrap_or((value, "simple"));
    Some((form(header)?, form(body)?))
}

/// Seconds since 1970; none where the tag is not there, and an error where it holds no number.
fn moment(value: Option<&str>) -> Result<Option<i64>, ParseIntError> {
    value.map(str::parse).transpose()
}

/// A host name in lower case.
fn host(text: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b == b'.';
    let fits = !text.is_empty() && text.len() <= 253 && text.bytes().all(plain) && !text.contains("..");
    fits.then(|| text.trim_matches('.').to_ascii_lowercase())
}

/// Base64 with blanks and folds anywhere in it.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut rule: Specification = BASE64.specification();
    rule.ignore.push_str(" \t\r\n");
    rule.encoding().ok()?.decode(text.as_bytes()).ok()
}

/// The `RSAPublicKey` inside a `SubjectPublicKeyInfo` (RFC 5280 §4.1), or one that stands by itself.
fn rsa_key(der: &[u8]) -> Option<Vec<u8>> {
    const SEQUENCE: u8 = 0x30;
    const BIT_STRING: u8 = 0x03;
    const INTEGER: u8 = 0x02;
    let (inner, _) = element(der, SEQUENCE)?;
    if inner.first() == Some(&INTEGER) {
        return Some(der.to_vec());
    }
    let (_, after) = element(inner, SEQUENCE)?;
    let (bits, _) = element(after, BIT_STRING)?;
    let (unused, key) = bits.split_first()?;
    (*unused == 0).then(|| key.to_vec())
}

/// The content of the first element, which must have this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0x81 => {
            let (length, rest) = rest.split_first()?;
            (usize::from(*length), rest)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        short if *short < 0x80 => (usize::from(*short), rest),
        _ => return None,
    };
    (*first == tag).then_some(())?;
    rest.split_at_checked(length)
}
