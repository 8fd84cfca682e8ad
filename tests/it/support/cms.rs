//! A person who signs mail: a key, a certificate of his own making, and S/MIME structures at any moment and with any fault
//! (RFC 5652, written out by hand, so that no clock but the story's counts).

use data_encoding::BASE64;
use redress::calendar::{Moment, TimeZone};
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
const MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
const PKCS9: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09];

/// How a structure is made; the default is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As mail programs do.
    Good,
    /// With the content inside.
    Opaque,
    /// Over SHA-1, over MD5.
    Sha1,
    Md5,
    /// The signature is over the content itself.
    NoAttributes,
    /// The attributes lack the time, the digest, or say the digest twice.
    NoTime,
    NoDigest,
    TwoDigests,
    /// Two signers, the second of them nobody.
    TwoSigners,
}

/// A person's key and certificate.
pub struct Signer {
    pair: EcdsaKeyPair,
    name: Vec<u8>,
    serial: Vec<u8>,
    der: Vec<u8>,
}

impl Signer {
    /// With a certificate that is valid from 2026 to the end of 2027.
    pub fn new(name: &str) -> Self {
        Self::valid(name, "2026-01-01T00:00:00Z", "2027-12-31T00:00:00Z", 0x80)
    }

    /// With a certificate of that time, and key usage bits (0x80 for signatures, 0x20 for encryption).
    pub fn valid(name: &str, from: &str, until: &str, usage: u8) -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random).expect("a pair");
        let name = der(0x30, &[der(0x31, &[der(0x30, &[oid(COMMON_NAME), der(0x0c, &[name.as_bytes().to_vec()])])])]);
        let serial = der(0x02, &[vec![0x4d, 0x02]]);
        let algorithm = der(0x30, &[oid(ECDSA_SHA256)]);
        let valid = der(0x30, &[utc(from), utc(until)]);
        let point = der(0x03, &[vec![0], pair.public_key().as_ref().to_vec()]);
        let key = der(0x30, &[der(0x30, &[oid(EC_KEY), oid(P256)]), point]);
        let bits = der(0x03, &[vec![usage.trailing_zeros() as u8, usage]]);
        let extensions = der(0xa3, &[der(0x30, &[der(0x30, &[oid(KEY_USAGE), vec![0x01, 0x01, 0xff], der(0x04, &[bits])])])]);
        let version = der(0xa0, &[der(0x02, &[vec![2]])]);
        let tbs = der(0x30, &[version, serial.clone(), algorithm.clone(), name.clone(), valid, name.clone(), key, extensions]);
        let signature = pair.sign(&random, &tbs).expect("signed").as_ref().to_vec();
        let der = der(0x30, &[tbs, algorithm, der(0x03, &[vec![0], signature])]);
        Self { pair, name, serial, der }
    }

    /// The certificate, as a file that a config may name.
    pub fn pem(&self) -> String {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64.encode(&self.der))
    }

    /// The structure that signs a content at a moment.
    pub fn sign(&self, content: &[u8], at: Moment, how: How) -> Vec<u8> {
        let (named, digested) = match how {
            How::Sha1 => (SHA1, digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content).as_ref().to_vec()),
            How::Md5 => (MD5, vec![7; 16]),
            _ => (SHA256, digest::digest(&digest::SHA256, content).as_ref().to_vec()),
        };
        let attribute = |last: u8, value: Vec<u8>| der(0x30, &[oid(&[PKCS9, &[last]].concat()), der(0x31, &[value])]);
        let time = at.zoned(&TimeZone::UTC).strftime("%y%m%d%H%M%SZ").to_string();
        let mut attributes = vec![attribute(3, oid(&[PKCS7, &[1]].concat()))];
        if how != How::NoTime {
            attributes.push(attribute(5, der(0x17, &[time.into_bytes()])));
        }
        if how != How::NoDigest {
            attributes.push(attribute(4, der(0x04, std::slice::from_ref(&digested))));
        }
        if how == How::TwoDigests {
            attributes.push(attribute(4, der(0x04, &[vec![7; 32]])));
        }
        attributes.sort();
        let attributes = attributes.concat();
        let signed = if how == How::NoAttributes { content.to_vec() } else { der(0x31, std::slice::from_ref(&attributes)) };
        let signature = self.pair.sign(&SystemRandom::new(), &signed).expect("signed").as_ref().to_vec();
        let who = der(0x30, &[self.name.clone(), self.serial.clone()]);
        let digest_algorithm = der(0x30, &[oid(named)]);
        let mut signer = vec![der(0x02, &[vec![1]]), who, digest_algorithm.clone()];
        if how != How::NoAttributes {
            signer.push(der(0xa0, &[attributes]));
        }
        signer.extend([der(0x30, &[oid(ECDSA_SHA256)]), der(0x04, &[signature])]);
        let signer = der(0x30, &signer);
        let signers = if how == How::TwoSigners { vec![signer.clone(), signer] } else { vec![signer] };
        let inside = if how == How::Opaque { der(0xa0, &[der(0x04, &[content.to_vec()])]) } else { Vec::new() };
        let encapsulated = der(0x30, &[oid(&[PKCS7, &[1]].concat()), inside]);
        let certificates = der(0xa0, std::slice::from_ref(&self.der));
        let data = der(0x30, &[der(0x02, &[vec![1]]), der(0x31, &[digest_algorithm]), encapsulated, certificates, der(0x31, &signers)]);
        der(0x30, &[oid(&[PKCS7, &[2]].concat()), der(0xa0, &[data])])
    }

    /// A mail as `World::bytes` writes it, signed as a whole.
    pub fn mail(&self, raw: &[u8], at: Moment, how: How) -> Vec<u8> {
        let text = String::from_utf8(raw.to_vec()).expect("text");
        let (headers, entity) = entity(&text);
        let signature = wrapped(&BASE64.encode(&self.sign(entity.as_bytes(), at, how)));
        let mail = if how == How::Opaque {
            format!(
                "{headers}Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n{signature}"
            )
        } else {
            format!("{headers}{}\r\n--sig\r\n{entity}\r\n--sig\r\n{}--sig--\r\n", kind(), part(&signature))
        };
        mail.into_bytes()
    }
}

/// A mail's headers but for those of its content, and its content as a MIME entity.
pub fn entity(mail: &str) -> (String, String) {
    let (head, body) = mail.split_once("\r\n\r\n").expect("a mail");
    let (own, rest): (Vec<&str>, Vec<&str>) = head.split("\r\n").partition(|l| l.starts_with("Content-"));
    (rest.iter().map(|l| format!("{l}\r\n")).collect(), format!("{}\r\n\r\n{body}", own.join("\r\n")))
}

/// The header of a `multipart/signed`.
pub fn kind() -> String {
    "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=\"sig\"\r\n".to_owned()
}

/// A signature as a part.
pub fn part(base64: &str) -> String {
    format!("Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}")
}

/// Lines of 76.
pub fn wrapped(base64: &str) -> String {
    base64.as_bytes().chunks(76).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect()
}

fn utc(text: &str) -> Vec<u8> {
    let at = Moment::parse_rfc3339(text).expect("a moment");
    der(0x17, &[at.zoned(&TimeZone::UTC).strftime("%y%m%d%H%M%SZ").to_string().into_bytes()])
}

fn oid(octets: &[u8]) -> Vec<u8> {
    der(0x06, &[octets.to_vec()])
}

/// An element (X.690, DER).
pub fn der(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = vec![tag];
    match body.len() {
        n if n < 0x80 => out.push(n as u8),
        n if n < 0x100 => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(body);
    out
}
