//! A Dovecot of our own: fresh base and mail folders, one loopback port, any user with the password `secret`; stopped and removed
//! when dropped. Debian's dovecot-imapd is enough; works as root and as anybody.

use super::certificate::Certificate;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The password of every user.
pub const PASSWORD: &str = "secret";

/// A running server.
pub struct Dovecot {
    folder: tempfile::TempDir,
    server: Option<Child>,
    pub port: u16,
    /// Port with TLS from the first byte; only after [`Dovecot::start_with_tls`].
    pub tls_port: u16,
    written: AtomicU32,
}

impl Dovecot {
    /// Starts one, or `None` where Dovecot is not installed.
    pub fn start() -> Option<Self> {
        Self::start_as("")
    }

    /// Starts one with STARTTLS and TLS; also gives its certificate (DER), made for `localhost`.
    pub fn start_with_tls() -> Option<(Self, Vec<u8>)> {
        let certificate = Certificate::new()?;
        let (cert, key) = (certificate.chain.display(), certificate.key.display());
        let tls = if old() {
            format!("ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\n")
        } else {
            format!("ssl = yes\nssl_server_cert_file = {cert}\nssl_server_key_file = {key}\n")
        };
        let server = Self::start_as(&tls)?; // reads both files while it starts
        Some((server, certificate.authority.clone()))
    }

    fn start_as(tls: &str) -> Option<Self> {
        if !Path::new("/usr/sbin/dovecot").exists() {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("redress-dc").tempdir().expect("a temporary folder");
        let mut dovecot = Self { folder, server: None, port: free_port(), tls_port: free_port(), written: AtomicU32::new(0) };
        dovecot.configure(tls);
        dovecot.start_again();
        Some(dovecot)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, tls: &str) {
        let root = is_root();
        let me = if root { "nobody".to_owned() } else { id("-un") };
        let group = if root { "nogroup".to_owned() } else { id("-gn") };
        std::fs::create_dir_all(self.path("home")).expect("home");
        if root {
            // The mail processes give up root: they must reach and own the mail.
            std::fs::set_permissions(self.folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("mode");
            assert!(Command::new("chown").arg(format!("{me}:{group}")).arg(self.path("home")).status().expect("chown").success());
        }
        let users = if root {
            String::new()
        } else {
            format!("default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {group}\n")
        };
        let (ssl, imaps) = if tls.is_empty() { ("ssl = no\n", 0) } else { (tls, self.tls_port) };
        let base = self.folder.path().display();
        // Dovecot 2.4 (Debian 13) renamed these settings of 2.3 (Debian 12).
        let (first, settings) = if old() {
            let settings = format!(
                "disable_plaintext_auth = no\nmail_location = maildir:~/Maildir\n\
                 passdb {{\n driver = static\n args = password={PASSWORD}\n}}\n\
                 userdb {{\n driver = static\n args = uid={me} gid={group} home={base}/home/%u\n}}\n"
            );
            (String::new(), settings)
        } else {
            let settings = format!(
                "auth_allow_cleartext = yes\nmail_driver = maildir\nmail_path = ~/Maildir\n\
                 passdb static {{\n password = {PASSWORD}\n}}\n\
                 userdb static {{\n fields {{\n  uid = {me}\n  gid = {group}\n  home = {base}/home/%{{user}}\n }}\n}}\n"
            );
            let version = version();
            (format!("dovecot_config_version = {version}\ndovecot_storage_version = {version}\n"), settings)
        };
        let text = format!(
            "{first}base_dir = {base}/run\nstate_dir = {base}/state\nlog_path = {base}/log\nprotocols = imap\nlisten = 127.0.0.1\n{ssl}{users}\
             auth_mechanisms = plain login\nfirst_valid_uid = 1\nmail_max_userip_connections = 100\n\
             mail_uid = {me}\nmail_gid = {group}\nmailbox_idle_check_interval = 1 s\n{settings}\
             service imap-login {{\n chroot =\n inet_listener imap {{\n port = {port}\n }}\n inet_listener imaps {{\n port = {imaps}\n }}\n}}\n\
             service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n",
            port = self.port,
        );
        std::fs::write(self.path("dovecot.conf"), text).expect("configuration");
    }

    /// Stops it; the mail stays.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = Command::new("kill").arg(server.id().to_string()).status();
            let _ = server.wait();
        }
    }

    /// Starts it, again on the same port.
    pub fn start_again(&mut self) {
        let mut server = Command::new("/usr/sbin/dovecot");
        server.arg("-F").arg("-c").arg(self.path("dovecot.conf"));
        let child = server_without_pipes(&mut server).spawn().expect("dovecot");
        self.server = Some(child);
        let patience = Instant::now() + Duration::from_secs(20);
        while Talk::open(self.port).is_none() {
            let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(Instant::now() < patience, "Dovecot did not start: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A logged-in conversation.
    pub fn talk(&self, user: &str) -> Talk {
        let mut talk = Talk::open(self.port).expect("a greeting");
        talk.command(&format!("LOGIN \"{user}\" \"{PASSWORD}\""));
        talk
    }

    /// APPENDs a mail; `internal_date` like `17-Jul-2026 02:44:25 +0800`.
    pub fn append(&self, user: &str, folder: &str, raw: &[u8], internal_date: Option<&str>) {
        self.talk(user).append(folder, raw, internal_date);
    }

    /// Puts many mails into the INBOX at once, behind the server's back, as a delivery agent does; `received` is the file's time.
    pub fn fill(&self, user: &str, mails: impl IntoIterator<Item = Vec<u8>>, received: SystemTime) {
        // One APPEND lets the server make the folders, with the right owner.
        drop(self.talk(user).command("STATUS INBOX (MESSAGES)"));
        let new = self.path("home").join(user).join("Maildir/new");
        if !new.is_dir() {
            std::fs::create_dir_all(&new).expect("maildir");
        }
        let times = std::fs::FileTimes::new().set_modified(received);
        let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(self.path("home")).expect("home"));
        for raw in mails {
            let n = self.written.fetch_add(1, Ordering::SeqCst);
            let name = format!("1700000000.M{n:09}P1.host,S={}", raw.len());
            // Moved there when it is whole and has its owner: the server may look at any moment.
            let path = self.path("home").join(user).join("Maildir").join(&name);
            let mut file = std::fs::File::create(&path).expect("mail");
            file.write_all(&raw).expect("mail");
            file.set_times(times).expect("time");
            if is_root() {
                std::os::unix::fs::chown(&path, Some(owner), None).expect("owner");
            }
            std::fs::rename(&path, new.join(name)).expect("delivered");
        }
    }

    /// (UID, flags) of a folder's mails.
    pub fn list(&self, user: &str, folder: &str) -> Vec<(u32, String)> {
        let mut talk = self.talk(user);
        if !talk.command(&format!("EXAMINE \"{folder}\"")).1 {
            return Vec::new();
        }
        let (lines, _) = talk.command("UID FETCH 1:* (UID FLAGS)");
        lines.iter().filter_map(|line| line.contains(" FETCH ").then(|| read_list_line(line)).flatten()).collect()
    }
}

fn read_list_line(line: &str) -> Option<(u32, String)> {
    let uid = line.split("UID ").nth(1)?.split([' ', ')']).next()?.parse().ok()?;
    let flags = line.split("FLAGS (").nth(1)?.split(')').next()?.to_owned();
    Some((uid, flags))
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A plain IMAP conversation, for what a test does to a mailbox beside the daemon.
pub struct Talk {
    reader: BufReader<TcpStream>,
    tag: u32,
    /// Bytes of literals that came.
    pub literals: usize,
}

impl Talk {
    /// Connects and reads the greeting.
    pub fn open(port: u16) -> Option<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
        let mut reader = BufReader::new(stream);
        let mut greeting = String::new();
        reader.read_line(&mut greeting).ok()?;
        greeting.starts_with("* OK").then_some(Self { reader, tag: 0, literals: 0 })
    }

    /// Runs a command: the untagged lines (literals left out), and whether it ended with OK.
    pub fn command(&mut self, line: &str) -> (Vec<String>, bool) {
        self.tag += 1;
        let tag = format!("t{} ", self.tag);
        self.reader.get_mut().write_all(format!("{tag}{line}\r\n").as_bytes()).expect("write");
        self.until(&tag)
    }

    fn until(&mut self, tag: &str) -> (Vec<String>, bool) {
        let mut lines = Vec::new();
        loop {
            let mut bytes = Vec::new();
            assert!(self.reader.read_until(b'\n', &mut bytes).expect("read") > 0, "the server closed");
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            if let Some(status) = line.strip_prefix(tag) {
                return (lines, status.starts_with("OK"));
            }
            if let Some(size) = line.strip_suffix('}').and_then(|l| l.rsplit('{').next()).and_then(|n| n.parse::<usize>().ok()) {
                let mut literal = vec![0; size];
                self.reader.read_exact(&mut literal).expect("literal");
                self.literals += size;
            }
            lines.push(line);
        }
    }

    /// APPENDs a mail.
    pub fn append(&mut self, folder: &str, raw: &[u8], internal_date: Option<&str>) {
        self.tag += 1;
        let tag = format!("t{} ", self.tag);
        let date = internal_date.map(|date| format!("\"{date}\" ")).unwrap_or_default();
        let stream = self.reader.get_mut();
        stream.write_all(format!("{tag}APPEND \"{folder}\" {date}{{{}}}\r\n", raw.len()).as_bytes()).expect("write");
        let mut go_on = String::new();
        self.reader.read_line(&mut go_on).expect("read");
        assert!(go_on.starts_with('+'), "{go_on}");
        let stream = self.reader.get_mut();
        stream.write_all(raw).expect("write");
        stream.write_all(b"\r\n").expect("write");
        assert!(self.until(&tag).1, "APPEND refused");
    }
}

/// A port that nobody has at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).expect("a free port").local_addr().expect("address").port()
}

/// Inherited pipes would keep whoever reads our output waiting for the server's end.
fn server_without_pipes(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

fn id(what: &str) -> String {
    String::from_utf8_lossy(&Command::new("id").arg(what).output().expect("id").stdout).trim().to_owned()
}

/// `2.3.19.1`, `2.4.1`.
fn version() -> String {
    let said = Command::new("/usr/sbin/dovecot").arg("--version").output().expect("dovecot");
    String::from_utf8_lossy(&said.stdout).split([' ', '-', '\n']).next().unwrap_or_default().to_owned()
}

fn old() -> bool {
    version().starts_with("2.3")
}

fn is_root() -> bool {
    id("-u") == "0"
}
