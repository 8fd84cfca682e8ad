//! What a signature must be to hold: structures of our own with every fault, and those of the `openssl` program with the keys and
//! encodings that mail programs use.

use std::path::Path;
use std::process::Command;

use redress::calendar::Moment;
use redress::clock::Clock;
use redress::trust::smime::verify;
use redress::trust::{Certificate, CertificateFault, Reason};

use crate::support::cms::{How, Signer};
use crate::support::world::moment;

const ENTITY: &[u8] = b"Content-Type: text/plain; charset=utf-8\r\n\r\nAPPROVE 115-0001 #abcd\r\n";
const NOW: &str = "2026-03-03T10:00:00+08:00";

fn certificate(signer: &Signer) -> Certificate {
    Certificate::read(signer.pem().as_bytes()).expect("a certificate")
}

#[test]
fn a_good_signature_holds_and_every_fault_is_found() {
    let (lee, now) = (Signer::new("李主任秘書"), moment(NOW));
    let known = certificate(&lee);
    assert_eq!((known.subject.as_str(), known.serial.as_str(), known.fingerprint.len()), ("CN=李主任秘書", "4d02", 64));
    let good = lee.sign(ENTITY, now, How::Good);
    let held = verify(&good, Some(ENTITY), &known, now.unix()).expect("it holds");
    assert_eq!((held.content.as_slice(), held.at, held.id.len()), (ENTITY, now.unix(), 16));
    let opaque = lee.sign(ENTITY, now, How::Opaque);
    assert_eq!(verify(&opaque, None, &known, now.unix()).expect("it holds").content, ENTITY);

    let faults: &[(How, Reason)] = &[
        (How::Sha1, Reason::WeakDigest),
        (How::Md5, Reason::WeakDigest),
        (How::NoAttributes, Reason::NoSignedAttributes),
        (How::NoTime, Reason::NoSignedAttributes),
        (How::NoDigest, Reason::NoSignedAttributes),
        (How::TwoDigests, Reason::BadSignature),
        (How::TwoSigners, Reason::BadSignature),
    ];
    for (how, reason) in faults {
        let signed = lee.sign(ENTITY, now, *how);
        assert_eq!(verify(&signed, Some(ENTITY), &known, now.unix()), Err(*reason), "{how:?}");
    }
    let other = Signer::new("別人");
    assert_eq!(verify(&other.sign(ENTITY, now, How::Good), Some(ENTITY), &known, now.unix()), Err(Reason::OtherSigner));
    // Under the right name and number, with another key.
    let twin = Signer::new("李主任秘書");
    assert_eq!(verify(&twin.sign(ENTITY, now, How::Good), Some(ENTITY), &known, now.unix()), Err(Reason::BadSignature));
    assert_eq!(verify(&good, Some(b"something else"), &known, now.unix()), Err(Reason::BadSignature));
    // Which content counts must not be a matter of who reads it.
    assert_eq!(verify(&opaque, Some(ENTITY), &known, now.unix()), Err(Reason::BadSignature));
    assert_eq!(verify(&good, None, &known, now.unix()), Err(Reason::BadSignature));
}

#[test]
fn its_time_and_the_certificates() {
    let now = moment(NOW);
    let lee = Signer::valid("李主任秘書", "2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z", 0x80);
    let known = certificate(&lee);
    let at = |signed: &str, arrived: &str| {
        verify(&lee.sign(ENTITY, moment(signed), How::Good), Some(ENTITY), &known, moment(arrived).unix()).map(|_| ())
    };
    assert_eq!(at(NOW, NOW), Ok(()));
    assert_eq!(at("2026-03-03T10:09:00+08:00", NOW), Ok(()), "clocks differ");
    assert_eq!(at("2026-03-03T10:11:00+08:00", NOW), Err(Reason::SignedAtOddTime));
    assert_eq!(at(NOW, "2026-03-10T10:01:00+08:00"), Err(Reason::SignedAtOddTime), "more than a week on its way");
    assert_eq!(at("2026-03-12T10:00:00+08:00", "2026-03-12T10:00:00+08:00"), Err(Reason::CertificateExpired));
    assert_eq!(at("2026-03-09T10:00:00+08:00", "2026-03-12T10:00:00+08:00"), Err(Reason::CertificateExpired));
    assert_eq!(at("2026-02-27T10:00:00+08:00", "2026-02-27T10:00:00+08:00"), Err(Reason::CertificateExpired));
    assert!(known.is_valid_at(now.unix()));
    for (usage, read) in [(0x40, Ok(())), (0x20, Err(CertificateFault::Usage)), (0x04, Err(CertificateFault::Usage))] {
        let signer = Signer::valid("某人", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", usage);
        assert_eq!(Certificate::read(signer.pem().as_bytes()).map(|_| ()), read, "{usage:x}");
    }
    let two = format!("{}{}", lee.pem(), lee.pem());
    assert_eq!(Certificate::read(two.as_bytes()), Err(CertificateFault::Several));
    for none in ["", "0", "-----BEGIN CERTIFICATE-----\nMAAwAA==\n-----END CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----"] {
        assert_eq!(Certificate::read(none.as_bytes()), Err(CertificateFault::Unreadable), "{none}");
    }
}

#[test]
fn no_octet_can_be_changed_and_nothing_panics() {
    let (lee, now) = (Signer::new("李主任秘書"), moment(NOW));
    let known = certificate(&lee);
    let good = lee.sign(ENTITY, now, How::Good);
    let held = verify(&good, Some(ENTITY), &known, now.unix()).expect("it holds");
    for place in 0..good.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = good.clone();
            changed[place] ^= bit;
            // What is not signed (version, the certificate sent along) may differ; what is read out of it may not.
            if let Ok(found) = verify(&changed, Some(ENTITY), &known, now.unix()) {
                assert_eq!((found.at, &found.content), (held.at, &held.content), "octet {place}");
            }
        }
        assert!(verify(&good[..place], Some(ENTITY), &known, now.unix()).is_err(), "cut at {place}");
    }
    let longer = [good.clone(), vec![0]].concat();
    assert!(verify(&longer, Some(ENTITY), &known, now.unix()).is_err());
    let deep: Vec<u8> = std::iter::repeat_n([0x30, 0x80], 50_000).flatten().collect();
    assert_eq!(verify(&deep, Some(ENTITY), &known, now.unix()), Err(Reason::BadSignature));
}

fn openssl(folder: &Path, arguments: &str) {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let out = Command::new("openssl").current_dir(folder).args(&words).output().expect("openssl is installed (make test installs it)");
    assert!(out.status.success(), "{arguments}: {}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn what_mail_programs_write_holds() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| std::fs::read(folder.path().join(name)).expect(name);
    std::fs::write(folder.path().join("entity"), ENTITY).expect("written");
    let keys = [("rsa", "rsa:2048"), ("p256", "ec -pkeyopt ec_paramgen_curve:P-256"), ("p384", "ec -pkeyopt ec_paramgen_curve:P-384")];
    for (name, key) in keys {
        openssl(
            folder.path(),
            &format!("req -x509 -newkey {key} -nodes -days 30 -subj /O=KMU/CN={name} -keyout {name}.key -out {name}.pem"),
        );
        let known = Certificate::read(&at(&format!("{name}.pem"))).expect("a certificate");
        let now: Moment = Clock::system().now();
        assert!(known.subject.contains(&format!("CN={name}")), "{}", known.subject);
        let sign = format!("cms -sign -binary -in entity -signer {name}.pem -inkey {name}.key -outform DER -out signed");
        let mut ways = vec!["", "-nodetach", "-md sha384", "-keyid", "-nodetach -stream"];
        if name == "rsa" {
            ways.extend([
                "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1",
                "-md sha512",
                "-md sha384 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1",
            ]);
        }
        for way in ways {
            openssl(folder.path(), &format!("{sign} {way}"));
            let signed = at("signed");
            let inside = way.contains("nodetach");
            let held = verify(&signed, (!inside).then_some(ENTITY), &known, now.unix());
            assert_eq!(held.map(|h| h.content).as_deref(), Ok(ENTITY), "{name} {way}");
        }
        // As mails: written in one go, lengths not given.
        for way in ["", "-stream", "-nodetach", "-nodetach -stream"] {
            openssl(folder.path(), &format!("cms -sign -in entity -signer {name}.pem -inkey {name}.key -outform SMIME -out mail {way}"));
            let found = redress::mail::signed::find(&at("mail")).expect("signed as a whole");
            assert_eq!(found.entity.is_none(), way.contains("nodetach"));
            let held = verify(&found.signature, found.entity.as_deref(), &known, now.unix());
            assert_eq!(held.map(|h| h.content).as_deref(), Ok(ENTITY), "{name} {way}");
        }
        for (way, reason) in [("-md sha1", Reason::WeakDigest), ("-noattr", Reason::NoSignedAttributes)] {
            openssl(folder.path(), &format!("{sign} {way}"));
            assert_eq!(verify(&at("signed"), Some(ENTITY), &known, now.unix()).map(|_| ()), Err(reason), "{name} {way}");
        }
    }
    openssl(folder.path(), "req -x509 -newkey rsa:1024 -nodes -days 30 -subj /CN=short -keyout short.key -out short.pem");
    assert_eq!(Certificate::read(&at("short.pem")), Err(CertificateFault::Short));
    openssl(folder.path(), "req -x509 -newkey ed25519 -nodes -days 30 -subj /CN=ed -keyout ed.key -out ed.pem");
    assert_eq!(Certificate::read(&at("ed.pem")), Err(CertificateFault::Key));
}
