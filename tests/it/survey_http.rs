//! The survey page over real TCP: what it records, what it never does, and how it bears strangers.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use redress::domain::Language;
use redress::domain::Questionnaire;
use redress::domain::state::Satisfaction;
use redress::survey::check;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::survey::{Desk, KMU, NOW, Office, Response, backend};

fn assert_guarded(response: &Response) {
    assert_eq!(response.header("cache-control"), "no-store");
    assert_eq!(response.header("referrer-policy"), "no-referrer");
    assert_eq!(response.header("x-content-type-options"), "nosniff");
    let policy = response.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    for word in ["unsafe", "http", "*", "script"] {
        assert!(!policy.contains(word), "{policy}");
    }
}

#[tokio::test]
async fn a_page_is_one_form_that_works_without_scripts() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    let page = office.get(&path).await;
    assert_eq!(page.status, 200);
    assert_guarded(&page);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("content-language"), "zh-TW");
    assert!(page.header("content-security-policy").contains("style-src 'sha256-"));
    assert!(page.body.contains("<html lang=\"zh-Hant-TW\">"));
    assert_eq!(page.body.matches("<form").count(), 1);
    assert!(page.body.contains("<form method=\"post\""));
    for foreign in ["<script", "http://", "https://", "src=", "onclick", "@import", "url(", " checked"] {
        assert!(!page.body.contains(foreign), "{foreign}");
    }
    // every choice is wrapped by its label; only the satisfaction question is required
    let choices = page.body.matches("type=\"radio\"").count() + page.body.matches("type=\"checkbox\"").count();
    assert_eq!((choices, page.body.matches("<label class=\"choice\"><input type=").count()), (24, 24));
    assert_eq!(page.body.matches("aria-required=\"true\"").count(), 1);
    assert!(page.body.contains("value=\"dissatisfied\"><span>不滿意</span></label>"));
    // what came from the case is text, whatever is in it
    assert!(page.body.contains("選課系統開放時間之意見 &lt;b&gt;&amp;"));
    assert!(page.body.contains("個人資料保護法"));
    assert!(page.body.contains("<time datetime=\"2026-12-08T09:00:00+08:00\">115年12月8日 09:00</time>"));
}

#[tokio::test]
async fn both_languages_by_case_and_by_switch() {
    let office = Office::open().await;
    let (zh, en) = (office.link(1, Language::ZhTw), office.link(2, Language::En));
    assert!(office.get(&en).await.body.contains("Very dissatisfied <small class=\"gloss\" lang=\"zh-Hant-TW\">非常不滿意</small>"));
    let switched = office.get(&format!("{zh}?lang=en")).await;
    assert!(switched.body.contains("<html lang=\"en\">") && switched.body.contains("href=\"?lang=zh-TW\""));
    assert_eq!(switched.header("content-language"), "en");
    assert!(office.get(&format!("{en}?lang=zh-TW")).await.body.contains("href=\"?lang=en\""));
    assert!(office.get(&format!("{en}?lang=xx%00")).await.body.contains("<html lang=\"en\">"));
    assert!(office.post(&format!("{zh}?lang=en"), "overall=satisfied").await.body.contains("Thank you"));
}

#[tokio::test]
async fn looking_changes_nothing_and_a_filled_form_is_recorded_once() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"] {
        let response = office.raw(&format!("{method} {path}?overall=dissatisfied HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert_guarded(&response);
        let expected = if method == "GET" || method == "HEAD" { 200 } else { 404 };
        assert_eq!(response.status, expected, "{method}");
        assert!(method != "HEAD" || response.body.is_empty());
    }
    assert_eq!(office.desk.told(), []);

    let form =
        "overall=dissatisfied&reasons=slow&reasons=other&reasons.other=%E9%9B%BB%E8%A9%B1&solved=not&comments=%E4%B8%80%0D%0A%3Cscript%3E";
    let done = office.post(&path, form).await;
    assert_eq!(done.status, 200);
    assert_guarded(&done);
    assert!(done.body.contains("已收到您的意見"));
    let told = office.desk.told();
    let survey = Questionnaire::from_toml(KMU).expect("survey");
    assert_eq!(told.len(), 1);
    assert_eq!(survey.verdict(&told[0]), Some(Satisfaction::Dissatisfied));
    let spoken = survey.spoken(&told[0], Language::ZhTw);
    assert_eq!(spoken["reasons"], "處理時間過久、其他、電話");
    assert_eq!(spoken["comments"], "一\n<script>");

    // the same form again, by a double click or a robot
    assert_eq!(office.post(&path, form).await.status, 200);
    assert_eq!(office.desk.told().len(), 1);

    // the page shows what was said, and it may be changed
    let again = office.get(&path).await.body;
    assert!(again.contains("value=\"dissatisfied\" checked") && again.contains("value=\"slow\" checked"));
    assert!(again.contains("name=\"reasons.other\" value=\"電話\"") && again.contains("\n一\n&lt;script&gt;</textarea>"));
    assert!(again.contains("您已填答過"));
    assert_eq!(office.post(&path, "overall=very_satisfied").await.status, 200);
    assert_eq!(survey.verdict(&office.desk.told()[1]), Some(Satisfaction::Satisfied));
}

#[tokio::test]
async fn a_form_without_satisfaction_records_nothing_and_keeps_the_words() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    for form in ["", "solved=fully&comments=thanks", "overall=&comments=thanks", "overall=wonderful&comments=thanks"] {
        let page = office.post(&path, form).await;
        assert_eq!(page.status, 422, "{form}");
        assert_guarded(&page);
        assert!(page.body.contains("role=\"alert\"") && page.body.contains("您的意見尚未送出"));
        assert!(page.body.contains("<a href=\"#q-overall\">") && page.body.contains("id=\"q-overall\""));
        assert!(page.body.contains("aria-invalid=\"true\""));
        assert_eq!(page.body.contains("\nthanks</textarea>"), form.contains("thanks"));
        assert!(!page.body.contains("name=\"overall\" value=\"satisfied\" checked"));
    }
    assert_eq!(office.desk.told(), []);
}

#[tokio::test]
async fn links_that_open_nothing_get_one_and_the_same_page() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    let expected = office.get("/s/aaaaaaaaaaaaaaaaaaaaaaaaaa").await;
    assert_eq!(expected.status, 404);
    assert_guarded(&expected);
    assert!(!expected.body.contains("<form"));
    let others = [
        "/",
        "/s/",
        "/s/x",
        "/s",
        "/s/%00",
        "/s/%ff%fe",
        "/s/../s",
        "/robots.txt",
        &format!("{path}x"),
        &format!("{path}/"),
        &path.replace("/s/", "/S/"),
    ];
    for other in others {
        let page = office.get(other).await;
        assert_eq!((page.status, &page.body), (404, &expected.body), "{other}");
        assert_guarded(&page);
    }
    assert_eq!(office.post("/s/aaaaaaaaaaaaaaaaaaaaaaaaab", "overall=satisfied").await.status, 404);
    // to the second of its end the link lives, then it is as unknown as any
    office.clock.set(NOW.plus_seconds(7 * 86_400 - 1));
    assert_eq!(office.get(&path.to_uppercase().replace("/S/", "/s/")).await.status, 200);
    office.clock.set(NOW.plus_seconds(7 * 86_400));
    let expired = office.get(&path).await;
    assert_eq!((expired.status, &expired.body), (404, &expected.body));
    assert_eq!(office.post(&path, "overall=satisfied").await.status, 404);
    assert_eq!(office.desk.told(), []);
    assert!(
        office
            .raw("GET /s/x HTTP/1.1\r\nHost: x\r\nAccept-Language: en-GB,zh;q=0.5\r\n\r\n")
            .await
            .body
            .contains("We cannot find this survey")
    );
}

#[tokio::test]
async fn guessing_is_slowed_and_shuts_nobody_else_out() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    let guess = async |n: u8, from: &str| {
        let link = redress::trust::SurveyLink::new([n; 16]).text();
        office.raw(&format!("GET /s/{link} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.9.9.9, {from}\r\n\r\n")).await
    };
    for n in 100..110 {
        assert_eq!(guess(n, "192.0.2.1").await.status, 404);
    }
    let slowed = guess(110, "192.0.2.1").await;
    assert_eq!((slowed.status, slowed.header("retry-after")), (429, "60"));
    assert_guarded(&slowed);
    assert_eq!(guess(110, "192.0.2.2").await.status, 404);
    let good = office.raw(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")).await;
    assert_eq!(good.status, 200);
    office.clock.set(NOW.plus_seconds(60));
    assert_eq!(guess(111, "192.0.2.1").await.status, 404);
}

#[tokio::test]
async fn a_form_that_is_too_large_or_no_form_records_nothing() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    let fits = format!("overall=satisfied&comments={}", "a".repeat(16 * 1024 - 27));
    assert_eq!(fits.len(), 16 * 1024);
    assert_eq!(office.post(&path, &fits).await.status, 200);
    let large = office.post(&path, &format!("{fits}a")).await;
    assert_eq!(large.status, 413);
    assert_guarded(&large);
    let chunked = format!("4001\r\n{}\r\n0\r\n\r\n", "a".repeat(0x4001));
    let head = "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked";
    assert_eq!(office.raw(&format!("POST {path} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{chunked}")).await.status, 413);
    let json = "{\"overall\":\"satisfied\"}";
    let head = format!("Content-Type: application/json\r\nContent-Length: {}", json.len());
    assert_eq!(office.raw(&format!("POST {path} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{json}")).await.status, 415);
    assert_eq!(office.desk.told().len(), 1);
}

#[tokio::test]
async fn when_the_store_is_away_the_visitor_is_told_and_nothing_is_lost_in_silence() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    office.desk.broken.store(true, Ordering::SeqCst);
    let away = office.post(&path, "overall=satisfied").await;
    assert_eq!(away.status, 503);
    assert_guarded(&away);
    assert!(away.body.contains("沒有送出") && !away.body.contains("disk"));
    office.desk.broken.store(false, Ordering::SeqCst);
    assert_eq!(office.post(&path, "overall=satisfied").await.status, 200);
    assert_eq!(office.desk.told().len(), 1);
}

#[tokio::test]
async fn slow_strangers_are_sent_away_and_a_visitor_gets_through() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    let started = Instant::now();
    let mut slow = Vec::new();
    for n in 0..100 {
        let mut stream = TcpStream::connect(office.address).await.expect("connected");
        if n % 2 == 0 {
            stream.write_all(b"GET /s/x HTTP/1.1\r\nHost:").await.expect("written");
        }
        slow.push(stream);
    }
    // 64 of them hold all places; after five seconds their places are free again
    assert_eq!(office.get(&path).await.status, 200);
    let waited = started.elapsed();
    assert!(waited > Duration::from_secs(3) && waited < Duration::from_secs(14), "{waited:?}");
    for mut stream in slow {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "a silent connection stays open");
    }
    // a body that does not come
    let mut stream = TcpStream::connect(office.address).await.expect("connected");
    let kind = "application/x-www-form-urlencoded";
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\noverall=satisfied");
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(14), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok() && answer.starts_with(b"HTTP/1.1 408"));
    assert_eq!(office.desk.told(), []);
}

#[tokio::test]
async fn a_stop_ends_it_and_lets_an_open_answer_finish() {
    let office = Office::open().await;
    let path = office.link(1, Language::ZhTw);
    let mut stream = TcpStream::connect(office.address).await.expect("connected");
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 17\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("written");
    while office.desk.lookups.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    office.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(office.address).await.is_err(), "no new visitors");
    stream.write_all(b"overall=satisfied").await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    assert!(answer.starts_with("HTTP/1.1 200"));
    assert_eq!(office.desk.told().len(), 1);
    tokio::time::timeout(Duration::from_secs(5), office.served).await.expect("ends").expect("in peace");
}

#[tokio::test]
async fn every_page_of_a_survey_renders() {
    let desk = std::sync::Arc::new(Desk::default());
    let survey = std::sync::Arc::new(Questionnaire::from_toml(KMU).expect("survey"));
    check(&backend(&desk), &survey).expect("all pages");
}
