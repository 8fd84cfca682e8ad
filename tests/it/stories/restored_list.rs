//! Yesterday's backup across a personnel list (R81, F28): the list that was approved in between is in force once the mailbox was lived
//! through, once; who left by it has no rights back. A list that the backup does not know is told of at once.

use redress::daemon::rebuild;
use redress::domain::PersonId;
use redress::store::backup;
use redress::store::directory::{self, State as ListState};

use super::directory::{MEI, SECOND, imports, in_force, list, state_of};
use super::scenes::{ANSWER, CHEN, FIRST, LIN, about, forwarded, holds, reply, seen};
use super::stage::sound;
use crate::support::world::{Letter, World, only, to};

/// What a case is to those who work with it.
async fn told(world: &World) -> Vec<String> {
    let cases = world.cases().await;
    cases.iter().map(|c| format!("{} {:?} {:?} {:?} {}", c.number, c.state, c.unit, c.handler, c.drafts.len())).collect()
}

/// The backup is put back, and the time since is lived through.
async fn put_back(world: &mut World, copy: &std::path::Path) {
    world.house.desk.store.close().await;
    let url = format!("sqlite:{}", world.dir.path().join("redress.db").display());
    backup::put_back(&url, copy, None).await.expect("put back");
    Box::pin(world.restart()).await;
}

/// 陳 works on a case; gives its forward.
async fn chen_works(world: &mut World) -> Letter {
    Box::pin(in_force(world, &list(&[]))).await;
    let letters = Box::pin(forwarded(world)).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    Box::pin(reply(world, &forward, CHEN, "#收案")).await;
    forward
}

fn knows_chen(world: &World) -> bool {
    world.house.desk.office.directory.by_email("chen@kmu.example").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_that_was_approved_since_is_in_force_once_and_gives_nobody_his_rights_back() {
    let mut world = Box::pin(World::with(SECOND)).await;
    let forward = Box::pin(chen_works(&mut world)).await;
    let version = Box::pin(imports(&world, &list(&[("A07", "")]), "wang")).await;
    let request = only(&Box::pin(world.pass()).await, "mei@kmu.example").clone();
    let copy = world.dir.path().join("yesterday.db");
    backup::copy(&world.house.desk.store, &copy).await.expect("copied");
    // Approved and confirmed; the case goes to the head, who proposes; 陳 tries once more.
    world.later(600);
    world.arrives(&request.press("名冊生效", MEI, ""));
    let question = only(&Box::pin(world.pass()).await, "mei@kmu.example").clone();
    let letters = Box::pin(reply(&mut world, &question, MEI, "確認")).await;
    let taken = about(&letters, "lin@kmu.example", "選課").clone();
    Box::pin(reply(&mut world, &forward, CHEN, "擬答覆：\n我已離職，這是我的答覆。")).await;
    Box::pin(reply(&mut world, &taken, LIN, &format!("擬答覆：\n{ANSWER}"))).await;
    let (before, decided) = (told(&world).await, directory::in_force(&world.house.desk.store).await.expect("store").expect("a list"));
    assert!(before.iter().all(|c| c.ends_with('1')), "one draft, the head's: {before:?}");
    let lists = |world: &World| world.sent_to("lin@kmu.example").iter().filter(|l| l.subject.contains("職務異動")).count();
    assert_eq!((lists(&world), knows_chen(&world)), (1, false));

    Box::pin(put_back(&mut world, &copy)).await;
    assert!(knows_chen(&world) && state_of(&world, version).await == ListState::Proposed, "yesterday's");
    Box::pin(rebuild(&world.house)).await.expect("lived through").expect("it was put back");
    let letters = Box::pin(world.pass()).await;
    assert!(letters.iter().all(|l| l.subject.contains("摘要")), "nothing is sent again: {:?}", seen(&letters));
    assert_eq!((told(&world).await, lists(&world)), (before, 1));
    let all = directory::all(&world.house.desk.store).await.expect("store");
    assert_eq!(all.iter().map(|v| v.state).collect::<Vec<_>>(), [ListState::Approved, ListState::Approved]);
    let again = directory::in_force(&world.house.desk.store).await.expect("store").expect("a list");
    assert_eq!((again.roster.version, &again.decided_by, &again.proof), (version, &decided.decided_by, &decided.proof));
    assert!(!knows_chen(&world) && world.house.desk.office.directory.edition.starts_with("v2 "));
    // Nobody decides it a second time, and 陳 stays a stranger.
    world.later(600);
    world.arrives(&question.reply(MEI, "確認"));
    world.arrives(&forward.reply(CHEN, "擬答覆：\n再試一次。"));
    let letters = Box::pin(world.pass()).await;
    holds(&about(&letters, "mei@kmu.example", "未能辦理").text, &["已有決定"]);
    about(&letters, "mei@kmu.example", "非當事人");
    assert_eq!(world.case(FIRST).await.drafts.len(), 1);
    assert_ne!(world.case(FIRST).await.handler, Some(PersonId("chen".into())));
    Box::pin(sound(&world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_the_backup_does_not_know_is_asked_for_at_once() {
    let mut world = Box::pin(World::with(SECOND)).await;
    Box::pin(chen_works(&mut world)).await;
    let copy = world.dir.path().join("yesterday.db");
    backup::copy(&world.house.desk.store, &copy).await.expect("copied");
    Box::pin(in_force(&mut world, &list(&[("A07", "")]))).await;
    assert!(!knows_chen(&world));
    Box::pin(put_back(&mut world, &copy)).await;
    Box::pin(rebuild(&world.house)).await.expect("lived through").expect("it was put back");
    assert!(knows_chen(&world), "the list lay in no mail");
    let letters = Box::pin(world.pass()).await;
    for who in ["wang@kmu.example", "mei@kmu.example"] {
        let alarm = to(&letters, who).into_iter().find(|l| l.text.contains("directory import")).expect("an alarm");
        holds(&alarm.text, &["回復的備份中沒有這一版人事名冊，版次 2", "仍有權限"]);
    }
    assert!(Box::pin(world.pass()).await.is_empty(), "once");
    Box::pin(in_force(&mut world, &list(&[("A07", "")]))).await;
    assert!(!knows_chen(&world));
    Box::pin(sound(&world)).await;
}
