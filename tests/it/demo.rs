//! `redress demo`: the real binary plays its case and makes its page; what stays behind is told by the page, and nothing keeps running.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn demo(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["demo", "--folder"]).arg(folder).stdin(Stdio::null()).env_remove("RUST_LOG");
    command
}

#[test]
fn the_page_shows_the_case_from_first_mail_to_closing() {
    let folder = tempfile::tempdir().expect("folder");
    let done = demo(folder.path()).arg("--no-wait").output().expect("redress");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let page = std::fs::read_to_string(folder.path().join("out/index.html")).expect("the page");
    for word in [
        "115-0001",
        "選課系統一直出錯",
        "追認",
        "擬答覆",
        "如擬",
        "加退選時必修課已經額滿",
        "已於今日為您人工加選完成",
        "核准，謝謝",
        "已結案",
        "想反映一件事",
        "驗證通過",
        "得到相同的案件",
        "案件摘要",
    ] {
        // The number's first group is the year of the Republic.
        assert!(page.contains(word) || word == "115-0001" && page.contains("-0001"), "{word} is not on the page");
    }
    assert!(!page.contains("驗證不通過") && !page.contains("id=\"write\""), "a page that nobody serves offers no form");
    // Whatever a mail holds stays within its frame, and nothing is loaded from elsewhere.
    assert_eq!(page.matches("<iframe").count(), page.matches("sandbox=").count());
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("src=\"http") && !page.contains("url(http"));
    let mut linked = 0;
    for href in page.split("href=\"files/").chain(page.split("src=\"files/")).filter_map(|rest| rest.split('"').next()) {
        linked += usize::from(folder.path().join("out/files").join(href).is_file());
    }
    assert!(linked >= 10, "{linked} files are linked");
    for form in ["record.pdf", "handling.pdf"] {
        assert!(std::fs::read(folder.path().join("out/files").join(form)).expect(form).starts_with(b"%PDF"));
    }
    let survey = std::fs::read_to_string(folder.path().join("out/survey.html")).expect("the survey page");
    assert!(survey.contains("name=\"overall\""));
}

#[test]
fn a_visitor_writes_and_is_answered_and_ctrl_c_ends_it_all() {
    let folder = tempfile::tempdir().expect("folder");
    let mut running = Running(demo(folder.path()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("redress"));
    let mut lines = BufReader::new(running.0.stdout.take().expect("stdout")).lines();
    let port = lines.find_map(|line| line.ok()?.split_once("http://127.0.0.1:")?.1.split('/').next()?.parse::<u16>().ok());
    let port = port.expect("an address");
    assert!(http(port, "GET", "/", "").contains("id=\"write\""));

    let second = demo(folder.path()).arg("--no-wait").output().expect("redress");
    assert!(!second.status.success(), "two demos in one folder");

    // By the form, then by the command.
    let form = "from=%E7%8E%8B%E5%A4%A7%E6%98%8E+%3Cda%40mail.example%3E&to=service%40kmu.example&subject=%E5%86%B7%E6%B0%A3&body=%E5%AE%BF%E8%88%8D%E5%86%B7%E6%B0%A3%E5%A3%9E%E4%BA%86&answers=";
    assert!(http(port, "POST", "/write", form).starts_with("HTTP/1.1 303"));
    until(|| http(port, "GET", "/", "").contains("da@mail.example"));
    until(|| http(port, "GET", "/", "").matches("-0003").count() >= 3);
    let args = ["--write", "--from", "訪客 <you@mail.example>", "--subject", "成績問題", "--body", "成績單印錯了"];
    assert!(demo(folder.path()).args(args).status().expect("redress").success());
    until(|| http(port, "GET", "/", "").matches("-0004").count() >= 3);

    let id = running.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    until(|| running.0.try_wait().expect("wait").is_some_and(|status| status.success()));
    let page = std::fs::read_to_string(folder.path().join("out/index.html")).expect("the page");
    assert!(page.contains("-0004") && !page.contains("id=\"write\""));
    assert!(!std::env::temp_dir().join(format!("redress-demo-{id}")).exists(), "the mailbox's folder is gone");
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until(mut done: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(90);
    while !done() {
        assert!(Instant::now() < patience, "it did not come about");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn http(port: u16, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the page");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("timeout");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answer");
    String::from_utf8_lossy(&answer).into_owned()
}
