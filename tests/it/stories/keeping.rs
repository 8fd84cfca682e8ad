//! The end of keeping (R38), people who leave (R81): what goes, what stays, what a hold keeps, and what nobody waits for.

use std::io::Read as _;
use std::process::Command;

use redress::domain::state::State;
use redress::store::events::{self, Fault, Verdict};

use super::scenes::{ANSWER, CHEN, FIRST, LEE, LIN, WANG, about, all_agree, holds, reply};
use super::stage::sound;
use crate::support::postgres;
use crate::support::world::{Letter, Mail, World, only, to};

pub(super) const BIRD: &str = "canary.bird@mail.example";
const SAID: &[&str] = &["金絲雀", "canary.bird", "0912-345-678", "內部鸚鵡", "選課時讓熟人先選", "人工加選完成"];

pub(super) fn run(world: &World, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.arg("--config").arg(world.dir.path().join("redress.toml")).args(arguments).current_dir(world.dir.path());
    let out = command.output().expect("redress runs");
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap_or(-1), text)
}

pub(super) fn complaint() -> Mail {
    Mail {
        from: format!("金絲雀 <{BIRD}>"),
        subject: "選課不公（金絲雀）".into(),
        text: "我是金絲雀，手機 0912-345-678。\n選課時讓熟人先選，請查明。".into(),
        ..Mail::default()
    }
}

/// One complaint, forwarded.
async fn forwarded(world: &mut World) -> Letter {
    world.arrives(&complaint());
    only(&world.pass().await, "academic@kmu.example").clone()
}

/// From first mail to closed case; a second complaint stays open.
async fn closed(world: &mut World) {
    let forward = forwarded(world).await;
    // Boxed: frames are deep enough.
    Box::pin(to_its_end(world, &forward)).await;
}

/// From the forward to the closed case.
pub(super) async fn to_its_end(world: &mut World, forward: &Letter) {
    let letters = reply(world, forward, CHEN, &format!("內部鸚鵡\n\n擬答覆：\n{ANSWER}")).await;
    let request = only(&letters, "lin@kmu.example").clone();
    let chain = [(LIN, "lin@kmu.example"), (WANG, "wang@kmu.example"), (LEE, "lee@kmu.example")];
    let letters = all_agree(world, &request, &chain).await;
    let answer = only(&letters, BIRD).clone();
    world.later(600);
    world.arrives(&answer.press("滿意", &format!("金絲雀 <{BIRD}>"), ""));
    let letters = world.pass().await;
    let closing = to(&letters, "lee@kmu.example")[0].clone();
    reply(world, &closing, LEE, "同意").await;
    assert_eq!(world.case(FIRST).await.state, State::Closed);
}

/// Every text and blob of every table.
pub(super) async fn everything(world: &World) -> String {
    world.house.desk.store.close().await;
    let file = world.dir.path().join("redress.db");
    let mut all = Vec::new();
    for name in ["redress.db", "redress.db-wal"] {
        if let Ok(mut opened) = std::fs::File::open(file.with_file_name(name)) {
            opened.read_to_end(&mut all).expect("read");
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

async fn kept_and_purged(mut world: World, on_sqlite: bool) {
    closed(&mut world).await;
    let desk = world.house.desk.clone();
    // Two years from closing, to the day; a hold keeps it longer, and says why.
    world.at("2028-03-03T12:00:00+08:00");
    assert!(desk.purge_due().await.expect("store").is_empty());
    world.at("2028-03-05T12:00:00+08:00");
    assert_eq!(desk.purge_due().await.expect("store").len(), 1);
    desk.legal_hold(FIRST, Some("訴訟")).await.expect("held");
    assert_eq!(desk.purge().await.expect("purged").cases, 0);
    assert!(!world.case(FIRST).await.is_erased());
    assert!(desk.legal_hold(FIRST, None).await.expect("lifted"));
    let done = desk.purge().await.expect("purged");
    assert!(done.cases == 1 && done.erased.events == 7 && done.erased.mails == 7 && done.erased.letters == 9, "{done:?}");
    assert_eq!(desk.purge().await.expect("purged").cases, 0, "once");
    // What statistics count stays; the trail proves itself and tells the same case.
    let case = world.case(FIRST).await;
    assert!(case.is_erased() && case.unit.is_some() && case.answered_at.is_some() && case.surveys.len() == 1 && case.asks.len() == 4);
    let body = serde_json::to_string(&case).expect("JSON");
    assert!(SAID.iter().all(|w| !body.contains(w)), "{body}");
    sound(&world).await;
    if on_sqlite {
        let all = everything(&world).await;
        for word in SAID {
            assert!(!all.contains(word), "{word} is still in the database's file");
        }
        assert!(all.contains(FIRST));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_years_after_its_closing_a_case_is_figures_and_a_proof() {
    kept_and_purged(World::new().await, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_years_after_its_closing_on_postgres() {
    kept_and_purged(World::on(&postgres::shared().database()).await, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contents_that_nobody_purged_are_missed() {
    let mut world = World::new().await;
    forwarded(&mut world).await;
    let store = world.house.desk.store.clone();
    let rows = events::after(&store, 0, 1).await.expect("rows");
    let left = events::erased(&rows[0].payload, &rows[0].change);
    let statement = format!(
        "INSERT INTO meta (key, value) VALUES ('trail.erasing', '1'); UPDATE events SET payload = '{left}', change = '{{}}' WHERE seq = 1; DELETE FROM meta WHERE key = 'trail.erasing'"
    );
    let url = format!("sqlite:{}", world.dir.path().join("redress.db").display());
    let mut conn = <sqlx::AnyConnection as sqlx::Connection>::connect(&url).await.expect("a second connection");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.expect("tampered");
    assert_eq!(events::verify(&store).await.expect("verified"), Verdict::Broken { seq: 1, why: Fault::Changed });
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_held_on_a_person_is_given_out_and_taken_out_by_the_command_line() {
    let mut world = World::new().await;
    closed(&mut world).await;
    // A second one, still open.
    world.later(8 * 86_400);
    world.arrives(&Mail {
        subject: "成績單".into(), text: "成績單寄錯了地址，請重寄一份給我，謝謝。".into(), ..complaint()
    });
    world.pass().await;
    let (code, said) = run(&world, &["subject", "export", BIRD, "--out", "all.zip"]);
    assert_eq!(code, 0, "{said}");
    let zip = std::fs::read(world.dir.path().join("all.zip")).expect("an archive");
    let mut list = Command::new("python3");
    list.arg("-c").arg("import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nfor n in z.namelist(): print(n, z.read(n).decode('utf-8','replace'))");
    let text = String::from_utf8_lossy(&list.arg(world.dir.path().join("all.zip")).output().expect("python3").stdout).into_owned();
    holds(&text, &["index.txt", "金絲雀", "0912-345-678", "選課時讓熟人先選", FIRST, "115-0002", ".eml", "Message-ID: <m1@mail.example>"]);
    assert!(zip.starts_with(b"PK") && !text.contains("內部鸚鵡"), "words of the house among itself are not his");
    // Who was told what, from what left.
    let (code, said) = run(&world, &["breach-report", FIRST, "--json"]);
    assert_eq!(code, 0, "{said}");
    let report: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let mails = report[0]["mails"].as_array().expect("mails");
    let forward = mails.iter().find(|m| m["kind"] == "forward").expect("a forward");
    assert!(
        forward["to"][0] == "academic@kmu.example" && forward["fields"].as_array().expect("fields").iter().any(|f| f == "phone"),
        "{forward}"
    );
    // Where it stood: in the mail's own rows, on the printed form, in the original that went along.
    let places: Vec<&str> = forward["where"]["phone"].as_array().expect("places").iter().filter_map(|p| p.as_str()).collect();
    assert!(
        places.contains(&"text")
            && places.iter().any(|p| p.contains(".pdf"))
            && places.iter().any(|p| p.contains(".eml") || *p == "message/rfc822"),
        "{places:?}"
    );
    let request = mails.iter().find(|m| m["kind"] == "approval_request" && m["to"][0] == "lin@kmu.example").expect("a request");
    assert!(
        request["where"]["name"].as_array().is_some_and(|p| p.iter().any(|p| p.as_str().is_some_and(|p| p.contains(".pdf")))),
        "{request}"
    );
    let (code, said) = run(&world, &["breach-report", "2026-03-01..2026-03-04"]);
    assert!(code == 0 && said.contains(FIRST) && !said.contains("115-0002"), "{said}");
    // A hold keeps it, an open case stays, and both are said.
    assert_eq!(run(&world, &["hold", "set", FIRST, "--reason", "訴訟"]).0, 0);
    let (code, said) = run(&world, &["subject", "erase", BIRD]);
    assert!(code == 1 && said.contains("訴訟") && said.contains("115-0002") && said.contains("erased: 0 cases"), "{said}");
    assert_eq!(run(&world, &["hold", "lift", FIRST]).0, 0);
    let (code, said) = run(&world, &["subject", "erase", BIRD]);
    assert!(code == 1 && said.contains("erased: 1 cases: 115-0001"), "{said}");
    assert!(world.case(FIRST).await.is_erased() && !world.case("115-0002").await.is_erased());
    let (code, said) = run(&world, &["purge", "--dry-run", "--now", "2031-01-01T09:00:00+08:00"]);
    assert!(code == 0 && said.contains("no case is due"), "{said}");
    assert_eq!(run(&world, &["audit", "verify"]).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_between_two_starts_keeps_nothing_waiting() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    reply(&mut world, &forward, CHEN, "#收案").await;
    // A second case waits for its unit's head.
    world.arrives(&Mail { subject: "宿舍冷氣".into(), text: "宿舍冷氣壞了三天，請修理。".into(), ..complaint() });
    let second = only(&world.pass().await, "general@kmu.example").clone();
    let letters = reply(&mut world, &second, "黃技士 <huang@kmu.example>", &format!("擬答覆：\n{ANSWER}")).await;
    only(&letters, "wu@kmu.example");
    // Chen leaves the house; Wu is no longer the head of general affairs, Huang is.
    let path = world.dir.path().join("redress.toml");
    let text = std::fs::read_to_string(&path).expect("config");
    let chen = text.split("[[people]]").find(|p| p.contains("id = \"chen\"")).expect("chen").to_owned();
    let text = text.replace(&format!("[[people]]{chen}"), "").replace("handlers = [\"chen\"]", "handlers = []");
    let text = text.replace("head = \"wu\"\nhandlers = [\"huang\"]", "head = \"tsai\"\nhandlers = [\"huang\"]");
    std::fs::write(&path, text).expect("config");
    world.restart().await;
    let letters = world.pass().await;
    // The head gets the case, by name; the new head is asked in the old one's place.
    let taken = about(&letters, "lin@kmu.example", FIRST).clone();
    holds(&taken.text, &[FIRST, "選課時讓熟人先選"]);
    assert!(about(&letters, "tsai@kmu.example", "115-0002").button("核准").is_some());
    // Each has a list of what is his now, and whose it was.
    holds(&about(&letters, "lin@kmu.example", "職務異動").text, &["陳承辦", FIRST, "承辦"]);
    holds(&about(&letters, "tsai@kmu.example", "職務異動").text, &["吳總務長", "115-0002", "待核示：單位主管"]);
    assert!(world.case(FIRST).await.handler.is_none());
    // Chen's mail does nothing any more; the head's does.
    world.later(600);
    world.arrives(&forward.reply(CHEN, &format!("擬答覆：\n{ANSWER}")));
    world.pass().await;
    assert!(world.case(FIRST).await.drafts.is_empty());
    reply(&mut world, &taken, LIN, &format!("擬答覆：\n{ANSWER}")).await;
    assert_eq!(world.case(FIRST).await.drafts.len(), 1);
    assert!(world.case(FIRST).await.open_asks().all(|a| !a.candidates.is_empty()), "no step waits for nobody");
    // A second start changes nothing more, and the digest names who left.
    world.restart().await;
    assert!(world.pass().await.is_empty());
    world.at("2026-03-04T08:31:00+08:00");
    let letters = world.pass().await;
    assert!(
        to(&letters, "wang@kmu.example").iter().any(|l| l.text.contains("已不在名冊： chen")),
        "{:?}",
        letters.iter().map(|l| &l.text).collect::<Vec<_>>()
    );
    sound(&world).await;
}
