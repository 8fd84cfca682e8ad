//! A name server that knows a few TXT records, on a port of its own, for DKIM keys.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

/// See the file's header. It ends with the test.
pub struct NameServer {
    /// Where it is asked.
    pub at: SocketAddr,
    records: Arc<Mutex<BTreeMap<String, String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    /// Begins to answer.
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let at = socket.local_addr().expect("address");
        let records: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (known, seen) = (Arc::clone(&records), Arc::clone(&asked));
        std::thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut question) {
                let (name, end) = name_in(&question[..length]);
                let record = known.lock().expect("records").get(&name).cloned();
                seen.lock().expect("asked").push(name);
                let _ = socket.send_to(&answer(&question[..end], record.as_deref()), from);
            }
        });
        Self { at, records, asked }
    }

    /// Publishes a record.
    pub fn publish(&self, name: &str, record: &str) {
        self.records.lock().expect("records").insert(name.to_owned(), record.to_owned());
    }

    /// All names asked for until now.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("asked").clone()
    }
}

/// The name asked for, and where the question ends.
fn name_in(question: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..=at + length]).to_lowercase());
        at += length + 1;
    }
    (labels.join("."), at + 5)
}

fn answer(question: &[u8], record: Option<&str>) -> Vec<u8> {
    let mut out = question.to_vec();
    out[2] = 0x81;
    out[3] = if record.is_some() { 0x80 } else { 0x83 };
    out[7] = u8::from(record.is_some());
    out[11] = 0;
    if let Some(record) = record {
        let strings: Vec<u8> = record
            .as_bytes()
            .chunks(200)
            .flat_map(|c| std::iter::once(u8::try_from(c.len()).expect("short")).chain(c.iter().copied()))
            .collect();
        out.extend_from_slice(&[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        out.extend_from_slice(&u16::try_from(strings.len()).expect("short").to_be_bytes());
        out.extend_from_slice(&strings);
    }
    out
}
