//! Machines that answer (R9, T16): out of office, lists, our own letters coming back. Nobody is answered, nothing changes.

use redress::store::inbox::State as Custody;

use super::stage::{ANSWER, answered, before_the_chief, essence, forwarded, last_mail, sound};
use crate::support::world::{Letter, Mail, SERVICE, World, only};

/// Ways in which mail systems say that somebody is away.
fn away(letter: &Letter, from: &str) -> Vec<(&'static str, Mail)> {
    let thread = [format!("In-Reply-To: <{}>", letter.message_id)];
    let with = |subject: String, text: &str, more: &[&str]| Mail {
        subject,
        text: text.to_owned(),
        headers: thread.iter().cloned().chain(more.iter().map(|h| (*h).to_owned())).collect(),
        ..letter.reply(from, "")
    };
    let old = &letter.subject;
    vec![
        (
            "RFC 3834, zh-TW",
            with(
                format!("自動回覆: {old}"),
                "您好，我於 3/2 至 3/6 請假，急事請洽代理人李小姐分機 2102。",
                &["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"],
            ),
        ),
        (
            "RFC 3834, en",
            with(format!("Automatic reply: {old}"), "I am out of the office until Monday.", &["Auto-Submitted: auto-replied"]),
        ),
        ("only the subject, zh-TW", with(format!("自動回覆：{old}"), "同意\n我目前不在辦公室。", &[])),
        ("only the subject, en", with(format!("Out of Office: Re: {old}"), "I approve nothing while away. Back on 9 March.", &[])),
        ("only the subject, zh-CN", with(format!("自动回复: {old}"), "您好，我正在休假，同意与否回来再议。", &[])),
        ("RFC 3834, zh-CN", with(format!("自动答复: {old}"), "我目前不在办公室。", &["Auto-Submitted: auto-replied"])),
        ("only the subject, ja", with(format!("自動応答: {old}"), "ただいま外出しております。承認は後日いたします。", &[])),
        ("RFC 3834, ja", with(format!("不在通知: {old}"), "3月9日まで不在です。", &["Auto-Submitted: auto-replied"])),
        ("Precedence", with(format!("Re: {old}"), "休假中，將於下週一回覆。", &["Precedence: auto_reply"])),
        ("an old field", with(format!("Re: {old}"), "核准", &["X-Autoreply: yes"])),
        (
            "vacation(1)",
            with(
                format!("away from my mail: {old}"),
                "I will not be reading my mail for a while.",
                &["Precedence: bulk", "Auto-Submitted: auto-replied (vacation)"],
            ),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_handler_approver_or_complainant_changes_nothing() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    for (what, mail) in away(&forward, "陳承辦 <chen@kmu.example>").into_iter().chain(away(&forward, "教務處 <academic@kmu.example>"))
    {
        world.later(60);
        world.arrives(&mail);
        assert!(world.pass().await.is_empty(), "{what}: somebody was written to");
        assert_eq!(essence(&world.case("115-0001").await), before, "{what}");
        assert!(last_mail(&world).await.0 != Custody::Held, "{what}");
    }
    assert_eq!(world.cases().await.len(), 1);

    let mut world = World::new().await;
    let request = before_the_chief(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    for (what, mail) in away(&request, "李主任秘書 <lee@kmu.example>") {
        world.later(60);
        world.arrives(&mail);
        assert!(world.pass().await.is_empty(), "{what}");
        assert_eq!(essence(&world.case("115-0001").await), before, "{what}");
    }
    // It is noted for the office.
    world.at("2026-03-04T08:31:00+08:00");
    let letters = world.pass().await;
    assert!(only(&letters, "wang@kmu.example").text.contains("自動回覆"));

    let mut world = World::new().await;
    let answer = answered(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    for (what, mail) in away(&answer, "陳小華 <hua@mail.example>") {
        world.later(60);
        world.arrives(&Mail { authentic: false, ..mail });
        assert!(world.pass().await.is_empty(), "{what}");
        assert_eq!(essence(&world.case("115-0001").await), before, "{what}");
    }
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_units_inbox_proves_nobody() {
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    let before = essence(&world.case("115-0001").await);
    world.arrives(&forward.reply("教務處 <academic@kmu.example>", &format!("擬答覆：\n{ANSWER}")));
    let letters = world.pass().await;
    assert_eq!(essence(&world.case("115-0001").await), before);
    assert_eq!(letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), ["wang@kmu.example"], "the office hears of it");
    assert!(only(&letters, "wang@kmu.example").text.contains("人工加選"));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_newsletters_are_set_aside_with_their_reason() {
    let mut world = World::new().await;
    let list = |header: &str| Mail {
        from: "News <news@list.example>".into(),
        subject: "Weekly news".into(),
        text: "All the news.".into(),
        headers: vec![header.to_owned()],
        ..Mail::default()
    };
    for (header, reason) in [
        ("List-Id: <news.list.example>", "list-header"),
        ("List-Unsubscribe: <https://list.example/u>", "list-unsubscribe"),
        ("Precedence: bulk", "precedence"),
    ] {
        world.arrives(&list(header));
        assert!(world.pass().await.is_empty());
        assert_eq!(last_mail(&world).await, (Custody::Ignored, reason.to_owned()));
    }
    assert!(world.cases().await.is_empty());
    // A mailbox that is itself a group: its own list fields stand in every person's mail.
    world.arrives(&Mail {
        headers: vec![format!("List-Post: <mailto:{SERVICE}>"), "List-Id: <service.kmu.example>".into()],
        ..super::stage::complaint()
    });
    let letters = world.pass().await;
    only(&letters, "hua@mail.example");
    assert_eq!(world.cases().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_letters_coming_back_are_ignored() {
    let mut world = World::new().await;
    world.arrives(&super::stage::complaint());
    let letters = world.pass().await;
    let before = essence(&world.case("115-0001").await);
    for letter in &letters {
        // As a rule at the reader's side redirects it: the bytes, with transit lines on top.
        let back =
            [b"Received: from redirect.example by mx.kmu.example; Tue, 3 Mar 2026 09:05:00 +0800\r\n".as_slice(), &letter.raw].concat();
        world.arrives_raw(&back);
        assert!(world.pass().await.is_empty());
        assert_eq!(last_mail(&world).await, (Custody::Ignored, "own_mail".to_owned()));
    }
    assert_eq!(essence(&world.case("115-0001").await), before);
    // Two offices that write to each other: the other one's mark is a machine's too.
    world.arrives(&Mail {
        headers: vec!["X-Redress-Loop: zzzzzzzz".into(), "Auto-Submitted: auto-replied".into()],
        ..super::stage::complaint()
    });
    assert!(world.pass().await.is_empty());
    assert_eq!(world.cases().await.len(), 1);
    // A mail from our own address without any mark is shown to a person.
    world.arrives(&Mail { from: SERVICE.into(), subject: "測試".into(), text: "這是測試。".into(), ..Mail::default() });
    let letters = world.pass().await;
    assert_eq!(letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), ["wang@kmu.example"]);
    assert_eq!(last_mail(&world).await, (Custody::Held, "loop".to_owned()));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_came_through_a_list_or_a_form_is_a_case() {
    let mut world = World::new().await;
    // The school's list: a person complains to all, us among them. The office looks before anybody is written to.
    world.arrives(&Mail {
        subject: "[students] 宿舍冷氣申訴".into(),
        to: "students@lists.kmu.example".into(),
        text: "各位好，我要申訴：宿舍冷氣壞了兩週，反映多次都沒有人處理。".into(),
        headers: vec![
            "List-Id: <students.lists.kmu.example>".into(),
            "List-Unsubscribe: <mailto:students-leave@lists.kmu.example>".into(),
            "Precedence: list".into(),
        ],
        ..super::stage::complaint()
    });
    let letters = world.pass().await;
    assert_eq!(letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), ["wang@kmu.example"], "triage, and nobody else");
    assert!(only(&letters, "wang@kmu.example").text.contains("郵遞論壇"));
    assert_eq!(world.case("115-0001").await.state, redress::domain::state::State::Triage);
    // The web form of the school: a machine sends it, a person wrote it, and he is the complainant.
    world.arrives(&Mail {
        from: "校務意見箱 <noreply@www.kmu.example>".into(),
        subject: "網站意見箱新留言".into(),
        text: "姓名：林小美\nE-mail：mei@mail.example\n電話：07-1234567\n內容：選課系統無法登入，請處理。".into(),
        headers: vec!["Auto-Submitted: auto-generated".into()],
        ..Mail::default()
    });
    let letters = world.pass().await;
    only(&letters, "mei@mail.example");
    only(&letters, "academic@kmu.example");
    assert!(letters.iter().all(|l| !l.to.contains("noreply")));
    let case = world.case("115-0002").await;
    assert!(case.is_complainant("mei@mail.example") && case.complainant.name.reveal() == "林小美");
    // `Auto-Submitted: no` says that it is none (RFC 3834 §5).
    world.arrives(&Mail {
        headers: vec!["Auto-Submitted: no".into()], text: "停車場的柵欄壞了。".into(), ..super::stage::complaint()
    });
    only(&world.pass().await, "hua@mail.example");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_handlers_deputy_is_named() {
    // Who stands in for an absent handler is named: by his own words, or by the directory.
    let mut world = World::new().await;
    let forward = forwarded(&mut world).await;
    let headers = ["Auto-Submitted: auto-replied".to_owned(), format!("In-Reply-To: <{}>", forward.message_id)];
    let text = "我休假至 3/9，業務請洽代理人黃技士（huang@kmu.example）。".to_owned();
    world.arrives(&Mail {
        subject: "自動回覆".into(), text, headers: headers.to_vec(), ..forward.reply("陳承辦 <chen@kmu.example>", "")
    });
    assert!(world.pass().await.is_empty());
    world.at("2026-03-04T08:31:00+08:00");
    let digest = only(&world.pass().await, "wang@kmu.example").text.clone();
    assert!(digest.contains("自動回覆：") && digest.contains("陳承辦（代理人：黃技士）"), "{digest}");
    sound(&world).await;
}
