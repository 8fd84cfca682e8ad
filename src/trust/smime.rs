//! S/MIME as proof (RFC 8551, RFC 5652): whether a signature over a mail's content is that of a pinned certificate. What counts is what
//! the signature covers: the digest in its signed attributes, their content type and time. Whether the content asks for the act that
//! the mail seems to ask for, and for this case and step, is `desk`'s to see.

use data_encoding::HEXLOWER;
use jiff::civil::DateTime;
use ring::digest;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sha2::{Digest as _, Sha256};

use super::certificate::{Certificate, KeyKind};
use super::cms::{self, Signed, Signer};
use super::evidence::Reason;

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What was signed: a MIME entity with lines that end in CRLF.
    pub content: Vec<u8>,
    /// When its signer says that he signed, in UTC seconds.
    pub at: i64,
    /// The first 16 hexadecimal digits of its SHA-256: by it a signature is known again.
    pub id: String,
}

/// A clock may be wrong by so much (s).
const SKEW: i64 = 600;
/// A signature that is older (s) when its mail arrives is not weighed any more.
const FRESH: i64 = 7 * 86_400;

/// `id-data`, and the attributes `contentType`, `messageDigest`, `signingTime`.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
/// SHA-256, SHA-384, SHA-512.
const HASHES: [(&[u8], Hash); 3] = [
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01], Hash::Sha256),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02], Hash::Sha384),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03], Hash::Sha512),
];
/// `rsaEncryption`, `sha…WithRSAEncryption`, `id-RSASSA-PSS`, `ecdsa-with-SHA…`: all but the last octet.
const PKCS1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Weighs a signature. `entity`: the signed part of a `multipart/signed`, `None` where the structure holds it itself;
/// `arrived`: when the mail came (UTC seconds).
///
/// # Errors
/// Why it proves nothing.
pub fn verify(structure: &[u8], entity: Option<&[u8]>, certificate: &Certificate, arrived: i64) -> Result<Signature, Reason> {
    let signed = cms::read(structure).ok_or(Reason::BadSignature)?;
    let content = match (&signed.content, entity) {
        (None, Some(entity)) => entity.to_vec(),
        (Some(inside), None) => inside.clone(),
        // Both: which one counts would be a matter of who reads it.
        (Some(_), Some(_)) | (None, None) => return Err(Reason::BadSignature),
    };
    let [signer] = signed.signers.as_slice() else { return Err(Reason::BadSignature) };
    if !certificate.is(&signer.who) {
        return Err(Reason::OtherSigner);
    }
    let hash = hash_of(signer.digest).ok_or(Reason::WeakDigest)?;
    let at = attributes(&signed, signer, hash, &content)?;
    if at > arrived + SKEW || at < arrived - FRESH {
        return Err(Reason::SignedAtOddTime);
    }
    if !certificate.is_valid_at(at) || !certificate.is_valid_at(arrived) {
        return Err(Reason::CertificateExpired);
    }
    let algorithm = algorithm(signer, certificate.kind, hash)?;
    // The attributes are signed as the SET that they are, not under the tag by which they stand in the structure (RFC 5652 §5.4).
    let mut octets = signer.attributes.unwrap_or_default().to_vec();
    if let Some(tag) = octets.first_mut() {
        *tag = cms::SET;
    }
    UnparsedPublicKey::new(algorithm, &certificate.key).verify(&octets, signer.signature).map_err(|_| Reason::BadSignature)?;
    let id = HEXLOWER.encode(&Sha256::digest(signer.signature)).get(..16).unwrap_or_default().to_owned();
    Ok(Signature { content, at, id })
}

/// Looks through the signed attributes: content type and digest must be there and right; gives the time.
fn attributes(signed: &Signed<'_>, signer: &Signer<'_>, hash: Hash, content: &[u8]) -> Result<i64, Reason> {
    let raw = signer.attributes.ok_or(Reason::NoSignedAttributes)?;
    let set = cms::whole(raw).and_then(|e| cms::children(e.body)).ok_or(Reason::BadSignature)?;
    let one = |wanted: &[u8]| -> Result<cms::Element<'_>, Reason> {
        let mut found = None;
        for attribute in &set {
            let parts = attribute.of(cms::SEQUENCE).and_then(cms::children).ok_or(Reason::BadSignature)?;
            let [kind, values] = parts.as_slice() else { return Err(Reason::BadSignature) };
            if kind.of(cms::OID) != Some(wanted) {
                continue;
            }
            let value = values.of(cms::SET).and_then(cms::whole).ok_or(Reason::BadSignature)?;
            if found.replace(value).is_some() {
                return Err(Reason::BadSignature);
            }
        }
        found.ok_or(Reason::NoSignedAttributes)
    };
    if signed.content_type != DATA || one(CONTENT_TYPE)?.of(cms::OID) != Some(DATA) {
        return Err(Reason::BadSignature);
    }
    let algorithm = match hash {
        Hash::Sha256 => &digest::SHA256,
        Hash::Sha384 => &digest::SHA384,
        Hash::Sha512 => &digest::SHA512,
    };
    if one(MESSAGE_DIGEST)?.of(cms::OCTETS) != Some(digest::digest(algorithm, content).as_ref()) {
        return Err(Reason::BadSignature);
    }
    time(&one(SIGNING_TIME)?).ok_or(Reason::SignedAtOddTime)
}

/// `UTCTime` or `GeneralizedTime` as RFC 5652 §11.3 allows them, in UTC seconds.
fn time(element: &cms::Element<'_>) -> Option<i64> {
    let text = std::str::from_utf8(element.body).ok()?;
    let digits = text.strip_suffix('Z').filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    let full = match (element.tag, digits.len()) {
        // Two digits of a year below 50 are of this century.
        (0x17, 12) => format!("{}{digits}", if digits < "5" { "20" } else { "19" }),
        (0x18, 14) => digits.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| full.get(from..to)?.parse::<i8>().ok();
    let year = full.get(..4)?.parse::<i16>().ok()?;
    let at = DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

fn hash_of(oid: &[u8]) -> Option<Hash> {
    HASHES.iter().find(|(known, _)| *known == oid).map(|(_, hash)| *hash)
}

/// The verification that a signature asks for, as far as it fits the key and the digest of the attributes.
fn algorithm(signer: &Signer<'_>, kind: KeyKind, hash: Hash) -> Result<&'static dyn VerificationAlgorithm, Reason> {
    let (oid, parameters) = signer.algorithm;
    let (last, family) = oid.split_last().ok_or(Reason::BadSignature)?;
    let named = match (family, last) {
        (PKCS1, 0x01) => hash,
        (PKCS1, 0x0a) => pss_hash(parameters).ok_or(Reason::WeakDigest)?,
        (PKCS1, 0x0b) | (ECDSA, 0x02) => Hash::Sha256,
        (PKCS1, 0x0c) | (ECDSA, 0x03) => Hash::Sha384,
        (PKCS1, 0x0d) | (ECDSA, 0x04) => Hash::Sha512,
        // md5WithRSA, sha1WithRSA, ecdsa-with-SHA1 and what nobody uses
        _ => return Err(Reason::WeakDigest),
    };
    if named != hash || (family == ECDSA) == (kind == KeyKind::Rsa) {
        return Err(Reason::BadSignature);
    }
    let pss = *last == 0x0a;
    Ok(match (kind, hash) {
        (KeyKind::Rsa, Hash::Sha256) if pss => &signature::RSA_PSS_2048_8192_SHA256,
        (KeyKind::Rsa, Hash::Sha384) if pss => &signature::RSA_PSS_2048_8192_SHA384,
        (KeyKind::Rsa, Hash::Sha512) if pss => &signature::RSA_PSS_2048_8192_SHA512,
        (KeyKind::Rsa, Hash::Sha256) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (KeyKind::Rsa, Hash::Sha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (KeyKind::Rsa, Hash::Sha512) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (KeyKind::P256, Hash::Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
        (KeyKind::P256, Hash::Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
        (KeyKind::P384, Hash::Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
        (KeyKind::P384, Hash::Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
        (KeyKind::P256 | KeyKind::P384, Hash::Sha512) => return Err(Reason::BadSignature),
    })
}

/// The hash that `RSASSA-PSS-params` name; the default would be SHA-1. That mask and salt fit it, `ring` sees to.
fn pss_hash(parameters: &[u8]) -> Option<Hash> {
    let parameters = cms::children(cms::whole(parameters)?.of(cms::SEQUENCE)?)?;
    let named = parameters.first()?.of(0xa0)?;
    let (oid, _) = cms::algorithm(&cms::whole(named)?)?;
    hash_of(oid)
}
