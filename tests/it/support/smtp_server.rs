//! A real SMTP server (python3-aiosmtpd) that keeps every mail with its envelope; refuses `temperror-…@` and `permerror-…@`.
//! For stories; faults of every kind are in `sink`.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::dovecot::free_port;

/// A running server.
pub struct SmtpServer {
    folder: tempfile::TempDir,
    server: Child,
    pub port: u16,
}

/// A mail that it took.
#[derive(Debug, Clone)]
pub struct Kept {
    pub from: String,
    pub to: Vec<String>,
    pub raw: Vec<u8>,
}

impl SmtpServer {
    /// Starts one, or `None` where aiosmtpd is not installed.
    pub fn start() -> Option<Self> {
        let python = ["/usr/bin/python3", "python3"].into_iter().find(|python| {
            let there = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
            there.is_ok_and(|status| status.success())
        })?;
        let folder = tempfile::Builder::new().prefix("redress-smtp").tempdir().expect("folder");
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/smtp_server.py");
        let port = free_port();
        let mut command = Command::new(python);
        command.arg(script).arg(port.to_string()).arg(folder.path());
        let server = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("python3");
        let patience = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "the SMTP server did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self { folder, server, port })
    }

    /// All that it took, in order.
    pub fn mails(&self) -> Vec<Kept> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(self.folder.path()).expect("folder").flatten().map(|entry| entry.path()).collect();
        names.retain(|path| path.extension().is_some_and(|e| e == "eml"));
        names.sort();
        names.into_iter().map(|path| read(&path)).collect()
    }
}

fn read(path: &std::path::Path) -> Kept {
    let envelope: serde_json::Value = serde_json::from_slice(&std::fs::read(path.with_extension("json")).expect("envelope")).expect("JSON");
    let to = envelope["to"].as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    Kept { from: envelope["from"].as_str().unwrap_or_default().to_owned(), to, raw: std::fs::read(path).expect("mail") }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
