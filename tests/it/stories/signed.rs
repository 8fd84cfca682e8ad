//! `evidence = "dkim"` without a border: redress checks the signature itself, with the key that DNS gave when the mail came.

use data_encoding::BASE64;
use redress::domain::state::State;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

use super::stage::{CHEN, LEE, LIN, WANG, complaint, essence, sound};
use crate::support::dns::NameServer;
use crate::support::world::{Letter, Mail, World, only, to};

/// The university's mail server, which signs.
struct Signer {
    pair: Ed25519KeyPair,
}

impl Signer {
    fn new() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).expect("key");
        Self { pair: Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("pair") }
    }

    fn record(&self) -> String {
        format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(self.pair.public_key().as_ref()))
    }

    /// Puts a signature (relaxed/simple) over the named fields on top of a mail, which has no folds and no line with blanks at its end.
    fn sign(&self, raw: &[u8], fields: &[&str]) -> Vec<u8> {
        let text = String::from_utf8(raw.to_vec()).expect("text");
        let (header, body) = text.split_once("\r\n\r\n").expect("a mail");
        let body = format!("{}\r\n", body.trim_end_matches("\r\n"));
        let own = format!(
            "v=1; a=ed25519-sha256; c=relaxed/simple; d=kmu.example; s=k1; h={}; bh={}; b=",
            fields.join(":"),
            BASE64.encode(&Sha256::digest(body.as_bytes()))
        );
        let mut signed = String::new();
        for name in fields {
            let line = header.split("\r\n").find(|l| l.to_lowercase().starts_with(&format!("{name}:"))).expect(name);
            let value: Vec<&str> = line.split_once(':').expect("field").1.split_whitespace().collect();
            signed.push_str(&format!("{name}:{}\r\n", value.join(" ")));
        }
        signed.push_str(&format!("dkim-signature:{own}"));
        let value = BASE64.encode(self.pair.sign(&Sha256::digest(signed.as_bytes())).as_ref());
        format!("DKIM-Signature: {own}{value}\r\n{header}\r\n\r\n{body}").into_bytes()
    }
}

const USUAL: &[&str] = &["from", "to", "subject", "date", "message-id"];

async fn world(dns: &NameServer) -> World {
    let changes = [("trusted_authserv_id = \"mx.kmu.example\"", "evidence = \"dkim\"")];
    World::changed(&changes, &format!("[trust]\nresolver = \"{}\"\n", dns.at)).await
}

async fn signed_reply(world: &mut World, signer: &Signer, letter: &Letter, from: &str, text: &str) -> Vec<Letter> {
    world.later(600);
    let raw = world.bytes(&Mail { authentic: false, ..letter.reply(from, text) });
    world.arrives_raw(&signer.sign(&raw, USUAL));
    world.pass().await
}

/// The chief secretary is asked, by signed mails alone.
async fn before_the_chief(world: &mut World, signer: &Signer) -> Letter {
    world.arrives(&complaint());
    let forward = only(&world.pass().await, "academic@kmu.example").clone();
    let letters = signed_reply(world, signer, &forward, CHEN, "擬答覆：\n您的必修課已人工加選完成。").await;
    let letters = signed_reply(world, signer, only(&letters, "lin@kmu.example"), LIN, "如擬").await;
    let letters = signed_reply(world, signer, only(&letters, "wang@kmu.example"), WANG, "同意").await;
    only(&letters, "lee@kmu.example").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_domain_signed_counts_and_nothing_else() {
    let (dns, signer) = (NameServer::start(), Signer::new());
    dns.publish("k1._domainkey.kmu.example", &signer.record());
    let mut world = world(&dns).await;
    let request = before_the_chief(&mut world, &signer).await;
    let before = essence(&world.case("115-0001").await);
    let plain = world.bytes(&Mail { authentic: false, ..request.reply(LEE, "核准") });
    let elsewhere =
        world.bytes(&Mail { authentic: false, to: "friend@kmu.example".into(), subject: "午餐".into(), ..request.reply(LEE, "核准") });
    let good = signer.sign(&plain, USUAL);
    let text = String::from_utf8(good.clone()).expect("text");
    let attempts: Vec<(&str, Vec<u8>)> = vec![
        ("not signed", plain.clone()),
        ("signed by somebody else", Signer::new().sign(&plain, USUAL)),
        (
            "signed for 退回, changed to 核准",
            String::from_utf8(signer.sign(&world.bytes(&Mail { authentic: false, ..request.reply(LEE, "再議") }), USUAL))
                .expect("text")
                .replace("再議", "核准")
                .into_bytes(),
        ),
        ("a second subject", text.replace("\r\nSubject:", "\r\nSubject: 核准\r\nSubject:").into_bytes()),
        (
            "a claim of the border's",
            [b"Authentication-Results: mx.kmu.example; dkim=pass header.d=kmu.example\r\n".as_slice(), &plain].concat(),
        ),
        (
            "his signed word to a friend, brought here with our address above",
            [format!("Delivered-To: {}\r\n", request.reply_to).as_bytes(), &signer.sign(&elsewhere, USUAL)].concat(),
        ),
        ("recipients and subject not signed", signer.sign(&plain, &["from", "date"])),
    ];
    for (what, raw) in attempts {
        world.later(60);
        world.arrives_raw(&raw);
        let letters = world.pass().await;
        assert_eq!(essence(&world.case("115-0001").await), before, "{what}");
        assert!(letters.iter().all(|l| l.to == "lee@kmu.example" || l.to == "wang@kmu.example"), "{what}");
        assert!(to(&letters, "hua@mail.example").is_empty(), "{what}");
    }
    world.later(60);
    world.arrives_raw(&good);
    only(&world.pass().await, "hua@mail.example");
    let case = world.case("115-0001").await;
    assert_eq!(case.state, State::Answered);
    let proof = &case.asks.last().and_then(|a| a.decision.as_ref()).expect("decided").proof;
    assert!(proof.contains("dkim=pass header.d=kmu.example header.s=k1"), "{proof}");
    let asked = dns.asked();
    assert!(asked.iter().all(|name| name == "k1._domainkey.kmu.example"), "nobody else's domain is asked about: {asked:?}");
    assert_eq!(asked.len(), 1, "the key was remembered");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_cannot_be_had_asks_at_the_directory_address() {
    let (dns, signer) = (NameServer::start(), Signer::new());
    let mut world = world(&dns).await;
    world.arrives(&complaint());
    let forward = only(&world.pass().await, "academic@kmu.example").clone();
    let letters = signed_reply(&mut world, &signer, &forward, CHEN, "擬答覆：\n您的必修課已人工加選完成。").await;
    assert_eq!(world.case("115-0001").await.drafts.len(), 0);
    let question = only(&letters, "chen@kmu.example").clone();
    // He confirms there: then the very mail counts.
    world.later(60);
    world.arrives(&Mail { authentic: false, ..question.reply(CHEN, "是") });
    only(&world.pass().await, "lin@kmu.example");
    assert_eq!(world.case("115-0001").await.drafts.len(), 1);
    // A revoked key is as none.
    dns.publish("k1._domainkey.kmu.example", "v=DKIM1; k=ed25519; p=");
    let letters = signed_reply(&mut world, &signer, &forward, CHEN, "擬答覆：\n另一版。").await;
    only(&letters, "chen@kmu.example");
    assert_eq!(world.case("115-0001").await.drafts.len(), 1);
    sound(&world).await;
}
