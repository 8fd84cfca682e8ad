//! A certificate for `localhost` signed by an authority of our own, made by openssl for one test.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Files that live as long as this does.
pub struct Certificate {
    _folder: tempfile::TempDir,
    pub key: PathBuf,
    pub chain: PathBuf,
    /// The authority's certificate (DER): what a client must trust.
    pub authority: Vec<u8>,
}

impl Certificate {
    /// Makes one, or `None` where openssl is not installed.
    pub fn new() -> Option<Self> {
        Self::valid("3650")
    }

    /// One whose time is over.
    pub fn expired() -> Option<Self> {
        Self::valid("-1")
    }

    fn valid(days: &str) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("redress-tls").tempdir().expect("folder");
        let file = |name: &str| folder.path().join(name);
        let (key, chain, request, extensions) = (file("key.pem"), file("cert.pem"), file("req.pem"), file("ext"));
        let (ca_key, ca, der) = (file("ca.key"), file("ca.pem"), file("ca.der"));
        std::fs::write(&extensions, "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").expect("write");
        let authority = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=test authority"];
        openssl(&authority, &[("-keyout", &ca_key), ("-out", &ca)])?;
        openssl(&["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"], &[("-keyout", &key), ("-out", &request)])?;
        let signing = [("-in", &request), ("-CA", &ca), ("-CAkey", &ca_key), ("-extfile", &extensions), ("-out", &chain)];
        openssl(&["x509", "-req", "-days", days, "-CAcreateserial"], &signing)?;
        openssl(&["x509", "-outform", "DER"], &[("-in", &ca), ("-out", &der)])?;
        let authority = std::fs::read(&der).expect("certificate");
        Some(Self { key, chain, authority, _folder: folder })
    }
}

fn openssl(words: &[&str], files: &[(&str, &PathBuf)]) -> Option<()> {
    let mut command = Command::new("openssl");
    command.args(words);
    for (option, path) in files {
        command.arg(option).arg(path);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?.success().then_some(())
}
