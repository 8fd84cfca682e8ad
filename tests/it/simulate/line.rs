//! A connection of the simulated servers: how a call is taken and how an answer leaves, whole, cut or never.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};

/// What a server reads from and writes to.
pub type Line = BufReader<DuplexStream>;

/// What a conversation ends with.
pub type Io<T> = std::io::Result<T>;

/// The connection is over.
pub fn over() -> std::io::Error {
    std::io::ErrorKind::ConnectionAborted.into()
}

/// How an answer goes out.
pub enum Way {
    Whole,
    /// So many bytes, then the connection ends.
    Cut(usize),
    /// Not at all, and nothing comes any more.
    Silent,
}

/// The client's end of a new connection on which `talk` is held; none when nobody is there.
pub fn call<F: Future<Output = Io<()>> + Send + 'static>(away: bool, talk: impl FnOnce(Line) -> F) -> Option<DuplexStream> {
    if away {
        return None;
    }
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let talk = talk(BufReader::new(ours));
    tokio::spawn(async move {
        let _ = talk.await;
    });
    Some(theirs)
}

/// Sends an answer after a pause.
pub async fn say(io: &mut Line, pause: Duration, way: Way, out: &[u8]) -> Io<()> {
    tokio::time::sleep(pause).await;
    match way {
        Way::Whole => io.get_mut().write_all(out).await,
        Way::Cut(at) => {
            io.get_mut().write_all(&out[..at]).await?;
            Err(over())
        }
        Way::Silent => {
            // The daemon may hang up; nothing else happens here any more.
            let mut rest = Vec::new();
            let _ = io.read_to_end(&mut rest).await;
            Err(over())
        }
    }
}
