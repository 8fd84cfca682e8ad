//! Hostile words (T14, T20, T21): subjects, names, texts and file names that try to be headers, templates, forms or scripts.

use super::stage::sound;
use crate::support::world::{Letter, Mail, World, only, to};

/// A word in a header as an encoded word, so that anything can stand in it.
fn encoded(text: &str) -> String {
    let words: Vec<String> =
        text.as_bytes().chunks(42).map(|c| format!("=?utf-8?q?{}?=", c.iter().map(|b| format!("={b:02X}")).collect::<String>())).collect();
    words.join("\r\n ")
}

/// What every letter must be, whatever came in.
fn is_clean(letter: &Letter) {
    let raw = String::from_utf8_lossy(&letter.raw);
    let head = raw.split("\r\n\r\n").next().unwrap_or_default();
    for field in ["From:", "To:", "Subject:", "Message-ID:", "Date:"] {
        assert_eq!(head.lines().filter(|l| l.starts_with(field)).count(), 1, "{field} in\n{head}");
    }
    assert!(!head.lines().any(|l| l.starts_with("Bcc:") || l.starts_with("X-Evil:")), "{head}");
    assert!(!letter.raw.windows(2).any(|w| w[1] == b'\n' && w[0] != b'\r'), "a bare line feed");
    assert!(
        !letter.subject.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)),
        "{:?}",
        letter.subject
    );
    assert!(letter.subject.chars().count() <= 300);
    assert!(!letter.html.contains("<script") && !letter.html.contains("<img src=x"), "{}", letter.html);
    for (name, kind, bytes) in &letter.files {
        assert!(!name.contains(['/', '\\', '\r', '\n', '\u{202e}']), "{name:?}");
        assert!(kind != "application/pdf" || bytes.starts_with(b"%PDF"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_a_complaint_its_letters_are_clean() {
    let mut world = World::new().await;
    let long = "選課".repeat(1700);
    let subjects = [
        "選課\r\nBcc: victim@mail.example\r\nX-Evil: 1",
        "選課 \u{202e}gnp.exe\u{202c} \u{2066}x\u{2069} \u{0}\u{7}\u{1b}[31m",
        long.as_str(),
        "選課 🏫👩‍🎓🇹🇼 𠮷𡃁𪚥 \u{f0000} \u{200d}\u{200b}",
        "選課 {{ case.number }} {% for x in [1] %}{{ x }}{% endfor %} {# x #}",
        "選課 #set page(width: 1pt) #import \"@preview/x:1.0.0\" #read(\"/etc/passwd\") $x$ *b* _i_ @ref <label> `code` \\",
        "選課 <script>alert(1)</script><img src=x onerror=alert(1)>",
        "[115-0001 #aaaaaaaa] APPROVE 115-0001 選課",
        "",
    ];
    for (n, subject) in subjects.iter().enumerate() {
        let words = if subject.is_empty() { "選課".to_owned() } else { (*subject).to_owned() };
        let mail = Mail {
            from: format!("{} <hostile{n}@mail.example>", encoded(&words.chars().take(60).collect::<String>())),
            subject: encoded(subject),
            text: format!(
                "{words}\n.\n..\n.\r\nMAIL FROM:<evil@mail.example>\n姓名：{}\n電話：0912-345-678\n請協助第 {n} 件。",
                words.chars().take(80).collect::<String>().replace(['\r', '\n'], " ")
            ),
            ..Mail::default()
        };
        world.arrives(&mail);
        let letters = world.pass().await;
        let receipt = only(&letters, &format!("hostile{n}@mail.example"));
        assert!(!receipt.text.contains("passwd") && !receipt.text.contains("alert"), "a receipt quotes nothing");
        let forward = only(&letters, "academic@kmu.example");
        assert!(
            forward.files.iter().any(|(_, kind, _)| kind == "application/pdf"),
            "{n}: the record form is printed: {:?}",
            forward.files.iter().map(|f| &f.0).collect::<Vec<_>>()
        );
        assert!(forward.text.contains(&format!("請協助第 {n} 件")));
        letters.iter().for_each(is_clean);
        assert!(letters.iter().all(|l| !l.to.starts_with("victim") && !l.to.starts_with("evil")));
    }
    assert_eq!(world.cases().await.len(), subjects.len());
    let tera = world.case("115-0005").await;
    assert!(tera.subject.reveal().contains("{{ case.number }}"), "kept as written");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_file_names_and_parts() {
    let mut world = World::new().await;
    let names = ["../../etc/passwd", "a\u{202e}fdp.exe", "CON", "x\r\nBcc: victim@mail.example.pdf", "圖🏫𠮷.jpg", "<script>.html", ""];
    for (n, name) in names.iter().enumerate() {
        let raw = format!(
            "Received: from out.mail.example by mx.kmu.example; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: files{n}@mail.example\r\nTo: service@kmu.example\r\nSubject: =?utf-8?b?6YG46Kqy?= {n}\r\nMessage-ID: <f{n}@mail.example>\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n選課截圖第 {n} 張如附。\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{}\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--b--\r\n",
            encoded(name)
        );
        world.arrives_raw(raw.as_bytes());
        let letters = world.pass().await;
        let forward = only(&letters, "academic@kmu.example");
        assert!(forward.text.contains(&format!("選課截圖第 {n} 張")));
        assert!(forward.files.iter().any(|(_, kind, _)| kind == "message/rfc822"), "the original goes along");
        letters.iter().for_each(is_clean);
    }
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_survive_the_whole_way() {
    let mut world = World::new().await;
    let words = "{{ x }} {% raw %} #set text(red) <b>粗</b> \u{202e}反\u{202c} 𠮷 $1 \\";
    world.arrives(&Mail {
        from: format!("{} <hua@mail.example>", encoded("{{ name }} #let x = 1")),
        subject: encoded(&format!("選課 {words}")),
        text: format!("選課 {words}"),
        ..Mail::default()
    });
    let forward = only(&world.pass().await, "academic@kmu.example").clone();
    world.later(60);
    world.arrives(&forward.reply(super::stage::CHEN, &format!("處理：{words}\n\n擬答覆：\n您好，{words}\n已處理。")));
    for (who, name) in
        [("lin@kmu.example", super::stage::LIN), ("wang@kmu.example", super::stage::WANG), ("lee@kmu.example", super::stage::LEE)]
    {
        let letters = world.pass().await;
        let request = only(&letters, who).clone();
        is_clean(&request);
        assert!(request.text.contains("{{ x }} {% raw %} #set text(red)"), "{}", request.text);
        assert!(
            request.files.iter().any(|(_, kind, bytes)| kind == "application/pdf" && bytes.starts_with(b"%PDF")),
            "the handling form is printed"
        );
        world.later(60);
        world.arrives(&request.reply(name, "同意"));
    }
    let letters = world.pass().await;
    let answer = to(&letters, "hua@mail.example");
    let answer = answer.first().expect("the answer");
    is_clean(answer);
    assert!(answer.text.contains("{{ x }} {% raw %} #set text(red) <b>粗</b>"), "{}", answer.text);
    assert!(answer.html.contains("&lt;b&gt;"), "{}", answer.html);
    sound(&world).await;
}
