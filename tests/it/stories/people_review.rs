//! Once a quarter the office sees who may do what, since when, and who has done nothing for long; it confirms or says what is wrong (R81, T10).

use redress::store::events;

use super::directory::{MEI, SECOND};
use super::scenes::*;
use super::stage::{all_mails, last_mail, sound};
use crate::support::world::{Letter, Mail, World, only};

/// The office with a list on the first working day from the 3rd on; who has done nothing for thirty days is marked.
async fn office() -> World {
    let quarterly = "people = \"quarterly\"\npeople_day = 3\npeople_idle_days = 30";
    let away = "away = [{ from = \"2026-04-08\", to = \"2026-04-10\", deputy = \"mei\" }]\n[[people]]\nid = \"lee\"";
    let changes = [("people = \"never\"", quarterly), ("[[people]]\nid = \"lee\"", away)];
    let mut world = World::changed(&changes, SECOND).await;
    let letters = forwarded(&mut world).await;
    // 陳 does something three weeks later, 林 nothing at all.
    world.at("2026-03-20T10:00:00+08:00");
    let forward = only(&letters, "academic@kmu.example").clone();
    reply(&mut world, &forward, CHEN, "#收案").await;
    world
}

fn lists(letters: &[Letter]) -> Vec<&Letter> {
    letters.iter().filter(|l| l.subject.contains("權限名冊清查")).collect()
}

/// 梅's.
fn hers(letters: &[Letter]) -> Letter {
    lists(letters).into_iter().find(|l| l.to == "mei@kmu.example").expect("her list").clone()
}

async fn at(world: &mut World, when: &str) -> Vec<Letter> {
    world.at(when);
    world.pass().await
}

/// The kinds of the house's own events.
async fn house(world: &World) -> Vec<(String, String)> {
    let all = events::after(&world.house.desk.store, 0, 10_000).await.expect("store");
    all.into_iter().filter(|e| e.case_id.is_none()).map(|e| (e.kind, e.actor)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_quarter_the_office_sees_who_may_do_what_and_says_whether_it_is_right() {
    let mut world = office().await;
    // Friday the 3rd and Monday the 6th of April are holidays in 2026.
    for early in ["2026-04-02T08:30:00+08:00", "2026-04-06T09:00:00+08:00", "2026-04-07T08:29:00+08:00"] {
        assert!(lists(&at(&mut world, early).await).is_empty(), "{early}");
    }
    let letters = at(&mut world, "2026-04-07T08:30:00+08:00").await;
    let found = lists(&letters);
    let mut readers: Vec<&str> = found.iter().map(|l| l.to.as_str()).collect();
    readers.sort_unstable();
    assert_eq!(readers, ["mei@kmu.example", "wang@kmu.example"], "the office alone");
    let list = hers(&letters);
    holds(
        &list.text,
        &["9 人", "※", "王秘書（wang）", "mei@kmu.example", "代理人：梅秘書 2026-04-08–2026-04-10", "代理：王秘書", "教務處 單位主管"],
    );
    let line = |id: &str| list.text.split("‧ ").find(|l| l.contains(&format!("（{id}）"))).expect("a line").to_owned();
    assert!(line("lin").contains('※') && line("lin").contains("尚無辦理紀錄"), "{}", line("lin"));
    assert!(!line("chen").contains('※') && line("chen").contains("115年3月20日 10:10"), "{}", line("chen"));
    assert!(line("lin").contains("自115年3月3日"), "{}", line("lin"));
    let place = |id: &str| list.text.find(&format!("（{id}）")).expect("a line");
    assert!(place("lin") < place("chen"), "who is marked stands first");
    assert!(list.button("核准").is_none());
    assert!(list.button("確認").is_some(), "what may be done has its button");
    assert!(lists(&at(&mut world, "2026-04-08T08:30:00+08:00").await).is_empty(), "once");

    // A forged word and an outsider's are nothing; hers is kept, and changes nothing.
    world.arrives(&Mail { authentic: false, ..list.reply(MEI, "確認") });
    world.pass().await;
    assert_eq!(last_mail(&world).await.1, "unproved");
    assert!(house(&world).await.iter().all(|(kind, _)| kind != "people_confirmed"));
    let letters = reply(&mut world, &list, MEI, "確認").await;
    assert!(letters.iter().all(|l| !l.subject.contains("隔離")), "{:?}", seen(&letters));
    assert!(house(&world).await.contains(&("people_confirmed".to_owned(), "mei".to_owned())));
    let letters = at(&mut world, "2026-04-09T08:30:00+08:00").await;
    holds(&only(&letters, "mei@kmu.example").text, &["權限名冊已確認：", "梅秘書"]);
    // The next quarter.
    let letters = at(&mut world, "2026-07-03T08:30:00+08:00").await;
    assert_eq!(lists(&letters).len(), 2);
    // The button says it as well as a reply; an outsider's press of it, and the last quarter's, are nothing.
    let his = lists(&letters).into_iter().find(|l| l.to == "wang@kmu.example").expect("his list").clone();
    let confirmed = async |world: &World| house(world).await.into_iter().filter(|(kind, _)| kind == "people_confirmed").count();
    for mail in [his.press("確認", STUDENT, ""), Mail { authentic: false, ..his.press("確認", WANG, "") }, list.press("確認", MEI, "")]
    {
        world.arrives(&mail);
        world.pass().await;
    }
    assert_eq!(confirmed(&world).await, 1);
    world.arrives(&his.press("確認", WANG, ""));
    world.pass().await;
    assert_eq!(confirmed(&world).await, 2);
    assert!(house(&world).await.contains(&("people_confirmed".to_owned(), "wang".to_owned())));
    assert!(world.cases().await.len() == 1 && all_mails(&world).await.len() >= 4);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_to_the_whole_office_and_the_command_line_shows_the_list() {
    let mut world = office().await;
    let letters = at(&mut world, "2026-04-07T09:00:00+08:00").await;
    let list = hers(&letters);
    let letters = reply(&mut world, &list, MEI, "陳承辦上週已調職，請更正。").await;
    let told = lists(&letters);
    assert_eq!(told.len(), 2, "{:?}", seen(&letters));
    holds(&told[0].text, &["梅秘書認為名冊須更正：陳承辦上週已調職，請更正。", "directory import"]);
    assert!(house(&world).await.contains(&("people_wrong".to_owned(), "mei".to_owned())));
    assert!(world.house.desk.office.directory.by_email("chen@kmu.example").is_some(), "a mail changes no rights");
    let ran = crate::cli::beside(&world, &["digest", "--people", "--now", "2026-04-20T10:00:00+08:00"]);
    assert!(ran.out.contains("權限名冊清查") && ran.out.contains("林教務長（lin）") && ran.out.contains("※久未辦理"), "{ran:?}");
}
