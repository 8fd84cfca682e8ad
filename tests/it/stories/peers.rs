//! What hurt the users of other systems and was proved nowhere else here: the rows of tests/stories/peers.md that name this file.

use redress::domain::state::State;
use redress::store::inbox::{self, NewMail, State as Custody};
use redress::store::{cases, ledger};

use super::stage::{ANSWER, CHEN, STUDENT, complaint, essence, forwarded, sound};
use crate::support::world::{Letter, Mail, SERVICE, World, only, to};

/// 200 mails, each broken in its own way.
fn broken(n: u64) -> Vec<u8> {
    let mut state = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let noise: Vec<u8> = (0..400).map(|_| u8::try_from(next() % 256).unwrap_or(0)).collect();
    let head = format!("From: broken{n}@mail.example\r\nSubject: broken {n}\r\nMessage-ID: <b{n}@mail.example>\r\n");
    let text = |body: &[u8]| [head.as_bytes(), b"Content-Type: text/plain; charset=utf-8\r\n\r\n", body].concat();
    match n % 10 {
        0 => noise,
        1 => text(&noise),
        2 => [head.as_bytes(), b"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n", &noise].concat(),
        3 => [head.as_bytes(), b"Content-Type: text/plain; charset=no-such-set\r\nContent-Transfer-Encoding: base64\r\n\r\n", &noise]
            .concat(),
        4 => format!("Subject: nobody {n}\r\n\r\n").into_bytes(),
        5 => [b"\0\0\0\0".as_slice(), head.as_bytes(), b"\r\n\0x\0"].concat(),
        6 => [head.as_bytes(), "X: y\r\n".repeat(3000).as_bytes(), b"\r\nx"].concat(),
        7 => format!("From: =?big5?B?{}?=\r\nSubject: =?utf-8?q?=ff=fe?=\r\n\r\n{}", "A".repeat(500), "=?".repeat(200)).into_bytes(),
        8 => {
            let open: String = (0..60).map(|d| format!("Content-Type: multipart/mixed; boundary=\"{d}\"\r\n\r\n--{d}\r\n")).collect();
            [head.as_bytes(), open.as_bytes(), &noise].concat()
        }
        _ => text(&[b"a".repeat(200_000).as_slice(), &noise].concat()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_broken_mails_hold_up_no_good_one() {
    let mut world = World::new().await;
    world.house.desk.press = None;
    let desk = world.house.desk.clone();
    let mut batch: Vec<Vec<u8>> = (0..200).map(broken).collect();
    batch.push(world.bytes(&complaint()));
    let mails = (1..).zip(batch).map(|(uid, raw)| NewMail {
        mailbox: SERVICE.into(),
        folder: "INBOX".into(),
        uidvalidity: 1,
        uid,
        internal_at: world.clock.now(),
        raw,
        truncated_size: None,
    });
    inbox::take_in(&desk.store, &desk.chance, world.clock.now(), mails.collect()).await.expect("taken");
    desk.receive_all().await.expect("read");
    let all = inbox::all(&desk.store).await.expect("inbox");
    let good = all.iter().find(|row| row.uid == 201).expect("the good one");
    assert_eq!(good.state, Custody::Done);
    let of = cases::by_id(&desk.store, good.case_id.as_deref().expect("a case")).await.expect("store").expect("there");
    assert_eq!(of.complainant_key.as_deref(), Some("hua@mail.example"));
    assert!(all.iter().all(|row| row.state != Custody::New), "none waits to be read again and again");
    let line = ledger::read(&desk.store).await.expect("ledger").remove(0);
    assert_eq!((line.seen, line.waiting), (201, 0));
    assert!(line.held > 0 && line.held < 201, "{line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_people_read_or_move_in_is_taken_all_the_same() {
    let mut world = World::new().await;
    let mut person = world.dovecot.talk(SERVICE);
    for n in 0..2 {
        let raw = world
            .bytes(&Mail { from: format!("seen{n}@mail.example"), text: format!("選課第 {n} 次失敗，請處理。"), ..complaint() });
        world.arrives_raw(&raw);
    }
    // A colleague opens one in his mail program, flags it, and drags another from a folder of last year's.
    for line in ["SELECT INBOX", "STORE 1 +FLAGS (\\Seen \\Flagged)", "CREATE Elsewhere"] {
        assert!(person.command(line).1, "{line}");
    }
    assert_eq!(world.pass().await.iter().filter(|l| l.to.starts_with("seen")).count(), 2);
    let raw = world.bytes(&Mail { from: "late@mail.example".into(), text: "去年的選課申訴，請處理。".into(), ..complaint() });
    person.append("Elsewhere", &raw, Some("01-Mar-2026 08:00:00 +0800"));
    for line in ["SELECT Elsewhere", "STORE 1 +FLAGS (\\Seen)", "MOVE 1 INBOX"] {
        assert!(person.command(line).1, "{line}");
    }
    only(&world.pass().await, "late@mail.example");
    assert_eq!(world.cases().await.len(), 3);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_days_away_every_mail_is_taken() {
    let mut world = World::new().await;
    world.house.desk.press = None;
    let received = std::time::SystemTime::now() - std::time::Duration::from_secs(10 * 86_400);
    let mails: Vec<Vec<u8>> = (0..500)
        .map(|n| {
            world.bytes(&Mail {
                from: format!("away{n}@mail.example"), text: format!("選課第 {n} 次失敗，請處理。"), ..complaint()
            })
        })
        .collect();
    world.dovecot.fill(SERVICE, mails, received);
    let passed = redress::daemon::run_once(&world.house).await.expect("a pass");
    assert_eq!((passed.taken, passed.unreachable), (500, false));
    let line = ledger::read(&world.house.desk.store).await.expect("ledger").remove(0);
    assert_eq!((line.seen, line.cased, line.missing, line.waiting), (500, 500, 0, 0));
}

/// A reply of the complainant with only this much left of what leads to the case.
fn stripped(receipt: &Letter, what: &str) -> Mail {
    let bare =
        Mail {
            from: STUDENT.into(), subject: "補充資料".into(), text: format!("補充（{what}）：我的學號是 A123。"), ..Mail::default()
        };
    match what {
        "address" => Mail { to: receipt.reply_to.clone(), ..bare },
        "In-Reply-To" => Mail { headers: vec![format!("In-Reply-To: <{}>", receipt.message_id)], ..bare },
        "References" => Mail { headers: vec![format!("References: <x@mail.example> <{}>", receipt.message_id)], ..bare },
        "subject" => Mail { subject: format!("Re: {}", receipt.subject), ..bare },
        _ => bare,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_finds_its_case_while_one_mark_is_left_and_nobody_guesses_when_none_is() {
    let mut world = World::new().await;
    world.arrives(&complaint());
    let receipt = only(&world.pass().await, "hua@mail.example").clone();
    for what in ["address", "In-Reply-To", "References", "subject"] {
        world.later(60);
        world.arrives(&stripped(&receipt, what));
        let letters = world.pass().await;
        assert_eq!(world.cases().await.len(), 1, "{what}");
        assert!(to(&letters, "wang@kmu.example").iter().any(|l| l.text.contains(what)), "{what}: the office reads it");
    }
    world.later(60);
    world.arrives(&stripped(&receipt, "nothing"));
    world.pass().await;
    assert_eq!(world.cases().await.len(), 2, "it is a case of its own, not a guess");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_with_the_marks_of_two_cases_changes_neither() {
    let mut world = World::new().await;
    let one = forwarded(&mut world).await;
    world.arrives(&Mail { from: "other@mail.example".into(), text: "選課系統又壞了，請處理。".into(), ..complaint() });
    let two = only(&world.pass().await, "academic@kmu.example").clone();
    let before = (essence(&world.case("115-0001").await), essence(&world.case("115-0002").await));
    world.arrives(&Mail {
        to: format!("{}, {}", one.reply_to, two.reply_to),
        headers: Vec::new(),
        ..one.reply(CHEN, &format!("擬答覆：\n{ANSWER}"))
    });
    world.pass().await;
    let first = world.case("115-0001").await;
    assert_eq!((essence(&first), essence(&world.case("115-0002").await)), before);
    assert_ne!(first.state, State::AwaitingApproval);
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blind_copy_is_taken_as_any_other_mail() {
    let mut world = World::new().await;
    world.arrives(&Mail {
        to: "president@kmu.example".into(),
        headers: vec!["Cc: council@kmu.example".into(), format!("Delivered-To: {SERVICE}")],
        ..complaint()
    });
    let letters = world.pass().await;
    only(&letters, "hua@mail.example");
    assert!(letters.iter().all(|l| !l.to.starts_with("president") && !l.to.starts_with("council")), "nobody is answered whom he named");
    sound(&world).await;
}
