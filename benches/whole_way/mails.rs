//! The backlog: 60 % new complaints, 30 % replies, 10 % robots, 30 KB in the mean, the same bytes at every run. Called by `main`.

use super::parts::SERVICE;

/// What a mail of the backlog is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Opens a case: an acknowledgement and a forward leave.
    Complaint,
    /// The complainant writes once more: his handler is told.
    Reply,
    /// Nobody is answered.
    Robot,
}

/// Ten mails in their order.
const MIX: [Kind; 10] = [
    Kind::Complaint,
    Kind::Complaint,
    Kind::Reply,
    Kind::Complaint,
    Kind::Complaint,
    Kind::Reply,
    Kind::Complaint,
    Kind::Robot,
    Kind::Complaint,
    Kind::Reply,
];
/// A reply answers a complaint that lies so many mails back.
const BACK: usize = 120;

/// What the `n`th mail is.
pub fn kind(n: usize) -> Kind {
    match MIX[n % MIX.len()] {
        Kind::Reply if n < BACK + MIX.len() => Kind::Complaint,
        kind => kind,
    }
}

/// How many of `count` mails are of this kind.
pub fn of(count: usize, wanted: Kind) -> usize {
    (0..count).filter(|n| kind(*n) == wanted).count()
}

/// The `n`th mail of a backlog called `run` (so that no two runs share an id).
pub fn mail(run: &str, n: usize) -> Vec<u8> {
    match kind(n) {
        Kind::Complaint => complaint(run, n),
        Kind::Reply => reply(run, n),
        Kind::Robot => robot(run, n),
    }
}

/// A complaint of 10 to 72 KB: a page of words and a photograph.
pub fn complaint(run: &str, n: usize) -> Vec<u8> {
    const ABOUT: [(&str, &str); 6] = [
        ("選課系統加退選時間過短", "選課"),
        ("宿舍冷氣故障多日未修", "宿舍"),
        ("期中成績登錄錯誤未更正", "成績"),
        ("停車場收費不合理", "停車"),
        ("註冊繳費系統無法登入", "註冊"),
        ("宿舍熱水供應時間不足", "宿舍"),
    ];
    let (subject, word) = ABOUT[n % ABOUT.len()];
    let mut text = format!("您好：\n\n我是學生第{run}{n}號，想反映關於{word}的問題。\n\n");
    for line in 0..5 {
        text.push_str(&format!(
            "第{line}點，上星期{word}一事至今沒有下文，電話打了{}次都無人接聽，請學校儘速處理並說明原因（紀錄{n}-{line}）。\n",
            n % 7 + 1
        ));
    }
    text.push_str("\n敬請回覆，謝謝。\n\n姓名：陳小華\n電話：0912-345-678\n");
    let head = format!("Subject: {subject}（{n}）\r\nMessage-ID: <{run}.{n}@mail.example>\r\n");
    // 6 to 52 KB of a photograph, in base64: with replies and robots 30 KB.
    with_photograph(&head, &sender(run, n), &text, n, 6_000 + (n * 7_919) % 46_000)
}

/// A complaint with a photograph, `size` octets in all.
pub fn of_size(run: &str, n: usize, size: usize) -> Vec<u8> {
    let head = format!("Subject: 選課紀錄\r\nMessage-ID: <{run}.{n}@mail.example>\r\n");
    with_photograph(&head, &sender(run, n), "選課紀錄如附件。\n", n, size / 78 * 57)
}

fn reply(run: &str, n: usize) -> Vec<u8> {
    let first = (n - BACK..n).find(|k| kind(*k) == Kind::Complaint && k % 10 == [0, 1, 3][n / 3 % 3]).unwrap_or(n - BACK);
    let text = format!(
        "補充說明第{n}號：今天又發生同樣的情形，附上照片供參。\n請儘快處理，謝謝。\n\n陳小華\n\n> 您好：\n> 我是學生第{run}{first}號，想反映問題。\n> 敬請回覆，謝謝。\n"
    );
    let head = format!(
        "Subject: Re: 我的申訴\r\nMessage-ID: <{run}.{n}@mail.example>\r\nIn-Reply-To: <{run}.{first}@mail.example>\r\nReferences: <{run}.{first}@mail.example>\r\n"
    );
    with_photograph(&head, &sender(run, first), &text, n, 2_000 + (n * 5_003) % 18_000)
}

fn robot(run: &str, n: usize) -> Vec<u8> {
    let (mark, subject) = if n % 20 < 10 {
        ("Auto-Submitted: auto-replied", "自動回覆：不在辦公室")
    } else {
        ("List-Id: <news.shop.example>\r\nPrecedence: bulk", "本週優惠")
    };
    let mut text = String::new();
    for line in 0..60 {
        text.push_str(&format!("第{line}行：這是系統自動發出的信件，請勿回覆（{run}-{n}）。\n"));
    }
    plain(&format!("{mark}\r\nSubject: {subject}\r\nMessage-ID: <{run}.{n}@shop.example>\r\n"), "robot@shop.example", &text)
}

fn sender(run: &str, n: usize) -> String {
    format!("student{run}{n}@mail.example")
}

fn top(head: &str, from: &str) -> String {
    format!(
        "Received: from out.mail.example by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: =?UTF-8?B?6Zmz5bCP6I+v?= <{from}>\r\nTo: {SERVICE}\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\n{head}"
    )
}

fn plain(head: &str, from: &str, text: &str) -> Vec<u8> {
    format!(
        "{}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}",
        top(head, from),
        text.replace('\n', "\r\n")
    )
    .into_bytes()
}

fn with_photograph(head: &str, from: &str, text: &str, seed: usize, bytes: usize) -> Vec<u8> {
    let mut out = top(head, from);
    out.push_str("Content-Type: multipart/mixed; boundary=\"b0\"\r\n\r\n--b0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    wrapped(&mut out, text.as_bytes());
    out.push_str("--b0\r\nContent-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Disposition: attachment; filename=\"photo.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    // What no compressor shortens: a simple generator, seeded by the mail's number.
    let mut state = seed as u64 | 1;
    let noise: Vec<u8> = (0..bytes)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        })
        .collect();
    wrapped(&mut out, &noise);
    out.push_str("--b0--\r\n");
    out.into_bytes()
}

fn wrapped(out: &mut String, bytes: &[u8]) {
    let all = data_encoding::BASE64.encode(bytes);
    for line in all.as_bytes().chunks(76) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push_str("\r\n");
    }
}
