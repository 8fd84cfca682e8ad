//! The attack corpus (README promise 5; tests/attacks/corpus.txt): every way known to us of writing in another's name, with every
//! act that could do harm. All of it is played against one case, on both databases; nothing may change but the trail, and the
//! genuine reply must count afterwards.

use std::collections::BTreeMap;

use redress::domain::Case;
use redress::domain::state::State;

use super::stage::{LEE, LIN, WANG, proposed, sound};
use crate::support::cms::{How, Signer, wrapped};
use crate::support::world::{Letter, World, only, to};

const CORPUS: &str = include_str!("../../attacks/corpus.txt");

/// One mail of the corpus.
struct Attack {
    number: String,
    row: String,
    what: String,
    raw: String,
}

fn corpus() -> Vec<Attack> {
    CORPUS
        .split("\n## ")
        .skip(1)
        .map(|block| {
            let (title, raw) = block.split_once('\n').expect("a title");
            let mut words = title.splitn(3, ' ');
            let mut next = || words.next().expect("number, row, what").to_owned();
            Attack { number: next(), row: next(), what: next(), raw: raw.trim_end_matches('\n').to_owned() }
        })
        .collect()
}

/// What stands in the corpus for what changes from run to run.
struct Lines {
    words: BTreeMap<String, String>,
}

impl Lines {
    fn letter(&mut self, name: &str, letter: &Letter) {
        self.word(&format!("{name}.to"), &letter.reply_to);
        self.word(&format!("{name}.id"), &letter.message_id);
        self.word(&format!("{name}.subject"), &letter.subject);
    }

    fn button(&mut self, name: &str, letter: &Letter, label: &str) {
        let pressed = letter.press(label, "x@mail.example", "");
        self.word(&format!("{name}.to"), &pressed.to);
        self.word(&format!("{name}.subject"), &pressed.subject);
        self.word(&format!("{name}.text"), &pressed.text);
    }

    /// A content and its signature, as the corpus puts them into its mails.
    fn signed(&mut self, name: &str, signer: &Signer, text: &str, world: &World, how: How) {
        let entity =
            format!("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n", text.replace('\n', "\r\n"));
        let signature = signer.sign(entity.as_bytes(), world.clock.now(), how);
        self.word(&format!("{name}.entity"), &entity.replace("\r\n", "\n"));
        self.word(&format!("{name}.signature"), &wrapped(&data_encoding::BASE64.encode(&signature)).replace("\r\n", "\n"));
    }

    fn word(&mut self, name: &str, value: &str) {
        self.words.insert(format!("{{{name}}}"), value.to_owned());
    }

    fn bytes(&self, attack: &Attack) -> Vec<u8> {
        let mut raw = attack.raw.clone();
        for (name, value) in &self.words {
            raw = raw.replace(name, value);
        }
        raw = raw.replace("\r\n", "\n").replace('\n', "\r\n");
        raw = raw.replace("{CR}", "\r").replace("{NUL}", "\0").replace("{OPEN2}", "{{").replace("{CLOSE2}", "}}");
        raw.replace("{LONG}", &"長".repeat(10_000)).replace("{LONG20}", &"x".repeat(200_000)).replace("{NESTED}", &nested()).into_bytes()
    }
}

fn nested() -> String {
    (0..1_000).map(|n| format!("--b{n}\r\nContent-Type: multipart/mixed; boundary=\"b{}\"\r\n\r\n", n + 1)).collect()
}

/// All of a case but what a mail that changes nothing may leave: the count of events, the way to the complainant's last mail.
fn standing(case: &Case) -> serde_json::Value {
    let mut value = serde_json::to_value(case).expect("a case");
    for free in ["version", "thread", "undelivered", "links"] {
        value.as_object_mut().expect("an object").remove(free);
    }
    value
}

/// What the chief secretary has truly signed, and what others sign in his place.
fn signatures(lines: &mut Lines, world: &World, lee: &Signer, request: &Letter) {
    let quoted: String = request.text.lines().map(|l| format!("> {l}\n")).collect();
    let approval = format!("核准\n\n{quoted}");
    let other = quoted.replace("115-0001", "115-0777");
    lines.signed("lunch", lee, "同意", world, How::Good);
    lines.signed("othercase", lee, &format!("核准\n\n{other}"), world, How::Good);
    lines.signed("returned", lee, &format!("退回 再查\n\n{quoted}"), world, How::Good);
    lines.signed("noted", lee, &format!("收到，研究中。\n\n{quoted}"), world, How::Good);
    lines.signed("stranger", &Signer::new("李主任秘書"), &approval, world, How::Good);
    lines.signed("weak", lee, &approval, world, How::Sha1);
    lines.signed("weaker", lee, &approval, world, How::Md5);
    lines.signed("bare", lee, &approval, world, How::NoAttributes);
    lines.signed("timeless", lee, &approval, world, How::NoTime);
    lines.signed("pair", lee, &approval, world, How::TwoSigners);
    lines.signed("opaquelunch", lee, "同意", world, How::Opaque);
    let old = Signer::valid("李主任秘書", "2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z", 0x80);
    lines.signed("expired", &old, &approval, world, How::Good);
}

/// The case waits for the chief secretary; gives his request and the words of the corpus.
async fn stage(world: &mut World, lee: &Signer) -> (Letter, Lines) {
    let mut lines = Lines { words: BTreeMap::new() };
    let (forward, head) = proposed(world).await;
    lines.letter("forward", &forward);
    lines.letter("old", &head);
    lines.button("oldbutton", &head, "核准");
    let ack = world.sent_to("hua@mail.example").into_iter().next().expect("an acknowledgement");
    lines.letter("ack", &ack);
    lines.word("complaint.id", "m1@mail.example");
    world.later(600);
    world.arrives(&head.reply(LIN, "如擬"));
    let office = only(&world.pass().await, "wang@kmu.example").clone();
    world.later(600);
    world.arrives(&office.reply(WANG, "同意"));
    let request = only(&world.pass().await, "lee@kmu.example").clone();
    world.later(600);
    lines.letter("request", &request);
    signatures(&mut lines, world, lee, &request);
    lines.button("approve", &request, "核准");
    lines.button("return", &request, "退回");
    let at = request.reply_to.find('@').expect("an address") - 3;
    let other = if request.reply_to.as_bytes()[at] == b'x' { "y" } else { "x" };
    lines.word("guess.to", &format!("{}{other}{}", &request.reply_to[..at], &request.reply_to[at + 1..]));
    (request, lines)
}

/// On this store, where the chief secretary's certificate is known.
async fn nothing_moves_the_case(store: &str) {
    let (folder, lee) = (tempfile::tempdir().expect("folder"), Signer::new("李主任秘書"));
    let file = folder.path().join("lee.pem");
    std::fs::write(&file, lee.pem()).expect("written");
    let person = format!("id = \"lee\"\ncertificate_file = \"{}\"", file.display());
    let mut world = World::changed(&[("id = \"lee\"", &person), ("sqlite:redress.db", store)], "").await;
    let (request, lines) = stage(&mut world, &lee).await;
    let before = standing(&world.case("115-0001").await);
    let attacks = corpus();
    // Those that differ in the act alone are played together.
    let group = |a: &Attack| (a.row.clone(), a.what.split_once(';').map_or("", |(who, _)| who).to_owned());
    for together in attacks.chunk_by(|a, b| group(a) == group(b)) {
        let what: Vec<String> = together.iter().map(|a| format!("{} {} {}", a.number, a.row, a.what)).collect();
        for attack in together {
            world.arrives_raw(&lines.bytes(attack));
        }
        world.later(30);
        let letters = world.pass().await;
        let case = world.case("115-0001").await;
        let now = standing(&case);
        let moved: Vec<&String> =
            before.as_object().expect("an object").iter().filter(|(key, value)| now.get(key) != Some(value)).map(|(key, _)| key).collect();
        assert!(moved.is_empty(), "{moved:?} changed by {what:#?}");
        assert!(case.drafts.values().all(|d| !d.approved), "{what:#?}");
        assert!(to(&letters, "hua@mail.example").is_empty(), "{what:#?}");
        for letter in &letters {
            let inside = letter.to.ends_with("@kmu.example");
            let asked = matches!(together[0].row.as_str(), "T1" | "T2" | "T3" | "T4") && letter.to == "lee@kmu.example";
            if !inside || asked {
                for word in ["人工加選", "必修課", "陳小華", "陳承辦"] {
                    assert!(
                        !letter.text.contains(word) && !letter.html.contains(word),
                        "{word} to {}: {what:#?}\n{}",
                        letter.to,
                        letter.text
                    );
                }
            }
        }
    }
    world.later(60);
    world.arrives(&request.reply(LEE, "核准"));
    only(&world.pass().await, "hua@mail.example");
    assert_eq!(world.case("115-0001").await.state, State::Answered);
    sound(&world).await;
}

#[test]
fn the_corpus_is_large_and_each_line_says_what_it_tries() {
    let attacks = corpus();
    assert!(attacks.len() >= 250, "{}", attacks.len());
    let rows: std::collections::BTreeSet<&str> = attacks.iter().map(|a| a.row.as_str()).collect();
    for row in ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "T15", "T16", "T18", "T28", "T31"]
    {
        assert!(rows.contains(row), "{row}");
    }
    for (n, attack) in attacks.iter().enumerate() {
        assert_eq!(attack.number, format!("{:03}", n + 1));
        assert!(attack.what.chars().count() >= 8 && attack.raw.contains("From:"), "{}", attack.what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_attack_moves_a_case_on_sqlite() {
    nothing_moves_the_case("sqlite:redress.db").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_attack_moves_a_case_on_postgresql() {
    nothing_moves_the_case(&crate::support::postgres::shared().database()).await;
}
