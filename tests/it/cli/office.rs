//! Cases, forms, the digest and old mail, beside an office that works.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::{Ran, beside, redress_with};
use crate::support::world::{Mail, World, only};

const SUMMARY: [&str; 20] = [
    "number",
    "state",
    "outcome",
    "grade",
    "major",
    "confidential",
    "unit",
    "co_units",
    "categories",
    "channel",
    "subject",
    "complainant",
    "round",
    "opened_at",
    "due_at",
    "answered_at",
    "closed_at",
    "extensions",
    "escalations",
    "closing_way",
];

fn complaint() -> Mail {
    Mail {
        from: "陳小華 <hua@mail.example>".into(),
        subject: "選課系統一直出錯".into(),
        text: "您好：\n\n我是資工系三年級學生陳小華，電話 0912-345-678。\n昨天選課系統一直顯示錯誤，我沒有選到必修課。\n\n陳小華 敬上"
            .into(),
        ..Mail::default()
    }
}

/// A case whose answer the unit's head has approved and the secretariat is asked for.
async fn half_approved(world: &mut World) {
    world.arrives(&complaint());
    let letters = world.pass().await;
    let forward = only(&letters, "academic@kmu.example").clone();
    world.later(600);
    world.arrives(&forward.reply("陳承辦 <chen@kmu.example>", "已請廠商調閱紀錄。\n\n擬答覆：\n陳同學您好：必修課已為您人工加選完成。"));
    let letters = world.pass().await;
    world.later(3600);
    world.arrives(&only(&letters, "lin@kmu.example").reply("林教務長 <lin@kmu.example>", "如擬"));
    world.pass().await;
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn one_case(world: &World) -> Value {
    let ran = beside(world, &["case", "show", "115-0001", "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_listed_shown_and_explained_while_the_office_works() {
    let mut world = World::new().await;
    let ran = beside(&world, &["case", "list", "--json"]);
    assert_eq!((ran.code, ran.json()), (0, Value::Array(Vec::new())), "an office without cases");
    half_approved(&mut world).await;
    // As beside a running service, which holds the lock.
    let _lock = world.house.desk.store.lock_instance().expect("the lock is free");

    let list = beside(&world, &["case", "list", "--json"]).json();
    let listed = &list[0];
    assert_eq!(keys(listed), SUMMARY);
    assert_eq!(listed["number"], "115-0001");
    assert_eq!(listed["state"], "awaiting_approval");
    assert_eq!(listed["unit"], "academic");
    assert_eq!(listed["complainant"]["address"], "hua@mail.example");
    assert_eq!(listed["opened_at"], "2026-03-03T09:00:00+08:00");
    assert_eq!(listed["due_at"], "2026-03-12T17:30:00+08:00");
    assert_eq!((&listed["round"], &listed["outcome"], &listed["grade"]), (&Value::from(1), &Value::Null, &Value::Null));

    let shown = one_case(&world);
    for key in SUMMARY {
        assert_eq!(shown[key], listed[key], "{key}");
    }
    let handling = &shown["handling"];
    assert_eq!((&handling["handler"], &handling["missing"]), (&Value::from("chen"), &Value::Array(Vec::new())));
    assert!(handling["fields"].is_object() && handling["steps"].is_array() && handling["notes"].is_array(), "{handling}");
    let messages = shown["messages"].as_array().expect("messages");
    assert_eq!(messages[0]["direction"], "in");
    assert_eq!(messages[0]["from"], "hua@mail.example");
    assert!(messages[0]["text"].as_str().expect("text").contains("我沒有選到必修課"));
    let forward = messages.iter().find(|m| m["kind"] == "forward").expect("the forward");
    assert_eq!((&forward["direction"], &forward["to"][0]), (&Value::from("out"), &Value::from("academic@kmu.example")));
    for message in messages {
        for key in ["direction", "kind", "from", "to", "subject", "message_id", "at", "text"] {
            assert!(message.get(key).is_some(), "{key} in {message}");
        }
        assert!(message["at"].as_str().expect("at").ends_with("+08:00"));
    }
    let deadline = &shown["deadlines"][0];
    assert_eq!((&deadline["kind"], &deadline["missed"], &deadline["met_at"]), (&Value::from("answer"), &Value::from(false), &Value::Null));
    let approvals = shown["approvals"].as_array().expect("approvals");
    assert_eq!(approvals.len(), 2, "{approvals:?}");
    assert_eq!((&approvals[0]["person"], &approvals[0]["decision"]), (&Value::from("lin"), &Value::from("approved")));
    assert_eq!(approvals[0]["at"], "2026-03-03T10:10:00+08:00");
    assert_eq!(
        (&approvals[1]["person"], &approvals[1]["decision"], &approvals[1]["stage"]),
        (&Value::from("wang"), &Value::Null, &Value::from("answer"))
    );
    let trail = shown["trail"].as_array().expect("trail");
    assert_eq!(trail[0]["event"], "opened");
    assert!(trail.iter().any(|e| e["event"] == "approved" && e["actor"] == "lin" && e["hash"].as_str().is_some_and(|h| h.len() == 64)));

    let text = beside(&world, &["case", "list"]).out;
    assert!(text.contains("115-0001") && text.contains("陳核中") && text.contains("教務處"), "{text}");
    let text = beside(&world, &["case", "show", "115-0001"]).out;
    for word in ["陳核中", "單位主管", "林教務長（lin）", "核准", "待核", "答覆期限", "作業軌跡", "我沒有選到必修課"]
    {
        assert!(text.contains(word), "{word} in\n{text}");
    }
    let text = beside(&world, &["case", "explain", "115-0001"]).out;
    for word in ["擬稿", "陳承辦（chen）", "林教務長（lin）", "憑據：", "待核"] {
        assert!(text.contains(word), "{word} in\n{text}");
    }
    assert!(!text.contains("cli."), "every label has its words:\n{text}");

    let ran = beside(&world, &["case", "show", "115-0099"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("case list") && ran.out.is_empty(), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_deadline_shows_as_missed_and_only_then() {
    let mut world = World::new().await;
    world.arrives(&complaint());
    world.pass().await;
    world.at("2026-03-12T17:29:00+08:00");
    world.pass().await;
    assert_eq!(one_case(&world)["deadlines"][0]["missed"], false);
    world.at("2026-03-12T18:00:00+08:00");
    world.pass().await;
    assert_eq!(one_case(&world)["deadlines"][0]["missed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_says_whether_the_trail_makes_the_same_case() {
    let mut world = World::new().await;
    half_approved(&mut world).await;
    let ran = beside(&world, &["case", "replay", "115-0001"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("same: "), "{}", ran.out);
    super::records::tamper(&world, "UPDATE cases SET body = replace(body, '\"major\":false', '\"major\":true')").await;
    let ran = beside(&world, &["case", "replay", "115-0001"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("different"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_printed_for_its_owner_alone() {
    let mut world = World::new().await;
    world.arrives(&complaint());
    world.pass().await;
    let out = world.dir.path().join("表.pdf");
    let path = out.to_str().expect("path");
    let ran = beside(&world, &["form", "115-0001", "--form", "record", "--out", path]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(std::fs::read(&out).expect("the form").starts_with(b"%PDF"));
    assert_eq!(std::fs::metadata(&out).expect("the form").permissions().mode() & 0o777, 0o600);
    let ran = beside(&world, &["form", "115-0001", "--form", "recipe", "--out", path]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("record") && ran.err.contains("handling"), "{}", ran.err);
    let nowhere = world.dir.path().join("none/x.pdf");
    let ran = beside(&world, &["form", "115-0001", "--form", "record", "--out", nowhere.to_str().expect("path")]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("x.pdf"), "{}", ran.err);
}

fn digests(world: &World) -> usize {
    let subject =
        |raw: &[u8]| mail_parser::MessageParser::default().parse(raw).and_then(|m| m.subject().map(str::to_owned)).unwrap_or_default();
    world.smtp.mails().iter().filter(|m| m.to == ["wang@kmu.example"] && subject(&m.raw).contains("案件摘要")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_is_printed_and_sent() {
    let mut world = World::new().await;
    world.arrives(&complaint());
    world.pass().await;
    let before = digests(&world);
    let ran = beside(&world, &["digest", "--now", "2026-03-04T10:00:00+08:00"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("115-0001") && ran.out.contains("教務處"), "{}", ran.out);
    assert!(!ran.out.contains("陳小華"), "names are masked: {}", ran.out);
    assert_eq!(digests(&world), before + 1);

    // Beside a running service it is queued, and the service sends it.
    let lock = world.house.desk.store.lock_instance().expect("the lock is free");
    let ran = beside(&world, &["digest", "--now", "2026-03-04T11:00:00+08:00"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("running service"), "{}", ran.err);
    assert_eq!(digests(&world), before + 1);
    drop(lock);
    world.at("2026-03-04T11:00:00+08:00");
    world.pass().await;
    assert_eq!(digests(&world), before + 2);

    // Nobody takes it.
    let config = world.dir.path().join("redress.toml");
    let nobody = crate::support::dovecot::free_port().to_string();
    let ran = redress_with(&config, &[("REDRESS__SMTP__PORT", &nobody)], &["digest", "--now", "2026-03-04T12:00:00+08:00"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("redress doctor"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_mail_waits_for_a_word_and_a_dry_run_changes_nothing() {
    let world = World::new().await;
    let config = world.dir.path().join("redress.toml");
    let run = |args: &[&str]| -> Ran { redress_with(&config, &[("REDRESS__MAILBOXES__0__TAKE_SINCE", "7d")], args) };
    let mail = "From: a@mail.example\r\nTo: service@kmu.example\r\nSubject: =?utf-8?B?5pen5L+h?=\r\nMessage-ID: <old@mail.example>\r\n\r\nhello, the heating in the dormitory is cold\r\n";
    world.dovecot.append(crate::support::world::SERVICE, "INBOX", mail.as_bytes(), Some("01-Mar-2026 09:00:00 +0800"));

    let ran = run(&["run", "--dry-run"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 mails on the server"), "{}", ran.out);
    assert_eq!(run(&["old-mail", "accept", "service@kmu.example"]).code, 1, "nothing was listed yet");

    let once = ["run", "--once", "--now", "2026-12-01T09:00:00+08:00"];
    assert_eq!(run(&once).code, 0);
    assert_eq!(run(&["case", "list", "--json"]).json(), Value::Array(Vec::new()));
    assert!(run(&["old-mail", "list"]).out.contains("service@kmu.example: 1 older"), "{:?}", run(&["old-mail", "list"]));
    let ran = run(&["old-mail", "accept", "nobody@kmu.example"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("service@kmu.example"), "{}", ran.err);
    let ran = run(&["old-mail", "accept", "Service@kmu.example"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(run(&once).code, 0);
    assert_eq!(run(&["case", "list", "--json"]).json().as_array().map(Vec::len), Some(1));
    assert_eq!(run(&["old-mail", "accept", "service@kmu.example"]).code, 1, "it was said already");
    assert_eq!(run(&["audit", "verify"]).code, 0);
}
