//! A person's signing certificate as the config pins it (X.509, PEM or DER): what of it counts when a signature is weighed. No chain is
//! followed and no list of revocations asked: what the directory names is trusted, and taking it out of the config revokes it.

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate as X509;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};

use super::cms::{self, Who};

/// Why a file is no certificate that mail can be signed with; each says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Neither PEM nor DER of an X.509 certificate.
    #[error("is no X.509 certificate in PEM or DER")]
    Unreadable,
    /// The file holds more than one.
    #[error("holds several certificates")]
    Several,
    /// RSA below 2048 bits.
    #[error("has an RSA key of fewer than 2048 bits")]
    Short,
    /// A key that is neither RSA nor ECDSA on P-256 or P-384.
    #[error("has a key that is neither RSA nor ECDSA on P-256 or P-384")]
    Key,
    /// Its key usage or purpose is another one.
    #[error("is not for signing mail (key usage)")]
    Usage,
}

/// What kind of key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Rsa,
    P256,
    P384,
}

/// A pinned certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it names (RFC 4514).
    pub subject: String,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// SHA-256 over it, hexadecimal.
    pub fingerprint: String,
    /// Valid from, in UTC seconds.
    pub not_before: i64,
    /// Valid until, in UTC seconds.
    pub not_after: i64,
    pub(super) kind: KeyKind,
    /// As `ring` takes it: `RSAPublicKey`, or the curve's point.
    pub(super) key: Vec<u8>,
    issuer: Vec<u8>,
    serial_octets: Vec<u8>,
    key_id: Option<Vec<u8>>,
}

/// `rsaEncryption`, `id-ecPublicKey`, `secp256r1`, `secp384r1`.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
/// `id-kp-emailProtection`, `anyExtendedKeyUsage`.
const PURPOSES: [&str; 2] = ["1.3.6.1.5.5.7.3.4", "2.5.29.37.0"];

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

impl Certificate {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// As [`CertificateFault`] says.
    pub fn read(bytes: &[u8]) -> Result<Self, CertificateFault> {
        let der = der(bytes)?;
        let read = X509::from_der(&der).map_err(|_| CertificateFault::Unreadable)?;
        let tbs = read.tbs_certificate();
        let unreadable = |_| CertificateFault::Unreadable;
        if let Some((_, usage)) = tbs.get_extension::<KeyUsage>().map_err(unreadable)?
            && !(usage.digital_signature() || usage.non_repudiation())
        {
            return Err(CertificateFault::Usage);
        }
        if let Some((_, purposes)) = tbs.get_extension::<ExtendedKeyUsage>().map_err(unreadable)?
            && !purposes.0.iter().any(|p| PURPOSES.contains(&p.to_string().as_str()))
        {
            return Err(CertificateFault::Usage);
        }
        let info = tbs.subject_public_key_info();
        let key = info.subject_public_key.as_bytes().ok_or(CertificateFault::Key)?.to_vec();
        let parameters = info.algorithm.parameters.as_ref().map(x509_cert::der::Any::value);
        let kind = kind(info.algorithm.oid.as_bytes(), parameters, &key)?;
        let key_id = tbs.get_extension::<SubjectKeyIdentifier>().map_err(unreadable)?.map(|(_, id)| id.0.as_bytes().to_vec());
        let seconds = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        Ok(Self {
            subject: tbs.subject().to_string(),
            serial: HEXLOWER.encode(tbs.serial_number().as_bytes()),
            fingerprint: HEXLOWER.encode(&Sha256::digest(&der)),
            not_before: seconds(tbs.validity().not_before),
            not_after: seconds(tbs.validity().not_after),
            kind,
            key,
            issuer: tbs.issuer().to_der().map_err(unreadable)?,
            serial_octets: tbs.serial_number().as_bytes().to_vec(),
            key_id,
        })
    }

    /// Whether it is valid at a moment (UTC seconds).
    #[must_use]
    pub const fn is_valid_at(&self, at: i64) -> bool {
        self.not_before <= at && at <= self.not_after
    }

    /// Whether a signature names it as its own.
    pub(super) fn is(&self, who: &Who<'_>) -> bool {
        match who {
            Who::Issuer(issuer, serial) => *issuer == self.issuer && *serial == self.serial_octets,
            Who::Key(id) => self.key_id.as_deref() == Some(id),
        }
    }
}

fn der(bytes: &[u8]) -> Result<Vec<u8>, CertificateFault> {
    let text = String::from_utf8_lossy(bytes);
    let Some((_, rest)) = text.split_once(BEGIN) else {
        return if bytes.first() == Some(&cms::SEQUENCE) { Ok(bytes.to_vec()) } else { Err(CertificateFault::Unreadable) };
    };
    let (inside, after) = rest.split_once(END).ok_or(CertificateFault::Unreadable)?;
    if after.contains(BEGIN) {
        return Err(CertificateFault::Several);
    }
    let inside: String = inside.chars().filter(|c| !c.is_whitespace()).collect();
    BASE64.decode(inside.as_bytes()).map_err(|_| CertificateFault::Unreadable)
}

fn kind(oid: &[u8], parameters: Option<&[u8]>, key: &[u8]) -> Result<KeyKind, CertificateFault> {
    match (oid, parameters) {
        (RSA, _) => {
            let read = cms::whole(key).and_then(|e| e.of(cms::SEQUENCE)).and_then(cms::children).ok_or(CertificateFault::Key)?;
            let modulus = read.first().map_or(&[][..], |n| n.body);
            let octets = modulus.iter().skip_while(|b| **b == 0).count();
            let top = modulus.iter().find(|b| **b != 0).map_or(0, |b| 8 - b.leading_zeros() as usize);
            if octets.saturating_sub(1) * 8 + top < 2048 { Err(CertificateFault::Short) } else { Ok(KeyKind::Rsa) }
        }
        (EC, Some(P256)) => Ok(KeyKind::P256),
        (EC, Some(P384)) => Ok(KeyKind::P384),
        _ => Err(CertificateFault::Key),
    }
}
