//! Nobody learns what is not his (R10, R37, R79, R89; RELIABILITY T25–T28): canaries in every personal and internal place, looked for
//! in everything that leaves, decoded whole, by reader. On both databases, and for each way a profile lets a unit see.

use std::io::Read as _;

use base64_of::encode;
use redress::domain::state::State;

use super::scenes::{ANSWER, CHEN, FIRST, LEE, LIN, WANG};
use super::stage::sound;
use crate::support::postgres;
use crate::support::world::{Letter, Mail, World, only, to};

/// Base64 as mails carry it.
mod base64_of {
    pub fn encode(bytes: &[u8]) -> String {
        let text = data_encoding::BASE64.encode(bytes);
        text.as_bytes().chunks(76).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join("\r\n")
    }
}

const BIRD: &str = "canary.bird@mail.example";
/// Whatever tells who the complainant is.
const PERSONAL: &[&str] = &[
    "金絲雀",
    "絲雀",
    "canary.bird",
    "canary",
    "0912-345-678",
    "0912345678",
    "A123456789",
    "鵲橋路",
    "B10812345",
    "CANARY-EXIF",
    "CANARY-AUTHOR",
    "雀的成績",
];
/// Words of the house.
const INTERNAL: &[&str] = &["內部鸚鵡甲", "內部鸚鵡乙", "內部鸚鵡丙", "內部鸚鵡丁", "chen@kmu.example", "陳承辦", "王秘書"];

/// A mail with a picture that knows more than it shows, and a file of words.
fn complaint(secret: &str) -> Vec<u8> {
    let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe1, 0, 21];
    jpeg.extend(b"Exif\0\0CANARY-EXIF\0\0");
    jpeg.extend([0xff, 0xda, 0, 4, 1, 2, 9, 9, 0xff, 0xd9]);
    let pdf = "%PDF-1.4\n1 0 obj\n<< /Author (CANARY-AUTHOR) >>\nendobj\ntrailer << /Info 1 0 R >>\n";
    format!(
        "Received: from out.mail.example by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: =?utf-8?B?{}?= <{BIRD}>\r\nReply-To: <{BIRD}>\r\nTo: service@kmu.example\r\nSubject: =?utf-8?B?{}?=\r\nMessage-ID: <canary-1@canary.example>\r\nX-Mailer: canary\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename=\"=?utf-8?B?{}?=\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"canary.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b\r\nContent-Type: image/heic\r\nContent-Disposition: attachment; filename=\"canary.heic\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        encode("金絲雀".as_bytes()),
        encode("選課不公（金絲雀）".as_bytes()),
        encode(
            format!(
                "您好：\n\n我是金絲雀，學號 B10812345，手機 0912-345-678，身分證 A123456789，\n住在高雄市三民區鵲橋路100號，信箱 {BIRD}。\n選課時讓熟人先選，請查明。{secret}\n\n金絲雀 敬上\n\n> 金絲雀 <{BIRD}> 於 2026年3月1日 寫道：\n> 電話 0912345678"
            )
            .as_bytes()
        ),
        encode("金絲雀的成績.jpg".as_bytes()),
        encode(&jpeg),
        encode(pdf.as_bytes()),
        encode(b"\0\0\0\x18ftypheicCANARY-EXIF"),
    )
    .into_bytes()
}

/// Everything that a letter holds: raw, decoded, its files unpacked, a PDF's streams and the characters that it can show.
fn whole(letter: &Letter) -> String {
    let mut out = String::from_utf8_lossy(&letter.raw).into_owned();
    let parsed = mail_parser::MessageParser::default().parse(&letter.raw).expect("a mail");
    for header in parsed.headers() {
        out.push_str(&format!("\n{} {:?}", header.name(), header.value()));
    }
    for part in &parsed.parts {
        out.push('\n');
        out.push_str(&String::from_utf8_lossy(part.contents()));
        if part.contents().starts_with(b"%PDF") {
            out.push_str(&characters(part.contents()));
        }
    }
    out.push_str(&format!("{}\n{}\n{}", letter.subject, letter.text, letter.html));
    for (name, _, _) in &letter.files {
        out.push_str(name);
    }
    out
}

/// A PDF's streams, inflated, and every character that its fonts are asked to show (their ToUnicode maps).
fn characters(pdf: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = pdf;
    while let Some(at) = memchr::memmem::find(rest, b"stream") {
        rest = &rest[at + 6..];
        let body = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        let mut inflated = Vec::new();
        if flate2::read::ZlibDecoder::new(body).read_to_end(&mut inflated).is_err() && inflated.is_empty() {
            continue;
        }
        let text = String::from_utf8_lossy(&inflated).into_owned();
        if text.contains("beginbf") {
            for word in text.split(['<', '>']).filter(|w| w.len() >= 4 && w.len() % 4 == 0 && w.chars().all(|c| c.is_ascii_hexdigit())) {
                let units: Vec<u16> =
                    word.as_bytes().chunks(4).filter_map(|c| u16::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok()).collect();
                out.push_str(&String::from_utf16_lossy(&units));
            }
        }
        out.push_str(&text);
    }
    out
}

fn silent(letter: &Letter, words: &[&str]) {
    let all = whole(letter);
    for word in words {
        assert!(!all.contains(word), "{word} in a letter to {}: {}\n{}", letter.to, letter.subject, letter.text);
    }
    // The name's rare character as a glyph of a form, where the name is not shown masked.
    if words.contains(&"金絲雀") && !all.contains("金○雀") {
        assert!(!all.contains('雀'), "a glyph of the name in a letter to {}", letter.to);
    }
}

fn of_unit(address: &str) -> bool {
    ["academic@", "chen@", "lin@", "general@", "huang@", "wu@"].iter().any(|p| address.starts_with(p))
}

/// Every letter says to each reader no more than is his.
fn discreet(letters: &[Letter], hidden: bool) {
    for letter in letters {
        if letter.to == BIRD {
            silent(letter, INTERNAL);
        } else if of_unit(&letter.to) && hidden {
            silent(letter, PERSONAL);
        }
    }
}

async fn pass(world: &mut World, hidden: bool) -> Vec<Letter> {
    let letters = world.pass().await;
    discreet(&letters, hidden);
    letters
}

async fn says(world: &mut World, to: &Letter, who: &str, text: &str, hidden: bool) -> Vec<Letter> {
    world.later(600);
    world.arrives(&to.reply(who, text));
    pass(world, hidden).await
}

/// From the complaint through question, files, returned draft, answer, dissatisfaction and the digest.
async fn played(mut world: World, secret: &str, hidden: bool) {
    world.arrives_raw(&complaint(secret));
    let letters = pass(&mut world, hidden).await;
    let triage = to(&letters, "wang@kmu.example")[0].clone();
    let forward = match to(&letters, "academic@kmu.example").first() {
        Some(forward) => (*forward).clone(),
        None => {
            let letters = says(&mut world, &triage, WANG, "#分派 教務處\n#進度 內部鸚鵡甲", hidden).await;
            only(&letters, "academic@kmu.example").clone()
        }
    };
    assert!(forward.text.contains("選課時讓熟人先選"), "{}", forward.text);
    assert_eq!(whole(&forward).contains("0912-345-678"), !hidden, "the unit sees what its profile lets it see");
    // The unit asks; the question is the office's, the answer comes without a name.
    let letters = says(&mut world, &forward, CHEN, "#詢問 請問是哪一門課？", hidden).await;
    let question = only(&letters, BIRD).clone();
    let letters = says(&mut world, &question, &format!("金絲雀 <{BIRD}>"), "是微積分。\n\n金絲雀\n手機 0912-345-678", hidden).await;
    assert!(to(&letters, "chen@kmu.example").iter().any(|l| l.text.contains("微積分")));
    if hidden {
        // By button where the office was asked to decide, else by directive.
        let pressed = triage.button("放行附件").map(|_| triage.press("放行附件", WANG, ""));
        assert_eq!(pressed.is_some(), triage.button("分派").is_some(), "{}", triage.text);
        world.later(600);
        world.arrives(&pressed.unwrap_or_else(|| triage.reply(WANG, "#放行")));
        let letters = pass(&mut world, hidden).await;
        let files = only(&letters, "chen@kmu.example");
        let names: Vec<&str> = files.files.iter().map(|f| f.0.as_str()).collect();
        assert_eq!(names, ["附件1.jpg", "附件2.pdf"], "cleaned, renamed");
        assert!(files.text.contains("附件3.heic"), "withheld, and said so: {}", files.text);
    }
    let letters = says(&mut world, &forward, CHEN, &format!("內部鸚鵡乙，陳承辦查過了。\n\n擬答覆：\n{ANSWER}"), hidden).await;
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = says(&mut world, &request, LIN, "退回：內部鸚鵡丙，請補充", hidden).await;
    let back = only(&letters, "chen@kmu.example").clone();
    let letters = says(&mut world, &back, CHEN, &format!("擬答覆：\n{ANSWER}\n已補充。"), hidden).await;
    let mut request = only(&letters, "lin@kmu.example").clone();
    for (who, next) in [(LIN, "wang@kmu.example"), (WANG, "lee@kmu.example"), (LEE, BIRD)] {
        let letters = says(&mut world, &request, who, "同意", hidden).await;
        request = only(&letters, next).clone();
    }
    let letters = says(&mut world, &request, &format!("金絲雀 <{BIRD}>"), "不滿意，還是沒有回答。金絲雀 0912-345-678", hidden).await;
    assert!(!to(&letters, "chen@kmu.example").is_empty());
    // The digest lists it; a confidential case is a number and 密件.
    world.at("2026-03-05T08:31:00+08:00");
    let letters = pass(&mut world, hidden).await;
    let digest = to(&letters, "wang@kmu.example").into_iter().find(|l| l.text.contains("115-0001")).expect("a digest").clone();
    silent(&digest, &["金絲雀", "0912-345-678", "A123456789", BIRD]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round), (State::InProgress, 2));
    assert_eq!(case.confidential, digest.text.contains("密件"), "{}", digest.text);
    sound(&world).await;
}

/// The kmu profile with another `unit_sees`.
async fn world(sees: &str, store: &str) -> World {
    let dir = tempfile::tempdir().expect("a folder").keep();
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/procedures/kmu");
    for file in ["profile.toml", "survey.toml"] {
        let text = std::fs::read_to_string(from.join(file)).expect("shipped");
        std::fs::write(dir.join(file), text.replace("unit_sees = \"full\"", &format!("unit_sees = \"{sees}\""))).expect("written");
    }
    let profile = format!("profile = {:?}", dir.join("profile.toml").to_string_lossy());
    let world = World::changed(&[("profile = \"kmu\"", &profile), ("sqlite:redress.db", store)], "").await;
    std::fs::remove_dir_all(&dir).expect("removed");
    world
}

const SQLITE: &str = "sqlite:redress.db";

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_sees_all_still_tells_nothing_outward() {
    played(world("full", SQLITE).await, "", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masked_complainant_is_nobody_to_the_unit() {
    played(world("masked", SQLITE).await, "", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_complainant_is_nobody_to_the_unit_on_postgres_too() {
    played(world("hidden", &postgres::shared().database()).await, "", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_secrecy_is_nobody_to_the_unit() {
    played(world("full", SQLITE).await, "請保密，不要讓教務處知道我是誰。", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_secrecy_is_nobody_to_the_unit_on_postgres() {
    played(world("full", &postgres::shared().database()).await, "請保密，不要讓教務處知道我是誰。", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_case_goes_to_named_persons_alone() {
    let mut world = World::new().await;
    world.arrives_raw(&complaint("請以密件方式辦理。"));
    let letters = pass(&mut world, true).await;
    let triage = only(&letters, "wang@kmu.example").clone();
    assert!(triage.subject.contains("密件") && !triage.subject.contains("選課"), "{}", triage.subject);
    // 會辦 would spread it: refused, with the reason.
    let letters = says(&mut world, &triage, WANG, "#分派 教務處\n#協辦 總務處", true).await;
    assert!(only(&letters, "wang@kmu.example").text.contains("密件"));
    assert_eq!(world.case(FIRST).await.state, State::Triage);
    let letters = says(&mut world, &triage, WANG, "#分派 教務處", true).await;
    assert!(to(&letters, "academic@kmu.example").is_empty(), "no shared inbox");
    let forward = only(&letters, "lin@kmu.example").clone();
    // A handler who is not named has no part in it; the head names him.
    let letters = says(&mut world, &forward, CHEN, "#收案", true).await;
    assert_eq!(world.case(FIRST).await.state, State::Assigned, "{letters:?}");
    let letters = says(&mut world, &forward, LIN, "#承辦 chen", true).await;
    only(&letters, "chen@kmu.example");
    // Lifting it is the office's word, and is told.
    says(&mut world, &triage, WANG, "#解除密件", true).await;
    let case = world.case(FIRST).await;
    assert!(!case.sealed && case.confidential, "the name stays hidden");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_complained_about_neither_handles_nor_sees_nor_approves() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        from: format!("金絲雀 <{BIRD}>"),
        subject: "選課承辦態度".into(),
        text: "陳承辦態度很差，選課的事一直推託。".into(),
        ..Mail::default()
    });
    let letters = pass(&mut world, false).await;
    let triage = only(&letters, "wang@kmu.example").clone();
    assert!(triage.text.contains("客訴對象：陳承辦"), "{}", triage.text);
    let letters = says(&mut world, &triage, WANG, "#分派 教務處", false).await;
    assert!(to(&letters, "academic@kmu.example").is_empty() && to(&letters, "chen@kmu.example").is_empty());
    let forward = only(&letters, "lin@kmu.example").clone();
    // He got hold of a letter and answers it: it is a stranger's mail.
    let letters = says(&mut world, &forward, CHEN, "擬答覆：\n沒有這回事。", false).await;
    assert!(to(&letters, "chen@kmu.example").is_empty());
    let case = world.case(FIRST).await;
    assert!(case.drafts.is_empty() && case.state == State::Assigned);
    // Nor may anybody name him as its handler.
    let letters = says(&mut world, &forward, LIN, "#承辦 chen", false).await;
    assert!(only(&letters, "lin@kmu.example").text.contains("客訴對象"));
    // The head is complained about as well: it goes to the next person up, who approves in his place too.
    let letters = says(&mut world, &triage, WANG, "#補登 客訴對象=陳承辦、林教務長", false).await;
    let forward = only(&letters, "lee@kmu.example").clone();
    let letters = says(&mut world, &forward, LEE, &format!("擬答覆：\n{ANSWER}"), false).await;
    assert!(letters.iter().all(|l| !of_unit(&l.to)), "{:?}", letters.iter().map(|l| &l.to).collect::<Vec<_>>());
    assert!(to(&letters, "wang@kmu.example").iter().any(|l| l.button("核准").is_some()));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_needs_the_name_asks_for_it_and_a_second_person_allows_it_for_a_time() {
    let mut world = World::new().await;
    world.arrives_raw(&complaint("請保密。"));
    let triage = only(&pass(&mut world, true).await, "wang@kmu.example").clone();
    let letters = says(&mut world, &triage, WANG, "#分派 教務處", true).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    // Without a reason there is nothing to decide.
    let letters = says(&mut world, &forward, CHEN, "#調閱個資", true).await;
    assert!(only(&letters, "chen@kmu.example").text.contains("理由"));
    let letters = says(&mut world, &forward, CHEN, "#調閱個資 須核對學籍", true).await;
    let request = only(&letters, "wang@kmu.example").clone();
    assert!(request.text.contains("須核對學籍") && request.button("准予調閱").is_some() && request.button("核准").is_none());
    // Who asked cannot allow it himself.
    says(&mut world, &forward, CHEN, "#准予調閱", true).await;
    assert!(world.case(FIRST).await.disclosures.iter().all(|d| d.is_open()));
    world.later(600);
    world.arrives(&request.press("准予調閱", WANG, ""));
    let letters = world.pass().await;
    let shown = only(&letters, "chen@kmu.example");
    assert!(shown.text.contains("金絲雀") && shown.text.contains("0912-345-678"), "{}", shown.text);
    // It is in the digest, and it ends.
    let case = world.case(FIRST).await;
    let until = case.disclosures[0].until.expect("a time");
    assert!(case.disclosed_to(&redress::domain::PersonId("chen".into()), until.plus_seconds(-1)));
    assert!(!case.disclosed_to(&redress::domain::PersonId("chen".into()), until));
    world.at("2026-03-10T08:31:00+08:00");
    let digest = pass(&mut world, true).await;
    assert!(to(&digest, "wang@kmu.example").iter().any(|l| l.text.contains("准予調閱個資")), "the digest tells it");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mail_to_both_worlds_is_relayed_to_nobody_and_the_office_hears() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        from: format!("金絲雀 <{BIRD}>"), subject: "選課".into(), text: "選課系統錯誤。".into(), ..Mail::default()
    });
    let letters = pass(&mut world, false).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    world.later(600);
    let mut mail = forward.reply(CHEN, "內部鸚鵡丁：這個學生常來鬧。");
    mail.headers.push(format!("Cc: {BIRD}, lin@kmu.example"));
    world.arrives(&mail);
    let letters = pass(&mut world, false).await;
    assert!(to(&letters, BIRD).is_empty(), "nothing is relayed");
    assert!(only(&letters, "wang@kmu.example").text.contains(BIRD));
    sound(&world).await;
}
