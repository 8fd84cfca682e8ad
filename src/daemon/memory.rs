//! Memory that work has freed goes back to the kernel when the work is done: glibc keeps it otherwise, and an idle daemon would
//! look as large as its busiest minute. Called by `service` when the clerk rests.

/// Hands freed pages back. Does nothing with another allocator than glibc's.
pub(super) fn give_back() {
    #[cfg(target_env = "gnu")]
    trim();
}

#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "glibc has no other way, and no crate wraps this call")]
fn trim() {
    // SAFETY: malloc_trim takes its own locks, touches only free memory and may be called at any time from any thread (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}
