//! A survey page on a real port with an office behind it that lives in memory, and the plainest of HTTP clients.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;
use redress::calendar::Moment;
use redress::clock::Clock;
use redress::domain::questionnaire::Answers;
use redress::domain::{Language, Questionnaire};
use redress::render::Words;
use redress::survey::{Backend, Error, Opened, serve};
use redress::trust::SurveyLink;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// When these tests play: Tuesday, 1 December 2026, 09:00 in Taipei.
pub const NOW: Moment = Moment::from_unix(1_796_086_800);

/// The university's own survey.
pub const KMU: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/procedures/kmu/survey.toml"));

/// What the office knows and was told.
#[derive(Default)]
pub struct Desk {
    surveys: Mutex<BTreeMap<String, Opened>>,
    told: Mutex<Vec<Answers>>,
    pub lookups: AtomicUsize,
    pub broken: AtomicBool,
}

impl Desk {
    /// Everything that was recorded, in order.
    pub fn told(&self) -> Vec<Answers> {
        self.told.lock().expect("told").clone()
    }
}

/// A running page.
pub struct Office {
    pub address: SocketAddr,
    pub desk: Arc<Desk>,
    pub clock: Clock,
    pub stop: CancellationToken,
    pub served: tokio::task::JoinHandle<()>,
}

impl Office {
    /// Opens it.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (desk, clock, stop) = (Arc::new(Desk::default()), Clock::settable(NOW), CancellationToken::new());
        let backend = backend(&desk);
        let address = listener.local_addr().expect("an address");
        let served = tokio::spawn(serve(listener, backend, clock.clone(), stop.clone()));
        Self { address, desk, clock, stop, served }
    }

    /// A link to the university's survey, open for seven days; its path.
    pub fn link(&self, seed: u8, language: Language) -> String {
        self.link_to(seed, language, Questionnaire::from_toml(KMU).expect("survey"))
    }

    /// A link to any survey.
    pub fn link_to(&self, seed: u8, language: Language, questionnaire: Questionnaire) -> String {
        let link = SurveyLink::new([seed; 16]);
        let opened = Opened {
            about: "選課系統開放時間之意見 <b>&".to_owned(),
            questionnaire: Arc::new(questionnaire),
            previous: None,
            language,
            expires_at: NOW.plus_seconds(7 * 86_400),
        };
        self.desk.surveys.lock().expect("surveys").insert(link.hash(), opened);
        format!("/s/{}", link.text())
    }

    /// Sends one request as it is written and reads to the end.
    pub async fn raw(&self, request: &str) -> Response {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes));
        read.await.expect("an answer in time").expect("read");
        Response::read(&bytes)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: survey\r\n\r\n")).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Response {
        let kind = "application/x-www-form-urlencoded";
        self.raw(&format!("POST {path} HTTP/1.1\r\nHost: survey\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{form}", form.len()))
            .await
    }
}

/// The closures that `daemon` wires to the store, over memory.
pub fn backend(desk: &Arc<Desk>) -> Backend {
    let (reading, writing) = (Arc::clone(desk), Arc::clone(desk));
    Backend {
        lookup: Arc::new(move |hash| {
            let desk = Arc::clone(&reading);
            Box::pin(async move {
                desk.lookups.fetch_add(1, Ordering::SeqCst);
                if desk.broken.load(Ordering::SeqCst) {
                    return Err(Error::Unavailable("disk full".into()));
                }
                Ok(desk.surveys.lock().expect("surveys").get(&hash).cloned())
            })
        }),
        submit: Arc::new(move |hash, answers| {
            let desk = Arc::clone(&writing);
            Box::pin(async move {
                let mut surveys = desk.surveys.lock().expect("surveys");
                let Some(opened) = surveys.get_mut(&hash) else { return Err(Error::Gone) };
                opened.previous = Some(answers.clone());
                desk.told.lock().expect("told").push(answers);
                Ok(())
            })
        }),
        words: Arc::new(Words::load(None).expect("templates")),
        organisation: "高雄示範大學".into(),
        office: "秘書室".into(),
        zone: TimeZone::get("Asia/Taipei").expect("zone"),
    }
}

/// An answer as it came.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Response {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|s| s.parse().ok()).unwrap_or(0);
        let headers = lines.filter_map(|line| line.split_once(':')).map(|(k, v)| (k.to_ascii_lowercase(), v.trim().to_owned()));
        Self { status, headers: headers.collect(), body: body.to_owned() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}
