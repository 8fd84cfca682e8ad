//! The stream that is handed to lettre: a connection that was opened and encrypted here. It gives lettre the greeting that was
//! already read before STARTTLS, and shows answers in ASCII, since lettre takes a Big5 answer after the dot for a broken connection.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

use crate::wire::{self, Line, Progress, Stream};

/// See the file's header.
#[derive(Debug)]
pub(super) struct Transport {
    stream: Stream,
    /// What lettre reads first.
    preface: &'static [u8],
    progress: Progress,
}

impl Transport {
    /// Wraps an open connection. `greeted`: the greeting was read before encryption.
    pub(super) fn new(stream: Stream, greeted: bool, progress: Progress) -> Self {
        Self { stream, preface: if greeted { b"220 greeted before\r\n" } else { b"" }, progress }
    }
}

impl AsyncTokioStream for Transport {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.line().peer_addr()
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.preface.is_empty() {
            let (now, rest) = this.preface.split_at(this.preface.len().min(buf.remaining()));
            buf.put_slice(now);
            this.preface = rest;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        for byte in buf.filled_mut().iter_mut().skip(before) {
            if !byte.is_ascii() {
                *byte = b'?';
            }
        }
        this.progress.add((buf.filled().len() - before) as u64);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, buf))?;
        this.progress.add(written as u64);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// Greeting, EHLO, STARTTLS and its answer, read line by line so that no plaintext outlives the upgrade (CVE-2021-38371 and kin).
pub(super) async fn start_tls(to: &mut Line, hello: &str, limit: std::time::Duration) -> Result<(), wire::Error> {
    expect(to, "220", limit).await?;
    write(to, &format!("EHLO {hello}\r\n")).await?;
    expect(to, "250", limit).await?;
    write(to, "STARTTLS\r\n").await?;
    expect(to, "220", limit).await
}

async fn write(to: &mut Line, line: &str) -> Result<(), wire::Error> {
    to.write_all(line.as_bytes()).await.map_err(|_| wire::Error::Preface("the server closed the connection".into()))
}

async fn expect(to: &mut Line, code: &str, limit: std::time::Duration) -> Result<(), wire::Error> {
    for _ in 0..100 {
        let line = wire::read_plain_line(to, limit).await?;
        if !line.starts_with(code) {
            return Err(wire::Error::Preface(format!("the server answered {} instead of {code}", line.get(..3).unwrap_or("nothing"))));
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
    Err(wire::Error::Preface("the server sent an endless answer".into()))
}
