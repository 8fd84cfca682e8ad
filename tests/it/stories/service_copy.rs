//! An office's copy of a shipped procedure with another clock: what is reported after four in the afternoon has until noon of the
//! next day (1999 派工時效), by data alone.

use redress::domain::state::DeadlineKind::Start;

use super::scenes::reply;
use super::service::{DESK, due, mail};
use crate::support::world::{World, only};

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_cut_off_has_until_noon_of_the_next_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/procedures/pt/profile.toml"));
    let survey = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/procedures/pt/survey.toml"));
    let (old, new) = ("kind = \"start\"\nlength = \"3wd\"", "kind = \"start\"\nlength = \"4h\"\ncut_off = \"16:00\"\nlate = \"next_noon\"");
    assert!(profile.contains(old));
    std::fs::write(folder.path().join("profile.toml"), profile.replace(old, new)).expect("written");
    std::fs::write(folder.path().join("survey.toml"), survey).expect("written");
    let named = format!("profile = \"{}\"", folder.path().join("profile.toml").display());
    let mut world = World::changed(&[("profile = \"kmu\"", named.as_str())], "").await;
    for (n, (arrives, expected)) in [
        ("2026-03-03T10:00:00+08:00", "2026-03-03T14:00"),
        ("2026-03-03T15:59:00+08:00", "2026-03-03T19:59"),
        ("2026-03-03T16:00:00+08:00", "2026-03-04T12:00"),
        ("2026-03-07T09:00:00+08:00", "2026-03-08T12:00"),
    ]
    .into_iter()
    .enumerate()
    {
        world.at(arrives);
        world.arrives(&mail(&format!("鄰里垃圾第{n}處"), &format!("第 {n} 處有無主垃圾，請清運。")));
        let letters = world.pass().await;
        let triage = letters
            .iter()
            .find(|l| l.to == "wang@kmu.example" && l.subject.contains(&format!("2026-{:04}", n + 1)) && l.text.contains("請分派新案"));
        let triage = triage.unwrap_or_else(|| only(&letters, "wang@kmu.example")).clone();
        reply(&mut world, &triage, DESK, "#等級 C 2").await;
        assert_eq!(due(&world.case(&format!("2026-{:04}", n + 1)).await, Start), expected, "{arrives}");
    }
}
