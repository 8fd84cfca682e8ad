//! A stream between the socket and async-imap's reader that lets through only what that reader can bear. It refuses huge
//! literals before memory is taken for them (the reader would take 512 MiB at once), drops untagged answers that nobody here
//! asked for and that the reader fails on, and mends known oddities. It counts what moved, for the timeouts.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::wire::Progress;

/// A line, its literals not counted, may be this long.
const LINE_LIMIT: usize = 64 * 1024;
/// How much is read at once while lines are looked at.
const CHUNK: usize = 8 * 1024;

/// The server announced more bytes in one literal than we take.
#[derive(Debug, thiserror::Error)]
#[error("the server announced a literal of {0} bytes")]
pub(super) struct LiteralTooBig(pub u64);

/// See the file's header.
#[derive(Debug)]
pub(super) struct Guard<S> {
    inner: S,
    progress: Progress,
    literal_limit: u64,
    /// Read, looked at, and fit for the reader.
    ready: Vec<u8>,
    given: usize,
    /// A line that has not ended yet.
    line: Vec<u8>,
    /// Bytes of the current literal that are still to come.
    literal_left: u64,
    /// The next line goes on after a literal, so it is not the start of an answer.
    continues: bool,
    /// The answer that goes on is one we drop.
    dropping: bool,
}

enum Fate {
    Keep(Vec<u8>),
    Drop,
}

impl<S> Guard<S> {
    /// Guards `inner`; a literal of more than `literal_limit` bytes is an error.
    pub(super) fn new(inner: S, progress: Progress, literal_limit: u64) -> Self {
        Self {
            inner,
            progress,
            literal_limit,
            ready: Vec::new(),
            given: 0,
            line: Vec::new(),
            literal_left: 0,
            continues: false,
            dropping: false,
        }
    }

    fn look_at(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.literal_left > 0 {
                let take = usize::try_from(self.literal_left).unwrap_or(usize::MAX).min(bytes.len());
                let (literal, rest) = bytes.split_at(take);
                if !self.dropping {
                    self.ready.extend_from_slice(literal);
                }
                self.literal_left -= take as u64;
                bytes = rest;
                continue;
            }
            let Some(end) = bytes.iter().position(|b| *b == b'\n') else {
                self.line.extend_from_slice(bytes);
                return self.check_line_length();
            };
            let (line, rest) = bytes.split_at(end + 1);
            self.line.extend_from_slice(line);
            bytes = rest;
            self.check_line_length()?;
            self.end_of_line()?;
        }
        Ok(())
    }

    fn check_line_length(&self) -> io::Result<()> {
        if self.line.len() > LINE_LIMIT {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the server sent an endless line"));
        }
        Ok(())
    }

    fn end_of_line(&mut self) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.line);
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        let mut literal = if self.continues || is_data(&line) { literal_at_end(&line) } else { None };
        if !self.continues {
            match judge(&line) {
                Fate::Keep(kept) => line = kept,
                Fate::Drop => {
                    self.dropping = true;
                    literal = literal_at_end(&line);
                }
            }
        }
        if !self.dropping {
            self.ready.extend_from_slice(&line);
            self.ready.extend_from_slice(b"\r\n");
        }
        match literal {
            Some(size) if size > self.literal_limit => Err(io::Error::new(io::ErrorKind::InvalidData, LiteralTooBig(size))),
            Some(size) => {
                self.literal_left = size;
                self.continues = true;
                Ok(())
            }
            None => {
                self.continues = false;
                self.dropping = false;
                Ok(())
            }
        }
    }
}

/// Whether an answer carries data (`* 12 FETCH …`), so that `{n}` at its end announces a literal.
fn is_data(line: &[u8]) -> bool {
    line.strip_prefix(b"* ").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
}

fn literal_at_end(line: &[u8]) -> Option<u64> {
    let inside = line.strip_suffix(b"}")?;
    let open = inside.iter().rposition(|b| *b == b'{')?;
    let digits = inside.get(open + 1..)?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// What becomes of the first line of an answer.
fn judge(line: &[u8]) -> Fate {
    if line.is_empty() {
        return Fate::Drop;
    }
    if line.first() == Some(&b'+') {
        return Fate::Keep(b"+ go on".to_vec());
    }
    let Some(rest) = line.strip_prefix(b"* ") else {
        return Fate::Keep(plain(line)); // tagged: status and text
    };
    let mut words = rest.split(|b| *b == b' ').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_ascii_uppercase();
    if first.iter().all(u8::is_ascii_digit) && !first.is_empty() {
        let second = words.next().unwrap_or_default().to_ascii_uppercase();
        return match second.as_slice() {
            b"FETCH" => Fate::Keep(line.to_vec()),
            b"EXISTS" | b"EXPUNGE" | b"RECENT" => Fate::Keep(plain(line)),
            _ => Fate::Drop,
        };
    }
    match first.as_slice() {
        b"OK" | b"NO" | b"BAD" | b"BYE" | b"PREAUTH" => Fate::Keep(plain(line)),
        b"CAPABILITY" => Fate::Keep(mended_capability(rest)),
        b"SEARCH" => Fate::Keep(mended_search(rest)),
        _ => Fate::Drop, // LIST, FLAGS, VANISHED, ENABLED, ESEARCH, unknown words: never asked for here
    }
}

/// Text after a response code makes the reader panic when it starts with a multi-byte letter; nobody acts on that text.
fn plain(line: &[u8]) -> Vec<u8> {
    line.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect()
}

/// The reader fails on two spaces in a row and on servers that announce IMAP4rev2 alone.
fn mended_capability(rest: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(rest);
    let mut words: Vec<&str> = text.split_ascii_whitespace().filter(|word| word.is_ascii()).collect();
    if !words.iter().any(|word| word.eq_ignore_ascii_case("IMAP4rev1")) {
        words.push("IMAP4rev1");
    }
    format!("* {}", words.join(" ")).into_bytes()
}

/// Numbers alone: the reader does not know `(MODSEQ …)` behind them (RFC 7162 §3.1.5).
fn mended_search(rest: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(rest);
    let found = text.split_ascii_whitespace().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let words: Vec<&str> = std::iter::once("* SEARCH").chain(found).collect();
    words.join(" ").into_bytes()
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if let Some(waiting) = this.ready.get(this.given..).filter(|waiting| !waiting.is_empty()) {
                let (now, _) = waiting.split_at(waiting.len().min(buf.remaining()));
                buf.put_slice(now);
                this.given += now.len();
                if this.given >= this.ready.len() {
                    this.ready.clear();
                    this.given = 0;
                }
                return Poll::Ready(Ok(()));
            }
            if this.literal_left > 0 && !this.dropping {
                // Straight into the reader's buffer: mail bodies are not copied here.
                let most = usize::try_from(this.literal_left).unwrap_or(usize::MAX).min(buf.remaining());
                let mut part = ReadBuf::new(buf.initialize_unfilled_to(most));
                ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
                let read = part.filled().len();
                if read == 0 {
                    return Poll::Ready(this.end_of_stream());
                }
                buf.advance(read);
                this.literal_left -= read as u64;
                this.progress.add(read as u64);
                return Poll::Ready(Ok(()));
            }
            let mut chunk = [0_u8; CHUNK];
            let mut part = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
            if part.filled().is_empty() {
                return Poll::Ready(this.end_of_stream());
            }
            this.progress.add(part.filled().len() as u64);
            this.look_at(part.filled())?;
        }
    }
}

impl<S> Guard<S> {
    /// A connection that ends within a line is an error even where the reader would see a clean end.
    fn end_of_stream(&self) -> io::Result<()> {
        if self.line.is_empty() && self.literal_left == 0 && !self.continues {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended within an answer"))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.inner).poll_write(cx, buf))?;
        this.progress.add(written as u64);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    async fn through(input: &[u8], limit: u64) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Guard::new(input, Progress::default(), limit).read_to_end(&mut out).await.map(|_| out)
    }

    #[tokio::test]
    async fn literals_pass_untouched_and_huge_ones_are_refused() {
        let fetch = b"* 1 FETCH (UID 7 BODY[] {12}\r\n* SEARCH 1\r\n)\r\nA1 OK done\r\n";
        assert_eq!(through(fetch, 100).await.expect("passes"), fetch);
        let huge = through(b"* 1 FETCH (BODY[] {500000000}\r\n", 1_000_000).await.expect_err("refused");
        assert!(huge.get_ref().is_some_and(|e| e.is::<LiteralTooBig>()));
    }

    #[tokio::test]
    async fn what_the_reader_cannot_bear_is_dropped_or_mended() {
        let odd = "* SEARCH  2 5 (MODSEQ 917162500)\r\n* ESEARCH (TAG \"A1\") UID ALL 1:3\r\n\r\n* LIST () \"/\" {3}\r\na b\r\n* CAPABILITY  IMAP4rev2  IDLE\r\n* OK [ALERT]漢字\r\n* 3 EXISTS\n+\r\nA1 OK\r\n";
        let out = through(odd.as_bytes(), 100).await.expect("passes");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "* SEARCH 2 5\r\n* CAPABILITY IMAP4rev2 IDLE IMAP4rev1\r\n* OK [ALERT]??????\r\n* 3 EXISTS\r\n+ go on\r\nA1 OK\r\n"
        );
    }

    #[tokio::test]
    async fn an_end_within_an_answer_is_an_error_at_every_byte() {
        let whole = b"* 1 FETCH (UID 7 BODY[] {5}\r\nhello)\r\n";
        for cut in 1..whole.len() {
            let part = whole.get(..cut).expect("within");
            assert!(through(part, 100).await.is_err(), "cut at {cut}");
        }
    }
}
