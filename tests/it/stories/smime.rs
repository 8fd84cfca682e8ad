//! S/MIME as proof (E3): a signature under the certificate that the directory knows counts where nothing else would, and only for what
//! it covers: this act, this case, this step, once.

use redress::domain::state::State;

use super::scenes::*;
use super::stage::{before_the_chief, essence, last_mail, sound};
use crate::support::cms::{How, Signer, entity, kind, part, wrapped};
use crate::support::world::{Letter, Mail, World, only, to};

/// A person of the world gets a certificate; what the config then says, and the folder that must stay.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("folder") }
    }

    fn line(&self, id: &str, signer: &Signer) -> String {
        let file = self.folder.path().join(format!("{id}.pem"));
        std::fs::write(&file, signer.pem()).expect("written");
        format!("id = \"{id}\"\ncertificate_file = \"{}\"", file.display())
    }
}

async fn world(office: &Office, id: &str, signer: &Signer, changes: &[(&str, &str)], extra: &str) -> World {
    let (was, now) = (format!("id = \"{id}\""), office.line(id, signer));
    let mut all = vec![(was.as_str(), now.as_str())];
    all.extend(changes);
    World::changed(&all, extra).await
}

/// The bytes of a reply without any word of the border, signed now.
fn signed(world: &mut World, mail: &Mail, signer: &Signer, how: How) -> Vec<u8> {
    let raw = world.bytes(&Mail { authentic: false, ..mail.clone() });
    signer.mail(&raw, world.clock.now(), how)
}

/// A reply that quotes the whole letter, as mail programs do.
fn whole(letter: &Letter, from: &str, text: &str) -> Mail {
    let quoted: String = letter.text.lines().map(|l| format!("> {l}\n")).collect();
    Mail {
        text: format!("{text}\n\n秘書室 <service@kmu.example> 於 2026年3月3日 週二 上午9:00 寫道：\n\n{quoted}"),
        ..letter.reply(from, text)
    }
}

fn replaced(raw: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(raw.to_vec()).expect("text");
    assert!(text.contains(from), "{from} in {text}");
    text.replace(from, to).into_bytes()
}

/// Mails with a true signature of his, or none, that ask for his approval nevertheless.
fn attacks(world: &mut World, request: &Letter, lee: &Signer) -> Vec<(&'static str, Vec<u8>)> {
    let genuine = whole(request, LEE, "核准");
    let now = world.clock.now();
    let good = signed(world, &genuine, lee, How::Good);
    let unquoted = Mail { text: "同意".into(), ..genuine.clone() };
    let fingerprint = request.text.split("識別碼 ").nth(1).expect("a fingerprint").chars().take(12).collect::<String>();
    let plain = world.bytes(&Mail { authentic: false, ..genuine.clone() });
    let lunch = Mail { text: "今天午餐吃什麼？".into(), ..genuine.clone() };
    let (headers, evil) = entity(std::str::from_utf8(&plain).expect("text"));
    let (_, harmless) = entity(std::str::from_utf8(&world.bytes(&lunch)).expect("text"));
    let signature = part(&wrapped(&data_encoding::BASE64.encode(&lee.sign(harmless.as_bytes(), now, How::Good))));
    let beside = "Content-Type: multipart/mixed; boundary=\"out\"\r\n";
    let noted = whole(request, LEE, "收到，研究中。");
    let pressed = request.press("核准", LEE, "");
    vec![
        ("by another certificate", signed(world, &genuine, &Signer::new("李主任秘書"), How::Good)),
        ("退回 signed, 核准 written over it", {
            let raw = signed(world, &whole(request, LEE, "退回 再查"), lee, How::Good);
            replaced(&raw, "退回 再查", "核准")
        }),
        ("his signed word about something else, with these headers", signed(world, &unquoted, lee, How::Good)),
        ("his signed approval of another case", {
            let text = genuine.text.replace(FIRST, "115-0009");
            signed(world, &Mail { text, ..genuine.clone() }, lee, How::Good)
        }),
        ("his signed approval of another text", {
            let text = genuine.text.replace(&fingerprint, "0123456789ab");
            signed(world, &Mail { text, ..genuine.clone() }, lee, How::Good)
        }),
        ("his signed note, and an approval in the subject", {
            signed(world, &Mail { subject: pressed.subject.clone(), ..noted }, lee, How::Good)
        }),
        ("over SHA-1", signed(world, &genuine, lee, How::Sha1)),
        ("over MD5", signed(world, &genuine, lee, How::Md5)),
        ("without signed attributes", signed(world, &genuine, lee, How::NoAttributes)),
        ("two signers", signed(world, &genuine, lee, How::TwoSigners)),
        ("two digests", signed(world, &genuine, lee, How::TwoDigests)),
        ("signed before he was asked", lee.mail(&plain, now.plus_seconds(-86_400), How::Good)),
        ("signed in the future", lee.mail(&plain, now.plus_seconds(86_400), How::Good)),
        ("the signed part second", {
            format!("{headers}{}\r\n--sig\r\n{evil}\r\n--sig\r\n{harmless}\r\n--sig\r\n{signature}--sig--\r\n", kind()).into_bytes()
        }),
        ("the signature first", { format!("{headers}{}\r\n--sig\r\n{signature}\r\n--sig\r\n{evil}\r\n--sig--\r\n", kind()).into_bytes() }),
        ("a signed mail wrapped beside words of somebody's", {
            let inner = format!("{}\r\n--sig\r\n{harmless}\r\n--sig\r\n{signature}--sig--\r\n", kind());
            format!("{headers}{beside}\r\n--out\r\n{evil}\r\n--out\r\n{inner}\r\n--out--\r\n").into_bytes()
        }),
        ("words before the first boundary", {
            let text = String::from_utf8(signed(world, &lunch, lee, How::Good)).expect("text");
            text.replacen("\r\n--sig\r\n", &format!("\r\n核准 {FIRST} {fingerprint}\r\n--sig\r\n"), 1).into_bytes()
        }),
        (
            "two kinds of the whole",
            replaced(&good, "Content-Type: multipart/signed", "Content-Type: text/plain\r\nContent-Type: multipart/signed"),
        ),
        ("under a colleague's name", replaced(&good, "From: 李主任秘書 <lee@kmu.example>", "From: 王秘書 <wang@kmu.example>")),
        ("two authors", replaced(&good, "From: ", "From: evil@mail.example\r\nFrom: ")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_counts_for_what_it_covers_and_nothing_else() {
    let (office, lee) = (Office::new(), Signer::new("李主任秘書"));
    let mut world = world(&office, "lee", &lee, &[], "").await;
    let request = before_the_chief(&mut world).await;
    let before = essence(&world.case(FIRST).await);
    for (what, raw) in attacks(&mut world, &request, &lee) {
        world.later(30);
        world.arrives_raw(&raw);
        let letters = world.pass().await;
        assert_eq!(essence(&world.case(FIRST).await), before, "{what}");
        assert!(letters.iter().all(|l| l.to == "lee@kmu.example" || l.to == "wang@kmu.example"), "{what}: {:?}", seen(&letters));
    }
    // Nothing was used up: his own signature needs neither the border's word nor a confirmation.
    world.later(60);
    let genuine = whole(&request, LEE, "核准");
    let raw = signed(&mut world, &genuine, &lee, How::Good);
    world.arrives_raw(&raw);
    let letters = world.pass().await;
    assert_eq!(to(&letters, HUA).len(), 1, "{:?}", last_mail(&world).await);
    assert_eq!(world.case(FIRST).await.state, State::Answered);
    let ran = crate::cli::beside(&world, &["case", "explain", FIRST]);
    let proof = ran.out.lines().find(|l| l.contains("數位簽章")).unwrap_or_else(|| panic!("{}", ran.out));
    for word in ["CN=李主任秘書", "serial 4d02", "certificate sha256 "] {
        assert!(proof.contains(word), "{proof}");
    }
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opaque_pressed_and_without_any_other_proof() {
    for (how, press) in [(How::Opaque, false), (How::Good, true)] {
        let (office, lee) = (Office::new(), Signer::new("李主任秘書"));
        let changes = [("trusted_authserv_id = \"mx.kmu.example\"", "trusted_authserv_id = \"mx.kmu.example\"\nplus_addressing = false")];
        let changes = if press { &[][..] } else { &changes[..] };
        let mut world = world(&office, "lee", &lee, changes, "").await;
        let letters = forwarded(&mut world).await;
        let forward = only(&letters, "academic@kmu.example").clone();
        let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
        let mut request = only(&letters, "lin@kmu.example").clone();
        for (who, next) in [(LIN, "wang@kmu.example"), (WANG, "lee@kmu.example")] {
            world.later(60);
            world.arrives(&request.press("核准", who, ""));
            request = only(&world.pass().await, next).clone();
        }
        // Without plus addresses the reply is found by its thread, and the signature names the step by itself.
        world.later(60);
        let mail = if press { request.press("核准", LEE, "") } else { whole(&request, LEE, "核准") };
        let raw = signed(&mut world, &mail, &lee, how);
        world.arrives_raw(&raw);
        let letters = world.pass().await;
        assert_eq!(to(&letters, HUA).len(), 1, "{how:?} {:?}", last_mail(&world).await);
        assert_eq!(world.case(FIRST).await.state, State::Answered, "{how:?}");
        sound(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn within_the_recall_window_a_signature_that_was_called_back_is_spent() {
    let (office, lee) = (Office::new(), Signer::new("李主任秘書"));
    let mut world = world(&office, "lee", &lee, &[("recall_window = \"0s\"", "recall_window = \"10m\"")], "").await;
    let request = before_the_chief(&mut world).await;
    let raw = signed(&mut world, &whole(&request, LEE, "核准"), &lee, How::Good);
    world.arrives_raw(&raw);
    let letters = world.pass().await;
    assert_eq!(letters.len(), 1, "{:?}", last_mail(&world).await);
    let notice = only(&letters, "lee@kmu.example").clone();
    world.later(60);
    world.arrives(&notice.reply(LEE, "#撤銷"));
    let again = only(&world.pass().await, "lee@kmu.example").clone();
    let before = essence(&world.case(FIRST).await);
    // The same text is before him again. Who kept his signature puts it into a mail of its own.
    let kept = String::from_utf8(raw).expect("text");
    let (_, body) = kept.split_once("Content-Type: multipart/signed").expect("signed");
    for (n, address) in [&request.reply_to, &again.reply_to].into_iter().enumerate() {
        world.later(60);
        let fresh = format!(
            "Received: from out.evil.example by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: {LEE}\r\nTo: {address}\r\nSubject: Re\r\nMessage-ID: <replay{n}@evil.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed{body}"
        );
        world.arrives_raw(fresh.as_bytes());
        let letters = world.pass().await;
        assert_eq!(essence(&world.case(FIRST).await), before, "{address}");
        assert!(to(&letters, HUA).is_empty());
    }
    world.later(3_600);
    assert!(to(&world.pass().await, HUA).is_empty(), "it never left");
    let raw = signed(&mut world, &whole(&again, LEE, "核准"), &lee, How::Good);
    world.arrives_raw(&raw);
    world.pass().await;
    world.later(660);
    only(&world.pass().await, HUA);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_president_who_must_sign_is_asked_for_nothing_else() {
    let (office, hsu) = (Office::new(), Signer::new("許校長"));
    let extra = "[trust]\nconfirm_major = true\nrequire_smime = [\"president\"]\n";
    let mut world = world(&office, "hsu", &hsu, &[], extra).await;
    let letters = forwarded(&mut world).await;
    let shown = only(&letters, "wang@kmu.example").clone();
    let forward = only(&letters, "academic@kmu.example").clone();
    reply(&mut world, &shown, WANG, "#追認 #重大").await;
    let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = all_agree(&mut world, &request, CHAIN).await;
    let request = only(&letters, "hsu@kmu.example").clone();
    // Proved by the border, and all the same not enough; he hears what is.
    let letters = reply(&mut world, &request, HSU, "核准").await;
    assert!(to(&letters, HUA).is_empty());
    let told = only(&letters, "hsu@kmu.example").clone();
    holds(&told.text, &["數位簽章"]);
    assert!(told.button("確認").is_none() && !told.text.contains("選課"));
    let letters = reply(&mut world, &told, HSU, "是").await;
    assert!(to(&letters, HUA).is_empty());
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    // Sending back needs no signature of anybody's; approving does, and then no round trip.
    world.later(60);
    let raw = signed(&mut world, &whole(&request, HSU, "核准"), &hsu, How::Good);
    world.arrives_raw(&raw);
    let letters = world.pass().await;
    assert_eq!(to(&letters, HUA).len(), 1, "{:?}", last_mail(&world).await);
    let case = world.case(FIRST).await;
    let proof = &case.asks.iter().rev().find_map(|a| a.decision.as_ref()).expect("decided").proof;
    assert!(proof.starts_with("S/MIME ") && proof.contains("CN=許校長"), "{proof}");
    sound(&world).await;
}
