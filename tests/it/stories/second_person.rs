//! What one person's word alone does not do (RELIABILITY §3, L3): sending a complainant's letters elsewhere (T13), and, where the
//! office wants it so, purging.

use redress::store::backup;

use super::scenes::*;
use super::stage::{last_mail, sound};
use crate::support::world::{Letter, Mail, World, only, to};

const ORDER: &str = "#補登 電子郵件=hua2@new.example";
const NEW: &str = "hua2@new.example";
const YANG: &str = "楊秘書 <yang@kmu.example>";
const SECOND: &str = "[[people]]\nid = \"yang\"\nname = \"楊秘書\"\nemail = \"yang@kmu.example\"\nroles = [\"secretariat\"]\n";

async fn written_to(world: &World, address: &str) -> bool {
    world.case(FIRST).await.is_complainant(address)
}

/// The letter that shows the secretariat what was forwarded.
async fn shown(world: &mut World) -> (Letter, Letter) {
    let letters = forwarded(world).await;
    (only(&letters, "wang@kmu.example").clone(), only(&letters, "academic@kmu.example").clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_takes_the_offices_order_and_its_confirmation() {
    let mut world = World::new().await;
    let (shown, forward) = shown(&mut world).await;
    // Whoever writes from elsewhere is a stranger, whatever he says; a handler may not order it.
    let receipt = world.sent_to(HUA).into_iter().next().expect("a receipt");
    reply(&mut world, &receipt, "陳小華 <hua2@new.example>", "我是同一人，請改寄到這個信箱。").await;
    let letters = reply(&mut world, &forward, CHEN, ORDER).await;
    holds(&only(&letters, "chen@kmu.example").text, &["未能辦理"]);
    assert!(written_to(&world, HUA).await);

    let letters = reply(&mut world, &shown, WANG, "#補登 電子郵件=不知道").await;
    holds(&only(&letters, "wang@kmu.example").text, &["未能辦理", "不知道"]);

    // His proved mail alone changes nothing; confirmed at the directory address it does.
    let letters = reply(&mut world, &shown, WANG, ORDER).await;
    assert_eq!(letters.len(), 1, "{:?}", seen(&letters));
    let question = only(&letters, "wang@kmu.example").clone();
    assert!(written_to(&world, HUA).await);
    let letters = reply(&mut world, &question, WANG, "是").await;
    assert!(written_to(&world, NEW).await);
    let (old, new) = (only(&letters, HUA).clone(), only(&letters, NEW).clone());
    for letter in [&old, &new] {
        holds(&letter.text, &[FIRST]);
        assert!(!letter.text.contains(NEW) && !letter.text.contains("選課系統") && letter.files.is_empty(), "{}", letter.text);
    }
    let trail = redress::store::events::for_case(&world.house.desk.store, world.case(FIRST).await.id.as_str()).await.expect("trail");
    let proof = trail.iter().rev().find(|e| e.kind == "field_set").map(|e| e.payload.clone()).expect("the order");
    assert!(proof.contains("dmarc=pass") && proof.contains("confirmed"), "{proof}");

    // From now on the new one is he, and who reads the old one can only object.
    let letters = reply(&mut world, &old, STUDENT, "這不是我要的。").await;
    holds(&only(&letters, "wang@kmu.example").text, &["這不是我要的"]);
    assert_eq!(world.case(FIRST).await.complainant.address.as_ref().map(|a| a.reveal().as_str()), Some(NEW));
    let letters = reply(&mut world, &new, "陳小華 <hua2@new.example>", "補充：昨天又發生一次。").await;
    assert!(to(&letters, HUA).is_empty(), "{:?}", seen(&letters));
    world.at("2026-03-04T08:31:00+08:00");
    holds(&only(&world.pass().await, "wang@kmu.example").text, &["聯絡信箱已變更"]);
    sound(&world).await;
}

/// The order in a mailbox that proves nothing, confirmed by who gave it; gives what then leaves.
async fn ordered_and_confirmed(world: &mut World) -> Vec<Letter> {
    let (shown, _) = shown(world).await;
    let letters = reply(world, &shown, WANG, ORDER).await;
    let question = only(&letters, "wang@kmu.example").clone();
    let letters = reply(world, &question, WANG, "是").await;
    assert!(written_to(world, HUA).await, "his own word twice is not enough");
    letters
}

#[tokio::test(flavor = "multi_thread")]
async fn where_mails_prove_nothing_a_second_person_agrees_or_does_not() {
    for agrees in [true, false] {
        let mut world = World::changed(&[("trusted_authserv_id = \"mx.kmu.example\"", "evidence = \"confirm\"")], SECOND).await;
        let letters = ordered_and_confirmed(&mut world).await;
        holds(&only(&letters, "wang@kmu.example").text, &["第二人"]);
        let asked = only(&letters, "yang@kmu.example").clone();
        holds(&asked.text, &["王秘書", FIRST, "變更來信人的聯絡信箱"]);
        assert!(!asked.text.contains(NEW) && !asked.text.contains("選課"), "{}", asked.text);
        // Not the first person's to answer.
        world.later(60);
        world.arrives(&asked.press("確認", WANG, ""));
        world.pass().await;
        assert!(written_to(&world, HUA).await);
        let letters = if agrees {
            world.later(60);
            world.arrives(&Mail { authentic: false, ..asked.press("確認", YANG, "") });
            world.pass().await
        } else {
            reply(&mut world, &asked, YANG, "不行，請再查證").await
        };
        assert_eq!(written_to(&world, NEW).await, agrees);
        assert_eq!((to(&letters, HUA).len(), to(&letters, NEW).len()), if agrees { (1, 1) } else { (0, 0) });
        if agrees {
            let trail =
                redress::store::events::for_case(&world.house.desk.store, world.case(FIRST).await.id.as_str()).await.expect("trail");
            assert!(trail.iter().any(|e| e.kind == "field_set" && e.payload.contains("agreed to by yang")), "{trail:?}");
        } else {
            // What was refused stays refused.
            reply(&mut world, &asked, YANG, "是").await;
            assert!(written_to(&world, HUA).await);
        }
        sound(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_may_take_one_word_for_it() {
    let mut world = World::with("[trust]\nsecond_person = []\n").await;
    let (shown, _) = shown(&mut world).await;
    let letters = reply(&mut world, &shown, WANG, ORDER).await;
    assert!(written_to(&world, NEW).await);
    only(&letters, HUA);
    only(&letters, NEW);
}

/// A case is closed.
async fn closed(world: &mut World) {
    let request = proposed(world, ANSWER).await;
    let letters = all_agree(world, &request, CHAIN).await;
    let answer = only(&letters, HUA).clone();
    world.later(600);
    world.arrives(&answer.press("滿意", STUDENT, ""));
    let letters = world.pass().await;
    let closing = to(&letters, "lee@kmu.example")[0].clone();
    reply(world, &closing, LEE, "同意").await;
}

/// A case is closed and its time is over.
async fn due(world: &mut World) {
    Box::pin(closed(world)).await;
    world.at("2028-03-06T12:00:00+08:00");
    world.pass().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn purging_waits_for_the_office_and_takes_out_what_it_agreed_to() {
    let mut world = World::with(&format!("[trust]\nsecond_person = [\"purge\"]\n{SECOND}")).await;
    Box::pin(due(&mut world)).await;
    let desk = world.house.desk.clone();
    assert_eq!(Box::pin(desk.agreed_purge()).await.expect("store"), None);
    let (asked, new) = Box::pin(desk.ask_to_purge()).await.expect("store").expect("something is due");
    assert!(new && asked.cases == [FIRST], "{asked:?}");
    assert!(!Box::pin(desk.ask_to_purge()).await.expect("store").expect("due").1, "the same list is asked about once");
    let letters = Box::pin(world.pass()).await;
    let (one, other) = (only(&letters, "wang@kmu.example").clone(), only(&letters, "yang@kmu.example").clone());
    holds(&one.text, &["清除保存期滿的案件", FIRST, "保存至 2028-03-0", "清除後保留"]);
    assert!(one.button("確認").is_some() && one.button("核准").is_none());
    for word in ["選課", "陳小華", HUA] {
        assert!(!one.text.contains(word), "{word}");
    }

    // Forged, another's, and a refusal.
    world.arrives(&Mail { authentic: false, ..one.press("確認", WANG, "") });
    world.arrives(&one.press("確認", LEE, ""));
    Box::pin(world.pass()).await;
    assert_eq!(Box::pin(desk.agreed_purge()).await.expect("store"), None);
    world.arrives(&other.reply(YANG, "先不要，還在訴訟"));
    Box::pin(world.pass()).await;
    assert_eq!(last_mail(&world).await.1, "not_confirmed");
    world.arrives(&one.press("確認", WANG, ""));
    Box::pin(world.pass()).await;
    assert_eq!(Box::pin(desk.agreed_purge()).await.expect("store"), None, "what was refused is asked for anew");
    assert!(!world.case(FIRST).await.is_erased());

    assert!(Box::pin(desk.ask_to_purge()).await.expect("store").expect("due").1);
    let letters = Box::pin(world.pass()).await;
    let one = only(&letters, "wang@kmu.example").clone();
    world.arrives(&one.reply(WANG, "確認"));
    Box::pin(world.pass()).await;
    let agreed = Box::pin(desk.agreed_purge()).await.expect("store").expect("agreed");
    assert_eq!((agreed.by.as_str(), agreed.asked.cases.as_slice()), ("wang", [FIRST.to_owned()].as_slice()));
    // A hold that was set meanwhile still keeps it.
    desk.legal_hold(FIRST, Some("訴訟")).await.expect("held");
    assert_eq!(Box::pin(desk.purge_agreed(&agreed)).await.expect("purged").cases, 0);
    assert!(!world.case(FIRST).await.is_erased());
    desk.legal_hold(FIRST, None).await.expect("lifted");
    assert_eq!(Box::pin(desk.agreed_purge()).await.expect("store"), None, "used up");
    assert_eq!(Box::pin(desk.purge_agreed(&agreed)).await.expect("purged").cases, 1);
    assert!(world.case(FIRST).await.is_erased());
    assert!(Box::pin(desk.ask_to_purge()).await.expect("store").is_none(), "nothing is due any more");
    sound(&world).await;
}

/// kmu's procedure, with records that are kept to the end of the day of closing.
fn short_memory(folder: &std::path::Path) -> String {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/procedures/kmu");
    for name in ["profile.toml", "survey.toml"] {
        let text = std::fs::read_to_string(shipped.join(name)).expect(name);
        std::fs::write(folder.join(name), text.replace("retention = \"2年\"", "retention = \"0年\"")).expect("written");
    }
    format!("profile = \"{}\"", folder.join("profile.toml").display())
}

#[tokio::test(flavor = "multi_thread")]
async fn redress_purge_asks_where_it_takes_two() {
    let folder = tempfile::tempdir().expect("folder");
    let profile = short_memory(folder.path());
    let mut world = World::changed(&[("profile = \"kmu\"", &profile)], "[trust]\nsecond_person = [\"purge\"]\n").await;
    // Nothing is due: nobody is asked.
    let ran = crate::cli::beside(&world, &["purge"]);
    assert!(ran.code == 0 && ran.out.contains("no case is due"), "{ran:?}");
    Box::pin(closed(&mut world)).await;
    let ran = crate::cli::beside(&world, &["purge", "--dry-run"]);
    assert!(ran.code == 0 && ran.out.contains(FIRST) && ran.out.contains("goes"), "{ran:?}");
    for asked in ["is asked", "was asked"] {
        let ran = crate::cli::beside(&world, &["purge"]);
        assert!(ran.code == 1 && ran.err.contains(asked) && ran.err.contains("nothing was taken out"), "{ran:?}");
    }
    assert!(!world.case(FIRST).await.is_erased());
    // The program goes by the wall's clock.
    world.clock.set(redress::clock::Clock::system().now().plus_seconds(60));
    let letters = world.pass().await;
    let asked =
        letters.iter().find(|l| l.to == "wang@kmu.example" && l.text.contains("清除保存期滿")).expect("the office is asked").clone();
    world.arrives(&asked.press("確認", WANG, ""));
    world.pass().await;
    let ran = crate::cli::beside(&world, &["purge"]);
    assert!(ran.code == 0 && ran.out.contains("agreed to by wang: 1 cases") && ran.out.contains("purged: 1 cases"), "{ran:?}");
    assert!(world.case(FIRST).await.is_erased());
    let ran = crate::cli::beside(&world, &["purge"]);
    assert!(ran.code == 0 && ran.out.contains("no case is due"), "{ran:?}");
    sound(&world).await;
}

/// A case goes on after the backup, and the backup is put back; gives the unit head's request.
async fn restored(world: &mut World) -> Letter {
    let letters = Box::pin(forwarded(world)).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let copy = world.dir.path().join("yesterday.db");
    backup::copy(&world.house.desk.store, &copy).await.expect("copied");
    let letters = Box::pin(reply(world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}"))).await;
    let request = only(&letters, "lin@kmu.example").clone();
    world.house.desk.store.close().await;
    backup::put_back(&format!("sqlite:{}", world.dir.path().join("redress.db").display()), &copy, None).await.expect("put back");
    Box::pin(world.restart()).await;
    Box::pin(redress::daemon::rebuild(&world.house)).await.expect("lived through").expect("it was put back");
    request
}

/// The unit head answers, a new complaint comes: all is read, and nothing but the question leaves. Gives it.
async fn kept_back(world: &mut World, request: &Letter) -> Letter {
    world.later(600);
    world.arrives(&request.reply(LIN, "如擬"));
    world.arrives(&Mail { from: "梅 <mei@mail.example>".into(), ..complaint("成績登錄錯誤", "成績少了十分。") });
    let letters = Box::pin(world.pass()).await;
    let mut to_whom: Vec<&str> = letters.iter().map(|l| l.to.as_str()).collect();
    to_whom.sort_unstable();
    assert_eq!(to_whom, ["wang@kmu.example", "yang@kmu.example"], "{:?}", seen(&letters));
    let asked = only(&letters, "wang@kmu.example").clone();
    holds(&asked.text, &["回復備份後恢復寄信", "重新讀取的來信"]);
    assert_eq!(world.cases().await.len(), 2);
    asked
}

/// Neither a forged word nor a refusal lets them go.
async fn stays_back(world: &mut World, asked: &Letter) {
    for mail in [Mail { authentic: false, ..asked.press("確認", WANG, "") }, asked.press("確認", LEE, ""), asked.reply(WANG, "再等等")]
    {
        world.later(60);
        world.arrives(&mail);
        let letters = Box::pin(world.pass()).await;
        assert!(letters.is_empty(), "{:?}", seen(&letters));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_letters_wait_for_the_office() {
    let mut world = World::with(&format!("[trust]\nsecond_person = [\"release\"]\n{SECOND}")).await;
    let request = Box::pin(restored(&mut world)).await;
    let asked = Box::pin(kept_back(&mut world, &request)).await;
    Box::pin(stays_back(&mut world, &asked)).await;
    // Nor does another start.
    Box::pin(world.restart()).await;
    assert_eq!(Box::pin(redress::daemon::rebuild(&world.house)).await.expect("asked"), None);
    assert!(Box::pin(world.pass()).await.is_empty());
    world.later(60);
    world.arrives(&asked.press("確認", WANG, ""));
    let letters = Box::pin(world.pass()).await;
    only(&letters, "mei@mail.example");
    // The proposal's request left before the backup was put back, or is taken to have; the next step's leaves now.
    assert!(letters.iter().any(|l| l.to == "wang@kmu.example" && l.button("核准").is_some()), "{:?}", seen(&letters));
    assert!(to(&letters, "lin@kmu.example").iter().all(|l| l.button("核准").is_none()));
    sound(&world).await;
}
