//! A PostgreSQL of our own: fresh data folder, own socket, no TCP; gone when this process ends, however it ends.
//! Debian's package is enough (`/usr/lib/postgresql/*/bin`); under root it runs as the user `postgres`, since it refuses root.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Runs the server until its own input ends, which happens when the process that holds the other end is gone, then
/// stops it and removes the folder: a static of a test binary is never dropped. `exec 3<&0` since a job in the
/// background reads nothing.
const KEEPER: &str = r#"
exec 3<&0
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 -c shared_buffers=32MB -c log_min_messages=fatal &
cat <&3 >/dev/null
"$1/pg_ctl" stop -m immediate -D "$2/data"
wait
rm -rf "$2"
"#;

/// A running server. Each [`Postgres::database`] is a new, empty database on it.
pub struct Postgres {
    folder: PathBuf,
    bin: PathBuf,
    /// Its standard input is what keeps the server alive.
    keeper: Child,
    databases: AtomicU32,
}

impl Postgres {
    /// Starts one, or `None` where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let bin = bin()?;
        // A socket's path has 107 bytes at most: straight under the temporary folder.
        let folder = tempfile::Builder::new().prefix("redress-pg").tempdir().expect("a temporary folder").keep();
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(&folder).status().expect("chown").success());
        }
        let made = as_user(&bin.join("initdb"))
            .args(["--username=redress", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
            .arg(folder.join("data"))
            .stdout(Stdio::null())
            .status()
            .expect("initdb");
        assert!(made.success(), "initdb failed");
        Some(Self::serve(folder, bin))
    }

    /// On a data folder that is there.
    fn serve(folder: PathBuf, bin: PathBuf) -> Self {
        let keeper = as_user(Path::new("/bin/sh"))
            .args(["-c", KEEPER, "keeper"])
            .arg(&bin)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres");
        let postgres = Self { folder, bin, keeper, databases: AtomicU32::new(0) };
        postgres.wait();
        postgres
    }

    /// A standby that follows this server a moment behind (asynchronous streaming), begun as a copy of it.
    pub fn standby(&self) -> Self {
        let folder = tempfile::Builder::new().prefix("redress-pg").tempdir().expect("a temporary folder").keep();
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(&folder).status().expect("chown").success());
        }
        let copied = as_user(&self.bin.join("pg_basebackup"))
            .args(["-U", "redress", "-R", "-X", "stream", "--checkpoint=fast", "--no-sync", "-h"])
            .arg(&self.folder)
            .arg("-D")
            .arg(folder.join("data"))
            .status();
        assert!(copied.is_ok_and(|status| status.success()), "pg_basebackup failed");
        Self::serve(folder, self.bin.clone())
    }

    /// Follows no longer, once it has all that `primary` has committed so far.
    pub fn falls_behind(&self, primary: &Self) {
        let at = primary.asked("SELECT pg_current_wal_flush_lsn()");
        let patience = Instant::now() + Duration::from_secs(20);
        while self.asked(&format!("SELECT pg_last_wal_replay_lsn() >= '{at}'")) != "t" {
            assert!(Instant::now() < patience, "the standby does not follow");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(self.psql("postgres", "ALTER SYSTEM SET primary_conninfo = ''") && self.psql("postgres", "SELECT pg_reload_conf()"));
        while self.asked("SELECT count(*) FROM pg_stat_wal_receiver") != "0" {
            assert!(Instant::now() < patience, "the standby goes on following");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// From now on it is the server.
    pub fn promote(&self) {
        assert_eq!(self.asked("SELECT pg_promote()"), "t", "the standby was not promoted");
    }

    fn asked(&self, question: &str) -> String {
        let psql = Command::new(self.bin.join("psql"))
            .arg("-h")
            .arg(&self.folder)
            .args(["-U", "redress", "-qAt", "-c", question, "postgres"])
            .output();
        String::from_utf8_lossy(&psql.expect("psql").stdout).trim().to_owned()
    }

    /// A new, empty database's address.
    pub fn database(&self) -> String {
        let name = format!("redress{}", self.databases.fetch_add(1, Ordering::SeqCst));
        assert!(self.psql("postgres", &format!("CREATE DATABASE {name}")), "CREATE DATABASE failed");
        format!("postgres://redress@localhost/{name}?host={}", self.folder.display())
    }

    /// Where its socket is.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// Dies at once, as after a power cut, and comes back.
    pub fn restart(&self) {
        let restarted = as_user(&self.bin.join("pg_ctl"))
            .args(["restart", "-w", "-m", "immediate", "-l", "/dev/null", "-D"])
            .arg(self.folder.join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(restarted.is_ok_and(|status| status.success()), "PostgreSQL did not come back");
        self.wait();
    }

    fn psql(&self, database: &str, statement: &str) -> bool {
        Command::new(self.bin.join("psql"))
            .arg("-h")
            .arg(&self.folder)
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

/// One server for all tests of this process; it ends with the process.
pub fn shared() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start().expect("install postgresql (Debian: apt-get install postgresql)"))
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn bin() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
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
