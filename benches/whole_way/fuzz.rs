//! Mails that nobody would write: our own corpus, cut, spliced, repeated and sprinkled with what readers stumble over, into every part of
//! the reader. `make fuzz MINUTES=10`; `REDRESS_FUZZ_SEED` runs one seed again. A panic, or an input that takes too long, is kept as a file
//! in `fuzz-found/`; once mended it belongs into `tests/corpus/hostile`. Stable Rust has no coverage guidance, so the seeds are structured
//! and the mutations know the grammar. Called by `main`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use redress::clock::Chance;
use redress::mail;
use redress::trust::{self, EvidenceMode, Key, Keyring, Sources};

/// One input may take so long: wide, since the machine does other things too.
const LONGEST: Duration = Duration::from_secs(5);
/// Inputs are kept below this, in octets.
const LARGEST: usize = 256 * 1024;

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 11] = [
    ("parse", |raw| {
        let m = mail::read(raw);
        let kept = m.reply_text.len() + m.quoted_text.len();
        assert!(kept <= m.text.len() * 2 + raw.len() * 4 + 4096, "more words than the mail has");
        assert!(m.attachments.iter().all(|a| a.size == a.data.len() && !a.name.contains(['/', '\\', '\r', '\n', '\0'])));
    }),
    ("trim", |raw| {
        let text = String::from_utf8_lossy(raw);
        let lines = mail::textparts::plain_lines(&text);
        let t = mail::trim::trim(&lines);
        // Nothing is thrown away: every line with a word is in one of the two halves.
        for line in lines.iter().take(500).map(|l| l.text.trim()).filter(|l| !l.is_empty()) {
            assert!(t.reply.contains(line) || t.quoted.contains(line) || line.contains(" On "), "a line is gone");
        }
        drop(mail::html::lines(&text));
    }),
    ("directive", |raw| {
        let text = String::from_utf8_lossy(raw);
        drop(mail::directive::split(&text));
        drop(mail::decision::decide(&text));
        drop(mail::decision::button(&text, &text));
        drop(mail::fields::from_text(&text));
        let _ = mail::fields::satisfaction(&text);
    }),
    ("words", |raw| {
        let text = String::from_utf8_lossy(raw);
        let form = mail::form::parse(&text);
        assert!(form.answer.is_none_or(|a| !a.trim().is_empty()), "an answer without a word");
        drop(mail::proposal::handling(&text));
        drop(mail::passed_on::cover(&text));
        let _ = mail::until::leading(&text);
        let _ = mail::fields::thanks(&text);
        let _ = mail::fields::withdrawal(&text);
        drop(mail::phone::read(&text));
        drop(mail::redact::blank(&text, &["陳小華", "hua@mail.example"], mail::redact::Names::All));
    }),
    ("trust", |raw| {
        let text = String::from_utf8_lossy(raw);
        let key = Key::new(3, &[7; 32]).expect("a key");
        let ring = Keyring::new(key, Vec::new()).expect("a ring");
        let lines: Vec<&str> = text.lines().take(200).collect();
        let sources = Sources { addresses: &lines, references: &lines, subject: &text, new_text: &text, whole_text: &text };
        assert!(trust::find(&ring, &sources).acting().is_none(), "a token out of nothing");
        assert!(lines.iter().all(|l| ring.open(l).is_none()), "a token out of nothing");
        let received = ("Received".to_owned(), "from x by mx.kmu.example with ESMTPS; Tue, 3 Mar 2026 09:00:00 +0800".to_owned());
        let verdict = ("Authentication-Results".to_owned(), text.chars().filter(|c| *c != '\n').take(4000).collect());
        for mode in [EvidenceMode::Dmarc, EvidenceMode::Dkim, EvidenceMode::Internal] {
            drop(trust::evaluate_for(mode, &[verdict.clone(), received.clone()], Some("mx.kmu.example"), Some("wang@kmu.example")));
        }
        drop(trust::dkim::verify(raw, "kmu.example", 1_772_500_000, &BTreeMap::new()));
    }),
    ("metadata", |raw| {
        // Octets behind the first bytes of every kind that is known.
        for head in [&b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"%PDF-1.7\n", b"PK\x03\x04", b""] {
            drop(mail::metadata::clean(&[head, raw].concat()));
        }
        drop(mail::metadata::clean(&mail::metadata::archive(&[("word/document.xml".to_owned(), raw.to_vec())]).unwrap_or_default()));
    }),
    ("thread", |raw| {
        let text = String::from_utf8_lossy(raw);
        drop(mail::thread::ids(&text));
        let _ = mail::thread::base_subject(&text);
        let _ = mail::thread::is_reply_subject(&text);
    }),
    ("dsn", |raw| {
        let report = [
            b"From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n".as_slice(),
            raw,
            b"\r\n--b--\r\n",
        ]
        .concat();
        drop(mail::read(&report));
    }),
    ("headers", |raw| {
        let h = mail::headers::RawHeaders::parse(raw);
        for f in h.iter() {
            drop(mail::address::list(&f.bytes(), None));
            drop(mail::encoded_word::decode(&f.bytes(), None));
            drop(mail::params::Params::parse(&f.bytes(), Some("big5")));
        }
        drop(mail::address::strict_from(&h));
    }),
    ("charset", |raw| {
        for label in [None, Some("big5"), Some("gb18030"), Some("utf-7"), Some("hz"), Some("iso-2022-jp"), Some("utf-16"), Some("us-ascii")]
        {
            drop(mail::charset::decode(raw, label));
        }
    }),
    ("wrapped", |raw| {
        let coded = data_encoding::BASE64.encode(raw);
        for kind in ["application/ms-tnef", "application/pkcs7-mime", "application/rtf", "text/calendar"] {
            drop(mail::read(
                format!("From: a@b.example\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}").as_bytes(),
            ));
        }
    }),
];

/// What readers stumble over.
const WORDS: [&[u8]; 52] = [
    b"\r\n",
    b"\n\n",
    b"\r",
    b"\0",
    b"--b",
    b"--b--\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"=?utf-8?B?",
    b"?=",
    b"=?big5?Q?=A4",
    b"\xa4\xa4\xa4",
    b"\x1b$B",
    b"\x1b(B",
    b"+AGE-",
    b"<blockquote>",
    b"</div>",
    b"<!--",
    b"-->",
    b"<div style=\"display:none\">",
    b"&#xD800;",
    b"> ",
    b">>> ",
    b"On Mon, Nov 23, 2026 at 9:00 AM A <a@b.c> wrote:",
    b"-----Original Message-----",
    "——— 請在此線以上回覆 ———".as_bytes(),
    "#核准".as_bytes(),
    "＃退回 理由".as_bytes(),
    "擬答覆：".as_bytes(),
    "寄件者: a\n寄件日期: b\n收件者: c\n主旨: d\n".as_bytes(),
    b"Final-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\n",
    b"begin 644 x\n",
    b"filename*0*=big5''%A4",
    b";;;;",
    b"{\\rtf1\\u-1?\\'",
    b"\x78\x9f\x3e\x22\x01\x00",
    b"\x30\x80\x24\x80",
    "\u{202e}\u{feff}".as_bytes(),
    "姓名：陳小華\nE-mail：hua@mail.example\n內容：".as_bytes(),
    "來文字號：高市府研字第1150001234號\n限辦日期：115年3月6日\n".as_bytes(),
    "---------- 轉寄郵件 ----------\n".as_bytes(),
    "115/12/31 3日 12月".as_bytes(),
    b"Authentication-Results: mx.kmu.example; dmarc=pass (p=none) header.from=kmu.example",
    b"service+a.0000000000000a.00000000000000000000000000@kmu.example",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=kmu.example; s=k; h=from:to; b=; bh=",
    b"1 0 obj << /Type /Annot /Subtype /Text /T (x) >> endobj",
    b"<< /Type /ObjStm /Filter /FlateDecode >> stream\n",
    b"<w:ins w:author=\"x\">",
    b"\xff\xe1\x00\x10Exif\0\0",
    b"\xff\xda\x00\x02",
];

/// Runs every target for its share of `minutes`; ends the process with 1 when anything was found.
pub fn run(minutes: u64) {
    let seeds = seeds();
    assert!(seeds.len() > 80, "the corpus is there");
    let only = std::env::var("REDRESS_FUZZ_TARGET").unwrap_or_default();
    let again: Option<u64> = std::env::var("REDRESS_FUZZ_SEED").ok().and_then(|s| s.parse().ok());
    let first = again.unwrap_or_else(|| u64::from_le_bytes(Chance::system().bytes::<8>()) >> 16);
    std::panic::set_hook(Box::new(|_| {}));
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for (name, target) in TARGETS.iter().filter(|(name, _)| only.is_empty() || only == *name) {
        let until = Instant::now() + Duration::from_secs(minutes * 60);
        let (mut seed, mut slowest, before) = (first, Duration::ZERO, found.len());
        while Instant::now() < until && found.len() < before + 20 {
            let input = Mutator(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1).input(&seeds);
            let began = Instant::now();
            let ended = std::panic::catch_unwind(|| target(&input));
            let took = began.elapsed();
            slowest = slowest.max(took);
            if ended.is_err() || took > LONGEST {
                found.insert(keep(name, seed, &input), seed);
            }
            seed += 1;
            if again.is_some() {
                break;
            }
        }
        let finds = found.len() - before;
        println!(
            "{name:<10} {:>9} inputs, slowest {:>7.1} ms, {finds} found, seeds {first}..{seed}",
            seed - first,
            slowest.as_secs_f64() * 1000.0
        );
    }
    for (file, seed) in &found {
        println!("found: {file} (REDRESS_FUZZ_SEED={seed})");
    }
    if !found.is_empty() {
        std::process::exit(1);
    }
}

fn keep(target: &str, seed: u64, input: &[u8]) -> String {
    let folder = Path::new("fuzz-found");
    std::fs::create_dir_all(folder).expect("a folder");
    let file = folder.join(format!("{target}-{seed}.eml"));
    std::fs::write(&file, input).expect("kept");
    file.display().to_string()
}

fn seeds() -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("corpus").flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "eml") {
                out.push(std::fs::read(path).expect("a mail"));
            }
        }
    }
    out.sort();
    out
}

/// A small generator; the same seed gives the same input.
struct Mutator(u64);

impl Mutator {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as usize
    }

    fn below(&mut self, n: usize) -> usize {
        self.next() % n.max(1)
    }

    fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        for _ in 0..4 {
            self.next();
        }
        let mut data = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(12) {
            self.change(&mut data, seeds);
            data.truncate(LARGEST);
        }
        data
    }

    fn span(&mut self, data: &[u8]) -> std::ops::Range<usize> {
        let a = self.below(data.len());
        let most = 1 << self.below(12);
        a..(a + 1 + self.below(most)).min(data.len())
    }

    fn change(&mut self, data: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(data.len() + 1);
        match self.below(9) {
            0 => drop(data.splice(at..at, WORDS[self.below(WORDS.len())].iter().copied())),
            1 => {
                let count = 1 << self.below(10);
                let word = WORDS[self.below(WORDS.len())].repeat(count);
                drop(data.splice(at..at, word));
            }
            2 if !data.is_empty() => drop(data.drain(self.span(data))),
            3 if !data.is_empty() => {
                let piece = data[self.span(data)].to_vec();
                drop(data.splice(at..at, piece.repeat(1 << self.below(5))));
            }
            4 if !data.is_empty() => {
                let place = self.below(data.len());
                data[place] = self.next() as u8;
            }
            5 => data.truncate(at),
            6 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len());
                drop(data.splice(at.., other[from..].iter().copied()));
            }
            7 if !data.is_empty() => {
                // A line somewhere else.
                let lines: Vec<&[u8]> = data.split_inclusive(|b| *b == b'\n').collect();
                let line = lines[self.below(lines.len())].to_vec();
                drop(data.splice(at..at, line));
            }
            8 => {
                // A mail in a mail.
                let inner = std::mem::take(data);
                data.extend_from_slice(
                    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n",
                );
                data.extend_from_slice(&inner);
                data.extend_from_slice(b"\r\n--o--\r\n");
            }
            _ => data.push(self.next() as u8),
        }
    }
}
