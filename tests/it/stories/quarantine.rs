//! What cannot be read is held, told and listed, and holds up nobody (R2, F9).

use redress::store::inbox::{self, State as Custody};

use super::stage::{all_mails, complaint, sound};
use crate::support::world::{SERVICE, World, only, to};

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_mail_is_held_with_its_reason_and_the_next_one_is_read() {
    let mut world = World::new().await;
    let broken: [&[u8]; 3] = [
        b"\x00\x01\x02\xff\xfe no mail at all",
        b"Subject: \r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
        b"From: <>\r\nDate: nonsense\r\nMessage-ID: <held@nowhere.example>\r\n\r\n",
    ];
    for raw in broken {
        world.arrives_raw(raw);
    }
    world.arrives(&complaint());
    let letters = world.pass().await;
    only(&letters, "hua@mail.example");
    let held = inbox::held(&world.house.desk.store).await.expect("store");
    assert_eq!(held.len(), 3, "{:?}", all_mails(&world).await);
    assert!(held.iter().all(|r| r.reason.as_deref() == Some("unreadable")));
    let told: Vec<_> = to(&letters, "wang@kmu.example").into_iter().filter(|l| l.subject.contains("隔離")).collect();
    assert_eq!(told.len(), 3, "{:?}", letters.iter().map(|l| (&l.to, &l.subject)).collect::<Vec<_>>());
    assert!(told.iter().all(|l| l.text.contains("內容無法讀取")), "{}", told[0].text);
    assert_eq!(world.cases().await.len(), 1);
    // Who opens the mailbox finds it in the folder for such mails, where it can be told from others by its Message-ID.
    assert_eq!(world.dovecot.list(SERVICE, "Quarantine").len(), 1);
    assert_eq!(world.dovecot.list(SERVICE, "Processed").len(), 3);
    // The digest lists them as long as they wait.
    world.at("2026-03-04T08:31:00+08:00");
    let letters = world.pass().await;
    let digest = only(&letters, "wang@kmu.example");
    for row in &held {
        assert!(digest.text.contains(&row.id), "{}", digest.text);
    }
    // Released, a mail is read again; still unreadable, it is held again and told again.
    let mut tx = world.house.desk.store.begin().await.expect("a transaction");
    inbox::release(&mut tx, &held[0].id).await.expect("held");
    inbox::drop(&mut tx, &held[1].id).await.expect("held");
    tx.commit().await.expect("commit");
    world.pass().await;
    let states: Vec<Custody> = all_mails(&world).await.iter().map(|r| r.state).collect();
    assert_eq!(states.iter().filter(|s| **s == Custody::Held).count(), 2);
    assert_eq!(states.iter().filter(|s| **s == Custody::Ignored).count(), 1);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_an_attachment_alone_or_without_an_address_is_not_lost() {
    let mut world = World::new().await;
    // Only a picture: there is an address, so it is a complaint that a person must look at.
    world.arrives_raw(b"From: photo@mail.example\r\nTo: service@kmu.example\r\nSubject: \r\nMIME-Version: 1.0\r\nMessage-ID: <p@mail.example>\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n");
    // Only words, and no address to answer.
    world.arrives_raw("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n宿舍停水三天。\r\n".as_bytes());
    let letters = world.pass().await;
    let cases = world.cases().await;
    assert_eq!(cases.len(), 2, "{:?}", all_mails(&world).await);
    only(&letters, "photo@mail.example");
    assert!(!to(&letters, "wang@kmu.example").is_empty());
    assert!(letters.iter().all(|l| l.to.contains('@')));
    sound(&world).await;
}
