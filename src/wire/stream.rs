//! TCP with keepalive and a user timeout, TLS by rustls with the system's certificates, and the few plain lines that come
//! before STARTTLS. Plain lines are read byte by byte, so that nothing a man in the middle appended to them survives into TLS.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use rustls_platform_verifier::Verifier;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, DuplexStream, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
    },
};

use super::Error;

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first byte (ports 993 and 465).
    Implicit,
    /// Plain at first, then STARTTLS; never without it.
    StartTls,
    /// No encryption; logins are refused unless the peer is on loopback.
    None,
}

/// Where a server is and how to speak to it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Encryption.
    pub tls: Tls,
    /// Certificates (DER) that are trusted besides the system's, for a mail server inside the house.
    pub extra_roots: Vec<Vec<u8>>,
    /// How it is reached.
    pub dial: Dial,
}

/// How a server is reached.
#[derive(Clone, Default)]
pub enum Dial {
    /// Over the network.
    #[default]
    Network,
    /// A peer in this process, for simulations: asked for a pipe at each connection, `None` when nobody answers. It counts as
    /// being on loopback.
    Within(Arc<dyn Fn() -> Option<DuplexStream> + Send + Sync>),
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "Dial::Network",
            Self::Within(_) => "Dial::Within",
        })
    }
}

/// What carries the bytes.
#[derive(Debug)]
pub enum Line {
    /// A TCP connection.
    Tcp(TcpStream),
    /// A pipe to a peer in this process.
    Pipe(DuplexStream),
}

impl Line {
    /// Who is at the other end.
    ///
    /// # Errors
    /// As the system says.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Tcp(tcp) => tcp.peer_addr(),
            Self::Pipe(_) => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        }
    }
}

/// An open connection, plain or encrypted.
pub enum Stream {
    /// Not encrypted.
    Plain(Line),
    /// Encrypted.
    Encrypted(Box<TlsStream<Line>>),
}

impl Stream {
    /// What carries it.
    #[must_use]
    pub fn line(&self) -> &Line {
        match self {
            Self::Plain(line) => line,
            Self::Encrypted(tls) => tls.get_ref().0,
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Stream::Plain",
            Self::Encrypted(_) => "Stream::Encrypted",
        })
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(line) => Pin::new(line).poll_read(cx, buf),
            Self::Encrypted(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(line) => Pin::new(line).poll_write(cx, buf),
            Self::Encrypted(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(line) => Pin::new(line).poll_flush(cx),
            Self::Encrypted(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(line) => Pin::new(line).poll_shutdown(cx),
            Self::Encrypted(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Pipe(pipe) => Pin::new(pipe).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Pipe(pipe) => Pin::new(pipe).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Pipe(pipe) => Pin::new(pipe).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Pipe(pipe) => Pin::new(pipe).poll_shutdown(cx),
        }
    }
}

/// Opens a TCP connection: every address of the host in turn, `limit` in all; keepalive after 60 s, user timeout 120 s.
///
/// # Errors
/// [`Error::Unreachable`] when none answered in time.
pub async fn connect(endpoint: &Endpoint, limit: Duration) -> Result<Line, Error> {
    let unreachable = |why: String| Error::Unreachable { host: endpoint.host.clone(), port: endpoint.port, why };
    if let Dial::Within(peer) = &endpoint.dial {
        return peer().map(Line::Pipe).ok_or_else(|| unreachable("nobody answers".into()));
    }
    let opened = timeout(limit, TcpStream::connect((endpoint.host.as_str(), endpoint.port))).await;
    let tcp = match opened {
        Ok(Ok(tcp)) => tcp,
        Ok(Err(e)) => return Err(unreachable(e.to_string())),
        Err(_) => return Err(unreachable("no answer in time".into())),
    };
    tune(&tcp).map_err(|e| unreachable(e.to_string()))?;
    Ok(Line::Tcp(tcp))
}

fn tune(tcp: &TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let socket = SockRef::from(tcp);
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15)).with_retries(4);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_user_timeout(Some(Duration::from_secs(120)))
}

/// Makes `line` a TLS connection to the endpoint's host.
///
/// # Errors
/// [`Error::Tls`] when the handshake or the certificate fails, or `limit` passes.
pub async fn encrypt(line: Line, endpoint: &Endpoint, limit: Duration) -> Result<Stream, Error> {
    let failed = |why: String| Error::Tls { host: endpoint.host.clone(), why };
    let name = ServerName::try_from(endpoint.host.clone()).map_err(|e| failed(e.to_string()))?;
    let provider = Arc::new(ring::default_provider());
    let roots: Vec<CertificateDer<'static>> = endpoint.extra_roots.iter().cloned().map(CertificateDer::from).collect();
    // Reading the system's certificates touches many files: not on a worker that serves others.
    let with = Arc::clone(&provider);
    let verifier = tokio::task::spawn_blocking(move || Verifier::new_with_extra_roots(roots, with)).await;
    let verifier = verifier.map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(e.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    match timeout(limit, TlsConnector::from(Arc::new(config)).connect(name, line)).await {
        Ok(Ok(tls)) => Ok(Stream::Encrypted(Box::new(tls))),
        Ok(Err(e)) => Err(failed(e.to_string())),
        Err(_) => Err(failed("no answer in time".into())),
    }
}

/// Whether the peer is this machine, so that a login in the clear meets nobody.
#[must_use]
pub fn is_loopback(stream: &Stream) -> bool {
    stream.line().peer_addr().is_ok_and(|peer| match peer.ip() {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
    })
}

/// Reads one line (without its line break) and not one byte more; at most 4 KiB.
///
/// # Errors
/// [`Error::Preface`] when the connection ends or the line is too long, [`Error::Stalled`] when `limit` passes.
pub async fn read_plain_line(from: &mut Line, limit: Duration) -> Result<String, Error> {
    let reading = async {
        let mut line = Vec::new();
        while line.len() < 4096 {
            match from.read_u8().await {
                Ok(b'\n') => {
                    if line.last() == Some(&b'\r') {
                        line.pop();
                    }
                    return Ok(String::from_utf8_lossy(&line).into_owned());
                }
                Ok(byte) => line.push(byte),
                Err(_) => return Err(Error::Preface("the server closed the connection".into())),
            }
        }
        Err(Error::Preface("the server sent an endless line".into()))
    };
    timeout(limit, reading).await.unwrap_or(Err(Error::Stalled))
}
