//! Timeouts that watch progress. A transfer may take long as long as bytes move; silence may not, and nothing may last for
//! ever. Neither async-imap nor lettre has any read timeout of its own, so every step of both edges runs in here.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use tokio::time::timeout;

/// Counts what moved; shared between a stream and who waits on it.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Something moved.
    pub fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    /// All that moved so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Nothing moved for the time allowed, or it lasted longer than anything may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stalled;

/// Awaits `work` for as long as `progress` moves at least once in each `quiet` period, and for `longest` at most.
///
/// # Errors
/// [`Stalled`] when it did not; `work` is dropped then, so its connection must be dropped too.
pub async fn while_moving<F: Future>(work: F, progress: &Progress, quiet: Duration, longest: Duration) -> Result<F::Output, Stalled> {
    let watched = async {
        let mut work = std::pin::pin!(work);
        loop {
            let before = progress.total();
            match timeout(quiet, &mut work).await {
                Ok(done) => return Ok(done),
                Err(_) if progress.total() == before => return Err(Stalled),
                Err(_) => {}
            }
        }
    };
    timeout(longest, watched).await.unwrap_or(Err(Stalled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn silence_stalls_and_movement_does_not() {
        let quiet = Duration::from_millis(200);
        let long = Duration::from_secs(30);
        let progress = Progress::default();
        let mover = progress.clone();
        let work = async move {
            for _ in 0..6 {
                tokio::time::sleep(Duration::from_millis(80)).await;
                mover.add(1);
            }
            7
        };
        assert_eq!(while_moving(work, &progress, quiet, long).await, Ok(7));
        assert_eq!(while_moving(std::future::pending::<()>(), &progress, quiet, long).await, Err(Stalled));
        let drip = progress.clone();
        let endless = async move {
            while drip.total() < 1_000_000 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                drip.add(1);
            }
        };
        assert_eq!(while_moving(endless, &progress, quiet, Duration::from_millis(500)).await, Err(Stalled));
    }
}
