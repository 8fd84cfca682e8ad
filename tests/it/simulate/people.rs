//! The people of a simulated life: they complain, in all the ways that mail comes in, and answer the letters they get by pressing
//! whatever button there is or by saying what people say. They write by their dice; the oracle knows what they wrote.

use std::collections::{BTreeMap, BTreeSet};

use redress::calendar::Moment;

use super::dice::Dice;
use super::imap::Imap;
use super::smtp::{Kept, Smtp};
use crate::support::world::{Letter, SERVICE, read};

/// A mail that was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The complaint that this is a copy of; 0 for any other mail.
    pub key: usize,
    /// When it came in.
    pub at: Moment,
    pub raw: Vec<u8>,
}

/// Everybody.
pub struct People {
    dice: Dice,
    imap: Imap,
    smtp: Smtp,
    /// Every mail that was ever delivered.
    pub written: Vec<Written>,
    /// Links to surveys that nobody has answered yet.
    pub links: Vec<String>,
    /// Complaints whose writers ask for secrecy.
    pub secret: BTreeSet<usize>,
    seen: usize,
    complaints: usize,
    mails: usize,
    answers: usize,
    /// Mails on their way: (when they arrive, their place in `written` and their bytes).
    under_way: Vec<(Moment, Written)>,
}

const WORDS: [&str; 6] = ["選課系統一直跳出錯誤", "宿舍冷氣壞了三天", "停車場收費不公", "成績登錄有誤", "註冊組電話沒人接", "圖書館太吵"];
const STAFF_SAY: [&str; 24] = [
    "同意",
    "如擬",
    "退回：請補充說明處理經過（內部暗號）",
    "已洽廠商，報價偏高（內部暗號）。\n\n擬答覆：\n您好：已請廠商修復，造成不便，敬請見諒。\n教務處 敬上",
    "請准延三天",
    "狀態",
    "不是我們的業務，請改分總務處",
    "收到，處理中。",
    "結案",
    "請問可以電話聯絡嗎？",
    "不予受理：內容空泛",
    "核准",
    "核准",
    "擬答覆：\n您好：查明屬實，已改善並加強訓練，謹致歉意。",
    "#收案",
    "#承諾 3日",
    "#電聯 14:00 來信人 已答覆 已說明處理情形，來信人同意",
    "#電聯 15:00 來信人 未接",
    "#初覆 已著手查明，將於期限內答覆。",
    "#等級 A 影響多人",
    "#協辦 總務處 請提供紀錄",
    "#續辦 請再查明",
    "#保密",
    "#分派 教務處",
];
const COMPLAINANT_SAYS: [&str; 5] = ["滿意，謝謝。", "不滿意，問題還在。", "補充：昨天又發生一次。", "我要撤案，謝謝。", "請問進度如何？"];

impl People {
    pub fn new(dice: Dice, imap: Imap, smtp: Smtp) -> Self {
        Self {
            dice,
            imap,
            smtp,
            written: Vec::new(),
            links: Vec::new(),
            secret: BTreeSet::new(),
            seen: 0,
            complaints: 0,
            mails: 0,
            answers: 0,
            under_way: Vec::new(),
        }
    }

    /// What happens in the world at this moment; `busy`: people still write.
    pub fn step(&mut self, now: Moment, busy: bool) {
        if busy {
            self.read_letters(now);
        }
        let (arrived, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.under_way).into_iter().partition(|(at, _)| *at <= now);
        self.under_way = rest;
        for (_, mail) in arrived {
            self.imap.deliver(mail.raw.clone(), now);
            self.written.push(Written { at: now, ..mail });
        }
    }

    /// Everything that is under way arrives.
    pub fn all_arrives(&mut self, now: Moment) {
        for (_, mail) in std::mem::take(&mut self.under_way) {
            self.imap.deliver(mail.raw.clone(), now);
            self.written.push(Written { at: now, ..mail });
        }
    }

    fn send(&mut self, now: Moment, within: usize, key: usize, raw: Vec<u8>) {
        let at = now.plus_seconds(self.dice.below(within + 1) as i64);
        self.under_way.push((at, Written { key, at, raw }));
    }

    /// So many mails of strangers come in within so many seconds.
    pub fn strangers_write(&mut self, now: Moment, mails: usize, within: usize) {
        for _ in 0..mails {
            match self.dice.below(20) {
                0 => self.noise(now, within),
                1 => self.list_mail(now, within),
                2 => self.foreign_bounce(now, within),
                _ => self.complaint(now, within),
            }
        }
    }

    fn complaint(&mut self, now: Moment, within: usize) {
        self.complaints += 1;
        let n = self.complaints;
        let words = *self.dice.one(&WORDS);
        let long = if self.dice.permille(40) { "請儘速處理。\r\n".repeat(self.dice.between(100, 9000)) } else { String::new() };
        let from = address(n);
        let mut body = format!("{words}，第 {n} 號來信，請協助。\r\n{long}");
        if self.dice.permille(300) {
            self.secret.insert(n);
            body.push_str(&format!("請為我保密，不要讓單位知道我是誰。\r\n姓名：{}\r\n電話：{}\r\n", name(n), telephone(n)));
        }
        let raw = self.mail(&from, SERVICE, &format!("complaint {n}"), &body, &[], 0);
        // Servers deliver twice, and people's providers through two ways.
        match self.dice.below(12) {
            0 => self.send(now, within, n, raw.clone()),
            1 => {
                let again =
                    [b"Received: from elsewhere.example by mx2.kmu.example; Tue, 3 Mar 2026 09:30:00 +0800\r\n".to_vec(), raw.clone()]
                        .concat();
                self.send(now, within, n, again);
            }
            _ => {}
        }
        self.send(now, within, n, raw);
    }

    fn noise(&mut self, now: Moment, within: usize) {
        self.mails += 1;
        let n = self.mails;
        let raw: Vec<u8> = match self.dice.below(5) {
            0 => vec![0, 1, 2, 255, 254, (n % 251) as u8, (n / 251) as u8],
            1 => format!("From: <>\r\nX-N: {n}\r\nDate: nonsense\r\n\r\n").into_bytes(),
            2 => format!("{n}\r\n").into_bytes(),
            3 => format!("Subject: =?big5?b?p0E=?= {n}\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n").into_bytes(),
            _ => format!("From: a@b@c <x\r\nSubject: {n}\r\nMessage-ID: <held{n}@nowhere.example>\r\n\r\n\0\0\0\r\n").into_bytes(),
        };
        self.send(now, within, 0, raw);
    }

    fn list_mail(&mut self, now: Moment, within: usize) {
        let raw = self.mail(
            "news@list.example",
            SERVICE,
            "電子報",
            "本週活動一覽。\r\n",
            &["List-Id: <news.list.example>", "Precedence: bulk"],
            0,
        );
        self.send(now, within, 0, raw);
    }

    fn foreign_bounce(&mut self, now: Moment, within: usize) {
        let raw = report(self.mails, SERVICE, "someone@elsewhere.example", "<not-ours@elsewhere.example>");
        self.mails += 1;
        self.send(now, within, 0, raw);
    }

    /// The bytes of a mail; `hops` further transit lines.
    fn mail(&mut self, from: &str, to: &str, subject: &str, body: &str, headers: &[&str], hops: usize) -> Vec<u8> {
        self.mails += 1;
        let n = self.mails;
        let domain = from.rsplit('@').next().unwrap_or("mail.example");
        let mut out = format!("Authentication-Results: mx.kmu.example;\r\n dmarc=pass (p=reject) header.from={domain}\r\n");
        for hop in 0..=hops {
            out.push_str(&format!("Received: from out{hop}.{domain} by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\n"));
        }
        out.push_str(&format!("From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <m{n}@{domain}>\r\n"));
        out.push_str("Date: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n");
        for header in headers {
            out.push_str(&format!("{header}\r\n"));
        }
        out.push_str(&format!("\r\n{body}"));
        out.into_bytes()
    }

    /// New letters are read, some of them answered.
    fn read_letters(&mut self, now: Moment) {
        let kept = self.smtp.kept();
        let new: Vec<Kept> = kept[self.seen..].to_vec();
        self.seen = kept.len();
        for kept in new {
            // A life is short: not every letter is answered.
            if self.answers >= 30 || !self.dice.permille(700) {
                continue;
            }
            let letter = read(&kept.from, &kept.to, &kept.raw);
            self.answers += 1;
            self.answer_letter(now, &letter);
        }
    }

    fn answer_letter(&mut self, now: Moment, letter: &Letter) {
        let outside = letter.to.ends_with("@mail.example");
        if let Some(link) = link(&letter.text).filter(|_| outside) {
            self.links.push(link);
        }
        if self.dice.permille(60) {
            let raw = report(self.mails, &letter.envelope_from, &letter.to, &format!("<{}>", letter.message_id));
            self.mails += 1;
            return self.send(now, 600, 0, raw);
        }
        let from = match letter.to.as_str() {
            "academic@kmu.example" => "chen@kmu.example",
            "general@kmu.example" => "huang@kmu.example",
            other => other,
        };
        let from = from.to_owned();
        let buttons = buttons(&letter.html);
        if !buttons.is_empty() && self.dice.permille(600) {
            // The first one is what is mostly done.
            let (to, subject, mut body) = if self.dice.permille(600) { buttons[0].clone() } else { self.dice.one(&buttons).clone() };
            if body.contains("擬答覆") {
                body.push_str("\r\n您好：已請廠商修復，造成不便，謹致歉意。");
            }
            let raw = self.mail(&from, &to, &subject, &format!("{body}\r\n"), &[], 0);
            return self.send(now, 900, 0, raw);
        }
        let words = if outside { *self.dice.one(&COMPLAINANT_SAYS) } else { *self.dice.one(&STAFF_SAY) };
        let robot = self.dice.permille(80);
        // Some providers give our letters other Message-IDs, which the answer then names (F21).
        let rewritten = self.dice.permille(150);
        let thread =
            if rewritten { "In-Reply-To: <010f@provider.example>".to_owned() } else { format!("In-Reply-To: <{}>", letter.message_id) };
        let mut headers = vec![thread.as_str()];
        if robot {
            headers.push("Auto-Submitted: auto-replied");
        }
        let body = format!("{}\r\n", words.replace('\n', "\r\n"));
        let raw = self.mail(&from, &letter.reply_to, &format!("Re: {}", letter.subject.replace(['\r', '\n'], " ")), &body, &headers, 0);
        if self.dice.permille(60) {
            self.send(now, 900, 0, raw.clone());
        }
        self.send(now, 900, 0, raw);
    }

    /// How many complaints were written.
    pub fn complaints_written(&self) -> usize {
        self.complaints
    }

    /// Complaints by their key, with the bytes of all copies that arrived.
    pub fn complaints(&self) -> BTreeMap<usize, BTreeSet<Vec<u8>>> {
        let mut found: BTreeMap<usize, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for written in self.written.iter().filter(|w| w.key > 0) {
            found.entry(written.key).or_default().insert(written.raw.clone());
        }
        found
    }
}

/// What a complainant who asks for secrecy is called.
pub fn name(n: usize) -> String {
    let given = ["家豪", "淑芬", "志明", "美玲", "俊傑", "雅婷", "建宏", "怡君"];
    format!("歐陽{}", given[n % given.len()])
}

/// Her telephone.
pub fn telephone(n: usize) -> String {
    format!("0912-340-{n:03}")
}

/// The address that complaint `n` comes from.
pub fn address(n: usize) -> String {
    format!("student{n}@mail.example")
}

/// (address, subject, text) of every button of a letter.
fn buttons(html: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for part in html.split("href=\"mailto:").skip(1) {
        let href = part.split('"').next().unwrap_or_default().replace("&amp;", "&");
        let Some((to, query)) = href.split_once('?') else { continue };
        let get = |name: &str| query.split('&').find_map(|p| p.strip_prefix(&format!("{name}="))).map(decoded).unwrap_or_default();
        found.push((decoded(to), get("subject"), get("body")));
    }
    found
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let pair: Vec<u8> = bytes.by_ref().take(2).collect();
            out.push(u8::from_str_radix(&String::from_utf8_lossy(&pair), 16).unwrap_or(b'?'));
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The survey's path.
fn link(text: &str) -> Option<String> {
    let at = text.find("/s/")?;
    let token: String = text[at + 3..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect();
    Some(format!("/s/{token}"))
}

/// A report (RFC 3464) that a letter did not arrive.
fn report(n: usize, to: &str, recipient: &str, id: &str) -> Vec<u8> {
    format!(
        "From: MAILER-DAEMON@mx.kmu.example\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: <dsn{n}@mx.kmu.example>\r\nDate: Tue, 3 Mar 2026 09:00:00 +0800\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.kmu.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {id}\r\nSubject: x\r\n\r\n--b--\r\n"
    )
    .into_bytes()
}
