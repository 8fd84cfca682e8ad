//! Each kind of record for its own time (R38, K 8.1, 8.2): what goes when, what a hold by mail keeps, who may set one, and the record of it all.

use redress::domain::retention::Kept;
use redress::store::{inbox, messages, outbox, purge};

use super::keeping::run;
use super::scenes::{ANSWER, CHAIN, CHEN, FIRST, LEE, STUDENT, WANG, all_agree, answered, holds, reply};
use super::stage::sound;
use crate::support::postgres;
use crate::support::world::{Letter, Mail, World, moment, only, to};

/// The university with times of its own: mails for half a year, surveys for one, the forms for two, newsletters for ninety days.
async fn world(store: &str) -> World {
    let mut world = World::new().await;
    let own = world.dir.path().join("own");
    std::fs::create_dir_all(&own).expect("a folder");
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/procedures/kmu");
    let profile = std::fs::read_to_string(from.join("profile.toml")).expect("shipped");
    let (before, _) = profile.split_once("[[keep]]").expect("the shipped profile says what it keeps");
    let times = [("mails", "6個月"), ("surveys", "1年"), ("record", "2年"), ("handling", "2年"), ("set_aside", "90日"), ("notices", "1年")];
    let keep: String = times.iter().map(|(what, time)| format!("[[keep]]\nwhat = \"{what}\"\ntime = \"{time}\"\n")).collect();
    std::fs::write(own.join("profile.toml"), format!("{before}{keep}")).expect("written");
    std::fs::copy(from.join("survey.toml"), own.join("survey.toml")).expect("copied");
    let path = world.dir.path().join("redress.toml");
    let text = std::fs::read_to_string(&path).expect("config");
    let named = format!("profile = {:?}", own.join("profile.toml").to_string_lossy());
    std::fs::write(&path, text.replacen("profile = \"kmu\"", &named, 1).replacen("sqlite:redress.db", store, 1)).expect("config");
    world.restart().await;
    world
}

/// A closed case, a newsletter, a digest; gives a letter to the office that can still be answered.
async fn closed(world: &mut World) -> Letter {
    let answer = Box::pin(answered(world)).await;
    world.later(600);
    world.arrives(&Mail { authentic: false, ..answer.press("滿意", STUDENT, "") });
    let letters = world.pass().await;
    let closing = to(&letters, "lee@kmu.example")[0].clone();
    reply(world, &closing, LEE, "同意").await;
    world.arrives(&Mail {
        from: "電子報 <news@news.example>".into(),
        subject: "本週電子報".into(),
        text: "本週活動。".into(),
        headers: vec!["List-Id: <news.news.example>".into(), "Precedence: bulk".into()],
        ..Mail::default()
    });
    world.at("2026-03-04T08:31:00+08:00");
    world.pass().await;
    let all = world.sent_to("wang@kmu.example");
    all.into_iter().find(|l| l.button("核准").is_some() || l.button("同意").is_some()).expect("a request")
}

/// A reply, on the heap: a long story holds one such future for each of its turns.
async fn mailed(world: &mut World, letter: &Letter, from: &str, text: &str) -> Vec<Letter> {
    Box::pin(reply(world, letter, from, text)).await
}

async fn each_in_its_time(mut world: World) {
    let request = Box::pin(closed(&mut world)).await;
    let desk = world.house.desk.clone();
    let case = world.case(FIRST).await;
    let kinds = |due: &[redress::desk::Due]| due.iter().flat_map(|d| d.what.clone()).collect::<Vec<_>>();
    world.at("2026-09-03T12:00:00+08:00");
    assert!(desk.purge_due().await.expect("store").is_empty(), "half a year, to the day");
    assert_eq!(desk.strays_due(Kept::SetAside).await.expect("store").len(), 1, "the newsletter's ninety days are over");

    // A hold by the secretariat's mail: with a reason, by the office alone, and it keeps everything of the case.
    world.at("2026-09-05T12:00:00+08:00");
    assert_eq!(kinds(&desk.purge_due().await.expect("store")), [Kept::Mails]);
    let refused = mailed(&mut world, &request, WANG, "#保全").await;
    holds(&only(&refused, "wang@kmu.example").text, &["理由"]);
    let refused = mailed(&mut world, &request, WANG, "#解除保全 已和解").await;
    assert!(to(&refused, "wang@kmu.example").len() == 1 && purge::holds(&desk.store).await.expect("store").is_empty());
    let forward = world.sent_to("academic@kmu.example")[0].clone();
    let refused = mailed(&mut world, &forward, CHEN, "#保全 我想留著").await;
    holds(&only(&refused, "chen@kmu.example").text, &["秘書室"]);
    mailed(&mut world, &request, WANG, "#保全 訴訟鸚鵡").await;
    assert_eq!(purge::holds(&desk.store).await.expect("store"), [(FIRST.to_owned(), "訴訟鸚鵡".to_owned())]);
    let done = Box::pin(desk.purge()).await.expect("purged");
    assert_eq!((done.cases, done.strays), (0, 1), "the newsletter goes, the case stays");
    let (code, said) = run(&world, &["purge", "--dry-run", "--now", "2026-09-05T13:00:00+08:00"]);
    assert!(code == 0 && said.contains("held: 訴訟鸚鵡") && said.contains("6個月") && said.contains("往來信件"), "{said}");
    let trail = super::service::trail(&world, FIRST).await;
    assert!(trail.iter().any(|kind| kind == "hold_set"), "{trail:?}");

    // Lifted by mail; the mails go, the forms and the trail's words stay and replay to the same row.
    mailed(&mut world, &request, WANG, "#解除保全 已和解").await;
    assert!(purge::holds(&desk.store).await.expect("store").is_empty());
    let done = Box::pin(desk.purge()).await.expect("purged");
    assert!(done.cases == 1 && done.erased.events == 0 && done.erased.mails > 3 && done.erased.letters > 3, "{done:?}");
    let kept = world.case(FIRST).await;
    assert!(!kept.is_erased() && kept.text == case.text && kept.drafts == case.drafts && kept.gone == [Kept::Mails].into());
    assert!(messages::for_case(&desk.store, case.id.as_str()).await.expect("store").iter().all(|m| m.text.is_empty()));
    for row in inbox::all(&desk.store).await.expect("store").iter().filter(|r| r.case_id.is_some()) {
        assert!(inbox::raw(&desk.store, &row.id).await.expect("store").is_empty(), "{row:?}");
    }
    sound(&world).await;

    // A year: the survey's answers and the digests; two: the forms, and then nothing is left but figures and a proof.
    world.at("2027-03-05T12:00:00+08:00");
    let done = Box::pin(desk.purge()).await.expect("purged");
    assert!(done.cases == 1 && done.notices >= 1 && done.erased.events > 10, "{done:?}");
    let kept = world.case(FIRST).await;
    assert!(kept.surveys[0].answers.is_empty() && kept.text == case.text && !kept.is_erased());
    let mut digests = outbox::all(&desk.store).await.expect("store");
    digests.retain(|l| l.case_id.is_none() && l.queued_at < moment("2026-03-05T12:00:00+08:00"));
    assert!(!digests.is_empty() && digests.iter().all(|l| l.recipient.is_empty() && l.subject.is_empty()), "{digests:?}");
    sound(&world).await;
    world.at("2028-03-05T12:00:00+08:00");
    assert_eq!(kinds(&desk.purge_due().await.expect("store")), [Kept::Record, Kept::Handling]);
    assert_eq!(Box::pin(desk.purge()).await.expect("purged").cases, 1);
    let kept = world.case(FIRST).await;
    assert!(kept.is_erased() && kept.text.reveal().is_empty() && kept.drafts.is_empty() && kept.surveys.len() == 1);
    let body = serde_json::to_string(&kept).expect("JSON");
    assert!(!body.contains("鸚鵡") && !body.contains("陳小華") && !body.contains(ANSWER));
    sound(&world).await;
    // The record of each deletion: when, by which rule, how.
    let (code, said) = run(&world, &["audit", "deletions"]);
    assert_eq!(code, 0, "{said}");
    holds(&said, &[FIRST, "mails 6個月", "surveys 1年", "record 2年", "set_aside 90日", "notices 1年", "overwritten", "retention"]);
    assert_eq!(run(&world, &["audit", "verify"]).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_goes_in_its_time_and_a_hold_by_mail_keeps_it() {
    let world = Box::pin(world("sqlite:redress.db")).await;
    Box::pin(each_in_its_time(world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_goes_in_its_time_on_postgres() {
    let world = Box::pin(world(&postgres::shared().database())).await;
    Box::pin(each_in_its_time(world)).await;
}

/// The trail on paper: one case's, or all of it, with every hash, and what proves it.
#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_printed_and_says_whether_it_proves_itself() {
    let mut world = World::new().await;
    let request = super::scenes::proposed(&mut world, ANSWER).await;
    all_agree(&mut world, &request, CHAIN).await;
    let (code, said) = run(&world, &["audit", "print", FIRST]);
    assert_eq!(code, 0, "{said}");
    holds(&said, &["高雄示範大學", FIRST, "opened", "proposed", "approved", "王秘書"]);
    let rows = redress::store::events::for_case(&world.house.desk.store, world.case(FIRST).await.id.as_str()).await.expect("store");
    for row in &rows {
        assert!(said.contains(&row.hash) && said.contains(&format!("{} ", row.seq)), "{}", row.kind);
    }
    assert!(!said.contains("陳小華") && !said.contains("人工加選"), "what was said is not printed: the trail may be shown: {said}");
    let (code, all) = run(&world, &["audit", "print", "--out", "trail.txt"]);
    let text = std::fs::read_to_string(world.dir.path().join("trail.txt")).expect("written");
    assert!(code == 0 && rows.iter().all(|r| text.contains(&r.hash)), "{all}");
}

/// As PDF for the file: readable, the same bytes each time, every hash on it, and nothing that anybody said.
#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_printed_as_pdf_alike_each_time() {
    let mut world = World::new().await;
    let request = super::scenes::proposed(&mut world, ANSWER).await;
    all_agree(&mut world, &request, CHAIN).await;
    let store = world.house.desk.store.clone();
    let rows = redress::store::events::for_case(&store, world.case(FIRST).await.id.as_str()).await.expect("store");
    let file = |name: &str| std::fs::read(world.dir.path().join(name)).expect("written");
    for name in ["one.pdf", "two.pdf"] {
        let (code, said) = run(&world, &["audit", "print", FIRST, "--pdf", name]);
        assert!(code == 0 && said.contains(&format!("{} events", rows.len())), "{said}");
        world.later(3600);
    }
    assert!(file("one.pdf").starts_with(b"%PDF") && file("one.pdf") == file("two.pdf"), "the same trail gives the same bytes");
    let (code, said) = run(&world, &["audit", "print", "--pdf", "all.pdf"]);
    assert_eq!(code, 0, "{said}");
    let head = redress::store::events::head(&store).await.expect("store").hash;
    for name in ["one.pdf", "all.pdf"] {
        let words: String = redress::render::pdf_words(&file(name)).split_whitespace().collect();
        holds(&words, &["作業軌跡", "高雄示範大學", FIRST, "王秘書", "雜湊鏈完整", "立案（opened）", "來信人", "（approved）", &head]);
        for row in &rows {
            assert!(words.contains(&row.hash), "{name}: {} {}", row.kind, row.hash);
        }
        assert!(!words.contains("陳小華") && !words.contains("人工加選"), "{words}");
    }
    if let Ok(folder) = std::env::var("REDRESS_LETTERS") {
        std::fs::copy(world.dir.path().join("one.pdf"), std::path::Path::new(&folder).join("trail.pdf")).expect("kept");
        std::fs::copy(world.dir.path().join("all.pdf"), std::path::Path::new(&folder).join("trail-all.pdf")).expect("kept");
    }
    let (code, _) = run(&world, &["audit", "print", FIRST, "--pdf", "x.pdf", "--out", "x.txt"]);
    assert_eq!(code, 2, "one or the other");
}
