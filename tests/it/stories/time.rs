//! R25–R28, R57: reminders before, at and after the deadline, urging of who is to decide, more time asked for; on the real calendar.

use std::collections::BTreeSet;

use redress::domain::state::{DeadlineKind, State};

use super::scenes::*;
use crate::support::world::{Letter, World, moment, only, to};

/// A forwarded case that the office has confirmed; gives the forward.
async fn confirmed(world: &mut World) -> Letter {
    let letters = forwarded(world).await;
    let shown = only(&letters, "wang@kmu.example").clone();
    let forward = only(&letters, "academic@kmu.example").clone();
    reply(world, &shown, WANG, "追認").await;
    forward
}

/// Morning and evening of every day from the 4th to the last: who was reminded, and when.
async fn reminded(world: &mut World, last: u32, word: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut out = Vec::new();
    for day in 4..=last {
        for hour in ["09:00", "18:00"] {
            let when = format!("2026-03-{day:02}T{hour}:00+08:00");
            world.at(&when);
            let letters: Vec<Letter> =
                world.pass().await.into_iter().filter(|l| l.subject.contains(word) && !l.subject.contains("案件摘要")).collect();
            let who: BTreeSet<String> = letters.iter().map(|l| l.to.split('@').next().unwrap_or_default().to_owned()).collect();
            assert_eq!(who.len(), letters.len(), "nobody twice at once: {:?}", seen(&letters));
            if !who.is_empty() {
                out.push((format!("{day:02} {hour}"), who));
            }
        }
    }
    out
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_before_at_and_after_the_deadline() {
    let mut world = World::new().await;
    confirmed(&mut world).await;
    let due = world.case(FIRST).await.due_at();
    assert_eq!(due, Some(moment("2026-03-12T17:30:00+08:00")));
    let seen = reminded(&mut world, 25, "期").await;
    let expected = vec![
        ("10 18:00".to_owned(), set(&["chen"])),
        ("12 18:00".to_owned(), set(&["chen", "lin"])),
        ("13 18:00".to_owned(), set(&["chen", "lin", "wang"])),
        ("17 18:00".to_owned(), set(&["chen", "lin", "wang", "lee"])),
    ];
    assert_eq!(seen, expected);
    assert_eq!(world.case(FIRST).await.state, State::Assigned);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_long_sleep_everybody_hears_once() {
    let mut world = World::new().await;
    confirmed(&mut world).await;
    world.at("2026-03-17T18:00:00+08:00");
    let letters = world.pass().await;
    let reminders: Vec<&Letter> = letters.iter().filter(|l| l.subject.contains("逾期提醒")).collect();
    assert_eq!(reminders.len(), 4, "{:?}", seen(&letters));
    holds(&about(&letters, "chen@kmu.example", "逾期提醒").text, &["115年3月12日", "逾期 3 個工作日", "教務處"]);
    assert!(world.pass().await.is_empty());
    world.later(3_600);
    assert!(world.pass().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_is_urged_and_may_decide_by_answering_that() {
    let mut world = World::new().await;
    proposed(&mut world, ANSWER).await;
    let urged = reminded(&mut world, 11, "尚待您核示").await;
    assert_eq!(urged.iter().map(|(day, _)| day.as_str()).collect::<Vec<_>>(), ["04 18:00", "05 18:00", "06 18:00"], "{urged:?}");
    assert!(urged.iter().all(|(_, who)| *who == set(&["lin"])));
    let mut world = World::new().await;
    proposed(&mut world, ANSWER).await;
    world.at("2026-03-04T18:00:00+08:00");
    let letters = world.pass().await;
    let urge = about(&letters, "lin@kmu.example", "尚待您核示").clone();
    assert!(urge.button("核准").is_none() && urge.button("同意").is_none(), "only the request has that button");
    holds(&urge.text, &["您的必修課已為您人工加選完成"]);
    let letters = reply(&mut world, &urge, LIN, "核准").await;
    assert!(to(&letters, "lin@kmu.example").is_empty());
    about(&letters, "wang@kmu.example", "請核示");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_is_urged_to_confirm_and_the_chain_does_not_wait_for_it() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let urged = reminded(&mut world, 9, "追認").await;
    let days: Vec<&str> = urged.iter().filter(|(d, _)| d.ends_with("18:00")).map(|(day, _)| day.as_str()).collect();
    assert_eq!(days, ["04 18:00", "05 18:00", "06 18:00"], "{urged:?}");
    let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    let request = about(&letters, "lin@kmu.example", "請核示").clone();
    let letters = all_agree(&mut world, &request, CHAIN).await;
    only(&letters, HUA);
    // Confirmed after the answer: still possible, by the reminder too.
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    world.at("2026-03-04T18:00:00+08:00");
    let letters = world.pass().await;
    let urge = about(&letters, "wang@kmu.example", "尚待追認").clone();
    holds(&urge.text, &["教務處", "追認", "115年3月4日"]);
    let letters = reply(&mut world, &forward, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    let request = only(&letters, "lin@kmu.example").clone();
    all_agree(&mut world, &request, CHAIN).await;
    assert_eq!(world.case(FIRST).await.state, State::Answered);
    world.arrives(&urge.press("追認", WANG, ""));
    let letters = world.pass().await;
    assert!(letters.is_empty(), "{:?}", seen(&letters));
    let case = world.case(FIRST).await;
    assert!(matches!(case.acceptance, redress::domain::case::Acceptance::Confirmed { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_nobody_assigns_is_the_offices_to_be_urged_about() {
    let mut world = World::new().await;
    in_triage(&mut world).await;
    let urged = reminded(&mut world, 13, "提醒").await;
    assert!(urged.iter().all(|(_, who)| *who == set(&["wang"])), "{urged:?}");
    let days: Vec<&str> = urged.iter().map(|(day, _)| day.as_str()).collect();
    assert_eq!(days, ["04 18:00", "05 18:00", "06 18:00", "10 18:00", "13 18:00"], "{urged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_time_is_asked_for_granted_and_told() {
    let mut world = World::new().await;
    let forward = confirmed(&mut world).await;
    let letters = reply(&mut world, &forward, CHEN, "#展延 3/18 等候廠商報告").await;
    let asked = only(&letters, "wang@kmu.example").clone();
    holds(&asked.text, &["陳承辦", "115年3月18日", "等候廠商報告", "115年3月12日"]);
    assert!(to(&letters, HUA).is_empty());
    assert_eq!(world.case(FIRST).await.due_at(), Some(moment("2026-03-12T17:30:00+08:00")), "asking moves nothing");
    let letters = reply(&mut world, &asked, WANG, "可").await;
    let told = only(&letters, HUA);
    holds(&told.text, &["115年3月18日", "等候廠商報告", FIRST]);
    silent_about(told, &["陳承辦"]);
    holds(&only(&letters, "chen@kmu.example").text, &["115年3月18日"]);
    let case = world.case(FIRST).await;
    assert_eq!(case.extensions, 1);
    let deadline = case.deadlines.iter().find(|d| d.kind == DeadlineKind::Answer).expect("a deadline");
    assert_eq!(deadline.standard_at, Some(moment("2026-03-12T17:30:00+08:00")), "the standard is kept");
    assert!(deadline.due_at > Some(moment("2026-03-18T17:00:00+08:00")));
    // The old date passes without a word.
    world.at("2026-03-13T09:00:00+08:00");
    let letters = world.pass().await;
    assert!(to(&letters, "chen@kmu.example").is_empty(), "{:?}", seen(&letters));
    // By days, and by button; the office does it itself the second time.
    let letters = reply(&mut world, &asked, WANG, "#展延 2日 廠商請求順延").await;
    holds(&only(&letters, HUA).text, &["115年3月20日", "廠商請求順延"]);
    // The profile grants two.
    let letters = reply(&mut world, &forward, CHEN, "#展延 2日 再等").await;
    holds(&only(&letters, "chen@kmu.example").text, &["展延次數已用完"]);
    assert_eq!(world.case(FIRST).await.extensions, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_time_is_refused_with_the_reason() {
    for by_button in [true, false] {
        let mut world = World::new().await;
        let forward = confirmed(&mut world).await;
        world.arrives(&forward.press("申請展延", CHEN, "3日 等候廠商報告"));
        let letters = world.pass().await;
        let asked = only(&letters, "wang@kmu.example").clone();
        world.later(60);
        if by_button {
            world.arrives(&asked.press("不予展延", WANG, "請先電話說明"));
        } else {
            world.arrives(&asked.reply(WANG, "不可，請先電話說明"));
        }
        let letters = world.pass().await;
        assert_eq!(letters.len(), 1, "{:?}", seen(&letters));
        holds(&only(&letters, "chen@kmu.example").text, &["請先電話說明", "115年3月12日"]);
        let case = world.case(FIRST).await;
        assert_eq!((case.extensions, case.extension_asked.clone()), (0, None));
        assert_eq!(case.due_at(), Some(moment("2026-03-12T17:30:00+08:00")));
    }
    // A date that is past, before the one in force, or none at all.
    let mut world = World::new().await;
    let forward = confirmed(&mut world).await;
    for words in ["#展延 3/5 早一點", "#展延 12/31 年底再說", "#展延 看情形 等廠商"] {
        let letters = reply(&mut world, &forward, CHEN, words).await;
        assert_eq!(letters.len(), 1, "{words}: {:?}", seen(&letters));
        holds(&only(&letters, "chen@kmu.example").text, &["日期", "#展延"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_lunar_new_year_and_over_a_make_up_workday() {
    let mut world = World::new().await;
    world.at("2026-02-10T10:00:00+08:00");
    let letters = forwarded(&mut world).await;
    assert_eq!(world.case(FIRST).await.due_at(), Some(moment("2026-02-26T17:30:00+08:00")));
    holds(&only(&letters, HUA).text, &["115年2月26日（星期四）"]);
    holds(&only(&letters, "academic@kmu.example").subject, &["115年2月26日（星期四）"]);
    // 114 年 2 月 8 日（星期六）補行上班.
    let mut world = World::new().await;
    world.at("2025-02-03T10:00:00+08:00");
    forwarded(&mut world).await;
    assert_eq!(world.case("114-0001").await.due_at(), Some(moment("2025-02-11T17:30:00+08:00")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_before_the_first_start_is_not_made_up() {
    let mut world = World::new().await;
    world.at("2026-02-26T10:00:00+08:00");
    world.arrives(&complaint("選課系統", "選課系統一直出錯，請處理。"));
    world.at("2026-03-04T09:00:00+08:00");
    let letters = world.pass().await;
    assert_eq!(letters.len(), 3, "receipt, forward, 追認: {:?}", seen(&letters));
    assert!(world.pass().await.is_empty());
    // From now on it is urged as ever.
    world.at("2026-03-05T18:00:00+08:00");
    let letters = world.pass().await;
    about(&letters, "wang@kmu.example", "提醒：尚待追認");
}
