//! R80: mails of a form on a web page. Who filled it in complains, whatever address the form writes from; a layout that changed goes to a
//! person and is not lost among bulk mail.

use redress::domain::state::State;

use super::scenes::*;
use crate::support::world::{Mail, World, only, to};

const FORMS: &str = "[[web_forms]]\nfrom = \"noreply@www.kmu.example\"\nsubject = \"意見信箱\"\nlabels = { \"您的大名\" = \"name\", \"回信地址\" = \"email\", \"想說的話\" = \"content\", \"撥打號碼\" = \"phone\" }\n";

fn form(subject: &str, text: &str) -> Mail {
    Mail {
        from: "網站 <noreply@www.kmu.example>".into(),
        subject: subject.into(),
        text: text.into(),
        // As form mailers write: marks of machines and of bulk mail.
        headers: vec!["Auto-Submitted: auto-generated".into(), "Precedence: bulk".into(), "X-Mailer: PHPMailer".into()],
        ..Mail::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_labels_fill_the_record_and_the_complainant_is_the_field() {
    let mut world = World::with(FORMS).await;
    let text = "您的大名：林小美\n回信地址：Mei@mail.example\n撥打號碼：0912-345-678\n想說的話：\n宿舍的冷氣壞了兩週。\n> 管理員說：等等\n請派人來修。\n";
    world.arrives(&form("【意見信箱】網頁留言", text));
    let letters = world.pass().await;
    let case = world.case(FIRST).await;
    assert_eq!(case.complainant.address.as_ref().map(|a| a.reveal().as_str()), Some("mei@mail.example"));
    assert_eq!(case.complainant.name.reveal(), "林小美");
    assert_eq!(case.record.get("phone").map(|v| v.reveal().as_str()), Some("0912345678"));
    only(&letters, "mei@mail.example");
    holds(&only(&letters, "general@kmu.example").text, &["林小美", "宿舍的冷氣壞了兩週。"]);
    assert!(to(&letters, "noreply@www.kmu.example").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layout_that_changed_waits_for_a_person() {
    let mut world = World::with(FORMS).await;
    for (n, (subject, text)) in [
        ("【意見信箱】網頁留言", "Guest #4711 wrote on the contact page\n\n宿舍的冷氣壞了兩週，請派人來修。"),
        ("New submission", "您的大名：林小美\n回信地址：mei@mail.example\n想說的話：選課系統壞了。"),
    ]
    .iter()
    .enumerate()
    {
        world.later(60);
        world.arrives(&form(subject, text));
        let letters = world.pass().await;
        let case = world.case(&format!("115-000{}", n + 1)).await;
        assert_eq!(case.state, State::Triage, "{subject}");
        holds(&only(&letters, "wang@kmu.example").text, &["網頁表單", text.lines().last().expect("words")]);
        assert!(to(&letters, "noreply@www.kmu.example").is_empty());
    }
    // What the form's own mail system reports is a report all the same.
    world.arrives(&Mail {
        headers: vec!["Auto-Submitted: auto-replied".into()],
        text: "Out of office".into(),
        from: "x@elsewhere.example".into(),
        ..Mail::default()
    });
    world.pass().await;
    assert_eq!(world.cases().await.len(), 2);
}
