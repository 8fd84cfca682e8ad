//! The real program as a child, and what the kernel says of its memory and time (`/proc`). Called by `main`.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Clock ticks a second in `/proc/<pid>/stat`: the kernel's USER_HZ, 100 on every Linux that we run on.
const TICKS: f64 = 100.0;

/// The shipped unit's settings of glibc's allocator: few arenas, large pieces given back at once.
const MEMORY: [(&str, &str); 3] = [("MALLOC_ARENA_MAX", "2"), ("MALLOC_TRIM_THRESHOLD_", "131072"), ("MALLOC_MMAP_THRESHOLD_", "65536")];

/// A running `redress`.
pub struct Redress(Child);

/// What it has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// Processor time of all its threads, seconds.
    pub cpu: f64,
    /// Most memory so far, MB (VmHWM).
    pub peak: f64,
    /// Memory now, MB (VmRSS).
    pub now: f64,
    /// Of that, not backed by a file: the program's own (RssAnon), MB.
    pub anon: f64,
}

impl Redress {
    /// Starts `redress --config <config> <words>`, with the memory settings of the shipped unit.
    pub fn start(config: &Path, words: &[&str]) -> Self {
        let program = std::env::var("REDRESS_BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_redress").to_owned());
        let mut command = Command::new(program);
        command.arg("--config").arg(config).args(words).envs(MEMORY).stdin(Stdio::null()).stdout(Stdio::null());
        let log = config.with_extension("log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("log");
        Self(command.stderr(log).spawn().expect("redress starts"))
    }

    /// What it has used; nothing once it has ended.
    pub fn used(&self) -> Used {
        let pid = self.0.id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let kb = |name: &str| -> f64 {
            let line = status.lines().find_map(|l| l.strip_prefix(name));
            line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
        };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // After the name in parentheses: state is field 3, utime 14, stime 15 (proc(5)).
        let fields: Vec<f64> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(1).map(|f| f.parse().unwrap_or(0.0)).collect();
        let ticks = fields.get(10).copied().unwrap_or(0.0) + fields.get(11).copied().unwrap_or(0.0);
        Used { cpu: ticks / TICKS, peak: kb("VmHWM:"), now: kb("VmRSS:"), anon: kb("RssAnon:") }
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.0.try_wait().expect("child").is_none()
    }

    /// Waits for its end and gives what it had used shortly before.
    pub fn to_the_end(mut self) -> Used {
        let mut last = self.used();
        while self.runs() {
            let used = self.used();
            if used.peak > 0.0 {
                last = used;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        last
    }

    /// Asks it to stop and waits.
    pub fn stop(mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}
