//! F20 and T29: the folder of sent mails. A letter without an answer is looked for there before it goes once more; a mail that lies
//! there and is none of ours is told to the office. And R51: the mailbox's mail to itself.

use redress::daemon::{House, Passed, rebuild, run_once};
use redress::store::{backup, inbox, ledger, meta, outbox};

use super::stage::{self, complaint};
use crate::support::sink::{Fault, Sink};
use crate::support::world::{Letter, SERVICE, World, moment, only, read, to};

/// The university whose mail server has a folder `Sent`.
async fn watched() -> World {
    World::changed(&[("trusted_authserv_id = \"mx.kmu.example\"", "trusted_authserv_id = \"mx.kmu.example\"\nsent_folder = \"Sent\"")], "")
        .await
}

/// Letters leave through a server that misbehaves.
fn through(world: &mut World, sink: &Sink) {
    world.house.delivery.endpoint.port = sink.port;
    world.house.delivery.patience.dot = std::time::Duration::from_secs(1);
}

async fn pass(house: &House) -> Passed {
    // Boxed: a long story holds one such future for each of its passes.
    Box::pin(run_once(house)).await.expect("a pass")
}

fn copies(sink: &Sink, address: &str) -> Vec<Vec<u8>> {
    sink.kept().into_iter().filter(|k| k.to == [address]).map(|k| k.raw).collect()
}

async fn states(world: &World) -> Vec<(String, outbox::State)> {
    let all = outbox::all(&world.house.desk.store).await.expect("outbox");
    all.into_iter().map(|l| (l.recipient, l.state)).collect()
}

fn keep(world: &World, raw: &[u8]) {
    let mut talk = world.dovecot.talk(SERVICE);
    talk.command("CREATE \"Sent\"");
    talk.append("Sent", raw, None);
}

/// A line of the header taken out, folded lines with it.
fn without(raw: &[u8], name: &str) -> Vec<u8> {
    let text = String::from_utf8(raw.to_vec()).expect("ascii");
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    let (mut kept, mut skips) = (Vec::new(), false);
    for line in head.split("\r\n") {
        skips = if line.starts_with([' ', '\t']) {
            skips
        } else {
            line.to_ascii_lowercase().starts_with(&format!("{}:", name.to_ascii_lowercase()))
        };
        if !skips {
            kept.push(line);
        }
    }
    format!("{}\r\n\r\n{body}", kept.join("\r\n")).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_copy_lies_among_the_sent_mails_is_not_sent_twice() {
    // As the server kept it; under another Message-ID (F21); without our own header.
    for provider in ["honest", "renames", "strips"] {
        let mut world = watched().await;
        let sink = Sink::start().await;
        sink.misbehave("hua", Fault::CutAfterDot, 1);
        through(&mut world, &sink);
        world.arrives(&complaint());
        pass(&world.house).await;
        let sent = copies(&sink, "hua@mail.example");
        assert_eq!(sent.len(), 1);
        assert!(states(&world).await.contains(&("hua@mail.example".into(), outbox::State::InDoubt)));
        let kept = match provider {
            "renames" => [b"Message-ID: <made.up@provider.example>\r\n".to_vec(), without(&sent[0], "Message-ID")].concat(),
            "strips" => without(&sent[0], "X-Redress-Letter"),
            _ => sent[0].clone(),
        };
        keep(&world, &kept);
        world.later(60);
        pass(&world.house).await;
        pass(&world.house).await;
        assert!(states(&world).await.contains(&("hua@mail.example".into(), outbox::State::Sent)), "{provider}");
        assert_eq!(copies(&sink, "hua@mail.example").len(), 1, "{provider}");
        stage::sound(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_copy_is_nowhere_goes_once_more_and_the_digest_says_so() {
    let mut world = watched().await;
    let sink = Sink::start().await;
    sink.misbehave("hua", Fault::CutAfterDot, 1);
    through(&mut world, &sink);
    world.arrives(&complaint());
    pass(&world.house).await;
    // Others' copies are no proof of it.
    keep(&world, &copies(&sink, "academic@kmu.example")[0]);
    // The mailbox is out of reach: nobody knows whether the copy is there, and the letter waits.
    world.later(3600);
    world.dovecot.stop();
    assert!(pass(&world.house).await.unreachable);
    assert_eq!(copies(&sink, "hua@mail.example").len(), 1);
    world.dovecot.start_again();
    pass(&world.house).await;
    let sent = copies(&sink, "hua@mail.example");
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1], "the same bytes");
    assert!(states(&world).await.iter().all(|(_, state)| *state == outbox::State::Sent));
    world.at("2026-03-04T08:30:00+08:00");
    pass(&world.house).await;
    let digests: Vec<Letter> = copies(&sink, "wang@kmu.example").iter().map(|raw| read("", "wang@kmu.example", raw)).collect();
    let digest = digests.iter().find(|l| l.subject.contains("案件摘要")).expect("a digest");
    assert!(digest.text.contains("重寄一次") && digest.text.contains("115-0001"), "{}", digest.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_looks_for_fifteen_minutes_before_a_letter_goes_once_more() {
    let mut world = watched().await;
    let sink = Sink::start().await;
    sink.misbehave("hua", Fault::CutAfterDot, 1);
    sink.misbehave("academic", Fault::CutAfterDot, 1);
    through(&mut world, &sink);
    world.arrives(&complaint());
    let stop = tokio_util::sync::CancellationToken::new();
    let mut house = world.house.clone();
    house.config.survey = None;
    let running = tokio::spawn(redress::daemon::run(house, false, stop.clone()));
    until(|| async { states(&world).await.iter().filter(|(_, s)| *s == outbox::State::InDoubt).count() == 2 }).await;
    keep(&world, &copies(&sink, "hua@mail.example")[0]);
    // Minute by minute: the copy of one letter is found, the other waits its time.
    for minute in 1..=14 {
        world.later(60);
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        if minute == 2 {
            until(|| async { states(&world).await.contains(&("hua@mail.example".into(), outbox::State::Sent)) }).await;
        }
    }
    assert_eq!((copies(&sink, "hua@mail.example").len(), copies(&sink, "academic@kmu.example").len()), (1, 1));
    until(|| async {
        world.later(60);
        states(&world).await.contains(&("academic@kmu.example".into(), outbox::State::Sent))
    })
    .await;
    assert_eq!((copies(&sink, "hua@mail.example").len(), copies(&sink, "academic@kmu.example").len()), (1, 2));
    stop.cancel();
    running.await.expect("no panic").expect("drained");
}

/// Waits for something that the service does by itself.
async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it does not come about");
}

/// What a thief writes in the mailbox's own mail program.
fn stolen(n: usize) -> Vec<u8> {
    format!(
        "From: 秘書室 <service@kmu.example>\r\nTo: victim{n}@bank.example\r\nSubject: 急：請匯款\r\nMessage-ID: <thief{n}@webmail.example>\r\n\
         Date: Tue, 3 Mar 2026 10:00:00 +0800\r\n\r\n請匯款到這個帳戶。\r\n"
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_we_did_not_write_is_told_once_and_calmly() {
    let mut world = watched().await;
    // What was there before us is nobody's business.
    keep(&world, &stolen(0));
    world.arrives(&complaint());
    let ours = world.pass().await;
    assert!(to(&ours, "wang@kmu.example").iter().all(|l| !l.subject.contains("警示")));
    for letter in &ours {
        keep(&world, &letter.raw);
    }
    // Somebody else's mail in that folder is not sent as us.
    keep(&world, &String::from_utf8(stolen(7)).expect("text").replace("service@", "lin@").into_bytes());
    world.later(600);
    assert!(world.pass().await.is_empty(), "our own letters are no news");
    keep(&world, &stolen(1));
    world.later(600);
    let letters = world.pass().await;
    let alarm = only(&letters, "wang@kmu.example");
    assert!(alarm.subject.contains("系統警示"), "{}", alarm.subject);
    for word in ["…@bank.example", "thief1@webmail.example", "若為貴單位同仁", "變更信箱密碼"] {
        assert!(alarm.text.contains(word), "{word}: {}", alarm.text);
    }
    for word in ["victim1", "匯款", "thief0", "thief7"] {
        assert!(!alarm.text.contains(word), "{word}: {}", alarm.text);
    }
    world.later(3600);
    assert!(world.pass().await.is_empty(), "told once");
    world.at("2026-03-04T08:30:00+08:00");
    let digest = world.pass().await;
    assert!(only(&digest, "wang@kmu.example").text.contains("非本系統寄出"));
    // A thief who knows our header and puts another letter's into his mail is known all the same.
    let genuine = to(&ours, "hua@mail.example")[0];
    let text = String::from_utf8_lossy(&genuine.raw).into_owned();
    let mark = text
        .split("X-Redress-Letter: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\nX-").next())
        .and_then(|v| v.split("\r\nMIME").next())
        .expect("a mark");
    keep(&world, &[format!("X-Redress-Letter: {mark}\r\n").into_bytes(), stolen(2)].concat());
    world.later(3600);
    assert!(only(&world.pass().await, "wang@kmu.example").text.contains("thief2@webmail.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_them_is_one_letter_and_a_service_tells_within_ten_minutes() {
    let world = watched().await;
    pass(&world.house).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let mut house = world.house.clone();
    house.config.survey = None;
    let running = tokio::spawn(redress::daemon::run(house, false, stop.clone()));
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    for n in 0..30 {
        keep(&world, &stolen(n));
    }
    let began = world.clock.now();
    until(|| async {
        world.later(10);
        !world.smtp.mails().is_empty()
    })
    .await;
    assert!(world.clock.now().unix() - began.unix() <= 600, "within ten minutes");
    stop.cancel();
    running.await.expect("no panic").expect("drained");
    let letters = world.sent_to("wang@kmu.example");
    let alarm = only(&letters, "wang@kmu.example");
    assert!(alarm.text.contains("+10") && alarm.text.matches("變更信箱密碼").count() == 1, "{}", alarm.text);
}

/// A restored store does not know the letters of the time since its backup: their own header proves them.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_our_own_letters_are_no_alarm() {
    let mut world = watched().await;
    pass(&world.house).await;
    let file = world.dir.path().join("yesterday.db");
    backup::copy(&world.house.desk.store, &file).await.expect("backup");
    for n in 0..3 {
        world.arrives(&crate::support::world::Mail { from: format!("many{n}@mail.example"), ..complaint() });
    }
    for letter in world.pass().await {
        keep(&world, &letter.raw);
    }
    // Yesterday's store, with its keys and other letters than those that left.
    world.house.desk.store.close().await;
    let url = format!("sqlite:{}", world.dir.path().join("redress.db").display());
    backup::put_back(&url, &file, None).await.expect("restored");
    world.house = world.another_house().await;
    rebuild(&world.house).await.expect("rebuilt");
    assert_eq!(world.cases().await.len(), 3);
    world.later(600);
    pass(&world.house).await;
    assert!(world.sent_to("wang@kmu.example").iter().all(|l| !l.text.contains("非本系統寄出")));
    let kept = meta::get(&world.house.desk.store, "sent:service@kmu.example").await.expect("store").expect("a mark");
    assert!(kept.contains("\"next\":10"), "all nine were looked at: {kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mailbox_writes_to_itself_and_tells_when_that_does_not_come_in() {
    let mut world = World::with("[probe]\nevery = \"1h\"\nlate_after = \"15m\"\n").await;
    let first = only(&world.pass().await, SERVICE).clone();
    assert!(world.pass().await.is_empty(), "one an hour");
    world.later(38);
    world.arrives_raw(&first.raw);
    assert!(world.pass().await.is_empty(), "nobody is answered");
    assert_eq!(stage::last_mail(&world).await, (inbox::State::Ignored, "probe".to_owned()));
    assert!(world.cases().await.is_empty());
    let balance = ledger::read(&world.house.desk.store).await.expect("ledger");
    assert_eq!((balance[0].seen, balance[0].ignored, balance[0].reasons.get("probe")), (1, 1, Some(&1)));
    // The next one is lost on its way.
    world.at("2026-03-03T10:00:00+08:00");
    let second = only(&world.pass().await, SERVICE).clone();
    world.at("2026-03-03T10:14:00+08:00");
    assert!(world.pass().await.is_empty());
    world.at("2026-03-03T10:15:00+08:00");
    let alarm = only(&world.pass().await, "wang@kmu.example").clone();
    assert!(alarm.text.contains("探測信") && alarm.text.contains("2026-03-03 10:00"), "{}", alarm.text);
    assert!(world.house.desk.probe_is_late().await.expect("store"));
    world.at("2026-03-03T11:00:00+08:00");
    let third = only(&world.pass().await, SERVICE).clone();
    world.at("2026-03-03T11:20:00+08:00");
    assert!(world.pass().await.is_empty(), "told once as long as it lasts");
    // The way is open again: what was lost comes late, the newest ends the alarm.
    world.arrives_raw(&second.raw);
    world.arrives_raw(&third.raw);
    world.pass().await;
    assert!(!world.house.desk.probe_is_late().await.expect("store"));
    world.at("2026-03-04T08:30:00+08:00");
    let letters = world.pass().await;
    let digest = only(&letters, "wang@kmu.example");
    for word in ["探測信逾時未收到", "探測信恢復到達", "探測信到達需時 service@kmu.example 1200 s", "探測信 3"] {
        assert!(digest.text.contains(word), "{word}: {}", digest.text);
    }
    // Whoever writes such a mail himself has neither case nor probe of it.
    let forged = String::from_utf8(first.raw.clone()).expect("ascii").replace("X-Redress-Letter: 0", "X-Redress-Letter: 1");
    world.arrives_raw(forged.as_bytes());
    world.pass().await;
    assert_eq!(stage::last_mail(&world).await.1, "own_mail");
    assert!(world.cases().await.is_empty());
    assert_eq!(moment("2026-03-04T08:30:00+08:00"), world.clock.now());
}
