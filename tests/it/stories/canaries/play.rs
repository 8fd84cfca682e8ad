//! One case with a canary in every field, played to its end in any procedure; every letter is held against the table as it leaves.

use std::sync::Arc;

use redress::domain::questionnaire::Kind;
use redress::domain::state::{Satisfaction, State};
use redress::store::outbox;
use redress::survey::Door;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::decode::whole;
use super::matrix::Matrix;
use crate::support::world::{Letter, World, to};

/// The complainant.
pub const BIRD: &str = "canary.bird@mail.example";
const BIRD_MAILBOX: &str = "金絲雀 <canary.bird@mail.example>";

/// How much the unit may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Full,
    Masked,
    Hidden,
    /// 請保密.
    Secret,
    /// 密件.
    Sealed,
}

impl Mode {
    pub const ALL: [Self; 5] = [Self::Full, Self::Masked, Self::Hidden, Self::Secret, Self::Sealed];

    const fn column(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Masked => "masked",
            Self::Hidden | Self::Secret | Self::Sealed => "hidden",
        }
    }

    const fn asks(self) -> &'static str {
        match self {
            Self::Full | Self::Masked | Self::Hidden => "請查明。",
            Self::Secret => "請保密，不要讓承辦單位知道我是誰。",
            Self::Sealed => "請以密件方式辦理。",
        }
    }
}

fn encoded(bytes: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(bytes);
    text.as_bytes().chunks(76).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join("\r\n")
}

/// The complaint: a picture that knows more than it shows, a document with an author, a second body with a comment.
pub fn complaint(word: &str, asks: &str) -> Vec<u8> {
    let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe1, 0, 21];
    jpeg.extend(b"Exif\0\0CANARY-EXIF\0\0");
    jpeg.extend([0xff, 0xda, 0, 4, 1, 2, 9, 9, 0xff, 0xd9]);
    let pdf = "%PDF-1.4\n1 0 obj\n<< /Author (CANARY-AUTHOR) >>\nendobj\ntrailer << /Info 1 0 R >>\n";
    let text = format!(
        "您好：\n\n姓名：金絲雀\n電話：0912-000-001\n身分證字號：A123456789\n地址：高雄市三民區鵲橋路100號\n學號：B10812345\n\n{word}的事讓熟人先辦，{asks}\n我付了錢，卡號 4111 1111 1111 1111，車牌 CNY-7788，信箱 {BIRD}。\n\n金絲雀 敬上\n手機 0912-000-003\n\n金絲雀 <{BIRD}> 於 2026年3月1日 週日 上午9:00 寫道：\n> 電話 0912-000-004\n"
    );
    let html = "<html><body><!-- 0912-000-006 --><p>如純文字。</p></body></html>";
    let subject = format!("{word}不公（金絲雀 0912-000-002）");
    let part = |kind: &str, name: &str, bytes: &[u8]| {
        let name = format!("=?utf-8?B?{}?=", encoded(name.as_bytes()));
        format!(
            "--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            encoded(bytes)
        )
    };
    format!(
        "Received: from canary-host.mail.example (canary-host.mail.example [203.0.113.77]) by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\nFrom: =?utf-8?B?{}?= <{BIRD}>\r\nReply-To: <{BIRD}>\r\nTo: service@kmu.example\r\nSubject: =?utf-8?B?{}?=\r\nMessage-ID: <1@canary-msgid.example>\r\nX-Originating-IP: [203.0.113.78]\r\nUser-Agent: CanaryMail/7.7\r\nOrganization: CagedBirdStudio\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--a--\r\n{}{}{}--b--\r\n",
        encoded("金絲雀".as_bytes()),
        encoded(subject.as_bytes()).replace("\r\n", ""),
        encoded(text.as_bytes()),
        encoded(html.as_bytes()),
        part("image/jpeg", "雀的成績.jpg", &jpeg),
        part("application/pdf", "雀的成績.pdf", pdf.as_bytes()),
        part("image/heic", "雀的成績.heic", b"\0\0\0\x18ftypheicCANARY-EXIF"),
    )
    .into_bytes()
}

/// A play: the world, how much the unit may know, the table, and every letter so far.
pub struct Play {
    pub world: World,
    pub mode: Mode,
    pub matrix: Matrix,
    pub number: String,
    letters: Vec<Letter>,
}

impl Play {
    pub fn new(world: World, mode: Mode) -> Self {
        let directory = world.house.desk.office.directory.clone();
        let matrix = Matrix::read(|id| {
            directory.people.values().find(|p| p.id.as_str() == id).map(|p| p.name.clone()).expect("somebody of the directory")
        });
        Self { world, mode, matrix, number: String::new(), letters: Vec::new() }
    }

    /// The table's columns for a reader of this case.
    fn readers(&self, address: &str) -> Vec<&'static str> {
        let desk = &self.world.house.desk;
        let directory = &desk.office.directory;
        if address.eq_ignore_ascii_case(BIRD) {
            return vec!["complainant"];
        }
        for (unit, helps) in [("academic", false), ("general", true)] {
            let unit = directory.units.values().find(|u| u.id.as_str() == unit).expect("a unit");
            let his = directory.by_email(address).is_some_and(|p| unit.belongs(&p.id));
            if his || unit.inbox == address {
                return if helps { vec![self.mode.column(), "helps"] } else { vec![self.mode.column()] };
            }
        }
        match directory.by_email(address) {
            Some(person) if person.roles.iter().any(|r| r.as_str() == "secretariat") => vec!["office"],
            Some(person) => {
                let decides = person.roles.iter().any(|r| directory.ladder.contains(r));
                let secret = matches!(self.mode, Mode::Secret | Mode::Sealed);
                vec![if decides || !secret { "above" } else { "hidden" }]
            }
            None => vec!["others"],
        }
    }

    /// All there is to do is done; what left is held against the table.
    pub async fn pass(&mut self) -> Vec<Letter> {
        let letters = self.world.pass().await;
        for letter in &letters {
            let row = outbox::find_by_message_id(&self.world.house.desk.store, &letter.message_id).await.expect("store");
            let kind = row.map(|r| r.kind).unwrap_or_default();
            let mut readers = self.readers(&letter.to);
            if kind == "digest" {
                readers.push("digest");
            }
            let what = format!("{:?}: {kind} to {}: {}", self.mode, letter.to, letter.subject);
            self.matrix.hold(&readers, &whole(letter), &what);
        }
        self.letters.extend(letters.iter().cloned());
        letters
    }

    /// Somebody replies to a letter of his (or to one that he got hold of).
    pub async fn replies(&mut self, letter: &Letter, address: &str, text: &str) -> Vec<Letter> {
        self.world.later(600);
        let from = if address == BIRD { BIRD_MAILBOX.to_owned() } else { format!("某人 <{address}>") };
        self.world.arrives(&letter.reply(&from, text));
        self.pass().await
    }

    /// The newest letter to an address that has a reply address of its own.
    fn newest(&self, address: &str) -> Letter {
        let found = self.letters.iter().rev().find(|l| l.to == address && l.reply_to.contains('+'));
        found.unwrap_or_else(|| panic!("{:?}: no letter to {address}", self.mode)).clone()
    }

    pub async fn says(&mut self, address: &str, text: &str) -> Vec<Letter> {
        let letter = self.newest(address);
        self.replies(&letter, address, text).await
    }

    /// Whoever is asked presses the button, until nobody is asked any more.
    async fn all_agree(&mut self, first: Vec<Letter>) -> Vec<Letter> {
        let mut all = first.clone();
        let mut letters = first;
        for _ in 0..8 {
            let Some((request, word)) = asked(&letters) else { break };
            self.world.later(600);
            self.world.arrives(&request.press(word, &format!("某人 <{}>", request.to), ""));
            letters = self.pass().await;
            all.extend(letters.iter().cloned());
        }
        all
    }

    /// The first of these that asks for a decision is sent back.
    async fn sent_back(&mut self, letters: &[Letter], words: &str) {
        let (request, _) = asked(letters).unwrap_or_else(|| panic!("{:?}: nobody is asked: {:?}", self.mode, heads(letters)));
        let back = self.replies(&request, &request.to.clone(), &format!("退回：{words}")).await;
        assert!(!back.is_empty(), "{:?}: nobody hears that it was sent back", self.mode);
    }

    async fn state(&self) -> State {
        self.world.case(&self.number).await.state
    }

    /// From the first mail to the closed case.
    pub async fn lives(&mut self) {
        let (unit, helping) = (self.unit("academic"), self.unit("general"));
        self.world.arrives_raw(&complaint("選課", self.mode.asks()));
        self.pass().await;
        self.number = self.world.cases().await.pop().expect("a case").number;
        if self.state().await == State::Triage {
            let unsealed = self.mode == Mode::Sealed && !self.world.case(&self.number).await.sealed;
            let secret = if unsealed { "#密件\n" } else { "" };
            self.says("wang@kmu.example", &format!("{secret}#分派 {unit} 鸚鵡戊")).await;
        }
        let graded = self.world.house.desk.office.procedure.grades.first().map(|g| g.id.clone());
        if let Some(grade) = graded {
            self.says("wang@kmu.example", &format!("#等級 {grade} 1 鸚鵡子")).await;
        }
        let handler = self.taken_up().await;
        self.helped(&helping).await;
        self.asked_and_told(&handler).await;
        self.refused(&handler).await;
        self.bounced().await;
        self.late().await;
        self.answered(&handler).await;
        self.dissatisfied(&handler).await;
        self.closed().await;
        self.another().await;
    }

    fn unit(&self, id: &str) -> String {
        let units = &self.world.house.desk.office.directory.units;
        units.values().find(|u| u.id.as_str() == id).expect("a unit").name.clone()
    }

    /// Who handles it, and the letter that he answers.
    async fn taken_up(&mut self) -> Letter {
        if self.world.case(&self.number).await.sealed {
            self.says("lin@kmu.example", "#承辦 chen").await;
            return self.newest("chen@kmu.example");
        }
        self.newest("academic@kmu.example")
    }

    async fn helped(&mut self, helping: &str) {
        if self.world.case(&self.number).await.sealed {
            return;
        }
        self.says("wang@kmu.example", &format!("#協辦 {helping}")).await;
        let forward = self.newest("general@kmu.example");
        self.replies(&forward, "huang@kmu.example", "#進度 鸚鵡己").await;
    }

    /// Work, a question, its answer, the files.
    async fn asked_and_told(&mut self, handler: &Letter) {
        self.replies(handler, "chen@kmu.example", "#收案").await;
        self.replies(handler, "chen@kmu.example", "#進度 鸚鵡甲").await;
        self.replies(handler, "chen@kmu.example", "#電聯 10:50 客戶 未接 鸚鵡丑").await;
        let letters = self.replies(handler, "chen@kmu.example", "#詢問 請問是哪一天？").await;
        let question = to(&letters, BIRD).first().map(|l| (*l).clone()).expect("a question");
        self.replies(&question, BIRD, "是三月一日。\n\n金絲雀\n手機 0912-000-007").await;
        if self.mode != Mode::Full {
            self.says("wang@kmu.example", "#放行").await;
        }
    }

    /// What is asked for and not given: more time, and the name.
    async fn refused(&mut self, handler: &Letter) {
        let letters = self.replies(handler, "chen@kmu.example", "#展延 3日 鸚鵡庚").await;
        let found = letters.iter().find(|l| l.to != "chen@kmu.example" && l.text.contains("鸚鵡庚")).cloned();
        let asked = found.unwrap_or_else(|| panic!("{:?}: nobody is asked for more time: {:?}", self.mode, heads(&letters)));
        self.world.later(600);
        self.world.arrives(&asked.press("不予展延", &format!("某人 <{}>", asked.to), "鸚鵡辛"));
        self.pass().await;
        if self.mode == Mode::Full {
            return;
        }
        let letters = self.replies(handler, "chen@kmu.example", "#調閱個資 鸚鵡壬").await;
        let request = letters.iter().find(|l| l.button("准予調閱").is_some()).cloned().expect("somebody may allow it");
        let letters = self.replies(&request, &request.to.clone(), "#不予調閱 鸚鵡癸").await;
        assert!(letters.iter().any(|l| l.text.contains("鸚鵡癸")), "who asked hears why not");
    }

    /// The question comes back from the complainant's server, with his address in the server's words.
    async fn bounced(&mut self) {
        let question = self.letters.iter().rev().find(|l| l.to == BIRD).cloned().expect("a letter");
        let headers = String::from_utf8_lossy(&question.raw).split("\r\n\r\n").next().unwrap_or_default().to_owned();
        let report = format!(
            "Return-Path: <>\r\nReceived: by mx.kmu.example; Tue, 3 Mar 2026 09:20:00 +0800\r\nFrom: MAILER-DAEMON@mx.kmu.example\r\nTo: {}\r\nSubject: Undelivered Mail\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"B1\"\r\nMessage-Id: <4F@mx.kmu.example>\r\nDate: Tue, 3 Mar 2026 09:20:00 +0800\r\n\r\n--B1\r\nContent-Type: text/plain\r\n\r\n<{BIRD}>: no such user\r\n--B1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.kmu.example\r\n\r\nFinal-Recipient: rfc822; {BIRD}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <{BIRD}> unknown\r\n\r\n--B1\r\nContent-Type: text/rfc822-headers\r\n\r\n{headers}\r\n\r\n--B1--\r\n",
            question.envelope_from
        );
        self.world.later(60);
        self.world.arrives_raw(report.as_bytes());
        let letters = self.pass().await;
        assert!(!letters.is_empty(), "{:?}: nobody hears of it", self.mode);
    }

    /// A second complaint, whose handlers are told of cases that look like it: another person's, and the same one's.
    async fn another(&mut self) {
        for from in ["別人 <other@elsewhere.example>", BIRD_MAILBOX] {
            self.world.later(600);
            let mail = crate::support::world::Mail {
                from: from.into(),
                subject: "選課不公又一件".into(),
                text: format!("選課的事又發生了一次。{}", self.mode.asks()),
                ..Default::default()
            };
            self.world.arrives(&mail);
            let letters = self.pass().await;
            let number = self.world.cases().await.pop().expect("a case").number;
            if let Some(triage) =
                letters.iter().find(|l| l.to == "wang@kmu.example" && l.text.contains(&number) && l.button("分派").is_some())
            {
                let unit = self.unit("academic");
                self.replies(&triage.clone(), "wang@kmu.example", &format!("#分派 {unit}")).await;
            }
        }
    }

    /// Days go by: reminders and the digests of two mornings, of the office and of those who are late.
    async fn late(&mut self) {
        for when in ["2026-03-05T08:31:00+08:00", "2026-03-16T08:31:00+08:00", "2026-03-17T08:31:00+08:00"] {
            self.world.at(when);
            let letters = self.pass().await;
            assert!(letters.iter().any(|l| l.to == "wang@kmu.example" && l.subject.contains("摘要")), "{:?}", heads(&letters));
        }
    }

    /// Sent back once by the first who is asked and once by the next; then all agree.
    async fn answered(&mut self, handler: &Letter) {
        let propose = |n: u32, words: &str| format!("鸚鵡乙第{n}次查明。\n\n擬答覆：\n您好：{words}已重新公告，造成不便，謹致歉意。");
        let letters = self.replies(handler, "chen@kmu.example", &propose(1, "鸚鵡丙")).await;
        self.sent_back(&letters, "鸚鵡丁，金絲雀惹的事請再查").await;
        let letters = self.replies(handler, "chen@kmu.example", &propose(2, "本案")).await;
        let (first, word) = asked(&letters).expect("asked again");
        self.world.later(600);
        self.world.arrives(&first.press(word, &format!("某人 <{}>", first.to), ""));
        let next = self.pass().await;
        let mut letters = next;
        if asked(&letters).is_some() {
            self.sent_back(&letters.clone(), "金絲雀惹的事還不清楚").await;
            letters = self.replies(handler, "chen@kmu.example", &propose(3, "本案經查")).await;
            letters = self.all_agree(letters).await;
        }
        assert!(letters.iter().any(|l| l.to == BIRD && l.text.contains("重新公告")), "{:?}: {:?}", self.mode, heads(&letters));
    }

    fn answer(&self) -> Letter {
        self.letters.iter().rev().find(|l| l.to == BIRD && l.text.contains("/s/")).cloned().expect("an answer with its survey")
    }

    /// By mail and by page: not satisfied; another round.
    async fn dissatisfied(&mut self, handler: &Letter) {
        let answer = self.answer();
        self.replies(&answer, BIRD, "謝謝，但補充一點：當天我也在場。0912-000-010").await;
        self.page(&answer, Satisfaction::Dissatisfied).await;
        if self.world.case(&self.number).await.judging.is_some() {
            self.says("wang@kmu.example", "#續辦 鸚鵡寅").await;
        }
        assert_eq!(self.world.case(&self.number).await.round, 2, "{:?}", self.mode);
        let letters = self.replies(handler, "chen@kmu.example", "擬答覆：\n您好：已再重新公告，並通知每一位。").await;
        self.all_agree(letters).await;
        // A second time, in words.
        let answer = self.answer();
        self.replies(&answer, BIRD, "不滿意，還是沒有人回答。金絲雀 0912-000-008").await;
        if self.world.case(&self.number).await.judging.is_some() {
            self.says("wang@kmu.example", "#續辦 鸚鵡寅").await;
        }
        let letters = self.replies(handler, "chen@kmu.example", "擬答覆：\n您好：第三次重新公告，並已當面說明。").await;
        self.all_agree(letters).await;
    }

    /// Looks at the page and fills it.
    async fn page(&mut self, answer: &Letter, verdict: Satisfaction) {
        let token: String = answer
            .text
            .split("/s/")
            .nth(1)
            .expect("a link")
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect();
        let path = format!("/s/{token}");
        let questions = self.world.house.desk.questionnaire.questions.clone();
        let overall = questions.iter().find(|q| q.required).expect("the question");
        let choice = overall.options.iter().find(|o| o.means == Some(verdict)).expect("a choice");
        let mut form = format!("{}={}", overall.id, choice.value);
        for text in questions.iter().filter(|q| q.kind == Kind::Text) {
            form.push_str(&format!("&{}=0912-000-009", text.id));
        }
        let blank = self.http(&format!("GET {path} HTTP/1.1\r\nHost: survey\r\nConnection: close\r\n\r\n")).await;
        assert!(blank.contains("<form"), "{blank}");
        let post = format!(
            "POST {path} HTTP/1.1\r\nHost: survey\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.http(&post).await;
        self.http(&format!("GET {path} HTTP/1.1\r\nHost: survey\r\nConnection: close\r\n\r\n")).await;
        self.pass().await;
    }

    async fn http(&mut self, request: &str) -> String {
        let desk = &self.world.house.desk;
        let backend = redress::daemon::survey_backend(desk, Arc::new(tokio::sync::Notify::new()));
        let door = Door::new(backend, desk.clock.clone());
        let (mut near, far) = tokio::io::duplex(1 << 16);
        let served = tokio::spawn(async move { door.answer(far, ([127, 0, 0, 1], 4000).into()).await });
        near.write_all(request.as_bytes()).await.expect("written");
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(std::time::Duration::from_secs(30), near.read_to_end(&mut bytes));
        read.await.expect("an answer in time").expect("read");
        served.await.expect("served");
        let page = String::from_utf8_lossy(&bytes).into_owned();
        self.matrix.hold(&["page"], &page, "the survey page");
        page
    }

    /// Satisfied, or closed with the answer; and a last morning's digest.
    async fn closed(&mut self) {
        if self.state().await == State::Answered {
            let answer = self.answer();
            let letters = self.replies(&answer, BIRD, "滿意").await;
            self.all_agree(letters).await;
        }
        assert_eq!(self.state().await, State::Closed, "{:?}", self.mode);
        self.world.at("2026-03-19T08:31:00+08:00");
        self.pass().await;
    }
}

/// Who is asked for a decision, and the button's word.
fn asked(letters: &[Letter]) -> Option<(Letter, &'static str)> {
    let inside = letters.iter().filter(|l| l.to.ends_with("kmu.example") && l.reply_to.contains('+'));
    inside
        .flat_map(|l| ["核准", "同意"].map(|word| (l, word)))
        .find(|(l, word)| l.button(word).is_some())
        .map(|(l, word)| (l.clone(), word))
}

fn heads(letters: &[Letter]) -> Vec<(&str, &str)> {
    letters.iter().map(|l| (l.to.as_str(), l.subject.as_str())).collect()
}
