//! R30: the daily digest at its hour on working days, true to the minute; one line when there is nothing.

use super::scenes::*;
use crate::support::world::{Letter, Mail, World, only};

async fn digest_at(world: &mut World, when: &str) -> Option<Letter> {
    world.at(when);
    let letters = world.pass().await;
    let found: Vec<&Letter> = letters.iter().filter(|l| l.to == "wang@kmu.example" && l.subject.contains("案件摘要")).collect();
    assert!(found.len() <= 1, "{:?}", seen(&letters));
    found.first().map(|l| (*l).clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_hour_on_working_days_and_never_made_up() {
    let mut world = World::new().await;
    assert!(digest_at(&mut world, "2026-03-03T09:00:00+08:00").await.is_none(), "its hour passed before the first start");
    assert!(digest_at(&mut world, "2026-03-04T08:29:00+08:00").await.is_none());
    let digest = digest_at(&mut world, "2026-03-04T08:30:00+08:00").await.expect("a digest");
    assert_eq!(digest.to, "wang@kmu.example");
    holds(&digest.subject, &["無待辦事項"]);
    holds(&digest.text, &["今日無待辦事項，系統運作正常。", "（星期三）"]);
    assert!(digest.button("核准").is_none() && !digest.html.contains("mailto:"), "digests ask for nothing");
    assert!(digest_at(&mut world, "2026-03-04T08:31:00+08:00").await.is_none(), "once");
    assert!(digest_at(&mut world, "2026-03-07T09:00:00+08:00").await.is_none(), "Saturday");
    assert!(digest_at(&mut world, "2026-03-08T09:00:00+08:00").await.is_none(), "Sunday");
    assert!(digest_at(&mut world, "2026-03-09T08:30:00+08:00").await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_it_is_no_complaint_and_is_not_lost() {
    let mut world = World::new().await;
    world.at("2026-03-03T09:00:00+08:00");
    world.pass().await;
    let digest = digest_at(&mut world, "2026-03-04T08:30:00+08:00").await.expect("a digest");
    world.arrives(&digest.reply("王秘書 <wang@kmu.example>", "115-0001 那一案請再催一下教務處。"));
    world.later(600);
    let letters = world.pass().await;
    assert!(world.cases().await.is_empty(), "no case, no receipt to the office: {:?}", seen(&letters));
    holds(&only(&letters, "wang@kmu.example").text, &["回覆的是案件摘要", "改以回覆該案的信件"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_figures_are_true() {
    let mut world = World::new().await;
    // 0001 answered and not satisfied; 0002 in triage; 0003 waits for the head; 0004 with its unit, its forward bounced; 0005 secret.
    let answer = answered(&mut world).await;
    world.arrives(&Mail { authentic: false, ..answer.reply(STUDENT, "不滿意，只加選了一門。") });
    world.pass().await;
    world.arrives(&complaint("圖書館閉館時間", "圖書館週末五點就閉館，希望延長。"));
    world.pass().await;
    world.arrives(&Mail {
        from: "林大明 <ming@mail.example>".into(),
        subject: "成績登錄錯誤".into(),
        text: "微積分成績登錄錯誤，請更正。電話 0912-345-678".into(),
        ..Mail::default()
    });
    let letters = world.pass().await;
    let forward = only(&letters, "academic@kmu.example").clone();
    reply(&mut world, &forward, CHEN, "擬答覆：\n已更正。").await;
    world.arrives(&Mail {
        from: "Mary Smith <mary@mail.example>".into(),
        subject: "宿舍熱水".into(),
        text: "宿舍三樓熱水壞了一週。".into(),
        ..Mail::default()
    });
    world.pass().await;
    world.arrives(&Mail {
        from: "張三豐 <san@mail.example>".into(),
        subject: "不公".into(),
        text: "請保密。系上評分不公。".into(),
        ..Mail::default()
    });
    world.pass().await;
    let digest = digest_at(&mut world, "2026-03-04T08:30:00+08:00").await.expect("a digest");
    for line in ["新收　5", "待分派　2", "待追認　3", "單位處理中　2", "待核示　1", "不滿意　1"] {
        holds(&digest.text, &[line]);
    }
    holds(&digest.text, &["115-0003", "林教務長", "陳○華", "林○明", "收信"]);
    silent_about(&digest, &["陳小華", "林大明", "0912-345-678", "hua@mail.example", "張三豐"]);
    assert!(!digest.text.contains("張○豐") && !digest.text.contains("不公"), "密件 shows nothing: {}", digest.text);
    assert!(!digest.text.contains("逾期　") && !digest.text.contains("隔離　"), "empty sections are left out");
    // Nearer the deadline: soon, today, overdue.
    let soon = digest_at(&mut world, "2026-03-11T08:30:00+08:00").await.expect("a digest");
    holds(&soon.text, &["即將到期　5"]);
    let today = digest_at(&mut world, "2026-03-12T08:30:00+08:00").await.expect("a digest");
    holds(&today.text, &["今日到期　5", "今日"]);
    let over = digest_at(&mut world, "2026-03-13T08:30:00+08:00").await.expect("a digest");
    holds(&over.text, &["逾期　5", "已逾期 1 個工作日"]);
    assert!(over.subject.contains("逾期 5"), "what is pressing stands first: {}", over.subject);
    assert!(!over.text.contains("【警示"), "{}", over.text);
}
