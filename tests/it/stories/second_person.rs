//! What one person's word alone does not do (RELIABILITY §3, L3): sending a complainant's letters elsewhere (T13), and, where the
//! office wants it so, purging.

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

/// A case is closed and its time is over.
async fn due(world: &mut World) {
    let request = proposed(world, ANSWER).await;
    let letters = all_agree(world, &request, CHAIN).await;
    let answer = only(&letters, HUA).clone();
    world.later(600);
    world.arrives(&answer.press("滿意", STUDENT, ""));
    let letters = world.pass().await;
    let closing = to(&letters, "lee@kmu.example")[0].clone();
    reply(world, &closing, LEE, "同意").await;
    world.at("2028-03-06T12:00:00+08:00");
    world.pass().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn purging_waits_for_the_office_and_takes_out_what_it_agreed_to() {
    let mut world = World::with(&format!("[trust]\nsecond_person = [\"purge\"]\n{SECOND}")).await;
    due(&mut world).await;
    let desk = world.house.desk.clone();
    assert_eq!(desk.agreed_purge().await.expect("store"), None);
    let (asked, new) = desk.ask_to_purge().await.expect("store").expect("something is due");
    assert!(new && asked.cases == [FIRST], "{asked:?}");
    assert!(!desk.ask_to_purge().await.expect("store").expect("due").1, "the same list is asked about once");
    let letters = world.pass().await;
    let (one, other) = (only(&letters, "wang@kmu.example").clone(), only(&letters, "yang@kmu.example").clone());
    holds(&one.text, &["清除保存期滿的案件", FIRST, "保存至 2028-03-0", "清除後保留"]);
    assert!(one.button("確認").is_some() && one.button("核准").is_none());
    for word in ["選課", "陳小華", HUA] {
        assert!(!one.text.contains(word), "{word}");
    }

    // Forged, another's, and a refusal.
    world.arrives(&Mail { authentic: false, ..one.press("確認", WANG, "") });
    world.arrives(&one.press("確認", LEE, ""));
    world.pass().await;
    assert_eq!(desk.agreed_purge().await.expect("store"), None);
    world.arrives(&other.reply(YANG, "先不要，還在訴訟"));
    world.pass().await;
    assert_eq!(last_mail(&world).await.1, "not_confirmed");
    world.arrives(&one.press("確認", WANG, ""));
    world.pass().await;
    assert_eq!(desk.agreed_purge().await.expect("store"), None, "what was refused is asked for anew");
    assert!(!world.case(FIRST).await.is_erased());

    assert!(desk.ask_to_purge().await.expect("store").expect("due").1);
    let letters = world.pass().await;
    let one = only(&letters, "wang@kmu.example").clone();
    world.arrives(&one.reply(WANG, "確認"));
    world.pass().await;
    let agreed = desk.agreed_purge().await.expect("store").expect("agreed");
    assert_eq!((agreed.by.as_str(), agreed.asked.cases.as_slice()), ("wang", [FIRST.to_owned()].as_slice()));
    // A hold that was set meanwhile still keeps it.
    desk.legal_hold(FIRST, Some("訴訟")).await.expect("held");
    assert_eq!(desk.purge_agreed(&agreed).await.expect("purged").cases, 0);
    assert!(!world.case(FIRST).await.is_erased());
    desk.legal_hold(FIRST, None).await.expect("lifted");
    assert_eq!(desk.agreed_purge().await.expect("store"), None, "used up");
    assert_eq!(desk.purge_agreed(&agreed).await.expect("purged").cases, 1);
    assert!(world.case(FIRST).await.is_erased());
    assert!(desk.ask_to_purge().await.expect("store").is_none(), "nothing is due any more");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redress_purge_asks_where_it_takes_two() {
    let world = World::with("[trust]\nsecond_person = [\"purge\"]\n").await;
    // Nothing is due: nobody is asked.
    let ran = crate::cli::beside(&world, &["purge"]);
    assert!(ran.out.contains("no case is due"), "{ran:?}");
    assert!(world.sent_to("wang@kmu.example").is_empty());
}
