//! A PostgreSQL of our own: fresh data folder, own socket, no TCP; stopped and removed when dropped.
//! Debian's package is enough (`/usr/lib/postgresql/*/bin`); under root it runs as the user `postgres`, since it refuses root.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running server. Each [`Postgres::database`] is a new, empty database on it.
pub struct Postgres {
    folder: tempfile::TempDir,
    server: Child,
    bin: PathBuf,
    databases: AtomicU32,
}

impl Postgres {
    /// Starts one, or `None` where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let bin = bin()?;
        // A socket's path has 107 bytes at most: straight under the temporary folder.
        let folder = tempfile::Builder::new().prefix("redress-pg").tempdir().expect("a temporary folder");
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(folder.path()).status().expect("chown").success());
        }
        let data = folder.path().join("data");
        let made = as_user(&bin.join("initdb"))
            .args(["--username=redress", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .expect("initdb");
        assert!(made.success(), "initdb failed");
        let server = as_user(&bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-c", "listen_addresses=", "-c", "max_connections=200", "-c", "log_min_messages=fatal", "-c", "shared_buffers=32MB"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres");
        let postgres = Self { folder, server, bin, databases: AtomicU32::new(0) };
        postgres.wait();
        Some(postgres)
    }

    /// A new, empty database's address.
    pub fn database(&self) -> String {
        let name = format!("redress{}", self.databases.fetch_add(1, Ordering::SeqCst));
        assert!(self.psql("postgres", &format!("CREATE DATABASE {name}")), "CREATE DATABASE failed");
        format!("postgres://redress@localhost/{name}?host={}", self.folder.path().display())
    }

    fn psql(&self, database: &str, statement: &str) -> bool {
        Command::new(self.bin.join("psql"))
            .arg("-h")
            .arg(self.folder.path())
            .args(["-U", "redress", "-q", "-c", statement, database])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn wait(&self) {
        let patience = Instant::now() + Duration::from_secs(30);
        while !self.psql("postgres", "SELECT 1") {
            assert!(Instant::now() < patience, "PostgreSQL did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let _ = as_user(&self.bin.join("pg_ctl")).args(["stop", "-m", "immediate", "-D"]).arg(data).stdout(Stdio::null()).status();
        let _ = self.server.wait();
    }
}

fn bin() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    versions.into_iter().rev().find(|bin| bin.join("initdb").is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

/// Under root, as the user that the package made.
fn as_user(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}
