//! The first start on a mailbox that is years old (INTERFACE take_since): nothing old is taken without a word.

use redress::intake;

use super::stage::{complaint, sound};
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
    let settings = world.house.intake.first().expect("a mailbox").clone();
    intake::accept_older(&world.house.desk.store, &settings.address, &settings.folder).await.expect("store");
    world.later(600);
    let letters = world.pass().await;
    assert_eq!(world.cases().await.len(), 4);
    only(&letters, "old0@mail.example");
    only(&letters, "old1@mail.example");
    sound(&world).await;
}
