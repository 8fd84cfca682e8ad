//! A small world of named people: a university's office over a private Dovecot and a real SMTP server, on a set clock.
//! People write mails into the mailbox; what redress sends is picked up at the server, as its reader would see it.

use std::path::{Path, PathBuf};

use redress::calendar::Moment;
use redress::clock::{Chance, Clock};
use redress::config;
use redress::daemon::{House, Passed, run_once};
use redress::domain::Case;

use super::dovecot::{Dovecot, PASSWORD};
use super::smtp_server::SmtpServer;

/// The office's mailbox.
pub const SERVICE: &str = "service@kmu.example";

/// The university, with its servers.
pub struct World {
    /// Where its files are; removed at the end.
    pub dir: tempfile::TempDir,
    /// The mailbox.
    pub dovecot: Dovecot,
    /// Where letters arrive.
    pub smtp: SmtpServer,
    /// The clock on the wall.
    pub clock: Clock,
    /// redress itself.
    pub house: House,
    seen: usize,
    written: usize,
    kept: usize,
}

/// A letter as its reader got it.
#[derive(Debug, Clone)]
pub struct Letter {
    /// RCPT TO.
    pub to: String,
    /// MAIL FROM.
    pub envelope_from: String,
    /// The whole mail.
    pub raw: Vec<u8>,
    /// Decoded.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Without brackets.
    pub message_id: String,
    /// Where a reply goes.
    pub reply_to: String,
    /// (name, type, bytes).
    pub files: Vec<(String, String, Vec<u8>)>,
}

/// A mail that somebody writes.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    /// `陳小華 <hua@mail.example>`.
    pub from: String,
    /// Where to.
    pub to: String,
    /// As typed.
    pub subject: String,
    /// As typed.
    pub text: String,
    /// Lines such as `In-Reply-To: <…>`.
    pub headers: Vec<String>,
    /// The border server's verdict stands on top.
    pub authentic: bool,
}

impl World {
    /// The university as it is, from Tuesday, 3 March 2026, nine o'clock.
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// With further lines of config.
    pub async fn with(extra: &str) -> Self {
        Self::changed(&[], extra).await
    }

    /// On another store.
    pub async fn on(store: &str) -> Self {
        Self::changed(&[("sqlite:redress.db", store)], "").await
    }

    /// With words of the config replaced (each must be there), and further lines.
    pub async fn changed(changes: &[(&str, &str)], extra: &str) -> Self {
        let dovecot = Dovecot::start().expect("dovecot-imapd is installed (make test installs it)");
        let smtp = SmtpServer::start().expect("python3-aiosmtpd is installed (make test installs it)");
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::settable(moment("2026-03-03T09:00:00+08:00"));
        let path = write_config(dir.path(), dovecot.port, smtp.port, extra);
        if !changes.is_empty() {
            let mut text = std::fs::read_to_string(&path).expect("config");
            for (from, to) in changes {
                assert!(text.contains(from), "{from} is in the config");
                text = text.replacen(from, to, 1);
            }
            std::fs::write(&path, text).expect("config");
        }
        let house = open(&path, &clock).await;
        Self { dir, dovecot, smtp, clock, house, seen: 0, written: 0, kept: 0 }
    }

    /// Another house on the same config, store and clock.
    pub async fn another_house(&self) -> House {
        open(&self.dir.path().join("redress.toml"), &self.clock).await
    }

    /// Stops redress and starts it anew on the same store.
    pub async fn restart(&mut self) {
        self.house.desk.store.close().await;
        self.house = open(&self.dir.path().join("redress.toml"), &self.clock).await;
    }

    /// Puts the clock to a moment such as `2026-03-05T10:00:00+08:00`.
    pub fn at(&self, when: &str) {
        self.clock.set(moment(when));
    }

    /// Puts the clock forward.
    pub fn later(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus_seconds(seconds));
    }

    /// A mail arrives in the mailbox.
    pub fn arrives(&mut self, mail: &Mail) {
        let raw = self.bytes(mail);
        self.arrives_raw(&raw);
    }

    /// Bytes arrive in the mailbox.
    pub fn arrives_raw(&self, raw: &[u8]) {
        let at = self.clock.now().zoned(self.house.desk.office.calendar.zone()).strftime("%d-%b-%Y %H:%M:%S %z").to_string();
        self.dovecot.append(SERVICE, "INBOX", raw, Some(&at));
    }

    /// The bytes of a mail.
    pub fn bytes(&mut self, mail: &Mail) -> Vec<u8> {
        self.written += 1;
        let id = self.written;
        let domain = mail.from.rsplit('@').next().unwrap_or("mail.example").trim_end_matches('>');
        let mut out = String::new();
        if mail.authentic {
            out.push_str(&format!("Authentication-Results: mx.kmu.example;\r\n dmarc=pass (p=reject) header.from={domain}\r\n"));
        }
        out.push_str(&format!("Received: from out.{domain} by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800\r\n"));
        out.push_str(&format!("From: {}\r\nTo: {}\r\n", mail.from, if mail.to.is_empty() { SERVICE } else { &mail.to }));
        out.push_str(&format!("Subject: {}\r\nMessage-ID: <m{id}@{domain}>\r\n", mail.subject));
        out.push_str("Date: Tue, 3 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n");
        for header in &mail.headers {
            out.push_str(header);
            out.push_str("\r\n");
        }
        out.push_str("\r\n");
        out.push_str(&mail.text.replace('\n', "\r\n"));
        out.push_str("\r\n");
        out.into_bytes()
    }

    /// redress does all there is to do; gives the letters that left.
    pub async fn pass(&mut self) -> Vec<Letter> {
        // Boxed: a long story holds one such future for each of its passes.
        let (_, letters) = Box::pin(self.pass_counted()).await;
        letters
    }

    /// The same with what the pass says of itself.
    pub async fn pass_counted(&mut self) -> (Passed, Vec<Letter>) {
        let passed = Box::pin(run_once(&self.house)).await.expect("a pass");
        let all = self.smtp.mails();
        let new: Vec<Letter> =
            all.iter().skip(self.seen).map(|kept| read(&kept.from, kept.to.first().map_or("", String::as_str), &kept.raw)).collect();
        self.seen = all.len();
        self.keep(&new);
        (passed, new)
    }

    /// Everything that was ever sent to an address.
    pub fn sent_to(&self, address: &str) -> Vec<Letter> {
        let all = self.smtp.mails();
        all.iter().map(|kept| read(&kept.from, kept.to.first().map_or("", String::as_str), &kept.raw)).filter(|l| l.to == address).collect()
    }

    /// For the eye: with `REDRESS_LETTERS=folder` every letter is kept there as its reader got it.
    fn keep(&mut self, letters: &[Letter]) {
        let Ok(folder) = std::env::var("REDRESS_LETTERS") else { return };
        let folder = Path::new(&folder).join(std::thread::current().name().unwrap_or("story").replace("::", "_"));
        std::fs::create_dir_all(&folder).expect("a folder for letters");
        for letter in letters {
            self.kept += 1;
            let name = folder.join(format!("{:02}-{}", self.kept, letter.to.split('@').next().unwrap_or_default()));
            std::fs::write(name.with_extension("txt"), format!("{}\n\n{}", letter.subject, letter.text)).expect("kept");
            std::fs::write(name.with_extension("html"), &letter.html).expect("kept");
            for (n, (_, _, bytes)) in letter.files.iter().filter(|(_, kind, _)| kind == "application/pdf").enumerate() {
                std::fs::write(name.with_extension(format!("{n}.pdf")), bytes).expect("kept");
            }
        }
    }

    /// The case with this number.
    pub async fn case(&self, number: &str) -> Case {
        self.house.desk.case_by_number(number).await.expect("store").expect("there is such a case")
    }

    /// All cases.
    pub async fn cases(&self) -> Vec<Case> {
        self.house.desk.cases().await.expect("store")
    }
}

impl Letter {
    /// A reply as a mail client writes it: to the reply address, threaded, quoting what it answers.
    pub fn reply(&self, from: &str, text: &str) -> Mail {
        let quoted: String = self.text.lines().take(20).map(|l| format!("> {l}\n")).collect();
        Mail {
            from: from.to_owned(),
            to: self.reply_to.clone(),
            subject: format!("Re: {}", self.subject),
            text: format!("{text}\n\n秘書室 <{SERVICE}> 於 2026年3月3日 週二 上午9:00 寫道：\n\n{quoted}"),
            headers: vec![format!("In-Reply-To: <{}>", self.message_id), format!("References: <{}>", self.message_id)],
            authentic: true,
        }
    }

    /// The target of the button whose label holds this word.
    pub fn button(&self, word: &str) -> Option<String> {
        let mut rest = self.html.as_str();
        while let Some(at) = rest.find("<a ") {
            rest = rest.get(at..)?;
            let end = rest.find("</a>")?;
            let link = rest.get(..end)?;
            if link.contains(word) {
                let href = link.split("href=\"").nth(1)?.split('"').next()?;
                return Some(href.replace("&amp;", "&"));
            }
            rest = rest.get(end..)?;
        }
        None
    }

    /// The mail that pressing a button writes.
    pub fn press(&self, word: &str, from: &str, typed: &str) -> Mail {
        let href = self.button(word).unwrap_or_else(|| panic!("no button {word} in {}\n{}", self.subject, self.text));
        let target = href.strip_prefix("mailto:").expect("a mailto");
        let (to, query) = target.split_once('?').expect("subject and body");
        let get = |name: &str| query.split('&').find_map(|p| p.strip_prefix(&format!("{name}="))).map(percent).unwrap_or_default();
        Mail {
            from: from.to_owned(),
            to: percent(to),
            subject: get("subject"),
            text: format!("{}\n{typed}", get("body").replace("\r\n", "\n")),
            headers: Vec::new(),
            authentic: true,
        }
    }
}

/// The letters to one address.
pub fn to<'a>(letters: &'a [Letter], address: &str) -> Vec<&'a Letter> {
    letters.iter().filter(|l| l.to == address).collect()
}

/// The one letter to an address.
pub fn only<'a>(letters: &'a [Letter], address: &str) -> &'a Letter {
    let found = to(letters, address);
    assert_eq!(
        found.len(),
        1,
        "letters to {address}: {:?}, all: {:?}",
        found.iter().map(|l| &l.subject).collect::<Vec<_>>(),
        letters.iter().map(|l| (&l.to, &l.subject)).collect::<Vec<_>>()
    );
    found[0]
}

/// A moment.
pub fn moment(text: &str) -> Moment {
    Moment::parse_rfc3339(text).expect("a moment")
}

async fn open(path: &Path, clock: &Clock) -> House {
    let config = config::load(path, &std::collections::BTreeMap::new()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    House::open(config, clock.clone(), Chance::seeded(7)).await.expect("the house opens")
}

fn percent(text: &str) -> String {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' && at + 2 < bytes.len() {
            out.push(u8::from_str_radix(&text[at + 1..at + 3], 16).expect("hex"));
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).expect("utf-8")
}

/// A letter as its reader gets it.
pub fn read(envelope_from: &str, to: &str, raw: &[u8]) -> Letter {
    use mail_parser::MimeHeaders;
    let mail = mail_parser::MessageParser::default().parse(raw).expect("a mail");
    let address = |a: Option<&mail_parser::Address<'_>>| a.and_then(|a| a.first()).and_then(|a| a.address()).unwrap_or_default().to_owned();
    let reply_to = address(mail.reply_to());
    let files = mail
        .attachments()
        .map(|part| {
            let kind = part.content_type().map_or_else(String::new, |t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or_default()));
            (part.attachment_name().unwrap_or_default().to_owned(), kind, part.contents().to_vec())
        })
        .collect();
    Letter {
        to: to.to_owned(),
        envelope_from: envelope_from.to_owned(),
        raw: raw.to_vec(),
        subject: mail.subject().unwrap_or_default().to_owned(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
        html: mail.body_html(0).unwrap_or_default().into_owned(),
        message_id: mail.message_id().unwrap_or_default().to_owned(),
        reply_to: if reply_to.is_empty() { address(mail.from()) } else { reply_to },
        files,
    }
}

/// The university's config, with further lines.
pub fn write_config(dir: &Path, imap: u16, smtp: u16, extra: &str) -> PathBuf {
    let path = dir.join("redress.toml");
    let text = format!(
        r#"
[organisation]
name = "高雄示範大學"
office = "秘書室"
domain = "kmu.example"
profile = "kmu"
time_zone = "Asia/Taipei"
locale = "zh-TW"

[[mailboxes]]
address = "{SERVICE}"
trusted_authserv_id = "mx.kmu.example"
[mailboxes.imap]
host = "127.0.0.1"
port = {imap}
tls = "none"
username = "{SERVICE}"
password = "{PASSWORD}"

[smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"

[store]
url = "sqlite:redress.db"

[survey]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8080"

[digest]
at = "08:30"
people = "never"

[answer]
recall_window = "0s"

[[people]]
id = "wang"
name = "王秘書"
email = "wang@kmu.example"
roles = ["secretariat"]
title = "組員"
extension = "2101"
[[people]]
id = "lee"
name = "李主任秘書"
email = "lee@kmu.example"
roles = ["chief_secretary"]
title = "主任秘書"
[[people]]
id = "hsu"
name = "許校長"
email = "hsu@kmu.example"
roles = ["president"]
title = "校長"
[[people]]
id = "tsai"
name = "蔡副校長"
email = "tsai@kmu.example"
roles = ["vice_president"]
title = "副校長"
[[people]]
id = "lin"
name = "林教務長"
email = "lin@kmu.example"
roles = []
title = "教務長"
[[people]]
id = "chen"
name = "陳承辦"
email = "chen@kmu.example"
roles = []
title = "專員"
extension = "3105"
[[people]]
id = "wu"
name = "吳總務長"
email = "wu@kmu.example"
roles = []
title = "總務長"
[[people]]
id = "huang"
name = "黃技士"
email = "huang@kmu.example"
roles = []
title = "技士"

[[units]]
id = "academic"
name = "教務處"
inbox = "academic@kmu.example"
head = "lin"
handlers = ["chen"]
keywords = ["選課", "成績", "註冊"]
[[units]]
id = "general"
name = "總務處"
inbox = "general@kmu.example"
head = "wu"
handlers = ["huang"]
keywords = ["宿舍", "冷氣", "停車"]

{extra}
"#
    );
    std::fs::write(&path, text).expect("config");
    path
}
