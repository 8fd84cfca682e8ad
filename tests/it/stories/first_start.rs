//! The first start on a mailbox that is years old (INTERFACE take_since): nothing old is taken without a word.

use redress::store::ledger;

use super::stage::{WANG, complaint, sound};
use crate::support::world::{Mail, SERVICE, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn old_mail_waits_for_the_secretariats_word() {
    let mut world = World::changed(&[("trusted_authserv_id", "take_since = \"7d\"\ntrusted_authserv_id")], "").await;
    for (n, date) in ["01-Jan-2020 08:00:00 +0800", "20-Feb-2026 08:00:00 +0800"].iter().enumerate() {
        let raw = world.bytes(&Mail {
            from: format!("old{n}@mail.example"),
            subject: format!("宿舍 {n}"),
            text: format!("第 {n} 封舊信，宿舍漏水。"),
            ..Mail::default()
        });
        world.dovecot.append(SERVICE, "INBOX", &raw, Some(date));
    }
    let raw = world.bytes(&complaint());
    world.dovecot.append(SERVICE, "INBOX", &raw, Some("27-Feb-2026 08:00:00 +0800"));
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 1, "what came within seven days is taken");
    only(&letters, "hua@mail.example");
    let told: Vec<_> = to(&letters, "wang@kmu.example").into_iter().filter(|l| !l.subject.contains("115-0001")).collect();
    assert_eq!(told.len(), 1, "{:?}", letters.iter().map(|l| (&l.to, &l.subject)).collect::<Vec<_>>());
    assert!(told[0].text.contains('2'), "{}", told[0].text);
    let told = told[0].clone();
    let line = ledger::read(&world.house.desk.store).await.expect("ledger").remove(0);
    assert_eq!((line.seen, line.cased, line.older, line.missing), (3, 1, 2, 0));
    assert!(letters.iter().all(|l| !l.to.starts_with("old")));
    // Told once, whatever the number of passes and starts.
    world.later(600);
    assert!(world.pass().await.is_empty());
    world.restart().await;
    assert!(world.pass().await.is_empty());
    // Old mail that is moved in later is somebody's doing, and taken.
    let raw =
        world.bytes(&Mail {
            from: "moved@mail.example".into(), subject: "宿舍".into(), text: "宿舍門禁壞了。".into(), ..Mail::default()
        });
    world.dovecot.append(SERVICE, "INBOX", &raw, Some("01-Jan-2021 08:00:00 +0800"));
    only(&world.pass().await, "moved@mail.example");
    // The word is given.
    world.arrives(&told.reply(WANG, "請問這些是什麼信？"));
    let asked_again = world.pass().await;
    assert!(only(&asked_again, "wang@kmu.example").text.contains("無法辨識"), "an unclear word is asked about again");
    world.arrives(&Mail { authentic: false, ..told.reply(WANG, "全部收案") });
    assert!(only(&world.pass().await, "wang@kmu.example").subject.contains("隔離"), "a forged word opens nothing");
    world.later(600);
    world.arrives(&told.press("全部收案", WANG, ""));
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 4);
    assert!(to(&letters, "wang@kmu.example").iter().any(|l| l.text.contains("全部收案") && l.button("全部收案").is_none()));
    only(&letters, "old0@mail.example");
    only(&letters, "old1@mail.example");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_takes_what_came_since_and_leaves_the_rest() {
    for (word, taken) in [("2026-02-01 起", 1), ("#不處理", 0), ("自115年1月1日起收案", 1)] {
        let mut world = World::changed(&[("trusted_authserv_id", "take_since = \"7d\"\ntrusted_authserv_id")], "").await;
        for (n, date) in ["01-Jan-2020 08:00:00 +0800", "20-Feb-2026 08:00:00 +0800"].iter().enumerate() {
            let text = format!("第 {n} 封舊信，宿舍漏水。");
            let raw = world.bytes(&Mail { from: format!("old{n}@mail.example"), subject: format!("宿舍 {n}"), text, ..Mail::default() });
            world.dovecot.append(SERVICE, "INBOX", &raw, Some(date));
        }
        let letters = world.pass().await;
        let asked = only(&letters, "wang@kmu.example").clone();
        world.arrives(&asked.reply(WANG, word));
        let letters = world.pass().await;
        assert_eq!((world.cases().await.len(), to(&letters, "old1@mail.example").len()), (taken, taken), "{word}");
        assert!(to(&letters, "old0@mail.example").is_empty());
        // The word is not asked for again, and the ledger knows what stays.
        world.restart().await;
        assert!(world.pass().await.is_empty(), "{word}");
        let line = ledger::read(&world.house.desk.store).await.expect("ledger").remove(0);
        assert_eq!((line.older, line.missing), (2 - i64::try_from(taken).expect("few"), 0), "{word}");
        sound(&world).await;
    }
}
