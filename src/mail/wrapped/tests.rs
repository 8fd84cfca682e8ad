//! Wrapped mails that this test makes itself, read through the one entrance.

use super::Sealed;
use crate::mail::attachments::Attachment;
use crate::mail::{Inbound, read};

const SEXTETS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(data: &[u8]) -> String {
    let mut out = String::new();
    for (n, three) in data.chunks(3).enumerate() {
        let word = three.iter().chain([&0, &0]).take(3).fold(0_usize, |a, b| a << 8 | usize::from(*b));
        for k in 0..4 {
            let c = if k <= three.len() { char::from(SEXTETS[word >> (18 - 6 * k) & 63]) } else { '=' };
            out.push(c);
        }
        if n % 19 == 18 {
            out.push('\n');
        }
    }
    out.push('\n');
    out
}

/// An element of DER with a length of up to 64 KiB.
pub(super) fn der(tag: u8, body: &[u8]) -> Vec<u8> {
    let n = u16::try_from(body.len()).unwrap().to_be_bytes();
    let mut out = vec![tag];
    if body.len() < 0x80 {
        out.push(n[1]);
    } else {
        out.extend([0x82, n[0], n[1]]);
    }
    out.extend_from_slice(body);
    out
}

/// An opaque signature without signers around `entity`.
pub(super) fn signed(entity: &[u8]) -> Vec<u8> {
    let pkcs7 = |last: u8| der(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, last]);
    let inner = [pkcs7(1), der(0xa0, &der(0x04, entity))].concat();
    let data = [der(0x02, &[1]), der(0x31, &[]), der(0x30, &inner), der(0x31, &[])].concat();
    der(0x30, &[pkcs7(2), der(0xa0, &der(0x30, &data))].concat())
}

fn mail(kind: &str, data: &[u8]) -> Inbound {
    let raw = format!(
        "From: hua@mail.example\nTo: office@campus.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n\n--b\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{}\n--b--\n",
        base64(data)
    );
    read(raw.as_bytes())
}

fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
    let sum = data.iter().fold(0_u16, |a, b| a.wrapping_add(u16::from(*b)));
    let mut out = vec![level];
    out.extend(id.to_le_bytes());
    out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    out.extend(data);
    out.extend(sum.to_le_bytes());
    out
}

fn variable(kind: u16, id: u16, data: &[u8]) -> Vec<u8> {
    let mut out = [kind.to_le_bytes(), id.to_le_bytes()].concat();
    out.extend(1_u32.to_le_bytes());
    out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    out.extend(data);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

fn properties(list: &[Vec<u8>]) -> Vec<u8> {
    let mut out = u32::try_from(list.len()).unwrap().to_le_bytes().to_vec();
    out.extend(list.concat());
    out
}

fn utf16(s: &str) -> Vec<u8> {
    s.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn winmail(message: &[Vec<u8>]) -> Vec<u8> {
    let mut out = 0x223e_9f78_u32.to_le_bytes().to_vec();
    out.extend([1, 0]);
    out.extend(attribute(1, 0x0006_9007, &950_u32.to_le_bytes()));
    out.extend(attribute(1, 0x0006_9003, &properties(message)));
    out.extend(attribute(2, 0x0006_9002, &[1, 0]));
    out.extend(attribute(2, 0x0006_800f, b"%PDF-1.7 receipt"));
    out.extend(attribute(2, 0x0001_8010, b"RECEIP~1.PDF\0"));
    let named =
        [vec![0x02, 0x01], vec![0x00, 0x80], vec![7; 16], vec![0; 4], vec![1, 0, 0, 0], 1_u32.to_le_bytes().to_vec(), vec![0; 4]].concat();
    out.extend(attribute(2, 0x0006_9005, &properties(&[named, variable(0x1f, 0x3707, &utf16("../收據.pdf"))])));
    out
}

fn names(list: &[Attachment]) -> Vec<(&str, &str, usize)> {
    list.iter().map(|a| (a.name.as_str(), a.content_type.as_str(), a.size)).collect()
}

#[test]
fn winmail_gives_its_words_and_files() {
    let rtf = "{\\rtf1\\ansi\\ansicpg950 \\u20919?\\u27683?\\u28431?\\u27700?}";
    let mut packed = [0_u32.to_le_bytes(), u32::try_from(rtf.len()).unwrap().to_le_bytes(), 0x414c_454d_u32.to_le_bytes(), [0; 4]].concat();
    packed.extend(rtf.as_bytes());
    let m = mail("application/ms-tnef; name=winmail.dat", &winmail(&[variable(0x102, 0x1009, &packed)]));
    assert_eq!(m.reply_text, "冷氣漏水");
    assert_eq!(names(&m.attachments), [("收據.pdf", "application/pdf", 16)]);
    assert_eq!(m.attachments.first().map(|a| a.data.as_slice()), Some(b"%PDF-1.7 receipt".as_slice()));
    let m = mail("application/octet-stream; name=WINMAIL.DAT", &winmail(&[variable(0x102, 0x1013, "<p>漏水</p>".as_bytes())]));
    assert_eq!(m.reply_text, "漏水");
}

#[test]
fn own_words_win_and_damage_is_told() {
    let whole = winmail(&[variable(0x1f, 0x1000, &utf16("inside"))]);
    let raw = format!(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\noutside\n--b\nContent-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n{}--b--\n",
        base64(&whole)
    );
    assert_eq!(read(raw.as_bytes()).reply_text, "outside");
    // Cut anywhere but between two of its attributes, it says so.
    let cuts: Vec<usize> = (0..whole.len()).step_by(7).collect();
    let warned = |cut: &usize| {
        let m = mail("application/ms-tnef; name=winmail.dat", whole.get(..*cut).unwrap());
        m.warnings.iter().any(|w| w.contains("winmail.dat is damaged"))
    };
    assert!(cuts.iter().filter(|c| warned(c)).count() * 10 >= cuts.len() * 8);
}

#[test]
fn opaque_signature_is_read() {
    let entity = "Content-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: text/plain; charset=utf-8\n\n漏水三天。\n--i\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\naGk=\n--i--\n";
    let m = mail("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", &signed(entity.as_bytes()));
    assert_eq!(m.reply_text, "漏水三天。");
    assert_eq!(names(&m.attachments), [("a.png", "image/png", 2)]);
    assert_eq!(m.sealed, None);
}

#[test]
fn what_is_encrypted_says_so() {
    let enveloped = der(0x30, &der(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03]));
    assert_eq!(mail("application/pkcs7-mime; name=smime.p7m", &enveloped).sealed, Some(Sealed::Smime));
    assert_eq!(mail("application/octet-stream; name=smime.p7m", &enveloped).sealed, Some(Sealed::Smime));
    let pgp = "From: a@b.example\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n--b--\n";
    assert_eq!(read(pgp.as_bytes()).sealed, Some(Sealed::OpenPgp));
    let inline = "From: a@b.example\n\n-----BEGIN PGP MESSAGE-----\n\nwcBMA\n-----END PGP MESSAGE-----\n";
    assert_eq!(read(inline.as_bytes()).sealed, Some(Sealed::OpenPgp));
    // Words beside it can be read: nothing is asked for.
    let beside = "From: a@b.example\n\n我寄了加密信給你們沒人理：\n-----BEGIN PGP MESSAGE-----\n\nwcBMA\n-----END PGP MESSAGE-----\n請處理我的申訴，冷氣漏水三天了。\n";
    assert_eq!(read(beside.as_bytes()).sealed, None);
}

#[test]
fn signed_words_come_out_of_their_armour() {
    let raw = "From: a@b.example\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n漏水。\n- -- \n- - two\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n";
    assert_eq!(read(raw.as_bytes()).reply_text, "漏水。");
}

#[test]
fn rich_text_and_invitations_alone() {
    assert_eq!(mail("application/rtf; name=a.rtf", br"{\rtf1\ansi Water\par everywhere}").reply_text, "Water\neverywhere");
    let ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:申訴會議\\, 第二次\r\nDTSTART;TZID=Asia/Taipei:20261123T090000\r\nDTEND:20261123T020000Z\r\nLOCATION:行政大樓\r\n  301\r\nDESCRIPTION:請攜帶\\n收據\r\nBEGIN:VALARM\r\nDESCRIPTION:no\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let m = mail("text/calendar; charset=utf-8; method=REQUEST", ics.as_bytes());
    assert_eq!(m.reply_text, "申訴會議, 第二次\n2026-11-23 09:00 – 2026-11-23 02:00Z\n行政大樓 301\n請攜帶\n收據");
}
