//! A small stub resolver (RFC 1035, RFC 6891): TXT records of one name, asked of the system's or a named recursive server, over UDP
//! and over TCP where the answer is cut. No cache and no recursion: the caller keeps what he heard. An answer counts only from the
//! server asked, with our id and our question. Used by `intake` for the keys of DKIM signatures.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::clock::Chance;

/// Where the system names its resolvers.
const SYSTEM: &str = "/etc/resolv.conf";
const TXT: u16 = 16;
const CNAME: u16 = 5;
/// Class IN.
const INTERNET: u16 = 1;
/// Bytes that an answer over UDP may have (RFC 9715).
const UDP_BYTES: u16 = 1_232;
/// Records of one answer that are looked at, and jumps of one name.
const MOST: usize = 64;

/// Whom to ask, and how long to wait for each.
#[derive(Debug, Clone)]
pub struct Resolver {
    servers: Vec<SocketAddr>,
    patience: Duration,
    chance: Chance,
}

/// Why there are no records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// The server says that there are none: that is an answer, and may be remembered for a while.
    #[error("there is no such record")]
    Missing,
    /// No server answered in time, or none sensibly: try again later.
    #[error("no resolver answered")]
    Unanswered,
}

impl Resolver {
    /// The servers of the system's `resolv.conf`, else one on this machine.
    #[must_use]
    pub fn system(chance: Chance) -> Self {
        Self::at(listed(&std::fs::read_to_string(SYSTEM).unwrap_or_default()), chance)
    }

    /// These servers, in this order; two seconds for each.
    #[must_use]
    pub fn at(servers: Vec<SocketAddr>, chance: Chance) -> Self {
        Self { servers, patience: Duration::from_secs(2), chance }
    }

    /// The servers, for an operator's eyes.
    #[must_use]
    pub fn servers(&self) -> &[SocketAddr] {
        &self.servers
    }

    /// The TXT records of `name`, the strings of each joined, behind up to a few CNAMEs.
    ///
    /// # Errors
    /// [`DnsError`].
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let id = u16::from_be_bytes(self.chance.bytes::<2>());
        let question = question(id, name).ok_or(DnsError::Missing)?;
        for server in &self.servers {
            let asked = timeout(self.patience, ask(*server, &question, id, name)).await;
            match asked {
                Ok(Some(Ok(records))) => return Ok(records),
                Ok(Some(Err(DnsError::Missing))) => return Err(DnsError::Missing),
                Ok(Some(Err(DnsError::Unanswered)) | None) | Err(_) => {}
            }
        }
        Err(DnsError::Unanswered)
    }
}

async fn ask(server: SocketAddr, question: &[u8], id: u16, name: &str) -> Option<Result<Vec<String>, DnsError>> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    // Only what this server sends to this port is received.
    socket.connect(server).await.ok()?;
    socket.send(question).await.ok()?;
    let mut answer = vec![0; usize::from(UDP_BYTES)];
    loop {
        let length = socket.recv(&mut answer).await.ok()?;
        let Some(read) = read(answer.get(..length)?, id, name) else { continue };
        return match read {
            Read::Cut => by_tcp(server, question, id, name).await,
            Read::Records(found) => Some(found),
        };
    }
}

async fn by_tcp(server: SocketAddr, question: &[u8], id: u16, name: &str) -> Option<Result<Vec<String>, DnsError>> {
    let mut stream = TcpStream::connect(server).await.ok()?;
    let mut out = u16::try_from(question.len()).ok()?.to_be_bytes().to_vec();
    out.extend_from_slice(question);
    stream.write_all(&out).await.ok()?;
    let length = stream.read_u16().await.ok()?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await.ok()?;
    match read(&answer, id, name)? {
        Read::Cut => None,
        Read::Records(found) => Some(found),
    }
}

/// `nameserver` lines.
fn listed(text: &str) -> Vec<SocketAddr> {
    let named = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    let mut servers: Vec<SocketAddr> =
        named.filter_map(|rest| rest.trim().parse::<IpAddr>().ok()).map(|ip| SocketAddr::new(ip, 53)).take(3).collect();
    if servers.is_empty() {
        servers.push(SocketAddr::from((Ipv4Addr::LOCALHOST, 53)));
    }
    servers
}

/// A recursive question for TXT with room for a long answer; `None` where the name is none.
fn question(id: u16, name: &str) -> Option<Vec<u8>> {
    let mut out = id.to_be_bytes().to_vec();
    // Recursion desired; one question, one additional record.
    out.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    let length = out.len();
    for label in name.trim_end_matches('.').split('.') {
        if label.is_empty() || label.len() > 63 || !label.is_ascii() {
            return None;
        }
        out.push(u8::try_from(label.len()).ok()?);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    if out.len() - length > 255 {
        return None;
    }
    out.extend_from_slice(&TXT.to_be_bytes());
    out.extend_from_slice(&INTERNET.to_be_bytes());
    // EDNS: the root's name, OPT, our room, nothing else.
    out.extend_from_slice(&[0, 0, 41]);
    out.extend_from_slice(&UDP_BYTES.to_be_bytes());
    out.extend_from_slice(&[0, 0, 0, 0, 0, 0]);
    Some(out)
}

enum Read {
    /// Cut short: to be asked again over TCP.
    Cut,
    Records(Result<Vec<String>, DnsError>),
}

/// Reads an answer; `None` for one that is not to our question.
fn read(answer: &[u8], id: u16, name: &str) -> Option<Read> {
    let mut at = Cursor { bytes: answer, at: 0 };
    let (theirs, flags) = (at.number()?, at.number()?);
    let (questions, answers) = (at.number()?, at.number()?);
    at.skip(4)?;
    if theirs != id || flags & 0x8000 == 0 || questions != 1 {
        return None;
    }
    let asked = at.name()?;
    let (kind, class) = (at.number()?, at.number()?);
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if asked != name || kind != TXT || class != INTERNET {
        return None;
    }
    if flags & 0x0200 != 0 {
        return Some(Read::Cut);
    }
    Some(Read::Records(match flags & 0x000f {
        0 => records(&mut at, answers, name).filter(|found| !found.is_empty()).ok_or(DnsError::Missing),
        // NXDOMAIN
        3 => Err(DnsError::Missing),
        _ => Err(DnsError::Unanswered),
    }))
}

/// The TXT records of the name, or of what its aliases lead to; the server writes aliases before what they name.
fn records(at: &mut Cursor<'_>, answers: u16, mut name: String) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for _ in 0..usize::from(answers).min(MOST) {
        let owner = at.name()?;
        let (kind, class) = (at.number()?, at.number()?);
        at.skip(4)?;
        let length = usize::from(at.number()?);
        let end = at.at + length;
        if owner == name && class == INTERNET {
            if kind == CNAME {
                name = at.name()?;
            } else if kind == TXT {
                found.push(at.strings(end)?);
            }
        }
        at.at = end;
    }
    Some(found)
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.at += bytes;
        (self.at <= self.bytes.len()).then_some(())
    }

    /// A name in lower case, its jumps followed.
    fn name(&mut self) -> Option<String> {
        let mut labels: Vec<String> = Vec::new();
        let mut after = None;
        for _ in 0..MOST * 2 {
            let length = self.byte()?;
            if length == 0 {
                self.at = after.unwrap_or(self.at);
                return Some(labels.join("."));
            }
            if length >= 0xc0 {
                let to = usize::from(length & 0x3f) << 8 | usize::from(self.byte()?);
                after = after.or(Some(self.at));
                self.at = to;
                continue;
            }
            let end = self.at + usize::from(length);
            let label = self.bytes.get(self.at..end)?;
            labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
            self.at = end;
        }
        None
    }

    /// The strings up to `end`, joined (RFC 6376 §3.6.2.2).
    fn strings(&mut self, end: usize) -> Option<String> {
        let mut out = Vec::new();
        while self.at < end {
            let length = usize::from(self.byte()?);
            out.extend_from_slice(self.bytes.get(self.at..(self.at + length).min(end))?);
            self.at += length;
        }
        Some(String::from_utf8_lossy(&out).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "k._domainkey.kmu.example";

    fn label(name: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for part in name.split('.').filter(|p| !p.is_empty()) {
            out.push(u8::try_from(part.len()).expect("short"));
            out.extend_from_slice(part.as_bytes());
        }
        out.push(0);
        out
    }

    fn record(owner: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
        let mut out = owner.to_vec();
        out.extend_from_slice(&kind.to_be_bytes());
        out.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
        out.extend_from_slice(&u16::try_from(data.len()).expect("short").to_be_bytes());
        out.extend_from_slice(data);
        out
    }

    fn answer(id: u16, flags: u16, records: &[Vec<u8>]) -> Vec<u8> {
        let mut out = id.to_be_bytes().to_vec();
        out.extend_from_slice(&flags.to_be_bytes());
        out.extend_from_slice(&[0, 1, 0, u8::try_from(records.len()).expect("few"), 0, 0, 0, 0]);
        out.extend_from_slice(&label(NAME));
        out.extend_from_slice(&[0, 16, 0, 1]);
        out.extend(records.concat());
        out
    }

    fn found(bytes: &[u8]) -> Option<Result<Vec<String>, DnsError>> {
        match read(bytes, 7, NAME)? {
            Read::Records(found) => Some(found),
            Read::Cut => panic!("cut"),
        }
    }

    #[test]
    fn records_are_joined_and_aliases_followed() {
        let alias = record(&[0xc0, 12], CNAME, &label("k.keys.example"));
        let strings = [b"\x09v=DKIM1; ".as_slice(), b"\x05p=abc"].concat();
        let key = record(&label("K.keys.EXAMPLE"), TXT, &strings);
        let other = record(&label("evil.example"), TXT, b"\x04p=xx");
        assert_eq!(found(&answer(7, 0x8180, &[alias, other, key])), Some(Ok(vec!["v=DKIM1; p=abc".to_owned()])));
        assert_eq!(found(&answer(7, 0x8183, &[])), Some(Err(DnsError::Missing)));
        assert_eq!(found(&answer(7, 0x8180, &[])), Some(Err(DnsError::Missing)));
        assert_eq!(found(&answer(7, 0x8182, &[])), Some(Err(DnsError::Unanswered)));
        assert!(matches!(read(&answer(7, 0x8380, &[]), 7, NAME), Some(Read::Cut)));
    }

    #[test]
    fn answers_to_other_questions_and_rubbish_are_none() {
        assert!(read(&answer(8, 0x8180, &[]), 7, NAME).is_none());
        assert!(read(&answer(7, 0x0180, &[]), 7, NAME).is_none());
        assert!(read(&answer(7, 0x8180, &[]), 7, "other.example").is_none());
        // A name that jumps to itself ends.
        let circle = record(&[0xc0, 42], TXT, b"\x01x");
        assert_eq!(found(&answer(7, 0x8180, &[circle])), Some(Err(DnsError::Missing)));
        for cut in 0..60 {
            let whole = answer(7, 0x8180, &[record(&[0xc0, 12], TXT, b"\x05p=abc")]);
            let _ = read(whole.get(..cut).unwrap_or(&whole), 7, NAME);
        }
    }

    #[test]
    fn names_that_cannot_be_asked_for_are_not() {
        assert!(question(1, "a..b").is_none());
        assert!(question(1, &"x".repeat(64)).is_none());
        assert!(question(1, &"abcdefgh.".repeat(40)).is_none());
        assert_eq!(question(1, NAME), question(1, &format!("{NAME}.")));
        assert_eq!(listed("# x\nnameserver 192.0.2.1\nnameserver ::1\noptions edns0\n").len(), 2);
        assert_eq!(listed(""), [SocketAddr::from((Ipv4Addr::LOCALHOST, 53))]);
    }

    #[tokio::test]
    async fn a_cut_answer_is_asked_for_over_tcp_and_a_silent_server_passed_over() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.expect("socket");
        let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listener");
        let at = tcp.local_addr().expect("address");
        let udp = UdpSocket::bind(at).await.expect("the same port");
        let server = tokio::spawn(async move {
            let mut asked = [0; 512];
            let (length, from) = udp.recv_from(&mut asked).await.expect("asked");
            let id = u16::from_be_bytes([asked[0], asked[1]]);
            udp.send_to(&answer(id, 0x8380, &[]), from).await.expect("answered");
            let (mut stream, _) = tcp.accept().await.expect("by TCP");
            let mut again = vec![0; length + 2];
            stream.read_exact(&mut again).await.expect("asked");
            let long = answer(id, 0x8180, &[record(&[0xc0, 12], TXT, b"\x05p=abc")]);
            stream.write_u16(u16::try_from(long.len()).expect("short")).await.expect("answered");
            stream.write_all(&long).await.expect("answered");
        });
        let mut resolver = Resolver::at(vec![silent.local_addr().expect("address"), at], Chance::seeded(1));
        resolver.patience = Duration::from_millis(300);
        assert_eq!(resolver.txt(NAME).await, Ok(vec!["p=abc".to_owned()]));
        server.await.expect("server");
        assert_eq!(resolver.txt(NAME).await, Err(DnsError::Unanswered));
    }
}
