//! Nobody learns what is not his (RELIABILITY promise 7, T25–T28): a canary in every personal and every internal field, cases of all five
//! procedures played to their end in each way of knowing, on both databases, and everything that leaves held against
//! the table in `tests/stories/canaries.md`. Lives here: the plays. The table is read in `matrix`, letters are opened in `decode`.

mod decode;
mod log;
mod matrix;
mod play;

pub use decode::whole;
use play::{BIRD, Mode, Play};

use super::stage::sound;
use super::{parks, service};
use crate::support::postgres;
use crate::support::world::World;

async fn stage(profile: &str) -> World {
    match profile {
        "kmu" => World::new().await,
        "pt" => service::pt().await,
        "chainsea" => service::chainsea().await,
        "shugu" => parks::shugu().await,
        "cpc" => parks::cpc().await,
        other => panic!("no such procedure: {other}"),
    }
}

/// The world of a profile with another `unit_sees`, keywords that fit the complaint, and another store.
async fn world(profile: &str, mode: Mode, store: Option<&str>) -> World {
    let mut world = stage(profile).await;
    let path = world.dir.path().join("redress.toml");
    let mut text = std::fs::read_to_string(&path).expect("config");
    let sees = match mode {
        Mode::Full | Mode::Secret | Mode::Sealed => "full",
        Mode::Masked => "masked",
        Mode::Hidden => "hidden",
    };
    let own = world.dir.path().join("own");
    std::fs::create_dir_all(&own).expect("a folder");
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/procedures").join(profile);
    for file in ["profile.toml", "survey.toml"] {
        let shipped = std::fs::read_to_string(from.join(file)).expect("shipped");
        std::fs::write(own.join(file), shipped.replace("unit_sees = \"full\"", &format!("unit_sees = \"{sees}\""))).expect("written");
    }
    let named = format!("profile = {:?}", own.join("profile.toml").to_string_lossy());
    text = text.replacen(&format!("profile = \"{profile}\""), &named, 1);
    if let Some(store) = store {
        text = text.replacen("sqlite:redress.db", store, 1);
    }
    if mode == Mode::Full {
        text.push_str("\n[intake]\ndispatch = \"review\"\n");
    }
    std::fs::write(&path, text).expect("config");
    world.restart().await;
    world
}

async fn played(profile: &str, mode: Mode, store: Option<&str>) {
    let mut play = Play::new(world(profile, mode, store).await, mode);
    play.lives().await;
    sound(&play.world).await;
    if mode == Mode::Full {
        play.matrix.lived(&["complainant", "full", "office"], profile);
    }
    if store.is_none() {
        exported(&mut play);
    }
}

/// What the person himself gets when he asks for all that is held on him.
fn exported(play: &mut Play) {
    let dir = play.world.dir.path();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_redress"));
    command.arg("--config").arg(dir.join("redress.toml")).args(["subject", "export", BIRD, "--out", "all.zip"]).current_dir(dir);
    let out = command.output().expect("redress runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let zip = std::fs::read(dir.join("all.zip")).expect("an archive");
    let mut all = String::new();
    // Stored, not squeezed: the entries stand in it as they are; each mail is opened.
    decode::bytes(&zip, &mut all);
    for entry in entries(&zip) {
        all.push('\n');
        decode::bytes(&entry, &mut all);
    }
    play.matrix.hold(&["export"], &all, "subject export");
    play.matrix.lived(&["export"], "subject export");
}

/// The entries of an archive, by its local headers.
fn entries(zip: &[u8]) -> Vec<Vec<u8>> {
    let number = |at: usize, len: usize| zip[at..at + len].iter().rev().fold(0_usize, |n, b| n << 8 | usize::from(*b));
    let mut out = Vec::new();
    let mut at = 0;
    while zip[at..].starts_with(b"PK\x03\x04") {
        let (size, name, extra) = (number(at + 18, 4), number(at + 26, 2), number(at + 28, 2));
        let from = at + 30 + name + extra;
        let squeezed = number(at + 8, 2) == 8;
        let bytes = &zip[from..from + size];
        out.push(if squeezed {
            let mut inflated = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(bytes), &mut inflated).expect("deflate");
            inflated
        } else {
            bytes.to_vec()
        });
        at = from + size;
    }
    assert!(!out.is_empty(), "an archive with entries");
    out
}

async fn every_way(profile: &str, on_postgres: Mode) {
    for mode in Mode::ALL {
        Box::pin(played(profile, mode, None)).await;
    }
    Box::pin(played(profile, on_postgres, Some(&postgres::shared().database()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kmu_tells_nobody_more_than_is_his() {
    every_way("kmu", Mode::Secret).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shugu_tells_nobody_more_than_is_his() {
    every_way("shugu", Mode::Sealed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pt_tells_nobody_more_than_is_his() {
    every_way("pt", Mode::Hidden).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cpc_tells_nobody_more_than_is_his() {
    every_way("cpc", Mode::Masked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chainsea_tells_nobody_more_than_is_his() {
    every_way("chainsea", Mode::Full).await;
}

/// Who is complained about gets no letter of the case, no line in his digest, and learns nothing from what others of his unit are sent.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_complained_about_reads_no_canary() {
    let mut play = Play::new(world("kmu", Mode::Full, None).await, Mode::Full);
    let accused = ["wu@kmu.example", "huang@kmu.example", "general@kmu.example"];
    play.world.arrives_raw(&play::complaint("宿舍", "承辦的黃技士與吳總務長都推託，請查明。"));
    play.pass().await;
    let number = play.world.cases().await.pop().expect("a case").number;
    let case = play.world.case(&number).await;
    assert_eq!(case.accused.len(), 2, "both are found");
    // Even where the office gives it to their own unit.
    play.says("wang@kmu.example", "#分派 總務處").await;
    assert!(play.world.case(&number).await.unit.is_some());
    for when in ["2026-03-05T08:31:00+08:00", "2026-03-13T08:31:00+08:00", "2026-03-16T08:31:00+08:00"] {
        play.world.at(when);
        play.pass().await;
    }
    for who in accused {
        for letter in play.world.sent_to(who) {
            let all = whole(&letter);
            assert!(!all.contains(&number) && !all.contains("金○雀"), "{who}: {}\n{}", letter.subject, letter.text);
            play.matrix.hold(&["others"], &all, who);
        }
    }
    assert!(!play.world.sent_to("wang@kmu.example").is_empty());
    sound(&play.world).await;
}
