//! Booking while the database is away: what is booked here has happened on the wire already, and must not be forgotten because a
//! commit was not answered, a disk is full or another process holds the lock for a while. Called by `batch`.

use std::time::Duration;

use tokio::time::Instant;

use crate::store::{Error, Store};

/// For so long it is tried again.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two tries, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Does `act`, again and again while the store cannot, for a minute. `act` must be such that doing it twice is doing it once: after
/// a commit that was cut off nobody knows whether it was done.
///
/// # Errors
/// As the last try says.
pub(super) async fn sure<T, F: Future<Output = Result<T, Error>>>(store: &Store, mut act: impl FnMut() -> F) -> Result<T, Error> {
    let (began, mut pause) = (Instant::now(), PAUSE.0);
    loop {
        match act().await {
            Err(error @ (Error::Unreachable(_) | Error::Busy(_) | Error::Full(_))) if began.elapsed() < PATIENCE => {
                tracing::warn!(%error, "what became of letters cannot be booked yet");
                if matches!(error, Error::Full(_)) && store.let_go_of_reserve() {
                    continue;
                }
            }
            done => return done,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_passes_is_waited_for_and_what_does_not_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&format!("sqlite:{}", folder.path().join("s.db").display())).await.expect("opens");
        tokio::time::pause();
        let mut left = 5;
        let done = sure(&store, || {
            left -= 1;
            let away = left > 0;
            async move { if away { Err(Error::Unreachable(sqlx::Error::WorkerCrashed)) } else { Ok(7) } }
        });
        assert_eq!(done.await.expect("done"), 7);
        let began = Instant::now();
        let never = sure(&store, || async { Err::<(), _>(Error::Busy(sqlx::Error::PoolTimedOut)) }).await;
        assert!(matches!(never, Err(Error::Busy(_))) && began.elapsed() < PATIENCE + PAUSE.1 * 2, "{never:?}");
        let at_once = Instant::now();
        assert!(sure(&store, || async { Err::<(), _>(Error::Damaged("x".into())) }).await.is_err() && at_once.elapsed().is_zero());
    }
}
