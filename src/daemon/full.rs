//! A full disk: room is held back beside the store and let go when it is needed, so that the alarm leaves while the disk is still full;
//! mails wait where they are until there is room for it again. Called by `service`.

use tokio::sync::Notify;

use crate::desk::Desk;

/// Holds room back on the disk; where that cannot be, the office works on without.
pub(super) fn hold_back(desk: &Desk, mib: u64) {
    match desk.store.keep_reserve(mib << 20) {
        Ok(()) if desk.store.is_short() => tracing::error!("the disk is full: no mail is taken in until there is room"),
        Ok(()) => {}
        Err(error) => tracing::warn!(%error, "no room is held back on the disk"),
    }
}

/// What is known of a disk that is or was full.
#[derive(Default)]
pub(super) struct Full {
    /// It was noted since it was full.
    noted: bool,
    /// It was met, and is still to be noted: there was no room even for that.
    owed: bool,
}

impl Full {
    /// Looks whether there is room again, and notes what is new.
    pub(super) async fn look(&mut self, desk: &Desk, wake: &Notify) {
        if !desk.store.is_short() {
            return;
        }
        let store = desk.store.clone();
        if tokio::task::spawn_blocking(move || store.make_reserve_again()).await.unwrap_or(false) {
            tracing::info!("there is room on the disk again: work goes on");
            wake.notify_one();
            self.noted = false;
        } else if !self.noted {
            self.noted = desk.note("store_full", "").await.is_ok();
            self.owed &= !self.noted;
        }
    }

    /// A turn ended for want of room; whether some was held back and is let go now.
    pub(super) fn met(&mut self, desk: &Desk) -> bool {
        let let_go = desk.store.let_go_of_reserve();
        self.owed |= !self.noted;
        let_go
    }

    /// A turn ended well.
    pub(super) async fn worked(&mut self, desk: &Desk, wake: &Notify) {
        if self.owed && !desk.store.is_short() {
            self.owed = false;
            // Only now is there room to say so.
            let _ = desk.note("store_full", "").await;
            wake.notify_one();
        }
    }
}
