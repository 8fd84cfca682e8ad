//! Passwords, credentials, tokens and keys: read as they are, and shown to nobody.

use std::fs;

use secrecy::ExposeSecret;

use super::super::*;
use super::{Bench, RIGHT, changed};

pub(super) fn password(bench: &Bench) -> String {
    let config = bench.load().expect("right");
    match config.mailboxes.first().and_then(|m| m.imap.login.as_ref()).map(|login| &login.secret) {
        Some(Secret::Password(password)) => password.expose_secret().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn passwords_come_from_files_as_they_are() {
    let bench = Bench::new(RIGHT);
    assert_eq!(password(&bench), "0123"); // no number is made of it
    bench.write("imap.password", " a b \r\n");
    assert_eq!(password(&bench), " a b ");
    bench.write("imap.password", "two\n\n");
    assert_eq!(password(&bench), "two\n");
    assert!(!format!("{:?}", bench.load()).contains("two"));
    bench.write("imap.password", "\n");
    assert_eq!(bench.said(), ["19: mailboxes[0].imap.password_file: imap.password is empty: write the secret into it, on one line"]);
    bench.write("redress.toml", &changed(&[("password_file = \"imap.password\"", "password = \" p \"")]));
    assert_eq!(password(&bench), " p ");
}

#[test]
fn systemd_hands_over_credentials() {
    let bench = Bench::new(&changed(&[("password_file = \"imap.password\"\n", "")]));
    bench.write("imap", "from systemd\n");
    let folder = bench.folder.path().display().to_string();
    let bench = bench.env("CREDENTIALS_DIRECTORY", &folder);
    assert_eq!(password(&bench), "from systemd");
    bench.write("imap", "\n"); // as the shipped unit sets it where the file is missing
    assert!(bench.said().concat().starts_with("14: mailboxes[0].imap.password_file: missing"));
    bench.write("imap", "from systemd");
    bench.write("smtp", "secret");
    assert_eq!(bench.said(), ["20: smtp.username: missing: write username = \"service@kmu.example\" beside the password"]);
    fs::remove_file(bench.path("smtp")).expect("removed");
    bench.write("redress.toml", &changed(&[("password_file = \"imap.password\"", "credential = \"box\"")]));
    bench.write("box", "another");
    assert_eq!(password(&bench), "another");
    fs::remove_file(bench.path("box")).expect("removed");
    assert_eq!(
        bench.said(),
        ["19: mailboxes[0].imap.credential: box cannot be read (entity not found): make the file, readable for the service alone"]
    );
}

#[test]
fn oauth2_is_kept_whole() {
    let bench = Bench::new(&changed(&[(
        "password_file = \"imap.password\"",
        "oauth2 = { client_id = \"x\", client_secret_file = \"imap.password\", token_url = \"https://login.example/token\", refresh_token_file = \"refresh\", scope = \"mail\" }",
    )]));
    bench.write("refresh", "token");
    let config = bench.load().expect("right");
    let Some(Secret::OAuth2(OAuth2::Client(oauth2))) =
        config.mailboxes.first().and_then(|m| m.imap.login.clone()).map(|login| login.secret)
    else {
        panic!("oauth2")
    };
    assert_eq!(
        (oauth2.client_id.as_str(), oauth2.scope.as_deref(), oauth2.refresh_token_file),
        ("x", Some("mail"), Some(bench.path("refresh")))
    );
    assert_eq!(oauth2.client_secret.map(|s| s.expose_secret().to_owned()), Some("0123".into()));
}

#[test]
fn keys_may_be_changed_while_letters_are_out() {
    let key = |letter: &str| letter.repeat(40);
    let bench = Bench::new(&changed(&[(
        "[digest]",
        "[trust]\nkey_file = \"new\"\nkey_id = 1\nold_keys = [{ id = 0, file = \"old\", until = \"116/12/31\" }]\nresolver = \"127.0.0.1\"\nevidence = \"token\"\n[digest]",
    )]));
    bench.write("new", &key("n"));
    bench.write("old", &key("o"));
    let config = bench.load().expect("right");
    assert_eq!(config.trust.key.as_ref().map(|k| (k.id, k.secret.expose_secret().to_owned())), Some((1, key("n"))));
    assert_eq!(config.trust.old_keys.iter().map(|k| (k.id, k.secret.expose_secret().to_owned())).collect::<Vec<_>>(), [(0, key("o"))]);
    assert_eq!(config.trust.old_keys.first().and_then(|k| k.until), Some(jiff::civil::date(2027, 12, 31)));
    assert_eq!(config.trust.resolver, Some(([127, 0, 0, 1], 53).into()));
    assert_eq!(config.mailboxes.first().map(|m| m.evidence), Some(Evidence::Token)); // said for all, and warned about
    assert!(bench.lines(&config.warnings).concat().starts_with("9: mailboxes[0].evidence: token alone proves little"));
}
