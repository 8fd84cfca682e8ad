//! What the system grants the process: so few open files that the service could not work are a reason not to begin.
//! Called by `service` and `once`.

use anyhow::{Result, ensure};

/// Files that are open at once with no mailbox: the store's, the servers' connections, the runtime's own.
const FILES: u64 = 24;
/// And for each mailbox.
const EACH: u64 = 4;

/// Refuses to begin with fewer open files than the work takes, and says what to do.
///
/// # Errors
/// In words for the operator.
pub(super) fn enough_files(mailboxes: usize) -> Result<()> {
    let needed = FILES + EACH * mailboxes as u64;
    let granted = std::fs::read_to_string("/proc/self/limits").ok().and_then(|limits| open_files(&limits));
    ensure!(
        granted.is_none_or(|granted| granted >= needed),
        "only {} files may be open at once, and {needed} are needed: raise the limit (LimitNOFILE=1024 in the systemd unit, `ulimit -n 1024` in a shell)",
        granted.unwrap_or_default()
    );
    Ok(())
}

/// The soft limit in proc_pid_limits(5); none where there is no limit.
fn open_files(limits: &str) -> Option<u64> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max open files            32                   524288               files     \n";
        assert_eq!(open_files(limits), Some(32));
        assert_eq!(open_files("Max open files            unlimited            unlimited            files"), None);
        assert!(enough_files(1).is_ok(), "this very process has enough");
    }
}
