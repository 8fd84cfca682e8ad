//! Mail that cannot be read says so to its sender and asks for a resend; wrapped mail that can be read is read.

use redress::domain::state::State;

use super::stage::sound;
use crate::support::world::{Letter, Mail, SERVICE, World, only, to};

const PGP: &str = "-----BEGIN PGP MESSAGE-----\n\nwcBMA0pXb2xkAQgAk1\n=abcd\n-----END PGP MESSAGE-----";

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_complaint_is_asked_for_again_and_then_handled() {
    let mut world = World::new().await;
    let sealed = Mail { from: "梅 <mei@mail.example>".into(), subject: "申訴".into(), text: PGP.into(), ..Mail::default() };
    world.arrives(&sealed);
    let letters = world.pass().await;
    let receipt = only(&letters, "mei@mail.example").clone();
    assert!(receipt.text.contains("115-0001") && receipt.text.contains("未加密") && receipt.html.contains("未加密"), "{}", receipt.text);
    let triage = to(&letters, "wang@kmu.example");
    assert!(triage.iter().any(|l| l.text.contains("加密")), "the secretariat knows why");
    assert_eq!(world.case("115-0001").await.state, State::Triage);
    // Sealed once more: said once more, in the same case.
    world.later(600);
    world.arrives(&Mail { authentic: false, text: PGP.into(), ..receipt.reply("梅 <mei@mail.example>", "") });
    let again: Letter = only(&world.pass().await, "mei@mail.example").clone();
    assert!(again.text.contains("未加密") && again.text.contains("115-0001"));
    // Readable at last: it stands in the case and nobody asks.
    world.later(600);
    world.arrives(&Mail { authentic: false, ..again.reply("梅 <mei@mail.example>", "選課系統出錯，沒有選到必修課。") });
    let letters = world.pass().await;
    assert!(to(&letters, "mei@mail.example").iter().all(|l| !l.text.contains("未加密")));
    assert!(to(&letters, "wang@kmu.example").iter().any(|l| l.text.contains("沒有選到必修課")));
    assert_eq!(world.cases().await.len(), 1);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_complaint_and_one_in_rich_text_are_read() {
    let mut world = World::new().await;
    let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n選課系統出錯，沒有選到必修課。\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----";
    world.arrives(&Mail { from: "安 <an@mail.example>".into(), subject: "選課".into(), text: signed.into(), ..Mail::default() });
    let rtf = "From: hua@mail.example\r\nTo: service@kmu.example\r\nSubject: =?utf-8?B?6YG46Kqy?=\r\nMessage-ID: <rtf@mail.example>\r\nMIME-Version: 1.0\r\nContent-Type: application/rtf\r\n\r\n{\\rtf1\\ansi\\ansicpg950 \\u36984?\\u35506? \\u37679?\\u35492?}\r\n";
    world.arrives_raw(rtf.as_bytes());
    let letters = world.pass().await;
    let forwards = to(&letters, "academic@kmu.example");
    assert_eq!(forwards.len(), 2);
    assert!(forwards.iter().any(|l| l.text.contains("沒有選到必修課") && !l.text.contains("PGP")));
    assert!(forwards.iter().any(|l| l.text.contains("選課 錯誤")), "{:?}", forwards.iter().map(|l| &l.text).collect::<Vec<_>>());
    assert!(letters.iter().all(|l| !l.to.contains(SERVICE)));
}
