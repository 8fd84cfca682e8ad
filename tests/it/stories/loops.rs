//! Machines wired to us for thirty days (T16–T18, PEERS 7): whatever they are, a pair exchanges two automatic mails at most, every
//! mail of theirs is in custody, and honest volume from different people is all answered.

use redress::store::{cases, ledger, outbox};

use super::stage::{complaint, sound};
use crate::support::world::{Letter, Mail, SERVICE, World, to};

/// What a machine writes when it gets a mail; `n`: how often it has.
type Robot = fn(&Letter, usize) -> Option<Mail>;

const MACHINE: &str = "Help Desk <desk@robot.example>";

fn mail(subject: String, text: String, headers: &[&str]) -> Option<Mail> {
    Some(Mail { from: MACHINE.into(), subject, text, headers: headers.iter().map(|h| (*h).to_owned()).collect(), ..Mail::default() })
}

fn quoted(letter: &Letter) -> String {
    letter.text.lines().take(12).map(|l| format!("> {l}\n")).collect()
}

/// Twelve kinds, from the well-mannered to the one that drops every header and rewrites the subject.
const ROBOTS: [(&str, Robot); 13] = [
    ("vacation, RFC 3834", |l, _| {
        mail(
            format!("Re: {}", l.subject),
            "I am away until Monday.".into(),
            &["Auto-Submitted: auto-replied", &format!("In-Reply-To: <{}>", l.message_id)],
        )
    }),
    ("vacation, old mark", |l, _| mail(format!("Re: {}", l.subject), "I am away.".into(), &["Precedence: bulk", "X-Autoreply: yes"])),
    ("vacation, null sender alone", |l, _| mail(format!("Re: {}", l.subject), "I am away.".into(), &["Return-Path: <>"])),
    ("vacation by its subject alone", |l, _| mail(format!("自動回覆: {}", l.subject), "我目前休假中。".into(), &[])),
    ("no header, same text", |_, _| mail("Your mail".into(), "Thank you for writing to us. Somebody will look into it soon.".into(), &[])),
    ("no header, threads", |l, n| {
        mail(
            format!("Re: {}", l.subject),
            format!("We have your mail, reference {n}. {}", quoted(l)),
            &[&format!("In-Reply-To: <{}>", l.message_id)],
        )
    }),
    ("no header, ticket number and a new subject", |_, n| {
        mail(
            format!("[Ticket #{}] received", 4711 + n),
            format!(
                "Thank you for contacting us. Your ticket #{} has been opened and will be answered by our friendly staff within 24 hours.",
                4711 + n
            ),
            &[],
        )
    }),
    ("no header, ticket number, quotes us", |l, n| {
        mail(
            format!("Ticket {n}: we have received your request"),
            format!("Ticket {n} was opened for you by the service team of Robot Limited, please keep this number.\n\n{}", quoted(l)),
            &[],
        )
    }),
    ("challenge and response", |_, n| {
        mail(
            "Please confirm that you are human".into(),
            format!("Your mail waits in quarantine until you confirm it: https://robot.example/confirm/{n}/{}", n * 7919),
            &[],
        )
    }),
    ("a list that sends our mail to all, us among them", |l, _| {
        Some(Mail {
            from: SERVICE.into(),
            subject: format!("[list] {}", l.subject),
            text: l.text.clone(),
            headers: vec!["List-Id: <all.robot.example>".into(), "Precedence: list".into()],
            ..Mail::default()
        })
    }),
    ("read receipts", |l, _| mail(format!("Read: {}", l.subject), "Your message was read.".into(), &["Content-Disposition: inline"])),
    ("another office of our kind, all marks dropped", |l, n| {
        mail(
            format!("已收到您的來信（收件單號 116-{:04}）", n + 1),
            format!(
                "您好：\n\n已收到您的來信，收件單號 116-{:04}，將於 3月{}日前答覆。\n如需補充，請直接回覆本信。\n\n{}",
                n + 1,
                n % 28 + 1,
                quoted(l)
            ),
            &[],
        )
    }),
    ("our letter back, marks dropped", |l, _| mail(l.subject.clone(), l.text.clone(), &[])),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_and_we_exchange_two_automatic_mails_at_most_in_thirty_days() {
    for (kind, robot) in ROBOTS {
        let mut world = World::new().await;
        world.house.desk.press = None;
        // Somebody complained in the machine's name; from then on it answers whatever it gets, and begins anew each week.
        let (mut ours, mut theirs, mut waiting) = (0, 1, 0);
        let begin = |n: usize| Mail {
            from: MACHINE.into(),
            subject: format!("選課 {n}"),
            text: format!("選課系統第 {n} 次無法登入，請協助處理。"),
            ..Mail::default()
        };
        world.arrives(&begin(0));
        for _ in 0..30 {
            for _ in 0..6 {
                world.later(90);
                let letters = world.pass().await;
                let got: Vec<Letter> = to(&letters, "desk@robot.example").into_iter().cloned().collect();
                if got.is_empty() {
                    break;
                }
                ours += got.len();
                for letter in &got {
                    waiting += 1;
                    if let Some(answer) = robot(letter, waiting) {
                        theirs += 1;
                        world.arrives(&answer);
                    }
                }
            }
            world.later(86_400 - 540);
        }
        assert!((1..=2).contains(&ours), "{kind}: {ours} letters to it");
        let line = ledger::read(&world.house.desk.store).await.expect("ledger").remove(0);
        assert_eq!((line.seen, line.missing, line.waiting), (theirs, 0, 0), "{kind}: every mail of it is accounted for");
        sound(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secretariat_hears_of_a_machine_and_its_mails_still_open_cases() {
    let mut world = World::new().await;
    let robot = ROBOTS[6].1;
    world.arrives(&Mail { from: MACHINE.into(), ..complaint() });
    let mut told = 0;
    for n in 0..4 {
        world.later(60);
        let letters = world.pass().await;
        told += to(&letters, "wang@kmu.example")
            .iter()
            .filter(|l| l.subject.contains("系統警示") && l.text.contains("desk@robot.example"))
            .count();
        if let Some(letter) = to(&letters, "desk@robot.example").first() {
            let answer = robot(letter, n).expect("it answers");
            world.arrives(&answer);
        }
    }
    assert_eq!((told, world.cases().await.len()), (1, 3));
    // A person of the same address whose words are his own is answered.
    world.later(86_400);
    world.arrives(&Mail {
        from: MACHINE.into(),
        subject: "停車".into(),
        text: "我是站長本人，停車場的柵欄昨天壓到我的車。".into(),
        ..Mail::default()
    });
    assert_eq!(to(&world.pass().await, "desk@robot.example").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_offices_that_write_to_each_other_fall_silent() {
    let (mut one, mut other) = (World::new().await, World::new().await);
    // A complaint to the one in the other's name: the receipt goes to the other's mailbox, and what that answers comes back.
    one.arrives(&Mail { from: "service@other.example".into(), ..complaint() });
    let (mut sent, mut back) = (0, 0);
    for _ in 0..30 {
        one.later(86_400);
        other.later(86_400);
        for letter in one.pass().await.iter().filter(|l| l.to == "service@other.example") {
            sent += 1;
            other.arrives_raw(&letter.raw);
        }
        for letter in other.pass().await.iter().filter(|l| l.to == SERVICE) {
            back += 1;
            one.arrives_raw(&letter.raw);
        }
    }
    assert_eq!((sent, back), (1, 0));
    assert!(other.cases().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_complaints_of_two_thousand_people_in_an_hour_are_all_acknowledged_and_forwarded() {
    let mut world = World::new().await;
    // Without paper: what is counted here is mails, and sheets have their own tests.
    world.house.desk.press = None;
    let (desk, many) = (world.house.desk.clone(), 2000_usize);
    for hour in 0..4_usize {
        let mut batch = Vec::new();
        for n in hour * many / 4..(hour + 1) * many / 4 {
            let raw = world.bytes(&Mail {
                from: format!("person{n}@mail.example"),
                text: format!("選課系統一直出錯，我是第 {n} 位。"),
                ..complaint()
            });
            batch.push(redress::store::inbox::NewMail {
                mailbox: SERVICE.into(),
                folder: "INBOX".into(),
                uidvalidity: 1,
                uid: i64::try_from(n).expect("few") + 1,
                internal_at: world.clock.now(),
                raw,
                truncated_size: None,
            });
        }
        redress::store::inbox::take_in(&desk.store, &desk.chance, world.clock.now(), batch).await.expect("taken");
        desk.receive_all().await.expect("read");
        world.later(900);
    }
    let kinds = outbox::count_by_kind(&desk.store).await.expect("outbox");
    assert_eq!((kinds.get("acknowledgement"), kinds.get("forward")), (Some(&2000), Some(&2000)), "{kinds:?}");
    assert_eq!(cases::peek_number(&desk.store, "serial").await.expect("serial"), 2000);
    let line = ledger::read(&desk.store).await.expect("ledger").remove(0);
    assert_eq!((line.seen, line.cased, line.held, line.ignored), (2000, 2000, 0, 0));
}
