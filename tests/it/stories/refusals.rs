//! Whatever cannot be done is answered to its sender with the reason, the nearest right form and what is possible; nothing changes by it.
//! One table a situation: who writes what, and what he must hear.

use super::scenes::{CHEN, FIRST, LEE, LIN, WANG, answered, forwarded, in_triage, proposed, seen};
use super::stage::{essence, sound};
use crate::support::world::{Letter, Mail, World, only, to};

/// (who, his address, what he writes, what the answer must hold).
type Row = (&'static str, &'static str, &'static str, &'static [&'static str]);

async fn all_refused(world: &mut World, letter: &Letter, rows: &[Row]) {
    let before = world.case(FIRST).await;
    for (who, address, text, wanted) in rows {
        world.later(61);
        world.arrives(&letter.reply(who, text));
        let letters = world.pass().await;
        assert_eq!(letters.len(), 1, "{text}: {:?}", seen(&letters));
        let answer = only(&letters, address);
        for word in *wanted {
            assert!(answer.text.contains(word), "「{word}」 for {text} in:\n{}", answer.text);
        }
        assert!(answer.text.contains("案件未有任何變更"), "{text}: {}", answer.text);
        let now = world.case(FIRST).await;
        assert_eq!(essence(&now), essence(&before), "{text}");
        assert_eq!(
            (&now.unit, &now.grade, &now.handler, &now.record),
            (&before.unit, &before.grade, &before.handler, &before.record),
            "{text}"
        );
    }
}

const OFFICE: &[Row] = &[
    // misspelt and unknown names of directives, simplified and variant characters
    (WANG, "wang@kmu.example", "#受裡", &["無法辨識", "最接近的寫法：「#受理」", "#分派 單位"]),
    (WANG, "wang@kmu.example", "#结案 無事", &["無法辨識", "「#結案」"]),
    (WANG, "wang@kmu.example", "＃转介 市政府", &["無法辨識", "「#轉介」"]),
    (WANG, "wang@kmu.example", "#asign 教務處", &["無法辨識", "「#assign」"]),
    (WANG, "wang@kmu.example", "#天氣 很好", &["無法辨識", "#自辦"]),
    (WANG, "wang@kmu.example", "#受理\n#分排 教務處", &["無法辨識", "「#分派」"]),
    // unknown names behind them
    (WANG, "wang@kmu.example", "#分派 教务处", &["查無這個名稱：單位 教务处", "「教務處」", "可用的名稱：教務處、總務處"]),
    (WANG, "wang@kmu.example", "#分派 教物處", &["查無這個名稱", "「教務處」"]),
    (WANG, "wang@kmu.example", "#分派 總務處營繕組", &["「總務處」"]),
    (WANG, "wang@kmu.example", "#分派 附設中和紀念醫院", &["查無這個名稱", "可用的名稱：教務處、總務處"]),
    (WANG, "wang@kmu.example", "#分派", &["尚缺單位名稱", "可用的名稱：教務處、總務處"]),
    (WANG, "wang@kmu.example", "#協辦 總物處", &["查無這個名稱", "「總務處」"]),
    (WANG, "wang@kmu.example", "#承辦 陳承辨", &["查無這個名稱：人員 陳承辨", "「陳承辦」"]),
    (WANG, "wang@kmu.example", "#併案 115-0002", &["查無這個名稱：案號 115-0002", "「115-0001」"]),
    (WANG, "wang@kmu.example", "#關聯 113-7777", &["查無這個名稱：案號 113-7777"]),
    (WANG, "wang@kmu.example", "#等級 B", &["查無這個名稱：等級 B"]),
    (WANG, "wang@kmu.example", "#類別 教学", &["查無這個名稱：類別 教学", "「教學」"]),
    (WANG, "wang@kmu.example", "#補登 電話=07-3121101", &["查無這個名稱：欄位 電話", "「聯絡電話」"]),
    // words that are missing
    (WANG, "wang@kmu.example", "#不受理", &["尚缺"]),
    // not in this state
    (WANG, "wang@kmu.example", "#核准", &["狀態不能辦理", "待秘書室分派"]),
    (WANG, "wang@kmu.example", "#續辦 再查", &["狀態不能辦理"]),
    (WANG, "wang@kmu.example", "#結案 無事", &["狀態不能辦理"]),
    (WANG, "wang@kmu.example", "#稽催", &["狀態不能辦理"]),
    (WANG, "wang@kmu.example", "#撤銷", &["狀態不能辦理"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn in_triage_the_office_hears_what_is_wrong_and_what_is_possible() {
    let mut world = World::new().await;
    let letters = in_triage(&mut world).await;
    let triage = only(&letters, "wang@kmu.example").clone();
    all_refused(&mut world, &triage, OFFICE).await;
    sound(&world).await;
}

const UNIT: &[Row] = &[
    (CHEN, "chen@kmu.example", "#進杜 已派員", &["無法辨識", "「#進度」"]),
    (CHEN, "chen@kmu.example", "#展延 3日", &["尚缺理由", "#展延"]),
    (CHEN, "chen@kmu.example", "#展延 2026-02-30 等候報告", &["日期", "目前期限為115年3月12日"]),
    (CHEN, "chen@kmu.example", "#展延 2026-03-01 等候報告", &["日期", "尚可展延 2 次"]),
    (CHEN, "chen@kmu.example", "#展延 2027-03-01 等候報告", &["超過展延上限", "至遲到"]),
    (CHEN, "chen@kmu.example", "#詢問", &["尚缺內容"]),
    (CHEN, "chen@kmu.example", "#退回", &["尚缺理由"]),
    (CHEN, "chen@kmu.example", "#答覆", &["尚缺內容"]),
    (CHEN, "chen@kmu.example", "#分派 總務處", &["權責", "秘書室"]),
    (CHEN, "chen@kmu.example", "#不受理 無理取鬧", &["不在您的權責範圍：秘書室"]),
    (CHEN, "chen@kmu.example", "#結案 已完成", &["不在您的權責範圍"]),
    (CHEN, "chen@kmu.example", "#承辦 黃技士", &["不在您的權責範圍"]),
    (CHEN, "chen@kmu.example", "#核准", &["狀態不能辦理"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_hears_what_it_may_not_and_what_is_missing() {
    let mut world = World::new().await;
    let letters = forwarded(&mut world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    all_refused(&mut world, &forward, UNIT).await;
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approvers_hear_what_is_not_theirs_to_decide() {
    let mut world = World::new().await;
    let request = proposed(&mut world, super::scenes::ANSWER).await;
    let rows: &[Row] = &[
        (LIN, "lin@kmu.example", "#核準", &["無法辨識", "「#核准」"]),
        (LIN, "lin@kmu.example", "#退囘 請補充", &["無法辨識", "「#退回」"]),
        (LIN, "lin@kmu.example", "#自辦", &["不在您的權責範圍"]),
        (LIN, "lin@kmu.example", "#轉介 教育部", &["不在您的權責範圍"]),
    ];
    all_refused(&mut world, &request, rows).await;
    // The writer of a text does not approve it, wherever he writes.
    let before = world.case(FIRST).await;
    world.later(61);
    world.arrives(&request.reply(CHEN, "#核准"));
    let letters = world.pass().await;
    assert!(to(&letters, "chen@kmu.example").len() <= 1, "{:?}", seen(&letters));
    assert_eq!(essence(&world.case(FIRST).await), essence(&before));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_answer_the_office_hears_what_is_too_late() {
    let mut world = World::new().await;
    answered(&mut world).await;
    let letter = world.smtp.mails();
    assert!(!letter.is_empty());
    // Written on the subject alone, as from a phone.
    let mail = |who: &str, text: &str| Mail {
        from: who.into(),
        subject: format!("Re: [{FIRST}]"),
        text: text.into(),
        authentic: true,
        ..Mail::default()
    };
    let before = world.case(FIRST).await;
    for (who, address, text, wanted) in [
        (WANG, "wang@kmu.example", "#分派 總務處", "不能辦理這項指示：已答覆"),
        (WANG, "wang@kmu.example", "#展延 3日 等候", "不能辦理這項指示：已答覆"),
        (CHEN, "chen@kmu.example", "#收案", "不能辦理這項指示：已答覆"),
        (LEE, "lee@kmu.example", "#撤銷", "答覆已經寄出"),
    ] {
        world.later(61);
        world.arrives(&mail(who, text));
        let letters = world.pass().await;
        let answer = only(&letters, address);
        assert!(answer.text.contains(wanted), "{text}: {}", answer.text);
        assert_eq!(essence(&world.case(FIRST).await), essence(&before), "{text}");
    }
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directive_about_no_case_opens_none_and_is_answered() {
    let mut world = World::new().await;
    forwarded(&mut world).await;
    for (subject, text, wanted) in [
        ("115-0009 結案", "#結案 已處理完畢", &["115-0009", "「115-0001」", "#結案 已處理完畢"][..]),
        ("結案", "#結案 已處理完畢", &["找不到所指的案件"][..]),
        ("APPROVE 115-0777", "APPROVE 115-0777 #abcd", &["115-0777"][..]),
    ] {
        world.later(61);
        world.arrives(&Mail { from: WANG.into(), subject: subject.into(), text: text.into(), authentic: true, ..Mail::default() });
        let letters = world.pass().await;
        assert_eq!(letters.len(), 1, "{subject}: {:?}", seen(&letters));
        let answer = only(&letters, "wang@kmu.example");
        for word in wanted {
            assert!(answer.text.contains(word), "「{word}」 for {subject}: {}", answer.text);
        }
        assert_eq!(world.cases().await.len(), 1, "{subject}");
    }
    // Whoever cannot prove that he is of the house complains like anybody.
    world.later(61);
    world.arrives(&Mail { from: WANG.into(), subject: "結案".into(), text: "#結案 選課很糟".into(), ..Mail::default() });
    world.pass().await;
    assert_eq!(world.cases().await.len(), 2);
    sound(&world).await;
}
