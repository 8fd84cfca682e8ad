//! The demo's two servers: a private Dovecot (own folders, one loopback port, one password) and a mail server that keeps everything
//! (`smtp_server.py`). Both end when this process does, however it ends: they read a pipe that we hold. Called by `demo`.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// The office's mailbox.
pub(super) const OFFICE: &str = "service@kmu.example";
/// Everybody's password at the private servers.
pub(super) const PASSWORD: &str = "secret";
/// Whose `Authentication-Results` the office believes.
pub(super) const BORDER: &str = "mx.kmu.example";

const SCRIPT: &str = include_str!("smtp_server.py");
/// Tries of 50 ms until a server must have answered.
const PATIENCE: usize = 400;

/// Runs Dovecot until its own input ends, then stops it and removes its folder. `exec 3<&0` since a job in the background reads nothing.
const KEEPER: &str = r#"
exec 3<&0
"$1" -F -c "$2/dovecot.conf" 3<&- &
server=$!
cat <&3 >/dev/null
kill "$server" 2>/dev/null
wait
rm -rf "$2"
"#;

/// Running servers and the ports of the demo.
#[derive(Debug)]
pub(super) struct Servers {
    dovecot: Child,
    mail: Child,
    /// Dovecot's port.
    pub imap: u16,
    /// The mail server's port.
    pub smtp: u16,
    /// Where the mail server keeps what it took: `00001.eml` and `00001.json`.
    pub spool: PathBuf,
}

impl Servers {
    /// Starts both; `state` is the demo's folder for what lasts as long as the demo.
    ///
    /// # Errors
    /// Which package is missing, or what a server's log says.
    pub(super) fn start(state: &Path) -> Result<Self> {
        let program = ["/usr/sbin/dovecot", "/usr/bin/dovecot", "/usr/local/sbin/dovecot"].into_iter().find(|p| Path::new(p).exists());
        let program = program.context("Dovecot is not installed: apt-get install dovecot-imapd")?;
        let python = ["/usr/bin/python3", "python3"].into_iter().find(|p| {
            let there = Command::new(p).args(["-c", "import aiosmtpd"]).stdin(Stdio::null()).stderr(Stdio::null()).status();
            there.is_ok_and(|status| status.success())
        });
        let python = python.context("a small mail server is not installed: apt-get install python3-aiosmtpd")?;
        let (imap, smtp) = (free_port()?, free_port()?);
        let spool = state.join("mails");
        std::fs::create_dir_all(&spool)?;
        let dovecot = start_dovecot(program, imap)?;
        let script = state.join("smtp_server.py");
        std::fs::write(&script, SCRIPT)?;
        let mut mail = Command::new(python);
        mail.arg(&script).arg(smtp.to_string()).arg(&spool).arg(imap.to_string()).args([OFFICE, PASSWORD, BORDER]);
        let log = std::fs::File::create(state.join("smtp.log"))?;
        let mail = mail.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).process_group(0).spawn().context("python3")?;
        let servers = Self { dovecot, mail, imap, smtp, spool };
        ensure!(answers(smtp), "the mail server did not start; its log is {}", state.join("smtp.log").display());
        Ok(servers)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in [&mut self.mail, &mut self.dovecot] {
            drop(server.stdin.take());
            let _ = server.wait();
        }
    }
}

/// A port that nobody has at this moment.
///
/// # Errors
/// There is no loopback network.
pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?.local_addr()?.port())
}

fn answers(port: u16) -> bool {
    (0..PATIENCE).any(|_| {
        let there = TcpStream::connect(("127.0.0.1", port)).is_ok();
        if !there {
            std::thread::sleep(Duration::from_millis(50));
        }
        there
    })
}

fn start_dovecot(program: &str, port: u16) -> Result<Child> {
    // Straight under the temporary folder: a socket's path has 107 bytes at most, and its mail processes must reach it.
    let folder = std::env::temp_dir().join(format!("redress-demo-{}", std::process::id()));
    std::fs::create_dir(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let root = id("-u")? == "0";
    let (me, group) = if root { ("nobody".to_owned(), "nogroup".to_owned()) } else { (id("-un")?, id("-gn")?) };
    std::fs::create_dir(folder.join("home"))?;
    if root {
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755))?;
        let owned = Command::new("chown").arg(format!("{me}:{group}")).arg(folder.join("home")).status()?;
        ensure!(owned.success(), "{} cannot be given to {me}", folder.display());
    }
    let version = Command::new(program).arg("--version").output().context("dovecot --version")?;
    let version = String::from_utf8_lossy(&version.stdout).split([' ', '-', '\n']).next().unwrap_or_default().to_owned();
    std::fs::write(folder.join("dovecot.conf"), configuration(&version, &folder, port, (&me, &group), root))?;
    let mut keeper = Command::new("/bin/sh");
    keeper.args(["-c", KEEPER, "keeper", program]).arg(&folder);
    let mut keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn()?;
    if !answers(port) {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        drop(keeper.stdin.take());
        let _ = keeper.wait();
        bail!("Dovecot {version} did not start: {log}");
    }
    Ok(keeper)
}

/// Dovecot's configuration; 2.4 renamed a good part of 2.3's settings.
fn configuration(version: &str, folder: &Path, port: u16, (me, group): (&str, &str), root: bool) -> String {
    let base = folder.display();
    let old = version.starts_with("2.3") || version.starts_with("2.2");
    let plain_users = if root {
        String::new()
    } else {
        format!("default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {group}\n")
    };
    let (first, mail, login) = if old {
        (
            String::new(),
            "disable_plaintext_auth = no\nmail_location = maildir:~/Maildir\n".to_owned(),
            format!(
                "passdb {{\n driver = static\n args = password={PASSWORD}\n}}\n\
                 userdb {{\n driver = static\n args = uid={me} gid={group} home={base}/home/%u\n}}\n"
            ),
        )
    } else {
        (
            format!("dovecot_config_version = {version}\ndovecot_storage_version = {version}\n"),
            "auth_allow_cleartext = yes\nmail_driver = maildir\nmail_path = ~/Maildir\n".to_owned(),
            format!(
                "passdb static {{\n password = {PASSWORD}\n}}\n\
                 userdb static {{\n fields {{\n  uid = {me}\n  gid = {group}\n  home = {base}/home/%{{user}}\n }}\n}}\n"
            ),
        )
    };
    format!(
        "{first}base_dir = {base}/run\nstate_dir = {base}/state\nlog_path = {base}/log\nprotocols = imap\nlisten = 127.0.0.1\nssl = no\n\
         {plain_users}auth_mechanisms = plain login\nfirst_valid_uid = 1\nmail_uid = {me}\nmail_gid = {group}\n\
         mailbox_idle_check_interval = 1 s\n{mail}{login}\
         service imap-login {{\n chroot =\n inet_listener imap {{\n  port = {port}\n }}\n inet_listener imaps {{\n  port = 0\n }}\n}}\n\
         service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n"
    )
}

fn id(what: &str) -> Result<String> {
    let said = Command::new("id").arg(what).output().context("id")?;
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}
