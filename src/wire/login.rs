//! Who we are to a mail server: a password, or an OAuth 2 access token that is fetched anew for every login.
//! Secrets never show in `Debug` output or in errors.

use std::{fmt, future::Future, path::PathBuf, pin::Pin, sync::Arc};

use secrecy::{ExposeSecret, SecretString};

use super::Error;

type Fetching = Pin<Box<dyn Future<Output = Result<SecretString, String>> + Send>>;

/// Hands out a fresh OAuth 2 access token; asked before every login, so it decides itself when to refresh.
#[derive(Clone)]
pub struct TokenSource(Arc<dyn Fn() -> Fetching + Send + Sync>);

impl TokenSource {
    /// From any asynchronous function.
    pub fn new<F, W>(fetch: F) -> Self
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = Result<SecretString, String>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(fetch())))
    }

    /// From a file that something else keeps fresh; its last line break is not part of the token.
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        Self::new(move || {
            let path = path.clone();
            async move {
                let text = tokio::fs::read_to_string(&path).await.map_err(|e| format!("{}: {e}", path.display()))?;
                Ok(SecretString::from(text.trim_end().to_owned()))
            }
        })
    }

    /// A fresh token.
    ///
    /// # Errors
    /// [`Error::Token`] when the source has none.
    pub async fn fetch(&self) -> Result<SecretString, Error> {
        match (self.0)().await {
            Ok(token) if token.expose_secret().is_empty() => Err(Error::Token("the token is empty".into())),
            Ok(token) => Ok(token),
            Err(why) => Err(Error::Token(why)),
        }
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource")
    }
}

/// Who we are to the server.
#[derive(Debug, Clone)]
pub enum Login {
    /// User name and password.
    Password {
        /// The name to log in with.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// XOAUTH2 with a bearer token.
    OAuth2 {
        /// The mailbox to log in to.
        user: String,
        /// Where tokens come from.
        tokens: TokenSource,
    },
}

impl Login {
    /// The answer to an XOAUTH2 challenge: `user=…^Aauth=Bearer …^A^A`.
    #[must_use]
    pub fn xoauth2(user: &str, token: &SecretString) -> SecretString {
        SecretString::from(format!("user={user}\x01auth=Bearer {}\x01\x01", token.expose_secret()))
    }

    /// The answer to a PLAIN challenge (RFC 4616): empty authorisation id, user, password.
    #[must_use]
    pub fn plain(user: &str, password: &SecretString) -> SecretString {
        SecretString::from(format!("\0{user}\0{}", password.expose_secret()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tokens_are_fetched_anew_and_never_shown() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("token");
        std::fs::write(&path, "first\n").expect("write");
        let source = TokenSource::file(path.clone());
        assert_eq!(source.fetch().await.expect("token").expose_secret(), "first");
        std::fs::write(&path, "second").expect("write");
        assert_eq!(source.fetch().await.expect("token").expose_secret(), "second");
        std::fs::write(&path, "").expect("write");
        assert!(matches!(source.fetch().await, Err(Error::Token(_))));
        let login = Login::Password { user: "u".into(), password: SecretString::from("hush".to_owned()) };
        assert!(!format!("{login:?}").contains("hush"));
    }
}
