//! An SMTP server inside the test: fast, keeps every envelope with its bytes, and misbehaves on demand, by the beginning of the
//! recipient's address. For fault tests and for measuring.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What to do to letters for some recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answer RCPT with this.
    Rcpt(&'static str),
    /// Answer DATA with this.
    Data(&'static str),
    /// Take the content and answer with this.
    Dot(&'static str),
    /// Take and keep the content, then say nothing and hang.
    HangAfterDot,
    /// Take and keep the content, then close.
    CutAfterDot,
    /// Close in place of an answer to DATA.
    CutAtData,
    /// Close after so many bytes of content.
    CutInContent(usize),
    /// Answer 421 to RCPT and close.
    Goodbye,
}

/// A letter that it kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub from: String,
    pub to: Vec<String>,
    pub raw: Vec<u8>,
}

/// How the server presents itself.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Lines of the EHLO answer after the first.
    pub features: Vec<&'static str>,
    /// The answer to AUTH.
    pub auth: &'static str,
    /// Letters per connection, then 421.
    pub per_connection: usize,
    /// Bytes kept of each letter.
    pub kept_bytes: usize,
}

impl Default for Manners {
    fn default() -> Self {
        Self { features: vec!["8BITMIME", "SIZE 50000000"], auth: "235 2.7.0 welcome", per_connection: usize::MAX, kept_bytes: usize::MAX }
    }
}

#[derive(Debug, Default)]
struct Book {
    kept: Vec<Kept>,
    faults: BTreeMap<String, (Fault, u32)>,
    connections: usize,
    lines: Vec<String>,
}

/// A running sink; ends with the runtime it was started on.
#[derive(Debug, Clone)]
pub struct Sink {
    pub port: u16,
    book: Arc<Mutex<Book>>,
}

impl Sink {
    /// Starts one with usual manners.
    pub async fn start() -> Self {
        Self::with(Manners::default()).await
    }

    /// Starts one.
    pub async fn with(manners: Manners) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("port");
        let sink = Self { port: listener.local_addr().expect("address").port(), book: Arc::default() };
        let book = Arc::clone(&sink.book);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (book, manners) = (Arc::clone(&book), manners.clone());
                book.lock().expect("book").connections += 1;
                tokio::spawn(async move {
                    let _ = serve(stream, book, manners).await;
                });
            }
        });
        sink
    }

    /// For the next `times` letters to a recipient that begins so.
    pub fn misbehave(&self, recipient: &str, fault: Fault, times: u32) {
        self.book.lock().expect("book").faults.insert(recipient.to_owned(), (fault, times));
    }

    pub fn kept(&self) -> Vec<Kept> {
        self.book.lock().expect("book").kept.clone()
    }

    pub fn count(&self) -> usize {
        self.book.lock().expect("book").kept.len()
    }

    pub fn connections(&self) -> usize {
        self.book.lock().expect("book").connections
    }

    /// Every command line that it heard.
    pub fn lines(&self) -> Vec<String> {
        self.book.lock().expect("book").lines.clone()
    }
}

fn fault_for(book: &Mutex<Book>, recipient: &str) -> Option<Fault> {
    let mut book = book.lock().expect("book");
    let (fault, left) = book.faults.iter_mut().find(|(prefix, (_, left))| recipient.starts_with(prefix.as_str()) && *left > 0)?.1;
    *left -= 1;
    Some(*fault)
}

async fn serve(stream: TcpStream, book: Arc<Mutex<Book>>, manners: Manners) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut io = BufReader::new(stream);
    io.get_mut().write_all(b"220 sink ESMTP\r\n").await?;
    let (mut from, mut to, mut fault, mut letters) = (String::new(), Vec::new(), None, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        if io.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        book.lock().expect("book").lines.push(text.clone());
        let upper = text.to_ascii_uppercase();
        let answer: String = if upper.starts_with("EHLO") {
            let mut lines = vec!["sink"];
            lines.extend(&manners.features);
            let last = lines.len() - 1;
            lines.iter().enumerate().map(|(i, l)| format!("250{}{l}\r\n", if i == last { ' ' } else { '-' })).collect()
        } else if upper.starts_with("AUTH") {
            format!("{}\r\n", manners.auth)
        } else if upper.starts_with("MAIL FROM:") {
            if letters >= manners.per_connection {
                io.get_mut().write_all(b"421 4.7.0 enough for one connection\r\n").await?;
                return Ok(());
            }
            from = address(&text);
            to.clear();
            "250 ok\r\n".into()
        } else if upper.starts_with("RCPT TO:") {
            let recipient = address(&text);
            fault = fault_for(&book, &recipient);
            match fault {
                Some(Fault::Rcpt(refusal)) => format!("{refusal}\r\n"),
                Some(Fault::Goodbye) => {
                    io.get_mut().write_all(b"421 4.3.2 going down\r\n").await?;
                    return Ok(());
                }
                _ => {
                    to.push(recipient);
                    "250 ok\r\n".into()
                }
            }
        } else if upper == "DATA" {
            match fault {
                Some(Fault::Data(refusal)) => format!("{refusal}\r\n"),
                Some(Fault::CutAtData) => return Ok(()),
                _ => {
                    io.get_mut().write_all(b"354 go\r\n").await?;
                    let most = if let Some(Fault::CutInContent(most)) = fault { most } else { usize::MAX };
                    let Some(raw) = content(&mut io, most).await? else { return Ok(()) };
                    letters += 1;
                    match fault {
                        Some(Fault::Dot(refusal)) => format!("{refusal}\r\n"),
                        other => {
                            let mut raw = raw;
                            raw.truncate(manners.kept_bytes);
                            let kept = Kept { from: from.clone(), to: to.clone(), raw };
                            book.lock().expect("book").kept.push(kept);
                            match other {
                                Some(Fault::HangAfterDot) => std::future::pending().await,
                                Some(Fault::CutAfterDot) => return Ok(()),
                                _ => "250 2.0.0 kept 收到\r\n".into(),
                            }
                        }
                    }
                }
            }
        } else if upper == "QUIT" {
            io.get_mut().write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            "250 ok\r\n".into()
        };
        io.get_mut().write_all(answer.as_bytes()).await?;
    }
}

/// The content up to the dot, with the dots undone; `None` when it is to be cut off.
async fn content(io: &mut BufReader<TcpStream>, most: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if io.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        if line == b".\r\n" {
            return Ok(Some(raw));
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        if raw.len() > most {
            return Ok(None);
        }
    }
}

fn address(line: &str) -> String {
    line.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default().to_owned()
}
