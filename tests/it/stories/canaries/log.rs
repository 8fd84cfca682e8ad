//! What the process says of itself, at its most talkative, holds nobody's data (T25); and while it reads hostile mail and prints forms it
//! speaks to its mail servers and to nobody else (T22). Both of the real binary.

use std::process::Command;

use super::matrix::Matrix;
use super::play::{self, BIRD};
use crate::support::world::{Letter, Mail, World, only, read, to};

/// A pass of the binary at the world's moment; gives what it said.
fn pass(world: &World, before: &[&str]) -> String {
    let now = world.clock.now().rfc3339(world.house.desk.office.calendar.zone());
    let mut words: Vec<&str> = before.to_vec();
    words.push(env!("CARGO_BIN_EXE_redress"));
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg("--config").arg(world.dir.path().join("redress.toml")).args(["run", "--once", "--now", &now]);
    let out = command.env("RUST_LOG", "trace").current_dir(world.dir.path()).output().expect("it runs");
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{said}");
    said
}

/// The letters at the server from `seen` on.
fn letters(world: &World, seen: usize) -> Vec<Letter> {
    world.smtp.mails().iter().skip(seen).map(|kept| read(&kept.from, kept.to.first().map_or("", String::as_str), &kept.raw)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_at_its_most_talkative_names_nobody() {
    let mut world = World::with("[log]\nlevel = \"debug\"").await;
    let mut matrix = Matrix::read(|_| "陳承辦".to_owned());
    let mut seen = 0;
    let mut step = |world: &World, what: &str| {
        let said = pass(world, &[]);
        assert!(said.contains("taken in"), "it says something: {said}");
        matrix.hold(&["log"], &said, what);
        let new = letters(world, seen);
        seen += new.len();
        new
    };
    world.arrives_raw(&play::complaint("選課", "請保密。"));
    // One that cannot be read, one of a stranger, one that is refused.
    world.arrives_raw(b"\xff\xfe\x00 0912-000-001 CANARY-EXIF canary.bird");
    let new = step(&world, "taken in");
    let triage = to(&new, "wang@kmu.example").into_iter().find(|l| l.button("分派").is_some()).expect("a triage letter").clone();
    world.later(600);
    world.arrives(&triage.reply("王秘書 <wang@kmu.example>", "#分派 教務處 鸚鵡戊"));
    let new = step(&world, "assigned");
    let forward = only(&new, "academic@kmu.example").clone();
    world.later(600);
    world.arrives(&forward.reply("陳承辦 <chen@kmu.example>", "#進度 鸚鵡甲\n#沒有這個 鸚鵡乙"));
    world.arrives(&forward.reply("外人 <canary.bird@other.example>", "同意。0912-000-003"));
    world.arrives(&Mail { authentic: false, ..forward.reply("陳承辦 <chen@kmu.example>", "擬答覆：\n鸚鵡丙") });
    step(&world, "refused, forged, strange");
    world.later(600);
    world.arrives(&forward.reply("陳承辦 <chen@kmu.example>", "鸚鵡乙\n\n擬答覆：\n您好：已查明。"));
    let new = step(&world, "proposed");
    let request = only(&new, "lin@kmu.example").clone();
    world.later(600);
    world.arrives(&request.reply("林教務長 <lin@kmu.example>", "退回：鸚鵡丁"));
    world.arrives(&Mail {
        from: format!("金絲雀 <{BIRD}>"),
        subject: "補充 0912-000-002".into(),
        text: "金絲雀 0912-000-007".into(),
        ..Mail::default()
    });
    step(&world, "sent back");
}

/// A mail that would have its reader fetch, print and look up.
fn hostile(port: u16) -> Vec<u8> {
    let trap = format!("http://127.0.0.1:{port}");
    let html = format!(
        "<html><head><link rel=stylesheet href=\"{trap}/a.css\"><style>@import url({trap}/b.css); p{{background:url({trap}/c.png)}}</style><meta http-equiv=refresh content=\"0;url={trap}/d\"></head><body><img src=\"{trap}/e.png\"><img src=\"http://pixel.invalid/f.png\"><iframe src=\"{trap}/g\"></iframe><script src=\"{trap}/h.js\"></script><object data=\"file:///etc/passwd\"></object><p>選課 #image(\"{trap}/i.png\") 出錯</p></body></html>"
    );
    format!(
        "Received: from out.mail.example by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: =?utf-8?B?6Zmz?= <hua@mail.example>\r\nTo: service@kmu.example\r\nSubject: =?utf-8?B?6YG46Kqy?=\r\nMessage-ID: <h1@mail.example>\r\nDisposition-Notification-To: <trap@pixel.invalid>\r\nDKIM-Signature: v=1; a=rsa-sha256; d=pixel.invalid; s=x; h=from; bh=YQ==; b=YQ==\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b\r\nContent-Type: message/external-body; access-type=URL; URL=\"{trap}/j\"\r\n\r\nContent-Type: text/plain\r\n\r\n\r\n--b\r\nContent-Type: image/svg+xml\r\nContent-Disposition: attachment; filename=a.svg\r\n\r\n<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"{trap}/k.png\"/></svg>\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.4\r\n<< /URI ({trap}/l) /S /URI >>\r\n--b--\r\n"
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_mail_makes_it_speak_to_nobody_but_its_servers() {
    let mut world = World::new().await;
    let trap = std::net::TcpListener::bind("127.0.0.1:0").expect("a trap");
    trap.set_nonblocking(true).expect("a trap that does not wait");
    world.arrives_raw(&hostile(trap.local_addr().expect("an address").port()));
    let log = world.dir.path().join("connects");
    let path = log.to_string_lossy().into_owned();
    // Where the kernel lets nobody trace, the trap alone has to do.
    let traced = Command::new("strace").args(["-f", "-e", "trace=connect", "-o", "/dev/null", "true"]).output();
    let traced = traced.expect("strace is installed (make test installs it)").status.success();
    let before: &[&str] = if traced { &["strace", "-f", "-e", "trace=connect,sendto", "-o", &path] } else { &[] };
    pass(&world, before);
    let forward = only(&letters(&world, 0), "academic@kmu.example").clone();
    assert!(forward.files.iter().any(|(_, kind, _)| kind == "application/pdf"), "the form was printed");
    world.later(600);
    world.arrives(&forward.reply("陳承辦 <chen@kmu.example>", "擬答覆：\n陳同學您好：已加選。"));
    assert!(trap.accept().is_err(), "somebody fetched what a mail named");
    if traced {
        assert_spoke_only_to(&std::fs::read_to_string(&log).expect("a record"), &[world.dovecot.port, world.smtp.port]);
        pass(&world, before);
        assert_spoke_only_to(&std::fs::read_to_string(&log).expect("a record"), &[world.dovecot.port, world.smtp.port]);
    } else {
        pass(&world, before);
    }
    assert!(trap.accept().is_err(), "somebody fetched what a mail named");
}

/// Every connection of the record goes to one of these ports of this machine.
fn assert_spoke_only_to(record: &str, ports: &[u16]) {
    let mut met = 0;
    for line in record.lines().filter(|l| l.contains("connect(") && l.contains("sa_family=AF_INET")) {
        let own = ports.iter().any(|port| line.contains(&format!("htons({port})")) && line.contains("127.0.0.1"));
        assert!(own, "it spoke to somebody else: {line}");
        met += 1;
    }
    assert!(met >= 2, "its own servers were reached: {record}");
    // Name services over a socket of the machine are somebody else as well.
    let local = record.lines().find(|l| l.contains("connect(") && l.contains("sa_family=AF_UNIX"));
    assert!(local.is_none(), "{local:?}");
}
