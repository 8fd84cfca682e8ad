//! Notices by short message: an office's copy of a shipped procedure, changed in its notices alone, and a webhook that takes them,
//! fails for a while, or refuses them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use redress::store::{messages, outbox};

use super::scenes::{about, holds, reply};
use super::service::{CLIENT, DESK};
use crate::support::world::{Mail, World, only, to};

const NUMBER: &str = "2026-0001";

/// A webhook on a real port that answers in turn with these statuses, the last one for ever; keeps what it was posted.
fn webhook(statuses: &[u16]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let (posts, statuses) = (Arc::clone(&kept), statuses.to_vec());
    std::thread::spawn(move || {
        for (n, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("a connection");
            let mut text = Vec::new();
            let mut piece = [0_u8; 1024];
            while !whole(&text) {
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => text.extend_from_slice(&piece[..read]),
                }
            }
            posts.lock().expect("posts").push(String::from_utf8_lossy(&text).into_owned());
            let status = statuses.get(n).or(statuses.last()).copied().unwrap_or(200);
            let _ = stream.write_all(format!("HTTP/1.1 {status} told\r\nContent-Length: 0\r\n\r\n").as_bytes());
        }
    });
    (port, kept)
}

fn whole(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|l| l.strip_prefix("Content-Length: ")).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    body.len() >= length
}

/// PT-P020 with its notice of grade A by short message, in a folder of the office's own.
async fn office(folder: &std::path::Path, sms: &str) -> World {
    let profile = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/procedures/pt/profile.toml"));
    let survey = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/procedures/pt/survey.toml"));
    assert!(profile.contains("by = \"mail\""));
    std::fs::write(folder.join("profile.toml"), profile.replace("by = \"mail\"", "by = \"sms\"")).expect("written");
    std::fs::write(folder.join("survey.toml"), survey).expect("written");
    let path = format!("profile = \"{}\"", folder.join("profile.toml").display());
    World::changed(
        &[("profile = \"kmu\"", path.as_str()), ("roles = [\"chief_secretary\"]", "roles = [\"management\"]\nphone = \"0933-111-222\"")],
        sms,
    )
    .await
}

async fn grave(world: &mut World) -> Vec<crate::support::world::Letter> {
    let mail = Mail {
        from: CLIENT.into(), subject: "叫人鈴無人回應".into(), text: "家母跌倒，無人回應。".into(), ..Mail::default()
    };
    world.arrives(&mail);
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    reply(world, &triage, DESK, "#等級 A 1\n#分派 教務處").await
}

async fn kept(world: &World) -> Vec<(String, Option<outbox::State>)> {
    let case = world.case(NUMBER).await;
    let all = messages::for_case(&world.house.desk.store, case.id.as_str()).await.expect("store");
    all.into_iter().filter(|m| m.kind == "sms").map(|m| (m.to.join(","), m.state)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_message_is_posted_tried_again_and_kept_as_outgoing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, posts) = webhook(&[503, 200]);
    let mut world =
        office(folder.path(), &format!("[sms]\nurl = \"http://127.0.0.1:{port}/send?from=pt\"\ntoken = \"secret-of-the-gateway\"\n")).await;
    let letters = grave(&mut world).await;
    assert!(to(&letters, "lee@kmu.example").is_empty(), "he is told by short message alone");
    // 許校長 has no telephone: the office is to call him.
    holds(&about(&letters, "wang@kmu.example", "請電話通報").text, &["許校長"]);
    // The gateway was busy; the forward went out all the same.
    only(&letters, "academic@kmu.example");
    assert_eq!(kept(&world).await, [("0933-111-222".to_owned(), Some(outbox::State::Later))]);
    world.later(61);
    world.pass().await;
    assert_eq!(kept(&world).await, [("0933-111-222".to_owned(), Some(outbox::State::Sent))]);
    world.later(600);
    world.pass().await;
    let posts = posts.lock().expect("posts").clone();
    assert_eq!(posts.len(), 2, "once taken it is not sent again: {posts:?}");
    let (head, body) = posts[1].split_once("\r\n\r\n").expect("a request");
    holds(head, &["POST /send?from=pt HTTP/1.1", "Authorization: Bearer secret-of-the-gateway", "Content-Type: application/json"]);
    let body: serde_json::Value = serde_json::from_str(body).expect("json");
    assert_eq!(body["to"], "0933-111-222");
    holds(body["text"].as_str().expect("text"), &[NUMBER, "A級", "請優先處理"]);
    assert!(!body.to_string().contains("何曼"), "it names nobody");
    let first: serde_json::Value = serde_json::from_str(posts[0].split_once("\r\n\r\n").expect("a request").1).expect("json");
    assert_eq!(first["id"], body["id"], "the same message has the same id each time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_short_message_is_told_to_the_secretariat() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, posts) = webhook(&[400]);
    let mut world = office(folder.path(), &format!("[sms]\nurl = \"http://127.0.0.1:{port}/send\"\n")).await;
    let letters = grave(&mut world).await;
    let told = about(&letters, "wang@kmu.example", "未送達");
    holds(&told.text, &["0933-111-222", "HTTP 400"]);
    assert_eq!(kept(&world).await, [("0933-111-222".to_owned(), Some(outbox::State::Never))]);
    world.later(86_400);
    world.pass().await;
    assert_eq!(posts.lock().expect("posts").len(), 1, "what was refused is not tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_webhook_a_short_message_becomes_a_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut world = office(folder.path(), "").await;
    let letters = grave(&mut world).await;
    holds(&about(&letters, "wang@kmu.example", "請電話通報").text, &["李主任秘書", "0933-111-222", "許校長"]);
    assert!(kept(&world).await.is_empty());
}
